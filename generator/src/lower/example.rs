//! Examples: taken apart by the operation's types, so that a wrong one is found before anything is generated from it.

use std::collections::BTreeMap;

use super::{
    operation::Shared,
    scope::{Sink, shorten},
    value::{Checker, count, decode_text, encode_query, encode_segment, encode_text},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{
        Argument, ArgumentPlace, Body, Example, ExampleBody, ExampleResponse, Field, Json, Operation, OperationResult,
        Param, ResultPart, Segment, Step, Type,
    },
    source::{SourceSet, Span},
    syntax::{
        decode::Str,
        model,
        node::{Entry, Node, Value, to_json},
    },
};

/// The most places that are shown of a mistake that several examples make.
const MAX_REPEATED: usize = 8;

/// Lowers the examples of an operation. What several of them lack or have too much alike is one mistake, most likely of what
/// is declared, so that the later places go with the first.
pub fn lower_all(raw: &model::Operation, operation: &Operation, shared: &Shared<'_>, sink: &mut Sink) -> Vec<Example> {
    let open = raw.paging.is_some() && operation.paging.is_none();
    let mut out = Vec::new();
    let mut first: BTreeMap<(Code, String), usize> = BTreeMap::new();
    for example in raw.examples.iter().flatten() {
        let before = sink.diagnostics.len();
        out.extend(lower(example, operation, open, shared, sink));
        for diagnostic in sink.diagnostics.split_off(before) {
            let of_declaration = matches!(diagnostic.code, Code::ExampleMissing | Code::ExampleUnknown);
            let key = (diagnostic.code, diagnostic.message.clone());
            let earlier = first.get(&key).filter(|at| **at < before && of_declaration);
            match (earlier.and_then(|at| sink.diagnostics.get_mut(*at)), diagnostic.span) {
                (Some(earlier), Some(span)) if earlier.related.len() < MAX_REPEATED => {
                    earlier.related.push((span, "and here".to_owned()));
                }
                (Some(_), _) => {}
                (None, _) => {
                    first.entry(key).or_insert(sink.diagnostics.len());
                    sink.report(diagnostic);
                }
            }
        }
    }
    out
}

/// Lowers one example. `None` where too little of it could be read; every reason is reported.
fn lower(
    raw: &model::Example,
    operation: &Operation,
    open: bool,
    shared: &Shared<'_>,
    sink: &mut Sink,
) -> Option<Example> {
    let title = shared.scope.optional_text(raw.title.as_ref(), sink);
    let mut arguments = Vec::new();
    let checker = |sent| Checker {
        types: shared.types,
        sent,
    };
    let lowering = Lowering {
        raw,
        operation,
        open,
        shared,
        checker: checker(true),
        reader: checker(false),
    };
    let target = raw
        .request
        .as_ref()
        .and_then(|request| lowering.request(request, &mut arguments, sink));
    let headers = lowering.headers(&mut arguments, sink);
    let body = lowering.body(&mut arguments, sink);
    let status = lowering.status(sink);
    let response = raw
        .response
        .as_ref()
        .and_then(|response| lowering.response(response, status, sink));
    let records = lowering.records(sink);
    Some(Example {
        title,
        arguments,
        target: target?,
        headers,
        body: body?,
        status,
        response: response?,
        records,
    })
}

struct Lowering<'a> {
    raw: &'a model::Example,
    operation: &'a Operation,
    /// Whether answers may hold keys that are not known, since how they are paged could not be read.
    open: bool,
    shared: &'a Shared<'a>,
    /// For what is sent.
    checker: Checker<'a>,
    /// For what is answered.
    reader: Checker<'a>,
}

