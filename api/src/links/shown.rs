//! Links as their callers see them, with both companies, the newest invitation and the newest consent.

use super::model::{IndirectProviderLink, InvitationRow, LinkConsent, LinkParty, LinkRole, LinkRow};
use super::store;
use crate::access::Viewer;
use crate::db::Db;
use crate::error::{Error, Result};

/// All of these.
pub async fn all(viewer: &Viewer, db: &mut Db<'_>, rows: Vec<LinkRow>) -> Result<Vec<IndirectProviderLink>> {
    let invitations = store::invitations_of(db, &rows).await?;
    let parties = store::parties_of(db, &rows).await?;
    rows.into_iter().map(|row| shown(viewer, row, &invitations, &parties)).collect()
}

/// This one.
pub async fn one(viewer: &Viewer, db: &mut Db<'_>, row: LinkRow) -> Result<IndirectProviderLink> {
    all(viewer, db, vec![row]).await?.pop().ok_or_else(store::unknown)
}

fn shown(
    viewer: &Viewer,
    row: LinkRow,
    invitations: &[InvitationRow],
    parties: &[LinkParty],
) -> Result<IndirectProviderLink> {
    let own = || invitations.iter().rev().filter(|invitation| invitation.link_id == row.id);
    let party = |id: &str| parties.iter().find(|party| party.id == id).cloned();
    let missing = || Error::internal(format!("link {} is not whole", row.id));
    let invitation = own().next().cloned().ok_or_else(missing)?;
    let mut consent = own().find_map(LinkConsent::of);
    if *viewer == Viewer::Partner(row.provider_id.clone()) {
        // Which of the reseller's clients it was is the reseller's affair.
        consent.as_mut().map(|consent| consent.client_id.take());
    }
    let side = |id: &String| if *id == row.provider_id { LinkRole::Provider } else { LinkRole::Reseller };
    Ok(IndirectProviderLink {
        provider: party(&row.provider_id).ok_or_else(missing)?,
        reseller: row.reseller_id.as_deref().and_then(party),
        invitation: invitation.into(),
        consent,
        authorized_at: row.authorized_at.map(|instant| instant.and_utc()),
        ended_at: row.ended_at.map(|instant| instant.and_utc()),
        ended_by: row.ended_by.as_ref().map(side),
        created_at: row.created_at.and_utc(),
        id: row.id,
        state: row.state,
        admin_access: row.admin_access,
        version: row.version,
    })
}
