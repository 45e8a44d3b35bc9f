//! Queries over partners.

use super::model::{LocationSource, NewPartner, PartnerRow};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{indirect_provider_links, partner_users, partners};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::on;
use crate::profiles::Contact;
use crate::topic::Topic;
use diesel::dsl::exists;
use diesel::prelude::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// The partner with this id. For the house itself: what a caller may see of it is the caller's business.
pub async fn find(db: &mut Db<'_>, id: &str) -> Result<PartnerRow> {
    on!(db, c => partners::table.find(id).select(PartnerRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("partner"))
}

/// The partner with this id, for these eyes: a partner sees itself, the operator all of them.
pub async fn find_seen(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<PartnerRow> {
    match viewer {
        Viewer::Operator => find(db, id).await,
        Viewer::Partner(own) if own == id => find(db, id).await,
        Viewer::Partner(_) | Viewer::Customer(_) | Viewer::Enrolment => Err(Error::not_found("partner")),
    }
}

/// The partner with this id, for whoever reads and changes its profile and its people: itself, the operator, and a
/// provider to which it has granted admin access over their live link (LNK-04).
pub async fn find_administered(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<PartnerRow> {
    let Viewer::Partner(provider) = viewer else {
        return find_seen(viewer, db, id).await;
    };
    if provider == id {
        return find(db, id).await;
    }
    on!(db, c => partners::table
        .find(id)
        .filter(exists(
            indirect_provider_links::table
                .filter(indirect_provider_links::provider_id.eq(provider))
                .filter(indirect_provider_links::reseller_id.eq(partners::id.nullable()))
                .filter(indirect_provider_links::state.eq("active"))
                .filter(indirect_provider_links::admin_access.eq("granted")),
        ))
        .select(PartnerRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("partner"))
}

/// The first partner with this registered name, for a sandbox that looks for its own.
pub async fn find_by_name(db: &mut Db<'_>, legal_name: &str) -> Result<Option<PartnerRow>> {
    Ok(on!(db, c => partners::table
        .filter(partners::legal_name.eq(legal_name))
        .order(partners::id.asc())
        .select(PartnerRow::as_select())
        .first(c))
    .optional()?)
}

/// Whether another partner has this tenant id. For the house itself; a caller may only learn that it is taken.
pub async fn is_tenant_taken(db: &mut Db<'_>, tenant_id: &str, but: &str) -> Result<bool> {
    let others: Vec<String> = on!(db, c => partners::table
        .filter(partners::tenant_id.eq(tenant_id))
        .filter(partners::id.ne(but))
        .select(partners::id)
        .limit(1)
        .load(c))?;
    Ok(!others.is_empty())
}

/// Whether another partner has this PartnerID. For the house itself.
pub async fn is_location_taken(db: &mut Db<'_>, location_id: &str, but: &str) -> Result<bool> {
    let others: Vec<String> = on!(db, c => partners::table
        .filter(partners::partner_location_id.eq(location_id))
        .filter(partners::id.ne(but))
        .select(partners::id)
        .limit(1)
        .load(c))?;
    Ok(!others.is_empty())
}

/// Adds a partner.
pub async fn insert(tx: &mut Tx<'_>, row: &PartnerRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(partners::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed partner as its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut PartnerRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(partners::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// Registers a partner on the operator's word (ENR-01).
pub async fn register(tx: &mut Tx<'_>, new: &NewPartner) -> Result<PartnerRow> {
    let (name, country) = (new.legal_name.clone(), new.country.clone());
    let mut row = PartnerRow::draft(tx.id(), new.kind, name, country, tx.now().naive_utc());
    row.state = new.state;
    row.partner_location_id.clone_from(&new.partner_location_id);
    row.location_source = new.partner_location_id.as_ref().map(|_| LocationSource::Reviewed);
    insert(tx, &row).await?;
    tx.emit(Topic::PartnerRegistered, &row);
    Ok(row)
}

/// Where these partners read their mail: their contacts' addresses and their people's.
pub async fn mail_addresses(db: &mut Db<'_>, ids: &[&str]) -> Result<Vec<String>> {
    let rows: Vec<PartnerRow> =
        on!(db, c => partners::table.filter(partners::id.eq_any(ids)).select(PartnerRow::as_select()).load(c))?;
    let mut addresses: Vec<String> = on!(db, c => partner_users::table
        .filter(partner_users::partner_id.eq_any(ids))
        .select(partner_users::email)
        .limit(1000)
        .load(c))?;
    for row in rows {
        for contact in [row.primary_contact, row.support_contact].into_iter().flatten() {
            addresses.push(contact.read::<Contact>()?.email);
        }
    }
    Ok(addresses)
}
