//! How many requests a minute are taken from each client, each partner and each address without a valid token: token
//! buckets in the memory of this replica, which grants its share of each quota and says so. They run on a monotonic
//! clock, so that setting the machine's clock neither opens nor blocks anything.
//!
//! What a caller is told follows draft-ietf-httpapi-ratelimit-headers-11: `RateLimit-Policy` with the quota `q` of the
//! window `w`, `RateLimit` with the rest `r` and `t`, the seconds until all of it is there again. With nothing left,
//! `t` is the time to the next request, which is also `Retry-After`.

use super::Principal;
use crate::config::LimitConfig;
use crate::error::{Code, Error, Result};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::fmt::Write;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Quotas are for each minute.
const WINDOW_SECONDS: u32 = 60;
/// How many times what strangers may ask of an address is granted it of what is published.
const PUBLISHED: u32 = 10;
/// After so many requests the buckets that are full again are dropped, which bounds the memory they take.
const SWEEP: u32 = 16_384;

/// All buckets of this replica.
pub struct Limits<C: Clock = MonotonicClock> {
    client: Buckets<Arc<str>, C>,
    partner: Buckets<String, C>,
    address: Buckets<String, C>,
    published: Buckets<String, C>,
    token: Buckets<(String, String), C>,
    token_address: Buckets<String, C>,
}

/// Where a caller stands with its limits, as its headers say it.
#[derive(Debug, Default, PartialEq)]
pub struct Standing {
    /// `RateLimit-Policy`; empty where no limit is set.
    pub policy: String,
    /// `RateLimit`.
    pub rest: String,
}

impl Limits {
    /// The buckets for these settings.
    pub fn of(config: &LimitConfig) -> Self {
        Self::with_clock(config, &MonotonicClock)
    }
}

impl<C: Clock + Clone> Limits<C> {
    fn with_clock(config: &LimitConfig, clock: &C) -> Self {
        let replicas = config.replicas.max(1);
        let published = config.address_per_minute.saturating_mul(PUBLISHED);
        Self {
            client: Buckets::of("client", config.client_per_minute, replicas, clock),
            partner: Buckets::of("partner", config.partner_per_minute, replicas, clock),
            address: Buckets::of("address", config.address_per_minute, replicas, clock),
            published: Buckets::of("published", published, replicas, clock),
            token: Buckets::of("token", config.token_per_minute, replicas, clock),
            token_address: Buckets::of("token-address", config.token_address_per_minute, replicas, clock),
        }
    }

    /// A request with a valid token: counts for its client, then for its partner.
    pub fn caller(&self, principal: &Principal) -> (Standing, Result<()>) {
        let mut standing = Standing::default();
        let client = self.client.take(&principal.client_id, &mut standing);
        let taken = client.and_then(|()| match &principal.partner_id {
            Some(partner) => self.partner.take(partner, &mut standing),
            None => Ok(()),
        });
        (standing, taken)
    }

    /// A request without a valid token: counts for the address that it came from.
    pub fn stranger(&self, address: &str) -> (Standing, Result<()>) {
        let mut standing = Standing::default();
        let taken = self.address.take(&origin(address), &mut standing);
        (standing, taken)
    }

    /// A request for what is published, such as the public keys: counts for its address, in a bucket of its own, so
    /// that somebody's bad tokens there do not keep others from verifying good ones.
    pub fn published(&self, address: &str) -> (Standing, Result<()>) {
        let mut standing = Standing::default();
        let taken = self.published.take(&origin(address), &mut standing);
        (standing, taken)
    }

    /// A request for an access token. It counts for the client that it names at this address, so that nobody who knows
    /// a client's id can lock that client out from elsewhere; what is let through counts for the address as well, so
    /// that one client that keeps trying leaves room for the others there.
    pub fn token(&self, address: &str, client_id: &str) -> (Standing, Result<()>) {
        let mut standing = Standing::default();
        let origin = origin(address);
        // What is no id names no client, and would let the caller make up keys.
        let client = if crate::ids::is_id(client_id) {
            self.token.take(&(client_id.to_owned(), origin.clone()), &mut standing)
        } else {
            Ok(())
        };
        let taken = client.and_then(|()| self.token_address.take(&origin, &mut standing));
        (standing, taken)
    }
}

