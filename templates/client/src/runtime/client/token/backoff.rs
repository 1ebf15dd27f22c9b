//! Backoff after failures.

use std::time::Duration;

use tokio::time::Instant;

use crate::runtime::client::retry::doubled;

/// The first pause; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(2);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30);

/// The longest pause that the server can request.
const MOST_ASKED: Duration = Duration::from_secs(300);

/// Pause after failures of a server.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    /// Returns the remaining time of the pause, during one.
    pub(super) fn left(&self) -> Option<Duration> {
        let left = self.until?.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then_some(left)
    }

    /// Starts a pause of at least `least`. A failure during a pause has the same cause, and does not count.
    pub(super) fn fail(&mut self, least: Option<Duration>) {
        if self.left().is_some() {
            return;
        }
        let now = Instant::now();
        // Failures of long ago do not count.
        let is_next = self.until.is_some_and(|until| now - until <= LONGEST);
        self.failures = if is_next { self.failures.saturating_add(1) } else { 1 };
        let pause = doubled(FIRST, self.failures).min(LONGEST);
        self.until = now.checked_add(pause.max(least.unwrap_or_default().min(MOST_ASKED)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails, and returns the length of the pause in seconds.
    async fn pause(backoff: &mut Backoff) -> u64 {
        backoff.fail(None);
        let start = Instant::now();
        while backoff.left().is_some() {
            // Failures of calls that were in flight do not extend the pause.
            backoff.fail(None);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_a_limit() {
        let mut backoff = Backoff::default();
        for expected in [2, 4, 8, 16, 30, 30, 30] {
            assert_eq!(pause(&mut backoff).await, expected);
        }
        backoff = Backoff::default();
        backoff.fail(Some(Duration::from_secs(60)));
        assert_eq!(backoff.left(), Some(Duration::from_secs(60)));
        backoff = Backoff::default();
        backoff.fail(Some(Duration::MAX));
        assert_eq!(backoff.left(), Some(MOST_ASKED));
        backoff = Backoff::default();
        assert_eq!(pause(&mut backoff).await, 2);
        tokio::time::advance(LONGEST * 2).await;
        assert_eq!(pause(&mut backoff).await, 2);
    }
}
