//! Where requests go.

use http::Uri;

use super::error::ConfigError;
use super::path;
use super::request::Argument;
use super::secret::Secret;
use crate::api::API;

/// Where requests go, and the token they carry.
#[derive(Debug, Clone)]
pub struct Target {
    url: String,
    token: Option<Secret>,
}

impl Target {
    /// Puts a base URL such as `https://host` before the base path; `base` holds the parameters of the base path, in order.
    ///
    /// # Errors
    ///
    /// The base URL needs a scheme (http or https) and a host, and can have a path, but nothing else.
    pub fn new(base_url: &str, base: &[&dyn Argument]) -> Result<Self, ConfigError> {
        let url = base_url.trim_end_matches('/');
        let bad = |why| ConfigError::base_url(base_url, why);
        let uri: Uri = url.parse().map_err(|_| bad("it is no URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(bad("it must begin with https:// or http://"));
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(bad("it has no host"));
        }
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(bad("it must not hold a user name or password"));
        }
        if url.contains(['?', '#']) {
            return Err(bad("it must not have a query or a fragment"));
        }
        let filled = path::fill(API.base, base).map_err(|(name, _)| ConfigError::BasePath(name.to_owned()))?;
        if let Some(name) = filled.dots {
            return Err(ConfigError::BasePath(name.to_owned()));
        }
        if !filled.path.is_empty() && url.ends_with(&filled.path) {
            return Err(bad("it ends with what is added to it; give the part before that"));
        }
        Ok(Self {
            url: format!("{url}{}", filled.path),
            token: None,
        })
    }

    /// Sets the token that requests carry.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The base URL with the base path.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The token that requests carry.
    #[must_use]
    pub fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }
}

/// A URL as it may be printed: without the password of a user in it.
pub(crate) fn without_user(url: &str) -> String {
    match url.split_once('@') {
        None => url.to_owned(),
        Some((start, rest)) => {
            let scheme = start.find("://").map_or(0, |end| end + 3);
            format!("{}…@{rest}", &start[..scheme])
        }
    }
}

#[cfg(test)]
impl Target {
    /// A target whatever the base path is.
    pub(crate) fn any(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            token: None,
        }
    }
}
