/// Declares enums of words that stay open: a word this version does not know is kept as `Unknown` and goes back to
/// the service unchanged, so that a new word never breaks a caller.
macro_rules! open_enum {
    ($($(#[$meta:meta])* pub enum $name:ident { $($variant:ident = $word:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $word, "`")]
                $variant,
            )*
            /// A word that this version does not know. Compare with `as_str`, not with this: a later version may know it.
            Unknown(String),
        }

        impl $name {
            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Unknown(word) => word,
                }
            }
        }

        impl Default for $name {
            /// The empty word, which the service takes for a missing one.
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)*
                    _ => Self::Unknown(word.to_owned()),
                }
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, word: &str) -> bool {
                self.as_str() == word
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, word: &&str) -> bool {
                self.as_str() == *word
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(word: &str) -> std::result::Result<Self, Self::Err> {
                Ok(word.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(|word| word.as_str().into())
            }
        }
    )*};
}

pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    open_enum! {
        /// How an order stands.
        pub enum OrderState {
            InProgress = "inProgress",
            Completed = "completed",
        }
    }

    #[test]
    fn a_known_word_is_a_variant() {
        let state: OrderState = serde_json::from_str("\"inProgress\"").unwrap();
        assert_eq!(state, OrderState::InProgress);
        assert_eq!(state.to_string(), "inProgress");
        assert_eq!("completed".parse(), Ok(OrderState::Completed));
    }

    #[test]
    fn an_unknown_word_survives_the_round_trip() {
        let state: OrderState = serde_json::from_str("\"onHold\"").unwrap();
        assert_eq!(state, OrderState::Unknown("onHold".into()));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"onHold\"");
    }
}
