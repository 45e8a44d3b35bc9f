//! From the document's descriptions to doc comments that neither rustdoc nor clippy stumbles over.

const WIDTH: usize = 112;

/// The text as `///` lines, each paragraph filled anew.
pub fn comment(text: &str) -> String {
    let mut out = Vec::new();
    let mut block = String::new();
    let mut fenced = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            flush(&mut block, &mut out);
            fenced = !fenced;
            // A fence without a language would be compiled as a Rust example.
            out.push(if fenced && trimmed == "```" { "```text".to_owned() } else { trimmed.to_owned() });
        } else if fenced {
            out.push(line.trim_end().to_owned());
        } else if trimmed.is_empty() {
            flush(&mut block, &mut out);
            if out.last().is_some_and(|line| !line.is_empty()) {
                out.push(String::new());
            }
        } else {
            if item_indent(trimmed) > 0 || trimmed.starts_with(['#', '|']) {
                flush(&mut block, &mut out);
            }
            block.push_str(trimmed);
            block.push(' ');
        }
    }
    flush(&mut block, &mut out);
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out.iter().map(|line| format!("{}\n", format!("/// {line}").trim_end())).collect()
}

/// Ends a block (a paragraph or a list item): fills its lines, the later ones indented to its text.
fn flush(block: &mut String, out: &mut Vec<String>) {
    let indent = item_indent(block);
    let mut line = String::new();
    for word in escaped(block.trim()).split_whitespace() {
        // A word that would start a list or a heading stays where it is.
        let fits = line.chars().count() + word.chars().count() < WIDTH;
        if !line.is_empty() && !fits && item_indent(&format!("{word} ")) == 0 && !word.starts_with(['#', '|']) {
            out.push(std::mem::replace(&mut line, " ".repeat(indent)));
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        out.push(line);
    }
    block.clear();
}

/// How far the text of a list item is indented; 0 for what is no item.
fn item_indent(text: &str) -> usize {
    match text.split_once(' ') {
        Some(("-" | "*" | "+", _)) => 2,
        Some((mark, _)) => match mark.strip_suffix(['.', ')']) {
            Some(number) if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) => mark.len() + 1,
            _ => 0,
        },
        None => 0,
    }
}

/// Outside of code, brackets would become links and tags, and a bare address a warning.
fn escaped(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
        0 => part.split(' ').map(escaped_word).collect::<Vec<_>>().join(" "),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

fn escaped_word(word: &str) -> String {
    let address = word.trim_end_matches(['.', ',', ';', ')']);
    match address.starts_with("https://") || address.starts_with("http://") {
        true => word.replacen(address, &format!("<{address}>"), 1),
        false => word.replace('[', "\\[").replace('<', "\\<"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_addresses_are_harmless() {
        assert_eq!(
            comment("Gives [items] of <T>, see `a[0]` and https://example.com/x."),
            "/// Gives \\[items] of \\<T>, see `a[0]` and <https://example.com/x>.\n"
        );
    }

    #[test]
    fn items_keep_their_indent() {
        let long = "word ".repeat(30);
        let text = comment(&format!("Either:\n- {long}\n  more\n- other"));
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].starts_with("/// - word"), "{text}");
        assert!(lines[2].starts_with("///   word"), "{text}");
        assert_eq!(lines[3], "/// - other");
    }

    #[test]
    fn a_fence_is_never_an_example_to_compile() {
        assert_eq!(comment("See\n```\nlet x\n```"), "/// See\n/// ```text\n/// let x\n/// ```\n");
    }
}
