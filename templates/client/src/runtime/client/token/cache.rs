//! Caches the token, and obtains the next one.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use http::HeaderValue;
use tokio::time::{Instant, timeout, timeout_at};

use super::backoff::Backoff;
use super::{Token, TokenProvider};
use crate::runtime::client::options::CallOptions;
use crate::runtime::client::send::Core;
use crate::runtime::client::{Boxed, Client, lock};
use crate::runtime::error::Error;
use crate::runtime::request::authorization;
use crate::runtime::secret::Secret;

/// How long a renewal may take before a waiting caller starts another: a task makes no progress if its runtime is not running.
const STALLED: Duration = Duration::from_secs(5);

/// How long a renewal may go on, and so how long its task may outlive the client.
const RENEWAL_TIMEOUT: Duration = Duration::from_secs(60);

/// The tokens of a client, each as the value of its header.
pub(crate) struct Tokens {
    /// `None` if the token is fixed, or there is none.
    provider: Option<Arc<dyn TokenProvider>>,
    /// The client, set when it is built. Weak, so that background tasks do not keep it alive.
    pub(crate) core: Weak<Core>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The last token that the server rejected.
    rejected: Option<Secret>,
    /// The renewal in progress, and when it began.
    renewal: Option<(Renewal, Instant)>,
    failure: Option<Error>,
    /// Pause after failed token requests: servers may block callers that ask too often.
    requests: Backoff,
    /// Pause after new tokens that the server rejected.
    renewals: Backoff,
}

/// A task that obtains a token, which all callers wait for. `None` if it was dropped with its runtime, or took too long.
type Renewal = Shared<BoxFuture<'static, Option<Result<HeaderValue, Error>>>>;

struct Held {
    value: Secret,
    header: HeaderValue,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
}

/// The next step of a caller that needs a token.
enum Step {
    /// Use this token. There is none if a new one would not help for now.
    Use(Option<HeaderValue>),
    Wait(Renewal, Instant),
}

impl Tokens {
    /// Returns a source of the tokens that a provider obtains, of a fixed token, or of none.
    pub(crate) fn new(provider: Option<Arc<dyn TokenProvider>>, token: Option<Secret>) -> Result<Self, Error> {
        let held = token.map(|token| Held::new(Token::new(token, None)));
        let state = Mutex::new(State {
            held: held.transpose()?,
            ..State::default()
        });
        let core = Weak::new();
        Ok(Self { provider, core, state })
    }

    /// Returns the token if it is available at once and need not be renewed yet.
    pub(crate) fn ready(&self, now: Instant) -> Option<HeaderValue> {
        let state = lock(&self.state);
        let held = state.held.as_ref().filter(|held| !passed(held.renew_at, now));
        held.map(|held| held.header.clone())
    }

    /// Returns a token, other than a rejected one, and waits for it if need be; `None` if there is no other.
    pub(crate) fn get<'c>(self: &'c Arc<Self>, rejected: Option<&'c HeaderValue>) -> Boxed<'c, Option<HeaderValue>> {
        Box::pin(async move {
            match (&self.provider, rejected) {
                (Some(_), _) => {}
                (None, Some(_)) => return Ok(None),
                // A 401 would not explain the cause.
                (None, None) => return Err(no_token()),
            }
            loop {
                let (renewal, since) = match self.look(rejected)? {
                    Step::Use(token) => return Ok(token),
                    Step::Wait(renewal, since) => (renewal, since),
                };
                let outcome = match timeout_at(since + STALLED, renewal).await {
                    Ok(Some(outcome)) => outcome,
                    Ok(None) => self.obtain().await,
                    // Start over.
                    Err(_) => continue,
                };
                return outcome.map(Some).map_err(|error| lock(&self.state).failed(error));
            }
        })
    }

    /// Drops a token that the server rejected, after a call that cannot be retried, so that the next call gets another. If
    /// that one is rejected as well, it is kept for a while.
    pub(crate) fn forget(&self, rejected: &HeaderValue) {
        let mut state = lock(&self.state);
        if self.provider.is_some() && state.renewals.left().is_none() && state.forget(rejected) {
            state.renewals.fail(None);
        }
    }

    /// Records that the server rejects new tokens too, so renewing does not help for now.
    pub(crate) fn pause(&self) {
        lock(&self.state).renewals.fail(None);
    }

