//! Validations of customers for the US government cloud, codes, qualifications and the gate on orders (GCC-06 to GCC-14).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use lonja::partners::PartnerKind;
use lonja_tests::gcc::{
    E3_GCC, POWER_BI_GCC, american, code_for, customer_form, id_of, kinds_to, mails_to, new_american, new_name, pdf,
    qualify, ready, record_tenant, tenant_of, use_code,
};
use lonja_tests::{Actor, Backend, House, Reply, beside, linked};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_case::test_case;
use uuid::Uuid;

const CUSTOMERS: &str = "/v1/gcc/customer-validations";

/// A qualified provider with its reseller, in the United States.
struct Pair {
    provider: Actor,
    reseller: Actor,
    operator: Actor,
    tenant: String,
}

impl Pair {
    async fn open(house: &House) -> Self {
        let provider = american(house, PartnerKind::IndirectProvider, "Lone Star Distribution Inc.").await;
        let reseller = american(house, PartnerKind::IndirectReseller, "Hill Country IT LLC").await;
        linked::link(house, &provider, &reseller).await;
        let operator = house.operator().await;
        qualify(&provider, &operator).await;
        let tenant = tenant_of(&provider).await;
        Self { provider, reseller, operator, tenant }
    }

    fn form(&self, name: &str) -> Value {
        customer_form(&self.tenant, name)
    }
}

fn order(customer: &str, tenant: &str, offer: &str) -> Value {
    json!({ "customerId": customer, "tenantId": tenant, "lines": [{ "offerId": offer, "quantity": 3 }] })
}

