//! Uploads and downloads: progress, resumed downloads, and files on disk.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use easemob::{Client, Error, ErrorKind, File, Progress, RetryPolicy};
use futures_util::StreamExt as _;
use script::{Act, Received, Script};
use support::{Seen, Server, json_response};

const CONTENT: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const TAGGED: &str = "etag: \"v1\"\r\n";

fn client(server: &Script) -> Client {
    Client::builder("acme", "support")
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

/// A partial response with the rest of the file from this byte on.
fn rest(start: usize) -> Act {
    let range = format!("content-range: bytes {start}-35/36\r\n{TAGGED}");
    stops(206, &range, CONTENT.len() - start, &CONTENT[start..])
}

fn header<'a>(received: &'a Received, name: &str) -> Option<&'a str> {
    received
        .head
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
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
    let client = Client::builder("acme", "support")
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
async fn a_broken_download_resumes() -> Result<(), Error> {
    let server = Script::run(|number, _| match number % 3 {
        0 => stops(200, TAGGED, 36, &CONTENT[..10]),
        // The resumed download breaks, too.
        1 => stops(
            206,
            "content-range: bytes 10-35/36\r\netag: \"v1\"\r\n",
            26,
            &CONTENT[10..15],
        ),
        _ => rest(15),
    })
    .await;
    let client = client(&server);
    let (outcome, content) = copied(&client).await;
    assert_eq!((outcome?, content.as_str()), (36, CONTENT));
    let received = server.requests();
    assert_eq!((received.len(), header(&received[0], "range")), (3, None));
    for (received, range) in [(&received[1], "bytes=10-"), (&received[2], "bytes=15-")] {
        assert_eq!(header(received, "range"), Some(range));
        assert_eq!(header(received, "if-range"), Some("\"v1\""));
        assert_eq!(header(received, "authorization"), Some("Bearer fixed"));
    }
    let folder = Folder::new("goes-on");
    assert_eq!(saved(&client, &folder.file()).await?, 36);
    assert_eq!((read(&folder.file()).as_str(), server.count()), (CONTENT, 6));
    Ok(())
}

#[tokio::test]
async fn a_date_is_a_validator_if_the_file_is_not_new() {
    const OLD: &str = "last-modified: Mon, 10 Jun 2024 08:00:00 GMT\r\ndate: Mon, 10 Jun 2024 08:00:01 GMT\r\n";
    const NEW: &str = "last-modified: Mon, 10 Jun 2024 08:00:00 GMT\r\ndate: Mon, 10 Jun 2024 08:00:00 GMT\r\n";
    for (headers, resumed) in [
        (OLD, true),
        (NEW, false),
        ("", false),
        ("accept-ranges: bytes\r\n", false),
        ("etag: W/\"v1\"\r\n", false),
        ("etag: \"v1\"\r\naccept-ranges: none\r\n", false),
    ] {
        let server = Script::run(move |number, _| match number {
            0 => stops(200, headers, 36, &CONTENT[..10]),
            _ => rest(10),
        })
        .await;
        let (outcome, content) = copied(&client(&server)).await;
        assert_eq!(outcome.is_ok(), resumed, "{headers}");
        assert_eq!(content, if resumed { CONTENT } else { &CONTENT[..10] });
        assert_eq!(server.count(), if resumed { 2 } else { 1 }, "{headers}");
    }
}

/// Responses to a request for the rest that do not contain the rest of the same file.
#[tokio::test]
async fn parts_of_different_files_are_never_mixed() -> Result<(), Error> {
    const CHANGED: &str = "ANOTHER FILE";
    const DATED: &str = "etag: \"v1\"\r\nlast-modified: Mon, 10 Jun 2024 08:00:00 GMT\r\n";
    let others: [fn() -> Act; 8] = [
        || whole("etag: \"v2\"\r\n", CHANGED),
        || whole("", CHANGED),
        || Act::error(416, ""),
        || stops(206, "content-range: bytes 9-35/36\r\n", 27, &CONTENT[9..]),
        || stops(206, "content-range: bytes 10-35/40\r\n", 26, &CONTENT[10..]),
        || {
            stops(
                206,
                "content-range: bytes 10-35/36\r\netag: \"v2\"\r\n",
                26,
                &CONTENT[10..],
            )
        },
        || stops(206, "", 26, &CONTENT[10..]),
        || {
            let changed = "content-range: bytes 10-35/36\r\nlast-modified: Mon, 10 Jun 2024 09:00:00 GMT\r\n";
            stops(206, changed, 26, &CONTENT[10..])
        },
    ];
    let folder = Folder::new("mixed");
    for other in others {
        let server = Script::run(
            move |_, received| match (header(received, "range"), received.head.contains("/f ")) {
                (Some(_), _) => other(),
                (None, _) => stops(200, DATED, 36, &CONTENT[..10]),
            },
        )
        .await;
        let (outcome, content) = copied(&client(&server)).await;
        assert!(outcome.is_err(), "{:?}", other());
        assert_eq!((content.as_str(), server.count()), (&CONTENT[..10], 2));

        let server = Script::run(move |number, received| match (number, header(received, "range")) {
            (0, _) => stops(200, DATED, 36, &CONTENT[..10]),
            (_, Some(_)) => other(),
            (_, None) => whole("", CHANGED),
        })
        .await;
        assert_eq!(saved(&client(&server), &folder.file()).await?, 12, "{:?}", other());
        assert_eq!(read(&folder.file()), CHANGED);
    }
    assert_eq!(folder.names(), ["file"]);
    Ok(())
}

