//! Keys come into stock from CSV: read to its end first, every bad line reported by its number, then written some
//! hundred rows a transaction, sealed on the way in (SWK-09).

use super::model::{KeyKind, KeyRow, KeyState};
use super::open_stock::VERSION as OPEN_VERSION;
use super::product_key::ProductKey;
use super::reveal::place;
use super::stock::{self, Stock};
use crate::catalog::{self, Channel};
use crate::db::Db;
use crate::db::schema::{product_keys, product_media};
use crate::db::write::{Actor, Tx};
use crate::error::{Code, Error, Result};
use crate::on;
use crate::open;
use crate::state::State;
use crate::topic::Topic;
use crate::vault::STOCK;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::sync::Arc;
use utoipa::ToSchema;

/// Rows of one transaction: long enough to be quick, short enough to hold nobody up.
const BATCH: usize = 500;
/// The most refused lines that are told one by one.
pub const MOST_REFUSED: usize = 1000;
/// The most names that a refusal offers.
const MOST_NAMES: usize = 15;

/// A line of the file: `product,version,key` and optionally `kind`.
#[derive(Deserialize)]
struct Line {
    product: String,
    version: String,
    key: String,
    #[serde(default)]
    kind: Option<String>,
}

/// What may stand in a file: the products that keys are for, each with its versions. The lines of a file share these
/// names, so that a large one takes little memory.
pub struct Known(BTreeMap<Arc<str>, Vec<Arc<str>>>);

/// A line that can be taken in.
pub struct NewKey {
    line: u64,
    product_id: Arc<str>,
    version: Arc<str>,
    kind: KeyKind,
    key: ProductKey,
}

/// What became of a file.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Keys that are in stock now.
    pub imported: u64,
    /// Lines that were refused, each with its number and why: the first 1000 of them, in the order of the file.
    pub refused: Vec<RefusedLine>,
    /// How many lines were refused.
    pub refused_total: u64,
}

/// A refused line. It never shows the key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedLine {
    /// Counts from 1, the heading included.
    #[schema(minimum = 0)]
    pub line: u64,
    /// The stable word.
    #[schema(max_length = 64, example = "key_duplicate")]
    pub code: &'static str,
    /// The same in words.
    #[schema(max_length = 2000)]
    pub detail: String,
}

impl ImportReport {
    /// Takes a refused line down. However many there are, no more are kept than are told.
    fn refuse(&mut self, line: u64, code: &'static str, detail: impl Into<String>) {
        self.refused_total += 1;
        if self.refused.len() == MOST_REFUSED && self.refused.last().is_some_and(|last| last.line <= line) {
            return;
        }
        self.refused.truncate(MOST_REFUSED - 1);
        let at = self.refused.partition_point(|before| before.line <= line);
        self.refused.insert(at, RefusedLine { line, code, detail: detail.into() });
    }
}

/// A product and one of its versions, as they are known.
type Place = (Arc<str>, Arc<str>);

impl Known {
    /// What is known now.
    pub async fn of(state: &State) -> Result<Self> {
        let mut reader = state.read().await?;
        let mut db = reader.db()?;
        let pairs: Vec<(String, String)> = on!(&mut db, c => product_media::table
            .select((product_media::product_id, product_media::version))
            .distinct()
            .limit(100_000)
            .load(c))?;
        let open = catalog::products_through(&mut db, Channel::Open).await?;
        let open = open.into_iter().map(|product| (product, OPEN_VERSION.to_owned()));
        let mut known: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
        for (product, version) in pairs.into_iter().chain(open) {
            known.entry(product.into()).or_default().push(version.into());
        }
        Ok(Self(known))
    }

    /// The product and the version of a line, or why they are none. What stands in the line is not repeated: where columns
    /// were mistaken for one another it may be a key.
    fn place(&self, product: &str, version: &str) -> std::result::Result<Place, (&'static str, String)> {
        let Some((product, versions)) = self.0.get_key_value(product) else {
            return Err(("product_unknown", format!("there is no such product; there are: {}", listed(self.0.keys()))));
        };
        let Some(version) = versions.iter().find(|known| known.as_ref() == version) else {
            let detail = format!("there is no such version of `{product}`; there are: {}", listed(versions.iter()));
            return Err(("version_unknown", detail));
        };
        Ok((product.clone(), version.clone()))
    }
}

/// The first of some names.
fn listed<'a>(names: impl ExactSizeIterator<Item = &'a Arc<str>>) -> String {
    let all = names.len();
    let mut first: Vec<&str> = names.take(MOST_NAMES).map(AsRef::as_ref).collect();
    if all > first.len() {
        first.push("…");
    }
    first.join(", ")
}

