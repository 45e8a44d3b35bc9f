//! What operators see: metrics on the admin port, traces at a collector, and a log line that can be matched with both.

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use futures_util::{StreamExt, stream};
use lonja_tests::command::Lonja;
use lonja_tests::shop::Shop;
use lonja_tests::{Backend, House, database};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Field;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use prost::Message;
use reqwest::Method;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use test_case::test_case;
use uuid::Uuid;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// One scrape: each series with its number.
struct Scrape(BTreeMap<String, f64>);

impl Scrape {
    async fn of(admin: &str) -> Self {
        let reply = reqwest::Client::builder().build().unwrap().get(admin).send().await;
        let reply = reply.unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.headers()["content-type"], "text/plain; version=0.0.4");
        Self::read(&reply.text().await.unwrap())
    }

    /// The text format 0.0.4, strictly: each series once, and after the help and the type of its name.
    fn read(text: &str) -> Self {
        let (mut helped, mut types, mut series) = (BTreeSet::new(), HashMap::new(), BTreeMap::new());
        assert!(text.ends_with('\n'));
        for line in text.lines() {
            if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
                assert!(helped.insert(name) && !help.is_empty(), "{line}");
            } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
                assert!(helped.contains(name) && types.insert(name, kind).is_none(), "{line}");
            } else {
                let (key, number) = line.rsplit_once(' ').unwrap();
                let (name, labels) = key.split_once('{').map_or((key, "}"), |(name, labels)| (name, labels));
                assert!(labels.ends_with('}') && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{line}");
                let base = ["_bucket", "_sum", "_count"]
                    .iter()
                    .find_map(|end| name.strip_suffix(end).filter(|base| types.get(base) == Some(&"histogram")));
                let kind = types.get(base.unwrap_or(name)).copied().unwrap_or_else(|| panic!("no type: {line}"));
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                assert!(series.insert(key.to_owned(), number.parse().unwrap()).is_none(), "twice: {line}");
            }
        }
        Self(series)
    }

    fn get(&self, series: &str) -> f64 {
        *self.0.get(series).unwrap_or_else(|| panic!("no {series} in {:#?}", self.0.keys()))
    }

    /// How many requests of this route were answered so.
    fn answers(&self, method: &str, route: &str, status: u16) -> f64 {
        self.get(&format!(
            "http_server_request_duration_seconds_count{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"
        ))
    }

    /// How many requests were answered at all.
    fn all_answers(&self) -> f64 {
        let count = |(series, number): (&String, &f64)| series.contains("_seconds_count{").then_some(*number);
        self.0.iter().filter_map(count).sum()
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_counts_are_those_of_the_requests_made(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let metrics = format!("{}/metrics", house.admin().await);
    let before = Scrape::of(&metrics).await;
    for _ in 0..7 {
        assert_eq!(shop.seller.get("/v1/offers").await.status, 200);
    }
    for id in 0..5 {
        assert_eq!(shop.seller.get(&format!("/v1/orders/{id}")).await.status, 404);
    }
    for path in ["/v1/nothing", "/wp-login.php", "/metrics"] {
        assert_eq!(shop.seller.get(path).await.status, 404);
    }
    for method in ["BREW", "WHEN"] {
        shop.seller.send(Method::from_bytes(method.as_bytes()).unwrap(), "/v1/offers", &[], None).await;
    }
    let customer = serde_json::to_value(lonja_tests::shop::new_customer()).unwrap();
    for _ in 0..3 {
        assert_eq!(shop.seller.post_with("/v1/customers", "the-same", &customer).await.status, 201);
    }
    house.stock("windows-server-standard", "2022", 4).await;

    let after = Scrape::of(&metrics).await;
    assert_eq!(after.answers("GET", "/v1/offers", 200), 7.0);
    assert_eq!(after.answers("GET", "/v1/orders/{id}", 404), 5.0);
    assert_eq!(after.answers("GET", "unmatched", 404), 3.0);
    assert_eq!(after.answers("_OTHER", "/v1/offers", 405), 2.0);
    assert_eq!(
        after.all_answers() - before.all_answers(),
        21.0,
        "each request once, that for the token too, and scrapes not at all"
    );
    let series = "http_server_request_duration_seconds_bucket{method=\"GET\",route=\"/v1/offers\",status=\"200\",le=";
    assert_eq!(after.get(&format!("{series}\"+Inf\"}}")), 7.0);
    assert!(after.get(&format!("{series}\"0.005\"}}")) <= after.get(&format!("{series}\"10\"}}")));
    assert_eq!(after.get("http_server_active_requests"), 0.0);
    assert_eq!(after.get("http_server_requests_abandoned_total"), 0.0);
    assert_eq!(after.get("lonja_idempotency_replays_total"), 2.0);
    let stock = "lonja_keys_in_stock{product=\"windows-server-standard\",version=";
    assert_eq!(after.get(&format!("{stock}\"2022\"}}")), 4.0);
    assert_eq!(after.get(&format!("{stock}\"2019\"}}")), 0.0, "an empty shelf is a number too");
    assert_eq!(after.get("lonja_database_up"), 1.0);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        after.get(&format!("lonja_build_info{{database=\"{backend:?}\",version=\"{version}\"}}").to_lowercase()),
        1.0
    );
    assert!(after.get("process_resident_memory_bytes") > 1e6 && after.get("process_open_fds") > 3.0);
    assert!(after.get("process_start_time_seconds") > 1.6e9);
    assert_eq!(after.get("lonja_database_write_connections{state=\"used\"}"), 0.0);
    assert!(after.get("lonja_database_write_connections{state=\"idle\"}") >= 1.0);
}

