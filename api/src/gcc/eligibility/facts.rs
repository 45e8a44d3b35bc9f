//! Gathers what the steps rest on. Reads only.

use super::model::CheckGccEligibility;
use crate::access::Viewer;
use crate::clock::Instant;
use crate::customers::{self, CustomerRow};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::gcc::codes::{self, CodeRow};
use crate::gcc::model::ValidationRow;
use crate::gcc::{self, customer_validations, qualifications, store};
use crate::links;
use crate::partners::{self, PartnerKind, PartnerRow, is_active};
use crate::relationships;
use crate::tenants::{self, TenantRow};

/// Everything that is known.
pub struct Facts {
    /// Who asks.
    pub caller: PartnerRow,
    /// Who could transact.
    pub sellers: Vec<PartnerRow>,
    /// Who would: the one that is named, else a qualified one, else the first.
    pub seller: Option<PartnerRow>,
    /// The seller's open validation.
    pub seller_validation: Option<ValidationRow>,
    /// An invitation that waits for the reseller: its link.
    pub invited: Option<String>,
    /// The link with the seller.
    pub link: Option<String>,
    /// The customer.
    pub customer: Option<Customer>,
    /// The organisation, where there is no customer.
    pub organization: Option<String>,
    /// The open validation of the customer or the organisation.
    pub validation: Option<ValidationRow>,
    /// A code with uses left for the organisation.
    pub code: Option<CodeRow>,
    /// When.
    pub now: Instant,
}

/// A customer that the caller sees.
pub struct Customer {
    /// Its record.
    pub row: CustomerRow,
    /// Whether it may have offers of the government cloud.
    pub is_qualified: bool,
    /// Whether it has accepted the seller.
    pub has_accepted_seller: bool,
    /// Whether the caller has asked it to accept the seller, and it has not answered.
    pub is_asked: bool,
    /// Whether it has accepted the customer agreement.
    pub has_accepted_mca: bool,
    /// An active tenant.
    pub tenant: Option<TenantRow>,
}

/// Looks everything up; a customer that the caller does not see is not found.
pub async fn gather(
    viewer: &Viewer,
    db: &mut Db<'_>,
    caller_id: &str,
    asked: &CheckGccEligibility,
    now: Instant,
) -> Result<Facts> {
    let row = match &asked.customer_id {
        Some(id) => Some(customers::find(viewer, db, id).await?),
        None => None,
    };
    let caller = partners::find(db, caller_id).await?;
    let sellers = gcc::sellers(db, &caller).await?;
    let seller = match &asked.provider_id {
        // Only those that it is linked with are known to it.
        Some(named) => {
            let found = sellers.iter().find(|seller| seller.id == *named);
            Some(found.cloned().ok_or_else(|| Error::not_found("indirect provider"))?)
        }
        None => {
            let can_sell = |seller: &&PartnerRow| seller.is_gcc_qualified() && is_active(seller).is_none();
            let best = sellers.iter().find(can_sell).or(sellers.iter().find(|seller| seller.is_gcc_qualified()));
            best.or(sellers.as_slice().first()).cloned()
        }
    };
    let (mut link, mut invited, mut seller_validation) = (None, None, None);
    if caller.kind == PartnerKind::IndirectReseller {
        match &seller {
            Some(seller) => link = links::live_between(db, &seller.id, &caller.id).await?.map(|link| link.id),
            None => invited = links::invited(db, &caller.id).await?,
        }
    }
    if let Some(seller) = &seller {
        seller_validation = store::open_of(db, &[format!("partner:{}", seller.id)]).await?;
    }
    let name = row.as_ref().map(|row| &row.company_name).or(asked.organization_name.as_ref()).cloned();
    let mut subjects: Vec<String> = row.iter().map(|row| customer_validations::of_customer(&row.id)).collect();
    subjects.extend(name.iter().map(|name| customer_validations::of_organization(caller_id, name)));
    let validation = store::open_of(db, &subjects).await?;
    // One of another partner is decided for all; it is not shown.
    let is_own = |one: &ValidationRow| one.partner_id == caller_id || one.submitted_by() == caller_id;
    let validation = validation.filter(is_own);
    let code = match &name {
        Some(name) => codes::usable(viewer, db, name, &sellers).await?,
        None => None,
    };
    let customer = match row {
        None => None,
        Some(row) => Some(Customer {
            is_qualified: qualifications::is_qualified(db, &row.id).await?,
            has_accepted_seller: match &seller {
                Some(seller) => relationships::is_accepted(db, &seller.id, &row.id).await?,
                None => false,
            },
            is_asked: match &seller {
                Some(seller) => relationships::is_asked(db, &row.id, &seller.id, now).await?,
                None => false,
            },
            has_accepted_mca: customers::has_accepted_mca(db, &row.id).await?,
            tenant: tenants::active_of(viewer, db, &row.id).await?,
            row,
        }),
    };
    let organization = asked.organization_name.clone();
    Ok(Facts {
        caller,
        sellers,
        seller,
        seller_validation,
        invited,
        link,
        customer,
        organization,
        validation,
        code,
        now,
    })
}
