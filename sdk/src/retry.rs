use crate::{Error, Result};
use std::time::Duration;

const LONGEST_PAUSE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Makes the attempt, and up to `retries` more of them as long as the reason for failing may pass.
pub async fn run<T, F>(retries: u32, attempt: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut done = 0;
    loop {
        match attempt().await {
            Err(error) if done < retries && error.is_retryable() => tokio::time::sleep(pause(&error, done)).await,
            end => return end,
        }
        done += 1;
    }
}

/// What the service asks for, else a random part of a time that doubles, so that clients which failed together do not
/// come back together.
fn pause(error: &Error, done: u32) -> Duration {
    let backoff = || (FIRST_PAUSE * 2_u32.saturating_pow(done)).mul_f64(random_fraction());
    error.retry_after().unwrap_or_else(backoff).min(LONGEST_PAUSE)
}

/// The bits of a random UUID spare a dependency on a generator of random numbers.
fn random_fraction() -> f64 {
    let (bits, _) = uuid::Uuid::new_v4().as_u64_pair();
    f64::from((bits >> 32) as u32) / f64::from(u32::MAX)
}
