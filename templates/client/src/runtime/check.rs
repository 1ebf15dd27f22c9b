//! Validation of arguments before a request is sent.

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};
use std::sync::OnceLock;

use regex_lite::Regex;

use super::error::{Excess, InvalidArgument, Reason};
use super::operation::OperationInfo;
use super::secret::Secret;
use super::wire::Nullable;

/// A value that has rules or contains values with rules.
pub(crate) trait Check {
    /// Validates the value; `at` is its path among the arguments.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] with the first value that breaks a rule, and the rule.
    fn check(&self, at: &At<'_>) -> Result<(), InvalidArgument>;
}

impl<T: Check> Check for Option<T> {
    fn check(&self, at: &At<'_>) -> Result<(), InvalidArgument> {
        self.as_ref().map_or(Ok(()), |value| value.check(at))
    }
}

impl<T: Check> Check for Nullable<T> {
    fn check(&self, at: &At<'_>) -> Result<(), InvalidArgument> {
        self.as_ref().map_or(Ok(()), |value| value.check(at))
    }
}

impl<T: Check> Check for Box<T> {
    fn check(&self, at: &At<'_>) -> Result<(), InvalidArgument> {
        self.as_ref().check(at)
    }
}

impl<T: Check> Check for Vec<T> {
    fn check(&self, at: &At<'_>) -> Result<(), InvalidArgument> {
        each(at, self, |at, item| item.check(at))
    }
}

impl<T: Check> Check for BTreeMap<String, T> {
    fn check(&self, at: &At<'_>) -> Result<(), InvalidArgument> {
        entries(at, self, |at, item| item.check(at))
    }
}

/// The path of a value among the arguments of an operation, e.g. `users[3].username`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    info: &'static OperationInfo,
    parent: Option<&'a At<'a>>,
    segment: Segment<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Segment<'a> {
    Top,
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// Returns the root path of an operation.
    #[must_use]
    pub(crate) fn new(info: &'static OperationInfo) -> Self {
        Self {
            info,
            parent: None,
            segment: Segment::Top,
        }
    }

    /// Returns the path of an argument, a field or a map entry.
    #[must_use]
    pub(crate) fn key(&'a self, name: &'a str) -> Self {
        Self {
            info: self.info,
            parent: Some(self),
            segment: Segment::Key(name),
        }
    }

    /// Returns the path of a list element.
    #[must_use]
    pub(crate) fn index(&'a self, index: usize) -> Self {
        Self {
            info: self.info,
            parent: Some(self),
            segment: Segment::Index(index),
        }
    }

    /// Returns an error for the value at this path.
    #[must_use]
    pub(crate) fn invalid(&self, reason: Reason) -> InvalidArgument {
        let mut path = String::new();
        self.write(&mut path);
        InvalidArgument::new(self.info, path, reason)
    }

    fn write(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(out);
        }
        match self.segment {
            Segment::Top => {}
            Segment::Key(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.extend(name.escape_debug());
            }
            Segment::Index(index) => {
                out.push('[');
                out.push_str(&index.to_string());
                out.push(']');
            }
        }
    }
}

/// Checks every element of a list. For an optional list, pass `list.iter().flatten()`.
pub(crate) fn each<'v, T: 'v>(
    at: &At<'_>,
    items: impl IntoIterator<Item = &'v T>,
    check: impl Fn(&At<'_>, &'v T) -> Result<(), InvalidArgument>,
) -> Result<(), InvalidArgument> {
    items
        .into_iter()
        .enumerate()
        .try_for_each(|(index, item)| check(&at.index(index), item))
}

/// Checks every value of a map. For an optional map, pass `map.iter().flatten()`.
pub(crate) fn entries<'v, T: 'v>(
    at: &At<'_>,
    items: impl IntoIterator<Item = (&'v String, &'v T)>,
    check: impl Fn(&At<'_>, &'v T) -> Result<(), InvalidArgument>,
) -> Result<(), InvalidArgument> {
    items.into_iter().try_for_each(|(key, item)| check(&at.key(key), item))
}

/// A value with text to validate.
pub(crate) trait Text {
    /// Returns the text; `None` if there is none.
    fn text(&self) -> Option<&str>;
}

impl Text for String {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Text for Secret {
    fn text(&self) -> Option<&str> {
        Some(self.expose())
    }
}

impl<T: Text> Text for Option<T> {
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(Text::text)
    }
}

impl<T: Text> Text for Nullable<T> {
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(Text::text)
    }
}

/// A value with an integer to validate.
pub(crate) trait Int {
    /// Returns the integer; `None` if there is none.
    fn int(&self) -> Option<i64>;
}

impl Int for i64 {
    fn int(&self) -> Option<i64> {
        Some(*self)
    }
}

impl<T: Int> Int for Option<T> {
    fn int(&self) -> Option<i64> {
        self.as_ref().and_then(Int::int)
    }
}

impl<T: Int> Int for Nullable<T> {
    fn int(&self) -> Option<i64> {
        self.as_ref().and_then(Int::int)
    }
}

/// A value with elements to count.
pub(crate) trait Count {
    /// Returns the number of elements; `None` if there is no list.
    fn len(&self) -> Option<usize>;
}

impl<T> Count for Vec<T> {
    fn len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<K, V> Count for BTreeMap<K, V> {
    fn len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T: Count> Count for Option<T> {
    fn len(&self) -> Option<usize> {
        self.as_ref().and_then(Count::len)
    }
}

impl<T: Count> Count for Nullable<T> {
    fn len(&self) -> Option<usize> {
        self.as_ref().and_then(Count::len)
    }
}

/// Checks the number of characters.
pub(crate) fn length(at: &At<'_>, text: &impl Text, range: impl RangeBounds<i64>) -> Result<(), InvalidArgument> {
    let length = text.text().map(|text| text.chars().count());
    outside(length.map(int), range).map_or(Ok(()), |excess| Err(at.invalid(Reason::Length(excess))))
}

/// Checks the number of elements.
pub(crate) fn count(at: &At<'_>, list: &impl Count, range: impl RangeBounds<i64>) -> Result<(), InvalidArgument> {
    outside(list.len().map(int), range).map_or(Ok(()), |excess| Err(at.invalid(Reason::Count(excess))))
}

/// Checks the value of an integer.
pub(crate) fn range(at: &At<'_>, value: &impl Int, range: impl RangeBounds<i64>) -> Result<(), InvalidArgument> {
    outside(value.int(), range).map_or(Ok(()), |excess| Err(at.invalid(Reason::Range(excess))))
}

fn int(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns a value that is outside a range, with the inclusive bounds.
fn outside(value: Option<i64>, range: impl RangeBounds<i64>) -> Option<Excess> {
    let value = value.filter(|value| !range.contains(value))?;
    let bound = |bound: Bound<&i64>, step| match bound {
        Bound::Included(bound) => Some(*bound),
        Bound::Excluded(bound) => Some(bound.saturating_add(step)),
        Bound::Unbounded => None,
    };
    Some(Excess {
        value,
        min: bound(range.start_bound(), 1),
        max: bound(range.end_bound(), -1),
    })
}

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

/// Checks that a text matches a pattern.
pub(crate) fn pattern(at: &At<'_>, text: &impl Text, pattern: &'static Pattern) -> Result<(), InvalidArgument> {
    match text.text() {
        Some(text) if !pattern.matches(text) => Err(at.invalid(Reason::Pattern(pattern.text))),
        _ => Ok(()),
    }
}
