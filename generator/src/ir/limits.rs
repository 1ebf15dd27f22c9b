//! Rate limits.

use serde::Serialize;

use super::Text;

/// The rate limit of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Limit {
    /// No limit: the API has no default limit.
    None,
    /// [`Api::default_limit`](super::Api::default_limit), counted separately for each operation.
    Default,
    /// A limit for this operation only.
    Custom(Rate),
    /// A limit shared by several operations: an index into [`Api::buckets`](super::Api::buckets).
    Shared(usize),
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
