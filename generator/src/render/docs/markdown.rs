//! Markdown that is safe by construction: only this module turns a text into [`Md`].

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::render::markdown::{self, Dialect};

/// Escaped markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Md(String);

impl Md {
    /// Escapes a text and joins its lines. Words in backticks become code.
    pub(super) fn text(text: &str) -> Self {
        Self(markdown::escape(text, Dialect::Page))
    }

    /// Escapes a text of several paragraphs, one for each of its lines.
    pub(super) fn paragraphs(text: &str) -> Self {
        let paragraphs: Vec<String> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| Self::text(line).0)
            .collect();
        Self(paragraphs.join("\n\n"))
    }

    /// Returns inline code. The content may contain any character.
    pub(super) fn code(content: &str) -> Self {
        Self(markdown::code(content, Dialect::Page))
    }

    /// Returns a link. `href` consists of page names and anchors, which need no escaping.
    pub(super) fn link(label: &Self, href: &str) -> Self {
        Self(format!("[{label}]({href})"))
    }

    /// Returns a code block with a fence that is longer than any in the content. Returns nothing if the content is empty.
    pub(super) fn fence(info: &str, content: &str) -> Self {
        let content = content.trim_matches(['\n', '\r']);
        if content.is_empty() {
            return Self::default();
        }
        let fence = "`".repeat(longest_run(content, b'`').max(2) + 1);
        let content = if content.bytes().any(|byte| matches!(byte, b'\r' | 0)) {
            Cow::Owned(content.replace("\r\n", "\n").replace(['\r', '\0'], "\u{fffd}"))
        } else {
            Cow::Borrowed(content)
        };
        Self(format!("{fence}{info}\n{content}\n{fence}"))
    }

    /// Fills the placeholders (`{name}`) of a phrase in the catalogue.
    pub(super) fn phrase(template: &str, values: &[(&str, &Self)]) -> Self {
        Self(fill(template, |name| {
            values
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.0.clone())
        }))
    }

    /// Joins the pieces that are not empty.
    pub(super) fn join(pieces: &[Self], separator: &str) -> Self {
        let pieces: Vec<&str> = pieces
            .iter()
            .filter(|piece| !piece.is_empty())
            .map(|piece| piece.0.as_str())
            .collect();
        Self(pieces.join(separator))
    }

    /// Returns `true` if there is no text.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Md {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Fills the placeholders (`{name}`) of a phrase. A placeholder without a value is kept.
pub(super) fn fill(template: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let filled = after
            .split_once('}')
            .and_then(|(name, tail)| Some((value(name)?, tail)));
        if let Some((value, tail)) = filled {
            out.push_str(&value);
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out + rest
}

fn longest_run(text: &str, of: u8) -> usize {
    let runs = text.bytes().scan(0, |run, byte| {
        *run = if byte == of { *run + 1 } else { 0 };
        Some(*run)
    });
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_outlast_their_content() {
        assert_eq!(Md::fence("json", "{}\n").0, "```json\n{}\n```");
        assert_eq!(Md::fence("text", "```\n````\n").0, "`````text\n```\n````\n`````");
        assert!(Md::fence("sh", "\n").is_empty());
    }

    #[test]
    fn phrases_are_filled_once() {
        let value = Md::text("{b}");
        assert_eq!(
            Md::phrase("x {a} y {b", &[("a", &value), ("b", &value)]).0,
            "x &#123;b&#125; y {b"
        );
    }

    #[test]
    fn unknown_placeholders_are_kept() {
        assert_eq!(Md::phrase("{x} {", &[]).0, "{x} {");
    }
}
