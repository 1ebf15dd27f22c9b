//! What the user asks for.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use lexopt::{Arg, Parser, ValueExt};

/// What `help` prints, and a mistake on the command line.
pub(crate) const HELP: &str = "\
Usage: cargo xtask COMMAND [OPTIONS]

Commands:
  generate           write the client, the OpenAPI document, the docs and the schema
  generate --check   change nothing; fail if they are not what the spec generates
  report             compare the size of the spec with the size of each output
  ir                 print the checked and resolved spec as JSON
  accept [TOOL...]   run the tools of others, or some of them, on the OpenAPI documents
  book               build the docs as a site in target/book; needs mdbook
  cost [TIMES]       compare what it takes to build the client with what progenitor's clients take; each is built three
                     times, or this often
  help               print this

Options:
  --spec DIR         folder of the spec; default: spec, in the workspace
  --out DIR          folder of the outputs; default: generated, in the workspace

Exit codes: 0 success, 1 mistakes in the spec, outdated outputs or a tool that failed, 2 wrong usage.";

/// Enough for a median.
const THREE_TIMES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// One command with its options.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Generate(Folders),
    Check(Folders),
    Report(Folders),
    Ir(Folders),
    /// With the tools to run; none stands for all.
    Accept(Folders, Vec<String>),
    Book(Folders),
    /// With how often each client is built.
    Cost(Folders, NonZeroUsize),
    Help,
}

/// Where a command reads and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folders {
    /// The workspace.
    pub(crate) root: PathBuf,
    pub(crate) spec: PathBuf,
    pub(crate) out: PathBuf,
    /// The options that made the folders differ from the default, as they were given.
    given: Vec<(&'static str, PathBuf)>,
}

impl Folders {
    /// The command that writes the outputs into these folders.
    pub(crate) fn generate_command(&self) -> String {
        let options = self
            .given
            .iter()
            .map(|(option, path)| format!(" {option} {}", path.display()));
        options.fold("cargo xtask generate".to_owned(), |command, option| command + &option)
    }
}

/// Reads the command line. Folders without an option are those of the workspace, so that a command runs from any folder;
/// folders given are relative to the current one, as everywhere.
pub(crate) fn parse(parser: Parser) -> Result<Command, lexopt::Error> {
    let words = Words::read(parser)?;
    let Some(command) = words.command.as_deref().filter(|_| !words.help) else {
        return if words.help {
            Ok(Command::Help)
        } else {
            Err("no command is given".into())
        };
    };
    if words.check && command != "generate" {
        return Err(format!("{} has no option --check", command.display()).into());
    }
    if let Some(name) = words.names.get(most_names(command)) {
        return Err(Arg::Value(name.into()).unexpected());
    }
    let folders = words.folders();
    match command.to_str() {
        Some("generate") if words.check => Ok(Command::Check(folders)),
        Some("generate") => Ok(Command::Generate(folders)),
        Some("report") => Ok(Command::Report(folders)),
        Some("ir") => Ok(Command::Ir(folders)),
        Some("accept") => Ok(Command::Accept(folders, words.names)),
        Some("book") => Ok(Command::Book(folders)),
        Some("cost") => Ok(Command::Cost(folders, words.times()?)),
        Some("help") => Ok(Command::Help),
        _ => Err(format!("there is no command {}", command.display()).into()),
    }
}

/// How many words may follow a command.
fn most_names(command: &OsStr) -> usize {
    match command.to_str() {
        Some("accept") => usize::MAX,
        Some("cost") => 1,
        _ => 0,
    }
}

#[derive(Default)]
struct Words {
    command: Option<OsString>,
    /// After the command.
    names: Vec<String>,
    check: bool,
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
        let given = self.names.first().map(|name| OsString::from(name).parse());
        given.unwrap_or(Ok(THREE_TIMES))
    }

    fn folders(&self) -> Folders {
        let root = workspace();
        let options = [("--spec", &self.spec), ("--out", &self.out)];
        Folders {
            spec: self.spec.clone().unwrap_or_else(|| root.join("spec")),
            out: self.out.clone().unwrap_or_else(|| root.join("generated")),
            given: options
                .into_iter()
                .filter_map(|(name, path)| path.clone().map(|path| (name, path)))
                .collect(),
            root,
        }
    }
}

/// The folder two levels above this crate.
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
    fn folders_are_those_of_the_workspace_unless_given() {
        let Ok(Command::Generate(folders)) = parse(&["generate"]) else {
            panic!("not understood")
        };
        assert!(folders.root.join("Cargo.lock").exists());
        assert_eq!(folders.spec, folders.root.join("spec"));
        assert_eq!(folders.out, folders.root.join("generated"));
        assert_eq!(folders.generate_command(), "cargo xtask generate");

        let Ok(Command::Check(folders)) = parse(&["generate", "--spec", "a", "--check", "--out=b"]) else {
            panic!("not understood")
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
            panic!("not understood")
        };
        assert_eq!(names, ["a", "c"]);
    }

    #[test]
    fn cost_takes_a_number() {
        for (words, expected) in [(&["cost"][..], 3), (&["cost", "1", "--out", "a"], 1)] {
            let Ok(Command::Cost(_, times)) = parse(words) else {
                panic!("not understood")
            };
            assert_eq!(times.get(), expected);
        }
    }

    #[test]
    fn help_is_there_in_every_form() {
        for words in [&["help"][..], &["--help"], &["-h"], &["generate", "--help"]] {
            assert_eq!(parse(words), Ok(Command::Help), "{words:?}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (words, message) in [
            (&[][..], "no command is given"),
            (&["generat"], "there is no command generat"),
            (&["report", "--check"], "report has no option --check"),
            (&["generate", "twice"], "unexpected argument \"twice\""),
            (&["cost", "1", "2"], "unexpected argument \"2\""),
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
