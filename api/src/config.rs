//! Configuration: defaults (`api/data/defaults.toml`) < a TOML file < the environment. Read once, at the start.
//! A key that does not exist is an error that names the nearest one.

mod gcc;
mod issuers;
mod jobs;
mod limits;
mod links;
mod mail;
mod media;
mod refunds;
mod relationships;
mod renewals;
mod software;
mod storefront;

pub use gcc::GccConfig;
pub use issuers::{IssuerAlgorithm, IssuerConfig, SubjectClaim};
pub use jobs::{JobConfig, TelemetryConfig};
pub use limits::LimitConfig;
pub use links::LinkConfig;
pub use mail::MailConfig;
pub use media::MediaConfig;
pub use refunds::{Approval, RefundConfig};
pub use relationships::RelationshipConfig;
pub use renewals::RenewalConfig;
pub use software::SoftwareConfig;
pub use storefront::StorefrontConfig;

use crate::http::cors::is_origin;
use crate::log;
use crate::vault::MasterKey;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use std::{collections::BTreeMap, fmt, path::PathBuf};
use toml::{Table, Value};

const DEFAULTS: &str = include_str!("../data/defaults.toml");
const PREFIX: &str = "LONJA_";
/// Variables of the same family that are no settings: the file's name, and what the SDK reads.
const NOT_SETTINGS: [&str; 4] = ["LONJA_CONFIG", "LONJA_URL", "LONJA_CLIENT_ID", "LONJA_CLIENT_SECRET"];

/// All settings in force.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Config {
    /// Production unless said otherwise.
    pub environment: Environment,
    /// Address of the API.
    pub listen: String,
    /// Address of metrics and health.
    pub admin_listen: String,
    /// Directory for the SQLite file and a sandbox's master key.
    pub data_dir: PathBuf,
    /// The address that callers see.
    pub public_url: String,
    /// Threads that serve requests; 0 for one each core.
    pub workers: usize,
    /// The database.
    pub database: DatabaseConfig,
    /// Logs.
    pub log: LogConfig,
    /// Encryption at rest.
    pub vault: VaultConfig,
    /// Access tokens.
    pub tokens: TokenConfig,
    /// Bounds on requests.
    pub limits: LimitConfig,
    /// Webhooks.
    pub webhooks: WebhookConfig,
    /// Links between providers and resellers.
    pub links: LinkConfig,
    /// Mail.
    pub mail: MailConfig,
    /// Where software is downloaded from.
    pub media: MediaConfig,
    /// Work left for after a commit.
    pub jobs: JobConfig,
    /// Renewals of subscriptions.
    pub renewals: RenewalConfig,
    /// Traces.
    pub telemetry: TelemetryConfig,
    /// Pages of other origins.
    pub cors: CorsConfig,
    /// Keys and downloads.
    pub software: SoftwareConfig,
    /// Refunds.
    pub refunds: RefundConfig,
    /// Relationships with customers.
    pub relationships: RelationshipConfig,
    /// Validations for the US government cloud.
    pub gcc: GccConfig,
    /// The storefront.
    pub storefront: StorefrontConfig,
    /// Tenant names.
    pub tenants: TenantConfig,
    /// The partner agreement.
    pub agreements: AgreementConfig,
    /// Outside issuers whose tokens are taken.
    pub issuers: Vec<IssuerConfig>,
    /// Networks of the proxies in front, which are believed about where their callers come from.
    pub trusted_proxies: Vec<ipnet::IpNet>,
}

/// Where this service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Environment {
    /// The real thing: demands a configured master key and has no sandbox endpoints.
    Production,
    /// For trying out and for tests.
    Sandbox,
}

/// The database.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct DatabaseConfig {
    /// `sqlite:`, `postgres:` or `postgresql:`; may hold a password.
    #[serde(serialize_with = "masked")]
    pub url: SecretString,
    /// Connections for writes of each worker (PostgreSQL).
    pub write_connections: usize,
}

/// Logs.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// Which lines are written.
    pub level: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// For eyes.
    Pretty,
}

/// Encryption at rest.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct VaultConfig {
    /// The master key itself.
    #[serde(serialize_with = "masked")]
    pub master_key: SecretString,
    /// A file that holds it.
    pub master_key_file: String,
    /// The master key before it, while `lonja vault rotate` has not ended.
    #[serde(serialize_with = "masked")]
    pub previous_master_key: SecretString,
    /// A file that holds the one before.
    pub previous_master_key_file: String,
}

