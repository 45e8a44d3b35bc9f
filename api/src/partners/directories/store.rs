//! Queries over the directories.

use super::model::{CompanyRow, LocationRow, SetPartnerLocation};
use super::rules;
use crate::db::Db;
use crate::db::schema::{companies, partner_locations};
use crate::db::write::Tx;
use crate::error::{Fault, Result};
use crate::on;
use crate::partners::{self, LocationSource, PartnerRow};
use crate::profiles::Contact;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// What the directory knows of a PartnerID.
pub async fn location(db: &mut Db<'_>, id: &str) -> Result<Option<LocationRow>> {
    Ok(on!(db, c => partner_locations::table.find(id).select(LocationRow::as_select()).first(c)).optional()?)
}

/// A partner as the directory completes it, and whose word that needs: PartnerIDs are no secret, so only whom the
/// directory itself names may say that the company is its own (ENR-17). Without such a contact nothing is taken.
pub async fn completed(db: &mut Db<'_>, partner: &PartnerRow) -> Result<(PartnerRow, Option<Contact>)> {
    let mut whole = partner.clone();
    let known = match &partner.partner_location_id {
        Some(id) => location(db, id).await?,
        None => None,
    };
    let Some((known, contact)) = known.and_then(|known| known.contact.clone().map(|contact| (known, contact))) else {
        return Ok((whole, None));
    };
    let is_needed = rules::fill_in(&mut whole, &known);
    Ok((whole, if is_needed { Some(contact.read()?) } else { None }))
}

/// What stands against the PartnerID by now: the partner may have changed its country since, the directory may know
/// better, another partner may have been faster (ENR-03).
pub async fn faults_of_location(db: &mut Db<'_>, partner: &PartnerRow) -> Result<Vec<Fault>> {
    let (Some(id), Some(source)) = (&partner.partner_location_id, partner.location_source) else {
        return Ok(Vec::new());
    };
    let known = location(db, id).await?;
    let stated = SetPartnerLocation { partner_location_id: id.clone(), kind: None, country: None };
    let is_taken = partners::is_location_taken(db, id, &partner.id).await?;
    let is_confirmed = known.is_none() && source == LocationSource::Reviewed;
    Ok(if is_confirmed {
        Vec::new()
    } else {
        rules::linkable(partner, &stated, known.as_ref(), is_taken).err().unwrap_or_default()
    })
}

/// What the directory knows of a DUNS number.
pub async fn company(db: &mut Db<'_>, duns: &str) -> Result<Option<CompanyRow>> {
    Ok(on!(db, c => companies::table.find(duns).select(CompanyRow::as_select()).first(c)).optional()?)
}

/// Keeps a PartnerID; a newer import knows better.
pub async fn put_location(tx: &mut Tx<'_>, row: &LocationRow) -> Result<()> {
    on!(tx.db(), c => diesel::delete(partner_locations::table.filter(partner_locations::id.eq(&row.id))).execute(c))?;
    on!(tx.db(), c => diesel::insert_into(partner_locations::table).values(row).execute(c))?;
    Ok(())
}

/// Keeps a company; a newer import knows better.
pub async fn put_company(tx: &mut Tx<'_>, row: &CompanyRow) -> Result<()> {
    on!(tx.db(), c => diesel::delete(companies::table.filter(companies::duns.eq(&row.duns))).execute(c))?;
    on!(tx.db(), c => diesel::insert_into(companies::table).values(row).execute(c))?;
    Ok(())
}
