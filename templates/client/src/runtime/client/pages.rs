//! Paged lists.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;

use super::received::Received;
use super::{Boxed, Client};
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
    /// The request for the next page, or an error that follows the page it was found in.
    next: Option<Result<O, Error>>,
    has_failed: bool,
    /// Kept between polls, so that dropping the future of `try_next` loses nothing.
    response: Option<Boxed<'static, Received>>,
    guard: Guard,
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
            next: Some(Ok(first)),
            has_failed: false,
            response: None,
            guard,
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
        self.elements.as_ref().map_or(0, |elements| elements.index)
    }

    /// Returns the request for the page after [`page`](Self::page); `None` if that is the last one. After a failed request,
    /// this is that request.
    pub fn next_page(&self) -> Option<&O> {
        self.next.as_ref()?.as_ref().ok()
    }

    /// Returns the cursor of [`next_page`](Self::next_page); `None` if that is the first page, or if pages are numbered.
    pub fn cursor(&self) -> Option<&str> {
        self.next_page()?.cursor()
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
        if let Some(Err(error)) = self.next.take_if(|next| next.is_err()) {
            return Poll::Ready(Err(error));
        }
        let Some(Ok(next)) = self.next.as_ref().filter(|_| !self.has_failed) else {
            return Poll::Ready(Ok(false));
        };
        let response = self.response.get_or_insert_with(|| self.client.receive(next));
        let received = ready!(response.as_mut().poll(context));
        self.response = None;
        self.has_failed = received.is_err();
        let received = received?;
        let elements = O::items(&received.raw);
        self.turn(&received.raw, &elements);
        self.elements = None;
        self.elements = Some(received.read(|_| elements)?);
        Poll::Ready(Ok(true))
    }

    /// Turns to the page that arrived.
    fn turn(&mut self, response: &RawResponse, elements: &Result<Elements<O::Item>, Error>) {
        let Some(Ok(mut request)) = self.next.take() else {
            return;
        };
        self.page = request.clone();
        self.next = match request.advance(response) {
            Ok(true) => {
                let checked = self.guard.check(response, elements, request.cursor());
                Some(checked.map(|()| request))
            }
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        };
    }
}

impl<O: Paged> Stream for Items<O> {
    type Item = Result<O::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(element) = self.elements.as_mut().and_then(Iterator::next) {
                return Poll::Ready(Some(element));
            }
            if !ready!(self.poll_page(context))? {
                return Poll::Ready(None);
            }
        }
    }
}

impl<O: Paged> Unpin for Items<O> {}

super::opaque_debug!(Items<O: Paged>);