/// Access tokens.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct TokenConfig {
    /// How long an access token lives.
    pub lifetime_seconds: u32,
    /// How long a new signing key is published before it signs.
    pub publish_seconds: u32,
    /// How often each replica reads the signing keys again.
    pub key_refresh_seconds: u32,
    /// How old a replica's knowledge of a client may be: by then a revocation is felt.
    pub client_refresh_seconds: u64,
}

/// Pages of other origins.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct CorsConfig {
    /// Those whose pages may call the API from a browser, such as `https://shop.example`.
    pub origins: Vec<String>,
}

/// Webhooks.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct WebhookConfig {
    /// Pauses in seconds between the attempts of a delivery.
    pub retry_seconds: Vec<u64>,
    /// How long a receiver may take to answer.
    pub timeout_seconds: u64,
    /// Networks inside that may be called all the same.
    pub allowed_networks: Vec<ipnet::IpNet>,
    /// Ports that may be called outside a sandbox.
    pub allowed_ports: Vec<u16>,
    /// For how long deliveries are kept, in days.
    pub keep_days: u32,
}

/// The partner agreement.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct AgreementConfig {
    /// Where its texts are; empty for the sample that comes with the service.
    pub directory: String,
}

/// Bounds of a new tenant's name (TEN-01).
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
pub struct TenantConfig {
    /// The fewest characters.
    pub name_minimum: usize,
    /// The most characters.
    pub name_maximum: usize,
}

