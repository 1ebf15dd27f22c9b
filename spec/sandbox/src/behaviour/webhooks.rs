//! The webhooks that operations cause. Without a receiver, none is built.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::App;
use super::accounts::{SpaceNo, UserNo, count_of};
use super::group_files::SharedFile;
use super::messages::{FIRST_ID, Message};
use super::reactions::{NAMED, ReactionState};
use super::space::Kind;
use crate::runtime::{Call, Failure, Service as _};
use crate::types::{
    AttributeChange, AttributeOutcome, ChatType, ContactOperation, ContactOperationPayload, ContactOperationWebhook,
    GroupOperation, GroupOperationPayload, GroupOperationWebhook, MessageWebhook, OnlineChange, OperationStatus,
    ReactedMessage, ReactionChange, ReactionPayload, ReactionWebhook, RecallWebhook, ReceiptPayload, ThreadChange,
    ThreadMessage, ThreadPayload, ThreadWebhook, UserStatusReason, UserStatusWebhook, WebhookChatType,
    WebhookConversation, WebhookHead, WebhookKind, WebhookMessage, WebhookReaction,
};
use crate::webhooks::Event;

/// The name of the server.
const HOST: &str = "sandbox";

/// The user ID of the operator: calls act for the app, and not for a user.
const OPERATOR: &str = "admin";

