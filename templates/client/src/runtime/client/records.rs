// @if recorded
//! Files of records that a result links to.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, Take};
use tokio_util::io::StreamReader;

use super::download::Download;
use super::{Client, Opening};
use crate::runtime::error::Error;
use crate::runtime::json;
use crate::runtime::operation::{Operation, OperationInfo};
use crate::runtime::request::Request;

/// How much longer a compressed file may be than its content.
const OVERHEAD: usize = 1 << 20;

/// Maximum length of a line in bytes.
const MAX_LINE: usize = 4 << 20;

/// How much of a line is kept: it can also have a byte order mark, a line break, and one byte that shows that it is too long.
const MAX_KEPT: u64 = MAX_LINE as u64 + 6;

/// The first byte of a gzip file. No JSON document begins with it.
const GZIP: u8 = 0x1F;

/// The records of the files that a result links to, one JSON document per line. Each is read when it is needed.
///
/// This is a [`Stream`]; [`try_next`](Self::try_next) reads it without the `futures` crate. The files are fetched one after
/// the other and decompressed while they arrive; no file is held in memory as a whole. They may be on other hosts than the
/// API, so the token is not sent.
///
/// A line that cannot be parsed, or is longer than 4 MiB, does not end the records: it is `Ok(Err(line))`, and the lines after
/// it follow. After a file that cannot be read, which is an `Err`, the next file follows.
#[must_use = "nothing is fetched until a record is asked for"]
pub struct Records<T> {
    /// Taken by `lines` when the first record is needed.
    files: Option<Files>,
    lines: BoxStream<'static, (usize, Result<Line, Error>)>,
    file: usize,
    record: PhantomData<fn() -> T>,
}

impl Client {
    /// Sends a request whose result links to files of records. `info` describes the requests for those files.
    pub(crate) fn fetch_records<'c, O: Operation + 'c, T: 'c>(
        &'c self,
        operation: &O,
        info: &'static OperationInfo,
        links: fn(&O::Output) -> Vec<String>,
    ) -> Opening<'c, Records<T>> {
        let output = self.value(operation);
        Box::pin(async move {
            let files = Files {
                links: links(&output.await?).into(),
                client: self.clone(),
                info,
                max_file: 1 << 30,
                file: 0,
                line: 0,
                reader: None,
            };
            Ok(Records {
                files: Some(files),
                lines: stream::empty().boxed(),
                file: 0,
                record: PhantomData,
            })
        })
    }
}

impl<T> Records<T> {
    /// Sets the maximum length of a file in bytes, before and after decompression; a longer file is an error. Default: 1 GiB.
    /// Ignored after the first record.
    pub fn max_file(mut self, bytes: usize) -> Self {
        self.files.iter_mut().for_each(|files| files.max_file = bytes);
        self
    }

    /// Parses lines into another type, such as `Box<RawValue>` of `serde_json`, which keeps them as they are.
    pub fn parsed_as<U>(self) -> Records<U> {
        Records {
            files: self.files,
            lines: self.lines,
            file: self.file,
            record: PhantomData,
        }
    }

    /// Returns the number of the current file, starting at 1; 0 before the first.
    #[must_use]
    pub fn file(&self) -> usize {
        self.file
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
        self.next().await.transpose()
    }
}

impl<T: DeserializeOwned> Stream for Records<T> {
    type Item = Result<Result<T, LineError>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(files) = self.files.take() {
            self.lines = stream::unfold(files, Files::next).boxed();
        }
        let next = ready!(self.lines.poll_next_unpin(context));
        Poll::Ready(next.map(|(file, line)| {
            self.file = file;
            line.map(Line::record)
        }))
    }
}

super::opaque_debug!(Records<T>);

type Plain = Pin<Box<dyn AsyncBufRead + Send>>;

/// The linked files, the current of which is open.
struct Files {
    client: Client,
    info: &'static OperationInfo,
    links: VecDeque<String>,
    max_file: usize,
    file: usize,
    line: u64,
    reader: Option<Take<Plain>>,
}

