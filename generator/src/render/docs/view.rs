//! The tables, types and operations that templates show. Values are finished markdown, so templates only arrange them.

use serde::Serialize;

use super::markdown::Md;
use super::site::type_anchor;
use super::words::{Words, phrase};
use crate::ir::{
    Api, BodyKind, Correction, EnumRepr, EnumValue, ErrorId, Example, ExampleResponse, Field, Json, KeyVariant,
    Location, Operation, OperationId, OperationResult, ResultPart, StringRule, Type, TypeId, TypeKind, Union,
};
use crate::render::samples::uploaded_files;

/// A table of fields or parameters.
#[derive(Serialize)]
pub(super) struct FieldTable {
    /// Whether any row has a rule. Otherwise the column is left out.
    has_rules: bool,
    rows: Vec<FieldRow>,
}

#[derive(Serialize)]
struct FieldRow {
    name: Md,
    ty: Md,
    required: bool,
    rules: Md,
    meaning: Md,
}

impl FieldTable {
    /// Returns a table of the fields, or `None` if there are none.
    pub(super) fn new<'a>(words: Words<'_>, fields: impl IntoIterator<Item = &'a Field>) -> Option<Self> {
        let mut rows = Vec::new();
        for field in fields {
            push_rows(words, field, "", &mut rows);
        }
        let has_rules = rows.iter().any(|row| !row.rules.is_empty());
        (!rows.is_empty()).then_some(Self { has_rules, rows })
    }

    /// Returns a table of the parameters of an operation at one location.
    pub(super) fn of_inputs(words: Words<'_>, operation: &Operation, location: Location) -> Option<Self> {
        Self::new(words, operation.fields_in(location))
    }
}

/// Appends the row of a field, or the rows of the keys that a flattened field adds to the enclosing object.
///
/// `outer` is the Rust path of the enclosing fields, e.g. `file.`.
fn push_rows(words: Words<'_>, field: &Field, outer: &str, rows: &mut Vec<FieldRow>) {
    let kind = match &field.ty {
        Type::Named(id) if field.flatten => Some((*id, &words.site.api.type_def(*id).kind)),
        _ => None,
    };
    match kind {
        Some((_, TypeKind::Object(fields))) => {
            let outer = format!("{outer}{}.", field.rust);
            for field in fields {
                push_rows(words, field, &outer, rows);
            }
        }
        Some((id, TypeKind::Union(union))) => rows.extend(union_rows(words, field, outer, id, union)),
        _ => rows.push(field_row(words, field, outer)),
    }
}

/// Returns the rows of the keys that a flattened union adds to the enclosing object: its tag, and its content if that has a key.
fn union_rows(words: Words<'_>, field: &Field, outer: &str, id: TypeId, union: &Union) -> Vec<FieldRow> {
    let phrases = &words.strings.phrases;
    let row = |key: &str, ty: Md, meaning: &[Md]| FieldRow {
        name: Md::code(key),
        ty,
        required: true,
        rules: Md::default(),
        meaning: words.sentences(meaning),
    };
    let tags: Vec<Md> = union.variants.iter().map(|variant| json_code(&variant.tag)).collect();
    let tags = Md::join(&tags, &phrases.list_separator);
    let about_tag = match union.content {
        Some(_) => &phrases.tag_of_content,
        None => &phrases.tag_of_fields,
    };
    let values = [("type", &words.type_link(id)), ("tag", &Md::code(&union.tag))];
    let tag = [
        words.text(&field.doc),
        Md::phrase(about_tag, &values),
        rust_name(words, &format!("{outer}{}", field.rust)),
    ];
    let mut rows = vec![row(&union.tag, Md::phrase(&phrases.one_of, &[("values", &tags)]), &tag)];
    rows.extend(union.content.iter().map(|content| {
        let about = Md::phrase(&phrases.content_of_tag, &values);
        row(content, phrase(&phrases.json_object), &[about])
    }));
    rows
}

fn field_row(words: Words<'_>, field: &Field, outer: &str) -> FieldRow {
    let mut meaning = vec![words.text(&field.doc)];
    if let Some(family) = field.family() {
        let values = [
            ("type", &words.type_link(family.key)),
            ("prefix", &Md::code(&family.prefix)),
        ];
        meaning.push(Md::phrase(&words.strings.phrases.family, &values));
    }
    if !field.aliases.is_empty() {
        let names: Vec<Md> = field.aliases.iter().map(|alias| Md::code(alias)).collect();
        let names = Md::join(&names, &words.strings.phrases.name_separator);
        meaning.push(Md::phrase(&words.strings.phrases.aliases, &[("names", &names)]));
    }
    if !(field.is_constant() || outer.is_empty() && is_same_word(&field.wire, &field.rust)) {
        meaning.push(rust_name(words, &format!("{outer}{}", field.rust)));
    }
    FieldRow {
        name: Md::code(&field.wire),
        ty: words.field_type(field),
        required: field.is_always_present(),
        rules: words.rules(&field.ty, field.default()),
        meaning: words.sentences(&meaning),
    }
}

