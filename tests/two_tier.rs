//! The two-tier business from end to end, by the SDK: a newcomer enrols, is linked with a provider, and its first
//! customer accepts both.

use lonja::access::Role;
use lonja::db::write::Actor as Hand;
use lonja::partners::{self, NewPartner, PartnerKind, PartnerState};
use lonja_sdk::types::{
    AnswerAcceptance, AuthorizeIndirectProviderLink, CreatePartnerUser, CreateRelationshipRequest,
    InviteIndirectReseller, ListCustomers, ListIndirectProviderLinks, ListLinkCustomers, LookUpIndirectProviderLink,
    RejectPartner, UpdatePartner, VerifyEmail,
};
use lonja_tests::house::partner_scopes;
use lonja_tests::linked::token_to;
use lonja_tests::newcomer::{CONTACT, Newcomer, address, contact, enrol, token, whole};
use lonja_tests::shop::new_customer;
use lonja_tests::{Actor, Backend, House};
use test_case::test_case;

/// An active provider there.
async fn provider(house: &House, country: &str, legal_name: &str) -> Actor {
    let new = NewPartner {
        kind: PartnerKind::IndirectProvider,
        legal_name: legal_name.to_owned(),
        country: country.to_owned(),
        partner_location_id: None,
        state: PartnerState::Active,
    };
    let row = house.state.write(&Hand::house("test"), async |tx| partners::register(tx, &new).await).await.unwrap();
    house.client_of(&row.id, &partner_scopes(), &[Role::GlobalAdmin, Role::AdminAgent]).await
}

/// From the draft to an active reseller; with a rejection in the middle, or without.
async fn active_reseller(house: &House, is_rejected_first: bool) -> Newcomer {
    let operator = house.operator().await;
    let newcomer = enrol(house, &whole()).await;
    let lonja = &newcomer.actor.lonja;
    newcomer.link_location("6208815").await.unwrap();
    for attempt in 0..=u8::from(is_rejected_first) {
        lonja.submit_partner(&newcomer.id).await.unwrap();
        lonja.verify_email(&VerifyEmail { token: token(house).await.into() }).await.unwrap();
        if is_rejected_first && attempt == 0 {
            let reasons = vec!["La dirección es la de un buzón.".to_owned()];
            let rejected = operator.lonja.reject_partner(&newcomer.id, &RejectPartner { reasons }).await.unwrap();
            assert_eq!(rejected.next_step.as_str(), "correctAndSubmit");
            let mut better = address();
            better.line1 = "Av. Revolución 1200, int. 4".to_owned();
            let update = UpdatePartner { address: Some(better), ..Default::default() };
            lonja.update_partner(&newcomer.id, &update).if_match("*").await.unwrap();
        }
    }
    operator.lonja.approve_partner(&newcomer.id).await.unwrap();
    newcomer.accept().await.unwrap();
    assert_eq!(newcomer.state().await, "active");
    newcomer
}

