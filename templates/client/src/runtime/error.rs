//! Errors.

mod file;
mod kind;
mod not_done;
mod token;

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{DATE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

pub use file::FileError;
pub use kind::ErrorKind;
pub use not_done::NotDone;
pub use token::TokenError;

use super::json::{self, Step};
use super::operation::{KnownError, OperationInfo};
use crate::api::API;
use crate::errors::ErrorCode;

/// Maximum number of bytes of a response that `Debug` and `Display` show.
const SHOWN: usize = 512;

/// The error of a request.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument breaks a rule; nothing was sent.
    #[error(transparent)]
    InvalidArgument(#[from] InvalidArgument),
    /// The server sent an error response.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The response does not have the expected form.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The response says that the operation was not done.
    #[error(transparent)]
    NotDone(#[from] NotDone),
    /// No response, or only a part of it, arrived.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No token could be obtained. The request was not sent, or only with a token that the server rejected.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The response exceeds the client's limit.
    #[error("{}: the response is longer than {limit} bytes; raise the limit if that is expected", .info.id)]
    TooLong {
        /// The operation.
        info: &'static OperationInfo,
        /// The limit in bytes.
        limit: usize,
        /// Number of times the request was sent.
        attempts: u32,
    },
    /// The client held the request back to keep a rate limit, because it was told not to wait or the timeout is too short.
    /// The request was not sent, or only with a token that the server rejected.
    #[error("{}: held back to keep a rate limit; send it again in {wait:?}", .info.id)]
    RateLimited {
        /// The operation.
        info: &'static OperationInfo,
        /// How long to wait.
        wait: Duration,
        /// Number of times the request was sent with a token that the server rejected.
        attempts: u32,
    },
    /// A file to upload could not be read, or a downloaded one could not be written or decompressed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The settings of the client or the target are invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl Error {
    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::of(self)
    }

    /// Returns the operation, e.g. `users.create`, if the error belongs to one.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.info().map(|info| info.id)
    }

    /// Returns the metadata of the operation, e.g. whether it is idempotent, if the error belongs to one. If no token could
    /// be obtained, this is the operation that requests it.
    #[must_use]
    pub fn info(&self) -> Option<&'static OperationInfo> {
        match self {
            Self::InvalidArgument(error) => Some(error.info()),
            Self::Api(error) => Some(error.info()),
            Self::Decode(error) => Some(error.info()),
            Self::NotDone(error) => Some(error.info()),
            Self::Transport(error) => Some(error.info()),
            Self::TooLong { info, .. } | Self::RateLimited { info, .. } => Some(info),
            Self::Token(error) => error.reason().info(),
            Self::File(error) => error.info(),
            Self::Config(_) => None,
        }
    }

    /// Returns how often the client sent the request; 0 if it did not, or if another transport sent it.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Api(error) => error.0.attempts,
            Self::Decode(error) => error.0.attempts,
            Self::NotDone(error) => error.response().attempts(),
            Self::Transport(error) => error.attempts,
            Self::Token(error) => error.attempts,
            Self::File(error) => error.attempts,
            Self::TooLong { attempts, .. } | Self::RateLimited { attempts, .. } => *attempts,
            Self::InvalidArgument(_) | Self::Config(_) => 0,
        }
    }

    /// Returns how long to wait, as requested by the server, by a rate limit, or by the pause after a failed token request.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { wait, .. } => Some(*wait),
            Self::Token(error) => error.retry_after(),
            _ => self.api().and_then(ApiError::retry_after),
        }
    }

    /// Sets the number of times the request was sent.
    #[cfg(feature = "client")]
    pub(crate) fn after_attempts(mut self, count: u32) -> Self {
        match &mut self {
            Self::Api(error) => error.0.attempts = count,
            Self::Decode(error) => error.0.attempts = count,
            Self::NotDone(error) => error.after_attempts(count),
            Self::Transport(error) => error.attempts = count,
            Self::Token(error) => error.attempts = count,
            Self::File(error) => error.attempts = count,
            Self::TooLong { attempts, .. } | Self::RateLimited { attempts, .. } => *attempts = count,
            Self::InvalidArgument(_) | Self::Config(_) => {}
        }
        self
    }

    /// Returns the error response, if the server sent one. An error response to a token request is not included: it is the
    /// [reason](TokenError::reason) of [`Error::Token`].
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the HTTP status of the response, if one arrived.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Decode(error) => Some(error.status()),
            Self::NotDone(error) => Some(error.response().status()),
            _ => self.api().map(ApiError::status),
        }
    }

    /// Returns the machine-readable code of the error response.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.api().and_then(ApiError::code)
    }

    /// Returns `true` if the status is 404.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.api().is_some_and(|error| error.status() == StatusCode::NOT_FOUND)
    }

    /// Returns `true` if the status is 401, or the server permanently rejected the token request, e.g. for wrong credentials.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        match self {
            Self::Api(error) => error.status() == StatusCode::UNAUTHORIZED,
            Self::Token(error) => error.reason().api().is_some_and(|response| !response.is_retryable()),
            _ => false,
        }
    }

    /// Returns `true` if the server rejected the request because of too many requests, or the client held it back.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        match self {
            Self::RateLimited { .. } => true,
            Self::Api(error) => error.is_rate_limited(),
            Self::Token(error) => error.reason().is_rate_limited(),
            _ => false,
        }
    }

    /// Returns `true` if a timeout expired.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Transport(error) => error.kind() == TransportKind::Timeout,
            Self::Token(error) => error.reason().is_timeout(),
            _ => false,
        }
    }

    /// Returns `true` if no connection could be made.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        match self {
            Self::Transport(error) => error.kind() == TransportKind::Connect,
            Self::Token(error) => error.reason().is_connect(),
            _ => false,
        }
    }

    /// Returns `true` if the request may have been executed: after a timeout, a broken connection, a 5xx or an unreadable
    /// response. Returns `false` if nothing was sent or the server rejected the request; then it is safe to send it again.
    /// Sending an [`idempotent`](OperationInfo::idempotent) operation again is always safe.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        let is_unclear = match self {
            Self::Api(error) => error.status().is_server_error() || error.status() == StatusCode::REQUEST_TIMEOUT,
            Self::Transport(error) => matches!(error.kind(), TransportKind::Timeout | TransportKind::Interrupted),
            Self::Decode(_) | Self::TooLong { .. } => true,
            Self::NotDone(error) => error.is_done_in_part(),
            Self::File(error) => error.attempts > 0,
            // These errors mean that no request was sent, or that the server rejected its token.
            Self::InvalidArgument(_) | Self::RateLimited { .. } | Self::Token(_) | Self::Config(_) => return false,
        };
        // An earlier attempt of an idempotent operation may have been executed.
        is_unclear || (self.attempts() > 1 && self.info().is_some_and(|info| info.idempotent))
    }

    /// Returns `true` if the same request may succeed later. To learn whether it may be executed twice, see
    /// [`may_have_taken_effect`](Self::may_have_taken_effect).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Api(error) => error.is_retryable(),
            Self::Transport(error) => error.kind() != TransportKind::Request,
            Self::Token(error) => error.reason().is_retryable(),
            Self::RateLimited { .. } => true,
            _ => false,
        }
    }
}

