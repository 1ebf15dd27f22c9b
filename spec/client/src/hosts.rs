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

#![cfg(feature = "reqwest")]

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Where the lookup service is.
const SERVICE: &str = "https://rs.easemob.com/easemob/server.json";

/// How long a lookup may take as a whole.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// Finds out the hosts of an app.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until `find` is awaited"]
pub struct Lookup {
    app_key: String,
    service: String,
    http: Option<reqwest::Client>,
}

/// Why no hosts were found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The URL of the service is none, or others on the network could answer in its place.
    #[error("the URL of the lookup service must begin with https://")]
    Service,
    /// No answer arrived, or not all of it.
    #[error("the lookup service did not answer: {0}")]
    Transport(#[source] reqwest::Error),
    /// The service refused.
    #[error("the lookup service answered {0}")]
    Status(http::StatusCode),
    /// The answer is longer than 64 KiB.
    #[error("the answer of the lookup service is too long")]
    TooLong,
    /// The answer is not what was expected.
    #[error("unexpected answer of the lookup service: {0}")]
    Answer(#[source] serde_json::Error),
    /// The answer names no host that can be reached over https.
    #[error("the lookup service knows no https host of this app")]
    NoHosts,
}

#[derive(Deserialize)]
struct Answer {
    rest: Rest,
}

#[derive(Deserialize)]
struct Rest {
    hosts: Vec<Entry>,
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

impl Lookup {
    /// The hosts of this app.
    pub fn new(org_name: impl fmt::Display, app_name: impl fmt::Display) -> Self {
        Self {
            app_key: format!("{org_name}#{app_name}"),
            service: SERVICE.to_owned(),
            http: None,
        }
    }

    /// Asks another service, e.g. one of your own. Requests and their tokens will go where it says, so that only a service
    /// on this machine can be asked over http.
    pub fn service(mut self, url: impl Into<String>) -> Self {
        self.service = url.into();
        self
    }

    /// Sets the HTTP client to ask with. It should not follow redirects.
    // Inline, here and below: whoever does not look hosts up does not pay for compiling what knows reqwest's types.
    #[inline]
    pub fn reqwest_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Asks, and gives the URLs of the hosts for [`Builder::base_urls`](crate::Builder::base_urls). Hosts without https are
    /// left out; there is at least one.
    ///
    /// # Errors
    ///
    /// See [`LookupError`].
    #[inline]
    pub async fn find(&self) -> Result<Vec<String>, LookupError> {
        let mut url = trusted(&self.service).ok_or(LookupError::Service)?;
        url.query_pairs_mut().append_pair("app_key", &self.app_key);
        let failed = |error: reqwest::Error| LookupError::Transport(error.without_url());
        let http = match &self.http {
            Some(http) => http.clone(),
            None => client().map_err(failed)?,
        };
        let response = http.get(url).timeout(PATIENCE).send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(LookupError::Status(response.status()));
        }
        urls(&read(response).await?)
    }
}

#[inline]
fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

#[inline]
async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, LookupError> {
    let mut body = Vec::new();
    let failed = |error: reqwest::Error| LookupError::Transport(error.without_url());
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if chunk.len() > LONGEST - body.len() {
            return Err(LookupError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The URL, if nobody on the network can answer in place of its host.
fn trusted(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    (url.scheme() == "https" || (is_here && url.scheme() == "http")).then_some(url)
}

/// The base URLs in an answer, in its order, each once.
#[inline]
fn urls(body: &[u8]) -> Result<Vec<String>, LookupError> {
    let answer: Answer = serde_json::from_slice(body).map_err(LookupError::Answer)?;
    let mut urls: Vec<String> = Vec::new();
    for url in answer.rest.hosts.iter().filter_map(Entry::url) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    if urls.is_empty() {
        return Err(LookupError::NoHosts);
    }
    Ok(urls)
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
        urls(format!(r#"{{"rest":{{"hosts":[{hosts}]}}}}"#).as_bytes()).ok()
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

    #[test]
    fn only_a_trusted_service_is_asked() {
        for url in ["https://a.example/x", "http://127.0.0.1:1/x", "http://[::1]/", SERVICE] {
            assert!(trusted(url).is_some(), "{url}");
        }
        for url in ["http://a.example", "ftp://localhost", "a.example", ""] {
            assert!(trusted(url).is_none(), "{url}");
        }
    }
}
