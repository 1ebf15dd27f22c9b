//! Rules of webhooks: which operations cause which, and those that could not be delivered.

use std::time::Duration;

use easemob::types::{ChatType, FileBody, ImageBody, MemberAttributes, MessageId, ReactionChange, TextBody};
use easemob::webhook::{Event, Verifier};
use easemob::{Error, File};
use easemob_sandbox::{Builder, Sandbox};
use serde_json::Value;

use crate::support::contract;
use crate::support::receiver::Receiver;
use crate::support::space::Space;
use crate::support::world::{NOW, Outcome, World, refused};

const SECRET: &str = "secret of the rule";

/// A hundred years. The clock of the sandbox is not that of the tests.
const TOLERANCE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A world whose backend receives webhooks.
struct Backend {
    world: World,
    receiver: Receiver,
    /// The number of webhooks that were read.
    read: usize,
}

impl Backend {
    /// Starts a sandbox with a group and a chat room.
    async fn new() -> Self {
        let receiver = Receiver::start().await;
        let world = World::with(Sandbox::builder().webhook(receiver.url(), SECRET)).await;
        let mut backend = Self {
            world,
            receiver,
            read: 0,
        };
        backend.events().await;
        backend
    }

    /// Returns the events since the last call. Checks their schemas and signatures.
    async fn events(&mut self) -> Vec<Event> {
        let sent = self.world.sandbox.settled_webhooks().await;
        let bodies = self.receiver.bodies();
        let new: Vec<_> = bodies.iter().zip(sent.iter()).skip(self.read).collect();
        self.read = bodies.len();
        let check = |(body, sent): (&Vec<u8>, &easemob_sandbox::RecordedWebhook)| {
            contract::check_webhook(sent.event, body);
            event(body)
        };
        new.into_iter().map(check).collect()
    }

    /// Returns the events since the last call in short: what happened, from whom and to whom.
    async fn told(&mut self) -> Vec<String> {
        let events = self.events().await;
        let World {
            group, room, sandbox, ..
        } = &self.world;
        let app_key = sandbox.apps()[0].tenant.join("#") + "_";
        let shorten = |text: String| {
            let text = text.replace(&app_key, "").replace("@conference.easemob.com", "");
            let text = text.replace("@easemob.com", "");
            text.replace(&**group, "group").replace(&**room, "room")
        };
        events.iter().map(describe).map(shorten).collect()
    }
}

/// Parses a webhook, and checks its signature.
fn event(body: &[u8]) -> Event {
    let event = Event::parse(body).expect("a body as documented");
    assert!(
        !matches!(event, Event::Other(_)),
        "an unknown event: {}",
        String::from_utf8_lossy(body)
    );
    let is_signed = !matches!(event, Event::ReactionChanged(_) | Event::ThreadChanged(_));
    let verified = Verifier::new(SECRET).tolerance(TOLERANCE).verify(body);
    assert_eq!(verified.is_ok(), is_signed, "{verified:?}: {event:?}");
    event
}

fn describe(event: &Event) -> String {
    let (conversation, what) = match event {
        Event::Message(message) => {
            let kind = message.head.event_type.as_ref().map_or("", |kind| kind.as_str());
            let chat = message.conversation.chat_type.as_str();
            (&message.conversation, format!("{kind} {chat}"))
        }
        Event::MessageRecalled(recall) => (&recall.conversation, "recall".to_owned()),
        Event::ReactionChanged(reaction) => (&reaction.conversation, "reaction".to_owned()),
        Event::ThreadChanged(thread) => {
            let operation = thread.payload.data.operation.clone();
            (&thread.conversation, operation.unwrap_or_default())
        }
        Event::GroupOperation(operation) => (&operation.conversation, operation.payload.operation.as_str().to_owned()),
        Event::ContactOperation(operation) => {
            (&operation.conversation, operation.payload.operation.as_str().to_owned())
        }
        Event::UserStatus(status) => {
            let (reason, now) = (status.reason.as_str(), status.status.as_str());
            return format!("{reason} {} {now}", status.user);
        }
        other => panic!("an event that no operation causes: {other:?}"),
    };
    format!("{what} {} {}", conversation.from, conversation.to)
}

fn text() -> TextBody {
    TextBody::new("hi")
}

