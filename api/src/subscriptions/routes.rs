//! The operations over subscriptions.

use super::asked::{
    CancelSubscription, ChangeSeats, SetEndOfTerm, SubscriptionPreview, UpdateSubscription, UpgradeSubscription,
};
use super::model::{ListSubscriptions, Subscription, SubscriptionPage, SubscriptionRow};
use super::money::{self, Charge, Credit};
use super::store::Listed;
use super::{cancel, rules, seats, standing, store, upgrades};
use crate::access::permits::{SubscriptionsRead, SubscriptionsWrite};
use crate::access::{Caller, Permit, Viewer};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::{Answer, Tx};
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::http::body::Nothing;
use crate::http::preconditions::{IdempotencyHeader, IfMatchHeader, OptionalIfMatchHeader};
use crate::http::problem::FieldError;
use crate::http::{Body, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::messages::Language;
use crate::renewals::{self, Settings};
use crate::software;
use crate::state::App;
use crate::topic::Topic;
use actix_web::web::Json;
use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_subscriptions).service(get_subscription).service(update_subscription);
    service.service(change_seats).service(preview_change_seats);
    service.service(upgrade_subscription).service(preview_upgrade);
    service.service(set_end_of_term).service(revoke_scheduled_changes);
    service.service(suspend_subscription).service(resume_subscription);
    service.service(cancel_subscription).service(preview_cancel);
}

async fn shown(tx: &mut Tx<'_>, row: SubscriptionRow) -> Result<Done<Subscription>> {
    let batches = store::batches_of(tx.db(), std::slice::from_ref(&row)).await?;
    Ok(Done(Subscription::of(row, &batches)?))
}

/// The subscription, as it is once whatever was due of it is done.
async fn present(app: &App, tx: &mut Tx<'_>, viewer: &Viewer, id: &str, if_match: &IfMatch) -> Result<SubscriptionRow> {
    let row = store::find(viewer, tx.db(), id).await?;
    if_match.honour(row.version)?;
    renewals::catch_up(tx, Settings::of(&app.config), &row.id).await?;
    store::get(tx.db(), &row.id).await
}

/// What is asked of a subscription, but of software: its seats and its money have ways of their own.
async fn is_software(viewer: &Viewer, db: &mut Db<'_>, id: &str, code: Code) -> Result<()> {
    match software::find(viewer, db, id).await {
        Ok(bought) => Err(Error::refused(vec![
            Fault::at("", code).with("entitlementId", &bought.id).with("orderId", &bought.order_id),
        ])),
        Err(error) if error.code() == Code::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn preview(
    faults: &[Fault],
    charges: &[Charge],
    credits: &[Credit],
    now: Instant,
    language: Language,
) -> Json<SubscriptionPreview> {
    let charged = charges.iter().map(|charge| charge.shown(now.date_naive()));
    Json(SubscriptionPreview {
        possible: faults.is_empty(),
        reasons: FieldError::all_of(faults, language),
        lines: charged.chain(credits.iter().map(Credit::shown)).collect(),
        total: money::balance(charges, credits).map(Into::into),
    })
}

/// List the subscriptions that the caller sees.
///
/// A partner sees its own and what its links and relationships open to it, the operator all of them. The oldest first.
#[utoipa::path(tag = "subscriptions", security(("oauth2" = [SubscriptionsRead::NAME])), params(ListSubscriptions),
    responses((status = 200, description = "A page of subscriptions.", body = SubscriptionPage), Problems))]
#[get("/v1/subscriptions")]
async fn list_subscriptions(
    app: App,
    caller: Caller<SubscriptionsRead>,
    query: Query<ListSubscriptions>,
) -> Result<Json<SubscriptionPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let listed = Listed {
        customer_id: query.customer_id.as_deref(),
        tenant_id: query.tenant_id.as_deref(),
        order_id: query.order_id.as_deref(),
        state: query.state,
    };
    let rows = store::list(caller.viewer(), &mut db, &listed, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let batches = store::batches_of(&mut db, &rows).await?;
    let items = rows.into_iter().map(|row| Subscription::of(row, &batches)).collect::<Result<_>>()?;
    Ok(Json(SubscriptionPage { items, next_cursor }))
}

