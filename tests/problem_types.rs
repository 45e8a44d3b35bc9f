//! What the error codes mean, for programs and for people (PLT-05).

use lonja::error::Code;
use lonja::messages::Language;
use lonja_tests::{Backend, House};
use reqwest::Response;
use std::collections::BTreeSet;
use test_case::test_case;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A query, headers of the request, and the content type and the language that are expected.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);

async fn get(house: &House, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = house.http().get(format!("{}{path}", house.url));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

/// What the browser shows of a page, roughly: without tags, entities as the letters they stand for.
fn shown(page: &str) -> String {
    let texts = page.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text));
    let entities = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    entities.iter().fold(texts.collect(), |text, (entity, letter)| text.replace(entity, letter))
}

/// The addresses that a page leads to or loads.
fn addresses(page: &str) -> BTreeSet<String> {
    let parts = page.split("href=\"").skip(1).chain(page.split("src=\"").skip(1));
    parts.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_05_every_code_is_explained_to_people_and_programs_in_both_languages(backend: Backend) {
    let house = House::open(backend).await;
    let mut linked = BTreeSet::new();
    for (code, language) in Code::ALL.iter().flat_map(|code| Language::ALL.map(|language| (code, language))) {
        let path = format!("/problems/{code}");
        let tag = language.tag();
        let json = get(&house, &path, &[("accept-language", tag)]).await;
        assert_eq!(
            (json.status().as_u16(), &json.headers()["content-type"]),
            (200, &"application/json".parse().unwrap())
        );
        assert_eq!(
            (&json.headers()["content-language"], &json.headers()["vary"]),
            (&tag.parse().unwrap(), &"Accept, Accept-Language".parse().unwrap())
        );
        let json: serde_json::Value = json.json().await.unwrap();
        assert_eq!((json["code"].as_str(), json["status"].as_u64()), (Some(code.as_str()), Some(code.status().into())));
        let [title, meaning, next] = ["title", "meaning", "next"].map(|name| json[name].as_str().unwrap().to_owned());
        assert!(!title.is_empty() && meaning.len() > 10 && next.len() > 5 && meaning != title, "{json}");

        let page = get(&house, &path, &[("accept", BROWSER), ("accept-language", tag)]).await;
        assert_eq!((page.status().as_u16(), &page.headers()["content-language"]), (200, &tag.parse().unwrap()));
        assert_eq!(page.headers()["vary"], "Accept, Accept-Language");
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"), "{policy}");
        let page = page.text().await.unwrap();
        for needed in [&format!("<html lang=\"{tag}\">"), "<main id=\"content\">", "name=\"viewport\"", "<h1>"] {
            assert!(page.contains(needed), "{path} lacks {needed}");
        }
        assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("<style"), "{path}");
        let text = shown(&page);
        let plain = |sentence: &str| sentence.replace(['`', '{', '}'], "");
        let text_plain = plain(&text);
        for needed in [&title, &plain(&meaning), &plain(&next), &code.to_string(), &format!("HTTP {}", code.status())] {
            assert!(text_plain.contains(needed.as_str()), "{path} in {tag} lacks {needed:?}: {text}");
        }
        assert!(!text.contains("{$"), "{text}");
        linked.extend(addresses(&page));
    }
    assert!(linked.len() > Code::ALL.len() * 2, "each page leads to its other language");
    for address in linked.iter().filter(|address| !address.starts_with('#')) {
        assert_eq!(get(&house, address, &[("accept", BROWSER)]).await.status(), 200, "{address}");
    }
}

