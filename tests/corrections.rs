//! Mistakes of an enrolment can be put right, and nobody holds what is another's (ENR).

use lonja_sdk::types::{CreatePartner, RejectPartner, UpdatePartner, VerifyEmail};
use lonja_tests::linked::token_to;
use lonja_tests::newcomer::{address, contact, enrol, in_review, page, token, whole};
use lonja_tests::{Backend, House};
use serde_json::{Value, json};
use test_case::test_case;

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_07_a_mistyped_address_is_corrected_before_it_is_proven(backend: Backend) {
    let house = House::open(backend).await;
    let newcomer = enrol(&house, &whole()).await;
    let lonja = &newcomer.actor.lonja;
    lonja.submit_partner(&newcomer.id).await.unwrap();
    let older = token(&house).await;
    let better =
        UpdatePartner { primary_contact: Some(contact("luz@integradorapacifico.example")), ..Default::default() };
    let corrected = lonja.update_partner(&newcomer.id, &better).if_match("*").await.unwrap();
    assert_eq!((corrected.state.as_str(), corrected.next_step.as_str()), ("draft", "completeAndSubmit"));
    let old_link = format!("{}/verify-email/{older}", house.url);
    assert_eq!(page(&house, &old_link, reqwest::Method::POST, "es").await.0, 409, "the older link proves nothing");
    lonja.submit_partner(&newcomer.id).await.unwrap();
    assert_eq!(page(&house, &old_link, reqwest::Method::POST, "es").await.0, 410);
    let verify = VerifyEmail { token: token_to(&house, "luz@integradorapacifico.example").await.into() };
    assert_eq!(lonja.verify_email(&verify).await.unwrap().state.as_str(), "inReview");
    // What is under review stays as it is.
    let late = lonja.update_partner(&newcomer.id, &better_name()).if_match("*").await.unwrap_err();
    assert_eq!(late.code(), "partner_data_locked");
}

fn better_name() -> UpdatePartner {
    UpdatePartner { legal_name: Some("Integradora Atlántico S.C.".to_owned()), ..Default::default() }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_03_the_country_is_that_of_the_partner_id_also_when_it_changes_later(backend: Backend) {
    let house = House::open(backend).await;
    let file = "partnerLocationId,kind,country\n6208815,location,MX\n";
    lonja::partners::import_locations(&house.state, file.as_bytes()).await.unwrap();
    let newcomer = enrol(&house, &whole()).await;
    newcomer.link_location("6208815").await.unwrap();
    let mut spanish = address();
    (spanish.postal_code, spanish.state, spanish.city) = ("28013".to_owned(), None, "Madrid".to_owned());
    let moved = UpdatePartner { country: Some("ES".to_owned()), address: Some(spanish), ..Default::default() };
    newcomer.actor.lonja.update_partner(&newcomer.id, &moved).if_match("*").await.unwrap();
    let refused = newcomer.actor.post(&format!("/v1/partners/{}:submit", newcomer.id), &Value::Null).await;
    assert!(refused.text.contains("partner_id_country_mismatch"), "{}", refused.text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_09_another_partner_id_corrects_a_rejected_enrolment(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let newcomer = in_review(&house).await;
    newcomer.link_location("6208815").await.unwrap();
    let reasons = vec!["El PartnerID es de otra empresa.".to_owned()];
    operator.lonja.reject_partner(&newcomer.id, &RejectPartner { reasons }).await.unwrap();
    newcomer.link_location("6208816").await.unwrap();
    let corrected = newcomer.partner().await;
    assert!(corrected.state.as_str() == "draft" && corrected.rejection_reasons.is_empty());
    newcomer.actor.lonja.submit_partner(&newcomer.id).await.unwrap();
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_13_a_draft_that_holds_what_is_anothers_is_turned_away(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let squatter = enrol(&house, &whole()).await;
    let tenant = squatter.partner().await.tenant_id;
    let owner = CreatePartner { tenant_id: tenant, ..whole() };
    let storefront = house.enrolment().await;
    assert_eq!(storefront.lonja.create_partner(&owner).await.unwrap_err().code(), "tenant_already_enrolled");
    let reasons = vec!["No es su directorio.".to_owned()];
    operator.lonja.reject_partner(&squatter.id, &RejectPartner { reasons }).await.unwrap();
    assert!(squatter.partner().await.tenant_id.is_none());
    storefront.lonja.create_partner(&owner).await.unwrap();
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_01_06_what_the_operator_registers_is_checked_too(backend: Backend) {
    let house = House::open(backend).await;
    let operator = house.operator().await;
    let contact = json!({ "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@gmail.com" });
    let wrong = json!({
        "kind": "indirectProvider", "legalName": "S.A. de C.V.", "country": "MX", "primaryContact": contact,
        "duns": "000000000",
    });
    let refused = operator.post("/v1/partners", &wrong).await;
    let faults = refused.faults();
    for known in ["/legalName company_name_invalid", "/primaryContact/email webmail_not_accepted"] {
        assert!(faults.iter().any(|fault| fault == known), "{faults:?}");
    }
    assert!(faults.iter().any(|fault| fault.starts_with("/duns ")), "{faults:?}");
    let right =
        json!({ "kind": "indirectProvider", "legalName": "Mayorista Nube del Norte S.A. de C.V.", "country": "MX" });
    assert_eq!(operator.post("/v1/partners", &right).await.json()["state"], "approved");
}
