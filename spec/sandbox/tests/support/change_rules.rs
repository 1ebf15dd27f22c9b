//! Rules of recalled, edited and imported messages.

use std::io::{BufRead as _, BufReader};

use easemob::Error;
use easemob::types::{
    ChatType, CommandBody, CustomBody, HistoryBody, HistoryRecord, MessageContent, MessageId, TextBody,
};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::support::world::{Outcome, World, refused};

/// The hour in which the sandbox starts.
pub const HOUR: &str = "2023111422";

/// Sends a message from alice to bob. Returns its ID.
async fn send(world: &World, content: impl Into<MessageContent>) -> Result<MessageId, Error> {
    let messages = world.client.messages();
    let sent = messages.send_to_users("bob", content).from("alice").await?;
    Ok(sent.message_ids["bob"].clone())
}

/// Returns the records of an hour in the history.
pub async fn history(world: &World, hour: &str) -> Result<Vec<HistoryRecord>, Error> {
    let files = world.client.messages().get_history_file(hour).await?;
    let response = world.http.get(files[0].url.expose()).send().await.expect("a response");
    let content = response.bytes().await.expect("a body");
    let lines = BufReader::new(GzDecoder::new(&*content)).lines();
    let records = lines.map(|line| serde_json::from_str(&line.expect("a line")).expect("a record"));
    Ok(records.collect())
}

#[tokio::test]
async fn a_message_can_be_recalled_for_2_minutes() -> Outcome {
    let world = World::new().await;
    let recall = |id: &MessageId, force| world.client.messages().recall(id.clone(), "bob", ChatType::Chat, force);
    let [first, second] = [
        send(&world, TextBody::new("1")).await?,
        send(&world, TextBody::new("2")).await?,
    ];
    world.advance(120);
    let recalled = recall(&first, false).from("alice").await?;
    assert!(recalled.recalled);
    assert_eq!(recalled.from.as_deref(), Some("alice"));
    world.advance(1);
    refused(recall(&second, false).await, 403, "message_recall_error");
    recall(&second, true).await?;
    Ok(())
}

#[tokio::test]
async fn a_recalled_message_is_gone() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let id = world.message_to(&world.group).await?;
    let kept = send(&world, TextBody::new("hi")).await?;
    messages.recall(&*id, &*world.group, ChatType::Group, false).await?;
    refused(
        messages.recall(&*id, &*world.group, ChatType::Group, true).await,
        403,
        "message_recall_error",
    );
    refused(
        messages.edit(&*id, TextBody::new("new")).await,
        404,
        "MessageUnavailableException",
    );
    refused(
        world
            .client
            .threads()
            .create(&*world.group, "Topic", &*id, "alice")
            .await,
        404,
        "group_error",
    );
    let ids: Vec<_> = history(&world, HOUR)
        .await?
        .into_iter()
        .map(|record| record.msg_id)
        .collect();
    assert_eq!(ids, [kept]);
    assert_eq!(
        world.client.users().count_offline_messages("carol").await?.counts["carol"],
        0
    );
    Ok(())
}

#[tokio::test]
async fn a_recall_names_the_receiver_of_the_message() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let id = send(&world, TextBody::new("hi")).await?;
    for (to, kind) in [("carol", ChatType::Chat), ("bob", ChatType::Group)] {
        refused(
            messages.recall(id.clone(), to, kind, true).await,
            400,
            "message_recall_error",
        );
    }
    refused(
        messages.recall("1", "bob", ChatType::Chat, true).await,
        403,
        "message_recall_error",
    );
    messages.recall(id, "BOB", ChatType::Chat, true).await?;
    Ok(())
}

#[tokio::test]
async fn a_command_message_cannot_be_recalled() -> Outcome {
    let world = World::new().await;
    let id = send(&world, CommandBody::new("refresh")).await?;
    let recalled = world.client.messages().recall(id, "bob", ChatType::Chat, true).await;
    refused(recalled, 403, "message_recall_error");
    Ok(())
}

