//! The builder of a client.

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
use super::token::{TokenProvider, Tokens};
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

/// The HTTP client that requests are sent with.
#[derive(Clone)]
enum Choice {
    /// A reqwest client, built from the other settings.
    #[cfg(feature = "reqwest")]
    Reqwest,
    /// A hyper client, built from the other settings.
    #[cfg(feature = "hyper")]
    Hyper,
    /// An existing client.
    Ready(Transport),
}

impl Choice {
    #[cfg(feature = "reqwest")]
    const DEFAULT: Self = Self::Reqwest;
    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    const DEFAULT: Self = Self::Hyper;
}

/// How the client gets tokens.
enum Credentials {
    None,
    Token(Secret),
    Provider(Arc<dyn TokenProvider>),
}

impl Builder {
    /// Makes a builder with the parameters of the base path, in order.
    pub(crate) fn new(base: Vec<String>) -> Self {
        Self {
            base,
            urls: API.server.iter().map(|url| (*url).to_owned()).collect(),
            allow_http: false,
            credentials: Credentials::None,
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

    /// Makes a builder that shares the connections and hosts of another client and copies its limits. Tokens and the state
    /// of the limits are not shared.
    pub(super) fn sharing(
        base: Vec<String>,
        transport: Transport,
        urls: &[String],
        limits: Limits,
        budget: Budget,
    ) -> Self {
        Self {
            urls: urls.to_vec(),
            // The other client was already allowed to use these URLs.
            allow_http: !urls.iter().all(|url| is_private(url)),
            limits,
            retry_budget: budget,
            http_client: Choice::Ready(transport),
            ..Self::new(base)
        }
    }

    /// Sets the base URL, e.g. that of a gateway.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.base_urls([url])
    }

    /// Sets several base URLs of the same server, in order of preference. If a host cannot be connected to, all calls switch
    /// to the next one; after five minutes the first is tried again. A request that may have reached a host is never sent to
    /// another.
    pub fn base_urls(mut self, urls: impl IntoIterator<Item: Into<String>>) -> Self {
        self.urls = urls.into_iter().map(Into::into).collect();
        self
    }

    /// Allows base URLs that are not encrypted. Default: `false`, which allows plain HTTP to the local machine only, since
    /// requests carry secrets.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// Uses a fixed token. It is never refreshed: if the server rejects it, calls fail with 401. Overrides an earlier
    /// [`token_provider`](Self::token_provider) or other credentials, and vice versa.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.credentials = Credentials::Token(token.into());
        self
    }

    /// Sets how tokens are obtained. They are cached, and renewed in the background before they expire.
    pub fn token_provider(mut self, provider: impl TokenProvider + 'static) -> Self {
        self.credentials = Credentials::Provider(Arc::new(provider));
        self
    }

    /// Sets the timeout of a whole call: waiting for a token or a rate limit, all attempts and the delays between them, and
    /// reading the response; `None` for no timeout. Default: 60 seconds. Does not apply to uploads and downloads of files.
    /// In addition, [`connect_timeout`](Self::connect_timeout) and [`read_timeout`](Self::read_timeout) apply to each
    /// attempt. [`CallOptions`](super::CallOptions) overrides the timeout for single calls.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.limits.timeout = timeout.into();
        self
    }

    /// Sets when a request is sent again. Default: [`RetryPolicy::new`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.limits.retry = policy;
        self
    }

    /// Sets the retry budget, which the client and its clones share: `reserve` retries at once, then `percent` retries for
    /// every 100 calls. When it is used up, calls fail without a retry. Default: 10 percent and a reserve of 100.
    pub fn retry_budget(mut self, percent: u32, reserve: u32) -> Self {
        self.retry_budget = Budget::new(percent, reserve);
        self
    }

    /// Keeps rate limits by delaying requests. Default: none.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.rate_limits = Some(limits);
        self
    }

    /// Sets the timeout for establishing a connection. Default: 10 seconds, and always less than
    /// [`read_timeout`](Self::read_timeout). Ignored if an existing HTTP client is used.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long to wait for data from the server. Paused while the server accepts an upload. Default: 30 seconds, or
    /// the timeout of an existing HTTP client.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = Some(timeout);
        self
    }

    /// Sets the maximum length of a response in bytes, except for downloads. Default: 16 MiB.
    pub fn max_response(mut self, bytes: usize) -> Self {
        self.limits.max_response = bytes;
        self
    }

    /// Sets the `User-Agent` header. Ignored if an existing HTTP client is used.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Ignores the proxies set in the environment. They are always ignored if a base URL is plain HTTP to the local
    /// machine, unless [`allow_http`](Self::allow_http) is set.
    pub fn no_proxy(mut self) -> Self {
        self.no_proxy = true;
        self
    }

    #[cfg(feature = "reqwest")]
    pub(super) fn with_transport(mut self, transport: Transport) -> Self {
        self.http_client = Choice::Ready(transport);
        self
    }

    /// Sends with hyper instead of reqwest, at little more than half the overhead per request. Proxies are not supported.
    /// The connect timeout covers TCP only; a stalled TLS handshake is reported as a read timeout.
    #[cfg(feature = "hyper")]
    pub fn hyper(mut self) -> Self {
        self.http_client = Choice::Hyper;
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the settings are invalid, [`Error::InvalidArgument`] if the credentials break a rule.
    pub fn build(self) -> Result<Client, Error> {
        #[cfg(feature = "rate-limit")]
        self.rate_limits.as_ref().map_or(Ok(()), RateLimits::check)?;
        let hosts = self.hosts()?;
        let transport = self.transport()?;
        let fixed = match &self.credentials {
            Credentials::None => Tokens::fixed(None)?,
            Credentials::Token(token) => Tokens::fixed(Some(token))?,
            Credentials::Provider(provider) => provider.check().and_then(|()| Ok(Tokens::fixed(None)?))?,
        };
        Ok(Client::new(Arc::new_cyclic(|core| {
            let tokens = match self.credentials {
                Credentials::Provider(provider) => Tokens::provided(provider, core.clone()),
                Credentials::None | Credentials::Token(_) => fixed,
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

    /// Returns `true` if no proxy may be used: requests that may go over plain HTTP to the local machine must not leave it.
    #[cfg(feature = "reqwest")]
    fn is_without_proxy(&self) -> bool {
        let is_open = |url: &String| !url.to_ascii_lowercase().starts_with("https:");
        self.no_proxy || (!self.allow_http && self.urls.iter().any(is_open))
    }

    fn transport(&self) -> Result<Transport, ConfigError> {
        let read_timeout = self.read_timeout.unwrap_or(READ_TIMEOUT);
        // An unreachable server does not send data either; the error must be a connect error, as nothing was sent.
        let connect_timeout = self.connect_timeout.min(read_timeout / 10 * 9);
        match &self.http_client {
            #[cfg(feature = "reqwest")]
            Choice::Reqwest => self.over_reqwest(connect_timeout, read_timeout),
            // A client that may use proxies must not be shared with one that may not.
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

/// Returns `true` if others on the network cannot read requests to this URL.
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
