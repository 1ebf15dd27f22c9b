//! `curl` commands for a POSIX shell.

use super::literal::{self, Literals};
use super::{Part, Piece, Request, base};
use crate::ir::{Api, Example, ExampleBody, Json};

const JSON: Literals = Literals {
    yes: "true",
    no: "false",
    null: "null",
    indent: 2,
    trailing_comma: false,
};

pub(super) fn print(request: &Request<'_>) -> String {
    let mut out = String::from("curl");
    if request.method != "GET" {
        out += &format!(" -X {}", request.method);
    }
    out += &format!(" \"{}\"", double_quotable(&request.url));
    for (name, value) in &request.headers {
        out += &format!(" \\\n  -H {}", header(name, value));
    }
    match request.body {
        ExampleBody::None => {}
        ExampleBody::Json(json) => {
            let json = single_quoted(&literal::print(json, &JSON, 2));
            out += &format!(" \\\n  -H 'Content-Type: application/json' \\\n  -d {json}");
        }
        // The type of the body is the default of `-d`.
        ExampleBody::Form(form) => out += &format!(" \\\n  -d {}", single_quoted(form)),
        ExampleBody::Multipart(parts) => {
            for (name, value) in parts {
                out += &format!(" \\\n  {}", multipart_part(name, &Part::new(value)));
            }
        }
    }
    if request.is_download {
        out += " \\\n  -o download";
    }
    out + "\n"
}

fn header(name: &str, value: &[Piece<'_>]) -> String {
    match value {
        [Piece::Text(value)] => single_quoted(&format!("{name}: {value}")),
        value => format!("\"{name}: {}\"", double_quotable(value)),
    }
}

/// Returns the option for a part. `-F` gives some characters of names and texts a meaning, so names may need quotes, and texts another
/// option.
fn multipart_part(name: &str, part: &Part<'_>) -> String {
    match part {
        Part::File { name: file, media_type } => {
            let file = if file.contains([',', ';', '"', '\\']) {
                format!("\"{}\"", file.replace('\\', "\\\\").replace('"', "\\\""))
            } else {
                (*file).to_owned()
            };
            format!("-F {}", single_quoted(&format!("{name}=@{file};type={media_type}")))
        }
        Part::Text(text) => format!("--form-string {}", single_quoted(&format!("{name}={text}"))),
    }
}

/// Returns commands that make the files that the samples of an example read; empty if they read none.
#[must_use]
pub fn uploaded_files(example: &Example) -> String {
    let ExampleBody::Multipart(parts) = &example.body else {
        return String::new();
    };
    let quoted = |value: &Json, key| value.get(key).and_then(Json::as_str).map(single_quoted);
    let commands = parts.iter().filter_map(|(_, value)| {
        let (name, content) = (quoted(value, "filename")?, quoted(value, "content")?);
        Some(format!("printf '%s' {content} > {name}\n"))
    });
    commands.collect()
}

/// Returns the base path with a shell variable for each parameter.
#[must_use]
pub fn base_path(api: &Api) -> String {
    double_quotable(&base(api).collect::<Vec<_>>())
}

/// Escapes a text for use within double quotes.
fn double_quotable(pieces: &[Piece<'_>]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Variable(name) => out += &format!("${name}"),
            Piece::Text(text) => {
                for c in text.chars() {
                    if matches!(c, '"' | '\\' | '$' | '`') {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
        }
    }
    out
}

/// Escapes a text for use within single quotes.
#[must_use]
pub fn single_quotable(text: &str) -> String {
    text.replace('\'', r"'\''")
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", single_quotable(text))
}
