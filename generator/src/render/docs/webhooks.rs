//! The views of webhooks: an overview, and a page for each group of events.

use serde::Serialize;

use super::markdown::Md;
use super::site::{Page, event_anchor, event_groups};
use super::view::{TypeView, pretty};
use super::words::{Words, phrase};
use crate::ir::{Condition, Event, EventExample, Signature, SignedPart, Webhooks};

#[derive(Serialize)]
pub(super) struct WebhooksView {
    crate_name: Md,
    about: Md,
    /// The JSON path of the ID.
    id: Option<Md>,
    signature: Option<SignatureView>,
    groups: Vec<GroupView>,
}

#[derive(Serialize)]
struct SignatureView {
    about: Md,
    key: Md,
    parts: Md,
    time: Md,
}

#[derive(Serialize)]
struct GroupView {
    link: Md,
    about: Md,
    events: Vec<EventRow>,
}

#[derive(Serialize)]
struct EventRow {
    link: Md,
    conditions: Md,
    rust: Md,
}

impl WebhooksView {
    pub(super) fn new(words: Words<'_>, webhooks: &Webhooks) -> Self {
        let groups = webhooks.groups.iter().enumerate();
        let groups = groups.map(|(index, group)| GroupView {
            link: words.page_link(Page::Events(index)),
            about: words.text(&group.about),
            events: group
                .events
                .iter()
                .map(|event| EventRow {
                    link: words.event_link(index, event),
                    conditions: conditions(words, &event.when),
                    rust: rust(event),
                })
                .collect(),
        });
        Self {
            crate_name: Md::text(&words.site.api.name),
            about: words.paragraphs(&webhooks.about),
            id: webhooks.id.as_ref().map(|path| words.path(path)),
            signature: webhooks
                .signature
                .as_ref()
                .map(|signature| SignatureView::new(words, signature)),
            groups: groups.collect(),
        }
    }
}

impl SignatureView {
    fn new(words: Words<'_>, signature: &Signature) -> Self {
        let phrases = &words.strings.phrases;
        let parts = signature.parts.iter().map(|part| match part {
            SignedPart::Key(key) => Md::code(key),
            SignedPart::Secret => phrase(&phrases.secret_of_webhooks),
        });
        Self {
            about: words.paragraphs(&signature.about),
            key: Md::code(&signature.key),
            parts: Md::join(&parts.collect::<Vec<_>>(), &phrases.list_separator),
            time: Md::code(&signature.time),
        }
    }
}

/// Returns the variant of an event.
fn rust(event: &Event) -> Md {
    Md::code(&format!("Event::{}", event.rust_variant))
}

fn conditions(words: Words<'_>, conditions: &[Condition]) -> Md {
    let document = &words.strings.document;
    let all = conditions.iter().map(|Condition { path, values }| {
        let path = words.path(path);
        let values: Vec<_> = values.iter().map(|value| Md::code(value)).collect();
        if values.is_empty() {
            return Md::phrase(&document.has_no_value, &[("path", &path)]);
        }
        let values = Md::join(&values, &document.alternative_separator);
        Md::phrase(&document.has_value, &[("path", &path), ("values", &values)])
    });
    Md::join(&all.collect::<Vec<_>>(), &words.strings.phrases.list_separator)
}

#[derive(Serialize)]
pub(super) struct EventsView {
    about: Md,
    events: Vec<EventView>,
    types: Vec<TypeView>,
}

#[derive(Serialize)]
struct EventView {
    anchor: String,
    title: Md,
    about: Md,
    conditions: Md,
    body: Md,
    response: Option<Md>,
    is_unsigned: bool,
    rust: Md,
    examples: Vec<EventExampleView>,
}

#[derive(Serialize)]
struct EventExampleView {
    title: Md,
    body: Md,
    response: Option<Md>,
}

impl EventsView {
    pub(super) fn new(words: Words<'_>, index: usize) -> Self {
        let site = words.site;
        let group = &event_groups(site.api)[index];
        let types = site.event_types[index].iter();
        Self {
            about: words.paragraphs(&group.about),
            events: group.events.iter().map(|event| EventView::new(words, event)).collect(),
            types: types.map(|id| TypeView::new(words, *id)).collect(),
        }
    }
}

impl EventView {
    fn new(words: Words<'_>, event: &Event) -> Self {
        Self {
            anchor: event_anchor(&event.key),
            title: words.text(&event.title),
            about: words.paragraphs(&event.about),
            conditions: conditions(words, &event.when),
            body: words.type_link(event.body),
            response: event.response.map(|id| words.type_link(id)),
            is_unsigned: event.is_unsigned,
            rust: rust(event),
            examples: event
                .examples
                .iter()
                .map(|example| EventExampleView::new(words, example))
                .collect(),
        }
    }
}

impl EventExampleView {
    fn new(words: Words<'_>, example: &EventExample) -> Self {
        Self {
            title: words.text(&example.title),
            body: Md::fence("json", &pretty(&example.body)),
            response: example
                .response
                .as_ref()
                .map(|response| Md::fence("json", &pretty(response))),
        }
    }
}
