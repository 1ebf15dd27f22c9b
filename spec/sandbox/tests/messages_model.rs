//! Compares messages, their history and the offline messages of the sandbox with a simple model while random steps are taken.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

#[path = "support/message_model.rs"]
mod model;
#[path = "support/message_steps.rs"]
mod sequence;

use std::collections::{BTreeMap, BTreeSet};

use easemob::types::{
    ChatType, CommandBody, ConversationType, CustomBody, DeliveryStatus, EditedMessage, HistoryBody, HistoryRecord,
    MessageContent, OnlineStatus, TextBody,
};
use easemob::{Error, TimestampMillis};
use easemob_sandbox::Sandbox;
use serde_json::{Value, json};

use model::{Answer, Model};
use sequence::{Content, Draft, Edit, Ext, Forget, Step, Target, What, sequences};
use support::space::{Kind, Space};
use support::steps::{self, refusal};
use support::world::{NOW, USERS, World, refused};

/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;

/// The ID of a message that does not exist.
const UNKNOWN: &str = "1";

/// The members of the groups.
const GROUPS: [&[usize]; 2] = [&[0, 1, 2], &[0, 1, 3]];

/// The sandbox, and the IDs of groups, chat rooms and messages.
struct Real {
    world: World,
    groups: [String; 2],
    rooms: [String; 2],
    messages: Vec<String>,
    /// The number of the last webhook that was read.
    told: u64,
}

impl Real {
    async fn new() -> Self {
        let builder = Sandbox::builder().seed(1).webhook("http://127.0.0.1:9", "secret");
        let world = World::with(builder.configure(|settings| settings.offline_webhooks = true)).await;
        let client = &world.client;
        let members = GROUPS[1].iter().map(|user| USERS[*user]);
        let group = client.groups().create("alice", false).members(members).await;
        let room = client.chatrooms().create("Other", "", "alice").await;
        let mut real = Self {
            groups: [world.group.clone(), group.expect("a group").group_id.into()],
            rooms: [world.room.clone(), room.expect("a chat room").chatroom_id.into()],
            messages: Vec::new(),
            told: 0,
            world,
        };
        real.read_webhooks();
        real
    }

    /// Returns the ID of a user, group or chat room.
    fn id(&self, target: Target) -> &str {
        match target {
            Target::User(user) => USERS[user],
            Target::Group(group) => &self.groups[group],
            Target::Room(room) => &self.rooms[room],
        }
    }

    fn message(&self, place: Option<usize>) -> &str {
        place.map_or(UNKNOWN, |place| &self.messages[place])
    }

    /// Adds the messages that new webhooks are about. Returns the receivers who were offline.
    fn read_webhooks(&mut self) -> Answer {
        let mut offline = Answer::new();
        for webhook in self.world.sandbox.webhooks_after(self.told) {
            self.told = webhook.number;
            if webhook.event != "message" {
                continue;
            }
            let body: Value = serde_json::from_str(&webhook.body).expect("JSON");
            let text = |key: &str| body[key].as_str().expect("a text").to_owned();
            if text("eventType") == "chat_offline" {
                assert!(offline.insert(text("to")), "two webhooks for one receiver: {body}");
            } else {
                self.messages.push(text("msg_id"));
            }
        }
        offline
    }

