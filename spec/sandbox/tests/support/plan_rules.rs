//! Rules of plans and of features that can be off.

use easemob_sandbox::Sandbox;
use easemob_sandbox::behaviour::Plan;
use futures_util::future::try_join_all;

use crate::support::world::{Outcome, World, refused};

/// Registers users `u0`, `u1` and so on.
async fn crowd(world: &World, count: usize) -> Result<Vec<String>, easemob::Error> {
    let names: Vec<_> = (0..count).map(|number| format!("u{number}")).collect();
    try_join_all(
        names
            .iter()
            .map(|name| world.client.users().create(name.as_str()).into_future()),
    )
    .await?;
    Ok(names)
}

/// Creates groups of a user. Returns the ID of the last one.
async fn groups(world: &World, owner: &str, count: usize) -> Result<String, easemob::Error> {
    let groups = (0..count).map(|_| world.client.groups().create(owner, false).into_future());
    let created = try_join_all(groups).await?;
    Ok(created
        .last()
        .map(|group| group.group_id.to_string())
        .unwrap_or_default())
}

#[tokio::test]
async fn the_free_plan_has_100_groups() -> Outcome {
    let world = World::new().await;
    world.sandbox.configure(|settings| settings.plan = Plan::Free);
    let last = groups(&world, "erin", 99).await?;
    let client = &world.client;
    let create = async || client.groups().create("dave", false).await;
    refused(create().await, 403, "exceed_limit");
    client.groups().delete(last).await?;
    create().await?;
    world.sandbox.configure(|settings| settings.plan = Plan::Professional);
    create().await?;
    Ok(())
}

#[tokio::test]
async fn a_plan_limits_the_groups_of_a_user() -> Outcome {
    let world = World::new().await;
    groups(&world, "erin", 100).await?;
    world.sandbox.configure(|settings| settings.plan = Plan::Free);
    refused(world.group().add("erin").await, 403, "exceed_limit");
    refused(world.group().add_many(&["dave", "erin"]).await, 403, "exceed_limit");
    world.group().add("dave").await?;
    world.sandbox.configure(|settings| settings.plan = Plan::Professional);
    world.group().add("erin").await?;
    Ok(())
}

#[tokio::test]
async fn a_plan_limits_the_members_of_a_group() -> Outcome {
    let world = World::new().await;
    for (plan, most) in [(Plan::Free, 100), (Plan::Professional, 300), (Plan::Flagship, 3000)] {
        world.sandbox.configure(|settings| {
            settings.plan = plan;
            settings.large_groups = false;
        });
        let groups = world.client.groups();
        groups.create("alice", false).max_users(most).await?;
        refused(
            groups.create("alice", false).max_users(most + 1).await,
            403,
            "exceed_limit",
        );
        groups.update(&*world.group).max_users(most).await?;
        refused(
            groups.update(&*world.group).max_users(most + 1).await,
            400,
            "invalid_parameter",
        );
    }
    world.sandbox.configure(|settings| settings.plan = Plan::Free);
    let group = world.client.groups().create("alice", false).await?;
    let group = world.client.groups().get_one(group.group_id).await?;
    assert_eq!(group.max_users, Some(100), "the default is reduced");
    world.sandbox.configure(|settings| {
        settings.plan = Plan::Flagship;
        settings.large_groups = true;
    });
    world.client.groups().create("alice", false).max_users(3001).await?;
    Ok(())
}

#[tokio::test]
async fn the_free_plan_has_no_chat_rooms() -> Outcome {
    let world = World::new().await;
    world.sandbox.configure(|settings| settings.plan = Plan::Free);
    let create = async || world.client.chatrooms().create("Lobby", "", "alice").await;
    refused(create().await, 403, "exceed_limit");
    world.sandbox.configure(|settings| settings.plan = Plan::Professional);
    create().await?;
    Ok(())
}

#[tokio::test]
async fn a_plan_limits_the_contacts_of_a_user() -> Outcome {
    let world = World::new().await;
    world.sandbox.configure(|settings| settings.plan = Plan::Free);
    let contacts = world.client.contacts();
    for name in crowd(&world, 100).await? {
        contacts.add("alice", name).await?;
    }
    refused(contacts.add("alice", "bob").await, 403, "exceed_limit");
    refused(contacts.add("bob", "alice").await, 403, "exceed_limit");
    // Adding a contact again changes nothing.
    contacts.add("alice", "u7").await?;
    assert!(contacts.list("bob").await?.is_empty());
    world.sandbox.configure(|settings| settings.plan = Plan::Professional);
    contacts.add("alice", "bob").await?;
    Ok(())
}

