//! `cargo xtask accept`: the `OpenAPI` document against validators and linters that others use.
//!
//! The tools are pinned by the files in `generator/xtask/accept/` and installed once, under `target/accept/`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs every tool over the document; the table of verdicts, as an error if one of the tools found an error.
///
/// Findings of a tool stand before the table.
///
/// # Errors
///
/// If a tool cannot be installed or run, or rejects the document.
pub(crate) fn run(root: &Path, document: &Path) -> Result<String, String> {
    let document = fs::canonicalize(document).map_err(|error| format!("{}: {error}", document.display()))?;
    let tools = Tools::install(root)?;
    let verdicts = [
        tools.openapi_spec_validator(&document)?,
        tools.redocly(&document)?,
        tools.spectral(&document)?,
    ];
    let report = report(&verdicts);
    if verdicts.iter().all(|verdict| verdict.passed) {
        Ok(report)
    } else {
        Err(report)
    }
}

/// Where the tools are, and what pins them.
struct Tools {
    pins: PathBuf,
    node: PathBuf,
    python: PathBuf,
}

/// What a tool says of the document.
struct Verdict {
    tool: &'static str,
    version: String,
    passed: bool,
    warnings: usize,
    /// Everything it printed, if that is of interest.
    output: String,
}

impl Verdict {
    fn summary(&self) -> String {
        let word = if self.passed { "passed" } else { "FAILED" };
        match self.warnings {
            0 => word.to_owned(),
            1 => format!("{word}, 1 warning"),
            several => format!("{word}, {several} warnings"),
        }
    }
}

impl Tools {
    /// Installs what is missing or pinned anew.
    fn install(root: &Path) -> Result<Self, String> {
        let pins = root.join("generator/xtask/accept");
        let target = root.join("target/accept");
        let tools = Self {
            pins,
            node: target.join("node"),
            python: target.join("python"),
        };
        tools.reuse_or_install(&tools.node, "package-lock.json", Self::install_node)?;
        tools.reuse_or_install(&tools.python, "requirements.txt", Self::install_python)?;
        Ok(tools)
    }

    /// Keeps an installation whose copy of the lock is the committed one; the copy is written last.
    fn reuse_or_install(
        &self,
        folder: &Path,
        lock: &str,
        install: impl Fn(&Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let pinned = read(&self.pins.join(lock))?;
        let stamp = folder.join("installed.lock");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pinned) {
            return Ok(());
        }
        eprintln!("installing the tools of {lock} into {}", folder.display());
        remake(folder)?;
        install(self)?;
        fs::write(&stamp, pinned).map_err(|error| format!("{}: {error}", stamp.display()))
    }

    fn install_node(&self) -> Result<(), String> {
        for file in ["package.json", "package-lock.json"] {
            let copied = fs::copy(self.pins.join(file), self.node.join(file));
            copied.map_err(|error| format!("{file}: {error}"))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&self.node);
        succeed(&mut npm)
    }

    /// Into a virtual environment, or into a plain folder where Python comes without them.
    fn install_python(&self) -> Result<(), String> {
        let requirements = self.pins.join("requirements.txt");
        let mut pip = if succeed(Command::new("python3").args(["-m", "venv"]).arg(&self.python)).is_ok() {
            Command::new(self.python.join("bin/python"))
        } else {
            remake(&self.python)?;
            Command::new("python3")
        };
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(requirements);
        if !self.has_environment() {
            pip.arg("--target").arg(&self.python);
        }
        succeed(&mut pip)
    }

    fn has_environment(&self) -> bool {
        self.python.join("pyvenv.cfg").is_file()
    }

    fn openapi_spec_validator(&self, document: &Path) -> Result<Verdict, String> {
        let mut python = if self.has_environment() {
            Command::new(self.python.join("bin/python"))
        } else {
            let mut python = Command::new("python3");
            python.env("PYTHONPATH", &self.python);
            python
        };
        python.args(["-m", "openapi_spec_validator"]).arg(document);
        let pins = read(&self.pins.join("requirements.txt"))?;
        let version = pins
            .lines()
            .find_map(|line| line.strip_prefix("openapi-spec-validator=="));
        judge("openapi-spec-validator", version, &mut python)
    }

