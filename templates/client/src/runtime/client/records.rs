// @if recorded
//! Files of records that a result links to.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryFutureExt, TryStreamExt};
use http::Method;
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

/// How much of a line is kept: it can also have a byte order mark, `\r`, and one byte that shows that it is too long.
const MAX_KEPT: usize = MAX_LINE + 5;

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
    files: Files,
    /// Opened when the first record is needed.
    lines: Option<BoxStream<'static, (usize, Result<Line, Error>)>>,
    file: usize,
    record: PhantomData<fn() -> T>,
}

impl Client {
    /// Sends a request whose result links to files of records.
    pub(crate) fn fetch_records<'c, O: Operation + 'c, T: 'c>(
        &'c self,
        operation: &O,
        links: fn(&O::Output) -> Vec<String>,
    ) -> Opening<'c, Records<T>> {
        let info = const {
            let info = OperationInfo::new(O::INFO.id, Method::GET, "");
            &info.anonymous().idempotent().secret().bytes()
        };
        let output = self.value(operation);
        Box::pin(async move {
            Ok(Records {
                files: Files {
                    links: links(&output.await?),
                    client: self.clone(),
                    info,
                    max_file: 1 << 30,
                },
                lines: None,
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
        self.files.max_file = bytes;
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
        let this = &mut *self;
        let lines = this.lines.get_or_insert_with(|| this.files.lines());
        let next = ready!(lines.poll_next_unpin(context));
        Poll::Ready(next.map(|(file, line)| {
            this.file = file;
            line.map(Line::record)
        }))
    }
}

super::opaque_debug!(Records<T>);

type Plain = Pin<Box<dyn AsyncBufRead + Send>>;

/// The linked files.
struct Files {
    client: Client,
    info: &'static OperationInfo,
    links: Vec<String>,
    max_file: usize,
}

impl Files {
    /// Returns the lines of all files, each with the number of its file.
    fn lines(&mut self) -> BoxStream<'static, (usize, Result<Line, Error>)> {
        let (client, info, most) = (self.client.clone(), self.info, self.max_file);
        let links = std::mem::take(&mut self.links);
        // The error of a download may have become a read error.
        let failed = move |error: io::Error| error.downcast().unwrap_or_else(|error| Error::file(info, None, error));
        let lines = stream::iter((1..).zip(links)).flat_map(move |(number, link)| {
            let file = File::open(client.clone(), info, link, most);
            let lines = file.map_ok(|file| stream::try_unfold(file, File::next));
            let lines = lines.try_flatten_stream().map_err(failed);
            lines.map(move |line| (number, line))
        });
        lines.boxed()
    }
}

/// An open file.
struct File {
    info: &'static OperationInfo,
    max_file: usize,
    reader: Take<Plain>,
    /// The number of lines that have been read, with empty ones.
    line: u64,
}

impl File {
    /// Opens a file, compressed or not.
    async fn open(client: Client, info: &'static OperationInfo, link: String, most: usize) -> io::Result<Self> {
        let download = Download::open(client, Request::link(info, &link)).await;
        // Compressed data may consist of overhead only, which would never reach the limit on decompressed bytes.
        let mut taken = 0_usize;
        let pieces = download.map_err(io::Error::other)?.and_then(move |piece| {
            taken = taken.saturating_add(piece.len());
            let is_short = taken <= most.saturating_add(OVERHEAD);
            async move {
                // A decompressor whose input is always ready would never yield.
                tokio::task::consume_budget().await;
                is_short.then_some(piece).ok_or_else(|| Error::too_long(info, most))
            }
        });
        let mut whole = StreamReader::new(pieces.map_err(io::Error::other).boxed());
        let plain = match whole.fill_buf().await?.first() {
            Some(&GZIP) => decompressed(whole)?,
            _ => Box::pin(whole),
        };
        Ok(Self {
            info,
            max_file: most,
            reader: plain.take((most as u64).saturating_add(1)),
            line: 0,
        })
    }

    /// Returns the next line that is not blank.
    async fn next(mut self) -> io::Result<Option<(Line, Self)>> {
        loop {
            let line = self.read_line().await?;
            if self.reader.limit() == 0 {
                return Err(io::Error::other(Error::too_long(self.info, self.max_file)));
            }
            match line {
                Some(line) if line.content().trim_ascii().is_empty() => tokio::task::consume_budget().await,
                line => return Ok(line.map(|line| (line, self))),
            }
        }
    }

    /// Reads the next line, with the line breaks after it. Of a line that is too long, keeps the beginning.
    async fn read_line(&mut self) -> io::Result<Option<Line>> {
        let (number, mut text) = (self.line + 1, Vec::new());
        loop {
            let available = self.reader.fill_buf().await?;
            let length = memchr::memchr(b'\n', available).unwrap_or(available.len());
            let (piece, rest) = available.split_at(length);
            text.extend_from_slice(&piece[..length.min(MAX_KEPT - text.len())]);
            // Empty lines are skipped at once: a small compressed file can have very many.
            let breaks = rest.iter().take_while(|byte| **byte == b'\n').count();
            self.reader.consume(length + breaks);
            self.line += breaks as u64;
            if breaks > 0 || length == 0 {
                let is_line = breaks > 0 || !text.is_empty();
                return Ok(is_line.then_some(Line { number, text }));
            }
        }
    }
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

/// A line without its line feed.
struct Line {
    number: u64,
    /// The text, cut off a few bytes after the maximum.
    text: Vec<u8>,
}

impl Line {
    /// Returns the text without a carriage return, and without a byte order mark.
    fn content(&self) -> &[u8] {
        let text = self.text.strip_suffix(b"\r").unwrap_or(&self.text);
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
    use futures_util::FutureExt as _;

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

    /// Opens a file that arrives in pieces of this length.
    fn file(text: impl Into<String>, length: usize) -> File {
        const FILE: &OperationInfo = &OperationInfo::new("a.file", Method::GET, "");
        let text = io::Cursor::new(text.into());
        let reader: Plain = Box::pin(tokio::io::BufReader::with_capacity(length, text));
        let (info, max_file) = (FILE, 1 << 20);
        let reader = reader.take(max_file as u64 + 1);
        File {
            info,
            max_file,
            reader,
            line: 0,
        }
    }

    #[tokio::test]
    async fn blank_lines_leave_time_for_other_tasks() {
        let lines = file("\r\n".repeat(1000), 1024).next().now_or_never();
        assert!(lines.is_none());
    }

    /// Lines are the same, however they arrive.
    #[tokio::test]
    async fn blank_lines_are_counted() -> io::Result<()> {
        let text = "\u{feff}1\r\n\n\n \r\n2\n\u{feff}3\n\r\n\n4";
        for length in [1, 2, 3, 1024] {
            let mut file = file(text, length);
            let mut lines = Vec::new();
            while let Some((line, next)) = file.next().await? {
                lines.push((line.number, line.content().to_vec()));
                file = next;
            }
            let expected = [(1, "1"), (5, "2"), (6, "\u{feff}3"), (9, "4")];
            assert_eq!(lines, expected.map(|(number, text)| (number, text.into())));
        }
        Ok(())
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
