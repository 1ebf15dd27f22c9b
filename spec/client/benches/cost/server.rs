//! The server, which sends constant responses as fast as it can.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime;

use crate::Failure;

const TOKEN: &str = r#"{"access_token":"a-token-as-long-as-they-are-in-real-life-0123456789","expires_in":604800,"application":"5c1f0a52-3b7d-4e86-9a40-d2f6b8173ce9"}"#;

const USER: &str = r#"{"action":"get","path":"/users","uri":"https://a1.easemob.com/acme/support/users/alice","entities":[{"uuid":"0b6e4f10-27c3-11ef-8d5a-41c7a9e2b360","type":"user","created":1717977600125,"modified":1718064000960,"username":"alice","activated":true,"nickname":"Alice","notification_display_style":1,"notification_no_disturbing":true,"notification_no_disturbing_start":"22","notification_no_disturbing_end":"7","notifier_name":"acme-support-push","device_token":"example-device-token"}],"timestamp":1718067600207,"duration":5,"count":1}"#;

const SENT: &str = r#"{"path":"/messages/users","uri":"https://a1.easemob.com/acme/support/messages/users","timestamp":1718067600207,"organization":"acme","application":"5c1f0a52-3b7d-4e86-9a40-d2f6b8173ce9","action":"post","duration":3,"data":{"bob":"1243760198420170752","carol":"1243760198420170753"},"applicationName":"support"}"#;

pub(crate) fn run() -> Result<(), Failure> {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            println!("http://{}", listener.local_addr()?);
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(respond));
                tokio::spawn(async { connection.await.ok() });
            }
        })
}

async fn respond(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let _ = body.collect().await;
    let path = head.uri.path();
    let text = if path.ends_with("/token") {
        TOKEN
    } else if path.ends_with("/messages/users") {
        SENT
    } else {
        USER
    };
    let mut response = Response::new(Full::from(text));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}
