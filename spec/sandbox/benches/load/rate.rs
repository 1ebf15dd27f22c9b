//! Calls per second, next to Prism.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use crate::client::{self, APP, Call, rate, runtime};
use crate::prism::Prism;
use crate::server::{Server, cpu_of};
use crate::{Failure, median};

const ROUNDS: usize = 5;
const CONNECTIONS: usize = 32;
const TIME: Duration = Duration::from_secs(2);

/// The calls that are compared.
pub(crate) fn calls() -> [(&'static str, Call); 2] {
    let message = json!({
        "from": "alice", "to": ["bob"], "type": "txt", "body": { "msg": "See you at the tea house at five" },
    });
    [
        ("GET a user", Call::get("/users/alice")),
        ("POST a message", Call::post("/messages/users", &message)),
    ]
}

/// The measurements of a server in all rounds.
#[derive(Default)]
struct Results {
    rates: Vec<f64>,
    /// CPU time of server and client for a call, in microseconds.
    server: Vec<f64>,
    client: Vec<f64>,
}

/// Measures the calls per second of the sandbox and of Prism in turn.
pub(crate) fn run() -> Result<(), Failure> {
    let server = Server::start()?;
    let prism = Prism::start()?;
    let runtime = runtime()?;
    let token = runtime.block_on(client::token(server.address))?;
    let user = Call::post("/users", &json!([{ "username": "alice", "password": "secret" }]));
    runtime.block_on(async {
        let mut connection = client::Connection::open(server.address).await?;
        connection.call(&user.wire(APP, &token)).await.map(drop)
    })?;
    println!(
        "calls per second, {CONNECTIONS} connections, median of {ROUNDS} (target: 20,000), and CPU time of a call"
    );
    for (name, call) in calls() {
        // Prism leaves out the base path.
        let (request, bare) = (call.wire(APP, &token), call.wire("", &token));
        let (mut own, mut other) = (Results::default(), Results::default());
        for _ in 0..ROUNDS {
            runtime.block_on(own.round(server.address, &request, || server.cpu()))?;
            if let Some(prism) = &prism {
                runtime.block_on(other.round(prism.address, &bare, || prism.cpu()))?;
            }
        }
        own.print(name, "sandbox");
        if prism.is_some() {
            other.print(name, "Prism");
        }
    }
    Ok(())
}

impl Results {
    async fn round(
        &mut self,
        address: SocketAddr,
        request: &[u8],
        server: impl Fn() -> Option<Duration>,
    ) -> Result<(), Failure> {
        let before = (server(), cpu_of("self"));
        let rate = rate(address, request, CONNECTIONS, TIME).await?;
        self.rates.push(rate);
        let calls = rate * TIME.as_secs_f64();
        let used = |now: Option<Duration>, before: Option<Duration>| {
            let used = now.zip(before).map(|(now, before)| now.saturating_sub(before));
            used.map(|used| used.as_secs_f64() * 1e6 / calls)
        };
        self.server.extend(used(server(), before.0));
        self.client.extend(used(cpu_of("self"), before.1));
        Ok(())
    }

    fn print(self, call: &str, server: &str) {
        let [rate, of_server, of_client] = [self.rates, self.server, self.client].map(median);
        println!("    {call:15} {server:8} {rate:8.0}/s   server {of_server:6.1} µs   client {of_client:5.1} µs");
    }
}
