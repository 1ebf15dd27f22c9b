//! The data with which an app can start, so that every sample in the docs succeeds: what a sample reads, changes or deletes exists,
//! and what it creates does not.
//!
//! Times are those in the docs, except for what expires: the times of files and mutes are relative to the start.

use super::accounts::{PasswordHash, UserNo};
use super::chatroom_attributes::RoomAttribute;
use super::message_changes::EDITS;
use super::messages::Message;
use super::mutes::MuteEnds;
use super::ordered::Ordered;
use super::space::{Change, Kind, Space};
use super::threads::ThreadState;
use super::{App, Subject};
use crate::errors::Known;
use crate::runtime::{Failure, Upload};
use crate::types::{
    ChatType, CustomBody, FileRecord, HistoryBody, ImageRecord, LocationRecord, MessageContent, PixelSize,
    PushDisplayStyle, TextRecord, UserStatusReason,
};

/// UUID, user ID and push nickname of each user, in the order of registration.
const USERS: [(&str, &str, Option<&str>); 12] = [
    ("0b6e4f10-27c3-11ef-8d5a-41c7a9e2b360", "alice", Some("Alice")),
    ("1d92c7a4-27c3-11ef-9f18-6b0e5d3c8f47", "bob", Some("Bob")),
    ("1d939af2-27c3-11ef-9f18-6b0e5d3c8f47", "carol", None),
    ("3a57d0c6-27c3-11ef-b6e1-8f24c1a7095d", "dave", None),
    ("3a58f1d2-27c3-11ef-b6e1-8f24c1a7095d", "erin", None),
    ("52c40e68-27c3-11ef-a1d7-3e96b80c5f21", "frank", None),
    ("52c5a9b4-27c3-11ef-a1d7-3e96b80c5f21", "grace", None),
    ("52c6d37e-27c3-11ef-a1d7-3e96b80c5f21", "heidi", None),
    ("6e81f05a-27c3-11ef-9c42-d05b7e1a8364", "ivan", None),
    ("6e830c96-27c3-11ef-9c42-d05b7e1a8364", "judy", None),
    ("7f29b4d0-27c3-11ef-8be3-60a4c1f7d952", "mallory", None),
    ("7f2ae17c-27c3-11ef-8be3-60a4c1f7d952", "trudy", None),
];

/// The time at which the first user registers. Each of the others follows a minute later.
const REGISTERED: i64 = 1_717_977_600_125;

/// The password of every user.
const PASSWORD: &str = "example-password";

/// A token of the app, which does not expire.
const TOKEN: &str = "example-app-token";

/// The duration of mutes in groups and chat rooms, and of subscriptions: 30 days in milliseconds.
const DURATION: i64 = 30 * 24 * 3600 * 1000;

/// The IDs of the groups, oldest first.
const RELEASE_TEAM: &str = "251731710115841";
const HIKING: &str = "251738152566785";
const TEA_AND_CODE: &str = "251740836921345";

/// The IDs of the chat rooms, oldest first.
const LAUNCH_PARTY: &str = "251742019715073";
const FRIDAY_STREAM: &str = "251742403592193";
const HELP_DESK: &str = "251742787469313";

/// Users of a group or chat room beside its owner, separated by spaces. Members are in the order of joining.
#[derive(Default)]
struct Roles {
    members: &'static str,
    admins: &'static str,
    allowed: &'static str,
    blocked: &'static str,
    muted: &'static str,
    muted_forever: &'static str,
}

/// The messages with content of several types: ID, time, sender and receiver. All but the last are in the history file of the docs.
const MESSAGES: [(ChatType, u64, i64, &str, &str); 5] = [
    (
        ChatType::Chat,
        1_284_460_918_744_780_832,
        1_718_323_260_400,
        "alice",
        "bob",
    ),
    (
        ChatType::Chat,
        1_284_460_921_135_541_280,
        1_718_323_320_189,
        "alice",
        "bob",
    ),
    (
        ChatType::Group,
        1_284_460_930_924_609_568,
        1_718_323_380_551,
        "carol",
        TEA_AND_CODE,
    ),
    (
        ChatType::Room,
        1_284_460_942_652_293_152,
        1_718_323_620_349,
        "alice",
        LAUNCH_PARTY,
    ),
    (
        ChatType::Chat,
        1_284_460_935_480_042_528,
        1_718_326_860_733,
        "alice",
        "bob",
    ),
];

