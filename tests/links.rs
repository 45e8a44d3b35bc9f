//! Links between providers and resellers, from the invitation to the end (LNK), by the SDK where it says enough.

use futures_util::future::join_all;
use lonja::access::Role;
use lonja::clock::machine_now;
use lonja::db::write::Actor as Hand;
use lonja::links;
use lonja::partners::{self, NewPartner, PartnerKind, PartnerState};
use lonja_sdk::types::{AuthorizeIndirectProviderLink, ListIndirectProviderLinks, LookUpIndirectProviderLink};
use lonja_tests::actor::refused;
use lonja_tests::house::partner_scopes;
use lonja_tests::linked::{self, Linked, RESELLER_EMAIL};
use lonja_tests::{Actor, Backend, House, Reply};
use serde_json::{Value, json};
use test_case::test_case;

const LINKS: &str = "/v1/indirect-provider-links";

/// An active partner in this country.
async fn partner_at(house: &House, kind: PartnerKind, country: &str, legal_name: &str) -> Actor {
    let new = NewPartner {
        kind,
        legal_name: legal_name.to_owned(),
        country: country.to_owned(),
        partner_location_id: None,
        state: PartnerState::Active,
    };
    let row = house.state.write(&Hand::house("test"), async |tx| partners::register(tx, &new).await).await.unwrap();
    house.client_of(&row.id, &partner_scopes(), &[Role::GlobalAdmin]).await
}

/// A provider and a reseller in Mexico that do not know each other.
async fn pair(house: &House) -> (Actor, Actor) {
    let provider =
        partner_at(house, PartnerKind::IndirectProvider, "MX", "Mayorista Nube del Norte S.A. de C.V.").await;
    let reseller = partner_at(house, PartnerKind::IndirectReseller, "MX", "Integradora Pacífico S.C.").await;
    (provider, reseller)
}

fn yes(token: &str) -> Value {
    json!({ "token": token, "consent": true })
}

async fn act(actor: &Actor, link: &str, verb: &str, body: &Value) -> Reply {
    actor.post(&format!("{LINKS}/{link}:{verb}"), body).await
}

async fn mails(house: &House) -> i64 {
    house.count("SELECT count(*) FROM emails").await
}

