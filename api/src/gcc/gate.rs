//! The gate on orders: who sells offers of the government cloud to whom (GCC-07, GCC-13).

use super::qualifications;
use super::{customer_validations, rules, store};
use crate::db::Db;
use crate::error::{Code, Fault, Result};
use crate::partners::PartnerRow;

/// What stands between a seller and a customer of the government cloud. One validation opens all of its offers: Office 365,
/// Dynamics 365, EMS and Power BI alike (GCC-13).
pub struct Gate {
    seller: Option<Fault>,
    customer: Option<Fault>,
}

impl Gate {
    /// Looks at both sides.
    pub async fn of(db: &mut Db<'_>, seller: &PartnerRow, of_record: Option<&str>, customer_id: &str) -> Result<Self> {
        let is_qualified = qualifications::is_qualified(db, customer_id).await?;
        let open = match is_qualified {
            true => None,
            false => store::open_of(db, &[customer_validations::of_customer(customer_id)]).await?,
        };
        // What others have submitted stays unsaid (CUS-05).
        let open =
            open.filter(|open| open.partner_id == seller.id && open.partner_of_record_id.as_deref() == of_record);
        let fault = || {
            Fault::at("", Code::GccCustomerNotValidated)
                .with("customerId", customer_id)
                .with("validationId", open.as_ref().map(|open| &open.id))
                .with("state", open.as_ref().map(|open| open.state))
        };
        Ok(Self { seller: rules::not_qualified(seller, ""), customer: (!is_qualified).then(fault) })
    }

    /// That the seller is not qualified itself.
    pub fn seller(&self, pointer: &str) -> Option<Fault> {
        self.seller.clone().map(|fault| Fault { pointer: pointer.to_owned(), ..fault })
    }

    /// That the customer is not validated.
    pub fn customer(&self, pointer: &str) -> Option<Fault> {
        self.customer.clone().map(|fault| Fault { pointer: pointer.to_owned(), ..fault })
    }
}
