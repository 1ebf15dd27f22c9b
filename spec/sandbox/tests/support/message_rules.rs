//! Rules of messages to groups and chat rooms.

use easemob::types::TextBody;
use serde_json::json;

use crate::support::world::{Outcome, World};

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
