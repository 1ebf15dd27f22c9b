//! A server that misbehaves as a script says: it speaks to the socket itself, so that it can do what no HTTP library does.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The request line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Answers as it should.
    Answer(u16, &'static [(&'static str, &'static str)], String),
    /// Answers after a while.
    Late(Duration, Box<Act>),
    /// Sends these bytes, and hangs up.
    Raw(Vec<u8>),
    /// Sends a head, then this piece so many times, and hangs up.
    Repeat(String, Vec<u8>, usize),
    /// Sends a head, then a byte each time so much has passed, without end.
    Drip(String, Duration),
    /// Sends these bytes, and says nothing more.
    Stall(Vec<u8>),
    /// Hangs up without a word.
    Close,
    /// Resets the connection, after these bytes.
    Reset(Vec<u8>),
}

impl Act {
    /// A JSON answer.
    pub(crate) fn ok(body: &str) -> Self {
        Self::Answer(200, &[], body.to_owned())
    }

    /// A refusal.
    pub(crate) fn refuse(status: u16, body: &str) -> Self {
        Self::Answer(status, &[], body.to_owned())
    }

    /// A whole answer on the wire, that announces more or less than there is if `length` says so.
    pub(crate) fn wire(length: usize, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into()
    }
}

/// A server on a free port of this machine, for as long as the test runs.
#[derive(Debug)]
pub(crate) struct Script {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Script {
    /// Does to the request of each number, from 0 on, what the script says.
    pub(crate) async fn run(script: impl Fn(usize, &Asked) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (script, asked) = (Arc::new(script), Arc::new(Mutex::new(Vec::new())));
        let noted = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, noted) = (Arc::clone(&script), Arc::clone(&noted));
                tokio::spawn(async move {
                    // A client may hang up at any time.
                    let _ = serve(stream, &*script, &noted).await;
                });
            }
        });
        Self { address, asked }
    }

    /// The base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests there were.
    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

async fn serve(
    stream: TcpStream,
    script: &(dyn Fn(usize, &Asked) -> Act + Send + Sync),
    noted: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let asked = read(&mut stream).await?;
        let mut act = {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            let act = script(noted.len(), &asked);
            noted.push(asked);
            act
        };
        while let Act::Late(time, then) = act {
            tokio::time::sleep(time).await;
            act = *then;
        }
        if !perform(stream.get_mut(), act).await? {
            return Ok(());
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Asked> {
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
    Ok(Asked { head, body })
}

/// Does as told; says whether the connection goes on.
async fn perform(stream: &mut TcpStream, act: Act) -> std::io::Result<bool> {
    match act {
        Act::Answer(status, headers, body) => {
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
        Act::Close | Act::Late(..) => {}
    }
    Ok(false)
}
