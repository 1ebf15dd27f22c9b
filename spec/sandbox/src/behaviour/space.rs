//! Groups and chat rooms: what both have, and who is in which list.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{Account, SpaceNo, UserNo, count_of, number};
use super::chatroom_attributes::RoomAttribute;
use super::group_files::SharedFile;
use super::ordered::Ordered;
use super::webhooks::Detail;
use crate::errors::Known;
use crate::runtime::Failure;
use crate::types::{GroupOperation, Member, MemberOutcome, MuteOutcome, MutedMember, UserId};

/// The end of a permanent mute: 1 January 2117.
const FOREVER: i64 = 4_638_873_600_000;

/// Maximum number of admins.
const ADMINS: usize = 99;

/// Maximum number of users in one request.
pub(super) const BATCH: usize = 60;

/// A group or a chat room.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Space {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) avatar: Option<String>,
    pub(super) custom: String,
    pub(super) owner: UserNo,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) max_users: i64,
    pub(super) public: bool,
    pub(super) members_only: bool,
    pub(super) allow_invites: bool,
    pub(super) invite_need_confirm: bool,
    pub(super) announcement: Option<String>,
    /// The members, in the order of joining. The owner is one of them.
    pub(super) members: Ordered<UserNo>,
    /// The ID of the last message before each member joined. A member who joined before all messages has none.
    #[serde(default)]
    pub(super) joined_after: BTreeMap<UserNo, u64>,
    pub(super) admins: Ordered<UserNo>,
    pub(super) blocked: Ordered<UserNo>,
    pub(super) allowed: Ordered<UserNo>,
    /// The ends of the mutes. A mute survives leaving and joining again.
    pub(super) muted: BTreeMap<UserNo, i64>,
    pub(super) all_muted: bool,
    /// `true` if the group is banned.
    pub(super) disabled: bool,
    /// The threads of a group.
    pub(super) threads: Ordered<u64>,
    /// The shared files of a group, oldest first.
    pub(super) files: Vec<SharedFile>,
    /// The attributes of the members of a group.
    pub(super) attributes: BTreeMap<UserNo, BTreeMap<String, String>>,
    /// The attributes of a chat room.
    pub(super) room_attributes: BTreeMap<String, RoomAttribute>,
}

impl Space {
    /// Creates a group or chat room whose only member is the owner.
    pub(super) fn new(owner: UserNo, name: String, description: String, max_users: i64, now: i64) -> Self {
        let mut space = Self {
            name,
            description,
            avatar: None,
            custom: String::new(),
            owner,
            created: now,
            modified: now,
            max_users,
            public: false,
            members_only: false,
            allow_invites: false,
            invite_need_confirm: true,
            announcement: None,
            members: Ordered::default(),
            joined_after: BTreeMap::new(),
            admins: Ordered::default(),
            blocked: Ordered::default(),
            allowed: Ordered::default(),
            muted: BTreeMap::new(),
            all_muted: false,
            disabled: false,
            threads: Ordered::default(),
            files: Vec::new(),
            attributes: BTreeMap::new(),
            room_attributes: BTreeMap::new(),
        };
        space.members.insert(owner);
        space.allowed.insert(owner);
        space
    }

    /// Returns how many members can still join.
    pub(super) fn room(&self) -> usize {
        let most = usize::try_from(self.max_users).unwrap_or(usize::MAX);
        most.saturating_sub(self.members.len())
    }

    /// Returns an error if the group is banned.
    pub(super) fn check_enabled(&self, error: Known) -> Result<(), Failure> {
        if self.disabled {
            return Err(Failure::new(error, "the group is banned"));
        }
        Ok(())
    }

    /// Adds a member after the message with this ID. Returns `false` if the user is a member already.
    fn add(&mut self, user: UserNo, after: Option<u64>) -> bool {
        let is_new = self.members.insert(user);
        if let Some(after) = after.filter(|_| is_new) {
            self.joined_after.insert(user, after);
        }
        is_new
    }

    /// Returns `true` if a message was sent while the user was a member.
    pub(super) fn reached(&self, user: UserNo, message: u64) -> bool {
        let after = self.joined_after.get(&user);
        self.members.contains(user) && after.is_none_or(|after| message > *after)
    }

    /// Returns the number of members.
    pub(super) fn size(&self) -> i64 {
        count_of(self.members.len())
    }
}

/// All groups or all chat rooms of an app.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Spaces {
    by_no: HashMap<SpaceNo, Space>,
    /// In the order of creation.
    pub(super) order: Ordered<SpaceNo>,
}

