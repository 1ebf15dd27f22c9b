//! Synchronous API: the same requests, without `async`.
//!
//! ```text
//! let client = Client::builder(..).build_blocking()?;
//! let value = client.section().operation(..).call()?;
//! ```
//!
//! `call` sends a request and returns its result; `send` returns the whole response. Lists have `iter` for their elements
//! and `pages`; batches and records are iterators, too. An async [`Client`](super::Client) does the work on a background
//! thread. Clones of a client share the thread; it ends when the last of them is dropped.
//!
//! Progress listeners, token grants and token stores run on that thread. They must not make blocking calls with the same
//! client.
//!
//! This client also works inside an async runtime, which it neither needs nor disturbs. But a call blocks its thread until
//! the response has arrived: in async code, use the async client or `spawn_blocking`.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use bytes::{Buf, Bytes};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::options::CallOptions;
use super::{Batch, Builder, batches, pages, records};
use crate::runtime::error::{ConfigError, Error, FileError};
use crate::runtime::json_lines::LineError;
use crate::runtime::operation::{Operation, OperationInfo, Response};
use crate::runtime::paging::Paged;
use crate::runtime::progress::Progress;
use crate::runtime::split::Splittable;

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
    /// [`Error::Config`] if the settings are invalid or the client's thread cannot be started.
    pub fn build_blocking(self) -> Result<Client, Error> {
        let runtime = Runtime::start()?;
        let client = runtime.within(|| self.build())?;
        Ok(Client { client, runtime })
    }
}

impl Client {
    /// Wraps an async client, with a new thread.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the thread cannot be started.
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

    /// Sends a request for a file and returns the file as a reader.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn download<O: Operation>(&self, operation: &O) -> Result<Download, Error> {
        let download = self.runtime.block_on(self.client.download(operation))?;
        Ok(Download {
            download,
            piece: Bytes::new(),
            runtime: self.runtime.clone(),
        })
    }

    /// Returns the pages of a list, for a request that was made without a client.
    pub fn pages<O: Paged + Unpin>(&self, first: O) -> Pages<O> {
        Pages {
            runtime: self.runtime.clone(),
            pages: self.client.pages(first),
        }
    }

    /// Returns the elements of a list, for a request that was made without a client.
    pub fn iter<O: Paged<Item: Unpin> + Unpin>(&self, first: O) -> Items<O> {
        Items {
            runtime: self.runtime.clone(),
            items: self.client.stream(first),
        }
    }

    /// Splits a request that was made without a client into batches.
    pub fn split<O: Splittable>(&self, request: O) -> Batches<O> {
        Batches {
            runtime: self.runtime.clone(),
            batches: self.client.split(request),
        }
    }

    /// Sends a request that returns links to files of records. `file` describes the requests for those files.
    #[allow(dead_code, reason = "whether any result has links to records depends on the API")]
    pub(crate) fn fetch_records<O: Operation, T>(
        &self,
        operation: &O,
        file: &'static OperationInfo,
        links: fn(&O::Output) -> Vec<String>,
    ) -> Result<Records<T>, Error> {
        let records = self.client.fetch_records(operation, file, links);
        Ok(Records {
            records: self.runtime.block_on(records)?,
            runtime: self.runtime.clone(),
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

/// The pages of a list. Each page is requested when it is needed. The list ends after an error.
#[must_use = "no request is sent until a page is read"]
pub struct Pages<O> {
    runtime: Runtime,
    pages: pages::Pages<O>,
}

impl<O: Paged + Unpin> Iterator for Pages<O> {
    type Item = Result<Response<O::Output>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.runtime.block_on(self.pages.try_next()).transpose()
    }
}

impl<O> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.fmt(f)
    }
}

/// The elements of a list. Each page is requested when its first element is needed. The list ends after an error.
#[must_use = "no request is sent until an element is read"]
pub struct Items<O: Paged> {
    runtime: Runtime,
    items: pages::Items<O>,
}

impl<O: Paged<Item: Unpin> + Unpin> Iterator for Items<O> {
    type Item = Result<O::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.runtime.block_on(self.items.try_next()).transpose()
    }
}

impl<O: Paged> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.fmt(f)
    }
}

