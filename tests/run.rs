//! `suite`: starts PostgreSQL, runs all tests of the workspace against it, and says which operations of the OpenAPI
//! document no test exercised. libtest has no teardown, so the server and that list belong to a program around it.
//!
//! Its arguments are those of `cargo test`: `suite orders` runs what has `orders` in its name.

use lonja_tests::postgres::{Postgres, Process, bound_to_us, interrupted};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const DATABASE_URL: &str = "TEST_DATABASE_URL";
/// The file to which test servers append `operationId status` for each response that they checked.
const OPERATIONS: &str = "TESTED_OPERATIONS";
/// How many tests run at once.
const THREADS: &str = "RUST_TEST_THREADS";
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
/// Many small databases at once, none of which has to survive a power cut.
const SETTINGS: &[(&str, &str)] = &[("max_connections", "300"), ("shared_buffers", "256MB"), ("fsync", "off")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ended = tokio::select! {
        ended = suite() => ended,
        stopped = interrupted() => stopped.map_err(Into::into).and(Err("interrupted".into())),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("suite: {error}");
        ExitCode::FAILURE
    })
}

async fn suite() -> Result<ExitCode> {
    let started = Instant::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let operations = tempfile::NamedTempFile::new()?;
    let (_postgres, url) = match variable(DATABASE_URL) {
        Some(url) => (None, url),
        None => {
            let postgres = Postgres::start(SETTINGS)?;
            let url = postgres.url("postgres");
            (Some(postgres), url)
        }
    };

    let cargo = variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let mut command = bound_to_us(Path::new(&cargo), "TERM");
    command.args(["test", "--workspace", "--no-fail-fast"]).args(&arguments).current_dir(WORKSPACE);
    // A group that is not the terminal's would be halted by reading from it.
    command.env(DATABASE_URL, url).env(OPERATIONS, operations.path()).stdin(Stdio::null());
    // Most tests wait, for a deadline or a database: more of them than cores share the time.
    if variable(THREADS).is_none() {
        let cores = std::thread::available_parallelism()?.get();
        command.env(THREADS, (3 * cores).to_string());
    }
    let status = Process::start(command, "TERM")?.wait().await?;

    let seconds = started.elapsed().as_secs_f64();
    if !status.success() {
        println!("suite: the tests failed ({seconds:.1} s)");
        return Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from));
    }
    println!("suite: the tests passed ({seconds:.1} s)");
    if !arguments.is_empty() {
        println!("suite: with arguments, the list of exercised operations is not checked");
        return Ok(ExitCode::SUCCESS);
    }
    all_exercised(&std::fs::read_to_string(operations.path())?)
}

/// Compares the operations of the document with those of which the tests checked a response.
fn all_exercised(responses: &str) -> Result<ExitCode> {
    let text = std::fs::read_to_string(DOCUMENT).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let document: Value = serde_json::from_str(&text)?;
    let documented = operation_ids(&document);
    if documented.is_empty() {
        return Err("the document has no operations".into());
    }
    let exercised: BTreeSet<&str> = responses.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let missing: Vec<&str> = documented.difference(&exercised).copied().collect();
    if missing.is_empty() {
        let (operations, responses) = (documented.len(), responses.lines().count());
        println!("{operations} operations of the document, each exercised ({responses} responses checked)");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{} of {} operations of the document, exercised by no test:", missing.len(), documented.len());
    for operation in missing {
        eprintln!("  {operation}");
    }
    Ok(ExitCode::FAILURE)
}

fn operation_ids(document: &Value) -> BTreeSet<&str> {
    let paths = document.get("paths").into_iter().flat_map(members);
    paths.flat_map(members).filter_map(|operation| operation.get("operationId")?.as_str()).collect()
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(|object| object.values())
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, which has no settings of the service")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
