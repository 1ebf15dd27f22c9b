//! The interface to HTTP clients.

#[cfg(feature = "hyper")]
pub(super) mod over_hyper;
#[cfg(feature = "reqwest")]
pub(super) mod over_reqwest;
#[cfg(any(feature = "hyper", feature = "reqwest"))]
pub(super) mod per_runtime;

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use crate::runtime::error::{Error, ErrorKind};

/// The settings of an HTTP client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(any(feature = "hyper", feature = "reqwest")),
    allow(dead_code, reason = "no HTTP client is built")
)]
pub(super) struct HttpSettings {
    /// Timeout for connecting, including the TLS handshake.
    pub(super) connect_timeout: Duration,
    /// Interval and timeout of pings on an HTTP/2 connection. Without them, a dead connection would go unnoticed, and all
    /// calls on it would fail.
    pub(super) ping: Duration,
    pub(super) no_proxy: bool,
}

type BoxError = Box<dyn StdError + Send + Sync>;

/// Future of a response.
pub type TransportFuture = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Error>> + Send>>;

/// An HTTP client.
///
/// Implement it to send requests with another HTTP client or TLS library, through middleware, or to a test double, and pass
/// it to [`Builder::transport`](super::Builder::transport). The features `reqwest` and `hyper` contain implementations.
///
/// Requests have absolute URLs and all headers except `Host`. Return every response, whatever its status, without following
/// redirects: the token could be sent to another host. Do not retry, and do not decompress the body. The read timeout and the
/// timeout of the call apply to all transports; a timeout for connecting is up to the transport.
pub trait Transport: Send + Sync {
    /// Sends a request. The future completes when the headers of the response have arrived.
    ///
    /// # Errors
    ///
    /// By its kind, an error says whether the request may have been processed: see [`Error::transport`].
    fn send(&self, request: http::Request<Body>) -> TransportFuture;
}

/// The body of a request or a response.
///
/// Converts from `Bytes`, `String`, `Vec<u8>` and `&'static str`, and with [`new`](Self::new) from any other body.
pub struct Body(Content);

enum Content {
    Bytes(Bytes),
    Frames(UnsyncBoxBody<Bytes, BoxError>),
}

impl Body {
    /// Wraps a body. Its errors may be [`Error`]s of a transport; others mean that the connection broke.
    pub fn new(body: impl HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static) -> Self {
        Self(Content::Frames(body.map_err(Into::into).boxed_unsync()))
    }

    /// Returns the content if it is in memory.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        let Content::Bytes(bytes) = &self.0 else {
            return None;
        };
        Some(bytes)
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(content: T) -> Self {
        Self(Content::Bytes(content.into()))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut self.get_mut().0 {
            Content::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Content::Frames(frames) => Pin::new(frames).poll_frame(context).map_err(failed),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Bytes(bytes) => bytes.is_empty(),
            Content::Frames(frames) => frames.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Frames(frames) => frames.size_hint(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

/// Returns the error of a body.
fn failed(error: impl Into<BoxError>) -> Error {
    match error.into().downcast::<Error>() {
        Ok(error) => *error,
        #[cfg(feature = "reqwest")]
        Err(other) if other.downcast_ref().is_some_and(reqwest::Error::is_timeout) => {
            Error::transport(ErrorKind::Timeout, other)
        }
        Err(other) => Error::transport(ErrorKind::Interrupted, other),
    }
}
