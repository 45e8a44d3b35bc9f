//! The operations over Open agreements.

use super::model::{
    AgreementRow, CreateOpenAgreement, ListOpenAgreements, OpenAgreement, OpenAgreementPage, OpenAgreementState,
    SignOpenAgreement,
};
use super::{rules, store};
use crate::access::permits::{OpenRead, OpenSign, OpenWrite};
use crate::access::{Caller, Permit};
use crate::db::words::Json as Words;
use crate::db::write::Answer;
use crate::error::{Result, all_or};
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::open::keys;
use crate::open::programme::{self, OpenBeginning};
use crate::state::App;
use crate::topic::Topic;
use crate::{customers, partners, profiles};
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_open_agreements).service(create_open_agreement).service(get_open_agreement);
    service.service(sign_open_agreement);
}

/// List the Open agreements that the caller sees.
///
/// A partner sees those that it made, a customer its own, the operator all of them. The oldest first.
#[utoipa::path(tag = "open", security(("oauth2" = [OpenRead::NAME])), params(ListOpenAgreements),
    responses((status = 200, description = "A page of agreements.", body = OpenAgreementPage), Problems))]
#[get("/v1/open/agreements")]
async fn list_open_agreements(
    app: App,
    caller: Caller<OpenRead>,
    query: Query<ListOpenAgreements>,
) -> Result<Json<OpenAgreementPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(caller.viewer(), &mut reader.db()?, &query, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(OpenAgreement::try_from).collect::<Result<_>>()?;
    Ok(Json(OpenAgreementPage { items, next_cursor }))
}

/// Make an Open agreement with a customer, for the customer to sign.
///
/// An Open License lasts two years from its first order, which may come before the signature; no key is had before it.
/// Open Value and Open Value Subscription last three years from the signature, and take no order before it.
#[utoipa::path(tag = "open", request_body = CreateOpenAgreement, security(("oauth2" = [OpenWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The agreement.", body = OpenAgreement), Problems))]
#[post("/v1/open/agreements")]
async fn create_open_agreement(
    app: App,
    caller: Caller<OpenWrite>,
    key: IdempotencyKey,
    body: Body<CreateOpenAgreement>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let customer = customers::find(caller.viewer(), tx.db(), &body.customer_id).await?;
        let partner = partners::find(tx.db(), caller.partner()?).await?;
        partners::must_be_active(&partner)?;
        // Whether there are such agreements now.
        programme::agreement(body.kind, tx.now().date_naive())?;
        let row = AgreementRow {
            id: tx.id(),
            partner_id: partner.id,
            customer_id: customer.id,
            kind: body.kind,
            state: OpenAgreementState::AwaitingSignature,
            signer: None,
            signed_at: None,
            begins_at: None,
            ends_at: None,
            version: 1,
            created_at: tx.now().naive_utc(),
        };
        store::insert(tx, &row).await?;
        tx.emit(Topic::OpenAgreementCreated, &row);
        Ok(Created(OpenAgreement::try_from(row)?))
    })
    .await
}

/// Get an Open agreement.
///
/// With its signer, its state and its term.
#[utoipa::path(tag = "open", security(("oauth2" = [OpenRead::NAME])),
    params(("id" = String, Path, description = "The agreement's id.", max_length = 36)),
    responses((status = 200, description = "The agreement.", body = OpenAgreement), Problems))]
#[get("/v1/open/agreements/{id:[^/:]+}")]
async fn get_open_agreement(app: App, caller: Caller<OpenRead>, id: Id) -> Result<Shown<OpenAgreement>> {
    let mut reader = app.read().await?;
    Ok(Shown(store::find(caller.viewer(), &mut reader.db()?, &id).await?.try_into()?))
}

/// Sign an Open agreement: the customer alone does.
///
/// The keys that were ordered on it can be retrieved from then on.
#[utoipa::path(tag = "open", request_body = SignOpenAgreement, security(("oauth2" = [OpenSign::NAME])),
    params(("id" = String, Path, description = "The agreement's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The agreement, signed.", body = OpenAgreement), Problems))]
#[post("/v1/open/agreements/{id:[^/:]+}:sign")]
async fn sign_open_agreement(
    app: App,
    caller: Caller<OpenSign>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<SignOpenAgreement>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let now = tx.now();
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        rules::may_sign(&row, now)?;
        all_or((), profiles::contact(&body.signer, "/signer"))?;
        row.signer = Some(Words::of(&body.signer)?);
        row.signed_at = Some(now.naive_utc());
        row.state = OpenAgreementState::Active;
        let has_begun = rules::begin(&mut row, OpenBeginning::Signature, now)?;
        store::update(tx, &mut row).await?;
        tx.emit(Topic::OpenAgreementSigned, &row);
        if has_begun {
            tx.emit(Topic::OpenAgreementBegun, &row);
        }
        keys::release(tx, &row.id).await?;
        Ok(Done(OpenAgreement::try_from(row)?))
    })
    .await
}
