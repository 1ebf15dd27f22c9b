//! Lays out Rust as rustfmt does with the `rustfmt.toml` of this repository.
//!
//! Takes tokens and returns text. Supports the syntax that generated code consists of and leaves items of other kinds to
//! `prettyplease`. The rules for expressions are those of rustfmt (its `chains.rs`, `overflow.rs` and `expr.rs`), so rustfmt
//! leaves a generated file unchanged.

mod block;
mod expression;
mod imports;
mod items;
mod rewrite;
mod row;

use proc_macro2::TokenStream;
use unicode_width::UnicodeWidthStr as _;

use row::Row;

/// Maximum width of a line.
const MAX_WIDTH: usize = 120;
/// Maximum widths, on one line, of the arguments of a call, of a method chain and of the elements of an array. rustfmt derives
/// them from [`MAX_WIDTH`].
const CALL_WIDTH: usize = 72;
const CHAIN_WIDTH: usize = 72;
const ARRAY_WIDTH: usize = 72;
/// Maximum width of the fields of a struct literal on one line.
const STRUCT_WIDTH: usize = 22;
/// Maximum width of the arguments of an attribute on one line.
const ATTRIBUTE_WIDTH: usize = 84;
/// Maximum width of the elements of an array that is laid out with several elements per line.
const SHORT_ELEMENT_WIDTH: usize = 10;
const TAB: usize = 4;

/// Lays out a file.
#[must_use]
pub fn print(tokens: TokenStream) -> String {
    let row = Row::new(tokens);
    let mut out = String::with_capacity(row.len() * 8);
    items::items(&mut out, row.all(), 0);
    out
}

/// Lays out statements.
#[must_use]
pub fn print_statements(tokens: TokenStream) -> String {
    let row = Row::new(tokens);
    let mut out = String::with_capacity(row.len() * 8);
    block::statements(&mut out, row.all(), 0);
    out
}

/// The space for an expression: the indent of its block, the width of the text before it on the line, and the width left.
#[derive(Debug, Clone, Copy)]
struct Shape {
    indent: usize,
    offset: usize,
    width: usize,
}

impl Shape {
    /// Returns the shape of a whole line.
    fn line(indent: usize) -> Self {
        Self {
            indent,
            offset: 0,
            width: MAX_WIDTH.saturating_sub(indent),
        }
    }

    /// Reserves columns for the text that follows. Returns `None` if they are not available.
    fn less(self, width: usize) -> Option<Self> {
        let width = self.width.checked_sub(width)?;
        Some(Self { width, ..self })
    }

    /// Moves the start behind a text of this width. Returns `None` if the text does not fit.
    fn after(self, width: usize) -> Option<Self> {
        let offset = self.offset + width;
        self.less(width).map(|shape| Self { offset, ..shape })
    }

    /// Returns the number of columns reserved for the text that follows.
    fn overhead(self) -> usize {
        MAX_WIDTH.saturating_sub(self.indent + self.offset + self.width)
    }
}

/// Starts a new line at an indent.
fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    push_indent(out, indent);
}

/// Writes the spaces of an indent.
fn push_indent(out: &mut String, indent: usize) {
    const SPACES: &str = "                                        ";
    let mut rest = indent;
    while rest > 0 {
        let count = rest.min(SPACES.len());
        out.push_str(&SPACES[..count]);
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
