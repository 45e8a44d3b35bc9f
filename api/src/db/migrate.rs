//! Migrations: portable steps, and those that truly differ, merged by their number. They run under a lock, because
//! several replicas may start at once.

use super::Database;
use crate::error::{Error, Result};
use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::sqlite::SqliteConnection;
use diesel_async::{AsyncMigrationHarness, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const BOTH: EmbeddedMigrations = embed_migrations!("../migrations/both");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Any number, the same in every replica.
const LOCK: i64 = 0x10_4A_4A;

struct Steps([EmbeddedMigrations; 2]);

impl<DB: Backend> MigrationSource<DB> for Steps
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let mut steps = Vec::new();
        for source in &self.0 {
            steps.extend(source.migrations()?);
        }
        steps.sort_unstable_by(|a, b| a.name().version().cmp(&b.name().version()));
        Ok(steps)
    }
}

/// Brings the schema up to date and names the steps taken. Starts a thread of its own, because diesel's migrations
/// block and need a runtime with several threads.
pub fn run(database: &Database) -> Result<Vec<String>> {
    let database = database.clone();
    let worker = std::thread::spawn(move || match &database {
        Database::Sqlite(file) => on_sqlite(&mut file.connect()?),
        Database::Postgres(server) => tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(Error::internal)?
            .block_on(on_postgres(server)),
    });
    worker.join().map_err(|_panic| Error::internal("the migrations panicked"))?
}

fn on_sqlite(connection: &mut SqliteConnection) -> Result<Vec<String>> {
    use diesel::connection::SimpleConnection;
    // A table that is made anew takes the place of the one that others refer to; inside a transaction this cannot be said.
    connection.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF;")?;
    connection.exclusive_transaction(|connection| {
        let taken = connection.run_pending_migrations(Steps([BOTH, SQLITE])).map_err(Error::internal)?;
        Ok(names(&taken))
    })
}

async fn on_postgres(server: &super::postgres::Server) -> Result<Vec<String>> {
    let mut connection = server.connect().await.map_err(Error::internal)?;
    connection.batch_execute("SET lock_timeout = 0").await?;
    diesel::sql_query(format!("SELECT pg_advisory_lock({LOCK})")).execute(&mut connection).await?;
    // The lock is the connection's: it ends with it, whatever happens.
    let mut harness = AsyncMigrationHarness::new(connection);
    let taken = harness.run_pending_migrations(Steps([BOTH, POSTGRES])).map_err(Error::internal)?;
    Ok(names(&taken))
}

fn names(versions: &[MigrationVersion<'_>]) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
