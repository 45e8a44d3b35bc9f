//! Each step of a validation is told to the partner, to the reseller that submitted it, and to the person who did
//! (GCC-04); what the reviewer asks, also to the customer's contact (GCC-09).

use super::codes::CodeRow;
use super::customer_validations::CustomerForm;
use super::model::{ValidationKind, ValidationRow};
use crate::config::GccConfig;
use crate::db::write::Tx;
use crate::error::Result;
use crate::mail::{self, Mail};
use crate::partners::{self, PartnerRow};
use crate::profiles::{Contact, PreferredLanguage};
use chrono::TimeDelta;

/// What is told.
pub enum Occasion<'a> {
    /// It was submitted.
    Submitted,
    /// The reviewer asks this.
    Asked(&'a str),
    /// The answer is there; the clock goes on.
    Answered,
    /// It was approved.
    Approved,
    /// It was denied, for this reason.
    Denied(&'a str),
    /// It was taken back.
    Withdrawn,
    /// The answer is late.
    Overdue,
}

/// Mails everybody whom it concerns, each address once.
pub async fn tell(tx: &mut Tx<'_>, config: &GccConfig, row: &ValidationRow, occasion: Occasion<'_>) -> Result<()> {
    let partner = partners::find(tx.db(), &row.partner_id).await?;
    let reseller = match &row.partner_of_record_id {
        Some(id) => Some(partners::find(tx.db(), id).await?),
        None => None,
    };
    let kind = match (&occasion, row.kind) {
        (Occasion::Submitted, _) => "mail_gcc_submitted",
        (Occasion::Asked(_), _) => "mail_gcc_information_needed",
        (Occasion::Answered, _) => "mail_gcc_information_received",
        (Occasion::Approved, ValidationKind::Partner) => "mail_gcc_partner_approved",
        (Occasion::Approved, ValidationKind::Customer) if row.code_id.is_some() => "mail_gcc_code_issued",
        (Occasion::Approved, ValidationKind::Customer) => "mail_gcc_customer_approved",
        (Occasion::Denied(_), _) => "mail_gcc_denied",
        (Occasion::Withdrawn, _) => "mail_gcc_withdrawn",
        (Occasion::Overdue, _) => "mail_gcc_overdue",
    };
    let words = match occasion {
        Occasion::Asked(words) | Occasion::Denied(words) => words,
        _ => "",
    };
    // The last day, where it is counted.
    let due = row.due_by().map(|due| (due - TimeDelta::seconds(1)).with_timezone(&config.time_zone).date_naive());
    let due = due.map(|day| day.to_string()).unwrap_or_default();
    let mail = |to: &str, language: PreferredLanguage, kind: &'static str| {
        Mail::new(kind, to, language)
            .with("organization", row.organization.as_str())
            .with("partner", partner.legal_name.as_str())
            .with("validation", row.id.as_str())
            .with("code", row.code_id.as_deref().unwrap_or_default())
            .with("due", due.as_str())
            .with("words", words)
    };
    for (address, language) in readers(row, &partner, reseller.as_ref())? {
        mail::send(tx, &mail(&address, language, kind)).await?;
    }
    if let (Occasion::Asked(_), ValidationKind::Customer) = (&occasion, row.kind) {
        let form: CustomerForm = row.form.read()?;
        mail::send(tx, &mail(&form.contact.email, form.language, "mail_gcc_information_needed_of_customer")).await?;
    }
    Ok(())
}

/// That a code was withdrawn, to the same people.
pub async fn tell_of_code(tx: &mut Tx<'_>, code: &CodeRow, row: &ValidationRow, reason: &str) -> Result<()> {
    let partner = partners::find(tx.db(), &row.partner_id).await?;
    let reseller = match &row.partner_of_record_id {
        Some(id) => Some(partners::find(tx.db(), id).await?),
        None => None,
    };
    for (address, language) in readers(row, &partner, reseller.as_ref())? {
        let mail = Mail::new("mail_gcc_code_withdrawn", &address, language)
            .with("organization", row.organization.as_str())
            .with("code", code.id.as_str())
            .with("words", reason);
        mail::send(tx, &mail).await?;
    }
    Ok(())
}

/// Who reads of a validation: partner, reseller, submitter. Partners that the operator registered may have no contact.
fn readers(
    row: &ValidationRow,
    partner: &PartnerRow,
    reseller: Option<&PartnerRow>,
) -> Result<Vec<(String, PreferredLanguage)>> {
    let submitting = reseller.unwrap_or(partner);
    let mut readers = vec![(row.submitter.read::<Contact>()?.email, submitting.language)];
    for company in [Some(partner), reseller].into_iter().flatten() {
        if let Some(contact) = company.primary_contact()? {
            readers.push((contact.email, company.language));
        }
    }
    let mut once: Vec<(String, PreferredLanguage)> = Vec::new();
    for (address, language) in readers {
        if !once.iter().any(|(known, _)| known.eq_ignore_ascii_case(&address)) {
            once.push((address, language));
        }
    }
    Ok(once)
}
