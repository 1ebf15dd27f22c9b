//! Names in the outputs: case conversion, keywords, reserved names, validation, and the names declared in a scope. All other
//! modules use these functions.

use std::collections::{BTreeMap, btree_map::Entry};

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

use crate::{ir::Field, source::Span};

/// The keywords of all editions of Rust, including reserved ones.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The names declared in a scope of an output, with their positions in the spec.
#[derive(Debug, Clone)]
pub struct Namespace {
    taken: BTreeMap<String, Option<Span>>,
    /// Normalizes a name. Names with the same normalized form conflict.
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

    /// Creates a scope that ignores case, for headers and files.
    #[must_use]
    pub fn ignoring_case() -> Self {
        Self::folding(str::to_ascii_lowercase)
    }

    /// Creates a scope that compares only ASCII letters and digits and ignores case, for names whose case tools convert.
    #[must_use]
    pub fn recased() -> Self {
        Self::folding(|name| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|c| c.to_ascii_lowercase()).collect()
        })
    }

    /// Creates a scope for the anchors of a page.
    #[must_use]
    pub fn anchors() -> Self {
        Self::folding(slug)
    }

    /// Creates a scope that contains reserved names.
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
    /// Returns the span of the existing declaration if the name is taken, or `span` if the name is reserved.
    pub fn declare(&mut self, name: &str, span: Span) -> Result<(), Span> {
        match self.taken.entry((self.fold)(name)) {
            Entry::Vacant(free) => {
                free.insert(Some(span));
                Ok(())
            }
            Entry::Occupied(taken) => Err(taken.get().unwrap_or(span)),
        }
    }

    /// Declares a generated name: `name`, or if it is taken, `name` followed by the separator and the first free number, starting
    /// at 2.
    pub fn unique(&mut self, name: &str, separator: &str) -> String {
        self.unique_unless(name, separator, |_, _| false)
    }

    /// Declares a generated name, as [`unique`](Self::unique) does. Names for which `clashes` returns `true` count as taken.
    fn unique_unless(&mut self, name: &str, separator: &str, clashes: impl Fn(&Self, &str) -> bool) -> String {
        let numbered = (2_u64..).map(|number| format!("{name}{separator}{number}"));
        let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
        let free = candidates.find(|name| !self.contains(name) && !clashes(self, name));
        let free = free.unwrap_or_default();
        self.taken.insert((self.fold)(&free), None);
        free
    }

    /// Returns `true` if the name is taken.
    fn contains(&self, name: &str) -> bool {
        self.taken.contains_key(&(self.fold)(name))
    }
}

/// Prefixes that client generators put before the name of a schema, such as that of Go's constructor `NewPlot` of the schema `Plot`.
const DERIVED_PREFIXES: &[&str] = &["New", "Nullable"];

/// Assigns names to the schemas of the `OpenAPI` documents. They differ in any casing, and from the names that client generators
/// derive from other schemas.
#[derive(Debug)]
pub struct SchemaNames(Namespace);

impl SchemaNames {
    /// Returns the names of the declared types, which are assigned before all others, and the scope that contains them.
    #[must_use]
    pub fn of_types(types: &[&str]) -> (Self, Vec<String>) {
        let mut names = Self(Namespace::recased());
        let assigned = types.iter().map(|name| {
            let derived = DERIVED_PREFIXES.iter().find_map(|prefix| {
                let rest = name.strip_prefix(prefix)?;
                types.contains(&rest).then(|| format!("{rest}{prefix}"))
            });
            derived.unwrap_or_else(|| (*name).to_owned())
        });
        let assigned = assigned
            .collect::<Vec<_>>()
            .iter()
            .map(|name| names.unique(name))
            .collect();
        (names, assigned)
    }

    /// Returns a scope that contains these names.
    pub fn holding<'n>(names: impl IntoIterator<Item = &'n String>) -> Self {
        let mut scope = Namespace::recased();
        for name in names {
            scope.unique(name, "");
        }
        Self(scope)
    }

    /// Assigns a name: `wanted`, or if that is not possible, `wanted` followed by the first possible number, starting at 2.
    pub fn unique(&mut self, wanted: &str) -> String {
        let clashes = |names: &Namespace, name: &str| {
            DERIVED_PREFIXES.iter().any(|prefix| {
                let base = name.strip_prefix(prefix);
                base.is_some_and(|base| names.contains(base)) || names.contains(&format!("{prefix}{name}"))
            })
        };
        self.0.unique_unless(wanted, "", clashes)
    }
}

