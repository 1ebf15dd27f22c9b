//! Installs the tools and creates the commands to run them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{BUILD_TIMEOUT, succeed};

/// The package of a tool, and the kind of file that pins its version.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pin {
    /// Pinned in `package.json`; `package-lock.json` pins its dependencies.
    Node(&'static str),
    /// Pinned in `requirements.txt`, together with its dependencies.
    Python(&'static str),
    /// Pinned in the `Cargo.toml` of a crate in this folder; its `Cargo.lock` pins the dependencies.
    Cargo {
        folder: &'static str,
        package: &'static str,
    },
}

/// The installed tools.
pub(crate) struct Tools {
    /// The folder of the repository.
    root: PathBuf,
    /// The folder of the files that pin the tools.
    pins: PathBuf,
    /// The folder in which the tools are installed.
    target: PathBuf,
}

impl Tools {
    /// Installs the packages for these tools, unless they are already installed in the pinned versions.
    pub(crate) fn install(root: &Path, pins: &[Pin]) -> Result<Self, String> {
        let tools = Self {
            root: root.to_owned(),
            pins: root.join("generator/xtask/accept"),
            target: root.join("target/accept"),
        };
        if pins.iter().any(|pin| matches!(pin, Pin::Node(_))) {
            tools.reuse_or_install("node", "package-lock.json", Self::install_node)?;
        }
        if pins.iter().any(|pin| matches!(pin, Pin::Python(_))) {
            tools.reuse_or_install("python", "requirements.txt", Self::install_python)?;
        }
        Ok(tools)
    }

    /// Returns the folder of the repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder for the build artifacts of a crate. They are kept.
    pub(crate) fn target(&self, crate_folder: &str) -> PathBuf {
        self.target.join(crate_folder)
    }

    /// Returns the folder of the files that pin the tools. It also contains configuration and scripts.
    pub(crate) fn pins(&self) -> &Path {
        &self.pins
    }

    /// Creates an empty folder for one tool and one document.
    pub(crate) fn folder(&self, tool: &str, document: &str) -> Result<PathBuf, String> {
        let folder = self.target.join("run").join(tool).join(document);
        recreate(&folder)?;
        Ok(folder)
    }

    /// Returns the pinned version of a tool.
    pub(crate) fn version(&self, pin: Pin) -> Result<String, String> {
        let (file, package, pinned): (_, _, fn(&str, &str) -> _) = match pin {
            Pin::Node(package) => (PathBuf::from("package.json"), package, npm_pin),
            Pin::Python(package) => (PathBuf::from("requirements.txt"), package, pip_pin),
            Pin::Cargo { folder, package } => (Path::new(folder).join("Cargo.toml"), package, cargo_pin),
        };
        let pins = read(&self.pins.join(&file))?;
        pinned(&pins, package).ok_or_else(|| format!("error: {} does not pin {package}", file.display()))
    }

    /// Returns the folder of the installed Node packages.
    pub(crate) fn node_modules(&self) -> PathBuf {
        self.target.join("node/node_modules")
    }

    /// Returns the command for a program of a Node package. `folder` is the current folder of the program.
    pub(crate) fn node(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(self.node_modules().join(".bin").join(program));
        prepare(&mut command, folder);
        command
    }

    /// Returns the command for a Node script in the folder of the pins.
    pub(crate) fn node_script(&self, name: &str, folder: &Path) -> Command {
        let mut command = Command::new("node");
        command.env("NODE_PATH", self.node_modules()).arg(self.pins.join(name));
        prepare(&mut command, folder);
        command
    }

    /// Returns the command for Python with the installed packages.
    pub(crate) fn python(&self, folder: &Path) -> Command {
        let home = self.target.join("python");
        let mut command = if has_environment(&home) {
            Command::new(home.join("bin/python"))
        } else {
            let mut command = Command::new("python3");
            command.env("PYTHONPATH", home);
            command
        };
        prepare(&mut command, folder);
        command
    }

    /// Returns the command for a Python script in the folder of the pins.
    pub(crate) fn script(&self, name: &str, folder: &Path) -> Command {
        let mut command = self.python(folder);
        command.arg(self.pins.join(name));
        command
    }

    /// Returns the command `cargo build` for a crate in the folder of the pins. Build artifacts are kept.
    pub(crate) fn cargo_build(&self, crate_folder: &str, folder: &Path) -> Command {
        let mut command = Command::new("cargo");
        command.args(["build", "--quiet", "--locked", "--manifest-path"]);
        command.arg(self.pins.join(crate_folder).join("Cargo.toml"));
        command.arg("--target-dir").arg(self.target(crate_folder));
        prepare(&mut command, folder);
        command
    }

    /// Installs packages unless the lock file of the existing installation is up to date. The lock file is copied last, so that an
    /// interrupted installation is repeated.
    fn reuse_or_install(
        &self,
        name: &str,
        lock: &str,
        install: impl Fn(&Self, &Path) -> Result<(), String>,
    ) -> Result<(), String> {
        let folder = self.target.join(name);
        let pinned = read(&self.pins.join(lock))?;
        let stamp = folder.join("installed.lock");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pinned) {
            return Ok(());
        }
        eprintln!("installing the tools in {lock} to {}", folder.display());
        recreate(&folder)?;
        install(self, &folder)?;
        write(&stamp, &pinned)
    }

    fn install_node(&self, folder: &Path) -> Result<(), String> {
        for file in ["package.json", "package-lock.json"] {
            write(&folder.join(file), &read(&self.pins.join(file))?)?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        prepare(&mut npm, folder);
        succeed(&mut npm, BUILD_TIMEOUT).map(drop)
    }

    /// Installs the packages to a virtual environment, or to a plain folder if Python does not support virtual environments.
    fn install_python(&self, folder: &Path) -> Result<(), String> {
        let environment = succeed(Command::new("python3").args(["-m", "venv"]).arg(folder), BUILD_TIMEOUT);
        if environment.is_err() {
            recreate(folder)?;
        }
        let mut pip = self.python(folder);
        pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
        pip.arg(self.pins.join("requirements.txt"));
        if !has_environment(folder) {
            pip.arg("--target").arg(folder);
        }
        succeed(&mut pip, BUILD_TIMEOUT).map(drop)
    }
}

fn has_environment(folder: &Path) -> bool {
    folder.join("pyvenv.cfg").is_file()
}

/// Sets the current folder, and disables telemetry, update checks and colours.
fn prepare(command: &mut Command, folder: &Path) {
    command.current_dir(folder).envs([
        ("DO_NOT_TRACK", "1"),
        ("NO_COLOR", "1"),
        ("NO_UPDATE_NOTIFIER", "1"),
        ("NPM_CONFIG_UPDATE_NOTIFIER", "false"),
        ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"),
        ("REDOCLY_TELEMETRY", "off"),
    ]);
}

/// Returns the exact version of a dependency in a `package.json`.
fn npm_pin(package: &str, name: &str) -> Option<String> {
    let (_, rest) = package.split_once(&format!("\"{name}\": \""))?;
    rest.split('"').next().map(str::to_owned)
}

/// Returns the exact version of a package in a `requirements.txt`.
fn pip_pin(requirements: &str, name: &str) -> Option<String> {
    let mut pins = requirements.lines().filter_map(|line| line.split_once("=="));
    // The name may be followed by extras: `name[extra]`.
    let found = pins.find(|(package, _)| package.split('[').next() == Some(name));
    found.and_then(|(_, version)| version.split_whitespace().next().map(str::to_owned))
}

/// Returns the exact version of a dependency in a `Cargo.toml`.
fn cargo_pin(manifest: &str, name: &str) -> Option<String> {
    let mut entries = manifest.lines().filter_map(|line| line.split_once(" = \"="));
    let found = entries.find(|(package, _)| *package == name);
    found.map(|(_, version)| version.trim_end_matches('"').to_owned())
}

/// Creates a symbolic link to a folder.
pub(crate) fn link(target: &Path, link: &Path) -> Result<(), String> {
    std::os::unix::fs::symlink(target, link).map_err(|error| format!("error: {}: {error}", link.display()))
}

/// Returns the files in a folder and its subfolders whose names have this extension, sorted.
pub(crate) fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("error: {}: {error}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| format!("error: {}: {error}", folder.display()))?
            .path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a text file.
pub(crate) fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("error: {}: {error}", file.display()))
}

/// Writes a text file.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("error: {}: {error}", file.display()))
}

/// Creates an empty folder, deleting an existing one.
fn recreate(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("error: {}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed)?;
    }
    fs::create_dir_all(folder).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::{cargo_pin, npm_pin, pip_pin};

    #[test]
    fn reads_pins() {
        let package = r#"{ "dependencies": { "@a/b": "1.2.3", "c": "4.5.6" } }"#;
        assert_eq!(npm_pin(package, "@a/b").as_deref(), Some("1.2.3"));
        assert_eq!(npm_pin(package, "b"), None);
        let requirements = "# all\nb-a==1\na==2.0.1\nc[x]==3 ; sys_platform == 'linux'\n";
        assert_eq!(pip_pin(requirements, "a").as_deref(), Some("2.0.1"));
        assert_eq!(pip_pin(requirements, "c").as_deref(), Some("3"));
        assert_eq!(pip_pin(requirements, "b"), None);
        let manifest = "[dependencies]\na = \"=0.1.2\"\nb = \"0.1\"\n";
        assert_eq!(cargo_pin(manifest, "a").as_deref(), Some("0.1.2"));
        assert_eq!(cargo_pin(manifest, "b"), None);
    }
}
