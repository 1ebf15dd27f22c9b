//! Members of threads.

use super::App;
use super::accounts::UserNo;
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, Paged, position};
use crate::sections::thread_members::{ThreadMembers, add, list, remove};
use crate::types::{MemberOutcome, UserId};

impl App {
    fn users_of_thread_call(&self, usernames: &[UserId]) -> Result<Vec<UserNo>, Failure> {
        let users = usernames
            .iter()
            .map(|username| self.accounts.require(username, Known::GroupError404));
        users.collect()
    }
}

impl ThreadMembers for App {
    fn list(&mut self, call: &Call<'_>, arguments: list::List) -> Result<Paged<Vec<UserId>>, Failure> {
        call.settings.check_threads()?;
        let (_, thread) = self.thread(&arguments.thread_id)?;
        let members = thread.members.after(position(arguments.cursor.as_deref()));
        let names = members.map(|(place, user)| (place, self.accounts.name(user)));
        Ok(Paged::take(names, arguments.limit))
    }

    fn add(&mut self, call: &Call<'_>, arguments: add::Add) -> Result<Done, Failure> {
        call.settings.check_threads()?;
        let (no, thread) = self.writable_thread(&arguments.thread_id)?;
        let users = self.users_of_thread_call(&arguments.usernames)?;
        let group = self.groups.get(thread.group);
        for user in &users {
            if !group.is_some_and(|group| group.members.contains(*user)) {
                let message = format!("user {} is not a member of the group", self.accounts.name(*user));
                return Err(Failure::new(Known::GroupError404, message));
            }
        }
        let is_new = |user: &UserNo| !thread.members.contains(*user);
        let new: Vec<_> = users.into_iter().filter(is_new).collect();
        self.check_joined_threads(call.settings, &new)?;
        for user in new {
            self.join_thread(no, user);
        }
        Ok(Done::default())
    }

    fn remove(&mut self, call: &Call<'_>, arguments: remove::Remove) -> Result<Vec<MemberOutcome>, Failure> {
        call.settings.check_threads()?;
        let (no, _) = self.writable_thread(&arguments.thread_id)?;
        let users = self.users_of_thread_call(&arguments.usernames)?;
        let outcomes = users.into_iter().map(|user| MemberOutcome {
            result: self.leave_thread(no, user),
            user: self.accounts.name(user),
            reason: None,
        });
        Ok(outcomes.collect())
    }
}