#[tokio::test]
async fn ten_thousand_ids_make_no_series() {
    let house = House::open(Backend::Sqlite).await;
    let metrics = format!("{}/metrics", house.admin().await);
    let get = async |path: String| {
        house.http().get(format!("{}{path}", house.url)).send().await.unwrap().bytes().await.unwrap();
    };
    let (orders, nowhere) = (|id| format!("/v1/orders/{id}"), |id| format!("/{id}/{id}"));
    get(orders(Uuid::new_v4())).await;
    get(nowhere(Uuid::new_v4())).await;
    let before = Scrape::of(&metrics).await;
    let paths =
        (0..10_000).map(|number| if number % 2 == 0 { orders(Uuid::new_v4()) } else { nowhere(Uuid::new_v4()) });
    stream::iter(paths).for_each_concurrent(32, get).await;
    let after = Scrape::of(&metrics).await;
    assert_eq!(after.0.keys().collect::<Vec<_>>(), before.0.keys().collect::<Vec<_>>());
    assert_eq!(after.answers("GET", "/v1/orders/{id}", 401), 5_001.0);
    assert_eq!(after.answers("GET", "unmatched", 404), 5_001.0);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_database_that_fails_leaves_the_other_metrics(backend: Backend) {
    let house = House::open(backend).await;
    let metrics = format!("{}/metrics", house.admin().await);
    house.execute("ALTER TABLE jobs RENAME TO jobs_elsewhere").await;
    let scrape = Scrape::of(&metrics).await;
    assert_eq!(scrape.get("lonja_database_up"), 0.0);
    assert!(scrape.get("process_open_fds") > 0.0);
}

#[tokio::test]
async fn a_caller_who_hangs_up_is_counted_as_such() {
    let house = House::open(Backend::Sqlite).await;
    let actor = house.operator().await;
    let metrics = format!("{}/metrics", house.admin().await);
    let url = house.url.trim_start_matches("http://");
    let token = actor.token().await;
    let mut stream = tokio::net::TcpStream::connect(url).await.unwrap();
    let request = format!(
        "POST /v1/customers HTTP/1.1\r\nHost: lonja\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    drop(stream);
    // Seen when the server notices; asking is what lets time pass.
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let scrape = Scrape::of(&metrics).await;
        let ended = scrape.get("http_server_requests_abandoned_total") + scrape.all_answers();
        if ended == 2.0 && scrape.get("http_server_active_requests") == 0.0 {
            break;
        }
        assert!(Instant::now() < deadline, "the request is still counted as running");
    }
}

/// A collector that keeps what it is sent.
struct Sink {
    url: String,
    received: Data<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl Sink {
    fn open() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Data::new(Mutex::default());
        let kept = received.clone();
        let server =
            HttpServer::new(move || App::new().app_data(kept.clone()).route("/v1/traces", web::post().to(receive)));
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        Self { url, received }
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.received.lock().unwrap();
        let resources = received.iter().flat_map(|request| &request.resource_spans);
        resources.flat_map(|spans| &spans.scope_spans).flat_map(|spans| spans.spans.clone()).collect()
    }
}

async fn receive(bytes: Bytes, kept: Data<Mutex<Vec<ExportTraceServiceRequest>>>) -> HttpResponse {
    kept.lock().unwrap().push(ExportTraceServiceRequest::decode(bytes).unwrap());
    HttpResponse::Ok().content_type("application/x-protobuf").finish()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(span: &Span, name: &str) -> String {
    let value = span.attributes.iter().find(|attribute| attribute.key == name).and_then(|found| found.value.clone());
    match value.and_then(|value| value.value) {
        Some(Field::StringValue(text)) => text,
        Some(Field::IntValue(number)) => number.to_string(),
        other => panic!("{name}: {other:?}"),
    }
}

/// The access lines of a log by request id.
fn lines(log: &str) -> HashMap<String, Value> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut found = HashMap::new();
    for line in lines.filter(|line| line["target"] == "access") {
        let id = line["request_id"].as_str().unwrap().to_owned();
        assert!(found.insert(id, line).is_none(), "two lines for one request: {log}");
    }
    found
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_callers_trace_is_joined_and_nonsense_begins_a_new_one(backend: Backend) {
    let (directory, sink) = (tempfile::tempdir().unwrap(), Sink::open());
    let url = database::empty(backend, directory.path()).await.unwrap();
    let lonja = Lonja::sandbox(directory.path(), &url).with("LONJA_TELEMETRY_OTLP_ENDPOINT", &sink.url);
    let server = lonja.serve().await;
    let http = reqwest::Client::builder().build().unwrap();
    let get = async |path: &str, id: &str, traceparents: &[&str]| {
        let request = http.get(format!("{}{path}", server.url)).header("x-request-id", id);
        let request = traceparents.iter().fold(request, |request, one| request.header("traceparent", *one));
        let reply = request.send().await.unwrap();
        assert_eq!(reply.headers()["x-request-id"], id);
        assert!(reply.headers().get("traceparent").is_none() && reply.headers().get("x-evil").is_none());
        reply.status().as_u16()
    };
    assert_eq!(get("/v1/orders/4711", "joined-trace", &[PARENT]).await, 401);
    assert_eq!(get("/nowhere/4711", "nowhere-at-all", &[]).await, 404);
    let upper = PARENT.to_uppercase();
    let nonsense: [&[&str]; 9] = [
        &[],
        &["nonsense"],
        &["00-00000000000000000000000000000000-00f067aa0ba902b7-01"],
        &["00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"],
        &["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        &["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01"],
        &[&upper],
        &[PARENT, PARENT],
        &["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01%0d%0aX-Evil: 1"],
    ];
    for (number, traceparents) in nonsense.iter().enumerate() {
        assert_eq!(get("/livez", &format!("nonsense-{number}"), traceparents).await, 200, "{traceparents:?}");
    }
    // What waits is delivered before the end.
    let (status, log) = server.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");

    let (lines, spans) = (lines(&log), sink.spans());
    assert_eq!(lines["joined-trace"]["trace_id"], TRACE);
    let of = |id: &str| spans.iter().find(|span| attribute(span, "lonja.request_id") == id).unwrap();
    let joined = of("joined-trace");
    assert_eq!((hex(&joined.trace_id), hex(&joined.parent_span_id)), (TRACE.to_owned(), "00f067aa0ba902b7".to_owned()));
    assert_eq!((joined.name.as_str(), joined.kind()), ("get_order", SpanKind::Server));
    let facts = ["http.request.method", "http.route", "http.response.status_code"].map(|name| attribute(joined, name));
    assert_eq!(facts, ["GET", "/v1/orders/{id}", "401"]);
    assert!(joined.end_time_unix_nano > joined.start_time_unix_nano);
    assert_eq!(of("nowhere-at-all").name, "unmatched", "a raw path is no name");
    let mut traces = BTreeSet::from([TRACE.to_owned()]);
    for (number, traceparents) in nonsense.iter().enumerate() {
        let id = format!("nonsense-{number}");
        let trace = lines[&id]["trace_id"].as_str().unwrap().to_owned();
        assert!(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()), "{trace}");
        assert_eq!((hex(&of(&id).trace_id), of(&id).parent_span_id.len()), (trace.clone(), 0));
        assert!(traces.insert(trace), "{traceparents:?} was joined");
    }
    database::remove(&url).await.unwrap();
}

#[tokio::test]
async fn without_a_collector_the_log_still_names_the_trace() {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(Backend::Sqlite, directory.path()).await.unwrap();
    let server = Lonja::sandbox(directory.path(), &url).serve().await;
    let http = reqwest::Client::builder().build().unwrap();
    for (id, parent) in [("joined-trace", PARENT), ("nonsense-trace", "nonsense")] {
        let request = http.get(format!("{}/livez", server.url)).header("x-request-id", id);
        assert_eq!(request.header("traceparent", parent).send().await.unwrap().status(), 200);
    }
    let (_, log) = server.terminate().await;
    let lines = lines(&log);
    assert_eq!(lines["joined-trace"]["trace_id"], TRACE);
    let other = lines["nonsense-trace"]["trace_id"].as_str().unwrap();
    assert!(other.len() == 32 && other != TRACE, "{other}");
}

#[tokio::test]
async fn no_trace_is_recorded_where_the_ratio_says_none() {
    let sink = Sink::open();
    let settings = format!("[telemetry]\notlp_endpoint = \"{}\"\nsampling_ratio = 0.0", sink.url);
    let house = House::open_with(Backend::Sqlite, &settings).await;
    let get = || house.http().get(format!("{}/livez", house.url));
    for _ in 0..50 {
        assert_eq!(get().send().await.unwrap().status(), 200);
    }
    assert_eq!(get().header("traceparent", PARENT).send().await.unwrap().status(), 200);
    let traces = house.state.traces.clone();
    tokio::task::spawn_blocking(move || traces.finish()).await.unwrap();
    assert_eq!(sink.spans().len(), 1, "only the one whose caller records its own part");
}

/// Nobody listens; or somebody takes the connection and never answers.
#[test_case(false; "nobody listens")]
#[test_case(true; "nobody answers")]
#[tokio::test]
async fn a_collector_that_is_down_costs_no_request_anything(is_silent: bool) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _silent = is_silent.then_some(listener);
    let house = House::open_with(Backend::Sqlite, &format!("[telemetry]\notlp_endpoint = \"http://{address}\"")).await;
    let started = Instant::now();
    // More than the queue holds.
    let get = async |_| house.http().get(format!("{}/livez", house.url)).send().await.unwrap().status().as_u16();
    let statuses: Vec<u16> = stream::iter(0..6_000).map(get).buffer_unordered(16).collect().await;
    assert!(statuses.iter().all(|status| *status == 200));
    println!("6000 requests: {:?}", started.elapsed());
    let traces = house.state.traces.clone();
    let started = Instant::now();
    tokio::task::spawn_blocking(move || traces.finish()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(10), "the end waited {:?}", started.elapsed());
}
