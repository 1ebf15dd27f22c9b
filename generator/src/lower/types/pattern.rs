//! Portable regular expressions: those with the same meaning in the client and in ECMA-262, the dialect of OpenAPI.
//!
//! The client uses `regex-lite`. ECMA-262 is assumed to have the flag `u`, as JSON Schema recommends. Both match characters
//! rather than bytes or code units, and `\d`, `\w` and `\b` only cover ASCII.

use std::iter::Peekable;
use std::str::Chars;

/// Characters that can be escaped with a backslash.
const SYNTAX: &str = "^$\\.*+?()[]{}|/";

/// Letters whose escapes have the same meaning in both dialects: classes and control characters.
const LETTERS: &str = "dDwWtnrfv";

/// A part of a pattern that is not portable, and its replacement.
#[derive(Debug, PartialEq, Eq)]
pub struct Unportable {
    /// The part of the pattern.
    pub part: String,
    /// What to write instead.
    pub instead: &'static str,
}

impl Unportable {
    fn new(part: impl Into<String>, instead: &'static str) -> Self {
        let part = part.into();
        Self { part, instead }
    }
}

type Checked<T = ()> = Result<T, Unportable>;

/// Checks a pattern that `regex-lite` accepts.
///
/// # Errors
///
/// Returns the first part that has another meaning or no meaning in ECMA-262.
pub fn check(pattern: &str) -> Checked {
    let mut chars = pattern.chars().peekable();
    // Whether a quantifier can follow.
    let mut atom = false;
    while let Some(c) = chars.next() {
        atom = match c {
            '\\' => escape(&mut chars, false)?,
            '[' => class(&mut chars)?,
            '(' => group(&mut chars)?,
            '*' | '+' | '?' => quantifier(c.to_string(), atom, &mut chars)?,
            '{' => {
                let bounds = bounds(&mut chars)?;
                quantifier(bounds, atom, &mut chars)?
            }
            '.' => return Err(Unportable::new(".", "the allowed characters, or `[^\\n]`")),
            ']' | '}' => return Err(Unportable::new(c, "it with a backslash")),
            '^' | '$' | '|' => false,
            _ => true,
        };
    }
    Ok(())
}

/// Consumes the rest of an escape. Returns `true` if it matches a character.
fn escape(chars: &mut Peekable<Chars<'_>>, in_class: bool) -> Checked<bool> {
    let Some(c) = chars.next() else { return Ok(true) };
    let escaped = format!("\\{c}");
    match c {
        'b' | 'B' if !in_class => match chars.peek() {
            Some('{') => Err(Unportable::new(escaped + "{", "`\\b`")),
            _ => Ok(false),
        },
        's' | 'S' => Err(Unportable::new(escaped, "the whitespace characters, e.g. `[ \\t]`")),
        'x' => hex(chars, &escaped, 2),
        'u' => hex(chars, &escaped, 4),
        '-' if in_class => Ok(true),
        _ if SYNTAX.contains(c) || LETTERS.contains(c) => Ok(true),
        'A' => Err(Unportable::new(escaped, "`^`")),
        'z' | 'Z' => Err(Unportable::new(escaped, "`$`")),
        '<' | '>' => Err(Unportable::new(escaped, "`\\b`")),
        'p' | 'P' => Err(Unportable::new(escaped, "the characters themselves, e.g. `[a-zà-ÿ]`")),
        _ if c.is_ascii_punctuation() => Err(Unportable::new(escaped, "the character without the backslash")),
        _ => Err(Unportable::new(
            escaped,
            "the character itself, or `\\u` and four hexadecimal digits",
        )),
    }
}

/// Consumes the digits of `\x` and `\u`. Braces are not portable.
fn hex(chars: &mut Peekable<Chars<'_>>, escaped: &str, digits: usize) -> Checked<bool> {
    for _ in 0..digits {
        if !chars.next().is_some_and(|c| c.is_ascii_hexdigit()) {
            return Err(Unportable::new(escaped, "`\\u` and four hexadecimal digits"));
        }
    }
    Ok(true)
}

