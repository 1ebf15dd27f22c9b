//! Files with one JSON document per line.

use std::fmt;
use std::io::BufRead;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

/// Default maximum length of a line in bytes.
pub(crate) const MAX_LINE: usize = 4 << 20;

/// Parses the records of a file with one JSON document per line.
///
/// A line that cannot be parsed yields an error; the lines after it still follow. Blank lines are ignored.
pub struct JsonLines<R, T> {
    reader: R,
    lines: Lines,
    ended: bool,
    record: PhantomData<fn() -> T>,
}

impl<R: BufRead, T: DeserializeOwned> JsonLines<R, T> {
    /// Reads from any buffered reader: a byte slice, a file, a decompressor.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            lines: Lines::new(MAX_LINE),
            ended: false,
            record: PhantomData,
        }
    }

    /// Sets the maximum length of a line in bytes; a longer line is an error. Default: 4 MiB.
    #[must_use]
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.lines.max_line = bytes;
        self
    }
}

impl<R: BufRead, T: DeserializeOwned> Iterator for JsonLines<R, T> {
    type Item = Result<T, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let is_line = match self.reader.fill_buf() {
                Ok([]) => {
                    self.ended = true;
                    self.lines.close()
                }
                Ok(available) => {
                    let (used, is_line) = self.lines.feed(available);
                    self.reader.consume(used);
                    is_line
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => false,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(self.lines.broken(error)));
                }
            };
            if let Some(record) = is_line.then(|| self.lines.record()).flatten() {
                return Some(record);
            }
        }
        None
    }
}

impl<R, T> fmt::Debug for JsonLines<R, T> {
    // Records contain user messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines")
            .field("line", &self.lines.line)
            .finish_non_exhaustive()
    }
}

/// Assembles lines from chunks of a file, and parses a record from each.
pub(crate) struct Lines {
    line: u64,
    pub(crate) max_line: usize,
    /// The current line, up to the maximum and some slack.
    buffer: Vec<u8>,
    /// Whether the next chunk begins a line.
    is_complete: bool,
}

impl Lines {
    /// Room for a byte order mark, a carriage return, and one byte that shows that the line is too long.
    const SLACK: usize = 5;

    #[inline]
    pub(crate) fn new(max_line: usize) -> Self {
        Self {
            line: 0,
            max_line,
            buffer: Vec::new(),
            is_complete: true,
        }
    }

    /// Takes the part that belongs to the current line. Returns its length, and `true` if the line is complete.
    #[inline]
    pub(crate) fn feed(&mut self, available: &[u8]) -> (usize, bool) {
        if self.is_complete {
            self.buffer.clear();
            self.line += 1;
        }
        let end = memchr::memchr(b'\n', available);
        self.is_complete = end.is_some();
        let content = &available[..end.unwrap_or(available.len())];
        let room = self.max_line.saturating_add(Self::SLACK) - self.buffer.len();
        self.buffer.extend_from_slice(&content[..content.len().min(room)]);
        (content.len() + usize::from(self.is_complete), self.is_complete)
    }

    /// Ends the file. Returns `true` if that completes a line.
    #[inline]
    pub(crate) fn close(&mut self) -> bool {
        !std::mem::replace(&mut self.is_complete, true)
    }

    /// Returns the record of a complete line; `None` if the line is blank.
    #[inline]
    pub(crate) fn record<T: DeserializeOwned>(&self) -> Option<Result<T, LineError>> {
        let mut text = &self.buffer[..];
        text = text.strip_suffix(b"\r").unwrap_or(text);
        if self.line == 1 {
            text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        }
        if text.len() > self.max_line {
            return Some(Err(self.error(LineErrorKind::TooLong(self.max_line))));
        }
        if text.trim_ascii().is_empty() {
            return None;
        }
        Some(serde_json::from_slice(text).map_err(|error| LineError {
            content: text.into(),
            ..self.error(LineErrorKind::Json(error))
        }))
    }

    /// Returns the error for a file that cannot be read any further.
    #[inline]
    fn broken(&self, error: std::io::Error) -> LineError {
        LineError {
            line: self.line + u64::from(self.is_complete),
            ..self.error(LineErrorKind::Io(error))
        }
    }

    #[inline]
    fn error(&self, kind: LineErrorKind) -> LineError {
        LineError {
            line: self.line,
            kind,
            content: Box::default(),
        }
    }
}

/// The error of a line. Its content is not printed, since records contain user messages.
pub struct LineError {
    /// The line number, starting at 1.
    pub line: u64,
    /// The kind of the error.
    pub kind: LineErrorKind,
    content: Box<[u8]>,
}

impl LineError {
    /// Returns the content of the line; empty if the line is too long or could not be read.
    #[must_use]
    #[inline]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

/// The kind of a line error.
#[non_exhaustive]
pub enum LineErrorKind {
    /// The line is not valid JSON or does not have the expected form. This error quotes the value.
    Json(serde_json::Error),
    /// The line is longer than this many bytes.
    TooLong(usize),
    /// The file cannot be read any further.
    Io(std::io::Error),
}

impl fmt::Display for LineError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl fmt::Debug for LineError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineError")
            .field("line", &self.line)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for LineErrorKind {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) if error.is_data() => {
                // Of serde's messages, only this one does not quote a value.
                let text = error.to_string();
                if let Some((name, _)) = text
                    .strip_prefix("missing field `")
                    .and_then(|rest| rest.split_once('`'))
                {
                    return write!(f, "`{name}` is missing");
                }
                write!(
                    f,
                    "a value before column {} does not have the expected form",
                    error.column()
                )
            }
            Self::Json(error) => write!(f, "invalid JSON at column {}", error.column()),
            Self::TooLong(limit) => write!(f, "longer than {limit} bytes"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for LineErrorKind {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for LineError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            // serde's error quotes the value.
            LineErrorKind::Json(_) | LineErrorKind::TooLong(_) => None,
            LineErrorKind::Io(error) => error.source(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_line_does_not_hide_the_rest() {
        let long = format!("\"{}\"", "x".repeat(40));
        let text = format!("\u{feff}1\r\n\n{{oops\n{long}\n 2 \n3");
        let lines = JsonLines::<_, i64>::new(text.as_bytes()).max_line(20);
        let lines: Vec<_> = lines
            .map(|line| line.map_err(|error| (error.line, error.content().to_vec())))
            .collect();
        let (bad, long) = (Err((3, b"{oops".to_vec())), Err((4, Vec::new())));
        assert_eq!(lines, [Ok(1), bad, long, Ok(2), Ok(3)]);
    }

    #[test]
    fn file_content_is_not_printed() {
        let mut lines = JsonLines::<_, String>::new(&b"\"s3cret\"\n1"[..]);
        lines.next();
        let shown = format!("{lines:?}");
        assert_eq!(shown, "JsonLines { line: 1, .. }");
        let mut lines = JsonLines::<_, i64>::new(&b"\"s3cret\""[..]);
        let error = lines.next().and_then(Result::err).expect("no number");
        assert_eq!(error.content(), b"\"s3cret\"");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit() {
        let text = "\"abc\"\r\n\"abc\"";
        assert_eq!(
            JsonLines::<_, String>::new(text.as_bytes())
                .max_line(5)
                .flatten()
                .count(),
            2
        );
        assert_eq!(
            JsonLines::<_, String>::new(text.as_bytes())
                .max_line(4)
                .flatten()
                .count(),
            0
        );
    }
}
