//! Shared files of groups.

use serde::{Deserialize, Serialize};

use super::App;
use super::accounts::count_of;
use super::files::LIFETIME;
use super::space::{Kind, Space};
use crate::errors::Known;
use crate::runtime::{Blob, Call, Done, Failure, Upload, numbered};
use crate::sections::group_files::{GroupFiles, delete, download, list, upload};
use crate::types::{GroupFile, UploadedGroupFile};

/// A shared file. Its content is in the store of group files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SharedFile {
    pub(super) id: String,
    name: String,
    owner: String,
    size: i64,
    created: i64,
}

fn missing_file(id: &str) -> Failure {
    Failure::new(
        Known::RestGroupFeignException404,
        format!("shared file {id} does not exist"),
    )
}

impl App {
    fn group_with_files(&self, id: &str) -> Result<&Space, Failure> {
        Ok(self.find_space(Kind::Group, id, Known::RestGroupFeignException404)?.1)
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
        let owner = self.accounts.name(self.group_with_files(group)?.owner);
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
        self.shared_files_mut(group)?.push(file);
        self.group_files.add(id, upload, None, now);
        Ok(uploaded)
    }
}

impl GroupFiles for App {
    fn list(&mut self, call: &Call<'_>, arguments: list::List) -> Result<Vec<GroupFile>, Failure> {
        let group = self.group_with_files(&arguments.group_id)?;
        let kept = group
            .files
            .iter()
            .rev()
            .filter(|file| call.now.saturating_sub(file.created) <= LIFETIME);
        let files = numbered(kept, arguments.page_number, arguments.page_size).map(|file| GroupFile {
            id: file.id.clone(),
            name: file.name.clone(),
            owner: file.owner.clone(),
            size: file.size,
            created: file.created,
        });
        Ok(files.collect())
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
        let group = self.group_with_files(&arguments.group_id)?;
        let id = &arguments.file_id;
        if !group.files.iter().any(|file| file.id == *id) {
            return Err(missing_file(id));
        }
        self.group_files.get(id, None, call.now).map_err(|_| missing_file(id))
    }

    fn delete(&mut self, _: &Call<'_>, arguments: delete::Delete) -> Result<Done, Failure> {
        let files = self.shared_files_mut(&arguments.group_id)?;
        let id = arguments.file_id;
        let Some(place) = files.iter().position(|file| file.id == id) else {
            return Err(missing_file(&id));
        };
        files.remove(place);
        self.group_files.remove(&id);
        Ok(Done::default().with("group_id", arguments.group_id).with("file_id", id))
    }
}
