//! `lonja-openapi generate|check <openapi.json> <out-dir>`, `lonja-openapi breaks <released.json> <openapi.json>`

use lonja_openapi::{Generated, Result, generate, judge, stale, write};
use serde_json::Value;
use std::{fs, path::Path, process::ExitCode};

const USAGE: &str = "usage: lonja-openapi generate|check <openapi.json> <out-dir>
       lonja-openapi breaks <released.json> <openapi.json>";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["generate", document, out] => run_generate(Path::new(document), Path::new(out)),
        ["check", document, out] => run_check(Path::new(document), Path::new(out)),
        ["breaks", released, document] => run_breaks(Path::new(released), Path::new(document)),
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

fn run_breaks(released: &Path, document: &Path) -> Result<()> {
    for announced in judge(&json(released)?, &json(document)?)? {
        println!("breaks, as the version says: {announced}");
    }
    Ok(())
}

fn read(document: &Path) -> Result<Generated> {
    generate(&json(document)?).map_err(|why| format!("{}: {why}", document.display()))
}

fn json(document: &Path) -> Result<Value> {
    let named = |why: &dyn std::fmt::Display| format!("{}: {why}", document.display());
    let text = fs::read_to_string(document).map_err(|why| named(&why))?;
    serde_json::from_str(&text).map_err(|why| named(&why))
}
