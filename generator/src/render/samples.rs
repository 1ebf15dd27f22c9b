//! The calls of examples as code of languages for which there is no generated client.
//!
//! Values that the reader has to supply are environment variables: `HOST`, `TOKEN` and the parameters of the base path.

mod curl;
mod javascript;
mod literal;
mod python;

pub use self::curl::{base_path, single_quotable, uploaded_files};
use self::literal::string;

use crate::ir::{Api, Example, ExampleBody, Json, OperationId, OperationResult, Segment};
use crate::render::canonical::part_text;

/// A language of samples.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    /// The name of the language.
    pub name: &'static str,
    /// The name of the language after the fence of a code block.
    pub fence: &'static str,
    print: fn(&Request<'_>) -> String,
}

/// Commands for a POSIX shell.
pub const CURL: Language = Language {
    name: "curl",
    fence: "sh",
    print: curl::print,
};

/// The languages, in the order in which the docs show them.
pub const LANGUAGES: &[Language] = &[
    CURL,
    Language {
        name: "Python",
        fence: "python",
        print: python::print,
    },
    Language {
        name: "JavaScript",
        fence: "js",
        print: javascript::print,
    },
];

impl Language {
    /// Returns a program that sends the request of an example and prints the response.
    #[must_use]
    pub fn sample(&self, api: &Api, id: OperationId, example: &Example) -> String {
        (self.print)(&Request::new(api, id, example))
    }
}

/// The request of an example.
struct Request<'a> {
    method: &'static str,
    /// The URL with its query string.
    url: Vec<Piece<'a>>,
    /// All headers except the type of the body.
    headers: Vec<(&'a str, Vec<Piece<'a>>)>,
    body: &'a ExampleBody,
    /// Whether the response is the content of a file.
    is_download: bool,
}

/// A part of a text.
enum Piece<'a> {
    Text(&'a str),
    /// The name of a variable, which consists of letters, digits and underscores.
    Variable(&'a str),
}

impl<'a> Request<'a> {
    fn new(api: &'a Api, id: OperationId, example: &'a Example) -> Self {
        let operation = api.operation(id);
        let mut url = vec![Piece::Variable("HOST")];
        url.extend(base(api));
        url.push(Piece::Text(&example.target));
        let token = api.auth.as_ref().filter(|_| operation.authenticated).map(|auth| {
            let value = vec![Piece::Text(&auth.prefix), Piece::Variable("TOKEN")];
            (auth.header.as_str(), value)
        });
        let headers = example.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), vec![Piece::Text(value)]));
        Self {
            method: operation.method.as_str(),
            url,
            headers: token.into_iter().chain(headers).collect(),
            body: &example.body,
            is_download: matches!(operation.result, OperationResult::Bytes(_)),
        }
    }

    /// Returns the headers as entries of an object, with the type of the body if it is given.
    fn headers(&self, template: fn(&[Piece<'_>]) -> String, media_type: Option<&str>) -> Vec<String> {
        let headers = self.headers.iter().map(|(name, value)| (*name, template(value)));
        let media_type = media_type.map(|media_type| ("Content-Type", string(media_type)));
        let headers = headers.chain(media_type);
        headers
            .map(|(name, value)| format!("{}: {value}", string(name)))
            .collect()
    }

    /// Returns the media type of a body that is a text.
    fn media_type(&self) -> Option<&'static str> {
        match self.body {
            ExampleBody::Json(_) => Some("application/json"),
            ExampleBody::Form(_) => Some("application/x-www-form-urlencoded"),
            ExampleBody::None | ExampleBody::Multipart(_) => None,
        }
    }
}

/// Returns the base path of the API.
fn base(api: &Api) -> impl Iterator<Item = Piece<'_>> {
    api.base.segments.iter().flat_map(|segment| {
        let segment = match segment {
            Segment::Literal(text) => Piece::Text(text),
            Segment::Param(name) => {
                let mut variables = api.base.params.iter().zip(&api.base.variables);
                let variable = variables.find(|(param, _)| param.wire == *name);
                Piece::Variable(variable.map_or(name, |(_, variable)| variable))
            }
        };
        [Piece::Text("/"), segment]
    })
}

/// A part of a multipart form.
enum Part<'a> {
    File { name: &'a str, media_type: &'a str },
    Text(String),
}

impl<'a> Part<'a> {
    fn new(value: &'a Json) -> Self {
        let text = |key| value.get(key).and_then(Json::as_str);
        match (text("filename"), text("type")) {
            (Some(name), Some(media_type)) => Self::File { name, media_type },
            _ => Self::Text(part_text(value)),
        }
    }
}
