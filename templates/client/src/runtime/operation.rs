//! Operations and their responses.

#![allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "callers use the result of an accessor or a constructor"
)]

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde::de::DeserializeOwned;

use super::error::{Attempts, Error, Shown};
use super::json::{self, Step};
use super::paging::{Elements, List};
use super::request::Request;
use super::target::Target;

/// Metadata of the API.
#[derive(Debug)]
pub(crate) struct ApiInfo {
    /// The key of the API.
    pub(crate) name: &'static str,
    /// The version of this crate.
    pub(crate) version: &'static str,
    /// The path prefix of all operations, with parameters in braces.
    pub(crate) base: &'static str,
    /// The default base URL, if the API has a single server.
    pub(crate) server: Option<&'static str>,
    /// How requests carry the token.
    pub(crate) auth: Option<AuthInfo>,
    /// The key of the machine-readable code in the body of an error response.
    pub(crate) error_code: Option<&'static str>,
    /// The key of the description in the body of an error response.
    pub(crate) error_message: Option<&'static str>,
    // @if not_done
    /// The key of the reason why an operation was not done, beside its flag.
    pub(crate) not_done_reason: Option<&'static str>,
    // @end
    /// Documented error responses.
    pub(crate) errors: &'static [KnownError],
}

/// A documented error response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownError {
    /// The HTTP status.
    pub status: u16,
    /// The machine-readable code.
    pub code: &'static str,
    /// The meaning.
    pub means: &'static str,
    /// The advice for callers.
    pub remedy: &'static str,
    /// `true` if the same request may succeed later.
    pub retryable: bool,
    /// `true` if the server rejects the request because of too many requests.
    pub throttled: bool,
}

/// A rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// The number of units allowed per period.
    pub count: u32,
    /// The unit: `calls`, or one of the API such as `messages`.
    pub unit: &'static str,
    /// The period.
    pub period: Duration,
    /// The name of the limit, if several operations share it.
    pub bucket: Option<&'static str>,
}

impl RateLimit {
    /// Returns a limit of this many units per second.
    pub const fn per_second(count: u32, unit: &'static str) -> Self {
        Self::new(count, unit, 1)
    }

    /// Returns a limit of this many units per minute.
    pub const fn per_minute(count: u32, unit: &'static str) -> Self {
        Self::new(count, unit, 60)
    }

    /// Returns a limit of this many units per hour.
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

    /// Marks the limit as shared by several operations, under a name.
    pub const fn shared(mut self, bucket: &'static str) -> Self {
        self.bucket = Some(bucket);
        self
    }
}

impl From<RateLimit> for Vec<RateLimit> {
    fn from(limit: RateLimit) -> Self {
        vec![limit]
    }
}

/// How requests carry the token.
#[derive(Debug)]
pub(crate) struct AuthInfo {
    /// The name of the header.
    pub(crate) header: HeaderName,
    /// The text before the token.
    pub(crate) prefix: &'static str,
}

/// Metadata of an operation.
#[derive(PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub struct OperationInfo {
    /// The ID: section and name, e.g. `users.create`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the base path, with parameters in braces.
    pub path: &'static str,
    /// `true` if the token is sent.
    pub authenticated: bool,
    /// `true` if the operation is idempotent: sending a request twice has the same effect as sending it once.
    pub idempotent: bool,
    /// The default rate limits, all of which apply. The app may have others.
    pub limits: &'static [RateLimit],
    /// The default maximum length of the request body in bytes. The app may have another one.
    pub max_body: Option<u64>,
    /// `true` if the result contains secrets and must not be printed.
    pub secret: bool,
    /// `true` if the response is a file instead of JSON.
    pub bytes: bool,
}

impl fmt::Debug for OperationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperationInfo({}: {} {})", self.id, self.method, self.path)
    }
}

impl OperationInfo {
    /// Returns an operation that sends the token and is not idempotent. The methods below change that.
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            authenticated: true,
            idempotent: false,
            limits: &[],
            max_body: None,
            secret: false,
            bytes: false,
        }
    }

    /// Marks the operation as one that does not send the token.
    pub const fn anonymous(mut self) -> Self {
        self.authenticated = false;
        self
    }

    /// Marks the operation as idempotent: sending a request twice has the same effect as sending it once.
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Sets the rate limits.
    pub const fn limits(mut self, limits: &'static [RateLimit]) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the maximum length of the request body in bytes.
    pub const fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// Marks the result as secret: it is never printed.
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Marks the response as a file instead of JSON.
    pub const fn bytes(mut self) -> Self {
        self.bytes = true;
        self
    }

    /// Returns a name for the server: files of records are not on the API's server.
    pub(super) fn server(&self) -> &'static str {
        if self.bytes && self.path.is_empty() {
            "the server of the file"
        } else {
            "the server"
        }
    }
}

