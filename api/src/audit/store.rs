//! Queries over the audit trail. Each is of one table, by one index and in its order: a join or a choice of indexes is
//! where a planner that guesses wrong reads millions of rows.

use super::model::{AuditKeyRow, LinkRow, RecordRow, SealRow};
use crate::db::Db;
use crate::db::schema::{audit_keys, audit_links, audit_records, audit_seals, unsealed_records};
use crate::db::write::Tx;
use crate::error::Result;
use crate::{insert_all, on};
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use std::collections::HashSet;

/// The most records that one statement names.
const AT_ONCE: usize = 500;

/// The numbers of records that no seal binds yet, in the order in which they came to be.
pub async fn unsealed(db: &mut Db<'_>, most: i64) -> Result<Vec<i64>> {
    Ok(on!(db, c => unsealed_records::table
        .order(unsealed_records::seq.asc())
        .limit(most)
        .select(unsealed_records::seq)
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

/// Seals from this number on; none where a value of one cannot be read.
pub async fn seals_from(db: &mut Db<'_>, number: i64, most: i64) -> Result<Option<Vec<SealRow>>> {
    if_readable(on!(db, c => audit_seals::table
        .filter(audit_seals::number.ge(number))
        .order(audit_seals::number.asc())
        .limit(most)
        .select(SealRow::as_select())
        .load(c)))
}

/// The links of the seals with these numbers, by seal and place.
pub async fn links_of(db: &mut Db<'_>, seals: std::ops::RangeInclusive<i64>) -> Result<Vec<LinkRow>> {
    Ok(on!(db, c => audit_links::table
        .filter(audit_links::seal.ge(seals.start()))
        .filter(audit_links::seal.le(seals.end()))
        .order((audit_links::seal.asc(), audit_links::position.asc()))
        .select(LinkRow::as_select())
        .load(c))?)
}

/// Records, as far as they can be read.
#[derive(Default)]
pub struct Records {
    /// In the order in which they came to be.
    pub rows: Vec<RecordRow>,
    /// The numbers of those that hold a value that cannot be read, such as an instant that is none.
    pub unreadable: Vec<i64>,
}

/// The records with these numbers.
pub async fn records(db: &mut Db<'_>, seqs: &[i64]) -> Result<Records> {
    let mut found = Records::default();
    for some in seqs.chunks(AT_ONCE) {
        if let Some(rows) = rows_of(db, some).await? {
            found.rows.extend(rows);
            continue;
        }
        for seq in some {
            match rows_of(db, &[*seq]).await? {
                Some(rows) => found.rows.extend(rows),
                None => found.unreadable.push(*seq),
            }
        }
    }
    found.rows.sort_by_key(|row| row.seq);
    Ok(found)
}

async fn rows_of(db: &mut Db<'_>, seqs: &[i64]) -> Result<Option<Vec<RecordRow>>> {
    if_readable(on!(db, c => audit_records::table
        .filter(audit_records::seq.eq_any(seqs))
        .select(RecordRow::as_select())
        .load(c)))
}

/// What was loaded; none where a value cannot be read, because it was written beside the service.
fn if_readable<T>(loaded: diesel::QueryResult<T>) -> Result<Option<T>> {
    match loaded {
        Err(diesel::result::Error::DeserializationError(error)) => {
            tracing::debug!(error, "a row of the audit trail cannot be read");
            Ok(None)
        }
        loaded => Ok(Some(loaded?)),
    }
}

/// A record that neither a seal binds nor the sealer waits for.
pub struct Stray {
    /// Its number.
    pub seq: i64,
    /// Its id.
    pub id: String,
}

/// The first record between these numbers that neither a seal binds nor the sealer waits for: nothing of this house
/// wrote it, or its place in the chain was taken away.
pub async fn first_stray(db: &mut Db<'_>, mut after: i64, up_to: i64) -> Result<Option<Stray>> {
    loop {
        let some: Vec<(i64, String)> = on!(db, c => audit_records::table
            .filter(audit_records::seq.gt(after))
            .filter(audit_records::seq.le(up_to))
            .order(audit_records::seq.asc())
            .limit(500)
            .select((audit_records::seq, audit_records::id))
            .load(c))?;
        let Some((last, _)) = some.as_slice().last() else { return Ok(None) };
        after = *last;
        let seqs: Vec<i64> = some.iter().map(|(seq, _)| *seq).collect();
        // The notes first: the sealer may make a note a link in between, never a link a note.
        let noted: Vec<i64> = on!(db, c => unsealed_records::table
            .filter(unsealed_records::seq.eq_any(&seqs))
            .select(unsealed_records::seq)
            .load(c))?;
        let linked: Vec<i64> = on!(db, c => audit_links::table
            .filter(audit_links::record_seq.eq_any(&seqs))
            .select(audit_links::record_seq)
            .load(c))?;
        let known: HashSet<i64> = noted.into_iter().chain(linked).collect();
        if let Some((seq, id)) = some.into_iter().find(|(seq, _)| !known.contains(seq)) {
            return Ok(Some(Stray { seq, id }));
        }
    }
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

/// Adds a seal with its links, in one statement: on SQLite every business write waits meanwhile.
pub async fn insert_seal(tx: &mut Tx<'_>, seal: &SealRow, links: Vec<LinkRow>) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(audit_seals::table).values(seal).execute(c))?;
    insert_all!(tx.db(), audit_links, links)?;
    Ok(())
}

/// Takes the notes of records away.
pub async fn forget_notes(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<()> {
    on!(tx.db(), c => diesel::delete(unsealed_records::table.filter(unsealed_records::seq.eq_any(seqs))).execute(c))?;
    Ok(())
}
