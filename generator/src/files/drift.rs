//! How a folder differs from a set of files.

use std::fmt;
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::tree::{self, EntryKind, Tree};
use super::{FileSet, IoError};

/// One file that is not as it was generated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// Its path below the output folder.
    pub path: String,
    /// How it differs.
    pub kind: DriftKind,
}

/// How a file differs from the generated one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftKind {
    /// It holds something else.
    Changed,
    /// It is not there.
    Missing,
    /// It was generated once, and no longer is.
    Stale,
    /// It was never generated; a run leaves it alone.
    Foreign,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            DriftKind::Changed => "changed",
            DriftKind::Missing => "missing",
            DriftKind::Stale => "no longer generated",
            DriftKind::Foreign => "not a generated file",
        };
        write!(f, "{kind}: {}", self.path)
    }
}

/// Compares the set with what is there.
pub(super) fn find(set: &FileSet, root: &Path, tree: &Tree) -> Result<Vec<Drift>, IoError> {
    let files: Vec<_> = set.iter().collect();
    let differences = files
        .par_iter()
        .map(|(path, contents)| Ok((*path, difference(root, tree, path, contents)?)));
    let mut drifts = Vec::new();
    for (path, kind) in differences.collect::<Result<Vec<_>, IoError>>()? {
        drifts.extend(kind.map(|kind| Drift {
            path: path.to_owned(),
            kind,
        }));
    }
    for (path, kind) in tree.others(set) {
        let file = root.join(path);
        let marked = kind == EntryKind::File && tree::is_marked(&file).map_err(|e| IoError::new("read", &file, e))?;
        let kind = if marked { DriftKind::Stale } else { DriftKind::Foreign };
        drifts.push(Drift {
            path: path.to_owned(),
            kind,
        });
    }
    drifts.sort();
    Ok(drifts)
}

fn difference(root: &Path, tree: &Tree, path: &str, contents: &str) -> Result<Option<DriftKind>, IoError> {
    match tree.get(path) {
        None => Ok(Some(DriftKind::Missing)),
        Some(EntryKind::Folder | EntryKind::Special) => Ok(Some(DriftKind::Changed)),
        Some(EntryKind::File) => {
            let file = root.join(path);
            let actual = fs::read(&file).map_err(|e| IoError::new("read", &file, e))?;
            let same = actual == contents.as_bytes() || lines(&actual).eq(lines(contents.as_bytes()));
            Ok((!same).then_some(DriftKind::Changed))
        }
    }
}

/// The lines without their endings, which a checkout may have converted.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}
