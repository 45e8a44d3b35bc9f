//! The operations over links.

use super::answers::{self, Asked};
use super::directory;
use super::lookup::IndirectProviderLinkRequest;
use super::model::{
    AuthorizeIndirectProviderLink, DeclineIndirectProviderLink, IndirectProviderLink, IndirectProviderLinkPage,
    InviteIndirectReseller, ListIndirectProviderLinks, ListLinkCustomers, LookUpIndirectProviderLink,
};
use super::{invitations, rules, shown, store};
use crate::access::permits::{CustomersWrite, LinksAuthorize, LinksRead, LinksReadAsPartner, LinksWrite};
use crate::access::{Caller, Permit};
use crate::customers::{Customer, CustomerPage};
use crate::db::write::Answer;
use crate::error::{Result, all_or};
use crate::http::body::Nothing;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::partners;
use crate::relationships::{self, CreateRelationshipRequest, RelationshipRequest};
use crate::state::App;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_indirect_provider_links).service(invite_indirect_reseller);
    service.service(lookup_indirect_provider_link).service(get_indirect_provider_link);
    service.service(authorize_indirect_provider_link).service(decline_indirect_provider_link);
    service.service(cancel_indirect_provider_link).service(end_indirect_provider_link);
    service.service(remove_link_admin_access).service(list_link_customers).service(invite_link_customer);
    directory::routes(service);
}

/// List the links between providers and resellers that the caller is a side of.
///
/// Each side lists the other (LNK-03); a provider also its invitations, a reseller those that name it. Oldest first.
#[utoipa::path(tag = "links", security(("oauth2" = [LinksRead::NAME])), params(ListIndirectProviderLinks),
    responses((status = 200, description = "A page of links.", body = IndirectProviderLinkPage), Problems))]
#[get("/v1/indirect-provider-links")]
async fn list_indirect_provider_links(
    app: App,
    caller: Caller<LinksRead>,
    query: Query<ListIndirectProviderLinks>,
) -> Result<Json<IndirectProviderLinkPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let rows = store::list(caller.viewer(), &mut db, query.role, query.state, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = shown::all(caller.viewer(), &mut db, rows).await?;
    Ok(Json(IndirectProviderLinkPage { items, next_cursor }))
}

/// Invite a reseller, or ask one for admin access again.
///
/// For active indirect providers. The personal link goes out by mail, works once and expires (LNK-01). Where the
/// reseller is named, its region is checked before (LNK-06), and it alone can answer. With
/// `"purpose": "restoreAdminAccess"` the answer is the live link, which stays as it is until the reseller agrees (LNK-05).
#[utoipa::path(tag = "links", request_body = InviteIndirectReseller, security(("oauth2" = [LinksWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The link, invited.", body = IndirectProviderLink), Problems))]
#[post("/v1/indirect-provider-links")]
async fn invite_indirect_reseller(
    app: App,
    caller: Caller<LinksWrite>,
    key: IdempotencyKey,
    body: Body<InviteIndirectReseller>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let link = invitations::invite(&app, tx, caller.partner()?, &body).await?;
        Ok(Created(shown::one(caller.viewer(), tx.db(), link).await?))
    })
    .await
}

/// Look up what an invitation asks for, before consenting.
///
/// For the reseller that holds the personal link of the mail: who asks for what, the text to be consented to, and
/// whatever stands against it (LNK-02). Changes nothing.
#[utoipa::path(tag = "links", request_body = LookUpIndirectProviderLink,
    security(("oauth2" = [LinksReadAsPartner::NAME])),
    responses((status = 200, description = "What is asked.", body = IndirectProviderLinkRequest), Problems))]
