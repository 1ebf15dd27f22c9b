//! Client-side rate limits.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::lock;
use crate::api::LIMITED;
use crate::runtime::error::Error;
use crate::runtime::operation::{OperationInfo, RateLimit};

/// The unit of a limit that counts calls, regardless of their content.
const CALLS: &str = "calls";

/// A call that wakes up later than this fraction of a period waits once more, so that calls that were not polled in time are
/// not sent in one burst.
const LATE: u32 = 20;

/// Client-side rate limits: those of the spec, unless overridden.
///
/// A call waits until all limits of its operation allow it. If it would have to wait longer than its
/// [timeout](super::Builder::timeout), it fails at once: see [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited). Each attempt of a call counts. If a call
/// is dropped while it waits, the next call takes its turn.
///
/// A limit holds in every period of its length: a tenth of it is available as a burst, the rest is spread evenly, at nine
/// tenths of the rate. A call that costs more than the burst waits until its whole cost is available.
///
/// Limits are not shared between clients: give each client of an app a part of them.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct RateLimits {
    /// Limits of operations and buckets.
    overrides: BTreeMap<String, Vec<RateLimit>>,
}

impl RateLimits {
    /// Returns the limits of the spec.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the limits of an operation of this crate, e.g. `users.list`, or of a bucket that several operations share:
    /// one limit, an array of them, or `[]` for no limit. An operation with its own limits no longer counts against its
    /// buckets. With an unknown key, building the client fails.
    pub fn set(mut self, key: impl Into<String>, limits: impl Into<Vec<RateLimit>>) -> Self {
        self.overrides.insert(key.into(), limits.into());
        self
    }

    /// Rejects limits with unknown keys and invalid limits.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (key, limits) in &self.overrides {
            let units = LIMITED.iter().filter(|(name, _)| name == key).map(|(_, unit)| *unit);
            let has_unit = |limit: &RateLimit| limit.unit == CALLS || units.clone().any(|unit| unit == limit.unit);
            let why = if units.clone().next().is_none() {
                "no operation or bucket has this name; `OperationInfo` has the names of both"
            } else if limits.iter().any(|limit| limit.count == 0 || limit.period.is_zero()) {
                "count and period must not be zero"
            } else if !limits.iter().all(has_unit) {
                "its unit is neither `calls` nor the unit of this limit"
            } else {
                continue;
            };
            return Err(Error::config(format!("invalid rate limit for `{key}`: {why}")));
        }
        Ok(())
    }

    /// Returns the limits of a call.
    fn of(&self, info: &'static OperationInfo, cost: u32) -> Vec<Share> {
        let share = |name, limit, number| Share::new((name, number), limit, cost);
        let overridden = |name| {
            let limits = self.overrides.get(name)?.iter().zip(0..);
            Some(limits.map(move |(limit, number)| share(name, *limit, number)))
        };
        if let Some(shares) = overridden(info.id) {
            return shares.collect();
        }
        let mut shares = Vec::with_capacity(info.limits.len());
        for (limit, number) in info.limits.iter().zip(0..) {
            match (limit.bucket, limit.bucket.and_then(overridden)) {
                (_, Some(others)) => shares.extend(others),
                (Some(bucket), None) => shares.push(share(bucket, *limit, 0)),
                (None, None) => shares.push(share(info.id, *limit, number)),
            }
        }
        shares
    }
}

/// The name of a bucket, and its number among those of this name.
type Key = (&'static str, u32);

/// The share of a bucket that a call takes. Times of buckets are counted from the start of the limiter.
#[derive(Debug, Clone)]
struct Share {
    key: Key,
    /// The time in which the bucket regains the cost of the call.
    cost: Duration,
    /// The time in which it regains the burst.
    burst: Duration,
    period: Duration,
    /// When the bucket is full, before and after the call.
    full_at: (Duration, Duration),
}

impl Share {
    fn new(key: Key, limit: RateLimit, cost: u32) -> Self {
        let burst = (limit.count / 10).max(1);
        let interval = limit.period / limit.count.saturating_sub(burst).max(1);
        Self {
            key,
            cost: interval.saturating_mul(if limit.unit == CALLS { 1 } else { cost }),
            burst: interval.saturating_mul(burst),
            period: limit.period,
            full_at: Default::default(),
        }
    }
}

/// Tells each call at once when to leave. The call waits for that time by itself, so one that is not polled delays no other.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: RateLimits,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When each bucket has regained everything that calls took from it. A call may leave as soon as what is missing,
    /// including its own cost, is at most the burst: so in a period, there leave at most the burst and what the bucket
    /// regains in that time, whatever the calls cost.
    full_at: BTreeMap<Key, Duration>,
    /// Turns of dropped calls, in order.
    free: Vec<Turn>,
}

