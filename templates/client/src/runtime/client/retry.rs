//! Retries.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::runtime::error::{Error, ErrorKind};
use crate::runtime::request::Request;

/// When and after which delay a request is sent again.
///
/// **No operation is executed twice without the caller's consent.** A failed call is retried only if the failure is
/// temporary, and
///
/// * the operation is [idempotent](crate::runtime::OperationInfo::idempotent), or
/// * the request was certainly not processed: no connection could be made, or an HTTP/2 server refused it as unprocessed.
///
/// Temporary failures are: these two, a broken connection, a read timeout, error responses documented as retryable
/// (see [`KNOWN_ERRORS`](crate::KNOWN_ERRORS)) and, for undocumented error responses, the statuses 408, 425, 429 and 500
/// to 599 except 501 and 505. A successful response that cannot be decoded is not retried. Neither is a request whose
/// body can be read only once: a file from a reader or a stream.
///
/// A 429 usually means that the server did nothing, but a server may count the parts of a request one by one. The caller
/// decides whether to rely on it: see [`retry_rate_limited`](Self::retry_rate_limited).
///
/// Independent of the policy, if the server rejects the token, the client sends the request once more with a new one:
/// a request without a valid token has no effect.
///
/// The delay is random between zero and a maximum that doubles with each attempt ("full jitter"), or what the server
/// requests with `Retry-After`. All attempts and delays together are bounded by the
/// [timeout](super::Builder::timeout) of the call, and all retries of a client by its
/// [retry budget](super::Builder::retry_budget).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    max_retry_after: Duration,
    retry_rate_limited: bool,
    /// `true` if all operations count as idempotent.
    pub(super) assume_idempotent: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(10),
            max_retry_after: Duration::from_secs(30),
            retry_rate_limited: false,
            assume_idempotent: false,
        }
    }
}

impl RetryPolicy {
    /// Returns the default policy: three attempts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a policy with one attempt, without retries.
    pub fn off() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets the maximum number of attempts, including the first. Default: 3.
    pub fn max_attempts(mut self, count: u32) -> Self {
        self.max_attempts = count;
        self
    }

    /// Sets the maximum delay before the second attempt. It doubles with each further attempt. Default: 200 ms.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Sets the maximum delay before any attempt. Default: 10 seconds.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the maximum wait that a server may request with `Retry-After`. If it requests more, the call fails at once and
    /// [`Error::retry_after`] returns the time. Default: 30 seconds.
    pub fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Also retries operations that are not idempotent after a 429 with a code documented as retryable, assuming that the
    /// server did nothing. Default: `false`.
    pub fn retry_rate_limited(mut self, repeat: bool) -> Self {
        self.retry_rate_limited = repeat;
        self
    }

    /// Returns the delay before the next attempt; `None` for no retry. `failures` is the number of attempts so far.
    pub(super) fn pause(&self, failures: u32, error: &Error, request: &Request) -> Option<Duration> {
        if failures >= self.max_attempts || !self.may_repeat(error, request) {
            return None;
        }
        match error.retry_after() {
            Some(asked) if asked > self.max_retry_after => None,
            Some(asked) => Some(asked.saturating_add(random(self.base_delay))),
            None => Some(random(self.delay(failures))),
        }
    }

    /// Returns `true` if the rules of [`RetryPolicy`] allow a retry.
    fn may_repeat(&self, error: &Error, request: &Request) -> bool {
        let is_idempotent = self.assume_idempotent || request.info().idempotent;
        let is_throttled = error.status() == Some(http::StatusCode::TOO_MANY_REQUESTS)
            && error.known().is_some_and(|known| known.retryable);
        let may_repeat = match error.kind() {
            // A token request was retried by its own call.
            ErrorKind::Token => false,
            ErrorKind::Connect | ErrorKind::Refused => true,
            _ => is_idempotent || (self.retry_rate_limited && is_throttled),
        };
        error.is_retryable() && may_repeat && request.is_replayable()
    }

    /// Returns the maximum delay after this many failures.
    fn delay(&self, failures: u32) -> Duration {
        doubled(self.base_delay, failures).min(self.max_delay)
    }
}

/// Doubles a delay for each failure but the first.
pub(super) fn doubled(delay: Duration, failures: u32) -> Duration {
    let times = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    delay.saturating_mul(times)
}

/// Returns a random duration up to `most`.
fn random(most: Duration) -> Duration {
    let nanos = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(fastrand::u64(0..=nanos))
}

/// The retry budget of a client: when a server is down, retries must not multiply its load. Its permits are hundredths of a
/// retry.
#[derive(Debug)]
pub(super) struct Budget {
    percent: usize,
    most: usize,
    left: Semaphore,
}

impl Budget {
    pub(super) fn new((percent, reserve): (u32, u32)) -> Self {
        let [percent, reserve] = [percent, reserve].map(|count| count.min(1 << 20) as usize);
        Self {
            percent,
            most: reserve.max(1) * 100,
            left: Semaphore::new(reserve * 100),
        }
    }

