//! Push settings.

use super::App;
use super::accounts::Account;
use crate::errors::Known;
use crate::runtime::{Call, Failure};
use crate::sections::push::{Push, update_display_style, update_do_not_disturb, update_nickname};
use crate::types::User;

impl App {
    /// Changes a user.
    fn change_user(
        &mut self,
        call: &Call<'_>,
        username: &str,
        change: impl FnOnce(&mut Account),
    ) -> Result<User, Failure> {
        let user = self.accounts.require(username, Known::ServiceResourceNotFound404)?;
        if let Some(account) = self.accounts.get_mut(user) {
            change(account);
            account.modified = call.now;
        }
        Ok(self.user(user))
    }
}

impl Push for App {
    fn update_nickname(
        &mut self,
        call: &Call<'_>,
        arguments: update_nickname::UpdateNickname,
    ) -> Result<User, Failure> {
        self.change_user(call, &arguments.username, |account| {
            account.nickname = Some(arguments.nickname);
        })
    }

    fn update_display_style(
        &mut self,
        call: &Call<'_>,
        arguments: update_display_style::UpdateDisplayStyle,
    ) -> Result<User, Failure> {
        self.change_user(call, &arguments.username, |account| {
            account.display_style = Some(arguments.style);
        })
    }

    fn update_do_not_disturb(
        &mut self,
        call: &Call<'_>,
        arguments: update_do_not_disturb::UpdateDoNotDisturb,
    ) -> Result<User, Failure> {
        self.change_user(call, &arguments.username, |account| {
            account.do_not_disturb = Some(arguments.enabled);
            // Without hours, the earlier ones stay.
            account.do_not_disturb_start = arguments.start_hour.or(account.do_not_disturb_start);
            account.do_not_disturb_end = arguments.end_hour.or(account.do_not_disturb_end);
        })
    }
}
