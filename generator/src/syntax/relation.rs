//! Relations in the data model: `one 1:n other`.

use super::decode::{Decoder, FromText, Str};
use crate::diagnostic::{Code, Diagnostic, shorten};

/// A relation between two things.
#[derive(Debug, Clone)]
pub struct RelationKey {
    /// The key of the first thing.
    pub from: Str,
    /// The key of the second thing.
    pub to: Str,
    /// Whether the relation allows many of the first: `n:1`, `n:n`.
    pub many_from: bool,
    /// Whether the relation allows many of the second: `1:n`, `n:n`.
    pub many_to: bool,
}

impl FromText for RelationKey {
    fn from_text(key: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let words: Vec<&str> = key.value.split(' ').collect();
        let shape = match words.as_slice() {
            [from, "1:1", to] => Some((from, to, false, false)),
            [from, "1:n", to] => Some((from, to, false, true)),
            [from, "n:1", to] => Some((from, to, true, false)),
            [from, "n:n", to] => Some((from, to, true, true)),
            _ => None,
        };
        let Some((from, to, many_from, many_to)) = shape else {
            let message = format!("`{}` is not a valid relation", shorten(&key.value));
            let help = "write `one 1:n other`, with `1:1`, `1:n`, `n:1` or `n:n` between the keys of two things";
            decoder.report(Diagnostic::new(Code::BadValue, key.span, message).help(help));
            return None;
        };
        let end = key.value.len();
        Some(Self {
            from: decoder.part(&key, 0..from.len()),
            to: decoder.part(&key, end - to.len()..end),
            many_from,
            many_to,
        })
    }
}
