//! Members of chat rooms.

use super::App;
use super::space::{Change, Kind};
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure};
use crate::sections::chatroom_members::{
    ChatroomMembers, add, add_admin, add_many, allow, allow_many, block, block_many, disallow, list, list_admins,
    list_allowed, list_blocked, list_muted, mute, mute_all, remove, remove_admin, remove_many, transfer, unblock,
    unblock_many, unmute, unmute_all,
};
use crate::types::{Member, MemberOutcome, MuteOutcome, MutedMember, UserId};

/// Returns the fields that a response contains beside its flag. The key of the chat room depends on the operation.
fn done(action: &'static str, key: &'static str, id: String, username: &str) -> Done {
    let done = Done::default().with("action", action).with(key, id);
    done.with("user", username.to_lowercase())
}

impl ChatroomMembers for App {
    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Vec<Member>, Failure> {
        let (_, room) = self.find_space(Kind::Room, &arguments.chatroom_id, Known::ServiceResourceNotFound404)?;
        Ok(self.members(room, arguments.page_number, arguments.page_size))
    }

    fn add(&mut self, _: &Call<'_>, arguments: add::Add) -> Result<Done, Failure> {
        let (no, room) = self.find_space(Kind::Room, &arguments.chatroom_id, Known::ResourceNotFound404)?;
        let user = self.named_user(&arguments.username)?;
        self.check_not_blocked(room, user)?;
        // Adding a member again succeeds.
        if !room.members.contains(user) && room.room() == 0 {
            return Err(Failure::new(Known::ForbiddenOp403, "the chat room is full"));
        }
        self.join(Kind::Room, no, user);
        Ok(done("add_member", "id", arguments.chatroom_id, &arguments.username))
    }

    fn add_many(&mut self, _: &Call<'_>, arguments: add_many::AddMany) -> Result<Vec<UserId>, Failure> {
        let (no, room) = self.find_space(Kind::Room, &arguments.chatroom_id, Known::ResourceNotFound404)?;
        let users = self.named_users(&arguments.usernames)?;
        users.iter().try_for_each(|user| self.check_not_blocked(room, *user))?;
        let new = users.iter().filter(|user| !room.members.contains(**user)).count();
        if new > room.room() {
            return Err(Failure::new(
                Known::ForbiddenOp403,
                "the chat room cannot have that many members",
            ));
        }
        for &user in &users {
            self.join(Kind::Room, no, user);
        }
        Ok(users.into_iter().map(|user| self.accounts.name(user)).collect())
    }

    fn remove(&mut self, _: &Call<'_>, arguments: remove::Remove) -> Result<Done, Failure> {
        self.change_one(Kind::Room, &arguments.chatroom_id, &arguments.username, Change::Remove)?;
        Ok(done("remove_member", "id", arguments.chatroom_id, &arguments.username))
    }

    fn remove_many(&mut self, _: &Call<'_>, arguments: remove_many::RemoveMany) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(Kind::Room, &arguments.chatroom_id, &arguments.usernames, Change::Remove)
    }

    fn transfer(&mut self, _: &Call<'_>, arguments: transfer::Transfer) -> Result<Done, Failure> {
        self.transfer_space(Kind::Room, &arguments.chatroom_id, &arguments.username)?;
        Ok(Done::default())
    }

    fn list_admins(&mut self, _: &Call<'_>, arguments: list_admins::ListAdmins) -> Result<Vec<UserId>, Failure> {
        self.admins(Kind::Room, &arguments.chatroom_id)
    }

    fn add_admin(&mut self, _: &Call<'_>, arguments: add_admin::AddAdmin) -> Result<Done, Failure> {
        App::add_admin(self, Kind::Room, &arguments.chatroom_id, &arguments.username)?;
        Ok(Done::default().with("newadmin", arguments.username.to_lowercase()))
    }

    fn remove_admin(&mut self, _: &Call<'_>, arguments: remove_admin::RemoveAdmin) -> Result<Done, Failure> {
        App::remove_admin(self, Kind::Room, &arguments.chatroom_id, &arguments.username)?;
        Ok(Done::default().with("oldadmin", arguments.username.to_lowercase()))
    }

