//! Queries over webhook endpoints and their deliveries.

use super::model::{
    AttemptRow, DELIVER, DeliveryRow, DisabledBecause, EndpointRow, FanOutRow, SecretRow, WebhookDeliveryState,
    WebhookEndpointState,
};
use crate::access::Viewer;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{
    event_positions, webhook_attempts, webhook_deliveries, webhook_endpoints, webhook_fan_out, webhook_secrets,
};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use crate::vault::{Place, STOCK};
use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable,
    Selectable, SelectableHelper,
};
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use serde_json::json;

/// How many attempts of a delivery are shown.
const SHOWN_ATTEMPTS: i64 = 20;

/// `endpoints_of!(viewer)`: a partner's own; an operator's are those of the marketplace itself, because whoever manages
/// an endpoint is shown its secrets.
macro_rules! endpoints_of {
    ($viewer:expr) => {{
        let rows =
            webhook_endpoints::table.filter(webhook_endpoints::state.ne(WebhookEndpointState::Deleted)).into_boxed();
        match $viewer {
            Viewer::Operator => rows.filter(webhook_endpoints::partner_id.is_null()),
            Viewer::Partner(id) => rows.filter(webhook_endpoints::partner_id.assume_not_null().eq(id)),
            Viewer::Customer(_) | Viewer::Enrolment => rows.filter(webhook_endpoints::id.eq("")),
        }
    }};
}

/// The endpoint with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<EndpointRow> {
    on!(db, c => endpoints_of!(viewer)
        .filter(webhook_endpoints::id.eq(id))
        .select(EndpointRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("webhook_endpoint"))
}

/// A page of the endpoints that these eyes see.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, page: &Page) -> Result<Vec<EndpointRow>> {
    Ok(on!(db, c => endpoints_of!(viewer)
        .filter(webhook_endpoints::id.gt(page.after()))
        .order(webhook_endpoints::id.asc())
        .limit(page.rows())
        .select(EndpointRow::as_select())
        .load(c))?)
}

/// How many endpoints these eyes see.
pub async fn count(viewer: &Viewer, db: &mut Db<'_>) -> Result<i64> {
    Ok(on!(db, c => endpoints_of!(viewer).count().get_result(c))?)
}

/// The enabled endpoints of these partners and of the marketplace itself.
pub async fn enabled_of(db: &mut Db<'_>, partner_ids: &[String]) -> Result<Vec<EndpointRow>> {
    Ok(on!(db, c => webhook_endpoints::table
        .filter(webhook_endpoints::state.eq(WebhookEndpointState::Enabled))
        .filter(
            webhook_endpoints::partner_id
                .is_null()
                .or(webhook_endpoints::partner_id.assume_not_null().eq_any(partner_ids)),
        )
        .select(EndpointRow::as_select())
        .load(c))?)
}

