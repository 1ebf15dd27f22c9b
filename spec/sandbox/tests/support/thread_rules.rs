//! Rules of threads.

use easemob::types::{TextBody, ThreadOrder};
use easemob_sandbox::Sandbox;
use serde_json::json;

use crate::support::space::outcomes;
use crate::support::world::{Outcome, World, refused};

impl World {
    async fn threads_of(&self, user: &str) -> Result<Vec<String>, easemob::Error> {
        let all = self.client.threads().list_joined(user).await?;
        let here = self.client.threads().list_joined_in_group(&*self.group, user).await?;
        assert_eq!(all, here, "all threads are of one group");
        Ok(all.into_iter().map(|thread| thread.id.into()).collect())
    }

    async fn members_of(&self, thread: &str) -> Result<Vec<String>, easemob::Error> {
        let members = self.client.thread_members().list(thread).await?;
        Ok(members.into_iter().map(Into::into).collect())
    }
}

#[tokio::test]
async fn the_creator_is_the_first_member_of_a_thread() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("bob").await?;
    assert_eq!(world.members_of(&thread).await?, ["bob"]);
    assert_eq!(world.threads_of("bob").await?, [&*thread]);
    let joined = world.client.threads().list_joined("bob").await?;
    assert_eq!((joined[0].owner.as_str(), &*joined[0].name), ("bob", "Topic"));
    assert_eq!(joined[0].group_id, world.group);
    Ok(())
}

#[tokio::test]
async fn a_thread_needs_a_group_a_member_and_a_message() -> Outcome {
    let world = World::new().await;
    let World { client, group, .. } = &world;
    let message = world.message_to(group).await?;
    let create = |group: &str, message: &str, owner: &str| client.threads().create(group, "a", message, owner);
    refused(create("1", &message, "alice").await, 404, "group_error");
    refused(create(group, &message, "dave").await, 404, "group_error");
    refused(create(group, &message, "nobody").await, 404, "group_error");
    refused(create(group, "1", "alice").await, 404, "group_error");
    create(group, &message, "alice").await?;
    Ok(())
}

