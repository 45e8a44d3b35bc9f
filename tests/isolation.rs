//! What one partner owns does not exist for another (CUS-05).

use lonja::access::TokenKind;
use lonja_tests::actor::text;
use lonja_tests::walk::{Furnished, Operation, answers_pages, documented, followed, is_for, schema, walked};
use lonja_tests::{Actor, Backend, House, Reply};
use serde_json::Value;
use test_case::test_case;
use uuid::Uuid;

/// What an answer says, without what differs by itself: the request's id, and the id that was asked for.
fn said(reply: &Reply, asked: &str) -> (u16, String) {
    let mut body = reply.json();
    body.as_object_mut().unwrap().remove("requestId");
    (reply.status.as_u16(), body.to_string().replace(asked, "ID"))
}

async fn call(actor: &Actor, operation: &Operation, path: &str, body: &Value) -> Reply {
    let key = Uuid::new_v4().to_string();
    let headers = [("idempotency-key", key.as_str()), ("if-match", "\"1\"")];
    actor.send(operation.method.clone(), path, &headers, text(body)).await
}

/// Where ids stand in a body, however deep, with the names of their fields.
fn ids_in(value: &Value, pointer: &str) -> Vec<(String, String)> {
    match value {
        Value::Object(fields) => {
            let at = |name: &str| format!("{pointer}/{name}");
            let own = fields.keys().filter(|name| name.ends_with("Id")).map(|name| (at(name), name.clone()));
            own.chain(fields.iter().flat_map(|(name, inner)| ids_in(inner, &at(name)))).collect()
        }
        Value::Array(items) => {
            let inner = |(index, item): (usize, &Value)| ids_in(item, &format!("{pointer}/{index}"));
            items.iter().enumerate().flat_map(inner).collect()
        }
        _ => Vec::new(),
    }
}

/// Operations for partners.
fn by_partners() -> impl Iterator<Item = Operation> {
    Operation::protected().filter(|operation| operation.kinds.contains(&TokenKind::Partner))
}

/// The names of the ids that a schema of the document has, however deep.
fn ids_of(schema: &'static Value) -> Vec<&'static str> {
    let schema = followed(schema);
    let properties = schema["properties"].as_object().into_iter().flatten();
    let named = properties.clone().map(|(name, _)| name.as_str()).filter(|name| name.ends_with("Id"));
    let choices = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|word| schema[word].as_array()).flatten();
    let inner = properties.map(|(_, inner)| inner).chain(choices).chain(schema.get("items"));
    named.chain(inner.flat_map(ids_of)).collect()
}

