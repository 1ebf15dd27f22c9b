//! The expected state of threads and messages.

use std::collections::BTreeSet;

use super::model::{Model, Sent, Topic, forbidden, no_thread};
use super::sequence::Answer;
use crate::support::space::Kind;
use crate::support::steps::Refusal;

impl Model {
    pub fn create_thread(&mut self, space: usize, owner: String) -> Result<Answer, Refusal> {
        let (kind, view) = &self.spaces[space];
        let Some(view) = view.as_ref().filter(|_| *kind == Kind::Group) else {
            return no_thread();
        };
        if view.disabled {
            return Err((403, "group_error".to_owned()));
        }
        if !view.members.contains(&owner) {
            return no_thread();
        }
        self.add_thread(space, owner, None);
        Ok(Answer::Done)
    }

    pub fn add_thread(&mut self, group: usize, owner: String, message: Option<usize>) {
        let joined = self.joined_threads.entry(owner.clone()).or_default();
        joined.push(self.threads.len());
        self.threads.push(Topic {
            group,
            name: "a".to_owned(),
            owner: owner.clone(),
            members: Some(vec![owner]),
            message,
        });
    }

    /// The thread, unless it was deleted.
    pub fn thread(&mut self, thread: usize) -> Result<&mut Topic, Refusal> {
        let topic = &mut self.threads[thread];
        if topic.members.is_some() {
            Ok(topic)
        } else {
            no_thread()
        }
    }

    /// The thread, unless it was deleted or its group is banned.
    pub fn live_thread(&mut self, thread: usize) -> Result<&mut Topic, Refusal> {
        let group = self.thread(thread)?.group;
        if self.spaces[group].1.as_ref().is_some_and(|view| view.disabled) {
            return Err((403, "group_error".to_owned()));
        }
        self.thread(thread)
    }

    pub fn join_thread(&mut self, thread: usize, users: Vec<String>) -> Result<Answer, Refusal> {
        let group = self.live_thread(thread)?.group;
        let in_group = |user: &String| {
            self.spaces[group]
                .1
                .as_ref()
                .is_some_and(|view| view.members.contains(user))
        };
        if !users.iter().all(in_group) {
            return no_thread();
        }
        for user in users {
            let Some(members) = &mut self.threads[thread].members else {
                continue;
            };
            if !members.contains(&user) {
                members.push(user.clone());
                self.joined_threads.entry(user).or_default().push(thread);
            }
        }
        Ok(Answer::Done)
    }

    pub fn leave_thread(&mut self, thread: usize, users: Vec<String>) -> Result<Answer, Refusal> {
        self.live_thread(thread)?;
        if !users.iter().all(|user| self.users.contains(user)) {
            return no_thread();
        }
        let each = users.into_iter().map(|user| {
            let was_member = self.leave_one_thread(thread, &user);
            (user, was_member)
        });
        Ok(Answer::Each(each.collect()))
    }

    pub fn ban(&mut self, user: String, on: bool) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return Err((404, "service_resource_not_found".to_owned()));
        }
        if on {
            self.banned.insert(user);
        } else {
            self.banned.remove(&user);
        }
        Ok(Answer::Done)
    }

    pub fn mute_in_app(&mut self, user: String, duration: Option<u64>) -> Result<Answer, Refusal> {
        if !self.users.contains(&user) {
            return Err((400, "required_property_not_found".to_owned()));
        }
        let length = duration.map(|seconds| i64::try_from(seconds).expect("a small number") * 1000);
        self.muted
            .insert(user, length.map_or(i64::MAX, |length| self.now + length));
        Ok(Answer::Done)
    }

    pub fn send(&mut self, space: usize, sender: String) -> Result<Answer, Refusal> {
        let is_muted = self.muted.get(&sender).is_some_and(|end| *end > self.now);
        if is_muted && self.spaces[space].0 == Kind::Group {
            return forbidden(403);
        }
        self.messages.push(Sent {
            space,
            sender,
            recalled: false,
            reactions: BTreeSet::new(),
        });
        Ok(Answer::Done)
    }

    pub fn recall(&mut self, message: usize) -> Result<Answer, Refusal> {
        if std::mem::replace(&mut self.messages[message].recalled, true) {
            return Err((403, "message_recall_error".to_owned()));
        }
        Ok(Answer::Done)
    }

    pub fn react(&mut self, message: usize, user: String) -> Result<Answer, Refusal> {
        let is_known = self.users.contains(&user);
        let sent = &mut self.messages[message];
        let (kind, view) = &self.spaces[sent.space];
        let is_member = view.as_ref().is_some_and(|view| view.members.contains(&user));
        let can_react = is_known && *kind == Kind::Group && !sent.recalled && (is_member || sent.sender == user);
        if can_react && sent.reactions.insert(user) {
            return Ok(Answer::Done);
        }
        Err((400, "Bad Request".to_owned()))
    }

    pub fn create_thread_from(&mut self, space: usize, message: usize, owner: String) -> Result<Answer, Refusal> {
        let sent = self.messages[message].clone();
        let (kind, view) = &self.spaces[space];
        let Some(view) = view.as_ref().filter(|_| *kind == Kind::Group) else {
            return no_thread();
        };
        if view.disabled {
            return Err((403, "group_error".to_owned()));
        }
        if !view.members.contains(&owner) || sent.recalled {
            return no_thread();
        }
        if sent.space != space {
            return Err((400, "group_error".to_owned()));
        }
        let is_live = |topic: &Topic| topic.message == Some(message) && topic.members.is_some();
        if self.threads.iter().any(is_live) {
            return Err((403, "group_error".to_owned()));
        }
        self.add_thread(space, owner, Some(message));
        Ok(Answer::Done)
    }
}
