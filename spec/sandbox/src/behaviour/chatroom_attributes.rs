//! Attributes of chat rooms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{UserNo, number};
use super::space::{Kind, Space};
use super::webhooks::Detail;
use crate::errors::Known;
use crate::runtime::{Call, Failure};
use crate::sections::chatroom_attributes::{ChatroomAttributes, delete, force_delete, force_set, get, set};
use crate::types::{AttributeOnLeave, AttributeOutcome, GroupOperation};

/// Maximum numbers of characters of a key and of a value, and of attributes of a chat room.
const KEY: usize = 128;
const VALUE: usize = 4096;
const ATTRIBUTES: usize = 100;

/// An attribute of a chat room.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RoomAttribute {
    pub(super) value: String,
    /// The user who set it.
    pub(super) owner: UserNo,
    /// `true` if it is deleted when this user leaves.
    pub(super) leaves: bool,
}

/// A change of attributes.
struct Change<'c> {
    room: &'c str,
    user: &'c str,
    /// `true` if attributes of other users are changed, too.
    forced: bool,
}

/// Returns the outcome of a change from the result for each key.
fn outcome(results: impl Iterator<Item = (String, Result<(), &'static str>)>) -> AttributeOutcome {
    let (mut done, mut failed) = (Vec::new(), BTreeMap::new());
    for (key, result) in results {
        match result {
            Ok(()) => done.push(key),
            Err(reason) => drop(failed.insert(key, reason.to_owned())),
        }
    }
    let failed = Some(failed);
    AttributeOutcome { done, failed }
}

impl Change<'_> {
    /// Returns the chat room and the user.
    ///
    /// # Errors
    ///
    /// Fails if the user is not a member, or if all keys belong to other users.
    fn begin<'k>(&self, app: &App, keys: impl Iterator<Item = &'k String>) -> Result<UserNo, Failure> {
        let room = app.find_space(Kind::Room, self.room, Known::MetadataException401)?.1;
        let user = app.accounts.find(self.user);
        let Some(user) = user.filter(|user| room.members.contains(*user)) else {
            let message = format!("user {} is not in the chat room", self.user);
            return Err(Failure::new(Known::MetadataException401, message));
        };
        let mut keys = keys.peekable();
        if keys.peek().is_some() && keys.all(|key| self.is_foreign(room, user, key)) {
            let message = "the attributes belong to other users";
            return Err(Failure::new(Known::IllegalArgument400, message));
        }
        Ok(user)
    }

    /// Returns `true` if an attribute belongs to another user and must not be changed.
    fn is_foreign(&self, room: &Space, user: UserNo, key: &str) -> bool {
        let owner = room.room_attributes.get(key).map(|attribute| attribute.owner);
        !self.forced && owner.is_some_and(|owner| owner != user)
    }

    fn set(
        &self,
        app: &mut App,
        attributes: BTreeMap<String, String>,
        on_leave: AttributeOnLeave,
    ) -> Result<AttributeOutcome, Failure> {
        let owner = self.begin(app, attributes.keys())?;
        let room = app.space_mut(Kind::Room, self.room)?;
        let leaves = on_leave == AttributeOnLeave::Delete;
        let outcome = outcome(attributes.into_iter().map(|(key, value)| {
            let result = self.check(room, owner, &key, &value);
            if result.is_ok() {
                let attribute = RoomAttribute { value, owner, leaves };
                room.room_attributes.insert(key.clone(), attribute);
            }
            (key, result)
        }));
        self.inform(app, GroupOperation::SetMetadata, owner, &outcome);
        Ok(outcome)
    }

    /// Informs the backend of a change, unless no attribute changed.
    fn inform(&self, app: &mut App, operation: GroupOperation, user: UserNo, outcome: &AttributeOutcome) {
        if let Some(no) = number(self.room).filter(|_| !outcome.done.is_empty()) {
            let detail = Detail::RoomAttributes(outcome, self.forced);
            app.operated_with(Kind::Room, no, operation, Some(user), detail);
        }
    }

    /// Returns the reason why an attribute cannot be set.
    fn check(&self, room: &Space, user: UserNo, key: &str, value: &str) -> Result<(), &'static str> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if key.chars().count() > KEY {
            return Err("the key is too long");
        }
        if key.is_empty() || !key.chars().all(is_allowed) {
            return Err("the key is not valid");
        }
        if value.chars().count() > VALUE {
            return Err("the value is too long");
        }
        if self.is_foreign(room, user, key) {
            return Err("the attribute belongs to another user");
        }
        if room.room_attributes.len() >= ATTRIBUTES && !room.room_attributes.contains_key(key) {
            return Err("the chat room has too many attributes");
        }
        Ok(())
    }

    fn delete(&self, app: &mut App, keys: Vec<String>) -> Result<AttributeOutcome, Failure> {
        let user = self.begin(app, keys.iter())?;
        let room = app.space_mut(Kind::Room, self.room)?;
        let outcome = outcome(keys.into_iter().map(|key| {
            if self.is_foreign(room, user, &key) {
                return (key, Err("the attribute belongs to another user"));
            }
            room.room_attributes.remove(&key);
            (key, Ok(()))
        }));
        self.inform(app, GroupOperation::DeleteMetadata, user, &outcome);
        Ok(outcome)
    }
}

impl ChatroomAttributes for App {
    fn set(&mut self, _: &Call<'_>, arguments: set::Set) -> Result<AttributeOutcome, Failure> {
        let change = Change {
            room: &arguments.chatroom_id,
            user: &arguments.username,
            forced: false,
        };
        change.set(self, arguments.attributes, arguments.on_leave)
    }

    fn get(&mut self, _: &Call<'_>, arguments: get::Get) -> Result<get::GetResult, Failure> {
        let room = self.space(Kind::Room, &arguments.chatroom_id)?;
        let keys = arguments.keys.unwrap_or_default();
        let wanted = room
            .room_attributes
            .iter()
            .filter(|(key, _)| keys.is_empty() || keys.contains(key));
        let attributes = wanted.map(|(key, attribute)| (key.clone(), attribute.value.clone()));
        Ok(get::GetResult {
            attributes: attributes.collect(),
        })
    }

    fn delete(&mut self, _: &Call<'_>, arguments: delete::Delete) -> Result<AttributeOutcome, Failure> {
        let change = Change {
            room: &arguments.chatroom_id,
            user: &arguments.username,
            forced: false,
        };
        change.delete(self, arguments.keys)
    }

    fn force_set(&mut self, _: &Call<'_>, arguments: force_set::ForceSet) -> Result<AttributeOutcome, Failure> {
        let change = Change {
            room: &arguments.chatroom_id,
            user: &arguments.username,
            forced: true,
        };
        change.set(self, arguments.attributes, arguments.on_leave)
    }

    fn force_delete(
        &mut self,
        _: &Call<'_>,
        arguments: force_delete::ForceDelete,
    ) -> Result<AttributeOutcome, Failure> {
        let change = Change {
            room: &arguments.chatroom_id,
            user: &arguments.username,
            forced: true,
        };
        change.delete(self, arguments.keys)
    }
}
