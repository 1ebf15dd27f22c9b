//! Tokens, which are obtained once, shared, and renewed before they expire.

mod backoff;
mod cache;
mod store;

use std::future::ready;
use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;

pub(super) use self::cache::granted;
pub use self::store::{MemoryTokenStore, StoreError, StoreFuture, StoredToken, TokenStore};
use super::Boxed;
use super::send::Core;
use crate::runtime::error::{ConfigError, Error, InvalidArgument};
use crate::runtime::operation::RawResponse;
use crate::runtime::request::{Request, authorization};
use crate::runtime::secret::Secret;

/// A way to obtain tokens, e.g. with a client ID and a secret.
pub trait Grant: Send + Sync {
    /// Returns the request for a token. It must not need a token itself.
    ///
    /// # Errors
    ///
    /// Fails if the credentials break a rule.
    fn request(&self) -> Result<Request, InvalidArgument>;

    /// Returns the token in a response.
    ///
    /// # Errors
    ///
    /// Fails if the response does not have the expected form.
    fn token(&self, response: &RawResponse) -> Result<Token, Error>;
}

/// A token and its lifetime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub value: Secret,
    /// How long the token is valid; `None` or zero if it does not expire.
    pub lifetime: Option<Duration>,
}

/// The source of a client's tokens, each as the value of its header.
///
/// A trait object, so that the sending code is not compiled together with the token cache: as debug information, that was
/// a tenth of the crate.
pub(super) trait Tokens: Send + Sync {
    /// Returns the token if it is available at once and need not be renewed yet.
    fn ready(&self, now: Instant) -> Option<HeaderValue>;

    /// Returns the token, if the client has one, and waits for it if need be.
    fn get<'c>(&'c self, core: &'c Core) -> Boxed<'c, Option<HeaderValue>>;

    /// Returns a token to replace one that the server rejected; `None` if there is none.
    fn renew<'c>(&'c self, rejected: &'c HeaderValue, core: &'c Core) -> Boxed<'c, Option<HeaderValue>>;

    /// Drops a token that the server rejected, after a call that cannot be retried, so that the next call gets another. If
    /// that one is rejected as well, it is kept for a while.
    fn forget(&self, rejected: &HeaderValue);

    /// Records that the server rejects new tokens too, so renewing does not help for now.
    fn pause(&self);
}

/// A fixed token, or none.
struct Fixed(Option<HeaderValue>);

impl Tokens for Fixed {
    fn ready(&self, _now: Instant) -> Option<HeaderValue> {
        self.0.clone()
    }

    fn get<'c>(&'c self, _core: &'c Core) -> Boxed<'c, Option<HeaderValue>> {
        Box::pin(ready(match &self.0 {
            Some(token) => Ok(Some(token.clone())),
            // A 401 would not explain the cause.
            None => Err(ConfigError::NoToken.into()),
        }))
    }

    fn renew<'c>(&'c self, _rejected: &'c HeaderValue, _core: &'c Core) -> Boxed<'c, Option<HeaderValue>> {
        Box::pin(ready(Ok(None)))
    }

    fn forget(&self, _rejected: &HeaderValue) {}

    fn pause(&self) {}
}

/// Returns a source with a fixed token, or with none.
pub(super) fn fixed(token: Option<&Secret>) -> Result<Box<dyn Tokens>, ConfigError> {
    Ok(Box::new(Fixed(token.map(authorization).transpose()?)))
}
