//! A partner looks after its own API clients (ENR-12).

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use lonja::access::{Role, TokenKind};
use lonja::partners::PartnerKind;
use lonja_tests::house::partner_scopes;
use lonja_tests::{Actor, Backend, House, Reply, beside};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use test_case::test_case;

const CLIENTS: &str = "/v1/api-clients";

/// What the token endpoint says to these credentials.
async fn token_status(house: &House, id: &str, secret: &str) -> u16 {
    token_status_at(house, &house.url, id, secret).await
}

/// The same of another server of the house.
async fn token_status_at(house: &House, url: &str, id: &str, secret: &str) -> u16 {
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    let request = house.http().post(format!("{url}/v1/oauth/token")).body("grant_type=client_credentials");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.header("authorization", format!("Basic {basic}")).send().await.unwrap().status().as_u16()
}

async fn made(actor: &Actor, scope: &str, roles: &[Role]) -> Value {
    let reply = actor.post(CLIENTS, &json!({ "name": "Nightly", "scope": scope, "roles": roles })).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

async fn rotate(actor: &Actor, id: &str, body: Value) -> Value {
    let reply = actor.post(&format!("{CLIENTS}/{id}:rotate"), &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn delete(actor: &Actor, id: &str, headers: &[(&str, &str)]) -> Reply {
    actor.send(Method::DELETE, &format!("{CLIENTS}/{id}"), headers, None).await
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_a_client_is_made_shown_and_used_and_its_secret_is_shown_once(backend: Backend) {
    let house = House::open(backend).await;
    let admin = house.partner(PartnerKind::DirectBill).await;
    let body = json!({ "name": "Nocturno", "scope": "orders:read  orders:read", "roles": ["adminAgent"] });
    let first = admin.post_with(CLIENTS, "one", &body).await;
    assert_eq!((first.status.as_u16(), first.header("cache-control")), (201, "no-store"));
    let (answer, again) = (first.json(), admin.post_with(CLIENTS, "one", &body).await);
    let (id, secret) = (text(&answer, "clientId").to_owned(), text(&answer, "clientSecret").to_owned());
    assert_eq!(first.header("location"), format!("{CLIENTS}/{id}"));
    assert_eq!((&answer["id"], &answer["scope"]), (&json!(id), &json!("orders:read")));
    assert!(secret.starts_with("lonja_secret_"), "a prefix that scanners find");
    assert_eq!((again.text == first.text, again.header("idempotent-replayed")), (true, "true"));
    // The secret is the caller's: a colleague's repeat is told so (PLT-02).
    let colleague = house.client_of(&admin.partner_id, &["clients:manage", "orders:read"], Role::ALL).await;
    let theirs = colleague.post_with(CLIENTS, "one", &body).await;
    assert_eq!((theirs.status.as_u16(), theirs.code().as_str()), (410, "secret_already_shown"));

    let nightly = Actor::new(&house.url, house.http(), &id, &secret, None);
    assert_eq!(nightly.get("/v1/orders").await.status, 200);
    assert_eq!(nightly.get("/v1/customers").await.code(), "insufficient_scope");

    let shown = admin.get(&format!("{CLIENTS}/{id}")).await;
    let list = admin.get(CLIENTS).await;
    for reply in [&shown, &list] {
        assert!(reply.status == 200 && !reply.text.contains(&secret) && !reply.text.contains("hash"), "{}", reply.text);
    }
    assert_eq!(list.json()["items"].as_array().unwrap().len(), 3);
    assert_eq!((&shown.json()["name"], &shown.json()["roles"]), (&json!("Nocturno"), &json!(["adminAgent"])));
    assert_eq!(shown.json()["secrets"].as_array().unwrap().len(), 1);
    let known = [("if-none-match", shown.header("etag"))];
    assert_eq!(admin.send(Method::GET, &format!("{CLIENTS}/{id}"), &known, None).await.status, 304);
    let dump = beside::dump(&house.database_url).await.unwrap();
    assert!(!dump.windows(secret.len()).any(|window| window == secret.as_bytes()), "in clear in the database");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_nobody_grants_beyond_its_own(backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.partner(PartnerKind::DirectBill).await.partner_id;
    let scopes = ["clients:manage", "orders:read", "orders:write"];
    let admin = house.client_of(&owner, &scopes, &[Role::GlobalAdmin]).await;
    let asked = |scope: &str, roles: &[&str]| json!({ "name": "n", "scope": scope, "roles": roles });

    let reply =
        admin.post(CLIENTS, &asked("orders:read refunds:write software:keys", &["adminAgent", "salesAgent"])).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "grant_exceeds_own"), "{}", reply.text);
    assert_eq!(reply.json()["context"]["exceeding"], json!(["refunds:write", "software:keys", "salesAgent"]));
    let faults = ["/roles/1 grant_exceeds_own", "/scope grant_exceeds_own", "/scope grant_exceeds_own"];
    assert_eq!(reply.faults(), faults);
    let reply = admin.post(CLIENTS, &asked("orders:read", &["customerGlobalAdmin"])).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "grant_exceeds_own"));
    // The token counts, not the client behind it: whoever asked for less hands on less.
    let narrow = admin.fetch_token("grant_type=client_credentials&scope=clients:manage").await;
    let request =
        house.http().post(format!("{}{CLIENTS}", house.url)).bearer_auth(narrow).header("idempotency-key", "n");
    let reply: Value = request.json(&asked("orders:read", &[])).send().await.unwrap().json().await.unwrap();
    assert_eq!(reply["code"], "grant_exceeds_own");

    // Nor takes anybody what a broader client can by asking for its secret; a narrow token not even its own client's.
    let broad = house.client_of(&owner, &partner_scopes(), &[Role::GlobalAdmin, Role::SalesAgent]).await;
    let secrets = "SELECT count(*) FROM client_secrets";
    let before = house.count(secrets).await;
    let reply = admin.post(&format!("{CLIENTS}/{}:rotate", broad.client_id), &json!({})).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "grant_exceeds_own"), "{}", reply.text);
    let narrow = admin.fetch_token("grant_type=client_credentials&scope=clients:manage").await;
    let own = format!("{}{CLIENTS}/{}:rotate", house.url, admin.client_id);
    let request = house.http().post(own).bearer_auth(narrow).header("idempotency-key", "own").json(&json!({}));
    let reply: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(reply["code"], "grant_exceeds_own");
    assert_eq!(house.count(secrets).await, before, "no secret was made");

    let reply = admin.post(CLIENTS, &asked("orders:raed", &[])).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "scope_unknown"));
    assert_eq!(reply.json()["context"], json!({ "scope": "orders:raed", "nearest": "orders:read" }));
    let blank = json!({ "name": " \t ", "scope": "orders:read", "roles": [] });
    let reply = admin.post(CLIENTS, &blank).await;
    assert_eq!((reply.status.as_u16(), reply.faults()), (400, vec!["/name field_required".to_owned()]));
    let reply = admin.post(CLIENTS, &asked("orders:read", &["globalAdmn"])).await;
    assert_eq!((reply.status.as_u16(), reply.faults()), (400, vec!["/roles/0 field_not_allowed".to_owned()]));
    assert!(reply.text.contains("globalAdmin"), "{}", reply.text);

    // A globalAdmin may grant adminAgent, which it does not hold (ENR-12); then that one acts.
    let agent = made(&admin, "orders:write", &[Role::AdminAgent, Role::GlobalAdmin]).await;
    let agent = Actor::new(&house.url, house.http(), text(&agent, "clientId"), text(&agent, "clientSecret"), None);
    assert_eq!(agent.post("/v1/orders", &json!({})).await.code(), "invalid_request");
    assert_eq!(house.count("SELECT count(*) FROM api_clients").await, 4, "what was refused was not made");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_a_secret_is_replaced_without_a_gap(backend: Backend) {
    let house = House::open(backend).await;
    let admin = house.partner(PartnerKind::DirectBill).await;
    let body = json!({ "name": "Nightly", "scope": "orders:read", "roles": [] });
    let answer = admin.post_with(CLIENTS, "first", &body).await.json();
    let (id, first) = (text(&answer, "id").to_owned(), text(&answer, "clientSecret").to_owned());
    let path = format!("{CLIENTS}/{id}");

    let before = admin.get(&path).await;
    let second = rotate(&admin, &id, json!({})).await;
    let day = |secret: &Value| {
        let instant = |name: &str| text(secret, name).parse::<lonja::clock::Instant>().unwrap();
        instant("expiresAt").timestamp() - instant("createdAt").timestamp()
    };
    let secrets = second["secrets"].as_array().unwrap();
    assert!(secrets.len() == 2 && secrets[0]["expiresAt"].is_null(), "{secrets:?}");
    assert!((86_400..86_460).contains(&day(&secrets[1])), "a day unless said: {secrets:?}");
    assert_ne!(admin.get(&path).await.header("etag"), before.header("etag"));
    let replay = admin.post_with(CLIENTS, "first", &body).await;
    assert_eq!(replay.code(), "secret_already_shown", "its secret has an end now");
    for secret in [&first, text(&second, "clientSecret")] {
        assert_eq!(token_status(&house, &id, secret).await, 200, "both are good");
    }

    let third = rotate(&admin, &id, json!({ "overlapSeconds": 604_800 })).await;
    assert_eq!(third["secrets"].as_array().unwrap().len(), 2);
    for (secret, status) in
        [(first.as_str(), 401), (text(&second, "clientSecret"), 200), (text(&third, "clientSecret"), 200)]
    {
        assert_eq!(token_status(&house, &id, secret).await, status, "never more than two");
    }
    let fourth = rotate(&admin, &id, json!({ "overlapSeconds": 0 })).await;
    for (secret, status) in [(text(&third, "clientSecret"), 401), (text(&fourth, "clientSecret"), 200)] {
        assert_eq!(token_status(&house, &id, secret).await, status, "no overlap");
    }
    for overlap in [-1, 604_801] {
        let reply = admin.post(&format!("{path}:rotate"), &json!({ "overlapSeconds": overlap })).await;
        assert_eq!(reply.faults(), ["/overlapSeconds field_out_of_range"]);
    }
    let stale = [("idempotency-key", "stale"), ("if-match", before.header("etag"))];
    let reply = admin.send(Method::POST, &format!("{path}:rotate"), &stale, Some("{}".to_owned())).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (412, "precondition_failed"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_many_at_once_leave_two_secrets(backend: Backend) {
    let house = House::open(backend).await;
    let admin = house.partner(PartnerKind::DirectBill).await;
    let id = text(&made(&admin, "orders:read", &[]).await, "id").to_owned();
    let (path, body) = (format!("{CLIENTS}/{id}:rotate"), json!({}));
    let replies = join_all((0..6).map(|_| admin.post(&path, &body))).await;
    let done: Vec<Value> = replies.iter().filter(|reply| reply.status == 200).map(Reply::json).collect();
    assert!(!done.is_empty() && replies.iter().all(|reply| [200, 503].contains(&reply.status.as_u16())), "{replies:?}");
    let mut good = 0;
    for answer in &done {
        good += usize::from(token_status(&house, &id, text(answer, "clientSecret")).await == 200);
    }
    assert_eq!(good, done.len().min(2));
    assert_eq!(house.count(&format!("SELECT count(*) FROM client_secrets WHERE client_id = '{id}'")).await, 2);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_a_deleted_client_is_gone_and_its_row_is_kept(backend: Backend) {
    let house = House::open(backend).await;
    let admin = house.partner(PartnerKind::DirectBill).await;
    let answer = made(&admin, "orders:read", &[]).await;
    let (id, secret) = (text(&answer, "id").to_owned(), text(&answer, "clientSecret").to_owned());
    let client = Actor::new(&house.url, house.http(), &id, &secret, None);
    assert_eq!(client.get("/v1/orders").await.status, 200);

    let stale = delete(&admin, &id, &[("if-match", "\"7\"")]).await;
    assert_eq!((stale.status.as_u16(), stale.code().as_str()), (412, "precondition_failed"));
    let gone = delete(&admin, &id, &[("if-match", "\"1\"")]).await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    // Here it is felt at once; elsewhere within seconds.
    assert_eq!(client.get("/v1/orders").await.code(), "invalid_token");
    assert_eq!(token_status(&house, &id, &secret).await, 401);
    assert_eq!(delete(&admin, &id, &[]).await.status, 404, "a repeat");
    assert_eq!(admin.get(&format!("{CLIENTS}/{id}")).await.status, 404);
    assert_eq!(admin.post(&format!("{CLIENTS}/{id}:rotate"), &json!({})).await.status, 404);
    assert!(!admin.get(CLIENTS).await.text.contains(&id));
    let kept = format!("SELECT count(*) FROM api_clients WHERE id = '{id}' AND revoked_at IS NOT NULL");
    assert_eq!(house.count(&kept).await, 1);
    let told = format!("SELECT topic AS text FROM events WHERE object_id = '{id}' ORDER BY id");
    assert_eq!(house.texts(&told).await, ["client.created", "client.revoked"]);
    let audited = format!("SELECT operation AS text FROM audit_records WHERE object_id = '{id}' ORDER BY id");
    assert_eq!(house.texts(&audited).await, ["create_api_client", "delete_api_client"]);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_05_other_kinds_of_client_do_not_exist_for_a_partner(backend: Backend) {
    let house = House::open(backend).await;
    let shop = lonja_tests::Shop::open(&house).await;
    let unknown = uuid::Uuid::new_v4().to_string();
    let others = [
        house.operator().await.client_id,
        house.enrolment().await.client_id,
        house.customer(&shop.customer.id).await.client_id,
        // Even one that names the partner: only partner clients are the partner's to look after.
        house
            .client(TokenKind::Customer, Some(&shop.seller.partner_id), Some(&shop.customer.id), &[], &[])
            .await
            .client_id,
        house.partner(PartnerKind::DirectBill).await.client_id,
    ];
    let say = |reply: &Reply, id: &str| {
        let mut body = reply.json();
        body.as_object_mut().unwrap().remove("requestId");
        (reply.status.as_u16(), body.to_string().replace(id, "ID"))
    };
    for id in &others {
        for verb in ["", ":rotate"] {
            let call = async |id: &str| match verb {
                "" => delete(&shop.seller, id, &[]).await,
                _ => shop.seller.post(&format!("{CLIENTS}/{id}:rotate"), &json!({})).await,
            };
            assert_eq!(say(&call(id).await, id), say(&call(&unknown).await, &unknown));
        }
        assert_eq!(shop.seller.get(&format!("{CLIENTS}/{id}")).await.status, 404);
    }
    assert_eq!(house.count("SELECT count(*) FROM api_clients WHERE revoked_at IS NOT NULL").await, 0);
}

/// Asks until the answer is this one; how long that took.
async fn until(actor: &Actor, path: &str, status: u16) -> Duration {
    let started = Instant::now();
    loop {
        let reply = actor.get(path).await;
        if reply.status == status {
            return started.elapsed();
        }
        assert!(started.elapsed() < Duration::from_secs(30), "still {}: {}", reply.status, reply.text);
    }
}

#[tokio::test]
async fn rule_plt_01_a_revocation_is_felt_by_every_replica() {
    let house = House::open_with(Backend::Postgres, "[tokens]\nclient_refresh_seconds = 1").await;
    let (url, handle) = house.replica().await;
    let admin = house.partner(PartnerKind::DirectBill).await;
    let answer = made(&admin, "orders:read", &[]).await;
    let (id, secret) = (text(&answer, "id"), text(&answer, "clientSecret"));
    let client = Actor::new(&house.url, house.http(), id, secret, None);
    let there = client.at(&url);
    for actor in [&client, &there] {
        assert_eq!(actor.get("/v1/orders").await.status, 200);
    }
    // A secret that has ended gets no token anywhere, from the moment on in which it ends.
    let fresh = rotate(&admin, id, json!({ "overlapSeconds": 0 })).await;
    for at in [&house.url, &url] {
        assert_eq!(token_status_at(&house, at, id, secret).await, 401);
        assert_eq!(token_status_at(&house, at, id, text(&fresh, "clientSecret")).await, 200);
    }
    assert_eq!(delete(&admin, id, &[]).await.status, 204);
    println!("a deleted client, elsewhere: {:?}", until(&there, "/v1/orders", 401).await);
    assert_eq!(client.get("/v1/orders").await.status, 401);

    // A suspended partner's clients, everywhere.
    let admin_there = admin.at(&url);
    assert_eq!(admin_there.get(CLIENTS).await.status, 200);
    house.execute(&format!("UPDATE partners SET state = 'suspended' WHERE id = '{}'", admin.partner_id)).await;
    for actor in [&admin, &admin_there] {
        println!("a suspended partner: {:?}", until(actor, CLIENTS, 401).await);
    }
    handle.stop(false).await;
}
