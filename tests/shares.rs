//! Key shares: a link that shows a key after a click, so many times and for so long, and to no robot (SWK-04, SWK-11).

use futures_util::future::join_all;
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Backend, House, Reply, Shop};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use test_case::test_case;

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// A purchase whose key is shared.
struct Shared<'a> {
    house: &'a House,
    shop: Shop,
    entitlement: String,
    order: lonja_sdk::types::Order,
    http: reqwest::Client,
}

impl<'a> Shared<'a> {
    async fn open(house: &'a House) -> Self {
        house.stock("windows-server-standard", "2022", 2).await;
        let shop = Shop::open(house).await;
        let order = shop.buy(WINDOWS_MXN, 1).await;
        let entitlement = order.lines[0].entitlement_id.clone().unwrap();
        Self { house, shop, entitlement, order, http: reqwest::Client::builder().build().unwrap() }
    }

    fn path(&self) -> String {
        format!("/v1/entitlements/{}/key-shares", self.entitlement)
    }

    async fn make(&self, body: &Value) -> Reply {
        self.shop.seller.post(&self.path(), body).await
    }

    /// The id and the address of a new share.
    async fn share(&self, openings: i64) -> (String, String) {
        let reply = self.make(&ask(openings)).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let text = |name: &str| reply.json()[name].as_str().unwrap().to_owned();
        (text("id"), text("link"))
    }

    async fn send(&self, method: Method, link: &str, headers: &[(&str, &str)], body: &str) -> (StatusCode, String) {
        let mut request = self.http.request(method, link).header("accept", BROWSER);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = request.body(body.to_owned()).send().await.unwrap();
        if reply.status() != 405 {
            assert_eq!(reply.headers()["cache-control"], "no-store", "{link}");
            assert!(reply.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        }
        (reply.status(), reply.text().await.unwrap())
    }

    async fn look(&self, link: &str) -> (StatusCode, String) {
        self.send(Method::GET, link, &[], "").await
    }

    async fn click(&self, link: &str) -> (StatusCode, String) {
        let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, link, &form, "do=open").await
    }

    async fn listed(&self, id: &str) -> Value {
        let list = self.shop.seller.get(&self.path()).await.json();
        list["items"].as_array().unwrap().iter().find(|share| share["id"] == id).unwrap().clone()
    }

    /// The key, as its partner sees it.
    async fn key(&self) -> String {
        let path = format!("/v1/entitlements/{}/keys:reveal", self.entitlement);
        let shown = self.shop.seller.post(&path, &json!(Shop::reveal("2022"))).await.json();
        shown["productKey"].as_str().unwrap().to_owned()
    }

    /// What a program is answered.
    async fn code(&self, link: &str) -> (u16, String) {
        let reply = self.http.get(link).send().await.unwrap();
        (reply.status().as_u16(), reply.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned())
    }

    async fn events(&self, topic: &str) -> usize {
        self.house.seal().await;
        let events = self.shop.seller.get(&format!("/v1/events?type={topic}")).await.json();
        events["items"].as_array().unwrap().len()
    }
}

