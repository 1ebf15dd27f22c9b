//! From a request to its response.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use tokio::sync::SemaphorePermit;

use super::answer::{Produced, document, done_document};
use super::body::{self, Body, Unread};
use super::call::Call;
use super::changes::{self, RecordedChange};
use super::decode::{self, Received};
use super::failure::Failure;
use super::fault::{Fault, Kind};
use super::journal::{Entry, Payload};
use super::operation::{Operation, Outcome, Route, Segment};
use super::reply::{Content, Dropped, Reply};
use super::route;
use super::service::{Condition, Service};
use super::shared::{Shared, Tenant, lock};
use crate::api::{AUTH, BASE, ROUTES};
use crate::behaviour::App;

/// Maximum size of a request body that the spec does not limit, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Maximum number of bytes of a rejected request that are read, so that the client gets the response.
const MAX_DISCARDED: usize = 256 * 1024 * 1024;

/// Time to read the rest of a rejected request.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(10);

/// A request before its body is read.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
}

impl Head {
    /// Splits a request.
    pub(crate) fn split(request: Request<Incoming>) -> (Self, Incoming) {
        let (parts, body) = request.into_parts();
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let head = Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: query
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
            headers: parts.headers,
        };
        (head, body)
    }

    /// Returns a header; empty if it is absent or not text.
    pub(crate) fn header(&self, name: HeaderName) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// Returns `true` if the body is larger than a limit, if its size is known.
    pub(crate) fn exceeds(&self, limit: usize) -> bool {
        let announced = self.header(CONTENT_LENGTH).parse::<u64>();
        announced.is_ok_and(|length| length > limit as u64)
    }
}

/// Responds to a call.
///
/// # Errors
///
/// Fails if a fault closes the connection.
pub(crate) async fn respond(shared: &Shared, head: &Head, body: &mut Incoming) -> Result<Response<Content>, Dropped> {
    let started = Instant::now();
    let mut exchange = Exchange::new(shared, head);
    let mut reply = match exchange.run(body).await {
        Ok(reply) => reply,
        Err(failure) => exchange.error(&failure),
    };
    let is_read = !exchange.stalled && discard(head, body).await;
    if !is_read {
        let close = HeaderValue::from_static("close");
        reply.headers.insert(CONNECTION, close);
    }
    exchange.record(&reply, started.elapsed());
    match exchange.fault {
        Some(Kind::Drop) => Err(Dropped),
        Some(Kind::Silence) => std::future::pending().await,
        Some(Kind::Truncate) => Ok(reply.truncated()),
        _ => Ok(reply.complete()),
    }
}

/// Responds to a request on a connection beyond the maximum.
pub(crate) async fn turn_away(shared: &Shared, head: &Head, body: &mut Incoming) -> Reply {
    let started = Instant::now();
    let exchange = Exchange::new(shared, head);
    let mut reply = exchange.error(&too_many_connections());
    discard(head, body).await;
    reply.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    exchange.record(&reply, started.elapsed());
    reply
}

/// Returns the response to a request whose headers did not arrive in time, as it is on the wire.
pub(crate) fn late(shared: &Shared, is_excess: bool) -> Vec<u8> {
    let failure = if is_excess {
        too_many_connections()
    } else {
        general(Condition::MalformedBody, "the headers did not arrive in time")
    };
    Exchange::new(shared, &Head::default()).error(&failure).last()
}

/// Reads the rest of a body. Returns `false` if that takes too long. A connection that is closed before everything was read can
/// lose the response.
pub(crate) async fn discard(head: &Head, body: &mut Incoming) -> bool {
    if body.is_end_stream() {
        return true;
    }
    // The client only sends the body if it is read.
    if head.headers.contains_key(EXPECT) || head.exceeds(MAX_DISCARDED) {
        return false;
    }
    let rest = async {
        let mut size = 0;
        while let Some(frame) = body.frame().await {
            size += frame.ok()?.data_ref().map_or(0, Bytes::len);
            if size > MAX_DISCARDED {
                return None;
            }
        }
        Some(())
    };
    matches!(tokio::time::timeout(DISCARD_TIMEOUT, rest).await, Ok(Some(())))
}

