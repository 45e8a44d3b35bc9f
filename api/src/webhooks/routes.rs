//! The operations over webhook endpoints.

use super::model::{
    CreateWebhookEndpoint, DisabledBecause, EndpointRow, ListWebhookDeliveries, ListWebhookEndpoints,
    RotateWebhookSecret, UpdateWebhookEndpoint, WantedState, WebhookDelivery, WebhookDeliveryPage,
    WebhookDeliveryState, WebhookEndpoint, WebhookEndpointPage, WebhookEndpointState, secret_of,
};
use super::store;
use crate::access::permits::{WebhooksManage, WebhooksRead};
use crate::access::{Caller, Permit, Viewer};
use crate::db::words::Json as Words;
use crate::db::write::Answer;
use crate::error::{Code, Error, Result, all_or};
use crate::http::body::Nothing;
use crate::http::id::InnerId;
use crate::http::preconditions::{IdempotencyHeader, IfMatchHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, NoContent, Problems, Query, Shown};
use crate::jobs;
use crate::state::App;
use crate::topic::Topic;
use actix_web::web::Json;
use actix_web::{delete, get, patch, post};
use chrono::TimeDelta;
use utoipa_actix_web::service_config::ServiceConfig;

/// The most endpoints of one partner.
const MOST_ENDPOINTS: i64 = 50;
/// For how long an old secret signs beside a new one, unless said.
const OVERLAP_SECONDS: u32 = 24 * 60 * 60;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_webhook_endpoints).service(create_webhook_endpoint).service(get_webhook_endpoint);
    service.service(update_webhook_endpoint).service(delete_webhook_endpoint).service(rotate_webhook_secret);
    service.service(test_webhook_endpoint).service(list_webhook_deliveries).service(redeliver_webhook);
}

/// List webhook endpoints.
///
/// Their secrets are not shown again.
#[utoipa::path(tag = "webhooks", security(("oauth2" = [WebhooksRead::NAME])), params(ListWebhookEndpoints),
    responses((status = 200, description = "A page of endpoints.", body = WebhookEndpointPage), Problems))]
#[get("/v1/webhook-endpoints")]
async fn list_webhook_endpoints(
    app: App,
    caller: Caller<WebhooksRead>,
    query: Query<ListWebhookEndpoints>,
) -> Result<Json<WebhookEndpointPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(caller.viewer(), &mut reader.db()?, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(WebhookEndpoint::try_from).collect::<Result<_>>()?;
    Ok(Json(WebhookEndpointPage { items, next_cursor }))
}

/// Make a webhook endpoint. The answer shows its secret, this once.
///
/// Deliveries follow Standard Webhooks 1.0: verify `webhook-signature` with the secret, refuse a `webhook-timestamp`
/// that is more than five minutes off, and take a `webhook-id` once. Answer 2xx within 20 seconds; otherwise the
/// delivery is tried again for about 75 hours.
#[utoipa::path(tag = "webhooks", request_body = CreateWebhookEndpoint, security(("oauth2" = [WebhooksManage::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The endpoint with its secret.", body = WebhookEndpoint), Problems))]
#[post("/v1/webhook-endpoints")]
async fn create_webhook_endpoint(
    app: App,
    caller: Caller<WebhooksManage>,
    key: IdempotencyKey,
    body: Body<CreateWebhookEndpoint>,
) -> Result<Answer> {
    // Looked for before the transaction: on SQLite all writes would wait for it. Told in it: a repeat comes first.
    let filter = body.event_types.clone().unwrap_or_default();
    let faults = app.webhooks.faults(Some(&body.url), &filter);
    app.write_once(&caller, key, &body, async |tx| {
        all_or((), faults.clone())?;
        if store::count(caller.viewer(), tx.db()).await? >= MOST_ENDPOINTS {
            return Err(Error::new(Code::WebhookEndpointLimit).with("most", MOST_ENDPOINTS));
        }
        let row = EndpointRow {
            id: tx.id(),
            partner_id: owner(caller.viewer()),
            url: body.url.clone(),
            description: body.description.clone(),
            event_types: Words::of(&filter)?,
            state: WebhookEndpointState::Enabled,
            disabled_because: None,
            failing_since: None,
            version: 1,
            created_at: tx.now().naive_utc(),
        };
        store::insert(tx, &row).await?;
        let secret = store::add_secret(tx, &row, tx.machine_now()).await?;
        tx.emit(Topic::WebhookEndpointCreated, &row);
        Ok(Created(WebhookEndpoint::try_from(row)?.showing(&secret)))
    })
    .await
}

