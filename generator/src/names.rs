//! Names: the only place for casing, keywords, what a name may be, and which names one scope holds.

use std::collections::{BTreeMap, btree_map::Entry};

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

use crate::{ir::Field, source::Span};

/// Keywords of Rust, of every edition, the reserved ones included.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The names that one scope of an output holds, each with the place that declares it.
#[derive(Debug, Clone)]
pub struct Namespace {
    taken: BTreeMap<String, Option<Span>>,
    /// Names that this makes equal are the same name.
    fold: fn(&str) -> String,
}

impl Default for Namespace {
    fn default() -> Self {
        Self::folding(str::to_owned)
    }
}

impl Namespace {
    fn folding(fold: fn(&str) -> String) -> Self {
        Self {
            taken: BTreeMap::new(),
            fold,
        }
    }

    /// A scope whose names ignore case, such as headers and files.
    #[must_use]
    pub fn ignoring_case() -> Self {
        Self::folding(str::to_ascii_lowercase)
    }

    /// A scope whose names are told apart by their letters and digits alone, whatever their case: names that tools recase.
    #[must_use]
    pub fn recased() -> Self {
        Self::folding(|name| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|c| c.to_ascii_lowercase()).collect()
        })
    }

    /// The anchors of a page.
    #[must_use]
    pub fn anchors() -> Self {
        Self::folding(slug)
    }

    /// A scope that holds names already which no spec declares.
    #[must_use]
    pub fn holding(names: &[&str]) -> Self {
        let mut out = Self::default();
        out.taken.extend(names.iter().map(|name| ((*name).to_owned(), None)));
        out
    }

    /// Declares a name.
    ///
    /// # Errors
    ///
    /// The place of the declaration that has taken it.
    pub fn declare(&mut self, name: &str, span: Span) -> Result<(), Span> {
        match self.taken.entry((self.fold)(name)) {
            Entry::Vacant(free) => {
                free.insert(Some(span));
                Ok(())
            }
            Entry::Occupied(taken) => Err(taken.get().unwrap_or(span)),
        }
    }

    /// Takes a name that no spec states: `name`, or if it is taken, `name` with the separator and the first free number from
    /// 2 behind it.
    pub fn unique(&mut self, name: &str, separator: &str) -> String {
        let numbered = (2_u64..).map(|number| format!("{name}{separator}{number}"));
        let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
        let free = candidates.find(|name| !self.taken.contains_key(&(self.fold)(name)));
        let free = free.unwrap_or_default();
        self.taken.insert((self.fold)(&free), None);
        free
    }
}

/// Methods that every request type has: an argument of this name would collide with them.
#[rustfmt::skip]
const RESERVED_ARGUMENTS: &[&str] = &[
    "call", "client", "file_url", "into_future", "iter", "new", "pages", "records", "records_as", "send", "split", "stream",
    "to_http", "with",
];

/// Modules of every client crate, and methods of its `Client`.
#[rustfmt::skip]
const RESERVED_SECTIONS: &[&str] = &[
    "another", "api", "as_async", "bin", "block_on", "blocking", "builder", "builder_of_another", "call", "client", "clone", "detached",
    "download", "error", "errors", "fetch_records", "file_url", "fmt", "iter", "lib", "limits", "main", "new", "open", "over",
    "pages", "receive", "runtime", "send", "split", "stream", "support", "target", "tests", "types", "value", "with",
];

/// Modules that are imported where the modules of operations are declared.
const RESERVED_OPERATIONS: &[&str] = &["blocking"];

/// Methods of every object that requests carry.
const RESERVED_SETTERS_OF_TYPES: &[&str] = &["check", "new"];

/// What the tests of a section import.
const RESERVED_TESTS: &[&str] = &["assert_keeps", "assert_rejected", "replay", "support"];

/// Variables that surround the call of an example.
const RESERVED_VARIABLES: &[&str] = &["assert_keeps", "client", "server"];

/// Arguments of the functions that take the parameters of the base path.
const RESERVED_BASE: &[&str] = &["base_url"];

/// The constant of the default limit, beside those of buckets.
const RESERVED_BUCKETS: &[&str] = &["DEFAULT"];

