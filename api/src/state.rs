//! What every handler reaches through its `app` argument: the settings, the database, and the one way to write.

use crate::access::clients::Directory;
use crate::access::issuers::Issuers;
use crate::access::limits::Limits;
use crate::access::tokens::Tokens;
use crate::access::{Caller, Permit};
use crate::audit::refusals::Refusals;
use crate::clock::{Instant, machine_now};
use crate::config::Config;
use crate::db::write::{self, Actor, Answer, Claim, Outcome, Tools, Tx};
use crate::db::{Database, Db, Pool, Reader};
use crate::error::{Code, Error, Result};
use crate::http::answer::IntoAnswer;
use crate::http::page::{Page, Paged};
use crate::http::room::Rooms;
use crate::http::{Body, IdempotencyKey, Query};
use crate::mail::Postman;
use crate::partners::Texts;
use crate::telemetry::{Metrics, Traces};
use crate::vault::Vault;
use crate::webhooks::network::Outside;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::HashSet;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What all workers of the process share.
#[derive(Clone)]
pub struct House {
    /// The settings in force.
    pub config: Arc<Config>,
    /// The database.
    pub database: Database,
    /// Encryption at rest.
    pub vault: Arc<Vault>,
    /// Access tokens.
    pub tokens: Arc<Tokens>,
    /// Outside issuers, and their keys.
    pub issuers: Arc<Issuers>,
    /// The API clients as this process knows them.
    pub directory: Arc<Directory>,
    /// Where webhooks may go, and how.
    pub webhooks: Arc<Outside>,
    /// The texts of the partner agreement.
    pub agreements: Arc<Texts>,
    /// Who carries mail away.
    pub postman: Arc<Postman>,
    /// The attempts that were refused since the last seal.
    pub refusals: Arc<Refusals>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where spans go.
    pub traces: Arc<Traces>,
    /// How many requests are taken, and of whom.
    pub limits: Arc<Limits>,
    /// The room for all bodies.
    pub bodies: Arc<Rooms>,
    /// Held while the sandbox's clock is moved.
    pub clock_is_moving: Arc<tokio::sync::Mutex<()>>,
    in_flight: Arc<InFlight>,
}

impl House {
    /// A house over an open database and an open vault.
    pub fn new(config: Arc<Config>, database: Database, vault: Arc<Vault>) -> Result<Self> {
        let webhooks = Arc::new(Outside::of(&config));
        let tokens = Arc::new(Tokens::new(&config.public_url, config.tokens.lifetime_seconds));
        let limits = Arc::new(Limits::of(&config.limits));
        let metrics = Metrics::new(database.kind().as_str()).map_err(Error::internal)?;
        let traces = Traces::of(&config.telemetry)?;
        let fresh = Duration::from_secs(config.tokens.client_refresh_seconds);
        Ok(Self {
            issuers: Arc::new(Issuers::new(&config.issuers)),
            limits,
            agreements: Arc::new(Texts::of(&config.agreements.directory)?),
            bodies: Arc::new(Rooms::of(config.limits.bodies_mebibytes)),
            postman: Arc::new(Postman::of(&config)?),
            config,
            database,
            vault,
            tokens,
            webhooks,
            refusals: Arc::default(),
            metrics: Arc::new(metrics),
            traces: Arc::new(traces),
            directory: Arc::new(Directory::new(fresh)),
            clock_is_moving: Arc::default(),
            in_flight: Arc::default(),
        })
    }

    /// The house as one worker uses it, with connections of its own.
    pub fn worker(&self) -> State {
        State { pool: self.database.pool(), house: self.clone() }
    }

    /// The same for a command that reads much, and whose connection nobody shares.
    pub fn patient_worker(&self) -> State {
        State { pool: self.database.patient_pool(), house: self.clone() }
    }
}

/// The house as one worker uses it.
pub struct State {
    /// The connections of this worker.
    pub pool: Pool,
    house: House,
}