/// Whoever has an IPv6 address usually has the whole /64.
fn origin(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).to_string(),
        Ok(address) => address.to_string(),
        Err(_unknown) => address.to_owned(),
    }
}

/// The buckets of one policy.
struct Buckets<K: Hash + Eq + Clone, C: Clock> {
    name: &'static str,
    on: Option<On<K, C>>,
}

struct On<K: Hash + Eq + Clone, C: Clock> {
    quota: NonZeroU32,
    limiter: RateLimiter<K, DashMapStateStore<K>, C, StateInformationMiddleware>,
    taken: AtomicU32,
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Buckets<K, C> {
    fn of(name: &'static str, per_minute: u32, replicas: u32, clock: &C) -> Self {
        // The share is at least one: a limit that is set lets something through.
        let share =
            NonZeroU32::new(per_minute).map(|all| NonZeroU32::new(all.get() / replicas).unwrap_or(NonZeroU32::MIN));
        let on = share.map(|quota| On {
            quota,
            limiter: RateLimiter::new(Quota::per_minute(quota), DashMapStateStore::default(), clock.clone()),
            taken: AtomicU32::new(0),
        });
        Self { name, on }
    }

    fn take(&self, key: &K, standing: &mut Standing) -> Result<()> {
        let Some(on) = &self.on else { return Ok(()) };
        let quota = on.quota.get();
        // A bucket that is full again is as good as none.
        if on.taken.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            on.limiter.retain_recent();
        }
        let wait = match on.limiter.check_key(key) {
            Ok(state) => {
                let rest = state.remaining_burst_capacity();
                let missing = if rest == 0 { 1 } else { quota.saturating_sub(rest) };
                let until_full = u64::from(missing) * u64::from(WINDOW_SECONDS);
                standing.add(self.name, quota, rest, until_full.div_ceil(u64::from(quota)));
                return Ok(());
            }
            Err(until) => until.wait_time_from(on.limiter.clock().now()),
        };
        let seconds = whole_seconds(wait);
        standing.add(self.name, quota, 0, u64::from(seconds));
        Err(Error::new(Code::RateLimited)
            .with("violatedPolicies", [self.name])
            .with("limit", quota)
            .with("seconds", seconds)
            .retry_in(seconds))
    }
}

impl Standing {
    fn add(&mut self, name: &str, quota: u32, rest: u32, seconds: u64) {
        let comma = if self.policy.is_empty() { "" } else { ", " };
        // Writing to a text does not fail.
        let _done = write!(self.policy, "{comma}\"{name}\";q={quota};w={WINDOW_SECONDS}");
        let _done = write!(self.rest, "{comma}\"{name}\";r={rest};t={seconds}");
    }
}

