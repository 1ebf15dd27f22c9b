//! Request bodies that are read while they are sent.

use std::io;
use std::path::Path;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::stream::{self, StreamExt};
use http::HeaderValue;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::intake::Intake;
use super::transport::Body;
use crate::runtime::error::{Error, FileError, Reason};
use crate::runtime::file::stream::{CHUNK, Pieces, marked};
use crate::runtime::file::{Content, Multipart, Piece};
use crate::runtime::progress::Listener;
use crate::runtime::request::Request;

/// A multipart form as a stream.
pub(super) struct MultipartBody {
    pub(super) media_type: HeaderValue,
    /// The length in bytes, if that of every part is known.
    pub(super) length: Option<u64>,
    pub(super) body: Body,
    pub(super) intake: Intake,
}

pub(super) async fn multipart_body(request: &Request, form: &Multipart) -> Result<MultipartBody, Error> {
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
    let (pieces, intake) = Intake::of(Pieces::new(stream::iter(streams).flatten()));
    Ok(MultipartBody {
        media_type: Multipart::media_type(&boundary).map_err(|error| request.unsendable(error))?,
        length: whole,
        body: Body::new(pieces),
        intake,
    })
}

/// Returns the content of a file, and its length if known.
async fn content_stream(request: &Request, content: Content) -> Result<(Pieces, Option<u64>), Error> {
    Ok(match content {
        Content::Bytes(bytes) => {
            let length = bytes.len() as u64;
            (in_memory(bytes), Some(length))
        }
        Content::Path(path) => {
            let (stream, length) = open(&path)
                .await
                .map_err(|error| FileError::new(request.info(), Some(&path), error))?;
            (stream, Some(length))
        }
        Content::Stream { source, length } => {
            let stream = source.take().ok_or_else(|| request.invalid("file", Reason::UsedUp))?;
            match length {
                Some(announced) => (exact(stream, announced), length),
                None => (stream, None),
            }
        }
    })
}

/// Returns content in memory in chunks, so that there is progress to report.
fn in_memory(bytes: Bytes) -> Pieces {
    Pieces::new(stream::unfold(bytes, |mut rest| async move {
        let piece = rest.split_to(rest.len().min(CHUNK));
        (!piece.is_empty()).then_some((Ok(piece), rest))
    }))
}

/// Reports progress to a listener.
fn told(pieces: Pieces, total: Option<u64>, listener: Listener) -> Pieces {
    listener.tell(0, total);
    let mut taken = 0;
    Pieces::new(pieces.inspect(move |piece| {
        if let Ok(piece) = piece {
            taken += piece.len() as u64;
            listener.tell(taken, total);
        }
    }))
}

/// Opens a regular file and returns its length.
async fn open(path: &Path) -> io::Result<(Pieces, u64)> {
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        // Opening a pipe would block until another process writes to it.
        if !std::fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        Ok((file, length))
    });
    let (file, length) = opened.await.map_err(io::Error::other)??;
    // If the file grows, only the announced length is sent.
    let pieces = ReaderStream::with_capacity(File::from_std(file).take(length), CHUNK);
    Ok((exact(Pieces::new(pieces), length), length))
}

/// Fails if a stream is longer or shorter than announced: a truncated form could look complete to the server.
fn exact(pieces: Pieces, length: u64) -> Pieces {
    let wrong = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "the file does not have the announced length",
        )
    };
    let ended = || (Pieces::new(stream::empty()), 0);
    Pieces::new(stream::unfold((pieces, length), move |(mut pieces, left)| async move {
        let next = match left {
            // A source that stays open, such as a socket, never ends: it is enough that no more is available at once.
            0 => pieces.next().now_or_never().flatten(),
            _ => pieces.next().await,
        };
        match next {
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
