//! Refunds of seats and the renewals beside them: neither charges what the other gives back (REF-04, REF-08, REN-03); and
//! what a quote of seats shows (REF-03).

use lonja_tests::refunds::{REVIEWED, cancellation, minor, quoted, request};
use lonja_tests::shop::{E1_MXN, OFFICE_MXN, WINDOWS_MXN};
use lonja_tests::{Backend, House, Reply, Shop};
use serde_json::{Value, json};
use test_case::test_case;

/// Asks for what is quoted.
async fn ask(shop: &Shop, named: &Value) -> Value {
    let quote = quoted(&shop.seller, named).await;
    let request = request(&shop.customer.company_name, named, &quote["amount"]);
    let refund = shop.seller.post("/v1/refunds", &request).await;
    assert_eq!(refund.status, 201, "{}", refund.text);
    refund.json()
}

async fn get(shop: &Shop, path: &str) -> Value {
    let reply = shop.seller.get(path).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn renewal(shop: &Shop, subscription: &str) -> Value {
    let page = get(shop, &format!("/v1/renewals?subscriptionId={subscription}&limit=200")).await;
    let charged: Vec<&Value> =
        page["items"].as_array().unwrap().iter().filter(|renewal| !renewal["invoiceId"].is_null()).collect();
    assert_eq!(charged.len(), 1, "{page}");
    charged[0].clone()
}

/// Pays what is open of a subscription, and answers the renewal that it was.
async fn pay(shop: &Shop, subscription: &str) -> Value {
    let open = get(shop, &format!("/v1/renewals?subscriptionId={subscription}&atRisk=true")).await["items"][0].clone();
    let body = json!({ "amount": open["amount"], "method": "bankTransfer", "reference": "SPEI 1" });
    let paid = shop.seller.post(&format!("/v1/renewals/{}/payments", open["id"].as_str().unwrap()), &body).await;
    assert_eq!(paid.status, 201, "{}", paid.text);
    open
}

async fn approve(house: &House, refund: &Value) {
    let path = format!("/v1/refunds/{}:approve", refund["id"].as_str().unwrap());
    let approved = house.operator().await.post(&path, &Value::Null).await;
    assert_eq!(approved.status, 200, "{}", approved.text);
    lonja::jobs::run_due(&house.state).await.unwrap();
}

/// What was charged less what was given back, in cents.
async fn balance(house: &House) -> i64 {
    house.count("SELECT coalesce(sum(total_minor), 0) FROM invoices").await
        - house.count("SELECT coalesce(sum(total_minor), 0) FROM credit_notes").await
}

/// Ten seats in two batches, of which some are asked back inside their windows; the next month begins, and is paid or not,
/// before anybody approves it. What is owed in the end is what is kept.
#[test_case(Backend::Sqlite, Some(4), false; "sqlite some")]
#[test_case(Backend::Sqlite, Some(4), true; "sqlite some paid")]
#[test_case(Backend::Sqlite, None, false; "sqlite all")]
#[test_case(Backend::Postgres, Some(4), true; "postgres some paid")]
#[test_case(Backend::Postgres, None, false; "postgres all")]
#[tokio::test]
async fn rule_ref_04_a_month_that_begins_during_the_review_is_given_back_too(
    backend: Backend,
    asked: Option<i64>,
    is_paid: bool,
) {
    let house = House::open_with(backend, REVIEWED).await;
    house.set_clock("2096-03-01T18:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 7).await.id;
    let path = format!("/v1/subscriptions/{id}");
    house.set_clock("2096-03-02T18:00:00Z").await;
    let more = shop.seller.post(&format!("{path}:change-seats"), &json!({ "quantity": 10 })).await;
    assert_eq!(more.status, 200, "{}", more.text);
    let price = minor(&more.json()["unitPrice"]);

    house.set_clock("2096-03-05T18:00:00Z").await;
    let mut named = json!({ "subscriptionId": id });
    if let Some(quantity) = asked {
        named["quantity"] = json!(quantity);
    }
    let refund = ask(&shop, &named).await;
    let judged = minor(&refund["quote"]["amount"]);
    let before = balance(&house).await;
    // Nothing else is planned for seats that may go (REF-06).
    let later = json!({ "quantity": 5, "effective": "endOfTerm" });
    let later = shop.seller.post(&format!("{path}:change-seats"), &later).await;
    assert_eq!((later.status.as_u16(), later.code().as_str()), (409, "refund_already_open"), "{}", later.text);

    // The windows have closed, and what they were about is one batch now.
    house.set_clock("2096-04-02T18:00:00Z").await;
    let opened = renewal(&shop, &id).await;
    assert_eq!((minor(&opened["amount"]), &opened["state"]), (10 * price, &json!("paymentPending")));
    if is_paid {
        let payment = json!({ "amount": opened["amount"], "method": "bankTransfer", "reference": "SPEI 1" });
        let path = format!("/v1/renewals/{}/payments", opened["id"].as_str().unwrap());
        assert_eq!(shop.seller.post(&path, &payment).await.status, 201);
    }

    approve(&house, &refund).await;
    let seats = asked.unwrap_or(10);
    let kept = 10 - seats;
    let done = get(&shop, &format!("/v1/refunds/{}", refund["id"].as_str().unwrap())).await;
    assert_eq!((&done["state"], minor(&done["amount"])), (&json!("credited"), judged + seats * price));
    assert_eq!(minor(&done["quote"]["amount"]), judged, "what was judged stays what was judged");
    assert_eq!(balance(&house).await, before - judged + kept * price);
    let subscription = get(&shop, &path).await;
    let settled = renewal(&shop, &id).await;
    if asked.is_none() {
        assert_eq!((&subscription["state"], &settled["state"]), (&json!("cancelled"), &json!("cancelled")));
        return;
    }
    assert_eq!((&subscription["quantity"], &subscription["state"]), (&json!(kept), &json!("active")));
    let batches = subscription["seatBatches"].as_array().unwrap();
    assert_eq!(batches.iter().map(|batch| batch["quantity"].as_i64().unwrap()).sum::<i64>(), kept, "{subscription}");
    let owed = if is_paid { 10 * price } else { kept * price };
    assert_eq!(minor(&settled["amount"]), owed, "what was paid is given back, what was not is not owed");
    // The next month is of what is kept.
    house.set_clock("2096-05-02T18:00:00Z").await;
    let page = get(&shop, &format!("/v1/renewals?subscriptionId={id}&atRisk=true")).await;
    let next = page["items"].as_array().unwrap().iter().find(|next| next["renewsOn"] == "2096-05-01");
    let next = next.unwrap_or_else(|| panic!("{page}"));
    assert_eq!(minor(&next["amount"]), kept * price);
}

/// Cancelling is a refund like any other: where refunds are reviewed, the subscription goes on until the yes.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_sub_03_cancelling_waits_for_the_review_as_every_refund_does(backend: Backend) {
    let house = House::open_with(backend, REVIEWED).await;
    house.set_clock("2096-03-01T18:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 3).await.id;
    let path = format!("/v1/subscriptions/{id}");
    let later =
        shop.seller.post(&format!("{path}:change-seats"), &json!({ "quantity": 2, "effective": "endOfTerm" })).await;
    assert_eq!(later.json()["scheduledChanges"][0]["quantity"], 2, "{}", later.text);
    let why = cancellation();
    let cancelled = shop.seller.post(&format!("{path}:cancel"), &why).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.json()["state"]), (200, &json!("active")), "{}", cancelled.text);
    assert_eq!(cancelled.json()["scheduledChanges"], later.json()["scheduledChanges"], "nothing is decided yet");
    let refunds = get(&shop, &format!("/v1/refunds?subscriptionId={id}")).await;
    let refund = &refunds["items"][0];
    assert_eq!((&refund["state"], &refund["quote"]["quantity"]), (&json!("inReview"), &json!(3)));
    assert_eq!(house.count("SELECT count(*) FROM credit_notes").await, 0);

    let reject = format!("/v1/refunds/{}:reject", refund["id"].as_str().unwrap());
    let reason = json!({ "reason": "Ya se acordó otra cosa" });
    assert_eq!(house.operator().await.post(&reject, &reason).await.status, 200);
    let kept = get(&shop, &path).await;
    assert_eq!((&kept["state"], &kept["scheduledChanges"][0]["quantity"]), (&json!("active"), &json!(2)));
    // Nor is the review got round by fewer seats.
    let fewer = shop.seller.post(&format!("{path}:change-seats"), &json!({ "quantity": 1 })).await;
    assert_eq!((fewer.status.as_u16(), fewer.code().as_str()), (409, "refund_review_required"), "{}", fewer.text);

    assert_eq!(shop.seller.post(&format!("{path}:cancel"), &why).await.status, 200);
    let refunds = get(&shop, &format!("/v1/refunds?subscriptionId={id}&state=inReview")).await;
    approve(&house, &refunds["items"][0]).await;
    assert_eq!(get(&shop, &path).await["state"], "cancelled");
    assert_eq!(balance(&house).await, 0, "cancelled on its first day it costs nothing");
}

