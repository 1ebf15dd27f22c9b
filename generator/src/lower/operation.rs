//! Operations: arguments, results, and what is stated about them.

use std::borrow::Cow;

use super::{
    example, flatten, route,
    scope::{FieldKey, Parameter, Parameters, Scope, Sigil, Sink, shorten},
    types::{Declared, Position},
    usage::Roots,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{
        Body, Bucket, Correction, ErrorId, Errors, Field, Limit, Method, Operation, OperationResult, Paging,
        PagingKind, Param, Period, Rate, ResultPart, Segment, Step, Text, Type, TypeDef, template,
    },
    names::{self, NameError},
    source::Span,
    syntax::{
        decode::{Keyed, Str},
        line::{Line, TypeExprKind},
        model,
    },
};

/// What operations refer to beside types.
#[derive(Debug)]
pub struct Shared<'a> {
    /// The scope of the whole spec.
    pub scope: &'a Scope<'a>,
    /// Declared types.
    pub declared: &'a Declared<'a>,
    /// The same types, lowered, in the same order.
    pub types: &'a [TypeDef],
    /// Which of them have a mistake, or hold a type that has one.
    pub broken: &'a [bool],
    /// The path before every route.
    pub base: &'a [Segment],
    /// Fields around the payload of an answer.
    pub envelope: &'a [Field],
    /// Known errors.
    pub errors: &'a Errors,
    /// The limit of an operation that names none.
    pub default_limit: Option<&'a Rate>,
    /// Shared limits.
    pub buckets: &'a [Bucket],
    /// Paging styles by key.
    pub paging: &'a [PagingStyle],
    /// Whether the API has tokens at all.
    pub authenticated: bool,
}

/// A paging style of `api.yaml`.
#[derive(Debug)]
pub struct PagingStyle {
    /// Its key.
    pub key: String,
    /// How it works.
    pub doc: Text,
    /// Its parameters.
    pub kind: StyleKind,
}

/// The parameters of a paging style, by name.
#[derive(Debug)]
pub enum StyleKind {
    /// By cursor.
    Cursor {
        /// The query parameter that takes the cursor.
        param: String,
        /// Where the next one is.
        next: Vec<Step>,
        /// Whether a page without elements is the end.
        ends_empty: bool,
    },
    /// By page number.
    Page {
        /// The query parameter that takes the number.
        number: String,
        /// The query parameter that takes the size.
        size: String,
        /// The first number.
        first: i64,
    },
}