/// One request on its way to a response.
struct Exchange<'a> {
    shared: &'a Shared,
    head: &'a Head,
    operation: Option<&'static Operation>,
    /// The values of the parameters in the base path.
    tenant: Vec<String>,
    /// The decoded segments of the path below the base path.
    segments: Vec<String>,
    /// The path below the base path, as it was received.
    path: String,
    /// The base URL of the server, under which the client reached it.
    origin: Cow<'a, str>,
    token: Option<&'a str>,
    now: i64,
    settings: Arc<<App as Service>::Settings>,
    /// The body of the request.
    received: Bytes,
    /// Counts the body towards those that the server is receiving.
    held: Option<SemaphorePermit<'a>>,
    /// Whether the body did not arrive in time.
    stalled: bool,
    /// The fault that the call met.
    fault: Option<Kind>,
    /// The changes that the call made.
    changes: OnceLock<Vec<RecordedChange>>,
}

impl<'a> Exchange<'a> {
    fn new(shared: &'a Shared, head: &'a Head) -> Self {
        let mut base = segments(&head.path);
        let segments = base.split_off(BASE.len().min(base.len()));
        let path: Vec<_> = head.path.split('/').skip(1 + BASE.len()).collect();
        Self {
            shared,
            head,
            operation: None,
            tenant: tenant(&base).unwrap_or_default(),
            segments,
            path: format!("/{}", path.join("/")),
            origin: origin(shared, head),
            token: token(&head.headers),
            now: shared.clock.now(),
            settings: Arc::clone(&lock(&shared.settings)),
            received: Bytes::new(),
            held: None,
            stalled: false,
            fault: None,
            changes: OnceLock::new(),
        }
    }

