// @if webhooks
//! The webhooks of an app that are about to be sent, and those that could not be delivered.

use std::collections::VecDeque;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::service::Service as _;
use super::webhook::EventKind;
use crate::behaviour::App;
use crate::webhooks::Event;

/// Maximum number of stored webhooks.
const STORED: usize = 10_000;

/// Maximum total size of the stored webhooks in bytes.
const TOTAL: usize = 32 * 1024 * 1024;

/// The webhooks of an app. The behaviour adds events; after each call, the server sends them, in this order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outbox {
    /// The time of the call, if webhooks are sent.
    #[serde(skip)]
    time: Option<i64>,
    #[serde(skip)]
    outgoing: Vec<Outgoing>,
    /// Oldest first.
    stored: VecDeque<StoredWebhook>,
}

/// A webhook that is about to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) kind: &'static EventKind,
    /// The body without the signature.
    pub(crate) body: Value,
    /// The URL, if it is not the configured one.
    pub(crate) url: Option<String>,
    /// `true` if it is already stored.
    pub(crate) is_stored: bool,
}

/// A webhook that could not be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredWebhook {
    /// Time at which the last attempt failed, in milliseconds since 1970.
    pub time: i64,
    /// Key of the event.
    pub event: String,
    /// The body, as JSON.
    pub body: String,
    /// Number of times it was sent again on request.
    pub resent: u32,
}

impl Outbox {
    /// Returns the time of the call in milliseconds since 1970. `None` if no webhooks are sent: [`send`](Self::send) has no effect
    /// then, so that the event need not be created.
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        self.time
    }

    /// Sends the webhook of an event after the call.
    pub fn send(&mut self, event: Event) {
        if self.time.is_none() {
            return;
        }
        if let (Ok(kind), Ok(body)) = (EventKind::find(event.key()), serde_json::to_value(event)) {
            self.push(kind, body);
        }
    }

    /// Sends a body of any kind.
    pub(crate) fn push(&mut self, kind: &'static EventKind, body: Value) {
        self.outgoing.push(Outgoing {
            kind,
            body,
            url: None,
            is_stored: false,
        });
    }

    /// Returns the webhooks that could not be delivered, oldest first. After a while, they are removed.
    pub fn stored(&mut self, now: i64) -> impl Iterator<Item = &StoredWebhook> {
        self.forget(now);
        self.stored.iter()
    }

    /// Sends stored webhooks whose time is in a span once more, to the configured URL or another one, and keeps them stored.
    /// Returns their number.
    pub fn resend(&mut self, span: &Range<i64>, url: Option<&str>, now: i64) -> usize {
        self.forget(now);
        let mut count = 0;
        for webhook in self.stored.iter_mut().filter(|webhook| span.contains(&webhook.time)) {
            let kind = EventKind::find(&webhook.event);
            let (Ok(kind), Ok(body)) = (kind, serde_json::from_str(&webhook.body)) else {
                continue;
            };
            webhook.resent += 1;
            count += 1;
            self.outgoing.push(Outgoing {
                kind,
                body,
                url: url.map(str::to_owned),
                is_stored: true,
            });
        }
        count
    }

    /// Begins a call at a time, or one that sends no webhooks.
    pub(crate) fn begin(&mut self, time: Option<i64>) {
        self.time = time;
    }

    /// Removes the webhooks that are about to be sent.
    pub(crate) fn take(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.outgoing)
    }

    /// Stores a webhook that could not be delivered. The oldest make room for it.
    pub(crate) fn store(&mut self, event: &str, body: String, now: i64) {
        self.forget(now);
        self.stored.push_back(StoredWebhook {
            time: now,
            event: event.to_owned(),
            body,
            resent: 0,
        });
        let mut size: usize = self.stored.iter().map(|webhook| webhook.body.len()).sum();
        while self.stored.len() > STORED || size > TOTAL {
            let Some(oldest) = self.stored.pop_front() else { break };
            size -= oldest.body.len();
        }
    }

    fn forget(&mut self, now: i64) {
        let retention = i64::try_from(App::WEBHOOKS.retention.as_millis()).unwrap_or(i64::MAX);
        self.stored
            .retain(|webhook| now.saturating_sub(webhook.time) < retention);
    }
}
// @end
