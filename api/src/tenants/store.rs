//! Queries over tenants.

use super::model::{NewTenant, TenantOf, TenantRow, TenantState};
use super::names;
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{relationships, tenants};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use crate::relationships::RelationshipState;
use crate::topic::Topic;
use diesel::dsl::exists;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// `tenants_of!(viewer)`: whoever sees the organisation sees its tenants (CUS-05).
macro_rules! tenants_of {
    ($viewer:expr) => {{
        let rows = tenants::table.select(TenantRow::as_select()).into_boxed();
        match $viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => rows.filter(exists(
                relationships::table
                    .filter(relationships::partner_id.eq(id))
                    .filter(relationships::customer_id.eq(tenants::customer_id))
                    .filter(relationships::state.eq(RelationshipState::Accepted)),
            )),
            Viewer::Customer(id) => rows.filter(tenants::customer_id.eq(id)),
            Viewer::Enrolment => rows.filter(tenants::id.eq("")),
        }
    }};
}

/// The tenant with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<TenantRow> {
    on!(db, c => tenants_of!(viewer).filter(tenants::id.eq(id)).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("tenant"))
}

/// A page of the tenants that these eyes see.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, customer_id: Option<&str>, page: &Page) -> Result<Vec<TenantRow>> {
    Ok(on!(db, c => {
        let mut rows = tenants_of!(viewer).filter(tenants::id.gt(page.after()));
        if let Some(customer_id) = customer_id {
            rows = rows.filter(tenants::customer_id.eq(customer_id));
        }
        rows.order(tenants::id.asc()).limit(page.rows()).load(c)
    })?)
}

/// Whoever has this domain. For the house itself; a caller may only learn that a name is taken.
pub async fn find_by_domain(db: &mut Db<'_>, domain: &str) -> Result<Option<TenantRow>> {
    Ok(on!(db, c => tenants::table.filter(tenants::domain.eq(domain)).select(TenantRow::as_select()).first(c))
        .optional()?)
}

/// Makes a tenant. A refused one leaves nothing behind, its name stays free (TEN-03).
pub async fn create(tx: &mut Tx<'_>, new: &NewTenant<'_>) -> Result<TenantRow> {
    names::take(tx, &new.domain).await?;
    let row = TenantRow {
        id: tx.id(),
        customer_id: new.customer_id.to_owned(),
        domain: new.domain.clone(),
        directory_id: names::new_directory_id(),
        state: TenantState::Active,
        version: 1,
        created_at: tx.now().naive_utc(),
    };
    on!(tx.db(), c => diesel::insert_into(tenants::table).values(&row).execute(c))?;
    tx.emit(Topic::TenantCreated, &TenantOf { tenant: &row, partner_id: new.partner_id });
    Ok(row)
}

/// The domains and the GUIDs of a customer's tenants, for whoever has found the customer.
pub async fn names_of(db: &mut Db<'_>, customer_id: &str) -> Result<Vec<String>> {
    let names: Vec<(String, String)> = on!(db, c => tenants::table
        .filter(tenants::customer_id.eq(customer_id))
        .select((tenants::domain, tenants::directory_id))
        .limit(1000)
        .load(c))?;
    Ok(names.into_iter().flat_map(|(domain, guid)| [domain, guid]).collect())
}
