//! HTTP/2: streams of a shared connection must not block each other, and refused requests are sent again.

// Other systems do not read root certificates from a variable.
#![cfg(all(any(feature = "hyper", feature = "reqwest"), target_os = "linux"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use easemob::types::TextBody;
use easemob::{Client, Error, ErrorKind};
use http::header::HOST;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const USER: &[u8] = br#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;
const PIECE: usize = 16 * 1024;
/// More than fits into the receive windows.
const FILE: usize = 4 << 20;

/// Trusted certificates are set by an environment variable, which a test cannot set for itself. Starts the test of this name
/// as a new process with the variable. Returns the folder of certificate and key in that process, and `None` in this one.
fn trusting(test: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("EASEMOB_TEST_CERTIFICATE") {
        return Some(folder.into());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let certificate = folder.path().join("certificate.pem");
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).expect("written");
    let ran = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture"])
        .env("SSL_CERT_FILE", &certificate)
        .env_remove("SSL_CERT_DIR")
        .env("EASEMOB_TEST_CERTIFICATE", folder.path())
        .output()
        .expect("it runs");
    let printed = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && printed.contains("1 passed"), "{printed}");
    None
}

/// Accepts TLS connections for HTTP/2.
fn acceptor(folder: &Path) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(folder.join("certificate.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).expect("a key");
    let mut tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they belong together");
    tls.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(tls))
}

/// An HTTP/2 server with TLS.
#[derive(Default)]
struct Server {
    connections: AtomicUsize,
    /// Stops serving the first connection, without closing it.
    freeze: Notify,
    /// Number of bytes of files sent so far.
    sent: Arc<AtomicUsize>,
}

impl Server {
    async fn run(folder: &Path) -> (Arc<Self>, SocketAddr) {
        let acceptor = acceptor(folder);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = Arc::new(Self::default());
        let shared = Arc::clone(&server);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                tokio::spawn(Arc::clone(&shared).serve(acceptor.clone(), stream));
            }
        });
        (server, address)
    }

    async fn serve(self: Arc<Self>, acceptor: TlsAcceptor, stream: TcpStream) {
        let stream = acceptor.accept(stream).await.expect("it trusts the certificate");
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        let service = service_fn(|request| std::future::ready(Ok::<_, Infallible>(self.respond(&request))));
        let mut served =
            pin!(http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service));
        let mut freeze = pin!(self.freeze.notified());
        let frozen = poll_fn(|context| {
            if number == 0 && freeze.as_mut().poll(context).is_ready() {
                return Poll::Ready(true);
            }
            served.as_mut().poll(context).map(|_| false)
        });
        if frozen.await {
            // The connection stays open, but gets no response.
            pending::<()>().await;
        }
    }

    fn respond(&self, request: &Request<Incoming>) -> Response<Content> {
        assert!(
            !request.headers().contains_key(HOST),
            "HTTP/2 has a field of its own for the host"
        );
        if !request.uri().path().contains("/chatfiles/") {
            let left = USER.len();
            let sent = Arc::new(AtomicUsize::new(0));
            return Response::new(Content {
                left,
                piece: USER,
                sent,
            });
        }
        Response::new(Content {
            left: FILE,
            piece: &[b'x'; PIECE],
            sent: Arc::clone(&self.sent),
        })
    }

    /// Waits until the files fill the receive windows.
    async fn full(&self) -> usize {
        let mut before = 0;
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let sent = self.sent.load(Ordering::SeqCst);
            if sent > 0 && sent == before {
                return sent;
            }
            before = sent;
        }
    }
}

/// A body of a known length, in equal chunks.
struct Content {
    left: usize,
    piece: &'static [u8],
    sent: Arc<AtomicUsize>,
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= self.piece.len();
        self.sent.fetch_add(self.piece.len(), Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(self.piece)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left as u64)
    }
}

/// Returns a client for each of the enabled HTTP clients. It waits for long, since the machine may be busy.
fn clients(address: SocketAddr) -> Vec<Client> {
    reading(address, Duration::from_secs(30))
}

