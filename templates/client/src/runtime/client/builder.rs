//! The builder of a client.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::USER_AGENT;
use http::{HeaderValue, Uri};

use super::Client;
use super::hosts::Hosts;
#[cfg(feature = "rate-limit")]
use super::limiter::{Limiter, RateLimits};
use super::options::{CallOptions, Headers};
use super::retry::{Budget, RetryPolicy};
use super::send::Core;
use super::token::{TokenProvider, Tokens};
use super::transport::{self, Transport};
use crate::api::API;
use crate::runtime::error::Error;
use crate::runtime::request::Argument;
use crate::runtime::secret::Secret;
use crate::runtime::target::{Target, without_user};

/// Sets up a [`Client`].
#[must_use]
pub struct Builder {
    base: Vec<String>,
    /// A fixed token or a provider, but not both.
    token: Option<Secret>,
    provider: Option<Arc<dyn TokenProvider>>,
    settings: Settings,
}

/// The settings of a client, except its credentials.
#[derive(Clone)]
pub(super) struct Settings {
    urls: Vec<String>,
    allow_http: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) read_timeout: Duration,
    connect_timeout: Duration,
    pub(super) max_response: usize,
    pub(super) retry: RetryPolicy,
    /// Percentage and reserve.
    retry_budget: (u32, u32),
    #[cfg(feature = "rate-limit")]
    rate_limits: Option<RateLimits>,
    pub(super) headers: Headers,
    no_proxy: bool,
    /// Makes an HTTP client, if there is a default one.
    make_transport: Option<MakeTransport>,
    /// A custom transport, or an HTTP client with the settings that it was made with.
    transport: Option<(Option<transport::HttpSettings>, Arc<dyn Transport>)>,
}

type MakeTransport = fn(transport::HttpSettings) -> Result<Arc<dyn Transport>, Error>;

impl Builder {
    /// Makes a builder with the parameters of the base path, in order.
    pub(crate) fn new(base: Vec<String>) -> Self {
        let settings = Settings {
            urls: API.server.iter().map(|url| (*url).to_owned()).collect(),
            allow_http: false,
            timeout: Some(Duration::from_secs(60)),
            read_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            max_response: 16 << 20,
            retry: RetryPolicy::new(),
            retry_budget: (10, 100),
            #[cfg(feature = "rate-limit")]
            rate_limits: None,
            headers: Headers::default(),
            no_proxy: false,
            #[cfg(feature = "reqwest")]
            make_transport: Some(|settings| transport::per_runtime::new(settings, transport::over_reqwest::client)),
            #[cfg(not(feature = "reqwest"))]
            make_transport: None,
            transport: None,
        };
        Self::with_settings(base, settings)
    }

    /// Makes a builder with the settings of another client. Credentials, tokens and the state of limits are not copied.
    pub(super) fn with_settings(base: Vec<String>, settings: Settings) -> Self {
        Self {
            base,
            token: None,
            provider: None,
            settings,
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
        self.settings.urls = urls.into_iter().map(Into::into).collect();
        self
    }

    /// Allows base URLs that are not encrypted. Default: `false`, which allows plain HTTP to the local machine only, since
    /// requests carry secrets.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.settings.allow_http = allow;
        self
    }