/// Get a subscription.
///
/// With its seats in batches, its term, and what is to change at the end of that.
#[utoipa::path(tag = "subscriptions", security(("oauth2" = [SubscriptionsRead::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36)),
    responses((status = 200, description = "The subscription.", body = Subscription), Problems))]
#[get("/v1/subscriptions/{id:[^/:]+}")]
async fn get_subscription(app: App, caller: Caller<SubscriptionsRead>, id: Id) -> Result<Shown<Subscription>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    let batches = store::batches_of(&mut db, std::slice::from_ref(&row)).await?;
    Ok(Shown(Subscription::of(row, &batches)?))
}

/// Give a subscription a name of the partner's own.
///
/// Its tenant never changes: asking for another is refused with the order to place instead (TEN-06).
#[utoipa::path(tag = "subscriptions", request_body = UpdateSubscription,
    security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36), IfMatchHeader),
    responses((status = 200, description = "The subscription as it is now.", body = Subscription), Problems))]
#[patch("/v1/subscriptions/{id:[^/:]+}")]
async fn update_subscription(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    if_match: IfMatch,
    body: Body<UpdateSubscription>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.demand(row.version)?;
        rules::stays_with_its_tenant(&row, body.tenant_id.as_ref())?;
        if let Some(name) = &body.friendly_name {
            row.friendly_name.clone_from(name);
        }
        store::update(tx, &mut row).await?;
        tx.emit(Topic::SubscriptionUpdated, &row);
        shown(tx, row).await
    })
    .await
}

/// Change the number of seats.
///
/// More are charged for what is left of the period, the day included; fewer come out of batches whose seven days are
/// not over, or wait for the end of the term (`effective: endOfTerm`). A refused decrease names the open batches.
#[utoipa::path(tag = "subscriptions", request_body = ChangeSeats, security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The subscription as it is now.", body = Subscription), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:change-seats")]
async fn change_seats(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<ChangeSeats>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        is_software(caller.viewer(), tx.db(), &id, Code::SoftwareSeatsFixed).await?;
        let mut row = present(&app, tx, caller.viewer(), &id, &if_match).await?;
        let now = tx.now();
        let plan = seats::plan(tx.db(), app.config.refunds.approval, &row, &body, now).await?;
        all_or((), plan.faults.clone())?;
        seats::apply(tx, &mut row, &body, plan).await?;
        shown(tx, row).await
    })
    .await
}

/// Preview a change of seats: every check and every amount, nothing written.
///
/// Every reason for which it would be refused is told at once.
#[utoipa::path(tag = "subscriptions", request_body = ChangeSeats, security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36)),
    responses((status = 200, description = "What would become of it.", body = SubscriptionPreview), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:preview-change-seats")]
async fn preview_change_seats(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    body: Body<ChangeSeats>,
) -> Result<Json<SubscriptionPreview>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    is_software(caller.viewer(), &mut db, &id, Code::SoftwareSeatsFixed).await?;
    let now = app.now(&mut db).await?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    let plan = seats::plan(&mut db, app.config.refunds.approval, &row, &body, now).await?;
    Ok(preview(&plan.faults, &plan.charges, &plan.credits, now, caller.context().language))
}

/// Upgrade to another plan.
///
/// Along the upgrade table, for what was bought through a channel that it serves. Inside a family some seats may move:
/// the subscription splits (`splitInto`), with the same end of term. Across families all of the tenant's subscriptions
/// of that family move together (`allUsers`), or none. What is left of the period is given back and charged anew.
#[utoipa::path(tag = "subscriptions", request_body = UpgradeSubscription,
    security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The subscription as it is now.", body = Subscription), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:upgrade")]
async fn upgrade_subscription(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<UpgradeSubscription>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let row = present(&app, tx, caller.viewer(), &id, &if_match).await?;
        let now = tx.now();
        let plan = upgrades::plan(caller.viewer(), tx.db(), &row, &body, now).await?;
        all_or((), plan.faults.clone())?;
        let row = upgrades::apply(tx, Settings::of(&app.config), plan).await?;
        shown(tx, row).await
    })
    .await
}

/// Preview an upgrade: every check and every amount, nothing written.
///
/// Every reason for which it would be refused is told at once.
#[utoipa::path(tag = "subscriptions", request_body = UpgradeSubscription,
    security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36)),
    responses((status = 200, description = "What would become of it.", body = SubscriptionPreview), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:preview-upgrade")]
async fn preview_upgrade(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    body: Body<UpgradeSubscription>,
) -> Result<Json<SubscriptionPreview>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    let plan = upgrades::plan(caller.viewer(), &mut db, &row, &body, now).await?;
    Ok(preview(&plan.faults, &plan.charges(), &plan.credits(), now, caller.context().language))
}

