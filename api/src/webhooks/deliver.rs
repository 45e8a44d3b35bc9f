//! One attempt of a delivery: signed, sent, and written down. It may happen twice, after a crash in between; receivers
//! know a repeat by its `webhook-id`.

use super::model::{AttemptRow, DeliveryRow, DisabledBecause, EndpointRow, WebhookDeliveryState, WebhookEndpointState};
use super::network::Blocked;
use super::rules::{self, Answered, Next};
use super::store;
use crate::clock::machine_now;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::jobs::{self, Job};
use crate::state::State;
use crate::topic::Topic;
use chrono::{DateTime, TimeDelta, Utc};
use std::error::Error as _;
use std::time::{Duration, Instant};

/// The most of a receiver's answer that is read; it is thrown away.
const READ_AT_MOST: usize = 64 * 1024;
/// An endpoint that failed for so long, and then once more to the end of its attempts, is switched off.
const FAILING_DAYS: i64 = 5;

/// What is to be sent where.
struct Shipment {
    delivery: DeliveryRow,
    endpoint: EndpointRow,
    secrets: Vec<Vec<u8>>,
    event: Event,
}

/// How an attempt went.
struct Attempt {
    at: DateTime<Utc>,
    milliseconds: i64,
    answered: Answered,
    error: Option<&'static str>,
}

impl Attempt {
    /// Whether it took a place for long, and for nothing. What fails at once holds nobody up.
    fn was_slow(&self) -> bool {
        let delivered = matches!(self.answered, Answered::Status(200..=299, _));
        !delivered
            && (self.error == Some("timeout")
                || u128::from(self.milliseconds.unsigned_abs()) >= jobs::PROMPT.as_millis())
    }
}

/// Makes the attempt that this job stands for.
pub async fn deliver(state: &State, job: &Job) -> Result<()> {
    let Some(shipment) = shipment(state, job).await? else {
        return state.upkeep("webhooks.deliver", async |tx| job.finish(tx).await.map(drop)).await;
    };
    if shipment.endpoint.state != WebhookEndpointState::Enabled {
        return state
            .upkeep("webhooks.deliver", async |tx| {
                if job.finish(tx).await? {
                    fail(tx, shipment.delivery.clone()).await?;
                }
                Ok(())
            })
            .await;
    }
    let attempt = send(state, &shipment).await;
    let chance = crate::vault::random_bytes().map_or(0.5, |bytes| f64::from(bytes[0]) / 255.0);
    let next = rules::after(attempt.answered, job.tries(), &state.config.webhooks.retry_seconds, chance);
    state.upkeep("webhooks.deliver", async |tx| record(tx, job, &shipment, &attempt, next).await).await
}

async fn shipment(state: &State, job: &Job) -> Result<Option<Shipment>> {
    let id: String = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let mut reader = state.read().await?;
    let mut db = reader.db()?;
    let Some(delivery) = store::delivery(&mut db, &id).await? else { return Ok(None) };
    let Some(endpoint) = store::endpoint(&mut db, &delivery.endpoint_id).await? else { return Ok(None) };
    let Some(event) = events::by_id(&mut db, &delivery.event_id).await? else { return Ok(None) };
    let secrets = store::secrets(&mut db, &state.vault, &endpoint, machine_now()).await?;
    Ok(Some(Shipment { delivery, endpoint, secrets, event: event.try_into()? }))
}

async fn send(state: &State, shipment: &Shipment) -> Attempt {
    let (at, started) = (machine_now(), Instant::now());
    let (answered, error) = match try_to_send(state, shipment, at).await {
        Ok((status, asked)) => (Answered::Status(status, asked), None),
        Err(error) => (Answered::Nothing, Some(error)),
    };
    let milliseconds = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    Attempt { at, milliseconds, answered, error }
}

async fn try_to_send(
    state: &State,
    shipment: &Shipment,
    at: DateTime<Utc>,
) -> Result<(u16, Option<Duration>), &'static str> {
    // The settings, or the rules, may have changed since the endpoint was made.
    let url = state.webhooks.policy.url(&shipment.endpoint.url, "/url").map_err(|_faults| "addressNotAllowed")?;
    let body = serde_json::to_string(&shipment.event).map_err(|_error| "event")?;
    let signatures = rules::signatures(&shipment.secrets, &shipment.event.id, at.timestamp(), &body);
    let client = state.webhooks.client().map_err(|_error| "connection")?;
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", &shipment.event.id)
        .header("webhook-timestamp", at.timestamp())
        .header("webhook-signature", signatures)
        .body(body);
    let mut response = request.send().await.map_err(|error| named(&error))?;
    let asked = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| pause_asked_for(text, at));
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > READ_AT_MOST {
            break;
        }
    }
    Ok((response.status().as_u16(), asked))
}

