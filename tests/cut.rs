//! A write that is cut leaves nothing: not when its future is dropped at any of its awaits, not when it panics or
//! fails, not when its client is gone. And the connection it had does the next one no harm: given back as it is, the
//! next write's COMMIT would commit the first one's half.

use futures_util::FutureExt;
use futures_util::future::join_all;
use lonja::db::write::{self, Actor as Hand, Answer, Claim, Outcome, Tools, Tx};
use lonja::error::{Code, Error, Result};
use lonja::partners::{self, NewPartner, PartnerKind, PartnerState};
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Backend, House, Reply, Shop};
use serde_json::{Value, json};
use std::cell::Cell;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};
use test_case::test_case;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::yield_now;

/// More than a write has awaits.
const MANY: usize = 500;

/// Drops what is inside after this many polls that came to no end; then its output is `None`.
struct Cut<F> {
    inner: Option<Pin<Box<F>>>,
    polls_left: usize,
}

fn cut_after<F: Future>(polls: usize, inner: F) -> Cut<F> {
    Cut { inner: Some(Box::pin(inner)), polls_left: polls }
}

impl<F: Future> Future for Cut<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls_left == 0 {
            self.inner = None;
            return Poll::Ready(None);
        }
        let polled = self.inner.as_mut().map(|inner| inner.as_mut().poll(context));
        match polled {
            Some(Poll::Ready(output)) => Poll::Ready(Some(output)),
            Some(Poll::Pending) => {
                self.polls_left -= 1;
                if self.polls_left > 0 {
                    return Poll::Pending;
                }
                self.inner = None;
                Poll::Ready(None)
            }
            None => Poll::Ready(None),
        }
    }
}

/// What one write leaves: two partners, their two events, one audit record.
const WHOLE: &str = "2 partners, 2 events, 1 record";
const NOTHING: &str = "0 partners, 0 events, 0 records";

/// Registers two partners of this name, and waits in between for something that is not a statement.
async fn two_partners(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    yield_now().await;
    for _ in 0..2 {
        let new = NewPartner {
            kind: PartnerKind::DirectBill,
            legal_name: name.to_owned(),
            country: "MX".to_owned(),
            partner_location_id: None,
            state: PartnerState::Active,
        };
        partners::register(tx, &new).await?;
        yield_now().await;
    }
    Ok(())
}

/// What there is of the write of this name and hand, in one look.
async fn left_by(house: &House, name: &str, hand: &Hand) -> String {
    let request_id = &hand.request_id;
    let look = format!(
        "SELECT CAST((SELECT count(*) FROM partners WHERE legal_name = '{name}') AS TEXT) || ' partners, ' \
         || CAST((SELECT count(*) FROM events WHERE request_id = '{request_id}') AS TEXT) || ' events, ' \
         || CAST((SELECT count(*) FROM audit_records WHERE request_id = '{request_id}') AS TEXT) || ' records' AS text"
    );
    house.texts(&look).await.remove(0).replace("1 records", "1 record")
}

