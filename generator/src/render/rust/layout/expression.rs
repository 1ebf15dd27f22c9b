//! Expressions, parsed as far as their layout requires.

use super::row::{Kind as TokenKind, Piece};
use super::{ARRAY_WIDTH, CALL_WIDTH, CHAIN_WIDTH, STRUCT_WIDTH};

/// An expression.
#[derive(Debug)]
pub(super) struct Expression<'r> {
    pub(super) piece: Piece<'r>,
    pub(super) kind: Kind<'r>,
    /// Width on one line; `None` if the expression always takes several lines.
    pub(super) flat: Option<usize>,
}

#[derive(Debug)]
pub(super) enum Kind<'r> {
    /// An expression that is never broken into several lines.
    Plain,
    /// A macro such as `json!`, whose arguments are not expressions.
    Verbatim,
    /// `&`, `&mut`, `*` or `!` before an expression.
    Prefixed(&'static str, Box<Expression<'r>>),
    List(List<'r>),
    Struct(Struct<'r>),
    Chain(Box<Expression<'r>>, Vec<Link<'r>>),
    Closure(Piece<'r>, Box<Expression<'r>>),
    /// The text before the braces and the tokens inside them.
    Block(&'static str, Piece<'r>),
    /// `if`, `match` or a loop.
    Control,
}

/// A struct literal.
#[derive(Debug)]
pub(super) struct Struct<'r> {
    pub(super) path: Piece<'r>,
    pub(super) fields: Vec<StructField<'r>>,
}

/// A field of a struct literal.
#[derive(Debug)]
pub(super) struct StructField<'r> {
    pub(super) name: &'r str,
    /// `None` for a field that is initialised from the variable of the same name.
    pub(super) value: Option<Expression<'r>>,
}

/// Elements in brackets: a call, a tuple, an array or a macro.
#[derive(Debug)]
pub(super) struct List<'r> {
    /// The text before the bracket.
    pub(super) head: String,
    pub(super) brackets: [&'static str; 2],
    pub(super) items: Vec<Expression<'r>>,
    /// Maximum width of all elements on one line.
    pub(super) most: usize,
    /// Whether a trailing comma is added if each element is on a new line.
    pub(super) comma: bool,
}

/// A link of a chain: a method call, a field or `.await`, and the question marks after it.
#[derive(Debug)]
pub(super) struct Link<'r> {
    /// Includes the dot, but not the arguments of a method.
    pub(super) name: String,
    pub(super) call: Option<List<'r>>,
    pub(super) tries: usize,
}

impl<'r> List<'r> {
    fn new(head: String, piece: Piece<'r>, at: usize, most: usize, comma: bool) -> Self {
        let brackets = if piece.text(at) == "[" { ["[", "]"] } else { ["(", ")"] };
        let items = piece.inside(at).split().into_iter().map(Expression::parse).collect();
        Self {
            head,
            brackets,
            items,
            most,
            comma,
        }
    }

    /// Returns the width on one line.
    fn flat(&self) -> Option<usize> {
        let items = total(self.items.iter().map(|item| item.flat))?;
        let is_only = matches!(self.items.as_slice(), [] | [_]);
        let fits = items <= self.most || (is_only && !self.items.iter().any(Expression::is_nested_call));
        fits.then(|| super::width(&self.head) + 2 + items)
    }
}

impl Link<'_> {
    fn flat(&self) -> Option<usize> {
        let text = match &self.call {
            Some(call) => call.flat()?,
            None => super::width(&self.name),
        };
        Some(text + self.tries)
    }
}

/// Returns the width of a list on one line.
fn total(items: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    let (mut count, mut sum) = (0_usize, 0);
    for item in items {
        sum += item?;
        count += 1;
    }
    Some(sum + 2 * count.saturating_sub(1))
}

impl<'r> Expression<'r> {
    pub(super) fn parse(piece: Piece<'r>) -> Self {
        let kind = parse(piece);
        let mut out = Self {
            piece,
            kind,
            flat: None,
        };
        out.flat = out.flat_width();
        out
    }

