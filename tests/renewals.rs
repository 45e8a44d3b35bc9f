//! Subscriptions in time: a year in a storefront's life, and everything that falls due on the way (REN, SUB-02, PLT-08).

use lonja_sdk::types::{
    ChangeSeats, EndOfTerm, ListInvoices, ListRenewals, Order, PlaceOrderLine, RecordPayment, Renewal, SeatChangeTime,
    SetEndOfTerm, Subscription, UpgradeSubscription,
};
use lonja_tests::shop::E1_MXN;
use lonja_tests::{Backend, House, Shop};
use serde_json::{Value, json};
use test_case::test_case;

const SMALL: &str = "office-365-small-business";
const MIDSIZE: &str = "office-365-midsize";

/// The instants and types of the events about a thing, in the order of the feed.
async fn course(house: &House, shop: &Shop, types: &str) -> Vec<String> {
    house.seal().await;
    let page = shop.seller.get(&format!("/v1/events?type={types}&limit=200")).await.json();
    let told = |event: &Value| {
        let at = event["timestamp"].as_str().or(event["occurredAt"].as_str()).unwrap_or_default();
        format!("{at} {}", event["type"].as_str().unwrap())
    };
    page["items"].as_array().unwrap().iter().map(told).collect()
}

async fn open_renewals(shop: &Shop) -> Vec<Renewal> {
    let at_risk = ListRenewals { at_risk: Some(true), ..Default::default() };
    shop.seller.lonja.list_renewals(&at_risk).await.unwrap().items
}

async fn pay(shop: &Shop, renewal: &Renewal) -> Renewal {
    let amount = renewal.amount.clone().unwrap();
    let payment = RecordPayment { amount, method: "bankTransfer".into(), reference: None };
    shop.seller.lonja.record_renewal_payment(&renewal.id, &payment).await.unwrap()
}

async fn subscription_of(shop: &Shop, order: &Order) -> Subscription {
    shop.seller.lonja.get_subscription(order.lines[0].subscription_id.as_deref().unwrap()).await.unwrap()
}

fn seats(quantity: u32, effective: &str) -> ChangeSeats {
    ChangeSeats { quantity, effective: Some(SeatChangeTime::from(effective)) }
}

/// What was invoiced less what was given back for a subscription, in cents.
async fn balance(house: &House, id: &str) -> i64 {
    let charged = format!("SELECT coalesce(sum(total_minor), 0) FROM invoices WHERE subscription_id = '{id}'");
    let credited = format!("SELECT coalesce(sum(total_minor), 0) FROM credit_notes WHERE subscription_id = '{id}'");
    house.count(&charged).await - house.count(&credited).await
}

