//! Kinds of errors.

use std::fmt;

use http::StatusCode;

/// The kind of an error, for a `match`, a metric or an alert. Kinds and their names are stable; new ones may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument breaks a rule; nothing was sent.
    InvalidArgument,
    /// The settings of the client are invalid; nothing was sent.
    Config,
    /// No token could be obtained; nothing was sent, or only with a token that the server rejected.
    Token,
    /// The server rejected the token: 401.
    Unauthorized,
    /// The token does not permit the request: 402, 403.
    Forbidden,
    /// The resource does not exist: 404, 410.
    NotFound,
    /// The request conflicts with the state of the resource: 409, 412.
    Conflict,
    /// The request is too large: 413, 414, 431.
    TooLarge,
    /// Too many requests: 429, a code documented as throttling, or the client's own rate limit.
    RateLimited,
    /// The server rejected the request for another reason: any other status below 500.
    Rejected,
    /// The server failed: 500 and above.
    Server,
    /// No connection could be made.
    Connect,
    /// The server refused the request without processing it: HTTP/2 `REFUSED_STREAM`, or `GOAWAY` for an earlier stream.
    Refused,
    /// A timeout expired.
    Timeout,
    /// The connection broke.
    Interrupted,
    /// The request could not be built.
    Unsendable,
    /// The response does not have the expected form.
    Decode,
    /// The response says that the operation was not done.
    NotDone,
    /// The response exceeds the client's limit.
    TooLong,
    /// A file could not be read or written.
    File,
}

impl ErrorKind {
    /// Returns the name in snake case, e.g. `rate_limited`.
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
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Unsendable => "unsendable",
            Self::Decode => "decode",
            Self::NotDone => "not_done",
            Self::TooLong => "too_long",
            Self::File => "file",
        }
    }

    pub(super) fn of_status(status: StatusCode) -> Self {
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