    fn flat_width(&self) -> Option<usize> {
        match &self.kind {
            Kind::Plain | Kind::Verbatim => Some(self.piece.width()),
            Kind::Prefixed(prefix, inner) => Some(prefix.len() + inner.flat?),
            Kind::List(list) => list.flat(),
            Kind::Struct(literal) => {
                let fields = literal.fields.iter().map(|field| match &field.value {
                    Some(value) => value.flat.map(|value| super::width(field.name) + 2 + value),
                    None => Some(super::width(field.name)),
                });
                total(fields).filter(|fields| *fields <= STRUCT_WIDTH)?;
                Some(self.piece.width())
            }
            Kind::Chain(root, links) => {
                let mut sum = root.flat?;
                for link in links {
                    sum += link.flat()?;
                }
                let tries = links.last().map_or(0, |last| last.tries);
                (links.len() < 2 || sum + tries <= CHAIN_WIDTH).then_some(sum)
            }
            Kind::Closure(head, body) => match body.kind {
                Kind::Block(_, inside) if !inside.is_empty() => None,
                _ => Some(head.width() + 1 + body.flat?),
            },
            Kind::Block(prefix, inside) => inside.is_empty().then(|| prefix.len() + 2),
            Kind::Control => None,
        }
    }

    /// Returns the text on one line.
    pub(super) fn line(&self) -> String {
        self.piece.line()
    }

    /// Returns `true` if the expression is a call or a macro, possibly with a prefix or question marks.
    pub(super) fn is_nested_call(&self) -> bool {
        match &self.kind {
            Kind::List(list) => !list.head.is_empty(),
            Kind::Prefixed(_, inner) => inner.is_nested_call(),
            Kind::Chain(root, links) => links.iter().all(|link| link.name.is_empty()) && root.is_nested_call(),
            Kind::Verbatim => true,
            _ => false,
        }
    }

    pub(super) fn is_method_call(&self) -> bool {
        match &self.kind {
            Kind::Prefixed(_, inner) => inner.is_method_call(),
            Kind::Chain(_, links) => links.last().is_some_and(|last| last.call.is_some()),
            _ => false,
        }
    }

    /// Returns `true` if the expression is simple enough for an array with several elements per line.
    pub(super) fn is_simple(&self) -> bool {
        match &self.kind {
            Kind::Plain => self.piece.find(&["::", "..", "..="]).is_none(),
            Kind::Prefixed(_, inner) => inner.is_simple(),
            Kind::Chain(root, links) => {
                let is_field = |link: &Link<'_>| link.call.is_none() && link.name != ".await";
                root.is_simple() && links.iter().all(is_field)
            }
            _ => false,
        }
    }
}

/// Returns `true` if a control-flow expression begins with the word.
pub(super) fn is_control(word: &str) -> bool {
    matches!(word, "if" | "match" | "for" | "while" | "loop" | "unsafe")
}

