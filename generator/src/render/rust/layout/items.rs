//! The items of a file, a module or an `impl`.

use std::borrow::Cow;

use super::expression::Expression;
use super::row::{Kind, Piece};
use super::{ATTRIBUTE_WIDTH, MAX_WIDTH, Shape, TAB, block, imports, new_line, push_indent, rewrite, width};

/// An item, split into its attributes and the rest.
#[derive(Debug, Clone, Copy)]
struct Item<'r> {
    attributes: Piece<'r>,
    rest: Piece<'r>,
    /// Position of the keyword that tells the kind of the item.
    keyword: usize,
    class: Class,
}

/// The groups that items are sorted into, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Module,
    PublicModule,
    Export,
    StandardImport,
    ExternalImport,
    LocalImport,
    Other,
}

/// Writes items, with an empty line between any two that are not in one group.
pub(super) fn items(out: &mut String, piece: Piece<'_>, indent: usize) {
    let start = inner_attributes(out, piece, indent);
    let mut items = collect(piece.part(start, piece.to));
    items.sort_by_key(|item| item.class);
    sort_classes(&mut items);
    let mut previous: Option<Item<'_>> = None;
    for item in items {
        let apart = match previous {
            Some(previous) => !item.stands_with(previous),
            None => start > piece.from,
        };
        if apart {
            out.push('\n');
        }
        attributes(out, item.attributes, indent);
        push_indent(out, indent);
        item.write(out, indent);
        out.push('\n');
        previous = Some(item);
    }
}

/// Sorts modules and imports by name within their classes.
fn sort_classes(items: &mut [Item<'_>]) {
    let mut rest = items;
    while let Some(first) = rest.first() {
        let class = first.class;
        let end = rest.iter().position(|item| item.class != class).unwrap_or(rest.len());
        let (these, others) = rest.split_at_mut(end);
        if class != Class::Other {
            these.sort_by_cached_key(|item| imports::key(item.rest.part(item.keyword + 1, item.rest.to)));
        }
        rest = others;
    }
}

fn collect(piece: Piece<'_>) -> Vec<Item<'_>> {
    let (mut out, mut at) = (Vec::new(), piece.from);
    while at < piece.to {
        let item = Item::take(piece.part(at, piece.to));
        at = item.rest.to + usize::from(piece.text(item.rest.to) == ";");
        out.push(item);
    }
    out
}

/// Returns the position after the attributes at the start.
fn skip_attributes(piece: Piece<'_>) -> usize {
    let mut at = piece.from;
    while piece.text(at) == "#" && piece.text(at + 1) == "[" {
        at = piece.next(at + 1);
    }
    at
}

impl<'r> Item<'r> {
    /// Returns the first item, without the semicolon at its end.
    fn take(piece: Piece<'r>) -> Self {
        let from = skip_attributes(piece);
        let rest = piece.part(from, piece.to);
        let mut keyword = from;
        if rest.text(keyword) == "pub" {
            keyword += 1;
            if rest.text(keyword) == "(" {
                keyword = rest.next(keyword);
            }
        }
        let is_value = matches!(rest.text(keyword), "const" | "static" | "use" | "type") || is_macro(rest, keyword);
        let body = rest.part(keyword, rest.to);
        let end = if is_value {
            body.find(&[";"])
        } else {
            body.find(&[";", "{"])
        };
        let end = match end {
            Some(end) if rest.text(end) == "{" => rest.next(end),
            Some(end) => end,
            None => rest.to,
        };
        let is_public = keyword > from;
        let class = match rest.text(keyword) {
            "mod" if rest.text(end - 1) == "}" => Class::Other,
            "mod" if is_public => Class::PublicModule,
            "mod" => Class::Module,
            "use" if is_public => Class::Export,
            "use" => match rest.text(keyword + 1) {
                "std" => Class::StandardImport,
                "crate" | "super" | "self" => Class::LocalImport,
                _ => Class::ExternalImport,
            },
            _ => Class::Other,
        };
        Self {
            attributes: piece.part(piece.from, from),
            rest: rest.part(from, end),
            keyword,
            class,
        }
    }

    fn word(self) -> &'r str {
        self.rest.text(self.keyword)
    }

    /// Returns `true` if no empty line separates the item from the previous one.
    fn stands_with(self, previous: Self) -> bool {
        if self.class != Class::Other {
            return self.class == previous.class;
        }
        let are_macros = [self, previous].iter().all(|item| is_macro(item.rest, item.keyword));
        are_macros || (previous.word() == "type" && self.word() == "const")
    }

    fn write(self, out: &mut String, indent: usize) {
        let (piece, keyword) = (self.rest, self.keyword);
        let open = piece.part(keyword, piece.to).find(&["{"]);
        match (self.word(), open) {
            ("use", _) => imports::write(out, piece, indent),
            ("mod" | "impl" | "trait", Some(open)) => {
                piece.part(piece.from, open + 1).write(out);
                let inside = piece.inside(open);
                if !inside.is_empty() {
                    out.push('\n');
                    items(out, inside, indent + TAB);
                    push_indent(out, indent);
                }
                out.push('}');
            }
            ("struct" | "enum", Some(open)) => members(out, piece, open, indent),
            ("fn" | "async", open) => function(out, piece, keyword, open, indent),
            ("mod" | "struct" | "type", None) => {
                piece.write(out);
                out.push(';');
            }
            ("const" | "static", _) => value(out, piece, indent),
            _ if is_macro(piece, keyword) => {
                let call = Expression::parse(piece);
                out.push_str(&rewrite::statement(&call, indent, 1));
                out.push(';');
            }
            _ => unusual(out, piece, indent),
        }
    }
}

fn is_macro(piece: Piece<'_>, keyword: usize) -> bool {
    let bang = (keyword..piece.to).find(|&at| piece.kind(at) != Some(Kind::Word) && piece.text(at) != "::");
    bang.is_some_and(|at| at > keyword && piece.text(at) == "!")
}

/// Writes an item of a kind that this layout does not support, with `prettyplease`.
fn unusual(out: &mut String, piece: Piece<'_>, indent: usize) {
    let ends = if piece.text(piece.to - 1) == "}" { "" } else { ";" };
    let line = piece.line() + ends;
    let text = match syn::parse_str::<syn::File>(&line) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => line,
    };
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            new_line(out, if line.is_empty() { 0 } else { indent });
        }
        out.push_str(line);
    }
}