#[tokio::test]
async fn each_message_causes_a_webhook() -> Outcome {
    let mut backend = Backend::new().await;
    let World {
        client, group, room, ..
    } = &backend.world;
    let messages = client.messages();
    let sent = messages.send_to_users(["bob", "nobody"], text()).from("alice").await?;
    let image = ImageBody::new(FileBody::new("https://cdn.example.com/a.png"));
    messages.send_to_groups([&**group], image).from("alice").await?;
    messages.send_to_rooms([&**room], text()).await?;
    messages
        .send_to_group_members([&**group], ["bob"], text())
        .from("alice")
        .await?;
    messages.broadcast_to_rooms(text()).await?;
    messages
        .edit(sent.message_ids["bob"].as_str(), TextBody::new("new"))
        .await?;
    messages.import_user_message("alice", "bob", text()).await?;
    messages.import_group_message("alice", &**group, text()).await?;
    let events = backend.events().await;
    let described: Vec<_> = events.iter().map(describe).collect();
    let (group, room) = (&backend.world.group, &backend.world.room);
    let expected = [
        "chat chat alice bob".to_owned(),
        "chat chat alice nobody".to_owned(),
        format!("chat groupchat alice {group}"),
        format!("chat groupchat admin {room}"),
        format!("chat groupchat alice {group}"),
        format!("chat groupchat admin {room}"),
    ];
    assert_eq!(described, expected);
    let Event::Message(first) = &events[0] else {
        panic!("{events:?}");
    };
    let id = sent.message_ids["bob"].as_str();
    let call_id = first.head.call_id.as_deref();
    let app_key = backend.world.sandbox.apps()[0].tenant.join("#");
    assert_eq!(call_id, Some(&*format!("{app_key}_{id}")));
    assert_eq!((first.conversation.msg_id.as_str(), first.head.timestamp.0), (id, NOW));
    assert_eq!(first.conversation.group_id, None);
    Ok(())
}

#[tokio::test]
async fn a_setting_adds_webhooks_for_receivers_who_are_offline() -> Outcome {
    let mut backend = Backend::new().await;
    let World { client, sandbox, .. } = &backend.world;
    sandbox.configure(|settings| settings.offline_webhooks = true);
    client.presence().set("carol", "web_1", "1", "").await?;
    backend.events().await;
    let World {
        client, group, room, ..
    } = &backend.world;
    let messages = client.messages();
    messages
        .send_to_users(["bob", "carol", "nobody"], text())
        .from("dave")
        .await?;
    messages.send_to_groups([&**group], text()).from("alice").await?;
    messages
        .send_to_group_members([&**group], ["carol"], text())
        .from("alice")
        .await?;
    messages.send_to_rooms([&**room], text()).from("alice").await?;
    let expected = [
        "chat chat dave bob",
        "chat_offline chat dave bob",
        "chat chat dave carol",
        "chat chat dave nobody",
        "chat groupchat alice group",
        "chat_offline groupchat alice bob",
        "chat groupchat alice group",
        "chat groupchat alice room",
    ];
    assert_eq!(backend.told().await, expected);
    Ok(())
}

#[tokio::test]
async fn a_recalled_message_causes_a_webhook() -> Outcome {
    let mut backend = Backend::new().await;
    let world = &backend.world;
    let id = world.message_to(&world.group).await?;
    backend.events().await;
    let world = &backend.world;
    let recall = world
        .client
        .messages()
        .recall(&*id, &*world.group, ChatType::Group, false);
    recall.from("alice").await?;
    let events = backend.events().await;
    let [Event::MessageRecalled(event)] = &*events else {
        panic!("{events:?}");
    };
    assert_eq!(event.recall_id.as_ref().map(MessageId::as_str), Some(&*id));
    assert_eq!(event.payload.message_id.as_str(), id);
    assert_ne!(event.conversation.msg_id.as_str(), id);
    let group = &*backend.world.group;
    let conversation = &event.conversation;
    assert_eq!((&*conversation.from, &*conversation.to), ("alice", group));
    assert_eq!(conversation.group_id.as_deref(), Some(group));
    Ok(())
}

