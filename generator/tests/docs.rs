//! The docs of two invented APIs: what they look like, and what holds for all of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "docs/dress.rs"]
mod dress;
#[path = "docs/site.rs"]
mod site;
#[path = "specs/mod.rs"]
mod specs;

use std::collections::BTreeSet;
use std::path::Path;

use generator::ir::Api;
use generator::render::{docs, openapi};
use generator::source::SourceSet;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use self::dress::{Dress, dressed};
use self::site::Files;

/// The spec that has one of everything, with other texts.
fn harbour(dress: Dress) -> Api {
    dressed(&specs::sources("harbour"), dress)
}

fn render(api: &Api) -> Files {
    let files = docs::render(api);
    assert!(files.is_ok(), "{files:?}");
    files
        .into_iter()
        .flatten()
        .map(|file| (file.path, file.contents))
        .collect()
}

#[test]
fn pages_look_as_they_should() {
    // Those are copied as they are.
    let is_copied = |path: &str| path.ends_with("/site.css") || path.ends_with("/site.js");
    let mut files = render(&specs::load("harbour"));
    files.retain(|path, _| !is_copied(path));
    for (path, contents) in files {
        let name = path.trim_start_matches("docs/").replace("/src/", "-").replace('/', "-");
        insta::with_settings!({ snapshot_path => "docs/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, contents);
        });
    }
}

#[test]
fn pages_without_a_subject_are_left_out() {
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
fn links_lead_somewhere() {
    for api in [specs::load("harbour"), specs::load("bare")] {
        assert_eq!(site::broken_links(&with_documents(&api)), Vec::<String>::new());
    }
}

/// The docs, with the OpenAPI documents that they link to.
fn with_documents(api: &Api) -> Files {
    let documents = openapi::render(api).into_iter();
    let mut files = render(api);
    files.extend(documents.map(|file| (file.path, file.contents)));
    files
}

#[test]
fn every_key_beyond_the_standard_is_explained() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let spec = generator::load(&SourceSet::load(&spec).expect("a spec")).expect("a valid spec");
    for api in [specs::load("harbour"), specs::load("bare"), spec] {
        let pages = render(&api);
        for document in openapi::render(&api) {
            for key in extensions(&document.contents) {
                let pages = pages.iter().filter(|(path, _)| path.ends_with("/openapi.md"));
                for (path, page) in pages {
                    assert!(page.contains(&format!("| `{key}` |")), "{path} does not explain {key}");
                }
            }
        }
    }
}

/// The keys of an OpenAPI document that begin with `x-`.
fn extensions(document: &str) -> BTreeSet<&str> {
    let keys = document.lines().map(|line| line.trim_start_matches([' ', '-']));
    let keys = keys.filter(|line| line.starts_with("x-"));
    keys.filter_map(|line| line.split_once(':').map(|(key, _)| key))
        .collect()
}

#[test]
fn the_landing_page_leads_to_every_book_whatever_it_is_called() {
    for dress in HOSTILE {
        let page = docs::landing(&harbour(*dress)).expect("a page");
        let tags: Vec<_> = tags(&page)
            .into_iter()
            .filter(|tag| *tag == "a" || *tag == "strong")
            .collect();
        assert_eq!(tags, ["a", "strong", "a", "strong"], "{page}");
        for language in ["en", "zh"] {
            assert!(
                page.contains(&format!("href=\"docs/{language}/src/index.html\"")),
                "{page}"
            );
        }
    }
}

#[test]
fn anchors_are_unique_on_their_page() {
    assert_eq!(
        site::repeated_anchors(&render(&specs::load("harbour"))),
        Vec::<String>::new()
    );
}

#[test]
fn languages_have_the_same_pages_and_anchors() {
    let files = render(&specs::load("harbour"));
    let of = |language: &str| site::pages_and_anchors(&files, language);
    assert!(!of("en").is_empty());
    assert_eq!(of("en"), of("zh"));
}

#[test]
fn the_same_api_gives_the_same_bytes() {
    let api = specs::load("harbour");
    assert_eq!(render(&api), render(&api));
}

#[test]
fn blank_lines_come_one_at_a_time() {
    for (path, contents) in render(&specs::load("harbour")) {
        assert!(
            !contents.contains("\n\n\n"),
            "{path} has two blank lines in a row:\n{contents}"
        );
        assert!(
            !contents.starts_with('\n') && contents.ends_with('\n') && !contents.ends_with("\n\n"),
            "{path}"
        );
        assert!(
            !contents.lines().any(|line| line.ends_with(' ')),
            "{path} has trailing blanks:\n{contents}"
        );
    }
}

#[test]
fn no_text_changes_the_structure_of_a_page() {
    let tame = render(&harbour(|text| text.to_owned() + "x"));
    for hostile in HOSTILE {
        let wild = render(&harbour(*hostile));
        assert_eq!(
            site::broken_links(&with_documents(&harbour(*hostile))),
            Vec::<String>::new()
        );
        for (path, contents) in wild.iter().filter(|(path, _)| site::is_page(path)) {
            assert_eq!(structure(contents), structure(&tame[path]), "{path}:\n{contents}");
        }
    }
}

#[test]
fn no_text_changes_the_structure_of_a_picture_or_of_the_map() {
    let tame = render(&harbour(|text| text.to_owned() + "x"));
    for hostile in HOSTILE {
        let wild = render(&harbour(*hostile));
        for (path, contents) in wild.iter().filter(|(path, _)| site::is_picture(path)) {
            assert_eq!(tags(contents), tags(&tame[path]), "{path}:\n{contents}");
        }
        for (path, contents) in wild.iter().filter(|(path, _)| path.ends_with("llms.txt")) {
            assert_eq!(structure(contents), structure(&tame[path]), "{path}:\n{contents}");
        }
    }
}

/// The names of all tags, opening and closing; no text holds one.
fn tags(svg: &str) -> Vec<&str> {
    let tags = svg.split('<').skip(1);
    tags.map(|tag| tag.split([' ', '>']).next().unwrap_or_default())
        .collect()
}

#[test]
fn the_map_for_machines_has_every_page_and_operation() {
    let api = specs::load("harbour");
    let files = render(&api);
    for language in ["en", "zh"] {
        let map = &files[&format!("docs/{language}/llms.txt")];
        let folder = format!("docs/{language}/");
        let pages = files.keys().filter_map(|path| path.strip_prefix(&folder));
        for page in pages.filter(|path| site::is_page(path) && *path != "src/SUMMARY.md") {
            assert!(map.contains(&format!("]({page})")), "{page} is not in {map}");
        }
        let links = map.matches(".md#").count();
        assert_eq!(links, api.operations().count(), "{map}");
    }
}

/// Texts that try to be something else, at their start, in the middle and at their end. Only such as the
/// loader takes: no control characters, and backticks in even numbers, as languages are split outside of code.
const HOSTILE: &[Dress] = &[
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

/// What a page is made of, without its words.
fn structure(contents: &str) -> Vec<String> {
    let parser = Parser::new_ext(contents, Options::all() - Options::ENABLE_SMART_PUNCTUATION);
    let events = parser.filter(|event| !is_word(event)).map(|event| format!("{event:?}"));
    events.collect()
}

/// Words, and how many paragraphs they are cut into.
fn is_word(event: &Event<'_>) -> bool {
    match event {
        Event::Text(_)
        | Event::Code(_)
        | Event::SoftBreak
        | Event::Start(Tag::Paragraph)
        | Event::End(TagEnd::Paragraph) => true,
        // Code that a span cannot hold.
        Event::InlineHtml(html) => matches!(&**html, "<code>" | "</code>"),
        _ => false,
    }
}
