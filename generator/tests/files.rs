//! Writes and checks outputs in temporary folders.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use generator::files::{Drift, DriftKind, File, FileSet, MARK, Obstacle, ObstacleKind, PathError, WriteError};
use tempfile::TempDir;

fn set(files: &[(&str, &str)]) -> FileSet {
    let file = |(path, contents): &(&str, &str)| File {
        path: (*path).to_owned(),
        contents: (*contents).to_owned(),
    };
    FileSet::new(files.iter().map(file)).unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn put(root: &TempDir, path: &str, contents: impl AsRef<[u8]>) {
    let file = root.path().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, contents).unwrap();
}

fn read(root: &TempDir, path: &str) -> String {
    fs::read_to_string(root.path().join(path)).unwrap()
}

fn modified(root: &TempDir, path: &str) -> SystemTime {
    fs::metadata(root.path().join(path)).unwrap().modified().unwrap()
}

/// Path of each file and folder below a root; for files, also content and time of modification.
type State = Vec<(String, Option<(Vec<u8>, SystemTime)>)>;

/// Returns the state of a folder, which is equal to an earlier one only if nothing was written in between.
fn state(root: &TempDir) -> State {
    let walk = walkdir::WalkDir::new(root.path()).min_depth(1).sort_by_file_name();
    let entries = walk.into_iter().map(|entry| {
        let entry = entry.unwrap();
        let file = entry.file_type().is_file();
        let content = file.then(|| {
            (
                fs::read(entry.path()).unwrap(),
                entry.metadata().unwrap().modified().unwrap(),
            )
        });
        (
            entry
                .path()
                .strip_prefix(root.path())
                .unwrap()
                .to_string_lossy()
                .into_owned(),
            content,
        )
    });
    entries.collect()
}

fn drifts(set: &FileSet, root: &Path) -> Vec<(String, DriftKind)> {
    set.check(root)
        .unwrap()
        .into_iter()
        .map(|Drift { path, kind }| (path, kind))
        .collect()
}

fn obstacles(set: &FileSet, root: &TempDir) -> Vec<(String, ObstacleKind)> {
    match set.write(root.path()) {
        Err(WriteError::Obstacles(all)) => all.into_iter().map(|Obstacle { path, kind }| (path, kind)).collect(),
        other => panic!("expected obstacles, got {other:?}"),
    }
}

#[test]
fn write_creates_missing_folders_and_marks_files() {
    let root = folder();
    let out = root.path().join("not/there/yet");
    let report = set(&[("docs/en/a.md", "# A\n"), ("client/Cargo.toml", "[package]\n")])
        .write(&out)
        .unwrap();
    assert_eq!(report.written, ["client/Cargo.toml", "docs/en/a.md"]);
    assert_eq!(report.to_string(), "2 written, 0 removed, 0 unchanged");
    assert_eq!(
        fs::read_to_string(out.join("docs/en/a.md")).unwrap(),
        format!("<!-- {MARK} -->\n\n# A\n")
    );
    assert_eq!(
        fs::read_to_string(out.join("client/Cargo.toml")).unwrap(),
        format!("# {MARK}\n\n[package]\n")
    );
    assert_eq!(fs::read_dir(&out).unwrap().count(), 2, "the staging folder is removed");
}

#[test]
fn file_order_does_not_matter() {
    let (a, b) = (("b/x.md", "1"), ("a.rs", "2"));
    assert_eq!(set(&[a, b]), set(&[b, a]));
    let set = set(&[a, b]);
    let paths: Vec<_> = set.iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["a.rs", "b/x.md"]);
}

#[test]
fn new_reports_every_invalid_path() {
    let paths = ["../a.md", "ok.md", "OK.md", "a.exe", "a.json"];
    let files = paths.map(|path| File {
        path: path.to_owned(),
        contents: String::new(),
    });
    let error = FileSet::new(files).unwrap_err();
    let errors: Vec<_> = error
        .errors
        .iter()
        .map(|file| (file.path.as_str(), file.error.clone()))
        .collect();
    assert_eq!(
        errors,
        [
            ("../a.md", PathError::Component("..".to_owned())),
            ("OK.md", PathError::Conflict("ok.md".to_owned())),
            ("a.exe", PathError::UnknownExtension),
            ("a.json", PathError::UnmarkedJson),
        ]
    );
    assert!(
        error.to_string().contains("\n  \"OK.md\" conflicts with \"ok.md\"\n"),
        "{error}"
    );
}

