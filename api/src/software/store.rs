//! Queries over bought software and keys.

use super::model::{EntitlementRow, EntitlementState, KeyRow, KeyState, NewEntitlement, NewKeyReveal};
use super::{downloads, shares, stock};
use crate::access::Viewer;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{entitlements, key_reveals, product_keys};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::{catalog, on, seen_by};
use chrono::NaiveDateTime;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// The software with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<EntitlementRow> {
    on!(db, c => seen_by!(entitlements, viewer)
        .filter(entitlements::id.eq(id))
        .select(EntitlementRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("entitlement"))
}

/// A page of all software bought for a customer, cancelled items too (SWK-01).
pub async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    customer_id: &str,
    state: Option<EntitlementState>,
    page: &Page,
) -> Result<Vec<EntitlementRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(entitlements, viewer)
            .filter(entitlements::customer_id.eq(customer_id))
            .filter(entitlements::id.gt(page.after()));
        if let Some(state) = state {
            rows = rows.filter(entitlements::state.eq(state));
        }
        rows.order(entitlements::id.asc()).limit(page.rows()).select(EntitlementRow::as_select()).load(c)
    })?)
}

/// How much of a customer's software lives, or waits for its keys, for these eyes.
pub async fn live_of_customer(viewer: &Viewer, db: &mut Db<'_>, customer_id: &str) -> Result<i64> {
    Ok(on!(db, c => seen_by!(entitlements, viewer)
        .filter(entitlements::customer_id.eq(customer_id))
        .filter(entitlements::state.ne(EntitlementState::Cancelled))
        .count()
        .get_result(c))?)
}

/// The keys that were issued for software that was found.
pub async fn keys_of(db: &mut Db<'_>, entitlements: &[EntitlementRow]) -> Result<Vec<KeyRow>> {
    let ids: Vec<&str> = entitlements.iter().map(|row| row.id.as_str()).collect();
    Ok(on!(db, c => product_keys::table
        .filter(product_keys::entitlement_id.assume_not_null().eq_any(&ids))
        .limit(200)
        .select(KeyRow::as_select())
        .load(c))?)
}

/// The key that was issued for a purchase.
pub async fn key_of(db: &mut Db<'_>, entitlement_id: &str) -> Result<Option<KeyRow>> {
    Ok(on!(db, c => product_keys::table
        .filter(product_keys::entitlement_id.eq(entitlement_id))
        .select(KeyRow::as_select())
        .first(c))
    .optional()?)
}

/// Writes what was decided about a key.
pub async fn issue(tx: &mut Tx<'_>, key: &KeyRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(product_keys::table.find(&key.id))
        .set((
            product_keys::sealed.eq(&key.sealed),
            product_keys::owner.eq(&key.owner),
            product_keys::state.eq(key.state),
            product_keys::entitlement_id.eq(&key.entitlement_id),
            product_keys::revealed_at.eq(key.revealed_at),
            product_keys::language.eq(&key.language),
            product_keys::bitness.eq(key.bitness),
        ))
        .execute(c))?;
    Ok(())
}

