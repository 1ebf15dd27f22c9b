//! Links, anchors and kinds of files of rendered docs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Contents of files by path.
pub(crate) type Files = BTreeMap<String, String>;

/// Returns the links whose page or anchor does not exist.
pub(crate) fn broken_links(files: &Files) -> Vec<String> {
    let mut broken = Vec::new();
    let indexes = files.iter().filter(|(path, _)| path.ends_with("/llms.txt"));
    for (path, contents) in pages(files).chain(indexes) {
        for link in links(contents) {
            let (page, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if page.is_empty() {
                path.clone()
            } else {
                resolve(path, page)
            };
            let found = files
                .get(&target)
                .is_some_and(|contents| anchor.is_empty() || anchors(contents).iter().any(|found| found == anchor));
            if !found {
                broken.push(format!("{path}: {link}"));
            }
        }
    }
    broken
}

/// Returns the anchors that occur more than once on a page.
pub(crate) fn repeated_anchors(files: &Files) -> Vec<String> {
    let mut repeated = Vec::new();
    for (path, contents) in pages(files) {
        let mut seen = BTreeSet::new();
        let duplicates = anchors(contents)
            .into_iter()
            .filter(|anchor| !seen.insert(anchor.clone()));
        repeated.extend(duplicates.map(|anchor| format!("{path}#{anchor}")));
    }
    repeated
}

/// Returns the pages of a language, each with its anchors.
pub(crate) fn pages_and_anchors(files: &Files, language: &str) -> BTreeMap<String, Vec<String>> {
    let folder = format!("docs/{language}/");
    let pages = pages(files).filter_map(|(path, contents)| Some((path.strip_prefix(&folder)?, contents)));
    pages
        .map(|(path, contents)| (path.to_owned(), anchors(contents)))
        .collect()
}

/// Returns `true` if a file is a page.
pub(crate) fn is_page(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "md")
}

/// Returns `true` if a file is a diagram.
pub(crate) fn is_diagram(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "svg")
}

fn pages(files: &Files) -> impl Iterator<Item = (&String, &String)> {
    files.iter().filter(|(path, _)| is_page(path))
}

fn links(contents: &str) -> Vec<String> {
    let events = Parser::new_ext(contents, Options::ENABLE_TABLES);
    let links = events.filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    links.collect()
}

fn anchors(contents: &str) -> Vec<String> {
    let events = Parser::new_ext(contents, Options::ENABLE_TABLES);
    let anchors = events.filter_map(|event| match event {
        Event::InlineHtml(html) => html.strip_prefix("<a id=\"")?.strip_suffix("\">").map(str::to_owned),
        _ => None,
    });
    anchors.collect()
}

/// Resolves a path that is relative to a file.
fn resolve(from: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
