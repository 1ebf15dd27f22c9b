//! Rules of groups, and of users as far as groups and chat rooms are concerned.

use easemob::File;
use easemob::types::Member;
use serde_json::json;

use crate::support::space::{Kind, Space};
use crate::support::world::{NOW, Outcome, USERS, World, refused};

#[tokio::test]
async fn deleting_an_owner_deletes_the_groups_and_rooms() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("bob").await?;
    world.client.users().delete("alice").await?;
    for space in world.both() {
        refused(space.admins().await, 404, "resource_not_found");
        assert_eq!((space.listed().await?, space.joined_by("bob").await?), (None, vec![]));
    }
    refused(world.client.thread_members().list(thread).await, 404, "group_error");
    assert!(world.client.threads().list_joined("bob").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_deleted_user_leaves_everything() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("alice").await?;
    world.client.thread_members().add(&*thread, ["bob"]).await?;
    for space in world.both() {
        space.add_admin("bob").await?;
        space.mute(&["bob"], 60).await?;
        space.add("dave").await?;
        space.block("dave").await?;
    }
    world.client.contacts().add("carol", "bob").await?;
    world.client.contacts().block("carol", ["dave"]).await?;
    world.client.users().delete("bob").await?;
    world.client.users().delete("dave").await?;
    for space in world.both() {
        let view = space.view(&["alice", "carol"]).await?;
        assert_eq!(view.members, ["alice", "carol"].map(str::to_owned).into());
        assert_eq!(view.allowed, ["alice".to_owned()].into());
        assert!(view.admins.is_empty() && view.muted.is_empty() && view.blocked.is_empty());
    }
    assert_eq!(world.client.thread_members().list(&*thread).await?, ["alice"]);
    assert!(world.client.contacts().list("carol").await?.is_empty());
    assert!(world.client.contacts().list_blocked("carol").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn deleting_users_in_batches_deletes_what_they_own() -> Outcome {
    let world = World::new().await;
    let deleted = world.client.users().delete_many().limit(5).await?.deleted;
    assert_eq!(deleted.len(), 5);
    for space in world.both() {
        refused(space.admins().await, 404, "resource_not_found");
        assert_eq!(space.listed().await?, None);
    }
    Ok(())
}

#[tokio::test]
async fn owner_and_members_of_a_new_group_are_in_at_once() -> Outcome {
    let world = World::new().await;
    let view = world.group().view(&USERS).await?;
    assert_eq!(view.members, ["alice", "bob", "carol"].map(str::to_owned).into());
    assert_eq!((&*view.owner, view.allowed), ("alice", ["alice".to_owned()].into()));
    assert!(view.admins.is_empty() && view.blocked.is_empty() && view.muted.is_empty() && !view.all_muted);
    Ok(())
}

#[tokio::test]
async fn a_new_group_needs_owner_and_public() {
    let world = World::new().await;
    for body in [json!({"owner": "alice"}), json!({"public": true})] {
        world
            .raw_refused("POST", "/chatgroups", body, 400, "invalid_parameter")
            .await;
    }
}

#[tokio::test]
async fn owner_and_members_of_a_new_group_must_exist() {
    let World { client, .. } = &World::new().await;
    refused(client.groups().create("nobody", false).await, 404, "resource_not_found");
    let members = ["bob", "nobody"];
    refused(
        client.groups().create("alice", false).members(members).await,
        404,
        "resource_not_found",
    );
}

#[tokio::test]
async fn a_new_group_cannot_have_more_members_than_its_maximum() -> Outcome {
    let World { client, .. } = &World::new().await;
    let create =
        |members: &'static [&'static str]| client.groups().create("alice", false).max_users(2).members(members);
    refused(create(&["bob", "carol"]).await, 403, "exceed_limit");
    create(&["bob"]).await?;
    Ok(())
}

#[tokio::test]
async fn the_owner_and_repeated_members_of_a_new_group_count_once() -> Outcome {
    let World { client, .. } = &World::new().await;
    let members = ["alice", "bob", "bob", "BOB"];
    let group = client
        .groups()
        .create("alice", false)
        .max_users(2)
        .members(members)
        .await?
        .group_id;
    assert_eq!(client.groups().get_one(group).await?.member_count, Some(2));
    Ok(())
}

#[tokio::test]
async fn the_avatar_of_a_group_has_at_most_1024_characters() {
    let world = World::new().await;
    let body = json!({"owner": "alice", "public": false, "avatar": "a".repeat(1025)});
    world
        .raw_refused("POST", "/chatgroups", body, 400, "invalid_parameter")
        .await;
}

#[tokio::test]
async fn a_chosen_id_of_a_group_must_be_free() -> Outcome {
    let world = World::new().await;
    let create = |id: &str| world.client.groups().create("alice", false).group_id(id);
    refused(create(&world.group).await, 400, "illegal_argument");
    assert_eq!(create("123456789012345").await?.group_id, "123456789012345");
    assert_eq!(
        world.client.groups().get_one("123456789012345").await?.member_count,
        Some(1)
    );
    refused(create("123456789012345").await, 400, "illegal_argument");
    Ok(())
}

#[tokio::test]
async fn fields_of_a_new_group_have_defaults() -> Outcome {
    let world = World::new().await;
    let group = world.client.groups().get_one(&*world.group).await?;
    assert_eq!(
        (group.max_users, group.public, group.members_only),
        (Some(200), Some(false), Some(false))
    );
    assert_eq!(
        (group.allow_invites, group.muted, group.disabled),
        (Some(false), Some(false), Some(false))
    );
    assert_eq!(
        (group.name.as_deref(), group.description.as_deref()),
        (Some(""), Some(""))
    );
    assert_eq!(group.created.map(|created| created.0), Some(NOW));
    Ok(())
}

#[tokio::test]
async fn a_public_group_starts_without_invitations() -> Outcome {
    let World { client, .. } = &World::new().await;
    let group = client
        .groups()
        .create("alice", true)
        .allow_invites(true)
        .await?
        .group_id;
    assert_eq!(client.groups().get_one(&group).await?.allow_invites, Some(false));
    client.groups().update(&group).allow_invites(true).await?;
    assert_eq!(client.groups().get_one(&group).await?.allow_invites, Some(true));
    Ok(())
}

#[tokio::test]
async fn members_only_is_stored_for_private_groups_too() -> Outcome {
    let World { client, .. } = &World::new().await;
    let group = client
        .groups()
        .create("alice", false)
        .members_only(true)
        .await?
        .group_id;
    assert_eq!(client.groups().get_one(&group).await?.members_only, Some(true));
    Ok(())
}

#[tokio::test]
async fn an_update_of_a_group_returns_a_flag_for_each_field() -> Outcome {
    let world = World::new().await;
    let modified = || async {
        let groups = world.client.groups().list().await.expect("a list");
        groups[0].modified.map(|time| time.0)
    };
    assert_eq!(modified().await, Some(NOW));
    world.advance(5);
    let body = json!({"groupname": "New", "description": "Text", "maxusers": 9, "public": true, "custom": "c"});
    let (_, updated) = world.raw("PUT", &format!("/chatgroups/{}", world.group), body).await;
    let flags = json!({"groupname": true, "description": true, "maxusers": true, "public": true, "custom": true});
    assert_eq!(updated["data"], flags);
    assert_eq!(modified().await, Some(NOW + 5000));
    let group = world.client.groups().get_one(&*world.group).await?;
    assert_eq!(
        (group.name.as_deref(), group.description.as_deref()),
        (Some("New"), Some("Text"))
    );
    assert_eq!(
        (group.max_users, group.public, group.custom.as_deref()),
        (Some(9), Some(true), Some("c"))
    );
    let listed = world.client.groups().list_of_user("bob").await?.groups;
    assert_eq!(listed[0].name.as_deref(), Some("New"));
    Ok(())
}

#[tokio::test]
async fn an_update_without_fields_is_an_error() {
    let world = World::new().await;
    for space in world.both() {
        world
            .raw_refused("PUT", &space.path(), json!({}), 400, "invalid_parameter")
            .await;
    }
}

#[tokio::test]
async fn the_maximum_may_fall_below_the_number_of_members() -> Outcome {
    let world = World::new().await;
    world.client.groups().update(&*world.group).max_users(1).await?;
    let before = world.group().view(&USERS).await?;
    refused(world.group().add("dave").await, 403, "exceed_limit");
    world.group().changed(&before, |_| {}).await
}

#[tokio::test]
async fn details_of_unknown_groups_and_rooms_are_left_out() -> Outcome {
    let world = World::new().await;
    let groups = world.client.groups().get(["1", &*world.group]).await?;
    assert_eq!((groups.len(), groups[0].id.as_str()), (1, &*world.group));
    refused(world.client.groups().get(["1", "2"]).await, 404, "resource_not_found");
    let rooms = world.client.chatrooms().get([&*world.room, "1"]).await?;
    assert_eq!((rooms.len(), rooms[0].id.as_str()), (1, &*world.room));
    refused(
        world.client.chatrooms().get(["1", "2"]).await,
        404,
        "service_resource_not_found",
    );
    Ok(())
}

#[tokio::test]
async fn the_list_of_all_groups_prefixes_the_owner() -> Outcome {
    let world = World::new().await;
    let groups = world.client.groups().list().await?;
    assert_eq!(groups[0].owner.as_deref(), Some("acme#support_alice"));
    Ok(())
}

#[tokio::test]
async fn groups_and_rooms_of_a_user_are_listed_last_joined_first() -> Outcome {
    let world = World::new().await;
    let World {
        client, group, room, ..
    } = &world;
    let second = client.groups().create("bob", false).await?.group_id;
    assert_eq!(world.group().joined_by("bob").await?, [second.as_str(), group]);
    let rejoined = world.group();
    rejoined.remove("bob").await?;
    rejoined.add("bob").await?;
    assert_eq!(rejoined.joined_by("bob").await?, [group, second.as_str()]);
    let second = client.chatrooms().create("Second", "", "bob").await?.chatroom_id;
    assert_eq!(
        world.room().joined_by("bob").await?,
        [second.as_str(), room],
        "own rooms are included"
    );
    Ok(())
}

#[tokio::test]
async fn without_paging_500_joined_groups_are_listed() -> Outcome {
    let world = World::new().await;
    for index in 0..11 {
        world
            .client
            .groups()
            .create("erin", false)
            .name(format!("{index}"))
            .await?;
    }
    assert_eq!(world.group().joined_by("erin").await?.len(), 11);
    let (_, page) = world.raw("GET", "/users/erin/joined_chatgroups?pagenum=1", None).await;
    assert_eq!(
        page["data"].as_array().map(Vec::len),
        Some(10),
        "the default size of a page"
    );
    Ok(())
}

#[tokio::test]
async fn deleting_a_group_or_room_deletes_all_that_belongs_to_it() -> Outcome {
    let world = World::new().await;
    let thread = world.thread("bob").await?;
    let (_, deleted) = world.raw("DELETE", &world.group().path(), None).await;
    assert_eq!(deleted["data"], json!({"success": true, "groupid": world.group}));
    let (_, deleted) = world.raw("DELETE", &world.room().path(), None).await;
    assert_eq!(deleted["data"], json!({"success": true, "id": world.room}));
    for space in world.both() {
        assert_eq!((space.listed().await?, space.joined_by("bob").await?), (None, vec![]));
        let details = if space.kind == Kind::Group {
            "resource_not_found"
        } else {
            "service_resource_not_found"
        };
        refused(space.details().await, 404, details);
        refused(space.listed_members().await, 404, "service_resource_not_found");
        refused(space.blocked().await, 404, "resource_not_found");
        refused(space.allowed().await, 404, "resource_not_found");
        refused(space.muted().await, 404, "resource_not_found");
        refused(space.delete().await, 404, "resource_not_found");
    }
    refused(world.client.thread_members().list(&*thread).await, 404, "group_error");
    assert!(world.client.threads().list_joined("bob").await?.is_empty());
    assert!(world.client.threads().list().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn members_are_listed_last_joined_first() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        space.add("dave").await?;
        space.add_admin("carol").await?;
        let member = |name: &str| Member::Member(name.into());
        let expected = [
            member("dave"),
            member("carol"),
            member("bob"),
            Member::Owner("alice".into()),
        ];
        assert_eq!(space.listed_members().await?, expected, "admins appear as members");
        let (_, page) = world
            .raw("GET", &format!("{}/users?pagenum=2&pagesize=2", space.path()), None)
            .await;
        assert_eq!(page["data"], json!([{"member": "bob"}, {"owner": "alice"}]));
    }
    Ok(())
}

#[tokio::test]
async fn a_transfer_exchanges_the_owner() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        space.add_admin("bob").await?;
        space.mute(&["bob"], None).await?;
        let before = space.view(&USERS).await?;
        space.transfer("bob").await?;
        space
            .changed(&before, |view| {
                "bob".clone_into(&mut view.owner);
                view.admins.clear();
                view.muted.clear();
            })
            .await?;
        space.remove("alice").await?;
    }
    Ok(())
}

