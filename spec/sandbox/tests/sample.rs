//! The samples in Rust of the page "Test against the sandbox" of the docs.

#[path = "support/receiver.rs"]
#[allow(dead_code, unreachable_pub, reason = "the sample uses a part")]
mod receiver;

use receiver::Receiver as Backend;

use easemob_sandbox::{Fault, Sandbox};

#[tokio::test]
async fn a_user_is_registered() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start()?;
    let client = sandbox.client()?;
    client.users().create("alice").password("s3cret").await?;
    assert_eq!(sandbox.calls().operation("users.create").status(200).len(), 1);

    // The next call fails, and the client sends it again.
    sandbox.fail(Fault::status(503).operation("users.get"))?;
    assert_eq!(client.users().get("alice").await?.username, "alice");
    Ok(())
}

use easemob_sandbox::WebhookOutcome;
use serde_json::json;

#[tokio::test]
async fn the_backend_receives_a_webhook() -> Result<(), Box<dyn std::error::Error>> {
    let backend = Backend::start().await;
    let sandbox = Sandbox::builder().webhook(backend.url(), "s3cret").start()?;
    sandbox.send_webhook("user_status", json!({"reason": "logout", "status": "offline"}))?;
    let webhooks = sandbox.settled_webhooks().await;
    assert_eq!(webhooks[0].outcome, WebhookOutcome::Delivered);
    Ok(())
}