/// The time at which a call leaves, and what it takes from its buckets.
#[derive(Debug)]
struct Turn {
    at: Duration,
    shares: Vec<Share>,
}

/// A call that waits for its turn. Gives it back if dropped.
struct Waiting<'l>(&'l Limiter, Option<Turn>);

impl Limiter {
    pub(super) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            start: Instant::now(),
            state: Mutex::default(),
        }
    }

    /// Waits until all limits of a call allow it. Fails if that is after the deadline.
    pub(super) async fn acquire(
        &self,
        info: &'static OperationInfo,
        cost: u32,
        deadline: Option<Instant>,
    ) -> Result<(), Error> {
        let shares = self.limits.of(info, cost);
        if shares.is_empty() {
            return Ok(());
        }
        // Twice at most: a task that is always late would never finish.
        for _ in 0..2 {
            let now = self.start.elapsed();
            let latest = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(self.start));
            let turn = lock(&self.state).take(&shares, now, latest);
            let turn = turn.map_err(|at| Error::rate_limited(info, at.saturating_sub(now)))?;
            let (at, mut waiting) = (turn.at, Waiting(self, Some(turn)));
            if at > now {
                tokio::time::sleep(at.saturating_sub(now)).await;
            }
            waiting.1 = None;
            let late = self.start.elapsed().saturating_sub(at);
            if shares.iter().all(|share| late <= share.period / LATE) {
                break;
            }
        }
        Ok(())
    }
}

impl State {
    /// Takes the next turn: one that was given back, or a new one. Fails with its time if that is after `latest`.
    fn take(&mut self, shares: &[Share], now: Duration, latest: Duration) -> Result<Turn, Duration> {
        self.free.retain(|turn| turn.at >= now);
        let full_at = |share: &Share| self.full_at.get(&share.key).copied().unwrap_or_default();
        let allowed = |share: &Share| full_at(share).saturating_add(share.cost).saturating_sub(share.burst);
        let next = shares.iter().map(allowed).fold(now, Duration::max);
        let mut free = self.free.iter();
        let free = free.position(|turn| turn.at <= next && turn.is_enough_for(shares));
        let at = free.map_or(next, |index| self.free[index].at);
        if at > latest {
            return Err(at);
        }
        if let Some(index) = free {
            return Ok(self.free.remove(index));
        }
        let mut shares = shares.to_vec();
        for share in &mut shares {
            let full_at = self.full_at.entry(share.key).or_default();
            share.full_at = (*full_at, (*full_at).max(at).saturating_add(share.cost));
            *full_at = share.full_at.1;
        }
        Ok(Turn { at, shares })
    }

    /// Takes back a turn. The last ones are undone, the others are for the next calls.
    fn give_back(&mut self, turn: Turn) {
        self.free.push(turn);
        let Self { full_at, free } = self;
        let is_last = |full_at: &BTreeMap<_, _>, turn: &Turn| {
            let mut shares = turn.shares.iter();
            shares.all(|share| full_at.get(&share.key) == Some(&share.full_at.1))
        };
        while let Some(index) = free.iter().position(|turn| is_last(full_at, turn)) {
            let undone = free.swap_remove(index).shares.into_iter();
            full_at.extend(undone.map(|share| (share.key, share.full_at.0)));
        }
        free.sort_by_key(|turn| turn.at);
    }
}

