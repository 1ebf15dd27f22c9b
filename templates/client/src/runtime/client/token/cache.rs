//! The token in use, and how the next one is obtained.

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

/// How long a token store may take before the client goes on without it.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// How long others wait for a sign of who obtains a token before one of them does it instead: a task makes no progress where
/// its runtime does not run.
const TURN_PATIENCE: Duration = Duration::from_secs(5);

/// How often who obtains a token gives a sign.
const SIGN: Duration = Duration::from_secs(1);

/// How long a renewal may take that nobody waits for: it is the time by which a task may outlive its client.
const RENEWAL_PATIENCE: Duration = Duration::from_secs(30);

/// The tokens that a grant obtains.
struct Granted(Arc<Cache>);

/// The token in use, and the way to the next one.
struct Cache {
    grant: Arc<dyn Grant>,
    shared: Option<Shared>,
    /// The client, for tasks that must not keep it alive.
    core: Weak<Core>,
    state: Mutex<State>,
    /// Tells when somebody's turn is over.
    over: Notify,
}

/// Where a token is kept that others use too.
struct Shared {
    store: Arc<dyn TokenStore>,
    key: String,
    /// By how many hundredths this client shortens the time that a token is renewed early, so that those who share it do
    /// not all renew it at once.
    late: u32,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// What the server refused last; a store may still have it.
    refused: Option<Secret>,
    failure: Option<Arc<Error>>,
    /// The pause after requests that failed: servers may block callers that ask too often.
    requests: Backoff,
    /// The pause after new tokens that were refused.
    renewals: Backoff,
    /// The turn of who obtains a token, and its last sign: there is one request however many callers wait. Who waits for its
    /// end holds nothing, so that a caller that is not polled keeps nobody waiting.
    turn: Option<(u64, Instant)>,
    /// How many turns there were.
    turns: u64,
}

/// The right to obtain a token.
struct Turn {
    cache: Arc<Cache>,
    number: u64,
    /// Whether it had an outcome.
    is_done: bool,
}

struct Held {
    value: Secret,
    /// As requests carry it.
    header: HeaderValue,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
    /// Whether it is from a store, and may be older than the trouble with the last one.
    found: bool,
}

/// What there is for a caller that needs a token.
enum Available {
    Token(HeaderValue),
    /// Still valid, but not for long.
    Aging(HeaderValue),
    Nothing,
}

/// What a caller finds.
enum Found {
    Token(HeaderValue),
    Aging(HeaderValue),
    /// Nothing: it may obtain one.
    Turn(Turn),
    /// Nothing, but somebody is at it, as was seen at this time.
    Taken(Instant),
}

/// The tokens that `grant` obtains, for the client behind `core`. Others share them through `store`, under `key`.
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
        over: Notify::new(),
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

    fn renew<'c>(&'c self, refused: &'c HeaderValue, core: &'c Core) -> Boxed<'c, Option<HeaderValue>> {
        Box::pin(self.0.renew(refused, core))
    }

    fn forget(&self, refused: &HeaderValue) {
        let mut state = self.0.state();
        match &state.held {
            Some(held) if held.header == *refused && held.found => state.forget(refused),
            Some(held) if held.header == *refused && !state.renewals.is_on() => {
                state.forget(refused);
                state.renewals.fail(None);
            }
            _ => {}
        }
    }

    fn pause(&self) {
        let mut state = self.0.state();
        // One that was found may simply be as old as the one before it.
        if state.held.as_ref().is_some_and(|held| !held.found) {
            state.renewals.fail(None);
        }
    }
}

impl Cache {
    async fn get(self: &Arc<Self>, core: &Core) -> Result<HeaderValue, Error> {
        loop {
            let over = self.over.notified();
            match self.look()? {
                Found::Token(token) => return Ok(token),
                Found::Aging(token) => return Ok(self.renew_early(core).await.unwrap_or(token)),
                Found::Turn(turn) => return self.replace_for_all(turn, core).await,
                Found::Taken(since) => drop(timeout_at(since + TURN_PATIENCE, over).await),
            }
        }
    }

