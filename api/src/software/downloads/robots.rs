//! Robots that follow links: previews of messengers and mail filters, search engines, browsers that fetch ahead. A link
//! that they look at is not used.

use actix_web::http::header::{HeaderMap, USER_AGENT};

/// Words of their names, in lower case, one a line.
const NAMES: &str = include_str!("../../../data/link_robots.txt");

/// Whether a robot asks, as far as it says so.
pub fn is_robot(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fetches_ahead = ["purpose", "sec-purpose", "x-moz", "x-purpose"]
        .iter()
        .any(|name| ["prefetch", "preview", "prerender"].iter().any(|word| text(name).contains(word)));
    let agent = text(USER_AGENT.as_str()).to_ascii_lowercase();
    let names = NAMES.lines().map(str::trim).filter(|name| !name.is_empty() && !name.starts_with('#'));
    fetches_ahead || names.into_iter().any(|name| agent.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};
    use test_case::test_case;

    #[test_case("user-agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", true; "slack")]
    #[test_case("user-agent", "WhatsApp/2.23.20.0", true; "whatsapp")]
    #[test_case("user-agent", "facebookexternalhit/1.1", true; "facebook")]
    #[test_case("user-agent", "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", true; "teams")]
    #[test_case("sec-purpose", "prefetch;prerender", true; "a browser that fetches ahead")]
    #[test_case("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", false; "firefox")]
    #[test_case("user-agent", "curl/8.14.1", false; "curl")]
    #[test_case("user-agent", "Wget/1.25", false; "wget")]
    #[test_case("user-agent", "aria2/1.37.0", false; "aria2")]
    #[test_case("user-agent", "Microsoft BITS/7.8", false; "bits")]
    #[test_case("user-agent", "", false; "nothing")]
    fn rule_swk_05_robots_are_known_by_what_they_say(name: &'static str, value: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        assert_eq!(is_robot(&headers), expected);
    }
}
