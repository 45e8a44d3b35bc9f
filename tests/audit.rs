//! The audit trail: what was done and what was refused, sealed into a chain that tells every change (PLT-06).

use lonja::access::{Role, TokenKind};
use lonja::partners::PartnerKind;
use lonja_tests::actor::text;
use lonja_tests::command::Lonja;
use lonja_tests::walk::{Furnished, Operation};
use lonja_tests::{Actor, Backend, House};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use test_case::test_case;
use uuid::Uuid;

async fn records(actor: &Actor, query: &str) -> Vec<Value> {
    let reply = actor.get(&format!("/v1/audit-records?limit=200{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["items"].as_array().unwrap().clone()
}

fn command(house: &House) -> Lonja {
    let data = house.directory.path().display().to_string();
    Lonja::sandbox(house.directory.path(), &house.database_url).with("LONJA_DATA_DIR", &data)
}

async fn verification(actor: &Actor) -> Value {
    actor.get("/v1/audit-records/verification").await.json()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_every_change_is_on_record_with_who_what_why_and_from_where(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let operator = house.operator().await;
    let mut walked = 0;
    // What is deleted is changed before.
    let by = |method: &'static str| Operation::protected().filter(move |operation| operation.method == method);
    for operation in Operation::once().chain(by("PATCH")).chain(by("DELETE")) {
        let request = shop.request(&operation).await;
        let headers = [("idempotency-key", operation.id.as_str()), ("if-match", "*")];
        let actor = shop.actor(&operation);
        let reply = actor.send(operation.method.clone(), &request.path, &headers, text(&request.body)).await;
        assert!(reply.status.is_success(), "{}: {}", operation.id, reply.text);
        house.seal().await;
        let request_id = reply.header("x-request-id");
        // A storefront's enrolment client reads no trail: the operator's has what it did.
        let reader = if operation.kinds.contains(&TokenKind::Partner) { actor } else { &operator };
        let mut found = records(reader, &format!("&operation={}", operation.id)).await;
        found.retain(|record| record["requestId"] == request_id);
        assert_eq!(found.len(), 1, "{}", operation.id);
        let record = &found[0];
        assert_eq!(record["outcome"], "done", "{record}");
        // An operator has no partner.
        assert_eq!(record["partnerId"].as_str().unwrap_or_default(), actor.partner_id, "{record}");
        assert_eq!(record["clientId"], actor.client_id.as_str(), "{record}");
        assert_eq!(record["sourceAddress"], "127.0.0.1", "{record}");
        assert!(record["objectKind"].is_string() && record["objectId"].is_string(), "{record}");
        assert!(record["tokenId"].is_string() && record["seal"].is_i64(), "{record}");
        if operation.id == "reveal_key" {
            assert_eq!(record["reason"], request.body["reason"], "{record}");
        }
        walked += 1;
    }
    assert!(walked >= 14, "only {walked} operations");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_refused_attempts_are_on_record_once_with_their_number(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let weak = house.client_of(&own.seller().partner_id, &["orders:read", "audit:read"], &[Role::SalesAgent]).await;
    let before = house.count("SELECT count(*) FROM audit_records").await;
    for _ in 0..5 {
        assert_eq!(weak.get(&format!("/v1/orders/{}", foreign.order.id)).await.status, 404);
        assert_eq!(weak.get("/v1/customers").await.status, 403);
    }
    let url = format!("{}/v1/orders", house.url);
    assert_eq!(house.http().get(&url).bearer_auth("no.such.token").send().await.unwrap().status(), 401);
    // A refused request writes nothing by itself.
    assert_eq!(house.count("SELECT count(*) FROM audit_records").await, before);

    house.seal().await;
    let refused = records(&weak, "&outcome=refused").await;
    let told: HashSet<_> = refused
        .iter()
        .map(|record| (record["operation"].clone(), record["code"].clone(), record["times"].clone()))
        .collect();
    assert!(told.contains(&(json!("get_order"), json!("not_found"), json!(5))), "{told:?}");
    assert!(told.contains(&(json!("list_customers"), json!("insufficient_scope"), json!(5))), "{told:?}");
    let looked_for = records(&weak, &format!("&objectId={}", foreign.order.id)).await;
    assert_eq!(looked_for.len(), 1, "the other partner's own records about it are not shown");
    assert_eq!(looked_for[0]["clientId"], weak.client_id.as_str());
    // Nobody is known to have come without a token: that stands in the operator's trail.
    let all = records(&house.operator().await, "&outcome=refused&operation=list_orders").await;
    assert!(all.iter().any(|record| record["code"] == "invalid_token" && record["clientId"].is_null()), "{all:?}");
    // The other partner does not learn that somebody knocked.
    assert!(records(foreign.seller(), "&outcome=refused").await.is_empty());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_refused_credentials_are_on_record_with_whose_they_are(backend: Backend) {
    let house = House::open(backend).await;
    let (own, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let guess = async |id: &str| {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "a guess")];
        let reply = house.http().post(format!("{}/v1/oauth/token", house.url)).form(&form).send().await.unwrap();
        assert_eq!(reply.status(), 401);
    };
    let unknown = Uuid::new_v4().to_string();
    for id in [&own.client_id, &own.client_id, &own.client_id, &unknown, "somebody's words"] {
        guess(id).await;
    }
    // A token whose signature proves who it was, though that client is no more.
    let gone = house.client_of(&own.partner_id, &["orders:read"], &[]).await;
    let token = gone.token().await;
    let deleted = own.send(Method::DELETE, &format!("/v1/api-clients/{}", gone.client_id), &[], None).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    let reply = house.http().get(format!("{}/v1/orders", house.url)).bearer_auth(token).send().await.unwrap();
    assert_eq!(reply.status(), 401);
    house.seal().await;

    for (operation, code, client, times) in
        [("request_token", "unauthorized", &own.client_id, 3), ("list_orders", "invalid_token", &gone.client_id, 1)]
    {
        let query = format!("&outcome=refused&operation={operation}");
        let found = records(&own, &query).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let told = ["code", "clientId", "partnerId", "times"].map(|name| found[0][name].clone());
        assert_eq!(told, [json!(code), json!(client), json!(own.partner_id), json!(times)]);
        assert!(records(&other, &query).await.is_empty());
        let operators = records(&house.operator().await, &query).await;
        assert!(operators.iter().any(|record| record["clientId"] == client.as_str()), "{operators:?}");
        // Whatever else was tried is nobody's name.
        let known = |record: &Value| record["clientId"].is_null() || record["clientId"] == client.as_str();
        assert!(operators.iter().all(known) && !json!(operators).to_string().contains(&unknown), "{operators:?}");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_the_ledgers_refuse_changes(backend: Backend) {
    let house = House::open(backend).await;
    Furnished::open(&house).await;
    for (table, column) in [
        ("audit_records", "operation"),
        ("events", "topic"),
        ("event_positions", "topic"),
        ("audit_seals", "digest"),
        ("audit_links", "digest"),
        ("audit_keys", "sealed"),
    ] {
        assert!(house.count(&format!("SELECT count(*) FROM {table}")).await > 0, "{table}");
        for statement in [format!("UPDATE {table} SET {column} = 'x'"), format!("DELETE FROM {table}")] {
            let refused = lonja_tests::beside::execute(&house.database_url, &statement).await.unwrap_err();
            assert!(refused.to_string().contains("append-only") || format!("{refused:?}").contains("append-only"));
        }
    }
}

/// What somebody with the database's password does after switching the triggers off.
struct Tampering {
    statement: &'static str,
    fault: &'static str,
    /// Which record is named, counted from the first; none where a seal is.
    record: Option<usize>,
}

fn tampering(statement: &'static str, fault: &'static str, record: Option<usize>) -> Tampering {
    Tampering { statement, fault, record }
}

async fn without_triggers(house: &House, statement: &str) {
    let tables = ["audit_records", "audit_links", "audit_seals"];
    let off: String = match house.backend {
        Backend::Sqlite => tables
            .iter()
            .map(|table| format!("DROP TRIGGER {table}_no_update; DROP TRIGGER {table}_no_delete;"))
            .collect(),
        Backend::Postgres => {
            tables.iter().map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER {table}_append_only;")).collect()
        }
    };
    house.execute(&format!("{off} {statement}")).await;
}

const SOME: &str = "(SELECT record_seq FROM audit_links WHERE position = 3)";

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_an_edit_a_deletion_an_exchange_and_a_cut_are_told(backend: Backend) {
    let edit = format!("UPDATE audit_records SET reason = 'nothing to see' WHERE seq = {SOME}");
    let delete = format!("DELETE FROM audit_records WHERE seq = {SOME}");
    let exchange = "UPDATE audit_records SET operation = CASE operation
        WHEN (SELECT operation FROM audit_records WHERE seq = (SELECT record_seq FROM audit_links WHERE position = 3))
        THEN 'get_livez' ELSE operation END WHERE seq IN (SELECT record_seq FROM audit_links WHERE position IN (3, 4))";
    let cases = [
        tampering(Box::leak(edit.into_boxed_str()), "recordChanged", Some(2)),
        tampering(Box::leak(delete.into_boxed_str()), "recordMissing", Some(2)),
        tampering(exchange, "recordChanged", Some(2)),
        tampering(
            "DELETE FROM audit_records WHERE seq = (SELECT max(record_seq) FROM audit_links)",
            "recordMissing",
            Some(usize::MAX),
        ),
        tampering("DELETE FROM audit_links WHERE position = 3", "linksBroken", Some(3)),
        tampering(
            "DELETE FROM audit_links WHERE seal = (SELECT max(number) FROM audit_seals);
             DELETE FROM audit_seals WHERE number = (SELECT max(number) FROM audit_seals)",
            "recordUnsealed",
            None,
        ),
        tampering(
            "UPDATE audit_links SET digest = (SELECT digest FROM audit_links AS other WHERE other.position = 4)
             WHERE position = 3",
            "recordChanged",
            Some(2),
        ),
        tampering("UPDATE audit_seals SET signature = 'AAAA' WHERE number = 1", "sealBroken", None),
        tampering("DELETE FROM audit_seals WHERE number = 1", "sealBroken", None),
    ];
    for case in cases {
        let house = House::open(backend).await;
        house.partner(PartnerKind::DirectBill).await;
        house.seal().await;
        house.partner(PartnerKind::DirectBill).await;
        house.seal().await;
        let operator = house.operator().await;
        house.seal().await;
        let sound = verification(&operator).await;
        assert!(sound["intact"] == true && sound["firstFault"].is_null() && sound["unsealed"] == 0, "{sound}");
        assert!(sound["seals"].as_i64().unwrap() >= 3 && sound["records"].as_i64().unwrap() >= 5, "{sound}");
        let ids = house.texts("SELECT record_id AS text FROM audit_links ORDER BY position").await;

        without_triggers(&house, case.statement).await;
        let found = verification(&operator).await;
        assert_eq!((&found["intact"], &found["firstFault"]["fault"]), (&json!(false), &json!(case.fault)), "{found}");
        if let Some(index) = case.record {
            assert_eq!(found["firstFault"]["recordId"], ids[index.min(ids.len() - 1)].as_str(), "{found}");
        }
        // The command says the same, and a script sees it.
        let ran = command(&house).run(&["audit", "verify", "--json"]).await;
        let told: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.code, &told["firstFault"]["fault"]), (1, &json!(case.fault)), "{ran:?}");
    }
}

/// Every column of a record is under its digest, and every column of a link and of a seal is compared, those that come
/// later too: links decide who finds a record.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_no_column_of_a_record_can_be_changed_unseen(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    house.partner(PartnerKind::DirectBill).await;
    house.seal().await;
    let tables = [("audit_records", "seq", 16), ("audit_links", "position", 10), ("audit_seals", "number", 11)];
    let kept = tables.map(|(table, _, _)| format!("CREATE TABLE kept_{table} AS SELECT * FROM {table};"));
    without_triggers(&house, &kept.concat()).await;
    if backend == Backend::Postgres {
        house.execute("ALTER TABLE audit_records ALTER COLUMN seq DROP IDENTITY").await;
    }
    for (table, key, least) in tables {
        let columns = match backend {
            Backend::Sqlite => format!("SELECT name AS text FROM pragma_table_info('{table}')"),
            Backend::Postgres => {
                format!("SELECT column_name::text AS text FROM information_schema.columns WHERE table_name = '{table}'")
            }
        };
        let columns = house.texts(&columns).await;
        assert!(columns.len() >= least, "{table}: {columns:?}");
        for column in &columns {
            let same = match (table, column == key) {
                (_, false) => key,
                ("audit_records", _) => "id",
                ("audit_links", _) => "record_id",
                _ => "digest",
            };
            let other = match column.as_str() {
                "times" => "times + 1".to_owned(),
                "outcome" => "'refused'".to_owned(),
                "record_id" => "'x' || substr(record_id, 2)".to_owned(),
                // Too often is no fault: it costs a look.
                "astray" => "FALSE".to_owned(),
                at if at.ends_with("at") => "'1999-12-31 00:00:00.000000'".to_owned(),
                "seq" | "position" | "seal" | "record_seq" | "number" | "first_position" | "last_position" => {
                    format!("{column} + 1000000")
                }
                column => format!("COALESCE({column}, '') || 'x'"),
            };
            if column == "astray" {
                let late = "UPDATE audit_seals SET oldest_at = oldest_at, astray = TRUE";
                house.execute(late).await;
                assert_eq!(verification(&operator).await["intact"], true);
            }
            let is_late = house.count("SELECT count(*) FROM audit_seals WHERE newest_at > sealed_at").await > 0;
            assert!(!is_late, "a clock went wrong");
            house.execute(&format!("UPDATE {table} SET {column} = {other}")).await;
            let found = verification(&operator).await;
            let fault = match (table, column.as_str()) {
                ("audit_records", "seq") | ("audit_links", "record_seq") => "recordMissing",
                ("audit_records", _) | ("audit_links", "record_id" | "digest") => "recordChanged",
                ("audit_links", _) => "linksBroken",
                ("audit_seals", "last_position") => "linksBroken",
                // No record of this house is late: there is nothing to hide.
                ("audit_seals", "astray") => "",
                _ => "sealBroken",
            };
            assert_eq!(found["firstFault"]["fault"].as_str().unwrap_or_default(), fault, "{table}.{column}: {found}");
            house
                .execute(&format!(
                    "UPDATE {table} SET {column} = (SELECT {column} FROM kept_{table} WHERE kept_{table}.{same} = {table}.{same})"
                ))
                .await;
            assert_eq!(verification(&operator).await["intact"], true, "{table}.{column}");
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_digest_kept_elsewhere_tells_a_cut_tail(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    house.seal().await;
    house.partner(PartnerKind::DirectBill).await;
    house.seal().await;
    let head = verification(&operator).await["head"]["digest"].as_str().unwrap().to_owned();
    let lonja = command(&house);
    let sound = lonja.run(&["audit", "verify", "--head", &head]).await;
    assert!(sound.code == 0 && sound.stdout.starts_with("intact: "), "{sound:?}");
    assert!(sound.stdout.contains(&head), "{sound:?}");

    // Everything of the last seal goes: the records, their links and the seal itself.
    without_triggers(
        &house,
        "DELETE FROM audit_records WHERE seq IN
            (SELECT record_seq FROM audit_links WHERE seal = (SELECT max(number) FROM audit_seals));
         DELETE FROM audit_links WHERE seal = (SELECT max(number) FROM audit_seals);
         DELETE FROM audit_seals WHERE number = (SELECT max(number) FROM audit_seals)",
    )
    .await;
    let blind = lonja.run(&["audit", "verify"]).await;
    assert_eq!(blind.code, 0, "without a digest kept elsewhere this cannot be seen: {blind:?}");
    let told = lonja.run(&["audit", "verify", "--head", &head]).await;
    assert!(told.code == 1 && told.stdout.starts_with("NOT INTACT: tailMissing"), "{told:?}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_the_chain_has_no_gap_whoever_seals(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    // Writers and three sealers at once.
    let write = async {
        for number in 0..20 {
            let hook = json!({ "url": format!("http://127.0.0.1:9/{number}") });
            assert_eq!(partner.post("/v1/webhook-endpoints", &hook).await.status, 201);
        }
    };
    let seal = async || {
        for _ in 0..20 {
            house.seal().await;
            tokio::task::yield_now().await;
        }
    };
    futures_util::join!(write, seal(), seal(), seal());
    house.seal().await;
    let operator = house.operator().await;
    house.seal().await;
    let found = verification(&operator).await;
    assert!(found["intact"] == true && found["unsealed"] == 0, "{found}");
    assert_eq!(found["records"], house.count("SELECT count(*) FROM audit_records").await);
    let positions = house.texts("SELECT CAST(position AS TEXT) AS text FROM audit_links ORDER BY position").await;
    let expected: Vec<String> = (1..=positions.len()).map(|position| position.to_string()).collect();
    assert_eq!(positions, expected);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_05_a_partner_learns_of_a_fault_but_not_whose_record_it_is(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    house.seal().await;
    without_triggers(&house, "UPDATE audit_records SET reason = 'x' WHERE seq = 1").await;
    let found = verification(&partner).await;
    assert_eq!((&found["intact"], &found["firstFault"]["recordId"]), (&json!(false), &Value::Null), "{found}");
    let unknown = partner.get(&format!("/v1/audit-records?objectId={}", Uuid::new_v4())).await;
    assert_eq!(unknown.json()["items"], json!([]));
}
