//! Values that this version does not know.

/// A value of an enum that this version does not know, as it arrived.
///
/// It cannot be made or compared with text, since a later version may know the value and have a variant for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Unrecognized<T = Box<str>>(pub(crate) T);

impl Unrecognized {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Unrecognized<i64> {
    /// Returns the number.
    #[must_use]
    pub fn value(self) -> i64 {
        self.0
    }
}
