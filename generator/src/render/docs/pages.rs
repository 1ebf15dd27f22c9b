//! The views of the pages: the data that their templates show.

use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::coverage::CoverageView;
use super::markdown::Md;
use super::openapi::OpenApiView;
use super::quickstart::Quickstart;
use super::site::{Page, bucket_anchor, page_of, style_anchor};
use super::view::{CorrectionView, ErrorRow, FieldTable, OperationView, TypeView, request_line, rust_call};
use super::webhooks::{EventsView, WebhooksView};
use super::words::{MAX_LINKS, Words};
use crate::ir::{Auth, ErrorId, Grant, Model, OperationId, TypeId};

/// Returns the name of a page's template, and its view.
pub(super) fn view(words: Words<'_>) -> (&'static str, Value) {
    let api = words.site.api;
    match words.page {
        Page::Front => ("front.md", Value::from(Serde(FrontView::new(words)))),
        Page::Model => {
            let model = api.model.as_ref().map(|model| ModelView::new(words, model));
            ("model.md", Value::from(Serde(model)))
        }
        Page::Authentication => {
            let auth = api.auth.as_ref().map(|auth| AuthView::new(words, auth));
            ("authentication.md", Value::from(Serde(auth)))
        }
        Page::Hosts => ("hosts.md", Value::from(Serde(HostsView::new(words)))),
        Page::Envelope => (
            "envelope.md",
            Value::from(Serde(EnvelopeView {
                table: FieldTable::new(words, &api.envelope),
            })),
        ),
        Page::Errors => ("errors.md", Value::from(Serde(ErrorsView::new(words)))),
        Page::Limits => ("limits.md", Value::from(Serde(LimitsView::new(words)))),
        Page::Paging => ("paging.md", Value::from(Serde(PagingView::new(words)))),
        Page::Sandbox => {
            let page = api.sandbox.as_ref().and_then(|own| own.pages.get(words.language));
            ("sandbox.md", Value::from(page.map_or("", |page| page.trim_end())))
        }
        Page::Section(section) => ("section.md", Value::from(Serde(SectionView::new(words, section)))),
        Page::Webhooks => {
            let webhooks = api.webhooks.as_ref().map(|webhooks| WebhooksView::new(words, webhooks));
            ("webhooks.md", Value::from(Serde(webhooks)))
        }
        Page::Events(group) => ("events.md", Value::from(Serde(EventsView::new(words, group)))),
        Page::Types => ("types.md", Value::from(Serde(TypesView::new(words)))),
        Page::OpenApi => ("openapi.md", Value::from(Serde(OpenApiView::new(words)))),
        Page::Corrections => ("corrections.md", Value::from(Serde(CorrectionsView::new(words)))),
        Page::Coverage => ("coverage.md", Value::from(Serde(CoverageView::new(words)))),
    }
}

/// Links to all pages, in groups.
#[derive(Serialize)]
pub(super) struct Contents {
    front: Md,
    basics: Vec<Md>,
    sections: Vec<Md>,
    webhooks: Vec<Md>,
    reference: Vec<Md>,
}

impl Contents {
    pub(super) fn new(words: Words<'_>) -> Self {
        let mut contents = Self {
            front: words.page_link(Page::Front),
            basics: Vec::new(),
            sections: Vec::new(),
            webhooks: Vec::new(),
            reference: Vec::new(),
        };
        for page in &words.site.pages {
            let group = match page {
                Page::Front => continue,
                page if page.is_section() => &mut contents.sections,
                page if page.is_about_webhooks() => &mut contents.webhooks,
                page if page.is_reference() => &mut contents.reference,
                _ => &mut contents.basics,
            };
            group.push(words.page_link(*page));
        }
        contents
    }
}

#[derive(Serialize)]
struct FrontView {
    title: Md,
    about: Md,
    crate_name: Md,
    quickstart: Option<Quickstart>,
    sections: Vec<SectionRow>,
    contents: Contents,
}

#[derive(Serialize)]
struct SectionRow {
    link: Md,
    about: Md,
    count: usize,
}

