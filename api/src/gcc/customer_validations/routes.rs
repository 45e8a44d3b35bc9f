//! The operations over customers' validations.

use super::asking;
use super::model::{
    ApproveGccCustomerValidation, GccCustomerValidation, GccCustomerValidationPage, ListGccCustomerValidations,
    SubmitGccCustomerValidation,
};
use crate::access::permits::{GccRead, GccReview, GccWrite};
use crate::access::{Caller, Permit, Viewer};
use crate::db::write::{Answer, Tx};
use crate::error::Result;
use crate::gcc::codes;
use crate::gcc::course::{self, NewValidation};
use crate::gcc::model::{
    DenyGccValidation, GccValidationState, ProvideGccInformation, RequestGccInformation, ValidationKind, ValidationRow,
};
use crate::gcc::qualifications::{self, Grant};
use crate::gcc::rules;
use crate::gcc::store::{self, Listed};
use crate::http::body::Nothing;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::state::App;
use actix_web::{get, post, web::Json as JsonAnswer};
use utoipa_actix_web::service_config::ServiceConfig;

const KIND: ValidationKind = ValidationKind::Customer;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_gcc_customer_validations).service(submit_gcc_customer_validation);
    service.service(get_gcc_customer_validation).service(provide_gcc_customer_information);
    service.service(withdraw_gcc_customer_validation).service(request_gcc_customer_information);
    service.service(approve_gcc_customer_validation).service(deny_gcc_customer_validation);
}

/// Submit an organisation for validation.
///
/// Any partner may, but the tenant id in the form is that of the partner that will transact: its own, or for an indirect
/// reseller that of the provider it is linked with; both see it (GCC-06). That partner is qualified itself (GCC-07). With
/// `customerId` the customer gets the qualification once this is approved; else the approval brings a validation code, with
/// which the organisation is made a customer (GCC-10).
#[utoipa::path(tag = "gcc", request_body = SubmitGccCustomerValidation, security(("oauth2" = [GccWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The validation.", body = GccCustomerValidation), Problems))]
#[post("/v1/gcc/customer-validations")]
async fn submit_gcc_customer_validation(
    app: App,
    caller: Caller<GccWrite>,
    key: IdempotencyKey,
    body: Body<SubmitGccCustomerValidation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let accepted = asking::judge(caller.viewer(), tx.db(), caller.partner()?, &body).await?;
        let files = accepted.files;
        let new = NewValidation {
            kind: KIND,
            partner_id: &accepted.seller_id,
            partner_of_record_id: accepted.reseller_id.as_deref(),
            customer_id: body.customer_id.as_deref(),
            subject: accepted.subject,
            organization: &body.organization.company_name,
            submitter: &body.submitter,
        };
        let row = course::submit(tx, &app.config.gcc, new, &accepted.form, &files).await?;
        Ok(Created(GccCustomerValidation::try_from(store::with_own_attachments(tx.db(), row).await?)?))
    })
    .await
}

/// Approve an organisation.
///
/// An existing customer has the qualification at once; for any other organisation a validation code is issued (GCC-10).
#[utoipa::path(tag = "gcc", request_body = ApproveGccCustomerValidation, security(("oauth2" = [GccReview::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, approved.", body = GccCustomerValidation), Problems))]
#[post("/v1/gcc/customer-validations/{id:[^/:]+}:approve")]
async fn approve_gcc_customer_validation(
    app: App,
    caller: Caller<GccReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<ApproveGccCustomerValidation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        rules::must_be_in(&row, &GccValidationState::OPEN)?;
        match row.customer_id.clone() {
            // One that was qualified by a code meanwhile stays so.
            Some(customer_id) if qualifications::is_qualified(tx.db(), &customer_id).await? => {}
            Some(customer_id) => qualifications::grant(tx, &customer_id, Grant::of(&row)).await?,
            None => {
                let uses = body.max_creates.unwrap_or(app.config.gcc.code_uses);
                row.code_id = Some(codes::issue(tx, &row, uses).await?);
            }
        }
        course::approve(tx, &app.config.gcc, &mut row).await?;
        shown(tx, row).await
    })
    .await
}

/// List the validations of customers that the caller sees.
///
/// A partner sees its own, and both sides of an indirect sale what was submitted through their link. The operator gets
/// its queue: what is due first, overdue before all else, then what waits for nobody's answer.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccRead::NAME])), params(ListGccCustomerValidations),
    responses((status = 200, description = "A page of validations.", body = GccCustomerValidationPage), Problems))]
