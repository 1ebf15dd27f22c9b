//! Reads all users of the app, page by page: `cargo run --example list_users`.

#![allow(clippy::print_stdout, reason = "it talks to whoever runs it")]

mod common;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;

    // A page is requested when its first user is asked for.
    let mut users = client.users().list().limit(100).stream();
    let mut count = 0;
    while let Some(user) = users.try_next().await? {
        println!("{} {}", user.uuid, user.username);
        count += 1;
    }
    println!("{count} users");
    Ok(())
}
