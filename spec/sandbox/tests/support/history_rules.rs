//! Rules of uploaded files and of the history of messages.

use easemob::File;
use easemob::types::{HistoryBody, TextBody};

use crate::support::world::{NOW, Outcome, World, refused};

/// The first pixels of an image.
const IMAGE: &[u8] = b"\x89PNG\r\n\x1a\n";

#[tokio::test]
async fn the_thumbnail_of_an_image_is_the_image() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let image = messages
        .upload_file(File::bytes("a.png", IMAGE).content_type("image/png"))
        .await?;
    let thumbnail = messages.download_file(image.uuid).thumbnail(true).await?;
    assert_eq!(thumbnail.bytes().await?, IMAGE);
    Ok(())
}

#[tokio::test]
async fn a_file_expires_after_7_days() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let file = messages.upload_file(File::bytes("a.txt", "hello")).await?.uuid;
    world.advance(7 * 24 * 3600);
    assert_eq!(messages.download_file(&file).await?.bytes().await?, "hello");
    world.advance(1);
    refused(messages.download_file(&file).await.map(drop), 404, "file_expired");
    refused(
        messages.download_file("unknown").await.map(drop),
        404,
        "entity_not_found",
    );
    Ok(())
}

#[tokio::test]
async fn a_restricted_file_needs_its_share_secret() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let open = messages.upload_file(File::bytes("a.txt", "hello")).await?;
    assert!(open.share_secret.is_none());
    let file = messages
        .upload_file(File::bytes("a.txt", "hello"))
        .restrict_access(true)
        .await?;
    let secret = file.share_secret.expect("a share secret");
    refused(messages.download_file(&file.uuid).await.map(drop), 401, "unauthorized");
    let wrong = messages.download_file(&file.uuid).share_secret("wrong").await;
    refused(wrong.map(drop), 401, "unauthorized");
    let download = messages.download_file(&file.uuid).share_secret(secret).await?;
    assert_eq!(download.bytes().await?, "hello");
    Ok(())
}

#[tokio::test]
async fn a_history_file_contains_the_messages_of_an_hour() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    // The clock stands at 2023-11-14T22:13:20 in UTC.
    assert_eq!(NOW, 1_700_000_000_000);
    messages
        .send_to_users(["bob"], TextBody::new("one"))
        .from("alice")
        .await?;
    world.message_to(&world.group).await?;
    world.advance(3600);
    messages
        .send_to_users(["bob"], TextBody::new("later"))
        .from("alice")
        .await?;
    let mut records = messages.get_history_file("2023111422").records().await?;
    let mut found = Vec::new();
    while let Some(record) = records.try_next().await? {
        let record = record.expect("a record");
        let HistoryBody::Text(text) = &record.payload.bodies[0] else {
            panic!("{record:?}")
        };
        found.push((record.to.unwrap_or_default(), text.msg.clone(), record.timestamp.0));
    }
    assert_eq!(
        found,
        [
            ("bob".into(), "one".into(), NOW),
            (world.group.clone(), "hi".into(), NOW)
        ]
    );
    refused(
        messages.get_history_file("2023111421").await,
        404,
        "storage_object_not_found",
    );
    let path = "/chatmessages/2023111424";
    world.raw_refused("GET", path, None, 400, "illegal_argument").await;
    Ok(())
}

#[tokio::test]
async fn a_link_to_a_history_file_expires_after_an_hour() -> Outcome {
    let world = World::new().await;
    world.message_to(&world.group).await?;
    let files = world.client.messages().get_history_file("2023111422").await?;
    let link = files[0].url.expose();
    let status = async || world.http.get(link).send().await.expect("a response").status().as_u16();
    assert_eq!(status().await, 200);
    world.advance(3599);
    assert_eq!(status().await, 200);
    world.advance(1);
    assert!(status().await >= 400);
    Ok(())
}

#[tokio::test]
async fn the_sender_is_admin_by_default() -> Outcome {
    let world = World::new().await;
    world.message_to(&world.group).await?;
    let mut records = world.client.messages().get_history_file("2023111422").records().await?;
    let record = records.try_next().await?.expect("a record").expect("a record");
    assert_eq!(record.from.as_deref(), Some("admin"));
    Ok(())
}
