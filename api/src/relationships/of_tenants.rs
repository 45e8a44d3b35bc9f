//! What a customer is asked for one of its tenants: to accept storefront and distributor (TEN-05).

use super::asking::{Ask, Asked, ask, judge};
use super::request::{Organization, RelationshipRequest};
use super::request_store;
use crate::clock::Instant;
use crate::config::Config;
use crate::customers::CustomerRow;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Fault, Result};
use crate::partners::PartnerRow;
use crate::tenants::TenantRow;

fn asking<'a>(
    customer: &CustomerRow,
    asker: &'a PartnerRow,
    parties: &'a [PartnerRow],
    tenant: Option<&'a TenantRow>,
) -> Result<Ask<'a>> {
    let organization = Organization {
        company_name: customer.company_name.clone(),
        country: customer.country.clone(),
        address: customer.address.read()?,
        contact: customer.contact.read()?,
        language: customer.language,
        organization_registration_number: customer.organization_registration_number.clone(),
    };
    let asked = Asked::Known(Box::new(customer.clone()), organization);
    Ok(Ask { asker, parties, asked, include_mca: false, send_mail: false, tenant })
}

/// Asks a customer to accept these parties for this tenant. The answer shows the link, this once.
pub async fn ask_for_tenant(
    tx: &mut Tx<'_>,
    config: &Config,
    tenant: &TenantRow,
    customer: &CustomerRow,
    asker: &PartnerRow,
    parties: &[PartnerRow],
) -> Result<RelationshipRequest> {
    ask(tx, config, asking(customer, asker, parties, Some(tenant))?).await
}

/// What stands against asking it.
pub async fn may_ask_for_tenant(
    db: &mut Db<'_>,
    customer: &CustomerRow,
    asker: &PartnerRow,
    parties: &[PartnerRow],
) -> Result<Vec<Fault>> {
    let ask = asking(customer, asker, parties, None)?;
    let (faults, _) = judge(db, &ask, true).await?;
    // Whether the asker itself is active is told by whoever asks.
    Ok(faults.into_iter().filter(|fault| fault.code != crate::error::Code::PartnerNotActive).collect())
}

/// A request as its parties see it, without its link.
pub async fn request_as_shown(db: &mut Db<'_>, id: &str, now: Instant) -> Result<RelationshipRequest> {
    let row = request_store::get(db, id).await?;
    let parties = request_store::parties_of(db, &row).await?;
    RelationshipRequest::of(row, parties, now)
}
