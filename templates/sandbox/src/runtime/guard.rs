//! Keeps web pages of other origins away from the control interface.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

/// Endings of names that no public domain has.
const PRIVATE: [&str; 4] = [".localhost", ".local", ".internal", ".test"];

/// Returns the reason why a request is rejected, if it may come from a web page of another origin.
///
/// `Origin` and `Sec-Fetch-Site` show requests from other sites. A site can also let its own name resolve to this machine, so that the
/// browser considers the server part of the site; then `Host` contains a public name.
pub(crate) fn objection(headers: &HeaderMap) -> Option<String> {
    let text =
        |value: Option<&http::HeaderValue>| value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let host = text(headers.get(HOST)).unwrap_or_default();
    let name = name(&host);
    if !is_private(name) {
        return Some(format!(
            "the host is `{name}`; expected an IP address, a name without a dot, or one that ends with {}",
            PRIVATE.join(", ")
        ));
    }
    let own = [format!("http://{host}"), format!("https://{host}")];
    if let Some(origin) = text(headers.get(ORIGIN)).filter(|origin| !own.contains(origin)) {
        return Some(format!("the origin is `{origin}`; expected `{}` or no origin", own[0]));
    }
    let site = text(headers.get("sec-fetch-site"));
    site.filter(|site| !matches!(site.as_str(), "same-origin" | "none"))
        .map(|site| format!("the request comes from a web page of another origin (`{site}`)"))
}

/// Returns the host without the port.
fn name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_private(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let lower = name.to_ascii_lowercase();
    bare.parse::<IpAddr>().is_ok() || !name.contains('.') || PRIVATE.iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_rejected(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, http::HeaderValue::from_static(value))
        });
        objection(&headers.collect()).is_some()
    }

    #[test]
    fn programs_and_the_own_page_are_accepted() {
        for host in [
            "127.0.0.1:4190",
            "[::1]:4190",
            "localhost:4190",
            "sandbox",
            "host.docker.internal:1",
            "10.0.0.7",
        ] {
            assert!(!is_rejected(&[("host", host)]), "{host}");
        }
        assert!(!is_rejected(&[]));
        assert!(!is_rejected(&[
            ("host", "localhost:4190"),
            ("origin", "http://localhost:4190"),
            ("sec-fetch-site", "same-origin"),
        ]));
    }

    #[test]
    fn other_pages_are_rejected() {
        assert!(is_rejected(&[("host", "rebound.example.com:4190")]));
        assert!(is_rejected(&[("host", "127.0.0.1.example.com")]));
        assert!(is_rejected(&[("host", "localhost."), ("origin", "http://localhost.")]));
        for origin in ["https://example.com", "null", "http://localhost:3000"] {
            assert!(
                is_rejected(&[("host", "localhost:4190"), ("origin", origin)]),
                "{origin}"
            );
        }
        assert!(is_rejected(&[("host", "localhost"), ("sec-fetch-site", "cross-site")]));
        assert!(is_rejected(&[("host", "localhost"), ("sec-fetch-site", "same-site")]));
    }
}
