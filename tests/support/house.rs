//! A house of its own for each test: a real server on its own port, with its own database, in sandbox mode.

use super::actor::Actor;
use super::beside;
use super::contract::{self, Complaints};
use super::database::{self, Backend};
use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use lonja::access::clients::{self, NewClient};
use lonja::access::permits::{NOT_FOR_OPERATORS, SCOPES};
use lonja::access::{Role, TokenKind};
use lonja::catalog::{self, Catalogue};
use lonja::clock::Instant;
use lonja::config::Config;
use lonja::db::write::{Actor as Hand, Tx};
use lonja::mail::{self, Mail};
use lonja::partners::{self, NewPartner, PartnerKind, PartnerState};
use lonja::profiles::PreferredLanguage;
use lonja::software::{self, ImportReport};
use lonja::state::{House as Service, State};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// What is for sale in every house.
const CATALOGUES: [&str; 2] = [
    include_str!("../../api/data/catalogues/sample.json"),
    include_str!("../../api/data/catalogues/office-365-2013.json"),
];

/// The quotas of the service's settings.
pub const LIMITS: [&str; 5] = ["CLIENT", "PARTNER", "ADDRESS", "TOKEN", "TOKEN_ADDRESS"];

/// A running server and what it stands on.
pub struct House {
    /// Where it is: `http://127.0.0.1:PORT`.
    pub url: String,
    /// Which database it has.
    pub backend: Backend,
    /// The database's URL.
    pub database_url: String,
    /// The settings it runs with.
    pub directory: TempDir,
    /// The service as its own commands use it.
    pub state: State,
    service: Service,
    http: reqwest::Client,
    complaints: Data<Complaints>,
    handle: ServerHandle,
}

impl House {
    /// Opens a house with the sample catalogue and nobody in it.
    pub async fn open(backend: Backend) -> Self {
        Self::open_with(backend, "").await
    }

    /// The same, with further settings as TOML.
    pub async fn open_with(backend: Backend, settings: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database_url = database::fresh(backend, directory.path()).await.unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut variables = BTreeMap::from([
            ("DATABASE_URL".to_owned(), database_url.clone()),
            ("LONJA_ENVIRONMENT".to_owned(), "sandbox".to_owned()),
            ("LONJA_DATA_DIR".to_owned(), directory.path().display().to_string()),
            ("LONJA_DATABASE_WRITE_CONNECTIONS".to_owned(), "3".to_owned()),
        ]);
        if !settings.contains("public_url") {
            variables.insert("LONJA_PUBLIC_URL".to_owned(), url.clone());
        }
        // Tests ask more than any caller; the limits stay on, so that every answer says where its caller stands.
        if !settings.contains("_per_minute") {
            variables.extend(LIMITS.map(|name| (format!("LONJA_LIMITS_{name}_PER_MINUTE"), "10000000".to_owned())));
        }
        let config = Config::from_layers(Some(settings), &variables).unwrap();
        let service = lonja::house::open(config).await.unwrap();
        let complaints = Data::new(Complaints::default());
        let (inside, noticed) = (service.clone(), complaints.clone());
        let server = HttpServer::new(move || {
            let app = lonja::app::build(Data::new(inside.worker())).app_data(noticed.clone());
            app.wrap(from_fn(contract::check))
        })
        .workers(1)
        .keep_alive(lonja::house::KEEP_ALIVE)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        let state = service.worker();
        for file in CATALOGUES {
            let catalogue: Catalogue = serde_json::from_str(file).unwrap();
            let take_in = async |tx: &mut Tx<'_>| catalog::import(tx, &catalogue, |_done| {}).await;
            state.write(&Hand::house("test"), take_in).await.unwrap();
        }
        let http = reqwest::Client::builder().build().unwrap();
        Self { url, backend, database_url, directory, state, service, http, complaints, handle }
    }

