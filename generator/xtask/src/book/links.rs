//! Checks the links within a website.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

use html5gum::{Token, Tokenizer};
use percent_encoding::percent_decode_str;
use walkdir::WalkDir;

/// The result of a link check without dead links.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pages: usize,
    links: usize,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pages, {} links, no dead links", self.pages, self.links)
    }
}

/// Checks all pages below `site`. Links to other websites are ignored.
///
/// # Errors
///
/// Returns all links whose file or anchor does not exist.
pub(crate) fn check(site: &Path) -> Result<Checked, String> {
    let pages = load(site)?;
    let mut dead = Vec::new();
    let mut links = 0;
    for (path, page) in &pages {
        for link in &page.links {
            links += 1;
            if !target_exists(site, &pages, path, link) {
                dead.push(format!("  {}: {link}\n", path.display()));
            }
        }
    }
    if dead.is_empty() {
        let pages = pages.len();
        return Ok(Checked { pages, links });
    }
    Err(format!("error: {} dead links:\n{}", dead.len(), dead.concat()))
}

/// The anchors and links of a page.
#[derive(Debug, Default)]
struct Page {
    anchors: BTreeSet<String>,
    /// Links within the website.
    links: BTreeSet<String>,
}

impl Page {
    fn parse(html: &str) -> Self {
        let mut page = Self::default();
        for Ok(token) in Tokenizer::new(html) {
            let Token::StartTag(tag) = token else { continue };
            for (name, value) in &tag.attributes {
                let value = String::from_utf8_lossy(value).into_owned();
                match name.as_slice() {
                    b"id" => drop(page.anchors.insert(value)),
                    b"href" | b"src" if is_relative(&value) => drop(page.links.insert(value)),
                    _ => {}
                }
            }
        }
        page
    }
}

/// Returns `true` if a link has neither a scheme nor a host.
fn is_relative(link: &str) -> bool {
    let before_path = link.split(['/', '?', '#']).next().unwrap_or_default();
    !before_path.contains(':') && !link.starts_with("//")
}

fn load(site: &Path) -> Result<BTreeMap<PathBuf, Page>, String> {
    let mut pages = BTreeMap::new();
    for entry in WalkDir::new(site).sort_by_file_name() {
        let path = entry.map_err(|error| format!("error: {error}"))?.into_path();
        if is_page(&path) {
            let html = fs::read_to_string(&path).map_err(|error| format!("error: {}: {error}", path.display()))?;
            pages.insert(path, Page::parse(&html));
        }
    }
    Ok(pages)
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "html")
}

fn target_exists(site: &Path, pages: &BTreeMap<PathBuf, Page>, from: &Path, link: &str) -> bool {
    let (link, anchor) = link.split_once('#').unwrap_or((link, ""));
    let relative = link.split('?').next().unwrap_or_default();
    let target = if relative.is_empty() {
        Some(from.to_owned())
    } else {
        resolve(site, from, &decoded(relative))
    };
    let Some(target) = target else { return false };
    match pages.get(&target) {
        // `#` and `#top` link to the top of any page.
        Some(page) => matches!(anchor, "" | "top") || page.anchors.contains(&decoded(anchor)),
        None => anchor.is_empty() && target.is_file(),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Returns the target file of a link, or `None` if it is outside the website. Absolute paths are outside, because the website can
/// be served from any folder.
fn resolve(site: &Path, from: &Path, relative: &str) -> Option<PathBuf> {
    let folder = from.parent()?.strip_prefix(site).ok()?;
    let mut inside = PathBuf::new();
    for component in folder.join(relative).components() {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !inside.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let target = site.join(inside);
    Some(if target.is_dir() {
        target.join("index.html")
    } else {
        target
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(pages: &[(&str, &str)]) -> tempfile::TempDir {
        let site = tempfile::tempdir().unwrap();
        for (path, contents) in pages {
            let path = site.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, contents).unwrap();
        }
        site
    }

    #[test]
    fn existing_links_and_anchors_are_accepted() {
        let site = site(&[
            (
                "index.html",
                "<a href='a/b.html#%E9%94%99'>x</a> <a href='a/'>y</a> <a href=https://x.example/none>z</a>",
            ),
            ("a/index.html", "<p id=here></p><a href=#here>x</a><a href=\"#\">y</a>"),
            (
                "a/b.html",
                "<h1 id=错></h1><img src=../p.svg><a href='../index.html?q=1#top'></a><!-- <a href=gone.html> -->",
            ),
            ("p.svg", "<svg/>"),
        ]);
        assert_eq!(check(site.path()), Ok(Checked { pages: 3, links: 6 }));
    }

    #[test]
    fn all_dead_links_are_reported() {
        let site = site(&[
            ("a/index.html", "<a href=b.html></a><a href=#gone></a><img src=p.svg>"),
            (
                "index.html",
                "<a href=../out.html></a><a href=/a/index.html></a><a href=a/index.html#x&amp;y></a>",
            ),
        ]);
        let message = check(site.path()).unwrap_err();
        let dead: Vec<_> = message.lines().collect();
        assert_eq!(dead[0], "error: 6 dead links:");
        let links: Vec<_> = dead[1..].iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!(
            links,
            [
                "#gone",
                "b.html",
                "p.svg",
                "../out.html",
                "/a/index.html",
                "a/index.html#x&y"
            ]
        );
    }
}
