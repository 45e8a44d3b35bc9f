//! What an entry may say.

use crate::error::{Code, Fault};
use url::Url;

/// A web site that a browser opens.
pub fn website(text: &str, pointer: &str) -> Option<Fault> {
    let opens = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    (!opens).then(|| Fault::at(pointer, Code::FieldFormat).with("expected", "https://host/path"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("https://mayoristanorte.example/socios", true; "https")]
    #[test_case("http://ñandú.example", true; "http, and a name in its own script")]
    #[test_case("javascript:alert(1)", false; "a script")]
    #[test_case("https://", false; "no host")]
    #[test_case("mayoristanorte.example", false; "no scheme")]
    fn rule_lnk_13_web_sites(text: &str, passes: bool) {
        assert_eq!(website(text, "/website").is_none(), passes);
    }
}
