//! The last records of a journal.

use std::collections::VecDeque;

/// Maximum number of records.
const RECORDS: usize = 1000;

/// Maximum total size of the records in bytes.
const TOTAL: usize = 32 * 1024 * 1024;

/// A record of a journal.
pub(crate) trait Record: Clone {
    /// Sets the number.
    fn set_number(&mut self, number: u64);

    /// Returns the size in bytes.
    fn size(&self) -> usize;
}

/// The last records of a journal, oldest first. Their numbers have no gaps.
#[derive(Debug)]
pub(crate) struct Recent<R> {
    last: u64,
    size: usize,
    records: VecDeque<R>,
}

impl<R> Default for Recent<R> {
    fn default() -> Self {
        Self {
            last: 0,
            size: 0,
            records: VecDeque::new(),
        }
    }
}

impl<R: Record> Recent<R> {
    /// Adds a record, and returns its number. The oldest make room for it.
    pub(crate) fn add(&mut self, mut record: R) -> u64 {
        self.last += 1;
        record.set_number(self.last);
        self.size += record.size();
        self.records.push_back(record);
        self.shrink();
        self.last
    }

    // @if webhooks
    /// Changes a record, unless it was removed.
    pub(crate) fn update(&mut self, number: u64, change: impl FnOnce(&mut R)) {
        let place = number.checked_sub(self.forgotten() + 1);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let Some(record) = place.and_then(|place| self.records.get_mut(place)) else {
            return;
        };
        self.size -= record.size();
        change(record);
        self.size += record.size();
        self.shrink();
    }
    // @end

    fn shrink(&mut self) {
        while self.records.len() > RECORDS || self.size > TOTAL {
            let Some(oldest) = self.records.pop_front() else { break };
            self.size -= oldest.size();
        }
    }

    /// Returns the records after the one with this number.
    pub(crate) fn after(&self, number: u64) -> Vec<R> {
        let known = number.saturating_sub(self.forgotten());
        let known = usize::try_from(known).unwrap_or(usize::MAX);
        self.records.iter().skip(known).cloned().collect()
    }

    /// Returns the number of the last record.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Returns the number of the last record that was removed; 0 if none was.
    pub(crate) fn forgotten(&self) -> u64 {
        self.last - self.records.len() as u64
    }

    /// Removes all records. The numbers go on.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.size = 0;
    }
}
