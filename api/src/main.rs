//! The `lonja` command.

mod command;

use chrono::TimeDelta;
use clap::{CommandFactory, Parser, Subcommand};
use command::catalogue::{self, CatalogCommand};
use command::directories::{self, CompaniesCommand, LocationsCommand};
use command::software::{self as goods, MediaCommand, VaultCommand};
use lonja::access::TokenKind;
use lonja::access::clients::{self, NewClient, Outside};
use lonja::access::signing_keys::{self, KeyNote};
use lonja::audit::{self, Extent};
use lonja::config::{Config, ConfigError};
use lonja::db::write::{Actor, Tx};
use lonja::error::Error;
use lonja::jobs::{self, JobState};
use lonja::software::{self, ImportReport, KnownProducts};
use lonja::{app, house, log, sandbox};
use secrecy::ExposeSecret;
use serde_json::json;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::process::ExitCode;

/// Instants for people.
const SECONDS: &str = "%Y-%m-%dT%H:%M:%SZ";

/// Lonja: a self-hosted marketplace API for the Cloud Solution Provider business.
///
/// Exit codes: 0 done · 1 failed · 2 wrong usage · 3 done in part, see the report · 78 the configuration is wrong.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The configuration file; else LONJA_CONFIG, else lonja.toml where there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve {
        /// Seed the sandbox first, and print how to begin.
        #[arg(long)]
        seed: bool,
    },
    /// Bring the database's schema up to date.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Print the settings in force, secrets masked.
    Config,
    /// API clients.
    #[command(subcommand)]
    Client(ClientCommand),
    /// What is sold.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// The directory of companies by their DUNS numbers.
    #[command(subcommand)]
    Companies(CompaniesCommand),
    /// The stock of product keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The media that software is downloaded as.
    #[command(subcommand)]
    Media(MediaCommand),
    /// The directory of PartnerIDs.
    #[command(subcommand)]
    PartnerLocations(LocationsCommand),
    /// The audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Work left for after a commit.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// The keys that sign access tokens.
    #[command(subcommand)]
    SigningKeys(SigningKeysCommand),
    /// Sandboxes.
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Encryption at rest.
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Print a script that completes this command in a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
enum ClientCommand {
    /// Make an API client; prints its id and, this once, its secret.
    Create {
        #[command(flatten)]
        owner: Owner,
        /// For people.
        #[arg(long, default_value = "made by lonja client create")]
        name: String,
        /// Scopes by blanks.
        #[arg(long, value_name = "SCOPES")]
        scope: String,
        /// A role; may be given several times: globalAdmin, adminAgent, salesAgent, customerGlobalAdmin.
        #[arg(long, value_name = "ROLE")]
        role: Vec<String>,
        /// The outside issuer whose tokens speak for this client, as the configuration names it; no secret is made.
        #[arg(long, value_name = "URL", requires = "subject")]
        issuer: Option<String>,
        /// The client's name in the tokens of that issuer.
        #[arg(long, value_name = "ID", requires = "issuer")]
        subject: Option<String>,
    },
}

