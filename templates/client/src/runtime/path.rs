//! Encoding of arguments in paths and queries, so that none can change the rest of the URL.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::Reason;
use super::request::{Argument, Text};

/// All characters except the unreserved ones of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Separates the elements of a list in a path, where some servers treat a bare comma specially.
const COMMA: &str = "%2C";

/// Fills the placeholders of a template such as `/users/{username}` with arguments, in order.
pub(crate) fn fill(
    template: &'static str,
    arguments: &[&dyn Argument],
) -> Result<Cow<'static, str>, (&'static str, Reason)> {
    if placeholder(template).is_none() {
        return Ok(template.into());
    }
    let mut filled = String::with_capacity(template.len() + 32);
    let mut has_dots = false;
    let mut rest = template;
    let mut arguments = arguments.iter();
    while let Some((before, name, after)) = placeholder(rest) {
        rest = after;
        filled.push_str(before);
        let start = filled.len();
        if let Some(argument) = arguments.next() {
            encode(&mut filled, *argument, COMMA).map_err(|reason| (name, reason))?;
        }
        if filled.len() == start {
            return Err((name, Reason::EmptySegment));
        }
        has_dots |= filled.as_bytes()[start] == b'.';
    }
    filled.push_str(rest);
    // HTTP clients and servers resolve these segments, even if they are percent-encoded.
    if has_dots {
        let mut segments = filled.split('/').zip(template.split('/'));
        if let Some((_, segment)) = segments.find(|(segment, _)| is_dots(segment)) {
            let name = placeholder(segment).map_or("path", |(_, name, _)| name);
            return Err((name, Reason::DotSegment));
        }
    }
    Ok(filled.into())
}

/// Splits a template at its first placeholder.
fn placeholder(template: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let start = memchr::memchr(b'{', template.as_bytes())?;
    let end = memchr::memchr(b'}', template.as_bytes())?;
    Some((&template[..start], &template[start + 1..end], &template[end + 1..]))
}

/// Returns `true` for the segments `.` and `..`.
pub(crate) fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

/// Appends the encoded text of an argument, with list elements joined by `comma`. Returns `true` if it has a value.
pub(crate) fn encode(out: &mut String, argument: &dyn Argument, comma: &str) -> Result<bool, Reason> {
    let mut has_value = false;
    let mut error = None;
    argument.each(&mut |Text { text, is_item, .. }| {
        if is_item && text.contains(',') {
            error = Some(Reason::Comma);
        } else if is_item && text.is_empty() {
            error.get_or_insert(Reason::EmptySegment);
        }
        if has_value {
            out.push_str(comma);
        }
        out.extend(encode_text(text));
        has_value = true;
    });
    error.map_or(Ok(has_value), Err)
}

/// Percent-encodes a name or value.
pub(crate) fn encode_text(text: &str) -> impl Iterator<Item = &str> {
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(argument: &dyn Argument) -> Result<String, Reason> {
        let filled = fill("/users/{username}/x", &[argument]);
        filled.map(Cow::into_owned).map_err(|(_, reason)| reason)
    }

    #[test]
    fn an_argument_is_one_segment() {
        for (argument, segment) in [
            ("alice", "alice"),
            ("A-z_0.9~", "A-z_0.9~"),
            ("a/b", "a%2Fb"),
            ("...", "..."),
            ("%2F", "%252F"),
            ("a?b#c", "a%3Fb%23c"),
            ("a b", "a%20b"),
            ("a,b", "a%2Cb"),
            ("a\r\nb", "a%0D%0Ab"),
            ("图书", "%E5%9B%BE%E4%B9%A6"),
        ] {
            assert_eq!(path(&argument), Ok(format!("/users/{segment}/x")), "{argument}");
        }
        assert_eq!(path(&""), Err(Reason::EmptySegment));
    }

    #[test]
    fn no_segment_consists_of_dots() {
        for dots in [".", ".."] {
            assert_eq!(path(&dots), Err(Reason::DotSegment));
        }
        let name = |template, argument: &str| fill(template, &[&argument, &"x"]).map_err(|(name, _)| name);
        assert_eq!(name("/a/{b}./{c}", "."), Err("b"));
        assert_eq!(name("/a/.{b}", "."), Err("b"));
        assert_eq!(name("/{b}/{c}", ".."), Err("b"));
        assert_eq!(name("/a/{b}.{c}", "").map_err(str::len), Err(1));
        assert_eq!(name("/a/{b}.json", ".").as_deref(), Ok("/a/..json"));
    }

    #[test]
    fn a_list_is_joined_by_commas() {
        assert_eq!(path(&vec!["a/b", "c"]).as_deref(), Ok("/users/a%2Fb%2Cc/x"));
        assert_eq!(path(&vec!["a,b"]), Err(Reason::Comma));
        assert_eq!(path(&vec!["a", ""]), Err(Reason::EmptySegment));
        assert_eq!(path(&Vec::<String>::new()), Err(Reason::EmptySegment));
        assert_eq!(path(&vec![".."]), Err(Reason::DotSegment));
    }
}