/// Lowers one operation, and says whether its arguments and results are sound. `None` where too little of it could be read;
/// every reason is reported.
pub fn lower(
    section: &str,
    own: &Parameters<'_>,
    key: &Str,
    raw: &model::Operation,
    shared: &Shared<'_>,
    sink: &mut Sink,
) -> Option<(Operation, bool)> {
    let before = sink.diagnostics.len();
    let rust_fn = sink.name(names::operation(&key.value), &key.value, key.span);
    let rust_type = match names::request_type(&key.value) {
        reserved @ Err(NameError::Reserved) => sink.name(reserved, &key.value, key.span),
        // Any other flaw is one of the method's name too, and reported above.
        rust_type => rust_type.ok(),
    };
    let rust_type = rust_type.filter(|name| !clashes(name, key, shared, sink));
    let lowering = Lowering { own, raw, shared };
    let title = raw.title.as_ref().map(|title| shared.scope.text(title, sink));
    let about = shared.scope.optional_text(raw.about.as_ref(), sink);
    let parsed = raw
        .route
        .as_ref()
        .and_then(|route| route::parse(route, shared.scope.sources, sink));
    let path = parsed.as_ref().map(|(_, path)| path.as_slice());
    let path_params = lowering.path_params(path, sink);
    let query = lowering.params(raw.query.as_ref(), sink);
    let headers = lowering.params(raw.headers.as_ref(), sink);
    let body = lowering.body(sink);
    let result = lowering.result(rust_type.as_deref().unwrap_or_default(), sink);
    let records = lowering.records(sink);
    let sound = sink.is_sound_since(before) && lowering.is_read_well();
    let paging = lowering.paging(&query, &result, sound, sink);
    let errors = lowering.errors(sink);
    let limit = lowering.limit(sink);
    let max_body = lowering.max_body(sink);
    let (method, path) = parsed?;
    let repeatable = !matches!(method, Method::Post | Method::Patch);
    let mut operation = Operation {
        id: format!("{section}.{}", key.value),
        key: key.value.clone(),
        rust_fn: rust_fn?,
        rust_type: rust_type?,
        method,
        path,
        title: title?,
        about,
        authenticated: shared.authenticated && raw.auth.as_ref().is_none_or(|auth| auth.value),
        path_params,
        query,
        headers,
        body,
        result,
        records,
        paging,
        errors,
        limit,
        max_body,
        repeatable: raw.repeatable.as_ref().map_or(repeatable, |given| given.value),
        row: raw.row.as_ref().and_then(|row| u32::try_from(row.value).ok()),
        correction: None,
        superseded_by: Vec::new(),
        examples: Vec::new(),
    };
    operation.correction = lowering.correction(&operation, sink);
    let before = sink.diagnostics.len();
    check_argument_names(&operation, key.span, sink);
    let mut roots = Roots::default();
    roots.add(&operation);
    let sound = sound
        && !roots.any(shared.broken)
        && flatten::check(shared.types, operation.body.fields(), key.span, sink)
        && sink.is_sound_since(before);
    if sound {
        operation.examples = example::lower_all(raw, &operation, shared, sink);
    }
    lowering.check_examples(sink);
    Some((operation, sound))
}

/// Whether the request type of an operation would have the name of a declared type.
fn clashes(name: &str, key: &Str, shared: &Shared<'_>, sink: &mut Sink) -> bool {
    let result = format!("{name}Result");
    let Some(taken) = [name, &result].into_iter().find(|name| shared.declared.contains(name)) else {
        return false;
    };
    let message = format!(
        "the operation `{}` generates the type `{taken}`, which is declared already",
        key.value
    );
    sink.report(
        Diagnostic::new(Code::NameCollision, key.span, message).help("rename the operation or the declared type"),
    );
    true
}

fn check_argument_names(operation: &Operation, span: Span, sink: &mut Sink) {
    let params = operation
        .path_params
        .iter()
        .chain(&operation.query)
        .chain(&operation.headers)
        .map(|param| &param.rust);
    let mut names: Vec<&String> = params
        .chain(operation.body.fields().iter().map(|field| &field.rust))
        .collect();
    names.sort_unstable();
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        let message = format!(
            "two arguments of `{}` have the same name in Rust: `{}`",
            operation.id, pair[0]
        );
        let help = format!("rename one of them: `other_name = {}`", pair[0]);
        sink.report(Diagnostic::new(Code::NameCollision, span, message).help(help));
    }
}

struct Lowering<'a> {
    own: &'a Parameters<'a>,
    raw: &'a model::Operation,
    shared: &'a Shared<'a>,
}

