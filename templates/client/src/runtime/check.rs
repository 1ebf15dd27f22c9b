//! Validation of arguments before a request is sent.

// @if check
use std::collections::BTreeMap;
// @end
// @if within
use std::ops::{Bound, RangeBounds};
// @end
// @if pattern
use std::sync::OnceLock;

use regex_lite::Regex;
// @end

// @if within
use super::error::Excess;
// @end
use super::error::{Error, Reason};
use super::operation::OperationInfo;
// @if text_check
use super::request::{Argument, Text};
// @end

// @if checked
type Checked = Result<(), Error>;
// @end

// @if check
/// A value that has rules or contains values with rules.
pub(crate) trait Check {
    /// Validates the value; `at` is its path among the arguments.
    fn check(&self, at: &At<'_>) -> Checked;
}

impl<T: Check> Check for Option<T> {
    fn check(&self, at: &At<'_>) -> Checked {
        self.iter().try_for_each(|value| value.check(at))
    }
}

impl<T: Check> Check for Box<T> {
    fn check(&self, at: &At<'_>) -> Checked {
        self.as_ref().check(at)
    }
}

impl<T: Check> Check for Vec<T> {
    fn check(&self, at: &At<'_>) -> Checked {
        each(at, self, |at, item| item.check(at))
    }
}

impl<T: Check> Check for BTreeMap<String, T> {
    fn check(&self, at: &At<'_>) -> Checked {
        entries(at, self, |at, item| item.check(at))
    }
}
// @end

/// The path of a value among the arguments of an operation, e.g. `users[3].username`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    info: &'static OperationInfo,
    /// The path around the value, and its key there or else its index.
    step: Option<(&'a At<'a>, Result<&'a str, usize>)>,
}

impl<'a> At<'a> {
    /// Returns the root path of an operation.
    pub(crate) fn new(info: &'static OperationInfo) -> Self {
        Self { info, step: None }
    }

    /// Returns the path of an argument, a field or a map entry.
    pub(crate) fn key(&'a self, name: &'a str) -> Self {
        let step = Some((self, Ok(name)));
        Self { step, ..*self }
    }

    // @if each
    /// Returns the path of a list element.
    pub(crate) fn index(&'a self, index: usize) -> Self {
        let step = Some((self, Err(index)));
        Self { step, ..*self }
    }
    // @end

    /// Returns an error for the value at this path.
    pub(crate) fn invalid(&self, reason: Reason) -> Error {
        Error::invalid_argument(self.info, self.path(), reason)
    }

    fn path(&self) -> String {
        let Some((parent, step)) = self.step else {
            return String::new();
        };
        let path = parent.path();
        match step {
            Ok(key) if path.is_empty() => key.escape_debug().to_string(),
            Ok(key) => format!("{path}.{}", key.escape_debug()),
            Err(index) => format!("{path}[{index}]"),
        }
    }
}

// @if each
/// Checks every element of a list. For an optional list, pass `list.iter().flatten()`.
pub(crate) fn each<'v, T: 'v>(
    at: &At<'_>,
    items: impl IntoIterator<Item = &'v T>,
    check: impl Fn(&At<'_>, &'v T) -> Checked,
) -> Checked {
    let mut items = items.into_iter().enumerate();
    items.try_for_each(|(index, item)| check(&at.index(index), item))
}
// @end

// @if entries
/// Checks every value of a map. For an optional map, pass `map.iter().flatten()`.
pub(crate) fn entries<'v, T: 'v>(
    at: &At<'_>,
    items: impl IntoIterator<Item = (&'v String, &'v T)>,
    check: impl Fn(&At<'_>, &'v T) -> Checked,
) -> Checked {
    items.into_iter().try_for_each(|(key, item)| check(&at.key(key), item))
}
// @end

// @if family_check
/// Checks the keys and values of a family of keys, which begin with a prefix.
pub(crate) fn family<'v, K: AsRef<str> + 'v, T: 'v>(
    at: &At<'_>,
    prefix: &str,
    items: impl IntoIterator<Item = (&'v K, &'v T)>,
    check: impl Fn(&At<'_>, &'v K, &'v T) -> Checked,
) -> Checked {
    let mut items = items.into_iter();
    items.try_for_each(|(key, item)| check(&at.key(&format!("{prefix}{}", key.as_ref())), key, item))
}
// @end

// @if length
/// Checks the number of characters of a text, which can be absent.
pub(crate) fn length(at: &At<'_>, text: &impl Argument, range: impl RangeBounds<i64>) -> Checked {
    let mut length = None;
    text.each(&mut |Text { text, .. }| length = i64::try_from(text.chars().count()).ok());
    within(at, length, range, Reason::Length)
}
// @end

// @if count
/// Checks the number of elements.
pub(crate) fn count(at: &At<'_>, count: impl Into<Option<usize>>, range: impl RangeBounds<i64>) -> Checked {
    let count = count.into().and_then(|count| i64::try_from(count).ok());
    within(at, count, range, Reason::Count)
}
// @end

// @if range
/// Checks the value of an integer.
pub(crate) fn range(at: &At<'_>, value: impl Into<Option<i64>>, range: impl RangeBounds<i64>) -> Checked {
    within(at, value.into(), range, Reason::Range)
}
// @end

// @if within
fn within(at: &At<'_>, value: Option<i64>, range: impl RangeBounds<i64>, reason: fn(Excess) -> Reason) -> Checked {
    let Some(value) = value.filter(|value| !range.contains(value)) else {
        return Ok(());
    };
    // Inclusive bounds.
    let bound = |bound: Bound<&i64>, step| match bound {
        Bound::Included(bound) => Some(*bound),
        Bound::Excluded(bound) => Some(bound.saturating_add(step)),
        Bound::Unbounded => None,
    };
    let (min, max) = (bound(range.start_bound(), 1), bound(range.end_bound(), -1));
    Err(at.invalid(reason(Excess { value, min, max })))
}
// @end

// @if pattern
/// A regular expression, compiled on first use.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Makes a pattern that is known to compile.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self {
            text,
            regex: OnceLock::new(),
        }
    }

    fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::new(self.text).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}
// @end

// @if pattern
/// Checks that a text, which can be absent, matches a pattern.
pub(crate) fn pattern(at: &At<'_>, text: &impl Argument, pattern: &'static Pattern) -> Checked {
    let mut matches = true;
    text.each(&mut |Text { text, .. }| matches &= pattern.matches(text));
    let failed = || at.invalid(Reason::Pattern(pattern.text));
    matches.then_some(()).ok_or_else(failed)
}
// @end
