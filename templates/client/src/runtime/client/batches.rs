//! Requests on more things than the server takes at once, sent one after the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use super::Client;
use crate::runtime::error::Error;
use crate::runtime::split::Splittable;

/// A request that is split: each batch is sent when it is asked for.
///
/// No element is sent in two batches, not even one that the list holds twice, and no batch is sent again after it failed,
/// beyond what the client does for any request. A batch is smaller than it could be where its body would otherwise be longer
/// than the server takes.
#[must_use = "nothing is sent until a batch is asked for"]
pub struct Batches<'c, O: Splittable> {
    client: &'c Client,
    request: O,
    left: VecDeque<O::Element>,
    most: usize,
}

/// A part of a split request, and what became of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Batch<T, V> {
    /// The elements that were sent.
    pub elements: Vec<T>,
    /// What the request for them gave. If the connection broke or the time ran out, the server may have done it all the
    /// same: see [`Error::kind`].
    pub result: Result<V, Error>,
}

impl<T: AsRef<str>, V> Batch<T, BTreeMap<String, V>> {
    /// Each element with its own result, for answers that hold one for each; `None` where the answer holds none for it.
    pub fn each(self) -> impl Iterator<Item = (T, Result<Option<V>, Error>)> {
        let mut result = self.result;
        self.elements.into_iter().map(move |element| {
            let own = match &mut result {
                Ok(results) => Ok(results.remove(element.as_ref())),
                Err(error) => Err(error.clone()),
            };
            (element, own)
        })
    }
}

impl<'c, O: Splittable> Batches<'c, O> {
    /// Splits a request into batches as large as the server takes.
    pub fn new(client: &'c Client, mut request: O) -> Self {
        let all = std::mem::take(request.elements());
        let mut known = BTreeSet::new();
        let left = all.into_iter().filter(|element| {
            // What cannot be written is refused when it is its turn.
            serde_json::to_string(element).map_or(true, |text| known.insert(text))
        });
        Self {
            client,
            left: left.collect(),
            request,
            most: O::MOST,
        }
    }

    /// Makes smaller batches, of at most so many elements.
    pub fn at_most(mut self, count: usize) -> Self {
        self.most = count.clamp(1, O::MOST);
        self
    }

    /// How many elements are left to be sent.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// Sends the next batch, and tells what became of it; `None` when there are no more. Whatever becomes of it, the batches
    /// after it can still be sent.
    ///
    /// If the future is dropped, the batch that was on its way counts as sent.
    pub async fn next(&mut self) -> Option<Batch<O::Element, O::Output>> {
        let count = self.prepare()?;
        let elements = self.left.drain(..count).collect();
        let result = self.client.value(&self.request).await;
        Some(Batch { elements, result })
    }

    /// Sends all batches, one after the other, whatever becomes of each.
    pub async fn all(mut self) -> Vec<Batch<O::Element, O::Output>> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch);
        }
        batches
    }

    /// Puts the next elements into the request, and tells how many.
    fn prepare(&mut self) -> Option<usize> {
        let mut count = self.most.min(self.left.len());
        while count > 0 {
            *self.request.elements() = self.left.iter().take(count).cloned().collect();
            if count == 1 || !self.is_too_long() {
                return Some(count);
            }
            count /= 2;
        }
        None
    }

    fn is_too_long(&self) -> bool {
        let Some(most) = O::INFO.max_body else { return false };
        self.request.encode().is_ok_and(|request| request.body_length() > most)
    }
}

impl<O: Splittable> fmt::Debug for Batches<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches")
            .field("operation", &O::INFO.id)
            .field("left", &self.left.len())
            .finish_non_exhaustive()
    }
}
