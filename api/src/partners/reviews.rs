//! The operator's side of enrolment: the queue, the decision, and stopping a partner (ENR-08, ENR-09).

use super::agreements;
use super::enrolment::{Occasion, tell};
use super::model::{LocationSource, Partner, PartnerRow, PartnerState};
use super::{rules, store};
use crate::access::permits::PartnersReview;
use crate::access::{Caller, Permit};
use crate::calendar::end_of_business_day;
use crate::clock::Instant;
use crate::config::StorefrontConfig;
use crate::db::Db;
use crate::db::schema::partners;
use crate::db::words::Json;
use crate::db::write::{Actor, Answer};
use crate::error::Result;
use crate::http::body::Nothing;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Done, Id, IdempotencyKey, IfMatch, Page, Problems, Query};
use crate::on;
use crate::state::{App, State};
use crate::topic::Topic;
use actix_web::{get, post, web::Json as JsonAnswer};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::{Validate, ValidationError};

/// On how many business days after the proof the review is done (ENR-08).
const REVIEW_DAYS: u32 = 5;

/// By when a review that begins now is done: the end of the last business day (ENR-08).
pub fn due_by(now: Instant, storefront: &StorefrontConfig) -> Instant {
    end_of_business_day(now, REVIEW_DAYS, storefront.time_zone, &storefront.country)
}

/// The last day before a review is late, where the storefront is; for people.
pub fn last_day(due: Instant, storefront: &StorefrontConfig) -> NaiveDate {
    (due - TimeDelta::seconds(1)).with_timezone(&storefront.time_zone).date_naive()
}

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_partner_reviews).service(approve_partner).service(reject_partner);
    service.service(suspend_partner).service(reinstate_partner);
}

crate::page_of! {
    /// A page of partners, the one that is due first first: what is overdue stands before all else.
    pub struct PartnerReviewPage of Partner;
}

crate::list_parameters! {
    /// Which reviews.
    pub struct ListPartnerReviews {}
}

/// Why an enrolment is rejected.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectPartner {
    /// What the partner is to correct, one text each, in its language.
    #[validate(length(min = 1, max = 20), custom(function = "each_is_short"))]
    #[schema(schema_with = wanted_reasons)]
    pub reasons: Vec<String>,
}

/// How long a reason may be: a paragraph of a mail.
const LONGEST_REASON: usize = 1000;

fn wanted_reasons() -> Array {
    let item = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_REASON));
    ArrayBuilder::new()
        .items(item)
        .min_items(Some(1))
        .max_items(Some(20))
        .description(Some("What the partner is to correct, one text each, in its language."))
        .examples([json!(["The address is that of a mailbox, not of the company."])])
        .build()
}

fn each_is_short(reasons: &[String]) -> Result<(), ValidationError> {
    let fits = |reason: &String| (1..=LONGEST_REASON).contains(&reason.chars().count());
    if reasons.iter().all(fits) { Ok(()) } else { Err(ValidationError::new("length")) }
}

/// Why a partner is suspended.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuspendPartner {
    /// In words for the partner.
    #[validate(length(min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500, example = "Invoices of three months are unpaid.")]
    pub reason: String,
}

/// List what is to be reviewed.
///
/// Enrolments whose contact has proven its address, and PartnerIDs that only the partner vouches for. What is overdue
/// comes first, then by when it is due (ENR-08).
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersReview::NAME])), params(ListPartnerReviews),
    responses((status = 200, description = "A page of partners.", body = PartnerReviewPage), Problems))]
#[get("/v1/partner-reviews")]
async fn list_partner_reviews(
    app: App,
    caller: Caller<PartnersReview>,
    query: Query<ListPartnerReviews>,
) -> Result<JsonAnswer<PartnerReviewPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = in_review(&mut reader.db()?, &page).await?;
    let place = |row: &PartnerRow| {
        let due = row.review_due_by.map(|due| due.and_utc().timestamp_micros()).unwrap_or_default();
        format!("{due}|{}", row.id)
    };
    let (rows, next_cursor) = page.cut_at(&app.vault, rows, place)?;
    let items = rows.into_iter().map(Partner::try_from).collect::<Result<_>>()?;
    Ok(JsonAnswer(PartnerReviewPage { items, next_cursor }))
}

/// What is to be reviewed, by when it is due. For the operator.
async fn in_review(db: &mut Db<'_>, page: &Page) -> Result<Vec<PartnerRow>> {
    let (due, id) = page.after().split_once('|').unwrap_or(("0", ""));
    let due = DateTime::from_timestamp_micros(due.parse().unwrap_or_default()).unwrap_or_default().naive_utc();
    let due_by = partners::review_due_by.assume_not_null();
    Ok(on!(db, c => partners::table
        .filter(partners::review_due_by.is_not_null())
        .filter(due_by.gt(due).or(due_by.eq(due).and(partners::id.gt(id))))
        .order((partners::review_due_by.asc(), partners::id.asc()))
        .limit(page.rows())
        .select(PartnerRow::as_select())
        .load(c))?)
}

/// Approve an enrolment, or confirm a PartnerID that only the partner vouched for.
///
/// The partner then reads and accepts the agreement (ENR-09, ENR-10).
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersReview::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The partner, approved.", body = Partner), Problems))]
#[post("/v1/partners/{id:[^/:]+}:approve")]
async fn approve_partner(
    app: App,
    caller: Caller<PartnersReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find_seen(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        let is_stated = row.location_source == Some(LocationSource::Stated);
        if !is_stated || !matches!(row.state, PartnerState::Approved | PartnerState::Active) {
            rules::must_be_in(&row, &[PartnerState::InReview])?;
        }
        let is_new = row.state == PartnerState::InReview;
        if is_new {
            row.state = PartnerState::Approved;
        }
        row.location_source =
            row.location_source.map(|source| if is_stated { LocationSource::Reviewed } else { source });
        (row.review_due_by, row.review_overdue) = (None, false);
        store::update(tx, &mut row).await?;
        tx.emit(Topic::PartnerApproved, &row);
        if is_new {
            tell(tx, &row, Occasion::Approved).await?;
        }
        agreements::activate(tx, &mut row).await?;
        Ok(Done(Partner::try_from(row)?))
    })
    .await
}

