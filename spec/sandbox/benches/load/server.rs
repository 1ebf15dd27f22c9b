//! The program, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::Failure;

/// A running program. It is stopped when it is dropped.
pub(crate) struct Server {
    process: Child,
    /// Kept open, because the program fails if it cannot print.
    _output: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts the program, and waits until it has printed its address.
    pub(crate) fn start() -> Result<Self, Failure> {
        let mut program = Command::new(env!("CARGO_BIN_EXE_easemob-sandbox"));
        let mut process = program.args(["--port", "0"]).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the output is missing")?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        let url = loop {
            line.clear();
            if output.read_line(&mut line)? == 0 {
                return Err("the program did not print its address".into());
            }
            if let Some(url) = line.trim_end().strip_prefix("export HOST=http://") {
                break url;
            }
        };
        Ok(Self {
            process,
            address: url.parse()?,
            _output: output,
        })
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