/// An argument that breaks a rule; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: `{argument}` {reason}", .info.id)]
pub struct InvalidArgument {
    info: &'static OperationInfo,
    argument: String,
    reason: Reason,
}

impl InvalidArgument {
    /// Makes an error for an argument.
    #[must_use]
    pub fn new(info: &'static OperationInfo, argument: impl Into<String>, reason: Reason) -> Self {
        Self {
            info,
            argument: argument.into(),
            reason,
        }
    }

    /// Returns the operation, e.g. `users.create_many`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.info.id
    }

    /// Returns the metadata of the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.info
    }

    /// Returns the path of the invalid value, e.g. `users[3].username`.
    #[must_use]
    pub fn argument(&self) -> &str {
        &self.argument
    }

    /// Returns the rule that the value breaks.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

/// The rule that an argument breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A string has too few or too many characters.
    Length {
        /// The number of characters.
        length: usize,
        /// The minimum.
        min: Option<usize>,
        /// The maximum.
        max: Option<usize>,
    },
    /// A list or a map has too few or too many elements.
    Count {
        /// The number of elements.
        count: usize,
        /// The minimum.
        min: Option<usize>,
        /// The maximum.
        max: Option<usize>,
    },
    /// An integer is too small or too large.
    Range {
        /// The value.
        value: i64,
        /// The minimum.
        min: Option<i64>,
        /// The maximum.
        max: Option<i64>,
    },
    /// A string does not match this regular expression.
    Pattern(&'static str),
    /// A path parameter is empty, so the URL would lead to another endpoint.
    EmptySegment,
    /// A path parameter is `.` or `..`, which reqwest would resolve, so the URL would lead to another endpoint. Other
    /// transports can send it.
    DotSegment,
    /// An element of a comma-separated list contains a comma.
    Comma,
    /// A value cannot be sent in a header, e.g. because of a line break.
    HeaderText,
    /// A media type is empty or cannot be sent in a header.
    MediaType,
    /// The content of a file is not in memory, as `to_http` requires.
    NotInMemory,
    /// The content of a file comes from a reader that an earlier request has read.
    UsedUp,
    /// The value cannot be serialized to JSON.
    NotJson(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { length, min, max } => {
                write!(
                    f,
                    "has {}; expected {}",
                    Counted(*length, "character"),
                    Bounds(*min, *max)
                )
            }
            Self::Count { count, min, max } => {
                write!(f, "has {}; expected {}", Counted(*count, "element"), Bounds(*min, *max))
            }
            Self::Range { value, min, max } => write!(f, "is {value}; expected {}", Bounds(*min, *max)),
            Self::Pattern(pattern) => write!(f, "does not match `{pattern}`"),
            Self::EmptySegment => f.write_str("is empty, but a path parameter must have a value"),
            Self::DotSegment => f.write_str(
                "is `.` or `..`, which reqwest cannot send as a path segment; use `to_http` or hyper instead",
            ),
            Self::Comma => f.write_str("contains a comma, which separates the elements of this list; remove it"),
            Self::HeaderText => {
                f.write_str("contains characters that are not allowed in a header; remove control characters")
            }
            Self::MediaType => f.write_str("has an invalid media type; use one like `image/png`"),
            Self::NotInMemory => {
                f.write_str("is not in memory; use `File::bytes`, or send the request with the client")
            }
            Self::UsedUp => f.write_str("was read by an earlier request; pass a new reader"),
            Self::NotJson(why) => write!(f, "cannot be serialized to JSON: {why}"),
        }
    }
}

