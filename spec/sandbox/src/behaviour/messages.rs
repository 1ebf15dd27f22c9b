//! Messages and files.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::App;
use super::accounts::{SpaceNo, number};
use super::message_changes::Changes;
use super::reactions::ReactionState;
use crate::errors::Known;
use crate::runtime::operation::Operation;
use crate::runtime::{Blob, Call, Done, Failure};
use crate::sections::messages::{
    Messages, broadcast_to_rooms, download_file, edit, get_history_file, import_group_message, import_user_message,
    recall, send, send_to_group_members, send_to_groups, send_to_room_members, send_to_rooms, send_to_users,
    upload_file,
};
use crate::types::{ChatType, HistoryBody, HistoryFile, MessageId, RecalledMessage, TargetType, UploadedFile, UserId};

/// Maximum size of `body` and `ext` of a message, in bytes.
const MAX_SIZE: usize = 5 * 1024;

/// The first ID of a message.
pub(super) const FIRST_ID: u64 = 1_284_460_000_000_000_000;

/// A message to one user, group or chat room.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) time: i64,
    pub(super) kind: ChatType,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) body: HistoryBody,
    pub(super) ext: Option<Map<String, Value>>,
}

/// All messages of an app.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct MessageStore {
    sent: Vec<Message>,
    /// The place of each message in `sent`.
    by_id: HashMap<u64, usize>,
    /// The places of the messages of each hour, counted from 1970.
    by_hour: BTreeMap<i64, Vec<usize>>,
    /// The changes of messages since they were sent, by ID.
    changes: HashMap<u64, Changes>,
}

impl MessageStore {
    /// Adds a message.
    pub(super) fn add(&mut self, message: Message) {
        let place = self.sent.len();
        self.by_id.insert(message.id, place);
        self.by_hour
            .entry(message.time.div_euclid(super::history::HOUR))
            .or_default()
            .push(place);
        self.sent.push(message);
    }

    /// Returns a message, unless it was recalled.
    pub(super) fn get(&self, id: &str) -> Option<&Message> {
        let message = self.sent.get(*self.by_id.get(&number(id)?)?)?;
        (!self.changes(message.id).recalled).then_some(message)
    }

    /// Returns a message.
    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut Message> {
        self.sent.get_mut(*self.by_id.get(&id)?)
    }

    /// Returns the changes of a message since it was sent.
    pub(super) fn changes(&self, id: u64) -> &Changes {
        static NONE: Changes = Changes::NONE;
        self.changes.get(&id).unwrap_or(&NONE)
    }

    /// Returns the changes of a message since it was sent.
    pub(super) fn changes_mut(&mut self, id: u64) -> &mut Changes {
        self.changes.entry(id).or_default()
    }

    /// Removes the reactions of which `keep` returns `false`.
    pub(super) fn retain_reactions(&mut self, mut keep: impl FnMut(&mut ReactionState) -> bool) {
        for changes in self.changes.values_mut() {
            changes.reactions.retain_mut(&mut keep);
        }
    }

    /// Returns the number of messages.
    pub(super) fn len(&self) -> usize {
        self.sent.len()
    }

    /// Returns the messages that were sent after the first `count` ones, without those that were recalled or imported.
    pub(super) fn since(&self, count: usize) -> impl Iterator<Item = &Message> {
        let sent = self.sent.get(count..).unwrap_or_default();
        sent.iter().filter(|message| {
            let changes = self.changes(message.id);
            !changes.recalled && !changes.imported
        })
    }

    /// Returns the IDs of the chat rooms that have received a message.
    fn rooms(&self) -> HashSet<&str> {
        let to_rooms = self.sent.iter().filter(|message| message.kind == ChatType::Room);
        to_rooms.map(|message| message.to.as_str()).collect()
    }

    /// Returns the messages to a group or thread, oldest first, without those that were recalled or imported.
    pub(super) fn to_group<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Message> {
        let is_to_group = move |message: &&Message| message.kind == ChatType::Group && message.to == id;
        self.since(0).filter(is_to_group)
    }

    /// Returns the last messages, oldest first.
    pub(super) fn last(&self, count: usize) -> &[Message] {
        &self.sent[self.sent.len().saturating_sub(count)..]
    }

    /// Returns the messages of an hour, counted from 1970, without those that were recalled.
    pub(super) fn of_hour(&self, hour: i64) -> impl Iterator<Item = &Message> {
        let places = self.by_hour.get(&hour).into_iter().flatten();
        let messages = places.filter_map(|place| self.sent.get(*place));
        messages.filter(|message| !self.changes(message.id).recalled)
    }
}

/// The parts of a message that do not depend on the receiver.
struct Draft {
    kind: ChatType,
    from: String,
    body: HistoryBody,
    ext: Option<Map<String, Value>>,
    time: Option<i64>,
    /// The user IDs of the members who see the message. If there are none, all members do.
    only: Vec<String>,
}

