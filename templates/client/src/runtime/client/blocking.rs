//! The client for programs that wait: the same requests, without `async`.
//!
//! ```text
//! let client = Client::builder(..).build_blocking()?;
//! let value = client.section().operation(..).call()?;
//! ```
//!
//! A request that such a client made is sent by `call`, or by `send` for the whole answer; a list has `iter` for its elements and
//! `pages`, and what is split or leads to records gives an iterator, too. Everything is done by an asynchronous [`Client`](super::Client), on a thread that the clients made from one share and that
//! ends with the last of them.
//!
//! That thread also calls whoever listens to the progress of an upload, and whoever gives or stores tokens: these must not
//! wait for a call of the same client.
//!
//! It works anywhere, also below an async runtime, which it does not need and does not disturb. But a call holds up its
//! thread until the answer is there: on a thread that runs async tasks, use the asynchronous client, or `spawn_blocking`.

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

/// Sends requests, and waits for the answers.
///
/// A clone is cheap and shares connections, token and thread with the original.
#[derive(Clone)]
pub struct Client {
    client: super::Client,
    runtime: Runtime,
}

impl Builder {
    /// Makes a client that waits for the answers.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where the settings do not make a usable client, or its thread cannot be started.
    pub fn build_blocking(self) -> Result<Client, Error> {
        let runtime = Runtime::start()?;
        let client = runtime.within(|| self.build())?;
        Ok(Client { client, runtime })
    }
}

impl Client {
    /// A client that waits for what this one does, with a thread of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where the thread cannot be started.
    pub fn new(client: super::Client) -> Result<Self, Error> {
        let runtime = Runtime::start()?;
        Ok(Self { client, runtime })
    }

    /// The same client, whose calls have other settings: see [`Client::with`](super::Client::with).
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        self.over(self.client.with(options))
    }

    /// A client that waits for what another one does, on the same thread.
    #[must_use]
    pub fn over(&self, client: super::Client) -> Self {
        Self {
            client,
            runtime: self.runtime.clone(),
        }
    }

    /// The asynchronous client that does the work.
    #[must_use]
    pub fn as_async(&self) -> &super::Client {
        &self.client
    }

    /// Waits for anything that the asynchronous client gives.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Sends a request and gives the result alone; for request types that were made without a client.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        self.runtime.block_on(self.client.value(operation))
    }

    /// Sends a request; for request types that were made without a client.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn send<O: Operation>(&self, operation: &O) -> Result<Response<O::Output>, Error> {
        self.runtime.block_on(self.client.send(operation))
    }

    /// Sends a request for a file, and gives the file to be read.
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

    /// The pages of a list; for request types that were made without a client.
    pub fn pages<O: Paged + Unpin>(&self, first: O) -> Pages<O> {
        Pages {
            runtime: self.runtime.clone(),
            pages: self.client.pages(first),
        }
    }

    /// The elements of a list; for request types that were made without a client.
    pub fn iter<O: Paged<Item: Unpin> + Unpin>(&self, first: O) -> Items<O> {
        Items {
            runtime: self.runtime.clone(),
            items: self.client.stream(first),
        }
    }

    /// The batches of a request that is split; for request types that were made without a client.
    pub fn split<O: Splittable>(&self, request: O) -> Batches<O> {
        Batches {
            runtime: self.runtime.clone(),
            batches: self.client.split(request),
        }
    }

    /// Sends a request whose answer leads to files of records. `file` describes fetching one of them.
    #[allow(dead_code, reason = "whether any answer leads to files depends on the API")]
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

/// The pages of a list. Each is requested when it is asked for; after an error the list ends.
#[must_use = "nothing is sent until a page is asked for"]
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

/// The elements of a list. A page is requested when its first element is asked for; after an error the list ends.
#[must_use = "nothing is sent until an element is asked for"]
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

/// A file on its way, never held in memory as a whole: [`Read`] it, or have it written.
pub struct Download {
    download: super::Download,
    /// What was received and not yet read.
    piece: Bytes,
    runtime: Runtime,
}

impl Download {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.download.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.download.headers()
    }

    /// The length of the file in bytes, if the server says it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.download.length()
    }

    /// Tells how much of the file has arrived.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.download = self.download.on_progress(listener);
        self
    }

    /// Sets how often the download is taken up again, or begins anew, after it broke. Without it, five times.
    #[must_use]
    pub fn resumptions(mut self, count: u32) -> Self {
        self.download = self.download.resumptions(count);
        self
    }

    /// The next piece; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// The connection may break.
    pub fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if self.piece.has_remaining() {
            return Ok(Some(std::mem::take(&mut self.piece)));
        }
        self.runtime.block_on(self.download.chunk())
    }

    /// Writes the file, and gives the number of bytes.
    ///
    /// # Errors
    ///
    /// The connection may break, and writing may fail.
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

    /// Saves the file under a name, whole or not at all: see [`Download::save`](super::Download::save). Of a file that was read
    /// from before, it is what is left.
    ///
    /// # Errors
    ///
    /// The connection may break, and writing may fail.
    pub fn save(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        self.download.give_back(self.piece);
        self.runtime.block_on(self.download.save(path))
    }

    /// What is left of the file as a whole; for small files.
    ///
    /// # Errors
    ///
    /// The connection may break, and the file may be longer than the client accepts.
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

/// A request that is split: see [`Batches`](batches::Batches). Each batch is sent when it is asked for.
#[must_use = "nothing is sent until a batch is asked for"]
pub struct Batches<O: Splittable> {
    runtime: Runtime,
    batches: batches::Batches<O>,
}

impl<O: Splittable> Batches<O> {
    /// Makes smaller batches, of at most so many elements.
    pub fn at_most(mut self, count: usize) -> Self {
        self.batches = self.batches.at_most(count);
        self
    }

    /// How many elements are left to be sent.
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

/// The records of the files that an answer leads to: see [`Records`](records::Records). After an error, the next file follows.
#[must_use = "nothing is fetched until a record is asked for"]
pub struct Records<T> {
    runtime: Runtime,
    records: records::Records<T>,
}

impl<T> Records<T> {
    /// Sets the longest line that is read, in bytes; longer ones are errors. Without it, 4 MiB.
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.records = self.records.max_line(bytes);
        self
    }

    /// Sets how much of a file is read, in bytes after decompression; a longer file is an error there. Without it, 1 GiB.
    pub fn max_file(mut self, bytes: usize) -> Self {
        self.records = self.records.max_file(bytes);
        self
    }

    /// The number of the file that is being read; the first is 1, and 0 stands for none yet.
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

/// A thread that looks after timers and connections, for as long as anyone holds on to it.
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
            // Ends with an error, as nothing is ever sent. The runtime goes with its thread, so that nobody else waits for it.
            .spawn(move || runtime.block_on(ended).is_err())
            .map_err(failed)?;
        Ok(Self {
            handle,
            _alive: Arc::new(alive),
        })
    }

    /// Waits on the thread of the caller, while timers and connections are looked after on the other one. Unlike
    /// `Handle::block_on`, this may be called on a thread that runs async tasks. What such a task may do before it lets others
    /// run must not count here: it cannot let them run before this ends.
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.within(|| pollster::block_on(tokio::task::unconstrained(future)))
    }

    fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        let _entered = self.handle.enter();
        run()
    }
}
