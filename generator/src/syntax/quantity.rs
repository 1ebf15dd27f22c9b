//! Rates and sizes: `100/s`, `6000 messages/min`, `5KB`.

use serde_json::{Value as Json, json};

use super::{
    decode::{Decode, Decoder, Definitions, FromText, Spanned, Str, scalar},
    node::{Node, Value},
    text::Localized,
};
use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    ir::{Period, Rate},
    source::Span,
};

/// The rate limits of an operation: one, or a list.
#[derive(Debug, Clone)]
pub struct LimitDecls(pub Vec<Spanned<LimitDecl>>);

/// A rate limit of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitDecl {
    /// A rate.
    Rate(Rate),
    /// The key of a shared bucket.
    Bucket(String),
}

/// A rate limit shared by several operations: `RATE -- description`.
#[derive(Debug, Clone)]
pub struct BucketLine {
    /// The rate; `None` if it is invalid and the error is already reported.
    pub rate: Option<Rate>,
    /// Description.
    pub doc: Localized,
}

/// A size in bytes: `512B`, `5KB`, `10MB`.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Position in the spec.
    pub span: Span,
    /// Number of bytes.
    pub bytes: u64,
}

impl FromText for Rate {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let rate = rate(&text.value);
        if rate.is_none() {
            let message = format!("`{}` is not a valid rate", shorten(&text.value));
            let help = "write a rate such as `100/s`, `10/min`, `5/h` or `6000 messages/min`";
            decoder.report(Diagnostic::new(Code::BadValue, text.span, message).help(help));
        }
        rate
    }
}

impl FromText for Spanned<LimitDecl> {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = text.span;
        let value = if text.value.contains('/') {
            LimitDecl::Rate(Rate::from_text(text, decoder)?)
        } else {
            LimitDecl::Bucket(text.value)
        };
        Some(Self { value, span })
    }
}

impl Decode for LimitDecls {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            Value::Sequence(_) => Vec::decode(node, decoder).map(Self),
            _ => Spanned::decode(node, decoder).map(|limit| Self(vec![limit])),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let limit = Str::schema(definitions);
        json!({ "anyOf": [limit, { "type": "array", "items": limit }] })
    }
}

impl FromText for BucketLine {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let (rate, doc) = decoder.value_and_doc(&text);
        let rate = Rate::from_text(rate, decoder);
        let doc = Localized::from_text(doc, decoder)?;
        Some(Self { rate, doc })
    }
}

impl FromText for Size {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = text.span;
        let bytes = bytes(&text.value);
        if bytes.is_none() {
            let message = format!("`{}` is not a valid size", shorten(&text.value));
            let diagnostic = Diagnostic::new(Code::BadValue, span, message);
            decoder.report(diagnostic.help("write a size such as `512B`, `5KB` or `10MB`; 1 KB is 1024 bytes"));
        }
        bytes.map(|bytes| Self { span, bytes })
    }
}

scalar!(Rate);
scalar!(Spanned<LimitDecl>);
scalar!(BucketLine);
scalar!(Size);

fn rate(text: &str) -> Option<Rate> {
    let (amount, period) = text.trim().rsplit_once('/')?;
    let (count, unit) = amount.split_once(' ').unwrap_or((amount, "calls"));
    let period = [Period::Second, Period::Minute, Period::Hour]
        .into_iter()
        .find(|known| known.sign() == period)?;
    let unit = unit.trim();
    let valid_unit = !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_lowercase());
    let count = count.parse().ok().filter(|count| *count > 0)?;
    valid_unit.then(|| Rate {
        count,
        unit: unit.to_owned(),
        period,
    })
}

fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|char: char| !char.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let unit: u64 = match unit {
        "B" => 1,
        "KB" => 1 << 10,
        "MB" => 1 << 20,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(unit).filter(|size| *size > 0)
}
