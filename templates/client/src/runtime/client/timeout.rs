//! Waiting, but not for too long.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Boxed;
use super::intake::Intake;
use super::transport::Failure;
use crate::runtime::error::{Error, TransportKind};

const LATE: &str = "the time limit of the call ran out";
const SILENT: &str = "the server was silent for too long, or the time limit of the call ran out";

/// How long one try may take.
///
/// There is no timer as long as nothing has to be waited for, and one for all limits then: timers are a good part of what
/// sending costs.
pub(super) struct Timeouts {
    /// The time, unless something was waited for since.
    now: Option<Instant>,
    /// When the call ends, whatever happens.
    deadline: Option<Instant>,
    /// How long the server may be silent.
    read_timeout: Option<Duration>,
    /// What the server takes of a body: while it does, it is not silent.
    pub(super) intake: Option<Intake>,
}

impl Timeouts {
    pub(super) fn new(deadline: Option<Instant>, read_timeout: Option<Duration>) -> Self {
        Self {
            now: None,
            deadline,
            read_timeout,
            intake: None,
        }
    }

    /// Timeouts that lasts as long as a call may take that begins now.
    pub(super) fn of_call(timeout: Option<Duration>, read_timeout: Option<Duration>) -> Self {
        let mut timeouts = Self::new(None, read_timeout);
        timeouts.deadline = timeout.and_then(|timeout| timeouts.now().checked_add(timeout));
        timeouts
    }

    /// The time, give or take what was done since something was waited for.
    pub(super) fn now(&mut self) -> Instant {
        *self.now.get_or_insert_with(Instant::now)
    }

    /// Sets the time that is left, if there was no limit.
    pub(super) fn end_within(&mut self, time: Option<Duration>) {
        if self.deadline.is_none() {
            self.deadline = time.and_then(|time| self.now().checked_add(time));
        }
    }

    /// When the call ends.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Waits for something of this client's, until the call ends.
    pub(super) fn within<T>(
        &mut self,
        future: Boxed<'_, T>,
    ) -> impl Future<Output = Result<Result<T, Error>, Failure>> {
        self.wait(future, false)
    }

    /// Waits for something of the server's, until it was silent for too long or the call ends.
    pub(super) fn for_server<F: Future + Unpin>(
        &mut self,
        future: F,
    ) -> impl Future<Output = Result<F::Output, Failure>> {
        self.wait(future, true)
    }

    #[expect(
        clippy::manual_async_fn,
        reason = "the future of an async fn has room for its arguments twice"
    )]
    fn wait<F: Future + Unpin>(
        &mut self,
        mut future: F,
        for_server: bool,
    ) -> impl Future<Output = Result<F::Output, Failure>> {
        async move {
            let mut timer = pin!(None);
            poll_fn(|context| {
                if let Poll::Ready(output) = Pin::new(&mut future).poll(context) {
                    return Poll::Ready(Ok(output));
                }
                if timer.is_none() {
                    timer.set(self.end(for_server).map(sleep_until));
                }
                let Some(mut timer) = timer.as_mut().as_pin_mut() else {
                    return Poll::Pending;
                };
                ready!(timer.as_mut().poll(context));
                while let Some(end) = self.later_end(for_server) {
                    timer.as_mut().reset(end);
                    ready!(timer.as_mut().poll(context));
                }
                let late = if for_server { SILENT } else { LATE };
                Poll::Ready(Err(Failure::new(TransportKind::Timeout, late)))
            })
            .await
        }
    }

    /// When a wait that begins now has to end.
    fn end(&mut self, for_server: bool) -> Option<Instant> {
        let read_timeout = self.read_timeout.filter(|_| for_server);
        let silent = read_timeout.and_then(|read_timeout| self.now().checked_add(read_timeout));
        self.now = None;
        [self.deadline, silent].into_iter().flatten().min()
    }

    /// When a wait whose end has come has to end instead, if the server took something of the body meanwhile.
    fn later_end(&self, for_server: bool) -> Option<Instant> {
        let intake = self.intake.as_ref().filter(|_| for_server)?;
        let silent = intake.since().checked_add(self.read_timeout?)?;
        let end = self.deadline.map_or(silent, |deadline| deadline.min(silent));
        (end > Instant::now()).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const SECOND: Duration = Duration::from_secs(1);

    fn nothing_for(time: Duration) -> Boxed<'static, ()> {
        Box::pin(async move {
            sleep(time).await;
            Ok(())
        })
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_first_ends_the_wait() {
        let start = Instant::now();
        let mut timeouts = Timeouts::new(Some(start + 10 * SECOND), Some(4 * SECOND));
        assert!(timeouts.for_server(Box::pin(sleep(3 * SECOND))).await.is_ok());
        // Whatever the server said makes for new patience.
        assert!(timeouts.for_server(Box::pin(sleep(3 * SECOND))).await.is_ok());
        assert!(timeouts.for_server(Box::pin(sleep(5 * SECOND))).await.is_err());
        assert_eq!(start.elapsed(), 10 * SECOND);
        assert!(timeouts.within(nothing_for(SECOND)).await.is_err());
        assert!(timeouts.within(nothing_for(Duration::ZERO)).await.is_ok());
        let mut timeouts = Timeouts::new(Some(start + 20 * SECOND), Some(4 * SECOND));
        assert!(timeouts.for_server(Box::pin(sleep(5 * SECOND))).await.is_err());
        assert_eq!(start.elapsed(), 14 * SECOND);
        assert!(timeouts.within(nothing_for(5 * SECOND)).await.is_ok());
        assert!(timeouts.within(nothing_for(5 * SECOND)).await.is_err());
        assert_eq!(start.elapsed(), 20 * SECOND);
        let mut timeouts = Timeouts::new(None, None);
        assert!(timeouts.for_server(Box::pin(sleep(1000 * SECOND))).await.is_ok());
    }
}
