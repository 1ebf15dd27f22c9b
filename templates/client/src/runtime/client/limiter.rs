//! Keeping the rate limits of the API.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use super::options::{CALLS, Units};
use crate::api::LIMITED;
use crate::runtime::error::{ConfigError, Error};
use crate::runtime::operation::{OperationInfo, RateLimit};

/// No call counts for more bursts than these, which is a hundred times what a limit allows in its time.
const MOST_BURSTS: u32 = 1000;

/// A turn that is missed by more than this part of the limit's time is lost.
const LATE: u32 = 20;

/// No limit counts over a longer time than a year.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// No turn is later than this, counted from when the first was given: times are kept as nanoseconds in 64 bits.
const HORIZON: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Rate limits that a client keeps by itself: those that the spec states, unless the app has others.
///
/// A call over the limit waits for its turn; one whose turn would be after its [time limit](super::Builder::timeout) fails at
/// once, as [`Error::RateLimited`]. Turns are given in the order in which they are asked for; one that is given back goes to who
/// asks next. The limit holds in any stretch of time of its length: after a tenth of it at once, calls leave evenly at nine
/// tenths of the rate. Every try of a call counts.
///
/// A single call that counts for more than a tenth leaves when all that it counts for is free, as if it were spread over the time before. Where its
/// time limit could never allow that, it leaves in advance, and those after it make up for it.
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

    /// Sets the limit of an operation of this crate, e.g. `users.list`, or of a bucket that several operations share; an
    /// operation with a limit of its own leaves its bucket. `None` for no limit. A client is not built with a limit of
    /// anything else.
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

    /// Refuses limits of what does not exist, and those that cannot be kept.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let fault = |key: &str, limit: Option<RateLimit>| {
            let Some((_, unit)) = LIMITED.iter().find(|(name, _)| *name == key) else {
                return Some("no operation and no bucket has this name; `OperationInfo` has the names of both");
            };
            let limit = limit?;
            if limit.count == 0 || limit.period.is_zero() {
                return Some("it must allow something, in some time");
            }
            let is_known = limit.unit == CALLS || limit.unit == *unit;
            (!is_known).then_some("its unit is neither `calls` nor what is counted here")
        };
        let faults = self
            .own
            .iter()
            .filter_map(|(key, limit)| Some((key, fault(key, *limit)?)));
        match faults.into_iter().next() {
            Some((key, why)) => Err(ConfigError::RateLimit { key: key.clone(), why }),
            None => Ok(()),
        }
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

/// Where calls under one limit queue. Each is told at once when its turn is, and waits for it by itself: a call that nobody
/// polls keeps no other one waiting.
#[derive(Debug)]
struct Lane {
    line: Mutex<Line>,
    burst: NonZeroU32,
    /// How long it takes until one more unit is free.
    interval: Duration,
    start: Instant,
}

/// The turns that were given. Times are counted from when the lane was made.
#[derive(Debug)]
struct Line {
    rate: RateLimiter<NotKeyed, InMemoryState, Ahead, NoOpMiddleware<Duration>>,
    clock: Ahead,
    /// Units that are free again since a call gave up, by the time of the turn it had.
    free: BTreeMap<Duration, u32>,
}

/// The time up to which turns were given: later than now where calls wait.
#[derive(Debug, Clone, Default)]
struct Ahead(Arc<AtomicU64>);

impl Ahead {
    fn set(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.store(nanos, Ordering::Relaxed);
    }
}

impl Clock for Ahead {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// A call's turn, which it gives back if it does not wait for it.
#[derive(Debug)]
struct Turn<'l> {
    lane: &'l Lane,
    at: Duration,
    /// The units it is for that are not free yet, by the time when they are.
    units: Vec<(Duration, u32)>,
}

