//! The example data.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use easemob::Error;
use easemob_sandbox::Sandbox;

use support::checked::Checked;

#[tokio::test]
async fn the_example_data_has_users_groups_a_thread_and_a_file() -> Result<(), Error> {
    let sandbox = Checked::with(Sandbox::builder().example_data(true));
    let client = sandbox.client()?;
    let group = client.groups().get_one("251740836921345").await?;
    assert_eq!(group.name.as_deref(), Some("Tea and code"));
    assert_eq!(group.member_count, Some(5));
    let rooms = client.chatrooms().list_joined("alice").await?;
    assert_eq!(rooms.len(), 2);
    let contacts = client.contacts().list("alice").await?;
    assert_eq!(contacts.len(), 2);
    let threads = client.threads().list_joined("carol").await?;
    assert_eq!(threads.len(), 1);
    client
        .threads()
        .create("251740836921345", "周五发布", "1284460940261542944", "alice")
        .await?;
    let file = client
        .messages()
        .download_file("8f0d3b62-27d1-11ef-a4c9-5d7e2f61b038")
        .await?;
    assert_eq!(file.bytes().await?, "Hello from Alice");
    Ok(())
}
