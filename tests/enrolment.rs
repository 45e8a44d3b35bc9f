//! From a newcomer's draft to an active partner (ENR).

use futures_util::future::join_all;
use lonja::access::Role;
use lonja::partners::{self, PartnerKind, PartnerState};
use lonja_sdk::types::{
    AcceptPartnerAgreement, Address, Contact, CreatePartner, GetPartnerAgreementDocument, ListPartnerReviews, Partner,
    RejectPartner, SetPartnerLocation, UpdatePartner, VerifyEmail,
};
use lonja_tests::house::partner_scopes;
use lonja_tests::{Actor, Backend, House, Reply};
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

const CONTACT: &str = "ana@integradorapacifico.example";

/// A newcomer's first client, with the draft that came with it.
struct Newcomer {
    actor: Actor,
    id: String,
}

fn contact(email: &str) -> Contact {
    let (first_name, last_name) = ("Lucía".to_owned(), "Hernández".to_owned());
    Contact { first_name, last_name, email: email.to_owned(), ..Default::default() }
}

fn address() -> Address {
    Address {
        line1: "Av. Revolución 1200".to_owned(),
        city: "Tijuana".to_owned(),
        state: Some("BCN".to_owned()),
        postal_code: "22000".to_owned(),
        ..Default::default()
    }
}

fn whole() -> CreatePartner {
    CreatePartner {
        legal_name: "Integradora Pacífico S.C.".to_owned(),
        country: "MX".to_owned(),
        tenant_id: Some(Uuid::new_v4().to_string()),
        address: Some(address()),
        primary_contact: Some(contact(CONTACT)),
        support_contact: Some(contact("soporte@integradorapacifico.example")),
        ..Default::default()
    }
}

/// The storefront enrols somebody.
async fn enrol(house: &House, new: &CreatePartner) -> Newcomer {
    let made = house.enrolment().await.lonja.create_partner(new).await.unwrap();
    assert_eq!((made.state.as_str(), made.kind.as_str()), ("draft", "indirectReseller"));
    let first = made.client.unwrap();
    let actor = Actor::new(&house.url, house.http(), &first.client_id, first.client_secret.expose(), Some(&made.id));
    Newcomer { actor, id: made.id }
}

/// The mails to the primary contact, oldest first: their kinds, and the newest one.
async fn mails(house: &House) -> (Vec<String>, Value) {
    let url = format!("{}/v1/sandbox/emails?to={CONTACT}&limit=200", house.url);
    let page: Value = house.http().get(url).send().await.unwrap().json().await.unwrap();
    let items = page["items"].as_array().unwrap();
    let kinds = items.iter().map(|mail| mail["kind"].as_str().unwrap().to_owned()).collect();
    (kinds, items.last().cloned().unwrap_or_default())
}

/// The link of the newest mail.
async fn link(house: &House) -> String {
    let text = mails(house).await.1["text"].as_str().unwrap().to_owned();
    let link = text.split_whitespace().find(|word| word.contains("/verify-email/")).unwrap();
    link.to_owned()
}

async fn token(house: &House) -> String {
    link(house).await.rsplit('/').next().unwrap().to_owned()
}

async fn in_review(house: &House) -> Newcomer {
    let newcomer = enrol(house, &whole()).await;
    newcomer.actor.lonja.submit_partner(&newcomer.id).await.unwrap();
    let verify = VerifyEmail { token: token(house).await };
    let verified = newcomer.actor.lonja.verify_email(&verify).await.unwrap();
    assert_eq!(verified.state.as_str(), "inReview");
    newcomer
}

impl Newcomer {
    async fn partner(&self) -> Partner {
        self.actor.lonja.get_own_partner().await.unwrap()
    }

    async fn state(&self) -> String {
        self.partner().await.state.as_str().to_owned()
    }

