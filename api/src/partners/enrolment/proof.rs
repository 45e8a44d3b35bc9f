//! The proof that a mail address is its reader's (ENR-07): a single-use link, kept as a digest only.

use super::letters::{Occasion, tell};
use super::model::{VerificationRow, VerificationState};
use super::store;
use crate::clock::Instant;
use crate::config::StorefrontConfig;
use crate::db::Db;
use crate::db::write::{Actor, Tx};
use crate::error::{Code, Error, Result};
use crate::http::context::RequestContext;
use crate::mail::{self, Mail};
use crate::partners::reviews::{due_by, last_day};
use crate::partners::{self, PartnerRow, PartnerState, directories};
use crate::personal_link::{LENGTH, PersonalLink, digest_of};
use crate::topic::Topic;
use chrono::TimeDelta;
use secrecy::ExposeSecret;

/// For how many days a link can be used.
const VALID_DAYS: i64 = 7;

/// Mails the partner's primary contact a new link; the ones before it end.
pub async fn ask(tx: &mut Tx<'_>, partner: &PartnerRow, public_url: &str) -> Result<()> {
    // Who enrols as a company that the directory knows is asked at the directory's address (ENR-17).
    let contact = match directories::completed(tx.db(), partner).await?.1 {
        Some(named_by_directory) => named_by_directory,
        None => partner.primary_contact()?.ok_or_else(|| Error::new(Code::EnrolmentIncomplete))?,
    };
    store::replace_open(tx, &partner.id).await?;
    let link = PersonalLink::new()?;
    let expires_at = tx.now() + TimeDelta::days(VALID_DAYS);
    let row = VerificationRow {
        id: tx.id(),
        partner_id: partner.id.clone(),
        digest: link.digest,
        email: contact.email.clone(),
        state: VerificationState::Open,
        expires_at: expires_at.naive_utc(),
        created_at: tx.now().naive_utc(),
    };
    store::insert(tx, &row).await?;
    let url = format!("{public_url}/verify-email/{}", link.token.expose_secret());
    let mail = Mail::new("mail_email_verification", &contact.email, partner.language)
        .with("company", partner.legal_name.as_str())
        .with("until", expires_at.format("%Y-%m-%d").to_string())
        .link(url.into());
    mail::send(tx, &mail).await
}

/// The verification that a token opens, and its partner; else why it opens nothing.
pub async fn opened(db: &mut Db<'_>, token: &str, now: Instant) -> Result<(VerificationRow, PartnerRow)> {
    let digest = if token.len() == LENGTH { digest_of(token) } else { String::new() };
    let row = store::find_by_digest(db, &digest).await?.ok_or_else(|| Error::new(Code::VerificationUnknown))?;
    match row.state {
        VerificationState::Used => return Err(Error::new(Code::VerificationUsed)),
        VerificationState::Replaced => return Err(Error::new(Code::VerificationReplaced)),
        VerificationState::Open if row.expires_at.and_utc() <= now => {
            return Err(Error::new(Code::VerificationExpired));
        }
        VerificationState::Open => {}
    }
    let partner = partners::find(db, &row.partner_id).await?;
    partners::must_be_in(&partner, &[PartnerState::AwaitingEmailProof])?;
    Ok((row, partner))
}

/// Uses a token: the address is proven, and the review begins (ENR-08).
pub async fn verify(tx: &mut Tx<'_>, token: &str, storefront: &StorefrontConfig) -> Result<PartnerRow> {
    let now = tx.now();
    let (row, partner) = opened(tx.db(), token, now).await?;
    // What the directory knows is told only after the proof.
    let (mut partner, _) = directories::completed(tx.db(), &partner).await?;
    store::mark_used(tx, &row.id).await?;
    partner.state = PartnerState::InReview;
    let due = due_by(now, storefront);
    partner.review_due_by = Some(due.naive_utc());
    partner.review_overdue = false;
    partners::update(tx, &mut partner).await?;
    tx.emit(Topic::PartnerEmailVerified, &partner);
    tell(tx, &partner, Occasion::InReview(last_day(due, storefront))).await?;
    Ok(partner)
}

/// Who uses a token: nobody who is known, from somewhere.
pub fn reader(context: &RequestContext) -> Actor {
    Actor {
        request_id: context.request_id.clone(),
        source_address: context.source_address.clone(),
        ..Actor::house("verify_email")
    }
}