#[get("/v1/gcc/customer-validations")]
async fn list_gcc_customer_validations(
    app: App,
    caller: Caller<GccRead>,
    query: Query<ListGccCustomerValidations>,
) -> Result<JsonAnswer<GccCustomerValidationPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let listed =
        Listed { kind: ValidationKind::Customer, state: query.state, customer_id: query.customer_id.as_deref() };
    let rows = store::list(caller.viewer(), &mut db, listed, &page).await?;
    let (rows, next_cursor) = page.cut_at(&app.vault, rows, |row| store::place_of(caller.viewer(), row))?;
    let found = store::with_attachments(&mut db, rows).await?;
    let items = found.into_iter().map(GccCustomerValidation::try_from).collect::<Result<_>>()?;
    Ok(JsonAnswer(GccCustomerValidationPage { items, next_cursor }))
}

/// Get a validation of a customer.
///
/// With its state, and what was asked and answered in it.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccRead::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36)),
    responses((status = 200, description = "The validation.", body = GccCustomerValidation), Problems))]
#[get("/v1/gcc/customer-validations/{id:[^/:]+}")]
async fn get_gcc_customer_validation(
    app: App,
    caller: Caller<GccRead>,
    id: Id,
) -> Result<Shown<GccCustomerValidation>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find(caller.viewer(), &mut db, KIND, &id).await?;
    Ok(Shown(store::with_own_attachments(&mut db, row).await?.try_into()?))
}

/// Answer the reviewer's question.
///
/// The clock goes on with the business days that were left (GCC-09).
#[utoipa::path(tag = "gcc", request_body = ProvideGccInformation, security(("oauth2" = [GccWrite::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, with the reviewer again.", body = GccCustomerValidation), Problems))]
#[post("/v1/gcc/customer-validations/{id:[^/:]+}:provide-information")]
async fn provide_gcc_customer_information(
    app: App,
    caller: Caller<GccWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<ProvideGccInformation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::answer(tx, &app.config.gcc, caller.viewer(), &mut row, &body).await?;
        shown(tx, row).await
    })
    .await
}

/// Take a validation back that is not decided.
///
/// A decided one stays as it is.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccWrite::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, withdrawn.", body = GccCustomerValidation), Problems))]
#[post("/v1/gcc/customer-validations/{id:[^/:]+}:withdraw")]
async fn withdraw_gcc_customer_validation(
    app: App,
    caller: Caller<GccWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::withdraw(tx, &app.config.gcc, &mut row).await?;
        shown(tx, row).await
    })
    .await
}

/// Ask for more information about a customer.
///
/// The submitter is mailed, both companies, and the customer's contact. The clock stands still until the answer comes (GCC-09).
#[utoipa::path(tag = "gcc", request_body = RequestGccInformation, security(("oauth2" = [GccReview::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, waiting for the answer.", body = GccCustomerValidation), Problems))]
#[post("/v1/gcc/customer-validations/{id:[^/:]+}:request-information")]
async fn request_gcc_customer_information(
    app: App,
    caller: Caller<GccReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RequestGccInformation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::ask(tx, &app.config.gcc, &mut row, &body).await?;
        shown(tx, row).await
    })
    .await
}

/// Deny a validation of a customer, with the reason.
///
/// The partner may submit a new one.
#[utoipa::path(tag = "gcc", request_body = DenyGccValidation, security(("oauth2" = [GccReview::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, denied.", body = GccCustomerValidation), Problems))]
#[post("/v1/gcc/customer-validations/{id:[^/:]+}:deny")]
async fn deny_gcc_customer_validation(
    app: App,
    caller: Caller<GccReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<DenyGccValidation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::deny(tx, &app.config.gcc, &mut row, &body).await?;
        shown(tx, row).await
    })
    .await
}

async fn found(tx: &mut Tx<'_>, viewer: &Viewer, id: &str, if_match: &IfMatch) -> Result<ValidationRow> {
    let row = store::find(viewer, tx.db(), KIND, id).await?;
    if_match.honour(row.version)?;
    Ok(row)
}

async fn shown(tx: &mut Tx<'_>, row: ValidationRow) -> Result<Done<GccCustomerValidation>> {
    Ok(Done(store::with_own_attachments(tx.db(), row).await?.try_into()?))
}
