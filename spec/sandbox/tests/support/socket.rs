//! Connections without an HTTP client.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use easemob_sandbox::Sandbox;

/// Returns the address of a sandbox.
pub fn address(sandbox: &Sandbox) -> SocketAddr {
    sandbox.url().trim_start_matches("http://").parse().unwrap()
}

/// Connects to a sandbox. Reading fails after a minute without data.
pub fn connect(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(address(sandbox)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}
