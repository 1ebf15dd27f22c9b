//! Keeping the rate limits of the API.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use super::options::Units;
use crate::runtime::error::Error;
use crate::runtime::operation::{OperationInfo, RateLimit};

/// No limit counts over a longer time than a year.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Rate limits that a client keeps by itself: those that the spec states, unless the app has others.
///
/// A call over the limit waits for its turn, first come, first served; one whose turn would be after its
/// [time limit](super::Builder::timeout) fails at once, as [`Error::RateLimited`]. The limit holds in any stretch of time of
/// its length: after a tenth of it at once, calls leave evenly at nine tenths of the rate. Every try of a call counts.
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

    /// A call over the limit does not wait, but fails as [`Error::RateLimited`]. One that uses more than may leave at once is
    /// let go when that much is free, and those after it make up for the rest.
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
    /// How long it takes until one more unit is free.
    interval: Duration,
    /// Held by who waits, so that nobody overtakes.
    turn: tokio::sync::Mutex<()>,
    /// How much those want who wait.
    wanted: AtomicU64,
    /// What a call used that did not wait.
    debt: Mutex<Option<Debt>>,
}

/// Units that were used before they were free.
#[derive(Debug)]
struct Debt {
    units: u32,
    since: Instant,
}

/// A place in the line.
struct Place<'l> {
    lane: &'l Lane,
    /// What is still wanted here.
    left: u32,
    /// How long it takes at the least until it is served.
    wait: Duration,
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

    /// Waits until a call may leave, unless that would be after the deadline.
    pub(super) async fn acquire(
        &self,
        info: &'static OperationInfo,
        units: Units,
        deadline: Option<Instant>,
    ) -> Result<(), Error> {
        let Some((key, limit)) = self.limits.of(info) else {
            return Ok(());
        };
        let Some(lane) = self.lane(key, limit) else {
            return Ok(());
        };
        let turn = self.wait(&lane, units.under(limit), deadline).await;
        turn.map_err(|wait| Error::RateLimited {
            info,
            wait,
        })
    }

    /// Waits until so many units may be used; gives back how long that would take where it is too long.
    async fn wait(&self, lane: &Lane, units: u32, deadline: Option<Instant>) -> Result<(), Duration> {
        if self.limits.fail_fast {
            return lane.take_in_advance(units);
        }
        let mut place = lane.stand_in_line(units);
        if is_after(place.wait, deadline) {
            return Err(place.wait);
        }
        let _turn = lane.turn.lock().await;
        // More than is ever free at once is taken in several goes, if there is time for all of them.
        while let Some(some) = NonZeroU32::new(place.left.min(lane.burst.get())) {
            let rest = lane.time_for((place.left - some.get()).into());
            if is_after(rest, deadline) {
                return Err(rest);
            }
            let Some(wait) = lane.take(some) else {
                place.got(some.get());
                continue;
            };
            let whole = wait.saturating_add(rest);
            if is_after(whole, deadline) {
                return Err(whole);
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn lane(&self, key: &'static str, limit: RateLimit) -> Option<Arc<Lane>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(key) {
            return Some(Arc::clone(lane));
        }
        let lane = Arc::new(Lane::new(limit)?);
        lanes.insert(key, Arc::clone(&lane));
        Some(lane)
    }
}

fn is_after(wait: Duration, deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| wait > deadline.saturating_duration_since(Instant::now()))
}

impl Lane {
    /// `None` where there is nothing to limit.
    fn new(limit: RateLimit) -> Option<Self> {
        let count = limit.count.max(1);
        let burst = NonZeroU32::new(count / 10).unwrap_or(NonZeroU32::MIN);
        let evenly = (count - burst.get()).max(1);
        let interval = limit.period.min(LONGEST) / evenly;
        let quota = Quota::with_period(interval)?.allow_burst(burst);
        let clock = Since(Instant::now());
        Some(Self {
            rate: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
            burst,
            interval,
            turn: tokio::sync::Mutex::default(),
            wanted: AtomicU64::new(0),
            debt: Mutex::default(),
        })
    }

    /// How long it takes until so many more units are free.
    fn time_for(&self, units: u64) -> Duration {
        self.interval.saturating_mul(u32::try_from(units).unwrap_or(u32::MAX))
    }

