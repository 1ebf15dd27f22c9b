//! Errors.

#![allow(clippy::must_use_candidate, reason = "callers use the result of an accessor")]

mod argument;
mod kind;
mod response;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

pub use argument::{Excess, Reason};
pub use kind::ErrorKind;
pub(crate) use response::Shown;

use super::operation::{KnownError, OperationInfo, RawResponse};
use crate::api::API;
use crate::errors::ErrorCode;

/// The error of a request.
///
/// Its [`kind`](Self::kind) tells what happened. The other methods return details, which depend on the kind.
#[derive(Clone)]
pub struct Error {
    kind: ErrorKind,
    details: Box<Details>,
}

#[derive(Clone, Default)]
struct Details {
    info: Option<&'static OperationInfo>,
    attempts: Attempts,
    /// The text that follows the operation.
    text: String,
    path: String,
    reason: Option<Reason>,
    response: Option<RawResponse>,
    code: Option<ErrorCode>,
    message: Option<String>,
    /// `true` if a part of an operation was done that was not done as a whole.
    is_done_in_part: bool,
    wait: Option<Duration>,
    server: Option<String>,
    token_request: Option<Error>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The attempts to send a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub(crate) count: u32,
    /// `true` if an attempt before the last one may have been executed.
    pub(crate) unclear: bool,
}

/// Constructors.
impl Error {
    fn new(kind: ErrorKind, info: impl Into<Option<&'static OperationInfo>>, text: impl Into<String>) -> Self {
        let details = Box::new(Details {
            info: info.into(),
            text: text.into(),
            ..Details::default()
        });
        Self { kind, details }
    }

    /// Makes an error for an argument that breaks a rule. `path` is the path of the value, e.g. `users[3].username`.
    pub fn invalid_argument(info: &'static OperationInfo, path: impl Into<String>, reason: Reason) -> Self {
        let path = path.into();
        let mut error = Self::new(ErrorKind::InvalidArgument, info, format!("`{path}` {reason}"));
        (error.details.path, error.details.reason) = (path, Some(reason));
        error
    }

    /// Makes an error for a request without a complete response. Its texts must not contain the URL: it may be signed. The kind
    /// is
    ///
    /// * `Connect` or `Refused` if the request was certainly not processed: it is sent again, whatever the operation;
    /// * `Unsendable` if it cannot be sent at all;
    /// * `Timeout` or `Interrupted` (which any other kind counts as) if it may have been processed.
    pub fn transport(kind: ErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let kind = if kind.is_of_transport() {
            kind
        } else {
            ErrorKind::Interrupted
        };
        let mut error = Self::new(kind, None, kind.transport_text("the server"));
        error.details.source = Some(source.into().into());
        error
    }

