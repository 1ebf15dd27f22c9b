//! Places in a response, rates and sizes.

use super::scope::{Sink, shorten};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Period, Rate, Step},
    syntax::decode::Str,
};

/// Reads a place in an answer: `entities[0]`, `data.items`.
pub fn parse_place(place: &Str, sink: &mut Sink) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in place.value.split('.') {
        let (key, indexes) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        let fits = !key.is_empty()
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        steps.push(Step::Key(key.to_owned()));
        let mut rest = indexes;
        while let Some((index, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            let Ok(index) = index.parse() else { break };
            steps.push(Step::Index(index));
            rest = after;
        }
        if !fits || !rest.is_empty() || steps.len() > 16 {
            let message = format!("`{}` is no place in an answer", shorten(&place.value));
            sink.report(
                Diagnostic::new(Code::BadPlace, place.span, message)
                    .help("write it like `data`, `entities[0]` or `data.items`"),
            );
            return None;
        }
    }
    Some(steps)
}

/// Reads a rate: `100/s`, `6000 messages/min`.
pub fn parse_rate(at: &Str, text: &str, sink: &mut Sink) -> Option<Rate> {
    let parse = || {
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
    };
    let rate = parse();
    if rate.is_none() {
        let diagnostic = Diagnostic::new(Code::BadValue, at.span, format!("`{}` is no rate", shorten(text)));
        sink.report(diagnostic.help("write it like `100/s`, `10/min`, `5/h` or `6000 messages/min`"));
    }
    rate
}

/// Bytes, from `512B`, `5KB`, `10MB`.
pub fn parse_size(text: &str) -> Option<u64> {
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

/// A JSON path as it is written in the spec.
pub fn path_text(path: &[Step]) -> String {
    path.iter().fold(String::new(), |out, step| match step {
        Step::Key(key) if out.is_empty() => key.clone(),
        Step::Key(key) => format!("{out}.{key}"),
        Step::Index(index) => format!("{out}[{index}]"),
    })
}
