//! The HTTP server: accepts connections.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};

use super::exchange::{self, Head};
use super::reply::{Content, Dropped};
use super::shared::Shared;
use super::{control, page};

/// Maximum number of open connections. Further ones wait.
const CONNECTIONS: usize = 4096;

/// Accepts connections until `stop` completes.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, mut stop: oneshot::Receiver<Infallible>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        tokio::select! {
            _ = &mut stop => return,
            Some(_) = connections.join_next() => {}
            (permit, accepted) = accepted => match accepted {
                Ok((stream, peer)) => {
                    let shared = Arc::clone(&shared);
                    connections.spawn(async move {
                        let _permit = permit;
                        converse(stream, peer, shared).await;
                    });
                }
                // For example, too many open files: wait until some are closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

/// Serves a connection.
async fn converse(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    let read_timeout = shared.read_timeout;
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { respond(&shared, request).await }
    });
    // Small responses must not wait for more data.
    drop(stream.set_nodelay(true));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(read_timeout)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

/// Responds to a request.
async fn respond(shared: &Shared, request: Request<Incoming>) -> Result<Response<Content>, Dropped> {
    let (head, mut body) = Head::split(request);
    if let Some(path) = control::path(&head.path) {
        return Ok(control::respond(shared, &head, path, &mut body).await.complete());
    }
    if page::is_requested(&head) {
        return Ok(page::respond().complete());
    }
    exchange::respond(shared, &head, &mut body).await
}
