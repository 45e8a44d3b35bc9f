//! Verifying the chain: every digest and signature is made again from the records as they lie there now.

use super::chain;
use super::model::{LinkRow, SealRow};
use super::seal::place;
use super::store;
use crate::db::Db;
use crate::error::{Code, Result};
use crate::state::State;
use crate::vault::Vault;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

crate::word_enum! {
    /// What is wrong with the chain.
    pub enum AuditFault {
        /// A record was changed after it was sealed.
        RecordChanged = "recordChanged",
        /// A sealed record is gone.
        RecordMissing = "recordMissing",
        /// A record was put in beside the service, or its place in the chain was taken away.
        RecordUnsealed = "recordUnsealed",
        /// Places in the chain are gone, doubled or out of order.
        LinksBroken = "linksBroken",
        /// A seal is gone, changed, or not signed by this house.
        SealBroken = "sealBroken",
        /// The newest seals are gone: the chain does not reach the digest that was given.
        TailMissing = "tailMissing",
    }
}

/// The state of the chain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Whether nothing is wrong with what was looked at.
    pub intact: bool,
    /// How many seals were looked at.
    #[schema(minimum = 0)]
    pub seals: i64,
    /// How many sealed records were looked at.
    #[schema(minimum = 0)]
    pub records: i64,
    /// Committed a moment ago and not sealed yet.
    #[schema(minimum = 0)]
    pub unsealed: i64,
    /// The newest seal that was looked at.
    pub head: Option<AuditHead>,
    /// The first thing that is wrong.
    pub first_fault: Option<FirstFault>,
    /// Where to go on, when there was more than one call looks at; null at the end of the chain.
    #[schema(minimum = 1)]
    pub next_seal: Option<i64>,
}

/// The newest seal: whoever keeps its digest elsewhere can prove later that nothing was cut off.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditHead {
    /// Its number.
    #[schema(minimum = 1)]
    pub seal: i64,
    /// When it was made.
    pub sealed_at: DateTime<Utc>,
    /// The digest of the chain up to here: SHA-256 in hex.
    #[schema(max_length = 64)]
    pub digest: String,
    /// The Ed25519 signature of the digest, base64.
    #[schema(max_length = 128)]
    pub signature: String,
}

/// The first thing that is wrong with the chain.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirstFault {
    /// What is wrong.
    pub fault: AuditFault,
    /// In which seal.
    #[schema(minimum = 1)]
    pub seal: Option<i64>,
    /// At which place of the chain.
    #[schema(minimum = 1)]
    pub position: Option<i64>,
    /// The id of the record.
    #[schema(max_length = 36)]
    pub record_id: Option<String>,
}

/// How far a verification goes.
pub struct Extent<'a> {
    /// The first seal to look at.
    pub from: i64,
    /// How many records one call looks at; rounded up to whole seals.
    pub most_records: i64,
    /// A digest that was kept elsewhere: the chain must reach it.
    pub head: Option<&'a str>,
}

/// Looks at the chain from a seal on, telling `progress` how many records are done.
pub async fn verify(state: &State, extent: &Extent<'_>, mut progress: impl FnMut(i64)) -> Result<Verification> {
    let mut found = Verification {
        intact: true,
        seals: 0,
        records: 0,
        unsealed: 0,
        head: None,
        first_fault: None,
        next_seal: None,
    };
    let mut before = Before::of(state, extent.from).await?;
    let mut reaches_head = extent.head.is_none();
    loop {
        let mut reader = state.read().await?;
        let mut db = reader.db()?;
        let Some(seal) = store::seals_from(&mut db, before.number + 1, 1).await?.pop() else { break };
        if found.records >= extent.most_records {
            found.next_seal = Some(seal.number);
            break;
        }
        let links = store::links_of(&mut db, seal.number).await?;
        if let Some(fault) = fault_in(&mut db, &state.vault, &before, &seal, &links).await? {
            found.first_fault = Some(fault);
            break;
        }
        reaches_head |= extent.head == Some(seal.digest.as_str());
        found.seals += 1;
        found.records += seal.last_position - seal.first_position + 1;
        progress(found.records);
        let newest = links.iter().map(|link| link.record_seq).fold(before.newest, i64::max);
        if let Some(id) = store::first_stray(&mut db, before.newest, newest).await? {
            found.first_fault = Some(FirstFault { record_id: Some(id), ..FirstFault::of(AuditFault::RecordUnsealed) });
            break;
        }
        before = Before { number: seal.number, last_position: seal.last_position, digest: seal.digest.clone(), newest };
        found.head = Some(AuditHead {
            seal: seal.number,
            sealed_at: seal.sealed_at.and_utc(),
            digest: seal.digest,
            signature: seal.signature,
        });
    }
    let mut reader = state.read().await?;
    let mut db = reader.db()?;
    found.unsealed = store::count_unsealed(&mut db).await?;
    if found.first_fault.is_none() && found.next_seal.is_none() {
        found.first_fault = match store::first_stray(&mut db, before.newest, i64::MAX).await? {
            Some(id) => Some(FirstFault { record_id: Some(id), ..FirstFault::of(AuditFault::RecordUnsealed) }),
            None => (!reaches_head).then(|| FirstFault::of(AuditFault::TailMissing)),
        };
    }
    found.intact = found.first_fault.is_none();
    Ok(found)
}