/// Crates that every client depends on, or that come with the compiler.
#[rustfmt::skip]
const RESERVED_CRATES: &[&str] = &[
    "alloc", "bytes", "core", "http", "http_body", "http_body_util", "hyper", "hyper_rustls", "hyper_util", "memchr", "proc_macro", "reqwest",
    "rustls", "serde", "serde_json", "std", "test", "tokio", "tokio_util", "tracing",
];

/// The enum of servers where the spec does not name it.
pub const SERVER_TYPE: &str = "Server";

/// Headers that the client sets itself, or that belong to the connection.
#[rustfmt::skip]
const CLIENT_HEADERS: &[&str] = &[
    "accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host", "if-range", "keep-alive",
    "proxy-authorization", "proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
];

/// Variables that samples set themselves, or that a shell or `curl` obeys.
#[rustfmt::skip]
const SHELL: &[&str] = &[
    "ALL_PROXY", "BASH", "BASH_ENV", "CDPATH", "CURL_HOME", "DIRSTACK", "DISPLAY", "EDITOR", "ENV", "EUID", "FUNCNAME", "GROUPS",
    "HISTFILE", "HOME", "HOST", "HOSTNAME", "HOSTTYPE", "HTTPS_PROXY", "HTTP_PROXY", "IFS", "LANG", "LC_ALL", "LD_LIBRARY_PATH",
    "LD_PRELOAD", "LINENO", "LOGNAME", "MACHTYPE", "MAIL", "NO_PROXY", "OLDPWD", "OPTARG", "OPTERR", "OPTIND", "OSTYPE",
    "PAGER", "PATH", "PPID", "PS1", "PS2", "PS3", "PS4", "PWD", "RANDOM", "REPLY", "RESPONSE", "SECONDS", "SHELL", "SHELLOPTS", "SHLVL",
    "SSL_CERT_DIR", "SSL_CERT_FILE", "TERM", "TMPDIR", "TOKEN", "TZ", "UID", "USER",
];

/// Methods of every client's `Builder`.
#[rustfmt::skip]
const RESERVED_SETTERS: &[&str] = &[
    "allow_http", "base_url", "base_urls", "build", "build_blocking", "connect_timeout", "credentials",
    "grant", "hosts", "hyper", "is_without_proxy", "max_response", "new", "no_proxy", "over_reqwest", "rate_limits", "read_timeout", "reqwest_client", "retry",
    "retry_budget", "sharing", "timeout", "token", "token_store", "transport", "user_agent",
    "with_transport",
];

/// Types of every client crate that stand where that of its servers does.
#[rustfmt::skip]
const RESERVED_SERVERS: &[&str] = &[
    "ApiError", "ApiInfo", "Argument", "AuthInfo", "Batch", "Batches", "Builder", "CallOptions", "ConfigError",
    "Download", "ErrorKind", "FileError", "Grant", "HeaderName", "Items", "JsonLines", "KnownError", "LineError",
    "LineErrorKind", "MemoryTokenStore", "Opening", "Pages", "Progress", "RateLimits", "Reason", "Records", "RetryPolicy",
    "Sending", "Splittable", "StoreError", "StoreFuture", "StoredToken", "Target", "Token", "TokenError", "TokenStore",
    "TransportError", "TransportKind",
];

/// Types that generated code names without a path.
#[rustfmt::skip]
const RESERVED_TYPES: &[&str] = &[
    "AsRef", "At", "BTreeMap", "Box", "Bytes", "Check", "Client",
    "Clone", "Copy", "Debug", "DecodeError", "Default", "Deserialize", "Envelope", "Err", "Error", "ErrorCode", "File", "FnMut", "From",
    "Into", "IntoIterator", "InvalidArgument", "Method", "Millis", "None", "Nullable", "Ok", "Operation", "OperationInfo",
    "Option", "Paged", "Pattern", "RateLimit", "RawResponse", "Request", "Response", "Result", "Seconds", "Secret", "Self", "Serialize", "Some",
    "Step", "String", "TimestampMillis", "TimestampSeconds", "Vec", "Wire",
];

/// Devices of Windows: no file can be called so, whatever its extension.
const DEVICES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1", "lpt2", "lpt3",
    "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// The longest name.
const MAX_LENGTH: usize = 64;

/// Why a name cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// It is not made of ASCII letters, digits and `_`, beginning with a letter.
    Form,
    /// It is longer than 64 characters.
    TooLong,
    /// It is a keyword of Rust.
    Keyword,
    /// It is taken by something that every client has.
    Reserved,
    /// It names files, and Windows has no files of this name.
    Device,
}

