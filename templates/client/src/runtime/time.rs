//! Timestamps and durations, with their units on the wire.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::wire::Wire;

/// Defines a number of units of time, which is read leniently.
macro_rules! unit {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(#[serde(deserialize_with = "Wire::read")] pub i64);
    };
}

macro_rules! timestamp {
    ($(#[$doc:meta])* $name:ident, $from:ident, $as:ident) => {
        unit!($(#[$doc])* $name);

        impl $name {
            /// Converts to a `SystemTime`; `None` if it cannot represent the time.
            #[must_use]
            pub fn to_system_time(self) -> Option<SystemTime> {
                let distance = Duration::$from(self.0.unsigned_abs());
                if self.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
            }
        }

        impl From<SystemTime> for $name {
            /// Rounds toward the epoch and saturates.
            fn from(time: SystemTime) -> Self {
                Self(match time.duration_since(UNIX_EPOCH) {
                    Ok(after) => i64::try_from(after.$as()).unwrap_or(i64::MAX),
                    Err(before) => i64::try_from(before.duration().$as()).map_or(i64::MIN, |count| -count),
                })
            }
        }
    };
}

macro_rules! length {
    ($(#[$doc:meta])* $name:ident, $from:ident, $as:ident) => {
        unit!($(#[$doc])* $name);

        impl $name {
            /// Converts to a `Duration`; `None` if negative, which some servers use for special meanings.
            #[must_use]
            pub fn to_duration(self) -> Option<Duration> {
                u64::try_from(self.0).ok().map(Duration::$from)
            }
        }

        impl From<Duration> for $name {
            /// Rounds down and saturates.
            fn from(length: Duration) -> Self {
                Self(i64::try_from(length.$as()).unwrap_or(i64::MAX))
            }
        }
    };
}

timestamp! {
    /// A timestamp in milliseconds since 1970-01-01 UTC.
    TimestampMillis, from_millis, as_millis
}
timestamp! {
    /// A timestamp in seconds since 1970-01-01 UTC.
    TimestampSeconds, from_secs, as_secs
}
length! {
    /// A duration in milliseconds.
    Millis, from_millis, as_millis
}
length! {
    /// A duration in seconds.
    Seconds, from_secs, as_secs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_do_not_panic() {
        for value in [i64::MIN, -1, 0, 1, i64::MAX] {
            let _ = TimestampMillis(value).to_system_time();
            let _ = TimestampSeconds(value).to_system_time();
            assert_eq!(Millis(value).to_duration().is_some(), value >= 0);
        }
        assert_eq!(Seconds::from(Duration::MAX).0, i64::MAX);
        let before = UNIX_EPOCH - Duration::from_millis(5);
        assert_eq!(TimestampMillis::from(before), TimestampMillis(-5));
        assert_eq!(TimestampMillis(-5).to_system_time(), Some(before));
    }
}