/// What was scheduled takes effect although a refund is in review: seats that are asked back go first, so that in the end
/// as many are left as the smaller of both wishes leaves, each paid for.
#[test_case(Backend::Sqlite, 1, 5; "sqlite fewer were asked back than go")]
#[test_case(Backend::Sqlite, 8, 2; "sqlite more were")]
#[test_case(Backend::Postgres, 8, 2; "postgres more were")]
#[tokio::test]
async fn rule_ref_08_a_scheduled_change_takes_effect_during_a_review(backend: Backend, asked: i64, left: i64) {
    let house = House::open_with(backend, REVIEWED).await;
    house.set_clock("2096-03-01T18:00:00Z").await;
    let shop = Shop::open(&house).await;
    let mut order = json!(shop.order(E1_MXN, 10));
    order["lines"][0]["termMonths"] = json!(1);
    let order = shop.seller.post("/v1/orders", &order).await.json();
    let id = order["lines"][0]["subscriptionId"].as_str().unwrap_or_else(|| panic!("{order}")).to_owned();
    let path = format!("/v1/subscriptions/{id}");
    let later = json!({ "quantity": 5, "effective": "endOfTerm" });
    assert_eq!(shop.seller.post(&format!("{path}:change-seats"), &later).await.status, 200);
    house.set_clock("2096-03-05T18:00:00Z").await;
    let refund = ask(&shop, &json!({ "subscriptionId": id, "quantity": asked })).await;
    let judged = minor(&refund["quote"]["amount"]);
    let before = balance(&house).await;
    house.set_clock("2096-04-02T18:00:00Z").await;
    let opened = renewal(&shop, &id).await;
    let price = minor(&opened["amount"]) / 5;
    assert_eq!((&opened["quantity"], minor(&opened["amount"])), (&json!(5), 5 * price));
    approve(&house, &refund).await;
    let subscription = get(&shop, &path).await;
    assert_eq!((&subscription["quantity"], &subscription["state"]), (&json!(left), &json!("active")));
    assert_eq!(balance(&house).await, before - judged + left * price, "what is left is paid for, and no more");
    assert_eq!(minor(&renewal(&shop, &id).await["amount"]), left * price);
}

