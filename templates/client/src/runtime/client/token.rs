//! Tokens, which are obtained once, shared, and renewed before they expire.

mod backoff;
mod cache;

use std::time::Duration;

pub(super) use self::cache::Tokens;
use super::{Boxed, Client};
use crate::runtime::error::Error;
use crate::runtime::secret::Secret;

/// Future of a [`TokenProvider`].
pub type TokenFuture<'p> = Boxed<'p, Token>;

/// A way to obtain tokens, e.g. with credentials, or from a database that several processes share.
///
/// The client calls it once for all calls that need a token, caches the token, and renews it in the background before it
/// expires. After an error, it waits a while before it calls the provider again.
pub trait TokenProvider: Send + Sync {
    /// Returns a token.
    ///
    /// `client` sends requests without a token, and retries them like idempotent ones, since obtaining a token twice has no
    /// effect. `rejected` is the last token that the server rejected: do not return it again.
    ///
    /// # Errors
    ///
    /// Fails if no token can be obtained. Wrap errors of other systems with [`Error::transport`].
    fn token<'p>(&'p self, client: &'p Client, rejected: Option<&'p Secret>) -> TokenFuture<'p>;

    /// Validates the credentials when the client is built. By default, does nothing.
    ///
    /// # Errors
    ///
    /// Fails if the credentials break a rule.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// A token and its lifetime.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// The token.
    pub value: Secret,
    /// How long the token is valid from now on; `None` or zero if it does not expire.
    pub lifetime: Option<Duration>,
}

impl Token {
    /// Makes a token that is valid for `lifetime` from now on; `None` or zero if it does not expire.
    pub fn new(value: impl Into<Secret>, lifetime: Option<Duration>) -> Self {
        let value = value.into();
        Self { value, lifetime }
    }
}
