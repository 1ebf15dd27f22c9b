//! Random steps that send, change and delete messages.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::support::world::USERS;

/// The receiver of a message: the index of a user, of a group or of a chat room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    User(usize),
    Group(usize),
    Room(usize),
}

/// The content of a message, by number.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    Text(u8),
    Custom(u8),
    Command(u8),
}

impl Content {
    /// Returns the text, event or command.
    pub fn text(self) -> String {
        match self {
            Self::Text(number) => format!("text {number}"),
            Self::Custom(number) => format!("event{number}"),
            Self::Command(number) => format!("command {number}"),
        }
    }
}

/// A key of the extension of a message, and its value.
pub type Ext = Option<(&'static str, u8)>;

/// A message to send.
#[derive(Debug, Clone)]
pub struct Draft {
    /// `None` if the request does not contain a sender.
    pub from: Option<usize>,
    pub to: Target,
    pub content: Content,
    pub ext: Ext,
}

/// An edit of a message.
#[derive(Debug, Clone)]
pub struct Edit {
    pub message: usize,
    pub user: Option<usize>,
    pub content: Content,
    pub ext: Ext,
    /// `true` if the extension is added to the old one.
    pub adds: bool,
}

/// Messages that a user deletes. `None` stands for the conversation to which the message belongs.
#[derive(Debug, Clone)]
pub enum Deletion {
    Messages(Option<Target>, Vec<usize>),
    /// The time is that of the message, or a millisecond before.
    Until(Option<Target>, usize, bool),
    /// With the messages or without.
    Conversation(Option<Target>, usize, bool),
    All,
}

/// A step. Users are indices into `USERS`. Messages are counted from the last, which is 0. A number that is too large stands for a
/// message that does not exist.
#[derive(Debug, Clone)]
pub enum Step {
    Register(usize),
    Delete(usize),
    /// Brings a user online, or logs the user out.
    Appear(usize, bool),
    Join(usize, usize),
    Leave(usize, usize),
    Send(Draft),
    /// Sends a message to these members only.
    SendToSome(Draft, Vec<usize>),
    Broadcast(Option<usize>, u8),
    /// Imports a message that was sent some minutes ago.
    Import(Draft, i64),
    /// Recalls a message, by force or not. The receiver is the right one or this.
    Recall(usize, Option<Target>, bool),
    /// Edits a message several times.
    Edit(Edit, usize),
    Forget(usize, Deletion),
    /// Moves the clock by some seconds.
    Wait(u64),
}

pub fn name(user: usize) -> String {
    USERS[user].to_owned()
}

fn user() -> std::ops::Range<usize> {
    0..USERS.len()
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        4 => user().prop_map(Target::User),
        4 => (0..2_usize).prop_map(Target::Group),
        1 => (0..2_usize).prop_map(Target::Room),
    ]
}

fn ext() -> impl Strategy<Value = Ext> {
    prop::option::of((select(vec!["a", "b"]), 0..3_u8))
}

fn draft() -> impl Strategy<Value = Draft> {
    let content = prop_oneof![
        3 => any::<u8>().prop_map(Content::Text),
        3 => any::<u8>().prop_map(Content::Custom),
        1 => any::<u8>().prop_map(Content::Command),
    ];
    let draft = (prop::option::weighted(0.9, user()), target(), content, ext());
    draft.prop_map(|(from, to, content, ext)| Draft { from, to, content, ext })
}

fn people() -> impl Strategy<Value = Step> {
    // The first user owns the groups and chat rooms, which stay.
    let other = || 1..USERS.len();
    prop_oneof![
        2 => other().prop_map(Step::Register),
        1 => other().prop_map(Step::Delete),
        5 => (user(), prop::bool::weighted(0.4)).prop_map(|(user, on)| Step::Appear(user, on)),
        3 => (0..2_usize, user()).prop_map(|(group, user)| Step::Join(group, user)),
        2 => (0..2_usize, user()).prop_map(|(group, user)| Step::Leave(group, user)),
        3 => select(vec![1, 60, 121, 3600]).prop_map(Step::Wait),
    ]
}

fn sending() -> impl Strategy<Value = Step> {
    let some = || subsequence(user().collect::<Vec<_>>(), 1..=3);
    prop_oneof![
        8 => draft().prop_map(Step::Send),
        2 => (draft(), some()).prop_map(|(draft, users)| Step::SendToSome(draft, users)),
        1 => (prop::option::of(user()), any::<u8>()).prop_map(|(from, text)| Step::Broadcast(from, text)),
        2 => (draft(), 0..120_i64).prop_map(|(draft, minutes)| Step::Import(draft, minutes)),
    ]
}

fn changes() -> impl Strategy<Value = Step> {
    let message = || 0..6_usize;
    let right = || prop::option::weighted(0.2, target());
    let content = prop_oneof![
        any::<u8>().prop_map(Content::Text),
        any::<u8>().prop_map(Content::Custom),
    ];
    let edit = (message(), prop::option::of(user()), content, ext(), any::<bool>());
    let edit = edit.prop_map(|(message, user, content, ext, adds)| Edit {
        message,
        user,
        content,
        ext,
        adds,
    });
    prop_oneof![
        3 => (message(), right(), prop::bool::weighted(0.3)).prop_map(|(message, to, force)| Step::Recall(message, to, force)),
        5 => (edit, select(vec![1, 1, 6])).prop_map(|(edit, times)| Step::Edit(edit, times)),
        6 => user().prop_flat_map(|user| deletion(user).prop_map(move |deletion| Step::Forget(user, deletion))),
    ]
}

fn deletion(user: usize) -> impl Strategy<Value = Deletion> {
    let message = || 0..6_usize;
    let peer = || {
        prop_oneof![
            6 => Just(None),
            2 => target().prop_map(Some),
            1 => Just(Some(Target::User(user))),
        ]
    };
    let messages = subsequence((0..6).collect::<Vec<_>>(), 1..=3);
    prop_oneof![
        4 => (peer(), messages).prop_map(|(peer, messages)| Deletion::Messages(peer, messages)),
        4 => (peer(), message(), any::<bool>()).prop_map(|(peer, message, exact)| Deletion::Until(peer, message, exact)),
        4 => (peer(), message(), prop::bool::weighted(0.7)).prop_map(|(peer, message, with)| Deletion::Conversation(peer, message, with)),
        1 => Just(Deletion::All),
    ]
}

/// Returns sequences of steps.
pub fn sequences() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![2 => people(), 3 => sending(), 3 => changes()];
    prop::collection::vec(step, 40..60)
}
