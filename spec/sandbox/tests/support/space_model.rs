//! The expected state of groups and chat rooms.

use std::collections::{BTreeMap, BTreeSet};

use super::sequence::{Answer, FOREVER, Field, MEMBERS, Many, One, Step};
use crate::support::space::{Kind, View};
use crate::support::steps::Refusal;
use crate::support::world::{NOW, USERS};

/// The expected state of the service.
#[derive(Debug, Default)]
pub struct Model {
    pub users: BTreeSet<String>,
    /// With those that were deleted.
    pub spaces: Vec<(Kind, Option<View>)>,
    /// The fields of each group and chat room.
    pub details: Vec<Details>,
    /// The members of each group and chat room in the order of joining.
    pub orders: Vec<Vec<String>>,
    /// The groups and rooms that each user has joined, in the order of joining.
    pub joined: BTreeMap<String, Vec<usize>>,
    pub threads: Vec<Topic>,
    /// The threads of each user in the order of joining.
    pub joined_threads: BTreeMap<String, Vec<usize>>,
    pub messages: Vec<Sent>,
    pub banned: BTreeSet<String>,
    /// The ends of the mutes in all groups.
    pub muted: BTreeMap<String, i64>,
    pub now: i64,
}

/// A message to a group or chat room.
#[derive(Debug, Clone)]
pub struct Sent {
    pub space: usize,
    pub sender: String,
    pub recalled: bool,
    pub reactions: BTreeSet<String>,
}

/// A thread.
#[derive(Debug)]
pub struct Topic {
    /// The number of the group.
    pub group: usize,
    pub name: String,
    pub owner: String,
    /// The members in the order of joining, unless the thread was deleted.
    pub members: Option<Vec<String>>,
    /// The number of its message, if the thread was created from an earlier one.
    pub message: Option<usize>,
}

/// The fields of a group or chat room. Those that it does not have keep their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    pub name: String,
    pub description: String,
    pub custom: String,
    pub announcement: String,
    pub max_users: usize,
    pub public: bool,
    pub allow_invites: bool,
    pub members_only: bool,
    /// Only in the list of groups.
    pub modified: i64,
}

pub fn name(user: usize) -> String {
    USERS[user].to_owned()
}

pub fn names(users: &[usize]) -> Vec<String> {
    users.iter().map(|user| name(*user)).collect()
}

pub fn forbidden<T>(status: u16) -> Result<T, Refusal> {
    Err((status, "forbidden_op".to_owned()))
}

pub fn missing<T>() -> Result<T, Refusal> {
    Err((404, "resource_not_found".to_owned()))
}

pub fn no_thread<T>() -> Result<T, Refusal> {
    Err((404, "group_error".to_owned()))
}

pub fn not_a_member<T>(kind: Kind) -> Result<T, Refusal> {
    forbidden(if kind == Kind::Group { 403 } else { 400 })
}

impl Model {
    pub fn take(&mut self, step: &Step) -> Result<Answer, Refusal> {
        match step {
            Step::Register(user) => self.register(name(*user)),
            Step::DeleteUser(user) => self.delete_user(&name(*user)),
            Step::Create(kind, owner, members) => self.create(*kind, name(*owner), names(members)),
            Step::Delete(space) => {
                self.known_space(*space)?;
                self.drop_space(*space);
                Ok(Answer::Done)
            }
            Step::One(one, space, user) => self.one(*one, *space, name(*user)).map(|()| Answer::Done),
            Step::Many(many, space, users) => self.many(*many, *space, names(users)),
            Step::Mute(space, users, duration) => self.mute(*space, names(users), *duration),
            Step::MuteAll(space, on) => {
                self.live(*space)?.1.all_muted = *on;
                Ok(Answer::Flag(*on))
            }
            Step::Disable(space, on) => {
                self.known_space(*space)?.1.disabled = *on;
                Ok(Answer::Flag(*on))
            }
            Step::Transfer(space, user) => self.transfer(*space, name(*user)),
            Step::Update(space, field, number) => self.update(*space, *field, *number),
            Step::CreateThread(space, owner) => self.create_thread(*space, name(*owner)),
            Step::RenameThread(thread, name) => {
                self.live_thread(*thread)?.name = format!("T{name}");
                Ok(Answer::Done)
            }
            Step::DeleteThread(thread) => {
                self.live_thread(*thread)?;
                self.drop_thread(*thread);
                Ok(Answer::Done)
            }
            Step::Join(thread, users) => self.join_thread(*thread, names(users)),
            Step::Leave(thread, users) => self.leave_thread(*thread, names(users)),
            Step::Ban(user, on) => self.ban(name(*user), *on),
            Step::MuteInApp(user, duration) => self.mute_in_app(name(*user), *duration),
            Step::Send(space, user) => self.send(*space, name(*user)),
            Step::Recall(message) => self.recall(*message),
            Step::React(message, user) => self.react(*message, name(*user)),
            Step::CreateThreadFrom(space, message, owner) => self.create_thread_from(*space, *message, name(*owner)),
            Step::Wait(seconds) => {
                self.now += i64::try_from(*seconds).expect("a small number") * 1000;
                Ok(Answer::Done)
            }
        }
    }

