//! Lays out Rust as rustfmt does under the `rustfmt.toml` of this repository.
//!
//! Tokens in, text out. It knows what generated code is made of; an item of any other kind is left to `prettyplease`. The rules
//! for expressions are rustfmt's own (`chains.rs`, `overflow.rs`, `expr.rs` there), so a file is the same after rustfmt.

mod block;
mod expression;
mod imports;
mod items;
mod rewrite;
mod row;

use proc_macro2::TokenStream;
use unicode_width::UnicodeWidthStr as _;

use row::Row;

/// The width of a line.
const MAX_WIDTH: usize = 120;
/// The widths that rustfmt derives from it: arguments of a call, a chain of methods, the elements of an array.
const CALL_WIDTH: usize = 72;
const CHAIN_WIDTH: usize = 72;
const ARRAY_WIDTH: usize = 72;
/// The fields of a struct literal.
const STRUCT_WIDTH: usize = 22;
/// The arguments of an attribute.
const ATTRIBUTE_WIDTH: usize = 84;
/// The elements of a list of which several stand in one line.
const SHORT_ELEMENT_WIDTH: usize = 10;
const TAB: usize = 4;

/// Prints a file.
#[must_use]
pub fn print(tokens: TokenStream) -> String {
    let row = Row::new(tokens);
    let mut out = String::with_capacity(row.len() * 8);
    items::items(&mut out, row.all(), 0);
    out
}

/// Prints statements.
#[must_use]
pub fn print_statements(tokens: TokenStream) -> String {
    let row = Row::new(tokens);
    let mut out = String::with_capacity(row.len() * 8);
    block::statements(&mut out, row.all(), 0);
    out
}

/// Where something is written: the indent of its block, what stands before it in the line, and how much room there is.
#[derive(Debug, Clone, Copy)]
struct Shape {
    indent: usize,
    offset: usize,
    width: usize,
}

impl Shape {
    /// A whole line.
    fn line(indent: usize) -> Self {
        Self {
            indent,
            offset: 0,
            width: MAX_WIDTH.saturating_sub(indent),
        }
    }

    /// Leaves room for what follows.
    fn less(self, width: usize) -> Option<Self> {
        let width = self.width.checked_sub(width)?;
        Some(Self { width, ..self })
    }

    /// Leaves room for what stands before it.
    fn after(self, width: usize) -> Option<Self> {
        let offset = self.offset + width;
        self.less(width).map(|shape| Self { offset, ..shape })
    }

    /// The room that is kept free for what follows.
    fn overhead(self) -> usize {
        MAX_WIDTH.saturating_sub(self.indent + self.offset + self.width)
    }
}

/// Starts a new line at an indent.
fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    push_indent(out, indent);
}

/// Writes the blanks of an indent.
fn push_indent(out: &mut String, indent: usize) {
    const BLANKS: &str = "                                        ";
    let mut rest = indent;
    while rest > 0 {
        let count = rest.min(BLANKS.len());
        out.push_str(&BLANKS[..count]);
        rest -= count;
    }
}

fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

fn first_line_width(text: &str) -> usize {
    width(text.lines().next().unwrap_or_default())
}

fn last_line_width(text: &str) -> usize {
    width(text.rsplit('\n').next().unwrap_or_default())
}
