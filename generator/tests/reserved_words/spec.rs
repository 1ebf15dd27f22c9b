//! Builds a spec with given names for each kind of declaration.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use generator::names;
use generator::source::SourceSet;

/// A kind of name in a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    Section,
    Operation,
    Type,
    Field,
    Argument,
    EnumValue,
    Bucket,
    PagingStyle,
    Server,
}

impl Position {
    pub const ALL: [Self; 9] = [
        Self::Section,
        Self::Operation,
        Self::Type,
        Self::Field,
        Self::Argument,
        Self::EnumValue,
        Self::Bucket,
        Self::PagingStyle,
        Self::Server,
    ];

    /// Returns `true` if items or methods of the runtime are in scope where these names are declared or called.
    pub fn shares_a_scope_with_the_runtime(self) -> bool {
        matches!(self, Self::Section | Self::Operation | Self::Type | Self::Argument)
    }

    /// Returns a word in the casing of this kind of name.
    pub fn cased(self, word: &str) -> String {
        match self {
            Self::Type => names::camel(word).unwrap_or_else(|_| word.to_owned()),
            Self::EnumValue => word.to_owned(),
            _ => names::recased(word),
        }
    }
}

/// The names of each kind that a spec uses.
pub type Names = BTreeMap<Position, Vec<String>>;

/// Returns `true` for a spec with a grant: its operation is named `token`, so no type can be named `Token`.
fn has_grant(names: &Names) -> bool {
    !names.contains_key(&Position::Type)
}

const AUTH: &str = "auth:
  header: Authorization
  about: Ask for a token.
  grant: {operation: zgrant.token, credentials: [key], token: token, lifetime: lives}
";

/// A section whose operation has the name of a method of the builder, and takes a newtype as credential.
const GRANT: &str = "title: Title
about: About it.
types:
  Zkey: secret -- A key.
  Zpass:
    about: A token.
    fields:
      token: secret -- The token.
      lives: duration(s) -- Its lifetime.
operations:
  token:
    route: POST /token
    title: Do it
    auth: false
    body:
      key: Zkey -- A key.
    result: Zpass -- A token.
    examples:
      - request: POST /token
        body: {key: rose}
        response: {token: t-1, lives: 60}
";

/// Number of names per object or operation.
const CHUNK: usize = 40;

/// Returns the files of a spec for the API `api`.
pub fn sources(api: &str, names: &Names) -> SourceSet {
    let none = Vec::new();
    let of = |position| names.get(&position).unwrap_or(&none).as_slice();
    let mut files = vec![("api.yaml".to_owned(), api_file(api, names)), base(&of)];
    if has_grant(names) {
        files.push(("sections/zgrant.yaml".to_owned(), GRANT.to_owned()));
    }
    for (index, name) in of(Position::Section).iter().enumerate() {
        let mut operations = String::new();
        operation(&mut operations, "run", &format!("GET /sections/{index}"), "", "{}");
        files.push((format!("sections/{name}.yaml"), section("", &operations)));
    }
    SourceSet::from_files(files.into_iter().map(|(path, text)| (path, text.into_bytes())))
}

/// Returns the content of `api.yaml`.
fn api_file(api: &str, names: &Names) -> String {
    let each = |position, line: &dyn Fn(usize, &String) -> String| -> String {
        let names = names.get(&position).into_iter().flatten().enumerate();
        names.map(|(index, name)| line(index, name)).collect()
    };
    let servers = each(Position::Server, &|index, name| {
        format!("  \"{name}\": https://s{index}.example.org -- A server.\n")
    });
    let buckets = each(Position::Bucket, &|_, name| {
        format!("    \"{name}\": 1/s -- A bucket.\n")
    });
    let styles = each(Position::PagingStyle, &|_, name| {
        format!("  \"{name}\": {{about: A style., cursor: cursor, next: next}}\n")
    });
    let sections = each(Position::Section, &|_, name| format!(", \"{name}\""));
    let (auth, grant) = if has_grant(names) { (AUTH, ", zgrant") } else { ("", "") };
    format!(
        "api: {api}\nversion: 0.1.0\nlanguages: [en]\ntitle: Words\nabout: All words.\nservers:\n  zfirst: https://first.example.org \
         -- The first.\n{servers}{auth}limits:\n  default: 1/s\n  buckets:\n    zfree: 1/s -- Free.\n{buckets}paging:\n  zplain: {{about: Plain., \
         cursor: cursor, next: next}}\n{styles}sections: [zbase{grant}{sections}]\n"
    )
}

