//! Client-side rate limits.

#![cfg(feature = "rate-limit")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use easemob::types::TextBody;
use easemob::{Builder, CallOptions, Client, DataCenter, Error, ErrorKind, RateLimit, RateLimits};
use script::{Act, Script};
use support::{Seen, Server, json_response};

const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}],"data":{}}"#;

/// Shorter than the rate limits of these tests make a call wait.
const SHORT: Duration = Duration::from_secs(2);

fn builder(server: &Server) -> Builder {
    support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
}

#[tokio::test]
async fn operations_share_a_limit() -> Result<(), Error> {
    let server = Server::replay(200, USER).await;
    let limits = RateLimits::new().set("user_writes", RateLimit::per_second(40, "calls"));
    let client = builder(&server).rate_limits(limits).build()?;
    let start = Instant::now();
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                match number % 2 {
                    0 => client.users().create("alice").await.map(|_| ()),
                    _ => client.push().update_nickname("alice", "Alice").await.map(|_| ()),
                }
            })
        })
        .collect();
    for call in calls {
        call.await.expect("no panic")?;
    }
    // A burst of four, then 36 a second.
    assert!(start.elapsed() >= Duration::from_millis(990), "{:?}", start.elapsed());
    assert_eq!(server.seen().len(), 40);
    // Other operations are not limited.
    let start = Instant::now();
    client.users().list().await?;
    assert!(start.elapsed() < Duration::from_millis(900));
    Ok(())
}

