//! Synchronous API: the same requests, without `async`.
//!
//! ```text
//! let client = Client::builder(..).build_blocking()?;
//! let value = client.section().operation(..).call()?;
//! ```
//!
//! `call` sends a request and returns its result; `send` returns the whole response. Elements and pages of lists, batches and
//! records are iterators: see [`Iter`]. An async [`Client`](super::Client) does the work on a background thread. Clones of a
//! client share the thread; it ends when the last of them is dropped.
//!
//! Token providers run on that thread. They must not make blocking calls with the same client.
//!
//! This client also works inside an async runtime, which it neither needs nor disturbs. But a call blocks its thread until
//! the response has arrived: in async code, use the async client or `spawn_blocking`.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::options::CallOptions;
use super::{Builder, Download};
use crate::runtime::error::Error;
use crate::runtime::operation::{Operation, Response};

/// Sends requests and blocks until their responses arrive.
///
/// Cheap to clone; clones share connections, token and thread.
#[derive(Clone)]
pub struct Client {
    client: super::Client,
    runtime: Runtime,
}

impl Builder {
    /// Builds a blocking client.
    ///
    /// # Errors
    ///
    /// Fails if the settings are invalid or the client's thread cannot be started.
    pub fn build_blocking(self) -> Result<Client, Error> {
        Client::new(self.build()?)
    }
}

impl Client {
    /// Wraps an async client, with a new thread.
    ///
    /// # Errors
    ///
    /// Fails if the thread cannot be started.
    pub fn new(client: super::Client) -> Result<Self, Error> {
        let runtime = Runtime::start()?;
        Ok(Self { client, runtime })
    }

    /// Returns a client whose calls have other settings: see [`Client::with`](super::Client::with).
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        self.over(self.client.with(options))
    }

    /// Wraps another async client, on the same thread.
    #[must_use]
    pub fn over(&self, client: super::Client) -> Self {
        Self {
            client,
            runtime: self.runtime.clone(),
        }
    }

    /// Returns the async client that does the work.
    #[must_use]
    pub fn as_async(&self) -> &super::Client {
        &self.client
    }

    /// Blocks until a future of the async client completes.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Sends a request that was made without a client and returns its result.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        self.runtime.block_on(self.client.value(operation))
    }

    /// Sends a request that was made without a client and returns the whole response.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn send<O: Operation>(&self, operation: &O) -> Result<Response<O::Output>, Error> {
        self.runtime.block_on(self.client.send(operation))
    }

    /// Returns an iterator over a stream of the async client, such as a list that was requested without this client:
    /// `client.iter(client.as_async().stream(request))`.
    pub fn iter<S: Stream + Unpin>(&self, stream: S) -> Iter<S> {
        let runtime = self.runtime.clone();
        Iter { stream, runtime }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

/// An iterator over a stream of the async client: pages, elements, batches, records, or the chunks of a download.
///
/// It blocks until the next item arrives. The methods of the stream are available through [`get_ref`](Self::get_ref),
/// [`get_mut`](Self::get_mut) and [`configure`](Self::configure).
#[must_use = "no request is sent until an item is read"]
pub struct Iter<S> {
    stream: S,
    runtime: Runtime,
}

impl<S> Iter<S> {
    /// Returns the stream.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Returns the stream, to change it.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Calls a setter of the stream: `.configure(|batches| batches.at_most(10))`.
    pub fn configure<R>(self, set: impl FnOnce(S) -> R) -> Iter<R> {
        let stream = set(self.stream);
        let runtime = self.runtime;
        Iter { stream, runtime }
    }
}

impl<S: Stream + Unpin> Iterator for Iter<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        self.runtime.block_on(self.stream.next())
    }
}

impl<S: fmt::Debug> fmt::Debug for Iter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

impl Iter<Download> {
    /// Writes the rest of the file to a writer and returns the number of bytes.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks or writing fails.
    pub fn copy_to(&mut self, mut writer: impl Write) -> Result<u64, Error> {
        let info = self.stream.info();
        let failed = |error| Error::file(info, None, error);
        let mut written = 0;
        for chunk in self {
            let chunk = chunk?;
            writer.write_all(&chunk).map_err(failed)?;
            written += chunk.len() as u64;
        }
        writer.flush().map_err(failed)?;
        Ok(written)
    }

    /// Saves the rest of the file to a path, completely or not at all: see [`Download::save`].
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks or writing fails.
    pub fn save(self, path: impl AsRef<Path>) -> Result<u64, Error> {
        self.runtime.block_on(self.stream.save(path))
    }

    /// Returns the rest of the file in memory; for small files.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks or the file exceeds the client's limit.
    pub fn bytes(self) -> Result<Bytes, Error> {
        self.runtime.block_on(self.stream.bytes())
    }
}

/// A thread that drives timers and connections. It ends when the last clone is dropped.
#[derive(Clone)]
struct Runtime {
    handle: Handle,
    _alive: Arc<oneshot::Sender<()>>,
}

impl Runtime {
    fn start() -> Result<Self, Error> {
        let failed = |error: io::Error| Error::config(format!("the client's thread could not be started: {error}"));
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel::<()>();
        thread::Builder::new()
            .name(format!("{}-client", crate::api::API.name))
            // The receiver fails when the sender is dropped. The runtime is dropped on its own thread: no caller waits.
            .spawn(move || runtime.block_on(ended).is_err())
            .map_err(failed)?;
        Ok(Self {
            handle,
            _alive: Arc::new(alive),
        })
    }

    /// Blocks the calling thread on a future, while the background thread drives timers and connections. Unlike
    /// `Handle::block_on`, it may be called on a thread that runs async tasks. The task budget of such a thread does not
    /// apply: the future cannot yield to other tasks before this call ends.
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _entered = self.handle.enter();
        pollster::block_on(tokio::task::unconstrained(future))
    }
}
