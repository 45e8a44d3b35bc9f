//! The operations over renewals.

use super::asked::{RecordPayment, RecordPaymentFailure};
use super::course::Settings;
use super::model::{ListRenewals, Renewal, RenewalPage};
use super::{payments, store};
use crate::access::permits::{BillingRead, BillingWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::Result;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::state::App;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_renewals).service(get_renewal);
    service.service(record_renewal_payment).service(record_renewal_payment_failure);
}

/// List the renewals that the caller sees: those that lie ahead, those to be paid, and those that were.
///
/// With `atRisk=true` those whose payment is open or late: unpaid, their subscriptions are suspended at the cut-off and
/// cancelled after the grace.
#[utoipa::path(tag = "billing", security(("oauth2" = [BillingRead::NAME])), params(ListRenewals),
    responses((status = 200, description = "A page of renewals.", body = RenewalPage), Problems))]
#[get("/v1/renewals")]
async fn list_renewals(app: App, caller: Caller<BillingRead>, query: Query<ListRenewals>) -> Result<Json<RenewalPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let of = query.subscription_id.as_deref();
    let rows = store::list(caller.viewer(), &mut reader.db()?, of, query.state, query.at_risk, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(Renewal::try_from).collect::<Result<_>>()?;
    Ok(Json(RenewalPage { items, next_cursor }))
}

/// Get a renewal.
///
/// When it falls due, how much it comes to, until when it can be paid, and what became of it.
#[utoipa::path(tag = "billing", security(("oauth2" = [BillingRead::NAME])),
    params(("id" = String, Path, description = "The renewal's id.", max_length = 36)),
    responses((status = 200, description = "The renewal.", body = Renewal), Problems))]
#[get("/v1/renewals/{id:[^/:]+}")]
async fn get_renewal(app: App, caller: Caller<BillingRead>, id: Id) -> Result<Shown<Renewal>> {
    let mut reader = app.read().await?;
    Ok(Shown(store::find(caller.viewer(), &mut reader.db()?, &id).await?.try_into()?))
}

/// Record the payment of a renewal.
///
/// It closes the renewal. A subscription that was suspended because it was late goes on by itself, until the grace is
/// over.
#[utoipa::path(tag = "billing", request_body = RecordPayment, security(("oauth2" = [BillingWrite::NAME])),
    params(("id" = String, Path, description = "The renewal's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 201, description = "The renewal, paid.", body = Renewal), Problems))]
#[post("/v1/renewals/{id:[^/:]+}/payments")]
async fn record_renewal_payment(
    app: App,
    caller: Caller<BillingWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RecordPayment>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let settings = Settings::of(&app.config);
        let row = payments::pay(tx, settings, caller.viewer(), &id, &if_match, &body).await?;
        Ok(Created(Renewal::try_from(row)?))
    })
    .await
}

/// Record that a renewal's payment did not go through.
///
/// The customer is told by mail, programs by an event; the renewal stays to be paid.
#[utoipa::path(tag = "billing", request_body = RecordPaymentFailure, security(("oauth2" = [BillingWrite::NAME])),
    params(("id" = String, Path, description = "The renewal's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 201, description = "The renewal.", body = Renewal), Problems))]
#[post("/v1/renewals/{id:[^/:]+}/payment-failures")]
async fn record_renewal_payment_failure(
    app: App,
    caller: Caller<BillingWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RecordPaymentFailure>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let settings = Settings::of(&app.config);
        let row = payments::fail(tx, settings, caller.viewer(), &id, &if_match, &body).await?;
        Ok(Created(Renewal::try_from(row)?))
    })
    .await
}
