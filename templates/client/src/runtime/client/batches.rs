//! Large lists that are sent in batches.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;

use super::received::Received;
use super::{Boxed, Client};
use crate::runtime::error::Error;
use crate::runtime::split::Splittable;

/// The batches of a split request. Each batch is sent when it is needed.
///
/// This is a [`Stream`]; [`next`](Self::next) reads it without the `futures` crate. Duplicates are removed, so no element is
/// sent twice. Elements that break a rule are put aside: see [`Batch::rejected`]. A failed batch is not sent again, apart from
/// the client's usual retries. A batch has fewer elements than the maximum if its body would otherwise exceed the server's
/// limit.
#[must_use = "no request is sent until a batch is read"]
pub struct Batches<O: Splittable> {
    client: Client,
    request: O,
    left: VecDeque<O::Element>,
    rejected: Vec<(O::Element, Error)>,
    most: usize,
    /// Kept between polls, so that dropping the future of `next` loses nothing.
    response: Option<Boxed<'static, Received>>,
}

/// A batch of a split request, with its result.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Batch<T, V> {
    /// The elements that were sent.
    pub elements: Vec<T>,
    /// Elements that were not sent because they break a rule, with their errors. If all elements of a batch are invalid,
    /// `result` is the error instead.
    pub rejected: Vec<(T, Error)>,
    /// The result of the request for `elements`. After an error the server may have executed it anyway: see
    /// [`Error::may_have_taken_effect`].
    pub result: Result<V, Error>,
}

impl<T: AsRef<str>, R> Batch<T, R> {
    /// Returns each element with its own result, for operations whose result has an entry for each element; `None` if the
    /// result has no entry for it. Rejected elements come last.
    ///
    /// An entry for the element in lower case is used, too, since servers may return names so.
    pub fn each<V>(self) -> impl Iterator<Item = (T, Result<Option<V>, Error>)>
    where
        R: Into<BTreeMap<String, V>>,
    {
        let mut result = self.result.map(Into::into);
        let sent = self.elements.into_iter().map(move |element| {
            let name = element.as_ref();
            let own = match &mut result {
                Ok(results) => Ok(results.remove(name).or_else(|| results.remove(&name.to_lowercase()))),
                Err(error) => Err(error.clone()),
            };
            (element, own)
        });
        let rejected = self.rejected.into_iter();
        sent.chain(rejected.map(|(element, error)| (element, Err(error))))
    }
}

impl<O: Splittable> Batches<O> {
    pub(super) fn new(client: Client, mut request: O) -> Self {
        let all = std::mem::take(request.elements());
        let mut known = BTreeSet::new();
        let left = all.into_iter().filter(|element| {
            // An element that cannot be serialized fails in its batch.
            serde_json::to_string(element).map_or(true, |text| known.insert(text))
        });
        Self {
            client,
            left: left.collect(),
            request,
            rejected: Vec::new(),
            most: O::MOST.max(1),
            response: None,
        }
    }

    /// Sets the maximum number of elements in a batch. Default and upper bound: the server's limit.
    pub fn at_most(mut self, count: usize) -> Self {
        self.most = count.min(O::MOST).max(1);
        self
    }

    /// Returns the number of elements not sent yet.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// Sends the next batch and returns it with its result; `None` if there are no more. The batches after a failed one can
    /// still be sent.
    ///
    /// If the future is dropped, the batch stays in flight, and the next call waits for its result.
    pub async fn next(&mut self) -> Option<Batch<O::Element, O::Output>> {
        StreamExt::next(self).await
    }

    /// Sends all batches, one after the other, even if some fail.
    pub async fn all(self) -> Vec<Batch<O::Element, O::Output>> {
        self.collect().await
    }

    /// Moves the next elements to the request. Returns `false` if there are no more.
    fn prepare(&mut self) -> bool {
        let max = O::INFO.max_body.unwrap_or(u64::MAX);
        let mut most = self.most;
        let count = loop {
            let count = self.fill(most);
            match self.client.options.encode(&self.request) {
                Ok(request) if request.body_length() <= max => break count,
                Ok(_) if count > 1 => most = count / 2,
                Err(_) if self.reject(count) => {}
                // A single element exceeds the limit, or no element is valid: send the batch once, and let it fail.
                _ => break self.fill(self.most),
            }
        };
        self.left.drain(..count);
        count > 0
    }

    /// Puts at most this many elements into the request and returns their number.
    fn fill(&mut self, most: usize) -> usize {
        *self.request.elements() = self.left.iter().take(most).cloned().collect();
        self.request.elements().len()
    }

    /// Puts aside those of the next elements that are invalid. Returns `false` if none of them or all of them are.
    fn reject(&mut self, count: usize) -> bool {
        let mut alone = self.request.clone();
        let errors = self.left.iter().take(count).map(|element| {
            *alone.elements() = vec![element.clone()];
            self.client.options.encode(&alone).err()
        });
        let errors: Vec<_> = errors.collect();
        let valid = errors.iter().filter(|error| error.is_none()).count();
        if valid == 0 || valid == count {
            return false;
        }
        let checked: Vec<_> = self.left.drain(..count).zip(errors).collect();
        for (element, error) in checked {
            match error {
                Some(error) => self.rejected.push((element, error)),
                None => self.left.push_back(element),
            }
        }
        self.left.rotate_right(valid);
        true
    }
}

impl<O: Splittable> Stream for Batches<O> {
    type Item = Batch<O::Element, O::Output>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.response.is_none() && !this.prepare() {
            return Poll::Ready(None);
        }
        let response = this.response.get_or_insert_with(|| this.client.receive(&this.request));
        let received = ready!(response.as_mut().poll(context));
        this.response = None;
        Poll::Ready(Some(Batch {
            elements: std::mem::take(this.request.elements()),
            rejected: std::mem::take(&mut this.rejected),
            result: received.and_then(|received| received.read(|response| O::decode(&response))),
        }))
    }
}

impl<O: Splittable> Unpin for Batches<O> {}

super::opaque_debug!(Batches<O: Splittable>);
