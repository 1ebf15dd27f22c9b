//! Sends with another transport, here the synchronous `ureq`:
//! `cargo run --no-default-features --example ureq -- alice`.
//!
//! The crate converts requests to `http` types and responses to results. The program sends them, and takes over the tasks of the
//! client: tokens, retries and timeouts.

// Features: none
#![allow(clippy::print_stdout, reason = "examples print their results")]

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
            // Error responses must be read, too: they contain the reason.
            .http_status_as_error(false)
            // Redirects could send the token to another server.
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
        let response = http::Response::from_parts(head, body.read_to_vec()?);
        Ok(O::from_http(response)?.into_value())
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
            Ok(error) => println!("rejected: {error}"),
            Err(error) => return Err(error),
        },
    }
    for user in transport.call(&List::new().limit(100))? {
        println!("{}", user.username);
    }
    Ok(())
}
