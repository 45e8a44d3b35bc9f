//! A new master key while the service runs (SWK-03), and the stock for auditors.

use lonja_sdk::types::{PlaceOrder, PlaceOrderLine};
use lonja_tests::command::{Lonja, Ran};
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Actor, Backend, Reply, Shop, beside, database};
use serde_json::{Value, json};
use std::cell::Cell;
use tempfile::TempDir;
use test_case::test_case;

/// A seeded sandbox with a master key of its own choice.
struct Place {
    directory: TempDir,
    url: String,
}

impl Place {
    fn lonja(&self, master: &str, previous: &str) -> Lonja {
        Lonja::sandbox(self.directory.path(), &self.url)
            .with("LONJA_VAULT_MASTER_KEY", master)
            .with("LONJA_VAULT_PREVIOUS_MASTER_KEY", previous)
            .with("LONJA_LOG_FORMAT", "json")
    }

    async fn wrapped(&self) -> Vec<String> {
        let rows = "SELECT id || ' ' || wrapped || ' ' || master_id AS text FROM data_keys ORDER BY id";
        beside::texts(&self.url, rows).await.unwrap()
    }
}

async fn reveal(seller: &Actor, entitlement: &str) -> Reply {
    seller.post(&format!("/v1/entitlements/{entitlement}/keys:reveal"), &json!(Shop::reveal("2022"))).await
}

fn seller(seed: &Value, url: &str) -> Actor {
    let clients = seed["clients"].as_array().unwrap();
    let client = clients.iter().find(|client| client["name"] == "directBill").unwrap();
    let [id, secret, partner] = ["clientId", "clientSecret", "partnerId"].map(|name| client[name].as_str().unwrap());
    Actor::new(url, &reqwest::Client::builder().build().unwrap(), id, secret, Some(partner))
}

