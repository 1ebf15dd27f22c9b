//! Rules of the attributes of group members and of chat rooms.

use std::collections::BTreeMap;

use easemob::types::{AttributeOnLeave, AttributeOutcome, MemberAttributes};
use serde_json::json;

use crate::support::world::{Outcome, World, refused};

/// Returns the attributes of a member of the group, as text.
async fn of(world: &World, user: &str) -> Result<String, easemob::Error> {
    let got = world
        .client
        .group_member_attributes()
        .get(&*world.group, user)
        .await?
        .attributes;
    Ok(format!("{got:?}"))
}

#[tokio::test]
async fn attributes_of_a_member_are_merged() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.group_member_attributes();
    assert_eq!(of(&world, "bob").await?, "{}");
    let set = attributes.set(&*world.group, "BOB", [("a", "1"), ("b", "2")]).await?;
    assert_eq!(format!("{:?}", set.attributes), r#"{"a": "1", "b": "2"}"#);
    let set = attributes.set(&*world.group, "bob", [("a", ""), ("c", "3")]).await?;
    assert_eq!(format!("{:?}", set.attributes), r#"{"a": "", "c": "3"}"#);
    assert_eq!(of(&world, "bob").await?, r#"{"b": "2", "c": "3"}"#);
    assert_eq!(of(&world, "alice").await?, "{}");
    Ok(())
}

#[tokio::test]
async fn attributes_of_a_member_have_limits_in_bytes() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.group_member_attributes();
    let set = |key: String, value: String| attributes.set(&*world.group, "bob", [(key, value)]);
    set("k".repeat(16), "v".repeat(512)).await?;
    refused(set("k".repeat(17), "v".to_owned()).await, 400, "metadata_error");
    refused(
        set("六个汉字啊啊".to_owned(), "v".to_owned()).await,
        400,
        "metadata_error",
    );
    refused(set("k".to_owned(), "汉".repeat(171)).await, 400, "metadata_error");
    for key in 0..6 {
        set(key.to_string(), "v".repeat(512)).await?;
    }
    refused(set("7".to_owned(), "v".repeat(512)).await, 400, "metadata_error");
    Ok(())
}

#[tokio::test]
async fn only_members_have_attributes() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.group_member_attributes();
    for (group, user) in [(&*world.group, "dave"), (&*world.group, "nobody"), ("1", "bob")] {
        refused(attributes.get(group, user).await, 404, "MetadataException");
        let set = attributes.set(group, user, [("a", "1")]).await;
        refused(set, 404, "MetadataException");
    }
    Ok(())
}

#[tokio::test]
async fn attributes_of_several_members_are_read_by_key() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.group_member_attributes();
    attributes.set(&*world.group, "bob", [("a", "1"), ("b", "2")]).await?;
    let all = attributes.get_many(&*world.group, ["bob", "carol", "dave"]).await?;
    let expected = r#"{"bob": {"a": "1", "b": "2"}, "carol": {}, "dave": {}}"#;
    assert_eq!(format!("{:?}", all.attributes), expected);
    let some = attributes
        .get_many(&*world.group, ["bob"])
        .properties(["b", "c"])
        .await?;
    assert_eq!(format!("{:?}", some.attributes), r#"{"bob": {"b": "2"}}"#);
    let path = format!("/metadata/chatgroup/{}/get", world.group);
    let many: Vec<_> = (0..11).map(|number| format!("user{number}")).collect();
    world
        .raw_refused("POST", &path, json!({"targets": many}), 400, "metadata_error")
        .await;
    Ok(())
}

