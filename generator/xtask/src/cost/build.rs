//! Builds a crate without its dependencies.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::tools::process::{BUILD_TIMEOUT, run};
use crate::tools::progenitor::Paths;

/// The profile settings of all builds, for debug and release. They override manifests and the configuration of the user. The
/// values are the defaults of Cargo, and of the compiler without incremental compilation.
const SETTINGS: [(&str, [&str; 2]); 10] = [
    ("BUILD_OVERRIDE_OPT_LEVEL", ["0", "0"]),
    ("CODEGEN_UNITS", ["16", "16"]),
    ("DEBUG", ["2", "0"]),
    ("DEBUG_ASSERTIONS", ["true", "false"]),
    ("INCREMENTAL", ["false", "false"]),
    ("LTO", ["false", "false"]),
    ("OPT_LEVEL", ["0", "3"]),
    ("OVERFLOW_CHECKS", ["true", "false"]),
    ("PANIC", ["unwind", "unwind"]),
    ("STRIP", ["none", "none"]),
];

/// Prefixes of environment variables that are not passed to Cargo.
const PREFIXES: [&str; 3] = ["CARGO_BUILD_", "CARGO_ENCODED_RUSTFLAGS", "CARGO_PROFILE_"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    Debug,
    Release,
}

impl Profile {
    pub(super) const ALL: [Self; 2] = [Self::Debug, Self::Release];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    fn settings(self) -> impl Iterator<Item = (String, &'static str)> {
        SETTINGS.iter().map(move |(name, [debug, release])| match self {
            Self::Debug => (format!("CARGO_PROFILE_DEV_{name}"), *debug),
            Self::Release => (format!("CARGO_PROFILE_RELEASE_{name}"), *release),
        })
    }
}

/// A crate with a selection of its features.
pub(super) struct Package {
    manifest: PathBuf,
    features: &'static [&'static str],
    /// Set if progenitor generates the client in the build script of the crate.
    pub(super) progenitor: Option<Paths>,
}

impl Package {
    pub(super) fn new(manifest: &Path, features: &'static [&'static str]) -> Self {
        Self {
            manifest: manifest.to_owned(),
            features,
            progenitor: None,
        }
    }
}

/// The measured cost of a build.
pub(super) struct Built {
    /// Time of the whole command, including 0.1 to 0.2 seconds for Cargo itself.
    pub(super) time: Duration,
    /// CPU time, which is less affected by other processes; `None` if the system does not provide it.
    pub(super) cpu: Option<Duration>,
    /// Size of the library.
    pub(super) bytes: u64,
}

/// The folder for all build artifacts.
pub(super) struct BuildFolder(PathBuf);

impl BuildFolder {
    pub(super) fn open(folder: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
        Ok(Self(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Builds the dependencies of the crate. Cargo also builds the crate itself, without optimizations to save time.
    pub(super) fn prepare(&self, package: &Package, profile: Profile) -> Result<(), String> {
        let mut cargo = self.cargo(package, profile);
        cargo.args(["-Copt-level=0", "-Cdebuginfo=0"]);
        outcome(&mut cargo, package).map(drop)
    }

    /// Builds the crate on one core. Its dependencies must have been built with [`Self::prepare`].
    pub(super) fn build(&self, package: &Package, profile: Profile) -> Result<Built, String> {
        let built = match self.measure(package, profile)? {
            Some(built) => Some(built),
            // An interrupted run may leave a built crate behind.
            None => self.measure(package, profile)?,
        };
        built.ok_or_else(|| {
            format!(
                "error: cargo does not build {} without its dependencies",
                package.manifest.display()
            )
        })
    }

    /// Builds the crate and deletes the library, so that Cargo builds it again the next time. Returns `None` if Cargo did not
    /// build exactly this crate.
    fn measure(&self, package: &Package, profile: Profile) -> Result<Option<Built>, String> {
        let mut cargo = self.cargo(package, profile);
        cargo.env("CARGO_BUILD_JOBS", "1");
        let cpu_before = cpu_time();
        let start = Instant::now();
        let outcome = outcome(&mut cargo, package)?;
        let time = start.elapsed();
        let cpu_after = cpu_time();
        let bytes = outcome.library.size()?;
        for file in &outcome.library.filenames {
            fs::remove_file(file).map_err(|error| failed(file, &error))?;
        }
        Ok(outcome.alone.then_some(Built {
            time,
            cpu: cpu_after
                .zip(cpu_before)
                .map(|(after, before)| after.saturating_sub(before)),
            bytes,
        }))
    }

    /// Returns the Cargo command for a crate. Arguments added to it are passed to the compiler. Lints are disabled, as Cargo does
    /// for dependencies.
    fn cargo(&self, package: &Package, profile: Profile) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.0);
        for name in user_settings() {
            cargo.env_remove(name);
        }
        cargo.envs(profile.settings());
        cargo.envs([
            ("CARGO_INCREMENTAL", "0"),
            ("RUSTFLAGS", ""),
            ("RUSTC_WRAPPER", ""),
            ("RUSTC_WORKSPACE_WRAPPER", ""),
        ]);
        if let Some(paths) = &package.progenitor {
            paths.set(&mut cargo);
        }
        cargo.args(["rustc", "--lib", "--quiet", "--locked"]);
        cargo.args(["--message-format=json-render-diagnostics", "--manifest-path"]);
        cargo.arg(&package.manifest).arg("--target-dir").arg(&self.0);
        cargo.args(package.features);
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        cargo.args(["--", "--cap-lints=allow"]);
        cargo
    }
}

/// Returns the total CPU time of all child processes that have ended, including their children.
fn cpu_time() -> Option<Duration> {
    children_time(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Sums the 16th and 17th field, `cutime` and `cstime`, in hundredths of a second. The second field is a name in parentheses that
/// can contain any characters.
fn children_time(stat: &str) -> Option<Duration> {
    let (_, from_third) = stat.rsplit_once(") ")?;
    let mut fields = from_third.split_ascii_whitespace().skip(13);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks()? + ticks()?) * 10))
}

