//! Reading a directory's file: all of it is taken, or, when a line is wrong, nothing, and every wrong line is named.

use super::model::{CompanyRow, LocationRow, PartnerLocationKind};
use super::{rules, store};
use crate::db::words::Json;
use crate::db::write::Actor;
use crate::error::{Code, Error, Fault, Result};
use crate::messages::Language;
use crate::profiles;
use crate::profiles::Address;
use crate::state::State;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::io::Read;

/// What became of a file.
#[derive(Debug, Default, Serialize)]
pub struct DirectoryReport {
    /// How many lines were taken: all or none.
    pub imported: usize,
    /// The lines that are wrong.
    pub refused: Vec<WrongLine>,
}

/// A line that is wrong.
#[derive(Debug, Serialize)]
pub struct WrongLine {
    /// Its number in the file; the heading is 1.
    pub line: u64,
    /// Why.
    pub code: &'static str,
    /// The same in words.
    pub detail: String,
}

#[derive(serde::Deserialize)]
struct LocationLine {
    #[serde(rename = "partnerLocationId")]
    id: String,
    kind: String,
    country: String,
    #[serde(default)]
    name: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompanyLine {
    duns: String,
    legal_name: String,
    country: String,
    #[serde(default)]
    line1: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    postal_code: Option<String>,
}

/// Takes PartnerIDs into the directory: the columns are partnerLocationId, kind, country and, if wanted, name.
pub async fn import_locations(state: &State, file: impl Read) -> Result<DirectoryReport> {
    let (rows, refused) = lines(file, location, |row| &row.id)?;
    if !refused.is_empty() {
        return Ok(DirectoryReport { imported: 0, refused });
    }
    let take = async |tx: &mut crate::db::write::Tx<'_>| {
        for row in &rows {
            store::put_location(tx, row).await?;
        }
        tx.because(&format!("{} PartnerIDs were imported", rows.len()));
        Ok(())
    };
    state.write(&Actor::house("import_partner_locations"), take).await?;
    Ok(DirectoryReport { imported: rows.len(), refused })
}

/// Takes companies into the directory: the columns are duns, legalName, country and, if wanted, line1, city, state and
/// postalCode.
pub async fn import_companies(state: &State, file: impl Read) -> Result<DirectoryReport> {
    let (rows, refused) = lines(file, company, |row| &row.duns)?;
    if !refused.is_empty() {
        return Ok(DirectoryReport { imported: 0, refused });
    }
    let take = async |tx: &mut crate::db::write::Tx<'_>| {
        for row in &rows {
            store::put_company(tx, row).await?;
        }
        tx.because(&format!("{} companies were imported", rows.len()));
        Ok(())
    };
    state.write(&Actor::house("import_companies"), take).await?;
    Ok(DirectoryReport { imported: rows.len(), refused })
}

fn location(line: LocationLine) -> Result<LocationRow, Vec<Fault>> {
    let mut faults = Vec::new();
    if !rules::is_partner_id(&line.id) {
        faults.push(Fault::at("/partnerLocationId", Code::PartnerIdInvalid).with("digits", 10));
    }
    let kind = match line.kind.as_str() {
        "location" => Some(PartnerLocationKind::Location),
        "global" => Some(PartnerLocationKind::Global),
        _ => None,
    };
    if kind.is_none() {
        faults.push(Fault::at("/kind", Code::FieldNotAllowed).with("allowed", ["location", "global"]));
    }
    let country = profiles::country(&line.country, "/country").map_err(|fault| faults.push(fault)).ok();
    match (kind, country) {
        (Some(kind), Some(country)) if faults.is_empty() => {
            Ok(LocationRow { id: line.id, kind, country, name: line.name.filter(|name| !name.is_empty()) })
        }
        _ => Err(faults),
    }
}

fn company(line: CompanyLine) -> Result<CompanyRow, Vec<Fault>> {
    let mut faults = Vec::new();
    let duns = profiles::duns(&line.duns, "/duns").map_err(|fault| faults.push(fault)).ok();
    let country = profiles::country(&line.country, "/country").map_err(|fault| faults.push(fault)).ok();
    if line.legal_name.is_empty() {
        faults.push(Fault::at("/legalName", Code::FieldRequired));
    }
    let address = match (line.line1, line.city, line.postal_code) {
        (Some(line1), Some(city), Some(postal_code)) if !line1.is_empty() => {
            let state = line.state.filter(|state| !state.is_empty());
            Json::of(&Address { line1, line2: None, city, state, postal_code }).ok()
        }
        _ => None,
    };
    match (duns, country) {
        (Some(duns), Some(country)) if faults.is_empty() => {
            Ok(CompanyRow { duns, name: line.legal_name, country, address })
        }
        _ => Err(faults),
    }
}

/// Reads every line, and says of each wrong one what is wrong with it. A file that is no CSV at all is an error.
fn lines<L: DeserializeOwned, R>(
    file: impl Read,
    row: impl Fn(L) -> Result<R, Vec<Fault>>,
    id: impl Fn(&R) -> &str,
) -> Result<(Vec<R>, Vec<WrongLine>)> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(false).from_reader(file);
    let headers = reader.headers().map_err(Error::internal)?.clone();
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    for record in reader.records() {
        let malformed = |error: &csv::Error, line: u64| WrongLine {
            line: error.position().map_or(line, csv::Position::line),
            code: "line_malformed",
            detail: format!("the line does not have the columns of the heading: {error}"),
        };
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                refused.push(malformed(&error, 0));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match record.deserialize::<L>(Some(&headers)).map(&row) {
            Err(error) => refused.push(malformed(&error, line)),
            Ok(Err(faults)) => refused.extend(faults.iter().map(|fault| WrongLine {
                line,
                code: fault.code.as_str(),
                detail: format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.code.title(Language::English)),
            })),
            Ok(Ok(row)) => {
                if let Some(first) = seen.insert(id(&row).to_owned(), line) {
                    let detail = format!("the same stands in line {first}");
                    refused.push(WrongLine { line, code: "line_duplicate", detail });
                }
                rows.push(row);
            }
        }
    }
    Ok((rows, refused))
}
