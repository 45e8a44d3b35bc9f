//! The operations over validation codes.

use super::model::{
    GccCodeState, GccValidationCode, GccValidationCodePage, ListGccValidationCodes, WithdrawGccValidationCode,
};
use super::store;
use crate::access::permits::{GccRead, GccReview};
use crate::access::{Caller, Permit, Viewer};
use crate::db::write::Answer;
use crate::error::{Code, Error, Result};
use crate::gcc::eligibility::how_to_ask;
use crate::gcc::model::ValidationKind;
use crate::gcc::{self, letters};
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Done, Id, IdempotencyKey, IfMatch, Problems, Query};
use crate::state::App;
use crate::topic::Topic;
use actix_web::{get, post, web::Json as JsonAnswer};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_gcc_validation_codes).service(withdraw_gcc_validation_code);
}

/// List the validation codes that the caller sees.
///
/// The transacting partner sees them, and the reseller that submitted the organisation. Before an approval there is none;
/// then `howToAsk` says how to ask (GCC-12).
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccRead::NAME])), params(ListGccValidationCodes),
    responses((status = 200, description = "A page of codes.", body = GccValidationCodePage), Problems))]
#[get("/v1/gcc/validation-codes")]
async fn list_gcc_validation_codes(
    app: App,
    caller: Caller<GccRead>,
    query: Query<ListGccValidationCodes>,
) -> Result<JsonAnswer<GccValidationCodePage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let rows = store::list(caller.viewer(), &mut db, query.state, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items: Vec<_> = rows.into_iter().map(GccValidationCode::from).collect();
    let is_empty = items.is_empty() && page.after().is_empty() && *caller.viewer() != Viewer::Operator;
    let how_to_ask = is_empty.then(how_to_ask);
    Ok(JsonAnswer(GccValidationCodePage { items, next_cursor, how_to_ask }))
}

/// Withdraw a validation code: nobody is qualified with it any more. Who was, stays so.
///
/// It cannot be brought back.
#[utoipa::path(tag = "gcc", request_body = WithdrawGccValidationCode, security(("oauth2" = [GccReview::NAME])),
    params(("id" = String, Path, description = "The code.", max_length = 36), IdempotencyHeader, OptionalIfMatchHeader),
    responses((status = 200, description = "The code, withdrawn.", body = GccValidationCode), Problems))]
#[post("/v1/gcc/validation-codes/{id:[^/:]+}:withdraw")]
async fn withdraw_gcc_validation_code(
    app: App,
    caller: Caller<GccReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<WithdrawGccValidationCode>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        if row.state == GccCodeState::Withdrawn {
            return Err(Error::new(Code::GccCodeWithdrawn).with("validationCode", &row.id));
        }
        row.state = GccCodeState::Withdrawn;
        store::update(tx, &mut row).await?;
        tx.because(&body.reason);
        tx.emit(Topic::GccValidationCodeWithdrawn, &row);
        let customer = ValidationKind::Customer;
        let validation = gcc::store::find(caller.viewer(), tx.db(), customer, &row.validation_id).await?;
        letters::tell_of_code(tx, &row, &validation, &body.reason).await?;
        Ok(Done(GccValidationCode::from(row)))
    })
    .await
}
