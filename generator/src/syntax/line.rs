//! The one-line notation of a field: `TYPE in PATH = DEFAULT -- description`.

use std::fmt;

use serde_json::{Value as Json, json};

use super::{
    decode::{Decode, Decoder, Definitions, FromText, Spanned, Str},
    node::{Node, Value},
    text::Localized,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::JsonPath,
    source::Span,
};

/// Maximum nesting depth of a type expression.
const MAX_DEPTH: usize = 8;

/// Maximum number of rules on a type.
const MAX_ARGS: usize = 4;

/// The line of a field. If it is empty, the field is inherited by name.
#[derive(Debug, Clone)]
pub struct Line {
    /// Position in the spec.
    pub span: Span,
    /// The type; `None` if the field is inherited.
    pub ty: Option<TypeExpr>,
    /// The JSON path in the response; only allowed in results.
    pub path: Option<Spanned<JsonPath>>,
    /// The default that the server uses if the field is absent.
    pub default: Option<Str>,
    /// The description, in every language.
    pub doc: Option<Localized>,
}

/// A type expression with its position.
#[derive(Debug, Clone)]
pub struct TypeExpr {
    /// Position in the spec.
    pub span: Span,
    /// The expression.
    pub kind: TypeExprKind,
}

/// A type expression.
#[derive(Debug, Clone)]
pub enum TypeExprKind {
    /// A built-in or declared type, with its rules.
    Name {
        /// The name.
        name: String,
        /// The rules or the unit in parentheses.
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
    /// An invalid expression; the error is already reported.
    Invalid,
}

/// Formats the expression as in a spec, without its rules.
impl fmt::Display for TypeExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            TypeExprKind::Name { name, args } => {
                f.write_str(name)?;
                f.write_str(if args.is_empty() { "" } else { "(…)" })
            }
            TypeExprKind::Const(word) => write!(f, "const {word}"),
            TypeExprKind::List(inner, _) => write!(f, "{inner}[]"),
            TypeExprKind::Map(inner, _) => write!(f, "map<{inner}>"),
            TypeExprKind::Nullable(inner) => write!(f, "{inner}?"),
            TypeExprKind::Either(first, second) => write!(f, "{first}|{second}"),
            TypeExprKind::Invalid => f.write_str("TYPE"),
        }
    }
}

/// A rule or unit in parentheses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// `1..64`
    Range(Bounds),
    /// `/^[a-z]+$/`, without its slashes
    Pattern(String),
    /// `ms`
    Word(String),
    /// `-1 = forever`
    Forever(i64),
}

/// An inclusive range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// The minimum; `None` if unbounded.
    pub min: Option<i64>,
    /// The maximum; `None` if unbounded.
    pub max: Option<i64>,
}

impl Line {
    /// A placeholder for an invalid line, so that its key is still declared.
    fn invalid(span: Span) -> Self {
        let ty = TypeExpr {
            span,
            kind: TypeExprKind::Invalid,
        };
        Self {
            span,
            ty: Some(ty),
            path: None,
            default: None,
            doc: None,
        }
    }

