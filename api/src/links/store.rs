//! Queries over links and invitations.

use super::model::{InvitationRow, InvitationState, LinkParty, LinkRole, LinkRow, LinkState};
use crate::access::Viewer;
use crate::clock::Instant;
use crate::customers::CustomerRow;
use crate::db::Db;
use crate::db::schema::{
    customers, indirect_provider_invitations as invitations, indirect_provider_links as links, partners, relationships,
};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use crate::personal_link::digest_of;
use crate::relationships::RelationshipState;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// `links_of!(viewer)`: both sides see a link; the reseller from when the invitation names it or it has answered.
macro_rules! links_of {
    ($viewer:expr) => {{
        let rows = links::table.select(LinkRow::as_select()).into_boxed();
        match $viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => {
                rows.filter(links::provider_id.eq(id).or(links::reseller_id.assume_not_null().eq(id)))
            }
            Viewer::Customer(_) | Viewer::Enrolment => rows.filter(links::id.eq("")),
        }
    }};
}

/// The link with this id, for these eyes.
pub async fn find_for(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<LinkRow> {
    on!(db, c => links_of!(viewer).filter(links::id.eq(id)).first(c)).optional()?.ok_or_else(unknown)
}

/// What is answered for a link that is not there, or somebody else's.
pub(super) fn unknown() -> Error {
    Error::not_found("indirect provider link")
}

/// A page of the links that these eyes see.
pub(super) async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    role: Option<LinkRole>,
    state: Option<LinkState>,
    page: &Page,
) -> Result<Vec<LinkRow>> {
    let own = if let Viewer::Partner(id) = viewer { id.as_str() } else { "" };
    Ok(on!(db, c => {
        let mut rows = links_of!(viewer).filter(links::id.gt(page.after()));
        rows = match role {
            Some(LinkRole::Provider) => rows.filter(links::provider_id.eq(own)),
            Some(LinkRole::Reseller) => rows.filter(links::reseller_id.assume_not_null().eq(own)),
            None => rows,
        };
        if let Some(state) = state {
            rows = rows.filter(links::state.eq(state));
        }
        rows.order(links::id.asc()).limit(page.rows()).load(c)
    })?)
}

/// The live link of this pair (LNK-11). For the house itself.
pub async fn live_between(db: &mut Db<'_>, provider_id: &str, reseller_id: &str) -> Result<Option<LinkRow>> {
    Ok(on!(db, c => links::table
        .filter(links::provider_id.eq(provider_id))
        .filter(links::reseller_id.assume_not_null().eq(reseller_id))
        .filter(links::state.eq(LinkState::Active))
        .select(LinkRow::as_select())
        .first(c))
    .optional()?)
}

/// Whether the pair has a live link.
pub async fn is_live(db: &mut Db<'_>, provider_id: &str, reseller_id: &str) -> Result<bool> {
    Ok(live_between(db, provider_id, reseller_id).await?.is_some())
}

/// Keeps the live link of a pair as it is until this transaction is over, for what is sold through it: whoever ends it
/// waits, and who comes after the end finds it ended (LNK-10). PostgreSQL would else put a sale before an end that was
/// there first. On SQLite only one writes at a time.
pub async fn hold(tx: &mut Tx<'_>, provider_id: &str, reseller_id: &str) -> Result<()> {
    if let Db::Pg(shared) = tx.db() {
        let _held: Vec<String> = links::table
            .filter(links::provider_id.eq(provider_id))
            .filter(links::reseller_id.assume_not_null().eq(reseller_id))
            .filter(links::state.eq(LinkState::Active))
            .select(links::id)
            .for_share()
            .load(&mut { *shared })
            .await?;
    }
    Ok(())
}

/// The providers that a reseller has live links with, oldest link first.
pub async fn live_providers_of(db: &mut Db<'_>, reseller_id: &str) -> Result<Vec<String>> {
    Ok(on!(db, c => links::table
        .filter(links::reseller_id.assume_not_null().eq(reseller_id))
        .filter(links::state.eq(LinkState::Active))
        .order(links::id.asc())
        .select(links::provider_id)
        .load(c))?)
}

/// The invitation with this secret, and its link. For whoever holds the secret.
pub(super) async fn by_token(db: &mut Db<'_>, token: &str) -> Result<Option<(LinkRow, InvitationRow)>> {
    let digest = digest_of(token);
    Ok(on!(db, c => invitations::table
        .inner_join(links::table.on(links::id.eq(invitations::link_id)))
        .filter(invitations::digest.eq(&digest))
        .select((LinkRow::as_select(), InvitationRow::as_select()))
        .first(c))
    .optional()?)
}