/// The review outlasts a month and then the term, with which more seats go than were asked back: those were charged for one
/// month more, which is given back.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_04_a_month_of_seats_that_went_with_a_later_change_is_given_back(backend: Backend) {
    let house = House::open_with(backend, REVIEWED).await;
    house.set_clock("2096-03-01T18:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 10).await.id;
    let path = format!("/v1/subscriptions/{id}");
    for month in ["2096-04", "2096-05", "2096-06", "2096-07", "2096-08", "2096-09", "2096-10", "2096-11", "2096-12"] {
        house.set_clock(&format!("{month}-02T18:00:00Z")).await;
        pay(&shop, &id).await;
    }
    house.set_clock("2097-01-02T18:00:00Z").await;
    pay(&shop, &id).await;
    house.set_clock("2097-01-28T18:00:00Z").await;
    let more = shop.seller.post(&format!("{path}:change-seats"), &json!({ "quantity": 12 })).await;
    assert_eq!(more.status, 200, "{}", more.text);
    let later = json!({ "quantity": 8, "effective": "endOfTerm" });
    assert_eq!(shop.seller.post(&format!("{path}:change-seats"), &later).await.status, 200);
    let refund = ask(&shop, &json!({ "subscriptionId": id, "quantity": 2 })).await;
    let judged = minor(&refund["quote"]["amount"]);
    house.set_clock("2097-02-02T18:00:00Z").await;
    let month = pay(&shop, &id).await;
    let price = minor(&month["amount"]) / 12;
    assert_eq!((&month["quantity"], minor(&month["amount"])), (&json!(12), 12 * price));
    house.set_clock("2097-03-02T18:00:00Z").await;
    assert_eq!(pay(&shop, &id).await["quantity"], 8);
    let before = balance(&house).await;
    approve(&house, &refund).await;
    assert_eq!(get(&shop, &path).await["quantity"], 8, "both are among the four that went");
    assert_eq!(balance(&house).await, before - judged - 2 * price);
}

