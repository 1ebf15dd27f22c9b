//! Texts in several languages: `Name. | 名称。`.

use super::decode::{Decoder, FromText, Str, scalar};
use crate::{
    diagnostic::{Code, Diagnostic},
    source::Span,
};

/// Maximum length of a text in all languages together, in bytes.
const MAX_TEXT: usize = 8192;

/// A text in several languages.
#[derive(Debug, Clone)]
pub struct Localized {
    /// Position in the spec.
    pub span: Span,
    /// The text in each language, in the order of the file; empty if the text is invalid and the error is already reported.
    pub parts: Vec<String>,
}

impl FromText for Localized {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = text.span;
        if text.value.len() > MAX_TEXT {
            let diagnostic = Diagnostic::new(Code::BadValue, span, "this text is too long");
            let help = format!("shorten it to at most {MAX_TEXT} bytes in all languages together");
            decoder.report(diagnostic.help(help));
            let parts = Vec::new();
            return Some(Self { span, parts });
        }
        let parts = split(&text.value).into_iter().map(str::to_owned).collect();
        Some(Self { span, parts })
    }
}

scalar!(Localized);

/// Splits at ` | ` outside of backticks.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut in_code = false;
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        in_code ^= byte == b'`';
        let separator =
            byte == b'|' && (at == 0 || bytes[at - 1] == b' ') && bytes.get(at + 1).is_none_or(|b| *b == b' ');
        if separator && !in_code {
            parts.push(text[start..at].trim());
            start = at + 1;
        }
    }
    parts.push(text[start..].trim());
    parts
}
