//! The operations over events.

use super::model::{Event, EventPage, ListEvents};
use super::store;
use crate::access::permits::EventsRead;
use crate::access::{Caller, Permit};
use crate::error::Result;
use crate::http::{Problems, Query};
use crate::state::App;
use actix_web::get;
use actix_web::web::Json;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_events);
}

/// List what happened, oldest first.
///
/// A feed to follow: read pages until `nextCursor` is null, keep the id of the last event, and ask again later with
/// `after`. No event is ever skipped, also not one whose transaction committed late; each appears within a second or
/// two. Webhooks bring the same events.
#[utoipa::path(tag = "events", security(("oauth2" = [EventsRead::NAME])), params(ListEvents),
    responses((status = 200, description = "A page of events.", body = EventPage), Problems))]
#[get("/v1/events")]
async fn list_events(app: App, caller: Caller<EventsRead>, query: Query<ListEvents>) -> Result<Json<EventPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(caller.viewer(), &mut reader.db()?, &query, &page).await?;
    let (rows, next_cursor) = page.cut_at(&app.vault, rows, |(_, position)| position.to_string())?;
    let items = rows.into_iter().map(|(row, _)| Event::try_from(row)).collect::<Result<_>>()?;
    Ok(Json(EventPage { items, next_cursor }))
}
