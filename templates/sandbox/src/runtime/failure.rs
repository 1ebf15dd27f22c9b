//! Errors that the server responds with.

use std::fmt;

use crate::errors::Known;

/// A documented error, with a description of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The error.
    pub known: Known,
    /// The description for people.
    pub message: String,
}

impl Failure {
    /// Creates an error with a description.
    pub fn new(known: Known, message: impl Into<String>) -> Self {
        Self {
            known,
            message: message.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.known.status(), self.known.code(), self.message)
    }
}

impl std::error::Error for Failure {}