/// Reads a file as it streams in; bad lines go into the report.
pub fn read_keys(file: impl Read, separator: u8, known: &Known, report: &mut ImportReport) -> Result<Vec<NewKey>> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).flexible(false).from_reader(file);
    let headers = reader.headers().map_err(Error::internal)?.clone();
    for needed in ["product", "version", "key"] {
        if !headers.iter().any(|name| name == needed) {
            report.refuse(1, "heading_missing", format!("the heading lacks the column `{needed}`"));
        }
    }
    if !report.refused.is_empty() {
        return Ok(Vec::new());
    }
    let mut keys = Vec::new();
    let mut seen: HashMap<u128, u64> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                // csv's own message can quote the line, and with it the key.
                report.refuse(
                    line,
                    "line_malformed",
                    "the line does not have the columns of the heading, or is not UTF-8",
                );
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let Ok(fields) = record.deserialize::<Line>(Some(&headers)) else {
            report.refuse(line, "line_malformed", "the line does not have the columns of the heading");
            continue;
        };
        let kind = if fields.version == OPEN_VERSION { KeyKind::Open } else { KeyKind::Mak };
        let is_other = |stated: &str| !stated.is_empty() && !stated.eq_ignore_ascii_case(kind.as_str());
        if fields.kind.as_deref().is_some_and(is_other) {
            let detail = "only MAK keys exist in the CSP programme; keys of Open have the version `open`";
            report.refuse(line, Code::KeyTypeNotAvailable.as_str(), detail);
            continue;
        }
        let Some(key) = ProductKey::parse(&fields.key) else {
            report.refuse(
                line,
                Code::KeyFormatInvalid.as_str(),
                "a key is five groups of five of BCDFGHJKMNPQRTVWXY2346789",
            );
            continue;
        };
        let (product_id, version) = match known.place(&fields.product, &fields.version) {
            Ok(place) => place,
            Err((code, detail)) => {
                report.refuse(line, code, detail);
                continue;
            }
        };
        match seen.entry(key.number()) {
            Entry::Occupied(first) => {
                report.refuse(line, "key_duplicate", format!("the same key stands in line {}", first.get()));
            }
            Entry::Vacant(unseen) => {
                unseen.insert(line);
                keys.push(NewKey { line, product_id, version, kind, key });
            }
        }
    }
    Ok(keys)
}

/// Takes the keys into stock; `progress` is told how many lines are done.
pub async fn import(state: &State, keys: Vec<NewKey>, report: &mut ImportReport, progress: impl Fn(u64)) -> Result<()> {
    import_as(state, keys, None, report, progress).await
}

/// The same for an import that has a name: one that was interrupted goes on, and its own keys are no duplicates.
pub async fn import_as(
    state: &State,
    keys: Vec<NewKey>,
    import_id: Option<&str>,
    report: &mut ImportReport,
    progress: impl Fn(u64),
) -> Result<()> {
    let actor = Actor::house("import_keys");
    let mut done = 0;
    for batch in keys.chunks(BATCH) {
        let (imported, known) = state.write(&actor, async |tx| take_in(tx, batch, import_id).await).await?;
        report.imported += imported;
        for line in known {
            report.refuse(line, "key_duplicate", "this key was imported before");
        }
        done += u64::try_from(batch.len()).unwrap_or_default();
        progress(done);
    }
    Ok(())
}

/// Writes a batch: how many of its keys are new, and the lines of those that are not.
async fn take_in(tx: &mut Tx<'_>, batch: &[NewKey], import_id: Option<&str>) -> Result<(u64, Vec<u64>)> {
    let (mut imported, mut known) = (0, Vec::new());
    let (mut rows, mut products) = (Vec::new(), BTreeSet::new());
    for new in batch {
        let id = tx.id();
        let row = KeyRow {
            sealed: tx.vault().seal(new.key.expose().as_bytes(), place(&id, STOCK))?,
            fingerprint: tx.vault().fingerprint(new.key.expose().as_bytes())?,
            id,
            product_id: new.product_id.to_string(),
            version: new.version.to_string(),
            kind: new.kind,
            owner: STOCK.to_owned(),
            masked: new.key.masked(),
            state: KeyState::InStock,
            entitlement_id: None,
            imported_at: tx.now().naive_utc(),
            revealed_at: None,
            revoked_at: None,
            language: None,
            bitness: None,
            import_id: import_id.map(str::to_owned),
        };
        rows.push((new.line, row));
    }
    for ((line, row), inserted) in rows.iter().zip(insert_new(tx, &rows).await?) {
        if inserted > 0 {
            imported += 1;
            products.insert(row.product_id.clone());
        } else if is_of_import(tx, row).await? {
            imported += 1;
        } else {
            known.push(*line);
        }
    }
    for product in products {
        stock::wake(tx, &product).await?;
        tx.emit(Topic::KeyStockImported, &Stock(product));
    }
    if batch.iter().any(|new| new.kind == KeyKind::Open) {
        open::fill(tx).await?;
    }
    Ok((imported, known))
}

