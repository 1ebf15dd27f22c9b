//! The sandbox: the server to which generated clients send their requests.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::Task;

/// The last variable that the sandbox prints.
const BASE_URL: &str = "BASE_URL";

/// A running sandbox with one app. It is stopped when this value is dropped.
pub(super) struct Sandbox {
    process: Child,
    /// Variables with the base URL and the credentials of the app.
    environment: Vec<(String, String)>,
}

impl Sandbox {
    /// Starts a sandbox on a free port. It is built first if necessary.
    pub(super) fn start(task: &Task<'_>, options: &[&str]) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("sandbox: {error}");
        let log = task.folder.join("sandbox.log");
        let mut cargo = Command::new("cargo");
        cargo.args(["run", "--quiet", "--locked", "--manifest-path"]);
        cargo.arg(task.document.path.with_file_name("../sandbox/Cargo.toml"));
        cargo.args(["--", "--port=0", "--seed=1"]).args(options);
        let output = File::create(&log).map_err(failed)?;
        cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(output);
        let mut process = cargo.spawn().map_err(failed)?;
        let lines = process
            .stdout
            .take()
            .map(BufReader::new)
            .into_iter()
            .flat_map(BufRead::lines);
        let mut sandbox = Self {
            process,
            environment: Vec::new(),
        };
        for line in lines {
            sandbox.environment.extend(variable(&line.map_err(failed)?));
            if sandbox.environment.last().is_some_and(|(name, _)| name == BASE_URL) {
                return Ok(sandbox);
            }
        }
        Err(format!(
            "the sandbox does not start:\n{}",
            fs::read_to_string(log).map_err(failed)?
        ))
    }

    /// Returns variables with the base URL and the credentials of the app.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the base URL of the app.
    pub(super) fn base_url(&self) -> &str {
        self.environment.last().map_or("", |(_, value)| value)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Fails if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the name and value of a variable, from a line such as `export NAME='a value'`.
fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
    let quoted = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let value = quoted.map_or_else(|| value.to_owned(), |quoted| quoted.replace("'\\''", "'"));
    Some((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn reads_the_variables_that_the_sandbox_prints() {
        let read = |line: &str| variable(line).map(|(name, value)| format!("{name}: {value}"));
        assert_eq!(
            read("export A=http://127.0.0.1:80/b").as_deref(),
            Some("A: http://127.0.0.1:80/b")
        );
        assert_eq!(read(r"export A='it'\''s = b'").as_deref(), Some("A: it's = b"));
        assert_eq!(read("A=b"), None);
    }
}
