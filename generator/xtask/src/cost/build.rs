//! Builds a crate alone.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::tools::process::{A_BUILD, run};
use crate::tools::progenitor::instruct;

/// Settings of a profile that are the same for all, whatever a manifest or the user's configuration says: the defaults of
/// cargo, and of the compiler where a crate is not compiled incrementally. Each is for debug and for release.
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

/// Variables of the user's that begin so do not reach cargo.
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

/// A crate, with some of its features.
pub(super) struct Package {
    manifest: PathBuf,
    features: &'static [&'static str],
    /// For a crate whose client is made when it is built: the document, and where the code goes.
    pub(super) instruct: Option<(PathBuf, PathBuf)>,
}

impl Package {
    pub(super) fn new(manifest: &Path, features: &'static [&'static str]) -> Self {
        Self {
            manifest: manifest.to_owned(),
            features,
            instruct: None,
        }
    }
}

/// What it took to build a crate.
pub(super) struct Built {
    /// Of the whole command, of which cargo itself takes a tenth of a second or two.
    pub(super) time: Duration,
    /// Of the processors, where the system tells: what others do at the same time changes it less.
    pub(super) processor: Option<Duration>,
    /// The size of the library.
    pub(super) bytes: u64,
}

/// The folder of everything that is built.
pub(super) struct Workshop(PathBuf);

impl Workshop {
    pub(super) fn open(folder: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
        Ok(Self(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Builds what the crate depends on. Cargo builds the crate with it, here as cheaply as it can be.
    pub(super) fn prepare(&self, package: &Package, profile: Profile) -> Result<(), String> {
        let mut cargo = self.cargo(package, profile);
        cargo.args(["-Copt-level=0", "-Cdebuginfo=0"]);
        outcome(&mut cargo, package).map(drop)
    }

    /// Builds the crate, which was prepared, alone and on one core.
    pub(super) fn build(&self, package: &Package, profile: Profile) -> Result<Built, String> {
        let built = match self.measure(package, profile)? {
            Some(built) => Some(built),
            // A run that was interrupted may leave the crate behind.
            None => self.measure(package, profile)?,
        };
        built.ok_or_else(|| format!("error: cargo does not build {} alone", package.manifest.display()))
    }

    /// Nothing, if it was not the crate alone that was built. What was built is taken away at once, so that cargo builds it the
    /// next time.
    fn measure(&self, package: &Package, profile: Profile) -> Result<Option<Built>, String> {
        let mut cargo = self.cargo(package, profile);
        cargo.env("CARGO_BUILD_JOBS", "1");
        let (start, before) = (Instant::now(), processor_time());
        let outcome = outcome(&mut cargo, package)?;
        let (time, after) = (start.elapsed(), processor_time());
        let bytes = outcome.library.size()?;
        for file in &outcome.library.filenames {
            fs::remove_file(file).map_err(|error| failed(file, &error))?;
        }
        Ok(outcome.alone.then_some(Built {
            time,
            processor: after.zip(before).map(|(after, before)| after.saturating_sub(before)),
            bytes,
        }))
    }

    /// Cargo for one crate; arguments that are added are for its compiler. Lints are left out, as cargo leaves them out for
    /// whoever depends on a crate.
    fn cargo(&self, package: &Package, profile: Profile) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.0);
        for name in foreign_settings() {
            cargo.env_remove(name);
        }
        cargo.envs(profile.settings());
        cargo.envs([
            ("CARGO_INCREMENTAL", "0"),
            ("RUSTFLAGS", ""),
            ("RUSTC_WRAPPER", ""),
            ("RUSTC_WORKSPACE_WRAPPER", ""),
        ]);
        if let Some((document, code)) = &package.instruct {
            instruct(&mut cargo, document, code);
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

/// What all commands took so far that have ended, with those that they ran.
fn processor_time() -> Option<Duration> {
    children_time(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// The sum of the fields `cutime` and `cstime`, the 16th and 17th, in hundredths of a second. The second field is a name in
/// parentheses, which may hold anything.
fn children_time(stat: &str) -> Option<Duration> {
    let (_, from_third) = stat.rsplit_once(") ")?;
    let mut fields = from_third.split_ascii_whitespace().skip(13);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks()? + ticks()?) * 10))
}

fn foreign_settings() -> impl Iterator<Item = OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| {
        let name = name.to_string_lossy();
        PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// A line of what cargo says.
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    #[serde(other)]
    Other,
}

/// What was compiled, or is as it was.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    filenames: Vec<PathBuf>,
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
            .ok_or("error: cargo names no rlib")?;
        let metadata = fs::metadata(file).map_err(|error| failed(file, &error))?;
        Ok(metadata.len())
    }
}

/// What cargo did.
struct Outcome {
    library: Artifact,
    /// Whether it compiled the library and nothing else.
    alone: bool,
}

fn outcome(cargo: &mut Command, package: &Package) -> Result<Outcome, String> {
    let outcome = run(cargo, A_BUILD)?;
    let manifest = &package.manifest;
    if !outcome.success {
        return Err(format!(
            "error: {} cannot be built:\n{}",
            manifest.display(),
            outcome.stderr
        ));
    }
    understand(&outcome.stdout, manifest)
}

/// Finds the library of a manifest in what cargo says.
fn understand(messages: &str, manifest: &Path) -> Result<Outcome, String> {
    let (mut library, mut others_are_fresh) = (None, true);
    for line in messages.lines() {
        let message = serde_json::from_str(line).map_err(|error| format!("error: cargo says {line}: {error}"))?;
        match message {
            Message::CompilerArtifact(artifact) if artifact.is_library_of(manifest) => library = Some(artifact),
            Message::CompilerArtifact(artifact) => others_are_fresh &= artifact.fresh,
            Message::Other => {}
        }
    }
    let library = library.ok_or_else(|| format!("error: cargo builds no library of {}", manifest.display()))?;
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

    fn understand(artifacts: &[String]) -> Result<Outcome, String> {
        let end = r#"{"reason":"build-finished","success":true}"#;
        super::understand(
            &format!("{}\n{end}\n", artifacts.join("\n")),
            Path::new("/a/Cargo.toml"),
        )
    }

    #[test]
    fn the_library_has_to_be_built_alone() {
        let alone = |library_fresh, other_fresh| {
            let other = artifact("b", "lib", other_fresh);
            understand(&[other, artifact("a", "lib", library_fresh)]).unwrap().alone
        };
        assert!(alone(false, true));
        assert!(!alone(false, false));
        assert!(!alone(true, true));
    }

    #[test]
    fn the_library_is_that_of_the_manifest() {
        let script = artifact("a", "custom-build", true);
        let found = understand(&[script.clone(), artifact("a", "lib", false), artifact("b", "lib", true)]);
        assert_eq!(found.unwrap().library.filenames, [Path::new("/a.rlib")]);
        let missing = understand(&[script]).err().unwrap();
        assert_eq!(missing, "error: cargo builds no library of /a/Cargo.toml");
        assert!(
            understand(&["warning".to_owned()])
                .err()
                .unwrap()
                .contains("cargo says warning")
        );
    }

    #[test]
    fn reads_the_time_of_the_processors() {
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
