//! Calls that groups and chat rooms have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use easemob::types::{Member, MemberOutcome, TextBody};
use easemob::{Client, Error, Span};
use futures_util::TryStreamExt as _;

use super::world::USERS;

/// Groups or chat rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Group,
    Room,
}

/// A group or chat room.
pub struct Space<'a> {
    client: &'a Client,
    pub kind: Kind,
    pub id: String,
}

/// All that the reads of a group or chat room return.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    pub owner: String,
    /// With the owner.
    pub members: BTreeSet<String>,
    pub admins: BTreeSet<String>,
    pub blocked: BTreeSet<String>,
    pub allowed: BTreeSet<String>,
    /// The end of each mute.
    pub muted: BTreeMap<String, i64>,
    pub all_muted: bool,
    /// `true` if the group is banned.
    pub disabled: bool,
}

/// The details of a group or chat room.
#[derive(Debug)]
pub struct Details {
    owner: String,
    members: Vec<Member>,
    count: Option<i64>,
    all_muted: bool,
    disabled: bool,
}

/// Calls a method that both sections have.
macro_rules! call {
    ($self:ident.$call:ident($($argument:expr),*)) => {
        match $self.kind {
            Kind::Group => $self.client.group_members().$call(&*$self.id $(, $argument)*).await,
            Kind::Room => $self.client.chatroom_members().$call(&*$self.id $(, $argument)*).await,
        }
    };
}

/// Defines calls that take one user.
macro_rules! one {
    ($($call:ident)*) => {$(
        pub async fn $call(&self, user: &str) -> Result<(), Error> {
            call!(self.$call(user))
        }
    )*};
}

/// Defines calls that take several users and return a result for each.
macro_rules! many {
    ($($call:ident)*) => {$(
        pub async fn $call(&self, users: &[&str]) -> Result<Vec<(String, bool)>, Error> {
            Ok(outcomes(call!(self.$call(users))?))
        }
    )*};
}

/// Defines calls that return user IDs.
macro_rules! list {
    ($($name:ident: $call:ident)*) => {$(
        pub async fn $name(&self) -> Result<Vec<String>, Error> {
            Ok(call!(self.$call())?.into_iter().map(Into::into).collect())
        }
    )*};
}

/// Converts results into pairs. A failure has a reason, and a success has none.
pub fn outcomes(outcomes: Vec<MemberOutcome>) -> Vec<(String, bool)> {
    let pair = |outcome: MemberOutcome| (outcome.user.into(), outcome.result);
    outcomes.into_iter().map(pair).collect()
}

impl<'a> Space<'a> {
    pub fn new(client: &'a Client, kind: Kind, id: String) -> Self {
        Self { client, kind, id }
    }

    one! { add remove transfer add_admin remove_admin block unblock allow }
    many! { remove_many block_many unblock_many allow_many disallow unmute }
    list! { admins: list_admins blocked: list_blocked allowed: list_allowed }

    /// The path of the group or chat room.
    pub fn path(&self) -> String {
        match self.kind {
            Kind::Group => format!("/chatgroups/{}", self.id),
            Kind::Room => format!("/chatrooms/{}", self.id),
        }
    }

    /// The status with which the service rejects a user who is not a member.
    pub fn not_a_member(&self) -> u16 {
        match self.kind {
            Kind::Group => 403,
            Kind::Room => 400,
        }
    }

    pub async fn add_many(&self, users: &[&str]) -> Result<Vec<String>, Error> {
        Ok(call!(self.add_many(users))?.into_iter().map(Into::into).collect())
    }

    /// Mutes users for some seconds, or forever. Returns the ends of the mutes.
    pub async fn mute(&self, users: &[&str], seconds: impl Into<Option<u64>>) -> Result<Vec<(String, i64)>, Error> {
        let duration = seconds
            .into()
            .map_or(Span::Forever, |seconds| Span::For(Duration::from_secs(seconds)));
        let muted = call!(self.mute(users, duration))?;
        let muted = muted.into_iter().filter(|outcome| outcome.result);
        Ok(muted
            .map(|outcome| (outcome.user.into(), outcome.expire.map_or(0, |end| end.0)))
            .collect())
    }

