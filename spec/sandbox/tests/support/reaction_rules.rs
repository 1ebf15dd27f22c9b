//! Rules of reactions.

use easemob::types::{CommandBody, ReactionChatType, TextBody};

use crate::support::world::{Outcome, World, refused};

#[tokio::test]
async fn a_user_can_add_each_emoji_once() -> Outcome {
    let world = World::new().await;
    let reactions = world.client.reactions();
    let id = world.message_to(&world.group).await?;
    let first = reactions.add("bob", &*id, "smile").await?;
    assert_eq!(first.group_id, Some(Some(world.group.clone())));
    assert_eq!(first.created_at.as_deref(), Some("2023-11-14T22:13:20.000Z"));
    refused(reactions.add("bob", &*id, "smile").await, 400, "Bad Request");
    world.advance(61);
    let second = reactions.add("carol", &*id, "smile").await?;
    assert_eq!(second.id, first.id);
    assert_eq!(second.created_at, first.created_at);
    assert_eq!(second.updated_at.as_deref(), Some("2023-11-14T22:14:21.000Z"));
    reactions.add("bob", &*id, "tea").await?;
    Ok(())
}

#[tokio::test]
async fn a_message_has_at_most_20_reactions() -> Outcome {
    let world = World::new().await;
    let reactions = world.client.reactions();
    let id = world.message_to(&world.group).await?;
    for number in 0..20 {
        reactions.add("bob", &*id, number.to_string()).await?;
    }
    refused(reactions.add("bob", &*id, "20").await, 400, "Bad Request");
    reactions.add("carol", &*id, "19").await?;
    Ok(())
}

#[tokio::test]
async fn only_users_in_the_chat_can_react() -> Outcome {
    let world = World::new().await;
    let (reactions, messages) = (world.client.reactions(), world.client.messages());
    let id = world.message_to(&world.group).await?;
    for user in ["dave", "nobody"] {
        refused(reactions.add(user, &*id, "smile").await, 400, "Bad Request");
    }
    refused(reactions.add("bob", "1", "smile").await, 400, "Bad Request");
    let sent = messages.send_to_rooms(&*world.room, TextBody::new("hi")).await?;
    let in_room = reactions
        .add("bob", sent.message_ids[&*world.room].clone(), "smile")
        .await;
    refused(in_room, 400, "Bad Request");
    let sent = messages
        .send_to_users("bob", CommandBody::new("a"))
        .from("alice")
        .await?;
    let id = &sent.message_ids["bob"];
    reactions.add("alice", id.clone(), "smile").await?;
    reactions.add("bob", id.clone(), "smile").await?;
    refused(reactions.add("carol", id.clone(), "smile").await, 400, "Bad Request");
    Ok(())
}

#[tokio::test]
async fn a_list_of_reactions_names_three_users_of_each() -> Outcome {
    let world = World::new().await;
    let reactions = world.client.reactions();
    world.group().add("dave").await?;
    let [id, other] = [
        world.message_to(&world.group).await?,
        world.message_to(&world.group).await?,
    ];
    for user in ["carol", "bob", "alice", "dave"] {
        reactions.add(user, &*id, "smile").await?;
    }
    let ids = [&*id, &*other, "1"];
    let listed = reactions
        .list("dave", ids, ReactionChatType::Group)
        .group_id(&*world.group)
        .await?;
    assert_eq!(listed.len(), 3);
    let smile = &listed[0].reactions[0];
    assert_eq!((smile.count, smile.is_mine), (4, true));
    assert_eq!(smile.users, ["carol", "bob", "alice"]);
    assert!(listed[1].reactions.is_empty() && listed[2].reactions.is_empty());
    let without_group = reactions.list("dave", &*id, ReactionChatType::Group).await;
    refused(without_group, 400, "Bad Request");
    let first = reactions.get("erin", &*id, "smile").limit(3).await?;
    assert!(!first.is_mine);
    assert_eq!(first.users, ["carol", "bob", "alice"]);
    let mut all = reactions.get("dave", &*id, "smile").limit(3).stream();
    let mut users = Vec::new();
    while let Some(user) = all.try_next().await? {
        users.push(user);
    }
    assert_eq!(users, ["carol", "bob", "alice", "dave"]);
    refused(reactions.get("bob", &*id, "tea").await, 400, "Bad Request");
    Ok(())
}

#[tokio::test]
async fn a_reaction_without_users_is_gone() -> Outcome {
    let world = World::new().await;
    let reactions = world.client.reactions();
    let id = world.message_to(&world.group).await?;
    for user in ["bob", "carol"] {
        reactions.add(user, &*id, "smile").await?;
    }
    reactions.remove("bob", &*id, "smile").await?;
    reactions.remove("bob", &*id, "smile").await?;
    assert_eq!(reactions.get("bob", &*id, "smile").await?.users, ["carol"]);
    world.client.users().delete("carol").await?;
    refused(reactions.get("bob", &*id, "smile").await, 400, "Bad Request");
    Ok(())
}
