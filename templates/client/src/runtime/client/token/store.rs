//! Tokens that several clients share.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::runtime::secret::Secret;
use crate::runtime::time::TimestampMillis;

/// What a [`TokenStore`] does, boxed.
pub type StoreFuture<'s, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 's>>;

/// Why a [`TokenStore`] failed.
pub type StoreError = Box<dyn StdError + Send + Sync>;

/// Where the processes of a fleet keep the token they share, e.g. a database.
///
/// A client asks the store before it asks the server for a token, and saves the tokens it gets. Between the two it keeps
/// the token in memory, so that the store is asked once or twice in the life of a token.
///
/// A store is a convenience, never a condition: where it fails, or takes longer than two seconds, the client asks the
/// server. It need not lock anything. Clients that share one renew their tokens at slightly different times, so that as a
/// rule one of them renews and the others find its token; that it is only one is not guaranteed. Clients that start at the
/// same moment with an empty store may each get a token, and the one saved last stays. This is harmless with servers
/// where a new token leaves the older ones valid.
pub trait TokenStore: Send + Sync {
    /// The token saved last under this key, whether or not it has expired.
    ///
    /// Keys hold the base URL and the base path, so that clients of different apps can share a store.
    fn load<'s>(&'s self, key: &'s str) -> StoreFuture<'s, Option<StoredToken>>;

    /// Saves a token in place of the one that was there.
    fn save<'s>(&'s self, key: &'s str, token: &'s StoredToken) -> StoreFuture<'s, ()>;
}

/// A token as a store keeps it. As JSON it is an object, and holds the token as it is: protect it like a password.
///
/// The times are those of the clock on the wall; the clocks of those who share a store should differ by seconds at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredToken {
    /// The token.
    pub value: Secret,
    /// When it was obtained.
    pub obtained_at: TimestampMillis,
    /// When it expires; `None` where it never does.
    #[serde(default)]
    pub expires_at: Option<TimestampMillis>,
}

impl StoredToken {
    /// Puts a token together from what a store kept.
    pub fn new(
        value: impl Into<Secret>,
        obtained_at: impl Into<TimestampMillis>,
        expires_at: Option<TimestampMillis>,
    ) -> Self {
        Self {
            value: value.into(),
            obtained_at: obtained_at.into(),
            expires_at,
        }
    }
}

/// A [`TokenStore`] in memory, for the clients of one process.
// All inline, so that only programs that use one compile it.
#[derive(Default)]
pub struct MemoryTokenStore(Mutex<BTreeMap<String, StoredToken>>);

impl MemoryTokenStore {
    /// An empty store.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn tokens(&self) -> MutexGuard<'_, BTreeMap<String, StoredToken>> {
        // Nothing that holds the lock can leave the map half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryTokenStore {
    #[inline]
    fn load<'s>(&'s self, key: &'s str) -> StoreFuture<'s, Option<StoredToken>> {
        Box::pin(ready(Ok(self.tokens().get(key).cloned())))
    }

    #[inline]
    fn save<'s>(&'s self, key: &'s str, token: &'s StoredToken) -> StoreFuture<'s, ()> {
        self.tokens().insert(key.to_owned(), token.clone());
        Box::pin(ready(Ok(())))
    }
}

impl fmt::Debug for MemoryTokenStore {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryTokenStore({} tokens)", self.tokens().len())
    }
}