    /// The group or chat room, unless it was deleted.
    pub fn known_space(&mut self, space: usize) -> Result<(Kind, &mut View), Refusal> {
        let (kind, view) = &mut self.spaces[space];
        view.as_mut().map_or_else(missing, |view| Ok((*kind, view)))
    }

    /// The group or chat room, unless it was deleted or is banned.
    pub fn live(&mut self, space: usize) -> Result<(Kind, &mut View), Refusal> {
        let (kind, view) = self.known_space(space)?;
        if view.disabled {
            return forbidden(403);
        }
        Ok((kind, view))
    }

    pub fn known(&self, user: &str) -> Result<(), Refusal> {
        if self.users.contains(user) { Ok(()) } else { missing() }
    }

    pub fn register(&mut self, user: String) -> Result<Answer, Refusal> {
        if self.users.insert(user) {
            return Ok(Answer::Done);
        }
        Err((400, "duplicate_unique_property_exists".to_owned()))
    }

    pub fn delete_user(&mut self, user: &str) -> Result<Answer, Refusal> {
        if !self.users.remove(user) {
            return Err((404, "service_resource_not_found".to_owned()));
        }
        self.banned.remove(user);
        self.muted.remove(user);
        for message in &mut self.messages {
            message.reactions.remove(user);
        }
        for space in 0..self.spaces.len() {
            let Ok((_, view)) = self.known_space(space) else {
                continue;
            };
            if view.owner == user {
                self.drop_space(space);
                continue;
            }
            view.blocked.remove(user);
            view.muted.remove(user);
            self.leave(space, user);
        }
        Ok(Answer::Done)
    }

    pub fn create(&mut self, kind: Kind, owner: String, others: Vec<String>) -> Result<Answer, Refusal> {
        self.known(&owner)?;
        others.iter().try_for_each(|user| self.known(user))?;
        let members: BTreeSet<_> = others.iter().chain([&owner]).collect();
        if members.len() > MEMBERS {
            return Err((403, "exceed_limit".to_owned()));
        }
        let view = View {
            owner: owner.clone(),
            allowed: [owner.clone()].into(),
            ..View::default()
        };
        let space = self.spaces.len();
        self.spaces.push((kind, Some(view)));
        self.orders.push(Vec::new());
        self.details.push(Details {
            max_users: MEMBERS,
            // The API does not show it for chat rooms.
            modified: if kind == Kind::Group { self.now } else { NOW },
            ..Details::created(kind)
        });
        self.join(space, &owner);
        for user in &others {
            self.join(space, user);
        }
        Ok(Answer::Done)
    }

    pub fn drop_space(&mut self, space: usize) {
        self.spaces[space].1 = None;
        for joined in self.joined.values_mut() {
            joined.retain(|other| *other != space);
        }
        for thread in 0..self.threads.len() {
            if self.threads[thread].group == space {
                self.drop_thread(thread);
            }
        }
    }

    pub fn drop_thread(&mut self, thread: usize) {
        self.threads[thread].members = None;
        for joined in self.joined_threads.values_mut() {
            joined.retain(|other| *other != thread);
        }
    }

