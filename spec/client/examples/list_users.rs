//! Lists all users of the app: `cargo run --example list_users`.

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;

    // Each page is requested when its first user is needed.
    let mut users = client.users().list().limit(100).stream();
    let mut count = 0;
    while let Some(user) = users.try_next().await? {
        println!("{} {}", user.uuid, user.username);
        count += 1;
    }
    println!("{count} users");
    Ok(())
}