impl Spaces {
    /// Returns a group or chat room.
    pub(super) fn get(&self, no: SpaceNo) -> Option<&Space> {
        self.by_no.get(&no)
    }

    /// Returns a group or chat room.
    pub(super) fn get_mut(&mut self, no: SpaceNo) -> Option<&mut Space> {
        self.by_no.get_mut(&no)
    }
}

/// Groups or chat rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Group,
    Room,
}

impl Kind {
    /// Returns the first ID.
    fn first(self) -> SpaceNo {
        match self {
            Self::Group => 251_700_000_000_000,
            Self::Room => 251_900_000_000_000,
        }
    }

    /// Returns the error for a user who is not a member.
    pub(super) fn not_a_member(self) -> Known {
        match self {
            Self::Group => Known::ForbiddenOp403,
            Self::Room => Known::ForbiddenOp400,
        }
    }

    fn missing(self, id: &str, error: Known) -> Failure {
        let noun = match self {
            Self::Group => "group",
            Self::Room => "chat room",
        };
        Failure::new(error, format!("{noun} {id} does not exist"))
    }

    /// Returns the groups or chat rooms that a user has joined.
    pub(super) fn joined(self, account: &Account) -> &Ordered<SpaceNo> {
        match self {
            Self::Group => &account.groups,
            Self::Room => &account.rooms,
        }
    }

    fn joined_mut(self, account: &mut Account) -> &mut Ordered<SpaceNo> {
        match self {
            Self::Group => &mut account.groups,
            Self::Room => &mut account.rooms,
        }
    }
}

/// A change of the membership of one user, which only some users qualify for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Removes a member.
    Remove,
    /// Removes a member, who cannot join again.
    Block,
    /// Lets a user join again.
    Unblock,
    /// Lets a member send messages while all are muted.
    Allow,
    /// Takes a member off the allow list.
    Disallow,
}

impl Change {
    /// Returns the operation that the webhook names. There is none for the block list of a chat room.
    fn operation(self, kind: Kind) -> Option<GroupOperation> {
        match (self, kind) {
            (Self::Remove, _) | (Self::Block, Kind::Room) => Some(GroupOperation::Kick),
            (Self::Block, Kind::Group) => Some(GroupOperation::Ban),
            (Self::Unblock, Kind::Group) => Some(GroupOperation::Allow),
            (Self::Unblock, Kind::Room) => None,
            (Self::Allow, _) => Some(GroupOperation::AddToAllowList),
            (Self::Disallow, _) => Some(GroupOperation::RemoveFromAllowList),
        }
    }
}

impl App {
    /// Returns all groups or all chat rooms.
    pub(super) fn spaces(&self, kind: Kind) -> &Spaces {
        match kind {
            Kind::Group => &self.groups,
            Kind::Room => &self.rooms,
        }
    }

    fn spaces_mut(&mut self, kind: Kind) -> &mut Spaces {
        match kind {
            Kind::Group => &mut self.groups,
            Kind::Room => &mut self.rooms,
        }
    }

    /// Returns a group or chat room and its number.
    ///
    /// # Errors
    ///
    /// Fails with `error` if it does not exist.
    pub(super) fn find_space(&self, kind: Kind, id: &str, error: Known) -> Result<(SpaceNo, &Space), Failure> {
        let found = number(id).and_then(|no| Some((no, self.spaces(kind).get(no)?)));
        found.ok_or_else(|| kind.missing(id, error))
    }

    /// Returns the number of a group or chat room.
    ///
    /// # Errors
    ///
    /// Fails with `error` if it does not exist.
    pub(super) fn require_space(&self, kind: Kind, id: &str, error: Known) -> Result<SpaceNo, Failure> {
        Ok(self.find_space(kind, id, error)?.0)
    }

    /// Returns a group or chat room.
    ///
    /// # Errors
    ///
    /// Fails if it does not exist.
    pub(super) fn space(&self, kind: Kind, id: &str) -> Result<&Space, Failure> {
        Ok(self.find_space(kind, id, Known::ResourceNotFound404)?.1)
    }

    /// Returns a group or chat room that can be changed, and its number.
    ///
    /// # Errors
    ///
    /// Fails if it does not exist or is banned.
    pub(super) fn writable_space(&self, kind: Kind, id: &str) -> Result<(SpaceNo, &Space), Failure> {
        let (no, space) = self.find_space(kind, id, Known::ResourceNotFound404)?;
        space.check_enabled(Known::ForbiddenOp403)?;
        Ok((no, space))
    }

