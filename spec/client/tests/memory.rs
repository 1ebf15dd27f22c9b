//! Files are streamed: an upload or download takes far less memory than its size.
//!
//! The only test of its process, since it measures the peak memory of the process.

#![cfg(all(feature = "client", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use easemob::{Client, File};
use futures_util::stream;
use http::Response;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};

const SIZE: usize = 8 << 20;
const CHUNK: usize = 64 << 10;
/// Maximum growth of the peak: the buffers of the connection, but far less than the file.
const ALLOWED_KIB: usize = 3 << 10;

/// Returns the byte of the file at a position.
fn byte(position: usize) -> u8 {
    u8::try_from((position.wrapping_mul(2_654_435_761) >> 13) & 0xFF).unwrap_or_default()
}

fn chunk(start: usize) -> Vec<u8> {
    (start..SIZE.min(start + CHUNK)).map(byte).collect()
}

fn peak_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("the peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Compares an upload with the file. Returns the number of equal bytes, and what follows the file.
async fn compare(mut body: Incoming) -> (usize, Vec<u8>) {
    let (mut head, mut rest) = (Vec::new(), Vec::new());
    let mut equal = 0;
    let mut in_file = false;
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let mut data = &data[..];
        if !in_file {
            head.extend_from_slice(data);
            let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") else {
                continue;
            };
            data = &data[data.len() - (head.len() - end - 4)..];
            in_file = true;
        }
        let same = data
            .iter()
            .enumerate()
            .take_while(|(at, got)| equal + at < SIZE && byte(equal + at) == **got)
            .count();
        equal += same;
        // If the upload differs, `equal` fails the test; the rest need not be kept.
        rest.extend_from_slice(&data[same..data.len().min(same + 256)]);
    }
    (equal, rest)
}

fn file() -> BoxBody<Bytes, std::io::Error> {
    let chunks = (0..SIZE)
        .step_by(CHUNK)
        .map(|start| Ok(Frame::data(chunk(start).into())));
    BodyExt::boxed(StreamBody::new(stream::iter(chunks)))
}

#[tokio::test]
async fn files_are_not_held_in_memory() {
    let uploaded = Arc::new(Mutex::new((0, Vec::new())));
    let log = Arc::clone(&uploaded);
    let address = support::serve(move |request: http::Request<Incoming>| {
        let log = Arc::clone(&log);
        async move {
            if request.method() == "GET" {
                return Response::new(file());
            }
            let compared = compare(request.into_body()).await;
            *log.lock().expect("no panic") = compared;
            let body = Full::new(Bytes::from_static(br#"{"entities":[{"uuid":"u"}]}"#));
            Response::new(body.map_err(|never| match never {}).boxed())
        }
    })
    .await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(format!("http://{address}"))
        .no_proxy()
        .token("t");
    let client = client.build().expect("a client");
    let folder = std::env::temp_dir().join(format!("easemob-memory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (sent, received) = (folder.join("sent"), folder.join("received"));
    let mut file = std::fs::File::create(&sent).expect("a file");
    (0..SIZE)
        .step_by(CHUNK)
        .for_each(|start| file.write_all(&chunk(start)).expect("written"));
    // Make a first request, whose one-time costs are not measured.
    client
        .messages()
        .upload_file(File::bytes("small", "x"))
        .await
        .expect("an upload");

    let before = peak_kib();
    client
        .messages()
        .upload_file(File::path(&sent))
        .await
        .expect("an upload");
    let (equal, rest) = uploaded.lock().expect("no panic").clone();
    assert_eq!(equal, SIZE);
    let rest = String::from_utf8_lossy(&rest);
    assert!(
        rest.starts_with("\r\n--") && rest.ends_with("--\r\n") && rest.lines().count() == 2,
        "{rest:?}"
    );
    let download = client.messages().download_file("u").await.expect("a download");
    assert_eq!(download.save(&received).await.expect("a file"), SIZE as u64);
    let grown = peak_kib() - before;
    // Proves that the measurement would show a file in memory.
    let held = client
        .messages()
        .download_file("u")
        .await
        .expect("a download")
        .bytes()
        .await
        .expect("a file");
    let shown = peak_kib() - before;

    let received = std::fs::read(&received).expect("the file");
    assert!(received.len() == SIZE && received.iter().enumerate().all(|(at, got)| byte(at) == *got));
    std::fs::remove_dir_all(&folder).expect("the folder is removed");
    assert_eq!(held.len(), SIZE);
    assert!(grown < ALLOWED_KIB, "the peak grew by {grown} KiB");
    assert!(shown > SIZE >> 10, "the peak grew by {shown} KiB only");
}
