//! The synchronous API.

#![cfg(feature = "blocking")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::path::PathBuf;
use std::time::Duration;

use easemob::messages::DownloadFile;
use easemob::types::TextBody;
use easemob::users::{Create, List};
use easemob::{Batch, CallOptions, Client, Error, ErrorKind, File, RetryPolicy, blocking};
use script::{Act, Script};
use support::{Part, Seen, Sent, Server, json_response};
use tokio::runtime::Runtime;

const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;

/// A separate runtime for servers, so that the client uses only its own.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

fn client(server: &Server) -> blocking::Client {
    support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
        .build_blocking()
        .expect("a client")
}

#[test]
fn requests_equal_those_of_the_async_client() -> Result<(), Error> {
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(200, USER));
    let client = client(&server);
    let user = client.users().create("alice").password("s3cret").call()?;
    assert_eq!(user.username.as_str(), "alice");
    let response = client.users().create("alice").password("s3cret").send()?;
    assert_eq!(
        (response.raw().status().as_u16(), response.value.username),
        (200, user.username)
    );
    // The same request type without a client, sent more than once.
    let request = Create::new("alice").password("s3cret");
    assert_eq!(client.call(&request)?.uuid, client.send(&request)?.value.uuid);
    assert_eq!(server.count("/acme/support/users"), 4);
    assert!(server.seen().windows(2).all(|two| two[0].body == two[1].body));
    Ok(())
}

#[test]
fn a_token_is_obtained_and_shared_by_threads() {
    let runtime = runtime();
    let server = runtime.block_on(Server::with(|seen: &Seen| match seen.path() {
        "/acme/support/token" => json_response(200, r#"{"access_token":"t1","expires_in":3600}"#),
        _ => json_response(200, USER),
    }));
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .credentials("id", "secret")
        .build_blocking()
        .expect("a client");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.users().get("alice").call().expect("a response"));
        }
    });
    assert_eq!(server.count("/acme/support/token"), 1);
    assert_eq!(server.count("/acme/support/users/alice"), 8);
}

/// Serves three users on two pages.
fn two_pages(runtime: &Runtime) -> Server {
    runtime.block_on(Server::with(|seen: &Seen| {
        json_response(
            200,
            if seen.target.contains("cursor=") {
                r#"{"entities":[{"uuid":"3","username":"c"}]}"#
            } else {
                r#"{"entities":[{"uuid":"1","username":"a"},{"uuid":"2","username":"b"}],"cursor":"c1"}"#
            },
        )
    }))
}

#[test]
fn a_list_with_a_required_page_size_is_iterated() {
    let runtime = runtime();
    let server = runtime.block_on(Server::with(|seen: &Seen| {
        let list = match seen.target.split_once("pageNum=") {
            Some((_, rest)) if rest.starts_with('1') => r#"[{"username":"a","chat":60},{"username":"b","chat":0}]"#,
            Some((_, rest)) if rest.starts_with('2') => r#"[{"username":"c","chatroom":-1}]"#,
            _ => "[]",
        };
        json_response(200, format!(r#"{{"data":{{"data":{list}}}}}"#))
    }));
    let client = client(&server);
    let mutes = client.mutes().list(2).iter();
    let names: Result<Vec<_>, Error> = mutes.map(|mute| mute.map(|mute| mute.username)).collect();
    assert_eq!(names.expect("names"), ["a", "b", "c"]);
    let targets = server.seen().into_iter().map(|seen| seen.target);
    assert!(
        targets
            .filter(|target| target.contains("/mutes"))
            .all(|target| target.contains("pageSize=2"))
    );
}

/// Tokio limits the work of a task between yields. Blocking calls in a task must not exhaust this budget.
#[test]
fn a_task_budget_does_not_limit_calls() {
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(200, USER));
    let client = client(&server);
    let (done, outcome) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = self::runtime();
        runtime.block_on(async {
            for _ in 0..300 {
                client.users().get("alice").call().expect("a user");
            }
        });
        done.send(()).expect("somebody waits");
    });
    let outcome = outcome.recv_timeout(Duration::from_secs(30));
    assert!(outcome.is_ok(), "it hangs after {} calls", server.seen().len());
}

