//! Presences, and the devices on which users are logged in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{UserNo, count_of};
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, numbered};
use crate::sections::presence::{Presence, get, list_subscriptions, set, subscribe, unsubscribe};
use crate::types::{PresenceSubscription, UserPresence, UserStatusReason};

/// The state of a device that is offline.
const OFFLINE: &str = "0";

/// The devices of a user, and the presences that the user is subscribed to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PresenceState {
    /// The state of each device, by resource ID.
    devices: BTreeMap<String, String>,
    pub(super) ext: String,
    /// The time of the last change, in seconds. `None` if the presence was never set.
    changed: Option<i64>,
    /// The users that the user is subscribed to, and the ends of the subscriptions in milliseconds.
    pub(super) subscriptions: BTreeMap<UserNo, i64>,
}

impl PresenceState {
    /// Returns the resource IDs of the devices that are online.
    pub(super) fn online(&self) -> impl Iterator<Item = &String> {
        self.devices
            .iter()
            .filter_map(|(device, state)| (state != OFFLINE).then_some(device))
    }

    /// Returns the state of each device as one text.
    pub(super) fn states(&self) -> String {
        let states: Vec<_> = self
            .devices
            .iter()
            .map(|(device, state)| format!("{device}: {state}"))
            .collect();
        states.join(", ")
    }

    /// Returns `true` if a device is online.
    pub(super) fn is_online(&self) -> bool {
        self.online().next().is_some()
    }
}

impl App {
    /// Returns `true` if the user is online.
    pub(super) fn is_online(&self, user: UserNo) -> bool {
        self.accounts
            .get(user)
            .is_some_and(|account| account.presence.is_online())
    }

    /// Sets the state of a device. `reason` is that of going offline, if the device does.
    pub(super) fn set_state(&mut self, user: UserNo, device: &str, state: String, reason: UserStatusReason, now: i64) {
        let stored = self.messages.len();
        let Some(account) = self.accounts.get_mut(user) else {
            return;
        };
        let was_online = account.presence.is_online();
        let is_offline = state == OFFLINE;
        let former = account.presence.devices.insert(device.to_owned(), state);
        account.presence.changed = Some(now / 1000);
        if was_online && !account.presence.is_online() {
            account.received = stored;
        }
        match (former.is_none_or(|former| former == OFFLINE), is_offline) {
            (true, false) => self.status_changed(user, device, UserStatusReason::Login),
            (false, true) => self.status_changed(user, device, reason),
            _ => {}
        }
    }

    /// Logs a user out of all devices, or of one.
    pub(super) fn log_out(&mut self, user: UserNo, device: Option<&str>, now: i64) {
        let account = self.accounts.get(user);
        let online = account.into_iter().flat_map(|account| account.presence.online());
        let devices: Vec<_> = online
            .filter(|online| device.is_none_or(|device| device == *online))
            .cloned()
            .collect();
        for device in devices {
            self.set_state(user, &device, OFFLINE.to_owned(), UserStatusReason::Replaced, now);
        }
    }

    fn presence(&self, user: UserNo, expires: Option<i64>) -> Option<UserPresence> {
        let account = self.accounts.get(user)?;
        let state = &account.presence;
        Some(UserPresence {
            username: account.username.clone(),
            last_time: state.changed,
            expires,
            ext: Some(state.ext.clone()),
            devices: Some(state.devices.clone()),
        })
    }

    fn present_user(&self, username: &str) -> Result<UserNo, Failure> {
        self.accounts.require(username, Known::IllegalArgument400)
    }
}

impl Presence for App {
    fn set(&mut self, call: &Call<'_>, arguments: set::Set) -> Result<Done, Failure> {
        let user = self.present_user(&arguments.username)?;
        if self.accounts.get(user).is_some_and(|account| account.banned) {
            let message = format!("user {} is banned", arguments.username);
            return Err(Failure::new(Known::IllegalArgument400, message));
        }
        let reason = UserStatusReason::Logout;
        self.set_state(user, &arguments.resource, arguments.status, reason, call.now);
        if let Some(account) = self.accounts.get_mut(user) {
            account.presence.ext = arguments.ext;
        }
        Ok(Done::default())
    }

    fn subscribe(&mut self, call: &Call<'_>, arguments: subscribe::Subscribe) -> Result<Vec<UserPresence>, Failure> {
        let user = self.present_user(&arguments.username)?;
        let others: Vec<_> = self.accounts.find_each(&arguments.usernames).collect();
        if others.contains(&user) {
            return Err(Failure::new(
                Known::IllegalArgument400,
                "users cannot subscribe to themselves",
            ));
        }
        let end = call.now.saturating_add(arguments.expiry.saturating_mul(1000));
        if let Some(account) = self.accounts.get_mut(user) {
            let ends = others.iter().map(|other| (*other, end));
            account.presence.subscriptions.extend(ends);
        }
        let presences = others
            .into_iter()
            .filter_map(|other| self.presence(other, Some(end / 1000)));
        Ok(presences.collect())
    }

    fn get(&mut self, _: &Call<'_>, arguments: get::Get) -> Result<Vec<UserPresence>, Failure> {
        let others = self.accounts.find_each(&arguments.usernames);
        Ok(others.filter_map(|other| self.presence(other, None)).collect())
    }

    fn unsubscribe(&mut self, _: &Call<'_>, arguments: unsubscribe::Unsubscribe) -> Result<Done, Failure> {
        let user = self.present_user(&arguments.username)?;
        let others: Vec<_> = self.accounts.find_each(&arguments.usernames).collect();
        if let Some(account) = self.accounts.get_mut(user) {
            account
                .presence
                .subscriptions
                .retain(|other, _| !others.contains(other));
        }
        Ok(Done::default())
    }

    fn list_subscriptions(
        &mut self,
        call: &Call<'_>,
        arguments: list_subscriptions::ListSubscriptions,
    ) -> Result<list_subscriptions::ListSubscriptionsResult, Failure> {
        let user = self.accounts.find(&arguments.username);
        let account = user.and_then(|user| self.accounts.get(user));
        let subscriptions = account.into_iter().flat_map(|account| &account.presence.subscriptions);
        // Users who were deleted are left out.
        let live = subscriptions.filter_map(|(other, end)| {
            let username = self.accounts.get(*other)?.username.clone();
            (*end > call.now).then_some(PresenceSubscription {
                username,
                expires: end / 1000,
            })
        });
        let live: Vec<_> = live.collect();
        let total = count_of(live.len());
        let page = numbered(live.into_iter(), arguments.page_number, arguments.page_size);
        Ok(list_subscriptions::ListSubscriptionsResult {
            subscriptions: page.collect(),
            total: Some(total),
        })
    }
}
