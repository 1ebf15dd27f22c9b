//! Servers: `URL, URL -- where it is`.

use super::{
    decode::{Decoder, FromText, Str, scalar},
    text::Localized,
};
use crate::diagnostic::{Code, Diagnostic, shorten};

/// Where the API is served from.
#[derive(Debug, Clone)]
pub struct ServerLine {
    /// The base URL and its alternatives; none where one of them could not be read, which is reported already.
    pub urls: Vec<String>,
    /// Where the server is.
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
                let message = format!("`{}` is no URL of a server", shorten(url));
                let span = decoder.part(&line, at..at + url.len()).span;
                let help = "write it like `https://api.example.com -- Where it is.`, without a trailing slash";
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
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'/');
    rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !rest.ends_with('/')
            && !rest.contains("//")
            && rest.bytes().all(fits)
    })
}
