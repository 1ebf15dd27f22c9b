//! Settings for single calls.

use std::time::Duration;

use super::retry::RetryPolicy;
use crate::runtime::error::InvalidArgument;
use crate::runtime::operation::Operation;
use crate::runtime::request::Request;

/// Settings for single calls that override those of the client: see [`Client::with`](super::Client::with).
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct CallOptions {
    timeout: Timeout,
    retry: Option<RetryPolicy>,
    unchecked: bool,
    #[cfg(feature = "rate-limit")]
    cost: Option<u32>,
    for_tokens: bool,
}

#[derive(Debug, Clone, Copy, Default)]
enum Timeout {
    /// The client's timeout.
    #[default]
    Inherited,
    Never,
    After(Duration),
}

impl CallOptions {
    /// Returns options that override nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns options for obtaining tokens: without a token, and with retries, as obtaining a token twice has no effect.
    pub(super) fn for_tokens() -> Self {
        Self {
            for_tokens: true,
            ..Self::default()
        }
    }

    /// Sets the timeout of the whole call: waiting for a token or a rate limit, all attempts and the delays between them,
    /// and reading the response; `None` for no timeout. Applies to uploads too, and to downloads until the file begins to
    /// arrive. Default: that of the client.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into().map_or(Timeout::Never, Timeout::After);
        self
    }

    /// Sets when the request is sent again. Default: the policy of the client.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sets how much the call costs under rate limits that do not count calls. Default: the number of elements in the
    /// request, e.g. receivers if the limit counts messages.
    #[cfg(feature = "rate-limit")]
    pub fn cost(mut self, permits: u32) -> Self {
        self.cost = Some(permits);
        self
    }

    /// Returns these settings, completed by `other` where they are not set.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            timeout: match self.timeout {
                Timeout::Inherited => other.timeout,
                set => set,
            },
            retry: self.retry.or(other.retry),
            unchecked: self.unchecked || other.unchecked,
            #[cfg(feature = "rate-limit")]
            cost: self.cost.or(other.cost),
            for_tokens: self.for_tokens || other.for_tokens,
        }
    }

    /// Sends arguments that break the documented limits: lengths, counts, ranges and patterns. The server decides, e.g. if the
    /// app has higher limits. Arguments that cannot be sent are still errors, e.g. an empty path parameter.
    pub fn unchecked(mut self) -> Self {
        self.unchecked = true;
        self
    }

    pub(super) fn encode<O: Operation>(&self, operation: &O) -> Result<Request, InvalidArgument> {
        if self.unchecked {
            operation.encode_unchecked()
        } else {
            operation.encode()
        }
    }

    /// Returns the timeout of a request. Transfers of files have none by default.
    pub(super) fn timeout_of(&self, request: &Request, default: Option<Duration>) -> Option<Duration> {
        match self.timeout {
            Timeout::Inherited if request.multipart().is_some() || request.info().bytes => None,
            Timeout::Inherited => default,
            Timeout::Never => None,
            Timeout::After(time) => Some(time),
        }
    }

    /// Returns the timeout for a JSON or error response to a transfer of a file.
    pub(super) fn timeout_after_files(&self, default: Option<Duration>) -> Option<Duration> {
        default.filter(|_| matches!(self.timeout, Timeout::Inherited))
    }

    pub(super) fn policy(&self, default: RetryPolicy) -> RetryPolicy {
        self.retry.unwrap_or(default).assume_idempotent(self.for_tokens)
    }

    pub(super) fn is_for_tokens(&self) -> bool {
        self.for_tokens
    }

    #[cfg(feature = "rate-limit")]
    pub(super) fn cost_of(&self, request: &Request) -> u32 {
        self.cost.unwrap_or(request.elements())
    }
}
