//! The example data.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::Read as _;

use easemob::{Client, Error};
use easemob_sandbox::Sandbox;
use flate2::read::GzDecoder;
use serde_json::Value;
use support::checked::Checked;

#[tokio::test]
async fn the_example_data_has_users_groups_rooms_threads_and_files() -> Result<(), Error> {
    let sandbox = Checked::with(Sandbox::builder().example_data(true));
    let client = sandbox.client()?;
    let group = client.groups().get_one("251740836921345").await?;
    assert_eq!(group.name.as_deref(), Some("Tea and code"));
    assert_eq!(group.member_count, Some(7));
    let rooms = client.chatrooms().list_joined("alice").await?;
    assert_eq!(rooms.len(), 3);
    let contacts = client.contacts().list("alice").await?;
    assert_eq!(contacts.len(), 2);
    let threads = client.threads().list_joined("carol").await?;
    assert_eq!(threads.len(), 2);
    let file = client
        .messages()
        .download_file("8f0d3b62-27d1-11ef-a4c9-5d7e2f61b038")
        .share_secret("example-share-secret")
        .await?;
    assert_eq!(file.bytes().await?, "Hello from Alice");
    // Deleting a user by UUID, too.
    let deleted = client.users().delete("7f2ae17c-27c3-11ef-8be3-60a4c1f7d952").await?;
    assert_eq!(deleted.username, "trudy");
    Ok(())
}

#[tokio::test]
async fn the_history_file_of_the_docs_has_the_messages_of_the_docs() -> Result<(), Error> {
    let sandbox = Checked::with(Sandbox::builder().example_data(true));
    let files = sandbox.client()?.messages().get_history_file("2024061400").await?;
    let file = reqwest::get(files[0].url.expose())
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let mut text = String::new();
    GzDecoder::new(&*file).read_to_string(&mut text).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let messages = records.map(|record| (record["msg_id"].clone(), record["timestamp"].clone()));
    let ids = [
        ("1284460918744780832", 1_718_323_260_400),
        ("1284460921135541280", 1_718_323_320_189),
        ("1284460930924609568", 1_718_323_380_551),
        ("1284460942652293152", 1_718_323_620_349),
    ];
    assert_eq!(
        messages.collect::<Vec<_>>(),
        ids.map(|(id, time): (&str, i64)| (id.into(), time.into()))
    );
    Ok(())
}

#[tokio::test]
async fn the_example_data_has_a_token() -> Result<(), Error> {
    let sandbox = Checked::with(Sandbox::builder().example_data(true));
    let client = Client::builder("acme", "support")
        .base_url(sandbox.url())
        .token("example-app-token")
        .build()?;
    assert_eq!(client.users().get("alice").await?.username, "alice");
    Ok(())
}