impl FrontView {
    fn new(words: Words<'_>) -> Self {
        let api = words.site.api;
        let sections = api.sections.iter().enumerate().map(|(index, section)| SectionRow {
            link: words.page_link(Page::Section(index)),
            about: words.text(&section.about),
            count: section.operations.len(),
        });
        Self {
            title: words.text(&api.title),
            about: words.paragraphs(&api.about),
            crate_name: Md::code(&api.name),
            quickstart: Quickstart::new(words),
            sections: sections.collect(),
            contents: Contents::new(words),
        }
    }
}

#[derive(Serialize)]
struct ModelView {
    about: Md,
    /// Rows of four cells: subject, label, object and cardinality.
    relations: Vec<[Md; 4]>,
}

impl ModelView {
    fn new(words: Words<'_>, model: &Model) -> Self {
        let relations = model.relations.iter().map(|relation| {
            let name = |thing: usize| words.text(&model.things[thing].name);
            [
                name(relation.from),
                words.text(&relation.label),
                name(relation.to),
                Md::code(relation.cardinality()),
            ]
        });
        Self {
            about: words.paragraphs(&model.about),
            relations: relations.collect(),
        }
    }
}

#[derive(Serialize)]
struct AuthView {
    about: Md,
    header: Md,
    grant: Option<GrantView>,
    without: Vec<Md>,
}

#[derive(Serialize)]
struct GrantView {
    /// The text alternative of the diagram.
    diagram: Md,
    operation: Md,
    credentials: Option<FieldTable>,
    token: Option<FieldTable>,
    lifetime: Option<FieldTable>,
}

impl AuthView {
    fn new(words: Words<'_>, auth: &Auth) -> Self {
        let without = words
            .site
            .api
            .operations()
            .filter(|(_, operation)| !operation.authenticated);
        Self {
            about: words.paragraphs(&auth.about),
            header: words.token_header(auth),
            grant: auth.grant.as_ref().map(|grant| GrantView::new(words, grant)),
            without: words.operation_links(without.map(|(id, _)| id)),
        }
    }
}

impl GrantView {
    fn new(words: Words<'_>, grant: &Grant) -> Self {
        Self {
            diagram: Md::text(&words.strings.token.description),
            operation: words.operation_link(grant.operation),
            credentials: FieldTable::new(words, &grant.credentials),
            token: FieldTable::new(words, [&grant.token]),
            lifetime: grant
                .lifetime
                .as_ref()
                .and_then(|field| FieldTable::new(words, [field])),
        }
    }
}

#[derive(Serialize)]
struct HostsView {
    servers: Vec<ServerRow>,
    /// The Rust call that lists all addresses of the first server with several.
    all: Option<Md>,
    /// The builder call that selects the first server.
    call: Option<Md>,
    /// `None` if there is no base path.
    base: Option<Md>,
    params: Option<FieldTable>,
}

#[derive(Serialize)]
struct ServerRow {
    name: Md,
    /// The first is the default.
    urls: Vec<Md>,
    rust: Md,
}

impl HostsView {
    fn new(words: Words<'_>) -> Self {
        let api = words.site.api;
        let variant = |name: &str| format!("{}::{name}", api.server_type);
        let servers = api.servers.iter().map(|server| ServerRow {
            name: words.text(&server.doc),
            urls: server.urls().map(Md::code).collect(),
            rust: Md::code(&variant(&server.rust_variant)),
        });
        let first = api.servers.first();
        let several = api.servers.iter().find(|server| !server.alternatives.is_empty());
        let base = words.site.base();
        Self {
            servers: servers.collect(),
            all: several.map(|server| Md::code(&format!("{}.urls()", variant(&server.rust_variant)))),
            call: first.map(|server| Md::code(&format!(".{}({})", api.server_setter, variant(&server.rust_variant)))),
            base: (!base.is_empty()).then(|| Md::code(&base)),
            params: FieldTable::new(words, &api.base.params),
        }
    }
}

#[derive(Serialize)]
struct EnvelopeView {
    table: Option<FieldTable>,
}

#[derive(Serialize)]
struct ErrorsView {
    code_key: Option<Md>,
    message_key: Option<Md>,
    fields: Option<FieldTable>,
    known: Vec<ErrorRow>,
    /// The operations that return each of the known errors.
    operations: Vec<ErrorOperationsRow>,
}

