//! Rules that arguments break.

use std::fmt;

/// The rule that an argument breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A string has too few or too many characters.
    #[error("has {}", .0.with_noun("character"))]
    Length(Excess),
    /// A list or a map has too few or too many elements.
    #[error("has {}", .0.with_noun("element"))]
    Count(Excess),
    /// An integer is too small or too large.
    #[error("is {}", .0.with_noun(""))]
    Range(Excess),
    /// A string does not match this regular expression.
    #[error("does not match `{0}`")]
    Pattern(&'static str),
    /// A path parameter is empty, so the URL would lead to another endpoint.
    #[error("is empty, but a path parameter must have a value")]
    EmptySegment,
    /// A path parameter is `.` or `..`, which HTTP clients and servers resolve, so the URL would lead to another endpoint.
    #[error("is `.` or `..`, which cannot be sent as a path segment")]
    DotSegment,
    /// An element of a comma-separated list contains a comma.
    #[error("contains a comma, which separates the elements of this list; remove it")]
    Comma,
    /// A value cannot be sent in a header, e.g. because of a line break.
    #[error("contains characters that are not allowed in a header; remove control characters")]
    HeaderText,
    /// A media type is empty or cannot be sent in a header.
    #[error("has an invalid media type; use one like `image/png`")]
    MediaType,
    /// The content of a file is not in memory, as `to_http` requires.
    #[error("is not in memory; use `File::bytes`, or send the request with the client")]
    NotInMemory,
    /// The content of a file comes from a reader that an earlier request has read.
    #[error("was read by an earlier request; pass a new reader")]
    UsedUp,
    /// The value cannot be serialized to JSON.
    #[error("cannot be serialized to JSON: {0}")]
    NotJson(String),
}

/// A length, a count or an integer that is outside its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Excess {
    /// The value.
    pub value: i64,
    /// The minimum, if there is one.
    pub min: Option<i64>,
    /// The maximum, if there is one.
    pub max: Option<i64>,
}

impl Excess {
    fn with_noun(self, noun: &'static str) -> impl fmt::Display {
        let Self { value, min, max } = self;
        let ending = if value == 1 || noun.is_empty() { "" } else { "s" };
        let space = if noun.is_empty() { "" } else { " " };
        let expected = match (min, max) {
            (Some(min), Some(max)) if min == max => format!("exactly {min}"),
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => "another value".to_owned(),
        };
        format!("{value}{space}{noun}{ending}; expected {expected}")
    }
}