#[test]
fn writing_again_changes_nothing() {
    let root = folder();
    let set = set(&[("a.md", "1"), ("b/c.rs", "2")]);
    set.write(root.path()).unwrap();
    let before = state(&root);
    let report = set.write(root.path()).unwrap();
    assert_eq!(
        (report.written.len(), report.removed.len(), report.unchanged),
        (0, 0, 2)
    );
    assert_eq!(state(&root), before);
    assert_eq!(set.check(root.path()).unwrap(), []);
}

#[test]
fn write_updates_changed_files_and_removes_stale_ones() {
    let root = folder();
    let old = set(&[
        ("same.md", "1"),
        ("changed.md", "1"),
        ("gone/deep/x.rs", "1"),
        ("gone/y.rs", "1"),
    ]);
    old.write(root.path()).unwrap();
    let time = modified(&root, "same.md");

    let report = set(&[("same.md", "1"), ("changed.md", "2"), ("new.md", "1")])
        .write(root.path())
        .unwrap();
    assert_eq!(report.written, ["changed.md", "new.md"]);
    assert_eq!(report.removed, ["gone/deep/x.rs", "gone/y.rs"]);
    assert_eq!(report.unchanged, 1);
    assert_eq!(modified(&root, "same.md"), time);
    assert!(read(&root, "changed.md").ends_with("\n\n2"));
    assert!(!root.path().join("gone").exists(), "empty folders are removed");
}

#[test]
fn write_keeps_files_without_the_mark() {
    let root = folder();
    put(&root, "docs/notes.txt", "by hand");
    put(&root, "old/binary.bin", [0, 255, 0]);
    set(&[("docs/a.md", "1"), ("old/b.md", "1")])
        .write(root.path())
        .unwrap();
    let report = set(&[("docs/a.md", "1")]).write(root.path()).unwrap();
    assert_eq!(report.removed, ["old/b.md"]);
    assert_eq!(read(&root, "docs/notes.txt"), "by hand");
    assert!(root.path().join("old/binary.bin").exists());
}

#[test]
fn write_reports_every_obstacle_and_changes_nothing() {
    let root = folder();
    set(&[("a.md", "1"), ("stale.md", "1")]).write(root.path()).unwrap();
    put(&root, "hand.md", "by hand");
    put(&root, "folder.md/x.txt", "");
    put(&root, "file", "a file with the path of an output folder");
    let before = state(&root);
    let set = set(&[
        ("a.md", "2"),
        ("file/b.md", "2"),
        ("file/c.md", "2"),
        ("folder.md", "2"),
        ("hand.md", "2"),
    ]);
    let expected = [
        ("file".to_owned(), ObstacleKind::File),
        ("folder.md".to_owned(), ObstacleKind::Folder),
        ("hand.md".to_owned(), ObstacleKind::File),
    ];
    assert_eq!(obstacles(&set, &root), expected);
    assert_eq!(state(&root), before);
    let message = set.write(root.path()).unwrap_err().to_string();
    assert!(
        message.contains("nothing was written") && message.contains("\n  hand.md: a file"),
        "{message}"
    );
}

