//! Secrets stay where they belong: not in the database's files in clear, not in any answer but the reveal, and not in
//! the log; and whoever moves a sealed value about in the database gets nothing for it (SWK-03).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lonja::vault::{Place, STOCK};
use lonja_sdk::types::{Entitlement, Order, QuoteRefund};
use lonja_tests::command::Lonja;
use lonja_tests::furnished::PDF;
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Actor, Backend, House, Reply, Shop, beside, database};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_case::test_case;
use uuid::Uuid;

const PRODUCT: &str = "windows-server-standard";

/// Buys one unit and shows its key.
async fn buy_and_reveal(shop: &Shop) -> (Order, Entitlement, String) {
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let entitlement = shop.entitlement(&order).await;
    let reply = reveal(&shop.seller, &entitlement.id).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let key = reply.json()["productKey"].as_str().unwrap().to_owned();
    (order, entitlement, key)
}

async fn reveal(actor: &Actor, entitlement_id: &str) -> Reply {
    reveal_with(actor, entitlement_id, &Uuid::new_v4().to_string()).await
}

async fn reveal_with(actor: &Actor, entitlement_id: &str, key: &str) -> Reply {
    actor.post_with(&path_of(entitlement_id), key, &json!(Shop::reveal("2022"))).await
}

fn path_of(entitlement_id: &str) -> String {
    format!("/v1/entitlements/{entitlement_id}/keys:reveal")
}

async fn refund(shop: &Shop, order: &Order) {
    let ask = QuoteRefund { order_id: Some(order.id.clone()), ..Default::default() };
    let quote = shop.seller.lonja.quote_refund(&ask).await.unwrap();
    shop.seller.lonja.request_refund(&Shop::refund(order, quote.amount)).await.unwrap();
}

