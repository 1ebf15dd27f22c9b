//! Tokens: obtained once, shared, renewed in time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;

use super::send::Core;
use crate::runtime::error::{ConfigError, DecodeError, Error, InvalidArgument};
use crate::runtime::operation::Reply;
use crate::runtime::request::Request;
use crate::runtime::secret::Secret;

/// How long no token is requested after a request for one failed, or gave one that was refused: servers may block
/// callers that ask too often.
const PAUSE: Duration = Duration::from_secs(2);

/// A way to obtain tokens, e.g. with an id and a secret.
pub trait Grant: Send + Sync {
    /// The request for a token. It carries no token itself.
    ///
    /// # Errors
    ///
    /// What the token is asked for with may break a rule.
    fn request(&self) -> Result<Request, InvalidArgument>;

    /// The token in the answer.
    ///
    /// # Errors
    ///
    /// The answer must have the expected form.
    fn token(&self, reply: &Reply) -> Result<Token, DecodeError>;
}

/// A token, and how long it can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub value: Secret,
    /// How long it can be used; `None` or zero where there is no end to it.
    pub lifetime: Option<Duration>,
}

/// Where the token of a client comes from.
pub(super) enum Tokens {
    None,
    Fixed(Secret),
    Granted(Box<Cache>),
}

/// The token in use, and the way to the next one.
pub(super) struct Cache {
    grant: Box<dyn Grant>,
    state: Mutex<State>,
    /// Held while a token is requested, so that there is one request however many callers wait.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    failure: Option<(Instant, Arc<Error>)>,
    no_renewal_before: Option<Instant>,
}

struct Held {
    value: Secret,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
}

/// What there is for a caller that needs a token.
enum Available {
    Token(Secret),
    /// Still valid, but not for long.
    Aging(Secret),
    Nothing,
}

impl Tokens {
    pub(super) fn granted(grant: Box<dyn Grant>) -> Self {
        let state = Mutex::new(State::default());
        Self::Granted(Box::new(Cache {
            grant,
            state,
            turn: tokio::sync::Mutex::new(()),
        }))
    }

    /// Refuses a fixed token that cannot be sent.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self {
            Self::Fixed(token) if !is_sendable(token) => Err(ConfigError::Token),
            _ => Ok(()),
        }
    }

    /// The token to send, if there is any.
    pub(super) async fn get(&self, core: &Core) -> Result<Option<Secret>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Fixed(token) => Ok(Some(token.clone())),
            Self::Granted(cache) => cache.get(core).await.map(Some),
        }
    }

    /// Drops a token that the server refused.
    pub(super) fn forget(&self, refused: &Secret) {
        if let Self::Granted(cache) = self {
            cache.state().forget(refused);
        }
    }

    /// A token in place of one that the server refused; `None` where there is none to be had.
    pub(super) async fn renew(&self, refused: &Secret, core: &Core) -> Result<Option<Secret>, Error> {
        match self {
            Self::Granted(cache) => cache.renew(refused, core).await,
            Self::None | Self::Fixed(_) => Ok(None),
        }
    }

    /// Notes that the server refuses new tokens too, so that renewing does not help for now.
    pub(super) fn pause(&self) {
        if let Self::Granted(cache) = self {
            cache.state().no_renewal_before = Some(Instant::now() + PAUSE);
        }
    }
}

impl Cache {
    async fn get(&self, core: &Core) -> Result<Secret, Error> {
        let available = self.state().available();
        match available {
            Available::Token(token) => Ok(token),
            Available::Aging(token) => match self.turn.try_lock() {
                Ok(_turn) => Ok(self.request(core).await.unwrap_or(token)),
                Err(_) => Ok(token),
            },
            Available::Nothing => {
                let _turn = self.turn.lock().await;
                // While this caller waited, another may have got a token.
                let available = self.state().available();
                match available {
                    Available::Token(token) | Available::Aging(token) => Ok(token),
                    Available::Nothing => self.request(core).await,
                }
            }
        }
    }

    async fn renew(&self, refused: &Secret, core: &Core) -> Result<Option<Secret>, Error> {
        let _turn = self.turn.lock().await;
        {
            let mut state = self.state();
            if let Some(held) = state.held.as_ref().filter(|held| held.value != *refused) {
                return Ok(Some(held.value.clone()));
            }
            if state.no_renewal_before.is_some_and(|end| Instant::now() < end) {
                return Ok(None);
            }
            state.forget(refused);
        }
        self.request(core).await.map(Some)
    }

    /// Requests a token, unless that failed a moment ago. The caller holds the turn.
    async fn request(&self, core: &Core) -> Result<Secret, Error> {
        if let Some((at, error)) = &self.state().failure {
            if at.elapsed() < PAUSE {
                return Err(Error::Token(Arc::clone(error)));
            }
        }
        let token = self.obtain(core).await;
        let mut state = self.state();
        match token {
            Ok(token) => {
                let value = token.value.clone();
                state.held = Some(Held::new(token));
                state.failure = None;
                Ok(value)
            }
            Err(error) => {
                let error = Arc::new(error);
                state.failure = Some((Instant::now(), Arc::clone(&error)));
                Err(Error::Token(error))
            }
        }
    }

    async fn obtain(&self, core: &Core) -> Result<Token, Error> {
        let reply = core.reply_without_token(&self.grant.request()?).await?;
        let token = self.grant.token(&reply)?;
        if is_sendable(&token.value) {
            Ok(token)
        } else {
            Err(ConfigError::Token.into())
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can leave the state half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn available(&self) -> Available {
        let now = Instant::now();
        let passed = |time: Option<Instant>| time.is_some_and(|time| time <= now);
        match &self.held {
            Some(held) if !passed(held.renew_at) => Available::Token(held.value.clone()),
            Some(held) if !passed(held.expires_at) => Available::Aging(held.value.clone()),
            _ => Available::Nothing,
        }
    }

    fn forget(&mut self, refused: &Secret) {
        self.held.take_if(|held| held.value == *refused);
    }
}

impl Held {
    fn new(token: Token) -> Self {
        let now = Instant::now();
        let lifetime = token.lifetime.filter(|lifetime| !lifetime.is_zero());
        Self {
            value: token.value,
            renew_at: lifetime.and_then(|lifetime| now.checked_add(lifetime.saturating_sub(margin(lifetime)))),
            expires_at: lifetime.and_then(|lifetime| now.checked_add(lifetime)),
        }
    }
}

/// How long before its end a token is renewed: a minute or a tenth, whichever is longer, but never more than half.
fn margin(lifetime: Duration) -> Duration {
    Duration::from_secs(60).max(lifetime / 10).min(lifetime / 2)
}

fn is_sendable(token: &Secret) -> bool {
    !token.expose().is_empty() && HeaderValue::from_str(token.expose()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_fits_the_lifetime() {
        for (lifetime, expected) in [(1, 500), (60, 30_000), (300, 60_000), (86_400, 8_640_000)] {
            assert_eq!(margin(Duration::from_secs(lifetime)), Duration::from_millis(expected));
        }
        let token = Token {
            value: "t".into(),
            lifetime: Some(Duration::MAX),
        };
        assert!(Held::new(token).expires_at.is_none());
    }
}