#[test]
fn a_list_can_outlive_the_client_it_is_from() {
    let runtime = runtime();
    let server = two_pages(&runtime);
    let client = client(&server);
    let users = client.iter(client.as_async().stream(List::new()));
    let url = client.messages().download_file("f").file_url().expect("a URL");
    assert_eq!(url, format!("{}/acme/support/chatfiles/f", server.url()));
    drop(client);
    let names = std::thread::spawn(move || users.map(|user| user.map(|user| user.username.to_string())).collect());
    let names: Result<Vec<_>, Error> = names.join().expect("no panic");
    assert_eq!(names.expect("names"), ["a", "b", "c"]);
}

#[test]
fn a_list_is_an_iterator() -> Result<(), Error> {
    let runtime = runtime();
    let server = two_pages(&runtime);
    let client = client(&server);
    let users: Vec<_> = client.users().list().limit(2).iter().collect::<Result<_, _>>()?;
    assert_eq!(
        users.iter().map(|user| user.username.as_str()).collect::<String>(),
        "abc"
    );
    assert_eq!(server.seen().len(), 2);
    // A page that is not needed is not requested.
    assert_eq!(client.iter(client.as_async().stream(List::new())).take(2).count(), 2);
    assert_eq!(server.seen().len(), 3);
    Ok(())
}

#[test]
fn an_error_ends_a_list() {
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(404, "{}"));
    let client = client(&server);
    let mut users = client.users().list().iter();
    assert!(
        users
            .next()
            .is_some_and(|first| first.is_err_and(|error| error.is_not_found()))
    );
    assert!(users.next().is_none());
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_file_can_be_written_or_read() -> Result<(), Error> {
    let runtime = runtime();
    let content = "0123456789".repeat(100_000);
    let server = runtime.block_on(Server::replay(200, content.clone()));
    let client = client(&server);

    let mut written = Vec::new();
    let mut download = client.messages().download_file("f1").call()?;
    assert_eq!(download.get_ref().length(), Some(content.len() as u64));
    assert_eq!(download.copy_to(&mut written)?, content.len() as u64);
    assert!(written == content.as_bytes());

    let mut read = Vec::new();
    let download = client
        .block_on(client.as_async().download(&DownloadFile::new("f1")))
        .map(|download| client.iter(download))?;
    for chunk in download {
        read.extend_from_slice(&chunk?);
    }
    assert!(read == content.as_bytes());

    let mut download = client
        .block_on(client.as_async().download(&DownloadFile::new("f1")))
        .map(|download| client.iter(download))?;
    let start = download.next().expect("a chunk")?;
    assert!(download.bytes()? == content.as_bytes()[start.len()..]);
    Ok(())
}

#[test]
fn a_file_is_sent_from_disk() {
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(200, r#"{"entities":[{"uuid":"f1"}]}"#));
    let path = std::env::temp_dir().join(format!("blocking-{}.txt", std::process::id()));
    std::fs::write(&path, "Meow").expect("a file");
    let sent = client(&server)
        .messages()
        .upload_file(File::path(&path).name("cat.txt"))
        .call();
    std::fs::remove_file(&path).expect("the file");
    assert_eq!(sent.expect("a response").uuid.as_str(), "f1");
    let body = Sent::multipart([Part::file("file", "cat.txt", None, "Meow")]);
    server.assert_sent("POST", "/acme/support/chatfiles", &[], &body);
}

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("blocking-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn names(&self) -> usize {
        std::fs::read_dir(&self.0).expect("the folder").count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_is_saved_completely_or_not_at_all() -> Result<(), Error> {
    let runtime = runtime();
    // The last download breaks.
    let server = runtime.block_on(Script::run(|number, _| {
        Act::Raw(Act::wire(10, if number < 1 { "0123456789" } else { "0123" }))
    }));
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
        .retry(RetryPolicy::new().base_delay(Duration::from_millis(1)))
        .build_blocking()?;
    let folder = Folder::new("save");
    let path = folder.0.join("file");

    let download = client.messages().download_file("f").call()?;
    assert_eq!(download.save(&path)?, 10);
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "0123456789");

    let download = client.messages().download_file("f").call()?;
    assert_eq!(download.save(&path).expect_err("broken").kind(), ErrorKind::Interrupted);
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "0123456789");
    assert_eq!((server.count(), folder.names()), (2, 1));
    Ok(())
}

