//! Random steps that change push settings, templates, bindings and contacts, and send notifications.

use easemob::types::{PushMode, PushScope, PushStrategy};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::support::world::USERS;

/// The names of templates.
pub const TEMPLATES: [&str; 2] = ["order", "default"];

/// The resource IDs of devices.
pub const DEVICES: [&str; 2] = ["phone", "tablet"];

/// The name of the label.
pub const LABEL: &str = "vip";

/// A user who does not exist.
pub const NOBODY: &str = "nobody";

/// The keys of conversations. A user's own ID stands for the whole app.
pub const KEYS: [&str; 3] = ["alice", "BOB", "251"];

/// The number of users. Few users have more to do with each other.
pub const COUNT: usize = 3;

/// A step. Users are indices into `USERS`, with one more for a user who does not exist. The other numbers are indices into the lists
/// above, and texts are given by a number.
#[derive(Debug, Clone)]
pub enum Step {
    Register(usize),
    Delete(usize),
    Online(usize, bool),
    Settings(usize, PushScope, usize, Settings),
    /// An empty language without a number.
    Language(usize, Option<u8>),
    /// The first number is that of the app.
    Template(usize, usize, u8),
    DropTemplate(usize, usize),
    UserTemplate(usize, usize),
    Bind(usize, usize, Binding),
    Nicknames(Vec<(usize, u8)>),
    Befriend(usize, usize),
    Part(usize, usize),
    /// The last number is that of the remark. Without it, the remark is empty.
    Remark(usize, usize, Option<u8>),
    Import(usize, Vec<usize>),
    Label(bool),
    Notify(usize, PushStrategy),
    NotifyLater(Vec<usize>),
    /// Sends notifications to all users or to those with the label, which start as many seconds from now. The last is their number.
    Task(bool, Option<i64>, usize),
    /// The index of a request that is never valid.
    Invalid(usize),
    /// Moves the clock by some seconds.
    Wait(u64),
}

/// Push settings. The last is the length in seconds.
#[derive(Debug, Clone)]
pub struct Settings {
    pub mode: Option<PushMode>,
    pub quiet_hours: Option<&'static str>,
    pub quiet_for: Option<u64>,
}

/// The certificate and the token of a push binding. `None` stands for an empty text.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    pub certificate: Option<u8>,
    pub token: Option<u8>,
}

/// Returns the user ID of an index.
pub fn name(user: usize) -> String {
    let user = if user < COUNT { USERS[user] } else { NOBODY };
    user.to_owned()
}

pub fn names(users: &[usize]) -> Vec<String> {
    users.iter().map(|user| name(*user)).collect()
}

fn user() -> impl Strategy<Value = usize> {
    prop_oneof![5 => 0..2_usize, 2 => 0..COUNT, 1 => Just(COUNT)]
}

fn users() -> impl Strategy<Value = Vec<usize>> {
    subsequence((0..=COUNT).collect::<Vec<_>>(), 1..=3).prop_shuffle()
}

fn settings() -> impl Strategy<Value = Step> {
    let mode = select(vec![
        PushMode::Default,
        PushMode::All,
        PushMode::Mentions,
        PushMode::None,
    ]);
    let hours = prop::option::of(select(vec!["22:00-07:00", "00:00-00:00", ""]));
    let length = prop::option::weighted(0.7, select(vec![0, 60, 7 * 24 * 3600, 7 * 24 * 3600 + 1]));
    let new = (prop::option::of(mode), hours, length).prop_map(|(mode, quiet_hours, quiet_for)| Settings {
        mode,
        quiet_hours,
        quiet_for,
    });
    let scope = || prop_oneof![3 => Just(PushScope::User), 1 => Just(PushScope::Group)];
    prop_oneof![
        9 => (user(), scope(), 0..KEYS.len(), new).prop_map(|(user, scope, key, new)| Step::Settings(user, scope, key, new)),
        1 => (user(), prop::option::of(0..3_u8)).prop_map(|(user, language)| Step::Language(user, language)),
        5 => (0..2_usize, 0..2_usize, 0..3_u8).prop_map(|(app, name, text)| Step::Template(app, name, text)),
        4 => (0..2_usize, 0..2_usize).prop_map(|(app, name)| Step::DropTemplate(app, name)),
        1 => (user(), 0..2_usize).prop_map(|(user, name)| Step::UserTemplate(user, name)),
        3 => prop::collection::vec((0..=COUNT, 0..3_u8), 1..4).prop_map(Step::Nicknames),
    ]
}

fn notifications() -> impl Strategy<Value = Step> {
    let number = || prop::option::weighted(0.85, 0..2_u8);
    let binding = (number(), number()).prop_map(|(certificate, token)| Binding { certificate, token });
    let strategy = select(vec![
        PushStrategy::VendorFirst,
        PushStrategy::OwnOnly,
        PushStrategy::VendorOnly,
        PushStrategy::OwnIfOnline,
        PushStrategy::OnlineOnly,
    ]);
    let month = 30 * 24 * 3600;
    let start = prop::option::weighted(0.3, select(vec![3599, 3600, month, month + 1]));
    prop_oneof![
        8 => (user(), 0..2_usize, binding).prop_map(|(user, device, binding)| Step::Bind(user, device, binding)),
        3 => (user(), any::<bool>()).prop_map(|(user, on)| Step::Online(user, on)),
        8 => (user(), strategy).prop_map(|(user, strategy)| Step::Notify(user, strategy)),
        1 => users().prop_map(Step::NotifyLater),
        1 => prop::bool::weighted(0.7).prop_map(Step::Label),
        8 => (any::<bool>(), start, select(vec![1, 1, 3])).prop_map(|(all, start, count)| Step::Task(all, start, count)),
        1 => any::<usize>().prop_map(Step::Invalid),
    ]
}

fn contacts() -> impl Strategy<Value = Step> {
    let two = || (user(), user()).prop_filter("two users", |(one, other)| one != other);
    prop_oneof![
        3 => two().prop_map(|(one, other)| Step::Befriend(one, other)),
        3 => two().prop_map(|(one, other)| Step::Part(one, other)),
        6 => (two(), prop::option::weighted(0.8, 0..3_u8)).prop_map(|((one, other), text)| Step::Remark(one, other, text)),
        7 => (user(), users()).prop_map(|(user, others)| Step::Import(user, others)),
    ]
}

/// Returns sequences of steps.
pub fn sequences() -> impl Strategy<Value = Vec<Step>> {
    let known = || 0..COUNT;
    let people = prop_oneof![
        2 => known().prop_map(Step::Register),
        1 => known().prop_map(Step::Delete),
        2 => select(vec![1, 300, 3600]).prop_map(Step::Wait),
    ];
    let step = prop_oneof![2 => people, 5 => settings(), 5 => notifications(), 6 => contacts()];
    prop::collection::vec(step, 60..80)
}