/// The Rust name of a field, argument, function or module: `share-secret` becomes `share_secret`.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn snake(name: &str) -> Result<String, NameError> {
    let cased = name.to_snake_case();
    check(name, &cased)?;
    Ok(cased)
}

/// The Rust name of an argument of an operation.
///
/// # Errors
///
/// As [`snake`], and where every request type has a method of this name.
pub fn argument(name: &str) -> Result<String, NameError> {
    unreserved(snake(name)?, RESERVED_ARGUMENTS)
}

/// The module of a section: the key as it is, since it also names files and anchors.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn section(name: &str) -> Result<String, NameError> {
    let cased = snake(name)?;
    if cased != name {
        return Err(NameError::Form);
    }
    file(&cased)?;
    request_type(name)?;
    unreserved(cased, RESERVED_SECTIONS)
}

/// The module of an operation, which has a file of its own.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn operation(name: &str) -> Result<String, NameError> {
    let cased = snake(name)?;
    file(&cased)?;
    unreserved(cased, RESERVED_OPERATIONS)
}

/// The name of the crate.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn krate(name: &str) -> Result<String, NameError> {
    unreserved(snake(name)?, RESERVED_CRATES)
}

/// The name of a parameter of the base path, which the builder takes.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn base_parameter(name: &str) -> Result<String, NameError> {
    unreserved(argument(name)?, RESERVED_BASE)
}

/// The setter of an optional field of an object.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn setter(name: &str) -> Result<String, NameError> {
    unreserved(snake(name)?, RESERVED_SETTERS_OF_TYPES)
}

/// The constant of a rate limit that operations share.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn bucket(name: &str) -> Result<String, NameError> {
    snake(name)?;
    unreserved(name.to_shouty_snake_case(), RESERVED_BUCKETS)
}

/// The key of a paging style, which is part of an anchor.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn paging_style(name: &str) -> Result<(), NameError> {
    check(name, &name.to_snake_case()).or_else(|error| match error {
        NameError::Keyword => Ok(()),
        error => Err(error),
    })
}

fn unreserved(name: String, reserved: &[&str]) -> Result<String, NameError> {
    if reserved.contains(&name.as_str()) {
        Err(NameError::Reserved)
    } else {
        Ok(name)
    }
}

/// The part of an anchor that a name becomes: its ASCII letters and digits in lower case, and hyphens between its words.
#[must_use]
pub fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

/// A key in the one casing that generators of clients give all keys.
#[must_use]
pub fn recased(key: &str) -> String {
    key.to_snake_case()
}

/// The function that reads a truth value that a word stands for.
#[must_use]
pub fn reader(word: &str) -> String {
    let stem = if word.is_ascii() { word } else { "true" };
    format!("is_{}", stem.to_snake_case())
}

/// The variable that holds a value of a declared type, or a list of such values.
#[must_use]
pub fn variable(type_name: &str, is_list: bool) -> String {
    let one = type_name.to_snake_case();
    let name = if is_list { plural(&one) } else { one };
    if is_keyword(&name) || RESERVED_VARIABLES.contains(&name.as_str()) {
        "found".to_owned()
    } else {
        name
    }
}

/// Returns `true` for a type of the module that holds the envelope, which cannot import another one of that name.
#[must_use]
pub fn is_beside_envelope(name: &str, server_type: &str) -> bool {
    name == server_type || name == "Credentials" || RESERVED_SERVERS.contains(&name)
}

