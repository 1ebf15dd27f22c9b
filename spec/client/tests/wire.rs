//! Details of requests and responses that must be the same over every HTTP client.

#![cfg(any(feature = "hyper", feature = "reqwest"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::io::Write;
use std::time::{Duration, Instant};

use easemob::types::TextBody;
use easemob::{Builder, CallOptions, Client, Error, ErrorCode, ErrorKind, File, RetryPolicy};
use script::{Act, Received, Script};
use support::unreachable_url;

const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;
const REACHED: &str = r#"{"error":"reach_limit","error_description":"slow down"}"#;

/// Selects each of the enabled HTTP clients.
fn http_clients() -> Vec<fn(Builder) -> Builder> {
    vec![
        #[cfg(feature = "reqwest")]
        |builder| builder,
        #[cfg(feature = "hyper")]
        Builder::hyper,
    ]
}

fn builder(url: String) -> Builder {
    Client::builder("acme", "support")
        .base_url(url)
        .no_proxy()
        .token("fixed")
        .retry(RetryPolicy::new().base_delay(Duration::from_millis(1)))
}

fn header<'a>(received: &'a Received, name: &str) -> Option<&'a str> {
    let mut lines = received.head.lines();
    lines.find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}

fn encoded(status: u16, encoding: &str, body: &[u8]) -> Act {
    let head = format!(
        "HTTP/1.1 {status} Whatever\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Act::Raw([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn no_content_encoding_is_accepted_and_others_are_named() -> Result<(), Error> {
    for choose in http_clients() {
        for encoding in ["gzip", "GZIP", "deflate", "br", "zstd", "gzip, identity"] {
            let server = Script::run(move |_, _| encoded(200, encoding, &gzip(USER))).await;
            let client = choose(builder(server.url())).build()?;
            let name = format!("`{}`", encoding.to_ascii_lowercase());
            let error = client.users().get("alice").await.expect_err("encoded");
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{error}");
            assert!(error.to_string().contains(&name), "{error}");
            let error = client.messages().download_file("f").await.expect_err("encoded");
            assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
            assert!(error.to_string().contains(&name), "{error}");
            // The result of this operation is secret, but the encoding is not.
            let error = client
                .messages()
                .get_history_file("2024061400")
                .await
                .expect_err("encoded");
            assert!(error.to_string().contains(&name), "{error}");
            for received in server.requests() {
                assert_eq!(header(&received, "accept-encoding"), Some("identity"));
            }
        }
        for encoding in ["identity", "Identity", ""] {
            let server = Script::run(move |_, _| encoded(200, encoding, USER.as_bytes())).await;
            let client = choose(builder(server.url())).build()?;
            client.users().get("alice").await?;
            assert_eq!(client.messages().download_file("f").await?.bytes().await?, USER);
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_encoded_error_response_keeps_its_status() -> Result<(), Error> {
    for choose in http_clients() {
        for (status, kind) in [
            (429, ErrorKind::RateLimited),
            (404, ErrorKind::NotFound),
            (403, ErrorKind::Forbidden),
            (500, ErrorKind::Server),
        ] {
            let server = Script::run(move |_, _| encoded(status, "gzip", &gzip(REACHED))).await;
            let client = choose(builder(server.url())).retry(RetryPolicy::off()).build()?;
            let error = client.users().get("alice").await.expect_err("an error");
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains("content encoding `gzip`"), "{error}");
        }
        // Some servers only claim that the body is encoded.
        let server = Script::run(|_, _| encoded(429, "gzip", REACHED.as_bytes())).await;
        let client = choose(builder(server.url())).retry(RetryPolicy::off()).build()?;
        let error = client.users().get("alice").await.expect_err("an error");
        assert!(error.has_code(ErrorCode::ReachLimit), "{error}");
    }
    Ok(())
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn a_file_of_records_may_be_encoded_with_gzip_only() -> Result<(), Error> {
    const LINE: &str = r#"{"msg_id":"1","timestamp":1718323260400,"chat_type":"chat","payload":{"bodies":[]}}"#;
    for choose in http_clients() {
        for (encoding, read) in [("gzip", true), ("x-gzip", true), ("br", false), ("deflate", false)] {
            let file = Script::run(move |_, _| encoded(200, encoding, &gzip(LINE))).await;
            let link = format!(r#"{{"data":[{{"url":"{}/f?Signature=hidden"}}]}}"#, file.url());
            let server = Script::run(move |_, _| Act::ok(&link)).await;
            let client = choose(builder(server.url())).header("x-gateway", "secret").build()?;
            let mut records = client.messages().get_history_file("2024061400").records().await?;
            match records.try_next().await {
                Ok(Some(Ok(_))) => assert!(read, "{encoding}"),
                Err(error) => assert!(!read && error.to_string().contains(encoding), "{error}"),
                other => panic!("{other:?}"),
            }
            // The file is on another server.
            let received = file.requests();
            for name in ["authorization", "x-gateway"] {
                assert_eq!(header(&received[0], name), None);
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn requests_without_a_body_say_so() -> Result<(), Error> {
    for choose in http_clients() {
        let server = Script::run(|_, _| Act::error(400, "{}")).await;
        let client = choose(builder(server.url())).build()?;
        assert!(client.contacts().add("alice", "bob").await.is_err());
        assert!(client.group_members().mute_all("1").await.is_err());
        assert!(client.group_members().block("1", "bob").await.is_err());
        assert!(client.chatroom_members().add("1", "bob").await.is_err());
        for received in server.requests() {
            assert!(received.head.starts_with("POST"), "{}", received.head);
            assert_eq!(header(&received, "content-length"), Some("0"));
            assert_eq!(header(&received, "content-type"), None);
        }
        let server = Script::run(|_, _| Act::error(400, "{}")).await;
        let client = choose(builder(server.url())).build()?;
        assert!(client.users().get("alice").await.is_err());
        assert!(client.users().delete("alice").await.is_err());
        assert!(client.users().create("alice").await.is_err());
        let received = server.requests();
        let lengths: Vec<_> = received
            .iter()
            .map(|received| header(received, "content-length"))
            .collect();
        let length = received[2].body.len().to_string();
        assert_eq!(lengths, [None, None, Some(&*length)]);
    }
    Ok(())
}

/// A connection makes progress only while the runtime that opened it is running.
#[test]
fn a_client_may_be_used_from_several_runtimes_in_turns() -> Result<(), Error> {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    let servers = tokio::runtime::Runtime::new().expect("a runtime");
    let server = servers.block_on(Script::run(|_, received| {
        Act::ok(if received.head.contains("/messages/") {
            r#"{"data":{"bob":"1"}}"#
        } else {
            USER
        })
    }));
    for choose in http_clients() {
        for count in [1, 2, 3, 8] {
            let runtimes: Vec<_> = (0..count).map(|_| runtime().expect("a runtime")).collect();
            let client = choose(builder(server.url())).build()?;
            let start = Instant::now();
            for _ in 0..3 {
                for runtime in &runtimes {
                    runtime.block_on(async { client.users().get("alice").await })?;
                    let sent =
                        runtime.block_on(async { client.messages().send_to_users(["bob"], TextBody::new("hi")).await });
                    sent?;
                }
            }
            assert!(
                start.elapsed() < Duration::from_secs(15),
                "{count}: {:?}",
                start.elapsed()
            );
            // A runtime that is dropped does not take the client with it.
            drop(runtimes);
            runtime()
                .expect("a runtime")
                .block_on(async { client.users().get("alice").await })?;
        }
    }
    Ok(())
}

#[test]
fn without_a_runtime_there_is_an_error() -> Result<(), Error> {
    for choose in http_clients() {
        let client = choose(builder("http://127.0.0.1:9".to_owned())).timeout(None).build()?;
        let users = client.users();
        let mut call = std::pin::pin!(users.get("alice").into_future());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match call.as_mut().poll(&mut context) {
            std::task::Poll::Ready(Err(error)) => assert_eq!(error.kind(), ErrorKind::Unsendable, "{error}"),
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_header_that_is_false_is_left_out() -> Result<(), Error> {
    for choose in http_clients() {
        let server = Script::run(|_, _| Act::ok(r#"{"entities":[{"uuid":"f1"}]}"#)).await;
        let client = choose(builder(server.url())).build()?;
        let file = || File::bytes("a.txt", "a");
        client.messages().upload_file(file()).restrict_access(false).await?;
        client.messages().upload_file(file()).restrict_access(true).await?;
        client.messages().upload_file(file()).await?;
        client.messages().download_file("f").thumbnail(false).await?;
        client.messages().download_file("f").thumbnail(true).await?;
        let received = server.requests();
        let values: Vec<_> = received[..3]
            .iter()
            .map(|received| header(received, "restrict-access"))
            .collect();
        assert_eq!(values, [None, Some("true"), None]);
        let values: Vec<_> = received[3..]
            .iter()
            .map(|received| header(received, "thumbnail"))
            .collect();
        assert_eq!(values, [None, Some("true")]);
    }
    Ok(())
}

#[tokio::test]
async fn requests_that_were_not_processed_have_no_effect() -> Result<(), Error> {
    let unreachable = unreachable_url();
    for choose in http_clients() {
        let client = choose(builder(unreachable.clone())).build()?;
        let outcomes = [
            client.users().get("alice").await.map(drop),
            client.users().delete("alice").await.map(drop),
            client.users().create("alice").await.map(drop),
            client
                .messages()
                .send_to_users(["bob"], TextBody::new("hi"))
                .await
                .map(drop),
        ];
        for outcome in outcomes {
            let error = outcome.expect_err("unreachable");
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3), "{error}");
            assert!(!error.may_have_taken_effect(), "{error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_budget_without_a_reserve_allows_retries() -> Result<(), Error> {
    for choose in http_clients() {
        for (percent, expected) in [(100, 20), (200, 20), (0, 0)] {
            let server = Script::run(|number, _| {
                if number % 2 == 0 {
                    Act::error(503, "{}")
                } else {
                    Act::ok(USER)
                }
            })
            .await;
            let client = choose(builder(server.url())).retry_budget(percent, 0).build()?;
            let mut succeeded = 0;
            for _ in 0..20 {
                if client.users().get("alice").await.is_ok() {
                    succeeded += 1;
                } else if percent == 0 {
                    // Use up the response that is not an error.
                    client.users().get("alice").await?;
                }
            }
            assert_eq!(succeeded, expected, "{percent}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn each_server_gets_its_own_host() -> Result<(), Error> {
    for choose in http_clients() {
        let server = Script::run(|_, received| {
            let host = header(received, "host").unwrap_or_default();
            Act::ok(&format!(r#"{{"entities":[{{"uuid":"u1","username":"{host}"}}]}}"#))
        })
        .await;
        for first in [server.url(), unreachable_url()] {
            let client = choose(builder(first.clone()).base_urls([first, server.url()])).build()?;
            for _ in 0..2 {
                let user = client.users().get("alice").await?;
                assert_eq!(format!("http://{}", user.username), server.url());
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_local_machine_has_many_names() -> Result<(), Error> {
    for choose in http_clients() {
        let server = Script::run(|_, _| Act::ok(USER)).await;
        let port = server.url().rsplit(':').next().expect("a port").to_owned();
        for host in ["LOCALHOST", "Localhost", "127.0.0.1", "[::ffff:127.0.0.1]"] {
            let client = choose(builder(format!("http://{host}:{port}"))).build()?;
            client
                .users()
                .get("alice")
                .await
                .unwrap_or_else(|error| panic!("{host}: {error:?}"));
        }
        for host in ["localhost.", "LocalHost.", "[::1]", "127.1.2.3", "[::FFFF:127.0.0.2]"] {
            assert!(choose(builder(format!("http://{host}:1"))).build().is_ok(), "{host}");
        }
        for host in [
            "localhost.example",
            "127.0.0.1.example",
            "localhosts",
            "10.0.0.1",
            "[::ffff:10.0.0.1]",
            "[::2]",
        ] {
            let built = choose(builder(format!("http://{host}:1"))).build();
            let error = built.expect_err(host);
            assert!(error.to_string().contains("not encrypted"), "{error}");
        }
    }
    Ok(())
}

#[test]
fn a_base_url_must_not_contain_dots() {
    for choose in http_clients() {
        for path in ["a/../b", "./a", "a/%2e%2E", "a/%2e", "a\\b", ".."] {
            let built = choose(builder(format!("https://a.example/{path}"))).build();
            let error = built.expect_err(path);
            assert!(error.to_string().starts_with("invalid base URL"), "{error}");
        }
        for path in ["a.b", "...", "a/.well-known"] {
            assert!(
                choose(builder(format!("https://a.example/{path}"))).build().is_ok(),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_stalled_tls_handshake_is_a_connect_failure() -> Result<(), Error> {
    for choose in http_clients() {
        let silent = Script::run(|_, _| Act::Close).await;
        let url = silent.url().replace("http://", "https://");
        let quick = Duration::from_millis(200);
        let client = choose(builder(url)).connect_timeout(quick).build()?;
        let sent = client.messages().send_to_users(["bob"], TextBody::new("hi")).await;
        let error = sent.expect_err("no TLS");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3), "{error:?}");
        assert!(!error.may_have_taken_effect());
    }
    Ok(())
}

#[tokio::test]
async fn headers_can_be_added() -> Result<(), Error> {
    for choose in http_clients() {
        let server = Script::run(|_, _| Act::ok(USER)).await;
        let client = choose(builder(server.url()));
        let client = client
            .header("X-Gateway", "one")
            .header("x-route", "blue")
            .user_agent("team/1")
            .build()?;
        client.users().get("alice").await?;
        let options = CallOptions::new()
            .header("x-route", "green")
            .header("x-trace", String::from("7"));
        let traced = client.with(options);
        traced.users().get("alice").await?;
        let hurried = traced.with(
            CallOptions::new()
                .header("x-trace", "8")
                .timeout(Duration::from_secs(9)),
        );
        hurried.users().create("alice").await?;
        let another = client.another("acme", "sales").token("other").build()?;
        another.users().get("alice").await?;
        let received = server.requests();
        for (number, [route, trace]) in [["blue", ""], ["green", "7"], ["green", "8"], ["blue", ""]]
            .iter()
            .enumerate()
        {
            let of = |name| header(&received[number], name).unwrap_or_default();
            assert_eq!((of("x-gateway"), of("user-agent")), ("one", "team/1"), "{number}");
            assert_eq!((of("x-route"), of("x-trace")), (*route, *trace), "{number}");
            assert_eq!(of("accept-encoding"), "identity");
        }
        assert_eq!(header(&received[3], "authorization"), Some("Bearer other"));
    }
    Ok(())
}

#[tokio::test]
async fn headers_of_the_client_cannot_be_replaced() -> Result<(), Error> {
    for choose in http_clients() {
        let server = Script::run(|_, _| Act::ok(USER)).await;
        for (name, value) in [
            ("Authorization", "Bearer other"),
            ("content-type", "text/plain"),
            ("CONTENT-LENGTH", "7"),
            ("host", "other.example"),
            ("accept-encoding", "gzip"),
            ("transfer-encoding", "chunked"),
            ("bad name", "x"),
            ("", "x"),
            ("x-split", "a\r\nb: c"),
        ] {
            let built = choose(builder(server.url())).header(name, value).build();
            assert_eq!(built.expect_err(name).kind(), ErrorKind::Config);
            let client = choose(builder(server.url()))
                .build()?
                .with(CallOptions::new().header(name, value));
            let error = client.users().get("alice").await.expect_err("a header");
            assert!(error.to_string().starts_with("the custom header"), "{error}");
            assert!(
                !error.to_string().contains(value) || value == "x" || value == "7",
                "{error}"
            );
        }
        assert_eq!(server.count(), 0);
        // Values may be secret.
        let options = CallOptions::new().header("x-key", "hidden");
        assert!(!format!("{options:?}").contains("hidden") && format!("{options:?}").contains("x-key"));
    }
    Ok(())
}

#[tokio::test]
async fn another_client_keeps_all_settings() -> Result<(), Error> {
    for choose in http_clients() {
        let server = Script::run(|number, _| match number {
            0 | 1 => Act::ok(USER),
            _ => Act::error(503, "{}"),
        })
        .await;
        let first = choose(builder(server.url()))
            .user_agent("team/2")
            .retry(RetryPolicy::new().max_attempts(5).base_delay(Duration::from_millis(1)))
            .max_response(USER.len())
            .connect_timeout(Duration::from_millis(300))
            .build()?;
        first.users().get("alice").await?;
        let other = first.another("acme", "sales").token("t").build()?;
        other.users().get("alice").await?;
        assert_eq!(header(&server.requests()[1], "user-agent"), Some("team/2"));
        let error = other.users().get("alice").await.expect_err("down");
        assert_eq!(error.attempts(), 5);
        // Even if its HTTP client has to be built anew.
        let long = format!(r#"{{"entities":[{{"uuid":"u1","username":"alice","nickname":"{USER:?}"}}]}}"#);
        let server = Script::run(move |_, _| Act::ok(&long)).await;
        let other = first.another("acme", "sales").token("t").base_url(server.url());
        let other = other.read_timeout(Duration::from_secs(7)).build()?;
        let error = other.users().get("alice").await.expect_err("too long");
        assert_eq!(error.kind(), ErrorKind::TooLong);
        assert_eq!(header(&server.requests()[0], "user-agent"), Some("team/2"));
        // The connect timeout, too.
        let silent = Script::run(|_, _| Act::Close).await;
        let other = first.another("acme", "sales").token("t").retry(RetryPolicy::off());
        let other = other.base_url(silent.url().replace("http://", "https://")).build()?;
        let start = Instant::now();
        assert!(other.users().get("alice").await.expect_err("no TLS").is_connect());
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    Ok(())
}

#[tokio::test]
async fn signed_links_are_not_shown() -> Result<(), Error> {
    const LINK: &str = "https://history.example/f.gz?Signature=TOPSECRET";
    for choose in http_clients() {
        let body = format!(r#"{{"data":[{{"url":"{LINK}"}}]}}"#);
        let broken = format!(r#"{{"data":[{{"url":["{LINK}"]}}]}}"#);
        let server = Script::run(move |number, _| Act::ok(if number == 0 { &body } else { &broken })).await;
        let client = choose(builder(server.url())).build()?;
        let response = client.messages().get_history_file("2024061400").send().await?;
        assert_eq!(response.value[0].url.expose(), LINK);
        let error = client
            .messages()
            .get_history_file("2024061400")
            .await
            .expect_err("a list");
        for shown in [
            format!("{response:?}"),
            format!("{:?}", response.value),
            format!("{:?}", response.raw()),
            format!("{error} {error:?}"),
        ] {
            assert!(!shown.contains("TOPSECRET"), "{shown}");
        }
    }
    Ok(())
}
