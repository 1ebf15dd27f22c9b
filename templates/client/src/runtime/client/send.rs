//! Sending of encoded requests, independent of the operation.

use std::future::ready;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http::header::{CONTENT_LENGTH, HeaderValue, USER_AGENT};
use http::uri::Authority;
use http::{HeaderMap, Response, StatusCode, Uri};
use http_body::Body as _;
use tokio::time::{Instant, sleep};
#[cfg(feature = "tracing")]
use tracing::Span;

use super::builder::Settings;
use super::hosts::{Hosts, Visit};
#[cfg(feature = "rate-limit")]
use super::limiter::Limiter;
use super::options::CallOptions;
use super::received::Received;
use super::retry::Budget;
use super::timeout::Timeouts;
use super::token::Tokens;
#[cfg(feature = "tracing")]
use super::trace::{self, Watch};
use super::transport::{Body, Transport, TransportFuture};
use super::upload::{MultipartBody, multipart_body};
use super::{Boxed, Client};
use crate::api::API;
use crate::runtime::error::{Attempts, Error, ErrorKind};
use crate::runtime::operation::{OperationInfo, RawResponse};
use crate::runtime::request::Request;

/// State shared by all clones of a client.
pub(super) struct Core {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) hosts: Hosts,
    pub(super) tokens: Arc<Tokens>,
    pub(super) settings: Settings,
    pub(super) budget: Budget,
    #[cfg(feature = "rate-limit")]
    pub(super) limiter: Option<Limiter>,
}

/// A call in progress: one request, and all attempts to send it.
struct Call<'r> {
    core: &'r Core,
    request: &'r Request,
    options: &'r CallOptions,
    /// Timeouts of the current attempt.
    timeouts: Timeouts,
    /// `true` if the request carries the client's token.
    with_token: bool,
    /// A place for the body of the response, if it is left for the caller to read.
    body: Option<&'r mut Option<Body>>,
    /// How often the request was sent.
    attempts: Attempts,
    /// The span of the call, if it is recorded.
    #[cfg(feature = "tracing")]
    span: Option<Box<Span>>,
}

/// Sends a request and reads the response. The body of a successful one is put into the place for it, if there is one, for the
/// caller to read.
///
/// Here and below, boxed futures are kept small and nested futures few: they are allocated and polled with every request.
/// Rare code paths are boxed separately.
pub(super) fn receive(
    client: Client,
    request: Result<Request, Error>,
    body: Option<&mut Option<Body>>,
) -> Boxed<'_, Received> {
    // Here, since the future would keep the result beside the request.
    let request = match request {
        Ok(request) => request,
        Err(error) => return Box::pin(ready(Err(error))),
    };
    Box::pin(async move {
        let mut call = Call::new(&client, &request, body);
        let mut raw = match call.run().await {
            Ok(raw) => raw,
            Err(error) => return Err(error.after_attempts(call.attempts)),
        };
        raw.attempts = call.attempts;
        Ok(Received {
            raw,
            #[cfg(feature = "tracing")]
            span: call.span,
        })
    })
}

impl<'r> Call<'r> {
    fn new(client: &'r Client, request: &'r Request, body: Option<&'r mut Option<Body>>) -> Self {
        let Client { core, options } = client;
        let timeout = options.timeout_of(request, core.settings.timeout);
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Self {
            core,
            request,
            options,
            timeouts: Timeouts::new(deadline, core.settings.read_timeout),
            with_token: request.info().authenticated && API.auth.is_some() && !options.for_tokens,
            body,
            attempts: Attempts::default(),
            #[cfg(feature = "tracing")]
            span: None,
        }
    }

    /// Waits for work of this client, until the call's deadline.
    async fn wait_for<T>(&mut self, future: Boxed<'_, T>) -> Result<T, Error> {
        let outcome = self.timeouts.wait(future, false).await;
        outcome.map_err(|error| error.of(self.request.info(), None))?
    }

    /// Waits for a token, until the call's deadline. A timeout is reported as a token error, since nothing was sent.
    async fn wait_for_token<T>(&mut self, future: Boxed<'_, T>) -> Result<T, Error> {
        let outcome = self.timeouts.wait(future, false).await;
        outcome.map_err(|error| Error::without_token(error.of(self.request.info(), None), None))?
    }

    /// Makes a call, in a span if one is recorded.
    async fn run(&mut self) -> Result<RawResponse, Error> {
        #[cfg(feature = "tracing")]
        if let Some(watch) = Watch::begin(self.request) {
            return self.run_in_span(watch).boxed().await;
        }
        self.tries().await
    }

