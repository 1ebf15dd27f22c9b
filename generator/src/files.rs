//! The generated files, and the only code that writes them.
//!
//! A [`FileSet`] is everything one run generates. [`FileSet::write`] makes a folder hold it, [`FileSet::check`] tells how a
//! folder differs from it. Every file carries a [`MARK`], which is how a later run knows what it may replace or remove: a
//! file without it is somebody's work and is never touched.

mod drift;
mod mark;
mod path;
mod plan;
mod transaction;
mod tree;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use drift::{Drift, DriftKind};
pub use mark::MARK;
pub use path::PathFault;
pub use plan::{Obstacle, ObstacleKind};

use path::Claims;
use tree::Tree;

/// One generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path below the output folder, with `/` between its parts.
    pub path: String,
    /// Its content, without the header that marks it as generated: the writer adds that.
    pub contents: String,
}

/// Everything one run generates, by path. The paths are portable and none leaves the output folder; the contents are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSet {
    files: BTreeMap<String, String>,
}

impl FileSet {
    /// Gathers the files of all renderers and marks them as generated.
    ///
    /// # Errors
    ///
    /// Names every file whose path is not portable, clashes with another one, or whose kind of file cannot be marked.
    pub fn new(files: impl IntoIterator<Item = File>) -> Result<Self, FileSetError> {
        let mut claims = Claims::default();
        let mut marked = BTreeMap::new();
        let mut faults = Vec::new();
        for File { path, contents } in files {
            let fault = path::check(&path)
                .and_then(|()| claims.claim(&path))
                .and_then(|()| mark::add(&path, contents));
            match fault {
                Ok(contents) => drop(marked.insert(path, contents)),
                Err(fault) => faults.push(FileFault { path, fault }),
            }
        }
        if faults.is_empty() {
            Ok(Self { files: marked })
        } else {
            Err(FileSetError { faults })
        }
    }

    /// Path and content of every file, sorted by path.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, contents)| (path.as_str(), contents.as_str()))
    }

    /// The content of the file with this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Makes `root` hold these files: writes what is new or changed, removes what was generated before and no longer is.
    ///
    /// All or nothing: when anything fails, what `root` held before is put back. Files that are as they should be are not
    /// touched, nor is any file without the [`MARK`]; symbolic links below `root` are not followed.
    ///
    /// # Errors
    ///
    /// [`WriteError::Obstacles`] names everything that stands where a file has to go and is not ours to replace.
    pub fn write(&self, root: &Path) -> Result<Report, WriteError> {
        std::fs::create_dir_all(root).map_err(|e| IoError::new("create", root, e))?;
        transaction::clear(root)?;
        let plan = plan::make(self, root, &Tree::scan(root, self)?)?;
        transaction::commit(root, &plan.steps)?;
        Ok(plan.report())
    }

    /// How the files below `root` differ from these, sorted by path. Line endings do not count.
    ///
    /// # Errors
    ///
    /// When something below `root` cannot be read.
    pub fn check(&self, root: &Path) -> Result<Vec<Drift>, IoError> {
        drift::find(self, root, &Tree::scan(root, self)?)
    }
}

/// What [`FileSet::write`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Paths of the files that were created or replaced.
    pub written: Vec<String>,
    /// Paths of the files that were removed because they are no longer generated.
    pub removed: Vec<String>,
    /// How many files were as they should be.
    pub unchanged: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (written, removed) = (self.written.len(), self.removed.len());
        write!(f, "{written} written, {removed} removed, {} unchanged", self.unchanged)
    }
}

/// Why a [`FileSet`] cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSetError {
    /// Every file that is at fault, in the order they were given.
    pub faults: Vec<FileFault>,
}

impl fmt::Display for FileSetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines(f, "these files cannot be generated:", &self.faults)
    }
}

impl std::error::Error for FileSetError {}

/// What is wrong with one file of a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path:?} {fault}")]
pub struct FileFault {
    /// Its path.
    pub path: String,
    /// What is wrong.
    pub fault: PathFault,
}

/// Why a [`FileSet`] was not written. The folder holds what it held before, but for [`WriteError::NotRestored`].
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something that was not generated stands where files have to go.
    #[error("{}", Refusal(.0))]
    Obstacles(Vec<Obstacle>),
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The file system refused, and again when the previous files were to be put back.
    #[error("{cause}; and then the previous output could not be put back: {undo}")]
    NotRestored {
        /// What failed first.
        cause: IoError,
        /// What failed while the previous files were put back.
        undo: IoError,
    },
}

struct Refusal<'a>(&'a [Obstacle]);

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines(
            f,
            "nothing was written: move or delete first, as it was not generated:",
            self.0,
        )
    }
}

/// What could not be done to which file or folder.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct IoError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl IoError {
    fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self { action, path, source }
    }
}

fn lines<T: fmt::Display>(f: &mut fmt::Formatter<'_>, title: &str, items: &[T]) -> fmt::Result {
    f.write_str(title)?;
    items.iter().try_for_each(|item| write!(f, "\n  {item}"))
}
