//! Kinds of errors.

use std::fmt;

use http::StatusCode;

/// Defines [`ErrorKind`], with the name of each kind.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)+) => {
        /// The kind of an error, for a `match`, a metric or an alert. Kinds and their names are stable; new ones may be added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])* $kind,)+
        }

        impl ErrorKind {
            /// Returns the name in snake case, e.g. `rate_limited`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }
        }
    };
}

kinds! {
    /// An argument breaks a rule; nothing was sent.
    InvalidArgument = "invalid_argument",
    /// The settings of the client are invalid; nothing was sent.
    Config = "config",
    /// No token could be obtained; nothing was sent, or only with a token that the server rejected.
    Token = "token",
    /// The server rejected the token: 401.
    Unauthorized = "unauthorized",
    /// The token does not permit the request: 402, 403.
    Forbidden = "forbidden",
    /// The resource does not exist: 404, 410.
    NotFound = "not_found",
    /// The request conflicts with the state of the resource: 409, 412.
    Conflict = "conflict",
    /// The request is too large: 413, 414, 431.
    TooLarge = "too_large",
    /// Too many requests: 429, a code documented as throttling, or the client's own rate limit.
    RateLimited = "rate_limited",
    /// The server rejected the request for another reason: any other status below 500.
    Rejected = "rejected",
    /// The server failed: 500 and above.
    Server = "server",
    /// No connection could be made.
    Connect = "connect",
    /// The server refused the request without processing it: HTTP/2 `REFUSED_STREAM`, or `GOAWAY` for an earlier stream.
    Refused = "refused",
    /// A timeout expired.
    Timeout = "timeout",
    /// The connection broke.
    Interrupted = "interrupted",
    /// The request could not be built.
    Unsendable = "unsendable",
    /// The response does not have the expected form.
    Decode = "decode",
    /// The response says that the operation was not done.
    NotDone = "not_done",
    /// The response exceeds the client's limit.
    TooLong = "too_long",
    /// A file could not be read or written.
    File = "file",
}

impl ErrorKind {
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

    pub(super) fn is_of_transport(self) -> bool {
        matches!(
            self,
            Self::Connect | Self::Refused | Self::Timeout | Self::Unsendable | Self::Interrupted
        )
    }

    /// Returns the text of an error of the transport.
    pub(super) fn transport_text(self, server: &str) -> String {
        match self {
            Self::Connect => format!("cannot connect to {server}"),
            Self::Refused => format!("{server} refused the request without processing it"),
            Self::Timeout => "no response arrived in time".to_owned(),
            Self::Unsendable => "the request cannot be sent".to_owned(),
            _ => format!("the connection to {server} broke"),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