    /// Returns `true` if the line is invalid; the error is already reported.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(
            &self.ty,
            Some(TypeExpr {
                kind: TypeExprKind::Invalid,
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
                path: None,
                default: None,
                doc: None,
            }),
            Value::Scalar(scalar) if !decoder.check_control_characters(&scalar.text, span) => Some(Self::invalid(span)),
            Value::Scalar(scalar) => {
                let text = Str {
                    value: scalar.text,
                    span,
                };
                Some(LineParser::parse(&text, decoder).unwrap_or_else(|diagnostic| {
                    decoder.report(*diagnostic);
                    Self::invalid(span)
                }))
            }
            value => {
                decoder.report_wrong_kind(&Node { span, value }, "`TYPE -- description` in one line");
                Some(Self::invalid(span))
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.entry("Line").or_insert_with(|| {
            json!({
                "description": "A field in one line: `TYPE -- description`. Without a value, it is inherited by name.",
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
        self.skip_spaces();
        let mut ty = self.expression(0)?;
        self.skip_spaces();
        let path_text = if self.eat("in ") {
            Some(self.until(&[" = ", " -- "]))
        } else {
            None
        };
        self.skip_spaces();
        let default = if self.eat("= ") {
            Some(self.until(&[" -- "]))
        } else {
            None
        };
        self.skip_spaces();
        let doc_text = if self.eat("-- ") { Some(self.until(&[])) } else { None };
        if self.at < self.text.value.len() && self.rest().trim() != "--" {
            let help = "write `TYPE -- description`, e.g. `string(1..64) -- Name. | 名称。`";
            return Err(self.error("unexpected text after the type").with_help(help));
        }
        let path = path_text.and_then(|text| {
            if text.value == "$" {
                let (value, span) = (JsonPath::default(), text.span);
                return Some(Spanned { value, span });
            }
            let path = Spanned::<JsonPath>::from_text(text, self.decoder);
            if path.is_none() {
                ty.kind = TypeExprKind::Invalid;
            }
            path
        });
        let doc = doc_text
            .filter(|text| !text.value.is_empty())
            .and_then(|text| Localized::from_text(text, self.decoder));
        Ok(Line {
            span: self.text.span,
            ty: Some(ty),
            path,
            default,
            doc,
        })
    }

    fn expression(&mut self, depth: usize) -> Parsed<TypeExpr> {
        if depth > MAX_DEPTH {
            return Err(self
                .error(&format!("this type is nested more than {MAX_DEPTH} levels deep"))
                .with_help("declare a type for the inner part"));
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

    /// Parses a name, map or constant, followed by any number of `[]`, `[1..60]` and `?`.
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
                "remove them: `int|string`; such a type cannot be nullable, but its field can be optional: `name?`";
            return Err(self.error("parentheses around a type are not allowed").with_help(help));
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
            self.skip_spaces();
            let start = self.at;
            let arg = if self.eat("/") {
                Arg::Pattern(self.pattern()?)
            } else if self.rest().starts_with(|c: char| c.is_ascii_alphabetic()) {
                Arg::Word(self.word("a unit")?)
            } else if let Some(value) = self.forever()? {
                Arg::Forever(value)
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
                    .with_help("a string can have a length and a regular expression, an integer can have a range"));
            }
            self.skip_spaces();
            if self.eat(")") {
                return Ok(args);
            }
            if !self.eat(",") {
                return Err(self
                    .error("expected `)`")
                    .with_help("write rules such as `(1..64)`, `(/^[a-z]+$/)` or `(ms)`"));
            }
        }
    }

    /// Reads `-1 = forever`. Returns `None` at anything else.
    fn forever(&mut self) -> Parsed<Option<i64>> {
        let start = self.at;
        let value = self.integer();
        self.skip_spaces();
        if value.is_none() || !self.eat("=") {
            self.at = start;
            return Ok(None);
        }
        self.skip_spaces();
        if self.eat("forever") {
            Ok(value)
        } else {
            Err(self
                .error("expected `forever`")
                .with_help("write the value for a duration without an end as in `duration(ms, -1 = forever)`"))
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
            .error("unterminated regular expression")
            .with_help("add a `/` at its end; write a `/` inside it as `\\/`"))
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
                .with_help("write `1..64`, `..64` or `1..`"));
        }
        let max = self.integer();
        if min.is_none() && max.is_none() {
            return Err(self
                .error_at(start, "this range has no bounds")
                .with_help("write `1..64`, `..64` or `1..`"));
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let span = self.span_of(start, self.at);
            let message = format!("this range is empty: {min} is greater than {max}");
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
                .with_help("write `TYPE -- description`"));
        }
        self.at += length;
        Ok(rest[..length].to_owned())
    }

    /// Takes the text up to the first of `ends`, or to the end of the line.
    fn until(&mut self, ends: &[&str]) -> Str {
        let rest = self.rest();
        let length = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
        let untrimmed = &rest[..length];
        let start = self.at + untrimmed.len() - untrimmed.trim_start().len();
        let end = start + untrimmed.trim().len();
        self.at += length;
        self.decoder.part(self.text, start..end)
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

    fn skip_spaces(&mut self) {
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

trait WithHelp {
    fn with_help(self, help: &str) -> Self;
}

impl WithHelp for Box<Diagnostic> {
    fn with_help(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }
}
