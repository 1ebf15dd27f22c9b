//! Files of records that the answer to an operation leads to.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Cursor};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use futures_util::stream;
use futures_util::{StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};
use tokio_util::io::StreamReader;

use super::download::Download;
use super::{Client, Opening};
use crate::runtime::error::{Error, FileError};
use crate::runtime::json_lines::{LineError, Lines, MAX_LINE};
use crate::runtime::operation::{Operation, OperationInfo};
use crate::runtime::request::Request;

/// The longest file that is read, decompressed, unless another limit is set.
const MAX_FILE: usize = 1 << 30;

/// By how much a compressed file may be longer than what is in it.
const OVERHEAD: usize = 1 << 20;

/// How a file that is compressed with gzip begins.
const GZIP: &[u8] = b"\x1F\x8B";

/// The records of the files that an answer leads to, one JSON document per line, each read when it is asked for.
///
/// The files are fetched one after the other, when the first record of each is asked for, and decompressed on the way; no
/// file is held in memory as a whole. They may be on other hosts than the API, so the token is not sent.
///
/// A line that cannot be read is no error of the whole: `try_next` gives `Ok(Some(Err(line)))`, and the lines after it
/// follow.
#[must_use = "nothing is fetched until a record is asked for"]
pub struct Records<T> {
    client: Client,
    info: &'static OperationInfo,
    links: VecDeque<String>,
    file: usize,
    reader: Option<Reader>,
    lines: Lines,
    max_line: usize,
    max_file: usize,
    /// How much of the current file was read.
    taken: usize,
    record: PhantomData<fn() -> T>,
}

type Reader = Pin<Box<dyn AsyncBufRead + Send>>;

impl Client {
    /// Sends a request whose answer leads to files of records. `file` describes fetching one of them.
    #[allow(dead_code, reason = "whether any answer leads to files depends on the API")]
    pub(crate) fn fetch_records<'c, O: Operation + 'c, T: 'c>(
        &'c self,
        operation: &O,
        file: &'static OperationInfo,
        links: fn(&O::Output) -> Vec<String>,
    ) -> Opening<'c, Records<T>> {
        let output = self.value(operation);
        Box::pin(async move {
            let links = links(&output.await?);
            Ok(Records::new(self.clone(), file, links))
        })
    }
}

impl<T> Records<T> {
    fn new(client: Client, info: &'static OperationInfo, links: Vec<String>) -> Self {
        Self {
            client,
            info,
            links: links.into(),
            file: 0,
            reader: None,
            lines: Lines::new(MAX_LINE),
            max_line: MAX_LINE,
            max_file: MAX_FILE,
            taken: 0,
            record: PhantomData,
        }
    }

    /// Sets the longest line that is read, in bytes; longer ones are errors. Without it, 4 MiB.
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        self
    }

    /// Sets how much of a file is read, in bytes after decompression; a longer file is an error there, and so is one that is
    /// longer before it. Without it, 1 GiB.
    pub fn max_file(mut self, bytes: usize) -> Self {
        self.max_file = bytes;
        self
    }

    /// The number of the file that is being read; the first is 1, and 0 stands for none yet.
    #[must_use]
    pub fn file(&self) -> usize {
        self.file
    }

    /// Takes the next file; `false` where there is none.
    async fn open(&mut self) -> Result<bool, Error> {
        let Some(link) = self.links.front() else {
            return Ok(false);
        };
        let reader = open(&self.client, self.info, link, self.max_file).await;
        // Not before, since the future may be dropped while it waits.
        self.links.pop_front();
        self.file += 1;
        self.taken = 0;
        self.lines = Lines::new(self.max_line);
        self.reader = Some(reader?);
        Ok(true)
    }

    /// Reads on in the current file; says whether a line is complete.
    async fn read(&mut self) -> Result<bool, Error> {
        let Some(reader) = &mut self.reader else {
            return Ok(false);
        };
        let available = reader.fill_buf().await.map_err(|error| read_error(self.info, error))?;
        if available.is_empty() {
            self.reader = None;
            return Ok(self.lines.close());
        }
        let (used, is_line) = self.lines.feed(available);
        reader.as_mut().consume(used);
        self.taken = self.taken.saturating_add(used);
        if self.taken > self.max_file {
            return Err(too_long(self.info, self.max_file));
        }
        Ok(is_line)
    }
}

