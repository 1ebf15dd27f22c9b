//! Installs and runs third-party tools, and loads the documents for them.

pub(crate) mod document;
pub(crate) mod install;
pub(crate) mod process;
pub(crate) mod progenitor;
