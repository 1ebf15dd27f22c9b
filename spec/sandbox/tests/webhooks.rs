//! Webhooks: their delivery to a backend.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use easemob::types::TextBody;
use easemob::webhook::{Event, Verifier};
use easemob::{Client, Error};
use easemob_sandbox::{Sandbox, WebhookOutcome};

use support::checked::Checked;
use support::receiver::Receiver;

const SECRET: &str = "secret of the rule";

/// A sandbox that sends webhooks to a receiver.
struct World {
    sandbox: Checked,
    receiver: Receiver,
    client: Client,
}

impl World {
    async fn new() -> Self {
        Self::with(Receiver::start().await)
    }

    fn with(receiver: Receiver) -> Self {
        let sandbox = Checked::with(Sandbox::builder().webhook(receiver.url(), SECRET));
        let client = sandbox.client().unwrap();
        Self {
            sandbox,
            receiver,
            client,
        }
    }

    /// Sends a message to each user.
    async fn send(&self, text: &str, to: &[&str]) -> Result<(), Error> {
        let messages = self.client.messages();
        messages
            .send_to_users(to.iter().copied(), TextBody::new(text))
            .from("alice")
            .await
            .map(drop)
    }

    /// Waits until the webhooks are delivered, and returns their outcomes.
    async fn outcomes(&self) -> Vec<WebhookOutcome> {
        let webhooks = self.sandbox.settled_webhooks().await;
        webhooks.iter().map(|webhook| webhook.outcome).collect()
    }
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
        received.push((event.conversation.to, event.payload.bodies.len()));
    }
    let expected = ["bob", "carol", "bob"].map(|user| (user.to_owned(), 1));
    assert_eq!(received, expected);
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
    Ok(())
}

#[tokio::test]
async fn a_failed_delivery_is_tried_once_more_with_the_same_body() -> Result<(), Error> {
    let world =
        World::with(Receiver::responding(|number, _| (if number == 0 { 500 } else { 200 }, String::new())).await);
    world.send("hi", &["bob"]).await?;
    assert_eq!(world.outcomes().await, [WebhookOutcome::Delivered]);
    let bodies = world.receiver.bodies();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
    let webhook = &world.sandbox.webhooks().event("message")[0];
    let statuses: Vec<_> = webhook.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(500), Some(200)]);
    assert_eq!(webhook.body.as_bytes(), bodies[0]);
    Ok(())
}
