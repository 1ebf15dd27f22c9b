//! Timeouts of calls.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Boxed;
use super::intake::Intake;
use super::transport::Failure;
use crate::runtime::error::{Error, ErrorKind};

const LATE: &str = "the timeout of the call expired";
const SILENT: &str = "the server sent no data in time, or the timeout of the call expired";

/// The timeouts of an attempt.
///
/// There is no timer until something has to be waited for, and then only one for all timeouts: timers are a considerable part
/// of the cost of a request.
pub(super) struct Timeouts {
    /// The cached time, cleared after each wait.
    now: Option<Instant>,
    /// When the call ends.
    deadline: Option<Instant>,
    /// How long the server may send no data.
    read_timeout: Option<Duration>,
    /// How the server accepts a body: while it does, the read timeout is paused.
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

    /// Returns the timeouts of a call that begins now.
    pub(super) fn of_call(timeout: Option<Duration>, read_timeout: Option<Duration>) -> Self {
        let mut timeouts = Self::new(None, read_timeout);
        timeouts.deadline = timeout.and_then(|timeout| timeouts.now().checked_add(timeout));
        timeouts
    }

    /// Returns the time of the last wait, or a little later.
    pub(super) fn now(&mut self) -> Instant {
        *self.now.get_or_insert_with(Instant::now)
    }

    /// Sets the deadline, unless there is one.
    pub(super) fn end_within(&mut self, time: Option<Duration>) {
        if self.deadline.is_none() {
            self.deadline = time.and_then(|time| self.now().checked_add(time));
        }
    }

    /// Returns when the call ends.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Waits for work of this client, until the deadline.
    pub(super) fn within<T>(
        &mut self,
        future: Boxed<'_, T>,
    ) -> impl Future<Output = Result<Result<T, Error>, Failure>> {
        self.wait(future, false)
    }

    /// Waits for the server, until the read timeout or the deadline.
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
                Poll::Ready(Err(Failure::new(ErrorKind::Timeout, late)))
            })
            .await
        }
    }

    /// Returns when a wait that begins now times out.
    fn end(&mut self, for_server: bool) -> Option<Instant> {
        let read_timeout = self.read_timeout.filter(|_| for_server);
        let silent = read_timeout.and_then(|read_timeout| self.now().checked_add(read_timeout));
        self.now = None;
        [self.deadline, silent].into_iter().flatten().min()
    }

    /// Returns a later end for a wait that timed out, if the server accepted data in the meantime.
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
    async fn the_earlier_timeout_ends_the_wait() {
        let start = Instant::now();
        let mut timeouts = Timeouts::new(Some(start + 10 * SECOND), Some(4 * SECOND));
        assert!(timeouts.for_server(Box::pin(sleep(3 * SECOND))).await.is_ok());
        // The read timeout starts again after each response.
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
