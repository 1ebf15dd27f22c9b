//! Breaks expressions over lines.

use super::expression::{Expression, Kind, Link, List, Struct, StructField};
use super::{CHAIN_WIDTH, MAX_WIDTH, SHORT_ELEMENT_WIDTH, STRUCT_WIDTH, Shape, TAB};
use super::{block, first_line_width, last_line_width, new_line, width};

/// Options of a layout.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct How {
    /// Whether lines may exceed the width: rustfmt leaves a statement unchanged if a literal in it fits on no line.
    pub(super) lenient: bool,
    /// Whether chains must stay on one line.
    whole_chains: bool,
}

/// Lays out an expression in a shape. Returns `None` if it does not fit.
pub(super) fn rewrite(how: How, expression: &Expression<'_>, shape: Shape) -> Option<String> {
    if expression
        .flat
        .is_some_and(|flat| flat + spare(expression) <= shape.width)
    {
        return Some(expression.line());
    }
    match &expression.kind {
        Kind::Plain => {
            let text = expression.line();
            (how.lenient || !text.starts_with("r#") && !text.starts_with("r\"")).then_some(text)
        }
        Kind::Verbatim => Some(expression.line()),
        Kind::Prefixed(prefix, inner) => {
            let inner = rewrite(how, inner, shape.after(prefix.len())?)?;
            Some(format!("{prefix}{inner}"))
        }
        Kind::List(items) => list(how, items, shape),
        Kind::Struct(literal) => structure(how, literal, shape),
        Kind::Chain(root, links) => chain(how, root, links, shape),
        Kind::Closure(head, body) => closure(how, &head.line(), body, shape),
        Kind::Block(prefix, inside) => {
            let mut out = (*prefix).to_owned();
            block::braces(&mut out, *inside, shape.indent);
            Some(out)
        }
        Kind::Control => {
            let mut out = String::new();
            block::control(&mut out, expression.piece, shape.indent);
            Some(out)
        }
    }
}

/// Lays out an expression in a shape without lines that are too long. Returns `None` if it does not fit.
pub(super) fn strictly(expression: &Expression<'_>, shape: Shape) -> Option<String> {
    rewrite(How::default(), expression, shape)
}

/// Returns the number of columns that rustfmt keeps free after a chain on one line: it counts the last question marks more
/// than once.
fn spare(expression: &Expression<'_>) -> usize {
    match &expression.kind {
        Kind::Chain(_, links) => links.last().map_or(0, |last| {
            last.tries
                * if last.call.is_some() {
                    2
                } else {
                    usize::from(!last.name.is_empty())
                }
        }),
        _ => 0,
    }
}

/// Lays out the right side of an assignment, on the same line or on the next.
pub(super) fn assigned(left: &str, expression: &Expression<'_>, shape: Shape) -> String {
    let strict = How::default();
    right(strict, left, expression, shape)
        .or_else(|| {
            let lenient = How {
                lenient: true,
                ..strict
            };
            right(lenient, left, expression, shape)
        })
        .unwrap_or_else(|| format!(" {}", expression.line()))
}

fn right(how: How, left: &str, expression: &Expression<'_>, shape: Shape) -> Option<String> {
    let before = last_line_width(left) + 1;
    let same = shape.after(before).and_then(|shape| rewrite(how, expression, shape));
    if let Some(same) = &same
        && !same.contains('\n')
        && before + width(same) <= shape.width
    {
        return Some(format!(" {same}"));
    }
    let below = Shape::line(shape.indent + TAB).less(shape.overhead())?;
    let next = rewrite(how, expression, below);
    let on_next = |next: String| {
        let mut out = String::new();
        new_line(&mut out, shape.indent + TAB);
        out + &next
    };
    match (same, next) {
        (Some(same), Some(next)) if fits(&next, below) && is_better_below(&same, &next) => Some(on_next(next)),
        (Some(same), _) => Some(format!(" {same}")),
        (None, Some(next)) => Some(on_next(next)),
        (None, None) => None,
    }
}

fn fits(text: &str, shape: Shape) -> bool {
    first_line_width(text) <= shape.width && text.lines().skip(1).all(|line| width(line) <= MAX_WIDTH)
}