#[tokio::test]
async fn attributes_of_several_members_are_set_together() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.group_member_attributes();
    attributes.set(&*world.group, "bob", [("a", "1")]).await?;
    let member = |user: &str, key: &str, value: &str| MemberAttributes::new(user, [(key, value)]);
    let changes = [
        member("bob", "b", "2"),
        member("carol", "c", "3"),
        member("bob", "b", "4"),
    ];
    let set = attributes.set_many(&*world.group, changes).await?;
    let updated: Vec<_> = set
        .updated
        .iter()
        .map(|member| format!("{} {:?}", member.username, member.attributes))
        .collect();
    assert_eq!(updated, [r#"bob {"a": "1", "b": "4"}"#, r#"carol {"c": "3"}"#]);
    assert!(set.failed.is_empty());
    let refuse = |group: String, changes: Vec<MemberAttributes>| attributes.set_many(group, changes);
    let outsider = vec![member("bob", "a", "9"), member("dave", "a", "9")];
    refused(refuse(world.group.clone(), outsider).await, 400, "metadata_error");
    assert_eq!(of(&world, "bob").await?, r#"{"a": "1", "b": "4"}"#);
    let unknown = vec![member("bob", "a", "9")];
    refused(refuse("1".to_owned(), unknown).await, 404, "metadata_error");
    let body = json!(vec![json!({"username": "bob", "metadata": {"a": "1"}}); 21]);
    let path = format!("/metadata/chatgroup/{}/users/batch", world.group);
    world.raw_refused("PUT", &path, body, 400, "metadata_error").await;
    Ok(())
}

#[tokio::test]
async fn a_member_who_leaves_loses_the_attributes() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.group_member_attributes();
    attributes.set(&*world.group, "bob", [("a", "1")]).await?;
    world.group().remove("bob").await?;
    world.group().add("bob").await?;
    assert_eq!(of(&world, "bob").await?, "{}");
    Ok(())
}

/// Returns all attributes of the chat room, as text.
async fn of_room(world: &World) -> Result<String, easemob::Error> {
    let got = world.client.chatroom_attributes().get(&*world.room).await?.attributes;
    Ok(format!("{got:?}"))
}

/// Returns the result of setting or deleting attributes: the keys that were changed, and the number of failures.
fn counted(outcome: &AttributeOutcome) -> (Vec<&str>, usize) {
    let done = outcome.done.iter().map(String::as_str).collect();
    (done, outcome.failed.as_ref().map_or(0, BTreeMap::len))
}

#[tokio::test]
async fn attributes_of_a_room_can_be_set_and_deleted() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.chatroom_attributes();
    assert_eq!(of_room(&world).await?, "{}");
    let set = attributes.set(&*world.room, "bob", [("a", "1"), ("b", "2")]).await?;
    assert_eq!(counted(&set), (vec!["a", "b"], 0));
    attributes.set(&*world.room, "bob", [("a", "3")]).await?;
    assert_eq!(of_room(&world).await?, r#"{"a": "3", "b": "2"}"#);
    let some = attributes.get(&*world.room).keys(["b", "c"]).await?;
    assert_eq!(format!("{:?}", some.attributes), r#"{"b": "2"}"#);
    let deleted = attributes.delete(&*world.room, "bob", ["a", "c"]).await?;
    assert_eq!(
        counted(&deleted),
        (vec!["a", "c"], 0),
        "an absent key counts as deleted"
    );
    assert_eq!(of_room(&world).await?, r#"{"b": "2"}"#);
    refused(attributes.get("1").await, 404, "resource_not_found");
    Ok(())
}

#[tokio::test]
async fn attributes_of_a_room_belong_to_the_user_who_set_them() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.chatroom_attributes();
    attributes.set(&*world.room, "bob", [("a", "1")]).await?;
    let set = attributes.set(&*world.room, "carol", [("a", "2"), ("b", "2")]).await?;
    assert_eq!(counted(&set), (vec!["b"], 1));
    let deleted = attributes.delete(&*world.room, "carol", ["a", "b"]).await?;
    assert_eq!(counted(&deleted), (vec!["b"], 1));
    assert_eq!(of_room(&world).await?, r#"{"a": "1"}"#);
    let set = attributes.set(&*world.room, "carol", [("a", "2")]).await;
    refused(set, 400, "illegal_argument");
    let deleted = attributes.delete(&*world.room, "carol", ["a"]).await;
    refused(deleted, 400, "illegal_argument");
    attributes.force_set(&*world.room, "carol", [("a", "2")]).await?;
    let set = attributes.set(&*world.room, "bob", [("a", "3")]).await;
    refused(set, 400, "illegal_argument");
    attributes.force_delete(&*world.room, "bob", ["a"]).await?;
    assert_eq!(of_room(&world).await?, "{}");
    Ok(())
}

#[tokio::test]
async fn only_members_of_a_room_change_its_attributes() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.chatroom_attributes();
    for (room, user) in [(&*world.room, "dave"), (&*world.room, "nobody"), ("1", "bob")] {
        let set = attributes.set(room, user, [("a", "1")]).await;
        refused(set, 401, "MetadataException");
        let set = attributes.force_set(room, user, [("a", "1")]).await;
        refused(set, 401, "MetadataException");
        let deleted = attributes.delete(room, user, ["a"]).await;
        refused(deleted, 401, "MetadataException");
        let deleted = attributes.force_delete(room, user, ["a"]).await;
        refused(deleted, 401, "MetadataException");
    }
    Ok(())
}

#[tokio::test]
async fn attributes_of_a_room_have_limits() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.chatroom_attributes();
    let valid = ["k".repeat(128), "Az09_-.".to_owned()];
    let invalid = ["k".repeat(129), "a b".to_owned(), "汉".to_owned(), String::new()];
    let pairs = valid.iter().chain(&invalid).map(|key| (key.as_str(), "v"));
    let set = attributes.set(&*world.room, "bob", pairs).await?;
    assert_eq!((set.done.len(), counted(&set).1), (2, 4));
    let (fits, too_long) = ("汉".repeat(4096), "v".repeat(4097));
    let pairs = [("a", &*fits), ("b", &*too_long)];
    let set = attributes.set(&*world.room, "bob", pairs).await?;
    assert_eq!(counted(&set), (vec!["a"], 1));
    let keys: Vec<_> = (0..98).map(|number| format!("key{number}")).collect();
    for keys in keys.chunks(10) {
        let pairs = keys.iter().map(|key| (key.as_str(), "v"));
        let set = attributes.set(&*world.room, "alice", pairs).await?;
        let failed = usize::from(keys.contains(&"key97".to_owned()));
        assert_eq!(counted(&set).1, failed, "a room has at most 100 attributes");
    }
    let body: serde_json::Map<_, _> = keys[..11].iter().map(|key| (key.clone(), json!("v"))).collect();
    let path = format!("/metadata/chatroom/{}/user/bob", world.room);
    world
        .raw_refused("PUT", &path, json!({"metaData": body}), 400, "illegal_argument")
        .await;
    world
        .raw_refused("DELETE", &path, json!({"keys": keys[..11]}), 400, "illegal_argument")
        .await;
    Ok(())
}

#[tokio::test]
async fn attributes_of_a_room_go_with_their_user_unless_they_are_kept() -> Outcome {
    let world = World::new().await;
    let attributes = world.client.chatroom_attributes();
    attributes.set(&*world.room, "bob", [("a", "1")]).await?;
    attributes
        .set(&*world.room, "bob", [("b", "2")])
        .on_leave(AttributeOnLeave::Keep)
        .await?;
    attributes.set(&*world.room, "carol", [("c", "3")]).await?;
    world.room().remove("bob").await?;
    assert_eq!(of_room(&world).await?, r#"{"b": "2", "c": "3"}"#);
    world.client.users().delete("carol").await?;
    assert_eq!(of_room(&world).await?, r#"{"b": "2"}"#);
    Ok(())
}
