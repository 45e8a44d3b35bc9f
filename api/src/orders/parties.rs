//! Who buys, for whom, and through whom (ORD-02, LNK-04, LNK-09 to LNK-11).

use super::model::PlaceOrder;
use super::store;
use crate::access::Viewer;
use crate::customers::CustomerRow;
use crate::db::Db;
use crate::error::{Code, Error, Fault, Result};
use crate::partners::{PartnerKind, PartnerRow};
use crate::tenants::TenantRow;
use crate::{customers, links, partners, relationships, tenants};

/// Everybody that an order is about.
pub struct Parties {
    /// Who buys from the marketplace, and is invoiced.
    pub seller: PartnerRow,
    /// The reseller of record, where a provider buys.
    pub of_record: Option<PartnerRow>,
    /// For whom.
    pub customer: CustomerRow,
    /// For which of its tenants.
    pub tenant: TenantRow,
    /// Whether the customer has accepted the seller.
    pub is_accepted: bool,
    /// What is wrong with how they were named.
    pub faults: Vec<Fault>,
}

impl Parties {
    /// Gathers them. A customer or tenant that the caller does not see is not found.
    pub async fn of(viewer: &Viewer, db: &mut Db<'_>, partner_id: &str, order: &PlaceOrder) -> Result<Self> {
        let customer = match customers::find(viewer, db, &order.customer_id).await {
            Err(unknown) if unknown.code() == Code::NotFound => {
                relationships::must_have_accepted_provider(db, viewer, &order.customer_id).await?;
                return Err(unknown);
            }
            found => found?,
        };
        let tenant = tenants::find(viewer, db, &order.tenant_id).await?;
        if tenant.customer_id != customer.id {
            return Err(Error::not_found("tenant"));
        }
        let caller = partners::find(db, partner_id).await?;
        let mut faults = Vec::new();
        let (seller, of_record) = match caller.kind {
            PartnerKind::IndirectReseller => {
                let seller = provider(db, &caller, order, &mut faults).await?;
                not_for_others(&caller, order.partner_id_on_record.as_ref(), &mut faults);
                // Without a provider it is judged by itself; the fault says what is missing.
                match seller {
                    Some(provider) => (provider, Some(caller)),
                    None => (caller, None),
                }
            }
            PartnerKind::IndirectProvider => {
                let of_record = reseller(db, &caller, order, &mut faults).await?;
                only_itself(&caller, order, &mut faults);
                (caller, of_record)
            }
            PartnerKind::DirectBill => {
                not_for_others(&caller, order.partner_id_on_record.as_ref(), &mut faults);
                only_itself(&caller, order, &mut faults);
                (caller, None)
            }
        };
        let is_accepted = store::has_relationship(db, &seller.id, &customer.id).await?;
        Ok(Self { seller, of_record, customer, tenant, is_accepted, faults })
    }
}

fn invalid_record(named: &str, choices: &[&PartnerRow]) -> Fault {
    let choices: Vec<&str> = choices.iter().filter_map(|one| one.partner_location_id.as_deref()).collect();
    Fault::at("/partnerIdOnRecord", Code::PartnerOfRecordInvalid).with("named", named).with("choices", choices)
}

/// A partner that buys for its own customers is nobody else's record.
fn not_for_others(caller: &PartnerRow, named: Option<&String>, faults: &mut Vec<Fault>) {
    if let Some(named) = named
        && caller.partner_location_id.as_ref() != Some(named)
    {
        faults.push(invalid_record(named, &[caller]));
    }
}

fn only_itself(caller: &PartnerRow, order: &PlaceOrder, faults: &mut Vec<Fault>) {
    if order.provider_id.as_ref().is_some_and(|named| *named != caller.id) {
        faults.push(Fault::at("/providerId", Code::LinkNotActive).with("state", "none"));
    }
}

/// The provider through which a reseller buys: the one that it names, or its only one.
async fn provider(
    db: &mut Db<'_>,
    reseller: &PartnerRow,
    order: &PlaceOrder,
    faults: &mut Vec<Fault>,
) -> Result<Option<PartnerRow>> {
    let linked = links::live_providers_of(db, &reseller.id).await?;
    match links::choose_provider(&linked, order.provider_id.as_deref(), "/providerId") {
        Ok(id) => Ok(Some(partners::find(db, id).await?)),
        Err(fault) => {
            faults.push(fault);
            Ok(None)
        }
    }
}

/// The reseller for whose customer a provider buys: the one that it names, or the customer's only one.
async fn reseller(
    db: &mut Db<'_>,
    provider: &PartnerRow,
    order: &PlaceOrder,
    faults: &mut Vec<Fault>,
) -> Result<Option<PartnerRow>> {
    let known = store::resellers_of(db, &provider.id, &order.customer_id).await?;
    let choices: Vec<&PartnerRow> = known.iter().collect();
    match (&order.partner_id_on_record, known.as_slice()) {
        (Some(named), _) => {
            if provider.partner_location_id.as_ref() == Some(named) && known.is_empty() {
                return Ok(None);
            }
            let found = known.iter().find(|one| one.partner_location_id.as_ref() == Some(named));
            let active = found.filter(|one| partners::is_active(one).is_none());
            if active.is_none() {
                faults.push(invalid_record(named, &choices));
            }
            Ok(active.cloned())
        }
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only.clone())),
        (None, _) => {
            faults.push(invalid_record("", &choices));
            Ok(None)
        }
    }
}
