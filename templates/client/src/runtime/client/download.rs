//! Downloads.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_core::Stream;
use http::header::{ACCEPT_RANGES, CONTENT_RANGE, DATE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED};
use http::{HeaderMap, StatusCode};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt, AsyncWrite, AsyncWriteExt};

use super::Boxed;
use super::options::CallOptions;
use super::retry::RetryPolicy;
use super::send::Core;
use super::transport::{Arriving, Failure, Incoming};
use crate::runtime::error::{Error, ErrorKind, FileError, TransportError};
use crate::runtime::operation::OperationInfo;
use crate::runtime::progress::{Listener, Progress};
use crate::runtime::request::Request;

/// Default maximum number of resumptions of a broken download.
const MAX_RESUMPTIONS: u32 = 5;

/// A file that is being downloaded: a stream of its chunks, never held in memory as a whole.
///
/// If the connection breaks, the download resumes at the same byte, provided that the server sends a validator (a strong
/// `ETag`, or a `Last-Modified` that is precise enough) and accepts the range request. It resumes up to five times, with the
/// delays of the [retry policy](super::RetryPolicy), and not at all if retries are off. [`save`](Self::save) can also start
/// over.
pub struct Download {
    source: Source,
    status: StatusCode,
    headers: HeaderMap,
    length: Option<u64>,
    /// Number of bytes returned so far.
    position: u64,
    attempts: u32,
    failures: u32,
    /// Maximum number of failures to recover from.
    resumptions: u32,
    listener: Option<Listener>,
    pieces: Arriving,
    /// The request that resumes the download, while it is in flight.
    reopening: Option<Reopening>,
    /// Whether the download may start over, because the caller has seen no data.
    may_restart: bool,
    /// Data that the caller gave back.
    #[cfg(feature = "blocking")]
    unread: Bytes,
    ended: bool,
}

type Reopening = Boxed<'static, (Incoming, u32)>;

/// The request for the file, to send it again.
struct Source {
    core: Arc<Core>,
    request: Request,
    options: CallOptions,
    policy: RetryPolicy,
}

/// The next event of a download.
enum Next {
    Piece(Bytes),
    /// The file starts over: discard what came before.
    Restart,
}

impl Download {
    /// Sends the request for a file.
    pub(super) async fn open(core: Arc<Core>, request: Request, options: CallOptions) -> Result<Self, Error> {
        let (response, attempts) = core.open(&request, options).await?;
        let policy = core.policy(options);
        let (status, headers, length) = (response.status, response.headers.clone(), response.content_length());
        let pieces = response.into_pieces(core.timeouts());
        Ok(Self {
            source: Source {
                core,
                request,
                options,
                policy,
            },
            status,
            headers,
            length,
            position: 0,
            attempts,
            failures: 0,
            resumptions: if policy.is_off() { 0 } else { MAX_RESUMPTIONS },
            listener: None,
            pieces,
            reopening: None,
            may_restart: false,
            #[cfg(feature = "blocking")]
            unread: Bytes::new(),
            ended: false,
        })
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the length of the file in bytes, if the server sends it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Sets a function that is called with the number of bytes received so far.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.listener = Some(Listener::new(listener));
        self
    }

    /// Sets how often a broken download is resumed or restarted. Default: 5.
    #[must_use]
    pub fn resumptions(mut self, count: u32) -> Self {
        self.resumptions = count;
        self
    }

    /// Returns the next chunk; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks, or the file is shorter than announced.
    #[inline]
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// Writes the rest of the file to a writer and returns the number of bytes. After a failure, what was written stays.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk). Also fails if writing fails.
    pub async fn copy_to(&mut self, mut writer: impl AsyncWrite + Unpin) -> Result<u64, Error> {
        let info = self.info();
        let failed = |error: io::Error| FileError::new(info, None, error);
        let mut written = 0;
        while let Some(chunk) = self.chunk().await? {
            writer.write_all(&chunk).await.map_err(failed)?;
            written += chunk.len() as u64;
        }
        writer.flush().await.map_err(failed)?;
        Ok(written)
    }

