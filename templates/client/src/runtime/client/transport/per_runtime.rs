//! HTTP clients for several runtimes.

use std::error::Error as StdError;
use std::sync::{PoisonError, RwLock};

use tokio::runtime::{Handle, Id};

use super::{Body, Carried, Carrier, HttpSettings, TransportFuture};
use crate::runtime::error::{Error, ErrorKind};

/// Maximum number of runtimes whose connections are kept.
const MOST: usize = 128;

/// Receive windows of an HTTP/2 stream and connection in bytes. A download that is not read for a while must not block other
/// streams of its connection.
pub(super) const STREAM_WINDOW: u32 = 1 << 20;
pub(super) const CONNECTION_WINDOW: u32 = 64 << 20;

/// An HTTP client for each Tokio runtime: a connection makes progress only while the runtime that opened it is running.
pub(super) struct PerRuntime<T> {
    settings: HttpSettings,
    make: fn(HttpSettings) -> Result<T, Error>,
    /// The client that is made first belongs to no runtime until it is used.
    made: RwLock<Vec<(Option<Id>, T)>>,
}

impl<T: Carrier> PerRuntime<T> {
    pub(super) fn new(settings: HttpSettings, make: fn(HttpSettings) -> Result<T, Error>) -> Result<Self, Error> {
        Ok(Self {
            settings,
            make,
            made: RwLock::new(vec![(None, make(settings)?)]),
        })
    }

    /// Makes a client for a runtime and sends a request with it.
    #[cold]
    fn send_first(&self, id: Id, request: http::Request<Body>) -> Carried {
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(unused) = made.iter_mut().find(|(owner, _)| owner.is_none()) {
            unused.0 = Some(id);
            return unused.1.carry(request);
        }
        let client = match (self.make)(self.settings) {
            Ok(client) => client,
            Err(error) => return Carried::Boxed(failed(error)),
        };
        let sent = client.carry(request);
        if made.len() == MOST {
            made.remove(0);
        }
        made.push((Some(id), client));
        sent
    }
}

impl<T: Carrier> Carrier for PerRuntime<T> {
    fn carry(&self, request: http::Request<Body>) -> Carried {
        let id = match Handle::try_current() {
            Ok(runtime) => runtime.id(),
            Err(error) => return Carried::Boxed(failed(error)),
        };
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = made.iter().find(|(owner, _)| *owner == Some(id)) {
            return client.carry(request);
        }
        drop(made);
        self.send_first(id, request)
    }
}

pub(super) fn failed(error: impl StdError + Send + Sync + 'static) -> TransportFuture {
    Box::pin(std::future::ready(Err(Error::transport(ErrorKind::Unsendable, error))))
}

/// Returns `true` if an HTTP/2 server refused a request without processing it (RFC 9113, 8.7): by `REFUSED_STREAM`, or by a
/// `GOAWAY` whose last stream is an earlier one. h2 reports a `GOAWAY` of the server only to the streams that it excludes.
pub(super) fn is_refused(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let is_refused = error.reason() == Some(h2::Reason::REFUSED_STREAM);
            return error.is_remote() && (error.is_go_away() || is_refused);
        }
        next = error.source();
    }
    false
}