/// All invitations of these links, oldest first.
pub(super) async fn invitations_of(db: &mut Db<'_>, of: &[LinkRow]) -> Result<Vec<InvitationRow>> {
    let ids: Vec<&str> = of.iter().map(|link| link.id.as_str()).collect();
    Ok(on!(db, c => invitations::table
        .filter(invitations::link_id.eq_any(&ids))
        .order(invitations::id.asc())
        .select(InvitationRow::as_select())
        .load(c))?)
}

/// The newest invitation of a link: every link has one.
pub(super) async fn newest_invitation(db: &mut Db<'_>, link: &LinkRow) -> Result<InvitationRow> {
    Ok(on!(db, c => invitations::table
        .filter(invitations::link_id.eq(&link.id))
        .order(invitations::id.desc())
        .select(InvitationRow::as_select())
        .first(c))?)
}

/// The companies of these links.
pub(super) async fn parties_of(db: &mut Db<'_>, of: &[LinkRow]) -> Result<Vec<LinkParty>> {
    let ids: Vec<&str> =
        of.iter().flat_map(|link| [Some(link.provider_id.as_str()), link.reseller_id.as_deref()]).flatten().collect();
    type Columns = (String, String, String, Option<String>);
    let rows: Vec<Columns> = on!(db, c => partners::table
        .filter(partners::id.eq_any(&ids))
        .select((partners::id, partners::legal_name, partners::country, partners::partner_location_id))
        .load(c))?;
    let party =
        |(id, legal_name, country, partner_location_id)| LinkParty { id, legal_name, country, partner_location_id };
    Ok(rows.into_iter().map(party).collect())
}

/// A page of the customers that have accepted both sides of a live link (LNK-07).
pub(super) async fn shared_customers(db: &mut Db<'_>, link: &LinkRow, page: &Page) -> Result<Vec<CustomerRow>> {
    let (Some(reseller_id), LinkState::Active) = (&link.reseller_id, link.state) else {
        return Ok(Vec::new());
    };
    macro_rules! who_accepted {
        ($partner:expr) => {
            relationships::table
                .filter(relationships::partner_id.eq($partner))
                .filter(relationships::state.eq(RelationshipState::Accepted))
                .select(relationships::customer_id)
        };
    }
    Ok(on!(db, c => customers::table
        .filter(customers::id.eq_any(who_accepted!(&link.provider_id)))
        .filter(customers::id.eq_any(who_accepted!(reseller_id)))
        .filter(customers::id.gt(page.after()))
        .order(customers::id.asc())
        .limit(page.rows())
        .select(CustomerRow::as_select())
        .load(c))?)
}

/// Invitations that ran out by this instant and are still open.
pub(super) async fn run_out(db: &mut Db<'_>, now: Instant, most: i64) -> Result<Vec<(LinkRow, InvitationRow)>> {
    Ok(on!(db, c => invitations::table
        .inner_join(links::table.on(links::id.eq(invitations::link_id)))
        .filter(invitations::state.eq(InvitationState::Pending))
        .filter(invitations::expires_at.le(now.naive_utc()))
        .order((invitations::expires_at.asc(), invitations::id.asc()))
        .limit(most)
        .select((LinkRow::as_select(), InvitationRow::as_select()))
        .load(c))?)
}

/// When an open invitation runs out next.
pub async fn next_expiry(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let next: Option<chrono::NaiveDateTime> = on!(db, c => invitations::table
        .filter(invitations::state.eq(InvitationState::Pending))
        .order(invitations::expires_at.asc())
        .select(invitations::expires_at)
        .first(c))
    .optional()?;
    Ok(next.map(|at| at.and_utc()))
}

/// Adds a link.
pub(super) async fn insert(tx: &mut Tx<'_>, row: &LinkRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(links::table).values(row).execute(c))?;
    Ok(())
}

/// Adds an invitation.
pub(super) async fn insert_invitation(tx: &mut Tx<'_>, row: &InvitationRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(invitations::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed link, in its next version.
pub(super) async fn update(tx: &mut Tx<'_>, row: &mut LinkRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(links::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// Writes a changed invitation.
pub(super) async fn update_invitation(tx: &mut Tx<'_>, row: &InvitationRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(invitations::table.find(&row.id)).set(row).execute(c))?;
    Ok(())
}
