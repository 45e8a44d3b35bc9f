//! Who may call what. The tests walk over the document: an operation that is added is tested by that.

use lonja::access::Role;
use lonja::access::permits::SCOPES;
use lonja::partners::PartnerKind;
use lonja_tests::actor::text;
use lonja_tests::walk::{Furnished, Operation};
use lonja_tests::{Actor, Backend, House, Reply};
use reqwest::Method;
use serde_json::Value;
use test_case::test_case;
use uuid::Uuid;

/// Operations without a token. One more is a decision, and stands here.
const PUBLIC: &[&str] = &[
    "get_authorization_server",
    "get_liveness",
    "get_problem_type",
    "get_readiness",
    "get_sandbox_clock",
    "get_signing_keys",
    "list_problem_types",
    "request_token",
    "set_sandbox_clock",
];
/// Asks by POST, changes nothing, needs no role.
const CALCULATIONS: &[&str] = &["quote_refund"];
/// For the marketplace's own staff.
const STAFF_ONLY: &[&str] = &["list_key_stock"];
/// Writes that staff may make: of webhook endpoints of the marketplace's own.
const STAFF_TOO: &[&str] = &[
    "create_webhook_endpoint",
    "delete_webhook_endpoint",
    "redeliver_webhook",
    "rotate_webhook_secret",
    "test_webhook_endpoint",
    "update_webhook_endpoint",
];

/// What a client with one role may do, beside all reads (`api.md`, Roles); adminAgent may do everything.
const SALES_AGENT: &[&str] = &["attest_customer_agreement"];
const GLOBAL_ADMIN: &[&str] = &[
    "create_webhook_endpoint",
    "delete_webhook_endpoint",
    "place_order",
    "preview_order",
    "redeliver_webhook",
    "rotate_webhook_secret",
    "test_webhook_endpoint",
    "update_webhook_endpoint",
];
/// What adminAgent may not do.
const NOT_ADMIN_AGENT: &[&str] = &[
    "create_webhook_endpoint",
    "delete_webhook_endpoint",
    "redeliver_webhook",
    "rotate_webhook_secret",
    "test_webhook_endpoint",
    "update_webhook_endpoint",
];

fn writes() -> impl Iterator<Item = Operation> {
    let asks = |operation: &Operation| CALCULATIONS.contains(&operation.id.as_str());
    Operation::protected().filter(move |operation| operation.is_write() && !asks(operation))
}

fn all_scopes() -> Vec<&'static str> {
    SCOPES.iter().map(|(scope, _)| *scope).collect()
}

/// Calls with neither idempotency key nor `If-Match`, and with a body that is none.
async fn call_badly(actor: &Actor, operation: &Operation) -> Reply {
    let body = operation.is_write().then(|| "{\"nonsense\": ".to_owned());
    actor.send(operation.method.clone(), &operation.at(&Uuid::new_v4().to_string()), &[], body).await
}

#[test]
fn rule_plt_01_public_operations_are_exactly_these() {
    let public: Vec<String> =
        Operation::all().into_iter().filter(|operation| operation.scope.is_none()).map(|one| one.id).collect();
    let mut sorted = public.clone();
    sorted.sort();
    assert_eq!(sorted, PUBLIC);
}

