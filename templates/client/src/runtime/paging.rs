//! Paged lists.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::vec;

use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;

use super::error::Error;
use super::json::{self, Step};
use super::operation::{Operation, RawResponse};

/// An operation that returns a list in pages.
pub trait Paged: Operation + Clone {
    /// The type of the elements.
    type Item: DeserializeOwned;

    /// Returns the elements of a page: see [`RawResponse::elements`].
    ///
    /// # Errors
    ///
    /// Fails if the page has no list. An element that cannot be decoded is an error of its own.
    fn items(response: &RawResponse) -> Result<Elements<Self::Item>, Error>;

    /// Sets the default page number and size, so that they do not depend on the server's defaults.
    fn start(&mut self) {}

    /// Returns the cursor of this page; `None` if it is the first page, or if the pages are numbered.
    fn cursor(&self) -> Option<&str> {
        None
    }

    /// Turns the request for a page into the request for the next one. Returns `false` if this was the last page.
    ///
    /// # Errors
    ///
    /// Fails if the position of the next page cannot be read.
    fn advance(&mut self, response: &RawResponse) -> Result<bool, Error>;
}

/// The elements of a page. Each is decoded when it is needed, so that one that cannot be decoded does not hide the others.
pub struct Elements<T> {
    pub(crate) response: RawResponse,
    path: String,
    /// The number of elements that have been returned.
    pub(crate) index: usize,
    left: vec::IntoIter<Bytes>,
    element: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Iterator for Elements<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let element = self.left.next()?;
        let index = self.index;
        self.index += 1;
        if let Ok(Some(value)) = json::read(&element, &[]) {
            return Some(Ok(value));
        }
        let text = json::canonical(&element).unwrap_or_default();
        Some(self.response.locate(format!("{}[{index}]", self.path), &text))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl<T: DeserializeOwned> ExactSizeIterator for Elements<T> {}

impl<T> fmt::Debug for Elements<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Elements({} left in {})", self.left.len(), self.path)
    }
}

/// How the list of a page is read.
#[derive(Clone, Copy)]
pub(crate) struct List<'p> {
    pub(crate) path: &'p [Step],
    /// `true` if a missing or `null` list is an empty one.
    pub(crate) or_empty: bool,
    /// `true` if a value that is not a list is the only element of one.
    pub(crate) or_one: bool,
}

impl List<'_> {
    pub(crate) fn read<T>(self, response: &RawResponse) -> Result<Elements<T>, Error> {
        let misread = || response.misread::<Vec<IgnoredAny>>(self.path);
        let text = json::find(response.body(), self.path).map_err(|_| misread())?;
        let list: Vec<&str> = match text {
            None | Some("null") if self.or_empty => Vec::new(),
            Some(one) if self.or_one && one != "null" && !one.starts_with('[') => vec![one],
            Some(text) => serde_json::from_str::<Vec<&RawValue>>(text)
                .map(|list| list.into_iter().map(RawValue::get).collect())
                .map_err(|_| misread())?,
            None => return Err(misread()),
        };
        let list = list.into_iter().map(|text| response.body().slice_ref(text.as_bytes()));
        Ok(Elements {
            response: response.clone(),
            path: json::path(self.path),
            index: 0,
            left: list.collect::<Vec<_>>().into_iter(),
            element: PhantomData,
        })
    }
}

// @if has_elements
/// Returns `true` unless a page has a list without elements.
pub(crate) fn has_elements<T: DeserializeOwned>(page: &Result<Elements<T>, Error>) -> bool {
    !page.as_ref().is_ok_and(|page| page.len() == 0)
}
// @end

// @if cursor
/// Takes the next cursor from a page. The list ends without a cursor or with an empty one.
pub(crate) fn cursor(sent: &mut Option<String>, response: &RawResponse, path: &[Step]) -> Result<bool, Error> {
    *sent = response.find::<String>(path)?.filter(|next| !next.is_empty());
    Ok(sent.is_some())
}
// @end

// @if number
/// Increments the page number. An empty page is the last. The server may change the size, so a short page is not.
pub(crate) fn number<T: DeserializeOwned>(
    sent: &mut Option<i64>,
    first: i64,
    page: &Result<Elements<T>, Error>,
) -> bool {
    *sent = Some(sent.unwrap_or(first).saturating_add(1));
    has_elements(page)
}
// @end

/// Maximum number of pages that are remembered.
const MOST_KNOWN: usize = 1 << 16;

/// After this many consecutive pages without elements the list is assumed to be endless.
const MOST_EMPTY: u32 = 100;

/// Recognizes lists that would never end.
#[derive(Default)]
pub(crate) struct Guard {
    /// Hashes of the cursors so far, or of the elements of numbered pages.
    known: BTreeSet<u64>,
    hasher: RandomState,
    /// Number of consecutive pages without elements.
    empty: u32,
}

impl Guard {
    /// Returns `true` if this was not there before.
    pub(crate) fn is_new(&mut self, cursor_or_elements: &(impl Hash + ?Sized)) -> bool {
        let hash = self.hasher.hash_one(cursor_or_elements);
        let is_full = self.known.len() >= MOST_KNOWN;
        !self.known.contains(&hash) && (is_full || self.known.insert(hash))
    }

    /// Fails if the list would never end: after a page, and with the cursor of the next.
    pub(crate) fn check<T: DeserializeOwned>(
        &mut self,
        response: &RawResponse,
        page: &Result<Elements<T>, Error>,
        next: Option<&str>,
    ) -> Result<(), Error> {
        let elements = page.as_ref().map_or(&[][..], |page| page.left.as_slice());
        self.empty = if elements.is_empty() { self.empty + 1 } else { 0 };
        let why = match next {
            _ if self.empty == MOST_EMPTY => "too many consecutive pages have no elements",
            Some(cursor) if !self.is_new(cursor) => "the next cursor was used before",
            None if !elements.is_empty() && !self.is_new(elements) => "the page has the elements of an earlier one",
            _ => return Ok(()),
        };
        Err(response.decode_error(String::new(), &format!("{why}; the list may be endless")))
    }
}