/// The detail of an operation on a group or chat room.
#[derive(Clone, Copy)]
pub(super) enum Detail<'d> {
    /// Nothing.
    None,
    /// A text.
    Text(&'d str),
    /// A shared file.
    File(&'d SharedFile),
    /// The changed attributes of a member of a group.
    MemberAttributes(&'d BTreeMap<String, String>),
    /// The outcome of a change of the attributes of a chat room, and `true` if it was forced.
    RoomAttributes(&'d AttributeOutcome, bool),
}

impl Detail<'_> {
    /// Returns the `reason` of the webhook.
    fn reason(self) -> Option<Value> {
        match self {
            Self::None => Some("".into()),
            Self::Text(text) => Some(text.into()),
            Self::File(file) => Some(json!({ "data": file.to_group_file() })),
            Self::MemberAttributes(_) | Self::RoomAttributes(..) => None,
        }
    }
}

/// Groups and chat rooms.
impl App {
    /// Informs the backend of an operation on a group or chat room, or on one of its users.
    pub(super) fn operated(&mut self, kind: Kind, no: SpaceNo, operation: GroupOperation, user: Option<UserNo>) {
        self.operated_with(kind, no, operation, user, Detail::None);
    }

    /// Informs the backend of an operation on a group or chat room, or on one of its users, with a detail.
    pub(super) fn operated_with(
        &mut self,
        kind: Kind,
        no: SpaceNo,
        operation: GroupOperation,
        user: Option<UserNo>,
        detail: Detail<'_>,
    ) {
        use GroupOperation::{DeleteMetadata, Joined, Left, MemberAttributes, SetMetadata};

        let Some(time) = self.outbox.time() else { return };
        let space = format!("{}_{no}@conference.easemob.com", self.app_key());
        let subject = user.map_or_else(|| space.clone(), |user| self.full_name(&self.accounts.name(user)));
        let has_status = !matches!(
            operation,
            Joined | Left | SetMetadata | DeleteMetadata | MemberAttributes
        );
        let event_info = self.attribute_change(no, user, detail);
        let (from, to) = match operation {
            Joined | Left | SetMetadata | DeleteMetadata => (subject, space.clone()),
            MemberAttributes => (space.clone(), subject),
            _ => (self.full_name(OPERATOR), subject),
        };
        let id = self.event_id();
        self.outbox.send(Event::GroupOperation(GroupOperationWebhook {
            head: self.head(&id, time),
            conversation: WebhookConversation {
                chat_type: WebhookChatType::GroupOperation,
                msg_id: id,
                from,
                to,
                group_id: Some(no.to_string()),
            },
            payload: GroupOperationPayload {
                muc_id: space,
                is_chatroom: Some(kind == Kind::Room),
                operation,
                reason: detail.reason().filter(|_| has_status),
                status: has_status.then(success),
                event_info,
            },
        }));
    }

    /// Returns the part of the webhook about changed attributes.
    fn attribute_change(&self, no: SpaceNo, user: Option<UserNo>, detail: Detail<'_>) -> Option<AttributeChange> {
        let ext = match detail {
            Detail::MemberAttributes(attributes) => json!({
                "result": { "successKeys": attributes.keys().collect::<Vec<_>>(), "errorKeys": {} },
                "muc_name": self.groups.get(no)?.name,
                "properties": attributes,
                "operator": OPERATOR,
            }),
            Detail::RoomAttributes(outcome, is_forced) => {
                let room = self.rooms.get(no)?;
                // A deleted key has no value.
                let value = |key| Some((key, &room.room_attributes.get(key)?.value));
                json!({
                    "result": outcome,
                    "is_forced": is_forced,
                    "muc_name": room.name,
                    "properties": outcome.done.iter().filter_map(value).collect::<BTreeMap<_, _>>(),
                    "operator": self.accounts.name(user?),
                })
            }
            Detail::None | Detail::Text(_) | Detail::File(_) => return None,
        };
        Some(AttributeChange {
            kind: Some("event_none".to_owned()),
            ext: Some(ext.to_string()),
        })
    }

    /// Informs the backend of a new member, who did not ask to join.
    pub(super) fn member_added(&mut self, kind: Kind, no: SpaceNo, user: UserNo) {
        let operation = match kind {
            Kind::Group => GroupOperation::DirectJoined,
            Kind::Room => GroupOperation::Joined,
        };
        self.operated(kind, no, operation, Some(user));
    }
}

/// Messages.
impl App {
    /// Informs the backend of the messages that were sent after the first `count` ones.
    pub(super) fn messages_sent(&mut self, call: &Call<'_>, count: usize) {
        let Some(time) = self.outbox.time() else { return };
        let messages: Vec<_> = self.messages.since(count).cloned().collect();
        for message in &messages {
            let event = self.message_webhook(message, WebhookKind::Online, &message.to, time);
            self.outbox.send(Event::Message(event));
            if call.settings.offline_webhooks {
                for user in self.offline_receivers(message) {
                    let event = self.message_webhook(message, WebhookKind::Offline, &user, time);
                    self.outbox.send(Event::Message(event));
                }
            }
            self.thread_changed(message);
        }
    }

    /// Returns the user IDs of the receivers who are offline.
    fn offline_receivers(&self, message: &Message) -> Vec<String> {
        let receivers: Vec<_> = match message.kind {
            ChatType::Chat => self.accounts.find(&message.to).into_iter().collect(),
            ChatType::Group => {
                let group = self.space(Kind::Group, &message.to).ok();
                group
                    .into_iter()
                    .flat_map(|group| group.members.oldest_first())
                    .collect()
            }
            // Messages to chat rooms do not wait for members who are offline.
            ChatType::Room => Vec::new(),
        };
        let sender = self.accounts.find(&message.from);
        let only = &self.messages.changes(message.id).only;
        let offline = receivers.into_iter().filter(|user| !self.is_online(*user));
        let others = offline.filter(|user| message.kind == ChatType::Chat || Some(*user) != sender);
        let names = others.map(|user| self.accounts.name(user));
        names.filter(|name| only.is_empty() || only.contains(name)).collect()
    }

    /// Returns the webhook about a message to a user, group or chat room, or for a member of the group who is offline.
    pub(super) fn message_webhook(&self, message: &Message, kind: WebhookKind, to: &str, time: i64) -> MessageWebhook {
        let id = message.id.to_string();
        let is_chat = message.kind == ChatType::Chat;
        MessageWebhook {
            head: WebhookHead {
                event_type: Some(kind),
                ..self.head(&id, time)
            },
            conversation: WebhookConversation {
                chat_type: if is_chat {
                    WebhookChatType::Chat
                } else {
                    WebhookChatType::GroupChat
                },
                msg_id: id,
                from: message.from.clone(),
                to: to.to_owned(),
                group_id: (!is_chat).then(|| message.to.clone()),
            },
            payload: content(message),
        }
    }

    /// Informs the backend of a recalled message.
    pub(super) fn message_recalled(&mut self, message: &Message, from: &str) {
        let Some(time) = self.outbox.time() else { return };
        let (id, recalled) = (self.event_id(), message.id.to_string());
        self.outbox.send(Event::MessageRecalled(RecallWebhook {
            head: self.head(&id, time),
            conversation: WebhookConversation {
                chat_type: WebhookChatType::Recall,
                msg_id: id,
                from: from.to_owned(),
                to: message.to.clone(),
                group_id: (message.kind != ChatType::Chat).then(|| message.to.clone()),
            },
            recall_id: Some(recalled.clone()),
            payload: ReceiptPayload {
                message_id: recalled,
                ext: Some(serde_json::Map::new()),
                bodies: Some(Vec::new()),
            },
        }));
        self.thread_changed(message);
    }

    /// Informs the backend of a reaction that a user added to a message or, if `is_new` is `false`, removed.
    pub(super) fn reaction_changed(&mut self, message: u64, user: UserNo, emoji: &str, is_new: bool) {
        let Some(time) = self.outbox.time() else { return };
        let id = self.event_id();
        let Some(message) = self.messages.get(&message.to_string()) else {
            return;
        };
        let operator = self.accounts.name(user);
        let is_chat = message.kind == ChatType::Chat;
        let is_own = message.from.to_lowercase() == operator;
        let to = if is_chat && !is_own { &message.from } else { &message.to };
        let channel = Some(chat_name(message).to_owned());
        let reacted = ReactedMessage {
            message_id: message.id.to_string(),
            from: Some(message.from.clone()),
            to: Some(message.to.clone()),
            channel_type: channel.clone(),
            ts: Some(time),
            reactions: self.webhook_reactions(message, &operator, emoji, is_new),
        };
        let event = ReactionWebhook {
            head: WebhookHead {
                call_id: None,
                ..self.head(&id, time)
            },
            conversation: WebhookConversation {
                chat_type: WebhookChatType::Notify,
                msg_id: id,
                to: to.clone(),
                group_id: (!is_chat).then(|| message.to.clone()),
                from: operator,
            },
            payload: ReactionPayload {
                kind: "reaction".to_owned(),
                num: Some(1),
                channel_type: channel,
                data: vec![reacted],
            },
        };
        self.outbox.send(Event::ReactionChanged(event));
    }

    /// Returns all reactions to a message, and the changed one even if no user has it any more.
    fn webhook_reactions(&self, message: &Message, operator: &str, emoji: &str, is_new: bool) -> Vec<WebhookReaction> {
        let op = || {
            vec![ReactionChange {
                reaction_type: if is_new { "create" } else { "delete" }.to_owned(),
                operator: operator.to_owned(),
            }]
        };
        let shown = |reaction: &ReactionState| {
            let users = reaction.users.oldest_first().take(NAMED);
            WebhookReaction {
                reaction: reaction.emoji.clone(),
                user_list: users.map(|user| self.accounts.name(user)).collect(),
                count: Some(count_of(reaction.count())),
                op: (reaction.emoji == emoji).then(op),
            }
        };
        let mut reactions: Vec<_> = self.messages.changes(message.id).reactions.iter().map(shown).collect();
        if reactions.iter().all(|reaction| reaction.op.is_none()) {
            reactions.push(WebhookReaction {
                reaction: emoji.to_owned(),
                count: Some(0),
                op: Some(op()),
                ..WebhookReaction::default()
            });
        }
        reactions
    }

    /// Informs the backend of a message that was sent, edited or recalled, if it belongs to a thread.
    pub(super) fn thread_changed(&mut self, message: &Message) {
        let Some(time) = self.outbox.time().filter(|_| message.kind == ChatType::Group) else {
            return;
        };
        let Ok(data) = self.thread_change(message, time) else {
            return;
        };
        let (id, group) = (self.event_id(), data.muc_parent_id.clone());
        self.outbox.send(Event::ThreadChanged(ThreadWebhook {
            head: WebhookHead {
                call_id: None,
                ..self.head(&id, time)
            },
            conversation: WebhookConversation {
                chat_type: WebhookChatType::Notify,
                msg_id: id,
                from: OPERATOR.to_owned(),
                to: group.clone().unwrap_or_default(),
                group_id: group,
            },
            payload: ThreadPayload {
                kind: "thread".to_owned(),
                data,
            },
        }));
    }

    /// Returns the state of the thread to which a message was sent.
    ///
    /// # Errors
    ///
    /// Fails if the receiver is not a thread.
    fn thread_change(&self, message: &Message, time: i64) -> Result<ThreadChange, Failure> {
        let (no, thread) = self.thread(&message.to)?;
        let messages: Vec<_> = self.messages.to_group(&message.to).collect();
        Ok(ThreadChange {
            id: no.to_string(),
            name: Some(thread.name.clone()),
            from: Some(message.from.clone()),
            msg_parent_id: Some(thread.message.clone()),
            muc_parent_id: Some(thread.group.to_string()),
            message_count: Some(count_of(messages.len())),
            operation: Some("update_msg".to_owned()),
            timestamp: Some(time),
            last_message: messages.last().map(|last| ThreadMessage {
                id: Some(last.id.to_string()),
                from: Some(last.from.clone()),
                to: Some(last.to.clone()),
                timestamp: Some(last.time),
                payload: Some(content(last)),
            }),
        })
    }
}

/// Users, and what all webhooks have in common.
impl App {
    /// Informs the backend of an operation on the contacts or the block list of a user.
    pub(super) fn contact_changed(&mut self, operation: ContactOperation, owner: UserNo, other: UserNo) {
        let Some(time) = self.outbox.time() else { return };
        let [from, to] = [owner, other].map(|user| self.full_name(&self.accounts.name(user)));
        let id = self.event_id();
        self.outbox.send(Event::ContactOperation(ContactOperationWebhook {
            head: self.head(&id, time),
            conversation: WebhookConversation {
                chat_type: WebhookChatType::ContactOperation,
                msg_id: id,
                from,
                to,
                group_id: None,
            },
            payload: ContactOperationPayload {
                operation,
                reason: Some("".into()),
                roster_ver: None,
                status: Some(success()),
            },
        }));
    }

    /// Informs the backend of a user who came online or went offline on a device.
    pub(super) fn status_changed(&mut self, user: UserNo, device: &str, reason: UserStatusReason) {
        let Some(timestamp) = self.outbox.time() else { return };
        let call_id = self.webhook_id();
        self.outbox.send(Event::UserStatus(UserStatusWebhook {
            call_id,
            status: if reason == UserStatusReason::Login {
                OnlineChange::Online
            } else {
                OnlineChange::Offline
            },
            reason,
            user: format!("{}/{device}", self.full_name(&self.accounts.name(user))),
            app_key: Some(self.app_key()),
            os: device.split('_').next().map(str::to_owned),
            ip: None,
            host: Some(HOST.to_owned()),
            version: None,
            timestamp,
            // Set when the webhook is sent.
            security: String::new(),
        }));
    }

    /// Returns the app key.
    pub(super) fn app_key(&self) -> String {
        format!("{}#{}", self.org, self.name)
    }

    /// Returns a user ID in the form that is unique among all apps.
    fn full_name(&self, username: &str) -> String {
        format!("{}_{username}@easemob.com", self.app_key())
    }

    /// Returns the ID of a new event.
    fn event_id(&mut self) -> String {
        self.ids.number(FIRST_ID).to_string()
    }

    /// Returns the common fields of a webhook about a message or an event with this ID.
    fn head(&self, id: &str, time: i64) -> WebhookHead {
        let app_key = self.app_key();
        WebhookHead {
            call_id: Some(format!("{app_key}_{id}")),
            event_type: Some(WebhookKind::Online),
            timestamp: time,
            app_key: Some(app_key),
            host: Some(HOST.to_owned()),
            security: None,
            security_version: None,
        }
    }
}

fn success() -> OperationStatus {
    OperationStatus {
        description: Some(String::new()),
        error_code: Some("ok".to_owned()),
    }
}

/// Returns the name of the kind of chat. Webhooks do not distinguish groups and chat rooms.
fn chat_name(message: &Message) -> &'static str {
    match message.kind {
        ChatType::Chat => "chat",
        ChatType::Group | ChatType::Room => "groupchat",
    }
}

fn content(message: &Message) -> WebhookMessage {
    WebhookMessage {
        kind: Some(chat_name(message).to_owned()),
        meta: None,
        bodies: vec![message.body.clone()],
        ext: Some(message.ext.clone().unwrap_or_default()),
        from: Some(message.from.clone()),
        to: Some(message.to.clone()),
    }
}
