//! Escapes texts of the spec for the markdown readers of the outputs.
//!
//! A text of the spec is plain, except that words in backticks are code.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A reader of markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Doc comments, read by rustdoc.
    Rustdoc,
    /// Descriptions of an OpenAPI document, which client generators also copy into comments.
    Description,
    /// Pages of the docs, read by GitHub and mdBook.
    ///
    /// The escaped form is valid in paragraphs, headings, list items, link labels and table cells.
    Page,
}

/// Escapes a text, in which words in backticks become code. An unmatched last backtick is text.
///
/// Except in a [`Dialect::Description`], the result is one line.
#[must_use]
pub fn escape(text: &str, dialect: Dialect) -> String {
    let text = dialect.prepare(text);
    let backticks = text.matches('`').count();
    let mut out = String::with_capacity(text.len() + 8);
    for (i, part) in text.split('`').enumerate() {
        let is_code = i % 2 == 1;
        if is_code && i == backticks {
            push_text(&mut out, "`", dialect);
            push_text(&mut out, part, dialect);
        } else if is_code && part.is_empty() {
            push_text(&mut out, "``", dialect);
        } else if is_code {
            push_code(&mut out, part, dialect);
        } else {
            push_text(&mut out, part, dialect);
        }
    }
    out
}

/// Returns a text as inline code. The text may contain backticks.
#[must_use]
pub fn code(text: &str, dialect: Dialect) -> String {
    let text = dialect.prepare(text);
    let mut out = String::with_capacity(text.len() + 2);
    push_code(&mut out, &text, dialect);
    out
}

/// Joins the lines of a text, and replaces control characters and runs of spaces by one space.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if is_plain_line(text) {
        return Cow::Borrowed(text);
    }
    let is_blank = |c: char| c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let mut words = text.split(' ');
    if text.is_empty() || words.all(|word| !word.is_empty() && !word.contains(is_blank)) {
        return Cow::Borrowed(text);
    }
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join(" "))
}

/// Returns `true` only if [`one_line`] would not change the text. May return `false` for such a text, too.
fn is_plain_line(text: &str) -> bool {
    let mut before = b' ';
    for byte in text.bytes() {
        // U+0080 to U+009F begin with the byte 0xC2, U+2028 and U+2029 with 0xE2.
        let may_change = byte.is_ascii_control() || matches!(byte, 0xC2 | 0xE2);
        if may_change || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    before != b' '
}

/// How a character of prose is written.
enum Form {
    Plain,
    /// With a backslash before it.
    Backslash,
    /// As an HTML entity.
    Entity,
}

impl Dialect {
    fn prepare(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Rustdoc | Self::Page => one_line(text),
            // `*/` would end a comment.
            Self::Description if text.contains("*/") => Cow::Owned(text.replace("*/", "* /")),
            Self::Description => Cow::Borrowed(text),
        }
    }

    /// Returns the form of a character between the text `before`, which is escaped, and `after`, which is not.
    fn form(self, before: &str, c: char, after: &str) -> Form {
        match self {
            Self::Rustdoc => match c {
                '[' | ']' | '<' | '>' | '&' | '*' | '_' | '`' | '\\' | '#' | '|' | '~' => Form::Backslash,
                _ => Form::Plain,
            },
            Self::Description => match c {
                '*' | '[' | ']' | '~' | '`' => Form::Backslash,
                '_' if !is_inside_word(before, after) => Form::Backslash,
                '\\' if after.starts_with(|next: char| next.is_ascii_punctuation()) => Form::Backslash,
                '#' | '-' | '+' if starts_line(before) => Form::Backslash,
                '<' | '>' => Form::Entity,
                '&' if after.starts_with(|next: char| next.is_alphanumeric() || next == '#') => Form::Entity,
                _ => Form::Plain,
            },
            Self::Page => match c {
                '\\' | '*' | '[' | ']' | '~' | '$' | '#' => Form::Backslash,
                '_' if !is_inside_word(before, after) => Form::Backslash,
                '-' | '+' | '=' if starts_line(before) => Form::Backslash,
                '.' | ')' if is_list_number(before) => Form::Backslash,
                '<' | '>' | '&' | '{' | '}' | '|' | '@' | '`' => Form::Entity,
                // mdBook reads a colon at the start as a definition, and GitHub links bare addresses.
                ':' if starts_line(before) || after.starts_with("//") => Form::Entity,
                '.' if ends_with_www(before) => Form::Entity,
                _ => Form::Plain,
            },
        }
    }

    /// Returns `true` if a code span can contain a text without backticks.
    fn spans(self, text: &str) -> bool {
        match self {
            Self::Rustdoc | Self::Description => true,
            // A `|` would end a table cell, and a code span in a cell would lose its spaces.
            Self::Page => !text.contains('|') && !text.ends_with('\\') && text.trim() == text,
        }
    }
}