/// The texts sent to groups: ID, time, sender, group and text. Threads start from all but the last.
const GROUP_MESSAGES: [(u64, i64, &str, &str, &str); 4] = [
    (
        1_284_460_951_017_736_224,
        1_718_495_340_096,
        "carol",
        TEA_AND_CODE,
        "Lunch at noon?",
    ),
    (
        1_284_460_940_261_542_944,
        1_718_496_540_318,
        "alice",
        TEA_AND_CODE,
        "大家好",
    ),
    (
        1_284_461_209_939_968_128,
        1_718_497_440_255,
        "bob",
        HIKING,
        "带什么装备？",
    ),
    (
        1_284_461_330_198_528_096,
        1_718_499_600_471,
        "bob",
        TEA_AND_CODE,
        "Who writes the release notes?",
    ),
];

/// The threads: ID, time, name, creator, group, message and other members in the order of joining.
const THREADS: [(u64, i64, &str, &str, &str, u64, &str); 3] = [
    (
        251_741_129_318_401,
        1_718_495_400_117,
        "Lunch",
        "carol",
        TEA_AND_CODE,
        GROUP_MESSAGES[0].0,
        "",
    ),
    (
        251_741_733_298_177,
        1_718_496_600_204,
        "周五发布",
        "alice",
        TEA_AND_CODE,
        GROUP_MESSAGES[1].0,
        "bob carol",
    ),
    (
        251_742_102_396_929,
        1_718_497_500_640,
        "装备清单",
        "bob",
        HIKING,
        GROUP_MESSAGES[2].0,
        "alice",
    ),
];

/// The files: UUID, name, content and share secret.
const FILES: [(&str, &str, &str, Option<&str>); 2] = [
    (
        "8f0d3b62-27d1-11ef-a4c9-5d7e2f61b038",
        "hello.txt",
        "Hello from Alice",
        Some("example-share-secret"),
    ),
    ("95b1e7c0-27d1-11ef-a4c9-5d7e2f61b038", "说明.txt", "你好", None),
];

/// ID, name and content of the shared files of a group.
const GROUP_FILES: [(&str, &str, &str); 2] = [
    (
        "61b09a3e-27d4-11ef-b6f0-93a5c7e1d820",
        "座位表.txt",
        "alice 1, bob 7, carol 8",
    ),
    ("4e2c81d6-27d4-11ef-b6f0-93a5c7e1d820", "menu.txt", "Green tea, scones"),
];

fn text_file(name: &str, content: &'static str) -> Upload {
    Upload {
        name: name.to_owned(),
        media_type: "text/plain".to_owned(),
        content: content.into(),
    }
}

impl App {
    /// Adds the data.
    pub(super) fn add_sample_data(&mut self, now: i64) -> Result<(), Failure> {
        self.tokens.issue(TOKEN.to_owned(), Subject::App, None);
        self.add_sample_users()?;
        self.add_sample_settings()?;
        self.add_sample_presences(now)?;
        self.add_sample_groups(now)?;
        self.add_sample_rooms(now)?;
        self.add_sample_messages();
        self.add_sample_threads()?;
        self.add_sample_states()?;
        self.add_sample_webhooks(now);
        for (uuid, name, content, share_secret) in FILES {
            let share_secret = share_secret.map(str::to_owned);
            self.files
                .add(uuid.to_owned(), text_file(name, content), share_secret, now);
        }
        for (id, name, content) in GROUP_FILES {
            self.share_file(TEA_AND_CODE, id.to_owned(), text_file(name, content), now)?;
        }
        Ok(())
    }