    /// Decides what a caller that needs a token has to do. Callers that wait hold no lock, so one that is not polled does not
    /// delay the others.
    fn look(self: &Arc<Self>, rejected: Option<&HeaderValue>) -> Result<Step, Error> {
        let (mut state, now) = (lock(&self.state), Instant::now());
        let renewal = state.renewal.clone().filter(|(_, since)| now < *since + STALLED);
        match &state.held {
            Some(held) if Some(&held.header) == rejected && renewal.is_none() && state.renewals.left().is_some() => {
                return Ok(Step::Use(None));
            }
            Some(held) if Some(&held.header) != rejected && !passed(held.expires_at, now) => {
                let token = held.header.clone();
                if passed(held.renew_at, now) && renewal.is_none() && state.requests.left().is_none() {
                    drop(self.start(&mut state));
                }
                return Ok(Step::Use(Some(token)));
            }
            _ => {}
        }
        if let Some(rejected) = rejected {
            state.forget(rejected);
        }
        let is_paused = renewal.is_none() && state.requests.left().is_some();
        if let Some(failure) = state.failure.clone().filter(|_| is_paused) {
            return Err(state.failed(failure));
        }
        let (renewal, since) = renewal.unwrap_or_else(|| self.start(&mut state));
        Ok(Step::Wait(renewal, since))
    }

    /// Starts a renewal in a task, which goes on if its callers are dropped.
    fn start(self: &Arc<Self>, state: &mut State) -> (Renewal, Instant) {
        let tokens = Arc::clone(self);
        let task = async move { timeout(RENEWAL_TIMEOUT, tokens.obtain()).await.ok() };
        #[cfg(feature = "tracing")]
        let task = tracing::Instrument::in_current_span(task);
        let task = tokio::spawn(task.boxed());
        let renewal = async { task.await.ok().flatten() }.boxed().shared();
        state.renewal.insert((renewal, Instant::now())).clone()
    }

    /// Obtains a token and starts using it.
    async fn obtain(&self) -> Result<HeaderValue, Error> {
        let outcome = self.request().await;
        let mut state = lock(&self.state);
        state.renewal = None;
        match outcome {
            Ok(held) => {
                state.failure = None;
                state.requests = Backoff::default();
                Ok(state.held.insert(held).header.clone())
            }
            Err(error) => {
                state.requests.fail(error.retry_after());
                Err(state.failure.insert(error).clone())
            }
        }
    }

    async fn request(&self) -> Result<Held, Error> {
        let (Some(provider), Some(core)) = (&self.provider, self.core.upgrade()) else {
            return Err(no_token());
        };
        let options = CallOptions::for_tokens();
        let (client, rejected) = (Client { core, options }, lock(&self.state).rejected.clone());
        let token = provider.token(&client, rejected.as_ref()).await?;
        Held::new(token)
    }
}

impl State {
    /// Returns the error of a call without a token, with the time until another may be requested.
    fn failed(&self, error: Error) -> Error {
        Error::without_token(error, self.requests.left())
    }

    /// Drops a rejected token. Returns `true` if it was the current one.
    fn forget(&mut self, rejected: &HeaderValue) -> bool {
        let held = self.held.take_if(|held| held.header == *rejected);
        let is_held = held.is_some();
        self.rejected = held.map(|held| held.value).or(self.rejected.take());
        is_held
    }
}

impl Held {
    fn new(token: Token) -> Result<Self, Error> {
        let (now, lifetime) = (Instant::now(), token.lifetime.filter(|lifetime| !lifetime.is_zero()));
        Ok(Self {
            header: authorization(&token.value)?,
            value: token.value,
            renew_at: lifetime.and_then(|lifetime| now.checked_add(lifetime.saturating_sub(margin(lifetime)))),
            expires_at: lifetime.and_then(|lifetime| now.checked_add(lifetime)),
        })
    }
}

fn no_token() -> Error {
    Error::config("the client has no token; set a token or credentials on its builder")
}

/// Returns how long before its end a token is renewed: a minute or a tenth of its lifetime, whichever is longer, at most half
/// of it.
fn margin(lifetime: Duration) -> Duration {
    Duration::from_secs(60).max(lifetime / 10).min(lifetime / 2)
}

fn passed(time: Option<Instant>, now: Instant) -> bool {
    time.is_some_and(|time| time <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_depends_on_the_lifetime() {
        for (lifetime, expected) in [(1, 500), (60, 30_000), (300, 60_000), (86_400, 8_640_000)] {
            let expected = Duration::from_millis(expected);
            assert_eq!(margin(Duration::from_secs(lifetime)), expected);
        }
        for endless in [None, Some(Duration::ZERO), Some(Duration::MAX)] {
            let held = Held::new(Token::new("t", endless)).expect("a token");
            assert!(held.renew_at.is_none() && held.expires_at.is_none());
        }
        for unsendable in ["", "a\nb"] {
            assert!(Held::new(Token::new(unsendable, None)).is_err());
        }
    }
}