/// A tenant, an order, growth past the cap, an upgrade across families, a payment missed and paid late, a renewal with
/// fewer seats, the end.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_year_in_a_storefronts_life(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-01-31T16:00:00Z").await;
    let shop = Shop::open(&house).await;
    let lonja = &shop.seller.lonja;

    // Small Business for twenty, paid by the month, bought through a channel that its upgrade table serves (CAT-06).
    let mut order = shop.order(SMALL, 20);
    order.channel = Some("advisor".into());
    order.lines = vec![PlaceOrderLine {
        offer_id: SMALL.to_owned(),
        quantity: 20,
        term_months: Some(12),
        billing_cycle: Some("monthly".into()),
    }];
    let order = lonja.place_order(&order).await.unwrap();
    let bought = subscription_of(&shop, &order).await;
    assert_eq!((bought.state.as_str(), bought.quantity, bought.unit_price.amount.as_str()), ("active", 20, "4.10"));
    assert_eq!(
        (bought.period.start.to_string().as_str(), bought.period.end.to_string().as_str()),
        ("2097-01-31", "2097-02-27")
    );
    assert_eq!((bought.term.end.to_string().as_str(), bought.end_of_term.as_str()), ("2098-01-30", "renew"));
    let invoices = ListInvoices { subscription_id: Some(bought.id.clone()), ..Default::default() };
    assert_eq!(lonja.list_invoices(&invoices).await.unwrap().items[0].total.amount, "82.00");

    // Five more: 18 of 28 days. The plan has a cap of 25.
    house.set_clock("2097-02-10T09:00:00Z").await;
    let grown = lonja.change_seats(&bought.id, &seats(25, "now")).await.unwrap();
    assert_eq!((grown.quantity, grown.seat_batches.len()), (25, 2));
    assert_eq!(balance(&house, &bought.id).await, 8200 + 1318);
    let refused = lonja.change_seats(&bought.id, &seats(26, "now")).await.unwrap_err();
    assert_eq!(refused.code(), "seat_cap_exceeded");

    // All of them to Midsize, two days later: 16 of 28 days back and charged anew. Then there is room.
    house.set_clock("2097-02-12T09:00:00Z").await;
    let upgrade = UpgradeSubscription { target_offer_id: MIDSIZE.to_owned(), ..Default::default() };
    let upgraded = lonja.upgrade_subscription(&bought.id, &upgrade).await.unwrap();
    assert_eq!((upgraded.id.as_str(), upgraded.family.as_deref()), (bought.id.as_str(), Some("midsize")));
    assert_eq!((upgraded.quantity, upgraded.term.end.to_string().as_str()), (25, "2098-01-30"));
    assert_eq!(balance(&house, &bought.id).await, 8200 + 1318 - 4686 - 1171 + 17571);
    lonja.change_seats(&bought.id, &seats(30, "now")).await.unwrap();
    assert_eq!(balance(&house, &bought.id).await, 8200 + 1318 - 4686 - 1171 + 17571 + 3514);

    // The last day of February, because there is no 31st: too late for its own month, so due in March. It is missed.
    house.set_clock("2097-03-26T05:59:59Z").await;
    let pending = open_renewals(&shop).await;
    assert_eq!(
        (pending.len(), pending[0].renews_on.to_string().as_str(), pending[0].state.as_str()),
        (1, "2097-02-28", "paymentPending")
    );
    assert_eq!(pending[0].amount.as_ref().unwrap().amount, "369.00");
    assert_eq!(lonja.get_subscription(&bought.id).await.unwrap().state.as_str(), "active");
    house.set_clock("2097-03-26T06:00:00Z").await;
    let suspended = lonja.get_subscription(&bought.id).await.unwrap();
    assert_eq!(
        (suspended.state.as_str(), suspended.suspended_because.unwrap().as_str().to_owned()),
        ("suspended", "renewalPaymentOverdue".to_owned())
    );
    assert_eq!(lonja.resume_subscription(&bought.id).await.unwrap_err().code(), "renewal_payment_overdue");
    assert_eq!(lonja.change_seats(&bought.id, &seats(31, "now")).await.unwrap_err().code(), "subscription_not_active");

    // Paid late, it goes on by itself.
    house.set_clock("2097-03-28T12:00:00Z").await;
    let overdue = open_renewals(&shop).await;
    assert_eq!(overdue[0].state.as_str(), "overdue");
    assert_eq!(pay(&shop, &overdue[0]).await.state.as_str(), "paid");
    assert_eq!(lonja.get_subscription(&bought.id).await.unwrap().state.as_str(), "active");

    // On time for the rest of the year, on the last day of each month; fewer seats are wanted from then on.
    let mut days = Vec::new();
    for month in 4..=12 {
        house.set_clock(&format!("2097-{month:02}-20T12:00:00Z")).await;
        for renewal in open_renewals(&shop).await {
            days.push(renewal.renews_on.to_string());
            pay(&shop, &renewal).await;
        }
    }
    assert_eq!(
        days,
        [
            "2097-03-31",
            "2097-04-30",
            "2097-05-31",
            "2097-06-30",
            "2097-07-31",
            "2097-08-31",
            "2097-09-30",
            "2097-10-31",
            "2097-11-30"
        ]
    );
    assert_eq!(
        lonja.change_seats(&bought.id, &seats(10, "now")).await.unwrap_err().code(),
        "seat_decrease_window_closed"
    );
    let planned = lonja.change_seats(&bought.id, &seats(10, "endOfTerm")).await.unwrap();
    assert_eq!((planned.quantity, planned.scheduled_changes[0].quantity), (30, 10));
    assert_eq!(planned.scheduled_changes[0].effective_on.to_string(), "2098-01-31");

    // The next year begins, with ten. It is the last one.
    house.set_clock("2098-01-20T12:00:00Z").await;
    pay(&shop, &open_renewals(&shop).await[0]).await;
    house.set_clock("2098-02-01T12:00:00Z").await;
    let renewed = lonja.get_subscription(&bought.id).await.unwrap();
    assert_eq!((renewed.quantity, renewed.scheduled_changes.len()), (10, 0));
    assert_eq!(
        (renewed.term.start.to_string().as_str(), renewed.term.end.to_string().as_str()),
        ("2098-01-31", "2099-01-30")
    );
    let renewal = open_renewals(&shop).await.remove(0);
    assert_eq!((renewal.ends_term, renewal.amount.clone().unwrap().amount.as_str()), (true, "123.00"));
    let cancel = SetEndOfTerm { end_of_term: EndOfTerm::Cancel };
    assert_eq!(lonja.set_end_of_term(&bought.id, &cancel).await.unwrap().end_of_term, EndOfTerm::Cancel);
    for month in 2..=13 {
        let (year, month) = if month > 12 { (2099, month - 12) } else { (2098, month) };
        house.set_clock(&format!("{year}-{month:02}-20T12:00:00Z")).await;
        for renewal in open_renewals(&shop).await {
            pay(&shop, &renewal).await;
        }
    }
    house.set_clock("2099-01-31T05:59:59Z").await;
    assert_eq!(lonja.get_subscription(&bought.id).await.unwrap().state.as_str(), "active");
    house.set_clock("2099-01-31T06:00:00Z").await;
    let ended = lonja.get_subscription(&bought.id).await.unwrap();
    assert_eq!((ended.state.as_str(), ended.ended_at.is_some()), ("expired", true));
    assert_eq!(open_renewals(&shop).await, []);

    // Every invoice of a renewal was paid, once, and exactly.
    let paid = "SELECT coalesce(sum(amount_minor), 0) FROM renewal_payments";
    let charged = "SELECT coalesce(sum(total_minor), 0) FROM invoices WHERE reason = 'renewal'";
    assert_eq!(house.count(paid).await, house.count(charged).await);
    assert_eq!(house.count(charged).await, 11 * 36_900 + 12 * 12_300);
    let topics = course(&house, &shop, "subscription.*").await;
    let kinds: Vec<&str> = topics.iter().filter_map(|told| told.split(' ').nth(1)).collect();
    assert_eq!(
        kinds,
        [
            "subscription.created",
            "subscription.seats_changed",
            "subscription.upgraded",
            "subscription.seats_changed",
            "subscription.suspended",
            "subscription.resumed",
            "subscription.change_scheduled",
            "subscription.seats_changed",
            "subscription.renewed",
            "subscription.end_of_term_set",
            "subscription.expired",
        ]
    );
}

