//! Snapshots of the docs of an invented API, and properties of any docs: links, anchors, structure, equal languages.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "docs/rewrite.rs"]
mod rewrite;
#[path = "docs/site.rs"]
mod site;
#[path = "specs/mod.rs"]
mod specs;

use std::collections::BTreeSet;
use std::fs;

use generator::ir::Api;
use generator::render::{docs, openapi, strings};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use self::rewrite::{Rewrite, with_texts};
use self::site::Files;

/// Loads the harbour spec, which has everything that the docs can show, with each of its texts rewritten.
fn harbour(rewrite: Rewrite) -> Api {
    with_texts(&specs::sources("harbour"), rewrite)
}

fn render(api: &Api) -> Files {
    let files = docs::render(api, &strings::catalogues(api).unwrap());
    assert!(files.is_ok(), "{files:?}");
    files
        .into_iter()
        .flatten()
        .map(|file| (file.path, file.contents))
        .collect()
}

/// Renders the files that have snapshots, by the name of the snapshot.
fn files_with_snapshots() -> Files {
    let is_copied = |path: &str| path.ends_with("/site.css") || path.ends_with("/site.js");
    let name = |path: &str| path.trim_start_matches("docs/").replace("/src/", "-").replace('/', "-");
    let files = render(&specs::load("harbour")).into_iter();
    files
        .filter(|(path, _)| !is_copied(path))
        .map(|(path, contents)| (name(&path), contents))
        .collect()
}

#[test]
fn every_file_matches_its_snapshot() {
    for (name, contents) in files_with_snapshots() {
        insta::with_settings!({ snapshot_path => "docs/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, contents);
        });
    }
}

#[test]
fn every_snapshot_has_a_file() {
    let files = files_with_snapshots();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/snapshots")).unwrap() {
        let snapshot = entry.unwrap().file_name().into_string().unwrap();
        let is_current = snapshot
            .strip_suffix(".snap")
            .is_some_and(|name| files.contains_key(name));
        assert!(is_current, "docs/snapshots/{snapshot} belongs to no generated file");
    }
}

#[test]
fn pages_for_features_that_a_spec_does_not_use_are_left_out() {
    let files = render(&specs::load("bare"));
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "docs/en/book.toml",
            "docs/en/llms.txt",
            "docs/en/site.css",
            "docs/en/site.js",
            "docs/en/src/README.md",
            "docs/en/src/SUMMARY.md",
            "docs/en/src/hosts.md",
            "docs/en/src/openapi.md",
            "docs/en/src/ping.md",
        ]
    );
    let all: String = files.into_values().collect();
    assert!(
        !all.contains("authentication.md") && !all.contains("envelope.md") && !all.contains("Base path"),
        "{all}"
    );
}

#[test]
fn every_link_resolves() {
    for api in [specs::load("harbour"), specs::load("bare")] {
        assert_eq!(site::broken_links(&with_documents(&api)), Vec::<String>::new());
    }
}

/// Renders the docs and the OpenAPI documents that they link to.
fn with_documents(api: &Api) -> Files {
    let documents = openapi::render(api, &strings::catalogues(api).unwrap()).into_iter();
    let mut files = render(api);
    files.extend(documents.map(|file| (file.path, file.contents)));
    files
}

#[test]
fn every_openapi_extension_is_explained() {
    for api in ["harbour", "bare", specs::REPOSITORY].map(specs::load) {
        let pages = render(&api);
        for document in openapi::render(&api, &strings::catalogues(&api).unwrap()) {
            for key in extensions(&document.contents) {
                let pages = pages.iter().filter(|(path, _)| path.ends_with("/openapi.md"));
                for (path, page) in pages {
                    assert!(page.contains(&format!("| `{key}` |")), "{path} does not explain {key}");
                }
            }
        }
    }
}

/// Returns the keys of an OpenAPI document that begin with `x-`.
fn extensions(document: &str) -> BTreeSet<&str> {
    let keys = document.lines().map(|line| line.trim_start_matches([' ', '-']));
    let keys = keys.filter(|line| line.starts_with("x-"));
    keys.filter_map(|line| line.split_once(':').map(|(key, _)| key))
        .collect()
}

#[test]
fn the_landing_page_links_to_every_language_with_any_title() {
    for rewrite in HOSTILE {
        let api = harbour(*rewrite);
        let page = docs::landing(&api, &strings::catalogues(&api).unwrap()).expect("a page");
        let tags: Vec<_> = tags(&page)
            .into_iter()
            .filter(|tag| ["script", "img", "h1", "h2", "a"].contains(tag))
            .collect();
        assert_eq!(tags, ["h1", "a", "a", "a", "a", "h2", "a", "a", "a"], "{page}");
        for language in ["en", "zh"] {
            assert!(
                page.contains(&format!("href=\"docs/{language}/src/index.html\"")),
                "{page}"
            );
        }
    }
}

#[test]
fn anchors_are_unique_within_a_page() {
    assert_eq!(
        site::repeated_anchors(&render(&specs::load("harbour"))),
        Vec::<String>::new()
    );
}

#[test]
fn languages_have_the_same_pages_and_anchors() {
    let files = render(&specs::load("harbour"));
    let english = site::pages_and_anchors(&files, "en");
    assert!(!english.is_empty());
    assert_eq!(english, site::pages_and_anchors(&files, "zh"));
}

