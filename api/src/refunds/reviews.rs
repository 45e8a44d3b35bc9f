//! What decides a refund: the operator's yes or no, and the partner's second thoughts (REF-08).

use super::asked::RejectRefund;
use super::course;
use super::model::{Refund, RefundRow};
use super::routes::shown;
use super::store;
use crate::access::permits::{RefundsReview, RefundsWrite};
use crate::access::{Caller, Permit};
use crate::db::write::{Answer, Tx};
use crate::error::Result;
use crate::http::body::Nothing;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Done, Id, IdempotencyKey, IfMatch, Problems};
use crate::state::App;
use actix_web::post;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(approve_refund).service(reject_refund).service(withdraw_refund);
}

async fn done(tx: &mut Tx<'_>, row: RefundRow) -> Result<Done<Refund>> {
    Ok(Done(shown(tx.db(), row).await?))
}

/// Approve a refund that is in review.
///
/// The decision stands with this answer. The key is revoked and the credit note written right after it; a webhook tells
/// `refund.key_revoked` and `refund.credited`. Of seats, what was charged for them since the request (the next periods, where
/// the review outlasted one) is given back too: `amount` tells the sum then, `quote` what was judged.
#[utoipa::path(tag = "refunds", security(("oauth2" = [RefundsReview::NAME])),
    params(("id" = String, Path, description = "The refund's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The refund, approved.", body = Refund), Problems))]
#[post("/v1/refunds/{id:[^/:]+}:approve")]
async fn approve_refund(
    app: App,
    caller: Caller<RefundsReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        course::approve(tx, &mut row).await?;
        done(tx, row).await
    })
    .await
}

/// Reject a refund that is in review, with the reason.
///
/// The decision stands with this answer.
#[utoipa::path(tag = "refunds", request_body = RejectRefund, security(("oauth2" = [RefundsReview::NAME])),
    params(("id" = String, Path, description = "The refund's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The refund, rejected.", body = Refund), Problems))]
#[post("/v1/refunds/{id:[^/:]+}:reject")]
async fn reject_refund(
    app: App,
    caller: Caller<RefundsReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RejectRefund>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        course::reject(tx, &mut row, &body.reason).await?;
        done(tx, row).await
    })
    .await
}

/// Take a refund back that nobody has decided yet.
///
/// A decided one stays as it is.
#[utoipa::path(tag = "refunds", security(("oauth2" = [RefundsWrite::NAME])),
    params(("id" = String, Path, description = "The refund's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The refund, withdrawn.", body = Refund), Problems))]
#[post("/v1/refunds/{id:[^/:]+}:withdraw")]
async fn withdraw_refund(
    app: App,
    caller: Caller<RefundsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        course::withdraw(tx, &mut row).await?;
        done(tx, row).await
    })
    .await
}
