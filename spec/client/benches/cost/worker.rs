//! A process that makes calls and measures itself.

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime;
use tokio::task::JoinSet;

use crate::Failure;
use crate::callers::{Call, Caller};

/// Calls that nobody counts: they open connections and get the token.
const WARM_UP: usize = 200;

/// Makes calls; prints nanoseconds and allocations, both of all calls together.
pub(crate) fn run(side: &str, call: &str, tasks: usize, calls: usize, url: &str) -> Result<(), Failure> {
    let call = match call {
        "get" => Call::Get,
        "send" => Call::Send,
        _ => return Err(format!("no call is called {call}").into()),
    };
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let caller = {
        let _inside = runtime.enter();
        Arc::new(Caller::named(side, url)?)
    };
    runtime.block_on(work(&caller, call, tasks, WARM_UP.max(tasks)))?;
    let mut outcome = Ok(());
    let start = Instant::now();
    let allocations = allocation_counter::measure(|| outcome = runtime.block_on(work(&caller, call, tasks, calls)));
    println!("{} {}", start.elapsed().as_nanos(), allocations.count_total);
    outcome
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