    /// Sets the operation of an error of the transport, and the host and port that the request was sent to. If a file of the
    /// body could not be read, returns that error instead.
    pub(crate) fn of(mut self, info: &'static OperationInfo, server: Option<String>) -> Self {
        if !self.kind().is_of_transport() && self.kind() != ErrorKind::File {
            return Self::transport(ErrorKind::Interrupted, self).of(info, server);
        }
        let causes = iter::successors(Some(&self as &(dyn StdError + 'static)), |&error| error.source());
        let mut errors = causes.filter_map(|error| error.downcast_ref::<Self>());
        if let Some(error) = errors.find(|error| error.kind() == ErrorKind::File) {
            return error.clone();
        }
        self.details.text = self.kind.transport_text(server.as_deref().unwrap_or(info.server()));
        (self.details.info, self.details.server) = (Some(info), server);
        self
    }

    pub(crate) fn config(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, None, text)
    }

    // @if not_done
    /// Makes an error for a successful response that says that the operation was not done. `path` is that of the flag.
    pub(crate) fn not_done(
        response: RawResponse,
        path: String,
        message: Option<String>,
        is_done_in_part: bool,
    ) -> Self {
        let flag = if path.is_empty() { "the response" } else { &path };
        let why = message
            .as_ref()
            .map(|message| format!(": {}", Shown(message.as_bytes())));
        let text = format!("not done: {flag} is not `true`{}", why.unwrap_or_default());
        let mut error = Self::of_response(ErrorKind::NotDone, response, text);
        (error.details.path, error.details.message) = (path, message);
        error.details.is_done_in_part = is_done_in_part;
        error
    }
    // @end
}

/// For the client.
#[cfg(feature = "client")]
impl Error {
    pub(crate) fn too_long(info: &'static OperationInfo, limit: usize) -> Self {
        let text = format!("the response is longer than {limit} bytes; raise the limit if that is expected");
        Self::new(ErrorKind::TooLong, info, text)
    }

    #[cfg(feature = "rate-limit")]
    pub(crate) fn rate_limited(info: &'static OperationInfo, wait: Duration) -> Self {
        let text = format!("held back to keep a rate limit; send it again in {wait:?}");
        let mut error = Self::new(ErrorKind::RateLimited, info, text);
        error.details.wait = Some(wait);
        error
    }

    /// Makes an error for a call without a token, with the error of the token request and the time until the next one.
    pub(crate) fn without_token(token_request: Self, wait: Option<Duration>) -> Self {
        let text = format!("no token could be obtained: {token_request}");
        let mut error = Self::new(ErrorKind::Token, None, text);
        error.details.wait = wait.max(token_request.retry_after());
        error.details.token_request = Some(token_request);
        error
    }

    /// Makes an error for a file that cannot be read, written or decompressed.
    pub(crate) fn file(info: &'static OperationInfo, path: Option<&std::path::Path>, error: io::Error) -> Self {
        let path = path.map(|path| path.display().to_string()).unwrap_or_default();
        let space = if path.is_empty() { "" } else { " " };
        let mut file_error = Self::new(ErrorKind::File, info, format!("file{space}{path}: {error}"));
        file_error.details.path = path;
        file_error.details.source = Some(Arc::new(error));
        file_error
    }

    /// Sets how often the request was sent.
    pub(crate) fn after_attempts(mut self, attempts: Attempts) -> Self {
        self.details.attempts = attempts;
        if let Some(response) = &mut self.details.response {
            response.attempts = attempts;
        }
        self
    }

    /// Returns `true` if an attempt ended before its request was sent.
    pub(crate) fn is_before_sending(&self) -> bool {
        let is_held_back = self.kind() == ErrorKind::RateLimited && self.response().is_none();
        is_held_back || self.kind() == ErrorKind::Token
    }
}

impl Error {
    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the operation, e.g. `users.create`, if the error belongs to one.
    pub fn operation(&self) -> Option<&'static str> {
        self.info().map(|info| info.id)
    }

    /// Returns the metadata of the operation, e.g. whether it is idempotent, if the error belongs to one. If no token could
    /// be obtained, this is the operation that requests it.
    pub fn info(&self) -> Option<&'static OperationInfo> {
        self.cause().details.info
    }

    /// Returns how often the client sent the request; 0 if it did not, or if another transport sent it.
    pub fn attempts(&self) -> u32 {
        self.details.attempts.count
    }

    /// Returns how long to wait, as requested by the server (`Retry-After`), by a rate limit, or by the pause after a failed
    /// token request.
    pub fn retry_after(&self) -> Option<Duration> {
        self.details.wait
    }

    /// Returns the path of the value or file that the error is about: of an argument, e.g. `users[3].username`; of a value in
    /// the response, e.g. `entities[0].username`; of a file. Empty if there is none, or for the whole response.
    pub fn path(&self) -> &str {
        &self.details.path
    }

    /// Returns the rule that an argument breaks.
    pub fn reason(&self) -> Option<&Reason> {
        self.details.reason.as_ref()
    }

    /// Returns the response, if a whole one arrived: an error response, or one that does not have the expected form or says
    /// that the operation was not done. The body of an error response is truncated to the client's maximum.
    pub fn response(&self) -> Option<&RawResponse> {
        self.details.response.as_ref()
    }

