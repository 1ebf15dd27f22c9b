//! Registers a user, sends a text message, lists users and uploads a file.
//!
//! `cargo run --example quickstart -- alice cat.jpg`, with settings from the environment: see `common`.

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use easemob::types::TextBody;
use easemob::{Client, ErrorCode, File};

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let [username, path] = common::arguments(["alice", ""]);

    register(&client, &username).await?;

    let content = TextBody::new(format!("Hello {username}"));
    let sent = client.messages().send_to_users([&username], content).await?;
    for (receiver, id) in &sent.message_ids {
        println!("sent message {id} to {receiver}");
    }

    let mut users = client.users().list().limit(100).stream();
    let mut count = 0;
    while let Some(user) = users.try_next().await? {
        println!("{} {}", user.uuid, user.username);
        count += 1;
    }
    println!("{count} users");

    if !path.is_empty() {
        let file = client.messages().upload_file(File::path(path)).await?;
        println!("uploaded {}", file.uuid);
    }
    Ok(())
}

/// Registers a user, unless the user exists.
async fn register(client: &Client, username: &str) -> Result<(), easemob::Error> {
    match client.users().create(username).password("s3cret").await {
        Ok(user) => println!("registered {} as {}", user.username, user.uuid),
        Err(error) if error.code() == Some(&ErrorCode::DuplicateUniquePropertyExists) => {
            println!("{username} is registered already");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
