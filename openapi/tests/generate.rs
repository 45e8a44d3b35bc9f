//! The generator on a small document with one of everything that the real one has.

#![cfg(test)]

use lonja_openapi::{Generated, generate, stale, write};
use serde_json::{Value, json};
use std::fs;

fn sample() -> Value {
    serde_json::from_str(include_str!("sample.json")).unwrap()
}

fn generated() -> Generated {
    generate(&sample()).unwrap()
}

/// Whether the file holds the text, however it is spaced.
fn has(file: &str, text: &str) -> bool {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let files = generated().files;
    let file = files.get(file).unwrap_or_else(|| panic!("no {file} in {:?}", files.keys()));
    squeezed(file).contains(&squeezed(text))
}

#[test]
fn every_json_operation_has_a_method_of_its_name() {
    let all: String = generated().files.into_values().collect();
    let document = sample();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let ids: Vec<_> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let (missing, present): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| !all.contains(&format!("pub fn {id}(")));
    assert_eq!(present.len(), generated().operations);
    assert_eq!(missing, ["request_token", "upload_evidence"]);
}

#[test]
fn what_is_left_out_is_said() {
    assert_eq!(
        generated().notes,
        [
            "skipped request_token: takes application/x-www-form-urlencoded",
            "skipped upload_evidence: takes application/octet-stream",
            "free JSON: Refund.decision",
        ]
    );
}

#[test]
fn a_list_takes_its_query_and_answers_a_page() {
    assert!(has("customers.rs", "pub fn list_customers(&self, query: &ListCustomers) -> Call<CustomerPage>"));
    assert!(has("customers.rs", r#"self.call(Method::GET, "/v1/customers", &[]).query(query)"#));
    assert!(has("customers_types.rs", "impl Page for CustomerPage { type Item = Customer;"));
    assert!(has("customers_types.rs", "pub state: Option<CustomerState>,"));
}

#[test]
fn a_write_takes_path_values_then_the_body_and_knows_about_its_key() {
    let update = r#"pub fn update_customer(&self, id: &str, body: &UpdateCustomer) -> Call<Customer> {
        self.call(Method::PATCH, "/v1/customers/{id}", &[id]).json(body).keyed() }"#;
    assert!(has("customers.rs", update));
    assert!(has(
        "customers.rs",
        "pub fn end_relationship(&self, customer_id: &str, relationship_id: &str) -> Call<()>"
    ));
    assert!(has("orders.rs", r#"self.call(Method::POST, "/v1/orders:preview", &[]).json(body) }"#));
    assert!(has("customers.rs", "scope `customers:write`, needs `if_match`."));
}

#[test]
fn a_public_operation_sends_no_token() {
    assert!(has("acceptance.rs", r#"self.call(Method::GET, "/v1/acceptances/{token}", &[token]).public()"#));
}

#[test]
fn what_callers_build_has_defaults_and_what_they_get_may_grow() {
    let asked =
        "#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)] #[serde(rename_all = \"camelCase\")]";
    assert!(has("customers_types.rs", &format!("{asked} pub struct CreateCustomer {{")));
    assert!(has("customers_types.rs", &format!("{asked} pub struct Address {{")));
    assert!(has("customers_types.rs", "#[non_exhaustive] #[serde(rename_all = \"camelCase\")] pub struct Customer {"));
}

#[test]
fn only_the_body_of_a_patch_tells_null_from_absent() {
    assert!(has("customers_types.rs", "pub contact_name: Option<Option<String>>,"));
    assert!(has("customers_types.rs", "pub address: Option<Option<Address>>,"));
    assert!(has("customers_types.rs", "pub contact_name: Option<String>,"));
}

#[test]
fn formats_become_types() {
    assert!(has("customers_types.rs", "pub created_at: DateTime<Utc>,"));
    assert!(has("customers_types.rs", "pub mca_accepted_at: Option<DateTime<Utc>>,"));
    assert!(has("customers_types.rs", "pub metadata: Map<String, Value>,"));
    assert!(has("customers_types.rs", "pub r#type: String,"));
    assert!(has("customers_types.rs", "pub seats: u64,"));
    assert!(has("refunds_types.rs", "pub requested_after: Option<NaiveDate>,"));
    assert!(has("orders_types.rs", "pub totals_by_offer: BTreeMap<String, Money>,"));
    assert!(has("software_types.rs", "pub key: Secret,"));
}

#[test]
fn enums_stay_open() {
    assert!(has("customers_types.rs", r#"Draft = "draft", Active = "active", InReview = "inReview", } }"#));
    assert!(has("software_types.rs", r#"N365Copilot = "365Copilot","#));
}

#[test]
fn parts_of_an_all_of_come_together() {
    let order = "pub id: String, /// Placed at. pub placed_at: DateTime<Utc>, /// State. pub state: OrderState,";
    assert!(has("orders_types.rs", order));
}

#[test]
fn types_of_several_tags_are_shared_and_unused_ones_left_out() {
    assert!(has("shared_types.rs", "pub struct Money {"));
    let all: String = generated().files.into_values().collect();
    for name in ["Problem", "FieldError", "Token", "Forgotten"] {
        assert!(!all.contains(&format!("pub struct {name} ")), "{name}");
    }
}

#[test]
fn a_fault_names_its_place() {
    let document = json!({ "paths": { "/v1/things": { "get": { "operationId": "list_things" } } } });
    assert_eq!(generate(&document).err().unwrap(), "GET /v1/things: it has no answer of success");
}

#[test]
fn what_was_written_is_not_stale_until_something_changes() {
    let out = tempfile::tempdir().unwrap();
    let generated = generated();
    write(&generated, out.path()).unwrap();
    assert!(stale(&generated, out.path()).unwrap().is_empty());

    fs::write(out.path().join("orders.rs"), "// by hand").unwrap();
    fs::remove_file(out.path().join("refunds.rs")).unwrap();
    fs::write(out.path().join("withdrawn.rs"), "").unwrap();
    assert_eq!(stale(&generated, out.path()).unwrap(), ["orders.rs", "refunds.rs", "withdrawn.rs"]);

    write(&generated, out.path()).unwrap();
    assert!(stale(&generated, out.path()).unwrap().is_empty());
    assert!(!out.path().join("withdrawn.rs").exists());
}
