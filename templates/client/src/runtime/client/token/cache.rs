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
use tokio::sync::{OwnedMutexGuard, oneshot};
use tokio::time::{Instant, sleep, timeout};

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
    /// Held while a token is obtained, so that there is one request however many callers wait.
    turn: Arc<tokio::sync::Mutex<()>>,
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
        turn: Arc::default(),
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
                state.renewals.fail();
            }
            _ => {}
        }
    }

    fn pause(&self) {
        let mut state = self.0.state();
        // One that was found may simply be as old as the one before it.
        if state.held.as_ref().is_some_and(|held| !held.found) {
            state.renewals.fail();
        }
    }
}

impl Cache {
    async fn get(self: &Arc<Self>, core: &Core) -> Result<HeaderValue, Error> {
        let available = self.state().available(Instant::now());
        match available {
            Available::Token(token) => Ok(token),
            Available::Aging(token) => Ok(self.renew_early(core).await.unwrap_or(token)),
            Available::Nothing => {
                let turn = Arc::clone(&self.turn).lock_owned().await;
                // While this caller waited, another may have got a token.
                let available = self.state().available(Instant::now());
                match available {
                    Available::Token(token) | Available::Aging(token) => Ok(token),
                    Available::Nothing => self.replace_for_all(turn, core).await,
                }
            }
        }
    }

    /// Has the token renewed in the background, unless somebody is at it. Without a runtime to do so it is renewed at
    /// once.
    async fn renew_early(self: &Arc<Self>, core: &Core) -> Option<HeaderValue> {
        let turn = Arc::clone(&self.turn).try_lock_owned().ok()?;
        {
            let state = self.state();
            if state.requests.is_on() || !matches!(state.available(Instant::now()), Available::Aging(_)) {
                return None;
            }
        }
        match Handle::try_current() {
            Ok(runtime) => {
                let (_, nobody) = oneshot::channel();
                runtime.spawn(Arc::clone(self).replace_in_background(turn, nobody));
                None
            }
            Err(_) => self.replace(core).await.ok(),
        }
    }

    /// Replaces the token on behalf of everyone who waits, in a task: should this caller give up, the others and those to
    /// come have use for the token all the same.
    async fn replace_for_all(self: &Arc<Self>, turn: OwnedMutexGuard<()>, core: &Core) -> Result<HeaderValue, Error> {
        let Ok(runtime) = Handle::try_current() else {
            return self.replace(core).await;
        };
        let (_waiting, caller) = oneshot::channel();
        let task = Arc::clone(self).replace_in_background(turn, caller);
        #[cfg(feature = "tracing")]
        let task = tracing::Instrument::in_current_span(task);
        match runtime.spawn(task).await {
            Ok(Some(outcome)) => outcome,
            // The task ended with its runtime.
            _ => self.replace(core).await,
        }
    }

    /// Replaces the token, and gives up only a while after the caller did. `None` where nobody needs it any more.
    fn replace_in_background(
        self: Arc<Self>,
        turn: OwnedMutexGuard<()>,
        caller: oneshot::Receiver<()>,
    ) -> BoxFuture<'static, Option<Result<HeaderValue, Error>>> {
        Box::pin(async move {
            let _turn = turn;
            let core = self.core.upgrade()?;
            let patience = async {
                // It ends when the caller drops the other end.
                let _ = caller.await;
                sleep(RENEWAL_PATIENCE).await;
            };
            match select(pin!(self.replace(&core)), pin!(patience)).await {
                Either::Left((outcome, _)) => Some(outcome),
                Either::Right(_) => {
                    self.state().requests.fail();
                    None
                }
            }
        })
    }

    async fn renew(self: &Arc<Self>, refused: &HeaderValue, core: &Core) -> Result<Option<HeaderValue>, Error> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        {
            let mut state = self.state();
            if let Some(held) = state.held.as_ref().filter(|held| held.header != *refused) {
                return Ok(Some(held.header.clone()));
            }
            // Where there is none, the trouble was with this one, and another is needed anyway.
            if state.held.is_some() && state.renewals.is_on() {
                return Ok(None);
            }
            state.forget(refused);
        }
        self.replace_for_all(turn, core).await.map(Some)
    }

    /// Gets another token than the one that is held, unless that failed a moment ago. The caller holds the turn.
    async fn replace(&self, core: &Core) -> Result<HeaderValue, Error> {
        {
            let state = self.state();
            if let (Some(error), Some(left)) = (&state.failure, state.requests.left()) {
                return Err(TokenError::new(Arc::clone(error)).paused_for(left).into());
            }
        }
        match self.find().await {
            Some(found) => Ok(self.state().hold(found)),
            None => self.request(core).await,
        }
    }

    /// Requests a token. The caller holds the turn.
    async fn request(&self, core: &Core) -> Result<HeaderValue, Error> {
        match self.obtain(core).await {
            Ok((token, header)) => {
                let (held, stored) = (self.held(&token, header), stored(&token, SystemTime::now()));
                let header = self.state().hold(held);
                // The token is in use already, should the caller give up now.
                self.save(&stored).await;
                Ok(header)
            }
            Err(error) => {
                let error = Arc::new(error);
                let mut state = self.state();
                state.requests.fail();
                state.failure = Some(Arc::clone(&error));
                let left = state.requests.left().unwrap_or_default();
                Err(TokenError::new(error).paused_for(left).into())
            }
        }
    }

    async fn obtain(&self, core: &Core) -> Result<(Token, HeaderValue), Error> {
        let options = CallOptions::new();
        let received = core.receive(self.grant.request()?, &options, false).await?;
        let token = received.read(|reply| self.grant.token(&reply))?;
        let header = authorization(&token.value)?;
        Ok((token, header))
    }

    /// The token in the store, if it is of more use than the one that is held.
    async fn find(&self) -> Option<Held> {
        let shared = self.shared.as_ref()?;
        let token = patiently(shared.store.load(&shared.key)).await??;
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
            patiently(shared.store.save(&shared.key, token)).await;
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
async fn patiently<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    let failure: StoreError = match timeout(STORE_PATIENCE, answer).await {
        Ok(Ok(answer)) => return Some(answer),
        Ok(Err(failure)) => failure,
        Err(late) => late.into(),
    };
    #[cfg(feature = "tracing")]
    trace::store_failed(&*failure);
    #[cfg(not(feature = "tracing"))]
    drop(failure);
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
