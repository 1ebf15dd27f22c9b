//! Files of records that a result links to.

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

/// Default maximum length of a file, before and after decompression.
const MAX_FILE: usize = 1 << 30;

/// How much longer a compressed file may be than its content.
const OVERHEAD: usize = 1 << 20;

/// The first bytes of a gzip file.
const GZIP: &[u8] = b"\x1F\x8B";

/// The records of the files that a result links to, one JSON document per line. Each is read when it is needed.
///
/// The files are fetched one after the other and decompressed while they arrive; no file is held in memory as a whole.
/// They may be on other hosts than the API, so the token is not sent.
///
/// A line that cannot be parsed does not end the records: `try_next` returns `Ok(Some(Err(line)))`, and the lines after it
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
    /// Number of bytes read from the current file.
    taken: usize,
    record: PhantomData<fn() -> T>,
}

type Reader = Pin<Box<dyn AsyncBufRead + Send>>;

impl Client {
    /// Sends a request whose result links to files of records. `file` describes the requests for those files.
    #[allow(dead_code, reason = "whether any result has links to records depends on the API")]
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

    /// Sets the maximum length of a line in bytes; a longer line is an error. Default: 4 MiB.
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        self
    }

    /// Sets the maximum length of a file in bytes, before and after decompression; a longer file is an error. Default: 1 GiB.
    pub fn max_file(mut self, bytes: usize) -> Self {
        self.max_file = bytes;
        self
    }

    /// Returns the number of the current file, starting at 1; 0 before the first.
    #[must_use]
    pub fn file(&self) -> usize {
        self.file
    }

    /// Opens the next file. Returns `false` if there is none.
    async fn open(&mut self) -> Result<bool, Error> {
        let Some(link) = self.links.front() else {
            return Ok(false);
        };
        let reader = open(&self.client, self.info, link, self.max_file).await;
        // Only now, since the future may be dropped while it waits.
        self.links.pop_front();
        self.file += 1;
        self.taken = 0;
        self.lines = Lines::new(self.max_line);
        self.reader = Some(reader?);
        Ok(true)
    }

    /// Reads on in the current file. Returns `true` if a line is complete.
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
    /// Returns the next record, or the error of a line that cannot be parsed; `None` at the end of the last file.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be fetched, its connection breaks, its gzip data is damaged, or it is too long. The next call
    /// continues with the next file.
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

    /// Returns the records as a stream, which ends after an error.
    pub fn stream(self) -> impl Stream<Item = Result<Result<T, LineError>, Error>> + Send {
        stream::try_unfold(self, |mut records| async move {
            let next = records.try_next().await?;
            Ok(next.map(|record| (record, records)))
        })
    }
}

impl<T> fmt::Debug for Records<T> {
    // Links may contain signatures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("operation", &self.info.id)
            .field("file", &self.file)
            .field("left", &self.links.len())
            .finish_non_exhaustive()
    }
}

/// Opens a file, compressed or not.
// Inline, like all functions below: programs that read no records need not compile it.
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
    // Compressed data may consist of overhead only, which would never reach the limit on decompressed bytes.
    let mut taken = head.len();
    let pieces = download.and_then(move |piece| {
        taken = taken.saturating_add(piece.len());
        let piece = if taken > most.saturating_add(OVERHEAD) {
            Err(too_long(info, most))
        } else {
            Ok(piece)
        };
        async {
            // A decompressor whose input is always ready would never yield.
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
    let why = "the file is compressed; enable the feature `gzip`";
    Err(FileError::new(info, None, io::Error::new(io::ErrorKind::Unsupported, why)).into())
}

#[inline]
fn too_long(info: &'static OperationInfo, limit: usize) -> Error {
    Error::too_long(info, limit).after_attempts(1)
}

/// Returns the error of the download if that caused the read error, and a file error otherwise.
#[inline]
fn read_error(info: &'static OperationInfo, error: io::Error) -> Error {
    let damaged = |error: io::Error| FileError::new(info, None, error).into();
    error.downcast::<Error>().unwrap_or_else(damaged)
}
