//! Sending of encoded requests, independent of the operation.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::{CONTENT_LENGTH, HeaderValue, USER_AGENT};
use http::{Response, StatusCode};
use http_body::Body as _;
use tokio::time::{Instant, sleep};
#[cfg(feature = "tracing")]
use tracing::Span;

use super::Boxed;
use super::builder::Settings;
use super::hosts::{self, Hosts, Visit};
#[cfg(feature = "rate-limit")]
use super::limiter::Limiter;
use super::options::CallOptions;
use super::received::Received;
use super::retry::Budget;
use super::timeout::Timeouts;
use super::token::Tokens;
#[cfg(feature = "tracing")]
use super::trace::{self, Server, Watch};
use super::transport::{Body, Transport, TransportFailure};
use super::upload::{MultipartBody, multipart_body};
use crate::api::API;
use crate::runtime::error::{ApiError, Attempts, DecodeError, Error, ErrorKind, TokenError};
use crate::runtime::operation::{OperationInfo, RawResponse};
use crate::runtime::request::Request;

/// Maximum buffer reserved for a response before it arrives, regardless of its announced length.
const RESERVED: usize = 1 << 20;

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
    request: &'r Request,
    options: &'r CallOptions,
    /// Timeouts of the current attempt.
    timeouts: Timeouts,
    /// Whether to send the client's token, if the operation takes one.
    with_token: bool,
    /// Whether the body of the response is left for the caller to read.
    streamed: bool,
    /// How often the request was sent.
    attempts: Attempts,
    /// Index of the host that the request was last sent to, or will be sent to.
    #[cfg(feature = "tracing")]
    host: usize,
    /// The span of the call.
    #[cfg(feature = "tracing")]
    span: Span,
}

impl Call<'_> {
    /// Waits for work of this client, until the call's deadline.
    async fn wait_for<T>(&self, future: Boxed<'_, T>) -> Result<T, Error> {
        let outcome = self.timeouts.wait(future, None).await;
        outcome.map_err(|failure| failure.error(self.request.info(), None))?
    }

    /// Waits for a token, until the call's deadline. A timeout is reported as a token error, since nothing was sent.
    async fn wait_for_token<T>(&self, future: Boxed<'_, T>) -> Result<T, Error> {
        let outcome = self.timeouts.wait(future, None).await;
        outcome.map_err(|failure| TokenError::new(failure.error(self.request.info(), None)))?
    }
}

