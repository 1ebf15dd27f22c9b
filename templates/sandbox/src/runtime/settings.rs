//! Settings that the behaviour declares, and their changes.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The settings of a behaviour that has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// The reason why a setting is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSetting(String);

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidSetting {}

/// Returns settings in which these values are replaced.
///
/// # Errors
///
/// Fails if a setting does not exist or cannot have the value.
pub(crate) fn changed<S: Serialize + DeserializeOwned>(
    settings: &S,
    changes: Map<String, Value>,
) -> Result<S, InvalidSetting> {
    let invalid = |error: serde_json::Error| InvalidSetting(error.to_string());
    let mut all = serde_json::to_value(settings).map_err(invalid)?;
    if let Value::Object(all) = &mut all {
        all.extend(changes);
    }
    serde_json::from_value(all).map_err(invalid)
}

/// Reads a value of the command line: JSON, or a text without quotes.
pub(crate) fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
