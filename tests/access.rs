//! Who may call what. The tests walk over the document: an operation that is added is tested by that.

use lonja::access::permits::SCOPES;
use lonja::access::{Role, TokenKind};
use lonja::partners::PartnerKind;
use lonja_tests::actor::text;
use lonja_tests::walk::{Furnished, Operation, documented, is_for, needs_token, walked};
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

/// Operations without a token. One more is a decision, and stands here.
const PUBLIC: &[&str] = &[
    "answer_acceptance",
    "get_acceptance",
    "get_authorization_server",
    "get_liveness",
    "get_problem_type",
    "get_readiness",
    "get_sandbox_clock",
    "get_signing_keys",
    "list_problem_types",
    "list_sandbox_emails",
    "request_token",
    "set_sandbox_clock",
    "verify_email",
];
/// The kinds of client, as one that holds whatever its kind can: scopes, partner, customer.
const KINDS: [TokenKind; 4] = [TokenKind::Operator, TokenKind::Enrolment, TokenKind::Partner, TokenKind::Customer];

/// How many operations need a token: what a walk over them must come by.
fn all_protected() -> usize {
    documented(|_, operation| needs_token(operation))
}

/// What changes something: an effect once per key, or a change of what is there.
fn changes(operation: &Operation) -> bool {
    operation.takes("header", "Idempotency-Key") || ["PATCH", "PUT", "DELETE"].contains(&operation.method.as_str())
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
        Operation::all().into_iter().filter(|operation| operation.scopes.is_empty()).map(|one| one.id).collect();
    let mut sorted = public.clone();
    sorted.sort();
    assert_eq!(sorted, PUBLIC);
}

