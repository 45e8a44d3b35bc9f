//! Tells the crate which compiler builds it; the `User-Agent` says it.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Cargo tells a build script its compiler in this way alone.
    #[expect(clippy::disallowed_methods, reason = "a build script is configured by its environment")]
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("--version").output().ok().and_then(|said| String::from_utf8(said.stdout).ok());
    let version = said.as_deref().and_then(|said| said.split_whitespace().nth(1)).unwrap_or("unknown");
    // `cargo run` hands it on to the program: a name that starts with LONJA_ would be taken for a setting of the service.
    println!("cargo::rustc-env=SDK_RUSTC={version}");
}