#[tokio::test]
async fn only_another_member_can_become_the_owner() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        refused(space.transfer("alice").await, 403, "forbidden_op");
        refused(space.transfer("dave").await, 403, "forbidden_op");
        refused(space.transfer("nobody").await, 404, "resource_not_found");
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_group_and_a_room_do_not_share_ids() -> Outcome {
    let world = World::new().await;
    let swapped = Space::new(&world.client, Kind::Group, world.room.clone());
    refused(swapped.admins().await, 404, "resource_not_found");
    let swapped = Space::new(&world.client, Kind::Room, world.group.clone());
    refused(swapped.admins().await, 404, "resource_not_found");
    Ok(())
}

#[tokio::test]
async fn a_group_can_be_banned() -> Outcome {
    let world = World::new().await;
    let group = world.group();
    let before = group.view(&USERS).await?;
    assert!(group.set_disabled(true).await?);
    assert!(group.set_disabled(true).await?, "banning a banned group succeeds");
    group.changed(&before, |view| view.disabled = true).await?;
    assert!(!group.set_disabled(false).await?);
    group.changed(&before, |_| {}).await?;
    let groups = world.client.groups();
    refused(groups.disable("1").await, 404, "resource_not_found");
    refused(groups.enable("1").await, 404, "resource_not_found");
    Ok(())
}

