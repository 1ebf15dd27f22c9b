//! User accounts, and the connections of users.

use std::collections::BTreeMap;

use super::accounts::{Account, PasswordHash, UserNo, count_of, number};
use super::messages::Message;
use super::{App, Subject};
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, Paged, position};
use crate::sections::users::{
    Users, ban, count_offline_messages, create, create_many, delete, delete_many, disconnect, disconnect_device, get,
    get_offline_message_status, get_status, get_statuses, list, list_devices, unban, update_password,
};
use crate::types::{ChatType, DeliveryStatus, Device, OnlineStatus, RegistrationFailure, User};

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
            received: self.messages.len(),
            ..Account::default()
        }))
    }

    /// Returns a user as responses contain it.
    pub(super) fn user(&self, user: UserNo) -> User {
        self.accounts.get(user).map(Account::to_user).unwrap_or_default()
    }

    /// Deletes a user with everything that the user owns.
    pub(super) fn delete_user(&mut self, user: UserNo, now: i64) -> User {
        let deleted = self.user(user);
        self.log_out(user, None, now);
        self.leave_everything(user);
        self.remove_reactions(user);
        self.labels.remove_user(user);
        self.accounts.remove(user);
        self.tokens.retain(|subject| *subject != Subject::User(user));
        deleted
    }

    /// Bans a user, or lifts the ban. A banned user is logged out and loses all tokens.
    fn set_banned(&mut self, call: &Call<'_>, username: &str, banned: bool) -> Result<UserNo, Failure> {
        let user = self.accounts.require(username, Known::ServiceResourceNotFound404)?;
        if let Some(account) = self.accounts.get_mut(user) {
            account.banned = banned;
            account.modified = call.now;
        }
        if banned {
            self.log_out(user, None, call.now);
            self.tokens.retain(|subject| *subject != Subject::User(user));
        }
        Ok(user)
    }

    /// Returns the online status of a user, who need not exist.
    fn online_status(&self, username: &str) -> OnlineStatus {
        let user = self.accounts.find(username);
        if user.is_some_and(|user| self.is_online(user)) {
            OnlineStatus::Online
        } else {
            OnlineStatus::Offline
        }
    }

    /// Returns the messages that wait until a user is online.
    pub(super) fn waiting(&self, username: &str) -> impl Iterator<Item = &Message> {
        let user = self.accounts.find(username).filter(|user| !self.is_online(*user));
        let account = user.and_then(|user| Some((user, self.accounts.get(user)?)));
        account.into_iter().flat_map(move |(user, account)| {
            let messages = self.messages.since(account.received);
            let kept = messages.filter(|message| !account.deleted.contains(&message.id));
            kept.filter(move |message| match message.kind {
                ChatType::Chat => message.to.to_lowercase() == account.username,
                ChatType::Group => {
                    let group = number(&message.to).and_then(|no| self.groups.get(no));
                    message.from.to_lowercase() != account.username
                        && group.is_some_and(|group| group.reached(user, message.id))
                        // A message to some members does not count.
                        && self.messages.changes(message.id).only.is_empty()
                }
                ChatType::Room => false,
            })
        })
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

    fn delete(&mut self, call: &Call<'_>, arguments: delete::Delete) -> Result<User, Failure> {
        let missing = || {
            let message = format!("user {} does not exist", arguments.username);
            Failure::new(Known::ServiceResourceNotFound404, message)
        };
        let user = self.accounts.find_by_any(&arguments.username).ok_or_else(missing)?;
        Ok(self.delete_user(user, call.now))
    }

    fn delete_many(
        &mut self,
        call: &Call<'_>,
        arguments: delete_many::DeleteMany,
    ) -> Result<delete_many::DeleteManyResult, Failure> {
        let after = position(arguments.cursor.as_deref());
        let users = self.accounts.order.after(after);
        let Paged { result, next } = Paged::take(users, arguments.limit);
        let deleted = result
            .into_iter()
            .map(|user| self.delete_user(user, call.now))
            .collect();
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

    fn ban(&mut self, call: &Call<'_>, arguments: ban::Ban) -> Result<User, Failure> {
        let user = self.set_banned(call, &arguments.username, true)?;
        Ok(self.user(user))
    }

    fn unban(&mut self, call: &Call<'_>, arguments: unban::Unban) -> Result<(), Failure> {
        self.set_banned(call, &arguments.username, false).map(drop)
    }

    fn get_status(
        &mut self,
        _: &Call<'_>,
        arguments: get_status::GetStatus,
    ) -> Result<get_status::GetStatusResult, Failure> {
        let status = self.online_status(&arguments.username);
        let statuses = BTreeMap::from([(arguments.username.to_lowercase(), status)]);
        Ok(get_status::GetStatusResult { statuses })
    }

    fn get_statuses(
        &mut self,
        _: &Call<'_>,
        arguments: get_statuses::GetStatuses,
    ) -> Result<Vec<BTreeMap<String, OnlineStatus>>, Failure> {
        let usernames = arguments.usernames.into_iter();
        let statuses = usernames.map(|username| {
            let status = self.online_status(&username);
            BTreeMap::from([(username.to_lowercase(), status)])
        });
        Ok(statuses.collect())
    }

    fn list_devices(&mut self, _: &Call<'_>, arguments: list_devices::ListDevices) -> Result<Vec<Device>, Failure> {
        let user = self.accounts.find(&arguments.username);
        let account = user.and_then(|user| self.accounts.get(user));
        let online = account.into_iter().flat_map(|account| account.presence.online());
        let devices = online.map(|device| Device {
            resource_id: device.clone(),
            device_uuid: Some(device.split_once('_').map_or(&**device, |(_, id)| id).to_owned()),
            device_name: Some(device.split('_').next().unwrap_or_default().to_owned()),
        });
        Ok(devices.collect())
    }

    fn disconnect(&mut self, call: &Call<'_>, arguments: disconnect::Disconnect) -> Result<Done, Failure> {
        if let Some(user) = self.accounts.find(&arguments.username) {
            self.log_out(user, None, call.now);
        }
        Ok(Done::default())
    }

    fn disconnect_device(
        &mut self,
        call: &Call<'_>,
        arguments: disconnect_device::DisconnectDevice,
    ) -> Result<Done, Failure> {
        let user = self
            .accounts
            .require(&arguments.username, Known::ServiceResourceNotFound404)?;
        self.log_out(user, Some(&arguments.resource_id), call.now);
        Ok(Done::default())
    }

    fn count_offline_messages(
        &mut self,
        _: &Call<'_>,
        arguments: count_offline_messages::CountOfflineMessages,
    ) -> Result<count_offline_messages::CountOfflineMessagesResult, Failure> {
        let count = self.waiting(&arguments.username).count();
        let count = count_of(count);
        let counts = BTreeMap::from([(arguments.username.to_lowercase(), count)]);
        Ok(count_offline_messages::CountOfflineMessagesResult { counts })
    }

    fn get_offline_message_status(
        &mut self,
        _: &Call<'_>,
        arguments: get_offline_message_status::GetOfflineMessageStatus,
    ) -> Result<get_offline_message_status::GetOfflineMessageStatusResult, Failure> {
        let mut waiting = self.waiting(&arguments.username);
        let status = if waiting.any(|message| message.id.to_string() == arguments.msg_id) {
            DeliveryStatus::Undelivered
        } else {
            DeliveryStatus::Delivered
        };
        let statuses = BTreeMap::from([(arguments.msg_id, status)]);
        Ok(get_offline_message_status::GetOfflineMessageStatusResult { statuses })
    }
}