#[tokio::test]
async fn rule_plt_05_all_codes_are_listed_with_links() {
    let house = House::open(Backend::Sqlite).await;
    let json: serde_json::Value = get(&house, "/problems?language=es", &[]).await.json().await.unwrap();
    let listed: BTreeSet<&str> =
        json["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect();
    assert_eq!(listed, Code::ALL.iter().map(|code| code.as_str()).collect());
    assert_eq!(json["items"][0]["language"], "es");
    // Who has picked a language keeps it.
    for (query, end) in [("", ""), ("?language=es", "?language=es")] {
        let page = get(&house, &format!("/problems{query}"), &[("accept", BROWSER)]).await.text().await.unwrap();
        for code in Code::ALL {
            let link = format!("href=\"/problems/{code}{end}\"");
            assert_eq!(page.matches(&link).count(), 1, "{link}");
        }
    }
    let page = get(&house, "/problems", &[("accept", BROWSER)]).await.text().await.unwrap();
    for address in addresses(&page).iter().filter_map(|address| address.strip_prefix('#')) {
        assert_eq!(page.matches(&format!("id=\"{address}\"")).count(), 1, "#{address} leads nowhere");
    }
}

#[tokio::test]
async fn rule_plt_05_who_asks_decides_on_face_and_language() {
    let house = House::open(Backend::Sqlite).await;
    let path = "/problems/key_revoked";
    let (html, json) = ("text/html; charset=utf-8", "application/json");
    let cases: [Case<'_>; 8] = [
        ("", &[], json, "en"),
        ("", &[("accept", "*/*")], json, "en"),
        ("", &[("accept", "application/json")], json, "en"),
        ("", &[("accept", "image/png")], json, "en"),
        ("", &[("accept", BROWSER)], html, "en"),
        ("", &[("accept", BROWSER), ("accept-language", "en;q=0.2, es-MX")], html, "es"),
        ("?language=en", &[("accept", BROWSER), ("accept-language", "es")], html, "en"),
        ("?language=es", &[("accept", json), ("accept-language", "en")], json, "es"),
    ];
    for (query, headers, kind, language) in cases {
        let reply = get(&house, &format!("{path}{query}"), headers).await;
        assert_eq!(reply.status(), 200);
        let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            (header("content-type").as_str(), header("content-language").as_str()),
            (kind, language),
            "{headers:?}"
        );
    }
    for path in ["/problems/key_revoked?language=fr", "/problems?language=", "/problems?langauge=es"] {
        let reply = get(&house, path, &[("accept", BROWSER)]).await;
        assert_eq!(
            (reply.status().as_u16(), &reply.headers()["content-type"]),
            (400, &"application/problem+json".parse().unwrap()),
            "{path}"
        );
    }
    let unknown = get(&house, "/problems/%3Cscript%3E", &[("accept", BROWSER)]).await;
    assert_eq!(
        (unknown.status().as_u16(), &unknown.headers()["content-type"]),
        (404, &"application/problem+json".parse().unwrap())
    );
}

#[tokio::test]
async fn what_pages_load_is_kept_by_its_version() {
    let house = House::open(Backend::Sqlite).await;
    let page = get(&house, "/problems", &[("accept", BROWSER)]).await.text().await.unwrap();
    let assets: Vec<String> = addresses(&page).into_iter().filter(|address| address.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 2, "{assets:?}");
    for address in &assets {
        let (plain, _) = address.split_once("?v=").unwrap();
        let kind = if plain.ends_with(".css") { "text/css; charset=utf-8" } else { "image/svg+xml" };
        for (address, keep) in [(address.as_str(), "public, max-age=31536000, immutable"), (plain, "public, no-cache")]
        {
            let reply = get(&house, address, &[]).await;
            assert_eq!((reply.status().as_u16(), &reply.headers()["content-type"]), (200, &kind.parse().unwrap()));
            assert_eq!(
                (&reply.headers()["cache-control"], &reply.headers()["x-content-type-options"]),
                (&keep.parse().unwrap(), &"nosniff".parse().unwrap())
            );
            let tag = reply.headers()["etag"].to_str().unwrap().to_owned();
            assert_eq!(get(&house, address, &[("if-none-match", &tag)]).await.status(), 304);
        }
    }
    assert_eq!(get(&house, "/assets/../master.key", &[]).await.status(), 404);
    assert_eq!(get(&house, "/assets/nothing.css", &[]).await.status(), 404);
}