impl Core {
    /// Sends a request and reads the response.
    ///
    /// Here and below, boxed futures are kept small and nested futures few: they are allocated and polled with every request.
    /// Rare code paths are boxed separately.
    pub(super) fn receive<'c>(&'c self, request: Request, options: &'c CallOptions) -> Boxed<'c, Received> {
        Box::pin(async move {
            let mut call = self.start(&request, options);
            let outcome = self.call(&mut call).await.and_then(|response| {
                let (head, body) = response.into_parts();
                let body = body.as_bytes().cloned().unwrap_or_default();
                RawResponse::new(request.info(), head.status, head.headers, body)
            });
            let raw = outcome.map_err(|error| error.after_attempts(call.attempts))?;
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

    /// Sends a request for a file and leaves the body for the caller to read. The first result has no body.
    pub(super) async fn open(&self, request: &Request, options: &CallOptions) -> Result<(RawResponse, Body), Error> {
        let mut call = Call {
            streamed: true,
            ..self.start(request, options)
        };
        let outcome = self.call(&mut call).await.and_then(|response| {
            let (head, body) = response.into_parts();
            // A file of records may be compressed.
            let is_link = request.address().is_some();
            let raw = RawResponse::of(request.info(), head.status, head.headers, Bytes::new());
            match raw.encoding().as_deref() {
                Some(encoding) if !(is_link && matches!(encoding, "gzip" | "x-gzip")) => {
                    Err(DecodeError::encoded(raw).into())
                }
                _ => Ok((raw, body)),
            }
        });
        let (raw, body) = outcome.map_err(|error| error.after_attempts(call.attempts))?;
        Ok((raw.after_attempts(call.attempts), body))
    }

    fn start<'r>(&self, request: &'r Request, options: &'r CallOptions) -> Call<'r> {
        let timeout = options.timeout_of(request, self.settings.timeout);
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Call {
            request,
            options,
            timeouts: Timeouts::new(deadline, self.settings.read_timeout),
            with_token: request.info().authenticated && API.auth.is_some() && !options.is_for_tokens(),
            streamed: false,
            attempts: Attempts::default(),
            #[cfg(feature = "tracing")]
            host: self.hosts.current(),
            #[cfg(feature = "tracing")]
            span: Span::none(),
        }
    }

    /// Makes a call in a span.
    #[cfg(feature = "tracing")]
    async fn call(&self, call: &mut Call<'_>) -> Result<Response<Body>, Error> {
        use tracing::Instrument as _;

        let elsewhere = call.request.address().map(Server::at);
        let (first, host) = (self.hosts.at(call.host), call.host);
        let watch = Watch::begin(call.request.info(), elsewhere.as_ref().unwrap_or(&first.server));
        call.span = watch.span.clone();
        let outcome = self.tries(call).instrument(watch.span.clone()).await;
        if call.host != host {
            watch.moved(&self.hosts.at(call.host).server);
        }
        let status = outcome.as_ref().map(Response::status);
        watch.end(status, call.attempts.count);
        outcome
    }

    #[cfg(not(feature = "tracing"))]
    fn call(&self, call: &mut Call<'_>) -> impl Future<Output = Result<Response<Body>, Error>> {
        self.tries(call)
    }

    /// Sends a request, with retries, until there is a response or the policy, the deadline or the budget forbids another
    /// attempt.
    async fn tries(&self, call: &mut Call<'_>) -> Result<Response<Body>, Error> {
        self.budget.deposit();
        let deadline = call.timeouts.deadline;
        let policy = call.options.policy(self.settings.retry);
        let mut failures = 0;
        let mut earlier: Option<Box<Error>> = None;
        loop {
            let error = match self.attempt(call).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            // The error of the earlier attempt is more useful than why there was no other.
            if let (Error::RateLimited { .. } | Error::Token(_), Some(earlier)) = (&error, earlier.take()) {
                return Err(*earlier);
            }
            failures += 1;
            let Some(pause) = policy.pause(failures, &error, call.request) else {
                return Err(error);
            };
            let in_time = deadline.is_none_or(|deadline| deadline - Instant::now() > pause);
            if !in_time || !self.budget.withdraw() {
                return Err(error);
            }
            #[cfg(feature = "tracing")]
            trace::retrying(&error, failures, pause);
            sleep(pause).await;
            call.attempts.unclear |= error.may_have_taken_effect();
            call.timeouts = Timeouts::new(deadline, self.settings.read_timeout);
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
        let permit = limiter.acquire(info, call.options.cost_of(call.request), call.timeouts.deadline);
        call.wait_for(Box::pin(permit)).await
    }

    /// Sends a request with the token and reads the response. If the server rejects the token, obtains a new one and sends the
    /// request once more.
    async fn attempt(&self, call: &mut Call<'_>) -> Result<Response<Body>, Error> {
        let info = call.request.info();
        let token = match self.tokens.ready(Instant::now()) {
            _ if !call.with_token => None,
            // The usual case after the first call.
            Some(token) => Some(token),
            None => call.wait_for_token(self.tokens.get(None)).await?,
        };
        // Only now: calls that waited for the token would otherwise use their permits in one burst.
        #[cfg(feature = "rate-limit")]
        self.wait_for_permit(call).await?;
        let mut response = self.dispatch(call, token.as_ref()).await?;
        if let (StatusCode::UNAUTHORIZED, Some(token)) = (response.status(), token) {
            response = self.send_with_new_token(call, token, response).boxed().await?;
        }
        // Transfers of files have no timeout, but JSON and error responses to them do.
        if !call.streamed || !response.status().is_success() {
            let timeout = call.options.timeout_after_files(self.settings.timeout);
            call.timeouts.end_within(timeout);
        }
        let limit = self.settings.max_response;
        if !response.status().is_success() {
            let (head, mut body) = response.into_parts();
            let body = read_error_body(&mut body, &call.timeouts, limit).boxed().await;
            return Err(ApiError::new(info, head.status, head.headers, body).into());
        }
        if !call.streamed {
            let body = read_bounded(info, response.body_mut(), &call.timeouts, limit).await?;
            *response.body_mut() = body.into();
        }
        Ok(response)
    }

    /// Sends a request once more, with a new token in place of a rejected one.
    async fn send_with_new_token(
        &self,
        call: &mut Call<'_>,
        rejected: HeaderValue,
        error_response: Response<Body>,
    ) -> Result<Response<Body>, Error> {
        if !call.request.is_replayable() {
            self.tokens.forget(&rejected);
            return Ok(error_response);
        }
        let Some(token) = call.wait_for_token(self.tokens.get(Some(&rejected))).await? else {
            return Ok(error_response);
        };
        #[cfg(feature = "rate-limit")]
        self.wait_for_permit(call).await?;
        let response = self.dispatch(call, Some(&token)).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            self.tokens.pause();
        }
        Ok(response)
    }

    /// Sends a request to the current host, or to the next ones if no connection can be made: then nothing was sent.
    async fn dispatch(&self, call: &mut Call<'_>, token: Option<&HeaderValue>) -> Result<Response<Body>, Error> {
        let request = call.request;
        // Links are absolute, whichever host is in use.
        let mut visit = request.address().is_none().then(|| self.hosts.visit());
        loop {
            #[cfg(feature = "tracing")]
            if let Some(visit) = &visit {
                call.host = visit.host();
            }
            let uri = match (&visit, request.address()) {
                (Some(visit), _) => visit.address().uri(request)?,
                (None, link) => hosts::link(request, link.unwrap_or_default())?,
            };
            let mut outgoing = self.outgoing(call, token).await?;
            *outgoing.uri_mut() = uri;
            let sent = self.transport.send(outgoing);
            call.attempts.count += 1;
            let outcome = call.timeouts.for_server(sent).await;
            call.timeouts.intake = None;
            let failure = match outcome {
                Ok(Ok(response)) => {
                    visit.as_ref().inspect(|visit| visit.arrived());
                    return Ok(response);
                }
                Ok(Err(failure)) | Err(failure) => failure,
            };
            let server = server(request, visit.as_ref());
            let is_connect = failure.kind() == ErrorKind::Connect;
            if !(is_connect && visit.as_mut().is_some_and(Visit::move_on) && request.is_replayable()) {
                return Err(failure.error(request.info(), server.as_deref()));
            }
        }
    }

    /// Returns the request to send, without its URL.
    async fn outgoing(&self, call: &mut Call<'_>, token: Option<&HeaderValue>) -> Result<http::Request<Body>, Error> {
        let request = call.request;
        let (media_type, length, body) = match request.multipart() {
            None => {
                let (media_type, body) = request.simple_body();
                (media_type, None, body.unwrap_or_default().into())
            }
            Some(form) => {
                let form = call.wait_for(Box::pin(multipart_body(request, form))).await?;
                let MultipartBody {
                    media_type,
                    length,
                    body,
                    intake,
                } = form;
                call.timeouts.intake = Some(intake);
                (Some(media_type), length, body)
            }
        };
        let mut headers = request.all_headers(token, media_type);
        if let Some(length) = length {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        let custom = &self.settings.headers;
        if request.address().is_none() {
            if let Some(own) = call.options.headers() {
                own.check()?;
                own.complete(&mut headers);
            }
            custom.complete(&mut headers);
        } else if let Some(user_agent) = custom.get(&USER_AGENT) {
            // Other headers may be secrets of the API's server.
            headers.insert(USER_AGENT, user_agent.clone());
        }
        let mut outgoing = http::Request::new(body);
        *outgoing.method_mut() = request.info().method.clone();
        *outgoing.headers_mut() = headers;
        Ok(outgoing)
    }
}

/// Returns host and port that a request was sent to. The rest of a link may contain a signature or a password.
fn server(request: &Request, visit: Option<&Visit<'_>>) -> Option<String> {
    let authority = match visit {
        Some(visit) => visit.address().authority.clone(),
        None => hosts::link(request, request.address()?).ok()?.into_parts().authority?,
    };
    authority.as_str().rsplit('@').next().map(ToOwned::to_owned)
}

/// Reads the body of an error response, as far as it arrives: the status matters more.
async fn read_error_body(body: &mut Body, timeouts: &Timeouts, limit: usize) -> Bytes {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = timeouts.chunk(body).await {
        read.extend_from_slice(&chunk[..chunk.len().min(limit - read.len())]);
        if read.len() == limit {
            break;
        }
    }
    read.into()
}

/// Reads the body of a response up to a maximum length.
async fn read_bounded(
    info: &'static OperationInfo,
    body: &mut Body,
    timeouts: &Timeouts,
    limit: usize,
) -> Result<Bytes, Error> {
    let broken = |failure: TransportFailure| failure.error(info, None);
    let announced = body
        .size_hint()
        .exact()
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > limit) {
        return Err(Error::too_long(info, limit));
    }
    let Some(first) = timeouts.chunk(body).await.map_err(broken)? else {
        return Ok(Bytes::new());
    };
    let mut next = timeouts.chunk(body).await.map_err(broken)?;
    if next.is_none() && first.len() <= limit {
        // Most responses arrive in one chunk, which need not be copied.
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(announced.unwrap_or(0).min(RESERVED));
    whole.extend_from_slice(&first);
    while let Some(chunk) = next.take().filter(|_| whole.len() <= limit) {
        whole.extend_from_slice(&chunk);
        next = timeouts.chunk(body).await.map_err(broken)?;
    }
    if whole.len() > limit {
        Err(Error::too_long(info, limit))
    } else {
        Ok(whole.into())
    }
}
