//! The plan and the features of all apps.

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{Account, UserNo};
use crate::errors::Known;
use crate::runtime::Failure;

/// The default of the maximum number of members of a group.
const DEFAULT_SIZE: i64 = 200;

/// The plan and the features of all apps. By default, everything is enabled, and the plan is the largest one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The plan. Default: the flagship plan.
    pub plan: Plan,
    /// `true` if the vendor has enabled large groups, which can have more members than the flagship plan allows. Default: `true`.
    pub large_groups: bool,
    /// `true` if threads are enabled. They never are on the free plan. Default: `true`.
    pub threads: bool,
    /// Maximum number of threads of an app. Default: 100,000.
    pub max_threads: usize,
    /// Maximum number of threads that a user can be in. Default: 100,000.
    pub max_joined_threads: usize,
    /// `true` if user attributes are enabled. Default: `true`.
    pub user_attributes: bool,
    /// Words that content moderation rejects in the names and announcements of groups, in any case. Default: none.
    pub forbidden_words: Vec<String>,
    /// `true` if a message causes a webhook for each receiver who is offline, too. Default: `false`.
    pub offline_webhooks: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            plan: Plan::Flagship,
            large_groups: true,
            threads: true,
            max_threads: 100_000,
            max_joined_threads: 100_000,
            user_attributes: true,
            forbidden_words: Vec::new(),
            offline_webhooks: false,
        }
    }
}

/// A plan of the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Plan {
    /// The free plan: 100 groups of 100 members, 100 groups and 100 contacts of a user, no chat rooms and no threads.
    Free,
    /// The professional plan: groups of 300 members, 600 groups and 3000 contacts of a user.
    Professional,
    /// The flagship plan: groups of 3000 members, 100,000 groups and 3000 contacts of a user.
    Flagship,
}

impl Plan {
    /// Maximum number of groups of an app.
    fn groups(self) -> usize {
        match self {
            Self::Free => 100,
            Self::Professional | Self::Flagship => usize::MAX,
        }
    }

    /// Maximum number of members of a group.
    fn members(self) -> i64 {
        match self {
            Self::Free => 100,
            Self::Professional => 300,
            Self::Flagship => 3000,
        }
    }

    /// Maximum number of groups that a user can be in.
    fn joined_groups(self) -> usize {
        match self {
            Self::Free => 100,
            Self::Professional => 600,
            Self::Flagship => 100_000,
        }
    }

    /// Maximum number of contacts of a user.
    pub(super) fn contacts(self) -> usize {
        match self {
            Self::Free => 100,
            Self::Professional | Self::Flagship => 3000,
        }
    }
}

impl Settings {
    /// Returns an error if a group cannot have so many members.
    pub(super) fn check_group_size(&self, max_users: i64, error: Known) -> Result<(), Failure> {
        let most = self.plan.members();
        if max_users <= most || (self.large_groups && self.plan == Plan::Flagship) {
            return Ok(());
        }
        let message = format!("a group of {max_users} members is larger than the plan allows: {most}");
        Err(Failure::new(error, message))
    }

    /// Returns the maximum number of members of a new group. The default is reduced to that of the plan.
    pub(super) fn new_group_size(&self, max_users: i64) -> Result<i64, Failure> {
        if max_users == DEFAULT_SIZE {
            return Ok(max_users.min(self.plan.members()));
        }
        self.check_group_size(max_users, Known::ExceedLimit403)?;
        Ok(max_users)
    }

    /// Returns the error if content moderation rejects a text.
    pub(super) fn moderate(&self, text: &str, error: Known) -> Result<(), Failure> {
        let text = text.to_lowercase();
        let is_found = |word: &&String| !word.is_empty() && text.contains(&word.to_lowercase());
        self.forbidden_words.iter().find(is_found).map_or(Ok(()), |word| {
            Err(Failure::new(
                error,
                format!("the text contains the forbidden word `{word}`"),
            ))
        })
    }

    /// Returns an error if the plan has no chat rooms.
    pub(super) fn check_rooms(&self) -> Result<(), Failure> {
        match self.plan {
            Plan::Free => Err(Failure::new(Known::ExceedLimit403, "the free plan has no chat rooms")),
            Plan::Professional | Plan::Flagship => Ok(()),
        }
    }

    /// Returns an error if threads are not enabled.
    pub(super) fn check_threads(&self) -> Result<(), Failure> {
        if self.threads && self.plan != Plan::Free {
            return Ok(());
        }
        Err(Failure::new(Known::GroupError403, "threads are not enabled"))
    }

    /// Returns an error if user attributes are not enabled.
    pub(super) fn check_attributes(&self) -> Result<(), Failure> {
        if self.user_attributes {
            return Ok(());
        }
        Err(Failure::new(Known::Forbidden403, "user attributes are not enabled"))
    }
}

impl App {
    /// Returns an error if the app has as many groups as the plan allows.
    pub(super) fn check_groups(&self, settings: &Settings) -> Result<(), Failure> {
        let most = settings.plan.groups();
        if self.groups.order.len() < most {
            return Ok(());
        }
        Err(Failure::new(
            Known::ExceedLimit403,
            format!("the app has {most} groups"),
        ))
    }

    /// Returns an error if one of the users is in as many groups as the plan allows.
    pub(super) fn check_joined_groups(&self, settings: &Settings, users: &[UserNo]) -> Result<(), Failure> {
        let full = self.find_full(users, settings.plan.joined_groups(), |account| account.groups.len());
        full.map_or(Ok(()), |user| {
            let message = format!("user {user} is in as many groups as the plan allows");
            Err(Failure::new(Known::ExceedLimit403, message))
        })
    }

    /// Returns an error if one of the users is in the maximum number of threads.
    pub(super) fn check_joined_threads(&self, settings: &Settings, users: &[UserNo]) -> Result<(), Failure> {
        let most = settings.max_joined_threads;
        let full = self.find_full(users, most, |account| account.threads.len());
        full.map_or(Ok(()), |user| {
            Err(Failure::new(
                Known::GroupError403,
                format!("user {user} is in {most} threads"),
            ))
        })
    }

    /// Returns the ID of the first user who has reached a limit.
    fn find_full(&self, users: &[UserNo], most: usize, count: impl Fn(&Account) -> usize) -> Option<String> {
        let mut accounts = users.iter().filter_map(|user| self.accounts.get(*user));
        let full = accounts.find(|account| count(account) >= most);
        full.map(|account| account.username.clone())
    }
}