    /// What there is for a caller that needs a token.
    fn look(self: &Arc<Self>) -> Result<Found, Error> {
        let mut state = self.state();
        Ok(match (state.available(Instant::now()), state.taken()) {
            (Available::Token(token), _) => Found::Token(token),
            (Available::Aging(token), _) => Found::Aging(token),
            (Available::Nothing, Some(since)) => Found::Taken(since),
            (Available::Nothing, None) => {
                state.check()?;
                Found::Turn(self.take_turn(&mut state))
            }
        })
    }

    /// What there is for a caller whose token the server refused; `None` if nothing is, for now.
    fn look_for_other(self: &Arc<Self>, refused: &HeaderValue) -> Result<Option<Found>, Error> {
        let mut state = self.state();
        if let Some(since) = state.taken() {
            return Ok(Some(Found::Taken(since)));
        }
        if let Some(held) = state.held.as_ref().filter(|held| held.header != *refused) {
            return Ok(Some(Found::Token(held.header.clone())));
        }
        // Where there is none, the trouble was with this one, and another is needed anyway.
        if state.held.is_some() && state.renewals.is_on() {
            return Ok(None);
        }
        state.forget(refused);
        state.check()?;
        Ok(Some(Found::Turn(self.take_turn(&mut state))))
    }

    fn take_turn(self: &Arc<Self>, state: &mut State) -> Turn {
        state.turns += 1;
        state.turn = Some((state.turns, Instant::now()));
        Turn {
            cache: Arc::clone(self),
            number: state.turns,
            is_done: false,
        }
    }

    /// Has the token renewed in the background, unless somebody is at it. Without a runtime to do so it is renewed at
    /// once.
    async fn renew_early(self: &Arc<Self>, core: &Core) -> Option<HeaderValue> {
        let turn = {
            let mut state = self.state();
            let is_aging = matches!(state.available(Instant::now()), Available::Aging(_));
            if !is_aging || state.requests.is_on() || state.taken().is_some() {
                return None;
            }
            self.take_turn(&mut state)
        };
        match Handle::try_current() {
            Ok(runtime) => {
                let (_, nobody) = oneshot::channel();
                runtime.spawn(Arc::clone(self).replace_in_background(turn, nobody));
                None
            }
            Err(_) => self.replace_here(turn, core).await.ok(),
        }
    }

    /// Replaces the token on behalf of everyone who waits, in a task: should this caller give up, the others and those to
    /// come have use for the token all the same.
    async fn replace_for_all(self: &Arc<Self>, turn: Turn, core: &Core) -> Result<HeaderValue, Error> {
        let Ok(runtime) = Handle::try_current() else {
            return self.replace_here(turn, core).await;
        };
        let (_waiting, caller) = oneshot::channel();
        let task = Arc::clone(self).replace_in_background(turn, caller);
        #[cfg(feature = "tracing")]
        let task = tracing::Instrument::in_current_span(task);
        match runtime.spawn(task).await {
            Ok(Some(outcome)) => outcome,
            // The task ended with its runtime.
            _ => self.replace(core).await.map(|(header, _)| header),
        }
    }

    async fn replace_here(&self, mut turn: Turn, core: &Core) -> Result<HeaderValue, Error> {
        let outcome = self.replace(core).await;
        turn.is_done = true;
        // Those who wait need the token, and not that it is stored.
        drop(turn);
        let (header, obtained) = outcome?;
        if let Some(token) = obtained {
            self.save(&token).await;
        }
        Ok(header)
    }

