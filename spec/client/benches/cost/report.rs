//! Runs the sides in turn and compares them.

use std::process::{Command, Stdio};

use crate::{Failure, WORKER, this_program};

/// A side, and what it is compared with.
const PAIRS: [(&str, &str); 2] = [("client", "reqwest"), ("client-hyper", "hyper")];

/// How many calls are timed.
const TIMED: usize = 6_400;

/// The same work with so many calls more, whose instructions are the difference.
const COUNTED: (usize, usize) = (640, 1_280);

/// What one side needs for a call.
#[derive(Debug, Default)]
struct Side {
    micros: Vec<f64>,
    allocations: f64,
    instructions: Option<f64>,
}

pub(crate) fn run(url: &str, rounds: usize) -> Result<(), Failure> {
    println!("call  in flight  side          instructions        allocations     microseconds");
    for call in ["get", "send"] {
        for tasks in [1, 64] {
            for (ours, theirs) in PAIRS {
                let (ours_is, theirs_is) = pair(url, rounds, call, tasks, (ours, theirs))?;
                line(call, tasks, theirs, &theirs_is, None);
                line(call, tasks, ours, &ours_is, Some(&theirs_is));
            }
        }
    }
    Ok(())
}

fn pair(
    url: &str,
    rounds: usize,
    call: &str,
    tasks: usize,
    (ours, theirs): (&str, &str),
) -> Result<(Side, Side), Failure> {
    let (mut one, mut other) = (Side::default(), Side::default());
    for _ in 0..rounds {
        for (side, name) in [(&mut one, ours), (&mut other, theirs)] {
            let (nanos, allocations) = timed(&mut worker(this_program()?, name, call, tasks, TIMED, url))?;
            side.micros.push(nanos / per_call(TIMED) / 1e3);
            side.allocations = allocations / per_call(TIMED);
        }
    }
    for (side, name) in [(&mut one, ours), (&mut other, theirs)] {
        side.instructions = instructions(name, call, tasks, url)?;
        side.micros.sort_by(f64::total_cmp);
    }
    Ok((one, other))
}

fn worker(mut command: Command, side: &str, call: &str, tasks: usize, calls: usize, url: &str) -> Command {
    command.args([WORKER, side, call, &tasks.to_string(), &calls.to_string(), url]);
    command.stdin(Stdio::null());
    command
}

/// The time and the allocations that a worker reports.
fn timed(command: &mut Command) -> Result<(f64, f64), Failure> {
    let output = command.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut numbers = text.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(nanos)), Some(Ok(allocations))) if output.status.success() => Ok((nanos, allocations)),
        _ => Err(format!("a worker failed: {text}").into()),
    }
}

/// The instructions of a call; `None` where there is no Valgrind.
fn instructions(side: &str, call: &str, tasks: usize, url: &str) -> Result<Option<f64>, Failure> {
    let (few, many) = COUNTED;
    let (Some(few_took), Some(many_took)) = (
        counted(side, call, tasks, few, url)?,
        counted(side, call, tasks, many, url)?,
    ) else {
        return Ok(None);
    };
    Ok(Some((many_took - few_took) / per_call(many - few)))
}

fn counted(side: &str, call: &str, tasks: usize, calls: usize, url: &str) -> Result<Option<f64>, Failure> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?);
    let Ok(output) = worker(valgrind, side, call, tasks, calls, url).output() else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = collected.ok_or_else(|| format!("valgrind failed:\n{text}"))?;
    Ok(Some(count.trim().parse()?))
}

fn line(call: &str, tasks: usize, name: &str, side: &Side, than: Option<&Side>) {
    let median = |side: &Side| side.micros[side.micros.len() / 2];
    let instructions = side
        .instructions
        .map_or_else(|| "-".to_owned(), |count| format!("{count:.0}"));
    let more = |own: f64, other: f64| format!("{:+.1} %", (own / other - 1.0) * 100.0);
    let (mut instructions_more, mut allocations_more, mut time_more) = Default::default();
    if let Some(than) = than {
        instructions_more = side
            .instructions
            .zip(than.instructions)
            .map_or_else(String::new, |(own, other)| more(own, other));
        allocations_more = format!("{:+.1}", side.allocations - than.allocations);
        time_more = more(median(side), median(than));
    }
    println!(
        "{call:<5} {tasks:>9}  {name:<12} {instructions:>9} {instructions_more:>9} {:>9.1} {allocations_more:>6} {:>9.1} {time_more:>9}",
        side.allocations,
        median(side),
    );
}

#[allow(clippy::cast_precision_loss, reason = "there are few calls")]
fn per_call(calls: usize) -> f64 {
    calls as f64
}
