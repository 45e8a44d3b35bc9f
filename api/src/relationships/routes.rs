//! The operations over relationships and the requests for them.

use super::asking;
use super::model::{ListCustomerRelationships, Relationship, RelationshipPage, RelationshipState};
use super::request::{
    CreateRelationshipRequest, ListRelationshipRequests, RelationshipRequest, RelationshipRequestPage,
};
use super::{request_store, rules, store};
use crate::access::permits::{CustomersRead, CustomersWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::Result;
use crate::http::body::Nothing;
use crate::http::id::InnerId;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, NoContent, Problems, Query, Shown};
use crate::state::App;
use crate::topic::Topic;
use crate::{customers, open, orders, partners, software, subscriptions};
use actix_web::web::Json;
use actix_web::{delete, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_relationship_requests).service(create_relationship_request).service(get_relationship_request);
    service.service(resend_relationship_request).service(withdraw_relationship_request);
    service.service(list_customer_relationships).service(remove_relationship);
}

/// List the relationship requests that the caller is a party of.
///
/// Each with the acceptance of every party. The oldest first.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersRead::NAME])), params(ListRelationshipRequests),
    responses((status = 200, description = "A page of requests.", body = RelationshipRequestPage), Problems))]
#[get("/v1/relationship-requests")]
async fn list_relationship_requests(
    app: App,
    caller: Caller<CustomersRead>,
    query: Query<ListRelationshipRequests>,
) -> Result<Json<RelationshipRequestPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let rows = request_store::list(caller.viewer(), &mut db, query.state, now, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let mut items = Vec::new();
    for row in rows {
        let parties = request_store::parties_of(&mut db, &row).await?;
        items.push(RelationshipRequest::of(row, parties, now)?);
    }
    Ok(Json(RelationshipRequestPage { items, next_cursor }))
}

/// Ask an organisation to accept the partner.
///
/// The answer shows, this once, a personal link and texts in Spanish and English to forward with it; the link must
/// stay as it is. Once somebody at the organisation has accepted on the page behind the link, it is among the
/// partner's customers (CUS-04).
#[utoipa::path(tag = "customers", request_body = CreateRelationshipRequest,
    security(("oauth2" = [CustomersWrite::NAME])), params(IdempotencyHeader),
    responses((status = 201, description = "The request with its link.", body = RelationshipRequest), Problems))]
#[post("/v1/relationship-requests")]
async fn create_relationship_request(
    app: App,
    caller: Caller<CustomersWrite>,
    key: IdempotencyKey,
    body: Body<CreateRelationshipRequest>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let partner = partners::find(tx.db(), caller.partner()?).await?;
        Ok(Created(asking::ask_as(tx, &app.config, &[partner], &body).await?))
    })
    .await
}

/// Get a relationship request, with the acceptance of each party. Its link is not shown again.
///
/// A request ends by acceptance, by refusal, by withdrawal, or unanswered after its term.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersRead::NAME])),
    params(("id" = String, Path, description = "The request's id.", max_length = 36)),
    responses((status = 200, description = "The request.", body = RelationshipRequest), Problems))]
#[get("/v1/relationship-requests/{id:[^/:]+}")]
async fn get_relationship_request(
    app: App,
    caller: Caller<CustomersRead>,
    id: Id,
) -> Result<Shown<RelationshipRequest>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let row = request_store::find(caller.viewer(), &mut db, &id).await?;
    let parties = request_store::parties_of(&mut db, &row).await?;
    Ok(Shown(RelationshipRequest::of(row, parties, now)?))
}

/// Send a relationship request again, with a new link and a new term. The older link no longer works.
///
/// The answer shows the new link and its texts; the contact is mailed where the request says so. An expired request
/// lives again.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersWrite::NAME])),
    params(("id" = String, Path, description = "The request's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The request with its new link.", body = RelationshipRequest), Problems))]
#[post("/v1/relationship-requests/{id:[^/:]+}:resend")]
async fn resend_relationship_request(
    app: App,
    caller: Caller<CustomersWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let row = request_store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version_at(tx.now()))?;
        partners::must_be_active(&partners::find(tx.db(), caller.partner()?).await?)?;
        Ok(Done(asking::send_again(tx, &app.config, row).await?))
    })
    .await
}

/// Take a relationship request back. Its link then only says that it was withdrawn.
///
/// One that was answered stays as it is.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersWrite::NAME])),
    params(("id" = String, Path, description = "The request's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The request, withdrawn.", body = RelationshipRequest), Problems))]
#[post("/v1/relationship-requests/{id:[^/:]+}:withdraw")]
async fn withdraw_relationship_request(
    app: App,
    caller: Caller<CustomersWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let row = request_store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version_at(tx.now()))?;
        Ok(Done(asking::withdraw(tx, &app.config, row).await?))
    })
    .await
}

/// List a customer's relationships.
///
/// A partner sees its own, and those that the customer accepted together with it.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersRead::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36), ListCustomerRelationships),
    responses((status = 200, description = "A page of relationships.", body = RelationshipPage), Problems))]
#[get("/v1/customers/{id:[^/:]+}/relationships")]
async fn list_customer_relationships(
    app: App,
    caller: Caller<CustomersRead>,
    id: Id,
    query: Query<ListCustomerRelationships>,
) -> Result<Json<RelationshipPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let customer = customers::find(caller.viewer(), &mut db, &id).await?;
    let rows = store::of_customer(caller.viewer(), &mut db, &customer.id, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |(row, ..)| &row.id)?;
    Ok(Json(RelationshipPage { items: rows.into_iter().map(Relationship::of).collect(), next_cursor }))
}

/// End the partner's own relationship with a customer.
///
/// Refused while live software, a live subscription, a key of Open that may still be redeemed or a waiting order of the
/// partner hangs on it (CUS-07). The customer is then no longer among the partner's; a new request can ask it again.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersWrite::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36),
        ("relationshipId" = String, Path, description = "The relationship's id.", max_length = 36),
        OptionalIfMatchHeader),
    responses((status = 204, description = "It is ended."), Problems))]
#[delete("/v1/customers/{id:[^/:]+}/relationships/{relationshipId:[^/:]+}")]
async fn remove_relationship(
    app: App,
    caller: Caller<CustomersWrite>,
    id: Id,
    relationship_id: InnerId,
    if_match: IfMatch,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let customer = customers::find(caller.viewer(), tx.db(), &id).await?;
        let mut row = store::find_own(tx.db(), caller.partner()?, &customer.id, &relationship_id).await?;
        if_match.honour(row.version)?;
        let entitlements = software::live_of_customer(caller.viewer(), tx.db(), &customer.id).await?;
        let subscriptions = subscriptions::live_of_customer(caller.viewer(), tx.db(), &customer.id).await?;
        let orders = orders::waiting_of_customer(caller.viewer(), tx.db(), &customer.id).await?;
        let open_keys = open::live_of_customer(caller.viewer(), tx.db(), &customer.id).await?;
        rules::may_end(entitlements, subscriptions, open_keys, orders)?;
        row.state = RelationshipState::Removed;
        row.ended_at = Some(tx.now().naive_utc());
        row.version += 1;
        store::update(tx, &row).await?;
        tx.emit(Topic::RelationshipRemoved, &row);
        Ok(NoContent)
    })
    .await
}
