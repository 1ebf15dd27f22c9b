//! Synchronous: registers a user, sends a message, lists users and downloads a file:
//! `cargo run --features blocking --example blocking -- alice FILE-UUID`.

// Features: blocking
#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use std::fs::File;

use easemob::ErrorCode;
use easemob::types::TextBody;

fn main() -> common::Outcome {
    let client = common::builder()?.build_blocking()?;
    let [username, file] = common::arguments(["alice", ""]);

    match client.users().create(&username).password("s3cret").call() {
        Ok(user) => println!("registered {} as {}", user.username, user.uuid),
        Err(error) if error.code() == Some(&ErrorCode::DuplicateUniquePropertyExists) => {
            println!("{username} is registered already");
        }
        Err(error) => return Err(error.into()),
    }

    let sent = client
        .messages()
        .send_to_users([&username], TextBody::new("Hello"))
        .call()?;
    println!("sent {} message", sent.message_ids.len());

    for user in client.users().list().limit(100).iter() {
        println!("{}", user?.username);
    }

    if !file.is_empty() {
        let mut download = client.messages().download_file(file).call()?;
        let bytes = download.copy_to(File::create("download.bin")?)?;
        println!("{bytes} bytes");
    }
    Ok(())
}
