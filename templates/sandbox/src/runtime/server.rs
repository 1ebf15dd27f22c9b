//! The HTTP server: connections, and the steps from a request to its response.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};

use super::answer::{Blob, Produced, document, done_document};
use super::body;
use super::call::Call;
use super::clock::Clock;
use super::decode::{self, receive};
use super::failure::Failure;
use super::limiter::Limiter;
use super::operation::{Operation, Outcome, Route, Segment};
use super::route;
use super::service::{Condition, Service as _};
use crate::api::{AUTH, BASE, ROUTES};
use crate::behaviour::App;

/// Maximum number of open connections. Further ones wait.
const CONNECTIONS: usize = 4096;

/// Maximum size of a request body that the spec does not limit, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Time in which a client must send the headers, and then the body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// The state of the server.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The apps, by the values of the parameters in the base path.
    pub(crate) apps: HashMap<Vec<String>, Mutex<Tenant>>,
    /// The clock of all apps.
    pub(crate) clock: Clock,
    /// Whether rate limits apply.
    pub(crate) rate_limits: bool,
    /// The base URL, without a trailing slash.
    pub(crate) origin: String,
}

/// An app and its use of the rate limits.
#[derive(Debug)]
pub(crate) struct Tenant {
    /// The state of the app.
    pub(crate) app: App,
    /// The calls in the current periods.
    pub(crate) limiter: Limiter,
}

impl Shared {
    /// Returns the app with these values in the base path.
    pub(crate) fn tenant(&self, tenant: &[String]) -> Option<MutexGuard<'_, Tenant>> {
        self.apps
            .get(tenant)
            .map(|app| app.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Accepts connections until `stop` completes.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, mut stop: oneshot::Receiver<Infallible>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        tokio::select! {
            _ = &mut stop => return,
            Some(_) = connections.join_next() => {}
            (permit, accepted) = accepted => match accepted {
                Ok((stream, peer)) => {
                    let shared = Arc::clone(&shared);
                    connections.spawn(async move {
                        let _permit = permit;
                        converse(stream, peer, shared).await;
                    });
                }
                // For example, too many open files: wait until some are closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

/// Serves a connection.
async fn converse(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(respond(&shared, request).await) }
    });
    // Small responses must not wait for more data.
    drop(stream.set_nodelay(true));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

/// A request before its body is read.
struct Head {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
}

async fn respond(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let head = Head {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: query
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect(),
        headers: parts.headers,
    };
    let mut exchange = Exchange::new(shared, &head);
    match exchange.run(&head, body).await {
        Ok(response) => response,
        Err(failure) => exchange.error(&failure),
    }
}

/// One request on its way to a response.
struct Exchange<'a> {
    shared: &'a Shared,
    call: CallParts<'a>,
    /// Whether part of the body may be unread, so that the connection cannot be used again.
    unread: bool,
}

/// The parts of a [`Call`].
struct CallParts<'a> {
    operation: Option<&'static Operation>,
    method: &'a str,
    tenant: Vec<String>,
    path: String,
    query: &'a [(String, String)],
    token: Option<&'a str>,
    now: i64,
}

impl<'a> Exchange<'a> {
    fn new(shared: &'a Shared, head: &'a Head) -> Self {
        let segments = segments(&head.path);
        let path: Vec<_> = head.path.split('/').skip(1 + BASE.len()).collect();
        Self {
            shared,
            call: CallParts {
                operation: None,
                method: head.method.as_str(),
                tenant: tenant(&segments).unwrap_or_default(),
                path: format!("/{}", path.join("/")),
                query: &head.query,
                token: token(&head.headers),
                now: shared.clock.now(),
            },
            unread: true,
        }
    }

