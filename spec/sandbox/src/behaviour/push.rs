//! Push settings, templates and bindings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{Account, UserNo};
use crate::errors::Known;
use crate::runtime::{Call, Failure};
use crate::sections::push::{
    Push, bind, create_template, delete_template, get_language, get_settings, get_template, list_bindings,
    set_language, set_nicknames, set_settings, set_user_template, update_display_style, update_do_not_disturb,
    update_nickname,
};
use crate::types::{PushBinding, PushScope, PushSettings, PushTemplate, User, UserPushNickname};

/// Maximum time without notifications, in milliseconds: 7 days.
const QUIET: i64 = 7 * 24 * 3600 * 1000;

/// The push settings of a user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PushState {
    /// The settings for one-to-one chats, by user ID. The user's own ID stands for the whole app.
    pub(super) chats: BTreeMap<String, PushSettings>,
    /// The settings for groups, by group ID.
    groups: BTreeMap<String, PushSettings>,
    pub(super) language: Option<String>,
    template: Option<String>,
    pub(super) bindings: Vec<PushBinding>,
}

impl PushState {
    /// Returns the settings of a conversation.
    fn settings(&mut self, scope: PushScope, key: &str) -> &mut PushSettings {
        match scope {
            PushScope::User => self.chats.entry(key.to_lowercase()).or_default(),
            PushScope::Group => self.groups.entry(key.to_owned()).or_default(),
        }
    }
}

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

    /// Returns the push settings of a user.
    fn push_state(&mut self, username: &str) -> Result<&mut PushState, Failure> {
        let missing = || {
            let message = format!("user {username} does not exist");
            Failure::new(Known::RequiredPropertyNotFoundException400, message)
        };
        let user = self.accounts.find(username);
        let account = user.and_then(|user| self.accounts.get_mut(user));
        Ok(&mut account.ok_or_else(missing)?.push)
    }

    fn template(&self, name: &str) -> Result<&PushTemplate, Failure> {
        let missing = || {
            let message = format!("there is no template named {name}");
            Failure::new(Known::EntityNotFoundException400, message)
        };
        self.push_templates.get(name).ok_or_else(missing)
    }

    fn bound_user(&self, username: &str) -> Result<UserNo, Failure> {
        self.accounts.require(username, Known::ServiceResourceNotFound404)
    }
}

