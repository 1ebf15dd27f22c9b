//! Compares groups, chat rooms and threads of the sandbox with a simple model while random steps are taken.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

#[path = "support/space_model.rs"]
mod model;
#[path = "support/space_steps.rs"]
mod sequence;
#[path = "support/thread_model.rs"]
mod threads;

use std::collections::BTreeSet;
use std::time::Duration;

use easemob::types::ChatType;
use easemob::{Error, Span};
use easemob_sandbox::Sandbox;

use model::{Details, Model, Topic};
use sequence::{Answer, Field, MEMBERS, Many, One, SPACES, Step, sequences};
use support::space::{Kind, Space, outcomes};
use support::steps::{self, refusal};
use support::world::{NOW, USERS, World, refused};

/// The sandbox with the IDs that it has assigned.
struct Real {
    world: World,
    spaces: Vec<(Kind, String)>,
    threads: Vec<String>,
    /// The IDs of the messages, with the numbers of their groups and chat rooms.
    messages: Vec<(usize, String)>,
}

impl Real {
    fn space(&self, space: usize) -> Space<'_> {
        let (kind, id) = self.spaces[space].clone();
        Space::new(&self.world.client, kind, id)
    }

    async fn take(&mut self, step: &Step) -> Result<Answer, Error> {
        match step {
            Step::Register(user) => drop(self.world.client.users().create(USERS[*user]).await?),
            Step::DeleteUser(user) => drop(self.world.client.users().delete(USERS[*user]).await?),
            Step::Create(kind, owner, members) => self.create(*kind, USERS[*owner], members).await?,
            Step::Delete(space) => self.space(*space).delete().await?,
            Step::One(one, space, user) => self.one(*one, *space, USERS[*user]).await?,
            Step::Many(many, space, users) => return self.many(*many, *space, users).await,
            Step::Mute(space, users, duration) => {
                return self
                    .space(*space)
                    .mute(&texts(users), *duration)
                    .await
                    .map(Answer::Ends);
            }
            Step::MuteAll(space, true) => return self.space(*space).mute_all().await.map(Answer::Flag),
            Step::MuteAll(space, false) => return self.space(*space).unmute_all().await.map(Answer::Flag),
            Step::Disable(space, on) => return self.space(*space).set_disabled(*on).await.map(Answer::Flag),
            Step::Transfer(space, user) => self.space(*space).transfer(USERS[*user]).await?,
            Step::CreateThread(space, owner) => {
                let group = &*self.spaces[*space].1;
                let message = self.world.message_to(group).await?;
                self.create_thread(*space, &message, USERS[*owner]).await?;
            }
            Step::RenameThread(thread, name) => {
                let threads = self.world.client.threads();
                drop(threads.update(&*self.threads[*thread], format!("T{name}")).await?);
            }
            Step::Update(space, field, number) => self.update(*space, *field, *number).await?,
            Step::DeleteThread(thread) => self.world.client.threads().delete(&*self.threads[*thread]).await?,
            Step::Join(thread, users) => {
                let members = self.world.client.thread_members();
                members.add(&*self.threads[*thread], texts(users)).await?;
            }
            Step::Leave(thread, users) => {
                let members = self.world.client.thread_members();
                let removed = members.remove(&*self.threads[*thread], texts(users)).await?;
                return Ok(Answer::Each(outcomes(removed)));
            }
            Step::Ban(user, true) => drop(self.world.client.users().ban(USERS[*user]).await?),
            Step::Ban(user, false) => self.world.client.users().unban(USERS[*user]).await?,
            Step::MuteInApp(user, duration) => {
                let length = duration.map_or(Span::Forever, |seconds| Duration::from_secs(seconds).into());
                self.world.client.mutes().set(USERS[*user]).groupchat(length).await?;
            }
            Step::Send(space, user) => {
                let id = self.space(*space).send(USERS[*user]).await?;
                self.messages.push((*space, id));
            }
            Step::Recall(message) => {
                let (space, id) = &self.messages[*message];
                let (kind, space) = &self.spaces[*space];
                let kind = match kind {
                    Kind::Group => ChatType::Group,
                    Kind::Room => ChatType::Room,
                };
                let recalled = self.world.client.messages().recall(&**id, &**space, kind, true).await?;
                assert!(recalled.recalled);
            }
            Step::React(message, user) => {
                let reactions = self.world.client.reactions();
                reactions
                    .add(USERS[*user], &*self.messages[*message].1, "smile")
                    .await?;
            }
            Step::CreateThreadFrom(space, message, owner) => {
                let (_, message) = self.messages[*message].clone();
                self.create_thread(*space, &message, USERS[*owner]).await?;
            }
            Step::Wait(seconds) => self.world.advance(*seconds),
        }
        Ok(Answer::Done)
    }

    async fn create(&mut self, kind: Kind, owner: &str, members: &[usize]) -> Result<(), Error> {
        let client = &self.world.client;
        let members = texts(members);
        let id: String = match kind {
            Kind::Group => {
                let group = client.groups().create(owner, false).max_users(MEMBERS).members(members);
                group.await?.group_id.into()
            }
            Kind::Room => {
                let room = client
                    .chatrooms()
                    .create("a", "b", owner)
                    .max_users(MEMBERS)
                    .members(members);
                room.await?.chatroom_id.into()
            }
        };
        self.spaces.push((kind, id));
        Ok(())
    }

    async fn create_thread(&mut self, space: usize, message: &str, owner: &str) -> Result<(), Error> {
        let threads = self.world.client.threads();
        let created = threads.create(&*self.spaces[space].1, "a", message, owner).await?;
        self.threads.push(created.thread_id.into());
        Ok(())
    }

    async fn update(&self, space: usize, field: Field, number: usize) -> Result<(), Error> {
        let (kind, id) = &self.spaces[space];
        let (text, flag) = (format!("text {number}"), number % 2 == 1);
        let group = self.world.client.groups().update(&**id);
        let room = self.world.client.chatrooms().update(&**id);
        match (kind, field) {
            (Kind::Group, Field::Announcement) => self.world.client.groups().update_announcement(&**id, text).await,
            (Kind::Room, Field::Announcement) => self.world.client.chatrooms().update_announcement(&**id, text).await,
            (Kind::Group, Field::Name) => group.name(text).await,
            (Kind::Group, Field::Description) => group.description(text).await,
            (Kind::Group, Field::MaxUsers) => group.max_users(number).await,
            (Kind::Room, Field::Name) => room.name(text).await,
            (Kind::Room, Field::Description) => room.description(text).await,
            (Kind::Room, _) => room.max_users(number).await,
            (_, Field::Public) => group.public(flag).await,
            (_, Field::AllowInvites) => group.allow_invites(flag).await,
            (_, Field::MembersOnly) => group.members_only(flag).await,
            (_, Field::Custom) => group.custom(text).await,
        }
    }

    async fn one(&self, one: One, space: usize, user: &str) -> Result<(), Error> {
        let space = self.space(space);
        match one {
            One::Add => space.add(user).await,
            One::Remove => space.remove(user).await,
            One::AddAdmin => space.add_admin(user).await,
            One::RemoveAdmin => space.remove_admin(user).await,
            One::Block => space.block(user).await,
            One::Unblock => space.unblock(user).await,
            One::Allow => space.allow(user).await,
        }
    }

    async fn many(&self, many: Many, space: usize, users: &[usize]) -> Result<Answer, Error> {
        let (space, users) = (self.space(space), texts(users));
        match many {
            Many::Add => return space.add_many(&users).await.map(Answer::Users),
            Many::Remove => space.remove_many(&users).await,
            Many::Block => space.block_many(&users).await,
            Many::Unblock => space.unblock_many(&users).await,
            Many::Allow => space.allow_many(&users).await,
            Many::Disallow => space.disallow(&users).await,
            Many::Unmute => space.unmute(&users).await,
        }
        .map(Answer::Each)
    }

    /// Compares everything that can be read with the model.
    async fn compare(&self, model: &Model) -> Result<(), Error> {
        for (number, (_, expected)) in model.spaces.iter().enumerate() {
            let space = self.space(number);
            if let Some(expected) = expected {
                assert_eq!(space.view(&[]).await?, model.seen(expected), "number {number}");
                let members = space.listed_members().await?.into_iter();
                let mut members: Vec<_> = members
                    .map(|member| member.value().map(String::from).unwrap_or_default())
                    .collect();
                members.reverse();
                assert_eq!(
                    members, model.orders[number],
                    "the order of the members of number {number}"
                );
                assert_eq!(self.details(number).await?, model.details[number], "number {number}");
            } else {
                refused(space.admins().await, 404, "resource_not_found");
                assert_eq!(space.listed().await?, None, "number {number}");
            }
        }
        for user in USERS {
            self.compare_user(user, model).await?;
        }
        for (expected, (_, id)) in model.messages.iter().zip(&self.messages) {
            let found = self.world.client.reactions().get("alice", &**id, "smile").await;
            if expected.reactions.is_empty() || expected.recalled {
                refused(found, 400, "Bad Request");
            } else {
                let found: BTreeSet<String> = found?.users.into_iter().map(Into::into).collect();
                assert_eq!(found, expected.reactions, "reactions to message {id}");
            }
        }
        let live = model.threads.iter().zip(&self.threads);
        let live = live.filter(|(topic, _)| topic.members.is_some());
        let live: Vec<_> = live.map(|(_, id)| id.clone()).rev().collect();
        let listed = self.world.client.threads().list().limit(50).await?;
        let listed: Vec<String> = listed.into_iter().map(|thread| thread.id.into()).collect();
        assert_eq!(listed, live, "the list of all threads");
        for (topic, id) in model.threads.iter().zip(&self.threads) {
            let members = self.world.client.thread_members().list(&**id).await;
            match &topic.members {
                Some(expected) => {
                    let members: Vec<String> = members?.into_iter().map(Into::into).collect();
                    assert_eq!(members, *expected, "members of thread {id}");
                }
                None => refused(members, 404, "group_error"),
            }
        }
        Ok(())
    }

    /// Reads the fields of a group or chat room.
    async fn details(&self, number: usize) -> Result<Details, Error> {
        let client = &self.world.client;
        let (kind, id) = &self.spaces[number];
        let size = |most: Option<i64>| most.and_then(|most| usize::try_from(most).ok()).unwrap_or_default();
        if *kind == Kind::Group {
            let group = client.groups().get_one(&**id).await?;
            let listed = client
                .groups()
                .list()
                .await?
                .into_iter()
                .find(|listed| listed.id == **id);
            let modified = listed.and_then(|listed| listed.modified);
            let announcement = client.groups().get_announcement(&**id).await?.announcement;
            return Ok(Details {
                name: group.name.unwrap_or_default(),
                description: group.description.unwrap_or_default(),
                custom: group.custom.unwrap_or_default(),
                announcement: announcement.unwrap_or_default(),
                max_users: size(group.max_users),
                public: group.public.unwrap_or_default(),
                allow_invites: group.allow_invites.unwrap_or_default(),
                members_only: group.members_only.unwrap_or_default(),
                modified: modified.map_or(0, |time| time.0),
            });
        }
        let room = client.chatrooms().get_one(&**id).await?;
        let announcement = client.chatrooms().get_announcement(&**id).await?.announcement;
        Ok(Details {
            name: room.name,
            description: room.description.unwrap_or_default(),
            announcement: announcement.unwrap_or_default(),
            max_users: size(room.max_users),
            modified: NOW,
            ..Details::default()
        })
    }

    /// Compares the state of a user, and the lists of what the user has joined.
    async fn compare_user(&self, user: &str, model: &Model) -> Result<(), Error> {
        if model.users.contains(user) {
            let activated = self.world.client.users().get(user).await?.activated;
            assert_eq!(activated, Some(!model.banned.contains(user)), "{user}");
        }
        for kind in [Kind::Group, Kind::Room] {
            let all = model.joined.get(user).into_iter().flatten().rev();
            let all = all.filter(|space| self.spaces[**space].0 == kind);
            let expected: Vec<_> = all.map(|space| self.spaces[*space].1.clone()).collect();
            let joined = Space::new(&self.world.client, kind, String::new())
                .joined_by(user)
                .await;
            if model.users.contains(user) {
                assert_eq!(joined?, expected, "{kind:?} of {user}");
            } else {
                refused(joined, 404, "service_resource_not_found");
            }
        }
        let threads = self.world.client.threads().list_joined(user).await?;
        let threads: Vec<[String; 4]> = threads
            .into_iter()
            .map(|thread| {
                [
                    thread.id.into(),
                    thread.name,
                    thread.owner.into(),
                    thread.group_id.into(),
                ]
            })
            .collect();
        let expected = model.joined_threads.get(user).into_iter().flatten().rev();
        let expected: Vec<_> = expected
            .map(|number| {
                let Topic { group, name, owner, .. } = &model.threads[*number];
                let (id, group) = (&self.threads[*number], &self.spaces[*group].1);
                [id.clone(), name.clone(), owner.clone(), group.clone()]
            })
            .collect();
        assert_eq!(threads, expected, "threads of {user}");
        Ok(())
    }
}

