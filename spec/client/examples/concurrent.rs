//! Looks up many users at once: `cargo run --example concurrent -- alice bob`.
//!
//! A request is not a future itself. `.await` converts it; combinators need `into_future`.

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use std::future::IntoFuture as _;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let names = common::arguments(["alice", "bob"]);

    // A few calls, all at once. Their results are in the order of the calls.
    let calls = names.iter().map(|name| client.users().get(name).into_future());
    for (name, result) in names.iter().zip(join_all(calls).await) {
        match result {
            Ok(user) => println!("{name}: {}", user.uuid),
            Err(error) if error.is_not_found() => println!("{name} does not exist"),
            Err(error) => return Err(error.into()),
        }
    }

    // Many calls, 16 at a time. Each result is handled as soon as it arrives.
    let mut groups = stream::iter(&names)
        .map(|name| client.groups().list_of_user(name).into_future())
        .buffer_unordered(16);
    while let Some(joined) = groups.next().await {
        println!("{} groups", joined?.total);
    }
    Ok(())
}
