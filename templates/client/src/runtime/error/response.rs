//! Error responses, and responses of an unexpected form.

use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{DATE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use super::{Error, ErrorKind};
use crate::api::API;
use crate::errors::ErrorCode;
use crate::runtime::json::{self, Step};
use crate::runtime::operation::{OperationInfo, RawResponse};

/// Maximum number of bytes of a response that `Debug` and `Display` show.
const SHOWN: usize = 512;

impl Error {
    /// Makes the error of an error response. A body of an unexpected form is kept without a code and a description.
    pub fn from_response(info: &'static OperationInfo, status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let text = |key: Option<&'static str>| json::text(&body, &[Step::Key(key?)]);
        let (code, message) = (text(API.error_code), text(API.error_message));
        let response = RawResponse::of(info, status, headers, body);
        let wait = retry_after(response.headers());
        let mut error = Self::of_response(ErrorKind::of_status(status), response, "");
        error.details.code = code.map(|code| ErrorCode::from(code.as_str()));
        (error.details.message, error.details.wait) = (message, wait);
        if error.is_throttled(status) {
            error.kind = ErrorKind::RateLimited;
        }
        error.details.text = error.response_text(info, status);
        error
    }

    /// Returns `true` if there were too many requests: a 429, or a code documented as throttling. A code that is documented
    /// only for other statuses counts, too.
    fn is_throttled(&self, status: StatusCode) -> bool {
        let throttles = |code: &str| API.errors.iter().any(|known| known.throttled && known.code == code);
        match self.known() {
            _ if status == StatusCode::TOO_MANY_REQUESTS => true,
            Some(known) => known.throttled,
            None => self.code().is_some_and(|code| throttles(code.as_str())),
        }
    }

    fn response_text(&self, info: &'static OperationInfo, status: StatusCode) -> String {
        let code = self.code().map(|code| format!(", {}", Shown(code.as_str().as_bytes())));
        let text = format!("{} responded with {status}{}", info.server(), code.unwrap_or_default());
        let body = self.response().map(RawResponse::shown_body).unwrap_or_default();
        // The remedy is advice of its own; the server's description takes precedence.
        match (self.message(), self.known()) {
            (Some(message), _) => text + &format!(": {}", Shown(message.as_bytes())),
            (None, Some(known)) => text + &format!(" ({})", known.remedy.trim_end_matches('.')),
            (None, None) if self.code().is_some() || body.is_empty() || info.secret => text,
            (None, None) => format!("{text}: {body}"),
        }
    }

    /// Makes an error for a response that does not have the expected form, at a JSON path or as a whole.
    pub(crate) fn decode(response: RawResponse, path: String, reason: &str) -> Self {
        let place = if path.is_empty() { "the document" } else { &path };
        // The parser's message may quote the value.
        let reason = match response.info().secret {
            true if json::find(response.body(), &[]).is_ok() => " has an unexpected value".to_owned(),
            true => " is not valid JSON".to_owned(),
            false => format!(": {}", Shown(reason.as_bytes())),
        };
        let text = format!("unexpected response ({}): {place}{reason}", response.status());
        let mut error = Self::of_response(ErrorKind::Decode, response, text);
        error.details.path = path;
        error
    }

    /// Makes an error for a response with a content encoding.
    pub(crate) fn encoded(response: RawResponse, encoding: &str) -> Self {
        let (status, encoding) = (response.status(), Shown(encoding.as_bytes()));
        let text = format!(
            "unexpected response ({status}): the body has the content encoding `{encoding}`, which was not requested"
        );
        Self::of_response(ErrorKind::Decode, response, text)
    }

    pub(super) fn of_response(kind: ErrorKind, response: RawResponse, text: impl Into<String>) -> Self {
        let mut error = Self::new(kind, response.info(), text);
        error.details.attempts = response.attempts;
        error.details.response = Some(response);
        error
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
    // Without the client, the platform may have no clock.
    let clock = || cfg!(feature = "client").then(SystemTime::now);
    let now = text(DATE).and_then(date).or_else(clock)?;
    Some(date(asked)?.duration_since(now).unwrap_or_default())
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