    /// Saves the file to a path and returns the number of bytes.
    ///
    /// Writes to a temporary file in the same directory and renames it when it is complete. If saving fails or the future is
    /// dropped, the temporary file is removed. If a broken download cannot be resumed, it starts over.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk). Also fails if writing fails.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let info = self.info();
        let failed = |error: io::Error| FileError::new(info, Some(path), error);
        let (temporary, mut file) = Temporary::create(path).await.map_err(failed)?;
        // A caller that has read the beginning wants only the rest.
        self.may_restart = self.position == 0;
        let mut written = 0;
        while let Some(next) = poll_fn(|context| self.poll_event(context)).await.transpose()? {
            match next {
                Next::Piece(piece) => {
                    file.write_all(&piece).await.map_err(failed)?;
                    written += piece.len() as u64;
                }
                Next::Restart => {
                    // Buffered data must not reach the emptied file.
                    file.flush().await.map_err(failed)?;
                    file.set_len(0).await.map_err(failed)?;
                    file.rewind().await.map_err(failed)?;
                    written = 0;
                }
            }
        }
        file.flush().await.map_err(failed)?;
        // A crash must not leave an empty file under the final name.
        file.sync_all().await.map_err(failed)?;
        drop(file);
        temporary.rename(path).await.map_err(failed)?;
        Ok(written)
    }

    /// Returns the rest of the file in memory; for small files.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk). Also fails if the file exceeds the client's limit.
    #[inline]
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let limit = self.source.core.max_response();
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > limit - whole.len() {
                return Err(Error::too_long(self.info(), limit).after_attempts(self.attempts));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }

    pub(super) fn info(&self) -> &'static OperationInfo {
        self.source.request.info()
    }

    /// Takes back the unread end of the last chunk.
    #[cfg(feature = "blocking")]
    pub(super) fn give_back(&mut self, piece: Bytes) {
        self.unread = piece;
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Next, Error>>> {
        #[cfg(feature = "blocking")]
        if !self.unread.is_empty() {
            let piece = std::mem::take(&mut self.unread);
            return Poll::Ready(Some(Ok(Next::Piece(piece))));
        }
        loop {
            if self.ended {
                return Poll::Ready(None);
            }
            let step = if let Some(reopening) = &mut self.reopening {
                let response = ready!(reopening.as_mut().poll(context));
                self.reopening = None;
                self.continue_with(response)
            } else {
                let piece = ready!(self.pieces.as_mut().poll_next(context));
                self.take(piece)
            };
            match step {
                Ok(Some(next)) => return Poll::Ready(Some(Ok(next))),
                Ok(None) => {}
                Err(error) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error.after_attempts(self.attempts))));
                }
            }
        }
    }

    /// Handles the next chunk of the body. Returns `None` if there is no event for the caller.
    fn take(&mut self, piece: Option<Result<Bytes, Failure>>) -> Result<Option<Next>, Error> {
        match piece {
            Some(Ok(piece)) => {
                self.position += piece.len() as u64;
                if self.length.is_some_and(|length| self.position > length) {
                    return Err(self.broken("the file is longer than announced"));
                }
                if let Some(listener) = &self.listener {
                    listener.tell(self.position, self.length);
                }
                Ok(Some(Next::Piece(piece)))
            }
            Some(Err(failure)) => {
                let error = failure.of(self.info());
                self.resume(error).map(|()| None)
            }
            None if self.length.is_some_and(|length| self.position < length) => {
                let error = self.broken("the file is shorter than announced");
                self.resume(error).map(|()| None)
            }
            None => {
                self.ended = true;
                Ok(None)
            }
        }
    }

    /// Requests the rest, or the whole file again. Returns the error if neither is possible.
    fn resume(&mut self, error: Error) -> Result<(), Error> {
        self.failures += 1;
        // A partial response does not start at the beginning of the file.
        let is_whole = self.status != StatusCode::PARTIAL_CONTENT;
        let same = validator(&self.headers).filter(|_| is_whole);
        if same.is_none() && self.position > 0 && !self.may_restart {
            return Err(error);
        }
        let Source {
            core,
            request,
            options,
            policy,
        } = &self.source;
        let policy = policy.max_attempts(self.resumptions.saturating_add(1));
        let Some(pause) = core.pause_of_download(request, policy, self.failures, &error) else {
            return Err(error);
        };
        let request = match same {
            Some(same) if self.position > 0 => request.from_byte(self.position, same),
            _ => request.clone(),
        };
        self.reopening = Some(reopen(Arc::clone(core), request, *options, pause));
        Ok(())
    }

    /// Continues with the response to a request that resumes the download.
    fn continue_with(&mut self, response: Result<(Incoming, u32), Error>) -> Result<Option<Next>, Error> {
        let (response, attempts) = match response {
            Ok(response) => response,
            Err(error) => {
                self.attempts += error.attempts();
                if self.may_restart && error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE) {
                    return self.restart(error);
                }
                return Err(error);
            }
        };
        self.attempts += attempts;
        if self.position == 0 && response.status != StatusCode::PARTIAL_CONTENT {
            return Ok(self.begin(response, None));
        }
        if response.status != StatusCode::PARTIAL_CONTENT {
            if self.may_restart {
                return Ok(self.begin(response, Some(Next::Restart)));
            }
            return Err(self.broken("the connection broke, and the server does not send the rest of the same file"));
        }
        match self.total_length(&response.headers) {
            Some(total) => {
                self.length = Some(total);
                self.pieces = response.into_pieces(self.source.core.timeouts());
                Ok(None)
            }
            None if self.may_restart => self.restart(self.broken("the server sent the wrong part of the file")),
            None => Err(self.broken("the connection broke, and the server sent the wrong part of the file")),
        }
    }

    /// Starts reading the file from its beginning.
    fn begin(&mut self, response: Incoming, next: Option<Next>) -> Option<Next> {
        self.position = 0;
        self.length = response.content_length();
        self.headers = response.headers.clone();
        self.pieces = response.into_pieces(self.source.core.timeouts());
        if let Some(listener) = &self.listener {
            listener.tell(0, self.length);
        }
        next
    }

    /// Discards what came before and requests the whole file.
    fn restart(&mut self, error: Error) -> Result<Option<Next>, Error> {
        self.failures += 1;
        self.position = 0;
        if self.failures > self.resumptions {
            return Err(error);
        }
        let Source {
            core, request, options, ..
        } = &self.source;
        self.reopening = Some(reopen(Arc::clone(core), request.clone(), *options, Duration::ZERO));
        Ok(Some(Next::Restart))
    }

    /// Returns the length of the whole file, if these headers belong to the rest of the same file.
    fn total_length(&self, headers: &HeaderMap) -> Option<u64> {
        let (start, total) = content_range(headers)?;
        // Without a length, a part that ends early would go unnoticed.
        let total = total.or(self.length)?;
        let is_rest = start == self.position && self.length.is_none_or(|length| length == total);
        // Some servers ignore `If-Range`. A partial response must repeat the tag, but not the date.
        let is_same = match self.headers.get(ETAG) {
            Some(tag) => headers.get(ETAG) == Some(tag),
            None => match (self.headers.get(LAST_MODIFIED), headers.get(LAST_MODIFIED)) {
                (Some(before), Some(now)) => before == now,
                _ => true,
            },
        };
        (is_rest && is_same).then_some(total)
    }

    fn broken(&self, why: &'static str) -> Error {
        TransportError::new(self.info(), ErrorKind::Interrupted, why).into()
    }
}

