//! `lonja catalog import`: what is sold.

use crate::Failure;
use clap::Subcommand;
use lonja::catalog::{self, Wrong};
use lonja::config::Config;
use lonja::error::Error;
use lonja::house;
use serde_json::json;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum CatalogCommand {
    /// Take a catalogue in from a JSON file: products, offers with their terms and prices, upgrade tables, sales guide.
    ///
    /// All of it is taken or, when something is wrong, nothing; everything that is wrong is named by its line. What is
    /// there already stays; an offer with a later date takes the place of the one before, and orders keep their prices.
    Import {
        /// The file; `-` for standard input.
        file: PathBuf,
    },
}

/// Takes a catalogue in.
pub async fn run(config: Config, command: &CatalogCommand, json: bool) -> Result<(), Failure> {
    let CatalogCommand::Import { file } = command;
    let text = read(file)?;
    let checked = match catalog::read(&text) {
        Ok(checked) => checked,
        Err(wrong) => return Err(refused(&wrong, json)),
    };
    let state = house::open(config).await?.patient_worker();
    let total = u64::try_from(checked.catalogue().offers.len()).unwrap_or_default();
    let bar = if std::io::stderr().is_terminal() {
        indicatif::ProgressBar::new(total).with_message("offers")
    } else {
        indicatif::ProgressBar::hidden()
    };
    let taken = catalog::take_in(&state, &checked, |done| {
        bar.set_position(done);
        if bar.is_hidden() && (done == total || done.is_multiple_of(1000)) {
            eprintln!("{done} of {total} offers");
        }
    })
    .await?;
    bar.finish_and_clear();
    let imported = taken.map_err(|wrong| refused(&wrong, json))?;
    if json {
        println!("{}", json!({ "imported": imported, "refused": [] }));
    } else {
        println!(
            "{}: {} offers, {} tables and {} media are new; {} ends were set anew; {} were there already",
            imported.catalogue, imported.offers, imported.tables, imported.media, imported.ended, imported.unchanged
        );
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| Error::internal(format!("`{}` cannot be read: {error}", file.display())))?;
    Ok(text)
}

fn refused(wrong: &[Wrong], json: bool) -> Failure {
    if json {
        println!("{}", json!({ "imported": null, "refused": wrong }));
    } else {
        for wrong in wrong {
            println!("line {}, column {}: {} ({})", wrong.line, wrong.column, wrong.detail, wrong.code);
        }
        println!("nothing was imported: {} things are wrong", wrong.len());
    }
    Failure::Found
}
