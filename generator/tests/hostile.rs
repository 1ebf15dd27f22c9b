//! Specs made to exhaust or confuse the loader: each is loaded or rejected in bounded time, with diagnostics of bounded size,
//! and without a panic or an internal error.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "specs/mod.rs"]
mod specs;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use generator::Failure;
use generator::source::SourceSet;
use specs::Files;

/// Most time that a spec may take per megabyte, generous enough for a debug build on a busy machine.
const SLOWEST: Duration = Duration::from_secs(8);

/// Largest size of a file, in bytes.
const LARGEST: usize = generator::source::MAX_FILE_BYTES;

/// Returns the valid spec that most tests start from.
fn garden() -> Files {
    specs::files("garden")
}

/// Returns the garden spec with another file of types.
fn with_types(types: impl Into<Vec<u8>>) -> Files {
    let mut files = garden();
    files.insert("types/hostile.yaml".to_owned(), types.into());
    files
}

/// Returns the garden spec with the first occurrence of a text replaced.
fn with(path: &str, from: &str, to: &str) -> Files {
    let mut files = garden();
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{path} does not contain {from:?}");
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
    files
}

/// Loads a spec, renders its diagnostics and returns their codes. `what` describes the spec in failures.
fn codes(what: &str, files: Files) -> Vec<&'static str> {
    let start = Instant::now();
    let sources = SourceSet::from_files(files);
    let megabytes = u32::try_from(sources.bytes() / LARGEST + 1).unwrap();
    let codes = match generator::load(&sources) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => {
            let text = diagnostics.render(false);
            assert!(text.len() < 1 << 20, "{what}: {} bytes of text", text.len());
            assert!(
                !text.contains(|c: char| c.is_control() && c != '\n'),
                "{what}: control characters in the text"
            );
            let mut codes: Vec<_> = diagnostics
                .list()
                .iter()
                .map(|diagnostic| diagnostic.code.as_str())
                .collect();
            codes.dedup();
            assert!(!codes.is_empty(), "{what}: rejected without a diagnostic");
            codes
        }
    };
    let time = start.elapsed();
    assert!(time < SLOWEST * megabytes, "{what} takes {time:?}");
    codes
}

/// Asserts that a spec is rejected with a code.
#[track_caller]
fn rejected(what: &str, files: Files, code: &str) {
    let codes = codes(what, files);
    assert!(codes.contains(&code), "{what}: expected {code}, got {codes:?}");
}

/// Concatenates `count` numbered lines.
fn numbered(count: usize, line: impl Fn(&mut String, usize)) -> String {
    let mut out = String::new();
    (0..count).for_each(|number| line(&mut out, number));
    out
}

#[test]
fn deep_nesting_is_rejected() {
    for token in [
        "[", "{", "{a: ", "a: ", "? ", "- ", "!!", "&a ", "*a ", "'", "\"", "|", "#",
    ] {
        codes(token, with_types(token.repeat(LARGEST / token.len())));
    }
    rejected(
        "flow",
        with_types(format!("A: {}{}", "[".repeat(100), "]".repeat(100))),
        "nested-too-deep",
    );
    let block = numbered(1000, |out, depth| writeln!(out, "{}a:", " ".repeat(depth)).unwrap());
    rejected("block", with_types(block), "nested-too-deep");
    let ty = format!("A: {}int{} -- A. | 甲。\n", "map<".repeat(1000), ">".repeat(1000));
    rejected("type", with_types(ty), "type-syntax");
    let ty = format!("A: int{} -- A. | 甲。\n", "[]".repeat(100_000));
    rejected("suffixes", with_types(ty), "type-syntax");
}

#[test]
fn huge_scalars_are_rejected() {
    let long = "x".repeat(LARGEST - 100);
    rejected("type", with_types(format!("A: {long}\n")), "unknown-type");
    rejected(
        "name",
        with_types(format!("{long}: string -- A. | 甲。\n")),
        "yaml-syntax",
    );
    rejected("text", with_types(format!("A: string -- {long} | 甲。\n")), "bad-value");
    rejected("quoted", with_types(format!("A: \"{long}\"\n")), "unknown-type");
    rejected(
        "number",
        with_types(format!("A: int({}..) -- A. | 甲。\n", "9".repeat(LARGEST - 100))),
        "type-syntax",
    );
    rejected("key", with_types(format!("A:\n  ? {long}\n  : 1\n")), "unknown-key");
    let rules = "1..2,".repeat(200_000);
    rejected(
        "rules",
        with_types(format!("A: string({rules}) -- A. | 甲。\n")),
        "type-syntax",
    );
    let route = format!("GET {}", "/{a}".repeat(200_000));
    rejected(
        "route",
        with("sections/plants.yaml", "GET /plants/{plant}", &route),
        "route-syntax",
    );
    let query = format!("GET /plants?{}", "a=b&".repeat(200_000));
    rejected(
        "query",
        with("sections/plants.yaml", "GET /plants?limit=2", &query),
        "example-unknown",
    );
    let pattern = "(a{1,1000}){1,1000}";
    codes("regex", with("sections/plants.yaml", "^[a-z0-9-]+$", pattern));
}

