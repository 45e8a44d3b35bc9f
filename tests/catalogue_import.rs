//! `lonja catalog import`: what is wrong with a file is told to its end, by line; what is right is taken at once or not
//! at all, and a later date supersedes.

use lonja_tests::Backend;
use lonja_tests::actor::Actor;
use lonja_tests::command::Lonja;
use lonja_tests::database;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_case::test_case;

const OFFICE_365: &str = include_str!("../api/data/catalogues/office-365-2013.json");

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

    /// Imports this text; the exit code and what was said.
    async fn import(&self, text: &str) -> (i32, Value) {
        let path = self.directory.path().join("catalogue.json");
        std::fs::write(&path, text).unwrap();
        let lonja = Lonja::sandbox(self.directory.path(), &self.url);
        let ran = lonja.run(&["--json", "catalog", "import", &path.display().to_string()]).await;
        (ran.code, serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}")))
    }

    async fn end(self) {
        database::remove(&self.url).await.unwrap();
    }
}

/// A small file that is right.
fn small(price: &str, from: &str) -> String {
    format!(
        r#"{{
  "name": "small",
  "source": "A test.",
  "products": [
    {{ "id": "plan-a", "kind": "cloud", "family": "one", "seatCap": 5 }},
    {{ "id": "plan-b", "kind": "cloud", "family": "one" }}
  ],
  "offers": [
    {{
      "id": "plan-a-mxn", "productId": "plan-a", "name": "Plan A", "currency": "MXN", "soldFrom": "{from}",
      "terms": [{{ "termMonths": 12, "billingCycle": "monthly", "refund": "cloudSeats", "price": {{ "amount": "{price}", "currency": "MXN" }} }}]
    }}
  ],
  "upgradeTables": [
    {{ "id": "small", "validFrom": "2026-01-01T00:00:00Z", "channels": ["csp"], "upgrades": [
      {{ "from": "plan-a", "to": ["plan-b"] }}
    ] }}
  ]
}}
"#
    )
}

