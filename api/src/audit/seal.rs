//! Sealing: newly committed records become the next link of the chain. Never inside the transaction they tell of,
//! because every write would then wait for the one before.

use super::chain;
use super::model::{AuditKeyRow, LinkRow, SealRow};
use super::store;
use crate::db::write::Tx;
use crate::error::Result;
use crate::vault::{Place, STOCK};

/// The most records that one seal binds.
const BATCH: i64 = 500;

/// A seal that was made.
#[derive(Debug)]
pub struct Sealed {
    /// Its number.
    pub number: i64,
    /// How many records it binds.
    pub records: usize,
    /// The digest of the chain up to here; kept elsewhere, it proves later that nothing was cut off.
    pub digest: String,
}

/// Makes the next seal; none where nothing waits. The caller sees that only one runs at once.
pub async fn seal(tx: &mut Tx<'_>) -> Result<Option<Sealed>> {
    let seqs = store::unsealed(tx.db(), BATCH).await?;
    let found = store::records(tx.db(), &seqs).await?;
    // What cannot be read gets no place, and everything behind it does: the verification names it ever after.
    for seq in &found.unreadable {
        tracing::error!(target: "audit", seq, "an audit record holds a value that cannot be read: it is not sealed");
    }
    store::forget_notes(tx, &seqs).await?;
    let records = found.rows;
    let Some(first_record) = records.as_slice().first() else { return Ok(None) };
    let (mut oldest_at, mut newest_at) = (first_record.at, first_record.at);
    for record in &records {
        oldest_at = oldest_at.min(record.at);
        newest_at = newest_at.max(record.at);
    }
    let head = store::head(tx.db()).await?;
    // A machine whose clock goes back makes no seal before the one before: lists find instants by the order of seals.
    let sealed_at = head.as_ref().map(|head| head.sealed_at).max(Some(tx.machine_now().naive_utc()));
    let sealed_at = sealed_at.unwrap_or_default();
    let (number, first, previous) =
        head.map_or((1, 1, String::new()), |head| (head.number + 1, head.last_position + 1, head.digest));
    let link = |(position, record)| LinkRow::of(record, number, position, chain::record_digest(record));
    let links: Vec<LinkRow> = (first..).zip(&records).map(link).collect();
    let digest = chain::seal_digest(number, sealed_at, &previous, &links);
    let (key_id, private) = signing_key(tx).await?;
    let signature = chain::sign(&private, &digest)?;
    let last_position = links.as_slice().last().map_or(first, |link| link.position);
    let row = SealRow {
        number,
        sealed_at,
        first_position: first,
        last_position,
        previous,
        digest: digest.clone(),
        key_id,
        signature,
        oldest_at,
        newest_at,
        astray: SealRow::is_astray(sealed_at, oldest_at, newest_at),
    };
    let records = links.len();
    store::insert_seal(tx, &row, links).await?;
    Ok(Some(Sealed { number, records, digest }))
}

/// The newest signing key; the first seal makes it.
async fn signing_key(tx: &mut Tx<'_>) -> Result<(String, Vec<u8>)> {
    if let Some(row) = store::keys(tx.db()).await?.pop() {
        let private = tx.vault().open(&row.sealed, place(&row.id))?;
        return Ok((row.id, private.to_vec()));
    }
    let (id, private) = (tx.id(), chain::make_key()?);
    let sealed = tx.vault().seal(&private, place(&id))?;
    store::insert_key(tx, &AuditKeyRow { id: id.clone(), sealed, created_at: tx.machine_now().naive_utc() }).await?;
    Ok((id, private))
}

/// Where a signing key of the chain stands in the vault.
pub fn place(id: &str) -> Place<'_> {
    Place { column: "audit_keys.sealed", row: id, owner: STOCK }
}