/// Whose reveals are counted together.
pub enum Revealers<'a> {
    /// Those of one API client.
    Client(&'a str),
    /// Those of all clients of one partner.
    Partner(&'a str),
}

/// When the newest reveal was, leaving out so many of the newest, if it was after this instant.
pub async fn newest_reveal_but(
    db: &mut Db<'_>,
    whose: Revealers<'_>,
    after: Instant,
    left_out: u32,
) -> Result<Option<Instant>> {
    let at: Option<NaiveDateTime> = on!(db, c => {
        let mut reveals = key_reveals::table.filter(key_reveals::revealed_at.gt(after.naive_utc())).into_boxed();
        reveals = match whose {
            Revealers::Client(id) => reveals.filter(key_reveals::client_id.eq(id)),
            Revealers::Partner(id) => reveals.filter(key_reveals::partner_id.eq(id)),
        };
        reveals.order(key_reveals::revealed_at.desc()).offset(left_out.into()).select(key_reveals::revealed_at).first(c)
    })
    .optional()?;
    Ok(at.map(|at| at.and_utc()))
}

/// Writes down that a key was shown.
pub async fn note_reveal(tx: &mut Tx<'_>, row: NewKeyReveal) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(key_reveals::table).values(&row).execute(c))?;
    Ok(())
}

/// Records that software was bought.
pub async fn grant(tx: &mut Tx<'_>, new: NewEntitlement) -> Result<()> {
    let now = tx.now().naive_utc();
    let product = catalog::product(tx.db(), &new.offer.product_id).await?;
    let product_version = product.as_ref().map(catalog::ProductRow::newest).transpose()?.flatten();
    let license = new.offer.license.ok_or_else(|| Error::internal(format!("offer {} is no software", new.offer.id)))?;
    let row = EntitlementRow {
        id: new.id,
        partner_id: new.partner_id,
        partner_of_record_id: new.partner_of_record_id,
        customer_id: new.customer_id,
        tenant_id: new.tenant_id,
        order_id: new.order_id,
        order_line_id: new.order_line_id,
        offer_id: new.offer.id,
        product_id: new.offer.product_id,
        name: new.offer.name,
        friendly_name: None,
        license,
        quantity: new.quantity,
        state: new.state,
        version: 1,
        created_at: now,
        purchased_at: (new.state == EntitlementState::Active).then_some(now),
        cancelled_at: None,
        product_version,
    };
    on!(tx.db(), c => diesel::insert_into(entitlements::table).values(&row).execute(c))?;
    Ok(())
}

/// What waited for keys can be used: this is the instant of the purchase (REF-01).
pub async fn activate(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let now = tx.now().naive_utc();
    on!(tx.db(), c => diesel::update(entitlements::table.find(id))
        .set((
            entitlements::state.eq(EntitlementState::Active),
            entitlements::purchased_at.eq(Some(now)),
            entitlements::version.eq(entitlements::version + 1),
        ))
        .execute(c))?;
    Ok(())
}

/// Gives software another name.
pub async fn rename(tx: &mut Tx<'_>, row: &EntitlementRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(entitlements::table.find(&row.id))
        .set((entitlements::friendly_name.eq(&row.friendly_name), entitlements::version.eq(row.version)))
        .execute(c))?;
    Ok(())
}

/// Counts a change that shows in the representation (PLT-03).
pub async fn touch(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    on!(tx.db(), c => diesel::update(entitlements::table.find(id))
        .set(entitlements::version.eq(entitlements::version + 1))
        .execute(c))?;
    Ok(())
}

/// Takes the key of a purchase back; `false` where none was issued. Answers that show it are forgotten (PLT-02).
pub async fn revoke_key(tx: &mut Tx<'_>, entitlement: &EntitlementRow) -> Result<bool> {
    let now = tx.now().naive_utc();
    let revoked = on!(tx.db(), c => diesel::update(
        product_keys::table.filter(product_keys::entitlement_id.eq(&entitlement.id)))
        .set((product_keys::state.eq(KeyState::Revoked), product_keys::revoked_at.eq(now)))
        .execute(c))?;
    tx.forget_answers(&entitlement.secret_name()).await?;
    shares::forget_answers_of(tx, &entitlement.id).await?;
    downloads::forget_answers_of(tx, &entitlement.id).await?;
    Ok(revoked > 0)
}

/// Cancels a purchase; it stays visible (SWK-01).
pub async fn cancel(tx: &mut Tx<'_>, entitlement: &EntitlementRow) -> Result<()> {
    let now = tx.now().naive_utc();
    on!(tx.db(), c => diesel::update(entitlements::table.find(&entitlement.id))
        .set((
            entitlements::state.eq(EntitlementState::Cancelled),
            entitlements::cancelled_at.eq(now),
            entitlements::version.eq(entitlements::version + 1),
        ))
        .execute(c))?;
    // The unit that it had reserved is free again.
    stock::wake(tx, &entitlement.product_id).await
}