fn push_text(out: &mut String, text: &str, dialect: Dialect) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        // Only punctuation has a form other than the plain one.
        if !byte.is_ascii_punctuation() {
            continue;
        }
        out.push_str(&text[copied..at]);
        copied = at + 1;
        let c = char::from(byte);
        match dialect.form(out, c, &text[copied..]) {
            Form::Plain => out.push(c),
            Form::Backslash => out.extend(['\\', c]),
            Form::Entity => push_entity(out, c),
        }
    }
    out.push_str(&text[copied..]);
}

/// Appends a code span, or a `<code>` element if a span cannot contain the text.
fn push_code(out: &mut String, text: &str, dialect: Dialect) {
    let is_span = !text.is_empty() && !text.contains('`') && !out.ends_with('`') && dialect.spans(text);
    if is_span {
        out.push('`');
        out.push_str(text);
        out.push('`');
    } else {
        out.push_str("<code>");
        push_text(out, text, dialect);
        out.push_str("</code>");
    }
}

fn push_entity(out: &mut String, c: char) {
    match c {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        _ => {
            // Writing to a string cannot fail.
            let _ = write!(out, "&#{};", u32::from(c));
        }
    }
}

fn starts_line(before: &str) -> bool {
    before.is_empty() || before.ends_with('\n')
}

/// Returns `true` if the line consists of digits so far, which a `.` or `)` would make the number of a list item.
fn is_list_number(before: &str) -> bool {
    let rest = before.trim_end_matches(|c: char| c.is_ascii_digit());
    rest.len() < before.len() && starts_line(rest)
}

/// Returns `true` if an underscore is between letters, where it never starts or ends emphasis.
fn is_inside_word(before: &str, after: &str) -> bool {
    before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric)
}

fn ends_with_www(before: &str) -> bool {
    before
        .len()
        .checked_sub(3)
        .and_then(|at| before.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::Dialect::{Description, Page, Rustdoc};
    use super::{code, escape};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escape(text, Page), expected);
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
    fn markup_is_shown_as_text() {
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
    fn bare_addresses_are_not_linked() {
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
    fn code_contains_any_text() {
        assert_eq!(code("a`b", Page), "<code>a&#96;b</code>");
        assert_eq!(code("", Page), "<code></code>");
        assert_eq!(code("/users/{name}?a=*b*", Page), "`/users/{name}?a=*b*`");
        assert_eq!(code("</code>|*", Page), "<code>&lt;/code&gt;&#124;\\*</code>");
        assert_eq!(code("a\\", Page), "<code>a\\\\</code>");
    }

    #[test]
    fn descriptions_end_no_comment() {
        let check = |text, expected: &str| assert_eq!(escape(text, Description), expected);
        check(
            "a <b> & `c<d>` x_y _z_ [l](u)",
            "a &lt;b&gt; & `c<d>` x_y \\_z\\_ \\[l\\](u)",
        );
        check("# no `*/` and `open", "\\# no `* /` and \\`open");
        check("&lt; a*/b", "&amp;lt; a\\* /b");
        check("a\n- b", "a\n\\- b");
    }

    #[test]
    fn doc_comments_are_one_line() {
        assert_eq!(escape("a_b\n<c> `d_e` `f", Rustdoc), "a\\_b \\<c\\> `d_e` \\`f");
        assert_eq!(code("^a|b`$", Rustdoc), "<code>^a\\|b\\`$</code>");
    }
}
