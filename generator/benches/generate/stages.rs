//! Times the stages of a run.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use generator::diagnostic::Diagnostics;
use generator::files::{File, FileSet};
use generator::ir::Api;
use generator::lower;
use generator::render::{client, docs, openapi, schema, strings};
use generator::source::SourceSet;
use generator::syntax;

use crate::Failure;

/// Stages with their times.
pub(crate) type Times = Vec<(&'static str, Duration)>;

/// Runs the stages one after the other and times each of them.
pub(crate) fn separately(spec: &Path, out: &Path) -> Result<Times, Failure> {
    let mut clock = Clock { times: Vec::new() };
    let (sources, raw) = clock.time("load", || load(spec))?;
    let api = clock.time("lower", || lower::lower(&sources, &raw, strings::LANGUAGES));
    let api = api.map_err(|list| Diagnostics::new(&sources, list).to_string())?;

    let mut files: Vec<File> = clock.time("render client", || client::render(&api));
    let catalogues = clock.time("load strings", || strings::catalogues(&api));
    let catalogues = catalogues.map_err(|error| error.to_string())?;
    files.extend(clock.time("render openapi", || openapi::render(&api, &catalogues)));
    files.extend(
        clock
            .time("render docs", || docs::render(&api, &catalogues))
            .map_err(|error| error.to_string())?,
    );
    files.extend(clock.time("render schema", schema::render));
    let set = clock.time("gather", || FileSet::new(files))?;
    clock.time("write all", || set.write(out))?;
    clock.time("write none", || set.write(out))?;
    Ok(clock.times)
}

/// Times a whole run, as the command does it, into an empty folder.
pub(crate) fn together(spec: &Path, out: &Path) -> Result<Duration, Failure> {
    let start = Instant::now();
    let set = generator::generate(&SourceSet::load(spec)?)?;
    black_box(set.write(out)?);
    Ok(start.elapsed())
}

/// Returns the number of operations of a spec.
pub(crate) fn count_operations(spec: &Path) -> Result<usize, Failure> {
    let sources = SourceSet::load(spec)?;
    let api: Api = generator::load(&sources)?;
    Ok(api.operations().count())
}

fn load(spec: &Path) -> Result<(SourceSet, syntax::Spec), Failure> {
    let sources = SourceSet::load(spec)?;
    match syntax::load(&sources) {
        (Some(raw), diagnostics) if diagnostics.is_empty() => Ok((sources, raw)),
        (_, diagnostics) => Err(Diagnostics::new(&sources, diagnostics).to_string().into()),
    }
}

struct Clock {
    times: Times,
}

impl Clock {
    fn time<T>(&mut self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = black_box(work());
        self.times.push((stage, start.elapsed()));
        done
    }
}

/// Returns the peak memory of this process so far, in KiB. `None` except on Linux.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
