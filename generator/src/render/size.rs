//! Byte counts in readable units.

/// Splits a byte count into `(count, power)` such that `bytes == count * 1024^power`, with the largest power up to 2 that
/// divides it exactly.
#[must_use]
pub fn in_units(bytes: u64) -> (u64, usize) {
    let (mut count, mut power) = (bytes, 0);
    while power < 2 && count != 0 && count.is_multiple_of(1024) {
        count /= 1024;
        power += 1;
    }
    (count, power)
}

/// Returns a byte count in the largest unit that divides it exactly, e.g. `5 KB`. 1 KB is 1024 bytes.
#[must_use]
pub fn text(bytes: u64) -> String {
    let (count, power) = in_units(bytes);
    format!("{count} {}", ["bytes", "KB", "MB"][power])
}
