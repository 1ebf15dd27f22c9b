//! Portable paths below the output folder.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// An error in the path of a file, or a file that cannot be marked as generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path is absolute.
    #[error("is absolute")]
    Absolute,
    /// A component is empty, `.` or `..`.
    #[error("contains the component {0:?}")]
    Component(String),
    /// A character is not allowed or is a separator on some system.
    #[error("contains the character {0:?}")]
    Character(char),
    /// A component ends with a dot or a space, which Windows removes.
    #[error("contains the component {0:?}, which ends with a dot or a space")]
    Ending(String),
    /// A component is the name of a device on Windows.
    #[error("contains the component {0:?}, which is reserved on Windows")]
    Reserved(String),
    /// A component is longer than 255 bytes.
    #[error("contains a component of more than 255 bytes")]
    TooLong,
    /// The path is the same as another one on systems that ignore case, or is both a file and a folder.
    #[error("conflicts with {0:?}")]
    Conflict(String),
    /// The comment syntax of the extension is unknown, so the file cannot be marked as generated.
    #[error("has an extension with an unknown comment syntax")]
    UnknownExtension,
    /// A JSON file does not contain the mark under the top-level key `$comment`.
    #[error("does not begin with the mark under `$comment`")]
    UnmarkedJson,
}

/// Maximum length of a component on all common file systems, in bytes.
const MAX_COMPONENT: usize = 255;

/// Checks that a path stays inside the output folder and means the same file on every system.
pub(super) fn check(path: &str) -> Result<(), PathError> {
    if path.starts_with('/') {
        return Err(PathError::Absolute);
    }
    if let Some(bad) = path.chars().find(|c| c.is_control() || r#"\<>:"|?*"#.contains(*c)) {
        return Err(PathError::Character(bad));
    }
    path.split('/').try_for_each(check_component)
}

fn check_component(component: &str) -> Result<(), PathError> {
    match component {
        "" | "." | ".." => Err(PathError::Component(component.to_owned())),
        _ if component.len() > MAX_COMPONENT => Err(PathError::TooLong),
        _ if component.ends_with(['.', ' ']) => Err(PathError::Ending(component.to_owned())),
        _ if is_device(component) => Err(PathError::Reserved(component.to_owned())),
        _ => Ok(()),
    }
}

/// Returns `true` if the name is a device on Windows, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    if let Some(number) = stem.strip_prefix("com").or(stem.strip_prefix("lpt")) {
        return matches!(number, "¹" | "²" | "³") || matches!(number.as_bytes(), [b'0'..=b'9']);
    }
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
}

/// The paths used by a set of files, including folders.
#[derive(Default)]
pub(super) struct Claims {
    by_lower_case: BTreeMap<String, Claim>,
}

struct Claim {
    path: String,
    is_folder: bool,
}

impl Claims {
    /// Adds a file and its folders, unless one of them conflicts with a path in the set.
    pub(super) fn claim(&mut self, path: &str) -> Result<(), PathError> {
        let folders = path.match_indices('/').map(|(end, _)| (&path[..end], true));
        for (path, is_folder) in folders.chain([(path, false)]) {
            match self.by_lower_case.entry(path.to_lowercase()) {
                Entry::Vacant(entry) => drop(entry.insert(Claim {
                    path: path.to_owned(),
                    is_folder,
                })),
                Entry::Occupied(entry) => {
                    let other = entry.get();
                    // Files may share folders only.
                    if !(is_folder && other.is_folder && other.path == path) {
                        return Err(PathError::Conflict(other.path.clone()));
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_accepted() {
        for path in [
            "a.md",
            "client/src/users/list_joined.rs",
            "docs/zh/用户.md",
            ".hidden.toml",
            "a b.md",
            "com10.rs",
            "console.md",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn paths_that_leave_the_folder_or_differ_between_systems_are_rejected() {
        let component = |name: &str| PathError::Component(name.to_owned());
        let reserved = |name: &str| PathError::Reserved(name.to_owned());
        let ending = |name: &str| PathError::Ending(name.to_owned());
        for (path, error) in [
            ("", component("")),
            ("/etc/passwd.md", PathError::Absolute),
            ("//host/share.md", PathError::Absolute),
            ("a//b.md", component("")),
            ("a/", component("")),
            ("./a.md", component(".")),
            ("..", component("..")),
            ("a/../../b.md", component("..")),
            ("..\\b.md", PathError::Character('\\')),
            ("C:/a.md", PathError::Character(':')),
            ("a\0.md", PathError::Character('\0')),
            ("a\n.md", PathError::Character('\n')),
            ("what?.md", PathError::Character('?')),
            ("a/b. /c.md", ending("b. ")),
            ("a./b.md", ending("a.")),
            ("aux.rs", reserved("aux.rs")),
            ("a/NUL", reserved("NUL")),
            ("Com1.tar.md", reserved("Com1.tar.md")),
            ("lpt¹ .md", reserved("lpt¹ .md")),
            (&"x".repeat(256), PathError::TooLong),
        ] {
            assert_eq!(check(path), Err(error), "{path:?}");
        }
    }

    #[test]
    fn paths_that_cannot_coexist_conflict() {
        for (first, second, conflict) in [
            ("a.md", "a.md", Some("a.md")),
            ("A.md", "a.md", Some("A.md")),
            ("docs/É.md", "docs/é.md", Some("docs/É.md")),
            ("Docs/a.md", "docs/b.md", Some("Docs")),
            ("a.md", "a.md/b.md", Some("a.md")),
            ("a.md/b.md", "a.md", Some("a.md")),
            ("docs/a.md", "docs/b.md", None),
        ] {
            let mut claims = Claims::default();
            assert_eq!(claims.claim(first), Ok(()));
            let expected = conflict.map_or(Ok(()), |path| Err(PathError::Conflict(path.to_owned())));
            assert_eq!(claims.claim(second), expected, "{first} and {second}");
        }
    }
}