fn ask(openings: i64) -> Value {
    json!({ "version": "2022", "language": "es", "bitness": "x64", "mostOpenings": openings, "hours": 24,
        "acknowledgeRisk": true, "reason": "El cliente instala él mismo" })
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_04_a_share_shows_the_key_after_a_click_and_so_many_times(backend: Backend) {
    let house = House::open(backend).await;
    let shared = Shared::open(&house).await;
    let (id, link) = shared.share(2).await;
    // The key is the purchase's from now on, and nobody has seen it.
    let path = format!("/v1/entitlements/{}", shared.entitlement);
    assert_eq!(shared.shop.seller.get(&path).await.json()["productKey"]["state"], "assigned");

    // Whoever only looks sees who shares what, and not the last group either.
    let (status, page) = shared.look(&link).await;
    assert_eq!(status, 200);
    let partner = house.texts("SELECT legal_name AS text FROM partners").await.remove(0);
    assert!(page.contains(&partner) && page.contains("Panadería Sol") && page.contains("Windows Server"), "{page}");
    let masked = shared.shop.seller.get(&path).await.json()["productKey"]["masked"].as_str().unwrap().to_owned();
    assert!(!page.contains(&masked[24..]), "{page}");
    // Robots that follow links, other sites' forms and requests that are no click open nothing.
    for _ in 0..3 {
        shared.look(&link).await;
    }
    let robot = [("user-agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")];
    shared.send(Method::GET, &link, &robot, "").await;
    let head = shared.send(Method::HEAD, &link, &[], "").await;
    assert_eq!((head.0.as_u16(), head.1.as_str()), (200, ""));
    for (site, body) in [("cross-site", "do=open"), ("same-site", "do=open"), ("same-origin", ""), ("none", "do=look")]
    {
        let (status, page) = shared.send(Method::POST, &link, &[("sec-fetch-site", site)], body).await;
        assert!(status == 200 && !page.contains(&masked[24..]), "{site}: {page}");
    }
    assert_eq!(shared.listed(&id).await["openings"], 0);
    assert_eq!(shared.events("key_share.opened").await, 0);
    assert_eq!(shared.send(Method::DELETE, &link, &[], "").await.0, 405);

    let (status, page) = shared.click(&link).await;
    let key = shared.key().await;
    assert!(status == 200 && page.contains(&key), "{page}");
    assert!(!page.contains("<script") && page.contains("It can be shown once more."), "{page}");
    let (_, page) = shared.send(Method::POST, &format!("{link}?language=es"), &[], "do=open").await;
    assert!(page.contains(&key) && page.contains("Su clave de producto"), "{page}");
    let listed = shared.listed(&id).await;
    assert_eq!((&listed["state"], &listed["openings"]), (&json!("usedUp"), &json!(2)));
    let (status, page) = shared.click(&link).await;
    assert!(status == 410 && page.contains("link_used_up") && !page.contains(&key), "{page}");
    assert_eq!(shared.code(&link).await, (410, "link_used_up".to_owned()));
    // Each opening is told to the partner and audited with the reason of the share.
    assert_eq!((shared.events("key_share.opened").await, shared.events("product_key.revealed").await), (2, 3));
    let audited = "SELECT count(*) FROM audit_records WHERE operation = 'open_key_share' \
                   AND reason = 'El cliente instala él mismo' AND source_address = '127.0.0.1'";
    assert_eq!(house.count(audited).await, 2);
    assert_eq!(shared.code(&format!("{}/s/{}", house.url, "x".repeat(43))).await, (404, "not_found".to_owned()));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_04_of_many_clicks_at_once_exactly_so_many_show_the_key(backend: Backend) {
    let house = House::open(backend).await;
    let shared = Shared::open(&house).await;
    for openings in [1, 3] {
        let (id, link) = shared.share(openings).await;
        let clicks = join_all((0..8).map(|_| shared.click(&link))).await;
        let key = shared.key().await;
        let shown = clicks.iter().filter(|(status, page)| *status == 200 && page.contains(&key)).count();
        assert_eq!(i64::try_from(shown).unwrap(), openings, "{:?}", clicks.iter().map(|one| one.0).collect::<Vec<_>>());
        assert!(clicks.iter().all(|(status, page)| *status == 200 || (*status == 410 && !page.contains(&key))));
        assert_eq!(shared.listed(&id).await["openings"], openings);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_04_a_share_ends_by_time_and_by_being_withdrawn(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2030-03-01T10:00:00Z").await;
    let shared = Shared::open(&house).await;
    let (id, link) = shared.share(5).await;
    house.set_clock("2030-03-02T09:59:59Z").await;
    assert_eq!(shared.look(&link).await.0, 200);
    house.set_clock("2030-03-02T10:00:00Z").await;
    assert_eq!(shared.click(&link).await.0, 410, "at the instant it is over");
    assert_eq!(shared.code(&link).await, (410, "link_expired".to_owned()));
    assert_eq!(shared.listed(&id).await["state"], "expired");
    // Nor does it open again with the time set back, which cannot be.
    let back =
        shared.http.put(format!("{}/v1/sandbox/clock", house.url)).json(&json!({ "now": "2030-03-01T10:00:00Z" }));
    assert_eq!(back.send().await.unwrap().json::<Value>().await.unwrap()["code"], "clock_cannot_go_back");
    assert_eq!(shared.click(&link).await.0, 410);

    let made = shared.shop.seller.post_with(&shared.path(), "the-share", &ask(1)).await;
    let (id, link) = (made.json()["id"].as_str().unwrap().to_owned(), made.json()["link"].as_str().unwrap().to_owned());
    let again = shared.shop.seller.post_with(&shared.path(), "the-share", &ask(1)).await;
    assert_eq!(again.text, made.text);
    let path = format!("{}/{id}", shared.path());
    let stale = shared.shop.seller.send(Method::DELETE, &path, &[("if-match", "\"9\"")], None).await;
    assert_eq!((stale.status.as_u16(), stale.code().as_str()), (412, "precondition_failed"));
    for _ in 0..2 {
        assert_eq!(shared.shop.seller.send(Method::DELETE, &path, &[], None).await.status, 204);
    }
    assert_eq!((shared.click(&link).await.0.as_u16(), shared.code(&link).await.1.as_str()), (410, "link_withdrawn"));
    assert_eq!(shared.events("key_share.withdrawn").await, 1, "twice is as once");
    // The answer that showed the link is gone with it (PLT-02).
    let replayed = shared.shop.seller.post_with(&shared.path(), "the-share", &ask(1)).await;
    assert!(replayed.status == 410 && !replayed.text.contains(&link), "{}", replayed.text);
    // Another partner has no such thing.
    let other = Shop::open(&house).await;
    assert_eq!(other.seller.send(Method::DELETE, &path, &[], None).await.status, 404);
    assert_eq!(other.seller.get(&shared.path()).await.status, 404);
    assert_eq!(other.seller.post(&shared.path(), &ask(1)).await.status, 404);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_11_the_risk_is_acknowledged_and_a_revoked_key_is_shown_by_no_share(backend: Backend) {
    let house = House::open(backend).await;
    let shared = Shared::open(&house).await;
    let mut careless = ask(1);
    careless["acknowledgeRisk"] = json!(false);
    let refused = shared.make(&careless).await;
    assert_eq!(
        (refused.status.as_u16(), refused.faults()),
        (422, vec!["/acknowledgeRisk risk_not_acknowledged".to_owned()])
    );
    assert!(refused.json()["detail"].as_str().unwrap().contains("sought after"), "{}", refused.text);
    assert_eq!(house.count("SELECT count(*) FROM product_keys WHERE state <> 'inStock'").await, 0);
    // What is wrong with a reveal is wrong with a share.
    let mut wrong = ask(1);
    wrong["version"] = json!("1999");
    assert_eq!(shared.make(&wrong).await.code(), "combination_not_available");
    let operator = house.operator().await;
    assert_eq!(operator.post(&shared.path(), &ask(1)).await.status, 403);

    let made = shared.shop.seller.post_with(&shared.path(), "the-share", &ask(3)).await;
    assert!(made.json()["warning"].as_str().unwrap().contains("sell"), "{}", made.text);
    let link = made.json()["link"].as_str().unwrap().to_owned();
    assert_eq!(shared.click(&link).await.0, 200);
    let key = shared.key().await;
    let quote = shared.shop.seller.post("/v1/refund-quotes", &json!({ "orderId": shared.order.id })).await.json();
    let refund = Shop::refund(&shared.order, serde_json::from_value(quote["amount"].clone()).unwrap());
    assert_eq!(shared.shop.seller.post("/v1/refunds", &json!(refund)).await.status, 201);
    for (status, page) in [shared.look(&link).await, shared.click(&link).await] {
        assert!(status == 410 && page.contains("key_revoked") && !page.contains(&key), "{page}");
    }
    assert_eq!(shared.code(&link).await, (410, "key_revoked".to_owned()));
    let replayed = shared.shop.seller.post_with(&shared.path(), "the-share", &ask(3)).await;
    assert!(replayed.status == 410 && !replayed.text.contains(&link), "{}", replayed.text);
    assert_eq!(shared.make(&ask(1)).await.code(), "key_revoked");
    assert_eq!(shared.listed(made.json()["id"].as_str().unwrap()).await["state"], "revoked");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_shares_are_no_way_around_the_limits_of_reveals(backend: Backend) {
    let house = House::open_with(backend, "[limits]\nclient_key_reveals_per_day = 2\n").await;
    let shared = Shared::open(&house).await;
    shared.share(1).await;
    shared.share(100).await;
    let refused = shared.make(&ask(1)).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "key_reveal_limit_reached"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_06_swk_03_what_is_being_given_back_is_not_handed_out(backend: Backend) {
    let house = House::open_with(backend, lonja_tests::refunds::REVIEWED).await;
    let shared = Shared::open(&house).await;
    let seller = &shared.shop.seller;
    let (id, link) = shared.share(1).await;
    let refund = Shop::refund(&shared.order, shared.order.total.clone());
    let refund = seller.lonja.request_refund(&refund).await.unwrap();
    assert_eq!(refund.state.as_str(), "inReview");

    let refused = |reply: &Reply| {
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "refund_already_open"), "{}", reply.text);
        assert_eq!(reply.json()["context"]["refundId"], json!(refund.id));
    };
    let reveal = format!("/v1/entitlements/{}/keys:reveal", shared.entitlement);
    let download = format!("/v1/entitlements/{}/download-links", shared.entitlement);
    let file = json!({ "version": "2022", "language": "es", "bitness": "x64", "acknowledgeRisk": true });
    refused(&seller.post(&reveal, &json!(Shop::reveal("2022"))).await);
    refused(&shared.make(&ask(1)).await);
    refused(&seller.post(&download, &file).await);
    // Nor by a link that was made before: its key was not seen yet.
    for (status, page) in [shared.look(&link).await, shared.click(&link).await] {
        assert!(
            status == 409 && page.contains("refund_already_open") && page.contains("Nothing was counted"),
            "{page}"
        );
    }
    assert_eq!(shared.code(&link).await, (409, "refund_already_open".to_owned()));
    assert_eq!(shared.listed(&id).await["openings"], 0);
    assert_eq!(house.count("SELECT count(*) FROM product_keys WHERE revealed_at IS NOT NULL").await, 0);

    // Withdrawn, all of it is the owner's again. A key that was seen stays seen, whatever is asked then; nothing new is made.
    assert_eq!(seller.post(&format!("/v1/refunds/{}:withdraw", refund.id), &Value::Null).await.status, 200);
    let (status, page) = shared.click(&link).await;
    let key = shared.key().await;
    assert!(status == 200 && page.contains(&key), "{page}");
    let again = Shop::refund(&shared.order, shared.order.total.clone());
    seller.lonja.request_refund(&again).await.unwrap();
    assert_eq!(shared.key().await, key);
    assert_eq!(shared.make(&ask(1)).await.code(), "refund_already_open");
    // Another purchase has nothing to do with it.
    let other = shared.shop.buy(WINDOWS_MXN, 1).await;
    let path = format!("/v1/entitlements/{}/keys:reveal", other.lines[0].entitlement_id.as_deref().unwrap());
    assert_eq!(seller.post(&path, &json!(Shop::reveal("2022"))).await.status, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_04_a_page_that_fails_costs_no_opening(backend: Backend) {
    let house = House::open(backend).await;
    let shared = Shared::open(&house).await;
    let (id, link) = shared.share(1).await;
    // What the page tells beside the key cannot be read.
    house.execute("ALTER TABLE partners RENAME TO partners_elsewhere").await;
    let (status, page) = shared.click(&link).await;
    assert!(status == 503 && page.contains("The key was not shown"), "{page}");
    house.execute("ALTER TABLE partners_elsewhere RENAME TO partners").await;
    assert_eq!(shared.listed(&id).await["openings"], 0);
    assert_eq!(house.count("SELECT count(*) FROM product_keys WHERE revealed_at IS NOT NULL").await, 0);
    assert_eq!(shared.events("key_share.opened").await, 0);
    let (status, page) = shared.click(&link).await;
    assert!(status == 200 && page.contains(&shared.key().await), "{page}");
}
