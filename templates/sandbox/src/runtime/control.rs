//! The control interface under a reserved path. `control.md` describes it.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use hyper::body::Incoming;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::body::{self, Unread};
use super::exchange::{Head, discard};
use super::fault::{Fault, InvalidFault};
use super::reply::Reply;
use super::service::Service as _;
use super::settings::InvalidSetting;
use super::shared::{Settings, Shared, lock};
// @if webhooks
use super::webhook_control;
// @end
use super::{guard, state};

/// The first segment of all paths.
pub(crate) const SEGMENT: &str = "_sandbox";

/// The description.
const ABOUT: &str = include_str!("control.md");

/// Maximum size of a body in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Maximum size of a state in bytes.
const MAX_STATE: usize = 256 * 1024 * 1024;

/// The requests, for the error about an unknown one.
const REQUESTS: &[(&str, &[&str])] = &[
    ("", &["GET"]),
    ("calls", &["GET"]),
    ("clock", &["POST"]),
    ("expire-tokens", &["POST"]),
    ("faults", &["GET", "POST", "DELETE"]),
    ("overview", &["GET"]),
    ("reset", &["POST"]),
    ("settings", &["GET", "POST"]),
    ("state", &["GET", "PUT"]),
];

/// An error response.
pub(crate) struct Refusal {
    status: u16,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message }
    }
}

impl From<InvalidSetting> for Refusal {
    fn from(error: InvalidSetting) -> Self {
        Self::new(400, error.to_string())
    }
}

impl From<InvalidFault> for Refusal {
    fn from(error: InvalidFault) -> Self {
        Self::new(400, error.to_string())
    }
}

/// Returns the part of a path after the reserved segment, without slashes around it. `None` if it is another path.
pub(crate) fn path(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?.strip_prefix(SEGMENT)?;
    let is_own = rest.is_empty() || rest.starts_with('/');
    is_own.then(|| rest.trim_matches('/'))
}

/// Responds to a request.
pub(crate) async fn respond(shared: &Shared, head: &Head, path: &str, body: &mut Incoming) -> Reply {
    let result = match guard::objection(&head.headers) {
        Some(message) => Err(Refusal::new(403, message)),
        None => match read(shared, head, path, body).await {
            Ok(content) => act(shared, head, path, &content),
            Err(refusal) => Err(refusal),
        },
    };
    let mut reply =
        result.unwrap_or_else(|Refusal { status, message }| Reply::json(status, &json!({ "error": message })));
    let is_read = reply.status != 408 && discard(head, body).await;
    let headers = [("cache-control", "no-store"), ("x-content-type-options", "nosniff")];
    let close = (!is_read).then_some(("connection", "close"));
    for (name, value) in headers.into_iter().chain(close) {
        let value = http::HeaderValue::from_static(value);
        reply.headers.insert(http::HeaderName::from_static(name), value);
    }
    reply
}

async fn read(shared: &Shared, head: &Head, path: &str, body: &mut Incoming) -> Result<Bytes, Refusal> {
    let limit = if path == "state" { MAX_STATE } else { MAX_BODY };
    let refusal = |unread| match unread {
        Unread::TooLarge => Refusal::new(413, format!("the body is too large; expected at most {limit} bytes")),
        Unread::Incomplete => Refusal::new(400, "the body is incomplete"),
        Unread::Busy => Refusal::new(429, "the server is receiving too many other bodies"),
    };
    if head.exceeds(limit) {
        return Err(refusal(Unread::TooLarge));
    }
    let reading = tokio::time::timeout(shared.read_timeout, body::read(&shared.receiving, body, limit)).await;
    let read = reading.map_err(|_| Refusal::new(408, "the body did not arrive in time"))?;
    read.map(|(content, _)| content).map_err(refusal)
}

