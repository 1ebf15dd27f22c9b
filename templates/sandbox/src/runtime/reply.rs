//! Responses before they are sent.

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Either, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;

use super::answer::Blob;

/// The body of a response.
pub(crate) type Content = Either<Full<Bytes>, UnsyncBoxBody<Bytes, io::Error>>;

/// Time to send the first half of a truncated response, before the connection is closed.
const FLUSH: Duration = Duration::from_millis(20);

/// A response before it is sent.
#[derive(Debug)]
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Body.
    pub(crate) content: Bytes,
    /// Code of the error.
    pub(crate) error: Option<&'static str>,
}

/// The connection is closed without a response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault closes the connection")
    }
}

impl std::error::Error for Dropped {}

impl Reply {
    /// Creates a response with a JSON body.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// Creates a response with a text.
    pub(crate) fn text(status: u16, media_type: &'static str, text: impl Into<Bytes>) -> Self {
        let headers = [(CONTENT_TYPE, HeaderValue::from_static(media_type))];
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: headers.into_iter().collect(),
            content: text.into(),
            error: None,
        }
    }

    /// Creates a response with a file.
    pub(crate) fn file(file: Blob) -> Self {
        let mut reply = Self::text(200, "application/octet-stream", file.content);
        if let Ok(media_type) = HeaderValue::try_from(file.media_type) {
            reply.headers.insert(CONTENT_TYPE, media_type);
        }
        reply
    }

    /// Returns the media type.
    pub(crate) fn media_type(&self) -> &str {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// Returns the last response of a connection as it is on the wire.
    pub(crate) fn last(&self) -> Vec<u8> {
        let (status, media_type, length) = (self.status, self.media_type(), self.content.len());
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        [head.as_bytes(), &self.content].concat()
    }

    /// Returns the whole response.
    pub(crate) fn complete(self) -> Response<Content> {
        let content = Either::Left(Full::new(self.content));
        assemble(self.status, self.headers, content)
    }

    /// Returns a response that announces the whole body, and ends in the middle of it.
    pub(crate) fn truncated(self) -> Response<Content> {
        let length = self.content.len();
        let half = self.content.slice(..length / 2);
        let end = async {
            tokio::time::sleep(FLUSH).await;
            Err(io::Error::from(io::ErrorKind::ConnectionAborted))
        };
        let frames = stream::once(std::future::ready(Ok(Frame::data(half)))).chain(stream::once(end));
        let content = Either::Right(StreamBody::new(frames).boxed_unsync());
        let mut response = assemble(self.status, self.headers, content);
        response.headers_mut().insert(CONTENT_LENGTH, length.max(1).into());
        response
    }
}

fn assemble(status: StatusCode, headers: HeaderMap, content: Content) -> Response<Content> {
    let mut response = Response::new(content);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
