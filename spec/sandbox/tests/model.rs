//! Compares groups, chat rooms and threads of the sandbox with a simple model while random steps are taken.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use easemob::types::ChatType;
use easemob::{Error, Span};
use easemob_sandbox::Sandbox;
use proptest::prelude::*;
use proptest::sample::subsequence;

use support::space::{Kind, Space, View, outcomes};
use support::steps::{self, Refusal, refusal};
use support::world::{NOW, USERS, World, refused};

/// Maximum number of groups and chat rooms at a time.
const SPACES: usize = 3;

/// Maximum number of members of each.
const MEMBERS: usize = 4;

/// The end of a mute without an end.
const FOREVER: i64 = 4_638_873_600_000;

/// A step. Users are indices into `USERS`; groups, chat rooms and threads are numbers in the order of creation, modulo their
/// number.
#[derive(Debug, Clone)]
enum Step {
    Register(usize),
    DeleteUser(usize),
    Create(Kind, usize, Vec<usize>),
    Delete(usize),
    One(One, usize, usize),
    Many(Many, usize, Vec<usize>),
    /// With the duration in seconds, or forever.
    Mute(usize, Vec<usize>, Option<u64>),
    MuteAll(usize, bool),
    /// Bans a group, or ends that.
    Disable(usize, bool),
    Transfer(usize, usize),
    /// Changes a field to a value that contains the number.
    Update(usize, Field, usize),
    CreateThread(usize, usize),
    RenameThread(usize, u8),
    DeleteThread(usize),
    Join(usize, Vec<usize>),
    Leave(usize, Vec<usize>),
    Ban(usize, bool),
    /// Mutes a user in all groups, with the duration in seconds, or forever.
    MuteInApp(usize, Option<u64>),
    /// Sends a message to a group or chat room.
    Send(usize, usize),
    Recall(usize),
    React(usize, usize),
    /// Creates a thread from a message of the group with the same number modulo the number of groups and chat rooms.
    CreateThreadFrom(usize, usize, usize),
    /// Moves the clock by some seconds.
    Wait(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum One {
    Add,
    Remove,
    AddAdmin,
    RemoveAdmin,
    Block,
    Unblock,
    Allow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Many {
    Add,
    Remove,
    Block,
    Unblock,
    Allow,
    Disallow,
    Unmute,
}

/// A field of a group or chat room that can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Description,
    MaxUsers,
    /// Only of groups.
    Public,
    /// Only of groups.
    AllowInvites,
    /// Only of groups.
    MembersOnly,
    /// Only of groups.
    Custom,
    Announcement,
}

/// The result of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Done,
    Flag(bool),
    Users(Vec<String>),
    Each(Vec<(String, bool)>),
    Ends(Vec<(String, i64)>),
}

fn sequences() -> impl Strategy<Value = Vec<Step>> {
    let user = || 0..USERS.len();
    let users = || subsequence((0..USERS.len()).collect::<Vec<_>>(), 1..=3).prop_shuffle();
    let space = || 0..6_usize;
    let kind = prop_oneof![Just(Kind::Group), Just(Kind::Room)];
    // Roles are given more often than they are taken, so that most users have some.
    let one = prop_oneof![
        3 => Just(One::Add),
        2 => Just(One::Remove),
        3 => Just(One::AddAdmin),
        1 => Just(One::RemoveAdmin),
        2 => Just(One::Block),
        2 => Just(One::Unblock),
        3 => Just(One::Allow),
    ];
    let many = prop_oneof![
        3 => Just(Many::Add),
        1 => Just(Many::Remove),
        1 => Just(Many::Block),
        2 => Just(Many::Unblock),
        3 => Just(Many::Allow),
        1 => Just(Many::Disallow),
        1 => Just(Many::Unmute),
    ];
    let field = prop::sample::select(vec![
        Field::Name,
        Field::Description,
        Field::MaxUsers,
        Field::Public,
        Field::AllowInvites,
        Field::MembersOnly,
        Field::Custom,
        Field::Announcement,
    ]);
    let duration = prop::sample::select(vec![Some(0), Some(10), Some(100), None]);
    let step = prop_oneof![
        1 => user().prop_map(Step::Register),
        1 => user().prop_map(Step::DeleteUser),
        2 => (kind, user(), users()).prop_map(|(kind, owner, members)| Step::Create(kind, owner, members)),
        1 => space().prop_map(Step::Delete),
        14 => (one, space(), user()).prop_map(|(one, space, user)| Step::One(one, space, user)),
        14 => (many, space(), users()).prop_map(|(many, space, users)| Step::Many(many, space, users)),
        4 => (space(), users(), duration).prop_map(|(space, users, duration)| Step::Mute(space, users, duration)),
        2 => (space(), any::<bool>()).prop_map(|(space, on)| Step::MuteAll(space, on)),
        2 => (space(), prop::bool::weighted(0.3)).prop_map(|(space, on)| Step::Disable(space, on)),
        3 => (space(), user()).prop_map(|(space, user)| Step::Transfer(space, user)),
        4 => (space(), user()).prop_map(|(space, user)| Step::CreateThread(space, user)),
        9 => (space(), field, 1..=MEMBERS).prop_map(|(space, field, number)| Step::Update(space, field, number)),
        1 => (0..4_usize, any::<u8>()).prop_map(|(thread, name)| Step::RenameThread(thread, name)),
        1 => (0..4_usize).prop_map(Step::DeleteThread),
        3 => (0..4_usize, users()).prop_map(|(thread, users)| Step::Join(thread, users)),
        2 => (0..4_usize, users()).prop_map(|(thread, users)| Step::Leave(thread, users)),
        2 => (user(), any::<bool>()).prop_map(|(user, on)| Step::Ban(user, on)),
        2 => (user(), prop::sample::select(vec![Some(0), Some(100), None])).prop_map(|(user, duration)| {
            Step::MuteInApp(user, duration)
        }),
        5 => (space(), user()).prop_map(|(space, user)| Step::Send(space, user)),
        2 => (0..6_usize).prop_map(Step::Recall),
        4 => (0..6_usize, user()).prop_map(|(message, user)| Step::React(message, user)),
        2 => (space(), 0..6_usize, user()).prop_map(|(space, message, user)| Step::CreateThreadFrom(space, message, user)),
        2 => (1..60_u64).prop_map(Step::Wait),
    ];
    let step = step.prop_map(|step| vec![step]);
    // Some state remains while a member is away.
    let away = (space(), user())
        .prop_map(|(space, user)| [One::Remove, One::Add].map(|one| Step::One(one, space, user)).to_vec());
    let steps = prop_oneof![12 => step, 1 => away];
    // The first steps make the others meaningful: a group with a thread of all its members, and a chat room.
    let group = (user(), users()).prop_map(|(owner, members)| {
        vec![
            Step::Create(Kind::Group, owner, members.clone()),
            Step::CreateThread(0, owner),
            Step::Join(0, members),
        ]
    });
    let room = (user(), users()).prop_map(|(owner, members)| Step::Create(Kind::Room, owner, members));
    (group, room, prop::collection::vec(steps, 40..60)).prop_map(|(mut steps, room, others)| {
        steps.push(room);
        steps.extend(others.into_iter().flatten());
        steps
    })
}

/// The expected state of the service.
#[derive(Debug, Default)]
struct Model {
    users: BTreeSet<String>,
    /// With those that were deleted.
    spaces: Vec<(Kind, Option<View>)>,
    /// The fields of each group and chat room.
    details: Vec<Details>,
    /// The members of each group and chat room in the order of joining.
    orders: Vec<Vec<String>>,
    /// The groups and rooms that each user has joined, in the order of joining.
    joined: BTreeMap<String, Vec<usize>>,
    threads: Vec<Topic>,
    /// The threads of each user in the order of joining.
    joined_threads: BTreeMap<String, Vec<usize>>,
    messages: Vec<Sent>,
    banned: BTreeSet<String>,
    /// The ends of the mutes in all groups.
    muted: BTreeMap<String, i64>,
    now: i64,
}

/// A message to a group or chat room.
#[derive(Debug, Clone)]
struct Sent {
    space: usize,
    sender: String,
    recalled: bool,
    reactions: BTreeSet<String>,
}

/// A thread.
#[derive(Debug)]
struct Topic {
    /// The number of the group.
    group: usize,
    name: String,
    owner: String,
    /// The members in the order of joining, unless the thread was deleted.
    members: Option<Vec<String>>,
    /// The number of its message, if the thread was created from an earlier one.
    message: Option<usize>,
}

/// The fields of a group or chat room. Those that it does not have keep their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Details {
    name: String,
    description: String,
    custom: String,
    announcement: String,
    max_users: usize,
    public: bool,
    allow_invites: bool,
    members_only: bool,
    /// Only in the list of groups.
    modified: i64,
}

