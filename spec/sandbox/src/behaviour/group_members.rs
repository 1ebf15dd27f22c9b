//! Members of groups.

use super::App;
use super::accounts::count_of;
use super::space::{Change, Kind};
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure};
use crate::sections::group_members::{
    GroupMembers, add, add_admin, add_many, allow, allow_many, block, block_many, count_online, disallow, is_member,
    list, list_admins, list_allowed, list_blocked, list_muted, mute, mute_all, remove, remove_admin, remove_many,
    transfer, unblock, unblock_many, unmute, unmute_all,
};
use crate::types::{Member, MemberOutcome, MuteOutcome, MutedMember, UserId};

/// Returns the fields that a response contains beside its flag.
fn done(action: &'static str, id: String, username: &str) -> Done {
    let done = Done::default().with("action", action).with("groupid", id);
    done.with("user", username.to_lowercase())
}

impl GroupMembers for App {
    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Vec<Member>, Failure> {
        let (_, group) = self.find_space(Kind::Group, &arguments.group_id, Known::ServiceResourceNotFound404)?;
        Ok(self.members(group, arguments.page_number, arguments.page_size))
    }

    fn is_member(
        &mut self,
        _: &Call<'_>,
        arguments: is_member::IsMember,
    ) -> Result<is_member::IsMemberResult, Failure> {
        let group = self.space(Kind::Group, &arguments.group_id).ok();
        let user = self.accounts.find(&arguments.username);
        let is_member = group
            .zip(user)
            .is_some_and(|(group, user)| group.members.contains(user));
        Ok(is_member::IsMemberResult { is_member })
    }

    fn count_online(
        &mut self,
        _: &Call<'_>,
        arguments: count_online::CountOnline,
    ) -> Result<count_online::CountOnlineResult, Failure> {
        let (_, group) = self.find_space(Kind::Group, &arguments.group_id, Known::IllegalArgument400)?;
        let online = group.members.oldest_first().filter(|user| self.is_online(*user));
        Ok(count_online::CountOnlineResult {
            count: count_of(online.count()),
        })
    }

    fn add(&mut self, call: &Call<'_>, arguments: add::Add) -> Result<Done, Failure> {
        let (no, group) = self.writable_space(Kind::Group, &arguments.group_id)?;
        let user = self.named_user(&arguments.username)?;
        if group.members.contains(user) {
            let message = format!("user {} is a member already", arguments.username);
            return Err(Failure::new(Known::ForbiddenOp403, message));
        }
        self.check_not_blocked(group, user)?;
        if group.room() == 0 {
            return Err(Failure::new(Known::ExceedLimit403, "the group is full"));
        }
        self.check_joined_groups(call.settings, &[user])?;
        self.join(Kind::Group, no, user);
        Ok(done("add_member", arguments.group_id, &arguments.username))
    }

    fn add_many(&mut self, call: &Call<'_>, arguments: add_many::AddMany) -> Result<Vec<UserId>, Failure> {
        let (no, group) = self.writable_space(Kind::Group, &arguments.group_id)?;
        let users = self.named_users(&arguments.usernames)?;
        let new: Vec<_> = users
            .into_iter()
            .filter(|user| !group.members.contains(*user))
            .collect();
        if new.is_empty() {
            return Err(Failure::new(Known::ForbiddenOp403, "all users are members already"));
        }
        new.iter().try_for_each(|user| self.check_not_blocked(group, *user))?;
        if new.len() > group.room() {
            return Err(Failure::new(
                Known::ExceedLimit403,
                "the group cannot have that many members",
            ));
        }
        self.check_joined_groups(call.settings, &new)?;
        for &user in &new {
            self.join(Kind::Group, no, user);
        }
        Ok(new.into_iter().map(|user| self.accounts.name(user)).collect())
    }

    fn remove(&mut self, _: &Call<'_>, arguments: remove::Remove) -> Result<Done, Failure> {
        self.change_one(Kind::Group, &arguments.group_id, &arguments.username, Change::Remove)?;
        Ok(done("remove_member", arguments.group_id, &arguments.username))
    }

    fn remove_many(&mut self, _: &Call<'_>, arguments: remove_many::RemoveMany) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(Kind::Group, &arguments.group_id, &arguments.usernames, Change::Remove)
    }

    fn list_admins(&mut self, _: &Call<'_>, arguments: list_admins::ListAdmins) -> Result<Vec<UserId>, Failure> {
        self.admins(Kind::Group, &arguments.group_id)
    }

