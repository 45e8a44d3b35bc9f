use crate::{Error, Result, trace::Watch};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use tokio::time::Instant;

/// What a repeat takes out of the budget; an answer of success brings 1 back.
const COST: u32 = 10;

/// How failed calls are repeated, where that is safe.
///
/// It is safe for `GET`, `PUT` and `DELETE`, and for every `POST` under an idempotency key. Every other call, such as a
/// change to the version that was read ([`if_match`](crate::Call::if_match)), is repeated only where it was surely not
/// made: without a connection, after 429, and after 503 with `Retry-After`. A repeated `DELETE` that finds nothing more
/// to delete has succeeded. Repeated is what may pass:
/// no connection, no answer in time, the statuses 408, 425, 429, 500, 502, 503 and 504, and a key that is in flight.
/// The pause before a repeat is a random part of a time that doubles ("full jitter"), so that clients which failed
/// together do not come back together; where the service says how long to wait (`Retry-After`), it is that. A pause
/// that would go past the [deadline](crate::Call::deadline) is not begun: the error comes at once.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Retry {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    budget: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            attempts: 3,
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(20),
            budget: 100,
        }
    }
}

impl Retry {
    /// Every call is sent once.
    pub fn never() -> Self {
        Retry::default().attempts(1)
    }

    /// How often a call is sent at most; 3 unless said otherwise. Once more if its token is refused and can be renewed:
    /// that repeat does not count, those before it do.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The longest that the first pause may be; 100 ms unless said otherwise. It doubles with each repeat.
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// What a pause never exceeds unless the service asks for more; 20 s unless said otherwise.
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// How many repeats a client may have made on credit; 100 unless said otherwise. Ten calls that succeed earn one
    /// back. When all is spent, calls fail at their first failure, so that a service in trouble is not buried under
    /// repeats.
    pub fn budget(mut self, repeats: u32) -> Self {
        self.budget = repeats;
        self
    }
}

/// What may be repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Repeats {
    /// Nothing.
    None,
    /// What the service surely did not act on.
    NotDone,
    /// Whatever may pass.
    All,
}

impl Repeats {
    fn hold(self, error: &Error) -> bool {
        match self {
            Repeats::None => false,
            Repeats::NotDone => error.is_retryable() && error.is_not_done(),
            Repeats::All => error.is_retryable(),
        }
    }
}

/// The rule, and what is left of its budget; shared by all clones of a client.
pub struct Retries {
    rule: Retry,
    left: AtomicU32,
}

impl Retries {
    pub fn new(rule: Retry) -> Self {
        Retries { left: AtomicU32::new(rule.budget.saturating_mul(COST)), rule }
    }

    /// Makes the attempt; and as far as repeating is safe, more of them as long as the reason for failing may pass.
    pub async fn run<T, F>(&self, safe: Repeats, deadline: Instant, watch: &Watch, attempt: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.go_on(1, None, safe, deadline, watch, attempt).await
    }

    /// As [`run`](Self::run), where the next attempt counts as this one, and there are so many at most.
    pub async fn go_on<T, F>(
        &self,
        mut done: u32,
        most: Option<u32>,
        safe: Repeats,
        deadline: Instant,
        watch: &Watch,
        attempt: impl Fn() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        loop {
            let error = match attempt().await {
                Ok(value) => {
                    self.earn();
                    return Ok(value);
                }
                Err(error) => error,
            };
            let pause = error.retry_after().unwrap_or_else(|| self.pause(done));
            let repeats = safe.hold(&error)
                && done < most.unwrap_or(self.rule.attempts)
                && Instant::now().checked_add(pause).is_some_and(|then| then < deadline)
                && self.spend();
            if !repeats {
                return Err(error);
            }
            watch.repeats(done, &error, pause);
            tokio::time::sleep(pause).await;
            done += 1;
        }
    }

    /// A random part of a time that doubles.
    fn pause(&self, done: u32) -> Duration {
        let doubled = self.rule.first_pause.saturating_mul(2_u32.saturating_pow(done - 1));
        doubled.min(self.rule.longest_pause).mul_f64(random_fraction())
    }

    fn spend(&self) -> bool {
        let taken = |left: u32| left.checked_sub(COST);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }

    fn earn(&self) {
        let whole = self.rule.budget.saturating_mul(COST);
        let given = |left: u32| (left < whole).then_some(left + 1);
        // Whether there was room for it makes no difference.
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, given).ok();
    }
}

/// The bits of a random UUID spare a dependency on a generator of random numbers.
fn random_fraction() -> f64 {
    let (bits, _) = uuid::Uuid::new_v4().as_u64_pair();
    f64::from((bits >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d3_a_pause_is_a_random_part_of_a_time_that_doubles_up_to_the_longest() {
        let retries = Retries::new(Retry::default());
        for (done, longest) in [(1, 100), (2, 200), (3, 400), (8, 12_800), (9, 20_000), (200, 20_000)] {
            let pauses: Vec<_> = (0..400).map(|_| retries.pause(done)).collect();
            let longest = Duration::from_millis(longest);
            assert!(pauses.iter().all(|pause| *pause <= longest), "{done}");
            // Full jitter: short pauses are as likely as long ones.
            assert!(pauses.iter().any(|pause| *pause < longest / 10), "{done}");
            assert!(pauses.iter().any(|pause| *pause > longest * 9 / 10), "{done}");
        }
    }

    #[test]
    fn d3_ten_successes_earn_a_repeat() {
        let retries = Retries::new(Retry::default().budget(1));
        assert!(retries.spend() && !retries.spend());
        (0..9).for_each(|_| retries.earn());
        assert!(!retries.spend());
        retries.earn();
        assert!(retries.spend() && !retries.spend());
        (0..100).for_each(|_| retries.earn());
        assert!(retries.spend() && !retries.spend());
    }
}