#[tokio::test]
async fn a_thread_starts_from_a_message_of_its_group() -> Outcome {
    let world = World::new().await;
    let World { client, group, .. } = &world;
    let other = client.groups().create("alice", false).await?.group_id;
    let foreign = world.message_to(other.as_str()).await?;
    let direct = client.messages().send_to_users(["bob"], TextBody::new("hi")).await?;
    let direct = direct.message_ids["bob"].to_string();
    for message in [foreign, direct] {
        refused(
            client.threads().create(&**group, "a", message, "alice").await,
            400,
            "group_error",
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_message_of_another_app_does_not_exist() -> Outcome {
    let builder = Sandbox::builder()
        .app(["acme", "support"], ["one", "secret"])
        .app(["acme", "sales"], ["two", "secret"]);
    let world = World::with(builder).await;
    let other = world.sandbox.client_of(&world.sandbox.apps()[1]).expect("a client");
    other.users().create("alice").await?;
    let foreign = other.groups().create("alice", false).await?.group_id;
    let sent = other.messages().send_to_groups([foreign], TextBody::new("hi")).await?;
    let message = sent.message_ids.into_values().next().expect("a message ID");
    let create = world.client.threads().create(&*world.group, "a", message, "alice");
    refused(create.await, 404, "group_error");
    Ok(())
}

#[tokio::test]
async fn a_message_has_one_thread() -> Outcome {
    let world = World::new().await;
    let World { client, group, .. } = &world;
    let message = world.message_to(group).await?;
    let create = || client.threads().create(&**group, "a", &*message, "alice");
    let thread = create().await?.thread_id;
    refused(create().await, 403, "group_error");
    client.threads().delete(thread).await?;
    create().await?;
    Ok(())
}

#[tokio::test]
async fn the_name_of_a_thread_has_1_to_64_characters() -> Outcome {
    let world = World::new().await;
    let message = world.message_to(&world.group).await?;
    let thread = world.thread("bob").await?;
    for name in [String::new(), "a".repeat(65)] {
        let body = json!({"group_id": world.group, "name": name, "msg_id": message, "owner": "bob"});
        world.raw_refused("POST", "/thread", body, 400, "group_error").await;
        let path = format!("/thread/{thread}");
        world
            .raw_refused("PUT", &path, json!({"name": name}), 400, "group_error")
            .await;
    }
    Ok(())
}

#[tokio::test]
async fn a_thread_can_be_renamed() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("bob").await?;
    assert_eq!(world.client.threads().update(thread, "New").await?.name, "New");
    assert_eq!(&*world.client.threads().list_joined("bob").await?[0].name, "New");
    Ok(())
}

#[tokio::test]
async fn deleting_a_thread_removes_it_from_all_lists() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("bob").await?;
    world.client.thread_members().add(&*thread, ["carol"]).await?;
    let (_, deleted) = world.raw("DELETE", &format!("/thread/{thread}"), None).await;
    assert_eq!(deleted["data"]["status"], "ok");
    assert!(world.client.threads().list().await?.is_empty());
    assert!(world.threads_of("bob").await?.is_empty() && world.threads_of("carol").await?.is_empty());
    refused(world.members_of(&thread).await, 404, "group_error");
    Ok(())
}

#[tokio::test]
async fn threads_are_listed_by_time_of_creation() -> Outcome {
    let world = World::new().await;
    let (first, second) = (world.thread("bob").await?, world.thread("carol").await?);
    let ids = |list: Vec<easemob::types::ThreadRef>| list.into_iter().map(|thread| thread.id.into()).collect();
    let newest: Vec<String> = ids(world.client.threads().list().await?);
    assert_eq!(newest, [&*second, &*first]);
    let oldest: Vec<String> = ids(world.client.threads().list().sort(ThreadOrder::Ascending).await?);
    assert_eq!(oldest, [first, second]);
    Ok(())
}

#[tokio::test]
async fn threads_of_a_user_are_listed_by_time_of_joining() -> Outcome {
    let world = World::new().await;
    let (first, second) = (world.thread("bob").await?, world.thread("carol").await?);
    for thread in [&second, &first] {
        world.client.thread_members().add(&**thread, ["alice"]).await?;
    }
    assert_eq!(world.threads_of("alice").await?, [&*first, &*second]);
    let oldest = world
        .client
        .threads()
        .list_joined("alice")
        .sort(ThreadOrder::Ascending)
        .await?;
    assert_eq!(oldest[0].id, second);
    Ok(())
}

#[tokio::test]
async fn threads_of_unknown_users_and_groups_are_empty_lists() -> Outcome {
    let World { client, group, .. } = &World::new().await;
    assert!(client.threads().list_joined("nobody").await?.is_empty());
    assert!(
        client
            .threads()
            .list_joined_in_group(&**group, "nobody")
            .await?
            .is_empty()
    );
    assert!(client.threads().list_joined_in_group("1", "alice").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn pages_of_threads_have_cursors() -> Outcome {
    let world = World::new().await;
    let mut created = Vec::new();
    for _ in 0..5 {
        created.insert(0, world.thread("bob").await?);
    }
    for sort in [ThreadOrder::Descending, ThreadOrder::Ascending] {
        let mut threads = world.client.threads().list_joined("bob").limit(2).sort(sort).stream();
        let mut listed = Vec::new();
        while let Some(thread) = threads.try_next().await? {
            listed.push(String::from(thread.id));
        }
        assert_eq!(listed, created);
        created.reverse();
    }
    Ok(())
}

#[tokio::test]
async fn members_of_the_group_can_be_added_to_a_thread() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("bob").await?;
    let add = |users: &'static [&'static str]| world.client.thread_members().add(&*thread, users);
    add(&["carol", "bob"]).await?;
    assert_eq!(world.members_of(&thread).await?, ["bob", "carol"]);
    refused(add(&["alice", "dave"]).await, 404, "group_error");
    refused(add(&["alice", "nobody"]).await, 404, "group_error");
    assert_eq!(world.members_of(&thread).await?, ["bob", "carol"], "nothing is done");
    Ok(())
}

#[tokio::test]
async fn at_most_10_users_are_added_to_or_removed_from_a_thread() -> Outcome {
    let world = World::new().await;
    let path = format!("/thread/{}/users", world.thread("bob").await?);
    let users: Vec<_> = (0..11).map(|index| format!("u{index}")).collect();
    for method in ["POST", "DELETE"] {
        let body = json!({"usernames": users});
        world.raw_refused(method, &path, body, 400, "group_error").await;
    }
    Ok(())
}

#[tokio::test]
async fn removing_users_from_a_thread_has_a_result_for_each() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("bob").await?;
    world.client.thread_members().add(&*thread, ["carol"]).await?;
    let removed = world
        .client
        .thread_members()
        .remove(&*thread, ["alice", "carol"])
        .await?;
    assert!(removed.iter().all(|outcome| outcome.reason.is_none()));
    assert_eq!(outcomes(removed), [("alice".into(), false), ("carol".into(), true)]);
    assert_eq!(world.members_of(&thread).await?, ["bob"]);
    assert!(world.threads_of("carol").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_creator_can_be_removed_from_a_thread() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("bob").await?;
    world.client.thread_members().add(&*thread, ["carol"]).await?;
    world.client.thread_members().remove(&*thread, ["bob"]).await?;
    assert_eq!(world.client.threads().list_joined("carol").await?[0].owner, "bob");
    Ok(())
}

#[tokio::test]
async fn leaving_a_group_ends_membership_of_its_threads() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("alice").await?;
    world.client.thread_members().add(&*thread, ["bob", "carol"]).await?;
    let group = world.group();
    group.remove("bob").await?;
    group.block("carol").await?;
    assert_eq!(world.members_of(&thread).await?, ["alice"]);
    assert!(world.threads_of("bob").await?.is_empty() && world.threads_of("carol").await?.is_empty());
    group.add("bob").await?;
    assert!(
        world.threads_of("bob").await?.is_empty(),
        "joining the group again does not join the thread"
    );
    Ok(())
}
