//! Hand-written additions of a spec to the generated crates: files, and entries of the manifest.

use toml_edit::{Document, Item};

use super::scope::Reporter;
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{HandWritten, Language, ManifestTable, hand_written_module},
    names,
    source::{FileId, SourceFile, SourceSet, Span},
    syntax,
};

/// The file with the additional entries of a manifest, relative to the folder of its crate.
const MANIFEST: &str = "Cargo.toml";

/// The file of the sandbox without which there is none.
const BEHAVIOUR: &str = "src/behaviour.rs";

/// The folder with the page of the docs in each language, relative to the folder of the crate.
const PAGES: &str = "docs/";

/// A generated crate with hand-written parts.
#[derive(Debug, Clone, Copy)]
struct Crate {
    /// The folder of the spec with its files, which ends with a slash.
    folder: &'static str,
    /// The template of the manifest to which entries are added.
    manifest: &'static str,
}

const CLIENT: Crate = Crate {
    folder: "client/",
    manifest: include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../templates/client/Cargo.toml.j2"
    )),
};

const SANDBOX: Crate = Crate {
    folder: "sandbox/",
    manifest: include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../templates/sandbox/Cargo.toml.j2"
    )),
};

/// Returns the hand-written part of the client. A source file becomes a module, so its name must not be one of the generated
/// modules in `sections`.
pub fn client(sources: &SourceSet, sections: &[&str], reporter: &mut Reporter) -> HandWritten {
    for (id, path, _) in own_files(sources, CLIENT) {
        if let Some(module) = hand_written_module(path) {
            check_module(id, module, sections, reporter);
        }
    }
    hand_written(sources, CLIENT, reporter)
}

/// Returns the hand-written part of the sandbox, if the spec has a behaviour for it.
pub fn sandbox(sources: &SourceSet, languages: &[Language], reporter: &mut Reporter) -> Option<HandWritten> {
    let mut own = hand_written(sources, SANDBOX, reporter);
    own.pages = pages(sources, SANDBOX, languages, reporter);
    own.has_file(BEHAVIOUR).then_some(own)
}

/// Returns the page of the docs in each language. Reports missing ones if there is any.
fn pages(sources: &SourceSet, of: Crate, languages: &[Language], reporter: &mut Reporter) -> Vec<String> {
    let pages: Vec<_> = own_files(sources, of)
        .filter_map(|(id, path, file)| Some((id, path.strip_prefix(PAGES)?, file)))
        .collect();
    let Some((first, ..)) = pages.first() else {
        return Vec::new();
    };
    let texts = languages.iter().filter_map(|language| {
        let name = format!("{}.md", language.code);
        let page = pages.iter().find(|(_, path, _)| *path == name);
        if page.is_none() {
            let diagnostic = Diagnostic::new(Code::MissingTranslation, span(*first, 0..0), "missing translation");
            reporter.report(diagnostic.help(format!("add the file `{}{PAGES}{name}`", of.folder)));
        }
        page.map(|(_, _, file)| file.text.clone())
    });
    texts.collect()
}

/// Returns the hand-written part of a crate. Files are copied, so they only need to be valid text.
fn hand_written(sources: &SourceSet, of: Crate, reporter: &mut Reporter) -> HandWritten {
    let mut files = Vec::new();
    for (id, path, file) in own_files(sources, of).filter(|(_, path, _)| *path != MANIFEST) {
        match file.error {
            Some(error) => reporter.report(syntax::node::content_diagnostic(id, error)),
            None if path.starts_with(PAGES) => {}
            None => files.push((path.to_owned(), file.text.clone())),
        }
    }
    let pages = Vec::new();
    let manifest = manifest(sources, of, reporter);
    HandWritten { files, pages, manifest }
}

