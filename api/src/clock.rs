//! The two clocks of PLT-08. Business time decides windows, periods and due dates and is kept in the database, so
//! that a sandbox can move it; machine time serves tokens, limits, leases and idempotency keeping.

use chrono::{DateTime, SubsecRound, Utc};

/// An instant, in UTC, never finer than a microsecond (what PostgreSQL keeps).
pub type Instant = DateTime<Utc>;

/// What this machine's clock says.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
pub fn machine_now() -> Instant {
    Utc::now().trunc_subsecs(6)
}