/// Returns a client with this read timeout for each of the enabled HTTP clients.
fn reading(address: SocketAddr, read_timeout: Duration) -> Vec<Client> {
    let builder = || {
        Client::builder("acme", "support")
            .base_url(format!("https://{address}"))
            .no_proxy()
            .token("fixed")
            .read_timeout(read_timeout)
    };
    vec![
        #[cfg(feature = "reqwest")]
        builder().build().expect("a client"),
        #[cfg(feature = "hyper")]
        builder().hyper().build().expect("a client"),
    ]
}

#[tokio::test]
async fn a_dead_connection_is_replaced() {
    let Some(folder) = trusting("a_dead_connection_is_replaced") else {
        return;
    };
    for number in 0..clients(([127, 0, 0, 1], 1).into()).len() {
        let (server, address) = Server::run(&folder).await;
        let client = reading(address, Duration::from_secs(3)).swap_remove(number);
        client.users().get("alice").await.expect("a user");
        server.freeze.notify_one();

        // All calls use the one open connection, not only the first.
        let calls = (0..8).map(|_| async { client.users().get("alice").await });
        for outcome in futures_util::future::join_all(calls).await {
            outcome.expect("a user");
        }
        assert!(
            server.connections.load(Ordering::SeqCst) > 1,
            "the first connection is dead"
        );
    }
}

#[tokio::test]
async fn unread_files_do_not_block_other_calls() {
    let Some(folder) = trusting("unread_files_do_not_block_other_calls") else {
        return;
    };
    let (server, address) = Server::run(&folder).await;
    let client = clients(address).swap_remove(0);
    let mut downloads = Vec::new();
    for _ in 0..8 {
        downloads.push(client.messages().download_file("f").await.expect("a download"));
    }
    let sent = server.full().await;
    assert!(sent < downloads.len() * FILE / 2, "{sent} bytes of unread files");

    client.users().get("alice").await.expect("a user");
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    for mut download in downloads {
        let copied = download.copy_to(tokio::io::sink()).await.expect("the file");
        assert_eq!(copied, FILE as u64);
    }
}

const SENT: &[u8] = br#"{"data":{"bob":"1"}}"#;

/// What a server does with a request.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// Responds.
    Respond,
    /// Resets the stream with an error code.
    Reset(u8),
    /// Sends the head of a response, then resets the stream with an error code.
    Break(u8),
    /// Says that the streams before this one were the last to be processed.
    GoAway,
    /// Says that this stream was the last to be processed, and closes the connection.
    Leave,
}

/// Starts a server that handles requests as scripted, and repeats the last deed. Returns its address and the number of requests.
async fn scripted(folder: &Path, deeds: &[Deed]) -> (SocketAddr, Arc<AtomicUsize>) {
    let acceptor = acceptor(folder);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (count, deeds) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(deeds.to_vec())));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, deeds, count) = (acceptor.clone(), Arc::clone(&deeds), Arc::clone(&counted));
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.expect("TLS");
                let next = || {
                    count.fetch_add(1, Ordering::SeqCst);
                    let mut deeds = deeds.lock().expect("no panic");
                    if deeds.len() > 1 { deeds.remove(0) } else { deeds[0] }
                };
                // A client may close the connection at any time.
                let _ = perform(stream, next).await;
            });
        }
    });
    (address, count)
}

/// Writes a frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Serves a connection by hand: no HTTP library would refuse requests like this.
async fn perform(
    mut stream: tokio_rustls::server::TlsStream<TcpStream>,
    mut next: impl FnMut() -> Deed,
) -> std::io::Result<()> {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const RESET: u8 = 3;
    const SETTINGS: u8 = 4;
    const PING: u8 = 6;
    const GO_AWAY: u8 = 7;
    stream.read_exact(&mut [0; 24]).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    let mut is_responding = false;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        stream.read_exact(&mut payload).await?;
        let (kind, flags) = (head[3], head[4]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let is_end = flags & 1 != 0;
        let coded = |code: u8| [0, 0, 0, code];
        let go_away = |last: u32| frame(GO_AWAY, 0, 0, &[last.to_be_bytes(), coded(0)].concat());
        // `:status: 200`
        let ok = frame(HEADERS, 4, id, &[0x88]);
        match kind {
            SETTINGS if !is_end => stream.write_all(&frame(SETTINGS, 1, 0, &[])).await?,
            PING if !is_end => stream.write_all(&frame(PING, 1, 0, &payload)).await?,
            HEADERS => match next() {
                Deed::Respond => is_responding = true,
                Deed::Reset(code) => stream.write_all(&frame(RESET, 0, id, &coded(code))).await?,
                Deed::Break(code) => {
                    stream.write_all(&ok).await?;
                    stream.write_all(&frame(RESET, 0, id, &coded(code))).await?;
                }
                Deed::GoAway => stream.write_all(&go_away(id.saturating_sub(2))).await?,
                Deed::Leave => {
                    stream.write_all(&go_away(id)).await?;
                    return stream.shutdown().await;
                }
            },
            _ => {}
        }
        if is_responding && is_end && matches!(kind, HEADERS | DATA) {
            is_responding = false;
            stream.write_all(&ok).await?;
            let body = if kind == HEADERS { USER } else { SENT };
            stream.write_all(&frame(DATA, 1, id, body)).await?;
        }
        stream.flush().await?;
    }
}

