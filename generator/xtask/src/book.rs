//! Builds the docs as a site: a book for each language, side by side, so that the links between them hold.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that the pages were looked at with.
const INSTALL: &str = "cargo install mdbook --version 0.5.2 --locked --no-default-features --features search";

/// Builds the books of all languages below `site`, and says where each begins.
///
/// Beside the pages stand their sources and `llms.txt`, which machine readers ask for.
pub(crate) fn build(docs: &Path, site: &Path) -> Result<String, String> {
    let mut fronts = Vec::new();
    for book in books(docs)? {
        let language = book.file_name().unwrap_or_default();
        let target = site.join(language);
        let pages = target.join("src");
        mdbook(&book, &pages)?;
        let copied = copy(&book, &target).and_then(|()| copy(&book.join("src"), &pages));
        copied.map_err(|error| format!("error: cannot write {}: {error}", target.display()))?;
        fronts.push(pages.join("index.html").display().to_string());
    }
    Ok(fronts.join("\n"))
}

/// The folders with a book, by name.
fn books(docs: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(docs).map_err(|error| format!("error: cannot read {}: {error}", docs.display()))?;
    let folders = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut books: Vec<PathBuf> = folders.filter(|path| path.join("book.toml").is_file()).collect();
    books.sort_unstable();
    Ok(books)
}

fn mdbook(book: &Path, pages: &Path) -> Result<(), String> {
    let outcome = Command::new("mdbook")
        .arg("build")
        .arg(book)
        .arg("--dest-dir")
        .arg(pages)
        .output()
        .map_err(|error| format!("error: mdbook does not start: {error}\nInstall it with `{INSTALL}`."))?;
    if outcome.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&outcome.stderr);
    Err(format!(
        "error: mdbook cannot build {}:\n{}",
        book.display(),
        said.trim_end()
    ))
}

/// Copies what machine readers read: markdown and text.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let is_text = path
            .extension()
            .is_some_and(|extension| extension == "md" || extension == "txt");
        if let (true, Some(name)) = (is_text, path.file_name()) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
