//! From the document's names to Rust's.

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "extern", "false", "fn", "for", "gen",
    "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct",
    "trait", "true", "type", "unsafe", "use", "where", "while", "abstract", "become", "box", "do", "final", "macro",
    "override", "priv", "try", "typeof", "unsized", "virtual", "yield",
];

/// The words of a name in lower case, whatever way they were joined.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_acronym = before.is_uppercase() && letters.peek().is_some_and(|next| next.is_lowercase());
        let starts = letter.is_uppercase() && (!before.is_uppercase() || ends_acronym);
        if letter.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if !starts && before.is_alphanumeric() => word.extend(letter.to_lowercase()),
                _ => words.push(letter.to_lowercase().collect()),
            }
        }
        before = letter;
    }
    words
}

/// `companyName` as `company_name`.
pub fn snake(name: &str) -> String {
    words(name).join("_")
}

/// `list_customers` as `ListCustomers`.
pub fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capitalised(word)).collect()
}

/// A name for a field, an argument or a module.
pub fn identifier(name: &str) -> String {
    let snake = snake(name);
    match KEYWORDS.contains(&snake.as_str()) {
        true => format!("r#{snake}"),
        false => snake,
    }
}

/// A name for an enum's variant; no name may start with a digit.
pub fn variant(word: &str) -> String {
    let name = pascal(word);
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("N{name}") } else { name }
}

/// A name for a type. The document's own stay as they are.
pub fn type_name(schema: &str) -> String {
    match schema.chars().all(char::is_alphanumeric) {
        true => schema.to_owned(),
        false => pascal(schema),
    }
}

/// What serde's `camelCase` makes of a Rust name.
pub fn camel(identifier: &str) -> String {
    let mut words = identifier.trim_start_matches("r#").split('_');
    words.next().into_iter().map(str::to_owned).chain(words.map(capitalised)).collect()
}

/// `company_name` as `Company name`, where the document says nothing better.
pub fn spoken(name: &str) -> String {
    capitalised(&words(name).join(" "))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_joined() {
        assert_eq!(words("companyName"), ["company", "name"]);
        assert_eq!(words("list_customers"), ["list", "customers"]);
        assert_eq!(words("MCADocument"), ["mca", "document"]);
        assert_eq!(words("es-MX"), ["es", "mx"]);
        assert_eq!(words("order.completed"), ["order", "completed"]);
        assert_eq!(words("addressLine1"), ["address", "line1"]);
    }

    #[test]
    fn names_are_legal() {
        assert_eq!(identifier("type"), "r#type");
        assert_eq!(variant("365Copilot"), "N365Copilot");
        assert_eq!(type_name("GCCRequest"), "GCCRequest");
        assert_eq!(type_name("Page_Customer"), "PageCustomer");
    }

    #[test]
    fn camel_undoes_snake() {
        for name in ["companyName", "addressLine1", "id", "type"] {
            assert_eq!(camel(&identifier(name)), name);
        }
    }
}