#[tokio::test]
async fn a_banned_group_cannot_be_changed() -> Outcome {
    let world = World::new().await;
    let (group, thread) = (world.group(), world.thread("alice").await?);
    group.set_disabled(true).await?;
    let before = group.view(&USERS).await?;
    let changes = [
        group.add("dave").await,
        group.add_many(&["dave"]).await.map(drop),
        group.remove("bob").await,
        group.block("bob").await,
        group.allow_many(&["bob"]).await.map(drop),
        group.add_admin("bob").await,
        group.mute(&["bob"], 60).await.map(drop),
        group.unmute(&["bob"]).await.map(drop),
        group.mute_all().await.map(drop),
        world.client.group_members().transfer(&*world.group, "bob").await,
        world.client.groups().update(&*world.group).name("New").await,
        world.client.groups().update_announcement(&*world.group, "New").await,
        world
            .client
            .group_member_attributes()
            .set(&*world.group, "bob", [("a", "1")])
            .await
            .map(drop),
        world
            .client
            .group_files()
            .upload(&*world.group, File::bytes("a.txt", "a"))
            .await
            .map(drop),
    ];
    for change in changes {
        refused(change, 403, "forbidden_op");
    }
    let members = world.client.thread_members();
    refused(members.add(&*thread, ["bob"]).await, 403, "group_error");
    refused(members.remove(&*thread, ["alice"]).await, 403, "group_error");
    refused(world.client.threads().update(&*thread, "New").await, 403, "group_error");
    refused(world.thread("bob").await, 403, "group_error");
    group.changed(&before, |_| {}).await?;
    group.set_disabled(false).await?;
    group.add("dave").await?;
    group.set_disabled(true).await?;
    group.delete().await
}