impl Deref for State {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

/// The argument through which a handler reaches [`State`].
#[derive(Clone)]
pub struct App(Data<State>);

impl App {
    /// The state of the server that got this request.
    pub fn of(request: &HttpRequest) -> Result<Self> {
        let state = request.app_data::<Data<State>>().cloned();
        state.map(Self).ok_or_else(|| Error::internal("a server without state"))
    }
}

impl Deref for App {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl FromRequest for App {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request))
    }
}

impl State {
    fn tools(&self) -> Tools<'_> {
        Tools { vault: &self.vault, sandbox: self.config.is_sandbox() }
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Reader<'_>> {
        self.pool.read().await
    }

    /// The business instant, for a read that depends on it (PLT-08).
    pub async fn now(&self, db: &mut Db<'_>) -> Result<Instant> {
        if self.config.is_sandbox() { write::business_now(db).await } else { Ok(machine_now()) }
    }

    /// Changes something, for a job, a command or a public page.
    pub async fn write<T>(&self, actor: &Actor, work: impl AsyncFn(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        write::run(&self.pool, &self.tools(), actor, work).await
    }

    /// Does the house's own bookkeeping, which decides nothing about the business.
    pub async fn upkeep<T>(&self, operation: &str, work: impl AsyncFn(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        write::upkeep(&self.pool, &self.tools(), &Actor::house(operation), work).await
    }

    /// Changes something for a caller without an idempotency key: PATCH, PUT and DELETE, whose repeat does no harm.
    pub async fn change<P, T: IntoAnswer>(
        &self,
        caller: &Caller<P>,
        work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Answer> {
        write::run(&self.pool, &self.tools(), &caller.actor(), work).await?.answer()
    }

    /// Changes something once: a repeat of the request gets the same answer (PLT-02).
    pub async fn write_once<P, B, T: IntoAnswer>(
        &self,
        caller: &Caller<P>,
        key: IdempotencyKey,
        body: &Body<B>,
        work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Answer> {
        self.write_once_for(caller, key, body.canonical(), work).await
    }

    /// The same for a body that is no JSON, by what tells it from others.
    pub async fn write_once_for<P, T: IntoAnswer>(
        &self,
        caller: &Caller<P>,
        key: IdempotencyKey,
        canonical: &str,
        work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Answer> {
        let actor = caller.actor();
        let claim =
            Claim { key: key.as_str().to_owned(), fingerprint: fingerprint(caller.context().path(), canonical) };
        let name = format!("{}|{}|{}", actor.subject(), actor.operation, claim.key);
        let _running = self.in_flight.enter(name).ok_or_else(|| Error::new(Code::IdempotencyInFlight))?;
        let done = write::once(&self.pool, &self.tools(), &actor, &claim, work, |value: &T| value.answer()).await?;
        Ok(match done {
            Outcome::Done(_, answer) => answer,
            Outcome::Replayed(answer) => {
                self.metrics.idempotency_replays.inc();
                answer
            }
        })
    }

    /// In production what a sandbox offers does not exist.
    pub fn only_in_a_sandbox(&self) -> Result<()> {
        if self.config.is_sandbox() { Ok(()) } else { Err(Error::new(Code::RouteNotFound)) }
    }

    /// The page that a list's caller asks for.
    pub fn page<P: Permit, T: Paged>(&self, caller: &Caller<P>, query: &Query<T>) -> Result<Page> {
        Page::of(caller, &self.vault, query)
    }
}

/// Method and path are in the operation and the path; what is left is the path's ids and the body.
fn fingerprint(path: &str, body: &str) -> String {
    STANDARD.encode(digest(&SHA256, format!("{}:{path}{body}", path.len()).as_bytes()))
}

/// The keys whose first request is still running in this process: a second one is told so at once, on both databases,
/// instead of waiting for the first.
#[derive(Default)]
struct InFlight(Mutex<HashSet<String>>);

struct Running<'a> {
    all: &'a InFlight,
    name: String,
}

impl InFlight {
    fn enter(&self, name: String) -> Option<Running<'_>> {
        let entered = self.0.lock().is_ok_and(|mut names| names.insert(name.clone()));
        entered.then_some(Running { all: self, name })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Ok(mut names) = self.all.0.lock() {
            names.remove(&self.name);
        }
    }
}
