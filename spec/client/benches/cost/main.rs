//! Compares the cost of a call with that of a hand-written one: time, instructions and allocations.
//!
//! `cargo bench -p easemob --all-features --bench cost`, optionally with the number of rounds. Instructions are counted if
//! Valgrind is installed.
//!
//! The client has timeouts by default; hand-written calls have none or, with `-limits`, similar ones.
//!
//! All calls are made on one thread, against a server in another process. Two implementations that are compared by time
//! alternate in short rounds in one process, so that both run under the same conditions.
//! turns in one process, so that both see the same machine.
#![allow(clippy::print_stdout, reason = "the benchmark reports on the terminal")]

// Features: hyper, reqwest

mod callers;
mod report;
mod server;
mod worker;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Default number of rounds of each implementation in a race.
const ROUNDS: usize = 200;

/// Any error ends the benchmark.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Run the server.
const SERVER: &str = "--server";

/// Make calls: implementation, call, tasks in flight, number of calls, URL of the server.
const WORKER: &str = "--worker";

/// Make calls alternately: two implementations, call, tasks in flight, number of rounds, URL of the server.
const RACE: &str = "--race";

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [SERVER] => server::run(),
        [WORKER, side, call, tasks, calls, url] => worker::run(side, call, tasks.parse()?, calls.parse()?, url),
        [RACE, one, other, call, tasks, rounds, url] => {
            worker::race([one, other], call, tasks.parse()?, rounds.parse()?, url)
        }
        // Cargo adds an option.
        ref rest => {
            let rounds = rest.iter().find_map(|rounds| rounds.parse().ok());
            let server = Server::start()?;
            report::run(&server.url, rounds.unwrap_or(ROUNDS))
        }
    }
}

/// Starts this program as a new process, in another role.
fn this_program() -> Result<Command, Failure> {
    Ok(Command::new(std::env::current_exe()?))
}

/// The server process, which is stopped when dropped.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start() -> Result<Self, Failure> {
        let mut process = this_program()?.arg(SERVER).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        let said = process.stdout.take().ok_or("the server prints nothing")?;
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
