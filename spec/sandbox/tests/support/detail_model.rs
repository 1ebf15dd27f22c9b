//! The expected state of attributes, shared files, reactions, mutes, push labels and presences.

use std::collections::{BTreeMap, BTreeSet};

use super::sequence::{Change, DEVICES, EMOJIS, KEYS, LABELS, Length, Step, keys, name, names};
use crate::support::space::Kind;
use crate::support::steps::Refusal;
use crate::support::world::USERS;

/// The time for which a shared file is kept, in milliseconds.
const LIFETIME: i64 = 7 * 24 * 3_600_000;

/// The names of those for whom a step succeeded, sorted. Empty for most steps.
pub type Answer = BTreeSet<String>;

pub type Attributes = BTreeMap<String, String>;

/// The expected state of the service.
#[derive(Debug, Default)]
pub struct Model {
    pub users: BTreeSet<String>,
    banned: BTreeSet<String>,
    pub group: BTreeSet<String>,
    room: BTreeSet<String>,
    pub members: BTreeMap<String, Attributes>,
    pub attributes: BTreeMap<String, RoomAttribute>,
    /// With those that were deleted.
    pub files: Vec<Shared>,
    pub messages: Vec<Sent>,
    pub mutes: BTreeMap<String, Mute>,
    /// The users who were muted, in the order in which they were first muted.
    pub muted: Vec<String>,
    pub labels: Vec<Label>,
    pub presences: BTreeMap<String, Presence>,
    /// The ends of the subscriptions of each user in milliseconds.
    subscriptions: BTreeMap<String, BTreeMap<String, i64>>,
    pub now: i64,
}

/// An attribute of the chat room.
#[derive(Debug, Clone)]
pub struct RoomAttribute {
    pub value: String,
    /// `None` if the user was deleted.
    owner: Option<String>,
    keep: bool,
}

/// A shared file of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    pub size: usize,
    pub created: i64,
    deleted: bool,
}

impl Shared {
    /// Returns `true` if the file can be downloaded.
    pub fn is_kept(&self, now: i64) -> bool {
        !self.deleted && now - self.created <= LIFETIME
    }
}

/// A message.
#[derive(Debug, Clone)]
pub struct Sent {
    from: String,
    /// `None` if it was sent to the group.
    pub to: Option<String>,
    /// The users of each reaction, both in the order in which they were added.
    pub reactions: Vec<(&'static str, Vec<String>)>,
}

/// The ends of the mutes in one-to-one chats, groups and chat rooms. `i64::MAX` for one without an end.
pub type Mute = [Option<i64>; 3];

/// A push label.
#[derive(Debug, Clone)]
pub struct Label {
    pub name: &'static str,
    /// The users in the order in which they got the label, and the times.
    pub users: Vec<(String, i64)>,
}

/// The presence of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Presence {
    pub devices: BTreeMap<String, String>,
    pub ext: String,
    pub changed: Option<i64>,
}

fn fail<T>(status: u16, code: &str) -> Result<T, Refusal> {
    Err((status, code.to_owned()))
}

fn done() -> Result<Answer, Refusal> {
    Ok(Answer::new())
}

impl Model {
    /// Creates the state at the start: a group and a chat room of the first three users.
    pub fn new(now: i64) -> Self {
        let users: BTreeSet<_> = USERS.map(str::to_owned).into();
        let members: BTreeSet<_> = names(&[0, 1, 2]).into_iter().collect();
        let presences = users.iter().map(|user| (user.clone(), Presence::default()));
        Self {
            presences: presences.collect(),
            users,
            group: members.clone(),
            room: members,
            now,
            ..Self::default()
        }
    }