fn rust_name(words: Words<'_>, rust: &str) -> Md {
    Md::phrase(&words.strings.phrases.rust_name, &[("name", &Md::code(rust))])
}

/// Returns `true` if two names differ only in case and separators, so that the Rust name is obvious from the wire name.
fn is_same_word<'a>(wire: &'a str, rust: &'a str) -> bool {
    let letters = |name: &'a str| {
        name.chars()
            .filter(|c| !matches!(c, '_' | '-'))
            .flat_map(char::to_lowercase)
    };
    letters(wire).eq(letters(rust))
}

/// A named type.
#[derive(Serialize)]
pub(super) struct TypeView {
    anchor: String,
    name: Md,
    doc: Md,
    in_request: bool,
    in_response: bool,
    /// The type of a newtype or an enum on the wire.
    wire: Md,
    rules: Md,
    fields: Option<FieldTable>,
    values: Vec<ValueRow>,
    union: Option<UnionView>,
}

#[derive(Serialize)]
struct ValueRow {
    value: Md,
    rust: Md,
    meaning: Md,
}

#[derive(Serialize)]
struct UnionView {
    /// `None` if the only key of the object selects the variant.
    tag: Option<Md>,
    content: Option<Md>,
    variants: Vec<VariantRow>,
}

#[derive(Serialize)]
struct VariantRow {
    tag: Md,
    ty: Md,
    rust: Md,
    meaning: Md,
}

impl TypeView {
    pub(super) fn new(words: Words<'_>, id: TypeId) -> Self {
        let def = words.site.api.type_def(id);
        let mut view = Self {
            anchor: type_anchor(def),
            name: Md::text(&def.name),
            doc: words.paragraphs(&def.doc),
            in_request: def.in_request,
            in_response: def.in_response,
            wire: Md::default(),
            rules: Md::default(),
            fields: None,
            values: Vec::new(),
            union: None,
        };
        match &def.kind {
            TypeKind::Object(fields) => view.fields = FieldTable::new(words, fields),
            TypeKind::Newtype(ty) => {
                view.wire = words.ty(ty);
                view.rules = words.rules(ty, None);
            }
            TypeKind::Enum { repr, values } => {
                view.wire = words.ty(&enum_type(*repr));
                view.values = values
                    .iter()
                    .map(|value| value_row(words, &def.name, *repr, value))
                    .collect();
            }
            TypeKind::Union(union) => view.union = Some(union_view(words, &def.name, union)),
            TypeKind::OneKey(variants) => view.union = Some(one_key_view(words, &def.name, variants)),
        }
        view
    }
}

fn enum_type(repr: EnumRepr) -> Type {
    match repr {
        EnumRepr::String => Type::String(StringRule::default()),
        EnumRepr::Int => Type::Int(crate::ir::IntRule::default()),
    }
}

fn value_row(words: Words<'_>, type_name: &str, repr: EnumRepr, value: &EnumValue) -> ValueRow {
    ValueRow {
        value: match repr {
            EnumRepr::String => json_code(&value.wire),
            EnumRepr::Int => Md::code(&value.wire),
        },
        rust: Md::code(&format!("{type_name}::{}", value.rust)),
        meaning: words.text(&value.doc),
    }
}

/// Returns a string as a JSON value.
fn json_code(text: &str) -> Md {
    Md::code(&Json::from(text).to_string())
}

fn union_view(words: Words<'_>, type_name: &str, union: &Union) -> UnionView {
    let variants = union.variants.iter().map(|variant| VariantRow {
        tag: json_code(&variant.tag),
        ty: words.type_link(variant.ty),
        rust: Md::code(&format!("{type_name}::{}", variant.rust)),
        meaning: words.text(&variant.doc),
    });
    UnionView {
        tag: Some(Md::code(&union.tag)),
        content: union.content.as_deref().map(Md::code),
        variants: variants.collect(),
    }
}

fn one_key_view(words: Words<'_>, type_name: &str, variants: &[KeyVariant]) -> UnionView {
    let variants = variants.iter().map(|variant| VariantRow {
        tag: Md::code(&variant.key),
        ty: words.type_with_rules(&variant.ty),
        rust: Md::code(&format!("{type_name}::{}", variant.rust)),
        meaning: words.text(&variant.doc),
    });
    UnionView {
        tag: None,
        content: None,
        variants: variants.collect(),
    }
}

