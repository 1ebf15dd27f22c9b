//! Forms and uploaded files.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use bytes::Bytes;
use http::HeaderValue;
use http::header::InvalidHeaderValue;

use super::error::Reason;
use super::progress::Listener;
#[cfg(feature = "client")]
use super::progress::Progress;

// @if form
/// A URL-encoded form.
#[derive(Clone, Default)]
pub(crate) struct Form(String);

impl Form {
    pub(crate) fn extend<'a>(&mut self, fields: impl Iterator<Item = (&'a str, &'a str)>) {
        let start = std::mem::take(&mut self.0);
        self.0 = form_urlencoded::Serializer::new(start).extend_pairs(fields).finish();
    }

    pub(crate) fn encoded(&self) -> String {
        self.0.clone()
    }
}
// @end

/// A file to upload: a name, content, and optionally a media type.
#[derive(Clone)]
pub struct File {
    name: String,
    content_type: Option<String>,
    content: Content,
    listener: Option<Listener>,
}

/// Chunks of content.
#[cfg(feature = "client")]
pub(crate) type Pieces = futures_util::stream::BoxStream<'static, std::io::Result<Bytes>>;

/// Content that can be read once, shared by the clones of a file.
#[cfg(feature = "client")]
pub(crate) type Once = std::sync::Arc<std::sync::Mutex<Option<Pieces>>>;

/// The source of a file's content.
#[derive(Clone)]
pub(crate) enum Content {
    Bytes(Bytes),
    #[cfg(feature = "client")]
    Path(std::path::PathBuf),
    #[cfg(feature = "client")]
    Stream {
        pieces: Once,
        length: Option<u64>,
    },
}

impl File {
    /// Makes a file from content in memory.
    pub fn bytes(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::with(name.into(), Content::Bytes(content.into()))
    }

    /// Sets the media type, e.g. `image/png`. Default: none; the server decides.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets the file name that is sent.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    fn with(name: String, content: Content) -> Self {
        Self {
            name,
            content_type: None,
            content,
            listener: None,
        }
    }
}

#[cfg(feature = "client")]
impl File {
    /// Makes a file from a path. It is opened when the request is sent, and never held in memory as a whole.
    pub fn path(path: impl Into<std::path::PathBuf>) -> Self {
        let path = path.into();
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Self::with(name, Content::Path(path))
    }

    /// Makes a file whose content is read while it is sent. It can be sent only once.
    pub fn reader(name: impl Into<String>, reader: impl tokio::io::AsyncRead + Send + 'static) -> Self {
        Self::stream(name, tokio_util::io::ReaderStream::new(reader))
    }

    /// Makes a file whose content is a stream. It can be sent only once.
    pub fn stream(
        name: impl Into<String>,
        stream: impl futures_core::Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        let pieces = Once::new(std::sync::Mutex::new(Some(Box::pin(stream))));
        Self::with(name.into(), Content::Stream { pieces, length: None })
    }

    /// Sets the length in bytes of a reader or stream, for servers that require it.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        if let Content::Stream { length, .. } = &mut self.content {
            *length = Some(bytes);
        }
        self
    }

    /// Sets a function that is called with the number of bytes handed to the connection. Restarts at 0 if the file is sent again.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.listener = Some(Listener::new(listener));
        self
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// A multipart form.
#[derive(Clone, Default)]
pub(crate) struct Multipart(Vec<Part>);

#[derive(Clone)]
struct Part {
    /// Headers of the part, without the boundary before them.
    head: String,
    content: Content,
    listener: Option<Listener>,
}

impl Multipart {
    pub(crate) fn text(&mut self, name: &str, text: String) {
        self.0.push(Part {
            head: format!("Content-Disposition: form-data; name=\"{}\"\r\n\r\n", quoted(name)),
            content: Content::Bytes(text.into()),
            listener: None,
        });
    }

    pub(crate) fn file(&mut self, name: &str, file: &File) -> Result<(), Reason> {
        let mut head = format!(
            "Content-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n",
            quoted(name),
            quoted(&file.name)
        );
        if let Some(content_type) = &file.content_type {
            if content_type.is_empty() || HeaderValue::from_str(content_type).is_err() {
                return Err(Reason::MediaType);
            }
            head = head + "Content-Type: " + content_type + "\r\n";
        }
        self.0.push(Part {
            head: head + "\r\n",
            content: file.content.clone(),
            listener: file.listener.clone(),
        });
        Ok(())
    }

    /// Returns `true` if the same content can be sent again.
    #[cfg(feature = "client")]
    pub(crate) fn is_replayable(&self) -> bool {
        !self.0.iter().any(|part| matches!(part.content, Content::Stream { .. }))
    }

    pub(crate) fn media_type(boundary: &str) -> Result<HeaderValue, InvalidHeaderValue> {
        format!("multipart/form-data; boundary={boundary}").try_into()
    }

    /// Returns the boundary, and the body in parts.
    pub(crate) fn pieces(&self) -> (String, Vec<(Content, Option<Listener>)>) {
        let boundary = self.boundary();
        let mut pieces = Vec::with_capacity(2 * self.0.len() + 1);
        let mut glue = String::new();
        for part in &self.0 {
            let head = format!("{glue}--{boundary}\r\n{}", part.head);
            pieces.push((Content::Bytes(head.into()), None));
            pieces.push((part.content.clone(), part.listener.clone()));
            "\r\n".clone_into(&mut glue);
        }
        let end = format!("{glue}--{boundary}--\r\n");
        pieces.push((Content::Bytes(end.into()), None));
        (boundary, pieces)
    }

    /// Returns a random boundary that does not occur in content in memory.
    fn boundary(&self) -> String {
        loop {
            let [high, low] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
            let boundary = format!("boundary-{high:016x}{low:016x}");
            if !self.0.iter().any(|part| part.holds(&boundary)) {
                return boundary;
            }
        }
    }
}

impl Part {
    fn holds(&self, boundary: &str) -> bool {
        match &self.content {
            Content::Bytes(bytes) => memchr::memmem::find(bytes, boundary.as_bytes()).is_some(),
            #[cfg(feature = "client")]
            _ => false,
        }
    }
}

/// Escapes a name as browsers do, so that it cannot end the quotes or the line.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
