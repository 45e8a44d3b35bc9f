//! Keys come into stock through the API: streamed, whole files only, every wrong line told, and once ever (SWK-09, SWK-10).

use futures_util::future::join_all;
use lonja_tests::command::Lonja;
use lonja_tests::house::new_key;
use lonja_tests::shop::{OFFICE_MXN, WINDOWS_MXN};
use lonja_tests::{Actor, Backend, House, Reply, Shop, database};
use serde_json::{Value, json};
use std::fmt::Write;
use test_case::test_case;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

const PATH: &str = "/v1/key-stock/imports";

async fn import(operator: &Actor, key: &str, file: &str) -> Reply {
    let headers = [("idempotency-key", key), ("content-type", "text/csv; charset=utf-8")];
    operator.send(reqwest::Method::POST, PATH, &headers, Some(file.to_owned())).await
}

async fn import_once(operator: &Actor, file: &str) -> Value {
    let reply = import(operator, &Uuid::new_v4().to_string(), file).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn file(keys: &[String]) -> String {
    let mut file = String::from("product,version,key\n");
    for key in keys {
        writeln!(file, "windows-server-standard,2022,{key}").unwrap();
    }
    file
}

fn refused(report: &Value) -> Vec<String> {
    let refused = report["refused"].as_array().unwrap();
    refused.iter().map(|line| format!("{} {}", line["line"], line["code"].as_str().unwrap())).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_10_keys_are_taken_in_their_one_form_and_what_is_no_key_is_told(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let keys: Vec<String> = (0..6).map(|_| new_key()).collect();
    // As people write them: lower case, blanks, no dashes; a mark at the beginning and semicolons, as spreadsheets do.
    let report = import_once(
        &operator,
        &format!(
            "\u{feff}product;version;kind;key\nwindows-server-standard;2022;mak;{}\n\
             windows-server-standard;2022;;{}\nwindows-server-standard;2022;MAK; {} \n",
            keys[0].to_lowercase(),
            keys[1].replace('-', " "),
            keys[2].replace('-', "")
        ),
    )
    .await;
    assert_eq!((&report["imported"], &report["refusedTotal"]), (&json!(3), &json!(0)), "{report}");

    let look_alike = |letter: &str| format!("{letter}{}", &keys[3][1..]);
    let mut lines = String::from("product,version,key\n");
    for bad in [
        look_alike("0"),
        look_alike("O"),
        look_alike("1"),
        look_alike("I"),
        look_alike("5"),
        look_alike("А"),
        keys[3][..28].to_owned(),
        format!("{}X", keys[3]),
        keys[0].clone(),
        format!("{}\nwindows-server-standard,2022,{}", keys[4], keys[4].to_lowercase()),
    ] {
        writeln!(lines, "windows-server-standard,2022,{bad}").unwrap();
    }
    writeln!(lines, "no-such-product,2022,{}\nwindows-server-standard,1999,{}", keys[5], new_key()).unwrap();
    let report = import_once(&operator, &lines).await;
    let bad = |line: usize| format!("{line} key_format_invalid");
    let mut expected: Vec<String> = (2..=9).map(bad).collect();
    expected.extend(
        ["10 key_duplicate", "12 key_duplicate", "13 product_unknown", "14 version_unknown"].map(str::to_owned),
    );
    assert_eq!((refused(&report), &report["imported"]), (expected, &json!(1)), "{report}");
    for key in &keys {
        assert!(!report.to_string().contains(&key[6..20]), "a report never shows a key");
    }
    // Fingerprints are of the one form: the same key in another form is the same key (SWK-09).
    let again = import_once(&operator, &file(&[keys[1].to_lowercase()])).await;
    assert_eq!(refused(&again), ["2 key_duplicate"]);
    let kms = format!("product,version,kind,key\nwindows-server-standard,2022,KMS,{}\n", new_key());
    assert_eq!(refused(&import_once(&operator, &kms).await), ["2 key_type_not_available"]);
    let headless = import(&operator, "headless", "product;version\n").await;
    assert_eq!((headless.status.as_u16(), headless.code().as_str()), (422, "csv_heading_missing"));
    assert_eq!(headless.json()["context"]["columns"], json!(["key"]));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_09_a_repeat_of_an_import_goes_on_and_is_answered_the_same(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let keys: Vec<String> = (0..1200).map(|_| new_key()).collect();
    let whole = file(&keys);
    let first = import(&operator, "the-import", &whole).await;
    assert_eq!(first.json()["imported"], 1200, "{}", first.text);
    let again = import(&operator, "the-import", &whole).await;
    assert_eq!((again.text.as_str(), again.header("idempotent-replayed")), (first.text.as_str(), "true"));
    let other = import(&operator, "the-import", &file(&keys[..5])).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "idempotency_key_reused"));

    // A process that was killed in the middle: some batches are in, the import has not ended.
    let more: Vec<String> = (0..1200).map(|_| new_key()).collect();
    let cut = import(&operator, "cut", &file(&more)).await.json();
    let id = cut["id"].as_str().unwrap();
    house.execute("UPDATE key_imports SET report = NULL, finished_at = NULL").await;
    let half = format!(
        "DELETE FROM product_keys WHERE import_id = '{id}' AND id > \
         (SELECT id FROM product_keys WHERE import_id = '{id}' ORDER BY id LIMIT 1 OFFSET 499)"
    );
    house.execute(&half).await;
    let ended = import(&operator, "cut", &file(&more)).await;
    assert_eq!(ended.json(), cut, "as if nothing had happened");
    assert_eq!(house.count("SELECT count(*) FROM product_keys").await, 2400);
    // Another import of the same file brings nothing.
    let other = import_once(&operator, &file(&more)).await;
    assert_eq!((&other["imported"], &other["refusedTotal"]), (&json!(0), &json!(1200)));
    assert_eq!(other["refused"].as_array().unwrap().len(), 1000);

    // The same keys in several files at once: each comes in once.
    let raced: Vec<String> = (0..50).map(|_| new_key()).collect();
    let files: Vec<String> = (0..4).map(|_| file(&raced)).collect();
    let reports = join_all(files.iter().map(|file| import_once(&operator, file))).await;
    let sum: i64 = reports.iter().map(|report| report["imported"].as_i64().unwrap()).sum();
    assert_eq!(sum, 50, "{reports:?}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_09_a_file_that_was_cut_off_brings_nothing(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let whole = file(&(0..2000).map(|_| new_key()).collect::<Vec<_>>());
    // The connection ends in the middle of a body as large as one may be.
    let largest = format!("{whole}{}", "\n".repeat(16 * 1024 * 1024 - whole.len()));
    let address = house.url.strip_prefix("http://").unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: cut\r\n\
         Content-Type: text/csv\r\nContent-Length: {}\r\n\r\n",
        operator.token().await,
        largest.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&largest.as_bytes()[..largest.len() / 2]).await.unwrap();
    drop(connection);
    // And one whose last line is half a key, as of a file that was cut before it was sent.
    let half = &whole[..whole.len() - 10];
    let report = import_once(&operator, half).await;
    assert_eq!((&report["imported"], refused(&report)), (&json!(1999), vec!["2001 key_format_invalid".to_owned()]));
    assert_eq!(house.count("SELECT count(*) FROM product_keys").await, 1999);
    assert_eq!(house.count("SELECT count(*) FROM key_imports").await, 1);

    let wrong = operator.send(reqwest::Method::POST, PATH, &[("idempotency-key", "json")], Some("{}".to_owned())).await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (415, "unsupported_media_type"));
    let mut large = file(&[new_key()]);
    large.push_str(&"\n".repeat(16 * 1024 * 1024));
    let large = import(&operator, "large", &large).await;
    assert_eq!((large.status.as_u16(), large.code().as_str()), (413, "body_too_large"));
    let partner = house.partner(lonja::partners::PartnerKind::DirectBill).await;
    assert_eq!(import(&partner, "partner", half).await.status, 403);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_columns_that_were_mistaken_for_one_another_show_no_key(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let keys: Vec<String> = (0..4).map(|_| new_key()).collect();
    let report = import_once(
        &operator,
        &format!(
            "product,version,key\n{},2022,{}\nwindows-server-standard,{},{}\n{},2022,windows-server-standard\n",
            keys[0], keys[1], keys[2], keys[1], keys[3]
        ),
    )
    .await;
    assert_eq!(refused(&report), ["2 product_unknown", "3 version_unknown", "4 key_format_invalid"]);
    for key in &keys {
        assert!(!report.to_string().contains(&key[6..20]), "{report}");
    }
    let advice = report["refused"][1]["detail"].as_str().unwrap();
    assert!(advice.contains("2022") && advice.contains("windows-server-standard"), "{advice}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_09_the_largest_file_of_bad_lines_takes_bounded_memory(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let lonja = Lonja::sandbox(directory.path(), &url).with("LONJA_LOG_FORMAT", "json");
    let seed = lonja.run(&["sandbox", "seed"]).await.json();
    let server = lonja.serve().await;
    let client = seed["clients"].as_array().unwrap().iter().find(|client| client["name"] == "operator").unwrap();
    let [id, secret] = ["clientId", "clientSecret"].map(|name| client[name].as_str().unwrap());
    let operator = Actor::new(&server.url, &reqwest::Client::builder().build().unwrap(), id, secret, None);
    // A new user has keys of the Open programme, too.
    let open = operator.get("/v1/key-stock?productId=office-365-enterprise-e3").await.json();
    assert_eq!((&open["items"][0]["version"], &open["items"][0]["inStock"]), (&json!("open"), &json!(40)));

    const LARGEST: usize = 16 * 1024 * 1024;
    let good = new_key();
    let mut file = String::from("product,version,key\n");
    let (mut lines, mut keys) = (0_u32, Vec::new());
    while file.len() < LARGEST / 3 {
        // A product that is none, with a key that is one: the next file may have it right.
        keys.push(new_key());
        writeln!(file, "x,1,{}", keys.last().unwrap()).unwrap();
        lines += 1;
    }
    while file.len() < LARGEST * 2 / 3 {
        writeln!(file, "windows-server-standard,2022,{}", &good[..28]).unwrap();
        lines += 1;
    }
    while file.len() + 2 < LARGEST - 64 {
        file.push_str("x\n");
        lines += 1;
    }
    writeln!(file, "windows-server-standard,2022,{good}").unwrap();
    // What the first import of all costs is not this one's.
    assert_eq!(import(&operator, "first", &file[..file.len() / 20]).await.status, 200);
    let before = server.peak_memory();
    let reply = import(&operator, "largest", &file).await;
    let more = server.peak_memory().saturating_sub(before);
    println!("{} KiB in, {lines} bad lines, {} KiB more", file.len() / 1024, more / 1024);
    let report = reply.json();
    assert_eq!((&report["imported"], &report["refusedTotal"]), (&json!(1), &json!(lines)), "{}", reply.text);
    assert_eq!(report["refused"].as_array().unwrap().len(), 1000);
    assert_eq!((&report["refused"][0]["line"], &report["refused"][999]["line"]), (&json!(2), &json!(1001)));
    assert!(keys[..1000].iter().all(|key| !reply.text.contains(&key[6..20])));
    // The file itself, while it is read; with each bad line kept it was ten times as much.
    assert!(more < 48 * 1024 * 1024, "{more} bytes more");
    server.terminate().await;
    database::remove(&url).await.unwrap();
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_04_the_whole_stock_is_listed_page_by_page(backend: Backend) {
    let house = House::open(backend).await;
    for (product, version, count) in [("windows-server-standard", "2022", 3), ("windows-server-standard", "2019", 1)] {
        house.stock(product, version, count).await;
    }
    house.stock("office-ltsc-professional-plus", "2024", 2).await;
    let shop = Shop::open(&house).await;
    let (kept, gone) = (shop.buy(WINDOWS_MXN, 1).await, shop.buy(OFFICE_MXN, 1).await);
    for (order, version) in [(&kept, "2022"), (&gone, "2024")] {
        let path = format!("/v1/entitlements/{}/keys:reveal", order.lines[0].entitlement_id.as_deref().unwrap());
        assert_eq!(shop.seller.post(&path, &json!(Shop::reveal(version))).await.status, 200);
    }
    shop.seller.lonja.request_refund(&Shop::refund(&gone, gone.total.clone())).await.unwrap();
    let operator = house.operator().await;
    let listed = async |query: &str| {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = operator.get(&format!("/v1/key-stock?{query}{cursor}")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            for stock in page.json()["items"].as_array().unwrap() {
                let counts = ["inStock", "issued", "revoked"].map(|name| stock[name].as_i64().unwrap());
                all.push((format!("{}/{}", stock["productId"], stock["version"]).replace('"', ""), counts));
            }
            match page.json()["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break all,
            }
        }
    };
    let (office, old, new) = (
        ("office-ltsc-professional-plus/2024".to_owned(), [1, 0, 1]),
        ("windows-server-standard/2019".to_owned(), [1, 0, 0]),
        ("windows-server-standard/2022".to_owned(), [2, 1, 0]),
    );
    assert_eq!(listed("limit=1").await, [office.clone(), old.clone(), new.clone()]);
    assert_eq!(listed("limit=2&productId=windows-server-standard").await, [old, new]);
    // More than any one query reads.
    house
        .execute(
            "INSERT INTO product_keys (id, product_id, version, kind, sealed, owner, fingerprint, masked, state, imported_at) \
             WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10500) \
             SELECT 'k' || n, 'p' || (n % 7), 'v' || n, 'mak', '', 'stock', 'f' || n, '', 'inStock', '2026-01-01 00:00:00' \
             FROM numbers",
        )
        .await;
    let all = listed("limit=200").await;
    let names: std::collections::BTreeSet<&String> = all.iter().map(|(name, _)| name).collect();
    assert_eq!((all.len(), names.len()), (10_503, 10_503));
}
