//! Uploaded files.

use std::collections::{HashMap, VecDeque};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::errors::Known;
use crate::runtime::{Blob, Failure, Upload};

/// The time for which a file is kept, in milliseconds: 7 days.
pub(super) const LIFETIME: i64 = 7 * 24 * 3600 * 1000;

/// Maximum total size of the files of an app, in bytes. The oldest make room for new ones.
const CAPACITY: usize = 256 * 1024 * 1024;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct File {
    media_type: String,
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    content: Bytes,
    share_secret: Option<String>,
    uploaded: i64,
}

/// All files of an app.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct FileStore {
    by_uuid: HashMap<String, File>,
    /// In the order of upload.
    order: VecDeque<String>,
    size: usize,
}

impl FileStore {
    /// Adds a file.
    pub(super) fn add(&mut self, uuid: String, upload: Upload, share_secret: Option<String>, now: i64) {
        self.size += upload.content.len();
        while self.size > CAPACITY {
            let Some(oldest) = self.order.pop_front() else { break };
            let removed = self.by_uuid.remove(&oldest);
            self.size -= removed.map_or(0, |file| file.content.len());
        }
        let file = File {
            media_type: upload.media_type,
            content: upload.content,
            share_secret,
            uploaded: now,
        };
        self.order.push_back(uuid.clone());
        self.by_uuid.insert(uuid, file);
    }

    /// Removes a file.
    pub(super) fn remove(&mut self, uuid: &str) {
        if let Some(file) = self.by_uuid.remove(uuid) {
            self.size -= file.content.len();
            self.order.retain(|kept| kept != uuid);
        }
    }

    /// Returns the number of files.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Returns UUID, media type and size of each file, the last one first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        let uuids = self.order.iter().rev();
        uuids.filter_map(|uuid| {
            let file = self.by_uuid.get(uuid)?;
            Some((uuid.as_str(), file.media_type.as_str(), file.content.len()))
        })
    }

    /// Returns the content of a file. The thumbnail of an image is the image.
    pub(super) fn get(&self, uuid: &str, share_secret: Option<&str>, now: i64) -> Result<Blob, Failure> {
        let Some(file) = self.by_uuid.get(uuid) else {
            return Err(Failure::new(
                Known::EntityNotFound404,
                format!("file {uuid} does not exist"),
            ));
        };
        if now.saturating_sub(file.uploaded) > LIFETIME {
            return Err(Failure::new(Known::FileExpired404, format!("file {uuid} has expired")));
        }
        if file.share_secret.is_some() && file.share_secret.as_deref() != share_secret {
            return Err(Failure::new(
                Known::Unauthorized401,
                "the share secret is missing or wrong",
            ));
        }
        Ok(Blob {
            content: file.content.clone(),
            media_type: file.media_type.clone(),
        })
    }
}

fn to_base64<S: Serializer>(content: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(content))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let text = String::deserialize(deserializer)?;
    let content = BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom)?;
    Ok(content.into())
}
