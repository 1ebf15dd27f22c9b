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
    /// The number of the new content. It has the type of the old one, unless `is_other_type` is `true`.
    pub content: u8,
    pub is_other_type: bool,
    pub ext: Ext,
    /// `true` if the extension is added to the old one.
    pub adds: bool,
}

/// The deletion of messages for a user.
#[derive(Debug, Clone)]
pub struct Forget {
    /// A message of the conversation.
    pub message: usize,
    /// `None` stands for the first user for whom the message waits.
    pub user: Option<usize>,
    /// `None` stands for the conversation to which the message belongs.
    pub peer: Option<Target>,
    pub what: What,
}

/// The messages that a user deletes.
#[derive(Debug, Clone)]
pub enum What {
    /// The message and these others.
    Messages(Vec<usize>),
    /// Up to the time of the message, or to a millisecond before.
    Until(bool),
    /// The conversation, with the messages or without.
    Conversation(bool),
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
    Forget(Forget),
    /// Moves the clock by some seconds.
    Wait(u64),
}

pub fn name(user: usize) -> String {
    USERS[user].to_owned()
}

fn user() -> std::ops::Range<usize> {
    0..USERS.len()
}

/// Most messages are between two users, so that conversations have several.
fn writer() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 0..2_usize, 1 => user()]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        4 => writer().prop_map(Target::User),
        4 => (0..2_usize).prop_map(Target::Group),
        1 => (0..2_usize).prop_map(Target::Room),
    ]
}

fn ext() -> impl Strategy<Value = Ext> {
    prop::option::weighted(0.8, (select(vec!["a", "b"]), 0..3_u8))
}

fn draft() -> impl Strategy<Value = Draft> {
    let content = prop_oneof![
        3 => any::<u8>().prop_map(Content::Text),
        3 => any::<u8>().prop_map(Content::Custom),
        1 => any::<u8>().prop_map(Content::Command),
    ];
    let draft = (prop::option::weighted(0.9, writer()), target(), content, ext());
    draft.prop_map(|(from, to, content, ext)| Draft { from, to, content, ext })
}

fn people() -> impl Strategy<Value = Step> {
    // The first user owns the groups and chat rooms, which stay.
    let other = || 1..USERS.len();
    prop_oneof![
        2 => other().prop_map(Step::Register),
        1 => other().prop_map(Step::Delete),
        5 => (user(), prop::bool::weighted(0.3)).prop_map(|(user, on)| Step::Appear(user, on)),
        3 => (0..2_usize, user()).prop_map(|(group, user)| Step::Join(group, user)),
        2 => (0..2_usize, user()).prop_map(|(group, user)| Step::Leave(group, user)),
        3 => select(vec![1, 120, 121, 3600]).prop_map(Step::Wait),
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
    let content = (any::<u8>(), prop::bool::weighted(0.1));
    let edit = (message(), prop::option::of(user()), content, ext(), any::<bool>());
    let edit = edit.prop_map(|(message, user, (content, is_other_type), ext, adds)| Edit {
        message,
        user,
        content,
        is_other_type,
        ext,
        adds,
    });
    prop_oneof![
        5 => (message(), right(), any::<bool>()).prop_map(|(message, to, force)| Step::Recall(message, to, force)),
        6 => (edit, select(vec![1, 1, 11])).prop_map(|(edit, times)| Step::Edit(edit, times)),
        7 => forget().prop_map(Step::Forget),
    ]
}

fn forget() -> impl Strategy<Value = Forget> {
    let others = subsequence((0..6).collect::<Vec<_>>(), 0..3);
    let what = prop_oneof![
        6 => others.prop_map(What::Messages),
        4 => any::<bool>().prop_map(What::Until),
        4 => any::<bool>().prop_map(What::Conversation),
        1 => Just(What::All),
    ];
    let user = prop::option::weighted(0.4, user());
    // The target may also be the user.
    let peer = prop::option::weighted(0.4, target());
    let forget = (0..6_usize, user, peer, what);
    forget.prop_map(|(message, user, peer, what)| Forget {
        message,
        user,
        peer,
        what,
    })
}

/// Returns sequences of steps.
pub fn sequences() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![2 => people(), 3 => sending(), 3 => changes()];
    prop::collection::vec(step, 40..60)
}