    fn call(&self) -> Call<'_> {
        let CallParts {
            operation,
            method,
            tenant,
            path,
            query,
            token,
            now,
        } = &self.call;
        Call {
            operation: *operation,
            method,
            origin: &self.shared.origin,
            tenant,
            path,
            query,
            token: *token,
            now: *now,
        }
    }

    async fn run(&mut self, head: &Head, body: Incoming) -> Result<Response<Full<Bytes>>, Failure> {
        let shared = self.shared;
        let mut path = segments(&head.path);
        let path = path.split_off(BASE.len().min(path.len()));
        let tenant = shared.apps.get(&self.call.tenant);
        if tenant.is_none() {
            return Err(general(Condition::UnknownApp, "there is no such app"));
        }
        if path.first().is_some_and(|segment| segment.starts_with('_'))
            && let Some(file) = self.with_app(|tenant, call| tenant.app.linked_file(call))?
        {
            return Ok(file_response(file));
        }
        let (route, parameters) = route::find(ROUTES, &head.method, &path)
            .map_err(|condition| general(condition, &format!("{} {} is not an operation", head.method, head.path)))?;
        let alone = if let [operation] = route.operations {
            Some(*operation)
        } else {
            None
        };
        self.call.operation = alone;
        if route.operations.iter().all(|operation| operation.authenticated) {
            self.with_app(|tenant, call| tenant.app.authenticate(call))??;
        }
        let content = self.read(route, head, body).await?;
        let size = content.len();
        let kinds = route.operations.iter().map(|operation| operation.body);
        let body = body::parse(kinds, &head.headers, content).await;
        let documented = self.call.operation.map_or(&[][..], |operation| operation.errors);
        let body = body
            .map_err(|condition| Failure::new(App::general_error(condition, documented), "the body cannot be read"))?;
        let request = decode::Request {
            parameters,
            query: head.query.clone(),
            headers: head.headers.clone(),
            body,
        };
        let Some(operation) = route::select(route.operations, &request) else {
            return Err(general(Condition::UnknownPath, "there is no such operation"));
        };
        self.call.operation = Some(operation);
        self.perform(operation, request, size)
    }

    /// Reads the body.
    async fn read(&mut self, route: &Route, head: &Head, body: Incoming) -> Result<Bytes, Failure> {
        let limits = route
            .operations
            .iter()
            .map(|operation| operation.max_body.unwrap_or(MAX_BODY));
        let limit = limits.max().unwrap_or(MAX_BODY);
        let too_large = || {
            general(
                Condition::BodyTooLarge,
                &format!("the body is larger than {limit} bytes"),
            )
        };
        let announced = head
            .headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let reading = tokio::time::timeout(READ_TIMEOUT, Limited::new(body, limit).collect()).await;
        let Ok(read) = reading else {
            return Err(general(Condition::MalformedBody, "the body did not arrive in time"));
        };
        match read {
            Ok(content) => {
                self.unread = false;
                Ok(content.to_bytes())
            }
            Err(_) => Err(too_large()),
        }
    }

    /// Checks the request and calls the behaviour.
    fn perform(
        &mut self,
        operation: &'static Operation,
        request: decode::Request,
        size: usize,
    ) -> Result<Response<Full<Bytes>>, Failure> {
        if operation.max_body.is_some_and(|limit| size > limit) {
            return Err(general(Condition::BodyTooLarge, "the body is too large"));
        }
        if operation.authenticated {
            self.with_app(|tenant, call| tenant.app.authenticate(call))??;
        }
        let mut received = receive(operation, request);
        let units = |name: &str| received.as_ref().map_or(1, |received| received.length(name));
        let rate_limits = self.shared.rate_limits;
        let admitted =
            self.with_app(|tenant, call| !rate_limits || tenant.limiter.admit(operation.limits, call.now, units))?;
        if !admitted {
            return Err(general(Condition::TooManyRequests, "the rate limit is exceeded"));
        }
        let received = std::mem::replace(&mut received, Err(general(Condition::MalformedBody, "")))?;
        self.with_app(|tenant, call| {
            let produced = (operation.run)(&mut tenant.app, call, received)?;
            Ok(success(operation, tenant, call, produced))
        })?
    }

    /// Calls a function with the app of this request.
    fn with_app<T>(&self, act: impl FnOnce(&mut Tenant, &Call<'_>) -> T) -> Result<T, Failure> {
        let unknown = || general(Condition::UnknownApp, "there is no such app");
        let mut tenant = self.shared.tenant(&self.call.tenant).ok_or_else(unknown)?;
        Ok(act(&mut tenant, &self.call()))
    }

    fn error(&self, failure: &Failure) -> Response<Full<Bytes>> {
        let body = App::error_body(&self.call(), failure);
        let mut response = json_response(failure.known.status(), &serde_json::to_value(body).unwrap_or_default());
        if self.unread {
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
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

fn general(condition: Condition, message: &str) -> Failure {
    Failure::new(App::general_error(condition, &[]), message)
}

fn success(operation: &Operation, tenant: &Tenant, call: &Call<'_>, produced: Produced) -> Response<Full<Bytes>> {
    let (body, count) = match produced {
        Produced::Bytes(file) => return file_response(file),
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
    json_response(200, &body)
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

fn json_response(status: u16, body: &Value) -> Response<Full<Bytes>> {
    let content = Blob {
        content: body.to_string().into(),
        media_type: "application/json".to_owned(),
    };
    let mut response = file_response(content);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn file_response(file: Blob) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(file.content));
    let media_type = HeaderValue::try_from(file.media_type);
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