async fn topics(actor: &Actor) -> Vec<String> {
    let page = actor.get("/v1/events?type=indirect_provider_link.*&limit=200").await.json();
    page["items"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

/// What the other features are told of a pair: live, providers, admin access.
async fn told(house: &House, provider: &Actor, reseller: &Actor) -> (bool, usize, bool) {
    let account = provider.get(&format!("/v1/partners/{}", reseller.partner_id)).await;
    assert!(account.status == 200 || account.status == 404, "{}", account.text);
    let (provider, reseller) = (&provider.partner_id, &reseller.partner_id);
    let mut reader = house.state.read().await.unwrap();
    let mut db = reader.db().unwrap();
    let live = links::is_live(&mut db, provider, reseller).await.unwrap();
    let providers = links::live_providers_of(&mut db, reseller).await.unwrap().len();
    (live, providers, account.status == 200)
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_01_02_03_04_05_10_from_the_invitation_to_the_end(backend: Backend) {
    let house = House::open(backend).await;
    let (provider, reseller) = pair(&house).await;
    let (provider_id, reseller_id) = (provider.partner_id.as_str(), reseller.partner_id.as_str());

    let message = "Hablamos el martes.";
    let (id, token) = linked::invite(&house, &provider, &json!({ "message": message, "language": "en" })).await;
    let stored = house.texts("SELECT digest AS text FROM indirect_provider_invitations").await;
    assert!(token.len() == 43 && stored.len() == 1 && stored[0] != token, "only a digest is kept");
    let text = house.http().get(format!("{}/v1/sandbox/emails", house.url)).send().await.unwrap().text().await.unwrap();
    assert!(text.contains(message) && text.contains("Mayorista Nube del Norte"), "{text}");
    assert_eq!(reseller.get(&format!("{LINKS}/{id}")).await.status, 404, "an address alone names no reseller");
    assert_eq!(told(&house, &provider, &reseller).await, (false, 0, false));

    let ask = LookUpIndirectProviderLink { token: token.as_str().into() };
    let asked = reseller.lonja.lookup_indirect_provider_link(&ask).await.unwrap();
    assert!(asked.possible && asked.link_id == id && asked.provider.id == provider_id);
    assert!(asked.consent.text.contains("Mayorista Nube del Norte") && asked.consent.text.contains("Integradora"));

    let without = act(&reseller, &id, "authorize", &json!({ "token": token, "consent": false })).await;
    refused(&without, 422, "consent_required");
    refused(&act(&reseller, &id, "authorize", &json!({ "token": token })).await, 422, "consent_required");
    let stale = json!({ "token": token, "consent": true, "consentVersion": "1999-01" });
    refused(&act(&reseller, &id, "authorize", &stale).await, 422, "consent_required");
    let consent =
        AuthorizeIndirectProviderLink { token: token.as_str().into(), consent: Some(true), ..Default::default() };
    let link = reseller.lonja.authorize_indirect_provider_link(&id, &consent).await.unwrap();
    let given = link.consent.clone().unwrap();
    assert_eq!((link.state.as_str(), link.admin_access.unwrap().as_str()), ("active", "granted"));
    assert_eq!((given.text, given.version), (asked.consent.text, asked.consent.version), "word for word");
    assert_eq!(given.client_id.as_deref(), Some(reseller.client_id.as_str()));
    assert_eq!(told(&house, &provider, &reseller).await, (true, 1, true));

    // LNK-03: each side lists the other.
    for (side, role, other) in [(&provider, "provider", "reseller"), (&reseller, "reseller", "provider")] {
        let all = ListIndirectProviderLinks { role: Some(role.into()), ..Default::default() };
        let own = side.lonja.list_indirect_provider_links(&all).await.unwrap();
        assert_eq!(own.items.len(), 1, "{role}");
        let elsewhere = side.get(&format!("{LINKS}?role={other}")).await.json();
        assert_eq!(elsewhere["items"], json!([]), "{role}");
        let ended = side.get(&format!("{LINKS}?state=ended")).await.json();
        assert_eq!(ended["items"], json!([]), "{role}");
    }
    let seen = provider.get(&format!("{LINKS}/{id}")).await.json();
    assert_eq!((&seen["reseller"]["id"], &seen["consent"]["clientId"]), (&json!(reseller_id), &Value::Null));

    // LNK-05: the reseller takes the access back, and keeps the link.
    refused(&act(&provider, &id, "remove-admin-access", &Value::Null).await, 403, "partner_kind_not_allowed");
    let early = json!({ "email": RESELLER_EMAIL, "resellerId": reseller_id, "purpose": "restoreAdminAccess" });
    refused(&provider.post(LINKS, &early).await, 409, "admin_access_not_removed");
    let removed = act(&reseller, &id, "remove-admin-access", &Value::Null).await.json();
    assert_eq!((&removed["state"], &removed["adminAccess"]), (&json!("active"), &json!("removed")));
    refused(&act(&reseller, &id, "remove-admin-access", &Value::Null).await, 409, "admin_access_already_removed");
    assert_eq!(told(&house, &provider, &reseller).await, (true, 1, false));

    let nobody = json!({ "email": RESELLER_EMAIL, "purpose": "restoreAdminAccess" });
    assert_eq!(provider.post(LINKS, &nobody).await.faults(), ["/resellerId field_required"]);
    let restore = json!({ "resellerId": reseller_id, "purpose": "restoreAdminAccess" });
    let (first, dead) = linked::invite(&house, &provider, &restore).await;
    let (again, live) = linked::invite(&house, &provider, &restore).await;
    assert_eq!((&first, &again), (&id, &id), "the link stays the same");
    refused(&act(&reseller, &id, "authorize", &yes(&dead)).await, 410, "invitation_cancelled");
    let restored = act(&reseller, &id, "authorize", &yes(&live)).await.json();
    assert_eq!(
        (&restored["adminAccess"], &restored["consent"]["purpose"]),
        (&json!("granted"), &json!("restoreAdminAccess"))
    );
    assert_eq!(told(&house, &provider, &reseller).await, (true, 1, true));

    let ended = act(&reseller, &id, "end", &Value::Null).await.json();
    assert_eq!((&ended["state"], &ended["endedBy"]), (&json!("ended"), &json!("reseller")));
    refused(&act(&provider, &id, "end", &Value::Null).await, 409, "link_not_active");
    assert_eq!(told(&house, &provider, &reseller).await, (false, 0, false));

    house.seal().await;
    let happened: Vec<String> =
        ["authorized", "admin_access_removed", "invited", "invited", "admin_access_restored", "ended"]
            .map(|what| format!("indirect_provider_link.{what}"))
            .into();
    assert_eq!(topics(&reseller).await, happened);
    assert_eq!(topics(&provider).await[1..], happened, "the provider saw its first invitation too");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_06_another_region_is_refused_before_any_mail_goes_out(backend: Backend) {
    let house = House::open(backend).await;
    let spanish = partner_at(&house, PartnerKind::IndirectProvider, "ES", "Mayorista del Ebro S.L.").await;
    let mexican = partner_at(&house, PartnerKind::IndirectReseller, "MX", "Integradora Pacífico S.C.").await;
    let known = json!({ "email": RESELLER_EMAIL, "resellerId": mexican.partner_id });
    let reply = spanish.post(LINKS, &known).await;
    refused(&reply, 409, "region_mismatch");
    let context = reply.json()["context"].clone();
    assert!(context["sellerRegion"].is_string() && context["buyerRegion"].is_string(), "{context}");
    assert_eq!((mails(&house).await, house.count("SELECT count(*) FROM indirect_provider_links").await), (0, 0));

    // Who the address belongs to shows itself only afterwards.
    let (id, token) = linked::invite(&house, &spanish, &json!({})).await;
    let looked = mexican.post(&format!("{LINKS}:lookup"), &json!({ "token": token })).await.json();
    assert_eq!((&looked["possible"], &looked["reasons"][0]["code"]), (&json!(false), &json!("region_mismatch")));
    refused(&act(&mexican, &id, "authorize", &yes(&token)).await, 409, "region_mismatch");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_12_every_late_use_says_which(backend: Backend) {
    let house = House::open(backend).await;
    let (provider, reseller) = pair(&house).await;
    let anew = async || linked::invite(&house, &provider, &json!({})).await;
    let (declined, cancelled, expired, used) = (anew().await, anew().await, anew().await, anew().await);
    assert_eq!(
        act(&reseller, &declined.0, "decline", &json!({ "token": declined.1 })).await.json()["state"],
        "declined"
    );
    assert_eq!(act(&provider, &cancelled.0, "cancel", &Value::Null).await.json()["state"], "cancelled");
    assert_eq!(act(&reseller, &used.0, "authorize", &yes(&used.1)).await.status, 200);
    let late = machine_now() + chrono::TimeDelta::days(31);
    house.set_clock(&late.to_rfc3339()).await;
    let ends = [
        (&declined, "declined", "invitation_declined"),
        (&cancelled, "cancelled", "invitation_cancelled"),
        (&expired, "expired", "invitation_expired"),
        (&used, "active", "invitation_already_used"),
    ];
    for ((id, token), state, code) in ends {
        let bare = json!({ "token": token });
        refused(&reseller.post(&format!("{LINKS}:lookup"), &bare).await, 410, code);
        refused(&act(&reseller, id, "authorize", &yes(token)).await, 410, code);
        refused(&act(&reseller, id, "decline", &bare).await, 410, code);
        refused(&act(&provider, id, "cancel", &Value::Null).await, 410, code);
        assert_eq!(provider.get(&format!("{LINKS}/{id}")).await.json()["state"], state);
    }
    let listed = provider.get(&format!("{LINKS}?state=expired")).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "the clock alone has written it down");
    assert!(topics(&provider).await.contains(&"indirect_provider_link.expired".to_owned()));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_01_12_a_token_that_is_not_the_callers_is_refused(backend: Backend) {
    let house = House::open(backend).await;
    let elsewhere = House::open(backend).await;
    let (provider, reseller) = pair(&house).await;
    let (_, other) = pair(&house).await;
    let named = json!({ "resellerId": reseller.partner_id });
    let (id, token) = linked::invite(&house, &provider, &named).await;
    let foreign = linked::invite(&elsewhere, &pair(&elsewhere).await.0, &json!({})).await.1;
    let altered = format!("{}{}", if token.starts_with('A') { 'B' } else { 'A' }, &token[1..]);
    for bad in [foreign.as_str(), &altered, &token[..42], "x"] {
        refused(&act(&reseller, &id, "authorize", &yes(bad)).await, 404, "invitation_unknown");
        refused(&reseller.post(&format!("{LINKS}:lookup"), &json!({ "token": bad })).await, 404, "invitation_unknown");
    }
    refused(&act(&other, &id, "authorize", &yes(&token)).await, 403, "invitation_for_another_reseller");
    refused(&act(&other, &id, "decline", &json!({ "token": token })).await, 403, "invitation_for_another_reseller");
    refused(&act(&other, &id, "decline", &json!({})).await, 404, "not_found");
    refused(&act(&provider, &id, "authorize", &yes(&token)).await, 403, "partner_kind_not_allowed");
    refused(&reseller.post(LINKS, &json!({ "email": RESELLER_EMAIL })).await, 403, "partner_kind_not_allowed");
    // A reseller that is named needs no token to say no.
    assert_eq!(act(&reseller, &id, "decline", &json!({})).await.json()["state"], "declined");

    let waiting = house.partner_in(PartnerKind::IndirectReseller, PartnerState::Approved).await;
    let (id, token) = linked::invite(&house, &provider, &json!({})).await;
    refused(&act(&waiting, &id, "authorize", &yes(&token)).await, 409, "partner_not_active");
    let idle = house.partner_in(PartnerKind::IndirectProvider, PartnerState::Approved).await;
    refused(&idle.post(LINKS, &json!({ "email": RESELLER_EMAIL })).await, 409, "partner_not_active");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_07_shared_customers_are_those_that_accepted_both(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Linked::open(&house).await;
    let path = format!("{LINKS}/{}/customers", pair.link);
    let alone = pair.provider.lonja.create_customer(&lonja_tests::shop::new_customer()).await.unwrap();
    for side in [&pair.provider, &pair.reseller] {
        let shared = side.get(&path).await;
        assert_eq!(shared.json()["items"].as_array().unwrap().len(), 2, "{}", shared.text);
        assert!(!shared.text.contains(&alone.id), "one that only the provider knows");
    }
    assert_eq!(house.partner(PartnerKind::IndirectProvider).await.get(&path).await.status, 404);
    assert_eq!(act(&pair.provider, &pair.link, "end", &Value::Null).await.status, 200);
    assert_eq!(pair.provider.get(&path).await.json()["items"], json!([]), "nothing is shared through an ended link");
    let kept = pair.reseller.get("/v1/customers").await.json();
    assert_eq!(kept["items"].as_array().unwrap().len(), 2, "customers and their relationships stay (LNK-10)");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_13_a_reseller_finds_the_providers_of_its_region(backend: Backend) {
    let house = House::open(backend).await;
    let (provider, reseller) = pair(&house).await;
    let neighbour = partner_at(&house, PartnerKind::IndirectProvider, "AR", "Mayorista Austral S.A.").await;
    partner_at(&house, PartnerKind::IndirectProvider, "ES", "Mayorista del Ebro S.L.").await;
    house.partner_in(PartnerKind::IndirectProvider, PartnerState::Approved).await;
    let put = async |actor: &Actor, header: (&str, &str), body: Value| {
        actor.send(reqwest::Method::PUT, "/v1/indirect-providers/me", &[header], Some(body.to_string())).await
    };
    assert_eq!(provider.get("/v1/indirect-providers/me").await.status, 404);
    let entry = json!({ "offerings": ["financing", "training"], "website": "https://mayoristanorte.example" });
    refused(&put(&provider, ("if-match", "*"), entry.clone()).await, 412, "precondition_failed");
    assert_eq!(put(&provider, ("if-none-match", "*"), entry.clone()).await.status, 200);
    refused(&put(&provider, ("if-none-match", "*"), entry.clone()).await, 412, "precondition_failed");
    refused(&put(&reseller, ("if-none-match", "*"), entry.clone()).await, 403, "partner_kind_not_allowed");
    let script = json!({ "offerings": [], "website": "javascript:alert(1)" });
    assert_eq!(put(&provider, ("if-match", "\"1\""), script).await.faults(), ["/website field_format"]);

    let found = async |query: &str| -> Vec<String> {
        let page = reseller.get(&format!("/v1/indirect-providers{query}")).await.json();
        page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let (own, theirs) = (provider.partner_id.clone(), neighbour.partner_id.clone());
    assert_eq!(found("").await, [own.clone(), theirs], "active, and of the region");
    assert_eq!(found("?offering=training").await, [own]);
    assert_eq!(found("?offering=marketing").await, Vec::<String>::new());
}

/// Statuses and codes, sorted.
fn verdicts(replies: &[Reply]) -> Vec<String> {
    let verdict = |reply: &Reply| format!("{} {}", reply.status.as_u16(), reply.code()).trim().to_owned();
    let mut verdicts: Vec<String> = replies.iter().map(verdict).collect();
    verdicts.sort();
    verdicts
}

#[test_case(Backend::Sqlite; "two servers on sqlite")]
#[test_case(Backend::Postgres; "two servers on postgres")]
#[tokio::test]
async fn rule_lnk_01_12_of_two_authorisations_of_one_token_one_wins(backend: Backend) {
    let house = House::open(backend).await;
    let (second, _handle) = house.replica().await;
    for _ in 0..5 {
        let (provider, reseller) = pair(&house).await;
        let (id, token) = linked::invite(&house, &provider, &json!({})).await;
        let runners = [reseller.at(&house.url), reseller.at(&second)];
        join_all(runners.iter().map(Actor::token)).await;
        let answer = yes(&token);
        let replies = join_all(runners.iter().map(|runner| act(runner, &id, "authorize", &answer))).await;
        assert_eq!(verdicts(&replies), ["200", "410 invitation_already_used"]);
    }
}

#[test_case(Backend::Sqlite; "two servers on sqlite")]
#[test_case(Backend::Postgres; "two servers on postgres")]
#[tokio::test]
async fn rule_lnk_12_of_authorise_and_cancel_exactly_one_happens(backend: Backend) {
    let house = House::open(backend).await;
    let (second, _handle) = house.replica().await;
    for turn in 0..6 {
        let (provider, reseller) = pair(&house).await;
        let (id, token) = linked::invite(&house, &provider, &json!({})).await;
        let (here, there) = if turn % 2 == 0 { (&house.url, &second) } else { (&second, &house.url) };
        let (takes, says) = (provider.at(here), reseller.at(there));
        tokio::join!(takes.token(), says.token());
        let answer = yes(&token);
        let (cancelled, authorized) =
            tokio::join!(act(&takes, &id, "cancel", &Value::Null), act(&says, &id, "authorize", &answer));
        let state = provider.get(&format!("{LINKS}/{id}")).await.json()["state"].clone();
        if authorized.status == 200 {
            refused(&cancelled, 410, "invitation_already_used");
            assert_eq!(state, "active");
        } else {
            refused(&authorized, 410, "invitation_cancelled");
            assert_eq!((cancelled.status.as_u16(), state), (200, json!("cancelled")));
        }
    }
}

#[test_case(Backend::Sqlite; "two servers on sqlite")]
#[test_case(Backend::Postgres; "two servers on postgres")]
#[tokio::test]
async fn rule_lnk_11_of_two_invitations_of_one_pair_one_becomes_a_link(backend: Backend) {
    let house = House::open(backend).await;
    let (second, _handle) = house.replica().await;
    for _ in 0..5 {
        let (provider, reseller) = pair(&house).await;
        let nothing = json!({});
        let invited = join_all([(); 2].map(|()| linked::invite(&house, &provider, &nothing))).await;
        let runners = [reseller.at(&house.url), reseller.at(&second)];
        join_all(runners.iter().map(Actor::token)).await;
        let answers = invited
            .iter()
            .zip(&runners)
            .map(async |((id, token), runner)| act(runner, id, "authorize", &yes(token)).await);
        let replies = join_all(answers).await;
        assert_eq!(verdicts(&replies), ["200", "409 link_exists"]);
        assert_eq!(told(&house, &provider, &reseller).await, (true, 1, true));
        let known = json!({ "email": RESELLER_EMAIL, "resellerId": reseller.partner_id });
        refused(&provider.post(LINKS, &known).await, 409, "link_exists");
    }
}
