//! Opening the house: settings, database, migrations, vault, signing keys; then serving.

use crate::app;
use crate::config::Config;
use crate::db::schema::data_keys;
use crate::db::write::{self, Actor, Tools, Tx};
use crate::db::{Database, Db, Pool, migrate};
use crate::error::{Error, Result};
use crate::state::House;
use crate::vault::{MasterKey, Purpose, Vault, WrappedKey};
use crate::{access, jobs, on};
use actix_web::HttpServer;
use actix_web::web::Data;
use diesel::prelude::{ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use secrecy::ExposeSecret;
use std::any::Any;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long an answer may lie unread.
const UNREAD: Duration = Duration::from_secs(8);
/// For how long an idle connection is kept: longer than balancers keep theirs, which would else send a request into one
/// that is being closed.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long requests that are running may take to end after SIGTERM, in seconds.
const DRAIN_SECONDS: u64 = 30;

/// Opens the house: brings the schema up to date, opens the vault, and sees that tokens can be signed.
pub async fn open(config: Config) -> Result<House> {
    let config = Arc::new(config);
    let database = Database::of(&config.database.url, config.database.write_connections)?;
    let taken = migrate::run(&database)?;
    if !taken.is_empty() {
        tracing::info!(steps = taken.join(", "), "the schema was brought up to date");
    }
    let vault = Arc::new(Vault::new(master_key(&config)?, previous_master_key(&config)?));
    let house = House::new(config, database, vault)?;
    let pool = house.database.pool();
    open_vault(&pool, &house.vault).await?;
    house.tokens.reload(&pool, &house.vault).await?;
    if house.tokens.published()?.is_empty() {
        let tools = Tools { vault: &house.vault, sandbox: false };
        write::run(&pool, &tools, &Actor::house("open"), async |tx| access::signing_keys::ensure_one(tx).await).await?;
        house.tokens.reload(&pool, &house.vault).await?;
    }
    Ok(house)
}

fn master_key(config: &Config) -> Result<MasterKey> {
    let (key, file) = (config.vault.master_key.expose_secret(), &config.vault.master_key_file);
    let found = match (key.is_empty(), file.is_empty()) {
        (false, _) => return MasterKey::parse(key).ok_or_else(|| Error::internal("the master key is malformed")),
        (true, false) => MasterKey::of_file(Path::new(file), false),
        // Only a sandbox comes here: `Config::ready_to_open` demands one of the two in production.
        (true, true) => MasterKey::of_file(&config.data_dir.join("master.key"), config.is_sandbox()),
    };
    found.map_err(Error::internal)
}

fn previous_master_key(config: &Config) -> Result<Option<MasterKey>> {
    let (key, file) = (config.vault.previous_master_key.expose_secret(), &config.vault.previous_master_key_file);
    match (key.is_empty(), file.is_empty()) {
        (false, _) => {
            let key = MasterKey::parse(key).ok_or_else(|| Error::internal("the previous master key is malformed"))?;
            Ok(Some(key))
        }
        (true, false) => MasterKey::of_file(Path::new(file), false).map(Some).map_err(Error::internal),
        (true, true) => Ok(None),
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = data_keys, treat_none_as_default_value = false)]
struct KeyRow {
    id: String,
    purpose: String,
    wrapped: String,
    created_at: chrono::NaiveDateTime,
    master_id: Option<String>,
}

/// Makes the data keys that are missing, and takes all of them into use.
async fn open_vault(pool: &Pool, vault: &Vault) -> Result<()> {
    let mut reader = pool.read().await?;
    let mut keys = all_data_keys(&mut reader.db()?).await?;
    drop(reader);
    if Purpose::ALL.iter().any(|purpose| keys.iter().all(|key| key.purpose != *purpose)) {
        let tools = Tools { vault, sandbox: false };
        keys = write::run(pool, &tools, &Actor::house("open"), async |tx| ensure_data_keys(tx).await).await?;
    }
    vault.learn(&keys)
}

async fn ensure_data_keys(tx: &mut Tx<'_>) -> Result<Vec<WrappedKey>> {
    let mut keys = all_data_keys(tx.db()).await?;
    for purpose in Purpose::ALL {
        if keys.iter().any(|key| key.purpose == purpose) {
            continue;
        }
        let key = tx.vault().make_key(tx.id(), purpose)?;
        let row = KeyRow {
            id: key.id.clone(),
            purpose: purpose.as_str().to_owned(),
            wrapped: key.wrapped.clone(),
            created_at: tx.machine_now().naive_utc(),
            master_id: key.master_id.clone(),
        };
        on!(tx.db(), c => diesel::insert_into(data_keys::table).values(&row).execute(c))?;
        keys.push(key);
        tx.because("data keys were made");
    }
    Ok(keys)
}

/// Every data key, oldest first.
pub async fn all_data_keys(db: &mut Db<'_>) -> Result<Vec<WrappedKey>> {
    let rows: Vec<KeyRow> = on!(db, c => data_keys::table
        .order((data_keys::created_at.asc(), data_keys::id.asc()))
        .select(KeyRow::as_select())
        .load(c))?;
    let key = |row: KeyRow| {
        let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == row.purpose)?;
        Some(WrappedKey { id: row.id, purpose, wrapped: row.wrapped, master_id: row.master_id })
    };
    Ok(rows.into_iter().filter_map(key).collect())
}