/// An operation of the API: converts its arguments to a request, and a response to its result. Does no I/O.
///
/// All request types of this crate implement it. Implement it for custom operations that this crate does not cover.
///
/// Request types have a type parameter for their client; without a client, write `<Type>::from_http(..)`.
pub trait Operation {
    /// The result of the operation.
    type Output;

    /// Metadata of the operation.
    const INFO: &'static OperationInfo;

    /// Validates the arguments and builds a request.
    ///
    /// # Errors
    ///
    /// Fails if an argument breaks a rule.
    fn encode(&self) -> Result<Request, Error>;

    /// Builds a request without validating lengths, counts, ranges and patterns, e.g. because the API has raised a limit.
    ///
    /// # Errors
    ///
    /// Fails if an argument cannot be sent, e.g. an empty path parameter.
    fn encode_unchecked(&self) -> Result<Request, Error> {
        self.encode()
    }

    /// Decodes the result from a response.
    ///
    /// # Errors
    ///
    /// Fails if the response does not have the expected form, or says that the operation was not done.
    fn decode(response: &RawResponse) -> Result<Self::Output, Error>;

    /// Builds an `http` request, for any transport.
    ///
    /// # Errors
    ///
    /// As for [`encode`](Self::encode). Also fails if the content of a file is not in memory, or the token cannot be sent.
    fn to_http(&self, target: &Target) -> Result<http::Request<Bytes>, Error> {
        self.encode()?.to_http(target)
    }

    /// Decodes the result from an `http` response, from any transport.
    ///
    /// # Errors
    ///
    /// Fails with an error response from the server, and as [`decode`](Self::decode).
    fn from_http(response: http::Response<impl Into<Bytes>>) -> Result<Response<Self::Output>, Error>
    where
        Self: Sized,
    {
        let (head, body) = response.into_parts();
        let raw = RawResponse::new(Self::INFO, head.status, head.headers, body.into())?;
        Response::decode::<Self>(raw)
    }
}

/// A response with its raw body.
#[derive(Clone)]
pub struct RawResponse {
    info: &'static OperationInfo,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    pub(super) attempts: Attempts,
}

impl RawResponse {
    /// Makes a response, or an error if the status is not a success.
    ///
    /// # Errors
    ///
    /// Fails if the status is not 2xx, or if the body is compressed, which no request asks for.
    pub fn new(
        info: &'static OperationInfo,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Self, Error> {
        if !status.is_success() {
            return Err(Error::from_response(info, status, headers, body));
        }
        let response = Self::of(info, status, headers, body);
        match response.encoding() {
            Some(encoding) => Err(Error::encoded(response, &encoding)),
            None => Ok(response),
        }
    }