/// A year that nobody pays for, in one call: everything happens once, in order, at its own instant.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_08_and_ren_02_the_clock_walks_a_year_in_one_call(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-02-10T16:00:00Z").await;
    let shop = Shop::open(&house).await;
    let mut order = shop.order(E1_MXN, 3);
    order.lines[0].billing_cycle = Some("annual".into());
    let order = shop.seller.lonja.place_order(&order).await.unwrap();
    let subscription = subscription_of(&shop, &order).await;
    assert_eq!(
        (subscription.period.end.to_string().as_str(), subscription.unit_price.amount.as_str()),
        ("2098-02-09", "2388.00")
    );

    house.set_clock("2098-12-31T00:00:00Z").await;

    let expected = [
        ("2098-02-10T06:00:00Z", "renewal.payment_pending"),
        ("2098-02-15T15:00:00Z", "renewal.payment_due"),
        ("2098-02-22T15:00:00Z", "renewal.payment_due"),
        ("2098-02-24T15:00:00Z", "renewal.payment_due"),
        ("2098-02-26T06:00:00Z", "renewal.overdue"),
        ("2098-03-28T06:00:00Z", "renewal.cancelled"),
        ("2098-03-28T06:00:00Z", "renewal.cancelled"),
    ];
    let rows = "SELECT topic AS text FROM events WHERE topic LIKE 'renewal.%' ORDER BY seq";
    assert_eq!(house.texts(rows).await, expected.map(|(_, topic)| topic));
    for (at, topic) in expected {
        let at = at.replace('T', " ").replace('Z', "");
        let there =
            format!("SELECT count(*) FROM events WHERE topic = '{topic}' AND CAST(occurred_at AS TEXT) LIKE '{at}%'");
        assert!(house.count(&there).await > 0, "{topic} at {at}");
    }
    let ended = shop.seller.lonja.get_subscription(&subscription.id).await.unwrap();
    assert_eq!((ended.state.as_str(), ended.suspended_because), ("cancelled", None));
    // Three notices and the suspension, each a mail to the customer, in its language.
    let mails = "SELECT kind AS text FROM emails WHERE kind LIKE 'mail_renewal%' ORDER BY created_at, id";
    let told = house.texts(mails).await;
    assert_eq!(
        told,
        ["mail_renewal_payment_due", "mail_renewal_payment_due", "mail_renewal_payment_due", "mail_renewal_overdue"]
    );
    let waiting = "SELECT count(*) FROM emails WHERE state = 'waiting'";
    assert_eq!(house.count(waiting).await, 0, "mail is run before the call answers");
    // Once more, nothing is left to happen.
    house.set_clock("2099-12-31T00:00:00Z").await;
    assert_eq!(house.texts(rows).await.len(), expected.len());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ren_03_and_ren_04_what_a_payment_must_be(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-05T16:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 3).await.id;
    let renewals = format!("/v1/renewals?subscriptionId={id}");
    let ahead = shop.seller.get(&renewals).await.json()["items"][0].clone();
    assert_eq!(
        (&ahead["state"], &ahead["amount"], &ahead["opensAt"]),
        (&json!("scheduled"), &Value::Null, &json!("2097-04-05T06:00:00Z"))
    );
    let payments = format!("/v1/renewals/{}/payments", ahead["id"].as_str().unwrap());
    let failures = format!("/v1/renewals/{}/payment-failures", ahead["id"].as_str().unwrap());
    let paying = |amount: &str, currency: &str| json!({ "amount": { "amount": amount, "currency": currency }, "method": "cash" });
    let early = shop.seller.post(&payments, &paying("597.00", "MXN")).await;
    assert_eq!((early.status.as_u16(), early.code().as_str()), (409, "renewal_not_payable"));

    house.set_clock("2097-04-05T06:00:00Z").await;
    for (amount, currency, code) in [
        ("597.001", "MXN", "amount_too_precise"),
        ("597.00", "USD", "currency_mismatch"),
        ("0.00", "MXN", "amount_not_positive"),
        ("-597.00", "MXN", "amount_not_positive"),
        ("596.99", "MXN", "payment_amount_differs"),
        ("597.01", "MXN", "payment_amount_differs"),
    ] {
        let refused = shop.seller.post(&payments, &paying(amount, currency)).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, code), "{amount} {currency}");
    }
    // A failed card is a notice of its own, and leaves everything as it was.
    let failed = shop.seller.post(&failures, &json!({ "method": "card", "reason": "Fondos insuficientes" })).await;
    assert_eq!((failed.status.as_u16(), &failed.json()["state"]), (201, &json!("paymentPending")), "{}", failed.text);
    assert_eq!(house.count("SELECT count(*) FROM emails WHERE kind = 'mail_renewal_payment_failed'").await, 1);
    let paid = shop.seller.post(&payments, &paying("597.00", "MXN")).await;
    assert_eq!((paid.status.as_u16(), &paid.json()["state"]), (201, &json!("paid")), "{}", paid.text);
    assert_eq!(shop.seller.post(&payments, &paying("597.00", "MXN")).await.code(), "renewal_not_payable");

    // Unpaid for the grace: cancelled, and nothing helps any more.
    house.set_clock("2097-05-26T06:00:00Z").await;
    let late = shop.seller.get(&format!("{renewals}&atRisk=true")).await.json()["items"][0].clone();
    assert_eq!((&late["state"], &late["graceEndsAt"]), (&json!("overdue"), &json!("2097-06-25T06:00:00Z")));
    house.set_clock("2097-06-25T06:00:00Z").await;
    let payments = format!("/v1/renewals/{}/payments", late["id"].as_str().unwrap());
    assert_eq!(shop.seller.post(&payments, &paying("597.00", "MXN")).await.code(), "renewal_not_payable");
    let ended = shop.seller.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!(ended["state"], "cancelled");
}

