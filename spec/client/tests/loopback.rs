//! The client against a local server.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use easemob::messages::{DownloadFile, SendToUsers, UploadFile};
use easemob::push::UpdateNickname;
use easemob::types::{MessageContent, NewUser, TextBody};
use easemob::users::{Create, CreateMany, Delete, List};
use easemob::{Client, DataCenter, Error, ErrorCode, ErrorKind, File, Operation, Reason, TimestampMillis, limits};
use futures_util::{Stream, TryStreamExt as _};
use support::{Part, Seen, Sent, Server, json_response, unreachable_url};

const USERS: &str = "/acme/support/users";
const TOKEN: &str = "/acme/support/token";
const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;
const SECRET: &str = "hunter2-very-secret";

fn client(server: &Server) -> Client {
    support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
        .build()
        .expect("a client")
}

fn client_with_credentials(server: &Server) -> Client {
    support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .credentials("id", SECRET)
        .build()
        .expect("a client")
}

/// Issues tokens `t1`, `t2`, … and accepts those that `accept` accepts.
async fn token_server(lifetime: u64, accept: impl Fn(&str) -> bool + Send + Sync + 'static) -> Server {
    let given = AtomicUsize::new(0);
    Server::with(move |seen: &Seen| {
        if seen.path() == TOKEN {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            return json_response(
                200,
                format!(r#"{{"access_token":"t{number}","expires_in":{lifetime}}}"#),
            );
        }
        match seen.header("authorization").strip_prefix("Bearer ") {
            Some(token) if accept(token) => json_response(200, USER),
            _ => json_response(
                401,
                r#"{"error":"unauthorized","error_description":"the token is not valid"}"#,
            ),
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_share_one_token_request() {
    let server = token_server(3600, |token| token == "t1").await;
    let client = client_with_credentials(&server);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.users().create("alice").await })
        })
        .collect();
    for call in calls {
        call.await.expect("no panic").expect("a response");
    }
    assert_eq!(server.count(TOKEN), 1);
    assert_eq!(server.count(USERS), 50);
    let seen = server.seen();
    let token = seen.iter().find(|seen| seen.path() == TOKEN).expect("a token request");
    assert_eq!(token.header("authorization"), "");
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&token.body).expect("JSON"),
        serde_json::json!({"grant_type": "client_credentials", "client_id": "id", "client_secret": SECRET})
    );
}

#[tokio::test]
async fn a_fixed_token_is_never_replaced() {
    let server = token_server(3600, |_| false).await;
    let error = client(&server).users().create("alice").await.expect_err("an error");
    assert!(error.is_unauthorized());
    assert_eq!((server.count(TOKEN), server.count(USERS)), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_token_request_is_not_repeated_by_every_call() {
    let server = Server::replay(500, "oops").await;
    let client = client_with_credentials(&server);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.users().create("alice").await })
        })
        .collect();
    for call in calls {
        let error = call.await.expect("no panic").expect_err("no token");
        let why = error.token_request().expect("an error of the token request");
        assert_eq!(why.status().map(|status| status.as_u16()), Some(500));
        // The call itself has no response.
        assert_eq!(error.status(), None);
    }
    // Three attempts, like those of a GET.
    assert_eq!((server.count(TOKEN), server.count(USERS)), (3, 0));
}

#[tokio::test]
async fn an_argument_is_one_path_segment() -> Result<(), Error> {
    for (username, segment) in [
        ("alice", "alice"),
        ("a/b", "a%2Fb"),
        ("%2F", "%252F"),
        ("a%2e", "a%252e"),
        ("a?b#c", "a%3Fb%23c"),
        ("a b", "a%20b"),
        ("a\\b", "a%5Cb"),
        ("a\tb\r\n", "a%09b%0D%0A"),
        ("a;b=c&d+e", "a%3Bb%3Dc%26d%2Be"),
        ("...", "..."),
        ("环信", "%E7%8E%AF%E4%BF%A1"),
    ] {
        let server = Server::replay(200, USER).await;
        client(&server).users().delete(username).await?;
        server.assert_sent("DELETE", &format!("{USERS}/{segment}"), &[], &Sent::Nothing);
    }
    Ok(())
}

