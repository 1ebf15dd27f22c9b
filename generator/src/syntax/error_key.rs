//! Known errors: `404 not_found`, `404 better_name = NOT_FOUND`.

use super::decode::{Decoder, FromText, Str, scalar};
use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    source::Span,
};

/// Maximum length of a code, in bytes.
const MAX_CODE: usize = 64;

/// The key of a known error.
#[derive(Debug, Clone)]
pub struct ErrorKey {
    /// Position in the spec.
    pub span: Span,
    /// The HTTP status.
    pub status: u16,
    /// The name from which the Rust name is derived.
    pub name: Str,
    /// The code on the wire.
    pub code: Str,
}

/// A reference to a known error: a code, or `STATUS CODE`.
#[derive(Debug, Clone)]
pub struct ErrorReference {
    /// The whole reference.
    pub text: Str,
    /// The HTTP status, if specified.
    pub status: Option<u16>,
    /// The code on the wire.
    pub code: String,
}

impl FromText for ErrorKey {
    fn from_text(key: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let status = key
            .value
            .split_once(' ')
            .and_then(|(status, _)| status.parse::<u16>().ok());
        let start = key.value.find(' ').map_or(key.value.len(), |space| space + 1);
        let rest = &key.value[start..];
        let Some(status) =
            status.filter(|status| (400..600).contains(status) && !rest.is_empty() && rest.len() <= MAX_CODE)
        else {
            let message = format!("`{}` is not a valid key of a known error", shorten(&key.value));
            let help = format!(
                "write a status from 400 to 599 and a code of at most {MAX_CODE} bytes, such as `404 not_found`"
            );
            decoder.report(Diagnostic::new(Code::BadValue, key.span, message).help(help));
            return None;
        };
        let end = key.value.len();
        let (name, code) = match rest.find(" = ") {
            Some(at) => (start..start + at, start + at + 3..end),
            None => (start..end, start..end),
        };
        Some(Self {
            span: key.span,
            status,
            name: decoder.part(&key, name),
            code: decoder.part(&key, code),
        })
    }
}

impl FromText for ErrorReference {
    fn from_text(text: Str, _: &mut Decoder<'_>) -> Option<Self> {
        let split = text.value.split_once(' ').filter(|(status, _)| status.len() == 3);
        let status = split.and_then(|(status, _)| status.parse().ok());
        let code = match split {
            Some((_, code)) if status.is_some() => code.to_owned(),
            _ => text.value.clone(),
        };
        Some(Self { text, status, code })
    }
}

scalar!(ErrorReference);
