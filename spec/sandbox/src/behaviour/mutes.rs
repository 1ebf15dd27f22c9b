//! App-wide mutes.

use serde::{Deserialize, Serialize};

use super::App;
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, numbered};
use crate::sections::mutes::{Mutes, get, list, set};
use crate::types::{ChatType, MuteEntry, UserMute};

/// The ends of the mutes of a user, by kind of chat. `None` if the user was never muted there.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct MuteEnds {
    pub(super) chat: Option<i64>,
    pub(super) group: Option<i64>,
    pub(super) room: Option<i64>,
}

impl MuteEnds {
    fn of(&self, kind: ChatType) -> Option<i64> {
        match kind {
            ChatType::Chat => self.chat,
            ChatType::Group => self.group,
            ChatType::Room => self.room,
        }
    }
}

/// Returns the end of a mute with a duration in seconds, -1 for one without an end.
fn end(seconds: i64, now: i64) -> i64 {
    if seconds < 0 {
        i64::MAX
    } else {
        now.saturating_add(seconds.saturating_mul(1000))
    }
}

/// Returns the remaining seconds of a mute, rounded up: -1 if it has no end, and 0 after its end.
fn remaining(end: i64, now: i64) -> i64 {
    if end == i64::MAX {
        return -1;
    }
    let left = end.saturating_sub(now).max(0);
    left / 1000 + i64::from(left % 1000 > 0)
}

impl App {
    /// Returns an error if the sender of a message is muted in this kind of chat. The sender need not exist.
    pub(super) fn check_not_muted(&self, sender: &str, kind: ChatType, now: i64) -> Result<(), Failure> {
        let account = self.accounts.find(sender).and_then(|user| self.accounts.get(user));
        let end = account.and_then(|account| account.mutes.of(kind));
        if end.is_none_or(|end| end <= now) {
            return Ok(());
        }
        Err(Failure::new(Known::ForbiddenOp403, format!("user {sender} is muted")))
    }
}

impl Mutes for App {
    fn set(&mut self, call: &Call<'_>, arguments: set::Set) -> Result<Done, Failure> {
        let set::Set {
            username,
            chat,
            groupchat,
            chatroom,
        } = arguments;
        let user = self.accounts.require(&username, Known::RequiredPropertyNotFound400)?;
        let end = |seconds| end(seconds, call.now);
        if let Some(account) = self.accounts.get_mut(user) {
            let ends = &mut account.mutes;
            ends.chat = chat.map(end).or(ends.chat);
            ends.group = groupchat.map(end).or(ends.group);
            ends.room = chatroom.map(end).or(ends.room);
        }
        // A request without durations does not mute the user.
        if chat.or(groupchat).or(chatroom).is_some() {
            self.accounts.muted.insert(user);
        }
        Ok(Done::default())
    }

    fn get(&mut self, call: &Call<'_>, arguments: get::Get) -> Result<UserMute, Failure> {
        let user = self
            .accounts
            .require(&arguments.username, Known::RequiredPropertyNotFound400)?;
        let ends = self.accounts.get(user).map(|account| account.mutes).unwrap_or_default();
        let remaining = |end: Option<i64>| Some(end.map_or(0, |end| remaining(end, call.now)));
        Ok(UserMute {
            user: format!("{}_{}", self.app_key(), self.accounts.name(user)),
            chat: remaining(ends.chat),
            groupchat: remaining(ends.group),
            chatroom: remaining(ends.room),
            at: Some(call.now / 1000),
        })
    }

    fn list(&mut self, call: &Call<'_>, arguments: list::List) -> Result<list::ListResult, Failure> {
        let users = self.accounts.muted.oldest_first();
        let accounts = users.filter_map(|user| self.accounts.get(user));
        let entries = accounts.flat_map(|account| {
            let entry = || MuteEntry {
                username: account.username.clone(),
                ..MuteEntry::default()
            };
            let left = |end: Option<i64>| end.map(|end| Some(remaining(end, call.now)));
            let ends = account.mutes;
            [
                left(ends.chat).map(|chat| MuteEntry { chat, ..entry() }),
                left(ends.group).map(|groupchat| MuteEntry { groupchat, ..entry() }),
                left(ends.room).map(|chatroom| MuteEntry { chatroom, ..entry() }),
            ]
        });
        let number = arguments.page_number.unwrap_or(1);
        let page = numbered(entries.flatten(), number, arguments.page_size);
        Ok(list::ListResult {
            mutes: page.collect(),
            at: Some(call.now / 1000),
        })
    }
}
