//! Whatever is in the files: an answer in about the time that reading them takes, never a panic, never a fault of the
//! generator.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use generator::Failure;
use generator::source::SourceSet;

/// No spec takes this long for each megabyte, even in a debug build on a busy machine; it is far less in a release build.
const SLOWEST: Duration = Duration::from_secs(8);

/// As much as a file may hold.
const LARGEST: usize = generator::source::MAX_FILE_BYTES;

type Files = BTreeMap<String, Vec<u8>>;

/// The good spec of the errors' tests.
fn good() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors/good");
    ["api.yaml", "sections/plants.yaml"]
        .map(|path| (path.to_owned(), fs::read(folder.join(path)).unwrap()))
        .into()
}

/// The good spec, and another file of types.
fn with_types(types: impl Into<Vec<u8>>) -> Files {
    let mut files = good();
    files.insert("types/hostile.yaml".to_owned(), types.into());
    files
}

/// The good spec with a text replaced.
fn with(path: &str, from: &str, to: &str) -> Files {
    let mut files = good();
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{path} does not hold {from:?}");
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
    files
}

/// Loads a spec, renders what is wrong with it, and says which codes that are.
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
            assert!(!codes.is_empty(), "{what}: refused without a reason");
            codes
        }
    };
    let time = start.elapsed();
    assert!(time < SLOWEST * megabytes, "{what} takes {time:?}");
    codes
}

fn refused(what: &str, files: Files, code: &str) {
    let codes = codes(what, files);
    assert!(codes.contains(&code), "{what}: {codes:?} instead of {code}");
}

fn numbered(count: usize, line: impl Fn(&mut String, usize)) -> String {
    let mut out = String::new();
    (0..count).for_each(|number| line(&mut out, number));
    out
}

#[test]
fn deep_nesting() {
    for token in [
        "[", "{", "{a: ", "a: ", "? ", "- ", "!!", "&a ", "*a ", "'", "\"", "|", "#",
    ] {
        codes(token, with_types(token.repeat(LARGEST / token.len())));
    }
    refused(
        "flow",
        with_types(format!("A: {}{}", "[".repeat(100), "]".repeat(100))),
        "nested-too-deep",
    );
    let block = numbered(1000, |out, depth| writeln!(out, "{}a:", " ".repeat(depth)).unwrap());
    refused("block", with_types(block), "nested-too-deep");
    let ty = format!("A: {}int{} -- A. | 甲。\n", "map<".repeat(1000), ">".repeat(1000));
    refused("type", with_types(ty), "type-syntax");
    let ty = format!("A: int{} -- A. | 甲。\n", "[]".repeat(100_000));
    refused("suffixes", with_types(ty), "type-syntax");
}

#[test]
fn huge_scalars() {
    let long = "x".repeat(LARGEST - 100);
    refused("type", with_types(format!("A: {long}\n")), "unknown-type");
    refused(
        "name",
        with_types(format!("{long}: string -- A. | 甲。\n")),
        "yaml-syntax",
    );
    refused("text", with_types(format!("A: string -- {long} | 甲。\n")), "bad-value");
    refused("quoted", with_types(format!("A: \"{long}\"\n")), "unknown-type");
    refused(
        "number",
        with_types(format!("A: int({}..) -- A. | 甲。\n", "9".repeat(LARGEST - 100))),
        "type-syntax",
    );
    refused("key", with_types(format!("A:\n  ? {long}\n  : 1\n")), "unknown-key");
    let rules = "1..2,".repeat(200_000);
    refused(
        "rules",
        with_types(format!("A: string({rules}) -- A. | 甲。\n")),
        "type-syntax",
    );
    let route = format!("GET {}", "/{a}".repeat(200_000));
    refused(
        "route",
        with("sections/plants.yaml", "GET /plants/{plant}", &route),
        "route-syntax",
    );
    let query = format!("GET /plants?{}", "a=b&".repeat(200_000));
    refused(
        "query",
        with("sections/plants.yaml", "GET /plants?limit=2", &query),
        "example-unknown",
    );
    let pattern = "(a{1,1000}){1,1000}";
    codes("regex", with("sections/plants.yaml", "^[a-z0-9-]+$", pattern));
}

#[test]
fn aliases_do_not_multiply() {
    let bomb = numbered(50, |out, number| {
        let aliases = format!("*a{} ", number.max(1) - 1).repeat(9).replace(' ', ", ");
        writeln!(out, "A{number}: &a{number} [{aliases}]").unwrap();
    });
    refused("bomb", with_types(bomb), "yaml-feature");
}

#[test]
fn many_of_everything() {
    refused("keys", with_types("a: 1\n".repeat(LARGEST / 5)), "duplicate-key");
    refused(
        "types",
        with_types(numbered(25_000, |out, n| {
            writeln!(out, "T{n}: string -- A. | 甲。").unwrap();
        })),
        "unused-type",
    );
    refused(
        "unknown",
        with_types(numbered(25_000, |out, n| {
            writeln!(out, "T{n}: Nope{n} -- A. | 甲。").unwrap();
        })),
        "unknown-type",
    );
    refused(
        "unknown keys",
        with_types(format!(
            "A:\n{}",
            numbered(80_000, |out, n| writeln!(out, "  k{n}: 1").unwrap())
        )),
        "unknown-key",
    );
    let sections = numbered(50_000, |out, n| write!(out, ", s{n}").unwrap());
    refused(
        "sections",
        with("api.yaml", "[plants]", &format!("[plants{sections}]")),
        "unknown-section",
    );
}

