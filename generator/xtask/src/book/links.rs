//! Checks that every link within a site leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

use html5gum::{Token, Tokenizer};
use percent_encoding::percent_decode_str;
use walkdir::WalkDir;

/// What was looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pages: usize,
    links: usize,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pages, {} links, none of them dead", self.pages, self.links)
    }
}

/// Looks at every page below `site`; fails with all links that lead to no file of the site, or to no place of its page.
/// Links to other sites are not followed.
pub(crate) fn check(site: &Path) -> Result<Checked, String> {
    let pages = load(site)?;
    let mut dead = Vec::new();
    let mut links = 0;
    for (path, page) in &pages {
        for link in &page.links {
            links += 1;
            if !leads_somewhere(site, &pages, path, link) {
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

/// The places of a page, and where it leads to.
#[derive(Debug, Default)]
struct Page {
    anchors: BTreeSet<String>,
    /// Within the site; each once.
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
                    b"href" | b"src" if is_within(&value) => drop(page.links.insert(value)),
                    _ => {}
                }
            }
        }
        page
    }
}

/// Whether a link has neither a scheme nor a host.
fn is_within(link: &str) -> bool {
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

fn leads_somewhere(site: &Path, pages: &BTreeMap<PathBuf, Page>, from: &Path, link: &str) -> bool {
    let (link, anchor) = link.split_once('#').unwrap_or((link, ""));
    let relative = link.split('?').next().unwrap_or_default();
    let target = if relative.is_empty() {
        Some(from.to_owned())
    } else {
        resolve(site, from, &decoded(relative))
    };
    let Some(target) = target else { return false };
    match pages.get(&target) {
        // `#` and `#top` are the top of any page.
        Some(page) => matches!(anchor, "" | "top") || page.anchors.contains(&decoded(anchor)),
        None => anchor.is_empty() && target.is_file(),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The file that a link leads to; `None` outside of the site, which may be served from anywhere.
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
    fn links_and_anchors_that_are_there_pass() {
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
    fn dead_links_are_told_together() {
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
