//! User accounts.

use super::accounts::{Account, PasswordHash, UserNo};
use super::ordered::Ordered;
use super::{App, Subject};
use crate::errors::Known;
use crate::runtime::{Call, Failure, Paged, position};
use crate::sections::users::{Users, create, create_many, delete, delete_many, get, list, update_password};
use crate::types::{RegistrationFailure, User};

impl App {
    /// Registers a user.
    pub(super) fn register(
        &mut self,
        now: i64,
        username: &str,
        password: Option<&str>,
        nickname: Option<String>,
    ) -> Result<UserNo, Failure> {
        if self.accounts.find(username).is_some() {
            let message = format!("user {username} exists already");
            return Err(Failure::new(Known::DuplicateUniquePropertyExists400, message));
        }
        let password = password.map(|password| PasswordHash::new(password, self.ids.secret(16)));
        Ok(self.accounts.add(Account {
            uuid: self.ids.uuid(),
            username: username.to_lowercase(),
            password,
            created: now,
            modified: now,
            nickname,
            display_style: None,
            do_not_disturb: None,
            do_not_disturb_start: None,
            do_not_disturb_end: None,
            contacts: Ordered::default(),
            blocked: Ordered::default(),
            listed_by: Ordered::default(),
            groups: Ordered::default(),
            rooms: Ordered::default(),
            threads: Ordered::default(),
        }))
    }

    /// Returns a user as responses contain it.
    pub(super) fn user(&self, user: UserNo) -> User {
        self.accounts.get(user).map(Account::to_user).unwrap_or_default()
    }

    /// Deletes a user with everything that the user owns.
    pub(super) fn delete_user(&mut self, user: UserNo) -> User {
        let deleted = self.user(user);
        self.leave_everything(user);
        self.accounts.remove(user);
        self.tokens.retain(|subject| *subject != Subject::User(user));
        deleted
    }
}

impl Users for App {
    fn create(&mut self, call: &Call<'_>, arguments: create::Create) -> Result<User, Failure> {
        let create::Create {
            username,
            password,
            nickname,
        } = arguments;
        let user = self.register(call.now, &username, password.as_deref(), nickname)?;
        Ok(self.user(user))
    }

    fn create_many(
        &mut self,
        call: &Call<'_>,
        arguments: create_many::CreateMany,
    ) -> Result<create_many::CreateManyResult, Failure> {
        let (mut users, mut failures) = (Vec::new(), Vec::new());
        for new in arguments.users {
            match self.register(call.now, &new.username, Some(&new.password), new.nickname) {
                Ok(user) => users.push(self.user(user)),
                Err(failure) => failures.push(RegistrationFailure {
                    username: new.username,
                    register_user_fail_reason: failure.message,
                }),
            }
        }
        let failures = Some(failures);
        Ok(create_many::CreateManyResult { users, failures })
    }

    fn get(&mut self, _: &Call<'_>, arguments: get::Get) -> Result<User, Failure> {
        let user = self
            .accounts
            .require(&arguments.username, Known::ServiceResourceNotFound404)?;
        Ok(self.user(user))
    }

    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Paged<Vec<User>>, Failure> {
        let after = position(arguments.cursor.as_deref());
        let users = self
            .accounts
            .order
            .after(after)
            .map(|(place, user)| (place, self.user(user)));
        Ok(Paged::take(users, arguments.limit))
    }

    fn delete(&mut self, _: &Call<'_>, arguments: delete::Delete) -> Result<User, Failure> {
        let missing = || {
            let message = format!("user {} does not exist", arguments.username);
            Failure::new(Known::ServiceResourceNotFound404, message)
        };
        let user = self.accounts.find_by_any(&arguments.username).ok_or_else(missing)?;
        Ok(self.delete_user(user))
    }

    fn delete_many(
        &mut self,
        _: &Call<'_>,
        arguments: delete_many::DeleteMany,
    ) -> Result<delete_many::DeleteManyResult, Failure> {
        let after = position(arguments.cursor.as_deref());
        let users = self.accounts.order.after(after);
        let Paged { result, next } = Paged::take(users, arguments.limit);
        let deleted = result.into_iter().map(|user| self.delete_user(user)).collect();
        Ok(delete_many::DeleteManyResult { deleted, cursor: next })
    }

    fn update_password(&mut self, call: &Call<'_>, arguments: update_password::UpdatePassword) -> Result<(), Failure> {
        let user = self
            .accounts
            .require(&arguments.username, Known::RequiredPropertyNotFound400)?;
        let password = PasswordHash::new(&arguments.new_password, self.ids.secret(16));
        if let Some(account) = self.accounts.get_mut(user) {
            account.password = Some(password);
            account.modified = call.now;
        }
        Ok(())
    }
}
