//! Error responses, and responses of an unexpected form.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{DATE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::api::API;
use crate::errors::ErrorCode;
use crate::runtime::json::{self, Step};
use crate::runtime::operation::{KnownError, OperationInfo, RawResponse};

/// Maximum number of bytes of a response that `Debug` and `Display` show.
const SHOWN: usize = 512;

/// An error response.
#[derive(Clone)]
pub struct ApiError(pub(super) Box<ErrorResponse>);

#[derive(Clone)]
pub(super) struct ErrorResponse {
    pub(super) response: RawResponse,
    code: Option<ErrorCode>,
    message: Option<String>,
}

impl ApiError {
    /// Parses an error response. A body of an unexpected form is kept without a code and a description.
    pub fn new(info: &'static OperationInfo, status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let text = |key: Option<&'static str>| json::text(&body, &[Step::Key(key?)]);
        Self(Box::new(ErrorResponse {
            code: text(API.error_code).map(|code| ErrorCode::from(code.as_str())),
            message: text(API.error_message),
            response: RawResponse::of(info, status, headers, body),
        }))
    }

    /// Returns the response with its status, headers, e.g. a gateway's request ID, and body, which is truncated to the client's
    /// maximum response length.
    pub fn response(&self) -> &RawResponse {
        &self.0.response
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.response().status()
    }

    /// Returns the machine-readable code, if the body has one.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// Returns the description, if the body has one.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Returns the documentation of this status and code: the meaning, and what to do.
    pub fn known(&self) -> Option<&'static KnownError> {
        let (status, code) = (self.status().as_u16(), self.code()?.as_str());
        API.errors
            .iter()
            .find(|known| known.status == status && known.code == code)
    }

    /// Returns how long the server asks to wait (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.response().headers())
    }

    /// Returns `true` if there were too many requests: a 429, or a code documented as throttling. A code that is documented
    /// only for other statuses counts, too.
    pub fn is_rate_limited(&self) -> bool {
        let throttles = |code: &str| API.errors.iter().any(|known| known.throttled && known.code == code);
        match self.known() {
            _ if self.status() == StatusCode::TOO_MANY_REQUESTS => true,
            Some(known) => known.throttled,
            None => self.code().is_some_and(|code| throttles(code.as_str())),
        }
    }

    /// Returns `true` if the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self.known() {
            Some(known) => known.retryable,
            None if self.is_rate_limited() => true,
            None => matches!(self.status().as_u16(), 408 | 425 | 500 | 502..=504 | 506..=599),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (context, body) = (self.response().context(), self.response().body());
        write!(f, "{context}{} responded with {}", context.server(), self.status())?;
        if let Some(code) = self.code() {
            write!(f, ", {}", Shown(code.as_str().as_bytes()))?;
        }
        // The remedy is advice of its own; the server's description takes precedence.
        match (self.message(), self.known(), encoded(self.response())) {
            (Some(message), ..) => write!(f, ": {}", Shown(message.as_bytes())),
            (None, Some(known), _) => write!(f, " ({})", known.remedy.trim_end_matches('.')),
            (None, None, Some(encoded)) => write!(f, ": {encoded}"),
            (None, None, None) if self.code().is_some() || body.is_empty() || context.is_secret() => Ok(()),
            (None, None, None) => write!(f, ": {}", Shown(body)),
        }
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message().map(|message| Shown(message.as_bytes()).to_string());
        f.debug_struct("ApiError")
            .field("response", self.response())
            .field("code", &self.code())
            .field("message", &message)
            .field("body", &shown_body(self.response()))
            .finish()
    }
}

impl StdError for ApiError {}

/// A response that does not have the expected form.
#[derive(Clone)]
pub struct DecodeError(pub(super) Box<UnexpectedResponse>);

#[derive(Clone)]
pub(super) struct UnexpectedResponse {
    pub(super) response: RawResponse,
    path: String,
    reason: String,
}

impl DecodeError {
    pub(crate) fn new(response: RawResponse, path: String, reason: String) -> Self {
        Self(Box::new(UnexpectedResponse { response, path, reason }))
    }

    /// Makes an error for a response with a content encoding.
    pub(crate) fn encoded(response: RawResponse) -> Self {
        Self::new(response, String::new(), String::new())
    }

    /// Returns the response with its status, headers and body.
    pub fn response(&self) -> &RawResponse {
        &self.0.response
    }

    /// Returns the JSON path of the unexpected value, e.g. `entities[0].username`; empty for the whole document.
    pub fn path(&self) -> &str {
        &self.0.path
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (context, status) = (self.response().context(), self.response().status());
        if let Some(encoded) = encoded(self.response()) {
            return write!(f, "{context}unexpected response ({status}): {encoded}");
        }
        let path = if self.path().is_empty() {
            "the document"
        } else {
            self.path()
        };
        write!(f, "{context}unexpected response ({status}): {path}")?;
        // The parser's message may quote the value.
        match context.is_secret() {
            true if json::find(self.response().body(), &[]).is_ok() => f.write_str(" has an unexpected value"),
            true => f.write_str(" is not valid JSON"),
            false => write!(f, ": {}", Shown(self.0.reason.as_bytes())),
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("error", &self.to_string())
            .field("body", &shown_body(self.response()))
            .finish()
    }
}

impl StdError for DecodeError {}

/// Parses `Retry-After`: seconds, or a date, which is compared with the server's clock (`Date`) if it sends one.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(RETRY_AFTER)?;
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(asked.parse().unwrap_or(u64::MAX)));
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    // Without the client, the platform may have no clock.
    let clock = || cfg!(feature = "client").then(SystemTime::now);
    let now = text(DATE).and_then(date).or_else(clock)?;
    Some(date(asked)?.duration_since(now).unwrap_or_default())
}

pub(super) fn shown_body(response: &RawResponse) -> String {
    match response.body() {
        body if response.context().is_secret() => format!("({} bytes, hidden)", body.len()),
        body if response.encoding().is_some() => format!("({} bytes, encoded)", body.len()),
        body => Shown(body).to_string(),
    }
}

/// Returns the content encoding of a body as a message.
fn encoded(response: &RawResponse) -> Option<String> {
    let encoding = response.encoding()?;
    let encoding = Shown(encoding.as_bytes());
    Some(format!(
        "the body has the content encoding `{encoding}`, which was not requested"
    ))
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
