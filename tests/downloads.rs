//! Downloads: links that are signed, end by themselves and are counted by what is sent (SWK-05).

use futures_util::future::join_all;
use lonja_sdk::types::Order;
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Backend, House, Reply, Shop};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use test_case::test_case;

/// A medium of 100 000 bytes that are not all the same.
fn medium() -> Vec<u8> {
    (0..100_000_u32).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A purchase whose medium lies in a directory.
struct Bought {
    house: House,
    shop: Shop,
    order: Order,
    http: reqwest::Client,
    directory: tempfile::TempDir,
}

type Sent = (StatusCode, HeaderMap, Vec<u8>);

impl Bought {
    async fn open(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("windows")).unwrap();
        std::fs::write(directory.path().join("windows/server-2022-es.iso"), medium()).unwrap();
        let house = House::open_with(backend, &format!("[media]\ndir = {:?}\n", directory.path())).await;
        let list = "product,version,language,bitness,path\n\
            windows-server-standard,2022,es,x64,windows/server-2022-es.iso\n\
            windows-server-standard,2022,en,x64,../secret.iso\n\
            windows-server-standard,2025,es,x64,windows/none.iso\n\
            windows-server-standard,1999,es,x64,windows/server-2022-es.iso\n";
        let report = lonja::software::import_media(&house.state, list.as_bytes()).await.unwrap();
        assert_eq!((report.listed, report.refused.len()), (1, 3), "{:?}", report.refused);
        house.stock("windows-server-standard", "2022", 2).await;
        let shop = Shop::open(&house).await;
        let order = shop.buy(WINDOWS_MXN, 1).await;
        Self { house, shop, order, http: reqwest::Client::builder().build().unwrap(), directory }
    }

    fn path(&self) -> String {
        format!("/v1/entitlements/{}/download-links", self.order.lines[0].entitlement_id.as_deref().unwrap())
    }

    async fn make(&self, body: &Value) -> Reply {
        self.shop.seller.post(&self.path(), body).await
    }

    /// The id and the address of a new link.
    async fn link(&self, downloads: i64) -> (String, String) {
        let reply = self.make(&ask(downloads)).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let text = |name: &str| reply.json()[name].as_str().unwrap().to_owned();
        (text("id"), text("link"))
    }

    async fn send(&self, method: Method, link: &str, headers: &[(&str, &str)]) -> Sent {
        let mut request = self.http.request(method, link);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = request.send().await.unwrap();
        let (status, headers) = (reply.status(), reply.headers().clone());
        (status, headers, reply.bytes().await.unwrap().to_vec())
    }

    async fn get(&self, link: &str, headers: &[(&str, &str)]) -> Sent {
        self.send(Method::GET, link, headers).await
    }

    async fn listed(&self, id: &str) -> Value {
        let list = self.shop.seller.get(&self.path()).await.json();
        list["items"].as_array().unwrap().iter().find(|link| link["id"] == id).unwrap().clone()
    }
}

fn ask(downloads: i64) -> Value {
    json!({ "version": "2022", "language": "es", "bitness": "x64", "hours": 24, "mostDownloads": downloads,
        "acknowledgeRisk": true })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers[name].to_str().unwrap()
}

