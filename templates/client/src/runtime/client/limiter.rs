//! Client-side rate limits.

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

use super::options::{CALLS, Cost};
use crate::api::LIMITED;
use crate::runtime::error::{ConfigError, Error};
use crate::runtime::operation::{OperationInfo, RateLimit};

/// Maximum cost of a call, in bursts: a hundred times the units that a limit allows in its period.
const MAX_BURSTS: u32 = 1000;

/// A permit that is used later than this fraction of the period is lost.
const LATE: u32 = 20;

/// Maximum period: a year.
const MAX_PERIOD: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Latest time of a permit, counted from the start of its queue. Times are nanoseconds in 64 bits.
const HORIZON: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Client-side rate limits: those of the spec, unless overridden.
///
/// A call over the limit waits for a permit. If it would have to wait longer than its [timeout](super::Builder::timeout), it
/// fails at once with [`Error::RateLimited`]. Permits are granted in the order of the calls; a returned permit goes to the next
/// caller. The limit holds in every period of its length: a tenth of it is available as a burst, the rest is spread evenly, at
/// nine tenths of the rate. Each attempt of a call counts.
///
/// A call that costs more than the burst waits until its whole cost is available. If its timeout is too short for that, it
/// is sent as soon as the burst allows, and later calls wait longer.
///
/// Limits are not shared between clients: give each client of an app a part of them.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct RateLimits {
    /// Limits of operations and buckets; `None` for no limit.
    overrides: BTreeMap<String, Option<RateLimit>>,
    fail_fast: bool,
}

impl RateLimits {
    /// Returns the limits of the spec.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the limit of an operation of this crate, e.g. `users.list`, or of a bucket that several operations share; `None`
    /// for no limit. An operation with its own limit no longer counts against its bucket. With an unknown key, building the
    /// client fails.
    pub fn set(mut self, key: impl Into<String>, limit: impl Into<Option<RateLimit>>) -> Self {
        self.overrides.insert(key.into(), limit.into());
        self
    }

    /// Makes calls over the limit fail with [`Error::RateLimited`] instead of waiting. A call that costs more than the burst is
    /// sent when the whole burst is available, and later calls wait longer.
    pub fn fail_fast(mut self) -> Self {
        self.fail_fast = true;
        self
    }

    /// Rejects limits with unknown keys and invalid limits.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let problem = |key: &str, limit: Option<RateLimit>| {
            let Some((_, unit)) = LIMITED.iter().find(|(name, _)| *name == key) else {
                return Some("no operation or bucket has this name; `OperationInfo` has the names of both");
            };
            let limit = limit?;
            if limit.count == 0 || limit.period.is_zero() {
                return Some("count and period must not be zero");
            }
            let is_known = limit.unit == CALLS || limit.unit == *unit;
            (!is_known).then_some("its unit is neither `calls` nor the unit of this limit")
        };
        let problems = self
            .overrides
            .iter()
            .filter_map(|(key, limit)| Some((key, problem(key, *limit)?)));
        match problems.into_iter().next() {
            Some((key, why)) => Err(ConfigError::RateLimit { key: key.clone(), why }),
            None => Ok(()),
        }
    }

    /// Returns the limit of an operation, and the key of its queue.
    fn of(&self, info: &'static OperationInfo) -> Option<(&'static str, RateLimit)> {
        let bucket = info.limit.and_then(|limit| limit.bucket);
        for key in [Some(info.id), bucket].into_iter().flatten() {
            if let Some(limit) = self.overrides.get(key) {
                return limit.map(|limit| (key, limit));
            }
        }
        info.limit.map(|limit| (bucket.unwrap_or(info.id), limit))
    }
}

/// Grants permits.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: RateLimits,
    queues: Mutex<BTreeMap<&'static str, Arc<Queue>>>,
}

/// The queue of a limit. Each call learns at once when its permit is due, and waits for that time by itself, so a call that is
/// not polled does not delay others.
#[derive(Debug)]
struct Queue {
    state: Mutex<QueueState>,
    burst: NonZeroU32,
    /// The time until one more permit is available.
    interval: Duration,
    start: Instant,
}

