//! A backend that receives webhooks.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// Decides about the response to a body: its status and its body.
type Respond = dyn Fn(usize, &[u8]) -> (u16, String) + Send + Sync;

/// An HTTP server that keeps the bodies it receives.
pub struct Receiver {
    url: String,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Receiver {
    /// Starts a server that accepts all webhooks.
    pub async fn start() -> Self {
        Self::responding(|_, _| (200, "ok".to_owned())).await
    }

    /// Starts a server with a function that gets the number of the request, from 0, and its body.
    pub async fn responding(respond: impl Fn(usize, &[u8]) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let bodies = Arc::default();
        tokio::spawn(accept(listener, Arc::clone(&bodies), Arc::new(respond)));
        Self { url, bodies }
    }

    /// Returns the URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the bodies so far.
    pub fn bodies(&self) -> Vec<Vec<u8>> {
        self.bodies.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, bodies: Arc<Mutex<Vec<Vec<u8>>>>, respond: Arc<Respond>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (bodies, respond) = (Arc::clone(&bodies), Arc::clone(&respond));
        let service = service_fn(move |request| {
            let (bodies, respond) = (Arc::clone(&bodies), Arc::clone(&respond));
            async move { Ok::<_, Infallible>(receive(request, &bodies, &*respond).await) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn receive(request: Request<Incoming>, bodies: &Mutex<Vec<Vec<u8>>>, respond: &Respond) -> Response<Full<Bytes>> {
    let is_json = request.headers().get("content-type").unwrap() == "application/json";
    assert!(request.method() == "POST" && is_json, "{request:?}");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let number = {
        let mut bodies = bodies.lock().unwrap();
        bodies.push(body.to_vec());
        bodies.len() - 1
    };
    let (status, text) = respond(number, &body);
    Response::builder()
        .status(status)
        .body(Full::new(Bytes::from(text)))
        .unwrap()
}