/// A file that is being downloaded. [`Read`] it, or save it; it is never held in memory as a whole.
pub struct Download {
    download: super::Download,
    /// Received but not yet read.
    piece: Bytes,
    runtime: Runtime,
}

impl Download {
    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.download.status()
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.download.headers()
    }

    /// Returns the length of the file in bytes, if the server sends it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.download.length()
    }

    /// Sets a function that is called with the number of bytes received so far.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.download = self.download.on_progress(listener);
        self
    }

    /// Sets how often a broken download is resumed or restarted. Default: 5.
    #[must_use]
    pub fn resumptions(mut self, count: u32) -> Self {
        self.download = self.download.resumptions(count);
        self
    }

    /// Returns the next chunk; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks.
    pub fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if self.piece.has_remaining() {
            return Ok(Some(std::mem::take(&mut self.piece)));
        }
        self.runtime.block_on(self.download.chunk())
    }

    /// Writes the rest of the file to a writer and returns the number of bytes.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks or writing fails.
    pub fn copy_to(&mut self, mut writer: impl Write) -> Result<u64, Error> {
        let info = self.download.info();
        let failed = |error: io::Error| FileError::new(info, None, error);
        let mut written = 0;
        while let Some(chunk) = self.chunk()? {
            writer.write_all(&chunk).map_err(failed)?;
            written += chunk.len() as u64;
        }
        writer.flush().map_err(failed)?;
        Ok(written)
    }

    /// Saves the rest of the file to a path, completely or not at all: see [`Download::save`](super::Download::save).
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks or writing fails.
    pub fn save(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        self.download.give_back(self.piece);
        self.runtime.block_on(self.download.save(path))
    }

    /// Returns the rest of the file in memory; for small files.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks or the file exceeds the client's limit.
    pub fn bytes(mut self) -> Result<Bytes, Error> {
        self.download.give_back(self.piece);
        self.runtime.block_on(self.download.bytes())
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.piece.has_remaining() && !buffer.is_empty() {
            match self.runtime.block_on(self.download.chunk()).map_err(io::Error::other)? {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        (&mut self.piece).reader().read(buffer)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.download.fmt(f)
    }
}

/// The batches of a split request: see [`Batches`](batches::Batches). Each batch is sent when it is needed.
#[must_use = "no request is sent until a batch is read"]
pub struct Batches<O: Splittable> {
    runtime: Runtime,
    batches: batches::Batches<O>,
}

impl<O: Splittable> Batches<O> {
    /// Sets the maximum number of elements in a batch. Default and upper bound: the server's limit.
    pub fn at_most(mut self, count: usize) -> Self {
        self.batches = self.batches.at_most(count);
        self
    }

    /// Returns the number of elements not sent yet.
    #[must_use]
    pub fn left(&self) -> usize {
        self.batches.left()
    }
}

impl<O: Splittable> Iterator for Batches<O> {
    type Item = Batch<O::Element, O::Output>;

    fn next(&mut self) -> Option<Self::Item> {
        self.runtime.block_on(self.batches.next())
    }
}

impl<O: Splittable> fmt::Debug for Batches<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.batches.fmt(f)
    }
}

/// The records of linked files: see [`Records`](records::Records). After an error, the next file follows.
#[must_use = "no file is fetched until a record is read"]
pub struct Records<T> {
    runtime: Runtime,
    records: records::Records<T>,
}

impl<T> Records<T> {
    /// Sets the maximum length of a line in bytes; a longer line is an error. Default: 4 MiB.
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.records = self.records.max_line(bytes);
        self
    }

    /// Sets the maximum length of a file in bytes, before and after decompression; a longer file is an error. Default: 1 GiB.
    pub fn max_file(mut self, bytes: usize) -> Self {
        self.records = self.records.max_file(bytes);
        self
    }

    /// Returns the number of the current file, starting at 1; 0 before the first.
    #[must_use]
    pub fn file(&self) -> usize {
        self.records.file()
    }
}

impl<T: DeserializeOwned> Iterator for Records<T> {
    type Item = Result<Result<T, LineError>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.runtime.block_on(self.records.try_next()).transpose()
    }
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.records.fmt(f)
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
        let failed = |error: io::Error| ConfigError::Thread(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
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
        self.within(|| pollster::block_on(tokio::task::unconstrained(future)))
    }

    fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        let _entered = self.handle.enter();
        run()
    }
}
