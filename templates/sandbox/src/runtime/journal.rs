//! The last calls that the server received.

use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;
use serde::{Serialize, Serializer};

use super::changes::RecordedChange;
use super::operation::Operation;
use super::recent::Record;
use super::secrets;

/// Maximum number of bytes of a body that are kept, unless the settings of the server say otherwise.
pub(crate) const BODY: usize = 64 * 1024;

/// A call before its secrets are hidden.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Set when the entry is added.
    pub(crate) number: u64,
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// The values of the parameters in the base path.
    pub(crate) app: Vec<String>,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// `None` if there was no response.
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'static str>,
    pub(crate) fault: Option<&'static str>,
    pub(crate) request: Payload,
    pub(crate) response: Payload,
    pub(crate) changes: Vec<RecordedChange>,
    pub(crate) duration: Duration,
}

/// A body, or the start of one.
#[derive(Debug, Clone)]
pub(crate) struct Payload {
    media_type: String,
    size: usize,
    content: Bytes,
    /// `true` if the content is only the start of the readable text.
    cut: bool,
}

impl Payload {
    /// Keeps a body. A large one is cut, after its secrets are hidden.
    pub(crate) fn new(
        media_type: &str,
        content: &Bytes,
        operation: Option<&'static Operation>,
        max_body: usize,
    ) -> Self {
        let is_text = secrets::is_text(media_type);
        let cut = is_text && content.len() > max_body;
        // Copied, because the content may be part of a larger buffer.
        let kept = if cut {
            let text = secrets::readable(media_type, content, &secrets::keys(operation));
            Bytes::copy_from_slice(&text.as_bytes()[..text.len().min(max_body)])
        } else if is_text {
            Bytes::copy_from_slice(content)
        } else {
            Bytes::new()
        };
        Self {
            media_type: media_type.chars().take(100).collect(),
            size: content.len(),
            content: kept,
            cut,
        }
    }

    fn readable(&self, keys: &[&str]) -> RecordedBody {
        let text = if self.cut {
            String::from_utf8_lossy(&self.content).into_owned()
        } else {
            secrets::readable(&self.media_type, &self.content, keys)
        };
        RecordedBody {
            media_type: self.media_type.clone(),
            size: self.size,
            text,
            cut: self.cut,
        }
    }
}

impl Record for Entry {
    fn set_number(&mut self, number: u64) {
        self.number = number;
    }

    fn size(&self) -> usize {
        let query = self.query.iter().map(|(key, value)| key.len() + value.len() + 64);
        let cells = self
            .changes
            .iter()
            .flat_map(|change| change.before.iter().chain(&change.after));
        let changes = cells.flatten().map(|cell| cell.len() + 64);
        self.path.len()
            + query.sum::<usize>()
            + self.request.content.len()
            + self.response.content.len()
            + changes.sum::<usize>()
    }
}

impl Entry {
    /// Returns the call as callers see it.
    pub(crate) fn readable(&self) -> RecordedCall {
        let keys = secrets::keys(self.operation);
        RecordedCall {
            number: self.number,
            time: self.time,
            app: self.app.clone(),
            operation: self.operation.map(|operation| operation.id),
            method: self.method.clone(),
            path: self.path.clone(),
            query: secrets::form(&self.query, &keys),
            status: self.status,
            error: self.error,
            fault: self.fault,
            request: self.request.readable(&keys),
            response: self.response.readable(&keys),
            changes: self.changes.clone(),
            duration: self.duration,
        }
    }
}

/// A call that the server received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedCall {
    /// Number of the call, from 1.
    pub number: u64,
    /// Time of the server in milliseconds since 1970.
    pub time: i64,
    /// The values of the parameters in the base path.
    pub app: Vec<String>,
    /// ID of the operation, e.g. `users.create`. `None` if no operation has the method and path.
    pub operation: Option<&'static str>,
    /// HTTP method.
    pub method: String,
    /// Path, with the base path.
    pub path: String,
    /// Query string.
    pub query: String,
    /// Status of the response. `None` if a fault left the call without a response.
    pub status: Option<u16>,
    /// Code of the error.
    pub error: Option<&'static str>,
    /// Kind of the fault that the call met, e.g. `status`.
    pub fault: Option<&'static str>,
    /// Body of the request.
    pub request: RecordedBody,
    /// Body of the response.
    pub response: RecordedBody,
    /// The changes that the call made. Empty unless the web page was open.
    pub changes: Vec<RecordedChange>,
    /// Time between the headers of the request and the response.
    #[serde(rename = "duration_us", serialize_with = "as_microseconds")]
    pub duration: Duration,
}

/// A body of a [`RecordedCall`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedBody {
    /// Media type. Empty if there is none.
    pub media_type: String,
    /// Size in bytes.
    pub size: usize,
    /// The body if it is JSON, a form or text. The values of secret fields are replaced by `***`.
    pub text: String,
    /// `true` if `text` is only the start of the body.
    pub cut: bool,
}

pub(super) fn as_microseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    serializer.serialize_u64(microseconds)
}

/// The last calls that the server received, oldest first: at most 1,000, and fewer if their bodies exceed 32 MiB.
///
/// It derefs to a slice of [`RecordedCall`]:
///
/// ```text
/// assert_eq!(sandbox.calls().operation("users.create").status(200).len(), 1);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls(Vec<RecordedCall>);

impl Calls {
    /// Keeps the calls of an operation, e.g. `users.create`.
    #[must_use]
    pub fn operation(mut self, id: &str) -> Self {
        self.0.retain(|call| call.operation == Some(id));
        self
    }

    /// Keeps the calls with this status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.0.retain(|call| call.status == Some(status));
        self
    }

    /// Keeps the last calls.
    #[must_use]
    pub fn last_calls(mut self, count: usize) -> Self {
        let extra = self.0.len().saturating_sub(count);
        self.0.drain(..extra);
        self
    }
}

impl Deref for Calls {
    type Target = [RecordedCall];

    fn deref(&self) -> &[RecordedCall] {
        &self.0
    }
}

impl FromIterator<RecordedCall> for Calls {
    fn from_iter<I: IntoIterator<Item = RecordedCall>>(calls: I) -> Self {
        Self(calls.into_iter().collect())
    }
}

impl IntoIterator for Calls {
    type Item = RecordedCall;
    type IntoIter = std::vec::IntoIter<RecordedCall>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Calls {
    type Item = &'a RecordedCall;
    type IntoIter = std::slice::Iter<'a, RecordedCall>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
