//! Conversions of arguments: optional values, lists and maps, in the forms in which callers have them.
//!
//! The type parameter `M` of a method tells the forms apart; the compiler infers it.

use std::collections::BTreeMap;
use std::time::Duration;

/// Marks a value itself.
#[derive(Debug)]
pub enum Plain {}

/// Marks an `Option`.
#[derive(Debug)]
pub enum Maybe {}

/// Marks something that can be iterated over.
#[derive(Debug)]
pub enum Many {}

/// Marks something that iterates over references to `&str`.
#[derive(Debug)]
pub enum Texts {}

/// Converts to an optional argument, from a value or from an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for an optional `{T}`",
    label = "expected a value that converts into `{T}`, or an `Option` of one"
)]
pub trait IntoOption<T, M> {
    #[doc(hidden)]
    fn into_option(self) -> Option<T>;
}

impl<T, V: Into<T>> IntoOption<T, Plain> for V {
    fn into_option(self) -> Option<T> {
        Some(self.into())
    }
}

impl<T, M, V: IntoList<T, M>> IntoOption<ListOf<T>, (Plain, M)> for V {
    fn into_option(self) -> Option<ListOf<T>> {
        Some(ListOf(self.into_list()))
    }
}

impl<T, M, V: IntoOption<T, M>> IntoOption<T, (Maybe, M)> for Option<V> {
    fn into_option(self) -> Option<T> {
        self.and_then(V::into_option)
    }
}

/// Converts to a list argument, from anything that can be iterated over or from a single element.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of `{T}`",
    label = "expected something to iterate over, or one element, that converts into `{T}`"
)]
pub trait IntoList<T, M> {
    #[doc(hidden)]
    fn into_list(self) -> Vec<T>;
}

impl<T, I: IntoIterator<Item: Into<T>>> IntoList<T, Many> for I {
    fn into_list(self) -> Vec<T> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<'a, 'b: 'a, T: From<&'b str>, I: IntoIterator<Item = &'a &'b str>> IntoList<T, Texts> for I {
    fn into_list(self) -> Vec<T> {
        self.into_iter().map(|text| (*text).into()).collect()
    }
}

impl<T, V: Into<T>> IntoList<T, Plain> for V {
    fn into_list(self) -> Vec<T> {
        vec![self.into()]
    }
}

/// A list argument that can be absent.
#[derive(Debug)]
pub struct ListOf<T>(pub(crate) Vec<T>);

/// An entry of a map argument. A pair of a key and a value converts into it.
#[derive(Debug)]
pub struct EntryOf<T>(String, T);

impl<T, K: Into<String>, V: Into<T>> From<(K, V)> for EntryOf<T> {
    fn from((key, value): (K, V)) -> Self {
        Self(key.into(), value.into())
    }
}

/// An integer argument. Integers that exceed `i64` count as its minimum or maximum, so that the check of their range fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer(pub(crate) i64);

// @if integer_argument
impl Integer {
    pub(crate) fn of(value: impl Into<Self>) -> i64 {
        value.into().0
    }
}
// @end

impl<T, U: From<T>> From<ListOf<T>> for Vec<U> {
    fn from(list: ListOf<T>) -> Self {
        list.0.into_iter().map(U::from).collect()
    }
}

impl<T, U: From<T>> From<ListOf<EntryOf<T>>> for BTreeMap<String, U> {
    fn from(entries: ListOf<EntryOf<T>>) -> Self {
        let entries = entries.0.into_iter();
        entries.map(|EntryOf(key, value)| (key, value.into())).collect()
    }
}

impl From<Integer> for i64 {
    fn from(integer: Integer) -> Self {
        integer.0
    }
}

/// Implements the conversion of the integer types.
macro_rules! integers {
    ($($name:ty)*) => {$(
        impl From<$name> for Integer {
            fn from(value: $name) -> Self {
                #[allow(unused_comparisons, reason = "some of the types are unsigned")]
                let limit = if value < 0 { i64::MIN } else { i64::MAX };
                Self(i64::try_from(value).unwrap_or(limit))
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

/// A duration argument that can be without an end. A `Duration` converts into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Without an end.
    Forever,
    /// For this duration.
    For(Duration),
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self::For(duration)
    }
}

// @if span
impl Span {
    /// Converts to a unit, in which `forever` stands for [`Forever`](Self::Forever). A short duration that would be rounded to
    /// `forever` is extended, so that it has an end.
    pub(crate) fn or_forever<T: From<Duration> + PartialEq>(self, forever: T) -> T {
        match self {
            Self::Forever => forever,
            Self::For(duration) if T::from(duration) == forever => {
                T::from(duration.saturating_add(Duration::from_secs(1)))
            }
            Self::For(duration) => T::from(duration),
        }
    }
}
// @end
