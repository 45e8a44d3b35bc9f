//! Every shell block of the README runs as it stands, one after another, beside a sandbox; those of make are what CI
//! runs itself.

use lonja_tests::command::{Lonja, program};
use lonja_tests::{Backend, database};
use std::process::Command;
use test_case::test_case;

/// The shell blocks that are not make's, joined.
fn shell_blocks() -> String {
    let readme = include_str!("../README.md");
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.filter(|block| !block.starts_with("make ")).collect::<Vec<_>>().join("\n")
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn every_shell_block_of_the_readme_runs(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let sandbox = Lonja::sandbox(directory.path(), &url);
    let server = sandbox.clone().serve_seeded().await;
    let script = shell_blocks()
        .replace("http://127.0.0.1:8080", &server.url)
        .replace("http://127.0.0.1:9090", &server.admin_url);
    let mut shell = Command::new("bash");
    // `-u` and `-e`: a variable that stayed empty or a command that failed is a fault of the page.
    shell.args(["-euo", "pipefail", "-c", &script]).current_dir(directory.path());
    shell.env_clear().envs(sandbox.variables()).env("PATH", path_with_lonja());
    // The block of `lonja migrate` is about production, which has a database of its own.
    let output = tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for expected in [
        "\"possible\":true",
        "\"productKey\":",
        "\"state\":\"credited\"",
        "\"scope\":\"subset\"",
        "\"state\":\"paid\"",
        "\"refundId\":",
        "\"code\":\"key_revoked\"",
        "<h1>Confirm that you work together</h1>",
        "\"state\":\"accepted\"",
        "\"type\":\"refund.credited\"",
        "\"secret\":\"whsec_",
        "intact: ",
        "\"clientSecret\":",
        "lonja_keys_in_stock{product=\"windows-server-standard\",version=\"2022\"}",
        "\"title\":\"La clave",
    ] {
        assert!(said.contains(expected), "the README's answers lack {expected}: {said}");
    }
    server.terminate().await;
    database::remove(&url).await.unwrap();
}

fn path_with_lonja() -> String {
    let folder = program().parent().unwrap().display().to_string();
    format!("{folder}:/usr/local/bin:/usr/bin:/bin")
}
