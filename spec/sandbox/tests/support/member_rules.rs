//! Rules of members, admins, block lists and allow lists.

use crate::support::space::{Kind, View};
use crate::support::world::{Outcome, USERS, World, refused};

/// Removes a user from what only members can be in.
fn leave(view: &mut View, user: &str) {
    view.members.remove(user);
    view.admins.remove(user);
    view.allowed.remove(user);
    view.muted.remove(user);
}

#[tokio::test]
async fn adding_a_member_changes_all_member_lists() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        space.add("dave").await?;
        let added = |view: &mut View| view.members.extend(["dave".to_owned()]);
        space.changed(&before, added).await?;
    }
    assert!(
        world.client.threads().list_joined("dave").await?.is_empty(),
        "the user is in no thread"
    );
    Ok(())
}

#[tokio::test]
async fn adding_a_member_to_a_group_again_is_an_error() -> Outcome {
    let world = World::new().await;
    let group = world.group();
    let before = group.view(&USERS).await?;
    refused(group.add("bob").await, 403, "forbidden_op");
    refused(group.add("alice").await, 403, "forbidden_op");
    refused(group.add_many(&["bob", "carol"]).await, 403, "forbidden_op");
    group.changed(&before, |_| {}).await
}

#[tokio::test]
async fn adding_several_to_a_group_passes_over_members() -> Outcome {
    let world = World::new().await;
    let group = world.group();
    let before = group.view(&USERS).await?;
    assert_eq!(
        group.add_many(&["erin", "bob", "dave", "erin"]).await?,
        ["erin", "dave"]
    );
    group
        .changed(&before, |view| view.members.extend(["dave", "erin"].map(str::to_owned)))
        .await
}

#[tokio::test]
async fn adding_a_member_to_a_room_again_succeeds() -> Outcome {
    let world = World::new().await;
    let room = world.room();
    let before = room.view(&USERS).await?;
    room.add("bob").await?;
    assert_eq!(room.add_many(&["bob", "carol"]).await?, ["bob", "carol"]);
    room.changed(&before, |_| {}).await?;
    assert_eq!(room.add_many(&["erin", "bob"]).await?, ["erin", "bob"]);
    room.changed(&before, |view| view.members.extend(["erin".to_owned()]))
        .await
}

#[tokio::test]
async fn a_full_group_or_room_accepts_nobody() -> Outcome {
    let world = World::new().await;
    world.client.groups().update(&*world.group).max_users(4).await?;
    world.client.chatrooms().update(&*world.room).max_users(4).await?;
    for space in world.both() {
        let code = if space.kind == Kind::Group {
            "exceed_limit"
        } else {
            "forbidden_op"
        };
        let before = space.view(&USERS).await?;
        refused(space.add_many(&["dave", "erin"]).await, 403, code);
        space.changed(&before, |_| {}).await?;
        space.add_many(&["dave", "dave"]).await?;
        refused(space.add("erin").await, 403, code);
    }
    world.room().add("bob").await?;
    Ok(())
}

#[tokio::test]
async fn more_than_60_new_members_in_one_call_are_an_error() {
    let world = World::new().await;
    let users: Vec<_> = (0..61).map(|index| format!("u{index}")).collect();
    let body = serde_json::json!({"usernames": users});
    let group = format!("{}/users", world.group().path());
    world
        .raw_refused("POST", &group, body.clone(), 403, "exceed_limit")
        .await;
    let room = format!("{}/users", world.room().path());
    world.raw_refused("POST", &room, body, 400, "invalid_parameter").await;
}

#[tokio::test]
async fn a_blocked_user_cannot_be_added() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        space.block("bob").await?;
        let before = space.view(&USERS).await?;
        refused(space.add("bob").await, 403, "forbidden_op");
        refused(space.add_many(&["dave", "bob"]).await, 403, "forbidden_op");
        space.changed(&before, |_| {}).await?;
        space.unblock("bob").await?;
        space.add("bob").await?;
    }
    Ok(())
}

#[tokio::test]
async fn removing_a_member_ends_all_roles() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        space.add_admin("bob").await?;
        space.remove("bob").await?;
        space.changed(&before, |view| leave(view, "bob")).await?;
        space.add("bob").await?;
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn only_members_can_be_removed() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        refused(space.remove("dave").await, space.not_a_member(), "forbidden_op");
        refused(space.remove("nobody").await, 404, "resource_not_found");
    }
    Ok(())
}

