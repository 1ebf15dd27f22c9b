//! Webhooks: their delivery to a backend.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use easemob::types::TextBody;
use easemob::webhook::{Event, Verifier};
use easemob::{Client, Error, webhook};
use easemob_sandbox::{Builder, RecordedWebhook, Sandbox, WebhookFault, WebhookOutcome};
use serde_json::{Value, json};

use support::checked::Checked;
use support::receiver::Receiver;

const SECRET: &str = "secret of the rule";

/// 15 June 2024.
const NOW: i64 = 1_718_409_600_000;

/// All events, and whether their webhooks are signed.
const EVENTS: [(&str, bool); 12] = [
    ("before_sending", true),
    ("message", true),
    ("message_recalled", true),
    ("message_read", true),
    ("message_delivered", true),
    ("reaction_changed", false),
    ("thread_changed", false),
    ("group_operation", true),
    ("contact_operation", true),
    ("user_status", true),
    ("keyword_found", true),
    ("content_moderated", true),
];

/// A sandbox that sends webhooks to a receiver.
struct World {
    sandbox: Checked,
    receiver: Receiver,
    client: Client,
}

impl World {
    async fn new() -> Self {
        Self::with(Sandbox::builder(), Receiver::start().await)
    }

    /// Creates a sandbox whose first deliveries fail.
    async fn failing(builder: Builder, count: usize) -> Self {
        let respond = move |number, _: &[u8]| (if number < count { 500 } else { 200 }, String::new());
        Self::with(builder, Receiver::responding(respond).await)
    }

    fn with(builder: Builder, receiver: Receiver) -> Self {
        let sandbox = Checked::with(builder.webhook(receiver.url(), SECRET));
        let client = sandbox.client().unwrap();
        Self {
            sandbox,
            receiver,
            client,
        }
    }

    /// Sends a message to each user.
    async fn send(&self, text: &str, to: &[&str]) -> Result<(), Error> {
        send(&self.client, text, to).await
    }

    fn fail(&self, fault: WebhookFault) {
        self.sandbox.fail_webhooks(fault).unwrap();
    }

    /// Waits until the webhooks are delivered, and returns their outcomes.
    async fn outcomes(&self) -> Vec<WebhookOutcome> {
        let webhooks = self.sandbox.settled_webhooks().await;
        webhooks.iter().map(|webhook| webhook.outcome).collect()
    }

    /// Waits until the webhooks are delivered, and returns the texts of the messages in the order in which they arrived.
    async fn texts(&self) -> Vec<String> {
        self.sandbox.settled_webhooks().await;
        self.receiver.bodies().iter().map(|body| text(body)).collect()
    }

    /// Sends a request to the control interface. Returns the status and the body.
    async fn control(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = reqwest::Client::new().request(method, url).body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_slice(&response.bytes().await.unwrap()).unwrap(),
        )
    }
}

async fn send(client: &Client, text: &str, to: &[&str]) -> Result<(), Error> {
    let request = client
        .messages()
        .send_to_users(to.iter().copied(), TextBody::new(text))
        .from("alice");
    request.await.map(drop)
}

/// Returns the text of the message in a webhook.
fn text(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["payload"]["bodies"][0]["msg"].as_str().unwrap().to_owned()
}

fn statuses(webhook: &RecordedWebhook) -> Vec<Option<u16>> {
    webhook.attempts.iter().map(|attempt| attempt.status).collect()
}

#[tokio::test]
async fn a_message_reaches_the_backend_signed_and_in_order() -> Result<(), Error> {
    let world = World::new().await;
    world.send("hi", &["bob", "carol"]).await?;
    world.send("bye", &["bob"]).await?;
    assert_eq!(world.outcomes().await, [WebhookOutcome::Delivered; 3]);

    let mut received = Vec::new();
    for body in world.receiver.bodies() {
        Verifier::new(SECRET).verify(&body).unwrap();
        Verifier::new("another").verify(&body).unwrap_err();
        let Event::Message(event) = Event::parse(&body).unwrap() else {
            panic!("another event: {}", String::from_utf8_lossy(&body));
        };
        assert_eq!(event.conversation.from, "alice");
        received.push((event.conversation.to, text(&body)));
    }
    let expected = [("bob", "hi"), ("carol", "hi"), ("bob", "bye")];
    assert_eq!(received, expected.map(|(to, text)| (to.to_owned(), text.to_owned())));
    Ok(())
}

