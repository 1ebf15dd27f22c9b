//! The users of an app.

use std::collections::{BTreeMap, HashMap, HashSet};

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};

use super::mutes::MuteEnds;
use super::ordered::Ordered;
use super::presence::PresenceState;
use super::push::PushState;
use crate::errors::Known;
use crate::runtime::Failure;
use crate::types::{PushDisplayStyle, User};

/// The number of a user in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct UserNo(u32);

/// The number of a group or chat room, which is also its ID.
pub(super) type SpaceNo = u64;

/// Returns the size of a collection as responses state it.
pub(super) fn count_of(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Returns the number that an ID consists of. Other notations of it, such as `007` and `+7`, are different IDs.
pub(super) fn number(id: &str) -> Option<u64> {
    let number: u64 = id.parse().ok()?;
    (number.to_string() == id).then_some(number)
}

/// A user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) uuid: String,
    /// In lower case.
    pub(super) username: String,
    pub(super) password: Option<PasswordHash>,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) banned: bool,
    pub(super) presence: PresenceState,
    /// The number of messages that the app had stored when the user went offline. Later messages to the user wait.
    pub(super) received: usize,
    pub(super) mutes: MuteEnds,
    pub(super) push: PushState,
    /// The messages that the user deleted, by ID.
    pub(super) deleted: HashSet<u64>,
    pub(super) nickname: Option<String>,
    pub(super) display_style: Option<PushDisplayStyle>,
    pub(super) do_not_disturb: Option<bool>,
    pub(super) do_not_disturb_start: Option<i64>,
    pub(super) do_not_disturb_end: Option<i64>,
    pub(super) contacts: Ordered<UserNo>,
    /// The remarks on contacts.
    pub(super) remarks: BTreeMap<UserNo, String>,
    pub(super) blocked: Ordered<UserNo>,
    /// The users who have this user in their contacts or block lists.
    pub(super) listed_by: Ordered<UserNo>,
    /// The groups that the user has joined.
    pub(super) groups: Ordered<SpaceNo>,
    /// The chat rooms that the user has joined.
    pub(super) rooms: Ordered<SpaceNo>,
    /// The threads that the user has joined.
    pub(super) threads: Ordered<u64>,
}

impl Account {
    /// Returns the user as responses contain it.
    pub(super) fn to_user(&self) -> User {
        User {
            uuid: self.uuid.clone(),
            username: self.username.clone(),
            kind: Some("user".to_owned()),
            created: Some(self.created),
            modified: Some(self.modified),
            activated: Some(!self.banned),
            nickname: self.nickname.clone(),
            push_display_style: self.display_style,
            do_not_disturb: self.do_not_disturb,
            do_not_disturb_start: self.do_not_disturb_start,
            do_not_disturb_end: self.do_not_disturb_end,
            push_info: (!self.push.bindings.is_empty()).then(|| self.push.bindings.clone()),
            ..User::default()
        }
    }
}

/// The hash of a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PasswordHash {
    salt: String,
    hash: Vec<u8>,
}

impl PasswordHash {
    /// Hashes a password. The cost is the lowest that the algorithm allows, because tests register many users.
    pub(super) fn new(password: &str, salt: String) -> Self {
        let hash = digest(password, &salt);
        Self { salt, hash }
    }

    /// Returns `true` if the password is the hashed one.
    pub(super) fn matches(&self, password: &str) -> bool {
        digest(password, &self.salt) == self.hash
    }
}

fn digest(password: &str, salt: &str) -> Vec<u8> {
    let mut hash = vec![0; 16];
    let params = Params::new(Params::MIN_M_COST, 1, 1, Some(hash.len())).unwrap_or(Params::DEFAULT);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    match argon.hash_password_into(password.as_bytes(), salt.as_bytes(), &mut hash) {
        Ok(()) => hash,
        // Only for salts shorter than 8 bytes. No password matches an empty hash with such a salt.
        Err(_) => Vec::new(),
    }
}

/// All users of an app.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Accounts {
    next: u32,
    by_no: HashMap<UserNo, Account>,
    by_name: HashMap<String, UserNo>,
    by_uuid: HashMap<String, UserNo>,
    /// In the order of registration.
    pub(super) order: Ordered<UserNo>,
    /// The users who were muted in the whole app at any time.
    pub(super) muted: Ordered<UserNo>,
    /// The attributes of users, by user ID in lower case. The service does not check that the users exist.
    pub(super) attributes: HashMap<String, BTreeMap<String, String>>,
}

impl Accounts {
    /// Returns the number of a user. User IDs are case-insensitive.
    pub(super) fn find(&self, username: &str) -> Option<UserNo> {
        self.by_name.get(&username.to_lowercase()).copied()
    }

    /// Returns the users who exist.
    pub(super) fn find_each(&self, usernames: &[String]) -> impl Iterator<Item = UserNo> {
        usernames.iter().filter_map(|username| self.find(username))
    }

    /// Returns the number of the user with this user ID or UUID.
    pub(super) fn find_by_any(&self, id: &str) -> Option<UserNo> {
        self.find(id).or_else(|| self.by_uuid.get(id).copied())
    }

    /// Returns the number of a user.
    ///
    /// # Errors
    ///
    /// Fails with `error` if the user does not exist.
    pub(super) fn require(&self, username: &str, error: Known) -> Result<UserNo, Failure> {
        let missing = || Failure::new(error, format!("user {username} does not exist"));
        self.find(username).ok_or_else(missing)
    }

    /// Returns a user.
    pub(super) fn get(&self, user: UserNo) -> Option<&Account> {
        self.by_no.get(&user)
    }

    /// Returns a user.
    pub(super) fn get_mut(&mut self, user: UserNo) -> Option<&mut Account> {
        self.by_no.get_mut(&user)
    }

    /// Returns the user ID; empty if the user does not exist.
    pub(super) fn name(&self, user: UserNo) -> String {
        self.get(user)
            .map(|account| account.username.clone())
            .unwrap_or_default()
    }

    /// Adds a user. The user ID must be free.
    pub(super) fn add(&mut self, account: Account) -> UserNo {
        let user = UserNo(self.next);
        self.next += 1;
        self.by_name.insert(account.username.clone(), user);
        self.by_uuid.insert(account.uuid.clone(), user);
        self.by_no.insert(user, account);
        self.order.insert(user);
        user
    }

    /// Replaces the UUID of a user.
    pub(super) fn set_uuid(&mut self, user: UserNo, uuid: &str) {
        if let Some(account) = self.by_no.get_mut(&user) {
            self.by_uuid.remove(&account.uuid);
            uuid.clone_into(&mut account.uuid);
            self.by_uuid.insert(uuid.to_owned(), user);
        }
    }

    /// Removes a user, and the user from the lists of other users.
    pub(super) fn remove(&mut self, user: UserNo) -> Option<Account> {
        let account = self.by_no.remove(&user)?;
        self.by_name.remove(&account.username);
        self.by_uuid.remove(&account.uuid);
        self.attributes.remove(&account.username);
        self.order.remove(user);
        self.muted.remove(user);
        for other in account.listed_by.oldest_first() {
            if let Some(other) = self.by_no.get_mut(&other) {
                other.contacts.remove(user);
                other.remarks.remove(&user);
                other.blocked.remove(user);
            }
        }
        for other in account.contacts.oldest_first().chain(account.blocked.oldest_first()) {
            if let Some(other) = self.by_no.get_mut(&other) {
                other.listed_by.remove(user);
            }
        }
        Some(account)
    }
}