    fn add_sample_users(&mut self) -> Result<(), Failure> {
        // Hashed once, because it takes most of the time.
        let password = PasswordHash::new(PASSWORD, self.ids.secret(16));
        for ((uuid, username, nickname), minute) in USERS.into_iter().zip(0..) {
            let created = REGISTERED + minute * 60_000;
            let user = self.register(created, username, None, nickname.map(str::to_owned))?;
            self.accounts.set_uuid(user, uuid);
            if let Some(account) = self.accounts.get_mut(user) {
                account.password = Some(password.clone());
            }
        }
        Ok(())
    }

    /// Sets push settings and attributes, and fills a contact list and a block list.
    fn add_sample_settings(&mut self) -> Result<(), Failure> {
        let alice = self.named_user("alice")?;
        if let Some(account) = self.accounts.get_mut(alice) {
            account.display_style = Some(PushDisplayStyle::Detail);
            account.do_not_disturb = Some(true);
            account.do_not_disturb_start = Some(22);
            account.do_not_disturb_end = Some(7);
        }
        for contact in self.sample_users("bob carol")? {
            self.befriend(alice, contact);
        }
        for user in self.sample_users("mallory dave erin")? {
            self.block_user(alice, user);
        }
        for (username, key, value) in [
            ("alice", "nickname", "爱丽丝"),
            ("alice", "gender", "2"),
            ("alice", "avatarurl", "https://cdn.example.com/alice.png"),
            ("bob", "nickname", "Bob"),
        ] {
            let attributes = self.accounts.attributes.entry(username.to_owned()).or_default();
            attributes.insert(key.to_owned(), value.to_owned());
        }
        Ok(())
    }

    /// Logs users in, subscribes one to the presences of others, and mutes users in the whole app.
    fn add_sample_presences(&mut self, now: i64) -> Result<(), Failure> {
        for (username, device, state, seconds, ext) in [
            (
                "alice",
                "android_7d3c5a90-8e1f-4b62-a0d4-c95f2b7e6138",
                "1",
                1_718_071_200,
                "",
            ),
            ("alice", "webim_1718071200318", "1", 1_718_071_200, ""),
            (
                "bob",
                "ios_3b9d8f10-c2a7-4e65-9d1b-08f7a6e5c4d3",
                "1",
                1_718_585_400,
                "Having tea",
            ),
            ("carol", "webim_1718496600204", "0", 1_718_499_000, ""),
        ] {
            let user = self.named_user(username)?;
            let reason = UserStatusReason::Logout;
            self.set_state(user, device, state.to_owned(), reason, seconds * 1000);
            if let Some(account) = self.accounts.get_mut(user) {
                ext.clone_into(&mut account.presence.ext);
            }
        }
        let [alice, mallory, trudy] = [
            self.named_user("alice")?,
            self.named_user("mallory")?,
            self.named_user("trudy")?,
        ];
        let ends = self
            .sample_users("bob carol")?
            .into_iter()
            .map(|user| (user, now + DURATION));
        if let Some(account) = self.accounts.get_mut(alice) {
            account.presence.subscriptions.extend(ends);
        }
        let (chat, group) = (Some(now + 3_600_000), Some(i64::MAX));
        let room = Some(now);
        for (user, mutes) in [
            (
                mallory,
                MuteEnds {
                    chat,
                    group,
                    room: None,
                },
            ),
            (
                trudy,
                MuteEnds {
                    room,
                    ..MuteEnds::default()
                },
            ),
        ] {
            self.accounts.muted.insert(user);
            if let Some(account) = self.accounts.get_mut(user) {
                account.mutes = mutes;
            }
        }
        Ok(())
    }

