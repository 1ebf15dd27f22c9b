//! Texts in several languages: `Name. | 名称。`.

use super::decode::{Decoder, FromText, Str, scalar};
use crate::{
    diagnostic::{Code, Diagnostic},
    source::Span,
};

/// The longest text, in bytes.
const MAX_TEXT: usize = 8192;

/// A text in several languages.
#[derive(Debug, Clone)]
pub struct Localized {
    /// Where it stands.
    pub span: Span,
    /// Its parts in the order of the file; none where it could not be read, which is reported already.
    pub parts: Vec<String>,
}

impl FromText for Localized {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = text.span;
        if text.value.len() > MAX_TEXT {
            let diagnostic = Diagnostic::new(Code::BadValue, span, "this text is too long");
            decoder.report(diagnostic.help(format!("a text has at most {MAX_TEXT} bytes in all languages")));
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
    let (mut parts, mut start, mut in_code) = (Vec::new(), 0, false);
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