/// The English plural of a name, near enough for the name of a variable.
fn plural(name: &str) -> String {
    let after_consonant = |stem: &str| stem.ends_with(|last: char| !"aeiou".contains(last));
    match name.strip_suffix('y') {
        Some(stem) if after_consonant(stem) => format!("{stem}ies"),
        _ if ["s", "x", "ch", "sh"].iter().any(|end| name.ends_with(end)) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

/// Returns `true` if a text can be the name of a header.
#[must_use]
pub fn is_header(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !name.is_empty() && name.bytes().all(fits)
}

/// Returns `true` for a header that the client sets itself, whatever its case.
#[must_use]
pub fn is_set_by_client(header: &str) -> bool {
    CLIENT_HEADERS.contains(&header.to_ascii_lowercase().as_str())
}

/// The names of an example in the outputs.
#[derive(Debug)]
pub struct ExampleName {
    /// Its test, within the module of its section.
    pub rust_test: String,
    /// Its key, unique in the API.
    pub key: String,
}

/// The names of all examples: tests are unique in a section, keys in the API.
#[derive(Debug)]
pub struct ExampleNames {
    tests: Namespace,
    keys: Namespace,
}

impl Default for ExampleNames {
    fn default() -> Self {
        Self {
            tests: Namespace::holding(RESERVED_TESTS),
            keys: Namespace::recased(),
        }
    }
}

impl ExampleNames {
    /// Starts another section, which has a test module for itself.
    pub fn start_section(&mut self) {
        self.tests = Namespace::holding(RESERVED_TESTS);
    }

    /// Names the examples of an operation, in their order.
    pub fn declare(&mut self, section: &str, rust_fn: &str, count: usize) -> Vec<ExampleName> {
        let name = |number: usize| {
            let name = match count {
                1 => rust_fn.to_owned(),
                _ => format!("{rust_fn}_{number}"),
            };
            let rust_test = self.tests.unique(&name, "_");
            let key = self.keys.unique(&format!("{section}_{rust_test}"), "_");
            ExampleName { rust_test, key }
        };
        (1..=count).map(name).collect()
    }
}

/// The shell variables of the samples.
#[derive(Debug)]
pub struct ShellVariables(Namespace);

impl Default for ShellVariables {
    fn default() -> Self {
        Self(Namespace::holding(SHELL))
    }
}

impl ShellVariables {
    /// Declares a variable for each field, in their order.
    pub fn declare_all(&mut self, fields: &[Field]) -> Vec<String> {
        let declare = |field: &Field| {
            let name = field.rust.to_uppercase();
            let name = if SHELL.contains(&name.as_str()) {
                format!("YOUR_{name}")
            } else {
                name
            };
            self.0.unique(&name, "_")
        };
        fields.iter().map(declare).collect()
    }
}

fn file(name: &str) -> Result<(), NameError> {
    if DEVICES.contains(&name) {
        Err(NameError::Device)
    } else {
        Ok(())
    }
}

/// The Rust name of a type or of a variant: `route_online` becomes `RouteOnline`.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn camel(name: &str) -> Result<String, NameError> {
    let cased = name.to_upper_camel_case();
    check(name, &cased)?;
    Ok(cased)
}

/// The request type of an operation: `create_many` becomes `CreateMany`.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn request_type(name: &str) -> Result<String, NameError> {
    let cased = camel(name)?;
    // Request types are told apart from the trait of this name, which is never named where they are.
    if cased != "Check" && RESERVED_TYPES.contains(&cased.as_str()) {
        Err(NameError::Reserved)
    } else {
        Ok(cased)
    }
}

/// The module of a declared type; a keyword gets an underscore, so that any word can name a type.
#[must_use]
pub fn type_module(name: &str) -> String {
    let cased = name.to_snake_case();
    if is_keyword(&cased) { cased + "_" } else { cased }
}

/// Whether a word is a keyword of Rust.
#[must_use]
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// The name of a declared type, which is the same in every output.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn type_name(name: &str) -> Result<String, NameError> {
    let cased = camel(name)?;
    if cased != name {
        return Err(NameError::Form);
    }
    file(&cased.to_snake_case())?;
    if RESERVED_TYPES.contains(&name) {
        Err(NameError::Reserved)
    } else {
        Ok(cased)
    }
}

/// The enum of the servers, which is at the top of the crate, and the setter that takes one.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn server_type(name: &str) -> Result<(String, String), NameError> {
    let name = type_name(name)?;
    let setter = snake(&name)?;
    if RESERVED_SERVERS.contains(&name.as_str()) || RESERVED_SETTERS.contains(&setter.as_str()) {
        Err(NameError::Reserved)
    } else {
        Ok((name, setter))
    }
}

