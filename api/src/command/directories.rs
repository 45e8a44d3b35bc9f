//! `lonja partner-locations import` and `lonja companies import`: what the operator knows of the outside.

use crate::Failure;
use clap::Subcommand;
use lonja::config::Config;
use lonja::error::Error;
use lonja::house;
use lonja::partners::{self, DirectoryReport};
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum LocationsCommand {
    /// Take PartnerIDs into the directory from a CSV file with the columns partnerLocationId, kind (location or global),
    /// country and, if wanted, name, tenantId, line1, city, state, postalCode, contactFirstName, contactLastName and
    /// contactEmail. Of what stands there a company that enrols is not asked again; the proof goes to that contact.
    ///
    /// All of it is taken or, when a line is wrong, nothing; every wrong line is named. What is known already is replaced.
    Import {
        /// The file; `-` for standard input.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
pub enum CompaniesCommand {
    /// Take companies into the directory from a CSV file with the columns duns, legalName, country and, if wanted, line1,
    /// city, state and postalCode.
    ///
    /// All of it is taken or, when a line is wrong, nothing; every wrong line is named. What is known already is replaced.
    Import {
        /// The file; `-` for standard input.
        file: PathBuf,
    },
}

/// Takes PartnerIDs.
pub async fn locations(config: Config, command: &LocationsCommand, json: bool) -> Result<(), Failure> {
    let LocationsCommand::Import { file } = command;
    let state = house::open(config).await?.worker();
    told(&partners::import_locations(&state, opened(file)?).await?, json)
}

/// Takes companies.
pub async fn companies(config: Config, command: &CompaniesCommand, json: bool) -> Result<(), Failure> {
    let CompaniesCommand::Import { file } = command;
    let state = house::open(config).await?.worker();
    told(&partners::import_companies(&state, opened(file)?).await?, json)
}

fn opened(file: &Path) -> Result<Box<dyn Read>, Error> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let cannot_read = |error| Error::internal(format!("`{}` cannot be read: {error}", file.display()));
    Ok(Box::new(std::fs::File::open(file).map_err(cannot_read)?))
}

fn told(report: &DirectoryReport, json: bool) -> Result<(), Failure> {
    if json {
        println!("{}", serde_json::to_string(report).map_err(Error::internal)?);
    } else {
        for wrong in &report.refused {
            println!("line {}: {} ({})", wrong.line, wrong.detail, wrong.code);
        }
        println!("{} lines imported", report.imported);
    }
    if report.refused.is_empty() { Ok(()) } else { Err(Failure::Found) }
}
