//! Tokens that cannot be obtained.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Error;

/// No token could be obtained, so a request was not sent, or only with a token that the server refused.
#[derive(Debug, Clone)]
pub struct TokenError {
    reason: Arc<Error>,
    wait: Option<Duration>,
    pub(super) attempts: u32,
}

impl TokenError {
    /// Wraps what went wrong when a token was asked for.
    #[must_use]
    pub fn new(reason: impl Into<Arc<Error>>) -> Self {
        Self {
            reason: reason.into(),
            wait: None,
            attempts: 0,
        }
    }

    /// Notes how long the client will not ask again.
    #[cfg(feature = "client")]
    pub(crate) fn paused_for(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// What went wrong when a token was asked for, e.g. the server's refusal.
    #[must_use]
    pub fn reason(&self) -> &Error {
        &self.reason
    }

    /// How long to wait: what the server asks for, and no less than the client's own pause after a failure.
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
    // The reason is part of the text; what it comes from is not.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.reason.source()
    }
}
