//! `make contract`: schemathesis holds the real `lonja serve` against its own document, with requests that the document
//! allows and requests that it forbids, along its links, and with two partners that try each other's things; on SQLite
//! and on PostgreSQL.
//!
//! `contract SECONDS [SEED]`: the longest that each of the runs may take, and a seed that makes them repeatable.
//! `contract quick`: a few requests of each kind, the same ones each time.

use lonja_tests::Actor;
use lonja_tests::command::{Lonja, Server};
use lonja_tests::postgres::{Postgres, Process, bound_to_us, interrupted};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What is expected of the answers, and why.
const EXPECTATIONS: &str = include_str!("schemathesis.toml");
const SETTINGS: &[(&str, &str)] = &[("max_connections", "100"), ("fsync", "off")];
/// What each run leaves behind of itself.
const REPORT: &str = "report.json";
/// Requests of each kind and operation in a quick run.
const QUICK: u32 = 3;
/// Shorter than a token's life.
const LONGEST: u32 = 1700;
/// Of the operations of the document.
const FEWEST_ACCEPTED: usize = 45;
const LIMITS: [&str; 5] = ["CLIENT", "PARTNER", "ADDRESS", "TOKEN", "TOKEN_ADDRESS"];

/// Who calls, and in which phases. Object-level authorisation is asked between the first and the second.
struct Run {
    callers: &'static [&'static str],
    phases: &'static str,
}

