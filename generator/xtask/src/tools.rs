//! The tools of others: where they are, how they are run, and what they are shown.

pub(crate) mod document;
pub(crate) mod install;
pub(crate) mod process;
pub(crate) mod progenitor;
