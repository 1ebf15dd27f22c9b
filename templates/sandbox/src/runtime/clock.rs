//! The time of the server, which can be fixed and moved.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A clock.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// The time at which the clock stands still.
    fixed: Option<i64>,
    /// How far it was moved.
    offset: AtomicI64,
}

impl Clock {
    /// Creates a clock. With `fixed`, in milliseconds since 1970, it only moves when it is told to.
    pub(crate) fn new(fixed: Option<i64>) -> Self {
        Self {
            fixed,
            offset: AtomicI64::default(),
        }
    }

    /// Returns the time in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let base = self.fixed.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        });
        base.saturating_add(self.offset())
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.set_offset(self.offset().saturating_add(milliseconds));
    }

    /// Returns how far the clock was moved, in milliseconds.
    pub(crate) fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Moves the clock by this much from where it would be.
    pub(crate) fn set_offset(&self, milliseconds: i64) {
        self.offset.store(milliseconds, Ordering::Relaxed);
    }
}