    #[cfg(feature = "tracing")]
    async fn run_in_span(&mut self, watch: Watch) -> Result<RawResponse, Error> {
        self.span = Some(Box::new(watch.span.clone()));
        let outcome = tracing::Instrument::instrument(self.tries(), watch.span.clone()).await;
        watch.end(outcome.as_ref().map(RawResponse::status), self.attempts.count);
        outcome
    }

    /// Sends a request, with retries, until there is a response or the policy, the deadline or the budget forbids another
    /// attempt.
    async fn tries(&mut self) -> Result<RawResponse, Error> {
        self.core.budget.deposit();
        let deadline = self.timeouts.deadline;
        let mut failures = 0;
        let mut earlier = None;
        loop {
            let error = match self.attempt().await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            // The error of the earlier attempt is more useful than why there was no other.
            if let (true, Some(earlier)) = (error.is_before_sending(), earlier.take()) {
                return Err(earlier);
            }
            failures += 1;
            let policy = self.options.policy(self.core.settings.retry);
            let Some(pause) = policy.pause(failures, &error, self.request) else {
                return Err(error);
            };
            self.timeouts.deadline = deadline;
            let in_time = deadline.is_none_or(|deadline| deadline - Instant::now() > pause);
            if !in_time || !self.core.budget.withdraw() {
                return Err(error);
            }
            #[cfg(feature = "tracing")]
            trace::retrying(&error, failures, pause);
            sleep(pause).await;
            self.attempts.unclear |= error.may_have_taken_effect();
            earlier = Some(error);
        }
    }

    /// Waits until the rate limit allows an attempt.
    #[cfg(feature = "rate-limit")]
    async fn wait_for_permit(&mut self) -> Result<(), Error> {
        let Some(limiter) = self.core.limiter.as_ref().filter(|_| self.request.link.is_none()) else {
            return Ok(());
        };
        let info = self.request.info();
        let permit = limiter.acquire(info, self.request.elements(), self.timeouts.deadline);
        self.wait_for(Box::pin(permit)).await
    }

    /// Makes an attempt and reads the response.
    async fn attempt(&mut self) -> Result<RawResponse, Error> {
        let (head, mut body) = self.exchange().await?.into_parts();
        let (info, is_success) = (self.request.info(), head.status.is_success());
        let mut whole = Bytes::new();
        match &mut self.body {
            Some(place) if is_success => **place = Some(body),
            _ => {
                // Transfers of files have no timeout, but JSON and error responses to them do.
                let timeout = self.options.timeout.unwrap_or(self.core.settings.timeout);
                self.timeouts.end_within(timeout);
                let limit = self.core.settings.max_response;
                whole = read_body(info, &mut body, &self.timeouts, limit, !is_success).await?;
            }
        }
        if !is_success {
            return Err(Error::from_response(info, head.status, head.headers, whole));
        }
        let raw = RawResponse::of(info, head.status, head.headers, whole);
        match raw.encoding().as_deref() {
            None => Ok(raw),
            // A file of records may be compressed.
            Some("gzip" | "x-gzip") if self.body.is_some() && self.request.link.is_some() => Ok(raw),
            Some(encoding) => Err(Error::encoded(raw, encoding)),
        }
    }

    /// Sends a request with the token. If the server rejects the token, obtains a new one and sends the request once more.
    async fn exchange(&mut self) -> Result<Response<Body>, Error> {
        let token = match self.core.tokens.ready(Instant::now()) {
            _ if !self.with_token => None,
            // The usual case after the first call.
            Some(token) => Some(token),
            None => self.wait_for_token(self.core.tokens.get(None)).await?,
        };
        // Only now: calls that waited for the token would otherwise use their permits in one burst.
        #[cfg(feature = "rate-limit")]
        self.wait_for_permit().await?;
        let response = self.dispatch(token.as_ref()).await?;
        match token {
            Some(token) if response.status() == StatusCode::UNAUTHORIZED => {
                self.send_with_new_token(token, response).boxed().await
            }
            _ => Ok(response),
        }
    }

