//! JSON values as literals of a programming language.

use crate::ir::Json;

/// The longest value that is written in one line.
const MAX_WIDTH: usize = 60;

/// The literals of a language. Strings and numbers are those of JSON.
pub(super) struct Literals {
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) null: &'static str,
    /// The number of spaces for each level.
    pub(super) indent: usize,
    /// Whether a comma follows the last of several lines.
    pub(super) trailing_comma: bool,
}

/// Returns a value as a literal. A long one has a line for each element, indented by at least `margin` spaces.
pub(super) fn print(value: &Json, literals: &Literals, margin: usize) -> String {
    let line = in_one_line(value, literals);
    let (open, elements, close) = match value {
        _ if line.chars().count() <= MAX_WIDTH => return line,
        Json::Array(items) => (
            '[',
            items.iter().map(|item| (String::new(), item)).collect::<Vec<_>>(),
            ']',
        ),
        Json::Object(entries) => (
            '{',
            entries.iter().map(|(key, value)| (prefix(key), value)).collect(),
            '}',
        ),
        _ => return line,
    };
    let inner = margin + literals.indent;
    let lines: Vec<String> = elements
        .into_iter()
        .map(|(prefix, value)| format!("{:inner$}{prefix}{}", "", print(value, literals, inner)))
        .collect();
    let comma = if literals.trailing_comma { "," } else { "" };
    format!("{open}\n{}{comma}\n{:margin$}{close}", lines.join(",\n"), "")
}

/// Returns an object with one line for each of several entries.
pub(super) fn object(entries: &[String], literals: &Literals, margin: usize) -> String {
    if let [entry] = entries {
        return format!("{{{entry}}}");
    }
    let lines = lines(entries, margin + literals.indent);
    format!("{{\n{lines}{:margin$}}}", "")
}

/// Returns a line for each entry, which ends with a comma.
pub(super) fn lines(entries: &[String], indent: usize) -> String {
    let lines = entries.iter().map(|entry| format!("{:indent$}{entry},\n", ""));
    lines.collect::<Vec<_>>().concat()
}

/// Returns a string as a literal.
pub(super) fn string(text: &str) -> String {
    Json::from(text).to_string()
}

fn prefix(key: &str) -> String {
    string(key) + ": "
}

fn in_one_line(value: &Json, literals: &Literals) -> String {
    match value {
        Json::Null => literals.null.to_owned(),
        Json::Bool(true) => literals.yes.to_owned(),
        Json::Bool(false) => literals.no.to_owned(),
        Json::Number(_) | Json::String(_) => value.to_string(),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| in_one_line(item, literals)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(entries) => {
            let entries = entries.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| prefix(key) + &in_one_line(value, literals))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}
