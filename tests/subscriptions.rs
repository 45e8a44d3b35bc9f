//! What is bought as seats: orders of cloud plans, seats up and down, upgrades, cancelling (ORD, SUB, CAT).

use futures_util::future::join_all;
use lonja::partners::PartnerKind;
use lonja_tests::actor::refused;
use lonja_tests::refunds::cancellation;
use lonja_tests::shop::{E1_MXN, E3_MXN, WINDOWS_MXN};
use lonja_tests::{Backend, House, Reply, Shop};
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

const SMALL: &str = "office-365-small-business";
const PREMIUM: &str = "office-365-small-business-premium";
const BUSINESS_MXN: &str = "microsoft-365-business-basic-mxn";

/// An order of seats through the channel that the table of 2013 serves.
fn order(shop: &Shop, tenant: &str, lines: Value) -> Value {
    json!({ "customerId": shop.customer.id, "tenantId": tenant, "channel": "advisor", "lines": lines })
}

fn line(offer: &str, quantity: u32) -> Value {
    json!({ "offerId": offer, "quantity": quantity })
}

/// Another tenant of the shop's customer.
async fn tenant(shop: &Shop) -> String {
    let path = format!("/v1/customers/{}/tenants", shop.customer.id);
    let name = format!("t{}", &Uuid::new_v4().simple().to_string()[..20]);
    let made = shop.seller.post(&path, &json!({ "mode": "create", "name": name })).await;
    made.json()["id"].as_str().unwrap().to_owned()
}

/// Seats on a tenant; answers the subscription.
async fn subscribed(shop: &Shop, tenant: &str, offer: &str, quantity: u32) -> String {
    let placed = shop.seller.post("/v1/orders", &order(shop, tenant, json!([line(offer, quantity)]))).await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    placed.json()["lines"][0]["subscriptionId"].as_str().unwrap().to_owned()
}

async fn act(shop: &Shop, id: &str, verb: &str, body: &Value) -> Reply {
    shop.seller.post(&format!("/v1/subscriptions/{id}:{verb}"), body).await
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_sub_01_each_batch_has_its_own_seven_days(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-01T09:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 10).await.id;
    house.set_clock("2097-03-05T09:00:00Z").await;
    let preview = act(&shop, &id, "preview-change-seats", &json!({ "quantity": 14 })).await.json();
    // 4 × 199.00 for 27 of 31 days.
    assert_eq!((&preview["possible"], &preview["total"]["amount"]), (&json!(true), &json!("693.29")));
    assert_eq!((&preview["lines"][0]["unusedDays"], &preview["lines"][0]["totalDays"]), (&json!(27), &json!(31)));
    assert_eq!(act(&shop, &id, "change-seats", &json!({ "quantity": 14 })).await.status, 200);

    // The first batch closes first; exactly then it is closed.
    house.set_clock("2097-03-08T08:59:59Z").await;
    let preview = act(&shop, &id, "preview-change-seats", &json!({ "quantity": 1 })).await.json();
    assert_eq!((&preview["possible"], preview["lines"].as_array().unwrap().len()), (&json!(true), 2));
    house.set_clock("2097-03-08T09:00:00Z").await;
    let late = act(&shop, &id, "change-seats", &json!({ "quantity": 9 })).await;
    refused(&late, 409, "seat_decrease_window_closed");
    let context = late.json()["context"].clone();
    assert_eq!((&context["openSeats"], &context["openBatches"][0]["quantity"]), (&json!(4), &json!(4)));
    assert_eq!(context["openBatches"][0]["decreaseUntil"], "2097-03-12T09:00:00Z");

    // The second goes back as far as it was charged: 4 × 199.00 for 24 of 31 days.
    let back = act(&shop, &id, "change-seats", &json!({ "quantity": 10 })).await;
    assert_eq!((back.status.as_u16(), &back.json()["quantity"]), (200, &json!(10)), "{}", back.text);
    let notes = shop.seller.get(&format!("/v1/credit-notes?subscriptionId={id}")).await.json();
    assert_eq!(
        (&notes["items"][0]["total"]["amount"], &notes["items"][0]["reason"]),
        (&json!("616.26"), &json!("seatChange"))
    );
    let invoices = shop.seller.get(&format!("/v1/invoices?subscriptionId={id}")).await.json();
    let lines: Vec<&Value> = invoices["items"].as_array().unwrap().iter().map(|one| &one["lines"][0]["id"]).collect();
    assert!(lines.contains(&&notes["items"][0]["lines"][0]["invoiceLineId"]));
    refused(&act(&shop, &id, "change-seats", &json!({ "quantity": 10 })).await, 422, "seat_quantity_unchanged");

    // Later: with the next term, and as long as nobody takes the wish back.
    let planned = act(&shop, &id, "change-seats", &json!({ "quantity": 3, "effective": "endOfTerm" })).await;
    assert_eq!(planned.json()["scheduledChanges"], json!([{ "quantity": 3, "effectiveOn": "2098-03-01" }]));
    let revoked = act(&shop, &id, "revoke-scheduled-changes", &Value::Null).await;
    assert_eq!(revoked.json()["scheduledChanges"], json!([]));
    refused(&act(&shop, &id, "revoke-scheduled-changes", &Value::Null).await, 409, "nothing_scheduled");
}

