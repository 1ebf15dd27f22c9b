//! What can go wrong.

mod file;
mod kind;
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
pub use token::TokenError;

use super::json::{self, Step};
use super::operation::{KnownError, OperationInfo};
use crate::api::API;
use crate::errors::ErrorCode;

/// Characters of an answer that `Debug` and `Display` show at most.
const SHOWN: usize = 512;

/// Why a request failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument breaks a rule; nothing was sent.
    #[error(transparent)]
    InvalidArgument(#[from] InvalidArgument),
    /// The server refused.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The server's answer is not what was expected.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// No answer arrived, or not all of it.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No token could be obtained, so the request was not sent, or only with a token that the server refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The answer is longer than the client accepts.
    #[error("{}: the answer is longer than {limit} bytes; raise the limit if that is expected", .info.id)]
    TooLong {
        /// The operation.
        info: &'static OperationInfo,
        /// The limit in bytes.
        limit: usize,
        /// How often sending was tried.
        attempts: u32,
    },
    /// The client holds the request back to keep a rate limit, and was told not to wait, or has no time to; nothing was
    /// sent, or only with a token that the server refused.
    #[error("{}: held back to keep a rate limit; send it again in {wait:?}", .info.id)]
    RateLimited {
        /// The operation.
        info: &'static OperationInfo,
        /// How long to wait.
        wait: Duration,
        /// How often sending was tried, with a token that the server refused.
        attempts: u32,
    },
    /// A file to send could not be read, or a received one not written or not decompressed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The client or the target is not set up in a usable way.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl Error {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::of(self)
    }

    /// The operation, e.g. `users.create`, where there is one.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.info().map(|info| info.id)
    }

    /// What is known about the operation, where there is one, e.g. whether sending it twice is harmless. Where no token could
    /// be obtained, it is the operation that was to obtain it.
    #[must_use]
    pub fn info(&self) -> Option<&'static OperationInfo> {
        match self {
            Self::InvalidArgument(error) => Some(error.info()),
            Self::Api(error) => Some(error.info()),
            Self::Decode(error) => Some(error.info()),
            Self::Transport(error) => Some(error.info()),
            Self::TooLong { info, .. } | Self::RateLimited { info, .. } => Some(info),
            Self::Token(error) => error.reason().info(),
            Self::File(error) => error.info(),
            Self::Config(_) => None,
        }
    }

    /// How often the client tried to send the request; 0 where it did not, or another transport sent it.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Api(error) => error.0.attempts,
            Self::Decode(error) => error.0.attempts,
            Self::Transport(error) => error.attempts,
            Self::Token(error) => error.attempts,
            Self::File(error) => error.attempts,
            Self::TooLong { attempts, .. } | Self::RateLimited { attempts, .. } => *attempts,
            Self::InvalidArgument(_) | Self::Config(_) => 0,
        }
    }

    /// How long the server asks to wait, or the client does: to keep a rate limit, or since it just failed to get a token.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { wait, .. } => Some(*wait),
            Self::Token(error) => error.retry_after(),
            _ => self.api().and_then(ApiError::retry_after),
        }
    }

    /// Notes how often sending was tried.
    #[cfg(feature = "client")]
    pub(crate) fn after_attempts(mut self, count: u32) -> Self {
        match &mut self {
            Self::Api(error) => error.0.attempts = count,
            Self::Decode(error) => error.0.attempts = count,
            Self::Transport(error) => error.attempts = count,
            Self::Token(error) => error.attempts = count,
            Self::File(error) => error.attempts = count,
            Self::TooLong { attempts, .. } | Self::RateLimited { attempts, .. } => *attempts = count,
            Self::InvalidArgument(_) | Self::Config(_) => {}
        }
        self
    }

    /// The server's refusal, if that is what it is. That of a request for a token is the [reason](TokenError::reason) of
    /// [`Error::Token`].
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// The HTTP status of the answer, if one arrived.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Decode(error) => Some(error.status()),
            _ => self.api().map(ApiError::status),
        }
    }

    /// The machine-readable code of the server's refusal.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.api().and_then(ApiError::code)
    }

    /// Whether the server answered 404.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.api().is_some_and(|error| error.status() == StatusCode::NOT_FOUND)
    }

    /// Whether the server answered 401, or refused to give a token, as it does for wrong credentials.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        match self {
            Self::Api(error) => error.status() == StatusCode::UNAUTHORIZED,
            Self::Token(error) => error.reason().api().is_some_and(|refusal| !refusal.is_retryable()),
            _ => false,
        }
    }

    /// Whether the server refused because of too many requests, or the client held the request back.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        match self {
            Self::RateLimited { .. } => true,
            Self::Api(error) => error.is_rate_limited(),
            Self::Token(error) => error.reason().is_rate_limited(),
            _ => false,
        }
    }

    /// Whether a time limit ran out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Transport(error) => error.kind() == TransportKind::Timeout,
            Self::Token(error) => error.reason().is_timeout(),
            _ => false,
        }
    }

    /// Whether no connection could be made.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        match self {
            Self::Transport(error) => error.kind() == TransportKind::Connect,
            Self::Token(error) => error.reason().is_connect(),
            _ => false,
        }
    }

    /// Whether the server may have done what was asked, for all that is known: the connection broke or the time ran out before
    /// it answered, it failed on the way, or its answer cannot be read. If not, the request may be sent again without being
    /// done twice; if so, that is harmless where the operation is [`repeatable`](OperationInfo::repeatable).
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        let is_unclear = match self {
            Self::Api(error) => error.status().is_server_error() || error.status() == StatusCode::REQUEST_TIMEOUT,
            Self::Transport(error) => matches!(error.kind(), TransportKind::Timeout | TransportKind::Interrupted),
            Self::Decode(_) | Self::TooLong { .. } => true,
            Self::File(error) => error.attempts > 0,
            // What no answer refused and nothing interrupted was not sent.
            Self::InvalidArgument(_) | Self::RateLimited { .. } | Self::Token(_) | Self::Config(_) => return false,
        };
        // What is repeatable may have been tried again because nobody knew.
        is_unclear || (self.attempts() > 1 && self.info().is_some_and(|info| info.idempotent))
    }

    /// Whether the same request may succeed later. Whether sending it twice is harmless is another matter: see
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
    /// Says which argument is refused, and why.
    #[must_use]
    pub fn new(info: &'static OperationInfo, argument: impl Into<String>, reason: Reason) -> Self {
        Self {
            info,
            argument: argument.into(),
            reason,
        }
    }

    /// The operation, e.g. `users.create_many`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.info.id
    }

    /// What is known about the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.info
    }

    /// Where the value is, e.g. `users[3].username`.
    #[must_use]
    pub fn argument(&self) -> &str {
        &self.argument
    }

    /// The rule it breaks.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

