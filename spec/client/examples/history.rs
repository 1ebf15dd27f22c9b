//! Reads the message history of an hour (UTC).
//!
//! ```text
//! cargo run --example history -- 2024061400
//! ```

#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

#[tokio::main]
async fn main() -> common::Outcome {
    let client = common::builder()?.build()?;
    let [hour] = common::arguments(["2024061400"]);
    let mut records = client.messages().get_history_file(hour).records().await?;
    while let Some(line) = records.try_next().await? {
        match line {
            Ok(record) => println!("{} {:?}", record.msg_id, record.payload.bodies),
            // The lines after it are still read.
            Err(error) => println!("{error}"),
        }
    }
    Ok(())
}
