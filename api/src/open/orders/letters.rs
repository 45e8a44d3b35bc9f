//! The welcome after an order, to customer and reseller (OPN-03).

use super::model::PlaceOpenOrder;
use crate::customers::CustomerRow;
use crate::db::write::Tx;
use crate::error::Result;
use crate::mail::{self, Mail};
use crate::open::agreements::AgreementRow;
use crate::partners::PartnerRow;

/// Welcomes both, each in its language.
pub async fn welcome(
    tx: &mut Tx<'_>,
    customer: &CustomerRow,
    reseller: &PartnerRow,
    agreement: &AgreementRow,
    asked: &PlaceOpenOrder,
) -> Result<()> {
    let signed = if agreement.is_signed() { "yes" } else { "no" };
    let readers = [
        ("mail_open_welcome_customer", &asked.customer_contact.email, customer.language),
        ("mail_open_welcome_reseller", &asked.reseller_contact.email, reseller.language),
    ];
    for (kind, to, language) in readers {
        let mail = Mail::new(kind, to, language)
            .with("company", customer.company_name.as_str())
            .with("reseller", reseller.legal_name.as_str())
            .with("purchaseOrder", asked.purchase_order_number.as_str())
            .with("agreement", agreement.id.as_str())
            .with("signed", signed);
        mail::send(tx, &mail).await?;
    }
    Ok(())
}
