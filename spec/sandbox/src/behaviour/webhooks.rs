//! The webhooks about messages.

use super::App;
use super::messages::Message;
use crate::runtime::Call;
use crate::types::{
    ChatType, MessageWebhook, WebhookChatType, WebhookConversation, WebhookHead, WebhookKind, WebhookMessage,
};
use crate::webhooks::Event;

/// The name of the server in webhooks.
const HOST: &str = "sandbox";

impl App {
    /// Informs the backend of the messages that were sent after the first `count` ones.
    pub(super) fn messages_sent(&mut self, call: &Call<'_>, count: usize) {
        if self.outbox.is_open() {
            let messages: Vec<_> = self.messages.since(count).cloned().collect();
            for message in messages {
                let event = self.message_event(&message, call.now);
                self.outbox.send(event);
            }
        }
    }

    fn message_event(&self, message: &Message, now: i64) -> Event {
        let to_user = message.kind == ChatType::Chat;
        let id = message.id.to_string();
        let kind = if to_user { "chat" } else { "groupchat" };
        Event::Message(MessageWebhook {
            head: self.webhook_head(&id, now),
            conversation: WebhookConversation {
                chat_type: if to_user {
                    WebhookChatType::Chat
                } else {
                    WebhookChatType::GroupChat
                },
                msg_id: id,
                from: message.from.clone(),
                to: message.to.clone(),
                group_id: (!to_user).then(|| message.to.clone()),
            },
            payload: WebhookMessage {
                kind: Some(kind.to_owned()),
                meta: None,
                bodies: vec![message.body.clone()],
                ext: Some(message.ext.clone().unwrap_or_default()),
                from: Some(message.from.clone()),
                to: Some(message.to.clone()),
            },
        })
    }

    /// Returns the common fields of a webhook about a message or an event with this ID.
    fn webhook_head(&self, id: &str, now: i64) -> WebhookHead {
        let app_key = format!("{}#{}", self.org, self.name);
        WebhookHead {
            call_id: Some(format!("{app_key}_{id}")),
            event_type: Some(WebhookKind::Online),
            timestamp: now,
            app_key: Some(app_key),
            host: Some(HOST.to_owned()),
            security: None,
            security_version: None,
        }
    }
}
