//! Who may run now: places are shared out so that nobody's slow receivers hold up anybody else. The house's own work and
//! lanes that were slow last have places of their own; of all others nobody holds one for long, because what overruns is
//! moved over to the slow; and neither a lane nor a party takes more than its part. No database, no network.

use super::store::Job;
use crate::config::JobConfig;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The party of mail, which is the house's own work, and goes through one mail server.
pub const MAIL: &str = "mail";
/// Places for the house's own work: more than one party's, so that a mail server that is silent leaves some free.
const OF_THE_HOUSE: usize = 8;
/// What runs for longer no longer counts as prompt.
pub const PROMPT: Duration = Duration::from_secs(2);
/// So many times the prompt places is the most of all: each is an open connection.
const MOST: usize = 4;
/// One party gets this part of the slow places.
const PARTIES: usize = 4;

/// Whose places a job takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// The house's own work, and mail.
    House,
    /// Work for partners, in lanes that were not slow last.
    Prompt,
    /// Work in lanes that were slow last.
    Slow,
}

impl Share {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::House, Self::Prompt, Self::Slow];
}

/// A place that is taken.
#[derive(Debug, Clone)]
pub struct Taken {
    job: Job,
    share: Share,
    since: Instant,
}

impl Taken {
    /// A place taken now.
    pub fn now(job: Job, share: Share) -> Self {
        Self { job, share, since: Instant::now() }
    }

    /// What runs in it.
    pub fn job(&self) -> &Job {
        &self.job
    }

    fn overruns(&self) -> bool {
        self.share == Share::Prompt && self.since.elapsed() >= PROMPT
    }

    fn counts_as(&self) -> Share {
        if self.overruns() { Share::Slow } else { self.share }
    }
}

/// The room that is left in a share.
#[derive(Debug)]
pub struct Room {
    jobs: usize,
    in_a_lane: usize,
    of_a_party: usize,
    lanes: HashMap<String, usize>,
    parties: HashMap<String, usize>,
}

impl Room {
    /// What a share leaves room for, while these places are taken.
    pub fn of<'t>(share: Share, config: &JobConfig, taken: impl Iterator<Item = &'t Taken> + Clone) -> Self {
        let in_share = taken.clone().filter(|one| one.counts_as() == share).count();
        let left = |most: usize| most.saturating_sub(in_share);
        let (jobs, in_a_lane, of_a_party) = match share {
            Share::House => (
                left(config.at_once_for_a_partner + OF_THE_HOUSE),
                config.at_once_in_a_lane,
                config.at_once_for_a_partner,
            ),
            Share::Prompt => {
                let in_all = (MOST * config.at_once).saturating_sub(taken.clone().count());
                (left(config.at_once).min(in_all), config.at_once_in_a_lane, config.at_once_for_a_partner)
            }
            // One at a time shows whether a lane has got well.
            Share::Slow => (left(config.at_once_slow), 1, config.at_once_slow.div_ceil(PARTIES)),
        };
        let (mut lanes, mut parties) = (HashMap::new(), HashMap::new());
        for one in taken {
            let in_lane: &mut usize = lanes.entry(one.job.lane.clone()).or_default();
            *in_lane += 1;
            // A receiver that is silent now is not called by more.
            if share == Share::Prompt && one.overruns() {
                *in_lane = in_a_lane.max(*in_lane);
            }
            if share == Share::Prompt || one.counts_as() == share {
                *parties.entry(one.job.party.clone()).or_default() += 1;
            }
        }
        // The house's own work has neither lane nor party, and no other bound than that of its share.
        lanes.remove("");
        parties.remove("");
        Self { jobs, in_a_lane, of_a_party, lanes, parties }
    }

    /// Whether there is any.
    pub fn is_any(&self) -> bool {
        self.jobs > 0
    }

    /// The lanes in which nothing more may run.
    pub fn full_lanes(&self) -> Vec<&str> {
        full(&self.lanes, self.in_a_lane)
    }

    /// The parties for which nothing more may run.
    pub fn full_parties(&self) -> Vec<&str> {
        full(&self.parties, self.of_a_party)
    }

    /// Those of the due jobs, oldest first, that get a place: in turn one of each party, those with the fewest first.
    pub fn pick(mut self, due: Vec<Job>) -> Vec<Job> {
        let mut turns = self.parties.clone();
        let mut ranked: Vec<(usize, Job)> = due
            .into_iter()
            .map(|job| {
                let turn = turns.entry(job.party.clone()).or_default();
                *turn += 1;
                (*turn, job)
            })
            .collect();
        ranked.sort_by_key(|(turn, _)| *turn);
        let mut picked = Vec::new();
        for (_, job) in ranked {
            let fits = |counts: &HashMap<String, usize>, name: &str, most: usize| {
                name.is_empty() || counts.get(name).is_none_or(|count| *count < most)
            };
            if picked.len() < self.jobs
                && fits(&self.lanes, &job.lane, self.in_a_lane)
                && fits(&self.parties, &job.party, self.of_a_party)
            {
                *self.lanes.entry(job.lane.clone()).or_default() += 1;
                *self.parties.entry(job.party.clone()).or_default() += 1;
                picked.push(job);
            }
        }
        picked
    }
}

