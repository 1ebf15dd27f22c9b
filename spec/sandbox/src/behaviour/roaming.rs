//! Deletion of conversations and roaming messages. The API cannot read them: a user who deletes a message no longer waits for it.

use super::App;
use super::messages::Message;
use crate::runtime::{Call, Done, Failure};
use crate::sections::history::{
    History, delete_all, delete_conversation, delete_group_messages, delete_group_messages_until, delete_user_messages,
    delete_user_messages_until,
};
use crate::types::{ChatType, ConversationType};

/// Returns `true` if a message belongs to a conversation of a user with a user, group or chat room.
fn belongs(message: &Message, user: &str, peer: &str, kinds: &[ChatType]) -> bool {
    let is = |name: &str, other: &str| name.to_lowercase() == other.to_lowercase();
    let is_between = |from: &str, to: &str| is(&message.from, from) && is(&message.to, to);
    kinds.contains(&message.kind)
        && match message.kind {
            ChatType::Chat => is_between(user, peer) || is_between(peer, user),
            ChatType::Group | ChatType::Room => is(&message.to, peer),
        }
}

impl App {
    /// Deletes messages for a user, who need not exist.
    fn hide(&mut self, username: &str, is_deleted: impl Fn(&Message) -> bool) {
        let waiting = self.waiting(username);
        let deleted: Vec<_> = waiting
            .filter(|message| is_deleted(message))
            .map(|message| message.id)
            .collect();
        let user = self.accounts.find(username);
        if let Some(account) = user.and_then(|user| self.accounts.get_mut(user)) {
            account.deleted.extend(deleted);
        }
    }
}

impl History for App {
    fn delete_conversation(
        &mut self,
        _: &Call<'_>,
        arguments: delete_conversation::DeleteConversation,
    ) -> Result<Done, Failure> {
        let kind = match arguments.chat_type {
            ConversationType::Chat => ChatType::Chat,
            ConversationType::Group => ChatType::Group,
        };
        if arguments.with_messages {
            let user = &arguments.username;
            self.hide(user, |message| belongs(message, user, &arguments.peer, &[kind]));
        }
        Ok(Done::default())
    }

    fn delete_user_messages(
        &mut self,
        _: &Call<'_>,
        arguments: delete_user_messages::DeleteUserMessages,
    ) -> Result<Done, Failure> {
        let (user, ids) = (&arguments.username, &arguments.message_ids);
        self.hide(user, |message| {
            belongs(message, user, &arguments.peer, &[ChatType::Chat]) && ids.contains(&message.id.to_string())
        });
        Ok(Done::default())
    }

    fn delete_group_messages(
        &mut self,
        _: &Call<'_>,
        arguments: delete_group_messages::DeleteGroupMessages,
    ) -> Result<Done, Failure> {
        let (user, ids) = (&arguments.username, &arguments.message_ids);
        self.hide(user, |message| {
            belongs(message, user, &arguments.group_id, &[ChatType::Group]) && ids.contains(&message.id.to_string())
        });
        Ok(Done::default())
    }

    fn delete_user_messages_until(
        &mut self,
        _: &Call<'_>,
        arguments: delete_user_messages_until::DeleteUserMessagesUntil,
    ) -> Result<Done, Failure> {
        let user = &arguments.username;
        self.hide(user, |message| {
            belongs(message, user, &arguments.peer, &[ChatType::Chat]) && message.time <= arguments.until
        });
        Ok(Done::default())
    }

    fn delete_group_messages_until(
        &mut self,
        _: &Call<'_>,
        arguments: delete_group_messages_until::DeleteGroupMessagesUntil,
    ) -> Result<Done, Failure> {
        let user = &arguments.username;
        let kinds = [ChatType::Group, ChatType::Room];
        self.hide(user, |message| {
            belongs(message, user, &arguments.group_id, &kinds) && message.time <= arguments.until
        });
        Ok(Done::default())
    }

    fn delete_all(&mut self, _: &Call<'_>, arguments: delete_all::DeleteAll) -> Result<Done, Failure> {
        self.hide(&arguments.username, |_| true);
        Ok(Done::default())
    }
}