#[tokio::test]
async fn a_group_has_an_announcement() -> Outcome {
    let world = World::new().await;
    let groups = world.client.groups();
    assert_eq!(groups.get_announcement(&*world.group).await?.announcement, None);
    for text in ["first", "", "second"] {
        groups.update_announcement(&*world.group, text).await?;
        let read = groups.get_announcement(&*world.group).await?.announcement;
        assert_eq!(read.as_deref(), Some(text));
    }
    let path = format!("/chatgroups/{}/announcement", world.group);
    let body = json!({"announcement": "a".repeat(513)});
    world.raw_refused("POST", &path, body, 403, "FORBIDDEN").await;
    world
        .raw_refused("POST", &path, json!({}), 400, "illegal_argument")
        .await;
    refused(groups.update_announcement("1", "text").await, 404, "resource_not_found");
    refused(groups.get_announcement("1").await, 404, "resource_not_found");
    Ok(())
}

#[tokio::test]
async fn groups_of_a_user_in_detail_are_paged_from_zero() -> Outcome {
    let world = World::new().await;
    let groups = world.client.groups();
    for name in ["second", "third"] {
        groups.create("bob", true).name(name).await?;
    }
    let page = |number: u32| groups.list_of_user("bob").page_number(number).page_size(2);
    let names = |page: easemob::groups::ListOfUserResult| {
        let names = page.groups.into_iter().map(|group| group.name.unwrap_or_default());
        (page.total, names.collect::<Vec<_>>())
    };
    assert_eq!(
        names(page(0).await?),
        (3, vec!["third".to_owned(), "second".to_owned()])
    );
    assert_eq!(names(page(1).await?), (3, vec![String::new()]));
    assert_eq!(names(page(2).await?), (3, vec![]));
    let first = &groups.list_of_user("bob").await?.groups[0];
    assert_eq!(
        (
            first.owner.as_ref().map(easemob::types::UserId::as_str),
            first.public,
            first.disabled
        ),
        (Some("bob"), Some(true), Some(false))
    );
    refused(groups.list_of_user("nobody").await, 404, "service_resource_not_found");
    Ok(())
}

#[tokio::test]
async fn unknown_users_and_groups_have_no_members() -> Outcome {
    let world = World::new().await;
    let members = world.client.group_members();
    assert!(members.is_member(&*world.group, "ALICE").await?.is_member);
    for (group, user) in [("1", "alice"), (&*world.group, "nobody"), (&*world.group, "dave")] {
        assert!(!members.is_member(group, user).await?.is_member, "{user} in {group}");
    }
    Ok(())
}

#[tokio::test]
async fn online_members_of_a_group_are_counted() -> Outcome {
    let world = World::new().await;
    let (members, presence) = (world.client.group_members(), world.client.presence());
    assert_eq!(members.count_online(&*world.group).await?.count, 0);
    for user in ["alice", "bob", "dave"] {
        presence.set(user, "ios_1", "1", "").await?;
    }
    presence.set("bob", "ios_2", "100", "busy").await?;
    assert_eq!(
        members.count_online(&*world.group).await?.count,
        2,
        "dave is not a member"
    );
    presence.set("alice", "ios_1", "0", "").await?;
    assert_eq!(members.count_online(&*world.group).await?.count, 1);
    refused(members.count_online("1").await, 400, "illegal_argument");
    Ok(())
}
