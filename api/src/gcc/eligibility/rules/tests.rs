use super::*;
use crate::clock::Instant;
use crate::customers::CustomerRow;
use crate::db::words::Json;
use crate::gcc::codes::{CodeRow, GccCodeState};
use crate::gcc::eligibility::facts::Customer;
use crate::messages::Language;
use crate::partners::PartnerRow;
use crate::profiles::PreferredLanguage;
use test_case::test_case;

fn now() -> Instant {
    "2026-11-20T18:00:00Z".parse().unwrap()
}

fn partner(id: &str, kind: PartnerKind) -> PartnerRow {
    let row = PartnerRow::draft(id.to_owned(), kind, "Mayorista".to_owned(), "US".to_owned(), now().naive_utc());
    PartnerRow { state: PartnerState::Active, tenant_id: Some("tenant".to_owned()), ..row }
}

fn facts(caller: PartnerRow, seller: Option<PartnerRow>) -> Facts {
    Facts {
        caller,
        sellers: seller.iter().cloned().collect(),
        seller,
        seller_validation: None,
        invited: None,
        link: Some("link".to_owned()),
        customer: None,
        organization: None,
        validation: None,
        code: None,
        now: now(),
    }
}

fn customer(country: &str) -> Customer {
    let address = json!({ "line1": "410 Congress Ave", "city": "Austin", "postalCode": "78701" });
    let contact = json!({ "firstName": "Grace", "lastName": "Whitfield", "email": "grace@bluebonnetdental.example" });
    let row = CustomerRow {
        id: "customer".to_owned(),
        company_name: "City of Marble Falls".to_owned(),
        country: country.to_owned(),
        address: Json::of(&address).unwrap(),
        contact: Json::of(&contact).unwrap(),
        language: PreferredLanguage::English,
        version: 1,
        created_at: now().naive_utc(),
        organization_registration_number: None,
        contact_changed_by: None,
        merged_into: None,
    };
    Customer {
        row,
        is_qualified: false,
        has_accepted_seller: false,
        is_asked: false,
        has_accepted_mca: false,
        tenant: None,
    }
}

fn code() -> CodeRow {
    CodeRow {
        id: "code".to_owned(),
        partner_id: "provider".to_owned(),
        partner_of_record_id: None,
        customer_id: None,
        validation_id: "validation".to_owned(),
        organization: "City of Marble Falls".to_owned(),
        organization_key: "cityofmarblefalls".to_owned(),
        state: GccCodeState::Active,
        max_creates: 5,
        remaining_creates: 5,
        version: 1,
        created_at: now().naive_utc(),
    }
}

fn qualified(mut row: PartnerRow) -> PartnerRow {
    row.gcc_qualified_at = Some(now().naive_utc());
    row
}

fn codes(facts: &Facts) -> Vec<Code> {
    missing(facts).unwrap().into_iter().map(|step| step.code).collect()
}

#[test]
fn rule_gcc_02_a_reseller_without_a_provider_gets_the_whole_way() {
    let mut facts = facts(partner("reseller", PartnerKind::IndirectReseller), None);
    let whole = [
        Code::InviteReseller,
        Code::AuthorizeLink,
        Code::SubmitPartnerValidation,
        Code::ApprovePartnerValidation,
        Code::SubmitCustomerValidation,
        Code::ApproveCustomerValidation,
        Code::CreateCustomer,
        Code::AttestAgreement,
        Code::CreateTenant,
    ];
    assert_eq!(codes(&facts), whole);
    facts.invited = Some("link".to_owned());
    let steps = missing(&facts).unwrap();
    assert_eq!((steps[0].code, steps[0].by), (Code::AuthorizeLink, By::You));
    assert_eq!(steps[0].operation.as_ref().unwrap().path, "/v1/indirect-provider-links/link:authorize");
}

