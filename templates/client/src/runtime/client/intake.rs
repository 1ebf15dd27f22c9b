//! Tracks how a server accepts a body that is read while it is sent.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::Instant;

use crate::runtime::file::stream::Pieces;

/// The time when the last chunk of a body was taken.
#[derive(Clone)]
pub(super) struct Intake(Arc<Mutex<Last>>);

enum Last {
    /// A chunk, or the end, was handed out.
    Taken(Instant),
    /// The next chunk is requested but not ready: the server is not to blame for the wait.
    Awaited,
}

impl Intake {
    /// Tracks when the chunks of a body are taken.
    pub(super) fn of(mut pieces: Pieces) -> (Pieces, Self) {
        let intake = Self(Arc::new(Mutex::new(Last::Taken(Instant::now()))));
        let noted = intake.clone();
        let pieces = stream::poll_fn(move |context| {
            let piece = pieces.poll_next_unpin(context);
            noted.note(if piece.is_ready() {
                Last::Taken(Instant::now())
            } else {
                Last::Awaited
            });
            piece
        });
        (Pieces::new(pieces), intake)
    }

    /// Returns since when the server has been responsible for the wait.
    pub(super) fn since(&self) -> Instant {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Last::Taken(when) => when,
            Last::Awaited => Instant::now(),
        }
    }

    fn note(&self, last: Last) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }
}
