//! Queries over relationship requests.

use super::model::RelationshipRow;
use super::request::{PartyRow, RelationshipRequestState, RequestRow, StoredState};
use crate::access::Viewer;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{partners, relationship_request_parties, relationship_requests};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use crate::partners::PartnerRow;
use diesel::prelude::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// `requests_of!(viewer)`: every party sees a request, the operator all of them.
macro_rules! requests_of {
    ($viewer:expr) => {{
        let rows = relationship_requests::table.into_boxed();
        match $viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => rows.filter(
                relationship_requests::id.eq_any(
                    relationship_request_parties::table
                        .filter(relationship_request_parties::partner_id.eq(id))
                        .select(relationship_request_parties::request_id),
                ),
            ),
            Viewer::Customer(_) | Viewer::Enrolment => rows.filter(relationship_requests::id.eq("")),
        }
    }};
}

/// The request with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<RequestRow> {
    on!(db, c => requests_of!(viewer)
        .filter(relationship_requests::id.eq(id))
        .select(RequestRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("relationship request"))
}

/// The request with this id. For the house itself.
pub async fn get(db: &mut Db<'_>, id: &str) -> Result<RequestRow> {
    on!(db, c => relationship_requests::table.find(id).select(RequestRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("relationship request"))
}

/// A page of the requests that these eyes see, in the state that they have at this instant.
pub async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    state: Option<RelationshipRequestState>,
    now: Instant,
    page: &Page,
) -> Result<Vec<RequestRow>> {
    use RelationshipRequestState as State;
    Ok(on!(db, c => {
        let mut rows = requests_of!(viewer).filter(relationship_requests::id.gt(page.after()));
        if let Some(state) = state {
            let stored = match state {
                State::Requested | State::Expired => StoredState::Requested,
                State::Accepted => StoredState::Accepted,
                State::Declined => StoredState::Declined,
                State::Withdrawn => StoredState::Withdrawn,
            };
            rows = rows.filter(relationship_requests::state.eq(stored));
            match state {
                State::Requested => rows = rows.filter(relationship_requests::expires_at.gt(now.naive_utc())),
                State::Expired => rows = rows.filter(relationship_requests::expires_at.le(now.naive_utc())),
                State::Accepted | State::Declined | State::Withdrawn => {}
            }
        }
        rows.order(relationship_requests::id.asc()).limit(page.rows()).select(RequestRow::as_select()).load(c)
    })?)
}

/// Requests whose time was over at this instant, and whose parties were not told yet.
pub async fn run_out(db: &mut Db<'_>, now: Instant, most: i64) -> Result<Vec<RequestRow>> {
    Ok(on!(db, c => relationship_requests::table
        .filter(relationship_requests::state.eq(StoredState::Requested))
        .filter(relationship_requests::expiry_told.eq(false))
        .filter(relationship_requests::expires_at.le(now.naive_utc()))
        .order((relationship_requests::expires_at.asc(), relationship_requests::id.asc()))
        .limit(most)
        .select(RequestRow::as_select())
        .load(c))?)
}

/// When a request runs out next whose parties were not told yet.
pub async fn next_expiry(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let next: Option<chrono::NaiveDateTime> = on!(db, c => relationship_requests::table
        .filter(relationship_requests::state.eq(StoredState::Requested))
        .filter(relationship_requests::expiry_told.eq(false))
        .order(relationship_requests::expires_at.asc())
        .select(relationship_requests::expires_at)
        .first(c))
    .optional()?;
    Ok(next.map(|at| at.and_utc()))
}

/// What an organisation was asked and has not answered. For the house itself.
pub async fn open_requests_of(db: &mut Db<'_>, customer_id: &str) -> Result<Vec<RequestRow>> {
    Ok(on!(db, c => relationship_requests::table
        .filter(relationship_requests::customer_id.eq(customer_id))
        .filter(relationship_requests::state.eq(StoredState::Requested))
        .order(relationship_requests::id.asc())
        .select(RequestRow::as_select())
        .load(c))?)
}

/// Whether an organisation was asked to accept this partner, can still answer, and has not. For the house itself.
pub async fn is_asked(db: &mut Db<'_>, customer_id: &str, partner_id: &str, now: Instant) -> Result<bool> {
    let open: i64 = on!(db, c => relationship_requests::table
        .inner_join(relationship_request_parties::table
            .on(relationship_request_parties::request_id.eq(relationship_requests::id)))
        .filter(relationship_requests::customer_id.eq(customer_id))
        .filter(relationship_requests::state.eq(StoredState::Requested))
        .filter(relationship_requests::expires_at.gt(now.naive_utc()))
        .filter(relationship_request_parties::partner_id.eq(partner_id))
        .count()
        .get_result(c))?;
    Ok(open > 0)
}

/// The request whose link has a token with this digest. For whoever holds the link.
pub async fn by_digest(db: &mut Db<'_>, digest: &str) -> Result<Option<RequestRow>> {
    Ok(on!(db, c => relationship_requests::table
        .filter(relationship_requests::digest.eq(digest))
        .select(RequestRow::as_select())
        .first(c))
    .optional()?)
}

/// The parties of a request that was found, in the order in which they were named.
pub async fn parties_of(db: &mut Db<'_>, request: &RequestRow) -> Result<Vec<(PartyRow, PartnerRow)>> {
    Ok(on!(db, c => relationship_request_parties::table
        .inner_join(partners::table.on(partners::id.eq(relationship_request_parties::partner_id)))
        .filter(relationship_request_parties::request_id.eq(&request.id))
        .order(relationship_request_parties::id.asc())
        .limit(10)
        .select((PartyRow::as_select(), PartnerRow::as_select()))
        .load::<(PartyRow, PartnerRow)>(c))?)
}

/// Adds a request with its parties.
pub async fn insert(tx: &mut Tx<'_>, row: &RequestRow, parties: &[PartyRow]) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(relationship_requests::table).values(row).execute(c))?;
    for party in parties {
        on!(tx.db(), c => diesel::insert_into(relationship_request_parties::table).values(party).execute(c))?;
    }
    Ok(())
}

/// Writes a changed request.
pub async fn update(tx: &mut Tx<'_>, row: &RequestRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(relationship_requests::table.find(&row.id)).set(row).execute(c))?;
    Ok(())
}

/// Records what came of a request for one party (LNK-08).
pub async fn record_acceptance(tx: &mut Tx<'_>, party: &PartyRow, accepted: &RelationshipRow) -> Result<()> {
    let now = tx.now().naive_utc();
    on!(tx.db(), c => diesel::update(relationship_request_parties::table.find(&party.id))
        .set((
            relationship_request_parties::relationship_id.eq(&accepted.id),
            relationship_request_parties::accepted_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}
