//! Reading a directory's file: all of it is taken, or, when a line is wrong, nothing, and every wrong line is named.

use super::model::{CompanyRow, LocationRow, PartnerLocationKind};
use super::{rules, store};
use crate::db::words::Json;
use crate::db::write::Actor;
use crate::error::{Code, Error, Fault, Result};
use crate::messages::Language;
use crate::profiles;
use crate::profiles::{Address, Contact};
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
    #[serde(rename = "tenantId", default)]
    tenant_id: Option<String>,
    #[serde(rename = "contactFirstName", default)]
    first_name: Option<String>,
    #[serde(rename = "contactLastName", default)]
    last_name: Option<String>,
    #[serde(rename = "contactEmail", default)]
    email: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompanyLine {
    duns: String,
    legal_name: String,
    country: String,
}

/// Where a company is: all of it, or none. Read from the same line; flattened, a postal code would be a number.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddressColumns {
    #[serde(default)]
    line1: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    postal_code: Option<String>,
}

impl AddressColumns {
    fn read(self) -> Option<Json> {
        let (line1, city, postal_code) = (said(self.line1)?, said(self.city)?, said(self.postal_code)?);
        Json::of(&Address { line1, line2: None, city, state: said(self.state), postal_code }).ok()
    }
}

/// An empty column says nothing.
fn said(column: Option<String>) -> Option<String> {
    column.filter(|text| !text.is_empty())
}

/// Takes PartnerIDs into the directory: the columns are partnerLocationId, kind, country and, if wanted, name, tenantId,
/// line1, city, state and postalCode, contactFirstName, contactLastName and contactEmail. Of what stands there a company
/// that enrols is not asked again (ENR-17).
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

fn location(line: LocationLine, address: AddressColumns) -> Result<LocationRow, Vec<Fault>> {
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
    let tenant_id = said(line.tenant_id).map(|id| profiles::tenant_guid(&id, "/tenantId")).transpose();
    let tenant_id = tenant_id.map_err(|fault| faults.push(fault)).unwrap_or_default();
    let contact = match (said(line.first_name), said(line.last_name), said(line.email)) {
        (Some(first_name), Some(last_name), Some(email)) => Some(Contact { first_name, last_name, email, phone: None }),
        _ => None,
    };
    faults.extend(contact.iter().flat_map(|contact| profiles::contact(contact, "/contact")));
    match (kind, country) {
        (Some(kind), Some(country)) if faults.is_empty() => Ok(LocationRow {
            id: line.id,
            kind,
            country,
            name: said(line.name),
            tenant_id,
            address: address.read(),
            contact: contact.and_then(|contact| Json::of(&contact).ok()),
        }),
        _ => Err(faults),
    }
}

fn company(line: CompanyLine, address: AddressColumns) -> Result<CompanyRow, Vec<Fault>> {
    let mut faults = Vec::new();
    let duns = profiles::duns(&line.duns, "/duns").map_err(|fault| faults.push(fault)).ok();
    let country = profiles::country(&line.country, "/country").map_err(|fault| faults.push(fault)).ok();
    if line.legal_name.is_empty() {
        faults.push(Fault::at("/legalName", Code::FieldRequired));
    }
    match (duns, country) {
        (Some(duns), Some(country)) if faults.is_empty() => {
            Ok(CompanyRow { duns, name: line.legal_name, country, address: address.read() })
        }
        _ => Err(faults),
    }
}

/// Reads every line, and says of each wrong one what is wrong with it. A file that is no CSV at all is an error.
fn lines<L: DeserializeOwned, R>(
    file: impl Read,
    row: impl Fn(L, AddressColumns) -> Result<R, Vec<Fault>>,
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
        let read = record.deserialize::<L>(Some(&headers));
        let address = record.deserialize::<AddressColumns>(Some(&headers));
        match read.and_then(|read| Ok(row(read, address?))) {
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