/// Two late months: the first payment alone does not let it go on.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ren_03_it_goes_on_with_the_last_late_payment(backend: Backend) {
    let house = House::open_with(backend, "[renewals]\ngrace_days = 90").await;
    house.set_clock("2097-03-05T16:00:00Z").await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 1).await.id;
    house.set_clock("2097-05-26T06:00:00Z").await;
    let late = open_renewals(&shop).await;
    assert_eq!(late.iter().map(|one| one.state.as_str()).collect::<Vec<_>>(), ["overdue", "overdue"]);
    pay(&shop, &late[0]).await;
    assert_eq!(shop.seller.lonja.get_subscription(&id).await.unwrap().state.as_str(), "suspended");
    pay(&shop, &late[1]).await;
    assert_eq!(shop.seller.lonja.get_subscription(&id).await.unwrap().state.as_str(), "active");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_sub_02_an_extended_term_goes_on_by_the_month_dearer_until_it_is_renewed(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-05T16:00:00Z").await;
    let shop = Shop::open(&house).await;
    let lonja = &shop.seller.lonja;
    let mut order = shop.order(E1_MXN, 2);
    order.lines[0].billing_cycle = Some("annual".into());
    let id = subscription_of(&shop, &lonja.place_order(&order).await.unwrap()).await.id;
    let wish = |end_of_term: &str| SetEndOfTerm { end_of_term: end_of_term.into() };
    assert_eq!(lonja.set_end_of_term(&id, &wish("extend")).await.unwrap().end_of_term.as_str(), "extend");

    house.set_clock("2098-03-05T06:00:00Z").await;
    let extended = lonja.get_subscription(&id).await.unwrap();
    assert_eq!((extended.state.as_str(), extended.unit_price.amount.as_str()), ("extended", "245.96"));
    assert_eq!(
        (extended.term.start.to_string().as_str(), extended.term.end.to_string().as_str()),
        ("2098-03-05", "2098-04-04")
    );
    let first = open_renewals(&shop).await.remove(0);
    assert_eq!(first.amount.clone().unwrap().amount, "491.92");
    pay(&shop, &first).await;
    assert_eq!(lonja.change_seats(&id, &seats(3, "now")).await.unwrap_err().code(), "subscription_not_active");

    house.set_clock("2098-04-10T06:00:00Z").await;
    pay(&shop, &open_renewals(&shop).await.remove(0)).await;
    lonja.set_end_of_term(&id, &wish("renew")).await.unwrap();
    house.set_clock("2098-05-05T06:00:00Z").await;
    let renewed = lonja.get_subscription(&id).await.unwrap();
    assert_eq!((renewed.state.as_str(), renewed.unit_price.amount.as_str()), ("active", "2388.00"));
    assert_eq!(
        (renewed.term.start.to_string().as_str(), renewed.term.end.to_string().as_str()),
        ("2098-05-05", "2099-05-04")
    );
}

