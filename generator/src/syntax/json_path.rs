//! JSON paths: `entities[0]`, `data.items`.

use super::decode::{Decoder, FromText, Spanned, Str, scalar};
use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    ir::{JsonPath, Step},
};

/// Maximum number of steps in a path. A step is a key or an index.
const MAX_STEPS: usize = 16;

impl FromText for Spanned<JsonPath> {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let Some(steps) = steps(&text.value) else {
            let message = format!("`{}` is not a valid JSON path", shorten(&text.value));
            let help = "write a path such as `data`, `entities[0]` or `data.items`";
            decoder.report(Diagnostic::new(Code::BadJsonPath, text.span, message).help(help));
            return None;
        };
        let value = JsonPath(steps);
        Some(Self { value, span: text.span })
    }
}

scalar!(Spanned<JsonPath>);

fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    for part in text.split('.') {
        let (key, mut indexes) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        if key.is_empty() || !key.bytes().all(is_allowed) {
            return None;
        }
        steps.push(Step::Key(key.to_owned()));
        while !indexes.is_empty() {
            let (index, rest) = indexes.strip_prefix('[')?.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            indexes = rest;
        }
        if steps.len() > MAX_STEPS {
            return None;
        }
    }
    Some(steps)
}
