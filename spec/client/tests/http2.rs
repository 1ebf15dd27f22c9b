//! A shared HTTP/2 connection: one stream must not block all calls.

// Other systems do not read root certificates from a variable.
#![cfg(all(feature = "client", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use easemob::Client;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
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
        let certificate = CertificateDer::from_pem_file(folder.join("certificate.pem")).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).expect("a key");
        let mut tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("they belong together");
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(tls));
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

fn client(address: SocketAddr) -> Client {
    Client::builder("acme", "support")
        .base_url(format!("https://{address}"))
        .no_proxy()
        .token("fixed")
        .read_timeout(Duration::from_secs(3))
        .build()
        .expect("a client")
}

#[tokio::test]
async fn a_dead_connection_is_replaced() {
    let Some(folder) = trusting("a_dead_connection_is_replaced") else {
        return;
    };
    let (server, address) = Server::run(&folder).await;
    let client = client(address);
    client.users().get("alice").await.expect("a user");
    server.freeze.notify_one();

    // All calls use the one open connection, not only the first.
    let calls = (0..8).map(|_| async { client.users().get("alice").await });
    for outcome in futures_util::future::join_all(calls).await {
        outcome.expect("a user");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn unread_files_do_not_block_other_calls() {
    let Some(folder) = trusting("unread_files_do_not_block_other_calls") else {
        return;
    };
    let (server, address) = Server::run(&folder).await;
    let client = client(address);
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
