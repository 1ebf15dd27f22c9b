//! Prism, a mock server that replies with the examples of the OpenAPI document.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::server::cpu_of;

const PACKAGE: &str = "@stoplight/prism-cli@5.16.0";

/// Time in which it must start.
const START: Duration = Duration::from_secs(60);

/// A running Prism. It is stopped when it is dropped.
pub(crate) struct Prism {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Prism {
    /// Starts Prism. Returns `None`, with a message, if it cannot be run here.
    pub(crate) fn start() -> Result<Option<Self>, Failure> {
        // Prism cannot choose a free port and tell it.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.yaml");
        let port = address.port().to_string();
        let find = ["--yes", "--package", PACKAGE, "-c", "realpath \"$(command -v prism)\""];
        let found = Command::new("npx")
            .args(find)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let Some(found) = found.ok().filter(|found| found.status.success()) else {
            println!("Prism is left out: npx is missing or cannot install {PACKAGE}");
            return Ok(None);
        };
        // As one process without logs, which is its fastest mode.
        let mut node = Command::new("node");
        node.arg(String::from_utf8(found.stdout)?.trim());
        node.args([
            "mock",
            "--multiprocess=false",
            "--verboseLevel=fatal",
            "--port",
            &port,
            document,
        ]);
        let process = node
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut prism = Self { process, address };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if started.elapsed() > START || prism.process.try_wait()?.is_some() {
                return Err("Prism does not start".into());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(Some(prism))
    }

    /// Returns the CPU time that it has used. `None` where the system does not tell it.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        cpu_of(&self.process.id().to_string())
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