fn code((status, _, body): Sent) -> (u16, String) {
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    (status.as_u16(), problem["code"].as_str().unwrap_or_default().to_owned())
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_05_a_download_is_counted_as_it_begins_and_goes_on_for_nothing(backend: Backend) {
    let bought = Bought::open(backend).await;
    let made = bought.make(&ask(2)).await.json();
    let whole = medium();
    assert_eq!(
        [&made["download"]["sizeBytes"], &made["download"]["sha256"], &made["download"]["fileName"]],
        [&json!(100_000), &json!(sha256(&whole)), &json!("server-2022-es.iso")]
    );
    let (id, link) = (made["id"].as_str().unwrap(), made["link"].as_str().unwrap());
    let used = async || bought.listed(id).await["downloads"].as_i64().unwrap();

    // Who only looks is told what it is, and uses nothing up.
    let (status, headers, body) = bought.send(Method::HEAD, link, &[]).await;
    assert_eq!((status.as_u16(), body.len(), text(&headers, "content-length")), (200, 0, "100000"));
    let digest = headers["repr-digest"].to_str().unwrap().to_owned();
    let robot = [("user-agent", "Mozilla/5.0 (compatible; SkypeUriPreview Preview/0.5)")];
    let (status, _, body) = bought.get(link, &robot).await;
    assert!(status == 200 && String::from_utf8(body).unwrap().contains(&sha256(&whole)));
    let nowhere = bought.get(link, &[("range", "bytes=100000-")]).await;
    assert_eq!(nowhere.0, 416);
    assert_eq!(used().await, 0);

    // The first byte counts, with a range as well.
    let (status, headers, body) = bought.get(link, &[]).await;
    assert!(status == 200 && body == whole);
    assert_eq!(headers["repr-digest"].to_str().unwrap(), digest);
    assert_eq!(headers["content-disposition"], "attachment; filename=\"server-2022-es.iso\"");
    assert_eq!((text(&headers, "cache-control"), text(&headers, "accept-ranges")), ("no-store", "bytes"));
    let etag = headers["etag"].to_str().unwrap().to_owned();
    let (status, _, start) = bought.get(link, &[("range", "bytes=0-39999")]).await;
    assert_eq!((status.as_u16(), start.len(), used().await), (206, 40_000, 2));
    // What was interrupted goes on, though no more may begin.
    let (status, headers, rest) = bought.get(link, &[("range", "bytes=40000-"), ("if-range", &etag)]).await;
    assert_eq!((status.as_u16(), text(&headers, "content-range")), (206, "bytes 40000-99999/100000"));
    assert_eq!((sha256(&[start, rest].concat()), used().await), (sha256(&whole), 2));
    assert_eq!(code(bought.get(link, &[("range", "bytes=0-")]).await), (410, "link_used_up".to_owned()));
    assert_eq!(code(bought.get(link, &[]).await).1, "link_used_up");
    // A range of another file's is the whole file, which is one more download.
    let other = [("range", "bytes=40000-"), ("if-range", "\"another\"")];
    assert_eq!(code(bought.get(link, &other).await).1, "link_used_up");
    let page = bought.get(link, &[("accept", "text/html")]).await;
    assert!(page.0 == 410 && String::from_utf8(page.2).unwrap().contains("This link was used up"));
    let listed = bought.listed(id).await;
    assert_eq!((&listed["state"], &listed["downloads"]), (&json!("usedUp"), &json!(2)));
    bought.house.seal().await;
    let events = bought.shop.seller.get("/v1/events?type=download_link.*").await.json();
    let topics: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(topics, ["download_link.created", "download_link.used", "download_link.used"]);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_05_all_but_the_first_byte_is_not_for_nothing(backend: Backend) {
    let bought = Bought::open(backend).await;
    let (id, link) = bought.link(2).await;
    let rest = [("range", "bytes=1-")];
    // Without one that began, it begins here; ten times the size is gone on with, and then another begins.
    for (count, expected) in [(1, 1), (10, 1), (1, 2), (10, 2)] {
        for _ in 0..count {
            assert_eq!(bought.get(&link, &rest).await.0, 206);
        }
        assert_eq!(bought.listed(&id).await["downloads"], expected);
    }
    assert_eq!(code(bought.get(&link, &rest).await), (410, "link_used_up".to_owned()));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_05_one_download_in_many_parts_is_one(backend: Backend) {
    let bought = Bought::open(backend).await;
    let (id, link) = bought.link(1).await;
    let mut whole = Vec::new();
    for part in 0..100_usize {
        let range = format!("bytes={}-{}", part * 1000, part * 1000 + 999);
        let (status, _, bytes) = bought.get(&link, &[("range", &range)]).await;
        assert_eq!((status.as_u16(), bytes.len()), (206, 1000), "{range}");
        whole.extend(bytes);
    }
    assert_eq!((sha256(&whole), &bought.listed(&id).await["downloads"]), (sha256(&medium()), &json!(1)));
    // What is gone on with is counted by bytes: nine times 99 000 more, and one part too many.
    for _ in 0..9 {
        assert_eq!(bought.get(&link, &[("range", "bytes=1000-")]).await.0, 206);
    }
    assert_eq!(bought.get(&link, &[("range", "bytes=-10000")]).await.0, 206);
    assert_eq!(code(bought.get(&link, &[("range", "bytes=-1")]).await).1, "link_used_up");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_05_of_many_downloads_at_once_exactly_so_many_begin(backend: Backend) {
    let bought = Bought::open(backend).await;
    let (id, link) = bought.link(3).await;
    let all = join_all((0..8).map(|_| bought.get(&link, &[]))).await;
    let begun = all.iter().filter(|(status, _, body)| *status == 200 && *body == medium()).count();
    assert_eq!(begun, 3, "{:?}", all.iter().map(|one| one.0).collect::<Vec<_>>());
    assert!(all.iter().all(|(status, ..)| matches!(status.as_u16(), 200 | 410)));
    assert_eq!(bought.listed(&id).await["downloads"], 3);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_05_a_link_ends_and_one_that_was_made_up_never_began(backend: Backend) {
    let bought = Bought::open(backend).await;
    bought.house.set_clock("2030-03-01T10:00:00Z").await;
    let (id, link) = bought.link(5).await;
    bought.house.set_clock("2030-03-02T09:59:59Z").await;
    assert_eq!(bought.get(&link, &[]).await.0, 200);
    bought.house.set_clock("2030-03-02T10:00:00Z").await;
    assert_eq!(code(bought.get(&link, &[]).await), (410, "link_expired".to_owned()));
    assert_eq!(code(bought.get(&link, &[("range", "bytes=5-")]).await).1, "link_expired");
    assert_eq!(bought.listed(&id).await["state"], "expired");
    // The end is signed: one that was moved is no link of ours.
    let mut moved = link.clone().into_bytes();
    let at = moved.len() - 60;
    moved[at] = if moved[at] == b'A' { b'B' } else { b'A' };
    let token = link.rsplit('/').next().unwrap();
    for made_up in [String::from_utf8(moved).unwrap(), link.replace(token, "x"), link.replace(token, "..%2F..%2Fetc")] {
        assert_eq!(code(bought.get(&made_up, &[]).await), (404, "not_found".to_owned()), "{made_up}");
    }

    let (id, link) = bought.link(5).await;
    let path = format!("{}/{id}", bought.path());
    for _ in 0..2 {
        assert_eq!(bought.shop.seller.send(Method::DELETE, &path, &[], None).await.status, 204);
    }
    assert_eq!(code(bought.get(&link, &[]).await), (410, "link_withdrawn".to_owned()));
    let customer = bought.house.customer(&bought.shop.customer.id).await;
    let own = customer.post(&bought.path(), &ask(1)).await;
    assert_eq!(own.status, 201, "a customer makes links of its own software: {}", own.text);
    let other = Shop::open(&bought.house).await;
    assert_eq!(other.seller.post(&bought.path(), &ask(1)).await.status, 404);

    let link = own.json()["link"].as_str().unwrap().to_owned();
    let quote = bought.shop.seller.post("/v1/refund-quotes", &json!({ "orderId": bought.order.id })).await;
    assert_eq!(quote.code(), "refund_window_closed", "bought long ago");
    bought.house.execute("UPDATE entitlements SET state = 'cancelled', cancelled_at = '2030-03-02 10:00:00'").await;
    assert_eq!(code(bought.get(&link, &[]).await), (410, "key_revoked".to_owned()));
    assert_eq!(bought.make(&ask(1)).await.code(), "key_revoked");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_05_a_file_that_is_not_there_is_told_and_not_counted(backend: Backend) {
    let bought = Bought::open(backend).await;
    let refused = |reply: Reply| (reply.status.as_u16(), reply.code());
    let mut body = ask(1);
    body["language"] = json!("en");
    assert_eq!(refused(bought.make(&body).await), (409, "media_not_available".to_owned()), "no file was listed for it");
    body["acknowledgeRisk"] = json!(false);
    assert_eq!(refused(bought.make(&body).await), (422, "risk_not_acknowledged".to_owned()));
    body = ask(1);
    body["bitness"] = json!("arm64");
    assert_eq!(refused(bought.make(&body).await), (422, "combination_not_available".to_owned()));

    let (id, link) = bought.link(1).await;
    let file = bought.directory.path().join("windows/server-2022-es.iso");
    std::fs::write(&file, "another").unwrap();
    assert_eq!(code(bought.get(&link, &[]).await), (503, "media_missing".to_owned()));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(code(bought.get(&link, &[]).await), (503, "media_missing".to_owned()));
    // Not even a link in the directory that leads out of it.
    let secret = bought.directory.path().with_extension("secret");
    std::fs::write(&secret, medium()).unwrap();
    std::os::unix::fs::symlink(&secret, &file).unwrap();
    let (status, _, body) = bought.get(&link, &[]).await;
    std::fs::remove_file(&secret).unwrap();
    assert!(status == 503 && body != medium());
    let page = bought.get(&link, &[("accept", "text/html"), ("accept-language", "es")]).await;
    assert!(String::from_utf8(page.2).unwrap().contains("El archivo no está ahora"));
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, medium()).unwrap();
    assert_eq!(bought.listed(&id).await["downloads"], 0);
    assert_eq!(bought.get(&link, &[]).await.2, medium());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_05_media_in_a_bucket_are_had_from_there(backend: Backend) {
    let settings = "[media]\nbucket_endpoint = \"https://store.example\"\nbucket = \"media\"\n\
        bucket_region = \"eu-south-2\"\nbucket_key_id = \"id-of-the-key\"\nbucket_secret = \"the-secret-key\"\n";
    let house = House::open_with(backend, settings).await;
    let list = format!(
        "product,version,language,bitness,path,size,sha256\n\
         windows-server-standard,2022,es,x64,win/es 2022.iso,5000000000,{}\n\
         windows-server-standard,2022,en,x64,win/en.iso,,\n",
        sha256(b"medium")
    );
    let report = lonja::software::import_media(&house.state, list.as_bytes()).await.unwrap();
    assert_eq!((report.listed, report.refused.len()), (1, 1), "without a directory the list tells the hash");
    house.stock("windows-server-standard", "2022", 1).await;
    let shop = Shop::open(&house).await;
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let path = format!("/v1/entitlements/{}/download-links", order.lines[0].entitlement_id.as_deref().unwrap());
    let made = shop.seller.post(&path, &ask(1)).await.json();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let link = made["link"].as_str().unwrap();
    assert_eq!(http.head(link).send().await.unwrap().status(), 200);
    let sent = http.get(link).send().await.unwrap();
    let address = sent.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(sent.status(), 302);
    assert!(address.starts_with("https://store.example/media/win/es%202022.iso?"), "{address}");
    assert!(address.contains("X-Amz-Expires=300") && address.contains("X-Amz-Signature="), "{address}");
    assert!(!address.contains("the-secret-key"));
    assert_eq!(http.get(link).send().await.unwrap().status(), 410);
}
