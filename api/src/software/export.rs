//! The stock for auditors: of each key its fingerprint, by which the same key is known again, and what became of it. The
//! key itself, and even its last group, stay here.

use super::model::KeyRow;
use crate::db::schema::product_keys;
use crate::error::{Error, Result};
use crate::on;
use crate::state::State;
use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use std::io::Write;

const PAGE: i64 = 1000;
const COLUMNS: [&str; 8] =
    ["fingerprint", "product", "version", "kind", "state", "entitlement", "imported_at", "revealed_at"];

/// Writes all keys as CSV; tells how many.
pub async fn export_keys(state: &State, out: impl Write) -> Result<u64> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(COLUMNS.iter().chain(&["revoked_at"])).map_err(Error::internal)?;
    let (mut after, mut exported) = (String::new(), 0);
    loop {
        let mut reader = state.read().await?;
        let keys: Vec<KeyRow> = on!(&mut reader.db()?, c => product_keys::table
            .filter(product_keys::id.gt(&after))
            .order(product_keys::id.asc())
            .limit(PAGE)
            .select(KeyRow::as_select())
            .load(c))?;
        drop(reader);
        let Some(last) = keys.as_slice().last() else { break };
        after.clone_from(&last.id);
        for key in &keys {
            let instant = |at: Option<chrono::NaiveDateTime>| {
                at.map(|at| at.and_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
            };
            out.write_record([
                key.fingerprint.as_str(),
                &key.product_id,
                &key.version,
                key.kind.as_str(),
                key.state.as_str(),
                key.entitlement_id.as_deref().unwrap_or_default(),
                &instant(Some(key.imported_at)),
                &instant(key.revealed_at),
                &instant(key.revoked_at),
            ])
            .map_err(Error::internal)?;
            exported += 1;
        }
    }
    out.flush().map_err(Error::internal)?;
    Ok(exported)
}