#[tokio::test]
async fn without_a_url_no_webhooks_are_sent_and_another_url_receives_the_next_ones() -> Result<(), Error> {
    let world = World::new().await;
    world.sandbox.clear_webhook();
    world.send("one", &["bob"]).await?;
    assert!(world.outcomes().await.is_empty());

    let other = Receiver::start().await;
    world.sandbox.set_webhook(other.url(), "another secret").unwrap();
    world.send("two", &["bob"]).await?;
    assert_eq!(world.outcomes().await, [WebhookOutcome::Delivered]);
    assert!(world.receiver.bodies().is_empty());
    Verifier::new("another secret").verify(&other.bodies()[0]).unwrap();

    world.sandbox.reset();
    world.send("three", &["bob"]).await?;
    assert_eq!(world.texts().await, ["three"]);
    Ok(())
}

#[tokio::test]
async fn a_failed_delivery_is_tried_once_more_with_the_same_body() -> Result<(), Error> {
    let world = World::failing(Sandbox::builder(), 1).await;
    world.send("hi", &["bob"]).await?;
    assert_eq!(world.outcomes().await, [WebhookOutcome::Delivered]);
    let bodies = world.receiver.bodies();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
    let webhook = &world.sandbox.webhooks().event("message")[0];
    assert_eq!(statuses(webhook), [Some(500), Some(200)]);
    assert_eq!(webhook.body.as_bytes(), bodies[0]);
    assert!(world.sandbox.stored_webhooks().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_response_that_is_too_long_or_missing_is_a_failure() -> Result<(), Error> {
    let respond = |number, _: &[u8]| (200, "x".repeat(if number == 0 { 1001 } else { 1000 }));
    let world = World::with(Sandbox::builder(), Receiver::responding(respond).await);
    world.send("hi", &["bob"]).await?;
    let webhooks = world.sandbox.settled_webhooks().await;
    let [long, good] = &webhooks[0].attempts[..] else {
        panic!("{webhooks:?}")
    };
    assert_eq!(
        long.error.as_deref(),
        Some("the response has more than 1000 characters")
    );
    assert!(good.is_success() && good.response.len() == 1000, "{good:?}");

    // Nothing listens at this port any more.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    world.sandbox.set_webhook(&format!("http://{closed}/"), SECRET).unwrap();
    world.send("hi", &["bob"]).await?;
    let webhooks = world.sandbox.settled_webhooks().await;
    assert_eq!(webhooks[1].outcome, WebhookOutcome::Stored);
    assert_eq!(statuses(&webhooks[1]), [None, None]);
    let error = webhooks[1].attempts[0].error.as_deref().unwrap();
    assert!(error.contains("refused"), "{error}");
    Ok(())
}

#[tokio::test]
async fn after_90_failures_nothing_is_sent_for_5_minutes() -> Result<(), Error> {
    let world = World::failing(Sandbox::builder().clock(NOW), 90).await;
    let users: Vec<_> = (0..44).map(|number| format!("user{number}")).collect();
    let users: Vec<_> = users.iter().map(String::as_str).collect();
    world.send("lost", &users).await?;
    assert_eq!(world.outcomes().await, [WebhookOutcome::Stored; 44]);
    // The failures of the last 30 seconds count.
    world.sandbox.advance(Duration::from_secs(29));
    world.send("lost", &["bob"]).await?;
    world.sandbox.settled_webhooks().await;
    world.send("banned", &["bob"]).await?;
    assert_eq!(
        world.outcomes().await[44..],
        [WebhookOutcome::Stored, WebhookOutcome::Banned]
    );
    world.sandbox.advance(Duration::from_millis(299_999));
    world.send("banned", &["bob"]).await?;
    assert_eq!(world.outcomes().await.last(), Some(&WebhookOutcome::Banned));
    assert_eq!(world.receiver.bodies().len(), 90);

    world.sandbox.advance(Duration::from_millis(1));
    world.send("delivered", &["bob"]).await?;
    assert_eq!(world.outcomes().await.last(), Some(&WebhookOutcome::Delivered));
    assert_eq!(world.sandbox.stored_webhooks().len(), 47);
    Ok(())
}

#[tokio::test]
async fn failures_of_more_than_30_seconds_ago_do_not_count() -> Result<(), Error> {
    let world = World::failing(Sandbox::builder().clock(NOW), 90).await;
    for step in 0..45 {
        world.send("lost", &["bob"]).await?;
        world.sandbox.settled_webhooks().await;
        if step == 0 {
            world.sandbox.advance(Duration::from_secs(30));
        }
    }
    world.send("delivered", &["bob"]).await?;
    assert_eq!(world.outcomes().await.last(), Some(&WebhookOutcome::Delivered));
    Ok(())
}

#[tokio::test]
async fn lost_webhooks_are_stored_for_3_days_and_can_be_sent_again() -> Result<(), Error> {
    let world = World::failing(Sandbox::builder().clock(NOW), 4).await;
    world.send("one", &["bob"]).await?;
    world.sandbox.settled_webhooks().await;
    world.sandbox.advance(Duration::from_secs(600));
    world.send("two", &["bob"]).await?;
    assert_eq!(world.outcomes().await, [WebhookOutcome::Stored; 2]);
    let stored = world.sandbox.stored_webhooks();
    let summary: Vec<_> = stored
        .iter()
        .map(|webhook| (webhook.time, webhook.event.as_str(), webhook.resent))
        .collect();
    assert_eq!(summary, [(NOW, "message", 0), (NOW + 600_000, "message", 0)]);

    // Only those of the span, with the same body.
    assert_eq!(world.sandbox.resend_webhooks(&(NOW..NOW + 600_000), None).unwrap(), 1);
    assert_eq!(world.outcomes().await.last(), Some(&WebhookOutcome::Delivered));
    let bodies = world.receiver.bodies();
    assert_eq!(bodies[4], bodies[0]);
    // To another URL, and without storing them once more.
    let other = Receiver::responding(|_, _| (500, String::new())).await;
    let all = 0..i64::MAX;
    world.sandbox.clear_webhook();
    world.sandbox.resend_webhooks(&all, None).unwrap_err();
    assert_eq!(world.sandbox.resend_webhooks(&all, Some(other.url())).unwrap(), 2);
    assert_eq!(world.outcomes().await[3..], [WebhookOutcome::Failed; 2]);
    assert_eq!(other.bodies().len(), 4);
    let resent: Vec<_> = world
        .sandbox
        .stored_webhooks()
        .iter()
        .map(|webhook| webhook.resent)
        .collect();
    assert_eq!(resent, [2, 1]);
    world.sandbox.resend_webhooks(&all, Some("nonsense")).unwrap_err();

    // They belong to the state.
    let state = world.sandbox.save().unwrap();
    let third_day = Duration::from_secs(3 * 24 * 60 * 60 - 600);
    world.sandbox.advance(third_day);
    assert_eq!(world.sandbox.stored_webhooks().len(), 1);
    world.sandbox.advance(Duration::from_secs(600));
    assert!(world.sandbox.stored_webhooks().is_empty());
    world.sandbox.load(&state).unwrap();
    assert_eq!(world.sandbox.stored_webhooks().len(), 2);
    Ok(())
}

#[tokio::test]
async fn webhooks_of_all_events_can_be_sent_by_hand() {
    let world = World::new().await;
    for (event, _) in EVENTS {
        world.sandbox.send_webhook(event, ()).unwrap();
    }
    assert_eq!(world.outcomes().await, [WebhookOutcome::Delivered; 12]);
    let bodies = world.receiver.bodies();
    let mut ids = Vec::new();
    for ((event, is_signed), body) in EVENTS.into_iter().zip(&bodies) {
        let parsed = Event::parse(body).unwrap();
        assert!(!matches!(parsed, Event::Other(_)), "{event}: {parsed:?}");
        assert_eq!(Verifier::new(SECRET).verify(body).is_ok(), is_signed, "{event}");
        ids.extend(webhook::id(body));
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), count), (10, 10), "{ids:?}");
    assert!(ids.iter().all(|id| id.starts_with("acme#support_")), "{ids:?}");
}

