//! A client that does as little as possible, so that most of the time is the server's.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Failure;

/// The base path of the default app.
pub(crate) const APP: &str = "/acme/support";

/// A call of an operation.
pub(crate) struct Call {
    method: &'static str,
    /// Below the base path.
    path: String,
    body: String,
}

impl Call {
    pub(crate) fn get(path: &str) -> Self {
        Self {
            method: "GET",
            path: path.to_owned(),
            body: String::new(),
        }
    }

    pub(crate) fn post(path: &str, body: &Value) -> Self {
        Self {
            method: "POST",
            path: path.to_owned(),
            body: body.to_string(),
        }
    }

    /// Returns the call with a base path and a token as it is sent.
    pub(crate) fn wire(&self, base: &str, token: &str) -> Vec<u8> {
        let Self { method, path, body } = self;
        let length = body.len();
        let json = if body.is_empty() {
            ""
        } else {
            "content-type: application/json\r\n"
        };
        let head = format!(
            "{method} {base}{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n{json}content-length: {length}\r\n\r\n"
        );
        (head + body).into_bytes()
    }
}

/// A connection that is kept open.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let received = Vec::new();
        Ok(Self { stream, received })
    }

    /// Sends a request, and returns the body of the response.
    ///
    /// # Errors
    ///
    /// Fails if the status is not 200.
    pub(crate) async fn call(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        let mut rest = request;
        while !rest.is_empty() {
            match self.stream.try_write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        self.received.clear();
        loop {
            self.stream.readable().await?;
            match self.stream.try_read_buf(&mut self.received) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error),
            }
            if let Some(body) = complete(&self.received) {
                if self.received.starts_with(b"HTTP/1.1 200") {
                    return Ok(&self.received[body..]);
                }
                return Err(io::Error::other(String::from_utf8_lossy(&self.received).into_owned()));
            }
        }
    }
}

/// Returns the start of the body if a response is complete.
fn complete(response: &[u8]) -> Option<usize> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&response[..end]).ok()?;
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let (_, length) = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    let length: usize = length.trim().parse().ok()?;
    (response.len() >= end + length).then_some(end)
}

/// Returns a runtime for the clients, which use one core.
pub(crate) fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Returns an app token.
pub(crate) async fn token(address: SocketAddr) -> Result<String, Failure> {
    let grant = json!({
        "grant_type": "client_credentials",
        "client_id": "example-client-id",
        "client_secret": "example-client-secret",
    });
    let mut connection = Connection::open(address).await?;
    let granted: Value = serde_json::from_slice(connection.call(&Call::post("/token", &grant).wire(APP, "")).await?)?;
    Ok(granted["access_token"].as_str().ok_or("there is no token")?.to_owned())
}

/// Repeats a request over some connections. Returns the number of calls per second.
pub(crate) async fn rate(
    address: SocketAddr,
    request: &[u8],
    connections: usize,
    time: Duration,
) -> Result<f64, Failure> {
    let mut clients = JoinSet::new();
    let started = Instant::now();
    for _ in 0..connections {
        let request = request.to_vec();
        clients.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut count = 0_u32;
            while started.elapsed() < time {
                connection.call(&request).await?;
                count += 1;
            }
            io::Result::Ok(count)
        });
    }
    let mut calls = 0.0;
    while let Some(count) = clients.join_next().await {
        calls += f64::from(count??);
    }
    Ok(calls / started.elapsed().as_secs_f64())
}
