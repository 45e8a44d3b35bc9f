//! Where media lie: in a directory of this machine, or in a bucket of an object store; and the list of them, which the
//! operator imports.

use super::model::MediaFileRow;
use super::store;
use crate::catalog::Bitness;
use crate::config::MediaConfig;
use crate::db::Db;
use crate::db::schema::product_media;
use crate::db::write::{Actor, Tx};
use crate::error::{Code, Error, Result};
use crate::on;
use crate::state::State;
use aws_lc_rs::digest::{Context, SHA256};
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// For how long an address of the bucket is good: a download that began goes on after it.
const PRESIGNED: Duration = Duration::from_secs(300);
const LONGEST_PATH: usize = 500;

/// Whether this is a plain path below something: no step up, no root, nothing hidden.
fn is_plain(path: &str) -> bool {
    let fits = (1..=LONGEST_PATH).contains(&path.len()) && !path.chars().any(|c| c.is_control() || c == '\\');
    let is_name = |component: Component<'_>| match component {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    };
    fits && Path::new(path).components().all(is_name)
}

/// The file below the directory, followed to where it truly lies: a link out of the directory leads nowhere.
pub fn lies_at(directory: &Path, path: &str) -> std::io::Result<PathBuf> {
    let nowhere = || std::io::Error::other(format!("`{path}` does not lie in the media directory"));
    if !is_plain(path) {
        return Err(nowhere());
    }
    let root = directory.canonicalize()?;
    let file = root.join(path).canonicalize()?;
    if file.starts_with(&root) && file.is_file() { Ok(file) } else { Err(nowhere()) }
}

/// An address of the bucket under which the file can be had for a while.
pub fn presigned(config: &MediaConfig, file: &MediaFileRow) -> Result<String> {
    let endpoint = config.bucket_endpoint.parse().map_err(Error::internal)?;
    let bucket = Bucket::new(endpoint, UrlStyle::Path, config.bucket.clone(), config.bucket_region.clone());
    let bucket = bucket.map_err(Error::internal)?;
    let credentials = Credentials::new(config.bucket_key_id.clone(), config.bucket_secret.expose_secret());
    let mut get = bucket.get_object(Some(&credentials), &file.path);
    get.query_mut().insert("response-content-disposition", "attachment");
    Ok(get.sign(PRESIGNED).to_string())
}

/// A line of the list: `product,version,language,bitness,path` and, where the file is not at hand, `size,sha256`.
#[derive(Deserialize)]
struct Line {
    product: String,
    version: String,
    language: String,
    bitness: Bitness,
    path: String,
    #[serde(default)]
    size: Option<i64>,
    #[serde(default)]
    sha256: Option<String>,
}

/// What became of a list.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaReport {
    /// Files that can be downloaded now.
    pub listed: u64,
    /// Lines that were refused, each with its number and why.
    pub refused: Vec<String>,
}

/// Takes a list of media in. Files of the media directory are read to the end for their size and SHA-256; of those in a
/// bucket the list must tell both.
pub async fn import(state: &State, list: impl Read) -> Result<MediaReport> {
    let mut report = MediaReport::default();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(list);
    let headers = reader.headers().map_err(Error::internal)?.clone();
    let mut files = Vec::new();
    for record in reader.records() {
        let record = record.map_err(Error::internal)?;
        let line = record.position().map_or(0, csv::Position::line);
        match record.deserialize::<Line>(Some(&headers)).map_err(|error| error.to_string()) {
            Ok(fields) => match checked(state, fields).await {
                Ok(file) => files.push(file),
                Err(why) => report.refused.push(format!("line {line}: {why}")),
            },
            Err(why) => report.refused.push(format!("line {line}: {why}")),
        }
    }
    let work = async |tx: &mut Tx<'_>| {
        for file in &files {
            let row = MediaFileRow { listed_at: tx.now().naive_utc(), ..file.clone() };
            store::keep_file(tx, &row).await?;
        }
        Ok(())
    };
    state.write(&Actor::house("import_media"), work).await?;
    report.listed = u64::try_from(files.len()).unwrap_or_default();
    Ok(report)
}