    /// Adds the share of one call.
    pub(super) fn deposit(&self) {
        let missing = self.most.saturating_sub(self.left.available_permits());
        // Usually none.
        if missing > 0 {
            self.left.add_permits(self.percent.min(missing));
        }
    }

    /// Takes one retry from the budget. Returns `false` if too little is left.
    pub(super) fn withdraw(&self) -> bool {
        self.left.try_acquire_many(100).map(SemaphorePermit::forget).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::file::File;
    use crate::runtime::operation::OperationInfo;
    use http::{HeaderMap, HeaderValue, Method, StatusCode};

    const SAFE: &OperationInfo = &OperationInfo::new("a.get", Method::GET, "/a").idempotent();
    const UNSAFE: &OperationInfo = &OperationInfo::new("a.post", Method::POST, "/a");

    fn transport(kind: ErrorKind) -> Error {
        Error::transport(kind, "broken").of(SAFE, None)
    }

    fn api(status: u16, headers: HeaderMap) -> Error {
        let status = StatusCode::from_u16(status).expect("a status");
        Error::from_response(SAFE, status, headers, "{}".into())
    }

    #[test]
    fn only_safe_requests_are_retried() {
        let requests = [SAFE, UNSAFE].map(|info| Request::new(info, &[]).expect("a request"));
        for (error, expected) in [
            (transport(ErrorKind::Connect), [true, true]),
            (transport(ErrorKind::Refused), [true, true]),
            (transport(ErrorKind::Interrupted), [true, false]),
            (transport(ErrorKind::Timeout), [true, false]),
            (transport(ErrorKind::Unsendable), [false, false]),
            (api(500, HeaderMap::new()), [true, false]),
            (api(503, HeaderMap::new()), [true, false]),
            (api(429, HeaderMap::new()), [true, false]),
            (api(501, HeaderMap::new()), [false, false]),
            (api(404, HeaderMap::new()), [false, false]),
            (
                Error::without_token(transport(ErrorKind::Connect), None),
                [false, false],
            ),
        ] {
            let repeated = [0, 1].map(|index| RetryPolicy::new().pause(1, &error, &requests[index]).is_some());
            assert_eq!(repeated, expected, "{error}");
            assert_eq!(RetryPolicy::off().pause(1, &error, &requests[0]), None);
        }
    }

    #[test]
    fn bodies_that_cannot_be_replayed_are_not_retried() {
        for (file, expected) in [(File::bytes("a", "x"), true), (File::reader("a", &b"x"[..]), false)] {
            let mut request = Request::new(SAFE, &[]).expect("a request");
            request.file("file", &file).expect("a file");
            let pause = RetryPolicy::new().pause(1, &transport(ErrorKind::Connect), &request);
            assert_eq!(pause.is_some(), expected);
        }
    }

    #[test]
    fn delays_grow_to_a_limit() {
        let policy = RetryPolicy::new().max_delay(Duration::from_secs(1));
        let delays: Vec<_> = [1, 2, 3, 4, 5, 40, u32::MAX]
            .map(|n| policy.delay(n).as_millis())
            .into();
        assert_eq!(delays, [200, 400, 800, 1000, 1000, 1000, 1000]);
        let most = Duration::from_millis(200);
        let some: Vec<_> = (0..100).map(|_| random(most)).collect();
        assert!(some.iter().all(|pause| *pause <= most));
        assert!(some.iter().any(|pause| *pause < most / 4) && some.iter().any(|pause| *pause > most / 2));
        assert!(random(Duration::MAX) <= Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn retry_after_sets_the_delay() {
        let request = Request::new(SAFE, &[]).expect("a request");
        let pause = |asked: &'static str| {
            let headers = [(http::header::RETRY_AFTER, HeaderValue::from_static(asked))];
            RetryPolicy::new().pause(1, &api(503, headers.into_iter().collect()), &request)
        };
        let five = pause("5").expect("a pause").as_millis();
        assert!((5000..=5200).contains(&five), "{five}");
        assert_eq!(pause("31"), None);
        assert_eq!(pause("99999999999999999999999"), None);
    }

    #[test]
    fn the_budget_bounds_retries() {
        let budget = Budget::new((10, 5));
        let retries = (0..1000).filter(|_| {
            budget.deposit();
            budget.withdraw()
        });
        // The reserve and a tenth of the calls.
        assert_eq!(retries.count(), 5 + 99);
        assert!(!Budget::new((10, 0)).withdraw());
    }

    #[test]
    fn a_budget_without_a_reserve_still_allows_retries() {
        for (percent, expected) in [(100, 1000), (50, 500), (10, 100), (200, 1000), (0, 0)] {
            let budget = Budget::new((percent, 0));
            let retries = (0..1000).filter(|_| {
                budget.deposit();
                budget.withdraw()
            });
            assert_eq!(retries.count(), expected, "{percent}");
        }
    }
}