/// HTTP clients and servers resolve dots even if they are encoded, so such a request would reach another endpoint.
#[tokio::test]
async fn dots_fail_before_sending() {
    let server = Server::replay(200, USER).await;
    for username in [".", ".."] {
        let error = client(&server).users().delete(username).await.expect_err("an error");
        assert_eq!(error.path(), "username");
        assert_eq!(error.reason(), Some(&Reason::DotSegment));
        // In the middle of the path, too: `/users/../password` would become `/password`.
        let error = client(&server)
            .users()
            .update_password(username, "s3cret")
            .await
            .expect_err("an error");
        assert_eq!(error.reason(), Some(&Reason::DotSegment), "{error}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_empty_argument_fails_before_sending() {
    let server = Server::replay(200, USER).await;
    let error = client(&server).users().delete("").await.expect_err("an error");
    assert_eq!(
        error.to_string(),
        "users.delete: `username` has 0 characters; expected at least 1"
    );
    assert!(server.seen().is_empty());
}

#[test]
fn dots_fail_without_the_client_too() -> Result<(), Error> {
    let target = easemob::target("https://a.example", "acme", "support")?;
    for username in [".", ".."] {
        let error = Delete::new(username).to_http(&target).expect_err("an error");
        assert_eq!(error.reason(), Some(&Reason::DotSegment), "{error}");
    }
    Ok(())
}

/// Serves `pages` pages of two users. The cursor is the number of the page.
async fn list_server(pages: usize) -> Server {
    Server::with(move |seen: &Seen| {
        let query = seen.target.split_once('?').map_or("", |(_, query)| query);
        let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor="));
        let page: usize = cursor.unwrap_or("0").parse().expect("a number");
        let next = if page + 1 < pages {
            format!(r#","cursor":"{}""#, page + 1)
        } else {
            String::new()
        };
        json_response(
            200,
            format!(
                r#"{{"entities":[{{"uuid":"1","username":"u{page}a"}},{{"uuid":"2","username":"u{page}b"}}]{next}}}"#
            ),
        )
    })
    .await
}

#[tokio::test]
async fn a_list_is_read_to_its_end() -> Result<(), Error> {
    let server = list_server(3).await;
    let client = client(&server);
    let mut users = client.users().list().limit(2).stream();
    let mut names = Vec::new();
    while let Some(user) = users.try_next().await? {
        names.push(user.username.to_string());
    }
    assert_eq!(names, ["u0a", "u0b", "u1a", "u1b", "u2a", "u2b"]);
    assert!(users.try_next().await?.is_none());
    let targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(
        targets,
        ["?limit=2", "?limit=2&cursor=1", "?limit=2&cursor=2"].map(|query| format!("{USERS}{query}"))
    );
    Ok(())
}

/// A stream returned by a handler must not borrow the handler's client.
#[tokio::test]
async fn a_list_can_outlive_the_client_it_is_from() {
    fn names(client: &Client) -> impl Stream<Item = Result<String, Error>> + Send + 'static {
        let users = client.users().list().limit(2).stream();
        users.map_ok(|user| user.username.into())
    }
    let server = list_server(3).await;
    let names = {
        let client = client(&server);
        tokio::spawn(names(&client).try_collect::<Vec<_>>())
    };
    let names = names.await.expect("no panic").expect("names");
    assert_eq!(names, ["u0a", "u0b", "u1a", "u1b", "u2a", "u2b"]);

    let mut users = client(&server).stream(List::new());
    assert!(users.try_next().await.expect("a user").is_some());
}

#[tokio::test]
async fn a_dropped_list_sends_no_more_requests() -> Result<(), Error> {
    let server = list_server(100).await;
    let client = client(&server);
    let mut users = client.users().list().stream();
    for expected in ["u0a", "u0b", "u1a"] {
        assert_eq!(
            users.try_next().await?.map(|user| user.username.to_string()).as_deref(),
            Some(expected)
        );
    }
    drop(users);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.seen().len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_cursor_that_repeats_ends_the_list() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"entities":[{"uuid":"u","username":"a"}],"cursor":"same"}"#).await;
    let client = client(&server);
    let mut users = client.users().list().stream();
    assert!(users.try_next().await?.is_some() && users.try_next().await?.is_some());
    let error = users.try_next().await.expect_err("no progress");
    assert!(error.to_string().contains("cursor"), "{error}");
    assert!(users.try_next().await?.is_none());
    let server = Server::replay(200, r#"{"entities":[],"cursor":""}"#).await;
    assert!(
        self::client(&server)
            .users()
            .list()
            .stream()
            .try_next()
            .await?
            .is_none()
    );
    assert_eq!(server.seen().len(), 1);
    Ok(())
}

#[tokio::test]
async fn numbered_pages_are_requested_with_number_and_size() -> Result<(), Error> {
    let server = Server::with(|seen: &Seen| {
        let group = |id: u32| format!(r#"{{"id":"{id}","name":"g{id}"}}"#);
        let page = if seen.target.contains("pagenum=0&") {
            (1..=10).map(group).collect::<Vec<_>>().join(",")
        } else if seen.target.contains("pagenum=1&") {
            group(11)
        } else {
            String::new()
        };
        json_response(200, format!(r#"{{"entities":[{page}],"total":11}}"#))
    })
    .await;
    let client = client(&server);
    let mut groups = client.groups().list_of_user("alice").page_size(10).stream();
    let mut count = 0;
    while groups.try_next().await?.is_some() {
        count += 1;
    }
    assert_eq!(count, 11);
    let targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(
        targets,
        ["0", "1", "2"].map(|page| format!("/acme/support/chatgroups/user/alice?pagenum={page}&pagesize=10"))
    );
    Ok(())
}

#[tokio::test]
async fn an_empty_page_without_a_cursor_ends_the_list() -> Result<(), Error> {
    let server = Server::with(|seen: &Seen| {
        let page = if seen.target.contains("cursor=") {
            r#"{"entities":[],"properties":{"cursor":"never-ending"}}"#
        } else {
            r#"{"entities":[{"id":"1"}],"properties":{"cursor":"more"}}"#
        };
        json_response(200, page)
    })
    .await;
    let client = client(&server);
    let mut threads = client.threads().list().stream();
    assert_eq!(
        threads.try_next().await?.map(|thread| thread.id.to_string()).as_deref(),
        Some("1")
    );
    assert!(threads.try_next().await?.is_none());
    assert_eq!(server.seen().len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_response_that_is_too_long_is_an_error() {
    let server = Server::replay(
        200,
        format!(r#"{{"entities":[{{"uuid":"u","username":"{}"}}]}}"#, "x".repeat(5000)),
    )
    .await;
    let builder = || {
        support::over!(Client::builder("acme", "support"))
            .base_url(server.url())
            .no_proxy()
            .token("t")
            .max_response(4096)
    };
    let client = builder().build().expect("a client");
    let error = client.users().create("alice").await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::TooLong);
    assert!(error.to_string().contains("4096 bytes"), "{error}");
    assert_eq!(error.operation(), Some("users.create"));
    let error = client
        .messages()
        .download_file("f")
        .await
        .expect("a file")
        .bytes()
        .await
        .expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::TooLong, "{error}");
    // The status of an error response matters more than the length of its body.
    let server = Server::replay(503, "x".repeat(5000)).await;
    let client = builder().base_url(server.url()).build().expect("a client");
    let error = client.users().create("alice").await.expect_err("an error");
    assert_eq!(
        error
            .response()
            .map(|response| (response.status().as_u16(), response.body().len())),
        Some((503, 4096))
    );
}

#[tokio::test]
async fn an_error_response_without_json_is_kept() {
    let server = Server::replay(502, "<html>bad gateway</html>").await;
    let error = client(&server).users().create("alice").await.expect_err("an error");
    let response = error.response().expect("an error response");
    assert_eq!(
        (response.status().as_u16(), &response.body()[..]),
        (502, &b"<html>bad gateway</html>"[..])
    );
    assert_eq!((error.code(), error.message()), (None, None));
    assert!(error.is_retryable());
    assert!(error.to_string().contains("bad gateway"), "{error}");
}

#[tokio::test]
async fn an_error_response_has_code_and_message() {
    let body = r#"{"error":"reach_limit","error_description":"slow down","timestamp":1}"#;
    let server = Server::replay(429, body).await;
    let error = client(&server).users().list().await.expect_err("an error");
    assert_eq!(error.code(), Some(&ErrorCode::ReachLimit));
    assert!(error.has_code(ErrorCode::ReachLimit) && !error.has_code(ErrorCode::Unauthorized));
    assert!(error.is_retryable() && error.is_rate_limited());
    let remedy = "Wait, then call the operation less often, or have the limit raised.";
    assert_eq!(error.remedy(), Some(remedy));
    assert_eq!(
        error.to_string(),
        "users.list: the server responded with 429 Too Many Requests, reach_limit: slow down"
    );
    let known = error.known().expect("a documented error");
    assert_eq!((known.status, known.code, known.retryable), (429, "reach_limit", true));
    let server = Server::replay(404, r#"{"error":"Some New Code"}"#).await;
    let error = client(&server)
        .messages()
        .download_file("x")
        .await
        .expect_err("an error");
    assert!(error.is_not_found());
    assert_eq!(error.code().map(ErrorCode::as_str), Some("Some New Code"));
    assert!(error.known().is_none());
}

#[test]
fn limits_are_in_the_metadata() {
    let (send, create, list) = (SendToUsers::<()>::INFO, Create::<()>::INFO, List::<()>::INFO);
    assert_eq!(UploadFile::<()>::INFO.max_body, Some(10 << 20));
    let rate = send.limits[1];
    assert_eq!(
        (rate.count, rate.unit, rate.period, rate.bucket),
        (6000, "messages", Duration::from_secs(60), None)
    );
    assert_eq!(create.limits, UpdateNickname::<()>::INFO.limits);
    assert_eq!(create.limits[0].bucket, Some("user_writes"));
    assert_eq!(list.limits, [limits::DEFAULT]);
    assert_eq!(send.max_body, None);
    let urls = DataCenter::Singapore1.urls();
    assert_eq!((urls[0], urls.len()), (DataCenter::Singapore1.url(), 2));
}

#[tokio::test]
async fn a_decode_error_has_its_path() {
    let body = r#"{"entities":[{"uuid":"1","username":"a"},{"uuid":"2","username":"b","created":"soon"}]}"#;
    let server = Server::replay(200, body).await;
    let error = client(&server).users().list().await.expect_err("a decode error");
    assert_eq!(
        (error.kind(), error.path(), error.status().map(|status| status.as_u16())),
        (ErrorKind::Decode, "entities[1].created", Some(200))
    );
    let response = error.response().expect("a response");
    assert_eq!(&response.body()[..], body.as_bytes());
    let server = Server::replay(200, r#"{"entities":[]}"#).await;
    let error = client(&server)
        .users()
        .create("alice")
        .await
        .expect_err("a decode error");
    assert!(
        error.to_string().contains("entities[0]: the value is missing"),
        "{error}"
    );
}

#[tokio::test]
async fn a_response_may_contain_all_aliases() -> Result<(), Error> {
    let body = r#"{"data":[
        {"groupid":"1","lastModified":"1600000000000","last_modified":"1700000000001"},
        {"groupid":"2","last_modified":null,"lastModified":1700000000002},
        {"groupid":"3","lastModified":1700000000003}
    ]}"#;
    let server = Server::replay(200, body).await;
    let groups = client(&server).groups().list().await?;
    let modified: Vec<_> = groups.iter().filter_map(|group| group.modified).collect();
    let expected = [1_700_000_000_001, 1_700_000_000_002, 1_700_000_000_003];
    assert_eq!(modified, expected.map(TimestampMillis));
    assert_eq!(
        serde_json::to_value(&groups[0]).expect("JSON")["last_modified"],
        expected[0]
    );
    Ok(())
}

#[tokio::test]
async fn a_decode_error_under_an_alias_has_its_path() {
    let body = r#"{"data":[{"groupid":"1"},{"groupid":"2","lastModified":"soon"}]}"#;
    let server = Server::replay(200, body).await;
    let error = client(&server).groups().list().await.expect_err("a decode error");
    assert_eq!(error.path(), "data[1].lastModified");
    assert!(!error.to_string().contains("at `"), "{error}");
}

#[test]
fn rules_are_checked_before_sending() {
    let too_many = CreateMany::new((0..61).map(|n| NewUser::new(format!("u{n}"), "p")));
    let bad_name = CreateMany::new([NewUser::new("ok", "p"), NewUser::new("not ok", "p")]);
    let long = Create::new("alice").password("p".repeat(65));
    for (encoded, text) in [
        (
            too_many.encode(),
            "users.create_many: `users` has 61 elements; expected 1 to 60",
        ),
        (
            bad_name.encode(),
            "users.create_many: `users[1].username` does not match `^[A-Za-z0-9_.-]+$`",
        ),
        (
            long.encode(),
            "users.create: `password` has 65 characters; expected 1 to 64",
        ),
        (
            Create::new("").encode(),
            "users.create: `username` has 0 characters; expected 1 to 64",
        ),
        (
            List::new().limit(0).encode(),
            "users.list: `limit` is 0; expected 1 to 100",
        ),
    ] {
        assert_eq!(encoded.expect_err("an error").to_string(), text);
    }
}

#[tokio::test]
async fn headers_cannot_be_injected() {
    let server = Server::replay(200, "x").await;
    let client = client(&server);
    let error = client
        .messages()
        .download_file("f")
        .share_secret("a\r\nX-Evil: 1")
        .await
        .expect_err("an error");
    assert_eq!(error.reason(), Some(&Reason::HeaderText), "{error}");
    let file = File::bytes("a.txt", "x").content_type("text/plain\r\nX-Evil: 1");
    let error = client.messages().upload_file(file).await.expect_err("an error");
    assert_eq!(error.reason(), Some(&Reason::MediaType), "{error}");
    assert!(server.seen().is_empty());
    let token = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .token("a\r\nb")
        .build();
    let error = token.expect_err("an invalid token");
    assert!(error.to_string().starts_with("the token is empty or"), "{error}");
}

#[tokio::test]
async fn names_of_files_cannot_be_injected() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"entities":[{"uuid":"u"}]}"#).await;
    let file = File::bytes("a\"\r\nX-Evil: 1\r\n\r\n环信.txt", "hello").content_type("text/plain");
    client(&server)
        .messages()
        .upload_file(file)
        .restrict_access(true)
        .await?;
    let part = Part::file(
        "file",
        "a\"%0D%0AX-Evil: 1%0D%0A%0D%0A环信.txt",
        Some("text/plain"),
        "hello",
    );
    let headers = [("restrict-access", "true"), ("authorization", "Bearer fixed")];
    server.assert_sent("POST", "/acme/support/chatfiles", &headers, &Sent::multipart([part]));
    // The test server decodes quotes, so check the raw body, too.
    let seen = server.seen();
    let body = String::from_utf8_lossy(&seen[0].body);
    assert!(
        body.contains("; filename=\"a%22%0D%0AX-Evil: 1%0D%0A%0D%0A环信.txt\"\r\n"),
        "{body}"
    );
    Ok(())
}

#[tokio::test]
async fn a_file_may_be_read_from_a_reader() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"entities":[{"uuid":"u"}]}"#).await;
    let client = client(&server);
    let upload = client.messages().upload_file(File::reader("a.txt", &b"hello"[..]));
    let again = upload.clone();
    upload.await?;
    let part = Part::file("file", "a.txt", None, "hello");
    server.assert_sent(
        "POST",
        "/acme/support/chatfiles",
        &[("transfer-encoding", "chunked")],
        &Sent::multipart([part]),
    );
    let error = again.await.expect_err("used up");
    assert_eq!(error.reason(), Some(&Reason::UsedUp), "{error}");
    for wrong in [4, 6] {
        let file = File::reader("a.txt", &b"hello"[..]).length(wrong);
        let error = client.messages().upload_file(file).await.expect_err("another length");
        assert_eq!(error.kind(), ErrorKind::File, "{error:?}");
    }
    let error = client
        .messages()
        .upload_file(File::path("/no/such/file"))
        .await
        .expect_err("no file");
    assert_eq!(error.kind(), ErrorKind::File);
    Ok(())
}

#[tokio::test]
async fn secrets_are_never_printed() -> Result<(), Error> {
    let unreadable = format!(r#"{{"access_token":"{SECRET}","expires_in":"{SECRET}"}}"#);
    let server = Server::replay(200, unreadable).await;
    let builder = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .credentials("id", SECRET);
    let mut printed = vec![format!("{builder:?}")];
    printed.push(format!(
        "{:?}",
        support::over!(Client::builder("acme", "support")).token(SECRET)
    ));
    let client = builder.build()?;
    printed.push(format!("{client:?} {:?}", client.users()));
    let create = client.users().create("alice").password(SECRET);
    printed.push(format!("{create:?} {:?}", create.encode()));
    let target = easemob::target("https://localhost", "acme", "support")?.with_token(SECRET);
    printed.push(format!("{target:?} {:?}", create.to_http(&target)?.headers()));
    let download = client.messages().download_file("x").share_secret(SECRET);
    printed.push(format!("{download:?} {:?}", download.to_http(&target)?));
    // The response to the token request cannot be decoded.
    let error = create.await.expect_err("no token");
    printed.push(format!("{error} {error:?}"));
    let error = client
        .tokens()
        .create_app_token("id", SECRET)
        .await
        .expect_err("a decode error");
    assert_eq!(error.kind(), ErrorKind::Decode);
    printed.push(format!("{error} {error:?}"));
    let good = format!(r#"{{"access_token":"{SECRET}","expires_in":3600}}"#);
    let server = Server::replay(200, good).await;
    let token = self::client(&server)
        .tokens()
        .create_app_token("id", SECRET)
        .send()
        .await?;
    assert_eq!(token.value.access_token.expose(), SECRET);
    printed.push(format!("{token:?}"));
    for text in printed {
        assert!(!text.contains(SECRET), "{text}");
    }
    Ok(())
}

#[test]
fn a_base_url_must_be_safe() {
    let build = |url: &str| support::over!(Client::builder("acme", "support")).base_url(url).build();
    for open in ["http://example.org", "http://127.0.0.1.example.org"] {
        let error = build(open).expect_err(open);
        assert!(error.to_string().contains("not encrypted"), "{error}");
    }
    for bad in [
        "",
        "http://localhost@example.org",
        "example.org",
        "ftp://example.org",
        "https://",
        "https://example.org?x=1",
        "https://u:p@example.org",
        // Already ends with the base path.
        "https://example.org/acme/support/",
    ] {
        let error = build(bad).expect_err(bad);
        assert!(error.to_string().starts_with("invalid base URL"), "{error}");
    }
    let shown = |url: &str| build(url).expect_err(url).to_string();
    assert_eq!(
        shown("https://u:p@example.org/x?key=s3cret"),
        "invalid base URL `https://…@example.org/x`: it must not contain a user name or password"
    );
    for good in [
        "https://example.org",
        "http://127.0.0.1:80/",
        "http://[::1]:8080",
        "http://localhost/prefix/",
    ] {
        assert!(build(good).is_ok(), "{good}");
    }
    assert!(
        support::over!(Client::builder("acme", "support"))
            .base_url("http://example.org")
            .allow_http(true)
            .build()
            .is_ok()
    );
    let error = support::over!(Client::builder("acme", "support"))
        .build()
        .expect_err("no server");
    assert!(error.to_string().starts_with("no server is set"), "{error}");
    assert!(
        support::over!(Client::builder("acme", "support"))
            .data_center(DataCenter::China1)
            .build()
            .is_ok()
    );
    for org in ["", ".", ".."] {
        let client = support::over!(Client::builder(org, "support"))
            .base_url("https://example.org")
            .build();
        let error = client.expect_err(org);
        assert!(error.to_string().starts_with("the base path parameter"), "{error}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Server::replay(200, USER).await;
    let url = elsewhere.url();
    let server = Server::with(move |_| {
        let mut response = json_response(307, "");
        response
            .headers_mut()
            .insert("location", format!("{url}/x").parse().expect("a header"));
        response
    })
    .await;
    let error = client(&server).users().create("alice").await.expect_err("not followed");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(307));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn timeouts_apply() {
    let address = support::serve(|_| async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        json_response(200, USER)
    })
    .await;
    let builder = || {
        support::over!(Client::builder("acme", "support"))
            .base_url(format!("http://{address}"))
            .no_proxy()
            .token("t")
    };
    let short = Duration::from_millis(100);
    let client = builder().timeout(short).build().expect("a client");
    assert!(client.users().create("alice").await.expect_err("late").is_timeout());
    let client = builder().timeout(None).read_timeout(short).build().expect("a client");
    assert!(client.users().create("alice").await.expect_err("late").is_timeout());
    assert!(
        client
            .messages()
            .download_file("x")
            .await
            .expect_err("late")
            .is_timeout()
    );
    let client = builder().base_url(unreachable_url()).build().expect("a client");
    let error = client.users().create("alice").await.expect_err("no server");
    assert!(error.is_connect() && error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_request_without_a_client_is_the_same() -> Result<(), Error> {
    let target = easemob::target("https://example.org/prefix/", "acme", "support")?.with_token("t");
    let request = UploadFile::new(File::bytes("a.txt", "x")).to_http(&target)?;
    assert_eq!(request.uri(), "https://example.org/prefix/acme/support/chatfiles");
    assert_eq!(request.headers()["authorization"], "Bearer t");
    let error = UploadFile::new(File::path("/tmp/x"))
        .to_http(&target)
        .expect_err("not in memory");
    assert_eq!(error.reason(), Some(&Reason::NotInMemory), "{error}");
    let response = http::Response::new(Bytes::from_static(b"\x00\xFF"));
    assert_eq!(<DownloadFile>::from_http(response)?.into_value()[..], [0, 0xFF]);
    let response = http::Response::builder()
        .status(404)
        .body(Bytes::new())
        .expect("a response");
    assert!(
        <DownloadFile>::from_http(response)
            .expect_err("an error")
            .is_not_found()
    );
    let response = http::Response::new(Bytes::from_static(
        br#"{"entities":[{"uuid":"u","username":"a"}],"duration":"5"}"#,
    ));
    let response = <Create>::from_http(response)?;
    assert_eq!(response.envelope()?.duration.map(|duration| duration.0), Some(5));
    assert_eq!(response.value.username.as_str(), "a");
    Ok(())
}

#[tokio::test]
async fn a_request_can_be_sent_by_any_client() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"data":{"bob":"123"}}"#).await;
    let client = client(&server);
    let content = MessageContent::Text(TextBody::new("hi"));
    let message = SendToUsers::new(["bob"], content);
    let response = Arc::new(client).send(&message).await?;
    assert_eq!(
        (
            response.raw().status().as_u16(),
            response.value.message_ids["bob"].as_str()
        ),
        (200, "123")
    );
    server.assert_sent(
        "POST",
        "/acme/support/messages/users",
        &[("user-agent", "easemob/0.1.0"), ("accept", "application/json")],
        &Sent::json(r#"{"to":["bob"],"type":"txt","body":{"msg":"hi"}}"#),
    );
    Ok(())
}

/// A new cursor with each page, all of which are empty.
#[tokio::test]
async fn an_endless_list_ends_with_an_error() {
    let received = AtomicUsize::new(0);
    let server = Server::with(move |_: &Seen| {
        let cursor = received.fetch_add(1, Ordering::SeqCst);
        json_response(200, format!(r#"{{"entities":[],"cursor":"c{cursor}"}}"#))
    })
    .await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let client = client.token("t").build().expect("a client");
    let mut users = client.users().list().stream();
    let error = users.try_next().await.expect_err("no end");
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    assert_eq!(server.count(USERS), 100);
    assert!(users.try_next().await.expect("the end").is_none());
}
