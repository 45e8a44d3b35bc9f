//! A newcomer's draft, from the first field to the agreement (ENR).

use lonja::partners::{self, PartnerKind};
use lonja_sdk::types::{Address, CreatePartner, ListPartnerReviews, RejectPartner, UpdatePartner, VerifyEmail};
use lonja_tests::newcomer::{CONTACT, address, contact, enrol, in_review, link, mails, page, token, whole};
use lonja_tests::shop::new_customer;
use lonja_tests::{Actor, Backend, House, Reply};
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

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
    // ENR-16: the primary contact is told of each change.
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
    lonja.verify_email(&VerifyEmail { token: token(&house).await.into() }).await.unwrap();
    // Under review the legal data stays; whom customers reach does not belong to it.
    let locked = lonja.update_partner(&newcomer.id, &update_name("Otra S.C.")).if_match("*").await.unwrap_err();
    assert_eq!(locked.code(), "partner_data_locked");
    let support =
        UpdatePartner { support_contact: Some(contact("ayuda@integradorapacifico.example")), ..Default::default() };
    lonja.update_partner(&newcomer.id, &support).if_match("*").await.unwrap();
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
    // Only the partner vouches for it: until the operator has confirmed it nothing is sold.
    let stated = newcomer.partner().await;
    assert_eq!((stated.state.as_str(), stated.next_step.as_str()), ("approved", "awaitReview"));
    assert!(stated.partner_location_source.unwrap().as_str() == "stated" && stated.review_due_by.is_some());
    // It may be put right before, and refused: then another is linked.
    newcomer.link_location("6208817").await.unwrap();
    let reasons = vec!["Es de otra empresa.".to_owned()];
    let refused = operator.lonja.reject_partner(&newcomer.id, &RejectPartner { reasons }).await.unwrap();
    assert_eq!((refused.state.as_str(), refused.next_step.as_str()), ("approved", "addPartnerLocation"));
    newcomer.link_location("6208815").await.unwrap();
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
async fn rule_enr_17_who_has_no_work_account_gets_one(backend: Backend) {
    let house = House::open(backend).await;
    let name = format!("pacifico{}", &Uuid::new_v4().simple().to_string()[..8]);
    let newcomer = enrol(&house, &CreatePartner { tenant_id: None, ..whole() }).await;
    let missing = newcomer.actor.post(&format!("/v1/partners/{}:submit", newcomer.id), &Value::Null).await;
    assert_eq!(missing.json()["errors"][1]["pointer"], "/tenantId", "{}", missing.text);

    let path = format!("/v1/partners/{}/work-account", newcomer.id);
    for bad in ["Pacifico", "pacífico", "paci-fico", &"p".repeat(28)] {
        let refused = newcomer.actor.post(&path, &json!({ "name": bad })).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "domain_name_invalid"), "{bad}");
    }
    // A customer's tenant and a partner's account are never of one name.
    let other = house.partner(PartnerKind::DirectBill).await;
    let customer = other.lonja.create_customer(&new_customer()).await.unwrap().id;
    let tenants = format!("/v1/customers/{customer}/tenants");
    let wanted = json!({ "mode": "create", "name": name });
    let key = Uuid::new_v4().to_string();
    let ask = async || {
        let headers = [("idempotency-key", key.as_str())];
        newcomer.actor.send(reqwest::Method::POST, &path, &headers, Some(json!({ "name": name }).to_string())).await
    };
    let (made, theirs) = futures_util::join!(ask(), other.post(&tenants, &wanted));
    let won = made.status == 201;
    assert_ne!(won, theirs.status == 201, "{} {}", made.text, theirs.text);
    assert_eq!(if won { theirs.code() } else { made.code() }, "domain_taken");
    if !won {
        // What was refused burnt nothing: another name is taken with the same draft.
        let again = newcomer.actor.post(&path, &json!({ "name": format!("{name}x") })).await;
        assert_eq!(again.status, 201, "{}", again.text);
    } else {
        let account = made.json();
        assert_eq!(account["domain"], format!("{name}.onmicrosoft.com"));
        assert_eq!(account["userName"], format!("admin@{name}.onmicrosoft.com"));
        // Once; the same request of the same client is answered the same (TEN-04).
        assert_eq!(ask().await.text, made.text);
        let password = account["temporaryPassword"].as_str().unwrap();
        assert_eq!(password.len(), 20);
        assert!(!newcomer.actor.get("/v1/partners/me").await.text.contains(password));
    }
    let partner = newcomer.partner().await;
    assert!(partner.tenant_id.is_some());
    let twice = newcomer.actor.post(&path, &json!({ "name": format!("{name}y") })).await;
    assert_eq!((twice.status.as_u16(), twice.code().as_str()), (409, "work_account_exists"));
    newcomer.actor.lonja.submit_partner(&newcomer.id).await.unwrap();
    assert_eq!(newcomer.state().await, "awaitingEmailProof");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_17_who_is_in_csp_already_is_asked_for_the_support_contact_only(backend: Backend) {
    let house = House::open(backend).await;
    let directory = "partnerLocationId,kind,country,name,tenantId,line1,city,state,postalCode,contactFirstName,\
        contactLastName,contactEmail\n\
        4400123,location,MX,Integradora Pacífico S.C.,7d1f0c1e-3c55-4d7e-9a2b-0c5a2f6f8f10,Av. Revolución 1200,Tijuana,\
        BCN,22000,Lucía,Hernández,ana@integradorapacifico.example\n";
    let report = partners::import_locations(&house.state, directory.as_bytes()).await.unwrap();
    assert_eq!((report.imported, report.refused.len()), (1, 0));

    let bare = CreatePartner {
        legal_name: "Integradora Pacífico S.C.".to_owned(),
        country: "MX".to_owned(),
        ..Default::default()
    };
    let newcomer = enrol(&house, &bare).await;
    newcomer.link_location("4400123").await.unwrap();
    let submit = format!("/v1/partners/{}:submit", newcomer.id);
    let refused = newcomer.actor.post(&submit, &Value::Null).await;
    let missing: Vec<_> =
        refused.json()["errors"].as_array().unwrap().iter().map(|one| one["pointer"].clone()).collect();
    assert_eq!(missing, ["", "/supportContact"], "{}", refused.text);

    let support =
        UpdatePartner { support_contact: Some(contact("soporte@integradorapacifico.example")), ..Default::default() };
    newcomer.actor.lonja.update_partner(&newcomer.id, &support).if_match("*").await.unwrap();
    // Another contact of its own changes nothing: the proof goes to the address that the directory knows, and until then
    // nothing of what the directory knows is told.
    let own = UpdatePartner { primary_contact: Some(contact("otra@integradorafalsa.example")), ..Default::default() };
    newcomer.actor.lonja.update_partner(&newcomer.id, &own).if_match("*").await.unwrap();
    let submitted = newcomer.actor.post(&submit, &Value::Null).await;
    assert_eq!(submitted.status, 200, "{}", submitted.text);
    assert!(!submitted.text.contains("7d1f0c1e") && !submitted.text.contains("Revolución"), "{}", submitted.text);
    let (kinds, mail) = mails(&house).await;
    let asked = (kinds.last().map(String::as_str), mail["to"].as_str());
    assert_eq!(asked, (Some("mail_email_verification"), Some(CONTACT)));
    newcomer.actor.lonja.verify_email(&VerifyEmail { token: token(&house).await.into() }).await.unwrap();
    let partner = newcomer.partner().await;
    assert_eq!(partner.tenant_id.as_deref(), Some("7d1f0c1e-3c55-4d7e-9a2b-0c5a2f6f8f10"));
    assert_eq!(partner.address.unwrap().postal_code, "22000");
}
