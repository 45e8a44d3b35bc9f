//! The endpoint that gives out access tokens (RFC 6749), and the metadata beside it.

use super::tokens::{Mint, accepted, ask, decoded, refused};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lonja::partners::PartnerKind;
use lonja_tests::{Actor, Backend, House, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;

/// Asks for a token with this form and, where given, HTTP Basic.
async fn token(house: &House, basic: Option<&str>, form: &str) -> Reply {
    let mut request = house.http().post(format!("{}/v1/oauth/token", house.url)).body(form.to_owned());
    request = request.header("content-type", "application/x-www-form-urlencoded");
    if let Some(basic) = basic {
        request = request.header("authorization", format!("Basic {basic}"));
    }
    let reply = request.send().await.unwrap();
    let reply = Reply { status: reply.status(), headers: reply.headers().clone(), text: reply.text().await.unwrap() };
    assert_eq!(reply.header("cache-control"), "no-store", "{form}");
    reply
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_the_token_endpoint_speaks_rfc_6749(backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.partner(PartnerKind::DirectBill).await.partner_id;
    let actor = house.client_of(&owner, &["orders:read", "refunds:read"], &[]).await;
    let (id, secret) = (actor.client_id.as_str(), actor.client_secret.as_str());
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    let wrong = STANDARD.encode(format!("{id}:{}", secret.replace("lonja", "lonje")));
    let unknown = STANDARD.encode(format!("nobody:{secret}"));
    let grant = "grant_type=client_credentials";
    let in_form = format!("{grant}&client_id={id}&client_secret={secret}");

    for (basic, form, scope) in [
        (Some(&basic), grant.to_owned(), "orders:read refunds:read"),
        (None, in_form.clone(), "orders:read refunds:read"),
        (Some(&basic), format!("{grant}&client_id={id}"), "orders:read refunds:read"),
        (Some(&basic), format!("{grant}&scope=refunds:read"), "refunds:read"),
        (Some(&basic), format!("{grant}&scope={}", ["orders:read"; 20].join("+")), "orders:read"),
        (Some(&basic), format!("{grant}&scope=refunds:read+orders:read"), "refunds:read orders:read"),
    ] {
        let reply = token(&house, basic.map(String::as_str), &form).await;
        let answer = reply.json();
        assert_eq!((reply.status.as_u16(), answer["scope"].as_str()), (200, Some(scope)), "{form}: {}", reply.text);
        assert_eq!((answer["token_type"].as_str(), answer["expires_in"].as_i64()), (Some("Bearer"), Some(1800)));
    }
    // A token of fewer scopes opens less.
    let less = actor.fetch_token(&format!("{grant}&scope=refunds:read")).await;
    let reply = ask(&house, Method::GET, "/v1/orders", &[&format!("Bearer {less}")]).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "insufficient_scope"));
    assert!(reply.header("www-authenticate").ends_with("error=\"insufficient_scope\", scope=\"orders:read\""));

    for (basic, form, status, error) in [
        (Some(&wrong), grant.to_owned(), 401, "invalid_client"),
        (Some(&unknown), grant.to_owned(), 401, "invalid_client"),
        (Some(&"not base64".to_owned()), grant.to_owned(), 401, "invalid_client"),
        (Some(&"not base64".to_owned()), in_form.clone(), 400, "invalid_request"),
        (None, grant.to_owned(), 401, "invalid_client"),
        (None, format!("{grant}&client_id={id}"), 401, "invalid_client"),
        (None, format!("{grant}&client_id={id}&client_secret="), 401, "invalid_client"),
        (None, in_form.replace("lonja_", "lonje_"), 401, "invalid_client"),
        (Some(&basic), in_form.clone(), 400, "invalid_request"),
        (Some(&basic), format!("{grant}&client_id=another"), 400, "invalid_request"),
        (Some(&basic), format!("{grant}&scope={}", ["orders:read"; 560].join("+")), 400, "invalid_scope"),
        (Some(&basic), String::new(), 400, "invalid_request"),
        (Some(&basic), format!("{grant}&{grant}"), 400, "invalid_request"),
        (Some(&basic), format!("{grant}&scope=orders:read&scope=refunds:read"), 400, "invalid_request"),
        (Some(&basic), "grant_type=password".to_owned(), 400, "unsupported_grant_type"),
        (Some(&basic), format!("{grant}&scope=orders:write"), 400, "invalid_scope"),
        (Some(&basic), format!("{grant}&scope=orders:read+software:keys"), 400, "invalid_scope"),
        (Some(&basic), format!("{grant}&scope=everything"), 400, "invalid_scope"),
    ] {
        let reply = token(&house, basic.map(String::as_str), &form).await;
        let told = (reply.status.as_u16(), reply.json()["error"].as_str().unwrap_or_default().to_owned());
        assert_eq!(told, (status, error.to_owned()), "{form}: {}", reply.text);
        let challenged = reply.header("www-authenticate").starts_with("Basic ");
        assert_eq!(challenged, status == 401, "{form}: RFC 6749 §5.2, RFC 9110 §11.6.1");
        assert!(!reply.text.contains(secret));
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_a_revoked_client_gets_no_token_and_an_unused_one_opens_nothing(backend: Backend) {
    let house = House::open(backend).await;
    let (gone, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let unused = gone.token().await;
    let revoke = format!("UPDATE api_clients SET revoked_at = '2026-01-01 00:00:00' WHERE id = '{}'", gone.client_id);
    house.execute(&revoke).await;

    let basic = |actor: &Actor| STANDARD.encode(format!("{}:{}", actor.client_id, actor.client_secret));
    let reply = token(&house, Some(&basic(&gone)), "grant_type=client_credentials").await;
    assert_eq!((reply.status.as_u16(), reply.json()["error"].as_str()), (401, Some("invalid_client")));
    refused(&house, "of a revoked client", unused).await;
    accepted(&house, "of another client", other.token().await).await;

    // A suspended partner's clients are out too.
    let suspend = format!("UPDATE partners SET state = 'suspended' WHERE id = '{}'", other.partner_id);
    house.execute(&suspend).await;
    assert_eq!(token(&house, Some(&basic(&other)), "grant_type=client_credentials").await.status, 401);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_the_published_keys_are_public_and_the_metadata_fits(backend: Backend) {
    let house = House::open(backend).await;
    let seller = house.partner(PartnerKind::DirectBill).await;
    let mint = Mint::of(&house, &seller).await;
    let metadata = seller.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["issuer"], house.url.as_str());
    assert_eq!((&mint.claims["iss"], &mint.claims["aud"]), (&metadata["issuer"], &metadata["issuer"]));
    assert_eq!(metadata["grant_types_supported"], json!(["client_credentials"]));
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["client_secret_basic", "client_secret_post"]));
    let scopes: Vec<&str> = lonja::access::permits::SCOPES.iter().map(|(scope, _)| *scope).collect();
    assert_eq!(metadata["scopes_supported"], json!(scopes));
    assert_eq!(metadata["token_endpoint"], format!("{}/v1/oauth/token", house.url));

    let jwks = house.http().get(metadata["jwks_uri"].as_str().unwrap()).send().await.unwrap();
    // A replica may learn of a key twice its pause late, and the key signs after five minutes.
    assert_eq!(jwks.headers()["cache-control"], "public, max-age=280");
    let jwks: Value = jwks.json().await.unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    let members: Vec<&String> = keys[0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"], "and no private part");
    assert_eq!((&keys[0]["kid"], keys[0]["alg"].as_str()), (&mint.header["kid"], Some("ES256")));
    assert_eq!(
        (decoded(keys[0]["x"].as_str().unwrap()).len(), decoded(keys[0]["y"].as_str().unwrap()).len()),
        (32, 32)
    );
}
