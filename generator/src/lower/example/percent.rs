//! Percent-encoded text of requests.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::ir::Json;

/// All characters except the unreserved ones of RFC 3986.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes all characters except unreserved ones.
#[must_use]
pub fn encode_text(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// Encodes an argument as one path segment. Lists are separated by encoded commas (`%2C`).
#[must_use]
pub fn encode_segment(value: &Json) -> String {
    encode_argument(value, "%2C")
}

/// Encodes an argument as a query value. Lists are separated by commas.
#[must_use]
pub fn encode_query(value: &Json) -> String {
    encode_argument(value, ",")
}

fn encode_argument(value: &Json, comma: &str) -> String {
    let one = |value: &Json| match value {
        Json::String(text) => encode_text(text),
        Json::Number(number) if number.is_f64() => encode_text(&number.as_f64().unwrap_or_default().to_string()),
        other => encode_text(&other.to_string()),
    };
    match value {
        Json::Array(items) => items.iter().map(one).collect::<Vec<_>>().join(comma),
        value => one(value),
    }
}

/// Decodes percent-encoded text. Returns `None` if the encoding is invalid or not UTF-8.
#[must_use]
pub fn decode_text(text: &str) -> Option<String> {
    let is_code = |code: &[u8]| code.iter().all(u8::is_ascii_hexdigit);
    let mut escapes = text.split('%').skip(1).map(|rest| rest.as_bytes().get(..2));
    let valid = escapes.all(|code| code.is_some_and(is_code));
    valid.then(|| percent_decode_str(text).decode_utf8().ok().map(Into::into))?
}
