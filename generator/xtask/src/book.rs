//! Builds the docs as a website: a book for each language, and the OpenAPI documents. The folders have the same layout as the
//! outputs, so that relative links between them work.

mod links;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs the version of mdBook with which the pages were reviewed.
const INSTALL: &str = "cargo install mdbook --version 0.5.2 --locked --no-default-features --features search";

/// Builds the website of the outputs in `out`, with `landing` as the front page. Returns the path of the front page and the
/// result of the link check.
///
/// The website also contains the sources of the pages and `llms.txt`, for machine readers.
pub(crate) fn build(out: &Path, landing: &str, site: &Path) -> Result<String, String> {
    // A link to a page of an earlier build would not be reported as dead.
    if site.exists() {
        fs::remove_dir_all(site).map_err(|error| unwritable(site, &error))?;
    }
    for book in books(&out.join("docs"))? {
        let target = site.join("docs").join(book.file_name().unwrap_or_default());
        let pages = target.join("src");
        mdbook(&book, &pages)?;
        let copied = copy(&book, &target).and_then(|()| copy(&book.join("src"), &pages));
        copied.map_err(|error| unwritable(&target, &error))?;
    }
    copy(&out.join("openapi"), &site.join("openapi")).map_err(|error| unwritable(site, &error))?;
    let front = site.join("index.html");
    fs::write(&front, landing).map_err(|error| unwritable(&front, &error))?;
    let checked = links::check(site)?;
    Ok(format!("{}: {checked}", front.display()))
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    format!("error: cannot write {}: {error}", path.display())
}

/// Returns the folders that contain a book, sorted by name.
fn books(docs: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(docs).map_err(|error| format!("error: cannot read {}: {error}", docs.display()))?;
    let folders = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut books: Vec<PathBuf> = folders.filter(|path| path.join("book.toml").is_file()).collect();
    books.sort_unstable();
    Ok(books)
}

/// Runs mdBook. Warnings are errors, because mdBook only warns if a page or an image is missing.
fn mdbook(book: &Path, pages: &Path) -> Result<(), String> {
    let outcome = Command::new("mdbook")
        .arg("build")
        .arg(book)
        .arg("--dest-dir")
        .arg(pages)
        .env_remove("MDBOOK_LOG")
        .env_remove("RUST_LOG")
        .output()
        .map_err(|error| format!("error: mdbook cannot be started: {error}\nInstall it with `{INSTALL}`."))?;
    let log = String::from_utf8_lossy(&outcome.stderr);
    if outcome.status.success() && !log.lines().any(is_warning_or_error) {
        return Ok(());
    }
    Err(format!(
        "error: mdbook cannot build {}:\n{}",
        book.display(),
        log.trim_end()
    ))
}

/// Returns `true` if a line of the log is a warning or an error.
fn is_warning_or_error(line: &str) -> bool {
    let mut words = line.split([' ', '[', ']']);
    words.any(|word| matches!(word, "WARN" | "ERROR"))
}

/// Copies the files for machine readers: Markdown, text and YAML.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let is_text = path
            .extension()
            .is_some_and(|extension| extension == "md" || extension == "txt" || extension == "yaml");
        if let (true, Some(name)) = (is_text, path.file_name()) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_warning_or_error;

    #[test]
    fn finds_warnings_and_errors() {
        assert!(is_warning_or_error(" WARN unclosed HTML tag"));
        assert!(is_warning_or_error("2026-01-01 00:00:00 [ERROR] (mdbook::utils): x"));
        assert!(!is_warning_or_error(" INFO HTML book written to `/ERRORS/WARNING`"));
    }
}
