//! PostgreSQL: reads share one connection a worker, which pipelines them; a write takes one exclusively.

use super::{Reader, Usage};
use crate::error::{Code, Error, Result};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{self, Object};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use tokio::sync::{Mutex, Semaphore};
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Reads in flight on one shared connection; beyond that a caller had better come back later.
const READS_AT_ONCE: usize = 256;
/// How long a write waits for a connection.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(5);
/// Readers refuse writes, and a slow statement would hold up everybody who shares the connection.
pub(super) const READING: &str = "-c default_transaction_read_only=on -c statement_timeout=250";
/// Where nobody else waits.
pub(super) const READING_PATIENTLY: &str = "-c default_transaction_read_only=on -c statement_timeout=60000";
/// READ COMMITTED would let two orders through of which each alone is right.
const WRITING: &str = "-c default_transaction_isolation=serializable -c statement_timeout=5000 -c lock_timeout=3000";

/// Where the server is.
#[derive(Clone)]
pub struct Server {
    config: Arc<tokio_postgres::Config>,
    write_connections: usize,
    /// Of each worker, for whoever watches.
    workers: Arc<std::sync::Mutex<Vec<Weak<Shares>>>>,
}

/// What a worker hands out.
struct Shares {
    reads: Semaphore,
    writes: OnceLock<deadpool::Pool<AsyncPgConnection>>,
}

impl Server {
    /// Reads a URL.
    pub fn of(url: &str, write_connections: usize) -> Result<Self> {
        let config = url.parse().map_err(|error: tokio_postgres::Error| Error::internal(error))?;
        Ok(Self { config: Arc::new(config), write_connections, workers: Arc::default() })
    }

    /// Summed up over the workers.
    pub(super) fn usage(&self) -> Usage {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let mut usage = Usage::default();
        let workers = self.workers.lock().map(|workers| workers.clone()).unwrap_or_default();
        for worker in workers.iter().filter_map(Weak::upgrade) {
            usage.reads_max += count(READS_AT_ONCE);
            usage.reads_used += count(READS_AT_ONCE.saturating_sub(worker.reads.available_permits()));
            usage.writes_max += count(self.write_connections);
            if let Some(pool) = worker.writes.get() {
                let status = pool.status();
                usage.writes_idle += count(status.available);
                usage.writes_used += count(status.size.saturating_sub(status.available));
                usage.writes_waiting += count(status.waiting);
            }
        }
        usage
    }

    /// A connection without further settings, for migrations.
    pub async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        connect(&self.config, "", Arc::default()).await
    }
}

async fn connect(
    config: &tokio_postgres::Config,
    options: &str,
    closed: Arc<AtomicBool>,
) -> ConnectionResult<AsyncPgConnection> {
    let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(error.to_string());
    let mut config = config.clone();
    config.application_name("lonja");
    if !options.is_empty() {
        // After the URL's own options, which stay in force.
        let given = config.get_options().unwrap_or_default().to_owned();
        config.options(format!("{given} {options}").trim());
    }
    // A server that is gone without a word must not hold a worker up for minutes.
    config.connect_timeout(LONGEST_WAIT).tcp_user_timeout(LONGEST_WAIT * 2).keepalives_idle(LONGEST_WAIT * 2);
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let client = match config.connect(MakeRustlsConnect::new(tls)).await {
        Ok((client, connection)) => {
            drive(connection, closed);
            client
        }
        // `sslmode=prefer`, the default, takes what it can get: many servers have a certificate of their own making.
        // Whoever needs the encryption says `sslmode=require`.
        Err(_refused) if config.get_ssl_mode() == SslMode::Prefer => {
            let (client, connection) = config.ssl_mode(SslMode::Disable).connect(NoTls).await.map_err(bad)?;
            drive(connection, closed);
            client
        }
        Err(error) => return Err(bad(error)),
    };
    AsyncPgConnection::try_from(client).await
}

#[derive(diesel::QueryableByName)]
struct Locked {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    locked: bool,
}