    /// A second server over the same database, in a process state of its own; answers its URL.
    pub async fn replica(&self) -> (String, ServerHandle) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = lonja::house::open((*self.service.config).clone()).await.unwrap();
        let server = HttpServer::new(move || lonja::app::build(Data::new(service.worker())))
            .workers(1)
            .keep_alive(lonja::house::KEEP_ALIVE)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        (url, handle)
    }

    /// The admin port of this service; answers its URL.
    pub async fn admin(&self) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = self.service.clone();
        let server = HttpServer::new(move || lonja::app::admin(Data::new(service.worker())));
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        url
    }

    /// A client for raw HTTP.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A new active partner with a client that holds every scope and role of partners.
    pub async fn partner(&self, kind: PartnerKind) -> Actor {
        self.partner_in(kind, PartnerState::Active).await
    }

    /// The same, in another state.
    pub async fn partner_in(&self, kind: PartnerKind, state: PartnerState) -> Actor {
        let new = NewPartner {
            kind,
            legal_name: "Distribuidora del Bajío S.A. de C.V.".to_owned(),
            country: "MX".to_owned(),
            partner_location_id: None,
            state,
        };
        let row = self.state.write(&Hand::house("test"), async |tx| partners::register(tx, &new).await).await.unwrap();
        self.client_of(&row.id, &partner_scopes(), &[Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent]).await
    }

    /// A client of this partner with these scopes and roles.
    pub async fn client_of(&self, partner_id: &str, scopes: &[&str], roles: &[Role]) -> Actor {
        self.client(TokenKind::Partner, Some(partner_id), None, scopes, roles).await
    }

    /// A client of the marketplace's own staff with every scope that it may hold.
    pub async fn operator(&self) -> Actor {
        let scopes: Vec<&str> = all_scopes().filter(|scope| !NOT_FOR_OPERATORS.contains(scope)).collect();
        self.client(TokenKind::Operator, None, None, &scopes, &[]).await
    }

    /// A client of a customer's administrator.
    pub async fn customer(&self, customer_id: &str) -> Actor {
        let scopes: Vec<&str> = all_scopes().collect();
        self.client(TokenKind::Customer, None, Some(customer_id), &scopes, &[Role::CustomerGlobalAdmin]).await
    }

    /// A client of a storefront that enrols newcomers, with every scope, to show that they do not help it.
    pub async fn enrolment(&self) -> Actor {
        let scopes: Vec<&str> = all_scopes().collect();
        self.client(TokenKind::Enrolment, None, None, &scopes, &[]).await
    }

    /// A client of this kind with these scopes and roles, whether its kind can hold them or not.
    pub async fn client(
        &self,
        kind: TokenKind,
        partner_id: Option<&str>,
        customer_id: Option<&str>,
        scopes: &[&str],
        roles: &[Role],
    ) -> Actor {
        let new = NewClient {
            name: "test".to_owned(),
            kind,
            partner_id: partner_id.map(str::to_owned),
            customer_id: customer_id.map(str::to_owned),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            roles: roles.to_vec(),
        };
        let made = self.state.write(&Hand::house("test"), async |tx| clients::create(tx, &new).await).await.unwrap();
        Actor::new(&self.url, &self.http, &made.client_id, made.client_secret.expose_secret(), partner_id)
    }

    /// Runs a statement beside the service, as somebody with the database's password could.
    pub async fn execute(&self, statement: &str) {
        beside::execute(&self.database_url, statement).await.unwrap();
    }

    /// The rows of a query beside the service; it has one column, named `text`.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        beside::texts(&self.database_url, query).await.unwrap()
    }

    /// The one number that a query beside the service answers.
    pub async fn count(&self, query: &str) -> i64 {
        let rows = self.texts(&format!("SELECT CAST(({query}) AS TEXT) AS text")).await;
        rows[0].parse().unwrap()
    }

    /// Does what the sealer does about every second: committed events get their place, audit records their seal.
    pub async fn seal(&self) {
        lonja::jobs::seal(&self.state).await.unwrap();
    }

    /// The feed's events of this type, once one stands there: a sealer that runs beside may be at it just now.
    pub async fn told(&self, partner: &Actor, topic: &str) -> Vec<Value> {
        loop {
            self.seal().await;
            let feed = partner.get(&format!("/v1/events?type={topic}")).await.json();
            match feed["items"].as_array().unwrap() {
                none if none.is_empty() => {}
                told => break told.clone(),
            }
        }
    }

    /// Runs jobs and the sealer beside the server, as `lonja serve` does, until it is dropped.
    pub fn work_beside(&self) -> lonja::house::Beside {
        lonja::house::work_beside(self.service.clone())
    }

    /// Leaves a mail to this address.
    pub async fn mail(&self, to: &str) {
        let mail = Mail::new("mail_email_verification", to, PreferredLanguage::English);
        self.state.write(&Hand::house("test"), async |tx| mail::send(tx, &mail).await).await.unwrap();
    }

    /// Moves the business clock.
    pub async fn set_clock(&self, now: &str) {
        let now: Instant = now.parse().unwrap();
        let reply = self.http.put(format!("{}/v1/sandbox/clock", self.url)).json(&json!({ "now": now })).send().await;
        assert_eq!(reply.unwrap().status(), 200);
    }

    /// Takes `count` new keys of a product's version into stock and answers them.
    pub async fn stock(&self, product: &str, version: &str, count: usize) -> Vec<String> {
        let keys: Vec<String> = std::iter::repeat_with(new_key).take(count).collect();
        let lines: String = keys.iter().map(|key| format!("{product},{version},{key}\n")).collect();
        let report = self.import(&format!("product,version,key\n{lines}")).await;
        assert_eq!((report.imported, report.refused.len()), (u64::try_from(count).unwrap(), 0));
        keys
    }

    /// Imports a file as `lonja keys import` does.
    pub async fn import(&self, file: &str) -> ImportReport {
        let mut report = ImportReport::default();
        let known = software::KnownProducts::of(&self.state).await.unwrap();
        let keys = software::read_keys(file.as_bytes(), b',', &known, &mut report).unwrap();
        software::import(&self.state, keys, &mut report, |_done| {}).await.unwrap();
        report
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let (url, handle) = (self.database_url.clone(), self.handle.clone());
        // Dropped inside a runtime, which cannot be blocked: the end is done on a thread of its own.
        let end = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                // Not awaited: the server's runtime is the test's, which is ending.
                drop(handle.stop(false));
                database::remove(&url).await
            })
        });
        let ended = end.join();
        let complaints = self.complaints.taken();
        if !std::thread::panicking() {
            assert!(complaints.is_empty(), "answers that are not as documented:\n{}", complaints.join("\n"));
            assert!(matches!(ended, Ok(Ok(()))), "the test's database could not be removed: {ended:?}");
        }
    }
}

fn all_scopes() -> impl Iterator<Item = &'static str> {
    SCOPES.iter().map(|(scope, _)| *scope)
}

/// Every scope that a partner's client may be given.
pub fn partner_scopes() -> Vec<&'static str> {
    all_scopes().collect()
}

/// A product key of the right form that no other test has.
pub fn new_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let alphabet: Vec<char> = "BCDFGHJKMNPQRTVWXY2346789".chars().collect();
    let count = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    let mut number = count.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let mut key = String::new();
    for position in 0..25 {
        if position > 0 && position % 5 == 0 {
            key.push('-');
        }
        key.push(alphabet[usize::try_from(number % 25).unwrap()]);
        number = number / 25 + u128::from(position == 12) * 77;
    }
    key
}
