//! The page about the `OpenAPI` documents: their editions, their extensions, and the constructs that tools mishandle.

use serde::Serialize;

use super::constructs::{CONSTRUCTS, Construct, SIMPLIFIED, Simplified};
use super::markdown::Md;
use super::site::Site;
use super::view::request_line;
use super::words::{Words, phrase};
use crate::ir::{Location, Route, Type, TypeKind, template};
use crate::render::editions::{Standard, editions, webhooks_file_name};
use crate::render::strings::{ExtensionsWords, LocationWords};

/// The folder of the documents, relative to the folder of a book.
const FOLDER: &str = "../../openapi";

#[derive(Serialize)]
pub(super) struct OpenApiView {
    documents: Vec<DocumentRow>,
    extensions: Vec<ExtensionRow>,
    merged: Vec<MergedRow>,
    simplified: Vec<SimplifiedRow>,
    constructs: Vec<ConstructRow>,
}

/// One edition of the document.
#[derive(Serialize)]
pub(super) struct DocumentRow {
    link: Md,
    version: &'static str,
    language: Md,
}

#[derive(Serialize)]
struct ExtensionRow {
    key: Md,
    location: Md,
    meaning: Md,
}

/// A route with several operations.
#[derive(Serialize)]
struct MergedRow {
    request: Md,
    id: Md,
    operations: Vec<Md>,
}

/// A construct that some tools mishandle.
#[derive(Serialize)]
struct ConstructRow {
    construct: Md,
    operations: Vec<Md>,
    tools: Md,
    advice: Md,
}

/// A construct that the 3.0 document replaces.
#[derive(Serialize)]
struct SimplifiedRow {
    construct: Md,
    operations: Vec<Md>,
    advice: Md,
}

impl OpenApiView {
    pub(super) fn new(words: Words<'_>) -> Self {
        let site = words.site;
        let extensions = EXTENSIONS.iter().filter(|extension| (extension.is_used)(site));
        let shared = site.api.routes.iter().filter(|route| route.operations.len() > 1);
        Self {
            documents: documents(words, "../"),
            extensions: extensions.map(|extension| extension.row(words)).collect(),
            merged: shared.map(|route| MergedRow::new(words, route)).collect(),
            simplified: SIMPLIFIED
                .iter()
                .filter_map(|simplified| simplified.row(words))
                .collect(),
            constructs: CONSTRUCTS
                .iter()
                .filter_map(|construct| ConstructRow::new(words, construct))
                .collect(),
        }
    }
}

/// Returns all editions, and the documents of the webhooks. `up` is the path from the linking file to the folder of the book.
pub(super) fn documents(words: Words<'_>, up: &str) -> Vec<DocumentRow> {
    let api = words.site.api;
    let row = |name: String, standard: Standard, language: usize| DocumentRow {
        link: Md::link(&Md::code(&name), &format!("{up}{FOLDER}/{name}")),
        version: standard.version(),
        language: words
            .catalogues
            .get(language)
            .map(|catalogue| Md::text(&catalogue.name))
            .unwrap_or_default(),
    };
    let editions = editions(api).into_iter();
    let editions = editions.map(|edition| row(edition.file_name(api), edition.standard, edition.language));
    let webhooks = (0..api.languages.len()).filter(|_| api.webhooks.is_some());
    let webhooks = webhooks.map(|language| row(webhooks_file_name(api, language), Standard::V31, language));
    editions.chain(webhooks).collect()
}

impl MergedRow {
    fn new(words: Words<'_>, route: &Route) -> Self {
        Self {
            request: request_line(route.method.as_str(), &template(&route.path)),
            id: Md::code(&route.id.replace('.', "_")),
            operations: words.operation_links(route.operations.iter().copied()),
        }
    }
}

impl ConstructRow {
    /// Returns `None` if no operation uses the construct.
    fn new(words: Words<'_>, construct: &Construct) -> Option<Self> {
        let operations = construct.operations(words.site);
        let strings = (construct.words)(&words.strings.constructs);
        let tools: Vec<Md> = construct.tools.iter().map(|tool| Md::text(tool)).collect();
        let tools = if tools.is_empty() {
            phrase(&words.strings.constructs.generators)
        } else {
            Md::join(&tools, &words.strings.phrases.list_separator)
        };
        (!operations.is_empty()).then(|| Self {
            construct: phrase(&strings.construct),
            operations: words.few_operation_links(&operations),
            tools,
            advice: phrase(&strings.advice),
        })
    }
}

impl Simplified {
    /// Returns `None` if no operation uses the construct.
    fn row(&self, words: Words<'_>) -> Option<SimplifiedRow> {
        let (strings, operations) = self.find(words.site, &words.strings.simplified);
        (!operations.is_empty()).then(|| SimplifiedRow {
            construct: phrase(&strings.construct),
            operations: words.few_operation_links(&operations),
            advice: phrase(&strings.advice),
        })
    }
}

