//! Registers several users with one request: `cargo run --example register_users -- alice bob`.

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use easemob::types::NewUser;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let names = common::arguments(["alice", "bob"]);

    let users = names.map(|name| NewUser::new(name, "s3cret"));
    let done = client.users().create_many(users).await?;
    for user in &done.users {
        println!("registered {} as {}", user.username, user.uuid);
    }
    // The other users are registered anyway.
    for failure in done.failures.iter().flatten() {
        println!("not {}: {}", failure.username, failure.register_user_fail_reason);
    }
    Ok(())
}
