//! Caches the token, and obtains the next one.

use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::BuildHasher;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use futures_util::future::{BoxFuture, Either, select};
use http::HeaderValue;
use tokio::runtime::Handle;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::backoff::Backoff;
use super::store::{StoreError, StoredToken, TokenStore};
use super::{Grant, Token, Tokens};
use crate::runtime::client::Boxed;
use crate::runtime::client::options::CallOptions;
use crate::runtime::client::send::Core;
#[cfg(feature = "tracing")]
use crate::runtime::client::trace;
use crate::runtime::error::{Error, TokenError};
use crate::runtime::request::authorization;
use crate::runtime::secret::Secret;

/// How long a token store may take before the client works without it.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long other callers wait for a heartbeat of a lease before one of them takes it over: a task makes no progress if its
/// runtime is not running.
const LEASE_TIMEOUT: Duration = Duration::from_secs(5);

/// Interval between heartbeats of a lease.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How long a renewal may go on without a waiting caller, and so how long its task may outlive the client.
const RENEWAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Tokens obtained by a grant.
struct Granted(Arc<Cache>);

/// The current token, and how to obtain the next one.
struct Cache {
    grant: Arc<dyn Grant>,
    shared: Option<Shared>,
    /// The client. Weak, so that background tasks do not keep it alive.
    core: Weak<Core>,
    state: Mutex<State>,
    /// Notified when a lease is released.
    released: Notify,
}

/// A token store and the key in it.
struct Shared {
    store: Arc<dyn TokenStore>,
    key: String,
    /// By how many hundredths this client shortens the renewal margin, so that clients that share a store do not renew at
    /// the same time.
    late: u32,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The last token that the server rejected. The store may still have it.
    rejected: Option<Secret>,
    failure: Option<Arc<Error>>,
    /// Pause after failed token requests: servers may block callers that ask too often.
    requests: Backoff,
    /// Pause after new tokens that the server rejected.
    renewals: Backoff,
    /// Number and last heartbeat of the lease to obtain a token. There is one token request however many callers wait. Waiting
    /// callers hold no lock, so one that is not polled does not delay the others.
    lease: Option<(u64, Instant)>,
    /// Number of leases so far.
    leases: u64,
}

/// The exclusive right to obtain a token.
struct Lease {
    cache: Arc<Cache>,
    number: u64,
    /// Whether obtaining a token succeeded or failed, as opposed to being aborted.
    is_done: bool,
}

struct Held {
    value: Secret,
    /// The value of the header that carries it.
    header: HeaderValue,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
    /// Whether it was loaded from a store, and may be older than the last rejected token.
    found: bool,
}

/// The cached token.
enum Available {
    Token(HeaderValue),
    /// Still valid, but due for renewal.
    Aging(HeaderValue),
    Nothing,
}

/// The next step of a caller that needs a token.
enum Found {
    Token(HeaderValue),
    Aging(HeaderValue),
    /// There is no token: obtain one.
    Lease(Lease),
    /// There is no token: wait for the caller whose last heartbeat was at this time.
    Busy(Instant),
}

/// Returns the tokens that `grant` obtains, for the client `core`. They are shared through `store`, under `key`.
pub(in crate::runtime::client) fn granted(
    grant: Arc<dyn Grant>,
    store: Option<Arc<dyn TokenStore>>,
    key: &str,
    core: Weak<Core>,
) -> Box<dyn Tokens> {
    let shared = store.map(|store| Shared {
        store,
        key: key.to_owned(),
        late: u32::try_from(RandomState::new().hash_one(key) % 50).unwrap_or(0),
    });
    Box::new(Granted(Arc::new(Cache {
        grant,
        shared,
        core,
        state: Mutex::default(),
        released: Notify::new(),
    })))
}

impl Tokens for Granted {
    fn ready(&self, now: Instant) -> Option<HeaderValue> {
        match self.0.state().available(now) {
            Available::Token(token) => Some(token),
            Available::Aging(_) | Available::Nothing => None,
        }
    }

    fn get<'c>(&'c self, core: &'c Core) -> Boxed<'c, Option<HeaderValue>> {
        Box::pin(async { self.0.get(core).await.map(Some) })
    }

