//! Rules of push labels and instant push.

use easemob::types::{Notification, PushStatus, PushStrategy};

use crate::support::world::{Outcome, World, refused};

fn notification() -> Notification {
    Notification::new("News", "Five teas")
}

#[tokio::test]
async fn a_label_has_a_name_of_its_own() -> Outcome {
    let world = World::new().await;
    let labels = world.client.push_labels();
    let missing = "ResourceNotFoundException";
    refused(labels.get("tea").await, 400, missing);
    let created = labels.create("tea").description("Tea").await?;
    assert_eq!(created.count, None);
    refused(labels.create("tea").await, 400, "IllegalArgumentException");
    labels.create("Tea").await?;
    assert_eq!(labels.get("tea").await?.count, Some(0));
    labels.delete("tea").await?;
    refused(labels.delete("tea").await, 400, missing);
    refused(labels.add_users("tea", "bob").await, 400, missing);
    refused(labels.list_users("tea").await, 400, missing);
    Ok(())
}

#[tokio::test]
async fn an_app_has_at_most_100_labels() -> Outcome {
    let world = World::new().await;
    let labels = world.client.push_labels();
    for second in 0..10 {
        for number in 0..10 {
            labels.create(format!("l{second}{number}")).await?;
        }
        world.advance(1);
    }
    refused(labels.create("more").await, 403, "LimitException");
    let mut all = labels.list().limit(40).stream();
    let mut names = Vec::new();
    while let Some(label) = all.try_next().await? {
        names.push(label.name);
    }
    assert_eq!(names.len(), 100);
    assert_eq!((&*names[0], &*names[99]), ("l00", "l99"));
    Ok(())
}

#[tokio::test]
async fn users_have_a_label_until_they_are_removed_or_deleted() -> Outcome {
    let world = World::new().await;
    let labels = world.client.push_labels();
    labels.create("tea").await?;
    let added = labels.add_users("tea", ["carol", "nobody", "BOB", "dave"]).await?;
    assert_eq!(added.success, ["carol", "bob", "dave"]);
    assert!(added.failures.is_some_and(|failures| failures.contains_key("nobody")));
    labels.add_users("tea", "bob").await?;
    assert!(labels.get_user("tea", "bob").await?.user.is_some());
    assert!(labels.get_user("tea", "alice").await?.user.is_none());
    let removed = labels.remove_users("tea", ["bob", "alice"]).await?;
    assert_eq!(removed.success, ["bob"]);
    assert!(removed.failures.is_some_and(|failures| failures.contains_key("alice")));
    world.client.users().delete("carol").await?;
    let users = labels.list_users("tea").await?;
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].username, "dave");
    assert_eq!(labels.get("tea").await?.count, Some(1));
    Ok(())
}

#[tokio::test]
async fn a_notification_needs_a_push_binding_or_a_device() -> Outcome {
    let world = World::new().await;
    let push = world.client.push_messages();
    world.client.push().bind("alice", "phone", "fcm", "t1").await?;
    world.client.presence().set("bob", "web_1", "1", "").await?;
    for (strategy, expected) in [
        (PushStrategy::VendorFirst, [true, true, false]),
        (PushStrategy::OwnOnly, [true, true, true]),
        (PushStrategy::VendorOnly, [true, false, false]),
        (PushStrategy::OwnIfOnline, [true, true, false]),
        (PushStrategy::OnlineOnly, [false, true, false]),
    ] {
        for (user, expected) in ["alice", "bob", "carol"].into_iter().zip(expected) {
            let outcome = push.send(user, notification()).strategy(strategy).await?;
            assert_eq!(
                outcome[0].status == PushStatus::Success,
                expected,
                "{strategy:?} {user}"
            );
            world.advance(1);
        }
    }
    let outcome = push
        .send("nobody", notification())
        .strategy(PushStrategy::OwnOnly)
        .await?;
    assert_eq!(outcome[0].status, PushStatus::Failed);
    let queued = push.send_to_users(["alice", "nobody"], notification()).await?;
    let names: Vec<_> = queued.iter().map(|outcome| outcome.username.as_deref()).collect();
    assert_eq!(names, [Some("alice"), Some("nobody")]);
    let queued = push.send_later("nobody", notification()).await?;
    assert_eq!(queued[0].status, PushStatus::Queued);
    Ok(())
}

#[tokio::test]
async fn a_notification_has_limits() {
    let world = World::new().await;
    let push = world.client.push_messages();
    let send = |title: String, content: String| push.send_later("alice", Notification::new(title, content));
    send("a".repeat(32), "b".repeat(100)).await.expect("a result");
    send("茶".repeat(16), "茶".repeat(50)).await.expect("a result");
    refused(send("茶".repeat(17), String::new()).await, 400, "MessageException");
    refused(send(String::new(), "b".repeat(101)).await, 400, "MessageException");
}

#[tokio::test]
async fn three_tasks_can_be_created_in_5_minutes() -> Outcome {
    let world = World::new().await;
    let push = world.client.push_messages();
    let no_label = push.send_to_label("tea", notification()).await;
    refused(no_label, 400, "ResourceNotFoundException");
    world.client.push_labels().create("tea").await?;
    let first = push.send_to_label("tea", notification()).await?;
    let second = push.send_to_all(notification()).await?;
    assert_ne!(first.task_id, second.task_id);
    push.send_to_label("tea", notification()).await?;
    refused(push.send_to_label("tea", notification()).await, 403, "LimitException");
    world.advance(300);
    push.send_to_label("tea", notification()).await?;
    Ok(())
}

#[tokio::test]
async fn a_task_starts_between_1_hour_and_30_days_from_now() -> Outcome {
    let world = World::new().await;
    let push = world.client.push_messages();
    // The sandbox starts on 14 November 2023 at 22:13:20.
    for start in ["2023-11-14 23:13:00", "2023-12-14 22:14:00", "2023-13-01 00:00:00"] {
        refused(
            push.send_to_all(notification()).start(start.to_owned()).await,
            400,
            "IllegalArgumentException",
        );
        world.advance(1);
    }
    push.send_to_all(notification())
        .start("2023-12-14 22:13:20".to_owned())
        .await?;
    Ok(())
}
