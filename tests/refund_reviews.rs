//! Refunds that an operator decides, and what becomes of them when the process ends between two steps (REF-05, REF-08).

use lonja_tests::actor::refused;
use lonja_tests::command::{Lonja, Server};
use lonja_tests::refunds::{REVIEWED, cancellation, quoted, request};
use lonja_tests::shop::{E1_MXN, WINDOWS_MXN};
use lonja_tests::{Actor, Backend, House, Shop, beside, database};
use serde_json::{Value, json};
use std::time::Duration;
use test_case::test_case;

const WINDOWS: &str = "windows-server-standard";

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_08_a_reviewed_refund_is_judged_at_its_request_and_credited_after_the_key_is_gone(backend: Backend) {
    let house = House::open_with(backend, REVIEWED).await;
    house.stock(WINDOWS, "2022", 1).await;
    house.set_clock("2096-11-20T09:00:00Z").await;
    let (shop, operator) = (Shop::open(&house).await, house.operator().await);
    let order = shop.buy(WINDOWS_MXN, 3).await;
    let entitlement = order.lines[0].entitlement_id.clone().unwrap();
    shop.seller.lonja.reveal_key(&entitlement, &Shop::reveal("2022")).await.unwrap();
    house.set_clock("2096-11-22T12:00:00Z").await;
    let named = json!({ "orderId": order.id });
    let amount = quoted(&shop.seller, &named).await["amount"].clone();
    // The worked example of REF-04.
    assert_eq!(amount, json!({ "amount": "14616.47", "currency": "MXN" }));
    let ask = request(shop.tenant.domain.as_deref().unwrap(), &named, &amount);
    let refund = shop.seller.post("/v1/refunds", &ask).await;
    assert_eq!((refund.status.as_u16(), &refund.json()["state"]), (201, &json!("inReview")), "{}", refund.text);
    let path = format!("/v1/refunds/{}", refund.json()["id"].as_str().unwrap());
    refused(&shop.seller.post("/v1/refunds", &ask).await, 409, "refund_already_open");
    // Until it is approved nothing is taken, and nothing given.
    assert_eq!(shop.seller.lonja.get_entitlement(&entitlement).await.unwrap().state.as_str(), "active");
    assert_eq!(house.count("SELECT count(*) FROM credit_notes").await, 0);
    // Not by the partner itself; and long after the window has closed, for what was judged then.
    refused(&shop.seller.post(&format!("{path}:approve"), &Value::Null).await, 403, "token_kind_not_allowed");
    house.set_clock("2096-12-20T09:00:00Z").await;
    let queue = operator.get("/v1/refunds?state=inReview").await.json();
    assert_eq!(queue["items"].as_array().unwrap().len(), 1);
    let approved = operator.post(&format!("{path}:approve"), &Value::Null).await;
    assert_eq!((approved.status.as_u16(), &approved.json()["state"]), (200, &json!("approved")), "{}", approved.text);
    lonja::jobs::run_due(&house.state).await.unwrap();
    let done = shop.seller.get(&path).await.json();
    assert_eq!((&done["state"], &done["amount"]), (&json!("credited"), &amount));
    assert_eq!(done["keyRevokedAt"], "2096-12-20T09:00:00Z");
    let notes = shop.seller.get(&format!("/v1/credit-notes?orderId={}", order.id)).await.json();
    assert_eq!((notes["items"].as_array().unwrap().len(), &notes["items"][0]["total"]), (1, &amount));
    let revealed = shop.seller.lonja.reveal_key(&entitlement, &Shop::reveal("2022")).await.unwrap_err();
    assert_eq!(revealed.code(), "key_revoked");
    let topics = house.texts("SELECT topic AS text FROM events ORDER BY seq").await;
    let of_refund: Vec<&str> = topics
        .iter()
        .map(String::as_str)
        .filter(|topic| topic.contains("refund.") || topic.contains("credit_note"))
        .collect();
    let expected =
        ["refund.requested", "refund.approved", "refund.key_revoked", "credit_note.issued", "refund.credited"];
    assert_eq!(of_refund, expected);
    // Whatever is decided stays decided.
    for verb in [":approve", ":reject"] {
        let why = if verb == ":reject" { json!({ "reason": "Tarde" }) } else { Value::Null };
        refused(&operator.post(&format!("{path}{verb}"), &why).await, 409, "refund_not_open");
    }
    refused(&shop.seller.post(&format!("{path}:withdraw"), &Value::Null).await, 409, "refund_not_open");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_08_rejected_with_the_reason_or_withdrawn_and_then_it_may_be_asked_again(backend: Backend) {
    let house = House::open_with(backend, REVIEWED).await;
    house.set_clock("2096-03-01T09:00:00Z").await;
    let (shop, operator) = (Shop::open(&house).await, house.operator().await);
    let id = shop.subscribe(E1_MXN, 10).await.id;
    let named = json!({ "subscriptionId": id, "quantity": 4 });
    let amount = quoted(&shop.seller, &named).await["amount"].clone();
    let ask = request(&shop.customer.company_name, &named, &amount);
    let request = async || {
        let reply = shop.seller.post("/v1/refunds", &ask).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        format!("/v1/refunds/{}", reply.json()["id"].as_str().unwrap())
    };
    let first = request().await;
    // REF-06: one open refund; and its seats go no other way meanwhile.
    refused(&shop.seller.post("/v1/refunds", &ask).await, 409, "refund_already_open");
    let seats = format!("/v1/subscriptions/{id}");
    refused(
        &shop.seller.post(&format!("{seats}:change-seats"), &json!({ "quantity": 12, "effective": "endOfTerm" })).await,
        409,
        "refund_already_open",
    );
    let why = cancellation();
    refused(&shop.seller.post(&format!("{seats}:cancel"), &why).await, 409, "refund_already_open");
    let reason = json!({ "reason": "La factura adjunta es de otro cliente" });
    let stale = operator
        .send(
            reqwest::Method::POST,
            &format!("{first}:reject"),
            &[("idempotency-key", "stale"), ("if-match", "\"99\"")],
            Some(reason.to_string()),
        )
        .await;
    assert_eq!(stale.status, 412, "{}", stale.text);
    let rejected = operator.post(&format!("{first}:reject"), &reason).await;
    assert_eq!(
        (&rejected.json()["state"], &rejected.json()["rejectedBecause"]),
        (&json!("rejected"), &reason["reason"])
    );
    let second = request().await;
    let withdrawn = shop.seller.post(&format!("{second}:withdraw"), &Value::Null).await;
    assert_eq!(withdrawn.json()["state"], "withdrawn", "{}", withdrawn.text);
    let third = request().await;
    assert_eq!(operator.post(&format!("{third}:approve"), &Value::Null).await.status, 200);
    lonja::jobs::run_due(&house.state).await.unwrap();
    let done = shop.seller.get(&third).await.json();
    assert_eq!((&done["state"], &done["keyRevokedAt"]), (&json!("credited"), &Value::Null));
    let subscription = shop.seller.get(&seats).await.json();
    assert_eq!((&subscription["quantity"], &subscription["state"]), (&json!(6), &json!("active")));
    assert_eq!(house.count("SELECT count(*) FROM credit_notes").await, 1);
    house.seal().await;
    for topic in ["refund.rejected", "refund.withdrawn", "refund.credited"] {
        let events = shop.seller.get(&format!("/v1/events?type={topic}")).await.json();
        assert_eq!(events["items"].as_array().unwrap().len(), 1, "{topic}");
    }
}

/// Makes the database refuse this step, so that the course stands still before it.
async fn refuse(url: &str, step: Option<&str>) {
    let Some(step) = step else { return };
    let (table, when) = match step {
        "keyRevoked" => ("refunds", "BEFORE UPDATE ON refunds FOR EACH ROW WHEN (NEW.state = 'keyRevoked')"),
        _ => ("credit_notes", "BEFORE INSERT ON credit_notes FOR EACH ROW"),
    };
    let statement = if url.starts_with("sqlite:") {
        format!("CREATE TRIGGER refuse {when} BEGIN SELECT RAISE(ABORT, 'refused on purpose'); END")
    } else {
        format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'refused on purpose'; END $$; \
             CREATE TRIGGER refuse {when} EXECUTE FUNCTION refuse()"
        )
    };
    let _table = table;
    beside::execute(url, &statement).await.unwrap();
}

