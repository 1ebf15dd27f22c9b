//! The behaviour of the service: what each operation does to the state of an app, and what it returns.

mod accounts;
mod chatroom_attributes;
mod chatroom_members;
mod chatroom_super_admins;
mod chatrooms;
mod contacts;
mod example_states;
mod examples;
mod files;
mod group_files;
mod group_member_attributes;
mod group_members;
mod groups;
mod history;
mod message_changes;
mod messages;
mod metadata;
mod mutes;
mod ordered;
mod overview;
mod presence;
mod push;
mod push_labels;
mod push_messages;
mod reactions;
mod roaming;
mod robots;
mod service;
mod settings;
mod space;
mod stored_webhooks;
mod thread_members;
mod threads;
mod tokens;
mod users;
mod webhooks;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::runtime::{Ids, Outbox, Tokens};
use crate::types::{PushTemplate, Robot};
use accounts::{Accounts, UserNo};
use files::FileStore;
use history::Link;
use messages::MessageStore;
use ordered::Ordered;
use push_labels::LabelStore;
pub use settings::{Plan, Settings};
use space::Spaces;
use threads::ThreadStore;

/// The state of an app.
#[derive(Debug, Serialize, Deserialize)]
pub struct App {
    /// The organization.
    org: String,
    /// The name of the app.
    name: String,
    /// The UUID of the app.
    uuid: String,
    client_id: String,
    client_secret: String,
    ids: Ids,
    tokens: Tokens<Subject>,
    accounts: Accounts,
    groups: Spaces,
    rooms: Spaces,
    /// The users who can create chat rooms in client apps.
    super_admins: Ordered<UserNo>,
    threads: ThreadStore,
    messages: MessageStore,
    files: FileStore,
    push_templates: BTreeMap<String, PushTemplate>,
    /// The shared files of groups.
    group_files: FileStore,
    labels: LabelStore,
    /// The times at which the last push tasks were created.
    push_tasks: Vec<i64>,
    robots: Vec<Robot>,
    /// The links to history files, by their secrets.
    links: HashMap<String, Link>,
    /// The webhooks to the backend.
    outbox: Outbox,
}

/// The owner of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Subject {
    /// The app, with administrator rights.
    App,
    /// A user.
    User(UserNo),
}