#[test]
fn rule_plt_01_every_scope_of_an_operation_is_in_the_list_of_scopes() {
    for operation in Operation::protected() {
        // Also not the name of a permit that the document has not put into its words.
        for named in &operation.scopes {
            assert!(SCOPES.iter().any(|(scope, _)| scope == named), "{}", operation.id);
            assert!(!operation.kinds_for(named).is_empty(), "{}: {named} is for nobody", operation.id);
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_without_a_token_401(backend: Backend) {
    let house = House::open(backend).await;
    let mut count = 0;
    for operation in Operation::protected() {
        count += 1;
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
    walked("operations without a token", count, all_protected());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_every_scope_but_its_own_403_before_anything_else(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let mut count = 0;
    for (missing, _) in SCOPES {
        let scopes: Vec<&str> = all_scopes().into_iter().filter(|scope| scope != missing).collect();
        let lacks = |operation: &Operation| operation.scopes.iter().any(|scope| scope == missing);
        for operation in Operation::protected().filter(lacks) {
            // Of a kind that this scope is for: others are told of theirs.
            let kind = operation.kinds_for(missing)[0];
            let owner = (kind == TokenKind::Partner).then_some(partner.partner_id.as_str());
            let actor = house.client(kind, owner, None, &scopes, Role::ALL).await;
            let reply = call_badly(&actor, &operation).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "insufficient_scope"), "{}", operation.id);
            assert_eq!(reply.json()["context"]["scope"], *missing);
            let challenge = reply.header("www-authenticate");
            let named = format!("error=\"insufficient_scope\", scope=\"{missing}\"");
            assert!(challenge.starts_with("Bearer") && challenge.contains(&named), "{}: {challenge}", operation.id);
            count += 1;
        }
    }
    let all = Operation::protected().map(|operation| operation.scopes.len()).sum();
    walked("operations without their scope", count, all);
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
    let (seller, operator, storefront) =
        (house.partner(PartnerKind::DirectBill).await, house.operator().await, house.enrolment().await);
    let customer = house.customer(&Uuid::new_v4().to_string()).await;
    let mut count = 0;
    for operation in Operation::once() {
        count += 1;
        let partner = match operation.kinds[..] {
            [TokenKind::Enrolment, ..] => &storefront,
            [TokenKind::Operator] => &operator,
            [TokenKind::Customer] => &customer,
            _ => &seller,
        };
        // A file is known by its kind before it is read.
        let expected = if operation.id == "import_key_stock" { "unsupported_media_type" } else { "malformed_json" };
        let path = operation.at(&Uuid::new_v4().to_string());
        let nonsense = || Some("{\"nonsense\": ".to_owned());
        let without_key = partner.send(Method::POST, &path, &[], nonsense()).await;
        assert_eq!(without_key.code(), "idempotency_key_required", "{}", operation.id);
        let with_key = partner.send(Method::POST, &path, &[("idempotency-key", "k")], nonsense()).await;
        assert_eq!(with_key.code(), expected, "{}", operation.id);
    }
    walked("operations with a key", count, Operation::once().count());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_09_the_wrong_kind_of_token_403_naming_those_that_may(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let (partner, customer) = (shop.seller.partner_id.as_str(), shop.customer.id.as_str());
    let mut count = 0;
    for kind in KINDS {
        let owner = (kind == TokenKind::Partner).then_some(partner);
        let whose = (kind == TokenKind::Customer).then_some(customer);
        // Every scope and every role, so that the kind is all that stands against it.
        let actor = house.client(kind, owner, whose, &all_scopes(), Role::ALL).await;
        for operation in Operation::protected() {
            let reply = call_badly(&actor, &operation).await;
            let answer = (reply.status.as_u16(), reply.code());
            let may = operation.kinds.contains(&kind);
            assert_eq!(answer == (403, "token_kind_not_allowed".to_owned()), !may, "{kind:?} {}", operation.id);
            assert_eq!(reply.status == 403, !may, "{kind:?} {}: {}", operation.id, reply.text);
            if !may {
                assert_eq!(reply.json()["context"]["kinds"], json!(operation.kinds), "{}", operation.id);
                count += 1;
            }
        }
    }
    let may: usize = KINDS.iter().map(|kind| documented(|_, operation| is_for(operation, *kind))).sum();
    walked("kinds of token that may not", count, KINDS.len() * all_protected() - may);
}

#[test]
fn rule_plt_01_every_operation_says_its_kinds_and_every_change_of_a_partner_its_roles() {
    let mut count = 0;
    for operation in Operation::protected() {
        let id = &operation.id;
        assert!(!operation.kinds.is_empty(), "{id}: no kind of token; its permit must stand in `security`");
        assert!(operation.kinds.iter().all(|kind| *kind != TokenKind::Enrolment) || id == "create_partner", "{id}");
        for role in &operation.roles {
            assert!(operation.kinds.iter().any(|kind| role.is_for(*kind)), "{id}: nobody can hold {role:?}");
        }
        // Operators hold no roles: their scopes are their own.
        let by_people = operation.kinds.iter().any(|kind| !matches!(kind, TokenKind::Operator | TokenKind::Enrolment));
        if by_people && changes(&operation) {
            assert!(!operation.roles.is_empty(), "{id} changes something and needs no role");
        }
        assert!(operation.is_write() || operation.roles.is_empty(), "{id} only reads: reads need no role");
        count += 1;
    }
    walked("operations that say who may", count, all_protected());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_the_wrong_role_403_naming_those_that_may(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let (partner, customer) = (shop.seller.partner_id.as_str(), shop.customer.id.as_str());
    let (mut refused, mut passed) = (0, 0);
    for kind in [TokenKind::Partner, TokenKind::Customer] {
        let owner = (kind == TokenKind::Partner).then_some(partner);
        let whose = (kind == TokenKind::Customer).then_some(customer);
        // Each role alone, also those that this kind cannot hold, and none.
        for role in Role::ALL.iter().map(Some).chain([None]) {
            let held: Vec<Role> = role.into_iter().copied().collect();
            let actor = house.client(kind, owner, whose, &all_scopes(), &held).await;
            for operation in Operation::protected().filter(|operation| operation.kinds.contains(&kind)) {
                let reply = call_badly(&actor, &operation).await;
                let counts = |role: &Role| role.is_for(kind) && operation.roles.contains(role);
                let may = operation.roles.is_empty() || role.is_some_and(counts);
                let what = format!("{kind:?} {role:?} {}: {}", operation.id, reply.text);
                assert_eq!(reply.status == 403, !may, "{what}");
                if may {
                    passed += 1;
                } else {
                    assert_eq!(reply.code(), "role_required", "{what}");
                    assert_eq!(reply.json()["context"]["roles"], json!(operation.roles), "{what}");
                    refused += 1;
                }
            }
        }
    }
    let named = |operation: &Value| operation["x-access"]["roles"].as_array().cloned().unwrap_or_default();
    let (mut may_not, mut may) = (0, 0);
    for kind in [TokenKind::Partner, TokenKind::Customer] {
        let all = (Role::ALL.len() + 1) * documented(|_, operation| is_for(operation, kind));
        let whoever = documented(|_, operation| is_for(operation, kind) && named(operation).is_empty());
        let by_role = |role: &Role| documented(|_, one| is_for(one, kind) && named(one).contains(&json!(role)));
        let held: usize = Role::ALL.iter().filter(|role| role.is_for(kind)).map(by_role).sum();
        let passed = (Role::ALL.len() + 1) * whoever + held;
        (may_not, may) = (may_not + all - passed, may + passed);
    }
    walked("roles that may not", refused, may_not);
    walked("roles that may", passed, may);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_an_operator_reads_all_partners_but_writes_nothing_and_sees_no_key(backend: Backend) {
    let house = House::open(backend).await;
    let (one, other) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let operator = house.operator().await;
    let not_hers = |operation: &Operation| operation.is_write() && !operation.kinds.contains(&TokenKind::Operator);
    for operation in Operation::protected().filter(not_hers) {
        let request = one.request(&operation).await;
        let headers = [("idempotency-key", "k"), ("if-match", "*")];
        let reply = operator.send(operation.method.clone(), &request.path, &headers, text(&request.body)).await;
        // The scopes for keys and credentials are ones that an operator's client cannot even hold.
        let shows_secrets =
            [["software:keys"], ["tenants:credentials"]].iter().any(|scopes| operation.scopes == *scopes);
        let code = if shows_secrets { "insufficient_scope" } else { "token_kind_not_allowed" };
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
    let mut count = 0;
    for operation in Operation::protected() {
        let is_allowed = operation.kinds.contains(&TokenKind::Customer);
        count += usize::from(is_allowed);
        let request = own.request(&operation).await;
        let headers = [("idempotency-key", "own"), ("if-match", "*")];
        let body = || text(&request.body);
        let reply = customer.send(operation.method.clone(), &request.path, &headers, body()).await;
        if !is_allowed {
            let answer = (reply.status.as_u16(), reply.code());
            assert_eq!(answer, (403, "token_kind_not_allowed".to_owned()), "{}", operation.id);
            continue;
        }
        assert!(reply.status.is_success(), "{}: {}", operation.id, reply.text);
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
    walked("operations of customers", count, documented(|_, operation| is_for(operation, TokenKind::Customer)));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_05_an_unknown_path_is_a_problem_document(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    for path in
        ["/", "/v1", "/v2/orders", "/v1/orders/", "/v1/orders/x/y", "/v1/orders:nothing", "/v1/orders/x:nothing"]
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
            // What is no list of names may be an id.
            if path == "/v1/partners/me" && method == "PATCH" {
                continue;
            }
            let url = format!("{}{}", house.url, path.replace("{id}", "x").replace("{userId}", "x"));
            let reply = house.http().request(method.parse().unwrap(), url).send().await.unwrap();
            let allow = reply.headers().get("allow").map(|allow| allow.to_str().unwrap().to_owned());
            assert_eq!((reply.status().as_u16(), allow), (405, Some(documented.join(", "))), "{method} {path}");
            let text = reply.text().await.unwrap();
            assert!(method == "HEAD" || text.contains("\"code\":\"method_not_allowed\""), "{method} {path}: {text}");
        }
    }
}