    /// Returns the HTTP status of the response.
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(RawResponse::status)
    }

    /// Returns the machine-readable code of the error response.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.details.code.as_ref()
    }

    /// Returns `true` if the server sent an error response with this code.
    #[allow(clippy::needless_pass_by_value, reason = "callers name a variant")]
    pub fn has_code(&self, code: ErrorCode) -> bool {
        self.code() == Some(&code)
    }

    /// Returns the server's description: of the error response, or why the operation was not done.
    pub fn message(&self) -> Option<&str> {
        self.details.message.as_deref()
    }

    /// Returns the documentation of the status and code of the error response: the meaning, and what to do.
    pub fn known(&self) -> Option<&'static KnownError> {
        let (status, code) = (self.status()?.as_u16(), self.code()?.as_str());
        let mut known = API.errors.iter();
        known.find(|known| known.status == status && known.code == code)
    }

    /// Returns the documented advice for the status and code of the error response.
    pub fn remedy(&self) -> Option<&'static str> {
        self.known().map(|known| known.remedy)
    }

    /// Returns host and port of the server that could not be reached or did not respond, if known.
    pub fn server(&self) -> Option<&str> {
        self.details.server.as_deref()
    }

    /// Returns the I/O error of a file.
    pub fn io(&self) -> Option<&io::Error> {
        self.details.source.as_ref()?.downcast_ref()
    }

    /// Returns the error of the token request, e.g. the server's error response, if no token could be obtained.
    pub fn token_request(&self) -> Option<&Self> {
        self.details.token_request.as_ref()
    }

    /// Returns the error of the token request, if that failed, and this error otherwise.
    fn cause(&self) -> &Self {
        self.token_request().unwrap_or(self)
    }

    /// Returns `true` if the status is 404.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Returns `true` if the status is 401, or the server permanently rejected the token request, e.g. for wrong credentials.
    pub fn is_unauthorized(&self) -> bool {
        match self.token_request() {
            Some(request) => {
                let is_error = request.status().is_some_and(|status| !status.is_success());
                is_error && !request.is_retryable()
            }
            None => self.status() == Some(StatusCode::UNAUTHORIZED),
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
        use ErrorKind as Kind;
        let is_unclear = match self.kind() {
            Kind::Timeout | Kind::Interrupted | Kind::Server | Kind::Decode | Kind::TooLong => true,
            Kind::Rejected => self.status() == Some(StatusCode::REQUEST_TIMEOUT),
            Kind::NotDone => self.details.is_done_in_part,
            Kind::File => self.attempts() > 0,
            _ => false,
        };
        is_unclear || self.details.attempts.unclear
    }

    /// Returns `true` if the same request may succeed later. To learn whether it may be executed twice, see
    /// [`may_have_taken_effect`](Self::may_have_taken_effect).
    pub fn is_retryable(&self) -> bool {
        use ErrorKind as Kind;
        let cause = self.cause();
        let status = cause.status().map_or(0, |status| status.as_u16());
        match (cause.known(), cause.kind()) {
            (Some(known), _) => known.retryable,
            (None, Kind::RateLimited | Kind::Connect | Kind::Refused | Kind::Timeout | Kind::Interrupted) => true,
            (None, _) => matches!(status, 408 | 425 | 500 | 502..=504 | 506..=599),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.details.info.map_or(Ok(()), |info| write!(f, "{}: ", info.id))?;
        f.write_str(&self.details.text)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.kind()).field("text", &self.to_string());
        if let Some(response) = self.response() {
            debug.field("body", &response.shown_body());
        }
        debug.field("source", &self.details.source).finish()
    }
}

impl StdError for Error {
    // The text includes the error of a token request or a file itself, so the chain continues with its source.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (self.token_request(), self.io()) {
            (Some(request), _) => request.source(),
            (_, Some(error)) => error.source(),
            _ => Some(self.details.source.as_deref()?),
        }
    }
}