/// Say what becomes of a subscription at the end of its term: it renews, ends, or goes on by the month.
///
/// Unless somebody says otherwise it renews, at the price then in force. A month of an extended term costs more
/// (`extensionPrice` of the offer); each such month ends with the same choice.
#[utoipa::path(tag = "subscriptions", request_body = SetEndOfTerm, security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The subscription as it is now.", body = Subscription), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:set-end-of-term")]
async fn set_end_of_term(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<SetEndOfTerm>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = present(&app, tx, caller.viewer(), &id, &if_match).await?;
        standing::set_end_of_term(tx, &mut row, body.end_of_term).await?;
        shown(tx, row).await
    })
    .await
}

/// Take back what was to change at the end of the term.
///
/// The term then ends as if nothing had been asked for. What has happened already stays.
#[utoipa::path(tag = "subscriptions", security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The subscription as it is now.", body = Subscription), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:revoke-scheduled-changes")]
async fn revoke_scheduled_changes(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = present(&app, tx, caller.viewer(), &id, &if_match).await?;
        standing::revoke_scheduled(tx, &mut row).await?;
        shown(tx, row).await
    })
    .await
}

/// Suspend a subscription. It goes on being charged.
///
/// `resume_subscription` lets it go on.
#[utoipa::path(tag = "subscriptions", security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The subscription as it is now.", body = Subscription), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:suspend")]
async fn suspend_subscription(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = present(&app, tx, caller.viewer(), &id, &if_match).await?;
        standing::suspend(tx, &mut row).await?;
        shown(tx, row).await
    })
    .await
}

/// Let a suspended subscription go on.
///
/// While a renewal is overdue it is refused: recording the payment resumes by itself (REN-03).
#[utoipa::path(tag = "subscriptions", security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The subscription as it is now.", body = Subscription), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:resume")]
async fn resume_subscription(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = present(&app, tx, caller.viewer(), &id, &if_match).await?;
        standing::resume(tx, &mut row).await?;
        shown(tx, row).await
    })
    .await
}

/// Cancel a subscription inside its refund window: the refund is opened with it.
///
/// Where refunds are reviewed it goes on until its refund is approved: the answer tells its state, and
/// `GET /v1/refunds?subscriptionId=` the refund. Later `:set-end-of-term` with `cancel` is the way. Software is given back
/// by `POST /v1/refunds`.
#[utoipa::path(tag = "subscriptions", request_body = CancelSubscription,
    security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The subscription as it is now: cancelled, unless its refund is reviewed.", body = Subscription), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:cancel")]
async fn cancel_subscription(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<CancelSubscription>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        is_software(caller.viewer(), tx.db(), &id, Code::RefundRequestRequired).await?;
        let mut row = present(&app, tx, caller.viewer(), &id, &if_match).await?;
        let now = tx.now();
        let plan = cancel::plan(tx.db(), &row, now).await?;
        all_or((), plan.faults.clone())?;
        cancel::apply(tx, app.config.refunds.approval, &mut row, &body, plan).await?;
        shown(tx, row).await
    })
    .await
}

/// Preview cancelling: every check and what would be given back, nothing written.
///
/// Every reason for which it would be refused is told at once.
#[utoipa::path(tag = "subscriptions", security(("oauth2" = [SubscriptionsWrite::NAME])),
    params(("id" = String, Path, description = "The subscription's id.", max_length = 36)),
    responses((status = 200, description = "What would become of it.", body = SubscriptionPreview), Problems))]
#[post("/v1/subscriptions/{id:[^/:]+}:preview-cancel")]
async fn preview_cancel(
    app: App,
    caller: Caller<SubscriptionsWrite>,
    id: Id,
    _body: Body<Nothing>,
) -> Result<Json<SubscriptionPreview>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    is_software(caller.viewer(), &mut db, &id, Code::RefundRequestRequired).await?;
    let now = app.now(&mut db).await?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    let plan = cancel::plan(&mut db, &row, now).await?;
    Ok(preview(&plan.faults, &[], &plan.credits, now, caller.context().language))
}
