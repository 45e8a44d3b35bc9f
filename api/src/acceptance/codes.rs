//! The codes that prove that the organisation's contact was reached: six digits, good for a quarter of an hour, for few
//! attempts, once (CUS-06).

use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::acceptance_codes;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::on;
use crate::vault::{Vault, random_bytes};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use secrecy::{ExposeSecret, SecretString};

/// For how long a code is good, in minutes.
pub const MINUTES: i64 = 15;
/// How often a code may be tried.
const MOST_ATTEMPTS: i64 = 5;
/// How many codes one address is sent, whoever asks: guessing has 50 attempts a day, of a million.
const MOST: [(TimeDelta, i64); 2] = [(TimeDelta::hours(1), 4), (TimeDelta::hours(24), 10)];

/// A row of `acceptance_codes`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = acceptance_codes, treat_none_as_default_value = false)]
pub struct CodeRow {
    id: String,
    request_id: String,
    recipient: String,
    digest: String,
    attempts: i64,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    used_at: Option<NaiveDateTime>,
}

impl CodeRow {
    /// Until when it is good; none where it no longer is.
    pub fn live_until(&self, now: Instant) -> Option<Instant> {
        let until = self.expires_at.and_utc();
        (now < until && self.used_at.is_none() && self.attempts < MOST_ATTEMPTS).then_some(until)
    }
}

/// The code that was sent last for a request, to this address: an older one is worth nothing.
pub async fn last_of(db: &mut Db<'_>, request_id: &str, recipient: &str) -> Result<Option<CodeRow>> {
    let last: Option<CodeRow> = on!(db, c => acceptance_codes::table
        .filter(acceptance_codes::request_id.eq(request_id))
        .order(acceptance_codes::id.desc())
        .select(CodeRow::as_select())
        .first(c))
    .optional()?;
    Ok(last.filter(|code| code.recipient == recipient.to_lowercase()))
}

/// Makes a code for this address.
pub async fn make(tx: &mut Tx<'_>, request_id: &str, recipient: &str) -> Result<SecretString> {
    let (now, recipient) = (tx.now(), recipient.to_lowercase());
    for (window, most) in MOST {
        let sent: Vec<NaiveDateTime> = on!(tx.db(), c => acceptance_codes::table
            .filter(acceptance_codes::recipient.eq(&recipient))
            .filter(acceptance_codes::created_at.gt((now - window).naive_utc()))
            .order(acceptance_codes::created_at.desc())
            .limit(most)
            .select(acceptance_codes::created_at)
            .load(c))?;
        if let Some(oldest) = sent.last().filter(|_| i64::try_from(sent.len()).is_ok_and(|count| count >= most)) {
            let next_at = oldest.and_utc() + window;
            let seconds = u32::try_from((next_at - now).num_seconds().max(1)).unwrap_or(u32::MAX);
            return Err(Error::new(Code::AcceptanceCodeLimit).with("nextAt", next_at).retry_in(seconds));
        }
    }
    let random = random_bytes()?;
    let number = random.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)) % 1_000_000;
    let code = format!("{number:06}");
    let row = CodeRow {
        id: tx.id(),
        request_id: request_id.to_owned(),
        digest: digest(tx.vault(), request_id, &code)?,
        recipient,
        attempts: 0,
        created_at: now.naive_utc(),
        expires_at: (now + TimeDelta::minutes(MINUTES)).naive_utc(),
        used_at: None,
    };
    on!(tx.db(), c => diesel::insert_into(acceptance_codes::table).values(&row).execute(c))?;
    Ok(code.into())
}

/// Uses a code up. What is wrong with it is the inner answer: a wrong attempt must be counted, and so committed.
pub async fn redeem(
    tx: &mut Tx<'_>,
    request_id: &str,
    recipient: &str,
    code: &SecretString,
) -> Result<Result<(), Error>> {
    let last = last_of(tx.db(), request_id, recipient).await?;
    let now = tx.now();
    let Some(last) = last.filter(|last| last.live_until(now).is_some()) else {
        return Ok(Err(Error::new(Code::AcceptanceCodeExpired)));
    };
    let given = digest(tx.vault(), request_id, code.expose_secret())?;
    let attempts = last.attempts + 1;
    let is_right = verify_slices_are_equal(given.as_bytes(), last.digest.as_bytes()).is_ok();
    let used_at = is_right.then(|| now.naive_utc());
    on!(tx.db(), c => diesel::update(acceptance_codes::table.find(&last.id))
        .set((acceptance_codes::attempts.eq(attempts), acceptance_codes::used_at.eq(used_at)))
        .execute(c))?;
    if is_right {
        return Ok(Ok(()));
    }
    Ok(Err(Error::new(Code::AcceptanceCodeWrong).with("attemptsLeft", MOST_ATTEMPTS - attempts)))
}

/// Keyed, because six digits are soon tried out.
fn digest(vault: &Vault, request_id: &str, code: &str) -> Result<String> {
    vault.fingerprint(format!("acceptance code|{request_id}|{code}").as_bytes())
}
