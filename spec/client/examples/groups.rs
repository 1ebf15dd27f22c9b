//! Creates a group, adds a member, lists the members and deletes it: `cargo run --example groups -- alice bob carol`.

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let [owner, member, later] = common::arguments(["alice", "bob", "carol"]);

    let group = client
        .groups()
        .create(owner, false)
        .name("Lunch")
        .max_users(200)
        .members([member])
        .await?
        .group_id;
    println!("created group {group}");

    client.group_members().add(&group, later).await?;
    let mut members = client.group_members().list(&group).stream();
    while let Some(member) = members.try_next().await? {
        println!("{member:?}");
    }

    client.groups().delete(&group).await?;
    println!("deleted group {group}");
    Ok(())
}
