//! The call of an example as a `curl` command.

use super::canonical::part_text;
use crate::ir::{Api, Example, ExampleBody, Json, OperationId, OperationResult, Segment};

/// Returns the call of an example as a command line for a POSIX shell.
///
/// Values that the reader has to supply are shell variables: `$HOST`, `$TOKEN` and the parameters of the base path.
#[must_use]
pub fn command(api: &Api, id: OperationId, example: &Example) -> String {
    let operation = api.operation(id);
    let mut out = String::from("curl");
    if operation.method.as_str() != "GET" {
        out += &format!(" -X {}", operation.method.as_str());
    }
    out += &format!(" \"$HOST{}{}\"", base_path(api), double_quotable(&example.target));
    if let (true, Some(auth)) = (operation.authenticated, &api.auth) {
        out += &format!(" \\\n  -H \"{}: {}$TOKEN\"", auth.header, auth.prefix);
    }
    for (name, value) in &example.headers {
        out += &format!(" \\\n  -H {}", single_quoted(&format!("{name}: {value}")));
    }
    match &example.body {
        ExampleBody::None => {}
        ExampleBody::Json(json) => {
            out += &format!(
                " \\\n  -H 'Content-Type: application/json' \\\n  -d {}",
                single_quoted(&json.to_string())
            );
        }
        ExampleBody::Form(form) => out += &format!(" \\\n  -d {}", single_quoted(form)),
        ExampleBody::Multipart(parts) => {
            for (name, value) in parts {
                out += &format!(" \\\n  -F {}", single_quoted(&multipart_part(name, value)));
            }
        }
    }
    if matches!(operation.result, OperationResult::Bytes(_)) {
        out += " \\\n  -o download";
    }
    out + "\n"
}

/// Returns the argument of `-F` for a part.
fn multipart_part(name: &str, value: &Json) -> String {
    match (
        value.get("filename").and_then(Json::as_str),
        value.get("type").and_then(Json::as_str),
    ) {
        (Some(filename), Some(media_type)) => format!("{name}=@{filename};type={media_type}"),
        _ => format!("{name}={}", part_text(value)),
    }
}

/// Returns the base path with a shell variable for each parameter.
#[must_use]
pub fn base_path(api: &Api) -> String {
    let mut out = String::new();
    for segment in &api.base.segments {
        match segment {
            Segment::Literal(text) => out += &format!("/{text}"),
            Segment::Param(name) => {
                let mut variables = api.base.params.iter().zip(&api.base.variables);
                let variable = variables.find(|(param, _)| param.wire == *name);
                out += &format!("/${}", variable.map_or(name, |(_, variable)| variable));
            }
        }
    }
    out
}

/// Escapes a text for use within double quotes.
fn double_quotable(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

/// Escapes a text for use within single quotes.
#[must_use]
pub fn single_quotable(text: &str) -> String {
    text.replace('\'', r"'\''")
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", single_quotable(text))
}
