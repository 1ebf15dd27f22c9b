//! The web page at the base URL.

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method};

use super::exchange::Head;
use super::reply::Reply;

/// The page. It reads everything it shows from the control interface.
const PAGE: &str = include_str!("../page.html");

/// The text in the page that the nonce replaces.
const NONCE: &str = "{nonce}";

/// Returns `true` for a request of the page.
pub(crate) fn is_requested(head: &Head) -> bool {
    head.path == "/" && matches!(head.method, Method::GET | Method::HEAD)
}

/// Returns the page. Only its own script and style run, and it only connects to this server.
pub(crate) fn respond() -> Reply {
    let nonce = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut reply = Reply::text(200, "text/html; charset=utf-8", PAGE.replace(NONCE, &nonce));
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    reply.headers.insert(CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        reply.headers.insert(name, HeaderValue::from_static(value));
    }
    reply
}
