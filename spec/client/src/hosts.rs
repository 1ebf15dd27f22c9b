//! Looks up the hosts of an app with Easemob's lookup service.
//!
//! Most apps do not need it: data centers have well-known hosts, see [`DataCenter`](crate::DataCenter). Use it for apps with
//! dedicated hosts, which are not listed there.
//!
//! ```no_run
//! # async fn sample() -> Result<(), Box<dyn std::error::Error>> {
//! use easemob::Client;
//! use easemob::hosts::Lookup;
//!
//! let urls = Lookup::new("my-org", "my-app").find().await?;
//! let client = Client::builder("my-org", "my-app")
//!     .base_urls(urls)
//!     .credentials("my client ID", "my client secret")
//!     .build()?;
//! # Ok(())
//! # }
//! ```

#![cfg(feature = "client")]

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use http::Method;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::runtime::{Builder, Client, Error, Json, Operation, OperationInfo, RawResponse, Request, Step, path, wire};

/// URL of the lookup service.
const SERVICE: &str = "https://rs.easemob.com/easemob/server.json";

/// Timeout of a lookup.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum length of the response in bytes.
const MAX_RESPONSE: usize = 64 << 10;

/// A lookup of the hosts of an app.
#[derive(Clone)]
#[must_use = "nothing is sent until a `find` method is called"]
pub struct Lookup {
    org_name: String,
    app_name: String,
    service: String,
}

impl Lookup {
    /// Makes a lookup for an app.
    pub fn new(org_name: impl Into<String>, app_name: impl Into<String>) -> Self {
        Self {
            org_name: org_name.into(),
            app_name: app_name.into(),
            service: SERVICE.to_owned(),
        }
    }

    /// Sets the URL of another lookup service. Requests and their tokens will go to the hosts that it returns, so plain HTTP
    /// is allowed for the local machine only.
    pub fn service(mut self, url: impl Into<String>) -> Self {
        self.service = url.into();
        self
    }

    /// Returns the URLs of the hosts, for [`Builder::base_urls`]. Hosts without HTTPS are left out. The list is never empty.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A response without an HTTPS host is an error of the kind [`Decode`](crate::ErrorKind::Decode).
    // Inline, here and below: programs that look up no hosts need not compile it.
    #[inline]
    pub async fn find(&self) -> Result<Vec<String>, Error> {
        self.find_with(Client::builder(&self.org_name, &self.app_name)).await
    }

    /// Like [`find`](Self::find), with the HTTP client, proxies and retries of a builder. Its base URLs, credentials and
    /// timeout are ignored; the lookup times out after 10 seconds.
    ///
    /// # Errors
    ///
    /// As for [`find`](Self::find).
    #[inline]
    pub async fn find_with(&self, builder: Builder) -> Result<Vec<String>, Error> {
        self.asked_by(builder).build()?.value(&Find(self)).await
    }

    /// Synchronous version of [`find`](Self::find).
    ///
    /// # Errors
    ///
    /// As for [`find`](Self::find).
    #[cfg(feature = "blocking")]
    #[inline]
    pub fn find_blocking(&self) -> Result<Vec<String>, Error> {
        self.find_blocking_with(Client::builder(&self.org_name, &self.app_name))
    }

    /// Synchronous version of [`find_with`](Self::find_with).
    ///
    /// # Errors
    ///
    /// As for [`find`](Self::find).
    #[cfg(feature = "blocking")]
    #[inline]
    pub fn find_blocking_with(&self, builder: Builder) -> Result<Vec<String>, Error> {
        self.asked_by(builder).build_blocking()?.call(&Find(self))
    }

    /// Sets the service as the server of a client, which rejects plain HTTP to other machines.
    fn asked_by(&self, builder: Builder) -> Builder {
        let builder = builder.base_url(&self.service).allow_http(false);
        builder.timeout(TIMEOUT).max_response(MAX_RESPONSE)
    }
}

impl fmt::Debug for Lookup {
    // The service's URL may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup")
            .field("org_name", &self.org_name)
            .field("app_name", &self.app_name)
            .finish_non_exhaustive()
    }
}

/// The request of a lookup.
struct Find<'l>(&'l Lookup);

