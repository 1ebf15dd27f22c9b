//! Answers whose result is still to be read.

#[cfg(feature = "tracing")]
use super::trace;
use crate::runtime::error::{DecodeError, Error};
use crate::runtime::operation::RawResponse;

/// An answer that is no refusal.
pub(super) struct Received {
    pub(super) raw: RawResponse,
    /// The call that it answers. It is over when the result is read.
    #[cfg(feature = "tracing")]
    pub(super) span: tracing::Span,
}

impl Received {
    /// Reads the result.
    pub(super) fn read<T>(self, read: impl FnOnce(RawResponse) -> Result<T, DecodeError>) -> Result<T, Error> {
        let result = read(self.raw);
        #[cfg(feature = "tracing")]
        if result.is_err() {
            trace::failed(&self.span, "decode");
        }
        Ok(result?)
    }
}
