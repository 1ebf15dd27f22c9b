//! Sizes as people write them.

/// A number of bytes in the largest unit that it is a whole number of, e.g. `5 KB`; 1 KB is 1024 bytes.
#[must_use]
pub fn text(bytes: u64) -> String {
    let (count, unit) = [(1 << 20, "MB"), (1 << 10, "KB")]
        .into_iter()
        .find(|(unit, _)| bytes.is_multiple_of(*unit))
        .map_or((bytes, "bytes"), |(unit, name)| (bytes / unit, name));
    format!("{count} {unit}")
}
