//! Sending of encoded requests, independent of the operation.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, HeaderValue};
use tokio::time::Instant;
#[cfg(feature = "tracing")]
use tracing::Span;

use super::Boxed;
use super::builder::Builder;
use super::hosts::{Hosts, Visit};
use super::intake::Intake;
#[cfg(feature = "rate-limit")]
use super::limiter::Limiter;
use super::options::CallOptions;
use super::received::Received;
use super::retry::{Budget, RetryPolicy};
use super::timeout::Timeouts;
use super::token::Tokens;
#[cfg(feature = "tracing")]
use super::trace::{self, Server, Watch};
use super::transport::{Body, Destination, Incoming, Outgoing, Transport};
use super::upload::{MultipartBody, multipart_body};
use crate::api::API;
use crate::runtime::error::{ApiError, Error, TokenError};
use crate::runtime::file::Multipart;
use crate::runtime::operation::{OperationInfo, RawResponse};
use crate::runtime::request::Request;
use crate::runtime::target::Target;

/// Maximum buffer reserved for a response before it arrives, regardless of its announced length.
const RESERVED: usize = 1 << 20;

/// State shared by all clones of a client.
pub(super) struct Core {
    transport: Transport,
    hosts: Hosts,
    tokens: Tokens,
    limits: Limits,
    budget: Budget,
    #[cfg(feature = "rate-limit")]
    limiter: Option<Limiter>,
}

/// Timeout, maximum response length and retry policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) timeout: Option<Duration>,
    pub(super) max_response: usize,
    pub(super) retry: RetryPolicy,
}

/// A call in progress: one request, and all attempts to send it.
struct Call<'r> {
    request: &'r Request,
    options: &'r CallOptions,
    /// Timeouts of the current attempt.
    timeouts: Timeouts,
    /// Whether to send the client's token, if the operation takes one.
    with_token: bool,
    /// Whether the body of the response is left for the caller to read.
    streamed: bool,
    /// Number of times the request was sent.
    attempts: u32,
    /// Index of the host that the request was last sent to, or will be sent to.
    #[cfg(feature = "tracing")]
    host: usize,
    /// The span of the call.
    #[cfg(feature = "tracing")]
    span: Span,
    /// How much an attempt costs under rate limits that do not count calls.
    #[cfg(feature = "rate-limit")]
    cost: u32,
}

impl Call<'_> {
    /// Waits for work of this client, until the call's deadline.
    async fn wait_for<T>(&mut self, future: Boxed<'_, T>) -> Result<T, Error> {
        let outcome = self.timeouts.within(future).await;
        outcome.map_err(|failure| failure.of(self.request.info()))?
    }

    /// Waits for a token, until the call's deadline. A timeout is reported as a token error, since nothing was sent.
    async fn wait_for_token<T>(&mut self, future: Boxed<'_, T>) -> Result<T, Error> {
        let outcome = self.timeouts.within(future).await;
        outcome.map_err(|failure| TokenError::new(failure.of(self.request.info())))?
    }
}

/// A successful response.
struct Success {
    response: Incoming,
    /// Empty if it is left for the caller to read.
    body: Bytes,
}

/// The destination of a request, and its alternatives.
enum Route<'c> {
    Hosts(Visit<'c>),
    Link(&'c str),
}

impl Route<'_> {
    fn destination(&self) -> Destination<'_> {
        match self {
            Self::Hosts(visit) => Destination::Below(visit.address()),
            Self::Link(link) => Destination::Link(link),
        }
    }

    fn arrived(&self) {
        if let Self::Hosts(visit) = self {
            visit.arrived();
        }
    }

    fn move_on(&mut self) -> bool {
        match self {
            Self::Hosts(visit) => visit.move_on(),
            Self::Link(_) => false,
        }
    }
}

impl Core {
    pub(super) fn new(transport: Transport, hosts: Hosts, tokens: Tokens, limits: Limits, budget: Budget) -> Self {
        Self {
            transport,
            hosts,
            tokens,
            limits,
            budget,
            #[cfg(feature = "rate-limit")]
            limiter: None,
        }
    }

    /// Adds a rate limiter.
    #[cfg(feature = "rate-limit")]
    pub(super) fn limited(mut self, limiter: Option<Limiter>) -> Self {
        self.limiter = limiter;
        self
    }

    /// Returns the first host, with the base path.
    pub(super) fn target(&self) -> &Target {
        self.hosts.at(0).target()
    }

