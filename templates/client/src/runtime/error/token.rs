//! Errors of token requests.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Error;

/// No token could be obtained. The request was not sent, or only with a token that the server rejected.
#[derive(Debug, Clone)]
pub struct TokenError {
    reason: Arc<Error>,
    wait: Option<Duration>,
    pub(super) attempts: u32,
}

impl TokenError {
    /// Wraps the error of a token request.
    #[must_use]
    pub fn new(reason: impl Into<Arc<Error>>) -> Self {
        Self {
            reason: reason.into(),
            wait: None,
            attempts: 0,
        }
    }

    /// Sets how long the client pauses token requests.
    #[cfg(feature = "client")]
    pub(crate) fn paused_for(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Returns the error of the token request, e.g. the server's error response.
    #[must_use]
    pub fn reason(&self) -> &Error {
        &self.reason
    }

    /// Returns how long to wait: the longer of the server's `Retry-After` and the client's pause after a failure.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.wait.max(self.reason.retry_after())
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no token could be obtained: {}", self.reason)
    }
}

impl StdError for TokenError {
    // `Display` includes the reason itself, so the chain continues with its source.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.reason.source()
    }
}
