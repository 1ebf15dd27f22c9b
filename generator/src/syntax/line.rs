//! The one-line notation of a field: `TYPE in PLACE = DEFAULT -- meaning`.

use serde_json::{Value as Json, json};

use super::{
    decode::{Decode, Decoder, Definitions, FromText, Spanned, Str},
    json_path::JsonPath,
    node::{Node, Value},
    text::Localized,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    source::Span,
};

/// How deep a type expression may be nested.
const MAX_DEPTH: usize = 8;

/// How many rules a type may have.
const MAX_ARGS: usize = 4;

/// A field's line. With nothing in it, the field is inherited by name.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it stands.
    pub span: Span,
    /// The type; `None` where the field is inherited.
    pub ty: Option<TypeExpr>,
    /// Where the answer holds it: results only.
    pub place: Option<JsonPath>,
    /// What the server assumes when the field is absent.
    pub default: Option<Str>,
    /// Its meaning, in every language.
    pub doc: Option<Localized>,
}

/// A type expression and its place.
#[derive(Debug, Clone)]
pub struct TypeExpr {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TypeExprKind,
}

/// What a type expression is.
#[derive(Debug, Clone)]
pub enum TypeExprKind {
    /// A built-in or declared type, with its rules.
    Name {
        /// The name.
        name: String,
        /// What stands in parentheses.
        args: Vec<Spanned<Arg>>,
    },
    /// `const WORD`
    Const(String),
    /// `T[]`
    List(Box<TypeExpr>, Bounds),
    /// `map<T>`
    Map(Box<TypeExpr>, Bounds),
    /// `T?`
    Nullable(Box<TypeExpr>),
    /// `A|B`
    Either(Box<TypeExpr>, Box<TypeExpr>),
    /// What could not be read, which is reported already.
    Broken,
}

/// A rule or a unit in parentheses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// `1..64`
    Range(Bounds),
    /// `/^[a-z]+$/`, without its slashes
    Pattern(String),
    /// `ms`
    Word(String),
}

/// Both ends of a range, included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// The smallest.
    pub min: Option<i64>,
    /// The largest.
    pub max: Option<i64>,
}

impl Line {
    /// A line that could not be read: its key is declared all the same.
    fn broken(span: Span) -> Self {
        let ty = TypeExpr {
            span,
            kind: TypeExprKind::Broken,
        };
        Self {
            span,
            ty: Some(ty),
            place: None,
            default: None,
            doc: None,
        }
    }

    /// Whether it could not be read.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(
            &self.ty,
            Some(TypeExpr {
                kind: TypeExprKind::Broken,
                ..
            })
        )
    }
}