#[test]
fn types_of_many_parts() {
    let fields = numbered(25_000, |out, n| writeln!(out, "    f{n}: string -- A. | 甲。").unwrap());
    refused(
        "fields",
        with_types(format!("A:\n  about: A. | 甲。\n  fields:\n{fields}")),
        "bad-value",
    );
    let values = numbered(25_000, |out, n| writeln!(out, "    v{n}: A. | 甲。").unwrap());
    refused(
        "values",
        with_types(format!("A:\n  about: A. | 甲。\n  enum:\n{values}")),
        "bad-value",
    );
    let variants = numbered(25_000, |out, n| writeln!(out, "    v{n}: Plant").unwrap());
    refused(
        "variants",
        with_types(format!("A:\n  about: A. | 甲。\n  tag: t\n  union:\n{variants}")),
        "bad-value",
    );
}

#[test]
fn many_examples() {
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
    refused(
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
fn long_chains_of_types() {
    let mut files = good();
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
    refused("chain", files, "cyclic-type");
}

#[test]
fn types_in_themselves() {
    let object = |field: &str| format!("A:\n  about: A. | 甲。\n  fields:\n    {field} -- A. | 甲。\n");
    for field in ["a: A", "a: A?", "a?: A", "+a: A"] {
        refused(field, with_types(object(field)), "cyclic-type");
    }
    refused("list", with_types(object("a: A[]")), "unused-type");
    refused("map", with_types(object("a: map<A>")), "unused-type");
    let union = "U:\n  about: A. | 甲。\n  tag: t\n  union:\n    a: A\n";
    refused("union", with_types(object("u: U") + union), "cyclic-type");
    refused("flattened union", with_types(object("+u: U") + union), "cyclic-type");
    let wide = numbered(10, |out, n| {
        let next = (n + 1).min(9);
        let fields = numbered(30, |out, m| writeln!(out, "    +f{m}: T{next} -- A. | 甲。").unwrap());
        let fields = if n == 9 { "    a: int -- A. | 甲。\n" } else { &fields };
        writeln!(out, "T{n}:\n  about: A. | 甲。\n  fields:\n{fields}").unwrap();
    });
    refused("flattened", with_types(wide), "name-collision");
}

#[test]
fn bytes_that_are_no_text() {
    refused("NUL", with_types("A: \0"), "control-character");
    refused("no UTF-8", with_types(vec![0xff, 0xfe, b'A', 0]), "not-utf8");
    refused(
        "bidi",
        with_types("A: string -- \u{202e}A. | 甲。\n"),
        "control-character",
    );
    refused(
        "escaped",
        with_types("A: \"string -- \\e[31m A. | 甲。\"\n"),
        "control-character",
    );
    refused(
        "escaped key",
        with_types("\"A\\u202e\": string -- A. | 甲。\n"),
        "control-character",
    );
    refused("tab", with_types("A:\n\tabout: A\n"), "yaml-syntax");
    refused("empty", with_types(""), "wrong-kind");
    for (what, bytes) in [("BOM", "\u{feff}".to_owned()), ("comment", "# A comment.\n".to_owned())] {
        let mut files = good();
        let api = [bytes.as_bytes(), &files["api.yaml"]].concat();
        files.insert("api.yaml".to_owned(), api);
        assert_eq!(codes(what, files), [""; 0], "{what}");
    }
    let crlf = good().into_iter().map(|(path, bytes)| {
        (
            path,
            String::from_utf8(bytes).unwrap().replace('\n', "\r\n").into_bytes(),
        )
    });
    assert_eq!(codes("CRLF", crlf.collect()), [""; 0]);
}

/// The good spec with another name for its section.
fn with_section(name: &str) -> Files {
    let mut files = with("api.yaml", "sections: [plants]", &format!("sections: [\"{name}\"]"));
    let api = String::from_utf8(files["api.yaml"].clone()).unwrap();
    let api = api.replace("plants.enter", &format!("\"{name}.enter\""));
    files.insert("api.yaml".to_owned(), api.into_bytes());
    let section = files.remove("sections/plants.yaml").unwrap();
    files.insert(format!("sections/{name}.yaml"), section);
    files
}

/// The good spec with another name for a type.
fn with_type(name: &str) -> Files {
    let mut files = with("sections/plants.yaml", "Colour:", &format!("{name}:"));
    let section = String::from_utf8(files["sections/plants.yaml"].clone()).unwrap();
    let section = section.replace(": Colour --", &format!(": {name} --"));
    files.insert("sections/plants.yaml".to_owned(), section.into_bytes());
    files
}

#[test]
fn names_never_leave_the_output_folder() {
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
        refused(name, with_section(name), "bad-name");
    }
    refused("long", with_section(&"a".repeat(300)), "bad-name");
}

/// Whatever is no mistake has to go all the way.
#[test]
fn names_that_mean_something_elsewhere() {
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

/// A spec ends in a diagnostic or in outputs, never in a fault of the generator.
fn generates(what: &str, files: Files) {
    if let Err(Failure::Internal(message)) = generator::generate(&SourceSet::from_files(files)) {
        panic!("{what}: {message}");
    }
}
