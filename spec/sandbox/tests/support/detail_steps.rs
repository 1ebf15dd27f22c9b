//! Random steps that change attributes, shared files, reactions, mutes, push labels and presences.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::support::space::Kind;
use crate::support::world::USERS;

/// The emojis of reactions.
pub const EMOJIS: [&str; 2] = ["smile", "tea"];

/// The names of labels.
pub const LABELS: [&str; 2] = ["vip", "new"];

/// The resource IDs of devices.
pub const DEVICES: [&str; 2] = ["android_1", "web_2"];

/// The keys of attributes.
pub const KEYS: [&str; 3] = ["a", "b", "c"];

/// A step. Users are indices into `USERS`, and the other numbers indices into the lists of names above. Messages and files are numbers
/// in the order of creation, modulo their number.
#[derive(Debug, Clone)]
pub enum Step {
    Register(usize),
    Delete(usize),
    Ban(usize, bool),
    Join(Kind, usize),
    Leave(Kind, usize),
    /// Leaves and joins again.
    Rejoin(Kind, usize),
    /// Sets an attribute of each of these members of the group to a text with the number, or removes it.
    Members(Vec<usize>, usize, Option<u8>),
    Member(usize, usize, Option<u8>),
    Room(Change, Vec<usize>, u8),
    DropRoom(Change, Vec<usize>),
    /// The length of the file.
    Share(usize),
    Unshare(usize),
    /// To the group.
    SendToGroup(usize),
    /// To a user.
    Send(usize, usize),
    React(usize, usize, usize),
    Unreact(usize, usize, usize),
    /// The durations in seconds for one-to-one chats, groups and chat rooms.
    Mute(usize, [Option<Length>; 3]),
    Label(usize),
    DropLabel(usize),
    Tag(usize, Vec<usize>),
    Untag(usize, Vec<usize>),
    Appear(usize, usize, u8),
    Disconnect(usize, Option<usize>),
    Subscribe(usize, Vec<usize>, i64),
    Unsubscribe(usize, Vec<usize>),
    /// Moves the clock by some seconds.
    Wait(u64),
}

/// The duration of a mute in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    Seconds(u32),
    Forever,
}

/// The user who changes attributes of the chat room.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub user: usize,
    pub forced: bool,
    /// `true` if the attributes stay when the user leaves.
    pub keep: bool,
}

pub fn name(user: usize) -> String {
    USERS[user].to_owned()
}

pub fn names(users: &[usize]) -> Vec<String> {
    users.iter().map(|user| name(*user)).collect()
}

pub fn keys(keys: &[usize]) -> Vec<String> {
    keys.iter().map(|key| KEYS[*key].to_owned()).collect()
}

fn some(of: usize) -> impl Strategy<Value = Vec<usize>> {
    subsequence((0..of).collect::<Vec<_>>(), 1..=of.min(3)).prop_shuffle()
}

/// Most steps concern the first users, so that they concern the same ones again.
fn user() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 0..3_usize, 1 => 0..USERS.len()]
}

/// Many users react to the first message with the first emoji.
fn first() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0), 1 => 0..2_usize]
}

fn people() -> impl Strategy<Value = Step> {
    // The first user owns the group and the chat room, which stay.
    let other = || prop_oneof![3 => 1..3_usize, 1 => 1..USERS.len()];
    let kind = || prop_oneof![Just(Kind::Group), Just(Kind::Room)];
    prop_oneof![
        3 => other().prop_map(Step::Register),
        2 => other().prop_map(Step::Delete),
        2 => (user(), any::<bool>()).prop_map(|(user, on)| Step::Ban(user, on)),
        9 => (kind(), 0..USERS.len()).prop_map(|(kind, user)| Step::Join(kind, user)),
        4 => (kind(), user()).prop_map(|(kind, user)| Step::Rejoin(kind, user)),
        4 => (kind(), user()).prop_map(|(kind, user)| Step::Leave(kind, user)),
        3 => select(vec![1, 20, 3600, 700_000, 700_000]).prop_map(Step::Wait),
    ]
}

fn attributes() -> impl Strategy<Value = Step> {
    let value = || prop::option::weighted(0.8, 0..3_u8);
    let change = || {
        let change = (user(), prop::bool::weighted(0.3), any::<bool>());
        change.prop_map(|(user, forced, keep)| Change { user, forced, keep })
    };
    prop_oneof![
        2 => (some(USERS.len()), 0..3_usize, value()).prop_map(|(users, key, value)| Step::Members(users, key, value)),
        3 => (user(), 0..3_usize, value()).prop_map(|(user, key, value)| Step::Member(user, key, value)),
        5 => (change(), some(3), 0..3_u8).prop_map(|(change, keys, value)| Step::Room(change, keys, value)),
        3 => (change(), some(3)).prop_map(|(change, keys)| Step::DropRoom(change, keys)),
        3 => (0..99_usize).prop_map(Step::Share),
        5 => (0..3_usize).prop_map(Step::Unshare),
    ]
}

fn messages() -> impl Strategy<Value = Step> {
    let length = || {
        prop::option::of(prop_oneof![
            Just(Length::Forever),
            select(vec![0, 20, 5000]).prop_map(Length::Seconds),
        ])
    };
    prop_oneof![
        2 => user().prop_map(Step::SendToGroup),
        2 => (user(), user()).prop_map(|(from, to)| Step::Send(from, to)),
        12 => (first(), 0..USERS.len(), first()).prop_map(|(message, user, emoji)| Step::React(message, user, emoji)),
        4 => (0..2_usize, user(), 0..2_usize).prop_map(|(message, user, emoji)| Step::Unreact(message, user, emoji)),
        5 => (0..3_usize, [length(), length(), length()]).prop_map(|(user, lengths)| Step::Mute(user, lengths)),
    ]
}

fn presences() -> impl Strategy<Value = Step> {
    let users = || some(USERS.len());
    prop_oneof![
        4 => (0..2_usize).prop_map(Step::Label),
        1 => (0..2_usize).prop_map(Step::DropLabel),
        6 => (0..2_usize, users()).prop_map(|(label, users)| Step::Tag(label, users)),
        2 => (0..2_usize, users()).prop_map(|(label, users)| Step::Untag(label, users)),
        5 => (user(), 0..2_usize, 0..3_u8).prop_map(|(user, device, state)| Step::Appear(user, device, state)),
        2 => (user(), prop::option::of(0..2_usize)).prop_map(|(user, device)| Step::Disconnect(user, device)),
        4 => (user(), users(), select(vec![20, 5000])).prop_map(|(user, users, time)| Step::Subscribe(user, users, time)),
        2 => (user(), users()).prop_map(|(user, users)| Step::Unsubscribe(user, users)),
    ]
}

/// Returns sequences of steps.
pub fn sequences() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![3 => people(), 3 => attributes(), 3 => messages(), 3 => presences()];
    prop::collection::vec(step, 60..80)
}