#[derive(Serialize)]
struct ErrorOperationsRow {
    error: ErrorRow,
    /// Whether `operations` are those that do not return the error.
    is_exception: bool,
    operations: Vec<Md>,
}

impl ErrorOperationsRow {
    fn new(words: Words<'_>, id: ErrorId) -> Self {
        let api = words.site.api;
        let all = api.operations().map(|(id, _)| id);
        let (with, without): (Vec<_>, Vec<_>) = all.partition(|one| api.operation(*one).errors.contains(&id));
        let is_exception = without.len() <= MAX_LINKS && with.len() > without.len();
        let shown = if is_exception { without } else { with };
        Self {
            error: ErrorRow::new(words, id, true),
            is_exception,
            operations: words.few_operation_links(&shown),
        }
    }
}

impl ErrorsView {
    fn new(words: Words<'_>) -> Self {
        let errors = &words.site.api.errors;
        let ids = || (0..errors.catalogue.len()).map(ErrorId);
        Self {
            code_key: errors.code_key.as_deref().map(Md::code),
            message_key: errors.message_key.as_deref().map(Md::code),
            fields: FieldTable::new(words, &errors.fields),
            known: ids().map(|id| ErrorRow::new(words, id, false)).collect(),
            operations: ids().map(|id| ErrorOperationsRow::new(words, id)).collect(),
        }
    }
}

#[derive(Serialize)]
struct LimitsView {
    default: Option<Md>,
    buckets: Vec<BucketView>,
    /// The limits of each operation.
    operations: Vec<LimitRow>,
    /// Whether the size of any request is limited.
    has_max_body: bool,
    /// Arguments with a maximum number of elements.
    batches: Vec<BatchRow>,
}

#[derive(Serialize)]
struct BucketView {
    anchor: String,
    key: Md,
    rate: Md,
    doc: Md,
    operations: Vec<Md>,
}

#[derive(Serialize)]
struct LimitRow {
    operation: Md,
    request: Md,
    /// Empty if no limit is known.
    rates: Vec<Md>,
    max_body: Option<Md>,
}

#[derive(Serialize)]
struct BatchRow {
    operation: Md,
    argument: Md,
    count: Md,
}

impl LimitsView {
    fn new(words: Words<'_>) -> Self {
        let api = words.site.api;
        let buckets = api
            .buckets
            .iter()
            .zip(&words.site.bucket_members)
            .map(|(bucket, members)| BucketView {
                anchor: bucket_anchor(&bucket.key),
                key: Md::code(&bucket.key),
                rate: words.rate(&bucket.rate),
                doc: words.text(&bucket.doc),
                operations: words.few_operation_links(members),
            });
        let operations = api.operations().map(|(id, operation)| LimitRow {
            operation: words.operation_link(id),
            request: request_line(operation.method.as_str(), &operation.path_template()),
            rates: words.limits(operation),
            max_body: Words::max_body(operation),
        });
        Self {
            default: api.default_limit.as_ref().map(|rate| words.rate(rate)),
            buckets: buckets.collect(),
            operations: operations.collect(),
            has_max_body: api.operations().any(|(_, operation)| operation.max_body.is_some()),
            batches: batches(words),
        }
    }
}

/// Returns the arguments of all operations with a maximum number of elements.
fn batches(words: Words<'_>) -> Vec<BatchRow> {
    let mut rows = Vec::new();
    for (id, operation) in words.site.api.operations() {
        rows.extend(operation.inputs.iter().filter_map(|input| {
            Some(BatchRow {
                operation: words.operation_link(id),
                argument: Md::code(&input.field.wire),
                count: words.count(&input.field.ty)?,
            })
        }));
    }
    rows
}

#[derive(Serialize)]
struct PagingView {
    styles: Vec<StyleView>,
}

#[derive(Serialize)]
struct StyleView {
    anchor: String,
    key: Md,
    doc: Md,
    rule: Md,
    /// The Rust call that reads all pages of the first operation.
    rust: Md,
    operations: Vec<PagedRow>,
}