fn illegal(message: &str) -> Failure {
    Failure::new(Known::IllegalArgumentException400, message)
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

    fn set_settings(&mut self, call: &Call<'_>, arguments: set_settings::SetSettings) -> Result<PushSettings, Failure> {
        let set_settings::SetSettings {
            username,
            chat_type,
            key,
            mode,
            quiet_hours,
            quiet_for,
        } = arguments;
        if quiet_for.is_some_and(|length| !(0..=QUIET).contains(&length)) {
            return Err(illegal("ignoreDuration is not from 0 to 7 days"));
        }
        let is_app = chat_type == PushScope::User && key.to_lowercase() == username.to_lowercase();
        let state = self.push_state(&username)?;
        if quiet_hours.is_some() && !is_app {
            return Err(illegal("ignoreInterval is only for the whole app"));
        }
        let quiet_until = quiet_for.map(|length| if length == 0 { 0 } else { call.now + length });
        let settings = state.settings(chat_type, &key);
        settings.mode = mode.or(settings.mode);
        settings.quiet_hours = quiet_hours.clone().or(settings.quiet_hours.take());
        settings.quiet_until = quiet_until.or(settings.quiet_until);
        Ok(PushSettings {
            mode,
            quiet_hours,
            quiet_until,
        })
    }

    fn get_settings(&mut self, _: &Call<'_>, arguments: get_settings::GetSettings) -> Result<PushSettings, Failure> {
        let state = self.push_state(&arguments.username)?;
        Ok(state.settings(arguments.chat_type, &arguments.key).clone())
    }

    fn set_language(
        &mut self,
        _: &Call<'_>,
        arguments: set_language::SetLanguage,
    ) -> Result<set_language::SetLanguageResult, Failure> {
        let language = arguments.language;
        self.push_state(&arguments.username)?.language = Some(language.clone());
        Ok(set_language::SetLanguageResult { language })
    }

    fn get_language(
        &mut self,
        _: &Call<'_>,
        arguments: get_language::GetLanguage,
    ) -> Result<get_language::GetLanguageResult, Failure> {
        let language = self.push_state(&arguments.username)?.language.clone();
        Ok(get_language::GetLanguageResult { language })
    }

    fn create_template(
        &mut self,
        call: &Call<'_>,
        arguments: create_template::CreateTemplate,
    ) -> Result<PushTemplate, Failure> {
        let create_template::CreateTemplate {
            name,
            title_pattern,
            content_pattern,
        } = arguments;
        if self.push_templates.contains_key(&name) {
            return Err(illegal(&format!("there is a template named {name} already")));
        }
        let template = PushTemplate {
            name: name.clone(),
            title_pattern,
            content_pattern,
            created: Some(call.now),
            updated: Some(call.now),
        };
        self.push_templates.insert(name, template.clone());
        Ok(template)
    }

    fn get_template(&mut self, _: &Call<'_>, arguments: get_template::GetTemplate) -> Result<PushTemplate, Failure> {
        self.template(&arguments.name).cloned()
    }

    fn delete_template(
        &mut self,
        _: &Call<'_>,
        arguments: delete_template::DeleteTemplate,
    ) -> Result<PushTemplate, Failure> {
        let template = self.template(&arguments.name)?.clone();
        self.push_templates.remove(&arguments.name);
        Ok(template)
    }

    fn set_user_template(
        &mut self,
        _: &Call<'_>,
        arguments: set_user_template::SetUserTemplate,
    ) -> Result<set_user_template::SetUserTemplateResult, Failure> {
        let template = self.template(&arguments.template)?.name.clone();
        self.push_state(&arguments.username)?.template = Some(template.clone());
        Ok(set_user_template::SetUserTemplateResult { template })
    }

    fn bind(&mut self, _: &Call<'_>, arguments: bind::Bind) -> Result<Vec<PushBinding>, Failure> {
        let bind::Bind {
            username,
            device_id,
            notifier_name,
            device_token,
        } = arguments;
        let user = self.bound_user(&username)?;
        let Some(account) = self.accounts.get_mut(user) else {
            return Ok(Vec::new());
        };
        let bindings = &mut account.push.bindings;
        let is_of_device = |binding: &PushBinding| binding.device_id.as_ref() == Some(&device_id);
        bindings.retain(|binding| {
            let is_of_certificate = binding.notifier_name.as_ref() == Some(&notifier_name);
            !is_of_device(binding) || !notifier_name.is_empty() && !is_of_certificate
        });
        if !notifier_name.is_empty() && !device_token.is_empty() {
            bindings.push(PushBinding {
                device_id: Some(device_id.clone()),
                device_token: Some(device_token),
                notifier_name: Some(notifier_name),
            });
        }
        Ok(bindings
            .iter()
            .filter(|binding| is_of_device(binding))
            .cloned()
            .collect())
    }

    fn list_bindings(
        &mut self,
        _: &Call<'_>,
        arguments: list_bindings::ListBindings,
    ) -> Result<Vec<PushBinding>, Failure> {
        let user = self.bound_user(&arguments.username)?;
        let account = self.accounts.get(user);
        Ok(account.map(|account| account.push.bindings.clone()).unwrap_or_default())
    }

    fn set_nicknames(
        &mut self,
        call: &Call<'_>,
        arguments: set_nicknames::SetNicknames,
    ) -> Result<Vec<UserPushNickname>, Failure> {
        let mut set = Vec::new();
        for new in arguments.nicknames {
            let user = self.accounts.find(&new.username);
            let Some(account) = user.and_then(|user| self.accounts.get_mut(user)) else {
                continue;
            };
            account.nickname = Some(new.push_nickname.clone());
            account.modified = call.now;
            set.push(UserPushNickname {
                username: account.username.clone(),
                push_nickname: new.push_nickname,
            });
        }
        Ok(set)
    }
}