/// The whole of it inside seven days, with its refund; later there is another way. A licence never moves.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_sub_03_and_ref_01_cancelling_opens_the_refund(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-01T09:00:00Z").await;
    house.stock("windows-server-standard", "2022", 1).await;
    let shop = Shop::open(&house).await;
    let (id, kept) = (shop.subscribe(E1_MXN, 10).await.id, shop.subscribe(E1_MXN, 1).await.id);
    act(&shop, &id, "change-seats", &json!({ "quantity": 12 })).await;
    house.set_clock("2097-03-08T08:59:59Z").await;
    let why = cancellation();
    // 10 × 199.00 × 24 ÷ 31 and 2 × 199.00 × 24 ÷ 31, each rounded once.
    let preview = act(&shop, &id, "preview-cancel", &Value::Null).await.json();
    assert_eq!((&preview["possible"], &preview["total"]["amount"]), (&json!(true), &json!("-1848.78")));
    let cancelled = act(&shop, &id, "cancel", &why).await;
    assert_eq!(
        (cancelled.status.as_u16(), &cancelled.json()["state"]),
        (200, &json!("cancelled")),
        "{}",
        cancelled.text
    );
    let refunds = shop.seller.get("/v1/refunds").await.json();
    let refund = &refunds["items"][0];
    assert_eq!((&refund["amount"]["amount"], &refund["state"]), (&json!("1848.78"), &json!("credited")));
    assert_eq!((&refund["subscriptionId"], &refund["entitlementId"]), (&json!(id), &Value::Null));
    assert_eq!(refund["quote"]["formula"], "10 × 199.00 × 24 ÷ 31 + 2 × 199.00 × 24 ÷ 31");
    let notes = shop.seller.get(&format!("/v1/credit-notes?subscriptionId={id}")).await.json();
    let given: Vec<&Value> = notes["items"].as_array().unwrap().iter().map(|note| &note["total"]["amount"]).collect();
    assert_eq!(given, [&json!("1540.65"), &json!("308.13")]);
    refused(&act(&shop, &id, "cancel", &why).await, 409, "subscription_not_active");
    let renewals = shop.seller.get(&format!("/v1/renewals?subscriptionId={id}")).await.json();
    assert_eq!(renewals["items"][0]["state"], "cancelled");
    let order = shop.seller.get(&format!("/v1/orders/{}", refund["orderId"].as_str().unwrap())).await.json();
    assert_eq!((&order["state"], &order["lines"][0]["state"]), (&json!("cancelled"), &json!("cancelled")));

    house.set_clock("2097-03-08T09:00:00Z").await;
    let late = act(&shop, &kept, "cancel", &why).await;
    refused(&late, 409, "refund_window_closed");
    assert_eq!(late.json()["context"]["closedAt"], "2097-03-08T09:00:00Z");

    // Software goes another way, and the other way round.
    let software = shop.buy(WINDOWS_MXN, 1).await.lines[0].entitlement_id.clone().unwrap();
    refused(&act(&shop, &software, "cancel", &why).await, 409, "refund_request_required");
    refused(&act(&shop, &software, "change-seats", &json!({ "quantity": 2 })).await, 409, "software_seats_fixed");
    let of = shop.seller.get(&format!("/v1/subscriptions/{kept}")).await.json();
    let quote = shop.seller.post("/v1/refund-quotes", &json!({ "orderId": of["orderId"] })).await;
    refused(&quote, 409, "refund_window_closed");

    // TEN-06: the order that would do it comes with the refusal, and does it.
    let other = tenant(&shop).await;
    let path = format!("/v1/subscriptions/{kept}");
    let etag = shop.seller.get(&path).await.header("etag").to_owned();
    let moved = shop.seller.patch(&path, &etag, &json!({ "tenantId": other })).await;
    refused(&moved, 409, "license_bound_to_tenant");
    let placed = shop.seller.post("/v1/orders", &moved.json()["context"]["order"]).await;
    assert_eq!((placed.status.as_u16(), &placed.json()["tenantId"]), (201, &json!(other)), "{}", placed.text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ord_01_all_reasons_together_and_each_line_its_own_term(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let tenant = shop.tenant.id.as_str();
    let ask = async |lines: Value| shop.seller.post("/v1/orders", &order(&shop, tenant, lines)).await;
    // A cap exceeded by one, over two lines of one plan (CAT-02); a second family (CAT-03); a plan without a price
    // (CAT-01); a term that is not sold (CAT-08); another currency (MKT-03).
    let lines = json!([
        line(SMALL, 13),
        line(SMALL, 13),
        line("office-365-enterprise-e3", 1),
        line("office-365-enterprise-e4", 1),
        { "offerId": PREMIUM, "quantity": 1, "termMonths": 36 },
        line(BUSINESS_MXN, 1),
    ]);
    let expected = [
        "/lines/1/quantity seat_cap_exceeded",
        "/lines/2/offerId plan_family_conflict",
        "/lines/3/offerId price_not_available",
        "/lines/4/termMonths term_not_available",
        "/lines/5/offerId currency_mismatch",
        "/lines/5/offerId plan_family_conflict",
    ];
    let all = ask(lines.clone()).await;
    refused(&all, 409, "seat_cap_exceeded");
    assert_eq!(all.faults(), expected);
    let preview = shop.seller.post("/v1/orders:preview", &order(&shop, tenant, lines)).await.json();
    assert_eq!((&preview["possible"], &preview["reasons"]), (&json!(false), &all.json()["errors"]));

    // Exactly the cap, in two plans of one family, each paid its own way.
    let lines = json!([
        { "offerId": SMALL, "quantity": 25, "termMonths": 12, "billingCycle": "annual" },
        { "offerId": PREMIUM, "quantity": 25, "billingCycle": "monthly" },
    ]);
    let placed = ask(lines).await.json();
    assert_eq!((&placed["state"], &placed["total"]["amount"]), (&json!("completed"), &json!("1490.00")));
    assert_eq!(
        (&placed["lines"][0]["billingCycle"], &placed["lines"][1]["billingCycle"]),
        (&json!("annual"), &json!("monthly"))
    );
    assert_eq!(placed["lines"][0]["entitlementId"], Value::Null);
    refused(&ask(json!([line(SMALL, 1)])).await, 409, "seat_cap_exceeded");
    refused(&ask(json!([line(SMALL, 0)])).await, 400, "invalid_request");
    refused(&ask(json!([{ "offerId": SMALL, "quantity": -1 }])).await, 400, "invalid_request");

    // Not through this channel; a tenant of another customer.
    let csp =
        json!({ "customerId": shop.customer.id, "tenantId": tenant, "channel": "open", "lines": [line(E1_MXN, 1)] });
    refused(&shop.seller.post("/v1/orders", &csp).await, 409, "offer_not_available");
    let stranger = Shop::of(house.partner(PartnerKind::DirectBill).await).await;
    let foreign = json!({ "customerId": shop.customer.id, "tenantId": stranger.tenant.id, "lines": [line(E1_MXN, 1)] });
    refused(&shop.seller.post("/v1/orders", &foreign).await, 404, "not_found");
}

/// Every pair of the table, and every pair outside it. Of the plans that have no price the subscriptions are made by hand.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_04_upgrades_go_along_the_table_and_nowhere_else(backend: Backend) {
    const PLANS: [(&str, &str); 10] = [
        (SMALL, "smallBusiness"),
        (PREMIUM, "smallBusiness"),
        ("office-365-midsize", "midsize"),
        ("office-365-proplus", "enterprise"),
        ("exchange-online-plan-1", "enterprise"),
        ("exchange-online-plan-2", "enterprise"),
        ("office-365-enterprise-k1", "enterprise"),
        ("office-365-enterprise-e1", "enterprise"),
        ("office-365-enterprise-e3", "enterprise"),
        ("office-365-enterprise-e4", "enterprise"),
    ];
    // The table of seed 000, by the places above.
    const TABLE: [(usize, &[usize]); 8] = [
        (0, &[1, 2, 7, 8, 9]),
        (1, &[2, 8, 9]),
        (2, &[8, 9]),
        (7, &[8, 9]),
        (5, &[8, 9]),
        (4, &[7, 8, 9]),
        (3, &[7, 8, 9]),
        (6, &[7, 8, 9]),
    ];
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let (mut inside, mut outside) = (0, 0);
    for (from, (plan, family)) in PLANS.iter().enumerate() {
        let on = tenant(&shop).await;
        let id = subscribed(&shop, &on, "office-365-enterprise-e1", 4).await;
        let by_hand = format!(
            "UPDATE subscriptions SET offer_id = '{plan}', product_id = '{plan}', family = '{family}' WHERE id = '{id}'"
        );
        house.execute(&by_hand).await;
        for (to, (target, other)) in PLANS.iter().enumerate() {
            let ask = async |quantity: u32| {
                act(&shop, &id, "preview-upgrade", &json!({ "targetOfferId": target, "quantity": quantity }))
                    .await
                    .json()
            };
            let all = ask(4).await;
            let code = all["reasons"][0]["code"].as_str().unwrap_or("possible");
            let allowed = TABLE.iter().any(|(one, others)| *one == from && others.contains(&to));
            let expected = match (allowed, to) {
                (false, _) => "upgrade_not_allowed",
                (true, 9) => "price_not_available",
                (true, _) => "possible",
            };
            assert_eq!(code, expected, "{plan} to {target}: {all}");
            if allowed && to != 9 {
                // CAT-05: some of them only inside the family.
                let some = ask(3).await;
                let code = some["reasons"][0]["code"].as_str().unwrap_or("possible");
                let expected = if family == other { "possible" } else { "upgrade_requires_all_users" };
                assert_eq!(code, expected, "some of {plan} to {target}: {some}");
            }
            inside += usize::from(allowed);
            outside += usize::from(!allowed);
        }
    }
    assert_eq!((inside, outside), (23, 77));
    // CAT-06: what was bought through CSP or Open is not served by the table of 2013.
    for channel in ["csp", "open"] {
        let on = tenant(&shop).await;
        let mut wanted = order(&shop, &on, json!([line(SMALL, 2)]));
        wanted["channel"] = json!("csp");
        let placed = shop.seller.post("/v1/orders", &wanted).await.json();
        let id = placed["lines"][0]["subscriptionId"].as_str().unwrap();
        // Through Open nothing is bought without a key.
        house.execute(&format!("UPDATE subscriptions SET channel = '{channel}' WHERE id = '{id}'")).await;
        let not_served = act(&shop, id, "upgrade", &json!({ "targetOfferId": PREMIUM })).await;
        refused(&not_served, 409, "upgrade_channel_not_supported");
        assert_eq!(not_served.json()["context"]["channels"], json!(["officeWeb", "advisor", "syndication"]));
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_05_some_users_split_off_and_across_families_all_of_the_tenants_move(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-01T09:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 10).await.id;
    house.set_clock("2097-03-06T09:00:00Z").await;
    let some = json!({ "targetOfferId": E3_MXN, "quantity": 4 });
    // 4 × 459.00 × 26 ÷ 31 less 4 × 199.00 × 26 ÷ 31.
    let preview = act(&shop, &id, "preview-upgrade", &some).await.json();
    assert_eq!(preview["total"]["amount"], "872.26", "{preview}");
    let rest = act(&shop, &id, "upgrade", &some).await.json();
    assert_eq!((&rest["quantity"], &rest["productId"]), (&json!(6), &json!("office-365-e1")));
    let split = shop.seller.get(&format!("/v1/subscriptions/{}", rest["splitInto"].as_str().unwrap())).await.json();
    assert_eq!(
        (&split["quantity"], &split["productId"], &split["splitFrom"]),
        (&json!(4), &json!("office-365-e3"), &json!(id))
    );
    // The same end, and the window that the seats had.
    assert_eq!((&split["term"], &split["period"]), (&rest["term"], &rest["period"]));
    assert_eq!(split["seatBatches"][0]["decreaseUntil"], "2097-03-08T09:00:00Z");
    refused(
        &act(&shop, &id, "upgrade", &json!({ "targetOfferId": E3_MXN, "quantity": 7 })).await,
        422,
        "seats_exceed_subscription",
    );
    assert_eq!(house.count("SELECT count(*) FROM renewals WHERE state = 'scheduled'").await, 2);

    // Two subscriptions of one family: one alone cannot leave it.
    let on = tenant(&shop).await;
    let (small, premium) = (subscribed(&shop, &on, SMALL, 5).await, subscribed(&shop, &on, PREMIUM, 3).await);
    let midsize = |all: bool| json!({ "targetOfferId": "office-365-midsize", "allUsers": all });
    let alone = act(&shop, &small, "upgrade", &midsize(false)).await;
    refused(&alone, 409, "upgrade_requires_all_users");
    assert_eq!(alone.json()["context"]["subscriptions"], json!([premium]));
    // Premium has no way to E1: none of them moves.
    let no_way =
        act(&shop, &small, "upgrade", &json!({ "targetOfferId": "office-365-enterprise-e1", "allUsers": true })).await;
    refused(&no_way, 409, "upgrade_not_allowed");
    assert_eq!(act(&shop, &small, "upgrade", &midsize(true)).await.status, 200);
    for id in [&small, &premium] {
        let moved = shop.seller.get(&format!("/v1/subscriptions/{id}")).await.json();
        assert_eq!((&moved["family"], &moved["term"]["end"]), (&json!("midsize"), &json!("2098-03-05")));
    }
}

/// Two subscriptions of one plan move together, whichever of them is asked for.
#[test_case(Backend::Sqlite, true; "the newer on sqlite")]
#[test_case(Backend::Postgres, true; "the newer on postgres")]
#[test_case(Backend::Sqlite, false; "the older on sqlite")]
#[test_case(Backend::Postgres, false; "the older on postgres")]
#[tokio::test]
async fn rule_cat_05_all_move_also_where_two_have_one_plan(backend: Backend, newer: bool) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let both =
        [subscribed(&shop, &shop.tenant.id, SMALL, 10).await, subscribed(&shop, &shop.tenant.id, SMALL, 5).await];
    let midsize = json!({ "targetOfferId": "office-365-midsize", "allUsers": true });
    let asked = &both[usize::from(newer)];
    let preview = act(&shop, asked, "preview-upgrade", &midsize).await;
    assert_eq!(preview.json()["possible"], true, "{}", preview.text);
    let moved = act(&shop, asked, "upgrade", &midsize).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    for id in &both {
        let one = shop.seller.get(&format!("/v1/subscriptions/{id}")).await.json();
        assert_eq!(one["family"], "midsize", "{one}");
    }
}