async fn allow(url: &str, step: Option<&str>) {
    let Some(step) = step else { return };
    let table = if step == "keyRevoked" { "refunds" } else { "credit_notes" };
    let statement = match url.starts_with("sqlite:") {
        true => "DROP TRIGGER refuse".to_owned(),
        false => format!("DROP TRIGGER refuse ON {table}"),
    };
    beside::execute(url, &statement).await.unwrap();
}

/// A sandbox of its own as a process, with a purchase whose key was shown.
struct Story {
    url: String,
    lonja: Lonja,
    _directory: tempfile::TempDir,
    server: Server,
    seed: Value,
    entitlement: String,
    ask: Value,
}

fn client(seed: &Value, name: &str, url: &str) -> Actor {
    let client = seed["clients"].as_array().unwrap().iter().find(|client| client["name"] == name).unwrap();
    let [id, secret] = ["clientId", "clientSecret"].map(|name| client[name].as_str().unwrap());
    Actor::new(url, &reqwest::Client::builder().build().unwrap(), id, secret, client["partnerId"].as_str())
}

impl Story {
    async fn begin(backend: Backend, approval: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = database::empty(backend, directory.path()).await.unwrap();
        let lonja = Lonja::sandbox(directory.path(), &url).with("LONJA_REFUNDS_APPROVAL", approval);
        let seed = lonja.run(&["sandbox", "seed"]).await.json();
        let server = lonja.clone().serve().await;
        let seller = client(&seed, "directBill", &server.url);
        let order = json!({
            "customerId": seed["customerId"], "tenantId": seed["tenantId"],
            "lines": [{ "offerId": WINDOWS_MXN, "quantity": 1 }],
        });
        let order = seller.post("/v1/orders", &order).await.json();
        let entitlement = order["lines"][0]["entitlementId"].as_str().unwrap().to_owned();
        let path = format!("/v1/entitlements/{entitlement}/keys:reveal");
        assert_eq!(seller.post(&path, &json!(Shop::reveal("2022"))).await.status, 200);
        let named = json!({ "orderId": order["id"] });
        let amount = quoted(&seller, &named).await["amount"].clone();
        let ask = request(seed["customerId"].as_str().unwrap(), &named, &amount);
        Self { url, lonja, _directory: directory, server, seed, entitlement, ask }
    }

