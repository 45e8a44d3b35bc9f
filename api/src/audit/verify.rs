//! Verifying the chain: every digest and signature is made again from the records as they lie there now.

use super::chain;
use super::model::{LinkRow, RecordRow, SealRow};
use super::seal::place;
use super::store;
use crate::db::Db;
use crate::error::{Code, Result};
use crate::state::State;
use chrono::{DateTime, NaiveDateTime, Utc};
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
        /// A record was put in beside the service without its note for the sealer, or its place in the chain was taken
        /// away. What is put in together with its note, as any INSERT makes it, is sealed like the service's own:
        /// whoever can write the database can add records of their own making.
        RecordUnsealed = "recordUnsealed",
        /// A record was put in beside the service that holds a value which cannot be read, such as an instant that is
        /// none. It is not sealed; everything after it is.
        RecordUnreadable = "recordUnreadable",
        /// Places in the chain are gone, doubled or out of order, or tell of their record what it does not say.
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
    /// How many seals one call looks at; rounded up likewise.
    pub most_seals: i64,
    /// A digest that was kept elsewhere: the chain must reach it.
    pub head: Option<&'a str>,
}

/// How many seals, and how many records of them, are read at once: on SQLite nobody else is served meanwhile.
const SEALS_AT_ONCE: i64 = 64;
const RECORDS_AT_ONCE: i64 = 500;

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
    let keys = Keys::of(state).await?;
    let mut before = Before::of(state, extent.from).await?;
    let mut reaches_head = extent.head.is_none();
    while found.first_fault.is_none() {
        // Others are served between two steps.
        tokio::task::yield_now().await;
        let mut reader = state.read().await?;
        let mut db = reader.db()?;
        let Some(seals) = next_seals(&mut db, before.number + 1).await? else {
            let fault = FirstFault { seal: Some(before.number + 1), ..FirstFault::of(AuditFault::SealBroken) };
            found.first_fault = Some(fault);
            break;
        };
        let Some(first) = seals.as_slice().first() else { break };
        if found.records >= extent.most_records || found.seals >= extent.most_seals {
            found.next_seal = Some(first.number);
            break;
        }
        let after = before.newest;
        let bound = Bound::of(&mut db, &seals).await?;
        for seal in seals {
            let links = bound.links_of(seal.number);
            if let Some(fault) = fault_in(&keys, &before, &seal, links, &bound.records) {
                found.first_fault = Some(fault);
                break;
            }
            reaches_head |= extent.head == Some(seal.digest.as_str());
            found.seals += 1;
            found.records += seal.last_position - seal.first_position + 1;
            let newest = links.iter().map(|link| link.record_seq).fold(before.newest, i64::max);
            before =
                Before { number: seal.number, last_position: seal.last_position, digest: seal.digest.clone(), newest };
            found.head = Some(AuditHead {
                seal: seal.number,
                sealed_at: seal.sealed_at.and_utc(),
                digest: seal.digest,
                signature: seal.signature,
            });
        }
        progress(found.records);
        if found.first_fault.is_none() {
            found.first_fault = stray(&mut db, after, before.newest).await?;
        }
    }
    let mut reader = state.read().await?;
    let mut db = reader.db()?;
    found.unsealed = store::count_unsealed(&mut db).await?;
    if found.first_fault.is_none() && found.next_seal.is_none() {
        let cut = (!reaches_head).then(|| FirstFault::of(AuditFault::TailMissing));
        found.first_fault = stray(&mut db, before.newest, i64::MAX).await?.or(cut);
    }
    found.intact = found.first_fault.is_none();
    Ok(found)
}

/// The next seals, as many as are looked at in one step; none where the next one cannot be read.
async fn next_seals(db: &mut Db<'_>, number: i64) -> Result<Option<Vec<SealRow>>> {
    let Some(mut seals) = store::seals_from(db, number, SEALS_AT_ONCE).await? else {
        return store::seals_from(db, number, 1).await;
    };
    let mut records = 0_i64;
    let fit = seals.iter().take_while(|seal| {
        let fits = records < RECORDS_AT_ONCE;
        records = records.saturating_add(seal.last_position.saturating_sub(seal.first_position).saturating_add(1));
        fits
    });
    let fit = fit.count();
    seals.truncate(fit);
    Ok(Some(seals))
}

async fn stray(db: &mut Db<'_>, after: i64, up_to: i64) -> Result<Option<FirstFault>> {
    let Some(stray) = store::first_stray(db, after, up_to).await? else { return Ok(None) };
    let is_readable = store::records(db, &[stray.seq]).await?.unreadable.is_empty();
    let fault = if is_readable { AuditFault::RecordUnsealed } else { AuditFault::RecordUnreadable };
    Ok(Some(FirstFault { record_id: Some(stray.id), ..FirstFault::of(fault) }))
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
        let seals = store::seals_from(&mut db, from - 1, 1).await?;
        let Some(seal) = seals.and_then(|mut seals| seals.pop()) else { return Ok(nothing) };
        if seal.number != from - 1 {
            return Ok(nothing);
        }
        let newest =
            store::links_of(&mut db, seal.number..=seal.number).await?.iter().map(|link| link.record_seq).max();
        Ok(Self {
            number: seal.number,
            last_position: seal.last_position,
            digest: seal.digest,
            newest: newest.unwrap_or_default(),
        })
    }
}