#[derive(Subcommand)]
enum SigningKeysCommand {
    /// Publish the next key. It signs after `tokens.publish_seconds`; the one before leaves when its tokens have ended.
    Rotate,
    /// List the keys that are published, oldest first.
    List,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Owner {
    /// For the marketplace's own staff.
    #[arg(long)]
    operator: bool,
    /// For a storefront that enrols newcomers.
    #[arg(long)]
    enrolment: bool,
    /// For this partner.
    #[arg(long, value_name = "ID")]
    partner: Option<String>,
    /// For this customer's administrator.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Take product keys into stock from a CSV file with the columns product, version, key and optionally kind.
    ///
    /// Bad lines are reported by their number and left out; a key that was imported before is refused.
    Import {
        /// The file; `-` for standard input.
        file: PathBuf,
    },
    /// Write the stock for auditors as CSV: fingerprints and what each key was issued for, never a key.
    Export {
        /// The file; `-` for standard output.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Verify the sealed chain; where something is wrong, name the first record that is, and exit with 1.
    Verify {
        /// A digest that was kept elsewhere, such as the last one in the log: the chain must reach it.
        #[arg(long, value_name = "DIGEST")]
        head: Option<String>,
    },
}

#[derive(Subcommand)]
enum JobsCommand {
    /// List jobs: dead ones first, then by when they are due.
    List {
        /// Only those in this state.
        #[arg(long)]
        state: Option<JobState>,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// Make dead jobs due again.
    Requeue {
        /// Their ids.
        #[arg(required_unless_present = "all")]
        id: Vec<String>,
        /// All of them.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

#[derive(Subcommand)]
enum SandboxCommand {
    /// Seed an empty sandbox with a small believable marketplace; a seeded one is left as it is.
    Seed,
}

/// Why a command did not do what it should.
enum Failure {
    Configuration(ConfigError),
    Usage(String),
    Failed(Error),
    InPart,
    /// A check found something wrong, and has said what.
    Found,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match actix_web::rt::System::new().block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Configuration(error)) => told(&error.to_string(), 78),
        Err(Failure::Usage(text)) => told(&text, 2),
        Err(Failure::Failed(error)) => told(&error.private_causes().unwrap_or_else(|| error.to_string()), 1),
        Err(Failure::InPart) => ExitCode::from(3),
        Err(Failure::Found) => ExitCode::from(1),
    }
}

fn told(text: &str, code: u8) -> ExitCode {
    eprintln!("lonja: {text}");
    ExitCode::from(code)
}

async fn run(cli: Cli) -> Result<(), Failure> {
    let json = cli.json;
    match &cli.command {
        Command::Openapi => print!("{}", app::document().json),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "lonja", &mut std::io::stdout());
        }
        _ => {
            let config = Config::read(cli.config).map_err(Failure::Configuration)?;
            return with_config(cli.command, config, json).await;
        }
    }
    Ok(())
}

async fn with_config(command: Command, config: Config, json: bool) -> Result<(), Failure> {
    // The log goes to standard error for commands that print an answer, so that it can be piped.
    let _flushed_at_the_end = log::start(&config.log, matches!(command, Command::Serve { .. }));
    if !matches!(command, Command::Config) {
        config.ready_to_open().map_err(Failure::Configuration)?;
    }
    match command {
        Command::Config => show_config(&config, json),
        Command::Migrate => migrate(&config, json),
        Command::Serve { seed } => serve(config, seed).await,
        Command::Client(ClientCommand::Create { owner, name, scope, role, issuer, subject }) => {
            let new = new_client(owner, name, &scope, &role)?;
            match issuer.zip(subject) {
                Some((issuer, subject)) => create_outside(config, &new, Outside { issuer, subject }, json).await,
                None => create_client(config, &new, json).await,
            }
        }
        Command::SigningKeys(command) => signing_keys(config, &command, json).await,
        Command::Catalog(command) => catalogue::run(config, &command, json).await,
        Command::Companies(command) => directories::companies(config, &command, json).await,
        Command::PartnerLocations(command) => directories::locations(config, &command, json).await,
        Command::Keys(KeysCommand::Import { file }) => import_keys(config, file, json).await,
        Command::Keys(KeysCommand::Export { file }) => goods::export_keys(config, &file, json).await,
        Command::Media(command) => goods::media(config, &command, json).await,
        Command::Vault(command) => goods::vault(config, &command, json).await,
        Command::Audit(AuditCommand::Verify { head }) => verify_audit(config, head.as_deref(), json).await,
        Command::Jobs(JobsCommand::List { state, limit }) => list_jobs(config, state, limit, json).await,
        Command::Jobs(JobsCommand::Requeue { id, all }) => requeue_jobs(config, (!all).then_some(id), json).await,
        Command::Sandbox(SandboxCommand::Seed) => {
            let seeded = sandbox::seed(&house::open(config).await?.worker()).await?;
            println!("{}", serde_json::to_string_pretty(&seeded).map_err(Error::internal)?);
            Ok(())
        }
        Command::Openapi | Command::Completions { .. } => Ok(()),
    }
}

fn show_config(config: &Config, json: bool) -> Result<(), Failure> {
    if json {
        println!("{}", serde_json::to_string_pretty(config).map_err(Error::internal)?);
    } else {
        print!("{}", config.shown().map_err(Error::internal)?);
    }
    Ok(())
}

fn migrate(config: &Config, json: bool) -> Result<(), Failure> {
    let database = lonja::db::Database::of(&config.database.url, config.database.write_connections)?;
    let taken = lonja::db::migrate::run(&database)?;
    match (json, taken.is_empty()) {
        (true, _) => println!("{}", json!({ "steps": taken })),
        (false, true) => println!("The schema is up to date."),
        (false, false) => println!("Steps taken: {}", taken.join(", ")),
    }
    Ok(())
}

async fn serve(config: Config, seed: bool) -> Result<(), Failure> {
    if let Some(doubt) = config.doubtful() {
        tracing::warn!("{doubt}");
    }
    let house = house::open(config).await?;
    let seeded = if seed { Some(sandbox::seed(&house.worker()).await?) } else { None };
    let url = house.config.public_url.clone();
    house::serve(house, move || {
        tracing::info!(url, "serving");
        if let Some(seeded) = seeded {
            eprintln!("{}", seeded.how_to_begin(&url));
        }
    })
    .await?;
    Ok(())
}

fn new_client(owner: Owner, name: String, scope: &str, roles: &[String]) -> Result<NewClient, Failure> {
    let kind = match (&owner.partner, &owner.customer) {
        (Some(_), _) => TokenKind::Partner,
        (_, Some(_)) => TokenKind::Customer,
        _ if owner.operator => TokenKind::Operator,
        _ => TokenKind::Enrolment,
    };
    let (partner_id, customer_id) = (owner.partner, owner.customer);
    let new = NewClient { name, kind, partner_id, customer_id, scopes: Vec::new(), roles: Vec::new() };
    clients::allowed(new, scope, roles).map_err(|refusal| Failure::Usage(refusal.to_string()))
}

async fn create_client(config: Config, new: &NewClient, json: bool) -> Result<(), Failure> {
    let state = house::open(config).await?.worker();
    let made = state.write(&Actor::house("create_client"), async |tx| clients::create(tx, new).await).await?;
    let (id, secret) = (&made.client_id, made.client_secret.expose_secret());
    if json {
        println!("{}", json!({ "clientId": id, "clientSecret": secret }));
    } else {
        println!("client id      {id}\nclient secret  {secret}\n\nThe secret is shown this once.");
    }
    Ok(())
}

async fn create_outside(config: Config, new: &NewClient, outside: Outside, json: bool) -> Result<(), Failure> {
    let issuers: Vec<&str> = config.issuers.iter().map(|known| known.issuer.as_str()).collect();
    if !issuers.contains(&outside.issuer.as_str()) {
        let known = if issuers.is_empty() { "none".to_owned() } else { issuers.join(", ") };
        let issuer = &outside.issuer;
        return Err(Failure::Usage(format!("the issuer `{issuer}` is not configured; those that are: {known}")));
    }
    if outside.subject.is_empty() || outside.subject.chars().count() > 255 {
        return Err(Failure::Usage("a subject has from 1 to 255 characters".to_owned()));
    }
    let state = house::open(config).await?.worker();
    let work = async |tx: &mut Tx<'_>| clients::create_outside(tx, new, &outside).await;
    let id = state.write(&Actor::house("create_client"), work).await?;
    let Outside { issuer, subject } = &outside;
    if json {
        println!("{}", json!({ "clientId": id, "issuer": issuer, "subject": subject }));
    } else {
        println!("client id      {id}\n\nTokens of {issuer} with the subject {subject} speak for it.");
    }
    Ok(())
}

async fn signing_keys(config: Config, command: &SigningKeysCommand, json: bool) -> Result<(), Failure> {
    let publish = TimeDelta::seconds(i64::from(config.tokens.publish_seconds));
    let state = house::open(config).await?.worker();
    let keys: Vec<KeyNote> = match command {
        SigningKeysCommand::Rotate => {
            let work = async |tx: &mut Tx<'_>| signing_keys::rotate(tx, publish).await;
            state.write(&Actor::house("rotate_signing_keys"), work).await?
        }
        SigningKeysCommand::List => signing_keys::notes(&mut state.read().await?.db()?).await?,
    };
    if json {
        println!("{}", json!({ "keys": keys }));
        return Ok(());
    }
    for key in keys {
        let leaves = key.leaves_at.map(|instant| format!(", leaves {}", instant.format(SECONDS))).unwrap_or_default();
        println!("{}  {:<9}  signs from {}{leaves}", key.kid, key.state.as_str(), key.signs_from.format(SECONDS));
    }
    Ok(())
}

async fn import_keys(config: Config, file: PathBuf, json: bool) -> Result<(), Failure> {
    let cannot_read = |error| Error::internal(format!("`{}` cannot be read: {error}", file.display()));
    let file: Box<dyn Read> = match file.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(std::fs::File::open(&file).map_err(cannot_read)?),
    };
    let state = house::open(config).await?.worker();
    let mut report = ImportReport::default();
    let keys = software::read_keys(file, b',', &KnownProducts::of(&state).await?, &mut report)?;
    let total = u64::try_from(keys.len()).unwrap_or_default();
    let bar = if std::io::stderr().is_terminal() {
        indicatif::ProgressBar::new(total)
    } else {
        indicatif::ProgressBar::hidden()
    };
    software::import(&state, keys, &mut report, |done| {
        bar.set_position(done);
        if bar.is_hidden() {
            eprintln!("{done} of {total} keys");
        }
    })
    .await?;
    bar.finish_and_clear();
    if json {
        println!("{}", serde_json::to_string(&report).map_err(Error::internal)?);
    } else {
        println!("{} keys imported, {} lines refused", report.imported, report.refused_total);
        for refused in &report.refused {
            println!("line {}: {} ({})", refused.line, refused.detail, refused.code);
        }
        if usize::try_from(report.refused_total) != Ok(report.refused.len()) {
            println!("(the first {} of the refused lines)", report.refused.len());
        }
    }
    if report.refused.is_empty() { Ok(()) } else { Err(Failure::InPart) }
}