impl Draft {
    fn new(
        kind: ChatType,
        from: String,
        body: impl Into<HistoryBody>,
        ext: Option<Map<String, Value>>,
        time: Option<i64>,
    ) -> Self {
        let body = body.into();
        Self {
            kind,
            from,
            body,
            ext,
            time,
            only: Vec::new(),
        }
    }

    /// Sets the members who see the message.
    fn only(self, users: &[UserId]) -> Self {
        let only = users.iter().map(|user| user.to_lowercase()).collect();
        Self { only, ..self }
    }
}

impl App {
    /// Sends a message to each receiver. Neither the sender nor the receivers need to exist.
    ///
    /// # Errors
    ///
    /// Fails if the message is too large, or if the sender is muted in the whole app.
    fn send_each(
        &mut self,
        call: &Call<'_>,
        to: Vec<String>,
        draft: Draft,
    ) -> Result<BTreeMap<String, MessageId>, Failure> {
        self.check_not_muted(&draft.from, draft.kind, call.now)?;
        let before = self.messages.len();
        let ids = self.store_each(call, to, draft)?;
        self.messages_sent(call, before);
        Ok(ids)
    }

    /// Stores a message for each receiver.
    ///
    /// # Errors
    ///
    /// Fails if the message is too large.
    fn store_each(
        &mut self,
        call: &Call<'_>,
        to: Vec<String>,
        draft: Draft,
    ) -> Result<BTreeMap<String, MessageId>, Failure> {
        let length = |value: Result<Value, _>| value.map_or(0, |value: Value| value.to_string().len());
        let size = length(serde_json::to_value(&draft.body)) + length(serde_json::to_value(&draft.ext));
        if size > MAX_SIZE {
            let message = format!("body and ext have {size} bytes; at most {MAX_SIZE} are allowed");
            return Err(Failure::new(too_large(call), message));
        }
        let mut ids = BTreeMap::new();
        for receiver in to {
            let id = self.ids.number(FIRST_ID);
            self.messages.add(Message {
                id,
                time: draft.time.unwrap_or(call.now),
                kind: draft.kind,
                from: draft.from.clone(),
                to: receiver.clone(),
                body: draft.body.clone(),
                ext: draft.ext.clone(),
            });
            if !draft.only.is_empty() {
                self.messages.changes_mut(id).only.clone_from(&draft.only);
            }
            ids.insert(receiver, id.to_string());
        }
        Ok(ids)
    }

    /// Stores a message from elsewhere. Returns its ID.
    fn import(&mut self, call: &Call<'_>, to: String, draft: Draft) -> Result<MessageId, Failure> {
        let ids = self.store_each(call, vec![to], draft)?;
        let id: MessageId = ids.into_values().next().unwrap_or_default();
        if let Ok(id) = id.parse() {
            self.messages.changes_mut(id).imported = true;
        }
        Ok(id)
    }

    /// Returns an error if no thread of the group can start from a message.
    pub(super) fn check_parent(&self, id: &str, group: SpaceNo) -> Result<(), Failure> {
        let Some(message) = self.messages.get(id) else {
            return Err(Failure::new(
                Known::GroupError404,
                format!("message {id} does not exist"),
            ));
        };
        if message.kind != ChatType::Group || message.to != group.to_string() {
            return Err(Failure::new(
                Known::GroupError400,
                format!("message {id} is not a message of the group"),
            ));
        }
        Ok(())
    }
}

/// Returns the error for a message that is too large.
fn too_large(call: &Call<'_>) -> Known {
    let is_documented = |operation: &Operation| operation.errors.contains(&Known::MessageSendError400);
    if call.operation.is_none_or(is_documented) {
        Known::MessageSendError400
    } else {
        Known::IllegalArgument400
    }
}

impl Messages for App {
    fn send(&mut self, call: &Call<'_>, arguments: send::Send) -> Result<send::SendResult, Failure> {
        let kind = match arguments.target_type {
            TargetType::Users => ChatType::Chat,
            TargetType::Groups => ChatType::Group,
            TargetType::Rooms => ChatType::Room,
        };
        let draft = Draft::new(kind, arguments.from, arguments.msg, arguments.ext, None);
        let mut results = self.send_each(call, arguments.target, draft)?;
        if arguments.use_msg_id != Some(true) {
            for result in results.values_mut() {
                "success".clone_into(result);
            }
        }
        Ok(send::SendResult { results })
    }

    fn send_to_users(
        &mut self,
        call: &Call<'_>,
        arguments: send_to_users::SendToUsers,
    ) -> Result<send_to_users::SendToUsersResult, Failure> {
        let draft = Draft::new(
            ChatType::Chat,
            arguments.from,
            arguments.content,
            arguments.ext,
            arguments.timestamp,
        );
        let message_ids = self.send_each(call, arguments.to, draft)?;
        Ok(send_to_users::SendToUsersResult { message_ids })
    }

