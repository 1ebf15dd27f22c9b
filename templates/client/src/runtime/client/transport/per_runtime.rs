//! HTTP clients for several runtimes.

use std::error::Error as StdError;
use std::future::ready;
use std::sync::{Arc, Mutex};

use tokio::runtime::{Handle, Id};

use super::{Body, BoxError, HttpSettings, Transport, TransportFuture};
use crate::runtime::client::lock;
use crate::runtime::error::{Error, ErrorKind};

/// Maximum number of runtimes whose connections are kept.
const MOST: usize = 128;

/// Receive windows of an HTTP/2 stream and connection in bytes. A download that is not read for a while must not block other
/// streams of its connection.
pub(super) const STREAM_WINDOW: u32 = 1 << 20;
pub(super) const CONNECTION_WINDOW: u32 = 64 << 20;

/// An HTTP client for each Tokio runtime: a connection makes progress only while the runtime that opened it is running.
struct PerRuntime<T> {
    settings: HttpSettings,
    make: fn(HttpSettings) -> Result<T, Error>,
    /// The first client belongs to no runtime until it is used.
    made: Mutex<Vec<(Option<Id>, Arc<T>)>>,
}

/// Makes an HTTP client for each runtime, and the first one at once.
pub(crate) fn new<T: Transport + 'static>(
    settings: HttpSettings,
    make: fn(HttpSettings) -> Result<T, Error>,
) -> Result<Arc<dyn Transport>, Error> {
    let made = Mutex::new(vec![(None, Arc::new(make(settings)?))]);
    Ok(Arc::new(PerRuntime { settings, make, made }))
}

impl<T> PerRuntime<T> {
    /// Returns the client of the current runtime.
    fn client(&self) -> Result<Arc<T>, BoxError> {
        let id = Handle::try_current()?.id();
        let mut made = lock(&self.made);
        let known = made.iter_mut().find(|(owner, _)| owner.is_none_or(|owner| owner == id));
        if let Some((owner, client)) = known {
            *owner = Some(id);
            return Ok(Arc::clone(client));
        }
        let client = Arc::new((self.make)(self.settings)?);
        made.push((Some(id), Arc::clone(&client)));
        if made.len() > MOST {
            made.remove(0);
        }
        Ok(client)
    }
}

impl<T: Transport> Transport for PerRuntime<T> {
    fn send(&self, request: http::Request<Body>) -> TransportFuture {
        match self.client() {
            Ok(client) => client.send(request),
            Err(error) => Box::pin(ready(Err(Error::transport(ErrorKind::Unsendable, error)))),
        }
    }
}

/// Returns `true` if an HTTP/2 server refused a request without processing it (RFC 9113, 8.7): by `REFUSED_STREAM`, or by a
/// `GOAWAY` whose last stream is an earlier one. h2 reports a `GOAWAY` of the server only to the streams that it excludes.
pub(super) fn is_refused(error: &(dyn StdError + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    let cause = causes.find_map(|error| error.downcast_ref::<h2::Error>());
    cause.is_some_and(|error| {
        error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
    })
}
