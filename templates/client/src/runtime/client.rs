//! The async client.

mod batches;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod download;
mod hosts;
#[cfg(feature = "rate-limit")]
mod limiter;
mod options;
mod pages;
mod received;
mod retry;
mod send;
mod timeout;
mod token;
#[cfg(feature = "tracing")]
mod trace;
mod transport;
mod upload;

// @if recorded
mod records;
// @end

// @if recorded
pub use records::{LineError, Records};
// @end

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{self, Context, Poll};

pub use batches::{Batch, Batches};
pub use builder::Builder;
pub use download::Download;
#[cfg(feature = "rate-limit")]
pub use limiter::RateLimits;
pub use options::CallOptions;
pub use pages::Items;
pub use retry::RetryPolicy;
pub use token::{Token, TokenFuture, TokenProvider};
pub use transport::{Body, Transport, TransportFuture};

use self::received::Received;
use self::send::Core;
use super::error::Error;
use super::operation::{Operation, RawResponse, Response};
use super::paging::Paged;
use super::split::Splittable;

/// Implements `Debug` for a type without showing its fields.
macro_rules! opaque_debug {
    ($name:ident<$param:ident $(: $bound:path)?>) => {
        impl<$param $(: $bound)?> ::std::fmt::Debug for $name<$param> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

use opaque_debug;

/// Locks a mutex. A panic does not leave its value half-written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A boxed future, so that the code shared by all operations is compiled once.
type Boxed<'c, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'c>>;

/// Future returned by requests that open a download or fetch records.
pub type Opening<'c, T> = Boxed<'c, T>;

/// Future of a request, created by `send` or `.await`.
#[must_use = "nothing is sent until it is awaited"]
pub struct Sending<'c, T> {
    received: Boxed<'c, Received>,
    read: fn(RawResponse) -> Result<T, Error>,
}

impl<T> Future for Sending<'_, T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let received = task::ready!(self.received.as_mut().poll(context))?;
        Poll::Ready(received.read(self.read))
    }
}

impl<T> fmt::Debug for Sending<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}

/// Sends requests. Obtains and renews the token that they carry.
///
/// Cheap to clone; clones share connections and the token.
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
    options: CallOptions,
}

impl Client {
    /// Returns a client whose calls have other settings: `client.with(options).users().list().await`.
    ///
    /// It shares everything else with the original and is cheap enough to make for a single call.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        Self {
            core: Arc::clone(&self.core),
            options: options.or(&self.options),
        }
    }

    /// Sends a request that was made without a client.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn send<'c, O: Operation + 'c>(&'c self, operation: &O) -> Sending<'c, Response<O::Output>> {
        Sending {
            received: self.receive(operation),
            read: Response::decode::<O>,
        }
    }

    /// Sends a request for a file and returns the file as a stream.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn download<'c, O: Operation + 'c>(&'c self, operation: &O) -> Opening<'c, Download> {
        Box::pin(Download::open(self.clone(), self.options.encode(operation)))
    }

    /// Returns the elements of a list, for a request that was made without a client. They do not borrow this client.
    pub fn stream<O: Paged>(&self, first: O) -> Items<O> {
        Items::new(self.clone(), first)
    }

    /// Splits a request that was made without a client into batches. They do not borrow this client.
    pub fn split<O: Splittable>(&self, request: O) -> Batches<O> {
        Batches::new(self.clone(), request)
    }

    // @if downloadable
    /// Returns the URL of a file.
    pub(crate) fn file_url<O: Operation>(&self, operation: &O) -> Result<String, Error> {
        let request = self.options.encode(operation)?;
        Ok(request.target_below(self.core.hosts.at(0).url()))
    }
    // @end

    /// Returns a builder with other parameters of the base path that shares this client's connections and settings.
    pub(crate) fn builder_of_another(&self, base: Vec<String>) -> Builder {
        Builder::with_settings(base, self.core.settings.clone())
    }

    pub(crate) fn value<'c, O: Operation + 'c>(&'c self, operation: &O) -> Sending<'c, O::Output> {
        Sending {
            received: self.receive(operation),
            read: |raw| O::decode(&raw),
        }
    }

    /// Starts sending. The future borrows neither the operation nor this client.
    fn receive<O: Operation>(&self, operation: &O) -> Boxed<'static, Received> {
        send::receive(self.clone(), self.options.encode(operation), None)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.core.hosts.at(0).url())
            .finish_non_exhaustive()
    }
}
