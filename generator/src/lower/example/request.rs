//! The request line and the headers of an example.

use std::collections::BTreeMap;

use super::{
    context::{ExampleContext, missing},
    percent::{decode_text, encode_query, encode_segment, encode_text},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Argument, Field, Json, Location, Segment, Type, template},
    lower::{
        scope::{Reporter, shorten},
        value::count,
    },
    source::{SourceSet, Span},
    syntax::decode::Str,
};

impl ExampleContext<'_> {
    /// Parses a request line such as `GET /users/alice?limit=2` and returns its target, which must equal what the client sends.
    pub fn request(&self, request: &Str, arguments: &mut Vec<Argument>, reporter: &mut Reporter) -> Option<String> {
        let operation = self.operation;
        let location = Verbatim::find(request, self.shared.scope.sources);
        let mut fail = |span: Span, message: String, help: String| {
            reporter.report(Diagnostic::new(Code::ExampleRequest, span, message).help(help));
            None
        };
        let expected = format!("{} {}", operation.method.as_str(), template(&operation.path));
        let help = || format!("the route is `{expected}`");
        let Some((method, target)) = request.value.split_once(' ') else {
            let message = "`request` must be a method and a path".to_owned();
            return fail(request.span, message, help());
        };
        if method != operation.method.as_str() {
            let (id, method_shown) = (&operation.id, shorten(method));
            let message = format!("the method `{method_shown}` does not match the route of `{id}`");
            return fail(location.span(0, method), message, help());
        }
        let (path, query) = target
            .split_once('?')
            .map_or((target, None), |(path, query)| (path, Some(query)));
        let start = method.len() + 1;
        let lead = usize::from(path.starts_with('/'));
        let segments: Vec<_> = parts(&path[lead..], start + lead, '/').collect();
        let fits = |(segment, (_, part)): (&Segment, &(usize, &str))| match segment {
            Segment::Literal(text) => text == part,
            Segment::Param(_) => !part.is_empty(),
        };
        let misfit = operation.path.iter().zip(&segments).find(|pair| !fits(*pair));
        if segments.len() != operation.path.len() || misfit.is_some() {
            let of_same_length = misfit.filter(|_| segments.len() == operation.path.len());
            let (at, part) = of_same_length.map_or((start, path), |(_, part)| *part);
            let message = format!("the path does not match the route of `{}`", operation.id);
            return fail(location.span(at, part), message, help());
        }
        let before = reporter.diagnostics.len();
        self.path_arguments(&segments, location, arguments, reporter);
        let query = query.map(|query| (start + path.len() + 1, query));
        self.query_arguments(query, location, arguments, reporter);
        let sent = self.target(arguments);
        if sent != target && reporter.diagnostics.len() == before {
            let message = "the request differs from the one that the client sends".to_owned();
            let help = format!(
                "write `{sent}`: parameters in declared order, everything except ASCII letters, digits and `-._~` percent-encoded"
            );
            reporter.report(Diagnostic::new(Code::ExampleRequest, request.span, message).help(help));
        }
        Some(target.to_owned())
    }

    fn path_arguments(
        &self,
        segments: &[(usize, &str)],
        location: Verbatim,
        arguments: &mut Vec<Argument>,
        reporter: &mut Reporter,
    ) {
        let texts = self
            .operation
            .path
            .iter()
            .zip(segments)
            .filter(|(segment, _)| matches!(segment, Segment::Param(_)));
        for ((_, (at, text)), (input, param)) in texts.zip(self.operation.inputs_in(Location::Path)) {
            let span = location.span(*at, text);
            let value = match param.ty {
                // The commas between elements are encoded; elements cannot contain commas.
                Type::List(..) => self.text_value(&text.replace("%2C", ","), param, span, reporter),
                _ => self.text_value(text, param, span, reporter),
            };
            arguments.extend(value.map(|value| Argument { input, value }));
        }
    }

    fn query_arguments(
        &self,
        query: Option<(usize, &str)>,
        location: Verbatim,
        arguments: &mut Vec<Argument>,
        reporter: &mut Reporter,
    ) {
        // By name: the span of the name, the value and its span.
        let mut found: BTreeMap<String, (Span, &str, Span)> = BTreeMap::new();
        for (at, pair) in query.into_iter().flat_map(|(at, query)| parts(query, at, '&')) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value_span = location.span(at + pair.len() - value.len(), value);
            let decoded = decode_text(name).unwrap_or_default();
            found.insert(decoded, (location.span(at, name), value, value_span));
        }
        let declared = || self.operation.inputs_in(Location::Query);
        for (name, (span, ..)) in found
            .iter()
            .filter(|(name, _)| declared().all(|(_, param)| param.wire != **name))
        {
            self.unknown(
                "query parameter",
                name,
                *span,
                declared().map(|(_, param)| param.wire.as_str()),
                reporter,
            );
        }
        for (input, param) in declared() {
            match found.get(&param.wire) {
                Some((_, text, span)) => {
                    let value = self.text_value(text, param, *span, reporter);
                    arguments.extend(value.map(|value| Argument { input, value }));
                }
                None if param.is_required() => missing("query parameter", &param.wire, location.whole, reporter),
                None => {}
            }
        }
    }

    /// Returns the path and query that the client sends for these arguments.
    fn target(&self, arguments: &[Argument]) -> String {
        let arguments_in = |location| {
            let inputs = self.operation.inputs_in(location);
            inputs.map(|(id, field)| (field, arguments.iter().find(|argument| argument.input == id)))
        };
        let mut out = String::new();
        let mut path = arguments_in(Location::Path);
        for segment in &self.operation.path {
            out.push('/');
            match segment {
                Segment::Literal(text) => out += text,
                Segment::Param(_) => {
                    let argument = path.next().and_then(|(_, argument)| argument);
                    out += &argument
                        .map(|argument| encode_segment(&argument.value))
                        .unwrap_or_default();
                }
            }
        }
        let mut separator = '?';
        for (field, argument) in arguments_in(Location::Query) {
            if let Some(argument) = argument {
                out.push(separator);
                out += &format!("{}={}", encode_text(&field.wire), encode_query(&argument.value));
                separator = '&';
            }
        }
        out
    }

    pub fn headers(&self, arguments: &mut Vec<Argument>, reporter: &mut Reporter) -> BTreeMap<String, String> {
        let declared = || self.operation.inputs_in(Location::Header);
        let mut found: BTreeMap<&str, &Str> = BTreeMap::new();
        for (name, value) in self.raw.headers.iter().flatten() {
            if declared().all(|(_, param)| param.wire != name.value) {
                self.unknown(
                    "header",
                    &name.value,
                    name.span,
                    declared().map(|(_, param)| param.wire.as_str()),
                    reporter,
                );
            }
            found.insert(&name.value, value);
        }
        for (input, param) in declared() {
            match found.get(param.wire.as_str()) {
                Some(text) => {
                    let value = self
                        .checker
                        .text_value(&text.value, &param.ty, text.span, &param.wire, reporter);
                    arguments.extend(value.map(|value| Argument { input, value }));
                }
                None if param.is_required() => missing("header", &param.wire, self.raw.span, reporter),
                None => {}
            }
        }
        found
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.value.clone()))
            .collect()
    }

    /// Returns the value of a percent-encoded text. Lists are separated by commas.
    fn text_value(&self, text: &str, param: &Field, span: Span, reporter: &mut Reporter) -> Option<Json> {
        let decode = |text: &str, ty: &Type, reporter: &mut Reporter| {
            let Some(text) = decode_text(text) else {
                let diagnostic = Diagnostic::new(Code::ExampleRequest, span, "invalid percent-encoding");
                reporter
                    .report(diagnostic.help("write each byte of the UTF-8 encoding as `%` and two hexadecimal digits"));
                return None;
            };
            self.checker.text_value(&text, ty, span, &param.wire, reporter)
        };
        match &param.ty {
            Type::List(inner, rule) => {
                let items: Vec<_> = text
                    .split(',')
                    .filter_map(|item| decode(item, inner, reporter))
                    .collect();
                count(items.len(), *rule, span, &param.wire, reporter);
                Some(items.into())
            }
            ty => decode(text, ty, reporter),
        }
    }
}

