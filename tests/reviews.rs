//! The proof of ownership, the operator's review, people and their roles (ENR).

use futures_util::future::join_all;
use lonja::access::Role;
use lonja::partners::{PartnerKind, PartnerState};
use lonja_sdk::types::{CreatePartner, ListPartnerReviews};
use lonja_tests::house::partner_scopes;
use lonja_tests::newcomer::{enrol, in_review, link, mails, page, token, whole};
use lonja_tests::{Backend, House};
use serde_json::{Value, json};
use test_case::test_case;

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_07_a_link_works_once_the_newest_only_and_for_seven_days(backend: Backend) {
    let house = House::open(backend).await;
    let newcomer = enrol(&house, &whole()).await;
    newcomer.actor.lonja.submit_partner(&newcomer.id).await.unwrap();
    let older = link(&house).await;
    newcomer.actor.lonja.resend_partner_verification(&newcomer.id).await.unwrap();
    let newer = link(&house).await;
    assert_ne!(older, newer);
    let verify = async |link: &str| {
        let body = json!({ "token": link.rsplit('/').next().unwrap() });
        newcomer.actor.post("/v1/email-verifications", &body).await
    };
    let ended = verify(&older).await;
    assert_eq!((ended.status.as_u16(), ended.code().as_str()), (410, "verification_replaced"));
    let (status, words) = page(&house, &older, reqwest::Method::GET, "es").await;
    assert!(status == 410 && words.contains("Se envió un enlace más reciente"), "{words}");
    // Altered, shortened, of nobody.
    for bad in [newer[..newer.len() - 1].to_owned(), format!("{}x", &newer[..newer.len() - 1]), format!("{newer}x")] {
        if bad != newer {
            assert_eq!(verify(&bad).await.code(), "verification_unknown", "{bad}");
            assert_eq!(page(&house, &bad, reqwest::Method::GET, "en").await.0, 404, "{bad}");
        }
    }
    let strange = format!("{}/verify-email/%3Cscript%3E", house.url);
    let (status, words) = page(&house, &strange, reqwest::Method::GET, "en").await;
    assert!(status == 404 && !words.contains("<script>") && words.contains("leads nowhere"), "{words}");
    house.set_clock("2199-01-01T00:00:00Z").await;
    let expired = verify(&newer).await;
    assert_eq!((expired.status.as_u16(), expired.code().as_str()), (410, "verification_expired"));
    newcomer.actor.lonja.resend_partner_verification(&newcomer.id).await.unwrap();
    assert_eq!(verify(&link(&house).await).await.status, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_08_a_review_is_due_on_the_fifth_business_day_and_then_told_to_be_late(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    house.set_clock("2030-06-05T18:00:00Z").await;
    let first = in_review(&house).await;
    house.set_clock("2030-06-07T18:00:00Z").await;
    let second = in_review(&house).await;
    // A Wednesday: Thursday, Friday, Monday, Tuesday, Wednesday; the midnight that ends it in Mexico City.
    let before = first.partner().await;
    assert_eq!(before.review_due_by.unwrap().to_rfc3339(), "2030-06-13T06:00:00+00:00");
    house.set_clock("2030-06-13T05:59:59Z").await;
    assert!(!first.partner().await.review_overdue);
    let tag = first.actor.get("/v1/partners/me").await.header("etag").to_owned();
    house.set_clock("2030-06-13T06:00:01Z").await;
    let late = first.partner().await;
    assert!(late.review_overdue && late.next_step.as_str() == "askOperator");
    assert_ne!(first.actor.get("/v1/partners/me").await.header("etag"), tag, "PLT-03");
    assert_eq!(mails(&house).await.0.last().unwrap(), "mail_enrolment_overdue");
    assert!(!second.partner().await.review_overdue);
    let queue = operator.lonja.list_partner_reviews(&ListPartnerReviews::default()).await.unwrap();
    let ids: Vec<_> = queue.items.iter().map(|item| (&item.id, item.review_overdue)).collect();
    assert_eq!(ids, [(&first.id, true), (&second.id, false)]);
    operator.lonja.approve_partner(&first.id).await.unwrap();
    assert!(!first.partner().await.review_overdue);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_01_13_14_who_makes_which_partner_and_a_tenant_enrols_once(backend: Backend) {
    let house = House::open(backend).await;
    let (operator, storefront) = (house.operator().await, house.enrolment().await);
    let new = CreatePartner { kind: Some("directBill".into()), ..whole() };
    let registered = operator.lonja.create_partner(&new).await.unwrap();
    assert_eq!((registered.state.as_str(), registered.kind.as_str()), ("approved", "directBill"));
    assert!(registered.client.is_none());
    let mut again = serde_json::to_value(whole()).unwrap();
    again["tenantId"] = json!(new.tenant_id.unwrap().to_uppercase());
    let taken = storefront.post("/v1/partners", &again).await;
    // ENR-13: one tenant id enrols once.
    assert_eq!((taken.status.as_u16(), taken.code().as_str()), (409, "tenant_already_enrolled"), "{}", taken.text);
    // The first client is shown once: to its own client for a day, and to nobody else.
    let body = serde_json::to_value(whole()).unwrap();
    let first = storefront.post_with("/v1/partners", "newcomer", &body).await;
    let replay = storefront.post_with("/v1/partners", "newcomer", &body).await;
    assert_eq!((replay.header("idempotent-replayed"), &replay.text), ("true", &first.text));
    assert_eq!(first.header("cache-control"), "no-store");
    let other = house.enrolment().await.post_with("/v1/partners", "newcomer", &body).await;
    assert_eq!(other.code(), "tenant_already_enrolled", "another client's key is another key");
    let secret = first.json()["client"]["clientSecret"].as_str().unwrap().to_owned();
    let path = format!("/v1/partners/{}", first.json()["id"].as_str().unwrap());
    assert!(!operator.get(&path).await.text.contains(&secret));
    assert_eq!(storefront.get(&path).await.code(), "token_kind_not_allowed", "the storefront makes drafts, no more");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_07_09_13_of_several_at_once_one_is_made(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    operator.token().await;
    // One token, eight readers.
    let newcomer = enrol(&house, &whole()).await;
    newcomer.actor.lonja.submit_partner(&newcomer.id).await.unwrap();
    let body = json!({ "token": token(&house).await });
    let replies = join_all((0..8).map(|_| newcomer.actor.post("/v1/email-verifications", &body))).await;
    let used = replies.iter().filter(|reply| reply.code() == "verification_used").count();
    assert_eq!((used, replies.iter().filter(|reply| reply.status == 200).count()), (7, 1));
    let told = mails(&house).await.0;
    assert_eq!(told.iter().filter(|kind| *kind == "mail_enrolment_in_review").count(), 1);
    // Approved against rejected.
    let decide = async |number: usize| {
        let (verb, body) = if number.is_multiple_of(2) {
            ("approve", Value::Null)
        } else {
            ("reject", json!({ "reasons": ["La dirección es la de un buzón."] }))
        };
        operator.post(&format!("/v1/partners/{}:{verb}", newcomer.id), &body).await
    };
    let replies = join_all((0..8).map(decide)).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "{replies:?}");
    assert!(replies.iter().all(|reply| reply.status == 200 || reply.code() == "partner_state_not_allowed"));
    // One tenant id, one PartnerID.
    let storefront = house.enrolment().await;
    storefront.token().await;
    let body = serde_json::to_value(whole()).unwrap();
    let replies = join_all((0..8).map(|_| storefront.post("/v1/partners", &body))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    let taken = |code: &str| replies.iter().filter(|reply| reply.code() == code).count();
    assert_eq!(taken("tenant_already_enrolled"), 7, "{replies:?}");
    let mut several = Vec::new();
    for _ in 0..4 {
        several.push(enrol(&house, &whole()).await);
    }
    join_all(several.iter().map(|one| one.actor.token())).await;
    let replies = join_all(several.iter().map(|one| one.link_location("6208815"))).await;
    assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 1);
    assert!(replies.iter().filter_map(|reply| reply.as_ref().err()).all(|error| error.code() == "partner_id_in_use"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_people_and_their_roles(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::IndirectReseller).await;
    let users = format!("/v1/partners/{}/users", partner.partner_id);
    let agent = house.client_of(&partner.partner_id, &partner_scopes(), &[Role::AdminAgent]).await;
    let admin = house.client_of(&partner.partner_id, &partner_scopes(), &[Role::GlobalAdmin]).await;
    let user =
        |email: &str, roles: Value| json!({ "firstName": "Marta", "lastName": "Ruiz", "email": email, "roles": roles });
    assert_eq!(admin.post(&users, &user("m@distribuidora.example", json!([]))).await.code(), "role_required");
    let beyond = agent.post(&users, &user("m@distribuidora.example", json!(["globalAdmin"]))).await;
    assert_eq!((beyond.status.as_u16(), beyond.code().as_str()), (403, "grant_exceeds_own"));
    // A globalAdmin gives itself adminAgent: by another client.
    let body =
        json!({ "name": "users", "scope": "partners:read partners:write", "roles": ["adminAgent", "globalAdmin"] });
    assert_eq!(admin.post("/v1/api-clients", &body).await.status, 201);
    let first = partner.post(&users, &user("Marta@Distribuidora.example", json!(["globalAdmin"]))).await.json();
    assert_eq!(first["email"], "marta@distribuidora.example");
    let same = agent.post(&users, &user("marta@distribuidora.example", json!([]))).await;
    assert_eq!(same.code(), "user_exists");
    let path = format!("{users}/{}", first["id"].as_str().unwrap());
    let last = partner.patch(&path, "*", &json!({ "roles": ["adminAgent"] })).await;
    assert_eq!((last.status.as_u16(), last.code().as_str()), (409, "last_global_admin"));
    let removed = partner.send(reqwest::Method::DELETE, &path, &[], None).await;
    assert_eq!(removed.code(), "last_global_admin");
    let second = partner.post(&users, &user("lucia@distribuidora.example", json!(["globalAdmin"]))).await.json();
    let second = format!("{users}/{}", second["id"].as_str().unwrap());
    // Of two who remove each other one stays.
    let replies = join_all([&path, &second].map(|path| partner.send(reqwest::Method::DELETE, path, &[], None))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 204).count(), 1, "{replies:?}");
    assert_eq!(replies.iter().filter(|reply| reply.code() == "last_global_admin").count(), 1, "{replies:?}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_suspended_partner_is_nobody_until_it_is_reinstated(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let partner = house.partner_in(PartnerKind::DirectBill, PartnerState::Approved).await;
    let path = format!("/v1/partners/{}", partner.partner_id);
    assert_eq!(partner.get("/v1/partners/me").await.status, 200);
    let stopped = operator.post(&format!("{path}:suspend"), &json!({ "reason": "Tres facturas sin pagar" })).await;
    assert_eq!(stopped.json()["state"], "suspended", "{}", stopped.text);
    assert_eq!(partner.get("/v1/partners/me").await.code(), "invalid_token", "felt at once");
    let back = operator.post(&format!("{path}:reinstate"), &Value::Null).await;
    assert_eq!(back.json()["state"], "approved", "{}", back.text);
    assert_eq!(partner.get("/v1/partners/me").await.status, 200);
}