impl Limiter {
    pub(super) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            lanes: Mutex::default(),
        }
    }

    pub(super) fn limits(&self) -> &RateLimits {
        &self.limits
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
        let most = || match deadline {
            _ if self.limits.fail_fast => Duration::ZERO,
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        let refused = |wait| Error::RateLimited {
            info,
            wait,
            attempts: 0,
        };
        let units = units.under(limit);
        let late = lane.take(units, most()).map_err(refused)?.come().await;
        if late > limit.period / LATE {
            // All that were due while nobody ran them would leave together. Once is enough: where tasks are always late, they
            // would never get to it.
            lane.take(units, most()).map_err(refused)?.come().await;
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

impl Lane {
    /// `None` where there is nothing to limit.
    fn new(limit: RateLimit) -> Option<Self> {
        let count = limit.count.max(1);
        let burst = NonZeroU32::new(count / 10).unwrap_or(NonZeroU32::MIN);
        let evenly = (count - burst.get()).max(1);
        let interval = limit.period.min(LONGEST) / evenly;
        let quota = Quota::with_period(interval)?.allow_burst(burst);
        let clock = Ahead::default();
        Some(Self {
            line: Mutex::new(Line {
                rate: RateLimiter::direct_with_clock(quota, clock.clone()),
                clock,
                free: BTreeMap::new(),
            }),
            burst,
            interval,
            start: Instant::now(),
        })
    }

    /// How long it takes until so many more units are free.
    fn time_for(&self, units: u32) -> Duration {
        self.interval.saturating_mul(units)
    }

    /// Takes the next turn; or says how long it is until then, where that is longer than `most`.
    ///
    /// More than is ever free at once is taken in several goes. Where there would never be time for all of them, the call
    /// leaves after the first, and those behind it make up for the rest.
    fn take(&self, units: u32, most: Duration) -> Result<Turn<'_>, Duration> {
        let units = units.min(self.burst.get().saturating_mul(MOST_BURSTS));
        let now = self.start.elapsed();
        let latest = now.saturating_add(most);
        let in_advance = self.time_for(units.saturating_sub(self.burst.get())) > most;
        // Before the line: it is dropped after the line is let go, should anything below panic.
        let mut turn = Turn {
            lane: self,
            at: now,
            units: Vec::new(),
        };
        let mut line = self.line();
        if !in_advance {
            turn.units = line.given_back(units, units > self.burst.get(), now, latest);
        }
        turn.at = turn.units.last().map_or(now, |(time, _)| *time);
        let mut left = units - turn.units.iter().map(|(_, units)| units).sum::<u32>();
        let rest = if in_advance {
            0
        } else {
            left.saturating_sub(self.burst.get())
        };
        let mut latest = latest.min(HORIZON).saturating_sub(self.time_for(rest));
        while let Some(some) = NonZeroU32::new(left.min(self.burst.get())) {
            let at = match line.take(some, now, latest) {
                Ok(at) => at,
                Err(at) => {
                    // It gives back what it has.
                    drop(line);
                    return Err(at.saturating_sub(now).saturating_add(self.time_for(rest)));
                }
            };
            if at > now {
                turn.units.push((at, some.get()));
            }
            if !in_advance || left == units {
                turn.at = turn.at.max(at);
            }
            left -= some.get();
            // If there is time for the first, there is for the rest, or never would be.
            latest = HORIZON;
        }
        Ok(turn)
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        // Nothing that holds the lock can leave the line half-written.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Takes units that others gave back, the earliest first. Unless the call counts as spread over time anyway, all of them
    /// are of one time: it would leave with the earlier ones when it is the turn of others.
    fn given_back(&mut self, units: u32, is_spread: bool, now: Duration, latest: Duration) -> Vec<(Duration, u32)> {
        // Those whose time has come are lost.
        self.free = self.free.split_off(&now);
        let mut left = units;
        let mut taken = Vec::new();
        for (time, free) in self.free.range_mut(..=latest) {
            if left > 0 && (is_spread || *free >= left) {
                let some = left.min(*free);
                left -= some;
                *free -= some;
                taken.push((*time, some));
            }
        }
        self.free.retain(|_, free| *free > 0);
        taken
    }

    /// Takes the next units, if that is not too late, and tells when they are free; or when they would be.
    fn take(&self, units: NonZeroU32, now: Duration, latest: Duration) -> Result<Duration, Duration> {
        // If turns were given up to a time to come, nothing is left at that time, so that nothing is taken too late.
        let mut at = now.max(self.clock.now());
        loop {
            self.clock.set(at);
            match self.rate.check_n(units) {
                // There are never more asked for than there can be.
                Ok(Ok(())) | Err(_) => return Ok(at),
                Ok(Err(later)) => at = at.saturating_add(later.wait_time_from(at)),
            }
            if at > latest {
                return Err(at);
            }
        }
    }
}

impl Turn<'_> {
    /// Waits for it, and tells by how much it was missed.
    async fn come(mut self) -> Duration {
        let is_now = self.units.is_empty();
        if let Some(at) = self.lane.start.checked_add(self.at).filter(|_| !is_now) {
            tokio::time::sleep_until(at).await;
        }
        self.units.clear();
        let late = self.lane.start.elapsed().saturating_sub(self.at);
        if is_now { Duration::ZERO } else { late }
    }
}

impl Drop for Turn<'_> {
    // Whoever gives up wants nothing any more.
    fn drop(&mut self) {
        if self.units.is_empty() {
            return;
        }
        let mut line = self.lane.line();
        for (time, units) in self.units.drain(..) {
            *line.free.entry(time).or_default() += units;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
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
        limiter.acquire(ONE, Units::of(10), deadline(0)).await.expect("a turn");
        // Ninety a second after the first ten.
        let error = limiter.acquire(ONE, Units::of(10), deadline(0)).await;
        let wait = error.expect_err("too many").retry_after().expect("a time");
        assert!(
            Duration::from_millis(111) < wait && wait < Duration::from_millis(112),
            "{wait:?}"
        );
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
        assert_eq!(served.len(), 10, "{served:?}");
        assert!(refused.iter().all(|(_, time)| time.is_zero()), "{refused:?}");
        // They left the line.
        let start = Instant::now();
        limiter
            .acquire(ONE, Units::of(1), Some(start + Duration::from_secs(1)))
            .await
            .expect("a turn");
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_fits_leaves_in_advance() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        let seconds = Duration::from_secs;
        // Eleven seconds' worth, in a call of five.
        let outcome = limiter.acquire(ONE, Units::of(1000), Some(start + seconds(5))).await;
        outcome.expect("a turn");
        assert_eq!(start.elapsed(), Duration::ZERO);
        // Those behind it make up for it.
        let error = limiter.acquire(ONE, Units::of(1), Some(start + seconds(5))).await;
        let wait = error.expect_err("held back").retry_after().expect("a time");
        assert!(seconds(11) <= wait && wait < seconds(12), "{wait:?}");
        limiter.acquire(ONE, Units::of(1), None).await.expect("a turn");
        assert_eq!(start.elapsed().as_secs(), 11);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_not_polled_keeps_nobody_waiting() {
        let limiter = Limiter::new(RateLimits::new());
        limiter.acquire(SLOW, Units::of(1), None).await.expect("a turn");
        let start = Instant::now();
        let idle = limiter.acquire(SLOW, Units::of(1), None);
        let mut idle = Box::pin(idle);
        assert!(idle.as_mut().now_or_never().is_none());
        limiter.acquire(SLOW, Units::of(1), None).await.expect("a turn");
        // Nine a minute: the second turn.
        assert_eq!(start.elapsed().as_secs(), 13);
        // It missed its turn, and gets the next one.
        idle.await.expect("a turn");
        assert_eq!(start.elapsed().as_secs(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_makes_room() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        limiter.acquire(ONE, Units::of(10), None).await.expect("a turn");
        // Callers who wait for a tenth of a second, and then do without.
        let mut left = 0;
        while start.elapsed() < Duration::from_secs(10) {
            let calls = (0..20).map(|_| {
                let call = limiter.acquire(ONE, Units::of(1), None);
                tokio::time::timeout(Duration::from_millis(100), call)
            });
            let outcomes = futures_util::future::join_all(calls).await;
            left += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        }
        // Ninety a second.
        assert!((870..=910).contains(&left), "{left}");
        let large = limiter.acquire(ONE, Units::of(300), None);
        let given_up = tokio::time::timeout(Duration::from_secs(1), large).await;
        assert!(given_up.is_err());
        let start = Instant::now();
        limiter.acquire(ONE, Units::of(180), None).await.expect("a turn");
        let time = start.elapsed().as_secs_f64();
        assert!((1.8..2.3).contains(&time), "{time}");
    }

    /// Turns that came while nobody ran those who waited for them do not all leave together.
    #[tokio::test(start_paused = true)]
    async fn turns_that_were_missed_are_lost() {
        let limiter = Limiter::new(RateLimits::new());
        let calls = (0..500).map(|_| limiter.acquire(ONE, Units::of(1), None));
        let mut calls: Vec<_> = calls.map(Box::pin).collect();
        let start = Instant::now();
        let mut times = Vec::new();
        let mut pause = Duration::from_secs(3);
        while !calls.is_empty() {
            let waiting = calls.len();
            calls.retain_mut(|call| call.as_mut().now_or_never().is_none());
            times.extend(std::iter::repeat_n(start.elapsed(), waiting - calls.len()));
            tokio::time::advance(pause).await;
            pause = Duration::from_millis(1);
        }
        assert_eq!(times.len(), 500);
        assert!(most_within(&times, Duration::from_secs(1)) <= 100);
    }

    /// Callers that give up at random, and those who get what they leave.
    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_is_no_more_than_it_was() {
        for seed in 0..60 {
            let mut random = fastrand::Rng::with_seed(seed);
            let limiter = Limiter::new(RateLimits::new());
            let start = Instant::now();
            let calls: Vec<_> = (0..300)
                .map(|_| {
                    let (at, units) = (random.u64(..4000), random.u32(1..=10));
                    let timeouts = if random.u8(..10) < 5 {
                        random.u64(1..1500)
                    } else {
                        60_000
                    };
                    let limiter = &limiter;
                    async move {
                        tokio::time::sleep(Duration::from_millis(at)).await;
                        let turn = limiter.acquire(ONE, Units::of(units), None);
                        let outcome = tokio::time::timeout(Duration::from_millis(timeouts), turn).await;
                        outcome.ok().map(|_| (start.elapsed(), units))
                    }
                })
                .collect();
            let left: Vec<_> = futures_util::future::join_all(calls)
                .await
                .into_iter()
                .flatten()
                .collect();
            let times: Vec<_> = left
                .iter()
                .flat_map(|(time, units)| std::iter::repeat_n(*time, *units as usize))
                .collect();
            let most = most_within(&times, Duration::from_secs(1));
            assert!(most <= 100, "seed {seed}: {most}");
        }
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
        let lane = Lane::new(odd).expect("a year is long enough");
        // Later than can be told is never, and does not break the line.
        for _ in 0..3 {
            assert!(lane.take(600, Duration::MAX).is_err());
        }
        assert!(lane.line.try_lock().is_ok());
        odd.period = Duration::ZERO;
        assert!(Lane::new(odd).is_none());
        assert!(Lane::new(RateLimit::per_second(u32::MAX, "calls")).is_none());
    }
}
