//! Errors.

#![allow(clippy::must_use_candidate, reason = "callers use the result of an accessor")]

mod argument;
mod client;
mod config;
mod kind;
mod not_done;
mod response;

use std::fmt;
use std::time::Duration;

use http::StatusCode;

pub use argument::{Excess, InvalidArgument, Reason};
pub use client::{FileError, TokenError, TransportError};
pub use config::ConfigError;
pub use kind::ErrorKind;
pub use not_done::NotDone;
pub(crate) use response::Shown;
pub use response::{ApiError, DecodeError};

use super::operation::OperationInfo;
use crate::errors::ErrorCode;

/// The error of a request.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
#[error(transparent)]
pub enum Error {
    /// An argument breaks a rule; nothing was sent.
    InvalidArgument(#[from] InvalidArgument),
    /// The server sent an error response.
    Api(#[from] ApiError),
    /// The response does not have the expected form.
    Decode(#[from] DecodeError),
    /// The response says that the operation was not done.
    NotDone(#[from] NotDone),
    /// No response, or only a part of it, arrived.
    Transport(#[from] TransportError),
    /// No token could be obtained. The request was not sent, or only with a token that the server rejected.
    Token(#[from] TokenError),
    /// The response exceeds the client's limit.
    #[error("{context}the response is longer than {limit} bytes; raise the limit if that is expected")]
    #[non_exhaustive]
    TooLong {
        /// The limit in bytes.
        limit: usize,
        #[doc(hidden)]
        context: Context,
    },
    /// The client held the request back to keep a rate limit, because it was told not to wait or the timeout is too short.
    /// The request was not sent, or only with a token that the server rejected.
    #[error("{context}held back to keep a rate limit; send it again in {wait:?}")]
    #[non_exhaustive]
    RateLimited {
        /// How long to wait.
        wait: Duration,
        #[doc(hidden)]
        context: Context,
    },
    /// A file to upload could not be read, or a downloaded one could not be written or decompressed.
    File(#[from] FileError),
    /// The settings of the client or the target are invalid.
    Config(#[from] ConfigError),
}

/// The operation of an error, and how often its request was sent. Displayed in front of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    pub(super) info: Option<&'static OperationInfo>,
    pub(super) attempts: Attempts,
}

/// The attempts to send a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub(crate) count: u32,
    /// `true` if an attempt before the last one may have been executed.
    pub(crate) unclear: bool,
}

impl Context {
    fn new(info: impl Into<Option<&'static OperationInfo>>) -> Self {
        Self {
            info: info.into(),
            attempts: Attempts::default(),
        }
    }

    /// Returns `true` if the result contains secrets and must not be printed.
    fn is_secret(self) -> bool {
        self.info.is_some_and(|info| info.secret)
    }

    /// Returns a name for the server: files of records are not on the API's server.
    fn server(self) -> &'static str {
        match self.info {
            Some(info) if info.bytes && info.path.is_empty() => "the server of the file",
            _ => "the server",
        }
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.map_or(Ok(()), |info| write!(f, "{}: ", info.id))
    }
}

impl Error {
    #[cfg(feature = "client")]
    pub(crate) fn too_long(info: &'static OperationInfo, limit: usize) -> Self {
        let context = Context::new(info);
        Self::TooLong { limit, context }
    }

    #[cfg(feature = "rate-limit")]
    pub(crate) fn rate_limited(info: &'static OperationInfo, wait: Duration) -> Self {
        let context = Context::new(info);
        Self::RateLimited { wait, context }
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidArgument(_) => ErrorKind::InvalidArgument,
            Self::Api(error) if error.is_rate_limited() => ErrorKind::RateLimited,
            Self::Api(error) => ErrorKind::of_status(error.status()),
            Self::Decode(_) => ErrorKind::Decode,
            Self::NotDone(_) => ErrorKind::NotDone,
            Self::Transport(error) => error.kind(),
            Self::Token(_) => ErrorKind::Token,
            Self::TooLong { .. } => ErrorKind::TooLong,
            Self::RateLimited { .. } => ErrorKind::RateLimited,
            Self::File(_) => ErrorKind::File,
            Self::Config(_) => ErrorKind::Config,
        }
    }

    fn context(&self) -> Context {
        match self {
            Self::InvalidArgument(error) => error.context,
            Self::Api(error) => error.response().context(),
            Self::Decode(error) => error.response().context(),
            Self::NotDone(error) => error.response().context(),
            Self::Transport(error) => error.context,
            Self::Token(error) => error.context,
            Self::File(error) => error.context,
            Self::TooLong { context, .. } | Self::RateLimited { context, .. } => *context,
            Self::Config(_) => Context::new(None),
        }
    }

    /// Sets how often the request was sent.
    #[cfg(feature = "client")]
    pub(crate) fn after_attempts(mut self, attempts: Attempts) -> Self {
        match &mut self {
            Self::Api(error) => error.0.response.attempts = attempts,
            Self::Decode(error) => error.0.response.attempts = attempts,
            Self::NotDone(error) => error.0.response.attempts = attempts,
            Self::Transport(error) => error.context.attempts = attempts,
            Self::Token(error) => error.context.attempts = attempts,
            Self::File(error) => error.context.attempts = attempts,
            Self::TooLong { context, .. } | Self::RateLimited { context, .. } => context.attempts = attempts,
            Self::InvalidArgument(_) | Self::Config(_) => {}
        }
        self
    }

    /// Returns the operation, e.g. `users.create`, if the error belongs to one.
    pub fn operation(&self) -> Option<&'static str> {
        self.info().map(|info| info.id)
    }

    /// Returns the metadata of the operation, e.g. whether it is idempotent, if the error belongs to one. If no token could
    /// be obtained, this is the operation that requests it.
    pub fn info(&self) -> Option<&'static OperationInfo> {
        self.context().info
    }

    /// Returns how often the client sent the request; 0 if it did not, or if another transport sent it.
    pub fn attempts(&self) -> u32 {
        self.context().attempts.count
    }

    /// Returns how long to wait, as requested by the server, by a rate limit, or by the pause after a failed token request.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { wait, .. } => Some(*wait),
            Self::Token(error) => error.retry_after(),
            _ => self.api().and_then(ApiError::retry_after),
        }
    }