/// The rule that an argument breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A text has too few or too many characters.
    Length {
        /// How many it has.
        length: usize,
        /// The fewest allowed.
        min: Option<usize>,
        /// The most allowed.
        max: Option<usize>,
    },
    /// A list or a map has too few or too many elements.
    Count {
        /// How many it has.
        count: usize,
        /// The fewest allowed.
        min: Option<usize>,
        /// The most allowed.
        max: Option<usize>,
    },
    /// An integer is too small or too large.
    Range {
        /// The integer.
        value: i64,
        /// The smallest allowed.
        min: Option<i64>,
        /// The largest allowed.
        max: Option<i64>,
    },
    /// A text does not match this regular expression.
    Pattern(&'static str),
    /// A part of the path is empty, which would lead to another endpoint.
    EmptySegment,
    /// A part of the path is `.` or `..`, which the client's transport would resolve: the request would reach another
    /// endpoint. The I/O-free form can carry it.
    DotSegment,
    /// An element of a comma-separated list holds a comma, so that the server would read two.
    Comma,
    /// A header cannot carry the text, e.g. because of a line break.
    HeaderText,
    /// A media type cannot be sent, e.g. because of a line break.
    MediaType,
    /// The content of a file is not in memory, which the I/O-free form asks for.
    NotInMemory,
    /// The content of a file came from a reader, which was used up by an earlier request.
    UsedUp,
    /// The value cannot be written as JSON.
    NotJson(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { length, min, max } => {
                write!(f, "has {}; give {}", Counted(*length, "character"), Ends(*min, *max))
            }
            Self::Count { count, min, max } => {
                write!(f, "has {}; give {}", Counted(*count, "element"), Ends(*min, *max))
            }
            Self::Range { value, min, max } => write!(f, "is {value}; give {}", Ends(*min, *max)),
            Self::Pattern(pattern) => write!(f, "does not match `{pattern}`"),
            Self::EmptySegment => f.write_str("is empty; a part of the path needs a value"),
            Self::DotSegment => {
                f.write_str("is `.` or `..`, which would lead to another endpoint; send its I/O-free form instead")
            }
            Self::Comma => f.write_str("holds a comma, which separates the elements of this list; remove it"),
            Self::HeaderText => f.write_str("holds a character that no header can carry; remove control characters"),
            Self::MediaType => f.write_str("has a media type that cannot be sent; give one like `image/png`"),
            Self::NotInMemory => f.write_str("is not in memory; give its bytes, or send the request with the client"),
            Self::UsedUp => f.write_str("was read by an earlier request; give a new reader"),
            Self::NotJson(why) => write!(f, "cannot be written as JSON: {why}"),
        }
    }
}

