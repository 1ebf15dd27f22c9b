//! Memory and lookups with much data, which is sent through the API.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{APP, Call, Connection, rate, runtime, token};
use crate::server::Server;
use crate::{Failure, median};

/// Number of members of a group, with the owner.
const MEMBERS: usize = 200;

/// Number of users that one request registers.
const BATCH: usize = 60;

/// Number of receivers of one request.
const RECEIVERS: usize = 500;

/// The content of an app.
#[derive(Clone, Copy)]
struct Amount {
    users: usize,
    groups: usize,
    messages: usize,
}

const LITTLE: Amount = Amount {
    users: 1_000,
    groups: 100,
    messages: 10_000,
};

const MUCH: Amount = Amount {
    users: 100_000,
    groups: 10_000,
    messages: 1_000_000,
};

/// A server and the data that it has.
struct Filled {
    server: Server,
    token: String,
    connection: Connection,
    /// The ID of a group in the middle.
    group: String,
}

/// Measures the memory of a server with much data, and compares its lookups with those of a server with little.
pub(crate) fn run() -> Result<(), Failure> {
    let runtime = runtime()?;
    let little = runtime.block_on(Filled::new(LITTLE))?;
    let started = Instant::now();
    let much = runtime.block_on(Filled::new(MUCH))?;
    let Amount {
        users,
        groups,
        messages,
    } = MUCH;
    println!("{users} users, {groups} groups of {MEMBERS} members, {messages} messages");
    println!(
        "    sent in {:.0} s, of which the server used {:.0} s",
        started.elapsed().as_secs_f64(),
        much.cpu()
    );
    println!(
        "    memory {:6.0} MiB (target: 1536), at most {:.0} MiB",
        much.memory("VmRSS"),
        much.memory("VmHWM")
    );
    println!("CPU time of a call with a hundredth of the data, and with all of it, median of {ROUNDS}");
    for (name, path) in LOOKUPS {
        let [few, all] = [&little, &much].map(|filled| filled.call(path));
        let (few, all) = runtime.block_on(compare(&little, &few, &much, &all))?;
        println!("    {name:26} {few:6.1} µs {all:6.1} µs");
    }
    Ok(())
}

const ROUNDS: usize = 7;

/// Reads of different indexes. `GROUP` stands for the ID of a group.
const LOOKUPS: [(&str, &str); 5] = [
    ("user", "/users/user-777"),
    (
        "members of a group, page 1",
        "/chatgroups/GROUP/users?pagenum=1&pagesize=10",
    ),
    ("admins of a group", "/chatgroups/GROUP/admin"),
    (
        "groups of a user, page 1",
        "/users/user-777/joined_chatgroups?pagenum=1&pagesize=10",
    ),
    ("contacts of a user", "/users/user-777/contacts/users"),
];

/// Returns the CPU time of a call to either server.
async fn compare(few: &Filled, few_call: &[u8], all: &Filled, all_call: &[u8]) -> Result<(f64, f64), Failure> {
    let mut times = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        times.0.push(few.cost(few_call).await?);
        times.1.push(all.cost(all_call).await?);
    }
    Ok((median(times.0), median(times.1)))
}

impl Filled {
    async fn new(amount: Amount) -> Result<Self, Failure> {
        let server = Server::start()?;
        let token = token(server.address).await?;
        let connection = Connection::open(server.address).await?;
        let group = String::new();
        let mut filled = Self {
            server,
            token,
            connection,
            group,
        };
        filled.register(amount.users).await?;
        filled.create_groups(amount).await?;
        filled.send_messages(amount).await?;
        Ok(filled)
    }

    async fn post(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = Call::post(path, body).wire(APP, &self.token);
        Ok(serde_json::from_slice(self.connection.call(&request).await?)?)
    }

    async fn register(&mut self, users: usize) -> Result<(), Failure> {
        for first in (0..users).step_by(BATCH) {
            let batch = (first..users.min(first + BATCH)).map(|user| {
                json!({ "username": format!("user-{user}"), "password": "secret", "nickname": format!("User {user}") })
            });
            self.post("/users", &batch.collect()).await?;
        }
        Ok(())
    }

    async fn create_groups(&mut self, amount: Amount) -> Result<(), Failure> {
        for group in 0..amount.groups {
            let members = (1..MEMBERS).map(|member| format!("user-{}", (group * MEMBERS + member * 7) % amount.users));
            let body = json!({
                "groupname": format!("Group {group}"), "desc": "A group of the benchmark", "public": true,
                "owner": format!("user-{}", group * MEMBERS % amount.users), "members": members.collect::<Vec<_>>(),
            });
            let created = self.post("/chatgroups", &body).await?;
            if group == amount.groups / 2 {
                let id = created["data"]["groupid"].as_str();
                self.group = id.map(str::to_owned).ok_or("there is no group ID")?;
            }
        }
        Ok(())
    }

    async fn send_messages(&mut self, amount: Amount) -> Result<(), Failure> {
        for first in (0..amount.messages).step_by(RECEIVERS) {
            let to = (first..first + RECEIVERS).map(|user| format!("user-{}", user % amount.users));
            let body = json!({
                "from": format!("user-{}", first / RECEIVERS % amount.users), "to": to.collect::<Vec<_>>(),
                "type": "txt", "body": { "msg": format!("Message {first}: see you at the tea house at five") },
            });
            self.post("/messages/users", &body).await?;
        }
        Ok(())
    }

    fn call(&self, path: &str) -> Vec<u8> {
        Call::get(&path.replace("GROUP", &self.group)).wire(APP, &self.token)
    }

    /// Returns the CPU time of a call in microseconds.
    async fn cost(&self, request: &[u8]) -> Result<f64, Failure> {
        const TIME: Duration = Duration::from_millis(500);
        let before = self.cpu();
        let rate = rate(self.server.address, request, 16, TIME).await?;
        Ok((self.cpu() - before) * 1e6 / (rate * TIME.as_secs_f64()))
    }

    /// Returns the CPU time of the server in seconds.
    fn cpu(&self) -> f64 {
        self.server.cpu().map_or(f64::NAN, |time| time.as_secs_f64())
    }

    fn memory(&self, key: &str) -> f64 {
        self.server.memory(key).unwrap_or(f64::NAN)
    }
}