/// Methods of every request type, with which an argument of the same name would conflict.
#[rustfmt::skip]
const RESERVED_ARGUMENTS: &[&str] = &[
    "call", "client", "file_url", "into_future", "iter", "new", "pages", "records", "send", "split", "stream",
    "to_http", "with",
];

/// Modules of every client crate, and methods of its `Client`.
#[rustfmt::skip]
const RESERVED_SECTIONS: &[&str] = &[
    "another", "api", "args", "as_async", "bin", "block_on", "blocking", "builder", "builder_of_another", "call", "client", "clone", "detached",
    "download", "error", "errors", "fetch_records", "file_url", "fmt", "iter", "lib", "limits", "main", "new", "open", "operation",
    "over", "pages", "receive", "runtime", "send", "split", "stream", "support", "target", "tests", "transport", "try_into", "types",
    "value", "webhook", "with",
];

/// Modules imported in the modules that declare the modules of operations.
const RESERVED_OPERATIONS: &[&str] = &["blocking"];

/// Methods of every object type used in requests.
const RESERVED_SETTERS_OF_TYPES: &[&str] = &["check", "new"];

/// Names imported by the tests of a section.
const RESERVED_TESTS: &[&str] = &["assert_keeps", "assert_rejected", "replay", "support"];

/// Variables in scope at the call in an example test.
const RESERVED_VARIABLES: &[&str] = &["assert_keeps", "client", "server"];

/// Other arguments of the functions that take the parameters of the base path.
const RESERVED_BASE: &[&str] = &["base_url"];

/// The constant of the default rate limit, declared next to those of buckets.
const RESERVED_BUCKETS: &[&str] = &["DEFAULT"];

/// Dependencies of every client, and crates included with the compiler.
#[rustfmt::skip]
const RESERVED_CRATES: &[&str] = &[
    "alloc", "bytes", "core", "http", "http_body", "http_body_util", "hyper", "hyper_rustls", "hyper_util", "memchr", "proc_macro", "reqwest",
    "rustls", "serde", "serde_json", "std", "test", "tokio", "tokio_util", "tracing",
];

/// The default name of the enum of servers.
pub const SERVER_TYPE: &str = "Server";

/// Headers set by the client, and headers of the connection.
#[rustfmt::skip]
const CLIENT_HEADERS: &[&str] = &[
    "accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host", "if-range", "keep-alive",
    "proxy-authorization", "proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
];

/// Shell variables set by samples or interpreted by a shell or `curl`.
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
    "header", "hyper", "max_response", "new", "no_proxy", "rate_limits", "read_timeout", "retry", "retry_budget", "timeout", "token",
    "token_provider", "transport", "user_agent", "with_http_client", "with_settings",
];

/// Types of every client crate in the same module as the enum of servers.
#[rustfmt::skip]
const RESERVED_SERVERS: &[&str] = &[
    "ApiInfo", "Argument", "AuthInfo", "Batch", "Batches", "Builder", "CallOptions", "Credentials",
    "Download", "ErrorKind", "Excess", "HeaderName", "Items", "KnownError", "LineError",
    "Opening", "RateLimits", "Reason", "Records", "RetryPolicy",
    "Sending", "Splittable", "Target", "Token", "TokenFuture", "TokenProvider",
    "Body", "Transport", "TransportFuture",
];

/// Types that generated code uses without a path.
#[rustfmt::skip]
const RESERVED_TYPES: &[&str] = &[
    "AsRef", "At", "BTreeMap", "Box", "Bytes", "Check", "Client",
    "Clone", "Copy", "Debug", "Default", "Deserialize", "Elements", "EntryOf", "Envelope", "Err", "Error", "ErrorCode", "File", "FnMut", "From",
    "Integer", "Into", "IntoIterator", "IntoList", "IntoOption", "Json", "ListOf", "M", "M2", "M3", "Method", "Millis", "None", "Ok", "Operation", "OperationInfo",
    "Option", "Paged", "Pattern", "RateLimit", "RawResponse", "Request", "Response", "Result", "Seconds", "Secret", "Self", "Serialize", "Some", "Span",
    "Step", "String", "TimestampMillis", "TimestampSeconds", "Unrecognized", "Vec", "Wire",
];

