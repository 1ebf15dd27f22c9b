//! Registers a user, sends a text message, pages through users and uploads a file.
//!
//! ```text
//! export EASEMOB_ORG=my-org EASEMOB_APP=my-app
//! export EASEMOB_CLIENT_ID=… EASEMOB_CLIENT_SECRET=…
//! cargo run --example quickstart -- alice cat.jpg
//! ```
//!
//! `EASEMOB_BASE_URL` chooses another server than China 1.

#![allow(clippy::print_stdout, reason = "it talks to whoever runs it")]

use std::env;
use std::error::Error;

use easemob::types::TextBody;
use easemob::{Client, DataCenter, ErrorCode, File};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let username = arguments.next().unwrap_or_else(|| "alice".to_owned());
    let client = client_from_environment()?;

    register(&client, &username).await?;

    let content = TextBody::new(format!("Hello {username}"));
    let sent = client.messages().send_to_users([&username], content).await?;
    for (receiver, id) in &sent {
        println!("sent message {id} to {receiver}");
    }

    let mut users = client.users().list().limit(100).stream();
    let mut count = 0;
    while let Some(user) = users.try_next().await? {
        println!("{} {}", user.uuid, user.username);
        count += 1;
    }
    println!("{count} users");

    if let Some(path) = arguments.next() {
        let file = client.messages().upload_file(File::path(path)).await?;
        println!("uploaded {}", file.uuid);
    }
    Ok(())
}

fn client_from_environment() -> Result<Client, Box<dyn Error>> {
    let variable = |name: &str| env::var(name).map_err(|error| format!("{name}: {error}"));
    let builder = Client::builder(variable("EASEMOB_ORG")?, variable("EASEMOB_APP")?)
        .credentials(variable("EASEMOB_CLIENT_ID")?, variable("EASEMOB_CLIENT_SECRET")?);
    let builder = match env::var("EASEMOB_BASE_URL") {
        Ok(url) => builder.base_url(url),
        Err(_) => builder.data_center(DataCenter::China1),
    };
    Ok(builder.build()?)
}

/// Registers a user, unless that happened before.
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
