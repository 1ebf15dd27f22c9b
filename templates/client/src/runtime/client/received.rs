//! Successful responses whose result has not been decoded yet.

use std::task::{Context, Poll, ready};

use super::Boxed;
#[cfg(feature = "tracing")]
use super::trace;
use crate::runtime::error::Error;
use crate::runtime::operation::RawResponse;

/// A successful response.
pub(super) struct Received {
    pub(super) raw: RawResponse,
    /// The span of the call, which ends when the result is decoded.
    #[cfg(feature = "tracing")]
    pub(super) span: Option<Box<tracing::Span>>,
}

impl Received {
    /// Decodes the result.
    pub(super) fn read<T>(self, read: impl FnOnce(RawResponse) -> Result<T, Error>) -> Result<T, Error> {
        let result = read(self.raw);
        #[cfg(feature = "tracing")]
        if let (Err(error), Some(span)) = (&result, &self.span) {
            trace::failed(span, error.kind().as_str());
        }
        result
    }
}

/// A future that a stream keeps between polls, so that dropping the future of `next` loses nothing.
pub(super) struct Pending<T>(Option<Boxed<'static, T>>);

impl<T> Pending<T> {
    pub(super) const IDLE: Self = Self(None);

    pub(super) fn is_idle(&self) -> bool {
        self.0.is_none()
    }

    /// Polls the future, which `start` makes if there is none.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        start: impl FnOnce() -> Boxed<'static, T>,
    ) -> Poll<Result<T, Error>> {
        let result = ready!(self.0.get_or_insert_with(start).as_mut().poll(context));
        self.0 = None;
        Poll::Ready(result)
    }
}