/// The forms in which a product key could be written.
fn forms(key: &str) -> [String; 3] {
    [key.to_owned(), key.replace('-', ""), key.to_lowercase()]
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_nothing_secret_lies_in_the_database_in_clear(backend: Backend) {
    let house = House::open(backend).await;
    let stock = house.stock(PRODUCT, "2022", 4).await;
    let shop = Shop::open(&house).await;
    let operator = house.operator().await;
    let (order, ..) = buy_and_reveal(&shop).await;
    buy_and_reveal(&shop).await;
    refund(&shop, &order).await;

    let mut secrets: Vec<Vec<u8>> = stock.iter().flat_map(|key| forms(key).map(String::into_bytes)).collect();
    for actor in [&shop.seller, &operator] {
        secrets.push(actor.client_secret.clone().into_bytes());
        secrets.push(actor.token().await.to_owned().into_bytes());
    }
    for row in house.texts("SELECT id || ' ' || sealed AS text FROM signing_keys").await {
        let (id, sealed) = row.split_once(' ').unwrap();
        let place = Place { column: "signing_keys.sealed", row: id, owner: STOCK };
        let private = house.state.vault.open(sealed, place).unwrap();
        // As bytes, and as somebody might have written them down.
        secrets.push(STANDARD.encode(&private).into_bytes());
        secrets.push(URL_SAFE_NO_PAD.encode(&private).into_bytes());
        secrets.push(private);
    }
    let master = std::fs::read_to_string(house.directory.path().join("master.key")).unwrap();
    secrets.push(STANDARD.decode(master.trim()).unwrap());
    secrets.push(master.trim().as_bytes().to_vec());

    let dump = beside::dump(&house.database_url).await.unwrap();
    // That it is the whole house, and not an empty file that holds no secret.
    for known in [order.id.as_bytes(), shop.customer.id.as_bytes(), &stock[0].as_bytes()[24..]] {
        assert!(holds(&dump, known), "the dump is not complete");
    }
    for secret in secrets {
        assert!(!holds(&dump, &secret), "in clear in the database: {}", String::from_utf8_lossy(&secret));
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_a_sealed_key_that_was_moved_or_changed_shows_nothing(backend: Backend) {
    let house = House::open(backend).await;
    let keys = house.stock(PRODUCT, "2022", 4).await;
    let (mine, theirs) = (Shop::open(&house).await, Shop::open(&house).await);
    let (_, first, _) = buy_and_reveal(&mine).await;
    let (_, second, _) = buy_and_reveal(&mine).await;
    let (_, foreign, _) = buy_and_reveal(&theirs).await;
    let untouched = mine.entitlement(&mine.buy(WINDOWS_MXN, 1).await).await;
    let sealed =
        async |row: &str| house.texts(&format!("SELECT sealed AS text FROM product_keys WHERE {row}")).await.remove(0);
    let of = |entitlement: &Entitlement| format!("entitlement_id = '{}'", entitlement.id);
    let (mine_sealed, in_stock) = (sealed(&of(&first)).await, sealed("state = 'inStock'").await);

    let put = async |row: &str, value: &str| {
        house.execute(&format!("UPDATE product_keys SET sealed = '{value}' WHERE {row}")).await;
    };
    // One after the other, each in the place of what was sound before.
    let mut changed = mine_sealed.clone();
    let last = changed.trim_end_matches('=').len() - 2;
    changed.replace_range(last..=last, if &changed[last..=last] == "A" { "B" } else { "A" });
    for (what, value) in [
        ("another purchase's", sealed(&of(&second)).await),
        ("another partner's", sealed(&of(&foreign)).await),
        ("one from the stock", in_stock.clone()),
        ("one character changed", changed),
        ("cut short", mine_sealed[..mine_sealed.len() - 8].to_owned()),
        ("another data key's", format!("{}{}", Uuid::new_v4(), &mine_sealed[36..])),
        ("clear text", keys[0].clone()),
        ("nothing", String::new()),
    ] {
        put(&of(&first), &value).await;
        refuses(&keys, what, &reveal(&mine.seller, &first.id).await);
    }
    put(&of(&first), &mine_sealed).await;
    assert_eq!(reveal(&mine.seller, &first.id).await.status, 200, "back in its place it opens");

    // The whole row given to another partner's purchase.
    house.execute(&format!("UPDATE product_keys SET entitlement_id = NULL WHERE {}", of(&foreign))).await;
    house
        .execute(&format!(
            "UPDATE product_keys SET entitlement_id = '{}', owner = '{}' WHERE {}",
            foreign.id,
            theirs.seller.partner_id,
            of(&first)
        ))
        .await;
    refuses(&keys, "a row of another owner", &reveal(&theirs.seller, &foreign.id).await);

    // A key of the stock that is not what was imported is issued to nobody.
    put("state = 'inStock'", &mine_sealed).await;
    refuses(&keys, "changed in stock", &reveal(&mine.seller, &untouched.id).await);
    assert_eq!(house.count("SELECT count(*) FROM product_keys WHERE state = 'inStock'").await, 1, "nor is it used up");
}

/// 500 `integrity`, and nothing of any key.
fn refuses(keys: &[String], what: &str, reply: &Reply) {
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (500, "integrity"), "{what}: {}", reply.text);
    for form in keys.iter().flat_map(|key| forms(key)) {
        assert!(!reply.text.contains(&form), "{what}: {}", reply.text);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_a_kept_answer_that_was_moved_does_not_replay(backend: Backend) {
    let house = House::open(backend).await;
    let keys = house.stock(PRODUCT, "2022", 2).await;
    let shop = Shop::open(&house).await;
    for name in ["one", "two"] {
        let order = shop.buy(WINDOWS_MXN, 1).await;
        let entitlement = shop.entitlement(&order).await;
        let path = path_of(&entitlement.id);
        let body = json!(Shop::reveal("2022"));
        let first = shop.seller.post_with(&path, name, &body).await;
        assert_eq!(shop.seller.post_with(&path, name, &body).await.text, first.text);
        if name == "two" {
            let other = "(SELECT body FROM idempotency_answers WHERE key = 'one')";
            house.execute(&format!("UPDATE idempotency_answers SET body = {other} WHERE key = 'two'")).await;
            refuses(&keys, "another answer", &shop.seller.post_with(&path, name, &body).await);
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_keys_are_masked_in_every_read(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(PRODUCT, "2022", 3).await;
    let shop = Shop::open(&house).await;
    let (order, entitlement, key) = buy_and_reveal(&shop).await;
    let (refunded, _, credited_key) = buy_and_reveal(&shop).await;
    refund(&shop, &refunded).await;
    let id_of = async |table: &str| house.texts(&format!("SELECT id AS text FROM {table}")).await.remove(0);
    let (invoice, note, refund) = (id_of("invoices").await, id_of("credit_notes").await, id_of("refunds").await);
    let ids = [
        ("/v1/acceptances/", "no-such-token"),
        ("/problems/", "key_revoked"),
        ("/v1/api-clients/", &shop.seller.client_id),
        ("/v1/credit-notes/", &note),
        ("/v1/customers/", &shop.customer.id),
        ("/v1/domains/", "panaderiasol"),
        ("/v1/entitlements/", &entitlement.id),
        ("/v1/gcc/", &shop.customer.id),
        ("/v1/indirect-provider-links/", &shop.customer.id),
        ("/v1/invoices/", &invoice),
        ("/v1/offers/", WINDOWS_MXN),
        ("/v1/open/", &shop.customer.id),
        ("/v1/orders/", &order.id),
        ("/v1/partners/", &shop.seller.partner_id),
        ("/v1/refunds/", &refund),
        ("/v1/renewals/", &shop.customer.id),
        ("/v1/subscriptions/", &shop.customer.id),
        ("/v1/relationship-requests/", &shop.customer.id),
        ("/v1/tenants/", &shop.tenant.id),
        ("/v1/webhook-endpoints/", &shop.customer.id),
    ];

    let document: Value = serde_json::from_str(&lonja::app::document().json).unwrap();
    let actors = [&shop.seller, &house.operator().await, &house.customer(&shop.customer.id).await];
    let mut showed_masked = BTreeSet::new();
    for (template, operations) in document["paths"].as_object().unwrap() {
        // What needs parameters knows no key.
        let needs_parameters = ["/v1/companies", "/v1/markets/check"].contains(&template.as_str());
        if needs_parameters || operations.get("get").is_none() {
            continue;
        }
        let id = ids.iter().find(|(start, _)| template.starts_with(start)).map(|(_, id)| *id);
        let path = if template.contains('{') {
            ["{id}", "{token}", "{domain}"]
                .iter()
                .fold(template.clone(), |path, name| path.replace(name, id.unwrap_or(template)))
        } else {
            template.clone()
        };
        let path = path.replace("{userId}", &shop.customer.id).replace("{attachmentId}", &shop.customer.id);
        assert!(!path.contains('{'), "{template}: say above with which id it is to be read");
        for actor in actors {
            let reply = actor.get(&path).await;
            assert!(reply.status == 200 || reply.status == 403 || reply.status == 404, "{path}: {}", reply.text);
            for form in forms(&key).into_iter().chain(forms(&credited_key)) {
                assert!(!reply.text.contains(&form), "{path} shows a key: {}", reply.text);
            }
            if reply.text.contains("XXXXX-XXXXX-XXXXX-XXXXX-") {
                showed_masked.insert(template.clone());
            }
        }
    }
    let expected = ["/v1/customers/{id}/software", "/v1/entitlements/{id}"].map(str::to_owned);
    assert!(expected.iter().all(|path| showed_masked.contains(path)), "{showed_masked:?}");
    // And the reveal, which shows it, is for no cache, no operator, and no GET.
    let shown = reveal(&shop.seller, &entitlement.id).await;
    assert_eq!((shown.json()["productKey"].as_str(), shown.header("cache-control")), (Some(key.as_str()), "no-store"));
    let operators = reveal(actors[1], &entitlement.id).await;
    assert!(operators.status == 403 && !operators.text.contains(&key), "{}", operators.text);
    assert_eq!(shop.seller.get(&path_of(&entitlement.id)).await.status, 405);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_reveal_is_audited_with_its_reason_and_the_record_stays(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(PRODUCT, "2022", 1).await;
    let shop = Shop::open(&house).await;
    let (_, entitlement, _) = buy_and_reveal(&shop).await;
    let record = "SELECT reason || '|' || client_id || '|' || partner_id || '|' || object_id || '|' || source_address AS text \
                  FROM audit_records WHERE operation = 'reveal_key'";
    let Actor { client_id, partner_id, .. } = &shop.seller;
    let expected = format!("{}|{client_id}|{partner_id}|{}|127.0.0.1", Shop::reveal("2022").reason, entitlement.id);
    assert_eq!(house.texts(record).await, std::slice::from_ref(&expected));

    for (table, column) in [("audit_records", "reason"), ("events", "topic")] {
        let count = house.count(&format!("SELECT count(*) FROM {table}")).await;
        let mut attempts = vec![
            format!("UPDATE {table} SET {column} = 'nothing happened'"),
            format!("UPDATE {table} SET {column} = 'nothing happened' WHERE seq = 1"),
            format!("DELETE FROM {table}"),
            format!("DELETE FROM {table} WHERE seq = 1"),
        ];
        if backend == Backend::Postgres {
            attempts.push(format!("TRUNCATE {table}"));
        }
        for attempt in attempts {
            let refused = beside::execute(&house.database_url, &attempt).await.unwrap_err();
            let words = format!("{refused:?}");
            assert!(words.contains("is append-only"), "{attempt}: {words}");
        }
        assert_eq!(house.count(&format!("SELECT count(*) FROM {table}")).await, count);
    }
    assert_eq!(house.texts(record).await, [expected]);
}

/// The client of the seeded direct-bill partner, its customer and its tenant.
fn seeded(seed: &Value, url: &str) -> (Actor, Value) {
    let clients = seed["clients"].as_array().unwrap();
    let client = clients.iter().find(|client| client["name"] == "directBill").unwrap();
    let [id, secret, partner] = ["clientId", "clientSecret", "partnerId"].map(|name| client[name].as_str().unwrap());
    let order = json!({
        "customerId": seed["customerId"],
        "tenantId": seed["tenantId"],
        "lines": [{ "offerId": WINDOWS_MXN, "quantity": 1 }],
    });
    let http = reqwest::Client::builder().build().unwrap();
    (Actor::new(url, &http, id, secret, Some(partner)), order)
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_not_even_the_most_talkative_log_holds_a_secret(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let lonja =
        Lonja::sandbox(directory.path(), &url).with("LONJA_LOG_LEVEL", "trace").with("LONJA_LOG_FORMAT", "json");
    let seed = lonja.run(&["sandbox", "seed"]).await;
    let server = lonja.serve().await;
    let (seller, order) = seeded(&seed.json(), &server.url);

    let placed = seller.post("/v1/orders", &order).await.json();
    let entitlement = placed["lines"][0]["entitlementId"].as_str().unwrap();
    let shown = reveal_with(&seller, entitlement, "the-same-key").await;
    assert_eq!(reveal_with(&seller, entitlement, "the-same-key").await.text, shown.text);
    let bad = seller.send(reqwest::Method::GET, "/v1/orders?secret=canary-in-query", &[], None).await;
    assert_eq!(bad.status, 400, "{}", bad.text);
    let key = shown.json()["productKey"].as_str().unwrap().to_owned();
    let (_, log) = server.terminate().await;
    database::remove(&url).await.unwrap();

    for secret in forms(&key).iter().map(String::as_str).chain([
        seller.client_secret.as_str(),
        seller.token().await,
        "Bearer ey",
        "Basic ",
        "canary-in-query",
    ]) {
        let line = log.lines().find(|line| line.contains(secret)).unwrap_or_default();
        assert_eq!(line, "", "in the log: {secret}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["level"] == "TRACE"), "the log is not at its most talkative");
    let access: Vec<&Value> = lines.iter().filter(|line| line["target"] == "access").collect();
    let said = |line: &&Value| format!("{} {} {}", line["method"], line["route"], line["status"]).replace('"', "");
    assert_eq!(
        access.iter().map(said).collect::<Vec<_>>(),
        [
            "POST /v1/oauth/token 200",
            "POST /v1/orders 201",
            "POST /v1/entitlements/{id}/keys:reveal 200",
            "POST /v1/entitlements/{id}/keys:reveal 200",
            "GET /v1/orders 400",
        ]
    );
    let ids: BTreeSet<&str> = access.iter().map(|line| line["request_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 5, "each has an id of its own");
    assert!(access.iter().all(|line| line["address"] == "127.0.0.1"), "and says where it came from");
    assert!(access.iter().all(|line| line["client"] == seller.client_id.as_str()), "and who it was");
    assert!(ids.contains(shown.header("x-request-id")));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_what_was_handed_out_lies_in_no_log_and_no_database(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    std::fs::write(directory.path().join("server.iso"), "the medium").unwrap();
    let list = "product,version,language,bitness,path\nwindows-server-standard,2022,es,x64,server.iso\n";
    std::fs::write(directory.path().join("media.csv"), list).unwrap();
    let lonja = Lonja::sandbox(directory.path(), &url)
        .with("LONJA_LOG_LEVEL", "trace")
        .with("LONJA_LOG_FORMAT", "json")
        .with("LONJA_MEDIA_DIR", &directory.path().display().to_string());
    let seed = lonja.run(&["sandbox", "seed"]).await.json();
    let listed = lonja.run(&["media", "import", "media.csv"]).await;
    assert_eq!((listed.code, listed.stdout.trim()), (0, "1 media listed, 0 lines refused"), "{}", listed.stderr);
    let server = lonja.serve().await;
    let (seller, order) = seeded(&seed, &server.url);
    let clerk = seed["clients"].as_array().unwrap().iter().find(|client| client["name"] == "operator").unwrap();
    let [id, secret] = ["clientId", "clientSecret"].map(|name| clerk[name].as_str().unwrap());
    let operator = Actor::new(&server.url, &reqwest::Client::builder().build().unwrap(), id, secret, None);

    // Keys that came by the API, with one that is malformed, and one that stands there twice.
    let imported: Vec<String> = (0..3).map(|_| lonja_tests::house::new_key()).collect();
    let [first, second, third] = imported.as_slice() else { panic!() };
    let line = |key: &str| format!("{PRODUCT},2022,{key}\n");
    let file = format!("product,version,key\n{}{}{}{}X\n", line(first), line(second), line(second), third);
    let reply = operator.post("/v1/key-stock/imports", &json!(file)).await;
    assert_eq!(reply.json()["imported"], 2, "{}", reply.text);

    let placed = seller.post("/v1/orders", &order).await.json();
    let path = format!("/v1/entitlements/{}", placed["lines"][0]["entitlementId"].as_str().unwrap());
    let shown = seller.post(&format!("{path}/keys:reveal"), &json!(Shop::reveal("2022"))).await.json();
    let mut ask = json!({ "version": "2022", "language": "es", "bitness": "x64", "acknowledgeRisk": true });
    let link = async |list: &str, body: &Value| -> String {
        let made = seller.post(&format!("{path}/{list}"), body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["link"].as_str().unwrap().to_owned()
    };
    let download = link("download-links", &ask).await;
    ask["reason"] = json!("Instalación");
    let share = link("key-shares", &ask).await;
    let http = reqwest::Client::builder().build().unwrap();
    assert!(http.get(&share).send().await.unwrap().status().is_success());
    let page = http.post(&share).body("do=open").send().await.unwrap().text().await.unwrap();
    let key = shown["productKey"].as_str().unwrap();
    assert!(page.contains(key));
    assert_eq!(http.get(&download).send().await.unwrap().text().await.unwrap(), "the medium");
    assert_eq!(http.post(&share).body("do=open").send().await.unwrap().status(), 410);
    assert_eq!(http.get(format!("{share}x")).send().await.unwrap().status(), 404);
    // The refund with a file, whose content is the partner's own; and what it revoked is asked for once more.
    let quote = seller.post("/v1/refund-quotes", &json!({ "orderId": placed["id"] })).await.json();
    let bought: Order = serde_json::from_value(placed.clone()).unwrap();
    let mut refund = json!(Shop::refund(&bought, serde_json::from_value(quote["amount"].clone()).unwrap()));
    refund["customer"] = seed["customerId"].clone();
    refund["attachments"] = json!([{ "fileName": "a.pdf", "contentType": "application/pdf", "content": PDF }]);
    let refund = seller.post("/v1/refunds", &refund).await;
    assert_eq!(refund.json()["state"], "credited", "{}", refund.text);
    let [id, file] =
        [&refund.json()["id"], &refund.json()["attachments"][0]["id"]].map(|id| id.as_str().unwrap().to_owned());
    assert_eq!(seller.get(&format!("/v1/refunds/{id}/attachments/{file}")).await.json()["content"], PDF);
    assert_eq!(seller.post(&format!("{path}/keys:reveal"), &json!(Shop::reveal("2022"))).await.status, 410);
    let dump = beside::dump(&url).await.unwrap();
    let (_, log) = server.terminate().await;
    database::remove(&url).await.unwrap();

    assert!(log.contains("\"/s/{token}\"") && log.contains("\"/d/{token}\""), "their routes are in the log");
    assert!(holds(&dump, placed["id"].as_str().unwrap().as_bytes()), "the dump is not complete");
    let token = |link: &str| link.rsplit('/').next().unwrap().to_owned();
    let mut secrets: Vec<String> = imported.iter().flat_map(|key| forms(key)).chain(forms(key)).collect();
    secrets.extend([token(&share), token(&download), PDF.to_owned(), "/Type /Catalog".to_owned()]);
    for secret in secrets {
        assert!(!log.contains(&secret), "in the log: {secret}");
        assert!(!holds(&dump, secret.as_bytes()), "in the database: {secret}");
    }
}

/// Sends as a browser does, that is without a token.
async fn looks(http: &reqwest::Client, url: &str) -> String {
    let reply = http.get(url).header("accept", "text/html").send().await.unwrap();
    assert!(reply.status().is_success(), "{url}");
    reply.text().await.unwrap()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_04_not_even_the_most_talkative_log_holds_the_token_of_a_personal_link(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let lonja =
        Lonja::sandbox(directory.path(), &url).with("LONJA_LOG_LEVEL", "trace").with("LONJA_LOG_FORMAT", "json");
    let seed = lonja.run(&["sandbox", "seed"]).await;
    let server = lonja.serve().await;
    let (seller, _) = seeded(&seed.json(), &server.url);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();

    let mut asked = json!(lonja_tests::shop::new_customer());
    asked["contact"] = json!(lonja_tests::shop::contact());
    let mut tokens = Vec::new();
    for (include_mca, decision) in [(false, "accept"), (true, "sendCode"), (false, "decline")] {
        asked["includeMca"] = json!(include_mca);
        asked["sendMail"] = json!(true);
        let made = seller.post("/v1/relationship-requests", &asked).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let link = made.json()["link"].as_str().unwrap().to_owned();
        let token = link.rsplit('/').next().unwrap().to_owned();
        let page = format!("{}/accept/{token}", server.url);
        looks(&http, &page).await;
        looks(&http, &format!("{page}?language=en")).await;
        // Refused as well as done.
        assert_eq!(http.post(&page).form(&[("do", "accept")]).send().await.unwrap().status(), 403);
        let twin = format!("{}/v1/acceptances/{token}", server.url);
        looks(&http, &twin).await;
        for body in [json!({ "decision": "accept" }), json!({ "decision": 1 })] {
            assert!(http.post(&twin).json(&body).send().await.unwrap().status().is_client_error());
        }
        let answer = json!({
            "decision": decision, "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@panaderiasol.example",
        });
        assert_eq!(http.post(&twin).json(&answer).send().await.unwrap().status(), 200, "{decision}");
        assert_eq!(http.get(format!("{page}/more")).send().await.unwrap().status(), 404);
        tokens.push(token);
    }
    // And of the link that a reseller is invited with: what is written of an address that leads nowhere is the same.
    let nowhere = "t".repeat(43);
    let invitation = format!("{}/link-invitations/{nowhere}", server.url);
    assert_eq!(http.get(&invitation).send().await.unwrap().status(), 404);
    tokens.push(nowhere);
    let (_, log) = server.terminate().await;
    database::remove(&url).await.unwrap();

    for token in &tokens {
        let line = log.lines().find(|line| line.contains(token.as_str())).unwrap_or_default();
        assert_eq!(line, "", "in the log: {token}");
    }
    for route in ["/accept/{token}", "/v1/acceptances/{token}", "/link-invitations/{token}"] {
        let named = |line: &str| line.contains("\"access\"") && line.contains(route);
        assert!(log.lines().any(named), "{route} was not asked at all");
    }
}
