//! A server that misbehaves as scripted. It writes to the socket itself, since no HTTP library would do that.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A received request.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The request line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Sends a correct response.
    Respond(u16, &'static [(&'static str, &'static str)], String),
    /// Does something after a delay.
    Delay(Duration, Box<Act>),
    /// Sends these bytes and closes the connection.
    Raw(Vec<u8>),
    /// Sends a head, then this piece so many times, and closes the connection.
    Repeat(String, Vec<u8>, usize),
    /// Sends a head, then one byte at each interval, forever.
    Drip(String, Duration),
    /// Sends these bytes, then nothing more.
    Stall(Vec<u8>),
    /// Closes the connection without a response.
    Close,
    /// Sends these bytes and resets the connection.
    Reset(Vec<u8>),
}

impl Act {
    /// Sends a JSON response.
    pub(crate) fn ok(body: &str) -> Self {
        Self::Respond(200, &[], body.to_owned())
    }

    /// Sends an error response.
    pub(crate) fn error(status: u16, body: &str) -> Self {
        Self::Respond(status, &[], body.to_owned())
    }

    /// Returns a raw response whose `content-length` may differ from the length of the body.
    pub(crate) fn wire(length: usize, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into()
    }
}

/// A server on a free local port that runs until the end of the test.
#[derive(Debug)]
pub(crate) struct Script {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Received>>>,
}

impl Script {
    /// Starts a server. The script gets the number of each request, starting at 0.
    pub(crate) async fn run(script: impl Fn(usize, &Received) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (script, requests) = (Arc::new(script), Arc::new(Mutex::new(Vec::new())));
        let log = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                tokio::spawn(async move {
                    // A client may close the connection at any time.
                    let _ = serve(stream, &*script, &log).await;
                });
            }
        });
        Self { address, requests }
    }

    /// Returns the base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the requests so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the number of requests so far.
    pub(crate) fn count(&self) -> usize {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

async fn serve(
    stream: TcpStream,
    script: &(dyn Fn(usize, &Received) -> Act + Send + Sync),
    log: &Mutex<Vec<Received>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let received = read(&mut stream).await?;
        let mut act = {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            let act = script(log.len(), &received);
            log.push(received);
            act
        };
        while let Act::Delay(time, then) = act {
            tokio::time::sleep(time).await;
            act = *then;
        }
        if !perform(stream.get_mut(), act).await? {
            return Ok(());
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok(Received { head, body })
}

/// Performs an act. Returns `true` if the connection stays open.
async fn perform(stream: &mut TcpStream, act: Act) -> std::io::Result<bool> {
    match act {
        Act::Respond(status, headers, body) => {
            let mut text = format!("HTTP/1.1 {status} Whatever\r\n");
            for (name, value) in headers {
                text = text + name + ": " + value + "\r\n";
            }
            text = text + "content-length: " + &body.len().to_string() + "\r\n\r\n" + body.as_ref();
            stream.write_all(text.as_bytes()).await?;
            return Ok(true);
        }
        Act::Raw(bytes) => stream.write_all(&bytes).await?,
        Act::Repeat(head, piece, times) => {
            stream.write_all(head.as_bytes()).await?;
            for _ in 0..times {
                stream.write_all(&piece).await?;
            }
        }
        Act::Drip(head, pause) => {
            stream.write_all(head.as_bytes()).await?;
            loop {
                tokio::time::sleep(pause).await;
                stream.write_all(b" ").await?;
            }
        }
        Act::Stall(bytes) => {
            stream.write_all(&bytes).await?;
            std::future::pending::<()>().await;
        }
        Act::Reset(bytes) => {
            stream.write_all(&bytes).await?;
            stream.set_zero_linger()?;
        }
        Act::Close | Act::Delay(..) => {}
    }
    Ok(false)
}