    fn renew<'c>(&'c self, rejected: &'c HeaderValue, core: &'c Core) -> Boxed<'c, Option<HeaderValue>> {
        Box::pin(self.0.renew(rejected, core))
    }

    fn forget(&self, rejected: &HeaderValue) {
        let mut state = self.0.state();
        match &state.held {
            Some(held) if held.header == *rejected && held.found => state.forget(rejected),
            Some(held) if held.header == *rejected && !state.renewals.is_on() => {
                state.forget(rejected);
                state.renewals.fail(None);
            }
            _ => {}
        }
    }

    fn pause(&self) {
        let mut state = self.0.state();
        // A stored token may simply be as old as the one before it.
        if state.held.as_ref().is_some_and(|held| !held.found) {
            state.renewals.fail(None);
        }
    }
}

impl Cache {
    async fn get(self: &Arc<Self>, core: &Core) -> Result<HeaderValue, Error> {
        loop {
            let released = self.released.notified();
            match self.look()? {
                Found::Token(token) => return Ok(token),
                Found::Aging(token) => return Ok(self.renew_early(core).await.unwrap_or(token)),
                Found::Lease(lease) => return self.replace_for_all(lease, core).await,
                Found::Busy(since) => drop(timeout_at(since + LEASE_TIMEOUT, released).await),
            }
        }
    }

    /// Decides what a caller that needs a token has to do.
    fn look(self: &Arc<Self>) -> Result<Found, Error> {
        let mut state = self.state();
        Ok(match (state.available(Instant::now()), state.busy_since()) {
            (Available::Token(token), _) => Found::Token(token),
            (Available::Aging(token), _) => Found::Aging(token),
            (Available::Nothing, Some(since)) => Found::Busy(since),
            (Available::Nothing, None) => {
                state.check()?;
                Found::Lease(self.take_lease(&mut state))
            }
        })
    }

    /// Decides what a caller whose token was rejected has to do. Returns `None` if a new token would not help for now.
    fn look_for_other(self: &Arc<Self>, rejected: &HeaderValue) -> Result<Option<Found>, Error> {
        let mut state = self.state();
        if let Some(since) = state.busy_since() {
            return Ok(Some(Found::Busy(since)));
        }
        if let Some(held) = state.held.as_ref().filter(|held| held.header != *rejected) {
            return Ok(Some(Found::Token(held.header.clone())));
        }
        // If no token is held, it was dropped because the server rejected it, and another is needed anyway.
        if state.held.is_some() && state.renewals.is_on() {
            return Ok(None);
        }
        state.forget(rejected);
        state.check()?;
        Ok(Some(Found::Lease(self.take_lease(&mut state))))
    }

    fn take_lease(self: &Arc<Self>, state: &mut State) -> Lease {
        state.leases += 1;
        state.lease = Some((state.leases, Instant::now()));
        Lease {
            cache: Arc::clone(self),
            number: state.leases,
            is_done: false,
        }
    }

    /// Starts renewing the token in the background, unless another caller has the lease. Without a runtime, renews it at once.
    async fn renew_early(self: &Arc<Self>, core: &Core) -> Option<HeaderValue> {
        let lease = {
            let mut state = self.state();
            let is_aging = matches!(state.available(Instant::now()), Available::Aging(_));
            if !is_aging || state.requests.is_on() || state.busy_since().is_some() {
                return None;
            }
            self.take_lease(&mut state)
        };
        match Handle::try_current() {
            Ok(runtime) => {
                let (_, no_caller) = oneshot::channel();
                runtime.spawn(Arc::clone(self).replace_in_background(lease, no_caller));
                None
            }
            Err(_) => self.replace_here(lease, core).await.ok(),
        }
    }

    /// Replaces the token in a task, for all waiting callers: if this one is dropped, the token is still useful to the others
    /// and to later callers.
    async fn replace_for_all(self: &Arc<Self>, lease: Lease, core: &Core) -> Result<HeaderValue, Error> {
        let Ok(runtime) = Handle::try_current() else {
            return self.replace_here(lease, core).await;
        };
        let (_waiting, caller) = oneshot::channel();
        let task = Arc::clone(self).replace_in_background(lease, caller);
        #[cfg(feature = "tracing")]
        let task = tracing::Instrument::in_current_span(task);
        match runtime.spawn(task).await {
            Ok(Some(outcome)) => outcome,
            // The task was dropped with its runtime.
            _ => self.replace(core).await.map(|(header, _)| header),
        }
    }