/// Returns the entries that the spec adds to tables of the manifest.
fn manifest(sources: &SourceSet, of: Crate, reporter: &mut Reporter) -> Vec<(ManifestTable, String)> {
    let Some((id, _, file)) = own_files(sources, of).find(|(_, path, _)| *path == MANIFEST) else {
        return Vec::new();
    };
    if let Some(error) = file.error {
        reporter.report(syntax::node::content_diagnostic(id, error));
        return Vec::new();
    }
    let document = match Document::parse(file.text.as_str()) {
        Ok(document) => document,
        Err(error) => {
            let at = error.span().unwrap_or_default();
            let message = format!(
                "this is not valid TOML: {}",
                error.message().lines().next().unwrap_or_default()
            );
            reporter.report(Diagnostic::new(Code::ClientManifest, span(id, at), message));
            return Vec::new();
        }
    };
    let tables: Vec<_> = document
        .iter()
        .filter_map(|(name, item)| table(name, item, of, id, reporter))
        .collect();
    // Only a mutable document prints its comments.
    let document = document.into_mut();
    let text = |table: ManifestTable| document.get(table.name()).map(ToString::to_string).unwrap_or_default();
    tables.into_iter().map(|table| (table, text(table))).collect()
}

/// Returns the table of the manifest to which an item adds entries. Reports entries that are not allowed.
fn table(name: &str, item: &Item, of: Crate, id: FileId, reporter: &mut Reporter) -> Option<ManifestTable> {
    let found = ManifestTable::ALL.iter().find(|table| table.name() == name);
    let Some((table, entries)) = found.zip(item.as_table()) else {
        let names: Vec<_> = ManifestTable::ALL.iter().map(|table| table.name()).collect();
        let diagnostic = Diagnostic::new(
            Code::ClientManifest,
            span(id, item.span().unwrap_or_default()),
            "entries are not allowed here in the manifest",
        );
        reporter.report(diagnostic.help(format!("allowed tables: {}", names.join(", "))));
        return None;
    };
    for (name, _) in entries.iter().filter(|(name, _)| is_in_core(of, *table, name)) {
        let at = entries.key(name).and_then(toml_edit::Key::span).unwrap_or_default();
        let message = format!("`{name}` duplicates an entry of the generated manifest");
        let diagnostic = Diagnostic::new(Code::ClientManifest, span(id, at), message);
        reporter.report(diagnostic.help("remove it: every generated crate of this kind has the entry"));
    }
    for (_, entry) in entries.iter().filter(|(_, entry)| !entry.is_value()) {
        let at = span(id, entry.span().unwrap_or_default());
        let diagnostic = Diagnostic::new(Code::ClientManifest, at, "nested tables are not allowed");
        reporter.report(diagnostic.help("write an inline table: `name = { .. }`"));
    }
    Some(*table)
}

/// Returns `true` if the template has an entry of this name in the table.
fn is_in_core(of: Crate, table: ManifestTable, name: &str) -> bool {
    let header = format!("[{}]", table.name());
    let entries = of.manifest.lines().skip_while(|line| *line != header).skip(1);
    entries
        .take_while(|line| !line.starts_with('['))
        .any(|line| line.split_once(" = ").is_some_and(|(key, _)| key == name))
}

fn check_module(id: FileId, module: &str, sections: &[&str], reporter: &mut Reporter) {
    let start = span(id, 0..0);
    let name = reporter.name(names::section(module), module, start);
    if name.is_some_and(|name| sections.contains(&name.as_str())) {
        let message = format!("this file and the section `{module}` have the same name");
        reporter.report(Diagnostic::new(Code::NameCollision, start, message).help("rename this file"));
    }
}

/// Returns the files of a crate, with their paths in it.
fn own_files(sources: &SourceSet, of: Crate) -> impl Iterator<Item = (FileId, &str, &SourceFile)> {
    sources
        .files()
        .filter_map(move |(id, file)| Some((id, file.path.strip_prefix(of.folder)?, file)))
}

fn span(file: FileId, at: std::ops::Range<usize>) -> Span {
    Span {
        file,
        start: at.start,
        end: at.end,
    }
}
