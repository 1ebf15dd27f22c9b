//! Uploads and downloads: progress, broken downloads, and files on disk.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use easemob::{Client, Error, ErrorKind, File, RetryPolicy};
use futures_util::StreamExt as _;
use script::{Act, Script};
use support::{Seen, Server, json_response};

const CONTENT: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const TAGGED: &str = "etag: \"v1\"\r\n";

fn client(server: &Script) -> Client {
    support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
        .read_timeout(Duration::from_millis(500))
        .retry(RetryPolicy::new().base_delay(Duration::from_millis(1)))
        .build()
        .expect("a client")
}

/// A response that announces this length and ends after these bytes.
fn stops(status: u16, headers: &str, length: usize, bytes: &str) -> Act {
    let head = format!("HTTP/1.1 {status} Whatever\r\n{headers}content-length: {length}\r\n\r\n");
    Act::Raw((head + bytes).into())
}

fn whole(headers: &str, bytes: &str) -> Act {
    stops(200, headers, bytes.len(), bytes)
}

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("easemob-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("file")
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("the folder");
        entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file")
}

async fn copied(client: &Client) -> (Result<u64, Error>, String) {
    let mut content = Vec::new();
    let mut download = client.messages().download_file("f").await.expect("a download");
    let outcome = download.copy_to(&mut content).await;
    (outcome, String::from_utf8(content).expect("text"))
}

async fn saved(client: &Client, path: &Path) -> Result<u64, Error> {
    client.messages().download_file("f").await?.save(path).await
}

/// A source that stays open, such as a socket, must not delay a complete upload.
#[tokio::test]
async fn a_source_that_stays_open_ends_at_its_length() -> Result<(), Error> {
    use tokio::io::AsyncWriteExt as _;

    let server = Server::replay(200, r#"{"entities":[{"uuid":"f1"}]}"#).await;
    let (mut writer, reader) = tokio::io::duplex(64);
    writer.write_all(b"0123456789").await.expect("room");
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("t");
    let client = client.read_timeout(Duration::from_secs(1)).build()?;
    let file = File::reader("ten", reader).length(10);
    let upload = async { client.messages().upload_file(file).await };
    let uploaded = tokio::time::timeout(Duration::from_secs(10), upload).await;
    assert_eq!(uploaded.expect("it ends")?.uuid.as_str(), "f1");
    drop(writer);
    Ok(())
}

#[tokio::test]
async fn the_url_of_a_file_is_available() {
    let server = Script::run(|_, _| Act::ok("")).await;
    let client = client(&server);
    let url = |id: &str| client.messages().download_file(id).share_secret("hidden").file_url();
    assert_eq!(
        url("a/b ?").expect("a URL"),
        format!("{}/acme/support/chatfiles/a%2Fb%20%3F", server.url())
    );
    assert_eq!(url("").expect_err("an ID").kind(), ErrorKind::InvalidArgument);
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_broken_download_fails() -> Result<(), Error> {
    let folder = Folder::new("broken");
    for (act, kind) in [
        (stops(200, TAGGED, 36, &CONTENT[..10]), ErrorKind::Interrupted),
        (stops(206, "", 36, &CONTENT[..10]), ErrorKind::Interrupted),
        (Act::Reset(Act::wire(36, &CONTENT[..10])), ErrorKind::Interrupted),
        (Act::Stall(Act::wire(36, &CONTENT[..10])), ErrorKind::Timeout),
    ] {
        let shown = format!("{act:?}");
        let server = Script::run(move |_, _| act.clone()).await;
        let client = client(&server);
        let (outcome, content) = copied(&client).await;
        let error = outcome.expect_err("broken");
        assert_eq!((error.kind(), content.as_str()), (kind, &CONTENT[..10]), "{shown}");
        assert!(
            saved(&client, &folder.file()).await.is_err() && folder.names().is_empty(),
            "{shown}"
        );
        let download = client.messages().download_file("f").await?;
        assert_eq!(download.bytes().await.expect_err("broken").kind(), kind);
        // The stream ends after the error.
        let mut download = client.messages().download_file("f").await?;
        while let Ok(Some(_)) = download.chunk().await {}
        assert!(download.chunk().await?.is_none());
        assert_eq!(server.count(), 4, "{shown}");
    }
    Ok(())
}

#[tokio::test]
async fn a_file_is_saved_completely_or_not_at_all() -> Result<(), Error> {
    let server = Script::run(|number, _| stops(200, "", 36, &CONTENT[..10 + number])).await;
    let folder = Folder::new("whole");
    std::fs::write(folder.file(), "before").expect("a file");
    let error = saved(&client(&server), &folder.file()).await.expect_err("broken");
    assert_eq!(
        (error.kind(), error.attempts(), server.count()),
        (ErrorKind::Interrupted, 1, 1)
    );
    assert_eq!((read(&folder.file()).as_str(), folder.names().len()), ("before", 1));

    // Dropped while the download stalls.
    let stalled = Script::run(|_, _| Act::Stall(Act::wire(36, "half"))).await;
    let client = client(&stalled);
    let path = folder.file();
    let given_up = tokio::time::timeout(Duration::from_millis(100), saved(&client, &path)).await;
    assert!(given_up.is_err());
    assert_eq!((read(&path).as_str(), folder.names().len()), ("before", 1));

    let error = saved(&client, &folder.0.join("no/such/folder"))
        .await
        .expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::File);
    Ok(())
}

/// The file is created on a thread that cannot be stopped when the future is dropped.
#[test]
fn a_save_that_is_dropped_at_once_leaves_no_file() {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).max_blocking_threads(1).enable_all();
    let runtime = runtime.build().expect("a runtime");
    let folder = Folder::new("given-up");
    runtime.block_on(async {
        let server = Script::run(|_, _| whole("", CONTENT)).await;
        let download = client(&server).messages().download_file("f").await;
        let download = download.expect("a download");
        let (release, held) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || held.recv());
        let given_up = tokio::time::timeout(Duration::from_millis(50), download.save(folder.file())).await;
        assert!(given_up.is_err());
        drop(release);
        assert!(busy.await.expect("no panic").is_err());
        // Tasks queued before this one have ended.
        tokio::task::spawn_blocking(|| ()).await.expect("no panic");
    });
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

