//! A sandbox with some users, a group and a chat room.

use std::fmt::Debug;
use std::time::Duration;

use easemob::{Client, Error};
use easemob_sandbox::{Builder, Sandbox};
use serde_json::{Value, json};

use super::checked::Checked;
use super::space::{Kind, Space};

/// The users. The first owns the group and the chat room, and the next two are their other members.
pub const USERS: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

/// The time at which the sandbox starts.
pub const NOW: i64 = 1_700_000_000_000;

/// The result of a test.
pub type Outcome = Result<(), Error>;

/// A sandbox and a client of it.
pub struct World {
    pub sandbox: Checked,
    pub client: Client,
    pub http: reqwest::Client,
    pub token: String,
    pub group: String,
    pub room: String,
}

impl World {
    /// Starts a sandbox.
    pub async fn new() -> Self {
        Self::with(Sandbox::builder()).await
    }

    /// Starts a sandbox with these settings.
    pub async fn with(builder: Builder) -> Self {
        let world = Self::without_spaces(builder).await;
        let Self { client, .. } = &world;
        let members = ["bob", "carol"];
        let group = client.groups().create("alice", false).members(members).await;
        let room = client.chatrooms().create("Lobby", "", "alice").members(members).await;
        Self {
            group: group.expect("a group").group_id.into(),
            room: room.expect("a chat room").chatroom_id.into(),
            ..world
        }
    }

    /// Starts a sandbox with users only.
    pub async fn without_spaces(builder: Builder) -> Self {
        let sandbox = Checked::with(builder.clock(NOW));
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let setup = &sandbox.apps()[0];
        let (tenant, credentials) = (setup.tenant.clone(), setup.credentials.clone());
        let grant = json!({
            "grant_type": "client_credentials", "client_id": credentials[0], "client_secret": credentials[1],
        });
        let request = http
            .post(sandbox.app_url() + "/token")
            .header("content-type", "application/json");
        let granted = request.body(grant.to_string()).send().await.expect("a response");
        let granted: Value = serde_json::from_slice(&granted.bytes().await.expect("a body")).expect("JSON");
        let token = granted["access_token"].as_str().expect("a token").to_owned();
        let client = Client::builder(&*tenant[0], &*tenant[1])
            .base_url(sandbox.url())
            .token(&*token);
        let world = Self {
            client: client.transport(http.clone()).build().expect("a client"),
            sandbox,
            http,
            token,
            group: String::new(),
            room: String::new(),
        };
        for user in USERS {
            world.client.users().create(user).await.expect("a new user");
        }
        world
    }

    /// Returns the group.
    pub fn group(&self) -> Space<'_> {
        Space::new(&self.client, Kind::Group, self.group.clone())
    }

    /// Returns the chat room.
    pub fn room(&self) -> Space<'_> {
        Space::new(&self.client, Kind::Room, self.room.clone())
    }

    /// Returns the group and the chat room, for rules that apply to both.
    pub fn both(&self) -> [Space<'_>; 2] {
        [self.group(), self.room()]
    }

    /// Sends a request that the client would not send. Returns the status and the body.
    pub async fn raw(&self, method: &str, path: &str, body: impl Into<Option<Value>>) -> (u16, Value) {
        let body = body.into().map(|body| body.to_string());
        self.raw_with(method, path, Some(&self.token), "application/json", body)
            .await
    }

    /// Sends a request with any token and body.
    pub async fn raw_with(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        media_type: &str,
        body: Option<String>,
    ) -> (u16, Value) {
        let url = self.sandbox.app_url() + path;
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(method, url);
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(body) = body {
            request = request.header("content-type", media_type).body(body);
        }
        let response = request.send().await.expect("a response");
        let status = response.status().as_u16();
        let content = response.bytes().await.expect("a body");
        (status, serde_json::from_slice(&content).unwrap_or_default())
    }

    /// Sends a request that the client would not send, and checks the error.
    pub async fn raw_refused(
        &self,
        method: &str,
        path: &str,
        body: impl Into<Option<Value>>,
        status: u16,
        code: &str,
    ) -> Value {
        let (found, error) = self.raw(method, path, body).await;
        assert_eq!(
            (found, &error["error"]),
            (status, &code.into()),
            "{method} {path}: {error}"
        );
        error
    }

    /// Moves the clock of the sandbox.
    pub fn advance(&self, seconds: u64) {
        self.sandbox.advance(Duration::from_secs(seconds));
    }

    /// Sends a message to a group. Returns its ID.
    pub async fn message_to(&self, group: &str) -> Result<String, Error> {
        let sent = self
            .client
            .messages()
            .send_to_groups([group], easemob::types::TextBody::new("hi"))
            .await?;
        Ok(sent.message_ids.into_values().next().expect("a message ID").into())
    }

    /// Creates a thread from a new message of the group. Returns its ID.
    pub async fn thread(&self, owner: &str) -> Result<String, Error> {
        let message = self.message_to(&self.group).await?;
        let thread = self
            .client
            .threads()
            .create(&*self.group, "Topic", message, owner)
            .await?;
        Ok(thread.thread_id.into())
    }
}

/// Panics unless the server responded with this error.
#[track_caller]
pub fn refused<T: Debug>(result: Result<T, Error>, status: u16, code: &str) {
    let error = result.expect_err("an error response");
    let found = error
        .status()
        .map(|status| (status.as_u16(), error.code().map(ToString::to_string)));
    assert_eq!(found, Some((status, Some(code.to_owned()))), "{error}");
}
