//! Files that are received.

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
use crate::runtime::error::{Error, FileError, TransportError, TransportKind};
use crate::runtime::operation::OperationInfo;
use crate::runtime::progress::{Listener, Progress};
use crate::runtime::request::Request;

/// How often a broken download is taken up again unless another number is set.
const RESUMPTIONS: u32 = 5;

/// A file on its way: a stream of its pieces, never held in memory as a whole.
///
/// A download that breaks is taken up where it broke, if the server says how to tell that the file is still the same (a
/// strong `ETag`, or a `Last-Modified` that is good enough) and sends the rest: up to five times, after the pauses of the
/// [retry policy](super::RetryPolicy), and not at all where that is off. [`save`](Self::save) can start over besides.
pub struct Download {
    source: Source,
    status: StatusCode,
    headers: HeaderMap,
    length: Option<u64>,
    /// How many bytes were handed out.
    position: u64,
    attempts: u32,
    failures: u32,
    /// How many failures are overcome.
    resumptions: u32,
    listener: Option<Listener>,
    pieces: Arriving,
    /// A request for the rest.
    again: Option<Again>,
    /// Whether the file may begin anew, because nobody has seen what came before.
    may_restart: bool,
    /// What was handed out and given back.
    #[cfg(feature = "blocking")]
    unread: Bytes,
    ended: bool,
}

type Again = Boxed<'static, (Incoming, u32)>;

/// What was asked for, so that it can be asked for again.
struct Source {
    core: Arc<Core>,
    request: Request,
    options: CallOptions,
    policy: RetryPolicy,
}

/// What comes next.
enum Next {
    Piece(Bytes),
    /// The file begins anew: what came before does not count.
    Restart,
}

