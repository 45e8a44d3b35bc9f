//! The page behind the link of an invitation's mail: it tells, in both languages, and decides nothing (LNK-02, LNK-12).

use lonja::partners::PartnerKind;
use lonja_tests::linked::{self, Linked};
use lonja_tests::{Backend, House};
use serde_json::{Value, json};
use test_case::test_case;

/// What a browser gets: status, headers that matter, text.
async fn page(house: &House, token: &str, language: &str) -> (u16, String) {
    let url = format!("{}/link-invitations/{token}", house.url);
    let reply = house.http().get(url).header("accept-language", language).send().await.unwrap();
    let header = |name: &str| reply.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    assert_eq!(header("cache-control"), "no-store");
    assert!(header("x-robots-tag").contains("noindex"));
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(header("content-language"), language);
    assert!(header("set-cookie").is_empty());
    let status = reply.status().as_u16();
    let text = reply.text().await.unwrap();
    assert!(!text.contains("<script"), "{text}");
    (status, text)
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_02_the_page_tells_who_asks_for_what_and_how_to_answer(backend: Backend) {
    let house = House::open(backend).await;
    let provider = house.partner(PartnerKind::IndirectProvider).await;
    let reseller = house.partner(PartnerKind::IndirectReseller).await;
    let message = json!({ "message": "Hablamos el martes <b>en la feria</b>." });
    let (id, token) = linked::invite(&house, &provider, &message).await;
    let link = provider.get(&format!("/v1/indirect-provider-links/{id}")).await.json();
    let before = house.count("SELECT count(*) FROM audit_records").await;
    for (language, words) in [("es", "Quién lo pide"), ("en", "Who asks")] {
        let (status, text) = page(&house, &token, language).await;
        assert_eq!(status, 200);
        let asks = link["provider"]["legalName"].as_str().unwrap();
        let calls = ["/v1/indirect-provider-links:lookup", "/{linkId}:authorize", "/{linkId}:decline", "globalAdmin"];
        for told in calls.into_iter().chain([words, asks, "&#60;b&#62;en la feria&#60;/b&#62;"]) {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(!text.contains("@integradorapacifico.example"), "whom it was sent to is nobody else's business");
    }
    assert_eq!(house.count("SELECT count(*) FROM audit_records").await, before, "to look changes nothing");
    // What the page says is true: its three steps lead to a live link.
    let looked = reseller.post("/v1/indirect-provider-links:lookup", &json!({ "token": token })).await.json();
    assert!(looked["consent"]["text"].is_string(), "{looked}");
    let path = format!("/v1/indirect-provider-links/{}:authorize", looked["linkId"].as_str().unwrap());
    let yes = json!({ "token": token, "consent": true, "consentVersion": looked["consent"]["version"] });
    assert_eq!(reseller.post(&path, &yes).await.json()["state"], "active");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_12_the_page_says_what_has_become_of_an_invitation(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Linked::open(&house).await;
    let new = async || linked::invite(&house, &pair.provider, &json!({})).await;
    let says = async |token: &str, status: u16, title: &str| {
        let (found, text) = page(&house, token, "en").await;
        assert_eq!(found, status, "{text}");
        assert!(text.contains(&format!("<h1>{title}</h1>")), "{title}: {text}");
        text
    };
    let (declined, cancelled, expired) = (new().await, new().await, new().await);
    let path = |id: &str, verb: &str| format!("/v1/indirect-provider-links/{id}:{verb}");
    let no = pair.reseller.post(&path(&declined.0, "decline"), &json!({ "token": declined.1 })).await;
    assert_eq!(no.status, 200, "{}", no.text);
    assert_eq!(pair.provider.post(&path(&cancelled.0, "cancel"), &Value::Null).await.status, 200);
    says(&declined.1, 410, "This invitation was declined").await;
    says(&cancelled.1, 410, "This invitation no longer holds").await;

    // Admin access that is asked for again has words of its own, and is then used.
    assert_eq!(pair.reseller.post(&path(&pair.link, "remove-admin-access"), &Value::Null).await.status, 200);
    let restore = json!({ "purpose": "restoreAdminAccess", "resellerId": pair.reseller.partner_id });
    let (link, token) = linked::invite(&house, &pair.provider, &restore).await;
    let text = says(&token, 200, "A request for admin access").await;
    assert!(!text.contains("order and add subscriptions"), "{text}");
    let yes = json!({ "token": token, "consent": true });
    assert_eq!(pair.reseller.post(&path(&link, "authorize"), &yes).await.status, 200);
    let text = says(&token, 410, "This invitation was authorised already").await;
    assert!(!text.contains("You have accepted"));

    let now = lonja::clock::machine_now();
    house.set_clock(&(now + chrono::TimeDelta::days(31)).to_rfc3339()).await;
    says(&expired.1, 410, "This invitation has expired").await;
    let end = if expired.1.ends_with('A') { "B" } else { "A" };
    for unknown in ["x", &expired.1[1..], &format!("{}{end}", &expired.1[..42]), "%3Cscript%3E"] {
        says(unknown, 404, "This link leads nowhere").await;
    }
    // It only tells.
    let url = format!("{}/link-invitations/{}", house.url, expired.1);
    assert_eq!(house.http().post(url).send().await.unwrap().status(), 405);
}