#[test]
fn batches_are_an_iterator() {
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(200, r#"{"data":{"11":"1","12":"2","13":"3"}}"#));
    let client = client(&server);
    let to = ["11", "12", "13", "14"];
    let mut batches = client.messages().send_to_groups(to, TextBody::new("Hi")).split();
    assert_eq!(batches.get_ref().left(), 4);
    assert_eq!(batches.next().expect("a batch").elements, ["11", "12", "13"]);
    let rest: Vec<_> = batches.flat_map(Batch::each).collect();
    assert!(matches!(&rest[..], [(receiver, Ok(None))] if receiver == "14"));
    let batches = client.messages().send_to_groups(to, TextBody::new("Hi")).split();
    assert_eq!(batches.configure(|batches| batches.at_most(1)).count(), 4);
    assert_eq!(server.seen().len(), 6);
}

#[test]
fn records_are_an_iterator() -> Result<(), Error> {
    let runtime = runtime();
    let storage = runtime.block_on(Server::with(|seen: &Seen| match seen.path() {
        "/gone" => json_response(404, ""),
        _ => json_response(
            200,
            "{\"msg_id\":\"1\",\"timestamp\":1,\"chat_type\":\"chat\",\"payload\":{\"bodies\":[]}}\noops",
        ),
    }));
    let url = storage.url();
    let links = format!(r#"{{"data":[{{"url":"{url}/gone"}},{{"url":"{url}/here"}}]}}"#);
    let server = runtime.block_on(Server::replay(200, links));
    let client = client(&server);
    let mut records = client.messages().get_history_file("2024061400").records()?;
    assert!(matches!(records.next(), Some(Err(error)) if error.is_not_found()));
    assert!(matches!(records.next(), Some(Ok(Ok(record))) if record.msg_id.as_str() == "1"));
    assert!(matches!(records.next(), Some(Ok(Err(line))) if line.line == 2));
    assert_eq!((records.next().is_none(), records.get_ref().file()), (true, 2));
    Ok(())
}

#[test]
fn call_options_apply() {
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(503, ""));
    let client = client(&server).with(CallOptions::new().retry(RetryPolicy::off()));
    let error = client.users().get("alice").call().expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 1));

    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let other = support::over!(Client::builder("acme", "support"))
        .base_url(format!("http://{}", silent.local_addr().expect("an address")))
        .no_proxy()
        .token("fixed")
        .build()
        .expect("a client");
    let hurried = CallOptions::new().timeout(Duration::from_millis(50));
    let error = client.over(other).with(hurried).users().get("alice").call();
    assert_eq!(error.expect_err("silence").kind(), ErrorKind::Timeout);
}

#[test]
fn an_invalid_argument_fails_before_sending() {
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(200, "{}"));
    let nobody: [&str; 0] = [];
    let result = client(&server)
        .messages()
        .send_to_users(nobody, TextBody::new("Hi"))
        .call();
    assert_eq!(result.expect_err("no receivers").kind(), ErrorKind::InvalidArgument);
    assert!(server.seen().is_empty());
}

/// Creating, using and dropping the client must not panic inside another runtime of either kind.
#[test]
fn it_works_inside_a_runtime() {
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(200, USER));
    let call = || async {
        let client = client(&server);
        let name = client.users().get("alice").call().expect("a response").username;
        let asynchronous = client.as_async().clone();
        let waited = client.block_on(async { asynchronous.users().get("alice").await });
        assert_eq!(waited.expect("a response").username, name);
        drop(client);
        name.to_string()
    };
    assert_eq!(self::runtime().block_on(call()), "alice");
    let single = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    assert_eq!(single.block_on(call()), "alice");
}

/// The thread ends with the last client. Other tests have threads, too, but fewer.
#[cfg(target_os = "linux")]
#[test]
fn no_thread_is_left_behind() {
    let threads = || std::fs::read_dir("/proc/self/task").expect("threads").count();
    let runtime = runtime();
    let server = runtime.block_on(Server::replay(200, USER));
    let clients: Vec<_> = (0..100).map(|_| client(&server)).collect();
    for client in &clients {
        client.clone().users().get("alice").call().expect("a response");
    }
    assert!(threads() > 100);
    drop(clients);
    let start = std::time::Instant::now();
    while threads() > 60 {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{} threads are left",
            threads()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
