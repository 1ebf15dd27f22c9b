// @if webhooks
//! Failures of webhooks that the server simulates.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::webhook::{EventKind, InvalidWebhook};

/// Maximum number of faults at a time.
const FAULTS: usize = 1000;

/// Maximum delay in milliseconds: an hour.
const DELAY: u64 = 3_600_000;

/// A failure that the server simulates for the next webhook. The methods limit it to an event, or extend it to more webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct WebhookFault {
    fault: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    #[serde(default = "once")]
    times: u64,
    #[serde(default)]
    delay_ms: u64,
}

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The webhook arrives late; others overtake it.
    Delay,
    /// The webhook arrives twice.
    Duplicate,
    /// The webhook arrives after the next one.
    Reorder,
    /// An attempt fails.
    Reject,
}

impl Kind {
    /// Returns the name in JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Duplicate => "duplicate",
            Self::Reorder => "reorder",
            Self::Reject => "reject",
        }
    }
}

fn once() -> u64 {
    1
}

impl WebhookFault {
    fn new(fault: Kind) -> Self {
        Self {
            fault,
            event: None,
            times: once(),
            delay_ms: 0,
        }
    }

    /// Delivers the webhook after this time, at most an hour. The next webhooks do not wait for it.
    pub fn delay(delay: Duration) -> Self {
        Self {
            delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            ..Self::new(Kind::Delay)
        }
    }

    /// Delivers the webhook twice.
    pub fn duplicate() -> Self {
        Self::new(Kind::Duplicate)
    }

    /// Delivers the webhook after the next one, or after a second without another one.
    pub fn reorder() -> Self {
        Self::new(Kind::Reorder)
    }

    /// Lets an attempt fail without sending the webhook. If both attempts fail, the webhook is stored.
    pub fn reject() -> Self {
        Self::new(Kind::Reject)
    }

    /// Limits the fault to an event, by its key in the spec. Default: all events.
    pub fn event(mut self, key: impl Into<String>) -> Self {
        self.event = Some(key.into());
        self
    }

    /// Sets how many webhooks, or attempts in case of [`reject`](Self::reject), meet the fault. Default: 1.
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Returns the kind.
    pub(crate) fn kind(&self) -> Kind {
        self.fault
    }

    /// Returns how long to wait.
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    fn check(&self) -> Result<(), InvalidWebhook> {
        if let Some(key) = &self.event {
            EventKind::find(key)?;
        }
        if self.times == 0 {
            return Err(InvalidWebhook::new("`times` is 0; expected at least 1"));
        }
        if (self.fault == Kind::Delay) != (self.delay_ms > 0) {
            return Err(InvalidWebhook::new(
                "`delay_ms` is expected if the fault is `delay`, and only then",
            ));
        }
        if self.delay_ms > DELAY {
            let message = format!("the delay is {} ms; expected at most {DELAY}", self.delay_ms);
            return Err(InvalidWebhook::new(message));
        }
        Ok(())
    }
}

/// The faults to come, in the order in which they apply.
#[derive(Debug, Default)]
pub(crate) struct WebhookFaults(Vec<WebhookFault>);

impl WebhookFaults {
    /// Adds a fault.
    pub(crate) fn add(&mut self, fault: WebhookFault) -> Result<(), InvalidWebhook> {
        fault.check()?;
        if self.0.len() >= FAULTS {
            return Err(InvalidWebhook::new(format!("there are {FAULTS} faults already")));
        }
        self.0.push(fault);
        Ok(())
    }

    /// Returns the fault that a webhook meets before its attempts.
    pub(crate) fn take(&mut self, event: &str) -> Option<WebhookFault> {
        self.take_if(event, |kind| kind != Kind::Reject)
    }

    /// Returns `true` if an attempt to deliver a webhook fails.
    pub(crate) fn rejects(&mut self, event: &str) -> bool {
        self.take_if(event, |kind| kind == Kind::Reject).is_some()
    }

    fn take_if(&mut self, event: &str, is_wanted: impl Fn(Kind) -> bool) -> Option<WebhookFault> {
        let at = self
            .0
            .iter()
            .position(|fault| is_wanted(fault.fault) && fault.event.as_deref().is_none_or(|wanted| wanted == event))?;
        let fault = self.0[at].clone();
        if fault.times > 1 {
            self.0[at].times -= 1;
        } else {
            drop(self.0.remove(at));
        }
        Some(fault)
    }

    /// Returns the faults that are not used up.
    pub(crate) fn pending(&self) -> &[WebhookFault] {
        &self.0
    }

    /// Removes all faults.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
// @end
