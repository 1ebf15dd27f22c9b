//! Files that hold one JSON document per line.

use std::fmt;
use std::io::{BufRead, Read};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

/// The longest line that is read unless another limit is set.
const MAX_LINE: usize = 4 << 20;

/// Reads the records of a file that holds one JSON document per line.
///
/// A line that cannot be read gives an error and is skipped; the lines after it still follow. Blank lines are ignored.
#[derive(Debug)]
pub struct JsonLines<R, T> {
    reader: R,
    line: u64,
    max_line: usize,
    buffer: Vec<u8>,
    ended: bool,
    record: PhantomData<fn() -> T>,
}

impl<R: BufRead, T: DeserializeOwned> JsonLines<R, T> {
    /// Reads from anything buffered: a slice of bytes, a file, a decompressor.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            line: 0,
            max_line: MAX_LINE,
            buffer: Vec::new(),
            ended: false,
            record: PhantomData,
        }
    }

    /// Sets the longest line that is read, in bytes; longer ones are errors. Without it, 4 MiB.
    #[must_use]
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        self
    }

    /// Reads a line into the buffer; `false` at the end of the file.
    fn read_line(&mut self) -> Result<bool, LineErrorKind> {
        self.buffer.clear();
        self.line += 1;
        // The limit, the line break, and one more byte that shows the line to be too long.
        let limit = u64::try_from(self.max_line).unwrap_or(u64::MAX).saturating_add(3);
        let read = self
            .reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.buffer)
            .map_err(LineErrorKind::Io)?;
        let ended = self.buffer.last() == Some(&b'\n');
        while matches!(self.buffer.last(), Some(b'\n' | b'\r')) {
            self.buffer.pop();
        }
        if self.buffer.len() > self.max_line {
            if !ended {
                self.skip_line()?;
            }
            return Err(LineErrorKind::TooLong(self.max_line));
        }
        if self.line == 1 && self.buffer.starts_with(b"\xEF\xBB\xBF") {
            self.buffer.drain(..3);
        }
        Ok(read > 0)
    }

    fn skip_line(&mut self) -> Result<(), LineErrorKind> {
        loop {
            let available = self.reader.fill_buf().map_err(LineErrorKind::Io)?;
            let (used, found) = match memchr::memchr(b'\n', available) {
                Some(at) => (at + 1, true),
                None => (available.len(), available.is_empty()),
            };
            self.reader.consume(used);
            if found {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead, T: DeserializeOwned> Iterator for JsonLines<R, T> {
    type Item = Result<T, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let record = match self.read_line() {
                Ok(false) => {
                    self.ended = true;
                    return None;
                }
                Ok(true) if self.buffer.trim_ascii().is_empty() => continue,
                Ok(true) => serde_json::from_slice(&self.buffer).map_err(LineErrorKind::Json),
                Err(kind) => {
                    self.ended = matches!(kind, LineErrorKind::Io(_));
                    Err(kind)
                }
            };
            return Some(record.map_err(|kind| LineError { line: self.line, kind }));
        }
        None
    }
}

/// A line that cannot be read.
#[derive(Debug)]
pub struct LineError {
    /// The number of the line; the first is 1.
    pub line: u64,
    /// Why it cannot be read.
    pub kind: LineErrorKind,
}

/// Why a line cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum LineErrorKind {
    /// It is not JSON, or not of the expected form.
    Json(serde_json::Error),
    /// It is longer than this many bytes.
    TooLong(usize),
    /// The file cannot be read any further.
    Io(std::io::Error),
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.kind {
            LineErrorKind::Json(error) => error.fmt(f),
            LineErrorKind::TooLong(limit) => write!(f, "longer than {limit} bytes"),
            LineErrorKind::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            LineErrorKind::Json(error) => Some(error),
            LineErrorKind::TooLong(_) => None,
            LineErrorKind::Io(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_does_not_hide_the_rest() {
        let long = format!("\"{}\"", "x".repeat(40));
        let text = format!("\u{feff}1\r\n\n{{oops\n{long}\n 2 \n3");
        let lines = JsonLines::<_, i64>::new(text.as_bytes()).max_line(20);
        let lines: Vec<_> = lines.map(|line| line.map_err(|error| error.line)).collect();
        assert_eq!(lines, [Ok(1), Err(3), Err(4), Ok(2), Ok(3)]);
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
