//! Stores that share tokens between clients.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::runtime::secret::Secret;
use crate::runtime::time::TimestampMillis;

/// Future of a [`TokenStore`] method.
pub type StoreFuture<'s, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 's>>;

/// The error of a [`TokenStore`].
pub type StoreError = Box<dyn StdError + Send + Sync>;

/// Shares tokens between clients and processes, e.g. in a database.
///
/// A client asks the store before it requests a token, and saves each token that it obtains. It also keeps the token in
/// memory, so the store is asked once or twice during the lifetime of a token.
///
/// A store is optional at run time: if it fails or takes longer than two seconds, the client requests a token. It needs no
/// locks. Clients that share a store renew at slightly different times, so usually one renews and the others load its
/// token, but this is not guaranteed. Clients that start at the same time with an empty store may each request a token;
/// the last one saved stays. This is harmless if a new token leaves older ones valid.
pub trait TokenStore: Send + Sync {
    /// Returns the token saved last under this key, even if it has expired.
    ///
    /// Keys contain the base URL and the base path, so clients of different apps can share a store.
    fn load<'s>(&'s self, key: &'s str) -> StoreFuture<'s, Option<StoredToken>>;

    /// Saves a token and replaces the previous one.
    fn save<'s>(&'s self, key: &'s str, token: &'s StoredToken) -> StoreFuture<'s, ()>;
}

/// A token in a store. It serializes to a JSON object with the token in plain text: protect it like a password.
///
/// Times are wall-clock times. The clocks of clients that share a store should differ by a few seconds at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredToken {
    /// The token.
    pub value: Secret,
    /// When the token was obtained.
    pub obtained_at: TimestampMillis,
    /// When the token expires; `None` if it does not.
    #[serde(default)]
    pub expires_at: Option<TimestampMillis>,
}

impl StoredToken {
    /// Makes a token from stored values.
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

/// A [`TokenStore`] in memory, which shares tokens between the clients of one process.
// All inline, so that only programs that use it compile it.
#[derive(Default)]
pub struct MemoryTokenStore(Mutex<BTreeMap<String, StoredToken>>);

impl MemoryTokenStore {
    /// Returns an empty store.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn tokens(&self) -> MutexGuard<'_, BTreeMap<String, StoredToken>> {
        // No holder of the lock can leave the map half-written.
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
