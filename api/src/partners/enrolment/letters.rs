//! Each change of an enrolment's state is told to the primary contact (ENR-16).

use crate::db::write::Tx;
use crate::error::Result;
use crate::mail::{self, Mail};
use crate::partners::PartnerRow;
use chrono::NaiveDate;

/// What is told.
pub enum Occasion<'a> {
    /// The address is proven; the review has begun, and is done on this day.
    InReview(NaiveDate),
    /// The review is late: it was to be done on this day.
    Overdue(NaiveDate),
    /// Approved.
    Approved,
    /// Rejected, for these reasons.
    Rejected(&'a [String]),
    /// May sell.
    Active,
    /// Stopped, for this reason.
    Suspended(&'a str),
    /// No longer stopped.
    Reinstated,
}

/// Mails the primary contact, where there is one: partners that the operator registered may have none.
pub async fn tell(tx: &mut Tx<'_>, partner: &PartnerRow, occasion: Occasion<'_>) -> Result<()> {
    let Some(contact) = partner.primary_contact()? else {
        return Ok(());
    };
    let kind = match occasion {
        Occasion::InReview(_) => "mail_enrolment_in_review",
        Occasion::Overdue(_) => "mail_enrolment_overdue",
        Occasion::Approved if partner.partner_location_id.is_none() => "mail_enrolment_approved_without_location",
        Occasion::Approved => "mail_enrolment_approved",
        Occasion::Rejected(_) => "mail_enrolment_rejected",
        Occasion::Active => "mail_partner_active",
        Occasion::Suspended(_) => "mail_partner_suspended",
        Occasion::Reinstated => "mail_partner_reinstated",
    };
    let mut mail = Mail::new(kind, &contact.email, partner.language)
        .with("company", partner.legal_name.as_str())
        .with("partner", partner.id.as_str());
    mail = match occasion {
        Occasion::InReview(due) | Occasion::Overdue(due) => mail.with("due", due.to_string()),
        Occasion::Rejected(reasons) => {
            mail.with("reasons", reasons.iter().map(|reason| format!("- {reason}")).collect::<Vec<_>>().join("\n\n"))
        }
        Occasion::Suspended(reason) => mail.with("reason", reason),
        _ => mail,
    };
    mail::send(tx, &mail).await
}
