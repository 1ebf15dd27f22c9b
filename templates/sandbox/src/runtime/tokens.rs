//! Tokens and their lifetimes.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The tokens of an app. `S` says whose token it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tokens<S> {
    issued: HashMap<String, Issued<S>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Issued<S> {
    subject: S,
    /// In milliseconds since 1970. `None` if the token never expires.
    expires: Option<i64>,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenProblem {
    /// The request has none.
    Missing,
    /// It has expired.
    Expired,
    /// It was not issued here.
    Unknown,
}

impl<S> Default for Tokens<S> {
    fn default() -> Self {
        Self { issued: HashMap::new() }
    }
}

impl<S> Tokens<S> {
    /// Adds a token. Without `expires`, it never expires.
    pub fn issue(&mut self, token: String, subject: S, expires: Option<i64>) {
        self.issued.insert(token, Issued { subject, expires });
    }

    /// Returns whose token it is.
    ///
    /// # Errors
    ///
    /// Returns the reason why the token is not accepted.
    pub fn find(&self, token: Option<&str>, now: i64) -> Result<&S, TokenProblem> {
        let issued = self
            .issued
            .get(token.ok_or(TokenProblem::Missing)?)
            .ok_or(TokenProblem::Unknown)?;
        match issued.expires {
            Some(end) if end <= now => Err(TokenProblem::Expired),
            _ => Ok(&issued.subject),
        }
    }

    /// Removes the tokens of which `keep` returns `false`.
    pub fn retain(&mut self, mut keep: impl FnMut(&S) -> bool) {
        self.issued.retain(|_, issued| keep(&issued.subject));
    }

    /// Lets all tokens expire.
    pub fn expire_all(&mut self, now: i64) {
        for issued in self.issued.values_mut() {
            issued.expires = Some(now);
        }
    }
}
