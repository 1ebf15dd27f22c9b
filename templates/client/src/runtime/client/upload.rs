//! Request bodies that are read while they are sent.

use std::io;
use std::path::Path;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use http::HeaderValue;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::fs::{self, File};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::lock;
use super::timeout::Intake;
use super::transport::Body;
use crate::runtime::error::{Error, Reason};
use crate::runtime::file::{Content, Multipart, Pieces};
use crate::runtime::request::Request;

/// Number of bytes read at a time.
const CHUNK: usize = 64 << 10;

/// A multipart form as a stream.
pub(super) struct MultipartBody {
    pub(super) media_type: HeaderValue,
    /// The length in bytes, if that of every part is known.
    pub(super) length: Option<u64>,
    /// Its errors are those of files.
    pub(super) body: Body,
    pub(super) intake: Intake,
}

pub(super) async fn multipart_body(request: &Request, form: &Multipart) -> Result<MultipartBody, Error> {
    let info = request.info();
    let (boundary, parts) = form.pieces();
    let mut whole = Some(0);
    let mut streams = Vec::new();
    for content in parts {
        let (stream, length, path) = match content {
            Content::Bytes(bytes) => (in_memory(&bytes), Some(bytes.len() as u64), None),
            Content::Path(path) => {
                let opened = open(&path).await;
                let (stream, length) = opened.map_err(|error| Error::file(info, Some(&path), error))?;
                (stream, Some(length), Some(path))
            }
            Content::Stream { pieces, length } => {
                let stream = lock(&pieces).take();
                let stream = stream.ok_or_else(|| request.invalid("file", Reason::UsedUp))?;
                (stream, length, None)
            }
        };
        let stream = match length {
            Some(length) => exact((stream, length)),
            None => stream,
        };
        whole = whole.and_then(|sum: u64| sum.checked_add(length?));
        streams.push(stream.map_err(move |error| Error::file(info, path.as_deref(), error)));
    }
    let (pieces, intake) = Intake::of(stream::iter(streams).flatten());
    Ok(MultipartBody {
        media_type: Multipart::media_type(&boundary).map_err(|error| request.unsendable(error))?,
        length: whole,
        body: Body::new(StreamBody::new(pieces.map_ok(Frame::data))),
        intake,
    })
}

/// Returns content in memory in chunks: the read timeout is paused while the server accepts them.
fn in_memory(bytes: &Bytes) -> Pieces {
    let pieces: Vec<_> = bytes.chunks(CHUNK).map(|piece| Ok(bytes.slice_ref(piece))).collect();
    stream::iter(pieces).boxed()
}

/// Opens a regular file and returns its length.
async fn open(path: &Path) -> io::Result<(Pieces, u64)> {
    // Opening a pipe would block until another process writes to it.
    if !fs::metadata(path).await?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let file = File::open(path).await?;
    let length = file.metadata().await?.len();
    // If the file grows, only the announced length is sent.
    let pieces = ReaderStream::with_capacity(file.take(length), CHUNK);
    Ok((pieces.boxed(), length))
}

/// Fails if a stream is longer or shorter than announced: a truncated form could look complete to the server.
fn exact(announced: (Pieces, u64)) -> Pieces {
    let wrong = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "the file does not have the announced length",
        )
    };
    let pieces = stream::try_unfold(announced, move |(mut pieces, left)| async move {
        let next = match left {
            // A source that stays open, such as a socket, never ends: it is enough that no more is available at once.
            0 => pieces.next().now_or_never().flatten(),
            _ => pieces.next().await,
        };
        match next.transpose()? {
            Some(bytes) => {
                let left = left.checked_sub(bytes.len() as u64).ok_or_else(wrong)?;
                Ok(Some((bytes, (pieces, left))))
            }
            None if left > 0 => Err(wrong()),
            None => Ok(None),
        }
    });
    pieces.boxed()
}