fn texts(users: &[usize]) -> Vec<&'static str> {
    users.iter().map(|user| USERS[*user]).collect()
}

/// Returns the number of one of the things that exist, or sometimes of one that was deleted. `None` if there are none.
fn pick(number: usize, exists: impl Iterator<Item = bool>) -> Option<usize> {
    let (live, deleted): (Vec<_>, Vec<_>) = exists.enumerate().partition(|(_, exists)| *exists);
    let rare = number == 3 && !deleted.is_empty();
    let chosen = if rare || live.is_empty() { deleted } else { live };
    Some(chosen.get(number.checked_rem(chosen.len())?)?.0)
}

/// Returns the step with numbers of existing things, or `None` if there are none of the kind.
fn settled(step: &Step, model: &Model) -> Option<Step> {
    let space = |number| pick(number, model.spaces.iter().map(|(_, view)| view.is_some()));
    let thread = |number| pick(number, model.threads.iter().map(|topic| topic.members.is_some()));
    let message = |number: usize| number.checked_rem(model.messages.len());
    let step = step.clone();
    Some(match step {
        Step::Create(..) if model.spaces.iter().filter(|(_, view)| view.is_some()).count() >= SPACES => return None,
        Step::Delete(number) => Step::Delete(space(number)?),
        Step::One(one, number, user) => Step::One(one, space(number)?, user),
        Step::Many(many, number, users) => Step::Many(many, space(number)?, users),
        Step::Mute(number, users, duration) => Step::Mute(space(number)?, users, duration),
        Step::MuteAll(number, on) => Step::MuteAll(space(number)?, on),
        Step::Transfer(number, user) => Step::Transfer(space(number)?, user),
        Step::Disable(number, on) => {
            // The API cannot ban chat rooms.
            let number = space(number).filter(|number| model.spaces[*number].0 == Kind::Group)?;
            Step::Disable(number, on)
        }
        Step::Update(number, field, value) => {
            let number = space(number)?;
            let is_for_groups = matches!(
                field,
                Field::Public | Field::AllowInvites | Field::MembersOnly | Field::Custom
            );
            let fits = !is_for_groups || model.spaces[number].0 == Kind::Group;
            return fits.then_some(Step::Update(number, field, value));
        }
        Step::CreateThread(number, owner) => Step::CreateThread(space(number)?, owner),
        Step::RenameThread(number, name) => Step::RenameThread(thread(number)?, name),
        Step::DeleteThread(number) => Step::DeleteThread(thread(number)?),
        Step::Join(number, users) => Step::Join(thread(number)?, users),
        Step::Leave(number, users) => Step::Leave(thread(number)?, users),
        Step::Send(number, user) => Step::Send(space(number)?, user),
        Step::Recall(number) => Step::Recall(message(number)?),
        Step::React(number, user) => Step::React(message(number)?, user),
        Step::CreateThreadFrom(number, from, owner) => Step::CreateThreadFrom(space(number)?, message(from)?, owner),
        step => step,
    })
}

async fn run(steps: &[Step]) {
    let world = World::without_spaces(Sandbox::builder().seed(1)).await;
    let mut real = Real {
        world,
        spaces: Vec::new(),
        threads: Vec::new(),
        messages: Vec::new(),
    };
    let users = USERS.map(str::to_owned).into();
    let mut model = Model {
        users,
        now: NOW,
        ..Model::default()
    };
    for step in steps {
        let Some(step) = settled(step, &model) else { continue };
        let found = real.take(&step).await.map_err(|error| refusal(&error));
        assert_eq!(found, model.take(&step), "{step:?}");
        real.compare(&model)
            .await
            .unwrap_or_else(|error| panic!("after {step:?}: {error}"));
        real.world.sandbox.check();
    }
}

#[test]
fn the_sandbox_agrees_with_the_model() {
    steps::run(16, sequences(), run);
}
