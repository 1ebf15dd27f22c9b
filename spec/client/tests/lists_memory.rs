//! A long list takes far less memory than all of its elements.
//!
//! The only test of its process, since it measures the peak memory of the process.

#![cfg(all(feature = "client", target_os = "linux"))]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;

use easemob::Client;
use script::{Act, Script};

const PAGES: usize = 1000;
const PER_PAGE: usize = 1000;
/// Maximum growth of the peak: some pages, but far less than the 20 MB of all names.
const ALLOWED_KIB: usize = 4 << 10;

fn peak_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = line.expect("the peak").trim().trim_end_matches(" kB");
    peak.parse().expect("a number")
}

#[tokio::test]
async fn a_million_elements_are_not_held_in_memory() {
    let server = Script::run(|number, _| {
        let ids = (number * PER_PAGE..(number + 1) * PER_PAGE).filter(|_| number < PAGES);
        let members = ids.map(|id| format!(r#"{{"member":"member-{id:012}"}}"#));
        Act::ok(&format!(r#"{{"data":[{}]}}"#, members.collect::<Vec<_>>().join(",")))
    })
    .await;
    let builder = Client::builder("acme", "support");
    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    let builder = builder.hyper();
    let client = builder.base_url(server.url()).no_proxy();
    let client = client.token("fixed").build().expect("a client");
    let mut members = client.group_members().list("1").stream();
    let mut count = 0;
    let mut before = 0;
    while members.try_next().await.expect("a member").is_some() {
        count += 1;
        // The first pages have one-time costs.
        if count == 20 * PER_PAGE {
            before = peak_kib();
        }
    }
    let grown = peak_kib() - before;
    assert_eq!(count, PAGES * PER_PAGE);
    assert!(grown < ALLOWED_KIB, "the peak grew by {grown} KiB");
}
