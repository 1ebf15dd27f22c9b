//! The project's command line; `cargo xtask help` says what it can do.

mod accept;
mod args;
mod book;
mod cost;
mod library;
mod report;
mod tools;

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use args::{Command, Folders};
use generator::files::{Drift, DriftKind, FileSet};

/// A command that was understood and failed; a mistake on the command line is [`WRONG_USAGE`].
const FAILURE: u8 = 1;
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    let outcome = match args::parse(lexopt::Parser::from_env()) {
        Ok(command) => run(&command),
        Err(mistake) => return exit(WRONG_USAGE, &format!("error: {mistake}\n\n{}", args::HELP)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => exit(FAILURE, &message),
    }
}

fn run(command: &Command) -> Result<(), String> {
    match command {
        Command::Generate(folders) => generate(folders),
        Command::Check(folders) => check(folders),
        Command::Report(folders) => report(folders),
        Command::Ir(folders) => library::ir(&library::load(&folders.spec)?, in_colour()).map(say),
        Command::Accept(folders, names) => accept::run(&folders.root, &folders.out.join("openapi"), names).map(say),
        Command::Book(folders) => book(folders),
        Command::Cost(folders, times) => cost(folders, *times),
        Command::Help => {
            say(args::HELP);
            Ok(())
        }
    }
}

/// Writes the outputs.
fn generate(folders: &Folders) -> Result<(), String> {
    let report = files(folders)?.write(&folders.out).map_err(error)?;
    say(format_args!("{}: {report}", shown(&folders.out, folders)));
    Ok(())
}

/// Compares the outputs with what would be written.
fn check(folders: &Folders) -> Result<(), String> {
    let files = files(folders)?;
    let drifts = files.check(&folders.out).map_err(error)?;
    if drifts.is_empty() {
        say(format_args!(
            "{}: {} files, all as generated",
            shown(&folders.out, folders),
            files.len()
        ));
        return Ok(());
    }
    Err(describe(&drifts, folders))
}

fn describe(drifts: &[Drift], folders: &Folders) -> String {
    let out = shown(&folders.out, folders).to_string();
    let is_foreign = |drift: &Drift| drift.kind == DriftKind::Foreign;
    let mut message = format!("error: {out} is not what the spec generates:\n");
    message.extend(drifts.iter().map(|drift| format!("  {drift}\n")));
    if !drifts.iter().all(is_foreign) {
        message.extend(["Run `", &folders.generate_command(), "` to mend it.\n"]);
    }
    if drifts.iter().any(is_foreign) {
        message.extend(["Move what is not generated out of ", &out, ".\n"]);
    }
    message
}

/// Compares the size of the spec with that of each output.
fn report(folders: &Folders) -> Result<(), String> {
    let sources = library::load(&folders.spec)?;
    let operations = library::count_operations(&sources, in_colour())?;
    let files = library::generate(&sources, in_colour())?;
    say(report::table(operations, &library::size(&sources), &files));
    Ok(())
}

/// Builds the docs as a site.
fn book(folders: &Folders) -> Result<(), String> {
    let out = std::path::absolute(&folders.out).map_err(error)?;
    let landing = library::landing(&library::load(&folders.spec)?, in_colour())?;
    say(book::build(&out, &landing, &folders.root.join("target/book"))?);
    Ok(())
}

/// Compares what it takes to build the client with what it takes to build those of progenitor.
fn cost(folders: &Folders, times: NonZeroUsize) -> Result<(), String> {
    let operations = library::count_operations(&library::load(&folders.spec)?, in_colour())?;
    say(cost::run(&folders.root, &folders.out, operations, times)?);
    Ok(())
}

fn files(folders: &Folders) -> Result<FileSet, String> {
    library::generate(&library::load(&folders.spec)?, in_colour())
}

/// A folder as its user would write it.
fn shown<'a>(path: &'a Path, folders: &Folders) -> std::path::Display<'a> {
    path.strip_prefix(&folders.root).unwrap_or(path).display()
}

fn error(error: impl fmt::Display) -> String {
    format!("error: {error}")
}

/// Whether messages may be coloured: on a terminal whose user has not asked for plain text.
fn in_colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !refused
}

/// Prints to where results belong. A reader that stopped listening is no failure.
fn say(text: impl fmt::Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn exit(code: u8, message: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{}", message.trim_end());
    ExitCode::from(code)
}
