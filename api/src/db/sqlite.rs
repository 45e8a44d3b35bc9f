//! SQLite: a reader for each worker and one writer for the whole process, behind a fair lock.

use super::{Reader, Usage};
use crate::error::{Error, Result};
use diesel::{Connection, SqliteConnection};
use diesel_async::SimpleAsyncConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::future::{BoxFuture, FutureExt};
use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// Runs SQLite's statements at once: they take microseconds, a thread hop costs more.
pub struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, std::result::Result<R, Box<dyn std::error::Error + Send + Sync + 'static>>> {
        let result = task();
        async move { Ok(result) }.boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// A SQLite connection with the async face of diesel.
pub type Sqlite = SyncConnectionWrapper<SqliteConnection, Inline>;

/// Where the file is, and the one writer of this process.
#[derive(Clone)]
pub struct File {
    path: PathBuf,
    writer: Arc<Mutex<Option<Writer>>>,
}

pub(super) struct Writer {
    connection: Sqlite,
    /// A write was dropped half-way: its transaction is still open.
    dirty: bool,
}

impl File {
    /// A path, absolute or from the working directory.
    pub fn of(path: &str) -> Self {
        Self { path: PathBuf::from(path.trim_start_matches("//")), writer: Arc::default() }
    }

    /// One writer; readers need no permit.
    pub(super) fn usage(&self) -> Usage {
        let (used, idle) = self.writer.try_lock().map_or((1, 0), |writer| (0, i64::from(writer.is_some())));
        Usage { writes_used: used, writes_idle: idle, writes_max: 1, ..Usage::default() }
    }

    /// A plain connection, for migrations. Makes the file and its folder, both for their owner only: SQLite gives the
    /// files that it puts beside it the same rights.
    pub fn connect(&self) -> Result<SqliteConnection> {
        if let Some(folder) = self.path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::internal)?;
        }
        if !self.path.exists() {
            let made = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path);
            made.map_err(Error::internal)?;
        }
        SqliteConnection::establish(&self.path.to_string_lossy()).map_err(Error::internal)
    }

    async fn open(&self, settings: &str) -> Result<Sqlite> {
        let mut connection = Sqlite::new(self.connect()?);
        connection.batch_execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;").await?;
        connection.batch_execute(settings).await?;
        Ok(connection)
    }
}

/// The connections of one worker. One reader is enough: a statement runs at once and never waits.
pub struct Connections {
    file: File,
    reader: Mutex<Option<Sqlite>>,
}

impl Connections {
    pub(super) fn of(file: &File) -> Self {
        Self { file: file.clone(), reader: Mutex::default() }
    }

    pub(super) async fn read(&self) -> Result<Reader<'_>> {
        let mut reader = self.reader.lock().await;
        if reader.is_none() {
            *reader = Some(self.file.open("PRAGMA query_only = ON; PRAGMA busy_timeout = 1000;").await?);
        }
        Ok(Reader::Sqlite(reader))
    }

    pub(super) async fn lease(&self) -> Result<Lease<'_>> {
        let mut writer = self.file.writer.lock().await;
        // Closing rolls back whatever is open; a ROLLBACK would fail where SQLite has already done so by itself.
        if writer.as_ref().is_some_and(|writer| writer.dirty) {
            *writer = None;
        }
        if writer.is_none() {
            // A second process may hold the file's lock: waiting inside SQLite would hold up this worker's readers.
            let connection = self.file.open("PRAGMA busy_timeout = 0;").await?;
            *writer = Some(Writer { connection, dirty: false });
        }
        Ok(Lease(writer))
    }
}

/// The writer, held for one write.
pub struct Lease<'p>(MutexGuard<'p, Option<Writer>>);

impl Lease<'_> {
    fn writer(&mut self) -> Result<&mut Writer> {
        self.0.as_mut().ok_or_else(|| Error::internal("the writer is not open"))
    }

    pub(super) fn connection(&mut self) -> Result<&mut Sqlite> {
        self.writer().map(|writer| &mut writer.connection)
    }

    pub(super) fn mark(&mut self, clean: bool) {
        if let Some(writer) = self.0.as_mut() {
            writer.dirty = !clean;
        }
    }
}