    /// Returns a builder that shares the connections and settings of this client.
    pub(super) fn builder(&self, base: Vec<String>) -> Builder {
        let budget = self.budget.fresh();
        let builder = Builder::sharing(base, self.transport.clone(), self.hosts.urls(), self.limits, budget);
        #[cfg(feature = "rate-limit")]
        if let Some(limiter) = &self.limiter {
            return builder.rate_limits(limiter.limits().clone());
        }
        builder
    }

    /// Sends a request and reads the response.
    ///
    /// Here and below, boxed futures are kept small and nested futures few: they are allocated and polled with every request.
    /// Rare code paths are boxed separately.
    pub(super) fn receive<'c>(&'c self, request: Request, options: &'c CallOptions) -> Boxed<'c, Received> {
        Box::pin(async move {
            let mut call = self.start(&request, options);
            let outcome = self.call(&mut call).await;
            let Success { response, body } = outcome.map_err(|error| error.after_attempts(call.attempts))?;
            let raw = RawResponse::new(request.info(), response.status, response.headers, body)?;
            Ok(Received {
                raw: raw.after_attempts(call.attempts),
                #[cfg(feature = "tracing")]
                span: call.span,
            })
        })
    }

    /// Like [`receive`](Self::receive), but the future borrows nothing.
    pub(super) fn detached(self: &Arc<Self>, request: Request, options: CallOptions) -> Boxed<'static, Received> {
        let core = Arc::clone(self);
        Box::pin(async move { core.receive(request, &options).await })
    }

    /// Sends a request for a file and leaves the body for the caller to read. Also returns the number of attempts.
    pub(super) async fn open(&self, request: &Request, options: CallOptions) -> Result<(Incoming, u32), Error> {
        let mut call = Call {
            streamed: true,
            ..self.start(request, &options)
        };
        let outcome = self.call(&mut call).await;
        let success = outcome.map_err(|error| error.after_attempts(call.attempts))?;
        Ok((success.response, call.attempts))
    }

    /// Returns the delay before a broken download is resumed; `None` if the policy or the budget forbids it.
    pub(super) fn pause_of_download(
        &self,
        request: &Request,
        policy: RetryPolicy,
        failures: u32,
        error: &Error,
    ) -> Option<Duration> {
        policy
            .pause(failures, error, request)
            .filter(|_| self.budget.withdraw())
    }

    pub(super) fn policy(&self, options: CallOptions) -> RetryPolicy {
        options.policy(self.limits.retry)
    }

    /// Returns the timeouts for reading a download.
    pub(super) fn timeouts(&self) -> Timeouts {
        Timeouts::new(None, self.transport.read_timeout())
    }

    /// Returns the maximum length of a response in memory.
    pub(super) fn max_response(&self) -> usize {
        self.limits.max_response
    }

    fn start<'r>(&self, request: &'r Request, options: &'r CallOptions) -> Call<'r> {
        let timeout = options.timeout_of(request, self.limits.timeout);
        Call {
            request,
            options,
            timeouts: Timeouts::of_call(timeout, self.transport.read_timeout()),
            with_token: request.info().authenticated && API.auth.is_some() && !options.is_for_tokens(),
            streamed: false,
            attempts: 0,
            #[cfg(feature = "tracing")]
            host: self.hosts.current(),
            #[cfg(feature = "tracing")]
            span: Span::none(),
            #[cfg(feature = "rate-limit")]
            cost: options.cost_of(request),
        }
    }

    /// Makes a call in a span.
    #[cfg(feature = "tracing")]
    async fn call(&self, call: &mut Call<'_>) -> Result<Success, Error> {
        use tracing::Instrument as _;

        let elsewhere = call.request.address().map(Server::at);
        let (first, host) = (self.hosts.at(call.host), call.host);
        let watch = Watch::begin(call.request.info(), elsewhere.as_ref().unwrap_or(first.server()));
        call.span = watch.span.clone();
        let outcome = self.tries(call).instrument(watch.span.clone()).await;
        if call.host != host {
            watch.moved(self.hosts.at(call.host).server());
        }
        let status = outcome.as_ref().map(|success| success.response.status);
        watch.end(status, call.attempts);
        outcome
    }

    #[cfg(not(feature = "tracing"))]
    fn call(&self, call: &mut Call<'_>) -> impl Future<Output = Result<Success, Error>> {
        self.tries(call)
    }

    /// Sends a request, with retries, until there is a response or the policy, the deadline or the budget forbids another
    /// attempt.
    async fn tries(&self, call: &mut Call<'_>) -> Result<Success, Error> {
        self.budget.deposit();
        let deadline = call.timeouts.deadline();
        let mut failures = 0;
        let mut earlier: Option<Box<Error>> = None;
        loop {
            let error = match self.attempt(call).await {
                Ok(success) => return Ok(success),
                Err(error) => error,
            };
            // The error of the earlier attempt is more useful than why there was no other.
            if let (Error::RateLimited { .. } | Error::Token(_), Some(earlier)) = (&error, earlier.take()) {
                return Err(*earlier);
            }
            failures += 1;
            let Some(pause) = self.policy(*call.options).pause(failures, &error, call.request) else {
                return Err(error);
            };
            let in_time = deadline.is_none_or(|deadline| deadline - Instant::now() > pause);
            if !in_time || !self.budget.withdraw() {
                return Err(error);
            }
            #[cfg(feature = "tracing")]
            trace::retrying(&error, failures, pause);
            tokio::time::sleep(pause).await;
            call.timeouts = Timeouts::new(deadline, self.transport.read_timeout());
            earlier = Some(Box::new(error));
        }
    }

    /// Waits until the rate limit allows an attempt.
    #[cfg(feature = "rate-limit")]
    async fn wait_for_permit(&self, call: &mut Call<'_>) -> Result<(), Error> {
        let Some(limiter) = self.limiter.as_ref().filter(|_| call.request.address().is_none()) else {
            return Ok(());
        };
        let info = call.request.info();
        let permit = limiter.acquire(info, call.cost, call.timeouts.deadline());
        call.wait_for(Box::pin(permit)).await
    }

    /// Sends a request with the token and reads the response. If the server rejects the token, obtains a new one and sends the
    /// request once more.
    async fn attempt(&self, call: &mut Call<'_>) -> Result<Success, Error> {
        let info = call.request.info();
        let token = match self.tokens.ready(call.timeouts.now()) {
            _ if !call.with_token => None,
            // The usual case after the first call.
            Some(token) => Some(token),
            None => call.wait_for_token(self.tokens.get()).await?,
        };
        // Only now: calls that waited for the token would otherwise use their permits in one burst.
        #[cfg(feature = "rate-limit")]
        self.wait_for_permit(call).await?;
        let mut response = self.dispatch(call, token.as_ref()).await?;
        if let (StatusCode::UNAUTHORIZED, Some(token)) = (response.status, token) {
            response = self.send_with_new_token(call, token, response).boxed().await?;
        }
        // Transfers of files have no timeout, but JSON and error responses to them do.
        if !call.streamed || !response.status.is_success() {
            call.timeouts
                .end_within(call.options.timeout_after_files(self.limits.timeout));
        }
        if !response.status.is_success() {
            let body = self.read_error_body(&mut response, &mut call.timeouts).boxed().await;
            return Err(ApiError::new(info, response.status, response.headers, body).into());
        }
        let body = if call.streamed {
            Bytes::new()
        } else {
            read_bounded(info, &mut response, &mut call.timeouts, self.limits.max_response).await?
        };
        Ok(Success { response, body })
    }

    /// Sends a request once more, with a new token in place of a rejected one.
    async fn send_with_new_token(
        &self,
        call: &mut Call<'_>,
        rejected: HeaderValue,
        error_response: Incoming,
    ) -> Result<Incoming, Error> {
        if !call.request.is_replayable() {
            self.tokens.forget(&rejected);
            return Ok(error_response);
        }
        let Some(token) = call.wait_for_token(self.tokens.renew(&rejected)).await? else {
            return Ok(error_response);
        };
        #[cfg(feature = "rate-limit")]
        self.wait_for_permit(call).await?;
        let response = self.dispatch(call, Some(&token)).await?;
        if response.status == StatusCode::UNAUTHORIZED {
            self.tokens.pause();
        }
        Ok(response)
    }

    /// Sends a request to the current host, or to the next ones if no connection can be made: then nothing was sent.
    async fn dispatch(&self, call: &mut Call<'_>, token: Option<&HeaderValue>) -> Result<Incoming, Error> {
        let request = call.request;
        let mut route = match request.address() {
            // Links are absolute, whichever host is in use.
            Some(link) => Route::Link(link),
            None => Route::Hosts(self.hosts.visit()),
        };
        loop {
            #[cfg(feature = "tracing")]
            if let Route::Hosts(visit) = &route {
                call.host = visit.host();
            }
            let outgoing = match request.multipart() {
                None => plain(request, token),
                Some(form) => {
                    let (outgoing, intake) = call.wait_for(Box::pin(multipart(request, form, token))).await?;
                    call.timeouts.intake = Some(intake);
                    outgoing
                }
            };
            let sent = self.transport.send(request, route.destination(), outgoing)?;
            call.attempts += 1;
            let outcome = call.timeouts.for_server(sent).await;
            call.timeouts.intake = None;
            match outcome.and_then(|outcome| outcome) {
                Ok(response) => {
                    route.arrived();
                    return Ok(response);
                }
                Err(failure) if failure.is_connect() && route.move_on() && request.is_replayable() => {}
                Err(failure) => return Err(failure.at(route.destination()).of(request.info())),
            }
        }
    }

    /// Reads the body of an error response, as far as it arrives: the status matters more.
    async fn read_error_body(&self, response: &mut Incoming, timeouts: &mut Timeouts) -> Bytes {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk(timeouts).await {
            let room = self.limits.max_response - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() >= room {
                break;
            }
        }
        body.into()
    }
}