    async fn take(&mut self, step: &Step, model: &Model) -> Result<Answer, Error> {
        let client = &self.world.client;
        let group = |group: usize| Space::new(client, Kind::Group, self.groups[group].clone());
        match step {
            Step::Register(user) => drop(client.users().create(USERS[*user]).await?),
            Step::Delete(user) => drop(client.users().delete(USERS[*user]).await?),
            Step::Appear(user, on) => {
                let state = if *on { "1" } else { "0" };
                client.presence().set(USERS[*user], "web_1", state, "").await?;
            }
            Step::Join(number, user) => group(*number).add(USERS[*user]).await?,
            Step::Leave(number, user) => group(*number).remove(USERS[*user]).await?,
            Step::Send(draft) => return self.send(draft).await,
            Step::SendToSome(draft, users) => return self.send_to_some(draft, users).await,
            Step::Broadcast(from, text) => {
                let text = TextBody::new(Content::Text(*text).text());
                let from = from.map(|user| USERS[user]);
                let sent = client.messages().broadcast_to_rooms(text).from(from).await?;
                assert!(sent.broadcast_id > 0, "{sent:?}");
            }
            Step::Import(draft, minutes) => {
                let id = self.import(draft, model.now - minutes * 60_000).await?;
                self.messages.push(id);
            }
            Step::Recall(message, to, force) => self.recall(model, *message, *to, *force).await?,
            Step::Edit(edit, times) => {
                for _ in 0..*times {
                    self.edit(model, edit).await?;
                }
            }
            Step::Forget(forget) => self.forget(model, forget).await?,
            Step::Wait(seconds) => self.world.advance(*seconds),
        }
        Ok(self.read_webhooks())
    }

    async fn send(&mut self, draft: &Draft) -> Result<Answer, Error> {
        let messages = self.world.client.messages();
        let (to, content) = (self.id(draft.to), content(draft.content));
        let (from, ext) = (draft.from.map(|user| USERS[user]), ext(draft.ext));
        let ids = match draft.to {
            Target::User(_) => {
                messages
                    .send_to_users(to, content)
                    .from(from)
                    .ext(ext)
                    .await?
                    .message_ids
            }
            Target::Group(_) => {
                messages
                    .send_to_groups(to, content)
                    .from(from)
                    .ext(ext)
                    .await?
                    .message_ids
            }
            Target::Room(_) => {
                messages
                    .send_to_rooms(to, content)
                    .from(from)
                    .ext(ext)
                    .await?
                    .message_ids
            }
        };
        self.sent(&ids, draft)
    }

    /// Sends a message to some members of a group or chat room.
    async fn send_to_some(&mut self, draft: &Draft, users: &[usize]) -> Result<Answer, Error> {
        let messages = self.world.client.messages();
        let (to, content) = (self.id(draft.to), content(draft.content));
        let (from, ext) = (draft.from.map(|user| USERS[user]), ext(draft.ext));
        let users = users.iter().map(|user| USERS[*user]);
        let ids = if let Target::Group(_) = draft.to {
            let request = messages.send_to_group_members(to, users, content);
            request.from(from).ext(ext).await?.message_ids
        } else {
            let request = messages.send_to_room_members(to, users, content);
            request.from(from).ext(ext).await?.message_ids
        };
        self.sent(&ids, draft)
    }

    /// Compares the result of sending a message with its webhook. Returns the receivers who were offline.
    fn sent<T: AsRef<str>>(&mut self, ids: &BTreeMap<String, T>, draft: &Draft) -> Result<Answer, Error> {
        let offline = self.read_webhooks();
        let ids: Vec<_> = ids.iter().map(|(to, id)| (&**to, id.as_ref())).collect();
        let last = self.messages.last().map_or("", |id| id);
        assert_eq!(ids, [(self.id(draft.to), last)], "{draft:?}");
        Ok(offline)
    }

    async fn import(&self, draft: &Draft, time: i64) -> Result<String, Error> {
        let messages = self.world.client.messages();
        let from = draft.from.map_or("admin", |user| USERS[user]);
        let (to, time) = (self.id(draft.to), TimestampMillis(time));
        let (content, ext) = (content(draft.content), ext(draft.ext));
        Ok(if let Target::User(_) = draft.to {
            let request = messages.import_user_message(from, to, content);
            request.ext(ext).timestamp(time).await?.message_id.into()
        } else {
            let request = messages.import_group_message(from, to, content);
            request.ext(ext).timestamp(time).await?.message_id.into()
        })
    }