    /// Returns a group or chat room to change.
    ///
    /// # Errors
    ///
    /// Fails if it does not exist or is banned.
    pub(super) fn space_mut(&mut self, kind: Kind, id: &str) -> Result<&mut Space, Failure> {
        let found = number(id).and_then(|no| self.spaces_mut(kind).get_mut(no));
        let space = found.ok_or_else(|| kind.missing(id, Known::ResourceNotFound404))?;
        space.check_enabled(Known::ForbiddenOp403)?;
        Ok(space)
    }

    /// Bans a group, or ends that. Returns the new state.
    pub(super) fn set_disabled(&mut self, id: &str, disabled: bool) -> Result<bool, Failure> {
        let no = self.require_space(Kind::Group, id, Known::ResourceNotFound404)?;
        if let Some(group) = self.groups.get_mut(no) {
            group.disabled = disabled;
        }
        Ok(disabled)
    }

    /// Returns the number of a user who is named in a call on a group or chat room.
    pub(super) fn named_user(&self, username: &str) -> Result<UserNo, Failure> {
        self.accounts.require(username, Known::ResourceNotFound404)
    }

    /// Returns the numbers of users who are named in a call on a group or chat room, each once.
    pub(super) fn named_users(&self, usernames: &[UserId]) -> Result<Vec<UserNo>, Failure> {
        let mut users = Ordered::default();
        for username in usernames {
            users.insert(self.named_user(username)?);
        }
        Ok(users.oldest_first().collect())
    }

    /// Adds a group or chat room with these members beside the owner. `chosen` is the ID if the caller chooses it.
    ///
    /// # Errors
    ///
    /// Fails if they are more than it can have, or if the chosen ID is taken.
    pub(super) fn add_space(
        &mut self,
        kind: Kind,
        chosen: Option<&str>,
        space: Space,
        members: Vec<UserNo>,
    ) -> Result<SpaceNo, Failure> {
        let others = members.iter().filter(|member| **member != space.owner).count();
        if others > space.room() {
            let message = format!("{} members are more than {}", others + 1, space.max_users);
            return Err(Failure::new(Known::ExceedLimit403, message));
        }
        let no = match chosen {
            Some(id) => self.chosen(kind, id)?,
            None => self.free_number(kind),
        };
        let owner = space.owner;
        let spaces = self.spaces_mut(kind);
        spaces.by_no.insert(no, space);
        spaces.order.insert(no);
        if let Some(account) = self.accounts.get_mut(owner) {
            kind.joined_mut(account).insert(no);
        }
        if kind == Kind::Group {
            self.operated(kind, no, GroupOperation::Create, None);
        }
        for member in members {
            self.join(kind, no, member);
        }
        Ok(no)
    }

    fn chosen(&self, kind: Kind, id: &str) -> Result<SpaceNo, Failure> {
        let no = number(id).filter(|no| self.spaces(kind).get(*no).is_none());
        no.ok_or_else(|| Failure::new(Known::IllegalArgument400, format!("the ID {id} cannot be chosen")))
    }

    /// Returns a number that no chosen ID has.
    fn free_number(&mut self, kind: Kind) -> SpaceNo {
        loop {
            let no = self.ids.number(kind.first());
            if self.spaces(kind).get(no).is_none() {
                return no;
            }
        }
    }

    /// Deletes a group or chat room.
    pub(super) fn delete_space(&mut self, kind: Kind, no: SpaceNo) {
        let spaces = self.spaces_mut(kind);
        spaces.order.remove(no);
        let Some(space) = spaces.by_no.remove(&no) else { return };
        for member in space.members.oldest_first() {
            if let Some(account) = self.accounts.get_mut(member) {
                kind.joined_mut(account).remove(no);
            }
        }
        for thread in space.threads.oldest_first() {
            self.delete_thread(thread);
        }
        for file in &space.files {
            self.group_files.remove(&file.id);
        }
        self.operated(kind, no, GroupOperation::Destroy, None);
    }

    /// Adds a member.
    pub(super) fn join(&mut self, kind: Kind, no: SpaceNo, user: UserNo) {
        let last = self.messages.last(1).first().map(|message| message.id);
        let space = self.spaces_mut(kind).get_mut(no);
        let is_new = space.is_some_and(|space| space.add(user, last));
        if let Some(account) = self.accounts.get_mut(user) {
            kind.joined_mut(account).insert(no);
        }
        if is_new {
            self.member_added(kind, no, user);
        }
    }

