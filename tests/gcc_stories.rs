//! Selling in the US government cloud from end to end: a provider and its reseller by the SDK, and a reseller that knows
//! nothing and does what the answer of the eligibility check says (GCC-01 to GCC-14).

use lonja::partners::PartnerKind;
use lonja_sdk::types::{
    ApproveGccCustomerValidation, AttestAgreement, CheckGccEligibility, CreateCustomer, CreateTenant,
    ListCustomerQualifications, ListGccCustomerValidations, ListGccPartnerValidations, ListGccValidationCodes,
    PlaceOrder, PlaceOrderLine, SubmitGccCustomerValidation, SubmitGccPartnerValidation, TenantMode,
};
use lonja_tests::gcc::{
    E3_GCC, POWER_BI_GCC, address, american, customer_form, new_american, partner_form, submitter, tenant_of,
};
use lonja_tests::linked::token_to;
use lonja_tests::{Actor, Backend, House, linked};
use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

const NAME: &str = "City of Marble Falls";

fn tenant_name() -> String {
    format!("t{}", &Uuid::new_v4().simple().to_string()[..20])
}

/// A provider qualifies, its reseller's customer is validated in the provider's name, and buys E3 GCC, then Power BI GCC
/// without a second validation.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_02_06_10_12_13_a_reseller_sells_through_its_qualified_provider(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await.lonja;
    let provider = american(&house, PartnerKind::IndirectProvider, "Lone Star Distribution Inc.").await;
    let reseller = american(&house, PartnerKind::IndirectReseller, "Hill Country IT LLC").await;
    linked::link(&house, &provider, &reseller).await;
    let tenant = tenant_of(&provider).await;

    // The provider qualifies; the operator works its queue.
    let form: SubmitGccPartnerValidation = serde_json::from_value(partner_form(&tenant)).unwrap();
    let submitted = provider.lonja.submit_gcc_partner_validation(&form).await.unwrap();
    assert_eq!(submitted.state.as_str(), "submitted");
    let queue = operator.list_gcc_partner_validations(&ListGccPartnerValidations::default()).await.unwrap();
    let file = operator.get_gcc_attachment(&queue.items[0].attachments[0].id).await.unwrap();
    assert_eq!(file.file_name, "charter.pdf");
    operator.approve_gcc_partner_validation(&queue.items[0].id).await.unwrap();
    let own = provider.lonja.get_own_partner().await.unwrap();
    assert_eq!(own.qualifications[0].as_str(), "governmentCommunityCloud");

    // The reseller submits the organisation in the provider's name.
    let form: SubmitGccCustomerValidation = serde_json::from_value(customer_form(&tenant, NAME)).unwrap();
    reseller.lonja.submit_gcc_customer_validation(&form).await.unwrap();
    let queue = operator.list_gcc_customer_validations(&ListGccCustomerValidations::default()).await.unwrap();
    let yes = ApproveGccCustomerValidation { max_creates: Some(2) };
    let approved = operator.approve_gcc_customer_validation(&queue.items[0].id, &yes).await.unwrap();
    assert_eq!(approved.next_step.as_str(), "useValidationCode");

    // It makes the customer with the code; the provider attests the agreement.
    let codes = reseller.lonja.list_gcc_validation_codes(&ListGccValidationCodes::default()).await.unwrap();
    assert_eq!((codes.items[0].remaining_creates, codes.how_to_ask.is_none()), (2, true));
    let mut new = new_american(NAME);
    new["gccValidationCode"] = json!(codes.items[0].id);
    let new: CreateCustomer = serde_json::from_value(new).unwrap();
    let customer = reseller.lonja.create_customer(&new).await.unwrap();
    let held = reseller
        .lonja
        .list_customer_qualifications(&customer.id, &ListCustomerQualifications::default())
        .await
        .unwrap();
    assert_eq!(held.items[0].qualification.as_str(), "governmentCommunityCloud");
    let attest = AttestAgreement { contact: new.contact, agreed_at: "2020-01-01T00:00:00Z".parse().unwrap() };
    provider.lonja.attest_customer_agreement(&customer.id, &attest).await.unwrap();
    let create = CreateTenant { mode: TenantMode::Create, name: Some(tenant_name()), ..Default::default() };
    let tenant = reseller.lonja.create_tenant(&customer.id, &create).await.unwrap();

    for offer in [E3_GCC, POWER_BI_GCC] {
        let order = PlaceOrder {
            customer_id: customer.id.clone(),
            tenant_id: tenant.id.clone(),
            lines: vec![PlaceOrderLine { offer_id: offer.to_owned(), quantity: 25, ..Default::default() }],
            ..Default::default()
        };
        let placed = reseller.lonja.place_order(&order).await.unwrap();
        assert_eq!(placed.state.as_str(), "completed", "{offer}");
        assert_eq!(placed.partner_id, provider.partner_id, "GCC-06: the provider transacts");
        assert_eq!(placed.partner_of_record_id.as_deref(), Some(reseller.partner_id.as_str()));
    }
    let all = operator.list_gcc_customer_validations(&ListGccCustomerValidations::default()).await.unwrap();
    assert_eq!(all.items.len(), 1, "GCC-13: nobody is validated twice");
    let check = CheckGccEligibility { customer_id: Some(customer.id.clone()), ..Default::default() };
    let now = reseller.lonja.check_gcc_eligibility(&check).await.unwrap();
    assert!(now.possible && now.steps.is_empty() && now.offers.len() == 4, "{now:?}");
    assert_eq!(now.qualified_customers[0].customer_id, customer.id);
}

