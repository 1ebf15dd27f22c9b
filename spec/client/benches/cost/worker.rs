//! Worker processes, which make calls and measure them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{self, Runtime};
use tokio::task::JoinSet;

use crate::Failure;
use crate::callers::{Call, Caller};

/// Number of calls that are not measured, to open connections.
const WARM_UP: usize = 200;

/// An implementation ready to make calls, on a single-threaded runtime.
struct Worker<'r> {
    runtime: &'r Runtime,
    caller: Arc<Caller>,
    call: Call,
    tasks: usize,
}

impl<'r> Worker<'r> {
    fn new(runtime: &'r Runtime, side: &str, call: Call, tasks: usize, url: &str) -> Result<Self, Failure> {
        let _inside = runtime.enter();
        let worker = Self {
            runtime,
            caller: Arc::new(Caller::named(side, url)?),
            call,
            tasks,
        };
        // Make the first call, which obtains the token, alone: then all implementations have a connection per task.
        worker.runtime.block_on(worker.caller.make(call))?;
        worker.work(WARM_UP.max(tasks))?;
        Ok(worker)
    }

    fn work(&self, calls: usize) -> Result<(), Failure> {
        self.runtime.block_on(work(&self.caller, self.call, self.tasks, calls))
    }

    fn timed(&self, calls: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        self.work(calls)?;
        Ok(start.elapsed())
    }
}

fn runtime() -> Result<Runtime, Failure> {
    Ok(runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Makes calls and prints their total number of allocations.
pub(crate) fn run(side: &str, call: &str, tasks: usize, calls: usize, url: &str) -> Result<(), Failure> {
    let runtime = runtime()?;
    let worker = Worker::new(&runtime, side, call.parse()?, tasks, url)?;
    let mut outcome = Ok(());
    let allocations = allocation_counter::measure(|| outcome = worker.work(calls));
    println!("{}", allocations.count_total);
    outcome
}

/// Alternates between two implementations. Prints the nanoseconds of each, one line per round.
///
/// Rounds are short, so that both run under the same conditions, and the order alternates.
pub(crate) fn race(sides: [&str; 2], call: &str, tasks: usize, rounds: usize, url: &str) -> Result<(), Failure> {
    let runtime = runtime()?;
    let call = call.parse()?;
    let [one, other] = sides.map(|side| Worker::new(&runtime, side, call, tasks, url));
    let (one, other) = (one?, other?);
    let turn = if tasks == 1 { 160 } else { 10 * tasks };
    for round in 0..rounds {
        let (took, other_took);
        if round % 2 == 0 {
            took = one.timed(turn)?;
            other_took = other.timed(turn)?;
        } else {
            other_took = other.timed(turn)?;
            took = one.timed(turn)?;
        }
        println!("{} {}", per_call(took, turn), per_call(other_took, turn));
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "times and numbers of calls are small")]
fn per_call(took: Duration, calls: usize) -> f64 {
    took.as_nanos() as f64 / calls as f64
}

async fn work(caller: &Arc<Caller>, call: Call, tasks: usize, calls: usize) -> Result<(), Failure> {
    let mut set = JoinSet::new();
    for _ in 0..tasks {
        let caller = Arc::clone(caller);
        set.spawn(async move {
            for _ in 0..calls / tasks {
                std::hint::black_box(caller.make(call).await?);
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(task) = set.join_next().await {
        task??;
    }
    Ok(())
}