#[test]
fn yaml_aliases_are_rejected_before_they_expand() {
    let bomb = numbered(50, |out, number| {
        let aliases = format!("*a{} ", number.max(1) - 1).repeat(9).replace(' ', ", ");
        writeln!(out, "A{number}: &a{number} [{aliases}]").unwrap();
    });
    rejected("bomb", with_types(bomb), "yaml-feature");
}

#[test]
fn files_with_many_entries_are_rejected() {
    rejected("keys", with_types("a: 1\n".repeat(LARGEST / 5)), "duplicate-key");
    rejected(
        "types",
        with_types(numbered(25_000, |out, n| {
            writeln!(out, "T{n}: string -- A. | 甲。").unwrap();
        })),
        "unused-type",
    );
    rejected(
        "unknown",
        with_types(numbered(25_000, |out, n| {
            writeln!(out, "T{n}: Nope{n} -- A. | 甲。").unwrap();
        })),
        "unknown-type",
    );
    rejected(
        "unknown keys",
        with_types(format!(
            "A:\n{}",
            numbered(80_000, |out, n| writeln!(out, "  k{n}: 1").unwrap())
        )),
        "unknown-key",
    );
    let sections = numbered(50_000, |out, n| write!(out, ", s{n}").unwrap());
    rejected(
        "sections",
        with("api.yaml", "[plants]", &format!("[plants{sections}]")),
        "unknown-section",
    );
}

#[test]
fn types_with_many_parts_are_rejected() {
    let fields = numbered(25_000, |out, n| writeln!(out, "    f{n}: string -- A. | 甲。").unwrap());
    rejected(
        "fields",
        with_types(format!("A:\n  about: A. | 甲。\n  fields:\n{fields}")),
        "bad-value",
    );
    let values = numbered(25_000, |out, n| writeln!(out, "    v{n}: A. | 甲。").unwrap());
    rejected(
        "values",
        with_types(format!("A:\n  about: A. | 甲。\n  enum:\n{values}")),
        "bad-value",
    );
    let variants = numbered(25_000, |out, n| writeln!(out, "    v{n}: Plant").unwrap());
    rejected(
        "variants",
        with_types(format!("A:\n  about: A. | 甲。\n  tag: t\n  union:\n{variants}")),
        "bad-value",
    );
}

#[test]
fn operations_with_many_or_large_examples_are_checked_in_bounded_time() {
    let examples =
        "      - title: A | 甲\n        request: GET /plants?limit=2\n        response: {plants: []}\n".repeat(9000);
    let examples = format!("{examples}      - title: A | 甲\n        request: GET /plants?limit=2\n");
    codes(
        "examples",
        with(
            "sections/plants.yaml",
            "      - request: GET /plants?limit=2\n",
            &examples,
        ),
    );
    let items = vec!["{}"; 100_000].join(", ");
    rejected(
        "items",
        with(
            "sections/plants.yaml",
            "[{id: p-1, name: Rose, colour: red}]",
            &format!("[{items}]"),
        ),
        "example-missing",
    );
}

#[test]
fn long_cycles_of_types_are_rejected() {
    let mut files = garden();
    for file in 0..10 {
        let types = numbered(10_000, |out, n| {
            let this = file * 10_000 + n;
            writeln!(
                out,
                "T{this}:\n  about: A. | 甲。\n  fields:\n    next: T{} -- A. | 甲。",
                (this + 1) % 100_000
            )
            .unwrap();
        });
        files.insert(format!("types/chain{file}.yaml"), types.into_bytes());
    }
    rejected("chain", files, "cyclic-type");
}

