//! Access tokens that are not ours, or not any more (PLT-01). A forgery is made of a good token by changing one thing;
//! the good one is tried too, so that the change is what counts.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use lonja::access::signing_keys::{self, SigningKey};
use lonja::clock::machine_now;
use lonja::partners::PartnerKind;
use lonja_tests::{Actor, Backend, House, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::OnceLock;
use test_case::test_case;

/// What is needed to sign as the house does.
pub(super) struct Mint {
    key: SigningKey,
    pub(super) header: Value,
    pub(super) claims: Value,
}

impl Mint {
    pub(super) async fn of(house: &House, actor: &Actor) -> Self {
        let mut reader = house.state.read().await.unwrap();
        let key = signing_keys::all(&mut reader.db().unwrap(), &house.state.vault).await.unwrap().remove(0);
        let mut parts = actor.token().await.split('.');
        let mut part = || {
            let bytes = URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
            serde_json::from_slice::<Value>(&bytes).unwrap()
        };
        let (header, claims) = (part(), part());
        Self { key, header, claims }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, &self.key.encoding, Algorithm::ES256)
    }

    /// Signed as ever, with these changes of the header; null takes a member out.
    fn header(&self, changes: Value) -> String {
        self.sign(&changed(&self.header, changes), &self.claims)
    }

    /// Signed as ever, with these changes of the claims.
    fn claims(&self, changes: Value) -> String {
        self.sign(&self.header, &changed(&self.claims, changes))
    }
}

fn encoded(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn signed(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    signed_text(&header.to_string(), &claims.to_string(), key, algorithm)
}

fn signed_text(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn changed(object: &Value, changes: Value) -> Value {
    let mut object = object.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(object.remove(name)),
            value => drop(object.insert(name.clone(), value.clone())),
        }
    }
    Value::Object(object)
}

pub(super) async fn ask(house: &House, method: Method, path: &str, authorization: &[&str]) -> Reply {
    let mut request = house.http().request(method, format!("{}{path}", house.url)).header("idempotency-key", "forged");
    for value in authorization {
        request = request.header("authorization", *value);
    }
    let reply = request.send().await.unwrap();
    Reply { status: reply.status(), headers: reply.headers().clone(), text: reply.text().await.unwrap() }
}

/// One read and one write refuse this token, in the same words as any other.
pub(super) async fn refused(house: &House, what: &str, token: &str) {
    for method in [Method::GET, Method::POST] {
        let reply = ask(house, method, "/v1/orders", &[&format!("Bearer {token}")]).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "invalid_token"), "{what}: {}", reply.text);
        let challenge = reply.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer realm=") && challenge.contains("error=\"invalid_token\""),
            "{what}: {challenge}"
        );
        let mut body = reply.json();
        body.as_object_mut().unwrap().remove("requestId");
        let said = body.to_string().replace(&house.url, "URL");
        static SAME: OnceLock<String> = OnceLock::new();
        assert_eq!(SAME.get_or_init(|| said.clone()), &said, "{what}: which fault it was is nobody's business");
    }
}

