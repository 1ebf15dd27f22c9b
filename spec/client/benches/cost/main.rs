//! What a call costs, beside the same call made with the HTTP client alone: time, instructions and allocations.
//!
//! `cargo bench -p easemob --all-features --bench cost`, or with the number of rounds as an argument. Instructions are counted where
//! Valgrind is installed.
//!
//! The client keeps time limits, by default; by hand there are none, or, as `-limits`, the like of them.
//!
//! All calls are made on one thread, against a server in another process. Two sides that are compared by time take short
//! turns in one process, so that both see the same machine.
#![allow(clippy::print_stdout, reason = "it reports on the terminal")]

// Features: hyper, reqwest

mod callers;
mod report;
mod server;
mod worker;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// How many turns either side of a race takes, unless the command line says so.
const ROUNDS: usize = 200;

/// What goes wrong ends the benchmark.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Be the server.
const SERVER: &str = "--server";

/// Make calls: side, call, tasks in flight, number of calls, URL of the server.
const WORKER: &str = "--worker";

/// Make calls by turns: two sides, call, tasks in flight, number of turns, URL of the server.
const RACE: &str = "--race";

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [SERVER] => server::run(),
        [WORKER, side, call, tasks, calls, url] => worker::run(side, call, tasks.parse()?, calls.parse()?, url),
        [RACE, one, other, call, tasks, rounds, url] => {
            worker::race([one, other], call, tasks.parse()?, rounds.parse()?, url)
        }
        // Cargo adds an option of its own.
        ref rest => {
            let rounds = rest.iter().find_map(|rounds| rounds.parse().ok());
            let server = Server::start()?;
            report::run(&server.url, rounds.unwrap_or(ROUNDS))
        }
    }
}

/// This program once more, as somebody else.
fn this_program() -> Result<Command, Failure> {
    Ok(Command::new(std::env::current_exe()?))
}

/// The server, as long as it is needed.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start() -> Result<Self, Failure> {
        let mut process = this_program()?.arg(SERVER).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        let said = process.stdout.take().ok_or("the server says nothing")?;
        BufReader::new(said).read_line(&mut url)?;
        Ok(Self {
            process,
            url: url.trim().to_owned(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