    pub fn take(&mut self, step: &Step) -> Result<Answer, Refusal> {
        match step {
            Step::Register(user) => self.register(name(*user)),
            Step::Delete(user) => self.delete(&name(*user)),
            Step::Ban(user, on) => self.ban(&name(*user), *on),
            Step::Join(kind, user) => self.join(*kind, name(*user)),
            Step::Leave(kind, user) => self.leave(*kind, &name(*user)),
            Step::Rejoin(kind, user) => {
                self.leave(*kind, &name(*user))?;
                self.join(*kind, name(*user))
            }
            Step::Members(users, key, value) => self.set_members(&names(users), KEYS[*key], *value),
            Step::Member(user, key, value) => self.set_member(name(*user), KEYS[*key], *value),
            Step::Room(change, of, value) => self.set_room(*change, keys(of), *value),
            Step::DropRoom(change, of) => self.drop_room(*change, keys(of)),
            Step::Share(size) => {
                let (size, created) = (*size, self.now);
                let deleted = false;
                self.files.push(Shared { size, created, deleted });
                done()
            }
            Step::Unshare(number) => self.unshare(*number),
            Step::SendToGroup(from) => self.send(name(*from), None),
            Step::Send(from, to) => self.send(name(*from), Some(name(*to))),
            Step::React(message, user, emoji) => self.react(*message, name(*user), EMOJIS[*emoji]),
            Step::Unreact(message, user, emoji) => self.unreact(*message, &name(*user), EMOJIS[*emoji]),
            Step::Mute(user, lengths) => self.mute(name(*user), *lengths),
            Step::Label(label) => self.create_label(LABELS[*label]),
            Step::DropLabel(label) => {
                self.label(LABELS[*label])?;
                self.labels.retain(|other| other.name != LABELS[*label]);
                done()
            }
            Step::Tag(label, users) => self.tag(LABELS[*label], names(users)),
            Step::Untag(label, users) => self.untag(LABELS[*label], names(users)),
            Step::Appear(user, device, state) => self.appear(&name(*user), DEVICES[*device], *state),
            Step::Disconnect(user, device) => self.disconnect(&name(*user), device.map(|device| DEVICES[device])),
            Step::Subscribe(user, others, time) => self.subscribe(name(*user), names(others), *time),
            Step::Unsubscribe(user, others) => self.unsubscribe(name(*user), &names(others)),
            Step::Wait(seconds) => {
                self.now += i64::try_from(*seconds).expect("a small number") * 1000;
                done()
            }
        }
    }

    fn register(&mut self, user: String) -> Result<Answer, Refusal> {
        if !self.users.insert(user.clone()) {
            return fail(400, "duplicate_unique_property_exists");
        }
        self.presences.insert(user, Presence::default());
        done()
    }

    fn delete(&mut self, user: &str) -> Result<Answer, Refusal> {
        if !self.users.remove(user) {
            return fail(404, "service_resource_not_found");
        }
        self.banned.remove(user);
        self.part(Kind::Group, user);
        self.part(Kind::Room, user);
        for attribute in self.attributes.values_mut() {
            attribute.owner.take_if(|owner| owner == user);
        }
        for message in &mut self.messages {
            for (_, users) in &mut message.reactions {
                users.retain(|other| other != user);
            }
            message.reactions.retain(|(_, users)| !users.is_empty());
        }
        self.mutes.remove(user);
        self.muted.retain(|other| other != user);
        for label in &mut self.labels {
            label.users.retain(|(other, _)| other != user);
        }
        self.presences.remove(user);
        self.subscriptions.remove(user);
        for subscriptions in self.subscriptions.values_mut() {
            subscriptions.remove(user);
        }
        done()
    }

    fn ban(&mut self, user: &str, on: bool) -> Result<Answer, Refusal> {
        if !self.users.contains(user) {
            return fail(404, "service_resource_not_found");
        }
        if on {
            self.banned.insert(user.to_owned());
            self.log_out(user, None);
        } else {
            self.banned.remove(user);
        }
        done()
    }

    fn joined(&mut self, kind: Kind) -> &mut BTreeSet<String> {
        match kind {
            Kind::Group => &mut self.group,
            Kind::Room => &mut self.room,
        }
    }

