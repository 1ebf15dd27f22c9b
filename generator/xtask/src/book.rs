//! Builds the docs as a site: a book for each language and the OpenAPI documents, placed beside each other as among the
//! outputs, so that the links between them hold.

mod links;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that the pages were looked at with.
const INSTALL: &str = "cargo install mdbook --version 0.5.2 --locked --no-default-features --features search";

/// Builds the site of the outputs in `out`, and says where it begins and what is on it. `landing` is its front page.
///
/// Beside the pages stand their sources and `llms.txt`, which machine readers ask for.
pub(crate) fn build(out: &Path, landing: &str, site: &Path) -> Result<String, String> {
    // A page that is no more would still be linked to.
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

/// The folders with a book, by name.
fn books(docs: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(docs).map_err(|error| format!("error: cannot read {}: {error}", docs.display()))?;
    let folders = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut books: Vec<PathBuf> = folders.filter(|path| path.join("book.toml").is_file()).collect();
    books.sort_unstable();
    Ok(books)
}

/// A warning is a failure: mdBook goes on where a page or a picture is missing.
fn mdbook(book: &Path, pages: &Path) -> Result<(), String> {
    let outcome = Command::new("mdbook")
        .arg("build")
        .arg(book)
        .arg("--dest-dir")
        .arg(pages)
        .env_remove("MDBOOK_LOG")
        .env_remove("RUST_LOG")
        .output()
        .map_err(|error| format!("error: mdbook does not start: {error}\nInstall it with `{INSTALL}`."))?;
    let said = String::from_utf8_lossy(&outcome.stderr);
    if outcome.status.success() && !said.lines().any(is_complaint) {
        return Ok(());
    }
    Err(format!(
        "error: mdbook cannot build {}:\n{}",
        book.display(),
        said.trim_end()
    ))
}

/// Whether a line of the log is more than news.
fn is_complaint(line: &str) -> bool {
    let mut words = line.split([' ', '[', ']']);
    words.any(|word| matches!(word, "WARN" | "ERROR"))
}

/// Copies what machine readers read: markdown, text and YAML.
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
    use super::is_complaint;

    #[test]
    fn warnings_and_errors_are_complaints() {
        assert!(is_complaint(" WARN unclosed HTML tag"));
        assert!(is_complaint("2026-01-01 00:00:00 [ERROR] (mdbook::utils): x"));
        assert!(!is_complaint(" INFO HTML book written to `/ERRORS/WARNING`"));
    }
}
