//! Lists that are returned page by page.

use std::str::FromStr;

/// A result with the cursor of the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// The result.
    pub result: T,
    /// The cursor of the next page. `None` if this is the last.
    pub next: Option<String>,
}

impl<T> Paged<Vec<T>> {
    /// Takes a page from the elements after the cursor. Each has a key, which is the cursor if the element is the last of the page.
    pub fn take<K: ToString>(elements: impl IntoIterator<Item = (K, T)>, size: i64) -> Self {
        let mut elements = elements.into_iter();
        let mut result = Vec::new();
        let mut last = None;
        let size = usize::try_from(size).unwrap_or_default();
        while result.len() < size {
            let Some((key, element)) = elements.next() else {
                return Self { result, next: None };
            };
            last = Some(key);
            result.push(element);
        }
        let next = elements.next().and(last).map(|key| key.to_string());
        Self { result, next }
    }
}

/// Returns the key that a cursor stands for. `None` without a cursor, or if it is not valid: the list then starts at the beginning.
#[must_use]
pub fn position<K: FromStr>(cursor: Option<&str>) -> Option<K> {
    cursor?.parse().ok()
}

/// Returns an iterator over a numbered page.
pub fn numbered<I: Iterator>(elements: I, number: i64, size: i64) -> impl Iterator<Item = I::Item> {
    let size = usize::try_from(size).unwrap_or_default();
    let before = usize::try_from(number.saturating_sub(1)).unwrap_or_default();
    elements.skip(before.saturating_mul(size)).take(size)
}