/// `Retry-After`: seconds, or an HTTP date.
fn pause_asked_for(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    (until.to_utc() - now).to_std().ok()
}

fn named(error: &reqwest::Error) -> &'static str {
    match error {
        error if is_blocked(error) => "addressNotAllowed",
        error if error.is_timeout() => "timeout",
        _ => "connection",
    }
}

/// Whether the receiver's name led where nothing may go.
pub(super) fn is_blocked(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<Blocked>() {
            return true;
        }
        cause = error.source();
    }
    false
}

async fn record(tx: &mut Tx<'_>, job: &Job, shipment: &Shipment, attempt: &Attempt, next: Next) -> Result<()> {
    let ours = match next {
        Next::Again(pause) => job.again_at(tx, attempt.at + pause, attempt.error.unwrap_or("status")).await?,
        Next::Delivered | Next::Gone | Next::GiveUp => job.finish(tx).await?,
    };
    let delivery = store::delivery(tx.db(), &shipment.delivery.id).await?;
    // Another process took the job over, or the delivery is gone: what it wrote counts.
    let (true, Some(mut delivery)) = (ours, delivery) else { return Ok(()) };
    delivery.attempts += 1;
    let row = AttemptRow {
        id: tx.id(),
        delivery_id: delivery.id.clone(),
        number: delivery.attempts,
        attempted_at: attempt.at.naive_utc(),
        status: match attempt.answered {
            Answered::Status(status, _) => Some(i64::from(status)),
            Answered::Nothing => None,
        },
        milliseconds: attempt.milliseconds,
        error: attempt.error.map(str::to_owned),
    };
    store::insert_attempt(tx, &row).await?;
    jobs::set_slow(tx, &shipment.endpoint.id, attempt.was_slow()).await?;
    match next {
        Next::Delivered => finish(tx, delivery, WebhookDeliveryState::Delivered).await?,
        Next::Again(pause) => {
            // An operator may have requeued the job of one that was given up.
            delivery.state = WebhookDeliveryState::Pending;
            delivery.finished_at = None;
            delivery.next_attempt_at = Some((attempt.at + pause).naive_utc());
            store::update_delivery(tx, &delivery).await?;
        }
        Next::Gone | Next::GiveUp => fail(tx, delivery).await?,
    }
    judge_endpoint(tx, &shipment.endpoint.id, next).await
}

/// Writes that a delivery is given up whose job is.
pub async fn give_up(tx: &mut Tx<'_>, payload: &str) -> Result<()> {
    let Ok(id) = serde_json::from_str::<String>(payload) else { return Ok(()) };
    match store::delivery(tx.db(), &id).await? {
        Some(delivery) if delivery.state == WebhookDeliveryState::Pending => fail(tx, delivery).await,
        _ => Ok(()),
    }
}

async fn fail(tx: &mut Tx<'_>, delivery: DeliveryRow) -> Result<()> {
    finish(tx, delivery, WebhookDeliveryState::Failed).await
}

async fn finish(tx: &mut Tx<'_>, mut delivery: DeliveryRow, state: WebhookDeliveryState) -> Result<()> {
    delivery.state = state;
    delivery.next_attempt_at = None;
    delivery.finished_at = Some(tx.machine_now().naive_utc());
    store::update_delivery(tx, &delivery).await
}

/// Keeps since when an endpoint fails, and switches it off when its receiver said so or has failed for days.
async fn judge_endpoint(tx: &mut Tx<'_>, id: &str, next: Next) -> Result<()> {
    let Some(endpoint) = store::endpoint(tx.db(), id).await? else { return Ok(()) };
    if endpoint.state != WebhookEndpointState::Enabled {
        return Ok(());
    }
    let now = tx.machine_now().naive_utc();
    let since = endpoint.failing_since;
    let disabled_because = match next {
        Next::Delivered if since.is_none() => return Ok(()),
        Next::Again(_) if since.is_some() => return Ok(()),
        Next::Gone => Some(DisabledBecause::Gone),
        Next::GiveUp if since.is_some_and(|since| now - since >= TimeDelta::days(FAILING_DAYS)) => {
            Some(DisabledBecause::Failing)
        }
        Next::Delivered | Next::Again(_) | Next::GiveUp => None,
    };
    let since = (next != Next::Delivered).then(|| since.unwrap_or(now));
    store::set_failing_since(tx, &endpoint.id, since).await?;
    if let Some(because) = disabled_because
        && store::disable(tx, &endpoint, because).await?
    {
        tx.emit(Topic::WebhookEndpointDisabled, &endpoint);
    }
    Ok(())
}