    fn join(&mut self, kind: Kind, user: String) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return fail(404, "resource_not_found");
        }
        if !self.joined(kind).insert(user) && kind == Kind::Group {
            return fail(403, "forbidden_op");
        }
        done()
    }

    fn leave(&mut self, kind: Kind, user: &str) -> Result<Answer, Refusal> {
        if !self.users.contains(user) {
            return fail(404, "resource_not_found");
        }
        if user == USERS[0] {
            return fail(403, "forbidden_op");
        }
        if !self.joined(kind).contains(user) {
            return fail(if kind == Kind::Group { 403 } else { 400 }, "forbidden_op");
        }
        self.part(kind, user);
        done()
    }

    /// Removes a user from the group or the chat room, with the attributes.
    fn part(&mut self, kind: Kind, user: &str) {
        self.joined(kind).remove(user);
        match kind {
            Kind::Group => drop(self.members.remove(user)),
            Kind::Room => self
                .attributes
                .retain(|_, attribute| attribute.keep || attribute.owner.as_deref() != Some(user)),
        }
    }

    fn set_member(&mut self, user: String, key: &str, value: Option<u8>) -> Result<Answer, Refusal> {
        if !self.group.contains(&user) {
            return fail(404, "MetadataException");
        }
        let attributes = self.members.entry(user).or_default();
        match value {
            Some(value) => drop(attributes.insert(key.to_owned(), format!("value {value}"))),
            None => drop(attributes.remove(key)),
        }
        done()
    }

    fn set_members(&mut self, users: &[String], key: &str, value: Option<u8>) -> Result<Answer, Refusal> {
        if !users.iter().all(|user| self.group.contains(user)) {
            return fail(400, "metadata_error");
        }
        for user in users {
            self.set_member(user.clone(), key, value)?;
        }
        Ok(users.iter().cloned().collect())
    }

    /// Returns those of the keys that the user can change.
    fn own_keys(&self, change: Change, keys: Vec<String>) -> Result<Answer, Refusal> {
        let user = name(change.user);
        if !self.room.contains(&user) {
            return fail(401, "MetadataException");
        }
        let is_own = |key: &String| {
            let attribute = self.attributes.get(key);
            change.forced || attribute.is_none_or(|attribute| attribute.owner.as_ref() == Some(&user))
        };
        let own: Answer = keys.into_iter().filter(is_own).collect();
        if own.is_empty() {
            return fail(400, "illegal_argument");
        }
        Ok(own)
    }

    fn set_room(&mut self, change: Change, keys: Vec<String>, value: u8) -> Result<Answer, Refusal> {
        let own = self.own_keys(change, keys)?;
        for key in &own {
            let attribute = RoomAttribute {
                value: format!("value {value}"),
                owner: Some(name(change.user)),
                keep: change.keep,
            };
            self.attributes.insert(key.clone(), attribute);
        }
        Ok(own)
    }

    fn drop_room(&mut self, change: Change, keys: Vec<String>) -> Result<Answer, Refusal> {
        let own = self.own_keys(change, keys)?;
        self.attributes.retain(|key, _| !own.contains(key));
        Ok(own)
    }

    fn unshare(&mut self, number: usize) -> Result<Answer, Refusal> {
        let now = self.now;
        let file = &mut self.files[number];
        if !file.is_kept(now) {
            return fail(404, "RestGroupFeignException");
        }
        file.deleted = true;
        done()
    }

    fn send(&mut self, from: String, to: Option<String>) -> Result<Answer, Refusal> {
        let [chat, group, _] = self.mutes.get(&from).copied().unwrap_or_default();
        let end = if to.is_some() { chat } else { group };
        if end.is_some_and(|end| end > self.now) {
            return fail(403, "forbidden_op");
        }
        let reactions = Vec::new();
        self.messages.push(Sent { from, to, reactions });
        done()
    }

    /// Returns the reactions to a message, if the user takes part in its chat.
    fn reactions(&mut self, message: usize, user: &str) -> Result<&mut Vec<(&'static str, Vec<String>)>, Refusal> {
        let Sent { from, to, reactions } = &mut self.messages[message];
        let takes_part = match to {
            Some(to) => to == user,
            None => self.group.contains(user),
        };
        if !self.users.contains(user) || !takes_part && from != user {
            return fail(400, "Bad Request");
        }
        Ok(reactions)
    }

    fn react(&mut self, message: usize, user: String, emoji: &'static str) -> Result<Answer, Refusal> {
        let reactions = self.reactions(message, &user)?;
        match reactions.iter_mut().find(|(other, _)| *other == emoji) {
            Some((_, users)) if users.contains(&user) => return fail(400, "Bad Request"),
            Some((_, users)) => users.push(user),
            None => reactions.push((emoji, vec![user])),
        }
        done()
    }

    fn unreact(&mut self, message: usize, user: &str, emoji: &str) -> Result<Answer, Refusal> {
        let reactions = self.reactions(message, user)?;
        for (_, users) in reactions.iter_mut().filter(|(other, _)| *other == emoji) {
            users.retain(|other| other != user);
        }
        reactions.retain(|(_, users)| !users.is_empty());
        done()
    }

    fn mute(&mut self, user: String, lengths: [Option<Length>; 3]) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return fail(400, "required_property_not_found");
        }
        let mute = self.mutes.entry(user.clone()).or_default();
        for (end, length) in mute.iter_mut().zip(lengths) {
            match length {
                Some(Length::Seconds(seconds)) => *end = Some(self.now + i64::from(seconds) * 1000),
                Some(Length::Forever) => *end = Some(i64::MAX),
                None => {}
            }
        }
        if lengths.iter().any(Option::is_some) && !self.muted.contains(&user) {
            self.muted.push(user);
        }
        done()
    }

    fn label(&mut self, label: &str) -> Result<&mut Label, Refusal> {
        let found = self.labels.iter_mut().find(|other| other.name == label);
        found.map_or_else(|| fail(400, "ResourceNotFoundException"), Ok)
    }

    fn create_label(&mut self, label: &'static str) -> Result<Answer, Refusal> {
        if self.label(label).is_ok() {
            return fail(400, "IllegalArgumentException");
        }
        let users = Vec::new();
        self.labels.push(Label { name: label, users });
        done()
    }

    fn tag(&mut self, label: &str, users: Vec<String>) -> Result<Answer, Refusal> {
        let (known, now) = (self.users.clone(), self.now);
        let label = self.label(label)?;
        let users: Vec<_> = users.into_iter().filter(|user| known.contains(user)).collect();
        for user in &users {
            if !label.users.iter().any(|(other, _)| other == user) {
                label.users.push((user.clone(), now));
            }
        }
        Ok(users.into_iter().collect())
    }

    fn untag(&mut self, label: &str, users: Vec<String>) -> Result<Answer, Refusal> {
        let label = self.label(label)?;
        let has = |user: &String| label.users.iter().any(|(other, _)| other == user);
        let had: Answer = users.into_iter().filter(has).collect();
        label.users.retain(|(user, _)| !had.contains(user));
        Ok(had)
    }

    fn appear(&mut self, user: &str, device: &str, state: u8) -> Result<Answer, Refusal> {
        let seconds = self.now / 1000;
        match self.presences.get_mut(user) {
            Some(presence) if !self.banned.contains(user) => {
                presence.devices.insert(device.to_owned(), state.to_string());
                presence.ext = format!("text {state}");
                presence.changed = Some(seconds);
                done()
            }
            _ => fail(400, "illegal_argument"),
        }
    }

    /// Logs a user out of all devices, or of one.
    fn log_out(&mut self, user: &str, device: Option<&str>) {
        let Some(presence) = self.presences.get_mut(user) else {
            return;
        };
        for (other, state) in &mut presence.devices {
            if device.is_none_or(|device| device == other) && state != "0" {
                "0".clone_into(state);
                presence.changed = Some(self.now / 1000);
            }
        }
    }

    fn disconnect(&mut self, user: &str, device: Option<&str>) -> Result<Answer, Refusal> {
        if device.is_some() && !self.users.contains(user) {
            return fail(404, "service_resource_not_found");
        }
        self.log_out(user, device);
        done()
    }

    fn subscribe(&mut self, user: String, others: Vec<String>, seconds: i64) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) || others.contains(&user) {
            return fail(400, "illegal_argument");
        }
        let others: Answer = others.into_iter().filter(|user| self.users.contains(user)).collect();
        let end = self.now + seconds * 1000;
        let subscriptions = self.subscriptions.entry(user).or_default();
        subscriptions.extend(others.iter().map(|other| (other.clone(), end)));
        Ok(others)
    }

    fn unsubscribe(&mut self, user: String, others: &[String]) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return fail(400, "illegal_argument");
        }
        let subscriptions = self.subscriptions.entry(user).or_default();
        subscriptions.retain(|other, _| !others.contains(other));
        done()
    }

    /// Returns the users that a user is subscribed to, and the ends of the subscriptions in seconds.
    pub fn subscribed(&self, user: &str) -> BTreeMap<String, i64> {
        let all = self.subscriptions.get(user).into_iter().flatten();
        let live = all.filter(|(_, end)| **end > self.now);
        live.map(|(other, end)| (other.clone(), end / 1000)).collect()
    }
}
