//! Hosts that stand in for each other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::transport::Address;

/// How long another host is used before the first is tried again.
const STAY: Duration = Duration::from_secs(300);

/// The hosts of a server, the first choice first.
///
/// A host that cannot be connected to is left for the next one, for all calls and for a while; then a single call tries
/// the first again. Nothing was sent to a host that could not be connected to, so that any request can go elsewhere.
pub(super) struct Hosts {
    first: Address,
    others: Vec<Address>,
    /// What the targets were made from, without the base path.
    urls: Vec<String>,
    /// The one in use.
    current: AtomicUsize,
    /// When the first is tried again, if another is in use.
    back_at: Mutex<Option<Instant>>,
}

/// A request's way along the hosts.
pub(super) struct Visit<'h> {
    hosts: &'h Hosts,
    index: usize,
    /// Whether it finds out if the first host is back.
    probe: bool,
    /// Those that could not be connected to.
    missed: Vec<usize>,
}

impl Hosts {
    pub(super) fn new(first: Address, others: Vec<Address>, urls: Vec<String>) -> Self {
        Self {
            first,
            others,
            urls,
            current: AtomicUsize::new(0),
            back_at: Mutex::new(None),
        }
    }

    /// The one in use.
    #[cfg(feature = "tracing")]
    pub(super) fn current(&self) -> usize {
        self.current.load(Ordering::Relaxed)
    }

    pub(super) fn at(&self, index: usize) -> &Address {
        match index.checked_sub(1) {
            Some(other) => self.others.get(other).unwrap_or(&self.first),
            None => &self.first,
        }
    }

    /// The base URLs.
    pub(super) fn urls(&self) -> &[String] {
        &self.urls
    }

    /// The name of the server whatever the order of its hosts: the first URL by the alphabet, with the base path.
    pub(super) fn key(&self) -> &str {
        let others = self.others.iter().map(|address| address.target().url());
        others.fold(self.first.target().url(), std::cmp::min)
    }

    /// Starts the way of a request.
    pub(super) fn visit(&self) -> Visit<'_> {
        let current = self.current.load(Ordering::Relaxed);
        let probe = current != 0 && self.is_due();
        Visit {
            hosts: self,
            index: if probe { 0 } else { current },
            probe,
            missed: Vec::new(),
        }
    }

    /// Whether the first host should be tried again; true for one caller at a time.
    fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut back_at = self.back_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = back_at.is_none_or(|time| time <= now);
        if due {
            *back_at = now.checked_add(STAY);
        }
        due
    }

    /// Leaves a host, unless another call did.
    fn leave(&self, index: usize, next: usize) {
        let left = self
            .current
            .compare_exchange(index, next, Ordering::Relaxed, Ordering::Relaxed);
        if left.is_ok() {
            *self.back_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(STAY);
        }
    }
}

impl Visit<'_> {
    /// Where to send the request.
    pub(super) fn address(&self) -> &Address {
        self.hosts.at(self.index)
    }

    /// Which of the hosts that is.
    #[cfg(feature = "tracing")]
    pub(super) fn host(&self) -> usize {
        self.index
    }

    /// Notes that the host could be connected to.
    pub(super) fn arrived(&self) {
        if self.probe {
            self.hosts.current.store(0, Ordering::Relaxed);
        }
    }

    /// Notes that the host could not be connected to, and moves on; false where there is none that was not tried.
    pub(super) fn move_on(&mut self) -> bool {
        let count = self.hosts.others.len() + 1;
        if count == 1 {
            return false;
        }
        self.hosts.leave(self.index, (self.index + 1) % count);
        self.missed.push(self.index);
        self.probe = false;
        let current = self.hosts.current.load(Ordering::Relaxed);
        let mut rest = (0..count).map(|step| (current + step) % count);
        match rest.find(|index| !self.missed.contains(index)) {
            Some(next) => {
                self.index = next;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::target::Target;

    fn hosts(count: usize) -> Hosts {
        let address = |index| Address::new(Target::any(&format!("https://host{index}"))).expect("a URL");
        Hosts::new(address(0), (1..count).map(address).collect(), Vec::new())
    }

    /// The hosts that a request comes to if only `up` can be connected to.
    fn way(hosts: &Hosts, up: &[usize]) -> Vec<usize> {
        let mut visit = hosts.visit();
        let mut way = vec![visit.index];
        while !up.contains(&visit.index) && visit.move_on() {
            way.push(visit.index);
        }
        if up.contains(&visit.index) {
            visit.arrived();
        }
        way
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_host_is_kept_for_a_while() {
        let hosts = hosts(3);
        assert_eq!(way(&hosts, &[0]), [0]);
        assert_eq!(way(&hosts, &[1]), [0, 1]);
        assert_eq!(way(&hosts, &[0, 1]), [1]);
        tokio::time::advance(STAY).await;
        // One call finds that the first is still away.
        assert_eq!(way(&hosts, &[1]), [0, 1]);
        assert_eq!(way(&hosts, &[1]), [1]);
        assert_eq!(way(&hosts, &[2]), [1, 2]);
        tokio::time::advance(STAY).await;
        assert_eq!(way(&hosts, &[0]), [0]);
        assert_eq!(way(&hosts, &[0, 2]), [0]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_at_a_time_tries_the_first_again() {
        let hosts = hosts(2);
        assert_eq!(way(&hosts, &[1]), [0, 1]);
        tokio::time::advance(STAY).await;
        let (first, second) = (hosts.visit(), hosts.visit());
        assert_eq!((first.index, second.index), (0, 1));
        second.arrived();
        assert_eq!(hosts.visit().index, 1);
        first.arrived();
        assert_eq!(hosts.visit().index, 0);
    }

    #[test]
    fn each_host_is_tried_once() {
        for count in 1..4 {
            let hosts = hosts(count);
            for _ in 0..3 {
                let mut way = way(&hosts, &[]);
                way.sort_unstable();
                assert_eq!(way, (0..count).collect::<Vec<_>>());
            }
        }
    }
}
