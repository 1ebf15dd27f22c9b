//! Finds the line of the new spec that declares a changed thing.

use std::fmt;
use std::path::Path;

use generator::source::{FileId, SourceFile, SourceSet};
use generator::syntax::node::{self, Entry, Node, Value};
use serde::Serialize;

/// A line of a spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Location {
    /// Path relative to the workspace.
    pub(crate) file: String,
    /// Number of the line, counted from 1.
    pub(crate) line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Keys whose children are looked up as if they were children of the key's parent: a path names a field, not the map of fields.
const TRANSPARENT: [&str; 13] = [
    "fields",
    "enum",
    "enum int",
    "union",
    "path",
    "query",
    "headers",
    "body",
    "form",
    "multipart",
    "known",
    "buckets",
    "result",
];

/// The files of a spec as trees.
pub(crate) struct Locator {
    folder: String,
    files: Vec<(SourceFile, Node)>,
}

impl Locator {
    /// Reads the files. The folder begins the paths of [`Location`]s.
    pub(crate) fn new(sources: &SourceSet, folder: &str) -> Self {
        let files = sources.files().filter(|(_, file)| {
            Path::new(&file.path)
                .extension()
                .is_some_and(|extension| extension == "yaml")
        });
        let tree = |(id, file): (FileId, &SourceFile)| Some((file.clone(), node::parse(id, file, &mut Vec::new())?));
        Self {
            folder: folder.to_owned(),
            files: files.filter_map(tree).collect(),
        }
    }

    /// Returns the line of a path, or that of the innermost part of the path that the spec declares.
    pub(crate) fn find(&self, path: &[String]) -> Option<Location> {
        let (head, steps) = path.split_first()?;
        if head == "types" {
            let (name, steps) = steps.split_first()?;
            let inside = |root: &'_ Node| -> Option<Entry> {
                entry(root, name).or_else(|| entry(root.get("types")?, name)).cloned()
            };
            let (file, found) = self.files.iter().find_map(|(file, root)| Some((file, inside(root)?)))?;
            return Some(self.descend(file, &found, steps));
        }
        if head == "webhooks"
            && let [list, name, steps @ ..] = steps
            && let "groups" | "events" = list.as_str()
        {
            return self.find_in_events(list, name, steps);
        }
        if let Some((section, key)) = head.split_once('.') {
            let (file, root) = self.file(&format!("sections/{section}.yaml"))?;
            return Some(self.descend(file, entry(root.get("operations")?, key)?, steps));
        }
        if let Some((file, root)) = self.file(&format!("sections/{head}.yaml")) {
            let key = steps.first().map_or("title", String::as_str);
            return Some(self.descend(file, entry(root, key)?, &[]));
        }
        let (file, root) = self.file("api.yaml")?;
        let first = if head == "api" {
            steps.first().unwrap_or(head)
        } else {
            head
        };
        Some(self.descend(file, entry(root, first)?, steps))
    }

    /// Returns the line of a group of events or of an event.
    fn find_in_events(&self, list: &str, name: &str, steps: &[String]) -> Option<Location> {
        if list == "groups" {
            let (file, root) = self.file(&format!("webhooks/{name}.yaml"))?;
            let key = steps.first().map_or("title", String::as_str);
            return Some(self.descend(file, entry(root, key)?, &[]));
        }
        let mut groups = self.files.iter().filter(|(file, _)| file.path.starts_with("webhooks/"));
        let (file, event) = groups.find_map(|(file, root)| Some((file, entry(root.get("events")?, name)?)))?;
        Some(self.descend(file, event, steps))
    }

    fn file(&self, path: &str) -> Option<(&SourceFile, &Node)> {
        self.files
            .iter()
            .find(|(file, _)| file.path == path)
            .map(|(file, root)| (file, root))
    }

    /// Follows as many steps as the spec declares.
    fn descend(&self, file: &SourceFile, start: &Entry, steps: &[String]) -> Location {
        let mut found = start;
        for step in steps {
            found = inside(&found.value, step).unwrap_or(found);
        }
        let line = file.text[..found.key_span.start].matches('\n').count() + 1;
        Location {
            file: format!("{}/{}", self.folder, file.path),
            line,
        }
    }
}

/// Returns the entry of a name in a map, or in a transparent child of the map.
fn inside<'n>(node: &'n Node, name: &str) -> Option<&'n Entry> {
    entry(node, name).or_else(|| TRANSPARENT.iter().find_map(|key| entry(node.get(key)?, name)))
}

/// Returns the entry of a name: `name`, `name?`, `+name`, `rust_name = name`, `name|alias`.
fn entry<'n>(node: &'n Node, name: &str) -> Option<&'n Entry> {
    let Value::Mapping(entries) = &node.value else {
        return None;
    };
    let name = name.trim_end_matches(['[', ']', '{', '}']);
    let names = |key: &str| {
        let key = key.trim_start_matches(['+', '=']).trim_end_matches('?');
        key.split([' ', '=', '|']).any(|part| part == name) || key == name
    };
    entries.iter().find(|entry| names(&entry.key))
}