impl Lowering<'_> {
    /// Whether reading found no mistake but in examples.
    fn is_read_well(&self) -> bool {
        let scope = self.shared.scope;
        let in_examples: usize = self
            .raw
            .examples
            .iter()
            .flatten()
            .map(|example| scope.flaws_in(example.extent))
            .sum();
        scope.flaws_in(self.raw.extent) <= in_examples
    }

    fn path_params(&self, path: Option<&[Segment]>, sink: &mut Sink) -> Vec<Param> {
        let Some(path) = path else { return Vec::new() };
        let placeholders: Vec<_> = path
            .iter()
            .filter_map(|segment| match segment {
                Segment::Param(name) => Some(name.as_str()),
                Segment::Literal(_) => None,
            })
            .collect();
        let own = super::scope::parameters(self.raw.path.as_ref(), self.shared.scope.sources, sink);
        for (name, parameter) in own.iter().filter(|(name, _)| !placeholders.contains(*name)) {
            let message = format!("the path has no placeholder `{{{name}}}`");
            let diagnostic = Diagnostic::new(Code::UnusedParameter, parameter.span, message);
            sink.report(diagnostic.suggest(name, placeholders.iter().copied()));
        }
        let mut out = Vec::new();
        for name in placeholders {
            let found = own.get(name).or_else(|| self.inherit(name, sink));
            let Some(parameter) = found else {
                self.undeclared(name, &own, sink);
                continue;
            };
            let key = parameter.key(&FieldKey::plain(name), parameter.span);
            out.extend(self.param(&key, parameter.line, true, sink));
        }
        out
    }

    fn undeclared(&self, name: &str, own: &Parameters<'_>, sink: &mut Sink) {
        let Some(route) = &self.raw.route else { return };
        let placeholder = format!("{{{name}}}");
        let start = route.value.find(&placeholder).unwrap_or(0);
        let part = start..start + placeholder.len();
        let span = crate::syntax::line::within(self.shared.scope.sources, route.span, &route.value, part);
        let known = own
            .keys()
            .chain(self.own.keys())
            .chain(self.shared.scope.parameters.keys())
            .copied();
        let message = format!("the placeholder `{placeholder}` has no parameter");
        let mut diagnostic = Diagnostic::new(Code::UndeclaredPlaceholder, span, message).suggest(name, known);
        diagnostic
            .help
            .get_or_insert_with(|| "declare it under `path`, or under `parameters` to share it".to_owned());
        sink.report(diagnostic);
    }

    /// A shared parameter: of the section first, then of the API.
    fn inherit(&self, name: &str, sink: &mut Sink) -> Option<&Parameter<'_>> {
        let found = self.own.get(name).or_else(|| self.shared.scope.parameters.get(name))?;
        sink.used_parameters.insert(found.span);
        Some(found)
    }

    fn params(&self, declared: Option<&Keyed<Line>>, sink: &mut Sink) -> Vec<Param> {
        let mut out: Vec<Param> = Vec::new();
        for (key, line) in declared.into_iter().flatten() {
            let Some(parsed) = FieldKey::parse(key, sink) else {
                continue;
            };
            parsed.refuse_others(key, "a parameter", self.shared.scope.sources, sink);
            let mut optional = parsed.optional;
            let (full_key, line) = if line.ty.is_some() {
                (Cow::Borrowed(key), line)
            } else {
                let Some(parameter) = self.inherit(parsed.wire, sink) else {
                    self.nothing_to_inherit(&parsed, key.span, sink);
                    continue;
                };
                optional |= parameter.optional;
                (Cow::Owned(parameter.key(&parsed, key.span)), parameter.line)
            };
            if parsed.sigil != Sigil::Plain {
                let diagnostic = Diagnostic::new(Code::BadName, key.span, "a parameter has no `+` or `=`");
                sink.report(diagnostic.help("those are for fields of a body"));
                continue;
            }
            let Some(param) = self.param(&full_key, line, !optional, sink) else {
                continue;
            };
            if let Some(other) = out.iter().find(|other| other.wire == param.wire) {
                let message = format!("the parameter `{}` stands here twice", other.wire);
                sink.report(Diagnostic::new(Code::NameCollision, key.span, message));
                continue;
            }
            out.push(param);
        }
        out
    }

    fn param(&self, key: &Str, line: &Line, required: bool, sink: &mut Sink) -> Option<Param> {
        let parsed = FieldKey::parse(key, sink)?;
        let rust = sink.name(names::argument(parsed.name), parsed.name, key.span);
        let ty = self.shared.declared.resolve(line.ty.as_ref()?, Position::Param, sink);
        let doc = self.shared.scope.line_text(line, sink);
        let ty = ty?;
        let default = self.shared.declared.default(line, &ty, !required, sink);
        let rust = rust.unwrap_or_else(|| parsed.wire.to_owned());
        Some(Param {
            wire: parsed.wire.to_owned(),
            rust,
            ty,
            required,
            default,
            doc,
        })
    }

    fn body(&self, sink: &mut Sink) -> Body {
        let raw = self.raw;
        let given: Vec<_> = [("body", &raw.body), ("form", &raw.form), ("multipart", &raw.multipart)]
            .into_iter()
            .filter_map(|(key, fields)| fields.as_ref().map(|fields| (key, fields)))
            .collect();
        match given.as_slice() {
            [] => Body::None,
            [(key, fields)] => self.one_body(key, fields, sink).unwrap_or(Body::None),
            [(first, _), (second, _), ..] => {
                let message = format!("an operation cannot have `{first}` and `{second}`");
                let diagnostic = Diagnostic::new(Code::ConflictingKeys, raw.span, message);
                sink.report(diagnostic.help("a request has one body; keep the kind that the API takes"));
                Body::None
            }
        }
    }

    fn one_body(&self, kind: &str, declared: &Keyed<Line>, sink: &mut Sink) -> Option<Body> {
        let position = match kind {
            "form" => Position::Form,
            "multipart" => Position::Part,
            _ => Position::Field,
        };
        if let Some((key, line)) = declared.iter().find(|(key, _)| key.value.starts_with('=')) {
            return self.whole_body(kind, key, line, declared.len(), sink);
        }
        let lines: Vec<_> = declared
            .iter()
            .filter_map(|(key, line)| self.inherited(key, line, sink))
            .collect();
        let lines = lines.iter().map(|(key, line)| (key.as_ref(), *line));
        let fields = self.shared.declared.fields(lines, position, self.shared.scope, sink);
        for (key, _) in declared {
            let Some(parsed) = FieldKey::parse(key, &mut Sink::default()) else {
                continue;
            };
            if parsed.sigil != Sigil::Flatten {
                parsed.refuse_others(key, "what is sent", self.shared.scope.sources, sink);
            }
            if position != Position::Field && parsed.sigil == Sigil::Flatten {
                sink.report(Diagnostic::new(
                    Code::MisplacedType,
                    key.span,
                    "only a field of JSON can be flattened",
                ));
            }
            if names::argument(parsed.name) == Err(NameError::Reserved) {
                sink.name(names::argument(parsed.name), parsed.name, key.span);
            }
        }
        Some(match kind {
            "form" => Body::Form(fields),
            "multipart" => Body::Multipart(fields),
            _ => Body::Json(fields),
        })
    }

    /// The key and the line of a shared parameter where a field has no line of its own.
    fn inherited<'l>(&'l self, key: &'l Str, line: &'l Line, sink: &mut Sink) -> Option<(Cow<'l, Str>, &'l Line)> {
        if line.ty.is_some() {
            return Some((Cow::Borrowed(key), line));
        }
        let parsed = FieldKey::parse(key, sink)?;
        let found = self.inherit(parsed.wire, sink);
        if found.is_none() {
            self.nothing_to_inherit(&parsed, key.span, sink);
        }
        found.map(|parameter| (Cow::Owned(parameter.key(&parsed, key.span)), parameter.line))
    }

    fn nothing_to_inherit(&self, key: &FieldKey<'_>, span: Span, sink: &mut Sink) {
        let known = self.own.keys().chain(self.shared.scope.parameters.keys()).copied();
        let message = format!("there is no parameter `{}` to inherit", key.wire);
        let diagnostic = sink.suggest(Diagnostic::new(Code::UnknownParameter, span, message), key.wire, known);
        sink.report(diagnostic);
    }

    fn whole_body(&self, kind: &str, key: &Str, line: &Line, count: usize, sink: &mut Sink) -> Option<Body> {
        if count > 1 {
            let diagnostic = Diagnostic::new(
                Code::ConflictingKeys,
                key.span,
                "an argument that is the whole body stands alone",
            );
            sink.report(diagnostic.help("remove the other fields, or the `=`"));
        }
        if let Some(parsed) = FieldKey::parse(key, &mut Sink::default()) {
            parsed.refuse_others(key, "what is sent", self.shared.scope.sources, sink);
        }
        let field = self
            .shared
            .declared
            .field(key, line, Position::Field, self.shared.scope, sink)?;
        sink.name(names::argument(&field.rust), &field.rust, key.span)?;
        match (kind, &field.ty) {
            ("body", Type::Const(_)) => {}
            ("body", _) => return Some(Body::JsonValue(field)),
            ("form", Type::Map(inner, _)) if matches!(**inner, Type::String(_)) => return Some(Body::FormMap(field)),
            _ => {}
        }
        let diagnostic = Diagnostic::new(Code::MisplacedType, key.span, "this cannot be the whole body");
        sink.report(diagnostic.help("a whole JSON body is any type but a constant; a whole form is a `map<string>`"));
        None
    }

    fn result(&self, operation_type: &str, sink: &mut Sink) -> OperationResult {
        match &self.raw.result {
            None => OperationResult::None,
            Some(model::ResultDecl::One(line)) => self.one_result(line, sink),
            Some(model::ResultDecl::Parts(declared)) => {
                let mut parts: Vec<ResultPart> = Vec::new();
                for (key, line) in declared {
                    let Some(part) = self.result_part(key, line, sink) else {
                        continue;
                    };
                    if let Some(other) = parts
                        .iter()
                        .find(|other| other.place == part.place || other.field.rust == part.field.rust)
                    {
                        let message = format!(
                            "`{}` and `{}` are the same part of the answer",
                            other.field.wire, part.field.wire
                        );
                        sink.report(Diagnostic::new(Code::BadPlace, key.span, message));
                        continue;
                    }
                    parts.push(part);
                }
                OperationResult::Parts {
                    rust_type: format!("{operation_type}Result"),
                    parts,
                }
            }
        }
    }

    fn one_result(&self, line: &Line, sink: &mut Sink) -> OperationResult {
        let Some(expr) = &line.ty else {
            let diagnostic = Diagnostic::new(Code::TypeSyntax, line.span, "a result needs a type");
            sink.report(diagnostic.help("leave `result` out where the answer holds nothing but the envelope"));
            return OperationResult::None;
        };
        let doc = self.shared.scope.line_text(line, sink);
        if matches!(&expr.kind, TypeExprKind::Name { name, args } if name == "bytes" && args.is_empty()) {
            return OperationResult::Bytes;
        }
        let ty = self.shared.declared.resolve(expr, Position::Result, sink);
        let place = line
            .place
            .as_ref()
            .map_or(Some(Vec::new()), |place| parse_place(place, sink));
        let (Some(ty), Some(place)) = (ty, place) else {
            return OperationResult::None;
        };
        let (wire, rust) = ("value".to_owned(), "value".to_owned());
        let field = Field {
            wire,
            aliases: Vec::new(),
            rust,
            ty,
            required: true,
            flatten: false,
            default: None,
            doc,
        };
        OperationResult::Value(ResultPart { field, place })
    }

    fn result_part(&self, key: &Str, line: &Line, sink: &mut Sink) -> Option<ResultPart> {
        let field = self
            .shared
            .declared
            .field(key, line, Position::Result, self.shared.scope, sink)?;
        if key.value.starts_with(['+', '=']) {
            let diagnostic = Diagnostic::new(Code::BadName, key.span, "a part of a result has no `+` or `=`");
            sink.report(diagnostic.help("state its place with `in`"));
            return None;
        }
        let place = match &line.place {
            Some(place) => {
                let parsed = FieldKey::parse(key, &mut Sink::default())?;
                parsed.refuse_others(key, "what has a place", self.shared.scope.sources, sink);
                parse_place(place, sink)?
            }
            None => vec![Step::Key(field.wire.clone())],
        };
        Some(ResultPart { field, place })
    }

    fn records(&self, sink: &mut Sink) -> Option<crate::ir::TypeId> {
        let records = self.raw.records.as_ref()?;
        self.shared.declared.lookup(records, sink)
    }

    fn paging(&self, query: &[Param], result: &OperationResult, sound: bool, sink: &mut Sink) -> Option<Paging> {
        let name = self.raw.paging.as_ref()?;
        let Some(style) = self.shared.paging.iter().find(|style| style.key == name.value) else {
            let message = format!("there is no paging style `{}`", shorten(&name.value));
            let known = self.shared.paging.iter().map(|style| style.key.as_str());
            sink.report(Diagnostic::new(Code::UnknownPaging, name.span, message).suggest(&name.value, known));
            return None;
        };
        if !sound {
            return None;
        }
        let mut fail = |message: String, help: &str| {
            sink.report(Diagnostic::new(Code::BadPaging, name.span, message).help(help));
            None
        };
        let lists = result
            .parts()
            .iter()
            .enumerate()
            .filter(|(_, part)| is_list(&part.field.ty))
            .map(|(index, _)| index);
        let lists: Vec<_> = lists.collect();
        let [items] = lists[..] else {
            return fail(
                format!(
                    "the result holds {} lists, so it is not clear what a page holds",
                    lists.len()
                ),
                "an operation with `paging` has exactly one list in its result",
            );
        };
        let find = |wire: &str| query.iter().position(|param| param.wire == wire && !param.required);
        let kind = match &style.kind {
            StyleKind::Cursor {
                param,
                next,
                ends_empty,
            } => match find(param) {
                Some(index) if matches!(query[index].ty, Type::String(_)) => PagingKind::Cursor {
                    param: index,
                    next: next.clone(),
                    ends_empty: *ends_empty,
                },
                _ => {
                    return fail(
                        format!("the query has no optional string `{param}`"),
                        "add `cursor?:` to `query`, by its name in the style",
                    );
                }
            },
            StyleKind::Page { number, size, first } => match (find(number), find(size)) {
                (Some(number), Some(size)) if is_page(&query[number], &query[size]) => PagingKind::Page {
                    number,
                    size,
                    first: *first,
                },
                _ => {
                    let help = "add both to `query`, optional, as integers, and the size with a default";
                    return fail(format!("the query lacks `{number}` or `{size}`"), help);
                }
            },
        };
        Some(Paging {
            style: style.key.clone(),
            doc: style.doc.clone(),
            kind,
            items,
        })
    }

    fn errors(&self, sink: &mut Sink) -> Vec<ErrorId> {
        let references = self.raw.errors.iter().flatten();
        let mut out: Vec<_> = references
            .filter_map(|name| find_error(name, self.shared.errors, sink))
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    fn limit(&self, sink: &mut Sink) -> Option<Limit> {
        let Some(limit) = &self.raw.limit else {
            return self.shared.default_limit.cloned().map(Limit::Own);
        };
        if let Some(bucket) = self.shared.buckets.iter().position(|bucket| bucket.key == limit.value) {
            return Some(Limit::Shared(bucket));
        }
        if limit.value.contains('/') {
            return parse_rate(limit, &limit.value, sink).map(Limit::Own);
        }
        let message = format!("there is no bucket `{}`", shorten(&limit.value));
        let known = self.shared.buckets.iter().map(|bucket| bucket.key.as_str());
        let mut diagnostic = Diagnostic::new(Code::UnknownBucket, limit.span, message).suggest(&limit.value, known);
        diagnostic
            .help
            .get_or_insert_with(|| "declare it under `limits.buckets`, or write a rate such as `100/s`".to_owned());
        sink.report(diagnostic);
        None
    }

    fn max_body(&self, sink: &mut Sink) -> Option<u64> {
        let text = self.raw.max_body.as_ref()?;
        let raw = self.raw;
        if [&raw.body, &raw.form, &raw.multipart].iter().all(|body| body.is_none()) {
            let message = "a request without a body has no largest body";
            let diagnostic = Diagnostic::new(Code::BadValue, text.span, message);
            sink.report(diagnostic.help("remove `max_body`, or state the `body`, `form` or `multipart`"));
            return None;
        }
        let size = parse_size(&text.value);
        if size.is_none() {
            let message = format!("`{}` is no size", shorten(&text.value));
            let diagnostic = Diagnostic::new(Code::BadValue, text.span, message);
            sink.report(diagnostic.help("write it like `512B`, `5KB` or `10MB`; 1 KB is 1024 bytes"));
        }
        size
    }

    fn correction(&self, operation: &Operation, sink: &mut Sink) -> Option<Correction> {
        let raw = self.raw.corrects.as_ref()?;
        if operation.row.is_none() {
            let diagnostic = Diagnostic::new(Code::StaleCorrection, raw.span, "there is no row to correct");
            sink.report(diagnostic.help("state the `row` that was wrong, or remove the correction"));
        }
        let real_path = template(self.shared.base) + &template(&operation.path);
        let same = [
            (
                &raw.method,
                "method",
                operation.method.as_str() == raw.method.as_ref().map_or("", |method| &method.value),
            ),
            (
                &raw.path,
                "path",
                raw.path.as_ref().is_some_and(|path| path.value == real_path),
            ),
        ];
        for (given, what, _) in same.iter().filter(|(_, _, same)| *same) {
            let Some(given) = given else { continue };
            let message = format!("this {what} is the real one: it corrects nothing");
            let help = "state what the source table printed, or remove the key";
            sink.report(Diagnostic::new(Code::StaleCorrection, given.span, message).help(help));
        }
        let value = |text: &Option<Str>| text.as_ref().map(|text| text.value.clone());
        let correction = Correction {
            method: value(&raw.method),
            path: value(&raw.path),
            text: value(&raw.text),
            cosmetic: raw.cosmetic.as_ref().is_some_and(|cosmetic| cosmetic.value),
            why: shared_text(raw.why.as_ref(), self.shared.scope, sink),
        };
        if correction.method.is_none() && correction.path.is_none() && correction.text.is_none() {
            let message = "a correction states what was printed: `method`, `path` or `text`";
            sink.report(Diagnostic::new(Code::MissingKey, raw.span, message));
        }
        Some(correction)
    }

    fn check_examples(&self, sink: &mut Sink) {
        let Some(examples) = &self.raw.examples else { return };
        if examples.is_empty() {
            let diagnostic = Diagnostic::new(
                Code::MissingKey,
                self.raw.span,
                "an operation needs at least one example",
            );
            sink.report(diagnostic.help("examples are the tests and samples of the operation"));
        }
        if examples.len() > 1 {
            // A key that could not be read may be the title.
            let read_well = |example: &&model::Example| self.shared.scope.flaws_in(example.extent) == 0;
            for example in examples
                .iter()
                .filter(read_well)
                .filter(|example| example.title.is_none())
            {
                let diagnostic = Diagnostic::new(
                    Code::MissingKey,
                    example.span,
                    "one of several examples needs a `title`",
                );
                sink.report(diagnostic.help("say what it shows that the others do not"));
            }
        }
    }
}

