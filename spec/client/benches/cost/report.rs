//! Compares implementations.

use std::process::{Command, Stdio};

use crate::{Failure, RACE, WORKER, this_program};

/// Each implementation with the one that it is compared with.
const PAIRS: [[&str; 2]; 4] = [
    ["client", "reqwest"],
    ["client", "reqwest-limits"],
    ["client-hyper", "hyper"],
    ["client-hyper", "hyper-limits"],
];

/// Number of calls, and of additional calls in another process: the difference is the cost of a call.
const COUNTED: (usize, usize) = (640, 1_280);

/// The cost of a call.
struct Side {
    instructions: Option<f64>,
    allocations: f64,
    micros: f64,
}

/// Result of a race.
struct Race {
    micros: [f64; 2],
    /// The median ratio of the first implementation's time to the second's.
    ratio: f64,
    /// The 95 % confidence interval of the median.
    bounds: [f64; 2],
}

/// A call, made in the same way by two implementations.
struct Comparison<'a> {
    call: &'a str,
    tasks: usize,
    url: &'a str,
}

pub(crate) fn run(url: &str, rounds: usize) -> Result<(), Failure> {
    println!("call  in flight  side            instructions         allocations         microseconds");
    for call in ["get", "send"] {
        for tasks in [1, 64] {
            for sides in PAIRS {
                let comparison = Comparison { call, tasks, url };
                let race = comparison.race(sides, rounds)?;
                let [ours, theirs] = [0, 1].map(|place| comparison.side(sides[place], race.micros[place]));
                comparison.print(sides, &ours?, &theirs?, &race);
            }
        }
    }
    Ok(())
}

impl Comparison<'_> {
    fn race(&self, sides: [&str; 2], rounds: usize) -> Result<Race, Failure> {
        let mut command = this_program()?;
        command.arg(RACE).args(sides);
        command.args([self.call, &self.tasks.to_string(), &rounds.to_string(), self.url]);
        Race::of(&numbers(&mut command)?)
    }

    fn side(&self, name: &str, micros: f64) -> Result<Side, Failure> {
        let (few, many) = COUNTED;
        let calls = per_call(many - few);
        let instructions = self.instructions(name, few)?.zip(self.instructions(name, many)?);
        Ok(Side {
            instructions: instructions.map(|(few, many)| (many - few) / calls),
            allocations: (self.allocations(name, many)? - self.allocations(name, few)?) / calls,
            micros,
        })
    }

    fn worker(&self, mut command: Command, side: &str, calls: usize) -> Command {
        command.args([WORKER, side, self.call, &self.tasks.to_string()]);
        command.args([&calls.to_string(), self.url]);
        command
    }

    fn allocations(&self, side: &str, calls: usize) -> Result<f64, Failure> {
        let numbers = numbers(&mut self.worker(this_program()?, side, calls))?;
        Ok(numbers.into_iter().sum())
    }

    /// Returns the instructions of all calls; `None` without Valgrind.
    fn instructions(&self, side: &str, calls: usize) -> Result<Option<f64>, Failure> {
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(std::env::current_exe()?);
        let Ok(output) = self.worker(valgrind, side, calls).stdin(Stdio::null()).output() else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&output.stderr);
        let collected = text.lines().find_map(|line| line.split_once("Collected : "));
        let (_, count) = collected.ok_or_else(|| format!("valgrind failed:\n{text}"))?;
        Ok(Some(count.trim().parse()?))
    }

    fn print(&self, sides: [&str; 2], ours: &Side, theirs: &Side, race: &Race) {
        let instructions = |side: &Side| {
            side.instructions
                .map_or_else(|| "-".to_owned(), |count| format!("{count:.0}"))
        };
        let line = |name, side: &Side, [instructions_more, allocations_more, time_more]: [String; 3]| {
            println!(
                "{:<5} {:>9}  {name:<14} {:>9} {instructions_more:>9} {:>9.1} {allocations_more:>8} {:>9.1} {time_more}",
                self.call,
                self.tasks,
                instructions(side),
                side.allocations,
                side.micros,
            );
        };
        let instructions_more = ours.instructions.zip(theirs.instructions);
        let [low, high] = race.bounds.map(percent);
        line(sides[1], theirs, Default::default());
        line(
            sides[0],
            ours,
            [
                instructions_more.map_or_else(String::new, |(own, other)| percent(own / other)),
                format!("{:+.1}", ours.allocations - theirs.allocations),
                format!("{:>9} ({low} to {high})", percent(race.ratio)),
            ],
        );
    }
}

impl Race {
    /// Computes the result from the times of both implementations in each round.
    fn of(times: &[f64]) -> Result<Self, Failure> {
        let sorted = |value: fn(&[f64]) -> f64| {
            let mut values: Vec<_> = times.chunks_exact(2).map(value).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let (ours, theirs, ratios) = (
            sorted(|turn| turn[0]),
            sorted(|turn| turn[1]),
            sorted(|turn| turn[0] / turn[1]),
        );
        let middle = ratios.len() / 2;
        let around = ratios.len().isqrt();
        let (Some(low), Some(&high)) = (middle.checked_sub(around), ratios.get(middle + around)) else {
            return Err("too few rounds to compare".into());
        };
        Ok(Self {
            micros: [ours[middle] / 1e3, theirs[middle] / 1e3],
            ratio: ratios[middle],
            bounds: [ratios[low], high],
        })
    }
}

/// Returns the numbers that a process prints.
fn numbers(command: &mut Command) -> Result<Vec<f64>, Failure> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(format!("a worker failed: {text}").into());
    }
    Ok(text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
}

fn percent(ratio: f64) -> String {
    format!("{:+.1} %", (ratio - 1.0) * 100.0)
}

#[allow(clippy::cast_precision_loss, reason = "there are few calls")]
fn per_call(calls: usize) -> f64 {
    calls as f64
}
