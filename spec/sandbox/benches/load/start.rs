//! Time to start.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use easemob_sandbox::Sandbox;

use crate::server::Server;
use crate::{Failure, median};

const ROUNDS: usize = 31;

/// Measures the time until a server has sent its first response, in this process and as a program.
pub(crate) fn run() -> Result<(), Failure> {
    let (mut library, mut program) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let sandbox = Sandbox::start()?;
        respond(sandbox.url().trim_start_matches("http://"))?;
        library.push(started.elapsed().as_secs_f64() * 1000.0);
        let started = Instant::now();
        let server = Server::start()?;
        respond(&server.address.to_string())?;
        program.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    println!("time to the first response, median of {ROUNDS} (target: 50 ms)");
    println!("    Sandbox::start()  {:6.1} ms", median(library));
    println!("    program           {:6.1} ms", median(program));
    Ok(())
}

fn respond(address: &str) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /_sandbox/faults HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    if response.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(response.into())
    }
}