/// How many of something, as a phrase.
struct Counted(usize, &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, unit) = self;
        let ending = if *count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{ending}")
    }
}

/// The two ends of a range, as a phrase.
struct Ends<N>(Option<N>, Option<N>);

impl<N: fmt::Display + PartialEq> fmt::Display for Ends<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, &self.1) {
            (Some(min), Some(max)) if min == max => write!(f, "exactly {min}"),
            (Some(min), Some(max)) => write!(f, "{min} to {max}"),
            (Some(min), None) => write!(f, "at least {min}"),
            (None, Some(max)) => write!(f, "at most {max}"),
            (None, None) => f.write_str("another"),
        }
    }
}

/// The server's refusal.
#[derive(Clone)]
pub struct ApiError(Box<Refusal>);

#[derive(Clone)]
struct Refusal {
    info: &'static OperationInfo,
    status: StatusCode,
    headers: HeaderMap,
    code: Option<ErrorCode>,
    message: Option<String>,
    body: Bytes,
    attempts: u32,
}

impl ApiError {
    /// Reads the refusal from an answer; a body in another form than expected is kept as it is.
    #[must_use]
    pub fn new(info: &'static OperationInfo, status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let text = |key: Option<&'static str>| json::text(&body, &[Step::Key(key?)]);
        let code = text(API.error_code).map(|code| ErrorCode::from(code.as_str()));
        let message = text(API.error_message);
        Self(Box::new(Refusal {
            info,
            status,
            headers,
            code,
            message,
            body,
            attempts: 0,
        }))
    }

    /// The operation, e.g. `users.create`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.info.id
    }

    /// What is known about the operation, e.g. its method and path, and how often it may be called.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.0.info
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The headers, e.g. to find the ID that a gateway gave the request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The machine-readable code, if the body has one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// The description, if the body has one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The body as it arrived; at most as long as the client accepts.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// What is known about a refusal with this status and code: what it means, and what to do.
    #[must_use]
    pub fn known(&self) -> Option<&'static KnownError> {
        let (status, code) = (self.status().as_u16(), self.code()?.as_str());
        API.errors
            .iter()
            .find(|known| known.status == status && known.code == code)
    }

    /// How long the server asks to wait, by `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.headers())
    }

    /// Whether there were too many requests: 429, or a 403 that waiting helps against.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        match self.status() {
            StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::FORBIDDEN => self.is_retryable(),
            _ => false,
        }
    }

    /// Whether the same request may succeed later.
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
            "{}: {} answered {}",
            self.operation(),
            whose(self.0.info),
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

/// An answer that is not what was expected.
#[derive(Clone)]
pub struct DecodeError(Box<Misfit>);

