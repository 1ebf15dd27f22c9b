//! Paths to values in JSON documents.

use std::fmt;

use serde::Serialize;

use super::Json;

/// A path to a value in a JSON document, e.g. `entities[0].users`. The empty path leads to the document itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct JsonPath(pub Vec<Step>);

/// A step of a [`JsonPath`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Step {
    /// The value under a key of an object.
    Key(String),
    /// An element of an array, counted from 0.
    Index(usize),
}

impl JsonPath {
    /// The path to the value under a key of the document.
    #[must_use]
    pub fn key(key: &str) -> Self {
        Self(vec![Step::Key(key.to_owned())])
    }

    /// Returns `true` if the path leads to the document itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the first key of the path: the key of the document under which the value is.
    #[must_use]
    pub fn first_key(&self) -> Option<&str> {
        as_key(self.0.first()?)
    }

    /// Returns the last key of the path. `None` if the value is the document or an element of an array.
    #[must_use]
    pub fn last_key(&self) -> Option<&str> {
        as_key(self.0.last()?)
    }

    /// Returns the value in a document.
    #[must_use]
    pub fn find<'j>(&self, document: &'j Json) -> Option<&'j Json> {
        self.0.iter().try_fold(document, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        })
    }
}

fn as_key(step: &Step) -> Option<&str> {
    match step {
        Step::Key(key) => Some(key),
        Step::Index(_) => None,
    }
}

/// Keys with other characters than letters, digits, `_` and `-` are in quotes: `meta["next.page"]`.
impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if !key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') => {
                    write!(f, "[{}]", Json::from(key.as_str()))?;
                }
                Step::Key(key) if position == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonPath, Step};

    #[test]
    fn paths_with_different_steps_have_different_texts() {
        let key = |key: &str| Step::Key(key.to_owned());
        assert_eq!(
            JsonPath(vec![key("entities"), Step::Index(0), key("users")]).to_string(),
            "entities[0].users"
        );
        assert_eq!(
            JsonPath(vec![key("meta"), key("next.page")]).to_string(),
            r#"meta["next.page"]"#
        );
        assert_eq!(JsonPath::key("a.b").to_string(), r#"["a.b"]"#);
        assert_eq!(JsonPath::default().to_string(), "");
    }
}
