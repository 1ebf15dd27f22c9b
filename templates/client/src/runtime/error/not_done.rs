//! Successful responses that say that nothing was done.

use std::error::Error as StdError;
use std::fmt;

use super::{Shown, shown_body};
use crate::runtime::operation::{OperationInfo, RawResponse};

/// The operation was not done, although the response has a success status: the flag that should be `true` is not.
#[derive(Clone)]
pub struct NotDone(Box<Undone>);

#[derive(Clone)]
struct Undone {
    response: RawResponse,
    flag: String,
    reason: Option<String>,
    in_part: bool,
}

impl NotDone {
    pub(crate) fn new(response: RawResponse, flag: String, reason: Option<String>, in_part: bool) -> Self {
        Self(Box::new(Undone {
            response,
            flag,
            reason,
            in_part,
        }))
    }

    /// Returns the operation, e.g. `users.create`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.info().id
    }

    /// Returns the metadata of the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.0.response.info()
    }

    /// Returns the JSON path of the flag that is not `true`, e.g. `data.result`.
    #[must_use]
    pub fn flag(&self) -> &str {
        &self.0.flag
    }

    /// Returns the reason, if the response contains one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Returns `true` if a part of the operation was done: the response has several flags, and another one is `true`.
    #[must_use]
    pub fn is_done_in_part(&self) -> bool {
        self.0.in_part
    }

    /// Returns the response.
    #[must_use]
    pub fn response(&self) -> &RawResponse {
        &self.0.response
    }

    #[cfg(feature = "client")]
    pub(super) fn after_attempts(&mut self, count: u32) {
        self.0.response = self.0.response.clone().after_attempts(count);
    }
}

impl fmt::Display for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = if self.flag().is_empty() {
            "the response"
        } else {
            self.flag()
        };
        write!(f, "{}: not done: {flag} is not `true`", self.operation())?;
        match self.reason() {
            Some(reason) if !self.info().secret => write!(f, ": {}", Shown(reason.as_bytes())),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotDone")
            .field("error", &self.to_string())
            .field("body", &shown_body(self.info(), self.response().body()))
            .finish_non_exhaustive()
    }
}

impl StdError for NotDone {}
