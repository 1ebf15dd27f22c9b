//! Plain texts of the spec as markdown, which is what descriptions are read as.

/// Escapes everything that markdown or HTML would interpret, except code between backticks.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, code, after)) = next_code(rest) {
        prose(&mut out, before);
        out.push('`');
        out.push_str(&no_comment_end(code));
        out.push('`');
        rest = after;
    }
    prose(&mut out, rest);
    out
}

fn next_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    (!code.is_empty()).then_some((before, code, after))
}

/// Client generators put descriptions into comments, which `*/` would end.
fn no_comment_end(code: &str) -> String {
    code.replace("*/", "* /")
}

fn prose(out: &mut String, text: &str) {
    let mut previous = out.chars().next_back().unwrap_or('\n');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or('\n');
        let word_inside = previous.is_alphanumeric() && next.is_alphanumeric();
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' if next.is_alphanumeric() || next == '#' => out.push_str("&amp;"),
            '*' if next == '/' => out.push_str("\\* "),
            '*' | '[' | ']' | '~' | '`' => out.extend(['\\', c]),
            '_' if !word_inside => out.push_str("\\_"),
            '\\' if next.is_ascii_punctuation() => out.push_str("\\\\"),
            '#' | '-' | '+' if previous == '\n' => out.extend(['\\', c]),
            c => out.push(c),
        }
        previous = c;
    }
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[test]
    fn escapes_prose_and_keeps_code() {
        assert_eq!(
            markdown("a <b> & `c<d>` x_y _z_ [l](u)"),
            "a &lt;b&gt; & `c<d>` x_y \\_z\\_ \\[l\\](u)"
        );
        assert_eq!(markdown("# no `*/` and `open"), "\\# no `* /` and \\`open");
        assert_eq!(markdown("&lt; a*/b"), "&amp;lt; a\\* /b");
    }
}
