//! Servers: `URL, URL -- description`.

use super::{
    decode::{Decoder, FromText, Str, scalar},
    text::Localized,
};
use crate::diagnostic::{Code, Diagnostic, shorten};

/// A server of the API.
#[derive(Debug, Clone)]
pub struct ServerLine {
    /// The base URL and additional URLs of the same server; empty if one is invalid and the error is already reported.
    pub urls: Vec<String>,
    /// Description.
    pub doc: Localized,
}

impl FromText for ServerLine {
    fn from_text(line: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let (list, doc) = decoder.value_and_doc(&line);
        let doc = Localized::from_text(doc, decoder)?;
        let mut urls = Vec::new();
        let mut start = line.value.len() - line.value.trim_start().len();
        for part in list.value.split(',') {
            let url = part.trim();
            let at = start + part.len() - part.trim_start().len();
            start += part.len() + 1;
            if !is_base_url(url) {
                let message = format!("`{}` is not a valid server URL", shorten(url));
                let span = decoder.part(&line, at..at + url.len()).span;
                let help = "write `https://api.example.com -- description`, without a trailing slash in the URL";
                decoder.report(Diagnostic::new(Code::BadValue, span, message).help(help));
                urls.clear();
                break;
            }
            urls.push(url.to_owned());
        }
        Some(Self { urls, doc })
    }
}

scalar!(ServerLine);

fn is_base_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'/');
    rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !rest.ends_with('/')
            && !rest.contains("//")
            && rest.bytes().all(is_allowed)
    })
}
