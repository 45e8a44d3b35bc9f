//! Two records of one organisation become one. A partner that does not know that an organisation is here already makes
//! another record of it; once it links a tenant that is on record, and the organisation's contact there accepts, its
//! record and tenant lead to those that were here first (TEN-08).

use super::model::{TenantRow, TenantState};
use super::rules::Reference;
use super::{course, store};
use crate::config::Config;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::relationships::{PartyRow, RequestRow};
use crate::topic::Topic;
use crate::{customers, earnings, gcc, open, relationships};

/// The tenant on record that is the same one, of another organisation's record. For the house itself.
pub async fn on_record(db: &mut Db<'_>, tenant: &TenantRow) -> Result<Option<TenantRow>> {
    if let Some(id) = &tenant.merged_into {
        return Ok(Some(store::get(db, id).await?));
    }
    let known = store::known_by(db, &Reference::from(tenant)).await?;
    Ok(known.into_iter().find(|other| other.id != tenant.id && other.state == TenantState::Active))
}

/// Whether a request about a tenant can still be accepted: where another record has the tenant meanwhile, the asker's
/// must be nothing but this question, and nothing is said of whose the other is.
pub async fn may_be_accepted(db: &mut Db<'_>, request: &RequestRow, parties: &[&PartyRow]) -> Result<()> {
    let (Some(tenant_id), Some(customer_id)) = (&request.tenant_id, &request.customer_id) else { return Ok(()) };
    let tenant = store::get(db, tenant_id).await?;
    if on_record(db, &tenant).await?.is_none() {
        return Ok(());
    }
    let others = store::of_customer(db, customer_id).await?;
    let has_another = others
        .iter()
        .any(|one| one.id != tenant.id && matches!(one.state, TenantState::Active | TenantState::AwaitingAcceptance));
    let partners = relationships::partners_of(db, customer_id).await?;
    let is_party = |id: &String| parties.iter().any(|party| party.partner_id == *id);
    if has_another || !partners.iter().all(is_party) {
        return Err(Error::new(Code::TenantBelongsToOtherCustomer));
    }
    Ok(())
}

/// Leads the asker's record and tenant to those on record. Answers the organisation's record.
pub async fn merge(tx: &mut Tx<'_>, config: &Config, request: &RequestRow, kept: &TenantRow) -> Result<String> {
    let (Some(tenant_id), Some(customer_id)) = (&request.tenant_id, &request.customer_id) else {
        return Err(Error::internal("a merge without a tenant"));
    };
    for open in relationships::open_requests_of(tx.db(), customer_id).await? {
        if open.id != request.id {
            relationships::withdraw(tx, config, open).await?;
        }
    }
    relationships::move_to(tx, customer_id, &kept.customer_id).await?;
    earnings::move_to(tx, customer_id, &kept.customer_id).await?;
    gcc::move_to(tx, customer_id, &kept.customer_id).await?;
    open::move_to(tx, customer_id, &kept.customer_id).await?;
    customers::merge(tx, customer_id, &kept.customer_id, &request.partner_id).await?;
    let mut tenant = store::get(tx.db(), tenant_id).await?;
    (tenant.state, tenant.merged_into) = (TenantState::Unlinked, Some(kept.id.clone()));
    store::update(tx, &mut tenant).await?;
    course::tell(tx, Topic::TenantMerged, &tenant).await?;
    Ok(kept.customer_id.clone())
}
