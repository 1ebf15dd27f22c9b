//! Many servers in one process, and many connections to one server.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use easemob_sandbox::Sandbox;

use support::checked::Checked;
use support::contract;
use support::socket::{address, connect};

/// Set in the process that may open more files.
const MORE_FILES: &str = "SANDBOX_TEST_MORE_FILES";

/// Runs a test of this program again in a process that may open as many files as the system allows. Returns `false` in that process.
fn is_run_with_more_files(test: &str) -> bool {
    if std::env::var_os(MORE_FILES).is_some() {
        return false;
    }
    let script = "ulimit -S -n \"$(ulimit -H -n)\" && exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(std::env::current_exe().unwrap());
    let status = shell
        .args([test, "--exact", "--nocapture"])
        .env(MORE_FILES, "1")
        .status();
    assert!(status.unwrap().success(), "{test} failed");
    true
}

/// Reads one response, whose length is known.
fn response(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).unwrap();
            let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
            if body.len() >= length {
                return text.into_owned();
            }
        }
        let count = stream.read(&mut buffer).unwrap();
        assert_ne!(count, 0, "the connection ended after {text:?}");
        bytes.extend_from_slice(&buffer[..count]);
    }
}

fn body_of(response: &str) -> &str {
    response.split_once("\r\n\r\n").unwrap().1
}

/// Reads until the server closes the connection, even if that is an error.
fn read_to_end(mut stream: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("the server keeps the connection open"),
        _ => bytes,
    }
}

/// Returns a figure of this process in `/proc/self/status`, if the system has it.
fn process_status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Returns the number of threads of servers in this process.
fn server_threads() -> usize {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let names = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "sandbox").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_sandboxes_run_at_once() {
    const COUNT: usize = 300;
    if is_run_with_more_files("hundreds_of_sandboxes_run_at_once") {
        return;
    }
    let memory = process_status("VmRSS");
    let sandboxes: Vec<_> = (0..COUNT).map(|_| Checked::start()).collect();
    let grown = process_status("VmRSS")
        .zip(memory)
        .map(|(now, before)| (now - before) / COUNT as u64);
    eprintln!("memory of a sandbox without data: {grown:?} KiB");
    let mut users = tokio::task::JoinSet::new();
    for (index, sandbox) in sandboxes.iter().enumerate() {
        let client = sandbox.client().unwrap();
        users.spawn(async move {
            let nickname = format!("Alice {index}");
            client.users().create("alice").nickname(&*nickname).await.unwrap();
            // All have registered a user of this name before any looks it up.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let all = client.users().list().await.unwrap();
            let nicknames: Vec<_> = all.iter().map(|user| user.nickname.clone()).collect();
            assert_eq!(nicknames, [Some(nickname)]);
        });
    }
    while let Some(user) = users.join_next().await {
        user.unwrap();
    }
    let addresses: Vec<_> = sandboxes.iter().map(|sandbox| address(sandbox)).collect();
    let is_linux = cfg!(target_os = "linux");
    assert!(!is_linux || server_threads() == COUNT);
    drop(sandboxes);
    assert_eq!(server_threads(), 0);
    for address in addresses {
        let error = TcpStream::connect(address).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }
}

#[test]
fn ten_thousand_connections_get_a_response() {
    const COUNT: usize = 10_000;
    const SERVED: usize = 4096;
    const REQUEST: &[u8] = b"GET /acme/nobody/users HTTP/1.1\r\nhost: localhost\r\n\r\n";
    if is_run_with_more_files("ten_thousand_connections_get_a_response") {
        return;
    }
    let memory = process_status("VmRSS");
    // None of the connections ends during the test.
    let builder = Sandbox::builder().read_timeout(Duration::from_secs(600));
    let sandbox = builder.start().unwrap();
    let ask = |_| {
        let stream = TcpStream::connect(address(&sandbox)).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        (&stream).write_all(REQUEST).map_err(|error| error.to_string())?;
        Ok(stream)
    };
    let opened: Result<Vec<TcpStream>, String> = (0..COUNT).map(ask).collect();
    let streams = opened.unwrap_or_else(|error| panic!("cannot open {COUNT} connections and serve {SERVED}: {error}"));
    let (served, excess) = streams.split_at(SERVED);
    for stream in served {
        let text = response(stream);
        assert!(text.starts_with("HTTP/1.1 404 "), "{text}");
    }
    for stream in excess {
        let text = String::from_utf8(read_to_end(stream)).unwrap();
        let is_error = text.starts_with("HTTP/1.1 429 ") && text.contains("\r\nconnection: close\r\n");
        assert!(is_error && text.contains("\"error\":\"reach_limit\""), "{text}");
        contract::check("GET", "/users", 429, "application/json", body_of(&text).as_bytes());
    }
    // One that sends nothing is closed with the error, too.
    let text = String::from_utf8(read_to_end(&connect(&sandbox))).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 429 ") && text.contains("too many connections"),
        "{text}"
    );

    let grown = process_status("VmRSS")
        .zip(memory)
        .map(|(now, before)| now.saturating_sub(before));
    assert!(
        grown.is_none_or(|grown| grown < 256 * 1024),
        "the memory grew by {grown:?} KiB"
    );
    // The connections that are served still are, and one that ends makes room for another.
    (&served[0]).write_all(REQUEST).unwrap();
    assert!(response(&served[0]).starts_with("HTTP/1.1 404 "));
    drop(streams);
    let started = Instant::now();
    loop {
        let stream = connect(&sandbox);
        (&stream).write_all(REQUEST).unwrap();
        if response(&stream).starts_with("HTTP/1.1 404 ") {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "no connection is served");
    }
}

#[test]
fn slow_clients_are_disconnected() {
    let builder = Sandbox::builder().read_timeout(Duration::from_millis(300));
    let sandbox = builder.start().unwrap();
    // One that sends nothing.
    assert_eq!(read_to_end(&connect(&sandbox)), b"");
    // One that sends its headers byte by byte.
    let stream = connect(&sandbox);
    let started = Instant::now();
    for byte in b"GET /acme/support/users HTTP/1.1\r\nhost: localhost\r\n" {
        if (&stream).write_all(&[*byte]).is_err() || started.elapsed() > Duration::from_secs(5) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "the headers have no time limit"
    );
    let text = String::from_utf8(read_to_end(&stream)).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 400 ") && text.contains("the headers did not arrive in time"),
        "{text}"
    );
    // One that does not read its responses, which do not fit into the buffers of the system.
    let page = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let stream = connect(&sandbox);
    let requests = page.repeat(20_000);
    let sent = (&stream).write_all(requests.as_bytes());
    std::thread::sleep(Duration::from_secs(2));
    let received = read_to_end(&stream).len();
    assert!(
        received < 20_000 * 4096,
        "{sent:?}: {received} bytes were sent to a client that did not read"
    );
}