/// A count with its noun.
struct Counted(usize, &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, unit) = self;
        let ending = if *count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{ending}")
    }
}

/// The bounds of a range in words.
struct Bounds<N>(Option<N>, Option<N>);

impl<N: fmt::Display + PartialEq> fmt::Display for Bounds<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, &self.1) {
            (Some(min), Some(max)) if min == max => write!(f, "exactly {min}"),
            (Some(min), Some(max)) => write!(f, "{min} to {max}"),
            (Some(min), None) => write!(f, "at least {min}"),
            (None, Some(max)) => write!(f, "at most {max}"),
            (None, None) => f.write_str("another value"),
        }
    }
}

/// An error response.
#[derive(Clone)]
pub struct ApiError(Box<ErrorResponse>);

#[derive(Clone)]
struct ErrorResponse {
    info: &'static OperationInfo,
    status: StatusCode,
    headers: HeaderMap,
    code: Option<ErrorCode>,
    message: Option<String>,
    body: Bytes,
    attempts: u32,
}

impl ApiError {
    /// Parses an error response. A body of an unexpected form is kept without a code and a description.
    #[must_use]
    pub fn new(info: &'static OperationInfo, status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let text = |key: Option<&'static str>| json::text(&body, &[Step::Key(key?)]);
        let code = text(API.error_code).map(|code| ErrorCode::from(code.as_str()));
        let message = text(API.error_message);
        Self(Box::new(ErrorResponse {
            info,
            status,
            headers,
            code,
            message,
            body,
            attempts: 0,
        }))
    }