    fn send_to_groups(
        &mut self,
        call: &Call<'_>,
        arguments: send_to_groups::SendToGroups,
    ) -> Result<send_to_groups::SendToGroupsResult, Failure> {
        let draft = Draft::new(
            ChatType::Group,
            arguments.from,
            arguments.content,
            arguments.ext,
            arguments.timestamp,
        );
        let message_ids = self.send_each(call, arguments.to, draft)?;
        Ok(send_to_groups::SendToGroupsResult { message_ids })
    }

    fn send_to_rooms(
        &mut self,
        call: &Call<'_>,
        arguments: send_to_rooms::SendToRooms,
    ) -> Result<send_to_rooms::SendToRoomsResult, Failure> {
        let draft = Draft::new(
            ChatType::Room,
            arguments.from,
            arguments.content,
            arguments.ext,
            arguments.timestamp,
        );
        let message_ids = self.send_each(call, arguments.to, draft)?;
        Ok(send_to_rooms::SendToRoomsResult { message_ids })
    }

    fn send_to_group_members(
        &mut self,
        call: &Call<'_>,
        arguments: send_to_group_members::SendToGroupMembers,
    ) -> Result<send_to_group_members::SendToGroupMembersResult, Failure> {
        let draft = Draft::new(ChatType::Group, arguments.from, arguments.content, arguments.ext, None);
        let message_ids = self.send_each(call, arguments.to, draft.only(&arguments.users))?;
        Ok(send_to_group_members::SendToGroupMembersResult { message_ids })
    }

    fn send_to_room_members(
        &mut self,
        call: &Call<'_>,
        arguments: send_to_room_members::SendToRoomMembers,
    ) -> Result<send_to_room_members::SendToRoomMembersResult, Failure> {
        let draft = Draft::new(ChatType::Room, arguments.from, arguments.content, arguments.ext, None);
        let message_ids = self.send_each(call, arguments.to, draft.only(&arguments.users))?;
        Ok(send_to_room_members::SendToRoomMembersResult { message_ids })
    }

    fn broadcast_to_rooms(
        &mut self,
        call: &Call<'_>,
        arguments: broadcast_to_rooms::BroadcastToRooms,
    ) -> Result<broadcast_to_rooms::BroadcastToRoomsResult, Failure> {
        let draft = Draft::new(ChatType::Room, arguments.from, arguments.msg, arguments.ext, None);
        let used = self.messages.rooms();
        let rooms = self.rooms.order.oldest_first().map(|no| no.to_string());
        let active = rooms.filter(|room| used.contains(room.as_str())).collect();
        self.send_each(call, active, draft)?;
        let broadcast_id = self.ids.number(FIRST_ID);
        Ok(broadcast_to_rooms::BroadcastToRoomsResult {
            broadcast_id: i64::try_from(broadcast_id).unwrap_or(i64::MAX),
        })
    }

    fn recall(&mut self, call: &Call<'_>, arguments: recall::Recall) -> Result<RecalledMessage, Failure> {
        self.recall_message(call, arguments)
    }

    fn edit(&mut self, _: &Call<'_>, arguments: edit::Edit) -> Result<Done, Failure> {
        self.edit_message(arguments)
    }

    fn import_user_message(
        &mut self,
        call: &Call<'_>,
        arguments: import_user_message::ImportUserMessage,
    ) -> Result<import_user_message::ImportUserMessageResult, Failure> {
        let draft = Draft::new(
            ChatType::Chat,
            arguments.from,
            arguments.content,
            arguments.ext,
            arguments.timestamp,
        );
        let message_id = self.import(call, arguments.target, draft)?;
        Ok(import_user_message::ImportUserMessageResult { message_id })
    }

    fn import_group_message(
        &mut self,
        call: &Call<'_>,
        arguments: import_group_message::ImportGroupMessage,
    ) -> Result<import_group_message::ImportGroupMessageResult, Failure> {
        let draft = Draft::new(
            ChatType::Group,
            arguments.from,
            arguments.content,
            arguments.ext,
            arguments.timestamp,
        );
        let message_id = self.import(call, arguments.target, draft)?;
        Ok(import_group_message::ImportGroupMessageResult { message_id })
    }

    fn upload_file(&mut self, call: &Call<'_>, arguments: upload_file::UploadFile) -> Result<UploadedFile, Failure> {
        let uuid = self.ids.uuid();
        let share_secret = arguments.restrict_access.then(|| self.ids.secret(40));
        self.files
            .add(uuid.clone(), arguments.file, share_secret.clone(), call.now);
        Ok(UploadedFile {
            uuid,
            kind: Some("chatfile".to_owned()),
            share_secret,
        })
    }

    fn download_file(&mut self, call: &Call<'_>, arguments: download_file::DownloadFile) -> Result<Blob, Failure> {
        self.files
            .get(&arguments.file_uuid, arguments.share_secret.as_deref(), call.now)
    }

    fn get_history_file(
        &mut self,
        call: &Call<'_>,
        arguments: get_history_file::GetHistoryFile,
    ) -> Result<Vec<HistoryFile>, Failure> {
        let path = self.link_history(&arguments.time, call.now)?;
        Ok(vec![HistoryFile { url: call.url(&path) }])
    }
}
