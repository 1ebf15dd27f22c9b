//! Chat rooms.

use super::App;
use super::accounts::{SpaceNo, number};
use super::groups::page;
use super::space::{Kind, Space};
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure, Paged, position};
use crate::sections::chatrooms::{
    Chatrooms, create, delete, get, get_announcement, list, list_joined, update, update_announcement,
};
use crate::types::{ChatRoom, GroupOperation};

/// Maximum number of members of a chat room.
const MEMBERS: i64 = 10_000;

impl App {
    /// Returns the fields that lists contain.
    fn listed_room(&self, no: SpaceNo, room: &Space) -> ChatRoom {
        ChatRoom {
            id: no.to_string(),
            name: room.name.clone(),
            owner: Some(self.accounts.name(room.owner)),
            member_count: Some(room.size()),
            ..ChatRoom::default()
        }
    }

    fn room_details(&self, no: SpaceNo, room: &Space) -> ChatRoom {
        ChatRoom {
            description: Some(room.description.clone()),
            created: Some(room.created),
            custom: Some(room.custom.clone()),
            max_users: Some(room.max_users),
            members: Some(self.members(room, 1, MEMBERS)),
            members_only: Some(room.members_only),
            allow_invites: Some(room.allow_invites),
            muted: Some(room.all_muted),
            disabled: Some(false),
            ..self.listed_room(no, room)
        }
    }
}

impl Chatrooms for App {
    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<Paged<Vec<ChatRoom>>, Failure> {
        let before = position(arguments.cursor.as_deref());
        let rooms = self.rooms.order.before(before);
        let rooms = rooms.filter_map(|(place, no)| Some((place, self.listed_room(no, self.rooms.get(no)?))));
        Ok(Paged::take(rooms, arguments.limit))
    }

    fn list_joined(&mut self, call: &Call<'_>, arguments: list_joined::ListJoined) -> Result<Vec<ChatRoom>, Failure> {
        let page = page(call, arguments.page_number, arguments.page_size);
        let rooms = self.joined(Kind::Room, &arguments.username, page)?.into_iter();
        let rooms = rooms.map(|(no, room)| ChatRoom {
            id: no.to_string(),
            name: room.name.clone(),
            ..ChatRoom::default()
        });
        Ok(rooms.collect())
    }

    fn get(&mut self, _: &Call<'_>, arguments: get::Get) -> Result<Vec<ChatRoom>, Failure> {
        let rooms = arguments.chatroom_ids.iter().filter_map(|id| {
            let no = number(id)?;
            Some(self.room_details(no, self.rooms.get(no)?))
        });
        let rooms: Vec<_> = rooms.collect();
        if rooms.is_empty() {
            let message = format!("there is no chat room {}", arguments.chatroom_ids.join(", "));
            return Err(Failure::new(Known::ServiceResourceNotFound404, message));
        }
        Ok(rooms)
    }

    fn create(&mut self, call: &Call<'_>, arguments: create::Create) -> Result<create::CreateResult, Failure> {
        let owner = self.named_user(&arguments.owner)?;
        let members = self.named_users(&arguments.members.unwrap_or_default())?;
        if arguments.max_users > MEMBERS {
            let message = format!("a chat room can have at most {MEMBERS} members");
            return Err(Failure::new(Known::ExceedLimit403, message));
        }
        call.settings.check_rooms()?;
        let room = Space {
            custom: arguments.custom.unwrap_or_default(),
            ..Space::new(
                owner,
                arguments.name,
                arguments.description,
                arguments.max_users,
                call.now,
            )
        };
        let no = self.add_space(Kind::Room, arguments.chatroom_id.as_deref(), room, members)?;
        Ok(create::CreateResult {
            chatroom_id: no.to_string(),
        })
    }

    fn update(&mut self, call: &Call<'_>, arguments: update::Update) -> Result<Vec<&'static str>, Failure> {
        let (no, _) = self.writable_space(Kind::Room, &arguments.chatroom_id)?;
        let room = self.space_mut(Kind::Room, &arguments.chatroom_id)?;
        if arguments.max_users.is_some_and(|most| most > MEMBERS) {
            let message = format!("a chat room can have at most {MEMBERS} members");
            return Err(Failure::new(Known::ExceedLimit403, message));
        }
        let mut changed = Vec::new();
        if let Some(name) = arguments.name {
            room.name = name;
            // The service uses the key of groups here.
            changed.push("groupname");
        }
        if let Some(description) = arguments.description {
            room.description = description;
            changed.push("description");
        }
        if let Some(most) = arguments.max_users {
            room.max_users = most;
            changed.push("maxusers");
        }
        if changed.is_empty() {
            return Err(Failure::new(
                Known::InvalidParameter400,
                "the body has no field to change",
            ));
        }
        room.modified = call.now;
        self.operated(Kind::Room, no, GroupOperation::Update, None);
        Ok(changed)
    }

    fn delete(&mut self, _: &Call<'_>, arguments: delete::Delete) -> Result<Done, Failure> {
        let no = self.require_space(Kind::Room, &arguments.chatroom_id, Known::ResourceNotFound404)?;
        self.delete_space(Kind::Room, no);
        Ok(Done::default().with("id", arguments.chatroom_id))
    }

    fn get_announcement(
        &mut self,
        _: &Call<'_>,
        arguments: get_announcement::GetAnnouncement,
    ) -> Result<get_announcement::GetAnnouncementResult, Failure> {
        let announcement = self.space(Kind::Room, &arguments.chatroom_id)?.announcement.clone();
        Ok(get_announcement::GetAnnouncementResult { announcement })
    }

    fn update_announcement(
        &mut self,
        _: &Call<'_>,
        arguments: update_announcement::UpdateAnnouncement,
    ) -> Result<Done, Failure> {
        self.set_announcement(Kind::Room, &arguments.chatroom_id, arguments.announcement)?;
        Ok(Done::default().with("id", arguments.chatroom_id))
    }
}