    /// Returns the error response, if the server sent one. An error response to a token request is not included: it is the
    /// [reason](TokenError::reason) of [`Error::Token`].
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the HTTP status of the response, if one arrived.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Decode(error) => Some(error.response().status()),
            Self::NotDone(error) => Some(error.response().status()),
            _ => self.api().map(ApiError::status),
        }
    }

    /// Returns the machine-readable code of the error response.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.api().and_then(ApiError::code)
    }

    /// Returns `true` if the server sent an error response with this code.
    #[allow(clippy::needless_pass_by_value, reason = "callers name a variant")]
    pub fn has_code(&self, code: ErrorCode) -> bool {
        self.code() == Some(&code)
    }

    /// Returns the documented advice for the status and code of the error response.
    pub fn remedy(&self) -> Option<&'static str> {
        self.api().and_then(ApiError::known).map(|known| known.remedy)
    }

    /// Returns the error of the token request, if that failed, and this error otherwise.
    fn cause(&self) -> &Self {
        match self {
            Self::Token(error) => error.reason(),
            _ => self,
        }
    }

    /// Returns `true` if the status is 404.
    pub fn is_not_found(&self) -> bool {
        self.api().is_some_and(|error| error.status() == StatusCode::NOT_FOUND)
    }

    /// Returns `true` if the status is 401, or the server permanently rejected the token request, e.g. for wrong credentials.
    pub fn is_unauthorized(&self) -> bool {
        match self {
            Self::Token(error) => error.reason().api().is_some_and(|response| !response.is_retryable()),
            _ => self
                .api()
                .is_some_and(|error| error.status() == StatusCode::UNAUTHORIZED),
        }
    }

    /// Returns `true` if the server rejected the request because of too many requests, or the client held it back.
    pub fn is_rate_limited(&self) -> bool {
        self.cause().kind() == ErrorKind::RateLimited
    }

    /// Returns `true` if a timeout expired.
    pub fn is_timeout(&self) -> bool {
        self.cause().kind() == ErrorKind::Timeout
    }

    /// Returns `true` if no connection could be made.
    pub fn is_connect(&self) -> bool {
        self.cause().kind() == ErrorKind::Connect
    }

    /// Returns `true` if the request may have been executed: after a timeout, a broken connection, a 5xx or an unreadable
    /// response, in any of the attempts. Returns `false` if nothing was sent or the server rejected the request each time; then
    /// it is safe to send it again.
    /// Sending an [`idempotent`](OperationInfo::idempotent) operation again is always safe.
    pub fn may_have_taken_effect(&self) -> bool {
        let is_unclear = match self {
            Self::Api(error) if error.is_rate_limited() => false,
            Self::Api(error) => error.status().is_server_error() || error.status() == StatusCode::REQUEST_TIMEOUT,
            Self::Transport(error) => matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Interrupted),
            Self::Decode(_) | Self::TooLong { .. } => true,
            Self::NotDone(error) => error.is_done_in_part(),
            Self::File(error) => error.context.attempts.count > 0,
            // These errors mean that no request was sent, or that the server rejected its token.
            Self::InvalidArgument(_) | Self::RateLimited { .. } | Self::Token(_) | Self::Config(_) => return false,
        };
        is_unclear || self.context().attempts.unclear
    }

    /// Returns `true` if the same request may succeed later. To learn whether it may be executed twice, see
    /// [`may_have_taken_effect`](Self::may_have_taken_effect).
    pub fn is_retryable(&self) -> bool {
        match self.cause() {
            Self::Api(error) => error.is_retryable(),
            Self::Transport(error) => error.kind() != ErrorKind::Unsendable,
            Self::RateLimited { .. } => true,
            _ => false,
        }
    }
}