/// The permits granted so far. Times are counted from the start of the queue.
#[derive(Debug)]
struct QueueState {
    rate: RateLimiter<NotKeyed, InMemoryState, QueueClock, NoOpMiddleware<Duration>>,
    clock: QueueClock,
    /// Returned permits, by the time when they are due.
    returned: BTreeMap<Duration, u32>,
}

/// The time up to which permits were granted; in the future while calls wait.
#[derive(Debug, Clone, Default)]
struct QueueClock(Arc<AtomicU64>);

impl QueueClock {
    fn set(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.store(nanos, Ordering::Relaxed);
    }
}

impl Clock for QueueClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// Permits of a call, which are returned if dropped before they are due.
#[derive(Debug)]
struct Permit<'l> {
    queue: &'l Queue,
    at: Duration,
    /// Permits that are not due yet, by the time when they are.
    permits: Vec<(Duration, u32)>,
}

impl Limiter {
    pub(super) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            queues: Mutex::default(),
        }
    }

    pub(super) fn limits(&self) -> &RateLimits {
        &self.limits
    }

    /// Waits for the permits of a call. Fails if they are due after the deadline.
    pub(super) async fn acquire(
        &self,
        info: &'static OperationInfo,
        cost: Cost,
        deadline: Option<Instant>,
    ) -> Result<(), Error> {
        let Some((key, limit)) = self.limits.of(info) else {
            return Ok(());
        };
        let Some(queue) = self.queue(key, limit) else {
            return Ok(());
        };
        let most = || match deadline {
            _ if self.limits.fail_fast => Duration::ZERO,
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        let rejected = |wait| Error::rate_limited(info, wait);
        let permits = cost.under(limit);
        let late = queue.take(permits, most()).map_err(rejected)?.wait().await;
        if late > limit.period / LATE {
            // Permits that came due while the task was not polled must not be used in one burst. Check only once: a
            // task that is always late would never finish.
            queue.take(permits, most()).map_err(rejected)?.wait().await;
        }
        Ok(())
    }

    fn queue(&self, key: &'static str, limit: RateLimit) -> Option<Arc<Queue>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(key) {
            return Some(Arc::clone(queue));
        }
        let queue = Arc::new(Queue::new(limit)?);
        queues.insert(key, Arc::clone(&queue));
        Some(queue)
    }
}

impl Queue {
    /// Returns `None` if the limit is too high to matter.
    fn new(limit: RateLimit) -> Option<Self> {
        let count = limit.count.max(1);
        let burst = NonZeroU32::new(count / 10).unwrap_or(NonZeroU32::MIN);
        let evenly = (count - burst.get()).max(1);
        let interval = limit.period.min(MAX_PERIOD) / evenly;
        let quota = Quota::with_period(interval)?.allow_burst(burst);
        let clock = QueueClock::default();
        Some(Self {
            state: Mutex::new(QueueState {
                rate: RateLimiter::direct_with_clock(quota, clock.clone()),
                clock,
                returned: BTreeMap::new(),
            }),
            burst,
            interval,
            start: Instant::now(),
        })
    }

    /// Returns the time until this many more permits are available.
    fn time_for(&self, permits: u32) -> Duration {
        self.interval.saturating_mul(permits)
    }