/// Everybody who takes part in what an answer says.
struct Cast {
    house: House,
    you: Actor,
    provider: Actor,
    operator: Actor,
}

impl Cast {
    async fn open(backend: Backend, kind: PartnerKind) -> Self {
        let house = House::open(backend).await;
        let provider = american(&house, PartnerKind::IndirectProvider, "Lone Star Distribution Inc.").await;
        let you = american(&house, kind, "Hill Country IT LLC").await;
        let operator = house.operator().await;
        Self { house, you, provider, operator }
    }

    /// What only a person knows, by the place in the body for which the answer asks.
    async fn known(&self, operation: &str, pointer: &str) -> Value {
        match pointer {
            "/email" => json!(linked::RESELLER_EMAIL),
            "/token" => json!(token_to(&self.house, linked::RESELLER_EMAIL).await),
            "/tenantId" => json!(Uuid::new_v4().to_string()),
            "/criteria" => json!(["governmentContracts"]),
            "/category" => json!("stateOrLocal"),
            "/evidence" => json!("Charter of 1907, and two contracts."),
            "/answer" => json!("The mayor signed it."),
            "/organization/companyName" | "/companyName" => json!(NAME),
            "/organization/country" => json!("US"),
            "/organization/address" | "/address" => address(),
            "/submitter" => submitter(),
            "/contact" => new_american(NAME)["contact"].clone(),
            "/agreedAt" => json!("2020-01-01T00:00:00Z"),
            "/name" => json!(tenant_name()),
            _ => panic!("{operation} asks for {pointer}, which nobody knows"),
        }
    }

    /// Makes a call as the answer describes it, by whose turn it is; answers what came of it.
    async fn call(&self, by: &str, operation: &Value) -> Value {
        let text = |name: &str| operation[name].as_str().unwrap();
        let actor = match by {
            "you" => &self.you,
            "provider" => &self.provider,
            "operator" => &self.operator,
            _ => panic!("nobody is {by}: {operation}"),
        };
        let mut body = operation["body"].clone();
        for blank in operation["blanks"].as_array().unwrap() {
            let pointer = blank["pointer"].as_str().unwrap();
            let value = self.known(text("operationId"), pointer).await;
            fill(&mut body, pointer, value);
        }
        let key = Uuid::new_v4().to_string();
        let mut headers = vec![("idempotency-key", key.as_str())];
        for header in operation["headers"].as_array().unwrap() {
            headers.push((header["name"].as_str().unwrap(), header["value"].as_str().unwrap()));
        }
        let method: Method = text("method").parse().unwrap();
        let body = (!body.is_null()).then(|| body.to_string());
        let reply = actor.send(method, text("path"), &headers, body).await;
        assert!(reply.status.is_success(), "{by} {operation}: {}", reply.text);
        reply.json()
    }

    /// Does the first step of each answer until an order is possible, and places it; answers the steps and the order.
    async fn follow(&self, mut asked: Value, by_hand: impl AsyncFn(&str)) -> (Vec<String>, Value) {
        let mut done = Vec::new();
        for _ in 0..20 {
            let answer = self.you.post("/v1/gcc/eligibility", &asked).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let answer = answer.json();
            if answer["possible"] == true {
                assert_eq!(answer["steps"], json!([]));
                return (done, self.call("you", &answer["order"]).await);
            }
            let step = &answer["steps"][0];
            let code = step["code"].as_str().unwrap().to_owned();
            assert!(!step["detail"].as_str().unwrap().is_empty());
            assert_eq!(answer["order"], Value::Null);
            let made = self.call(step["by"].as_str().unwrap(), &step["operation"]).await;
            // Whoever makes a customer knows its id from then on: the step says to ask with it.
            if code == "createCustomer" {
                asked["customerId"] = made["id"].clone();
            }
            by_hand(&code).await;
            done.push(code);
        }
        panic!("no end: {done:?}");
    }
}