/// Returns method, headers and body of a request whose body is in memory.
fn plain(request: &Request, token: Option<&HeaderValue>) -> Outgoing {
    let (media_type, body) = request.simple_body();
    Outgoing {
        method: request.info().method.clone(),
        headers: request.all_headers(token, media_type),
        body: body.map(Body::Whole),
    }
}

/// Returns method, headers and body of a request whose body is read while it is sent.
async fn multipart(
    request: &Request,
    form: &Multipart,
    token: Option<&HeaderValue>,
) -> Result<(Outgoing, Intake), Error> {
    let MultipartBody {
        media_type,
        length,
        pieces,
        intake,
    } = multipart_body(request, form).await?;
    let media_type = HeaderValue::try_from(media_type).map_err(|error| request.unsendable(error))?;
    let mut headers = request.all_headers(token, Some(media_type));
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let outgoing = Outgoing {
        method: request.info().method.clone(),
        headers,
        body: Some(Body::Pieces(pieces)),
    };
    Ok((outgoing, intake))
}

/// Reads the body of a response up to a maximum length.
async fn read_bounded(
    info: &'static OperationInfo,
    response: &mut Incoming,
    timeouts: &mut Timeouts,
    limit: usize,
) -> Result<Bytes, Error> {
    let announced = response
        .content_length()
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > limit) {
        return Err(Error::too_long(info, limit));
    }
    let first = response.chunk(timeouts).await.map_err(|failure| failure.of(info))?;
    let Some(first) = first else {
        return Ok(Bytes::new());
    };
    if first.len() > limit {
        return Err(Error::too_long(info, limit));
    }
    // Most responses arrive in one chunk, which need not be copied.
    let second = response.chunk(timeouts).await.map_err(|failure| failure.of(info))?;
    let Some(second) = second else {
        return Ok(first);
    };
    let mut body = Vec::with_capacity(announced.unwrap_or(0).min(RESERVED));
    body.extend_from_slice(&first);
    read_on(info, response, timeouts, limit, body, second).boxed().await
}

