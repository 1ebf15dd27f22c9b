//! Rules of users, their connections and presences.

use std::time::Duration;

use easemob::types::{DeliveryStatus, OnlineStatus, TextBody};
use easemob::{Seconds, Span};
use easemob_sandbox::Sandbox;
use serde_json::json;

use crate::support::checked::Checked;
use crate::support::world::{Outcome, World, refused};

const PHONE: &str = "android_1";

async fn status(world: &World, username: &str) -> Result<OnlineStatus, easemob::Error> {
    let found = world.client.users().get_status(username).await?;
    Ok(found.statuses[username].clone())
}

async fn offline_messages(world: &World, username: &str) -> Result<i64, easemob::Error> {
    Ok(world.client.users().count_offline_messages(username).await?.counts[username])
}

#[tokio::test]
async fn a_banned_user_is_offline_and_gets_no_tokens() -> Outcome {
    let world = World::new().await;
    let (users, tokens) = (world.client.users(), world.client.tokens());
    let token = tokens.create_inherited_token("bob", false).await?.access_token;
    world.client.presence().set("bob", PHONE, "1", "").await?;
    assert_eq!(users.ban("bob").await?.activated, Some(false));
    assert_eq!(users.get("bob").await?.activated, Some(false));
    assert_eq!(status(&world, "bob").await?, OnlineStatus::Offline);
    refused(tokens.create_inherited_token("bob", false).await, 400, "invalid_grant");
    refused(tokens.create_user_token("bob", "x").await, 400, "invalid_grant");
    let (_, error) = world.raw_with("GET", "/users", Some(token.expose()), "", None).await;
    assert_eq!(error["error"], "auth_bad_access_token");
    refused(
        world.client.presence().set("bob", PHONE, "1", "").await,
        400,
        "illegal_argument",
    );
    users.ban("bob").await?;
    users.unban("bob").await?;
    assert_eq!(users.get("bob").await?.activated, Some(true));
    tokens.create_inherited_token("bob", false).await?;
    Ok(())
}