/// Inserts the rows that are new, and tells of each whether it was: sent together where the database pipelines.
async fn insert_new(tx: &mut Tx<'_>, rows: &[(u64, KeyRow)]) -> Result<Vec<usize>> {
    Ok(match tx.db() {
        Db::Pg(shared) => {
            let shared: &AsyncPgConnection = shared;
            let insert = |(_, row): &'_ (u64, KeyRow)| {
                let row = row.clone();
                async move {
                    let insert = diesel::insert_into(product_keys::table).values(&row).on_conflict_do_nothing();
                    insert.execute(&mut { shared }).await
                }
            };
            try_join_all(rows.iter().map(insert)).await?
        }
        Db::Sqlite(own) => {
            let mut inserted = Vec::with_capacity(rows.len());
            for (_, row) in rows {
                let insert = diesel::insert_into(product_keys::table).values(row).on_conflict_do_nothing();
                inserted.push(insert.execute(own).await?);
            }
            inserted
        }
    })
}

/// Whether a key that is there already was brought by this very import.
async fn is_of_import(tx: &mut Tx<'_>, row: &KeyRow) -> Result<bool> {
    let Some(import_id) = &row.import_id else { return Ok(false) };
    let of_it: i64 = on!(tx.db(), c => product_keys::table
        .filter(product_keys::fingerprint.eq(&row.fingerprint))
        .filter(product_keys::import_id.eq(import_id))
        .count()
        .get_result(c))?;
    Ok(of_it > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, report: &mut ImportReport) -> Vec<NewKey> {
        let known = Known(BTreeMap::from([("w".into(), vec!["2022".into()])]));
        read_keys(file.as_bytes(), b',', &known, report).unwrap()
    }

    #[test]
    fn rule_swk_09_bad_lines_are_told_by_their_number_and_never_show_a_key() {
        let file = "product,version,key\n\
            w,2022,BCDFG-HJKMN-PQRTV-WXY23-46789\n\
            w,2022,ACDFG-HJKMN-PQRTV-WXY23-46789\n\
            w,2022,bcdfg hjkmn pqrtv wxy23 46789\n\
            w,2022\n\
            w,2022,BCDFG-HJKMN-PQRTV-WXY23-46788\n";
        let mut report = ImportReport::default();
        let keys = read(file, &mut report);
        assert_eq!(keys.iter().map(|key| key.line).collect::<Vec<_>>(), [2, 6]);
        let refused: Vec<_> = report.refused.iter().map(|refused| (refused.line, refused.code)).collect();
        assert_eq!(refused, [(3, "key_format_invalid"), (4, "key_duplicate"), (5, "line_malformed")]);
        assert!(!serde_json::to_string(&report).unwrap().contains("HJKMN-PQRTV"));
    }

    #[test]
    fn rule_swk_03_columns_that_were_mistaken_for_one_another_show_no_key() {
        let file = "key,version,product\n\
            w,2022,BCDFG-HJKMN-PQRTV-WXY23-46789\n\
            BCDFG-HJKMN-PQRTV-WXY23-46789,2022,BCDFG-HJKMN-PQRTV-WXY23-46788\n\
            BCDFG-HJKMN-PQRTV-WXY23-46789,BCDFG-HJKMN-PQRTV-WXY23-46788,w\n";
        let mut report = ImportReport::default();
        assert!(read(file, &mut report).is_empty());
        let refused: Vec<_> = report.refused.iter().map(|refused| (refused.line, refused.code)).collect();
        assert_eq!(refused, [(2, "key_format_invalid"), (3, "product_unknown"), (4, "version_unknown")]);
        assert!(!serde_json::to_string(&report).unwrap().contains("HJKMN-"), "{report:?}");
    }

    #[test]
    fn rule_swk_09_of_very_many_bad_lines_the_first_are_told_and_all_are_counted() {
        let mut report = ImportReport::default();
        for line in (2..=3000).rev() {
            report.refuse(line, "key_duplicate", "");
        }
        let told: Vec<u64> = report.refused.iter().map(|refused| refused.line).collect();
        assert_eq!((told, report.refused_total), ((2..=1001).collect(), 2999));
        report.refuse(3001, "key_duplicate", "");
        assert_eq!((report.refused.len(), report.refused_total), (1000, 3000));
    }

    #[test]
    fn rule_swk_06_a_kms_key_is_refused() {
        let mut report = ImportReport::default();
        let file = "product,version,kind,key\nw,2022,KMS,BCDFG-HJKMN-PQRTV-WXY23-46789\n";
        assert!(read(file, &mut report).is_empty());
        assert_eq!(report.refused[0].code, "key_type_not_available");
    }

    #[test]
    fn a_file_without_heading_is_told_so_once() {
        let mut report = ImportReport::default();
        assert!(read("w,2022,BCDFG-HJKMN-PQRTV-WXY23-46789\n", &mut report).is_empty());
        assert!(report.refused.iter().all(|refused| refused.line == 1 && refused.code == "heading_missing"));
    }
}