fn full(counts: &HashMap<String, usize>, most: usize) -> Vec<&str> {
    counts.iter().filter(|(_, count)| **count >= most).map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: JobConfig = JobConfig {
        at_once: 6,
        at_once_in_a_lane: 2,
        at_once_for_a_partner: 4,
        at_once_slow: 8,
        lease_seconds: 60,
        keep_idempotency_hours: 72,
    };

    fn job(party: &str, lane: &str) -> Job {
        Job {
            id: String::new(),
            kind: String::new(),
            lane: lane.to_owned(),
            party: party.to_owned(),
            payload: String::new(),
            attempts: 0,
            failures: 0,
            leased_until: None,
        }
    }

    fn picked(share: Share, taken: &[Taken], due: &[(&str, &str)]) -> Vec<String> {
        let due = due.iter().map(|(party, lane)| job(party, lane)).collect();
        Room::of(share, &CONFIG, taken.iter()).pick(due).into_iter().map(|job| job.lane).collect()
    }

    fn taken(share: Share, party: &str, lane: &str, ago: Duration) -> Taken {
        Taken { job: job(party, lane), share, since: Instant::now().checked_sub(ago).unwrap() }
    }

    #[test]
    fn parties_take_turns_and_neither_they_nor_lanes_take_all() {
        let due = [("a", "a1"), ("a", "a1"), ("a", "a1"), ("a", "a2"), ("a", "a3"), ("a", "a4"), ("b", "b1")];
        assert_eq!(picked(Share::Prompt, &[], &due), ["a1", "b1", "a1", "a2", "a3"]);
    }

    #[test]
    fn what_overruns_leaves_its_place_to_others_but_not_to_its_lane() {
        let all = |ago| vec![taken(Share::Prompt, "a", "a1", ago); 6];
        assert!(picked(Share::Prompt, &all(Duration::ZERO), &[("b", "b1")]).is_empty());
        let (slow, due) = (all(PROMPT), [("a", "a2"), ("b", "b1"), ("c", "a1")]);
        assert_eq!(picked(Share::Prompt, &slow, &due), ["b1"], "its party has its part, its lane is silent");
        assert_eq!(picked(Share::Slow, &slow, &[("c", "c1"), ("c", "c2"), ("c", "c3")]), ["c1", "c2"]);
        let most = vec![taken(Share::Prompt, "a", "a1", PROMPT); MOST * 6];
        assert!(picked(Share::Prompt, &most, &due).is_empty(), "there is a most of all");
    }

    #[test]
    fn a_lane_that_was_slow_runs_one_at_a_time() {
        assert_eq!(picked(Share::Slow, &[], &[("a", "a1"), ("a", "a1"), ("a", "a2"), ("a", "a3")]), ["a1", "a2"]);
    }

    #[test]
    fn the_house_always_has_places_that_no_mail_takes() {
        let mail = vec![taken(Share::House, MAIL, "mail:a.example", Duration::ZERO); 4];
        let due = vec![("mail", "mail:b.example"), ("", "")];
        assert_eq!(picked(Share::House, &mail, &due), [""]);
        let busy = vec![taken(Share::Prompt, "a", "a1", Duration::ZERO); 24];
        assert_eq!(picked(Share::House, &busy, &due), ["mail:b.example", ""]);
    }
}