fn act(shared: &Shared, head: &Head, path: &str, content: &[u8]) -> Result<Reply, Refusal> {
    let done = |body: Value| Ok(Reply::json(200, &body));
    // @if webhooks
    if let Some(result) = webhook_control::act(shared, (head.method.as_str(), path), &head.query, content) {
        return done(result?);
    }
    // @end
    match (head.method.as_str(), path) {
        ("GET", "") => Ok(Reply::text(200, "text/markdown; charset=utf-8", ABOUT)),
        ("GET", "calls") => calls(shared, &head.query),
        ("GET", "faults") => done(pending(shared)),
        ("POST", "faults") => {
            add_faults(shared, content)?;
            done(pending(shared))
        }
        ("DELETE", "faults") => {
            lock(&shared.faults).clear();
            done(pending(shared))
        }
        ("POST", "clock") => {
            let Advance { advance_ms } = parse(content, "{\"advance_ms\": 60000}")?;
            shared.advance(i64::try_from(advance_ms).unwrap_or(i64::MAX));
            done(json!({ "now_ms": shared.clock.now() }))
        }
        ("POST", "expire-tokens") => {
            shared.expire_tokens();
            done(json!({}))
        }
        ("GET", "overview") => done(overview(shared)),
        ("POST", "reset") => {
            shared.reset();
            done(json!({}))
        }
        ("GET", "settings") => done(settings(shared)),
        ("POST", "settings") => {
            shared.set(parse(content, &json!(Settings::default()).to_string())?)?;
            done(settings(shared))
        }
        ("GET", "state") => {
            let state = state::save(shared).map_err(|error| Refusal::new(500, error.to_string()))?;
            Ok(Reply::text(200, "application/json", state))
        }
        ("PUT", "state") => {
            state::load(shared, content).map_err(|message| Refusal::new(400, message))?;
            done(json!({}))
        }
        (method, path) => Err(unknown(method, path)),
    }
}

fn unknown(method: &str, path: &str) -> Refusal {
    let requests = REQUESTS.iter();
    // @if webhooks
    let requests = requests.chain(&webhook_control::REQUESTS);
    // @end
    if let Some((_, methods)) = requests.clone().find(|(known, _)| *known == path) {
        let methods = methods.join(", ");
        return Refusal::new(
            405,
            format!("/{SEGMENT}/{path} does not support {method}; expected {methods}"),
        );
    }
    let paths: Vec<_> = requests.map(|(known, _)| format!("/{SEGMENT}/{known}")).collect();
    Refusal::new(
        404,
        format!("/{SEGMENT}/{path} does not exist; expected one of {}", paths.join(", ")),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

/// Reads a body. `example` is shown if it is not valid.
pub(crate) fn parse<T: DeserializeOwned>(content: &[u8], example: &str) -> Result<T, Refusal> {
    serde_json::from_slice(content)
        .map_err(|error| Refusal::new(400, format!("the body is not valid: {error}; expected e.g. {example}")))
}

/// Reads a body that is a value, or an array of values.
pub(crate) fn one_or_many<T: DeserializeOwned>(content: &[u8], example: &str) -> Result<Vec<T>, Refusal> {
    if content.trim_ascii_start().starts_with(b"[") {
        parse(content, example)
    } else {
        Ok(vec![parse(content, example)?])
    }
}

fn add_faults(shared: &Shared, content: &[u8]) -> Result<(), Refusal> {
    let example = "{\"fault\": \"status\", \"status\": 429, \"times\": 2}";
    let faults: Vec<Fault> = one_or_many(content, example)?;
    for fault in faults {
        shared.fail(fault)?;
    }
    Ok(())
}

fn pending(shared: &Shared) -> Value {
    json!({ "faults": lock(&shared.faults).pending() })
}

fn settings(shared: &Shared) -> Value {
    json!(**lock(&shared.settings))
}

fn overview(shared: &Shared) -> Value {
    let apps = shared.setups.iter().filter_map(|setup| {
        let overview = shared.tenant(&setup.tenant)?.app.overview();
        Some(json!({
            "app": setup.tenant,
            "tables": overview.tables,
            "conversations": overview.conversations,
        }))
    });
    json!({ "apps": apps.collect::<Vec<_>>() })
}

fn calls(shared: &Shared, query: &[(String, String)]) -> Result<Reply, Refusal> {
    let (mut after, mut limit, mut status, mut operation) = (0, usize::MAX, None, None);
    for (key, value) in query {
        let wrong = |_| Refusal::new(400, format!("`{key}` is `{value}`; expected a number"));
        match key.as_str() {
            "after" => after = value.parse().map_err(wrong)?,
            "limit" => limit = value.parse().map_err(wrong)?,
            "status" => status = Some(value.parse().map_err(wrong)?),
            "operation" => operation = Some(value),
            "watch" => shared.watch(),
            _ => {
                let message = format!("unknown parameter `{key}`; expected after, limit, operation, status or watch");
                return Err(Refusal::new(400, message));
            }
        }
    }
    let (last, forgotten) = {
        let journal = lock(&shared.journal);
        (journal.last(), journal.forgotten())
    };
    let mut calls = shared.calls(after);
    if let Some(operation) = operation {
        calls = calls.operation(operation);
    }
    if let Some(status) = status {
        calls = calls.status(status);
    }
    let calls = calls.last_calls(limit);
    Ok(Reply::json(
        200,
        &json!({
            "calls": &*calls,
            "last": last,
            "forgotten": forgotten,
            "changes": shared.changes.load(Ordering::Relaxed),
        }),
    ))
}
