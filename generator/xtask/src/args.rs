//! Parses the command line.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use lexopt::{Arg, Parser, ValueExt};

use crate::diff::{self, Format};

/// The help text. Printed by `help` and after an error in the command line.
pub(crate) const HELP: &str = "\
Usage: cargo xtask COMMAND [OPTIONS]

Commands:
  generate           write the client, the OpenAPI documents, the docs and the JSON Schemas
  generate --check   write nothing; fail if the outputs are not up to date
  report             compare the size of the spec with the size of each output
  ir                 print the checked and resolved spec as JSON
  diff REV           compare the spec at a revision with the working tree, and judge each change for each output
  accept [TOOL...]   run third-party tools on the OpenAPI documents; default: all tools
  book               build the docs as a website in target/book; requires mdbook
  cost [TIMES]       compare the build cost of the client with that of progenitor's clients; each is built TIMES times;
                     default: 3
  public-api         write the baseline of the client's public API: client/public-api.txt in the spec
  public-api --check write nothing; fail if the public API differs from the baseline
  release --dry-run  check that everything is ready for a release, and list all that is missing
  help               print this help

Options:
  --spec DIR         folder of the spec; default: spec in the workspace
  --out DIR          folder of the outputs; default: generated in the workspace
  --format FORMAT    format of `diff`: text, markdown or json; default: text
  --fail-on-breaking exit code 3 if `diff` finds a breaking change

Exit codes: 0 success; 1 errors in the spec, outdated outputs or a failed tool; 2 invalid command line; 3 breaking changes.";

/// How often `cost` builds each client by default: the minimum for a useful median.
const DEFAULT_TIMES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// A command with its options.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Generate(Folders),
    Check(Folders),
    Report(Folders),
    Ir(Folders),
    Diff(Folders, diff::Options),
    /// The second value contains the names of the tools to run; if it is empty, all tools are run.
    Accept(Folders, Vec<String>),
    Book(Folders),
    /// The second value is the number of builds of each client.
    Cost(Folders, NonZeroUsize),
    PublicApi(Folders),
    CheckPublicApi(Folders),
    Release(Folders),
    Help,
}

/// The folders that a command reads and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folders {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    pub(crate) spec: PathBuf,
    pub(crate) out: PathBuf,
    /// The folder options of the command line, unchanged.
    options: Vec<(&'static str, PathBuf)>,
}

impl Folders {
    /// Returns the default folders in a workspace.
    pub(crate) fn of(root: PathBuf) -> Self {
        Self {
            spec: root.join("spec"),
            out: root.join("generated"),
            options: Vec::new(),
            root,
        }
    }

    /// Returns the command that writes the outputs to these folders.
    pub(crate) fn generate_command(&self) -> String {
        let options = self
            .options
            .iter()
            .map(|(option, path)| format!(" {option} {}", path.display()));
        options.fold("cargo xtask generate".to_owned(), |command, option| command + &option)
    }
}