    async fn recall(&self, model: &Model, message: usize, to: Option<Target>, force: bool) -> Result<(), Error> {
        let place = model.place(message);
        let to = to.or(place.map(|place| model.messages[place].to));
        let to = to.unwrap_or(Target::User(0));
        let id = self.message(place);
        let messages = self.world.client.messages();
        let recalled = messages.recall(id, self.id(to), kind(to), force).await?;
        assert!(recalled.recalled && recalled.msg_id == id, "{recalled:?}");
        Ok(())
    }

    async fn edit(&self, model: &Model, edit: &Edit) -> Result<(), Error> {
        let place = model.place(edit.message);
        let old = place.map(|place| model.messages[place].content);
        let content: EditedMessage = if matches!(old, Some(Content::Custom(_))) == edit.is_other_type {
            TextBody::new(Content::Text(edit.content).text()).into()
        } else {
            CustomBody::new()
                .custom_event(Content::Custom(edit.content).text())
                .into()
        };
        let messages = self.world.client.messages();
        let request = messages.edit(self.message(place), content).new_ext(ext(edit.ext));
        let user = edit.user.map(|user| USERS[user]);
        request.user(user).is_combine_ext(edit.adds).await
    }

    async fn forget(&self, model: &Model, forget: &Forget) -> Result<(), Error> {
        let history = self.world.client.history();
        let (user, peer) = model.parties(forget);
        let (user, is_user, peer) = (USERS[user], matches!(peer, Target::User(_)), self.id(peer));
        match &forget.what {
            What::Messages(others) => {
                let numbers = others.iter().chain([&forget.message]);
                let ids = numbers.map(|number| self.message(model.place(*number)));
                if is_user {
                    history.delete_user_messages(user, peer, ids).await
                } else {
                    history.delete_group_messages(user, peer, ids).await
                }
            }
            What::Until(exact) => {
                let time = TimestampMillis(model.time(forget.message, *exact));
                if is_user {
                    history.delete_user_messages_until(user, peer, time).await
                } else {
                    history.delete_group_messages_until(user, peer, time).await
                }
            }
            What::Conversation(with_messages) => {
                let kind = if is_user {
                    ConversationType::Chat
                } else {
                    ConversationType::Group
                };
                history.delete_conversation(user, peer, kind, *with_messages).await
            }
            What::All => history.delete_all(user).await,
        }
    }

    /// Compares everything that can be read with the model, except whether messages wait for single users.
    async fn compare(&self, model: &Model) -> Result<(), Error> {
        assert_eq!(self.messages.len(), model.messages.len(), "the number of messages");
        let users = self.world.client.users();
        for (user, statuses) in USERS.iter().zip(users.get_statuses(USERS).await?) {
            let is_online = statuses[*user] == OnlineStatus::Online;
            assert_eq!(is_online, model.online.contains(*user), "status of {user}");
            let waiting = model
                .messages
                .iter()
                .filter(|message| message.waits_for.contains(*user));
            let counts = users.count_offline_messages(*user).await?.counts;
            assert_eq!(
                counts[*user],
                i64::try_from(waiting.count()).expect("a small number"),
                "offline messages of {user}"
            );
        }
        let mut hours: BTreeSet<_> = model.messages.iter().map(|message| message.time / HOUR).collect();
        hours.insert(model.now / HOUR);
        for hour in hours {
            self.compare_hour(model, hour).await?;
        }
        Ok(())
    }