#[tokio::test]
async fn values_of_a_webhook_sent_by_hand_can_be_changed() {
    let world = World::new().await;
    let changes = json!({"reason": "logout", "status": "offline", "ip": null, "callId": "mine"});
    assert_eq!(world.sandbox.send_webhook("user_status", changes).unwrap(), 1);
    world.sandbox.settled_webhooks().await;
    let body = &world.receiver.bodies()[0];
    Verifier::new(SECRET).verify(body).unwrap();
    assert_eq!(webhook::id(body).as_deref(), Some("mine"));
    let Event::UserStatus(event) = Event::parse(body).unwrap() else {
        panic!("another event")
    };
    assert_eq!((event.reason.as_str(), event.ip), ("logout", None));

    let unknown = world.sandbox.send_webhook("birthday", ()).unwrap_err();
    assert!(
        unknown.to_string().contains("expected one of before_sending, message"),
        "{unknown}"
    );
    world.sandbox.send_webhook("message", [1]).unwrap_err();
    world.sandbox.clear_webhook();
    world.sandbox.send_webhook("message", ()).unwrap_err();
}

#[tokio::test]
async fn the_response_before_sending_is_read_once_and_must_be_quick() {
    const ANSWER: &str = r#"{"valid": false, "code": "advertising"}"#;
    let respond = |_, body: &[u8]| {
        let body: Value = serde_json::from_slice(body).unwrap();
        if body["from"] == "slow" {
            // Longer than the 200 ms that the server waits.
            std::thread::sleep(Duration::from_millis(400));
        }
        (200, ANSWER.to_owned())
    };
    let world = World::with(Sandbox::builder(), Receiver::responding(respond).await);
    // On a busy machine, even this receiver can be too slow.
    for _ in 0..20 {
        world.sandbox.send_webhook("before_sending", ()).unwrap();
        if world.outcomes().await.last() == Some(&WebhookOutcome::Delivered) {
            break;
        }
    }
    let read = &world.sandbox.webhooks().outcome(WebhookOutcome::Delivered)[0];
    assert_eq!(read.attempts[0].response, ANSWER);

    world
        .sandbox
        .send_webhook("before_sending", json!({"from": "slow"}))
        .unwrap();
    let webhooks = world.sandbox.settled_webhooks().await;
    let late = webhooks.last().unwrap();
    assert_eq!((late.outcome, late.attempts.len()), (WebhookOutcome::Failed, 1));
    assert_eq!(late.attempts[0].error.as_deref(), Some("no response within 200 ms"));
    assert!(world.sandbox.stored_webhooks().is_empty());
}

