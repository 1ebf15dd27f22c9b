//! Failover between the hosts of a server.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::lock;
use crate::runtime::error::Error;
use crate::runtime::target::Target;

/// How long another host is used before the first is tried again.
const STAY: Duration = Duration::from_secs(300);

/// The hosts of a server in order of preference.
///
/// If a host cannot be connected to, all calls switch to the next one. After [`STAY`], a single call tries the first host
/// again. Since nothing was sent to the unreachable host, any request can safely go to another.
pub(super) struct Hosts {
    /// At least one.
    targets: Vec<Target>,
    /// Index of the host in use.
    current: AtomicUsize,
    /// When to try the first host again, if another one is in use.
    back_at: Mutex<Option<Instant>>,
}

/// The hosts that one request tries.
pub(super) struct Visit<'h> {
    hosts: &'h Hosts,
    index: usize,
    /// `true` if this request checks that the first host is back.
    probe: bool,
    /// Indices of the hosts that could not be connected to.
    missed: Vec<usize>,
}

impl Hosts {
    pub(super) fn new(targets: Vec<Target>) -> Result<Self, Error> {
        if targets.is_empty() {
            return Err(Error::config("no server is set; choose one or set a base URL"));
        }
        Ok(Self {
            targets,
            current: AtomicUsize::new(0),
            back_at: Mutex::new(None),
        })
    }

    pub(super) fn at(&self, index: usize) -> &Target {
        &self.targets[index]
    }

    /// Selects the host for a request.
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

    /// Returns `true` if the first host should be tried again. Only one caller at a time gets `true`.
    fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut back_at = lock(&self.back_at);
        let due = back_at.is_none_or(|time| time <= now);
        if due {
            *back_at = now.checked_add(STAY);
        }
        due
    }

    /// Switches from one host to another, unless another call already did.
    fn leave(&self, index: usize, next: usize) {
        const ORDER: Ordering = Ordering::Relaxed;
        if self.current.compare_exchange(index, next, ORDER, ORDER).is_ok() {
            *lock(&self.back_at) = Instant::now().checked_add(STAY);
        }
    }
}

impl Visit<'_> {
    /// Returns the base URL of the selected host.
    pub(super) fn target(&self) -> &Target {
        self.hosts.at(self.index)
    }

    /// Records that the host could be connected to.
    pub(super) fn arrived(&self) {
        if self.probe {
            self.hosts.current.store(0, Ordering::Relaxed);
        }
    }

    /// Records that the host could not be connected to and selects the next one. Returns `false` if all were tried.
    pub(super) fn move_on(&mut self) -> bool {
        let count = self.hosts.targets.len();
        self.hosts.leave(self.index, (self.index + 1) % count);
        self.missed.push(self.index);
        self.probe = false;
        let current = self.hosts.current.load(Ordering::Relaxed);
        let mut rest = (0..count).map(|step| (current + step) % count);
        let next = rest.find(|index| !self.missed.contains(index));
        self.index = next.unwrap_or(self.index);
        next.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(count: usize) -> Hosts {
        let target = |index| Target::any(&format!("https://host{index}"));
        Hosts::new((0..count).map(target).collect()).expect("hosts")
    }

    /// Returns the hosts that a request tries if only `up` can be connected to.
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
        // One call finds that the first is still unreachable.
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