    /// Uses a fixed token. It is never refreshed: if the server rejects it, calls fail with 401. Overrides an earlier
    /// [`token_provider`](Self::token_provider) or other credentials, and vice versa.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self.provider = None;
        self
    }

    /// Sets how tokens are obtained. They are cached, and renewed in the background before they expire.
    pub fn token_provider(mut self, provider: impl TokenProvider + 'static) -> Self {
        self.token = None;
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Sets the timeout of a whole call: waiting for a token or a rate limit, all attempts and the delays between them, and
    /// reading the response; `None` for no timeout. Default: 60 seconds. Does not apply to uploads and downloads of files.
    /// In addition, [`connect_timeout`](Self::connect_timeout) and [`read_timeout`](Self::read_timeout) apply to each
    /// attempt. [`CallOptions`](super::CallOptions) overrides the timeout for single calls.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.settings.timeout = timeout.into();
        self
    }

    /// Sets when a request is sent again. Default: [`RetryPolicy::new`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Sets the retry budget, which the client and its clones share: `reserve` retries at once, then `percent` retries for
    /// every 100 calls. When it is used up, calls fail without a retry. Unused retries add up to the reserve, or to one.
    /// Default: 10 percent and a reserve of 100.
    pub fn retry_budget(mut self, percent: u32, reserve: u32) -> Self {
        self.settings.retry_budget = (percent, reserve);
        self
    }

    /// Keeps rate limits by delaying requests. Default: none.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.settings.rate_limits = Some(limits);
        self
    }

    /// Sets the timeout for establishing a connection. Default: 10 seconds, and always less than
    /// [`read_timeout`](Self::read_timeout). Ignored with [`transport`](Self::transport).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Sets how long to wait for data from the server. Paused while the server accepts an upload. Default: 30 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.settings.read_timeout = timeout;
        self
    }

    /// Sets the maximum length of a response in bytes, except for downloads. Default: 16 MiB.
    pub fn max_response(mut self, bytes: usize) -> Self {
        self.settings.max_response = bytes;
        self
    }

    /// Sets the `User-Agent` header. Default: name and version of this crate, or none with [`transport`](Self::transport).
    pub fn user_agent(self, user_agent: impl TryInto<HeaderValue>) -> Self {
        self.header(USER_AGENT, user_agent)
    }

    /// Adds a header to all requests to the server, e.g. for a gateway. Headers of an operation, and those set by
    /// [`CallOptions`](super::CallOptions), take precedence. [`build`](Self::build) fails if the name or the value is invalid
    /// or the client itself sets the header, e.g. `Content-Type`.
    pub fn header(mut self, name: impl AsRef<str>, value: impl TryInto<HeaderValue>) -> Self {
        self.settings.headers.insert(name.as_ref(), value);
        self
    }

    /// Ignores the proxies set in the environment. They are always ignored if a base URL is plain HTTP to the local
    /// machine, unless [`allow_http`](Self::allow_http) is set, and by hyper. Ignored with [`transport`](Self::transport).
    pub fn no_proxy(mut self) -> Self {
        self.settings.no_proxy = true;
        self
    }

    /// Sends requests with another HTTP client, such as a configured `reqwest::Client`. Default: with the feature `reqwest`,
    /// a `reqwest::Client` that is built from the other settings; otherwise none.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.settings.transport = Some((None, Arc::new(transport)));
        self
    }

    /// Sends requests with hyper. It needs little more than half the instructions of reqwest for each request, but does not
    /// support proxies.
    #[cfg(feature = "hyper")]
    pub fn hyper(mut self) -> Self {
        self.settings.make_transport =
            Some(|settings| transport::per_runtime::new(settings, transport::over_hyper::client));
        self.settings.transport = None;
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Fails if the settings are invalid or the credentials break a rule.
    pub fn build(mut self) -> Result<Client, Error> {
        let settings = &mut self.settings;
        #[cfg(feature = "rate-limit")]
        settings.rate_limits.as_ref().map_or(Ok(()), RateLimits::check)?;
        settings.headers.check()?;
        let hosts = settings.hosts(&self.base)?;
        let transport = settings.transport()?;
        self.provider.as_ref().map_or(Ok(()), |provider| provider.check())?;
        let mut tokens = Tokens::new(self.provider, self.token)?;
        let budget = Budget::new(settings.retry_budget);
        let core = Arc::new_cyclic(|core| {
            tokens.core.clone_from(core);
            Core {
                transport,
                hosts,
                tokens: Arc::new(tokens),
                budget,
                #[cfg(feature = "rate-limit")]
                limiter: self.settings.rate_limits.clone().map(Limiter::new),
                settings: self.settings,
            }
        });
        let options = CallOptions::new();
        Ok(Client { core, options })
    }
}

impl Settings {
    fn hosts(&self, base: &[String]) -> Result<Hosts, Error> {
        let base: Vec<&dyn Argument> = base.iter().map(|part| part as &dyn Argument).collect();
        let targets = self.urls.iter().map(|url| {
            let target = Target::new(url, &base)?;
            if !self.allow_http && !is_private(target.uri()) {
                return Err(Error::config(
                    "the base URL is not encrypted; use https, or set `allow_http` if the network is trusted",
                ));
            }
            Ok(target)
        });
        Hosts::new(targets.collect::<Result<_, _>>()?)
    }

    /// Returns the custom transport or an HTTP client. One that was made before is used again unless a setting differs.
    fn transport(&mut self) -> Result<Arc<dyn Transport>, Error> {
        let is_open = |url: &String| !url.to_ascii_lowercase().starts_with("https:");
        let settings = transport::HttpSettings {
            // An unreachable server does not send data either; the error must be a connect error, as nothing was sent.
            connect_timeout: self.connect_timeout.min(self.read_timeout / 10 * 9),
            ping: (self.read_timeout / 3).clamp(Duration::from_secs(1), Duration::from_secs(10)),
            // Requests that may go over plain HTTP to the local machine must not leave it.
            no_proxy: self.no_proxy || (!self.allow_http && self.urls.iter().any(is_open)),
        };
        let is_usable = |made_with: Option<_>| made_with.is_none_or(|same| same == settings);
        if let Some((_, transport)) = self.transport.as_ref().filter(|made| is_usable(made.0)) {
            return Ok(Arc::clone(transport));
        }
        let Some(make) = self.make_transport else {
            return Err(Error::config(
                "no HTTP client is set; call `hyper` or `transport` on the builder, or enable the feature `reqwest`",
            ));
        };
        let transport = make(settings)?;
        if self.headers.get(&USER_AGENT).is_none() {
            let user_agent = format!("{}/{}", API.name, API.version);
            self.headers.insert(USER_AGENT.as_str(), user_agent);
        }
        self.transport = Some((Some(settings), Arc::clone(&transport)));
        Ok(transport)
    }
}

/// Returns `true` if others on the network cannot read requests to this URL.
fn is_private(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let host = host.trim_end_matches('.');
    let is_local = |address: IpAddr| address.to_canonical().is_loopback();
    url.scheme_str() == Some("https") || host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_local)
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<_> = self.settings.urls.iter().map(|url| without_user(url)).collect();
        let mut debug = f.debug_struct("Builder");
        debug
            .field("urls", &urls)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
