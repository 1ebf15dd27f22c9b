//! Writes YAML that every reader reads alike.
//!
//! Readers of YAML 1.1 and 1.2 disagree on bare words such as `no`, `2024-01-01`, `22:30`, `0o7` or `1e3`. General writers
//! leave some of them bare and offer no way to ask for quotes, so this one quotes whatever does not begin like a word.

use std::fmt::Write as _;

use crate::ir::Json;

/// The document as YAML text.
pub(super) fn write(document: &Json) -> String {
    let mut out = String::new();
    block(&mut out, document, 0);
    out
}

/// Longest key that readers must accept without the explicit `? ` form.
const LONGEST_KEY: usize = 1000;

/// A value from the start of a line, or behind the dash of a list, ending with a line break.
fn block(out: &mut String, value: &Json, indent: usize) {
    match value {
        Json::Object(entries) if !entries.is_empty() => {
            for (position, (key, value)) in entries.iter().enumerate() {
                if position > 0 {
                    pad(out, indent);
                }
                entry(out, key, value, indent);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    pad(out, indent);
                }
                out.push_str("- ");
                block(out, item, indent + 2);
            }
        }
        Json::String(text) => string(out, text, indent),
        scalar => {
            out.push_str(&plain(scalar));
            out.push('\n');
        }
    }
}

fn entry(out: &mut String, key: &str, value: &Json, indent: usize) {
    let long = key.len() > LONGEST_KEY;
    if long {
        out.push_str("? ");
    }
    out.push_str(&quoted(key));
    if long {
        out.push('\n');
        pad(out, indent);
    }
    out.push(':');
    let nested = match value {
        Json::Object(entries) => !entries.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => false,
    };
    if nested {
        out.push('\n');
        pad(out, indent + 2);
    } else {
        out.push(' ');
    }
    block(out, value, indent + 2);
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A value that fits on the line, strings apart.
fn plain(value: &Json) -> String {
    match value {
        Json::Object(_) => "{}".to_owned(),
        Json::Array(_) => "[]".to_owned(),
        Json::Number(number) => portable_number(&number.to_string()),
        other => other.to_string(),
    }
}

/// YAML 1.1 knows a float by its dot and by the sign of its exponent.
fn portable_number(digits: &str) -> String {
    let Some((mantissa, exponent)) = digits.split_once(['e', 'E']) else {
        return digits.to_owned();
    };
    let dot = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    format!("{mantissa}{dot}e{sign}{exponent}")
}

fn string(out: &mut String, text: &str, indent: usize) {
    if fits_literal(text) {
        out.push_str("|-\n");
        for line in text.split('\n') {
            if !line.is_empty() {
                pad(out, indent);
                out.push_str(line);
            }
            out.push('\n');
        }
    } else {
        out.push_str(&quoted(text));
        out.push('\n');
    }
}

/// Whether a block of lines keeps the text as it is.
fn fits_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.ends_with('\n')
        && !text.starts_with(['\n', ' ', '\t'])
        && text.chars().all(|c| c == '\n' || is_printable(c))
        && text
            .split('\n')
            .all(|line| !line.ends_with(' ') && !line.starts_with(' '))
}

/// A string on one line, bare only where no reader can take it for anything else.
fn quoted(text: &str) -> String {
    if is_word_like(text) {
        text.to_owned()
    } else if text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        escaped(text)
    }
}

fn is_word_like(text: &str) -> bool {
    const RESERVED: [&str; 11] = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan",
    ];
    text.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '$' || c == '_')
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(|c| is_printable(c) && c != '\t')
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Json, write};

    #[test]
    fn survives_a_round_trip() {
        let document = json!({
            "200": "404", "yes": "no", "on": "Off", "date": "2024-02-30", "time": "22:30", "octal": "0o7", "zero": "007",
            "float": 1e21, "small": 1.5e-9, "int": -3, "tilde": "~", "empty": "", "blank": " ", "colon": "a: b", "end": "a:",
            "hash": "a #b", "quote": "it's \"so\"", "dash": "- x", "lines": "one\n\ntwo", "odd lines": "one \n two\n",
            "bell": "\u{7}\u{85}\u{2028}", "emoji": "好 🦀", "none": null, "object": {}, "array": [], "nested": [[1, [2]], {"a": [{"b": 1}]}],
            "tab": "a\tb", "pattern": "^\\d+'$", "$ref": "#/x", "=": "=", "<<": "<<", "!": "!x", "%": "%x", "key: x": 1,
        });
        let read: Json = serde_yaml::from_str(&write(&document)).expect("the YAML is read");
        assert_eq!(read, document);
    }

    #[test]
    fn writes_long_keys_explicitly() {
        let document = json!({"k".repeat(2000): {"a": 1}, "b": "k".repeat(2000)});
        let text = write(&document);
        assert!(text.starts_with("? kk"));
        let read: Json = serde_yaml::from_str(&text).expect("the YAML is read");
        assert_eq!(read, document);
    }
}
