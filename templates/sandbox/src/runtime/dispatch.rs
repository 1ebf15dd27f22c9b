// @if webhooks
//! Delivers webhooks.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::sync::{mpsc, watch};

use super::deliveries::{Deliveries, RecordedWebhook, WebhookAttempt, WebhookOutcome};
use super::outbox::{Outbox, Outgoing};
use super::service::Service as _;
use super::settings::InvalidSetting;
use super::shared::{Shared, lock};
use super::webhook::{EventKind, signed};
use crate::behaviour::App;

/// Maximum number of webhooks that wait. Further ones are stored.
const QUEUE: usize = 10_000;

/// Maximum number of bytes of a response that are read.
const RESPONSE: usize = 8 * 1024;

/// The receiver of webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    url: String,
    secret: String,
}

impl Target {
    /// Creates a receiver.
    pub(crate) fn new(url: &str, secret: &str) -> Result<Self, InvalidSetting> {
        let is_valid = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_valid {
            return Err(InvalidSetting::new(format!(
                "`{url}` is not a URL; expected http:// or https:// and a host"
            )));
        }
        Ok(Self {
            url: url.to_owned(),
            secret: secret.to_owned(),
        })
    }
}

/// A webhook that waits to be delivered.
#[derive(Debug)]
struct Job {
    number: u64,
    epoch: u64,
    app: Vec<String>,
    kind: &'static EventKind,
    body: String,
    url: String,
    /// `true` if it goes to the configured URL.
    is_regular: bool,
    is_stored: bool,
}

/// The failures of the last attempts.
#[derive(Debug, Default)]
struct Failures {
    /// The times of the failures that count, oldest first.
    times: VecDeque<i64>,
    /// No webhook is sent before this time.
    banned_until: i64,
}

impl Failures {
    fn add(&mut self, now: i64) {
        let rules = App::WEBHOOKS;
        let oldest = now.saturating_sub(milliseconds(rules.period));
        self.times.retain(|time| *time > oldest);
        self.times.push_back(now);
        if self.times.len() >= rules.max_failures {
            self.times.clear();
            self.banned_until = now.saturating_add(milliseconds(rules.pause));
        }
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Sends the webhooks of all apps, one after the other.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    /// The receiver with which the server starts.
    first_target: Option<Target>,
    target: Mutex<Option<Target>>,
    journal: Mutex<Deliveries>,
    failures: Mutex<Failures>,
    sender: mpsc::Sender<Job>,
    /// Taken by the task that delivers.
    queue: Mutex<Option<mpsc::Receiver<Job>>>,
    /// The number of webhooks that are not delivered yet.
    waiting: watch::Sender<usize>,
    /// Grows with each reset, after which earlier webhooks are not delivered.
    epoch: AtomicU64,
}

impl Dispatcher {
    /// Creates a dispatcher. Without a receiver, it sends nothing.
    pub(crate) fn new(target: Option<Target>) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        Self {
            first_target: target.clone(),
            target: Mutex::new(target),
            journal: Mutex::default(),
            failures: Mutex::default(),
            sender,
            queue: Mutex::new(Some(queue)),
            waiting: watch::Sender::new(0),
            epoch: AtomicU64::new(0),
        }
    }

    /// Returns `true` if there is a receiver.
    pub(crate) fn is_on(&self) -> bool {
        lock(&self.target).is_some()
    }

    /// Sets the receiver of the next webhooks.
    pub(crate) fn set_target(&self, target: Option<Target>) {
        *lock(&self.target) = target;
        *lock(&self.failures) = Failures::default();
    }

    /// Returns the secret.
    pub(crate) fn secret(&self) -> String {
        let target = lock(&self.target);
        target
            .as_ref()
            .map_or_else(|| App::WEBHOOKS.secret.to_owned(), |target| target.secret.clone())
    }

    /// Returns the webhooks.
    pub(crate) fn journal(&self) -> &Mutex<Deliveries> {
        &self.journal
    }

    /// Waits until no webhook waits.
    pub(crate) async fn settled(&self) {
        // The sender lives as long as `self`.
        drop(self.waiting.subscribe().wait_for(|waiting| *waiting == 0).await);
    }

    /// Restores the receiver with which the server started, and forgets all webhooks.
    pub(crate) fn reset(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.set_target(self.first_target.clone());
        lock(&self.journal).clear();
    }

    fn is_current(&self, job: &Job) -> bool {
        job.epoch == self.epoch.load(Ordering::SeqCst)
    }

    /// Takes the webhooks that a call caused. They are sent later.
    pub(crate) fn collect(&self, outbox: &mut Outbox, app: &[String], now: i64) {
        let outgoing = outbox.take();
        if outgoing.is_empty() {
            return;
        }
        if let Some(target) = lock(&self.target).clone() {
            for webhook in outgoing {
                self.enqueue(outbox, webhook, &target, app, now);
            }
        }
    }

    fn enqueue(&self, outbox: &mut Outbox, webhook: Outgoing, target: &Target, app: &[String], now: i64) {
        let Outgoing {
            kind,
            body,
            url,
            is_stored,
        } = webhook;
        let body = signed(kind, body, &target.secret).to_string();
        let is_regular = url.is_none();
        let url = url.unwrap_or_else(|| target.url.clone());
        let number = lock(&self.journal).add(RecordedWebhook {
            number: 0,
            time: now,
            app: app.to_vec(),
            event: kind.key,
            url: url.clone(),
            body: body.clone(),
            attempts: Vec::new(),
            outcome: WebhookOutcome::Pending,
        });
        self.waiting.send_modify(|waiting| *waiting += 1);
        let job = Job {
            number,
            epoch: self.epoch.load(Ordering::SeqCst),
            app: app.to_vec(),
            kind,
            body,
            url,
            is_regular,
            is_stored,
        };
        if let Err(error) = self.sender.try_send(job) {
            let (mpsc::error::TrySendError::Full(job) | mpsc::error::TrySendError::Closed(job)) = error;
            self.finish(&job, lose(outbox, &job, now, WebhookOutcome::Stored));
        }
    }