/// Writes a struct or an enum, with each field or variant on a new line.
fn members(out: &mut String, piece: Piece<'_>, open: usize, indent: usize) {
    piece.part(piece.from, open + 1).write(out);
    let members = piece.inside(open).split();
    if !members.is_empty() {
        for member in members {
            out.push('\n');
            let from = skip_attributes(member);
            attributes(out, member.part(member.from, from), indent + TAB);
            push_indent(out, indent + TAB);
            member.part(from, member.to).write(out);
            out.push(',');
        }
        new_line(out, indent);
    }
    out.push('}');
}

fn function(out: &mut String, piece: Piece<'_>, keyword: usize, body: Option<usize>, indent: usize) {
    let end = body.unwrap_or(piece.to);
    let head = piece.part(piece.from, end);
    let line = head.line();
    // 2 columns for ` {`, or 1 for `;`.
    let end_width = if body.is_some() { 2 } else { 1 };
    let full_width = indent + width(&line) + end_width;
    if let (None, MAX_WIDTH, Some((left, right))) = (body, full_width, line.rsplit_once(" -> ")) {
        // rustfmt does not fill the last column of a line that ends with `;`.
        out.push_str(left);
        new_line(out, indent);
        out.push_str("-> ");
        out.push_str(right);
    } else if full_width <= MAX_WIDTH {
        out.push_str(&line);
    } else {
        let open = head.part(keyword, end).find(&["("]).unwrap_or(end);
        head.part(head.from, open + 1).write(out);
        for parameter in head.inside(open).split() {
            new_line(out, indent + TAB);
            parameter.write(out);
            out.push(',');
        }
        new_line(out, indent);
        head.part(head.next(open) - 1, end).write(out);
    }
    match body {
        Some(open) => {
            out.push(' ');
            block::braces(out, piece.inside(open), indent);
        }
        None => out.push(';'),
    }
}

/// Writes a constant or a static.
fn value(out: &mut String, piece: Piece<'_>, indent: usize) {
    let equals = piece.find(&["="]).unwrap_or(piece.to);
    let left = piece.part(piece.from, equals + 1).line();
    let value = Expression::parse(piece.part(equals + 1, piece.to));
    let shape = Shape::line(indent);
    out.push_str(&left);
    out.push_str(&rewrite::assigned(&left, &value, shape.less(1).unwrap_or(shape)));
    out.push(';');
}

/// Writes the inner attributes of a file or a module and returns the position after them.
fn inner_attributes(out: &mut String, piece: Piece<'_>, indent: usize) -> usize {
    let mut at = piece.from;
    while piece.text(at) == "#" && piece.text(at + 1) == "!" {
        attribute(out, piece.inside(at + 2), "!", indent);
        at = piece.next(at + 2);
    }
    at
}

fn attributes(out: &mut String, piece: Piece<'_>, indent: usize) {
    let mut at = piece.from;
    while at < piece.to {
        attribute(out, piece.inside(at + 1), "", indent);
        at = piece.next(at + 1);
    }
}

fn attribute(out: &mut String, inside: Piece<'_>, inner: &str, indent: usize) {
    if inside.first() == "doc" && inside.kind(inside.from + 2) == Some(Kind::Literal) {
        let text = unescaped(inside.text(inside.from + 2));
        let mark = if inner.is_empty() { "///" } else { "//!" };
        for line in text.split('\n') {
            push_indent(out, indent);
            out.push_str(mark);
            out.push_str(line.trim_end());
            out.push('\n');
        }
        return;
    }
    push_indent(out, indent);
    out.push('#');
    out.push_str(inner);
    out.push('[');
    let open = inside.find(&["("]);
    let arguments = open.map_or(inside.part(inside.to, inside.to), |open| inside.inside(open));
    let names = arguments.split();
    let is_short = inside.first() == "derive" || arguments.width() <= ATTRIBUTE_WIDTH || names.len() < 2;
    let line = inside.width() + indent + 3 + inner.len();
    if names.is_empty() || (is_short && line <= MAX_WIDTH) {
        inside.write(out);
    } else {
        inside.part(inside.from, arguments.from).write(out);
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            new_line(out, indent + TAB);
            name.write(out);
        }
        new_line(out, indent);
        out.push(')');
    }
    out.push_str("]\n");
}

/// Returns the text of a string literal, which is either raw or was escaped by `proc_macro2`.
fn unescaped(literal: &str) -> Cow<'_, str> {
    if let Some(raw) = literal.strip_prefix('r') {
        let raw = raw.trim_matches('#');
        let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        return Cow::Borrowed(inner.unwrap_or(raw));
    }
    let text = literal.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = text.unwrap_or(literal);
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push(' '),
            Some('t') => out.push('\t'),
            Some('0') => out.push('\0'),
            Some('u') => {
                let digits: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                out.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            Some(c) => out.push(c),
            None => {}
        }
    }
    Cow::Owned(out)
}