    /// Replaces the token, and gives up only a while after the caller did. `None` where nobody needs it any more.
    fn replace_in_background(
        self: Arc<Self>,
        turn: Turn,
        caller: oneshot::Receiver<()>,
    ) -> BoxFuture<'static, Option<Result<HeaderValue, Error>>> {
        Box::pin(async move {
            let core = self.core.upgrade()?;
            let number = turn.number;
            let timeouts = self.timeouts(number, caller);
            match select(pin!(self.replace_here(turn, &core)), pin!(timeouts)).await {
                Either::Left((outcome, _)) => Some(outcome),
                Either::Right(_) => None,
            }
        })
    }

    /// Ends a while after the caller dropped the other end. Shows those who wait until then that the task makes progress.
    async fn timeouts(&self, number: u64, mut caller: oneshot::Receiver<()>) {
        let mut alone = Duration::ZERO;
        while alone < RENEWAL_PATIENCE {
            sleep(SIGN).await;
            self.state().go_on(number);
            if caller.try_recv() != Err(TryRecvError::Empty) {
                alone += SIGN;
            }
        }
    }

    async fn renew(self: &Arc<Self>, refused: &HeaderValue, core: &Core) -> Result<Option<HeaderValue>, Error> {
        loop {
            let over = self.over.notified();
            match self.look_for_other(refused)? {
                None => return Ok(None),
                Some(Found::Token(token) | Found::Aging(token)) => return Ok(Some(token)),
                Some(Found::Turn(turn)) => return self.replace_for_all(turn, core).await.map(Some),
                Some(Found::Taken(since)) => drop(timeout_at(since + TURN_PATIENCE, over).await),
            }
        }
    }

    /// Gets another token than the one that is held, unless that failed a moment ago. The caller has the turn.
    async fn replace(&self, core: &Core) -> Result<(HeaderValue, Option<StoredToken>), Error> {
        self.state().check()?;
        match self.find().await {
            Some(found) => Ok((self.state().hold(found), None)),
            None => self.request(core).await,
        }
    }

    /// Requests a token, and takes it into use; gives it as others should find it, too. The caller has the turn.
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

    /// The token in the store, if it is of more use than the one that is held.
    async fn find(&self) -> Option<Held> {
        let shared = self.shared.as_ref()?;
        let token = patiently("load", shared.store.load(&shared.key)).await??;
        let held = Held::found(token, shared.late)?;
        let state = self.state();
        let known = |secret: &Secret| *secret == held.value;
        let is_news = !state.held.as_ref().is_some_and(|held| known(&held.value));
        // One that should be renewed is better than none, but no better than another of its kind.
        let now = Instant::now();
        let is_enough = !passed(held.renew_at, now) || matches!(state.available(now), Available::Nothing);
        (is_news && is_enough && !state.refused.as_ref().is_some_and(known)).then_some(held)
    }

    async fn save(&self, token: &StoredToken) {
        if let Some(shared) = &self.shared {
            patiently("save", shared.store.save(&shared.key, token)).await;
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
        // Nothing that holds the lock can leave the state half-written.
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

    /// Fails as the last request for a token did, if that was a moment ago.
    fn check(&self) -> Result<(), Error> {
        match (&self.failure, self.requests.left()) {
            (Some(error), Some(left)) => Err(TokenError::new(Arc::clone(error)).paused_for(left).into()),
            _ => Ok(()),
        }
    }

    /// When somebody was last seen obtaining a token, unless that was too long ago.
    fn taken(&self) -> Option<Instant> {
        let (_, since) = self.turn?;
        (since.elapsed() < TURN_PATIENCE).then_some(since)
    }

    /// Notes a sign of who has this turn.
    fn go_on(&mut self, number: u64) {
        if let Some((_, seen)) = self.turn.as_mut().filter(|turn| turn.0 == number) {
            *seen = Instant::now();
        }
    }

    /// Takes a token into use.
    fn hold(&mut self, held: Held) -> HeaderValue {
        self.failure = None;
        self.requests.reset();
        self.held.insert(held).header.clone()
    }

    fn forget(&mut self, refused: &HeaderValue) {
        if let Some(held) = self.held.take_if(|held| held.header == *refused) {
            self.refused = Some(held.value);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        {
            let mut state = self.cache.state();
            if state.turn.is_some_and(|(number, _)| number == self.number) {
                state.turn = None;
                // It ended with its runtime, or by a panic. Calls that all end like this must not all ask for a token.
                if !self.is_done {
                    state.requests.fail(None);
                    state.failure = None;
                }
            }
        }
        self.cache.over.notify_waiters();
    }
}

impl Held {
    /// A token from a store, unless it has expired or cannot be sent.
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
            // One that has expired has no time left.
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

/// A token as a store keeps it.
fn stored(token: &Token, now: SystemTime) -> StoredToken {
    let lifetime = token.lifetime.filter(|lifetime| !lifetime.is_zero());
    let end = lifetime.and_then(|lifetime| now.checked_add(lifetime));
    StoredToken::new(token.value.clone(), now, end.map(Into::into))
}

/// What a store answers, if it answers well and in time. If not, the client does without it.
async fn patiently<T>(action: &'static str, answer: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    let failure: StoreError = match timeout(STORE_PATIENCE, answer).await {
        Ok(Ok(answer)) => return Some(answer),
        Ok(Err(failure)) => failure,
        Err(late) => late.into(),
    };
    #[cfg(feature = "tracing")]
    trace::store_failed(action, &*failure);
    #[cfg(not(feature = "tracing"))]
    drop((action, failure));
    None
}

/// How long before its end a token is renewed: a minute or a tenth, whichever is longer, but never more than half; and
/// `late` hundredths less than that.
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
    use crate::runtime::error::{DecodeError, InvalidArgument};
    use crate::runtime::operation::{OperationInfo, RawResponse};
    use crate::runtime::request::Request;
    use http::Method;

    struct Given;

    impl Grant for Given {
        fn request(&self) -> Result<Request, InvalidArgument> {
            const INFO: &OperationInfo = &OperationInfo::new("a.token", Method::POST, "/token");
            Request::new(INFO, &[])
        }

        fn token(&self, _: &RawResponse) -> Result<Token, DecodeError> {
            let (value, lifetime) = ("t".into(), None);
            Ok(Token { value, lifetime })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_without_progress_goes_to_another() {
        let cache = Arc::new(Cache {
            grant: Arc::new(Given),
            shared: None,
            core: Weak::new(),
            state: Mutex::default(),
            over: Notify::new(),
        });
        let look = || cache.look().expect("no failure");
        let turn = || match look() {
            Found::Turn(turn) => Some(turn),
            _ => None,
        };
        let first = turn().expect("nobody else is there");
        assert!(matches!(look(), Found::Taken(_)));
        tokio::time::advance(TURN_PATIENCE).await;
        let second = turn().expect("the first makes no progress");
        // The end of the first is not that of the second.
        drop(first);
        assert!(matches!(look(), Found::Taken(_)));
        assert!(!cache.state().requests.is_on());
        // It ends with its runtime: others may try, but nobody renews early for a while.
        let over = cache.over.notified();
        drop(second);
        over.await;
        assert!(cache.state().requests.is_on());
        assert!(turn().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_with_progress_stays_with_who_has_it() {
        let cache = Arc::new(Cache {
            grant: Arc::new(Given),
            shared: None,
            core: Weak::new(),
            state: Mutex::default(),
            over: Notify::new(),
        });
        let Ok(Found::Turn(turn)) = cache.look() else {
            panic!("nobody else is there");
        };
        // A server that takes its time, and a caller that waits for it.
        let (waiting, caller) = oneshot::channel();
        let timeouts = cache.timeouts(turn.number, caller);
        assert!(timeout(TURN_PATIENCE * 10, timeouts).await.is_err());
        drop(waiting);
        assert!(matches!(cache.look(), Ok(Found::Taken(_))));
        sleep(TURN_PATIENCE).await;
        assert!(matches!(cache.look(), Ok(Found::Turn(_))));
    }

    #[test]
    fn the_margin_fits_the_lifetime() {
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
    fn a_token_keeps_its_times_in_a_store() {
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
    fn a_token_from_a_store_must_be_of_use() {
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
