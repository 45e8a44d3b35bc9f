//! An effect happens once per `Idempotency-Key` (PLT-02). The tests walk over every operation that takes one.

use futures_util::future::{join_all, select};
use lonja::access::Role;
use lonja_tests::actor::text;
use lonja_tests::beside::Hold;
use lonja_tests::house::partner_scopes;
use lonja_tests::shop::{OFFICE_MXN, WINDOWS_MXN};
use lonja_tests::walk::{Furnished, Operation, Request};
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::pin::pin;
use test_case::test_case;
use uuid::Uuid;

async fn post(actor: &Actor, request: &Request, key: &str) -> Reply {
    actor.post_with(&request.path, key, &request.body).await
}

fn assert_replay(first: &Reply, second: &Reply, what: &str) {
    assert_eq!(first.header("idempotent-replayed"), "", "{what}");
    assert_eq!(second.header("idempotent-replayed"), "true", "{what}: {}", second.text);
    assert_eq!((second.status, &second.text), (first.status, &first.text), "{what}");
    for header in ["location", "etag", "content-type"] {
        assert_eq!(second.header(header), first.header(header), "{what}: {header}");
    }
}

/// The same JSON: fields in the opposite order, white space between everything.
fn rewritten(value: &Value) -> String {
    match value {
        Value::Null => "{ }".to_owned(),
        Value::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().rev().map(|(name, value)| format!("{} :\t{}", json!(name), rewritten(value))).collect();
            format!("{{\n  {}\n}}", fields.join(" ,\n  "))
        }
        Value::Array(items) => format!("[ {} ]", items.iter().map(rewritten).collect::<Vec<_>>().join(" , ")),
        other => other.to_string(),
    }
}

/// The same body as somebody else might write it; a file is the same only byte for byte.
fn again(body: &Value) -> String {
    body.as_str().map_or_else(|| rewritten(body), str::to_owned)
}

/// The request as a rule refuses it, though its form is right.
fn refused(operation: &Operation, request: &Request) -> Request {
    let mut body = request.body.clone();
    match operation.id.as_str() {
        // Whatever its body says is possible: what it refuses is another client.
        "rotate_api_client_secret" => return Request { path: operation.at(&Uuid::new_v4().to_string()), body },
        "create_api_client" => body["scope"] = json!("orders:raed"),
        "make_advisor_agreement" => body["firstYearPercent"] = json!("99"),
        "create_customer" | "redeem_open_keys" => body["companyName"] = json!("---"),
        "create_open_agreement" => body["customerId"] = json!(Uuid::new_v4()),
        "attest_customer_agreement" => body["agreedAt"] = json!("2199-01-01T00:00:00Z"),
        "create_tenant" | "create_work_account" => body["name"] = json!("NO VALE"),
        "place_order" | "place_open_order" => body["lines"][0]["offerId"] = json!("no-such-offer"),
        "reveal_key" | "create_key_share" | "create_download_link" => body["version"] = json!("1999"),
        "import_key_stock" => body = json!("product,version\n"),
        "create_partner" => body["country"] = json!("ZZ"),
        "create_partner_user" => body["firstName"] = json!("Test"),
        "accept_partner_agreement" => body["version"] = json!("1999-01-01"),
        // Whatever their bodies say is possible: what they refuse is another partner.
        "submit_partner"
        | "resend_partner_verification"
        | "approve_partner"
        | "reject_partner"
        | "suspend_partner"
        | "reinstate_partner" => return Request { path: operation.at(&Uuid::new_v4().to_string()), body },
        "reveal_tenant_credentials" | "resend_tenant_acceptance" => {
            return Request { path: operation.at(&Uuid::new_v4().to_string()), body };
        }
        "create_webhook_endpoint" => body["eventTypes"] = json!(["no.such.event"]),
        "redeliver_webhook" | "rotate_webhook_secret" | "test_webhook_endpoint" => {
            return Request { path: request.path.replace("/v1/webhook-endpoints/", "/v1/webhook-endpoints/0"), body };
        }
        "authorize_indirect_provider_link" => body["consent"] = json!(false),
        "record_renewal_payment" => body["amount"]["amount"] = json!("0.01"),
        "cancel_indirect_provider_link"
        | "cancel_open_order"
        | "cancel_order"
        | "retrieve_open_key"
        | "sign_open_agreement"
        | "cancel_subscription"
        | "change_seats"
        | "record_renewal_payment_failure"
        | "resume_subscription"
        | "revoke_scheduled_changes"
        | "set_end_of_term"
        | "suspend_subscription"
        | "upgrade_subscription"
        | "decline_indirect_provider_link"
        | "end_indirect_provider_link"
        | "remove_link_admin_access" => {
            return Request { path: operation.path.replace("{id}", &Uuid::new_v4().to_string()), body };
        }
        "invite_indirect_reseller" => body["resellerId"] = json!(Uuid::new_v4()),
        "create_relationship_request" | "invite_link_customer" => body["companyName"] = json!("---"),
        "resend_relationship_request" | "withdraw_relationship_request" => {
            let path = request.path.replace("/v1/relationship-requests/", "/v1/relationship-requests/0");
            return Request { path, body };
        }
        "add_refund_attachment" => body["content"] = json!("AAAA"),
        "approve_refund" | "reject_refund" | "withdraw_refund" => {
            return Request { path: operation.at(&Uuid::new_v4().to_string()), body };
        }
        "request_refund" => body["amount"]["amount"] = json!("99999999.00"),
        "submit_gcc_partner_validation" | "submit_gcc_customer_validation" => {
            body["partnerTenantId"] = json!(Uuid::nil());
        }
        gcc if gcc.contains("gcc_") => {
            return Request { path: operation.path.replace("{id}", &Uuid::new_v4().to_string()), body };
        }
        other => panic!("{other}: say here what it refuses"),
    }
    Request { path: request.path.clone(), body }
}