/// Why a configuration cannot be used; one line a fault.
#[derive(Debug)]
pub struct ConfigError(Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the file named by `path`, else by `LONJA_CONFIG`, else `lonja.toml` where there is one; then the
    /// environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read(path: Option<PathBuf>) -> Result<Self, ConfigError> {
        let environment: BTreeMap<String, String> = std::env::vars().collect();
        let named = path.or_else(|| environment.get("LONJA_CONFIG").map(PathBuf::from));
        let file = named.clone().unwrap_or_else(|| PathBuf::from("lonja.toml"));
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => None,
            Err(error) => return Err(ConfigError(vec![format!("`{}` cannot be read: {error}", file.display())])),
        };
        Self::from_layers(text.as_deref(), &environment)
    }

    /// Lays the layers over the defaults: the text of a TOML file, and variables.
    pub fn from_layers(file: Option<&str>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let one = |error: toml::de::Error| ConfigError(vec![error.to_string()]);
        let mut settings = flat(&toml::from_str::<Table>(DEFAULTS).map_err(one)?);
        let known: Vec<String> = settings.keys().cloned().collect();
        let mut faults = Vec::new();

        for (key, value) in flat(&toml::from_str::<Table>(file.unwrap_or_default()).map_err(one)?) {
            match settings.get_mut(&key) {
                Some(setting) => *setting = value,
                None => faults.push(unknown(&key, known.iter().cloned())),
            }
        }
        for (variable, text) in environment {
            let key = match variable.as_str() {
                "DATABASE_URL" => Some("database.url".to_owned()),
                name if NOT_SETTINGS.contains(&name) => continue,
                name if name.starts_with(PREFIX) => known.iter().find(|key| variable_of(key) == name).cloned(),
                _ => continue,
            };
            let setting = key.as_ref().and_then(|key| settings.get_mut(key));
            match (setting, key) {
                (Some(setting), Some(key)) => match typed_like(setting, text) {
                    Some(value) => *setting = value,
                    None => faults.push(format!("`{variable}` must be a {} as `{key}` is", setting.type_str())),
                },
                _ => faults.push(unknown(variable, known.iter().map(|key| variable_of(key)))),
            }
        }
        if !faults.is_empty() {
            return Err(ConfigError(faults));
        }
        let config: Config = nested(settings).try_into().map_err(one)?;
        config.checked()
    }

    fn checked(mut self) -> Result<Self, ConfigError> {
        let mut faults = Vec::new();
        if self.database.url.expose_secret().is_empty() {
            self.database.url = format!("sqlite:{}", self.data_dir.join("lonja.sqlite").display()).into();
        }
        if self.public_url.is_empty() {
            self.public_url = format!("http://{}", self.listen);
        }
        self.public_url = self.public_url.trim_end_matches('/').to_owned();
        if self.tokens.lifetime_seconds == 0 || self.tokens.lifetime_seconds > 3600 {
            faults.push("`tokens.lifetime_seconds` must be from 1 to 3600".to_owned());
        }
        if let Some(fault) = log::fault_of(&self.log.level) {
            faults.push(format!("`log.level` is not a filter such as `info` or `lonja=debug,info`: {fault}"));
        }
        let telemetry = &self.telemetry;
        let collector = telemetry.otlp_endpoint.as_str();
        if !collector.is_empty() && !["http://", "https://"].iter().any(|scheme| collector.starts_with(scheme)) {
            faults.push("`telemetry.otlp_endpoint` must begin with http:// or https://".to_owned());
        }
        if !(0.0..=1.0).contains(&telemetry.sampling_ratio) {
            faults.push("`telemetry.sampling_ratio` must be from 0 to 1".to_owned());
        }
        if self.tokens.key_refresh_seconds == 0 || self.tokens.publish_seconds < 2 * self.tokens.key_refresh_seconds {
            faults.push(
                "`tokens.publish_seconds` must be at least twice `tokens.key_refresh_seconds`, and that at least 1: \
                 every replica must know a key before one signs with it"
                    .to_owned(),
            );
        }
        if !(1..=30).contains(&self.tokens.client_refresh_seconds) {
            faults.push("`tokens.client_refresh_seconds` must be from 1 to 30".to_owned());
        }
        faults.extend(self.links.faults());
        faults.extend(self.mail.faults(self.is_sandbox()));
        faults.extend(self.media.faults());
        faults.extend(self.renewals.faults());
        faults.extend(self.relationships.faults());
        faults.extend(self.gcc.faults());
        faults.extend(storefront::faults(&self.storefront));
        faults.extend(issuers::faults(&self.issuers, &self.public_url, self.is_sandbox()));
        let names = self.tenants;
        if names.name_minimum < 1 || names.name_minimum > names.name_maximum || names.name_maximum > 63 {
            faults.push("`tenants.name_minimum` and `tenants.name_maximum` must be from 1 to 63, in order".to_owned());
        }
        if self.jobs.keep_idempotency_hours < 72 {
            faults.push("`jobs.keep_idempotency_hours` must be at least 72".to_owned());
        }
        let jobs = &self.jobs;
        if [jobs.at_once, jobs.at_once_in_a_lane, jobs.at_once_for_a_partner, jobs.at_once_slow].contains(&0) {
            faults.push("`jobs.at_once` and every `jobs.at_once_…` must be at least 1".to_owned());
        }
        if u64::from(self.jobs.lease_seconds) <= self.webhooks.timeout_seconds {
            faults.push("`jobs.lease_seconds` must be longer than `webhooks.timeout_seconds`".to_owned());
        }
        for origin in self.cors.origins.iter().filter(|origin| !is_origin(origin)) {
            faults.push(format!("`cors.origins`: `{origin}` is no origin such as `https://shop.example`"));
        }
        faults.extend(self.limits.faults());
        if self.database.write_connections == 0 {
            faults.push("`database.write_connections` must be at least 1".to_owned());
        }
        if faults.is_empty() { Ok(self) } else { Err(ConfigError(faults)) }
    }

    /// Whether a house can be opened with these settings: what only shows itself then, told before anything happens.
    pub fn ready_to_open(&self) -> Result<(), ConfigError> {
        let mut faults = Vec::new();
        let url = self.database.url.expose_secret();
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme)) {
            faults.push("`database.url` (DATABASE_URL) must begin with sqlite:, postgres: or postgresql:".to_owned());
        }
        let key = self.vault.master_key.expose_secret();
        if !key.is_empty() && MasterKey::parse(key).is_none() {
            faults.push("`vault.master_key` is not 32 bytes in hex or base64".to_owned());
        }
        let previous = self.vault.previous_master_key.expose_secret();
        if !previous.is_empty() && MasterKey::parse(previous).is_none() {
            faults.push("`vault.previous_master_key` is not 32 bytes in hex or base64".to_owned());
        }
        if key.is_empty() && self.vault.master_key_file.is_empty() && !self.is_sandbox() {
            faults.push(
                "production needs a master key: set LONJA_VAULT_MASTER_KEY_FILE to a file with 32 bytes in base64 \
                 (such as `openssl rand -base64 32` prints), or LONJA_ENVIRONMENT=sandbox to try Lonja out"
                    .to_owned(),
            );
        }
        if faults.is_empty() { Ok(()) } else { Err(ConfigError(faults)) }
    }

    /// What works, and is hardly meant so.
    pub fn doubtful(&self) -> Option<String> {
        let guessed = !self.is_sandbox() && self.public_url == format!("http://{}", self.listen);
        guessed.then(|| {
            format!(
                "`public_url` (LONJA_PUBLIC_URL) is not set: tokens and problem types name {}, which callers elsewhere \
                 cannot reach",
                self.public_url
            )
        })
    }

    /// The settings as TOML, secrets masked.
    pub fn shown(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// Whether the sandbox endpoints are there.
    pub fn is_sandbox(&self) -> bool {
        self.environment == Environment::Sandbox
    }
}

