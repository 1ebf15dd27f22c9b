//! Compares responses with those in the docs.

use serde_json::{Map, Value};

/// The keys at the top of a response that are compared. The others describe the request, or the time.
const RESULTS: [&str; 7] = [
    "data",
    "entities",
    "result",
    "error",
    "access_token",
    "expires_in",
    "user",
];

/// The keys of values that the server makes up: identifiers, secrets, times, explanations, and names of devices. `chat` is the
/// remaining time of a mute.
const MADE_UP: [&str; 28] = [
    "chat",
    "date",
    "device_name",
    "device_uuid",
    "expiry",
    "unixtime",
    "uuid",
    "file_id",
    "file_url",
    "created",
    "modified",
    "last_modified",
    "lastModified",
    "expire",
    "access_token",
    "share-secret",
    "url",
    "reason",
    "registerUserFailReason",
    "createdAt",
    "updatedAt",
    "createAt",
    "updateAt",
    "reactionId",
    "cursor",
    "taskId",
    "last_time",
    "ignoreDuration",
];

/// The keys that the server does not return, with the names of their objects: they are repetitions of the request, empty, other names
/// of keys that it returns, or about push notifications and banned chat rooms, which the server does not have.
const NOT_RETURNED: [(&str, &str); 10] = [
    ("groupId", "id"),
    ("newSuperAdmin", "resource"),
    ("updateMetadataSucceeded", "updateMetadataSucceeded"),
    ("newmembers", "action"),
    ("newmembers", "groupid"),
    ("newmembers", "id"),
    ("username", "notifier_name"),
    ("username", "device_token"),
    ("username", "notification_ignore_251740836921345"),
    ("name", "disabled"),
];

/// Compares a response with the documented one. Values may have any documented form, such as `"true"` for `true`, and a single object
/// may stand for a list of one. Returns the first difference.
pub fn check(commands: &str, documented: &str, actual: &[u8]) -> Result<(), String> {
    let Ok(documented) = serde_json::from_str::<Map<String, Value>>(documented) else {
        let is_same = documented.as_bytes() == actual;
        return is_same.then_some(()).ok_or_else(|| format!("expected {documented}"));
    };
    // The server starts at the beginning, because it did not issue the cursor.
    if commands.contains("cursor=example-cursor") {
        return Ok(());
    }
    let actual: Map<String, Value> = serde_json::from_slice(actual).map_err(|error| error.to_string())?;
    // A new object has another ID than in the docs.
    let creates = commands.contains("curl -X POST");
    let comparison = Comparison { commands, creates };
    for key in RESULTS.iter().filter(|key| documented.contains_key(**key)) {
        comparison.field(&documented, &actual, key)?;
    }
    let has_cursor = |response: &Map<String, Value>| {
        let beside = response
            .get("properties")
            .and_then(|properties| properties.get("cursor"));
        response.contains_key("cursor") || beside.is_some()
    };
    if has_cursor(&documented) && !has_cursor(&actual) {
        return Err("there is no cursor".to_owned());
    }
    Ok(())
}

struct Comparison<'a> {
    commands: &'a str,
    creates: bool,
}

impl Comparison<'_> {
    fn field(&self, documented: &Map<String, Value>, actual: &Map<String, Value>, key: &str) -> Result<(), String> {
        let is_missing = |(beside, absent): &(&str, &str)| *absent == key && documented.contains_key(*beside);
        match (&documented[key], actual.get(key)) {
            (_, None) if NOT_RETURNED.iter().any(is_missing) => Ok(()),
            (_, None) => Err(format!("`{key}` is missing")),
            (_, Some(_)) if MADE_UP.contains(&key) => Ok(()),
            (documented, Some(actual)) => self
                .value(documented, actual)
                .map_err(|error| format!("{key}: {error}")),
        }
    }

    fn value(&self, documented: &Value, actual: &Value) -> Result<(), String> {
        match (documented, actual) {
            (Value::Array(documented), Value::Array(actual)) if documented.len() == actual.len() => documented
                .iter()
                .zip(actual)
                .try_for_each(|(documented, actual)| self.value(documented, actual)),
            (Value::Array(documented), Value::Object(_)) if documented.len() == 1 => self.value(&documented[0], actual),
            (Value::Object(_), Value::Array(actual)) if actual.len() == 1 => self.value(documented, &actual[0]),
            (Value::Object(documented), Value::Object(actual)) => documented
                .keys()
                .try_for_each(|key| self.field(documented, actual, key)),
            _ if text(documented) == text(actual) || self.is_new(documented, actual) => Ok(()),
            _ => Err(format!("{actual} instead of {documented}")),
        }
    }

    /// Returns `true` for the ID of something that the sample creates.
    fn is_new(&self, documented: &Value, actual: &Value) -> bool {
        let is_id = |value: &Value| {
            let id = text(value);
            id.len() >= 15 && id.bytes().all(|byte| byte.is_ascii_digit()) && !self.commands.contains(&id)
        };
        self.creates && is_id(documented) && is_id(actual)
    }
}

/// Returns a value in the form that all its forms have in common.
fn text(value: &Value) -> String {
    match value.as_str() {
        Some("success" | "ok" | "yes") => "true".to_owned(),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}