    /// Removes a member, also from the threads of a group.
    fn leave(&mut self, kind: Kind, no: SpaceNo, user: UserNo) {
        let mut threads = Vec::new();
        if let Some(space) = self.spaces_mut(kind).get_mut(no) {
            space.members.remove(user);
            space.joined_after.remove(&user);
            space.admins.remove(user);
            space.allowed.remove(user);
            space.attributes.remove(&user);
            space
                .room_attributes
                .retain(|_, attribute| attribute.owner != user || !attribute.leaves);
            threads.extend(space.threads.oldest_first());
        }
        if let Some(account) = self.accounts.get_mut(user) {
            kind.joined_mut(account).remove(no);
        }
        for thread in threads {
            self.leave_thread(thread, user);
        }
        self.operated(kind, no, GroupOperation::Left, Some(user));
    }

    /// Removes a user from everything, and deletes the groups and chat rooms that the user owns.
    pub(super) fn leave_everything(&mut self, user: UserNo) {
        self.super_admins.remove(user);
        for kind in [Kind::Group, Kind::Room] {
            let account = self.accounts.get(user);
            let joined: Vec<_> = account
                .into_iter()
                .flat_map(|account| kind.joined(account).oldest_first())
                .collect();
            for no in joined {
                if self.spaces(kind).get(no).is_some_and(|space| space.owner == user) {
                    self.delete_space(kind, no);
                } else {
                    self.leave(kind, no, user);
                }
            }
            for space in self.spaces_mut(kind).by_no.values_mut() {
                space.blocked.remove(user);
                space.muted.remove(&user);
            }
        }
    }

    /// Returns the members on a page, the last to join first. Admins appear as other members do.
    pub(super) fn members(&self, space: &Space, number: i64, size: i64) -> Vec<Member> {
        let page = crate::runtime::numbered(space.members.newest_first(), number, size);
        let member = |user: UserNo| {
            let name = self.accounts.name(user);
            if user == space.owner {
                Member::Owner(name)
            } else {
                Member::Member(name)
            }
        };
        page.map(member).collect()
    }

    /// Returns the user IDs in a list.
    fn names(&self, list: &Ordered<UserNo>) -> Vec<UserId> {
        list.oldest_first().map(|user| self.accounts.name(user)).collect()
    }

    /// Returns the admins.
    pub(super) fn admins(&self, kind: Kind, id: &str) -> Result<Vec<UserId>, Failure> {
        Ok(self.names(&self.space(kind, id)?.admins))
    }

    /// Returns the block list.
    pub(super) fn blocked(&self, kind: Kind, id: &str) -> Result<Vec<UserId>, Failure> {
        Ok(self.names(&self.space(kind, id)?.blocked))
    }

    /// Returns the allow list.
    pub(super) fn allowed(&self, kind: Kind, id: &str) -> Result<Vec<UserId>, Failure> {
        Ok(self.names(&self.space(kind, id)?.allowed))
    }

    /// Sets the announcement.
    pub(super) fn set_announcement(&mut self, kind: Kind, id: &str, text: String) -> Result<(), Failure> {
        let (no, _) = self.writable_space(kind, id)?;
        self.operated_with(kind, no, GroupOperation::UpdateAnnouncement, None, Detail::Text(&text));
        self.space_mut(kind, id)?.announcement = Some(text);
        Ok(())
    }

    /// Makes a member an admin.
    pub(super) fn add_admin(&mut self, kind: Kind, id: &str, username: &str) -> Result<(), Failure> {
        let (no, _) = self.writable_space(kind, id)?;
        let user = self.named_user(username)?;
        let space = self.space_mut(kind, id)?;
        if user == space.owner {
            return Err(Failure::new(
                Known::ForbiddenOp403,
                format!("user {username} is the owner"),
            ));
        }
        if !space.members.contains(user) {
            return Err(Failure::new(
                Known::ResourceNotFound404,
                format!("user {username} is not a member"),
            ));
        }
        if space.admins.len() >= ADMINS && !space.admins.contains(user) {
            return Err(Failure::new(
                Known::ExceedLimit403,
                format!("there are {ADMINS} admins"),
            ));
        }
        let is_new = space.admins.insert(user);
        space.allowed.insert(user);
        if is_new {
            self.operated(kind, no, GroupOperation::AddAdmin, Some(user));
        }
        Ok(())
    }

