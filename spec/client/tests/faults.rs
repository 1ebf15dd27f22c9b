//! Results of calls to a server that misbehaves.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::time::{Duration, Instant};

use easemob::{Client, Error, ErrorCode, ErrorKind, RetryPolicy};
use script::{Act, Script};
use support::unreachable_url;

const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;

/// Returns a server that always does the same, and its client, which gives up a silent server soon. A busy one must not look silent.
async fn always(act: Act) -> Result<(Script, Client), Error> {
    let is_silent = matches!(act, Act::Delay(..) | Act::Stall(_));
    let server = Script::run(move |_, _| act.clone()).await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
        .read_timeout(Duration::from_millis(if is_silent { 500 } else { 30_000 }))
        .retry(RetryPolicy::off())
        .build()?;
    Ok((server, client))
}

/// Returns the result of a call to a server that always does the same.
async fn outcome(act: Act) -> Result<String, Error> {
    let (server, client) = always(act).await?;
    let user = client.users().get("alice").await;
    assert_eq!(server.count(), 1);
    user.map(|user| user.username.into())
}

#[tokio::test]
async fn a_slow_response_is_awaited() {
    let late = |time| Act::Delay(Duration::from_millis(time), Act::ok(USER).into());
    assert_eq!(outcome(late(100)).await.expect("a user"), "alice");
    let error = outcome(late(5_000)).await.expect_err("late");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert!(error.is_timeout() && error.is_retryable());
}

#[tokio::test]
async fn a_truncated_response_is_an_error() {
    let half = &USER[..20];
    for (act, kind) in [
        (Act::Raw(Act::wire(USER.len(), half)), ErrorKind::Interrupted),
        (Act::Reset(Act::wire(USER.len(), half)), ErrorKind::Interrupted),
        (Act::Stall(Act::wire(USER.len(), half)), ErrorKind::Timeout),
        (Act::Stall(b"HTTP/1.1 200 OK\r\ncon".to_vec()), ErrorKind::Timeout),
        (Act::Stall(Vec::new()), ErrorKind::Timeout),
        (Act::Close, ErrorKind::Interrupted),
        (Act::Reset(Vec::new()), ErrorKind::Interrupted),
        (Act::Raw(b"HTTP/1.1 200 OK\r\n".to_vec()), ErrorKind::Interrupted),
        (Act::Raw(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()), ErrorKind::Interrupted),
        (Act::Raw(vec![0xFF; 10_000]), ErrorKind::Interrupted),
    ] {
        let shown = format!("{act:?}").chars().take(100).collect::<String>();
        let error = outcome(act).await.expect_err("no response");
        assert_eq!((error.kind(), error.status()), (kind, None), "{shown}: {error:?}");
        assert!(error.is_retryable() && error.attempts() == 1);
        assert!(error.may_have_taken_effect(), "{shown}");
        assert_eq!(error.operation(), Some("users.get"));
    }
}

#[tokio::test]
async fn chunks_must_be_complete() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{:x}\r\n{USER}\r\n", USER.len());
    let raw = |body: &str| Act::Raw(format!("{head}{body}").into());
    assert_eq!(
        outcome(raw(&format!("{chunk}0\r\n\r\n"))).await.expect("a user"),
        "alice"
    );
    for body in [
        "",
        "garbage",
        "zz\r\n{}\r\n0\r\n\r\n",
        "-1\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n{}",
        "7fffffffffffffff\r\n{}",
        &chunk,
        &format!("{chunk}\r\n\r\n"),
    ] {
        let error = outcome(raw(body)).await.expect_err("garbage");
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{body}: {error:?}");
    }
}

#[tokio::test]
async fn an_error_response_keeps_its_details() {
    let body = r#"{"error":"reach_limit","error_description":"slow down"}"#;
    let act = Act::Respond(429, &[("retry-after", "7"), ("x-request-id", "r1")], body.to_owned());
    let error = outcome(act).await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 1));
    assert_eq!(error.code(), Some(&ErrorCode::ReachLimit));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    let response = error.response().expect("an error response");
    assert_eq!(
        (error.message(), &response.headers()["x-request-id"]),
        (Some("slow down"), &"r1".parse().expect("a header"))
    );
    assert_eq!(
        (error.info().map(|info| info.path), &response.body()[..]),
        (Some("/users/{username}"), body.as_bytes())
    );
    for (status, kind) in [
        (302, ErrorKind::Rejected),
        (400, ErrorKind::Rejected),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (413, ErrorKind::TooLarge),
        (500, ErrorKind::Server),
        (503, ErrorKind::Server),
        (999, ErrorKind::Server),
    ] {
        for body in ["", "{}", "<html>", "{\"error\":", "[1]", "\u{FEFF}{}"] {
            let error = outcome(Act::error(status, body)).await.expect_err("an error");
            assert_eq!(
                (error.kind(), error.status().map(|status| status.as_u16())),
                (kind, Some(status))
            );
            assert_eq!(
                error.response().map(|response| response.body().clone()),
                Some(body.to_owned().into())
            );
        }
    }
    // The body of an error response may be truncated; its status matters more.
    let cut = b"HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nso".to_vec();
    let error = outcome(Act::Raw(cut)).await.expect_err("an error");
    assert_eq!(
        error.response().map(|response| response.body().clone()),
        Some("so".into())
    );
}