fn masked<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    let text = secret.expose_secret();
    // A SQLite path holds no secret and is what people look for here.
    let shown = if text.is_empty() || text.starts_with("sqlite:") { text } else { "********" };
    serializer.serialize_str(shown)
}

fn flat(table: &Table) -> BTreeMap<String, Value> {
    let mut settings = BTreeMap::new();
    for (name, value) in table {
        match value {
            Value::Table(inner) => {
                settings.extend(flat(inner).into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            value => {
                settings.insert(name.clone(), value.clone());
            }
        }
    }
    settings
}

fn nested(settings: BTreeMap<String, Value>) -> Table {
    let mut table = Table::new();
    for (key, value) in settings {
        match key.split_once('.') {
            None => drop(table.insert(key, value)),
            Some((section, name)) => {
                let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(section) = section {
                    section.insert(name.to_owned(), value);
                }
            }
        }
    }
    table
}

fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

fn typed_like(setting: &Value, text: &str) -> Option<Value> {
    Some(match setting {
        Value::Integer(_) => Value::Integer(text.parse().ok()?),
        Value::Float(_) => Value::Float(text.parse().ok()?),
        Value::Boolean(_) => Value::Boolean(text.parse().ok()?),
        // A list as TOML writes it, or its words by commas.
        Value::Array(_) if text.trim_start().starts_with('[') => {
            toml::from_str::<Table>(&format!("list = {text}")).ok()?.remove("list")?
        }
        Value::Array(_) => {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect::<Vec<_>>().into()
        }
        _ => Value::String(text.to_owned()),
    })
}

fn unknown(key: &str, known: impl Iterator<Item = String>) -> String {
    match known.min_by_key(|candidate| strsim::damerau_levenshtein(candidate, key)) {
        Some(nearest) => format!("`{key}` is not a setting; did you mean `{nearest}`?"),
        None => format!("`{key}` is not a setting"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let file = "listen = \"127.0.0.1:1\"\n[tokens]\nlifetime_seconds = 60";
        let config = Config::from_layers(Some(file), &environment(&[("LONJA_LISTEN", "127.0.0.1:2")])).unwrap();
        assert_eq!(config.listen, "127.0.0.1:2");
        assert_eq!(config.tokens.lifetime_seconds, 60);
        assert_eq!(config.limits.body_bytes, 1024 * 1024);
        assert_eq!(config.environment, Environment::Production);
    }

    #[test]
    fn origins_are_a_list_and_each_of_them_is_one() {
        let origins = |text: &str| {
            let read = Config::from_layers(None, &environment(&[("LONJA_CORS_ORIGINS", text)]));
            read.map(|config| config.cors.origins).map_err(|error| error.to_string())
        };
        assert_eq!(origins(""), Ok(Vec::new()));
        assert_eq!(origins("https://a.example, http://b:3000").unwrap(), ["https://a.example", "http://b:3000"]);
        assert!(origins("https://a.example,*").unwrap_err().contains("`*` is no origin"));
    }

    #[test]
    fn a_key_that_does_not_exist_names_the_nearest_one() {
        let error = Config::from_layers(Some("[token]\nlifetime_second = 5"), &environment(&[("LONJA_LISTN", "x")]));
        let text = error.unwrap_err().to_string();
        assert!(text.contains("did you mean `tokens.lifetime_seconds`?"), "{text}");
        assert!(text.contains("`LONJA_LISTN` is not a setting; did you mean `LONJA_LISTEN`?"), "{text}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let variables = [("DATABASE_URL", "postgres://u:hunter2@h/d"), ("LONJA_VAULT_MASTER_KEY", "abcdef")];
        let config = Config::from_layers(None, &environment(&variables)).unwrap();
        let shown = format!("{} {config:?}", config.shown().unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("abcdef"), "{shown}");
    }
}
