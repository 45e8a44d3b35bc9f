//! `lonja-openapi generate|check <openapi.json> <out-dir>`

use lonja_openapi::{Generated, Result, generate, stale, write};
use std::{fs, path::Path, process::ExitCode};

const USAGE: &str = "usage: lonja-openapi generate|check <openapi.json> <out-dir>";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["generate", document, out] => run_generate(Path::new(document), Path::new(out)),
        ["check", document, out] => run_check(Path::new(document), Path::new(out)),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run_generate(document: &Path, out: &Path) -> Result<()> {
    let generated = read(document)?;
    write(&generated, out)?;
    println!("{} operations in {} files", generated.operations, generated.files.len());
    for note in &generated.notes {
        println!("{note}");
    }
    Ok(())
}

fn run_check(document: &Path, out: &Path) -> Result<()> {
    let stale = stale(&read(document)?, out)?;
    if stale.is_empty() { Ok(()) } else { Err(format!("stale, run `generate`: {}", stale.join(", "))) }
}

fn read(document: &Path) -> Result<Generated> {
    let named = |why: &dyn std::fmt::Display| format!("{}: {why}", document.display());
    let text = fs::read_to_string(document).map_err(|why| named(&why))?;
    let document = serde_json::from_str(&text).map_err(|why| named(&why))?;
    generate(&document).map_err(|why| named(&why))
}
