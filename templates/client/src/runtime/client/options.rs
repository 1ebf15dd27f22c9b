//! Settings of single calls.

use std::time::Duration;

use super::retry::RetryPolicy;
#[cfg(feature = "rate-limit")]
use crate::runtime::operation::RateLimit;
use crate::runtime::request::Request;

/// Settings of single calls, where they differ from those of the client: see [`Client::with`](super::Client::with).
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct CallOptions {
    timeout: Timeout,
    retry: Option<RetryPolicy>,
    #[cfg(feature = "rate-limit")]
    cost: Option<u32>,
}

/// The unit of a limit that counts calls, whatever they hold.
#[cfg(feature = "rate-limit")]
pub(super) const CALLS: &str = "calls";

/// How much of a rate limit a call uses.
#[cfg(feature = "rate-limit")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    /// What the caller says.
    cost: Option<u32>,
    /// How many things the request holds that are treated one by one.
    elements: u32,
}

#[cfg(feature = "rate-limit")]
impl Units {
    #[cfg(test)]
    pub(super) fn of(cost: u32) -> Self {
        Self {
            cost: Some(cost),
            elements: 1,
        }
    }

    /// How many they are under a limit, which may count calls or something else.
    pub(super) fn under(self, limit: RateLimit) -> u32 {
        let counted = if limit.unit == CALLS { 1 } else { self.elements };
        self.cost.unwrap_or(counted)
    }
}

#[derive(Debug, Clone, Copy, Default)]
enum Timeout {
    /// As the client has it.
    #[default]
    Inherited,
    Never,
    After(Duration),
}

impl CallOptions {
    /// The settings of the client.
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits how long a call may take as a whole: waiting for a token or a rate limit, all tries and the pauses between
    /// them, and reading the answer; `None` for no limit. It holds for uploads too, and for downloads until the file
    /// begins to arrive.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into().map_or(Timeout::Never, Timeout::After);
        self
    }

    /// Sets when the request is sent again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sets how many units of its rate limit a call uses. Without it, one; where the limit is not one of calls, as many as the
    /// request holds, e.g. receivers where messages are counted.
    #[cfg(feature = "rate-limit")]
    pub fn cost(mut self, units: u32) -> Self {
        self.cost = Some(units);
        self
    }

    /// These settings, where they are set, and otherwise those.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            timeout: match self.timeout {
                Timeout::Inherited => other.timeout,
                set => set,
            },
            retry: self.retry.or(other.retry),
            #[cfg(feature = "rate-limit")]
            cost: self.cost.or(other.cost),
        }
    }

    /// The time limit of a request; files are not limited unless it is asked for.
    pub(super) fn timeout_of(&self, request: &Request, default: Option<Duration>) -> Option<Duration> {
        match self.timeout {
            Timeout::Inherited if request.multipart().is_some() || request.info().bytes => None,
            Timeout::Inherited => default,
            Timeout::Never => None,
            Timeout::After(time) => Some(time),
        }
    }

    /// The time limit for an answer that is no file, after a file was sent or asked for.
    pub(super) fn timeout_after_files(&self, default: Option<Duration>) -> Option<Duration> {
        default.filter(|_| matches!(self.timeout, Timeout::Inherited))
    }

    pub(super) fn policy(&self, default: RetryPolicy) -> RetryPolicy {
        self.retry.unwrap_or(default)
    }

    #[cfg(feature = "rate-limit")]
    pub(super) fn units(&self, request: &Request) -> Units {
        Units {
            cost: self.cost,
            elements: request.elements(),
        }
    }
}
