//! Hides the values of secret fields.

use serde_json::Value;

use super::operation::Operation;
use crate::api::ROUTES;

/// The text that replaces a secret.
const HIDDEN: &str = "***";

/// Returns the keys of the secret fields of an operation. Without an operation, those of all.
pub(crate) fn keys(operation: Option<&'static Operation>) -> Vec<&'static str> {
    if let Some(operation) = operation {
        return operation.secrets.to_vec();
    }
    let operations = ROUTES.iter().flat_map(|route| route.operations);
    operations.flat_map(|operation| operation.secrets).copied().collect()
}

/// Returns `true` if `readable` can show bodies of this media type.
pub(crate) fn is_text(media_type: &str) -> bool {
    let essence = essence(media_type);
    matches!(
        essence.as_str(),
        "" | "application/json" | "application/x-www-form-urlencoded"
    ) || essence.starts_with("text/")
}

/// Returns a body as text. It is empty for the content of files.
pub(crate) fn readable(media_type: &str, content: &[u8], secrets: &[&str]) -> String {
    match essence(media_type).as_str() {
        "application/x-www-form-urlencoded" => {
            let fields = form_urlencoded::parse(content).map(|(key, value)| (key.into_owned(), value.into_owned()));
            form(&fields.collect::<Vec<_>>(), secrets)
        }
        "" | "application/json" => match serde_json::from_slice(content) {
            Ok(mut document) => {
                hide(&mut document, secrets);
                document.to_string()
            }
            Err(_) => before_secrets(content, secrets),
        },
        _ if is_text(media_type) => before_secrets(content, secrets),
        _ => String::new(),
    }
}

fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Returns the fields of a form or a query string as text.
pub(crate) fn form(fields: &[(String, String)], secrets: &[&str]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (key, value) in fields {
        let is_secret = secrets.contains(&key.as_str());
        out.append_pair(key, if is_secret { HIDDEN } else { value });
    }
    out.finish()
}

fn hide(value: &mut Value, secrets: &[&str]) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| hide(element, secrets)),
        Value::Object(fields) => {
            for (key, field) in fields {
                if secrets.contains(&key.as_str()) {
                    *field = HIDDEN.into();
                } else {
                    hide(field, secrets);
                }
            }
        }
        _ => {}
    }
}

/// Returns the part of a malformed document before the first key of a secret.
fn before_secrets(content: &[u8], secrets: &[&str]) -> String {
    let mut text = String::from_utf8_lossy(content).into_owned();
    let first = secrets.iter().filter_map(|key| text.find(key)).min();
    if let Some(first) = first {
        text.truncate(first);
        text.push_str(HIDDEN);
    }
    text
}
