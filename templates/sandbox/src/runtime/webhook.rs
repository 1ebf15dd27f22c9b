// @if webhooks
//! Webhooks before they are delivered: their kinds, their rules and their signatures.

use std::time::Duration;

use md5::{Digest as _, Md5};
use serde_json::{Map, Value};

use crate::webhooks::{EVENTS, SIGNATURE};

/// How the server delivers webhooks, as the documentation of the API says.
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
    /// How long the server then sends nothing.
    pub pause: Duration,
    /// How long webhooks that were not delivered are stored.
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
    pub(crate) fn find(key: &str) -> Option<&'static Self> {
        EVENTS.iter().find(|kind| kind.key == key)
    }
}

/// The signature: the MD5 digest of some values, in hexadecimal.
#[derive(Debug)]
pub struct Signature {
    /// The key of the digest.
    pub key: &'static str,
    /// The parts of the text of which the signature is the digest.
    pub parts: &'static [SignedPart],
    /// The key of the time of signing, in milliseconds.
    pub time: &'static str,
}

/// A part of the text of which the signature is the digest.
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