/// Devices of Windows. No file can have such a name, with any extension.
const DEVICES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1", "lpt2", "lpt3",
    "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// Maximum length of a name, in bytes.
const MAX_LENGTH: usize = 64;

/// The reason why a name is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// The name contains a character that is not allowed, does not begin with a letter, or has the wrong case.
    Form,
    /// The name is longer than 64 bytes.
    TooLong,
    /// The name is a Rust keyword.
    Keyword,
    /// The name is used by every client.
    Reserved,
    /// The name is used for files, but is a device on Windows.
    Device,
}

/// Returns the Rust name of a field, argument, function or module: `share_secret` for `share-secret`.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn snake(name: &str) -> Result<String, NameError> {
    let cased = name.to_snake_case();
    check(name, &cased)?;
    Ok(cased)
}

/// Returns the Rust name of an argument of an operation.
///
/// # Errors
///
/// Returns an error as [`snake`] does, or if every request type has a method with this name.
pub fn argument(name: &str) -> Result<String, NameError> {
    unreserved(snake(name)?, RESERVED_ARGUMENTS)
}

/// Returns the module of a section. It must equal the key, because it is also used for files and anchors.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn section(name: &str) -> Result<String, NameError> {
    let cased = snake(name)?;
    if cased != name {
        return Err(NameError::Form);
    }
    file(&cased)?;
    request_type(name)?;
    unreserved(cased, RESERVED_SECTIONS)
}

/// Checks the key of a group of events, which is part of the name of a file.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn event_group(name: &str) -> Result<String, NameError> {
    let cased = snake(name)?;
    if cased == name { Ok(cased) } else { Err(NameError::Form) }
}

/// Returns the variant of an event.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn event(name: &str) -> Result<String, NameError> {
    if snake(name)? != name {
        return Err(NameError::Form);
    }
    unreserved(camel(name)?, &["Other"])
}

/// Returns the module of an operation, which is also the name of its file.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn operation(name: &str) -> Result<String, NameError> {
    let cased = snake(name)?;
    file(&cased)?;
    unreserved(cased, RESERVED_OPERATIONS)
}

/// Returns the name of the operation that several operations are merged into: the words with which all names begin and end, or if
/// no word is common, all names.
#[must_use]
pub fn merged(names: &[&str]) -> String {
    let Some((first, others)) = names.split_first() else {
        return String::new();
    };
    let words = |name: &str| name.split('_').map(str::to_owned).collect::<Vec<_>>();
    let first = words(first);
    let (mut leading, mut trailing) = (first.len(), first.len());
    for other in others {
        let other = words(other);
        let same = |pair: &(&String, &String)| pair.0 == pair.1;
        leading = leading.min(first.iter().zip(&other).take_while(same).count());
        let rest = leading..first.len().min(other.len());
        trailing = trailing.min(
            first
                .iter()
                .rev()
                .zip(other.iter().rev())
                .take(rest.len())
                .take_while(same)
                .count(),
        );
    }
    if leading == 0 {
        return names.join("_or_");
    }
    let trailing = trailing.min(first.len() - leading);
    [&first[..leading], &first[first.len() - trailing..]].concat().join("_")
}

/// Returns the name of the client crate.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn krate(name: &str) -> Result<String, NameError> {
    unreserved(snake(name)?, RESERVED_CRATES)
}

/// Returns the Rust name of a parameter of the base path, an argument of the client builder.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn base_parameter(name: &str) -> Result<String, NameError> {
    unreserved(argument(name)?, RESERVED_BASE)
}

/// Returns the setter of an optional field of an object.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn setter(name: &str) -> Result<String, NameError> {
    unreserved(snake(name)?, RESERVED_SETTERS_OF_TYPES)
}