pub(super) async fn accepted(house: &House, what: &str, token: &str) {
    let reply = ask(house, Method::GET, "/v1/orders", &[&format!("Bearer {token}")]).await;
    assert_eq!(reply.status, 200, "{what}: {}", reply.text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_a_token_with_another_header_is_refused(backend: Backend) {
    let house = House::open(backend).await;
    let seller = house.partner(PartnerKind::DirectBill).await;
    let (mint, other) = (Mint::of(&house, &seller).await, House::open(backend).await);
    let stranger = other.partner(PartnerKind::DirectBill).await;
    let theirs = Mint::of(&other, &stranger).await;
    accepted(&house, "the same again", &mint.header(json!({}))).await;
    accepted(&house, "the type in full", &mint.header(json!({ "typ": "application/at+jwt" }))).await;

    for alg in ["none", "None", "noNE", "", "ES384", "RS256", "PS256", "EdDSA"] {
        let header = changed(&mint.header, json!({ "alg": alg }));
        let unsigned = format!("{}.{}.", encoded(&header.to_string()), encoded(&mint.claims.to_string()));
        refused(&house, &format!("alg {alg}, unsigned"), &unsigned).await;
        refused(&house, &format!("alg {alg}, signed"), &mint.header(json!({ "alg": alg }))).await;
    }
    // What everybody knows of the key must not serve as a secret.
    let jwk = serde_json::to_value(&mint.key.jwk).unwrap();
    let point = [vec![4], decoded(&mint.key.jwk.x), decoded(&mint.key.jwk.y)].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&point));
    for secret in
        [point, pem.into_bytes(), jwk.to_string().into_bytes(), mint.key.jwk.x.clone().into_bytes(), Vec::new()]
    {
        let header = changed(&mint.header, json!({ "alg": "HS256" }));
        let token = signed(&header, &mint.claims, &EncodingKey::from_secret(&secret), Algorithm::HS256);
        refused(&house, "the public key as a secret", &token).await;
    }

    let kids = [
        json!("../../dev/null"),
        json!("' OR 1=1 --"),
        json!(""),
        json!(1),
        json!(theirs.key.jwk.kid),
        Value::Null,
        json!([mint.key.jwk.kid]),
        json!(mint.key.jwk.kid.to_uppercase()),
        json!(format!("{} ", mint.key.jwk.kid)),
    ];
    for kid in kids {
        refused(&house, &format!("kid {kid}"), &mint.header(json!({ "kid": kid }))).await;
    }
    for typ in [json!("JWT"), json!("id+jwt"), json!("at+jwt2"), json!("application/jwt"), json!(""), Value::Null] {
        refused(&house, &format!("typ {typ}"), &mint.header(json!({ "typ": typ }))).await;
    }
    for extension in [
        json!({ "crit": ["x"], "x": true }),
        json!({ "crit": [] }),
        json!({ "crit": ["exp"] }),
        json!({ "crit": ["b64"], "b64": false }),
    ] {
        refused(&house, &format!("{extension}"), &mint.header(extension.clone())).await;
    }
    // Without `crit`, `b64: false` would only ever be read by somebody who honours it.
    let raw = changed(&mint.header, json!({ "b64": false })).to_string();
    let message = format!("{}.{}", encoded(&raw), mint.claims);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &mint.key.encoding, Algorithm::ES256).unwrap();
    refused(&house, "a payload that is not encoded", &format!("{message}.{signature}")).await;

    // Another deployment's key, whatever the header says about it; nobody fetches what it points to.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let trap = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let their_jwk = serde_json::to_value(&theirs.key.jwk).unwrap();
    for header in [
        mint.header.clone(),
        theirs.header.clone(),
        changed(&mint.header, json!({ "jwk": their_jwk })),
        changed(&theirs.header, json!({ "jwk": their_jwk })),
        changed(&theirs.header, json!({ "jku": trap, "x5u": trap })),
        changed(&mint.header, json!({ "jku": trap, "x5u": trap })),
    ] {
        refused(&house, &format!("signed by another, {header}"), &theirs.sign(&header, &mint.claims)).await;
    }
    assert!(listener.accept().is_err(), "the address in a token was fetched");
    refused(&house, "another deployment's own token", stranger.token().await).await;
}

/// The two numbers of a signature as ASN.1 has them.
fn in_der(raw: &[u8]) -> Vec<u8> {
    let number = |half: &[u8]| [&[2, 33, 0], half].concat();
    let both = [number(&raw[..32]), number(&raw[32..])].concat();
    [vec![0x30, u8::try_from(both.len()).unwrap()], both].concat()
}

fn flipped(raw: &[u8]) -> Vec<u8> {
    let mut raw = raw.to_vec();
    raw[17] ^= 1;
    raw
}

