//! Sizes as people write them.

/// A number of bytes in the largest unit that it is a whole number of: how many, and how often 1024 is taken times itself.
#[must_use]
pub fn in_units(bytes: u64) -> (u64, usize) {
    let mut size = (bytes, 0);
    while size.1 < 2 && size.0 != 0 && size.0.is_multiple_of(1024) {
        size = (size.0 / 1024, size.1 + 1);
    }
    size
}

/// A number of bytes in the largest unit that it is a whole number of, e.g. `5 KB`; 1 KB is 1024 bytes.
#[must_use]
pub fn text(bytes: u64) -> String {
    let (count, power) = in_units(bytes);
    format!("{count} {}", ["bytes", "KB", "MB"][power])
}