/// Lists that a partner sees.
fn lists() -> impl Iterator<Item = Operation> {
    Operation::lists().filter(|operation| operation.kinds.contains(&TokenKind::Partner))
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_05_a_foreign_id_in_the_path_is_an_unknown_one(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let mut count = 0;
    // Offers are everybody's.
    let of_offers = ["get_offer", "list_offer_upgrades"];
    let is_walked = |operation: &Operation| operation.has_id() && !of_offers.contains(&operation.id.as_str());
    for operation in by_partners().filter(is_walked) {
        let body = own.request(&operation).await.body;
        let before = (own.everything().await, foreign.everything().await);
        let unknown = Uuid::new_v4().to_string();
        let theirs = foreign.id_for(&operation);
        let for_foreign = call(own.actor(&operation), &operation, &operation.at(theirs), &body).await;
        let for_unknown = call(own.actor(&operation), &operation, &operation.at(&unknown), &body).await;
        assert_eq!(for_foreign.status, 404, "{}: {}", operation.id, for_foreign.text);
        assert_eq!(said(&for_foreign, theirs), said(&for_unknown, &unknown), "{}", operation.id);
        assert_eq!((own.everything().await, foreign.everything().await), before, "{}", operation.id);
        count += 1;
    }
    let all = documented(|path, operation| is_for(operation, TokenKind::Partner) && path.contains("{id}"));
    walked("foreign ids in paths", count, all - of_offers.len());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_05_a_foreign_id_below_ones_own_is_an_unknown_one(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let mut count = 0;
    for operation in Operation::protected() {
        for name in operation.inner_ids() {
            let body = own.request(&operation).await.body;
            let (ours, theirs, unknown) =
                (own.inner(name).await, foreign.inner(name).await, Uuid::new_v4().to_string());
            let before = (own.everything().await, foreign.everything().await);
            let parent = own.id_for(&operation);
            let ask = async |parent: &str, inner: &str| {
                call(own.seller(), &operation, &operation.at_inner(parent, inner), &body).await
            };
            let (for_foreign, for_unknown) = (ask(parent, &theirs).await, ask(parent, &unknown).await);
            assert_eq!(for_foreign.status, 404, "{} {name}: {}", operation.id, for_foreign.text);
            assert_eq!(said(&for_foreign, &theirs), said(&for_unknown, &unknown), "{} {name}", operation.id);
            // One's own below what is another's, or nobody's.
            for parent in [foreign.id_for(&operation), unknown.as_str()] {
                assert_eq!(ask(parent, &ours).await.status, 404, "{} {name}", operation.id);
            }
            assert_eq!((own.everything().await, foreign.everything().await), before, "{} {name}", operation.id);
            // And it was no id that nobody could have used.
            let found = ask(parent, &ours).await;
            assert!(found.status.is_success(), "{} {name}: {}", operation.id, found.text);
            count += 1;
        }
    }
    let further = |path: &str| path.matches('{').count().saturating_sub(1);
    let all =
        Operation::all().iter().filter(|operation| !operation.scopes.is_empty()).map(|one| further(&one.path)).sum();
    walked("foreign ids below one's own", count, all);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_05_a_foreign_id_in_a_body_is_an_unknown_one(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let mut tried = Vec::new();
    for operation in by_partners() {
        for (pointer, field) in ids_in(&own.request(&operation).await.body, "") {
            // There it is the vendor's id of a directory.
            let takes_directory = ["update_partner", "create_tenant", "preview_tenant"];
            let is_own_directory = takes_directory.contains(&operation.id.as_str()) && field == "tenantId";
            let Some(theirs) = foreign.id_named(&field).filter(|_| !is_own_directory) else { continue };
            let request = own.request(&operation).await;
            let before = (own.everything().await, foreign.everything().await);
            let unknown = Uuid::new_v4().to_string();
            let (mut with_theirs, mut with_unknown) = (request.body.clone(), request.body);
            *with_theirs.pointer_mut(&pointer).unwrap() = theirs.into();
            *with_unknown.pointer_mut(&pointer).unwrap() = unknown.as_str().into();
            // However it is written, it is the same id.
            let mut in_capitals = with_theirs.clone();
            *in_capitals.pointer_mut(&pointer).unwrap() = theirs.to_uppercase().into();
            let for_foreign = call(own.actor(&operation), &operation, &request.path, &with_theirs).await;
            let for_unknown = call(own.actor(&operation), &operation, &request.path, &with_unknown).await;
            // An entitlement never moves, wherever to: that refusal comes before anything is looked up (TEN-06).
            let never_moves = ["update_entitlement", "update_subscription"].contains(&operation.id.as_str());
            let status = if never_moves { 409 } else { 404 };
            assert_eq!(for_foreign.status, status, "{} {field}: {}", operation.id, for_foreign.text);
            assert_eq!(said(&for_foreign, theirs), said(&for_unknown, &unknown), "{} {field}", operation.id);
            let for_capitals = call(own.actor(&operation), &operation, &request.path, &in_capitals).await;
            assert_eq!(said(&for_capitals, theirs), said(&for_foreign, theirs), "{} {field}", operation.id);
            assert_eq!((own.everything().await, foreign.everything().await), before, "{} {field}", operation.id);
            tried.push(format!("{} {field}", operation.id));
        }
    }
    for known in ["place_order customerId", "place_order tenantId", "request_refund orderId", "quote_refund orderId"] {
        assert!(tried.iter().any(|one| one == known), "{known} was not tried: {tried:?}");
    }
    let named = |operation: &Operation| operation.body.as_deref().map(|name| ids_of(schema(name))).unwrap_or_default();
    let all = by_partners().flat_map(|operation| named(&operation)).filter(|name| own.id_named(name).is_some());
    walked("foreign ids in bodies", tried.len(), all.count() - 3);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_05_a_foreign_id_in_a_filter_finds_nothing(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let mut tried = 0;
    for operation in lists() {
        for filter in operation.query().filter(|name| name.ends_with("Id")) {
            if own.id_named(filter).is_none() {
                continue;
            }
            // Of something that is in the list, so that the filter finds it, or was not tried at all.
            let in_list = async |shop: &Furnished<'_>| {
                let first = shop.actor(&operation).get(&operation.at(shop.id_for(&operation))).await.json();
                // Not every invoice is for one subscription alone.
                let items = first["items"].as_array().unwrap();
                items.iter().find_map(|item| item[filter].as_str()).unwrap().to_owned()
            };
            let (ours, theirs) = (in_list(&own).await, in_list(&foreign).await);
            let path = operation.at(own.id_for(&operation));
            let by = async |id: &str| own.actor(&operation).get(&format!("{path}?{filter}={id}")).await.text;
            let (for_foreign, for_unknown) = (by(&theirs).await, by(&Uuid::new_v4().to_string()).await);
            assert_eq!(for_foreign, for_unknown, "{} {filter}", operation.id);
            assert_eq!(for_foreign, r#"{"items":[],"nextCursor":null}"#, "{} {filter}", operation.id);
            assert_eq!(by(&ours.to_uppercase()).await, by(&ours).await, "{} {filter} in capitals", operation.id);
            assert_ne!(by(&ours).await, for_foreign, "{} {filter}", operation.id);
            tried += 1;
        }
    }
    // Products and offers are everybody's.
    let filters = |operation: &'static Value| {
        let all = operation["parameters"].as_array().unwrap().iter().filter(|one| one["in"] == "query");
        let names = all.filter_map(|one| one["name"].as_str()).filter(|name| name.ends_with("Id"));
        names.filter(|name| !["productId", "offerId"].contains(name)).count()
    };
    let all = std::cell::Cell::new(0);
    documented(|_, operation| {
        let counts = answers_pages(operation) && is_for(operation, TokenKind::Partner);
        all.set(all.get() + if counts { filters(operation) } else { 0 });
        counts
    });
    walked("foreign ids in filters", tried, all.get());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_05_lists_show_what_is_ones_own(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    for (one, other) in [(&own, &foreign), (&foreign, &own)] {
        let everything = one.everything().await;
        for list in &everything {
            assert!(!list.starts_with(r#"{"items":[]"#), "a list without rows proves nothing");
        }
        let everything = everything.join("\n");
        assert!(one.ids().iter().all(|id| everything.contains(id)));
        for id in other.ids().iter().chain([&other.seller().partner_id.as_str()]) {
            assert!(!everything.contains(id), "{id} is somebody else's");
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_04_a_cursor_belongs_to_its_reader_list_and_filters(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let (mut elsewhere, mut count, mut short) = (String::new(), 0, 0);
    for operation in lists() {
        let (path, id) = (operation.at(own.id_for(&operation)), &operation.id);
        let first = own.actor(&operation).get(&format!("{path}?limit=1")).await.json();
        let Some(cursor) = first["nextCursor"].as_str() else {
            // An agreement is accepted once, and a customer holds one qualification.
            assert!(
                id.ends_with("_agreements") || id == "list_customer_qualifications",
                "{id}: one row is not enough to try its cursor"
            );
            short += 1;
            continue;
        };
        let next = own.actor(&operation).get(&format!("{path}?limit=200&cursor={cursor}")).await;
        assert!(next.status == 200 && next.json()["items"][0]["id"] != first["items"][0]["id"], "{id}");

        let refused = async |actor: &Actor, path: &str, query: String, why: &str| {
            let reply = actor.get(&format!("{path}?{query}")).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid_cursor"), "{id}: {why}");
        };
        let theirs = operation.at(foreign.id_for(&operation));
        refused(foreign.actor(&operation), &theirs, format!("cursor={cursor}"), "another partner").await;
        let kin = house.operator().await;
        if operation.kinds.contains(&TokenKind::Operator) {
            refused(&kin, &path, format!("cursor={cursor}"), "the operator").await;
        }
        for filter in operation.query().filter(|name| !matches!(*name, "limit" | "cursor")) {
            let value = match filter {
                "state" => operation_state(id),
                "productId" => "windows-server-standard",
                "after" => continue,
                "operation" | "type" => "order.placed",
                "outcome" => "done",
                "role" => "provider",
                "offering" => "training",
                "kind" if id == "list_earnings" => "accrual",
                "kind" => "software",
                "family" => "enterprise",
                "catalogue" => "sample",
                "gcc" => "false",
                "channel" => "csp",
                "currency" => "MXN",
                "market" => "MX",
                "soldAt" => "2026-01-01T00:00:00Z",
                "atRisk" => "true",
                "since" | "until" => "2020-01-01T00:00:00Z",
                name => own.id_named(name).unwrap(),
            };
            refused(own.actor(&operation), &path, format!("cursor={cursor}&{filter}={value}"), filter).await;
        }
        let altered = if cursor.starts_with('A') { "B" } else { "A" };
        let (shorter, head) = (&cursor[..cursor.len() - 4], &cursor[1..]);
        for bad in [format!("{altered}{head}"), shorter.to_owned(), format!("{cursor}AAAA"), "x".into(), "%00".into()] {
            let reply = own.actor(&operation).get(&format!("{path}?cursor={bad}")).await;
            assert_eq!(reply.status, 400, "{id}: {bad}");
            assert!(bad == "%00" || reply.code() == "invalid_cursor", "{id}: {bad}");
        }
        if !elsewhere.is_empty() {
            refused(own.actor(&operation), &path, format!("cursor={elsewhere}"), "another list").await;
        }
        cursor.clone_into(&mut elsewhere);
        count += 1;
    }
    let all = documented(|_, operation| answers_pages(operation) && is_for(operation, TokenKind::Partner));
    assert_eq!(short, 3, "the MPA, the MCA and a qualification");
    walked("cursors of somebody else", count + short, all);
}

/// A state that things in this list can be in.
fn operation_state(list: &str) -> &'static str {
    match list {
        "list_gcc_customer_validations" | "list_gcc_partner_validations" => "submitted",
        "list_gcc_validation_codes" => "active",
        "list_software" => "active",
        "list_indirect_provider_links" => "active",
        "list_open_agreements" => "active",
        "list_open_keys" => "available",
        "list_orders" | "list_open_orders" => "completed",
        "list_refunds" => "credited",
        "list_renewals" => "scheduled",
        "list_subscriptions" => "active",
        "list_relationship_requests" => "requested",
        "list_tenants" => "active",
        "list_webhook_deliveries" => "pending",
        _ => panic!("{list}: say here which states it has"),
    }
}
