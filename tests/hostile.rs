//! What no honest caller sends (standards R7 and R8), to the real program: each is refused or cut within ten seconds,
//! takes a bounded amount of memory, and the next honest request is answered as if nothing had been.

use futures_util::future::join_all;
use lonja_tests::command::{Lonja, Server};
use lonja_tests::{Actor, Backend, database};
use serde_json::Value;
use std::time::{Duration, Instant};
use test_case::test_case;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// When a connection must have been refused or cut.
const LIMIT: Duration = Duration::from_secs(10);
pub(super) const MEBIBYTE: usize = 1024 * 1024;
/// The most memory that the program may take, whatever is sent; an idle one has about 75 MiB.
const MOST_MEMORY: u64 = 300 * 1024 * 1024;

/// A program to be attacked.
pub(super) struct Target {
    directory: tempfile::TempDir,
    url: String,
    server: Server,
    pub(super) seller: Actor,
    token: String,
}

impl Target {
    pub(super) async fn open(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = database::empty(backend, directory.path()).await.unwrap();
        let lonja = Lonja::sandbox(directory.path(), &url);
        let seed = lonja.run(&["sandbox", "seed"]).await.json();
        let client = seed["clients"].as_array().unwrap().iter().find(|client| client["name"] == "directBill").unwrap();
        let server = lonja.serve().await;
        let http = reqwest::Client::builder().build().unwrap();
        let [id, secret] = ["clientId", "clientSecret"].map(|name| client[name].as_str().unwrap());
        let seller = Actor::new(&server.url, &http, id, secret, client["partnerId"].as_str());
        let token = seller.token().await.to_owned();
        Self { directory, url, server, seller, token }
    }

    fn address(&self) -> std::net::SocketAddr {
        self.server.url.trim_start_matches("http://").parse().unwrap()
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.unwrap()
    }

    /// A request for another path, with this body.
    fn post_to(&self, path: &str, body: &str) -> Vec<u8> {
        let request = String::from_utf8(self.post(&format!("Content-Length: {}\r\n\r\n{body}", body.len()))).unwrap();
        request.replacen("/v1/customers", path, 1).into_bytes()
    }

    /// A request with a valid token; `rest` is further headers, the empty line, and the body.
    pub(super) fn post(&self, rest: &str) -> Vec<u8> {
        format!(
            "POST /v1/customers HTTP/1.1\r\nHost: lonja\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nIdempotency-Key: hostile\r\n{rest}",
            self.token
        )
        .into_bytes()
    }

    pub(super) async fn assert_well(&self, after: &str) {
        let started = Instant::now();
        let reply = self.seller.get("/v1/orders").await;
        assert_eq!(reply.status, 200, "after {after}");
        assert!(started.elapsed() < Duration::from_secs(2), "slow after {after}");
    }

    pub(super) async fn close(self) {
        self.close_within(MOST_MEMORY).await;
    }

    /// Ends it; it must never have had more memory than this.
    pub(super) async fn close_within(self, most: u64) {
        let peak = self.server.peak_memory();
        assert!(peak < most, "it took {} MiB", peak / 1024 / 1024);
        let (ended, log) = self.server.terminate().await;
        assert!(ended.success() && !log.contains("panicked"), "{log}");
        database::remove(&self.url).await.unwrap();
        drop(self.directory);
    }
}

/// How an exchange ended.
#[derive(Debug)]
pub(super) struct Exchange {
    /// What came.
    pub(super) text: String,
    /// Whether the server ended the connection.
    pub(super) ended: bool,
    took: Duration,
}

impl Exchange {
    /// The statuses of all answers, in their order; `100` is none.
    pub(super) fn statuses(&self) -> Vec<u16> {
        let after = self.text.split("HTTP/1.").skip(1);
        let statuses = after.filter_map(|answer| answer.get(2..5)?.parse().ok());
        statuses.filter(|status| *status != 100).collect()
    }
}