    pub(super) fn of(info: &'static OperationInfo, status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            info,
            status,
            headers,
            body,
            attempts: Attempts::default(),
        }
    }

    /// Returns the content encoding; `None` if there is none, as requests demand.
    pub(crate) fn encoding(&self) -> Option<String> {
        let encoding = self.headers.get(CONTENT_ENCODING)?;
        let encoding = String::from_utf8_lossy(encoding.as_bytes()).trim().to_ascii_lowercase();
        (!matches!(&*encoding, "" | "identity")).then_some(encoding)
    }

    /// Returns how often the client sent the request; 0 if another transport sent it.
    pub fn attempts(&self) -> u32 {
        self.attempts.count
    }

    /// Returns the metadata of the operation.
    pub fn info(&self) -> &'static OperationInfo {
        self.info
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the raw body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the value at a JSON path.
    ///
    /// # Errors
    ///
    /// Fails if the value is missing or does not have the expected form.
    pub fn at<T: DeserializeOwned>(&self, path: &[Step]) -> Result<T, Error> {
        match json::read(&self.body, path) {
            Ok(Some(value)) => Ok(value),
            _ => self.read_again(path),
        }
    }

    /// Returns the value at a JSON path; `None` if it is missing or `null`.
    ///
    /// # Errors
    ///
    /// Fails if the value is there but does not have the expected form.
    pub fn find<T: DeserializeOwned>(&self, path: &[Step]) -> Result<Option<T>, Error> {
        match json::read::<Option<T>>(&self.body, path) {
            Ok(value) => Ok(value.flatten()),
            Err(_) => self.read_again(path),
        }
    }

    /// Returns the elements of the list at a JSON path, undecoded.
    ///
    /// # Errors
    ///
    /// Fails if there is no list.
    pub fn elements<T: DeserializeOwned>(&self, path: &[Step]) -> Result<Elements<T>, Error> {
        let (or_empty, or_one) = (false, false);
        List { path, or_empty, or_one }.read(self)
    }

    // @if first_path
    /// Returns the first of these paths that has a value; the first of all if none has.
    pub(crate) fn first<'p>(&self, paths: &[&'p [Step]]) -> Result<&'p [Step], Error> {
        for path in paths {
            let found = json::find(&self.body, path);
            let found = found.map_err(|error| self.decode_error(json::path(path), &error.to_string()))?;
            if !matches!(found, None | Some("null")) {
                return Ok(path);
            }
        }
        Ok(paths.first().copied().unwrap_or_default())
    }
    // @end

    // @if single
    /// Returns the first element of the list at a JSON path.
    pub(crate) fn first_of<T>(&self, list: Vec<T>, path: &[Step]) -> Result<T, Error> {
        let missing = || self.missing(&[path, &[Step::Index(0)]].concat());
        list.into_iter().next().ok_or_else(missing)
    }
    // @end

    /// Returns an error for the value at `path`, or for the whole document if it is empty.
    pub fn decode_error(&self, path: String, reason: &str) -> Error {
        Error::decode(self.clone(), path, reason)
    }

    #[cold]
    fn missing(&self, path: &[Step]) -> Error {
        self.decode_error(json::path(path), "the value is missing")
    }

    /// Decodes the value at a path once more, without duplicate keys, to find out why it could not be decoded.
    #[cold]
    fn read_again<T: DeserializeOwned>(&self, path: &[Step]) -> Result<T, Error> {
        let Some(document) = json::canonical(&self.body) else {
            return Err(self.decode_error(String::new(), &format!("invalid JSON: {}", Shown(&self.body))));
        };
        match json::find(document.as_bytes(), path) {
            Ok(Some(text)) => self.locate(json::path(path), text),
            Ok(None) => Err(self.missing(path)),
            Err(error) => Err(self.decode_error(json::path(path), &error.to_string())),
        }
    }

    /// Returns the error for a value that cannot be decoded.
    #[cold]
    pub(super) fn misread<T: DeserializeOwned>(&self, path: &[Step]) -> Error {
        self.read_again::<T>(path).err().unwrap_or_else(|| self.missing(path))
    }

    /// Decodes the value at a path from its text. An error has the path within it.
    pub(super) fn locate<T: DeserializeOwned>(&self, path: String, text: &str) -> Result<T, Error> {
        json::locate(text).map_err(|(inner, reason)| self.decode_error(json::join(path, &inner), &reason))
    }

    /// Returns the beginning of the body, to print it.
    pub(super) fn shown_body(&self) -> String {
        let length = self.body.len();
        match self.encoding() {
            _ if self.info.secret => format!("({length} bytes, hidden)"),
            Some(encoding) => format!(
                "{length} bytes with the content encoding `{}`",
                Shown(encoding.as_bytes())
            ),
            None => Shown(&self.body).to_string(),
        }
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, status, length) = (self.info.id, self.status, self.body.len());
        write!(f, "RawResponse({id}: {status}, {length} bytes)")
    }
}

/// The result of an operation, with the response it was decoded from.
#[derive(Debug, Clone)]
pub struct Response<T> {
    /// The result.
    pub value: T,
    raw: RawResponse,
}

impl<T> Response<T> {
    /// Decodes the result of an operation.
    ///
    /// # Errors
    ///
    /// Fails if the response does not have the expected form, or says that the operation was not done.
    pub fn decode<O: Operation<Output = T>>(raw: RawResponse) -> Result<Self, Error> {
        O::decode(&raw).map(|value| Self { value, raw })
    }

    /// Returns the result alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// Returns the whole response: status, headers and raw body.
    pub fn raw(&self) -> &RawResponse {
        &self.raw
    }
}
