//! Compares attributes, shared files, reactions, mutes, push labels and presences of the sandbox with a simple model while random steps
//! are taken.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

#[path = "support/detail_model.rs"]
mod model;
#[path = "support/detail_steps.rs"]
mod sequence;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use easemob::types::{AttributeOnLeave, MemberAttributes, ReactionChatType, TextBody};
use easemob::{Error, File, Seconds, Span};
use easemob_sandbox::Sandbox;

use model::{Answer, Model, Mute};
use sequence::{Change, DEVICES, EMOJIS, KEYS, LABELS, Length, Step, keys, name, names, sequences};
use support::space::{Kind, Space};
use support::steps::{self, refusal};
use support::world::{NOW, USERS, World, refused};

/// The sandbox, and the IDs of messages and shared files.
struct Real {
    world: World,
    messages: Vec<String>,
    files: Vec<String>,
}

impl Real {
    fn space(&self, kind: Kind) -> Space<'_> {
        match kind {
            Kind::Group => self.world.group(),
            Kind::Room => self.world.room(),
        }
    }

    async fn take(&mut self, step: &Step) -> Result<Answer, Error> {
        let World { client, group, .. } = &self.world;
        match step {
            Step::Register(user) => drop(client.users().create(USERS[*user]).await?),
            Step::Delete(user) => drop(client.users().delete(USERS[*user]).await?),
            Step::Ban(user, true) => drop(client.users().ban(USERS[*user]).await?),
            Step::Ban(user, false) => drop(client.users().unban(USERS[*user]).await?),
            Step::Join(kind, user) => self.space(*kind).add(USERS[*user]).await?,
            Step::Leave(kind, user) => self.space(*kind).remove(USERS[*user]).await?,
            Step::Rejoin(kind, user) => {
                self.space(*kind).remove(USERS[*user]).await?;
                self.space(*kind).add(USERS[*user]).await?;
            }
            Step::Members(users, key, value) => return self.set_members(users, *key, *value).await,
            Step::Member(user, key, value) => {
                let attribute = [(KEYS[*key], text(*value))];
                let attributes = client.group_member_attributes();
                drop(attributes.set(&**group, USERS[*user], attribute).await?);
            }
            Step::Room(change, of, value) => return self.set_room(*change, keys(of), *value).await,
            Step::DropRoom(change, of) => return self.drop_room(*change, keys(of)).await,
            Step::Share(size) => {
                let file = File::bytes("Plan.TXT", "a".repeat(*size));
                self.files
                    .push(client.group_files().upload(&**group, file).await?.id.into());
            }
            Step::Unshare(number) => client.group_files().delete(&**group, &*self.files[*number]).await?,
            Step::SendToGroup(from) => {
                let sent = client.messages().send_to_groups(&**group, TextBody::new("hi"));
                let sent = sent.from(USERS[*from]).await?;
                self.messages.push(sent.message_ids[group].to_string());
            }
            Step::Send(from, to) => {
                let sent = client.messages().send_to_users(USERS[*to], TextBody::new("hi"));
                let sent = sent.from(USERS[*from]).await?;
                self.messages.push(sent.message_ids[USERS[*to]].to_string());
            }
            Step::React(message, user, emoji) => {
                let message = &*self.messages[*message];
                drop(client.reactions().add(USERS[*user], message, EMOJIS[*emoji]).await?);
            }
            Step::Unreact(message, user, emoji) => {
                let message = &*self.messages[*message];
                client.reactions().remove(USERS[*user], message, EMOJIS[*emoji]).await?;
            }
            Step::Wait(seconds) => self.world.advance(*seconds),
            _ => return self.push_or_presence(step).await,
        }
        Ok(Answer::new())
    }

    /// Takes one of the other steps.
    async fn push_or_presence(&self, step: &Step) -> Result<Answer, Error> {
        let client = &self.world.client;
        let (labels, presence) = (client.push_labels(), client.presence());
        let set = |names: Vec<easemob::types::UserId>| names.into_iter().map(Into::into).collect();
        match step {
            Step::Mute(user, lengths) => self.mute(USERS[*user], *lengths).await?,
            Step::Label(label) => drop(labels.create(LABELS[*label]).await?),
            Step::DropLabel(label) => labels.delete(LABELS[*label]).await?,
            Step::Tag(label, users) => return Ok(set(labels.add_users(LABELS[*label], names(users)).await?.success)),
            Step::Untag(label, users) => {
                return Ok(set(labels.remove_users(LABELS[*label], names(users)).await?.success));
            }
            Step::Appear(user, device, state) => {
                let (device, ext) = (DEVICES[*device], format!("text {state}"));
                presence.set(USERS[*user], device, state.to_string(), ext).await?;
            }
            Step::Disconnect(user, None) => drop(client.users().disconnect(USERS[*user]).await?),
            Step::Disconnect(user, Some(device)) => {
                let device = DEVICES[*device];
                client.users().disconnect_device(USERS[*user], device).await?;
            }
            Step::Subscribe(user, others, seconds) => {
                let presences = presence.subscribe(USERS[*user], *seconds, names(others)).await?;
                return Ok(presences.into_iter().map(|presence| presence.username).collect());
            }
            Step::Unsubscribe(user, others) => presence.unsubscribe(USERS[*user], names(others)).await?,
            step => panic!("{step:?} is not handled"),
        }
        Ok(Answer::new())
    }

    async fn set_members(&self, users: &[usize], key: usize, value: Option<u8>) -> Result<Answer, Error> {
        let change = |user: &usize| MemberAttributes::new(name(*user), [(KEYS[key], text(value))]);
        let changes: Vec<_> = users.iter().map(change).collect();
        let attributes = self.world.client.group_member_attributes();
        let set = attributes.set_many(&*self.world.group, changes).await?;
        Ok(set.updated.into_iter().map(|member| member.username.into()).collect())
    }

    async fn set_room(&self, change: Change, keys: Vec<String>, value: u8) -> Result<Answer, Error> {
        let attributes = self.world.client.chatroom_attributes();
        let (room, user) = (&*self.world.room, USERS[change.user]);
        let all = keys.into_iter().map(|key| (key, text(Some(value))));
        let leave = if change.keep {
            AttributeOnLeave::Keep
        } else {
            AttributeOnLeave::Delete
        };
        let outcome = if change.forced {
            attributes.force_set(room, user, all).on_leave(leave).await?
        } else {
            attributes.set(room, user, all).on_leave(leave).await?
        };
        Ok(outcome.done.into_iter().collect())
    }

    async fn drop_room(&self, change: Change, keys: Vec<String>) -> Result<Answer, Error> {
        let attributes = self.world.client.chatroom_attributes();
        let (room, user) = (&*self.world.room, USERS[change.user]);
        let outcome = if change.forced {
            attributes.force_delete(room, user, keys).await?
        } else {
            attributes.delete(room, user, keys).await?
        };
        Ok(outcome.done.into_iter().collect())
    }

    async fn mute(&self, user: &str, lengths: [Option<Length>; 3]) -> Result<(), Error> {
        let span = |length: Option<Length>| {
            length.map(|length| match length {
                Length::Forever => Span::Forever,
                Length::Seconds(seconds) => Duration::from_secs(seconds.into()).into(),
            })
        };
        let [chat, group, room] = lengths.map(span);
        let mute = self.world.client.mutes().set(user);
        mute.chat(chat).groupchat(group).chatroom(room).await
    }

    /// Compares what a step can change with the model. Steps about users and time can change everything.
    async fn compare_after(&self, step: &Step, model: &Model) -> Result<(), Error> {
        match step {
            Step::Members(..) | Step::Member(..) | Step::Room(..) | Step::DropRoom(..) => {
                self.compare_attributes(model).await
            }
            Step::Share(_) | Step::Unshare(_) => self.compare_files(model).await,
            Step::SendToGroup(_) | Step::Send(..) | Step::React(..) | Step::Unreact(..) => {
                self.compare_reactions(model).await
            }
            Step::Mute(..) => self.compare_mutes(model).await,
            Step::Label(_) | Step::DropLabel(_) | Step::Tag(..) | Step::Untag(..) => self.compare_labels(model).await,
            Step::Appear(..) | Step::Disconnect(..) | Step::Subscribe(..) | Step::Unsubscribe(..) => {
                self.compare_presences(model).await
            }
            _ => self.compare(model).await,
        }
    }

    /// Compares everything that can be read with the model.
    async fn compare(&self, model: &Model) -> Result<(), Error> {
        self.compare_attributes(model).await?;
        self.compare_files(model).await?;
        self.compare_reactions(model).await?;
        self.compare_mutes(model).await?;
        self.compare_labels(model).await?;
        self.compare_presences(model).await
    }

    async fn compare_attributes(&self, model: &Model) -> Result<(), Error> {
        let World {
            client, group, room, ..
        } = &self.world;
        let attributes = client.group_member_attributes();
        for user in USERS {
            let found = attributes.get(&**group, user).await;
            if model.group.contains(user) {
                let expected = model.members.get(user).cloned().unwrap_or_default();
                assert_eq!(found?.attributes, expected, "attributes of {user}");
            } else {
                refused(found, 404, "MetadataException");
            }
        }
        let all = attributes.get_many(&**group, USERS).await?.attributes;
        let expected = USERS.map(|user| (user.to_owned(), model.members.get(user).cloned().unwrap_or_default()));
        assert_eq!(all, BTreeMap::from(expected), "attributes of all members");
        let found = client.chatroom_attributes().get(&**room).await?.attributes;
        let values = model.attributes.iter();
        let expected: BTreeMap<_, _> = values
            .map(|(key, attribute)| (key.clone(), attribute.value.clone()))
            .collect();
        assert_eq!(found, expected, "attributes of the chat room");
        Ok(())
    }

    async fn compare_files(&self, model: &Model) -> Result<(), Error> {
        let World { client, group, .. } = &self.world;
        let files = client.group_files();
        let listed = files.list(&**group).page_size(1000).await?.into_iter();
        let listed: Vec<_> = listed
            .map(|file| (file.id.to_string(), file.name, file.owner, file.size, file.created.0))
            .collect();
        let kept = model.files.iter().zip(&self.files).rev();
        let kept = kept.filter(|(file, _)| file.is_kept(model.now));
        let size = |size: usize| i64::try_from(size).expect("a small number");
        let expected: Vec<_> = kept
            .map(|(file, id)| {
                (
                    id.clone(),
                    "plan.txt".to_owned(),
                    name(0),
                    size(file.size),
                    file.created,
                )
            })
            .collect();
        assert_eq!(listed, expected, "the shared files");
        for (file, id) in model.files.iter().zip(&self.files) {
            let found = files.download(&**group, &**id).await;
            if file.is_kept(model.now) {
                assert_eq!(found?.bytes().await?.len(), file.size, "file {id}");
            } else {
                refused(found.map(drop), 404, "RestGroupFeignException");
            }
        }
        Ok(())
    }

    async fn compare_reactions(&self, model: &Model) -> Result<(), Error> {
        let World { client, group, .. } = &self.world;
        for (message, id) in model.messages.iter().zip(&self.messages) {
            let reactions = client.reactions();
            let listed = if message.to.is_some() {
                reactions.list("alice", &**id, ReactionChatType::Chat).await?
            } else {
                let list = reactions.list("alice", &**id, ReactionChatType::Group);
                list.group_id(&**group).await?
            };
            let found: Vec<_> = listed[0]
                .reactions
                .iter()
                .map(|reaction| {
                    let users: Vec<_> = reaction.users.iter().map(ToString::to_string).collect();
                    (&*reaction.emoji, reaction.count, reaction.is_mine, users)
                })
                .collect();
            let expected = message.reactions.iter().map(|(emoji, users)| {
                let is_mine = users.iter().any(|user| user == "alice");
                let count = i64::try_from(users.len()).expect("a small number");
                (*emoji, count, is_mine, users.iter().take(3).cloned().collect())
            });
            assert_eq!(found, expected.collect::<Vec<_>>(), "reactions to message {id}");
            for (emoji, users) in &message.reactions {
                let found = client.reactions().get("bob", &**id, *emoji).await?;
                assert_eq!(found.users, *users, "{emoji} for message {id}");
            }
        }
        Ok(())
    }

    async fn compare_mutes(&self, model: &Model) -> Result<(), Error> {
        let mutes = self.world.client.mutes();
        let left = |end: i64| {
            Seconds(if end == i64::MAX {
                -1
            } else {
                (end - model.now).max(0) / 1000
            })
        };
        for user in USERS {
            let found = mutes.get(user).await;
            if !model.users.contains(user) {
                refused(found, 400, "required_property_not_found");
                continue;
            }
            let found = found?;
            let ends: Mute = model.mutes.get(user).copied().unwrap_or_default();
            let expected = ends.map(|end| Some(end.map_or(Seconds(0), left)));
            assert_eq!(
                [found.chat, found.groupchat, found.chatroom],
                expected,
                "mutes of {user}"
            );
        }
        let listed = mutes.list(50).await?.mutes.into_iter();
        let listed: Vec<_> = listed
            .map(|entry| (entry.username, [entry.chat, entry.groupchat, entry.chatroom]))
            .collect();
        let mut expected = Vec::new();
        for user in &model.muted {
            for (index, end) in model.mutes[user].iter().enumerate() {
                let mut entry = [None; 3];
                entry[index] = end.map(left);
                expected.extend(end.map(|_| (user.clone(), entry)));
            }
        }
        assert_eq!(listed, expected, "the list of mutes");
        Ok(())
    }

    async fn compare_labels(&self, model: &Model) -> Result<(), Error> {
        let labels = self.world.client.push_labels();
        let listed: Vec<_> = labels.list().await?.into_iter().collect();
        let listed: Vec<_> = listed.iter().map(|label| (&*label.name, label.count)).collect();
        let count = |users: usize| i64::try_from(users).ok();
        let expected = model.labels.iter().map(|label| (label.name, count(label.users.len())));
        assert_eq!(listed, expected.collect::<Vec<_>>(), "the labels");
        for label in &model.labels {
            let users = labels.list_users(label.name).await?.into_iter();
            let users: Vec<_> = users
                .map(|user| (user.username.to_string(), user.created.map_or(0, |time| time.0)))
                .collect();
            assert_eq!(users, label.users, "the users with label {}", label.name);
        }
        Ok(())
    }

    async fn compare_presences(&self, model: &Model) -> Result<(), Error> {
        let client = &self.world.client;
        let found = client.presence().get("alice", USERS).await?.into_iter();
        let found: BTreeMap<_, _> = found
            .map(|presence| {
                let shown = model::Presence {
                    devices: presence.devices.unwrap_or_default(),
                    ext: presence.ext.unwrap_or_default(),
                    changed: presence.last_time.map(|time| time.0),
                };
                (presence.username, shown)
            })
            .collect();
        assert_eq!(found, model.presences, "the presences");
        for user in USERS {
            let listed = client.presence().list_subscriptions(user, 50).await?;
            let pairs = listed.subscriptions.into_iter();
            let found: BTreeMap<_, _> = pairs.map(|entry| (entry.username, entry.expires.0)).collect();
            assert_eq!(listed.total, i64::try_from(found.len()).ok(), "a user is listed twice");
            assert_eq!(found, model.subscribed(user), "subscriptions of {user}");
            let devices = client.users().list_devices(user).await?.into_iter();
            let devices: BTreeSet<_> = devices.map(|device| device.resource_id).collect();
            let presence = model.presences.get(user);
            let all = presence.into_iter().flat_map(|presence| &presence.devices);
            let online = all.filter(|(_, state)| *state != "0").map(|(device, _)| device.clone());
            assert_eq!(devices, online.collect(), "devices of {user}");
        }
        Ok(())
    }
}