/// A renewal that fell late and is owed no more lets what was suspended for it go on.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ren_03_what_was_given_back_suspends_nobody(backend: Backend) {
    let house = House::open_with(backend, REVIEWED).await;
    house.set_clock("2096-03-01T18:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 5).await.id;
    let path = format!("/v1/subscriptions/{id}");
    let refund = ask(&shop, &json!({ "subscriptionId": id })).await;
    house.set_clock("2096-04-02T18:00:00Z").await;
    let more = shop.seller.post(&format!("{path}:change-seats"), &json!({ "quantity": 7 })).await;
    assert_eq!(more.status, 200, "{}", more.text);
    house.set_clock("2096-04-27T18:00:00Z").await;
    assert_eq!(get(&shop, &path).await["state"], "suspended");
    approve(&house, &refund).await;
    let subscription = get(&shop, &path).await;
    assert_eq!((&subscription["state"], &subscription["quantity"]), (&json!("active"), &json!(2)), "{subscription}");
    assert_eq!(renewal(&shop, &id).await["state"], "paid");
}

/// Seats that are still inside their window when the next month begins are charged by its line, and a refund of them takes
/// from it what is owed.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ren_03_what_is_given_back_of_an_open_renewal_is_owed_no_more(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2096-03-01T18:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 7).await.id;
    house.set_clock("2096-03-30T18:00:00Z").await;
    let path = format!("/v1/subscriptions/{id}");
    assert_eq!(shop.seller.post(&format!("{path}:change-seats"), &json!({ "quantity": 10 })).await.status, 200);
    house.set_clock("2096-04-03T18:00:00Z").await;
    let opened = renewal(&shop, &id).await;
    let refund = ask(&shop, &json!({ "subscriptionId": id, "quantity": 2 })).await;
    assert_eq!(refund["state"], "credited");
    let settled = renewal(&shop, &id).await;
    assert!(minor(&refund["amount"]) > 0);
    assert_eq!(minor(&settled["amount"]), minor(&opened["amount"]) - minor(&refund["amount"]));
    let payment = json!({ "amount": settled["amount"], "method": "bankTransfer" });
    let paid = shop.seller.post(&format!("/v1/renewals/{}/payments", opened["id"].as_str().unwrap()), &payment).await;
    assert_eq!(paid.json()["state"], "paid", "{}", paid.text);
}

