//! Markdown that is safe by construction: only this module turns a text into [`Md`].
//!
//! One escaped form serves every place: paragraphs, headings, list items, link labels and table cells. It holds for
//! GitHub's dialect and for mdBook's, so braces (heading attributes) and dollars (mathematics) are escaped as well.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::Serialize;

/// Finished markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Md(String);

impl Md {
    /// A text in one line; what stands in backticks becomes code, all else is shown as it is.
    pub(super) fn text(text: &str) -> Self {
        let text = one_line(text);
        let backticks = text.matches('`').count();
        let mut out = String::with_capacity(text.len() + 8);
        for (i, part) in text.split('`').enumerate() {
            let is_last = i == backticks;
            let unpaired = backticks % 2 == 1;
            match (i % 2, part) {
                (1, part) if is_last && unpaired => {
                    out.push_str("&#96;");
                    push_text(&mut out, part);
                }
                (1, "") => out.push_str("&#96;&#96;"),
                (1, part) => push_code(&mut out, part),
                (_, part) => push_text(&mut out, part),
            }
        }
        Self(out)
    }

    /// A text of several paragraphs, one for each of its lines.
    pub(super) fn paragraphs(text: &str) -> Self {
        let paragraphs: Vec<String> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| Self::text(line).0)
            .collect();
        Self(paragraphs.join("\n\n"))
    }

    /// Inline code, whatever it holds.
    pub(super) fn code(content: &str) -> Self {
        let mut out = String::with_capacity(content.len() + 2);
        push_code(&mut out, &one_line(content));
        Self(out)
    }

    /// A link. `href` is made of page names and anchors, which need no escaping.
    pub(super) fn link(label: &Self, href: &str) -> Self {
        Self(format!("[{label}]({href})"))
    }

    /// A code block that its content cannot close; nothing where there is no content.
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

    /// A phrase of the catalogue with its placeholders (`{name}`) filled in.
    pub(super) fn phrase(template: &str, values: &[(&str, &Self)]) -> Self {
        Self(fill(template, |name| {
            values
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.0.clone())
        }))
    }

    /// Several pieces in a row.
    pub(super) fn join(pieces: &[Self], separator: &str) -> Self {
        let pieces: Vec<&str> = pieces
            .iter()
            .filter(|piece| !piece.is_empty())
            .map(|piece| piece.0.as_str())
            .collect();
        Self(pieces.join(separator))
    }

    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Md {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Fills the placeholders (`{name}`) of a phrase; one that has no value stays as it is.
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

/// One line without control characters, runs of blanks made one.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let is_blank = |c: char| c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    // Nearly all texts are such a line already.
    let mut words = text.split(' ');
    if text.is_empty() || words.all(|word| !word.is_empty() && !word.contains(is_blank)) {
        return Cow::Borrowed(text);
    }
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join(" "))
}

fn push_text(out: &mut String, text: &str) {
    let mut before = out.chars().next_back();
    let mut at_start = out.is_empty();
    let mut leading_number = at_start;
    for (i, c) in text.char_indices() {
        let rest = &text[i + c.len_utf8()..];
        match c {
            '\\' | '*' | '[' | ']' | '~' | '$' | '#' => push_escaped(out, c),
            '_' if !is_inside_word(before, rest) => push_escaped(out, c),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '{' | '}' | '|' | '@' | '`' => push_entity(out, c),
            // GitHub makes links of bare addresses.
            ':' if at_start || rest.starts_with("//") => push_entity(out, c),
            '.' if ends_with_www(out) => push_entity(out, c),
            '-' | '+' | '=' if at_start => push_escaped(out, c),
            '.' | ')' if leading_number && !at_start => push_escaped(out, c),
            _ => out.push(c),
        }
        leading_number &= c.is_ascii_digit();
        at_start = false;
        before = Some(c);
    }
}

fn push_escaped(out: &mut String, c: char) {
    out.push('\\');
    out.push(c);
}

