//! Files that are received.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::send::transport_error;
use crate::runtime::error::Error;
use crate::runtime::operation::OperationInfo;

/// A file on its way: a stream of its pieces, never held in memory as a whole.
pub struct Download {
    info: &'static OperationInfo,
    status: StatusCode,
    headers: HeaderMap,
    length: Option<u64>,
    limit: usize,
    attempts: u32,
    pieces: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
}

impl Download {
    pub(super) fn new(info: &'static OperationInfo, response: reqwest::Response, limit: usize, attempts: u32) -> Self {
        Self {
            info,
            status: response.status(),
            headers: response.headers().clone(),
            length: response.content_length(),
            limit,
            attempts,
            pieces: Box::pin(response.bytes_stream()),
        }
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

    /// The length of the file in bytes, if the server says it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// The connection may break.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// Writes the file, and gives the number of bytes.
    ///
    /// # Errors
    ///
    /// The connection may break, and writing may fail.
    pub async fn write_to(&mut self, mut writer: impl AsyncWrite + Unpin) -> Result<u64, Error> {
        let file = |error| Error::File(Arc::new(error));
        let mut written = 0;
        while let Some(chunk) = self.chunk().await? {
            writer.write_all(&chunk).await.map_err(file)?;
            written += chunk.len() as u64;
        }
        writer.flush().await.map_err(file)?;
        Ok(written)
    }

    /// The file as a whole; for small files.
    ///
    /// # Errors
    ///
    /// The connection may break, and the file may be longer than the client accepts.
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > self.limit - whole.len() {
                return Err(Error::TooLong {
                    operation: self.info.id,
                    limit: self.limit,
                    attempts: self.attempts,
                });
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let (info, attempts) = (self.info, self.attempts);
        self.pieces
            .as_mut()
            .poll_next(context)
            .map_err(|error| transport_error(info, error).after_attempts(attempts))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Download({}: {}, {:?} bytes)",
            self.info.id, self.status, self.length
        )
    }
}