#[test]
fn rule_gcc_06_a_reseller_submits_in_its_providers_name() {
    let provider = qualified(partner("provider", PartnerKind::IndirectProvider));
    let mut facts = facts(partner("reseller", PartnerKind::IndirectReseller), Some(provider));
    facts.customer = Some(customer("US"));
    let steps = missing(&facts).unwrap();
    let whole = [
        (Code::SubmitCustomerValidation, By::You),
        (Code::ApproveCustomerValidation, By::Operator),
        (Code::AskCustomer, By::You),
        (Code::AttestAgreement, By::Provider),
        (Code::CreateTenant, By::You),
    ];
    assert_eq!(steps.iter().map(|step| (step.code, step.by)).collect::<Vec<_>>(), whole);
    let body = steps[0].operation.as_ref().unwrap().body.as_ref().unwrap();
    assert_eq!((&body["partnerTenantId"], &body["customerId"]), (&json!("tenant"), &json!("customer")));
}

#[test]
fn rule_gcc_12_a_code_makes_the_customer_in_one_step() {
    let provider = qualified(partner("provider", PartnerKind::IndirectProvider));
    let mut facts = facts(partner("reseller", PartnerKind::IndirectReseller), Some(provider));
    facts.code = Some(code());
    assert_eq!(codes(&facts), [Code::CreateCustomer, Code::AttestAgreement, Code::CreateTenant]);
    let create = missing(&facts).unwrap().remove(0).operation.unwrap();
    let expected = json!({
        "country": "US", "companyName": "City of Marble Falls", "gccValidationCode": "code", "providerId": "provider",
    });
    assert_eq!(create.body.unwrap(), expected);
    facts.customer = Some(customer("US"));
    assert_eq!(codes(&facts)[0], Code::UseValidationCode);
}

#[test]
fn rule_gcc_07_a_partner_without_a_tenant_id_or_qualification() {
    let mut own = partner("own", PartnerKind::DirectBill);
    own.tenant_id = None;
    let mut facts = facts(own.clone(), Some(own));
    let mut whole = customer("US");
    (whole.is_qualified, whole.has_accepted_mca) = (true, true);
    facts.customer = Some(whole);
    let expected =
        [Code::RecordTenantId, Code::SubmitPartnerValidation, Code::ApprovePartnerValidation, Code::CreateTenant];
    assert_eq!(codes(&facts), expected);
}

#[test_case("MX", false, &[Code::NotInUnitedStates]; "a customer elsewhere")]
#[test_case("MX", true, &[Code::OtherRegion, Code::AttestAgreement, Code::CreateTenant]; "one that has moved")]
fn rule_gcc_08_what_nothing_helps_against(country: &str, is_qualified: bool, expected: &[Code]) {
    let own = qualified(partner("own", PartnerKind::DirectBill));
    let mut facts = facts(own.clone(), Some(own));
    facts.customer = Some(Customer { is_qualified, ..customer(country) });
    assert_eq!(codes(&facts), expected);
    assert!(missing(&facts).unwrap()[0].operation.is_none());
}

#[test]
fn every_step_has_words_in_both_languages() {
    let all = [
        Code::ActivatePartner,
        Code::InviteReseller,
        Code::AuthorizeLink,
        Code::ReinstateSeller,
        Code::RecordTenantId,
        Code::SubmitPartnerValidation,
        Code::AnswerAboutPartner,
        Code::ApprovePartnerValidation,
        Code::SubmitCustomerValidation,
        Code::AnswerAboutCustomer,
        Code::ApproveCustomerValidation,
        Code::CreateCustomer,
        Code::UseValidationCode,
        Code::AskCustomer,
        Code::WaitForCustomer,
        Code::AttestAgreement,
        Code::CreateTenant,
        Code::OrderRefused,
        Code::NotInUnitedStates,
        Code::OtherRegion,
    ];
    let names = ["company", "organization", "country", "seller", "customer", "reasons"];
    let facts: Map<String, Value> = names.into_iter().map(|name| (name.to_owned(), json!("Ñandú"))).collect();
    for code in all {
        for language in Language::ALL {
            let words = code.detail(language, &facts);
            assert!(words.len() > 20 && !words.contains('{') && words.chars().count() < 1000, "{code:?}: {words:?}");
        }
        assert_ne!(code.detail(Language::English, &facts), code.detail(Language::Spanish, &facts), "{code:?}");
    }
}