#[tokio::test]
async fn webhooks_of_reactions_contain_all_reactions() -> Outcome {
    let mut backend = Backend::new().await;
    let World { client, .. } = &backend.world;
    let sent = client.messages().send_to_users(["bob"], text()).from("alice").await?;
    let id = sent.message_ids["bob"].clone();
    client.reactions().add("alice", id.clone(), "tea").await?;
    backend.events().await;
    let reactions = backend.world.client.reactions();
    reactions.add("bob", id.clone(), "smile").await?;
    reactions.remove("alice", id.clone(), "tea").await?;
    reactions.remove("alice", id.clone(), "tea").await?;
    let mut seen = Vec::new();
    for event in backend.events().await {
        let Event::ReactionChanged(event) = event else {
            panic!("{event:?}");
        };
        let [message] = &*event.payload.data else {
            panic!("{event:?}");
        };
        assert_eq!(message.message_id, id);
        let change = |op: &ReactionChange| format!("{} {}", op.reaction_type, op.operator);
        for reaction in &message.reactions {
            let op = reaction.op.iter().flatten().map(change).collect::<String>();
            let (users, count) = (reaction.user_list.join(" "), reaction.count.unwrap_or_default());
            seen.push(format!("{} [{users}] {count} {op}", reaction.reaction));
        }
        seen.push(format!("{} {}", event.conversation.from, event.conversation.to));
    }
    let expected = [
        "tea [alice] 1 ",
        "smile [bob] 1 create bob",
        "bob alice",
        "smile [bob] 1 ",
        "tea [] 0 delete alice",
        "alice bob",
    ];
    assert_eq!(seen, expected);
    Ok(())
}

#[tokio::test]
async fn messages_in_a_thread_cause_another_webhook() -> Outcome {
    let mut backend = Backend::new().await;
    let thread = backend.world.thread("alice").await?;
    let id = backend.world.message_to(&thread).await?;
    let last = backend.world.message_to(&thread).await?;
    let messages = backend.world.client.messages();
    messages.edit(&*id, TextBody::new("new")).await?;
    messages.recall(&*last, &*thread, ChatType::Group, false).await?;
    let mut seen = Vec::new();
    for event in backend.events().await {
        if let Event::ThreadChanged(event) = event {
            let data = event.payload.data;
            assert_eq!((&*data.id, data.name.as_deref()), (&*thread, Some("Topic")));
            assert_eq!(data.muc_parent_id.as_deref(), Some(&*backend.world.group));
            assert_eq!(event.conversation.to, backend.world.group);
            let last = data.last_message.and_then(|last| last.id).map(String::from);
            seen.push((data.operation.unwrap_or_default(), data.message_count, last));
        }
    }
    let change = |count, last: &str| ("update_msg".to_owned(), Some(count), Some(last.to_owned()));
    let expected = [change(1, &id), change(2, &last), change(2, &last), change(1, &id)];
    assert_eq!(seen, expected);
    Ok(())
}

