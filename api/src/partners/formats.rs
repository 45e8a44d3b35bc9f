//! Stand-in.

use crate::clock::Instant;

pub fn end_of_business_day(from: Instant, days: u32) -> Instant {
    from + chrono::TimeDelta::days(i64::from(days) + 2)
}
