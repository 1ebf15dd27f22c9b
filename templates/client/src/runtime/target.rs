//! Destination and token of requests.

use bytes::Bytes;
use http::Uri;
use http::uri::{Parts, PathAndQuery};

use super::error::Error;
use super::path;
use super::request::{Argument, Request};
use super::secret::Secret;
use crate::api::API;

/// The base URL of requests, and the token they carry.
#[derive(Debug, Clone)]
pub struct Target {
    url: String,
    uri: Uri,
    token: Option<Secret>,
}

impl Target {
    /// Appends the base path to a base URL such as `https://host`. `base` holds the parameters of the base path, in order.
    ///
    /// # Errors
    ///
    /// The base URL must have a scheme (http or https) and a host. It may have a path, but nothing else.
    pub fn new(base_url: &str, base: &[&dyn Argument]) -> Result<Self, Error> {
        let url = base_url.trim_end_matches('/');
        let invalid = |why| invalid_url(base_url, why);
        let uri: Uri = url.parse().map_err(|_| invalid("not a valid URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(invalid("it must start with https:// or http://"));
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(invalid("it has no host"));
        }
        if uri.authority().is_some_and(|server| server.as_str().contains('@')) {
            return Err(invalid("it must not contain a user name or password"));
        }
        if url.contains(['?', '#']) {
            return Err(invalid("it must not have a query or a fragment"));
        }
        let path = uri.path().replace("%2e", ".").replace("%2E", ".");
        if path.contains('\\') || path.split('/').any(path::is_dots) {
            return Err(invalid("its path must not contain `.`, `..` or a backslash"));
        }
        let wrong = |name| format!("the base path parameter `{name}` must not be empty, `.` or `..`");
        let filled = path::fill(API.base, base).map_err(|(name, _)| Error::config(wrong(name)))?;
        if !filled.is_empty() && url.ends_with(&*filled) {
            return Err(invalid(
                "it already ends with the base path, which is appended to it; leave that part out",
            ));
        }
        let url = format!("{url}{filled}");
        let uri = url.parse().map_err(|_| invalid("not a valid URL"))?;
        Ok(Self { url, uri, token: None })
    }

    /// Sets the token that requests carry.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Returns the base URL with the base path.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the base URL with the base path, parsed.
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the URL of a request.
    pub(crate) fn uri_of(&self, request: &Request) -> Result<Uri, Error> {
        let path = Bytes::from(request.target_below(self.uri.path().trim_end_matches('/')));
        let path = PathAndQuery::from_maybe_shared(path).map_err(|error| request.unsendable(error))?;
        let mut parts = Parts::default();
        parts.scheme = self.uri.scheme().cloned();
        parts.authority = self.uri.authority().cloned();
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).map_err(|error| request.unsendable(error))
    }

    /// Returns the token that requests carry.
    #[must_use]
    pub fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }
}

/// Returns the error of an invalid base URL.
fn invalid_url(url: &str, why: &str) -> Error {
    // A query may contain a key.
    let url = without_user(url.split(['?', '#']).next().unwrap_or_default());
    Error::config(format!("invalid base URL `{url}`: {why}"))
}

/// Removes user name and password from a URL, so that it can be printed.
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
    /// Returns a target with this URL, without a base path.
    pub(crate) fn any(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            uri: url.parse().expect("a URL"),
            token: None,
        }
    }
}