fn shared_text(text: Option<&Str>, scope: &Scope<'_>, sink: &mut Sink) -> Text {
    text.map(|text| scope.text(text, sink)).unwrap_or_default()
}

fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(..) | Type::OneOrMany(_))
}

fn is_page(number: &Param, size: &Param) -> bool {
    let is_int = |param: &Param| matches!(param.ty, Type::Int(_));
    is_int(number) && is_int(size) && size.default.is_some()
}

/// Reads a place in an answer: `entities[0]`, `data.items`.
pub fn parse_place(place: &Str, sink: &mut Sink) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in place.value.split('.') {
        let (key, indexes) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        let fits = !key.is_empty()
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        steps.push(Step::Key(key.to_owned()));
        let mut rest = indexes;
        while let Some((index, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            let Ok(index) = index.parse() else { break };
            steps.push(Step::Index(index));
            rest = after;
        }
        if !fits || !rest.is_empty() || steps.len() > 16 {
            let message = format!("`{}` is no place in an answer", shorten(&place.value));
            sink.report(
                Diagnostic::new(Code::BadPlace, place.span, message)
                    .help("write it like `data`, `entities[0]` or `data.items`"),
            );
            return None;
        }
    }
    Some(steps)
}

/// Reads a rate: `100/s`, `6000 messages/min`.
pub fn parse_rate(at: &Str, text: &str, sink: &mut Sink) -> Option<Rate> {
    let parse = || {
        let (amount, period) = text.trim().rsplit_once('/')?;
        let (count, unit) = amount.split_once(' ').unwrap_or((amount, "calls"));
        let period = [Period::Second, Period::Minute, Period::Hour]
            .into_iter()
            .find(|known| known.sign() == period)?;
        let unit = unit.trim();
        let fits = !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_lowercase());
        let count = count.parse().ok().filter(|count| *count > 0)?;
        fits.then(|| Rate {
            count,
            unit: unit.to_owned(),
            period,
        })
    };
    let rate = parse();
    if rate.is_none() {
        let diagnostic = Diagnostic::new(Code::BadValue, at.span, format!("`{}` is no rate", shorten(text)));
        sink.report(diagnostic.help("write it like `100/s`, `10/min`, `5/h` or `6000 messages/min`"));
    }
    rate
}

