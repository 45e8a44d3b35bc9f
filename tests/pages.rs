//! Lists are pages that lose and repeat nothing while rows come and go (PLT-04).

use lonja_tests::walk::{Furnished, Operation};
use lonja_tests::{Actor, Backend, House};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use test_case::test_case;

/// Lists whose rows can be made beside the service: the path, and the statements that copy a row to each of the new ids.
const COPIED: [(&str, &str); 3] = [
    (
        "/v1/customers",
        "INSERT INTO customers (id, company_name, country, address, contact, language, version, created_at)
         SELECT v.column1, company_name, country, address, contact, language, version, created_at
         FROM customers, (VALUES {ids}) v WHERE id = '{row}';
         INSERT INTO relationships (id, partner_id, customer_id, state, created_at)
         SELECT v.column1, partner_id, v.column1, state, created_at
         FROM relationships, (VALUES {ids}) v WHERE customer_id = '{row}';",
    ),
    (
        "/v1/orders",
        "INSERT INTO orders (id, partner_id, customer_id, tenant_id, state, channel, total_minor, currency, version,
             created_at)
         SELECT v.column1, partner_id, customer_id, tenant_id, state, channel, total_minor, currency, version, created_at
         FROM orders, (VALUES {ids}) v WHERE id = '{row}';",
    ),
    (
        "/v1/invoices",
        "INSERT INTO invoices (id, partner_id, customer_id, order_id, total_minor, currency, issued_at)
         SELECT v.column1, partner_id, customer_id, order_id, total_minor, currency, issued_at
         FROM invoices, (VALUES {ids}) v WHERE id = '{row}';",
    ),
];

/// An id of the right form; greater numbers come later.
fn id(number: usize) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}

fn copies(statements: &str, row: &str, numbers: impl Iterator<Item = usize>) -> String {
    let ids = numbers.map(|number| format!("('{}')", id(number))).collect::<Vec<_>>().join(",");
    statements.replace("{ids}", &ids).replace("{row}", row)
}

fn deletion(path: &str, numbers: impl Iterator<Item = usize>) -> String {
    let ids = numbers.map(|number| format!("'{}'", id(number))).collect::<Vec<_>>().join(",");
    let table = path.trim_start_matches("/v1/");
    let relationships = format!("DELETE FROM relationships WHERE customer_id IN ({ids});");
    let first = if table == "customers" { relationships.as_str() } else { "" };
    format!("{first} DELETE FROM {table} WHERE id IN ({ids});")
}

/// Walks a list to its end: how often each id was seen.
async fn walk(actor: &Actor, path: &str, limit: usize) -> BTreeMap<String, usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut cursor = String::new();
    for _ in 0..100_000 {
        let reply = actor.get(&format!("{path}?limit={limit}{cursor}")).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        let page = reply.json();
        let items = page["items"].as_array().unwrap();
        for item in items {
            let name = item["id"].as_str().map_or_else(|| item.to_string(), str::to_owned);
            *seen.entry(name).or_default() += 1;
        }
        let Some(next) = page["nextCursor"].as_str() else {
            return seen;
        };
        assert_eq!(items.len(), limit, "{path}: a page that is not the last is full");
        cursor = format!("&cursor={next}");
    }
    panic!("{path} does not end")
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_04_a_thousand_rows_are_each_seen_once_while_others_come_and_go(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let rows = [shop.shop.customer.id.as_str(), &shop.order.id, &shop.invoice];
    for ((path, statements), row) in COPIED.into_iter().zip(rows) {
        // Every tenth number stays; next to it are rows that go, and room for rows that come.
        house.execute(&copies(statements, row, (0..1000).map(|number| number * 10))).await;
        house.execute(&copies(statements, row, (0..500).map(|number| number * 20 + 5))).await;
        let mut walked = BTreeMap::new();
        let mut turns = 0;
        let comings_and_goings = async {
            for turn in 0..50 {
                // Everywhere in the list, ahead of the walk and behind it.
                let here = || (0..10).map(move |step| (turn + step * 50) * 20);
                house.execute(&deletion(path, here().map(|number| number + 5))).await;
                house.execute(&copies(statements, row, here().map(|number| number + 3))).await;
                house.execute(&deletion(path, here().map(|number| number + 3).step_by(2))).await;
                turns += 1;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = comings_and_goings => {},
            () = async { walked = walk(shop.seller(), path, 7).await } => {},
        }
        assert!(turns >= 3, "{path}: nothing came or went during the walk");
        let stayed: BTreeSet<String> = (0..1000).map(|number| id(number * 10)).collect();
        let missing = stayed.iter().find(|id| !walked.contains_key(*id));
        assert_eq!(missing, None, "{path}: a row that stayed was not seen");
        let twice = walked.iter().find(|(_, count)| **count != 1);
        assert_eq!(twice, None, "{path}: a row was seen twice");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_04_every_list_is_the_same_in_small_pages_and_in_large(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let mut walked = 0;
    for operation in Operation::lists() {
        let path = operation.at(shop.id_for(&operation));
        let actor = shop.actor(&operation);
        let whole = walk(actor, &path, 200).await;
        assert!(!whole.is_empty() && whole.values().all(|count| *count == 1), "{path}: {whole:?}");
        for limit in [1, 2] {
            assert_eq!(walk(actor, &path, limit).await, whole, "{path}: by {limit}");
        }
        walked += 1;
    }
    assert!(walked >= 9, "only {walked} lists were walked");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_04_a_deep_page_is_as_quick_as_the_first(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let rows = [shop.shop.customer.id.as_str(), &shop.order.id, &shop.invoice];
    for ((path, statements), row) in COPIED.into_iter().zip(rows) {
        for thousand in 0..10 {
            house.execute(&copies(statements, row, thousand * 1000..(thousand + 1) * 1000)).await;
        }
        let mut deep = String::new();
        for _ in 0..40 {
            let page = shop.seller().get(&format!("{path}?limit=200{deep}")).await.json();
            deep = format!("&cursor={}", page["nextCursor"].as_str().unwrap());
        }
        // The best of many is what the statement takes; all else is the machine's other work.
        let quickest = async |cursor: &str| {
            let mut best = Duration::MAX;
            for _ in 0..30 {
                let started = Instant::now();
                let page = shop.seller().get(&format!("{path}?limit=7{cursor}")).await;
                best = best.min(started.elapsed());
                assert_eq!(page.json()["items"].as_array().unwrap().len(), 7, "{path}");
            }
            best
        };
        let (first, last) = (quickest("").await, quickest(&deep).await);
        assert!(last < first * 2 + Duration::from_millis(1), "{path}: {last:?} instead of {first:?}");
    }
}
