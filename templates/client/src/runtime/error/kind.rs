//! Kinds of failures.

use std::fmt;

use http::StatusCode;

use super::{Error, TransportKind};

/// What kind of failure it is, for a `match`, a metric or an alert. Kinds and their names stay as they are; new ones may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument breaks a rule; nothing was sent.
    InvalidArgument,
    /// The client is not set up in a usable way; nothing was sent.
    Config,
    /// No token could be obtained; nothing was sent, or only with a token that was refused.
    Token,
    /// The token was refused: 401.
    Unauthorized,
    /// The token does not allow it: 402, 403.
    Forbidden,
    /// What the request is about does not exist: 404, 410.
    NotFound,
    /// It does not go with the state on the server: 409, 412.
    Conflict,
    /// The request is too large: 413, 414, 431.
    TooLarge,
    /// Too many requests: 429, a 403 that waiting helps against, or the client's own limit.
    RateLimited,
    /// The server refused for another reason: any other status below 500.
    Rejected,
    /// The server failed: 500 and above.
    Server,
    /// No connection could be made.
    Connect,
    /// A time limit ran out.
    Timeout,
    /// The connection broke.
    Interrupted,
    /// The request could not be built.
    Unsendable,
    /// The answer is not what was expected.
    Decode,
    /// The answer is longer than the client accepts.
    TooLong,
    /// A file could not be read or written.
    File,
}

impl ErrorKind {
    /// The name in lower case, e.g. `rate_limited`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Config => "config",
            Self::Token => "token",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Rejected => "rejected",
            Self::Server => "server",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Unsendable => "unsendable",
            Self::Decode => "decode",
            Self::TooLong => "too_long",
            Self::File => "file",
        }
    }

    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::InvalidArgument(_) => Self::InvalidArgument,
            Error::Api(error) if error.is_rate_limited() => Self::RateLimited,
            Error::Api(error) => Self::of_status(error.status()),
            Error::Decode(_) => Self::Decode,
            Error::Transport(error) => match error.kind() {
                TransportKind::Connect => Self::Connect,
                TransportKind::Timeout => Self::Timeout,
                TransportKind::Request => Self::Unsendable,
                TransportKind::Interrupted => Self::Interrupted,
            },
            Error::Token(_) => Self::Token,
            Error::TooLong { .. } => Self::TooLong,
            Error::RateLimited { .. } => Self::RateLimited,
            Error::File(_) => Self::File,
            Error::Config(_) => Self::Config,
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthorized,
            402 | 403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            409 | 412 => Self::Conflict,
            413 | 414 | 431 => Self::TooLarge,
            500.. => Self::Server,
            _ => Self::Rejected,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
