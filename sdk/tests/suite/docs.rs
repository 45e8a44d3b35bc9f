//! What the pages say is what the crate does (D1, D12).

use std::fs;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn d1_the_first_steps_of_the_readme_are_an_example_that_runs() {
    let example = fs::read_to_string(format!("{FOLDER}/examples/first_steps.rs")).unwrap();
    let (_, code) = example.split_once("\n\n").unwrap();
    assert!(include_str!("../../README.md").contains(code), "the README has other first steps than the example");
}

#[test]
fn d12_the_readme_names_every_example_every_feature_and_the_oldest_compiler() {
    let readme = include_str!("../../README.md");
    for entry in fs::read_dir(format!("{FOLDER}/examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // `make demo` has its own place, and the first steps stand there whole.
        if path.is_file() && !["main_job", "first_steps"].contains(&name.as_str()) {
            assert!(readme.contains(&format!("`{name}`")), "{name}");
        }
    }
    let manifest = include_str!("../../Cargo.toml");
    let features = manifest.split("[features]").nth(1).unwrap().split("\n\n").next().unwrap();
    for line in features.lines().filter(|line| line.contains(" = [") && !line.starts_with("default")) {
        let name = line.split(' ').next().unwrap();
        assert!(readme.contains(&format!("| `{name}` |")), "{name}");
    }
    assert!(readme.contains(&format!("Rust {} and later", env!("CARGO_PKG_RUST_VERSION"))));
    assert!(include_str!("../../CHANGELOG.md").contains("## Unreleased"));
}
