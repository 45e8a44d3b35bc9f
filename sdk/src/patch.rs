//! Fields of a partial update know three states: absent (`None`, keep it), null (`Some(None)`, clear it) and a value.

use serde::{Deserialize, Deserializer};

/// Reads null as `Some(None)`; an absent field never gets here. Writing needs no help: serde writes `Some(None)` as null.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Change {
        #[serde(default, deserialize_with = "super::deserialize", skip_serializing_if = "Option::is_none")]
        name: Option<Option<String>>,
    }

    #[test]
    fn absent_null_and_a_value_stay_apart() {
        for (name, json) in
            [(None, "{}"), (Some(None), r#"{"name":null}"#), (Some(Some("a".into())), r#"{"name":"a"}"#)]
        {
            let change = Change { name };
            assert_eq!(serde_json::to_string(&change).unwrap(), json);
            assert_eq!(serde_json::from_str::<Change>(json).unwrap(), change);
        }
    }
}
