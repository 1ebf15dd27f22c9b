//! Setting up a client.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use super::Client;
use super::hosts::Hosts;
#[cfg(feature = "rate-limit")]
use super::limiter::{Limiter, RateLimits};
use super::retry::{Budget, RetryPolicy};
use super::send::{Core, Limits};
use super::token::{self, Grant, TokenStore};
#[cfg(feature = "hyper")]
use super::transport::over_hyper;
#[cfg(feature = "reqwest")]
use super::transport::over_reqwest;
use super::transport::{Address, Transport};
use crate::api::API;
use crate::runtime::error::{ConfigError, Error};
use crate::runtime::request::Argument;
use crate::runtime::secret::Secret;
use crate::runtime::target::{Target, without_user};

const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Sets up a [`Client`].
#[must_use]
pub struct Builder {
    base: Vec<String>,
    urls: Vec<String>,
    allow_http: bool,
    credentials: Credentials,
    token_store: Option<Arc<dyn TokenStore>>,
    limits: Limits,
    retry_budget: Budget,
    #[cfg(feature = "rate-limit")]
    rate_limits: Option<RateLimits>,
    connect_timeout: Duration,
    read_timeout: Option<Duration>,
    user_agent: String,
    no_proxy: bool,
    http_client: Choice,
}

/// What requests will be sent with.
#[derive(Clone)]
enum Choice {
    /// reqwest, set up as the other settings say.
    #[cfg(feature = "reqwest")]
    Reqwest,
    /// hyper, set up as the other settings say.
    #[cfg(feature = "hyper")]
    Hyper,
    /// One that is set up already.
    Ready(Transport),
}

impl Choice {
    #[cfg(feature = "reqwest")]
    const DEFAULT: Self = Self::Reqwest;
    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    const DEFAULT: Self = Self::Hyper;
}

/// Where tokens will come from.
enum Credentials {
    None,
    Token(Secret),
    Grant(Arc<dyn Grant>),
}

impl Builder {
    /// Starts with the parameters of the base path, in order.
    pub(crate) fn new(base: Vec<String>) -> Self {
        Self {
            base,
            urls: API.server.iter().map(|url| (*url).to_owned()).collect(),
            allow_http: false,
            credentials: Credentials::None,
            token_store: None,
            limits: Limits {
                timeout: Some(Duration::from_secs(60)),
                max_response: 16 << 20,
                retry: RetryPolicy::new(),
            },
            retry_budget: Budget::new(10, 100),
            #[cfg(feature = "rate-limit")]
            rate_limits: None,
            connect_timeout: Duration::from_secs(10),
            read_timeout: None,
            user_agent: format!("{}/{}", API.name, API.version),
            no_proxy: false,
            http_client: Choice::DEFAULT,
        }
    }

    /// Starts with what another client uses: its connections and hosts, and limits as it has them. Nothing of its tokens is
    /// shared, nor what is left of a limit.
    pub(super) fn sharing(
        base: Vec<String>,
        transport: Transport,
        urls: &[String],
        limits: Limits,
        budget: Budget,
    ) -> Self {
        Self {
            urls: urls.to_vec(),
            // What the other client was allowed.
            allow_http: !urls.iter().all(|url| is_private(url)),
            limits,
            retry_budget: budget,
            http_client: Choice::Ready(transport),
            ..Self::new(base)
        }
    }