    fn seller(&self) -> Actor {
        client(&self.seed, "directBill", &self.server.url)
    }

    async fn count(&self, query: &str) -> i64 {
        beside::texts(&self.url, &format!("SELECT CAST(({query}) AS TEXT) AS text")).await.unwrap()[0].parse().unwrap()
    }

    /// The same with ten seats, of which four are asked back.
    async fn with_seats(backend: Backend) -> (Self, String) {
        let mut story = Self::begin(backend, "reviewed").await;
        let seller = story.seller();
        let order = json!({
            "customerId": story.seed["customerId"], "tenantId": story.seed["tenantId"],
            "lines": [{ "offerId": E1_MXN, "quantity": 10 }],
        });
        let order = seller.post("/v1/orders", &order).await;
        assert_eq!(order.status, 201, "{}", order.text);
        let id = order.json()["lines"][0]["subscriptionId"].as_str().unwrap().to_owned();
        let named = json!({ "subscriptionId": id, "quantity": 4 });
        let amount = quoted(&seller, &named).await["amount"].clone();
        story.ask = request(story.seed["customerId"].as_str().unwrap(), &named, &amount);
        (story, id)
    }

    /// Revoked keys and credit notes, which is where the course stands.
    async fn stands(&self) -> (i64, i64) {
        (
            self.count("SELECT count(*) FROM product_keys WHERE state = 'revoked'").await,
            self.count("SELECT count(*) FROM credit_notes").await,
        )
    }

