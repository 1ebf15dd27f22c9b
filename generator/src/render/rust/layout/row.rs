//! A flat sequence of tokens and its text on one line.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Literal,
    Lifetime,
    Punct,
    Open,
    Close,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
    kind: Kind,
    /// Position of the matching bracket; 0 for other tokens.
    mate: usize,
}

/// The tokens of a file, with their texts in a single string.
#[derive(Debug, Default)]
pub(super) struct Row {
    text: String,
    tokens: Vec<Token>,
}

/// Punctuation of more than one character.
const LONG: &[&str] = &["::", "->", "=>", "..=", "..", "==", "!=", "&&", "||"];

impl Row {
    pub(super) fn new(tokens: TokenStream) -> Self {
        let mut row = Self::default();
        row.read(tokens);
        row
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn all(&self) -> Piece<'_> {
        Piece {
            row: self,
            from: 0,
            to: self.tokens.len(),
        }
    }

    fn read(&mut self, tokens: TokenStream) {
        // Whether the previous token is punctuation that the next character may belong to.
        let mut joint = false;
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::None => ("", ""),
                    };
                    if open.is_empty() {
                        self.read(group.stream());
                    } else {
                        let at = self.tokens.len();
                        self.push(Kind::Open, open);
                        self.read(group.stream());
                        let mate = self.tokens.len();
                        self.push(Kind::Close, close);
                        self.tokens[at].mate = mate;
                        self.tokens[mate].mate = at;
                    }
                    joint = false;
                }
                TokenTree::Punct(punct) => {
                    if !(joint && self.join(punct.as_char())) {
                        let start = self.text.len();
                        self.text.push(punct.as_char());
                        self.add(Kind::Punct, start);
                    }
                    joint = punct.spacing() == Spacing::Joint;
                }
                TokenTree::Ident(name) => {
                    let is_lifetime = joint && self.tokens.last().is_some_and(|last| &self.text[last.start..] == "'");
                    let start = self.text.len();
                    // Writing to a string cannot fail.
                    let _ = write!(self.text, "{name}");
                    match self.tokens.last_mut().filter(|_| is_lifetime) {
                        Some(last) => (last.end, last.kind) = (self.text.len(), Kind::Lifetime),
                        None => self.add(Kind::Word, start),
                    }
                    joint = false;
                }
                TokenTree::Literal(literal) => {
                    let start = self.text.len();
                    let _ = write!(self.text, "{literal}");
                    self.add(Kind::Literal, start);
                    joint = false;
                }
            }
        }
    }

    fn push(&mut self, kind: Kind, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.add(kind, start);
    }

    fn add(&mut self, kind: Kind, start: usize) {
        let end = self.text.len();
        self.tokens.push(Token {
            start,
            end,
            kind,
            mate: 0,
        });
    }

    /// Appends a character to the last punctuation if the two form one token. Returns `true` if they do.
    fn join(&mut self, c: char) -> bool {
        let Some(last) = self.tokens.last_mut().filter(|last| last.kind == Kind::Punct) else {
            return false;
        };
        let known = &self.text[last.start..];
        let is_one = LONG
            .iter()
            .any(|long| long.len() > known.len() && long.starts_with(known) && long[known.len()..].starts_with(c));
        if is_one {
            self.text.push(c);
            last.end = self.text.len();
        }
        is_one
    }
}

