//! `make bench`: how many reads of a tenant and creations of a customer a second the real `lonja serve` does, on
//! PostgreSQL and on SQLite, beside `pgbench` doing the same statements without a service around them.
//!
//! Everything is on: TLS aside, a request is authenticated, authorised, logged and, where it writes, audited.

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use lonja_tests::load::{self, Outcome};
use lonja_tests::postgres::{Pgbench, Postgres, Process, bound_to_us, free_port, interrupted, output};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const CONNECTIONS: [usize; 2] = [8, 16];
const DATABASE: &str = "bench";
const PGBENCH: &str = "pgbench";
const DEFAULT_SECONDS: u64 = 5;
/// Twelve runs of this length, and all that is around them, take less than two minutes.
const MOST_SECONDS: u64 = 8;
const JSON: (&str, &str) = ("Content-Type", "application/json");
const UNTIL_READY: Duration = Duration::from_secs(10);
/// As durable as in production: `fsync` and `synchronous_commit` keep their defaults.
const POSTGRES_SETTINGS: &[(&str, &str)] = &[("shared_buffers", "256MB"), ("max_connections", "100")];

/// Beside where it listens and keeps its data, what differs from the defaults of the service.
const SERVICE_SETTINGS: &[(&str, &str)] = &[
    ("LONJA_ENVIRONMENT", "sandbox"),
    ("LONJA_LOG_FORMAT", "json"),
    // One client does all the load: counted as always, but never refused.
    ("LONJA_LIMITS_CLIENT_PER_MINUTE", "10000000"),
    ("LONJA_LIMITS_PARTNER_PER_MINUTE", "10000000"),
];
/// Makes the tables and the objects that the load uses.
const SEED: &[&str] = &["sandbox", "seed", "--json"];
/// The client of the seed that the load is done with.
const CLIENT: &str = "directBill";
/// What the access log's line of a request of the load contains.
const ACCESS_LOG_MARKS: [&str; 2] = [r#""route":"/v1/tenants/{"#, r#""route":"/v1/customers""#];

/// The statement of `GET /v1/tenants/{tenantId}` for a partner.
const READ_SQL: &str = "
SELECT t.id, t.customer_id, t.partner_id, t.mode, t.domain, t.custom_domain, t.directory_id, t.previous_provider, t.state,
    t.request_id, t.expires_at, t.version, t.created_at FROM tenants t
WHERE t.id = :tenant AND EXISTS (
    SELECT 1 FROM relationships r
    WHERE r.customer_id = t.customer_id AND r.partner_id = :partner AND r.state = 'accepted');
";

/// The statements of `POST /v1/customers`. Ids ascend, as those of the service do: random ones would cost the indexes
/// more.
const WRITE_SQL: &str = r#"
\set turn :turn + 1
\set id :run * 1000000000000000 + :client_id * 1000000000000 + :turn
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO idempotency_claims (subject, operation, key, fingerprint, claimed_at)
VALUES (:partner, 'create_customer', :id, :fingerprint, LOCALTIMESTAMP) ON CONFLICT DO NOTHING;
SELECT now FROM sandbox_clock;
SELECT id, kind, legal_name, country, partner_location_id, state, version, created_at FROM partners WHERE id = :partner;
INSERT INTO customers (id, company_name, country, address, contact, language, version, created_at)
VALUES (:id, 'Bench', 'ES', :address, :contact, 'es', 1, LOCALTIMESTAMP);
INSERT INTO relationships (id, partner_id, customer_id, state, created_at)
VALUES (:id, :partner, :id, 'accepted', LOCALTIMESTAMP);
INSERT INTO audit_records (id, at, operation, client_id, partner_id, object_kind, object_id, request_id, source_address)
VALUES (:id, LOCALTIMESTAMP, 'create_customer', :client, :partner, 'customer', :id, :id, '127.0.0.1');
INSERT INTO events (id, topic, partner_id, customer_id, object_id, data, occurred_at, request_id)
VALUES (:id, 'customer.created', :partner, :id, :id, :data, LOCALTIMESTAMP, :id);
INSERT INTO idempotency_answers (subject, operation, key, status, headers, body, secret, client_id, answered_at)
VALUES (:partner, 'create_customer', :id, 201, :headers, :body, false, :client, LOCALTIMESTAMP);
COMMIT;
"#;

/// Texts of the size that the service stores.
const WRITE_TEXTS: &[(&str, usize)] =
    &[("fingerprint", 64), ("address", 120), ("contact", 120), ("data", 180), ("headers", 90), ("body", 500)];

/// The body of `POST /v1/customers`.
fn new_customer(number: u64) -> String {
    serde_json::json!({
        "companyName": format!("Bench {number}"),
        "country": "ES",
        "language": "es",
        "address": {"line1": "Calle de la Lonja 1", "city": "Valencia", "postalCode": "46001"},
        "contact": {"firstName": "Ana", "lastName": "Ferrer", "email": "ana@example.com", "phone": "+34600000000"},
    })
    .to_string()
}

/// What the load needs of the sandbox.
struct Seeded {
    client_id: String,
    client_secret: String,
    partner_id: String,
    tenant_id: String,
}

fn seeded(json: &str) -> Result<Seeded> {
    let seed: Value = serde_json::from_str(json).map_err(|error| format!("the seed is not JSON: {error}"))?;
    let text = |value: &Value, name: &str| -> Result<String> {
        let text = value.get(name).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| format!("the seed has no `{name}`").into())
    };
    let clients = seed.get("clients").and_then(Value::as_array).into_iter().flatten();
    let mut ours = clients.filter(|client| client.get("name").and_then(Value::as_str) == Some(CLIENT));
    let client = ours.next().ok_or_else(|| format!("the seed has no client `{CLIENT}`"))?;
    Ok(Seeded {
        client_id: text(client, "clientId")?,
        client_secret: text(client, "clientSecret")?,
        partner_id: text(client, "partnerId")?,
        tenant_id: text(&seed, "tenantId")?,
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ended = tokio::select! {
        ended = bench() => ended,
        stopped = interrupted() => stopped.map_err(Into::into).and(Err("interrupted".into())),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bench() -> Result<()> {
    let duration = Duration::from_secs(seconds()?);
    let postgres = Postgres::start(POSTGRES_SETTINGS)?;
    postgres.create_database(DATABASE, None)?;
    let service = Service::start(&postgres.url(DATABASE)).await?;
    let mut beside = Vec::new();
    for case in [Case::Read, Case::Write] {
        beside.extend(service.load(case, duration).await?);
        beside.extend(alone(&postgres, &service.seeded, case, duration)?);
    }
    print("PostgreSQL", &beside, &beside);
    service.finish(&beside)?;
    drop(postgres);

    let directory = tempfile::tempdir()?;
    let service = Service::start(&format!("sqlite:{}", directory.path().join("bench.sqlite").display())).await?;
    let mut rows = service.load(Case::Read, duration).await?;
    rows.extend(service.load(Case::Write, duration).await?);
    print("SQLite (beside pgbench on PostgreSQL, as above)", &rows, &beside);
    service.finish(&rows)
}

fn seconds() -> Result<u64> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = match arguments.as_slice() {
        [] => Some(DEFAULT_SECONDS),
        [name, number] if name == "--seconds" => number.parse().ok(),
        _ => None,
    };
    let wrong = || format!("usage: bench [--seconds N], N from 1 to {MOST_SECONDS}");
    Ok(seconds.filter(|seconds| (1..=MOST_SECONDS).contains(seconds)).ok_or_else(wrong)?)
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Read,
    Write,
}

/// One line of a table.
struct Row {
    case: Case,
    by: &'static str,
    connections: usize,
    rate: f64,
    mean: f64,
    percentiles: Option<[f64; 2]>,
    answers: usize,
    errors: usize,
    example: Option<String>,
}

impl Row {
    fn of(case: Case, connections: usize, outcome: Outcome) -> Self {
        Self {
            case,
            by: "lonja",
            connections,
            rate: outcome.rate(),
            mean: outcome.mean(),
            percentiles: Some([outcome.percentile(50), outcome.percentile(99)]),
            answers: outcome.latencies.len() + outcome.errors,
            errors: outcome.errors,
            example: outcome.example,
        }
    }
}

/// `beside` holds the runs of pgbench: the better one of a case is what its rows are compared with.
fn print(title: &str, rows: &[Row], beside: &[Row]) {
    println!("\n{title}");
    println!("case               by       connections   per second    mean ms   p50 ms   p99 ms  errors  of pgbench");
    for row in rows {
        let case = if row.case == Case::Read { "read a tenant" } else { "create a customer" };
        let [p50, p99] = row.percentiles.map(|both| both.map(|one| format!("{one:.2}"))).unwrap_or_default();
        let best = beside.iter().filter(|other| other.case == row.case && other.by == PGBENCH);
        let best = best.map(|other| other.rate).fold(0.0, f64::max);
        let Row { by, connections, rate, mean, errors, .. } = row;
        let ratio = 100.0 * rate / best;
        println!(
            "{case:<18} {by:<8} {connections:>11} {rate:>12.0} {mean:>10.2} {p50:>8} {p99:>8} {errors:>7} {ratio:>10.0}%"
        );
    }
}

/// A running `lonja serve` and a token for it.
struct Service {
    process: Process,
    directory: tempfile::TempDir,
    address: SocketAddr,
    seeded: Seeded,
    token: String,
    created: Arc<AtomicU64>,
}

impl Service {
    async fn start(database_url: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let program = lonja()?;
        let command = |arguments: &[&str]| {
            let mut command = bound_to_us(&program, "TERM");
            // What is set in the caller's shell, or in a `lonja.toml` beside it, must not change what is measured.
            for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LONJA_")) {
                command.env_remove(name);
            }
            command.args(arguments).current_dir(directory.path()).envs(SERVICE_SETTINGS.iter().copied());
            command.env("DATABASE_URL", database_url).env("LONJA_DATA_DIR", directory.path());
            command
        };
        let seeded = seeded(&output(&mut command(SEED))?)?;
        let [address, admin] = [free_port()?, free_port()?].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let log = File::create(directory.path().join("access.log"))?;
        let mut serve = command(&["serve"]);
        serve.env("LONJA_LISTEN", address.to_string()).env("LONJA_ADMIN_LISTEN", admin.to_string());
        serve.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut process = Process::start(serve, "TERM")?;
        if let Err(error) = ready(&mut process, admin).await {
            let log = std::fs::read_to_string(directory.path().join("access.log")).unwrap_or_default();
            return Err(format!("{error}\n{log}").into());
        }
        let token = token(address, &seeded).await?;
        Ok(Self { process, directory, address, seeded, token, created: Arc::default() })
    }

    async fn load(&self, case: Case, duration: Duration) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for connections in CONNECTIONS {
            let (address, bearer) = (self.address, format!("Bearer {}", self.token));
            let outcome = match case {
                Case::Read => {
                    let path = format!("/v1/tenants/{}", self.seeded.tenant_id);
                    let request = load::request("GET", &path, address, &[("Authorization", &bearer)], "");
                    load::run(address, connections, duration, move || request.clone()).await?
                }
                Case::Write => {
                    let created = self.created.clone();
                    let next = move || {
                        let number = created.fetch_add(1, Ordering::Relaxed);
                        let key = format!("00000000-0000-4000-8000-{number:012x}");
                        let headers = [("Authorization", &*bearer), ("Idempotency-Key", &key), JSON];
                        load::request("POST", "/v1/customers", address, &headers, &new_customer(number))
                    };
                    load::run(address, connections, duration, next).await?
                }
            };
            rows.push(Row::of(case, connections, outcome));
        }
        Ok(rows)
    }

    /// Stops the service, which writes what it still has to log, and compares the log with the load.
    fn finish(mut self, rows: &[Row]) -> Result<()> {
        self.process.stop()?;
        let log = File::open(self.directory.path().join("access.log"))?;
        let lines = BufReader::new(log).lines().map_while(io::Result::ok);
        let lines = lines.filter(|line| ACCESS_LOG_MARKS.iter().any(|mark| line.contains(mark))).count();
        let requests: usize = rows.iter().map(|row| row.answers).sum();
        println!("access log: {lines} lines for {requests} requests");
        if let Some(example) = rows.iter().find_map(|row| row.example.as_ref()) {
            return Err(format!("not every request was answered well, for example: {example}").into());
        }
        if lines < requests { Err("the access log dropped lines".into()) } else { Ok(()) }
    }
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, which has no settings of the service")]
fn lonja() -> Result<PathBuf> {
    let program = match std::env::var_os("LONJA_BIN") {
        Some(path) => std::path::absolute(path)?,
        None => std::env::current_exe()?.with_file_name("lonja"),
    };
    if !program.is_file() {
        return Err(format!("{} is missing: `cargo build --release -p lonja` makes it", program.display()).into());
    }
    Ok(program)
}

async fn ready(process: &mut Process, admin: SocketAddr) -> Result<()> {
    let request = load::request("GET", "/readyz", admin, &[("Connection", "close")], "");
    let started = Instant::now();
    while started.elapsed() < UNTIL_READY {
        if load::once(admin, &request).await.is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        if let Some(status) = process.ended()? {
            return Err(format!("`lonja serve` ended: {status}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("`lonja serve` was not ready in time".into())
}

async fn token(address: SocketAddr, seeded: &Seeded) -> Result<String> {
    let pair = STANDARD.encode(format!("{}:{}", seeded.client_id, seeded.client_secret));
    let headers = [("Authorization", &*format!("Basic {pair}")), ("Content-Type", "application/x-www-form-urlencoded")];
    let form = "grant_type=client_credentials";
    let answer = load::once(address, &load::request("POST", "/v1/oauth/token", address, &headers, form)).await?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let token = body.get("access_token").and_then(Value::as_str).map(str::to_owned);
    Ok(token.ok_or_else(|| format!("no token: {} {}", answer.status, String::from_utf8_lossy(&answer.body)))?)
}

/// The same statements, sent to the same server by PostgreSQL's own load generator.
fn alone(postgres: &Postgres, seeded: &Seeded, case: Case, duration: Duration) -> Result<Vec<Row>> {
    let script = if case == Case::Read { READ_SQL } else { WRITE_SQL };
    let mut rows = Vec::new();
    for connections in CONNECTIONS {
        let mut variables: Vec<(&str, String)> = vec![
            ("tenant", seeded.tenant_id.clone()),
            ("partner", seeded.partner_id.clone()),
            ("client", seeded.client_id.clone()),
            // The number of connections is what tells the ids of one run from those of another.
            ("run", connections.to_string()),
            ("turn", "0".to_owned()),
        ];
        variables.extend(WRITE_TEXTS.iter().map(|(name, length)| (*name, "x".repeat(*length))));
        let Pgbench { rate, mean, failed: errors } =
            postgres.pgbench(DATABASE, script, connections, duration, &variables)?;
        let (by, percentiles, answers, example) = (PGBENCH, None, 0, None);
        rows.push(Row { case, by, connections, rate, mean, percentiles, answers, errors, example });
    }
    Ok(rows)
}