    fn add_sample_groups(&mut self, now: i64) -> Result<(), Failure> {
        let [alice, bob] = [self.named_user("alice")?, self.named_user("bob")?];
        let release = Space::new(alice, "Release team".to_owned(), String::new(), 300, 1_718_150_400_337);
        let roles = Roles {
            members: "bob dave",
            admins: "dave",
            ..Roles::default()
        };
        self.add_sample_space(Kind::Group, RELEASE_TEAM, release, &roles, now)?;
        let hiking = Space {
            allow_invites: true,
            invite_need_confirm: false,
            all_muted: true,
            ..Space::new(bob, "周末徒步".to_owned(), String::new(), 50, 1_718_323_200_129)
        };
        let roles = Roles {
            members: "alice carol",
            admins: "carol",
            ..Roles::default()
        };
        self.add_sample_space(Kind::Group, HIKING, hiking, &roles, now)?;
        let (name, description) = ("Tea and code".to_owned(), "Talk over a cup".to_owned());
        let tea = Space {
            avatar: Some("https://cdn.example.com/tea.png".to_owned()),
            custom: r#"{"topic":"tea"}"#.to_owned(),
            public: true,
            members_only: true,
            announcement: Some("周六下午茶会，地点另行通知。".to_owned()),
            ..Space::new(alice, name, description, 200, 1_718_400_000_614)
        };
        let roles = Roles {
            members: "bob carol frank grace heidi ivan",
            admins: "bob",
            allowed: "carol ivan",
            blocked: "mallory trudy",
            muted: "frank",
            muted_forever: "grace",
        };
        self.add_sample_space(Kind::Group, TEA_AND_CODE, tea, &roles, now)?;
        for (member, key, value) in [
            ("bob", "nickname", "茶友老鲍"),
            ("bob", "seat", "7"),
            ("carol", "seat", "8"),
        ] {
            let member = self.named_user(member)?;
            let attributes = &mut self.space_mut(Kind::Group, TEA_AND_CODE)?.attributes;
            attributes
                .entry(member)
                .or_default()
                .insert(key.to_owned(), value.to_owned());
        }
        Ok(())
    }

    fn add_sample_rooms(&mut self, now: i64) -> Result<(), Failure> {
        let [alice, bob, carol] = [
            self.named_user("alice")?,
            self.named_user("bob")?,
            self.named_user("carol")?,
        ];
        let description = "Questions and answers on the new release".to_owned();
        let party = Space {
            custom: r#"{"season":"summer"}"#.to_owned(),
            announcement: Some("今晚八点开始，欢迎提问。".to_owned()),
            ..Space::new(alice, "Launch party".to_owned(), description, 300, 1_718_496_000_442)
        };
        let roles = Roles {
            members: "bob carol dave erin ivan",
            admins: "bob",
            allowed: "carol dave",
            blocked: "frank heidi",
            muted: "erin",
            muted_forever: "ivan",
        };
        self.add_sample_space(Kind::Room, LAUNCH_PARTY, party, &roles, now)?;
        for (key, value) in [("host", "bob"), ("topic", "Release")] {
            let attribute = RoomAttribute {
                value: value.to_owned(),
                owner: bob,
                leaves: false,
            };
            let attributes = &mut self.space_mut(Kind::Room, LAUNCH_PARTY)?.room_attributes;
            attributes.insert(key.to_owned(), attribute);
        }
        for admin in self.sample_users("grace heidi")? {
            self.super_admins.insert(admin);
        }
        let stream = Space::new(bob, "周五直播间".to_owned(), String::new(), 1000, 1_718_496_030_671);
        let roles = Roles {
            members: "alice",
            admins: "alice",
            ..Roles::default()
        };
        self.add_sample_space(Kind::Room, FRIDAY_STREAM, stream, &roles, now)?;
        let desk = Space::new(carol, "Help desk".to_owned(), String::new(), 1000, 1_718_496_060_905);
        let roles = Roles {
            members: "alice",
            ..Roles::default()
        };
        self.add_sample_space(Kind::Room, HELP_DESK, desk, &roles, now)
    }