fn text(value: Option<u8>) -> String {
    value.map(|value| format!("value {value}")).unwrap_or_default()
}

/// Returns the step with numbers of existing messages and files, or `None` if there are none.
fn settled(step: &Step, model: &Model) -> Option<Step> {
    let message = |number: usize| number.checked_rem(model.messages.len());
    Some(match step.clone() {
        Step::React(number, user, emoji) => Step::React(message(number)?, user, emoji),
        Step::Unreact(number, user, emoji) => Step::Unreact(message(number)?, user, emoji),
        Step::Unshare(number) => Step::Unshare(number.checked_rem(model.files.len())?),
        step => step,
    })
}

async fn run(steps: &[Step]) {
    let mut real = Real {
        world: World::with(Sandbox::builder().seed(1)).await,
        messages: Vec::new(),
        files: Vec::new(),
    };
    let mut model = Model::new(NOW);
    for step in steps {
        let Some(step) = settled(step, &model) else { continue };
        let found = real.take(&step).await.map_err(|error| refusal(&error));
        assert_eq!(found, model.take(&step), "{step:?}");
        real.compare_after(&step, &model)
            .await
            .unwrap_or_else(|error| panic!("after {step:?}: {error}"));
        real.world.sandbox.check();
    }
    let compared = real.compare(&model).await;
    compared.unwrap_or_else(|error| panic!("at the end: {error}"));
}

#[test]
fn details_agree_with_the_model() {
    steps::run(16, sequences(), run);
}
