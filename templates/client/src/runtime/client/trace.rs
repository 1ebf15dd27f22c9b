//! Spans and events.
//!
//! The names follow OpenTelemetry's conventions for HTTP clients where there are any. Secrets and personal data are never
//! recorded: no token, no body, and only the template of the URL.

use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use crate::api::API;
use crate::runtime::error::{Error, Shown};
use crate::runtime::request::Request;

/// The span of a call.
pub(super) struct Watch {
    pub(super) span: Span,
    start: Instant,
    is_over: bool,
}

impl Watch {
    /// Opens a span; `None` if nothing records it.
    pub(super) fn begin(request: &Request) -> Option<Self> {
        let info = request.info();
        // A link is not relative to the base URL.
        let base = if info.path.is_empty() { "" } else { API.base };
        let template = format_args!("{base}{}", info.path);
        let span = tracing::info_span!(
            "call",
            "otel.name" = %format_args!("{} {template}", info.method),
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            operation = info.id,
            "http.request.method" = info.method.as_str(),
            "url.template" = %template,
            "server.address" = Empty,
            "server.port" = Empty,
            "http.response.status_code" = Empty,
            "http.request.resend_count" = Empty,
            "error.type" = Empty,
            attempts = Empty,
            duration_ms = Empty,
        );
        (!span.is_disabled()).then(|| Self {
            span,
            start: Instant::now(),
            is_over: false,
        })
    }

    /// Records the outcome of the call: a status or an error.
    pub(super) fn end(mut self, outcome: Result<http::StatusCode, &Error>, attempts: u32) {
        self.is_over = true;
        self.span.record("attempts", attempts);
        self.span.record("duration_ms", millis(self.start.elapsed()));
        if attempts > 1 {
            self.span.record("http.request.resend_count", attempts - 1);
        }
        let status = outcome.map_or_else(Error::status, Some);
        if let Some(status) = status {
            self.span.record("http.response.status_code", status.as_u16());
        }
        if let Err(error) = outcome {
            failed(&self.span, &error_type(error));
        }
    }
}

impl Drop for Watch {
    // The call was dropped.
    fn drop(&mut self) {
        if !self.is_over {
            self.span.record("duration_ms", millis(self.start.elapsed()));
            self.span.record("error.type", "cancelled");
        }
    }
}

/// Records the server that a request is sent to.
pub(super) fn sent_to(span: &Span, uri: &Uri) {
    let usual = if uri.scheme() == Some(&Scheme::HTTP) { 80 } else { 443 };
    let host = uri.host().unwrap_or_default();
    span.record("server.address", host.trim_matches(['[', ']']));
    span.record("server.port", uri.port_u16().unwrap_or(usual));
}

/// Records that a call failed.
pub(super) fn failed(span: &Span, why: &str) {
    span.record("error.type", why);
    span.record("otel.status_code", "ERROR");
}

/// Emits an event for a call that failed and will be retried.
pub(super) fn retrying(error: &Error, attempt: u32, pause: Duration) {
    let code = error.code().map(|code| Shown(code.as_str().as_bytes()));
    tracing::warn!(
        attempt,
        "error.type" = error_type(error).as_str(),
        delay_ms = millis(pause),
        code = code.map(tracing::field::display),
        "retrying"
    );
}

/// Returns the status, or the kind of the error if there is none.
fn error_type(error: &Error) -> String {
    match error.status().filter(|status| !status.is_success()) {
        Some(status) => status.as_str().to_owned(),
        None => error.kind().as_str().to_owned(),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
