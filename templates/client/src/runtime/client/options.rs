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
    units: Units,
}

/// The unit of a limit that counts calls, whatever they hold.
#[cfg(feature = "rate-limit")]
const CALLS: &str = "calls";

/// How much of a rate limit a call uses.
#[cfg(feature = "rate-limit")]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Units {
    /// What the caller says.
    cost: Option<u32>,
    /// How many things the request holds that are treated one by one.
    elements: Option<u32>,
}

#[cfg(feature = "rate-limit")]
impl Units {
    #[cfg(test)]
    pub(super) fn of(cost: u32) -> Self {
        Self {
            cost: Some(cost),
            elements: None,
        }
    }

    /// How many they are under a limit, which may count calls or something else.
    pub(super) fn under(self, limit: RateLimit) -> u32 {
        let elements = self.elements.filter(|_| limit.unit != CALLS);
        self.cost.or(elements).unwrap_or(1)
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

    /// Sets how many units of its rate limit a call uses, e.g. the number of receivers where messages are counted. Without
    /// it, one; for a batch of a split request as many as it holds, unless the limit is one of calls.
    #[cfg(feature = "rate-limit")]
    pub fn cost(mut self, units: u32) -> Self {
        self.units.cost = Some(units);
        self
    }

    /// Notes how many things a request holds that are treated one by one: a limit may count them.
    #[cfg(feature = "rate-limit")]
    pub(super) fn elements(mut self, count: usize) -> Self {
        self.units.elements = Some(u32::try_from(count).unwrap_or(u32::MAX));
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
            units: Units {
                cost: self.units.cost.or(other.units.cost),
                elements: self.units.elements.or(other.units.elements),
            },
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

    pub(super) fn policy(&self, default: RetryPolicy) -> RetryPolicy {
        self.retry.unwrap_or(default)
    }

    #[cfg(feature = "rate-limit")]
    pub(super) fn units(&self) -> Units {
        self.units
    }
}