/// Consumes the rest of a class.
fn class(chars: &mut Peekable<Chars<'_>>) -> Checked<bool> {
    let negated = chars.next_if_eq(&'^').is_some();
    if chars.peek() == Some(&']') {
        let open = if negated { "[^]" } else { "[]" };
        return Err(Unportable::new(open, "`\\]` for a bracket in a class"));
    }
    while let Some(c) = chars.next() {
        match c {
            ']' => return Ok(true),
            '\\' => {
                escape(chars, true)?;
            }
            '[' => {
                return Err(Unportable::new(
                    c,
                    "`\\[` for a bracket, or the characters of the inner class",
                ));
            }
            '&' | '-' | '~' if chars.peek() == Some(&c) => {
                return Err(Unportable::new(format!("{c}{c}"), "a class without set operators"));
            }
            _ => {}
        }
    }
    Ok(true)
}

/// Consumes the beginning of a group, which must be `(` or `(?:`. Returns `false`: a quantifier cannot follow.
fn group(chars: &mut Peekable<Chars<'_>>) -> Checked<bool> {
    if chars.next_if_eq(&'?').is_none() {
        return Ok(false);
    }
    match chars.next() {
        Some(':') => Ok(false),
        other => {
            let part: String = ['(', '?'].into_iter().chain(other).collect();
            Err(Unportable::new(
                part,
                "a group without a name and flags: `(…)` or `(?:…)`",
            ))
        }
    }
}

/// Consumes the rest of `{2}`, `{2,}` or `{2,3}`. Returns the whole quantifier.
fn bounds(chars: &mut Peekable<Chars<'_>>) -> Checked<String> {
    let mut out = String::from("{");
    while let Some(c) = chars.next_if(|c| c.is_ascii_digit() || *c == ',') {
        out.push(c);
    }
    let closed = chars.next_if_eq(&'}').is_some();
    if !closed || !out[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Unportable::new(out, "`{2}`, `{2,}` or `{2,3}`, or `\\{` for a brace"));
    }
    out.push('}');
    Ok(out)
}

/// Consumes the rest of a quantifier, which can be lazy and must follow an atom. Returns `false`: no other can follow.
fn quantifier(text: String, after_atom: bool, chars: &mut Peekable<Chars<'_>>) -> Checked<bool> {
    if !after_atom {
        return Err(Unportable::new(
            text,
            "one quantifier after a character, a class or a group",
        ));
    }
    chars.next_if_eq(&'?');
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn accepts_patterns_with_the_same_meaning_in_both_dialects() {
        let patterns = [
            r"^[a-z0-9-]+$",
            r"^\d{4}-\d\d$",
            r"^(?:a|b)*?c{2,3}$",
            r"^[^\n\]]{1,}$",
            r"\bword\b",
            r"^\x41é[\-\[\]]\(\/$",
            r"",
        ];
        for pattern in patterns {
            assert!(regex_lite::Regex::new(pattern).is_ok(), "{pattern}");
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn rejects_patterns_with_different_meanings() {
        let patterns = [
            ("(?i)a", "(?i"),
            ("(?x) a", "(?x"),
            ("(?P<n>a)", "(?P"),
            ("[[:alpha:]]", "["),
            ("[]a]", "[]"),
            ("[^]a]", "[^]"),
            (r"\Aa\z", r"\A"),
            (r"a\z", r"\z"),
            (r"\<a", r"\<"),
            (r"\b{start}a", r"\b{"),
            (r"\s", r"\s"),
            ("a.c", "."),
            (r"\x{41}", r"\x"),
            (r"\u{41}", r"\u"),
            (r"\a", r"\a"),
            (r"\-", r"\-"),
            ("^*", "*"),
            ("a**", "*"),
            ("a{2}{3}", "{3}"),
            ("a]", "]"),
            ("a}", "}"),
        ];
        for (pattern, part) in patterns {
            assert!(regex_lite::Regex::new(pattern).is_ok(), "{pattern}");
            assert_eq!(
                check(pattern).map_err(|error| error.part),
                Err(part.to_owned()),
                "{pattern}"
            );
        }
    }
}