/// Returns `true` if rustfmt prefers a layout on the next line to one on the same line, which takes several lines.
pub(super) fn is_better_below(same: &str, next: &str) -> bool {
    let lines = |text: &str| text.matches('\n').count();
    let ends = |text: &str, with: char| text.lines().next().is_some_and(|line| line.ends_with(with));
    lines(next) == 0
        || lines(same) > lines(next) + 1
        || ['(', '{', '[']
            .iter()
            .any(|&open| ends(same, open) && !ends(next, open))
}

/// Lays out an expression statement, followed by text of the width `after`.
pub(super) fn statement(expression: &Expression<'_>, indent: usize, after: usize) -> String {
    let strict = How::default();
    let shape = Shape::line(indent);
    let shape = shape.less(after).unwrap_or(shape);
    rewrite(strict, expression, shape)
        .or_else(|| {
            rewrite(
                How {
                    lenient: true,
                    ..strict
                },
                expression,
                shape,
            )
        })
        .unwrap_or_else(|| expression.line())
}

fn list(how: How, list: &List<'_>, shape: Shape) -> Option<String> {
    let (used, [open, close]) = (width(&list.head), list.brackets);
    if list.items.is_empty() {
        return Some(format!("{}{open}{close}", list.head));
    }
    let row = Room {
        one_line: shape.width.saturating_sub(used + 2),
        first: shape.after(used + 1).and_then(|shape| shape.less(1)),
        nested: Shape::line(shape.indent + TAB).less(1)?,
    };
    let (tactic, items) = arrange(how, list, row)?;
    let text = joined(&items, tactic, row.nested, list.comma);
    let mut out = format!("{}{open}", list.head);
    if tactic == Tactic::Horizontal && first_line_width(&text) < shape.width.saturating_sub(used) {
        out += &text;
    } else {
        new_line(&mut out, row.nested.indent);
        out += &text;
        new_line(&mut out, shape.indent);
    }
    Some(out + close)
}

/// The space for the elements of a list.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// Width on one line.
    one_line: usize,
    /// Shape of the first element on that line.
    first: Option<Shape>,
    /// Shape of each element on a new line.
    nested: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tactic {
    Horizontal,
    Vertical,
    /// As many elements per line as fit.
    Mixed,
}

/// Decides how the elements are placed and returns their texts.
fn arrange(how: How, elements: &List<'_>, room: Room) -> Option<(Tactic, Vec<String>)> {
    let mut items: Vec<_> = elements
        .items
        .iter()
        .map(|item| rewrite(how, item, room.nested))
        .collect();
    let at = items.len() - 1;
    let last = &elements.items[at];
    let is_short_call = at == 0 && width(&elements.head) < TAB;
    let overflows = is_short_call || may_overflow(last, at == 0);
    let overflowed = overflows
        .then(|| overflow(how, elements, &items, room, is_short_call))
        .flatten();
    let nested = items[at].clone();
    if let Some(text) = &overflowed {
        items[at] = Some(text.lines().next().unwrap_or_default().to_owned());
    }
    let is_one_line = fits_together(&items, elements.most.min(room.one_line));
    items[at] = match overflowed {
        Some(text) if is_one_line => {
            let is_pointless = at == 0
                && text.matches('\n').count() == 1
                && nested.as_ref().is_some_and(|nested| !nested.contains('\n'));
            if is_pointless { nested } else { Some(text) }
        }
        _ => {
            items[at] = nested;
            let most = if at == 0 { usize::MAX } else { elements.most };
            let tactic = if fits_together(&items, most.min(room.one_line)) {
                Tactic::Horizontal
            } else if may_mix(elements, &items) {
                Tactic::Mixed
            } else {
                Tactic::Vertical
            };
            return Some((tactic, items.into_iter().collect::<Option<_>>()?));
        }
    };
    Some((Tactic::Horizontal, items.into_iter().collect::<Option<_>>()?))
}

fn fits_together(items: &[Option<String>], most: usize) -> bool {
    let mut sum = 2 * (items.len() - 1);
    for item in items.iter().flatten() {
        if item.contains('\n') {
            return false;
        }
        sum += width(item);
    }
    sum <= most
}

