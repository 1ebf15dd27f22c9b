//! Sending, independent of what is sent.

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
#[cfg(feature = "rate-limit")]
use super::options::Units;
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

/// How much room is made for an answer before it arrives, whatever the server announces.
const RESERVED: usize = 1 << 20;

/// What every clone of a client shares.
pub(super) struct Core {
    transport: Transport,
    hosts: Hosts,
    tokens: Box<dyn Tokens>,
    limits: Limits,
    budget: Budget,
    #[cfg(feature = "rate-limit")]
    limiter: Option<Limiter>,
}

/// How much is waited for, accepted and tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) timeout: Option<Duration>,
    pub(super) max_response: usize,
    pub(super) retry: RetryPolicy,
}

/// A call on its way: one request, and all tries to send it.
struct Call<'r> {
    request: &'r Request,
    options: &'r CallOptions,
    /// How long the try that is under way may take.
    timeouts: Timeouts,
    /// Whether the client's token is sent, if the operation takes one.
    with_token: bool,
    /// Whether the body of the answer is left for the caller to read.
    streamed: bool,
    /// How often sending was tried.
    attempts: u32,
    /// The host that it was sent to last, or will be sent to.
    #[cfg(feature = "tracing")]
    host: usize,
    /// What is watched of it.
    #[cfg(feature = "tracing")]
    span: Span,
    /// How much of its rate limit a try uses.
    #[cfg(feature = "rate-limit")]
    units: Units,
}

impl Call<'_> {
    /// Waits for something of this client's, until the call ends.
    async fn wait_for<T>(&mut self, future: Boxed<'_, T>) -> Result<T, Error> {
        let outcome = self.timeouts.within(future).await;
        outcome.map_err(|failure| failure.of(self.request.info()))?
    }

    /// Waits for a token, until the call ends. If it does, it is for want of a token: nothing was sent.
    async fn wait_for_token<T>(&mut self, future: Boxed<'_, T>) -> Result<T, Error> {
        let outcome = self.timeouts.within(future).await;
        outcome.map_err(|failure| TokenError::new(failure.of(self.request.info())))?
    }
}

/// An answer that is no refusal.
struct Answer {
    response: Incoming,
    /// Empty where it is left for the caller to read.
    body: Bytes,
}

