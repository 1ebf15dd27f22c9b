//! Contacts and block lists.

use std::collections::HashSet;

use super::App;
use super::accounts::UserNo;
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, Paged, position};
use crate::sections::contacts::{
    Contacts, add, block, import, list, list_blocked, list_page, remove, set_remark, unblock,
};
use crate::types::{Contact, ContactOperation, User, UserId};

/// Maximum number of users on the block list of a user.
const BLOCKED: usize = 500;

impl App {
    fn known_user(&self, username: &str) -> Result<UserNo, Failure> {
        self.accounts.require(username, Known::ServiceResourceNotFound404)
    }

    /// Returns `true` if a user has as many contacts as possible.
    fn has_all_contacts(&self, user: UserNo, most: usize) -> bool {
        let account = self.accounts.get(user);
        account.is_some_and(|account| account.contacts.len() >= most)
    }

    fn has_contact(&self, owner: UserNo, user: UserNo) -> bool {
        let account = self.accounts.get(owner);
        account.is_some_and(|account| account.contacts.contains(user))
    }

    /// Adds each user to the contacts of the other.
    pub(super) fn befriend(&mut self, one: UserNo, other: UserNo) {
        let is_new = !self.has_contact(one, other);
        for (owner, contact) in [(one, other), (other, one)] {
            if let Some(account) = self.accounts.get_mut(owner) {
                account.contacts.insert(contact);
                account.listed_by.insert(contact);
            }
        }
        if is_new {
            self.contact_changed(ContactOperation::Add, one, other);
        }
    }

    /// Adds a user to the block list of another.
    pub(super) fn block_user(&mut self, owner: UserNo, user: UserNo) {
        let account = self.accounts.get_mut(owner);
        let is_new = account.is_some_and(|account| account.blocked.insert(user));
        if let Some(account) = self.accounts.get_mut(user) {
            account.listed_by.insert(owner);
        }
        if is_new {
            self.contact_changed(ContactOperation::Ban, owner, user);
        }
    }

    /// Removes `listed` from the users who are told if the account is deleted, unless a list still contains it.
    fn unlist(&mut self, owner: UserNo, listed: UserNo) {
        let still = self
            .accounts
            .get(owner)
            .is_some_and(|account| account.contacts.contains(listed) || account.blocked.contains(listed));
        if let Some(account) = self.accounts.get_mut(listed).filter(|_| !still) {
            account.listed_by.remove(owner);
        }
    }
}

impl Contacts for App {
    fn add(&mut self, call: &Call<'_>, arguments: add::Add) -> Result<User, Failure> {
        let owner = self.known_user(&arguments.owner_username)?;
        let contact = self.known_user(&arguments.friend_username)?;
        let most = call.settings.plan.contacts();
        for (user, other) in [(owner, contact), (contact, owner)] {
            if self.has_all_contacts(user, most) && !self.has_contact(user, other) {
                let message = format!("user {} has {most} contacts", self.accounts.name(user));
                return Err(Failure::new(Known::ExceedLimit403, message));
            }
        }
        self.befriend(owner, contact);
        Ok(self.user(contact))
    }

    fn remove(&mut self, _: &Call<'_>, arguments: remove::Remove) -> Result<User, Failure> {
        let owner = self.known_user(&arguments.owner_username)?;
        let contact = self.known_user(&arguments.friend_username)?;
        if self.has_contact(owner, contact) {
            self.contact_changed(ContactOperation::Remove, owner, contact);
        }
        for (owner, contact) in [(owner, contact), (contact, owner)] {
            if let Some(account) = self.accounts.get_mut(owner) {
                account.contacts.remove(contact);
                account.remarks.remove(&contact);
            }
            self.unlist(owner, contact);
        }
        Ok(self.user(contact))
    }

    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Vec<UserId>, Failure> {
        let owner = self.known_user(&arguments.owner_username)?;
        let account = self.accounts.get(owner);
        let contacts = account.into_iter().flat_map(|account| account.contacts.oldest_first());
        Ok(contacts.map(|contact| self.accounts.name(contact)).collect())
    }