/// A key that is not part of the standard.
struct Extension {
    key: &'static str,
    location: fn(&LocationWords) -> &str,
    meaning: fn(&ExtensionsWords) -> &str,
    is_used: fn(&Site<'_>) -> bool,
}

impl Extension {
    fn row(&self, words: Words<'_>) -> ExtensionRow {
        let strings = &words.strings.extensions;
        ExtensionRow {
            key: Md::code(self.key),
            location: phrase((self.location)(&strings.locations)),
            meaning: phrase((self.meaning)(strings)),
        }
    }
}

/// All extensions in the documents.
const EXTENSIONS: &[Extension] = &[
    Extension {
        key: "x-rate-limits",
        location: |words| &words.document,
        meaning: |words| &words.rate_limits,
        is_used: |site| site.api.default_limit.is_some() || !site.api.buckets.is_empty(),
    },
    Extension {
        key: "x-rate-limit",
        location: |words| &words.operation,
        meaning: |words| &words.rate_limit,
        is_used: |site| site.api.operations().any(|(_, operation)| !operation.limits.is_empty()),
    },
    Extension {
        key: "x-max-body-bytes",
        location: |words| &words.operation,
        meaning: |words| &words.max_body,
        is_used: |site| site.api.operations().any(|(_, operation)| operation.max_body.is_some()),
    },
    Extension {
        key: "x-paging",
        location: |words| &words.document,
        meaning: |words| &words.paging_styles,
        is_used: |site| !site.styles.is_empty(),
    },
    Extension {
        key: "x-paging",
        location: |words| &words.operation,
        meaning: |words| &words.paging,
        is_used: |site| !site.styles.is_empty(),
    },
    Extension {
        key: "x-error-catalogue",
        location: |words| &words.document,
        meaning: |words| &words.error_catalogue,
        is_used: |site| !site.api.errors.catalogue.is_empty(),
    },
    Extension {
        key: "x-error-codes",
        location: |words| &words.response,
        meaning: |words| &words.error_codes,
        is_used: |site| site.api.operations().any(|(_, operation)| !operation.errors.is_empty()),
    },
    Extension {
        key: "x-idempotent",
        location: |words| &words.operation,
        meaning: |words| &words.idempotent,
        is_used: |_| true,
    },
    Extension {
        key: "x-superseded-by",
        location: |words| &words.operation,
        meaning: |words| &words.superseded_by,
        is_used: |site| {
            site.api
                .operations()
                .any(|(_, operation)| !operation.superseded_by.is_empty())
        },
    },
    Extension {
        key: "x-merged-operations",
        location: |words| &words.operation,
        meaning: |words| &words.merged,
        is_used: |site| site.api.routes.iter().any(|route| route.operations.len() > 1),
    },
    Extension {
        key: "x-records",
        location: |words| &words.operation,
        meaning: |words| &words.records,
        is_used: |site| site.api.operations().any(|(_, operation)| operation.records.is_some()),
    },
    Extension {
        key: "x-source-row",
        location: |words| &words.operation,
        meaning: |words| &words.source_row,
        is_used: |site| site.api.operations().any(|(_, operation)| operation.row.is_some()),
    },
    Extension {
        key: "x-sensitive",
        location: |words| &words.schema,
        meaning: |words| &words.sensitive,
        is_used: has_secrets,
    },
    Extension {
        key: "x-extensible-enum",
        location: |words| &words.schema,
        meaning: |words| &words.open_values,
        is_used: has_enums,
    },
    Extension {
        key: "x-enum-varnames",
        location: |words| &words.schema,
        meaning: |words| &words.value_names,
        is_used: has_enums,
    },
    Extension {
        key: "x-patternProperties",
        location: |words| &words.schema,
        meaning: |words| &words.families,
        is_used: has_families,
    },
];

fn has_families(site: &Site<'_>) -> bool {
    let bodies = site
        .api
        .operations()
        .flat_map(|(_, operation)| operation.fields_in(Location::Body));
    let objects = site.api.types.iter().filter_map(|def| match &def.kind {
        TypeKind::Object(fields) => Some(fields),
        _ => None,
    });
    bodies.chain(objects.flatten()).any(|field| field.family().is_some())
}

fn has_enums(site: &Site<'_>) -> bool {
    let mut types = site.api.types.iter();
    types.any(|def| matches!(def.kind, TypeKind::Enum { .. }))
}

fn has_secrets(site: &Site<'_>) -> bool {
    let is_secret = |ty: &Type| matches!(ty, Type::Secret(_));
    let mut operations = site.api.operations().map(|(_, operation)| operation);
    let in_types = site.api.types.iter().any(|def| match &def.kind {
        TypeKind::Object(fields) => fields.iter().any(|field| is_secret(&field.ty)),
        TypeKind::Newtype(ty) => is_secret(ty),
        _ => false,
    });
    in_types || operations.any(|operation| operation.inputs.iter().any(|input| is_secret(&input.field.ty)))
}
