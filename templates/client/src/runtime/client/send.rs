//! Sending, independent of what is sent.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{StatusCode, Uri};
use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use tokio_util::io::ReaderStream;

use super::Sending;
use super::builder::Builder;
use super::hosts::Hosts;
#[cfg(feature = "rate-limit")]
use super::limiter::Limiter;
use super::options::CallOptions;
#[cfg(feature = "rate-limit")]
use super::options::Units;
use super::retry::{Budget, RetryPolicy};
use super::token::Tokens;
#[cfg(feature = "tracing")]
use super::trace::{self, Server, Watch};
use crate::runtime::error::{ApiError, Error, Reason, TransportError, TransportKind};
use crate::runtime::file::stream::{CHUNK, Pieces, marked, unreadable};
use crate::runtime::file::{Content, Multipart, Piece};
use crate::runtime::operation::{OperationInfo, Reply};
use crate::runtime::progress::Listener;
use crate::runtime::request::Request;
use crate::runtime::secret::Secret;
use crate::runtime::target::Target;

/// What every clone of a client shares.
pub(super) struct Core {
    http: reqwest::Client,
    hosts: Hosts,
    tokens: Tokens,
    limits: Limits,
    budget: Budget,
    #[cfg(feature = "rate-limit")]
    limiter: Option<Limiter>,
    #[cfg(feature = "tracing")]
    server: Server,
}

/// How much is waited for, accepted and tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) timeout: Option<Duration>,
    pub(super) max_answer: usize,
    pub(super) retry: RetryPolicy,
}

/// A call on its way: one request, and all tries to send it.
struct Call<'r> {
    request: &'r Request,
    policy: RetryPolicy,
    deadline: Option<Instant>,
    /// Whether the client's token is sent, if the operation takes one.
    with_token: bool,
    /// Whether the body of the answer is left for the caller to read.
    streamed: bool,
    /// How often sending was tried.
    attempts: u32,
    /// How much of its rate limit a try uses.
    #[cfg(feature = "rate-limit")]
    units: Units,
}

/// An answer that is no refusal.
struct Answer {
    response: reqwest::Response,
    /// Empty where it is left for the caller to read.
    body: Bytes,
}

