//! The document of the webhooks. It is separate, because several tools reject a document with the key `webhooks`.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::document::{Components, Info, MediaType, RequestBody, Response, Schema, Tag};
use super::examples::{JSON, example};
use super::schemas::Schemas;
use super::{info, tag, yaml};
use crate::files::File;
use crate::ir::{Api, Condition, Event, EventExample, EventGroup, Json, TypeId, Webhooks};
use crate::render::editions::{Standard, webhooks_file_name};
use crate::render::strings::DocumentWords;

/// The root object.
#[derive(Debug, Serialize)]
struct Document {
    openapi: &'static str,
    info: Info,
    /// Always empty: webhooks are not authenticated by a security scheme.
    security: [(); 0],
    tags: Vec<Tag>,
    webhooks: IndexMap<String, Webhook>,
    #[serde(skip_serializing_if = "Components::is_empty")]
    components: Components,
}

#[derive(Debug, Serialize)]
struct Webhook {
    post: Operation,
}

#[derive(Debug, Serialize)]
struct Operation {
    tags: Vec<String>,
    #[serde(rename = "operationId")]
    id: String,
    summary: String,
    description: String,
    #[serde(rename = "requestBody")]
    body: RequestBody,
    responses: BTreeMap<&'static str, Response>,
}

/// Renders the document in one language, if the API has webhooks.
pub(super) fn render(api: &Api, language: usize, words: &DocumentWords) -> Option<File> {
    let webhooks = api.webhooks.as_ref()?;
    Some(File {
        path: format!("openapi/{}", webhooks_file_name(api, language)),
        contents: yaml::write(&document(api, webhooks, language, words)),
    })
}

fn document(api: &Api, webhooks: &Webhooks, language: usize, words: &DocumentWords) -> Document {
    let mut schemas = Schemas::new(api, words, language);
    let events = webhooks.events();
    let events: IndexMap<_, _> = events
        .map(|(group, event)| {
            let post = operation(&mut schemas, group, event);
            (event.key.clone(), Webhook { post })
        })
        .collect();
    let mut about = vec![schemas.text(&webhooks.about)];
    about.extend(
        webhooks
            .signature
            .iter()
            .map(|signature| schemas.text(&signature.about)),
    );
    Document {
        openapi: Standard::V31.version(),
        info: info(&schemas, about.join("\n\n")),
        security: [],
        tags: webhooks
            .groups
            .iter()
            .map(|group| tag(&schemas, &group.title, &group.about))
            .collect(),
        webhooks: events,
        components: Components {
            schemas: schemas.into_components(),
            ..Components::default()
        },
    }
}

fn operation(schemas: &mut Schemas<'_>, group: &EventGroup, event: &Event) -> Operation {
    let request = content(schemas, event.body, &event.examples, |example| Some(&example.body));
    let response = event
        .response
        .map(|response| content(schemas, response, &event.examples, |example| example.response.as_ref()));
    let words = schemas.words;
    let description = if response.is_some() {
        &words.success
    } else {
        &words.unread_response
    };
    let response = Response {
        description: description.clone(),
        content: response.unwrap_or_default(),
        ..Response::default()
    };
    let unsigned = if event.is_unsigned { words.unsigned.as_str() } else { "" };
    let about = schemas.sentences(&[&schemas.text(&event.about), unsigned]);
    let mut paragraphs = vec![about, conditions(words, &event.when)];
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    Operation {
        tags: vec![schemas.plain(&group.title).to_owned()],
        id: event.key.clone(),
        summary: schemas.plain(&event.title).to_owned(),
        description: paragraphs.join("\n\n"),
        body: RequestBody {
            required: true,
            content: request,
        },
        responses: BTreeMap::from([("200", response)]),
    }
}

/// Returns the schema of a type and its values in the examples.
fn content(
    schemas: &mut Schemas<'_>,
    ty: TypeId,
    examples: &[EventExample],
    value: impl Fn(&EventExample) -> Option<&Json>,
) -> IndexMap<&'static str, MediaType> {
    let schema: Schema = schemas.of_named(ty);
    let examples = examples.iter().filter_map(|source| {
        let title = schemas.plain(&source.title);
        Some((source.rust_test.clone(), example(title, value(source)?.clone())?))
    });
    let examples = examples.collect();
    IndexMap::from([(JSON, MediaType { schema, examples })])
}

/// Returns the conditions that tell an event from others.
fn conditions(words: &DocumentWords, conditions: &[Condition]) -> String {
    let all = conditions.iter().map(|Condition { path, values }| {
        let path = format!("`{path}`");
        if values.is_empty() {
            return words.has_no_value.replace("{path}", &path) + &words.stop;
        }
        let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
        let values = values.join(&words.alternative_separator);
        words.has_value.replace("{path}", &path).replace("{values}", &values) + &words.stop
    });
    all.collect::<Vec<_>>().join(&words.sentence_gap)
}
