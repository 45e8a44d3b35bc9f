//! Queries over tenants.

use super::credentials;
use super::model::{ListTenants, NewTenant, TenantMode, TenantOf, TenantRow, TenantState};
use super::names;
use super::rules::Reference;
use crate::access::Viewer;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{relationships as related, tenants};
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::http::Page;
use crate::on;
use crate::relationships::{self, RelationshipState};
use crate::topic::Topic;
use diesel::dsl::exists;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// `tenants_of!(viewer)`: whoever sees the organisation sees its tenants (CUS-05).
macro_rules! tenants_of {
    ($viewer:expr) => {{
        let rows = tenants::table.select(TenantRow::as_select()).into_boxed();
        match $viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => rows.filter(exists(
                related::table
                    .filter(related::partner_id.eq(id))
                    .filter(related::customer_id.eq(tenants::customer_id))
                    .filter(related::state.eq(RelationshipState::Accepted)),
            )),
            Viewer::Customer(id) => rows.filter(tenants::customer_id.eq(id)),
            Viewer::Enrolment => rows.filter(tenants::id.eq("")),
        }
    }};
}

/// The tenant with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<TenantRow> {
    let row: Option<TenantRow> = on!(db, c => tenants_of!(viewer).filter(tenants::id.eq(id)).first(c)).optional()?;
    if let Some(row) = row.filter(|row| row.merged_into.is_none()) {
        return Ok(row);
    }
    // Whoever sees what it was merged into is told.
    let kept: Option<String> = on!(db, c => tenants::table
        .find(id)
        .select(tenants::merged_into.assume_not_null())
        .filter(tenants::merged_into.is_not_null())
        .first(c))
    .optional()?;
    let unknown = || Error::not_found("tenant");
    let kept = kept.ok_or_else(unknown)?;
    let kept: Option<TenantRow> =
        on!(db, c => tenants_of!(viewer).filter(tenants::id.eq(&kept)).first(c)).optional()?;
    Err(Error::new(Code::RecordMerged).with("mergedInto", kept.ok_or_else(unknown)?.id))
}

/// All tenants of an organisation, wherever they stand. For the house itself.
pub async fn of_customer(db: &mut Db<'_>, customer_id: &str) -> Result<Vec<TenantRow>> {
    Ok(on!(db, c => tenants::table
        .filter(tenants::customer_id.eq(customer_id))
        .order(tenants::id.asc())
        .select(TenantRow::as_select())
        .load(c))?)
}

/// The tenant with this id. For the house itself.
pub async fn get(db: &mut Db<'_>, id: &str) -> Result<TenantRow> {
    on!(db, c => tenants::table.find(id).select(TenantRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("tenant"))
}

/// A customer's first active tenant, for these eyes.
pub async fn active_of(viewer: &Viewer, db: &mut Db<'_>, customer_id: &str) -> Result<Option<TenantRow>> {
    Ok(on!(db, c => tenants_of!(viewer)
        .filter(tenants::customer_id.eq(customer_id))
        .filter(tenants::state.eq(TenantState::Active))
        .order(tenants::id.asc())
        .first(c))
    .optional()?)
}

/// A page of the tenants that these eyes see, in the state that they have at this instant.
pub async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    query: &ListTenants,
    now: Instant,
    page: &Page,
) -> Result<Vec<TenantRow>> {
    let now = now.naive_utc();
    Ok(on!(db, c => {
        let mut rows =
            tenants_of!(viewer).filter(tenants::id.gt(page.after())).filter(tenants::merged_into.is_null());
        if let Some(customer_id) = &query.customer_id {
            rows = rows.filter(tenants::customer_id.eq(customer_id));
        }
        let waiting = TenantState::AwaitingAcceptance;
        rows = match query.state {
            None => rows,
            Some(TenantState::AwaitingAcceptance) => {
                rows.filter(tenants::state.eq(waiting)).filter(tenants::expires_at.gt(Some(now)))
            }
            Some(TenantState::Expired) => rows.filter(
                tenants::state.eq(TenantState::Expired)
                    .or(tenants::state.eq(waiting).and(tenants::expires_at.assume_not_null().le(now)))),
            Some(state) => rows.filter(tenants::state.eq(state)),
        };
        rows.order(tenants::id.asc()).limit(page.rows()).load(c)
    })?)
}

