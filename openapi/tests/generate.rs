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
    assert_eq!(missing, ["upload_evidence"]);
}

/// The real document, and what was made of it.
fn real() -> (Value, Generated) {
    let document = serde_json::from_str(include_str!("../openapi.json")).unwrap();
    let generated = generate(&document).unwrap();
    (document, generated)
}

fn real_operations(document: &Value) -> Vec<&Value> {
    let items = document["paths"].as_object().unwrap().values();
    items.flat_map(|item| item.as_object().unwrap().values()).filter(|part| part["operationId"].is_string()).collect()
}

#[test]
fn d13_every_operation_of_the_real_document_has_its_method() {
    let (document, generated) = real();
    let all: String = generated.files.values().map(String::as_str).collect();
    let operations = real_operations(&document);
    let ids = operations.iter().map(|operation| operation["operationId"].as_str().unwrap());
    let missing: Vec<_> = ids.filter(|id| !all.contains(&format!("pub fn {id}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!((generated.operations, generated.notes.as_slice()), (operations.len(), [].as_slice()));
}

#[test]
fn d7_every_list_of_the_real_document_is_a_page_that_streams() {
    let (document, generated) = real();
    let all: String = generated.files.values().map(String::as_str).collect();
    let mut lists = 0;
    for operation in real_operations(&document) {
        let parameters = operation["parameters"].as_array();
        if !parameters.into_iter().flatten().any(|parameter| parameter["name"] == "cursor") {
            continue;
        }
        let answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let page = answer.rsplit('/').next().unwrap();
        let is_page = all.contains(&format!("pub struct {page} of ")) || all.contains(&format!("page!({page}, "));
        assert!(is_page, "{}", operation["operationId"]);
        lists += 1;
    }
    assert!(lists >= 30, "{lists}");
}

#[test]
fn the_generated_code_stays_small() {
    let (_, generated) = real();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdk/src/generated");
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let lines: usize = files.map(|text| text.lines().count()).sum();
    // Room for what the next operations bring before somebody has to look.
    assert!(2 * lines <= 79 * generated.operations, "{lines} lines for {} operations", generated.operations);
}

#[test]
fn a_form_and_a_text_are_sent_as_what_they_are() {
    assert!(has("access.rs", r#"self.call(Method::POST, "/v1/oauth/token", &[]).form(body).public()"#));
    assert!(has("access.rs", "pub fn request_token(&self, body: &TokenRequest) -> Call<Token>"));
    let import = r#"pub fn import_keys(&self, body: &str) -> Call<Money> {
        self.call(Method::POST, "/v1/key-stock/imports", &[]).text("text/csv", body).keyed().public() }"#;
    assert!(has("software.rs", import));
}

#[test]
fn codes_and_events_are_open_enums_of_their_own() {
    let codes = r#"pub enum ErrorCode { NotFound = "not_found", RefundWindowClosed = "refund_window_closed", }"#;
    assert!(has("shared.rs", codes));
    let events = r#"pub enum EventType { OrderPlaced = "order.placed", RefundCredited = "refund.credited", }"#;
    assert!(has("shared.rs", events));
}

#[test]
fn what_is_left_out_is_said() {
    assert_eq!(
        generated().notes,
        ["skipped upload_evidence: takes application/octet-stream", "free JSON: Refund.decision",]
    );
}

#[test]
fn a_list_takes_its_query_and_answers_a_page() {
    assert!(has("customers.rs", "pub fn list_customers(&self, query: &ListCustomers) -> Call<CustomerPage>"));
    assert!(has("customers.rs", r#"self.call(Method::GET, "/v1/customers", &[]).query(query)"#));
    assert!(has("customers.rs", "pub struct CustomerPage of Customer;"));
    assert!(has("customers.rs", "pub state: Option<CustomerState>,"));
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
    assert!(has("customers.rs", &format!("{asked} pub struct CreateCustomer {{")));
    assert!(has("customers.rs", &format!("{asked} pub struct Address {{")));
    assert!(has("customers.rs", "#[non_exhaustive] #[serde(rename_all = \"camelCase\")] pub struct Customer {"));
}

#[test]
fn only_the_body_of_a_patch_tells_null_from_absent() {
    assert!(has("customers.rs", "pub contact_name: Option<Option<String>>,"));
    assert!(has("customers.rs", "pub address: Option<Option<Address>>,"));
    assert!(has("customers.rs", "pub contact_name: Option<String>,"));
}

#[test]
fn formats_become_types() {
    assert!(has("customers.rs", "pub created_at: DateTime<Utc>,"));
    assert!(has("customers.rs", "pub mca_accepted_at: Option<DateTime<Utc>>,"));
    assert!(has("customers.rs", "pub metadata: Map<String, Value>,"));
    assert!(has("customers.rs", "pub r#type: String,"));
    assert!(has("customers.rs", "pub seats: u64,"));
    assert!(has("refunds.rs", "pub requested_after: Option<NaiveDate>,"));
    assert!(has("orders.rs", "pub totals_by_offer: BTreeMap<String, Money>,"));
    assert!(has("software.rs", "pub key: Secret,"));
}

#[test]
fn enums_stay_open() {
    assert!(has("customers.rs", r#"Draft = "draft", Active = "active", InReview = "inReview", }"#));
    assert!(has("software.rs", r#"N365Copilot = "365Copilot","#));
}

#[test]
fn parts_of_an_all_of_come_together() {
    let order = "pub id: String, /// Placed at. pub placed_at: DateTime<Utc>, /// State. pub state: OrderState,";
    assert!(has("orders.rs", order));
}

#[test]
fn types_of_several_tags_are_shared_and_unused_ones_left_out() {
    assert!(has("shared.rs", "pub struct Money {"));
    let all: String = generated().files.into_values().collect();
    for name in ["Problem", "FieldError", "Forgotten"] {
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
