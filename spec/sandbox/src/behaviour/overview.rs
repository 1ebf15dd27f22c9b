//! The content of the web page: users, groups, chat rooms, files and conversations.

use std::collections::HashMap;

use super::App;
use super::accounts::Account;
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
const STATUS: Label = &[("en", "Status"), ("zh", "状态")];
const CONTACTS: Label = &[("en", "Contacts"), ("zh", "好友数")];
const GROUPS: Label = &[("en", "Groups"), ("zh", "群组")];
const JOINED: Label = &[("en", "Groups"), ("zh", "群组数")];
const GROUP: Label = &[("en", "Group"), ("zh", "群组")];
const ROOMS: Label = &[("en", "Chat rooms"), ("zh", "聊天室")];
const ROOM: Label = &[("en", "Chat room"), ("zh", "聊天室")];
const FILES: Label = &[("en", "Files"), ("zh", "文件")];
const MEDIA_TYPE: Label = &[("en", "Media type"), ("zh", "媒体类型")];
const SIZE: Label = &[("en", "Bytes"), ("zh", "字节数")];
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
                status(account),
                account.contacts.len().to_string(),
                account.groups.len().to_string(),
            ])
        });
        Table {
            title: USERS,
            total: self.accounts.order.len(),
            columns: vec![USER_ID, NICKNAME, STATUS, CONTACTS, JOINED],
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
            conversations[place].messages.push(Line {
                time: message.time,
                from: message.from.clone(),
                text: self.text(message),
            });
        }
        for conversation in &mut conversations {
            conversation.messages.reverse();
        }
        conversations
    }

    /// Returns a message as one text.
    fn text(&self, message: &Message) -> String {
        let changes = self.messages.changes(message.id);
        if changes.recalled {
            return "[recalled]".to_owned();
        }
        let mut text = text(&message.body);
        if !changes.only.is_empty() {
            text = format!("[to {}] {text}", changes.only.join(", "));
        }
        if changes.edits > 0 {
            text.push_str(" [edited]");
        }
        let reactions = changes.reactions.iter();
        text.extend(reactions.map(|reaction| format!("  {} {}", reaction.emoji, reaction.count())));
        text
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

/// Returns the status of a user: banned, online with these devices, or nothing.
fn status(account: &Account) -> String {
    if account.banned {
        return "banned".to_owned();
    }
    let online: Vec<_> = account.presence.online().map(String::as_str).collect();
    online.join(", ")
}

/// Returns the content of a message as one text.
fn text(body: &HistoryBody) -> String {
    let named = |kind: &str, name: Option<&String>| {
        let name = name.map(String::as_str).unwrap_or_default();
        format!("[{kind}] {name}").trim_end().to_owned()
    };
    match body {
        HistoryBody::Text(body) => body.msg.clone(),
        HistoryBody::Image(body) => named("image", body.file.filename.as_ref()),
        HistoryBody::Audio(body) => named("audio", body.file.filename.as_ref()),
        HistoryBody::Video(body) => named("video", body.file.filename.as_ref()),
        HistoryBody::File(body) => named("file", body.filename.as_ref()),
        HistoryBody::Location(body) => named("location", body.addr.as_ref()),
        HistoryBody::Command(body) => named("command", Some(&body.action)),
        HistoryBody::Custom(body) => named("custom", body.custom_event.as_ref()),
    }
}
