//! Keeping the rate limits of the API.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use crate::runtime::error::Error;
use crate::runtime::operation::{OperationInfo, RateLimit};

/// No limit counts over a longer time than a year.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Rate limits that a client keeps by itself: those that the spec states, unless the app has others.
///
/// A call over the limit waits for its turn, first come, first served. The limit holds in any stretch of time of its
/// length: after a tenth of it at once, calls leave evenly at nine tenths of the rate. Every try of a call counts.
///
/// Clients do not know of each other, so several of one app share what each is given.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct RateLimits {
    /// Limits of operations and buckets; `None` for no limit.
    own: BTreeMap<String, Option<RateLimit>>,
    fail_fast: bool,
}

impl RateLimits {
    /// The limits that the spec states.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the limit of an operation, e.g. `users.list`, or of a bucket that several operations share; an operation with a
    /// limit of its own leaves its bucket. `None` for no limit.
    pub fn set(mut self, key: impl Into<String>, limit: impl Into<Option<RateLimit>>) -> Self {
        self.own.insert(key.into(), limit.into());
        self
    }

    /// A call over the limit does not wait, but fails as [`Error::RateLimited`].
    pub fn fail_fast(mut self) -> Self {
        self.fail_fast = true;
        self
    }

    /// The limit of an operation, and the key that it is counted under.
    fn of(&self, info: &'static OperationInfo) -> Option<(&'static str, RateLimit)> {
        let bucket = info.limit.and_then(|limit| limit.bucket);
        for key in [Some(info.id), bucket].into_iter().flatten() {
            if let Some(own) = self.own.get(key) {
                return own.map(|limit| (key, limit));
            }
        }
        info.limit.map(|limit| (bucket.unwrap_or(info.id), limit))
    }
}

/// Keeps limits.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: RateLimits,
    lanes: Mutex<BTreeMap<&'static str, Arc<Lane>>>,
}

/// Where calls under one limit queue.
#[derive(Debug)]
struct Lane {
    rate: RateLimiter<NotKeyed, InMemoryState, Since, NoOpMiddleware<Duration>>,
    clock: Since,
    burst: NonZeroU32,
    /// Held by who waits, so that nobody overtakes.
    turn: tokio::sync::Mutex<()>,
}

/// The runtime's clock, which tests can move.
#[derive(Debug, Clone)]
struct Since(Instant);

impl Clock for Since {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Limiter {
    pub(super) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            lanes: Mutex::default(),
        }
    }

    /// Waits until so many units may be used, unless that would be after the deadline.
    pub(super) async fn acquire(
        &self,
        info: &'static OperationInfo,
        units: u32,
        deadline: Option<Instant>,
    ) -> Result<(), Error> {
        let Some(lane) = self.lane(info) else {
            return Ok(());
        };
        let _turn = lane.turn.lock().await;
        // More than is ever free at once is taken in several goes, if there is time for that.
        let mut left = if self.limits.fail_fast {
            units.min(lane.burst.get())
        } else {
            units
        };
        while let Some(some) = NonZeroU32::new(left.min(lane.burst.get())) {
            match lane.take(some) {
                None => left -= some.get(),
                Some(wait) => {
                    let too_late = deadline.is_some_and(|deadline| Instant::now() + wait > deadline);
                    if self.limits.fail_fast || too_late {
                        let operation = info.id;
                        return Err(Error::RateLimited { operation, wait });
                    }
                    tokio::time::sleep(wait).await;
                }
            }
        }
        Ok(())
    }

    fn lane(&self, info: &'static OperationInfo) -> Option<Arc<Lane>> {
        let (key, limit) = self.limits.of(info)?;
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(key) {
            return Some(Arc::clone(lane));
        }
        let lane = Arc::new(Lane::new(limit)?);
        lanes.insert(key, Arc::clone(&lane));
        Some(lane)
    }
}

impl Lane {
    /// `None` where there is nothing to limit.
    fn new(limit: RateLimit) -> Option<Self> {
        let count = limit.count.max(1);
        let burst = NonZeroU32::new(count / 10).unwrap_or(NonZeroU32::MIN);
        let evenly = (count - burst.get()).max(1);
        let quota = Quota::with_period(limit.period.min(LONGEST) / evenly)?.allow_burst(burst);
        let clock = Since(Instant::now());
        Some(Self {
            rate: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
            burst,
            turn: tokio::sync::Mutex::new(()),
        })
    }