/// An operation with all its details.
#[derive(Serialize)]
pub(super) struct OperationView<'a> {
    anchor: String,
    title: Md,
    /// Method and path, base path included.
    request: Md,
    about: Md,
    superseded_by: Vec<Md>,
    replaces: Vec<Md>,
    shares_route: Vec<Md>,
    rust_call: Md,
    /// Whether the operation requires a token. `None` if the API has no authentication.
    token: Option<bool>,
    limits: Vec<Md>,
    /// The method for a single element.
    one: Option<Md>,
    max_body: Option<Md>,
    /// The largest number of elements per request, if a request can be split.
    split: Option<Md>,
    idempotent: bool,
    paging: Option<Md>,
    /// A link to the row in the coverage table.
    row: Option<Md>,
    /// The editions of the source documentation that describe the operation, unless all do.
    editions: Option<Vec<Md>>,
    path: Option<FieldTable>,
    query: Option<FieldTable>,
    headers: Option<FieldTable>,
    body: Option<BodyView>,
    result: ResultView,
    records: Option<Md>,
    errors: Vec<ErrorRow>,
    correction: Option<CorrectionView>,
    examples: Vec<ExampleView<'a>>,
}

impl<'a> OperationView<'a> {
    pub(super) fn new(words: Words<'a>, id: OperationId) -> Self {
        let site = words.site;
        let operation = site.api.operation(id);
        Self {
            anchor: site.operation_anchor(id).to_owned(),
            title: words.text(&operation.title),
            request: request_line(operation.method.as_str(), &site.full_path(operation)),
            about: words.paragraphs(&operation.about),
            superseded_by: words.operation_links(operation.superseded_by.iter().copied()),
            replaces: words.operation_links(site.replaces(id).iter().copied()),
            shares_route: words.operation_links(site.siblings(id)),
            rust_call: Md::code(&rust_call(site.api, id)),
            token: site.api.auth.is_some().then_some(operation.authenticated),
            limits: words.limits(operation),
            one: operation.one.as_ref().map(|one| Md::code(&one.rust_fn)),
            max_body: Words::max_body(operation),
            split: operation.split.as_ref().map(|split| Md::text(&split.most.to_string())),
            idempotent: operation.idempotent,
            paging: paging(words, operation),
            row: words.row_link(operation),
            editions: words.editions(operation),
            path: FieldTable::of_inputs(words, operation, Location::Path),
            query: FieldTable::of_inputs(words, operation, Location::Query),
            headers: FieldTable::of_inputs(words, operation, Location::Header),
            body: BodyView::new(words, operation),
            result: ResultView::new(words, operation),
            records: operation.records.as_ref().map(|records| words.type_link(records.ty)),
            errors: operation
                .errors
                .iter()
                .map(|error| ErrorRow::new(words, *error, true))
                .collect(),
            correction: operation
                .correction
                .as_ref()
                .map(|correction| CorrectionView::new(words, operation, correction)),
            examples: operation
                .examples
                .iter()
                .enumerate()
                .map(|(index, example)| ExampleView::new(words, id, index, example))
                .collect(),
        }
    }
}

/// Returns method and path as code.
pub(super) fn request_line(method: &str, path: &str) -> Md {
    Md::code(&format!("{method} {path}"))
}

/// Returns the Rust call of an operation with `…` for its arguments.
pub(super) fn rust_call(api: &Api, id: OperationId) -> String {
    let operation = api.operation(id);
    let arguments = match operation.required_inputs().next() {
        Some(_) => "…",
        None => "",
    };
    format!(
        "client.{}().{}({arguments})",
        api.section_of(id).rust_module,
        operation.rust_fn
    )
}

fn paging(words: Words<'_>, operation: &Operation) -> Option<Md> {
    let paging = operation.paging.as_ref()?;
    let style = Md::link(
        &Md::code(&paging.style),
        &words.site.style_href(words.page, &paging.style),
    );
    let path = words.paged_list(operation, paging);
    Some(Md::phrase(
        &words.strings.phrases.paging_at,
        &[("style", &style), ("path", &path)],
    ))
}

#[derive(Serialize)]
struct BodyView {
    media_type: Md,
    /// Whether a single argument is the whole body.
    is_whole: bool,
    is_multipart: bool,
    table: Option<FieldTable>,
}

impl BodyView {
    fn new(words: Words<'_>, operation: &Operation) -> Option<Self> {
        let body = operation.body;
        Some(Self {
            media_type: Md::code(body.media_type()?),
            is_whole: matches!(body, BodyKind::JsonValue | BodyKind::FormMap),
            is_multipart: matches!(body, BodyKind::Multipart),
            table: FieldTable::of_inputs(words, operation, Location::Body),
        })
    }
}

#[derive(Serialize)]
struct ResultView {
    /// `bytes` for a file, `done` for a flag or `all_done` for flags that only say whether the operation was done, else `values`.
    kind: &'static str,
    /// The key of the reason why it was not done.
    reason: Option<Md>,
    /// Whether the response may also contain the fields of the envelope.
    has_envelope: bool,
    rust_type: Option<Md>,
    rows: Vec<ResultRow>,
}

