//! Settings of the examples, read from the environment.
//!
//! ```text
//! export EASEMOB_ORG=my-org EASEMOB_APP=my-app
//! export EASEMOB_CLIENT_ID=… EASEMOB_CLIENT_SECRET=…
//! ```
//!
//! `EASEMOB_BASE_URL` sets a base URL. Default: that of data center China 1.

#![allow(dead_code, reason = "each example uses a part of it")]

#[cfg(feature = "webhooks")]
pub(crate) mod webhooks;

use std::env;
use std::error::Error;

use easemob::DataCenter;

/// Result of an example's `main`.
pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// Reads a required variable.
pub(crate) fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

/// Returns the base URL. Default: that of data center China 1.
pub(crate) fn base_url() -> String {
    env::var("EASEMOB_BASE_URL").unwrap_or_else(|_| DataCenter::China1.url().to_owned())
}

/// Returns the arguments of the program, or these defaults.
pub(crate) fn arguments<const N: usize>(defaults: [&str; N]) -> [String; N] {
    let mut given = env::args().skip(1);
    defaults.map(|default| given.next().unwrap_or_else(|| default.to_owned()))
}

/// Returns a builder with the settings from the environment.
#[cfg(feature = "client")]
pub(crate) fn builder() -> Result<easemob::Builder, Box<dyn Error>> {
    let builder = easemob::Client::builder(variable("EASEMOB_ORG")?, variable("EASEMOB_APP")?)
        .credentials(variable("EASEMOB_CLIENT_ID")?, variable("EASEMOB_CLIENT_SECRET")?)
        .base_url(base_url());
    Ok(builder)
}