/// Bytes, from `512B`, `5KB`, `10MB`.
fn parse_size(text: &str) -> Option<u64> {
    let digits = text.find(|char: char| !char.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let unit: u64 = match unit {
        "B" => 1,
        "KB" => 1 << 10,
        "MB" => 1 << 20,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(unit).filter(|size| *size > 0)
}

fn find_error(name: &Str, errors: &Errors, sink: &mut Sink) -> Option<ErrorId> {
    let text = name.value.as_str();
    let (status, code): (Option<u16>, &str) = match text.split_once(' ') {
        Some((status, code)) if status.len() == 3 && status.parse::<u16>().is_ok() => (status.parse().ok(), code),
        _ => (None, text),
    };
    let fits = |known: &crate::ir::KnownError| known.code == code && status.is_none_or(|status| known.status == status);
    let found: Vec<_> = errors
        .catalogue
        .iter()
        .enumerate()
        .filter(|(_, known)| fits(known))
        .collect();
    match found.as_slice() {
        [(index, _)] => Some(ErrorId(*index)),
        [] => {
            let message = format!("there is no known error `{}`", shorten(text));
            let same = errors.catalogue.iter().find(|known| known.code == code);
            if let Some(known) = same {
                let help = format!("the code is known as `{} {code}`", known.status);
                sink.report(Diagnostic::new(Code::UnknownError, name.span, message).help(help));
                return None;
            }
            let known = errors.catalogue.iter().map(|known| known.code.as_str());
            let mut diagnostic = sink.suggest(Diagnostic::new(Code::UnknownError, name.span, message), code, known);
            diagnostic
                .help
                .get_or_insert_with(|| "declare it under `errors.known` of `api.yaml`".to_owned());
            sink.report(diagnostic);
            None
        }
        several => {
            let choices: Vec<_> = several
                .iter()
                .map(|(_, known)| format!("`{} {}`", known.status, known.code))
                .collect();
            let message = format!("the code `{code}` has several statuses");
            let help = format!("write one of {}", choices.join(", "));
            sink.report(Diagnostic::new(Code::UnknownError, name.span, message).help(help));
            None
        }
    }
}