async fn verify_audit(config: Config, head: Option<&str>, json: bool) -> Result<(), Failure> {
    let state = house::open(config).await?.patient_worker();
    // What was committed a moment ago is sealed first, so that it is looked at too.
    jobs::seal(&state).await?;
    let bar = if std::io::stderr().is_terminal() {
        indicatif::ProgressBar::new_spinner().with_message("records verified")
    } else {
        indicatif::ProgressBar::hidden()
    };
    let mut told = 0;
    let extent = Extent { from: 1, most_records: i64::MAX, most_seals: i64::MAX, head };
    let found = audit::verify(&state, &extent, |records| {
        bar.set_position(u64::try_from(records).unwrap_or_default());
        if bar.is_hidden() && records >= told + 100_000 {
            told = records;
            eprintln!("{records} records verified");
        }
    })
    .await?;
    bar.finish_and_clear();
    if json {
        println!("{}", serde_json::to_string(&found).map_err(Error::internal)?);
    } else {
        println!("{found}");
    }
    if found.intact { Ok(()) } else { Err(Failure::Found) }
}

async fn list_jobs(config: Config, state: Option<JobState>, limit: i64, json: bool) -> Result<(), Failure> {
    let worker = house::open(config).await?.worker();
    let mut reader = worker.read().await?;
    let found = jobs::list(&mut reader.db()?, state, limit).await?;
    if json {
        println!("{}", serde_json::to_string(&found).map_err(Error::internal)?);
        return Ok(());
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["id", "kind", "state", "due", "attempts", "last error"]);
    for job in found {
        let due = job.due_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let error = job.last_error.unwrap_or_default();
        table.add_row([
            job.id,
            job.kind,
            format!("{:?}", job.state).to_lowercase(),
            due,
            job.attempts.to_string(),
            error,
        ]);
    }
    println!("{table}");
    Ok(())
}

async fn requeue_jobs(config: Config, ids: Option<Vec<String>>, json: bool) -> Result<(), Failure> {
    let state = house::open(config).await?.worker();
    let actor = Actor::house("requeue_jobs");
    let requeued = state.write(&actor, async |tx| jobs::requeue(tx, ids.as_deref()).await).await?;
    if json {
        println!("{}", json!({ "requeued": requeued }));
    } else {
        println!("{requeued} jobs are due again");
    }
    match ids {
        Some(ids) if ids.len() != requeued => {
            Err(Failure::Usage(format!("{} of the ids are no dead jobs", ids.len() - requeued)))
        }
        _ => Ok(()),
    }
}
