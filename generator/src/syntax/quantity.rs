//! Rates and sizes: `100/s`, `6000 messages/min`, `5KB`.

use super::{
    decode::{Decoder, FromText, Str, scalar},
    text::Localized,
};
use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    ir::{Period, Rate},
    source::Span,
};

/// The limit of an operation.
#[derive(Debug, Clone)]
pub enum LimitDecl {
    /// A rate of its own.
    Own(Rate),
    /// The bucket that it shares.
    Bucket(Str),
}

/// A limit that operations share: `RATE -- what shares it`.
#[derive(Debug, Clone)]
pub struct BucketLine {
    /// The rate; `None` where it could not be read, which is reported already.
    pub rate: Option<Rate>,
    /// What shares it.
    pub doc: Localized,
}

/// A number of bytes: `512B`, `5KB`, `10MB`.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Where it stands.
    pub span: Span,
    /// How many bytes.
    pub bytes: u64,
}

impl FromText for Rate {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let rate = rate(&text.value);
        if rate.is_none() {
            let message = format!("`{}` is no rate", shorten(&text.value));
            let help = "write it like `100/s`, `10/min`, `5/h` or `6000 messages/min`";
            decoder.report(Diagnostic::new(Code::BadValue, text.span, message).help(help));
        }
        rate
    }
}

impl FromText for LimitDecl {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        if text.value.contains('/') {
            return Rate::from_text(text, decoder).map(Self::Own);
        }
        Some(Self::Bucket(text))
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
            let message = format!("`{}` is no size", shorten(&text.value));
            let diagnostic = Diagnostic::new(Code::BadValue, span, message);
            decoder.report(diagnostic.help("write it like `512B`, `5KB` or `10MB`; 1 KB is 1024 bytes"));
        }
        bytes.map(|bytes| Self { span, bytes })
    }
}

scalar!(Rate);
scalar!(LimitDecl);
scalar!(BucketLine);
scalar!(Size);

fn rate(text: &str) -> Option<Rate> {
    let (amount, period) = text.trim().rsplit_once('/')?;
    let (count, unit) = amount.split_once(' ').unwrap_or((amount, "calls"));
    let period = [Period::Second, Period::Minute, Period::Hour]
        .into_iter()
        .find(|known| known.sign() == period)?;
    let unit = unit.trim();
    let fits = !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_lowercase());
    let count = count.parse().ok().filter(|count| *count > 0)?;
    fits.then(|| Rate {
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
