//! Webhooks: requests with which the server informs the backend of an app about events.

use serde::Serialize;

use super::{Json, JsonPath, Text, TypeId};

/// The webhooks of an API.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Webhooks {
    /// Description.
    pub about: Text,
    /// JSON path of the ID of a webhook, by which a backend recognizes a repeated delivery.
    pub id: Option<JsonPath>,
    /// The signature. `None` if the server does not sign webhooks.
    pub signature: Option<Signature>,
    /// Groups in the order of the spec. Never empty.
    pub groups: Vec<EventGroup>,
}

impl Webhooks {
    /// Returns all events with their groups, in the order of the spec.
    pub fn events(&self) -> impl Iterator<Item = (&EventGroup, &Event)> {
        self.groups
            .iter()
            .flat_map(|group| group.events.iter().map(move |event| (group, event)))
    }
}

/// The signature: the MD5 digest, in hexadecimal, of values of the body and of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// Description.
    pub about: Text,
    /// Key of the body that holds the digest.
    pub key: String,
    /// The joined parts.
    pub parts: Vec<SignedPart>,
    /// Key of the body that holds the time of signing, in milliseconds.
    pub time: String,
}

/// A part of the signed text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum SignedPart {
    /// The value of a key of the body.
    Key(String),
    /// The secret.
    Secret,
}

/// A group of events.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventGroup {
    /// Key in the spec. Also a part of the file name in the docs.
    pub key: String,
    /// Title.
    pub title: Text,
    /// Description.
    pub about: Text,
    /// Events in the order of the spec. Never empty.
    pub events: Vec<Event>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Key in the spec, unique among all groups. Also the name in the `OpenAPI` document.
    pub key: String,
    /// Variant of the generated `enum`.
    pub rust_variant: String,
    /// Title.
    pub title: Text,
    /// Additional information. May be empty.
    pub about: Text,
    /// Conditions that all hold for its bodies, and that do not all hold for those of any other event.
    pub when: Vec<Condition>,
    /// Type of the body.
    pub body: TypeId,
    /// Type of the response, if the server reads it.
    pub response: Option<TypeId>,
    /// `true` if the server does not sign it, although it signs others.
    pub is_unsigned: bool,
    /// Examples in the order of the spec. Never empty.
    pub examples: Vec<EventExample>,
}

/// A condition for the body of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// The JSON path of a value.
    pub path: JsonPath,
    /// The possible values: strings, or numbers as text. If empty, there is no value, or it is `null`.
    pub values: Vec<String>,
}

/// An example of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventExample {
    /// Title. May be empty if it is the only example of the event.
    pub title: Text,
    /// Name of its test, unique in the API.
    pub rust_test: String,
    /// The body.
    pub body: Json,
    /// The response, if the event has one.
    pub response: Option<Json>,
}
