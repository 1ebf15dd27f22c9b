//! Waiting, but not for too long.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::transport::Failure;
use crate::runtime::error::TransportKind;

/// How long one try may take.
///
/// There is one timer for all limits, and none as long as nothing has to be waited for: timers are a good part of what
/// sending costs.
pub(super) struct Patience {
    /// When the call ends, whatever happens.
    deadline: Option<Instant>,
    /// How long the server may be silent.
    silence: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(super) fn new(deadline: Option<Instant>, silence: Option<Duration>) -> Self {
        Self {
            deadline,
            silence,
            timer: None,
        }
    }

    /// Waits for something of this client's, until the call ends.
    pub(super) async fn within<F: Future>(&mut self, future: F) -> Result<F::Output, Failure> {
        self.wait(None, "the time limit of the call ran out", future).await
    }

    /// Waits for something of the server's, until it was silent for too long or the call ends.
    pub(super) async fn for_server<F: Future>(&mut self, future: F) -> Result<F::Output, Failure> {
        self.wait(
            self.silence,
            "the server was silent for too long, or the time limit of the call ran out",
            future,
        )
        .await
    }

    async fn wait<F: Future>(
        &mut self,
        silence: Option<Duration>,
        late: &'static str,
        future: F,
    ) -> Result<F::Output, Failure> {
        let mut future = pin!(future);
        let mut is_set = false;
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            if !is_set {
                self.set(silence);
                is_set = true;
            }
            match &mut self.timer {
                Some(timer) => timer
                    .as_mut()
                    .poll(context)
                    .map(|()| Err(Failure::new(TransportKind::Timeout, late))),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Sets the timer, if there is any limit.
    fn set(&mut self, silence: Option<Duration>) {
        let silent = silence.and_then(|silence| Instant::now().checked_add(silence));
        let ends = [self.deadline, silent].into_iter().flatten();
        match (ends.min(), &mut self.timer) {
            (Some(end), Some(timer)) => timer.as_mut().reset(end),
            (Some(end), none) => *none = Some(Box::pin(sleep_until(end))),
            (None, timer) => *timer = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn what_comes_first_ends_the_wait() {
        let start = Instant::now();
        let mut patience = Patience::new(Some(start + 10 * SECOND), Some(4 * SECOND));
        assert!(patience.for_server(sleep(3 * SECOND)).await.is_ok());
        // Whatever the server said makes for new patience.
        assert!(patience.for_server(sleep(3 * SECOND)).await.is_ok());
        assert!(patience.for_server(sleep(5 * SECOND)).await.is_err());
        assert_eq!(start.elapsed(), 10 * SECOND);
        assert!(patience.within(sleep(SECOND)).await.is_err());
        assert!(patience.within(async {}).await.is_ok());
        let mut patience = Patience::new(Some(start + 20 * SECOND), Some(4 * SECOND));
        assert!(patience.for_server(sleep(5 * SECOND)).await.is_err());
        assert_eq!(start.elapsed(), 14 * SECOND);
        assert!(patience.within(sleep(5 * SECOND)).await.is_ok());
        assert!(patience.within(sleep(5 * SECOND)).await.is_err());
        assert_eq!(start.elapsed(), 20 * SECOND);
        let mut patience = Patience::new(None, None);
        assert!(patience.for_server(sleep(1000 * SECOND)).await.is_ok());
    }
}
