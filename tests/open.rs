//! The Open programme: agreements, orders on them, and the year that begins with a key (OPN).

use lonja::partners::PartnerKind;
use lonja_sdk::types::{
    CreateOpenAgreement, ListInvoices, OpenAgreement, OpenKey, PlaceOpenOrder, RedeemOpenKeys, RetrieveOpenKey,
    SetAdvisorEnablement, SignOpenAgreement, Subscription,
};
use lonja_tests::actor::refused;
use lonja_tests::linked;
use lonja_tests::open::{E1, E3, Programme, SMALL, clear, enable, order, redemption, retrieve, signature};
use lonja_tests::shop::E1_MXN;
use lonja_tests::{Actor, Backend, House, Shop};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_case::test_case;

/// A body of raw tests as the SDK's type.
fn typed<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

/// Subject and text of the mails of a kind to an address, oldest first.
async fn mails(house: &House, kind: &str, to: &str) -> Vec<String> {
    let url = format!("{}/v1/sandbox/emails?limit=200&kind={kind}&to={to}", house.url);
    let page: Value = house.http().get(url).send().await.unwrap().json().await.unwrap();
    let words = |mail: &Value| format!("{} {}", mail["subject"].as_str().unwrap(), mail["text"].as_str().unwrap());
    page["items"].as_array().unwrap().iter().map(words).collect()
}

/// How often the feed tells of this.
async fn told(house: &House, actor: &Actor, topic: &str) -> usize {
    house.seal().await;
    let feed = actor.get(&format!("/v1/events?limit=200&type={topic}")).await.json();
    feed["items"].as_array().unwrap().len()
}

async fn enabled_by_the_operator(house: &House, partner_id: &str) {
    let operator = house.operator().await;
    let asked = SetAdvisorEnablement { enabled: true };
    let partner = operator.lonja.set_advisor_enablement(partner_id, &asked).if_match("*").await.unwrap();
    assert!(partner.advisor_enabled);
}