/// How many of what this operation makes there are.
async fn made(shop: &Furnished<'_>, operation: &Operation, request: &Request) -> usize {
    // What cannot be listed by whoever makes it is counted by what is told of it.
    let is_unlisted = operation.path.contains(':')
        || operation.path.starts_with("/v1/renewals/")
        || ["add_refund_attachment", "create_partner", "create_work_account", "import_key_stock", "redeem_open_keys"]
            .contains(&operation.id.as_str());
    if is_unlisted && operation.id != "reveal_key" {
        return shop.done(operation).await;
    }
    let software = format!("/v1/customers/{}/software", shop.shop.customer.id);
    if operation.id == "rotate_api_client_secret" {
        let client = shop.seller().get(request.path.trim_end_matches(":rotate")).await.json();
        return client["secrets"].as_array().unwrap().len();
    }
    let list = match operation.id.as_str() {
        "create_tenant" => "/v1/tenants",
        "invite_link_customer" => "/v1/relationship-requests",
        "reveal_key" => &software,
        _ => &request.path,
    };
    let items =
        shop.actor(operation).get(&format!("{list}?limit=200")).await.json()["items"].as_array().cloned().unwrap();
    let counts = |item: &&Value| operation.id != "reveal_key" || !item["productKey"].is_null();
    items.iter().filter(counts).count()
}

/// Of many equal requests one took effect; every other answer repeats it or says that it still runs.
fn assert_one_effect(replies: &[Reply], what: &str) {
    let done: Vec<&Reply> = replies.iter().filter(|reply| reply.status.is_success()).collect();
    let first: Vec<&&Reply> = done.iter().filter(|reply| reply.header("idempotent-replayed").is_empty()).collect();
    assert_eq!(first.len(), 1, "{what}: {} succeeded", done.len());
    assert!(done.iter().all(|reply| reply.text == first[0].text && reply.status == first[0].status), "{what}");
    for reply in replies.iter().filter(|reply| !reply.status.is_success()) {
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "idempotency_in_flight"), "{what}");
        assert!(reply.header("retry-after").parse::<u32>().unwrap() >= 1, "{what}");
    }
}

