//! What the crate brings along (D9, D10).

use std::process::Command;

fn tree(arguments: &[&str]) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "-p", "lonja-sdk", "-e", "normal,build", "--prefix", "none"]).args(arguments);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut crates: Vec<_> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect();
    crates.sort();
    crates.dedup();
    crates
}

#[test]
fn d9_d10_it_is_lean_and_brings_no_openssl() {
    for features in ["rustls,webhooks", "rustls,webhooks,blocking,tracing", "webhooks"] {
        let crates = tree(&["--no-default-features", "--features", features]);
        assert!(crates.len() <= 120, "{features}: {} crates", crates.len());
        // `openssl-probe` only knows where certificates lie.
        let foreign = ["openssl ", "openssl-sys ", "native-tls "];
        assert!(!crates.iter().any(|name| foreign.iter().any(|start| name.starts_with(start))), "{features}");
        println!("{features}: {} crates", crates.len());
    }
}
