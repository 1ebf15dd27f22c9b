//! Paged lists.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;

use super::Client;
use super::received::{Pending, Received};
use crate::runtime::error::Error;
use crate::runtime::operation::RawResponse;
use crate::runtime::paging::{Elements, Guard, Paged};

/// The elements of a list. Each page is requested when its first element is needed.
///
/// This is a [`Stream`]; [`try_next`](Self::try_next) reads it without the `futures` crate. An element that cannot be
/// decoded is an error, and the next element follows; a page without a list is an error, too, and the next page follows.
/// The list ends after a failed request.
///
/// # Resuming
///
/// To resume a list later, keep [`page`](Self::page) and [`returned`](Self::returned): request that page again, and skip the
/// elements that it has returned. After a failed request, [`next_page`](Self::next_page) is enough: it is that request, and
/// all elements before it have been returned.
#[must_use = "no request is sent until an element is read"]
pub struct Items<O: Paged> {
    client: Client,
    page: O,
    elements: Option<Elements<O::Item>>,
    returned: usize,
    next: Option<O>,
    has_failed: bool,
    pending: Pending<Received>,
    guard: Guard,
    /// An error that follows the page it was found in.
    failure: Option<Error>,
}

impl<O: Paged> Items<O> {
    pub(super) fn new(client: Client, mut first: O) -> Self {
        first.start();
        let mut guard = Guard::default();
        first.cursor().map(|cursor| guard.is_new(cursor));
        Self {
            client,
            page: first.clone(),
            elements: None,
            returned: 0,
            next: Some(first),
            has_failed: false,
            pending: Pending::IDLE,
            guard,
            failure: None,
        }
    }

    /// Returns the request for the page whose elements are being returned. Before the first element, this is the first page.
    pub fn page(&self) -> &O {
        &self.page
    }

    /// Returns the response with [`page`](Self::page), e.g. for a total that it contains; `None` before the first element.
    #[must_use]
    pub fn response(&self) -> Option<&RawResponse> {
        self.elements.as_ref().map(|elements| &elements.response)
    }

    /// Returns the number of elements of [`page`](Self::page) that have been returned, with those that were errors.
    #[must_use]
    pub fn returned(&self) -> usize {
        self.returned
    }

    /// Returns the request for the page after [`page`](Self::page); `None` if that is the last one. After a failed request,
    /// this is that request.
    pub fn next_page(&self) -> Option<&O> {
        self.next.as_ref()
    }

    /// Returns the cursor of [`next_page`](Self::next_page); `None` if that is the first page, or if pages are numbered.
    pub fn cursor(&self) -> Option<&str> {
        self.next.as_ref()?.cursor()
    }

    /// Returns the next element; `None` at the end of the list, and after a failed request.
    ///
    /// # Errors
    ///
    /// See [`Error`]. [`Decode`](crate::ErrorKind::Decode) is the error of an element or a page; the next call continues after it.
    pub async fn try_next(&mut self) -> Result<Option<O::Item>, Error> {
        self.next().await.transpose()
    }

    /// Polls for the next page, and prepares the request for the one after it. This needs no element, so elements that cannot
    /// be decoded do not prevent it. Returns `false` at the end of the list.
    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        if let Some(error) = self.failure.take() {
            return Poll::Ready(Err(error));
        }
        let Some(next) = self.next.as_ref().filter(|_| !self.has_failed) else {
            return Poll::Ready(Ok(false));
        };
        let received = ready!(self.pending.poll(context, || self.client.receive(next)));
        self.has_failed = received.is_err();
        let received = received?;
        let elements = O::items(&received.raw);
        self.turn(&received.raw, &elements);
        (self.returned, self.elements) = (0, None);
        self.elements = Some(received.read(|_| elements)?);
        Poll::Ready(Ok(true))
    }

    /// Turns to the page that arrived.
    fn turn(&mut self, response: &RawResponse, elements: &Result<Elements<O::Item>, Error>) {
        let Some(mut request) = self.next.take() else { return };
        self.page = request.clone();
        let outcome = request.advance(response).and_then(|is_more| {
            if is_more {
                self.guard.check(response, elements, request.cursor())?;
            }
            Ok(is_more)
        });
        match outcome {
            Ok(is_more) => self.next = is_more.then_some(request),
            Err(error) => self.failure = Some(error),
        }
    }
}

impl<O: Paged> Stream for Items<O> {
    type Item = Result<O::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(element) = self.elements.as_mut().and_then(Iterator::next) {
                self.returned += 1;
                return Poll::Ready(Some(element));
            }
            match ready!(self.poll_page(context)) {
                Ok(true) => {}
                Ok(false) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<O: Paged> Unpin for Items<O> {}

super::opaque_debug!(Items<O: Paged>);
