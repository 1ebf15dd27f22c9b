// @if webhooks
//! The last webhooks that the server sent.

use std::ops::Deref;
use std::time::Duration;

use serde::Serialize;

use super::journal::as_microseconds;
use super::recent::Record;

/// A webhook that the server sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedWebhook {
    /// Number of the webhook, from 1.
    pub number: u64,
    /// Time of the server in milliseconds since 1970.
    pub time: i64,
    /// The values of the parameters in the base path of the app.
    pub app: Vec<String>,
    /// Key of the event in the spec.
    pub event: &'static str,
    /// The URL.
    pub url: String,
    /// The body, as it was sent.
    pub body: String,
    /// Kind of the fault that the webhook met, e.g. `delay`.
    pub fault: Option<&'static str>,
    /// The attempts so far.
    pub attempts: Vec<WebhookAttempt>,
    /// The outcome so far.
    pub outcome: WebhookOutcome,
}

/// An attempt to deliver a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WebhookAttempt {
    /// Status of the response. `None` if there was none.
    pub status: Option<u16>,
    /// The reason why the attempt failed, unless it is the status.
    pub error: Option<String>,
    /// The body of the response, or its first 8 KiB.
    pub response: String,
    /// Duration of the attempt.
    #[serde(rename = "duration_us", serialize_with = "as_microseconds")]
    pub duration: Duration,
}

impl WebhookAttempt {
    /// Returns `true` if the webhook was delivered.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status == Some(200) && self.error.is_none()
    }
}

/// The outcome of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookOutcome {
    /// The webhook is waiting, or is being delivered.
    Pending,
    /// The webhook was delivered.
    Delivered,
    /// The webhook could not be delivered. It is stored, and can be sent again.
    Stored,
    /// The webhook was not sent, because too many others had failed. It is stored, and can be sent again.
    Banned,
    /// The webhook could not be delivered. It is not stored again if it was already, nor if the server reads its response.
    Failed,
}

impl Record for RecordedWebhook {
    fn set_number(&mut self, number: u64) {
        self.number = number;
    }

    fn size(&self) -> usize {
        let responses = self.attempts.iter().map(|attempt| attempt.response.len());
        self.body.len() + self.url.len() + responses.sum::<usize>()
    }
}

/// The last webhooks that the server sent, oldest first: at most 1,000, and fewer if they exceed 32 MiB.
///
/// It derefs to a slice of [`RecordedWebhook`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Webhooks(Vec<RecordedWebhook>);

impl Webhooks {
    /// Keeps the webhooks of an event, by its key in the spec.
    #[must_use]
    pub fn event(mut self, key: &str) -> Self {
        self.0.retain(|webhook| webhook.event == key);
        self
    }

    /// Keeps the webhooks with this outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: WebhookOutcome) -> Self {
        self.0.retain(|webhook| webhook.outcome == outcome);
        self
    }
}

impl Deref for Webhooks {
    type Target = [RecordedWebhook];

    fn deref(&self) -> &[RecordedWebhook] {
        &self.0
    }
}

impl FromIterator<RecordedWebhook> for Webhooks {
    fn from_iter<I: IntoIterator<Item = RecordedWebhook>>(webhooks: I) -> Self {
        Self(webhooks.into_iter().collect())
    }
}

impl IntoIterator for Webhooks {
    type Item = RecordedWebhook;
    type IntoIter = std::vec::IntoIter<RecordedWebhook>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Webhooks {
    type Item = &'a RecordedWebhook;
    type IntoIter = std::slice::Iter<'a, RecordedWebhook>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
// @end
