//! How far a server has come with a body that is read while it is sent.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::Instant;

use crate::runtime::file::stream::Pieces;

/// When the last piece of a body was taken.
#[derive(Clone)]
pub(super) struct Intake(Arc<Mutex<Last>>);

enum Last {
    /// A piece, or the end, was handed out.
    Taken(Instant),
    /// One was asked for, and is not there yet: nobody can blame the server.
    Awaited,
}

impl Intake {
    /// Watches how pieces are taken.
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

    /// Since when the server has had something to do.
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