    pub async fn muted(&self) -> Result<BTreeMap<String, i64>, Error> {
        let muted = call!(self.list_muted())?.into_iter();
        Ok(muted.map(|muted| (muted.user.into(), muted.expire.0)).collect())
    }

    pub async fn mute_all(&self) -> Result<bool, Error> {
        match self.kind {
            Kind::Group => Ok(self.client.group_members().mute_all(&*self.id).await?.muted),
            Kind::Room => Ok(self.client.chatroom_members().mute_all(&*self.id).await?.muted),
        }
    }

    pub async fn unmute_all(&self) -> Result<bool, Error> {
        match self.kind {
            Kind::Group => Ok(self.client.group_members().unmute_all(&*self.id).await?.muted),
            Kind::Room => Ok(self.client.chatroom_members().unmute_all(&*self.id).await?.muted),
        }
    }

    pub async fn delete(&self) -> Result<(), Error> {
        match self.kind {
            Kind::Group => self.client.groups().delete(&*self.id).await,
            Kind::Room => self.client.chatrooms().delete(&*self.id).await,
        }
    }

    /// The members in the order of the list.
    pub async fn listed_members(&self) -> Result<Vec<Member>, Error> {
        call!(self.list())
    }

    /// Sends a message in the name of a user. Returns its ID.
    pub async fn send(&self, from: &str) -> Result<String, Error> {
        let (messages, text) = (self.client.messages(), TextBody::new("hi"));
        let from = from.to_owned();
        let sent = match self.kind {
            Kind::Group => messages.send_to_groups(&*self.id, text).from(from).await?.message_ids,
            Kind::Room => messages.send_to_rooms(&*self.id, text).from(from).await?.message_ids,
        };
        Ok(sent.into_values().next().expect("a message ID").into())
    }

    /// The groups or chat rooms of a user.
    #[expect(deprecated, reason = "both lists of groups must agree")]
    pub async fn joined_by(&self, user: &str) -> Result<Vec<String>, Error> {
        Ok(match self.kind {
            Kind::Group => {
                let groups = self.client.groups().list_joined(user).await?;
                let joined: Vec<String> = groups.into_iter().map(|group| group.id.into()).collect();
                let detailed = self.client.groups().list_of_user(user).stream();
                let detailed: Vec<_> = detailed.try_collect().await?;
                let detailed: Vec<_> = detailed.into_iter().map(|group| String::from(group.id)).collect();
                assert_eq!(detailed, joined, "the lists of the groups of {user} differ");
                joined
            }
            Kind::Room => {
                let rooms = self.client.chatrooms().list_joined(user).await?;
                rooms.into_iter().map(|room| room.id.into()).collect()
            }
        })
    }

    /// The entry in the list of all: owner and number of members.
    pub async fn listed(&self) -> Result<Option<(String, Option<i64>)>, Error> {
        Ok(match self.kind {
            Kind::Group => {
                let groups = self.client.groups().list().await?.into_iter();
                let mut groups = groups.filter(|group| group.id == self.id);
                groups
                    .next()
                    .map(|group| (group.owner.unwrap_or_default(), group.member_count))
            }
            Kind::Room => {
                let rooms = self.client.chatrooms().list().await?.into_iter();
                let mut rooms = rooms.filter(|room| room.id == self.id);
                let owner = |room: &easemob::types::ChatRoom| room.owner.as_ref().map(Into::into);
                rooms
                    .next()
                    .map(|room| (owner(&room).unwrap_or_default(), room.member_count))
            }
        })
    }

