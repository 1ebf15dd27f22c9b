//! Multipart forms and uploaded files.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use bytes::Bytes;
use http::HeaderValue;
use http::header::InvalidHeaderValue;

use super::error::Reason;

/// A file to upload: a name, content, and optionally a media type.
#[derive(Clone)]
pub struct File {
    name: String,
    content_type: Option<String>,
    content: Content,
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
        }
    }
}

#[cfg(feature = "client")]
impl File {
    /// Makes a file from a path. It is opened when the request is sent, and never held in memory as a whole.
    pub fn path(path: impl Into<std::path::PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Self::with(name.unwrap_or_default(), Content::Path(path))
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
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// A multipart form: the headers of each part, without the boundary before them, and its content.
#[derive(Clone, Default)]
pub(crate) struct Multipart(Vec<(String, Content)>);

impl Multipart {
    pub(crate) fn text(&mut self, name: &str, text: String) {
        self.add(name, "", Content::Bytes(text.into()));
    }

    pub(crate) fn file(&mut self, name: &str, file: &File) -> Result<(), Reason> {
        let mut about = format!("; filename=\"{}\"", quoted(&file.name));
        if let Some(content_type) = &file.content_type {
            if content_type.is_empty() || HeaderValue::from_str(content_type).is_err() {
                return Err(Reason::MediaType);
            }
            about = about + "\r\nContent-Type: " + content_type;
        }
        self.add(name, &about, file.content.clone());
        Ok(())
    }

    fn add(&mut self, name: &str, about: &str, content: Content) {
        let name = quoted(name);
        let head = format!("Content-Disposition: form-data; name=\"{name}\"{about}\r\n\r\n");
        self.0.push((head, content));
    }

    /// Returns `true` if the same content can be sent again.
    #[cfg(feature = "client")]
    pub(crate) fn is_replayable(&self) -> bool {
        let mut contents = self.0.iter().map(|(_, content)| content);
        !contents.any(|content| matches!(content, Content::Stream { .. }))
    }

    pub(crate) fn media_type(boundary: &str) -> Result<HeaderValue, InvalidHeaderValue> {
        format!("multipart/form-data; boundary={boundary}").try_into()
    }

    /// Returns the boundary, and the body in parts.
    pub(crate) fn pieces(&self) -> (String, Vec<Content>) {
        // Too long to occur in the content by chance.
        let [high, low] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
        let boundary = format!("boundary-{high:016x}{low:016x}");
        let mut pieces = Vec::with_capacity(2 * self.0.len() + 1);
        let mut glue = String::new();
        for (head, content) in &self.0 {
            let head = format!("{glue}--{boundary}\r\n{head}");
            pieces.extend([Content::Bytes(head.into()), content.clone()]);
            "\r\n".clone_into(&mut glue);
        }
        let end = format!("{glue}--{boundary}--\r\n");
        pieces.push(Content::Bytes(end.into()));
        (boundary, pieces)
    }
}

/// Escapes a name as browsers do, so that it cannot end the quotes or the line.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
