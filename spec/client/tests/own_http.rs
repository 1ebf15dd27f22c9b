//! A custom HTTP client.

#![cfg(feature = "reqwest")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use easemob::{Client, Error};
use support::Server;

#[tokio::test]
async fn it_is_shared_and_not_changed() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"entities":[]}"#).await;
    let http = reqwest::Client::builder()
        .no_proxy()
        .user_agent("our-team/1")
        .build()
        .expect("an HTTP client");
    let client = |org: &str| {
        Client::builder(org, "support")
            .base_url(server.url())
            .token("fixed")
            // Ignored with a custom client.
            .user_agent("nobody")
            .reqwest_client(http.clone())
            .build()
            .expect("a client")
    };
    for org in ["acme", "other"] {
        client(org).users().list().await?;
    }
    let seen = server.seen();
    assert_eq!(seen[0].path(), "/acme/support/users");
    assert_eq!(seen[1].path(), "/other/support/users");
    for seen in seen {
        assert_eq!(seen.header("user-agent"), "our-team/1");
        assert_eq!(seen.header("authorization"), "Bearer fixed");
    }
    Ok(())
}