/// The next write on the same state leaves its own rows and nobody else's.
async fn next_is_whole(house: &House, name: &str) {
    let hand = Hand::house("next");
    house.state.write(&hand, async |tx| two_partners(tx, name).await).await.unwrap();
    assert_eq!(left_by(house, name, &hand).await, WHOLE);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_a_write_cut_at_any_await_leaves_nothing(backend: Backend) {
    let house = House::open(backend).await;
    let mut cuts = Vec::new();
    for polls in 0..MANY {
        let (name, hand, closed) = (format!("cut {polls}"), Hand::house("cut"), Cell::new(false));
        let write = house.state.write(&hand, async |tx| {
            closed.set(false);
            two_partners(tx, &name).await?;
            closed.set(true);
            Ok(())
        });
        let ended = cut_after(polls, write).await;

        next_is_whole(&house, &format!("next {polls}")).await;
        let left = left_by(&house, &name, &hand).await;
        match ended {
            Some(ended) => {
                ended.unwrap();
                assert_eq!(left, WHOLE);
                cuts.push((name, hand, left));
                break;
            }
            // A COMMIT that was sent may arrive although nobody waits for its answer any more.
            None if closed.get() => assert!([WHOLE, NOTHING].contains(&left.as_str()), "cut {polls}: {left}"),
            None => assert_eq!(left, NOTHING, "cut {polls}"),
        }
        cuts.push((name, hand, left));
    }
    assert!(cuts.len() > 3 && cuts.len() < MANY, "{} cuts", cuts.len());
    // None of it was committed later, by another.
    for (name, hand, left) in cuts {
        let now = left_by(&house, &name, &hand).await;
        assert!(now == left || now == WHOLE, "{name}: first {left}, then {now}");
    }
}

fn done() -> Answer {
    Answer { status: 201, headers: Vec::new(), body: "{}".to_owned(), secret_of: None, replayed: false }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_a_cut_request_can_be_repeated_with_its_key(backend: Backend) {
    let house = House::open(backend).await;
    let tools = Tools { vault: &house.state.vault, sandbox: true };
    for polls in 0..MANY {
        let name = format!("once {polls}");
        let claim = Claim { key: name.clone(), fingerprint: "the same body".to_owned() };
        let hand = Hand { client_id: "somebody".to_owned(), ..Hand::house("once") };
        let once = || {
            let work = async |tx: &mut Tx<'_>| two_partners(tx, &name).await;
            write::once(&house.state.pool, &tools, &hand, &claim, work, |(): &()| Ok(done()))
        };
        let cut = cut_after(polls, once()).await;

        let repeated = once().await.unwrap();
        assert!(matches!(repeated, Outcome::Replayed(_)) || cut.is_none(), "it was answered, and ran a second time");
        assert_eq!(left_by(&house, &name, &hand).await, WHOLE, "cut {polls}");
        if cut.is_some() {
            return;
        }
    }
    panic!("the write never came to its end");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_panic_or_an_error_half_way_leaves_nothing(backend: Backend) {
    let house = House::open(backend).await;
    // More often than there are connections: none may be lost either.
    for round in 0..6 {
        let (name, hand) = (format!("panic {round}"), Hand::house("panic"));
        let write = house.state.write(&hand, async |tx| -> Result<()> {
            two_partners(tx, &name).await?;
            panic!("on purpose");
        });
        assert!(AssertUnwindSafe(write).catch_unwind().await.is_err());
        next_is_whole(&house, &format!("after panic {round}")).await;
        assert_eq!(left_by(&house, &name, &hand).await, NOTHING);

        let (name, hand) = (format!("error {round}"), Hand::house("error"));
        let write = house.state.write(&hand, async |tx| {
            two_partners(tx, &name).await?;
            Err::<(), _>(Error::new(Code::DomainTaken))
        });
        assert_eq!(write.await.unwrap_err().code(), Code::DomainTaken);
        next_is_whole(&house, &format!("after error {round}")).await;
        assert_eq!(left_by(&house, &name, &hand).await, NOTHING);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_refused_statement_is_no_half_commit(backend: Backend) {
    let house = House::open(backend).await;
    let (name, hand) = ("swallowed", Hand::house("swallowed"));
    // PostgreSQL answers Ok to the COMMIT of an aborted transaction: swallowing an error must not look like success.
    let swallowed = house.state.write(&hand, async |tx| {
        two_partners(tx, name).await?;
        let location = Some("4512087".to_owned());
        for _ in 0..2 {
            let new = NewPartner {
                kind: PartnerKind::DirectBill,
                legal_name: name.to_owned(),
                country: "MX".to_owned(),
                partner_location_id: location.clone(),
                state: PartnerState::Active,
            };
            drop(partners::register(tx, &new).await);
        }
        Ok(())
    });
    let ended = swallowed.await;
    next_is_whole(&house, "after").await;
    let left = left_by(&house, name, &hand).await;
    assert_eq!(left == NOTHING, ended.is_err(), "{left} after {ended:?}");
}

/// Sends a whole request and resets the connection, `pause` turns of this thread later.
async fn send_and_reset(address: &str, request: &str, pause: usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    for _ in 0..pause {
        yield_now().await;
    }
    // With a linger of zero, closing is a reset.
    stream.set_zero_linger().unwrap();
    drop(stream);
}

/// As a client is told to: while the first request still runs, it asks again.
async fn ask_until_ended(shop: &Shop, key: &str, body: &Value) -> Reply {
    loop {
        let reply = shop.seller.post_with("/v1/orders", key, body).await;
        if reply.code() != "idempotency_in_flight" {
            return reply;
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ord_04_clients_that_reset_leave_one_order_a_key(backend: Backend) {
    const CLIENTS: usize = 48;
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    house.stock("windows-server-standard", "2022", CLIENTS / 2).await;
    let address = house.url.trim_start_matches("http://");
    let body = json!(shop.order(WINDOWS_MXN, 1));
    let text = body.to_string();
    let token = shop.seller.token().await;
    let request = |client: usize| {
        let length = text.len();
        format!(
            "POST /v1/orders HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: reset-{client}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{text}"
        )
    };

    let requests: Vec<String> = (0..CLIENTS).map(request).collect();
    // In fours, so that PostgreSQL's writes overlap; each waits a little longer than the one before it.
    for (group, four) in requests.chunks(4).enumerate() {
        join_all(four.iter().map(|request| send_and_reset(address, request, group * 3))).await;
    }

    for client in 0..CLIENTS {
        let reply = ask_until_ended(&shop, &format!("reset-{client}"), &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    let each = i64::try_from(CLIENTS).unwrap();
    for (what, expected) in [
        ("orders", each),
        ("order_lines", each),
        ("entitlements", each),
        ("idempotency_claims WHERE operation = 'place_order'", each),
        ("idempotency_answers WHERE operation = 'place_order'", each),
        ("audit_records WHERE operation = 'place_order'", each),
        ("events WHERE topic = 'order.placed'", each),
        ("invoices", each / 2),
        ("orders WHERE state = 'completed'", each / 2),
    ] {
        assert_eq!(house.count(&format!("SELECT count(*) FROM {what}")).await, expected, "{what}");
    }
}
