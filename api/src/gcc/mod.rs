//! The US government cloud (GCC): which partners may deal in it, which organisations may have it, and what an order needs.
//! Validations have owners, a clock of business days and reasons; one validation opens all of its offers.

mod attachments;
mod codes;
mod course;
mod customer_validations;
mod eligibility;
mod gate;
mod letters;
mod model;
mod partner_validations;
mod qualifications;
mod rules;
mod store;

use crate::db::Db;
use crate::error::Result;
use crate::links;
use crate::partners::{self, PartnerKind, PartnerRow};
use utoipa_actix_web::service_config::ServiceConfig;

pub use course::mark_overdue;
pub use gate::Gate;
pub use qualifications::{assign, may_rename, move_to};
pub use store::next_overdue;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    partner_validations::routes(service);
    customer_validations::routes(service);
    codes::routes(service);
    qualifications::routes(service);
    attachments::routes(service);
    eligibility::routes(service);
}

/// Who transacts for a partner: itself, or for an indirect reseller the providers that it is linked with (GCC-06).
async fn sellers(db: &mut Db<'_>, partner: &PartnerRow) -> Result<Vec<PartnerRow>> {
    match partner.kind {
        PartnerKind::IndirectReseller => {
            let linked = links::live_providers_of(db, &partner.id).await?;
            partners::find_all(db, &linked).await
        }
        PartnerKind::DirectBill | PartnerKind::IndirectProvider => Ok(vec![partner.clone()]),
    }
}
