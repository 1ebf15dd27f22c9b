//! Doc comments.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::ir::{Text, Type};
use crate::render::markdown::{self, Dialect, escape};

/// The width at which doc comments are wrapped, without the `///`.
const DOC_WIDTH: usize = 96;

/// Returns the doc comments of an item. Empty paragraphs are skipped. A paragraph can also be a fenced code block.
#[must_use]
pub fn docs(paragraphs: &[String]) -> TokenStream {
    let lines = lines(paragraphs);
    quote!(#(#[doc = #lines])*)
}

/// Returns the doc comments of a module or crate. Empty paragraphs are skipped.
#[must_use]
pub fn inner_docs(paragraphs: &[String]) -> TokenStream {
    let lines = lines(paragraphs);
    quote!(#(#![doc = #lines])*)
}

/// Returns the lines of paragraphs, with an empty line between two paragraphs.
fn lines(paragraphs: &[String]) -> Vec<Literal> {
    let mut lines = Vec::new();
    for paragraph in paragraphs.iter().filter(|paragraph| !paragraph.is_empty()) {
        if !lines.is_empty() {
            lines.push(doc_line(""));
        }
        if paragraph.starts_with("```") {
            lines.extend(paragraph.lines().map(doc_line));
        } else {
            lines.extend(wrap(paragraph).iter().map(|line| doc_line(line)));
        }
    }
    lines
}

/// Returns the literal of a line of a doc comment, with a leading space unless the line is empty.
///
/// A raw literal is read faster than [`Literal::string`] can escape the same text.
fn doc_line(line: &str) -> Literal {
    let blank = if line.is_empty() { "" } else { " " };
    let raw = if line.contains("\"#") {
        None
    } else {
        format!("r#\"{blank}{line}\"#").parse().ok()
    };
    raw.unwrap_or_else(|| Literal::string(&format!("{blank}{line}")))
}

/// Breaks a paragraph into lines of at most [`DOC_WIDTH`] characters, unless a word is longer.
fn wrap(paragraph: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut width) = (String::with_capacity(DOC_WIDTH), 0);
    for word in words(paragraph) {
        let word_width = word.chars().count();
        if width > 0 && width + 1 + word_width > DOC_WIDTH {
            lines.push(std::mem::replace(&mut line, String::with_capacity(DOC_WIDTH)));
            width = 0;
        }
        if width > 0 {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += word_width;
    }
    lines.push(line);
    lines
}

/// Splits a text into words. A code span is a part of one word.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut in_code = false;
    for (at, c) in text.char_indices() {
        in_code ^= c == '`';
        if c.is_whitespace() && !in_code {
            out.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    out.push(&text[start..]);
    out.retain(|word| !word.is_empty());
    out
}

/// Returns a text of the spec as markdown: code spans are kept, everything else is escaped.
#[must_use]
pub fn prose(text: &Text) -> String {
    escape(text.get(0), Dialect::Rustdoc)
}

/// Returns a text as a code span. The text can contain backticks.
#[must_use]
pub fn code(text: &str) -> String {
    markdown::code(text, Dialect::Rustdoc)
}

/// Returns a text with a full stop at the end, unless it ends with another mark.
#[must_use]
pub fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with(['.', '!', '?', '。']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Returns the rule of a type for the doc comment of an argument, e.g. `1 to 64 characters`; empty if it has none.
#[must_use]
pub fn rule_text(ty: &Type) -> String {
    let ends = |min: Option<String>, max: Option<String>, units: &str| {
        let last = max.as_deref().or(min.as_deref()).unwrap_or_default();
        let unit = match units {
            "" => String::new(),
            "entries" if last == "1" => " entry".to_owned(),
            _ if last == "1" => format!(" {}", units.trim_end_matches('s')),
            _ => format!(" {units}"),
        };
        match (&min, &max) {
            (Some(min), Some(max)) if min == max => format!("exactly {min}{unit}"),
            (Some(min), Some(max)) => format!("{min} to {max}{unit}"),
            (Some(min), None) => format!("at least {min}{unit}"),
            (None, Some(max)) => format!("at most {max}{unit}"),
            (None, None) => String::new(),
        }
    };
    let text = |end: Option<u64>| end.map(|end| end.to_string());
    match ty {
        Type::String(rule) | Type::Secret(rule) => {
            let length = ends(text(rule.min), text(rule.max), "characters");
            match &rule.pattern {
                Some(pattern) if length.is_empty() => format!("matches {}", code(pattern)),
                Some(pattern) => format!("{length}, matches {}", code(pattern)),
                None => length,
            }
        }
        Type::Int(rule) => ends(
            rule.min.map(|end| end.to_string()),
            rule.max.map(|end| end.to_string()),
            "",
        ),
        Type::List(_, rule) => ends(text(rule.min), text(rule.max), "elements"),
        Type::Map(_, rule) => ends(text(rule.min), text(rule.max), "entries"),
        Type::Duration(_, Some(forever)) => format!("forever is {} on the wire", code(&forever.to_string())),
        Type::Nullable(inner) => rule_text(inner),
        Type::Family(family) => format!("keys that begin with {}", code(&family.prefix)),
        _ => String::new(),
    }
}