/// Returns the constant of a rate-limit bucket.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn bucket(name: &str) -> Result<String, NameError> {
    snake(name)?;
    unreserved(name.to_shouty_snake_case(), RESERVED_BUCKETS)
}

/// Checks the key of a paging style, which is part of an anchor. Keywords are allowed.
///
/// # Errors
///
/// Returns an error if the name is invalid.
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

/// Converts a name to a part of an anchor: words of ASCII letters and digits in lower case, separated by hyphens.
#[must_use]
pub fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

/// Converts a key to snake case, as client generators do with all keys.
#[must_use]
pub fn recased(key: &str) -> String {
    key.to_snake_case()
}

/// Returns the name of a variable for a value of a declared type, or for a list of such values.
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

/// Returns `true` if the module of the envelope contains a type with this name, so that it cannot import another one.
#[must_use]
pub fn is_beside_envelope(name: &str, server_type: &str) -> bool {
    name == server_type || RESERVED_SERVERS.contains(&name)
}

/// Returns the approximate English plural of a name, for variables.
fn plural(name: &str) -> String {
    let after_consonant = |stem: &str| stem.ends_with(|last: char| !"aeiou".contains(last));
    match name.strip_suffix('y') {
        Some(stem) if after_consonant(stem) => format!("{stem}ies"),
        _ if ["s", "x", "ch", "sh"].iter().any(|end| name.ends_with(end)) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

/// Returns `true` if the text is a valid header name.
#[must_use]
pub fn is_header(name: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !name.is_empty() && name.bytes().all(is_allowed)
}

/// Returns `true` if the client sets this header itself. Ignores case.
#[must_use]
pub fn is_set_by_client(header: &str) -> bool {
    CLIENT_HEADERS.contains(&header.to_ascii_lowercase().as_str())
}

/// The names of an example in the outputs.
#[derive(Debug)]
pub struct ExampleName {
    /// The name of the test, unique in the section.
    pub rust_test: String,
    /// The key in the `OpenAPI` documents, unique in the API.
    pub key: String,
}

/// Assigns names to the examples. Tests are unique in a section, keys in the API.
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
    /// Starts a section, whose tests are in a separate module.
    pub fn start_section(&mut self) {
        self.tests = Namespace::holding(RESERVED_TESTS);
    }

    /// Returns names for the examples of an operation, in order.
    pub fn declare(&mut self, section: &str, rust_fn: &str, count: usize) -> Vec<ExampleName> {
        let declare = |number: usize| {
            let test = match count {
                1 => rust_fn.to_owned(),
                _ => format!("{rust_fn}_{number}"),
            };
            let rust_test = self.tests.unique(&test, "_");
            let key = self.keys.unique(&format!("{section}_{rust_test}"), "_");
            ExampleName { rust_test, key }
        };
        (1..=count).map(declare).collect()
    }
}

/// Assigns names to the shell variables in samples.
#[derive(Debug)]
pub struct ShellVariables(Namespace);

impl Default for ShellVariables {
    fn default() -> Self {
        Self(Namespace::holding(SHELL))
    }
}

impl ShellVariables {
    /// Returns a variable for each field, in order. Names that the shell interprets get the prefix `YOUR_`.
    pub fn declare_all(&mut self, fields: &[Field]) -> Vec<String> {
        let declare = |field: &Field| {
            let name = field.rust.to_uppercase();
            if SHELL.contains(&name.as_str()) {
                self.0.unique(&format!("YOUR_{name}"), "_")
            } else {
                self.0.unique(&name, "_")
            }
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

/// Returns the Rust name of a type or variant: `RouteOnline` for `route_online`.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn camel(name: &str) -> Result<String, NameError> {
    let cased = name.to_upper_camel_case();
    check(name, &cased)?;
    Ok(cased)
}

/// Converts an ID to the case of types: `PlotsOpenMany` for `plots.open_many`.
#[must_use]
pub fn pascal(id: &str) -> String {
    id.to_upper_camel_case()
}

/// Returns the request type of an operation: `CreateMany` for `create_many`.
///
/// # Errors
///
/// Returns an error if the name is invalid.
pub fn request_type(name: &str) -> Result<String, NameError> {
    let cased = camel(name)?;
    // Generated code with request types never uses the trait `Check` by name.
    if cased != "Check" && RESERVED_TYPES.contains(&cased.as_str()) {
        Err(NameError::Reserved)
    } else {
        Ok(cased)
    }
}

/// Returns the module of a declared type. Appends `_` to keywords, so that any word can be the name of a type.
#[must_use]
pub fn type_module(name: &str) -> String {
    let cased = name.to_snake_case();
    if is_keyword(&cased) { cased + "_" } else { cased }
}

/// Returns `true` if the word is a Rust keyword.
#[must_use]
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Checks the name of a declared type, which is used unchanged in every output.
///
/// # Errors
///
/// Returns an error if the name is invalid.
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

/// Returns the enum of servers, which is at the root of the crate, and the setter for a server.
///
/// # Errors
///
/// Returns an error if the name is invalid.
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

    /// Returns the hand-written inherent methods of a type.
    fn methods(source: &str, of: &str) -> Vec<String> {
        let items = syn::parse_file(source).expect("Rust").items;
        let blocks = items.into_iter().filter_map(|item| match item {
            Item::Impl(block) if block.trait_.is_none() => Some(block),
            _ => None,
        });
        let inherent = blocks.filter(|block| matches!(&*block.self_ty, Type::Path(ty) if ty.path.is_ident(of)));
        let items = inherent.flat_map(|block| block.items);
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
    fn names_are_unique_in_every_case_style() {
        let mut names = Namespace::recased();
        assert_eq!(names.unique("ItemId", ""), "ItemId");
        assert_eq!(names.unique("Item_ID", ""), "Item_ID2");
        assert_eq!(names.unique("itemid", ""), "itemid3");
    }

    #[test]
    fn schemas_do_not_get_names_that_generators_derive() {
        let (mut names, types) = SchemaNames::of_types(&["NewPlot", "Plot", "News", "NewBed"]);
        assert_eq!(types, ["PlotNew", "Plot", "News", "NewBed"]);
        assert_eq!(names.unique("Bed"), "Bed2");
        assert_eq!(names.unique("NullableNews"), "NullableNews2");
        assert_eq!(names.unique("NewsItem"), "NewsItem");
    }

    #[test]
    fn merged_names_consist_of_common_words() {
        let cases: [(&[&str], &str); 6] = [
            (&["get"], "get"),
            (&["create", "create_many"], "create"),
            (&["create_app_token", "create_user_token"], "create_token"),
            (&["update", "transfer"], "update_or_transfer"),
            (&["set_state", "set_state_of_state"], "set_state"),
            (&["move_all_to", "move_to", "move_one_to"], "move_to"),
        ];
        for (names, expected) in cases {
            assert_eq!(merged(names), expected, "{names:?}");
        }
    }

    #[test]
    fn slugs_consist_of_words_and_hyphens() {
        assert_eq!(slug("400 Invalid Grant/错"), "400-invalid-grant");
        assert_eq!(slug("list_joined"), "list-joined");
    }

    #[test]
    fn reserved_shell_variables_get_a_prefix() {
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
    fn methods_of_the_client_are_reserved_section_names() {
        let methods: Vec<_> = CLIENT.iter().flat_map(|source| methods(source, "Client")).collect();
        assert!(methods.len() > 15, "{methods:?}");
        for method in methods {
            assert_eq!(section(&method), Err(NameError::Reserved), "{method}");
        }
    }

    #[test]
    fn methods_of_the_builder_are_reserved_server_setters() {
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
    fn types_of_the_crate_are_reserved_server_types() {
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
    fn methods_of_request_types_are_reserved_arguments() {
        let methods: Vec<_> = MACROS
            .lines()
            .skip_while(|line| *line != "macro_rules! sendable {")
            .filter_map(|line| line.trim().strip_prefix("pub fn ")?.split(['(', '<']).next())
            .collect();
        assert!(methods.len() > 5, "{methods:?}");
        // The generator adds these two methods.
        for method in methods.into_iter().chain(["new", "with"]) {
            assert_eq!(argument(method), Err(NameError::Reserved), "{method}");
        }
    }
}