#[tokio::test]
async fn webhooks_arrive_late_twice_or_in_another_order() -> Result<(), Error> {
    let world = World::new().await;
    world.fail(WebhookFault::delay(Duration::from_millis(50)));
    world.send("late", &["bob"]).await?;
    world.send("on time", &["bob"]).await?;
    assert_eq!(world.texts().await, ["on time", "late"]);

    world.fail(WebhookFault::duplicate());
    world.send("twice", &["bob"]).await?;
    assert_eq!(world.texts().await[2..], ["twice", "twice"]);

    world.fail(WebhookFault::reorder().times(2));
    for text in ["third", "second", "first"] {
        world.send(text, &["bob"]).await?;
    }
    assert_eq!(world.texts().await[4..], ["first", "second", "third"]);
    let faults: Vec<_> = world.sandbox.webhooks().iter().map(|webhook| webhook.fault).collect();
    let [late, twice, moved] = ["delay", "duplicate", "reorder"].map(Some);
    assert_eq!(faults, [late, None, twice, moved, moved, None]);
    // Without another webhook, it arrives, too.
    world.fail(WebhookFault::reorder());
    world.send("alone", &["bob"]).await?;
    assert_eq!(world.texts().await.last().unwrap(), "alone");
    Ok(())
}

#[tokio::test]
async fn rejected_attempts_of_an_event_are_failures() -> Result<(), Error> {
    let world = World::new().await;
    world.fail(WebhookFault::reject().event("message").times(3));
    world.sandbox.send_webhook("user_status", ()).unwrap();
    world.send("one", &["bob"]).await?;
    world.send("two", &["bob"]).await?;
    let [delivered, stored] = [WebhookOutcome::Delivered, WebhookOutcome::Stored];
    assert_eq!(world.outcomes().await, [delivered, stored, delivered]);
    let webhooks = world.sandbox.webhooks();
    assert_eq!(statuses(&webhooks[2]), [None, Some(200)]);
    assert_eq!(webhooks[1].attempts[0].error.as_deref(), Some("rejected by a fault"));
    assert_eq!(world.receiver.bodies().len(), 2);

    world.fail(WebhookFault::reject().times(1000));
    world.sandbox.clear_faults();
    world.send("three", &["bob"]).await?;
    assert_eq!(world.outcomes().await.last(), Some(&delivered));
    Ok(())
}

