//! Successful responses that say that nothing was done.

use std::error::Error as StdError;
use std::fmt;

#[cfg(feature = "client")]
use super::Attempts;
use super::Shown;
use super::response::shown_body;
use crate::runtime::operation::RawResponse;

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

    #[cfg(feature = "client")]
    pub(super) fn set_attempts(&mut self, attempts: Attempts) {
        self.0.response.attempts = attempts;
    }

    /// Returns the JSON path of the flag that is not `true`, e.g. `data.result`.
    pub fn flag(&self) -> &str {
        &self.0.flag
    }

    /// Returns the reason, if the response contains one.
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Returns `true` if a part of the operation was done: the response has several flags, and another one is `true`.
    pub fn is_done_in_part(&self) -> bool {
        self.0.in_part
    }

    /// Returns the response.
    pub fn response(&self) -> &RawResponse {
        &self.0.response
    }
}

impl fmt::Display for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = self.response().context();
        let flag = Some(self.flag()).filter(|flag| !flag.is_empty());
        write!(f, "{context}not done: {} is not `true`", flag.unwrap_or("the response"))?;
        match self.reason() {
            Some(reason) if !context.is_secret() => write!(f, ": {}", Shown(reason.as_bytes())),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotDone")
            .field("error", &self.to_string())
            .field("body", &shown_body(self.response()))
            .finish()
    }
}

impl StdError for NotDone {}
