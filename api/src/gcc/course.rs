//! The course of a validation: submitted, asked back, decided. Each step is an event and a mail (GCC-04, GCC-09).

use super::letters::{self, Occasion};
use super::model::{
    DenyGccValidation, GccQuestion, GccValidationState, ProvideGccInformation, RequestGccInformation, ValidationKind,
    ValidationRow,
};
use super::{rules, store};
use crate::access::Viewer;
use crate::attachments::{self, AboutKind, Checked};
use crate::calendar::{business_days_until, end_of_business_day};
use crate::clock::Instant;
use crate::config::GccConfig;
use crate::db::words::Json;
use crate::db::write::{Actor, Tx};
use crate::error::{Code, Error, Fault, Result};
use crate::profiles::Contact;
use crate::state::State;
use crate::topic::Topic;
use serde::Serialize;

/// A step of a validation.
#[derive(Clone, Copy)]
pub enum Step {
    /// Submitted.
    Submitted,
    /// The reviewer has asked.
    Asked,
    /// The partner has answered.
    Answered,
    /// Approved.
    Approved,
    /// Denied.
    Denied,
    /// Taken back.
    Withdrawn,
    /// The answer is late.
    Overdue,
}

/// The event of a step.
pub fn topic(kind: ValidationKind, step: Step) -> Topic {
    match (kind, step) {
        (ValidationKind::Partner, Step::Submitted) => Topic::GccPartnerValidationSubmitted,
        (ValidationKind::Partner, Step::Asked) => Topic::GccPartnerValidationInformationRequested,
        (ValidationKind::Partner, Step::Answered) => Topic::GccPartnerValidationInformationProvided,
        (ValidationKind::Partner, Step::Approved) => Topic::GccPartnerValidationApproved,
        (ValidationKind::Partner, Step::Denied) => Topic::GccPartnerValidationDenied,
        (ValidationKind::Partner, Step::Withdrawn) => Topic::GccPartnerValidationWithdrawn,
        (ValidationKind::Partner, Step::Overdue) => Topic::GccPartnerValidationOverdue,
        (ValidationKind::Customer, Step::Submitted) => Topic::GccCustomerValidationSubmitted,
        (ValidationKind::Customer, Step::Asked) => Topic::GccCustomerValidationInformationRequested,
        (ValidationKind::Customer, Step::Answered) => Topic::GccCustomerValidationInformationProvided,
        (ValidationKind::Customer, Step::Approved) => Topic::GccCustomerValidationApproved,
        (ValidationKind::Customer, Step::Denied) => Topic::GccCustomerValidationDenied,
        (ValidationKind::Customer, Step::Withdrawn) => Topic::GccCustomerValidationWithdrawn,
        (ValidationKind::Customer, Step::Overdue) => Topic::GccCustomerValidationOverdue,
    }
}

/// By when an answer is due that is waited for from now on, with so many business days left (GCC-04).
fn due(now: Instant, days: u32, config: &GccConfig) -> Instant {
    end_of_business_day(now, days, config.time_zone, &config.country)
}

/// What is submitted.
pub struct NewValidation<'a> {
    /// Who is validated.
    pub kind: ValidationKind,
    /// The transacting partner.
    pub partner_id: &'a str,
    /// The reseller that submits in its name.
    pub partner_of_record_id: Option<&'a str>,
    /// The customer, where it has a record.
    pub customer_id: Option<&'a str>,
    /// Under which name only one can be open.
    pub subject: String,
    /// The name of who is validated.
    pub organization: &'a str,
    /// Who submits.
    pub submitter: &'a Contact,
}

/// Submits a validation, with what was filled in and its files.
pub async fn submit(
    tx: &mut Tx<'_>,
    config: &GccConfig,
    new: NewValidation<'_>,
    form: &impl Serialize,
    files: &[Checked],
) -> Result<ValidationRow> {
    let now = tx.now();
    let row = ValidationRow {
        id: tx.id(),
        kind: new.kind,
        partner_id: new.partner_id.to_owned(),
        partner_of_record_id: new.partner_of_record_id.map(str::to_owned),
        customer_id: new.customer_id.map(str::to_owned),
        subject: new.subject,
        organization: new.organization.to_owned(),
        state: GccValidationState::Submitted,
        form: Json::of(form)?,
        submitter: Json::of(new.submitter)?,
        questions: Json::of(&Vec::<GccQuestion>::new())?,
        reason: None,
        due_at: due(now, config.answer_business_days, config).naive_utc(),
        is_overdue: false,
        days_left: None,
        code_id: None,
        version: 1,
        created_at: now.naive_utc(),
        decided_at: None,
    };
    let viewer = Viewer::Partner(row.submitted_by().to_owned());
    if let Some(open) = store::open_of(tx.db(), std::slice::from_ref(&row.subject)).await? {
        return Err(Error::refused(vec![already_open(&viewer, &open)]));
    }
    // Of two at once the unique index lets one through.
    if !store::insert(tx, &row).await? {
        return Err(Error::new(Code::GccValidationAlreadyOpen));
    }
    attachments::keep(tx, AboutKind::GccValidation, &row.id, row.submitted_by(), files).await?;
    tx.emit(topic(row.kind, Step::Submitted), &row);
    letters::tell(tx, config, &row, Occasion::Submitted).await?;
    Ok(row)
}