    fn add_admin(&mut self, _: &Call<'_>, arguments: add_admin::AddAdmin) -> Result<Done, Failure> {
        App::add_admin(self, Kind::Group, &arguments.group_id, &arguments.username)?;
        Ok(Done::default().with("newadmin", arguments.username.to_lowercase()))
    }

    fn remove_admin(&mut self, _: &Call<'_>, arguments: remove_admin::RemoveAdmin) -> Result<Done, Failure> {
        App::remove_admin(self, Kind::Group, &arguments.group_id, &arguments.username)?;
        Ok(Done::default().with("oldadmin", arguments.username.to_lowercase()))
    }

    fn transfer(&mut self, _: &Call<'_>, arguments: transfer::Transfer) -> Result<Done, Failure> {
        self.transfer_space(Kind::Group, &arguments.group_id, &arguments.username)?;
        Ok(Done::default())
    }

    fn list_blocked(&mut self, _: &Call<'_>, arguments: list_blocked::ListBlocked) -> Result<Vec<UserId>, Failure> {
        self.blocked(Kind::Group, &arguments.group_id)
    }

    fn block(&mut self, _: &Call<'_>, arguments: block::Block) -> Result<Done, Failure> {
        self.change_one(Kind::Group, &arguments.group_id, &arguments.username, Change::Block)?;
        Ok(done("add_blocks", arguments.group_id, &arguments.username))
    }

    fn block_many(&mut self, _: &Call<'_>, arguments: block_many::BlockMany) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(Kind::Group, &arguments.group_id, &arguments.usernames, Change::Block)
    }

    fn unblock(&mut self, _: &Call<'_>, arguments: unblock::Unblock) -> Result<Done, Failure> {
        self.change_one(Kind::Group, &arguments.group_id, &arguments.username, Change::Unblock)?;
        Ok(done("remove_blocks", arguments.group_id, &arguments.username))
    }

    fn unblock_many(
        &mut self,
        _: &Call<'_>,
        arguments: unblock_many::UnblockMany,
    ) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(Kind::Group, &arguments.group_id, &arguments.usernames, Change::Unblock)
    }

    fn list_allowed(&mut self, _: &Call<'_>, arguments: list_allowed::ListAllowed) -> Result<Vec<UserId>, Failure> {
        self.allowed(Kind::Group, &arguments.group_id)
    }

    fn allow(&mut self, _: &Call<'_>, arguments: allow::Allow) -> Result<Done, Failure> {
        self.change_one(Kind::Group, &arguments.group_id, &arguments.username, Change::Allow)?;
        Ok(done("add_user_whitelist", arguments.group_id, &arguments.username))
    }

    fn allow_many(&mut self, _: &Call<'_>, arguments: allow_many::AllowMany) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(Kind::Group, &arguments.group_id, &arguments.usernames, Change::Allow)
    }

    fn disallow(&mut self, _: &Call<'_>, arguments: disallow::Disallow) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(Kind::Group, &arguments.group_id, &arguments.usernames, Change::Disallow)
    }

    fn list_muted(&mut self, call: &Call<'_>, arguments: list_muted::ListMuted) -> Result<Vec<MutedMember>, Failure> {
        self.muted(Kind::Group, &arguments.group_id, call.now)
    }

    fn mute(&mut self, call: &Call<'_>, arguments: mute::Mute) -> Result<Vec<MuteOutcome>, Failure> {
        App::mute(
            self,
            Kind::Group,
            &arguments.group_id,
            &arguments.usernames,
            arguments.mute_duration,
            call.now,
        )
    }

    fn mute_all(&mut self, _: &Call<'_>, arguments: mute_all::MuteAll) -> Result<mute_all::MuteAllResult, Failure> {
        let muted = self.set_all_muted(Kind::Group, &arguments.group_id, true)?;
        Ok(mute_all::MuteAllResult { muted })
    }

    fn unmute(&mut self, _: &Call<'_>, arguments: unmute::Unmute) -> Result<Vec<MemberOutcome>, Failure> {
        App::unmute(self, Kind::Group, &arguments.group_id, &arguments.usernames)
    }

    fn unmute_all(
        &mut self,
        _: &Call<'_>,
        arguments: unmute_all::UnmuteAll,
    ) -> Result<unmute_all::UnmuteAllResult, Failure> {
        let muted = self.set_all_muted(Kind::Group, &arguments.group_id, false)?;
        Ok(unmute_all::UnmuteAllResult { muted })
    }
}
