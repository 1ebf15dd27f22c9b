//! Writes YAML that all readers interpret in the same way.
//!
//! Readers of YAML 1.1 and 1.2 disagree on plain scalars such as `no`, `2024-01-01`, `22:30`, `0o7` or `1e3`. Other writers
//! leave some of them unquoted and have no option to quote them, so this one quotes everything that does not begin like a word.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};

/// Returns the document as YAML.
pub(super) fn write(document: &impl Serialize) -> String {
    let mut layout = Layout::default();
    let mut serializer = serde_json::Serializer::with_formatter(io::sink(), &mut layout);
    // This fails only for a key that is not a string, and the document has none.
    let _ = document.serialize(&mut serializer);
    layout.out + "\n"
}

/// Longest key that readers must accept without the explicit `? ` form.
const LONGEST_KEY: usize = 1000;

/// Formats the output of `serde_json` as YAML. Line breaks come before entries, never after them.
#[derive(Default)]
struct Layout {
    out: String,
    /// The number of open lists and mappings.
    depth: usize,
    /// Whether the innermost of them is empty so far.
    is_empty: bool,
    /// Whether the next value follows a key, rather than a dash or the start of the document.
    after_key: bool,
    is_key: bool,
    /// The string that is being written.
    text: String,
}

impl Layout {
    fn open(&mut self) {
        self.depth += 1;
        self.is_empty = true;
    }

    fn close(&mut self, empty: &str) {
        self.depth -= 1;
        if std::mem::take(&mut self.is_empty) {
            self.scalar(empty);
        }
    }

    /// Starts the next entry of the innermost list or mapping.
    fn next(&mut self) {
        // The first entry after a dash, or of the document, is on the current line.
        if !std::mem::take(&mut self.is_empty) || self.after_key {
            self.line(2 * (self.depth - 1));
        }
        self.after_key = false;
    }

    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// Writes a value on the current line.
    fn scalar(&mut self, value: &str) {
        if std::mem::take(&mut self.after_key) {
            self.out.push(' ');
        }
        self.out.push_str(value);
    }

    fn key(&mut self, key: &str) {
        if key.len() > LONGEST_KEY {
            self.out.push_str("? ");
            quoted(&mut self.out, key);
            self.line(2 * (self.depth - 1));
        } else {
            quoted(&mut self.out, key);
        }
        self.out.push(':');
    }

    fn string(&mut self, text: &str) {
        if !fits_literal(text) {
            self.scalar("");
            quoted(&mut self.out, text);
            return;
        }
        self.scalar("|-");
        for line in text.split('\n') {
            self.line(if line.is_empty() { 0 } else { 2 * self.depth });
            self.out.push_str(line);
        }
    }
}

/// Defines methods that write a value as `Display` does.
macro_rules! plain {
    ($($method:ident($ty:ty)),*) => {
        $(fn $method<W: ?Sized + Write>(&mut self, _: &mut W, value: $ty) -> io::Result<()> {
            self.scalar(&value.to_string());
            Ok(())
        })*
    };
}

impl Formatter for &mut Layout {
    plain!(
        write_bool(bool),
        write_i8(i8),
        write_i16(i16),
        write_i32(i32),
        write_i64(i64),
        write_i128(i128)
    );
    plain!(
        write_u8(u8),
        write_u16(u16),
        write_u32(u32),
        write_u64(u64),
        write_u128(u128)
    );

    fn write_null<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.scalar("null");
        Ok(())
    }

    fn write_f32<W: ?Sized + Write>(&mut self, to: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(to, value.into())
    }

    fn write_f64<W: ?Sized + Write>(&mut self, _: &mut W, value: f64) -> io::Result<()> {
        self.scalar(&portable_number(&serde_json::Value::from(value).to_string()));
        Ok(())
    }

    fn begin_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.text.clear();
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, _: &mut W, fragment: &str) -> io::Result<()> {
        self.text.push_str(fragment);
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, _: &mut W, escape: CharEscape) -> io::Result<()> {
        self.text.push(match escape {
            CharEscape::Quote => '"',
            CharEscape::ReverseSolidus => '\\',
            CharEscape::Solidus => '/',
            CharEscape::Backspace => '\u{8}',
            CharEscape::FormFeed => '\u{c}',
            CharEscape::LineFeed => '\n',
            CharEscape::CarriageReturn => '\r',
            CharEscape::Tab => '\t',
            CharEscape::AsciiControl(byte) => char::from(byte),
        });
        Ok(())
    }

    fn end_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        if self.is_key {
            self.key(&text);
        } else {
            self.string(&text);
        }
        self.text = text;
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.open();
        Ok(())
    }

    fn end_array<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.close("[]");
        Ok(())
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, _: &mut W, _: bool) -> io::Result<()> {
        self.next();
        self.out.push_str("- ");
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.open();
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.close("{}");
        Ok(())
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, _: &mut W, _: bool) -> io::Result<()> {
        self.next();
        self.is_key = true;
        Ok(())
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_key = false;
        Ok(())
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.after_key = true;
        Ok(())
    }
}

/// Writes a float with a dot and a signed exponent, which YAML 1.1 requires.
fn portable_number(digits: &str) -> String {
    let Some((mantissa, exponent)) = digits.split_once(['e', 'E']) else {
        return digits.to_owned();
    };
    let dot = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    format!("{mantissa}{dot}e{sign}{exponent}")
}

/// Returns `true` if a block scalar preserves the text.
fn fits_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.ends_with('\n')
        && !text.starts_with(['\n', ' ', '\t'])
        && text.chars().all(|c| c == '\n' || is_printable(c))
        && text
            .split('\n')
            .all(|line| !line.ends_with(' ') && !line.starts_with(' '))
}

/// Writes a string on one line, without quotes only if all readers interpret it as a string.
fn quoted(out: &mut String, text: &str) {
    if !text
        .bytes()
        .enumerate()
        .all(|(at, byte)| is_printable_at(text, at, byte))
    {
        escape(out, text);
    } else if is_word_like(text) {
        out.push_str(text);
    } else {
        out.push('\'');
        for (position, part) in text.split('\'').enumerate() {
            out.push_str(if position > 0 { "''" } else { "" });
            out.push_str(part);
        }
        out.push('\'');
    }
}

/// Returns `true` if all readers interpret a printable text as a string without quotes.
fn is_word_like(text: &str) -> bool {
    const RESERVED: [&str; 11] = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan",
    ];
    text.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '$' || c == '_')
        && !text.ends_with([' ', ':'])
        && !text.as_bytes().windows(2).any(|pair| matches!(pair, b": " | b" #"))
        && !RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns `true` if the character that begins at a byte is printable. Only characters that may not be are decoded.
fn is_printable_at(text: &str, at: usize, byte: u8) -> bool {
    match byte {
        b' '..=b'~' => true,
        0xC2 | 0xE2 | 0xEF => text[at..].chars().next().is_some_and(is_printable),
        _ => !byte.is_ascii(),
    }
}

fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

fn escape(out: &mut String, text: &str) {
    out.push('"');
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
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::write;
    use crate::ir::Json;

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
