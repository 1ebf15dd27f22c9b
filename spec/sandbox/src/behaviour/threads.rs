//! Threads.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{SpaceNo, UserNo, number};
use super::ordered::Ordered;
use super::space::Kind;
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, Paged, position};
use crate::sections::threads::{Threads, create, delete, list, list_joined, list_joined_in_group, update};
use crate::types::{Thread, ThreadOrder, ThreadRef};

/// A thread.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ThreadState {
    pub(super) name: String,
    /// The user ID of the creator, who can leave.
    pub(super) owner: String,
    pub(super) group: SpaceNo,
    pub(super) message: String,
    pub(super) created: i64,
    /// In the order of joining.
    pub(super) members: Ordered<UserNo>,
}

/// All threads of an app.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ThreadStore {
    by_no: HashMap<u64, ThreadState>,
    /// In the order of creation.
    order: Ordered<u64>,
    /// The messages that have a thread.
    by_message: HashMap<String, u64>,
}

/// The elements of a list in an order, after or before a place.
fn ordered<'a>(
    list: &'a Ordered<u64>,
    order: ThreadOrder,
    cursor: Option<&str>,
) -> Box<dyn Iterator<Item = (u64, u64)> + 'a> {
    let place = position(cursor);
    match order {
        ThreadOrder::Ascending => Box::new(list.after(place)),
        ThreadOrder::Descending => Box::new(list.before(place)),
    }
}

impl App {
    /// Returns a thread by its ID.
    ///
    /// # Errors
    ///
    /// Fails if it does not exist.
    pub(super) fn thread(&self, id: &str) -> Result<(u64, &ThreadState), Failure> {
        let thread = number(id).and_then(|no| Some((no, self.threads.by_no.get(&no)?)));
        thread.ok_or_else(|| Failure::new(Known::GroupError404, format!("thread {id} does not exist")))
    }

    /// Returns a thread that can be changed, and its number.
    ///
    /// # Errors
    ///
    /// Fails if it does not exist, or if its group is banned.
    pub(super) fn writable_thread(&self, id: &str) -> Result<(u64, &ThreadState), Failure> {
        let (no, thread) = self.thread(id)?;
        if let Some(group) = self.groups.get(thread.group) {
            group.check_enabled(Known::GroupError403)?;
        }
        Ok((no, thread))
    }

    /// Adds a thread without members.
    pub(super) fn add_thread(&mut self, no: u64, thread: ThreadState) {
        self.threads.order.insert(no);
        self.threads.by_message.insert(thread.message.clone(), no);
        if let Some(group) = self.groups.get_mut(thread.group) {
            group.threads.insert(no);
        }
        self.threads.by_no.insert(no, thread);
    }

    /// Adds a member to a thread.
    pub(super) fn join_thread(&mut self, no: u64, user: UserNo) {
        if let Some(thread) = self.threads.by_no.get_mut(&no) {
            thread.members.insert(user);
        }
        if let Some(account) = self.accounts.get_mut(user) {
            account.threads.insert(no);
        }
    }

    /// Removes a member from a thread. Returns `false` if the user is not a member.
    pub(super) fn leave_thread(&mut self, no: u64, user: UserNo) -> bool {
        if let Some(account) = self.accounts.get_mut(user) {
            account.threads.remove(no);
        }
        let thread = self.threads.by_no.get_mut(&no);
        thread.is_some_and(|thread| thread.members.remove(user))
    }

    /// Deletes a thread.
    pub(super) fn delete_thread(&mut self, no: u64) {
        self.threads.order.remove(no);
        let Some(thread) = self.threads.by_no.remove(&no) else {
            return;
        };
        self.threads.by_message.remove(&thread.message);
        for member in thread.members.oldest_first() {
            if let Some(account) = self.accounts.get_mut(member) {
                account.threads.remove(no);
            }
        }
        if let Some(group) = self.groups.get_mut(thread.group) {
            group.threads.remove(no);
        }
    }