#[test]
fn no_table_cell_is_a_long_list_of_links() {
    let api = specs::load(specs::REPOSITORY);
    for (path, contents) in render(&api) {
        for cell in contents
            .lines()
            .filter(|line| line.starts_with('|'))
            .flat_map(|row| row.split(" | "))
        {
            let links = cell.matches("](").count();
            assert!(
                links <= api.sections.len(),
                "{path} has a cell with {links} links:\n{cell}"
            );
        }
    }
}

#[test]
fn current_operations_come_before_superseded_ones() {
    let page = &render(&specs::load("harbour"))["docs/en/src/ships.md"];
    let at = |anchor: &str| page.find(&format!("<a id=\"{anchor}\">")).unwrap();
    assert!(at("ships-label") < at("ships-list"), "{page}");
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    let api = specs::load("harbour");
    assert_eq!(render(&api), render(&api));
}

#[test]
fn pages_have_no_double_blank_lines_and_no_trailing_blanks() {
    for (path, contents) in render(&specs::load("harbour")) {
        assert!(
            !contents.contains("\n\n\n"),
            "{path} has two blank lines in a row:\n{contents}"
        );
        assert!(
            !contents.starts_with('\n') && contents.ends_with('\n') && !contents.ends_with("\n\n"),
            "{path} begins with a blank line, or does not end with one line break"
        );
        assert!(
            !contents.lines().any(|line| line.ends_with(' ')),
            "{path} has trailing blanks:\n{contents}"
        );
    }
}

#[test]
fn no_text_changes_the_structure_of_a_page() {
    let plain = render(&harbour(|text| text.to_owned() + "x"));
    for rewrite in HOSTILE {
        let hostile = render(&harbour(*rewrite));
        assert_eq!(
            site::broken_links(&with_documents(&harbour(*rewrite))),
            Vec::<String>::new()
        );
        for (path, contents) in hostile.iter().filter(|(path, _)| site::is_page(path)) {
            assert_eq!(structure(contents), structure(&plain[path]), "{path}:\n{contents}");
        }
    }
}

#[test]
fn no_text_changes_the_structure_of_a_diagram_or_of_llms_txt() {
    let plain = render(&harbour(|text| text.to_owned() + "x"));
    for rewrite in HOSTILE {
        let hostile = render(&harbour(*rewrite));
        for (path, contents) in hostile.iter().filter(|(path, _)| site::is_diagram(path)) {
            assert_eq!(tags(contents), tags(&plain[path]), "{path}:\n{contents}");
        }
        for (path, contents) in hostile.iter().filter(|(path, _)| path.ends_with("llms.txt")) {
            assert_eq!(structure(contents), structure(&plain[path]), "{path}:\n{contents}");
        }
    }
}

/// Returns the names of all tags, opening and closing. Texts contain no `<`.
fn tags(markup: &str) -> Vec<&str> {
    let tags = markup.split('<').skip(1);
    tags.map(|tag| tag.split([' ', '>']).next().unwrap_or_default())
        .collect()
}

#[test]
fn llms_txt_links_to_every_page_and_operation() {
    let api = specs::load("harbour");
    let files = render(&api);
    for language in ["en", "zh"] {
        let map = &files[&format!("docs/{language}/llms.txt")];
        let folder = format!("docs/{language}/");
        let pages = files.keys().filter_map(|path| path.strip_prefix(&folder));
        for page in pages.filter(|path| site::is_page(path) && *path != "src/SUMMARY.md") {
            assert!(map.contains(&format!("]({page})")), "{page} is missing from {map}");
        }
        let links = map.matches(".md#").count();
        assert_eq!(links, api.operations().count(), "{map}");
    }
}

/// Rewrites that add markup before, after and around a text. The loader accepts all of them: they have no control characters, and
/// an even number of backticks, since languages are split outside code spans.
const HOSTILE: &[Rewrite] = &[
    |text| format!("<script>{text}</script><!-- <img src=x> -->"),
    |text| format!("[{text}](https://evil.example) <https://evil.example> ![x](y) [z]: w"),
    |text| format!("# {text} ## {{#evil .class}}"),
    |text| format!("- {text} |cell| `code | pipe`|"),
    |text| format!("12. {text} **b** __u__ ~~s~~ $m$"),
    |text| format!("> {text} &lt;b&gt; &#60;b> \\"),
    |text| format!("``` {text} `` ` ```` ~~~"),
    |text| format!("`a``b` {text} ``"),
    |text| format!("=== {text} ---"),
    |text| format!(": {text} [^1] [x] {{{{#include /etc/passwd}}}}"),
    |text| format!("````\n~~~\n{text}\u{2028}|"),
];

/// Returns the Markdown events of a page, without its words.
fn structure(contents: &str) -> Vec<String> {
    let parser = Parser::new_ext(contents, Options::all() - Options::ENABLE_SMART_PUNCTUATION);
    let events = parser.filter(|event| !is_word(event)).map(|event| format!("{event:?}"));
    events.collect()
}

/// Returns `true` for words and paragraph breaks.
fn is_word(event: &Event<'_>) -> bool {
    match event {
        Event::Text(_)
        | Event::Code(_)
        | Event::SoftBreak
        | Event::Start(Tag::Paragraph)
        | Event::End(TagEnd::Paragraph) => true,
        // Code that cannot be written as a code span.
        Event::InlineHtml(html) => matches!(&**html, "<code>" | "</code>"),
        _ => false,
    }
}