    async fn until(&self, query: &str) {
        let holds = async {
            while self.count(query).await == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), holds).await.unwrap_or_else(|_| panic!("never: {query}"));
    }

    /// Ends the process as a crash does, and starts another.
    async fn crash(self) -> Self {
        let Self { url, lonja, _directory, server, seed, entitlement, ask } = self;
        server.kill();
        let server = lonja.clone().serve().await;
        Self { url, lonja, _directory, server, seed, entitlement, ask }
    }

    async fn end(self, refund: &str) {
        assert_eq!(self.stands().await, (1, 1), "once revoked, once credited");
        let seller = self.seller();
        let refund = seller.get(refund).await.json();
        assert_eq!((&refund["state"], &refund["amount"]), (&json!("credited"), &self.ask["amount"]));
        let path = format!("/v1/entitlements/{}/keys:reveal", self.entitlement);
        assert_eq!(seller.post(&path, &json!(Shop::reveal("2022"))).await.code(), "key_revoked");
        let note = seller.get("/v1/credit-notes").await.json();
        assert_eq!((note["items"].as_array().unwrap().len(), &note["items"][0]["total"]), (1, &self.ask["amount"]));
        let twice = "SELECT count(*) FROM (SELECT topic FROM events WHERE topic LIKE 'refund.%' GROUP BY topic HAVING count(*) > 1) AS t";
        assert_eq!(self.count(twice).await, 0, "a step was told twice");
        assert_eq!(self.count("SELECT count(*) FROM jobs WHERE kind = 'refunds.go_on'").await, 0);
        self.server.terminate().await;
        database::remove(&self.url).await.unwrap();
    }
}

/// A reviewed refund has a commit at the approval, one at the revocation, one at the credit. The process ends at each of
/// them; the next one goes on, to the same end.
#[test_case(Backend::Sqlite, Some("keyRevoked"), (0, 0); "sqlite approved")]
#[test_case(Backend::Sqlite, Some("credited"), (1, 0); "sqlite key revoked")]
#[test_case(Backend::Sqlite, None, (1, 1); "sqlite credited")]
#[test_case(Backend::Postgres, Some("keyRevoked"), (0, 0); "postgres approved")]
#[test_case(Backend::Postgres, Some("credited"), (1, 0); "postgres key revoked")]
#[test_case(Backend::Postgres, None, (1, 1); "postgres credited")]
#[tokio::test]
async fn rule_ref_05_a_crash_between_two_steps_resumes_to_the_same_end(
    backend: Backend,
    stop: Option<&str>,
    stands: (i64, i64),
) {
    let story = Story::begin(backend, "reviewed").await;
    let refund = story.seller().post("/v1/refunds", &story.ask).await.json();
    assert_eq!(refund["state"], "inReview");
    let path = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
    refuse(&story.url, stop).await;
    let operator = client(&story.seed, "operator", &story.server.url);
    let approved = operator.post(&format!("{path}:approve"), &Value::Null).await;
    assert_eq!(approved.status, 200, "{}", approved.text);
    story
        .until(match stop {
            Some(_) => "SELECT count(*) FROM jobs WHERE kind = 'refunds.go_on' AND failures > 0",
            None => "SELECT count(*) FROM refunds WHERE state = 'credited'",
        })
        .await;
    assert_eq!(story.stands().await, stands, "a credit stands only after its revocation");

    let story = story.crash().await;
    assert_eq!(story.stands().await, stands, "what was committed stands");
    allow(&story.url, stop).await;
    beside::execute(&story.url, "UPDATE jobs SET due_at = created_at, leased_until = NULL").await.unwrap();
    story.until("SELECT count(*) FROM refunds WHERE state = 'credited'").await;
    story.end(&path).await;
}