#[tokio::test]
async fn a_block_list_has_at_most_500_users() -> Outcome {
    let world = World::new().await;
    let names = crowd(&world, 500).await?;
    let contacts = world.client.contacts();
    for some in names.chunks(50) {
        contacts.block("alice", some.iter().cloned()).await?;
    }
    refused(contacts.block("alice", ["bob"]).await, 403, "exceed_limit");
    contacts.block("alice", ["u7"]).await?;
    contacts.unblock("alice", "u7").await?;
    contacts.block("alice", ["bob"]).await?;
    Ok(())
}

#[tokio::test]
async fn threads_can_be_off() -> Outcome {
    let world = World::new().await;
    let thread = &*world.thread("bob").await?;
    let message = &*world.message_to(&world.group).await?;
    let (threads, members) = (world.client.threads(), world.client.thread_members());
    let off = async || {
        let group = &*world.group;
        refused(threads.list().await, 403, "group_error");
        refused(threads.list_joined("bob").await, 403, "group_error");
        refused(threads.list_joined_in_group(group, "bob").await, 403, "group_error");
        refused(threads.create(group, "Topic", message, "bob").await, 403, "group_error");
        refused(threads.update(thread, "Topic").await, 403, "group_error");
        refused(threads.delete(thread).await, 403, "group_error");
        refused(members.list(thread).await, 403, "group_error");
        refused(members.add(thread, ["carol"]).await, 403, "group_error");
        refused(members.remove(thread, ["bob"]).await, 403, "group_error");
    };
    world.sandbox.configure(|settings| settings.threads = false);
    off().await;
    world.sandbox.configure(|settings| {
        settings.threads = true;
        settings.plan = Plan::Free;
    });
    off().await;
    world.sandbox.configure(|settings| settings.plan = Plan::Professional);
    threads.delete(thread).await
}

#[tokio::test]
async fn the_number_of_threads_is_limited() -> Outcome {
    let builder = Sandbox::builder().configure(|settings| {
        settings.max_threads = 2;
        settings.max_joined_threads = 1;
    });
    let world = World::with(builder).await;
    let thread = world.thread("alice").await?;
    refused(world.thread("alice").await, 403, "group_error");
    let other = world.thread("bob").await?;
    refused(world.thread("carol").await, 403, "group_error");
    let members = world.client.thread_members();
    refused(members.add(&*other, ["carol", "alice"]).await, 403, "group_error");
    members.add(&*other, ["carol", "bob"]).await?;
    refused(members.add(&*thread, ["carol"]).await, 403, "group_error");
    Ok(())
}

#[tokio::test]
async fn user_attributes_can_be_off() {
    let world = World::new().await;
    world.sandbox.configure(|settings| settings.user_attributes = false);
    let metadata = world.client.metadata();
    refused(metadata.update("alice", [("sign", "tea")]).await, 403, "FORBIDDEN");
    refused(metadata.get("alice").await, 403, "FORBIDDEN");
    refused(metadata.get_many(["alice"], ["sign"]).await, 403, "FORBIDDEN");
    refused(metadata.delete("alice").await, 403, "FORBIDDEN");
    refused(metadata.get_capacity().await, 403, "FORBIDDEN");
}

#[tokio::test]
async fn names_and_announcements_of_groups_can_be_forbidden() -> Outcome {
    let world = World::new().await;
    let words = || vec!["coffee".to_owned()];
    world.sandbox.configure(|settings| settings.forbidden_words = words());
    let groups = world.client.groups();
    refused(
        groups.create("alice", false).name("Tea and COFFEE").await,
        403,
        "group_name_violation",
    );
    refused(
        groups.update(&*world.group).name("Coffee").await,
        403,
        "group_name_violation",
    );
    let announcement = groups.update_announcement(&*world.group, "More coffee");
    refused(announcement.await, 403, "group_announce_violation");
    groups
        .update(&*world.group)
        .name("Tea")
        .description("No coffee")
        .await?;
    assert_eq!(groups.get_one(&*world.group).await?.name.as_deref(), Some("Tea"));
    Ok(())
}
