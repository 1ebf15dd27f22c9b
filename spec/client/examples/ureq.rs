//! Over another transport, here `ureq`, which knows nothing of async:
//! `cargo run --no-default-features --example ureq -- alice`.
//!
//! The crate turns requests into `http` types and answers into results. Sending is up to this program, and so is what the client
//! would look after: tokens, retries, limits of time.

// Features: none
#![allow(clippy::print_stdout, reason = "it talks to whoever runs it")]

mod common;

use easemob::tokens::CreateAppToken;
use easemob::users::{Create, List};
use easemob::{Error, Operation, Target};

/// Sends requests of any operation.
struct Transport {
    agent: ureq::Agent,
    target: Target,
}

impl Transport {
    fn new(target: Target) -> Self {
        let config = ureq::Agent::config_builder()
            // A refusal is read like any answer: it says why.
            .http_status_as_error(false)
            // The token is for this server alone.
            .max_redirects(0)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build();
        Self {
            agent: config.into(),
            target,
        }
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, Box<dyn std::error::Error>> {
        let (head, body) = operation.to_http(&self.target)?.into_parts();
        let request = http::Request::from_parts(head, &body[..]);
        let (head, mut body) = self.agent.run(request)?.into_parts();
        let answer = http::Response::from_parts(head, body.read_to_vec()?);
        Ok(O::from_http(answer)?.into_value())
    }
}

fn main() -> common::Outcome {
    let [username] = common::arguments(["alice"]);
    let (org, app) = (common::variable("EASEMOB_ORG")?, common::variable("EASEMOB_APP")?);
    let target = easemob::target(&common::base_url(), &org, &app)?;
    let (id, secret) = (
        common::variable("EASEMOB_CLIENT_ID")?,
        common::variable("EASEMOB_CLIENT_SECRET")?,
    );

    let token = Transport::new(target.clone()).call(&CreateAppToken::new(id, secret))?;
    let transport = Transport::new(target.with_token(token.access_token));

    match transport.call(&Create::new(&username).password("s3cret")) {
        Ok(user) => println!("registered {} as {}", user.username, user.uuid),
        Err(error) => match error.downcast::<Error>() {
            Ok(error) => println!("refused: {error}"),
            Err(error) => return Err(error),
        },
    }
    for user in transport.call(&List::new().limit(100))? {
        println!("{}", user.username);
    }
    Ok(())
}
