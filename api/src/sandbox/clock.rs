//! The business clock of a sandbox (PLT-08): it follows the machine until it is set, and then stands still.

use crate::clock::Instant;
use crate::db::schema::sandbox_clock;
use crate::db::write::{Actor, Subject, Tx, business_now};
use crate::error::{Code, Error, Result};
use crate::http::context::Public;
use crate::http::{Body, Problems};
use crate::state::{App, State};
use crate::topic::Topic;
use crate::{jobs, on};
use actix_web::web::Json;
use actix_web::{get, put};
use chrono::{DateTime, Utc};
use diesel::prelude::{ExpressionMethods, Insertable};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(get_sandbox_clock).service(set_sandbox_clock);
}

/// The business clock.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SandboxClock {
    /// What the clock says.
    pub now: DateTime<Utc>,
}

/// Where to move the clock.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetSandboxClock {
    /// The new instant: not before the present one.
    pub now: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = sandbox_clock, treat_none_as_default_value = false)]
struct ClockRow {
    id: i64,
    now: chrono::NaiveDateTime,
}

struct TheClock;

impl Subject for TheClock {
    fn object_id(&self) -> &str {
        "clock"
    }
    fn partner_id(&self) -> Option<&str> {
        None
    }
}

/// Get the business clock of the sandbox.
///
/// Business time: what is dated by it is orders, terms, windows and renewals. Tokens and limits go by real time.
#[utoipa::path(tag = "sandbox", security(()),
    responses((status = 200, description = "The clock.", body = SandboxClock), Problems))]
#[get("/v1/sandbox/clock")]
async fn get_sandbox_clock(app: App, _public: Public) -> Result<Json<SandboxClock>> {
    app.only_in_a_sandbox()?;
    let mut reader = app.read().await?;
    let now = business_now(&mut reader.db()?).await?;
    Ok(Json(SandboxClock { now }))
}

/// Move the business clock of the sandbox forward.
///
/// It never goes back. What falls due on the way is done before the answer comes, each at its own instant.
#[utoipa::path(tag = "sandbox", request_body = SetSandboxClock, security(()),
    responses((status = 200, description = "The clock as it is now.", body = SandboxClock), Problems))]
#[put("/v1/sandbox/clock")]
async fn set_sandbox_clock(app: App, _public: Public, body: Body<SetSandboxClock>) -> Result<Json<SandboxClock>> {
    app.only_in_a_sandbox()?;
    let _moving = app.clock_is_moving.try_lock().map_err(|_held| Error::new(Code::ClockBusy))?;
    let wanted = chrono::SubsecRound::trunc_subsecs(body.now, 6);
    let mut reader = app.read().await?;
    let now = business_now(&mut reader.db()?).await?;
    drop(reader);
    if wanted < now {
        return Err(Error::new(Code::ClockCannotGoBack).with("now", now));
    }
    step_to(&app, wanted).await?;
    app.write(&Actor::house("set_sandbox_clock"), async |tx| {
        stand_at(tx, wanted).await?;
        tx.emit(Topic::SandboxClockMoved, &TheClock);
        Ok(())
    })
    .await?;
    jobs::run_due(&app).await?;
    Ok(Json(SandboxClock { now: wanted }))
}

/// Stops at every instant on the way at which something falls due, and does it then.
async fn step_to(app: &State, wanted: Instant) -> Result<()> {
    loop {
        let mut reader = app.read().await?;
        let mut db = reader.db()?;
        let now = business_now(&mut db).await?;
        let next = jobs::next_dated(&mut db).await?.filter(|at| *at <= wanted);
        drop(reader);
        let Some(next) = next else { return Ok(()) };
        app.write(&Actor::house("step_sandbox_clock"), async |tx| stand_at(tx, next.max(now)).await).await?;
        jobs::do_dated(app).await?;
    }
}

/// From now on the clock stands there.
async fn stand_at(tx: &mut Tx<'_>, at: Instant) -> Result<()> {
    let row = ClockRow { id: 1, now: at.naive_utc() };
    on!(tx.db(), c => diesel::insert_into(sandbox_clock::table)
        .values(&row)
        .on_conflict(sandbox_clock::id)
        .do_update()
        .set(sandbox_clock::now.eq(row.now))
        .execute(c))?;
    Ok(())
}