/// Takes a lock of this name that ends with the transaction; `false` where another transaction holds it.
pub(super) async fn try_lock(mut shared: &AsyncPgConnection, name: &str) -> Result<bool> {
    let query = diesel::sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked");
    let query = query.bind::<diesel::sql_types::Text, _>(name);
    let row: Locked = diesel_async::RunQueryDsl::get_result(query, &mut shared).await?;
    Ok(row.locked)
}

fn drive<S, T>(connection: tokio_postgres::Connection<S, T>, closed: Arc<AtomicBool>)
where
    tokio_postgres::Connection<S, T>: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "a database connection broke");
        }
        closed.store(true, Ordering::Release);
    });
}

/// The connections of one worker.
pub struct Connections {
    server: Server,
    /// The settings of the connection for reading.
    reading: &'static str,
    shared: Mutex<Option<Shared>>,
    shares: Arc<Shares>,
}

struct Shared {
    connection: Arc<AsyncPgConnection>,
    closed: Arc<AtomicBool>,
}

impl Connections {
    pub(super) fn of(server: &Server, reading: &'static str) -> Self {
        let shares = Arc::new(Shares { reads: Semaphore::new(READS_AT_ONCE), writes: OnceLock::new() });
        if let Ok(mut workers) = server.workers.lock() {
            workers.retain(|worker| worker.strong_count() > 0);
            workers.push(Arc::downgrade(&shares));
        }
        Self { server: server.clone(), reading, shared: Mutex::default(), shares }
    }

    fn writes(&self) -> Result<&deadpool::Pool<AsyncPgConnection>> {
        if let Some(pool) = self.shares.writes.get() {
            return Ok(pool);
        }
        let config = self.server.config.clone();
        let mut setup = ManagerConfig::default();
        setup.custom_setup = Box::new(move |_url| {
            let config = config.clone();
            async move { connect(&config, WRITING, Arc::default()).await }.boxed()
        });
        // A query at each checkout would cost a round trip; a broken connection shows itself at BEGIN.
        setup.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config("", setup);
        let pool = deadpool::Pool::builder(manager)
            .max_size(self.server.write_connections)
            .build()
            .map_err(Error::internal)?;
        Ok(self.shares.writes.get_or_init(|| pool))
    }

    pub(super) async fn read(&self) -> Result<Reader<'_>> {
        let permit = self.shares.reads.try_acquire().map_err(|_full| Error::new(Code::Busy))?;
        let mut shared = self.shared.lock().await;
        if let Some(open) = shared.as_ref().filter(|open| !open.closed.load(Ordering::Acquire)) {
            return Ok(Reader::Pg(open.connection.clone(), permit));
        }
        let closed = Arc::new(AtomicBool::new(false));
        let connection = connect(&self.server.config, self.reading, closed.clone())
            .await
            .map_err(|error| Error::new(Code::Busy).caused_by(error))?;
        let connection = Arc::new(connection);
        *shared = Some(Shared { connection: connection.clone(), closed });
        Ok(Reader::Pg(connection, permit))
    }

    pub(super) async fn lease(&self) -> Result<Lease> {
        let waited = tokio::time::timeout(LONGEST_WAIT, self.writes()?.get()).await;
        let object = waited
            .map_err(|_elapsed| Error::new(Code::Busy).caused_by("no connection for a write became free"))?
            .map_err(|error| Error::new(Code::Busy).caused_by(error))?;
        Ok(Lease { object: Some(object), clean: true })
    }
}

/// A connection held for one write. Dropped half-way it is thrown away: given back as it is, its open transaction
/// would be committed by the next write that got it.
pub struct Lease {
    object: Option<Object<AsyncPgConnection>>,
    clean: bool,
}

impl Lease {
    pub(super) fn connection(&self) -> Result<&AsyncPgConnection> {
        self.object.as_deref().ok_or_else(|| Error::internal("a lease without a connection"))
    }

    pub(super) fn mark(&mut self, clean: bool) {
        self.clean = clean;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let (false, Some(object)) = (self.clean, self.object.take()) {
            drop(Object::take(object));
        }
    }
}
