// @if webhooks
//! Webhooks before they are delivered: their kinds, their rules and their signatures.

use std::fmt;
use std::time::Duration;

use md5::{Digest as _, Md5};
use reqwest::Url;
use serde_json::{Map, Value};

use super::operation::Step;
use crate::webhooks::{EVENTS, ID, SIGNATURE};

/// The rules by which the server delivers webhooks, from the documentation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookRules {
    /// Name of the environment variable with the secret.
    pub variable: &'static str,
    /// The default secret.
    pub secret: &'static str,
    /// Time in which the receiver must respond.
    pub timeout: Duration,
    /// Time in which the receiver must respond to a webhook whose response the server reads. Such a webhook is sent only once.
    pub response_timeout: Duration,
    /// Maximum number of characters of a response.
    pub max_response: usize,
    /// The number of failures within [`period`](Self::period) after which the server sends nothing for a time.
    pub max_failures: usize,
    /// The period in which failures are counted.
    pub period: Duration,
    /// The time in which the server then sends nothing.
    pub pause: Duration,
    /// The time for which webhooks that were not delivered are stored.
    pub retention: Duration,
}

/// A kind of event.
#[derive(Debug)]
pub struct EventKind {
    /// Key in the spec.
    pub key: &'static str,
    /// `true` if the webhook is signed.
    pub is_signed: bool,
    /// `true` if the server reads the response.
    pub has_response: bool,
    /// The bodies of the documented examples, as JSON.
    pub examples: &'static [&'static str],
}

impl EventKind {
    /// Returns the kind with a key.
    pub(crate) fn find(key: &str) -> Result<&'static Self, InvalidWebhook> {
        EVENTS.iter().find(|kind| kind.key == key).ok_or_else(|| {
            let keys: Vec<_> = EVENTS.iter().map(|kind| kind.key).collect();
            InvalidWebhook::new(format!(
                "there is no event `{key}`; expected one of {}",
                keys.join(", ")
            ))
        })
    }

    /// Returns the body of the first documented example with another ID and time, and with other values under the keys of `changes`. A
    /// value `null` removes its key.
    pub(crate) fn example(&self, id: String, now: i64, changes: Value) -> Value {
        let text = self.examples.first().copied().unwrap_or_default();
        let mut body = serde_json::from_str(text).unwrap_or_default();
        if let Some(old) = ID.and_then(|path| value_at(&mut body, path)) {
            *old = id.into();
        }
        let time = SIGNATURE.as_ref().and_then(|signature| body.get_mut(signature.time));
        if let Some(time) = time {
            *time = now.into();
        }
        merge(&mut body, changes);
        body
    }
}

/// Returns `true` if webhooks can be sent to this URL.
pub(crate) fn is_url(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn value_at<'v>(body: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(body, |value, step| match step {
        Step::Key(key) => value.get_mut(*key),
        Step::Index(index) => value.get_mut(*index),
    })
}

/// Changes a value as JSON Merge Patch (RFC 7396) does.
fn merge(value: &mut Value, changes: Value) {
    let Value::Object(changes) = changes else {
        *value = changes;
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Value::Object(fields) = value else { return };
    for (key, change) in changes {
        if change.is_null() {
            fields.remove(&key);
        } else {
            merge(fields.entry(key).or_insert(Value::Null), change);
        }
    }
}

/// The reason why a URL, a webhook or a [`WebhookFault`](super::WebhookFault) is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidWebhook(String);

impl InvalidWebhook {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for InvalidWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidWebhook {}

/// The signature: the MD5 digest of some values, in hexadecimal.
#[derive(Debug)]
pub struct Signature {
    /// The key of the digest.
    pub key: &'static str,
    /// The parts of the signed text.
    pub parts: &'static [SignedPart],
    /// The key of the time of signing, in milliseconds.
    pub time: &'static str,
}

/// A part of the signed text.
#[derive(Debug)]
pub enum SignedPart {
    /// The value of this key of the body.
    Key(&'static str),
    /// The secret.
    Secret,
}

/// Returns a body with its signature, if webhooks of this kind are signed.
pub(crate) fn signed(kind: &EventKind, mut body: Value, secret: &str) -> Value {
    let signature = SIGNATURE.as_ref().filter(|_| kind.is_signed);
    if let (Some(signature), Value::Object(fields)) = (signature, &mut body) {
        let digest = digest(signature, fields, secret);
        fields.insert(signature.key.to_owned(), digest.into());
    }
    body
}

fn digest(signature: &Signature, fields: &Map<String, Value>, secret: &str) -> String {
    let mut md5 = Md5::new();
    for part in signature.parts {
        match part {
            SignedPart::Secret => md5.update(secret),
            SignedPart::Key(key) => match fields.get(*key) {
                Some(Value::String(text)) => md5.update(text),
                Some(value) => md5.update(value.to_string()),
                None => {}
            },
        }
    }
    format!("{:032x}", u128::from_be_bytes(md5.finalize().into()))
}
// @end