    /// Takes the next permits. Fails with the time until they are due if that is longer than `most`.
    ///
    /// A cost above the burst is taken in several steps. If there could never be enough time for it, the call is sent after the
    /// first step, and later calls wait longer.
    fn take(&self, permits: u32, most: Duration) -> Result<Permit<'_>, Duration> {
        let permits = permits.min(self.burst.get().saturating_mul(MAX_BURSTS));
        let now = self.start.elapsed();
        let latest = now.saturating_add(most);
        let is_early = self.time_for(permits.saturating_sub(self.burst.get())) > most;
        // Declared before the lock guard, so that it is dropped after the guard, even on a panic.
        let mut permit = Permit {
            queue: self,
            at: now,
            permits: Vec::new(),
        };
        let mut state = self.state();
        if !is_early {
            permit.permits = state.take_returned(permits, permits > self.burst.get(), now, latest);
        }
        permit.at = permit.permits.last().map_or(now, |(time, _)| *time);
        let mut left = permits - permit.permits.iter().map(|(_, permits)| permits).sum::<u32>();
        let rest = if is_early {
            0
        } else {
            left.saturating_sub(self.burst.get())
        };
        let mut latest = latest.min(HORIZON).saturating_sub(self.time_for(rest));
        while let Some(some) = NonZeroU32::new(left.min(self.burst.get())) {
            let at = match state.take(some, now, latest) {
                Ok(at) => at,
                Err(at) => {
                    // `permit` returns what it has when dropped, which takes the lock.
                    drop(state);
                    return Err(at.saturating_sub(now).saturating_add(self.time_for(rest)));
                }
            };
            if at > now {
                permit.permits.push((at, some.get()));
            }
            if !is_early || left == permits {
                permit.at = permit.at.max(at);
            }
            left -= some.get();
            // If there is time for the first step, there is time for the rest, or there never would be.
            latest = HORIZON;
        }
        Ok(permit)
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        // No holder of the lock can leave the state half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueueState {
    /// Takes returned permits, the earliest first. Unless the cost is spread over time anyway, all of them must be due at the
    /// same time; otherwise the call would use early permits when others are due.
    fn take_returned(
        &mut self,
        permits: u32,
        is_spread: bool,
        now: Duration,
        latest: Duration,
    ) -> Vec<(Duration, u32)> {
        // Returned permits that came due are lost.
        self.returned = self.returned.split_off(&now);
        let mut left = permits;
        let mut taken = Vec::new();
        for (time, returned) in self.returned.range_mut(..=latest) {
            if left > 0 && (is_spread || *returned >= left) {
                let some = left.min(*returned);
                left -= some;
                *returned -= some;
                taken.push((*time, some));
            }
        }
        self.returned.retain(|_, returned| *returned > 0);
        taken
    }

    /// Takes the next permits and returns when they are due. Fails with that time if it is after `latest`.
    fn take(&self, permits: NonZeroU32, now: Duration, latest: Duration) -> Result<Duration, Duration> {
        // If permits were granted up to a future time, none are left at that time, so none are taken too late.
        let mut at = now.max(self.clock.now());
        loop {
            self.clock.set(at);
            match self.rate.check_n(permits) {
                // The cost never exceeds the burst.
                Ok(Ok(())) | Err(_) => return Ok(at),
                Ok(Err(later)) => at = at.saturating_add(later.wait_time_from(at)),
            }
            if at > latest {
                return Err(at);
            }
        }
    }
}

impl Permit<'_> {
    /// Waits until the permits are due and returns how late the task woke up.
    async fn wait(mut self) -> Duration {
        let is_now = self.permits.is_empty();
        if let Some(at) = self.queue.start.checked_add(self.at).filter(|_| !is_now) {
            tokio::time::sleep_until(at).await;
        }
        self.permits.clear();
        let late = self.queue.start.elapsed().saturating_sub(self.at);
        if is_now { Duration::ZERO } else { late }
    }
}