const RUNS: [Run; 3] = [
    Run { callers: &["directBill", "indirectReseller"], phases: "examples,coverage,fuzzing,stateful" },
    Run { callers: &["operator"], phases: "examples,coverage,fuzzing" },
    Run { callers: &["storefront"], phases: "examples,fuzzing" },
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let held = tokio::select! {
        held = contract() => held,
        stopped = interrupted() => stopped.map_err(Into::into).and(Err("interrupted".into())),
    };
    match held {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("contract: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn contract() -> Result<bool> {
    let mut arguments = std::env::args().skip(1);
    let asked = arguments.next().ok_or("say `quick`, or how many seconds each run may take")?;
    let bound = match asked.as_str() {
        "quick" => ["--max-examples".to_owned(), QUICK.to_string()],
        seconds if seconds.parse::<u32>()? <= LONGEST => ["--max-time".to_owned(), asked],
        _ => return Err(format!("tokens live for half an hour: at most {LONGEST} seconds").into()),
    };
    let seed = match (arguments.next(), bound[0].as_str()) {
        (Some(seed), _) => seed.parse()?,
        (None, "--max-examples") => 1,
        (None, _) => rand_seed(),
    };
    let postgres = Postgres::start(SETTINGS)?;
    postgres.create_database("contract", None)?;
    let (mut holds, mut accepted) = (true, BTreeSet::new());
    for on in ["SQLite", "PostgreSQL"] {
        let directory = tempfile::tempdir()?;
        let url = match on {
            "SQLite" => format!("sqlite:{}", directory.path().join("lonja.sqlite").display()),
            _ => postgres.url("contract"),
        };
        let mut lonja = Lonja::sandbox(directory.path(), &url);
        for limit in LIMITS {
            lonja = lonja.with(&format!("LONJA_LIMITS_{limit}_PER_MINUTE"), "10000000");
        }
        let seeded = lonja.run(&["sandbox", "seed"]).await.json();
        let server = lonja.serve().await;
        for run in &RUNS {
            let who = run.callers.join(" and ");
            println!("contract: {on}, {who}: {}, seed {seed}", run.phases);
            let place = directory.path().join(run.callers.concat());
            std::fs::create_dir(&place)?;
            holds &= held(&server, &seeded, run, &place, &bound, seed).await?;
            accepted.extend(accepted_in(&place)?);
        }
        server.terminate().await;
    }
    println!("contract: {} operations took at least one request", accepted.len());
    if accepted.len() < FEWEST_ACCEPTED {
        return Err(
            format!("at least {FEWEST_ACCEPTED} should: a service that refuses everything proves nothing").into()
        );
    }
    Ok(holds)
}

fn rand_seed() -> u64 {
    u64::from(uuid::Uuid::new_v4().as_fields().0)
}

/// The operations that took at least one of the requests of the run in this directory.
fn accepted_in(place: &Path) -> Result<Vec<String>> {
    let report: Value = serde_json::from_str(&std::fs::read_to_string(place.join(REPORT))?)?;
    let rates = report["valid_rates"].as_object().ok_or("a report without rates")?;
    let takes = |phases: &Value| {
        let counts = phases.as_object().into_iter().flat_map(|phases| phases.values());
        counts.filter_map(|count| count["accepted"].as_u64()).any(|accepted| accepted > 0)
    };
    Ok(rates.iter().filter(|(_, phases)| takes(phases)).map(|(operation, _)| operation.clone()).collect())
}

/// One run, in this directory.
async fn held(
    server: &Server,
    seeded: &Value,
    run: &Run,
    place: &Path,
    bound: &[String; 2],
    seed: u64,
) -> Result<bool> {
    let (mut entries, mut tokens) = (Vec::new(), Vec::new());
    for name in run.callers {
        let token = token(server, seeded, name).await?;
        tokens.push(token.clone());
        let headers = json!([{ "name": "Authorization", "value": format!("Bearer {token}") }]);
        entries.push(json!({ "name": name, "fixedHeaders": headers }));
    }
    // JSON is YAML.
    std::fs::write(place.join("auth.yaml"), json!({ "auth": entries }).to_string())?;
    let peers = json!(run.callers);
    let auth = format!(
        "[auth.wfc]\npath = \"auth.yaml\"\n{}",
        match run.callers.len() {
            1 => format!("user = {}\n", peers[0]),
            _ => format!("peers = {peers}\n"),
        }
    );
    std::fs::write(place.join("schemathesis.toml"), format!("{EXPECTATIONS}\n{auth}"))?;
    let mut command = bound_to_us(&PathBuf::from(WORKSPACE).join("target/python/bin/st"), "TERM");
    command.args(["run", &format!("{}/openapi.json", server.url), "--url", &server.url, "--checks", "all"]);
    // One worker: hypothesis on several threads trips over a fault of CPython 3.11's `ast`.
    command.args(["--phases", run.phases, "--workers", "1"]).args(bound);
    command.args(["--seed", &seed.to_string(), "--max-response-time", "5", "--warnings", "off"]);
    command.args(["--report", "json", "--report-json-path", REPORT]);
    command.current_dir(place).env("NO_COLOR", "1").stdin(Stdio::null());
    let holds = Process::start(command, "TERM")?.wait().await?.success();
    for token in tokens {
        // Who lost its right to call on the way proved nothing from there on.
        let still = reqwest::Client::builder()
            .build()?
            .get(format!("{}/v1/markets", server.url))
            .bearer_auth(token)
            .send()
            .await?;
        if still.status() == reqwest::StatusCode::UNAUTHORIZED {
            return Err("the run took its own token away".into());
        }
    }
    Ok(holds)
}

/// A token of a client of its own, which cannot take its own right to call away.
async fn token(server: &Server, seeded: &Value, name: &str) -> Result<String> {
    let clients = seeded["clients"].as_array().ok_or("a seed without clients")?;
    let client = clients.iter().find(|client| client["name"] == name).ok_or("no such client")?;
    let [id, secret] = ["clientId", "clientSecret"].map(|field| client[field].as_str().unwrap_or_default());
    let http = reqwest::Client::builder().build()?;
    let actor = Actor::new(&server.url, &http, id, secret, client["partnerId"].as_str());
    let own = actor.get("/v1/api-clients?limit=200").await.json();
    let Some(own) = own["items"].as_array().and_then(|items| items.iter().find(|own| own["id"] == client["clientId"]))
    else {
        // Not a partner's client: nothing that it may do ends it.
        return Ok(actor.token().await.to_owned());
    };
    let scopes = own["scope"].as_str().unwrap_or_default().split(' ').filter(|scope| *scope != "clients:manage");
    let asked = json!({ "name": "contract", "scope": scopes.collect::<Vec<_>>().join(" "), "roles": own["roles"] });
    let made = actor.post("/v1/api-clients", &asked).await;
    if made.status != 201 {
        return Err(format!("no client for {name}: {}", made.text).into());
    }
    let made = made.json();
    let [id, secret] = ["clientId", "clientSecret"].map(|field| made[field].as_str().unwrap_or_default());
    Ok(Actor::new(&server.url, &http, id, secret, None).token().await.to_owned())
}
