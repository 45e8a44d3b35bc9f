//! A database of its own for each test: a copied file, or a PostgreSQL database from a template.

use lonja::db::{Database, migrate};
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// Which database a test runs on. Every test runs on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in the test's directory.
    Sqlite,
    /// A database on the server of `TEST_DATABASE_URL`.
    Postgres,
}

/// Why a database could not be used.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Makes a migrated, empty database and answers its URL.
pub async fn fresh(backend: Backend, directory: &Path) -> Result<String, Failure> {
    match backend {
        Backend::Sqlite => {
            let file = directory.join("lonja.sqlite");
            std::fs::copy(sqlite_template()?, &file)?;
            Ok(format!("sqlite:{}", file.display()))
        }
        Backend::Postgres => {
            let template = POSTGRES_TEMPLATE.get_or_try_init(postgres_template).await?;
            let name = format!("test_{}", Uuid::new_v4().simple());
            execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
            url_of(&name)
        }
    }
}

/// Makes an empty database without a schema and answers its URL.
pub async fn empty(backend: Backend, directory: &Path) -> Result<String, Failure> {
    match backend {
        Backend::Sqlite => Ok(format!("sqlite:{}", directory.join("empty.sqlite").display())),
        Backend::Postgres => {
            let name = format!("empty_{}", Uuid::new_v4().simple());
            execute(&format!("CREATE DATABASE {name}")).await?;
            url_of(&name)
        }
    }
}

/// Removes a test's database; a file goes with its directory.
pub async fn remove(url: &str) -> Result<(), Failure> {
    match url.rsplit_once('/') {
        Some((server, name)) if server.starts_with("postgres") => {
            execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
        }
        _ => Ok(()),
    }
}

fn sqlite_template() -> Result<std::path::PathBuf, Failure> {
    static TEMPLATE: OnceLock<Option<TempDir>> = OnceLock::new();
    let make = || -> Result<TempDir, Failure> {
        let directory = tempfile::tempdir()?;
        let url = format!("sqlite:{}", directory.path().join("template.sqlite").display());
        migrate::run(&Database::of(&url.into(), 1)?)?;
        Ok(directory)
    };
    let template = TEMPLATE.get_or_init(|| make().map_err(|error| eprintln!("no SQLite template: {error}")).ok());
    template.as_ref().map(|directory| directory.path().join("template.sqlite")).ok_or_else(|| "no template".into())
}

static POSTGRES_TEMPLATE: OnceCell<String> = OnceCell::const_new();

async fn postgres_template() -> Result<String, Failure> {
    let name = format!("template_{}", Uuid::new_v4().simple());
    execute(&format!("CREATE DATABASE {name}")).await?;
    let url = url_of(&name)?;
    tokio::task::spawn_blocking(move || migrate::run(&Database::of(&url.into(), 1)?)).await??;
    Ok(name)
}

#[expect(clippy::disallowed_methods, reason = "the suite is told by its runner where PostgreSQL is")]
fn server() -> Result<String, Failure> {
    std::env::var("TEST_DATABASE_URL").map_err(|_unset| {
        "TEST_DATABASE_URL is not set: run the suite with `make test`, which starts a PostgreSQL of its own".into()
    })
}

fn url_of(name: &str) -> Result<String, Failure> {
    let server = server()?;
    let (base, _) = server.rsplit_once('/').ok_or("TEST_DATABASE_URL names no database")?;
    Ok(format!("{base}/{name}"))
}

async fn execute(statement: &str) -> Result<(), Failure> {
    let (client, connection) = tokio_postgres::connect(&server()?, NoTls).await?;
    let driver = tokio::spawn(connection);
    client.batch_execute(statement).await?;
    drop(client);
    driver.await??;
    Ok(())
}