    fn call(&self) -> Call<'_> {
        Call {
            operation: self.operation,
            method: self.head.method.as_str(),
            origin: &self.origin,
            tenant: &self.tenant,
            path: &self.path,
            query: &self.head.query,
            token: self.token,
            now: self.now,
            settings: &self.settings,
        }
    }

    async fn run(&mut self, body: &mut Incoming) -> Result<Reply, Failure> {
        let head = self.head;
        let unknown = || general(Condition::UnknownApp, "there is no such app");
        let app = self.shared.apps.get(&self.tenant).ok_or_else(unknown)?;
        if self.segments.first().is_some_and(|segment| segment.starts_with('_'))
            && let Some(file) = lock(app).app.linked_file(&self.call())
        {
            return Ok(Reply::file(file));
        }
        let (route, parameters) = route::find(ROUTES, &head.method, &self.segments)
            .map_err(|condition| general(condition, &format!("{} {} is not an operation", head.method, head.path)))?;
        if let [operation] = route.operations {
            self.operation = Some(*operation);
        }
        let always_authenticated = route.operations.iter().all(|operation| operation.authenticated);
        if always_authenticated {
            lock(app).app.authenticate(&self.call())?;
        }
        let body = self.receive(route, body).await;
        // An unreadable body is reported after the rate limit, which needs the operation.
        let (body, unreadable) = match body {
            Ok(body) => (body, None),
            Err(failure) => (Body::None, Some(failure)),
        };
        let request = decode::Request {
            parameters,
            query: &head.query,
            headers: &head.headers,
            body,
        };
        let Some(operation) = route::select(route.operations, &request) else {
            return Err(general(Condition::UnknownPath, "there is no such operation"));
        };
        if unreadable.is_none() {
            self.operation = Some(operation);
        }
        if operation.authenticated && !always_authenticated {
            lock(app).app.authenticate(&self.call())?;
        }
        let received = match unreadable {
            None => self.check(operation, request),
            Some(failure) => Err(failure),
        };
        let fault = lock(&self.shared.faults).take(operation.id);
        match fault {
            None => self.perform(app, operation, received),
            Some(fault) => self.fail(&fault, app, operation, received).await,
        }
    }

    /// Reads and parses the body.
    async fn receive(&mut self, route: &Route, body: &mut Incoming) -> Result<Body, Failure> {
        self.received = self.read(route, body).await?;
        let kinds = route.operations.iter().map(|operation| operation.body);
        let body = body::parse(kinds, &self.head.headers, self.received.clone()).await;
        let documented = self.operation.map_or(&[][..], |operation| operation.errors);
        body.map_err(|condition| Failure::new(App::general_error(condition, documented), "the body cannot be read"))
    }

    /// Reads the body.
    async fn read(&mut self, route: &Route, body: &mut Incoming) -> Result<Bytes, Failure> {
        let limits = route
            .operations
            .iter()
            .map(|operation| operation.max_body.unwrap_or(MAX_BODY));
        let limit = limits.max().unwrap_or(MAX_BODY);
        let too_large = || {
            let message = format!("the body is larger than {limit} bytes");
            general(Condition::BodyTooLarge, &message)
        };
        if self.head.exceeds(limit) {
            return Err(too_large());
        }
        let reading = body::read(&self.shared.receiving, body, limit);
        match tokio::time::timeout(self.shared.read_timeout, reading).await {
            Ok(Ok((content, held))) => {
                self.held = held;
                Ok(content)
            }
            Ok(Err(Unread::TooLarge)) => Err(too_large()),
            Ok(Err(Unread::Busy)) => {
                let message = "the server is receiving too many other bodies";
                Err(general(Condition::TooManyRequests, message))
            }
            Ok(Err(Unread::Incomplete)) => Err(self.stall("the body is incomplete")),
            Err(_) => Err(self.stall("the body did not arrive in time")),
        }
    }

    fn stall(&mut self, message: &str) -> Failure {
        self.stalled = true;
        general(Condition::MalformedBody, message)
    }

    /// Responds to a call that meets a fault.
    async fn fail(
        &mut self,
        fault: &Fault,
        app: &Mutex<Tenant>,
        operation: &'static Operation,
        received: Result<Received, Failure>,
    ) -> Result<Reply, Failure> {
        let kind = fault.kind();
        self.fault = Some(kind);
        tokio::time::sleep(fault.wait()).await;
        let performed = fault.performs().then(|| self.perform(app, operation, received));
        match (kind, performed) {
            (Kind::Truncate | Kind::Delay, Some(performed)) => performed,
            (Kind::Garbage, _) => Ok(Reply::text(200, "application/json", "<html>This is not JSON.</html>")),
            _ => match fault.response(operation) {
                (_, Some(known)) => Err(Failure::new(known, "simulated by a fault")),
                (status, None) => {
                    let status_line = StatusCode::from_u16(status).unwrap_or_default();
                    Ok(Reply::text(status, "text/plain", format!("{status_line}\n")))
                }
            },
        }
    }

    /// Checks the values of the request.
    fn check(&self, operation: &'static Operation, request: decode::Request<'_>) -> Result<Received, Failure> {
        if operation.max_body.is_some_and(|limit| self.received.len() > limit) {
            return Err(general(Condition::BodyTooLarge, "the body is too large"));
        }
        decode::receive(operation, request)
    }

    /// Checks the rate limit, and calls the behaviour if the request is valid.
    fn perform(
        &self,
        app: &Mutex<Tenant>,
        operation: &'static Operation,
        received: Result<Received, Failure>,
    ) -> Result<Reply, Failure> {
        let call = self.call();
        let mut tenant = lock(app);
        // Requests that fail the checks count, too.
        let units = |name: &str| received.as_ref().map_or(1, |received| received.length(name));
        if self.shared.rate_limits && !tenant.limiter.admit(operation.limits, call.now, units) {
            return Err(general(Condition::TooManyRequests, "the rate limit is exceeded"));
        }
        let received = received?;
        let before = self.shared.is_watched().then(|| tenant.app.overview());
        self.shared.changed();
        // @if webhooks
        let time = self.shared.webhooks.is_on().then_some(call.now);
        tenant.app.outbox().begin(time);
        // @end
        let produced = (operation.run)(&mut tenant.app, &call, received);
        // @if webhooks
        let outbox = tenant.app.outbox();
        self.shared.webhooks.collect(outbox, &self.tenant, call.now);
        // @end
        if let Some(before) = before {
            self.changes
                .get_or_init(|| changes::between(&before, &tenant.app.overview()));
        }
        let produced = produced?;
        Ok(success(operation, &tenant, &call, produced))
    }

    fn error(&self, failure: &Failure) -> Reply {
        let body = App::error_body(&self.call(), failure);
        let mut reply = Reply::json(failure.known.status(), &serde_json::to_value(body).unwrap_or_default());
        reply.error = Some(failure.known.code());
        reply
    }

    /// Adds the call to the journal.
    fn record(&self, reply: &Reply, duration: Duration) {
        let (head, operation) = (self.head, self.operation);
        let has_response = !matches!(self.fault, Some(Kind::Drop | Kind::Silence));
        let content = if has_response {
            reply.content.clone()
        } else {
            Bytes::new()
        };
        let max_body = self.shared.recorded_body;
        lock(&self.shared.journal).add(Entry {
            number: 0,
            time: self.now,
            app: self.tenant.clone(),
            operation,
            method: head.method.to_string(),
            path: head.path.clone(),
            query: head.query.clone(),
            status: has_response.then_some(reply.status.as_u16()),
            error: reply.error.filter(|_| has_response),
            fault: self.fault.map(Kind::as_str),
            request: Payload::new(head.header(CONTENT_TYPE), &self.received, operation, max_body),
            response: Payload::new(reply.media_type(), &content, operation, max_body),
            changes: self.changes.get().cloned().unwrap_or_default(),
            duration,
        });
    }
}

