//! Shared files of groups.

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::{SpaceNo, count_of};
use super::files::LIFETIME;
use super::space::{Kind, Space};
use super::webhooks::Detail;
use crate::errors::Known;
use crate::runtime::{Blob, Call, Done, Failure, Upload, numbered};
use crate::sections::group_files::{GroupFiles, delete, download, list, upload};
use crate::types::{GroupFile, GroupOperation, UploadedGroupFile};

/// A shared file. Its content is in the store of group files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SharedFile {
    pub(super) id: String,
    name: String,
    owner: String,
    size: i64,
    created: i64,
}

impl SharedFile {
    /// Returns the file as responses and webhooks describe it.
    pub(super) fn to_group_file(&self) -> GroupFile {
        GroupFile {
            id: self.id.clone(),
            name: self.name.clone(),
            owner: self.owner.clone(),
            size: self.size,
            created: self.created,
        }
    }

    /// Returns `true` if the file has not expired.
    fn is_kept(&self, now: i64) -> bool {
        now.saturating_sub(self.created) <= LIFETIME
    }
}

fn missing_file(id: &str) -> Failure {
    Failure::new(
        Known::RestGroupFeignException404,
        format!("shared file {id} does not exist"),
    )
}

impl App {
    fn group_with_files(&self, id: &str) -> Result<(SpaceNo, &Space), Failure> {
        self.find_space(Kind::Group, id, Known::RestGroupFeignException404)
    }

    /// Returns the files of a group to change.
    ///
    /// # Errors
    ///
    /// Fails if the group does not exist or is banned.
    fn shared_files_mut(&mut self, group: &str) -> Result<&mut Vec<SharedFile>, Failure> {
        self.group_with_files(group)?;
        Ok(&mut self.space_mut(Kind::Group, group)?.files)
    }

    /// Adds a shared file with an ID that is free. The owner of the group counts as the uploader.
    pub(super) fn share_file(
        &mut self,
        group: &str,
        id: String,
        upload: Upload,
        now: i64,
    ) -> Result<UploadedGroupFile, Failure> {
        let (no, space) = self.group_with_files(group)?;
        let owner = self.accounts.name(space.owner);
        let file = SharedFile {
            id: id.clone(),
            // As in the sample of the vendor.
            name: upload.name.to_lowercase(),
            owner,
            size: count_of(upload.content.len()),
            created: now,
        };
        let uploaded = UploadedGroupFile {
            id: file.id.clone(),
            url: String::new(),
            group_id: group.to_owned(),
            name: file.name.clone(),
            size: file.size,
            created: file.created,
        };
        self.shared_files_mut(group)?;
        self.operated_with(Kind::Group, no, GroupOperation::UploadFile, None, Detail::File(&file));
        self.shared_files_mut(group)?.push(file);
        self.group_files.add(id, upload, None, now);
        Ok(uploaded)
    }
}

impl GroupFiles for App {
    fn list(&mut self, call: &Call<'_>, arguments: list::List) -> Result<Vec<GroupFile>, Failure> {
        let (_, group) = self.group_with_files(&arguments.group_id)?;
        let kept = group.files.iter().rev().filter(|file| file.is_kept(call.now));
        let files = numbered(kept, arguments.page_number, arguments.page_size);
        Ok(files.map(SharedFile::to_group_file).collect())
    }

    fn upload(&mut self, call: &Call<'_>, arguments: upload::Upload) -> Result<UploadedGroupFile, Failure> {
        let id = self.ids.uuid();
        let uploaded = self.share_file(&arguments.group_id, id, arguments.file, call.now)?;
        Ok(UploadedGroupFile {
            url: call.url(&format!("{}/{}", call.path, uploaded.id)),
            ..uploaded
        })
    }

    fn download(&mut self, call: &Call<'_>, arguments: download::Download) -> Result<Blob, Failure> {
        let (_, group) = self.group_with_files(&arguments.group_id)?;
        let id = &arguments.file_id;
        if !group.files.iter().any(|file| file.id == *id) {
            return Err(missing_file(id));
        }
        self.group_files.get(id, None, call.now).map_err(|_| missing_file(id))
    }

    fn delete(&mut self, call: &Call<'_>, arguments: delete::Delete) -> Result<Done, Failure> {
        let (no, _) = self.group_with_files(&arguments.group_id)?;
        let files = self.shared_files_mut(&arguments.group_id)?;
        let id = arguments.file_id;
        let is_found = |file: &SharedFile| file.id == id && file.is_kept(call.now);
        let Some(place) = files.iter().position(is_found) else {
            return Err(missing_file(&id));
        };
        files.remove(place);
        self.group_files.remove(&id);
        self.operated_with(Kind::Group, no, GroupOperation::DeleteFile, None, Detail::Text(&id));
        Ok(Done::default().with("group_id", arguments.group_id).with("file_id", id))
    }
}