fn parse(piece: Piece<'_>) -> Kind<'_> {
    let (first, from) = (piece.first(), piece.from);
    match (piece.kind(from), first) {
        (Some(TokenKind::Punct), "&") if piece.text(from + 1) == "mut" => prefixed("&mut ", piece, from + 2),
        (Some(TokenKind::Punct), "&") => prefixed("&", piece, from + 1),
        (Some(TokenKind::Punct), "*") => prefixed("*", piece, from + 1),
        (Some(TokenKind::Punct), "!") => prefixed("!", piece, from + 1),
        (Some(TokenKind::Punct), "|") => closure(piece),
        (Some(TokenKind::Word), word) if is_control(word) => Kind::Control,
        (Some(TokenKind::Word), "return") => Kind::Plain,
        _ if joins_operands(piece) => Kind::Plain,
        _ => chain(piece),
    }
}

fn prefixed<'r>(prefix: &'static str, piece: Piece<'r>, from: usize) -> Kind<'r> {
    Kind::Prefixed(prefix, Box::new(Expression::parse(piece.part(from, piece.to))))
}

fn joins_operands(piece: Piece<'_>) -> bool {
    let is_binary = |at: usize| at > piece.from || matches!(piece.text(at), ".." | "..=");
    piece
        .find(&["..", "..=", "*", "+", "-", "&&", "||", "==", "!=", "="])
        .is_some_and(is_binary)
}

fn closure(piece: Piece<'_>) -> Kind<'_> {
    let end = (piece.from + 1..piece.to).find(|&at| piece.text(at) == "|");
    let body = end.map_or(piece.to, |end| end + 1);
    let (head, body) = (piece.part(piece.from, body), piece.part(body, piece.to));
    Kind::Closure(head, Box::new(Expression::parse(body)))
}

/// Parses the root of a chain, up to the first dot or question mark, and the links after it.
fn chain(piece: Piece<'_>) -> Kind<'_> {
    let Some(end) = piece.find(&[".", "?"]) else {
        return primary(piece);
    };
    let mut root = Expression::parse(piece.part(piece.from, end));
    let (mut links, mut at) = (Vec::<Link<'_>>::new(), end);
    while at < piece.to {
        match piece.text(at) {
            "?" => {
                at += 1;
                match links.last_mut() {
                    Some(last) => last.tries += 1,
                    // A question mark directly after the root is a link that stays on the line of the root.
                    None => root = tried(root, piece.part(piece.from, at)),
                }
            }
            _ => {
                let link = piece.part(at, piece.to);
                let args = (at + 2..piece.to).find(|&end| matches!(piece.text(end), "(" | "." | "?"));
                let end = args.unwrap_or(piece.to);
                let name = link.part(at, end).line();
                let call = (piece.text(end) == "(").then(|| List::new(name.clone(), piece, end, CALL_WIDTH, true));
                at = if call.is_some() { piece.next(end) } else { end };
                links.push(Link { name, call, tries: 0 });
            }
        }
    }
    if links.is_empty() {
        return root.kind;
    }
    Kind::Chain(Box::new(root), links)
}

/// Returns a root followed by a question mark.
fn tried<'r>(root: Expression<'r>, piece: Piece<'r>) -> Expression<'r> {
    let link = Link {
        name: String::new(),
        call: None,
        tries: 1,
    };
    let flat = root.flat.map(|flat| flat + 1);
    let kind = Kind::Chain(Box::new(root), vec![link]);
    Expression { piece, kind, flat }
}

/// Parses an expression without dots.
fn primary(piece: Piece<'_>) -> Kind<'_> {
    let from = piece.from;
    match piece.first() {
        "(" if piece.next(from) == piece.to => {
            return Kind::List(List::new(String::new(), piece, from, CALL_WIDTH, true));
        }
        "[" if piece.next(from) == piece.to => {
            return Kind::List(List::new(String::new(), piece, from, ARRAY_WIDTH, true));
        }
        "{" => return Kind::Block("", piece.inside(from)),
        "async" if piece.text(from + 1) == "{" => return Kind::Block("async ", piece.inside(from + 1)),
        _ => {}
    }
    let Some(open) = piece.find(&["(", "[", "{"]).filter(|&open| open > from) else {
        return Kind::Plain;
    };
    let path = piece.part(from, open);
    if piece.next(open) != piece.to {
        return Kind::Plain;
    }
    match (piece.text(open - 1), piece.text(open)) {
        ("!", _) if is_verbatim(piece.inside(open)) => Kind::Verbatim,
        ("!", "[") => Kind::List(List::new(path.line(), piece, open, ARRAY_WIDTH, true)),
        ("!", _) => Kind::List(List::new(path.line(), piece, open, CALL_WIDTH, false)),
        (_, "(") => Kind::List(List::new(path.line(), piece, open, CALL_WIDTH, true)),
        (_, "{") => Kind::Struct(literal(path, piece.inside(open))),
        _ => Kind::Plain,
    }
}

/// Returns `true` if the arguments of a macro are not expressions.
fn is_verbatim(inside: Piece<'_>) -> bool {
    let is_literal = |open: usize| open > inside.from && inside.kind(open - 1) == Some(TokenKind::Word);
    inside.find(&[":"]).is_some()
        || inside.find(&["{"]).is_some_and(|open| !is_literal(open))
        || (inside.from..inside.to).any(|at| inside.text(at) == "{" && inside.kind(at + 1) == Some(TokenKind::Literal))
}

fn literal<'r>(path: Piece<'r>, inside: Piece<'r>) -> Struct<'r> {
    let fields = inside.split().into_iter().map(|field| {
        let value = (field.text(field.from + 1) == ":").then(|| field.part(field.from + 2, field.to));
        StructField {
            name: field.first(),
            value: value.map(Expression::parse),
        }
    });
    Struct {
        path,
        fields: fields.collect(),
    }
}
