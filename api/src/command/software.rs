//! `lonja vault rotate`, `lonja media import` and `lonja keys export`.

use crate::Failure;
use clap::Subcommand;
use lonja::config::Config;
use lonja::error::Error;
use lonja::{house, master_key, software};
use serde_json::json;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum VaultCommand {
    /// Wrap every data key under the master key of now, while the service runs.
    ///
    /// First set the new key as `vault.master_key` and the old one as `vault.previous_master_key`, on every replica. Once
    /// this has ended with nothing left under the old key, take the old one out of the settings. A run that was cut off is
    /// gone on with by the next.
    Rotate,
}

#[derive(Subcommand)]
pub enum MediaCommand {
    /// Take a list of media: a CSV file with the columns product, version, language, bitness, path and, for media in a
    /// bucket, size and sha256.
    ///
    /// Files in the media directory are read for their size and SHA-256. Bad lines are told and left out.
    Import {
        /// The list; `-` for standard input.
        file: PathBuf,
    },
}

/// Moves to a new master key.
pub async fn vault(config: Config, command: &VaultCommand, json: bool) -> Result<(), Failure> {
    let VaultCommand::Rotate = command;
    let state = house::open(config).await?.worker();
    let rotated = master_key::rotate(&state, |done, total| eprintln!("{done} of {total} data keys")).await?;
    if json {
        println!("{}", serde_json::to_string(&rotated).map_err(Error::internal)?);
    } else {
        println!(
            "{} of {} data keys wrapped anew, {} left under another master key",
            rotated.rewrapped, rotated.data_keys, rotated.left
        );
    }
    if rotated.left == 0 { Ok(()) } else { Err(Failure::InPart) }
}

/// Lists media.
pub async fn media(config: Config, command: &MediaCommand, json: bool) -> Result<(), Failure> {
    let MediaCommand::Import { file } = command;
    let state = house::open(config).await?.worker();
    let report = software::import_media(&state, opened(file)?).await?;
    if json {
        println!("{}", serde_json::to_string(&report).map_err(Error::internal)?);
    } else {
        println!("{} media listed, {} lines refused", report.listed, report.refused.len());
        for refused in &report.refused {
            println!("{refused}");
        }
    }
    if report.refused.is_empty() { Ok(()) } else { Err(Failure::InPart) }
}

/// Writes the stock for auditors: what each key was for, and its fingerprint; never the key.
pub async fn export_keys(config: Config, file: &Path, json: bool) -> Result<(), Failure> {
    let cannot_write = |error: std::io::Error| Error::internal(format!("`{}`: {error}", file.display()));
    let out: Box<dyn Write> = match file.as_os_str() == "-" {
        true => Box::new(std::io::stdout().lock()),
        false => Box::new(std::fs::File::create(file).map_err(cannot_write)?),
    };
    let state = house::open(config).await?.patient_worker();
    let exported = software::export_keys(&state, BufWriter::new(out)).await?;
    if json && file.as_os_str() != "-" {
        println!("{}", json!({ "exported": exported }));
    } else {
        eprintln!("{exported} keys exported");
    }
    Ok(())
}

fn opened(file: &Path) -> Result<Box<dyn Read>, Error> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let cannot_read = |error| Error::internal(format!("`{}` cannot be read: {error}", file.display()));
    Ok(Box::new(std::fs::File::open(file).map_err(cannot_read)?))
}
