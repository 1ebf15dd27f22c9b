//! The notation: parses the files of a spec into the raw model and reports all syntax errors.

pub mod decode;
pub mod error_key;
pub mod json_path;
pub mod key;
pub mod line;
pub mod model;
pub mod node;
pub mod quantity;
pub mod relation;
pub mod route;
pub mod server;
pub mod text;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::{
    diagnostic::{Code, Diagnostic, Property},
    source::{FileId, SourceFile, SourceSet, Span},
};
use decode::{Decode, Decoder, Keyed};
use model::{ApiFile, EventGroup, SectionFile, TypeDecl};
use node::Node;

/// The raw model of a whole spec.
#[derive(Debug, Clone)]
pub struct Spec {
    /// `api.yaml`.
    pub api: ApiFile,
    /// `types/*.yaml`, sorted by path.
    pub types: Vec<Keyed<TypeDecl>>,
    /// `sections/*.yaml`, sorted by path.
    pub sections: Vec<Listable<SectionFile>>,
    /// `webhooks/*.yaml`, sorted by path.
    pub webhooks: Vec<Listable<EventGroup>>,
    /// The positions of all errors reported while parsing, sorted.
    pub syntax_errors: Vec<Span>,
    /// Keys with a value that could not be parsed. A name that is not found may be declared in that value. The empty key stands
    /// for all keys.
    pub unread: BTreeSet<&'static str>,
}

/// A file that a list in `api.yaml` names: of `sections/` or `webhooks/`.
#[derive(Debug, Clone)]
pub struct Listable<T> {
    /// The file's name without folder and extension.
    pub name: String,
    /// The file.
    pub file: FileId,
    /// The parsed content; `None` if parsing failed and the error is already reported.
    pub content: Option<T>,
}

#[allow(
    clippy::large_enum_variant,
    reason = "one per file, destructured right after parsing"
)]
enum Loaded {
    Api(Option<ApiFile>),
    Types(Keyed<TypeDecl>),
    Section(Listable<SectionFile>),
    Webhooks(Listable<EventGroup>),
    Other,
}

/// Parses all files. The model is `None` if `api.yaml` is missing or cannot be parsed.
#[must_use]
pub fn load(sources: &SourceSet) -> (Option<Spec>, Vec<Diagnostic>) {
    let files: Vec<_> = sources.files().filter(|(_, file)| !file.is_hand_written()).collect();
    let loaded: Vec<_> = files
        .par_iter()
        .map(|(id, file)| load_file(sources, *id, file))
        .collect();
    let mut api = None;
    let mut api_found = false;
    let mut types = Vec::new();
    let mut sections = Vec::new();
    let mut webhooks = Vec::new();
    let mut diagnostics = Vec::new();
    let mut unread = BTreeSet::new();
    for file in loaded {
        diagnostics.extend(file.diagnostics);
        unread.extend(file.unread);
        match file.content {
            Loaded::Api(file) => {
                api = file;
                api_found = true;
            }
            Loaded::Types(declared) => types.push(declared),
            Loaded::Section(section) => sections.push(section),
            Loaded::Webhooks(group) => webhooks.push(group),
            Loaded::Other => {}
        }
    }
    if !api_found {
        diagnostics.push(
            Diagnostic::without_span(Code::MissingFile, "the spec has no `api.yaml`")
                .help("create it with the API's name, languages, servers and sections; see `spec/README.md`"),
        );
    }
    let mut syntax_errors: Vec<_> = diagnostics.iter().filter_map(|diagnostic| diagnostic.span).collect();
    syntax_errors.sort_unstable();
    if !diagnostics.iter().all(|diagnostic| is_local(diagnostic, sources)) {
        unread.insert("");
    }
    let spec = api.map(|api| Spec {
        api,
        types,
        sections,
        webhooks,
        syntax_errors,
        unread,
    });
    (spec, diagnostics)
}

/// Returns `true` if the error hides no declarations other than those recorded in [`Decoder::unread`]. An unknown top-level key
/// may be a misspelled key that contains declarations.
fn is_local(diagnostic: &Diagnostic, sources: &SourceSet) -> bool {
    let at_top = |span: Span| span.start == 0 || sources.file(span.file).text[..span.start].ends_with('\n');
    let may_hold_all = diagnostic.code == Code::UnknownKey && diagnostic.span.is_none_or(at_top);
    diagnostic.code.has(Property::Local) && !may_hold_all
}

/// The result of parsing one file.
struct LoadedFile {
    content: Loaded,
    diagnostics: Vec<Diagnostic>,
    unread: BTreeSet<&'static str>,
}

fn load_file(sources: &SourceSet, id: FileId, file: &SourceFile) -> LoadedFile {
    let mut diagnostics = Vec::new();
    let node = node::parse(id, file, &mut diagnostics);
    let decoder = &mut Decoder::new(sources, &mut diagnostics);
    let content = if file.path == "api.yaml" {
        Loaded::Api(node.and_then(|node| Decode::decode(node, decoder)))
    } else if file.path.starts_with("types/") {
        Loaded::Types(node.and_then(|node| Decode::decode(node, decoder)).unwrap_or_default())
    } else if file.path.starts_with("sections/") {
        Loaded::Section(listable(id, file, node, decoder))
    } else if file.path.starts_with("webhooks/") {
        Loaded::Webhooks(listable(id, file, node, decoder))
    } else {
        Loaded::Other
    };
    let unread = std::mem::take(&mut decoder.unread);
    LoadedFile {
        content,
        diagnostics,
        unread,
    }
}

fn listable<T: Decode>(id: FileId, file: &SourceFile, node: Option<Node>, decoder: &mut Decoder<'_>) -> Listable<T> {
    Listable {
        name: file.stem().to_owned(),
        file: id,
        content: node.and_then(|node| Decode::decode(node, decoder)),
    }
}
