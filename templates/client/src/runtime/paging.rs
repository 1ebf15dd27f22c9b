//! Lists that are read page by page.

use super::error::Error;
use super::json::Step;
use super::operation::{Operation, Response};

/// An operation that gives a list page by page.
pub trait Paged: Operation {
    /// An element of the list.
    type Item;

    /// The elements of a page.
    fn items(page: Self::Output) -> Vec<Self::Item>;

    /// Says what the server would assume, where the end of the list is told by it.
    fn start(&mut self) {}

    /// Turns the request for a page into the request for the next one; `false` where that was the last.
    ///
    /// # Errors
    ///
    /// A page that leads back to itself is refused.
    fn advance(&mut self, page: &Response<Self::Output>) -> Result<bool, Error>;
}

/// Takes the next cursor from a page; no cursor, or an empty one, means the end.
pub(crate) fn cursor<T>(sent: &mut Option<String>, page: &Response<T>, place: &[Step]) -> Result<bool, Error> {
    let next = page.raw().find::<String>(place)?.filter(|next| !next.is_empty());
    if next.is_some() && next == *sent {
        let why = "the cursor is the one that was sent, so the list would never end";
        return Err(page.raw().decode_error(super::json::path(place), why.to_owned()).into());
    }
    *sent = next;
    Ok(sent.is_some())
}

/// Sends number and size of the first page: what the server assumes without them may be another page.
pub(crate) fn start(number: &mut Option<i64>, first: i64, size: &mut Option<i64>, default: i64) {
    number.get_or_insert(first);
    size.get_or_insert(default);
}

/// Counts pages up; a page with fewer elements than its size is the last.
pub(crate) fn number(sent: &mut Option<i64>, first: i64, size: i64, elements: usize) -> bool {
    *sent = Some(sent.unwrap_or(first).saturating_add(1));
    elements > 0 && i64::try_from(elements).is_ok_and(|elements| elements >= size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_page_is_the_last() {
        let mut page = None;
        assert!(number(&mut page, 1, 2, 2));
        assert_eq!(page, Some(2));
        assert!(!number(&mut page, 1, 2, 1));
        assert_eq!(page, Some(3));
        // A size of zero must not make an endless list.
        assert!(!number(&mut page, 1, 0, 0));
    }
}
