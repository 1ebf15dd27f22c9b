//! What a backend gives to the device of a user who logs in: a token by the user's ID, or one that is computed without a request:
//! `cargo run --features user-token --example user_token -- alice`.

// Features: client, user-token
#![allow(clippy::print_stdout, reason = "it talks to whoever runs it")]

mod common;

use std::time::Duration;

use easemob::user_token::Signer;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let [username] = common::arguments(["alice"]);

    // The server makes it, and registers the user first where there is none.
    let token = client.tokens().create_inherited_token(&username, true).await?;
    let to_hand_out = token.access_token.expose();
    println!(
        "a token of {} characters, for {:?}",
        to_hand_out.len(),
        token.expires_in
    );

    // The user must exist.
    let signer = Signer::new(
        common::variable("EASEMOB_ORG")?,
        common::variable("EASEMOB_APP")?,
        common::variable("EASEMOB_CLIENT_ID")?,
        common::variable("EASEMOB_CLIENT_SECRET")?,
    );
    let token = signer.token(&username, Duration::from_secs(600));
    println!("a token of {} characters, made here", token.expose().len());
    Ok(())
}
