//! Paged lists.

use super::error::Error;
use super::json::Step;
use super::operation::{Operation, Response};

/// An operation that returns a list in pages.
pub trait Paged: Operation {
    /// The type of the elements.
    type Item;

    /// Returns the elements of a page.
    fn items(page: Self::Output) -> Vec<Self::Item>;

    /// Sets the default page number and size, if `advance` needs them to detect the last page.
    fn start(&mut self) {}

    /// Turns the request for a page into the request for the next one. Returns `false` if this was the last page.
    ///
    /// # Errors
    ///
    /// Fails if the next page would be the same page again.
    fn advance(&mut self, page: &Response<Self::Output>) -> Result<bool, Error>;
}

/// Takes the next cursor from a page. The list ends without a cursor or with an empty one.
pub(crate) fn cursor<T>(sent: &mut Option<String>, page: &Response<T>, path: &[Step]) -> Result<bool, Error> {
    let next = page.raw().find::<String>(path)?.filter(|next| !next.is_empty());
    if next.is_some() && next == *sent {
        let why = "the next cursor equals the current one, so the list would never end";
        return Err(page.raw().decode_error(super::json::path(path), why.to_owned()).into());
    }
    *sent = next;
    Ok(sent.is_some())
}

/// Sets the number and size of the first page, so that they do not depend on the server's defaults.
pub(crate) fn start(number: &mut Option<i64>, first: i64, size: &mut Option<i64>, default: i64) {
    number.get_or_insert(first);
    size.get_or_insert(default);
}

/// Increments the page number. A page with fewer elements than its size is the last.
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
        // A size of zero must not lead to an endless list.
        assert!(!number(&mut page, 1, 0, 0));
    }
}
