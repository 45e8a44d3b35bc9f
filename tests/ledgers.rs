//! The ledgers at size: nothing that is done every second or for a page may read them from end to end (PLT-06).

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::{QueryableByName, RunQueryDsl};
use diesel::sql_types::Text;
use lonja::audit::{self, Extent};
use lonja::partners::PartnerKind;
use lonja_tests::command::Lonja;
use lonja_tests::{Actor, Backend, House, beside};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;
use test_case::test_case;
use tokio_postgres::NoTls;

const RARE: &str = "018f3c1e-0000-7000-8000-00000000000a";
const USUAL: &str = "018f3c1e-0000-7000-8000-00000000000b";
const LEDGERS: [&str; 5] = ["audit_records", "audit_links", "audit_seals", "events", "event_positions"];

/// The statements that the service ran: on which SQLite file (none on PostgreSQL), and with its values behind it.
static RUN: Mutex<Vec<(Option<String>, String)>> = Mutex::new(Vec::new());

fn listen() -> Option<Box<dyn Instrumentation>> {
    let mut file = None;
    Some(Box::new(move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartEstablishConnection { url, .. } => file = Some(url.to_owned()),
        InstrumentationEvent::StartQuery { query, .. } => {
            RUN.lock().unwrap().push((file.clone(), query.to_string()));
        }
        _ => {}
    }))
}

/// The different statements over ledgers that the service ran for this house, without their values. PostgreSQL's
/// connections do not say whose they are: there it is those of any house.
fn statements(house: &House) -> BTreeSet<String> {
    let run = RUN.lock().unwrap();
    let own = run.iter().filter(|(file, _)| match (house.backend, file) {
        (Backend::Sqlite, Some(file)) => house.database_url.ends_with(file.as_str()),
        (Backend::Postgres, None) => true,
        _ => false,
    });
    let texts = own.map(|(_, text)| text.split(" -- binds").next().unwrap().trim().to_owned());
    let quoted = |text: &str| {
        LEDGERS.iter().any(|table| text.contains(&format!("`{table}`")) || text.contains(&format!("\"{table}\"")))
    };
    texts.filter(|text| quoted(text) || text.starts_with("WITH RECURSIVE")).collect()
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How the database would run this statement, without knowing its values.
async fn plan(house: &House, statement: &str) -> Vec<String> {
    if let Some(path) = house.database_url.strip_prefix("sqlite:") {
        let mut connection = lonja::db::sqlite::File::of(path).connect().unwrap();
        let steps: Vec<Step> =
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut connection).unwrap();
        return steps.into_iter().map(|step| step.detail).collect();
    }
    let count = (1..100).take_while(|number| statement.contains(&format!("${number}"))).count();
    let nulls = vec!["NULL"; count].join(", ");
    let values = if count == 0 { String::new() } else { format!("({nulls})") };
    let (client, connection) = tokio_postgres::connect(&house.database_url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let explain =
        format!("SET plan_cache_mode = force_generic_plan; PREPARE it AS {statement}; EXPLAIN EXECUTE it{values}");
    let messages = client.simple_query(&explain).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    let mut steps = Vec::new();
    for message in messages {
        if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
            steps.push(row.get(0).unwrap_or_default().to_owned());
        }
    }
    steps
}

/// Puts records and events beside the service, as it writes them itself: some of each partner, every hundredth refused,
/// every thousandth by one client.
async fn fill(house: &House, label: &str, count: usize, partners: [&str; 2]) {
    let [one, other] = partners;
    let numbers = match house.backend {
        Backend::Sqlite => format!(
            "(WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) SELECT n FROM n)"
        ),
        Backend::Postgres => format!("(SELECT n FROM generate_series(1, {count}) AS n)"),
    };
    let instant = match house.backend {
        Backend::Sqlite => "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ((n * 7919) % 1000) || ' seconds')",
        Backend::Postgres => "(now() AT TIME ZONE 'utc') - ((n::bigint * 7919) % 1000) * interval '1 second'",
    };
    house
        .execute(&format!(
            "INSERT INTO audit_records (id, at, outcome, operation, client_id, partner_id, object_id, request_id, source_address)
             SELECT '{label}-' || n, {instant}, CASE WHEN n % 100 = 0 THEN 'refused' ELSE 'done' END,
                 CASE WHEN n % 500 = 3 THEN 'rare_operation' ELSE 'create_order' END,
                 CASE WHEN n % 1000 = 0 THEN '{RARE}' ELSE '{USUAL}' END,
                 CASE WHEN n % 2 = 0 THEN '{one}' ELSE '{other}' END, 'object-' || (n % 5000), 'filled', ''
             FROM {numbers} AS numbers;
             INSERT INTO events (id, topic, partner_id, partner_of_record_id, object_id, data, occurred_at, request_id)
             SELECT '{label}-' || n, CASE WHEN n % 1000 = 0 THEN 'refund.credited' WHEN n % 1000 = 1 THEN 'refund.approved'
                 ELSE 'order.placed' END, CASE WHEN n % 3 = 0 THEN '{other}' ELSE '{one}' END,
                 CASE WHEN n % 3 = 1 THEN NULL WHEN n % 3 = 2 THEN '{one}' ELSE '{one}' END, 'filled',
                 '{{\"id\":\"filled\"}}', {instant}, 'filled'
             FROM {numbers} AS numbers"
        ))
        .await;
}

