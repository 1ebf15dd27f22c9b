//! Changes of messages after they were sent: recalls, edits and reactions.

use serde::{Deserialize, Serialize};

use super::App;
use super::history;
use super::messages::Message;
use super::reactions::ReactionState;
use super::space::Kind;
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure};
use crate::sections::messages::{edit, recall};
use crate::types::{ChatType, EditedMessage, HistoryBody, RecalledMessage};

/// The time in which a message can be recalled without force, in milliseconds.
const RECALL_WINDOW: i64 = 2 * 60 * 1000;

/// Maximum number of edits of a message.
pub(super) const EDITS: u32 = 10;

/// The changes of a message since it was sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Changes {
    pub(super) recalled: bool,
    pub(super) edits: u32,
    /// `true` if the message was imported, and not sent.
    pub(super) imported: bool,
    pub(super) reactions: Vec<ReactionState>,
    /// The user IDs of the members of the group or chat room who see the message. If there are none, all members do.
    pub(super) only: Vec<String>,
}

impl Changes {
    /// No changes.
    pub(super) const NONE: Self = Self {
        recalled: false,
        edits: 0,
        imported: false,
        reactions: Vec::new(),
        only: Vec::new(),
    };
}

impl App {
    /// Recalls a message.
    pub(super) fn recall_message(
        &mut self,
        call: &Call<'_>,
        arguments: recall::Recall,
    ) -> Result<RecalledMessage, Failure> {
        let recall::Recall {
            msg_id,
            to,
            chat_type,
            force,
            from,
            ..
        } = arguments;
        let refuse = |known, reason: &str| Err(Failure::new(known, format!("message {msg_id} {reason}")));
        let Some(message) = self.messages.get(&msg_id) else {
            return refuse(Known::MessageRecallError403, "does not exist or was recalled");
        };
        if message.kind != chat_type || message.to.to_lowercase() != to.to_lowercase() {
            return refuse(Known::MessageRecallError400, "was not sent to this receiver");
        }
        if matches!(message.body, HistoryBody::Command(_)) {
            return refuse(Known::MessageRecallError403, "is a command message");
        }
        if !force && call.now.saturating_sub(message.time) > RECALL_WINDOW {
            return refuse(Known::MessageRecallError403, "was sent more than 2 minutes ago");
        }
        let message = message.clone();
        self.messages.changes_mut(message.id).recalled = true;
        self.message_recalled(&message, &from);
        Ok(RecalledMessage {
            msg_id,
            recalled: true,
            from: Some(from),
            to: Some(to),
            chat_type: Some(chat_type),
        })
    }

    /// Edits a message.
    pub(super) fn edit_message(&mut self, arguments: edit::Edit) -> Result<Done, Failure> {
        let edit::Edit {
            msg_id,
            user,
            new_msg,
            new_ext,
            is_combine_ext,
        } = arguments;
        let refuse = |known, reason: &str| Err(Failure::new(known, format!("message {msg_id} {reason}")));
        if msg_id.parse::<u64>().is_err() {
            return refuse(Known::InvalidMessageIdException400, "has an ID that is not a number");
        }
        let Some(message) = self.messages.get(&msg_id) else {
            return refuse(Known::MessageUnavailableException404, "does not exist or was recalled");
        };
        let is_same_type = match &new_msg {
            EditedMessage::Text(_) => matches!(message.body, HistoryBody::Text(_)),
            EditedMessage::Custom(_) => matches!(message.body, HistoryBody::Custom(_)),
        };
        if !is_same_type || message.kind == ChatType::Room {
            return refuse(Known::MessageRewriteError400, "cannot become a message of this type");
        }
        if user.is_some_and(|user| !self.takes_part(&user, message)) {
            return refuse(Known::MessageRewriteError401, "belongs to a chat without this user");
        }
        let id = message.id;
        let changes = self.messages.changes_mut(id);
        if changes.edits >= EDITS {
            return refuse(Known::MessageRewriteError403, "was edited 10 times");
        }
        changes.edits += 1;
        if let Some(message) = self.messages.get_mut(id) {
            let is_custom = matches!(new_msg, EditedMessage::Custom(_));
            message.body = match new_msg {
                EditedMessage::Text(body) => history::text(body),
                EditedMessage::Custom(body) => history::custom(body),
            };
            match new_ext.filter(|_| is_custom) {
                Some(new) if is_combine_ext => message.ext.get_or_insert_default().extend(new),
                Some(new) => message.ext = Some(new),
                None => {}
            }
            let edited = message.clone();
            self.thread_changed(&edited);
        }
        Ok(Done::default())
    }

    /// Returns `true` if a user sent or received a message. The user need not exist.
    pub(super) fn takes_part(&self, username: &str, message: &Message) -> bool {
        let username = username.to_lowercase();
        if message.from.to_lowercase() == username {
            return true;
        }
        let kind = match message.kind {
            ChatType::Chat => return message.to.to_lowercase() == username,
            ChatType::Group => Kind::Group,
            ChatType::Room => Kind::Room,
        };
        let user = self.accounts.find(&username);
        let space = self.space(kind, &message.to).ok();
        user.zip(space)
            .is_some_and(|(user, space)| space.members.contains(user))
    }
}
