//! `llms.txt`: a map of the pages for machine readers, in the format of llmstxt.org.

use serde::Serialize;

use super::markdown::Md;
use super::openapi::{DocumentRow, documents};
use super::site::Page;
use super::view::{request_line, rust_call};
use super::words::Words;
use crate::ir::{OperationId, Server};

#[derive(Serialize)]
pub(super) struct MachineView {
    title: Md,
    about: Md,
    base: Option<Md>,
    servers: Vec<Md>,
    documents: Vec<DocumentRow>,
    header: Option<Md>,
    basics: Vec<Entry>,
    sections: Vec<SectionEntry>,
    webhooks: Vec<Entry>,
    /// Links that a reader with a small context can skip.
    optional: Vec<Entry>,
}

/// A link and a description of its target.
#[derive(Serialize)]
struct Entry {
    link: Md,
    note: Md,
}

#[derive(Serialize)]
struct SectionEntry {
    title: Md,
    page: Entry,
    operations: Vec<OperationEntry>,
}

#[derive(Serialize)]
struct OperationEntry {
    link: Md,
    request: Md,
    rust: Md,
    is_superseded: bool,
}

impl MachineView {
    pub(super) fn new(words: Words<'_>) -> Self {
        let site = words.site;
        let api = site.api;
        let of_kind = |wanted: fn(&Page) -> bool| {
            let pages = site.pages.iter().filter(move |page| wanted(page));
            pages.map(|page| entry(words, *page)).collect()
        };
        let base = site.base();
        Self {
            title: words.text(&api.title),
            about: words.text(&api.about),
            base: (!base.is_empty()).then(|| Md::code(&base)),
            servers: api.servers.iter().flat_map(Server::urls).map(Md::code).collect(),
            documents: documents(words, ""),
            header: api.auth.as_ref().map(|auth| words.token_header(auth)),
            basics: of_kind(|page| !page.is_section() && !page.is_about_webhooks() && !page.is_reference()),
            sections: (0..api.sections.len())
                .map(|section| SectionEntry::new(words, section))
                .collect(),
            webhooks: of_kind(|page| page.is_about_webhooks()),
            optional: of_kind(|page| page.is_reference()),
        }
    }
}

impl SectionEntry {
    fn new(words: Words<'_>, section: usize) -> Self {
        let page = Page::Section(section);
        Self {
            title: words.page_title(page),
            page: entry(words, page),
            operations: words
                .site
                .operations_of(section)
                .into_iter()
                .map(|id| OperationEntry::new(words, id))
                .collect(),
        }
    }
}

impl OperationEntry {
    fn new(words: Words<'_>, id: OperationId) -> Self {
        let site = words.site;
        let operation = site.api.operation(id);
        let href = format!("src/{}", site.operation_href(Page::Front, id));
        Self {
            link: Md::link(&words.text(&operation.title), &href),
            request: request_line(operation.method.as_str(), &operation.path_template()),
            rust: Md::code(&rust_call(site.api, id)),
            is_superseded: !operation.superseded_by.is_empty(),
        }
    }
}

fn entry(words: Words<'_>, page: Page) -> Entry {
    Entry {
        link: Md::link(&words.page_title(page), &format!("src/{}.md", words.site.name(page))),
        note: words.page_note(page),
    }
}
