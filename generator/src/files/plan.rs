//! The steps that update a folder to match a set of files. They are planned before any file is changed.

use std::fmt;
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::tree::{self, EntryKind, Tree};
use super::{FileSet, IoError, Report, WriteError, mark};

/// Something that was not generated and takes the path of a file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Path relative to the output folder.
    pub path: String,
    /// The kind of obstacle.
    pub kind: ObstacleKind,
}

/// The kind of an [`Obstacle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObstacleKind {
    /// A file without the mark of generated files, or a file where a folder is required.
    File,
    /// A folder where a file is required.
    Folder,
    /// A symbolic link or another special file.
    Special,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ObstacleKind::File => "a file",
            ObstacleKind::Folder => "a folder",
            ObstacleKind::Special => "a link or another special file",
        };
        write!(f, "{}: {kind}", self.path)
    }
}

/// The steps of a run. Files are removed first: on a system that ignores case, a removed file may have the path of a new one.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) steps: Vec<Step<'a>>,
    unchanged: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Remove { path: String },
    Create { path: &'a str, contents: &'a str },
    Replace { path: &'a str, contents: &'a str },
}

enum Verdict<'a> {
    Unchanged,
    Step(Step<'a>),
    Obstacle(Obstacle),
}

impl Plan<'_> {
    pub(super) fn report(self) -> Report {
        let mut report = Report {
            unchanged: self.unchanged,
            ..Report::default()
        };
        for step in self.steps {
            match step {
                Step::Remove { path } => report.removed.push(path),
                Step::Create { path, .. } | Step::Replace { path, .. } => report.written.push(path.to_owned()),
            }
        }
        report
    }
}

/// Compares the set with the folder and plans the steps.
pub(super) fn make<'a>(set: &'a FileSet, root: &Path, tree: &Tree) -> Result<Plan<'a>, WriteError> {
    let files: Vec<_> = set.iter().collect();
    let judge = |&(path, contents): &(&'a str, &'a str)| judge(root, tree, path, contents);
    let verdicts = files.par_iter().map(judge).collect::<Result<Vec<_>, _>>()?;

    let mut plan = Plan {
        steps: stale(set, root, tree)?,
        unchanged: 0,
    };
    let mut obstacles = Vec::new();
    for verdict in verdicts {
        match verdict {
            Verdict::Unchanged => plan.unchanged += 1,
            Verdict::Step(step) => plan.steps.push(step),
            Verdict::Obstacle(obstacle) => obstacles.push(obstacle),
        }
    }
    // Several files can have the same obstacle.
    obstacles.dedup();
    if obstacles.is_empty() {
        Ok(plan)
    } else {
        Err(WriteError::Obstacles(obstacles))
    }
}

fn judge<'a>(root: &Path, tree: &Tree, path: &'a str, contents: &'a str) -> Result<Verdict<'a>, IoError> {
    let obstacle = |path: &str, kind| {
        Ok(Verdict::Obstacle(Obstacle {
            path: path.to_owned(),
            kind,
        }))
    };
    for folder in path.match_indices('/').map(|(end, _)| &path[..end]) {
        match tree.get(folder) {
            None | Some(EntryKind::Folder) => {}
            Some(EntryKind::File) => return obstacle(folder, ObstacleKind::File),
            Some(EntryKind::Special) => return obstacle(folder, ObstacleKind::Special),
        }
    }
    match tree.get(path) {
        None => Ok(Verdict::Step(Step::Create { path, contents })),
        Some(EntryKind::Folder) => obstacle(path, ObstacleKind::Folder),
        Some(EntryKind::Special) => obstacle(path, ObstacleKind::Special),
        Some(EntryKind::File) => {
            let file = root.join(path);
            let old = fs::read(&file).map_err(|e| IoError::new("read", &file, e))?;
            if old == contents.as_bytes() {
                Ok(Verdict::Unchanged)
            } else if mark::is_present(&old) {
                Ok(Verdict::Step(Step::Replace { path, contents }))
            } else {
                obstacle(path, ObstacleKind::File)
            }
        }
    }
}

/// Returns steps that remove the files of earlier runs that are no longer generated.
fn stale<'a>(set: &FileSet, root: &Path, tree: &Tree) -> Result<Vec<Step<'a>>, IoError> {
    let mut steps = Vec::new();
    for (path, kind) in tree.others(set) {
        let file = root.join(path);
        if kind == EntryKind::File && tree::is_marked(&file).map_err(|e| IoError::new("read", &file, e))? {
            steps.push(Step::Remove { path: path.to_owned() });
        }
    }
    Ok(steps)
}