#[derive(Clone)]
struct Misfit {
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
        Self(Box::new(Misfit {
            info,
            path,
            status,
            body,
            reason,
            attempts: 0,
        }))
    }

    /// Notes how often sending was tried.
    pub(crate) fn after_attempts(mut self, count: u32) -> Self {
        self.0.attempts = count;
        self
    }

    /// The operation, e.g. `users.create`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.info.id
    }

    /// What is known about the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.0.info
    }

    /// Where in the JSON document it does not fit, e.g. `entities[0].username`; empty for the document itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The body as it arrived.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path().is_empty() {
            "the document"
        } else {
            self.path()
        };
        write!(
            f,
            "{}: unexpected answer ({}): {place}",
            self.operation(),
            self.status()
        )?;
        // What the parser says may quote the value.
        if self.0.info.secret {
            let is_json = json::find(self.body(), &[]).is_ok();
            return f.write_str(if is_json { " does not fit" } else { " is no JSON" });
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

/// No answer, or not all of it.
#[derive(Clone)]
pub struct TransportError {
    info: &'static OperationInfo,
    kind: TransportKind,
    server: Option<Arc<str>>,
    source: Arc<dyn StdError + Send + Sync>,
    attempts: u32,
}

/// At what point the transport failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportKind {
    /// No connection could be made.
    Connect,
    /// A time limit ran out.
    Timeout,
    /// The request could not be built.
    Request,
    /// The connection broke while sending or reading.
    Interrupted,
}

impl TransportError {
    /// Wraps a transport's own error.
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

    /// Notes where the request went.
    #[cfg(feature = "client")]
    pub(crate) fn to(mut self, server: Option<Box<str>>) -> Self {
        self.server = server.map(Into::into);
        self
    }

    /// Host and port of the server that the request went to, where that is known.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// The operation, e.g. `users.create`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.info.id
    }

    /// What is known about the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.info
    }

    /// At what point it failed.
    #[must_use]
    pub fn kind(&self) -> TransportKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server().unwrap_or(whose(self.info));
        write!(f, "{}: ", self.operation())?;
        match self.kind {
            TransportKind::Connect => write!(f, "no connection to {server}"),
            TransportKind::Timeout => f.write_str("there was no answer in time"),
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

/// A client or a target that is not set up in a usable way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Neither a server nor a base URL was chosen.
    #[error("no server is chosen; choose one, or give a base URL")]
    NoServer,
    /// The base URL cannot be used.
    #[error("the base URL `{url}` cannot be used: {why}")]
    BaseUrl {
        /// The URL, without a user's name and password.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The base URL would send secrets without encryption.
    #[error("the base URL is not encrypted; use https, or allow http if the network is trusted")]
    Unencrypted,
    /// A part of the base path cannot be used.
    #[error("`{0}` is empty, or `.` or `..`; give its name")]
    BasePath(String),
    /// The token cannot be sent in a header.
    #[error("the token is empty, or holds a character that no header can carry")]
    Token,
    /// An operation needs a token, and the client has no way to one.
    #[error("the client has neither a token nor a way to obtain one; give it one of both")]
    NoToken,
    /// A rate limit cannot be kept.
    #[error("the rate limit for `{key}` cannot be kept: {why}")]
    RateLimit {
        /// What it was set for.
        key: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Http(String),
    /// The thread of a client that waits could not be started.
    #[error("the client's thread could not be started: {0}")]
    Thread(String),
}

impl ConfigError {
    pub(crate) fn base_url(url: &str, why: &'static str) -> Self {
        // A query can hold a key.
        let url = super::target::without_user(url.split(['?', '#']).next().unwrap_or_default());
        Self::BaseUrl { url, why }
    }
}

/// How long `Retry-After` asks to wait: seconds, or a date, which is compared with the server's own clock where it tells it.
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

/// The time, where there is certainly a clock.
fn clock() -> Option<SystemTime> {
    cfg!(feature = "client").then(SystemTime::now)
}

/// Who answers: files of records are elsewhere.
fn whose(info: &OperationInfo) -> &'static str {
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

/// The beginning of a text, without control characters.
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