#[post("/v1/indirect-provider-links:lookup")]
async fn lookup_indirect_provider_link(
    app: App,
    caller: Caller<LinksReadAsPartner>,
    body: Body<LookUpIndirectProviderLink>,
) -> Result<Json<IndirectProviderLinkRequest>> {
    let language = caller.context().language;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let asked = Asked::find(&mut db, &body.token, None, caller.partner()?, now, language).await?;
    Ok(Json(IndirectProviderLinkRequest::of(asked, language)))
}

/// Get a link.
///
/// Only its two sides and the operator see it.
#[utoipa::path(tag = "links", security(("oauth2" = [LinksRead::NAME])),
    params(("id" = String, Path, description = "The link's id.", max_length = 36)),
    responses((status = 200, description = "The link.", body = IndirectProviderLink), Problems))]
#[get("/v1/indirect-provider-links/{id:[^/:]+}")]
async fn get_indirect_provider_link(
    app: App,
    caller: Caller<LinksRead>,
    id: Id,
) -> Result<Shown<IndirectProviderLink>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let link = store::find_for(caller.viewer(), &mut db, &id).await?;
    Ok(Shown(shown::one(caller.viewer(), &mut db, link).await?))
}

/// Authorise a provider, or give it admin access again.
///
/// For a globalAdmin of an active indirect reseller who has read the text of the lookup, in the language of this request,
/// and consents to it: who, when and the text are kept (LNK-02). Each invitation works once (LNK-12), and a pair has one
/// live link (LNK-11).
#[utoipa::path(tag = "links", request_body = AuthorizeIndirectProviderLink,
    security(("oauth2" = [LinksAuthorize::NAME])),
    params(("id" = String, Path, description = "The link's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The link, authorised.", body = IndirectProviderLink), Problems))]
#[post("/v1/indirect-provider-links/{id:[^/:]+}:authorize")]
async fn authorize_indirect_provider_link(
    app: App,
    caller: Caller<LinksAuthorize>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<AuthorizeIndirectProviderLink>,
) -> Result<Answer> {
    let language = caller.context().language;
    app.write_once(&caller, key, &body, async |tx| {
        let now = tx.now();
        let asked = Asked::find(tx.db(), &body.token, Some(&id), caller.partner()?, now, language).await?;
        if_match.honour(asked.link.version)?;
        let link = answers::authorize(tx, asked, &body).await?;
        Ok(Done(shown::one(caller.viewer(), tx.db(), link).await?))
    })
    .await
}

/// Decline an invitation.
///
/// A reseller that the invitation names needs no token. A live link stays live: only what was asked of it is declined.
#[utoipa::path(tag = "links", request_body = DeclineIndirectProviderLink,
    security(("oauth2" = [LinksAuthorize::NAME])),
    params(("id" = String, Path, description = "The link's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The link, declined.", body = IndirectProviderLink), Problems))]
#[post("/v1/indirect-provider-links/{id:[^/:]+}:decline")]
async fn decline_indirect_provider_link(
    app: App,
    caller: Caller<LinksAuthorize>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<DeclineIndirectProviderLink>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let (link, invitation) = answers::to_decline(tx, caller.viewer(), &id, body.token.as_deref()).await?;
        if_match.honour(link.version)?;
        let link = answers::decline(tx, caller.partner()?, link, invitation).await?;
        Ok(Done(shown::one(caller.viewer(), tx.db(), link).await?))
    })
    .await
}

/// Cancel an invitation that was not answered yet.
///
/// For the provider. A live link stays live: only what was asked of it is taken back.
#[utoipa::path(tag = "links", security(("oauth2" = [LinksWrite::NAME])),
    params(("id" = String, Path, description = "The link's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The link, cancelled.", body = IndirectProviderLink), Problems))]
#[post("/v1/indirect-provider-links/{id:[^/:]+}:cancel")]
async fn cancel_indirect_provider_link(
    app: App,
    caller: Caller<LinksWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let link = store::find_for(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(link.version)?;
        let link = invitations::cancel(tx, caller.partner()?, link).await?;
        Ok(Done(shown::one(caller.viewer(), tx.db(), link).await?))
    })
    .await
}

