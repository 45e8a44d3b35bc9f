//! Refused attempts are gathered in memory and written by the sealer, so that somebody who is refused costs no write.
//! Equal ones become one record with a count; a crash may lose the last second of them.

use crate::db::write::{Actor, Refusal, Tx};
use crate::error::Code;
use std::collections::HashMap;
use std::sync::Mutex;

/// The most different refusals that are kept between two seals; of more, one record tells how many there were.
const MOST: usize = 2_000;

/// What makes two refusals equal: who was refused what, why, and from where.
#[derive(PartialEq, Eq, Hash)]
struct Kind {
    operation: String,
    client_id: String,
    code: Code,
    object_id: Option<String>,
    source_address: String,
}

/// The refusals since the last seal.
#[derive(Default)]
pub struct Refusals(Mutex<Gathered>);

#[derive(Default)]
struct Gathered {
    kinds: HashMap<Kind, (Refusal, i64)>,
    /// Beyond the most that are kept; the first of them stands for all.
    others: Option<(Refusal, i64)>,
}

impl Refusals {
    /// Notes an attempt that was refused.
    pub fn note(&self, refusal: Refusal) {
        let Ok(mut gathered) = self.0.lock() else { return };
        let kind = Kind {
            operation: refusal.actor.operation.clone(),
            client_id: refusal.actor.client_id.clone(),
            code: refusal.code,
            object_id: refusal.object_id.clone(),
            source_address: refusal.actor.source_address.clone(),
        };
        if let Some((_, times)) = gathered.kinds.get_mut(&kind) {
            *times += 1;
        } else if gathered.kinds.len() < MOST {
            gathered.kinds.insert(kind, (refusal, 1));
        } else {
            gathered.others.get_or_insert((others(refusal), 0)).1 += 1;
        }
    }

    /// Gives one back that could not be written.
    pub fn put_back(&self, refusal: Refusal, times: i64) {
        for _ in 0..times {
            self.note(refusal.clone());
        }
    }

    /// Takes everything that was gathered, oldest first.
    pub fn take(&self) -> Vec<(Refusal, i64)> {
        let Ok(mut gathered) = self.0.lock() else { return Vec::new() };
        let gathered = std::mem::take(&mut *gathered);
        let mut all: Vec<_> = gathered.kinds.into_values().chain(gathered.others).collect();
        all.sort_by_key(|(refusal, _)| refusal.at);
        all
    }
}

fn others(refusal: Refusal) -> Refusal {
    let actor = Actor { request_id: refusal.actor.request_id.clone(), ..Actor::house("various") };
    Refusal { actor, object_id: None, ..refusal }
}

/// Writes what was gathered.
pub fn record(tx: &mut Tx<'_>, refusals: &[(Refusal, i64)]) {
    for (refusal, times) in refusals {
        tx.tell_refusal(refusal, *times);
    }
}