/// Appends the next chunk and all that follow.
async fn read_on(
    info: &'static OperationInfo,
    response: &mut Incoming,
    timeouts: &mut Timeouts,
    limit: usize,
    mut body: Vec<u8>,
    next: Bytes,
) -> Result<Bytes, Error> {
    let mut piece = Some(next);
    while let Some(chunk) = piece {
        if chunk.len() > limit - body.len() {
            return Err(Error::too_long(info, limit));
        }
        body.extend_from_slice(&chunk);
        piece = response.chunk(timeouts).await.map_err(|failure| failure.of(info))?;
    }
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;

    const INFO: &OperationInfo = &OperationInfo::new("a.get", Method::GET, "/a");

    #[test]
    fn what_is_boxed_for_every_request_is_small() {
        let base = vec!["a".to_owned(); 9];
        let client = Builder::new(base)
            .base_url("https://a.example")
            .build()
            .expect("a client");
        let request = Request::new(INFO, &[]).expect("a request");
        let boxed = size_of_val(&*client.core.receive(request, &client.options));
        // Allocations up to this size are served from a free list of glibc. Spans need additional room.
        let most = 1032 + if cfg!(feature = "tracing") { 184 } else { 0 };
        assert!(boxed <= most, "{boxed} bytes");
    }
}