#[tokio::test]
async fn an_unexpected_response_is_kept() {
    for (body, path) in [
        (&USER[..20], ""),
        ("", ""),
        ("<html>hello</html>", ""),
        ("\u{FEFF}{}", ""),
        ("[]", "entities[0]"),
        ("null", "entities[0]"),
        ("{}", "entities[0]"),
        (r#"{"entities":{}}"#, "entities[0]"),
        (r#"{"entities":[7]}"#, "entities[0]"),
        (r#"{"entities":[{"username":[7]}]}"#, "entities[0].username"),
    ] {
        let error = outcome(Act::ok(body)).await.expect_err("a decode error");
        assert_eq!(
            (error.kind(), error.attempts(), error.is_retryable()),
            (ErrorKind::Decode, 1, false)
        );
        let response = error.response().expect("a response");
        assert_eq!(
            (response.status().as_u16(), &response.body()[..]),
            (200, body.as_bytes())
        );
        assert_eq!(error.path(), path, "{body}");
    }
    let error = outcome(Act::ok("<html>a proxy\nspeaks</html>")).await;
    assert_eq!(
        error.expect_err("no JSON").to_string(),
        "users.get: unexpected response (200 OK): the document: invalid JSON: <html>a proxy speaks</html>"
    );
}

#[tokio::test]
async fn without_a_connection_nothing_is_executed() -> Result<(), Error> {
    let builder = support::over!(Client::builder("acme", "support"))
        .base_url(unreachable_url())
        .no_proxy()
        .token("t");
    let client = builder.retry(RetryPolicy::off()).build()?;
    let error = client.users().create("alice").await.expect_err("no connection");
    assert!(!error.may_have_taken_effect());
    let server = error.server().expect("a server");
    assert_eq!(error.to_string(), format!("users.create: cannot connect to {server}"));
    assert!(server.starts_with("127.0.0.1:"), "{server}");
    Ok(())
}

/// The API documents this 403 as throttling.
#[tokio::test]
async fn a_retryable_403_is_a_rate_limit() {
    let act = |code: &str| Act::error(403, &format!(r#"{{"error":"{code}"}}"#));
    let error = outcome(act("message_send_error")).await.expect_err("too many");
    assert_eq!((error.kind(), error.is_rate_limited()), (ErrorKind::RateLimited, true));
    let error = outcome(act("forbidden_op")).await.expect_err("forbidden");
    assert_eq!((error.kind(), error.is_rate_limited()), (ErrorKind::Forbidden, false));
}

#[tokio::test]
async fn an_endless_response_is_cut_off() {
    const PIECE: usize = 1 << 20;
    let piece = || [b"{\"entities\":[".as_slice(), &vec![b' '; PIECE - 13]].concat();
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 100 * PIECE);
    let open = "HTTP/1.1 200 OK\r\n\r\n".to_owned();
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
    let chunk = [format!("{PIECE:x}\r\n").as_bytes(), &piece(), b"\r\n"].concat();
    for act in [
        Act::Repeat(announced, piece(), 100),
        Act::Repeat(open, piece(), 100),
        Act::Repeat(chunked, chunk, 100),
    ] {
        let start = Instant::now();
        let error = outcome(act).await.expect_err("too long");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::TooLong, 1), "{error}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }
    // The body of an error response is truncated at the limit.
    let endless = Act::Repeat("HTTP/1.1 500 Oops\r\n\r\n".to_owned(), vec![b'x'; PIECE], 100);
    let error = outcome(endless).await.expect_err("an error");
    assert_eq!(
        (error.kind(), error.response().map(|response| response.body().len())),
        (ErrorKind::Server, Some(16 << 20))
    );
    assert!(error.to_string().len() < 2000 && format!("{error:?}").len() < 4000);
}

#[tokio::test]
async fn a_file_may_stop_at_any_time() -> Result<(), Error> {
    for (act, kind) in [
        (Act::Raw(Act::wire(1000, "half")), ErrorKind::Interrupted),
        (Act::Reset(Act::wire(1000, "half")), ErrorKind::Interrupted),
        (Act::Stall(Act::wire(1000, "half")), ErrorKind::Timeout),
    ] {
        let (_server, client) = always(act).await?;
        let mut download = client.messages().download_file("f").await?;
        let mut content = Vec::new();
        let error = download.copy_to(&mut content).await.expect_err("half a file");
        assert_eq!((error.kind(), error.attempts()), (kind, 1));
    }
    Ok(())
}