/// Serves until SIGTERM or SIGINT; then lets what is running end.
pub async fn serve(house: House, on_ready: impl FnOnce()) -> Result<()> {
    let config = house.config.clone();
    let workers = match config.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let public = house.clone();
    let server = HttpServer::new(move || app::build(Data::new(public.worker())))
        .workers(workers)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(KEEP_ALIVE)
        // The framework keeps up to 128 KiB of a head that does not end, and has no setting for that: the number of
        // connections is what bounds it.
        .max_connections(config.limits.connections.div_ceil(workers))
        .on_connect(|connection, _| give_up_on_who_does_not_read(connection))
        .shutdown_timeout(DRAIN_SECONDS)
        .bind(&config.listen)
        .map_err(|error| Error::internal(format!("cannot listen on {}: {error}", config.listen)))?;
    let private = house.clone();
    let admin = HttpServer::new(move || app::admin(Data::new(private.worker())))
        .workers(1)
        .disable_signals()
        .bind(&config.admin_listen)
        .map_err(|error| Error::internal(format!("cannot listen on {}: {error}", config.admin_listen)))?
        .run();
    let admin_handle = admin.handle();
    actix_web::rt::spawn(admin);
    let traces = house.traces.clone();
    let beside = work_beside(house);
    on_ready();
    let ended = server.run().await.map_err(Error::internal);
    admin_handle.stop(false).await;
    drop(beside);
    // It waits for the collector: not on a thread that others need.
    tokio::task::spawn_blocking(move || traces.finish()).await.map_err(Error::internal)?;
    ended
}

/// What runs beside the requests.
pub struct Beside {
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Beside {
    /// Takes no new jobs, and lets those that are running end.
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(Err(_panic)) = self.thread.take().map(std::thread::JoinHandle::join) {
            tracing::error!("the thread of the jobs panicked");
        }
    }
}

/// A caller that takes nothing of its answer is cut by the system: the framework would keep the connection, and what is
/// still to be sent on it, for as long as the caller likes.
fn give_up_on_who_does_not_read(connection: &dyn Any) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
        let set = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNREAD));
        if let Err(error) = set {
            tracing::debug!(%error, "a connection has no limit on what is left unread");
        }
    }
}

/// Jobs and the reloading of keys run on a thread of their own, so that they hold no request up.
pub fn work_beside(house: House) -> Beside {
    let (stop, stopped) = watch::channel(false);
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let (tokens, vault, pool) = (house.tokens.clone(), house.vault.clone(), house.database.pool());
            let often = Duration::from_secs(u64::from(house.config.tokens.key_refresh_seconds));
            actix_web::rt::spawn(async move {
                loop {
                    tokio::time::sleep(often).await;
                    if let Err(error) = tokens.reload(&pool, &vault).await {
                        tracing::warn!(causes = error.private_causes(), "the signing keys could not be read again");
                    }
                }
            });
            jobs::run(Rc::new(house.worker()), stopped).await;
        });
    });
    Beside { stop, thread: Some(thread) }
}