    /// Returns the operation, e.g. `users.create`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.info.id
    }

    /// Returns the metadata of the operation, e.g. its method, path and rate limit.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.0.info
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Returns the headers, e.g. to find a gateway's request ID.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Returns the machine-readable code, if the body has one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// Returns the description, if the body has one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Returns the raw body, truncated to the client's maximum response length.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// Returns the documentation of this status and code: the meaning, and what to do.
    #[must_use]
    pub fn known(&self) -> Option<&'static KnownError> {
        let (status, code) = (self.status().as_u16(), self.code()?.as_str());
        API.errors
            .iter()
            .find(|known| known.status == status && known.code == code)
    }

    /// Returns how long the server asks to wait (`Retry-After`).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.headers())
    }

    /// Returns `true` if there were too many requests: a 429, or a 403 documented as retryable.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        match self.status() {
            StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::FORBIDDEN => self.is_retryable(),
            _ => false,
        }
    }

    /// Returns `true` if the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.known() {
            Some(known) => known.retryable,
            None => matches!(self.status().as_u16(), 408 | 425 | 429 | 500 | 502..=504 | 506..=599),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} responded with {}",
            self.operation(),
            server_of(self.0.info),
            self.status()
        )?;
        if let Some(code) = self.code() {
            write!(f, ", {}", Shown(code.as_str().as_bytes()))?;
        }
        match self.message() {
            Some(message) => write!(f, ": {}", Shown(message.as_bytes()))?,
            None if self.code().is_none() && !self.body().is_empty() && !self.0.info.secret => {
                write!(f, ": {}", Shown(self.body()))?;
            }
            None => {}
        }
        match self.known() {
            Some(known) => write!(f, " ({})", known.remedy.trim_end_matches('.')),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("operation", &self.operation())
            .field("status", &self.status())
            .field("code", &self.code())
            .field(
                "message",
                &self.message().map(|message| Shown(message.as_bytes()).to_string()),
            )
            .field("body", &shown_body(self.0.info, self.body()))
            .finish_non_exhaustive()
    }
}

impl StdError for ApiError {}

/// A response that does not have the expected form.
#[derive(Clone)]
pub struct DecodeError(Box<UnexpectedResponse>);

#[derive(Clone)]
struct UnexpectedResponse {
    info: &'static OperationInfo,
    path: String,
    status: StatusCode,
    body: Bytes,
    reason: String,
    attempts: u32,
}

impl DecodeError {
    pub(crate) fn new(
        info: &'static OperationInfo,
        path: String,
        status: StatusCode,
        body: Bytes,
        reason: String,
    ) -> Self {
        Self(Box::new(UnexpectedResponse {
            info,
            path,
            status,
            body,
            reason,
            attempts: 0,
        }))
    }

    /// Sets the number of times the request was sent.
    pub(crate) fn after_attempts(mut self, count: u32) -> Self {
        self.0.attempts = count;
        self
    }

    /// Returns the operation, e.g. `users.create`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.info.id
    }

    /// Returns the metadata of the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.0.info
    }

    /// Returns the JSON path of the unexpected value, e.g. `entities[0].username`; empty for the whole document.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Returns the raw body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path().is_empty() {
            "the document"
        } else {
            self.path()
        };
        write!(
            f,
            "{}: unexpected response ({}): {path}",
            self.operation(),
            self.status()
        )?;
        // The parser's message may quote the value.
        if self.0.info.secret {
            let is_json = json::find(self.body(), &[]).is_ok();
            return f.write_str(if is_json {
                " has an unexpected value"
            } else {
                " is not valid JSON"
            });
        }
        write!(f, ": {}", Shown(self.0.reason.as_bytes()))
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("error", &self.to_string())
            .field("body", &shown_body(self.0.info, self.body()))
            .finish_non_exhaustive()
    }
}

impl StdError for DecodeError {}

/// No response, or only a part of it, arrived.
#[derive(Clone)]
pub struct TransportError {
    info: &'static OperationInfo,
    kind: TransportKind,
    server: Option<Arc<str>>,
    source: Arc<dyn StdError + Send + Sync>,
    attempts: u32,
}

/// The kind of a transport error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportKind {
    /// No connection could be made.
    Connect,
    /// A timeout expired.
    Timeout,
    /// The request could not be built.
    Request,
    /// The connection broke while sending or reading.
    Interrupted,
}

