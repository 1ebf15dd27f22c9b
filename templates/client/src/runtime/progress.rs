//! How far a file is.

use std::fmt;
use std::sync::Arc;

/// How far a file is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes so far. They begin at 0 again where the file is sent or fetched again from its start.
    pub bytes: u64,
    /// Bytes in all, where that is known.
    pub total: Option<u64>,
}

/// Whom to tell about progress.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Fn(Progress) + Send + Sync>);

impl Listener {
    pub(crate) fn new(listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    pub(crate) fn tell(&self, bytes: u64, total: Option<u64>) {
        (self.0)(Progress { bytes, total });
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
