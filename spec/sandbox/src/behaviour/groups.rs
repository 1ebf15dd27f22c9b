//! Groups.

use super::App;
use super::accounts::{SpaceNo, count_of, number};
use super::space::{Kind, Space};
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, Paged, position};
use crate::sections::groups::{
    Groups, create, delete, disable, enable, get, get_announcement, list, list_joined, list_of_user, update,
    update_announcement,
};
use crate::types::{Group, GroupOperation, JoinedGroup, ListedGroup, UserGroup};

/// Maximum number of members in the details of a group.
const SHOWN_MEMBERS: i64 = 10_000;

/// Returns the number and size of the page that a call asks for. `None` if it does not ask for a page.
pub(super) fn page(call: &Call<'_>, number: i64, size: i64) -> Option<(i64, i64)> {
    let asks = call.query.iter().any(|(key, _)| key == "pagenum" || key == "pagesize");
    asks.then_some((number, size))
}

impl App {
    fn group_details(&self, no: SpaceNo, group: &Space) -> Group {
        Group {
            id: no.to_string(),
            name: Some(group.name.clone()),
            avatar: group.avatar.clone(),
            description: Some(group.description.clone()),
            owner: Some(self.accounts.name(group.owner)),
            public: Some(group.public),
            members_only: Some(group.members_only),
            allow_invites: Some(group.allow_invites),
            max_users: Some(group.max_users),
            member_count: Some(group.size()),
            members: Some(self.members(group, 1, SHOWN_MEMBERS)),
            muted: Some(group.all_muted),
            disabled: Some(group.disabled),
            created: Some(group.created),
            custom: Some(group.custom.clone()),
        }
    }
}

impl Groups for App {
    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Paged<Vec<ListedGroup>>, Failure> {
        let before = position(arguments.cursor.as_deref());
        let app_key = self.app_key();
        let groups = self.groups.order.before(before).filter_map(|(place, no)| {
            let group = self.groups.get(no)?;
            let owner = self.accounts.name(group.owner);
            let listed = ListedGroup {
                id: no.to_string(),
                name: Some(group.name.clone()),
                kind: Some("group".to_owned()),
                owner: Some(format!("{app_key}_{owner}")),
                member_count: Some(group.size()),
                created: Some(group.created),
                modified: Some(group.modified),
            };
            Some((place, listed))
        });
        Ok(Paged::take(groups, arguments.limit))
    }

    fn list_joined(
        &mut self,
        call: &Call<'_>,
        arguments: list_joined::ListJoined,
    ) -> Result<Vec<JoinedGroup>, Failure> {
        let page = page(call, arguments.page_number, arguments.page_size);
        let groups = self.joined(Kind::Group, &arguments.username, page)?.into_iter();
        let groups = groups.map(|(no, group)| JoinedGroup {
            id: no.to_string(),
            name: Some(group.name.clone()),
        });
        Ok(groups.collect())
    }

    fn list_of_user(
        &mut self,
        _: &Call<'_>,
        arguments: list_of_user::ListOfUser,
    ) -> Result<list_of_user::ListOfUserResult, Failure> {
        let page = (arguments.page_number.saturating_add(1), arguments.page_size);
        let groups = self.joined(Kind::Group, &arguments.username, Some(page))?;
        let groups = groups.into_iter().map(|(no, group)| UserGroup {
            id: no.to_string(),
            name: Some(group.name.clone()),
            avatar: group.avatar.clone(),
            description: Some(group.description.clone()),
            owner: Some(self.accounts.name(group.owner)),
            public: Some(group.public),
            members_only: Some(group.members_only),
            allow_invites: Some(group.allow_invites),
            max_users: Some(group.max_users),
            disabled: Some(group.disabled),
            created: Some(group.created),
        });
        let account = self
            .accounts
            .find(&arguments.username)
            .and_then(|user| self.accounts.get(user));
        let total = account.map_or(0, |account| account.groups.len());
        Ok(list_of_user::ListOfUserResult {
            groups: groups.collect(),
            total: count_of(total),
        })
    }

    fn get(&mut self, _: &Call<'_>, arguments: get::Get) -> Result<Vec<Group>, Failure> {
        let groups = arguments.group_ids.iter().filter_map(|id| {
            let no = number(id)?;
            Some(self.group_details(no, self.groups.get(no)?))
        });
        let groups: Vec<_> = groups.collect();
        if groups.is_empty() {
            let message = format!("there is no group {}", arguments.group_ids.join(", "));
            return Err(Failure::new(Known::ResourceNotFound404, message));
        }
        Ok(groups)
    }