impl Download {
    /// Asks for a file.
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
            resumptions: if policy.is_off() { 0 } else { RESUMPTIONS },
            listener: None,
            pieces,
            again: None,
            may_restart: false,
            #[cfg(feature = "blocking")]
            unread: Bytes::new(),
            ended: false,
        })
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The length of the file in bytes, if the server says it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Tells how much of the file has arrived.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.listener = Some(Listener::new(listener));
        self
    }

    /// Sets how often the download is taken up again, or begins anew, after it broke. Without it, five times.
    #[must_use]
    pub fn resumptions(mut self, count: u32) -> Self {
        self.resumptions = count;
        self
    }

    /// The next piece; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// The connection may break, and the file may be shorter than the server said.
    #[inline]
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// Writes the file, and gives the number of bytes. What was written before a failure stays written.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk); besides, writing may fail.
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

    /// Saves the file under a name, and gives the number of bytes.
    ///
    /// It is written under a temporary name beside that one, and takes its place when it is complete; should anything fail,
    /// or the future be dropped, nothing is left behind. Where the rest of a broken download cannot be had, the download
    /// begins anew.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk); besides, writing may fail.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let info = self.info();
        let failed = |error: io::Error| FileError::new(info, Some(path), error);
        let (temporary, mut file) = Temporary::create(path).await.map_err(failed)?;
        // Whoever took pieces before wants the rest only.
        self.may_restart = self.position == 0;
        let mut written = 0;
        while let Some(next) = poll_fn(|context| self.poll_event(context)).await.transpose()? {
            match next {
                Next::Piece(piece) => {
                    file.write_all(&piece).await.map_err(failed)?;
                    written += piece.len() as u64;
                }
                Next::Restart => {
                    // What it still holds back must not reach the emptied file.
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

    /// The file as a whole; for small files.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk); besides, the file may be longer than the client accepts.
    #[inline]
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let limit = self.source.core.max_response();
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > limit - whole.len() {
                return Err(Error::TooLong {
                    info: self.info(),
                    limit,
                    attempts: self.attempts,
                });
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }

    pub(super) fn info(&self) -> &'static OperationInfo {
        self.source.request.info()
    }

    /// Takes back the end of the piece that was handed out last.
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
            let step = if let Some(again) = &mut self.again {
                let answer = ready!(again.as_mut().poll(context));
                self.again = None;
                self.rejoin(answer)
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

    /// Takes what arrived; `None` where that is no piece.
    fn take(&mut self, piece: Option<Result<Bytes, Failure>>) -> Result<Option<Next>, Error> {
        match piece {
            Some(Ok(piece)) => {
                self.position += piece.len() as u64;
                if self.length.is_some_and(|length| self.position > length) {
                    return Err(self.broken("the file is longer than the server said"));
                }
                if let Some(listener) = &self.listener {
                    listener.tell(self.position, self.length);
                }
                Ok(Some(Next::Piece(piece)))
            }
            Some(Err(failure)) => {
                let error = failure.of(self.info());
                self.ask_again(error).map(|()| None)
            }
            None if self.length.is_some_and(|length| self.position < length) => {
                let error = self.broken("the file is shorter than the server said");
                self.ask_again(error).map(|()| None)
            }
            None => {
                self.ended = true;
                Ok(None)
            }
        }
    }

    /// Asks for the rest, or for the whole file once more; gives the error back where neither is of use.
    fn ask_again(&mut self, error: Error) -> Result<(), Error> {
        self.failures += 1;
        // Where a part was asked for, its beginning is not that of the file.
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
        self.again = Some(reopen(Arc::clone(core), request, *options, pause));
        Ok(())
    }

    /// Goes on with the answer to a request for the rest.
    fn rejoin(&mut self, answer: Result<(Incoming, u32), Error>) -> Result<Option<Next>, Error> {
        let (response, attempts) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.attempts += error.attempts();
                if self.may_restart && error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE) {
                    return self.ask_anew(error);
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
            return Err(self.broken("it broke, and the server does not send the rest of the same file"));
        }
        match self.total_of_rest(&response.headers) {
            Some(total) => {
                self.length = Some(total);
                self.pieces = response.into_pieces(self.source.core.timeouts());
                Ok(None)
            }
            None if self.may_restart => self.ask_anew(self.broken("the server sent another part of the file")),
            None => Err(self.broken("it broke, and the server sent another part of the file than the rest")),
        }
    }

    /// Reads the file from its beginning.
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

    /// Forgets what came before, and asks for the whole file.
    fn ask_anew(&mut self, error: Error) -> Result<Option<Next>, Error> {
        self.failures += 1;
        self.position = 0;
        if self.failures > self.resumptions {
            return Err(error);
        }
        let Source {
            core, request, options, ..
        } = &self.source;
        self.again = Some(reopen(Arc::clone(core), request.clone(), *options, Duration::ZERO));
        Ok(Some(Next::Restart))
    }

    /// The length of the whole file, if this is the rest of the same one.
    fn total_of_rest(&self, headers: &HeaderMap) -> Option<u64> {
        let (start, total) = content_range(headers)?;
        // Without a length nobody would notice that this part, too, ends early.
        let total = total.or(self.length)?;
        let is_rest = start == self.position && self.length.is_none_or(|length| length == total);
        // Not every server heeds the condition. Of the two, only the tag has to be told again.
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
        TransportError::new(self.info(), TransportKind::Interrupted, why).into()
    }
}

fn reopen(core: Arc<Core>, request: Request, options: CallOptions, pause: Duration) -> Again {
    Box::pin(async move {
        tokio::time::sleep(pause).await;
        core.open(&request, options).await
    })
}

/// What tells one state of the file from another, if the server gives anything that surely does.
fn validator(headers: &HeaderMap) -> Option<&HeaderValue> {
    if headers.get(ACCEPT_RANGES).is_some_and(|ranges| ranges == "none") {
        return None;
    }
    if let Some(tag) = headers.get(ETAG) {
        let is_strong = tag.as_bytes().starts_with(b"\"");
        return is_strong.then_some(tag);
    }
    let (modified, date) = (time(headers, &LAST_MODIFIED)?, time(headers, &DATE)?);
    // It has whole seconds, so the file could have changed twice in the last one.
    let surely = date.duration_since(modified).is_ok_and(|age| age.as_secs() >= 1);
    headers.get(LAST_MODIFIED).filter(|_| surely)
}

fn time(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

/// The first byte of a part, and the length of the whole where it is known.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let start = range.split_once('-')?.0.parse().ok()?;
    match total {
        "*" => Some((start, None)),
        total => Some((start, Some(total.parse().ok()?))),
    }
}

/// A file that is removed unless it gets its final name.
struct Temporary {
    path: PathBuf,
    is_final: bool,
}

impl Temporary {
    /// Makes an empty file beside this one.
    #[inline]
    async fn create(path: &Path) -> io::Result<(Self, File)> {
        let path = path.to_owned();
        // In one go, so that the file is removed even if nobody waits for it any more when it is there.
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
        // Not longer than any other name, since names can be as long as the system allows.
        let path = path.with_file_name(format!(".{:016x}.part", fastrand::u64(..)));
        let mut options = std::fs::File::options();
        options.write(true).create_new(true);
        // Whoever may not read the file that it replaces shall not read this one, at no time.
        #[cfg(unix)]
        if let Some(permissions) = &permissions {
            use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
            options.mode(permissions.mode() & 0o777);
        }
        let file = options.open(&path)?;
        let temporary = Self { path, is_final: false };
        // All of them, whatever new files get.
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
            // There is nobody to tell.
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
                // Never where the beginning was handed out.
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