async fn pages(actor: &Actor, path: &str) -> (Vec<Value>, usize) {
    let (mut all, mut cursor, mut count) = (Vec::new(), String::new(), 0);
    loop {
        let page = actor.get(&format!("{path}{cursor}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let page = page.json();
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        count += 1;
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (all, count),
        }
    }
}

/// Every statement is looked at, not a sample: what sealing, placing, the lists with each filter and the verification
/// really run finds its rows by an index and sorts nothing.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_nothing_reads_a_ledger_from_end_to_end(backend: Backend) {
    set_default_instrumentation(listen).unwrap();
    let house = House::open(backend).await;
    let (partner, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let operator = house.operator().await;
    house.seal().await;
    // Beside and without a note: PostgreSQL plans by the size of a table. Nobody has told it what is in there.
    fill(&house, "a", 600, [&partner.partner_id, &other.partner_id]).await;
    RUN.lock().unwrap().clear();
    house.seal().await;
    let inserts = |table: &str| {
        let run = RUN.lock().unwrap();
        run.iter().filter(|(_, text)| text.starts_with("INSERT") && text.contains(&format!("`{table}`"))).count()
    };
    if backend == Backend::Sqlite {
        assert!(statements(&house).len() >= 8, "nothing was heard");
        // The other tests of this process seal too, but never so much.
        for table in ["audit_links", "event_positions"] {
            assert!(inserts(table) < 300, "{} statements for some 600 rows of {table}", inserts(table));
        }
    }
    for filter in [
        "",
        "&objectId=x",
        "&clientId=018f3c1e-0000-7000-8000-00000000000a",
        "&operation=x",
        "&outcome=refused",
        "&outcome=done",
        "&since=2026-01-01T00:00:00Z",
        "&until=2026-01-01T00:00:00Z",
    ] {
        for actor in [&partner, &operator] {
            assert_eq!(actor.get(&format!("/v1/audit-records?limit=200{filter}")).await.status, 200, "{filter}");
        }
    }
    for filter in ["", "&type=order.placed", "&type=refund.*"] {
        for actor in [&partner, &operator] {
            assert_eq!(actor.get(&format!("/v1/events?limit=200{filter}")).await.status, 200, "{filter}");
        }
    }
    assert_eq!(partner.get("/v1/audit-records/verification").await.json()["intact"], true);
    let run = statements(&house);
    assert!(run.len() >= 12, "{run:#?}");
    if backend == Backend::Postgres {
        fill(&house, "b", 50_000, [&partner.partner_id, &other.partner_id]).await;
        house
            .execute(
                "INSERT INTO audit_links SELECT seq + 100000, 1000 + seq / 3, seq, id, '', partner_id, object_id, operation,
                    client_id, outcome FROM audit_records WHERE seq > 2000;
                 INSERT INTO audit_seals SELECT 1000 + n, now(), n, n, '', '', '', '', now(), now(), FALSE
                    FROM generate_series(1, 20000) AS n;
                 INSERT INTO event_positions SELECT seq + 100000, seq, id, topic, partner_id, partner_of_record_id, customer_id
                    FROM events WHERE seq > 2000",
            )
            .await;
    }
    for statement in run.iter().filter(|text| text.starts_with("SELECT") || text.starts_with("WITH")) {
        let plan = plan(&house, statement).await;
        for step in &plan {
            let told = format!("{statement}\n{plan:#?}");
            // The newest of all, by the index whose end it is.
            let is_end = !statement.contains("WHERE") && statement.contains("LIMIT");
            for ledger in LEDGERS {
                let scan = match backend {
                    Backend::Sqlite => step.contains(&format!("SCAN {ledger}")),
                    Backend::Postgres => step.contains(&format!("Seq Scan on {ledger}")),
                };
                assert!(!scan || (is_end && step.contains("USING")), "{ledger} is read from end to end: {told}");
            }
            if backend == Backend::Sqlite {
                assert!(!step.contains("TEMP B-TREE") || !statement.contains("LIMIT"), "sorted: {told}");
                assert!(!step.contains("MULTI-INDEX OR"), "{told}");
                for column in
                    ["partner_id", "partner_of_record_id", "client_id", "operation", "object_id", "topic", "seal"]
                {
                    let is_asked = statement.contains(&format!("`{column}` = ?")) && statement.contains("position`");
                    let is_page = statement.contains("LIMIT") && statement.contains("`position` >");
                    assert!(
                        !is_asked || !is_page || step.contains(&format!("{column}=?")),
                        "{column} does not lead: {told}"
                    );
                }
            }
        }
    }
}

/// A list finds everything that is asked for, whatever the mix of filters, and no page is a long search.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_04_rare_records_are_found_page_by_page(backend: Backend) {
    let house = House::open(backend).await;
    let (partner, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let operator = house.operator().await;
    house.seal().await;
    fill(&house, "c", 24_000, [&partner.partner_id, &other.partner_id]).await;
    // One far from its seal, both ways: no sealer ran for years, a clock stood wrong.
    let far = |id: &str, at: &str| {
        format!(
            "INSERT INTO audit_records (id, at, operation, client_id, partner_id, request_id, source_address)
             VALUES ('{id}', '{at}', 'far', '{USUAL}', '{}', 'far', '');",
            partner.partner_id
        )
    };
    house.execute(&(far("past", "2001-01-01 00:00:00") + &far("future", "2101-01-01 00:00:00"))).await;
    house.seal().await;
    assert_eq!(house.count("SELECT count(*) FROM unsealed_records").await, 0);

    let (mine, _) = pages(&partner, "/v1/audit-records?limit=200").await;
    assert!(mine.len() > 12_000, "{}", mine.len());
    let (all, _) = pages(&operator, "/v1/audit-records?limit=200").await;
    let middle = mine[6_000]["at"].as_str().unwrap();
    let later = "2050-01-01T00:00:00Z";
    type Asks<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let is = |field: &'static str, value: &'static str| move |record: &Value| record[field] == value;
    let asked: Vec<(String, Asks<'_>)> = vec![
        (format!("clientId={RARE}"), Box::new(is("clientId", RARE))),
        ("operation=rare_operation".into(), Box::new(is("operation", "rare_operation"))),
        ("outcome=refused".into(), Box::new(is("outcome", "refused"))),
        ("objectId=object-7".into(), Box::new(is("objectId", "object-7"))),
        (
            "outcome=done&clientId=".to_owned() + RARE,
            Box::new(move |r| is("outcome", "done")(r) && is("clientId", RARE)(r)),
        ),
        (
            "operation=create_order&outcome=refused&clientId=".to_owned() + USUAL,
            Box::new(move |r| is("outcome", "refused")(r) && is("clientId", USUAL)(r)),
        ),
        (
            format!("since={middle}&outcome=refused"),
            Box::new(move |r| r["at"].as_str().unwrap() >= middle && is("outcome", "refused")(r)),
        ),
        (
            format!("until={middle}&outcome=refused"),
            Box::new(move |r| r["at"].as_str().unwrap() < middle && is("outcome", "refused")(r)),
        ),
        (format!("since={later}"), Box::new(move |r| r["at"].as_str().unwrap() >= later)),
        ("until=2002-01-01T00:00:00Z".into(), Box::new(|r| r["at"].as_str().unwrap() < "2002")),
        ("since=2000-01-01T00:00:00Z&until=2000-06-01T00:00:00Z".into(), Box::new(|_| false)),
    ];
    let ids =
        |records: &[Value]| records.iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    for (filter, wanted) in &asked {
        for (actor, everything) in [(&partner, &mine), (&operator, &all)] {
            let expected: Vec<Value> = everything.iter().filter(|record| wanted(record)).cloned().collect();
            let (found, count) = pages(actor, &format!("/v1/audit-records?limit=100&{filter}")).await;
            assert_eq!(ids(&found), ids(&expected), "{filter}");
            assert!(count <= 4 + found.len() / 100, "{filter}: {count} pages");
        }
    }
    // What another partner has in plenty tells nobody by a cursor that it is there (CUS-05).
    let foreign = partner.get(&format!("/v1/audit-records?clientId={}", other.client_id)).await.json();
    assert_eq!((foreign["items"].as_array().unwrap().len(), &foreign["nextCursor"]), (0, &Value::Null));

    // The feed: each event once, in its order, for either way of being its partner.
    let expected = house
        .texts(&format!(
            "SELECT event_id AS text FROM event_positions WHERE partner_id = '{0}' OR partner_of_record_id = '{0}'
             ORDER BY position",
            partner.partner_id
        ))
        .await;
    assert!(expected.len() > 20_000);
    assert_eq!(ids(&pages(&partner, "/v1/events?limit=200").await.0), expected);
    for kind in ["refund.*", "refund.credited", "refund.never"] {
        let wanted = house
            .texts(&format!(
                "SELECT event_id AS text FROM event_positions
                 WHERE (partner_id = '{0}' OR partner_of_record_id = '{0}') AND topic LIKE '{1}' ORDER BY position",
                partner.partner_id,
                kind.replace('*', "%")
            ))
            .await;
        assert_eq!(ids(&pages(&partner, &format!("/v1/events?limit=3&type={kind}")).await.0), wanted, "{kind}");
    }

    // The verification goes on where it stopped, by records and by seals.
    let mut from = Some(1);
    let (mut seals, mut steps) = (0, 0);
    while let Some(next) = from {
        let extent = Extent { from: next, most_records: 5_000, most_seals: 7, head: None };
        let found = audit::verify(&house.state, &extent, |_| {}).await.unwrap();
        assert!(found.intact && found.seals < 7 + 64, "{found}");
        (seals, steps, from) = (seals + found.seals, steps + 1, found.next_seal);
    }
    assert_eq!(seals, house.count("SELECT count(*) FROM audit_seals").await);
    assert!(steps > 3, "{steps}");
}

/// What cannot be read is skipped and named; everything behind it goes on.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_record_that_cannot_be_read_holds_nothing_up(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let operator = house.operator().await;
    house.seal().await;
    let bad = if backend == Backend::Sqlite { "tomorrow" } else { "infinity" };
    house
        .execute(&format!(
            "INSERT INTO audit_records (id, at, operation, client_id, request_id, source_address)
             VALUES ('bad-record', '{bad}', 'x', '', '', '');
             INSERT INTO events (id, topic, object_id, data, occurred_at, request_id)
             VALUES ('bad-event', 'order.placed', 'x', '{{}}', '{bad}', '')"
        ))
        .await;
    let hook = serde_json::json!({ "url": "http://127.0.0.1:9/" });
    assert_eq!(partner.post("/v1/webhook-endpoints", &hook).await.status, 201);
    house.seal().await;
    for notes in ["unsealed_records", "unplaced_events"] {
        assert_eq!(house.count(&format!("SELECT count(*) FROM {notes}")).await, 0, "{notes}");
    }
    let made = pages(&partner, "/v1/audit-records?operation=create_webhook_endpoint").await.0;
    assert_eq!(made.len(), 1);
    let told = pages(&partner, "/v1/events?type=webhook_endpoint.created").await.0;
    assert_eq!(told.len(), 1);
    let all: HashSet<String> = house.texts("SELECT event_id AS text FROM event_positions").await.into_iter().collect();
    assert!(!all.contains("bad-event"));

    let found = operator.get("/v1/audit-records/verification").await.json();
    assert_eq!(found["firstFault"]["fault"], "recordUnreadable", "{found}");
    assert_eq!(found["firstFault"]["recordId"], "bad-record", "{found}");
    let data = house.directory.path().display().to_string();
    let lonja = Lonja::sandbox(house.directory.path(), &house.database_url).with("LONJA_DATA_DIR", &data);
    let ran = lonja.run(&["audit", "verify"]).await;
    assert!(ran.code == 1 && ran.stdout.starts_with("NOT INTACT: recordUnreadable"), "{ran:?}");

    // A sealed record and a seal that can be read no more are faults, not failures.
    let off = match backend {
        Backend::Sqlite => "DROP TRIGGER audit_records_no_update; DROP TRIGGER audit_seals_no_update;",
        Backend::Postgres => {
            "ALTER TABLE audit_records DISABLE TRIGGER audit_records_append_only;
             ALTER TABLE audit_seals DISABLE TRIGGER audit_seals_append_only;"
        }
    };
    let spoil = format!("UPDATE audit_records SET at = '{bad}' WHERE seq = 1");
    beside::execute(&house.database_url, &format!("{off} {spoil}")).await.unwrap();
    let found = operator.get("/v1/audit-records/verification").await.json();
    assert_eq!(found["firstFault"]["fault"], "recordChanged", "{found}");
    assert_eq!(operator.get("/v1/audit-records").await.status, 200);
    house.execute(&format!("UPDATE audit_seals SET sealed_at = '{bad}' WHERE number = 1")).await;
    let found = operator.get("/v1/audit-records/verification").await.json();
    assert_eq!(
        (&found["firstFault"]["fault"], &found["firstFault"]["seal"]),
        (&"sealBroken".into(), &1.into()),
        "{found}"
    );
}