#[tokio::test]
async fn a_save_that_cannot_be_resumed_starts_over() -> Result<(), Error> {
    let server = Script::run(|number, _| match number {
        0 | 1 => stops(200, "", 36, &CONTENT[..10 + number]),
        _ => whole("", CONTENT),
    })
    .await;
    let folder = Folder::new("start");
    assert_eq!(saved(&client(&server), &folder.file()).await?, 36);
    assert_eq!((read(&folder.file()).as_str(), server.count()), (CONTENT, 3));
    assert!(
        server
            .requests()
            .iter()
            .all(|received| header(received, "range").is_none())
    );
    Ok(())
}

#[tokio::test]
async fn a_file_is_saved_completely_or_not_at_all() -> Result<(), Error> {
    let server = Script::run(|number, _| stops(200, "", 36, &CONTENT[..10 + number])).await;
    let folder = Folder::new("whole");
    std::fs::write(folder.file(), "before").expect("a file");
    let error = saved(&client(&server), &folder.file()).await.expect_err("broken");
    // The first request and five restarts.
    assert_eq!(
        (error.kind(), error.attempts(), server.count()),
        (ErrorKind::Interrupted, 6, 6)
    );
    assert_eq!((read(&folder.file()).as_str(), folder.names().len()), ("before", 1));

    let download = client(&server).messages().download_file("f").await?.resumptions(0);
    assert!(download.save(folder.file()).await.is_err());
    assert_eq!((server.count(), folder.names().len()), (7, 1));

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

#[tokio::test]
async fn a_partial_download_is_not_resumed() {
    // The caller knows where a requested part begins; this client does not.
    let server = Script::run(|number, _| match number {
        0 => stops(
            206,
            "content-range: bytes 0-35/36\r\netag: \"v1\"\r\n",
            36,
            &CONTENT[..10],
        ),
        _ => rest(10),
    })
    .await;
    let (outcome, content) = copied(&client(&server)).await;
    assert_eq!(outcome.expect_err("broken").kind(), ErrorKind::Interrupted);
    assert_eq!((content.as_str(), server.count()), (&CONTENT[..10], 1));
}

#[tokio::test]
async fn all_attempts_of_a_download_are_counted() {
    let server = Script::run(|number, received| match (number, header(received, "range")) {
        (0, _) => stops(200, TAGGED, 36, &CONTENT[..10]),
        (_, Some(_)) => Act::error(416, ""),
        (_, None) => Act::error(404, ""),
    })
    .await;
    let folder = Folder::new("tries");
    let error = saved(&client(&server), &folder.file()).await.expect_err("an error");
    assert_eq!((error.attempts(), server.count()), (3, 3), "{error}");
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
/// A listener and the progress that it received.
fn listener() -> (impl Fn(Progress) + Send + Sync + 'static, Arc<Mutex<Vec<Progress>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    (move |progress| log.lock().expect("no panic").push(progress), told)
}

#[tokio::test]
async fn progress_is_reported() -> Result<(), Error> {
    const SIZE: usize = 200_000;
    let server = Script::run(|number, _| match number {
        0 => Act::ok(r#"{"entities":[{"uuid":"u"}]}"#),
        1 => stops(200, TAGGED, 36, &CONTENT[..10]),
        _ => rest(10),
    })
    .await;
    let client = client(&server);
    let (listen, told) = listener();
    let file = File::bytes("a", vec![0; SIZE]).on_progress(listen);
    client.messages().upload_file(file).await?;
    let told = told.lock().expect("no panic").clone();
    assert!(
        told.len() > 3 && told.iter().all(|told| told.total == Some(SIZE as u64)),
        "{told:?}"
    );
    assert!(told.is_sorted_by_key(|told| told.bytes));
    assert_eq!(told.last().map(|told| told.bytes), Some(SIZE as u64));

    let (listen, told) = listener();
    let mut download = client.messages().download_file("f").await?.on_progress(listen);
    download.copy_to(tokio::io::sink()).await?;
    let told = told.lock().expect("no panic").clone();
    assert!(told.is_sorted_by_key(|told| told.bytes) && told.len() >= 2, "{told:?}");
    assert_eq!(told.last().map(|told| (told.bytes, told.total)), Some((36, Some(36))));
    Ok(())
}

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
        Client::builder("acme", "support")
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
    let client = Client::builder("acme", "support")
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
    let Error::File(error) = &error else { panic!("{error}") };
    assert_eq!(error.path(), Some(&*pipe));
    Ok(())
}
