//! Blocks of statements and control flow.

use super::expression::{Expression, is_control};
use super::imports;
use super::row::{Kind, Piece};
use super::{Shape, TAB, new_line, push_indent, rewrite, width};

/// Writes a block in braces that begins on the current line.
pub(super) fn braces(out: &mut String, inside: Piece<'_>, indent: usize) {
    if inside.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push_str("{\n");
    statements(out, inside, indent + TAB);
    push_indent(out, indent);
    out.push('}');
}

/// Writes each statement on a new line, and an empty line after imports.
pub(super) fn statements(out: &mut String, piece: Piece<'_>, indent: usize) {
    let mut at = piece.from;
    let mut after_import = false;
    while at < piece.to {
        let rest = piece.part(at, piece.to);
        let is_import = rest.first() == "use";
        if after_import && !is_import {
            out.push('\n');
        }
        after_import = is_import;
        let (statement, next) = take(rest);
        push_indent(out, indent);
        write(out, statement, next > statement.to, indent);
        out.push('\n');
        at = next;
    }
}

/// Returns the first statement, without its semicolon, and the position of the next one.
fn take(piece: Piece<'_>) -> (Piece<'_>, usize) {
    if is_control(piece.first()) {
        let mut end = body(piece).map_or(piece.to, |open| piece.next(open));
        while piece.text(end) == "else" {
            let rest = piece.part(end, piece.to);
            end = body(rest).map_or(piece.to, |open| piece.next(open));
        }
        let next = if piece.text(end) == ";" { end + 1 } else { end };
        return (piece.part(piece.from, end), next);
    }
    match piece.find(&[";"]) {
        Some(end) => (piece.part(piece.from, end), end + 1),
        None => (piece, piece.to),
    }
}

fn body(piece: Piece<'_>) -> Option<usize> {
    piece.find(&["{"])
}

fn write(out: &mut String, statement: Piece<'_>, ends: bool, indent: usize) {
    let first = statement.first();
    if first == "use" {
        imports::write(out, statement, indent);
        return;
    }
    if is_control(first) {
        control(out, statement, indent);
        return;
    }
    let equals = statement.find(&["="]);
    match equals {
        Some(at) if statement.kind(at) == Some(Kind::Punct) => {
            let left = statement.part(statement.from, at + 1).line();
            let value = Expression::parse(statement.part(at + 1, statement.to));
            let shape = Shape::line(indent);
            out.push_str(&left);
            out.push_str(&rewrite::assigned(&left, &value, shape.less(1).unwrap_or(shape)));
        }
        _ => {
            let value = Expression::parse(statement);
            out.push_str(&rewrite::statement(&value, indent, usize::from(ends)));
        }
    }
    if ends {
        out.push(';');
    }
}

/// Writes an `if`, a `match` or a loop.
pub(super) fn control(out: &mut String, piece: Piece<'_>, indent: usize) {
    let Some(open) = body(piece) else {
        piece.write(out);
        return;
    };
    condition(out, piece.part(piece.from, open), indent);
    let inside = piece.inside(open);
    if piece.first() == "match" {
        arms(out, inside, indent);
    } else {
        braces(out, inside, indent);
    }
    let end = piece.next(open);
    if piece.text(end) == "else" {
        out.push_str(" else ");
        let rest = piece.part(end + 1, piece.to);
        match rest.first() {
            "{" => braces(out, rest.inside(rest.from), indent),
            _ => control(out, rest, indent),
        }
    }
}

/// Writes the keyword before a block and its condition, which may take several lines.
fn condition(out: &mut String, head: Piece<'_>, indent: usize) {
    let value = head.part(head.from + 1, head.to);
    if value.is_empty() || value.first() == "let" || head.first() == "for" {
        head.write(out);
        out.push(' ');
        return;
    }
    out.push_str(head.first());
    out.push(' ');
    let value = Expression::parse(value);
    // 2 columns for ` {`.
    let room = Shape::line(indent)
        .after(width(head.first()) + 1)
        .and_then(|shape| shape.less(2));
    let text = room.and_then(|room| rewrite::strictly(&value, room));
    let text = text.unwrap_or_else(|| value.line());
    out.push_str(&text);
    if text.contains('\n') {
        new_line(out, indent);
    } else {
        out.push(' ');
    }
}

fn arms(out: &mut String, inside: Piece<'_>, indent: usize) {
    out.push('{');
    let mut at = inside.from;
    while at < inside.to {
        let rest = inside.part(at, inside.to);
        let arrow = rest.find(&["=>"]).unwrap_or(rest.to);
        let is_block = rest.text(arrow + 1) == "{";
        let end = if is_block {
            rest.next(arrow + 1)
        } else {
            rest.part(arrow + 1, rest.to).find(&[","]).unwrap_or(rest.to)
        };
        new_line(out, indent + TAB);
        arm(out, rest.part(at, arrow), rest.part(arrow + 1, end), indent + TAB);
        at = if rest.text(end) == "," { end + 1 } else { end };
    }
    new_line(out, indent);
    out.push('}');
}

fn arm(out: &mut String, pattern: Piece<'_>, body: Piece<'_>, indent: usize) {
    let line = pattern.line();
    let mut column = indent + width(&line);
    // 5 columns for ` => {`.
    if column + 5 > super::MAX_WIDTH {
        let mut rest = pattern;
        while let Some(bar) = rest.find(&["|"]) {
            rest.part(rest.from, bar).write(out);
            new_line(out, indent);
            out.push_str("| ");
            rest = rest.part(bar + 1, rest.to);
        }
        rest.write(out);
        column = indent + 2 + rest.width();
    } else {
        out.push_str(&line);
    }
    out.push_str(" => ");
    if body.first() == "{" {
        braces(out, body.inside(body.from), indent);
        return;
    }
    let value = Expression::parse(body);
    let room = Shape::line(indent)
        .after(column - indent + 4)
        .and_then(|shape| shape.less(1));
    let same = room.and_then(|room| rewrite::strictly(&value, room));
    // In a block, the value has more room.
    let below = || rewrite::statement(&value, indent + TAB, 0);
    let below = match &same {
        Some(same) if !same.contains('\n') => None,
        Some(same) => Some(below()).filter(|below| rewrite::is_better_below(same, below)),
        None => Some(below()),
    };
    match (below, same) {
        (None, Some(same)) => {
            out.push_str(&same);
            out.push(',');
        }
        (below, _) => {
            out.push('{');
            new_line(out, indent + TAB);
            out.push_str(&below.unwrap_or_default());
            new_line(out, indent);
            out.push('}');
        }
    }
}
