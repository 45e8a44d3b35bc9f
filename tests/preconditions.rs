//! Versions: `ETag`, `If-Match` and `If-None-Match` (PLT-03), and the one change that is never made (TEN-06).

use lonja_sdk::types::{CreateTenant, TenantMode};
use lonja_tests::actor::text;
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::walk::{Furnished, Operation};
use lonja_tests::{Backend, House, Shop};
use reqwest::Method;
use serde_json::json;
use test_case::test_case;
use uuid::Uuid;

/// Single resources that have a version.
fn single_reads() -> impl Iterator<Item = Operation> {
    Operation::protected().filter(|operation| operation.method == Method::GET && operation.id.starts_with("get_"))
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_03_a_change_names_the_version_that_it_is_meant_for(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let mut tried = Vec::new();
    for operation in Operation::protected().filter(|operation| matches!(operation.method.as_str(), "PATCH" | "PUT")) {
        let (request, id) = (shop.request(&operation).await, &operation.id);
        let body = request.body.to_string();
        // The PartnerID and the enablement are parts of their partner.
        let whole = request.path.trim_end_matches("/partner-location").trim_end_matches("/advisor-enablement");
        let first = shop.actor(&operation).get(whole).await;
        let tag = first.header("etag").to_owned();
        let change = async |headers: &[(&str, &str)]| {
            shop.actor(&operation).send(operation.method.clone(), &request.path, headers, Some(body.clone())).await
        };
        let blind = change(&[]).await;
        assert_eq!((blind.status.as_u16(), blind.code().as_str()), (428, "precondition_required"), "{id}");
        // A weak tag never matches strongly (RFC 9110 §13.1.1); a tag has its quotes.
        for stale in ["\"0\"", "\"999\"", &format!("W/{tag}"), tag.trim_matches('"'), "", "\"\"", "x"] {
            let reply = change(&[("if-match", stale)]).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (412, "precondition_failed"), "{id} {stale:?}");
            assert_eq!(reply.json()["context"]["etag"], tag.as_str(), "{id}");
        }
        assert_eq!(shop.actor(&operation).get(whole).await.text, first.text, "{id}: a refused change did something");

        let changed = change(&[("if-match", &tag)]).await;
        assert_eq!(changed.status, 200, "{id}: {}", changed.text);
        let new_tag = changed.header("etag");
        assert!(!new_tag.is_empty() && new_tag != tag, "{id}: {new_tag}");
        let read = shop.actor(&operation).get(whole).await;
        assert_eq!((read.header("etag"), &read.text), (new_tag, &changed.text), "{id}");
        assert_eq!(change(&[("if-match", &tag)]).await.status, 412, "{id}: the old version is gone");
        let one_of = format!("\"0\", {new_tag}");
        assert_eq!(change(&[("if-match", &one_of)]).await.status, 200, "{id}");
        assert_eq!(change(&[("if-match", "*")]).await.status, 200, "{id}");
        tried.push(id.clone());
    }
    assert!(tried.iter().any(|id| id == "update_customer") && tried.iter().any(|id| id == "update_entitlement"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_03_an_action_honours_a_version_that_it_is_given_and_the_document_says_which(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let (mut honours, mut ignores) = (Vec::new(), Vec::new());
    // What changes nothing, and a delivery, which has no version.
    let is_free = |path: &str| path.contains(":preview") || path.ends_with(":lookup") || path.ends_with(":redeliver");
    let actions = Operation::protected().filter(|operation| matches!(operation.method.as_str(), "POST" | "DELETE"));
    for operation in actions {
        let request = shop.request(&operation).await;
        let key = Uuid::new_v4().to_string();
        let headers: &[_] = &[("idempotency-key", key.as_str()), ("if-match", "\"999\"")];
        let actor = shop.actor(&operation);
        let reply = actor.send(operation.method.clone(), &request.path, headers, text(&request.body)).await;
        let is_stale = (reply.status.as_u16(), reply.code().as_str()) == (412, "precondition_failed");
        assert_eq!(is_stale, operation.takes("header", "If-Match"), "{}: {}", operation.id, reply.text);
        let is_action = operation.method == Method::DELETE || operation.path.contains(':');
        assert!(is_stale || !is_action || is_free(&operation.path), "{} honours no version", operation.id);
        if is_stale { honours.push(operation.id) } else { ignores.push(operation.id) }
    }
    println!("{} honour If-Match, {} have none", honours.len(), ignores.len());
    assert!(honours.iter().any(|id| id == "cancel_order") && ignores.iter().any(|id| id == "place_order"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_03_of_two_changes_of_one_version_one_is_made(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let path = format!("/v1/customers/{}", shop.shop.customer.id);
    let tag = shop.seller().get(&path).await.header("etag").to_owned();
    let names: Vec<_> = (0..8).map(|number| json!({ "companyName": format!("Panadería Sol {number}") })).collect();
    let replies = futures_util::future::join_all(names.iter().map(|body| shop.seller().patch(&path, &tag, body))).await;
    let made: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(made.len(), 1);
    assert!(replies.iter().all(|reply| reply.status == 200 || reply.status == 412));
    assert_eq!(shop.seller().get(&path).await.text, made[0].text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_03_a_version_that_the_caller_has_is_not_sent_again(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for operation in single_reads() {
        let (path, id) = (shop.request(&operation).await.path, &operation.id);
        let first = shop.actor(&operation).get(&path).await;
        let tag = first.header("etag").to_owned();
        assert!(first.status == 200 && tag.starts_with('"') && tag.ends_with('"'), "{id}: {tag:?}");
        let known =
            async |tags: &str| shop.actor(&operation).send(Method::GET, &path, &[("if-none-match", tags)], None).await;
        for tags in [tag.as_str(), "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
            let reply = known(tags).await;
            assert_eq!(
                (reply.status.as_u16(), reply.text.as_str(), reply.header("etag")),
                (304, "", tag.as_str()),
                "{id}"
            );
        }
        for tags in ["\"x\"", "\"999\"", ""] {
            let reply = known(tags).await;
            assert_eq!((reply.status.as_u16(), &reply.text), (200, &first.text), "{id} {tags:?}");
        }
        // A cache asks each time; nobody else's cache keeps it.
        assert_eq!(first.header("cache-control"), "private, no-cache", "{id}");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_03_a_tag_changes_with_all_that_is_shown(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("windows-server-standard", "2022", 1).await;
    let shop = Shop::open(&house).await;
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let order_path = format!("/v1/orders/{}", order.id);
    let entitlement_path = format!("/v1/entitlements/{}", order.lines[0].entitlement_id.as_deref().unwrap());
    let read = async |path: &str| {
        let reply = shop.seller.get(path).await;
        (reply.header("etag").to_owned(), reply.text)
    };
    let (bought, ordered) = (read(&entitlement_path).await, read(&order_path).await);
    // The reveal puts the masked key into the entitlement.
    shop.seller
        .lonja
        .reveal_key(order.lines[0].entitlement_id.as_deref().unwrap(), &Shop::reveal("2022"))
        .await
        .unwrap();
    let revealed = read(&entitlement_path).await;
    assert!(revealed.0 != bought.0 && revealed.1 != bought.1);
    // The refund cancels it, its key and the order.
    shop.seller.lonja.request_refund(&Shop::refund(&order, order.total.clone())).await.unwrap();
    let (cancelled, refunded) = (read(&entitlement_path).await, read(&order_path).await);
    assert!(cancelled.0 != revealed.0 && cancelled.1 != revealed.1);
    assert!(refunded.0 != ordered.0 && refunded.1 != ordered.1);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_06_a_licence_never_moves_but_the_refusal_carries_the_order(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let seller = shop.seller();
    let name = format!("t{}", &Uuid::new_v4().simple().to_string()[..20]);
    let create = CreateTenant { mode: TenantMode::Create, name: Some(name), ..Default::default() };
    let other = seller.lonja.create_tenant(&shop.shop.customer.id, &create).await.unwrap();
    let path = format!("/v1/entitlements/{}", shop.entitlement());
    let before = seller.get(&path).await;

    let moved = json!({ "tenantId": other.id, "friendlyName": "Otro" });
    let refused = seller.patch(&path, before.header("etag"), &moved).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code().as_str()),
        (409, "license_bound_to_tenant"),
        "{}",
        refused.text
    );
    let after = seller.get(&path).await;
    assert_eq!((after.header("etag"), &after.text), (before.header("etag"), &before.text), "not even the name");

    let instead = refused.json()["context"]["order"].clone();
    let placed = seller.post("/v1/orders", &instead).await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    let placed = placed.json();
    assert_eq!((&placed["tenantId"], &placed["customerId"]), (&json!(other.id), &json!(shop.shop.customer.id)));
    assert_eq!((&placed["lines"][0]["offerId"], &placed["lines"][0]["quantity"]), (&json!(WINDOWS_MXN), &json!(1)));

    let stays = json!({ "tenantId": shop.shop.tenant.id, "friendlyName": "El mismo" });
    let renamed = seller.patch(&path, before.header("etag"), &stays).await;
    assert_eq!((renamed.status.as_u16(), &renamed.json()["friendlyName"]), (200, &json!("El mismo")));
}