fn may_mix(list: &List<'_>, items: &[Option<String>]) -> bool {
    let is_short = |item: &Option<String>| item.as_ref().is_some_and(|item| width(item) <= SHORT_ELEMENT_WIDTH);
    list.items.iter().all(Expression::is_simple) && items.iter().all(is_short)
}

/// Returns `true` if the last element may begin on the line of the bracket and continue below.
fn may_overflow(last: &Expression<'_>, is_only: bool) -> bool {
    match &last.kind {
        Kind::Closure(..) => true,
        Kind::Block(..) => true,
        Kind::Prefixed(_, inner) => may_overflow(inner, is_only),
        Kind::List(_) | Kind::Struct(_) | Kind::Verbatim | Kind::Control => is_only,
        Kind::Chain(root, links) => match links.as_slice() {
            [only] if only.name.is_empty() => may_overflow(root, is_only),
            _ => is_only && last.is_method_call(),
        },
        Kind::Plain => false,
    }
}

fn overflow(
    how: How,
    elements: &List<'_>,
    items: &[Option<String>],
    room: Room,
    is_short_call: bool,
) -> Option<String> {
    let (last, before) = (elements.items.last()?, &items[..items.len() - 1]);
    let first = room.first?;
    let shape = if before.is_empty() && !last.is_nested_call() {
        first
    } else {
        // rustfmt counts bytes here.
        let offset = before.iter().map(|item| 2 + item.as_deref().map_or(0, str::len)).sum();
        let width = first.width.min(elements.most);
        Shape { width, ..first }.after(offset)?
    };
    let whole_chains = how.whole_chains || (!is_short_call && last.is_method_call());
    rewrite(How { whole_chains, ..how }, last, shape)
}

fn joined(items: &[String], tactic: Tactic, nested: Shape, comma: bool) -> String {
    let mut out = String::new();
    let mut column = 0;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            match tactic {
                Tactic::Horizontal => out.push_str(", "),
                Tactic::Mixed if column + 3 + width(item) <= nested.width => {
                    out.push_str(", ");
                    column += 2;
                }
                _ => {
                    out.push(',');
                    new_line(&mut out, nested.indent);
                    column = 0;
                }
            }
        }
        out.push_str(item);
        column += width(item);
    }
    if comma && tactic != Tactic::Horizontal {
        out.push(',');
    }
    out
}

fn structure(how: How, literal: &Struct<'_>, shape: Shape) -> Option<String> {
    let path = literal.path.line();
    if literal.fields.is_empty() {
        return Some(path + " {}");
    }
    let nested = Shape::line(shape.indent + TAB).less(1)?;
    let mut fields = Vec::new();
    for StructField { name, value } in &literal.fields {
        fields.push(match value {
            None => (*name).to_owned(),
            Some(value) => match rewrite(how, value, nested.after(width(name) + 2)?) {
                Some(value) if value == *name => value,
                Some(value) => format!("{name}: {value}"),
                None => {
                    let mut out = format!("{name}:");
                    new_line(&mut out, nested.indent + TAB);
                    out + &rewrite(how, value, Shape::line(nested.indent + TAB).less(1)?)?
                }
            },
        });
    }
    let room = shape.width.saturating_sub(width(&path) + 5);
    let fields: Vec<_> = fields.into_iter().map(Some).collect();
    if fits_together(&fields, STRUCT_WIDTH.min(room)) {
        let fields: Vec<_> = fields.into_iter().flatten().collect();
        return Some(format!("{path} {{ {} }}", fields.join(", ")));
    }
    let mut out = path + " {";
    for field in fields.into_iter().flatten() {
        new_line(&mut out, nested.indent);
        out += &field;
        out.push(',');
    }
    new_line(&mut out, shape.indent);
    Some(out + "}")
}