impl Lowering<'_> {
    /// Takes `GET /users/alice?limit=2` apart. The target is what the client sends, so any other spelling is a mistake.
    fn request(&self, request: &Str, arguments: &mut Vec<Argument>, sink: &mut Sink) -> Option<String> {
        let operation = self.operation;
        let place = Verbatim::find(request, self.shared.scope.sources);
        let mut fail = |span: Span, message: String, help: String| {
            sink.report(Diagnostic::new(Code::ExampleRequest, span, message).help(help));
            None
        };
        let expected = format!("{} {}", operation.method.as_str(), operation.path_template());
        let help = || format!("the route is `{expected}`");
        let Some((method, target)) = request.value.split_once(' ') else {
            let message = "an example's request is a method and a path".to_owned();
            return fail(request.span, message, help());
        };
        if method != operation.method.as_str() {
            let (id, method_shown) = (&operation.id, shorten(method));
            let message = format!("this is no request of `{id}`: the method is not `{method_shown}`");
            return fail(place.span(0, method), message, help());
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
            let message = format!("this is no request of `{}`: the path does not fit", operation.id);
            return fail(place.span(at, part), message, help());
        }
        let before = sink.diagnostics.len();
        self.path_arguments(&segments, place, arguments, sink);
        let query = query.map(|query| (start + path.len() + 1, query));
        self.query_arguments(query, place, arguments, sink);
        let sent = self.target(arguments);
        if sent != target && sink.diagnostics.len() == before {
            let message = "the request is not spelt as the client sends it".to_owned();
            let help = format!(
                "the client sends `{sent}`: parameters in declared order, all but letters, digits and `-._~` encoded"
            );
            sink.report(Diagnostic::new(Code::ExampleRequest, request.span, message).help(help));
        }
        Some(target.to_owned())
    }

    fn path_arguments(
        &self,
        segments: &[(usize, &str)],
        place: Verbatim,
        arguments: &mut Vec<Argument>,
        sink: &mut Sink,
    ) {
        let texts = self
            .operation
            .path
            .iter()
            .zip(segments)
            .filter(|(segment, _)| matches!(segment, Segment::Param(_)));
        for (index, ((_, (at, text)), param)) in texts.zip(&self.operation.path_params).enumerate() {
            let span = place.span(*at, text);
            let value = match param.ty {
                // Its commas are encoded; an element has none.
                Type::List(..) => self.text_value(&text.replace("%2C", ","), param, span, sink),
                _ => self.text_value(text, param, span, sink),
            };
            arguments.extend(value.map(|value| Argument {
                place: ArgumentPlace::Path(index),
                value,
            }));
        }
    }

    fn query_arguments(
        &self,
        query: Option<(usize, &str)>,
        place: Verbatim,
        arguments: &mut Vec<Argument>,
        sink: &mut Sink,
    ) {
        // The names with their places, the values with theirs.
        let mut given: BTreeMap<String, (Span, &str, Span)> = BTreeMap::new();
        for (at, pair) in query.into_iter().flat_map(|(at, query)| parts(query, at, '&')) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value_span = place.span(at + pair.len() - value.len(), value);
            let decoded = decode_text(name).unwrap_or_default();
            given.insert(decoded, (place.span(at, name), value, value_span));
        }
        let declared = &self.operation.query;
        for (name, (span, ..)) in given
            .iter()
            .filter(|(name, _)| declared.iter().all(|param| param.wire != **name))
        {
            self.unknown(
                "query parameter",
                name,
                *span,
                declared.iter().map(|param| param.wire.as_str()),
                sink,
            );
        }
        for (index, param) in declared.iter().enumerate() {
            match given.get(&param.wire) {
                Some((_, text, span)) => {
                    let value = self.text_value(text, param, *span, sink);
                    arguments.extend(value.map(|value| Argument {
                        place: ArgumentPlace::Query(index),
                        value,
                    }));
                }
                None if param.required => missing("query parameter", &param.wire, place.whole, sink),
                None => {}
            }
        }
    }

    /// The path and query that the client sends for these arguments.
    fn target(&self, arguments: &[Argument]) -> String {
        let find = |place: ArgumentPlace| arguments.iter().find(|argument| argument.place == place);
        let mut out = String::new();
        let mut next = 0;
        for segment in &self.operation.path {
            out.push('/');
            match segment {
                Segment::Literal(text) => out += text,
                Segment::Param(_) => {
                    out += &find(ArgumentPlace::Path(next))
                        .map(|argument| encode_segment(&argument.value))
                        .unwrap_or_default();
                    next += 1;
                }
            }
        }
        let mut separator = '?';
        for (index, param) in self.operation.query.iter().enumerate() {
            if let Some(argument) = find(ArgumentPlace::Query(index)) {
                out.push(separator);
                out += &format!("{}={}", encode_text(&param.wire), encode_query(&argument.value));
                separator = '&';
            }
        }
        out
    }

    fn headers(&self, arguments: &mut Vec<Argument>, sink: &mut Sink) -> BTreeMap<String, String> {
        let declared = &self.operation.headers;
        let mut given: BTreeMap<&str, &Str> = BTreeMap::new();
        for (name, value) in self.raw.headers.iter().flatten() {
            if declared.iter().all(|param| param.wire != name.value) {
                self.unknown(
                    "header",
                    &name.value,
                    name.span,
                    declared.iter().map(|param| param.wire.as_str()),
                    sink,
                );
            }
            given.insert(&name.value, value);
        }
        for (index, param) in declared.iter().enumerate() {
            match given.get(param.wire.as_str()) {
                Some(text) => {
                    let value = self
                        .checker
                        .text_value(&text.value, &param.ty, text.span, &param.wire, sink);
                    arguments.extend(value.map(|value| Argument {
                        place: ArgumentPlace::Header(index),
                        value,
                    }));
                }
                None if param.required => missing("header", &param.wire, self.raw.span, sink),
                None => {}
            }
        }
        given
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.value.clone()))
            .collect()
    }

    /// The value of a percent-encoded text; a list is comma-separated.
    fn text_value(&self, text: &str, param: &Param, span: Span, sink: &mut Sink) -> Option<Json> {
        let decode = |text: &str, ty: &Type, sink: &mut Sink| {
            let Some(text) = decode_text(text) else {
                let diagnostic = Diagnostic::new(Code::ExampleRequest, span, "this percent-encoding is broken");
                sink.report(diagnostic.help("write `%` and two hexadecimal digits, for UTF-8"));
                return None;
            };
            self.checker.text_value(&text, ty, span, &param.wire, sink)
        };
        match &param.ty {
            Type::List(inner, rule) => {
                let items: Vec<_> = text.split(',').filter_map(|item| decode(item, inner, sink)).collect();
                count(items.len(), *rule, span, &param.wire, sink);
                Some(items.into())
            }
            ty => decode(text, ty, sink),
        }
    }

    fn body(&self, arguments: &mut Vec<Argument>, sink: &mut Sink) -> Option<ExampleBody> {
        let body = &self.operation.body;
        let Some(node) = &self.raw.body else {
            let required = body.fields().iter().filter(|field| field.required);
            required.for_each(|field| missing("field", &field.wire, self.raw.span, sink));
            return Some(match body {
                Body::Json(_) => ExampleBody::Json(Json::Object(serde_json::Map::new())),
                _ => ExampleBody::None,
            });
        };
        match body {
            Body::None => {
                let diagnostic = Diagnostic::new(
                    Code::ExampleUnknown,
                    node.span,
                    format!("`{}` sends no body", self.operation.id),
                );
                sink.report(diagnostic.help("declare a `body`, or remove the example's"));
                None
            }
            Body::Json(fields) => self.json_fields(node, fields, arguments, sink),
            Body::JsonValue(field) => {
                self.checker.check(node, &field.ty, &field.wire, sink);
                arguments.push(Argument {
                    place: ArgumentPlace::Body(0),
                    value: to_json(node),
                });
                Some(ExampleBody::Json(to_json(node)))
            }
            Body::Form(_) | Body::FormMap(_) => self.form(node, arguments, sink),
            Body::Multipart(fields) => self.multipart(node, fields, arguments, sink),
        }
    }

    fn json_fields(
        &self,
        node: &Node,
        fields: &[Field],
        arguments: &mut Vec<Argument>,
        sink: &mut Sink,
    ) -> Option<ExampleBody> {
        let Value::Mapping(entries) = &node.value else {
            let message = format!("expected a mapping, found {}", node.kind());
            sink.report(Diagnostic::new(Code::ExampleType, node.span, message));
            return None;
        };
        self.checker.object(
            entries,
            fields,
            self.raw.body.as_ref().map_or(node.span, |body| body.span),
            sink,
        );
        for (index, field) in fields
            .iter()
            .enumerate()
            .filter(|(_, field)| !matches!(field.ty, Type::Const(_)))
        {
            let value = if field.flatten {
                Some(to_json(&self.checker.flattened(entries, &field.ty, node.span)))
            } else {
                find(entries, &field.wire).map(|entry| to_json(&entry.value))
            };
            arguments.extend(value.map(|value| Argument {
                place: ArgumentPlace::Body(index),
                value,
            }));
        }
        Some(ExampleBody::Json(to_json(node)))
    }

    fn form(&self, node: &Node, arguments: &mut Vec<Argument>, sink: &mut Sink) -> Option<ExampleBody> {
        let Value::Scalar(scalar) = &node.value else {
            let diagnostic = Diagnostic::new(Code::ExampleType, node.span, "the body of a form is its encoded text");
            sink.report(diagnostic.help("write it like `name=Alice&city=%E5%8C%97%E4%BA%AC`"));
            return None;
        };
        let mut pairs = serde_json::Map::new();
        for pair in scalar.text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plus = |text: &str| decode_text(&text.replace('+', " "));
            let (Some(name), Some(value)) = (plus(name), plus(value)) else {
                sink.report(Diagnostic::new(
                    Code::ExampleType,
                    node.span,
                    "this percent-encoding is broken",
                ));
                return None;
            };
            pairs.insert(name, Json::String(value));
        }
        match &self.operation.body {
            Body::FormMap(_) => arguments.push(Argument {
                place: ArgumentPlace::Body(0),
                value: Json::Object(pairs),
            }),
            body => self.form_fields(&pairs, body.fields(), node.span, arguments, sink),
        }
        Some(ExampleBody::Form(scalar.text.clone()))
    }

    fn form_fields(
        &self,
        pairs: &serde_json::Map<String, Json>,
        fields: &[Field],
        span: Span,
        arguments: &mut Vec<Argument>,
        sink: &mut Sink,
    ) {
        for name in pairs
            .keys()
            .filter(|name| fields.iter().all(|field| field.wire != **name))
        {
            self.unknown(
                "field",
                name,
                span,
                fields.iter().map(|field| field.wire.as_str()),
                sink,
            );
        }
        for (index, field) in fields.iter().enumerate() {
            match pairs.get(&field.wire).and_then(Json::as_str) {
                Some(text) => {
                    let value = self.checker.text_value(text, &field.ty, span, &field.wire, sink);
                    let argument = value.filter(|_| !matches!(field.ty, Type::Const(_)));
                    arguments.extend(argument.map(|value| Argument {
                        place: ArgumentPlace::Body(index),
                        value,
                    }));
                }
                None if field.required => missing("field", &field.wire, span, sink),
                None => {}
            }
        }
    }

    fn multipart(
        &self,
        node: &Node,
        fields: &[Field],
        arguments: &mut Vec<Argument>,
        sink: &mut Sink,
    ) -> Option<ExampleBody> {
        let Value::Mapping(entries) = &node.value else {
            let diagnostic = Diagnostic::new(Code::ExampleType, node.span, "a multipart body is a mapping of parts");
            sink.report(diagnostic.help("a file is `{filename: …, type: …, content: …}`"));
            return None;
        };
        let mut parts = Vec::new();
        for entry in entries {
            let Some(index) = fields.iter().position(|field| field.wire == entry.key) else {
                self.unknown(
                    "part",
                    &entry.key,
                    entry.key_span,
                    fields.iter().map(|field| field.wire.as_str()),
                    sink,
                );
                continue;
            };
            let value = to_json(&entry.value);
            if matches!(fields[index].ty, Type::File) {
                let text = |key: &str| value.get(key).is_some_and(Json::is_string);
                if !(text("filename") && text("type") && text("content")) {
                    let diagnostic = Diagnostic::new(Code::ExampleType, entry.value.span, "this is no file");
                    sink.report(diagnostic.help("a file is `{filename: …, type: …, content: …}`, all of them texts"));
                    continue;
                }
            } else {
                self.checker.check(&entry.value, &fields[index].ty, &entry.key, sink);
            }
            parts.push((entry.key.clone(), value.clone()));
            arguments.push(Argument {
                place: ArgumentPlace::Body(index),
                value,
            });
        }
        for field in fields
            .iter()
            .filter(|field| field.required && find(entries, &field.wire).is_none())
        {
            missing("part", &field.wire, node.span, sink);
        }
        Some(ExampleBody::Multipart(parts))
    }

    fn status(&self, sink: &mut Sink) -> u16 {
        let Some(status) = &self.raw.status else { return 200 };
        match u16::try_from(status.value) {
            Ok(status) if (200..600).contains(&status) => status,
            _ => {
                sink.report(Diagnostic::new(
                    Code::BadValue,
                    status.span,
                    "an HTTP status is between 200 and 599",
                ));
                200
            }
        }
    }

    fn response(&self, node: &Node, status: u16, sink: &mut Sink) -> Option<ExampleResponse> {
        if status >= 400 {
            self.error_response(node, sink);
            return Some(ExampleResponse::Json(to_json(node)));
        }
        if matches!(self.operation.result, OperationResult::Bytes) {
            let Value::Scalar(scalar) = &node.value else {
                let diagnostic = Diagnostic::new(Code::ExampleType, node.span, "the answer is a file: give its text");
                sink.report(diagnostic);
                return None;
            };
            return Some(ExampleResponse::Bytes(scalar.text.clone()));
        }
        let whole = self.operation.result.parts().iter().any(|part| part.place.is_empty());
        if !whole {
            self.envelope(node, sink);
        }
        for part in self.operation.result.parts() {
            self.result_part(node, part, sink);
        }
        Some(ExampleResponse::Json(to_json(node)))
    }

    /// Checks a part of the result, under each of its spellings.
    fn result_part(&self, node: &Node, part: &ResultPart, sink: &mut Sink) {
        let found: Vec<_> = part
            .places()
            .filter_map(|place| Some((locate(node, &place)?, place_text(&place))))
            .collect();
        for (value, place) in &found {
            if !value.is_null() || part.field.required {
                let name = if place.is_empty() { "result" } else { place };
                self.reader.check(value, &part.field.ty, name, sink);
            }
        }
        if found.is_empty() && part.field.required {
            missing("result", &place_text(&part.place), node.span, sink);
        }
    }

    /// Checks what stands around the payload.
    fn envelope(&self, node: &Node, sink: &mut Sink) {
        let Value::Mapping(entries) = &node.value else {
            let message = format!("expected a mapping, found {}", node.kind());
            sink.report(Diagnostic::new(Code::ExampleType, node.span, message));
            return;
        };
        let parts = self.operation.result.parts().iter();
        let payload: Vec<_> = parts.flat_map(ResultPart::places).collect();
        let in_payload = |key: &str| {
            let mut first = payload.iter().filter_map(|place| place.first());
            first.any(|step| matches!(step, Step::Key(first) if first == key))
        };
        let cursor = self.operation.paging.as_ref().and_then(|paging| match &paging.kind {
            crate::ir::PagingKind::Cursor { next, .. } => next.first(),
            crate::ir::PagingKind::Page { .. } => None,
        });
        for entry in entries.iter().filter(|entry| !in_payload(&entry.key)) {
            if let Some(field) = self
                .shared
                .envelope
                .iter()
                .find(|field| field.spellings().any(|key| key == entry.key))
            {
                self.reader.check(&entry.value, &field.ty, &field.wire, sink);
            } else if !self.open && !matches!(cursor, Some(Step::Key(key)) if *key == entry.key) {
                let known = self.shared.envelope.iter().map(|field| field.wire.as_str());
                self.unknown("key of the answer", &entry.key, entry.key_span, known, sink);
            }
        }
    }

    fn error_response(&self, node: &Node, sink: &mut Sink) {
        let Value::Mapping(entries) = &node.value else { return };
        let fields = &self.shared.errors.fields;
        for entry in entries {
            match fields.iter().find(|field| field.wire == entry.key) {
                Some(field) => self.reader.check(&entry.value, &field.ty, &field.wire, sink),
                None => {
                    let known = fields.iter().map(|field| field.wire.as_str());
                    self.unknown("field of an error", &entry.key, entry.key_span, known, sink);
                }
            }
        }
    }

    fn records(&self, sink: &mut Sink) -> Vec<Json> {
        let given = self.raw.records.iter().flatten();
        match self.operation.records {
            Some(id) => given
                .map(|node| {
                    self.reader.check(node, &Type::Named(id), "record", sink);
                    to_json(node)
                })
                .collect(),
            None => {
                if let Some(node) = given.into_iter().next() {
                    let diagnostic = Diagnostic::new(Code::ExampleUnknown, node.span, "this operation has no records");
                    sink.report(diagnostic.help("state their type with `records`"));
                }
                Vec::new()
            }
        }
    }

    fn unknown<'n>(&self, what: &str, name: &str, span: Span, known: impl Iterator<Item = &'n str>, sink: &mut Sink) {
        let message = format!("`{}` has no {what} `{}`", self.operation.id, shorten(name));
        sink.report(Diagnostic::new(Code::ExampleUnknown, span, message).suggest(name, known));
    }
}