    /// Returns the threads that a user has joined, by the time of joining. An unknown user has joined none.
    fn threads_of(
        &self,
        username: &str,
        order: ThreadOrder,
        cursor: Option<&str>,
        limit: i64,
        is_wanted: impl Fn(&ThreadState) -> bool,
    ) -> Paged<Vec<Thread>> {
        let account = self.accounts.find(username).and_then(|user| self.accounts.get(user));
        let joined = account
            .into_iter()
            .flat_map(|account| ordered(&account.threads, order, cursor));
        let threads = joined.filter_map(|(place, no)| {
            let thread = self.threads.by_no.get(&no).filter(|thread| is_wanted(thread))?;
            let shown = Thread {
                id: no.to_string(),
                name: thread.name.clone(),
                owner: thread.owner.clone(),
                msg_id: thread.message.clone(),
                group_id: thread.group.to_string(),
                created: thread.created,
            };
            Some((place, shown))
        });
        Paged::take(threads, limit)
    }
}

impl Threads for App {
    fn list(&mut self, call: &Call<'_>, arguments: list::List) -> Result<Paged<Vec<ThreadRef>>, Failure> {
        call.settings.check_threads()?;
        let threads = ordered(&self.threads.order, arguments.sort, arguments.cursor.as_deref());
        let threads = threads.map(|(place, no)| (place, ThreadRef { id: no.to_string() }));
        Ok(Paged::take(threads, arguments.limit))
    }

    fn list_joined(
        &mut self,
        call: &Call<'_>,
        arguments: list_joined::ListJoined,
    ) -> Result<Paged<Vec<Thread>>, Failure> {
        call.settings.check_threads()?;
        let list_joined::ListJoined {
            username,
            limit,
            cursor,
            sort,
        } = arguments;
        Ok(self.threads_of(&username, sort, cursor.as_deref(), limit, |_| true))
    }

    fn list_joined_in_group(
        &mut self,
        call: &Call<'_>,
        arguments: list_joined_in_group::ListJoinedInGroup,
    ) -> Result<Paged<Vec<Thread>>, Failure> {
        call.settings.check_threads()?;
        let list_joined_in_group::ListJoinedInGroup {
            group_id,
            username,
            limit,
            cursor,
            sort,
        } = arguments;
        let in_group = |thread: &ThreadState| thread.group.to_string() == group_id;
        Ok(self.threads_of(&username, sort, cursor.as_deref(), limit, in_group))
    }

    fn create(&mut self, call: &Call<'_>, arguments: create::Create) -> Result<create::CreateResult, Failure> {
        call.settings.check_threads()?;
        let (group_no, group) = self.find_space(Kind::Group, &arguments.group_id, Known::GroupError404)?;
        group.check_enabled(Known::GroupError403)?;
        let owner = self.accounts.require(&arguments.owner, Known::GroupError404)?;
        if !group.members.contains(owner) {
            let message = format!("user {} is not a member of the group", arguments.owner);
            return Err(Failure::new(Known::GroupError404, message));
        }
        self.check_parent(&arguments.msg_id, group_no)?;
        if self.threads.by_message.contains_key(&arguments.msg_id) {
            return Err(Failure::new(Known::GroupError403, "the message has a thread already"));
        }
        let most = call.settings.max_threads;
        if self.threads.order.len() >= most {
            return Err(Failure::new(
                Known::GroupError403,
                format!("the app has {most} threads"),
            ));
        }
        self.check_joined_threads(call.settings, &[owner])?;
        let no = self.ids.number(252_100_000_000_000);
        let thread = ThreadState {
            name: arguments.name,
            owner: self.accounts.name(owner),
            group: group_no,
            message: arguments.msg_id,
            created: call.now,
            members: Ordered::default(),
        };
        self.add_thread(no, thread);
        self.join_thread(no, owner);
        Ok(create::CreateResult {
            thread_id: no.to_string(),
        })
    }

    fn update(&mut self, call: &Call<'_>, arguments: update::Update) -> Result<update::UpdateResult, Failure> {
        call.settings.check_threads()?;
        let (no, _) = self.writable_thread(&arguments.thread_id)?;
        if let Some(thread) = self.threads.by_no.get_mut(&no) {
            thread.name.clone_from(&arguments.name);
        }
        Ok(update::UpdateResult { name: arguments.name })
    }

    fn delete(&mut self, call: &Call<'_>, arguments: delete::Delete) -> Result<Done, Failure> {
        call.settings.check_threads()?;
        let (no, _) = self.writable_thread(&arguments.thread_id)?;
        self.delete_thread(no);
        Ok(Done::default())
    }
}
