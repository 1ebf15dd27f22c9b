//! Keys of fields, variants and values: `name`, `name?`, `+name`, `=name`, `name = wire|alias`.

use super::{
    decode::{Decode, Decoder, Definitions, FromText, Keyed, Str},
    line::Line,
    node::Node,
};
use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    source::Span,
};

/// The longest name, in bytes.
const MAX_NAME: usize = 128;

/// How a field stands in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sigil {
    /// Under its own key.
    Plain,
    /// `+name`: its keys stand directly in the object.
    Flatten,
    /// `=name`: it is the whole body.
    Whole,
}

/// The key of a variant or of a value of an enum: `name`, or `name = wire`.
#[derive(Debug, Clone)]
pub struct ValueKey {
    /// Where it stands.
    pub span: Span,
    /// How it stands in its object.
    pub sigil: Sigil,
    /// The name that Rust's is made from.
    pub name: Str,
    /// The name on the wire.
    pub wire: Str,
    /// Whether it is marked optional.
    pub optional: bool,
}

/// The key of a field: `name?`, `+name`, `=name`, `name = wire|alias`.
#[derive(Debug, Clone)]
pub struct FieldKey {
    /// Where it stands.
    pub span: Span,
    /// How the field stands in its object.
    pub sigil: Sigil,
    /// The name that Rust's is made from.
    pub name: Str,
    /// The name on the wire.
    pub wire: Str,
    /// Other names that responses use.
    pub aliases: Vec<Str>,
    /// Whether the field may be absent.
    pub optional: bool,
}

/// A field: its key and its line.
#[derive(Debug, Clone)]
pub struct FieldDecl {
    /// The key.
    pub key: FieldKey,
    /// The type and the meaning.
    pub line: Line,
}

impl FieldKey {
    /// Every name on the wire.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        [&self.wire]
            .into_iter()
            .chain(&self.aliases)
            .map(|name| name.value.as_str())
    }
}

impl FromText for ValueKey {
    fn from_text(key: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let optional = key.value.ends_with('?');
        let end = key.value.len() - usize::from(optional);
        let sigil = match key.value.as_bytes()[..end].first() {
            Some(b'+') => Sigil::Flatten,
            Some(b'=') => Sigil::Whole,
            _ => Sigil::Plain,
        };
        let start = usize::from(sigil != Sigil::Plain);
        let text = &key.value[start..end];
        let (name, wire) = match text.find(" = ") {
            Some(at) => (start..start + at, start + at + 3..end),
            None => (start..end, start..end),
        };
        let fits = |part: &str| !part.is_empty() && part.len() <= MAX_NAME && !part.contains(char::is_whitespace);
        let is_wire = |part: &str| part.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
        if !fits(&key.value[name.clone()]) || !fits(&key.value[wire.clone()]) || !is_wire(&key.value[wire.clone()]) {
            misshapen(&key, decoder);
            return None;
        }
        Some(Self {
            span: key.span,
            sigil,
            name: decoder.part(&key, name),
            wire: decoder.part(&key, wire),
            optional,
        })
    }
}

impl FromText for FieldKey {
    fn from_text(key: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let ValueKey {
            span,
            sigil,
            name,
            wire: spellings,
            optional,
        } = ValueKey::from_text(key.clone(), decoder)?;
        if spellings.value.split('|').any(str::is_empty) {
            misshapen(&key, decoder);
            return None;
        }
        let mut at = key.value.len() - usize::from(optional) - spellings.value.len();
        let mut parts = spellings.value.split('|').map(|spelling| {
            let start = at;
            at += spelling.len() + 1;
            decoder.part(&key, start..start + spelling.len())
        });
        let wire = parts.next()?;
        let aliases = parts.collect();
        let name = if name == spellings { wire.clone() } else { name };
        Some(Self {
            span,
            sigil,
            name,
            wire,
            aliases,
            optional,
        })
    }
}

fn misshapen(key: &Str, decoder: &mut Decoder<'_>) {
    let message = format!("`{}` is no name of a field", shorten(&key.value));
    let help = "a field is `name`, `name?`, `+name`, `=name` or `rust_name = wire_name`, in ASCII";
    decoder.report(Diagnostic::new(Code::BadName, key.span, message).help(help));
}

impl Decode for Vec<FieldDecl> {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let fields = Keyed::<Line, FieldKey>::decode(node, decoder)?;
        Some(fields.into_iter().map(|(key, line)| FieldDecl { key, line }).collect())
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        Keyed::<Line, FieldKey>::schema(definitions)
    }
}