/// A suspension that was asked for is not ended by a payment, and a suspended one goes on being charged.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_sub_03_suspend_and_resume(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-05T16:00:00Z").await;
    let shop = Shop::open(&house).await;
    let lonja = &shop.seller.lonja;
    let id = shop.subscribe(E1_MXN, 2).await.id;
    assert_eq!(lonja.resume_subscription(&id).await.unwrap_err().code(), "subscription_not_suspended");
    assert_eq!(lonja.suspend_subscription(&id).await.unwrap().state.as_str(), "suspended");
    assert_eq!(lonja.suspend_subscription(&id).await.unwrap_err().code(), "subscription_not_active");
    house.set_clock("2097-04-26T06:00:00Z").await;
    let late = open_renewals(&shop).await;
    assert_eq!(late[0].state.as_str(), "overdue");
    assert_eq!(lonja.resume_subscription(&id).await.unwrap_err().code(), "renewal_payment_overdue");
    pay(&shop, &late[0]).await;
    let still = lonja.get_subscription(&id).await.unwrap();
    assert_eq!(
        (still.state.as_str(), still.suspended_because.unwrap().as_str().to_owned()),
        ("suspended", "requested".to_owned())
    );
    assert_eq!(lonja.resume_subscription(&id).await.unwrap().state.as_str(), "active");
}
