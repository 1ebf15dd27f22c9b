//! Random steps that change groups, chat rooms and threads.

use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::support::space::Kind;
use crate::support::world::USERS;

/// Maximum number of groups and chat rooms at a time.
pub const SPACES: usize = 3;

/// Maximum number of members of each.
pub const MEMBERS: usize = 4;

/// The end of a mute without an end.
pub const FOREVER: i64 = 4_638_873_600_000;

/// A step. Users are indices into `USERS`; groups, chat rooms and threads are numbers in the order of creation, modulo their
/// number.
#[derive(Debug, Clone)]
pub enum Step {
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
pub enum One {
    Add,
    Remove,
    AddAdmin,
    RemoveAdmin,
    Block,
    Unblock,
    Allow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Many {
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
pub enum Field {
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
pub enum Answer {
    Done,
    Flag(bool),
    Users(Vec<String>),
    Each(Vec<(String, bool)>),
    Ends(Vec<(String, i64)>),
}

pub fn sequences() -> impl Strategy<Value = Vec<Step>> {
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