#[tokio::test]
async fn calls_that_cannot_wait_fail_at_once() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"data":[]}"#).await;
    let slow = RateLimits::new().set("users.list", RateLimit::per_minute(1, "calls"));
    let client = builder(&server).timeout(SHORT).rate_limits(slow.clone()).build()?;
    let _ = client.users().list().await;
    let error = client.users().list().await.expect_err("held back");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0));
    assert!(error.is_rate_limited() && error.is_retryable() && error.status().is_none());
    assert!(
        error.retry_after().is_some_and(|wait| wait > Duration::from_secs(50)),
        "{error}"
    );
    assert_eq!(server.seen().len(), 1);
    // The timeout of a single call counts, too.
    let client = builder(&server).rate_limits(slow).build()?;
    let hurried = client.with(CallOptions::new().timeout(Duration::from_secs(5)));
    let _ = hurried.users().list().await;
    let start = Instant::now();
    let error = hurried.users().list().await.expect_err("held back");
    assert!(
        start.elapsed() < Duration::from_secs(4) && error.is_rate_limited(),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn an_attempt_with_a_new_token_counts() -> Result<(), Error> {
    let users = "/acme/support/users";
    let given = Arc::new(AtomicUsize::new(0));
    let numbers = Arc::clone(&given);
    let server = Server::with(move |seen: &Seen| {
        if seen.path() == "/acme/support/token" {
            let number = numbers.fetch_add(1, Ordering::SeqCst) + 1;
            return json_response(200, format!(r#"{{"access_token":"t{number}","expires_in":3600}}"#));
        }
        match seen.header("authorization") {
            "Bearer t1" => json_response(401, r#"{"error":"unauthorized"}"#),
            _ => json_response(200, USER),
        }
    })
    .await;
    let builder = || {
        given.store(0, Ordering::SeqCst);
        let builder = support::over!(Client::builder("acme", "support"))
            .base_url(server.url())
            .no_proxy();
        builder.credentials("id", "hunter2")
    };
    // A burst of one, then nine a second.
    let limits = RateLimits::new().set("users.list", RateLimit::per_second(10, "calls"));
    let client = builder().rate_limits(limits.clone()).build()?;
    let start = Instant::now();
    client.users().list().await?;
    assert!(start.elapsed() >= Duration::from_millis(100), "{:?}", start.elapsed());
    assert_eq!(server.count(users), 2);

    // One every three seconds.
    let limits = limits.set("users.list", RateLimit::per_minute(19, "calls"));
    let client = builder().timeout(SHORT).rate_limits(limits).build()?;
    let error = client.users().list().await.expect_err("held back");
    assert!(error.is_rate_limited(), "{error}");
    assert_eq!(server.count(users), 3);
    // The new token is kept for the next call.
    tokio::time::sleep(error.retry_after().expect("a time")).await;
    client.users().list().await?;
    assert_eq!((server.count(users), given.load(Ordering::SeqCst)), (4, 2));
    Ok(())
}

#[tokio::test]
async fn a_batch_costs_as_much_as_its_elements() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"data":{},"entities":[]}"#).await;
    let limits = RateLimits::new();
    let client = builder(&server).timeout(SHORT).rate_limits(limits.clone()).build()?;
    let to: Vec<_> = (0..1800).map(|number| format!("u{number}")).collect();
    // The limit counts messages, with a burst of 600.
    let sent = async |client: &Client| {
        let batches = client.messages().send_to_users(&to, TextBody::new("hi")).split();
        let batches = batches.at_most(600).all().await;
        batches.iter().filter(|batch| batch.result.is_ok()).count()
    };
    assert_eq!(sent(&client).await, 1);
    // Unless the app's limit counts calls.
    let calls = RateLimit::per_minute(20, "calls");
    let limits = limits.set("messages.send_to_users", calls);
    let client = builder(&server).timeout(SHORT).rate_limits(limits).build()?;
    assert_eq!(sent(&client).await, 2);
    assert_eq!(server.seen().len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_single_call_costs_as_much_as_its_elements() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"data":{}}"#).await;
    let client = builder(&server).timeout(SHORT).rate_limits(RateLimits::new()).build()?;
    let to: Vec<_> = (0..600).map(|number| format!("u{number}")).collect();
    // The limit counts messages, with a burst of 600.
    client.messages().send_to_users(&to, TextBody::new("hi")).await?;
    let error = client.messages().send_to_users(&to, TextBody::new("hi")).await;
    assert!(error.expect_err("held back").is_rate_limited());
    Ok(())
}

/// Calls that wait for a token are not sent in one burst when it arrives.
#[tokio::test]
async fn a_call_waits_for_the_token_before_its_permit() -> Result<(), Error> {
    let late = Duration::from_millis(500);
    let server = Script::run(move |_, received| {
        if received.head.contains("/token") {
            let token = Act::ok(r#"{"access_token":"t1","expires_in":3600}"#);
            return Act::Delay(late, Box::new(token));
        }
        Act::ok(USER)
    })
    .await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let limits = RateLimits::new().set("users.get", RateLimit::per_second(20, "calls"));
    let client = client.credentials("id", "hunter2").rate_limits(limits).build()?;
    let start = Instant::now();
    let calls = (0..20).map(|_| async { client.users().get("alice").await.map(drop) });
    for outcome in futures_util::future::join_all(calls).await {
        outcome?;
    }
    // A burst of two, then eighteen a second, counted from when the token arrives.
    assert!(
        start.elapsed() >= late + Duration::from_millis(990),
        "{:?}",
        start.elapsed()
    );
    Ok(())
}

#[test]
fn a_limit_with_an_unknown_key_is_rejected() {
    let build = |key: &str| {
        let limits = RateLimits::new().set(key, RateLimit::per_second(200, "calls"));
        let builder = support::over!(Client::builder("acme", "support")).data_center(DataCenter::China1);
        builder.token("t").rate_limits(limits).build()
    };
    for key in [
        "users.list",
        "user_writes",
        "tokens.create_app_token",
        "messages.send_to_rooms",
    ] {
        assert!(build(key).is_ok(), "{key}");
    }
    for key in ["users.lst", "users", "list", "USER_WRITES", ""] {
        let error = build(key).expect_err(key);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            error.to_string(),
            format!(
                "invalid rate limit for `{key}`: no operation or bucket has this name; `OperationInfo` has the \
                 names of both"
            )
        );
    }
}

#[test]
fn an_invalid_limit_is_rejected() {
    let build = |key: &str, limit: RateLimit| {
        let builder = support::over!(Client::builder("acme", "support")).data_center(DataCenter::China1);
        builder
            .token("t")
            .rate_limits(RateLimits::new().set(key, limit))
            .build()
    };
    let error_of = |key, limit| build(key, limit).err().map(|error| error.to_string());
    for (key, limit) in [
        ("messages.send_to_users", RateLimit::per_minute(1200, "messages")),
        ("messages.send_to_users", RateLimit::per_minute(10, "calls")),
    ] {
        assert_eq!(error_of(key, limit), None);
    }
    for (key, limit, why) in [
        ("users.list", RateLimit::per_second(0, "calls"), "must not be zero"),
        (
            "users.list",
            RateLimit::per_second(5, "messages"),
            "its unit is neither",
        ),
        (
            "messages.send_to_users",
            RateLimit::per_second(5, "call"),
            "its unit is neither",
        ),
    ] {
        let error = error_of(key, limit).expect("an error");
        assert!(error.contains(why), "{error}");
    }
}

/// When the server received each call, and how many messages it carried.
type Arrivals = Vec<(tokio::time::Instant, usize)>;

/// Makes 700 calls at once that take this many receivers, and returns when they arrived.
async fn arrivals(
    count: impl Fn(usize) -> usize,
    send: impl AsyncFn(Client, Vec<String>) -> Result<(), Error>,
) -> Arrivals {
    let arrivals = Arc::new(Mutex::new(Arrivals::new()));
    let seen = Arc::clone(&arrivals);
    let server = Server::with(move |request: &Seen| {
        let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
        let count = body["to"].as_array().map_or(0, Vec::len);
        seen.lock().expect("a lock").push((tokio::time::Instant::now(), count));
        json_response(200, r#"{"data":{}}"#)
    })
    .await;
    let client = builder(&server).rate_limits(RateLimits::new()).timeout(None).build();
    let client = client.expect("a client");
    let calls = (0..700).map(|call| {
        let to = (0..count(call)).map(|number| number.to_string()).collect();
        send(client.clone(), to)
    });
    for outcome in futures_util::future::join_all(calls).await {
        outcome.expect("it is sent");
    }
    let arrivals = std::mem::take(&mut *arrivals.lock().expect("a lock"));
    assert_eq!(arrivals.len(), 700);
    arrivals
}

/// Returns the most calls and messages in any period of this many seconds.
fn most_within(arrivals: &Arrivals, seconds: u64) -> (usize, usize) {
    let most = arrivals.iter().map(|(start, _)| {
        let end = *start + Duration::from_secs(seconds);
        let within = arrivals.iter().filter(|(time, _)| time >= start && *time < end);
        within.fold((0, 0), |(calls, messages), (_, count)| (calls + 1, messages + count))
    });
    most.fold((0, 0), |(calls, messages), most| {
        (calls.max(most.0), messages.max(most.1))
    })
}

/// Returns the calls and messages per second.
fn rate(arrivals: &Arrivals) -> (f64, f64) {
    let (first, last) = (arrivals[0].0, arrivals[arrivals.len() - 1].0);
    let seconds = (last - first).as_secs_f64();
    let messages: usize = arrivals.iter().map(|(_, count)| count).sum();
    let per_second = |count: usize| f64::from(u32::try_from(count).expect("a small number")) / seconds;
    (per_second(arrivals.len()), per_second(messages))
}

async fn to_users(client: Client, to: Vec<String>) -> Result<(), Error> {
    client.messages().send_to_users(to, TextBody::new("hi")).await.map(drop)
}

async fn to_groups(client: Client, to: Vec<String>) -> Result<(), Error> {
    client
        .messages()
        .send_to_groups(to, TextBody::new("hi"))
        .await
        .map(drop)
}

async fn to_rooms(client: Client, to: Vec<String>) -> Result<(), Error> {
    client.messages().send_to_rooms(to, TextBody::new("hi")).await.map(drop)
}

/// 100 calls a second and 6000 messages a minute.
#[tokio::test(start_paused = true)]
async fn messages_to_users_keep_both_limits() {
    let single = arrivals(|_| 1, to_users).await;
    assert!(most_within(&single, 1).0 <= 100);
    assert!(rate(&single).0 >= 90.0, "{:?}", rate(&single));
    // From 1 to 600 receivers.
    let many = arrivals(|call| 1 + call * call % 100, to_users).await;
    assert!(most_within(&many, 1).0 <= 100);
    assert!(most_within(&many, 60).1 <= 6000, "{:?}", most_within(&many, 60));
    assert!(rate(&many).1 >= 90.0, "{:?}", rate(&many));
    let full = arrivals(|call| if call % 7 == 0 { 600 } else { 1 }, to_users).await;
    assert!(most_within(&full, 1).0 <= 100 && most_within(&full, 60).1 <= 6000);
    assert!(rate(&full).1 >= 90.0, "{:?}", rate(&full));
}

/// 20 calls a second, and 20 messages a second.
#[tokio::test(start_paused = true)]
async fn messages_to_groups_keep_both_limits() {
    let single = arrivals(|_| 1, to_groups).await;
    assert!(most_within(&single, 1).0 <= 20);
    assert!(rate(&single).0 >= 18.0, "{:?}", rate(&single));
    let mixed = arrivals(|call| 1 + call % 3, to_groups).await;
    assert!(most_within(&mixed, 1).0 <= 20 && most_within(&mixed, 1).1 <= 20);
    assert!(rate(&mixed).1 >= 12.0, "{:?}", rate(&mixed));
}

/// 20 calls and 100 messages a second.
#[tokio::test(start_paused = true)]
async fn messages_to_rooms_keep_both_limits() {
    for count in [|_| 1, |call: usize| 1 + call % 10] {
        let arrived = arrivals(count, to_rooms).await;
        assert!(most_within(&arrived, 1).0 <= 20);
        assert!(most_within(&arrived, 1).1 <= 100, "{:?}", most_within(&arrived, 1));
    }
    let single = arrivals(|_| 1, to_rooms).await;
    assert!(rate(&single).0 >= 18.0, "{:?}", rate(&single));
    let many = arrivals(|_| 10, to_rooms).await;
    assert!(rate(&many).1 >= 90.0, "{:?}", rate(&many));
}

/// The documented limits.
#[test]
fn operations_state_the_limits_of_the_vendor() {
    use easemob::Operation;
    use easemob::messages::{SendToGroups, SendToRooms, SendToUsers};

    let calls = |count| RateLimit::per_second(count, "calls");
    let messages = |count| RateLimit::per_second(count, "messages");
    let per_minute = RateLimit::per_minute(6000, "messages");
    assert_eq!(<SendToUsers>::INFO.limits, [calls(100), per_minute]);
    assert_eq!(<SendToGroups>::INFO.limits, [calls(20), messages(20)]);
    assert_eq!(<SendToRooms>::INFO.limits, [calls(20), messages(100)]);
}

/// A code that is documented as throttling counts under every status for which it is not documented otherwise.
#[tokio::test]
async fn a_throttling_code_is_rate_limited_under_any_status() -> Result<(), Error> {
    for (status, code, expected) in [
        (429, "reach_limit", true),
        (503, "reach_limit", true),
        (500, "reach_limit", true),
        (403, "reach_limit", true),
        (403, "message_send_error", true),
        (503, "message_send_error", true),
        (400, "message_send_error", false),
        (429, "resource_limited", true),
        (403, "forbidden_op", false),
        (503, "unavailable", false),
    ] {
        let server = Server::replay(
            status,
            format!(r#"{{"error":"{code}","error_description":"slow down"}}"#),
        )
        .await;
        let client = builder(&server).retry(easemob::RetryPolicy::off()).build()?;
        let error = client.messages().send_to_users(["bob"], TextBody::new("hi")).await;
        let error = error.expect_err("rejected");
        assert_eq!(error.is_rate_limited(), expected, "{error}");
        assert_eq!(error.kind() == ErrorKind::RateLimited, expected, "{error}");
        if expected {
            assert!(!error.may_have_taken_effect(), "{error}");
        }
    }
    Ok(())
}
