//! Keys of fields, variants and enum values: `name`, `name?`, `+name`, `=name`, `name = wire|alias`, `name = prefix{Type}`.

use super::{
    decode::{Decode, Decoder, Definitions, FromText, Keyed, Str},
    line::Line,
    node::Node,
};
use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    source::Span,
};

/// Maximum length of a name, in bytes.
const MAX_NAME: usize = 128;

/// The prefix of a key, which determines how the value is embedded in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sigil {
    /// `name`: a field with this key.
    Plain,
    /// `+name`: flattened; the fields of its type are part of the enclosing object.
    Flatten,
    /// `=name`: the value is the whole body.
    Whole,
}

/// The key of a variant or enum value: `name` or `name = wire`.
#[derive(Debug, Clone)]
pub struct ValueKey {
    /// Position in the spec.
    pub span: Span,
    /// The prefix.
    pub sigil: Sigil,
    /// The name from which the Rust name is derived.
    pub name: Str,
    /// The name on the wire.
    pub wire: Str,
    /// Whether the key ends with `?`.
    pub optional: bool,
}

/// The key of a field: `name?`, `+name`, `=name`, `name = wire|alias`, `name = prefix{Type}`.
#[derive(Debug, Clone)]
pub struct FieldKey {
    /// Position in the spec.
    pub span: Span,
    /// The prefix.
    pub sigil: Sigil,
    /// The name from which the Rust name is derived.
    pub name: Str,
    /// The name on the wire.
    pub wire: Str,
    /// Alternative names that responses may use.
    pub aliases: Vec<Str>,
    /// The family of keys that the field stands for.
    pub family: Option<FamilyKey>,
    /// Whether the field may be absent.
    pub optional: bool,
}

/// `prefix{Type}`: any number of keys that consist of a prefix and a value of a type.
#[derive(Debug, Clone)]
pub struct FamilyKey {
    /// The prefix.
    pub prefix: Str,
    /// The name of the type.
    pub ty: Str,
}

/// A field: key and line.
#[derive(Debug, Clone)]
pub struct FieldDecl {
    /// The key.
    pub key: FieldKey,
    /// Type and description.
    pub line: Line,
}

impl FieldKey {
    /// Returns the wire name, then the aliases.
    pub fn wire_names(&self) -> impl Iterator<Item = &str> {
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
        let is_name = |part: &str| !part.is_empty() && part.len() <= MAX_NAME && !part.contains(char::is_whitespace);
        let is_wire_name = |part: &str| {
            let is_allowed = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
            is_name(part) && part.bytes().all(is_allowed)
        };
        if !is_name(&key.value[name.clone()]) || !is_wire_name(&key.value[wire.clone()]) {
            report_invalid(&key, decoder);
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
        let whole = ValueKey::from_text(key.clone(), decoder)?;
        let has_braces = whole.wire.value.contains(['{', '}']);
        let family = family(&whole, decoder);
        if has_braces && family.is_none() {
            report_invalid_family(&key, decoder);
            return None;
        }
        let ValueKey {
            span,
            sigil,
            name,
            wire: wire_names,
            optional,
        } = whole;
        if wire_names.value.split('|').any(str::is_empty) {
            report_invalid(&key, decoder);
            return None;
        }
        let mut at = key.value.len() - usize::from(optional) - wire_names.value.len();
        let mut parts = wire_names.value.split('|').map(|part| {
            let start = at;
            at += part.len() + 1;
            decoder.part(&key, start..start + part.len())
        });
        let wire = parts.next()?;
        let aliases = parts.collect();
        let name = if name == wire_names { wire.clone() } else { name };
        Some(Self {
            span,
            sigil,
            name,
            wire,
            aliases,
            family,
            optional,
        })
    }
}

/// Returns the family of keys that a key stands for, or `None` if it is not a valid one.
fn family(key: &ValueKey, decoder: &Decoder<'_>) -> Option<FamilyKey> {
    let (prefix, ty) = key.wire.value.strip_suffix('}')?.split_once('{')?;
    let is_type = !ty.is_empty() && ty.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let is_plain = key.sigil == Sigil::Plain && !key.optional && key.name.value != key.wire.value;
    let is_valid = is_type && is_plain && !prefix.is_empty() && !prefix.contains(['|', '}']);
    is_valid.then(|| FamilyKey {
        prefix: decoder.part(&key.wire, 0..prefix.len()),
        ty: decoder.part(&key.wire, prefix.len() + 1..prefix.len() + 1 + ty.len()),
    })
}

fn report_invalid_family(key: &Str, decoder: &mut Decoder<'_>) {
    let message = format!("`{}` is not a valid family of keys", shorten(&key.value));
    let help = "write `rust_name = prefix{Type}`; `?`, `+`, `=` and aliases are not allowed";
    decoder.report(Diagnostic::new(Code::BadName, key.span, message).help(help));
}

fn report_invalid(key: &Str, decoder: &mut Decoder<'_>) {
    let message = format!("`{}` is not a valid key", shorten(&key.value));
    let help = "write `name`, `name?`, `name|alias`, `+name`, `=name` or `rust_name = wire_name`, in ASCII and \
                without spaces in names";
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
