//! The `lonja` program as an operator meets it: what it says, what it refuses, and the code it exits with.

use futures_util::future::join_all;
use lonja_tests::Backend;
use lonja_tests::command::{Lonja, Ran};
use lonja_tests::database;
use lonja_tests::house::new_key;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;
use test_case::test_case;

/// An empty directory with an empty database.
struct Place {
    directory: TempDir,
    url: String,
}

impl Place {
    async fn of(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = database::empty(backend, directory.path()).await.unwrap();
        Self { directory, url }
    }

    fn lonja(&self) -> Lonja {
        Lonja::sandbox(self.directory.path(), &self.url)
    }

    /// Writes a file and answers its path.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    async fn end(self) {
        database::remove(&self.url).await.unwrap();
    }
}

/// `lonja` in a directory where there is nothing.
async fn nowhere(arguments: &[&str]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    Lonja::bare(directory.path()).run(arguments).await
}

/// The same, with this variable.
async fn nowhere_with(variable: &str, value: &str, arguments: &[&str]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    Lonja::bare(directory.path()).with(variable, value).run(arguments).await
}

#[test_case(&[]; "lonja")]
#[test_case(&["serve"]; "serve")]
#[test_case(&["migrate"]; "migrate")]
#[test_case(&["openapi"]; "openapi")]
#[test_case(&["config"]; "config")]
#[test_case(&["client"]; "client")]
#[test_case(&["client", "create"]; "client create")]
#[test_case(&["catalog"]; "catalog")]
#[test_case(&["catalog", "import"]; "catalog import")]
#[test_case(&["keys"]; "keys")]
#[test_case(&["keys", "import"]; "keys import")]
#[test_case(&["keys", "export"]; "keys export")]
#[test_case(&["media"]; "media")]
#[test_case(&["media", "import"]; "media import")]
#[test_case(&["signing-keys"]; "signing keys")]
#[test_case(&["signing-keys", "rotate"]; "signing keys rotate")]
#[test_case(&["signing-keys", "list"]; "signing keys list")]
#[test_case(&["sandbox"]; "sandbox")]
#[test_case(&["sandbox", "seed"]; "sandbox seed")]
#[test_case(&["vault"]; "vault")]
#[test_case(&["vault", "rotate"]; "vault rotate")]
#[test_case(&["completions"]; "completions")]
#[tokio::test]
async fn every_command_explains_itself(command: &[&str]) {
    let help = nowhere(&[command, &["--help"]].concat()).await;
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    let name = [&["lonja"], command].concat().join(" ");
    assert!(help.stdout.contains(&format!("Usage: {name}")), "{}", help.stdout);
    assert!(!help.stdout.starts_with("Usage:"), "what it is for is not said: {}", help.stdout);
}

#[tokio::test]
async fn the_list_of_commands_above_is_complete() {
    let help = nowhere(&["--help"]).await.stdout;
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let named: Vec<&str> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let expected = [
        "serve",
        "migrate",
        "openapi",
        "config",
        "client",
        "catalog",
        "companies",
        "keys",
        "media",
        "partner-locations",
        "audit",
        "jobs",
        "signing-keys",
        "sandbox",
        "vault",
        "completions",
        "help",
    ];
    assert_eq!(named, expected);
}

#[test_case(&[]; "no command")]
#[test_case(&["serv"]; "a misspelt command")]
#[test_case(&["keys", "import"]; "a missing argument")]
#[test_case(&["serve", "--sed"]; "a misspelt option")]
#[test_case(&["client", "create", "--scope", "orders:read"]; "nobody to make a client for")]
#[test_case(&["client", "create", "--operator", "--scope", "orders:read", "--issuer", "x"]; "an issuer without a subject")]
#[test_case(&["client", "create", "--operator", "--enrolment", "--scope", "orders:read"]; "two kinds of client")]
#[tokio::test]
async fn wrong_usage_exits_with_2_and_shows_the_usage(arguments: &[&str]) {
    let ran = nowhere(arguments).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("Usage: lonja") && ran.stdout.is_empty(), "{ran:?}");
}

