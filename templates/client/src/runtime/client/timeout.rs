//! Timeouts of calls.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream::{self, StreamExt};
use http_body::Body as _;
use http_body_util::BodyDataStream;
use tokio::time::{Instant, sleep_until};

use super::lock;
use super::transport::Body;
use crate::runtime::error::{Error, ErrorKind};

const LATE: &str = "the timeout of the call expired";
const SILENT: &str = "the server sent no data in time, or the timeout of the call expired";

/// The timeouts of an attempt: the deadline of the call, and how long the server may send no data.
pub(super) struct Timeouts {
    pub(super) deadline: Option<Instant>,
    read_timeout: Duration,
    /// How the server accepts a body: while it does, the read timeout is paused.
    pub(super) intake: Option<Intake>,
}

impl Timeouts {
    pub(super) fn new(deadline: Option<Instant>, read_timeout: Duration) -> Self {
        Self {
            deadline,
            read_timeout,
            intake: None,
        }
    }

    /// Sets the deadline, unless there is one.
    pub(super) fn end_within(&mut self, time: Option<Duration>) {
        if let (None, Some(time)) = (self.deadline, time) {
            self.deadline = Instant::now().checked_add(time);
        }
    }

    /// Waits for the server, until the read timeout or the deadline.
    pub(super) fn for_server<F: Future + Unpin>(&self, future: F) -> impl Future<Output = Result<F::Output, Error>> {
        self.wait(future, true)
    }

    /// Waits for the next chunk of a body; `None` at its end.
    pub(super) async fn chunk(&self, body: &mut Body) -> Result<Option<Bytes>, Error> {
        if body.is_end_stream() {
            return Ok(None);
        }
        let mut chunks = BodyDataStream::new(body);
        self.for_server(chunks.next()).await?.transpose()
    }

    /// Waits until the deadline or, for the server, until the read timeout. Makes one timer for both, when it has to wait.
    pub(super) async fn wait<F: Future + Unpin>(&self, mut future: F, for_server: bool) -> Result<F::Output, Error> {
        let mut timer = pin!(None);
        poll_fn(|context| {
            if let Poll::Ready(output) = Pin::new(&mut future).poll(context) {
                return Poll::Ready(Ok(output));
            }
            if timer.is_none() {
                timer.set(self.end(for_server, Instant::now()).map(sleep_until));
            }
            let Some(mut timer) = timer.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            loop {
                ready!(timer.as_mut().poll(context));
                // The server may have accepted data in the meantime.
                let since = self.intake.as_ref().filter(|_| for_server).map(Intake::since);
                match since.and_then(|since| self.end(true, since)) {
                    Some(end) if end > Instant::now() => timer.as_mut().reset(end),
                    _ => break,
                }
            }
            let late = if for_server { SILENT } else { LATE };
            Poll::Ready(Err(Error::transport(ErrorKind::Timeout, late)))
        })
        .await
    }

    /// Returns when a wait times out if the silence began at `since`.
    fn end(&self, for_server: bool, since: Instant) -> Option<Instant> {
        let silent = since.checked_add(self.read_timeout).filter(|_| for_server);
        [self.deadline, silent].into_iter().flatten().min()
    }
}

/// When the last chunk of a body was taken. `None` while the next one is requested but not ready: then the server is not to
/// blame for the wait.
#[derive(Clone)]
pub(super) struct Intake(Arc<Mutex<Option<Instant>>>);

impl Intake {
    /// Tracks when the chunks of a body are taken.
    pub(super) fn of<S: Stream + Unpin>(mut pieces: S) -> (impl Stream<Item = S::Item>, Self) {
        let intake = Self(Arc::new(Mutex::new(Some(Instant::now()))));
        let noted = intake.clone();
        let pieces = stream::poll_fn(move |context| {
            let piece = pieces.poll_next_unpin(context);
            *lock(&noted.0) = piece.is_ready().then(Instant::now);
            piece
        });
        (pieces, intake)
    }

    /// Returns since when the server has been responsible for the wait.
    pub(super) fn since(&self) -> Instant {
        lock(&self.0).unwrap_or_else(Instant::now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn the_earlier_timeout_ends_the_wait() {
        let start = Instant::now();
        let timeouts = Timeouts::new(Some(start + 10 * SECOND), 4 * SECOND);
        assert!(timeouts.for_server(Box::pin(sleep(3 * SECOND))).await.is_ok());
        // The read timeout starts again after each response.
        assert!(timeouts.for_server(Box::pin(sleep(3 * SECOND))).await.is_ok());
        assert!(timeouts.for_server(Box::pin(sleep(5 * SECOND))).await.is_err());
        assert_eq!(start.elapsed(), 10 * SECOND);
        assert!(timeouts.wait(Box::pin(sleep(SECOND)), false).await.is_err());
        assert!(timeouts.wait(Box::pin(sleep(Duration::ZERO)), false).await.is_ok());
        let timeouts = Timeouts::new(Some(start + 20 * SECOND), 4 * SECOND);
        assert!(timeouts.for_server(Box::pin(sleep(5 * SECOND))).await.is_err());
        assert_eq!(start.elapsed(), 14 * SECOND);
        assert!(timeouts.wait(Box::pin(sleep(5 * SECOND)), false).await.is_ok());
        assert!(timeouts.wait(Box::pin(sleep(5 * SECOND)), false).await.is_err());
        assert_eq!(start.elapsed(), 20 * SECOND);
        let timeouts = Timeouts::new(None, 4 * SECOND);
        assert!(timeouts.wait(Box::pin(sleep(1000 * SECOND)), false).await.is_ok());
    }
}