async fn at_once(shop: &Shop, requests: &[Value]) -> Vec<String> {
    let replies = join_all(requests.iter().map(|body| shop.seller.post("/v1/orders", body))).await;
    let mut verdicts: Vec<String> =
        replies.iter().map(|reply| format!("{} {}", reply.status.as_u16(), reply.code()).trim().to_owned()).collect();
    verdicts.sort();
    verdicts
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_03_of_two_families_ordered_at_once_one_comes_to_the_tenant(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    shop.seller.token().await;
    for _ in 0..4 {
        let on = tenant(&shop).await;
        let orders = [SMALL, "office-365-enterprise-e3"].map(|offer| order(&shop, &on, json!([line(offer, 2)])));
        assert_eq!(at_once(&shop, &orders).await, ["201", "409 plan_family_conflict"]);
    }
    assert_eq!(house.count("SELECT count(*) FROM subscriptions").await, 4);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_02_the_last_seat_under_a_cap_goes_to_one(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    shop.seller.token().await;
    subscribed(&shop, &shop.tenant.id, SMALL, 24).await;
    let orders = vec![order(&shop, &shop.tenant.id, json!([line(SMALL, 1)])); 6];
    let mut expected = vec!["201".to_owned()];
    expected.resize(6, "409 seat_cap_exceeded".to_owned());
    assert_eq!(at_once(&shop, &orders).await, expected);
    assert_eq!(house.count("SELECT sum(quantity) FROM subscriptions").await, 25);
}
