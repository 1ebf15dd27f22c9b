//! The expected state of messages: who sent them, what they contain, and for whom they wait.

use std::collections::{BTreeMap, BTreeSet};

use super::sequence::{Content, Draft, Edit, Forget, Step, Target, What, name};
use crate::support::steps::Refusal;
use crate::support::world::USERS;

/// The time in which a message can be recalled without force, in milliseconds.
const RECALLABLE: i64 = 120_000;

/// The number of times that a message can be edited.
const EDITS: usize = 10;

/// The users of whom the backend was told that they were offline when a message was sent to them.
pub type Answer = BTreeSet<String>;

/// The expected state of the service.
#[derive(Debug, Default)]
pub struct Model {
    pub users: BTreeSet<String>,
    pub online: BTreeSet<String>,
    groups: [BTreeSet<String>; 2],
    pub messages: Vec<Message>,
    pub now: i64,
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    pub from: String,
    pub to: Target,
    pub content: Content,
    pub ext: Option<BTreeMap<String, u8>>,
    pub time: i64,
    pub recalled: bool,
    edits: usize,
    /// The users for whom it waits.
    pub waits_for: BTreeSet<String>,
}

impl Message {
    /// Returns `true` if it belongs to the conversation of a user with another, a group or a chat room.
    fn is_between(&self, user: &str, peer: Target) -> bool {
        match (self.to, peer) {
            (Target::User(to), Target::User(peer)) => {
                let (to, peer) = (USERS[to], USERS[peer]);
                [(user, peer), (peer, user)].contains(&(&*self.from, to))
            }
            (to, peer) => to == peer,
        }
    }
}

fn fail<T>(status: u16, code: &str) -> Result<T, Refusal> {
    Err((status, code.to_owned()))
}

fn done() -> Result<Answer, Refusal> {
    Ok(Answer::new())
}

impl Model {
    /// Creates the state at the start: two groups of the first user and two others each.
    pub fn new(groups: [&[usize]; 2], now: i64) -> Self {
        Self {
            users: USERS.map(str::to_owned).into(),
            groups: groups.map(|members| members.iter().map(|user| name(*user)).collect()),
            now,
            ..Self::default()
        }
    }

    /// Returns the place of a message that is counted from the last.
    pub fn place(&self, message: usize) -> Option<usize> {
        self.messages.len().checked_sub(message + 1)
    }

    /// Returns the user who deletes messages, and the other side of the conversation.
    pub fn parties(&self, forget: &Forget) -> (usize, Target) {
        let index = |name: &String| USERS.iter().position(|user| user == name);
        let message = self.place(forget.message).map(|place| &self.messages[place]);
        let waiting = message.and_then(|message| index(message.waits_for.first()?));
        let user = forget.user.or(waiting).unwrap_or(0);
        let peer = message.map(|message| match (message.to, index(&message.from)) {
            (Target::User(to), Some(sender)) if to == user => Target::User(sender),
            (to, _) => to,
        });
        (user, forget.peer.or(peer).unwrap_or(Target::User(0)))
    }

    pub fn take(&mut self, step: &Step) -> Result<Answer, Refusal> {
        match step {
            Step::Register(user) => self.register(name(*user)),
            Step::Delete(user) => self.delete(&name(*user)),
            Step::Appear(user, on) => self.appear(name(*user), *on),
            Step::Join(group, user) => self.join(*group, name(*user)),
            Step::Leave(group, user) => self.leave(*group, &name(*user)),
            Step::Send(draft) => {
                let offline = self.offline(draft);
                self.add(draft, self.now, offline.clone());
                Ok(offline)
            }
            Step::SendToSome(draft, users) => {
                let mut offline = self.offline(draft);
                offline.retain(|user| users.iter().any(|some| USERS[*some] == user));
                // It does not wait for them.
                self.add(draft, self.now, Answer::new());
                Ok(offline)
            }
            Step::Broadcast(from, text) => self.broadcast(*from, *text),
            Step::Import(draft, minutes) => {
                self.add(draft, self.now - minutes * 60_000, Answer::new());
                done()
            }
            Step::Recall(message, to, force) => self.recall(*message, *to, *force),
            Step::Edit(edit, times) => {
                for _ in 0..*times {
                    self.edit(edit)?;
                }
                done()
            }
            Step::Forget(forget) => {
                self.forget(forget);
                done()
            }
            Step::Wait(seconds) => {
                self.now += i64::try_from(*seconds).expect("a small number") * 1000;
                done()
            }
        }
    }

    fn register(&mut self, user: String) -> Result<Answer, Refusal> {
        if !self.users.insert(user) {
            return fail(400, "duplicate_unique_property_exists");
        }
        done()
    }

    fn delete(&mut self, user: &str) -> Result<Answer, Refusal> {
        if !self.users.remove(user) {
            return fail(404, "service_resource_not_found");
        }
        self.online.remove(user);
        for group in &mut self.groups {
            group.remove(user);
        }
        self.receive(user, |_| true);
        done()
    }

    /// Messages do not wait for a user any more.
    fn receive(&mut self, user: &str, which: impl Fn(&Message) -> bool) {
        for message in self.messages.iter_mut().filter(|message| which(message)) {
            message.waits_for.remove(user);
        }
    }