/// Parses the command line. The default folders are in the workspace, so that commands work in any folder. Folders in options are
/// relative to the current folder.
pub(crate) fn parse(parser: Parser) -> Result<Command, lexopt::Error> {
    let words = Words::read(parser)?;
    let Some(command) = words.command.as_deref().filter(|_| !words.help) else {
        return if words.help {
            Ok(Command::Help)
        } else {
            Err("missing command".into())
        };
    };
    let options = [
        ("--check", words.check, &["generate", "public-api"][..]),
        ("--dry-run", words.dry_run, &["release"]),
        ("--format", words.format.is_some(), &["diff"]),
        ("--fail-on-breaking", words.fail_on_breaking, &["diff"]),
    ];
    let is_misplaced = |commands: &[&str]| !commands.iter().any(|known| command == *known);
    if let Some((option, ..)) = options
        .iter()
        .find(|(_, is_set, commands)| *is_set && is_misplaced(commands))
    {
        return Err(format!("`{}` does not support {option}", command.display()).into());
    }
    if let Some(name) = words.names.get(max_names(command)) {
        return Err(Arg::Value(name.into()).unexpected());
    }
    let folders = words.folders();
    match command.to_str() {
        Some("generate") if words.check => Ok(Command::Check(folders)),
        Some("generate") => Ok(Command::Generate(folders)),
        Some("report") => Ok(Command::Report(folders)),
        Some("ir") => Ok(Command::Ir(folders)),
        Some("diff") => Ok(Command::Diff(folders, words.diff()?)),
        Some("accept") => Ok(Command::Accept(folders, words.names)),
        Some("book") => Ok(Command::Book(folders)),
        Some("cost") => Ok(Command::Cost(folders, words.times()?)),
        Some("public-api") if words.check => Ok(Command::CheckPublicApi(folders)),
        Some("public-api") => Ok(Command::PublicApi(folders)),
        Some("release") if words.dry_run => Ok(Command::Release(folders)),
        Some("release") => {
            Err("`release` needs --dry-run: it publishes nothing, but lists the commands that do".into())
        }
        Some("help") => Ok(Command::Help),
        _ => Err(format!("unknown command `{}`", command.display()).into()),
    }
}

/// Returns the maximum number of arguments of a command.
fn max_names(command: &OsStr) -> usize {
    match command.to_str() {
        Some("accept") => usize::MAX,
        Some("cost" | "diff") => 1,
        _ => 0,
    }
}

/// The words of the command line.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Words {
    command: Option<OsString>,
    /// The arguments after the command.
    names: Vec<String>,
    check: bool,
    dry_run: bool,
    fail_on_breaking: bool,
    format: Option<OsString>,
    help: bool,
    spec: Option<PathBuf>,
    out: Option<PathBuf>,
}

impl Words {
    fn read(mut parser: Parser) -> Result<Self, lexopt::Error> {
        let mut words = Self::default();
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("check") => words.check = true,
                Arg::Long("dry-run") => words.dry_run = true,
                Arg::Long("fail-on-breaking") => words.fail_on_breaking = true,
                Arg::Long("format") => words.format = Some(parser.value()?),
                Arg::Long("help") | Arg::Short('h') => words.help = true,
                Arg::Long("spec") => words.spec = Some(parser.value()?.into()),
                Arg::Long("out") => words.out = Some(parser.value()?.into()),
                Arg::Value(word) if words.command.is_none() => words.command = Some(word),
                Arg::Value(word) => words.names.push(word.string()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(words)
    }

    fn times(&self) -> Result<NonZeroUsize, lexopt::Error> {
        let times = self.names.first().map(|name| OsString::from(name).parse());
        times.unwrap_or(Ok(DEFAULT_TIMES))
    }

    fn diff(&self) -> Result<diff::Options, lexopt::Error> {
        let format = match &self.format {
            None => Format::Text,
            Some(name) => name
                .to_str()
                .and_then(Format::parse)
                .ok_or_else(|| format!("unknown format `{}`; expected text, markdown or json", name.display()))?,
        };
        Ok(diff::Options {
            revision: self
                .names
                .first()
                .cloned()
                .ok_or("`diff` needs a revision, e.g. `main`")?,
            format,
            fail_on_breaking: self.fail_on_breaking,
        })
    }

    fn folders(&self) -> Folders {
        let defaults = Folders::of(workspace());
        let options = [("--spec", &self.spec), ("--out", &self.out)];
        Folders {
            spec: self.spec.clone().unwrap_or(defaults.spec),
            out: self.out.clone().unwrap_or(defaults.out),
            options: options
                .into_iter()
                .filter_map(|(name, path)| path.clone().map(|path| (name, path)))
                .collect(),
            root: defaults.root,
        }
    }
}

/// Returns the root of the workspace, two levels above this crate.
fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Command, String> {
        super::parse(Parser::from_args(words)).map_err(|error| error.to_string())
    }