#[derive(Serialize)]
struct ResultRow {
    path: Md,
    ty: Md,
    always: bool,
    meaning: Md,
}

impl ResultView {
    fn new(words: Words<'_>, operation: &Operation) -> Self {
        let result = &operation.result;
        let rust_type = match result {
            OperationResult::Parts { rust_type, .. } => Some(Md::code(rust_type)),
            _ => None,
        };
        let rows = result
            .parts()
            .iter()
            .map(|part| result_row(words, part, rust_type.is_some()));
        Self {
            kind: match result {
                OperationResult::Bytes(_) => "bytes",
                OperationResult::Done(part) if matches!(part.field.ty, Type::Map(..)) => "all_done",
                OperationResult::Done(_) => "done",
                _ => "values",
            },
            reason: words.site.api.errors.reason_key.as_deref().map(Md::code),
            has_envelope: words.site.has_envelope(operation),
            rows: rows.collect(),
            rust_type,
        }
    }
}

fn result_row(words: Words<'_>, part: &ResultPart, is_named: bool) -> ResultRow {
    let field = &part.field;
    let mut meaning = vec![words.text(&field.doc)];
    let last_key = part.path.last_key().unwrap_or_default();
    if is_named && !is_same_word(last_key, &field.rust) {
        meaning.push(rust_name(words, &field.rust));
    }
    ResultRow {
        path: words.path(&part.path),
        ty: words.field_type(field),
        always: field.is_always_present(),
        meaning: words.sentences(&meaning),
    }
}

/// A known error.
#[derive(Serialize)]
pub(super) struct ErrorRow {
    anchor: String,
    status: u16,
    code: Md,
    rust: Md,
    meaning: Md,
    remedy: Md,
    retry: bool,
    throttled: bool,
}

impl ErrorRow {
    /// With `is_linked`, the code is a link to the page of all errors.
    pub(super) fn new(words: Words<'_>, id: ErrorId, is_linked: bool) -> Self {
        let error = words.site.api.error(id);
        let code = Md::code(&error.code);
        Self {
            anchor: words.site.error_anchor(id).to_owned(),
            status: error.status,
            code: if is_linked {
                Md::link(&code, &words.site.error_href(words.page, id))
            } else {
                code
            },
            rust: Md::code(&format!("ErrorCode::{}", error.rust_variant)),
            meaning: words.text(&error.means),
            remedy: words.text(&error.remedy),
            retry: error.retry,
            throttled: error.throttled,
        }
    }
}

/// An error in a source table, and its correction.
#[derive(Serialize)]
pub(super) struct CorrectionView {
    printed: Vec<Md>,
    /// The correct request. Empty if only a text is corrected.
    right: Md,
    why: Md,
    pub(super) is_cosmetic: bool,
}

impl CorrectionView {
    pub(super) fn new(words: Words<'_>, operation: &Operation, correction: &Correction) -> Self {
        let mut printed = Vec::new();
        let path = words.site.full_path(operation);
        let right = request_line(operation.method.as_str(), &path);
        if correction.method.is_some() || correction.path.is_some() {
            let method = correction.method.as_deref().unwrap_or(operation.method.as_str());
            printed.push(request_line(method, correction.path.as_deref().unwrap_or(&path)));
        }
        let is_about_text = printed.is_empty();
        if let Some(text) = &correction.text {
            printed.push(Md::phrase(
                &words.strings.phrases.corrected_text,
                &[("text", &Md::text(text))],
            ));
        }
        Self {
            printed,
            right: if is_about_text { Md::default() } else { right },
            why: words.text(&correction.why),
            is_cosmetic: correction.cosmetic,
        }
    }
}

#[derive(Serialize)]
struct ExampleView<'a> {
    anchor: String,
    title: Md,
    /// Commands that make the files that the samples read.
    files: Md,
    samples: &'a [(&'static str, Md)],
    status: u16,
    response: Md,
    records: Md,
}

impl<'a> ExampleView<'a> {
    fn new(words: Words<'a>, id: OperationId, index: usize, example: &Example) -> Self {
        let records: Vec<String> = example.records.iter().map(Json::to_string).collect();
        Self {
            anchor: words.site.example_anchor(id, index),
            title: words.text(&example.title),
            files: Md::fence("sh", &uploaded_files(example)),
            samples: words.site.samples(id, index),
            status: example.status,
            response: match &example.response {
                ExampleResponse::Json(json) => Md::fence("json", &pretty(json)),
                ExampleResponse::Bytes(text) => Md::fence("text", text),
            },
            records: Md::fence("json", &records.join("\n")),
        }
    }
}

/// Returns a JSON value in its indented form.
pub(super) fn pretty(json: &Json) -> String {
    format!("{json:#}")
}