/// End a live link.
///
/// For either side. New orders, seat increases and upgrades through it stop; renewals, decreases, keys and refunds go
/// on, and customers with their relationships stay (LNK-10).
#[utoipa::path(tag = "links", security(("oauth2" = [LinksWrite::NAME])),
    params(("id" = String, Path, description = "The link's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The link, ended.", body = IndirectProviderLink), Problems))]
#[post("/v1/indirect-provider-links/{id:[^/:]+}:end")]
async fn end_indirect_provider_link(
    app: App,
    caller: Caller<LinksWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let link = store::find_for(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(link.version)?;
        let link = answers::end(tx, caller.partner()?, link).await?;
        Ok(Done(shown::one(caller.viewer(), tx.db(), link).await?))
    })
    .await
}

/// Remove the provider's admin access; the link stays.
///
/// For the reseller. The access returns only when the provider asks for it and the reseller agrees (LNK-05).
#[utoipa::path(tag = "links", security(("oauth2" = [LinksWrite::NAME])),
    params(("id" = String, Path, description = "The link's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The link without admin access.", body = IndirectProviderLink), Problems))]
#[post("/v1/indirect-provider-links/{id:[^/:]+}:remove-admin-access")]
async fn remove_link_admin_access(
    app: App,
    caller: Caller<LinksWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let link = store::find_for(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(link.version)?;
        let link = answers::remove_admin_access(tx, caller.partner()?, link).await?;
        Ok(Done(shown::one(caller.viewer(), tx.db(), link).await?))
    })
    .await
}

/// Ask a customer to accept the reseller and its provider at once.
///
/// For the reseller of a live link. One answer of the customer is for both, and is recorded for each (LNK-08). The answer
/// shows the personal link and the texts to forward, this once; from there on it is a relationship request of both. With
/// `customerId` it asks a customer that has accepted the reseller to accept the provider too, which needs that before it
/// can order (LNK-09).
#[utoipa::path(tag = "links", request_body = CreateRelationshipRequest,
    security(("oauth2" = [CustomersWrite::NAME])),
    params(("id" = String, Path, description = "The link's id.", max_length = 36), IdempotencyHeader),
    responses((status = 201, description = "The request with its link.", body = RelationshipRequest), Problems))]
#[post("/v1/indirect-provider-links/{id:[^/:]+}/customer-invitations")]
async fn invite_link_customer(
    app: App,
    caller: Caller<CustomersWrite>,
    id: Id,
    key: IdempotencyKey,
    body: Body<CreateRelationshipRequest>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let link = store::find_for(caller.viewer(), tx.db(), &id).await?;
        let reseller = partners::find(tx.db(), caller.partner()?).await?;
        all_or((), rules::may_invite_customers(&reseller, &link))?;
        let provider = partners::find(tx.db(), &link.provider_id).await?;
        Ok(Created(relationships::ask_as(tx, &app.config, &[reseller, provider], &body).await?))
    })
    .await
}

/// List the customers that have accepted both sides of a link.
///
/// Empty unless the link is live (LNK-07).
#[utoipa::path(tag = "links", security(("oauth2" = [LinksRead::NAME])),
    params(("id" = String, Path, description = "The link's id.", max_length = 36), ListLinkCustomers),
    responses((status = 200, description = "A page of customers.", body = CustomerPage), Problems))]
#[get("/v1/indirect-provider-links/{id:[^/:]+}/customers")]
async fn list_link_customers(
    app: App,
    caller: Caller<LinksRead>,
    id: Id,
    query: Query<ListLinkCustomers>,
) -> Result<Json<CustomerPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let link = store::find_for(caller.viewer(), &mut db, &id).await?;
    let rows = store::shared_customers(&mut db, &link, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(Customer::try_from).collect::<Result<_>>()?;
    Ok(Json(CustomerPage { items, next_cursor }))
}
