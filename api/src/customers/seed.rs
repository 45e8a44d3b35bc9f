//! Customers of a new sandbox: like created ones, with the agreement attested.

use super::agreements;
use super::model::{AgreementKind, AgreementMethod, AgreementRow, CustomerRow};
use super::store;
use crate::db::words::Json;
use crate::db::write::Tx;
use crate::error::Result;
use crate::partners::PartnerRow;
use crate::profiles::{Address, Contact, PreferredLanguage};
use crate::relationships;

/// What is known of a sandbox's customer.
pub struct CustomerSeed {
    /// The registered name.
    pub company_name: &'static str,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// Street, city, state, postal code.
    pub address: [&'static str; 4],
    /// First name, last name, mail address.
    pub contact: [&'static str; 3],
}

/// Adds a customer that has accepted the partner and the agreement.
pub async fn seed(tx: &mut Tx<'_>, partner: &PartnerRow, seed: &CustomerSeed) -> Result<CustomerRow> {
    let [line1, city, state, postal_code] = seed.address.map(str::to_owned);
    let [first_name, last_name, email] = seed.contact.map(str::to_owned);
    let contact = Json::of(&Contact { first_name, last_name, email, phone: None })?;
    let now = tx.now().naive_utc();
    let customer = CustomerRow {
        id: tx.id(),
        company_name: seed.company_name.to_owned(),
        country: seed.country.to_owned(),
        address: Json::of(&Address { line1, line2: None, city, state: Some(state), postal_code })?,
        contact: contact.clone(),
        language: if seed.country == "US" { PreferredLanguage::English } else { PreferredLanguage::Spanish },
        version: 1,
        created_at: now,
        organization_registration_number: None,
        contact_changed_by: None,
    };
    store::open(tx, &customer, &partner.id).await?;
    relationships::accept(tx, &partner.id, &customer.id, None).await?;
    let agreement = AgreementRow {
        id: tx.id(),
        customer_id: customer.id.clone(),
        partner_id: partner.id.clone(),
        kind: AgreementKind::Mca,
        method: AgreementMethod::Attested,
        contact,
        agreed_at: now,
        created_at: now,
    };
    agreements::record(tx, &agreement).await?;
    Ok(customer)
}
