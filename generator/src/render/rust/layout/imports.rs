//! The order of imports and modules.

use std::cmp::Ordering;

use super::row::Piece;
use super::{MAX_WIDTH, TAB, new_line, width};

/// Sort key of an import: `self`, `super` and `crate` come before names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(Vec<Segment>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    This,
    Super,
    Crate,
    Name(Name),
    List(Vec<Key>),
}

/// A name whose digits compare as numbers and whose `_` compares less than every other character.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    pub(super) fn new(name: &str) -> Self {
        Self(name.trim_start_matches("r#").to_owned())
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (self.0.as_str(), other.0.as_str());
        loop {
            let (a, b) = (number(left), number(right));
            if !a.is_empty() && !b.is_empty() {
                let value = |digits: &str| digits.trim_start_matches('0').to_owned();
                let (x, y) = (value(a), value(b));
                let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
                if order != Ordering::Equal {
                    return order;
                }
                (left, right) = (&left[a.len()..], &right[b.len()..]);
                continue;
            }
            let (Some(a), Some(b)) = (left.chars().next(), right.chars().next()) else {
                return left.len().cmp(&right.len()).then_with(|| self.0.cmp(&other.0));
            };
            if a != b {
                return (a != '_', a).cmp(&(b != '_', b));
            }
            (left, right) = (&left[a.len_utf8()..], &right[b.len_utf8()..]);
        }
    }
}

fn number(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

/// Returns the sort key of a path such as `crate::runtime::{self, Client}`.
pub(super) fn key(path: Piece<'_>) -> Key {
    let mut segments = Vec::new();
    let mut at = path.from;
    while at < path.to {
        match path.text(at) {
            "self" => segments.push(Segment::This),
            "super" => segments.push(Segment::Super),
            "crate" => segments.push(Segment::Crate),
            "{" => {
                let mut names: Vec<_> = path.inside(at).split().into_iter().map(key).collect();
                names.sort();
                segments.push(Segment::List(names));
            }
            "::" => {}
            "as" => break,
            name => segments.push(Segment::Name(Name::new(name))),
        }
        at = path.next(at);
    }
    Key(segments)
}

/// Writes an import.
pub(super) fn write(out: &mut String, import: Piece<'_>, indent: usize) {
    let Some(open) = import.find(&["{"]) else {
        import.write(out);
        out.push(';');
        return;
    };
    let mut names = import.inside(open).split();
    names.sort_by_cached_key(|name| key(*name));
    let names: Vec<_> = names.into_iter().map(Piece::line).collect();
    let before = import.part(import.from, open);
    let mut head = before.line();
    if let [only] = names.as_slice()
        && only != "self"
    {
        out.push_str(&format!("{head}{only};"));
        return;
    }
    head.push('{');
    out.push_str(&head);
    let line = names.join(", ");
    // 2 columns for `};`, and 2 that rustfmt keeps free.
    if indent + width(&head) + width(&line) + 4 <= MAX_WIDTH {
        out.push_str(&line);
        out.push_str("};");
        return;
    }
    let mut column = MAX_WIDTH;
    let last = names.len() - 1;
    for (index, name) in names.into_iter().enumerate() {
        // 2 columns for the space before the name and the comma after it. rustfmt keeps 1 more free, except for the last name.
        if column + 2 + usize::from(index < last) + width(&name) > MAX_WIDTH {
            new_line(out, indent + TAB);
            column = indent + TAB;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(&name);
        out.push(',');
        column += width(&name) + 1;
    }
    new_line(out, indent);
    out.push_str("};");
}