    fn stand_in_line(&self, units: u32) -> Place<'_> {
        let before = self.wanted.fetch_add(units.into(), Ordering::Relaxed);
        let wanted = before.saturating_add(units.into());
        // So many may be free.
        let wait = self.time_for(wanted.saturating_sub(self.burst.get().into()));
        Place {
            lane: self,
            left: units,
            wait,
        }
    }

    /// Takes units without waiting, or says how long to wait. Of more than are ever free at once, what is over is a debt.
    fn take_in_advance(&self, units: u32) -> Result<(), Duration> {
        let mut debt = self.debt.lock().unwrap_or_else(PoisonError::into_inner);
        self.settle(&mut debt)?;
        let Some(some) = NonZeroU32::new(units.min(self.burst.get())) else {
            return Ok(());
        };
        if let Some(wait) = self.take(some) {
            return Err(wait);
        }
        *debt = (units > some.get()).then(|| Debt {
            units: units - some.get(),
            since: Instant::now(),
        });
        Ok(())
    }

    /// Pays the debt with what became free since, or says how long it takes until that is enough.
    fn settle(&self, debt: &mut Option<Debt>) -> Result<(), Duration> {
        let Some(owed) = debt else { return Ok(()) };
        let elapsed = owed.since.elapsed();
        let freed = u32::try_from(elapsed.as_nanos() / self.interval.as_nanos()).unwrap_or(u32::MAX);
        let Some(left) = freed.checked_sub(owed.units) else {
            return Err(self.time_for(owed.units.into()).saturating_sub(elapsed));
        };
        // Nothing was free when the debt was made, and no more than a burst is free by now.
        if let Some(paid) = NonZeroU32::new(freed.min(self.burst.get()).saturating_sub(left)) {
            self.take(paid);
        }
        *debt = None;
        Ok(())
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

impl Place<'_> {
    fn got(&mut self, units: u32) {
        self.left -= units;
        self.lane.wanted.fetch_sub(units.into(), Ordering::Relaxed);
    }
}

impl Drop for Place<'_> {
    // Whoever gives up wants nothing any more.
    fn drop(&mut self) {
        self.got(self.left);
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
            limiter.acquire(of(index), Units::of(1), None).await.expect("a turn");
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
        limiter.acquire(SLOW, Units::of(1), None).await.expect("a turn");
        let error = limiter
            .acquire(SLOW, Units::of(1), None)
            .await
            .expect_err("over the limit");
        let wait = error.retry_after().expect("a time");
        assert!(error.is_rate_limited() && wait > Duration::from_secs(6), "{error}");
        tokio::time::sleep(wait).await;
        limiter.acquire(SLOW, Units::of(5), None).await.expect("a turn");
        // So is who has no time to wait.
        let limiter = Limiter::new(RateLimits::new());
        limiter.acquire(SLOW, Units::of(1), None).await.expect("a turn");
        let deadline = Some(Instant::now() + Duration::from_secs(1));
        limiter
            .acquire(SLOW, Units::of(1), deadline)
            .await
            .expect_err("too late");
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
        limiter.acquire(ONE, Units::of(100), None).await.expect("a turn");
        // Ten at once, ninety at ninety a second.
        let time = start.elapsed().as_secs_f64();
        assert!((0.99..1.1).contains(&time), "{time}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_fit_before_the_deadline_is_refused_at_once() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        let deadline = |seconds| Some(start + Duration::from_secs(seconds));
        // Ninety a second after the first ten.
        let error = limiter
            .acquire(ONE, Units::of(1000), deadline(5))
            .await
            .expect_err("too many");
        assert!(error.retry_after().expect("a time") > Duration::from_secs(10));
        assert_eq!(start.elapsed(), Duration::ZERO);
        // Nothing was used up.
        limiter.acquire(ONE, Units::of(10), deadline(0)).await.expect("a turn");
        assert_eq!(start.elapsed(), Duration::ZERO);
        // Who stands in line behind too many is told at once, too, and not by the end of its patience.
        let line: Vec<_> = (0..20)
            .map(|_| limiter.acquire(ONE, Units::of(45), deadline(5)))
            .collect();
        let outcomes = futures_util::future::join_all(line.into_iter().map(async |turn| {
            let outcome = turn.await;
            (outcome.is_ok(), start.elapsed())
        }))
        .await;
        let (served, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|(is_served, _)| *is_served);
        assert!((9..=10).contains(&served.len()), "{served:?}");
        // Of one of them this was not clear at first.
        let late = refused.iter().filter(|(_, time)| !time.is_zero());
        assert!(late.count() <= 1, "{refused:?}");
        // What a call has got so far keeps nobody waiting any more.
        let large = async { limiter.acquire(ONE, Units::of(100), None).await };
        let small = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let deadline = Some(Instant::now() + Duration::from_millis(500));
            limiter.acquire(ONE, Units::of(10), deadline).await
        };
        let (large, small) = futures_util::future::join(large, small).await;
        assert!(large.is_ok() && small.is_ok(), "{large:?} {small:?}");
        // They left the line.
        let start = Instant::now();
        limiter
            .acquire(ONE, Units::of(1), Some(start + Duration::from_secs(1)))
            .await
            .expect("a turn");
    }

    #[tokio::test(start_paused = true)]
    async fn failing_fast_does_not_exceed_the_limit() {
        let limiter = Limiter::new(RateLimits::new().fail_fast());
        let start = Instant::now();
        let mut used = 0;
        while start.elapsed() < Duration::from_secs(10) {
            if limiter.acquire(ONE, Units::of(25), None).await.is_ok() {
                used += 25;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Ninety a second, ten at first, and what one call takes in advance.
        assert!((880..=925).contains(&used), "{used}");
        // What was free meanwhile is there.
        tokio::time::sleep(Duration::from_secs(1)).await;
        for (units, expected) in [(10, true), (1, false)] {
            let outcome = limiter.acquire(ONE, Units::of(units), None).await;
            assert_eq!(outcome.is_ok(), expected);
        }
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
