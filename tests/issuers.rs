//! Outside issuers: their tokens prove who somebody is; what that client may do stands here.

use actix_web::{App, HttpResponse, HttpServer, web};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use lonja::access::clients::{self, NewClient, Outside};
use lonja::access::{Role, TokenKind};
use lonja::clock::machine_now;
use lonja::db::write::Actor as Hand;
use lonja::partners::PartnerKind;
use lonja_tests::command::Lonja;
use lonja_tests::{Actor, Backend, House, Reply, database};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use test_case::test_case;
use uuid::Uuid;

const AUDIENCE: &str = "api://lonja";

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Key {
    fn of(alg: &str) -> Self {
        match alg {
            "RS256" => Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())),
            "ES256" => Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
            _ => Self::Ed(Ed25519KeyPair::generate().unwrap()),
        }
    }

    fn alg(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    fn jwk(&self, kid: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                // RSAPublicKey in DER: two headers, the modulus with a leading zero, the exponent.
                let der = pair.public_key().as_ref().to_vec();
                json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": text(&der[9..265]), "e": "AQAB", "x5c": ["x"] })
            }
            Self::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (text(&point[1..33]), text(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": kid, "x": x, "y": y })
            }
            Self::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": text(pair.public_key().as_ref()) })
            }
        }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What an issuer's server answers, and how often it was asked.
#[derive(Default)]
struct Answers {
    answer: Mutex<(u16, String)>,
    asked: AtomicUsize,
}

struct Issuer {
    name: String,
    url: String,
    key: Key,
    answers: Arc<Answers>,
}

impl Issuer {
    async fn open(alg: &str) -> Self {
        let key = Key::of(alg);
        let answers = Arc::new(Answers::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let served = web::Data::from(answers.clone());
        let server = HttpServer::new(move || {
            App::new().app_data(served.clone()).route(
                "/keys",
                web::get().to(async |answers: web::Data<Answers>| {
                    answers.asked.fetch_add(1, Ordering::SeqCst);
                    let (status, text) = answers.answer.lock().unwrap().clone();
                    let mut reply = HttpResponse::build(status.try_into().unwrap());
                    reply.insert_header(("location", text.clone())).content_type("application/json").body(text)
                }),
            )
        });
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        let issuer = Self { name: format!("https://login.example/{}", Uuid::new_v4()), url, key, answers };
        issuer.publish(&[issuer.key.jwk("k")]);
        issuer
    }

    fn answers(&self, status: u16, text: String) {
        *self.answers.answer.lock().unwrap() = (status, text);
    }

    fn publish(&self, keys: &[Value]) {
        self.answers(200, json!({ "keys": keys }).to_string());
    }

    fn asked(&self) -> usize {
        self.answers.asked.load(Ordering::SeqCst)
    }

    fn settings(&self) -> String {
        let Self { name, url, .. } = self;
        format!("[[issuers]]\nissuer = \"{name}\"\njwks_url = \"{url}\"\naudience = \"{AUDIENCE}\"\n")
    }

    fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": self.key.alg(), "kid": "k" })
    }

    fn claims(&self, subject: &str) -> Value {
        let now = machine_now().timestamp();
        let (iat, exp) = (now - 5, now + 600);
        json!({ "iss": self.name, "aud": AUDIENCE, "azp": subject, "sub": "s", "iat": iat, "nbf": iat, "exp": exp,
            "uti": Uuid::new_v4().to_string() })
    }

    fn token(&self, subject: &str) -> String {
        self.key.sign(&self.header(), &self.claims(subject))
    }

    /// Makes the client of this subject.
    async fn client(&self, house: &House, owner: &Actor, subject: &str) -> String {
        let new = NewClient {
            name: "outside".to_owned(),
            kind: TokenKind::Partner,
            partner_id: Some(owner.partner_id.clone()),
            customer_id: None,
            scopes: ["orders:read", "customers:read", "orders:write"].map(str::to_owned).to_vec(),
            roles: vec![Role::AdminAgent],
        };
        let outside = Outside { issuer: self.name.clone(), subject: subject.to_owned() };
        let work = async |tx: &mut lonja::db::write::Tx<'_>| clients::create_outside(tx, &new, &outside).await;
        house.state.write(&Hand::house("test"), work).await.unwrap()
    }
}

