//! Reactions to messages.

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{UserNo, count_of};
use super::history::iso_8601;
use super::messages::Message;
use super::ordered::Ordered;
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, Paged, position};
use crate::sections::reactions::{Reactions, add, get, list, remove};
use crate::types::{ChatType, MessageReactions, Reaction, ReactionChatType, ReactionSummary};

/// Maximum number of different reactions to a message.
const REACTIONS: usize = 20;

/// Maximum number of users that a list of reactions names for each.
pub(super) const NAMED: usize = 3;

/// A reaction to a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ReactionState {
    id: String,
    pub(super) emoji: String,
    created: i64,
    /// The users who added it, first added first.
    pub(super) users: Ordered<UserNo>,
}

impl ReactionState {
    /// Creates a reaction that no user has added.
    pub(super) fn new(id: String, emoji: String, created: i64) -> Self {
        Self {
            id,
            emoji,
            created,
            users: Ordered::default(),
        }
    }

    /// Returns the number of users who added it.
    pub(super) fn count(&self) -> usize {
        self.users.len()
    }
}

fn rejected(message: String) -> Failure {
    Failure::new(Known::Rejected400, message)
}

impl App {
    /// Returns a message that can have reactions.
    fn reactable(&self, id: &str) -> Result<&Message, Failure> {
        let message = self.messages.get(id);
        let message = message.filter(|message| message.kind != ChatType::Room);
        message.ok_or_else(|| rejected(format!("message {id} does not exist, or cannot have reactions")))
    }

    /// Returns the user who reacts to a message, and the message.
    fn reacting(&self, username: &str, id: &str) -> Result<(UserNo, &Message), Failure> {
        let message = self.reactable(id)?;
        let user = self.accounts.require(username, Known::Rejected400)?;
        if !self.takes_part(username, message) {
            return Err(rejected(format!("user {username} is not in the chat of message {id}")));
        }
        Ok((user, message))
    }

    fn summary(&self, reaction: &ReactionState, user: Option<UserNo>) -> ReactionSummary {
        let users = reaction.users.oldest_first().take(NAMED);
        ReactionSummary {
            id: reaction.id.clone(),
            emoji: reaction.emoji.clone(),
            count: count_of(reaction.users.len()),
            is_mine: user.is_some_and(|user| reaction.users.contains(user)),
            users: users.map(|user| self.accounts.name(user)).collect(),
        }
    }

    /// Removes the reactions of a user who is deleted.
    pub(super) fn remove_reactions(&mut self, user: UserNo) {
        self.messages.retain_reactions(|reaction| {
            reaction.users.remove(user);
            reaction.users.len() > 0
        });
    }
}

impl Reactions for App {
    fn add(&mut self, call: &Call<'_>, arguments: add::Add) -> Result<Reaction, Failure> {
        let add::Add {
            username,
            msg_id,
            emoji,
        } = arguments;
        let (user, message) = self.reacting(&username, &msg_id)?;
        let id = message.id;
        let group = (message.kind == ChatType::Group).then(|| message.to.clone());
        let new_id = self.ids.number(946_463_000_000_000_000).to_string();
        let reactions = &mut self.messages.changes_mut(id).reactions;
        let known = reactions.iter().position(|reaction| reaction.emoji == emoji);
        if known.is_none() && reactions.len() >= REACTIONS {
            return Err(rejected(format!("message {msg_id} has {REACTIONS} reactions")));
        }
        let place = known.unwrap_or_else(|| {
            reactions.push(ReactionState::new(new_id, emoji.clone(), call.now));
            reactions.len() - 1
        });
        let reaction = &mut reactions[place];
        if !reaction.users.insert(user) {
            return Err(rejected(format!("user {username} has added this emoji before")));
        }
        let created = reaction.created;
        let reaction_id = reaction.id.clone();
        self.reaction_changed(id, user, &emoji, true);
        Ok(Reaction {
            id: reaction_id,
            msg_id,
            msg_type: Some(if group.is_some() {
                ReactionChatType::Group
            } else {
                ReactionChatType::Chat
            }),
            group_id: Some(group),
            emoji,
            created_at: Some(iso_8601(created)),
            updated_at: Some(iso_8601(call.now)),
        })
    }

    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Vec<MessageReactions>, Failure> {
        let kind = match arguments.chat_type {
            ReactionChatType::Chat => ChatType::Chat,
            ReactionChatType::Group => ChatType::Group,
        };
        if kind == ChatType::Group && arguments.group_id.is_none() {
            return Err(rejected("groupId is missing".to_owned()));
        }
        let user = self.accounts.find(&arguments.username);
        let ids = arguments.message_ids.into_iter();
        let reactions = ids.map(|msg_id| {
            let message = self.messages.get(&msg_id).filter(|message| {
                let group = arguments.group_id.as_ref();
                message.kind == kind && group.is_none_or(|group| *group == message.to)
            });
            let changes = message.map(|message| self.messages.changes(message.id));
            let reactions = changes.into_iter().flat_map(|changes| &changes.reactions);
            MessageReactions {
                msg_id,
                reactions: reactions.map(|reaction| self.summary(reaction, user)).collect(),
            }
        });
        Ok(reactions.collect())
    }

    fn get(&mut self, _: &Call<'_>, arguments: get::Get) -> Result<Paged<get::GetResult>, Failure> {
        let message = self.reactable(&arguments.msg_id)?;
        let mut reactions = self.messages.changes(message.id).reactions.iter();
        let Some(reaction) = reactions.find(|reaction| reaction.emoji == arguments.emoji) else {
            let message = format!("message {} has no reaction {}", arguments.msg_id, arguments.emoji);
            return Err(rejected(message));
        };
        let user = self.accounts.find(&arguments.username);
        let ReactionSummary {
            id,
            emoji,
            count,
            is_mine,
            ..
        } = self.summary(reaction, user);
        let users = reaction.users.after(position(arguments.cursor.as_deref()));
        let names = users.map(|(place, user)| (place, self.accounts.name(user)));
        let Paged { result, next } = Paged::take(names, arguments.limit);
        let result = get::GetResult {
            id,
            emoji,
            count,
            is_mine,
            users: result,
        };
        Ok(Paged { result, next })
    }

    fn remove(&mut self, _: &Call<'_>, arguments: remove::Remove) -> Result<Done, Failure> {
        let (user, message) = self.reacting(&arguments.username, &arguments.msg_id)?;
        let id = message.id;
        let reactions = &mut self.messages.changes_mut(id).reactions;
        if let Some(place) = reactions.iter().position(|reaction| reaction.emoji == arguments.emoji) {
            let was_added = reactions[place].users.remove(user);
            if reactions[place].users.len() == 0 {
                reactions.remove(place);
            }
            if was_added {
                self.reaction_changed(id, user, &arguments.emoji, false);
            }
        }
        Ok(Done::default())
    }
}
