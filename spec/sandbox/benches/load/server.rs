//! The program, in a process of its own.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Failure;

/// Number of lines that the program prints.
const VARIABLES: usize = 10;

/// A running program. It is stopped when it is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts the program, and waits until it has printed its address.
    pub(crate) fn start() -> Result<Self, Failure> {
        let mut program = Command::new(env!("CARGO_BIN_EXE_easemob-sandbox"));
        let mut process = program.args(["--port", "0"]).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the output is missing")?;
        let mut values = HashMap::new();
        for line in BufReader::new(output).lines().take(VARIABLES) {
            let line = line?;
            let (name, value) = line.split_once('=').ok_or("a line without a value")?;
            values.insert(name.to_owned(), value.to_owned());
        }
        let url = values.remove("export HOST").ok_or("the address is missing")?;
        let address = url.trim_start_matches("http://").parse()?;
        Ok(Self { process, address })
    }

    /// Returns the CPU time that the server has used. `None` where the system does not tell it.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        cpu_of(&self.process.id().to_string())
    }

    /// Returns a figure of the memory of the server in MiB, e.g. `VmRSS`. `None` where the system does not tell it.
    pub(crate) fn memory(&self, key: &str) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Returns the CPU time that a process has used; `self` is this one.
pub(crate) fn cpu_of(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in parentheses, can contain spaces.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
    // Linux counts hundredths of a second.
    Some(Duration::from_millis(10 * (ticks(11)? + ticks(12)?)))
}