    async fn link_location(&self, id: &str) -> Result<Partner, lonja_sdk::Error> {
        let body = SetPartnerLocation { partner_location_id: id.to_owned(), ..Default::default() };
        self.actor.lonja.set_partner_location(&self.id, &body).if_match("*").await
    }

    async fn accept(&self) -> Result<(), lonja_sdk::Error> {
        let ask = GetPartnerAgreementDocument::default();
        let document = self.actor.lonja.get_partner_agreement_document(&self.id, &ask).await?;
        assert!(document.is_sample && document.text.len() > 500 && document.file_name.ends_with(".txt"));
        let accept = AcceptPartnerAgreement { version: document.version };
        self.actor.lonja.accept_partner_agreement(&self.id, &accept).await.map(drop)
    }
}

async fn page(house: &House, path: &str, method: reqwest::Method, language: &str) -> (u16, String) {
    let request = house.http().request(method, path).header("accept-language", language);
    let reply = request.send().await.unwrap();
    let headers = reply.headers().clone();
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    (reply.status().as_u16(), reply.text().await.unwrap())
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_01_to_16_a_mexican_reseller_from_draft_to_active(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let name_only = CreatePartner {
        legal_name: "Integradora Pacífico S.C.".to_owned(),
        country: "mx".to_owned(),
        ..Default::default()
    };
    let newcomer = enrol(&house, &name_only).await;
    let lonja = &newcomer.actor.lonja;
    // ENR-02: everything that is missing, at once.
    let refused = newcomer.actor.post(&format!("/v1/partners/{}:submit", newcomer.id), &Value::Null).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "enrolment_incomplete"), "{}", refused.text);
    let missing =
        ["/address", "/primaryContact", "/supportContact", "/tenantId"].map(|at| format!("{at} field_required"));
    assert_eq!(refused.faults()[1..], missing);

    let whole = whole();
    let update = UpdatePartner {
        tenant_id: whole.tenant_id,
        address: whole.address,
        primary_contact: whole.primary_contact,
        support_contact: whole.support_contact,
        ..Default::default()
    };
    lonja.update_partner(&newcomer.id, &update).if_match("\"1\"").await.unwrap();
    newcomer.link_location("6208815").await.unwrap();
    let submitted = lonja.submit_partner(&newcomer.id).await.unwrap();
    assert_eq!((submitted.state.as_str(), submitted.next_step.as_str()), ("awaitingEmailProof", "confirmEmail"));

    // ENR-07: a robot that previews the link changes nothing, however often; the button does.
    let link = link(&house).await;
    for _ in 0..2 {
        let (status, words) = page(&house, &link, reqwest::Method::GET, "es-MX").await;
        assert!(status == 200 && words.contains("Sí, esta dirección es mía") && words.contains("Pacífico"), "{words}");
    }
    assert_eq!(newcomer.state().await, "awaitingEmailProof");
    let (status, words) = page(&house, &link, reqwest::Method::POST, "en").await;
    assert!(status == 200 && words.contains("Your address is confirmed"), "{words}");
    let (status, words) = page(&house, &link, reqwest::Method::POST, "en").await;
    assert!(status == 410 && words.contains("This link has been used"), "{words}");

    let partner = newcomer.partner().await;
    assert_eq!((partner.state.as_str(), partner.next_step.as_str()), ("inReview", "awaitReview"));
    assert!(partner.review_due_by.unwrap() > partner.created_at && !partner.review_overdue);
    let queue = operator.lonja.list_partner_reviews(&ListPartnerReviews::default()).await.unwrap();
    assert_eq!(queue.items.iter().map(|item| &item.id).collect::<Vec<_>>(), [&newcomer.id]);

    // ENR-10: nothing is accepted before it is approved.
    assert_eq!(newcomer.accept().await.unwrap_err().code(), "partner_state_not_allowed");
    operator.lonja.approve_partner(&newcomer.id).await.unwrap();
    let approved = newcomer.partner().await;
    assert_eq!((approved.next_step.as_str(), approved.review_due_by), ("acceptAgreement", None));
    let source = approved.partner_location_source.unwrap();
    assert_eq!(source.as_str(), "reviewed", "the review confirms what the partner stated (ENR-03)");
    newcomer.accept().await.unwrap();
    assert_eq!(newcomer.state().await, "active");
    assert_eq!(newcomer.accept().await.unwrap_err().code(), "mpa_already_accepted");
    let accepted = newcomer.actor.get(&format!("/v1/partners/{}/agreements", newcomer.id)).await.json();
    assert_eq!(accepted["items"][0]["clientId"], newcomer.actor.client_id.as_str());
    let told = mails(&house).await.0;
    let expected =
        ["mail_email_verification", "mail_enrolment_in_review", "mail_enrolment_approved", "mail_partner_active"];
    assert_eq!(told, expected);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_09_a_rejected_enrolment_is_corrected_and_submitted_again(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let newcomer = in_review(&house).await;
    let lonja = &newcomer.actor.lonja;
    let reasons = vec!["La dirección es la de un buzón.".to_owned(), "Falta el número interior.".to_owned()];
    let rejected =
        operator.lonja.reject_partner(&newcomer.id, &RejectPartner { reasons: reasons.clone() }).await.unwrap();
    assert_eq!((rejected.state.as_str(), &rejected.rejection_reasons), ("rejected", &reasons));
    let (kinds, mail) = mails(&house).await;
    assert_eq!(kinds.last().unwrap(), "mail_enrolment_rejected");
    assert!(reasons.iter().all(|reason| mail["text"].as_str().unwrap().contains(reason)), "{mail}");
    let again = lonja.submit_partner(&newcomer.id).await.unwrap_err();
    assert_eq!(again.code(), "partner_state_not_allowed", "it is corrected first");

    let corrected = Address { line1: "Av. Revolución 1200, int. 4".to_owned(), ..address() };
    let update = UpdatePartner { address: Some(corrected), ..Default::default() };
    let draft = lonja.update_partner(&newcomer.id, &update).if_match("*").await.unwrap();
    assert!(draft.state.as_str() == "draft" && draft.rejection_reasons.is_empty());
    lonja.submit_partner(&newcomer.id).await.unwrap();
    // Under review the legal data stays; whom customers reach does not belong to it.
    let locked = lonja.update_partner(&newcomer.id, &update_name("Otra S.C.")).if_match("*").await.unwrap_err();
    assert_eq!(locked.code(), "partner_data_locked");
    let support =
        UpdatePartner { support_contact: Some(contact("ayuda@integradorapacifico.example")), ..Default::default() };
    lonja.update_partner(&newcomer.id, &support).if_match("*").await.unwrap();
    lonja.verify_email(&VerifyEmail { token: token(&house).await }).await.unwrap();
    newcomer.link_location("6208815").await.unwrap();
    operator.lonja.approve_partner(&newcomer.id).await.unwrap();
    newcomer.accept().await.unwrap();
    assert_eq!(newcomer.state().await, "active");
}