    /// Adds a user to a group or chat room. A member keeps the place.
    pub fn join(&mut self, space: usize, user: &str) {
        let view = self.spaces[space].1.as_mut().expect("it exists");
        if view.members.insert(user.to_owned()) {
            self.orders[space].push(user.to_owned());
            self.joined.entry(user.to_owned()).or_default().push(space);
        }
    }

    /// Removes a member from a group or chat room. A mute remains for the time when the user joins again.
    pub fn leave(&mut self, space: usize, user: &str) {
        if let Ok((_, view)) = self.known_space(space) {
            view.members.remove(user);
            view.admins.remove(user);
            view.allowed.remove(user);
        }
        self.orders[space].retain(|member| member != user);
        self.joined
            .entry(user.to_owned())
            .or_default()
            .retain(|other| *other != space);
        for thread in 0..self.threads.len() {
            if self.threads[thread].group == space {
                self.leave_one_thread(thread, user);
            }
        }
    }

    /// Removes a user from a thread. Returns `false` if the user is not a member.
    pub fn leave_one_thread(&mut self, thread: usize, user: &str) -> bool {
        let joined = self.joined_threads.entry(user.to_owned()).or_default();
        joined.retain(|other| *other != thread);
        let Some(members) = &mut self.threads[thread].members else {
            return false;
        };
        let before = members.len();
        members.retain(|member| member != user);
        before > members.len()
    }

    pub fn update(&mut self, space: usize, field: Field, number: usize) -> Result<Answer, Refusal> {
        let (kind, _) = self.live(space)?;
        let now = self.now;
        let details = &mut self.details[space];
        let (text, flag) = (format!("text {number}"), number % 2 == 1);
        match field {
            Field::Name => details.name = text,
            Field::Description => details.description = text,
            Field::MaxUsers => details.max_users = number,
            Field::Public => details.public = flag,
            Field::AllowInvites => details.allow_invites = flag,
            Field::MembersOnly => details.members_only = flag,
            Field::Custom => details.custom = text,
            Field::Announcement => details.announcement = text,
        }
        if kind == Kind::Group && field != Field::Announcement {
            details.modified = now;
        }
        Ok(Answer::Done)
    }

    pub fn one(&mut self, one: One, space: usize, user: String) -> Result<(), Refusal> {
        let users = self.users.clone();
        let most = self.details[space].max_users;
        let (kind, view) = self.live(space)?;
        if !users.contains(&user) {
            return missing();
        }
        let is_member = view.members.contains(&user);
        match one {
            One::Add if is_member && kind == Kind::Room => {}
            One::Add if is_member || view.blocked.contains(&user) => return forbidden(403),
            One::Add if view.members.len() >= most && kind == Kind::Room => return forbidden(403),
            One::Add if view.members.len() >= most => return Err((403, "exceed_limit".to_owned())),
            One::Add => self.join(space, &user),
            One::Remove | One::Block | One::AddAdmin if user == view.owner => return forbidden(403),
            One::Remove | One::Block | One::Allow if !is_member => return not_a_member(kind),
            One::Remove => self.leave(space, &user),
            One::Block => {
                view.blocked.insert(user.clone());
                self.leave(space, &user);
            }
            One::Unblock if !view.blocked.remove(&user) => return not_a_member(kind),
            One::Unblock => {}
            One::Allow => drop(view.allowed.insert(user)),
            One::AddAdmin if !is_member => return missing(),
            One::AddAdmin => {
                view.admins.insert(user.clone());
                view.allowed.insert(user);
            }
            One::RemoveAdmin if !view.admins.remove(&user) => return forbidden(403),
            One::RemoveAdmin => drop(view.allowed.remove(&user)),
        }
        Ok(())
    }

