//! Tokens: obtained once, shared, renewed in time.

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
use crate::runtime::error::{ConfigError, DecodeError, InvalidArgument};
use crate::runtime::operation::RawResponse;
use crate::runtime::request::{Request, authorization};
use crate::runtime::secret::Secret;

/// A way to obtain tokens, e.g. with an id and a secret.
pub trait Grant: Send + Sync {
    /// The request for a token. It carries no token itself.
    ///
    /// # Errors
    ///
    /// What the token is asked for with may break a rule.
    fn request(&self) -> Result<Request, InvalidArgument>;

    /// The token in the answer.
    ///
    /// # Errors
    ///
    /// The answer must have the expected form.
    fn token(&self, response: &RawResponse) -> Result<Token, DecodeError>;
}

/// A token, and how long it can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub value: Secret,
    /// How long it can be used; `None` or zero where there is no end to it.
    pub lifetime: Option<Duration>,
}

/// Where the tokens of a client come from, each as the header that shows it.
///
/// A trait object, so that what sends does not describe what keeps tokens: as debug information that was a tenth of the crate.
pub(super) trait Tokens: Send + Sync {
    /// The token, if there is one that will do for a while.
    fn ready(&self, now: Instant) -> Option<HeaderValue>;

    /// The token, if there is any.
    fn get<'c>(&'c self, core: &'c Core) -> Boxed<'c, Option<HeaderValue>>;

    /// A token in place of one that the server refused; `None` where there is none to be had.
    fn renew<'c>(&'c self, refused: &'c HeaderValue, core: &'c Core) -> Boxed<'c, Option<HeaderValue>>;

    /// Drops a token that the server refused, for a call that cannot be repeated: the next one gets another. Should that be
    /// refused as well, it stays for a while.
    fn forget(&self, refused: &HeaderValue);

    /// Notes that the server refuses new tokens too, so that renewing does not help for now.
    fn pause(&self);
}

/// A token that is never replaced, or none.
struct Fixed(Option<HeaderValue>);

impl Tokens for Fixed {
    fn ready(&self, _now: Instant) -> Option<HeaderValue> {
        self.0.clone()
    }

    fn get<'c>(&'c self, _core: &'c Core) -> Boxed<'c, Option<HeaderValue>> {
        Box::pin(ready(match &self.0 {
            Some(token) => Ok(Some(token.clone())),
            // The server's refusal would not tell why.
            None => Err(ConfigError::NoToken.into()),
        }))
    }

    fn renew<'c>(&'c self, _refused: &'c HeaderValue, _core: &'c Core) -> Boxed<'c, Option<HeaderValue>> {
        Box::pin(ready(Ok(None)))
    }

    fn forget(&self, _refused: &HeaderValue) {}

    fn pause(&self) {}
}

/// One token for good, or none at all.
pub(super) fn fixed(token: Option<&Secret>) -> Result<Box<dyn Tokens>, ConfigError> {
    Ok(Box::new(Fixed(token.map(authorization).transpose()?)))
}
