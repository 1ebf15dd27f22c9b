//! The files of a spec in memory, and positions in them.

use std::{
    fs, io,
    io::Read as _,
    path::{Path, PathBuf},
};

/// Maximum size of a file, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// Maximum number of files in a spec.
pub const MAX_FILES: usize = 4096;

/// The files of a spec, sorted by path, so that the result does not depend on their order on disk.
#[derive(Debug, Clone, Default)]
pub struct SourceSet {
    files: Vec<SourceFile>,
}

/// One file of a spec.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path relative to the folder of the spec, with `/` as the separator.
    pub path: String,
    /// The content. Invalid UTF-8 is replaced, and `error` is set.
    pub text: String,
    /// Why the content cannot be used; `None` if it can.
    pub error: Option<ContentError>,
}

/// The reason why the content of a file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentError {
    /// The file is larger than [`MAX_FILE_BYTES`].
    TooLarge,
    /// The byte at this offset is not valid UTF-8.
    NotUtf8(usize),
    /// The character at this offset is a control character that YAML does not allow, such as NUL.
    Control(usize),
}

/// The index of a file in its [`SourceSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(pub usize);

/// A byte range in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl SourceSet {
    /// Reads `api.yaml`, `types/*.yaml`, `sections/*.yaml`, `webhooks/*.yaml` and the hand-written files of `client/` and `sandbox/` in
    /// a folder.
    ///
    /// # Errors
    ///
    /// Returns an error if a file or folder cannot be read or there are more than [`MAX_FILES`] files. A missing `api.yaml` is
    /// not an error here: [`crate::syntax::load`] reports it together with all other errors.
    pub fn load(root: &Path) -> Result<Self, LoadError> {
        let mut files = Vec::new();
        for (folder, wanted) in FOLDERS {
            for path in files_in(&root.join(folder), wanted)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let relative = if folder.is_empty() {
                    name.into_owned()
                } else {
                    format!("{folder}/{name}")
                };
                let bytes = read_bounded(&path).map_err(|error| LoadError {
                    path: path.clone(),
                    error,
                })?;
                files.push((relative, bytes));
                if files.len() > MAX_FILES {
                    let error = io::Error::other(format!("a spec has at most {MAX_FILES} files"));
                    return Err(LoadError { path, error });
                }
            }
        }
        Ok(Self::from_files(files))
    }

    /// Creates a set from files in memory: paths relative to the folder of the spec, and contents.
    pub fn from_files(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut files: Vec<_> = files
            .into_iter()
            .map(|(path, bytes)| SourceFile::new(path, bytes))
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// Returns all files with their indexes.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index), file))
    }

    /// Returns the file with an index.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0]
    }

    /// Returns the total size of all files, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.files.iter().map(|file| file.text.len()).sum()
    }

    /// Returns the total number of lines in all files.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.files.iter().map(|file| file.text.lines().count()).sum()
    }
}

impl SourceFile {
    fn new(path: String, mut bytes: Vec<u8>) -> Self {
        let too_large = bytes.len() > MAX_FILE_BYTES;
        bytes.truncate(MAX_FILE_BYTES);
        let (text, not_utf8) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                (
                    String::from_utf8_lossy(error.as_bytes()).into_owned(),
                    Some(ContentError::NotUtf8(offset)),
                )
            }
        };
        let control = || find_forbidden(&text).map(ContentError::Control);
        let error = if too_large {
            Some(ContentError::TooLarge)
        } else {
            not_utf8.or_else(control)
        };
        Self { path, text, error }
    }

    /// Returns `true` if the file is a hand-written part of a generated crate and not YAML of the spec.
    #[must_use]
    pub fn is_hand_written(&self) -> bool {
        ["client/", "sandbox/"]
            .iter()
            .any(|folder| self.path.starts_with(folder))
    }

    /// Returns the name of the file without folder and extension: `users` for `sections/users.yaml`.
    #[must_use]
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".yaml").unwrap_or(name)
    }
}

/// Returns `true` for control characters that are not allowed in a spec, including those that change the direction of text. Line
/// breaks and tabs are allowed here; the YAML parser checks them.
#[must_use]
pub fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the offset of the first character that [`is_forbidden`]. Decodes only characters whose first byte can begin one.
fn find_forbidden(text: &str) -> Option<usize> {
    let is_suspicious = |byte: u8| byte < b' ' || matches!(byte, 0x7F | 0xC2 | 0xE2);
    let at = |(offset, byte)| is_suspicious(byte) && text[offset..].starts_with(is_forbidden);
    text.bytes().enumerate().position(at)
}

/// An error while reading a file or folder of a spec.
#[derive(Debug)]
pub struct LoadError {
    /// The file or folder.
    pub path: PathBuf,
    /// The cause.
    pub error: io::Error,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read `{}`: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for LoadError {}

/// The folders of a spec, with the name or extension of the files to read in each.
const FOLDERS: &[(&str, &str)] = &[
    ("", "api.yaml"),
    ("types", ".yaml"),
    ("sections", ".yaml"),
    ("webhooks", ".yaml"),
    ("client", "Cargo.toml"),
    ("client", ".md"),
    ("client/src", ".rs"),
    ("client/src/guide", ".md"),
    ("client/tests", ".rs"),
    ("client/tests/support", ".rs"),
    ("client/examples", ".rs"),
    ("client/examples/common", ".rs"),
    ("client/benches/cost", ".rs"),
    ("sandbox", "Cargo.toml"),
    ("sandbox", ".md"),
    ("sandbox", "Dockerfile"),
    ("sandbox/docs", ".md"),
    ("sandbox/src", "behaviour.rs"),
    ("sandbox/src/behaviour", ".rs"),
    ("sandbox/tests", ".rs"),
    ("sandbox/tests/support", ".rs"),
    ("sandbox/benches/load", ".rs"),
];

fn files_in(folder: &Path, wanted: &str) -> Result<Vec<PathBuf>, LoadError> {
    let fail = |error| LoadError {
        path: folder.to_owned(),
        error,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound && wanted != "api.yaml" => return Ok(Vec::new()),
        Err(error) => return Err(fail(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == wanted || (wanted.starts_with('.') && name.ends_with(wanted)) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Reads at most one byte more than [`MAX_FILE_BYTES`], so that larger files are detected without being loaded.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