    /// Makes an admin a regular member.
    pub(super) fn remove_admin(&mut self, kind: Kind, id: &str, username: &str) -> Result<(), Failure> {
        let (no, _) = self.writable_space(kind, id)?;
        let user = self.named_user(username)?;
        let space = self.space_mut(kind, id)?;
        if !space.admins.remove(user) {
            return Err(Failure::new(
                Known::ForbiddenOp403,
                format!("user {username} is not an admin"),
            ));
        }
        space.allowed.remove(user);
        self.operated(kind, no, GroupOperation::RemoveAdmin, Some(user));
        Ok(())
    }

    /// Makes a member the owner. The former owner becomes a regular member.
    pub(super) fn transfer_space(&mut self, kind: Kind, id: &str, username: &str) -> Result<(), Failure> {
        let (no, _) = self.writable_space(kind, id)?;
        let user = self.named_user(username)?;
        let space = self.space_mut(kind, id)?;
        if user == space.owner || !space.members.contains(user) {
            let message = format!("user {username} is the owner already or not a member");
            return Err(Failure::new(Known::ForbiddenOp403, message));
        }
        space.owner = user;
        space.admins.remove(user);
        space.muted.remove(&user);
        space.allowed.insert(user);
        // The docs have no such operation for chat rooms.
        if kind == Kind::Group {
            self.operated(kind, no, GroupOperation::AssignOwner, Some(user));
        }
        Ok(())
    }

    /// Applies a change to one user.
    ///
    /// # Errors
    ///
    /// Fails if the user does not qualify.
    pub(super) fn change_one(&mut self, kind: Kind, id: &str, username: &str, change: Change) -> Result<(), Failure> {
        let (no, _) = self.writable_space(kind, id)?;
        let user = self.named_user(username)?;
        self.change(kind, no, user, change)
    }

    /// Applies a change to each user who exists and qualifies.
    ///
    /// # Errors
    ///
    /// Fails if there is no such user.
    pub(super) fn change_many(
        &mut self,
        kind: Kind,
        id: &str,
        usernames: &[UserId],
        change: Change,
    ) -> Result<Vec<MemberOutcome>, Failure> {
        let (no, _) = self.writable_space(kind, id)?;
        if usernames.len() > BATCH {
            let message = format!("a request may name at most {BATCH} users");
            return Err(Failure::new(Known::InvalidParameter400, message));
        }
        let mut first_failure = None;
        let mut outcomes = Vec::new();
        let is_known = usernames.iter().any(|username| self.accounts.find(username).is_some());
        for username in usernames {
            let user = self.named_user(username);
            let failure = user.and_then(|user| self.change(kind, no, user, change)).err();
            outcomes.push(MemberOutcome {
                user: username.to_lowercase(),
                result: failure.is_none(),
                reason: failure.as_ref().map(|failure| failure.message.clone()),
            });
            first_failure = first_failure.or(failure);
        }
        match first_failure {
            Some(failure) if !is_known => Err(failure),
            Some(failure) if outcomes.iter().all(|outcome| !outcome.result) => {
                Err(Failure::new(kind.not_a_member(), failure.message))
            }
            _ => Ok(outcomes),
        }
    }

    /// Applies a change to a user.
    fn change(&mut self, kind: Kind, no: SpaceNo, user: UserNo, change: Change) -> Result<(), Failure> {
        let name = self.accounts.name(user);
        let Some(space) = self.spaces_mut(kind).get_mut(no) else {
            return Err(Failure::new(Known::ResourceNotFound404, format!("{no} does not exist")));
        };
        let is_protected = matches!(change, Change::Remove | Change::Block);
        if is_protected && user == space.owner {
            return Err(Failure::new(Known::ForbiddenOp403, format!("user {name} is the owner")));
        }
        let (qualifies, lacks) = match change {
            Change::Unblock => (space.blocked.contains(user), "on the block list"),
            _ => (space.members.contains(user), "a member"),
        };
        if !qualifies {
            return Err(Failure::new(kind.not_a_member(), format!("user {name} is not {lacks}")));
        }
        let has_effect = match change {
            Change::Remove => true,
            Change::Block => space.blocked.insert(user),
            Change::Unblock => space.blocked.remove(user),
            Change::Allow => space.allowed.insert(user),
            Change::Disallow => space.allowed.remove(user),
        };
        if let Some(operation) = change.operation(kind).filter(|_| has_effect) {
            self.operated(kind, no, operation, Some(user));
        }
        if is_protected {
            self.leave(kind, no, user);
        }
        Ok(())
    }

