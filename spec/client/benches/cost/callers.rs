//! The compared implementations of calls.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use easemob::Client;
use easemob::types::{MessageId, TextBody, User};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::Failure;

/// An implementation of a call.
pub(crate) enum Caller {
    /// Hand-written with reqwest.
    Reqwest(reqwest::Client, String),
    /// Hand-written with hyper-util, with a timeout.
    Hyper(legacy::Client<HttpConnector, Full<Bytes>>, String, Option<Duration>),
    /// This crate.
    Client(Client),
}

/// A call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Call {
    /// Reads a user.
    Get,
    /// Sends a message to two users.
    Send,
}

impl FromStr for Call {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        match name {
            "get" => Ok(Self::Get),
            "send" => Ok(Self::Send),
            _ => Err(format!("unknown call {name}").into()),
        }
    }
}

/// The client's user agent.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("easemob/", env!("CARGO_PKG_VERSION")));

/// Timeouts of the hand-written calls that have timeouts, as those of the client always do.
const LIMIT: Duration = Duration::from_secs(60);

const TOKEN: &str = "Bearer a-token-as-long-as-they-are-in-real-life-0123456789";

#[derive(Deserialize)]
struct Users {
    entities: Vec<User>,
}

#[derive(Deserialize)]
struct Sent {
    data: BTreeMap<String, MessageId>,
}

#[derive(Serialize)]
struct Message<'a> {
    to: [&'a str; 2],
    #[serde(rename = "type")]
    kind: &'a str,
    body: Text<'a>,
    from: &'a str,
}

#[derive(Serialize)]
struct Text<'a> {
    msg: &'a str,
}

const MESSAGE: Message<'_> = Message {
    to: ["bob", "carol"],
    kind: "txt",
    body: Text { msg: "hello" },
    from: "alice",
};

impl Caller {
    /// Makes an implementation by name.
    pub(crate) fn named(name: &str, url: &str) -> Result<Self, Failure> {
        let base = format!("{url}/acme/support");
        let builder = Client::builder("acme", "support")
            .base_url(url)
            .credentials("id", "secret");
        Ok(match name {
            "reqwest" => Self::Reqwest(by_reqwest().build()?, base),
            "reqwest-limits" => Self::Reqwest(by_reqwest().timeout(LIMIT).read_timeout(LIMIT).build()?, base),
            "hyper" => Self::Hyper(by_hyper(), base, None),
            "hyper-limits" => Self::Hyper(by_hyper(), base, Some(LIMIT)),
            "client" => Self::Client(builder.build()?),
            "client-hyper" => Self::Client(builder.hyper().build()?),
            _ => return Err(format!("unknown implementation {name}").into()),
        })
    }

    /// Makes a call. Returns a number from the result, so that the result is used.
    pub(crate) async fn make(&self, call: Call) -> Result<usize, Failure> {
        Ok(match call {
            Call::Get => self.get().await?.username.as_str().len(),
            Call::Send => self.send().await?.len(),
        })
    }

    async fn get(&self) -> Result<User, Failure> {
        let body = match self {
            Self::Client(client) => return Ok(client.users().get("alice").await?),
            Self::Reqwest(http, base) => {
                let request = http.get(format!("{base}/users/alice"));
                let response = request
                    .header(AUTHORIZATION, TOKEN)
                    .header(ACCEPT, "application/json")
                    .send()
                    .await?;
                response.error_for_status()?.bytes().await?
            }
            Self::Hyper(http, base, None) => exchange(http, get(base)?).await?,
            Self::Hyper(http, base, Some(limit)) => timeout(*limit, exchange(http, get(base)?)).await??,
        };
        let users: Users = serde_json::from_slice(&body)?;
        Ok(users.entities.into_iter().next().ok_or("no user")?)
    }

    async fn send(&self) -> Result<BTreeMap<String, MessageId>, Failure> {
        let body = match self {
            Self::Client(client) => {
                let messages = client.messages();
                let message = messages.send_to_users(["bob", "carol"], TextBody::new("hello"));
                return Ok(message.from("alice").await?.message_ids);
            }
            Self::Reqwest(http, base) => {
                let request = http.post(format!("{base}/messages/users"));
                let request = request.header(AUTHORIZATION, TOKEN).header(ACCEPT, "application/json");
                let request = request.header(CONTENT_TYPE, "application/json");
                let response = request.body(serde_json::to_vec(&MESSAGE)?).send().await?;
                response.error_for_status()?.bytes().await?
            }
            Self::Hyper(http, base, None) => exchange(http, send(base)?).await?,
            Self::Hyper(http, base, Some(limit)) => timeout(*limit, exchange(http, send(base)?)).await??,
        };
        Ok(serde_json::from_slice::<Sent>(&body)?.data)
    }
}

fn by_reqwest() -> reqwest::ClientBuilder {
    reqwest::Client::builder().user_agent(AGENT)
}

fn by_hyper() -> legacy::Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    legacy::Client::builder(TokioExecutor::new()).build(connector)
}

fn get(base: &str) -> Result<Request<Full<Bytes>>, Failure> {
    let request = Request::get(format!("{base}/users/alice"))
        .header(AUTHORIZATION, TOKEN)
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, AGENT);
    Ok(request.body(Full::default())?)
}

fn send(base: &str) -> Result<Request<Full<Bytes>>, Failure> {
    let request = Request::post(format!("{base}/messages/users"))
        .header(AUTHORIZATION, TOKEN)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, AGENT);
    Ok(request.body(serde_json::to_vec(&MESSAGE)?.into())?)
}

async fn exchange(
    http: &legacy::Client<HttpConnector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Bytes, Failure> {
    let response = http.request(request).await?;
    if !response.status().is_success() {
        return Err(response.status().as_str().into());
    }
    Ok(response.into_body().collect().await?.to_bytes())
}
