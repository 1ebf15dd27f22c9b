//! What an operation is made of, as its text says.

use super::places::{self, Entry, Place};
use super::spec::Operation;

/// The lines of the operation that hold a type: parameters, fields and results.
pub fn lines(operation: &Operation<'_>) -> Vec<Place> {
    let keys = ["path", "query", "headers", "body", "form", "multipart"];
    let declared = keys.into_iter().flat_map(|key| operation.fields(key));
    let lines = declared.chain(results(operation)).map(|entry| entry.value);
    lines
        .filter(|line| !line.is_empty() && !operation.at(line).starts_with('>'))
        .collect()
}

/// The results; one that has no name has an empty key.
pub fn results(operation: &Operation<'_>) -> Vec<Entry> {
    let Some(result) = operation.get("result") else {
        return Vec::new();
    };
    let value = result.value;
    if operation.text[result.key.end..value.start].contains('\n') {
        return places::entries(operation.text, &value);
    }
    vec![Entry {
        key: value.start..value.start,
        value,
    }]
}

/// The place that a result states, or else its name.
pub fn place_of(operation: &Operation<'_>, result: &Entry) -> Place {
    let text = operation.at(&result.value);
    let Some(stated) = text.split(" -- ").next().and_then(|head| head.find(" in ")) else {
        let name = operation.at(&result.key).trim_end_matches('?').len();
        return result.key.start..result.key.start + name;
    };
    let start = result.value.start + stated + 4;
    let length = text[stated + 4..].find(' ').unwrap_or(text.len() - stated - 4);
    start..start + length
}

/// The name of the first type of a line that can be misspelt.
pub fn type_word(operation: &Operation<'_>, line: &Place) -> Option<Place> {
    let text = operation.at(line);
    let at = text.len() - text.trim_start_matches("map<").len();
    let text = &text[at..];
    if text.starts_with("const ") {
        return None;
    }
    let length = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (length > 0).then(|| line.start + at..line.start + at + length)
}

/// A value that the type of a line cannot be.
pub fn wrong_value(operation: &Operation<'_>, line: &Place) -> Option<&'static str> {
    let word = type_word(operation, line).map(|word| operation.at(&word));
    let ty = operation.at(line).split(" -- ").next()?.split(" = ").next()?;
    let ty = ty.split(" in ").next()?;
    let is_scalar = match word {
        _ if ty.contains(']') || ty.starts_with("map<") => false,
        Some("json") => return None,
        Some("object" | "file") => false,
        Some(name) if name.starts_with(|c: char| c.is_uppercase()) => operation.spec.is_scalar(name),
        Some(_) => true,
        None if ty.starts_with("const ") => true,
        None => return None,
    };
    Some(if is_scalar { "[7]" } else { "7" })
}

/// The key under which the body is declared, if its examples are YAML.
pub fn body_kind(operation: &Operation<'_>) -> Option<&'static str> {
    ["body", "multipart"]
        .into_iter()
        .find(|kind| operation.get(kind).is_some())
}

/// The name of a field on the wire.
pub fn wire_name(key: &str) -> &str {
    let key = key.trim_end_matches('?').trim_start_matches(['+', '=']);
    let key = key.rsplit(" = ").next().unwrap_or(key);
    key.split('|').next().unwrap_or(key)
}

/// Name and value of an argument in the query of an example.
pub fn argument(operation: &Operation<'_>, example: &Place, name: &str) -> Option<Entry> {
    let request = operation.in_example(example, "request")?;
    let text = operation.at(&request);
    let query = text.find('?')? + 1;
    let mut start = request.start + query;
    for pair in text[query..].split('&') {
        let key = start..start + pair.split('=').next()?.len();
        if operation.at(&key) == name {
            return Some(Entry {
                value: key.end + 1..start + pair.len(),
                key,
            });
        }
        start += pair.len() + 1;
    }
    None
}

/// Of each segment of the path: whether it is fixed.
pub fn literals(operation: &Operation<'_>) -> Vec<bool> {
    let route = operation.get("route").map_or("", |entry| operation.at(&entry.value));
    route
        .split('/')
        .skip(1)
        .map(|segment| !segment.starts_with('{'))
        .collect()
}

/// An entry of a block with the line break before it.
pub fn line_of(operation: &Operation<'_>, entry: &Entry) -> Place {
    let end = entry.value.end.max(entry.key.end + 1);
    places::line_start(operation.text, entry.key.start) - 1..end
}

/// An entry in brackets with the comma that goes with it.
pub fn with_comma(text: &str, entry: &Place) -> Place {
    match text[entry.end..].strip_prefix(", ") {
        Some(_) => entry.start..entry.end + 2,
        None if text[..entry.start].ends_with(", ") => entry.start - 2..entry.end,
        None => entry.clone(),
    }
}
