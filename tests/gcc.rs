//! Validations of partners for the US government cloud: who may, whose tenant id, the clock, the decision (GCC-01 to
//! GCC-05, GCC-09).

use futures_util::future::join_all;
use lonja::access::Role;
use lonja::partners::{PartnerKind, PartnerState};
use lonja_tests::gcc::{
    SUBMITTER, american, customer_form, id_of, kinds_to, mails_to, new_american, new_name, partner_form, pdf, qualify,
    record_tenant, submit_partner, tenant_of, use_code,
};
use lonja_tests::house::partner_scopes;
use lonja_tests::{Actor, Backend, House, linked};
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

const PARTNERS: &str = "/v1/gcc/partner-validations";

async fn state_of(actor: &Actor, id: &str) -> Value {
    actor.get(&format!("{PARTNERS}/{id}")).await.json()
}

/// The types of the events that this partner reads about validations.
async fn told(house: &House, partner: &Actor) -> Vec<String> {
    house.seal().await;
    let events = partner.get("/v1/events?limit=200").await.json();
    let kinds = events["items"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned());
    kinds.filter(|kind| kind.starts_with("gcc_") || kind.ends_with(".qualified")).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_01_admin_agents_and_sales_agents_only(backend: Backend) {
    let house = House::open(backend).await;
    let partner = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    let tenant = tenant_of(&partner).await;
    let with = async |role: Role| house.client_of(&partner.partner_id, &partner_scopes(), &[role]).await;
    let (global, sales) = (with(Role::GlobalAdmin).await, with(Role::SalesAgent).await);
    let (form, other) = (partner_form(&tenant), customer_form(&tenant, "City of Marble Falls"));
    for (path, body) in [(PARTNERS, &form), ("/v1/gcc/customer-validations", &other)] {
        let refused = global.post(path, body).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "role_required"), "{path}");
        assert_eq!(refused.json()["context"]["roles"], json!(["adminAgent", "salesAgent"]));
    }
    let id = id_of(&sales.post(PARTNERS, &form).await);
    assert_eq!(global.get(&format!("{PARTNERS}/{id}")).await.status, 200, "reads need no role");
    let path = format!("{PARTNERS}/{id}:withdraw");
    assert_eq!(global.post(&path, &Value::Null).await.code(), "role_required");
    assert_eq!(sales.post(&path, &Value::Null).await.json()["state"], "withdrawn");
    // No partner decides.
    assert_eq!(partner.post(&format!("{PARTNERS}/{id}:approve"), &Value::Null).await.code(), "token_kind_not_allowed");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_02_an_indirect_reseller_is_told_to_use_its_provider(backend: Backend) {
    let house = House::open(backend).await;
    let provider = american(&house, PartnerKind::IndirectProvider, "Lone Star Distribution Inc.").await;
    let reseller = american(&house, PartnerKind::IndirectReseller, "Hill Country IT LLC").await;
    linked::link(&house, &provider, &reseller).await;
    let refused = reseller.post(PARTNERS, &partner_form(&tenant_of(&reseller).await)).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "gcc_indirect_reseller_must_use_provider"));
    assert_eq!(refused.json()["context"]["providers"][0]["legalName"], "Lone Star Distribution Inc.");
    assert!(refused.json()["next"].as_str().unwrap().contains("/v1/gcc/eligibility"));
    // One that may not sell at all is not validated either; everything is told at once.
    let new = house.partner_in(PartnerKind::DirectBill, PartnerState::Approved).await;
    let mut form = partner_form(&Uuid::new_v4().to_string());
    form["submitter"]["firstName"] = json!("Test");
    let faults = new.post(PARTNERS, &form).await.faults();
    let expected = [
        " partner_not_active",
        "/partnerTenantId gcc_wrong_transacting_tenant",
        "/submitter/firstName contact_name_invalid",
    ];
    assert_eq!(faults, expected);
    // Both of the others may.
    submit_partner(&provider).await;
    submit_partner(&american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_03_the_commercial_tenant_id_and_no_other(backend: Backend) {
    let house = House::open(backend).await;
    let partner = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    let other = american(&house, PartnerKind::DirectBill, "Gulf Coast Cloud LLC").await;
    let azure = Uuid::new_v4().to_string();
    record_tenant(&partner, "azureGccTenantId", &azure).await;
    let try_with = async |id: &str| {
        let reply = partner.post(PARTNERS, &partner_form(id)).await;
        assert_eq!(reply.status, 422, "{id}: {}", reply.text);
        reply
    };
    let refused = try_with(&azure.to_uppercase()).await;
    assert_eq!(refused.faults(), ["/partnerTenantId gcc_azure_gov_tenant_refused"]);
    let own = tenant_of(&partner).await;
    let context = &refused.json()["context"];
    assert_eq!((&context["company"], &context["commercialTenantId"]), (&json!("Lone Star Cloud LLC"), &json!(own)));
    let theirs = tenant_of(&other).await;
    let refused = try_with(&theirs).await;
    assert_eq!(refused.code(), "gcc_wrong_transacting_tenant");
    assert!(!refused.text.contains("Gulf Coast"), "whose it is stays unsaid: {}", refused.text);
    assert_eq!(refused.json()["context"]["transacting"][0]["tenantId"], json!(own));
    for bad in ["00000000-0000-0000-0000-000000000000", "lonestar.onmicrosoft.com", &own[1..]] {
        assert_eq!(try_with(bad).await.faults(), ["/partnerTenantId tenant_id_invalid"], "{bad}");
    }
    assert_eq!(partner.post(PARTNERS, &partner_form(&own.to_uppercase())).await.status, 201);
    // Only one is open at a time, and it is named.
    let again = partner.post(PARTNERS, &partner_form(&own)).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "gcc_validation_already_open"));
    let open = again.json()["context"]["validationId"].as_str().unwrap().to_owned();
    assert_eq!(state_of(&partner, &open).await["state"], "submitted");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_04_an_answer_is_due_on_the_second_business_day_in_new_york(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let first = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    let second = american(&house, PartnerKind::DirectBill, "Gulf Coast Cloud LLC").await;
    let contact = json!({ "primaryContact": {
        "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@lonestarcloud.example",
    }, "language": "en" });
    let path = format!("/v1/partners/{}", first.partner_id);
    assert_eq!(first.patch(&path, "*", &contact).await.status, 200);
    // The Wednesday before Thanksgiving: Friday, then Monday, whose end in New York is Tuesday at five.
    house.set_clock("2030-11-27T15:00:00Z").await;
    let early = submit_partner(&first).await;
    assert_eq!(state_of(&first, &early).await["dueBy"], "2030-12-03T05:00:00Z");
    // 23:30 in New York is the next day in UTC: it counts as the day that it is there.
    house.set_clock("2030-12-01T04:30:00Z").await;
    let late = submit_partner(&second).await;
    assert_eq!(state_of(&second, &late).await["dueBy"], "2030-12-04T05:00:00Z");
    for address in [SUBMITTER, "lucia@lonestarcloud.example"] {
        assert_eq!(kinds_to(&house, address).await[0], "mail_gcc_submitted", "{address}");
    }
    let english = mails_to(&house, "lucia@lonestarcloud.example").await;
    assert!(english[0]["text"].as_str().unwrap().contains("2030-12-02"), "the last day: {}", english[0]["text"]);

    let queue = async || {
        let page = operator.get(PARTNERS).await.json();
        let one = |item: &Value| (item["id"].as_str().unwrap().to_owned(), item["overdue"].as_bool().unwrap());
        page["items"].as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    house.set_clock("2030-12-03T04:59:59Z").await;
    assert_eq!(queue().await, [(early.clone(), false), (late.clone(), false)]);
    house.set_clock("2030-12-03T05:00:01Z").await;
    let overdue = state_of(&first, &early).await;
    assert_eq!((&overdue["overdue"], &overdue["nextStep"]), (&json!(true), &json!("askOperator")));
    assert_eq!(queue().await, [(early.clone(), true), (late.clone(), false)]);
    assert_eq!(kinds_to(&house, "lucia@lonestarcloud.example").await[1], "mail_gcc_overdue");
    // What is due last is submitted first now: the queue goes by what is due, not by age, page by page.
    let page = operator.get(&format!("{PARTNERS}?limit=1")).await.json();
    let cursor = page["nextCursor"].as_str().unwrap();
    let next = operator.get(&format!("{PARTNERS}?limit=1&cursor={cursor}")).await.json();
    assert_eq!((&page["items"][0]["id"], &next["items"][0]["id"]), (&json!(early), &json!(late)));
    let approved = operator.post(&format!("{PARTNERS}/{early}:approve"), &Value::Null).await;
    assert_eq!(approved.json()["overdue"], false, "{}", approved.text);
    assert_eq!(queue().await, [(late, false), (early, false)], "decided ones come last");
    assert_eq!(kinds_to(&house, SUBMITTER).await.last().unwrap(), "mail_gcc_partner_approved");
    let steps = mails_to(&house, "lucia@lonestarcloud.example").await.pop().unwrap();
    assert!(steps["text"].as_str().unwrap().contains("Next steps"), "{steps}");
    let expected = ["submitted", "overdue", "approved"].map(|step| format!("gcc_partner_validation.{step}"));
    assert_eq!(told(&house, &first).await, [&expected[..], &["partner.qualified".to_owned()]].concat());
    assert!(told(&house, &second).await.iter().all(|kind| kind == "gcc_partner_validation.submitted"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_05_approval_opens_the_government_cloud(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let provider = american(&house, PartnerKind::IndirectProvider, "Lone Star Distribution Inc.").await;
    let reseller = american(&house, PartnerKind::IndirectReseller, "Hill Country IT LLC").await;
    linked::link(&house, &provider, &reseller).await;
    let name = new_name();
    let customer = id_of(&reseller.post("/v1/customers", &new_american(&name)).await);
    let qualifications = format!("/v1/customers/{customer}/qualifications");
    for partner in [&provider, &reseller] {
        let before = partner.get(&qualifications).await;
        assert_eq!((before.status.as_u16(), before.code().as_str()), (403, "gcc_partner_not_qualified"));
        assert_eq!(before.json()["context"]["company"], "Lone Star Distribution Inc.");
    }
    let form = customer_form(&tenant_of(&provider).await, &name);
    let early = reseller.post("/v1/gcc/customer-validations", &form).await;
    assert_eq!((early.status.as_u16(), early.code().as_str()), (403, "gcc_partner_not_qualified"));

    let tag = provider.get("/v1/partners/me").await.header("etag").to_owned();
    qualify(&provider, &operator).await;
    let profile = provider.get("/v1/partners/me").await;
    assert_eq!(profile.json()["qualifications"], json!(["governmentCommunityCloud"]));
    assert_ne!(profile.header("etag"), tag, "PLT-03");
    assert_eq!(reseller.get("/v1/partners/me").await.json()["qualifications"], json!([]), "it is the provider's");
    for partner in [&provider, &reseller] {
        let now = partner.get(&qualifications).await;
        assert_eq!((now.status.as_u16(), now.text.as_str()), (200, r#"{"items":[],"nextCursor":null}"#));
    }
    assert_eq!(reseller.post("/v1/gcc/customer-validations", &form).await.status, 201);
    let again = provider.post(PARTNERS, &partner_form(&tenant_of(&provider).await)).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "gcc_partner_already_qualified"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_09_the_clock_stands_still_until_the_answer_comes(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let partner = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    // A Monday: due at the end of Wednesday. Asked on Tuesday, one business day is left.
    house.set_clock("2031-03-03T15:00:00Z").await;
    let id = submit_partner(&partner).await;
    assert_eq!(state_of(&partner, &id).await["dueBy"], "2031-03-06T05:00:00Z");
    house.set_clock("2031-03-04T15:00:00Z").await;
    let path = |verb: &str| format!("{PARTNERS}/{id}:{verb}");
    let answer = json!({ "answer": "Two contracts.", "attachments": [pdf()] });
    let early = partner.post(&path("provide-information"), &answer).await;
    assert_eq!((early.status.as_u16(), early.code().as_str()), (409, "gcc_validation_state_not_allowed"));
    let asked = operator.post(&path("request-information"), &json!({ "question": "Which contracts?" })).await.json();
    assert_eq!((&asked["state"], &asked["dueBy"]), (&json!("informationNeeded"), &Value::Null));
    assert_eq!(asked["nextStep"], "provideInformation");
    let mail = mails_to(&house, SUBMITTER).await.pop().unwrap();
    assert!(mail["text"].as_str().unwrap().contains("Which contracts?"), "{mail}");
    // Weeks go by, and nothing is late.
    house.set_clock("2031-03-31T15:00:00Z").await;
    assert_eq!(state_of(&partner, &id).await["overdue"], false);
    // Monday again: the day that was left is Tuesday.
    let answered = partner.post(&path("provide-information"), &answer).await.json();
    assert_eq!((&answered["state"], &answered["dueBy"]), (&json!("submitted"), &json!("2031-04-02T04:00:00Z")));
    assert_eq!(answered["questions"][0]["answer"], "Two contracts.");
    assert_eq!(answered["attachments"].as_array().unwrap().len(), 2, "the one of the form, and this one");
    assert_eq!(kinds_to(&house, SUBMITTER).await.last().unwrap(), "mail_gcc_information_received");
    // Asked on the last day, the reviewer still has a day once the answer is there.
    house.set_clock("2031-04-01T15:00:00Z").await;
    operator.post(&path("request-information"), &json!({ "question": "Until when?" })).await;
    let answered = partner.post(&path("provide-information"), &json!({ "answer": "2033" })).await.json();
    assert_eq!(answered["dueBy"], "2031-04-03T04:00:00Z");
    assert_eq!(answered["questions"][1]["question"], "Until when?");
    house.set_clock("2031-04-03T04:00:01Z").await;
    assert_eq!(state_of(&partner, &id).await["overdue"], true);
    let expected = [
        "submitted",
        "information_requested",
        "information_provided",
        "information_requested",
        "information_provided",
        "overdue",
    ];
    assert_eq!(told(&house, &partner).await, expected.map(|step| format!("gcc_partner_validation.{step}")));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_09_what_is_decided_stays_decided_and_of_two_operators_one_decides(backend: Backend) {
    let house = House::open(backend).await;
    let (one, two) = (house.operator().await, house.operator().await);
    let partner = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    one.token().await;
    two.token().await;
    let denial = json!({ "reason": "The contracts have ended." });
    let mut id = String::new();
    for round in 0..4 {
        id = submit_partner(&partner).await;
        let (approve, deny) = (format!("{PARTNERS}/{id}:approve"), format!("{PARTNERS}/{id}:deny"));
        let replies = match round % 2 {
            0 => join_all([one.post(&deny, &denial), two.post(&deny, &denial)]).await,
            _ => join_all([one.post(&deny, &denial), two.post(&approve, &Value::Null)]).await,
        };
        let won = replies.iter().filter(|reply| reply.status == 200).count();
        let lost = replies.iter().filter(|reply| reply.code() == "gcc_validation_state_not_allowed").count();
        assert_eq!((won, lost), (1, 1), "{replies:?}");
        let state = state_of(&partner, &id).await["state"].as_str().unwrap().to_owned();
        let qualified = partner.get("/v1/partners/me").await.json()["qualifications"].as_array().unwrap().len();
        assert_eq!(qualified, usize::from(state == "approved"), "the row and what came of it say the same");
        if state == "approved" {
            break;
        }
        assert_eq!(state_of(&partner, &id).await["reason"], "The contracts have ended.");
        assert_eq!(kinds_to(&house, SUBMITTER).await.last().unwrap(), "mail_gcc_denied");
    }
    for (verb, body) in [
        ("approve", Value::Null),
        ("deny", denial.clone()),
        ("request-information", json!({ "question": "Which contracts?" })),
    ] {
        let reply = one.post(&format!("{PARTNERS}/{id}:{verb}"), &body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "gcc_validation_state_not_allowed"), "{verb}");
    }
    let reply = partner.post(&format!("{PARTNERS}/{id}:withdraw"), &Value::Null).await;
    assert_eq!(reply.code(), "gcc_validation_state_not_allowed");
    // With a version that is gone nothing is decided.
    let other = american(&house, PartnerKind::DirectBill, "Gulf Coast Cloud LLC").await;
    let id = submit_partner(&other).await;
    let key = Uuid::new_v4().to_string();
    let headers = [("idempotency-key", key.as_str()), ("if-match", "\"7\"")];
    let stale = one.send(reqwest::Method::POST, &format!("{PARTNERS}/{id}:approve"), &headers, None).await;
    assert_eq!(stale.status, 412);
    // And nobody else's is there at all.
    assert_eq!(partner.get(&format!("{PARTNERS}/{id}")).await.status, 404);
    let foreign = partner.post(&format!("{PARTNERS}/{id}:withdraw"), &Value::Null).await;
    assert_eq!(foreign.status, 404);
    let own = use_code(&partner, &Uuid::new_v4().to_string(), "x").await;
    assert_eq!(own.status, 404, "{}", own.text);
}