impl Turn {
    fn is_enough_for(&self, shares: &[Share]) -> bool {
        let mut pairs = self.shares.iter().zip(shares);
        self.shares.len() == shares.len() && pairs.all(|(free, share)| free.key == share.key && free.cost >= share.cost)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(turn) = self.1.take() {
            lock(&self.0.state).give_back(turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use http::Method;

    const BUCKET: RateLimit = RateLimit::per_second(100, "units").shared("both");
    const ONE: &OperationInfo = &OperationInfo::new("a.one", Method::POST, "/a").limits(&[BUCKET]);
    const TWO: &OperationInfo = &OperationInfo::new("a.two", Method::POST, "/b").limits(&[BUCKET]);
    const SLOW: &OperationInfo =
        &OperationInfo::new("a.slow", Method::GET, "/c").limits(&[RateLimit::per_minute(10, "units")]);
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
            limiter.acquire(of(index), 1, None).await.expect("a permit");
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
    async fn an_early_deadline_fails_with_the_time_to_wait() {
        let limiter = Limiter::new(RateLimits::new());
        limiter.acquire(SLOW, 1, None).await.expect("a permit");
        let now = Some(Instant::now());
        let error = limiter.acquire(SLOW, 1, now).await.expect_err("over the limit");
        let wait = error.retry_after().expect("a time");
        assert!(error.is_rate_limited() && wait > Duration::from_secs(6), "{error}");
        tokio::time::sleep(wait).await;
        limiter.acquire(SLOW, 1, None).await.expect("a permit");
        // A call that costs more than the burst goes once its whole cost is available.
        tokio::time::sleep(Duration::from_secs(60)).await;
        limiter.acquire(SLOW, 5, None).await.expect("a permit");
        // A deadline that is only too early fails, too.
        let limiter = Limiter::new(RateLimits::new());
        limiter.acquire(SLOW, 1, None).await.expect("a permit");
        let deadline = Some(Instant::now() + Duration::from_secs(1));
        limiter.acquire(SLOW, 1, deadline).await.expect_err("too late");
        assert!(departures(&limiter, 1, |_| SLOW).await[0] > Duration::from_secs(6));
    }

    #[tokio::test(start_paused = true)]
    async fn an_app_may_have_other_limits() {
        let limits = RateLimits::new()
            .set("a.slow", RateLimit::per_second(1000, "calls"))
            .set("a.two", [])
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
        limiter.acquire(ONE, 100, None).await.expect("a permit");
        // Ten as a burst, then ninety at ninety a second.
        let time = start.elapsed().as_secs_f64();
        assert!((0.99..1.1).contains(&time), "{time}");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_past_their_deadline_fail_at_once() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        let deadline = |seconds| Some(start + Duration::from_secs(seconds));
        limiter.acquire(ONE, 10, deadline(0)).await.expect("a permit");
        // Ninety a second after the first ten.
        let error = limiter.acquire(ONE, 10, deadline(0)).await;
        let wait = error.expect_err("too many").retry_after().expect("a time");
        assert!(
            Duration::from_millis(111) < wait && wait < Duration::from_millis(112),
            "{wait:?}"
        );
        assert_eq!(start.elapsed(), Duration::ZERO);
        // Calls behind too many others fail at once, too, not at their deadline.
        let state: Vec<_> = (0..100).map(|_| limiter.acquire(ONE, 9, deadline(5))).collect();
        let outcomes = futures_util::future::join_all(state.into_iter().map(async |permit| {
            let outcome = permit.await;
            (outcome.is_ok(), start.elapsed())
        }))
        .await;
        let (served, rejected): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|(is_served, _)| *is_served);
        assert_eq!(served.len(), 50, "{served:?}");
        assert!(rejected.iter().all(|(_, time)| time.is_zero()), "{rejected:?}");
        // The failed calls returned their permits.
        let start = Instant::now();
        limiter
            .acquire(ONE, 1, Some(start + Duration::from_secs(1)))
            .await
            .expect("a permit");
    }

    #[tokio::test(start_paused = true)]
    async fn a_cost_that_never_fits_is_refused_at_once() {
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        let seconds = Duration::from_secs;
        // Eleven seconds' worth of permits, with a timeout of five.
        let error = limiter.acquire(ONE, 1000, Some(start + seconds(5))).await;
        let wait = error.expect_err("too much").retry_after().expect("a time");
        assert!(seconds(10) <= wait && wait < seconds(12), "{wait:?}");
        // It took nothing.
        limiter.acquire(ONE, 10, Some(start)).await.expect("a permit");
        assert_eq!(start.elapsed(), Duration::ZERO);
        limiter.acquire(ONE, 1000, None).await.expect("a permit");
        assert_eq!(start.elapsed().as_secs(), 11);
        // What a call costs above the burst is spread over the time after it, too.
        limiter.acquire(ONE, 1, None).await.expect("a permit");
        assert_eq!(start.elapsed().as_secs(), 22);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_not_polled_does_not_delay_others() {
        let limiter = Limiter::new(RateLimits::new());
        limiter.acquire(SLOW, 1, None).await.expect("a permit");
        let start = Instant::now();
        let idle = limiter.acquire(SLOW, 1, None);
        let mut idle = Box::pin(idle);
        assert!(idle.as_mut().now_or_never().is_none());
        limiter.acquire(SLOW, 1, None).await.expect("a permit");
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
        limiter.acquire(ONE, 10, None).await.expect("a permit");
        // Callers that wait for a tenth of a second and then give up.
        let mut left = 0;
        while start.elapsed() < Duration::from_secs(10) {
            let calls = (0..20).map(|_| {
                let call = limiter.acquire(ONE, 1, None);
                tokio::time::timeout(Duration::from_millis(100), call)
            });
            let outcomes = futures_util::future::join_all(calls).await;
            left += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        }
        // Ninety a second.
        assert!((870..=910).contains(&left), "{left}");
        let large = limiter.acquire(ONE, 300, None);
        let given_up = tokio::time::timeout(Duration::from_secs(1), large).await;
        assert!(given_up.is_err());
        let start = Instant::now();
        limiter.acquire(ONE, 180, None).await.expect("a permit");
        let time = start.elapsed().as_secs_f64();
        // The bucket has regained ninety while the large call waited.
        assert!((0.9..1.2).contains(&time), "{time}");
    }

    /// Permits that came due while no task was polled are not used in one burst.
    #[tokio::test(start_paused = true)]
    async fn missed_permits_are_lost() {
        let limiter = Limiter::new(RateLimits::new());
        let calls = (0..500).map(|_| limiter.acquire(ONE, 1, None));
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
                        let permit = limiter.acquire(ONE, permits, None);
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
        let limiter = Limiter::new(RateLimits::new());
        let start = Instant::now();
        let mut used = 0;
        while start.elapsed() < Duration::from_secs(10) {
            if limiter.acquire(ONE, 25, Some(Instant::now())).await.is_ok() {
                used += 25;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Ninety a second, of which a call above the burst also uses up what it exceeds it by.
        assert!((550..=600).contains(&used), "{used}");
        // The burst is available again after a pause.
        tokio::time::sleep(Duration::from_secs(1)).await;
        for (permits, expected) in [(10, true), (1, false)] {
            let outcome = limiter.acquire(ONE, permits, Some(Instant::now())).await;
            assert_eq!(outcome.is_ok(), expected);
        }
    }

    /// Returns the sum of costs in any period of this length.
    fn most_cost_within(departures: &[(Duration, u32)], length: Duration) -> u32 {
        let within = |start: &Duration| {
            let in_time = departures
                .iter()
                .filter(|(time, _)| time >= start && *time < *start + length);
            in_time.map(|(_, cost)| cost).sum()
        };
        departures
            .iter()
            .map(|(start, _)| within(start))
            .max()
            .unwrap_or_default()
    }

    const MANY: &OperationInfo = &OperationInfo::new("a.many", Method::POST, "/e").limits(&[
        RateLimit::per_second(100, "calls"),
        RateLimit::per_minute(600, "messages"),
        BUCKET,
    ]);

    /// Every limit of a call holds, whatever the calls cost and whoever gives up.
    #[tokio::test(start_paused = true)]
    async fn all_limits_of_an_operation_hold() {
        for seed in 0..20 {
            let mut random = fastrand::Rng::with_seed(seed);
            let limiter = Limiter::new(RateLimits::new());
            let start = Instant::now();
            let calls: Vec<_> = (0..300)
                .map(|_| {
                    let (at, count) = (random.u64(..4000), random.u32(1..=90));
                    let info = if random.bool() { MANY } else { ONE };
                    let patience = if random.bool() {
                        random.u64(1..60_000)
                    } else {
                        100_000_000
                    };
                    let limiter = &limiter;
                    async move {
                        tokio::time::sleep(Duration::from_millis(at)).await;
                        let permit = limiter.acquire(info, count, None);
                        let outcome = tokio::time::timeout(Duration::from_millis(patience), permit).await;
                        outcome.ok().map(|_| (start.elapsed(), info.id, count))
                    }
                })
                .collect();
            let left = futures_util::future::join_all(calls).await;
            let left: Vec<_> = left.into_iter().flatten().collect();
            let calls: Vec<_> = left.iter().map(|(time, ..)| (*time, 1)).collect();
            let messages = left.iter().filter(|(_, id, _)| *id == MANY.id);
            let messages: Vec<_> = messages.map(|(time, _, count)| (*time, *count)).collect();
            let most = most_cost_within(&calls, Duration::from_secs(1));
            assert!(most <= 100, "seed {seed}: {most} calls");
            let most = most_cost_within(&messages, Duration::from_secs(60));
            assert!(most <= 600, "seed {seed}: {most} messages");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_one_limit_refuses_takes_nothing_from_the_others() {
        let limiter = Limiter::new(RateLimits::new());
        let now = Some(Instant::now());
        for _ in 0..20 {
            limiter.acquire(MANY, 100, now).await.expect_err("too many messages");
        }
        limiter
            .acquire(ONE, 10, now)
            .await
            .expect("a permit of the shared bucket");
    }

    #[test]
    fn extreme_limits_are_harmless() {
        let mut odd = RateLimit::per_second(0, "calls");
        for period in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
            for count in [0, 1, 9, u32::MAX] {
                (odd.count, odd.period) = (count, period);
                let mut state = State::default();
                for cost in [0, 1, u32::MAX, u32::MAX] {
                    let share = Share::new(("a", 0), odd, cost);
                    let _ = state.take(&[share], Duration::ZERO, Duration::from_secs(1));
                }
                assert!(state.full_at.len() <= 1);
            }
        }
    }
}