#[tokio::test]
async fn a_banned_user_stays_a_member_of_groups_and_rooms() -> Outcome {
    let world = World::new().await;
    world.client.users().ban("bob").await?;
    for space in world.both() {
        assert_eq!(space.listed_members().await?.len(), 3);
        space.remove("bob").await?;
        space.add("bob").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_user_is_online_with_each_device_whose_state_is_not_0() -> Outcome {
    let world = World::new().await;
    let (users, presence) = (world.client.users(), world.client.presence());
    assert_eq!(status(&world, "bob").await?, OnlineStatus::Offline);
    presence.set("bob", PHONE, "1", "").await?;
    presence.set("bob", "web_2", "100", "").await?;
    presence.set("bob", "ios_3", "0", "").await?;
    assert_eq!(status(&world, "bob").await?, OnlineStatus::Online);
    let devices = users.list_devices("bob").await?;
    let devices: Vec<_> = devices.iter().map(|device| device.resource_id.as_str()).collect();
    assert_eq!(devices, [PHONE, "web_2"]);
    let statuses = users.get_statuses(["bob", "alice"]).await?;
    assert_eq!(statuses[0]["bob"], OnlineStatus::Online);
    assert_eq!(statuses[1]["alice"], OnlineStatus::Offline);
    Ok(())
}

#[tokio::test]
async fn an_unknown_user_is_offline() -> Outcome {
    let world = World::new().await;
    assert_eq!(status(&world, "nobody").await?, OnlineStatus::Offline);
    assert_eq!(offline_messages(&world, "nobody").await?, 0);
    assert!(world.client.users().list_devices("nobody").await?.is_empty());
    world.client.users().disconnect("nobody").await?;
    refused(
        world.client.users().disconnect_device("nobody", PHONE).await,
        404,
        "service_resource_not_found",
    );
    Ok(())
}

#[tokio::test]
async fn a_user_is_logged_out_of_all_devices_or_of_one() -> Outcome {
    let world = World::new().await;
    let (users, presence) = (world.client.users(), world.client.presence());
    for device in [PHONE, "web_2"] {
        presence.set("bob", device, "1", "").await?;
    }
    users.disconnect_device("bob", PHONE).await?;
    users.disconnect_device("bob", PHONE).await?;
    assert_eq!(users.list_devices("bob").await?.len(), 1);
    users.disconnect("bob").await?;
    assert_eq!(status(&world, "bob").await?, OnlineStatus::Offline);
    let presences = presence.get("alice", ["bob"]).await?;
    let devices = presences[0].devices.clone().expect("devices");
    assert_eq!(devices[PHONE], "0");
    Ok(())
}

#[tokio::test]
async fn messages_wait_while_a_user_is_offline() -> Outcome {
    let world = World::new().await;
    let (users, messages) = (world.client.users(), world.client.messages());
    let sent = messages.send_to_users(["bob"], TextBody::new("hi")).await?;
    let id = &sent.message_ids["bob"];
    world.message_to(&world.group).await?;
    messages.send_to_rooms([&*world.room], TextBody::new("hi")).await?;
    messages
        .send_to_groups([&*world.group], TextBody::new("mine"))
        .from("bob")
        .await?;
    assert_eq!(offline_messages(&world, "bob").await?, 2);
    let found = users.get_offline_message_status("bob", id.clone()).await?;
    assert_eq!(found.statuses[id.as_str()], DeliveryStatus::Undelivered);
    world.client.presence().set("bob", PHONE, "1", "").await?;
    assert_eq!(offline_messages(&world, "bob").await?, 0);
    let found = users.get_offline_message_status("bob", id.clone()).await?;
    assert_eq!(found.statuses[id.as_str()], DeliveryStatus::Delivered);
    users.disconnect("bob").await?;
    assert_eq!(offline_messages(&world, "bob").await?, 0);
    messages.send_to_users(["bob"], TextBody::new("hi")).await?;
    assert_eq!(offline_messages(&world, "bob").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_message_to_a_group_waits_for_those_who_were_members_when_it_was_sent() -> Outcome {
    let world = World::new().await;
    world.message_to(&world.group).await?;
    world.group().add("dave").await?;
    assert_eq!(offline_messages(&world, "dave").await?, 0);
    world.message_to(&world.group).await?;
    assert_eq!(offline_messages(&world, "dave").await?, 1);
    assert_eq!(offline_messages(&world, "bob").await?, 2);
    world.group().remove("bob").await?;
    assert_eq!(offline_messages(&world, "bob").await?, 0);
    world.group().add("bob").await?;
    assert_eq!(offline_messages(&world, "bob").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_subscription_returns_presences_and_ends() -> Outcome {
    let world = World::new().await;
    let presence = world.client.presence();
    presence.set("bob", PHONE, "100", "Having tea").await?;
    let presences = presence.subscribe("alice", 60, ["bob", "carol", "nobody"]).await?;
    let names: Vec<_> = presences.iter().map(|presence| presence.username.as_str()).collect();
    assert_eq!(names, ["bob", "carol"]);
    assert_eq!(presences[0].ext.as_deref(), Some("Having tea"));
    assert_eq!(
        presences[0].devices.as_ref().map(|devices| &*devices[PHONE]),
        Some("100")
    );
    let listed = presence.list_subscriptions("alice", 1).await?;
    assert_eq!(listed.total, Some(2));
    assert_eq!(listed.subscriptions.len(), 1);
    world.advance(30);
    presence.subscribe("alice", 60, "carol").await?;
    world.advance(31);
    let listed = presence.list_subscriptions("alice", 10).await?;
    assert_eq!(listed.subscriptions.len(), 1);
    assert_eq!(listed.subscriptions[0].username, "carol");
    presence.unsubscribe("alice", ["carol", "bob"]).await?;
    assert_eq!(presence.list_subscriptions("alice", 10).await?.total, Some(0));
    Ok(())
}

#[tokio::test]
async fn users_cannot_subscribe_to_themselves() {
    let world = World::new().await;
    let subscribed = world.client.presence().subscribe("alice", 60, ["bob", "ALICE"]).await;
    refused(subscribed, 400, "illegal_argument");
    let listed = world.client.presence().list_subscriptions("alice", 10).await;
    assert_eq!(listed.expect("a list").total, Some(0));
}

#[tokio::test]
async fn presences_of_unknown_users_are_left_out() -> Outcome {
    let world = World::new().await;
    let presence = world.client.presence();
    assert_eq!(presence.get("alice", ["nobody", "bob"]).await?.len(), 1);
    presence.subscribe("alice", 60, "bob").await?;
    world.client.users().delete("bob").await?;
    assert_eq!(presence.list_subscriptions("alice", 10).await?.total, Some(0));
    refused(presence.set("nobody", PHONE, "1", "").await, 400, "illegal_argument");
    Ok(())
}

#[tokio::test]
async fn the_text_of_a_presence_has_at_most_1024_characters() {
    let world = World::new().await;
    let path = format!("/users/bob/presence/{PHONE}/1");
    let body = |length| json!({"ext": "a".repeat(length)});
    world
        .raw_refused("POST", &path, body(1025), 400, "illegal_argument")
        .await;
    assert_eq!(world.raw("POST", &path, body(1024)).await.0, 200);
}

#[tokio::test]
async fn a_user_who_is_muted_in_the_app_cannot_send() -> Outcome {
    let world = World::new().await;
    let (mutes, messages) = (world.client.mutes(), world.client.messages());
    let text = || TextBody::new("hi");
    let minute = Duration::from_secs(60);
    mutes.set("bob").chat(minute).groupchat(Span::Forever).await?;
    let to_alice = || messages.send_to_users("alice", text()).from("BOB");
    let to_group = || messages.send_to_groups(&*world.group, text()).from("bob");
    refused(to_alice().await, 403, "forbidden_op");
    refused(to_group().await, 403, "forbidden_op");
    messages.send_to_rooms(&*world.room, text()).from("bob").await?;
    world.advance(61);
    to_alice().await?;
    refused(to_group().await, 403, "forbidden_op");
    mutes.set("bob").groupchat(Duration::ZERO).await?;
    to_group().await?;
    refused(
        mutes.set("nobody").chat(minute).await,
        400,
        "required_property_not_found",
    );
    Ok(())
}

#[tokio::test]
async fn an_app_wide_mute_leaves_other_kinds_of_chat_alone() -> Outcome {
    let world = World::new().await;
    let mutes = world.client.mutes();
    let seconds = Duration::from_secs;
    mutes.set("bob").chat(seconds(60)).await?;
    mutes.set("bob").chatroom(Span::Forever).await?;
    world.advance(20);
    let found = mutes.get("bob").await?;
    assert_eq!(found.user, "acme#support_bob");
    assert_eq!(found.chat, Some(Seconds(40)));
    assert_eq!(found.groupchat, Some(Seconds(0)));
    assert_eq!(found.chatroom, Some(Seconds(-1)));
    Ok(())
}

#[tokio::test]
async fn an_ended_app_wide_mute_stays_in_the_list() -> Outcome {
    let world = World::new().await;
    let mutes = world.client.mutes();
    let seconds = Duration::from_secs;
    // A request without durations does not mute the user, and does not change the order of the list.
    mutes.set("bob").await?;
    mutes.set("carol").chat(seconds(60)).groupchat(seconds(10)).await?;
    mutes.set("bob").chatroom(seconds(5)).await?;
    world.advance(20);
    let listed = mutes.list(10).await?;
    let entries: Vec<_> = listed
        .mutes
        .iter()
        .map(|entry| (&*entry.username, entry.chat))
        .collect();
    assert_eq!(entries, [("carol", Some(Seconds(40))), ("carol", None), ("bob", None)]);
    assert_eq!(listed.mutes[1].groupchat, Some(Seconds(0)));
    let page = mutes.list(2).page_number(2).await?;
    assert_eq!(page.mutes.len(), 1);
    Ok(())
}

#[tokio::test]
async fn only_the_example_data_contains_a_robot() -> Outcome {
    let world = World::new().await;
    let robots = world.client.robots().list().await?;
    assert!(robots.robots.is_empty());
    assert_eq!(robots.total, Some(0));
    let sandbox = Checked::with(Sandbox::builder().example_data(true));
    let client = sandbox.client()?;
    let list = |page| client.robots().list().page(page).size(1);
    let robots = list(0).await?;
    assert_eq!(robots.robots[0].name.as_deref(), Some("Help desk"));
    assert_eq!(robots.total, Some(1));
    assert!(list(1).await?.robots.is_empty());
    Ok(())
}
