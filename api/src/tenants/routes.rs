//! The operations over tenants.

use super::credentials::{self, RevealTenantCredentials, TenantCredentials};
use super::licenses::{self, ListTenantLicenses, TenantLicensePage};
use super::model::{CreateTenant, DomainAvailability, ListTenants, Tenant, TenantPage, TenantPreview, TenantRow};
use super::plan::Plan;
use super::{course, names, rules, store};
use crate::access::permits::{TenantsCredentials, TenantsRead, TenantsWrite};
use crate::access::{Caller, Permit};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::Answer;
use crate::error::{Error, Result};
use crate::http::body::Nothing;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::problem::FieldError;
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, NoContent, Problems, Query, Shown, Tagged};
use crate::state::App;
use crate::{partners, relationships};
use actix_web::web::{Json, Path};
use actix_web::{delete, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(get_domain_availability).service(create_tenant).service(preview_tenant).service(list_tenants);
    service.service(get_tenant).service(list_tenant_licenses).service(reveal_tenant_credentials);
    service.service(resend_tenant_acceptance).service(unlink_tenant);
}

/// Ask whether a tenant's name can be had.
///
/// Takes the name, or the whole `name.onmicrosoft.com`. Where it is taken, domains like it that are free are suggested.
/// Asking takes nothing: only creating the tenant does (TEN-02).
#[utoipa::path(tag = "tenants", security(("oauth2" = [TenantsRead::NAME])),
    params(("domain" = String, Path, description = "The name, or the whole domain.", max_length = 80)),
    responses((status = 200, description = "Whether it is free.", body = DomainAvailability), Problems))]
#[get("/v1/domains/{domain:[^/:]+}/availability")]
async fn get_domain_availability(
    app: App,
    _caller: Caller<TenantsRead>,
    asked: Path<String>,
) -> Result<Tagged<DomainAvailability>> {
    let (name, bounds) = (rules::name_in(&asked), app.config.tenants);
    let domain = rules::domain(name, bounds, "").map_err(|fault| Error::refused(vec![fault]))?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let available = !names::is_taken(&mut db, &domain).await?;
    let alternatives = if available { Vec::new() } else { names::alternatives(&mut db, name, bounds).await? };
    Ok(Tagged(DomainAvailability { domain, available, alternatives }))
}

/// Create a tenant for a customer, or link one that it has.
///
/// Everything is checked before anything is reserved: a refused request leaves the name free (TEN-03). A new tenant's
/// administrator is shown once, by `credentials:reveal`. A tenant that another provider serves, or has served, waits
/// until its customer has accepted the storefront and the distributor: the answer then shows, this once, a personal link
/// and texts to forward, which the partner is mailed too; the tenant becomes active by itself (TEN-05).
#[utoipa::path(tag = "tenants", request_body = CreateTenant, security(("oauth2" = [TenantsWrite::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36), IdempotencyHeader),
    responses((status = 201, description = "The tenant.", body = Tenant), Problems))]
#[post("/v1/customers/{id:[^/:]+}/tenants")]
async fn create_tenant(
    app: App,
    caller: Caller<TenantsWrite>,
    id: Id,
    key: IdempotencyKey,
    body: Body<CreateTenant>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let partner = caller.partner()?;
        let plan = Plan::make(caller.viewer(), tx.db(), &app.config, partner, &id, &body).await?;
        let declared = body.previous_provider;
        Ok(Created(course::carry_out(tx, &app.config, plan, body.mode, declared).await?))
    })
    .await
}

/// Preview the creation or linking of a tenant: every check, nothing written.
///
/// Every reason for which it would be refused is told at once.
#[utoipa::path(tag = "tenants", request_body = CreateTenant, security(("oauth2" = [TenantsWrite::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36)),
    responses((status = 200, description = "What would become of it.", body = TenantPreview), Problems))]
#[post("/v1/customers/{id:[^/:]+}/tenants:preview")]
async fn preview_tenant(
    app: App,
    caller: Caller<TenantsWrite>,
    id: Id,
    body: Body<CreateTenant>,
) -> Result<Json<TenantPreview>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let plan = Plan::make(caller.viewer(), &mut db, &app.config, caller.partner()?, &id, &body).await?;
    Ok(Json(TenantPreview {
        possible: plan.faults.is_empty(),
        state: plan.state(),
        reasons: FieldError::all_of(&plan.faults, caller.context().language),
        domain: plan.reference.domain.unwrap_or_default(),
        to_accept: plan.parties.into_iter().map(|party| party.legal_name).collect(),
    }))
}

/// List the tenants that the caller sees, each with the number of its licences by their states (TEN-07).
///
/// A partner sees those of its customers, the operator all of them. The oldest first.
#[utoipa::path(tag = "tenants", security(("oauth2" = [TenantsRead::NAME])), params(ListTenants),
    responses((status = 200, description = "A page of tenants.", body = TenantPage), Problems))]
#[get("/v1/tenants")]
async fn list_tenants(app: App, caller: Caller<TenantsRead>, query: Query<ListTenants>) -> Result<Json<TenantPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let rows = store::list(caller.viewer(), &mut db, &query, now, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let mut counts = licenses::counts(caller.viewer(), &mut db, &ids).await?;
    let counted = |row: TenantRow| {
        let licenses = counts.remove(&row.id).unwrap_or_default();
        Tenant::of(row, now).with(licenses)
    };
    Ok(Json(TenantPage { items: rows.into_iter().map(counted).collect(), next_cursor }))
}

