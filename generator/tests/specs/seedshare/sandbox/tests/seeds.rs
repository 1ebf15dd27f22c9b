//! The sandbox, used through the client.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use seedshare::types::Origin;
use seedshare::webhook::Verifier;
use seedshare::{Client, Error, Millis};
use seedshare_sandbox::{Sandbox, WebhookOutcome};

fn start() -> (Sandbox, Client) {
    let sandbox = Sandbox::start().unwrap();
    let client = sandbox.client().unwrap();
    (sandbox, client)
}

async fn names(client: &Client) -> Result<Vec<String>, Error> {
    let page = client.seeds().list().await?;
    Ok(page.seeds.into_iter().map(|seed| seed.name).collect())
}

async fn add(client: &Client, name: &str) -> Result<String, Error> {
    let request = client.seeds().add(
        name,
        3,
        "bean",
        true,
        false,
        false,
        false,
        4,
        None::<Millis>,
        Origin::new(),
    );
    Ok(request.await?.id.to_string())
}

#[allow(deprecated, reason = "the only operation that deletes")]
#[tokio::test]
async fn a_seed_can_be_added_listed_changed_and_deleted() -> Result<(), Error> {
    let (_sandbox, client) = start();
    let id = add(&client, "Bean").await?;
    assert_eq!(names(&client).await?, ["Bean"]);
    client.seeds().update(id.as_str()).name("Runner bean").await?;
    assert_eq!(client.seeds().get(id.as_str()).await?.name, "Runner bean");
    client.seeds().delete(id.as_str()).await?;
    assert!(names(&client).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn numbered_pages_end_with_an_empty_one() -> Result<(), Error> {
    let (_sandbox, client) = start();
    for name in ["Bean", "Pea", "Beet"] {
        add(&client, name).await?;
    }
    let mut seeds = client.seeds().list().page_size(2).stream();
    let mut count = 0;
    while seeds.try_next().await?.is_some() {
        count += 1;
    }
    assert_eq!(count, 3);
    Ok(())
}

#[tokio::test]
async fn errors_have_the_documented_form() {
    let (_sandbox, client) = start();
    let unknown = client.seeds().get("be-99").await.unwrap_err();
    assert_eq!(unknown.status().map(|status| status.as_u16()), Some(404));
    assert_eq!(unknown.code().map(ToString::to_string).as_deref(), Some("gone forever"));
    let unavailable = client.service().now().await.unwrap_err();
    assert_eq!(unavailable.status().map(|status| status.as_u16()), Some(409));
}

/// The backend never responds, so the sandbox stores the webhook.
#[allow(deprecated, reason = "the only operation that deletes")]
#[tokio::test]
async fn webhooks_are_signed_and_stored_if_they_cannot_be_delivered() -> Result<(), Error> {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let sandbox = Sandbox::builder()
        .webhook(format!("http://{closed}/"), "seal")
        .start()
        .unwrap();
    let client = sandbox.client().unwrap();
    let id = add(&client, "Bean").await?;
    client.seeds().delete(id.as_str()).await?;
    sandbox.send_webhook("other_weather", ()).unwrap();
    sandbox.send_webhook("harvest_planned", ()).unwrap();
    let webhooks = sandbox.settled_webhooks().await;

    let outcomes: Vec<_> = webhooks
        .iter()
        .map(|webhook| (webhook.event, webhook.outcome))
        .collect();
    let [stored, failed] = [WebhookOutcome::Stored, WebhookOutcome::Failed];
    assert_eq!(
        outcomes,
        [
            ("harvested", stored),
            ("other_weather", stored),
            ("harvest_planned", failed)
        ]
    );
    let verifier = Verifier::new("seal");
    let is_signed: Vec<_> = webhooks
        .iter()
        .map(|webhook| verifier.verify(webhook.body.as_bytes()).is_ok())
        .collect();
    assert_eq!(is_signed, [true, false, true]);
    assert_eq!(seedshare::webhook::id(webhooks[0].body.as_bytes()), Some(id));
    Ok(())
}
