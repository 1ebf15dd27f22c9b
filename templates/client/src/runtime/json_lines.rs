//! Files with one JSON document per line.

use std::fmt;

#[cfg(feature = "client")]
use serde::de::DeserializeOwned;

#[cfg(feature = "client")]
use super::json;

/// A line, without its line feed.
#[cfg(feature = "client")]
pub(crate) struct Line {
    pub(crate) number: u64,
    /// The text, cut off a few bytes after the maximum.
    pub(crate) text: Vec<u8>,
    pub(crate) max: usize,
}

#[cfg(feature = "client")]
impl Line {
    /// Room for a byte order mark, a carriage return, and one byte that shows that the line is too long.
    pub(crate) const SLACK: usize = 5;

    /// Parses the record; `None` if the line is blank.
    pub(crate) fn record<T: DeserializeOwned>(self) -> Option<Result<T, LineError>> {
        let mut text = &self.text[..];
        text = text.strip_suffix(b"\r").unwrap_or(text);
        if self.number == 1 {
            text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        }
        let failed = |kind, path, content: &[u8]| {
            Some(Err(LineError {
                line: self.number,
                kind,
                path,
                content: content.into(),
            }))
        };
        if text.len() > self.max {
            return failed(LineErrorKind::TooLong(self.max), String::new(), b"");
        }
        if text.trim_ascii().is_empty() {
            return None;
        }
        match json::decode(text) {
            Ok(record) => Some(Ok(record)),
            Err((path, error)) => failed(LineErrorKind::Json(error), path, text),
        }
    }
}

/// The error of a line. Its content is not printed, since records contain user messages.
pub struct LineError {
    /// The line number, starting at 1.
    pub line: u64,
    /// The kind of the error.
    pub kind: LineErrorKind,
    path: String,
    content: Box<[u8]>,
}

impl LineError {
    /// Returns the JSON path of the value that does not have the expected form, e.g. `items[0].name`; empty for the whole line.
    #[must_use]
    #[inline]
    pub fn path(&self) -> &str {
        if self.path == "." { "" } else { &self.path }
    }

    /// Returns the content of the line; empty if the line is too long.
    #[must_use]
    #[inline]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

/// The kind of a line error.
#[non_exhaustive]
pub enum LineErrorKind {
    /// The line is not valid JSON or does not have the expected form. This error quotes the value.
    Json(serde_json::Error),
    /// The line is longer than this many bytes.
    TooLong(usize),
}

impl fmt::Display for LineError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.path().is_empty() { "" } else { ": " };
        write!(f, "line {}: {}{colon}{}", self.line, self.path(), self.kind)
    }
}

impl fmt::Debug for LineError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineError")
            .field("line", &self.line)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for LineErrorKind {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) if error.is_data() => {
                // Of serde's messages, only this one does not quote a value.
                let text = error.to_string();
                if let Some((name, _)) = text
                    .strip_prefix("missing field `")
                    .and_then(|rest| rest.split_once('`'))
                {
                    return write!(f, "`{name}` is missing");
                }
                write!(
                    f,
                    "a value before column {} does not have the expected form",
                    error.column()
                )
            }
            Self::Json(error) => write!(f, "invalid JSON at column {}", error.column()),
            Self::TooLong(limit) => write!(f, "longer than {limit} bytes"),
        }
    }
}

impl fmt::Debug for LineErrorKind {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// Without a source, since serde's error quotes the value.
impl std::error::Error for LineError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<T: DeserializeOwned>(number: u64, text: &str, max: usize) -> Option<Result<T, (bool, Vec<u8>)>> {
        let text = text.as_bytes().to_vec();
        let record = Line { number, text, max }.record()?;
        Some(record.map_err(|error| {
            assert_eq!(error.line, number);
            assert!(!format!("{error} {error:?}").contains("s3cret"));
            (
                matches!(error.kind, LineErrorKind::TooLong(_)),
                error.content().to_vec(),
            )
        }))
    }

    #[test]
    fn a_line_is_parsed_or_reported() {
        assert_eq!(line(1, "\u{feff}1\r", 1), Some(Ok(1)));
        assert_eq!(line::<i64>(2, " \r", 9), None);
        assert_eq!(line::<i64>(3, "{oops", 9), Some(Err((false, b"{oops".to_vec()))));
        let secret = "\"s3cret\"";
        assert_eq!(line::<i64>(4, secret, 9), Some(Err((false, secret.into()))));
    }

    #[test]
    fn an_error_has_its_path() {
        let read = |text: &str| {
            let text = text.as_bytes().to_vec();
            let number = 7;
            let record = Line { number, text, max: 99 }.record::<Vec<std::collections::BTreeMap<String, i64>>>()?;
            record.err().map(|error| error.to_string())
        };
        for (text, expected) in [
            (r#"[{"a":1,"b":true}]"#, "line 7: [0].b: a value before column"),
            ("[[]]", "line 7: [0]: a value before column"),
            ("7", "line 7: a value before column"),
            ("[", "line 7: invalid JSON at column 1"),
        ] {
            let error = read(text).unwrap_or_default();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit() {
        for text in ["\"abc\"\r", "\"abc\""] {
            assert_eq!(line(1, text, 5), Some(Ok("abc".to_owned())));
            assert_eq!(line::<String>(1, text, 4), Some(Err((true, Vec::new()))));
        }
    }
}