#[derive(Serialize)]
struct PagedRow {
    operation: Md,
    items: Md,
}

impl PagingView {
    fn new(words: Words<'_>) -> Self {
        let styles = &words.site.styles;
        Self {
            styles: styles
                .iter()
                .filter_map(|(key, ids)| StyleView::new(words, key, ids))
                .collect(),
        }
    }
}

impl StyleView {
    fn new(words: Words<'_>, key: &str, ids: &[OperationId]) -> Option<Self> {
        let api = words.site.api;
        // All operations of a style share its parameters.
        let first = api.operation(*ids.first()?);
        let paging = first.paging.as_ref()?;
        let rows = ids.iter().filter_map(|id| {
            let operation = api.operation(*id);
            let items = words.paged_list(operation, operation.paging.as_ref()?);
            Some(PagedRow {
                operation: words.operation_link(*id),
                items,
            })
        });
        Some(Self {
            anchor: style_anchor(key),
            key: Md::code(key),
            doc: words.paragraphs(&paging.doc),
            rule: words.paging_rule(first, paging),
            rust: rust_stream(words, *ids.first()?),
            operations: rows.collect(),
        })
    }
}

fn rust_stream(words: Words<'_>, id: OperationId) -> Md {
    Md::code(&(rust_call(words.site.api, id) + ".stream()"))
}

#[derive(Serialize)]
struct SectionView<'a> {
    about: Md,
    base: Option<Md>,
    summary: Vec<SummaryRow>,
    operations: Vec<OperationView<'a>>,
    types: Vec<TypeView>,
}

#[derive(Serialize)]
struct SummaryRow {
    operation: Md,
    request: Md,
    is_superseded: bool,
}

impl<'a> SectionView<'a> {
    fn new(words: Words<'a>, section: usize) -> Self {
        let site = words.site;
        let ids = site.operations_of(section);
        let summary = ids.iter().map(|&id| {
            let operation = site.api.operation(id);
            SummaryRow {
                operation: words.operation_link(id),
                request: request_line(operation.method.as_str(), &operation.path_template()),
                is_superseded: !operation.superseded_by.is_empty(),
            }
        });
        let base = site.base();
        Self {
            about: words.paragraphs(&site.api.sections[section].about),
            base: (!base.is_empty()).then(|| Md::code(&base)),
            summary: summary.collect(),
            operations: ids.iter().map(|id| OperationView::new(words, *id)).collect(),
            types: site.section_types[section]
                .iter()
                .map(|id| TypeView::new(words, *id))
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct TypesView {
    /// Types that are described on the page of their section or group of events.
    elsewhere: Vec<TypeRow>,
    shared: Vec<TypeView>,
}

#[derive(Serialize)]
struct TypeRow {
    link: Md,
    section: Md,
    doc: Md,
}

impl TypesView {
    fn new(words: Words<'_>) -> Self {
        let site = words.site;
        let elsewhere = site.api.types.iter().enumerate().filter_map(|(index, def)| {
            let page = page_of(def);
            (page != Page::Types).then(|| TypeRow {
                link: words.type_link(TypeId(index)),
                section: words.page_link(page),
                doc: words.text(&def.doc),
            })
        });
        Self {
            elsewhere: elsewhere.collect(),
            shared: site.shared_types.iter().map(|id| TypeView::new(words, *id)).collect(),
        }
    }
}

#[derive(Serialize)]
struct CorrectionsView {
    real: Vec<CorrectionRow>,
    cosmetic: Vec<CorrectionRow>,
}

#[derive(Serialize)]
struct CorrectionRow {
    row: Option<u32>,
    operation: Md,
    correction: CorrectionView,
}

impl CorrectionsView {
    fn new(words: Words<'_>) -> Self {
        let rows = words.site.api.operations().filter_map(|(id, operation)| {
            let correction = CorrectionView::new(words, operation, operation.correction.as_ref()?);
            Some(CorrectionRow {
                row: operation.row,
                operation: words.operation_link(id),
                correction,
            })
        });
        let (cosmetic, real) = rows.partition(|row: &CorrectionRow| row.correction.is_cosmetic);
        Self { real, cosmetic }
    }
}