fn closure(how: How, head: &str, body: &Expression<'_>, shape: Shape) -> Option<String> {
    if let Kind::Block(..) = body.kind {
        let body = rewrite(how, body, shape.after(width(head) + 1)?)?;
        return Some(format!("{head} {body}"));
    }
    let same = shape.after(width(head) + 1).and_then(|shape| rewrite(how, body, shape));
    if let Some(same) = same.filter(|same| !same.contains('\n') || may_break(body)) {
        return Some(format!("{head} {same}"));
    }
    let mut out = format!("{head} {{");
    new_line(&mut out, shape.indent + TAB);
    out += &rewrite(
        How {
            whole_chains: false,
            ..how
        },
        body,
        Shape::line(shape.indent + TAB),
    )?;
    new_line(&mut out, shape.indent);
    Some(out + "}")
}

/// Returns `true` if the body of a closure may take several lines without braces.
fn may_break(body: &Expression<'_>) -> bool {
    match &body.kind {
        Kind::Struct(_) | Kind::Block(..) | Kind::Control => true,
        Kind::Prefixed(_, inner) => may_break(inner),
        _ => false,
    }
}

fn link(how: How, link: &Link<'_>, shape: Shape) -> Option<String> {
    let shape = shape.less(link.tries)?;
    let mut out = match &link.call {
        Some(call) => list(how, call, shape)?,
        None => link.name.clone(),
    };
    out.extend(std::iter::repeat_n('?', link.tries));
    Some(out)
}

fn chain(how: How, root: &Expression<'_>, links: &[Link<'_>], shape: Shape) -> Option<String> {
    if let [only] = links
        && only.name.is_empty()
    {
        return Some(rewrite(how, root, shape.less(only.tries)?)? + &"?".repeat(only.tries));
    }
    let count = links.len();
    let mut head = rewrite(how, root, shape)?;
    let mut ends_block = head.contains('\n') && !matches!(root.kind, Kind::Prefixed(..) | Kind::Plain);
    let mut links = links;
    while let Some((first, rest)) = links.split_first() {
        if head.len() > TAB.saturating_sub(shape.offset) || head.contains('\n') {
            break;
        }
        let Some(text) = shape.after(width(&head)).and_then(|shape| link(how, first, shape)) else {
            break;
        };
        head += &text;
        ends_block = is_extendable(&head);
        links = rest;
    }
    let Some((last, middle)) = links.split_last() else {
        return Some(head);
    };
    let below = Shape::line(if ends_block { shape.indent } else { shape.indent + TAB });
    let mut parts = vec![head];
    for one in middle {
        parts.push(link(how, one, below)?);
    }
    let (last, is_one_line) = last_link(how, &parts, last, count, shape, below)?;
    parts.push(last);
    if is_one_line {
        return Some(parts.concat());
    }
    if how.whole_chains {
        return None;
    }
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            new_line(&mut out, below.indent);
        }
        out += part;
    }
    Some(out)
}

/// Lays out the last link of a chain. Also returns `true` if the whole chain stays on one line.
fn last_link(
    how: How,
    parts: &[String],
    last: &Link<'_>,
    count: usize,
    shape: Shape,
    below: Shape,
) -> Option<(String, bool)> {
    let extends = is_extendable(&parts[0]);
    let before = if extends {
        last_line_width(&parts[0])
    } else {
        parts.iter().map(|part| width(part)).sum()
    } + last.tries;
    let budget = if count == 1 {
        shape.width
    } else {
        shape.width.min(CHAIN_WIDTH)
    }
    .saturating_sub(before);
    let is_flat = parts.iter().all(|part| !part.contains('\n')) && budget > 0;
    let below = below.less(shape.overhead() + last.tries)?;
    if is_flat || extends {
        let same = shape.less(last.tries).and_then(|shape| shape.after(before));
        if let Some(same) = same.and_then(|same| link(how, last, same)) {
            let lines = same.lines().count();
            let fits = first_line_width(&same) <= budget;
            if fits && lines >= 5 {
                return Some((same, is_flat));
            }
            return Some(match link(how, last, below) {
                Some(next) if !fits => (next, false),
                Some(next) if next.lines().count() >= lines => (same, is_flat),
                Some(next) => (next, false),
                None => (same, fits && is_flat),
            });
        }
    }
    Some((link(how, last, below)?, false))
}

/// Returns `true` if the last line may be continued.
fn is_extendable(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let closes = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ']' | '}' | '?' | '>');
    text.ends_with("\"#") || last.chars().all(closes)
}