#[test]
fn rule_plt_01_every_scope_of_an_operation_is_in_the_list_of_scopes() {
    for operation in Operation::protected() {
        assert!(SCOPES.iter().any(|(scope, _)| Some(*scope) == operation.scope.as_deref()), "{}", operation.id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_without_a_token_401(backend: Backend) {
    let house = House::open(backend).await;
    for operation in Operation::protected() {
        let url = format!("{}{}", house.url, operation.at(&Uuid::new_v4().to_string()));
        for authorization in [None, Some("Basic eDp5")] {
            let mut request = house.http().request(operation.method.clone(), &url).body("{\"nonsense\": ");
            if let Some(text) = authorization {
                request = request.header("authorization", text);
            }
            let reply = request.send().await.unwrap();
            let challenge = reply.headers()["www-authenticate"].to_str().unwrap().to_owned();
            assert_eq!(reply.status(), 401, "{}", operation.id);
            // RFC 6750 §3.1: no error is named where no token came.
            assert!(challenge.starts_with("Bearer") && !challenge.contains("error="), "{challenge}");
            assert_eq!(reply.json::<Value>().await.unwrap()["code"], "unauthorized", "{}", operation.id);
        }
        let reply = house.http().request(operation.method.clone(), &url).bearer_auth("no.such.token").send().await;
        let reply = reply.unwrap();
        let challenge = reply.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert!(reply.status() == 401 && challenge.contains("error=\"invalid_token\""), "{}", operation.id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_every_scope_but_its_own_403_before_anything_else(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let roles = [Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent];
    for (missing, _) in SCOPES {
        let scopes: Vec<&str> = all_scopes().into_iter().filter(|scope| scope != missing).collect();
        let actor = house.client_of(&partner.partner_id, &scopes, &roles).await;
        for operation in Operation::protected().filter(|operation| operation.scope.as_deref() == Some(missing)) {
            let reply = call_badly(&actor, &operation).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "insufficient_scope"), "{}", operation.id);
            assert_eq!(reply.json()["context"]["scope"], *missing);
            let challenge = reply.header("www-authenticate");
            let named = format!("error=\"insufficient_scope\", scope=\"{missing}\"");
            assert!(challenge.starts_with("Bearer") && challenge.contains(&named), "{}: {challenge}", operation.id);
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_a_token_may_ask_for_fewer_scopes_than_its_client_has(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let token = partner.fetch_token("grant_type=client_credentials&scope=orders:read").await;
    for (path, status) in [("/v1/orders", 200), ("/v1/customers", 403)] {
        let reply = house.http().get(format!("{}{path}", house.url)).bearer_auth(&token).send().await.unwrap();
        assert_eq!(reply.status(), status, "{path}");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_then_comes_the_key_and_then_the_body(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    for operation in Operation::once() {
        let path = operation.at(&Uuid::new_v4().to_string());
        let nonsense = || Some("{\"nonsense\": ".to_owned());
        let without_key = partner.send(Method::POST, &path, &[], nonsense()).await;
        assert_eq!(without_key.code(), "idempotency_key_required", "{}", operation.id);
        let with_key = partner.send(Method::POST, &path, &[("idempotency-key", "k")], nonsense()).await;
        assert_eq!(with_key.code(), "malformed_json", "{}", operation.id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_09_an_enrolment_token_opens_nothing_here(backend: Backend) {
    let house = House::open(backend).await;
    let storefront = house.enrolment().await;
    for operation in Operation::protected() {
        let reply = call_badly(&storefront, &operation).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "token_kind_not_allowed"), "{}", operation.id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_every_write_needs_a_role_and_no_read_does(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let nobody = house.client_of(&partner.partner_id, &all_scopes(), &[]).await;
    for operation in writes() {
        let reply = call_badly(&nobody, &operation).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "role_required"), "{}", operation.id);
        assert!(!reply.json()["context"]["roles"].as_array().unwrap().is_empty(), "{}", operation.id);
    }
    let is_write = |id: &str| writes().any(|write| write.id == id);
    for operation in Operation::protected().filter(|operation| !is_write(&operation.id)) {
        let reply = call_badly(&nobody, &operation).await;
        let refused = reply.status == 403;
        assert_eq!(refused, STAFF_ONLY.contains(&operation.id.as_str()), "{}: {}", operation.id, reply.text);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_each_role_may_do_its_own_and_nothing_else(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    for role in [Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent] {
        let actor = house.client_of(&partner.partner_id, &all_scopes(), &[role]).await;
        for operation in writes() {
            let id = operation.id.as_str();
            let may = match role {
                Role::GlobalAdmin => GLOBAL_ADMIN.contains(&id),
                Role::SalesAgent => SALES_AGENT.contains(&id),
                _ => !NOT_ADMIN_AGENT.contains(&id),
            };
            let reply = call_badly(&actor, &operation).await;
            assert_eq!(reply.code() != "role_required", may, "{role:?} {id}: {}", reply.text);
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_an_operator_reads_all_partners_but_writes_nothing_and_sees_no_key(backend: Backend) {
    let house = House::open(backend).await;
    let (one, other) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let operator = house.operator().await;
    for operation in writes().filter(|operation| !STAFF_TOO.contains(&operation.id.as_str())) {
        let request = one.request(&operation).await;
        let headers = [("idempotency-key", "k"), ("if-match", "*")];
        let reply = operator.send(operation.method.clone(), &request.path, &headers, text(&request.body)).await;
        // The scope for keys is one that an operator's client cannot even hold.
        let code = if operation.id == "reveal_key" { "insufficient_scope" } else { "token_kind_not_allowed" };
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, code), "{}", operation.id);
    }
    for (list, ids) in [("/v1/orders", [&one.order.id, &other.order.id]), ("/v1/refunds", [&one.refund, &other.refund])]
    {
        let all = operator.get(&format!("{list}?limit=200")).await;
        assert!(all.status == 200 && ids.iter().all(|id| all.text.contains(*id)), "{list}");
    }
    assert_eq!(operator.get("/v1/key-stock").await.status, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_09_a_customer_sees_its_own_software_and_keys_and_nothing_else(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let customer = house.customer(&own.shop.customer.id).await;
    let allowed = ["get_entitlement", "list_entitlement_media", "list_software", "reveal_key"];
    for operation in Operation::protected() {
        let is_allowed = allowed.contains(&operation.id.as_str());
        let request = own.request(&operation).await;
        let headers = [("idempotency-key", "own"), ("if-match", "*")];
        let body = || text(&request.body);
        let reply = customer.send(operation.method.clone(), &request.path, &headers, body()).await;
        if !is_allowed {
            let answer = (reply.status.as_u16(), reply.code());
            assert_eq!(answer, (403, "token_kind_not_allowed".to_owned()), "{}", operation.id);
            continue;
        }
        assert_eq!(reply.status, 200, "{}: {}", operation.id, reply.text);
        if operation.has_id() {
            let path = operation.at(foreign.id_for(&operation));
            let reply = customer.send(operation.method.clone(), &path, &headers, body()).await;
            // The key was used for another path before; nothing is said of that either.
            assert!(matches!(reply.code().as_str(), "not_found" | "idempotency_key_reused"), "{}", operation.id);
            let fresh = [("idempotency-key", "foreign")];
            let reply = customer.send(operation.method.clone(), &path, &fresh, body()).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not_found"), "{}", operation.id);
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_05_an_unknown_path_is_a_problem_document(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    for path in ["/", "/v1", "/v2/orders", "/v1/orders/", "/v1/orders/x/y", "/v1/orders:nothing", "/v1/orders/x:cancel"]
    {
        let reply = partner.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "route_not_found"), "{path}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_05_another_method_405_with_those_there_are(backend: Backend) {
    let house = House::open(backend).await;
    let all = Operation::all();
    for path in all.iter().map(|operation| &operation.path) {
        let here = all.iter().filter(|operation| operation.path == *path);
        let mut documented: Vec<&str> = here.map(|operation| operation.method.as_str()).collect();
        documented.push("OPTIONS");
        if documented.contains(&"GET") {
            documented.push("HEAD");
        }
        documented.sort_unstable();
        for method in ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", "TRACE", "PROPFIND"] {
            if documented.contains(&method) {
                continue;
            }
            let url = format!("{}{}", house.url, path.replace("{id}", "x"));
            let reply = house.http().request(method.parse().unwrap(), url).send().await.unwrap();
            let allow = reply.headers().get("allow").map(|allow| allow.to_str().unwrap().to_owned());
            assert_eq!((reply.status().as_u16(), allow), (405, Some(documented.join(", "))), "{method} {path}");
            let text = reply.text().await.unwrap();
            assert!(method == "HEAD" || text.contains("\"code\":\"method_not_allowed\""), "{method} {path}: {text}");
        }
    }
}