#[tokio::test]
async fn a_message_can_be_edited_10_times() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let id = send(&world, TextBody::new("0")).await?;
    for number in 1..=10 {
        messages.edit(id.as_str(), TextBody::new(number.to_string())).await?;
    }
    refused(
        messages.edit(id.as_str(), TextBody::new("11")).await,
        403,
        "message_rewrite_error",
    );
    let records = history(&world, HOUR).await?;
    assert!(matches!(&records[0].payload.bodies[..], [HistoryBody::Text(text)] if text.msg == "10"));
    Ok(())
}

#[tokio::test]
async fn an_edit_keeps_the_type_of_the_message() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let id = send(&world, TextBody::new("hi")).await?;
    refused(
        messages.edit(id.as_str(), CustomBody::new()).await,
        400,
        "message_rewrite_error",
    );
    let sent = messages.send_to_rooms(&*world.room, TextBody::new("hi")).await?;
    let id = &sent.message_ids[&*world.room];
    refused(
        messages.edit(id.as_str(), TextBody::new("new")).await,
        400,
        "message_rewrite_error",
    );
    refused(
        messages.edit("1", TextBody::new("new")).await,
        404,
        "MessageUnavailableException",
    );
    let body = json!({"new_msg": {"type": "txt", "msg": "new"}});
    world
        .raw_refused("PUT", "/messages/rewrite/x1", body, 400, "InvalidMessageIdException")
        .await;
    Ok(())
}

#[tokio::test]
async fn only_participants_can_edit_a_message() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let id = send(&world, TextBody::new("hi")).await?;
    let edit = |user: &str| messages.edit(id.as_str(), TextBody::new("new")).user(user.to_owned());
    refused(edit("carol").await, 401, "message_rewrite_error");
    edit("alice").await?;
    edit("bob").await?;
    let id = world.message_to(&world.group).await?;
    let edit = |user: &str| messages.edit(&*id, TextBody::new("new")).user(user.to_owned());
    refused(edit("dave").await, 401, "message_rewrite_error");
    edit("carol").await?;
    Ok(())
}

#[tokio::test]
async fn an_edit_extends_or_replaces_the_extension_of_a_custom_message() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let sent = messages
        .send_to_users("bob", CustomBody::new())
        .ext(json!({"a": 1, "b": 2}))
        .await?;
    let id = sent.message_ids["bob"].as_str();
    let ext = async || {
        let record = history(&world, HOUR).await?.remove(0);
        let ext = record.payload.ext.expect("an extension");
        Ok::<_, Error>(ext.to::<serde_json::Value>().expect("JSON"))
    };
    messages.edit(id, CustomBody::new()).new_ext(json!({"b": 3})).await?;
    assert_eq!(ext().await?, json!({"a": 1, "b": 3}));
    messages
        .edit(id, CustomBody::new())
        .new_ext(json!({"c": 4}))
        .is_combine_ext(false)
        .await?;
    assert_eq!(ext().await?, json!({"c": 4}));
    Ok(())
}

#[tokio::test]
async fn an_imported_message_is_stored_at_its_time_and_does_not_wait() -> Outcome {
    let world = World::new().await;
    let messages = world.client.messages();
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_656_906_628);
    let imported = messages
        .import_user_message("alice", "bob", TextBody::new("old"))
        .timestamp(time)
        .await?;
    let group = messages
        .import_group_message("alice", &*world.group, TextBody::new("old"))
        .timestamp(time)
        .await?;
    let ids: Vec<_> = history(&world, "2022070403")
        .await?
        .into_iter()
        .map(|record| record.msg_id)
        .collect();
    assert_eq!(ids, [imported.message_id, group.message_id.clone()]);
    assert_eq!(
        world.client.users().count_offline_messages("bob").await?.counts["bob"],
        0
    );
    world
        .client
        .threads()
        .create(&*world.group, "Topic", group.message_id, "alice")
        .await?;
    Ok(())
}