    /// Sends a request once more, with a new token in place of a rejected one.
    async fn send_with_new_token(
        &mut self,
        rejected: HeaderValue,
        error_response: Response<Body>,
    ) -> Result<Response<Body>, Error> {
        if !self.request.is_replayable() {
            self.core.tokens.forget(&rejected);
            return Ok(error_response);
        }
        let Some(token) = self.wait_for_token(self.core.tokens.get(Some(&rejected))).await? else {
            return Ok(error_response);
        };
        #[cfg(feature = "rate-limit")]
        self.wait_for_permit().await?;
        let response = self.dispatch(Some(&token)).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            self.core.tokens.pause();
        }
        Ok(response)
    }

    /// Sends a request to the current host, or to the next ones if no connection can be made: then nothing was sent.
    async fn dispatch(&mut self, token: Option<&HeaderValue>) -> Result<Response<Body>, Error> {
        let request = self.request;
        // Links are absolute, whichever host is in use.
        let mut visit = request.link.is_none().then(|| self.core.hosts.visit());
        loop {
            let base = visit.as_ref().map(|visit| visit.target().uri());
            let server = base.or(request.link.as_deref());
            #[cfg(feature = "tracing")]
            if let (Some(span), Some(server)) = (&self.span, server) {
                trace::sent_to(span, server);
            }
            let form = match request.multipart() {
                None => None,
                Some(form) => Some(self.wait_for(Box::pin(multipart_body(request, form))).await?),
            };
            let sent = self.start_sending(visit.as_ref(), token, form)?;
            self.attempts.count += 1;
            let outcome = self.timeouts.for_server(sent).await;
            self.timeouts.intake = None;
            let failure = match outcome {
                Ok(Ok(response)) => {
                    visit.as_ref().inspect(|visit| visit.arrived());
                    return Ok(response);
                }
                Ok(Err(failure)) | Err(failure) => failure,
            };
            // The rest of a link may contain a signature or a password.
            let server = server.and_then(Uri::authority).map(Authority::as_str);
            let server = server
                .and_then(|server| server.rsplit('@').next())
                .map(ToOwned::to_owned);
            let is_connect = failure.kind() == ErrorKind::Connect;
            if !(is_connect && visit.as_mut().is_some_and(Visit::move_on) && request.is_replayable()) {
                return Err(failure.of(request.info(), server));
            }
        }
    }

    /// Starts sending a request. Not part of [`dispatch`](Self::dispatch), whose future would keep the `http` request.
    fn start_sending(
        &mut self,
        visit: Option<&Visit<'_>>,
        token: Option<&HeaderValue>,
        form: Option<MultipartBody>,
    ) -> Result<TransportFuture, Error> {
        let request = self.request;
        let (media_type, length, body) = match form {
            None => {
                let (media_type, body) = request.simple_body();
                (media_type, None, body.into())
            }
            Some(form) => {
                self.timeouts.intake = Some(form.intake);
                (Some(form.media_type), form.length, form.body)
            }
        };
        // With those that the transport adds, so that the map does not grow.
        let mut headers = HeaderMap::with_capacity(if media_type.is_some() { 8 } else { 6 });
        headers.extend(length.map(|length| (CONTENT_LENGTH, length.into())));
        let custom = &self.core.settings.headers;
        let uri = if let Some(visit) = visit {
            custom.add_to(&mut headers);
            if let Some(own) = &self.options.headers {
                own.check()?;
                own.add_to(&mut headers);
            }
            visit.target().uri_of(request)?
        } else {
            // Other headers may be secrets of the API's server.
            headers.extend(custom.get(&USER_AGENT).map(|agent| (USER_AGENT, agent.clone())));
            request.link.as_deref().cloned().unwrap_or_default()
        };
        let outgoing = request.build(uri, headers, token, media_type, body);
        Ok(self.core.transport.send(outgoing))
    }
}

/// Reads the body of a response up to a maximum length. That of an error response is read as far as it arrives and fits, since
/// the status matters more.
async fn read_body(
    info: &'static OperationInfo,
    body: &mut Body,
    timeouts: &Timeouts,
    limit: usize,
    is_error: bool,
) -> Result<Bytes, Error> {
    let announced = body.size_hint().exact().unwrap_or_default();
    if announced > limit as u64 && !is_error {
        return Err(Error::too_long(info, limit));
    }
    let mut whole = Bytes::new();
    while whole.len() <= limit {
        match timeouts.chunk(body).await {
            // Most responses arrive in one chunk, which need not be copied.
            Ok(Some(chunk)) if whole.is_empty() => whole = chunk,
            Ok(Some(chunk)) => {
                let mut longer = BytesMut::from(whole);
                longer.extend_from_slice(&chunk);
                whole = longer.freeze();
            }
            Err(error) if !is_error => return Err(error.of(info, None)),
            Ok(None) | Err(_) => break,
        }
    }
    if whole.len() > limit && !is_error {
        return Err(Error::too_long(info, limit));
    }
    whole.truncate(limit);
    Ok(whole)
}
