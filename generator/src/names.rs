//! Names: the only place for casing, keywords and what a name may be.

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Keywords of Rust, of every edition, the reserved ones included.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Methods that every request type has: an argument of this name would collide with them.
#[rustfmt::skip]
const RESERVED_ARGUMENTS: &[&str] = &[
    "call", "client", "file_url", "into_future", "iter", "new", "pages", "records", "records_as", "send", "split", "stream",
    "to_http", "with",
];

/// Modules of every client crate, and methods of its `Client`.
#[rustfmt::skip]
const RESERVED_SECTIONS: &[&str] = &[
    "another", "api", "as_async", "block_on", "blocking", "builder", "builder_of_another", "call", "client", "detached",
    "download", "error", "errors", "fetch_records", "file_url", "iter", "lib", "limits", "main", "new", "open", "over",
    "pages", "receive", "runtime", "send", "split", "stream", "tests", "types", "value", "with",
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
    "At", "BTreeMap", "Box", "Bytes", "Check", "Client",
    "Clone", "Copy", "Debug", "DecodeError", "Default", "Deserialize", "Envelope", "Err", "Error", "ErrorCode", "File", "From",
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
    let cased = snake(name)?;
    if RESERVED_ARGUMENTS.contains(&cased.as_str()) {
        Err(NameError::Reserved)
    } else {
        Ok(cased)
    }
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
    if RESERVED_SECTIONS.contains(&name) {
        Err(NameError::Reserved)
    } else {
        Ok(cased)
    }
}

/// The module of an operation, which has a file of its own.
///
/// # Errors
///
/// Says why the name cannot be used.
pub fn operation(name: &str) -> Result<String, NameError> {
    let cased = snake(name)?;
    file(&cased)?;
    Ok(cased)
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
