//! Webhooks that could not be delivered, in slots of ten minutes in UTC.

use std::collections::BTreeMap;

use super::App;
use super::history::{HOUR, hour_of, iso_8601};
use crate::errors::Known;
use crate::runtime::webhook::is_url;
use crate::runtime::{Call, Done, Failure};
use crate::sections::stored_webhooks::{StoredWebhooks, resend};
use crate::types::{StoredWebhookSlot, WebhookKind};
use crate::webhooks::Event;

/// The time that a slot covers, in milliseconds.
const SLOT: i64 = 10 * MINUTE;

/// A minute in milliseconds.
const MINUTE: i64 = 60 * 1000;

/// Returns the start of the slot of a time.
fn slot_of(time: i64) -> i64 {
    time.div_euclid(SLOT) * SLOT
}

/// Returns the start of a slot as `yyyyMMddHHmm`.
fn date_of(slot: i64) -> String {
    let digits = iso_8601(slot);
    digits.chars().filter(char::is_ascii_digit).take(12).collect()
}

/// Returns the start of the slot that `yyyyMMddHHmm` stands for.
fn parse(date: &str) -> Option<i64> {
    let (hour, minute) = date.split_at_checked(10)?;
    let start = hour_of(hour)? * HOUR + minute.parse::<i64>().ok()? * MINUTE;
    // Rejects days that a month does not have, and times within a slot.
    (date_of(slot_of(start)) == date).then_some(start)
}

impl StoredWebhooks for App {
    fn list(&mut self, call: &Call<'_>) -> Result<Vec<StoredWebhookSlot>, Failure> {
        let mut slots: BTreeMap<i64, StoredWebhookSlot> = BTreeMap::new();
        for webhook in self.outbox.stored(call.now) {
            let start = slot_of(webhook.time);
            let slot = slots.entry(start).or_insert_with(|| StoredWebhookSlot {
                date: date_of(start),
                ..StoredWebhookSlot::default()
            });
            slot.size += 1;
            slot.retries = slot.retries.max(webhook.resent.into());
        }
        Ok(slots.into_values().collect())
    }

    fn resend(&mut self, call: &Call<'_>, arguments: resend::Resend) -> Result<Done, Failure> {
        let rejected = |message| Failure::new(Known::IllegalArgument400, message);
        let resend::Resend { date, target_url, .. } = arguments;
        let Some(start) = parse(&date) else {
            return Err(rejected(format!(
                "{date} is not the start of ten minutes, yyyyMMddHHmm"
            )));
        };
        if let Some(url) = target_url.as_deref().filter(|url| !is_url(url)) {
            return Err(rejected(format!("{url} is not a URL")));
        }
        self.outbox
            .resend(&(start..start + SLOT), target_url.as_deref(), call.now);
        Ok(Done::default())
    }
}

impl App {
    /// Stores webhooks about the messages of the example data: 12 in the last slot but one, and 3 in the last, which were sent again
    /// once.
    pub(super) fn add_sample_webhooks(&mut self, now: i64) {
        let last = slot_of(now) - SLOT;
        let messages: Vec<_> = self.messages.last(usize::MAX).to_vec();
        let times = [last - SLOT; 12].into_iter().chain([last; 3]);
        for (message, time) in messages.iter().cycle().zip(times) {
            let webhook = self.message_webhook(message, WebhookKind::Online, &message.to, message.time);
            let event = Event::Message(webhook);
            if let Ok(body) = serde_json::to_string(&event) {
                self.outbox.store(event.key(), body, time);
            }
        }
        self.outbox.resend(&(last..last + SLOT), None, now);
    }
}