fn refused(reply: &Reply, status: u16, fault: &str) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.text);
    assert!(reply.faults().iter().any(|found| found == fault), "{fault} is not in {:?}", reply.faults());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_06_a_reseller_submits_in_its_providers_name_and_both_see_it(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Pair::open(&house).await;
    let stranger = american(&house, PartnerKind::IndirectProvider, "Gulf Coast Distribution Inc.").await;
    qualify(&stranger, &pair.operator).await;
    let azure = Uuid::new_v4().to_string();
    record_tenant(&pair.provider, "azureGccTenantId", &azure).await;
    let with = async |tenant: &str| {
        let reply = pair.reseller.post(CUSTOMERS, &customer_form(tenant, "City of Marble Falls")).await;
        assert_eq!(reply.status, 422, "{tenant}: {}", reply.text);
        reply
    };
    // Its own, a stranger's, nobody's, the provider's in the government cloud (GCC-03).
    for wrong in [tenant_of(&pair.reseller).await, tenant_of(&stranger).await, Uuid::new_v4().to_string()] {
        let reply = with(&wrong).await;
        assert_eq!(reply.faults(), ["/partnerTenantId gcc_wrong_transacting_tenant"]);
        let context = &reply.json()["context"]["transacting"];
        assert_eq!(context.as_array().unwrap().len(), 1, "{context}");
        assert_eq!(
            (&context[0]["id"], &context[0]["tenantId"]),
            (&json!(pair.provider.partner_id), &json!(pair.tenant))
        );
    }
    let reply = with(&azure).await;
    assert_eq!(reply.faults(), ["/partnerTenantId gcc_azure_gov_tenant_refused"]);
    assert_eq!(reply.json()["context"]["commercialTenantId"], json!(pair.tenant));
    assert_eq!(with(&Uuid::nil().to_string()).await.faults(), ["/partnerTenantId tenant_id_invalid"]);

    let made = pair.reseller.post(CUSTOMERS, &pair.form("City of Marble Falls")).await;
    let id = id_of(&made);
    for side in [&pair.provider, &pair.reseller, &pair.operator] {
        let seen = side.get(&format!("{CUSTOMERS}/{id}")).await.json();
        assert_eq!(seen["partnerId"], json!(pair.provider.partner_id));
        assert_eq!(seen["partnerOfRecordId"], json!(pair.reseller.partner_id));
        assert_eq!(side.get(CUSTOMERS).await.json()["items"][0]["id"], json!(id));
    }
    assert_eq!(stranger.get(&format!("{CUSTOMERS}/{id}")).await.status, 404);
    house.seal().await;
    for side in [&pair.provider, &pair.reseller] {
        let events = side.get("/v1/events?type=gcc_customer_validation.submitted").await.json();
        assert_eq!(events["items"][0]["data"]["id"], json!(id));
    }
    // A direct-bill partner uses its own; the link's end ends the name.
    let direct = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    qualify(&direct, &pair.operator).await;
    refused(
        &direct.post(CUSTOMERS, &pair.form("Bexar County")).await,
        422,
        "/partnerTenantId gcc_wrong_transacting_tenant",
    );
    let own = customer_form(&tenant_of(&direct).await, "Bexar County");
    assert_eq!(direct.post(CUSTOMERS, &own).await.status, 201);
    let link = pair.reseller.get("/v1/indirect-provider-links?state=active").await.json();
    let end = format!("/v1/indirect-provider-links/{}:end", link["items"][0]["id"].as_str().unwrap());
    assert_eq!(pair.reseller.post(&end, &Value::Null).await.status, 200);
    let reply = with(&pair.tenant).await;
    assert_eq!(reply.json()["context"]["transacting"], json!([]));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_08_the_form_and_its_evidence(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Pair::open(&house).await;
    let mut form = pair.form("City of Marble Falls");
    form["organization"]["country"] = json!("MX");
    form["category"] = json!("tribal");
    form["contact"]["lastName"] = json!("12345");
    form["attachments"] = json!([
        { "fileName": "a.png", "contentType": "image/png", "content": pdf()["content"] },
        { "fileName": "b.pdf", "contentType": "application/pdf", "content": STANDARD.encode("MZ program") },
        { "fileName": "c.pdf", "contentType": "application/pdf", "content": "%%%" },
    ]);
    let wrong = pair.reseller.post(CUSTOMERS, &form).await;
    let expected = [
        "/attachments/0/contentType attachment_type_differs",
        "/attachments/1/content attachment_type_not_allowed",
        "/attachments/2/content attachment_not_base64",
        "/contact/lastName contact_name_invalid",
        "/controlledData gcc_controlled_data_not_asked",
        "/organization/country gcc_country_not_us",
    ];
    assert_eq!((wrong.status.as_u16(), wrong.faults()), (422, expected.map(str::to_owned).to_vec()));
    assert_eq!(house.count("SELECT count(*) FROM attachments WHERE file_name <> 'charter.pdf'").await, 0);
    // Too many are refused before they are looked at, too large ones too.
    form["attachments"] = json!(vec![pdf(); 6]);
    assert_eq!(pair.reseller.post(CUSTOMERS, &form).await.faults(), ["/attachments field_too_long"]);
    let large = STANDARD.encode(format!("%PDF-1.7{}", " ".repeat(360_100)));
    form["attachments"] = json!([{ "fileName": "d.pdf", "contentType": "application/pdf", "content": large }]);
    assert_eq!(pair.reseller.post(CUSTOMERS, &form).await.faults(), ["/attachments/0/content field_too_long"]);

    // What is handed in lies sealed, and is read back as it was by those whom it concerns.
    let secret = "%PDF-1.7 the charter of Marble Falls, not for everybody";
    let mut form = pair.form("City of Marble Falls");
    form["attachments"] = json!([{
        "fileName": "C:\\carta.pdf", "contentType": "application/pdf", "content": STANDARD.encode(secret),
    }]);
    let made = pair.reseller.post(CUSTOMERS, &form).await;
    let id = id_of(&made);
    let head = &made.json()["attachments"][0];
    assert_eq!((&head["fileName"], &head["size"]), (&json!("carta.pdf"), &json!(secret.len())));
    let path = format!("/v1/gcc/attachments/{}", head["id"].as_str().unwrap());
    for side in [&pair.provider, &pair.reseller, &pair.operator] {
        let file = side.get(&path).await;
        assert_eq!(file.json()["content"], json!(STANDARD.encode(secret)), "{}", file.text);
    }
    let stranger = american(&house, PartnerKind::DirectBill, "Gulf Coast Cloud LLC").await;
    assert_eq!(stranger.get(&path).await.status, 404);
    for column in ["sealed", "file_name || sha256 || about_id"] {
        let rows = beside::texts(&house.database_url, &format!("SELECT {column} AS text FROM attachments")).await;
        let rows = rows.unwrap().join("\n");
        assert!(!rows.contains("charter of Marble") && !rows.contains(&STANDARD.encode(secret)), "{rows}");
    }
    let answers = house.texts("SELECT body AS text FROM idempotency_answers").await.join("\n");
    assert!(!answers.contains("charter of Marble") && !answers.contains(&STANDARD.encode(secret)));
    // One moved to another row opens nothing.
    house
        .execute(&format!("UPDATE attachments SET partner_id = '{}' WHERE about_id = '{id}'", stranger.partner_id))
        .await;
    let moved = pair.operator.get(&path).await;
    assert_eq!((moved.status.as_u16(), moved.code().as_str()), (500, "integrity"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_09_the_customers_contact_is_asked_too(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Pair::open(&house).await;
    let id = id_of(&pair.reseller.post(CUSTOMERS, &pair.form("City of Marble Falls")).await);
    let asked = json!({ "question": "Who signed the charter?" });
    let path = format!("{CUSTOMERS}/{id}:request-information");
    assert_eq!(pair.operator.post(&path, &asked).await.json()["state"], "informationNeeded");
    let mail = mails_to(&house, "grace@bluebonnetdental.example").await.pop().unwrap();
    assert_eq!(mail["kind"], "mail_gcc_information_needed_of_customer");
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Who signed the charter?") && text.contains("Lone Star Distribution Inc."), "{text}");
    // Either side answers.
    let answer = json!({ "answer": "The mayor." });
    let path = format!("{CUSTOMERS}/{id}:provide-information");
    assert_eq!(pair.provider.post(&path, &answer).await.json()["questions"][0]["answer"], "The mayor.");
    assert_eq!(kinds_to(&house, "grace@bluebonnetdental.example").await.len(), 1, "the rest is not theirs to read");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_10_a_code_for_who_is_to_be_a_customer_the_qualification_for_who_is(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Pair::open(&house).await;
    // An existing customer, under the name of its record.
    let (name, other) = (new_name(), new_name());
    let customer = id_of(&pair.reseller.post("/v1/customers", &new_american(&name)).await);
    let mut form = pair.form(&other);
    form["customerId"] = json!(customer);
    refused(&pair.reseller.post(CUSTOMERS, &form).await, 422, "/organization/companyName gcc_organization_differs");
    form["organization"]["companyName"] = json!(name.to_uppercase());
    let id = id_of(&pair.reseller.post(CUSTOMERS, &form).await);
    let qualifications = format!("/v1/customers/{customer}/qualifications");
    assert_eq!(pair.reseller.get(&qualifications).await.json()["items"], json!([]));
    let approve = |id: &str| format!("{CUSTOMERS}/{id}:approve");
    let approved = pair.operator.post(&approve(&id), &json!({})).await.json();
    assert_eq!((&approved["validationCode"], &approved["nextStep"]), (&Value::Null, &json!("placeOrder")));
    let held = pair.reseller.get(&qualifications).await.json();
    assert_eq!(held["items"][0]["qualification"], "governmentCommunityCloud");
    assert_eq!(held["items"][0]["vettingStatus"], "approved");
    refused(&pair.reseller.post(CUSTOMERS, &form).await, 409, "/customerId gcc_customer_already_qualified");
    // An organisation without a record.
    let id = id_of(&pair.reseller.post(CUSTOMERS, &pair.form(&other)).await);
    let approved = pair.operator.post(&approve(&id), &json!({})).await.json();
    let code = approved["validationCode"].as_str().unwrap();
    for side in [&pair.provider, &pair.reseller] {
        let codes = side.get("/v1/gcc/validation-codes").await.json();
        let one = &codes["items"][0];
        assert_eq!((&one["id"], &one["maxCreates"], &one["remainingCreates"]), (&json!(code), &json!(5), &json!(5)));
        assert_eq!((&one["organizationName"], &codes["howToAsk"]), (&json!(other), &Value::Null));
    }
    let id = id_of(&pair.reseller.post(CUSTOMERS, &pair.form("Bexar County")).await);
    pair.operator.post(&approve(&id), &json!({ "maxCreates": 2 })).await;
    let codes = pair.reseller.get("/v1/gcc/validation-codes").await.json();
    assert_eq!(codes["items"][1]["maxCreates"], 2);
    refused(
        &pair.reseller.post(CUSTOMERS, &pair.form("BEXAR  COUNTY")).await,
        409,
        "/organization/companyName gcc_organization_already_validated",
    );
    house.seal().await;
    let events = pair.reseller.get("/v1/events?limit=200").await.json();
    let kinds: BTreeSet<_> =
        events["items"].as_array().unwrap().iter().filter_map(|event| event["type"].as_str()).collect();
    assert!(kinds.contains("customer.qualified") && kinds.contains("gcc_validation_code.issued"), "{kinds:?}");
    let mails = kinds_to(&house, "marta@distribuidora.example").await;
    assert!(
        mails.contains(&"mail_gcc_customer_approved".to_owned()) && mails.contains(&"mail_gcc_code_issued".to_owned())
    );
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "postgres, two servers")]
#[tokio::test]
async fn rule_gcc_11_of_twenty_customers_exactly_five_get_the_five_uses(backend: Backend, servers: usize) {
    let house = House::open(backend).await;
    let pair = Pair::open(&house).await;
    let name = new_name();
    let code = code_for(&pair.provider, &pair.tenant, &name, &pair.operator).await;
    let mut runners = Vec::new();
    for server in 0..servers {
        let url = if server == 0 { house.url.clone() } else { house.replica().await.0 };
        runners.push(pair.provider.at(&url));
        runners.last().unwrap().token().await;
    }
    let mut customers = Vec::new();
    for _ in 0..20 {
        customers.push(id_of(&pair.provider.post("/v1/customers", &new_american(&name)).await));
    }
    let replies = join_all(
        customers.iter().zip(runners.iter().cycle()).map(|(customer, runner)| use_code(runner, customer, &code)),
    )
    .await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    let lost = replies.iter().filter(|reply| reply.code() == "gcc_code_exhausted").count();
    let told: Vec<_> = replies.iter().map(|reply| (reply.status.as_u16(), reply.code())).collect();
    assert_eq!((won, lost), (5, 15), "{told:?}");
    assert_eq!(house.count("SELECT count(*) FROM customer_qualifications").await, 5);
    assert_eq!(house.count("SELECT remaining_creates FROM gcc_validation_codes").await, 0);
    assert_eq!(house.count("SELECT count(*) FROM events WHERE topic = 'customer.qualified'").await, 5);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_11_a_code_is_for_its_organisation_and_a_customer_holds_one_qualification(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Pair::open(&house).await;
    let name = new_name();
    let code = code_for(&pair.reseller, &pair.tenant, &name, &pair.operator).await;
    let make = async |by: &Actor, name: &str| id_of(&by.post("/v1/customers", &new_american(name)).await);
    // Another organisation; a code that is another partner's, unknown, or of another link.
    let wrong = make(&pair.reseller, &new_name()).await;
    refused(&use_code(&pair.reseller, &wrong, &code).await, 409, "/validationCode gcc_code_wrong_organization");
    let foreign = american(&house, PartnerKind::DirectBill, "Gulf Coast Cloud LLC").await;
    qualify(&foreign, &pair.operator).await;
    let theirs = make(&foreign, &name).await;
    for unknown in [code.as_str(), &Uuid::new_v4().to_string()] {
        let reply = use_code(&foreign, &theirs, unknown).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not_found"));
    }
    // One code on one customer, eight times at once: one use.
    let own = make(&pair.reseller, &name.to_lowercase()).await;
    let replies = join_all((0..8).map(|_| use_code(&pair.reseller, &own, &code))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "{replies:?}");
    assert!(replies.iter().all(|reply| matches!(reply.status.as_u16(), 200 | 409 | 412)), "{replies:?}");
    let left = "SELECT remaining_creates FROM gcc_validation_codes";
    assert_eq!(house.count(left).await, 4);
    // The same again changes nothing; a second qualification there is none.
    let path = format!("/v1/customers/{own}/qualifications/government-community-cloud");
    let again = json!({ "validationCode": code }).to_string();
    let put = async |tag: &str, body: &str| {
        pair.reseller.send(reqwest::Method::PUT, &path, &[("if-match", tag)], Some(body.to_owned())).await
    };
    assert_eq!(put("*", &again).await.status, 200);
    assert_eq!(house.count(left).await, 4);
    let second = json!({ "validationCode": Uuid::new_v4().to_string() }).to_string();
    let reply = put("*", &second).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "gcc_customer_already_qualified"));
    // A withdrawn code qualifies nobody; who was qualified with it stays so.
    let reason = json!({ "reason": "The organisation has merged." });
    let withdraw = format!("/v1/gcc/validation-codes/{code}:withdraw");
    assert_eq!(pair.operator.post(&withdraw, &reason).await.json()["state"], "withdrawn");
    assert_eq!(pair.operator.post(&withdraw, &reason).await.code(), "gcc_code_withdrawn");
    let late = make(&pair.reseller, &name).await;
    refused(&use_code(&pair.reseller, &late, &code).await, 409, "/validationCode gcc_code_withdrawn");
    assert_eq!(pair.reseller.get(&path).await.json()["qualification"], "governmentCommunityCloud");
    assert_eq!(kinds_to(&house, "marta@distribuidora.example").await.last().unwrap(), "mail_gcc_code_withdrawn");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_12_a_customer_is_made_with_its_qualification_in_one_step(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Pair::open(&house).await;
    // Before the approval the list is empty, and says how to ask.
    let empty = pair.reseller.get("/v1/gcc/validation-codes").await.json();
    assert_eq!((&empty["items"], &empty["nextCursor"]), (&json!([]), &Value::Null));
    assert_eq!(empty["howToAsk"]["operationId"], "submit_gcc_customer_validation");
    assert_eq!(empty["howToAsk"]["path"], CUSTOMERS);
    let name = new_name();
    let code = code_for(&pair.reseller, &pair.tenant, &name, &pair.operator).await;
    let mut new = new_american(&name);
    new["gccValidationCode"] = json!(code.to_uppercase());
    let customer = id_of(&pair.reseller.post("/v1/customers", &new).await);
    let held = pair.provider.get(&format!("/v1/customers/{customer}/qualifications")).await.json();
    assert_eq!(held["items"][0]["customerId"], json!(customer), "the provider, through which it came, sees it: {held}");
    // All or nothing: with a code that is not for it there is no customer either.
    let before = house.count("SELECT count(*) FROM customers").await;
    new["companyName"] = json!(new_name());
    refused(&pair.reseller.post("/v1/customers", &new).await, 409, "/gccValidationCode gcc_code_wrong_organization");
    new["gccValidationCode"] = json!(Uuid::new_v4().to_string());
    assert_eq!(pair.reseller.post("/v1/customers", &new).await.status, 404);
    assert_eq!(house.count("SELECT count(*) FROM customers").await, before);
    assert_eq!(house.count("SELECT remaining_creates FROM gcc_validation_codes").await, 4);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_13_offers_are_sold_to_validated_customers_by_qualified_partners(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let partner = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    let name = new_name();
    let (customer, tenant) = ready(&partner, &partner, &name).await;
    // GCC offers are told apart in the catalogue.
    let offers = partner.get("/v1/offers?gcc=true&limit=200").await.json();
    let ids: Vec<_> = offers["items"].as_array().unwrap().iter().map(|offer| offer["id"].as_str().unwrap()).collect();
    assert!(ids.len() == 4 && ids.contains(&E3_GCC) && ids.contains(&POWER_BI_GCC), "{ids:?}");
    assert!(offers["items"].as_array().unwrap().iter().all(|offer| offer["gcc"] == true));
    // Neither side is ready, and both are said, by the preview and the order alike.
    let body = order(&customer, &tenant, E3_GCC);
    let both = ["/lines/0/offerId gcc_customer_not_validated", "/lines/0/offerId gcc_partner_not_qualified"];
    let placed = partner.post("/v1/orders", &body).await;
    assert_eq!((placed.status.as_u16(), placed.faults()), (403, both.map(str::to_owned).to_vec()));
    let preview = partner.post("/v1/orders:preview", &body).await.json();
    let reasons: BTreeSet<_> =
        preview["reasons"].as_array().unwrap().iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(reasons, BTreeSet::from(["gcc_customer_not_validated", "gcc_partner_not_qualified"]));
    assert_eq!(preview["possible"], false);

    qualify(&partner, &operator).await;
    let mut form = customer_form(&tenant_of(&partner).await, &name);
    form["customerId"] = json!(customer);
    let id = id_of(&partner.post(CUSTOMERS, &form).await);
    let waiting = partner.post("/v1/orders", &body).await;
    refused(&waiting, 409, "/lines/0/offerId gcc_customer_not_validated");
    assert_eq!(waiting.json()["context"]["validationId"], json!(id), "the one that is open is named");
    let twice = partner.post(CUSTOMERS, &form).await;
    assert_eq!((twice.status.as_u16(), twice.code().as_str()), (409, "gcc_validation_already_open"));
    assert_eq!(operator.post(&format!("{CUSTOMERS}/{id}:approve"), &json!({})).await.status, 200);
    // One validation opens all four; nobody is validated twice.
    for offer in [E3_GCC, POWER_BI_GCC, "dynamics-365-sales-gcc-usd", "enterprise-mobility-security-e3-gcc-usd"] {
        let preview = partner.post("/v1/orders:preview", &order(&customer, &tenant, offer)).await.json();
        assert_eq!(preview["possible"], true, "{offer}: {preview}");
        let placed = partner.post("/v1/orders", &order(&customer, &tenant, offer)).await;
        assert_eq!(placed.json()["state"], "completed", "{offer}: {}", placed.text);
    }
    assert_eq!(house.count("SELECT count(*) FROM gcc_validations WHERE kind = 'customer'").await, 1);
    // GCC-07: what another partner sells to it needs that partner's own qualification.
    let other = american(&house, PartnerKind::DirectBill, "Gulf Coast Cloud LLC").await;
    linked::accept(&house, &other.partner_id, &customer).await;
    let refusal = other.post("/v1/orders", &order(&customer, &tenant, POWER_BI_GCC)).await;
    assert_eq!(refusal.faults(), ["/lines/0/offerId gcc_partner_not_qualified"]);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_13_of_several_at_once_one_validation_is_open(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Pair::open(&house).await;
    pair.reseller.token().await;
    let form = pair.form("City of Marble Falls");
    let replies = join_all((0..8).map(|_| pair.reseller.post(CUSTOMERS, &form))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "{replies:?}");
    let taken = replies.iter().filter(|reply| reply.code() == "gcc_validation_already_open").count();
    assert_eq!(taken, 7, "{replies:?}");
    // Denied, it may be submitted anew; withdrawn too.
    let verbs =
        [("deny", &pair.operator, json!({ "reason": "No charter." })), ("withdraw", &pair.reseller, Value::Null)];
    for (verb, by, body) in verbs {
        let open = pair.reseller.get(&format!("{CUSTOMERS}?state=submitted")).await.json();
        let path = format!("{CUSTOMERS}/{}:{verb}", open["items"][0]["id"].as_str().unwrap());
        let ended = by.post(&path, &body).await;
        assert_eq!(ended.json()["nextStep"], "submitAnew", "{}", ended.text);
        assert_eq!(pair.reseller.post(CUSTOMERS, &form).await.status, 201);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_14_a_customer_managed_elsewhere_shows_its_qualification_once_it_has_accepted(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let first = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    let second = american(&house, PartnerKind::DirectBill, "Gulf Coast Cloud LLC").await;
    for partner in [&first, &second] {
        qualify(partner, &operator).await;
    }
    let name = new_name();
    let (customer, tenant) = ready(&first, &first, &name).await;
    let code = code_for(&first, &tenant_of(&first).await, &name, &operator).await;
    assert_eq!(use_code(&first, &customer, &code).await.status, 200);
    let qualifications = format!("/v1/customers/{customer}/qualifications");
    assert_eq!(second.get(&qualifications).await.status, 404, "not before it has accepted");
    // It has been served before: so it is known, and asked under its record.
    linked::accept(&house, &second.partner_id, &customer).await;
    let relation = second.get(&format!("/v1/customers/{customer}/relationships")).await.json();
    let relation = relation["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/customers/{customer}/relationships/{relation}");
    assert!(second.send(reqwest::Method::DELETE, &path, &[], None).await.status.is_success());
    assert_eq!(second.get(&qualifications).await.status, 404, "it went elsewhere");
    let mut ask = new_american(&name);
    ask["customerId"] = json!(customer);
    let asked = second.post("/v1/relationship-requests", &ask).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    assert_eq!(second.get(&qualifications).await.status, 404, "asked, not accepted");
    let secret = asked.json()["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let acceptance = format!("/v1/acceptances/{secret}");
    assert_eq!(second.post(&acceptance, &json!({ "decision": "sendCode" })).await.status, 200);
    let mail = mails_to(&house, "grace@bluebonnetdental.example").await.pop().unwrap();
    let digits: Vec<&str> = mail["text"].as_str().unwrap().split(|c: char| !c.is_ascii_digit()).collect();
    let yes = json!({
        "decision": "accept", "firstName": "Grace", "lastName": "Whitfield", "email": "grace@bluebonnetdental.example",
        "code": digits.iter().find(|text| text.len() == 6).expect("no code in the mail"),
    });
    let accepted = second.post(&acceptance, &yes).await;
    assert_eq!(accepted.json()["state"], "accepted", "{}", accepted.text);
    assert_eq!(second.get(&qualifications).await.json()["items"][0]["qualification"], "governmentCommunityCloud");
    let placed = second.post("/v1/orders", &order(&customer, &tenant, POWER_BI_GCC)).await;
    assert_eq!(placed.json()["state"], "completed", "{}", placed.text);
}
