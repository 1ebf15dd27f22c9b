//! The map of the site: its pages, their names, and the anchors on them.
//!
//! Nothing here depends on the language, so that all languages have the same pages and anchors.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rayon::prelude::*;

use super::markdown::Md;
use crate::ir::{
    Api, ErrorId, EventGroup, Home, LimitSource, Operation, OperationId, Section, TypeDef, TypeId, template,
};
use crate::names::{Namespace, slug};
use crate::render::rust::call::Call;
use crate::render::samples::LANGUAGES;

/// A page of the docs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Front,
    Model,
    Authentication,
    Hosts,
    Envelope,
    Errors,
    Limits,
    Paging,
    /// Tests against the sandbox.
    Sandbox,
    /// An index into [`Api::sections`].
    Section(usize),
    Webhooks,
    /// An index into [`Webhooks::groups`](crate::ir::Webhooks::groups).
    Events(usize),
    Types,
    /// The documents of that standard.
    OpenApi,
    Corrections,
    Coverage,
}

impl Page {
    /// Returns `true` if the page describes the operations of one section.
    pub(super) fn is_section(self) -> bool {
        matches!(self, Self::Section(_))
    }

    /// Returns `true` if the page describes webhooks.
    pub(super) fn is_about_webhooks(self) -> bool {
        matches!(self, Self::Webhooks | Self::Events(_))
    }

    /// Returns `true` if the page is a reference rather than a guide.
    pub(super) fn is_reference(self) -> bool {
        matches!(self, Self::Types | Self::OpenApi | Self::Corrections | Self::Coverage)
    }
}

/// File names that a section cannot have: those of the other pages and those that mdBook generates.
const RESERVED: &[&str] = &[
    "readme",
    "summary",
    "index",
    "print",
    "toc",
    "404",
    "authentication",
    "model",
    "hosts",
    "envelope",
    "errors",
    "limits",
    "paging",
    "sandbox",
    "webhooks",
    "types",
    "openapi",
    "corrections",
    "coverage",
];

/// The map of the site.
pub(super) struct Site<'a> {
    pub(super) api: &'a Api,
    /// The pages, in reading order.
    pub(super) pages: Vec<Page>,
    /// Paging styles and the operations that use them.
    pub(super) styles: IndexMap<&'a str, Vec<OperationId>>,
    /// The operations that share each of [`Api::buckets`].
    pub(super) bucket_members: Vec<Vec<OperationId>>,
    /// Types that more than one section uses.
    pub(super) shared_types: Vec<TypeId>,
    /// Types that only one section uses, by section.
    pub(super) section_types: Vec<Vec<TypeId>>,
    /// Types that only one group of events uses, by group.
    pub(super) event_types: Vec<Vec<TypeId>>,
    section_names: Vec<String>,
    /// Names of the pages of events.
    event_names: Vec<String>,
    /// Anchors of the operations, by section and position.
    operation_anchors: Vec<Vec<String>>,
    error_anchors: Vec<String>,
    replaces: BTreeMap<OperationId, Vec<OperationId>>,
    routes: BTreeMap<OperationId, usize>,
    /// The samples of each operation's examples. They are the same on the pages of all languages, and formatting code takes most of
    /// the time.
    samples: BTreeMap<OperationId, Vec<Samples>>,
}

