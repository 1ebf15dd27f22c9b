//! Rules of push settings, templates and bindings, and of the deletion of messages for one user.

use std::time::{Duration, UNIX_EPOCH};

use easemob::Error;
use easemob::types::{ConversationType, NewPushNickname, PushMode, PushScope, TextBody};
use serde_json::json;

use crate::support::world::{NOW, Outcome, World, refused};

#[tokio::test]
async fn push_settings_are_kept_for_each_conversation() -> Outcome {
    let world = World::new().await;
    let push = world.client.push();
    let app = || push.set_settings("alice", PushScope::User, "alice");
    let set = app().mode(PushMode::Mentions).quiet_hours("22:00-07:00").await?;
    assert_eq!(set.mode, Some(PushMode::Mentions));
    assert_eq!(set.quiet_until, None);
    let set = app().quiet_for(Duration::from_secs(60)).await?;
    assert_eq!(set.mode, None);
    push.set_settings("alice", PushScope::Group, &*world.group)
        .mode(PushMode::None)
        .await?;
    let found = push.get_settings("alice", PushScope::User, "ALICE").await?;
    assert_eq!(found.mode, Some(PushMode::Mentions));
    assert_eq!(found.quiet_hours.as_deref(), Some("22:00-07:00"));
    assert_eq!(found.quiet_until.map(|end| end.0), Some(NOW + 60_000));
    let found = push.get_settings("alice", PushScope::Group, &*world.group).await?;
    assert_eq!(found.mode, Some(PushMode::None));
    let found = push.get_settings("alice", PushScope::User, "bob").await?;
    assert_eq!(found.mode, None);
    Ok(())
}

#[tokio::test]
async fn push_settings_have_limits() {
    let world = World::new().await;
    let push = world.client.push();
    let code = "IllegalArgumentException";
    let week = Duration::from_secs(7 * 24 * 3600);
    let quiet = |length| push.set_settings("alice", PushScope::User, "alice").quiet_for(length);
    refused(quiet(week + Duration::from_millis(1)).await, 400, code);
    quiet(week).await.expect("settings");
    let of_nobody = push
        .set_settings("nobody", PushScope::User, "nobody")
        .quiet_for(week * 2);
    refused(of_nobody.await, 400, code);
    let of_bob = push
        .set_settings("alice", PushScope::User, "bob")
        .quiet_hours("22:00-07:00")
        .await;
    refused(of_bob, 400, code);
    let body = json!({"ignoreInterval": "24:00-07:00"});
    world
        .raw_refused("PUT", "/users/alice/notification/user/alice", body, 400, code)
        .await;
    let unknown = "RequiredPropertyNotFoundException";
    refused(
        push.get_settings("nobody", PushScope::User, "nobody").await,
        400,
        unknown,
    );
    refused(push.set_language("nobody", "en").await, 400, unknown);
}

#[tokio::test]
async fn a_language_of_notifications_can_be_set_and_unset() -> Outcome {
    let world = World::new().await;
    let push = world.client.push();
    assert_eq!(push.get_language("alice").await?.language, None);
    for language in ["en", ""] {
        assert_eq!(push.set_language("alice", language).await?.language, language);
        assert_eq!(push.get_language("alice").await?.language.as_deref(), Some(language));
    }
    Ok(())
}

#[tokio::test]
async fn a_push_template_has_a_name_of_its_own() -> Outcome {
    let world = World::new().await;
    let push = world.client.push();
    let missing = "EntityNotFoundException";
    refused(push.get_template("order").await, 400, missing);
    refused(push.set_user_template("alice", "order").await, 400, missing);
    let created = push.create_template("order", "{0}", "{1}").await?;
    assert_eq!(created.created.map(|time| time.0), Some(NOW));
    refused(
        push.create_template("order", "a", "b").await,
        400,
        "IllegalArgumentException",
    );
    assert_eq!(push.get_template("order").await?.title_pattern, "{0}");
    assert_eq!(push.set_user_template("alice", "order").await?.template, "order");
    assert_eq!(push.delete_template("order").await?.content_pattern, "{1}");
    refused(push.delete_template("order").await, 400, missing);
    Ok(())
}

#[tokio::test]
async fn a_device_has_a_push_binding_for_each_certificate() -> Outcome {
    let world = World::new().await;
    let push = world.client.push();
    push.bind("alice", "phone", "fcm", "t1").await?;
    push.bind("alice", "tablet", "fcm", "t2").await?;
    assert_eq!(push.bind("alice", "phone", "apns", "t3").await?.len(), 2);
    let again = push.bind("alice", "phone", "fcm", "t4").await?;
    let tokens: Vec<_> = again.iter().map(|binding| binding.device_token.as_deref()).collect();
    assert_eq!(tokens, [Some("t3"), Some("t4")]);
    assert_eq!(push.list_bindings("alice").await?.len(), 3);
    let user = world.client.users().get("alice").await?;
    assert_eq!(user.push_info.map(|bindings| bindings.len()), Some(3));
    assert_eq!(push.bind("alice", "phone", "apns", "").await?.len(), 1);
    assert!(push.bind("alice", "phone", "", "").await?.is_empty());
    assert_eq!(push.list_bindings("alice").await?.len(), 1);
    refused(push.list_bindings("nobody").await, 404, "service_resource_not_found");
    Ok(())
}