fn check(name: &str, cased: &str) -> Result<(), NameError> {
    if name.len() > MAX_LENGTH {
        return Err(NameError::TooLong);
    }
    let ascii = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' '));
    if !ascii || !cased.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(NameError::Form);
    }
    if is_keyword(cased) {
        Err(NameError::Keyword)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use syn::{ImplItem, Item, Type};

    use super::*;

    const CLIENT: &[&str] = &[
        include_str!("../../templates/client/src/runtime/client.rs"),
        include_str!("../../templates/client/src/runtime/client/blocking.rs"),
        include_str!("../../templates/client/src/runtime/client/records.rs"),
    ];
    const BUILDER: &[&str] = &[
        include_str!("../../templates/client/src/runtime/client/builder.rs"),
        include_str!("../../templates/client/src/runtime/client/blocking.rs"),
        include_str!("../../templates/client/src/runtime/client/transport/over_reqwest.rs"),
    ];
    const RUNTIME: &str = include_str!("../../templates/client/src/runtime.rs");
    const MACROS: &str = include_str!("../../templates/client/src/runtime/macros.rs");

    /// The methods of a type that are written by hand.
    fn methods(source: &str, of: &str) -> Vec<String> {
        let items = syn::parse_file(source).expect("Rust").items;
        let blocks = items.into_iter().filter_map(|item| match item {
            Item::Impl(block) if block.trait_.is_none() => Some(block),
            _ => None,
        });
        let own = blocks.filter(|block| matches!(&*block.self_ty, Type::Path(ty) if ty.path.is_ident(of)));
        let items = own.flat_map(|block| block.items);
        items
            .filter_map(|item| match item {
                ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn variables_of_lists_are_named_in_the_plural() {
        let names = ["user", "entry", "key", "batch", "status"].map(plural);
        assert_eq!(names, ["users", "entries", "keys", "batches", "statuses"]);
    }

    #[test]
    fn names_are_told_apart_after_recasing() {
        let mut names = Namespace::recased();
        assert_eq!(names.unique("ItemId", ""), "ItemId");
        assert_eq!(names.unique("Item_ID", ""), "Item_ID2");
        assert_eq!(names.unique("itemid", ""), "itemid3");
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("400 Invalid Grant/错"), "400-invalid-grant");
        assert_eq!(slug("list_joined"), "list-joined");
    }

    #[test]
    fn variables_of_the_shell_are_left_alone() {
        let param = |name: &str| Field {
            wire: name.to_owned(),
            aliases: Vec::new(),
            rust: name.to_owned(),
            ty: crate::ir::Type::Json,
            reads: crate::ir::Reads::Exact,
            presence: crate::ir::Presence::Required,
            flatten: false,
            doc: crate::ir::Text::default(),
        };
        let variables = ShellVariables::default().declare_all(&[param("path"), param("host"), param("tenant")]);
        assert_eq!(variables, ["YOUR_PATH", "YOUR_HOST", "TENANT"]);
    }

    #[test]
    fn no_section_is_called_like_a_method_of_the_client() {
        let methods: Vec<_> = CLIENT.iter().flat_map(|source| methods(source, "Client")).collect();
        assert!(methods.len() > 15, "{methods:?}");
        for method in methods {
            assert_eq!(section(&method), Err(NameError::Reserved), "{method}");
        }
    }

    #[test]
    fn no_server_type_is_set_by_a_method_of_the_builder() {
        let methods: Vec<_> = BUILDER.iter().flat_map(|source| methods(source, "Builder")).collect();
        assert!(methods.len() > 20, "{methods:?}");
        for method in methods {
            assert_eq!(
                server_type(&method.to_upper_camel_case()),
                Err(NameError::Reserved),
                "{method}"
            );
        }
    }

    #[test]
    fn no_server_type_is_called_like_a_type_of_the_crate() {
        let exported = RUNTIME
            .split("pub use ")
            .skip(1)
            .filter_map(|rest| rest.split(';').next());
        let names: Vec<_> = exported
            .flat_map(|path| path.split([':', '{', '}', ',', ' ', '\n']))
            .filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase()))
            .collect();
        assert!(names.len() > 40, "{names:?}");
        for name in names {
            assert_eq!(server_type(name), Err(NameError::Reserved), "{name}");
        }
    }

    #[test]
    fn no_argument_is_called_like_a_method_of_request_types() {
        let methods: Vec<_> = MACROS
            .lines()
            .skip_while(|line| *line != "macro_rules! sendable {")
            .filter_map(|line| line.trim().strip_prefix("pub fn ")?.split(['(', '<']).next())
            .collect();
        assert!(methods.len() > 5, "{methods:?}");
        // Those are written by the generator.
        for method in methods.into_iter().chain(["new", "with"]) {
            assert_eq!(argument(method), Err(NameError::Reserved), "{method}");
        }
    }
}
