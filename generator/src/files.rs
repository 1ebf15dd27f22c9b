//! The generated files, and the only code that writes them.

/// One generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path below the output folder, with `/` between its parts.
    pub path: String,
    /// Its content, without the header that marks it as generated: the writer adds that.
    pub contents: String,
}
