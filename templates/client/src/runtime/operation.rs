//! Operations, and the answers to them.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde::de::DeserializeOwned;

use super::alias;
use super::error::{ApiError, DecodeError, Error, InvalidArgument, Shown};
use super::json::{self, Step};
use super::request::Request;
use super::target::Target;

/// What is known about the API as a whole.
#[derive(Debug)]
pub struct ApiInfo {
    /// The key of the API.
    pub name: &'static str,
    /// The version of this crate.
    pub version: &'static str,
    /// The path before every operation's path; parameters stand in braces.
    pub base: &'static str,
    /// The base URL where none is chosen, if there is only one.
    pub server: Option<&'static str>,
    /// How a request carries the token.
    pub auth: Option<AuthInfo>,
    /// The key of the machine-readable code in the body of a refusal.
    pub error_code: Option<&'static str>,
    /// The key of the description in the body of a refusal.
    pub error_message: Option<&'static str>,
    /// Refusals that are known.
    pub errors: &'static [KnownError],
}

/// What is known about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownError {
    /// The HTTP status.
    pub status: u16,
    /// The machine-readable code.
    pub code: &'static str,
    /// What happened.
    pub means: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

/// How often an operation may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// How many.
    pub count: u32,
    /// Of what: `calls`, or a unit of the API such as `messages`.
    pub unit: &'static str,
    /// Per how long.
    pub period: Duration,
    /// The name of the limit, if several operations share it.
    pub bucket: Option<&'static str>,
}

impl RateLimit {
    /// So many units in any second.
    #[must_use]
    pub const fn per_second(count: u32, unit: &'static str) -> Self {
        Self::new(count, unit, 1)
    }

    /// So many units in any minute.
    #[must_use]
    pub const fn per_minute(count: u32, unit: &'static str) -> Self {
        Self::new(count, unit, 60)
    }

    /// So many units in any hour.
    #[must_use]
    pub const fn per_hour(count: u32, unit: &'static str) -> Self {
        Self::new(count, unit, 3600)
    }

    const fn new(count: u32, unit: &'static str, seconds: u64) -> Self {
        Self {
            count,
            unit,
            period: Duration::from_secs(seconds),
            bucket: None,
        }
    }

    /// A limit that several operations share.
    #[must_use]
    pub const fn shared(mut self, bucket: &'static str) -> Self {
        self.bucket = Some(bucket);
        self
    }
}

/// How a request carries the token.
#[derive(Debug)]
pub struct AuthInfo {
    /// The header.
    pub header: HeaderName,
    /// What stands before the token.
    pub prefix: &'static str,
}

/// What is known about an operation.
#[derive(PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub struct OperationInfo {
    /// Section and name, e.g. `users.create`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the base path; parameters stand in braces.
    pub path: &'static str,
    /// Whether the token is sent.
    pub authenticated: bool,
    /// Whether sending the same request twice does no more than sending it once.
    pub idempotent: bool,
    /// How often it may be called, unless the app has another limit.
    pub limit: Option<RateLimit>,
    /// The most bytes the server takes as the body of a request, unless the app has another limit.
    pub max_body: Option<u64>,
    /// Whether the result holds something that must never be printed.
    pub secret: bool,
    /// Whether the answer is a file rather than JSON.
    pub bytes: bool,
}

impl fmt::Debug for OperationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperationInfo({}: {} {})", self.id, self.method, self.path)
    }
}

impl OperationInfo {
    /// An operation that sends the token, and is repeatable unless the method says otherwise.
    #[must_use]
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            authenticated: true,
            idempotent: false,
            limit: None,
            max_body: None,
            secret: false,
            bytes: false,
        }
    }

    /// The token is not sent.
    #[must_use]
    pub const fn anonymous(mut self) -> Self {
        self.authenticated = false;
        self
    }

    /// Sending the same request twice does no more than sending it once.
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// How often it may be called.
    #[must_use]
    pub const fn limit(mut self, limit: RateLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The most bytes the server takes as the body of a request.
    #[must_use]
    pub const fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The result holds something that must never be printed.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The answer is a file rather than JSON.
    #[must_use]
    pub const fn bytes(mut self) -> Self {
        self.bytes = true;
        self
    }
}

/// An operation of the API: its arguments, and how they become a request and its answer a result. No I/O is involved.
///
/// Every request type of this crate implements it, and so may your own for what this crate does not cover.
///
/// Request types have a parameter for who sends them; without a sender, write `<Type>::from_http(..)`.
pub trait Operation {
    /// What the operation gives.
    type Output;

    /// What is known about the operation.
    const INFO: &'static OperationInfo;

    /// Checks the arguments and makes a request of them.
    ///
    /// # Errors
    ///
    /// An argument that breaks a rule is refused.
    fn encode(&self) -> Result<Request, InvalidArgument>;

    /// Reads the result from an answer.
    ///
    /// # Errors
    ///
    /// The answer must have the expected form.
    fn decode(raw: &RawResponse) -> Result<Self::Output, DecodeError>;

    /// The request as an `http` type, for any transport.
    ///
    /// # Errors
    ///
    /// As for [`encode`](Self::encode); besides, the content of a file must be in memory, and the token fit to be sent.
    fn to_http(&self, target: &Target) -> Result<http::Request<Bytes>, Error> {
        self.encode()?.to_http(target)
    }

