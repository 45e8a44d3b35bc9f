//! The registry of codes is a contract.

use super::*;

/// PLT-05: the registry is a contract. A code that vanishes or changes its status breaks programs that rely on it:
/// look at the difference before accepting it (`cargo insta review`).
#[test]
fn rule_plt_05_the_registry_of_codes() {
    let line = |code: &Code| {
        let [english, spanish] = Language::ALL.map(|language| code.title(language));
        format!("{} {code}: {english} · {spanish}", code.status())
    };
    insta::assert_snapshot!(Code::ALL.iter().map(line).collect::<Vec<_>>().join("\n"));
}
