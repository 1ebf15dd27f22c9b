//! Message bodies made from uploaded files.
//!
//! The body of a message contains the URL of its file and, if access to the file is restricted, the key from the upload.
//! `from_upload` of [`FileBody`], [`ImageBody`], [`AudioBody`] and [`VideoBody`] takes both from the result of the upload:
//!
//! ```no_run
//! # async fn sample(client: easemob::Client) -> Result<(), easemob::Error> {
//! use easemob::File;
//! use easemob::types::{ImageBody, PixelSize};
//!
//! let uploaded = client.messages().upload_file(File::path("cat.jpg")).await?;
//! let image = ImageBody::from_upload(&uploaded, &client, "cat.jpg", PixelSize::new(1280, 960))?;
//! client.messages().send_to_users("alice", image).await?;
//! # Ok(())
//! # }
//! ```

#![cfg(feature = "client")]

use crate::runtime::args::Integer;
use crate::runtime::{Client, Error, Seconds};
use crate::types::{AudioBody, FileBody, ImageBody, PixelSize, UploadedFile, VideoBody};

impl UploadedFile {
    /// Returns the URL of the file. It begins with the client's first base URL, which the receivers of a message must be able to
    /// reach.
    ///
    /// # Errors
    ///
    /// Fails if the ID of the file is empty.
    pub fn url(&self, client: &Client) -> Result<String, Error> {
        client.messages().download_file(&self.uuid).file_url()
    }
}

impl FileBody {
    /// Creates a file message from an upload. `filename` is shown to the receivers.
    ///
    /// # Errors
    ///
    /// Fails if the ID of the file is empty.
    pub fn from_upload(uploaded: &UploadedFile, client: &Client, filename: impl Into<String>) -> Result<Self, Error> {
        Ok(Self::new(uploaded.url(client)?)
            .filename(filename.into())
            .secret(uploaded.share_secret.clone()))
    }
}

impl ImageBody {
    /// Creates an image message from an upload. `filename` is shown to the receivers.
    ///
    /// # Errors
    ///
    /// Fails if the ID of the file is empty.
    pub fn from_upload(
        uploaded: &UploadedFile,
        client: &Client,
        filename: impl Into<String>,
        size: PixelSize,
    ) -> Result<Self, Error> {
        Ok(Self::new(FileBody::from_upload(uploaded, client, filename)?).size(size))
    }
}

impl AudioBody {
    /// Creates a voice message from an upload. `filename` is shown to the receivers.
    ///
    /// # Errors
    ///
    /// Fails if the ID of the file is empty.
    pub fn from_upload(
        uploaded: &UploadedFile,
        client: &Client,
        filename: impl Into<String>,
        length: impl Into<Seconds>,
    ) -> Result<Self, Error> {
        Ok(Self::new(FileBody::from_upload(uploaded, client, filename)?).length(length.into()))
    }
}

impl VideoBody {
    /// Creates a video message from an upload; `file_length` is the size of the file in bytes. Add a thumbnail with
    /// [`thumbnail`](Self::thumbnail).
    ///
    /// # Errors
    ///
    /// Fails if the ID of the file is empty.
    pub fn from_upload(
        uploaded: &UploadedFile,
        client: &Client,
        length: impl Into<Seconds>,
        file_length: impl Into<Integer>,
    ) -> Result<Self, Error> {
        Ok(Self::new(uploaded.url(client)?)
            .length(length.into())
            .file_length(file_length.into())
            .secret(uploaded.share_secret.clone()))
    }

    /// Adds a thumbnail, which is uploaded separately.
    ///
    /// # Errors
    ///
    /// Fails if the ID of the thumbnail is empty.
    pub fn thumbnail(self, uploaded: &UploadedFile, client: &Client) -> Result<Self, Error> {
        Ok(self
            .thumb(uploaded.url(client)?)
            .thumb_secret(uploaded.share_secret.clone()))
    }
}