    fn finish(&self, job: &Job, outcome: WebhookOutcome) {
        lock(&self.journal).update(job.number, |webhook| webhook.outcome = outcome);
        self.waiting.send_modify(|waiting| *waiting -= 1);
    }
}

/// Stores a webhook that cannot be delivered, if it is not stored and has no response that the server reads. Returns the outcome.
fn lose(outbox: &mut Outbox, job: &Job, now: i64, stored: WebhookOutcome) -> WebhookOutcome {
    if job.is_stored || job.kind.has_response {
        return WebhookOutcome::Failed;
    }
    outbox.store(job.kind.key, job.body.clone(), now);
    stored
}

/// Delivers webhooks until the server stops.
pub(crate) async fn deliver(shared: Arc<Shared>) {
    let queue = lock(&shared.webhooks.queue).take();
    let Some(mut queue) = queue else { return };
    let mut client = None;
    while let Some(job) = queue.recv().await {
        if client.is_none() {
            client = connect().await;
        }
        let Some(client) = &client else { return };
        Delivery { shared: &shared, job }.run(client).await;
    }
}

/// Creates the HTTP client. Reading the certificates of the system takes some milliseconds, in which calls must not wait.
async fn connect() -> Option<Client> {
    let build = || Client::builder().no_proxy().redirect(Policy::none()).build();
    match tokio::task::spawn_blocking(build).await {
        Ok(Ok(client)) => Some(client),
        Ok(Err(error)) => {
            tracing::error!(%error, "webhooks cannot be sent");
            None
        }
        Err(_) => None,
    }
}

/// A webhook that is being delivered.
struct Delivery<'a> {
    shared: &'a Shared,
    job: Job,
}

impl Delivery<'_> {
    async fn run(self, client: &Client) {
        let webhooks = &self.shared.webhooks;
        let outcome = if webhooks.is_current(&self.job) {
            self.attempts(client).await
        } else {
            WebhookOutcome::Failed
        };
        webhooks.finish(&self.job, outcome);
    }

    /// Tries to deliver the webhook, and stores it if that fails.
    async fn attempts(&self, client: &Client) -> WebhookOutcome {
        let webhooks = &self.shared.webhooks;
        let banned = self.job.is_regular && self.shared.clock.now() < lock(&webhooks.failures).banned_until;
        if banned {
            return self.lose(WebhookOutcome::Banned);
        }
        let attempts = if self.job.kind.has_response { 1 } else { 2 };
        for _ in 0..attempts {
            let attempt = self.attempt(client).await;
            let is_success = attempt.is_success();
            lock(&webhooks.journal).update(self.job.number, |webhook| webhook.attempts.push(attempt));
            if is_success {
                return WebhookOutcome::Delivered;
            }
            if self.job.is_regular {
                lock(&webhooks.failures).add(self.shared.clock.now());
            }
        }
        self.lose(WebhookOutcome::Stored)
    }

    fn lose(&self, stored: WebhookOutcome) -> WebhookOutcome {
        let Some(mut tenant) = self.shared.tenant(&self.job.app) else {
            return WebhookOutcome::Failed;
        };
        // The app is locked, so that no reset can happen in between.
        if !self.shared.webhooks.is_current(&self.job) {
            return WebhookOutcome::Failed;
        }
        let outcome = lose(tenant.app.outbox(), &self.job, self.shared.clock.now(), stored);
        self.shared.changed();
        outcome
    }

    /// Tries to deliver the webhook once.
    async fn attempt(&self, client: &Client) -> WebhookAttempt {
        let rules = App::WEBHOOKS;
        let timeout = if self.job.kind.has_response {
            rules.response_timeout
        } else {
            rules.timeout
        };
        let started = Instant::now();
        let posted = tokio::time::timeout(timeout, self.post(client)).await;
        let duration = started.elapsed();
        let failed = |error: String| WebhookAttempt {
            status: None,
            error: Some(error),
            response: String::new(),
            duration,
        };
        match posted {
            Err(_) => failed(format!("no response within {} ms", timeout.as_millis())),
            Ok(Err(error)) => failed(describe(&error.without_url())),
            Ok(Ok((status, content))) => {
                let response = String::from_utf8_lossy(&content).into_owned();
                let is_long = response.chars().count() > rules.max_response;
                let error = is_long.then(|| format!("the response has more than {} characters", rules.max_response));
                WebhookAttempt {
                    status: Some(status),
                    error,
                    response,
                    duration,
                }
            }
        }
    }

    /// Posts the webhook. Returns the status and the start of the body.
    async fn post(&self, client: &Client) -> reqwest::Result<(u16, Vec<u8>)> {
        let body = Bytes::copy_from_slice(self.job.body.as_bytes());
        let request = client.post(&self.job.url).header(CONTENT_TYPE, "application/json");
        let mut response = request.body(body).send().await?;
        let mut content = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            content.extend_from_slice(&chunk);
            if content.len() >= RESPONSE {
                content.truncate(RESPONSE);
                break;
            }
        }
        Ok((response.status().as_u16(), content))
    }
}

/// Returns an error with its causes.
fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
// @end
