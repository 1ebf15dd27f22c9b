//! Python programs that use `requests`.

use super::literal::{self, Literals, string};
use super::{Part, Piece, Request};
use crate::ir::{ExampleBody, Json};

const PYTHON: Literals = Literals {
    yes: "True",
    no: "False",
    null: "None",
    indent: 4,
    trailing_comma: true,
};

pub(super) fn print(request: &Request<'_>) -> String {
    let mut arguments = vec![template(&request.url)];
    // `requests` adds the type of all bodies except a form that is a text.
    let media_type = request
        .media_type()
        .filter(|_| matches!(request.body, ExampleBody::Form(_)));
    let headers = request.headers(template, media_type);
    if !headers.is_empty() {
        arguments.push(format!("headers={}", literal::object(&headers, &PYTHON, 4)));
    }
    match request.body {
        ExampleBody::None => {}
        ExampleBody::Json(json) => arguments.push(format!("json={}", literal::print(json, &PYTHON, 4))),
        ExampleBody::Form(form) => arguments.push(format!("data={}", string(form))),
        ExampleBody::Multipart(parts) => arguments.push(files(parts)),
    }
    let arguments = literal::lines(&arguments, PYTHON.indent);
    let output = if request.is_download {
        "with open(\"download\", \"wb\") as file:\n    file.write(response.content)\n"
    } else {
        "print(response.status_code, response.json())\n"
    };
    let method = request.method.to_ascii_lowercase();
    format!("from os import environ\n\nimport requests\n\nresponse = requests.{method}(\n{arguments})\n{output}")
}

/// Returns the argument for a multipart form.
fn files(parts: &[(String, Json)]) -> String {
    let entries: Vec<String> = parts
        .iter()
        .map(|(key, value)| {
            let value = match Part::new(value) {
                Part::File { name, media_type } => {
                    let name = string(name);
                    format!("({name}, open({name}, \"rb\"), {})", string(media_type))
                }
                Part::Text(text) => format!("(None, {})", string(&text)),
            };
            format!("{}: {value}", string(key))
        })
        .collect();
    format!("files={}", literal::object(&entries, &PYTHON, 4))
}

/// Returns an expression for a text with variables.
fn template(pieces: &[Piece<'_>]) -> String {
    if let [Piece::Text(text)] = pieces {
        return string(text);
    }
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Variable(name) => format!("{{{name}}}"),
            Piece::Text(text) => text.replace('{', "{{").replace('}', "}}"),
        })
        .collect();
    string(&text) + ".format(**environ)"
}