/// Where a request goes, and where else it can.
enum Route<'c> {
    Hosts(Visit<'c>),
    Link(&'c str),
}

impl Route<'_> {
    fn place(&self) -> Destination<'_> {
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
    pub(super) fn new(
        transport: Transport,
        hosts: Hosts,
        tokens: Box<dyn Tokens>,
        limits: Limits,
        budget: Budget,
    ) -> Self {
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

    /// Keeps rate limits.
    #[cfg(feature = "rate-limit")]
    pub(super) fn limited(mut self, limiter: Option<Limiter>) -> Self {
        self.limiter = limiter;
        self
    }

    /// The first choice of the hosts, with the base path.
    pub(super) fn target(&self) -> &Target {
        self.hosts.at(0).target()
    }

    /// Sets up a client that shares the connections and settings of this one.
    pub(super) fn builder(&self, base: Vec<String>) -> Builder {
        let budget = self.budget.fresh();
        let builder = Builder::sharing(base, self.transport.clone(), self.hosts.urls(), self.limits, budget);
        #[cfg(feature = "rate-limit")]
        if let Some(limiter) = &self.limiter {
            return builder.rate_limits(limiter.limits().clone());
        }
        builder
    }

    /// Sends a request and reads the answer; `with_token` if the client's token may be sent.
    ///
    /// What is boxed is kept small, here and below, and so is the number of futures inside of each other: all of it is
    /// allocated, and gone through, with every request. What is rare is boxed instead.
    pub(super) fn receive<'c>(
        &'c self,
        request: Request,
        options: &'c CallOptions,
        with_token: bool,
    ) -> Boxed<'c, Received> {
        Box::pin(async move {
            let mut call = self.start(&request, options);
            call.with_token &= with_token;
            let outcome = self.call(&mut call).await;
            let Answer { response, body } = outcome.map_err(|error| error.after_attempts(call.attempts))?;
            let raw = RawResponse::new(request.info(), response.status, response.headers, body)?;
            Ok(Received {
                raw: raw.after_attempts(call.attempts),
                #[cfg(feature = "tracing")]
                span: call.span,
            })
        })
    }

    /// The same, for a future that borrows nothing.
    pub(super) fn detached(self: &Arc<Self>, request: Request, options: CallOptions) -> Boxed<'static, Received> {
        let core = Arc::clone(self);
        Box::pin(async move { core.receive(request, &options, true).await })
    }

    /// Sends a request for a file, and leaves the file for the caller to read; says how often sending was tried.
    pub(super) async fn open(&self, request: &Request, options: CallOptions) -> Result<(Incoming, u32), Error> {
        let mut call = Call {
            streamed: true,
            ..self.start(request, &options)
        };
        let outcome = self.call(&mut call).await;
        let answer = outcome.map_err(|error| error.after_attempts(call.attempts))?;
        Ok((answer.response, call.attempts))
    }

    /// Waits before a broken download is taken up again, if that is of use and there is leave to.
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

    /// How long a file that arrives may be waited for.
    pub(super) fn timeouts(&self) -> Timeouts {
        Timeouts::new(None, self.transport.read_timeout())
    }

    /// The longest answer that is held in memory.
    pub(super) fn max_response(&self) -> usize {
        self.limits.max_response
    }

    fn start<'r>(&self, request: &'r Request, options: &'r CallOptions) -> Call<'r> {
        let timeout = options.timeout_of(request, self.limits.timeout);
        Call {
            request,
            options,
            timeouts: Timeouts::of_call(timeout, self.transport.read_timeout()),
            with_token: request.info().authenticated && API.auth.is_some(),
            streamed: false,
            attempts: 0,
            #[cfg(feature = "tracing")]
            host: self.hosts.current(),
            #[cfg(feature = "tracing")]
            span: Span::none(),
            #[cfg(feature = "rate-limit")]
            units: options.units(request),
        }
    }

    /// Makes a call, for everyone to see.
    #[cfg(feature = "tracing")]
    async fn call(&self, call: &mut Call<'_>) -> Result<Answer, Error> {
        use tracing::Instrument as _;

        let elsewhere = call.request.address().map(Server::at);
        let (first, host) = (self.hosts.at(call.host), call.host);
        let watch = Watch::begin(call.request.info(), elsewhere.as_ref().unwrap_or(first.server()));
        call.span = watch.span.clone();
        let outcome = self.tries(call).instrument(watch.span.clone()).await;
        if call.host != host {
            watch.moved(self.hosts.at(call.host).server());
        }
        let status = outcome.as_ref().map(|answer| answer.response.status);
        watch.end(status, call.attempts);
        outcome
    }

    #[cfg(not(feature = "tracing"))]
    fn call(&self, call: &mut Call<'_>) -> impl Future<Output = Result<Answer, Error>> {
        self.tries(call)
    }

    /// Tries to send a request until there is an answer, or no use or no leave to try again.
    async fn tries(&self, call: &mut Call<'_>) -> Result<Answer, Error> {
        self.budget.deposit();
        let deadline = call.timeouts.deadline();
        let mut failures = 0;
        let mut earlier: Option<Box<Error>> = None;
        loop {
            let error = match self.attempt(call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // What became of a try says more than why there is no other.
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

    /// Waits until a rate limit allows a try.
    #[cfg(feature = "rate-limit")]
    async fn take_turn(&self, call: &mut Call<'_>) -> Result<(), Error> {
        let Some(limiter) = self.limiter.as_ref().filter(|_| call.request.address().is_none()) else {
            return Ok(());
        };
        let info = call.request.info();
        let turn = limiter.acquire(info, call.units, call.timeouts.deadline());
        call.wait_for(Box::pin(turn)).await
    }

    /// Sends a request with the token, and reads the answer. If the server refuses the token, a new one is obtained and the
    /// request sent once more.
    async fn attempt(&self, call: &mut Call<'_>) -> Result<Answer, Error> {
        let info = call.request.info();
        let token = match self.tokens.ready(call.timeouts.now()) {
            _ if !call.with_token => None,
            // All but the first call come this way.
            Some(token) => Some(token),
            None => call.wait_for_token(self.tokens.get(self)).await?,
        };
        // Not before: those who wait for a token would all leave at once when it is there.
        #[cfg(feature = "rate-limit")]
        self.take_turn(call).await?;
        let mut response = self.dispatch(call, token.as_ref()).await?;
        if let (StatusCode::UNAUTHORIZED, Some(token)) = (response.status, token) {
            response = self.send_anew(call, token, response).boxed().await?;
        }
        // What was no limit for a file is none for what is said about it.
        if !call.streamed || !response.status.is_success() {
            call.timeouts
                .end_within(call.options.timeout_after_files(self.limits.timeout));
        }
        if !response.status.is_success() {
            let body = self.read_refusal(&mut response, &mut call.timeouts).boxed().await;
            return Err(ApiError::new(info, response.status, response.headers, body).into());
        }
        let body = if call.streamed {
            Bytes::new()
        } else {
            read_bounded(info, &mut response, &mut call.timeouts, self.limits.max_response).await?
        };
        Ok(Answer { response, body })
    }

    /// Sends a request once more, with a token in place of the one that the server refused.
    async fn send_anew(&self, call: &mut Call<'_>, refused: HeaderValue, refusal: Incoming) -> Result<Incoming, Error> {
        if !call.request.is_replayable() {
            self.tokens.forget(&refused);
            return Ok(refusal);
        }
        let Some(token) = call.wait_for_token(self.tokens.renew(&refused, self)).await? else {
            return Ok(refusal);
        };
        #[cfg(feature = "rate-limit")]
        self.take_turn(call).await?;
        let response = self.dispatch(call, Some(&token)).await?;
        if response.status == StatusCode::UNAUTHORIZED {
            self.tokens.pause();
        }
        Ok(response)
    }

    /// Sends a request to the host in use, or to the next one where it cannot be connected to: nothing was sent then.
    async fn dispatch(&self, call: &mut Call<'_>, token: Option<&HeaderValue>) -> Result<Incoming, Error> {
        let request = call.request;
        let mut route = match request.address() {
            // It leads elsewhere, whichever host is in use.
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
            let sent = self.transport.send(request, route.place(), outgoing)?;
            call.attempts += 1;
            let outcome = call.timeouts.for_server(sent).await;
            call.timeouts.intake = None;
            match outcome.and_then(|outcome| outcome) {
                Ok(response) => {
                    route.arrived();
                    return Ok(response);
                }
                Err(failure) if failure.is_connect() && route.move_on() && request.is_replayable() => {}
                Err(failure) => return Err(failure.at(route.place()).of(request.info())),
            }
        }
    }

    /// The body of a refusal, or as much of it as arrives: the status matters more.
    async fn read_refusal(&self, response: &mut Incoming, timeouts: &mut Timeouts) -> Bytes {
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

/// All of a request but where it goes, if its body is in memory.
fn plain(request: &Request, token: Option<&HeaderValue>) -> Outgoing {
    let (media_type, body) = request.simple_body();
    Outgoing {
        method: request.info().method.clone(),
        headers: request.all_headers(token, media_type),
        body: body.map(Body::Whole),
    }
}

/// All of a request but where it goes, if its body is read while it is sent.
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

/// The body of an answer, if it is not too long.
async fn read_bounded(
    info: &'static OperationInfo,
    answer: &mut Incoming,
    timeouts: &mut Timeouts,
    limit: usize,
) -> Result<Bytes, Error> {
    let announced = answer
        .content_length()
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > limit) {
        return Err(too_long(info, limit));
    }
    let first = answer.chunk(timeouts).await.map_err(|failure| failure.of(info))?;
    let Some(first) = first else {
        return Ok(Bytes::new());
    };
    if first.len() > limit {
        return Err(too_long(info, limit));
    }
    // Most answers arrive in one piece, which needs no copy.
    let second = answer.chunk(timeouts).await.map_err(|failure| failure.of(info))?;
    let Some(second) = second else {
        return Ok(first);
    };
    let mut body = Vec::with_capacity(announced.unwrap_or(0).min(RESERVED));
    body.extend_from_slice(&first);
    read_on(info, answer, timeouts, limit, body, second).boxed().await
}

/// Adds the next piece to a body, and all that follow.
async fn read_on(
    info: &'static OperationInfo,
    answer: &mut Incoming,
    timeouts: &mut Timeouts,
    limit: usize,
    mut body: Vec<u8>,
    next: Bytes,
) -> Result<Bytes, Error> {
    let mut piece = Some(next);
    while let Some(chunk) = piece {
        if chunk.len() > limit - body.len() {
            return Err(too_long(info, limit));
        }
        body.extend_from_slice(&chunk);
        piece = answer.chunk(timeouts).await.map_err(|failure| failure.of(info))?;
    }
    Ok(body.into())
}

fn too_long(info: &'static OperationInfo, limit: usize) -> Error {
    Error::TooLong {
        info,
        limit,
        attempts: 0,
    }
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
        let boxed = size_of_val(&*client.core.receive(request, &client.options, true));
        // What glibc serves from a list. Spans take some room of their own.
        let most = 1032 + if cfg!(feature = "tracing") { 184 } else { 0 };
        assert!(boxed <= most, "{boxed} bytes");
    }
}