pub(super) fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_a_token_with_other_claims_is_refused(backend: Backend) {
    let house = House::open(backend).await;
    let seller = house.partner(PartnerKind::DirectBill).await;
    let mint = Mint::of(&house, &seller).await;
    let now = machine_now().timestamp();
    accepted(&house, "the same again", &mint.claims(json!({}))).await;

    for required in ["iss", "aud", "sub", "client_id", "iat", "nbf", "exp", "jti", "scope", "kind", "roles"] {
        refused(&house, &format!("without {required}"), &mint.claims(json!({ required: null }))).await;
    }
    for (what, changes) in [
        ("the audience of another API", json!({ "aud": "https://other.example" })),
        ("an audience that begins like ours", json!({ "aud": format!("{}.evil.example", house.url) })),
        ("audiences without us", json!({ "aud": ["https://other.example"] })),
        ("another issuer", json!({ "iss": "https://other.example" })),
        ("an issuer with a slash", json!({ "iss": format!("{}/", house.url) })),
        ("valid only in two minutes", json!({ "nbf": now + 120 })),
        ("issued in two minutes", json!({ "iat": now + 120, "exp": now + 600 })),
        ("a lifetime of ten years", json!({ "exp": now + 315_360_000 })),
        ("a lifetime of a bit over an hour", json!({ "iat": now, "exp": now + 3601 })),
        ("an end in words", json!({ "exp": (now + 600).to_string() })),
        ("an end with a fraction", json!({ "exp": 2e9 + 0.5 })),
        ("an end beyond all numbers", json!({ "exp": 1e308 })),
        ("an end before all time", json!({ "exp": -1 })),
        ("the latest end there is", json!({ "exp": i64::MAX })),
        ("the earliest beginning there is", json!({ "iat": i64::MIN })),
        ("scopes as a list", json!({ "scope": ["orders:read"] })),
        ("a kind that does not exist", json!({ "kind": "root" })),
        ("a role that does not exist", json!({ "roles": ["root"] })),
        ("a subject that is not the client", json!({ "sub": "somebody" })),
        ("a client that does not exist", json!({ "sub": "somebody", "client_id": "somebody" })),
        ("an empty id", json!({ "jti": "" })),
        ("an id that is a number", json!({ "jti": 7 })),
        ("a beginning in words", json!({ "nbf": now.to_string() })),
        ("an issue in words", json!({ "iat": now.to_string() })),
        ("audiences with us among them", json!({ "aud": ["https://other.example", house.url] })),
        ("no audience at all", json!({ "aud": [] })),
        ("a beginning that is no number", json!({ "nbf": { "at": now } })),
        ("one role as a text", json!({ "roles": "adminAgent" })),
    ] {
        refused(&house, what, &mint.claims(changes)).await;
    }
    let of_age = |age: i64| json!({ "iat": now - age - 600, "nbf": now - age - 600, "exp": now - age });
    refused(&house, "expired 31 seconds ago", &mint.claims(of_age(31))).await;
    accepted(&house, "expired 10 seconds ago: clocks differ", &mint.claims(of_age(10))).await;

    let claims = mint.claims.to_string();
    let twice = claims.replacen('{', &format!("{{\"exp\":{},", now + 600), 1);
    let header = mint.header.to_string();
    let key = &mint.key.encoding;
    refused(&house, "a claim twice", &signed_text(&header, &twice, key, Algorithm::ES256)).await;
    refused(&house, "no JSON", &signed_text(&header, "orders:read", key, Algorithm::ES256)).await;
    refused(&house, "no object", &signed_text(&header, "[]", key, Algorithm::ES256)).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_a_token_in_another_form_is_refused(backend: Backend) {
    let house = House::open(backend).await;
    let seller = house.partner(PartnerKind::DirectBill).await;
    let token = seller.token().await;
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    // First, so that its verdict is remembered: a forgery must not profit from that.
    accepted(&house, "the token itself", token).await;

    let json_form = json!({ "protected": header, "payload": claims, "signature": signature }).to_string();
    let raw = decoded(signature);
    for (what, forged) in [
        ("the signature in DER", format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(in_der(&raw)))),
        ("a signature of ones", format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([255; 64]))),
        (
            "halves exchanged",
            format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([&raw[32..], &raw[..32]].concat())),
        ),
        ("one bit changed", format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(flipped(&raw)))),
        ("a letter of another alphabet", format!("{header}.{claims}ñ.{signature}")),
        ("no signature", format!("{header}.{claims}.")),
        ("no third part", format!("{header}.{claims}")),
        ("a fourth part", format!("{token}.")),
        ("five parts, as encrypted tokens have", format!("{header}..{claims}.{signature}.{signature}")),
        ("padding", format!("{token}==")),
        ("a signature of zeros", format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([0; 64]))),
        ("half a signature", format!("{header}.{claims}.{}", &signature[..43])),
        ("the claims of nobody", format!("{header}.{}.{signature}", encoded("{}"))),
        ("JSON serialisation", json_form),
        ("standard base64", format!("{header}.{claims}.+{}", &signature[1..])),
        ("a blank inside", format!("{header}. {claims}.{signature}")),
        ("too long to look at", format!("{token}{}", "A".repeat(9 * 1024))),
        ("a secret", seller.client_secret.clone()),
    ] {
        refused(&house, what, &forged).await;
    }
    // Also where only bits change that the decoder does not need.
    let alphabet = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']);
    for last in alphabet.filter(|last| !token.ends_with(*last)) {
        let forged = format!("{}{last}", &token[..token.len() - 1]);
        refused(&house, &format!("the last character is {last}"), &forged).await;
    }

    let bearer = format!("Bearer {token}");
    for method in [Method::GET, Method::POST] {
        let twice = ask(&house, method, "/v1/orders", &[&bearer, &bearer]).await;
        let told = (twice.status.as_u16(), twice.code());
        assert_eq!(told, (401, "invalid_token".to_owned()), "two headers: {}", twice.text);
    }
    // Nothing that could be a token came at all: RFC 6750 §3.1 wants no error word then.
    let in_query = format!("/v1/orders?access_token={token}");
    for (path, authorization) in [
        ("/v1/orders", vec![]),
        (in_query.as_str(), vec![]),
        ("/v1/orders", vec!["Bearer"]),
        ("/v1/orders", vec!["Basic Zm9vOmJhcg=="]),
    ] {
        let reply = ask(&house, Method::GET, path, &authorization).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "unauthorized"), "{path}: {}", reply.text);
        let challenge = reply.header("www-authenticate");
        assert!(challenge.starts_with("Bearer realm=") && !challenge.contains("error"), "{challenge}");
        assert!(!reply.text.contains(token));
    }
    // The server hangs up on such a head, and does not read it to its end: an answer may or may not be seen. A client of
    // its own, because that connection is no good to the next request.
    let own = reqwest::Client::builder().build().unwrap();
    if let Ok(reply) = own.get(format!("{}/v1/orders", house.url)).bearer_auth("A".repeat(1 << 20)).send().await {
        assert!(reply.status().is_client_error(), "a token of a megabyte: {}", reply.status());
    }
    accepted(&house, "the token itself", token).await;
}