#[tokio::test]
async fn a_misspelt_setting_exits_with_78_and_names_the_nearest() {
    let place = Place::of(Backend::Sqlite).await;
    let ran = place.lonja().with("LONJA_LISTN", "127.0.0.1:1").run(&["migrate"]).await;
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(ran.stderr.contains("`LONJA_LISTN`") && ran.stderr.contains("`LONJA_LISTEN`"), "{}", ran.stderr);

    let file = place.file("typo.toml", "[tokens]\nlifetime_second = 60\n[lgo]\nlevel = \"debug\"\n");
    let ran = place.lonja().run(&["--config", &file, "config"]).await;
    assert_eq!(ran.code, 78, "{ran:?}");
    // All faults at once.
    assert!(ran.stderr.contains("`tokens.lifetime_seconds`") && ran.stderr.contains("`log.level`"), "{}", ran.stderr);

    for (variable, value, named) in [
        ("LONJA_TOKENS_LIFETIME_SECONDS", "soon", "tokens.lifetime_seconds"),
        ("LONJA_TOKENS_LIFETIME_SECONDS", "86400", "tokens.lifetime_seconds"),
        ("LONJA_ENVIRONMENT", "staging", "environment"),
        ("LONJA_CONFIG", "/nowhere/lonja.toml", "/nowhere/lonja.toml"),
        ("LONJA_LOG_LEVEL", "infoo=x=y", "log.level"),
        ("LONJA_LOG_LEVEL", "lonja=debugg", "log.level"),
        ("LONJA_LOG_LEVEL", "infoo", "log.level"),
        ("LONJA_TELEMETRY_OTLP_ENDPOINT", "127.0.0.1:4318", "telemetry.otlp_endpoint"),
        ("LONJA_TELEMETRY_SAMPLING_RATIO", "2", "telemetry.sampling_ratio"),
    ] {
        let ran = place.lonja().with(variable, value).run(&["config"]).await;
        assert!(ran.code == 78 && ran.stderr.contains(named), "{variable}={value}: {ran:?}");
    }
}

#[test_case("info"; "a level")]
#[test_case("OFF"; "none")]
#[test_case("lonja=debug,info"; "a module's level")]
#[test_case("warn,lonja::http[request]=trace"; "a span's level")]
#[tokio::test]
async fn a_log_filter_that_is_well_spelt_is_taken(filter: &str) {
    let ran = nowhere_with("LONJA_LOG_LEVEL", filter, &["config"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[tokio::test]
async fn the_data_and_its_folder_are_for_their_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let ran = Lonja::bare(directory.path()).with("LONJA_ENVIRONMENT", "sandbox").run(&["sandbox", "seed"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let mode = |name: &str| std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("var"), mode("var/lonja.sqlite"), mode("var/master.key")), (0o700, 0o600, 0o600));
}

#[tokio::test]
async fn production_warns_of_an_address_that_nobody_set() {
    let place = Place::of(Backend::Sqlite).await;
    let production = || {
        let lonja = Lonja::bare(place.directory.path()).with("DATABASE_URL", &place.url);
        lonja.with("LONJA_VAULT_MASTER_KEY", &"07".repeat(32))
    };
    let (_, log) = production().serve().await.terminate().await;
    assert!(log.contains("\"level\":\"WARN\"") && log.contains("LONJA_PUBLIC_URL"), "{log}");
    let (_, log) = production().with("LONJA_PUBLIC_URL", "https://lonja.example").serve().await.terminate().await;
    assert!(!log.contains("LONJA_PUBLIC_URL"), "{log}");
    place.end().await;
}

#[tokio::test]
async fn rule_swk_03_production_without_a_master_key_does_not_start() {
    let place = Place::of(Backend::Sqlite).await;
    let production = || Lonja::bare(place.directory.path()).with("DATABASE_URL", &place.url);
    for command in [&["serve"][..], &["sandbox", "seed"], &["client", "create", "--operator", "--scope", "orders:read"]]
    {
        let ran = production().run(command).await;
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(
            ran.stderr.contains("LONJA_VAULT_MASTER_KEY_FILE") && ran.stderr.contains("openssl rand"),
            "{}",
            ran.stderr
        );
    }
    assert!(!place.directory.path().join("var/master.key").exists(), "production makes no key of its own");

    let short = production().with("LONJA_VAULT_MASTER_KEY", "c2hvcnQ=").run(&["serve"]).await;
    assert!(short.code != 0 && short.stderr.contains("32 bytes") && !short.stderr.contains("c2hvcnQ="), "{short:?}");
    let missing = production().with("LONJA_VAULT_MASTER_KEY_FILE", "/nowhere/key").run(&["serve"]).await;
    assert!(missing.code != 0 && missing.stderr.contains("/nowhere/key"), "which file is missing is said: {missing:?}");
}

#[tokio::test]
async fn rule_swk_03_another_master_key_does_not_start() {
    let place = Place::of(Backend::Sqlite).await;
    assert_eq!(place.lonja().run(&["sandbox", "seed"]).await.code, 0);
    let other = place.lonja().with("LONJA_VAULT_MASTER_KEY", &"07".repeat(32)).run(&["serve"]).await;
    assert_eq!((other.code, other.stdout.as_str()), (1, ""), "{other:?}");
}

#[tokio::test]
async fn the_document_is_the_one_that_is_committed() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json")).unwrap();
    let ran = nowhere(&["openapi"]).await;
    assert!(ran.code == 0 && ran.stdout == committed, "run `make openapi sdk`");
}

#[tokio::test]
async fn the_settings_are_shown_without_their_secrets() {
    let place = Place::of(Backend::Sqlite).await;
    let lonja = Lonja::sandbox(place.directory.path(), "postgres://lonja:hunter2@db.example/lonja")
        .with("LONJA_VAULT_MASTER_KEY", &"07".repeat(32))
        .with("LONJA_LISTEN", "127.0.0.1:4711");
    let (plain, json) = (lonja.run(&["config"]).await, lonja.run(&["--json", "config"]).await);
    for ran in [&plain, &json] {
        assert_eq!(ran.code, 0, "{ran:?}");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("127.0.0.1:4711") && !said.contains("hunter2") && !said.contains("0707"), "{said}");
    }
    assert_eq!(json.json()["database"]["url"], "********");
    assert_eq!(json.json()["environment"], "sandbox");
}

