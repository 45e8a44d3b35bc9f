//! The database: SQLite by default, PostgreSQL at scale, one query text for both.
//!
//! Reads go through [`Pool::read`]; everything that changes a row goes through the one write path in [`mod@write`].

mod actor;
mod idempotency;
pub mod migrate;
pub mod postgres;
pub mod schema;
pub mod sqlite;
mod tx;
pub mod words;
pub mod write;

use crate::error::{Error, Result};
use diesel_async::AsyncPgConnection;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

pub use sqlite::Sqlite;

/// A connection to run statements on. PostgreSQL by shared reference: the connection pipelines whatever is awaited
/// together.
pub enum Db<'a> {
    /// PostgreSQL.
    Pg(&'a AsyncPgConnection),
    /// SQLite.
    Sqlite(&'a mut Sqlite),
}

/// `on!(db, c => query.first(c))`: one text, type-checked for each database, run on the one at hand.
#[macro_export]
macro_rules! on {
    ($db:expr, $c:ident => $query:expr) => {
        match &mut *$db {
            $crate::db::Db::Pg(shared) => {
                let mut shared: &diesel_async::AsyncPgConnection = *shared;
                let $c = &mut shared;
                $query.await
            }
            $crate::db::Db::Sqlite(own) => {
                let $c = &mut **own;
                $query.await
            }
        }
    };
}

/// `insert_all!(db, table, rows)`: inserts a vector of rows in one statement. Diesel writes it for SQLite on a plain
/// connection only.
#[macro_export]
macro_rules! insert_all {
    ($db:expr, $table:ident, $rows:expr) => {{
        let rows = $rows;
        match &mut *$db {
            $crate::db::Db::Pg(shared) => {
                let mut shared: &diesel_async::AsyncPgConnection = *shared;
                let insert = diesel::insert_into($table::table).values(&rows);
                diesel_async::RunQueryDsl::execute(insert, &mut shared).await
            }
            $crate::db::Db::Sqlite(own) => {
                let insert = move |c: &mut diesel::SqliteConnection| {
                    diesel::RunQueryDsl::execute(diesel::insert_into($table::table).values(&rows), c)
                };
                own.spawn_blocking(insert).await
            }
        }
    }};
}

/// Which database a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `sqlite:PATH`
    Sqlite,
    /// `postgres://…` or `postgresql://…`
    Postgres,
}

/// The database of this process. Each worker takes a [`Pool`] of its own from it.
#[derive(Clone)]
pub enum Database {
    /// PostgreSQL.
    Postgres(postgres::Server),
    /// SQLite.
    Sqlite(sqlite::File),
}

impl Database {
    /// Reads the URL. Connects to nothing yet.
    pub fn of(url: &SecretString, write_connections: usize) -> Result<Self> {
        let text = url.expose_secret();
        match kind_of(text) {
            Some(Kind::Postgres) => Ok(Self::Postgres(postgres::Server::of(text, write_connections)?)),
            Some(Kind::Sqlite) => Ok(Self::Sqlite(sqlite::File::of(text.trim_start_matches("sqlite:")))),
            // Without this, a typo in the scheme would quietly make an empty SQLite file.
            None => Err(Error::internal("the database URL must begin with sqlite:, postgres: or postgresql:")),
        }
    }

    /// Connections for one worker.
    pub fn pool(&self) -> Pool {
        self.reading_as(postgres::READING)
    }

    /// The same for a command that shares its connection with nobody: its reads may take long.
    pub fn patient_pool(&self) -> Pool {
        self.reading_as(postgres::READING_PATIENTLY)
    }

    fn reading_as(&self, reading: &'static str) -> Pool {
        match self {
            Self::Postgres(server) => Pool::Postgres(Box::new(postgres::Connections::of(server, reading))),
            Self::Sqlite(file) => Pool::Sqlite(sqlite::Connections::of(file)),
        }
    }

    /// How the connections of all workers are used now.
    pub fn usage(&self) -> Usage {
        match self {
            Self::Postgres(server) => server.usage(),
            Self::Sqlite(file) => file.usage(),
        }
    }

    /// Which database this is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Postgres(_) => Kind::Postgres,
            Self::Sqlite(_) => Kind::Sqlite,
        }
    }
}

impl Kind {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// How the connections of all workers are used.
#[derive(Debug, Default)]
pub struct Usage {
    /// Connections on which a write runs.
    pub writes_used: i64,
    /// Connections for writes that are open and free.
    pub writes_idle: i64,
    /// The most connections for writes.
    pub writes_max: i64,
    /// Writes that wait for a connection; unknown on SQLite, where it is 0.
    pub writes_waiting: i64,
    /// Reads under way.
    pub reads_used: i64,
    /// The most reads at once; 0: no bound.
    pub reads_max: i64,
}

fn kind_of(url: &str) -> Option<Kind> {
    match url.split_once(':')?.0 {
        "sqlite" => Some(Kind::Sqlite),
        "postgres" | "postgresql" => Some(Kind::Postgres),
        _ => None,
    }
}

/// The connections of one worker.
pub enum Pool {
    /// PostgreSQL.
    Postgres(Box<postgres::Connections>),
    /// SQLite.
    Sqlite(sqlite::Connections),
}

/// A connection for reading: the database itself refuses a write on it.
pub enum Reader<'p> {
    /// Shared by all requests of the worker.
    Pg(Arc<AsyncPgConnection>, tokio::sync::SemaphorePermit<'p>),
    /// The worker's own.
    Sqlite(tokio::sync::MutexGuard<'p, Option<Sqlite>>),
}

impl Pool {
    /// A connection for reading.
    pub async fn read(&self) -> Result<Reader<'_>> {
        match self {
            Self::Postgres(connections) => connections.read().await,
            Self::Sqlite(connections) => connections.read().await,
        }
    }

    /// A connection for one write, exclusively.
    async fn lease(&self) -> Result<write::Lease<'_>> {
        match self {
            Self::Postgres(connections) => connections.lease().await.map(Box::new).map(write::Lease::Pg),
            Self::Sqlite(connections) => connections.lease().await.map(write::Lease::Sqlite),
        }
    }
}

impl Reader<'_> {
    /// The connection.
    pub fn db(&mut self) -> Result<Db<'_>> {
        match self {
            Self::Pg(connection, _) => Ok(Db::Pg(connection)),
            Self::Sqlite(connection) => {
                connection.as_mut().map(Db::Sqlite).ok_or_else(|| Error::internal("the reader is not open"))
            }
        }
    }
}

/// A random share of `milliseconds`, so that what collided once does not collide again.
pub(crate) async fn pause_up_to(milliseconds: u64) {
    let random = crate::vault::random_bytes().map_or(0, |bytes| u64::from(bytes[0]) * 256 + u64::from(bytes[1]));
    tokio::time::sleep(std::time::Duration::from_micros(1000 * milliseconds * random / 65_536)).await;
}
