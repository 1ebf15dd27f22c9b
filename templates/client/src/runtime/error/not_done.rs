//! Successful responses that say that nothing was done.

use std::error::Error as StdError;
use std::fmt;

use super::Shown;
use crate::runtime::operation::RawResponse;

/// The operation was not done, although the response has a success status: the flag that should be `true` is not.
#[derive(Debug, Clone)]
pub struct NotDone(pub(super) Box<Undone>);

#[derive(Debug, Clone)]
pub(super) struct Undone {
    pub(super) response: RawResponse,
    flag: String,
    reason: Option<String>,
    in_part: bool,
}

impl NotDone {
    /// Makes the error. `flag` is the JSON path of the flag; `in_part` tells whether another flag is `true`.
    pub fn new(response: RawResponse, flag: String, reason: Option<String>, in_part: bool) -> Self {
        let of = Undone {
            response,
            flag,
            reason,
            in_part,
        };
        Self(Box::new(of))
    }

    /// Returns the JSON path of the flag that is not `true`, e.g. `data.result`; empty for the whole document.
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
        let Undone {
            response, flag, reason, ..
        } = &*self.0;
        let flag = if flag.is_empty() { "the response" } else { flag };
        write!(f, "{}not done: {flag} is not `true`", response.context())?;
        reason
            .iter()
            .try_for_each(|reason| write!(f, ": {}", Shown(reason.as_bytes())))
    }
}

impl StdError for NotDone {}
