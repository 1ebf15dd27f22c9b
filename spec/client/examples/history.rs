//! Reads the message history of an hour (UTC).
//!
//! ```text
//! cargo run --example history -- 2024061408                                # fetches the files
//! gunzip < FILE | cargo run --example history -- 2024061408 -              # reads standard input
//! ```

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use easemob::types::HistoryRecord;
use easemob::{JsonLines, LineError};

#[tokio::main]
async fn main() -> common::Outcome {
    let [hour, from] = common::arguments(["2024061408", ""]);
    if from == "-" {
        for line in JsonLines::new(std::io::stdin().lock()) {
            print(line);
        }
        return Ok(());
    }
    let client = common::builder()?.build()?;
    let mut records = client.messages().get_history_file(hour).records().await?;
    while let Some(line) = records.try_next().await? {
        print(line);
    }
    Ok(())
}

fn print(line: Result<HistoryRecord, LineError>) {
    match line {
        Ok(record) => println!("{} {:?}", record.msg_id, record.payload.bodies),
        // The lines after it are still read.
        Err(error) => println!("{error}"),
    }
}