/// Returns the decoded segments of a path.
fn segments(path: &str) -> Vec<String> {
    let segments = path.split('/').skip(1);
    segments
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect()
}

/// Returns the values of the parameters in the base path.
fn tenant(segments: &[String]) -> Option<Vec<String>> {
    let base = BASE
        .iter()
        .enumerate()
        .map(|(index, segment)| (segment, segments.get(index)));
    let values = base.filter_map(|(segment, text)| match (segment, text) {
        (Segment::Param(_), Some(text)) => Some(Some(text.clone())),
        (Segment::Literal(literal), Some(text)) if literal == text => None,
        _ => Some(None),
    });
    values.collect()
}

/// Returns the token of a request.
fn token(headers: &HeaderMap) -> Option<&str> {
    let (name, prefix) = AUTH?;
    let name = if name.eq_ignore_ascii_case("authorization") {
        AUTHORIZATION
    } else {
        HeaderName::from_bytes(name.as_bytes()).ok()?
    };
    headers.get(name)?.to_str().ok()?.strip_prefix(prefix)
}

/// Returns the base URL of the server, with the host that the request names: a server in a container does not know under which
/// address its clients reach it.
fn origin<'a>(shared: &'a Shared, head: &Head) -> Cow<'a, str> {
    let host = head.header(HOST);
    if host.is_empty() || shared.origin.strip_prefix("http://") == Some(host) {
        Cow::Borrowed(&shared.origin)
    } else {
        Cow::Owned(format!("http://{host}"))
    }
}

fn too_many_connections() -> Failure {
    general(Condition::TooManyRequests, "too many connections are open")
}

fn general(condition: Condition, message: &str) -> Failure {
    Failure::new(App::general_error(condition, &[]), message)
}

fn success(operation: &Operation, tenant: &Tenant, call: &Call<'_>, produced: Produced) -> Reply {
    let (body, count) = match produced {
        Produced::Bytes(file) => return Reply::text(200, "application/octet-stream", file.content),
        Produced::Done(done) => (done_document(operation, done), None),
        Produced::Value(value, next) => {
            let count = count(operation, &value);
            (document(operation, value, next), count)
        }
    };
    let body = if operation.envelope {
        enveloped(tenant, call, body, count)
    } else {
        body
    };
    Reply::json(200, &body)
}

/// Returns the length of the list in a result.
fn count(operation: &Operation, value: &Value) -> Option<usize> {
    let list = match (&operation.outcome, value) {
        (Outcome::Value(_), value) => value.as_array(),
        (Outcome::Parts(parts), value) => value.get(parts.first()?.name)?.as_array(),
        _ => None,
    };
    list.map(Vec::len)
}

/// Adds the envelope to a result. The result wins if both have a key.
fn enveloped(tenant: &Tenant, call: &Call<'_>, body: Value, count: Option<usize>) -> Value {
    let envelope = tenant.app.envelope(call, count);
    let mut all = match serde_json::to_value(envelope) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    if let Value::Object(fields) = body {
        for (key, value) in fields {
            merge(all.entry(key).or_insert(Value::Null), value);
        }
    }
    Value::Object(all)
}

fn merge(into: &mut Value, value: Value) {
    match (into, value) {
        (Value::Object(fields), Value::Object(values)) => {
            for (key, value) in values {
                merge(fields.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, value) => *into = value,
    }
}