    /// Returns an error if a user may not join.
    pub(super) fn check_not_blocked(&self, space: &Space, user: UserNo) -> Result<(), Failure> {
        if !space.blocked.contains(user) {
            return Ok(());
        }
        let message = format!("user {} is on the block list", self.accounts.name(user));
        Err(Failure::new(Known::ForbiddenOp403, message))
    }

    /// Mutes members. A duration of -1 means forever, and 0 ends a mute.
    pub(super) fn mute(
        &mut self,
        kind: Kind,
        id: &str,
        usernames: &[UserId],
        duration: i64,
        now: i64,
    ) -> Result<Vec<MuteOutcome>, Failure> {
        let (no, _) = self.writable_space(kind, id)?;
        let users = self.named_users(usernames)?;
        let names: Vec<_> = users.iter().map(|user| self.accounts.name(*user)).collect();
        let space = self.space_mut(kind, id)?;
        for (user, username) in users.iter().zip(&names) {
            if *user == space.owner {
                return Err(Failure::new(
                    Known::ForbiddenOp403,
                    format!("user {username} is the owner"),
                ));
            }
            if !space.members.contains(*user) {
                return Err(Failure::new(
                    kind.not_a_member(),
                    format!("user {username} is not a member"),
                ));
            }
        }
        let end = if duration < 0 {
            FOREVER
        } else {
            now.saturating_add(duration)
        };
        space.muted.extend(users.iter().map(|user| (*user, end)));
        let operation = if duration == 0 {
            GroupOperation::RemoveMute
        } else {
            GroupOperation::AddMute
        };
        for user in users {
            self.operated(kind, no, operation, Some(user));
        }
        let outcomes = names.into_iter().map(|user| MuteOutcome {
            user,
            result: true,
            expire: Some(end),
        });
        Ok(outcomes.collect())
    }

    /// Ends the mutes of users.
    pub(super) fn unmute(&mut self, kind: Kind, id: &str, usernames: &[UserId]) -> Result<Vec<MemberOutcome>, Failure> {
        let (no, _) = self.writable_space(kind, id)?;
        let users = self.named_users(usernames)?;
        let names: Vec<_> = users.iter().map(|user| self.accounts.name(*user)).collect();
        for user in users {
            if self.space_mut(kind, id)?.muted.remove(&user).is_some() {
                self.operated(kind, no, GroupOperation::RemoveMute, Some(user));
            }
        }
        let outcomes = names.into_iter().map(|user| MemberOutcome {
            user,
            result: true,
            reason: None,
        });
        Ok(outcomes.collect())
    }

    /// Returns the members whose mutes have not ended.
    pub(super) fn muted(&self, kind: Kind, id: &str, now: i64) -> Result<Vec<MutedMember>, Failure> {
        let space = self.space(kind, id)?;
        let muted = space
            .muted
            .iter()
            .filter(|(user, end)| **end > now && space.members.contains(**user));
        let muted = muted.map(|(user, end)| MutedMember {
            user: self.accounts.name(*user),
            expire: *end,
        });
        Ok(muted.collect())
    }

    /// Mutes all members, or ends that. Returns the new state.
    pub(super) fn set_all_muted(&mut self, kind: Kind, id: &str, muted: bool) -> Result<bool, Failure> {
        let (no, space) = self.writable_space(kind, id)?;
        let operation = if muted {
            GroupOperation::MuteAll
        } else {
            GroupOperation::UnmuteAll
        };
        if space.all_muted != muted {
            self.space_mut(kind, id)?.all_muted = muted;
            self.operated(kind, no, operation, None);
        }
        Ok(muted)
    }

    /// Returns what a user has joined on a page, the last joined first.
    pub(super) fn joined(
        &self,
        kind: Kind,
        username: &str,
        page: Option<(i64, i64)>,
    ) -> Result<Vec<(SpaceNo, &Space)>, Failure> {
        let user = self.accounts.require(username, Known::ServiceResourceNotFound404)?;
        let (number, size) = page.unwrap_or((1, 500));
        let joined = self
            .accounts
            .get(user)
            .into_iter()
            .flat_map(|account| kind.joined(account).newest_first());
        let page = crate::runtime::numbered(joined, number, size);
        Ok(page.filter_map(|no| Some((no, self.spaces(kind).get(no)?))).collect())
    }
}
