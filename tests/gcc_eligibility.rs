//! Who was reviewed stays who it is, and the eligibility answer says what an order would say (GCC-06, GCC-10 to GCC-13).

use lonja::partners::PartnerKind;
use lonja_tests::gcc::{
    E3_GCC, POWER_BI_GCC, american, code_for, customer_form, id_of, new_american, new_name, qualify, ready, tenant_of,
    use_code,
};
use lonja_tests::{Actor, Backend, House, Reply, linked};
use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;

const CUSTOMERS: &str = "/v1/gcc/customer-validations";

async fn eligibility(partner: &Actor, asked: &Value) -> Value {
    let reply = partner.post("/v1/gcc/eligibility", asked).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn steps(answer: &Value) -> Vec<(&str, &str)> {
    let steps = answer["steps"].as_array().unwrap();
    steps.iter().map(|step| (step["code"].as_str().unwrap(), step["by"].as_str().unwrap())).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_10_who_is_reviewed_keeps_its_name(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let partner = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    qualify(&partner, &operator).await;
    let (name, other) = (new_name(), new_name());
    let customer = id_of(&partner.post("/v1/customers", &new_american(&name)).await);
    let path = format!("/v1/customers/{customer}");
    let rename = async |name: &str| -> Reply { partner.patch(&path, "*", &json!({ "companyName": name })).await };
    // Nothing is asked for it yet.
    assert_eq!(rename(&other).await.status, 200);
    assert_eq!(rename(&name).await.status, 200);

    let mut form = customer_form(&tenant_of(&partner).await, &name);
    form["customerId"] = json!(customer);
    let id = id_of(&partner.post(CUSTOMERS, &form).await);
    for approved in [false, true] {
        if approved {
            assert_eq!(operator.post(&format!("{CUSTOMERS}/{id}:approve"), &json!({})).await.status, 200);
        }
        let refused = rename(&other).await;
        assert_eq!(refused.code(), "gcc_organization_differs", "{}", refused.text);
        assert_eq!(refused.faults(), ["/companyName gcc_organization_differs"]);
        // How it is written may change, and all the rest.
        assert_eq!(rename(&name.to_uppercase()).await.status, 200);
        assert_eq!(partner.patch(&path, "*", &json!({ "language": "en" })).await.status, 200);
    }
    // A code does not qualify who took the name for a moment: nobody can give it back.
    let second = new_name();
    let code = code_for(&partner, &tenant_of(&partner).await, &second, &operator).await;
    let stranger = id_of(&partner.post("/v1/customers", &new_american(&other)).await);
    let path = format!("/v1/customers/{stranger}");
    assert_eq!(partner.patch(&path, "*", &json!({ "companyName": second })).await.status, 200);
    assert_eq!(use_code(&partner, &stranger, &code).await.status, 200);
    assert_eq!(partner.patch(&path, "*", &json!({ "companyName": other })).await.code(), "gcc_organization_differs");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_11_the_code_of_an_ended_link_stands_in_nobodys_way(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let provider = american(&house, PartnerKind::IndirectProvider, "Lone Star Distribution Inc.").await;
    let reseller = american(&house, PartnerKind::IndirectReseller, "Hill Country IT LLC").await;
    let link = linked::link(&house, &provider, &reseller).await;
    qualify(&provider, &operator).await;
    let name = new_name();
    code_for(&reseller, &tenant_of(&provider).await, &name, &operator).await;
    let again = reseller.post(CUSTOMERS, &customer_form(&tenant_of(&provider).await, &name)).await;
    assert_eq!(again.code(), "gcc_organization_already_validated");

    let end = format!("/v1/indirect-provider-links/{link}:end");
    assert_eq!(reseller.post(&end, &Value::Null).await.status, 200);
    let second = american(&house, PartnerKind::IndirectProvider, "Gulf Coast Distribution Inc.").await;
    linked::link(&house, &second, &reseller).await;
    qualify(&second, &operator).await;
    let answer = eligibility(&reseller, &json!({ "organizationName": name })).await;
    assert_eq!(steps(&answer)[0], ("submitCustomerValidation", "you"), "{answer}");
    id_of(&reseller.post(CUSTOMERS, &customer_form(&tenant_of(&second).await, &name)).await);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_06_a_customer_that_was_asked_is_waited_for(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let provider = american(&house, PartnerKind::IndirectProvider, "Lone Star Distribution Inc.").await;
    let reseller = american(&house, PartnerKind::IndirectReseller, "Hill Country IT LLC").await;
    linked::link(&house, &provider, &reseller).await;
    qualify(&provider, &operator).await;
    let (customer, _) = ready(&reseller, &provider, &new_name()).await;
    let related = provider.get(&format!("/v1/customers/{customer}/relationships")).await.json();
    let own = related["items"].as_array().unwrap().iter().find(|one| one["partnerId"] == provider.partner_id.as_str());
    let own = format!("/v1/customers/{customer}/relationships/{}", own.unwrap()["id"].as_str().unwrap());
    assert_eq!(provider.send(Method::DELETE, &own, &[], None).await.status, 204);

    let asked = json!({ "customerId": customer });
    let answer = eligibility(&reseller, &asked).await;
    let step = answer["steps"].as_array().unwrap().iter().find(|step| step["code"] == "askCustomer").unwrap();
    let done = reseller.post(step["operation"]["path"].as_str().unwrap(), &step["operation"]["body"]).await;
    assert_eq!(done.status, 201, "{}", done.text);
    let answer = eligibility(&reseller, &asked).await;
    assert!(steps(&answer).contains(&("waitForCustomer", "customer")), "{answer}");
    assert!(!steps(&answer).iter().any(|(code, _)| *code == "askCustomer"), "{answer}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_gcc_13_the_orders_own_checks_have_the_last_word(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let partner = american(&house, PartnerKind::DirectBill, "Lone Star Cloud LLC").await;
    qualify(&partner, &operator).await;
    let name = new_name();
    let (customer, tenant) = ready(&partner, &partner, &name).await;
    let mut form = customer_form(&tenant_of(&partner).await, &name);
    form["customerId"] = json!(customer);
    let id = id_of(&partner.post(CUSTOMERS, &form).await);
    assert_eq!(operator.post(&format!("{CUSTOMERS}/{id}:approve"), &json!({})).await.status, 200);
    let seats = json!({
        "customerId": customer, "tenantId": tenant, "lines": [{ "offerId": "office-365-e1-usd", "quantity": 1 }],
    });
    id_of(&partner.post("/v1/orders", &seats).await);

    // The tenant holds a plan of another family than E3 for the government; Power BI has none.
    let answer = eligibility(&partner, &json!({ "customerId": customer, "offers": [E3_GCC] })).await;
    assert_eq!((&answer["possible"], &answer["order"]), (&json!(false), &Value::Null), "{answer}");
    assert_eq!(steps(&answer), [("orderRefused", "you")]);
    assert!(answer["steps"][0]["detail"].as_str().unwrap().contains("plan_family_conflict"), "{answer}");
    let preview = &answer["steps"][0]["operation"];
    let told = partner.post(preview["path"].as_str().unwrap(), &preview["body"]).await.json();
    assert_eq!((&told["possible"], &told["reasons"][0]["code"]), (&json!(false), &json!("plan_family_conflict")));

    let answer = eligibility(&partner, &json!({ "customerId": customer })).await;
    let possible = |offer: &str| {
        let offers = answer["offers"].as_array().unwrap();
        offers.iter().find(|one| one["offerId"] == offer).unwrap()["possible"].clone()
    };
    assert_eq!([possible(E3_GCC), possible(POWER_BI_GCC)], [json!(false), json!(true)], "{answer}");
    let order = &answer["order"];
    id_of(&partner.post(order["path"].as_str().unwrap(), &order["body"]).await);
}