impl Operation for Find<'_> {
    type Output = Vec<String>;
    const INFO: &'static OperationInfo = &OperationInfo::new("hosts.find", Method::GET, "")
        .anonymous()
        .idempotent();

    #[inline]
    fn encode(&self) -> Result<Request, Error> {
        let Lookup {
            org_name,
            app_name,
            service,
        } = self.0;
        let mut link = format!("{service}?app_key=");
        link.extend(path::encode_text(&format!("{org_name}#{app_name}")));
        Request::link(Self::INFO, &link)
    }

    #[inline]
    fn decode(response: &RawResponse) -> Result<Self::Output, Error> {
        let Hosts(urls) = response.at(&[Step::Key("rest"), Step::Key("hosts")])?;
        Ok(urls)
    }
}

/// The base URLs of the hosts without duplicates, in the order of the response; never empty.
struct Hosts(Vec<String>);

impl<'de> Deserialize<'de> for Hosts {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An entry that cannot be parsed does not hide the others.
        let entries = Vec::<Json>::deserialize(deserializer)?;
        let hosts = entries.iter().filter_map(|entry| entry.to::<Host>().ok());
        let mut urls: Vec<String> = Vec::new();
        for url in hosts.filter_map(|host| host.url()) {
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        if urls.is_empty() {
            return Err(D::Error::custom("no host supports https"));
        }
        Ok(Self(urls))
    }
}

#[derive(Deserialize)]
struct Host {
    protocol: Option<String>,
    domain: Option<String>,
    ip: Option<String>,
    port: Option<wire::As<i64>>,
}

impl Host {
    /// Returns the base URL, unless the host does not support HTTPS.
    fn url(&self) -> Option<String> {
        if self.protocol.as_deref() != Some("https") {
            return None;
        }
        let host = match (self.domain.as_deref(), self.ip.as_deref()) {
            (Some(domain), _) if is_domain(domain) => domain.to_owned(),
            (_, Some(ip)) => match ip.parse().ok()? {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            },
            _ => return None,
        };
        let port = u16::try_from(self.port.as_ref().map_or(443, |port| port.0)).ok()?;
        if port == 0 {
            return None;
        }
        Some(if port == 443 {
            format!("https://{host}")
        } else {
            format!("https://{host}:{port}")
        })
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(hosts: &str) -> Option<Vec<String>> {
        let hosts: Hosts = serde_json::from_str(&format!("[{hosts}]")).ok()?;
        Some(hosts.0)
    }

    #[test]
    fn only_https_hosts_are_returned() {
        for (host, expected) in [
            (r#""domain":"a.example","port":443"#, Some("https://a.example")),
            (r#""domain":"a.example""#, Some("https://a.example")),
            (
                r#""domain":"a.example","ip":"192.0.2.1","port":"8443","x":1"#,
                Some("https://a.example:8443"),
            ),
            (r#""ip":"192.0.2.1","port":443"#, Some("https://192.0.2.1")),
            (r#""ip":"2001:db8::1","port":444"#, Some("https://[2001:db8::1]:444")),
            ("\"x\":1", None),
            (r#""domain":"a.example/path""#, None),
            (r#""domain":"user@a.example""#, None),
            (r#""domain":"""#, None),
            (r#""ip":"a.example""#, None),
            (r#""domain":"a.example","port":"x""#, None),
            (r#""domain":"a.example","port":70000"#, None),
            (r#""domain":"a.example","port":true"#, None),
            (r#""domain":"a.example","port":0"#, None),
        ] {
            let urls = found(&format!(r#"{{"protocol":"https",{host}}}"#));
            assert_eq!(urls, expected.map(|url| vec![url.to_owned()]), "{host}");
            assert_eq!(found(&format!(r#"{{"protocol":"http",{host}}}"#)), None, "{host}");
            assert_eq!(found(&format!("{{{host}}}")), None, "{host}");
        }
        let host = r#"{"protocol":"https","domain":"a"}"#;
        // An entry that cannot be parsed does not hide the others.
        let odd = r#"{"protocol":"https","domain":"b","port":-1},{"protocol":1},{"domain":[]},7"#;
        assert_eq!(found(&format!("{odd},{host}")), Some(vec!["https://a".to_owned()]));
        assert_eq!(found(&format!("{host},{host}")).map(|urls| urls.len()), Some(1));
    }
}