    /// The details.
    pub async fn details(&self) -> Result<Details, Error> {
        macro_rules! details {
            ($one:expr) => {{
                let one = $one;
                Details {
                    owner: one.owner.map(String::from).unwrap_or_default(),
                    members: one.members.unwrap_or_default(),
                    count: one.member_count,
                    all_muted: one.muted.unwrap_or_default(),
                    disabled: one.disabled.unwrap_or_default(),
                }
            }};
        }
        Ok(match self.kind {
            Kind::Group => details!(self.client.groups().get_one(&*self.id).await?),
            Kind::Room => details!(self.client.chatrooms().get_one(&*self.id).await?),
        })
    }

    /// Bans the group, or ends that. Returns the new state.
    pub async fn set_disabled(&self, disabled: bool) -> Result<bool, Error> {
        let groups = self.client.groups();
        Ok(if disabled {
            groups.disable(&*self.id).await?.disabled
        } else {
            groups.enable(&*self.id).await?.disabled
        })
    }

    /// Reads everything, and checks that the reads agree with each other.
    pub async fn view(&self, users: &[&str]) -> Result<View, Error> {
        let details = self.details().await?;
        let owner = details.owner;
        let listed = self.listed_members().await?;
        assert_eq!(details.members, listed, "details and member list differ");
        let name = |member: &Member| member.value().map(String::from).unwrap_or_default();
        let members: BTreeSet<_> = listed.iter().map(name).collect();
        let owners: Vec<_> = listed
            .iter()
            .filter(|member| matches!(member, Member::Owner(_)))
            .map(name)
            .collect();
        assert_eq!(
            (owners, members.len()),
            (vec![owner.clone()], listed.len()),
            "one owner, each member once"
        );
        let size = i64::try_from(members.len()).ok();
        assert_eq!(details.count, size, "the number of members in the details");
        let (listed_owner, listed_count) = self.listed().await?.expect("an entry in the list of all");
        assert!(
            listed_owner.ends_with(&owner),
            "the owner {listed_owner} in the list of all"
        );
        assert_eq!(listed_count, size, "the number of members in the list of all");
        for user in users {
            let has_joined = self.joined_by(user).await?.contains(&self.id);
            assert_eq!(
                has_joined,
                members.contains(*user),
                "the list of what {user} has joined"
            );
            if self.kind == Kind::Group {
                let is_member = self.client.group_members().is_member(&*self.id, *user).await?.is_member;
                assert_eq!(is_member, has_joined, "whether {user} is a member");
            }
        }
        let set = |list: Vec<String>| {
            let set: BTreeSet<_> = list.iter().cloned().collect();
            assert_eq!(set.len(), list.len(), "a user is twice in {list:?}");
            set
        };
        let view = View {
            admins: set(self.admins().await?),
            blocked: set(self.blocked().await?),
            allowed: set(self.allowed().await?),
            muted: self.muted().await?,
            all_muted: details.all_muted,
            disabled: details.disabled,
            owner,
            members,
        };
        view.check();
        Ok(view)
    }

    /// Checks that all reads return what they returned before, apart from a change.
    pub async fn changed(&self, before: &View, change: impl FnOnce(&mut View)) -> Result<(), Error> {
        let mut expected = before.clone();
        change(&mut expected);
        assert_eq!(self.view(&USERS).await?, expected, "{:?}", self.kind);
        Ok(())
    }
}

impl View {
    /// Checks what always holds.
    pub fn check(&self) {
        assert!(self.members.contains(&self.owner), "the owner is a member");
        assert!(!self.admins.contains(&self.owner), "the owner is not an admin");
        assert!(!self.muted.contains_key(&self.owner), "the owner is not muted");
        assert!(self.admins.is_subset(&self.members), "admins are members");
        assert!(self.allowed.is_subset(&self.members), "the allow list contains members");
        assert!(self.blocked.is_disjoint(&self.members), "blocked users are not members");
    }
}