    /// Reads the result from an `http` type, from any transport.
    ///
    /// # Errors
    ///
    /// A refusal by the server, or an answer that has not the expected form.
    fn from_http(response: http::Response<impl Into<Bytes>>) -> Result<Response<Self::Output>, Error>
    where
        Self: Sized,
    {
        let (head, body) = response.into_parts();
        let raw = RawResponse::new(Self::INFO, head.status, head.headers, body.into())?;
        Response::decode::<Self>(raw).map_err(Error::from)
    }
}

/// An answer that is no refusal.
#[derive(Clone)]
pub struct RawResponse {
    info: &'static OperationInfo,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    attempts: u32,
}

impl RawResponse {
    /// Takes an answer, unless its status says that it is a refusal.
    ///
    /// # Errors
    ///
    /// Any status but those that stand for success is [`Error::Api`].
    pub fn new(
        info: &'static OperationInfo,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Self, Error> {
        if status.is_success() {
            Ok(Self {
                info,
                status,
                headers,
                body,
                attempts: 0,
            })
        } else {
            Err(ApiError::new(info, status, headers, body).into())
        }
    }

    /// How often the client tried to send the request; 0 where another transport sent it.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Notes how often sending was tried.
    #[cfg(feature = "client")]
    pub(crate) fn after_attempts(mut self, count: u32) -> Self {
        self.attempts = count;
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it arrived.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The value at a place in the JSON document.
    ///
    /// # Errors
    ///
    /// The value must be there and have the expected form.
    pub fn at<T: DeserializeOwned>(&self, place: &[Step]) -> Result<T, DecodeError> {
        match json::read(&self.body, place) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(self.missing(place)),
            Err(_) => Err(self.misread::<T>(place)),
        }
    }

    /// The value at a place in the JSON document; `None` where there is none, or `null`.
    ///
    /// # Errors
    ///
    /// If the value is there, it must have the expected form.
    pub fn find<T: DeserializeOwned>(&self, place: &[Step]) -> Result<Option<T>, DecodeError> {
        match json::read::<Option<T>>(&self.body, place) {
            Ok(value) => Ok(value.flatten()),
            Err(_) => Err(self.misread::<Option<T>>(place)),
        }
    }

    /// The first of these places that holds a value; the first of all where none does.
    #[allow(dead_code, reason = "whether anything has several spellings depends on the API")]
    pub(crate) fn first<'p>(&self, places: &[&'p [Step]]) -> Result<&'p [Step], DecodeError> {
        for place in places {
            if !matches!(self.find_raw(place)?, None | Some("null")) {
                return Ok(place);
            }
        }
        Ok(places.first().copied().unwrap_or_default())
    }

    /// The answer is not what was expected: `path` says where in the document, and is empty for the document itself.
    #[must_use]
    pub fn decode_error(&self, path: String, reason: String) -> DecodeError {
        DecodeError::new(self.info, path, self.status, self.body.clone(), reason).after_attempts(self.attempts)
    }

    fn find_raw(&self, place: &[Step]) -> Result<Option<&str>, DecodeError> {
        json::find(&self.body, place).map_err(|error| self.decode_error(json::path(place), error.to_string()))
    }

    #[cold]
    fn missing(&self, place: &[Step]) -> DecodeError {
        self.decode_error(json::path(place), "it is missing".to_owned())
    }

    /// Why the value at a place was not read, and where in it: knowing that costs time, so it is found out only now.
    #[cold]
    fn misread<T: DeserializeOwned>(&self, place: &[Step]) -> DecodeError {
        if json::find(&self.body, &[]).is_err() {
            return self.decode_error(String::new(), format!("it is no JSON: {}", Shown(&self.body)));
        }
        let text = match self.find_raw(place) {
            Ok(Some(text)) => text,
            Ok(None) => return self.missing(place),
            Err(error) => return error,
        };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Ok(_) => self.missing(place),
            Err(error) => self.decode_error_within(place, &error.path().to_string(), &error.inner().to_string()),
        }
    }

    fn decode_error_within(&self, place: &[Step], inner: &str, reason: &str) -> DecodeError {
        let (path, reason) = alias::located(json::join(json::path(place), inner), reason.to_owned());
        self.decode_error(path, reason)
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "RawResponse({}: {}, {} bytes)",
            self.info.id,
            self.status,
            self.body.len()
        )
    }
}

/// The result of an operation, and the answer it was read from.
#[derive(Debug, Clone)]
pub struct Response<T> {
    /// The result.
    pub value: T,
    raw: RawResponse,
}

impl<T> Response<T> {
    /// Reads the result of an operation.
    ///
    /// # Errors
    ///
    /// The answer must have the expected form.
    pub fn decode<O: Operation<Output = T>>(raw: RawResponse) -> Result<Self, DecodeError> {
        O::decode(&raw).map(|value| Self { value, raw })
    }

    /// The result alone.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.raw.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.raw.headers
    }

    /// The whole answer, with the body as it arrived.
    #[must_use]
    pub fn raw(&self) -> &RawResponse {
        &self.raw
    }
}