fn update_name(name: &str) -> UpdatePartner {
    UpdatePartner { legal_name: Some(name.to_owned()), ..Default::default() }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_03_the_partner_id_may_come_later_and_opens_the_agreement(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let newcomer = in_review(&house).await;
    operator.lonja.approve_partner(&newcomer.id).await.unwrap();
    assert_eq!(mails(&house).await.0.last().unwrap(), "mail_enrolment_approved_without_location");
    assert_eq!(newcomer.partner().await.next_step.as_str(), "addPartnerLocation");
    assert_eq!(newcomer.accept().await.unwrap_err().code(), "partner_id_required");
    newcomer.link_location("6208815").await.unwrap();
    newcomer.accept().await.unwrap();
    let active = newcomer.partner().await;
    assert_eq!(active.state.as_str(), "active");
    // Only the partner vouches for it: the operator finds it in its queue, and confirms.
    assert!(active.partner_location_source.unwrap().as_str() == "stated" && active.review_due_by.is_some());
    let confirmed = operator.lonja.approve_partner(&newcomer.id).await.unwrap();
    assert_eq!(confirmed.partner_location_source.unwrap().as_str(), "reviewed");
    assert!(confirmed.state.as_str() == "active" && confirmed.review_due_by.is_none());
    let changed = newcomer.link_location("6208816").await.unwrap_err();
    assert_eq!(changed.code(), "partner_state_not_allowed", "what was reviewed stays");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_03_the_directory_knows_better_than_the_partner(backend: Backend) {
    let house = House::open(backend).await;
    let newcomer = enrol(&house, &whole()).await;
    let import = async |file: &str| partners::import_locations(&house.state, file.as_bytes()).await.unwrap();
    let wrong =
        "partnerLocationId,kind,country\n1234567,location,MX\n012,location,MX\n77,branch,ZZ\n1234567,global,MX\nx\n";
    let report = import(wrong).await;
    let lines: Vec<_> = report.refused.iter().map(|wrong| (wrong.line, wrong.code)).collect();
    let expected = [
        (3, "partner_id_invalid"),
        (4, "field_not_allowed"),
        (4, "country_unknown"),
        (5, "line_duplicate"),
        (6, "line_malformed"),
    ];
    assert_eq!((report.imported, lines.as_slice()), (0, expected.as_slice()));
    assert_eq!(house.count("SELECT count(*) FROM partner_locations").await, 0, "all or nothing");

    let file =
        "partnerLocationId,kind,country,name\n1234567,location,MX,Tijuana\n1234568,global,MX,\n1234569,location,ES,\n";
    assert_eq!(import(file).await.imported, 3);
    assert_eq!(import(file).await.imported, 3, "again is no harm");
    for (id, code) in [
        ("1234568", "partner_id_not_location"),
        ("1234569", "partner_id_country_mismatch"),
        ("01234567", "partner_id_invalid"),
        ("12345678901", "partner_id_invalid"),
        ("12 34", "partner_id_invalid"),
        ("１２３", "partner_id_invalid"),
        ("0", "partner_id_invalid"),
    ] {
        assert_eq!(newcomer.link_location(id).await.unwrap_err().code(), code, "{id}");
    }
    let linked = newcomer.link_location("1234567").await.unwrap();
    assert_eq!(linked.partner_location_source.unwrap().as_str(), "directory");
    let other = enrol(&house, &whole()).await;
    assert_eq!(other.link_location("1234567").await.unwrap_err().code(), "partner_id_in_use");
    let body = json!({ "partnerLocationId": "99", "kind": "global", "country": "uk" });
    let path = format!("/v1/partners/{}/partner-location", other.id);
    let stated = other.actor.send(reqwest::Method::PUT, &path, &[("if-match", "*")], Some(body.to_string())).await;
    let codes: Vec<String> = stated.faults();
    let expected = ["partner_id_country_mismatch", "partner_id_not_location"];
    assert_eq!(codes, expected.map(|code| format!("/partnerLocationId {code}")), "{}", stated.text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_04_a_company_is_looked_up_by_its_duns_number(backend: Backend) {
    let house = House::open(backend).await;
    let newcomer = enrol(&house, &whole()).await;
    let file = "duns,legalName,country,line1,city,state,postalCode\n08-146-6849,Integradora Pacífico S.C.,MX,Av. Revolución 1200,Tijuana,BCN,22000\n";
    assert_eq!(partners::import_companies(&house.state, file.as_bytes()).await.unwrap().imported, 1);
    let found = newcomer.actor.get("/v1/companies?duns=081466849").await;
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(found.json()["address"]["city"], "Tijuana");
    assert_eq!(newcomer.actor.get("/v1/companies?duns=123456789").await.code(), "not_found");
    for bad in ["000000000", "999-999-999", "12345678a"] {
        assert_eq!(newcomer.actor.get(&format!("/v1/companies?duns={bad}")).await.code(), "duns_invalid", "{bad}");
    }
}

/// What a draft holds at one place, and what its submission says of it.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_02_04_05_06_what_is_wrong_is_said_by_the_submission_and_what_only_looks_so_passes(backend: Backend) {
    let house = House::open(backend).await;
    let storefront = house.enrolment().await;
    let submit = async |pointer: &str, value: Value| -> Reply {
        let mut body = serde_json::to_value(whole()).unwrap();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        let made = storefront.post("/v1/partners", &body).await;
        assert_eq!(made.status, 201, "{pointer}: {}", made.text);
        let made = made.json();
        let (id, client) = (made["id"].as_str().unwrap(), &made["client"]);
        let [client_id, secret] = ["clientId", "clientSecret"].map(|name| client[name].as_str().unwrap());
        let actor = Actor::new(&house.url, house.http(), client_id, secret, Some(id));
        actor.post(&format!("/v1/partners/{id}:submit"), &Value::Null).await
    };
    for (pointer, value, code) in [
        ("/primaryContact/email", "ana@gmail.com", "webmail_not_accepted"),
        ("/primaryContact/email", "ana@Outlook.COM", "webmail_not_accepted"),
        ("/duns", "1234567890", "duns_invalid"),
        ("/duns", "000000000", "duns_invalid"),
        ("/address/state", "ZZZ", "state_unknown"),
        ("/address/postalCode", "2200", "postal_code_invalid"),
        ("/legalName", "S.A. de C.V.", "company_name_invalid"),
        ("/primaryContact/firstName", "Test", "contact_name_invalid"),
    ] {
        let reply = submit(pointer, value.into()).await;
        assert_eq!(reply.status, 422, "{pointer} {value}: {}", reply.text);
        assert_eq!(reply.faults(), [format!("{pointer} {code}")], "{value}");
    }
    for (pointer, value) in [
        ("/primaryContact/email", "ana@gmail.com.example"),
        ("/primaryContact/email", "ana@notgmail.example"),
        ("/legalName", "株式会社日立"),
        ("/legalName", "Ñandú & Söhne Ærø"),
        ("/primaryContact/firstName", "李"),
        ("/duns", "08-146-6849"),
        ("/country", "mx"),
    ] {
        let reply = submit(pointer, value.into()).await;
        assert_eq!(reply.status, 200, "{pointer} {value}: {}", reply.text);
    }
    // What cannot be kept at all is refused at once.
    for (pointer, value, code) in [
        ("/country", json!("ZZ"), "country_unknown"),
        ("/tenantId", json!(Uuid::nil()), "tenant_id_invalid"),
        ("/azureGccTenantId", json!(Uuid::nil()), "tenant_id_invalid"),
        ("/kind", json!("directBill"), "enrolment_kind_not_allowed"),
    ] {
        let mut body = serde_json::to_value(whole()).unwrap();
        body[&pointer[1..]] = value;
        let reply = storefront.post("/v1/partners", &body).await;
        assert_eq!((reply.code().as_str(), reply.faults()), (code, vec![format!("{pointer} {code}")]));
    }
    let british =
        CreatePartner { country: "UK".to_owned(), legal_name: "Tay Bridge Ltd".to_owned(), ..Default::default() };
    assert_eq!(enrol(&house, &british).await.partner().await.country, "GB");
    let one = Uuid::new_v4().to_string();
    let same = CreatePartner { azure_gcc_tenant_id: Some(one.clone()), tenant_id: Some(one), ..whole() };
    let newcomer = enrol(&house, &same).await;
    let refused = newcomer.actor.lonja.submit_partner(&newcomer.id).await.unwrap_err();
    assert_eq!(refused.code(), "gcc_tenant_is_commercial", "ENR-15");
}

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