#[tokio::test]
async fn faults_of_webhooks_are_checked() {
    let world = World::new().await;
    for fault in [
        WebhookFault::reject().event("birthday"),
        WebhookFault::reject().times(0),
        WebhookFault::delay(Duration::ZERO),
        WebhookFault::delay(Duration::from_secs(3601)),
    ] {
        world.sandbox.fail_webhooks(fault).unwrap_err();
    }
}

#[tokio::test]
async fn the_control_interface_sends_and_lists_webhooks() {
    let world = World::failing(Sandbox::builder(), 2).await;
    let (status, sent) = world
        .control("POST", "webhooks", &json!({"event": "user_status"}))
        .await;
    assert_eq!((status, sent), (200, json!({"number": 1})));
    world.sandbox.settled_webhooks().await;
    let changed = json!({"event": "message", "app": ["acme", "support"], "body": {"from": "zoe"}});
    world.control("POST", "webhooks", &changed).await;
    world.sandbox.settled_webhooks().await;

    let (_, listed) = world
        .control("GET", "webhooks?after=1&limit=5&event=message", &Value::Null)
        .await;
    assert_eq!(listed["pending"], 0);
    let [webhook] = &listed["webhooks"].as_array().unwrap()[..] else {
        panic!("{listed}")
    };
    assert_eq!(
        (&webhook["number"], &webhook["outcome"]),
        (&json!(2), &json!("delivered"))
    );
    assert!(
        webhook["body"].as_str().unwrap().contains(r#""from":"zoe""#),
        "{webhook}"
    );

    let (_, stored) = world.control("GET", "webhooks/stored", &Value::Null).await;
    assert_eq!(stored["apps"][0]["webhooks"][0]["event"], "user_status");
    let (_, resent) = world.control("POST", "webhooks/resend", &json!({})).await;
    assert_eq!(resent, json!({"resent": 1}));
    assert_eq!(world.outcomes().await.last(), Some(&WebhookOutcome::Delivered));
}

#[tokio::test]
async fn the_control_interface_sets_the_url_and_faults() -> Result<(), Error> {
    let world = World::new().await;
    let (_, target) = world.control("DELETE", "webhooks/target", &Value::Null).await;
    assert_eq!(target, json!({"url": null, "secret": "example-webhook-secret"}));
    let target = json!({"url": world.receiver.url(), "secret": "set later"});
    assert_eq!(
        world.control("POST", "webhooks/target", &target).await,
        (200, target.clone())
    );
    assert_eq!(
        world.control("GET", "webhooks/target", &Value::Null).await,
        (200, target)
    );
    let faults = json!([{"fault": "reject", "event": "message"}, {"fault": "delay", "delay_ms": 1}]);
    let (status, pending) = world.control("POST", "webhooks/faults", &faults).await;
    assert_eq!((status, pending["faults"].as_array().unwrap().len()), (200, 2));
    world.send("hi", &["bob"]).await?;
    assert_eq!(world.outcomes().await, [WebhookOutcome::Delivered]);
    assert_eq!(world.sandbox.webhooks()[0].attempts.len(), 2);
    Verifier::new("set later").verify(&world.receiver.bodies()[0]).unwrap();
    let (_, none) = world.control("DELETE", "webhooks/faults", &Value::Null).await;
    assert_eq!(none, json!({"faults": []}));

    for (method, path, body, expected) in [
        ("POST", "webhooks", json!({"event": "birthday"}), 400),
        ("POST", "webhooks", json!({"event": "message", "body": 1}), 400),
        (
            "POST",
            "webhooks",
            json!({"event": "message", "app": ["no", "app"]}),
            400,
        ),
        ("POST", "webhooks/faults", json!({"fault": "delay"}), 400),
        ("POST", "webhooks/target", json!({"url": "ftp://example.com"}), 400),
        ("POST", "webhooks/resend", json!({"url": "nonsense"}), 400),
        ("GET", "webhooks?before=1", Value::Null, 400),
        ("GET", "webhooks/resend", Value::Null, 405),
        ("GET", "webhooks/rules", Value::Null, 404),
    ] {
        let (status, error) = world.control(method, path, &body).await;
        assert_eq!(status, expected, "{method} {path} {body}: {error}");
        assert!(error["error"].is_string(), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_receiver_that_never_responds_blocks_neither_calls_nor_shutdown() -> Result<(), Error> {
    // Accepts connections in the backlog, but never reads.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let sandbox = Sandbox::builder().webhook(url, SECRET).start().unwrap();
    let client = sandbox.client().unwrap();
    let started = Instant::now();
    for _ in 0..50 {
        send(&client, "hi", &["bob"]).await?;
    }
    let pending = sandbox.webhooks().outcome(WebhookOutcome::Pending);
    assert_eq!(pending.len(), 50);
    sandbox.stop().unwrap();
    // The first attempt alone times out after 5 seconds.
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    Ok(())
}

#[test]
fn a_url_that_is_not_valid_is_an_error() {
    for url in ["", "localhost:8080", "ftp://example.com/", "http://"] {
        let error = Sandbox::builder().webhook(url, SECRET).start().unwrap_err();
        assert!(error.to_string().contains("expected http://"), "{error}");
    }
}

#[tokio::test]
async fn the_program_takes_the_url_and_the_secret_and_needs_no_certificates() {
    let receiver = Receiver::start().await;
    let arguments = ["--port", "0", "--webhook", receiver.url(), "--webhook-secret", "s3cret"];
    let mut program = Command::new(env!("CARGO_BIN_EXE_easemob-sandbox"))
        .args(arguments)
        // As in a container without certificates.
        .env("SSL_CERT_FILE", "/nonexistent")
        .env_remove("SSL_CERT_DIR")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = Vec::new();
    let mut out = program.stdout.take().unwrap();
    let wanted = b"export EASEMOB_WEBHOOK_SECRET=s3cret\n";
    while !printed.ends_with(wanted) {
        let mut byte = [0];
        out.read_exact(&mut byte).unwrap();
        printed.extend(byte);
    }
    let printed = String::from_utf8(printed).unwrap();
    let url = printed
        .lines()
        .find_map(|line| line.strip_prefix("export EASEMOB_BASE_URL="));
    let sent = reqwest::Client::new()
        .post(format!("{}/_sandbox/webhooks", url.unwrap()))
        .body(r#"{"event": "message"}"#);
    assert_eq!(sent.send().await.unwrap().status(), 200);
    let started = Instant::now();
    while receiver.bodies().is_empty() && started.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    program.kill().unwrap();
    program.wait().unwrap();
    Verifier::new("s3cret").verify(&receiver.bodies()[0]).unwrap();
}
