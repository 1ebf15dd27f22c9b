//! Opens a chat room, publishes an announcement, sends a message and closes it: `cargo run --example chat_room -- alice bob`.

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use easemob::types::TextBody;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let [owner, guest] = common::arguments(["alice", "bob"]);

    let room = client
        .chatrooms()
        .create("Launch", "Questions and answers", &owner)
        .await?
        .chatroom_id;
    println!("opened room {room}");
    client.chatroom_members().add_many(&room, [&guest]).await?;
    client
        .chatrooms()
        .update_announcement(&room, "We start at nine.")
        .await?;

    let sent = client
        .messages()
        .send_to_rooms([&room], TextBody::new("Welcome!"))
        .from(owner)
        .await?;
    for (room, id) in &sent.message_ids {
        println!("message {id} to room {room}");
    }

    client.chatrooms().delete(&room).await?;
    println!("closed room {room}");
    Ok(())
}
