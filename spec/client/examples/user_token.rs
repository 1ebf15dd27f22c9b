//! Creates tokens that a backend gives to a user's device: one from the server, and one computed locally:
//! `cargo run --features user-token --example user_token -- alice`.

// Features: client, user-token
#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use std::time::Duration;

use easemob::user_token::Signer;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let [username] = common::arguments(["alice"]);

    // The server creates the token, and registers the user if needed.
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
    println!("a token of {} characters, computed locally", token.expose().len());
    Ok(())
}
