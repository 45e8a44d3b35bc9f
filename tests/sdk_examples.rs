//! The SDK's examples, each run as its reader would run it, beside a seeded sandbox.

use lonja_tests::command::{Lonja, program};
use lonja_tests::{Backend, database};
use serde_json::Value;
use std::process::Command;
use test_case::test_case;

/// Each example, and some of what it prints.
const EXAMPLES: [(&str, &str); 8] = [
    ("first_steps", "office-365-e3-mxn"),
    ("main_job", "410 Gone: key_revoked"),
    ("enrol_and_link", " is active\n"),
    ("sell_and_provision", "the same again: 412 precondition_failed"),
    ("gcc", "power-bi-pro-gcc-usd: completed"),
    ("keys", "1 taken, 1 refused"),
    ("refund", "asked again: the same true, replayed: true"),
    ("webhook_receiver", "tested: "),
];

/// `cargo run --example`, which hands variables of its own on to the program; with the features of the whole workspace,
/// as they are built already.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--example", name, "--target-dir"]).arg(target).arg("--");
    cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    cargo
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn d1_d12_every_example_of_the_sdk_runs(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let sandbox = Lonja::sandbox(directory.path(), &url);
    let server = sandbox.clone().serve_seeded().await;
    let file = std::fs::read_to_string(directory.path().join("var/sandbox.json")).unwrap();
    let seeded: Value = serde_json::from_str(&file).unwrap();
    let client = seeded["clients"].as_array().unwrap().iter().find(|client| client["name"] == "directBill").unwrap();
    for (name, expected) in EXAMPLES {
        let mut example = example(name);
        // Where an example needs an operator at the command line.
        example.arg(program());
        example.envs(sandbox.variables()).env("LONJA_URL", &server.url);
        example.env("LONJA_CLIENT_ID", client["clientId"].as_str().unwrap());
        example.env("LONJA_CLIENT_SECRET", client["clientSecret"].as_str().unwrap());
        let output = tokio::task::spawn_blocking(move || example.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{name}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains(expected), "{name} lacks {expected}: {said}");
    }
    server.terminate().await;
    database::remove(&url).await.unwrap();
}
