//! Rules of mutes.

use serde_json::json;

use crate::support::space::View;
use crate::support::world::{NOW, Outcome, USERS, World, refused};

/// The end of a mute without an end.
const FOREVER: i64 = 4_638_873_600_000;

fn mute(view: &mut View, user: &str, end: i64) {
    view.muted.insert(user.to_owned(), end);
}

#[tokio::test]
async fn a_mute_ends_after_its_duration() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        let now = space.mute(&["bob", "carol"], 60).await?[0].1 - 60_000;
        space
            .changed(&before, |view| {
                mute(view, "bob", now + 60_000);
                mute(view, "carol", now + 60_000);
            })
            .await?;
        world.advance(59);
        assert_eq!(space.muted().await?.len(), 2);
        world.advance(1);
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_mute_has_the_time_of_the_server() -> Outcome {
    let world = World::new().await;
    assert_eq!(world.group().mute(&["bob"], 60).await?, [("bob".into(), NOW + 60_000)]);
    Ok(())
}

#[tokio::test]
async fn a_mute_can_be_permanent() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        assert_eq!(space.mute(&["bob"], None).await?, [("bob".into(), FOREVER)]);
        world.advance(2_000_000);
        assert_eq!(space.muted().await?.get("bob"), Some(&FOREVER));
    }
    Ok(())
}

#[tokio::test]
async fn a_mute_of_0_ends_the_mute() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        space.mute(&["bob"], None).await?;
        assert_eq!(space.mute(&["bob"], 0).await?, [("bob".into(), NOW)]);
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_new_mute_replaces_the_old_one() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        space.mute(&["bob"], None).await?;
        space.mute(&["bob"], 10).await?;
        assert_eq!(space.muted().await?, [("bob".into(), NOW + 10_000)].into());
    }
    Ok(())
}

#[tokio::test]
async fn only_members_other_than_the_owner_can_be_muted() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        refused(space.mute(&["bob", "alice"], 60).await, 403, "forbidden_op");
        refused(
            space.mute(&["bob", "dave"], 60).await,
            space.not_a_member(),
            "forbidden_op",
        );
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_mute_survives_leaving_and_joining_again() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        space.mute(&["bob", "carol"], 60).await?;
        space.remove("bob").await?;
        space.block("carol").await?;
        space.unblock("carol").await?;
        space.add_many(&["bob", "carol"]).await?;
        let end = NOW + 60_000;
        assert_eq!(
            space.muted().await?,
            [("bob".into(), end), ("carol".into(), end)].into()
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_mute_list_contains_members_only() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        space.mute(&["bob"], 60).await?;
        space.remove("bob").await?;
        assert!(space.muted().await?.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn anyone_can_be_unmuted() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await?;
        space.mute(&["bob"], None).await?;
        let unmuted = space.unmute(&["bob", "carol"]).await?;
        assert_eq!(unmuted, [("bob".into(), true), ("carol".into(), true)]);
        space.changed(&before, |_| {}).await?;
        assert_eq!(space.unmute(&["dave"]).await?, [("dave".into(), true)]);
        refused(space.unmute(&["nobody"]).await, 404, "resource_not_found");
    }
    Ok(())
}

#[tokio::test]
async fn muting_all_leaves_the_mute_list_alone() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        space.mute(&["bob"], None).await?;
        let before = space.view(&USERS).await?;
        for _ in 0..2 {
            assert!(space.mute_all().await?);
            space.changed(&before, |view| view.all_muted = true).await?;
        }
        world.advance(1_000_000);
        assert!(space.view(&USERS).await?.all_muted, "it has no end");
        assert!(!space.unmute_all().await?);
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn muted_users_can_still_send_messages_through_the_api() -> Outcome {
    let world = World::new().await;
    world.group().mute(&["bob"], None).await?;
    world.group().mute_all().await?;
    let body = json!({"to": [world.group], "from": "bob", "type": "txt", "body": {"msg": "hi"}});
    let (status, sent) = world.raw("POST", "/messages/chatgroups", body).await;
    assert_eq!(status, 200);
    assert!(sent["data"][&world.group].is_string());
    Ok(())
}