/// Adds an endpoint.
pub async fn insert(tx: &mut Tx<'_>, row: &EndpointRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(webhook_endpoints::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed endpoint.
pub async fn update(tx: &mut Tx<'_>, row: &EndpointRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(webhook_endpoints::table.find(&row.id)).set(row).execute(c))?;
    Ok(())
}

/// Keeps since when an endpoint fails.
pub async fn set_failing_since(tx: &mut Tx<'_>, id: &str, since: Option<NaiveDateTime>) -> Result<()> {
    on!(tx.db(), c => diesel::update(webhook_endpoints::table.find(id))
        .set(webhook_endpoints::failing_since.eq(since))
        .execute(c))?;
    Ok(())
}

/// Switches an endpoint off, unless its owner has changed it meanwhile.
pub async fn disable(tx: &mut Tx<'_>, endpoint: &EndpointRow, because: DisabledBecause) -> Result<bool> {
    let present = webhook_endpoints::table.find(&endpoint.id).filter(webhook_endpoints::version.eq(endpoint.version));
    let changed = on!(tx.db(), c => diesel::update(present)
        .set((
            webhook_endpoints::state.eq(WebhookEndpointState::Disabled),
            webhook_endpoints::disabled_because.eq(Some(because)),
            webhook_endpoints::version.eq(endpoint.version + 1),
        ))
        .execute(c))?;
    Ok(changed == 1)
}

/// Where a secret stands in the vault.
fn place<'a>(secret_id: &'a str, partner_id: Option<&'a str>) -> Place<'a> {
    Place { column: "webhook_secrets.sealed", row: secret_id, owner: partner_id.unwrap_or(STOCK) }
}

/// Gives an endpoint a new secret. The older ones end at `older_end`, and those beyond the last one at once: no more
/// than two sign.
pub async fn add_secret(tx: &mut Tx<'_>, endpoint: &EndpointRow, older_end: Instant) -> Result<[u8; 32]> {
    let now = tx.machine_now().naive_utc();
    let mut older = live_secrets(tx.db(), &endpoint.id, now).await?;
    let last = older.pop();
    for secret in older {
        on!(tx.db(), c => diesel::delete(webhook_secrets::table.find(&secret.id)).execute(c))?;
    }
    if let Some(last) = last {
        let end = last.expires_at.map_or(older_end.naive_utc(), |end| end.min(older_end.naive_utc()));
        on!(tx.db(), c => diesel::update(webhook_secrets::table.find(&last.id))
            .set(webhook_secrets::expires_at.eq(Some(end)))
            .execute(c))?;
    }
    let (id, secret) = (tx.id(), crate::vault::random_bytes()?);
    let sealed = tx.vault().seal(&secret, place(&id, endpoint.partner_id.as_deref()))?;
    let row = SecretRow { id, endpoint_id: endpoint.id.clone(), sealed, created_at: now, expires_at: None };
    on!(tx.db(), c => diesel::insert_into(webhook_secrets::table).values(&row).execute(c))?;
    Ok(secret)
}

async fn live_secrets(db: &mut Db<'_>, endpoint_id: &str, now: NaiveDateTime) -> Result<Vec<SecretRow>> {
    Ok(on!(db, c => webhook_secrets::table
        .filter(webhook_secrets::endpoint_id.eq(endpoint_id))
        .filter(webhook_secrets::expires_at.is_null().or(webhook_secrets::expires_at.assume_not_null().gt(now)))
        .order((webhook_secrets::created_at.asc(), webhook_secrets::id.asc()))
        .select(SecretRow::as_select())
        .load(c))?)
}

/// The secrets that sign for an endpoint now, newest first.
pub async fn secrets(
    db: &mut Db<'_>,
    vault: &crate::vault::Vault,
    endpoint: &EndpointRow,
    now: Instant,
) -> Result<Vec<Vec<u8>>> {
    let rows = live_secrets(db, &endpoint.id, now.naive_utc()).await?;
    let open = |row: &SecretRow| {
        vault.open(&row.sealed, place(&row.id, endpoint.partner_id.as_deref())).map(|secret| secret.to_vec())
    };
    rows.iter().rev().map(open).collect()
}

/// Deletes all secrets of an endpoint.
pub async fn delete_secrets(tx: &mut Tx<'_>, endpoint_id: &str) -> Result<()> {
    on!(tx.db(), c => diesel::delete(webhook_secrets::table.filter(webhook_secrets::endpoint_id.eq(endpoint_id)))
        .execute(c))?;
    Ok(())
}

/// An event of the feed.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = event_positions)]
pub struct Placed {
    /// Its place.
    pub position: i64,
    /// Its id.
    pub event_id: String,
    /// What happened.
    pub topic: String,
    /// The transacting partner.
    pub partner_id: Option<String>,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
}

/// How far the feed has been told.
pub async fn told(db: &mut Db<'_>) -> Result<FanOutRow> {
    Ok(on!(db, c => webhook_fan_out::table.find(1).select(FanOutRow::as_select()).first(c))?)
}

/// Writes how far the feed has been told.
pub async fn set_told(tx: &mut Tx<'_>, row: &FanOutRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(webhook_fan_out::table.find(1)).set(row).execute(c))?;
    Ok(())
}

/// Whether the feed goes on beyond what has been told.
pub async fn is_any_untold(db: &mut Db<'_>) -> Result<bool> {
    let told = told(db).await?;
    Ok(!untold(db, told.position, 1).await?.is_empty())
}

/// Events of the feed beyond this place, in their order.
pub async fn untold(db: &mut Db<'_>, position: i64, most: i64) -> Result<Vec<Placed>> {
    Ok(on!(db, c => event_positions::table
        .filter(event_positions::position.gt(position))
        .order(event_positions::position.asc())
        .limit(most)
        .select(Placed::as_select())
        .load(c))?)
}

fn new_delivery(tx: &Tx<'_>, endpoint: &EndpointRow, event_id: &str, event_type: &str) -> DeliveryRow {
    let now = tx.machine_now().naive_utc();
    DeliveryRow {
        id: tx.id(),
        endpoint_id: endpoint.id.clone(),
        event_id: event_id.to_owned(),
        event_type: event_type.to_owned(),
        state: WebhookDeliveryState::Pending,
        attempts: 0,
        next_attempt_at: Some(now),
        finished_at: None,
        created_at: now,
    }
}

/// Begins deliveries, each with the job of its first attempt; nothing where there is one already: the job of one that
/// was not written finds nothing to do.
pub async fn begin_all(tx: &mut Tx<'_>, begun: &[(&EndpointRow, &Placed)]) -> Result<()> {
    if begun.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for (endpoint, event) in begun {
        let row = new_delivery(tx, endpoint, &event.event_id, &event.topic);
        tx.enqueue(DELIVER, endpoint.party(), &endpoint.id, json!(row.id), tx.machine_now());
        rows.push(row);
    }
    let table = webhook_deliveries::table;
    match tx.db() {
        Db::Pg(shared) => {
            diesel::insert_into(table).values(&rows).on_conflict_do_nothing().execute(&mut { *shared }).await?;
        }
        // Its statements are prepared once, and take microseconds.
        Db::Sqlite(own) => {
            for row in &rows {
                diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(own).await?;
            }
        }
    }
    Ok(())
}

/// Begins the delivery of an event to this endpoint alone.
pub async fn begin(tx: &mut Tx<'_>, endpoint: &EndpointRow, event_id: &str, event_type: &str) -> Result<DeliveryRow> {
    let row = new_delivery(tx, endpoint, event_id, event_type);
    on!(tx.db(), c => diesel::insert_into(webhook_deliveries::table).values(&row).execute(c))?;
    tx.enqueue(DELIVER, endpoint.party(), &endpoint.id, json!(row.id), tx.machine_now());
    Ok(row)
}

/// Begins a delivery that had ended again.
pub async fn begin_again(tx: &mut Tx<'_>, endpoint: &EndpointRow, row: &mut DeliveryRow) -> Result<()> {
    let now = tx.machine_now();
    row.state = WebhookDeliveryState::Pending;
    row.next_attempt_at = Some(now.naive_utc());
    row.finished_at = None;
    update_delivery(tx, row).await?;
    tx.enqueue(DELIVER, endpoint.party(), &endpoint.id, json!(row.id), now);
    Ok(())
}

/// The delivery with this id.
pub async fn delivery(db: &mut Db<'_>, id: &str) -> Result<Option<DeliveryRow>> {
    Ok(on!(db, c => webhook_deliveries::table.find(id).select(DeliveryRow::as_select()).first(c)).optional()?)
}

/// The endpoint with this id, whoever's it is: for the job that delivers to it.
pub async fn endpoint(db: &mut Db<'_>, id: &str) -> Result<Option<EndpointRow>> {
    Ok(on!(db, c => webhook_endpoints::table.find(id).select(EndpointRow::as_select()).first(c)).optional()?)
}

/// A page of an endpoint's deliveries.
pub async fn deliveries(
    db: &mut Db<'_>,
    endpoint: &EndpointRow,
    state: Option<WebhookDeliveryState>,
    page: &Page,
) -> Result<Vec<DeliveryRow>> {
    Ok(on!(db, c => {
        let mut rows = webhook_deliveries::table
            .filter(webhook_deliveries::endpoint_id.eq(&endpoint.id))
            .filter(webhook_deliveries::id.gt(page.after()))
            .into_boxed();
        if let Some(state) = state {
            rows = rows.filter(webhook_deliveries::state.eq(state));
        }
        rows.order(webhook_deliveries::id.asc()).limit(page.rows()).select(DeliveryRow::as_select()).load(c)
    })?)
}

/// Writes a changed delivery.
pub async fn update_delivery(tx: &mut Tx<'_>, row: &DeliveryRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(webhook_deliveries::table.find(&row.id)).set(row).execute(c))?;
    Ok(())
}

/// The newest attempts of a delivery, oldest first.
pub async fn attempts(db: &mut Db<'_>, delivery_id: &str) -> Result<Vec<AttemptRow>> {
    let mut rows: Vec<AttemptRow> = on!(db, c => webhook_attempts::table
        .filter(webhook_attempts::delivery_id.eq(delivery_id))
        .order(webhook_attempts::number.desc())
        .limit(SHOWN_ATTEMPTS)
        .select(AttemptRow::as_select())
        .load(c))?;
    rows.reverse();
    Ok(rows)
}

/// Adds an attempt.
pub async fn insert_attempt(tx: &mut Tx<'_>, row: &AttemptRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(webhook_attempts::table).values(row).execute(c))?;
    Ok(())
}

/// How many deliveries are under way.
pub(super) async fn count_pending(db: &mut Db<'_>) -> Result<i64> {
    Ok(on!(db, c => webhook_deliveries::table
        // In words of the index that holds these alone.
        .filter(sql::<Bool>("state = 'pending'"))
        .count()
        .get_result(c))?)
}

/// Forgets some deliveries that ended before this instant; answers how many.
pub async fn forget_before(tx: &mut Tx<'_>, instant: Instant, most: i64) -> Result<usize> {
    let old: Vec<String> = on!(tx.db(), c => webhook_deliveries::table
        .filter(webhook_deliveries::created_at.lt(instant.naive_utc()))
        .filter(sql::<Bool>("state <> 'pending'"))
        .order(webhook_deliveries::created_at.asc())
        .limit(most)
        .select(webhook_deliveries::id)
        .load(c))?;
    on!(tx.db(), c => diesel::delete(webhook_attempts::table.filter(webhook_attempts::delivery_id.eq_any(&old)))
        .execute(c))?;
    on!(tx.db(), c => diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::id.eq_any(&old)))
        .execute(c))?;
    Ok(old.len())
}
