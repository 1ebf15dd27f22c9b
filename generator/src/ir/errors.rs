//! Error responses and known errors.

use serde::Serialize;

use super::{Field, Text};

/// Error responses and known errors.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Errors {
    /// Key of the machine-readable code in the body.
    pub code_key: Option<String>,
    /// Key of the human-readable message in the body.
    pub message_key: Option<String>,
    /// Key of the reason why an operation was not done, beside the flag that says so.
    pub reason_key: Option<String>,
    /// All fields of the body, including these two. All are optional on the wire.
    pub fields: Vec<Field>,
    /// Known errors, sorted by status and code.
    pub catalogue: Vec<KnownError>,
}

/// A known error of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownError {
    /// HTTP status.
    pub status: u16,
    /// Machine-readable code. May contain spaces and capital letters.
    pub code: String,
    /// Variant of the generated `ErrorCode`, the same for this code under every status.
    pub rust_variant: String,
    /// Meaning.
    pub means: Text,
    /// Advice to callers.
    pub remedy: Text,
    /// Whether a retry can succeed.
    pub retry: bool,
    /// Whether the server rejects the request because of too many requests.
    pub throttled: bool,
}

/// Index into [`Errors::catalogue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ErrorId(pub usize);
