//! What every answer has in common, whatever was asked and however: methods, headers, origins, languages.

use lonja_tests::walk::{Furnished, Operation};
use lonja_tests::{Backend, House, Reply};
use reqwest::{Method, StatusCode};
use test_case::test_case;

const SHOP: &str = "https://shop.example";
const SETTINGS: &str = "[cors]\norigins = [\"https://shop.example\", \"http://localhost:3000\"]";

async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let reply = request.send().await.unwrap();
    Reply { status: reply.status(), headers: reply.headers().clone(), text: reply.text().await.unwrap() }
}

/// The headers that stand for the resource, and not for this one request.
fn lasting(reply: &Reply) -> Vec<(String, String)> {
    let passing = ["x-request-id", "date", "ratelimit", "transfer-encoding"];
    let headers = reply.headers.iter().filter(|(name, _)| !passing.contains(&name.as_str()));
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    headers
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_head_is_get_without_its_body(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    // Between the two requests the clock moves.
    let moving = ["get_sandbox_clock"];
    let mut walked = 0;
    for operation in Operation::all().into_iter().filter(|operation| operation.method == Method::GET) {
        let path = if operation.path.starts_with("/problems/") {
            operation.at("not_found")
        } else {
            operation.at(shop.id_for(&operation))
        };
        for path in [path.clone(), format!("{path}?noSuchParameter=1")] {
            let get = shop.actor(&operation).get(&path).await;
            let head = shop.actor(&operation).send(Method::HEAD, &path, &[], None).await;
            assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
            if !moving.contains(&operation.id.as_str()) {
                assert_eq!(lasting(&head), lasting(&get), "{path}");
            }
        }
        let stranger = reply(house.http().head(format!("{}{path}", house.url))).await;
        let expected = if !operation.scopes.is_empty() { 401 } else { 200 };
        assert_eq!(stranger.status, expected, "{path}");
        walked += 1;
    }
    assert!(walked >= 26, "only {walked} operations were walked");
    for path in ["/docs/", "/openapi.json"] {
        let head = reply(house.http().head(format!("{}{path}", house.url))).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path}");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_options_answers_the_methods_there_are(backend: Backend) {
    let house = House::open_with(backend, SETTINGS).await;
    let all = Operation::all();
    let mut walked = 0;
    for path in all.iter().map(|operation| &operation.path) {
        let here = all.iter().filter(|operation| operation.path == *path);
        let mut methods: Vec<&str> = here.map(|operation| operation.method.as_str()).chain(["OPTIONS"]).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        let methods = methods.join(", ");
        let url = format!("{}{}", house.url, path.replace("{id}", "x"));
        let plain = reply(house.http().request(Method::OPTIONS, &url)).await;
        assert_eq!((plain.status, plain.header("allow")), (StatusCode::NO_CONTENT, methods.as_str()), "{path}");
        assert_eq!(plain.header("access-control-allow-methods"), "", "{path}");

        let preflight = |origin: &str| {
            let request = house.http().request(Method::OPTIONS, &url).header("origin", origin);
            request.header("access-control-request-method", "POST").header("access-control-request-headers", "x")
        };
        let listed = reply(preflight(SHOP)).await;
        assert_eq!((listed.status, listed.text.as_str()), (StatusCode::NO_CONTENT, ""), "{path}");
        assert_eq!(listed.header("access-control-allow-origin"), SHOP, "{path}");
        assert_eq!(listed.header("access-control-allow-methods"), methods, "{path}");
        assert!(listed.header("access-control-allow-headers").contains("Idempotency-Key"), "{path}");
        assert_eq!(listed.header("access-control-allow-credentials"), "", "{path}");
        let evil = reply(preflight("https://evil.example")).await;
        assert!(cors_of(&evil).is_empty(), "{path}: {evil:?}");
        walked += 1;
    }
    assert!(walked >= 39, "only {walked} operations were walked");
    let unknown = reply(house.http().request(Method::OPTIONS, format!("{}/v1/nothing", house.url))).await;
    assert_eq!(unknown.status, 404);
}

/// The headers that let pages of other origins in.
fn cors_of(reply: &Reply) -> Vec<String> {
    let names = reply.headers.keys().map(ToString::to_string);
    names.filter(|name| name.starts_with("access-control-")).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_api8_only_pages_of_listed_origins_are_let_in(backend: Backend) {
    let house = House::open_with(backend, SETTINGS).await;
    let seller = house.partner(lonja::partners::PartnerKind::DirectBill).await;
    let exposed = "RateLimit, RateLimit-Policy, Retry-After, ETag, Link, Location, X-Request-Id, Idempotent-Replayed, \
                   WWW-Authenticate";
    for path in ["/v1/orders", "/v1/orders/x", "/v1/orders?limit=0", "/nothing", "/livez"] {
        for origin in [SHOP, "http://localhost:3000"] {
            let seen = seller.send(Method::GET, path, &[("origin", origin)], None).await;
            assert_eq!(seen.header("access-control-allow-origin"), origin, "{path}");
            assert_eq!(seen.header("access-control-expose-headers"), exposed, "{path}");
            assert!(seen.headers.get_all("vary").iter().any(|vary| vary == "Origin"), "{path}");
        }
        let strangers = [
            "https://evil.example",
            "null",
            "*",
            "",
            "http://shop.example",
            "https://shop.example:8443",
            "https://shop.example.evil.example",
            "https://evil.shop.example",
            "https://SHOP.example",
            "https://shop.example/",
            "https://shop.example https://evil.example",
        ];
        for origin in strangers {
            let seen = seller.send(Method::GET, path, &[("origin", origin)], None).await;
            assert!(cors_of(&seen).is_empty(), "{path} {origin}: {seen:?}");
            assert!(seen.headers.get_all("vary").iter().any(|vary| vary == "Origin"), "{path}");
        }
        let both = seller.send(Method::GET, path, &[("origin", SHOP), ("origin", "https://evil.example")], None).await;
        assert!(cors_of(&both).is_empty(), "{path}: {both:?}");
    }
    // Off unless it is configured.
    let house = House::open(backend).await;
    let seen = reply(house.http().get(format!("{}/livez", house.url)).header("origin", SHOP)).await;
    assert!(cors_of(&seen).is_empty() && !seen.headers.contains_key("vary"), "{seen:?}");
}

fn assert_secure(reply: &Reply, https: bool, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", if https { "max-age=31536000" } else { "" }),
        ("server", ""),
        ("x-powered-by", ""),
    ] {
        assert_eq!(reply.header(name), value, "{what}: {name}");
    }
    assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{what}");
    assert!(!reply.header("cache-control").is_empty(), "{what}");
    assert!((8..=64).contains(&reply.header("x-request-id").len()), "{what}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_api8_every_answer_has_the_headers_of_safety(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let mut walked = 0;
    for operation in Operation::all() {
        let id = if operation.path.starts_with("/problems/") { "not_found" } else { shop.id_for(&operation) };
        let path = operation.at(id);
        let url = format!("{}{path}", house.url);
        let stranger = reply(house.http().request(operation.method.clone(), &url).body("{")).await;
        assert_secure(&stranger, false, &operation.id);
        let known = shop.seller().send(operation.method.clone(), &path, &[], None).await;
        assert_secure(&known, false, &operation.id);
        walked += 1;
    }
    assert!(walked >= 39, "only {walked} operations were walked");
    let long = format!("/v1/orders/{}", "a".repeat(20_000));
    for path in ["/", "/nothing", "/docs", "/docs/", "/docs/nothing", "/openapi.json", "/v1/%00", "/v1/%zz", &long] {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "TRACE", "BREW"] {
            let request = house.http().request(method.parse().unwrap(), format!("{}{path}", house.url));
            let headers = [("accept", "text/nothing"), ("if-none-match", "*"), ("range", "bytes=0-0"), ("te", "x")];
            let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            assert_secure(&reply(request).await, false, &format!("{method} {path:.20}"));
        }
    }
}

#[tokio::test]
async fn rule_api8_who_came_by_https_stays_with_it() {
    let house = House::open_with(Backend::Sqlite, "public_url = \"https://api.lonja.example\"").await;
    for path in ["/livez", "/v1/orders", "/nothing", "/.well-known/jwks.json"] {
        assert_secure(&reply(house.http().get(format!("{}{path}", house.url))).await, true, path);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_05_a_problem_speaks_the_callers_language(backend: Backend) {
    let house = House::open(backend).await;
    let long = format!("es, {}", "x".repeat(10_000));
    let many = format!("{}es", "fr;q=0.9, ".repeat(1000));
    for (header, language, title) in [
        ("es", "es", "No se encontró"),
        ("fr;q=0.9, es;q=0.8, en;q=0.1", "es", "No se encontró"),
        ("en;q=0.1, *", "es", "No se encontró"),
        ("*", "en", "Not found"),
        ("fr", "en", "Not found"),
        (";;q=,,,", "en", "Not found"),
        ("\u{f1}", "en", "Not found"),
        (&long, "es", "No se encontró"),
        (&many, "en", "Not found"),
    ] {
        let seller = house.partner(lonja::partners::PartnerKind::DirectBill).await;
        let problem = seller.send(Method::GET, "/v1/orders/x", &[("accept-language", header)], None).await;
        let start: String = header.chars().take(30).collect();
        assert_eq!(problem.status, 404, "{start}");
        assert_eq!((problem.header("content-language"), problem.header("vary")), (language, "Accept-Language"));
        let said = problem.json();
        assert_eq!((said["title"].as_str(), said["code"].as_str()), (Some(title), Some("not_found")), "{start}");
    }
}