    fn add_sample_space(&mut self, kind: Kind, id: &str, space: Space, roles: &Roles, now: i64) -> Result<(), Failure> {
        let members = self.sample_users(roles.members)?;
        self.add_space(kind, Some(id), space, members)?;
        for admin in roles.admins.split_whitespace() {
            self.add_admin(kind, id, admin)?;
        }
        for member in roles.allowed.split_whitespace() {
            self.change_one(kind, id, member, Change::Allow)?;
        }
        for user in self.sample_users(roles.blocked)? {
            self.space_mut(kind, id)?.blocked.insert(user);
        }
        for (members, duration) in [(roles.muted, DURATION), (roles.muted_forever, -1)] {
            let members: Vec<_> = members.split_whitespace().map(str::to_owned).collect();
            self.mute(kind, id, &members, duration, now)?;
        }
        Ok(())
    }

    /// Adds the messages to groups, and those of the history file in the docs.
    fn add_sample_messages(&mut self) {
        let file = FileRecord {
            filename: Some("cat.jpg".to_owned()),
            file_length: Some(84_213),
            url: Some(format!("https://a1.easemob.com/acme/support/chatfiles/{}", FILES[0].0)),
            secret: FILES[0].3.map(str::to_owned),
        };
        let (width, height) = (1280, 960);
        let size = Some(PixelSize { width, height });
        let image = HistoryBody::Image(ImageRecord { file, size });
        let place = HistoryBody::Location(LocationRecord {
            lat: Some(30.2741),
            lng: Some(120.1551),
            addr: Some("杭州市西湖区".to_owned()),
        });
        let gift = custom("gift", [("name", "rose"), ("count", "9")]);
        let shipped = custom("order/shipped", [("order", "A-1027"), ("carrier", "acme-post")]);
        let mut ext = Some([("thread".to_owned(), "lunch".into())].into_iter().collect());
        let bodies = [text("Lunch at noon?"), image, place, gift, shipped];
        for ((kind, id, time, from, to), body) in MESSAGES.into_iter().zip(bodies) {
            let message = message(kind, id, time, from, to, body);
            self.messages.add(Message {
                ext: ext.take(),
                ..message
            });
        }
        for (id, time, from, to, words) in GROUP_MESSAGES {
            let body = text(words);
            self.messages.add(message(ChatType::Group, id, time, from, to, body));
        }
        self.messages.changes_mut(GROUP_MESSAGES[2].0).edits = EDITS;
    }

    fn add_sample_threads(&mut self) -> Result<(), Failure> {
        for (no, created, name, creator, group, message, members) in THREADS {
            let thread = ThreadState {
                name: name.to_owned(),
                owner: creator.to_owned(),
                group: self.require_space(Kind::Group, group, Known::GroupError404)?,
                message: message.to_string(),
                created,
                members: Ordered::default(),
            };
            self.add_thread(no, thread);
            for name in [creator, members] {
                for member in self.sample_users(name)? {
                    self.join_thread(no, member);
                }
            }
        }
        Ok(())
    }

    /// Returns users whose IDs are separated by spaces.
    pub(super) fn sample_users(&self, usernames: &str) -> Result<Vec<UserNo>, Failure> {
        usernames.split_whitespace().map(|name| self.named_user(name)).collect()
    }
}

fn message(kind: ChatType, id: u64, time: i64, from: &str, to: &str, body: HistoryBody) -> Message {
    let (from, to) = (from.to_owned(), to.to_owned());
    let ext = None;
    Message {
        id,
        time,
        kind,
        from,
        to,
        body,
        ext,
    }
}

fn text(words: &str) -> HistoryBody {
    HistoryBody::Text(TextRecord {
        msg: words.to_owned(),
        ..TextRecord::default()
    })
}

fn custom<const N: usize>(event: &str, exts: [(&str, &str); N]) -> HistoryBody {
    let exts = exts.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let body = CustomBody {
        custom_event: Some(event.to_owned()),
        custom_exts: Some(exts.into()),
    };
    MessageContent::Custom(body).into()
}