/// Returns the content of a section's file.
fn section(types: &str, operations: &str) -> String {
    let types = if types.is_empty() {
        String::new()
    } else {
        format!("types:\n{types}")
    };
    format!("title: Title\nabout: About it.\n{types}operations:\n{operations}")
}

/// Writes an operation without a body.
fn operation(out: &mut String, key: &str, route: &str, keys: &str, response: &str) {
    let _ = write!(
        out,
        "  \"{key}\":\n    route: {route}\n    title: Do it\n{keys}    examples:\n      - request: {route}\n        response: {response}\n"
    );
}

/// Writes an operation with a body; `body` and `response` are those of its example.
fn operation_with_body(out: &mut String, key: &str, keys: &str, body: &str, response: &str) {
    let _ = write!(
        out,
        "  {key}:\n    route: POST /{key}\n    title: Do it\n{keys}    examples:\n      - request: POST /{key}\n        body: {body}\n        \
         response: {response}\n"
    );
}

/// Returns path and content of the section that has all names except those of sections.
fn base<'n>(of: &dyn Fn(Position) -> &'n [String]) -> (String, String) {
    let (mut types, mut operations) = (String::new(), String::new());
    operation(&mut operations, "zping", "GET /ping", "", "{}");
    for (index, name) in of(Position::Operation).iter().enumerate() {
        let result = "    result:\n      a: string -- A.\n      b: string -- B.\n";
        operation(
            &mut operations,
            name,
            &format!("GET /operations/{index}"),
            result,
            "{a: x, b: y}",
        );
    }
    for (index, chunk) in of(Position::Type).chunks(CHUNK).enumerate() {
        self::types(index, chunk, &mut types, &mut operations);
    }
    for (index, chunk) in of(Position::Field).chunks(CHUNK).enumerate() {
        fields(index, chunk, &mut types, &mut operations);
    }
    for (index, chunk) in of(Position::Argument).chunks(CHUNK).enumerate() {
        arguments(index, chunk, &mut operations);
    }
    for (index, chunk) in of(Position::EnumValue).chunks(CHUNK).enumerate() {
        enum_values(index, chunk, &mut types, &mut operations);
    }
    ("sections/zbase.yaml".to_owned(), section(&types, &operations))
}

/// Writes types of alternating kinds, used as fields of an object, as arguments and as parts of a result.
fn types(index: usize, names: &[String], types: &mut String, operations: &mut String) {
    let (mut fields, mut arguments, mut body) = (String::new(), String::new(), Vec::new());
    let _ = writeln!(
        types,
        "  Leaf{index}: {{about: A leaf., fields: {{leaf?: 'string(1..9) -- A leaf.'}}}}"
    );
    for (at, name) in names.iter().enumerate() {
        let (declared, value) = declaration(at + index, index);
        let _ = writeln!(types, "  \"{name}\": {declared}");
        let _ = writeln!(fields, "      f{at}: {name} -- A field.");
        let _ = writeln!(arguments, "      f{at}: {name} -- An argument.");
        body.push(format!("f{at}: {value}"));
    }
    for of in [&mut fields, &mut arguments] {
        let _ = writeln!(of, "      leaf: Leaf{index} -- A leaf.");
    }
    body.push("leaf: {}".to_owned());
    let value = format!("{{{}}}", body.join(", "));
    let _ = write!(
        types,
        "  Holder{index}:\n    about: It holds them.\n    fields:\n{fields}"
    );
    let holds = format!("    body:\n      =holder: Holder{index} -- All.\n    result: Holder{index} -- All.\n");
    operation_with_body(operations, &format!("hold{index}"), &holds, &value, &value);
    let each = format!("    body:\n{arguments}    result:\n{fields}");
    operation_with_body(operations, &format!("take{index}"), &each, &value, &value);
}