    fn create(&mut self, call: &Call<'_>, arguments: create::Create) -> Result<create::CreateResult, Failure> {
        let owner = self.named_user(&arguments.owner)?;
        let members = self.named_users(&arguments.members.unwrap_or_default())?;
        let name = arguments.name.unwrap_or_default();
        let description = arguments.description.unwrap_or_default();
        call.settings.moderate(&name, Known::GroupNameViolation403)?;
        self.check_groups(call.settings)?;
        let max_users = call.settings.new_group_size(arguments.max_users)?;
        self.check_joined_groups(call.settings, &members)?;
        self.check_joined_groups(call.settings, &[owner])?;
        let group = Space {
            avatar: arguments.avatar,
            custom: arguments.custom.unwrap_or_default(),
            public: arguments.public,
            members_only: arguments.members_only,
            // A public group starts without invitations by members.
            allow_invites: arguments.allow_invites && !arguments.public,
            invite_need_confirm: arguments.invite_need_confirm,
            ..Space::new(owner, name, description, max_users, call.now)
        };
        let no = self.add_space(Kind::Group, arguments.group_id.as_deref(), group, members)?;
        Ok(create::CreateResult {
            group_id: no.to_string(),
        })
    }

    fn update(&mut self, call: &Call<'_>, arguments: update::Update) -> Result<Vec<&'static str>, Failure> {
        let (no, _) = self.writable_space(Kind::Group, &arguments.group_id)?;
        let group = self.space_mut(Kind::Group, &arguments.group_id)?;
        let name = arguments.name.as_deref().unwrap_or_default();
        call.settings.moderate(name, Known::GroupNameViolation403)?;
        // The documented errors of this operation do not include `exceed_limit`.
        call.settings
            .check_group_size(arguments.max_users.unwrap_or_default(), Known::InvalidParameter400)?;
        let mut changed = Vec::new();
        let mut set = |key, is_present: bool| {
            if is_present {
                changed.push(key);
            }
        };
        set("groupname", arguments.name.is_some());
        set("avatar", arguments.avatar.is_some());
        set("description", arguments.description.is_some());
        set("public", arguments.public.is_some());
        set("maxusers", arguments.max_users.is_some());
        set("allowinvites", arguments.allow_invites.is_some());
        set("membersonly", arguments.members_only.is_some());
        set("invite_need_confirm", arguments.invite_need_confirm.is_some());
        set("custom", arguments.custom.is_some());
        if changed.is_empty() {
            return Err(Failure::new(
                Known::InvalidParameter400,
                "the body has no field to change",
            ));
        }
        group.name = arguments.name.unwrap_or_else(|| std::mem::take(&mut group.name));
        group.avatar = arguments.avatar.or_else(|| group.avatar.take());
        group.description = arguments
            .description
            .unwrap_or_else(|| std::mem::take(&mut group.description));
        group.public = arguments.public.unwrap_or(group.public);
        group.max_users = arguments.max_users.unwrap_or(group.max_users);
        group.allow_invites = arguments.allow_invites.unwrap_or(group.allow_invites);
        group.members_only = arguments.members_only.unwrap_or(group.members_only);
        group.invite_need_confirm = arguments.invite_need_confirm.unwrap_or(group.invite_need_confirm);
        group.custom = arguments.custom.unwrap_or_else(|| std::mem::take(&mut group.custom));
        group.modified = call.now;
        self.operated(Kind::Group, no, GroupOperation::Update, None);
        Ok(changed)
    }

    fn delete(&mut self, _: &Call<'_>, arguments: delete::Delete) -> Result<Done, Failure> {
        let no = self.require_space(Kind::Group, &arguments.group_id, Known::ResourceNotFound404)?;
        self.delete_space(Kind::Group, no);
        Ok(Done::default().with("groupid", arguments.group_id))
    }
    fn disable(&mut self, _: &Call<'_>, arguments: disable::Disable) -> Result<disable::DisableResult, Failure> {
        let disabled = self.set_disabled(&arguments.group_id, true)?;
        Ok(disable::DisableResult { disabled })
    }

    fn enable(&mut self, _: &Call<'_>, arguments: enable::Enable) -> Result<enable::EnableResult, Failure> {
        let disabled = self.set_disabled(&arguments.group_id, false)?;
        Ok(enable::EnableResult { disabled })
    }

    fn get_announcement(
        &mut self,
        _: &Call<'_>,
        arguments: get_announcement::GetAnnouncement,
    ) -> Result<get_announcement::GetAnnouncementResult, Failure> {
        let announcement = self.space(Kind::Group, &arguments.group_id)?.announcement.clone();
        Ok(get_announcement::GetAnnouncementResult { announcement })
    }

    fn update_announcement(
        &mut self,
        call: &Call<'_>,
        arguments: update_announcement::UpdateAnnouncement,
    ) -> Result<Done, Failure> {
        call.settings
            .moderate(&arguments.announcement, Known::GroupAnnounceViolation403)?;
        self.set_announcement(Kind::Group, &arguments.group_id, arguments.announcement)?;
        Ok(Done::default().with("id", arguments.group_id))
    }
}