async fn checked(state: &State, line: Line) -> std::result::Result<MediaFileRow, String> {
    let told = |error: Error| error.private_causes().unwrap_or_else(|| error.to_string());
    let mut reader = state.read().await.map_err(told)?;
    let is_sold = exists(&mut reader.db().map_err(told)?, &line).await.map_err(told)?;
    if !is_sold {
        return Err("the catalogue has no such product, version, language and bitness".to_owned());
    }
    if !is_plain(&line.path) {
        return Err(format!("`{}` is no plain path below the media directory", line.path));
    }
    let given = line.sha256.as_deref().map(str::to_ascii_lowercase);
    let (size, sha256) = if state.config.media.dir.is_empty() {
        match (line.size, given) {
            (Some(size), Some(sha256)) => (size, sha256),
            _ => return Err("without a media directory the list must tell size and sha256".to_owned()),
        }
    } else {
        let (size, sha256) = measured(&state.config.media.dir, &line.path)
            .map_err(|error| format!("`{}` cannot be read: {error}", line.path))?;
        if line.size.is_some_and(|given| given != size) || given.is_some_and(|given| given != sha256) {
            return Err(format!("`{}` has {size} bytes and the SHA-256 {sha256}: not those of the list", line.path));
        }
        (size, sha256)
    };
    if size < 1 || sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("a size is above 0, and a SHA-256 has 64 hex digits".to_owned());
    }
    Ok(MediaFileRow {
        product_id: line.product,
        version: line.version,
        language: line.language,
        bitness: line.bitness,
        path: line.path,
        size_bytes: size,
        sha256,
        listed_at: chrono::NaiveDateTime::default(),
    })
}

async fn exists(db: &mut Db<'_>, line: &Line) -> Result<bool> {
    let found: i64 = on!(db, c => product_media::table
        .filter(product_media::product_id.eq(&line.product))
        .filter(product_media::version.eq(&line.version))
        .filter(product_media::language.eq(&line.language))
        .filter(product_media::bitness.eq(line.bitness))
        .count()
        .get_result(c))?;
    Ok(found > 0)
}

/// Size and SHA-256 of a file.
fn measured(directory: &str, path: &str) -> std::io::Result<(i64, String)> {
    let mut file = std::fs::File::open(lies_at(Path::new(directory), path)?)?;
    let (mut digest, mut piece, mut size) = (Context::new(&SHA256), vec![0; 1024 * 1024], 0_i64);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        digest.update(piece.get(..read).unwrap_or_default());
        size += i64::try_from(read).unwrap_or(0);
    }
    let hex = digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((size, hex))
}

/// The file is not where the list says it is, or is another.
pub fn missing(file: Option<&MediaFileRow>, why: impl std::fmt::Display) -> Error {
    let path = file.map(|file| file.path.as_str()).unwrap_or_default();
    Error::new(Code::MediaMissing).caused_by(format!("the medium `{path}` cannot be served: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("windows/2022/es.iso", true; "below")]
    #[test_case("es.iso", true; "at the top")]
    #[test_case("../secret", false; "a step up")]
    #[test_case("windows/../../secret", false; "a step up inside")]
    #[test_case("/etc/passwd", false; "from the root")]
    #[test_case("./es.iso", false; "here")]
    #[test_case(".hidden", false; "hidden")]
    #[test_case("windows\\..\\secret", false; "the other slash")]
    #[test_case("es\0.iso", false; "a zero byte")]
    #[test_case("", false; "nothing")]
    fn rule_swk_05_media_lie_below_their_directory(path: &str, expected: bool) {
        assert_eq!(is_plain(path), expected);
    }

    #[test]
    fn rule_swk_05_a_link_out_of_the_directory_leads_nowhere() {
        let directory = std::env::temp_dir().join(format!("lonja-media-{}", std::process::id()));
        std::fs::create_dir_all(directory.join("media/sub")).unwrap();
        std::fs::write(directory.join("secret"), "secret").unwrap();
        std::fs::write(directory.join("media/sub/es.iso"), "medium").unwrap();
        std::os::unix::fs::symlink(directory.join("secret"), directory.join("media/out.iso")).unwrap();
        std::os::unix::fs::symlink(directory.join("media/sub/es.iso"), directory.join("media/in.iso")).unwrap();
        let media = directory.join("media");
        assert!(lies_at(&media, "sub/es.iso").is_ok() && lies_at(&media, "in.iso").is_ok());
        for path in ["out.iso", "sub", "none.iso", "../secret"] {
            assert!(lies_at(&media, path).is_err(), "{path}");
        }
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
