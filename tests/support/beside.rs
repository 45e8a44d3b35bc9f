//! What somebody with the database's password could do beside the service: run statements, read every row.

use super::database::Failure;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::{QueryableByName, RunQueryDsl};
use diesel::sql_types::Text;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// The one column that a query of [`texts`] has.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Runs statements on the database of this URL.
pub async fn execute(url: &str, statements: &str) -> Result<(), Failure> {
    match url.strip_prefix("sqlite:") {
        Some(path) => Ok(sqlite(path)?.batch_execute(statements)?),
        None => {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            let driver = tokio::spawn(connection);
            client.batch_execute(statements).await?;
            drop(client);
            Ok(driver.await??)
        }
    }
}

/// Keeps the service from writing, as long as it lives: its audit trail is taken by somebody else.
pub enum Hold {
    /// The file's one lock for writes.
    Sqlite(SqliteConnection),
    /// An open transaction.
    Postgres(Client),
}

impl Hold {
    /// On the database of this URL.
    pub async fn of(url: &str) -> Result<Self, Failure> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let mut connection = sqlite(path)?;
            connection.batch_execute("BEGIN IMMEDIATE")?;
            return Ok(Self::Sqlite(connection));
        }
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute("BEGIN; LOCK TABLE audit_records IN EXCLUSIVE MODE").await?;
        Ok(Self::Postgres(client))
    }

    /// Lets go.
    pub async fn release(self) -> Result<(), Failure> {
        match self {
            Self::Sqlite(mut connection) => Ok(connection.batch_execute("ROLLBACK")?),
            Self::Postgres(client) => Ok(client.batch_execute("ROLLBACK").await?),
        }
    }
}

/// The rows of a query with one column, which is named `text`.
pub async fn texts(url: &str, query: &str) -> Result<Vec<String>, Failure> {
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let rows: Vec<Row> = diesel::sql_query(query).load(&mut sqlite(path)?)?;
            Ok(rows.into_iter().map(|row| row.text).collect())
        }
        None => {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            let driver = tokio::spawn(connection);
            let messages = client.simple_query(query).await?;
            drop(client);
            driver.await??;
            let text = |message| match message {
                SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
                _ => None,
            };
            Ok(messages.into_iter().filter_map(text).collect())
        }
    }
}

/// Everything that lies in the database, as the bytes a thief would find: SQLite's files as they are, or each row of
/// each PostgreSQL table as text.
pub async fn dump(url: &str) -> Result<Vec<u8>, Failure> {
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let mut bytes = std::fs::read(path)?;
            bytes.extend(std::fs::read(format!("{path}-wal"))?);
            Ok(bytes)
        }
        None => {
            let tables = "SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'public'";
            let mut bytes = Vec::new();
            for table in texts(url, tables).await? {
                for row in texts(url, &format!("SELECT row::text AS text FROM \"{table}\" row")).await? {
                    bytes.extend(row.into_bytes());
                    bytes.push(b'\n');
                }
            }
            Ok(bytes)
        }
    }
}

fn sqlite(path: &str) -> Result<SqliteConnection, Failure> {
    let mut connection = lonja::db::sqlite::File::of(path).connect()?;
    connection.batch_execute("PRAGMA busy_timeout = 5000")?;
    Ok(connection)
}
