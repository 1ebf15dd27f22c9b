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
const RESERVED_ARGUMENTS: &[&str] = &[
    "call",
    "client",
    "iter",
    "new",
    "send",
    "stream",
    "pages",
    "records",
    "split",
    "with_client",
    "into_future",
    "to_http",
];

/// Modules of every client crate, and methods of its `Client`.
const RESERVED_SECTIONS: &[&str] = &[
    "another", "api", "as_async", "block_on", "blocking", "builder", "call", "client", "download", "error", "errors",
    "iter", "lib", "limits", "main", "new", "over", "pages", "runtime", "send", "tests", "types", "with",
];

/// Types that generated code names without a path.
#[rustfmt::skip]
const RESERVED_TYPES: &[&str] = &[
    "At", "BTreeMap", "Box", "Bytes", "Check", "Client",
    "Clone", "Copy", "Debug", "DecodeError", "Default", "Deserialize", "Envelope", "Err", "Error", "ErrorCode", "File", "From",
    "Into", "IntoIterator", "InvalidArgument", "Method", "Millis", "None", "Nullable", "Ok", "Operation", "OperationInfo",
    "Option", "Paged", "Pattern", "RateLimit", "Reply", "Request", "Response", "Result", "Seconds", "Secret", "Self", "Serialize", "Some",
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
