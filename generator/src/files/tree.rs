//! The contents of the output folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use walkdir::WalkDir;

use super::{FileSet, IoError, mark};

/// Files and folders that other tools create next to a generated manifest. They are ignored.
const BY_PRODUCTS: [(&str, &str); 3] = [
    ("target", "Cargo.toml"),
    ("Cargo.lock", "Cargo.toml"),
    ("book", "book.toml"),
];

/// Everything below a folder except by-products, by path with `/` as the separator. Symbolic links are listed but not followed.
pub(super) struct Tree {
    entries: BTreeMap<String, EntryKind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    File,
    Folder,
    /// A symbolic link, socket or device, or a file whose name is not Unicode and therefore not generated.
    Special,
}

impl Tree {
    /// Lists everything below `root`. The result is empty if the folder does not exist.
    pub(super) fn scan(root: &Path, set: &FileSet) -> Result<Self, IoError> {
        let mut entries = BTreeMap::new();
        if !root.try_exists().map_err(|e| IoError::new("read", root, e))? {
            return Ok(Self { entries });
        }
        let walk = WalkDir::new(root).min_depth(1).follow_links(false);
        for entry in walk
            .into_iter()
            .filter_entry(|entry| !is_by_product(&relative(root, entry.path()), set))
        {
            let entry = entry.map_err(|e| IoError::new("list", root, e.into()))?;
            let kind = match entry.file_type() {
                kind if kind.is_dir() => EntryKind::Folder,
                kind if kind.is_file() && below(root, entry.path()).to_str().is_some() => EntryKind::File,
                _ => EntryKind::Special,
            };
            entries.insert(relative(root, entry.path()), kind);
        }
        Ok(Self { entries })
    }

    pub(super) fn get(&self, path: &str) -> Option<EntryKind> {
        self.entries.get(path).copied()
    }

    /// Returns everything that is not in the set, except folders.
    pub(super) fn others<'a>(&'a self, set: &'a FileSet) -> impl Iterator<Item = (&'a str, EntryKind)> {
        let others = self
            .entries
            .iter()
            .filter(|(path, kind)| **kind != EntryKind::Folder && set.get(path).is_none());
        others.map(|(path, kind)| (path.as_str(), *kind))
    }
}

/// Returns `true` if a file contains the mark of generated files.
pub(super) fn is_marked(file: &Path) -> io::Result<bool> {
    let mut head = Vec::with_capacity(mark::HEAD);
    fs::File::open(file)?.take(mark::HEAD as u64).read_to_end(&mut head)?;
    Ok(mark::is_present(&head))
}

fn relative(root: &Path, path: &Path) -> String {
    let parts: Vec<_> = below(root, path).iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn below<'a>(root: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}

fn is_by_product(path: &str, set: &FileSet) -> bool {
    let (folder, name) = path
        .rsplit_once('/')
        .map_or(("", path), |(folder, name)| (folder, name));
    let beside = |manifest: &str| {
        if folder.is_empty() {
            manifest.to_owned()
        } else {
            format!("{folder}/{manifest}")
        }
    };
    BY_PRODUCTS
        .iter()
        .any(|(product, manifest)| name == *product && set.get(&beside(manifest)).is_some())
}
