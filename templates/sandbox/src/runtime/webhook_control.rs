// @if webhooks
//! The requests of the control interface about webhooks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::control::{Refusal, one_or_many, parse};
use super::dispatch::Target;
use super::service::Service as _;
use super::shared::{Shared, lock};
use super::webhook::InvalidWebhook;
use super::webhook_fault::WebhookFault;

/// The requests.
pub(crate) const REQUESTS: [(&str, &[&str]); 5] = [
    ("webhooks", &["GET", "POST"]),
    ("webhooks/faults", &["GET", "POST", "DELETE"]),
    ("webhooks/resend", &["POST"]),
    ("webhooks/stored", &["GET"]),
    ("webhooks/target", &["GET", "POST", "DELETE"]),
];

impl From<InvalidWebhook> for Refusal {
    fn from(error: InvalidWebhook) -> Self {
        Self::new(400, error.to_string())
    }
}

/// Responds to a request. `None` if there is no such request.
pub(crate) fn act(
    shared: &Shared,
    (method, path): (&str, &str),
    query: &[(String, String)],
    content: &[u8],
) -> Option<Result<Value, Refusal>> {
    let webhooks = &shared.webhooks;
    let result = match (method, path) {
        ("GET", "webhooks") => list(shared, query),
        ("POST", "webhooks") => send(shared, content),
        ("GET", "webhooks/faults") => Ok(faults(shared)),
        ("POST", "webhooks/faults") => add_faults(shared, content),
        ("DELETE", "webhooks/faults") => {
            lock(webhooks.faults()).clear();
            Ok(faults(shared))
        }
        ("GET", "webhooks/stored") => Ok(stored(shared)),
        ("POST", "webhooks/resend") => resend(shared, content),
        ("GET", "webhooks/target") => Ok(target(shared)),
        ("POST", "webhooks/target") => set_target(shared, content),
        ("DELETE", "webhooks/target") => {
            webhooks.set_target(None);
            Ok(target(shared))
        }
        _ => return None,
    };
    Some(result)
}

fn list(shared: &Shared, query: &[(String, String)]) -> Result<Value, Refusal> {
    let (mut after, mut limit, mut event) = (0, usize::MAX, None);
    for (key, value) in query {
        let wrong = |_| Refusal::new(400, format!("`{key}` is `{value}`; expected a number"));
        match key.as_str() {
            "after" => after = value.parse().map_err(wrong)?,
            "limit" => limit = value.parse().map_err(wrong)?,
            "event" => event = Some(value),
            _ => {
                let message = format!("unknown parameter `{key}`; expected after, event or limit");
                return Err(Refusal::new(400, message));
            }
        }
    }
    let mut webhooks = shared.webhooks.after(after);
    if let Some(event) = event {
        webhooks = webhooks.event(event);
    }
    let first = webhooks.len().saturating_sub(limit);
    Ok(json!({ "webhooks": &webhooks[first..], "pending": shared.webhooks.waiting() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    event: String,
    #[serde(default)]
    body: Value,
    app: Option<Vec<String>>,
}

fn send(shared: &Shared, content: &[u8]) -> Result<Value, Refusal> {
    let Sent { event, body, app } = parse(content, "{\"event\": \"KEY\", \"body\": {\"KEY\": \"VALUE\"}}")?;
    let number = shared.send_webhook(app.as_deref(), &event, body)?;
    Ok(json!({ "number": number }))
}

fn faults(shared: &Shared) -> Value {
    json!({ "faults": lock(shared.webhooks.faults()).pending() })
}

fn add_faults(shared: &Shared, content: &[u8]) -> Result<Value, Refusal> {
    let added: Vec<WebhookFault> = one_or_many(content, "{\"fault\": \"reject\", \"times\": 2}")?;
    for fault in added {
        lock(shared.webhooks.faults()).add(fault)?;
    }
    Ok(faults(shared))
}

fn stored(shared: &Shared) -> Value {
    let now = shared.clock.now();
    let apps = shared.setups.iter().filter_map(|setup| {
        let mut tenant = shared.tenant(&setup.tenant)?;
        let webhooks: Vec<_> = tenant.app.outbox().stored(now).collect();
        Some(json!({ "app": setup.tenant, "webhooks": webhooks }))
    });
    json!({ "apps": apps.collect::<Vec<_>>() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    url: Option<String>,
}

fn resend(shared: &Shared, content: &[u8]) -> Result<Value, Refusal> {
    let example = "{\"from_ms\": 1718409600000, \"to_ms\": 1718410200000}";
    let Span { from_ms, to_ms, url } = parse(content, example)?;
    let span = from_ms.unwrap_or(i64::MIN)..to_ms.unwrap_or(i64::MAX);
    let count = shared.resend_webhooks(&span, url.as_deref())?;
    Ok(json!({ "resent": count }))
}

fn target(shared: &Shared) -> Value {
    json!({ "url": shared.webhooks.url(), "secret": shared.webhooks.secret() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTarget {
    url: String,
    secret: Option<String>,
}

fn set_target(shared: &Shared, content: &[u8]) -> Result<Value, Refusal> {
    let NewTarget { url, secret } = parse(content, "{\"url\": \"http://127.0.0.1:8080/\", \"secret\": \"SECRET\"}")?;
    let secret = secret.unwrap_or_else(|| shared.webhooks.secret());
    shared.webhooks.set_target(Some(Target::new(&url, &secret)?));
    Ok(target(shared))
}
// @end
