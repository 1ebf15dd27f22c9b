//! Requests on more things than the server takes at once, sent one after the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use super::Client;
use crate::runtime::error::Error;
use crate::runtime::split::Splittable;

/// A request that is split: each batch is sent when it is asked for.
///
/// No element is sent in two batches, not even one that the list holds twice in the same spelling, and no batch is sent again after it failed,
/// beyond what the client does for any request. A batch is smaller than it could be where its body would otherwise be longer
/// than the server takes.
#[must_use = "nothing is sent until a batch is asked for"]
pub struct Batches<O: Splittable> {
    client: Client,
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
    ///
    /// A result under another spelling is taken, too, if nothing but the case differs and it can be meant for one element only.
    pub fn each(self) -> impl Iterator<Item = (T, Result<Option<V>, Error>)> {
        let mut result = self.result.map(|results| respelled(&self.elements, results));
        self.elements.into_iter().map(move |element| {
            let own = match &mut result {
                Ok(results) => Ok(results.remove(element.as_ref())),
                Err(error) => Err(error.clone()),
            };
            (element, own)
        })
    }
}

/// Puts results under the names that were sent, where the server answers in another case.
fn respelled<T: AsRef<str>, V>(elements: &[T], mut results: BTreeMap<String, V>) -> BTreeMap<String, V> {
    let sent: BTreeSet<&str> = elements.iter().map(AsRef::as_ref).collect();
    let missing = by_lower_case(sent.iter().copied().filter(|name| !results.contains_key(*name)));
    if missing.is_empty() {
        return results;
    }
    let strangers = by_lower_case(results.keys().map(String::as_str).filter(|name| !sent.contains(name)));
    for (lower, name) in missing {
        let (Some(name), Some(Some(other))) = (name, strangers.get(&lower)) else {
            continue;
        };
        if let Some(result) = results.remove(other) {
            results.insert(name, result);
        }
    }
    results
}

/// Names by what they are in lower case; `None` where several are the same.
fn by_lower_case<'n>(names: impl Iterator<Item = &'n str>) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    for name in names {
        found
            .entry(name.to_lowercase())
            .and_modify(|other| *other = None)
            .or_insert_with(|| Some(name.to_owned()));
    }
    found
}

impl<O: Splittable> Batches<O> {
    /// Splits a request into batches as large as the server takes.
    pub fn new(client: Client, mut request: O) -> Self {
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
            most: O::MOST.max(1),
        }
    }

    /// Makes smaller batches, of at most so many elements.
    pub fn at_most(mut self, count: usize) -> Self {
        self.most = count.min(O::MOST).max(1);
        self
    }

    /// How many elements are left to be sent.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// The elements that the next batch will send, e.g. to note them before; none at the end.
    pub fn upcoming(&mut self) -> &[O::Element] {
        match self.prepare() {
            Some(_) => self.request.elements(),
            None => &[],
        }
    }

    /// The elements of the batch that was sent last, or is on its way; after [`upcoming`](Self::upcoming), those.
    pub fn last(&mut self) -> &[O::Element] {
        self.request.elements()
    }

    /// Sends the next batch, and tells what became of it; `None` when there are no more. Whatever becomes of it, the batches
    /// after it can still be sent.
    ///
    /// If the future is dropped, the batch that was on its way counts as sent: see [`last`](Self::last).
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
        let most = self.most.min(self.left.len());
        let mut count = most;
        while count > 0 {
            self.fill(count);
            if !self.is_too_long() {
                return Some(count);
            }
            count /= 2;
        }
        // Too long even with a single one: it is for the server to say so, once.
        self.fill(most);
        (most > 0).then_some(most)
    }

    fn fill(&mut self, count: usize) {
        *self.request.elements() = self.left.iter().take(count).cloned().collect();
    }

    fn is_too_long(&self) -> bool {
        let Some(most) = O::INFO.max_body else { return false };
        self.request.encode().is_ok_and(|request| request.body_length() > most)
    }
}

impl<O: Splittable> fmt::Debug for Batches<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches")
            .field("operation", &O::INFO.id)
            .field("left", &self.left.len())
            .finish_non_exhaustive()
    }
}