#[test]
fn a_file_whose_mark_was_deleted_is_an_obstacle() {
    let root = folder();
    let set = set(&[("a.md", "1")]);
    set.write(root.path()).unwrap();
    put(&root, "a.md", "the mark was deleted on purpose");
    assert_eq!(obstacles(&set, &root), [("a.md".to_owned(), ObstacleKind::File)]);
    assert_eq!(read(&root, "a.md"), "the mark was deleted on purpose");
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (root, outside) = (folder(), folder());
    put(&outside, "a.md", format!("<!-- {MARK} -->"));
    symlink(outside.path(), root.path().join("linked")).unwrap();
    symlink(outside.path().join("a.md"), root.path().join("b.md")).unwrap();
    symlink("nowhere", root.path().join("dangling.md")).unwrap();
    let before = state(&outside);

    let through = set(&[("b.md", "1"), ("dangling.md", "1"), ("linked/a.md", "1")]);
    let expected = ["b.md", "dangling.md", "linked"].map(|path| (path.to_owned(), ObstacleKind::Special));
    assert_eq!(obstacles(&through, &root), expected);
    let expected = [
        ("b.md", DriftKind::Changed),
        ("dangling.md", DriftKind::Changed),
        ("linked", DriftKind::Foreign),
        ("linked/a.md", DriftKind::Missing),
    ];
    assert_eq!(
        drifts(&through, root.path()),
        expected.map(|(path, kind)| (path.to_owned(), kind))
    );

    // The marked file behind the link is outside the output folder, so it is not removed as stale.
    assert_eq!(set(&[("c.md", "1")]).write(root.path()).unwrap().removed, [""; 0]);
    assert_eq!(state(&outside), before);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_instead_of_the_staging_folder_is_not_followed() {
    let (root, outside) = (folder(), folder());
    put(&outside, "precious.txt", "");
    std::os::unix::fs::symlink(outside.path(), root.path().join(".generate-staging")).unwrap();
    set(&[("a.md", "1")]).write(root.path()).unwrap();
    assert!(outside.path().join("precious.txt").exists());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
}

#[test]
fn the_staging_folder_of_an_interrupted_run_is_reported_and_removed() {
    let root = folder();
    let set = set(&[("a.md", "1")]);
    set.write(root.path()).unwrap();
    put(&root, ".generate-staging/0.new", "half a fi");
    assert_eq!(
        drifts(&set, root.path()),
        [(".generate-staging/0.new".to_owned(), DriftKind::Foreign)]
    );
    set.write(root.path()).unwrap();
    assert_eq!(set.check(root.path()).unwrap(), []);
    assert!(!root.path().join(".generate-staging").exists());
}

#[test]
fn an_output_folder_that_is_a_file_is_an_error() {
    let root = folder();
    put(&root, "out", "");
    let error = set(&[("a.md", "1")]).write(&root.path().join("out")).unwrap_err();
    assert!(matches!(error, WriteError::Io(_)), "{error:?}");
    assert!(error.to_string().starts_with("cannot create "), "{error}");
}

#[test]
fn check_reports_changed_missing_stale_and_foreign_files() {
    let root = folder();
    let old = set(&[
        ("changed.md", "1"),
        ("missing.md", "1"),
        ("same.md", "1"),
        ("stale.md", "1"),
    ]);
    old.write(root.path()).unwrap();
    put(&root, "changed.md", "2");
    put(&root, "deep/er/foreign.bin", [255]);
    fs::remove_file(root.path().join("missing.md")).unwrap();
    let before = state(&root);
    let set = set(&[("changed.md", "1"), ("missing.md", "1"), ("same.md", "1")]);
    let found: Vec<_> = set
        .check(root.path())
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "changed: changed.md",
            "not a generated file: deep/er/foreign.bin",
            "missing: missing.md",
            "no longer generated: stale.md",
        ]
    );
    assert_eq!(state(&root), before, "check must not write");
}

#[test]
fn check_reports_all_files_as_missing_if_the_folder_does_not_exist() {
    let root = folder();
    let out = root.path().join("none");
    assert_eq!(
        drifts(&set(&[("a.md", "1")]), &out),
        [("a.md".to_owned(), DriftKind::Missing)]
    );
    assert!(!out.exists());
}

#[test]
fn check_ignores_converted_line_endings_but_no_other_change() {
    let root = folder();
    let set = set(&[("a.md", "1\n2\n")]);
    set.write(root.path()).unwrap();
    put(&root, "a.md", read(&root, "a.md").replace('\n', "\r\n"));
    assert_eq!(set.check(root.path()).unwrap(), []);
    put(&root, "a.md", read(&root, "a.md") + "\r\n");
    assert_eq!(drifts(&set, root.path()), [("a.md".to_owned(), DriftKind::Changed)]);
}

#[test]
fn outputs_of_cargo_and_mdbook_beside_their_manifests_are_ignored() {
    let root = folder();
    let set = set(&[("client/Cargo.toml", ""), ("docs/en/book.toml", "")]);
    set.write(root.path()).unwrap();
    let ignored = ["client/Cargo.lock", "client/target/debug/x", "docs/en/book/index.html"];
    let foreign = [
        "book/x",
        "client/book/x",
        "client/src/target/x",
        "docs/Cargo.lock",
        "target/x",
    ];
    for path in ignored.into_iter().chain(foreign) {
        put(&root, path, format!("// {MARK}"));
    }
    let found: Vec<_> = drifts(&set, root.path()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(found, foreign);
    assert_eq!(set.write(root.path()).unwrap().removed, foreign);
    assert!(ignored.iter().all(|path| root.path().join(path).exists()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_not_unicode_is_foreign() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let root = folder();
    fs::write(root.path().join(OsStr::from_bytes(b"\xff.md")), "").unwrap();
    let set = set(&[("a.md", "1")]);
    set.write(root.path()).unwrap();
    assert_eq!(
        drifts(&set, root.path()),
        [("\u{fffd}.md".to_owned(), DriftKind::Foreign)]
    );
}