#[tokio::test]
async fn a_file_name_may_have_the_maximum_length() -> Result<(), Error> {
    let server = Script::run(|_, _| whole("", CONTENT)).await;
    let folder = Folder::new("long");
    let path = folder.0.join("x".repeat(250));
    assert_eq!(saved(&client(&server), &path).await?, 36);
    assert_eq!((read(&path).as_str(), folder.names().len()), (CONTENT, 1));
    // A path that cannot be replaced fails before the file is fetched.
    let stalled = Script::run(|_, _| Act::Stall(Act::wire(36, "half"))).await;
    let error = saved(&client(&stalled), &folder.0).await.expect_err("a folder");
    assert_eq!((error.kind(), stalled.count()), (ErrorKind::File, 1));
    Ok(())
}

/// A reader that fails after some bytes.
struct Broken;

impl tokio::io::AsyncRead for Broken {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
        _buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Err(std::io::Error::other("the disk is gone")))
    }
}

#[tokio::test]
async fn an_unreadable_file_is_a_file_error() {
    let server = Script::run(|_, _| Act::ok(r#"{"entities":[{"uuid":"u"}]}"#)).await;
    let client = client(&server);
    for file in [
        File::reader("a", Broken),
        File::reader("a", Broken).length(10),
        File::reader("a", &b"short"[..]).length(10),
    ] {
        let error = client.messages().upload_file(file).await.expect_err("no file");
        assert_eq!(error.kind(), ErrorKind::File, "{error:?}");
    }
}

#[cfg(unix)]
/// A file whose chunks arrive at intervals.
fn pieces(count: usize, size: usize, pause: Duration) -> File {
    let pieces = futures_util::stream::iter(0..count).then(move |_| async move {
        tokio::time::sleep(pause).await;
        Ok(bytes::Bytes::from(vec![b'x'; size]))
    });
    File::stream("plan.pdf", pieces)
}

#[tokio::test]
async fn an_upload_may_take_longer_than_the_read_timeout() -> Result<(), Error> {
    const PAUSE: Duration = Duration::from_millis(200);
    const UPLOADED: &str = r#"{"entities":[{"uuid":"f1","type":"chatfile","share-secret":"s1"}]}"#;
    let server = Server::with(|_: &Seen| json_response(200, UPLOADED)).await;
    let builder = |url: String| {
        support::over!(Client::builder("acme", "support"))
            .base_url(url)
            .no_proxy()
            .token("fixed")
    };
    let silence = 2 * PAUSE;
    let client = builder(server.url()).read_timeout(silence).build()?;
    // Both take longer than the read timeout: a slow server, and a slow source.
    client
        .messages()
        .upload_file(pieces(4, 1000, PAUSE).length(4000))
        .await?;
    client
        .messages()
        .upload_file(pieces(2, 1000, 3 * PAUSE).length(2000))
        .await?;
    // A server that accepts the upload and never responds, and one that stops accepting it.
    let deaf = Script::run(|_, _| Act::Stall(Vec::new())).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let clogged = format!("http://{}", listener.local_addr().expect("an address"));
    for url in [deaf.url(), clogged] {
        let client = builder(url).read_timeout(silence).build()?;
        let start = Instant::now();
        let file = File::bytes("plan.pdf", vec![b'x'; 64 << 20]);
        let error = client.messages().upload_file(file).await.expect_err("no response");
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(start.elapsed() >= silence, "{:?}", start.elapsed());
    }
    Ok(())
}

#[tokio::test]
async fn an_endless_error_response_does_not_block_a_download() -> Result<(), Error> {
    let server = Script::run(|_, _| {
        let head = "HTTP/1.1 404 Not Found\r\ncontent-length: 1000000\r\n\r\n";
        Act::Drip(head.to_owned(), Duration::from_millis(50))
    })
    .await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed");
    let client = client.timeout(Duration::from_millis(400)).build()?;
    let start = Instant::now();
    let error = client
        .messages()
        .download_file("f")
        .await
        .expect_err("an error response");
    assert!(error.is_not_found(), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_saved_file_keeps_its_permissions_and_a_pipe_is_rejected() -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;

    let server = Script::run(|_, _| whole(TAGGED, CONTENT)).await;
    let client = client(&server);
    let folder = Folder::new("permissions");
    std::fs::write(folder.file(), "old").expect("a file");
    std::fs::set_permissions(folder.file(), std::fs::Permissions::from_mode(0o600)).expect("permissions");
    saved(&client, &folder.file()).await?;
    assert_eq!(read(&folder.file()), CONTENT);
    let mode = std::fs::metadata(folder.file()).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let pipe = folder.0.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()));
    let error = client
        .messages()
        .upload_file(File::path(&pipe))
        .await
        .expect_err("a pipe");
    assert_eq!(error.operation(), Some("messages.upload_file"));
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::File, &*pipe.to_string_lossy())
    );
    Ok(())
}