fn user_settings() -> impl Iterator<Item = OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| {
        let name = name.to_string_lossy();
        PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// A line of Cargo's JSON output.
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    #[serde(other)]
    Other,
}

/// A compiled or reused artifact.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    filenames: Vec<PathBuf>,
    /// Whether the artifact was up to date and was not compiled again.
    fresh: bool,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Artifact {
    fn is_library_of(&self, manifest: &Path) -> bool {
        self.manifest_path == manifest && self.target.kind.iter().any(|kind| kind == "lib")
    }

    fn size(&self) -> Result<u64, String> {
        let is_library = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "rlib");
        let file = self
            .filenames
            .iter()
            .find(is_library)
            .ok_or("error: the output of cargo contains no rlib")?;
        let metadata = fs::metadata(file).map_err(|error| failed(file, &error))?;
        Ok(metadata.len())
    }
}

/// The result of a Cargo command.
struct Outcome {
    library: Artifact,
    /// Whether Cargo compiled the library and nothing else.
    alone: bool,
}

fn outcome(cargo: &mut Command, package: &Package) -> Result<Outcome, String> {
    let outcome = run(cargo, BUILD_TIMEOUT)?;
    let manifest = &package.manifest;
    if !outcome.success {
        return Err(format!(
            "error: {} cannot be built:\n{}",
            manifest.display(),
            outcome.stderr
        ));
    }
    parse_messages(&outcome.stdout, manifest)
}

/// Finds the library of a manifest in the output of Cargo.
fn parse_messages(messages: &str, manifest: &Path) -> Result<Outcome, String> {
    let mut library = None;
    let mut others_are_fresh = true;
    for line in messages.lines() {
        let message = serde_json::from_str(line)
            .map_err(|error| format!("error: unexpected output of cargo: {line}: {error}"))?;
        match message {
            Message::CompilerArtifact(artifact) if artifact.is_library_of(manifest) => library = Some(artifact),
            Message::CompilerArtifact(artifact) => others_are_fresh &= artifact.fresh,
            Message::Other => {}
        }
    }
    let library = library.ok_or_else(|| format!("error: {} has no library", manifest.display()))?;
    Ok(Outcome {
        alone: others_are_fresh && !library.fresh,
        library,
    })
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("error: {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(folder: &str, kind: &str, fresh: bool) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","package_id":"x","manifest_path":"/{folder}/Cargo.toml",
            "target":{{"kind":["{kind}"],"name":"x"}},"filenames":["/{folder}.rlib"],"fresh":{fresh}}}"#
        )
        .replace('\n', "")
    }

    fn parse_messages(artifacts: &[String]) -> Result<Outcome, String> {
        let end = r#"{"reason":"build-finished","success":true}"#;
        super::parse_messages(
            &format!("{}\n{end}\n", artifacts.join("\n")),
            Path::new("/a/Cargo.toml"),
        )
    }

    #[test]
    fn the_library_must_be_built_alone() {
        let alone = |library_fresh, other_fresh| {
            let other = artifact("b", "lib", other_fresh);
            parse_messages(&[other, artifact("a", "lib", library_fresh)])
                .unwrap()
                .alone
        };
        assert!(alone(false, true));
        assert!(!alone(false, false));
        assert!(!alone(true, true));
    }

    #[test]
    fn finds_the_library_of_the_manifest() {
        let script = artifact("a", "custom-build", true);
        let found = parse_messages(&[script.clone(), artifact("a", "lib", false), artifact("b", "lib", true)]);
        assert_eq!(found.unwrap().library.filenames, [Path::new("/a.rlib")]);
        let missing = parse_messages(&[script]).err().unwrap();
        assert_eq!(missing, "error: /a/Cargo.toml has no library");
        assert!(
            parse_messages(&["warning".to_owned()])
                .err()
                .unwrap()
                .contains("unexpected output of cargo: warning")
        );
    }

    #[test]
    fn reads_the_cpu_time() {
        let stat = "1 (a) b) S 4 5 6 7 8 9 10 11 12 13 14 15 120 3 18 19\n";
        assert_eq!(children_time(stat), Some(Duration::from_millis(1230)));
        assert_eq!(children_time("1 (a) S 4 5"), None);
    }

    #[test]
    fn each_profile_has_its_settings() {
        let setting = |profile: Profile, name: &str| {
            let found = profile.settings().find(|(setting, _)| setting == name);
            found.map(|(_, value)| value)
        };
        assert_eq!(setting(Profile::Debug, "CARGO_PROFILE_DEV_DEBUG"), Some("2"));
        assert_eq!(setting(Profile::Release, "CARGO_PROFILE_RELEASE_DEBUG"), Some("0"));
        assert_eq!(setting(Profile::Release, "CARGO_PROFILE_DEV_DEBUG"), None);
    }
}