#[test]
fn rule_plt_02_every_post_that_changes_something_takes_a_key() {
    // Pure calculations and what needs no token are exempt.
    let reads = |path: &str| path.contains(":preview") || path.ends_with(":lookup");
    let calculates = |id: &str| {
        ["quote_refund", "recommend_plan", "compare_earnings", "check_gcc_eligibility", "plan_kms_migration"]
            .contains(&id)
    };
    let is_exempt = |operation: &&Operation| reads(&operation.path) || calculates(&operation.id);
    let posts: Vec<_> = Operation::protected().filter(|operation| operation.method == Method::POST).collect();
    let expected: Vec<&str> =
        posts.iter().filter(|operation| !is_exempt(operation)).map(|operation| operation.id.as_str()).collect();
    let once: Vec<_> = Operation::once().map(|operation| operation.id).collect();
    assert!(!once.is_empty());
    assert_eq!(once, expected);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_a_key_that_is_missing_or_no_key_is_refused(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let (longest, too_long) = ("k".repeat(255), "k".repeat(256));
    for operation in Operation::once() {
        let request = shop.request(&operation).await;
        let before = made(&shop, &operation, &request).await;
        let with = async |headers: &[(&str, &str)]| {
            shop.actor(&operation).send(Method::POST, &request.path, headers, text(&request.body)).await
        };
        let missing = with(&[]).await;
        assert_eq!((missing.status.as_u16(), missing.code().as_str()), (400, "idempotency_key_required"));
        for bad in ["", "\"\"", "a b", "\"a b\"", "a\tb", too_long.as_str()] {
            let reply = with(&[("idempotency-key", bad)]).await;
            let said = (reply.status.as_u16(), reply.code());
            assert_eq!(said, (400, "idempotency_key_invalid".to_owned()), "{} {bad:?}", operation.id);
        }
        let two = with(&[("idempotency-key", "one"), ("idempotency-key", "two")]).await;
        assert_eq!((two.status.as_u16(), two.code().as_str()), (400, "idempotency_key_invalid"), "{}", operation.id);
        assert_eq!(made(&shop, &operation, &request).await, before, "{}", operation.id);
        let longest = with(&[("idempotency-key", &longest)]).await;
        assert!(longest.status.is_success(), "{}: {}", operation.id, longest.text);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_a_repeat_is_answered_byte_for_byte(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for operation in Operation::once() {
        let (request, id) = (shop.request(&operation).await, &operation.id);
        let before = made(&shop, &operation, &request).await;
        // One key serves all operations: it counts for each by itself.
        let first = post(shop.actor(&operation), &request, "the-key").await;
        assert!(first.status.is_success(), "{id}: {}", first.text);
        assert_replay(&first, &post(shop.actor(&operation), &request, "the-key").await, id);
        assert_replay(&first, &post(shop.actor(&operation), &request, "\"the-key\"").await, &format!("{id} quoted"));

        let headers = [("idempotency-key", "the-key")];
        let again =
            shop.actor(&operation).send(Method::POST, &request.path, &headers, Some(again(&request.body))).await;
        assert_replay(&first, &again, &format!("{id} rewritten"));
        // A new token is the same client.
        let returned = shop.actor(&operation).at(&house.url);
        assert_replay(&first, &post(&returned, &request, "the-key").await, &format!("{id} with a new token"));
        assert_eq!(made(&shop, &operation, &request).await, before + 1, "{id}");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_a_key_serves_one_request_of_one_partner(backend: Backend) {
    let house = House::open(backend).await;
    let (shop, other) = (Furnished::open(&house).await, Furnished::open(&house).await);
    for operation in Operation::once() {
        let (request, id) = (shop.request(&operation).await, &operation.id);
        let first = post(shop.actor(&operation), &request, "a-key").await;
        assert!(first.status.is_success(), "{id}: {}", first.text);
        let mut changed = vec![refused(&operation, &request)];
        if operation.has_id() {
            changed.push(Request { path: operation.at(&Uuid::new_v4().to_string()), body: request.body.clone() });
        }
        for changed in changed {
            let reply = post(shop.actor(&operation), &changed, "a-key").await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "idempotency_key_reused"), "{id}");
        }
        let theirs = post(other.actor(&operation), &other.request(&operation).await, "a-key").await;
        assert!(theirs.status.is_success() && theirs.header("idempotent-replayed").is_empty(), "{id}: {}", theirs.text);
        assert_replay(&first, &post(shop.actor(&operation), &request, "a-key").await, id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_ten_03_a_refused_request_does_not_use_the_key_up(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for operation in Operation::once() {
        let (request, id) = (shop.request(&operation).await, &operation.id);
        let mut unknown_field = Request { path: request.path.clone(), body: request.body.clone() };
        // A file has no fields: half of one.
        match &mut unknown_field.body {
            Value::String(file) => file.truncate(12),
            body => body["noSuchField"] = json!(1),
        }
        for (bad, name) in [(refused(&operation, &request), "a rule"), (unknown_field, "the form")] {
            let reply = post(shop.actor(&operation), &bad, "my-key").await;
            assert!(reply.status.is_client_error(), "{id}, {name}: {}", reply.text);
            // Nor is the refusal what a repeat gets.
            assert_eq!(
                post(shop.actor(&operation), &bad, "my-key").await.header("idempotent-replayed"),
                "",
                "{id}, {name}"
            );
        }
        let right = post(shop.actor(&operation), &request, "my-key").await;
        assert!(right.status.is_success() && right.header("idempotent-replayed").is_empty(), "{id}: {}", right.text);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_while_the_first_request_runs_its_repeat_is_told_so(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for operation in Operation::once() {
        let (request, id) = (shop.request(&operation).await, &operation.id);
        let hold = Hold::of(&house.database_url).await.unwrap();
        let one = pin!(post(shop.actor(&operation), &request, "running"));
        let two = pin!(post(shop.actor(&operation), &request, "running"));
        let (repeat, first) = select(one, two).await.factor_first();
        assert_eq!((repeat.status.as_u16(), repeat.code().as_str()), (409, "idempotency_in_flight"), "{id}");
        assert_eq!(repeat.header("retry-after"), "1", "{id}");
        hold.release().await.unwrap();
        let first = first.await;
        assert!(first.status.is_success() && first.header("idempotent-replayed").is_empty(), "{id}: {}", first.text);
        assert_replay(&first, &post(shop.actor(&operation), &request, "running").await, id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ord_04_fifty_equal_requests_at_once_have_one_effect(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for operation in Operation::once() {
        let request = shop.request(&operation).await;
        let before = made(&shop, &operation, &request).await;
        let replies = join_all((0..50).map(|_| post(shop.actor(&operation), &request, "racing"))).await;
        assert_one_effect(&replies, &operation.id);
        assert_eq!(made(&shop, &operation, &request).await, before + 1, "{}", operation.id);
    }
}

#[tokio::test]
async fn rule_plt_02_three_replicas_over_one_database_have_one_effect() {
    let house = House::open(Backend::Postgres).await;
    let shop = Furnished::open(&house).await;
    let (second, third) = (house.replica().await, house.replica().await);
    for operation in Operation::once() {
        let there = [&house.url, &second.0, &third.0].map(|url| shop.actor(&operation).at(url));
        let request = shop.request(&operation).await;
        let before = made(&shop, &operation, &request).await;
        let replies = join_all((0..50).map(|number| post(&there[number % 3], &request, "racing"))).await;
        assert_one_effect(&replies, &operation.id);
        assert_eq!(made(&shop, &operation, &request).await, before + 1, "{}", operation.id);
    }
    second.1.stop(false).await;
    third.1.stop(false).await;
}

#[tokio::test]
async fn rule_swk_09_two_servers_issue_each_key_once() {
    let house = House::open(Backend::Postgres).await;
    let shop = Shop::open(&house).await;
    let (url, handle) = house.replica().await;
    let there = shop.seller.at(&url);
    let actor = |number: usize| if number.is_multiple_of(2) { &shop.seller } else { &there };

    // Six orders for four keys: four complete, and no key is promised twice.
    house.stock("windows-server-standard", "2022", 4).await;
    let body = serde_json::to_value(shop.order(WINDOWS_MXN, 1)).unwrap();
    let orders = join_all((0..6).map(|number| actor(number).post("/v1/orders", &body))).await;
    assert!(orders.iter().all(|order| order.status == 201));
    let completed: Vec<Value> = orders.iter().map(Reply::json).filter(|order| order["state"] == "completed").collect();
    assert_eq!(completed.len(), 4);

    let body = serde_json::to_value(Shop::reveal("2022")).unwrap();
    let reveal = async |(number, order): (usize, &Value)| {
        let entitlement = order["lines"][0]["entitlementId"].as_str().unwrap();
        let reply = actor(number).post(&format!("/v1/entitlements/{entitlement}/keys:reveal"), &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["productKey"].as_str().unwrap().to_owned()
    };
    let keys = join_all(completed.iter().enumerate().map(reveal)).await;
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 4, "a key was issued twice");
    handle.stop(false).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_a_key_in_clear_is_repeated_to_the_same_client_only_and_until_it_is_revoked(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("office-ltsc-professional-plus", "2024", 1).await;
    let shop = Shop::open(&house).await;
    let order = shop.buy(OFFICE_MXN, 1).await;
    assert_eq!(order.state.as_str(), "completed");
    let path = format!("/v1/entitlements/{}/keys:reveal", order.lines[0].entitlement_id.as_deref().unwrap());
    let media = shop.seller.get(&path.replace("keys:reveal", "media")).await.json();
    let medium = media["items"].as_array().unwrap().iter().find(|medium| medium["version"] == "2024").unwrap();
    let body = json!({
        "version": "2024", "language": medium["language"], "bitness": medium["bitness"], "reason": "Instalación",
    });
    let reveal = Request { path, body };
    let first = post(&shop.seller, &reveal, "secret").await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.header("cache-control"), "no-store");
    let again = post(&shop.seller, &reveal, "secret").await;
    assert_replay(&first, &again, "the same client");
    assert_eq!(again.header("cache-control"), "no-store");

    let colleague = house.client_of(&shop.seller.partner_id, &partner_scopes(), &[Role::AdminAgent]).await;
    let stranger = post(&colleague, &reveal, "secret").await;
    assert_eq!((stranger.status.as_u16(), stranger.code().as_str()), (410, "secret_already_shown"));

    let amount = order.total.clone();
    shop.seller.lonja.request_refund(&Shop::refund(&order, amount)).await.unwrap();
    let key = first.json()["productKey"].as_str().unwrap().to_owned();
    for (client, idempotency_key) in [(&shop.seller, "secret"), (&colleague, "secret"), (&shop.seller, "new")] {
        let gone = post(client, &reveal, idempotency_key).await;
        assert!(gone.status == 410 && !gone.text.contains(&key), "{}", gone.text);
    }
}