impl<T: DeserializeOwned> Records<T> {
    /// The next record, or a line that cannot be read; `None` at the end of the last file.
    ///
    /// # Errors
    ///
    /// A file may be out of reach, break, be no gzip after all, or be longer than is accepted. The files after it still
    /// follow, if they are asked for.
    pub async fn try_next(&mut self) -> Result<Option<Result<T, LineError>>, Error> {
        while self.reader.is_some() || self.open().await? {
            match self.read().await {
                Ok(false) => {}
                Ok(true) => {
                    if let Some(record) = self.lines.record() {
                        return Ok(Some(record));
                    }
                }
                Err(error) => {
                    self.reader = None;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// The same as a stream, which ends after an error.
    pub fn stream(self) -> impl Stream<Item = Result<Result<T, LineError>, Error>> + Send {
        stream::try_unfold(self, |mut records| async move {
            let next = records.try_next().await?;
            Ok(next.map(|record| (record, records)))
        })
    }
}

impl<T> fmt::Debug for Records<T> {
    // Links can carry signatures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("operation", &self.info.id)
            .field("file", &self.file)
            .field("left", &self.links.len())
            .finish_non_exhaustive()
    }
}

/// Fetches a file, whether it is compressed or not.
// Inline, as all below: whoever reads no records does not pay for compiling it.
#[inline]
async fn open(client: &Client, info: &'static OperationInfo, link: &str, most: usize) -> Result<Reader, Error> {
    let request = Request::link(info, link)?;
    let mut download = Download::open(Arc::clone(&client.core), request, client.options).await?;
    let mut head = Vec::new();
    while head.len() < GZIP.len() {
        let Some(piece) = download.chunk().await? else { break };
        head.extend_from_slice(&piece);
    }
    let is_gzip = head.starts_with(GZIP);
    // What is compressed may be nothing but overhead, which would never reach the limit of what is read.
    let mut taken = head.len();
    let pieces = download.and_then(move |piece| {
        taken = taken.saturating_add(piece.len());
        let piece = if taken > most.saturating_add(OVERHEAD) {
            Err(too_long(info, most))
        } else {
            Ok(piece)
        };
        async {
            // A decompressor that has all it needs would never let go of the thread.
            tokio::task::consume_budget().await;
            piece
        }
    });
    let pieces = pieces.map_err(io::Error::other).boxed();
    let whole = Cursor::new(head).chain(StreamReader::new(pieces));
    if is_gzip {
        decompressed(info, whole)
    } else {
        Ok(Box::pin(whole))
    }
}

#[cfg(feature = "gzip")]
#[allow(clippy::unnecessary_wraps, reason = "without the feature it fails")]
#[inline]
fn decompressed(_: &'static OperationInfo, compressed: impl AsyncBufRead + Send + 'static) -> Result<Reader, Error> {
    let mut gzip = async_compression::tokio::bufread::GzipDecoder::new(compressed);
    gzip.multiple_members(true);
    Ok(Box::pin(tokio::io::BufReader::new(gzip)))
}

#[cfg(not(feature = "gzip"))]
#[inline]
fn decompressed(info: &'static OperationInfo, _: impl AsyncBufRead + Send + 'static) -> Result<Reader, Error> {
    let why = "the file is compressed, which takes the feature `gzip`";
    Err(FileError::new(info, None, io::Error::new(io::ErrorKind::Unsupported, why)).into())
}

#[inline]
fn too_long(info: &'static OperationInfo, limit: usize) -> Error {
    Error::TooLong {
        info,
        limit,
        attempts: 1,
    }
}

/// What broke a download stands inside of what broke its reader.
#[inline]
fn read_error(info: &'static OperationInfo, error: io::Error) -> Error {
    let damaged = |error: io::Error| FileError::new(info, None, error).into();
    error.downcast::<Error>().unwrap_or_else(damaged)
}
