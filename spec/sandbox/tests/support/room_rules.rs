//! Rules of chat rooms that groups do not have.

use easemob::types::UserId;
use serde_json::json;

use crate::support::world::{Outcome, USERS, World, refused};

#[tokio::test]
async fn a_new_room_needs_name_description_and_owner() {
    let world = World::new().await;
    let full = json!({"name": "a", "description": "b", "owner": "alice"});
    for key in ["name", "description", "owner"] {
        let mut body = full.clone();
        body.as_object_mut().expect("an object").remove(key);
        world
            .raw_refused("POST", "/chatrooms", body, 400, "invalid_parameter")
            .await;
    }
    let mut body = full;
    body["members"] = json!([]);
    world
        .raw_refused("POST", "/chatrooms", body, 400, "invalid_parameter")
        .await;
}

#[tokio::test]
async fn owner_and_members_of_a_new_room_must_exist() {
    let World { client, .. } = &World::new().await;
    refused(
        client.chatrooms().create("a", "b", "nobody").await,
        404,
        "resource_not_found",
    );
    let members = ["nobody"];
    refused(
        client.chatrooms().create("a", "b", "alice").members(members).await,
        404,
        "resource_not_found",
    );
}

#[tokio::test]
async fn a_room_has_at_most_10000_members() -> Outcome {
    let world = World::new().await;
    let body = |most: i64| json!({"name": "a", "description": "b", "owner": "alice", "maxusers": most});
    world
        .raw_refused("POST", "/chatrooms", body(10_001), 403, "exceed_limit")
        .await;
    world
        .raw_refused("POST", "/chatrooms", body(0), 400, "invalid_parameter")
        .await;
    let mut crowded = body(2);
    crowded["members"] = json!(["bob", "carol"]);
    world
        .raw_refused("POST", "/chatrooms", crowded, 403, "exceed_limit")
        .await;
    assert_eq!(world.raw("POST", "/chatrooms", body(10_000)).await.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_chosen_id_of_a_room_must_be_free() -> Outcome {
    let world = World::new().await;
    let create = |id: &str| world.client.chatrooms().create("a", "b", "alice").chatroom_id(id);
    refused(create(&world.room).await, 400, "illegal_argument");
    assert_eq!(create("123456789012345").await?.chatroom_id, "123456789012345");
    refused(create("123456789012345").await, 400, "illegal_argument");
    Ok(())
}

#[tokio::test]
async fn owner_and_members_of_a_new_room_are_in_at_once() -> Outcome {
    let world = World::new().await;
    let view = world.room().view(&USERS).await?;
    assert_eq!(view.members, ["alice", "bob", "carol"].map(str::to_owned).into());
    assert_eq!((&*view.owner, view.allowed), ("alice", ["alice".to_owned()].into()));
    let room = world.client.chatrooms().get_one(&*world.room).await?;
    assert_eq!(
        (&*room.name, room.max_users, room.muted),
        ("Lobby", Some(1000), Some(false))
    );
    Ok(())
}

#[tokio::test]
async fn an_update_of_a_room_returns_a_flag_for_each_field() -> Outcome {
    let world = World::new().await;
    let path = world.room().path();
    let body = json!({"name": "New", "description": "Text", "maxusers": 9});
    let (_, updated) = world.raw("PUT", &path, body).await;
    assert_eq!(
        updated["data"],
        json!({"groupname": true, "description": true, "maxusers": true})
    );
    let (_, updated) = world.raw("PUT", &path, json!({"maxusers": 10})).await;
    assert_eq!(updated["data"], json!({"maxusers": true}), "each field is optional");
    let room = world.client.chatrooms().get_one(&*world.room).await?;
    assert_eq!(
        (&*room.name, room.description.as_deref(), room.max_users),
        ("New", Some("Text"), Some(10))
    );
    Ok(())
}

#[tokio::test]
async fn an_update_of_a_room_has_limits() {
    let world = World::new().await;
    for body in [
        json!({"name": "a".repeat(129)}),
        json!({"description": "a".repeat(513)}),
        json!({"maxusers": 10_001}),
    ] {
        world
            .raw_refused("PUT", &world.room().path(), body, 403, "exceed_limit")
            .await;
    }
}

#[tokio::test]
async fn a_room_has_an_announcement() -> Outcome {
    let world = World::new().await;
    let World { client, room, .. } = &world;
    let read = || async {
        client
            .chatrooms()
            .get_announcement(&**room)
            .await
            .map(|read| read.announcement)
    };
    assert_eq!(read().await?.unwrap_or_default(), "");
    for text in ["first", "second"] {
        client.chatrooms().update_announcement(&**room, text).await?;
        assert_eq!(read().await?.as_deref(), Some(text));
    }
    let path = format!("{}/announcement", world.room().path());
    let body = json!({"announcement": "a".repeat(513)});
    world.raw_refused("POST", &path, body, 403, "forbidden_op").await;
    Ok(())
}

#[tokio::test]
async fn super_admins_belong_to_the_app() -> Outcome {
    let world = World::new().await;
    let admins = world.client.chatroom_super_admins();
    assert!(admins.list().await?.is_empty());
    for user in ["dave", "BOB", "dave"] {
        admins.add(user).await?;
    }
    assert_eq!(admins.list().await?, ["dave", "bob"]);
    assert_eq!(admins.list().page_number(2).page_size(1).await?, ["bob"]);
    assert!(world.room().admins().await?.is_empty());
    refused(admins.add("nobody").await, 404, "resource_not_found");
    refused(admins.remove("nobody").await, 404, "resource_not_found");
    let removed = admins.remove("dave").await?.removed;
    assert_eq!(removed.as_ref().map(UserId::as_str), Some("dave"));
    admins.remove("dave").await?;
    world.client.users().delete("bob").await?;
    assert!(admins.list().await?.is_empty());
    Ok(())
}
