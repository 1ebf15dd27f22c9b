//! Reads the messages of an hour.
//!
//! ```text
//! cargo run --example history -- 2024061408                                # where the files of the hour are
//! curl URL | gunzip | cargo run --example history -- 2024061408 -          # the messages of a file
//! ```

#![allow(clippy::print_stdout, reason = "it talks to whoever runs it")]

mod common;

use easemob::JsonLines;
use easemob::types::HistoryRecord;

#[tokio::main]
async fn main() -> common::Outcome {
    let [hour, from] = common::arguments(["2024061408", ""]);
    if from == "-" {
        for line in JsonLines::<_, HistoryRecord>::new(std::io::stdin().lock()) {
            match line {
                Ok(record) => println!("{} {:?}", record.msg_id, record.payload.bodies),
                // The rest is still good.
                Err(error) => println!("{error}"),
            }
        }
        return Ok(());
    }
    let client = common::builder()?.build()?;
    for file in client.messages().get_history_file(hour).await? {
        println!("{}", file.url);
    }
    Ok(())
}