/// An example as code: the name of each programming language, and a code block.
pub(super) type Samples = Vec<(&'static str, Md)>;

fn samples(api: &Api) -> BTreeMap<OperationId, Vec<Samples>> {
    let operations: Vec<_> = api.operations().collect();
    let samples = operations.into_par_iter().map(|(id, operation)| {
        let samples = operation.examples.iter().map(|example| {
            let rust = Md::fence("rust", &Call::new(api, id, example).code());
            let others = LANGUAGES.iter();
            let others = others.map(|one| (one.name, Md::fence(one.fence, &one.sample(api, id, example))));
            std::iter::once(("Rust", rust)).chain(others).collect()
        });
        (id, samples.collect())
    });
    samples.collect()
}

impl<'a> Site<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        let mut site = Self {
            api,
            pages: Vec::new(),
            styles: IndexMap::new(),
            bucket_members: vec![Vec::new(); api.buckets.len()],
            shared_types: Vec::new(),
            section_types: vec![Vec::new(); api.sections.len()],
            event_types: vec![Vec::new(); event_groups(api).len()],
            event_names: event_groups(api)
                .iter()
                .map(|group| format!("webhook-{}", group.key))
                .collect(),
            section_names: api.sections.iter().map(|section| section_name(&section.key)).collect(),
            operation_anchors: api.sections.iter().map(operation_anchors).collect(),
            error_anchors: error_anchors(api),
            replaces: BTreeMap::new(),
            routes: BTreeMap::new(),
            samples: samples(api),
        };
        site.gather_operations();
        site.gather_types();
        site.pages = site.list_pages();
        site
    }

    /// Returns the samples of an example.
    pub(super) fn samples(&self, id: OperationId, example: usize) -> &[(&'static str, Md)] {
        let samples = self.samples.get(&id).and_then(|samples| samples.get(example));
        samples.map_or(&[], Vec::as_slice)
    }

    fn gather_operations(&mut self) {
        for (id, operation) in self.api.operations() {
            if let Some(paging) = &operation.paging {
                self.styles.entry(&paging.style).or_default().push(id);
            }
            for limit in &operation.limits {
                if let LimitSource::Bucket(bucket) = limit.source {
                    self.bucket_members[bucket].push(id);
                }
            }
            for successor in &operation.superseded_by {
                self.replaces.entry(*successor).or_default().push(id);
            }
        }
        for (index, route) in self.api.routes.iter().enumerate() {
            self.routes.extend(route.operations.iter().map(|id| (*id, index)));
        }
    }

    fn gather_types(&mut self) {
        for (index, def) in self.api.types.iter().enumerate() {
            match def.home {
                Home::Section(section) => self.section_types[section].push(TypeId(index)),
                Home::Events(group) => self.event_types[group].push(TypeId(index)),
                Home::Shared => self.shared_types.push(TypeId(index)),
            }
        }
    }

    fn list_pages(&self) -> Vec<Page> {
        let api = self.api;
        let has_errors = !api.errors.fields.is_empty() || !api.errors.catalogue.is_empty();
        let has_limits = api
            .operations()
            .any(|(_, operation)| !operation.limits.is_empty() || operation.max_body.is_some());
        let has_corrections = api.operations().any(|(_, operation)| operation.correction.is_some());
        let has_sources = !api.editions.is_empty() || api.operations().any(|(_, operation)| operation.row.is_some());
        let has_sandbox = api.sandbox.as_ref().is_some_and(|own| !own.pages.is_empty());
        let basics = [
            (Page::Front, true),
            (Page::Model, api.model.is_some()),
            (Page::Hosts, true),
            (Page::Authentication, api.auth.is_some()),
            (Page::Envelope, !api.envelope.is_empty()),
            (Page::Errors, has_errors),
            (Page::Limits, has_limits),
            (Page::Paging, !self.styles.is_empty()),
            (Page::Sandbox, has_sandbox),
        ];
        let sections = (0..api.sections.len()).map(|section| (Page::Section(section), true));
        let reference = [
            (Page::Types, !api.types.is_empty()),
            (Page::OpenApi, true),
            (Page::Corrections, has_corrections),
            (Page::Coverage, has_sources),
        ];
        let webhooks = std::iter::once((Page::Webhooks, api.webhooks.is_some()));
        let events = (0..event_groups(api).len()).map(|group| (Page::Events(group), true));
        let all = basics
            .into_iter()
            .chain(sections)
            .chain(webhooks)
            .chain(events)
            .chain(reference);
        all.filter(|(_, exists)| *exists).map(|(page, _)| page).collect()
    }

    /// Returns the name of a page's file, without its extension.
    pub(super) fn name(&self, page: Page) -> &str {
        match page {
            Page::Front => "README",
            Page::Model => "model",
            Page::Authentication => "authentication",
            Page::Hosts => "hosts",
            Page::Envelope => "envelope",
            Page::Errors => "errors",
            Page::Limits => "limits",
            Page::Paging => "paging",
            Page::Sandbox => "sandbox",
            Page::Section(section) => &self.section_names[section],
            Page::Webhooks => "webhooks",
            Page::Events(group) => &self.event_names[group],
            Page::Types => "types",
            Page::OpenApi => "openapi",
            Page::Corrections => "corrections",
            Page::Coverage => "coverage",
        }
    }

    /// Returns the target of a link from a page to an anchor on another.
    fn href(&self, from: Page, to: Page, anchor: &str) -> String {
        if from == to {
            format!("#{anchor}")
        } else {
            format!("{}.md#{anchor}", self.name(to))
        }
    }

    /// Returns the base path as a template, or an empty string if there is none.
    pub(super) fn base(&self) -> String {
        template(&self.api.base.segments)
    }

    /// Returns the path of an operation, including the base path.
    pub(super) fn full_path(&self, operation: &Operation) -> String {
        self.base() + &operation.path_template()
    }

    /// Returns the operations of a section: first the current ones, then those that others supersede.
    pub(super) fn operations_of(&self, section: usize) -> Vec<OperationId> {
        let count = self.api.sections[section].operations.len();
        let mut ids: Vec<_> = (0..count).map(|operation| OperationId { section, operation }).collect();
        ids.sort_by_key(|id| !self.api.operation(*id).superseded_by.is_empty());
        ids
    }

    pub(super) fn operation_anchor(&self, id: OperationId) -> &str {
        &self.operation_anchors[id.section][id.operation]
    }

    pub(super) fn operation_href(&self, from: Page, id: OperationId) -> String {
        self.href(from, Page::Section(id.section), self.operation_anchor(id))
    }

    /// Returns an anchor that no operation has, since theirs contain no underscores.
    pub(super) fn example_anchor(&self, id: OperationId, example: usize) -> String {
        format!("{}_example-{}", self.operation_anchor(id), example + 1)
    }

    pub(super) fn example_href(&self, from: Page, id: OperationId, example: usize) -> String {
        self.href(from, Page::Section(id.section), &self.example_anchor(id, example))
    }

    pub(super) fn row_href(&self, from: Page, row: u32) -> String {
        self.href(from, Page::Coverage, &row_anchor(row))
    }

    pub(super) fn type_href(&self, from: Page, def: &TypeDef) -> String {
        self.href(from, page_of(def), &type_anchor(def))
    }

    pub(super) fn event_href(&self, from: Page, group: usize, key: &str) -> String {
        self.href(from, Page::Events(group), &event_anchor(key))
    }

    pub(super) fn error_anchor(&self, id: ErrorId) -> &str {
        &self.error_anchors[id.0]
    }

    pub(super) fn error_href(&self, from: Page, id: ErrorId) -> String {
        self.href(from, Page::Errors, self.error_anchor(id))
    }

    pub(super) fn bucket_href(&self, from: Page, bucket: usize) -> String {
        self.href(from, Page::Limits, &bucket_anchor(&self.api.buckets[bucket].key))
    }

    pub(super) fn style_href(&self, from: Page, style: &str) -> String {
        self.href(from, Page::Paging, &style_anchor(style))
    }

    /// Returns the operations that an operation supersedes.
    pub(super) fn replaces(&self, id: OperationId) -> &[OperationId] {
        self.replaces.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Returns the other operations with the same method and path.
    pub(super) fn siblings(&self, id: OperationId) -> impl Iterator<Item = OperationId> {
        let route = self.routes.get(&id).and_then(|route| self.api.routes.get(*route));
        route
            .into_iter()
            .flat_map(|route| &route.operations)
            .copied()
            .filter(move |other| *other != id)
    }

    /// Returns `true` if the response of an operation can contain the fields of the envelope.
    pub(super) fn has_envelope(&self, operation: &Operation) -> bool {
        !self.api.envelope.is_empty() && operation.result.has_envelope()
    }
}

/// Returns the groups of events.
pub(super) fn event_groups(api: &Api) -> &[EventGroup] {
    api.webhooks.as_ref().map_or(&[], |webhooks| &webhooks.groups)
}

/// Returns the page that describes a type.
pub(super) fn page_of(def: &TypeDef) -> Page {
    match def.home {
        Home::Shared => Page::Types,
        Home::Section(section) => Page::Section(section),
        Home::Events(group) => Page::Events(group),
    }
}

pub(super) fn event_anchor(key: &str) -> String {
    format!("event-{}", slug(key))
}

/// Returns the anchor of a type. It keeps the case of the name, so it cannot equal the anchor of an operation.
pub(super) fn type_anchor(def: &TypeDef) -> String {
    format!("type-{}", def.name)
}

pub(super) fn bucket_anchor(key: &str) -> String {
    format!("limit-{}", slug(key))
}

pub(super) fn style_anchor(key: &str) -> String {
    format!("paging-{}", slug(key))
}

pub(super) fn row_anchor(row: u32) -> String {
    format!("row-{row}")
}

fn section_name(key: &str) -> String {
    let name = key.to_owned();
    // Keys have no hyphens, so the longer name is free.
    if RESERVED.contains(&key.to_ascii_lowercase().as_str()) {
        name + "-section"
    } else {
        name
    }
}

fn operation_anchors(section: &Section) -> Vec<String> {
    let operations = section.operations.iter();
    operations
        .map(|operation| slug(&format!("{} {}", section.key, operation.key)))
        .collect()
}

/// Returns the anchors of the known errors. If several codes have the same slug, later ones are numbered.
fn error_anchors(api: &Api) -> Vec<String> {
    let mut anchors = Namespace::anchors();
    let errors = api.errors.catalogue.iter();
    errors
        .map(|error| anchors.unique(&slug(&format!("error {} {}", error.status, error.code)), "-"))
        .collect()
}
