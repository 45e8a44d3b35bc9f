//! Queries over the audit trail.

use super::model::{AuditKeyRow, LinkRow, ListAuditRecords, RecordRow, SealRow};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{audit_keys, audit_links, audit_records, audit_seals, unsealed_records};
use crate::db::write::Tx;
use crate::error::Result;
use crate::http::Page;
use crate::on;
use diesel::prelude::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// A page of the records that these eyes see, in the order of the chain: a reader by cursor misses none, whatever
/// commits late.
pub async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    asked: &ListAuditRecords,
    page: &Page,
) -> Result<Vec<(RecordRow, LinkRow)>> {
    let after: i64 = page.after().parse().unwrap_or_default();
    Ok(on!(db, c => {
        let mut rows = audit_links::table
            .inner_join(audit_records::table.on(audit_records::seq.eq(audit_links::record_seq)))
            .filter(audit_links::position.gt(after))
            .into_boxed();
        rows = match viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => rows.filter(audit_links::partner_id.assume_not_null().eq(id)),
            Viewer::Customer(_) | Viewer::Enrolment => rows.filter(audit_links::position.lt(0)),
        };
        if let Some(object_id) = &asked.object_id {
            rows = rows.filter(audit_links::object_id.assume_not_null().eq(object_id));
        }
        if let Some(operation) = &asked.operation {
            rows = rows.filter(audit_records::operation.eq(operation));
        }
        if let Some(client_id) = &asked.client_id {
            rows = rows.filter(audit_records::client_id.eq(client_id));
        }
        if let Some(outcome) = asked.outcome {
            rows = rows.filter(audit_records::outcome.eq(outcome));
        }
        if let Some(since) = asked.since {
            rows = rows.filter(audit_records::at.ge(since.naive_utc()));
        }
        if let Some(until) = asked.until {
            rows = rows.filter(audit_records::at.lt(until.naive_utc()));
        }
        rows.order(audit_links::position.asc())
            .limit(page.rows())
            .select((RecordRow::as_select(), LinkRow::as_select()))
            .load(c)
    })?)
}

/// Records that no seal binds yet, in the order in which they came to be.
pub async fn unsealed(db: &mut Db<'_>, most: i64) -> Result<Vec<RecordRow>> {
    Ok(on!(db, c => audit_records::table
        .inner_join(unsealed_records::table.on(unsealed_records::seq.eq(audit_records::seq)))
        .order(audit_records::seq.asc())
        .limit(most)
        .select(RecordRow::as_select())
        .load(c))?)
}

/// How many records no seal binds yet.
pub async fn count_unsealed(db: &mut Db<'_>) -> Result<i64> {
    Ok(on!(db, c => unsealed_records::table.count().get_result(c))?)
}

/// The newest seal.
pub async fn head(db: &mut Db<'_>) -> Result<Option<SealRow>> {
    Ok(on!(db, c => audit_seals::table
        .order(audit_seals::number.desc())
        .select(SealRow::as_select())
        .first(c))
    .optional()?)
}

/// Seals from this number on.
pub async fn seals_from(db: &mut Db<'_>, number: i64, most: i64) -> Result<Vec<SealRow>> {
    Ok(on!(db, c => audit_seals::table
        .filter(audit_seals::number.ge(number))
        .order(audit_seals::number.asc())
        .limit(most)
        .select(SealRow::as_select())
        .load(c))?)
}

/// The links of a seal.
pub async fn links_of(db: &mut Db<'_>, seal: i64) -> Result<Vec<LinkRow>> {
    Ok(on!(db, c => audit_links::table
        .filter(audit_links::seal.eq(seal))
        .order(audit_links::position.asc())
        .select(LinkRow::as_select())
        .load(c))?)
}

/// The records with these numbers.
pub async fn records(db: &mut Db<'_>, seqs: &[i64]) -> Result<Vec<RecordRow>> {
    Ok(on!(db, c => audit_records::table
        .filter(audit_records::seq.eq_any(seqs))
        .select(RecordRow::as_select())
        .load(c))?)
}

/// The first record between these numbers that neither a seal binds nor the sealer waits for: nothing of this house
/// wrote it, or its place in the chain was taken away.
pub async fn first_stray(db: &mut Db<'_>, after: i64, up_to: i64) -> Result<Option<String>> {
    Ok(on!(db, c => audit_records::table
        .left_join(audit_links::table.on(audit_links::record_seq.eq(audit_records::seq)))
        .left_join(unsealed_records::table.on(unsealed_records::seq.eq(audit_records::seq)))
        .filter(audit_records::seq.gt(after))
        .filter(audit_records::seq.le(up_to))
        .filter(audit_links::position.nullable().is_null())
        .filter(unsealed_records::seq.nullable().is_null())
        .order(audit_records::seq.asc())
        .select(audit_records::id)
        .first(c))
    .optional()?)
}

/// All signing keys of the chain, newest last.
pub async fn keys(db: &mut Db<'_>) -> Result<Vec<AuditKeyRow>> {
    Ok(on!(db, c => audit_keys::table
        .order((audit_keys::created_at.asc(), audit_keys::id.asc()))
        .select(AuditKeyRow::as_select())
        .load(c))?)
}

/// Adds a signing key.
pub async fn insert_key(tx: &mut Tx<'_>, row: &AuditKeyRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(audit_keys::table).values(row).execute(c))?;
    Ok(())
}

/// Adds a seal with its links, and takes the notes of its records away.
pub async fn insert_seal(tx: &mut Tx<'_>, seal: &SealRow, links: &[LinkRow]) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(audit_seals::table).values(seal).execute(c))?;
    for link in links {
        on!(tx.db(), c => diesel::insert_into(audit_links::table).values(link).execute(c))?;
    }
    let sealed: Vec<i64> = links.iter().map(|link| link.record_seq).collect();
    on!(tx.db(), c => diesel::delete(unsealed_records::table.filter(unsealed_records::seq.eq_any(&sealed))).execute(c))?;
    Ok(())
}