async fn send(client: &Client) -> Result<(), Error> {
    let sent = client.messages().send_to_users(["bob"], TextBody::new("hi"));
    sent.await.map(drop)
}

/// `REFUSED_STREAM`
const REFUSED: u8 = 7;

#[tokio::test]
async fn refused_requests_are_sent_again() {
    let Some(folder) = trusting("refused_requests_are_sent_again") else {
        return;
    };
    for deeds in [
        &[Deed::Reset(REFUSED), Deed::Respond][..],
        &[Deed::GoAway, Deed::Respond],
        &[Deed::Reset(REFUSED), Deed::GoAway, Deed::Respond],
        &[Deed::GoAway, Deed::Reset(REFUSED), Deed::Respond],
    ] {
        for number in 0..clients(([127, 0, 0, 1], 1).into()).len() {
            let (address, count) = scripted(&folder, deeds).await;
            let client = clients(address).swap_remove(number);
            send(&client)
                .await
                .unwrap_or_else(|error| panic!("{deeds:?}: {error:?}"));
            assert_eq!(count.load(Ordering::SeqCst), deeds.len(), "{deeds:?}");

            // After a request that was processed, too.
            let (address, count) = scripted(&folder, &[&[Deed::Respond], deeds].concat()).await;
            let client = clients(address).swap_remove(number);
            client.users().get("alice").await.expect("a user");
            let user = client.users().get("alice").send().await.expect("a user");
            assert_eq!(user.raw().attempts() as usize, deeds.len(), "{deeds:?}");
            assert_eq!(count.load(Ordering::SeqCst), deeds.len() + 1, "{deeds:?}");
        }
    }
}

#[tokio::test]
async fn refused_requests_have_no_effect() {
    let Some(folder) = trusting("refused_requests_have_no_effect") else {
        return;
    };
    for deed in [Deed::Reset(REFUSED), Deed::GoAway] {
        for number in 0..clients(([127, 0, 0, 1], 1).into()).len() {
            let (address, count) = scripted(&folder, &[deed]).await;
            let client = clients(address).swap_remove(number);
            for outcome in [send(&client).await, client.users().delete("alice").await.map(drop)] {
                let error = outcome.expect_err("refused");
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::Refused, 3), "{error:?}");
                assert!(!error.may_have_taken_effect() && error.is_retryable(), "{error}");
            }
            assert_eq!(count.load(Ordering::SeqCst), 6);
        }
    }
}

#[tokio::test]
async fn other_failures_stay_unclear() {
    let Some(folder) = trusting("other_failures_stay_unclear") else {
        return;
    };
    // Internal error, cancelled, enhance your calm, HTTP/1.1 required.
    let resets = [2, 8, 11, 13].map(Deed::Reset);
    for deed in resets.into_iter().chain([Deed::Leave, Deed::Break(REFUSED)]) {
        for number in 0..clients(([127, 0, 0, 1], 1).into()).len() {
            let (address, count) = scripted(&folder, &[deed]).await;
            let client = clients(address).swap_remove(number);
            let error = send(&client).await.expect_err("a failure");
            assert_eq!(
                (error.kind(), error.attempts()),
                (ErrorKind::Interrupted, 1),
                "{deed:?}: {error:?}"
            );
            assert!(error.may_have_taken_effect(), "{deed:?}");
            assert_eq!(count.load(Ordering::SeqCst), 1, "{deed:?}");
        }
    }
}