/// Whoever has this domain. For the house itself; a caller may only learn that a name is taken.
pub async fn find_by_domain(db: &mut Db<'_>, domain: &str) -> Result<Option<TenantRow>> {
    Ok(on!(db, c => tenants::table.filter(tenants::domain.eq(domain)).select(TenantRow::as_select()).first(c))
        .optional()?)
}

/// Whether a tenant waits for its customer to accept this partner.
pub async fn waits_for(db: &mut Db<'_>, tenant: &TenantRow, partner_id: &str) -> Result<bool> {
    let Some(id) = tenant.request_id.as_ref().filter(|_| tenant.state == TenantState::AwaitingAcceptance) else {
        return Ok(false);
    };
    let request = relationships::request(db, id).await?;
    let parties = relationships::parties_of(db, &request).await?;
    Ok(parties.iter().any(|(party, _)| party.partner_id == partner_id))
}

/// Every tenant on record that has one of these names, whoever has it and wherever it stands, but for those that lead to
/// another. For the house itself.
pub async fn known_by(db: &mut Db<'_>, reference: &Reference) -> Result<Vec<TenantRow>> {
    let Reference { domain, custom_domain, directory_id } = reference;
    Ok(on!(db, c => tenants::table
        .filter(
            tenants::domain.eq(domain)
                .or(tenants::custom_domain.eq(custom_domain))
                .or(tenants::directory_id.eq(directory_id)),
        )
        .filter(tenants::merged_into.is_null())
        .order(tenants::id.asc())
        .select(TenantRow::as_select())
        .load(c))?)
}

/// Adds a tenant. Of two that are linked at once one is (TEN-08).
pub async fn insert(tx: &mut Tx<'_>, row: &TenantRow) -> Result<()> {
    let added = on!(tx.db(), c => diesel::insert_into(tenants::table).values(row).on_conflict_do_nothing().execute(c))?;
    if added == 0 { Err(Error::new(Code::TenantBelongsToOtherCustomer)) } else { Ok(()) }
}

/// Writes a changed tenant as its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut TenantRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(tenants::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// Makes a tenant. A refused one leaves nothing behind, its name stays free (TEN-03).
pub async fn create(tx: &mut Tx<'_>, new: &NewTenant<'_>) -> Result<TenantRow> {
    names::take(tx, &new.domain).await?;
    let row = TenantRow {
        id: tx.id(),
        customer_id: new.customer_id.to_owned(),
        partner_id: new.partner_id.to_owned(),
        mode: TenantMode::Create,
        domain: Some(new.domain.clone()),
        custom_domain: None,
        directory_id: Some(names::new_directory_id()),
        previous_provider: false,
        state: TenantState::Active,
        request_id: None,
        expires_at: None,
        version: 1,
        created_at: tx.now().naive_utc(),
        merged_into: None,
    };
    insert(tx, &row).await?;
    credentials::make(tx, &row, &new.domain).await?;
    tx.emit(Topic::TenantCreated, &TenantOf { tenant: &row, partner_id: new.partner_id });
    Ok(row)
}

/// The domains and the GUIDs of a customer's tenants, for whoever has found the customer. Only of those that are or were
/// its own: what it declined is none of them.
pub async fn names_of(db: &mut Db<'_>, customer_id: &str) -> Result<Vec<String>> {
    let own = |row: &TenantRow| matches!(row.state, TenantState::Active | TenantState::Unlinked);
    let tenants = of_customer(db, customer_id).await?;
    let names = tenants.into_iter().filter(own).flat_map(|row| [row.domain, row.custom_domain, row.directory_id]);
    Ok(names.flatten().collect())
}