/// `line code` of everything that is wrong.
fn wrong(report: &Value) -> Vec<String> {
    let refused = report["refused"].as_array().unwrap();
    refused.iter().map(|wrong| format!("{} {}", wrong["line"], wrong["code"].as_str().unwrap())).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_01_a_file_is_taken_once_and_a_later_date_supersedes(backend: Backend) {
    let place = Place::of(backend).await;
    let (code, report) = place.import(OFFICE_365).await;
    assert_eq!(code, 0, "{report}");
    assert_eq!((&report["imported"]["offers"], &report["imported"]["tables"]), (&json!(10), &json!(2)));
    let (code, report) = place.import(OFFICE_365).await;
    assert_eq!((code, &report["imported"]["offers"], &report["imported"]["unchanged"]), (0, &json!(0), &json!(12)));

    let first = small("99.00", "2026-01-01T00:00:00Z");
    assert_eq!(place.import(&first).await.0, 0);
    // The same date with another price would change what was sold.
    let (code, report) = place.import(&small("89.00", "2026-01-01T00:00:00Z")).await;
    assert_eq!((code, wrong(&report)), (1, vec!["9 offer_changed".to_owned()]), "{report}");
    let (code, report) = place.import(&small("89.00", "2025-01-01T00:00:00Z")).await;
    assert_eq!((code, wrong(&report)), (1, vec!["10 version_not_later".to_owned()]), "{report}");
    let (code, report) = place.import(&small("89.00", "2026-07-01T00:00:00Z")).await;
    assert_eq!((code, &report["imported"]["offers"]), (0, &json!(1)), "{report}");
    // The older file again is harmless.
    let (code, report) = place.import(&first).await;
    assert_eq!((code, &report["imported"]["unchanged"]), (0, &json!(2)), "{report}");
    let ended = first.replace("\"soldFrom\"", "\"soldUntil\": \"2026-05-01T00:00:00Z\", \"soldFrom\"");
    let (code, report) = place.import(&ended).await;
    assert_eq!((code, &report["imported"]["ended"]), (0, &json!(1)), "{report}");

    let other = first.replace("[\"plan-b\"]", "[\"plan-b\", \"office-365-midsize\"]");
    let (code, report) = place.import(&other).await;
    assert_eq!((code, wrong(&report)), (1, vec!["15 upgrade_table_changed".to_owned()]), "{report}");
    let later = other.replace("\"validFrom\": \"2026-01-01", "\"validFrom\": \"2026-02-01");
    let (code, report) = place.import(&later).await;
    assert_eq!(code, 0, "a table may lead to a plan of another file: {report}");
    place.end().await;
}

#[test_case("\"name\": \"small\",", "\"name\": \"small\"", 3, "malformed_json"; "a comma that is missing")]
#[test_case("\"productId\": \"plan-a\"", "\"productId\": \"plan-c\"", 10, "product_unknown"; "a missing plan")]
#[test_case("\"id\": \"plan-b\"", "\"id\": \"plan-a\"", 6, "product_duplicate"; "a plan twice")]
#[test_case("\"99.00\"", "\"99.005\"", 11, "amount_too_precise"; "a tenth of a cent")]
#[test_case("\"99.00\"", "\"1e3\"", 11, "amount_invalid"; "an exponent")]
#[test_case("\"99.00\"", "\"0.00\"", 11, "amount_not_positive"; "nothing")]
#[test_case("\"99.00\"", "\"-1\"", 11, "amount_not_positive"; "less than nothing")]
#[test_case("\"99.00\"", "\"99999999999999999\"", 11, "amount_too_large"; "beyond any price")]
#[test_case("\"99.00\"", "99.00", 11, "field_wrong_type"; "a number that would lose cents")]
#[test_case("\"99.00\", \"currency\": \"MXN\"", "\"99.00\", \"currency\": \"EUR\"", 11, "currency_mismatch"; "another currency")]
#[test_case("\"currency\": \"MXN\", \"sold", "\"currency\": \"XQQ\", \"sold", 10, "currency_unknown"; "no currency")]
#[test_case("\"seatCap\": 5", "\"seatCap\": 0", 5, "field_out_of_range"; "a cap of nothing")]
#[test_case("\"seatCap\": 5", "\"seatLimit\": 5", 5, "field_unknown"; "a misspelt field")]
#[test_case("\"kind\": \"cloud\", \"family\": \"one\" }", "\"kind\": \"software\" }", 6, "media_missing"; "software without media")]
#[test_case("\"billingCycle\": \"monthly\"", "\"billingCycle\": \"weekly\"", 11, "field_not_allowed"; "no such cycle")]
#[test_case("\"termMonths\": 12, \"billingCycle\": \"monthly\"", "\"termMonths\": 7, \"billingCycle\": \"annual\"", 11, "cycle_not_possible"; "years in seven months")]
#[test_case("\"cloudSeats\"", "\"softwareSubscription\"", 11, "refund_not_possible"; "another kind of refund")]
#[test_case("\"soldFrom\": \"2026-01-01T00:00:00Z\"", "\"soldFrom\": \"yesterday\"", 10, "field_format"; "no instant")]
#[test_case("\"soldFrom\"", "\"soldUntil\": \"2026-01-01T00:00:00Z\", \"soldFrom\"", 10, "dates_reversed"; "ends as it begins")]
#[test_case("\"soldFrom\": \"2026-01-01T00:00:00Z\",", "", 9, "field_required"; "a date that is missing")]
#[test_case("\"name\": \"Plan A\"", "\"name\": \"Plan A\", \"name\": \"Plan B\"", 10, "field_repeated"; "a field twice")]
#[test_case("{ \"from\": \"plan-a\", \"to\": [\"plan-b\"] }", "{ \"from\": \"plan-a\", \"to\": [\"plan-b\"] },\n{ \"from\": \"plan-b\", \"to\": [\"plan-a\"] }", 17, "upgrade_cycle"; "a ring")]
#[test_case("\"to\": [\"plan-b\"]", "\"to\": [\"plan-a\"]", 16, "upgrade_cycle"; "a plan that becomes itself")]
#[test_case("\"to\": [\"plan-b\"]", "\"to\": [\"plan-b\", \"plan-b\"]", 16, "upgrade_duplicate"; "a pair twice")]
#[test_case("\"to\": [\"plan-b\"]", "\"to\": [\"plan-z\"]", 16, "product_unknown"; "an upgrade to nowhere")]
#[tokio::test]
async fn rule_cat_01_each_fault_is_told_by_its_line_and_nothing_is_taken(from: &str, to: &str, line: u64, code: &str) {
    let place = Place::of(Backend::Sqlite).await;
    let right = small("99.00", "2026-01-01T00:00:00Z");
    assert!(right.contains(from), "the file has no {from}");
    let (exit, report) = place.import(&right.replacen(from, to, 1)).await;
    let found = wrong(&report);
    // Another currency, or software, is told also where something hangs on it.
    let follows = |wrong: &String| ["11 currency_mismatch", "16 upgrade_not_possible"].contains(&wrong.as_str());
    assert_eq!((exit, &found[0]), (1, &format!("{line} {code}")), "{report}");
    assert!(found[1..].iter().all(follows), "{report}");
    let (exit, report) = place.import(&right).await;
    assert_eq!((exit, &report["imported"]["offers"]), (0, &json!(1)), "nothing of it was there: {report}");
    place.end().await;
}

#[tokio::test]
async fn rule_cat_01_everything_that_is_wrong_is_told_at_once() {
    let place = Place::of(Backend::Sqlite).await;
    let file = small("99.005", "2026-01-01T00:00:00Z")
        .replace("\"seatCap\": 5", "\"seatCap\": \"five\", \"color\": \"red\"")
        .replace("\"productId\": \"plan-a\"", "\"productId\": \"plan-c\"")
        .replace("\"to\": [\"plan-b\"]", "\"to\": [\"plan-b\", \"plan-a\"]");
    let (exit, report) = place.import(&file).await;
    let expected =
        ["5 field_wrong_type", "5 field_unknown", "10 product_unknown", "11 amount_too_precise", "16 upgrade_cycle"];
    let mut found = wrong(&report);
    found.sort();
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!((exit, found), (1, expected), "{report}");
    place.end().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_an_import_is_audited_and_told(backend: Backend) {
    let place = Place::of(backend).await;
    let file = small("99.00", "2026-01-01T00:00:00Z");
    assert_eq!(place.import(&file).await.0, 0);
    assert_eq!(place.import(&file).await.0, 0);
    let lonja = Lonja::sandbox(place.directory.path(), &place.url);
    let intact = lonja.run(&["--json", "audit", "verify"]).await.json();
    assert_eq!(intact["intact"], true);
    let server = lonja.clone().serve().await;
    let scopes = "events:read audit:read catalog:read";
    let made = lonja.run(&["--json", "client", "create", "--operator", "--scope", scopes]).await.json();
    let http = reqwest::Client::builder().build().unwrap();
    let secret = made["clientSecret"].as_str().unwrap();
    let operator = Actor::new(&server.url, &http, made["clientId"].as_str().unwrap(), secret, None);
    let get = async |path: &str| operator.get(path).await.json();
    let events = get("/v1/events?type=catalog.imported").await;
    assert_eq!(events["items"].as_array().unwrap().len(), 1, "a file that brings nothing new tells nothing: {events}");
    let records = get("/v1/audit-records?operation=import_catalog").await;
    assert_eq!(records["items"].as_array().unwrap().len(), 2, "{records}");
    assert_eq!(get("/v1/offers/plan-a-mxn").await["price"]["amount"], "99.00");
    server.terminate().await;
    place.end().await;
}
