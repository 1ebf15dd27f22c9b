//! Errors of local files.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::runtime::operation::OperationInfo;

/// A file to upload could not be read, or a downloaded one could not be written or decompressed.
#[derive(Clone)]
pub struct FileError {
    trouble: Arc<Trouble>,
    pub(super) attempts: u32,
}

struct Trouble {
    info: Option<&'static OperationInfo>,
    path: Option<Box<Path>>,
    source: Arc<io::Error>,
}

impl FileError {
    #[cfg(feature = "client")]
    pub(crate) fn new(info: &'static OperationInfo, path: Option<&Path>, source: impl Into<Arc<io::Error>>) -> Self {
        Self::of(Trouble {
            info: Some(info),
            path: path.map(Into::into),
            source: source.into(),
        })
    }

    fn of(trouble: Trouble) -> Self {
        Self {
            trouble: Arc::new(trouble),
            attempts: 0,
        }
    }

    /// Returns the metadata of the operation that uploads or downloads the file, if known.
    #[must_use]
    pub fn info(&self) -> Option<&'static OperationInfo> {
        self.trouble.info
    }

    /// Returns the path of the file, if it has one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.trouble.path.as_deref()
    }

    /// Returns the underlying I/O error.
    #[must_use]
    pub fn io(&self) -> &io::Error {
        &self.trouble.source
    }
}

impl From<io::Error> for FileError {
    fn from(source: io::Error) -> Self {
        Self::of(Trouble {
            info: None,
            path: None,
            source: Arc::new(source),
        })
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(info) = self.info() {
            write!(f, "{}: ", info.id)?;
        }
        match self.path() {
            Some(path) => write!(f, "file {}: {}", path.display(), self.io()),
            None => write!(f, "file: {}", self.io()),
        }
    }
}

impl fmt::Debug for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileError")
            .field("operation", &self.info().map(|info| info.id))
            .field("path", &self.path())
            .field("source", self.io())
            .finish()
    }
}

impl StdError for FileError {
    // `Display` includes the I/O error itself, so the chain continues with its source.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.io().source()
    }
}
