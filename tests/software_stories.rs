//! What a shop does with on-premises software, told by the SDK: it waits for its key, shares it with its customer, and
//! hands the media out (SWK-01 to SWK-11).

use lonja_sdk::types::{
    CreateDownloadLink, CreateKeyShare, ListDownloadLinks, ListKeyShares, ListKeyStock, ListSoftware,
};
use lonja_sdk::{Method, StatusCode};
use lonja_tests::house::new_key;
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Backend, House, Shop};
use serde_json::Value;
use test_case::test_case;

const WINDOWS: &str = "windows-server-standard";

/// A customer's software waits for its key, and completes by itself as the operator's file comes in.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_01_swk_09_software_waits_for_its_key_and_is_its_customers(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let (seller, operator) = (&shop.seller.lonja, house.operator().await.lonja);
    let customer = house.customer(&shop.customer.id).await.lonja;
    let order = shop.buy(WINDOWS_MXN, 1).await;
    assert_eq!(order.state.as_str(), "awaitingStock");
    let id = order.lines[0].entitlement_id.clone().unwrap();

    let waiting = ListSoftware { state: Some("awaitingStock".into()), ..Default::default() };
    let owned = customer.list_software(&shop.customer.id, &waiting).await.unwrap().items;
    assert_eq!((owned.len(), owned[0].id.as_str(), owned[0].product_key.is_none()), (1, id.as_str(), true));
    assert!(owned[0].media.as_ref().unwrap().iter().any(|medium| medium.version == "2022" && medium.language == "es"));
    let early = customer.reveal_key(&id, &Shop::reveal("2022")).await.unwrap_err();
    assert_eq!((early.status(), early.code()), (Some(StatusCode::CONFLICT), "awaiting_stock"));

    let key = new_key();
    let file = format!("product,version,key\n{WINDOWS},2022,{}\n", key.to_lowercase());
    let report = operator.import_key_stock(&file).await.unwrap();
    assert_eq!((report.imported, report.refused_total), (1, 0));
    lonja::jobs::run_due(&house.state).await.unwrap();

    let bought = seller.get_entitlement(&id).await.unwrap();
    assert_eq!((bought.state.as_str(), bought.purchased_at.is_some()), ("active", true));
    assert_eq!(seller.get_order(&order.id).await.unwrap().state.as_str(), "completed");
    assert!(seller.list_software(&shop.customer.id, &waiting).await.unwrap().items.is_empty());
    // The customer sees its key; the partner sees that it has one, and the operator that one is gone.
    let shown = customer.reveal_key(&id, &Shop::reveal("2022")).await.unwrap();
    assert_eq!(shown.product_key.expose(), key);
    let masked = seller.get_entitlement(&id).await.unwrap().product_key.unwrap();
    assert_eq!((masked.state.as_str(), &masked.masked[24..]), ("revealed", &key[24..]));
    let stock = ListKeyStock { product_id: Some(WINDOWS.to_owned()), ..Default::default() };
    let stock = operator.list_key_stock(&stock).await.unwrap().items;
    assert_eq!((stock[0].version.as_str(), stock[0].in_stock, stock[0].issued), ("2022", 0, 1));
}

/// A shop shares a key by a link with a page, and the media by a link that goes on where it was interrupted.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_04_swk_05_a_key_and_its_media_are_handed_to_the_customer(backend: Backend) {
    let media: Vec<u8> = (0..50_000_u32).map(|at| u8::try_from(at * 11 % 241).unwrap()).collect();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("server-2022-es.iso"), &media).unwrap();
    let house = House::open_with(backend, &format!("[media]\ndir = {:?}\n", directory.path())).await;
    let list = format!("product,version,language,bitness,path\n{WINDOWS},2022,es,x64,server-2022-es.iso\n");
    lonja::software::import_media(&house.state, list.as_bytes()).await.unwrap();
    let keys = house.stock(WINDOWS, "2022", 1).await;
    let shop = Shop::open(&house).await;
    let (seller, http) = (&shop.seller.lonja, reqwest::Client::builder().build().unwrap());
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let id = order.lines[0].entitlement_id.clone().unwrap();

    let mut share = CreateKeyShare {
        version: "2022".to_owned(),
        language: "es".to_owned(),
        bitness: "x64".into(),
        hours: Some(48),
        most_openings: Some(1),
        reason: "La tienda instala ella misma".to_owned(),
        acknowledge_risk: false,
    };
    let careless = seller.create_key_share(&id, &share).await.unwrap_err();
    assert_eq!(careless.code(), "risk_not_acknowledged");
    share.acknowledge_risk = true;
    let shared = seller.create_key_share(&id, &share).await.unwrap();
    let page = async |method: Method| {
        let request = http.request(method.clone(), shared.link.expose()).header("accept", "text/html");
        let request = if method == Method::POST { request.body("do=open") } else { request };
        let reply = request.send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    let (status, looked) = page(Method::GET).await;
    assert!(status == 200 && !looked.contains(&keys[0]), "{looked}");
    let (status, opened) = page(Method::POST).await;
    assert!(status == 200 && opened.contains(&keys[0]), "{opened}");
    let (status, late) = page(Method::POST).await;
    assert!(status == 410 && !late.contains(&keys[0]), "one time too many: {late}");
    let listed = seller.list_key_shares(&id, &ListKeyShares::default()).await.unwrap().items;
    assert_eq!((listed[0].state.as_str(), listed[0].openings), ("usedUp", 1));
    let second = seller.create_key_share(&id, &share).await.unwrap();
    seller.withdraw_key_share(&id, &second.id).await.unwrap();
    let gone = http.get(second.link.expose()).send().await.unwrap();
    assert_eq!(gone.json::<Value>().await.unwrap()["code"], "link_withdrawn");

    let make = CreateDownloadLink {
        version: "2022".to_owned(),
        language: "es".to_owned(),
        bitness: "x64".into(),
        most_downloads: Some(1),
        acknowledge_risk: true,
        ..Default::default()
    };
    let made = seller.create_download_link(&id, &make).await.unwrap();
    assert_eq!((made.download.size_bytes, made.download.downloads), (Some(50_000), 0));
    let mut received = Vec::new();
    for range in ["bytes=0-19999", "bytes=20000-20999", "bytes=21000-"] {
        let part = http.get(made.link.expose()).header("range", range).send().await.unwrap();
        assert_eq!(part.status().as_u16(), 206, "{range}");
        received.extend(part.bytes().await.unwrap());
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &received);
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&received, Some(&hex)), (&media, made.download.sha256.as_ref()));
    assert_eq!(http.get(made.link.expose()).send().await.unwrap().status().as_u16(), 410);
    let listed = seller.list_download_links(&id, &ListDownloadLinks::default()).await.unwrap().items;
    assert_eq!((listed[0].state.as_str(), listed[0].downloads), ("usedUp", 1));

    // Given back, nothing of it is handed out any more.
    seller.request_refund(&Shop::refund(&order, order.total.clone())).await.unwrap();
    for link in [&shared.link, &made.link] {
        let gone = http.get(link.expose()).send().await.unwrap();
        assert_eq!(gone.json::<Value>().await.unwrap()["code"], "key_revoked");
    }
}
