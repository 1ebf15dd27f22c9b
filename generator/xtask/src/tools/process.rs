//! Commands with an end.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

/// For a tool that is asked about a document.
pub(crate) const A_RUN: Duration = Duration::from_secs(5 * 60);
/// For an installation, and for what compiles.
pub(crate) const A_BUILD: Duration = Duration::from_secs(30 * 60);

/// How a command ended.
pub(crate) struct Outcome {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Everything printed.
    pub(crate) fn output(&self) -> String {
        [self.stdout.trim_end(), self.stderr.trim_end()]
            .join("\n")
            .trim()
            .to_owned()
    }
}

/// Runs a command to its end.
///
/// # Errors
///
/// If it cannot be run, or takes longer than the limit and is ended.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<Outcome, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (status, stdout, stderr) = attend(command, limit).map_err(|error| format!("{program}: {error}"))?;
    match status {
        Some(status) => Ok(Outcome {
            success: status.success(),
            stdout,
            stderr,
        }),
        None => Err(format!(
            "{program} took more than {} s\n{stdout}{stderr}",
            limit.as_secs()
        )),
    }
}

/// Runs a command that has to succeed; what it printed to standard output, or everything printed as an error.
pub(crate) fn succeed(command: &mut Command, limit: Duration) -> Result<String, String> {
    let outcome = run(command, limit)?;
    if outcome.success {
        return Ok(outcome.stdout);
    }
    let program = command.get_program().to_string_lossy();
    Err(format!("{program} failed:\n{}", outcome.output()))
}

/// What a tool says in JSON, whether it is content or not.
pub(crate) fn json<T: DeserializeOwned>(outcome: &Outcome) -> Result<T, String> {
    serde_json::from_str(&outcome.stdout).map_err(|error| format!("not understood: {error}\n{}", outcome.output()))
}

/// The lines of what a tool says, each once.
pub(crate) fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

/// Into files rather than pipes, which a process that was left behind could hold open.
fn attend(command: &mut Command, limit: Duration) -> std::io::Result<(Option<ExitStatus>, String, String)> {
    let (stdout, stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    command.stdin(Stdio::null());
    command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
    let mut child = command.spawn()?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if start.elapsed() > limit => {
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
    fn says_how_a_command_ended() {
        let done = run(&mut shell("echo one; echo two >&2; exit 3"), A_RUN).unwrap();
        assert_eq!((done.success, done.output().as_str()), (false, "one\ntwo"));
        assert_eq!(succeed(&mut shell("echo one; echo two >&2"), A_RUN).unwrap(), "one\n");
        assert_eq!(
            succeed(&mut shell("echo no; exit 1"), A_RUN).unwrap_err(),
            "sh failed:\nno"
        );
        assert!(run(&mut Command::new("no-such-program"), A_RUN).is_err());
    }

    #[test]
    fn ends_what_takes_too_long() {
        let start = Instant::now();
        let ended = run(&mut shell("echo first; exec sleep 60"), Duration::from_millis(300));
        assert!(ended.err().unwrap().contains("took more than 0 s\nfirst"));
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