    /// Takes units, or says how long to wait for them.
    fn take(&self, units: NonZeroU32) -> Option<Duration> {
        match self.rate.check_n(units) {
            // There are never more asked for than there can be.
            Ok(Ok(())) | Err(_) => None,
            Ok(Err(later)) => Some(later.wait_time_from(self.clock.now())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;

    const BUCKET: RateLimit = RateLimit::per_second(100, "calls").shared("both");
    const ONE: &OperationInfo = &OperationInfo::new("a.one", Method::POST, "/a").limit(BUCKET);
    const TWO: &OperationInfo = &OperationInfo::new("a.two", Method::POST, "/b").limit(BUCKET);
    const SLOW: &OperationInfo =
        &OperationInfo::new("a.slow", Method::GET, "/c").limit(RateLimit::per_minute(10, "calls"));
    const FREE: &OperationInfo = &OperationInfo::new("a.free", Method::GET, "/d");

    /// When each of so many calls may leave.
    async fn departures(
        limiter: &Limiter,
        count: usize,
        of: impl Fn(usize) -> &'static OperationInfo,
    ) -> Vec<Duration> {
        let start = Instant::now();
        let mut times = Vec::new();
        for index in 0..count {
            limiter.acquire(of(index), 1, None).await.expect("a turn");
            times.push(start.elapsed());
        }
        times
    }

    /// The most departures in any stretch of this length.
    fn most_within(times: &[Duration], length: Duration) -> usize {
        let within = |start: &Duration| {
            times
                .iter()
                .filter(|time| *time >= start && **time < *start + length)
                .count()
        };
        times.iter().map(within).max().unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_holds_at_any_time() {
        let limiter = Limiter::new(RateLimits::new());
        let times = departures(&limiter, 500, |index| if index % 2 == 0 { ONE } else { TWO }).await;
        assert!(most_within(&times, Duration::from_secs(1)) <= 100);
        let total = times.last().expect("a time").as_secs_f64();
        assert!((4.5..6.0).contains(&total), "{total}");
        // An idle time is no excuse for a rush.
        tokio::time::sleep(Duration::from_secs(60)).await;
        let times = departures(&limiter, 150, |_| ONE).await;
        assert!(most_within(&times, Duration::from_secs(1)) <= 100);
        let times = departures(&limiter, 25, |_| SLOW).await;
        assert!(most_within(&times, Duration::from_secs(60)) <= 10);
        assert!(departures(&limiter, 1000, |_| FREE).await.iter().all(Duration::is_zero));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_wait_is_told_how_long_it_takes() {
        let limiter = Limiter::new(RateLimits::new().fail_fast());
        limiter.acquire(SLOW, 1, None).await.expect("a turn");
        let error = limiter.acquire(SLOW, 1, None).await.expect_err("over the limit");
        let wait = error.retry_after().expect("a time");
        assert!(error.is_rate_limited() && wait > Duration::from_secs(6), "{error}");
        tokio::time::sleep(wait).await;
        limiter.acquire(SLOW, 5, None).await.expect("a turn");
        // So is who has no time to wait.
        let limiter = Limiter::new(RateLimits::new());
        limiter.acquire(SLOW, 1, None).await.expect("a turn");
        let deadline = Some(Instant::now() + Duration::from_secs(1));
        limiter.acquire(SLOW, 1, deadline).await.expect_err("too late");
        assert!(departures(&limiter, 1, |_| SLOW).await[0] > Duration::from_secs(6));
    }

    #[tokio::test(start_paused = true)]
    async fn an_app_may_have_other_limits() {
        let limits = RateLimits::new()
            .set("a.slow", RateLimit::per_second(1000, "calls"))
            .set("a.two", None)
            .set("both", RateLimit::per_second(1, "calls"));
        let limiter = Limiter::new(limits);
        let last = async |info: &'static OperationInfo| {
            let times = departures(&limiter, 3, |_| info).await;
            times.last().copied().unwrap_or_default()
        };
        assert_eq!(last(SLOW).await, Duration::ZERO);
        assert_eq!(last(TWO).await, Duration::ZERO);
        assert!(last(ONE).await >= Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_may_use_several_units() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        limiter.acquire(ONE, 100, None).await.expect("a turn");
        // Ten at once, ninety at ninety a second.
        let time = start.elapsed().as_secs_f64();
        assert!((0.99..1.1).contains(&time), "{time}");
    }

    #[test]
    fn odd_limits_do_no_harm() {
        let mut odd = RateLimit::per_second(0, "calls");
        assert!(Lane::new(odd).is_some());
        odd.period = Duration::MAX;
        assert!(Lane::new(odd).is_some());
        odd.period = Duration::ZERO;
        assert!(Lane::new(odd).is_none());
        assert!(Lane::new(RateLimit::per_second(u32::MAX, "calls")).is_none());
    }
}