fn rotated(ran: &Ran) -> (i32, Value, Value, Value) {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr));
    (ran.code, report["rewrapped"].clone(), report["dataKeys"].clone(), report["left"].clone())
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_the_master_key_is_changed_while_the_service_runs(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let place = Place { directory, url };
    let (old, new) = ("0a".repeat(32), "0b".repeat(32));
    let seed = place.lonja(&old, "").run(&["sandbox", "seed"]).await.json();
    let server = place.lonja(&old, "").serve().await;
    let shop = seller(&seed, &server.url);
    let order = json!({ "customerId": seed["customerId"], "tenantId": seed["tenantId"],
        "lines": [{ "offerId": WINDOWS_MXN, "quantity": 1 }] });
    let buy = async |shop: &Actor| -> String {
        let placed = shop.post("/v1/orders", &order).await.json();
        placed["lines"][0]["entitlementId"].as_str().unwrap().to_owned()
    };
    let first = buy(&shop).await;
    let key = reveal(&shop, &first).await.json()["productKey"].as_str().unwrap().to_owned();

    let before = place.wrapped().await;
    let rotate = ["vault", "rotate", "--json"];
    let ran = place.lonja(&new, &old).run(&rotate).await;
    assert_eq!(rotated(&ran), (0, json!(2), json!(2), json!(0)), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 of 2 data keys") && ran.stderr.contains("2 of 2 data keys"), "{}", ran.stderr);
    // Who was started with the old key alone goes on with its work.
    assert_eq!(reveal(&shop, &first).await.json()["productKey"], key.as_str());
    let second = buy(&shop).await;
    assert_eq!(reveal(&shop, &second).await.status, 200);
    assert!(server.terminate().await.0.success());

    // A run that was cut off after one of two is gone on with.
    let after = place.wrapped().await;
    assert!(before.iter().zip(&after).all(|(before, after)| before != after));
    let parts: Vec<&str> = before[1].split(' ').collect();
    let back =
        format!("UPDATE data_keys SET wrapped = '{}', master_id = '{}' WHERE id = '{}'", parts[1], parts[2], parts[0]);
    beside::execute(&place.url, &back).await.unwrap();
    let ran = place.lonja(&new, &old).run(&rotate).await;
    assert_eq!(rotated(&ran), (0, json!(1), json!(2), json!(0)), "{}", ran.stderr);
    let ran = place.lonja(&new, &old).run(&rotate).await;
    assert_eq!(rotated(&ran), (0, json!(0), json!(2), json!(0)), "nothing is left to do");
    let old_rows = format!("SELECT CAST(count(*) AS TEXT) AS text FROM data_keys WHERE master_id = '{}'", parts[2]);
    assert_eq!(beside::texts(&place.url, &old_rows).await.unwrap(), ["0"], "nothing is under the old key");

    // The old key is of no use any more; the new one opens all that was sealed before.
    let refused = place.lonja(&old, "").run(&["jobs", "list"]).await;
    assert!(refused.code == 1 && refused.stderr.contains("master key"), "{}", refused.stderr);
    let server = place.lonja(&new, "").serve().await;
    let shop = seller(&seed, &server.url);
    assert_eq!(reveal(&shop, &first).await.json()["productKey"], key.as_str());
    let malformed = place.lonja(&new, "not-a-key").run(&rotate).await;
    assert!(malformed.code == 78 && malformed.stderr.contains("previous_master_key"), "{}", malformed.stderr);
    assert!(server.terminate().await.0.success());

    // For auditors: what became of each key, and nothing of the key.
    let exported = place.lonja(&new, "").run(&["keys", "export", "-"]).await;
    let mut lines = exported.stdout.lines();
    let heading = "fingerprint,product,version,kind,state,entitlement,imported_at,revealed_at,revoked_at";
    assert_eq!((exported.code, lines.next()), (0, Some(heading)), "{}", exported.stderr);
    let all: Vec<&str> = lines.collect();
    let count = "SELECT CAST(count(*) AS TEXT) AS text FROM product_keys";
    assert_eq!(beside::texts(&place.url, count).await.unwrap(), [all.len().to_string()]);
    let of_first: Vec<&&str> = all.iter().filter(|line| line.contains(&first)).collect();
    assert!(of_first.len() == 1 && of_first[0].contains(",revealed,"), "{of_first:?}");
    let fingerprints: std::collections::BTreeSet<&str> =
        all.iter().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(fingerprints.len(), all.len());
    for part in key.split('-') {
        assert!(!exported.stdout.contains(part), "not even a group of a key");
    }
    database::remove(&place.url).await.unwrap();
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_keys_are_revealed_while_the_master_key_is_changed(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let place = Place { directory, url };
    let (old, new) = ("0a".repeat(32), "0b".repeat(32));
    let seed = place.lonja(&old, "").run(&["sandbox", "seed"]).await.json();
    let server = place
        .lonja(&old, "")
        .with("LONJA_LIMITS_CLIENT_PER_MINUTE", "10000000")
        .with("LONJA_LIMITS_CLIENT_KEY_REVEALS_PER_DAY", "0")
        .with("LONJA_LIMITS_PARTNER_KEY_REVEALS_PER_DAY", "0")
        .serve()
        .await;
    let shop = seller(&seed, &server.url).lonja;
    let order = PlaceOrder {
        customer_id: seed["customerId"].as_str().unwrap().to_owned(),
        tenant_id: seed["tenantId"].as_str().unwrap().to_owned(),
        lines: vec![PlaceOrderLine { offer_id: WINDOWS_MXN.to_owned(), quantity: 1, ..Default::default() }],
        ..Default::default()
    };
    let buy = async || shop.place_order(&order).await.unwrap().lines[0].entitlement_id.clone().unwrap();
    let first = buy().await;
    let key = shop.reveal_key(&first, &Shop::reveal("2022")).await.unwrap().product_key;

    // Old keys and new ones, all the while that it is changed and a little longer.
    let is_over = Cell::new(false);
    let rotate = async {
        let ran = place.lonja(&new, &old).run(&["vault", "rotate", "--json"]).await;
        is_over.set(true);
        rotated(&ran)
    };
    let reveals = async {
        let (mut during, mut after) = (0, 0);
        while after < 3 {
            match is_over.get() {
                false => during += 1,
                true => after += 1,
            }
            let again = shop.reveal_key(&first, &Shop::reveal("2022")).await.unwrap();
            assert_eq!(again.product_key.expose(), key.expose());
            // The sandbox has no more than some dozens.
            if during < 15 || after > 0 {
                let other = buy().await;
                let other = shop.reveal_key(&other, &Shop::reveal("2022")).await.unwrap();
                assert_ne!(other.product_key.expose(), key.expose());
            }
        }
        during
    };
    let (rotated, during) = tokio::join!(rotate, reveals);
    assert_eq!(rotated, (0, json!(2), json!(2), json!(0)));
    assert!(during > 0, "none was revealed meanwhile");
    assert!(server.terminate().await.0.success());
    // All of it opens with the new key alone.
    let server = place.lonja(&new, "").serve().await;
    let shop = seller(&seed, &server.url).lonja;
    let again = shop.reveal_key(&first, &Shop::reveal("2022")).await.unwrap();
    assert_eq!(again.product_key.expose(), key.expose());
    assert!(server.terminate().await.0.success());
    database::remove(&place.url).await.unwrap();
}