fn reopen(core: Arc<Core>, request: Request, options: CallOptions, pause: Duration) -> Reopening {
    Box::pin(async move {
        tokio::time::sleep(pause).await;
        core.open(&request, options).await
    })
}

/// Returns a validator that identifies this version of the file reliably, if the server sends one.
fn validator(headers: &HeaderMap) -> Option<&HeaderValue> {
    if headers.get(ACCEPT_RANGES).is_some_and(|ranges| ranges == "none") {
        return None;
    }
    if let Some(tag) = headers.get(ETAG) {
        let is_strong = tag.as_bytes().starts_with(b"\"");
        return is_strong.then_some(tag);
    }
    let (modified, date) = (time(headers, &LAST_MODIFIED)?, time(headers, &DATE)?);
    // The date has a resolution of one second, so the file could have changed twice in the last one.
    let surely = date.duration_since(modified).is_ok_and(|age| age.as_secs() >= 1);
    headers.get(LAST_MODIFIED).filter(|_| surely)
}

fn time(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

/// Parses `Content-Range`: the first byte of the part, and the length of the whole file, if known.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let start = range.split_once('-')?.0.parse().ok()?;
    match total {
        "*" => Some((start, None)),
        total => Some((start, Some(total.parse().ok()?))),
    }
}

/// A file that is removed when dropped, unless it was renamed to its final name.
struct Temporary {
    path: PathBuf,
    is_final: bool,
}

impl Temporary {
    /// Creates an empty file in the same directory.
    #[inline]
    async fn create(path: &Path) -> io::Result<(Self, File)> {
        let path = path.to_owned();
        // In one step, so that the file is removed even if the future is dropped before it exists.
        let made = tokio::task::spawn_blocking(move || Self::beside(&path)).await;
        let (temporary, file) = made.map_err(io::Error::other)??;
        Ok((temporary, File::from_std(file)))
    }

    #[inline]
    fn beside(path: &Path) -> io::Result<(Self, std::fs::File)> {
        if path.file_name().is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name"));
        }
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let permissions = std::fs::metadata(path).ok().map(|about| about.permissions());
        // A short name, since the final name may be as long as the system allows.
        let path = path.with_file_name(format!(".{:016x}.part", fastrand::u64(..)));
        let mut options = std::fs::File::options();
        options.write(true).create_new(true);
        // Users who cannot read the replaced file must never be able to read this one.
        #[cfg(unix)]
        if let Some(permissions) = &permissions {
            use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
            options.mode(permissions.mode() & 0o777);
        }
        let file = options.open(&path)?;
        let temporary = Self { path, is_final: false };
        // All permission bits, regardless of the umask.
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        Ok((temporary, file))
    }

    #[inline]
    async fn rename(mut self, path: &Path) -> io::Result<()> {
        tokio::fs::rename(&self.path, path).await?;
        self.is_final = true;
        Ok(())
    }
}

impl Drop for Temporary {
    #[inline]
    fn drop(&mut self) {
        if !self.is_final {
            // Errors cannot be reported from `drop`.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.poll_event(context)) {
                Some(Ok(Next::Piece(piece))) => return Poll::Ready(Some(Ok(piece))),
                // Does not occur after data was returned.
                Some(Ok(Next::Restart)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Download({}: {}, {:?} bytes)",
            self.info().id,
            self.status,
            self.length
        )
    }
}
