//! The HTTP server: accepts connections.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};

use super::exchange::{self, Head};
use super::reply::{Content, Dropped};
use super::shared::Shared;
use super::write_timeout::WriteTimeout;
use super::{control, page};

/// Maximum number of connections that are served.
const SERVED: usize = 4096;

/// Maximum number of connections beyond those. They get an error and are closed; further ones wait to be accepted.
const EXCESS: usize = 1024;

/// Time in which a connection beyond the maximum must send a request, to get the error as its response.
const EXCESS_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    /// `true` if it is one of those beyond the maximum.
    is_excess: bool,
}

/// Accepts connections until `stop` completes.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, mut stop: oneshot::Receiver<Infallible>) {
    let (served, excess) = (Arc::new(Semaphore::new(SERVED)), Arc::new(Semaphore::new(EXCESS)));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = async {
            let reserve = Arc::clone(&excess).acquire_owned().await;
            (reserve, listener.accept().await)
        };
        tokio::select! {
            _ = &mut stop => return,
            Some(_) = connections.join_next() => {}
            (reserve, accepted) = accepted => match accepted {
                Ok((stream, peer)) => {
                    let place = Arc::clone(&served).try_acquire_owned().ok();
                    let shared = Arc::clone(&shared);
                    let connection = Connection { stream, peer, shared, is_excess: place.is_none() };
                    let permit = place.or(reserve.ok());
                    connections.spawn(async move {
                        let _permit = permit;
                        connection.converse().await;
                    });
                }
                // For example, too many open files: wait until some are closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

impl Connection {
    /// Serves the connection.
    async fn converse(self) {
        let Self {
            stream,
            peer,
            shared,
            is_excess,
        } = self;
        let limit = if is_excess { EXCESS_TIMEOUT } else { shared.read_timeout };
        let timeout = shared.read_timeout.min(limit);
        let state = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let shared = Arc::clone(&state);
            async move { respond(&shared, request, is_excess).await }
        });
        // Small responses must not wait for more data.
        drop(stream.set_nodelay(true));
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(timeout)
            .serve_connection(TokioIo::new(WriteTimeout::new(stream, timeout)), service);
        let Err(error) = (&mut connection).await else {
            return;
        };
        tracing::debug!(%peer, %error, "connection ended");
        let http1::Parts { io, read_buf, .. } = connection.into_parts();
        // An idle connection is closed without a response, which its client would take for that to its next request.
        if error.is_timeout() && (is_excess || !read_buf.is_empty()) {
            io.into_inner().send(&exchange::late(&shared, is_excess));
        }
    }
}

/// Responds to a request.
async fn respond(shared: &Shared, request: Request<Incoming>, is_excess: bool) -> Result<Response<Content>, Dropped> {
    let (head, mut body) = Head::split(request);
    if is_excess {
        return Ok(exchange::turn_away(shared, &head, &mut body).await.complete());
    }
    if let Some(path) = control::path(&head.path) {
        return Ok(control::respond(shared, &head, path, &mut body).await.complete());
    }
    if page::is_requested(&head) {
        return Ok(page::respond().complete());
    }
    exchange::respond(shared, &head, &mut body).await
}