    fn list_blocked(&mut self, _: &Call<'_>, arguments: list_blocked::ListBlocked) -> Result<Vec<UserId>, Failure> {
        self.blocked(Kind::Room, &arguments.chatroom_id)
    }

    fn block(&mut self, _: &Call<'_>, arguments: block::Block) -> Result<Done, Failure> {
        self.change_one(Kind::Room, &arguments.chatroom_id, &arguments.username, Change::Block)?;
        Ok(done(
            "add_blocks",
            "chatroomid",
            arguments.chatroom_id,
            &arguments.username,
        ))
    }

    fn block_many(&mut self, _: &Call<'_>, arguments: block_many::BlockMany) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(Kind::Room, &arguments.chatroom_id, &arguments.usernames, Change::Block)
    }

    fn unblock(&mut self, _: &Call<'_>, arguments: unblock::Unblock) -> Result<Done, Failure> {
        self.change_one(Kind::Room, &arguments.chatroom_id, &arguments.username, Change::Unblock)?;
        Ok(done(
            "remove_blocks",
            "chatroomid",
            arguments.chatroom_id,
            &arguments.username,
        ))
    }

    fn unblock_many(
        &mut self,
        _: &Call<'_>,
        arguments: unblock_many::UnblockMany,
    ) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(
            Kind::Room,
            &arguments.chatroom_id,
            &arguments.usernames,
            Change::Unblock,
        )
    }

    fn list_allowed(&mut self, _: &Call<'_>, arguments: list_allowed::ListAllowed) -> Result<Vec<UserId>, Failure> {
        self.allowed(Kind::Room, &arguments.chatroom_id)
    }

    fn allow(&mut self, _: &Call<'_>, arguments: allow::Allow) -> Result<Done, Failure> {
        self.change_one(Kind::Room, &arguments.chatroom_id, &arguments.username, Change::Allow)?;
        Ok(done(
            "add_user_whitelist",
            "chatroomid",
            arguments.chatroom_id,
            &arguments.username,
        ))
    }

    fn allow_many(&mut self, _: &Call<'_>, arguments: allow_many::AllowMany) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(Kind::Room, &arguments.chatroom_id, &arguments.usernames, Change::Allow)
    }

    fn disallow(&mut self, _: &Call<'_>, arguments: disallow::Disallow) -> Result<Vec<MemberOutcome>, Failure> {
        self.change_many(
            Kind::Room,
            &arguments.chatroom_id,
            &arguments.usernames,
            Change::Disallow,
        )
    }

    fn list_muted(&mut self, call: &Call<'_>, arguments: list_muted::ListMuted) -> Result<Vec<MutedMember>, Failure> {
        self.muted(Kind::Room, &arguments.chatroom_id, call.now)
    }

    fn mute(&mut self, call: &Call<'_>, arguments: mute::Mute) -> Result<Vec<MuteOutcome>, Failure> {
        App::mute(
            self,
            Kind::Room,
            &arguments.chatroom_id,
            &arguments.usernames,
            arguments.mute_duration,
            call.now,
        )
    }

    fn mute_all(&mut self, _: &Call<'_>, arguments: mute_all::MuteAll) -> Result<mute_all::MuteAllResult, Failure> {
        let muted = self.set_all_muted(Kind::Room, &arguments.chatroom_id, true)?;
        Ok(mute_all::MuteAllResult { muted })
    }

    fn unmute(&mut self, _: &Call<'_>, arguments: unmute::Unmute) -> Result<Vec<MemberOutcome>, Failure> {
        App::unmute(self, Kind::Room, &arguments.chatroom_id, &arguments.usernames)
    }

    fn unmute_all(
        &mut self,
        _: &Call<'_>,
        arguments: unmute_all::UnmuteAll,
    ) -> Result<unmute_all::UnmuteAllResult, Failure> {
        let muted = self.set_all_muted(Kind::Room, &arguments.chatroom_id, false)?;
        Ok(unmute_all::UnmuteAllResult { muted })
    }
}
