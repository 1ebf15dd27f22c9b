//! The content of the web page: users, groups, chat rooms, files and conversations.

use std::collections::HashMap;

use super::App;
use super::messages::Message;
use super::space::{Kind, Space};
use crate::runtime::{Conversation, Label, Line, Overview, Table};
use crate::types::{ChatType, HistoryBody};

/// Maximum number of rows of a table, and of messages of all conversations.
const SHOWN: usize = 200;

const ID: Label = &[("en", "ID"), ("zh", "ID")];
const NAME: Label = &[("en", "Name"), ("zh", "名称")];
const OWNER: Label = &[("en", "Owner"), ("zh", "所有者")];
const ADMINS: Label = &[("en", "Admins"), ("zh", "管理员")];
const MEMBERS: Label = &[("en", "Members"), ("zh", "成员数")];
const USERS: Label = &[("en", "Users"), ("zh", "用户")];
const USER_ID: Label = &[("en", "User ID"), ("zh", "用户 ID")];
const NICKNAME: Label = &[("en", "Nickname"), ("zh", "昵称")];
const DEVICES: Label = &[("en", "Devices"), ("zh", "设备")];
const PRESENCE: Label = &[("en", "Presence"), ("zh", "在线状态")];
const BANNED: Label = &[("en", "Banned"), ("zh", "已封禁")];
const CONTACTS: Label = &[("en", "Contacts"), ("zh", "好友数")];
const GROUPS: Label = &[("en", "Groups"), ("zh", "群组")];
const JOINED: Label = &[("en", "Groups"), ("zh", "群组数")];
const GROUP: Label = &[("en", "Group"), ("zh", "群组")];
const ROOMS: Label = &[("en", "Chat rooms"), ("zh", "聊天室")];
const ROOM: Label = &[("en", "Chat room"), ("zh", "聊天室")];
const FILES: Label = &[("en", "Files"), ("zh", "文件")];
const MEDIA_TYPE: Label = &[("en", "Media type"), ("zh", "媒体类型")];
const SIZE: Label = &[("en", "Bytes"), ("zh", "字节数")];
const RECALLED: Label = &[("en", "recalled"), ("zh", "已撤回")];
const EDITED: Label = &[("en", "edited"), ("zh", "已编辑")];
const IMAGE: Label = &[("en", "image"), ("zh", "图片")];
const AUDIO: Label = &[("en", "audio"), ("zh", "语音")];
const VIDEO: Label = &[("en", "video"), ("zh", "视频")];
const FILE: Label = &[("en", "file"), ("zh", "文件")];
const LOCATION: Label = &[("en", "location"), ("zh", "位置")];
const COMMAND: Label = &[("en", "command"), ("zh", "透传")];
const CUSTOM: Label = &[("en", "custom"), ("zh", "自定义")];
const CHAT: Label = &[("en", "One-to-one"), ("zh", "单聊")];

impl App {
    /// Returns what the web page shows.
    pub(super) fn page_overview(&self) -> Overview {
        Overview {
            tables: vec![
                self.users_table(),
                self.spaces_table(GROUPS, Kind::Group),
                self.spaces_table(ROOMS, Kind::Room),
                self.files_table(),
            ],
            conversations: self.conversations(),
        }
    }

    fn users_table(&self) -> Table {
        let accounts = self.accounts.order.newest_first().take(SHOWN);
        let rows = accounts.filter_map(|user| {
            let account = self.accounts.get(user)?;
            Some(vec![
                account.username.clone(),
                account.nickname.clone().unwrap_or_default(),
                account.presence.states(),
                account.presence.ext.clone(),
                if account.banned { "✓" } else { "" }.to_owned(),
                account.contacts.len().to_string(),
                account.groups.len().to_string(),
            ])
        });
        Table {
            title: USERS,
            total: self.accounts.order.len(),
            columns: vec![USER_ID, NICKNAME, DEVICES, PRESENCE, BANNED, CONTACTS, JOINED],
            rows: rows.collect(),
        }
    }

