//! Sends a text and an image to a user: `cargo run --example send_message -- alice cat.jpg`.

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use easemob::File;
use easemob::types::{ImageBody, PixelSize, TextBody};

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let [receiver, path] = common::arguments(["alice", "cat.jpg"]);

    let text = TextBody::new(format!("Hello {receiver}"));
    let sent = client.messages().send_to_users([&receiver], text).from("admin").await?;
    for (receiver, id) in sent.message_ids {
        println!("text {id} to {receiver}");
    }

    // Upload the file first; the message contains its URL.
    let uploaded = client.messages().upload_file(File::path(&path)).await?;
    let image = ImageBody::from_upload(&uploaded, &client, path, PixelSize::new(1280, 960))?;
    let sent = client
        .messages()
        .send_to_users([&receiver], image)
        .from("admin")
        .await?;
    for (receiver, id) in sent.message_ids {
        println!("image {id} to {receiver}");
    }
    Ok(())
}
