//! JavaScript programs for Node.js that use `fetch`.

use std::collections::BTreeSet;

use super::literal::{self, Literals, string};
use super::{Part, Piece, Request};
use crate::ir::{ExampleBody, Json};

const JAVASCRIPT: Literals = Literals {
    yes: "true",
    no: "false",
    null: "null",
    indent: 2,
    trailing_comma: true,
};

/// The largest integer up to which `number` represents every one.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

pub(super) fn print(request: &Request<'_>) -> String {
    let (form, body) = match request.body {
        ExampleBody::None => (String::new(), None),
        ExampleBody::Json(json) if has_large_number(json) => (String::new(), Some(string(&json.to_string()))),
        ExampleBody::Json(json) => {
            let json = literal::print(json, &JAVASCRIPT, 2);
            (String::new(), Some(format!("JSON.stringify({json})")))
        }
        ExampleBody::Form(form) => (String::new(), Some(string(form))),
        ExampleBody::Multipart(parts) => (form(parts), Some("form".to_owned())),
    };
    let mut options = Vec::new();
    if request.method != "GET" {
        options.push(format!("method: {}", string(request.method)));
    }
    let headers = request.headers(template, request.media_type());
    if !headers.is_empty() {
        options.push(format!("headers: {}", literal::object(&headers, &JAVASCRIPT, 2)));
    }
    options.extend(body.map(|body| format!("body: {body}")));
    let options = if options.is_empty() {
        String::new()
    } else {
        format!(", {{\n{}}}", literal::lines(&options, JAVASCRIPT.indent))
    };
    let output = if request.is_download {
        "await writeFile(\"download\", Buffer.from(await response.arrayBuffer()));\n"
    } else {
        "console.log(response.status, await response.json());\n"
    };
    format!(
        "{}const {{ {} }} = process.env;\n\n{form}const response = await fetch({}{options});\n{output}",
        import(request),
        variables(request),
        template(&request.url)
    )
}

/// Returns the import of the functions that read and write files.
fn import(request: &Request<'_>) -> &'static str {
    let is_file = |(_, value): &(String, Json)| matches!(Part::new(value), Part::File { .. });
    let reads = matches!(request.body, ExampleBody::Multipart(parts) if parts.iter().any(is_file));
    match (reads, request.is_download) {
        (false, false) => "",
        (true, false) => "import { readFile } from \"node:fs/promises\";\n\n",
        (false, true) => "import { writeFile } from \"node:fs/promises\";\n\n",
        (true, true) => "import { readFile, writeFile } from \"node:fs/promises\";\n\n",
    }
}

/// Returns the names of the variables of a request, in order of their first use.
fn variables(request: &Request<'_>) -> String {
    let pieces = request
        .url
        .iter()
        .chain(request.headers.iter().flat_map(|(_, value)| value));
    let mut seen = BTreeSet::new();
    let names: Vec<&str> = pieces
        .filter_map(|piece| match piece {
            Piece::Variable(name) => seen.insert(*name).then_some(*name),
            Piece::Text(_) => None,
        })
        .collect();
    names.join(", ")
}

/// Returns the statements that declare a form.
fn form(parts: &[(String, Json)]) -> String {
    let lines: String = parts
        .iter()
        .map(|(key, value)| match Part::new(value) {
            Part::File { name, media_type } => {
                let (key, name, media_type) = (string(key), string(name), string(media_type));
                format!("form.append({key}, new Blob([await readFile({name})], {{ type: {media_type} }}), {name});\n")
            }
            Part::Text(text) => format!("form.append({}, {});\n", string(key), string(&text)),
        })
        .collect();
    format!("const form = new FormData();\n{lines}\n")
}

/// Returns `true` if a value contains an integer that `number` would round.
fn has_large_number(value: &Json) -> bool {
    match value {
        Json::Number(number) => {
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            magnitude.is_some_and(|magnitude| magnitude > MAX_SAFE_INTEGER)
        }
        Json::Array(items) => items.iter().any(has_large_number),
        Json::Object(entries) => entries.values().any(has_large_number),
        Json::Null | Json::Bool(_) | Json::String(_) => false,
    }
}

/// Returns an expression for a text with variables.
fn template(pieces: &[Piece<'_>]) -> String {
    if let [Piece::Text(text)] = pieces {
        return string(text);
    }
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Variable(name) => format!("${{{name}}}"),
            Piece::Text(text) => text.replace('\\', "\\\\").replace('`', "\\`").replace('$', "\\$"),
        })
        .collect();
    format!("`{text}`")
}