fn name(user: usize) -> String {
    USERS[user].to_owned()
}

fn names(users: &[usize]) -> Vec<String> {
    users.iter().map(|user| name(*user)).collect()
}

fn forbidden<T>(status: u16) -> Result<T, Refusal> {
    Err((status, "forbidden_op".to_owned()))
}

fn missing<T>() -> Result<T, Refusal> {
    Err((404, "resource_not_found".to_owned()))
}

fn no_thread<T>() -> Result<T, Refusal> {
    Err((404, "group_error".to_owned()))
}

fn not_a_member<T>(kind: Kind) -> Result<T, Refusal> {
    forbidden(if kind == Kind::Group { 403 } else { 400 })
}

impl Model {
    fn take(&mut self, step: &Step) -> Result<Answer, Refusal> {
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
    fn known_space(&mut self, space: usize) -> Result<(Kind, &mut View), Refusal> {
        let (kind, view) = &mut self.spaces[space];
        view.as_mut().map_or_else(missing, |view| Ok((*kind, view)))
    }

    /// The group or chat room, unless it was deleted or is banned.
    fn live(&mut self, space: usize) -> Result<(Kind, &mut View), Refusal> {
        let (kind, view) = self.known_space(space)?;
        if view.disabled {
            return forbidden(403);
        }
        Ok((kind, view))
    }

    fn known(&self, user: &str) -> Result<(), Refusal> {
        if self.users.contains(user) { Ok(()) } else { missing() }
    }

    fn register(&mut self, user: String) -> Result<Answer, Refusal> {
        if self.users.insert(user) {
            return Ok(Answer::Done);
        }
        Err((400, "duplicate_unique_property_exists".to_owned()))
    }

    fn delete_user(&mut self, user: &str) -> Result<Answer, Refusal> {
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

    fn create(&mut self, kind: Kind, owner: String, others: Vec<String>) -> Result<Answer, Refusal> {
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

    fn drop_space(&mut self, space: usize) {
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

    fn drop_thread(&mut self, thread: usize) {
        self.threads[thread].members = None;
        for joined in self.joined_threads.values_mut() {
            joined.retain(|other| *other != thread);
        }
    }

    /// Adds a user to a group or chat room. A member keeps the place.
    fn join(&mut self, space: usize, user: &str) {
        let view = self.spaces[space].1.as_mut().expect("it exists");
        if view.members.insert(user.to_owned()) {
            self.orders[space].push(user.to_owned());
            self.joined.entry(user.to_owned()).or_default().push(space);
        }
    }

    /// Removes a member from a group or chat room. A mute remains for the time when the user joins again.
    fn leave(&mut self, space: usize, user: &str) {
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
    fn leave_one_thread(&mut self, thread: usize, user: &str) -> bool {
        let joined = self.joined_threads.entry(user.to_owned()).or_default();
        joined.retain(|other| *other != thread);
        let Some(members) = &mut self.threads[thread].members else {
            return false;
        };
        let before = members.len();
        members.retain(|member| member != user);
        before > members.len()
    }

    fn update(&mut self, space: usize, field: Field, number: usize) -> Result<Answer, Refusal> {
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

    fn one(&mut self, one: One, space: usize, user: String) -> Result<(), Refusal> {
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

    fn many(&mut self, many: Many, space: usize, users: Vec<String>) -> Result<Answer, Refusal> {
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

    fn add_many(&mut self, space: usize, users: Vec<String>) -> Result<Answer, Refusal> {
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

    fn mute(&mut self, space: usize, users: Vec<String>, duration: Option<u64>) -> Result<Answer, Refusal> {
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

    fn unmute(&mut self, space: usize, users: Vec<String>) -> Result<Answer, Refusal> {
        self.live(space)?;
        users.iter().try_for_each(|user| self.known(user))?;
        let (_, view) = self.live(space)?;
        view.muted.retain(|user, _| !users.contains(user));
        Ok(Answer::Each(users.into_iter().map(|user| (user, true)).collect()))
    }

    fn transfer(&mut self, space: usize, user: String) -> Result<Answer, Refusal> {
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

    fn create_thread(&mut self, space: usize, owner: String) -> Result<Answer, Refusal> {
        let (kind, view) = &self.spaces[space];
        let Some(view) = view.as_ref().filter(|_| *kind == Kind::Group) else {
            return no_thread();
        };
        if view.disabled {
            return Err((403, "group_error".to_owned()));
        }
        if !view.members.contains(&owner) {
            return no_thread();
        }
        self.add_thread(space, owner, None);
        Ok(Answer::Done)
    }

    fn add_thread(&mut self, group: usize, owner: String, message: Option<usize>) {
        let joined = self.joined_threads.entry(owner.clone()).or_default();
        joined.push(self.threads.len());
        self.threads.push(Topic {
            group,
            name: "a".to_owned(),
            owner: owner.clone(),
            members: Some(vec![owner]),
            message,
        });
    }

    /// The thread, unless it was deleted.
    fn thread(&mut self, thread: usize) -> Result<&mut Topic, Refusal> {
        let topic = &mut self.threads[thread];
        if topic.members.is_some() {
            Ok(topic)
        } else {
            no_thread()
        }
    }

    /// The thread, unless it was deleted or its group is banned.
    fn live_thread(&mut self, thread: usize) -> Result<&mut Topic, Refusal> {
        let group = self.thread(thread)?.group;
        if self.spaces[group].1.as_ref().is_some_and(|view| view.disabled) {
            return Err((403, "group_error".to_owned()));
        }
        self.thread(thread)
    }

    fn join_thread(&mut self, thread: usize, users: Vec<String>) -> Result<Answer, Refusal> {
        let group = self.live_thread(thread)?.group;
        let in_group = |user: &String| {
            self.spaces[group]
                .1
                .as_ref()
                .is_some_and(|view| view.members.contains(user))
        };
        if !users.iter().all(in_group) {
            return no_thread();
        }
        for user in users {
            let Some(members) = &mut self.threads[thread].members else {
                continue;
            };
            if !members.contains(&user) {
                members.push(user.clone());
                self.joined_threads.entry(user).or_default().push(thread);
            }
        }
        Ok(Answer::Done)
    }

    fn leave_thread(&mut self, thread: usize, users: Vec<String>) -> Result<Answer, Refusal> {
        self.live_thread(thread)?;
        if !users.iter().all(|user| self.users.contains(user)) {
            return no_thread();
        }
        let each = users.into_iter().map(|user| {
            let was_member = self.leave_one_thread(thread, &user);
            (user, was_member)
        });
        Ok(Answer::Each(each.collect()))
    }

    fn ban(&mut self, user: String, on: bool) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return Err((404, "service_resource_not_found".to_owned()));
        }
        if on {
            self.banned.insert(user);
        } else {
            self.banned.remove(&user);
        }
        Ok(Answer::Done)
    }

    fn mute_in_app(&mut self, user: String, duration: Option<u64>) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return Err((400, "required_property_not_found".to_owned()));
        }
        let length = duration.map(|seconds| i64::try_from(seconds).expect("a small number") * 1000);
        self.muted
            .insert(user, length.map_or(i64::MAX, |length| self.now + length));
        Ok(Answer::Done)
    }

    fn send(&mut self, space: usize, sender: String) -> Result<Answer, Refusal> {
        let is_muted = self.muted.get(&sender).is_some_and(|end| *end > self.now);
        if is_muted && self.spaces[space].0 == Kind::Group {
            return forbidden(403);
        }
        self.messages.push(Sent {
            space,
            sender,
            recalled: false,
            reactions: BTreeSet::new(),
        });
        Ok(Answer::Done)
    }

    fn recall(&mut self, message: usize) -> Result<Answer, Refusal> {
        if std::mem::replace(&mut self.messages[message].recalled, true) {
            return Err((403, "message_recall_error".to_owned()));
        }
        Ok(Answer::Done)
    }

    fn react(&mut self, message: usize, user: String) -> Result<Answer, Refusal> {
        let is_known = self.users.contains(&user);
        let sent = &mut self.messages[message];
        let (kind, view) = &self.spaces[sent.space];
        let is_member = view.as_ref().is_some_and(|view| view.members.contains(&user));
        let can_react = is_known && *kind == Kind::Group && !sent.recalled && (is_member || sent.sender == user);
        if can_react && sent.reactions.insert(user) {
            return Ok(Answer::Done);
        }
        Err((400, "Bad Request".to_owned()))
    }

    fn create_thread_from(&mut self, space: usize, message: usize, owner: String) -> Result<Answer, Refusal> {
        let sent = self.messages[message].clone();
        let (kind, view) = &self.spaces[space];
        let Some(view) = view.as_ref().filter(|_| *kind == Kind::Group) else {
            return no_thread();
        };
        if view.disabled {
            return Err((403, "group_error".to_owned()));
        }
        if !view.members.contains(&owner) || sent.recalled {
            return no_thread();
        }
        if sent.space != space {
            return Err((400, "group_error".to_owned()));
        }
        let is_live = |topic: &Topic| topic.message == Some(message) && topic.members.is_some();
        if self.threads.iter().any(is_live) {
            return Err((403, "group_error".to_owned()));
        }
        self.add_thread(space, owner, Some(message));
        Ok(Answer::Done)
    }

    /// The expected results of the reads of a group or chat room.
    fn seen(&self, view: &View) -> View {
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
    fn created(kind: Kind) -> Self {
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