#[tokio::test]
async fn push_nicknames_of_unknown_users_are_left_out() -> Outcome {
    let world = World::new().await;
    let nicknames = [NewPushNickname::new("BOB", "Bob"), NewPushNickname::new("nobody", "x")];
    let set = world.client.push().set_nicknames(nicknames).await?;
    assert_eq!(set.len(), 1);
    assert_eq!(set[0].username, "bob");
    assert_eq!(world.client.users().get("bob").await?.nickname.as_deref(), Some("Bob"));
    Ok(())
}

/// Returns the number of messages that wait for bob.
async fn waiting(world: &World) -> Result<i64, Error> {
    Ok(world.client.users().count_offline_messages("bob").await?.counts["bob"])
}

/// Sends three messages to bob: one from alice, one from carol, and one to the group. Returns the ID of the first and the last.
async fn send(world: &World) -> Result<[String; 2], Error> {
    let messages = world.client.messages();
    let sent = messages.send_to_users("bob", TextBody::new("1")).from("alice").await?;
    messages.send_to_users("bob", TextBody::new("2")).from("carol").await?;
    Ok([
        sent.message_ids["bob"].to_string(),
        world.message_to(&world.group).await?,
    ])
}

#[tokio::test]
async fn a_deleted_message_does_not_wait() -> Outcome {
    let world = World::new().await;
    let history = world.client.history();
    let [first, last] = send(&world).await?;
    history.delete_user_messages("bob", "carol", [&*first]).await?;
    assert_eq!(waiting(&world).await?, 3);
    history.delete_user_messages("bob", "alice", [&*first]).await?;
    history.delete_group_messages("bob", &*world.group, [&*last]).await?;
    assert_eq!(waiting(&world).await?, 1);
    history.delete_all("bob").await?;
    assert_eq!(waiting(&world).await?, 0);
    history.delete_all("nobody").await?;
    Ok(())
}

#[tokio::test]
async fn a_conversation_with_oneself_contains_no_messages_of_others() -> Outcome {
    let world = World::new().await;
    let history = world.client.history();
    send(&world).await?;
    world
        .client
        .messages()
        .send_to_users("bob", TextBody::new("note"))
        .from("bob")
        .await?;
    history
        .delete_conversation("bob", "BOB", ConversationType::Chat, true)
        .await?;
    assert_eq!(waiting(&world).await?, 3);
    Ok(())
}

#[tokio::test]
async fn messages_are_deleted_up_to_a_time() -> Outcome {
    let world = World::new().await;
    let history = world.client.history();
    send(&world).await?;
    world.advance(10);
    send(&world).await?;
    let at = |seconds| UNIX_EPOCH + Duration::from_millis(NOW.unsigned_abs()) + Duration::from_secs(seconds);
    history.delete_user_messages_until("bob", "alice", at(9)).await?;
    assert_eq!(waiting(&world).await?, 5);
    history
        .delete_group_messages_until("bob", &*world.group, at(10))
        .await?;
    assert_eq!(waiting(&world).await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_conversation_is_deleted_with_or_without_messages() -> Outcome {
    let world = World::new().await;
    let history = world.client.history();
    send(&world).await?;
    let delete = |kind, peer: &str, with| history.delete_conversation("bob", peer.to_owned(), kind, with);
    delete(ConversationType::Chat, "alice", false).await?;
    assert_eq!(waiting(&world).await?, 3);
    delete(ConversationType::Chat, "alice", true).await?;
    delete(ConversationType::Group, &world.group, true).await?;
    assert_eq!(waiting(&world).await?, 1);
    Ok(())
}

#[tokio::test]
async fn at_most_50_messages_are_deleted_in_one_call() {
    let world = World::new().await;
    let ids: Vec<_> = (0..51).map(|number| number.to_string()).collect();
    let path = |ids: &[String]| {
        let ids = ids.join(",");
        format!("/rest/message/roaming/chat/user/bob?userId=alice&msgIdList={ids}")
    };
    world
        .raw_refused("DELETE", &path(&ids), None, 400, "param exception")
        .await;
    assert_eq!(world.raw("DELETE", &path(&ids[1..]), None).await.0, 200);
    let without_peer = "/rest/message/roaming/chat/user/bob?msgIdList=1";
    world
        .raw_refused("DELETE", without_peer, None, 400, "Bad Request")
        .await;
}
