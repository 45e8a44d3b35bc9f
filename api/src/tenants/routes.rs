//! The operations over tenants.

use super::model::{CreateTenant, ListTenants, NewTenant, Tenant, TenantMode, TenantPage, TenantPreview};
use super::{names, rules, store};
use crate::access::permits::{TenantsRead, TenantsWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::{Error, Result};
use crate::http::preconditions::IdempotencyHeader;
use crate::http::problem::FieldError;
use crate::http::{Body, Created, Id, IdempotencyKey, Problems, Query, Shown};
use crate::state::App;
use crate::{customers, partners};
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(create_tenant).service(preview_tenant).service(list_tenants).service(get_tenant);
}

/// Create a tenant for a customer.
///
/// Everything is checked before anything is reserved: a refused request leaves the name free (TEN-03).
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
        let customer = customers::find(caller.viewer(), tx.db(), &id).await?;
        let partner = partners::find(tx.db(), caller.partner()?).await?;
        partners::must_be_active(&partner)?;
        let TenantMode::Create = body.mode;
        let domain = rules::domain(&body.name, app.config.tenants).map_err(|fault| Error::refused(vec![fault]))?;
        let new = NewTenant { customer_id: &customer.id, partner_id: &partner.id, domain };
        Ok(Created(Tenant::from(store::create(tx, &new).await?)))
    })
    .await
}

/// Preview the creation of a tenant: every check, nothing written.
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
    customers::find(caller.viewer(), &mut db, &id).await?;
    let partner = partners::find(&mut db, caller.partner()?).await?;
    let mut faults = partners::is_active(&partner).into_iter().collect::<Vec<_>>();
    let domain = match rules::domain(&body.name, app.config.tenants) {
        Ok(domain) if names::is_taken(&mut db, &domain).await? => {
            faults.push(rules::taken(&domain));
            domain
        }
        Ok(domain) => domain,
        Err(fault) => {
            faults.push(fault);
            String::new()
        }
    };
    let reasons = FieldError::all_of(&faults, caller.context().language);
    Ok(Json(TenantPreview { possible: faults.is_empty(), domain, reasons }))
}

/// List the tenants that the caller sees.
#[utoipa::path(tag = "tenants", security(("oauth2" = [TenantsRead::NAME])), params(ListTenants),
    responses((status = 200, description = "A page of tenants.", body = TenantPage), Problems))]
#[get("/v1/tenants")]
async fn list_tenants(app: App, caller: Caller<TenantsRead>, query: Query<ListTenants>) -> Result<Json<TenantPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(caller.viewer(), &mut reader.db()?, query.customer_id.as_deref(), &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    Ok(Json(TenantPage { items: rows.into_iter().map(Tenant::from).collect(), next_cursor }))
}

/// Get a tenant.
#[utoipa::path(tag = "tenants", security(("oauth2" = [TenantsRead::NAME])),
    params(("id" = String, Path, description = "The tenant's id.", max_length = 36)),
    responses((status = 200, description = "The tenant.", body = Tenant), Problems))]
#[get("/v1/tenants/{id:[^/:]+}")]
async fn get_tenant(app: App, caller: Caller<TenantsRead>, id: Id) -> Result<Shown<Tenant>> {
    let mut reader = app.read().await?;
    Ok(Shown(store::find(caller.viewer(), &mut reader.db()?, &id).await?.into()))
}
