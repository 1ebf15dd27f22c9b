//! When to sow: a module that is written by hand.

#![cfg(feature = "almanac")]

use crate::types::Month;

/// Whether something can be sown under glass in this month.
#[must_use]
pub fn is_early(month: Month) -> bool {
    matches!(month, Month::January)
}
