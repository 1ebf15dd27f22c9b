//! Downloads.

use std::fmt;
use std::io;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use http_body::Body as _;
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::timeout::Timeouts;
use super::{Client, send};
use crate::runtime::error::{Error, ErrorKind};
use crate::runtime::operation::{OperationInfo, RawResponse};
use crate::runtime::request::Request;

/// A file that is being downloaded: a stream of its chunks, never held in memory as a whole. It ends after an error.
pub struct Download {
    /// The response without its body.
    head: RawResponse,
    length: Option<u64>,
    /// Maximum number of bytes in memory.
    limit: usize,
    /// The rest of the file.
    pieces: BoxStream<'static, Result<Bytes, Error>>,
}

impl Download {
    /// Sends the request for a file.
    pub(super) async fn open(client: Client, request: Result<Request, Error>) -> Result<Self, Error> {
        let mut body = None;
        let head = send::receive(client.clone(), request, Some(&mut body)).await?.raw;
        let body = body.unwrap_or(Bytes::new().into());
        let (info, attempts, length) = (head.info(), head.attempts, body.size_hint().exact());
        let timeouts = Timeouts::new(None, client.core.settings.read_timeout);
        let pieces = stream::try_unfold((body, timeouts, 0), move |(mut body, timeouts, before)| async move {
            let broken = |why: &'static str| Err(Error::transport(ErrorKind::Interrupted, why).of(info, None));
            let piece = timeouts.chunk(&mut body).await.map_err(|error| error.of(info, None))?;
            let position = before + piece.as_ref().map_or(0, |piece| piece.len() as u64);
            match (piece, length) {
                (_, Some(length)) if position > length => broken("the file is longer than announced"),
                (None, Some(length)) if position < length => broken("the file is shorter than announced"),
                (piece, _) => Ok(piece.map(|piece| (piece, (body, timeouts, position)))),
            }
        });
        let pieces = pieces.map_err(move |error: Error| error.after_attempts(attempts));
        Ok(Self {
            head,
            length,
            limit: client.core.settings.max_response,
            pieces: pieces.boxed(),
        })
    }

    /// Returns the response without its body: status and headers.
    #[must_use]
    pub fn response(&self) -> &RawResponse {
        &self.head
    }

    /// Returns the length of the file in bytes, if the server sends it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns the next chunk; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks, the server sends no data in time, or the file is shorter than announced.
    #[inline]
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.try_next().await
    }

    /// Writes the rest of the file to a writer and returns the number of bytes. After a failure, what was written stays.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk). Also fails if writing fails.
    pub async fn copy_to(&mut self, mut writer: impl AsyncWrite + Unpin) -> Result<u64, Error> {
        self.copy(&mut writer, None).await
    }

    /// Saves the rest of the file to a path and returns the number of bytes.
    ///
    /// Writes to a temporary file in the same directory and renames it when it is complete. If saving fails or the future is
    /// dropped, the temporary file is removed.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk). Also fails if writing fails.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let info = self.info();
        let failed = |error: io::Error| Error::file(info, Some(path), error);
        let (file, temporary) = in_thread(path, temporary).await.map_err(failed)?;
        let mut file = File::from_std(file);
        let written = self.copy(&mut file, Some(path)).await?;
        // A crash must not leave an empty file under the final name.
        file.sync_all().await.map_err(failed)?;
        drop(file);
        let renamed = in_thread(path, move |path| Ok(temporary.persist(path)?)).await;
        renamed.map(|()| written).map_err(failed)
    }

    /// Returns the rest of the file in memory; for small files.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk). Also fails if the file exceeds the client's limit.
    #[inline]
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let limit = self.limit;
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > limit - whole.len() {
                return Err(Error::too_long(self.info(), limit).after_attempts(self.head.attempts));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }

    async fn copy(&mut self, writer: &mut (impl AsyncWrite + Unpin), path: Option<&Path>) -> Result<u64, Error> {
        let info = self.info();
        let failed = |error: io::Error| Error::file(info, path, error);
        let mut written = 0;
        while let Some(chunk) = self.chunk().await? {
            writer.write_all(&chunk).await.map_err(failed)?;
            written += chunk.len() as u64;
        }
        writer.flush().await.map_err(failed)?;
        Ok(written)
    }

    pub(super) fn info(&self) -> &'static OperationInfo {
        self.head.info()
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pieces.as_mut().poll_next(context)
    }
}

/// Works with a path on a thread where that may block.
async fn in_thread<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let path = path.to_owned();
    let outcome = tokio::task::spawn_blocking(move || work(&path)).await;
    outcome.map_err(io::Error::other)?
}

/// Creates an empty file in the same directory, which is removed when the path is dropped.
fn temporary(path: &Path) -> io::Result<(std::fs::File, TempPath)> {
    if path.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name"));
    }
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.suffix(".part");
    let replaced = std::fs::metadata(path).ok().map(|about| about.permissions());
    // Users who cannot read the replaced file must never be able to read this one. The umask applies.
    #[cfg(unix)]
    builder.permissions(replaced.clone().unwrap_or(PermissionsExt::from_mode(0o666)));
    let file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    // All permission bits, regardless of the umask.
    if let Some(permissions) = replaced {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file.into_parts())
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, status, length) = (self.info().id, self.head.status(), self.length);
        write!(f, "Download({id}: {status}, {length:?} bytes)")
    }
}