impl TransportError {
    /// Wraps the error of a transport.
    pub fn new(
        info: &'static OperationInfo,
        kind: TransportKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            info,
            kind,
            server: None,
            source: source.into().into(),
            attempts: 0,
        }
    }

    /// Sets the server that the request was sent to.
    #[cfg(feature = "client")]
    pub(crate) fn to(mut self, server: Option<Box<str>>) -> Self {
        self.server = server.map(Into::into);
        self
    }

    /// Returns host and port of the server that the request was sent to, if known.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Returns the operation, e.g. `users.create`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.info.id
    }

    /// Returns the metadata of the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.info
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> TransportKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server().unwrap_or(server_of(self.info));
        write!(f, "{}: ", self.operation())?;
        match self.kind {
            TransportKind::Connect => write!(f, "cannot connect to {server}"),
            TransportKind::Timeout => f.write_str("no response arrived in time"),
            TransportKind::Request => f.write_str("the request cannot be sent"),
            TransportKind::Interrupted => write!(f, "the connection to {server} broke"),
        }
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("operation", &self.operation())
            .field("kind", &self.kind)
            .field("server", &self.server())
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Invalid settings of a client or a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Neither a server nor a base URL is set.
    #[error("no server is set; choose one or set a base URL")]
    NoServer,
    /// The base URL is invalid.
    #[error("invalid base URL `{url}`: {why}")]
    BaseUrl {
        /// The URL, without user name, password, query and fragment.
        url: String,
        /// The reason.
        why: &'static str,
    },
    /// The base URL is not encrypted, but requests carry secrets.
    #[error("the base URL is not encrypted; use https, or set `allow_http` if the network is trusted")]
    Unencrypted,
    /// A parameter of the base path is empty, `.` or `..`.
    #[error("the base path parameter `{0}` must not be empty, `.` or `..`")]
    BasePath(String),
    /// The token is empty or cannot be sent in a header.
    #[error("the token is empty or contains characters that are not allowed in a header")]
    Token,
    /// An operation needs a token, but the client has neither a token nor credentials.
    #[error("the client has no token; set a token or credentials on its builder")]
    NoToken,
    /// A rate limit is invalid.
    #[error("invalid rate limit for `{key}`: {why}")]
    RateLimit {
        /// The operation or shared limit that it was set for.
        key: String,
        /// The reason.
        why: &'static str,
    },
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built: {0}")]
    Http(String),
    /// The thread of a blocking client could not be started.
    #[error("the client's thread could not be started: {0}")]
    Thread(String),
}

impl ConfigError {
    pub(crate) fn base_url(url: &str, why: &'static str) -> Self {
        // A query may contain a key.
        let url = super::target::without_user(url.split(['?', '#']).next().unwrap_or_default());
        Self::BaseUrl { url, why }
    }
}

/// Parses `Retry-After`: seconds, or a date, which is compared with the server's clock (`Date`) if it sends one.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(RETRY_AFTER)?;
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(asked.parse().unwrap_or(u64::MAX)));
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let now = text(DATE).and_then(date).or_else(clock)?;
    Some(date(asked)?.duration_since(now).unwrap_or_default())
}

/// Returns the current time, if the platform certainly has a clock.
fn clock() -> Option<SystemTime> {
    cfg!(feature = "client").then(SystemTime::now)
}

/// Returns a name for the server: files of records are not on the API's server.
fn server_of(info: &OperationInfo) -> &'static str {
    if info.bytes && info.path.is_empty() {
        "the server of the file"
    } else {
        "the server"
    }
}

fn shown_body(info: &'static OperationInfo, body: &Bytes) -> String {
    if info.secret {
        format!("({} bytes, hidden)", body.len())
    } else {
        Shown(body).to_string()
    }
}

/// Displays the beginning of a text, without control characters.
pub(crate) struct Shown<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = &self.0[..self.0.len().min(SHOWN)];
        for char in String::from_utf8_lossy(start).chars() {
            f.write_char(if char.is_control() { ' ' } else { char })?;
        }
        if self.0.len() > SHOWN {
            write!(f, "… ({} bytes)", self.0.len())
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_wait_is_given_in_seconds_or_as_a_date() {
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        for (asked, now, expected) in [
            ("120", None, Some(120)),
            (" 0 ", None, Some(0)),
            ("99999999999999999999", None, Some(u64::MAX)),
            (date, Some("Wed, 21 Oct 2015 07:27:30 GMT"), Some(30)),
            (date, Some("Wed, 21 Oct 2015 07:28:30 GMT"), Some(0)),
            ("", None, None),
            ("-1", None, None),
            ("soon", Some(date), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(asked));
            now.map(|now| headers.insert(DATE, HeaderValue::from_static(now)));
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{asked}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