/// A range of the tokens of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'r> {
    row: &'r Row,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl<'r> Piece<'r> {
    pub(super) fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// Returns the text of a token, or an empty one after the end.
    pub(super) fn text(self, at: usize) -> &'r str {
        if at >= self.to {
            return "";
        }
        let token = self.row.tokens[at];
        &self.row.text[token.start..token.end]
    }

    pub(super) fn kind(self, at: usize) -> Option<Kind> {
        (at < self.to).then(|| self.row.tokens[at].kind)
    }

    pub(super) fn first(self) -> &'r str {
        self.text(self.from)
    }

    pub(super) fn part(self, from: usize, to: usize) -> Self {
        Self { from, to, ..self }
    }

    /// Returns the tokens inside the brackets that open here.
    pub(super) fn inside(self, at: usize) -> Self {
        self.part(at + 1, self.row.tokens[at].mate)
    }

    /// Returns the position after this token, or after the brackets that open here.
    pub(super) fn next(self, at: usize) -> usize {
        match self.kind(at) {
            Some(Kind::Open) => self.row.tokens[at].mate + 1,
            _ => at + 1,
        }
    }

    /// Returns the position of the first of these tokens that is not inside brackets, generic arguments or the parameters
    /// of a closure. Only punctuation and opening brackets can be searched for.
    pub(super) fn find(self, wanted: &[&str]) -> Option<usize> {
        let (mut at, mut depth) = (self.from, 0_usize);
        while at < self.to {
            if !matches!(self.row.tokens[at].kind, Kind::Punct | Kind::Open) {
                at += 1;
                continue;
            }
            match self.text(at) {
                "<" => depth += 1,
                ">" => depth = depth.saturating_sub(1),
                "|" if self.opens_closure(at) => {
                    at = (at + 1..self.to).find(|&end| self.text(end) == "|").unwrap_or(self.to);
                }
                _ => {}
            }
            if depth == 0 && at < self.to && wanted.contains(&self.text(at)) {
                return Some(at);
            }
            at = self.next(at);
        }
        None
    }

    /// Returns `true` if the bar at this position begins the parameters of a closure.
    pub(super) fn opens_closure(self, at: usize) -> bool {
        at == self.from || matches!(self.text_before(at), "(" | "," | "[" | "{" | "=" | "move" | ";" | "=>")
    }

    fn text_before(self, at: usize) -> &'r str {
        match at.checked_sub(1) {
            Some(before) => {
                let token = self.row.tokens[before];
                &self.row.text[token.start..token.end]
            }
            None => "",
        }
    }

    /// Splits the tokens at commas.
    pub(super) fn split(self) -> Vec<Self> {
        let (mut out, mut rest) = (Vec::new(), self);
        while let Some(comma) = rest.find(&[","]) {
            out.push(rest.part(rest.from, comma));
            rest = rest.part(comma + 1, self.to);
        }
        if !rest.is_empty() {
            out.push(rest);
        }
        out
    }

    /// Returns the text on one line.
    pub(super) fn line(self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Returns the width of the text on one line.
    pub(super) fn width(self) -> usize {
        let (mut width, mut spaces) = (0, Spaces::default());
        for at in self.from..self.to {
            if !self.is_written(at) {
                continue;
            }
            width += usize::from(at > self.from && spaces.before(self, at)) + super::width(self.text(at));
            spaces.pass(self, at);
        }
        width
    }

    pub(super) fn write(self, out: &mut String) {
        let mut spaces = Spaces::default();
        for at in self.from..self.to {
            if !self.is_written(at) {
                continue;
            }
            if at > self.from && spaces.before(self, at) {
                out.push(' ');
            }
            out.push_str(self.text(at));
            spaces.pass(self, at);
        }
    }

    /// Returns `false` for a comma before a closing bracket.
    fn is_written(self, at: usize) -> bool {
        self.text(at) != "," || self.kind(at + 1) != Some(Kind::Close) || self.kind(at) == Some(Kind::Literal)
    }
}

/// Decides where spaces go.
#[derive(Debug, Default)]
struct Spaces {
    /// Whether the position is among the parameters of a closure.
    in_closure: bool,
    /// Whether the last token ended the parameters of a closure.
    after_closure: bool,
    /// Whether the last token is a prefix, such as `&` or the `*` of a dereference.
    prefix: bool,
}

impl Spaces {
    fn pass(&mut self, piece: Piece<'_>, at: usize) {
        let text = piece.text(at);
        let is_punct = piece.kind(at) == Some(Kind::Punct);
        self.after_closure = false;
        if is_punct && text == "|" {
            if self.in_closure {
                (self.in_closure, self.after_closure) = (false, true);
            } else {
                self.in_closure = piece.opens_closure(at);
            }
        }
        self.prefix = is_punct && (text == "&" || (matches!(text, "*" | "-" | "!") && !ends_operand(piece, at)));
    }

    fn before(&self, piece: Piece<'_>, at: usize) -> bool {
        let (before, here) = (piece.text(at - 1), piece.text(at));
        let (kind_before, kind_here) = (piece.kind(at - 1), piece.kind(at));
        if self.after_closure {
            return true;
        }
        if self.prefix || (kind_before == Some(Kind::Punct) && before == "|" && self.in_closure) {
            return false;
        }
        match (kind_before, kind_here) {
            (Some(Kind::Punct), _) if matches!(before, "::" | "." | ".." | "..=" | "<" | "#" | "!") => {
                before == "!" && here == "{"
            }
            (_, Some(Kind::Punct)) => match here {
                "," | ";" | ":" | "." | "?" | "::" | ">" => false,
                ".." | "..=" => matches!(before, "," | "=" | "=>"),
                "!" => is_before_space(before),
                "<" => matches!(before, "=" | "->" | "," | ":" | "for"),
                "|" => !self.in_closure && kind_before != Some(Kind::Open),
                "#" => true,
                _ => kind_before != Some(Kind::Open) && !(before == "<" || before == ">" && here == ">"),
            },
            (Some(Kind::Open), Some(Kind::Close)) => false,
            (Some(Kind::Open), _) => before == "{",
            (_, Some(Kind::Close)) => here == "}",
            (Some(Kind::Close), Some(Kind::Open)) => here == "{",
            (Some(Kind::Punct), Some(Kind::Open)) => !matches!(before, ">" | "?") || here == "{",
            (Some(Kind::Lifetime), _) => true,
            (_, Some(Kind::Open)) => here == "{" || is_before_space(before),
            (Some(Kind::Punct), _) => before != "?",
            _ => true,
        }
    }
}

/// Returns `true` for keywords that a space separates from a bracket.
fn is_before_space(word: &str) -> bool {
    matches!(
        word,
        "in" | "let" | "match" | "return" | "if" | "else" | "mut" | "as" | "dyn" | "for" | "move" | "const"
    )
}

/// Returns `true` if an operand ends before the token, which is then a binary operator.
fn ends_operand(piece: Piece<'_>, at: usize) -> bool {
    if at == piece.from {
        return false;
    }
    match piece.kind(at - 1) {
        Some(Kind::Literal | Kind::Close) => true,
        Some(Kind::Word) => !is_before_space(piece.text(at - 1)),
        _ => piece.text(at - 1) == "?",
    }
}
