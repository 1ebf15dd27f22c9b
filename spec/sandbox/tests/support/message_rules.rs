//! Rules of messages to groups and chat rooms.

use easemob::types::TextBody;
use serde_json::json;

use crate::changes::{HOUR, history};
use crate::support::world::{Outcome, World, refused};

#[tokio::test]
async fn senders_and_receivers_are_not_checked() -> Outcome {
    let World { client, .. } = &World::new().await;
    let text = || TextBody::new("hi");
    let sent = client
        .messages()
        .send_to_users(["nobody", "bob"], text())
        .from("stranger")
        .await?;
    assert!(sent.message_ids.contains_key("nobody") && sent.message_ids.contains_key("bob"));
    assert_ne!(sent.message_ids["nobody"], sent.message_ids["bob"]);
    assert_eq!(
        client.messages().send_to_groups(["1"], text()).await?.message_ids.len(),
        1
    );
    assert_eq!(
        client.messages().send_to_rooms(["1"], text()).await?.message_ids.len(),
        1
    );
    Ok(())
}

#[tokio::test]
async fn an_empty_sender_is_an_error() {
    let world = World::new().await;
    let body = json!({"to": ["bob"], "from": "", "type": "txt", "body": {"msg": "hi"}});
    world
        .raw_refused("POST", "/messages/users", body, 400, "message_send_error")
        .await;
}

#[tokio::test]
async fn the_number_of_receivers_is_limited() {
    let world = World::new().await;
    for (path, most) in [("users", 600), ("chatgroups", 3), ("chatrooms", 10)] {
        let path = format!("/messages/{path}");
        let body = |count: usize| {
            let to: Vec<_> = (0..count).map(|index| format!("{index}1")).collect();
            json!({"to": to, "type": "txt", "body": {"msg": "hi"}})
        };
        world
            .raw_refused("POST", &path, body(most + 1), 400, "message_send_error")
            .await;
        assert_eq!(world.raw("POST", &path, body(most)).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn a_message_has_at_most_5_kilobytes() {
    let world = World::new().await;
    let body = |length: usize| {
        let (text, more) = ("a".repeat(length / 2), "b".repeat(length / 2));
        json!({"to": ["bob"], "type": "txt", "body": {"msg": text}, "ext": {"more": more}})
    };
    let error = world
        .raw_refused("POST", "/messages/users", body(6000), 400, "message_send_error")
        .await;
    assert!(error["error_description"].is_string());
    assert_eq!(world.raw("POST", "/messages/users", body(4000)).await.0, 200);
}

#[tokio::test]
async fn a_message_to_some_members_does_not_wait_for_them() -> Outcome {
    let world = World::new().await;
    let (messages, users) = (world.client.messages(), world.client.users());
    let text = || TextBody::new("hi");
    let sent = messages
        .send_to_group_members(&*world.group, ["bob", "carol"], text())
        .await?;
    assert!(sent.message_ids.contains_key(&*world.group));
    let sent = messages.send_to_room_members(&*world.room, "bob", text()).await?;
    assert!(sent.message_ids.contains_key(&*world.room));
    assert_eq!(history(&world, HOUR).await?.len(), 2);
    assert_eq!(users.count_offline_messages("bob").await?.counts["bob"], 0);
    messages.send_to_groups(&*world.group, text()).await?;
    assert_eq!(users.count_offline_messages("bob").await?.counts["bob"], 1);
    Ok(())
}

#[tokio::test]
async fn a_message_to_some_members_has_one_target_and_up_to_20_receivers() {
    let world = World::new().await;
    for path in ["/messages/chatgroups/users", "/messages/chatrooms/users"] {
        let body = |targets: usize, users: usize| {
            let users: Vec<_> = (0..users).map(|index| format!("user{index}")).collect();
            json!({"to": vec!["1"; targets], "users": users, "type": "txt", "body": {"msg": "hi"}})
        };
        assert_eq!(world.raw("POST", path, body(1, 20)).await.0, 200);
        for (targets, users) in [(2, 1), (0, 1), (1, 0), (1, 21)] {
            world
                .raw_refused("POST", path, body(targets, users), 400, "message_send_error")
                .await;
        }
    }
}

#[tokio::test]
async fn a_broadcast_reaches_chat_rooms_with_messages() -> Outcome {
    let world = World::new().await;
    let (messages, rooms) = (world.client.messages(), world.client.chatrooms());
    rooms.create("Silent", "", "bob").await?;
    messages.broadcast_to_rooms(TextBody::new("nobody")).await?;
    refused(history(&world, HOUR).await, 404, "storage_object_not_found");
    messages.send_to_rooms(&*world.room, TextBody::new("hi")).await?;
    let id = messages.broadcast_to_rooms(TextBody::new("all")).await?.broadcast_id;
    assert!(id > 1 << 53);
    let reached: Vec<_> = history(&world, HOUR)
        .await?
        .into_iter()
        .map(|record| record.payload.to)
        .collect();
    assert_eq!(reached, [Some(world.room.clone()), Some(world.room.clone())]);
    let text = json!({"type": "txt", "msg": "hi"});
    for body in [json!({"msg": text, "from": ""}), json!({"msg": text, "ext": 1})] {
        world
            .raw_refused("POST", "/messages/chatrooms/broadcast", body, 400, "illegal_argument")
            .await;
    }
    Ok(())
}