impl Decode for Line {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = node.span;
        let null = node.is_null();
        match node.value {
            _ if null => Some(Self {
                span,
                ty: None,
                place: None,
                default: None,
                doc: None,
            }),
            Value::Scalar(scalar) if !decoder.is_clean(&scalar.text, span) => Some(Self::broken(span)),
            Value::Scalar(scalar) => {
                let text = Str {
                    value: scalar.text,
                    span,
                };
                Some(LineParser::parse(&text, decoder).unwrap_or_else(|diagnostic| {
                    decoder.report(*diagnostic);
                    Self::broken(span)
                }))
            }
            value => {
                decoder.wrong_kind(&Node { span, value }, "`TYPE -- meaning` in one line");
                Some(Self::broken(span))
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.entry("Line").or_insert_with(|| {
            json!({
                "description": "A field in one line: `TYPE -- meaning`. Nothing means: inherited by name.",
                "type": ["string", "null"],
            })
        });
        json!({ "$ref": "#/$defs/Line" })
    }
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

struct LineParser<'a, 'd> {
    text: &'a Str,
    at: usize,
    decoder: &'a mut Decoder<'d>,
}

impl<'a, 'd> LineParser<'a, 'd> {
    fn parse(text: &'a Str, decoder: &'a mut Decoder<'d>) -> Parsed<Line> {
        let at = 0;
        Self { text, at, decoder }.line()
    }

    fn line(mut self) -> Parsed<Line> {
        self.blanks();
        let mut ty = self.expression(0)?;
        self.blanks();
        let place = if self.eat("in ") {
            Some(self.until(&[" = ", " -- "]))
        } else {
            None
        };
        self.blanks();
        let default = if self.eat("= ") {
            Some(self.until(&[" -- "]))
        } else {
            None
        };
        self.blanks();
        let doc = if self.eat("-- ") { Some(self.until(&[])) } else { None };
        if self.at < self.text.value.len() && self.rest().trim() != "--" {
            let help = "a field is written `TYPE -- meaning`, e.g. `string(1..64) -- Name. | 名称。`";
            return Err(self.error("unexpected text after the type").map_help(help));
        }
        let place = place.and_then(|place| {
            let path = JsonPath::from_text(place, self.decoder);
            if path.is_none() {
                ty.kind = TypeExprKind::Broken;
            }
            path
        });
        let doc = doc.filter(|doc| !doc.value.is_empty());
        let doc = doc.and_then(|doc| Localized::from_text(doc, self.decoder));
        Ok(Line {
            span: self.text.span,
            ty: Some(ty),
            place,
            default,
            doc,
        })
    }

    fn expression(&mut self, depth: usize) -> Parsed<TypeExpr> {
        if depth > MAX_DEPTH {
            return Err(self
                .error("this type is nested too deep")
                .map_help("declare a type for the inner part"));
        }
        let first = self.suffixed(depth)?;
        if !self.eat("|") {
            return Ok(first);
        }
        let second = self.suffixed(depth)?;
        let span = Span {
            end: second.span.end,
            ..first.span
        };
        Ok(TypeExpr {
            span,
            kind: TypeExprKind::Either(Box::new(first), Box::new(second)),
        })
    }

    /// A name, a map or a constant, followed by any of `[]`, `[1..60]`, `?`.
    fn suffixed(&mut self, depth: usize) -> Parsed<TypeExpr> {
        let start = self.at;
        let mut ty = self.primary(depth)?;
        for _ in 0..=MAX_DEPTH {
            if self.eat("[") {
                let bounds = if self.eat("]") {
                    Bounds::default()
                } else {
                    self.bounds("]")?
                };
                ty = TypeExpr {
                    span: ty.span,
                    kind: TypeExprKind::List(Box::new(ty), bounds),
                };
            } else if self.eat("?") {
                ty = TypeExpr {
                    span: ty.span,
                    kind: TypeExprKind::Nullable(Box::new(ty)),
                };
            } else {
                break;
            }
            ty.span = self.span_of(start, self.at);
        }
        Ok(ty)
    }

    fn primary(&mut self, depth: usize) -> Parsed<TypeExpr> {
        let start = self.at;
        if self.rest().starts_with('(') {
            let help =
                "leave them out: `int|string`; such a value cannot be nullable, but its field can be optional: `name?`";
            return Err(self
                .error("a type is written without parentheses around it")
                .map_help(help));
        }
        if self.eat("const ") {
            let word = self.word("a word after `const`")?;
            return Ok(TypeExpr {
                span: self.span_of(start, self.at),
                kind: TypeExprKind::Const(word),
            });
        }
        let name = self.word("a type")?;
        if name == "map" && self.eat("<") {
            let inner = self.expression(depth + 1)?;
            if !self.eat(">") {
                return Err(self.error("expected `>`"));
            }
            let bounds = if self.eat("(") {
                self.bounds(")")?
            } else {
                Bounds::default()
            };
            return Ok(TypeExpr {
                span: self.span_of(start, self.at),
                kind: TypeExprKind::Map(Box::new(inner), bounds),
            });
        }
        let args = if self.eat("(") { self.args()? } else { Vec::new() };
        Ok(TypeExpr {
            span: self.span_of(start, self.at),
            kind: TypeExprKind::Name { name, args },
        })
    }

    fn args(&mut self) -> Parsed<Vec<Spanned<Arg>>> {
        let mut args = Vec::new();
        loop {
            self.blanks();
            let start = self.at;
            let arg = if self.eat("/") {
                Arg::Pattern(self.pattern()?)
            } else if self.rest().starts_with(|c: char| c.is_ascii_alphabetic()) {
                Arg::Word(self.word("a unit")?)
            } else {
                Arg::Range(self.range()?)
            };
            args.push(Spanned {
                value: arg,
                span: self.span_of(start, self.at),
            });
            if args.len() > MAX_ARGS {
                return Err(self
                    .error("too many rules")
                    .map_help("a text has a length and a pattern, a number a range"));
            }
            self.blanks();
            if self.eat(")") {
                return Ok(args);
            }
            if !self.eat(",") {
                return Err(self
                    .error("expected `)`")
                    .map_help("rules look like `(1..64)`, `(/^[a-z]+$/)` or `(ms)`"));
            }
        }
    }

    fn pattern(&mut self) -> Parsed<String> {
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '/' => {
                    self.at += offset + 1;
                    return Ok(out);
                }
                '\\' => match chars.next() {
                    Some((_, '/')) => out.push('/'),
                    Some((_, escaped)) => out.extend(['\\', escaped]),
                    None => break,
                },
                c => out.push(c),
            }
        }
        Err(self
            .error("this regular expression has no end")
            .map_help("close it with `/`; a `/` within is written `\\/`"))
    }