fn with(mut object: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let fields = object.as_object_mut().unwrap();
        match value {
            Value::Null => drop(fields.remove(name)),
            value => drop(fields.insert(name.clone(), value.clone())),
        }
    }
    object
}

async fn ask(house: &House, method: Method, path: &str, token: &str) -> Reply {
    let request = house.http().request(method, format!("{}{path}", house.url)).header("idempotency-key", "outside");
    let reply = request.bearer_auth(token).json(&json!({})).send().await.unwrap();
    Reply { status: reply.status(), headers: reply.headers().clone(), text: reply.text().await.unwrap() }
}

async fn status(house: &House, token: &str) -> u16 {
    ask(house, Method::GET, "/v1/orders", token).await.status.as_u16()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_an_outside_token_proves_who_and_our_client_says_what(backend: Backend) {
    let issuers = [Issuer::open("RS256").await, Issuer::open("ES256").await, Issuer::open("EdDSA").await];
    let settings: String = issuers.iter().map(Issuer::settings).collect();
    let house = House::open_with(backend, &settings).await;
    let owner = house.partner(PartnerKind::DirectBill).await;
    for issuer in &issuers {
        let id = issuer.client(&house, &owner, "robot").await;
        // The first use of an issuer's keys, by many at once, asks for them once.
        let tokens: Vec<String> = (0..20).map(|_| issuer.token("robot")).collect();
        let statuses = join_all(tokens.iter().map(|token| status(&house, token))).await;
        assert_eq!((statuses, issuer.asked()), (vec![200; 20], 1), "{}", issuer.key.alg());
        assert_eq!(status(&house, &tokens[0]).await, 200, "again");

        let reply = ask(&house, Method::POST, "/v1/orders", &tokens[0]).await;
        assert_eq!(reply.code(), "invalid_request", "role and scope are there: {}", reply.text);
        for (narrower, code) in [
            (json!({ "scope": "orders:read profile email" }), "insufficient_scope"),
            (json!({ "scp": "orders:read" }), "insufficient_scope"),
            (json!({ "scp": ["orders:read", "tenants:read"] }), "insufficient_scope"),
            (json!({ "scope": "orders:read customers:read", "scp": "orders:read" }), "insufficient_scope"),
            (json!({ "scope": "orders:read customers:read" }), ""),
            // What Keycloak writes into every token narrows nothing; it does not widen what stands beside it either.
            (json!({ "scope": "profile email" }), ""),
            (json!({ "scope": "profile email", "scp": ["User.Read"] }), ""),
            (json!({ "scope": "profile email", "scp": "orders:read" }), "insufficient_scope"),
        ] {
            let token = issuer.key.sign(&issuer.header(), &with(issuer.claims("robot"), narrower.clone()));
            assert_eq!(status(&house, &token).await, 200, "{narrower}");
            assert_eq!(ask(&house, Method::GET, "/v1/customers", &token).await.code(), code, "{narrower}");
        }
        // What the client does not hold, no token adds.
        let more = with(issuer.claims("robot"), json!({ "scope": "refunds:read", "roles": ["globalAdmin"] }));
        let more = issuer.key.sign(&issuer.header(), &more);
        assert_eq!(ask(&house, Method::GET, "/v1/refunds", &more).await.code(), "insufficient_scope");
        let aud = with(issuer.claims("robot"), json!({ "aud": ["other", AUDIENCE], "nbf": null, "uti": null }));
        assert_eq!(status(&house, &issuer.key.sign(&issuer.header(), &aud)).await, 200, "as Keycloak writes them");

        // Its partner sees it, has no secret to replace, and can end it.
        let shown = owner.get(&format!("/v1/api-clients/{id}")).await.json();
        assert_eq!((&shown["issuer"], &shown["subject"]), (&json!(issuer.name), &json!("robot")));
        let reply = owner.post(&format!("/v1/api-clients/{id}:rotate"), &json!({})).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "client_has_no_secret"));
        let gone = owner.send(Method::DELETE, &format!("/v1/api-clients/{id}"), &[], None).await;
        assert_eq!(gone.status, 204);
        assert_eq!(status(&house, &tokens[0]).await, 401);
        // Its place is free again.
        issuer.client(&house, &owner, "robot").await;
        assert_eq!((status(&house, &tokens[0]).await, issuer.asked()), (200, 1));
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_outside_tokens_are_checked_as_strictly_as_our_own(backend: Backend) {
    let (rsa, ec) = (Issuer::open("RS256").await, Issuer::open("ES256").await);
    let only_ec = format!("{}algorithms = [\"ES256\"]\nsubject_claim = \"sub\"\n", ec.settings());
    let house = House::open_with(backend, &format!("{}{only_ec}", rsa.settings())).await;
    let owner = house.partner(PartnerKind::DirectBill).await;
    rsa.client(&house, &owner, "robot").await;
    ec.client(&house, &owner, "s").await;
    assert_eq!((status(&house, &rsa.token("robot")).await, status(&house, &ec.token("any")).await), (200, 200));

    let now = machine_now().timestamp();
    let (header, claims) = (rsa.header(), rsa.claims("robot"));
    let mut forged: Vec<(String, String)> = Vec::new();
    for change in [
        json!({ "typ": null }),
        json!({ "typ": "id+jwt" }),
        json!({ "typ": "" }),
        json!({ "kid": null }),
        json!({ "kid": "" }),
        json!({ "kid": "../k" }),
        json!({ "crit": ["x"], "x": 1 }),
        json!({ "crit": [] }),
        json!({ "alg": "RS512" }),
        json!({ "alg": "PS256" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "none" }),
    ] {
        forged.push((format!("header {change}"), rsa.key.sign(&with(header.clone(), change), &claims)));
    }
    for change in [
        json!({ "iss": null }),
        json!({ "aud": null }),
        json!({ "exp": null }),
        json!({ "iat": null }),
        json!({ "azp": null }),
        json!({ "azp": "" }),
        json!({ "azp": ["robot"] }),
        json!({ "azp": "somebody" }),
        json!({ "aud": house.url }),
        json!({ "aud": [] }),
        json!({ "iss": format!("{}/", rsa.name) }),
        json!({ "iss": ec.name }),
        json!({ "iss": house.url }),
        json!({ "exp": now - 31 }),
        json!({ "exp": (now + 60).to_string() }),
        json!({ "exp": 1e308 }),
        json!({ "nbf": now + 120 }),
        json!({ "iat": now + 120 }),
        json!({ "exp": now + 315_360_000 }),
        json!({ "iat": i64::MIN }),
        json!({ "scope": ["orders:read"] }),
    ] {
        forged.push((format!("claims {change}"), rsa.key.sign(&header, &with(claims.clone(), change))));
    }
    // A key belongs to its issuer and to its algorithm, whatever the token says.
    forged.push(("another issuer's key".to_owned(), ec.key.sign(&ec.header(), &claims)));
    forged.push(("another issuer's key as RSA".to_owned(), ec.key.sign(&header, &claims)));
    forged.push(("another's claims".to_owned(), rsa.key.sign(&header, &ec.claims("s"))));
    let own = owner.token().await.to_owned();
    let [own_header, _, own_signature] = own.split('.').collect::<Vec<_>>().try_into().unwrap();
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    forged.push(("our own signature".to_owned(), format!("{own_header}.{payload}.{own_signature}")));
    let good = rsa.token("robot");
    forged.push(("no signature".to_owned(), format!("{}.", good.rsplit_once('.').unwrap().0)));
    let mut same = None;
    for (what, token) in &forged {
        for method in [Method::GET, Method::POST] {
            let reply = ask(&house, method, "/v1/orders", token).await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (401, "invalid_token"),
                "{what}: {}",
                reply.text
            );
            let body = with(reply.json(), json!({ "requestId": null }));
            assert_eq!(*same.get_or_insert(body.clone()), body, "{what}");
        }
    }
    println!("{} forged outside tokens, each refused twice", forged.len());
    assert!(forged.len() >= 38);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_an_issuer_is_asked_seldom_and_may_be_down(backend: Backend) {
    let issuer = Issuer::open("ES256").await;
    let house = House::open_with(backend, &issuer.settings()).await;
    let owner = house.partner(PartnerKind::DirectBill).await;
    issuer.client(&house, &owner, "robot").await;
    // Without any key nobody can tell: that is not the caller's fault. Neither a redirect nor a flood counts as keys.
    for (code, text) in [(302, issuer.url.clone()), (200, " ".repeat(300 * 1024)), (200, "[]".to_owned())] {
        issuer.answers(code, text);
        let waiting = House::open_with(backend, &issuer.settings()).await;
        let reply = ask(&waiting, Method::GET, "/v1/orders", &issuer.token("robot")).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (503, "busy"), "{code}");
        assert_eq!(reply.header("retry-after"), "1");
    }
    assert_eq!(issuer.asked(), 3, "a redirect was followed");
    // Keys of other kinds beside it, and secrets, are passed over.
    let strange = json!({ "kty": "XYZ", "kid": "x" });
    let secret = json!({ "kty": "oct", "kid": "k2", "k": "c2VjcmV0" });
    issuer.publish(&[strange, secret, issuer.key.jwk("k")]);
    assert_eq!((status(&house, &issuer.token("robot")).await, issuer.asked()), (200, 4));

    // The issuer changes its key: a token with the new one makes us ask, at once.
    let next = Key::of("ES256");
    issuer.publish(&[issuer.key.jwk("k"), next.jwk("next")]);
    let header = with(issuer.header(), json!({ "kid": "next" }));
    assert_eq!(status(&house, &next.sign(&header, &issuer.claims("robot"))).await, 200);
    assert_eq!(issuer.asked(), 5);

    // A thousand tokens that name keys of fancy do not.
    let flood = |number: u32| {
        issuer.key.sign(&with(issuer.header(), json!({ "kid": format!("{number}") })), &json!({ "iss": issuer.name }))
    };
    let tokens: Vec<String> = (0..1000).map(flood).collect();
    for some in tokens.chunks(50) {
        let statuses = join_all(some.iter().map(|token| status(&house, token))).await;
        assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
    }
    println!("1000 tokens with unknown keys: asked {} times", issuer.asked() - 3);
    assert_eq!(issuer.asked(), 5, "two times in all for this house");
    // Down or not, the keys that are known count.
    issuer.answers(500, String::new());
    assert_eq!(status(&house, &issuer.token("robot")).await, 200);
    assert_eq!(status(&house, &next.sign(&header, &issuer.claims("robot"))).await, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_12_an_outside_client_is_made_by_the_command_line_without_a_secret(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let name = "https://login.example/tenant";
    let issuer = |name: &str, url: &str| format!("{{ issuer = \"{name}\", jwks_url = \"{url}\", audience = \"a\" }}");
    let known = format!("[{}]", issuer(name, "https://login.example/keys"));
    let run = async |issuers: &str, arguments: &[&str]| {
        Lonja::sandbox(directory.path(), &url).with("LONJA_ISSUERS", issuers).run(arguments).await
    };
    let create = |issuer, subject| {
        ["client", "create", "--operator", "--scope", "orders:read", "--json", "--issuer", issuer, "--subject", subject]
    };
    let made = run(&known, &create(name, "robot")).await.json();
    assert_eq!(made.as_object().unwrap().len(), 3, "an id, issuer and subject, and no secret: {made}");
    assert_eq!((&made["issuer"], &made["subject"]), (&json!(name), &json!("robot")));
    let again = run(&known, &create(name, "robot")).await;
    assert!(again.code == 1 && again.stderr.contains(made["clientId"].as_str().unwrap()), "{}", again.stderr);
    let stranger = run(&known, &create("https://login.example/tenat", "robot")).await;
    assert!(stranger.code == 2 && stranger.stderr.contains(name), "{}", stranger.stderr);
    assert_eq!(run(&known, &create(name, "")).await.code, 2);
    assert!(run(&known, &["config"]).await.stdout.contains("subject_claim = \"azp\""));
    for (issuers, told) in [
        (format!("[{0}, {0}]", issuer(name, "https://login.example/keys")), "twice"),
        (format!("[{}]", issuer(name, "ftp://login.example/keys")), "https://"),
        (format!("[{}]", issuer("", "https://login.example/keys")), "needs an issuer"),
        ("[{ issuer = \"x\" }]".to_owned(), "jwks_url"),
        ("[{ isuer = \"x\" }]".to_owned(), "isuer"),
        ("nonsense".to_owned(), "issuers"),
    ] {
        let ran = run(&issuers, &["config"]).await;
        assert!(ran.code == 78 && ran.stderr.contains(told), "{issuers}: {ran:?}");
    }
    database::remove(&url).await.unwrap();
}
