//! Routes: `POST /users/{username}`.

use std::ops::Range;

use super::decode::{Decoder, FromText, Spanned, Str, scalar};
use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    ir::{Method, Segment},
    source::Span,
};

/// Maximum number of segments in a path.
const MAX_SEGMENTS: usize = 32;

/// The methods allowed in a route.
const METHODS: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];

/// A method and a path.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Spanned<Method>,
    /// The path.
    pub path: PathTemplate,
}

/// A path with placeholders, such as `/users/{username}`.
#[derive(Debug, Clone)]
pub struct PathTemplate {
    /// The segments.
    pub segments: Vec<Spanned<Segment>>,
}

impl PathTemplate {
    /// Returns the segments without their spans.
    #[must_use]
    pub fn to_segments(&self) -> Vec<Segment> {
        self.segments.iter().map(|segment| segment.value.clone()).collect()
    }

    /// Returns the names of the placeholders and their spans.
    pub fn placeholders(&self) -> impl Iterator<Item = (&str, Span)> {
        self.segments.iter().filter_map(|segment| match &segment.value {
            Segment::Param(name) => Some((name.as_str(), segment.span)),
            Segment::Literal(_) => None,
        })
    }
}

impl FromText for Route {
    fn from_text(route: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let Some(space) = route.value.find(' ') else {
            let diagnostic = Diagnostic::new(Code::RouteSyntax, route.span, "expected a method and a path");
            decoder.report(diagnostic.help("write a route such as `GET /users/{username}`"));
            return None;
        };
        let Str { value: word, span } = decoder.part(&route, 0..space);
        let method = METHODS.into_iter().find(|known| known.as_str() == word);
        if method.is_none() {
            let message = format!("`{}` is not a supported HTTP method", shorten(&word));
            let diagnostic = Diagnostic::new(Code::RouteSyntax, span, message);
            decoder.report(diagnostic.suggest(&word, METHODS.iter().map(|method| method.as_str())));
        }
        let start = route.value.len() - route.value[space..].trim_start().len();
        let path = path(&route, start, decoder)?;
        let method = method.map(|value| Spanned { value, span })?;
        Some(Self { method, path })
    }
}

impl FromText for PathTemplate {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        path(&text, 0, decoder)
    }
}

scalar!(Route);
scalar!(PathTemplate);

/// Parses the path in `whole` from `start` to the end.
fn path(whole: &Str, start: usize, decoder: &mut Decoder<'_>) -> Option<PathTemplate> {
    let path = whole.value[start..].trim_end();
    let mut fail = |part: Range<usize>, message: String, help: &str| {
        let span = decoder.part(whole, part).span;
        decoder.report(Diagnostic::new(Code::RouteSyntax, span, message).help(help));
        None
    };
    let extent = start..start + path.len();
    let Some(rest) = path.strip_prefix('/') else {
        return fail(extent, "a path must begin with `/`".to_owned(), "add a `/` before it");
    };
    if rest.bytes().filter(|byte| *byte == b'/').count() >= MAX_SEGMENTS {
        let message = format!("this path has more than {MAX_SEGMENTS} segments");
        return fail(extent, message, "shorten the path");
    }
    let mut segments: Vec<(Segment, Range<usize>)> = Vec::new();
    let mut slash = start;
    for part in rest.split('/') {
        let extent = slash + usize::from(!part.is_empty())..slash + 1 + part.len();
        slash = extent.end;
        let Some(segment) = segment(part) else {
            let message = match part {
                "" => "empty path segment".to_owned(),
                part => format!("`{}` is not a valid path segment", shorten(part)),
            };
            let help = "a segment consists of letters, digits, `_`, `-` and `.`, or is a single `{placeholder}`";
            return fail(extent, message, help);
        };
        if let Segment::Param(name) = &segment
            && segments.iter().any(|(other, _)| *other == segment)
        {
            let message = format!("the placeholder `{name}` appears more than once in the path");
            return fail(extent, message, "rename or remove one of them");
        }
        segments.push((segment, extent));
    }
    let segments = segments.into_iter().map(|(value, extent)| Spanned {
        value,
        span: decoder.part(whole, extent).span,
    });
    Some(PathTemplate {
        segments: segments.collect(),
    })
}

fn segment(part: &str) -> Option<Segment> {
    let placeholder = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let text = placeholder.unwrap_or(part);
    let is_allowed =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || (placeholder.is_none() && b == b'.');
    if text.is_empty() || !text.bytes().all(is_allowed) || matches!(text, "." | "..") {
        return None;
    }
    Some(match placeholder {
        Some(name) => Segment::Param(name.to_owned()),
        None => Segment::Literal(text.to_owned()),
    })
}
