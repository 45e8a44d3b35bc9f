//! The catalogue's sentences on a page: `words in backticks` are code, `{$name}` is a fact that an answer fills in.

/// A part of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Plain words.
    Words(String),
    /// Something to type or read by the letter.
    Code(String),
    /// The name of a fact.
    Fact(String),
}

/// Takes a sentence apart.
pub fn pieces(sentence: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (number, part) in sentence.split('`').enumerate() {
        if number % 2 == 1 {
            // Inside code a fact stays a name in braces.
            pieces.push(Piece::Code(part.replace("{$", "{")));
            continue;
        }
        let mut rest = part;
        while let Some((before, after)) = rest.split_once("{$") {
            let (fact, tail) = after.split_once('}').unwrap_or((after, ""));
            pieces.extend([Piece::Words(before.to_owned()), Piece::Fact(fact.to_owned())]);
            rest = tail;
        }
        pieces.push(Piece::Words(rest.to_owned()));
    }
    pieces.retain(|piece| !matches!(piece, Piece::Words(words) if words.is_empty()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_words_code_and_facts() {
        let code = |text: &str| Piece::Code(text.to_owned());
        let words = |text: &str| Piece::Words(text.to_owned());
        let fact = |text: &str| Piece::Fact(text.to_owned());
        assert_eq!(
            pieces("At line {$line}, see `errors`: {$a}{$b} of `{$scope}`"),
            [
                words("At line "),
                fact("line"),
                words(", see "),
                code("errors"),
                words(": "),
                fact("a"),
                fact("b"),
                words(" of "),
                code("{scope}"),
            ]
        );
        assert_eq!(pieces("One ` alone and {$open"), [words("One "), code(" alone and {open")]);
    }
}