#[test_case("lonja.sqlite"; "no scheme")]
#[test_case("mysql://root@127.0.0.1/lonja"; "another database")]
#[test_case("sqlit:lonja.sqlite"; "a misspelt scheme")]
#[test_case("/var/lib/lonja.sqlite"; "a path")]
#[tokio::test]
async fn a_database_url_says_which_database_it_is(url: &str) {
    let directory = tempfile::tempdir().unwrap();
    for command in ["migrate", "serve"] {
        let ran = Lonja::sandbox(directory.path(), url).run(&[command]).await;
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(ran.stderr.contains("sqlite:, postgres: or postgresql:"), "{}", ran.stderr);
    }
    assert!(!directory.path().join("lonja.sqlite").exists(), "a typo makes no empty database");
}

#[tokio::test]
async fn rule_swk_03_an_operators_client_holds_no_scope_for_keys() {
    let place = Place::of(Backend::Sqlite).await;
    let create = ["client", "create", "--operator", "--scope", "orders:read software:keys"];
    let refused = place.lonja().run(&create).await;
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("software:keys") && refused.stdout.is_empty(), "{refused:?}");

    let misspelt = place.lonja().run(&["client", "create", "--operator", "--scope", "order:read"]).await;
    assert!(misspelt.code == 2 && misspelt.stderr.contains("`orders:read`"), "{misspelt:?}");
    let role = place.lonja().run(&["client", "create", "--operator", "--scope", "orders:read", "--role", "root"]).await;
    assert!(role.code == 2 && role.stderr.contains("`root`"), "{role:?}");

    let made = place.lonja().run(&["--json", "client", "create", "--operator", "--scope", "orders:read"]).await.json();
    assert!(made["clientId"].is_string() && made["clientSecret"].as_str().unwrap().starts_with("lonja_secret_"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_09_an_import_takes_what_is_good_and_tells_the_rest_by_line(backend: Backend) {
    let place = Place::of(backend).await;
    assert_eq!(place.lonja().run(&["sandbox", "seed"]).await.code, 0);
    let keys: Vec<String> = std::iter::repeat_with(new_key).take(4).collect();
    let (good, other, lost, third) = (&keys[0], &keys[1], &keys[2], &keys[3]);
    let file = place.file(
        "keys.csv",
        &format!(
            "product,version,key\n\
             windows-server-standard,2022,{good}\n\
             windows-server-standard,1999,{lost}\n\
             windows-server-standard,2022,{lost}-X\n\
             no-such-product,2022,{third}\n\
             windows-server-standard,2022,{other}\n\
             windows-server-standard,2022,{good}\n\
             windows-server-standard,{third}\n"
        ),
    );

    let first = place.lonja().run(&["--json", "keys", "import", &file]).await;
    assert_eq!(first.code, 3, "{first:?}");
    let report: Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!(report["imported"], 2);
    let refused = [
        (3, "version_unknown"),
        (4, "key_format_invalid"),
        (5, "product_unknown"),
        (7, "key_duplicate"),
        (8, "line_malformed"),
    ];
    assert_eq!(lines(&report), refused.map(|(line, code)| format!("{line} {code}")));

    let again = place.lonja().run(&["keys", "import", &file]).await;
    assert_eq!(again.code, 3, "{again:?}");
    assert!(again.stdout.starts_with("0 keys imported, 7 lines refused\nline 2: "), "{}", again.stdout);

    let said = format!("{}{}{}{}", first.stdout, first.stderr, again.stdout, again.stderr);
    for key in &keys {
        assert!(!said.contains(key.as_str()) && !said.contains(&key.replace('-', "")), "a key is shown: {said}");
    }

    let fine = place.file("fine.csv", &format!("product,version,key\nwindows-server-standard,2022,{third}\n"));
    assert_eq!(place.lonja().run(&["--json", "keys", "import", &fine]).await.json()["imported"], 1);
    let missing = place.lonja().run(&["keys", "import", "/nowhere/keys.csv"]).await;
    assert!(missing.code == 1 && missing.stderr.contains("/nowhere/keys.csv"), "{missing:?}");
    place.end().await;
}

/// `line code` of each refused line.
fn lines(report: &Value) -> Vec<String> {
    let refused = report["refused"].as_array().unwrap();
    refused.iter().map(|line| format!("{} {}", line["line"], line["code"].as_str().unwrap())).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn five_migrations_at_once_all_succeed(backend: Backend) {
    let place = Place::of(backend).await;
    let lonja = place.lonja();
    let ran = join_all((0..5).map(|_| lonja.run(&["--json", "migrate"]))).await;
    let mut steps: Vec<usize> = ran.iter().map(|ran| ran.json()["steps"].as_array().unwrap().len()).collect();
    steps.sort_unstable();
    assert_eq!(steps[..4], [0, 0, 0, 0], "one takes the steps, the others find them taken");
    assert!(steps[4] >= 2);
    let once_more = lonja.run(&["migrate"]).await;
    assert_eq!((once_more.code, once_more.stdout.as_str()), (0, "The schema is up to date.\n"));
    place.end().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_new_sandbox_is_for_its_owner_only_and_stops_when_asked(backend: Backend) {
    let place = Place::of(backend).await;
    let server = place.lonja().serve().await;
    let http = reqwest::Client::builder().build().unwrap();
    for (address, expected) in [("/livez", 200), ("/readyz", 200), ("/v1/orders", 401)] {
        assert_eq!(http.get(format!("{}{address}", server.url)).send().await.unwrap().status(), expected);
    }
    let mode = std::fs::metadata(place.directory.path().join("var/master.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let (status, log) = server.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
    place.end().await;
}

/// `DATABASE_URL` moves a sandbox to PostgreSQL and back, with no other change: each time it can be entered.
#[tokio::test]
async fn a_sandbox_moves_between_databases_and_back() {
    let (place, other) = (Place::of(Backend::Sqlite).await, Place::of(Backend::Postgres).await);
    let directory = place.directory.path();
    let seed = async |url: &str| Lonja::sandbox(directory, url).run(&["sandbox", "seed"]).await.json();
    let first = seed(&place.url).await;
    assert_eq!(seed(&place.url).await, first, "a seeded sandbox is left as it is");
    let moved = seed(&other.url).await;
    assert_ne!(moved["tenantId"], first["tenantId"]);
    let back = seed(&place.url).await;
    assert_eq!(back["tenantId"], first["tenantId"], "the marketplace is the first one");
    assert_eq!(back["clients"].as_array().unwrap().len(), first["clients"].as_array().unwrap().len());
    place.end().await;
    other.end().await;
}