    /// Sets the URL that everything is below, e.g. of a proxy of your own.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.base_urls([url])
    }

    /// Sets several URLs that lead to the same server, the first choice first. Where a host cannot be connected to, all
    /// calls go to the next one; after five minutes the first is tried again. A request that may have reached a host is
    /// never sent to another one.
    pub fn base_urls(mut self, urls: impl IntoIterator<Item: Into<String>>) -> Self {
        self.urls = urls.into_iter().map(Into::into).collect();
        self
    }

    /// Allows a base URL that is not encrypted. Without it, only this machine can be reached over http, since requests
    /// carry secrets.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// Sets a token that requests carry as long as the client lives. It is never replaced: a refusal of it is the caller's. Of
    /// this and the other ways to a token, the one that is set last counts.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.credentials = Credentials::Token(token.into());
        self
    }

    /// Sets how tokens are obtained. They are kept, and renewed in the background before they expire.
    pub fn grant(mut self, grant: impl Grant + 'static) -> Self {
        self.credentials = Credentials::Grant(Arc::new(grant));
        self
    }

    /// Sets where the tokens that are obtained are shared with other clients and processes. Without it, this client and
    /// its clones keep them for themselves.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.token_store = Some(store);
        self
    }

    /// Limits how long a call may take as a whole: waiting for a token or a rate limit, all tries and the pauses between
    /// them, and reading the answer; `None` for no limit. Without it, 60 seconds. Uploads and downloads of files are not
    /// limited as a whole. Each try is bounded by [`connect_timeout`](Self::connect_timeout) and
    /// [`read_timeout`](Self::read_timeout) besides. [`CallOptions`](super::CallOptions) sets another limit for a call.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.limits.timeout = timeout.into();
        self
    }

    /// Sets when a request is sent again. Without it, [`RetryPolicy::new`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.limits.retry = policy;
        self
    }

    /// Limits the retries of the client and its clones: so many of a hundred calls, and so many in reserve. When it is used
    /// up, calls fail at their first failure. Without it, 10 of a hundred, and 100.
    pub fn retry_budget(mut self, percent: u32, reserve: u32) -> Self {
        self.retry_budget = Budget::new(percent, reserve);
        self
    }

    /// Keeps rate limits. Without it, nothing is held back.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.rate_limits = Some(limits);
        self
    }

    /// Limits how long connecting may take; never as long as the server may be silent. Without it, 10 seconds; it is
    /// of no use where the HTTP client is set up already.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Limits how long the server may be silent. While it takes pieces of a file that is sent, it is not. Without it, 30
    /// seconds, or what an HTTP client has that is set up already.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = Some(timeout);
        self
    }

    /// Limits the length of an answer in bytes, files that are streamed excepted. Without it, 16 MiB.
    pub fn max_response(mut self, bytes: usize) -> Self {
        self.limits.max_response = bytes;
        self
    }

    /// Sets the `User-Agent` header, unless the HTTP client is set up already.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Ignores the proxies that the environment names. They are ignored anyway where a base URL leads to this machine over
    /// http, unless [`allow_http`](Self::allow_http) allows it to leave.
    pub fn no_proxy(mut self) -> Self {
        self.no_proxy = true;
        self
    }

    #[cfg(feature = "reqwest")]
    pub(super) fn with_transport(mut self, transport: Transport) -> Self {
        self.http_client = Choice::Ready(transport);
        self
    }

    /// Sends with hyper rather than reqwest, which costs little more than half as much per request. It knows no proxies, and to
    /// it a connection is made before TLS begins: a server that never answers there is one that is silent.
    #[cfg(feature = "hyper")]
    pub fn hyper(mut self) -> Self {
        self.http_client = Choice::Hyper;
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where the settings do not make a usable client, and [`Error::InvalidArgument`] where credentials break
    /// a rule.
    pub fn build(self) -> Result<Client, Error> {
        #[cfg(feature = "rate-limit")]
        self.rate_limits.as_ref().map_or(Ok(()), RateLimits::check)?;
        let hosts = self.hosts()?;
        let transport = self.transport()?;
        if let Credentials::Grant(grant) = &self.credentials {
            grant.request()?;
        }
        let fixed = token::fixed(match &self.credentials {
            Credentials::Token(token) => Some(token),
            Credentials::Grant(_) | Credentials::None => None,
        })?;
        Ok(Client::new(Arc::new_cyclic(|core| {
            let tokens = match self.credentials {
                Credentials::Grant(grant) => token::granted(grant, self.token_store, hosts.key(), core.clone()),
                _ => fixed,
            };
            let core = Core::new(transport, hosts, tokens, self.limits, self.retry_budget);
            #[cfg(feature = "rate-limit")]
            let core = core.limited(self.rate_limits.map(Limiter::new));
            core
        })))
    }

    fn hosts(&self) -> Result<Hosts, Error> {
        let base: Vec<&dyn Argument> = self.base.iter().map(|part| part as &dyn Argument).collect();
        let mut addresses = Vec::with_capacity(self.urls.len());
        for url in &self.urls {
            let target = Target::new(url, &base)?;
            if !self.allow_http && !is_private(target.url()) {
                return Err(ConfigError::Unencrypted.into());
            }
            addresses.push(Address::new(target)?);
        }
        let mut addresses = addresses.into_iter();
        let first = addresses.next().ok_or(ConfigError::NoServer)?;
        Ok(Hosts::new(first, addresses.collect(), self.urls.clone()))
    }

    #[cfg(feature = "reqwest")]
    fn over_reqwest(&self, connect_timeout: Duration, read_timeout: Duration) -> Result<Transport, ConfigError> {
        let no_proxy = self.is_without_proxy();
        let http_client = over_reqwest::http_client(&self.user_agent, connect_timeout, read_timeout, no_proxy)?;
        let mut transport = Transport::new(http_client, Some(read_timeout));
        transport.may_use_proxy = !no_proxy;
        Ok(transport)
    }

    /// Whether no proxy may be used: what may go over http, since it never leaves this machine, must not go to one either.
    #[cfg(feature = "reqwest")]
    fn is_without_proxy(&self) -> bool {
        let is_open = |url: &String| !url.to_ascii_lowercase().starts_with("https:");
        self.no_proxy || (!self.allow_http && self.urls.iter().any(is_open))
    }

    fn transport(&self) -> Result<Transport, ConfigError> {
        let read_timeout = self.read_timeout.unwrap_or(READ_TIMEOUT);
        // A server that cannot be connected to is silent as well; what is told must be that nothing was sent.
        let connect_timeout = self.connect_timeout.min(read_timeout / 10 * 9);
        match &self.http_client {
            #[cfg(feature = "reqwest")]
            Choice::Reqwest => self.over_reqwest(connect_timeout, read_timeout),
            // That of another client may not be shared by one that must not use proxies.
            #[cfg(feature = "reqwest")]
            Choice::Ready(shared) if shared.may_use_proxy && self.is_without_proxy() => {
                let read_timeout = self.read_timeout.or(shared.read_timeout()).unwrap_or(READ_TIMEOUT);
                self.over_reqwest(self.connect_timeout.min(read_timeout / 10 * 9), read_timeout)
            }
            #[cfg(feature = "hyper")]
            Choice::Hyper => {
                let http_client = over_hyper::http_client(&self.user_agent, connect_timeout, read_timeout)?;
                Ok(Transport::new(http_client, Some(read_timeout)))
            }
            Choice::Ready(transport) => Ok(transport.with_read_timeout(self.read_timeout)),
        }
    }
}

/// Whether nobody on the network can read what is sent to this URL.
fn is_private(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else {
        return false;
    };
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    url.scheme_str() == Some("https")
        || host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field(
                "urls",
                &self.urls.iter().map(|url| without_user(url)).collect::<Vec<_>>(),
            )
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
