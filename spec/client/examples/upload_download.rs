//! Uploads a file that is protected by a secret, and downloads it again:
//! `cargo run --example upload_download -- plan.pdf copy.pdf`.

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use easemob::File;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let [from, to] = common::arguments(["plan.pdf", "copy.pdf"]);

    let uploaded = client
        .messages()
        .upload_file(File::path(from))
        .restrict_access(true)
        .await?;
    println!("uploaded {}", uploaded.uuid);

    let mut request = client.messages().download_file(&uploaded.uuid);
    if let Some(secret) = uploaded.share_secret {
        request = request.share_secret(secret);
    }
    let bytes = request.await?.save(&to).await?;
    println!("downloaded {bytes} bytes to {to}");
    Ok(())
}
