//! Rate limits.

use serde::Serialize;

use super::Text;

/// A rate limit of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Rate.
    pub rate: Rate,
    /// Where the limit is declared.
    pub source: LimitSource,
}

/// Where a [`Limit`] is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum LimitSource {
    /// [`Api::default_limit`](super::Api::default_limit), counted separately for each operation.
    Default,
    /// The operation.
    Operation,
    /// A limit shared by several operations: an index into [`Api::buckets`](super::Api::buckets).
    Bucket(usize),
}

/// A number of units per period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Number of units.
    pub count: u32,
    /// Name of the unit, e.g. `calls` or `messages`.
    pub unit: String,
    /// Period.
    pub period: Period,
}

/// The period of a [`Rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Period {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// One hour.
    Hour,
}

impl Period {
    /// Returns the length in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
        }
    }

    /// Returns the symbol in the notation, e.g. `s` in `100/s`.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }
}

/// A rate limit that several operations share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// Key in the spec.
    pub key: String,
    /// Constant in the module `limits`, e.g. `TENDING`.
    pub rust_const: String,
    /// Rate.
    pub rate: Rate,
    /// Description.
    pub doc: Text,
}
