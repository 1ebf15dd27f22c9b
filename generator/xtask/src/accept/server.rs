//! Starts and stops Prism.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::tools::document::Document;
use crate::tools::install::Tools;

/// Timeout for Prism to load the document.
const START_TIMEOUT: Duration = Duration::from_secs(2 * 60);
/// The text that Prism prints before its URL when it is ready.
const LISTENING: &str = "Prism is listening on ";

/// A running Prism. It is stopped when this value is dropped, and also if this program ends without dropping it.
pub(super) struct Server {
    process: Child,
    pub(super) url: String,
    /// Output of Prism at startup.
    pub(super) output: String,
}

impl Server {
    pub(super) fn start(tools: &Tools, document: &Document, folder: &Path) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("prism: {error}");
        let log = folder.join("prism.log");
        let output = File::create(&log).map_err(failed)?;
        let mut prism = tools.node("prism", folder);
        prism.args(["mock", "--errors", "--multiprocess=false", "--host=127.0.0.1"]);
        // Use any free port.
        prism.arg("--port=0").arg(&document.path);
        let end = tools.pins().join("end_with_parent.js");
        prism.env("NODE_OPTIONS", format!("--require \"{}\"", end.display()));
        prism.stdin(Stdio::piped());
        prism.stdout(output.try_clone().map_err(failed)?).stderr(output);
        let mut server = Self {
            process: prism.spawn().map_err(failed)?,
            url: String::new(),
            output: String::new(),
        };
        server.listen(&log)?;
        Ok(server)
    }

    /// Waits until Prism is ready.
    fn listen(&mut self, log: &PathBuf) -> Result<(), String> {
        let start = Instant::now();
        loop {
            // Check this before reading, so that the output is complete if the process has ended.
            let ended = self.process.try_wait().map_err(|error| format!("prism: {error}"))?;
            self.output = fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))?;
            if let Some(url) = url(&self.output) {
                url.clone_into(&mut self.url);
                return Ok(());
            }
            if ended.is_some() || start.elapsed() > START_TIMEOUT {
                return Err(format!("Prism does not serve the document:\n{}", self.output));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Returns the number of served operations, according to the output of Prism.
    pub(super) fn count_operations(&self) -> usize {
        let route = format!(" {}/", self.url);
        self.output.lines().filter(|line| line.contains(&route)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the URL of Prism, once it has printed it as a complete line.
fn url(output: &str) -> Option<&str> {
    let (_, rest) = output.split_once(LISTENING)?;
    rest.split_once('\n').map(|(url, _)| url.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_url_of_prism() {
        let output = "[1:02:03 AM] › [CLI] ℹ  info      GET        http://127.0.0.1:80/users?limit=2\n\
                    [1:02:03 AM] › [CLI] ▶  start     Prism is listening on http://127.0.0.1:80";
        assert_eq!(url(output), None);
        assert_eq!(url(&format!("{output}\n")), Some("http://127.0.0.1:80"));
    }
}