/// Agreement, order, signature, keys, redemption, and the year to its end; then the agreement's own end.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_01_opn_03_opn_05_a_year_through_open(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-02T10:00:00Z").await;
    let shop = Shop::open(&house).await;
    enabled_by_the_operator(&house, &shop.seller.partner_id).await;
    let (seller, customer) = (&shop.seller.lonja, house.customer(&shop.customer.id).await);
    for plan in [E3, E1] {
        house.stock(plan, "open", 1).await;
    }
    let make = CreateOpenAgreement { customer_id: shop.customer.id.clone(), kind: "openLicense".into() };
    let agreement: OpenAgreement = seller.create_open_agreement(&make).await.unwrap();
    assert_eq!((agreement.state.as_str(), agreement.years, agreement.begins_at), ("awaitingSignature", 2, None));
    assert_eq!((agreement.payment.as_str(), agreement.signed_before.as_str()), ("prepaid", "keys"));

    // It begins with the first order, which comes before the signature.
    let body = order(&agreement.id, &shop.tenant.id, &shop.seller.partner_id, &[(E3, 2), (E1, 1)]);
    let placed = seller.place_open_order(&typed::<PlaceOpenOrder>(body)).await.unwrap();
    assert_eq!((placed.state.as_str(), placed.total.amount.as_str()), ("completed", "534.00"));
    assert!(placed.lines.iter().all(|line| line.period.is_none() && line.subscription_id.is_none()));
    let begun = seller.get_open_agreement(&agreement.id).await.unwrap();
    assert_eq!(begun.begins_at.unwrap().to_rfc3339(), "2097-03-02T10:00:00+00:00");
    assert_eq!(begun.ends_at.unwrap().to_rfc3339(), "2099-03-02T10:00:00+00:00");
    assert_eq!(begun.state.as_str(), "awaitingSignature");

    // No key before the signature, for nobody.
    let why = RetrieveOpenKey { reason: "Alta".to_owned() };
    for actor in [seller, &customer.lonja] {
        let early = actor.retrieve_open_key(&placed.lines[0].key_id, &why).await.unwrap_err();
        assert_eq!(early.code(), "open_agreement_not_signed");
    }
    let signed = customer.lonja.sign_open_agreement(&agreement.id, &typed::<SignOpenAgreement>(signature())).await;
    let signed = signed.unwrap();
    assert_eq!((signed.state.as_str(), signed.signer.unwrap().first_name.as_str()), ("active", "Lucía"));
    let again = customer.lonja.sign_open_agreement(&agreement.id, &typed::<SignOpenAgreement>(signature())).await;
    assert_eq!(again.unwrap_err().code(), "open_agreement_already_signed");
    assert_eq!(told(&house, &shop.seller, "open_key.available").await, 2);

    let mut keys = Vec::new();
    for line in &placed.lines {
        let key: OpenKey = customer.lonja.get_open_key(&line.key_id).await.unwrap();
        assert_eq!((key.state.as_str(), key.quantity), ("available", line.quantity));
        let shown = customer.lonja.retrieve_open_key(&line.key_id, &why).await.unwrap();
        assert!(shown.product_key.expose().ends_with(&key.masked.unwrap()[24..]));
        keys.push(shown.product_key.expose().to_owned());
    }

    // Weeks later the year begins, with the redemption.
    house.set_clock("2097-04-11T15:00:00Z").await;
    let redeemed = customer.lonja.redeem_open_keys(&typed::<RedeemOpenKeys>(redemption(&keys))).await.unwrap();
    assert!(redeemed.keys.iter().all(|key| key.state.as_str() == "redeemed"));
    let id = redeemed.keys[0].subscription_id.clone().unwrap();
    let begun: Subscription = seller.get_subscription(&id).await.unwrap();
    assert_eq!((begun.state.as_str(), begun.channel.as_str(), begun.quantity), ("active", "open", 2));
    assert_eq!((begun.term.start.to_string(), begun.term.end.to_string()), ("2097-04-11".into(), "2098-04-10".into()));
    assert_eq!((begun.end_of_term.as_str(), begun.billing_cycle.as_str()), ("cancel", "annual"));
    let line = &seller.get_open_order(&placed.id).await.unwrap().lines[0];
    assert_eq!((line.subscription_id.as_deref(), line.period.as_ref().unwrap()), (Some(id.as_str()), &begun.term));

    // OPN-07: the partner of record is told before the end; nothing is invoiced again, and the year ends.
    let notices = async || mails(&house, "mail_open_renewal_notice", "marta@distribuidora.example").await;
    for (day, expected) in [("2098-03-11", 0), ("2098-03-12", 2), ("2098-04-01", 4), ("2098-04-08", 6)] {
        house.set_clock(&format!("{day}T20:00:00Z")).await;
        assert_eq!(notices().await.len(), expected, "{day}");
    }
    let last = notices().await.pop().unwrap();
    assert!(last.contains("2098-04-10") && last.contains("Panadería Sol"), "{last}");
    assert_eq!(seller.get_subscription(&id).await.unwrap().state.as_str(), "active");
    house.set_clock("2098-04-12T00:00:00Z").await;
    assert_eq!(seller.get_subscription(&id).await.unwrap().state.as_str(), "expired");
    let invoices = ListInvoices { order_id: Some(placed.id.clone()), ..Default::default() };
    let invoices = seller.list_invoices(&invoices).await.unwrap().items;
    assert_eq!(invoices.iter().map(|one| one.total.amount.as_str()).collect::<Vec<_>>(), ["534.00"]);

    // The agreement's two years are its own; exactly at their end it is over.
    let programme = Programme::of(&house, &shop).await;
    house.set_clock("2099-03-02T09:59:59Z").await;
    assert_eq!(seller.get_open_agreement(&agreement.id).await.unwrap().state.as_str(), "active");
    let late = programme.keys(&agreement.id, &[(E1, 1)]).await;
    house.set_clock("2099-03-02T10:00:00Z").await;
    assert_eq!(seller.get_open_agreement(&agreement.id).await.unwrap().state.as_str(), "expired");
    assert_eq!(told(&house, &shop.seller, "open_agreement.expired").await, 1);
    refused(&programme.try_place(&agreement.id, &[(E1, 1)]).await, 409, "open_agreement_expired");
    // OPN-05: what was bought on it has its whole year.
    house.set_clock("2099-05-01T12:00:00Z").await;
    let redeemed = programme.redeem(&late).await.json();
    let id = redeemed["keys"][0]["subscriptionId"].as_str().unwrap().to_owned();
    assert_eq!(seller.get_subscription(&id).await.unwrap().term.end.to_string(), "2100-04-30");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_01_open_value_takes_no_order_before_its_signature_and_lasts_three_years(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-02T10:00:00Z").await;
    let shop = Shop::open(&house).await;
    let programme = Programme::of(&house, &shop).await;
    for kind in ["openValue", "openValueSubscription"] {
        let agreement = programme.agreement(kind).await;
        let path = format!("/v1/open/agreements/{agreement}");
        refused(&programme.try_place(&agreement, &[(E1, 1)]).await, 409, "open_agreement_not_signed");
        let preview =
            shop.seller.post("/v1/open/orders:preview", &programme.order(&agreement, &[(E1, 1)])).await.json();
        assert_eq!((&preview["possible"], &preview["total"]["amount"]), (&json!(false), &json!("78.00")));
        assert_eq!(preview["reasons"][0]["pointer"], "/agreementId", "{preview}");
        let before = shop.seller.get(&path).await.json();
        assert_eq!((&before["payment"], &before["endsAt"]), (&json!("spread"), &Value::Null));
        // The customer signs, and nobody else can.
        refused(&shop.seller.post(&format!("{path}:sign"), &signature()).await, 403, "token_kind_not_allowed");
        let mut nobody = signature();
        nobody["signer"]["firstName"] = json!("Test");
        refused(&programme.customer.post(&format!("{path}:sign"), &nobody).await, 422, "contact_name_invalid");
        let signed = programme.sign(&agreement).await.json();
        assert_eq!(signed["endsAt"], "2100-03-02T10:00:00Z", "{signed}");
        programme.place(&agreement, &[(E1, 1)]).await;
    }
    // An Open License that nobody has signed ends too, and can be signed no more.
    let license = programme.agreement("openLicense").await;
    let placed = programme.place(&license, &[(E1, 1)]).await;
    house.set_clock("2099-03-02T10:00:00Z").await;
    refused(&programme.sign(&license).await, 409, "open_agreement_expired");
    let key = placed["lines"][0]["keyId"].as_str().unwrap();
    refused(&retrieve(&programme.customer, key).await, 409, "open_agreement_not_signed");
    house.set_clock("2100-03-02T10:00:00Z").await;
    let states = programme.customer.get("/v1/open/agreements?state=expired").await.json();
    assert_eq!(states["items"].as_array().unwrap().len(), 3);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_02_one_seat_is_enough_paid_up_front_and_only_of_what_open_sells(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let programme = Programme::of(&house, &shop).await;
    let agreement = programme.signed().await;
    for (offer, seats, status, code) in [
        (E1, 0, 400, "invalid_request"),
        (E1, 10_001, 400, "invalid_request"),
        (E1_MXN, 1, 409, "offer_not_available"),
        ("no-such-offer", 1, 409, "offer_not_available"),
        ("office-365-enterprise-k1", 1, 409, "price_not_available"),
        (SMALL, 26, 409, "seat_cap_exceeded"),
    ] {
        refused(&programme.try_place(&agreement, &[(offer, seats)]).await, status, code);
    }
    // All faults at once, and nothing of it in the rows.
    let mut bad = programme.order(&agreement, &[("no-such-offer", 1), ("office-365-enterprise-k1", 1)]);
    bad["customerContact"]["lastName"] = json!("Test");
    let faults = shop.seller.post("/v1/open/orders", &bad).await.faults();
    assert_eq!(
        faults,
        [
            "/customerContact/lastName contact_name_invalid",
            "/lines/0/offerId offer_not_available",
            "/lines/1/offerId price_not_available"
        ]
    );
    assert_eq!(house.count("SELECT count(*) FROM orders").await, 0);
    // Not past the agreement: neither an order of the usual way, nor its preview.
    let mut around = json!(shop.order(E1, 1));
    around["channel"] = json!("open");
    refused(&shop.seller.post("/v1/orders", &around).await, 409, "open_order_required");
    let preview = shop.seller.post("/v1/orders:preview", &around).await.json();
    assert_eq!(preview["reasons"][0]["code"], "open_order_required");

    // Without a key in stock it waits, and is not charged; with one it completes by itself (SWK-09).
    let waits = programme.try_place(&agreement, &[(E1, 1), (E1, 3)]).await.json();
    assert_eq!(
        (&waits["state"], &waits["lines"][0]["unitPrice"]["amount"]),
        (&json!("awaitingStock"), &json!("78.00"))
    );
    let key = waits["lines"][0]["keyId"].as_str().unwrap();
    refused(&retrieve(&shop.seller, key).await, 409, "awaiting_stock");
    house.stock(E1, "open", 1).await;
    assert_eq!(house.count("SELECT count(*) FROM invoices").await, 0, "one key is not two");
    house.stock(E1, "open", 1).await;
    let path = format!("/v1/open/orders/{}", waits["id"].as_str().unwrap());
    assert_eq!(shop.seller.get(&path).await.json()["state"], "completed");
    assert_eq!(told(&house, &shop.seller, "order.completed").await, 1);
    let invoice = shop.seller.get("/v1/invoices").await.json();
    assert_eq!((&invoice["items"][0]["total"]["amount"], &invoice["items"][1]), (&json!("312.00"), &Value::Null));
    assert_eq!(retrieve(&shop.seller, key).await.status, 200);
    // Keys of Open are a stock of their own (SWK-06).
    let line = format!("product,version,kind,key\n{E1},open,mak,{}\n", lonja_tests::house::new_key());
    assert_eq!(house.import(&line).await.refused[0].code, "key_type_not_available");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_03_customer_and_reseller_are_welcomed_each_in_its_language(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    house.execute(&format!("UPDATE partners SET language = 'en' WHERE id = '{}'", shop.seller.partner_id)).await;
    let programme = Programme::of(&house, &shop).await;
    let agreement = programme.agreement("openLicense").await;
    programme.place(&agreement, &[(E1, 1)]).await;
    let customers = mails(&house, "mail_open_welcome_customer", "lucia@panaderiasol.example").await;
    let resellers = mails(&house, "mail_open_welcome_reseller", "marta@distribuidora.example").await;
    assert_eq!((customers.len(), resellers.len()), (1, 1));
    assert!(
        customers[0].starts_with("Su pedido OC-2026-0117") && customers[0].contains("debe firmar"),
        "{customers:?}"
    );
    assert!(customers[0].contains(&agreement), "{customers:?}");
    assert!(resellers[0].starts_with("The order OC-2026-0117") && resellers[0].contains("is to sign"), "{resellers:?}");
    // Signed, it says so.
    programme.sign(&agreement).await;
    programme.place(&agreement, &[(E1, 1)]).await;
    let customers = mails(&house, "mail_open_welcome_customer", "lucia@panaderiasol.example").await;
    assert!(customers[1].contains("está firmado") && !customers[1].contains("debe firmar"), "{customers:?}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_07_the_partner_of_record_is_enabled_as_an_advisor_and_earns_by_direct_purchases(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-02T10:00:00Z").await;
    let shop = Shop::open(&house).await;
    let programme = Programme { house: &house, shop: &shop, customer: house.customer(&shop.customer.id).await };
    let agreement = programme.signed().await;
    let not_enabled = programme.try_place(&agreement, &[(E1, 1)]).await;
    refused(&not_enabled, 409, "partner_not_mospa");
    assert_eq!(not_enabled.json()["context"]["partnerId"], shop.seller.partner_id.as_str());
    // The operator says so, nobody else.
    let path = format!("/v1/partners/{}/advisor-enablement", shop.seller.partner_id);
    let body = Some(json!({ "enabled": true }).to_string());
    let by_itself = shop.seller.send(reqwest::Method::PUT, &path, &[("if-match", "*")], body).await;
    refused(&by_itself, 403, "token_kind_not_allowed");
    enabled_by_the_operator(&house, &shop.seller.partner_id).await;
    assert_eq!(shop.seller.get("/v1/partners/me").await.json()["advisorEnabled"], true);
    assert_eq!(told(&house, &shop.seller, "partner.advisor_enablement_set").await, 1);

    let advises = json!({ "customerId": shop.customer.id, "firstYearPercent": "16" });
    assert_eq!(shop.seller.post("/v1/advisor-agreements", &advises).await.status, 201);
    let keys = programme.keys(&agreement, &[(E1, 5)]).await;
    let redeemed = programme.redeem(&keys).await;
    assert_eq!(redeemed.status, 201, "{}", redeemed.text);
    // It sees the subscription; what is bought through Open earns nothing, a later direct purchase does.
    let seen = shop.seller.get("/v1/subscriptions").await.json();
    assert_eq!(seen["items"][0]["id"], redeemed.json()["keys"][0]["subscriptionId"]);
    assert_eq!(shop.seller.get("/v1/earnings").await.json()["items"], json!([]));
    let mut direct = json!(shop.order(E1, 10));
    direct["channel"] = json!("officeWeb");
    direct["lines"][0]["billingCycle"] = json!("annual");
    assert_eq!(shop.seller.post("/v1/orders", &direct).await.status, 201);
    let earned = shop.seller.get("/v1/earnings").await.json();
    assert_eq!((&earned["items"][0]["amount"]["amount"], &earned["items"][1]), (&json!("124.80"), &Value::Null));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_opn_08_opn_03_orders_go_up_through_the_provider_and_keys_to_the_named_reseller(backend: Backend) {
    let house = House::open(backend).await;
    let linked = linked::Linked::open(&house).await;
    let (provider, reseller) = (&linked.provider, &linked.reseller);
    let shop = Shop::of(house.partner(PartnerKind::DirectBill).await).await;
    for partner in [provider, reseller] {
        linked::accept(&house, &partner.partner_id, &shop.customer.id).await;
    }
    enable(&house, &reseller.partner_id).await;
    house.stock(E3, "open", 1).await;
    let make = json!({ "customerId": shop.customer.id, "kind": "openLicense" });
    let agreement = reseller.post("/v1/open/agreements", &make).await.json()["id"].as_str().unwrap().to_owned();
    let body = order(&agreement, &shop.tenant.id, &provider.partner_id, &[(E3, 1)]);
    // Each of them is named: the provider, the purchase order, both contacts.
    for missing in ["providerId", "purchaseOrderNumber", "customerContact", "resellerContact"] {
        let mut without = body.clone();
        without.as_object_mut().unwrap().remove(missing);
        let reply = reseller.post("/v1/open/orders", &without).await;
        assert_eq!(reply.faults(), [format!("/{missing} field_required")]);
    }
    let other = house.partner(PartnerKind::IndirectProvider).await;
    let not_linked = order(&agreement, &shop.tenant.id, &other.partner_id, &[(E3, 1)]);
    assert_eq!(reseller.post("/v1/open/orders", &not_linked).await.status, 409);
    let placed = reseller.post("/v1/open/orders", &body).await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    let placed = placed.json();
    assert_eq!(placed["purchaseOrderNumber"], "OC-2026-0117");
    assert_eq!(placed["resellerContact"]["email"], "marta@distribuidora.example");
    // The provider is invoiced, the reseller is of record.
    let of = (&placed["partnerId"], &placed["partnerOfRecordId"]);
    assert_eq!(of, (&json!(provider.partner_id), &json!(reseller.partner_id)));
    let owed = house.texts("SELECT partner_id || ' ' || partner_of_record_id AS text FROM invoices").await;
    assert_eq!(owed, [format!("{} {}", provider.partner_id, reseller.partner_id)]);

    let customer = house.customer(&shop.customer.id).await;
    assert_eq!(customer.post(&format!("/v1/open/agreements/{agreement}:sign"), &signature()).await.status, 200);
    let key = placed["lines"][0]["keyId"].as_str().unwrap();
    // Who sees it and is neither; who does not see it; and the operator.
    refused(&retrieve(provider, key).await, 403, "key_retrieval_forbidden");
    refused(&retrieve(&shop.seller, key).await, 404, "not_found");
    refused(&retrieve(&house.operator().await, key).await, 403, "token_kind_not_allowed");
    let shown = retrieve(reseller, key).await;
    assert_eq!(shown.header("cache-control"), "no-store");
    assert_eq!(clear(&retrieve(&customer, key).await), clear(&shown), "one key for both");
    let redeemed = reseller.post("/v1/open/redemptions", &redemption(&[clear(&shown)])).await;
    assert_eq!(redeemed.status, 201, "{}", redeemed.text);
    let id = redeemed.json()["keys"][0]["subscriptionId"].as_str().unwrap().to_owned();
    for sees in [provider, reseller] {
        assert_eq!(sees.get(&format!("/v1/subscriptions/{id}")).await.status, 200);
    }
}