    pub fn many(&mut self, many: Many, space: usize, users: Vec<String>) -> Result<Answer, Refusal> {
        let one = match many {
            Many::Add => return self.add_many(space, users),
            Many::Unmute => return self.unmute(space, users),
            // With one user, the request is that for one.
            Many::Remove if users.len() == 1 => {
                self.one(One::Remove, space, users[0].clone())?;
                return Ok(Answer::Each(vec![(users[0].clone(), true)]));
            }
            Many::Remove => Some(One::Remove),
            Many::Block => Some(One::Block),
            Many::Unblock => Some(One::Unblock),
            Many::Allow => Some(One::Allow),
            Many::Disallow => None,
        };
        let (kind, _) = self.live(space)?;
        let mut each = Vec::new();
        for user in &users {
            let done = if let Some(one) = one {
                self.one(one, space, user.clone()).is_ok()
            } else {
                let (_, view) = self.live(space)?;
                view.allowed.remove(user);
                view.members.contains(user)
            };
            each.push((user.clone(), done));
        }
        if each.iter().any(|(_, done)| *done) {
            return Ok(Answer::Each(each));
        }
        if users.iter().any(|user| self.users.contains(user)) {
            not_a_member(kind)
        } else {
            missing()
        }
    }

    pub fn add_many(&mut self, space: usize, users: Vec<String>) -> Result<Answer, Refusal> {
        self.live(space)?;
        users.iter().try_for_each(|user| self.known(user))?;
        let most = self.details[space].max_users;
        let (kind, view) = self.live(space)?;
        let new: Vec<_> = users
            .iter()
            .filter(|user| !view.members.contains(*user))
            .cloned()
            .collect();
        if new.is_empty() && kind == Kind::Group || new.iter().any(|user| view.blocked.contains(user)) {
            return forbidden(403);
        }
        if view.members.len() + new.len() > most && !new.is_empty() {
            let code = if kind == Kind::Group {
                "exceed_limit"
            } else {
                "forbidden_op"
            };
            return Err((403, code.to_owned()));
        }
        for user in &new {
            self.join(space, user);
        }
        Ok(Answer::Users(if kind == Kind::Group { new } else { users }))
    }

    pub fn mute(&mut self, space: usize, users: Vec<String>, duration: Option<u64>) -> Result<Answer, Refusal> {
        let now = self.now;
        self.live(space)?;
        users.iter().try_for_each(|user| self.known(user))?;
        let (kind, view) = self.live(space)?;
        for user in &users {
            if *user == view.owner {
                return forbidden(403);
            }
            if !view.members.contains(user) {
                return not_a_member(kind);
            }
        }
        let length = duration.map(|seconds| i64::try_from(seconds).expect("a small number") * 1000);
        let end = length.map_or(FOREVER, |length| now + length);
        view.muted.extend(users.iter().map(|user| (user.clone(), end)));
        Ok(Answer::Ends(users.into_iter().map(|user| (user, end)).collect()))
    }

    pub fn unmute(&mut self, space: usize, users: Vec<String>) -> Result<Answer, Refusal> {
        self.live(space)?;
        users.iter().try_for_each(|user| self.known(user))?;
        let (_, view) = self.live(space)?;
        view.muted.retain(|user, _| !users.contains(user));
        Ok(Answer::Each(users.into_iter().map(|user| (user, true)).collect()))
    }

    pub fn transfer(&mut self, space: usize, user: String) -> Result<Answer, Refusal> {
        self.live(space)?;
        self.known(&user)?;
        let (_, view) = self.live(space)?;
        if user == view.owner || !view.members.contains(&user) {
            return forbidden(403);
        }
        view.admins.remove(&user);
        view.muted.remove(&user);
        view.allowed.insert(user.clone());
        view.owner = user;
        Ok(Answer::Done)
    }

    /// The expected results of the reads of a group or chat room.
    pub fn seen(&self, view: &View) -> View {
        let is_muted = |(user, end): &(&String, &i64)| **end > self.now && view.members.contains(*user);
        let muted = view
            .muted
            .iter()
            .filter(is_muted)
            .map(|(user, end)| (user.clone(), *end));
        View {
            muted: muted.collect(),
            ..view.clone()
        }
    }
}

impl Details {
    /// The fields with which a group or chat room is created.
    pub fn created(kind: Kind) -> Self {
        let (name, description) = match kind {
            Kind::Group => ("", ""),
            Kind::Room => ("a", "b"),
        };
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            ..Self::default()
        }
    }
}