#[tokio::test]
async fn changes_of_groups_and_chat_rooms_cause_webhooks() -> Outcome {
    let mut backend = Backend::new().await;
    let World {
        client, group, room, ..
    } = &backend.world;
    client.groups().update(&**group).name("New").await?;
    client.chatrooms().update(&**room).name("New").await?;
    client.groups().update_announcement(&**group, "Tea at five").await?;
    client.chatrooms().update_announcement(&**room, "Tea at five").await?;
    for space in backend.world.both() {
        space.mute_all().await?;
        space.unmute_all().await?;
        space.delete().await?;
    }
    let events = backend.events().await;
    let mut seen = Vec::new();
    for event in &events {
        let Event::GroupOperation(operation) = event else {
            panic!("{event:?}");
        };
        let payload = &operation.payload;
        let is_room = operation.conversation.group_id.as_deref() == Some(&*backend.world.room);
        assert_eq!(payload.is_chatroom, Some(is_room));
        assert_eq!(operation.conversation.to, payload.muc_id);
        let code = payload.status.as_ref().and_then(|status| status.error_code.as_deref());
        assert_eq!(code, Some("ok"));
        let reason = payload.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        seen.push((payload.operation.as_str(), is_room, reason));
    }
    let mut expected = vec![
        ("update", false, r#""""#),
        ("update", true, r#""""#),
        ("update_announcement", false, r#""Tea at five""#),
        ("update_announcement", true, r#""Tea at five""#),
    ];
    for is_room in [false, true] {
        expected.extend(["ban_group", "remove_ban_group", "destroy"].map(|operation| (operation, is_room, r#""""#)));
    }
    let seen: Vec<_> = seen
        .iter()
        .map(|(operation, is_room, reason)| (*operation, *is_room, &**reason))
        .collect();
    assert_eq!(seen, expected);
    Ok(())
}

#[tokio::test]
async fn members_who_come_and_go_cause_webhooks() -> Outcome {
    let mut backend = Backend::new().await;
    for space in backend.world.both() {
        space.add("dave").await?;
        space.add_many(&["erin"]).await?;
        space.remove("dave").await?;
        space.remove_many(&["erin", "nobody"]).await?;
    }
    let group = [
        "direct_joined admin dave",
        "direct_joined admin erin",
        "kick admin dave",
        "absence dave group",
        "kick admin erin",
        "absence erin group",
    ];
    let room = [
        "presence dave room",
        "presence erin room",
        "kick admin dave",
        "absence dave room",
        "kick admin erin",
        "absence erin room",
    ];
    assert_eq!(backend.told().await, [group, room].concat());
    // Those with whom a group or chat room starts count as added.
    let client = &backend.world.client;
    client.groups().create("dave", false).members(["dave", "erin"]).await?;
    client.chatrooms().create("Attic", "", "dave").members(["erin"]).await?;
    let told = backend.told().await;
    let started: Vec<_> = told.iter().filter_map(|event| event.split(' ').next()).collect();
    assert_eq!(started, ["create", "direct_joined", "presence"]);
    // A deleted user leaves all groups and rooms, and what the user owns is deleted.
    backend.world.client.users().delete("bob").await?;
    assert_eq!(backend.told().await, ["absence bob group", "absence bob room"]);
    backend.world.client.users().delete("alice").await?;
    assert_eq!(backend.told().await, ["destroy admin group", "destroy admin room"]);
    Ok(())
}

#[tokio::test]
async fn roles_and_lists_of_members_cause_webhooks() -> Outcome {
    async fn change(space: &Space<'_>) -> Result<(), Error> {
        space.add_admin("bob").await?;
        space.remove_admin("bob").await?;
        space.allow("bob").await?;
        space.allow_many(&["carol"]).await?;
        space.disallow(&["bob"]).await?;
        space.mute(&["bob", "carol"], 60).await?;
        space.unmute(&["carol"]).await?;
        Ok(())
    }
    let mut backend = Backend::new().await;
    let expected = [
        "add_admin admin bob",
        "remove_admin admin bob",
        "add_user_white_list admin bob",
        "add_user_white_list admin carol",
        "remove_user_white_list admin bob",
        "add_mute admin bob",
        "add_mute admin carol",
        "remove_mute admin carol",
    ];
    change(&backend.world.group()).await?;
    assert_eq!(backend.told().await, expected);
    change(&backend.world.room()).await?;
    assert_eq!(backend.told().await, expected);
    Ok(())
}

#[tokio::test]
async fn block_lists_and_new_owners_have_webhooks_in_groups_only() -> Outcome {
    async fn change(space: &Space<'_>) -> Result<(), Error> {
        space.block("bob").await?;
        space.unblock("bob").await?;
        space.transfer("carol").await
    }
    let mut backend = Backend::new().await;
    change(&backend.world.group()).await?;
    let expected = [
        "ban admin bob",
        "absence bob group",
        "allow admin bob",
        "assing_owner admin carol",
    ];
    assert_eq!(backend.told().await, expected);
    change(&backend.world.room()).await?;
    assert_eq!(backend.told().await, ["kick admin bob", "absence bob room"]);
    Ok(())
}

#[tokio::test]
async fn shared_files_cause_webhooks() -> Outcome {
    let mut backend = Backend::new().await;
    let World { client, group, .. } = &backend.world;
    let file = File::bytes("plan.txt", "a plan").content_type("text/plain");
    let file = client.group_files().upload(&**group, file).await?;
    client.group_files().delete(&**group, &file.id).await?;
    let events = backend.events().await;
    let [Event::GroupOperation(uploaded), Event::GroupOperation(deleted)] = &*events else {
        panic!("{events:?}");
    };
    assert_eq!(uploaded.payload.operation.as_str(), "upload_file");
    let reason = uploaded.payload.reason.as_ref().map(ToString::to_string);
    let reason: Value = serde_json::from_str(&reason.unwrap_or_default()).expect("JSON");
    let expected = serde_json::json!({
        "file_id": file.id.as_str(), "file_name": "plan.txt", "file_owner": "alice", "file_size": 6, "created": NOW,
    });
    assert_eq!(reason["data"], expected);
    assert_eq!(deleted.payload.operation.as_str(), "delete_file");
    let reason = deleted.payload.reason.as_ref().map(ToString::to_string);
    assert_eq!(reason, Some(format!("\"{}\"", file.id.as_str())));
    Ok(())
}

/// Returns what an event says about changed attributes.
fn attributes(event: &Event) -> Value {
    let Event::GroupOperation(operation) = event else {
        panic!("{event:?}");
    };
    let change = operation.payload.event_info.as_ref().expect("changed attributes");
    assert_eq!(change.kind.as_deref(), Some("event_none"));
    serde_json::from_str(change.ext.as_deref().unwrap_or_default()).expect("JSON")
}

#[tokio::test]
async fn attributes_cause_webhooks() -> Outcome {
    let mut backend = Backend::new().await;
    let World {
        client, group, room, ..
    } = &backend.world;
    let of_members = client.group_member_attributes();
    of_members.set(&**group, "bob", [("seat", "7")]).await?;
    let members = ["bob", "carol"].map(|user| MemberAttributes::new(user, [("seat", "8")]));
    of_members.set_many(&**group, members).await?;
    let of_room = client.chatroom_attributes();
    of_room.set(&**room, "bob", [("topic", "Tea"), ("a/b", "")]).await?;
    of_room.force_set(&**room, "carol", [("topic", "Code")]).await?;
    of_room.delete(&**room, "carol", ["topic"]).await?;
    // No attribute changes.
    of_room.set(&**room, "carol", [("a/b", "")]).await?;
    let events = backend.events().await;
    let seen: Vec<_> = events.iter().map(attributes).collect();
    assert_eq!(seen[0]["properties"], serde_json::json!({"seat": "7"}));
    assert_eq!(seen[0]["operator"], "admin");
    assert_eq!(seen[3]["result"]["successKeys"], serde_json::json!(["topic"]));
    assert_eq!(seen[3]["properties"], serde_json::json!({"topic": "Tea"}));
    assert_eq!(seen[3]["operator"], "bob");
    assert_eq!(seen[4]["is_forced"], true);
    assert_eq!(seen[5]["properties"], serde_json::json!({}));
    let described: Vec<_> = events.iter().map(describe).collect();
    let operations: Vec<_> = described.iter().filter_map(|event| event.split(' ').next()).collect();
    let expected = [
        "group_member_metadata_update",
        "group_member_metadata_update",
        "group_member_metadata_update",
        "set_metadata",
        "set_metadata",
        "delete_metadata",
    ];
    assert_eq!(operations, expected);
    let of_member = described[0]
        .split(' ')
        .skip(1)
        .map(|name| name.split_once('_').expect("an app key").1);
    let expected = [
        format!("{}@conference.easemob.com", backend.world.group),
        "bob@easemob.com".to_owned(),
    ];
    assert_eq!(of_member.collect::<Vec<_>>(), expected);
    Ok(())
}

#[tokio::test]
async fn contacts_and_blocked_users_cause_webhooks() -> Outcome {
    let mut backend = Backend::new().await;
    let contacts = backend.world.client.contacts();
    contacts.add("alice", "bob").await?;
    contacts.import("alice", ["carol", "nobody"]).await?;
    contacts.remove("bob", "alice").await?;
    contacts.block("alice", ["bob", "dave"]).await?;
    contacts.unblock("alice", "bob").await?;
    let expected = [
        "add alice bob",
        "add alice carol",
        "remove bob alice",
        "ban alice bob",
        "ban alice dave",
        "allow alice bob",
    ];
    assert_eq!(backend.told().await, expected);
    Ok(())
}

#[tokio::test]
async fn users_who_come_online_and_go_offline_cause_webhooks() -> Outcome {
    let mut backend = Backend::new().await;
    let World { client, .. } = &backend.world;
    let (presence, users) = (client.presence(), client.users());
    for (device, state) in [
        ("web_1", "1"),
        ("web_1", "100"),
        ("ios_2", "1"),
        ("web_1", "0"),
        ("web_1", "0"),
    ] {
        presence.set("bob", device, state, "").await?;
    }
    users.disconnect("bob").await?;
    for (user, device) in [
        ("bob", "web_1"),
        ("bob", "ios_2"),
        ("carol", "web_1"),
        ("dave", "web_1"),
    ] {
        presence.set(user, device, "1", "").await?;
    }
    users.disconnect_device("bob", "web_1").await?;
    users.ban("carol").await?;
    users.delete("dave").await?;
    let expected = [
        "login bob/web_1 online",
        "login bob/ios_2 online",
        "logout bob/web_1 offline",
        "replaced bob/ios_2 offline",
        "login bob/web_1 online",
        "login bob/ios_2 online",
        "login carol/web_1 online",
        "login dave/web_1 online",
        "replaced bob/web_1 offline",
        "replaced carol/web_1 offline",
        "replaced dave/web_1 offline",
    ];
    assert_eq!(backend.told().await, expected);
    Ok(())
}

#[tokio::test]
async fn calls_that_change_nothing_cause_no_webhooks() -> Outcome {
    let mut backend = Backend::new().await;
    let contacts = backend.world.client.contacts();
    contacts.add("alice", "bob").await?;
    contacts.block("alice", ["dave"]).await?;
    for space in backend.world.both() {
        space.mute_all().await?;
        space.add_admin("bob").await?;
        space.allow("carol").await?;
    }
    backend.events().await;
    let World { client, .. } = &backend.world;
    let contacts = client.contacts();
    contacts.add("bob", "alice").await?;
    contacts.block("alice", ["dave"]).await?;
    contacts.remove("alice", "erin").await?;
    contacts.unblock("alice", "erin").await?;
    for space in backend.world.both() {
        space.mute_all().await?;
        space.add_admin("bob").await?;
        space.allow("carol").await?;
        space.unmute(&["carol"]).await?;
    }
    let room = backend.world.room();
    room.add("bob").await?;
    refused(room.remove("dave").await, 400, "forbidden_op");
    assert!(backend.told().await.is_empty());
    Ok(())
}

/// Starts a sandbox whose backend accepts nothing.
async fn unreachable(builder: Builder) -> World {
    let receiver = Receiver::responding(|_, _| (500, String::new())).await;
    World::without_spaces(builder.webhook(receiver.url(), SECRET)).await
}

/// Returns date, number and resends of each slot.
async fn slots(world: &World) -> Result<Vec<(String, i64, i64)>, Error> {
    world.sandbox.settled_webhooks().await;
    let slots = world.client.stored_webhooks().list().await?;
    let slots = slots.into_iter().map(|slot| (slot.date, slot.size, slot.retries));
    Ok(slots.collect())
}

fn slot(date: &str, size: i64, retries: i64) -> (String, i64, i64) {
    (date.to_owned(), size, retries)
}

#[tokio::test]
async fn undelivered_webhooks_are_stored_for_3_days() -> Outcome {
    let world = unreachable(Sandbox::builder()).await;
    let messages = world.client.messages();
    assert!(slots(&world).await?.is_empty());
    messages.send_to_users(["bob", "carol"], text()).await?;
    // It is 22:13:20 in UTC.
    assert_eq!(slots(&world).await?, [slot("202311142210", 2, 0)]);
    world.advance(7 * 60);
    messages.send_to_users(["bob"], text()).await?;
    let stored = slots(&world).await?;
    assert_eq!(stored, [slot("202311142210", 2, 0), slot("202311142220", 1, 0)]);
    world.advance(3 * 24 * 3600 - 60);
    assert_eq!(slots(&world).await?, [slot("202311142220", 1, 0)]);
    world.advance(60);
    assert!(slots(&world).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn stored_webhooks_can_be_sent_again() -> Outcome {
    let world = unreachable(Sandbox::builder()).await;
    let stored = world.client.stored_webhooks();
    world.client.messages().send_to_users(["bob", "carol"], text()).await?;
    assert_eq!(slots(&world).await?, [slot("202311142210", 2, 0)]);
    let receiver = Receiver::start().await;
    stored.resend("202311142210").target_url(receiver.url()).await?;
    assert_eq!(slots(&world).await?, [slot("202311142210", 2, 1)]);
    let bodies = receiver.bodies();
    let told: Vec<_> = bodies.iter().map(|body| describe(&event(body))).collect();
    assert_eq!(told, ["chat chat admin bob", "chat chat admin carol"]);
    // To the configured URL, which does not accept them: they are not stored twice.
    stored.resend("202311142210").retries(1).await?;
    assert_eq!(slots(&world).await?, [slot("202311142210", 2, 2)]);
    // A slot without webhooks.
    stored.resend("202311142200").target_url(receiver.url()).await?;
    world.sandbox.settled_webhooks().await;
    assert_eq!(receiver.bodies().len(), 2);
    Ok(())
}

#[tokio::test]
async fn the_date_and_the_url_of_stored_webhooks_must_be_valid() {
    let world = unreachable(Sandbox::builder()).await;
    let stored = world.client.stored_webhooks();
    for date in [
        "202311142215",
        "202302300000",
        "202311142410",
        "202311142260",
        "999999999999",
    ] {
        refused(stored.resend(date).await, 400, "illegal_argument");
    }
    for url in ["example.com", "ftp://example.com", "https://"] {
        let resend = stored.resend("202311142210").target_url(url);
        refused(resend.await, 400, "illegal_argument");
    }
}
