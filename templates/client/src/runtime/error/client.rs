//! Errors without a response: a broken connection, no token, or trouble with a file.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Context, Error, ErrorKind};
use crate::runtime::operation::OperationInfo;

/// No response, or only a part of it, arrived.
#[derive(Debug, Clone)]
pub struct TransportError {
    pub(super) context: Context,
    kind: ErrorKind,
    server: Option<Arc<str>>,
    source: Arc<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// Wraps the error of a transport. `kind` is `Connect`, `Refused`, `Timeout`, `Unsendable` or `Interrupted`; any other kind
    /// counts as `Interrupted`.
    pub fn new(
        info: &'static OperationInfo,
        kind: ErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let kind = match kind {
            ErrorKind::Connect | ErrorKind::Refused | ErrorKind::Timeout | ErrorKind::Unsendable => kind,
            _ => ErrorKind::Interrupted,
        };
        Self {
            context: Context::new(info),
            kind,
            server: None,
            source: source.into().into(),
        }
    }

    /// Sets the server that the request was sent to.
    #[cfg(feature = "client")]
    pub(crate) fn to(mut self, server: Option<&str>) -> Self {
        self.server = server.map(Into::into);
        self
    }

    /// Returns host and port of the server that the request was sent to, if known.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Returns the kind of the error: `Connect`, `Refused`, `Timeout`, `Unsendable` or `Interrupted`.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server().unwrap_or(self.context.server());
        write!(f, "{}", self.context)?;
        match self.kind {
            ErrorKind::Connect => write!(f, "cannot connect to {server}"),
            ErrorKind::Refused => write!(f, "{server} refused the request without processing it"),
            ErrorKind::Timeout => f.write_str("no response arrived in time"),
            ErrorKind::Unsendable => f.write_str("the request cannot be sent"),
            _ => write!(f, "the connection to {server} broke"),
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

/// No token could be obtained. The request was not sent, or only with a token that the server rejected.
#[derive(Debug, Clone)]
pub struct TokenError {
    pub(super) context: Context,
    reason: Arc<Error>,
    wait: Option<Duration>,
}

impl TokenError {
    /// Wraps the error of a token request.
    pub fn new(reason: impl Into<Arc<Error>>) -> Self {
        let reason = reason.into();
        Self {
            context: Context::new(reason.info()),
            reason,
            wait: None,
        }
    }

    /// Sets how long the client pauses token requests.
    #[cfg(feature = "client")]
    pub(crate) fn paused_for(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Returns the error of the token request, e.g. the server's error response.
    pub fn reason(&self) -> &Error {
        &self.reason
    }

    /// Returns how long to wait: the longer of the server's `Retry-After` and the client's pause after a failure.
    pub fn retry_after(&self) -> Option<Duration> {
        self.wait.max(self.reason.retry_after())
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no token could be obtained: {}", self.reason)
    }
}

impl StdError for TokenError {
    // `Display` includes the reason itself, so the chain continues with its source.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.reason.source()
    }
}

/// A file to upload could not be read, or a downloaded one could not be written or decompressed.
#[derive(Debug, Clone)]
pub struct FileError {
    pub(super) context: Context,
    path: Option<Arc<Path>>,
    io: Arc<io::Error>,
}

impl FileError {
    #[cfg(feature = "client")]
    pub(crate) fn new(info: &'static OperationInfo, path: Option<&Path>, io: impl Into<Arc<io::Error>>) -> Self {
        Self {
            context: Context::new(info),
            path: path.map(Into::into),
            io: io.into(),
        }
    }

    /// Returns the path of the file, if it has one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the underlying I/O error.
    pub fn io(&self) -> &io::Error {
        &self.io
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self {
            context: Context::new(None),
            path: None,
            io: Arc::new(error),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path().map(Path::display);
        let path = path.map(|path| format!(" {path}")).unwrap_or_default();
        write!(f, "{}file{path}: {}", self.context, self.io)
    }
}

impl StdError for FileError {
    // `Display` includes the I/O error itself, so the chain continues with its source.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.io.source()
    }
}