fn owner(viewer: &Viewer) -> Option<String> {
    match viewer {
        Viewer::Partner(id) => Some(id.clone()),
        Viewer::Operator | Viewer::Customer(_) | Viewer::Enrolment => None,
    }
}

/// Get a webhook endpoint.
///
/// Its secret is not shown again. Its `ETag` is the version for a change.
#[utoipa::path(tag = "webhooks", security(("oauth2" = [WebhooksRead::NAME])),
    params(("id" = String, Path, description = "The endpoint's id.", max_length = 36)),
    responses((status = 200, description = "The endpoint.", body = WebhookEndpoint), Problems))]
#[get("/v1/webhook-endpoints/{id:[^/:]+}")]
async fn get_webhook_endpoint(app: App, caller: Caller<WebhooksRead>, id: Id) -> Result<Shown<WebhookEndpoint>> {
    let mut reader = app.read().await?;
    Ok(Shown(store::find(caller.viewer(), &mut reader.db()?, &id).await?.try_into()?))
}

/// Change a webhook endpoint, or switch it off or on.
///
/// Only the fields that are there change.
#[utoipa::path(tag = "webhooks", request_body = UpdateWebhookEndpoint, security(("oauth2" = [WebhooksManage::NAME])),
    params(("id" = String, Path, description = "The endpoint's id.", max_length = 36), IfMatchHeader),
    responses((status = 200, description = "The endpoint as it is now.", body = WebhookEndpoint), Problems))]
#[patch("/v1/webhook-endpoints/{id:[^/:]+}")]
async fn update_webhook_endpoint(
    app: App,
    caller: Caller<WebhooksManage>,
    id: Id,
    if_match: IfMatch,
    body: Body<UpdateWebhookEndpoint>,
) -> Result<Answer> {
    let faults = app.webhooks.faults(body.url.as_deref(), body.event_types.as_deref().unwrap_or_default());
    app.change(&caller, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.demand(row.version)?;
        all_or((), faults.clone())?;
        if let Some(url) = &body.url {
            row.url.clone_from(url);
        }
        if let Some(filter) = &body.event_types {
            row.event_types = Words::of(filter)?;
        }
        row.description = body.description.clone().or(row.description);
        match body.state {
            Some(WantedState::Enabled) => {
                (row.state, row.disabled_because, row.failing_since) = (WebhookEndpointState::Enabled, None, None);
                jobs::set_slow(tx, &row.id, false).await?;
            }
            Some(WantedState::Disabled) => {
                row.state = WebhookEndpointState::Disabled;
                row.disabled_because = Some(DisabledBecause::ByCaller);
            }
            None => {}
        }
        row.version += 1;
        store::update(tx, &row).await?;
        tx.emit(Topic::WebhookEndpointUpdated, &row);
        Ok(Done(WebhookEndpoint::try_from(row)?))
    })
    .await
}

/// Delete a webhook endpoint. What is under way to it is given up.
///
/// The events stay in the feed.
#[utoipa::path(tag = "webhooks", security(("oauth2" = [WebhooksManage::NAME])),
    params(("id" = String, Path, description = "The endpoint's id.", max_length = 36), OptionalIfMatchHeader),
    responses((status = 204, description = "It is gone."), Problems))]
#[delete("/v1/webhook-endpoints/{id:[^/:]+}")]
async fn delete_webhook_endpoint(
    app: App,
    caller: Caller<WebhooksManage>,
    id: Id,
    if_match: IfMatch,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        row.state = WebhookEndpointState::Deleted;
        row.version += 1;
        store::update(tx, &row).await?;
        jobs::set_slow(tx, &row.id, false).await?;
        store::delete_secrets(tx, &row.id).await?;
        tx.forget_answers(&secret_of(&row.id)).await?;
        tx.emit(Topic::WebhookEndpointDeleted, &row);
        Ok(NoContent)
    })
    .await
}

/// Give a webhook endpoint a new secret. The answer shows it, this once.
///
/// For a while every delivery carries two signatures, one of each secret, so that the receiver can change over without
/// losing any.
#[utoipa::path(tag = "webhooks", request_body = RotateWebhookSecret, security(("oauth2" = [WebhooksManage::NAME])),
    params(("id" = String, Path, description = "The endpoint's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The endpoint with its new secret.", body = WebhookEndpoint), Problems))]
