//! Large lists that are sent in batches.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use super::Client;
use crate::runtime::error::Error;
use crate::runtime::split::Splittable;

/// The batches of a split request. Each batch is sent when it is needed.
///
/// Duplicates are removed, so no element is sent twice. A failed batch is not sent again, apart from the client's usual
/// retries. A batch has fewer elements than the maximum if its body would otherwise exceed the server's limit.
#[must_use = "no request is sent until a batch is read"]
pub struct Batches<O: Splittable> {
    client: Client,
    request: O,
    left: VecDeque<O::Element>,
    most: usize,
}

/// A batch of a split request, with its result.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Batch<T, V> {
    /// The elements that were sent.
    pub elements: Vec<T>,
    /// The result of the request for these elements. After an error the server may have executed it anyway: see
    /// [`Error::may_have_taken_effect`].
    pub result: Result<V, Error>,
}

impl<T: AsRef<str>, R> Batch<T, R> {
    /// Returns each element with its own result, for operations whose result has an entry for each element; `None` if the
    /// result has no entry for it.
    ///
    /// An entry whose key differs from the element only in case is used, too, if it matches exactly one element.
    pub fn each<V>(self) -> impl Iterator<Item = (T, Result<Option<V>, Error>)>
    where
        R: Into<BTreeMap<String, V>>,
    {
        let mut result = self
            .result
            .map(|results| rename_results(&self.elements, results.into()));
        self.elements.into_iter().map(move |element| {
            let own = match &mut result {
                Ok(results) => Ok(results.remove(element.as_ref())),
                Err(error) => Err(error.clone()),
            };
            (element, own)
        })
    }
}

/// Renames results to the elements that were sent, where the server returns names in another case.
fn rename_results<T: AsRef<str>, V>(elements: &[T], mut results: BTreeMap<String, V>) -> BTreeMap<String, V> {
    let sent: BTreeSet<&str> = elements.iter().map(AsRef::as_ref).collect();
    let missing = by_lower_case(sent.iter().copied().filter(|name| !results.contains_key(*name)));
    if missing.is_empty() {
        return results;
    }
    let unmatched = by_lower_case(results.keys().map(String::as_str).filter(|name| !sent.contains(name)));
    for (lower, name) in missing {
        let (Some(name), Some(Some(other))) = (name, unmatched.get(&lower)) else {
            continue;
        };
        if let Some(result) = results.remove(other) {
            results.insert(name, result);
        }
    }
    results
}

/// Maps lower-case names to names; `None` where several names collide.
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
    /// Splits a request into batches of the maximum size.
    pub fn new(client: Client, mut request: O) -> Self {
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
            most: O::MOST.max(1),
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

    /// Returns the elements of the next batch, e.g. to log them before they are sent; empty at the end.
    pub fn upcoming(&mut self) -> &[O::Element] {
        match self.prepare() {
            Some(_) => self.request.elements(),
            None => &[],
        }
    }

    /// Returns the elements of the latest batch, sent or in flight; after [`upcoming`](Self::upcoming), those of the next.
    pub fn last(&mut self) -> &[O::Element] {
        self.request.elements()
    }

    /// Sends the next batch and returns it with its result; `None` if there are no more. The batches after a failed one can
    /// still be sent.
    ///
    /// If the future is dropped, the batch in flight counts as sent: see [`last`](Self::last).
    pub async fn next(&mut self) -> Option<Batch<O::Element, O::Output>> {
        let count = self.prepare()?;
        let elements = self.left.drain(..count).collect();
        let result = self.client.value(&self.request).await;
        Some(Batch { elements, result })
    }

    /// Sends all batches, one after the other, even if some fail.
    pub async fn all(mut self) -> Vec<Batch<O::Element, O::Output>> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch);
        }
        batches
    }

    /// Puts the next elements into the request and returns their number.
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
        // A single element exceeds the limit: send the batch once, and let the server reject it.
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
