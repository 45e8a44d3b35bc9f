//! The generated files on disk.

use crate::{Generated, Result};
use std::{
    collections::BTreeMap,
    fmt::Display,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// Writes the files, formatted, and removes generated ones that are no longer wanted.
pub fn write(generated: &Generated, out: &Path) -> Result<()> {
    fs::create_dir_all(out).map_err(|why| named(out, why))?;
    let wanted = formatted(generated, out)?;
    for (name, text) in &wanted {
        let file = out.join(name);
        fs::write(&file, text).map_err(|why| named(&file, why))?;
    }
    for name in present(out)?.into_keys().filter(|name| !wanted.contains_key(name)) {
        let file = out.join(name);
        fs::remove_file(&file).map_err(|why| named(&file, why))?;
    }
    Ok(())
}

/// The names of the files that `write` would create, change or remove.
pub fn stale(generated: &Generated, out: &Path) -> Result<Vec<String>> {
    let wanted = formatted(generated, out)?;
    let present = present(out)?;
    let names = wanted.keys().chain(present.keys().filter(|name| !wanted.contains_key(*name)));
    Ok(names.filter(|name| wanted.get(*name) != present.get(*name)).cloned().collect())
}

fn present(out: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(out).map_err(|why| named(out, why))? {
        let path = entry.map_err(|why| named(out, why))?.path();
        if let (Some("rs"), Some(name)) = (path.extension().and_then(|e| e.to_str()), path.file_name()) {
            let text = fs::read_to_string(&path).map_err(|why| named(&path, why))?;
            files.insert(name.to_string_lossy().into_owned(), text);
        }
    }
    Ok(files)
}

fn formatted(generated: &Generated, out: &Path) -> Result<BTreeMap<String, String>> {
    generated.files.iter().map(|(name, text)| Ok((name.clone(), rustfmt(text, out)?))).collect()
}

/// Runs in the directory of the output, so that the configuration there applies.
fn rustfmt(text: &str, out: &Path) -> Result<String> {
    let program = Path::new("rustfmt");
    let mut child = Command::new(program)
        .args(["--edition", "2024"])
        .current_dir(out)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|why| named(program, why))?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).map_err(|why| named(program, why))?;
    }
    let output = child.wait_with_output().map_err(|why| named(program, why))?;
    match output.status.success() {
        true => String::from_utf8(output.stdout).map_err(|why| named(program, why)),
        false => Err("rustfmt could not read what was generated".to_owned()),
    }
}

fn named(path: &Path, why: impl Display) -> String {
    format!("{}: {why}", path.display())
}