#[tokio::test]
async fn the_owner_cannot_be_removed_or_blocked() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        refused(space.remove("alice").await, 403, "forbidden_op");
        refused(space.block("alice").await, 403, "forbidden_op");
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn removing_several_members_removes_each() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        assert_eq!(
            space.remove_many(&["carol", "bob"]).await?,
            [("carol".into(), true), ("bob".into(), true)]
        );
        space
            .changed(&before, |view| {
                leave(view, "bob");
                leave(view, "carol");
            })
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_admin_is_on_the_allow_list() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        let promoted = |view: &mut View| {
            view.admins.insert("bob".to_owned());
            view.allowed.insert("bob".to_owned());
        };
        space.add_admin("bob").await?;
        space.changed(&before, promoted).await?;
        space.add_admin("bob").await?;
        space.changed(&before, promoted).await?;
        space.remove_admin("bob").await?;
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn only_members_can_become_admins() {
    let world = World::new().await;
    for space in world.both() {
        refused(space.add_admin("dave").await, 404, "resource_not_found");
        refused(space.add_admin("nobody").await, 404, "resource_not_found");
    }
}

#[tokio::test]
async fn the_owner_cannot_become_an_admin() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        refused(space.add_admin("alice").await, 403, "forbidden_op");
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_group_or_room_has_at_most_99_admins() -> Outcome {
    let world = World::new().await;
    let names: Vec<_> = (0..100).map(|index| format!("u{index}")).collect();
    for name in &names {
        world.client.users().create(name.as_str()).await?;
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for space in world.both() {
        space.add_many(&names[..50]).await?;
        space.add_many(&names[50..]).await?;
        for name in &names[..99] {
            space.add_admin(name).await?;
        }
        refused(space.add_admin("u99").await, 403, "exceed_limit");
        space.add_admin("u0").await?;
        assert_eq!(space.admins().await?.len(), 99);
    }
    Ok(())
}

#[tokio::test]
async fn only_an_admin_can_lose_the_role() {
    let world = World::new().await;
    for space in world.both() {
        refused(space.remove_admin("bob").await, 403, "forbidden_op");
        refused(space.remove_admin("alice").await, 403, "forbidden_op");
        refused(space.remove_admin("nobody").await, 404, "resource_not_found");
    }
}

#[tokio::test]
async fn new_lists_are_empty_apart_from_the_owner() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        assert!(space.admins().await?.is_empty() && space.blocked().await?.is_empty());
        assert!(space.muted().await?.is_empty());
        assert_eq!(space.allowed().await?, ["alice"]);
    }
    Ok(())
}

#[tokio::test]
async fn blocking_a_member_removes_the_member() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        space.add_admin("bob").await?;
        space.block("bob").await?;
        assert_eq!(space.block_many(&["carol"]).await?, [("carol".into(), true)]);
        space
            .changed(&before, |view| {
                leave(view, "bob");
                leave(view, "carol");
                view.blocked.extend(["bob", "carol"].map(str::to_owned));
            })
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn only_members_can_be_blocked() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        refused(space.block("dave").await, space.not_a_member(), "forbidden_op");
        space.block("bob").await?;
        let before = space.view(&USERS).await?;
        refused(space.block("bob").await, space.not_a_member(), "forbidden_op");
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn unblocking_a_user_does_not_add_the_user() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        space.block_many(&["bob", "carol"]).await?;
        space.unblock("bob").await?;
        assert_eq!(space.unblock_many(&["carol"]).await?, [("carol".into(), true)]);
        space
            .changed(&before, |view| {
                leave(view, "bob");
                leave(view, "carol");
            })
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn only_blocked_users_can_be_unblocked() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        refused(space.unblock("bob").await, space.not_a_member(), "forbidden_op");
        space.block("bob").await?;
        let mixed = space.unblock_many(&["carol", "bob"]).await?;
        assert_eq!(mixed, [("carol".into(), false), ("bob".into(), true)]);
    }
    Ok(())
}

#[tokio::test]
async fn members_can_be_allowed_again_and_again() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        for _ in 0..2 {
            space.allow("bob").await?;
            assert_eq!(
                space.allow_many(&["bob", "carol"]).await?,
                [("bob".into(), true), ("carol".into(), true)]
            );
            let allowed = |view: &mut View| view.allowed.extend(["bob", "carol"].map(str::to_owned));
            space.changed(&before, allowed).await?;
        }
        refused(space.allow("dave").await, space.not_a_member(), "forbidden_op");
    }
    Ok(())
}

#[tokio::test]
async fn members_can_be_disallowed_even_if_they_are_not_on_the_list() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        space.allow("bob").await?;
        assert_eq!(
            space.disallow(&["bob", "carol"]).await?,
            [("bob".into(), true), ("carol".into(), true)]
        );
        space.changed(&before, |_| {}).await?;
        refused(space.disallow(&["dave"]).await, space.not_a_member(), "forbidden_op");
    }
    Ok(())
}
