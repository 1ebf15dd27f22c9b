// @if webhooks
//! Delivers webhooks.

use std::collections::VecDeque;
use std::error::Error;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, watch};

use super::deliveries::{RecordedWebhook, WebhookAttempt, WebhookOutcome, Webhooks};
use super::outbox::{Outbox, Outgoing};
use super::recent::Recent;
use super::service::Service as _;
use super::shared::{Shared, lock};
use super::webhook::{EventKind, InvalidWebhook, is_url, signed};
use super::webhook_fault::{Kind, WebhookFaults};
use crate::behaviour::App;

/// Maximum number of webhooks that wait. Further ones are stored.
const WAITING: usize = 10_000;

/// Time after which a webhook that was to arrive after the next one is delivered without another one.
const HOLD: Duration = Duration::from_secs(1);

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
    pub(crate) fn new(url: &str, secret: &str) -> Result<Self, InvalidWebhook> {
        if !is_url(url) {
            let message = format!("`{url}` is not a URL; expected http:// or https:// and a host");
            return Err(InvalidWebhook::new(message));
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
    journal: Mutex<Recent<RecordedWebhook>>,
    failures: Mutex<Failures>,
    /// The faults to come.
    faults: Mutex<WebhookFaults>,
    sender: mpsc::UnboundedSender<Job>,
    /// Taken by the task that delivers.
    queue: Mutex<Option<mpsc::UnboundedReceiver<Job>>>,
    /// The number of webhooks that are not delivered yet.
    waiting: watch::Sender<usize>,
    /// Grows with each reset, after which earlier webhooks are not delivered.
    epoch: AtomicU64,
}

impl Dispatcher {
    /// Creates a dispatcher. Without a receiver, it sends nothing.
    pub(crate) fn new(target: Option<Target>) -> Self {
        let (sender, queue) = mpsc::unbounded_channel();
        Self {
            first_target: target.clone(),
            target: Mutex::new(target),
            journal: Mutex::default(),
            failures: Mutex::default(),
            faults: Mutex::default(),
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

    /// Returns the URL.
    pub(crate) fn url(&self) -> Option<String> {
        lock(&self.target).as_ref().map(|target| target.url.clone())
    }

    /// Returns the number of webhooks that are not delivered yet.
    pub(crate) fn waiting(&self) -> usize {
        *self.waiting.borrow()
    }

    /// Returns the faults to come.
    pub(crate) fn faults(&self) -> &Mutex<WebhookFaults> {
        &self.faults
    }

    /// Returns the last webhooks after the one with this number.
    pub(crate) fn after(&self, number: u64) -> Webhooks {
        lock(&self.journal).after(number).into_iter().collect()
    }

    /// Waits until no webhook waits.
    pub(crate) async fn settled(&self) {
        // The sender lives as long as `self`.
        drop(self.waiting.subscribe().wait_for(|waiting| *waiting == 0).await);
    }

    /// Restores the receiver with which the server started. Removes all webhooks and faults.
    pub(crate) fn reset(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.set_target(self.first_target.clone());
        lock(&self.faults).clear();
        lock(&self.journal).clear();
    }

    fn is_current(&self, job: &Job) -> bool {
        job.epoch == self.epoch.load(Ordering::SeqCst)
    }

    /// Takes the webhooks that a call caused. They are sent later. Without a receiver, only those with a URL of their own are sent.
    pub(crate) fn collect(&self, outbox: &mut Outbox, app: &[String], now: i64) {
        for webhook in outbox.take() {
            if let Some(url) = webhook.url.clone().or_else(|| self.url()) {
                self.enqueue(outbox, webhook, url, app, now);
            }
        }
    }

    fn enqueue(&self, outbox: &mut Outbox, webhook: Outgoing, url: String, app: &[String], now: i64) {
        let Outgoing {
            kind,
            body,
            url: own_url,
            is_stored,
        } = webhook;
        let body = signed(kind, body, &self.secret()).to_string();
        let is_regular = own_url.is_none();
        let number = lock(&self.journal).add(RecordedWebhook {
            number: 0,
            time: now,
            app: app.to_vec(),
            event: kind.key,
            url: url.clone(),
            body: body.clone(),
            fault: None,
            attempts: Vec::new(),
            outcome: WebhookOutcome::Pending,
        });
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
        let is_full = self.waiting() >= WAITING;
        self.waiting.send_modify(|waiting| *waiting += 1);
        let rejected = if is_full {
            Some(job)
        } else {
            self.sender.send(job).err().map(|error| error.0)
        };
        if let Some(job) = rejected {
            self.finish(&job, lose(outbox, &job, now, WebhookOutcome::Stored));
        }
    }

    fn finish(&self, job: &Job, outcome: WebhookOutcome) {
        lock(&self.journal).update(job.number, |webhook| webhook.outcome = outcome);
        self.waiting.send_modify(|waiting| *waiting -= 1);
    }
}

impl Shared {
    /// Sends a webhook with the body of the documented example, in which values are changed, for an app or the first one. Returns its
    /// number.
    pub(crate) fn send_webhook(
        &self,
        app: Option<&[String]>,
        event: &str,
        changes: Value,
    ) -> Result<u64, InvalidWebhook> {
        let kind = EventKind::find(event)?;
        if !changes.is_object() && !changes.is_null() {
            return Err(InvalidWebhook::new("the body is not an object"));
        }
        self.check_target()?;
        let first = self.setups.first().map(|setup| setup.tenant.as_slice());
        let app = app.or(first).unwrap_or_default();
        let unknown = || InvalidWebhook::new(format!("there is no app {}", app.join("/")));
        let mut tenant = self.tenant(app).ok_or_else(unknown)?;
        let id = tenant.app.webhook_id();
        let changes = if changes.is_null() {
            Value::Object(Map::new())
        } else {
            changes
        };
        let now = self.clock.now();
        let body = kind.example(id, now, changes);
        let outbox = tenant.app.outbox();
        outbox.push(kind, body);
        self.webhooks.collect(outbox, app, now);
        self.changed();
        Ok(lock(&self.webhooks.journal).last())
    }

    /// Sends the stored webhooks of all apps whose time is in a span once more. Returns their number.
    pub(crate) fn resend_webhooks(&self, span: &Range<i64>, url: Option<&str>) -> Result<usize, InvalidWebhook> {
        match url {
            Some(url) => drop(Target::new(url, "")?),
            None => self.check_target()?,
        }
        let (mut count, now) = (0, self.clock.now());
        for setup in &self.setups {
            if let Some(mut tenant) = self.tenant(&setup.tenant) {
                let outbox = tenant.app.outbox();
                count += outbox.resend(span, url, now);
                self.webhooks.collect(outbox, &setup.tenant, now);
            }
        }
        self.changed();
        Ok(count)
    }

    fn check_target(&self) -> Result<(), InvalidWebhook> {
        let missing = || InvalidWebhook::new("webhooks have no URL; set one first");
        self.webhooks.url().map(drop).ok_or_else(missing)
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
    let Some(first) = queue.recv().await else { return };
    let Some(client) = connect().await else { return };
    let mut next = Some(first);
    // Webhooks that arrive after the next one.
    let mut held: Vec<Delivery> = Vec::new();
    loop {
        let is_delivered = match next.take() {
            Some(job) => {
                let delivery = Delivery {
                    shared: Arc::clone(&shared),
                    client: client.clone(),
                    job,
                };
                delivery.start(&mut held).await
            }
            None => true,
        };
        if is_delivered {
            while let Some(delivery) = held.pop() {
                delivery.run(1).await;
            }
        }
        next = if held.is_empty() {
            match queue.recv().await {
                None => return,
                job => job,
            }
        } else {
            tokio::time::timeout(HOLD, queue.recv()).await.unwrap_or_default()
        };
    }
}

/// Creates the HTTP client. Reading the certificates of the system takes some milliseconds, in which calls must not wait. Without any
/// certificates, as in a small container, only HTTPS fails.
async fn connect() -> Option<Client> {
    let builder = || Client::builder().no_proxy().redirect(Policy::none());
    let build = move || builder().build().or_else(|_| builder().tls_certs_only([]).build());
    match tokio::task::spawn_blocking(build).await {
        Ok(Ok(client)) => Some(client),
        Ok(Err(error)) => {
            tracing::error!(error = describe(&error), "webhooks cannot be sent");
            None
        }
        Err(_) => None,
    }
}

/// A webhook that is being delivered.
struct Delivery {
    shared: Arc<Shared>,
    client: Client,
    job: Job,
}

impl Delivery {
    /// Delivers the webhook, unless a fault says that others overtake it. Returns `true` if it was delivered.
    async fn start(self, held: &mut Vec<Self>) -> bool {
        let fault = lock(&self.shared.webhooks.faults).take(self.job.kind.key);
        let Some(fault) = fault else {
            self.run(1).await;
            return true;
        };
        self.note(fault.kind());
        match fault.kind() {
            Kind::Delay => {
                tokio::spawn(async move {
                    tokio::time::sleep(fault.wait()).await;
                    self.run(1).await;
                });
                false
            }
            Kind::Reorder => {
                held.push(self);
                false
            }
            Kind::Duplicate | Kind::Reject => {
                self.run(2).await;
                true
            }
        }
    }

    /// Notes in the journal that the webhook met a fault.
    fn note(&self, fault: Kind) {
        let mut journal = lock(&self.shared.webhooks.journal);
        journal.update(self.job.number, |webhook| webhook.fault = Some(fault.as_str()));
    }

    /// Delivers the webhook so many times.
    async fn run(self, times: usize) {
        let webhooks = &self.shared.webhooks;
        let mut outcome = WebhookOutcome::Failed;
        for _ in 0..times {
            if webhooks.is_current(&self.job) {
                outcome = self.deliver().await;
            }
        }
        webhooks.finish(&self.job, outcome);
    }

    /// Tries to deliver the webhook, and stores it if that fails.
    async fn deliver(&self) -> WebhookOutcome {
        let webhooks = &self.shared.webhooks;
        let banned = self.job.is_regular && self.shared.clock.now() < lock(&webhooks.failures).banned_until;
        if banned {
            return self.lose(WebhookOutcome::Banned);
        }
        let attempts = if self.job.kind.has_response { 1 } else { 2 };
        for _ in 0..attempts {
            let attempt = self.attempt().await;
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
    async fn attempt(&self) -> WebhookAttempt {
        let rules = App::WEBHOOKS;
        let timeout = if self.job.kind.has_response {
            rules.response_timeout
        } else {
            rules.timeout
        };
        if lock(&self.shared.webhooks.faults).rejects(self.job.kind.key) {
            self.note(Kind::Reject);
            return failed("rejected by a fault".to_owned(), Duration::ZERO);
        }
        let started = Instant::now();
        let posted = tokio::time::timeout(timeout, self.post()).await;
        let duration = started.elapsed();
        match posted {
            Err(_) => failed(format!("no response within {} ms", timeout.as_millis()), duration),
            Ok(Err(error)) => failed(describe(&error.without_url()), duration),
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
    async fn post(&self) -> reqwest::Result<(u16, Vec<u8>)> {
        let body = Bytes::copy_from_slice(self.job.body.as_bytes());
        let request = self.client.post(&self.job.url).header(CONTENT_TYPE, "application/json");
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

fn failed(error: String, duration: Duration) -> WebhookAttempt {
    WebhookAttempt {
        status: None,
        error: Some(error),
        response: String::new(),
        duration,
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