impl Core {
    pub(super) fn new(http: reqwest::Client, hosts: Hosts, tokens: Tokens, limits: Limits, budget: Budget) -> Self {
        Self {
            #[cfg(feature = "tracing")]
            server: Server::of(hosts.first()),
            http,
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

    pub(super) fn url(&self) -> &str {
        self.hosts.url()
    }

    /// Sets up a client that shares the connections and settings of this one.
    pub(super) fn builder(&self, base: Vec<String>) -> Builder {
        Builder::sharing(base, self.http.clone(), self.hosts.urls(), self.limits)
    }

    pub(super) async fn reply(&self, request: &Request, options: CallOptions) -> Result<Reply, Error> {
        self.whole(self.start(request, options)).await
    }

    /// Sends a request for a token. Boxed, since any call may have to wait for one.
    pub(super) fn reply_without_token<'c>(&'c self, request: &'c Request) -> Sending<'c, Reply> {
        let call = Call {
            with_token: false,
            ..self.start(request, CallOptions::new())
        };
        Box::pin(self.whole(call))
    }

    /// Sends a request for a file, and leaves the file for the caller to read; says how often sending was tried.
    pub(super) async fn open(
        &self,
        request: &Request,
        options: CallOptions,
    ) -> Result<(reqwest::Response, u32), Error> {
        let mut call = Call {
            streamed: true,
            ..self.start(request, options)
        };
        let answer = self.call(&mut call).await?;
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

    /// The longest answer that is held in memory.
    pub(super) fn max_answer(&self) -> usize {
        self.limits.max_answer
    }

    fn start<'r>(&self, request: &'r Request, options: CallOptions) -> Call<'r> {
        let timeout = options.timeout_of(request, self.limits.timeout);
        Call {
            request,
            policy: self.policy(options),
            deadline: timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
            with_token: request.info().authenticated,
            streamed: false,
            attempts: 0,
            #[cfg(feature = "rate-limit")]
            units: options.units(),
        }
    }

    async fn whole(&self, mut call: Call<'_>) -> Result<Reply, Error> {
        let mut answer = self.call(&mut call).await?;
        let headers = std::mem::take(answer.response.headers_mut());
        let reply = Reply::new(call.request.info(), answer.response.status(), headers, answer.body)?;
        Ok(reply.after_attempts(call.attempts))
    }

    /// Makes a call, for everyone to see.
    #[cfg(feature = "tracing")]
    async fn call(&self, call: &mut Call<'_>) -> Result<Answer, Error> {
        use tracing::Instrument as _;

        let elsewhere = call.request.address().map(Server::at);
        let watch = Watch::begin(call.request.info(), elsewhere.as_ref().unwrap_or(&self.server));
        let outcome = self.in_time(call).instrument(watch.span.clone()).await;
        let status = outcome.as_ref().map(|answer| answer.response.status());
        watch.end(status, call.attempts);
        outcome
    }

    #[cfg(not(feature = "tracing"))]
    async fn call(&self, call: &mut Call<'_>) -> Result<Answer, Error> {
        self.in_time(call).await
    }

    /// Makes a call within its time limit.
    async fn in_time(&self, call: &mut Call<'_>) -> Result<Answer, Error> {
        let outcome = match call.deadline {
            Some(deadline) => match tokio::time::timeout_at(deadline, self.tries(call)).await {
                Ok(outcome) => outcome,
                Err(late) => Err(TransportError::new(call.request.info().id, TransportKind::Timeout, late).into()),
            },
            None => self.tries(call).await,
        };
        outcome.map_err(|error| error.after_attempts(call.attempts))
    }

    /// Tries to send a request until there is an answer, or no use or no leave to try again.
    async fn tries(&self, call: &mut Call<'_>) -> Result<Answer, Error> {
        self.budget.deposit();
        let mut failures = 0;
        loop {
            #[cfg(feature = "rate-limit")]
            if let Some(limiter) = self.limiter.as_ref().filter(|_| call.request.address().is_none()) {
                limiter.acquire(call.request.info(), call.units, call.deadline).await?;
            }
            let error = match self.attempt(call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            failures += 1;
            let Some(pause) = call.policy.pause(failures, &error, call.request) else {
                return Err(error);
            };
            let in_time = call.deadline.is_none_or(|deadline| deadline - Instant::now() > pause);
            if !in_time || !self.budget.withdraw() {
                return Err(error);
            }
            #[cfg(feature = "tracing")]
            trace::retrying(&error, failures, pause);
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a request and reads the answer.
    async fn attempt(&self, call: &mut Call<'_>) -> Result<Answer, Error> {
        let mut response = self.exchange(call).await?;
        let info = call.request.info();
        let status = response.status();
        if !status.is_success() {
            let body = self.read_refusal(&mut response).await;
            let headers = std::mem::take(response.headers_mut());
            return Err(ApiError::new(info, status, headers, body).into());
        }
        let body = if call.streamed {
            Bytes::new()
        } else {
            read_bounded(info, &mut response, self.limits.max_answer).await?
        };
        Ok(Answer { response, body })
    }

    /// Sends a request with the token. If the server refuses the token, a new one is obtained and the request sent once
    /// more.
    async fn exchange(&self, call: &mut Call<'_>) -> Result<reqwest::Response, Error> {
        let token = if call.with_token {
            self.tokens.get(self).await?
        } else {
            None
        };
        let response = self.dispatch(call, token.as_ref()).await?;
        let Some(token) = token.filter(|_| response.status() == StatusCode::UNAUTHORIZED) else {
            return Ok(response);
        };
        if !call.request.is_replayable() {
            self.tokens.forget(&token);
            return Ok(response);
        }
        let Some(token) = self.tokens.renew(&token, self).await? else {
            return Ok(response);
        };
        let response = self.dispatch(call, Some(&token)).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            self.tokens.pause();
        }
        Ok(response)
    }

    /// Sends a request to the host in use, or to the next one where it cannot be connected to: nothing was sent then.
    async fn dispatch(&self, call: &mut Call<'_>, token: Option<&Secret>) -> Result<reqwest::Response, Error> {
        let request = call.request;
        if let Some(address) = request.address() {
            // A link leads elsewhere, whichever host is in use.
            let outcome = self.send(call, token, link(request, address)?).await?;
            return outcome.map_err(|error| transport_error(request.info(), error));
        }
        let mut visit = self.hosts.visit();
        loop {
            let url = checked_url(request, visit.target())?;
            match self.send(call, token, url).await? {
                Ok(response) => {
                    visit.arrived();
                    return Ok(response);
                }
                Err(error) if error.is_connect() && visit.move_on() && request.is_replayable() => {}
                Err(error) => return Err(transport_error(request.info(), error)),
            }
        }
    }

    /// Sends a request to a URL. The outer failure is one of preparing it, the inner one of sending it.
    async fn send(
        &self,
        call: &mut Call<'_>,
        token: Option<&Secret>,
        url: reqwest::Url,
    ) -> Result<reqwest::Result<reqwest::Response>, Error> {
        let http = prepare(call.request, token, url).await?;
        call.attempts += 1;
        Ok(self.http.execute(http).await)
    }

    /// The body of a refusal, or as much of it as arrives: the status matters more.
    async fn read_refusal(&self, response: &mut reqwest::Response) -> Bytes {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = self.limits.max_answer - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() >= room {
                break;
            }
        }
        body.into()
    }
}

async fn prepare(request: &Request, token: Option<&Secret>, url: reqwest::Url) -> Result<reqwest::Request, Error> {
    let mut http = reqwest::Request::new(request.info().method.clone(), url);
    let mut length = None;
    let media_type = if let Some(form) = request.multipart() {
        let body = multipart_body(request, form).await?;
        length = body.length;
        *http.body_mut() = Some(reqwest::Body::wrap_stream(body.pieces));
        Some(body.media_type)
    } else {
        let (media_type, body) = request.simple_body();
        *http.body_mut() = media_type.is_some().then(|| body.into());
        media_type
    };
    *http.headers_mut() = request.all_headers(token, media_type.as_deref())?;
    if let Some(length) = length {
        http.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(http)
}

/// The URL, unless parsing it leads elsewhere: `Url` resolves `.` and `..`, even percent-encoded ones.
fn checked_url(request: &Request, target: &Target) -> Result<reqwest::Url, Error> {
    let text = request.url(target);
    let unsendable = |error: Box<dyn std::error::Error + Send + Sync>| {
        TransportError::new(request.info().id, TransportKind::Request, error)
    };
    let meant: Uri = text
        .parse()
        .map_err(|error: http::uri::InvalidUri| unsendable(error.into()))?;
    let url = reqwest::Url::parse(&text).map_err(|error| unsendable(error.to_string().into()))?;
    if url.path() == meant.path() && url.query() == meant.query() {
        return Ok(url);
    }
    Err(request
        .refuse(request.dots().unwrap_or("path"), Reason::DotSegment)
        .into())
}

/// An address that the server gave. The error does not show it: it can carry a signature.
fn link(request: &Request, address: &str) -> Result<reqwest::Url, Error> {
    let url = reqwest::Url::parse(address).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| TransportError::new(request.info().id, TransportKind::Request, "no link of the web").into())
}

async fn read_bounded(
    info: &'static OperationInfo,
    response: &mut reqwest::Response,
    limit: usize,
) -> Result<Bytes, Error> {
    let too_long = Error::TooLong {
        operation: info.id,
        limit,
        attempts: 0,
    };
    let announced = response
        .content_length()
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > limit) {
        return Err(too_long);
    }
    let mut body = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|error| transport_error(info, error))? {
        if chunk.len() > limit - body.len() {
            return Err(too_long);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// A multipart form as a stream.
struct MultipartBody {
    media_type: String,
    /// Where it is known for every part.
    length: Option<u64>,
    pieces: Pieces,
}

async fn multipart_body(request: &Request, form: &Multipart) -> Result<MultipartBody, Error> {
    let (boundary, pieces) = form.pieces();
    let mut whole = Some(0);
    let mut streams = Vec::new();
    for piece in pieces {
        let (stream, length) = match piece {
            Piece::Bytes(bytes) => (in_memory(bytes.clone()), Some(bytes.len() as u64)),
            Piece::Content(content, listener) => {
                let (stream, length) = content_stream(request, content).await?;
                let stream = marked(stream);
                match listener {
                    Some(listener) => (told(stream, length, listener), length),
                    None => (stream, length),
                }
            }
        };
        whole = whole.and_then(|sum: u64| sum.checked_add(length?));
        streams.push(stream);
    }
    let pieces = Box::pin(stream::iter(streams).flatten());
    Ok(MultipartBody {
        media_type: Multipart::media_type(&boundary),
        length: whole,
        pieces,
    })
}

/// The content of a file, and its length where it is known.
async fn content_stream(request: &Request, content: Content) -> Result<(Pieces, Option<u64>), Error> {
    Ok(match content {
        Content::Bytes(bytes) => {
            let length = bytes.len() as u64;
            (in_memory(bytes), Some(length))
        }
        Content::Path(path) => {
            let (stream, length) = open(&path).await.map_err(|error| Error::File(Arc::new(error)))?;
            (stream, Some(length))
        }
        Content::Stream { source, length } => {
            let stream = source.take().ok_or_else(|| request.refuse("file", Reason::UsedUp))?;
            match length {
                Some(announced) => (exact(stream, announced), length),
                None => (stream, None),
            }
        }
    })
}

/// Content in memory, in pieces so that progress is seen.
fn in_memory(bytes: Bytes) -> Pieces {
    Box::pin(stream::unfold(bytes, |mut rest| async move {
        let piece = rest.split_to(rest.len().min(CHUNK));
        (!piece.is_empty()).then_some((Ok(piece), rest))
    }))
}

/// Tells how much of a file was taken.
fn told(pieces: Pieces, total: Option<u64>, listener: Listener) -> Pieces {
    listener.tell(0, total);
    let mut taken = 0;
    Box::pin(pieces.inspect(move |piece| {
        if let Ok(piece) = piece {
            taken += piece.len() as u64;
            listener.tell(taken, total);
        }
    }))
}

async fn open(path: &std::path::Path) -> io::Result<(Pieces, u64)> {
    let file = tokio::fs::File::open(path).await?;
    let about = file.metadata().await?;
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    // Should it grow meanwhile, what was announced is sent.
    let pieces = ReaderStream::with_capacity(file.take(about.len()), CHUNK);
    Ok((exact(Box::pin(pieces), about.len()), about.len()))
}

/// Fails where a stream gives more or less than was announced: a form cut short could look whole to the server.
fn exact(pieces: Pieces, length: u64) -> Pieces {
    let wrong = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "the file has another length than was announced",
        )
    };
    let ended = || (Box::pin(stream::empty()) as Pieces, 0);
    Box::pin(stream::unfold((pieces, length), move |(mut pieces, left)| async move {
        match pieces.next().await {
            Some(Ok(bytes)) => Some(match left.checked_sub(bytes.len() as u64) {
                Some(left) => (Ok(bytes), (pieces, left)),
                None => (Err(wrong()), ended()),
            }),
            Some(Err(error)) => Some((Err(error), ended())),
            None if left > 0 => Some((Err(wrong()), ended())),
            None => None,
        }
    }))
}

pub(super) fn transport_error(info: &'static OperationInfo, error: reqwest::Error) -> Error {
    if let Some(why) = unreadable(&error) {
        return Error::File(why);
    }
    let kind = if error.is_connect() {
        TransportKind::Connect
    } else if error.is_timeout() {
        TransportKind::Timeout
    } else if error.is_builder() {
        TransportKind::Request
    } else {
        TransportKind::Interrupted
    };
    // The URL may hold what must not be printed.
    TransportError::new(info.id, kind, error.without_url()).into()
}
