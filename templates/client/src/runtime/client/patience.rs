//! Waiting, but not for too long.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::transport::Failure;
use crate::runtime::error::TransportKind;

const LATE: &str = "the time limit of the call ran out";
const SILENT: &str = "the server was silent for too long, or the time limit of the call ran out";

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
    pub(super) fn within<F: Future + Unpin>(&mut self, future: F) -> Wait<'_, F> {
        self.wait(future, false)
    }

    /// Waits for something of the server's, until it was silent for too long or the call ends.
    pub(super) fn for_server<F: Future + Unpin>(&mut self, future: F) -> Wait<'_, F> {
        self.wait(future, true)
    }

    fn wait<F>(&mut self, future: F, for_server: bool) -> Wait<'_, F> {
        Wait {
            patience: self,
            future,
            for_server,
            is_set: false,
        }
    }

    /// Sets the timer, if there is any limit.
    fn set(&mut self, for_server: bool) {
        let silence = self.silence.filter(|_| for_server);
        let silent = silence.and_then(|silence| Instant::now().checked_add(silence));
        let ends = [self.deadline, silent].into_iter().flatten();
        match (ends.min(), &mut self.timer) {
            (Some(end), Some(timer)) => timer.as_mut().reset(end),
            (Some(end), unset) => *unset = Some(Box::pin(sleep_until(end))),
            (None, timer) => *timer = None,
        }
    }
}

/// Something that is waited for.
pub(super) struct Wait<'p, F> {
    patience: &'p mut Patience,
    future: F,
    for_server: bool,
    is_set: bool,
}

impl<F: Future + Unpin> Future for Wait<'_, F> {
    type Output = Result<F::Output, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(output) = Pin::new(&mut this.future).poll(context) {
            return Poll::Ready(Ok(output));
        }
        if !this.is_set {
            this.patience.set(this.for_server);
            this.is_set = true;
        }
        let Some(timer) = &mut this.patience.timer else {
            return Poll::Pending;
        };
        timer.as_mut().poll(context).map(|()| {
            Err(Failure::new(
                TransportKind::Timeout,
                if this.for_server { SILENT } else { LATE },
            ))
        })
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
        assert!(patience.for_server(Box::pin(sleep(3 * SECOND))).await.is_ok());
        // Whatever the server said makes for new patience.
        assert!(patience.for_server(Box::pin(sleep(3 * SECOND))).await.is_ok());
        assert!(patience.for_server(Box::pin(sleep(5 * SECOND))).await.is_err());
        assert_eq!(start.elapsed(), 10 * SECOND);
        assert!(patience.within(Box::pin(sleep(SECOND))).await.is_err());
        assert!(patience.within(Box::pin(async {})).await.is_ok());
        let mut patience = Patience::new(Some(start + 20 * SECOND), Some(4 * SECOND));
        assert!(patience.for_server(Box::pin(sleep(5 * SECOND))).await.is_err());
        assert_eq!(start.elapsed(), 14 * SECOND);
        assert!(patience.within(Box::pin(sleep(5 * SECOND))).await.is_ok());
        assert!(patience.within(Box::pin(sleep(5 * SECOND))).await.is_err());
        assert_eq!(start.elapsed(), 20 * SECOND);
        let mut patience = Patience::new(None, None);
        assert!(patience.for_server(Box::pin(sleep(1000 * SECOND))).await.is_ok());
    }
}
