//! Runs commands with a timeout.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

/// Timeout for running a tool.
pub(crate) const RUN_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// Timeout for installing and compiling.
pub(crate) const BUILD_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// The result of a command.
pub(crate) struct Outcome {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Returns standard output followed by standard error.
    pub(crate) fn output(&self) -> String {
        [self.stdout.trim_end(), self.stderr.trim_end()]
            .join("\n")
            .trim()
            .to_owned()
    }
}

/// Runs a command and waits for it to end.
///
/// # Errors
///
/// Returns an error if the command cannot be started, or does not end within the timeout and is killed.
pub(crate) fn run(command: &mut Command, timeout: Duration) -> Result<Outcome, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (status, stdout, stderr) = wait(command, timeout).map_err(|error| format!("{program}: {error}"))?;
    match status {
        Some(status) => Ok(Outcome {
            success: status.success(),
            stdout,
            stderr,
        }),
        None => Err(format!(
            "{program} timed out after {} s\n{stdout}{stderr}",
            timeout.as_secs()
        )),
    }
}

/// Runs a command and returns its standard output.
///
/// # Errors
///
/// Returns all output of the command if it fails.
pub(crate) fn succeed(command: &mut Command, timeout: Duration) -> Result<String, String> {
    let outcome = run(command, timeout)?;
    if outcome.success {
        return Ok(outcome.stdout);
    }
    let program = command.get_program().to_string_lossy();
    Err(format!("{program} failed:\n{}", outcome.output()))
}

/// Parses the standard output of a tool as JSON, even if the tool failed.
pub(crate) fn json<T: DeserializeOwned>(outcome: &Outcome) -> Result<T, String> {
    serde_json::from_str(&outcome.stdout).map_err(|error| format!("unexpected output: {error}\n{}", outcome.output()))
}

/// Splits a text into lines and removes duplicates.
pub(crate) fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

/// Runs a command and returns its status, or `None` after the timeout, with standard output and standard error. The output goes to
/// files, because a background process of the command could keep a pipe open.
fn wait(command: &mut Command, timeout: Duration) -> std::io::Result<(Option<ExitStatus>, String, String)> {
    let stdout = tempfile::tempfile()?;
    let stderr = tempfile::tempfile()?;
    command.stdin(Stdio::null());
    command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
    let mut child = command.spawn()?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if start.elapsed() > timeout => {
                child.kill()?;
                child.wait()?;
                break None;
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    Ok((status, text(stdout)?, text(stderr)?))
}

fn text(mut file: File) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn returns_status_and_output() {
        let failed = run(&mut shell("echo one; echo two >&2; exit 3"), RUN_TIMEOUT).unwrap();
        assert_eq!((failed.success, failed.output().as_str()), (false, "one\ntwo"));
        assert_eq!(
            succeed(&mut shell("echo one; echo two >&2"), RUN_TIMEOUT).unwrap(),
            "one\n"
        );
        assert_eq!(
            succeed(&mut shell("echo no; exit 1"), RUN_TIMEOUT).unwrap_err(),
            "sh failed:\nno"
        );
        assert!(run(&mut Command::new("no-such-program"), RUN_TIMEOUT).is_err());
    }

    #[test]
    fn kills_a_command_after_the_timeout() {
        let start = Instant::now();
        let killed = run(&mut shell("echo first; exec sleep 60"), Duration::from_millis(300));
        assert!(killed.err().unwrap().contains("timed out after 0 s\nfirst"));
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