    fn list_page(&mut self, _: &Call<'_>, arguments: list_page::ListPage) -> Result<Paged<Vec<Contact>>, Failure> {
        let owner = self.known_user(&arguments.owner_username)?;
        let after = position(arguments.cursor.as_deref());
        let account = self.accounts.get(owner);
        let contacts = account.into_iter().flat_map(|account| {
            let contacts = account.contacts.after(after);
            contacts.map(|(place, contact)| (place, contact, account.remarks.get(&contact).cloned()))
        });
        let contacts = contacts.map(|(place, contact, remark)| {
            let username = self.accounts.name(contact);
            let remark = arguments.with_remarks.then_some(remark);
            (place, Contact { username, remark })
        });
        Ok(Paged::take(contacts, arguments.limit))
    }

    fn set_remark(&mut self, _: &Call<'_>, arguments: set_remark::SetRemark) -> Result<Done, Failure> {
        let owner = self.known_user(&arguments.owner_username)?;
        let contact = self.known_user(&arguments.friend_username)?;
        let account = self.accounts.get_mut(owner);
        let Some(account) = account.filter(|account| account.contacts.contains(contact)) else {
            let message = format!("user {} is not a contact", arguments.friend_username);
            return Err(Failure::new(Known::IllegalArgument400, message));
        };
        account.remarks.insert(contact, arguments.remark);
        Ok(Done::default())
    }

    fn import(&mut self, call: &Call<'_>, arguments: import::Import) -> Result<import::ImportResult, Failure> {
        let owner = self.known_user(&arguments.username)?;
        let most = call.settings.plan.contacts();
        if self.has_all_contacts(owner, most) {
            let message = format!("user {} has {most} contacts", arguments.username);
            return Err(Failure::new(Known::ExceedLimit403, message));
        }
        let mut result = import::ImportResult {
            added: Vec::new(),
            failed: Vec::new(),
            not_found: Vec::new(),
            over_limit: Vec::new(),
        };
        for username in arguments.usernames {
            let username = username.to_lowercase();
            let list = match self.accounts.find(&username) {
                None => &mut result.not_found,
                Some(contact) if contact == owner => &mut result.failed,
                Some(contact) if self.has_all_contacts(owner, most) || self.has_all_contacts(contact, most) => {
                    &mut result.over_limit
                }
                Some(contact) => {
                    self.befriend(owner, contact);
                    &mut result.added
                }
            };
            list.push(username);
        }
        Ok(result)
    }

    fn list_blocked(
        &mut self,
        call: &Call<'_>,
        arguments: list_blocked::ListBlocked,
    ) -> Result<Paged<Vec<UserId>>, Failure> {
        let owner = self.known_user(&arguments.owner_username)?;
        let before = position(arguments.cursor.as_deref());
        let is_paged = call.query.iter().any(|(key, _)| key == "pageSize" || key == "cursor");
        let size = arguments.page_size.unwrap_or(if is_paged { 10 } else { i64::MAX });
        let account = self.accounts.get(owner);
        let blocked = account.into_iter().flat_map(|account| account.blocked.before(before));
        let names = blocked.map(|(place, user)| (place, self.accounts.name(user)));
        Ok(Paged::take(names, size))
    }

    fn block(&mut self, _: &Call<'_>, arguments: block::Block) -> Result<Vec<UserId>, Failure> {
        let owner = self.known_user(&arguments.owner_username)?;
        let users = arguments.usernames.iter().map(|username| self.known_user(username));
        let users = users.collect::<Result<Vec<_>, _>>()?;
        if let Some(account) = self.accounts.get(owner) {
            let new: HashSet<_> = users.iter().filter(|user| !account.blocked.contains(**user)).collect();
            if account.blocked.len() + new.len() > BLOCKED {
                let message = format!("a block list can contain at most {BLOCKED} users");
                return Err(Failure::new(Known::ExceedLimit403, message));
            }
        }
        for &user in &users {
            self.block_user(owner, user);
        }
        Ok(users.into_iter().map(|user| self.accounts.name(user)).collect())
    }

    fn unblock(&mut self, _: &Call<'_>, arguments: unblock::Unblock) -> Result<User, Failure> {
        let owner = self.known_user(&arguments.owner_username)?;
        let user = self.known_user(&arguments.blocked_username)?;
        let account = self.accounts.get_mut(owner);
        if account.is_some_and(|account| account.blocked.remove(user)) {
            self.contact_changed(ContactOperation::Allow, owner, user);
        }
        self.unlist(owner, user);
        Ok(self.user(user))
    }
}