    async fn replace_here(&self, mut lease: Lease, core: &Core) -> Result<HeaderValue, Error> {
        let outcome = self.replace(core).await;
        lease.is_done = true;
        // Waiting callers need the token, but need not wait until it is stored.
        drop(lease);
        let (header, obtained) = outcome?;
        if let Some(token) = obtained {
            self.save(&token).await;
        }
        Ok(header)
    }

    /// Replaces the token, until a while after the caller was dropped. Returns `None` if the token is not needed any more.
    fn replace_in_background(
        self: Arc<Self>,
        lease: Lease,
        caller: oneshot::Receiver<()>,
    ) -> BoxFuture<'static, Option<Result<HeaderValue, Error>>> {
        Box::pin(async move {
            let core = self.core.upgrade()?;
            let number = lease.number;
            let keep_lease = self.keep_lease(number, caller);
            match select(pin!(self.replace_here(lease, &core)), pin!(keep_lease)).await {
                Either::Left((outcome, _)) => Some(outcome),
                Either::Right(_) => None,
            }
        })
    }

    /// Sends heartbeats while the task makes progress. Returns a while after the caller dropped its end of the channel.
    async fn keep_lease(&self, number: u64, mut caller: oneshot::Receiver<()>) {
        let mut alone = Duration::ZERO;
        while alone < RENEWAL_TIMEOUT {
            sleep(HEARTBEAT).await;
            self.state().extend_lease(number);
            if caller.try_recv() != Err(TryRecvError::Empty) {
                alone += HEARTBEAT;
            }
        }
    }

    async fn renew(self: &Arc<Self>, rejected: &HeaderValue, core: &Core) -> Result<Option<HeaderValue>, Error> {
        loop {
            let released = self.released.notified();
            match self.look_for_other(rejected)? {
                None => return Ok(None),
                Some(Found::Token(token) | Found::Aging(token)) => return Ok(Some(token)),
                Some(Found::Lease(lease)) => return self.replace_for_all(lease, core).await.map(Some),
                Some(Found::Busy(since)) => drop(timeout_at(since + LEASE_TIMEOUT, released).await),
            }
        }
    }

    /// Loads or requests another token, unless that has just failed. The caller has the lease.
    async fn replace(&self, core: &Core) -> Result<(HeaderValue, Option<StoredToken>), Error> {
        self.state().check()?;
        match self.find().await {
            Some(found) => Ok((self.state().hold(found), None)),
            None => self.request(core).await,
        }
    }

    /// Requests a token and starts using it. Also returns it in the form for a store. The caller has the lease.
    async fn request(&self, core: &Core) -> Result<(HeaderValue, Option<StoredToken>), Error> {
        match self.obtain(core).await {
            Ok((token, header)) => {
                let (held, stored) = (self.held(&token, header), stored(&token, SystemTime::now()));
                Ok((self.state().hold(held), Some(stored)))
            }
            Err(error) => {
                let error = Arc::new(error);
                let mut state = self.state();
                state.requests.fail(error.retry_after());
                state.failure = Some(Arc::clone(&error));
                let left = state.requests.left().unwrap_or_default();
                Err(TokenError::new(error).paused_for(left).into())
            }
        }
    }

    async fn obtain(&self, core: &Core) -> Result<(Token, HeaderValue), Error> {
        let options = CallOptions::new();
        let received = core.receive(self.grant.request()?, &options, false).await?;
        let token = received.read(|raw| self.grant.token(&raw))?;
        let header = authorization(&token.value)?;
        Ok((token, header))
    }

    /// Loads the token from the store, if it is better than the current one.
    async fn find(&self) -> Option<Held> {
        let shared = self.shared.as_ref()?;
        let token = in_time("load", shared.store.load(&shared.key)).await??;
        let held = Held::found(token, shared.late)?;
        let state = self.state();
        let known = |secret: &Secret| *secret == held.value;
        let is_news = !state.held.as_ref().is_some_and(|held| known(&held.value));
        // A token that is due for renewal is better than none, but not better than another such token.
        let now = Instant::now();
        let is_enough = !passed(held.renew_at, now) || matches!(state.available(now), Available::Nothing);
        (is_news && is_enough && !state.rejected.as_ref().is_some_and(known)).then_some(held)
    }

    async fn save(&self, token: &StoredToken) {
        if let Some(shared) = &self.shared {
            in_time("save", shared.store.save(&shared.key, token)).await;
        }
    }

    fn held(&self, token: &Token, header: HeaderValue) -> Held {
        let lifetime = token.lifetime.filter(|lifetime| !lifetime.is_zero());
        let late = self.shared.as_ref().map_or(0, |shared| shared.late);
        Held {
            value: token.value.clone(),
            header,
            renew_at: lifetime.and_then(|lifetime| from_now(lifetime.saturating_sub(margin(lifetime, late)))),
            expires_at: lifetime.and_then(from_now),
            found: false,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No holder of the lock can leave the state half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn available(&self, now: Instant) -> Available {
        match &self.held {
            Some(held) if !passed(held.renew_at, now) => Available::Token(held.header.clone()),
            Some(held) if !passed(held.expires_at, now) => Available::Aging(held.header.clone()),
            _ => Available::Nothing,
        }
    }

    /// Fails with the error of the last token request during the pause after it.
    fn check(&self) -> Result<(), Error> {
        match (&self.failure, self.requests.left()) {
            (Some(error), Some(left)) => Err(TokenError::new(Arc::clone(error)).paused_for(left).into()),
            _ => Ok(()),
        }
    }

    /// Returns the last heartbeat of the current lease, unless it is too long ago.
    fn busy_since(&self) -> Option<Instant> {
        let (_, since) = self.lease?;
        (since.elapsed() < LEASE_TIMEOUT).then_some(since)
    }

    /// Records a heartbeat of a lease.
    fn extend_lease(&mut self, number: u64) {
        if let Some((_, seen)) = self.lease.as_mut().filter(|lease| lease.0 == number) {
            *seen = Instant::now();
        }
    }

    /// Starts using a token.
    fn hold(&mut self, held: Held) -> HeaderValue {
        self.failure = None;
        self.requests.reset();
        self.held.insert(held).header.clone()
    }

    fn forget(&mut self, rejected: &HeaderValue) {
        if let Some(held) = self.held.take_if(|held| held.header == *rejected) {
            self.rejected = Some(held.value);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        {
            let mut state = self.cache.state();
            if state.lease.is_some_and(|(number, _)| number == self.number) {
                state.lease = None;
                // It was dropped with its runtime, or by a panic. Pause, in case this happens to all calls.
                if !self.is_done {
                    state.requests.fail(None);
                    state.failure = None;
                }
            }
        }
        self.cache.released.notify_waiters();
    }
}

impl Held {
    /// Makes a held token from a stored one. Returns `None` if it has expired or cannot be sent.
    fn found(token: StoredToken, late: u32) -> Option<Self> {
        let mut held = Self {
            header: authorization(&token.value).ok()?,
            value: token.value,
            renew_at: None,
            expires_at: None,
            found: true,
        };
        if let Some(expires_at) = token.expires_at {
            let end = expires_at.to_system_time()?;
            // Fails if it has expired.
            let left = end.duration_since(SystemTime::now()).ok()?;
            let lifetime = token
                .obtained_at
                .to_system_time()
                .and_then(|start| end.duration_since(start).ok())
                .map_or(left, |lifetime| lifetime.max(left));
            held.renew_at = from_now(left.saturating_sub(margin(lifetime, late)));
            held.expires_at = from_now(left);
        }
        Some(held)
    }
}

/// Converts a token to the form for a store.
fn stored(token: &Token, now: SystemTime) -> StoredToken {
    let lifetime = token.lifetime.filter(|lifetime| !lifetime.is_zero());
    let end = lifetime.and_then(|lifetime| now.checked_add(lifetime));
    StoredToken::new(token.value.clone(), now, end.map(Into::into))
}

/// Returns the result of a store, or `None` if it fails or takes too long: then the client works without it.
async fn in_time<T>(action: &'static str, response: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    let failure: StoreError = match timeout(STORE_TIMEOUT, response).await {
        Ok(Ok(response)) => return Some(response),
        Ok(Err(failure)) => failure,
        Err(late) => late.into(),
    };
    #[cfg(feature = "tracing")]
    trace::store_failed(action, &*failure);
    #[cfg(not(feature = "tracing"))]
    drop((action, failure));
    None
}

/// Returns how long before its end a token is renewed: a minute or a tenth of its lifetime, whichever is longer, at most half
/// of it, and reduced by `late` hundredths.
fn margin(lifetime: Duration, late: u32) -> Duration {
    Duration::from_secs(60).max(lifetime / 10).min(lifetime / 2) / 100 * 100_u32.saturating_sub(late)
}

fn from_now(time: Duration) -> Option<Instant> {
    Instant::now().checked_add(time)
}

fn passed(time: Option<Instant>, now: Instant) -> bool {
    time.is_some_and(|time| time <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::error::InvalidArgument;
    use crate::runtime::operation::{OperationInfo, RawResponse};
    use crate::runtime::request::Request;
    use http::Method;

    struct Given;

    impl Grant for Given {
        fn request(&self) -> Result<Request, InvalidArgument> {
            const INFO: &OperationInfo = &OperationInfo::new("a.token", Method::POST, "/token");
            Request::new(INFO, &[])
        }

        fn token(&self, _: &RawResponse) -> Result<Token, Error> {
            let (value, lifetime) = ("t".into(), None);
            Ok(Token { value, lifetime })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_without_heartbeats_is_taken_over() {
        let cache = Arc::new(Cache {
            grant: Arc::new(Given),
            shared: None,
            core: Weak::new(),
            state: Mutex::default(),
            released: Notify::new(),
        });
        let look = || cache.look().expect("no failure");
        let lease = || match look() {
            Found::Lease(lease) => Some(lease),
            _ => None,
        };
        let first = lease().expect("the lease is available");
        assert!(matches!(look(), Found::Busy(_)));
        tokio::time::advance(LEASE_TIMEOUT).await;
        let second = lease().expect("the first lease has no heartbeats");
        // Dropping the first lease must not release the second.
        drop(first);
        assert!(matches!(look(), Found::Busy(_)));
        assert!(!cache.state().requests.is_on());
        // Dropped with its runtime: others may try, but there is no early renewal for a while.
        let released = cache.released.notified();
        drop(second);
        released.await;
        assert!(cache.state().requests.is_on());
        assert!(lease().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_with_heartbeats_is_kept() {
        let cache = Arc::new(Cache {
            grant: Arc::new(Given),
            shared: None,
            core: Weak::new(),
            state: Mutex::default(),
            released: Notify::new(),
        });
        let Ok(Found::Lease(lease)) = cache.look() else {
            panic!("the lease is available");
        };
        // The server is slow, and the caller waits.
        let (waiting, caller) = oneshot::channel();
        let keep_lease = cache.keep_lease(lease.number, caller);
        assert!(timeout(LEASE_TIMEOUT * 10, keep_lease).await.is_err());
        drop(waiting);
        assert!(matches!(cache.look(), Ok(Found::Busy(_))));
        sleep(LEASE_TIMEOUT).await;
        assert!(matches!(cache.look(), Ok(Found::Lease(_))));
    }

    #[test]
    fn the_margin_depends_on_the_lifetime() {
        for (lifetime, late, expected) in [
            (1, 0, 500),
            (60, 0, 30_000),
            (300, 0, 60_000),
            (300, 50, 30_000),
            (86_400, 0, 8_640_000),
            (86_400, 25, 6_480_000),
        ] {
            assert_eq!(
                margin(Duration::from_secs(lifetime), late),
                Duration::from_millis(expected)
            );
        }
        assert!(from_now(Duration::MAX).is_none());
    }

    #[test]
    fn a_stored_token_keeps_its_times() {
        let now = SystemTime::now();
        let token = |lifetime| Token {
            value: "t".into(),
            lifetime,
        };
        let kept = stored(&token(Some(Duration::from_secs(60))), now);
        assert_eq!(kept.expires_at.map(|end| end.0 - kept.obtained_at.0), Some(60_000));
        for endless in [None, Some(Duration::ZERO), Some(Duration::MAX)] {
            assert_eq!(stored(&token(endless), now).expires_at, None);
        }
    }

    #[test]
    fn only_usable_tokens_are_loaded_from_a_store() {
        let now = SystemTime::now();
        let token = |value: &str, expires_at: Option<SystemTime>| {
            let obtained_at = now - Duration::from_secs(3600);
            StoredToken::new(value, obtained_at, expires_at.map(Into::into))
        };
        let soon = now + Duration::from_secs(60);
        let later = now + Duration::from_secs(3600);
        let found = |token| Held::found(token, 0).map(|held| passed(held.renew_at, Instant::now()));
        assert_eq!(found(token("t", None)), Some(false));
        assert_eq!(found(token("t", Some(later))), Some(false));
        assert_eq!(found(token("t", Some(soon))), Some(true));
        assert_eq!(found(token("t", Some(now - Duration::from_secs(1)))), None);
        assert_eq!(found(token("", None)), None);
        assert_eq!(found(token("a\nb", None)), None);
    }
}
