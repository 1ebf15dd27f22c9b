//! The hosts of an app, as Easemob's lookup service knows them.
//!
//! Most apps do not need it: their data centre has well-known hosts, see [`DataCenter`](crate::DataCenter). It helps those
//! with hosts of their own, which are in no list.
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
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use crate::runtime::{
    Builder, Client, DecodeError, Error, InvalidArgument, Operation, OperationInfo, RawResponse, Request, Step, path,
};

/// Where the lookup service is.
const SERVICE: &str = "https://rs.easemob.com/easemob/server.json";

/// How long a lookup may take as a whole.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// Finds out the hosts of an app.
#[derive(Clone)]
#[must_use = "nothing is sent until it is told to find"]
pub struct Lookup {
    org_name: String,
    app_name: String,
    service: String,
}

impl Lookup {
    /// The hosts of this app.
    pub fn new(org_name: impl Into<String>, app_name: impl Into<String>) -> Self {
        Self {
            org_name: org_name.into(),
            app_name: app_name.into(),
            service: SERVICE.to_owned(),
        }
    }

    /// Asks another service, e.g. one of your own. Requests and their tokens will go where it says, so that only a service
    /// on this machine can be asked over http.
    pub fn service(mut self, url: impl Into<String>) -> Self {
        self.service = url.into();
        self
    }

    /// Asks, and gives the URLs of the hosts for [`Builder::base_urls`]. Hosts without https are left out; there is at least
    /// one.
    ///
    /// # Errors
    ///
    /// See [`Error`]; an answer that names no host with https is an [`Error::Decode`].
    // Inline, here and below: whoever does not look hosts up does not pay for compiling it.
    #[inline]
    pub async fn find(&self) -> Result<Vec<String>, Error> {
        self.find_with(Client::builder(&self.org_name, &self.app_name)).await
    }

    /// Asks as a client of this builder does, with its HTTP client, its proxies and its retries. What it knows of servers,
    /// tokens and time limits is of no account: a lookup takes 10 seconds at the most.
    ///
    /// # Errors
    ///
    /// As for [`find`](Self::find).
    #[inline]
    pub async fn find_with(&self, builder: Builder) -> Result<Vec<String>, Error> {
        self.asked_by(builder).build()?.value(&Find(self)).await
    }

    /// As [`find`](Self::find), without async.
    ///
    /// # Errors
    ///
    /// As for [`find`](Self::find).
    #[cfg(feature = "blocking")]
    #[inline]
    pub fn find_blocking(&self) -> Result<Vec<String>, Error> {
        self.find_blocking_with(Client::builder(&self.org_name, &self.app_name))
    }

    /// As [`find_with`](Self::find_with), without async.
    ///
    /// # Errors
    ///
    /// As for [`find`](Self::find).
    #[cfg(feature = "blocking")]
    #[inline]
    pub fn find_blocking_with(&self, builder: Builder) -> Result<Vec<String>, Error> {
        self.asked_by(builder).build_blocking()?.call(&Find(self))
    }

    /// The service as the server of a client, which refuses one that others on the network could answer for.
    fn asked_by(&self, builder: Builder) -> Builder {
        let builder = builder.base_url(&self.service).allow_http(false);
        builder.timeout(PATIENCE).max_response(LONGEST)
    }
}

impl fmt::Debug for Lookup {
    // The service's URL can hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup")
            .field("org_name", &self.org_name)
            .field("app_name", &self.app_name)
            .finish_non_exhaustive()
    }
}

/// The one request of a lookup.
struct Find<'l>(&'l Lookup);

impl Operation for Find<'_> {
    type Output = Vec<String>;
    const INFO: &'static OperationInfo = &OperationInfo::new("hosts.find", Method::GET, "")
        .anonymous()
        .idempotent();

    #[inline]
    fn encode(&self) -> Result<Request, InvalidArgument> {
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
    fn decode(response: &RawResponse) -> Result<Self::Output, DecodeError> {
        let Hosts(urls) = response.at(&[Step::Key("rest"), Step::Key("hosts")])?;
        Ok(urls)
    }
}

/// The base URLs of the hosts, each once, in the order of the answer; never empty.
struct Hosts(Vec<String>);

impl<'de> Deserialize<'de> for Hosts {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<Entry>::deserialize(deserializer)?;
        let mut urls: Vec<String> = Vec::new();
        for url in entries.iter().filter_map(Entry::url) {
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        if urls.is_empty() {
            return Err(D::Error::custom("there is no host that can be reached over https"));
        }
        Ok(Self(urls))
    }
}

/// One that cannot be understood does not hide the others.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Host(Host),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Host {
    protocol: Option<String>,
    domain: Option<String>,
    ip: Option<String>,
    port: Option<Port>,
}

/// A number, or a text that holds one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Port {
    Number(u16),
    Text(String),
}

impl Entry {
    fn url(&self) -> Option<String> {
        match self {
            Self::Host(host) => host.url(),
            Self::Other(_) => None,
        }
    }
}

impl Host {
    /// The base URL, unless the host cannot be reached over https.
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
        let port = match &self.port {
            None => 443,
            Some(Port::Number(port)) => *port,
            Some(Port::Text(text)) => text.parse().ok()?,
        };
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
    fn only_hosts_with_https_are_taken() {
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
        // A host that cannot be understood does not hide the others.
        let odd = r#"{"protocol":"https","domain":"b","port":-1},{"protocol":1},{"domain":[]},7"#;
        assert_eq!(found(&format!("{odd},{host}")), Some(vec!["https://a".to_owned()]));
        assert_eq!(found(&format!("{host},{host}")).map(|urls| urls.len()), Some(1));
    }
}
