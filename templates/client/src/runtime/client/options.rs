//! Settings for single calls.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::retry::RetryPolicy;
use crate::api::API;
use crate::runtime::error::Error;
use crate::runtime::operation::Operation;
use crate::runtime::request::Request;

/// Settings for single calls that override those of the client: see [`Client::with`](super::Client::with).
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct CallOptions {
    /// If set, the timeout, or that there is none.
    pub(super) timeout: Option<Option<Duration>>,
    retry: Option<RetryPolicy>,
    pub(super) headers: Option<Arc<Headers>>,
    unchecked: bool,
    pub(super) for_tokens: bool,
}

/// Headers that the client sets, or that concern the connection.
const RESERVED: [HeaderName; 7] = [
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::HOST,
    header::TRANSFER_ENCODING,
];

/// Custom headers, or errors of those that cannot be sent. Later headers replace earlier ones.
#[derive(Clone, Default)]
pub(super) struct Headers(Vec<Result<(HeaderName, HeaderValue), Error>>);

impl Headers {
    pub(super) fn insert(&mut self, name: &str, value: impl TryInto<HeaderValue>) {
        let why = match (HeaderName::from_bytes(name.as_bytes()), value.try_into()) {
            (Err(_), _) => "the name is not valid",
            (_, Err(_)) => "the value contains characters that are not allowed in a header",
            (Ok(name), _) if RESERVED.contains(&name) || API.auth.as_ref().is_some_and(|auth| auth.header == name) => {
                "the client sets it"
            }
            (Ok(name), Ok(value)) => return self.0.push(Ok((name, value))),
        };
        let error = Error::config(format!("the custom header `{name}` cannot be sent: {why}"));
        self.0.push(Err(error));
    }

    pub(super) fn get(&self, name: &HeaderName) -> Option<&HeaderValue> {
        let mut latest = self.0.iter().flatten().rev();
        latest.find(|(other, _)| other == name).map(|(_, value)| value)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let mut errors = self.0.iter().filter_map(|header| header.as_ref().err());
        errors.next().cloned().map_or(Ok(()), Err)
    }

    /// Adds these headers, which replace others.
    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in self.0.iter().flatten() {
            headers.insert(name, value.clone());
        }
    }
}

/// Values may be secret.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().flatten().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

impl CallOptions {
    /// Returns options that override nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns options for obtaining tokens: without a token, and with retries, as obtaining a token twice has no effect.
    pub(super) fn for_tokens() -> Self {
        Self {
            for_tokens: true,
            ..Self::default()
        }
    }

    /// Sets the timeout of the whole call: waiting for a token or a rate limit, all attempts and the delays between them,
    /// and reading the response; `None` for no timeout. Applies to uploads too, and to downloads until the file begins to
    /// arrive. Default: that of the client.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = Some(timeout.into());
        self
    }

    /// Sets when the request is sent again. Default: the policy of the client.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Adds a header to the requests to the server. Headers of the operation take precedence. Calls fail with
    /// an error of the kind [`Config`](crate::ErrorKind::Config) if the name or the value is invalid or the client itself sets
    /// the header, e.g. `Content-Type`.
    pub fn header(mut self, name: impl AsRef<str>, value: impl TryInto<HeaderValue>) -> Self {
        Arc::make_mut(self.headers.get_or_insert_default()).insert(name.as_ref(), value);
        self
    }

    /// Returns these settings, completed by `other` where they are not set.
    pub(super) fn or(self, other: &Self) -> Self {
        let headers = match (self.headers, other.headers.clone()) {
            (Some(own), Some(others)) => Some(Arc::new(Headers([&*others.0, &*own.0].concat()))),
            (own, others) => own.or(others),
        };
        Self {
            timeout: self.timeout.or(other.timeout),
            retry: self.retry.or(other.retry),
            headers,
            unchecked: self.unchecked || other.unchecked,
            for_tokens: self.for_tokens || other.for_tokens,
        }
    }

    /// Sends arguments that break the documented limits: lengths, counts, ranges and patterns. The server decides, e.g. if the
    /// app has higher limits. Arguments that cannot be sent are still errors, e.g. an empty path parameter.
    pub fn unchecked(mut self) -> Self {
        self.unchecked = true;
        self
    }

    pub(super) fn encode<O: Operation>(&self, operation: &O) -> Result<Request, Error> {
        if self.unchecked {
            operation.encode_unchecked()
        } else {
            operation.encode()
        }
    }

    /// Returns the timeout of a request. Transfers of files have none by default.
    pub(super) fn timeout_of(&self, request: &Request, default: Option<Duration>) -> Option<Duration> {
        let default = default.filter(|_| request.multipart().is_none() && !request.info().bytes);
        self.timeout.unwrap_or(default)
    }

    pub(super) fn policy(&self, default: RetryPolicy) -> RetryPolicy {
        let mut policy = self.retry.unwrap_or(default);
        policy.assume_idempotent = self.for_tokens;
        policy
    }
}