    fn redocly(&self, document: &Path) -> Result<Verdict, String> {
        let mut redocly = self.node_tool("redocly");
        redocly
            .args(["lint", "--extends=recommended", "--format=stylish"])
            .arg(document)
            .env("REDOCLY_TELEMETRY", "off")
            .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        let pins = read(&self.pins.join("package.json"))?;
        judge("redocly recommended", npm_pin(&pins, "@redocly/cli"), &mut redocly)
    }

    fn spectral(&self, document: &Path) -> Result<Verdict, String> {
        let mut spectral = self.node_tool("spectral");
        spectral
            .args(["lint", "--format=stylish", "--ruleset"])
            .arg(self.pins.join("spectral.yaml"))
            .arg(document);
        let pins = read(&self.pins.join("package.json"))?;
        judge("spectral:oas", npm_pin(&pins, "@stoplight/spectral-cli"), &mut spectral)
    }

    /// A tool that must not pick up a configuration from the folder it is called in.
    fn node_tool(&self, name: &str) -> Command {
        let mut command = Command::new(self.node.join("node_modules/.bin").join(name));
        command.current_dir(&self.node);
        command
    }
}

/// The exact version of a dependency in a `package.json`.
fn npm_pin<'a>(package: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = package.split_once(&format!("\"{name}\": \""))?;
    rest.split('"').next()
}

fn judge(tool: &'static str, version: Option<&str>, command: &mut Command) -> Result<Verdict, String> {
    let (passed, output) = outcome(command)?;
    let warnings = output
        .lines()
        .filter(|line| line.split_whitespace().nth(1) == Some("warning"))
        .count();
    let output = if passed && warnings == 0 { String::new() } else { output };
    Ok(Verdict {
        tool,
        version: version.unwrap_or("?").to_owned(),
        passed,
        warnings,
        output,
    })
}

fn report(verdicts: &[Verdict]) -> String {
    let findings = verdicts.iter().filter(|verdict| !verdict.output.is_empty());
    let findings = findings.map(|verdict| format!("--- {}\n{}\n", verdict.tool, verdict.output.trim_end()));
    let rows = verdicts
        .iter()
        .map(|verdict| row(verdict.tool, &verdict.version, &verdict.summary()));
    findings
        .chain([row("tool", "version", "verdict")])
        .chain(rows)
        .collect()
}

fn row(tool: &str, version: &str, verdict: &str) -> String {
    format!("{tool:<24}{version:<10}{verdict}\n")
}

/// Runs a command that has to succeed; if it does not, what it printed is the error.
fn succeed(command: &mut Command) -> Result<(), String> {
    match outcome(command)? {
        (true, _) => Ok(()),
        (false, output) => Err(format!("{} failed:\n{output}", name(command.get_program()))),
    }
}

/// Whether a command succeeded, and what it printed.
fn outcome(command: &mut Command) -> Result<(bool, String), String> {
    let done = command
        .output()
        .map_err(|error| format!("{}: {error}", name(command.get_program())))?;
    let output = [done.stdout, done.stderr].concat();
    Ok((done.status.success(), String::from_utf8_lossy(&output).into_owned()))
}

fn name(program: &OsStr) -> String {
    program.to_string_lossy().into_owned()
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Makes the folder anew.
fn remake(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed)?;
    }
    fs::create_dir_all(folder).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, npm_pin, report};

    #[test]
    fn reads_pins() {
        let package = r#"{ "dependencies": { "@a/b": "1.2.3", "c": "4.5.6" } }"#;
        assert_eq!(npm_pin(package, "@a/b"), Some("1.2.3"));
        assert_eq!(npm_pin(package, "b"), None);
    }

    #[test]
    fn shows_findings_and_a_table() {
        let verdict = |passed, warnings, output: &str| Verdict {
            tool: "tool",
            version: "1.0".into(),
            passed,
            warnings,
            output: output.into(),
        };
        let report = report(&[
            verdict(true, 0, ""),
            verdict(true, 1, "found\n"),
            verdict(false, 2, "bad"),
        ]);
        let lines: Vec<&str> = report.lines().collect();
        assert_eq!(lines[..4], ["--- tool", "found", "--- tool", "bad"]);
        assert!(lines[5].ends_with("passed") && lines[6].ends_with("passed, 1 warning"));
        assert!(lines[7].ends_with("FAILED, 2 warnings"));
    }
}