impl Files {
    /// Returns the next line with the number of its file.
    async fn next(mut self) -> Option<((usize, Result<Line, Error>), Self)> {
        let line = self.read().await.transpose()?;
        if line.is_err() {
            self.reader = None;
        }
        Some(((self.file, line), self))
    }

    async fn read(&mut self) -> Result<Option<Line>, Error> {
        loop {
            let Some(reader) = &mut self.reader else {
                let Some(link) = self.links.pop_front() else {
                    return Ok(None);
                };
                self.file += 1;
                self.line = 0;
                self.reader = Some(self.open(&link).await?);
                continue;
            };
            let text = read_line(reader, &mut self.line).await;
            let text = text.map_err(|error| failed(self.info, error))?;
            if reader.limit() == 0 {
                return Err(Error::too_long(self.info, self.max_file));
            }
            let number = self.line;
            match text.map(|text| Line { number, text }) {
                Some(line) if line.content().trim_ascii().is_empty() => {}
                Some(line) => return Ok(Some(line)),
                None => self.reader = None,
            }
        }
    }

    /// Opens a file, compressed or not.
    async fn open(&mut self, link: &str) -> Result<Take<Plain>, Error> {
        let (info, most) = (self.info, self.max_file);
        let download = Download::open(self.client.clone(), Request::link(info, link)).await?;
        // Compressed data may consist of overhead only, which would never reach the limit on decompressed bytes.
        let mut taken = 0_usize;
        let pieces = download.and_then(move |piece| {
            taken = taken.saturating_add(piece.len());
            let is_short = taken <= most.saturating_add(OVERHEAD);
            async move {
                // A decompressor whose input is always ready would never yield.
                tokio::task::consume_budget().await;
                is_short.then_some(piece).ok_or_else(|| Error::too_long(info, most))
            }
        });
        let mut whole = StreamReader::new(pieces.map_err(io::Error::other).boxed());
        let start = whole.fill_buf().await.map_err(|error| failed(info, error))?;
        let plain = if start.first() == Some(&GZIP) {
            decompressed(whole).map_err(|error| failed(info, error))?
        } else {
            Box::pin(whole)
        };
        Ok(plain.take((most as u64).saturating_add(1)))
    }
}

/// Returns the error of the download if that caused the read error, and a file error otherwise.
fn failed(info: &'static OperationInfo, error: io::Error) -> Error {
    let damaged = |error: io::Error| Error::file(info, None, error);
    error.downcast::<Error>().unwrap_or_else(damaged)
}

/// Reads the next line that is not empty, and counts lines. Of a line that is too long, keeps the beginning. Returns `None` at
/// the end of the file.
async fn read_line(reader: &mut Take<Plain>, number: &mut u64) -> io::Result<Option<Vec<u8>>> {
    // Empty lines are skipped at once: a small compressed file can have very many.
    loop {
        let available = reader.fill_buf().await?;
        let empty = available.iter().take_while(|byte| **byte == b'\n').count();
        if empty == 0 {
            break;
        }
        reader.consume(empty);
        *number += empty as u64;
    }
    *number += 1;
    let mut line = Vec::new();
    (&mut *reader).take(MAX_KEPT).read_until(b'\n', &mut line).await?;
    let mut rest = Vec::new();
    while !line.ends_with(b"\n") && !rest.ends_with(b"\n") {
        rest.clear();
        if (&mut *reader).take(MAX_KEPT).read_until(b'\n', &mut rest).await? == 0 {
            break;
        }
    }
    Ok((!line.is_empty()).then_some(line))
}

#[cfg(feature = "gzip")]
#[allow(clippy::unnecessary_wraps, reason = "without the feature it fails")]
fn decompressed(compressed: impl AsyncBufRead + Send + 'static) -> io::Result<Plain> {
    let mut gzip = async_compression::tokio::bufread::GzipDecoder::new(compressed);
    gzip.multiple_members(true);
    Ok(Box::pin(tokio::io::BufReader::new(gzip)))
}