/// A quote of seats tells each purchase with its own window, and each line can be calculated again, years later.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_03_a_quote_of_seats_shows_each_purchase_with_its_own_window(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2096-03-01T18:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 3).await.id;
    let path = format!("/v1/subscriptions/{id}:change-seats");
    for (day, seats) in [("04", 5), ("06", 9)] {
        house.set_clock(&format!("2096-03-{day}T18:00:00Z")).await;
        assert_eq!(shop.seller.post(&path, &json!({ "quantity": seats })).await.status, 200);
    }
    let windows = |quote: &Value| -> Vec<(String, u64)> {
        let part =
            |part: &Value| (part["windowClosesAt"].as_str().unwrap().to_owned(), part["quantity"].as_u64().unwrap());
        quote["parts"].as_array().unwrap().iter().map(part).collect()
    };
    let all = quoted(&shop.seller, &json!({ "subscriptionId": id })).await;
    let each = [("2096-03-08T18:00:00Z", 3), ("2096-03-11T18:00:00Z", 2), ("2096-03-13T18:00:00Z", 4)];
    let each = each.map(|(at, seats)| (at.to_owned(), seats));
    assert_eq!(windows(&all), each);
    assert_eq!((&all["windowClosesAt"], &all["purchasedAt"]), (&json!(each[0].0), &json!("2096-03-01T18:00:00Z")));

    // Exactly then the first window is closed: all of it is refused with that instant, the rest is quoted by its own.
    house.set_clock("2096-03-08T18:00:00Z").await;
    let closed = shop.seller.post("/v1/refund-quotes", &json!({ "subscriptionId": id })).await;
    assert_eq!(closed.code(), "refund_window_closed", "{}", closed.text);
    assert_eq!(closed.json()["context"]["closedAt"], each[0].0, "{}", closed.text);
    let some = quoted(&shop.seller, &json!({ "subscriptionId": id, "quantity": 6 })).await;
    assert_eq!(windows(&some), each[1..]);
    assert_eq!((&some["windowClosesAt"], &some["purchasedAt"]), (&json!(each[1].0), &json!("2096-03-04T18:00:00Z")));

    let refund = ask(&shop, &json!({ "subscriptionId": id, "quantity": 6 })).await;
    house.set_clock("2099-01-01T00:00:00Z").await;
    let kept = get(&shop, &format!("/v1/refunds/{}", refund["id"].as_str().unwrap())).await;
    let mut sum = 0;
    for part in kept["quote"]["parts"].as_array().unwrap() {
        let of = |name: &str| part[name].as_i64().unwrap();
        let share = minor(&part["unitPrice"]) * of("quantity") * of("unusedDays");
        // Half up.
        let rounded = (2 * share + of("totalDays")) / (2 * of("totalDays"));
        let amount = rounded.min(minor(&part["invoiced"]) - minor(&part["credited"]));
        assert_eq!(amount, minor(&part["amount"]), "{part}");
        sum += amount;
    }
    assert_eq!((sum, sum), (minor(&kept["quote"]["amount"]), minor(&kept["amount"])));
}

fn lines(reply: &Reply) -> Value {
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid_request"), "{}", reply.text);
    let error = reply.json()["errors"][0].clone();
    assert_eq!(
        (&error["code"], &error["pointer"]),
        (&json!("field_required"), &json!("/lineNumber")),
        "{}",
        reply.text
    );
    error["context"]["lines"].clone()
}

/// An order of several lines: which one is to be said, by its number or by what it brought.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_02_of_several_lines_the_one_that_is_meant_is_said(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("windows-server-standard", "2022", 1).await;
    house.stock("office-ltsc-professional-plus", "2024", 1).await;
    house.set_clock("2096-03-01T18:00:00Z").await;
    let shop = Shop::open(&house).await;
    let mut order = json!(shop.order(WINDOWS_MXN, 1));
    order["lines"].as_array_mut().unwrap().push(json!({ "offerId": OFFICE_MXN, "quantity": 2 }));
    let order = shop.seller.post("/v1/orders", &order).await;
    assert_eq!(order.status, 201, "{}", order.text);
    let order = order.json();
    let which = lines(&shop.seller.post("/v1/refund-quotes", &json!({ "orderId": order["id"] })).await);
    assert_eq!((&which[0]["number"], &which[1]["number"]), (&json!(1), &json!(2)), "{which}");
    let second = quoted(&shop.seller, &json!({ "orderId": order["id"], "lineNumber": 2 })).await;
    assert_eq!((&second["quantity"], &second["amount"]), (&json!(2), &order["lines"][1]["total"]), "{second}");
    // Named by what it brought, the refund tells the line.
    let refund = ask(&shop, &json!({ "subscriptionId": order["lines"][1]["entitlementId"] })).await;
    assert_eq!((&refund["lineNumber"], &refund["state"]), (&json!(2), &json!("credited")), "{refund}");
}