    fn bounds(&mut self, close: &str) -> Parsed<Bounds> {
        let bounds = self.range()?;
        if self.eat(close) {
            Ok(bounds)
        } else {
            Err(self.error(&format!("expected `{close}`")))
        }
    }

    fn range(&mut self) -> Parsed<Bounds> {
        let start = self.at;
        let min = self.integer();
        if !self.eat("..") {
            return Err(self
                .error("expected a range")
                .map_help("a range is `1..64`, `..64` or `1..`"));
        }
        let max = self.integer();
        if min.is_none() && max.is_none() {
            return Err(self.error_at(start, "a range needs at least one end"));
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let span = self.span_of(start, self.at);
            let message = format!("nothing is between {min} and {max}");
            return Err(Box::new(
                Diagnostic::new(Code::BadRule, span, message).help(format!("did you mean `{max}..{min}`?")),
            ));
        }
        Ok(Bounds { min, max })
    }

    fn integer(&mut self) -> Option<i64> {
        let rest = self.rest();
        let sign = usize::from(rest.starts_with('-'));
        let digits = rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
        let value = rest[..sign + digits].parse().ok()?;
        self.at += sign + digits;
        Some(value)
    }

    fn word(&mut self, expected: &str) -> Parsed<String> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
            .unwrap_or(rest.len());
        if length == 0 || rest.starts_with('-') {
            return Err(self
                .error(&format!("expected {expected}"))
                .map_help("a field is written `TYPE -- meaning`"));
        }
        self.at += length;
        Ok(rest[..length].to_owned())
    }

    /// Text up to the first of `ends`, or to the end of the line.
    fn until(&mut self, ends: &[&str]) -> Str {
        let rest = self.rest();
        let length = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
        let (start, text) = (self.at, rest[..length].trim());
        let lead = rest[..length].len() - rest[..length].trim_start().len();
        self.at += length;
        self.decoder.part(self.text, start + lead..start + lead + text.len())
    }

    fn rest(&self) -> &'a str {
        &self.text.value[self.at..]
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn blanks(&mut self) {
        self.at = self.text.value.len() - self.rest().trim_start().len();
    }

    fn error(&self, message: &str) -> Box<Diagnostic> {
        self.error_at(self.at, message)
    }

    fn error_at(&self, at: usize, message: &str) -> Box<Diagnostic> {
        let end = self.text.value[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        Box::new(Diagnostic::new(Code::TypeSyntax, self.span_of(at, end), message))
    }

    fn span_of(&self, start: usize, end: usize) -> Span {
        self.decoder.part(self.text, start..end).span
    }
}

trait MapHelp {
    fn map_help(self, help: &str) -> Self;
}

impl MapHelp for Box<Diagnostic> {
    fn map_help(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }
}