    #[test]
    fn folders_are_in_the_workspace_by_default() {
        let Ok(Command::Generate(folders)) = parse(&["generate"]) else {
            panic!("expected the command `generate`")
        };
        assert!(folders.root.join("Cargo.lock").exists());
        assert_eq!(folders.spec, folders.root.join("spec"));
        assert_eq!(folders.out, folders.root.join("generated"));
        assert_eq!(folders.generate_command(), "cargo xtask generate");

        let Ok(Command::Check(folders)) = parse(&["generate", "--spec", "a", "--check", "--out=b"]) else {
            panic!("expected the command `generate --check`")
        };
        assert_eq!(
            (folders.spec.as_path(), folders.out.as_path()),
            (Path::new("a"), Path::new("b"))
        );
        assert_eq!(folders.generate_command(), "cargo xtask generate --spec a --out b");
    }

    #[test]
    fn accept_takes_names() {
        let Ok(Command::Accept(_, names)) = parse(&["accept", "a", "--out", "b", "c"]) else {
            panic!("expected the command `accept`")
        };
        assert_eq!(names, ["a", "c"]);
    }

    #[test]
    fn public_api_can_be_checked() {
        assert!(matches!(parse(&["public-api"]), Ok(Command::PublicApi(_))));
        assert!(matches!(
            parse(&["public-api", "--check"]),
            Ok(Command::CheckPublicApi(_))
        ));
    }

    #[test]
    fn release_requires_a_dry_run() {
        assert!(matches!(parse(&["release", "--dry-run"]), Ok(Command::Release(_))));
        assert_eq!(
            parse(&["release"]).unwrap_err(),
            "`release` needs --dry-run: it publishes nothing, but lists the commands that do"
        );
    }

    #[test]
    fn diff_takes_a_revision() {
        let Ok(Command::Diff(_, options)) = parse(&["diff", "v1", "--format", "json", "--fail-on-breaking"]) else {
            panic!("expected the command `diff`")
        };
        assert_eq!(options.revision, "v1");
        assert_eq!(options.format, Format::Json);
        assert!(options.fail_on_breaking);
    }

    #[test]
    fn cost_takes_a_number() {
        for (words, expected) in [(&["cost"][..], 3), (&["cost", "1", "--out", "a"], 1)] {
            let Ok(Command::Cost(_, times)) = parse(words) else {
                panic!("expected the command `cost`")
            };
            assert_eq!(times.get(), expected);
        }
    }

    #[test]
    fn help_has_several_spellings() {
        for words in [&["help"][..], &["--help"], &["-h"], &["generate", "--help"]] {
            assert_eq!(parse(words), Ok(Command::Help), "{words:?}");
        }
    }

    #[test]
    fn invalid_command_lines_are_rejected() {
        for (words, message) in [
            (&[][..], "missing command"),
            (&["generat"], "unknown command `generat`"),
            (&["report", "--check"], "`report` does not support --check"),
            (&["generate", "twice"], "unexpected argument \"twice\""),
            (&["cost", "1", "2"], "unexpected argument \"2\""),
            (&["diff"], "`diff` needs a revision, e.g. `main`"),
            (&["diff", "a", "b"], "unexpected argument \"b\""),
            (
                &["diff", "a", "--format=xml"],
                "unknown format `xml`; expected text, markdown or json",
            ),
            (&["ir", "--format=json"], "`ir` does not support --format"),
            (
                &["ir", "--fail-on-breaking"],
                "`ir` does not support --fail-on-breaking",
            ),
            (
                &["cost", "0"],
                "cannot parse argument \"0\": number would be zero for non-zero type",
            ),
            (&["generate", "--force"], "invalid option '--force'"),
            (&["generate", "--out"], "missing argument for option '--out'"),
        ] {
            assert_eq!(parse(words).unwrap_err(), message, "{words:?}");
        }
    }
}
