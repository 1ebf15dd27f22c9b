//! Paged lists.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;

use super::Client;
use super::received::{Pending, Received};
use crate::runtime::error::Error;
use crate::runtime::operation::{RawResponse, Response};
use crate::runtime::paging::{Elements, Guard, Paged};

/// The pages of a list. Each page is requested when it is needed.
///
/// This is a [`Stream`]; [`try_next`](Self::try_next) reads it without the `futures` crate. A page that cannot be decoded is
/// an error, and the next page follows. The list ends after a failed request: [`next_page`](Self::next_page) then returns
/// that request, with which the list can be resumed.
#[must_use = "no request is sent until a page is read"]
pub struct Pages<O> {
    client: Client,
    page: O,
    next: Option<O>,
    has_failed: bool,
    response: Pending<Received>,
    guard: Guard,
    /// An error that follows the page it was found in.
    failure: Option<Error>,
}

/// The elements of a page, if it has a list.
type Page<O> = Result<Elements<<O as Paged>::Item>, Error>;

/// The response with a page, or the error of its request.
type Arrived<O> = Result<(Received, Page<O>), Error>;

impl<O: Paged> Pages<O> {
    pub(super) fn new(client: Client, mut first: O) -> Self {
        first.start();
        let mut guard = Guard::default();
        first.cursor().map(|cursor| guard.is_new(cursor));
        Self {
            client,
            page: first.clone(),
            next: Some(first),
            has_failed: false,
            response: Pending::IDLE,
            guard,
            failure: None,
        }
    }

    /// Returns the request for the page to fetch next; `None` at the end of the list. After a failed request, this is that
    /// request.
    pub fn next_page(&self) -> Option<&O> {
        self.next.as_ref()
    }

    /// Returns the cursor of [`next_page`](Self::next_page); `None` if that is the first page, or if pages are numbered.
    pub fn cursor(&self) -> Option<&str> {
        self.next.as_ref()?.cursor()
    }

    /// Returns the next page; `None` at the end of the list, and after a failed request.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn try_next(&mut self) -> Result<Option<Response<O::Output>>, Error> {
        self.next().await.transpose()
    }

    /// Polls for the response with the next page, and its elements.
    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Arrived<O>>> {
        if let Some(error) = self.failure.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let Some(next) = self.next.as_ref().filter(|_| !self.has_failed) else {
            return Poll::Ready(None);
        };
        let received = ready!(
            self.response
                .poll(context, || self.client.detached(self.client.options.encode(next)))
        );
        self.has_failed = received.is_err();
        Poll::Ready(Some(received.map(|received| {
            let page = O::items(&received.raw);
            self.turn(&received.raw, &page);
            (received, page)
        })))
    }

    /// Prepares the request for the next page. This needs no element, so elements that cannot be decoded do not prevent it.
    fn turn(&mut self, response: &RawResponse, page: &Page<O>) {
        let Some(mut request) = self.next.take() else { return };
        self.page = request.clone();
        let outcome = request.advance(response).and_then(|is_more| {
            if is_more {
                self.guard.check(response, page, request.cursor())?;
            }
            Ok(is_more)
        });
        match outcome {
            Ok(is_more) => self.next = is_more.then_some(request),
            Err(error) => self.failure = Some(error),
        }
    }
}

impl<O: Paged> Stream for Pages<O> {
    type Item = Result<Response<O::Output>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let page = ready!(self.poll_page(context));
        Poll::Ready(page.map(|page| page?.0.read(Response::decode::<O>)))
    }
}

impl<O> Unpin for Pages<O> {}

super::opaque_debug!(Pages<O>);

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
    pages: Pages<O>,
    elements: Option<Elements<O::Item>>,
    returned: usize,
}

impl<O: Paged> Items<O> {
    pub(super) fn new(pages: Pages<O>) -> Self {
        Self {
            pages,
            elements: None,
            returned: 0,
        }
    }

    /// Returns the request for the page whose elements are being returned. Before the first element, this is the first page.
    pub fn page(&self) -> &O {
        &self.pages.page
    }

    /// Returns the number of elements of [`page`](Self::page) that have been returned, with those that were errors.
    #[must_use]
    pub fn returned(&self) -> usize {
        self.returned
    }

    /// Returns the request for the page after [`page`](Self::page); `None` if that is the last one. After a failed request,
    /// this is that request.
    pub fn next_page(&self) -> Option<&O> {
        self.pages.next_page()
    }

    /// Returns the cursor of [`next_page`](Self::next_page); `None` if that is the first page, or if pages are numbered.
    pub fn cursor(&self) -> Option<&str> {
        self.pages.cursor()
    }

    /// Returns the next element; `None` at the end of the list, and after a failed request.
    ///
    /// # Errors
    ///
    /// See [`Error`]. [`Decode`](crate::ErrorKind::Decode) is the error of an element or a page; the next call continues after it.
    pub async fn try_next(&mut self) -> Result<Option<O::Item>, Error> {
        self.next().await.transpose()
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
            let Some(page) = ready!(self.pages.poll_page(context)) else {
                return Poll::Ready(None);
            };
            let (received, elements) = page?;
            self.returned = 0;
            self.elements = None;
            self.elements = Some(received.read(|_| elements)?);
        }
    }
}

impl<O: Paged> Unpin for Items<O> {}

super::opaque_debug!(Items<O: Paged>);
