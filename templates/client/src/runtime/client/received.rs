//! Successful responses whose result has not been decoded yet.

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
