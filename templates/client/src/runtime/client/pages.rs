//! Paged lists.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::received::Received;
use super::{Boxed, Client};
use crate::runtime::error::Error;
use crate::runtime::operation::Response;
use crate::runtime::paging::Paged;

/// The pages of a list. Each page is requested when it is needed.
///
/// This is a [`Stream`]; [`try_next`](Self::try_next) reads it without the `futures` crate.
#[must_use = "no request is sent until a page is read"]
pub struct Pages<O> {
    client: Client,
    next: Option<O>,
    pending: Option<Boxed<'static, Received>>,
    failure: Option<Error>,
}

impl<O: Paged + Unpin> Pages<O> {
    /// Returns the pages from this request on.
    pub fn new(client: Client, mut first: O) -> Self {
        first.start();
        Self {
            client,
            next: Some(first),
            pending: None,
            failure: None,
        }
    }

    /// Returns the next page; `None` at the end of the list.
    ///
    /// # Errors
    ///
    /// See [`Error`]. The list ends after an error.
    pub async fn try_next(&mut self) -> Result<Option<Response<O::Output>>, Error> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// Decodes a page and prepares the request for the next one.
    fn read(&mut self, received: Result<Received, Error>) -> Result<Response<O::Output>, Error> {
        let current = self.next.take();
        let page = received?.read(Response::decode::<O>)?;
        if let Some(mut request) = current {
            match request.advance(&page) {
                Ok(true) => self.next = Some(request),
                Ok(false) => {}
                // Return this page first; the error follows.
                Err(error) => self.failure = Some(error),
            }
        }
        Ok(page)
    }
}

impl<O: Paged + Unpin> Stream for Pages<O> {
    type Item = Result<Response<O::Output>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(error) = this.failure.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let pending = match (&mut this.pending, &this.next) {
            (Some(pending), _) => pending,
            (pending, Some(request)) => pending.insert(this.client.detached(request.encode())),
            (None, None) => return Poll::Ready(None),
        };
        let received = ready!(pending.as_mut().poll(context));
        this.pending = None;
        Poll::Ready(Some(this.read(received)))
    }
}

impl<O> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("ended", &self.next.is_none())
            .finish_non_exhaustive()
    }
}

/// The elements of a list. Each page is requested when its first element is needed.
///
/// This is a [`Stream`]; [`try_next`](Self::try_next) reads it without the `futures` crate.
#[must_use = "no request is sent until an element is read"]
pub struct Items<O: Paged> {
    pages: Pages<O>,
    page: VecDeque<O::Item>,
    /// Number of consecutive empty pages.
    empty: u32,
}

/// After this many consecutive empty pages the list is assumed to be endless.
const MOST_EMPTY: u32 = 100;
const ENDLESS: &str = "too many consecutive pages are empty; the list may be endless";

impl<O: Paged<Item: Unpin> + Unpin> Items<O> {
    /// Returns the elements of these pages.
    pub fn new(pages: Pages<O>) -> Self {
        Self {
            pages,
            page: VecDeque::new(),
            empty: 0,
        }
    }

    /// Returns the next element; `None` at the end of the list.
    ///
    /// # Errors
    ///
    /// See [`Error`]. The list ends after an error.
    pub async fn try_next(&mut self) -> Result<Option<O::Item>, Error> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }
}

impl<O: Paged<Item: Unpin> + Unpin> Stream for Items<O> {
    type Item = Result<O::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.page.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => {
                    let is_enough = self.empty + 1 == MOST_EMPTY;
                    let endless = is_enough.then(|| page.raw().decode_error(String::new(), ENDLESS.to_owned()));
                    self.page = O::items(page.into_value()).into();
                    self.empty = if self.page.is_empty() { self.empty + 1 } else { 0 };
                    if let Some(error) = endless.filter(|_| self.page.is_empty()) {
                        self.pages.next = None;
                        return Poll::Ready(Some(Err(error.into())));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<O: Paged> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}
