//! Runs git.

use std::path::Path;
use std::process::Command;

/// Runs git in a folder and returns what it prints.
pub(crate) fn git(folder: &Path, environment: &[(&str, &Path)], words: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(words)
        .envs(environment.iter().copied());
    let output = command
        .output()
        .map_err(|error| format!("error: cannot run git: {error}"))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(format!("error: `git {}` failed: {}", words.join(" "), message.trim()));
    }
    let text = String::from_utf8(output.stdout).map_err(|error| format!("error: git printed {error}"))?;
    Ok(text.trim_end().to_owned())
}