fn push_entity(out: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(out, "&#{};", u32::from(c));
}

/// An underscore between letters never starts or ends emphasis.
fn is_inside_word(before: Option<char>, rest: &str) -> bool {
    before.is_some_and(char::is_alphanumeric) && rest.chars().next().is_some_and(char::is_alphanumeric)
}

fn ends_with_www(out: &str) -> bool {
    out.len()
        .checked_sub(3)
        .and_then(|at| out.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// A code span, or `<code>` where a span would end early, split a table cell or lose its blanks.
fn push_code(out: &mut String, content: &str) {
    let holds = !content.is_empty() && !content.contains(['|', '`']) && !content.ends_with('\\');
    if holds && content.trim() == content && !out.ends_with('`') {
        out.push('`');
        out.push_str(content);
        out.push('`');
    } else {
        out.push_str("<code>");
        push_text(out, content);
        out.push_str("</code>");
    }
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

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Md::text(text).0, expected);
    }

    #[test]
    fn plain_texts_stay_readable() {
        check(
            "Login name, 1-64 characters (e.g. `alice_1`).",
            "Login name, 1-64 characters (e.g. `alice_1`).",
        );
        check("user_id 用户_名", "user_id 用户_名");
        check("发送文本消息：`txt`。", "发送文本消息：`txt`。");
    }

    #[test]
    fn markup_is_shown_not_obeyed() {
        check(
            "<script>alert(1)</script> &lt;",
            "&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;",
        );
        check(
            "[a](b) ![c](d) *e* _f_ ~~g~~ $h$",
            "\\[a\\](b) !\\[c\\](d) \\*e\\* \\_f\\_ \\~\\~g\\~\\~ \\$h\\$",
        );
        check(
            "a {#id} {{#include x}}",
            "a &#123;\\#id&#125; &#123;&#123;\\#include x&#125;&#125;",
        );
        check("back\\slash", "back\\\\slash");
    }

    #[test]
    fn line_starts_are_not_block_markup() {
        check("# x", "\\# x");
        check("> x", "&gt; x");
        check("- x", "\\- x");
        check("+ x", "\\+ x");
        check("---", "\\---");
        check("===", "\\===");
        check("12. x", "12\\. x");
        check("1) x", "1\\) x");
        check(": x", "&#58; x");
        check("~~~", "\\~\\~\\~");
        check("1.5 a", "1\\.5 a");
        check("a 1. b", "a 1. b");
    }

    #[test]
    fn cells_and_lines_hold_together() {
        check("a | b\r\n\n| c", "a &#124; b &#124; c");
        check("`a|b` `c\\d`", "<code>a&#124;b</code> `c\\d`");
        check("a\u{0}b\u{2028}c", "a b c");
    }

    #[test]
    fn bare_addresses_are_no_links() {
        check(
            "https://evil.example www.evil.example",
            "https&#58;//evil.example www&#46;evil.example",
        );
        check("a@b.example", "a&#64;b.example");
    }

    #[test]
    fn stray_backticks_are_text() {
        check("a ` b", "a &#96; b");
        check("``", "&#96;&#96;");
        check("```<b>`", "&#96;&#96;`<b>`");
        check("`a``b`", "`a`<code>b</code>");
        check("``` html", "&#96;&#96;&#96; html");
    }

    #[test]
    fn code_holds_anything() {
        assert_eq!(Md::code("a`b").0, "<code>a&#96;b</code>");
        assert_eq!(Md::code("").0, "<code></code>");
        assert_eq!(Md::code("/users/{name}?a=*b*").0, "`/users/{name}?a=*b*`");
        assert_eq!(Md::code("</code>|*").0, "<code>&lt;/code&gt;&#124;\\*</code>");
        assert_eq!(Md::code("a\\").0, "<code>a\\\\</code>");
    }

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
    fn unknown_placeholders_stay() {
        assert_eq!(Md::phrase("{x} {", &[]).0, "{x} {");
    }
}
