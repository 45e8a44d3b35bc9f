//! Keys that are bought through Open: retrieved, redeemed all or none, cancelled before and never after (OPN-03 to OPN-06).

use futures_util::future::join_all;
use lonja::access::Role;
use lonja_tests::actor::refused;
use lonja_tests::house::{new_key, partner_scopes};
use lonja_tests::open::{E1, E3, Programme, SMALL, clear, redemption, retrieve};
use lonja_tests::refunds::{cancellation, request};
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use serde_json::{Value, json};
use test_case::test_case;

fn key_of(order: &Value, line: usize) -> &str {
    order["lines"][line]["keyId"].as_str().unwrap()
}

async fn cancel(actor: &Actor, order: &Value, line: Option<u32>) -> Reply {
    let mut body = json!({ "reason": "El cliente eligió otro plan" });
    if let Some(line) = line {
        body["lineNumber"] = json!(line);
    }
    actor.post(&format!("/v1/open/orders/{}:cancel", order["id"].as_str().unwrap()), &body).await
}

/// Everything that a redemption changes, in numbers.
async fn begun(house: &House) -> (i64, i64, i64) {
    let count = async |query: &str| house.count(query).await;
    (
        count("SELECT count(*) FROM open_redemptions").await,
        count("SELECT count(*) FROM open_keys WHERE state = 'redeemed'").await,
        count("SELECT count(*) FROM subscriptions WHERE channel = 'open'").await,
    )
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_03_swk_03_a_key_is_shown_with_a_reason_inside_the_daily_limits(backend: Backend) {
    let house = House::open_with(backend, "[limits]\nclient_key_reveals_per_day = 2\n").await;
    let shop = Shop::open(&house).await;
    let programme = Programme::of(&house, &shop).await;
    let agreement = programme.signed().await;
    let order = programme.place(&agreement, &[(E1, 2)]).await;
    let (key, path) = (key_of(&order, 0), format!("/v1/open/keys/{}", key_of(&order, 0)));
    let without_reason = shop.seller.post(&format!("{path}:retrieve"), &json!({})).await;
    assert_eq!(without_reason.faults(), ["/reason field_required"]);
    let stale = [("idempotency-key", "stale"), ("if-match", "\"999\"")];
    let why = Some(json!({ "reason": "Alta" }).to_string());
    let reply = shop.seller.send(reqwest::Method::POST, &format!("{path}:retrieve"), &stale, why).await;
    refused(&reply, 412, "precondition_failed");

    let body = json!({ "reason": "Alta de la panadería" });
    let first = shop.seller.post_with(&format!("{path}:retrieve"), "show", &body).await;
    assert_eq!((first.status.as_u16(), first.header("cache-control")), (200, "no-store"), "{}", first.text);
    let shown = shop.seller.get(&path).await.json();
    assert_eq!((&shown["state"], shown["retrievedAt"].is_string()), (&json!("retrieved"), true));
    assert!(!shown.to_string().contains(&clear(&first)), "{shown}");
    // The same answer to the same client; to a colleague none.
    let again = shop.seller.post_with(&format!("{path}:retrieve"), "show", &body).await;
    assert_eq!((again.header("idempotent-replayed"), &again.text), ("true", &first.text));
    let colleague = house.client_of(&shop.seller.partner_id, &partner_scopes(), &[Role::AdminAgent]).await;
    let stranger = colleague.post_with(&format!("{path}:retrieve"), "show", &body).await;
    refused(&stranger, 410, "secret_already_shown");
    // It counts with all other reveals; another client has its own two.
    assert_eq!(clear(&retrieve(&shop.seller, key).await), clear(&first));
    refused(&retrieve(&shop.seller, key).await, 429, "key_reveal_limit_reached");
    assert_eq!(clear(&retrieve(&programme.customer, key).await), clear(&first));
    house.seal().await;
    let records = shop.seller.get("/v1/audit-records?operation=retrieve_open_key&outcome=done").await.json();
    assert!(records["items"].as_array().unwrap().iter().any(|one| one["reason"] == body["reason"]), "{records}");
    assert_eq!(house.count("SELECT count(*) FROM key_reveals").await, 3);
    let dump = lonja_tests::beside::dump(&house.database_url).await.unwrap();
    let (needle, key) = (clear(&first), clear(&first).replace('-', ""));
    assert!(![needle, key].iter().any(|form| dump.windows(form.len()).any(|bytes| bytes == form.as_bytes())));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_04_several_keys_are_redeemed_all_or_none(backend: Backend) {
    let house = House::open(backend).await;
    let (shop, other) = (Shop::open(&house).await, Shop::open(&house).await);
    let (programme, theirs) = (Programme::of(&house, &shop).await, Programme::of(&house, &other).await);
    let agreement = programme.signed().await;
    let keys = programme.keys(&agreement, &[(E3, 2), (E1, 4)]).await;
    let foreign = theirs.keys(&theirs.signed().await, &[(E1, 1)]).await.remove(0);
    let unseen = house.stock(E1, "open", 1).await.remove(0);
    let placed = programme.try_place(&agreement, &[(E1, 1)]).await.json();
    assert_eq!(placed["state"], "completed");
    let with = |more: &str| [keys[0].clone(), more.to_owned(), keys[1].clone()];
    let look_alike = keys[0].replace(|c: char| c.is_ascii_alphabetic(), "O");
    for (bad, status, code) in [
        (look_alike.as_str(), 422, "key_format_invalid"),
        (&keys[0][..28], 422, "key_format_invalid"),
        ("¿?", 422, "key_format_invalid"),
        (&new_key(), 404, "key_unknown"),
        (&foreign, 404, "key_unknown"),
        // Sold, but shown to nobody yet.
        (&unseen, 404, "key_unknown"),
        (&keys[0].to_lowercase(), 422, "key_repeated"),
    ] {
        let reply = programme.redeem(&with(bad)).await;
        refused(&reply, status, code);
        assert_eq!(reply.faults()[0], format!("/keys/1 {code}"));
        assert!(!reply.text.contains(bad), "{}", reply.text);
    }
    // Another's key is as unknown as one that is nowhere.
    let said = async |key: &str| {
        let mut body = programme.redeem(&with(key)).await.json();
        body.as_object_mut().unwrap().remove("requestId");
        body
    };
    assert_eq!(said(&foreign).await, said(&new_key()).await);
    // The organisation's details are looked at.
    for (field, value, code) in [
        ("/companyName", json!("---"), "company_name_invalid"),
        ("/contact/firstName", json!("Test"), "contact_name_invalid"),
        ("/address/postalCode", json!("ABC"), "postal_code_invalid"),
    ] {
        let mut body = redemption(&keys);
        *body.pointer_mut(field).unwrap() = value;
        refused(&programme.customer.post("/v1/open/redemptions", &body).await, 422, code);
    }
    assert_eq!(begun(&house).await, (0, 0, 0));

    // Typed by hand: lower case, blanks, no dashes.
    let typed = [keys[0].to_lowercase().replace('-', " "), format!(" {} ", keys[1].replace('-', ""))];
    let redeemed = programme.redeem(&typed).await;
    assert_eq!(redeemed.status, 201, "{}", redeemed.text);
    let seats: Vec<_> = redeemed.json()["keys"].as_array().unwrap().iter().map(|key| key["quantity"].clone()).collect();
    assert_eq!(seats, [json!(2), json!(4)]);
    assert_eq!(begun(&house).await, (1, 2, 2));
    let licences = shop.seller.get(&format!("/v1/subscriptions?tenantId={}", shop.tenant.id)).await.json();
    assert_eq!(licences["items"].as_array().unwrap().len(), 2);
    let again = programme.redeem(&keys[1..]).await;
    refused(&again, 409, "key_already_redeemed");
    refused(
        &retrieve(&shop.seller, redeemed.json()["keys"][0]["id"].as_str().unwrap()).await,
        409,
        "key_already_redeemed",
    );

    // A partner of two customers redeems for one at a time.
    let second = Shop::of(shop.seller.at(&house.url)).await;
    let programme = Programme::of(&house, &second).await;
    let theirs = programme.keys(&programme.signed().await, &[(E1, 1)]).await;
    assert_eq!(retrieve(&shop.seller, key_of(&placed, 0)).await.status, 200);
    let mixed = shop.seller.post("/v1/open/redemptions", &redemption(&[theirs[0].clone(), unseen])).await;
    refused(&mixed, 422, "redemption_customers_differ");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_04_of_redemptions_at_once_that_share_a_key_one_wins(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let programme = Programme::of(&house, &shop).await;
    let agreement = programme.signed().await;
    let keys = programme.keys(&agreement, &[(E1, 1), (E1, 2), (E1, 3)]).await;
    let (url, handle) = house.replica().await;
    let there = programme.customer.at(if backend == Backend::Postgres { &url } else { &house.url });
    let pair = |index: usize| redemption(&[keys[0].clone(), keys[1 + index % 2].clone()]);
    let bodies: Vec<Value> = (0..6).map(pair).collect();
    let actors = [&programme.customer, &there].into_iter().cycle();
    let replies = join_all(actors.zip(&bodies).map(|(actor, body)| actor.post("/v1/open/redemptions", body))).await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(won, 1, "{:?}", replies.iter().map(|reply| &reply.text).collect::<Vec<_>>());
    for lost in replies.iter().filter(|reply| reply.status != 201) {
        refused(lost, 409, "key_already_redeemed");
    }
    assert_eq!(begun(&house).await, (1, 2, 2));
    handle.stop(false).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_05_cat_02_cat_03_what_begins_fits_its_tenant(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let programme = Programme::of(&house, &shop).await;
    let agreement = programme.signed().await;
    let keys = programme.keys(&agreement, &[(SMALL, 20), (SMALL, 5)]).await;
    let other_family = programme.keys(&agreement, &[(E1, 1)]).await;
    // Ordered is not held: a seat that is bought meanwhile is in the way of one of the two, and then of both.
    let direct = shop.subscribe(SMALL, 1).await;
    let over = programme.redeem(&keys).await;
    refused(&over, 409, "seat_cap_exceeded");
    assert_eq!(over.faults(), ["/keys/1 seat_cap_exceeded"]);
    refused(&programme.redeem(&other_family).await, 409, "plan_family_conflict");
    assert_eq!(begun(&house).await, (0, 0, 0));
    let path = format!("/v1/subscriptions/{}:cancel", direct.id);
    assert_eq!(shop.seller.post(&path, &cancellation()).await.status, 200);
    let redeemed = programme.redeem(&keys).await;
    assert_eq!(redeemed.status, 201, "{}", redeemed.text);
    refused(&programme.try_place(&agreement, &[(SMALL, 1)]).await, 409, "seat_cap_exceeded");

    // More seats and more years need more keys; nothing renews by itself.
    let id = redeemed.json()["keys"][0]["subscriptionId"].as_str().unwrap().to_owned();
    let act = async |verb: &str, body: Value| shop.seller.post(&format!("/v1/subscriptions/{id}:{verb}"), &body).await;
    let grown = act("change-seats", json!({ "quantity": 21 })).await;
    assert!(grown.faults().contains(&"/quantity open_order_required".to_owned()), "{}", grown.text);
    for end in ["renew", "extend"] {
        refused(&act("set-end-of-term", json!({ "endOfTerm": end })).await, 409, "open_order_required");
    }
    refused(&act("change-seats", json!({ "quantity": 19 })).await, 409, "seat_decrease_window_closed");
    let target = json!({ "targetOfferId": "office-365-small-business-premium" });
    refused(&act("upgrade", target).await, 409, "upgrade_channel_not_supported");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_06_before_the_redemption_all_is_given_back_the_key_revoked_first(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let programme = Programme::of(&house, &shop).await;
    let agreement = programme.signed().await;
    let order = programme.place(&agreement, &[(E3, 2), (E1, 1)]).await;
    let path = format!("/v1/open/keys/{}:retrieve", key_of(&order, 0));
    let why = json!({ "reason": "Alta" });
    let key = clear(&shop.seller.post_with(&path, "show", &why).await);
    // One line of it, then the rest.
    refused(&cancel(&shop.seller, &order, Some(3)).await, 404, "not_found");
    let partly = cancel(&shop.seller, &order, Some(1)).await;
    assert_eq!((partly.status.as_u16(), &partly.json()["state"]), (200, &json!("partlyCancelled")), "{}", partly.text);
    refused(&cancel(&shop.seller, &order, Some(1)).await, 409, "order_not_cancellable");
    refused(&programme.redeem(&[key]).await, 410, "key_revoked");
    refused(&retrieve(&programme.customer, key_of(&order, 0)).await, 410, "key_revoked");
    assert_eq!(shop.seller.post_with(&path, "show", &why).await.status, 410);
    let whole = cancel(&shop.seller, &order, None).await.json();
    assert_eq!((&whole["state"], whole["cancelledAt"].is_string()), (&json!("cancelled"), true));
    refused(&cancel(&shop.seller, &order, None).await, 409, "order_not_cancellable");
    let notes = shop.seller.get("/v1/credit-notes").await.json();
    let given: Vec<_> = notes["items"].as_array().unwrap().iter().map(|note| &note["total"]["amount"]).collect();
    assert_eq!(given, ["456.00", "78.00"]);
    assert_eq!((&notes["items"][0]["reason"], &notes["items"][0]["refundId"]), (&json!("cancellation"), &Value::Null));
    let balance = "SELECT (SELECT sum(total_minor) FROM invoices) - (SELECT sum(total_minor) FROM credit_notes)";
    assert_eq!(house.count(balance).await, 0);
    let keys = "SELECT count(*) FROM product_keys WHERE state = 'revoked' AND revoked_at IS NOT NULL";
    assert_eq!(house.count(keys).await, 2);

    // What waits for keys is given up without money, whichever way; its keys never come.
    for way in ["/v1/open/orders", "/v1/orders"] {
        let waits = programme.try_place(&agreement, &[(E1, 1), (E1, 1)]).await.json();
        assert_eq!(waits["state"], "awaitingStock");
        refused(&cancel(&shop.seller, &waits, Some(1)).await, 409, "order_not_cancellable");
        let gone = match way {
            "/v1/orders" => {
                shop.seller.post(&format!("{way}/{}:cancel", waits["id"].as_str().unwrap()), &Value::Null).await
            }
            _ => cancel(&shop.seller, &waits, None).await,
        };
        assert_eq!((gone.status.as_u16(), &gone.json()["state"]), (200, &json!("cancelled")), "{}", gone.text);
        let own = shop.seller.get(&format!("/v1/open/keys/{}", key_of(&waits, 0))).await.json();
        assert_eq!(own["state"], "cancelled");
    }
    house.stock(E1, "open", 4).await;
    assert_eq!(house.count("SELECT count(*) FROM credit_notes").await, 2);
    assert_eq!(house.count("SELECT count(*) FROM product_keys WHERE state = 'inStock'").await, 4);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_06_once_redeemed_nothing_is_given_back(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let programme = Programme::of(&house, &shop).await;
    let agreement = programme.signed().await;
    let order = programme.place(&agreement, &[(E1, 1), (E1, 2)]).await;
    let id = order["id"].as_str().unwrap();
    let amount = json!({ "amount": "1.00", "currency": "EUR" });
    let refund = request(&shop.customer.company_name, &json!({ "orderId": id, "lineNumber": 1 }), &amount);
    let quote = json!({ "orderId": id, "lineNumber": 1 });
    // Not redeemed: it is cancelled, not refunded.
    let instead = shop.seller.post("/v1/refunds", &refund).await;
    refused(&instead, 409, "refund_not_possible");
    assert_eq!(instead.json()["context"]["cancel"], format!("/v1/open/orders/{id}:cancel"));

    let key = clear(&retrieve(&shop.seller, key_of(&order, 0)).await);
    let redeemed = programme.redeem(&[key]).await.json();
    let subscription = redeemed["keys"][0]["subscriptionId"].as_str().unwrap();
    let code = "refund_not_allowed_key_activated";
    refused(&shop.seller.post("/v1/refunds", &refund).await, 409, code);
    refused(&shop.seller.post("/v1/refund-quotes", &quote).await, 409, code);
    let preview = shop.seller.post("/v1/refunds:preview", &refund).await;
    assert!(preview.text.contains(code), "{}", preview.text);
    let body = json!({ "reason": "El cliente eligió otro plan" });
    for action in ["cancel", "preview-cancel"] {
        let body = if action == "cancel" { &body } else { &Value::Null };
        let reply = shop.seller.post(&format!("/v1/subscriptions/{subscription}:{action}"), body).await;
        let told = if action == "cancel" { reply.code() } else { reply.json()["reasons"][0]["code"].to_string() };
        assert!(told.contains(code), "{action}: {}", reply.text);
    }
    refused(&cancel(&shop.seller, &order, None).await, 409, code);
    let one = cancel(&shop.seller, &order, Some(1)).await;
    refused(&one, 409, code);
    assert_eq!(house.count("SELECT count(*) FROM credit_notes").await, 0);
    // The other line's key is not redeemed: that one can still go.
    assert_eq!(cancel(&shop.seller, &order, Some(2)).await.status, 200);
    let notes = shop.seller.get("/v1/credit-notes").await.json();
    assert_eq!(notes["items"][0]["total"]["amount"], "156.00");
    assert_eq!(shop.seller.get(&format!("/v1/subscriptions/{subscription}")).await.json()["state"], "active");
}