/// Sends these bytes, whole or in drips, and reads until the connection ends or the limit is over.
pub(super) async fn exchange(mut stream: TcpStream, bytes: &[u8], drip: Option<&'static [u8]>) -> Exchange {
    let started = Instant::now();
    let (mut reader, mut writer) = stream.split();
    let mut received = Vec::new();
    let send = async {
        // The server may end the connection before it has taken everything.
        if writer.write_all(bytes).await.is_ok()
            && let Some(drip) = drip
        {
            while writer.write_all(drip).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        std::future::pending::<()>().await;
    };
    let receive = async {
        let mut chunk = [0; 16 * 1024];
        while let Ok(read @ 1..) = reader.read(&mut chunk).await {
            received.extend_from_slice(&chunk[..read]);
        }
    };
    let ended = tokio::select! {
        () = receive => true,
        () = send => false,
        () = tokio::time::sleep(LIMIT + Duration::from_millis(500)) => false,
    };
    Exchange { text: String::from_utf8_lossy(&received).into_owned(), ended, took: started.elapsed() }
}

/// A name, what is sent, what is dripped after it, and the answer.
type Slow = (&'static str, Vec<u8>, Option<&'static [u8]>, u16);

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_r7_what_is_slow_is_cut_and_others_do_not_notice(backend: Backend) {
    let target = Target::open(backend).await;
    let head = "POST /v1/customers HTTP/1.1\r\nHost: lonja\r\n";
    let token_head = "POST /v1/oauth/token HTTP/1.1\r\nHost: lonja\r\n";
    let stranger = |rest: &str| format!("{head}{rest}").into_bytes();
    let slow: Vec<Slow> = vec![
        ("nothing", Vec::new(), None, 408),
        ("half a head", b"GET /livez HTTP/1.1\r\nHost: lonja\r\n".to_vec(), None, 408),
        ("a head in drips", b"GET /livez HTTP/1.1\r\nHost: lonja\r\n".to_vec(), Some(b"x: y\r\n"), 408),
        ("no body", target.post("Content-Length: 100\r\n\r\n"), None, 408),
        ("half a body", target.post("Content-Length: 100\r\n\r\n{"), None, 408),
        ("a body in drips", target.post("Content-Length: 1000\r\n\r\n{"), Some(b" "), 408),
        ("no chunk", target.post("Transfer-Encoding: chunked\r\n\r\n"), None, 408),
        ("half a chunk", target.post("Transfer-Encoding: chunked\r\n\r\n5\r\n{"), None, 408),
        ("chunks in drips", target.post("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"), Some(b"1\r\n \r\n"), 408),
        ("no end of chunks", target.post("Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"), None, 408),
        ("a refused body", stranger("Content-Length: 100\r\n\r\n"), None, 401),
        ("a refused body in drips", stranger("Content-Length: 1000\r\n\r\n"), Some(b" "), 401),
        ("refused chunks", stranger("Transfer-Encoding: chunked\r\n\r\n5\r\nabc"), None, 401),
        ("refused chunks in drips", stranger("Transfer-Encoding: chunked\r\n\r\n"), Some(b"1\r\n \r\n"), 401),
        ("a slow form", format!("{token_head}Content-Length: 9\r\n\r\ng").into_bytes(), None, 408),
        ("a slow chunked form", format!("{token_head}Transfer-Encoding: chunked\r\n\r\n").into_bytes(), None, 408),
        (
            "a body nobody reads",
            b"GET /livez HTTP/1.1\r\nHost: lonja\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            Some(b"1\r\n \r\n"),
            200,
        ),
    ];
    let attack = async {
        let each = slow.iter().map(async |(name, bytes, drip, status)| {
            let exchange = exchange(target.connect().await, bytes, *drip).await;
            assert!(exchange.ended, "{name} was not cut: {exchange:?}");
            assert!(exchange.took <= LIMIT, "{name}: {exchange:?}");
            assert_eq!(exchange.statuses(), [*status], "{name}: {exchange:?}");
        });
        // And many of one kind.
        let many = (0..300).map(async |_| {
            let exchange = exchange(target.connect().await, b"GET /livez HTTP/1.1\r\nx: ", Some(b"y")).await;
            assert!(exchange.ended && exchange.took <= LIMIT, "{exchange:?}");
        });
        tokio::join!(join_all(each), join_all(many), unread(&target));
    };
    let honest = async {
        let mut slowest = Duration::ZERO;
        let mut count = 0_u32;
        loop {
            let started = Instant::now();
            let reply = target.seller.get("/v1/orders").await;
            assert_eq!(reply.status, 200);
            slowest = slowest.max(started.elapsed());
            assert!(slowest < Duration::from_secs(1), "an honest request took {slowest:?}");
            count += 1;
            tokio::task::yield_now().await;
            // As fast as a person works, so that the attack is what fills the machine.
            tokio::time::sleep(Duration::from_millis(20)).await;
            if count > 10_000 {
                break;
            }
        }
    };
    tokio::select! {
        () = attack => {},
        () = honest => panic!("the attack does not end"),
    }
    target.assert_well("what is slow").await;
    target.close().await;
}

/// Asks for far more than the socket holds and takes nothing of it: the connection is given up.
async fn unread(target: &Target) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(target.address()).await.unwrap();
    let started = Instant::now();
    let requests = "GET /openapi.json HTTP/1.1\r\nHost: lonja\r\n\r\n".repeat(100);
    stream.write_all(requests.as_bytes()).await.unwrap();
    // A connection that is gone refuses what is sent to it.
    while stream.write_all(b"\r\n").await.is_ok() {
        assert!(started.elapsed() < LIMIT + Duration::from_secs(1), "who does not read is not cut");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(started.elapsed() > Duration::from_secs(3), "it was cut too early");
}

/// What must be refused: by these statuses, or without a word.
fn refused(target: &Target) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| all.push((name.to_owned(), bytes));
    let body = |head: &str, body: &[u8]| {
        let mut bytes = target.post(&format!("{head}Content-Length: {}\r\n\r\n", body.len()));
        bytes.extend_from_slice(body);
        bytes
    };
    let get = |rest: &str| format!("GET /v1/orders HTTP/1.1\r\nHost: lonja\r\n{rest}\r\n").into_bytes();

    add("10 MiB of JSON", body("", &vec![b' '; 10 * MEBIBYTE]));
    let mut chunks = target.post("Transfer-Encoding: chunked\r\n\r\n");
    for _ in 0..160 {
        chunks.extend_from_slice(b"10000\r\n");
        chunks.resize(chunks.len() + 0x10000, b' ');
        chunks.extend_from_slice(b"\r\n");
    }
    add("10 MiB of chunks", chunks);
    let crumbs = "1\r\n \r\n".repeat(1_100_000);
    add("a million chunks", target.post(&format!("Transfer-Encoding: chunked\r\n\r\n{crumbs}")));
    add("100,000 brackets", body("", "[".repeat(100_000).as_bytes()));
    add("100,000 braces", body("", "{\"a\":".repeat(100_000).as_bytes()));
    let fields = (0..10_000).map(|number| format!("\"f{number}\":1")).collect::<Vec<_>>().join(",");
    add("10,000 fields", body("", format!("{{{fields}}}").as_bytes()));
    let order = |lines: &str| target.post_to("/v1/orders", &format!("{{\"customerId\":\"x\",\"lines\":[{lines}]}}"));
    add("500,000 numbers for lines", order(&vec!["0"; 500_000].join(",")));
    add("340,000 empty lines", order(&vec!["{}"; 340_000].join(",")));
    add("70,000 lines of unknown fields", order(&vec!["{\"a\":1,\"b\":2}"; 70_000].join(",")));
    add("a field 10,000 times", body("", format!("{{{}}}", vec!["\"country\":\"MX\""; 10_000].join(",")).as_bytes()));
    add("a number of a million digits", body("", format!("{{\"a\":{}}}", "9".repeat(1_000_000)).as_bytes()));
    add("a text of a million escapes", body("", format!("{{\"a\":\"{}\"}}", "\\u0000".repeat(170_000)).as_bytes()));
    add("no UTF-8", body("", b"{\"companyName\":\"\xff\xfe\"}"));
    add("an overlong form of UTF-8", body("", b"{\"companyName\":\"\xc0\xaf\"}"));
    add("UTF-16", body("", b"\xff\xfe{\x00}\x00"));
    add("half a surrogate", body("", b"{\"companyName\":\"\\ud800\"}"));
    add("NUL", body("", b"{\"companyName\":\"\x00\"}"));
    add(
        "a bomb",
        body("Content-Encoding: gzip\r\n", &[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 4096]].concat()),
    );
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"] {
        add(encoding, body(&format!("Content-Encoding: {encoding}\r\n"), b"{}"));
    }
    let parameters = (0..10_000).map(|number| format!("p{number}=1")).collect::<Vec<_>>().join("&");
    let query = |query: &str| {
        let head =
            format!("GET /v1/orders?{query} HTTP/1.1\r\nHost: lonja\r\nAuthorization: Bearer {}\r\n\r\n", target.token);
        head.into_bytes()
    };
    add("10,000 parameters", query(&parameters));
    add("one parameter 10,000 times", query(&vec!["limit=1"; 10_000].join("&")));
    add("a query that is no UTF-8", query("state=%ff%fe"));
    add("a path of 100 KiB", format!("GET /{} HTTP/1.1\r\nHost: lonja\r\n\r\n", "a".repeat(100_000)).into_bytes());
    add("a path of 60,000 steps", format!("GET {} HTTP/1.1\r\nHost: lonja\r\n\r\n", "/a".repeat(30_000)).into_bytes());
    add("a path that climbs", b"GET /docs/../../../etc/passwd HTTP/1.1\r\nHost: lonja\r\n\r\n".to_vec());
    add(
        "a path that climbs in code",
        b"GET /docs/%2e%2e%2f%2e%2e%2fetc/passwd HTTP/1.1\r\nHost: lonja\r\n\r\n".to_vec(),
    );
    add("NUL in a path", b"GET /v1/\x00orders HTTP/1.1\r\nHost: lonja\r\n\r\n".to_vec());
    add("bytes in a path", b"GET /v1/\xff\xfe HTTP/1.1\r\nHost: lonja\r\n\r\n".to_vec());
    add("NUL in a header", b"GET /v1/orders HTTP/1.1\r\nHost: lonja\r\nx: a\x00b\r\n\r\n".to_vec());
    add("a line in a header", b"GET /v1/orders HTTP/1.1\r\nHost: lonja\r\nx: a\rb\r\n\r\n".to_vec());
    add("bytes in a header", b"GET /v1/orders HTTP/1.1\r\nHost: lonja\r\nAuthorization: Bearer \xff\r\n\r\n".to_vec());
    add("1,000 headers", get(&"x: y\r\n".repeat(1000)));
    add("a header of a mebibyte", get(&format!("x: {}\r\n", "y".repeat(MEBIBYTE))));
    add("a token of 100 KiB", get(&format!("Authorization: Bearer {}\r\n", "y".repeat(100_000))));
    add("10,000 languages", get(&format!("Accept-Language: {}\r\n", vec!["es"; 10_000].join(","))));
    add("a folded header", get("x: a\r\n b\r\n"));
    add("a header without a name", get(": x\r\n"));
    add("a blank before the colon", get("Transfer-Encoding : chunked\r\n"));
    add("no Host", b"GET /v1/orders HTTP/1.1\r\n\r\n".to_vec());
    add("two Hosts", get("Host: evil\r\n"));
    add("HTTP/2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00".to_vec());
    add("HTTP/0.9", b"GET /v1/orders\r\n\r\n".to_vec());
    add("HTTP/9.9", b"GET /v1/orders HTTP/9.9\r\nHost: lonja\r\n\r\n".to_vec());
    add("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20));
    add("noise", (0..4096_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect());
    add("CONNECT", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_vec());
    add("another's address", b"GET http://evil.example/v1/orders HTTP/1.1\r\nHost: lonja\r\n\r\n".to_vec());
    add("an upgrade", get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"));
    add("a web socket", get("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"));
    add("another method in a header", get("X-HTTP-Method-Override: DELETE\r\n"));
    all
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_r8_what_is_hostile_is_refused(backend: Backend) {
    let target = Target::open(backend).await;
    let mut tried = 0;
    for (name, bytes) in refused(&target) {
        let exchange = exchange_once(&target, &bytes).await;
        let statuses = exchange.statuses();
        let is_refused = statuses.len() <= 1 && statuses.iter().all(|status| (400..500).contains(status));
        assert!(is_refused && (exchange.ended || statuses.len() == 1), "{name}: {statuses:?} {exchange:?}");
        assert!(exchange.took < Duration::from_secs(6), "{name}: {:?}", exchange.took);
        if let Some((_, problem)) = exchange.text.split_once("application/problem+json") {
            let json: Value = serde_json::from_str(problem.split_once("\r\n\r\n").unwrap().1).unwrap_or_default();
            assert!(json["code"].is_string() && exchange.text.len() < 100_000, "{name}: {json}");
        }
        target.assert_well(&name).await;
        tried += 1;
    }
    assert!(tried >= 55, "only {tried} were tried");
    // And many at once.
    let large = target.post(&format!("Content-Length: {MEBIBYTE}\r\n\r\n{}", "[".repeat(MEBIBYTE)));
    let many = join_all((0..50).map(|_| exchange_once(&target, &large))).await;
    assert!(many.iter().all(|exchange| exchange.statuses() == [400]), "{many:?}");
    target.close().await;
}

/// Sends a message, and half a second after the answer has begun takes what came as all there is.
async fn exchange_once(target: &Target, bytes: &[u8]) -> Exchange {
    let started = Instant::now();
    let mut stream = target.connect().await;
    let (mut reader, mut writer) = stream.split();
    let mut received = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let mut ended = false;
    let send = async {
        // The server may end the connection before it has taken everything.
        drop(writer.write_all(bytes).await);
        std::future::pending::<()>().await;
    };
    let receive = async {
        loop {
            let patience = if received.is_empty() { LIMIT } else { Duration::from_millis(500) };
            match tokio::time::timeout(patience, reader.read(&mut chunk)).await {
                Ok(Ok(read @ 1..)) => received.extend_from_slice(&chunk[..read]),
                Ok(_) => {
                    ended = true;
                    break;
                }
                Err(_elapsed) => break,
            }
        }
    };
    tokio::select! { () = send => {}, () = receive => {} }
    Exchange { text: String::from_utf8_lossy(&received).into_owned(), ended, took: started.elapsed() }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_r8_nothing_is_smuggled_behind_a_request(backend: Backend) {
    let target = Target::open(backend).await;
    let smuggled = "GET /v1/partners/me HTTP/1.1\r\nHost: lonja\r\nX-Request-Id: smuggled-request\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    let length = smuggled.len();
    for headers in [
        format!("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: identity, chunked\r\nContent-Length: {length}\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n{smuggled}"),
        format!("Transfer-Encoding: \x0bchunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n{chunked}"),
        format!("Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n{smuggled}"),
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        format!("Content-Length: {length}\r\nContent-Length: 0\r\n\r\n{smuggled}"),
        format!("Content-Length: 0, {length}\r\n\r\n{smuggled}"),
        format!("Content-Length: +{length}\r\n\r\n{smuggled}"),
        format!("Content-Length: -1\r\n\r\n{smuggled}"),
        format!("Content-Length: 0x0\r\n\r\n{smuggled}"),
        format!("Content-Length: 99999999999999999999\r\n\r\n{smuggled}"),
        format!("Content-Length: \r\n\r\n{smuggled}"),
        format!("Transfer-Encoding: chunked\r\n\r\n-1\r\n{smuggled}"),
        format!("Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{smuggled}"),
        format!("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{smuggled}"),
        format!("Transfer-Encoding: chunked\r\n\r\n0\n\n{smuggled}"),
        format!("Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}0\r\n\r\n{smuggled}"),
    ] {
        let exchange = exchange_once(&target, &target.post(&headers)).await;
        let start: String = headers.chars().take(60).collect();
        let statuses = exchange.statuses();
        assert!(statuses.len() <= 1 && statuses.iter().all(|status| *status < 500), "{start:?}: {exchange:?}");
        assert!(!exchange.text.contains("smuggled-request"), "{start:?}: {exchange:?}");
        assert!(exchange.ended || statuses == [400], "{start:?}: {exchange:?}");
        target.assert_well(&start).await;
    }
    target.close().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_r8_what_is_only_odd_is_answered_and_each_answer_belongs_to_its_request(backend: Backend) {
    let target = Target::open(backend).await;
    let token = &target.token;
    // Forty on one connection, sent at once; with and without bodies, good and bad.
    let mut pipeline = String::new();
    let mut expected = Vec::new();
    for number in 0..40 {
        let id = format!("pipelined-{number}");
        let auth = format!("Host: lonja\r\nAuthorization: Bearer {token}\r\nX-Request-Id: {id}\r\n");
        let status = match number % 5 {
            0 => {
                pipeline += &format!("GET /v1/orders HTTP/1.1\r\n{auth}\r\n");
                200
            }
            1 => {
                let body = "GET /livez HTTP/1.1\r\n\r\n";
                let length = body.len();
                pipeline += &format!(
                    "POST /v1/customers HTTP/1.1\r\n{auth}Content-Type: application/json\r\n\
                     Idempotency-Key: {id}\r\nContent-Length: {length}\r\n\r\n{body}"
                );
                400
            }
            2 => {
                pipeline += &format!("HEAD /v1/orders HTTP/1.1\r\n{auth}\r\n");
                200
            }
            3 => {
                pipeline += &format!("GET /v1/orders/unknown HTTP/1.1\r\n{auth}\r\n");
                404
            }
            _ => {
                // With an extension and a trailer, as the RFC has them.
                pipeline += &format!(
                    "POST /v1/customers HTTP/1.1\r\n{auth}Content-Type: application/json\r\nIdempotency-Key: {id}\r\n\
                     Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n[]\r\n0\r\nx: y\r\n\r\n"
                );
                400
            }
        };
        expected.push((status, id));
    }
    let exchange = exchange_once(&target, pipeline.as_bytes()).await;
    let answers = exchange.text.split("HTTP/1.1 ").skip(1).map(|answer| {
        let id = answer.split_once("x-request-id: ").unwrap().1;
        (answer[..3].parse::<u16>().unwrap(), id.split("\r\n").next().unwrap().to_owned())
    });
    assert_eq!(answers.collect::<Vec<_>>(), expected);

    // A caller that waits to be told to go on is told; one that is refused is told so instead.
    let expecting = "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let told = exchange_once(&target, &target.post(&format!("{expecting}[]"))).await;
    assert!(told.text.starts_with("HTTP/1.1 100 "), "{told:?}");
    assert_eq!(told.statuses(), [400]);
    let refused = format!("POST /v1/customers HTTP/1.1\r\nHost: lonja\r\n{expecting}[]");
    assert_eq!(exchange_once(&target, refused.as_bytes()).await.statuses(), [401]);

    let old = exchange_once(&target, b"GET /livez HTTP/1.0\r\n\r\n").await;
    assert!(old.ended && old.statuses() == [200], "{old:?}");
    target.close().await;
}