/// The place of a text that stands in its file letter by letter, so that its parts have places too.
#[derive(Debug, Clone, Copy)]
struct Verbatim {
    /// All of it.
    whole: Span,
    /// Its first byte; `None` where it is folded or escaped.
    start: Option<usize>,
}

impl Verbatim {
    /// Compares once, since a text may have any number of parts.
    fn find(text: &Str, sources: &SourceSet) -> Self {
        let whole = text.span;
        let raw = sources.file(whole.file).text.get(whole.start..).unwrap_or_default();
        let lead = usize::from(raw.starts_with(['"', '\'']));
        let is_verbatim = raw[lead..].starts_with(&text.value);
        let start = is_verbatim.then_some(whole.start + lead);
        Self { whole, start }
    }

    /// The place of the part that begins at a byte of the text.
    fn span(self, at: usize, part: &str) -> Span {
        let of_part = |start| Span {
            start: start + at,
            end: start + at + part.len(),
            ..self.whole
        };
        self.start.map_or(self.whole, of_part)
    }
}

/// The parts of a text, each with the byte that it begins at; the first begins at `start`.
fn parts(text: &str, start: usize, separator: char) -> impl Iterator<Item = (usize, &str)> {
    text.split(separator).scan(start, |next, part| {
        let at = *next;
        *next += part.len() + 1;
        Some((at, part))
    })
}

fn missing(what: &str, name: &str, span: Span, sink: &mut Sink) {
    let message = format!("the example lacks the {what} `{name}`");
    sink.report(Diagnostic::new(Code::ExampleMissing, span, message).help("add it, or mark it optional with `?`"));
}

/// The entry under a key.
#[must_use]
pub fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Entry> {
    entries.iter().find(|entry| entry.key == key)
}

fn locate<'n>(node: &'n Node, place: &[Step]) -> Option<&'n Node> {
    place.iter().try_fold(node, |node, step| match (step, &node.value) {
        (Step::Key(key), Value::Mapping(entries)) => find(entries, key).map(|entry| &entry.value),
        (Step::Index(index), Value::Sequence(items)) => items.get(*index),
        _ => None,
    })
}

/// A place as it is written in the spec.
#[must_use]
pub fn place_text(place: &[Step]) -> String {
    place.iter().fold(String::new(), |out, step| match step {
        Step::Key(key) if out.is_empty() => key.clone(),
        Step::Key(key) => format!("{out}.{key}"),
        Step::Index(index) => format!("{out}[{index}]"),
    })
}
