//! How much memory many callers together can take (standards R8): each of them is within its own bounds, and it is their
//! number that is the attack. Without the bounds on all of them the program takes more than is allowed here.

use super::hostile::{MEBIBYTE, Target, exchange};
use futures_util::future::join_all;
use lonja_tests::Backend;
use serde_json::json;
use test_case::test_case;

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_r8_many_large_bodies_share_a_room_and_small_ones_are_taken_beside_them(backend: Backend) {
    let target = Target::open(backend).await;
    // All of it but the last byte, then silence.
    let mut almost = target.post(&format!("Content-Length: {MEBIBYTE}\r\n\r\n"));
    almost.resize(almost.len() + MEBIBYTE - 1, b' ');
    let attack = join_all((0..500).map(async |_| exchange(target.connect().await, &almost, None).await));
    let small = async {
        for _ in 0..70 {
            let reply = target.seller.post("/v1/customers", &json!({})).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid_request"), "{}", reply.text);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let (exchanges, ()) = tokio::join!(attack, small);
    let answered = |status: u16| exchanges.iter().filter(move |one| one.statuses() == [status]);
    let (slow, busy) = (answered(408).count(), answered(503).count());
    // 64 MiB are room for 64 of a mebibyte; more than that begin, and the last to grow are refused.
    assert!((1..=66).contains(&slow) && busy >= 400, "{slow} were waited for, {busy} refused");
    for one in answered(503) {
        assert!(one.text.contains("retry-after: 1\r\n") && one.text.contains("\"code\":\"busy\""), "{one:?}");
    }
    target.assert_well("many large bodies").await;
    // The room, and what the framework has read of each connection that is refused; without the room, beyond 700 MiB.
    target.close_within(400 * 1024 * 1024).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_r8_many_heads_that_do_not_end_are_bounded_by_the_number_of_connections(backend: Backend) {
    let target = Target::open(backend).await;
    let half = format!("GET /livez HTTP/1.1\r\nHost: lonja\r\nx: {}", "y".repeat(120_000)).into_bytes();
    // Of strangers. Twice as many as there are connections: the rest waits, and takes nothing here.
    let attack = join_all((0..2_000).map(async |_| exchange(target.connect().await, &half, None).await));
    let cut = attack.await.iter().filter(|one| one.ended && one.statuses() == [408]).count();
    assert!(cut >= 1_000, "only {cut} were cut");
    target.assert_well("many halves of heads").await;
    target.close().await;
}
