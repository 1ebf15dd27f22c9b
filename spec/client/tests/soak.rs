//! Ten thousand calls to a server that fails a fifth of them.
//!
//! The only test of its process, since it measures the memory of the process.

#![cfg(all(feature = "client", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use easemob::types::TextBody;
use easemob::{Client, RetryPolicy};
use script::{Act, Script};

const CALLS: usize = 10_000;
const WORKERS: usize = 32;
/// Maximum growth of the process during the second half.
const ALLOWED_KIB: usize = 4 << 10;

/// A fifth of the requests fail, in all possible ways.
fn act(number: usize, good: &str) -> Act {
    if number % 5 != 4 {
        return Act::ok(good);
    }
    match number / 5 % 10 {
        0 => Act::error(500, "oops"),
        1 => Act::error(502, "<html>"),
        2 => Act::Respond(503, &[("retry-after", "0")], "{}".to_owned()),
        3 => Act::error(429, r#"{"error":"reach_limit"}"#),
        4 => Act::Close,
        5 => Act::Reset(Vec::new()),
        6 => Act::Reset(Act::wire(100, "{\"ent")),
        7 => Act::Raw(Act::wire(100, "{\"ent")),
        8 => Act::Raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec()),
        _ => Act::Delay(Duration::from_millis(20), Act::error(504, "").into()),
    }
}

fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.expect("the size")
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number")
}

/// Makes half of the calls, alternately reading and sending a message. Returns the number of messages sent.
async fn half(client: &Client, next: &Arc<AtomicUsize>, end: usize) -> usize {
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let (client, next) = (client.clone(), Arc::clone(next));
            tokio::spawn(async move {
                let mut sent = 0;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return sent;
                    }
                    if number % 2 == 0 {
                        client.users().get("alice").await.expect("idempotent calls succeed");
                    } else {
                        let content = TextBody::new(format!("<{number}>"));
                        let outcome = client.messages().send_to_users(["bob"], content).await;
                        sent += usize::from(outcome.is_ok());
                    }
                }
            })
        })
        .collect();
    let mut sent = 0;
    for worker in workers {
        sent += worker.await.expect("no panic");
    }
    next.store(end, Ordering::Relaxed);
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_with_faults() {
    let server = Script::run(|number, received| {
        let good = if received.body.is_empty() {
            r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#
        } else {
            r#"{"data":{"bob":"1"}}"#
        };
        act(number, good)
    })
    .await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let idle = tasks();
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("t")
        .retry_budget(100, 1000)
        .retry(
            RetryPolicy::new()
                .max_attempts(20)
                .base_delay(Duration::from_millis(1))
                .max_delay(Duration::from_millis(20)),
        )
        .build()
        .expect("a client");

    let next = Arc::new(AtomicUsize::new(0));
    let first = half(&client, &next, CALLS / 2).await;
    let before = resident_kib();
    let second = half(&client, &next, CALLS).await;
    let grown = resident_kib().saturating_sub(before);

    let mut messages: BTreeMap<String, usize> = BTreeMap::new();
    let mut reads = 0;
    for received in server.requests() {
        let body = String::from_utf8(received.body).expect("text");
        match body.split_once('<').and_then(|(_, rest)| rest.split_once('>')) {
            Some((number, _)) => *messages.entry(number.to_owned()).or_default() += 1,
            None => reads += 1,
        }
    }
    assert!(reads > CALLS / 2, "reads were repeated: {reads}");
    assert_eq!(
        messages.values().filter(|count| **count > 1).count(),
        0,
        "no message came twice"
    );
    assert!(messages.len() <= CALLS / 2);
    let sent = first + second;
    assert!(
        (CALLS * 3 / 8..CALLS * 9 / 20).contains(&sent),
        "{sent} messages were sent"
    );
    // Some of the growth is the server's record of requests.
    assert!(grown < ALLOWED_KIB, "the process grew by {grown} KiB");

    drop(client);
    for _ in 0..100 {
        if tasks() <= idle {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} tasks are left over", tasks() - idle);
}