impl Drop for Permit<'_> {
    // A dropped call returns its permits.
    fn drop(&mut self) {
        if self.permits.is_empty() {
            return;
        }
        let mut state = self.queue.state();
        for (time, permits) in self.permits.drain(..) {
            *state.returned.entry(time).or_default() += permits;
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
    const FREE: &OperationInfo = &OperationInfo::new("a.returned", Method::GET, "/d");

    /// Returns when each of `count` calls may be sent.
    async fn departures(
        limiter: &Limiter,
        count: usize,
        of: impl Fn(usize) -> &'static OperationInfo,
    ) -> Vec<Duration> {
        let start = Instant::now();
        let mut times = Vec::new();
        for index in 0..count {
            limiter.acquire(of(index), Cost::of(1), None).await.expect("a permit");
            times.push(start.elapsed());
        }
        times
    }

    /// Returns the maximum number of calls in any period of this length.
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
        // Idle time must not allow a larger burst.
        tokio::time::sleep(Duration::from_secs(60)).await;
        let times = departures(&limiter, 150, |_| ONE).await;
        assert!(most_within(&times, Duration::from_secs(1)) <= 100);
        let times = departures(&limiter, 25, |_| SLOW).await;
        assert!(most_within(&times, Duration::from_secs(60)) <= 10);
        assert!(departures(&limiter, 1000, |_| FREE).await.iter().all(Duration::is_zero));
    }

    #[tokio::test(start_paused = true)]
    async fn failing_fast_returns_the_time_to_wait() {
        let limiter = Limiter::new(RateLimits::new().fail_fast());
        limiter.acquire(SLOW, Cost::of(1), None).await.expect("a permit");
        let error = limiter
            .acquire(SLOW, Cost::of(1), None)
            .await
            .expect_err("over the limit");
        let wait = error.retry_after().expect("a time");
        assert!(error.is_rate_limited() && wait > Duration::from_secs(6), "{error}");
        tokio::time::sleep(wait).await;
        limiter.acquire(SLOW, Cost::of(5), None).await.expect("a permit");
        // So does a deadline that is too early.
        let limiter = Limiter::new(RateLimits::new());
        limiter.acquire(SLOW, Cost::of(1), None).await.expect("a permit");
        let deadline = Some(Instant::now() + Duration::from_secs(1));
        limiter
            .acquire(SLOW, Cost::of(1), deadline)
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
        limiter.acquire(ONE, Cost::of(100), None).await.expect("a permit");
        // Ten as a burst, then ninety at ninety a second.
        let time = start.elapsed().as_secs_f64();
        assert!((0.99..1.1).contains(&time), "{time}");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_past_their_deadline_fail_at_once() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        let deadline = |seconds| Some(start + Duration::from_secs(seconds));
        limiter.acquire(ONE, Cost::of(10), deadline(0)).await.expect("a permit");
        // Ninety a second after the first ten.
        let error = limiter.acquire(ONE, Cost::of(10), deadline(0)).await;
        let wait = error.expect_err("too many").retry_after().expect("a time");
        assert!(
            Duration::from_millis(111) < wait && wait < Duration::from_millis(112),
            "{wait:?}"
        );
        assert_eq!(start.elapsed(), Duration::ZERO);
        // Calls behind too many others fail at once, too, not at their deadline.
        let state: Vec<_> = (0..20)
            .map(|_| limiter.acquire(ONE, Cost::of(45), deadline(5)))
            .collect();
        let outcomes = futures_util::future::join_all(state.into_iter().map(async |permit| {
            let outcome = permit.await;
            (outcome.is_ok(), start.elapsed())
        }))
        .await;
        let (served, rejected): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|(is_served, _)| *is_served);
        assert_eq!(served.len(), 10, "{served:?}");
        assert!(rejected.iter().all(|(_, time)| time.is_zero()), "{rejected:?}");
        // The failed calls returned their permits.
        let start = Instant::now();
        limiter
            .acquire(ONE, Cost::of(1), Some(start + Duration::from_secs(1)))
            .await
            .expect("a permit");
    }

    #[tokio::test(start_paused = true)]
    async fn a_cost_that_never_fits_is_sent_early() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        let seconds = Duration::from_secs;
        // Eleven seconds' worth of permits, with a timeout of five.
        let outcome = limiter.acquire(ONE, Cost::of(1000), Some(start + seconds(5))).await;
        outcome.expect("a permit");
        assert_eq!(start.elapsed(), Duration::ZERO);
        // Later calls wait longer.
        let error = limiter.acquire(ONE, Cost::of(1), Some(start + seconds(5))).await;
        let wait = error.expect_err("held back").retry_after().expect("a time");
        assert!(seconds(11) <= wait && wait < seconds(12), "{wait:?}");
        limiter.acquire(ONE, Cost::of(1), None).await.expect("a permit");
        assert_eq!(start.elapsed().as_secs(), 11);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_not_polled_does_not_delay_others() {
        let limiter = Limiter::new(RateLimits::new());
        limiter.acquire(SLOW, Cost::of(1), None).await.expect("a permit");
        let start = Instant::now();
        let idle = limiter.acquire(SLOW, Cost::of(1), None);
        let mut idle = Box::pin(idle);
        assert!(idle.as_mut().now_or_never().is_none());
        limiter.acquire(SLOW, Cost::of(1), None).await.expect("a permit");
        // Nine a minute: the second permit.
        assert_eq!(start.elapsed().as_secs(), 13);
        // It missed its permit, and gets the next one.
        idle.await.expect("a permit");
        assert_eq!(start.elapsed().as_secs(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_calls_return_their_permits() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        limiter.acquire(ONE, Cost::of(10), None).await.expect("a permit");
        // Callers that wait for a tenth of a second and then give up.
        let mut left = 0;
        while start.elapsed() < Duration::from_secs(10) {
            let calls = (0..20).map(|_| {
                let call = limiter.acquire(ONE, Cost::of(1), None);
                tokio::time::timeout(Duration::from_millis(100), call)
            });
            let outcomes = futures_util::future::join_all(calls).await;
            left += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        }
        // Ninety a second.
        assert!((870..=910).contains(&left), "{left}");
        let large = limiter.acquire(ONE, Cost::of(300), None);
        let given_up = tokio::time::timeout(Duration::from_secs(1), large).await;
        assert!(given_up.is_err());
        let start = Instant::now();
        limiter.acquire(ONE, Cost::of(180), None).await.expect("a permit");
        let time = start.elapsed().as_secs_f64();
        assert!((1.8..2.3).contains(&time), "{time}");
    }

    /// Permits that came due while no task was polled are not used in one burst.
    #[tokio::test(start_paused = true)]
    async fn missed_permits_are_lost() {
        let limiter = Limiter::new(RateLimits::new());
        let calls = (0..500).map(|_| limiter.acquire(ONE, Cost::of(1), None));
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

    /// Callers that give up at random, and callers that use the returned permits.
    #[tokio::test(start_paused = true)]
    async fn returned_permits_never_exceed_the_limit() {
        for seed in 0..60 {
            let mut random = fastrand::Rng::with_seed(seed);
            let limiter = Limiter::new(RateLimits::new());
            let start = Instant::now();
            let calls: Vec<_> = (0..300)
                .map(|_| {
                    let (at, permits) = (random.u64(..4000), random.u32(1..=10));
                    let limit = if random.u8(..10) < 5 {
                        random.u64(1..1500)
                    } else {
                        60_000
                    };
                    let limiter = &limiter;
                    async move {
                        tokio::time::sleep(Duration::from_millis(at)).await;
                        let permit = limiter.acquire(ONE, Cost::of(permits), None);
                        let outcome = tokio::time::timeout(Duration::from_millis(limit), permit).await;
                        outcome.ok().map(|_| (start.elapsed(), permits))
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
                .flat_map(|(time, permits)| std::iter::repeat_n(*time, *permits as usize))
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
            if limiter.acquire(ONE, Cost::of(25), None).await.is_ok() {
                used += 25;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Ninety a second, a burst of ten, and the early part of one call.
        assert!((880..=925).contains(&used), "{used}");
        // The burst is available again after a pause.
        tokio::time::sleep(Duration::from_secs(1)).await;
        for (permits, expected) in [(10, true), (1, false)] {
            let outcome = limiter.acquire(ONE, Cost::of(permits), None).await;
            assert_eq!(outcome.is_ok(), expected);
        }
    }

    #[test]
    fn extreme_limits_are_harmless() {
        let mut odd = RateLimit::per_second(0, "calls");
        assert!(Queue::new(odd).is_some());
        odd.period = Duration::MAX;
        let queue = Queue::new(odd).expect("the period is capped at a year");
        // Times beyond the horizon fail, and do not poison the lock.
        for _ in 0..3 {
            assert!(queue.take(600, Duration::MAX).is_err());
        }
        assert!(queue.state.try_lock().is_ok());
        odd.period = Duration::ZERO;
        assert!(Queue::new(odd).is_none());
        assert!(Queue::new(RateLimit::per_second(u32::MAX, "calls")).is_none());
    }
}