/// Returns the declaration of a type and a value of the type.
fn declaration(turn: usize, leaf: usize) -> (String, &'static str) {
    match turn % 7 {
        0 => ("string(1..9, /^[a-z]*$/) -- A text.".to_owned(), "a"),
        1 => (
            "{about: An object., fields: {a?: 'string(1..9) -- A.'}}".to_owned(),
            "{}",
        ),
        2 => ("{about: An enum., enum: {a: A.}}".to_owned(), "a"),
        3 => ("int(1..9) -- A number.".to_owned(), "1"),
        4 => (
            "{about: A union., union: {a: 'string(1..9, /^a$/) -- A.'}}".to_owned(),
            "{a: a}",
        ),
        5 => ("{about: Numbers., enum int: {a = 1: A.}}".to_owned(), "1"),
        _ => (
            format!("{{about: A union., tag: kind, union: {{a: Leaf{leaf}}}}}"),
            "{kind: a}",
        ),
    }
}

/// Writes one object with required and one with optional fields.
fn fields(index: usize, names: &[String], types: &mut String, operations: &mut String) {
    let (mut required, mut optional, mut body) = (String::new(), String::new(), Vec::new());
    for name in names {
        let _ = writeln!(required, "      \"{name}\": string(1..9, /^a$/) -- A field.");
        let _ = writeln!(optional, "      \"{name}?\": string(1..9, /^a$/) -- A field.");
        body.push(format!("\"{name}\": a"));
    }
    let _ = write!(
        types,
        "  Required{index}:\n    about: It needs them.\n    fields:\n{required}"
    );
    let _ = write!(
        types,
        "  Optional{index}:\n    about: It has them.\n    fields:\n{optional}"
    );
    let value = format!("{{required: {{{all}}}, optional: {{{all}}}}}", all = body.join(", "));
    let each = format!("      required: Required{index} -- All.\n      optional: Optional{index} -- Some.\n");
    let keys = format!("    body:\n{each}    result:\n{each}");
    operation_with_body(operations, &format!("fields{index}"), &keys, &value, &value);
}

/// Writes operations with arguments in the query and in the body, required and optional, and with parts of a result.
fn arguments(index: usize, names: &[String], operations: &mut String) {
    let (mut required, mut optional, mut body) = (String::new(), String::new(), Vec::new());
    for name in names {
        let _ = writeln!(required, "      \"{name}\": string(1..9, /^a$/) -- One.");
        let _ = writeln!(optional, "      \"{name}?\": string(1..9, /^a$/) -- One.");
        body.push(format!("\"{name}\": a"));
    }
    let value = format!("{{{}}}", body.join(", "));
    let keys = format!("    body:\n{required}    result:\n{required}");
    operation_with_body(operations, &format!("required{index}"), &keys, &value, &value);
    operation_with_body(
        operations,
        &format!("optional{index}"),
        &format!("    body:\n{optional}"),
        &value,
        "{}",
    );
    operation(
        operations,
        &format!("query{index}"),
        &format!("GET /query{index}"),
        &format!("    query:\n{optional}"),
        "{}",
    );
}

/// Writes an enum, a union with a tag and a union of single keys.
fn enum_values(index: usize, names: &[String], types: &mut String, operations: &mut String) {
    let (mut values, mut tags, mut keys) = (String::new(), String::new(), String::new());
    for name in names {
        let _ = writeln!(values, "      \"{name}\": A value.");
        let _ = writeln!(tags, "      \"{name}\": Content{index}");
        let _ = writeln!(keys, "      \"{name}\": string(1..9, /^a$/) -- A variant.");
    }
    let _ = writeln!(
        types,
        "  Content{index}: {{about: Content., fields: {{leaf?: 'string(1..9) -- A leaf.'}}}}"
    );
    let _ = write!(types, "  Values{index}:\n    about: Values.\n    enum:\n{values}");
    let _ = write!(
        types,
        "  Tags{index}:\n    about: Tags.\n    tag: kind\n    union:\n{tags}"
    );
    let _ = write!(types, "  Keys{index}:\n    about: Keys.\n    union:\n{keys}");
    let each = format!("      a: Values{index} -- A.\n      b: Tags{index} -- B.\n      c: Keys{index} -- C.\n");
    let first = &names[0];
    let value = format!("{{a: \"{first}\", b: {{kind: \"{first}\"}}, c: {{\"{first}\": a}}}}");
    operation_with_body(
        operations,
        &format!("choose{index}"),
        &format!("    body:\n{each}    result:\n{each}"),
        &value,
        &value,
    );
}
