//! Invalid settings.

/// Invalid settings of a client or a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Neither a server nor a base URL is set.
    #[error("no server is set; choose one or set a base URL")]
    NoServer,
    /// The name of a server is unknown.
    #[error("unknown server `{found}`; expected one of: {expected}")]
    #[non_exhaustive]
    UnknownServer {
        /// The name.
        found: String,
        /// The known names.
        expected: String,
    },
    /// The base URL is invalid.
    #[error("invalid base URL `{url}`: {why}")]
    BaseUrl {
        /// The URL, without user name, password, query and fragment.
        url: String,
        /// The reason.
        why: &'static str,
    },
    /// The base URL is not encrypted, but requests carry secrets.
    #[error("the base URL is not encrypted; use https, or set `allow_http` if the network is trusted")]
    Unencrypted,
    /// A parameter of the base path is empty, `.` or `..`.
    #[error("the base path parameter `{0}` must not be empty, `.` or `..`")]
    BasePath(String),
    /// The token is empty or cannot be sent in a header.
    #[error("the token is empty or contains characters that are not allowed in a header")]
    Token,
    /// An operation needs a token, but the client has neither a token nor credentials.
    #[error("the client has no token; set a token or credentials on its builder")]
    NoToken,
    /// A rate limit is invalid.
    #[error("invalid rate limit for `{key}`: {why}")]
    RateLimit {
        /// The operation or shared limit that it was set for.
        key: String,
        /// The reason.
        why: &'static str,
    },
    /// No HTTP client is set, and the feature `reqwest` is off.
    #[error("no HTTP client is set; call `hyper` or `transport` on the builder, or enable the feature `reqwest`")]
    NoTransport,
    /// A custom header cannot be sent.
    #[error("the custom header `{name}` cannot be sent: {why}")]
    Header {
        /// The name of the header.
        name: String,
        /// The reason.
        why: &'static str,
    },
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built: {0}")]
    Http(String),
    /// The thread of a blocking client could not be started.
    #[error("the client's thread could not be started: {0}")]
    Thread(String),
}

impl ConfigError {
    pub(crate) fn base_url(url: &str, why: &'static str) -> Self {
        // A query may contain a key.
        let url = crate::runtime::target::without_user(url.split(['?', '#']).next().unwrap_or_default());
        Self::BaseUrl { url, why }
    }
}
