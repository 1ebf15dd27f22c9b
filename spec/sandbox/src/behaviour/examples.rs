//! The data with which an app can start: users, groups, chat rooms, a thread and a file with the IDs that the docs use.

use super::App;
use super::accounts::UserNo;
use super::messages::Message;
use super::ordered::Ordered;
use super::space::{Kind, Space};
use super::threads::ThreadState;
use crate::errors::Known;
use crate::runtime::{Failure, Upload};
use crate::types::{ChatType, HistoryBody, TextRecord};

/// The users. The password of each is `example-password`.
const USERS: [&str; 10] = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "mallory", "trudy",
];

/// ID, name, owner and other members of each group, oldest first.
const GROUPS: [(&str, &str, &str, &[&str]); 3] = [
    ("251731710115841", "Release team", "alice", &["bob", "dave"]),
    ("251738152566785", "周末徒步", "bob", &["alice", "carol"]),
    (
        "251740836921345",
        "Tea and code",
        "alice",
        &["bob", "carol", "mallory", "trudy"],
    ),
];

/// ID, name, owner and other members of each chat room, oldest first.
const ROOMS: [(&str, &str, &str, &[&str]); 3] = [
    (
        "251742019715073",
        "Launch party",
        "alice",
        &["bob", "carol", "frank", "heidi"],
    ),
    ("251742403592193", "周五直播间", "bob", &["alice"]),
    ("251742787469313", "Help desk", "carol", &[]),
];

/// The messages of the group with a thread, and without one.
const PARENT: u64 = 1_284_460_951_017_736_224;
const MESSAGE: u64 = 1_284_460_940_261_542_944;

/// The thread.
const THREAD: u64 = 251_741_129_318_401;

/// The file.
const FILE: &str = "8f0d3b62-27d1-11ef-a4c9-5d7e2f61b038";

impl App {
    /// Adds the data.
    pub(super) fn add_sample_data(&mut self, now: i64) -> Result<(), Failure> {
        for username in USERS {
            self.register(now, username, Some("example-password"), None)?;
        }
        let [alice, bob, carol] = [self.sample("alice")?, self.sample("bob")?, self.sample("carol")?];
        self.befriend(alice, bob);
        self.befriend(alice, carol);
        for (kind, spaces) in [(Kind::Group, GROUPS), (Kind::Room, ROOMS)] {
            for (id, name, owner, members) in spaces {
                let owner = self.sample(owner)?;
                let members = members.iter().map(|member| self.sample(member));
                let members = members.collect::<Result<Vec<_>, _>>()?;
                let mut space = Space::new(owner, name.to_owned(), String::new(), 200, now);
                space.public = true;
                self.add_space(kind, Some(id), space, members)?;
            }
        }
        self.add_sample_thread(now, carol)?;
        let upload = Upload {
            name: "hello.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            content: "Hello from Alice".into(),
        };
        self.files.add(FILE.to_owned(), upload, None, now);
        Ok(())
    }

    /// Sends two messages to a group and starts a thread from one of them.
    fn add_sample_thread(&mut self, now: i64, creator: UserNo) -> Result<(), Failure> {
        let (id, ..) = GROUPS[2];
        for (message, text) in [(PARENT, "Lunch at noon?"), (MESSAGE, "大家好")] {
            let text = TextRecord {
                msg: text.to_owned(),
                ..TextRecord::default()
            };
            self.messages.add(Message {
                id: message,
                time: now,
                kind: ChatType::Group,
                from: "alice".to_owned(),
                to: id.to_owned(),
                body: HistoryBody::Text(text),
                ext: None,
            });
        }
        let thread = ThreadState {
            name: "Lunch".to_owned(),
            owner: self.accounts.name(creator),
            group: self.require_space(Kind::Group, id, Known::GroupError404)?,
            message: PARENT.to_string(),
            created: now,
            members: Ordered::default(),
        };
        self.add_thread(THREAD, thread);
        self.join_thread(THREAD, creator);
        Ok(())
    }

    fn sample(&self, username: &str) -> Result<UserNo, Failure> {
        self.named_user(username)
    }
}