/// Seats have no key: after the approval there is one commit, in which they go and the credit note is written. Whoever ends
/// before it leaves both to the next one.
#[test_case(Backend::Sqlite, Some("credited"), 10; "sqlite approved")]
#[test_case(Backend::Sqlite, None, 6; "sqlite credited")]
#[test_case(Backend::Postgres, Some("credited"), 10; "postgres approved")]
#[test_case(Backend::Postgres, None, 6; "postgres credited")]
#[tokio::test]
async fn rule_ref_05_a_crash_before_seats_are_given_back_leaves_them_and_resumes(
    backend: Backend,
    stop: Option<&str>,
    seats: i64,
) {
    let (story, id) = Story::with_seats(backend).await;
    let refund = story.seller().post("/v1/refunds", &story.ask).await.json();
    assert_eq!(refund["state"], "inReview", "{refund}");
    let path = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
    refuse(&story.url, stop).await;
    let operator = client(&story.seed, "operator", &story.server.url);
    assert_eq!(operator.post(&format!("{path}:approve"), &Value::Null).await.status, 200);
    let reached = match stop {
        Some(_) => "SELECT count(*) FROM jobs WHERE kind = 'refunds.go_on' AND failures > 0",
        None => "SELECT count(*) FROM refunds WHERE state = 'credited'",
    };
    story.until(reached).await;
    let held = format!("SELECT quantity FROM subscriptions WHERE id = '{id}'");
    let stands = (seats, i64::from(stop.is_none()));
    assert_eq!((story.count(&held).await, story.stands().await.1), stands, "seats and credit go together");

    let story = story.crash().await;
    assert_eq!((story.count(&held).await, story.stands().await.1), stands, "what was committed stands");
    allow(&story.url, stop).await;
    beside::execute(&story.url, "UPDATE jobs SET due_at = created_at, leased_until = NULL").await.unwrap();
    story.until("SELECT count(*) FROM refunds WHERE state = 'credited'").await;
    assert_eq!((story.count(&held).await, story.stands().await.1), (6, 1), "once taken, once credited");
    let refund = story.seller().get(&path).await.json();
    assert_eq!((&refund["state"], &refund["amount"]), (&json!("credited"), &story.ask["amount"]));
    story.server.terminate().await;
    database::remove(&story.url).await.unwrap();
}

/// A refund that is approved at once has one commit: before it nothing is there, after it everything; the same request
/// goes on from either.
#[test_case(Backend::Sqlite, Some("keyRevoked"); "sqlite before the key")]
#[test_case(Backend::Sqlite, Some("credited"); "sqlite between key and credit")]
#[test_case(Backend::Sqlite, None; "sqlite after the commit")]
#[test_case(Backend::Postgres, Some("keyRevoked"); "postgres before the key")]
#[test_case(Backend::Postgres, Some("credited"); "postgres between key and credit")]
#[test_case(Backend::Postgres, None; "postgres after the commit")]
#[tokio::test]
async fn rule_ref_05_a_crash_inside_an_automatic_refund_leaves_nothing_or_all(backend: Backend, stop: Option<&str>) {
    let story = Story::begin(backend, "automatic").await;
    refuse(&story.url, stop).await;
    let first = story.seller().post_with("/v1/refunds", "once", &story.ask).await;
    let stands = if stop.is_some() { (0, 0) } else { (1, 1) };
    assert_eq!((first.status.is_success(), story.stands().await), (stop.is_none(), stands), "{}", first.text);

    let story = story.crash().await;
    assert_eq!(story.stands().await, stands);
    allow(&story.url, stop).await;
    let again = story.seller().post_with("/v1/refunds", "once", &story.ask).await;
    assert_eq!((again.status.as_u16(), &again.json()["state"]), (201, &json!("credited")), "{}", again.text);
    assert_eq!(again.header("idempotent-replayed"), if stop.is_none() { "true" } else { "" });
    let path = format!("/v1/refunds/{}", again.json()["id"].as_str().unwrap());
    story.end(&path).await;
}