/// Never earlier than it is: rounded up.
fn whole_seconds(wait: Duration) -> u32 {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::TokenKind;
    use governor::clock::FakeRelativeClock;
    use test_case::test_case;

    fn limits(client: u32, partner: u32, replicas: u32) -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let config = LimitConfig {
            body_bytes: 0,
            import_bytes: 0,
            body_seconds: 0,
            bodies_mebibytes: 0,
            connections: 0,
            client_per_minute: client,
            partner_per_minute: partner,
            address_per_minute: client,
            token_per_minute: 15,
            token_address_per_minute: 40,
            client_key_reveals_per_day: 0,
            partner_key_reveals_per_day: 0,
            replicas,
        };
        (Limits::with_clock(&config, &clock), clock)
    }

    fn principal(client: &str, partner: &str) -> Principal {
        Principal {
            client_id: client.into(),
            kind: TokenKind::Partner,
            partner_id: Some(partner.to_owned()),
            customer_id: None,
            scopes: Vec::new(),
            roles: Vec::new(),
            token_id: String::new(),
        }
    }

    fn passed(count: usize, take: impl Fn() -> Result<()>) -> usize {
        std::iter::repeat_with(take).take(count).filter(Result::is_ok).count()
    }

    #[test_case(1, 100; "one replica")]
    #[test_case(4, 25; "four replicas, each with its share")]
    #[test_case(1000, 1; "a share of less than one is one")]
    fn the_quota_passes_and_not_one_more_until_time_has_passed(replicas: u32, share: u32) {
        let (limits, clock) = limits(100, 0, replicas);
        let caller = principal("c", "p");
        let most = usize::try_from(share).unwrap();
        assert_eq!(passed(most + 20, || limits.caller(&caller).1), most);
        let (standing, refused) = limits.caller(&caller);
        let seconds = refused.unwrap_err().retry_after().unwrap();
        assert_eq!(standing.policy, format!("\"client\";q={share};w=60"));
        assert_eq!(standing.rest, format!("\"client\";r=0;t={seconds}"));
        clock.advance(Duration::from_millis(1));
        assert!(limits.caller(&caller).1.is_err());
        clock.advance(Duration::from_secs(seconds.into()));
        assert!(limits.caller(&caller).1.is_ok(), "what Retry-After says is enough");
        clock.advance(Duration::from_secs(60));
        assert_eq!(passed(most + 20, || limits.caller(&caller).1), most, "and after a minute all is there again");
    }

    #[test]
    fn clients_and_partners_are_counted_for_themselves() {
        let (limits, _clock) = limits(10, 15, 1);
        assert_eq!(passed(20, || limits.caller(&principal("c1", "p1")).1), 10);
        assert_eq!(passed(6, || limits.caller(&principal("c2", "p1")).1), 5, "the partner has used its own up");
        let (standing, refused) = limits.caller(&principal("c2", "p1"));
        assert_eq!(refused.unwrap_err().context()["violatedPolicies"], serde_json::json!(["partner"]));
        assert_eq!(standing.policy, "\"client\";q=10;w=60, \"partner\";q=15;w=60");
        assert!(standing.rest.starts_with("\"client\";r=3;t=42, \"partner\";r=0;t=4"), "{}", standing.rest);
        assert_eq!(passed(20, || limits.caller(&principal("c3", "p2")).1), 10);
        assert_eq!(passed(20, || limits.stranger("192.0.2.1").1), 10);
        assert_eq!(passed(20, || limits.stranger("192.0.2.2").1), 10);
    }

    #[test]
    fn what_is_left_and_when_all_is_back_is_said() {
        let (limits, _clock) = limits(100, 0, 1);
        passed(49, || limits.caller(&principal("c", "p")).1);
        let (standing, _taken) = limits.caller(&principal("c", "p"));
        assert_eq!(standing.rest, "\"client\";r=50;t=30");
    }

    #[test]
    fn nought_switches_a_limit_off() {
        let (limits, _clock) = limits(0, 0, 1);
        assert_eq!(passed(1000, || limits.caller(&principal("c", "p")).1), 1000);
        assert_eq!(limits.caller(&principal("c", "p")).0, Standing::default());
    }

    #[test]
    fn a_client_that_keeps_trying_blocks_neither_others_nor_itself_elsewhere() {
        let (limits, _clock) = limits(0, 0, 1);
        let [one, two] = [1, 2].map(|_| crate::ids::new_id(crate::clock::machine_now()));
        assert_eq!(passed(1000, || limits.token("192.0.2.1", &one).1), 15);
        assert!(limits.token("192.0.2.1", &two).1.is_ok());
        assert!(limits.token("192.0.2.2", &one).1.is_ok());
        assert_eq!(passed(1000, || limits.token("192.0.2.1", "no id").1), 40 - 16, "the address has its own");
    }

    #[test]
    fn idle_buckets_are_dropped() {
        let (limits, clock) = limits(100, 0, 1);
        let known = |limits: &Limits<FakeRelativeClock>| limits.address.on.as_ref().unwrap().limiter.len();
        for number in 0..SWEEP - 1 {
            limits.stranger(&format!("address {number}")).1.unwrap();
        }
        assert_eq!(known(&limits), usize::try_from(SWEEP).unwrap() - 1);
        clock.advance(Duration::from_secs(60));
        limits.stranger("one more").1.unwrap();
        assert_eq!(known(&limits), 1);
    }

    #[test_case("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"; "one network")]
    #[test_case("::ffff:192.0.2.1", "192.0.2.1"; "one address in two forms")]
    #[test_case("192.0.2.1", "192.0.2.1"; "an address")]
    #[test_case("", ""; "nothing known")]
    fn an_address_is_counted_by_its_network(address: &str, expected: &str) {
        assert_eq!(origin(address), expected);
    }
}
