//! Applies the steps of a run atomically: all or none.
//!
//! New contents are first written to a staging folder inside the output folder, so that both are on the same file system. They
//! are moved into place after all of them are written. Replaced and removed files are kept in the staging folder until the last
//! step succeeds.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::plan::Step;
use super::{IoError, WriteError};

/// The name of the staging folder. If a run is killed, the next run removes it.
pub(super) const STAGING: &str = ".generate-staging";

/// Removes the staging folder of a killed run.
pub(super) fn clear(root: &Path) -> Result<(), IoError> {
    let staging = root.join(STAGING);
    match fs::remove_dir_all(&staging) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(IoError::new("remove", &staging, e)),
        _ => Ok(()),
    }
}

/// Applies all steps, or none if one fails.
pub(super) fn commit(root: &Path, steps: &[Step<'_>]) -> Result<(), WriteError> {
    if steps.is_empty() {
        return Ok(());
    }
    let mut transaction = Transaction {
        root,
        staging: root.join(STAGING),
        folders: BTreeSet::new(),
        undo: Vec::new(),
    };
    let outcome = transaction.stage(steps).and_then(|()| transaction.move_all(steps));
    if let Err(cause) = outcome {
        // Files that cannot be restored stay in the staging folder.
        return Err(match transaction.roll_back() {
            Ok(()) => cause.into(),
            Err(undo) => WriteError::NotRestored { cause, undo },
        });
    }
    transaction.close();
    remove_empty_folders(root, steps);
    Ok(())
}

struct Transaction<'a> {
    root: &'a Path,
    staging: PathBuf,
    /// Folders that are known to exist.
    folders: BTreeSet<String>,
    /// How to undo the steps applied so far, in the order of the steps.
    undo: Vec<Undo>,
}

enum Undo {
    RemoveFile(PathBuf),
    RemoveFolder(PathBuf),
    Restore { kept: PathBuf, file: PathBuf },
}