impl std::fmt::Display for Verification {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.first_fault {
            None => write!(out, "intact: ")?,
            Some(fault) => {
                write!(out, "NOT INTACT: {}", fault.fault.as_str())?;
                if let Some(position) = fault.position {
                    write!(out, ", position {position}")?;
                }
                if let Some(id) = &fault.record_id {
                    write!(out, ", record {id}")?;
                }
                if let Some(seal) = fault.seal {
                    write!(out, ", seal {seal}")?;
                }
                write!(out, "\nfine before it: ")?;
            }
        }
        write!(out, "{} records in {} seals, {} not sealed yet", self.records, self.seals, self.unsealed)?;
        match &self.head {
            Some(head) => write!(out, "\nhead {} of {}", head.digest, head.sealed_at),
            None => Ok(()),
        }
    }
}

impl FirstFault {
    fn of(fault: AuditFault) -> Self {
        Self { fault, seal: None, position: None, record_id: None }
    }
}

/// What the next seal must follow.
#[derive(Default)]
struct Before {
    number: i64,
    last_position: i64,
    digest: String,
    /// The highest number of a record so far.
    newest: i64,
}

impl Before {
    async fn of(state: &State, from: i64) -> Result<Self> {
        if from <= 1 {
            return Ok(Self::default());
        }
        let mut reader = state.read().await?;
        let mut db = reader.db()?;
        let nothing = Self { number: from - 1, ..Self::default() };
        let Some(seal) = store::seals_from(&mut db, from - 1, 1).await?.pop() else { return Ok(nothing) };
        if seal.number != from - 1 {
            return Ok(nothing);
        }
        let newest = store::links_of(&mut db, seal.number).await?.iter().map(|link| link.record_seq).max();
        Ok(Self {
            number: seal.number,
            last_position: seal.last_position,
            digest: seal.digest,
            newest: newest.unwrap_or_default(),
        })
    }
}

async fn fault_in(
    db: &mut Db<'_>,
    vault: &Vault,
    before: &Before,
    seal: &SealRow,
    links: &[LinkRow],
) -> Result<Option<FirstFault>> {
    let broken = |fault: AuditFault| FirstFault { seal: Some(seal.number), ..FirstFault::of(fault) };
    let follows = seal.number == before.number + 1
        && seal.first_position == before.last_position + 1
        && seal.previous == before.digest;
    if !follows {
        return Ok(Some(broken(AuditFault::SealBroken)));
    }
    // The first record that is wrong is named before the seal that no longer fits it.
    let seqs: Vec<i64> = links.iter().map(|link| link.record_seq).collect();
    let records: HashMap<i64, _> = store::records(db, &seqs).await?.into_iter().map(|row| (row.seq, row)).collect();
    for (position, link) in (seal.first_position..).zip(links) {
        let at = |fault| {
            Some(FirstFault { position: Some(position), record_id: Some(link.record_id.clone()), ..broken(fault) })
        };
        if link.position != position {
            return Ok(at(AuditFault::LinksBroken));
        }
        match records.get(&link.record_seq) {
            None => return Ok(at(AuditFault::RecordMissing)),
            Some(record) if record.id != link.record_id || chain::record_digest(record) != link.digest => {
                return Ok(at(AuditFault::RecordChanged));
            }
            Some(_) => {}
        }
    }
    if i64::try_from(links.len()).ok() != Some(seal.last_position - seal.first_position + 1) {
        return Ok(Some(broken(AuditFault::LinksBroken)));
    }
    let digest = chain::seal_digest(seal.number, seal.sealed_at, &seal.previous, links);
    let signed = digest == seal.digest && is_signed(db, vault, seal).await?;
    Ok((!signed).then(|| broken(AuditFault::SealBroken)))
}

async fn is_signed(db: &mut Db<'_>, vault: &Vault, seal: &SealRow) -> Result<bool> {
    let keys = store::keys(db).await?;
    let Some(key) = keys.iter().find(|key| key.id == seal.key_id) else { return Ok(false) };
    match vault.open(&key.sealed, place(&key.id)) {
        Ok(private) => chain::is_signed(&private, &seal.digest, &seal.signature),
        // A key that does not open here is not this house's.
        Err(error) if error.code() == Code::Integrity => Ok(false),
        Err(error) => Err(error),
    }
}