fn fill(body: &mut Value, pointer: &str, value: Value) {
    let mut place = body;
    for name in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = json!({});
        }
        place = place.as_object_mut().unwrap().entry(name).or_insert(Value::Null);
    }
    *place = value;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_12_a_reseller_comes_to_its_order_by_what_the_answer_says_alone(backend: Backend) {
    let cast = Cast::open(backend, PartnerKind::IndirectReseller).await;
    // Alone it comes nowhere.
    let alone = cast.you.post("/v1/gcc/partner-validations", &partner_form(&tenant_of(&cast.you).await)).await;
    assert_eq!(alone.code(), "gcc_indirect_reseller_must_use_provider");
    let answer = cast.you.post("/v1/gcc/eligibility", &json!({ "organizationName": NAME })).await.json();
    let all: Vec<_> = answer["steps"].as_array().unwrap().iter().map(|step| step["code"].as_str().unwrap()).collect();
    let numbers: Vec<_> =
        answer["steps"].as_array().unwrap().iter().map(|step| step["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    let (done, order) = cast.follow(json!({ "organizationName": NAME, "offers": [E3_GCC] }), async |_| {}).await;
    assert_eq!(done, all, "what the first answer said was all there was to do");
    assert_eq!((&order["state"], &order["lines"][0]["offerId"]), (&json!("completed"), &json!(E3_GCC)));
    assert_eq!(order["partnerOfRecordId"], json!(cast.you.partner_id));
    // In Spanish for who reads Spanish.
    let path = "/v1/gcc/eligibility";
    let spanish = cast.you.send(Method::POST, path, &[("accept-language", "es")], Some("{}".to_owned())).await.json();
    assert!(spanish["steps"][0]["detail"].as_str().unwrap().contains("nube gubernamental"), "{spanish}");
    // It wrote nothing, however often it was asked.
    let records = "SELECT count(*) FROM audit_records WHERE operation = 'check_gcc_eligibility' AND outcome = 'done'";
    assert_eq!(cast.house.count(records).await, 0);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_12_a_customer_that_is_there_already_is_qualified_step_by_step(backend: Backend) {
    let cast = Cast::open(backend, PartnerKind::DirectBill).await;
    // Without a tenant id on record; the reviewer asks about both.
    let own = format!("UPDATE partners SET tenant_id = NULL WHERE id = '{}'", cast.you.partner_id);
    cast.house.execute(&own).await;
    let customer = cast.you.post("/v1/customers", &new_american(NAME)).await.json()["id"].clone();
    let asks = async |code: &str| {
        let kind = match code {
            "submitPartnerValidation" => "partner",
            "submitCustomerValidation" => "customer",
            _ => return,
        };
        let open = cast.you.get(&format!("/v1/gcc/{kind}-validations")).await.json();
        let id = open["items"][0]["id"].as_str().unwrap();
        let path = format!("/v1/gcc/{kind}-validations/{id}:request-information");
        let asked = cast.operator.post(&path, &json!({ "question": "Who signed it?" })).await;
        assert_eq!(asked.status, 200, "{}", asked.text);
    };
    let (done, order) = cast.follow(json!({ "customerId": customer }), asks).await;
    let expected = [
        "recordTenantId",
        "submitPartnerValidation",
        "answerAboutPartner",
        "approvePartnerValidation",
        "submitCustomerValidation",
        "answerAboutCustomer",
        "approveCustomerValidation",
        "attestAgreement",
        "createTenant",
    ];
    assert_eq!(done, expected);
    assert_eq!(order["state"], "completed");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_05_what_cannot_be_had_is_said(backend: Backend) {
    let cast = Cast::open(backend, PartnerKind::DirectBill).await;
    let mexican = serde_json::to_value(lonja_tests::shop::new_customer()).unwrap();
    let customer = cast.you.post("/v1/customers", &mexican).await.json()["id"].clone();
    let ask = async |body: Value| cast.you.post("/v1/gcc/eligibility", &body).await;
    let answer = ask(json!({ "customerId": customer })).await.json();
    let last = answer["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["code"], &last["by"], &last["operation"]),
        (&json!("notInUnitedStates"), &json!("nobody"), &Value::Null)
    );
    // Before the seller is qualified it sees nobody's qualification.
    assert_eq!((&answer["possible"], &answer["qualifiedCustomers"]), (&json!(false), &json!([])));
    for (body, thing) in [
        (json!({ "customerId": Uuid::new_v4() }), "customer"),
        (json!({ "providerId": Uuid::new_v4() }), "indirect provider"),
        (json!({ "offers": ["office-365-e3-mxn"] }), "offer"),
    ] {
        let reply = ask(body).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["context"]["thing"]), (404, &json!(thing)), "{}", reply.text);
    }
}
