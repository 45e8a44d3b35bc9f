//! Sealing: newly committed records become the next link of the chain. Never inside the transaction they tell of,
//! because every write would then wait for the one before.

use super::chain;
use super::model::{AuditKeyRow, LinkRow, RecordRow, SealRow};
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
    let records = store::unsealed(tx.db(), BATCH).await?;
    if records.is_empty() {
        return Ok(None);
    }
    let head = store::head(tx.db()).await?;
    let (number, first, previous) =
        head.map_or((1, 1, String::new()), |head| (head.number + 1, head.last_position + 1, head.digest));
    let links: Vec<LinkRow> =
        (first..).zip(&records).map(|(position, record)| link(number, position, record)).collect();
    let sealed_at = tx.machine_now().naive_utc();
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
    };
    store::insert_seal(tx, &row, &links).await?;
    Ok(Some(Sealed { number, records: links.len(), digest }))
}

fn link(seal: i64, position: i64, record: &RecordRow) -> LinkRow {
    LinkRow {
        position,
        seal,
        record_seq: record.seq,
        record_id: record.id.clone(),
        digest: chain::record_digest(record),
        partner_id: record.partner_id.clone(),
        object_id: record.object_id.clone(),
    }
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