#[cfg(not(feature = "gzip"))]
fn decompressed(_: impl AsyncBufRead + Send + 'static) -> io::Result<Plain> {
    let why = "the file is compressed; enable the feature `gzip`";
    Err(io::Error::new(io::ErrorKind::Unsupported, why))
}

/// A line with its line break.
struct Line {
    number: u64,
    /// The text, cut off a few bytes after the maximum.
    text: Vec<u8>,
}

impl Line {
    /// Returns the text without a line break, and without a byte order mark.
    fn content(&self) -> &[u8] {
        let text = self.text.strip_suffix(b"\n").unwrap_or(&self.text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let mark = if self.number == 1 { "\u{feff}" } else { "" };
        text.strip_prefix(mark.as_bytes()).unwrap_or(text)
    }

    /// Parses the record.
    fn record<T: DeserializeOwned>(self) -> Result<T, LineError> {
        let text = self.content();
        let error = |path, reason, content: &[u8]| LineError {
            line: self.number,
            path,
            reason,
            content: content.into(),
        };
        if text.len() > MAX_LINE {
            let reason = format!("longer than {MAX_LINE} bytes");
            return Err(error(String::new(), reason, b""));
        }
        json::decode(text).map_err(|(path, cause)| {
            let path = if path == "." { String::new() } else { path };
            let colon = if path.is_empty() { "" } else { ": " };
            let reason = format!("{path}{colon}{}", without_values(&cause));
            error(path, reason, text)
        })
    }
}

/// Returns the message of an error, without a value that it quotes.
fn without_values(error: &serde_json::Error) -> String {
    let column = error.column();
    if error.is_data() {
        format!("a value before column {column} does not have the expected form")
    } else {
        format!("invalid JSON at column {column}")
    }
}

/// The error of a line. Its content is not printed, since records contain user messages.
#[derive(thiserror::Error)]
#[error("line {line}: {reason}")]
#[non_exhaustive]
pub struct LineError {
    /// The line number, starting at 1.
    pub line: u64,
    path: String,
    reason: String,
    content: Box<[u8]>,
}

impl LineError {
    /// Returns the JSON path of the value that does not have the expected form, e.g. `items[0].name`; empty for the whole line.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the content of the line; empty if the line is too long.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

impl fmt::Debug for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LineError({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<T: DeserializeOwned>(number: u64, text: &str) -> Result<T, Vec<u8>> {
        let text = text.as_bytes().to_vec();
        let record = Line { number, text }.record();
        record.map_err(|error| {
            assert_eq!(error.line, number);
            assert!(!format!("{error} {error:?}").contains("s3cret"));
            error.content().to_vec()
        })
    }

    #[test]
    fn a_line_is_parsed_or_reported() {
        assert_eq!(line(1, "\u{feff}1\r"), Ok(1));
        assert_eq!(line::<i64>(3, "{oops"), Err(b"{oops".to_vec()));
        let secret = "\"s3cret\"";
        assert_eq!(line::<i64>(4, secret), Err(secret.into()));
    }

    #[test]
    fn an_error_has_its_path() {
        let read = |text: &str| {
            let text = text.as_bytes().to_vec();
            let number = 7;
            let record = Line { number, text }.record::<Vec<std::collections::BTreeMap<String, i64>>>();
            record.err().map(|error| error.to_string())
        };
        for (text, expected) in [
            (r#"[{"a":1,"b":true}]"#, "line 7: [0].b: a value before column"),
            ("[[]]", "line 7: [0]: a value before column"),
            ("7", "line 7: a value before column"),
            ("[", "line 7: invalid JSON at column 1"),
        ] {
            let error = read(text).unwrap_or_default();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit() {
        let whole = "a".repeat(MAX_LINE - 2);
        for end in ["\r", ""] {
            assert_eq!(line(1, &format!("\"{whole}\"{end}")), Ok(whole.clone()));
            assert_eq!(line::<String>(1, &format!("\"{whole}b\"{end}")), Err(Vec::new()));
        }
    }
}
// @end