/// That one is open already. Whose it is stays unsaid where it is somebody else's (CUS-05).
pub fn already_open(viewer: &Viewer, open: &ValidationRow) -> Fault {
    let fault = Fault::at("", Code::GccValidationAlreadyOpen);
    let own = [Some(&open.partner_id), open.partner_of_record_id.as_ref()];
    match viewer {
        Viewer::Partner(id) if own.contains(&Some(id)) => {
            fault.with("validationId", &open.id).with("state", open.state)
        }
        _ => fault,
    }
}

/// The reviewer asks; the clock stands still until the answer comes (GCC-09).
pub async fn ask(
    tx: &mut Tx<'_>,
    config: &GccConfig,
    row: &mut ValidationRow,
    asked: &RequestGccInformation,
) -> Result<()> {
    rules::must_be_in(row, &[GccValidationState::Submitted])?;
    let now = tx.now();
    let left = business_days_until(now, row.due_at.and_utc(), config.time_zone, &config.country);
    let mut questions = row.questions()?;
    questions.push(GccQuestion { question: asked.question.clone(), asked_at: now, answer: None, answered_at: None });
    row.questions = Json::of(&questions)?;
    row.state = GccValidationState::InformationNeeded;
    // The reviewer has a day at least once the answer is there.
    row.days_left = Some(i64::from(left.max(1)));
    (row.due_at, row.is_overdue) = (ValidationRow::never(), false);
    store::update(tx, row).await?;
    tx.because(&asked.question);
    tx.emit(topic(row.kind, Step::Asked), row);
    letters::tell(tx, config, row, Occasion::Asked(&asked.question)).await
}

/// The partner answers; the clock goes on with the days that were left.
pub async fn answer(
    tx: &mut Tx<'_>,
    config: &GccConfig,
    viewer: &Viewer,
    row: &mut ValidationRow,
    given: &ProvideGccInformation,
) -> Result<()> {
    rules::must_be_in(row, &[GccValidationState::InformationNeeded])?;
    let now = tx.now();
    let kept = attachments::of_all(tx.db(), &[&row.id]).await?.len();
    let files = attachments::check(&given.attachments, kept, "/attachments").map_err(Error::refused)?;
    let mut questions = row.questions()?;
    if let Some(last) = questions.last_mut() {
        (last.answer, last.answered_at) = (Some(given.answer.clone()), Some(now));
    }
    row.questions = Json::of(&questions)?;
    let days = row.days_left.take().and_then(|days| u32::try_from(days).ok()).unwrap_or(config.answer_business_days);
    row.state = GccValidationState::Submitted;
    row.due_at = due(now, days, config).naive_utc();
    store::update(tx, row).await?;
    let partner_id = match viewer {
        Viewer::Partner(id) => id.clone(),
        _ => row.submitted_by().to_owned(),
    };
    attachments::keep(tx, AboutKind::GccValidation, &row.id, &partner_id, &files).await?;
    tx.emit(topic(row.kind, Step::Answered), row);
    letters::tell(tx, config, row, Occasion::Answered).await
}

/// Takes a validation back that is not decided.
pub async fn withdraw(tx: &mut Tx<'_>, config: &GccConfig, row: &mut ValidationRow) -> Result<()> {
    end(tx, row, GccValidationState::Withdrawn).await?;
    tx.emit(topic(row.kind, Step::Withdrawn), row);
    letters::tell(tx, config, row, Occasion::Withdrawn).await
}

/// The reviewer's no.
pub async fn deny(tx: &mut Tx<'_>, config: &GccConfig, row: &mut ValidationRow, no: &DenyGccValidation) -> Result<()> {
    row.reason = Some(no.reason.clone());
    end(tx, row, GccValidationState::Denied).await?;
    tx.because(&no.reason);
    tx.emit(topic(row.kind, Step::Denied), row);
    letters::tell(tx, config, row, Occasion::Denied(&no.reason)).await
}

/// The reviewer's yes; what comes of it is written before.
pub async fn approve(tx: &mut Tx<'_>, config: &GccConfig, row: &mut ValidationRow) -> Result<()> {
    end(tx, row, GccValidationState::Approved).await?;
    tx.emit(topic(row.kind, Step::Approved), row);
    letters::tell(tx, config, row, Occasion::Approved).await
}

async fn end(tx: &mut Tx<'_>, row: &mut ValidationRow, state: GccValidationState) -> Result<()> {
    rules::must_be_in(row, &GccValidationState::OPEN)?;
    row.state = state;
    row.decided_at = Some(tx.now().naive_utc());
    (row.due_at, row.is_overdue, row.days_left) = (ValidationRow::never(), false, None);
    store::update(tx, row).await
}

/// Marks the answers that are late by now, and tells of them. Each is a transaction of its own.
pub async fn mark_overdue(state: &State) -> Result<()> {
    let mut reader = state.read().await?;
    let mut db = reader.db()?;
    let now = state.now(&mut db).await?;
    let late = store::late(&mut db, now).await?;
    drop(reader);
    for (id, kind) in late {
        state
            .write(&Actor::house("mark_gcc_validation_overdue"), async |tx| {
                let mut row = store::find(&Viewer::Operator, tx.db(), kind, &id).await?;
                let is_late = row.due_by().is_some_and(|due| due <= tx.now()) && !row.is_overdue;
                if !is_late {
                    return Ok(());
                }
                row.is_overdue = true;
                store::update(tx, &mut row).await?;
                tx.emit(topic(kind, Step::Overdue), &row);
                letters::tell(tx, &state.config.gcc, &row, Occasion::Overdue).await
            })
            .await?;
    }
    Ok(())
}
