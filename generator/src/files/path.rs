//! Paths that mean the same file on every system, below the output folder.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What is wrong with a file of a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// It begins at the root of the file system.
    #[error("is absolute")]
    Absolute,
    /// It has an empty part, `.` or `..`.
    #[error("has the part {0:?}")]
    Part(String),
    /// A character that some system forbids or reads as a separator.
    #[error("has the character {0:?}")]
    Character(char),
    /// A part that ends in a dot or a blank, which Windows drops.
    #[error("has the part {0:?}, which ends in a dot or a blank")]
    Ending(String),
    /// A part that Windows keeps for a device.
    #[error("has the part {0:?}, which Windows reserves")]
    Reserved(String),
    /// A part of more than 255 bytes.
    #[error("has a part that is too long")]
    TooLong,
    /// The same file as another one, on systems that ignore case; or a file where another one needs a folder.
    #[error("clashes with {0:?}")]
    Clash(String),
    /// The comment syntax of the extension is not known, so the file cannot be marked as generated.
    #[error("has an extension whose comments are not known")]
    UnknownExtension,
    /// A JSON file whose renderer did not put the mark under `$comment`, at the top.
    #[error("does not begin with the mark under `$comment`")]
    UnmarkedJson,
}

/// Largest length of a part that all common file systems take.
const LONGEST_PART: usize = 255;

/// Refuses a path that leaves the output folder, or does not mean the same on every system.
pub(super) fn check(path: &str) -> Result<(), PathFault> {
    if path.starts_with('/') {
        return Err(PathFault::Absolute);
    }
    if let Some(bad) = path.chars().find(|c| c.is_control() || r#"\<>:"|?*"#.contains(*c)) {
        return Err(PathFault::Character(bad));
    }
    path.split('/').try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), PathFault> {
    match part {
        "" | "." | ".." => Err(PathFault::Part(part.to_owned())),
        _ if part.len() > LONGEST_PART => Err(PathFault::TooLong),
        _ if part.ends_with(['.', ' ']) => Err(PathFault::Ending(part.to_owned())),
        _ if is_device(part) => Err(PathFault::Reserved(part.to_owned())),
        _ => Ok(()),
    }
}

/// Whether Windows takes the name for a device, which it does whatever the extension.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    if let Some(number) = stem.strip_prefix("com").or(stem.strip_prefix("lpt")) {
        return matches!(number, "¹" | "²" | "³") || matches!(number.as_bytes(), [b'0'..=b'9']);
    }
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
}

/// The names a set of files takes up, folders included.
#[derive(Default)]
pub(super) struct Claims {
    by_lower_case: BTreeMap<String, Claim>,
}

struct Claim {
    path: String,
    is_folder: bool,
}

impl Claims {
    /// Takes up a file and its folders, unless one of them is another thing already.
    pub(super) fn claim(&mut self, path: &str) -> Result<(), PathFault> {
        let folders = path.match_indices('/').map(|(end, _)| (&path[..end], true));
        for (path, is_folder) in folders.chain([(path, false)]) {
            match self.by_lower_case.entry(path.to_lowercase()) {
                Entry::Vacant(entry) => drop(entry.insert(Claim {
                    path: path.to_owned(),
                    is_folder,
                })),
                Entry::Occupied(entry) => {
                    let other = entry.get();
                    // Two files may share a folder, and nothing else.
                    if !(is_folder && other.is_folder && other.path == path) {
                        return Err(PathFault::Clash(other.path.clone()));
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
    fn ordinary_paths_are_taken() {
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
    fn paths_that_leave_the_folder_or_differ_between_systems_are_refused() {
        let part = |part: &str| PathFault::Part(part.to_owned());
        let reserved = |part: &str| PathFault::Reserved(part.to_owned());
        let ending = |part: &str| PathFault::Ending(part.to_owned());
        for (path, fault) in [
            ("", part("")),
            ("/etc/passwd.md", PathFault::Absolute),
            ("//host/share.md", PathFault::Absolute),
            ("a//b.md", part("")),
            ("a/", part("")),
            ("./a.md", part(".")),
            ("..", part("..")),
            ("a/../../b.md", part("..")),
            ("..\\b.md", PathFault::Character('\\')),
            ("C:/a.md", PathFault::Character(':')),
            ("a\0.md", PathFault::Character('\0')),
            ("a\n.md", PathFault::Character('\n')),
            ("what?.md", PathFault::Character('?')),
            ("a/b. /c.md", ending("b. ")),
            ("a./b.md", ending("a.")),
            ("aux.rs", reserved("aux.rs")),
            ("a/NUL", reserved("NUL")),
            ("Com1.tar.md", reserved("Com1.tar.md")),
            ("lpt¹ .md", reserved("lpt¹ .md")),
            (&"x".repeat(256), PathFault::TooLong),
        ] {
            assert_eq!(check(path), Err(fault), "{path:?}");
        }
    }

    #[test]
    fn paths_that_cannot_stand_side_by_side_clash() {
        for (first, second, clash) in [
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
            let expected = clash.map_or(Ok(()), |path| Err(PathFault::Clash(path.to_owned())));
            assert_eq!(claims.claim(second), expected, "{first} and {second}");
        }
    }
}