#[post("/v1/webhook-endpoints/{id:[^/:]+}:rotate-secret")]
async fn rotate_webhook_secret(
    app: App,
    caller: Caller<WebhooksManage>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RotateWebhookSecret>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        let overlap = TimeDelta::seconds(body.overlap_seconds.unwrap_or(OVERLAP_SECONDS).into());
        let secret = store::add_secret(tx, &row, tx.machine_now() + overlap).await?;
        // Whoever has not noted a secret down that now has an end, has lost it (PLT-02).
        tx.forget_answers(&secret_of(&row.id)).await?;
        row.version += 1;
        store::update(tx, &row).await?;
        tx.emit(Topic::WebhookEndpointSecretRotated, &row);
        Ok(Done(WebhookEndpoint::try_from(row)?.showing(&secret)))
    })
    .await
}

/// Send a test event to a webhook endpoint.
///
/// The event `webhook_endpoint.tested` goes to this endpoint alone, whatever its filter. The delivery shows what came
/// of it.
#[utoipa::path(tag = "webhooks", security(("oauth2" = [WebhooksManage::NAME])),
    params(("id" = String, Path, description = "The endpoint's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The delivery that was begun.", body = WebhookDelivery), Problems))]
#[post("/v1/webhook-endpoints/{id:[^/:]+}:test")]
async fn test_webhook_endpoint(
    app: App,
    caller: Caller<WebhooksManage>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        if row.state != WebhookEndpointState::Enabled {
            return Err(Error::new(Code::WebhookEndpointDisabled));
        }
        let event_id = tx.emit(Topic::WebhookEndpointTested, &row);
        let tested = Topic::WebhookEndpointTested.as_str();
        let delivery = store::begin(tx, &row, &event_id, tested).await?;
        Ok(Done(WebhookDelivery::of(delivery, Vec::new())))
    })
    .await
}

/// List the deliveries to a webhook endpoint, each with its attempts.
///
/// They are kept for thirty days unless the operator says otherwise.
#[utoipa::path(tag = "webhooks", security(("oauth2" = [WebhooksRead::NAME])),
    params(("id" = String, Path, description = "The endpoint's id.", max_length = 36), ListWebhookDeliveries),
    responses((status = 200, description = "A page of deliveries.", body = WebhookDeliveryPage), Problems))]
#[get("/v1/webhook-endpoints/{id:[^/:]+}/deliveries")]
async fn list_webhook_deliveries(
    app: App,
    caller: Caller<WebhooksRead>,
    id: Id,
    query: Query<ListWebhookDeliveries>,
) -> Result<Json<WebhookDeliveryPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let endpoint = store::find(caller.viewer(), &mut db, &id).await?;
    let rows = store::deliveries(&mut db, &endpoint, query.state, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let mut items = Vec::new();
    for row in rows {
        let attempts = store::attempts(&mut db, &row.id).await?;
        items.push(WebhookDelivery::of(row, attempts));
    }
    Ok(Json(WebhookDeliveryPage { items, next_cursor }))
}

/// Deliver an event again that was delivered, or given up, before.
///
/// It keeps its `webhook-id`; the attempts begin anew.
#[utoipa::path(tag = "webhooks", security(("oauth2" = [WebhooksManage::NAME])),
    params(("id" = String, Path, description = "The endpoint's id.", max_length = 36),
        ("deliveryId" = String, Path, description = "The delivery's id.", max_length = 36), IdempotencyHeader),
    responses((status = 200, description = "The delivery, under way again.", body = WebhookDelivery), Problems))]
#[post("/v1/webhook-endpoints/{id:[^/:]+}/deliveries/{deliveryId:[^/:]+}:redeliver")]
async fn redeliver_webhook(
    app: App,
    caller: Caller<WebhooksManage>,
    id: Id,
    delivery_id: InnerId,
    key: IdempotencyKey,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let endpoint = store::find(caller.viewer(), tx.db(), &id).await?;
        let found = store::delivery(tx.db(), &delivery_id).await?;
        let mut delivery = found
            .filter(|delivery| delivery.endpoint_id == endpoint.id)
            .ok_or_else(|| Error::not_found("webhook_delivery"))?;
        if endpoint.state != WebhookEndpointState::Enabled {
            return Err(Error::new(Code::WebhookEndpointDisabled));
        }
        if delivery.state == WebhookDeliveryState::Pending {
            let due = delivery.next_attempt_at.map(|at| at.and_utc());
            return Err(Error::new(Code::DeliveryPending).with("nextAttemptAt", due));
        }
        store::begin_again(tx, &endpoint, &mut delivery).await?;
        tx.about("webhook_delivery", &delivery.id);
        tx.because("deliver again");
        let attempts = store::attempts(tx.db(), &delivery.id).await?;
        Ok(Done(WebhookDelivery::of(delivery, attempts)))
    })
    .await
}