#[test]
fn types_that_contain_themselves_are_rejected() {
    let object = |field: &str| format!("A:\n  about: A. | 甲。\n  fields:\n    {field} -- A. | 甲。\n");
    for field in ["a: A", "a: A?", "a?: A", "+a: A"] {
        rejected(field, with_types(object(field)), "cyclic-type");
    }
    rejected("list", with_types(object("a: A[]")), "unused-type");
    rejected("map", with_types(object("a: map<A>")), "unused-type");
    let union = "U:\n  about: A. | 甲。\n  tag: t\n  union:\n    a: A\n";
    rejected("union", with_types(object("u: U") + union), "cyclic-type");
    rejected("flattened union", with_types(object("+u: U") + union), "cyclic-type");
    let wide = numbered(10, |out, n| {
        let next = (n + 1).min(9);
        let fields = numbered(30, |out, m| writeln!(out, "    +f{m}: T{next} -- A. | 甲。").unwrap());
        let fields = if n == 9 { "    a: int -- A. | 甲。\n" } else { &fields };
        writeln!(out, "T{n}:\n  about: A. | 甲。\n  fields:\n{fields}").unwrap();
    });
    rejected("flattened", with_types(wide), "name-collision");
}

#[test]
fn bytes_that_are_not_plain_text_are_rejected() {
    rejected("NUL", with_types("A: \0"), "control-character");
    rejected("not UTF-8", with_types(vec![0xff, 0xfe, b'A', 0]), "not-utf8");
    rejected(
        "bidi",
        with_types("A: string -- \u{202e}A. | 甲。\n"),
        "control-character",
    );
    rejected(
        "escaped",
        with_types("A: \"string -- \\e[31m A. | 甲。\"\n"),
        "control-character",
    );
    rejected(
        "escaped key",
        with_types("\"A\\u202e\": string -- A. | 甲。\n"),
        "control-character",
    );
    rejected("tab", with_types("A:\n\tabout: A\n"), "yaml-syntax");
    rejected("empty", with_types(""), "wrong-kind");
    for (what, bytes) in [("BOM", "\u{feff}".to_owned()), ("comment", "# A comment.\n".to_owned())] {
        let mut files = garden();
        let api = [bytes.as_bytes(), &files["api.yaml"]].concat();
        files.insert("api.yaml".to_owned(), api);
        assert_eq!(codes(what, files), [""; 0], "{what}");
    }
    let crlf = garden().into_iter().map(|(path, bytes)| {
        (
            path,
            String::from_utf8(bytes).unwrap().replace('\n', "\r\n").into_bytes(),
        )
    });
    assert_eq!(codes("CRLF", crlf.collect()), [""; 0]);
}

/// Returns the garden spec with another name for its section.
fn with_section(name: &str) -> Files {
    let mut files = with("api.yaml", "sections: [plants]", &format!("sections: [\"{name}\"]"));
    let api = String::from_utf8(files["api.yaml"].clone()).unwrap();
    let api = api.replace("plants.enter", &format!("\"{name}.enter\""));
    files.insert("api.yaml".to_owned(), api.into_bytes());
    let section = files.remove("sections/plants.yaml").unwrap();
    files.insert(format!("sections/{name}.yaml"), section);
    files
}

/// Returns the garden spec with another name for a type.
fn with_type(name: &str) -> Files {
    let mut files = with("sections/plants.yaml", "Colour:", &format!("{name}:"));
    let section = String::from_utf8(files["sections/plants.yaml"].clone()).unwrap();
    let section = section.replace(": Colour --", &format!(": {name} --"));
    files.insert("sections/plants.yaml".to_owned(), section.into_bytes());
    files
}

#[test]
fn section_names_that_are_not_plain_file_names_are_rejected() {
    for name in [
        "../../etc",
        "/etc/passwd",
        "a/b",
        "a\\\\b",
        "..",
        ".",
        "",
        "con",
        "aux",
        "nul",
        "Plants",
        "plänts",
        "a b",
    ] {
        rejected(name, with_section(name), "bad-name");
    }
    rejected("long", with_section(&"a".repeat(300)), "bad-name");
}

#[test]
fn names_used_by_the_outputs_are_rejected_or_generate() {
    for name in "readme summary types errors limits hosts paging envelope authentication corrections index src runtime \
                 tests examples server client plant garden book theme search print support memory core std http serde \
                 crate mod api lib main"
        .split(' ')
    {
        generates(name, with_section(name));
    }
    for name in "Readme Server Plants Request Paging Json Bytes Con Nul Garden Types Enter Http Path".split(' ') {
        generates(name, with_type(name));
    }
}

/// Asserts that generating ends in outputs or diagnostics rather than in an internal error.
fn generates(what: &str, files: Files) {
    if let Err(Failure::Internal(message)) = generator::generate(&SourceSet::from_files(files)) {
        panic!("{what}: {message}");
    }
}
