//! Super admins of chat rooms.

use super::App;
use crate::runtime::{Call, Done, Failure, numbered};
use crate::sections::chatroom_super_admins::{ChatroomSuperAdmins, add, list, remove};
use crate::types::UserId;

impl ChatroomSuperAdmins for App {
    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Vec<UserId>, Failure> {
        let admins = self.super_admins.oldest_first();
        let page = numbered(admins, arguments.page_number, arguments.page_size);
        Ok(page.map(|user| self.accounts.name(user)).collect())
    }

    fn add(&mut self, _: &Call<'_>, arguments: add::Add) -> Result<Done, Failure> {
        let user = self.named_user(&arguments.username)?;
        self.super_admins.insert(user);
        Ok(Done::default().with("resource", ""))
    }

    fn remove(&mut self, _: &Call<'_>, arguments: remove::Remove) -> Result<remove::RemoveResult, Failure> {
        let user = self.named_user(&arguments.username)?;
        self.super_admins.remove(user);
        Ok(remove::RemoveResult {
            removed: Some(self.accounts.name(user)),
        })
    }
}
