//! Push labels.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{UserNo, count_of};
use super::ordered::Ordered;
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, Paged, position};
use crate::sections::push_labels::{
    PushLabels, add_users, create, delete, get, get_user, list, list_users, remove_users,
};
use crate::types::{LabelOutcome, LabelUser, PushLabel};

/// Maximum number of labels of an app.
const LABELS: usize = 100;

/// A label.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Label {
    name: String,
    description: Option<String>,
    created: i64,
    /// In the order in which they got the label.
    users: Ordered<UserNo>,
    /// The times at which they got it.
    since: HashMap<UserNo, i64>,
}

impl Label {
    /// Creates a label that no user has.
    pub(super) fn new(name: String, description: Option<String>, created: i64) -> Self {
        Self {
            name,
            description,
            created,
            users: Ordered::default(),
            since: HashMap::new(),
        }
    }

    /// Gives a user the label.
    pub(super) fn add(&mut self, user: UserNo, now: i64) {
        if self.users.insert(user) {
            self.since.insert(user, now);
        }
    }

    /// Takes the label from a user. Returns `true` if the user had it.
    fn remove(&mut self, user: UserNo) -> bool {
        self.since.remove(&user);
        self.users.remove(user)
    }

    fn to_push_label(&self) -> PushLabel {
        PushLabel {
            name: self.name.clone(),
            description: self.description.clone(),
            count: Some(count_of(self.users.len())),
            created_at: Some(self.created),
        }
    }
}

/// All labels of an app.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct LabelStore {
    next: u64,
    /// In the order of creation.
    labels: BTreeMap<u64, Label>,
}

impl LabelStore {
    /// Adds a label.
    pub(super) fn add(&mut self, label: Label) {
        self.labels.insert(self.next, label);
        self.next += 1;
    }

    /// Returns a label.
    pub(super) fn get(&self, name: &str) -> Result<&Label, Failure> {
        let label = self.labels.values().find(|label| label.name == name);
        label.ok_or_else(|| missing(name))
    }

    fn get_mut(&mut self, name: &str) -> Result<&mut Label, Failure> {
        let label = self.labels.values_mut().find(|label| label.name == name);
        label.ok_or_else(|| missing(name))
    }

    /// Takes all labels from a user.
    pub(super) fn remove_user(&mut self, user: UserNo) {
        for label in self.labels.values_mut() {
            label.remove(user);
        }
    }
}

fn missing(name: &str) -> Failure {
    let message = format!("there is no label named {name}");
    Failure::new(Known::ResourceNotFoundException400, message)
}

impl App {
    /// Changes a label for each of these users. The outcome lists with the reason those who do not exist, or for whom `change` returns
    /// `false`.
    fn change_label(
        &mut self,
        name: &str,
        usernames: Vec<String>,
        reason: &str,
        change: impl Fn(&mut Label, UserNo) -> bool,
    ) -> Result<LabelOutcome, Failure> {
        let label = self.labels.get_mut(name)?;
        let mut outcome = LabelOutcome::default();
        for username in usernames {
            let username = username.to_lowercase();
            let user = self.accounts.find(&username);
            if user.is_some_and(|user| change(label, user)) {
                outcome.success.push(username);
            } else {
                let failures = outcome.failures.get_or_insert_default();
                failures.insert(username, reason.to_owned());
            }
        }
        Ok(outcome)
    }

    /// Returns a user with a label as responses contain it.
    fn label_user(&self, label: &Label, user: UserNo) -> LabelUser {
        LabelUser {
            username: self.accounts.name(user),
            created: label.since.get(&user).copied(),
        }
    }
}

impl PushLabels for App {
    fn create(&mut self, call: &Call<'_>, arguments: create::Create) -> Result<PushLabel, Failure> {
        let create::Create { name, description } = arguments;
        if self.labels.get(&name).is_ok() {
            let message = format!("there is a label named {name} already");
            return Err(Failure::new(Known::IllegalArgumentException400, message));
        }
        if self.labels.labels.len() >= LABELS {
            return Err(Failure::new(
                Known::LimitException403,
                format!("there are {LABELS} labels"),
            ));
        }
        let label = Label::new(name, description, call.now);
        let created = label.to_push_label();
        self.labels.add(label);
        Ok(PushLabel { count: None, ..created })
    }

    fn get(&mut self, _: &Call<'_>, arguments: get::Get) -> Result<PushLabel, Failure> {
        Ok(self.labels.get(&arguments.name)?.to_push_label())
    }

    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Paged<Vec<PushLabel>>, Failure> {
        let after: Option<u64> = position(arguments.cursor.as_deref());
        let start = after.map_or(0, |after| after + 1);
        let labels = self.labels.labels.range(start..);
        let labels = labels.map(|(no, label)| (*no, label.to_push_label()));
        Ok(Paged::take(labels, arguments.limit))
    }

    fn delete(&mut self, _: &Call<'_>, arguments: delete::Delete) -> Result<Done, Failure> {
        self.labels.get(&arguments.name)?;
        self.labels.labels.retain(|_, label| label.name != arguments.name);
        Ok(Done::default())
    }

    fn add_users(&mut self, call: &Call<'_>, arguments: add_users::AddUsers) -> Result<LabelOutcome, Failure> {
        let add_users::AddUsers { name, usernames } = arguments;
        self.change_label(&name, usernames, "the user does not exist", |label, user| {
            label.add(user, call.now);
            true
        })
    }

    fn get_user(&mut self, _: &Call<'_>, arguments: get_user::GetUser) -> Result<get_user::GetUserResult, Failure> {
        let label = self.labels.get(&arguments.name)?;
        let user = self.accounts.find(&arguments.username);
        let user = user.filter(|user| label.users.contains(*user));
        let user = user.map(|user| self.label_user(label, user));
        Ok(get_user::GetUserResult { user })
    }

    fn list_users(&mut self, _: &Call<'_>, arguments: list_users::ListUsers) -> Result<Paged<Vec<LabelUser>>, Failure> {
        let label = self.labels.get(&arguments.name)?;
        let users = label.users.after(position(arguments.cursor.as_deref()));
        let users = users.map(|(place, user)| (place, self.label_user(label, user)));
        Ok(Paged::take(users, arguments.limit))
    }

    fn remove_users(&mut self, _: &Call<'_>, arguments: remove_users::RemoveUsers) -> Result<LabelOutcome, Failure> {
        let remove_users::RemoveUsers { name, usernames } = arguments;
        self.change_label(&name, usernames, "the user does not have the label", Label::remove)
    }
}