/// The location of a text. If the file contains the text unchanged, its parts have locations too.
#[derive(Debug, Clone, Copy)]
struct Verbatim {
    /// The span of the whole text.
    whole: Span,
    /// The offset of its first byte. `None` if the text is folded or escaped in the file.
    start: Option<usize>,
}

impl Verbatim {
    /// Locates a text. Compares it with the file only once, because it can have many parts.
    fn find(text: &Str, sources: &SourceSet) -> Self {
        let whole = text.span;
        let raw = sources.file(whole.file).text.get(whole.start..).unwrap_or_default();
        let lead = usize::from(raw.starts_with(['"', '\'']));
        let is_verbatim = raw[lead..].starts_with(&text.value);
        let start = is_verbatim.then_some(whole.start + lead);
        Self { whole, start }
    }

    /// Returns the span of the part that begins at the byte offset `at`, or of the whole text if it is not verbatim.
    fn span(self, at: usize, part: &str) -> Span {
        let of_part = |start| Span {
            start: start + at,
            end: start + at + part.len(),
            ..self.whole
        };
        self.start.map_or(self.whole, of_part)
    }
}

/// Splits a text into parts with their byte offsets. `start` is the offset of the first part.
fn parts(text: &str, start: usize, separator: char) -> impl Iterator<Item = (usize, &str)> {
    text.split(separator).scan(start, |next, part| {
        let at = *next;
        *next += part.len() + 1;
        Some((at, part))
    })
}