    /// Compares the history file of an hour with the model.
    async fn compare_hour(&self, model: &Model, hour: i64) -> Result<(), Error> {
        let all = model.messages.iter().zip(&self.messages);
        let kept = all.filter(|(message, _)| message.time / HOUR == hour && !message.recalled);
        let expected: Vec<_> = kept
            .map(|(message, id)| {
                let (to, content) = (self.id(message.to).to_owned(), message.content.text());
                (
                    id.clone(),
                    kind(message.to),
                    message.from.clone(),
                    to,
                    message.time,
                    content,
                    message.ext.clone(),
                )
            })
            .collect();
        // The sandbox starts on 14 November 2023, in the hour from 22:00.
        let since = hour - NOW / HOUR + 22;
        let name = format!("202311{}{:02}", 14 + since / 24, since % 24);
        let request = self.world.client.messages().get_history_file(&*name);
        if expected.is_empty() {
            refused(request.await, 404, "storage_object_not_found");
            return Ok(());
        }
        let mut records = request.records().await?;
        let mut found = Vec::new();
        while let Some(record) = records.try_next().await? {
            found.push(shown(record.expect("a record")));
        }
        assert_eq!(found, expected, "the messages of the hour {name}");
        Ok(())
    }

    /// Compares the messages that wait for a user with the model.
    async fn compare_waiting(&self, model: &Model, user: &str) -> Result<(), Error> {
        let users = self.world.client.users();
        for (message, id) in model.messages.iter().zip(&self.messages) {
            let statuses = users.get_offline_message_status(user, &**id).await?.statuses;
            let waits = statuses[id] == DeliveryStatus::Undelivered;
            assert_eq!(
                waits,
                message.waits_for.contains(user),
                "{user} and message {id}, {message:?}"
            );
        }
        Ok(())
    }
}

fn content(content: Content) -> MessageContent {
    let text = content.text();
    match content {
        Content::Text(_) => TextBody::new(text).into(),
        Content::Custom(_) => CustomBody::new().custom_event(text).into(),
        Content::Command(_) => CommandBody::new(text).into(),
    }
}

fn ext(ext: Ext) -> Option<Value> {
    ext.map(|(key, value)| json!({key: value}))
}

fn kind(target: Target) -> ChatType {
    match target {
        Target::User(_) => ChatType::Chat,
        Target::Group(_) => ChatType::Group,
        Target::Room(_) => ChatType::Room,
    }
}

/// A record of a history file: ID, kind, sender, receiver, time, content and extension.
type Shown = (
    String,
    ChatType,
    String,
    String,
    i64,
    String,
    Option<BTreeMap<String, u8>>,
);

fn shown(record: HistoryRecord) -> Shown {
    let content = match &record.payload.bodies[..] {
        [HistoryBody::Text(body)] => body.msg.clone(),
        [HistoryBody::Custom(body)] => body.custom_event.clone().unwrap_or_default(),
        [HistoryBody::Command(body)] => body.action.clone(),
        bodies => panic!("{bodies:?}"),
    };
    let ext = record.payload.ext.map(|ext| ext.to().expect("an extension"));
    let text = Option::unwrap_or_default;
    (
        record.msg_id.into(),
        record.chat_type,
        text(record.from),
        text(record.to),
        record.timestamp.0,
        content,
        ext,
    )
}

/// Returns `true` if the API has such a step.
fn is_possible(step: &Step) -> bool {
    match step {
        Step::SendToSome(draft, _) => !matches!(draft.to, Target::User(_)),
        Step::Import(draft, _) => !matches!(draft.to, Target::Room(_)),
        _ => true,
    }
}

async fn run(steps: &[Step]) {
    let mut real = Real::new().await;
    let mut model = Model::new(GROUPS, NOW);
    let agrees = |result: Result<(), Error>, step| result.unwrap_or_else(|error| panic!("after {step:?}: {error}"));
    for (number, step) in steps.iter().filter(|step| is_possible(step)).enumerate() {
        let found = real.take(step, &model).await.map_err(|error| refusal(&error));
        assert_eq!(found, model.take(step), "{step:?}");
        agrees(real.compare(&model).await, step);
        // One user each time, because this takes long.
        agrees(real.compare_waiting(&model, USERS[number % USERS.len()]).await, step);
        real.world.sandbox.check();
    }
}

#[test]
fn messages_agree_with_the_model() {
    steps::run(12, sequences(), run);
}