    fn appear(&mut self, user: String, on: bool) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return fail(400, "illegal_argument");
        }
        if on {
            self.receive(&user, |_| true);
            self.online.insert(user);
        } else {
            self.online.remove(&user);
        }
        done()
    }

    fn join(&mut self, group: usize, user: String) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return fail(404, "resource_not_found");
        }
        if !self.groups[group].insert(user) {
            return fail(403, "forbidden_op");
        }
        done()
    }

    fn leave(&mut self, group: usize, user: &str) -> Result<Answer, Refusal> {
        if !self.users.contains(user) {
            return fail(404, "resource_not_found");
        }
        if user == USERS[0] || !self.groups[group].remove(user) {
            return fail(403, "forbidden_op");
        }
        self.receive(user, |message| message.to == Target::Group(group));
        done()
    }

    /// Returns the receivers of a message who are offline. Messages to chat rooms have none.
    fn offline(&self, draft: &Draft) -> Answer {
        let mut receivers = match draft.to {
            Target::User(user) => [name(user)].into(),
            Target::Group(group) => {
                let mut members = self.groups[group].clone();
                members.retain(|member| Some(&**member) != draft.from.map(|user| USERS[user]));
                members
            }
            Target::Room(_) => Answer::new(),
        };
        receivers.retain(|user| self.users.contains(user) && !self.online.contains(user));
        receivers
    }

    fn add(&mut self, draft: &Draft, time: i64, waits_for: Answer) {
        self.messages.push(Message {
            from: draft.from.map_or_else(|| "admin".to_owned(), name),
            to: draft.to,
            content: draft.content,
            ext: draft.ext.map(|(key, value)| [(key.to_owned(), value)].into()),
            time,
            recalled: false,
            edits: 0,
            waits_for,
        });
    }

    /// Sends a message to the chat rooms that have received one before.
    fn broadcast(&mut self, from: Option<usize>, text: u8) -> Result<Answer, Refusal> {
        let rooms = [Target::Room(0), Target::Room(1)];
        let used: BTreeSet<_> = self.messages.iter().map(|message| message.to).collect();
        for to in rooms.into_iter().filter(|room| used.contains(room)) {
            let (content, ext) = (Content::Text(text), None);
            self.add(&Draft { from, to, content, ext }, self.now, Answer::new());
        }
        done()
    }

    fn recall(&mut self, message: usize, to: Option<Target>, force: bool) -> Result<Answer, Refusal> {
        let code = "message_recall_error";
        let now = self.now;
        let message = self.place(message).map(|place| &mut self.messages[place]);
        let Some(message) = message.filter(|message| !message.recalled) else {
            return fail(403, code);
        };
        if to.is_some_and(|to| to != message.to) {
            return fail(400, code);
        }
        if matches!(message.content, Content::Command(_)) || !force && now - message.time > RECALLABLE {
            return fail(403, code);
        }
        message.recalled = true;
        message.waits_for.clear();
        done()
    }

    fn edit(&mut self, edit: &Edit) -> Result<Answer, Refusal> {
        let code = "message_rewrite_error";
        let Some(message) = self.place(edit.message).map(|place| &mut self.messages[place]) else {
            return fail(404, "MessageUnavailableException");
        };
        if message.recalled {
            return fail(404, "MessageUnavailableException");
        }
        let has_other_type = edit.is_other_type || matches!(message.content, Content::Command(_));
        if has_other_type || matches!(message.to, Target::Room(_)) {
            return fail(400, code);
        }
        let takes_part = |user: &str| match message.to {
            _ if message.from == user => true,
            Target::User(to) => USERS[to] == user,
            Target::Group(group) => self.groups[group].contains(user),
            Target::Room(_) => false,
        };
        if edit.user.is_some_and(|user| !takes_part(USERS[user])) {
            return fail(401, code);
        }
        if message.edits == EDITS {
            return fail(403, code);
        }
        message.edits += 1;
        let is_custom = matches!(message.content, Content::Custom(_));
        message.content = if is_custom {
            Content::Custom(edit.content)
        } else {
            Content::Text(edit.content)
        };
        // Only custom messages get a new extension.
        if let Some((key, value)) = edit.ext.filter(|_| is_custom) {
            let old = message.ext.take().filter(|_| edit.adds);
            message
                .ext
                .insert(old.unwrap_or_default())
                .insert(key.to_owned(), value);
        }
        done()
    }

    fn forget(&mut self, forget: &Forget) {
        let (user, peer) = self.parties(forget);
        let user = USERS[user];
        match &forget.what {
            What::Messages(others) => {
                for number in others.iter().chain([&forget.message]) {
                    let place = self.place(*number);
                    let message = place.map(|place| &mut self.messages[place]);
                    if let Some(message) = message.filter(|message| message.is_between(user, peer)) {
                        message.waits_for.remove(user);
                    }
                }
            }
            What::Until(exact) => {
                let time = self.time(forget.message, *exact);
                self.receive(user, |message| message.is_between(user, peer) && message.time <= time);
            }
            What::Conversation(true) => self.receive(user, |message| message.is_between(user, peer)),
            What::Conversation(false) => {}
            What::All => self.receive(user, |_| true),
        }
    }

    /// Returns the time of a message, or a millisecond before.
    pub fn time(&self, message: usize, exact: bool) -> i64 {
        let time = self.place(message).map_or(self.now, |place| self.messages[place].time);
        time - i64::from(!exact)
    }
}