/// Get a tenant, with whom its customer was asked to accept.
///
/// Its first credentials are never here: `reveal_tenant_credentials` shows them once.
#[utoipa::path(tag = "tenants", security(("oauth2" = [TenantsRead::NAME])),
    params(("id" = String, Path, description = "The tenant's id.", max_length = 36)),
    responses((status = 200, description = "The tenant.", body = Tenant), Problems))]
#[get("/v1/tenants/{id:[^/:]+}")]
async fn get_tenant(app: App, caller: Caller<TenantsRead>, id: Id) -> Result<Shown<Tenant>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    let now = app.now(&mut db).await?;
    Ok(Shown(shown(&mut db, row, now).await?))
}

/// A tenant as it is now, without the link that its customer answers by.
async fn shown(db: &mut Db<'_>, row: TenantRow, now: Instant) -> Result<Tenant> {
    let request = match &row.request_id {
        Some(id) => Some(relationships::request_as_shown(db, id, now).await?),
        None => None,
    };
    Ok(Tenant::of(row, now).asking(request))
}

/// List the licences on a tenant, ended ones too (TEN-07).
///
/// Subscriptions and software alike, each with its state and number. The oldest first.
#[utoipa::path(tag = "tenants", security(("oauth2" = [TenantsRead::NAME])),
    params(("id" = String, Path, description = "The tenant's id.", max_length = 36), ListTenantLicenses),
    responses((status = 200, description = "A page of licences.", body = TenantLicensePage), Problems))]
#[get("/v1/tenants/{id:[^/:]+}/licenses")]
async fn list_tenant_licenses(
    app: App,
    caller: Caller<TenantsRead>,
    id: Id,
    query: Query<ListTenantLicenses>,
) -> Result<Json<TenantLicensePage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let tenant = store::find(caller.viewer(), &mut db, &id).await?;
    let rows = licenses::on_tenant(caller.viewer(), &mut db, &tenant.id, &page).await?;
    let (items, next_cursor) = page.cut(&app.vault, rows, |license| &license.id)?;
    Ok(Json(TenantLicensePage { items, next_cursor }))
}

/// Reveal the credentials of a new tenant's first administrator, once.
///
/// The answer replays for a day, to the same client with the same key only; any other call is refused with 409
/// `credentials_already_revealed` (TEN-04). For the partner that created the tenant.
#[utoipa::path(tag = "tenants", request_body = RevealTenantCredentials,
    security(("oauth2" = [TenantsCredentials::NAME])),
    params(("id" = String, Path, description = "The tenant's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The credentials.", body = TenantCredentials), Problems))]
#[post("/v1/tenants/{id:[^/:]+}/credentials:reveal")]
async fn reveal_tenant_credentials(
    app: App,
    caller: Caller<TenantsCredentials>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RevealTenantCredentials>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let (tenant, now) = (store::find(caller.viewer(), tx.db(), &id).await?, tx.now());
        if_match.honour(tenant.version_at(now))?;
        Ok(Done(credentials::reveal(tx, &tenant, caller.partner()?, &body.reason).await?))
    })
    .await
}

/// Ask the customer of a tenant again, with a new link and a new term. The older link no longer works.
///
/// The answer shows the new link and its texts; the partner is mailed again. One whose time is over waits again.
#[utoipa::path(tag = "tenants", security(("oauth2" = [TenantsWrite::NAME])),
    params(("id" = String, Path, description = "The tenant's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The tenant with its new link.", body = Tenant), Problems))]
#[post("/v1/tenants/{id:[^/:]+}:resend-acceptance")]
async fn resend_tenant_acceptance(
    app: App,
    caller: Caller<TenantsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let (row, now) = (store::find(caller.viewer(), tx.db(), &id).await?, tx.now());
        if_match.honour(row.version_at(now))?;
        partners::must_be_active(&partners::find(tx.db(), caller.partner()?).await?)?;
        rules::must_await_acceptance(row.state)?;
        let request = relationships::request(tx.db(), row.request_id.as_deref().unwrap_or_default()).await?;
        let sent = relationships::send_again(tx, &app.config, request).await?;
        Ok(Done(Tenant::of(store::get(tx.db(), &row.id).await?, now).asking(Some(sent))))
    })
    .await
}

/// Unlink a tenant.
///
/// Refused while live licences are on it (TEN-09). It stays visible as unlinked; what its customer was asked is taken
/// back. A name that was created stays taken.
#[utoipa::path(tag = "tenants", security(("oauth2" = [TenantsWrite::NAME])),
    params(("id" = String, Path, description = "The tenant's id.", max_length = 36), OptionalIfMatchHeader),
    responses((status = 204, description = "It is unlinked."), Problems))]
#[delete("/v1/tenants/{id:[^/:]+}")]
async fn unlink_tenant(app: App, caller: Caller<TenantsWrite>, id: Id, if_match: IfMatch) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version_at(tx.now()))?;
        course::unlink(tx, &app.config, row).await?;
        Ok(NoContent)
    })
    .await
}
