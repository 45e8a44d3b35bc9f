//! The keys that sign access tokens change while the service runs (standards: publish, wait, sign, keep, remove).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lonja_tests::command::{Lonja, Server};
use lonja_tests::{Backend, beside, database};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use test_case::test_case;

const BOUND: Duration = Duration::from_secs(60);

/// What calls two servers over one database.
struct Load {
    http: reqwest::Client,
    urls: [String; 2],
    basic: String,
    stop: AtomicBool,
    asked: AtomicUsize,
    kids: Mutex<HashSet<(String, usize)>>,
}

impl Load {
    async fn token(&self, of: usize) -> String {
        let request = self.http.post(format!("{}/v1/oauth/token", self.urls[of])).body("grant_type=client_credentials");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let reply = request.header("authorization", format!("Basic {}", self.basic)).send().await.unwrap();
        assert_eq!(reply.status(), 200, "a token was not given");
        reply.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
    }

    async fn status(&self, at: usize, token: &str) -> u16 {
        let url = format!("{}/v1/orders", self.urls[at]);
        self.http.get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
    }

    /// Gets tokens of one server and uses them at both, until told to stop. Not one may be refused.
    async fn run(self: Arc<Self>, of: usize) {
        while !self.stop.load(Ordering::Relaxed) {
            let token = self.token(of).await;
            self.kids.lock().unwrap().insert((kid(&token), of));
            for at in [1 - of, of, 1 - of, of] {
                assert_eq!(self.status(at, &token).await, 200, "a token of {of} was refused at {at}");
            }
            self.asked.fetch_add(5, Ordering::Relaxed);
        }
    }

    async fn published(&self, at: usize) -> Vec<Value> {
        let reply = self.http.get(format!("{}/.well-known/jwks.json", self.urls[at])).send().await.unwrap();
        reply.json::<Value>().await.unwrap()["keys"].as_array().unwrap().clone()
    }

    /// Asks until both servers publish so many keys.
    async fn until_published(&self, count: usize) -> Vec<Value> {
        let started = Instant::now();
        loop {
            let both = [self.published(0).await, self.published(1).await];
            if both.iter().all(|keys| keys.len() == count) {
                return both[0].clone();
            }
            assert!(started.elapsed() < BOUND, "{both:?}");
        }
    }
}

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

fn lonja(directory: &TempDir, url: &str) -> Lonja {
    Lonja::sandbox(directory.path(), url)
        .with("LONJA_PUBLIC_URL", "https://lonja.example")
        .with("LONJA_LIMITS_ADDRESS_PER_MINUTE", "0")
        .with("LONJA_LIMITS_TOKEN_PER_MINUTE", "0")
        .with("LONJA_LIMITS_TOKEN_ADDRESS_PER_MINUTE", "0")
        .with("LONJA_TOKENS_KEY_REFRESH_SECONDS", "1")
        .with("LONJA_TOKENS_PUBLISH_SECONDS", "3")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_plt_01_keys_change_under_load_without_a_refused_request() {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(Backend::Postgres, directory.path()).await.unwrap();
    let create = ["client", "create", "--operator", "--scope", "orders:read", "--json"];
    let client = lonja(&directory, &url).run(&create).await.json();
    let basic = format!("{}:{}", client["clientId"].as_str().unwrap(), client["clientSecret"].as_str().unwrap());
    let servers: [Server; 2] = [lonja(&directory, &url).serve().await, lonja(&directory, &url).serve().await];
    let load = Arc::new(Load {
        http: reqwest::Client::builder().build().unwrap(),
        urls: [servers[0].url.clone(), servers[1].url.clone()],
        basic: STANDARD.encode(basic),
        stop: AtomicBool::new(false),
        asked: AtomicUsize::new(0),
        kids: Mutex::default(),
    });
    let first = load.published(0).await;
    assert_eq!(first.len(), 1);
    let old = load.token(0).await;
    let callers: Vec<_> = [0, 1, 0, 1].into_iter().map(|of| tokio::spawn(load.clone().run(of))).collect();

    let rotated = lonja(&directory, &url).run(&["signing-keys", "rotate", "--json"]).await.json();
    let states: Vec<&Value> = rotated["keys"].as_array().unwrap().iter().map(|key| &key["state"]).collect();
    assert_eq!(states, ["signing", "published"]);
    let keys = load.until_published(2).await;
    for key in &keys {
        let members: Vec<&String> = key.as_object().unwrap().keys().collect();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"], "and no private part");
    }
    let new = rotated["keys"][1]["kid"].as_str().unwrap().to_owned();
    let started = Instant::now();
    // Until both servers sign with the new key.
    while ![0, 1].iter().all(|of| load.kids.lock().unwrap().contains(&(new.clone(), *of))) {
        assert!(started.elapsed() < BOUND, "the new key does not sign");
        assert_eq!(load.status(0, &old).await, 200, "what the old key signed is good yet");
    }
    load.stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    println!("{} requests while the key changed, none refused", load.asked.load(Ordering::Relaxed));
    assert!(load.asked.load(Ordering::Relaxed) > 100);

    // An hour and more later the old key leaves; verdicts that rested on it leave too.
    let current = load.token(1).await;
    for at in [0, 1] {
        assert_eq!((load.status(at, &old).await, load.status(at, &current).await), (200, 200));
    }
    beside::execute(&url, "UPDATE signing_keys SET signs_from = signs_from - interval '2 hours'").await.unwrap();
    let left = load.until_published(1).await;
    assert_eq!(left[0]["kid"].as_str(), Some(new.as_str()));
    for at in [0, 1] {
        assert_eq!((load.status(at, &old).await, load.status(at, &current).await), (401, 200));
    }
    // The next rotation clears its row away.
    lonja(&directory, &url).run(&["signing-keys", "rotate", "--json"]).await.json();
    let rows = beside::texts(&url, "SELECT id AS text FROM signing_keys ORDER BY signs_from").await.unwrap();
    assert!(rows.len() == 2 && rows[0] == new, "{rows:?}");
    for server in servers {
        assert!(server.terminate().await.0.success());
    }
    database::remove(&url).await.unwrap();
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_one_rotation_at_a_time(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let lonja = || Lonja::sandbox(directory.path(), &url);
    let first = lonja().run(&["signing-keys", "list", "--json"]).await.json();
    assert_eq!(first["keys"].as_array().unwrap().len(), 1);
    assert!(first["keys"][0]["leavesAt"].is_null());
    let second = lonja().run(&["signing-keys", "rotate"]).await;
    assert_eq!(second.code, 0, "{}", second.stderr);
    assert!(second.stdout.lines().count() == 2 && second.stdout.contains("published"), "{}", second.stdout);
    let third = lonja().run(&["signing-keys", "rotate"]).await;
    assert!(third.code == 1 && third.stderr.contains("is published already"), "{}", third.stderr);
    let bad = lonja().with("LONJA_TOKENS_PUBLISH_SECONDS", "15").run(&["signing-keys", "rotate"]).await;
    assert!(bad.code == 78 && bad.stderr.contains("tokens.publish_seconds"), "{}", bad.stderr);
    database::remove(&url).await.unwrap();
}