#[test_case(Backend::Sqlite, false; "sqlite")]
#[test_case(Backend::Postgres, false; "postgres")]
#[test_case(Backend::Sqlite, true; "with a rejection in the middle, sqlite")]
#[test_case(Backend::Postgres, true; "with a rejection in the middle, postgres")]
#[tokio::test]
async fn rule_enr_14_lnk_03_lnk_08_a_newcomer_comes_to_its_first_customer(backend: Backend, is_rejected_first: bool) {
    let house = House::open(backend).await;
    let provider = provider(&house, "MX", "Mayorista Nube del Norte S.A. de C.V.").await;
    let newcomer = active_reseller(&house, is_rejected_first).await;
    // ENR-14: with the client that came with its draft it makes the one that it works with.
    let work = house.client_of(&newcomer.id, &partner_scopes(), &[Role::AdminAgent]).await;
    let reseller = &newcomer.actor.lonja;

    let email = "socios@integradorapacifico.example".to_owned();
    let invite =
        InviteIndirectReseller { email: email.clone(), reseller_id: Some(newcomer.id.clone()), ..Default::default() };
    let link = provider.lonja.invite_indirect_reseller(&invite).await.unwrap();
    let secret = token_to(&house, &email).await;
    let looked = reseller
        .lookup_indirect_provider_link(&LookUpIndirectProviderLink { token: secret.as_str().into() })
        .await
        .unwrap();
    assert!(looked.possible && looked.provider.legal_name.starts_with("Mayorista"), "{looked:?}");
    let consent = AuthorizeIndirectProviderLink {
        token: secret.into(),
        consent: Some(true),
        consent_version: Some(looked.consent.version),
    };
    assert_eq!(reseller.authorize_indirect_provider_link(&link.id, &consent).await.unwrap().state.as_str(), "active");
    // LNK-03: each side lists the other.
    for side in [&provider.lonja, reseller] {
        let links = side.list_indirect_provider_links(&ListIndirectProviderLinks::default()).await.unwrap();
        assert_eq!(links.items.iter().map(|one| &one.id).collect::<Vec<_>>(), [&link.id]);
    }

    let new = new_customer();
    let ask = CreateRelationshipRequest {
        company_name: new.company_name,
        country: new.country,
        address: new.address,
        contact: contact("lucia@panaderiasol.example"),
        ..Default::default()
    };
    let asked = work.lonja.invite_link_customer(&link.id, &ask).await.unwrap();
    let secret = asked.link.unwrap().expose().rsplit('/').next().unwrap().to_owned();
    let yes = AnswerAcceptance {
        decision: "accept".into(),
        first_name: Some("Lucía".to_owned()),
        last_name: Some("Hernández".to_owned()),
        email: Some("lucia@panaderiasol.example".to_owned()),
        ..Default::default()
    };
    work.lonja.answer_acceptance(&secret, &yes).await.unwrap();
    // LNK-08: one answer, and both have the customer; it is shared (LNK-07).
    for side in [&provider, &work] {
        let customers = side.lonja.list_customers(&ListCustomers::default()).await.unwrap();
        assert_eq!(customers.items.len(), 1);
        let shared = side.lonja.list_link_customers(&link.id, &ListLinkCustomers::default()).await.unwrap();
        assert_eq!(shared.items[0].id, customers.items[0].id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_06_a_european_provider_is_refused_before_any_mail_goes_out(backend: Backend) {
    let house = House::open(backend).await;
    let european = provider(&house, "ES", "Mayorista del Ebro S.L.").await;
    let newcomer = active_reseller(&house, false).await;
    let mails = house.count("SELECT count(*) FROM emails").await;
    let invite = InviteIndirectReseller {
        email: CONTACT.to_owned(),
        reseller_id: Some(newcomer.id.clone()),
        ..Default::default()
    };
    let refused = european.lonja.invite_indirect_reseller(&invite).await.unwrap_err();
    assert_eq!(refused.code(), "region_mismatch");
    house.seal().await;
    assert_eq!(house.count("SELECT count(*) FROM emails").await, mails, "nobody was written to");
    assert!(
        newcomer
            .actor
            .lonja
            .list_indirect_provider_links(&ListIndirectProviderLinks::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

/// Admin access is to the profile and the people, and to nothing else (LNK-04); LNK-05 takes it away at once.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_04_admin_access_opens_profile_and_people_and_nothing_else(backend: Backend) {
    let house = House::open(backend).await;
    let pair = lonja_tests::linked::Linked::open(&house).await;
    let (provider, reseller) = (&pair.provider, &pair.reseller);
    let account = format!("/v1/partners/{}", reseller.partner_id);
    let users = format!("{account}/users");
    assert_eq!(provider.get(&account).await.status, 200);
    let change = serde_json::json!({ "language": "en" });
    assert_eq!(provider.patch(&account, "*", &change).await.json()["language"], "en");
    let marta = CreatePartnerUser {
        first_name: "Marta".to_owned(),
        last_name: "Ruiz".to_owned(),
        email: "marta@distribuidora.example".to_owned(),
        roles: vec!["adminAgent".into()],
    };
    let user = provider.lonja.create_partner_user(&reseller.partner_id, &marta).await.unwrap();
    assert!(reseller.get(&users).await.text.contains(&user.id));

    let nothing = serde_json::Value::Null;
    for (path, body) in [
        (format!("{account}:submit"), nothing.clone()),
        (format!("{account}/agreements"), serde_json::json!({ "version": "2026-10-01" })),
    ] {
        assert_eq!(provider.post(&path, &body).await.status, 404, "{path}");
    }
    assert_eq!(provider.get(&format!("{account}/agreements")).await.status, 404);
    let location = serde_json::json!({ "partnerLocationId": "4400123" }).to_string();
    let path = format!("{account}/partner-location");
    let put = provider.send(reqwest::Method::PUT, &path, &[("if-match", "*")], Some(location)).await;
    assert_eq!(put.status, 404);
    // The other way round nothing is granted, nor to a provider that is linked with somebody else.
    assert_eq!(reseller.get(&format!("/v1/partners/{}", provider.partner_id)).await.status, 404);
    let other = lonja_tests::linked::Linked::open(&house).await;
    assert_eq!(other.provider.get(&account).await.status, 404);

    let removed = format!("/v1/indirect-provider-links/{}:remove-admin-access", pair.link);
    assert_eq!(reseller.post(&removed, &nothing).await.status, 200);
    for path in [&account, &users] {
        assert_eq!(provider.get(path).await.status, 404, "{path}");
    }
    assert_eq!(provider.patch(&account, "*", &change).await.status, 404);
}