/// What seals bind, as it lies there now.
struct Bound {
    /// By seal and place.
    links: Vec<LinkRow>,
    /// None: one that cannot be read.
    records: HashMap<i64, Option<RecordRow>>,
}

impl Bound {
    async fn of(db: &mut Db<'_>, seals: &[SealRow]) -> Result<Self> {
        let (first, last) = (seals.first().map(|seal| seal.number), seals.last().map(|seal| seal.number));
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(Self { links: vec![], records: HashMap::new() });
        };
        let links = store::links_of(db, first..=last).await?;
        let seqs: Vec<i64> = links.iter().map(|link| link.record_seq).collect();
        let records = store::records(db, &seqs).await?;
        let unreadable = records.unreadable.into_iter().map(|seq| (seq, None));
        let records = records.rows.into_iter().map(|row| (row.seq, Some(row))).chain(unreadable).collect();
        Ok(Self { links, records })
    }

    fn links_of(&self, seal: i64) -> &[LinkRow] {
        let first = self.links.partition_point(|link| link.seal < seal);
        let end = self.links.partition_point(|link| link.seal <= seal);
        self.links.get(first..end).unwrap_or_default()
    }
}

fn fault_in(
    keys: &Keys,
    before: &Before,
    seal: &SealRow,
    links: &[LinkRow],
    records: &HashMap<i64, Option<RecordRow>>,
) -> Option<FirstFault> {
    let broken = |fault: AuditFault| FirstFault { seal: Some(seal.number), ..FirstFault::of(fault) };
    let follows = seal.number == before.number + 1
        && seal.first_position == before.last_position + 1
        && seal.previous == before.digest;
    if !follows {
        return Some(broken(AuditFault::SealBroken));
    }
    // The first record that is wrong is named before the seal that no longer fits it.
    let mut span: Option<(NaiveDateTime, NaiveDateTime)> = None;
    for (position, link) in (seal.first_position..).zip(links) {
        let at = |fault| {
            Some(FirstFault { position: Some(position), record_id: Some(link.record_id.clone()), ..broken(fault) })
        };
        if link.position != position {
            return at(AuditFault::LinksBroken);
        }
        let record = match records.get(&link.record_seq) {
            None => return at(AuditFault::RecordMissing),
            // It could be read when it was sealed.
            Some(None) => return at(AuditFault::RecordChanged),
            Some(Some(record)) => record,
        };
        let digest = chain::record_digest(record);
        if record.id != link.record_id || digest != link.digest {
            return at(AuditFault::RecordChanged);
        }
        // What is repeated of the record decides who finds it.
        if *link != LinkRow::of(record, seal.number, position, digest) {
            return at(AuditFault::LinksBroken);
        }
        let (oldest_at, newest_at) = span.unwrap_or((record.at, record.at));
        span = Some((oldest_at.min(record.at), newest_at.max(record.at)));
    }
    if i64::try_from(links.len()).ok() != Some(seal.last_position - seal.first_position + 1) {
        return Some(broken(AuditFault::LinksBroken));
    }
    // These lead lists to the records of an instant.
    let leads = span.is_some_and(|(oldest_at, newest_at)| {
        (oldest_at, newest_at) == (seal.oldest_at, seal.newest_at)
            && (seal.astray || !SealRow::is_astray(seal.sealed_at, oldest_at, newest_at))
    });
    let digest = chain::seal_digest(seal.number, seal.sealed_at, &seal.previous, links);
    let sound = leads && digest == seal.digest && keys.signed(seal);
    (!sound).then(|| broken(AuditFault::SealBroken))
}

/// The public halves of this house's signing keys, opened once for a verification.
struct Keys(HashMap<String, Vec<u8>>);

impl Keys {
    async fn of(state: &State) -> Result<Self> {
        let mut reader = state.read().await?;
        let mut keys = HashMap::new();
        for key in store::keys(&mut reader.db()?).await? {
            match state.vault.open(&key.sealed, place(&key.id)) {
                Ok(private) => {
                    keys.insert(key.id, chain::public_half(&private)?);
                }
                // A key that does not open here is not this house's.
                Err(error) if error.code() == Code::Integrity => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self(keys))
    }

    fn signed(&self, seal: &SealRow) -> bool {
        self.0.get(&seal.key_id).is_some_and(|public| chain::is_signed(public, &seal.digest, &seal.signature))
    }
}