/// Reject an enrolment, with reasons.
///
/// The partner corrects it and submits it again (ENR-09). One that was never proven gives back its tenant id and its
/// PartnerID, which may be somebody else's. Of an approved partner it is the PartnerID that is rejected, where only the
/// partner vouches for it: the partner links another (ENR-03).
#[utoipa::path(tag = "partners", request_body = RejectPartner, security(("oauth2" = [PartnersReview::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The partner, rejected.", body = Partner), Problems))]
#[post("/v1/partners/{id:[^/:]+}:reject")]
async fn reject_partner(
    app: App,
    caller: Caller<PartnersReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RejectPartner>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find_seen(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        rules::reject(&mut row)?;
        row.rejection_reasons = Some(Json::of(&body.reasons)?);
        (row.review_due_by, row.review_overdue) = (None, false);
        store::update(tx, &mut row).await?;
        tx.because(&body.reasons.join("; "));
        tx.emit(Topic::PartnerRejected, &row);
        tell(tx, &row, Occasion::Rejected(&body.reasons)).await?;
        Ok(Done(Partner::try_from(row)?))
    })
    .await
}

/// Suspend a partner: its clients are nobody until it is reinstated.
///
/// Tokens that they hold are refused within seconds.
#[utoipa::path(tag = "partners", request_body = SuspendPartner, security(("oauth2" = [PartnersReview::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The partner, suspended.", body = Partner), Problems))]
#[post("/v1/partners/{id:[^/:]+}:suspend")]
async fn suspend_partner(
    app: App,
    caller: Caller<PartnersReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<SuspendPartner>,
) -> Result<Answer> {
    let answer = app
        .write_once(&caller, key, &body, async |tx| {
            let mut row = store::find_seen(caller.viewer(), tx.db(), &id).await?;
            if_match.honour(row.version)?;
            rules::must_be_in(&row, &[PartnerState::Approved, PartnerState::Active])?;
            row.suspended_from = Some(row.state);
            row.state = PartnerState::Suspended;
            store::update(tx, &mut row).await?;
            tx.because(&body.reason);
            tx.emit(Topic::PartnerSuspended, &row);
            tell(tx, &row, Occasion::Suspended(&body.reason)).await?;
            Ok(Done(Partner::try_from(row)?))
        })
        .await?;
    app.directory.forget_partner(&id);
    Ok(answer)
}

/// Reinstate a suspended partner: it is what it was before.
///
/// Its clients get tokens again.
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersReview::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The partner as it was.", body = Partner), Problems))]
#[post("/v1/partners/{id:[^/:]+}:reinstate")]
async fn reinstate_partner(
    app: App,
    caller: Caller<PartnersReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    let answer = app
        .write_once(&caller, key, &body, async |tx| {
            let mut row = store::find_seen(caller.viewer(), tx.db(), &id).await?;
            if_match.honour(row.version)?;
            rules::must_be_in(&row, &[PartnerState::Suspended])?;
            row.state = row.suspended_from.take().unwrap_or(PartnerState::Approved);
            store::update(tx, &mut row).await?;
            tx.emit(Topic::PartnerReinstated, &row);
            tell(tx, &row, Occasion::Reinstated).await?;
            Ok(Done(Partner::try_from(row)?))
        })
        .await?;
    app.directory.forget_partner(&id);
    Ok(answer)
}

/// When a review becomes late next.
pub async fn next_overdue(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let next: Option<Option<NaiveDateTime>> = on!(db, c => partners::table
        .filter(partners::review_due_by.is_not_null())
        .filter(partners::review_overdue.eq(false))
        .order(partners::review_due_by.asc())
        .select(partners::review_due_by)
        .first(c))
    .optional()?;
    Ok(next.flatten().map(|at| at.and_utc()))
}

/// Marks the reviews that are late by now, and tells their partners. Each is a transaction of its own.
pub async fn mark_overdue(state: &State) -> Result<()> {
    let mut reader = state.read().await?;
    let mut db = reader.db()?;
    let now = state.now(&mut db).await?.naive_utc();
    let late: Vec<String> = on!(&mut db, c => partners::table
        .filter(partners::review_due_by.assume_not_null().le(now))
        .filter(partners::review_overdue.eq(false))
        .order(partners::review_due_by.asc())
        .select(partners::id)
        .load(c))?;
    drop(reader);
    for id in late {
        state
            .write(&Actor::house("mark_review_overdue"), async |tx| {
                let mut row = store::find(tx.db(), &id).await?;
                if !is_late(&row, tx.now().naive_utc()) {
                    return Ok(());
                }
                row.review_overdue = true;
                store::update(tx, &mut row).await?;
                tx.emit(Topic::PartnerReviewOverdue, &row);
                match (row.state, row.review_due_by) {
                    (PartnerState::InReview, Some(due)) => {
                        let day = last_day(due.and_utc(), &state.config.storefront);
                        tell(tx, &row, Occasion::Overdue(day)).await
                    }
                    _ => Ok(()),
                }
            })
            .await?;
    }
    Ok(())
}

fn is_late(row: &PartnerRow, now: NaiveDateTime) -> bool {
    !row.review_overdue && row.review_due_by.is_some_and(|due| due <= now)
}