impl Transaction<'_> {
    /// Writes the new contents to the staging folder.
    fn stage(&self, steps: &[Step<'_>]) -> Result<(), IoError> {
        fs::create_dir(&self.staging).map_err(|e| IoError::new("create", &self.staging, e))?;
        steps.par_iter().enumerate().try_for_each(|(number, step)| match step {
            Step::Remove { .. } => Ok(()),
            Step::Create { path, contents } | Step::Replace { path, contents } => {
                fs::write(self.new_file(number), contents).map_err(|e| IoError::new("write", &self.root.join(path), e))
            }
        })
    }

    fn move_all(&mut self, steps: &[Step<'_>]) -> Result<(), IoError> {
        steps.iter().enumerate().try_for_each(|(number, step)| match step {
            Step::Remove { path } => self.remove(number, path),
            Step::Create { path, .. } => self.create(number, path),
            Step::Replace { path, .. } => self.replace(number, path),
        })
    }

    fn remove(&mut self, number: usize, path: &str) -> Result<(), IoError> {
        let kept = self.old_file(number);
        let file = self.root.join(path);
        fs::rename(&file, &kept).map_err(|e| IoError::new("remove", &file, e))?;
        self.undo.push(Undo::Restore { kept, file });
        Ok(())
    }

    fn create(&mut self, number: usize, path: &str) -> Result<(), IoError> {
        for (end, _) in path.match_indices('/') {
            if !self.folders.insert(path[..end].to_owned()) {
                continue;
            }
            let folder = self.root.join(&path[..end]);
            match fs::create_dir(&folder) {
                Ok(()) => self.undo.push(Undo::RemoveFolder(folder)),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(IoError::new("create", &folder, e)),
            }
        }
        let file = self.root.join(path);
        fs::rename(self.new_file(number), &file).map_err(|e| IoError::new("create", &file, e))?;
        self.undo.push(Undo::RemoveFile(file));
        Ok(())
    }

    /// Replaces a file. It exists at any time, with either the old or the new contents.
    fn replace(&mut self, number: usize, path: &str) -> Result<(), IoError> {
        let kept = self.old_file(number);
        let file = self.root.join(path);
        // Not every file system supports hard links.
        let keep = fs::hard_link(&file, &kept).or_else(|_| fs::copy(&file, &kept).map(drop));
        keep.and_then(|()| fs::rename(self.new_file(number), &file))
            .map_err(|e| IoError::new("replace", &file, e))?;
        self.undo.push(Undo::Restore { kept, file });
        Ok(())
    }

    /// Undoes as many steps as possible and returns the first error.
    fn roll_back(mut self) -> Result<(), IoError> {
        let undone = self.undo.drain(..).rev().map(|undo| match undo {
            Undo::RemoveFile(file) => fs::remove_file(&file).map_err(|e| IoError::new("remove", &file, e)),
            Undo::RemoveFolder(folder) => fs::remove_dir(&folder).map_err(|e| IoError::new("remove", &folder, e)),
            Undo::Restore { kept, file } => fs::rename(kept, &file).map_err(|e| IoError::new("restore", &file, e)),
        });
        undone.fold(Ok(()), Result::and)?;
        self.close();
        Ok(())
    }

    /// Removes the staging folder. If that fails, the next run removes it.
    fn close(self) {
        let _ = fs::remove_dir_all(&self.staging);
    }

    fn new_file(&self, number: usize) -> PathBuf {
        self.staging.join(format!("{number}.new"))
    }

    fn old_file(&self, number: usize) -> PathBuf {
        self.staging.join(format!("{number}.old"))
    }
}

/// Removes folders that are empty after files were removed.
fn remove_empty_folders(root: &Path, steps: &[Step<'_>]) {
    for step in steps {
        let Step::Remove { path } = step else {
            continue;
        };
        let folders = Path::new(path)
            .ancestors()
            .skip(1)
            .filter(|folder| !folder.as_os_str().is_empty());
        for folder in folders {
            // Fails if the folder is not empty. Then its parents are not empty either.
            if fs::remove_dir(root.join(folder)).is_err() {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns path and content of everything below a folder; the content of a folder is `None`.
    fn listing(root: &Path) -> Vec<(String, Option<String>)> {
        let walk = walkdir::WalkDir::new(root).min_depth(1).sort_by_file_name();
        walk.into_iter()
            .map(|entry| {
                let entry = entry.unwrap();
                let path = entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                (
                    path,
                    entry
                        .file_type()
                        .is_file()
                        .then(|| fs::read_to_string(entry.path()).unwrap()),
                )
            })
            .collect()
    }

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, contents) in files {
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, contents).unwrap();
        }
        root
    }

    #[test]
    fn a_failed_step_undoes_the_steps_before_it() {
        let root = folder_with(&[("gone/a.md", "old a"), ("b.md", "old b"), ("d.md/in the way", "")]);
        let before = listing(root.path());
        let modified = fs::metadata(root.path().join("b.md")).unwrap().modified().unwrap();
        let error = commit(
            root.path(),
            &[
                Step::Remove {
                    path: "gone/a.md".to_owned(),
                },
                Step::Replace {
                    path: "b.md",
                    contents: "new b",
                },
                Step::Create {
                    path: "new/folder/c.md",
                    contents: "new c",
                },
                Step::Create {
                    path: "d.md",
                    contents: "new d",
                },
            ],
        );
        assert!(matches!(error, Err(WriteError::Io(_))), "{error:?}");
        assert_eq!(listing(root.path()), before);
        assert_eq!(
            fs::metadata(root.path().join("b.md")).unwrap().modified().unwrap(),
            modified
        );
    }

    #[test]
    fn a_failure_while_staging_changes_nothing() {
        let root = folder_with(&[("b.md", "old b")]);
        fs::write(root.path().join(STAGING), "").unwrap();
        let before = listing(root.path());
        let error = commit(
            root.path(),
            &[Step::Replace {
                path: "b.md",
                contents: "new b",
            }],
        );
        assert!(matches!(error, Err(WriteError::Io(_))), "{error:?}");
        assert_eq!(listing(root.path()), before);
    }

    #[test]
    fn empty_folders_are_removed() {
        let root = folder_with(&[("a/b/c/d.md", ""), ("a/b/e.md", ""), ("a/kept.txt", "")]);
        let remove = |path: &str| Step::Remove { path: path.to_owned() };
        commit(root.path(), &[remove("a/b/c/d.md"), remove("a/b/e.md")]).unwrap();
        let left: Vec<_> = listing(root.path()).into_iter().map(|(path, _)| path).collect();
        assert_eq!(left, ["a", "a/kept.txt"]);
    }
}
