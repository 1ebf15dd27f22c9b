//! Checks the links of the READMEs and of the changelog to files.

use std::fs;
use std::path::Path;

use pulldown_cmark::{Event, Parser, Tag};

use super::state::Release;
use super::{Missing, counted, shortened};

/// The links must lead to files.
pub(super) fn check(release: &Release<'_>) -> Vec<Missing> {
    let mut dead = Vec::new();
    for page in release.pages.lines() {
        // A page that has been deleted is a finding of the working tree.
        let Ok(text) = fs::read_to_string(release.folders.root.join(page)) else {
            continue;
        };
        let folder = release.folders.root.join(page).with_file_name("");
        dead.extend(dead_links(&text, &folder).map(|link| format!("{page}: {link}")));
    }
    if dead.is_empty() {
        return Vec::new();
    }
    let count = counted(dead.len(), "link leads", "links lead");
    let what = format!("{count} to a missing file:\n{}", shortened(&dead.join("\n")));
    vec![Missing::new(what, "Correct the links.")]
}

/// Returns the links of a page to files that do not exist.
fn dead_links(page: &str, folder: &Path) -> impl Iterator<Item = String> {
    Parser::new(page).filter_map(|event| {
        let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event else {
            return None;
        };
        let path = dest_url.split('#').next().unwrap_or_default();
        let is_external = path.contains(':') || path.starts_with("//");
        (!is_external && !folder.join(path).exists()).then(|| dest_url.to_string())
    })
}
