//! The notation: from files to the raw model, with every mistake on the way.

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
use model::{ApiFile, SectionFile, TypeDecl};

/// The raw model of a whole spec.
#[derive(Debug, Clone)]
pub struct Spec {
    /// `api.yaml`.
    pub api: ApiFile,
    /// `types/*.yaml`, in the order of their paths.
    pub types: Vec<Keyed<TypeDecl>>,
    /// `sections/*.yaml`: the name of the file, its index, its content.
    pub sections: Vec<Section>,
    /// Where the files have mistakes that are reported already, sorted.
    pub flaws: Vec<Span>,
    /// Keys of which a value could not be read, so that what is not found may be declared there. The empty key stands for all.
    pub unread: BTreeSet<&'static str>,
}

/// A section's file.
#[derive(Debug, Clone)]
pub struct Section {
    /// The file's name without folder and extension.
    pub name: String,
    /// The file.
    pub file: FileId,
    /// What it says; `None` where it could not be read, which is reported already.
    pub content: Option<SectionFile>,
}

#[allow(
    clippy::large_enum_variant,
    reason = "few live at a time, and all are taken apart at once"
)]
enum Loaded {
    Api(Option<ApiFile>),
    Types(Keyed<TypeDecl>),
    Section(Section),
    Other,
}

/// Reads every file. The model is `None` where there is no `api.yaml` to start from.
#[must_use]
pub fn load(sources: &SourceSet) -> (Option<Spec>, Vec<Diagnostic>) {
    let files: Vec<_> = sources
        .files()
        .filter(|(_, file)| !file.path.starts_with("client/"))
        .collect();
    let loaded: Vec<_> = files
        .par_iter()
        .map(|(id, file)| load_file(sources, *id, file))
        .collect();
    let (mut api, mut types, mut sections, mut diagnostics) = (None, Vec::new(), Vec::new(), Vec::new());
    let mut unread = BTreeSet::new();
    let mut api_found = false;
    for file in loaded {
        diagnostics.extend(file.diagnostics);
        unread.extend(file.unread);
        match file.content {
            Loaded::Api(file) => (api, api_found) = (file, true),
            Loaded::Types(declared) => types.push(declared),
            Loaded::Section(section) => sections.push(section),
            Loaded::Other => {}
        }
    }
    if !api_found {
        diagnostics.push(
            Diagnostic::nowhere(Code::MissingFile, "the spec has no `api.yaml`")
                .help("it states the API's name, languages, servers and sections; see the notation's README"),
        );
    }
    let mut flaws: Vec<_> = diagnostics.iter().filter_map(|diagnostic| diagnostic.span).collect();
    flaws.sort_unstable();
    if !diagnostics.iter().all(|diagnostic| is_local(diagnostic, sources)) {
        unread.insert("");
    }
    (
        api.map(|api| Spec {
            api,
            types,
            sections,
            flaws,
            unread,
        }),
        diagnostics,
    )
}

/// Whether a mistake hides no declaration but those that a [`Decoder`] notes. An unknown key at the top of a file may be meant to hold all of them.
fn is_local(diagnostic: &Diagnostic, sources: &SourceSet) -> bool {
    let at_top = |span: Span| span.start == 0 || sources.file(span.file).text[..span.start].ends_with('\n');
    let may_hold_all = diagnostic.code == Code::UnknownKey && diagnostic.span.is_none_or(at_top);
    diagnostic.code.has(Property::Local) && !may_hold_all
}

/// A file that was read.
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
        let content = node.and_then(|node| Decode::decode(node, decoder));
        Loaded::Section(Section {
            name: file.stem().to_owned(),
            file: id,
            content,
        })
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