    fn spaces_table(&self, title: Label, kind: Kind) -> Table {
        let spaces = self.spaces(kind);
        let rows = spaces.order.newest_first().take(SHOWN).filter_map(|no| {
            let space = spaces.get(no)?;
            let admins: Vec<_> = space
                .admins
                .oldest_first()
                .map(|user| self.accounts.name(user))
                .collect();
            Some(vec![
                no.to_string(),
                space.name.clone(),
                self.accounts.name(space.owner),
                admins.join(", "),
                space.size().to_string(),
            ])
        });
        Table {
            title,
            total: spaces.order.len(),
            columns: vec![ID, NAME, OWNER, ADMINS, MEMBERS],
            rows: rows.collect(),
        }
    }

    fn files_table(&self) -> Table {
        let files = self.files.newest_first().take(SHOWN);
        let rows = files.map(|(uuid, media_type, size)| vec![uuid.to_owned(), media_type.to_owned(), size.to_string()]);
        Table {
            title: FILES,
            total: self.files.len(),
            columns: vec![ID, MEDIA_TYPE, SIZE],
            rows: rows.collect(),
        }
    }

    /// Returns the conversations of the last messages, the one with the last message first.
    fn conversations(&self) -> Vec<Conversation> {
        let mut conversations: Vec<Conversation> = Vec::new();
        let mut places = HashMap::new();
        for message in self.messages.last(SHOWN).iter().rev() {
            let (kind, title) = self.conversation(message);
            let place = *places.entry((kind, title.clone())).or_insert(conversations.len());
            if place == conversations.len() {
                let messages = Vec::new();
                conversations.push(Conversation { kind, title, messages });
            }
            conversations[place].messages.push(self.line(message));
        }
        for conversation in &mut conversations {
            conversation.messages.reverse();
        }
        conversations
    }

    /// Returns a message with its changes and reactions.
    fn line(&self, message: &Message) -> Line {
        let changes = self.messages.changes(message.id);
        let (kind, content) = content(&message.body);
        let mut line = Line {
            id: message.id.to_string(),
            time: message.time,
            from: message.from.clone(),
            ..Line::default()
        };
        if changes.recalled {
            line.marks.push(RECALLED);
            return line;
        }
        line.marks.extend(kind);
        if !changes.only.is_empty() {
            line.text = format!("→ {}: ", changes.only.join(", "));
        }
        line.text.push_str(content);
        if changes.edits > 0 {
            line.marks.push(EDITED);
        }
        let reactions = changes.reactions.iter();
        line.text
            .extend(reactions.map(|reaction| format!("  {} {}", reaction.emoji, reaction.count())));
        line
    }

    /// Returns the kind and the title of the conversation to which a message belongs.
    fn conversation(&self, message: &Message) -> (Label, String) {
        let (label, kind) = match message.kind {
            ChatType::Chat => {
                let (first, second) = (&message.from, &message.to);
                let (first, second) = if first <= second {
                    (first, second)
                } else {
                    (second, first)
                };
                return (CHAT, format!("{first}, {second}"));
            }
            ChatType::Group => (GROUP, Kind::Group),
            ChatType::Room => (ROOM, Kind::Room),
        };
        let name = self.space(kind, &message.to).map(|Space { name, .. }| name.as_str());
        (
            label,
            format!("{} {}", name.unwrap_or_default(), message.to).trim().to_owned(),
        )
    }
}

/// Returns the kind of a message that is not a text, and its content as one text.
fn content(body: &HistoryBody) -> (Option<Label>, &str) {
    let (kind, name) = match body {
        HistoryBody::Text(body) => return (None, &body.msg),
        HistoryBody::Command(body) => return (Some(COMMAND), &body.action),
        HistoryBody::Image(body) => (IMAGE, &body.file.filename),
        HistoryBody::Audio(body) => (AUDIO, &body.file.filename),
        HistoryBody::Video(body) => (VIDEO, &body.file.filename),
        HistoryBody::File(body) => (FILE, &body.filename),
        HistoryBody::Location(body) => (LOCATION, &body.addr),
        HistoryBody::Custom(body) => (CUSTOM, &body.custom_event),
    };
    (Some(kind), name.as_deref().unwrap_or_default())
}
