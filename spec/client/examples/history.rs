//! Reads the messages of an hour.
//!
//! ```text
//! cargo run --example history -- 2024061408                                # fetched, decompressed and read on the way
//! gunzip < FILE | cargo run --example history -- 2024061408 -              # of a file that is there
//! ```
//!
//! The hour is in UTC.

#![allow(clippy::print_stdout, reason = "it talks to whoever runs it")]

mod common;

use easemob::JsonLines;
use easemob::runtime::LineError;
use easemob::types::HistoryRecord;

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
        // The rest is still good.
        Err(error) => println!("{error}"),
    }
}
