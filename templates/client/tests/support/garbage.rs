//! Random and mutated responses.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use http::Response;
// The crate under test, regardless of its name.
use super::{Error, Operation};

/// Number of mutations of each sample.
const ROUNDS: usize = 60;

/// Material for mutations besides random bytes: tokens that lead deep into a parser.
const TOKENS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"\"\"",
    b"0",
    b"-1",
    b"1e999",
    b"9223372036854775808",
    b"\"\\ud800\"",
    b"\\u0000",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"[[[[[[[[[[[[[[[[",
    b"{\"data\":",
    b"{\"entities\":[",
];

/// Decodes random bytes and mutated samples as responses of an operation. It must not panic. Deterministic.
pub(crate) fn feed<O: Operation>(samples: &[&str]) {
    let mut random = fastrand::Rng::with_seed(0x5EED);
    for _ in 0..ROUNDS {
        let length = random.usize(..64);
        let mut noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
        read::<O>(&mut random, &noise);
        noise.clear();
        for _ in 0..random.usize(..24) {
            noise.extend_from_slice(TOKENS[random.usize(..TOKENS.len())]);
        }
        read::<O>(&mut random, &noise);
        for sample in samples {
            let mut changed = sample.as_bytes().to_vec();
            for _ in 0..=random.usize(..4) {
                mutate(&mut random, &mut changed);
            }
            read::<O>(&mut random, &changed);
        }
    }
    read::<O>(&mut random, "[".repeat(100_000).as_bytes());
    read::<O>(&mut random, "{\"data\":".repeat(100_000).as_bytes());
    for sample in samples {
        (0..sample.len()).for_each(|end| read::<O>(&mut random, &sample.as_bytes()[..end]));
    }
}

/// Changes a document in one place.
fn mutate(random: &mut fastrand::Rng, document: &mut Vec<u8>) {
    let at = random.usize(..=document.len());
    let end = (at + random.usize(..8)).min(document.len());
    match random.u8(..4) {
        0 => document.truncate(at),
        1 => drop(document.drain(at..end)),
        2 => drop(document.splice(at..end, TOKENS[random.usize(..TOKENS.len())].iter().copied())),
        _ => {
            if let Some(byte) = document.get_mut(at) {
                *byte = random.u8(..);
            }
        }
    }
}

/// Decodes a response, mostly one with a success status, and formats its error.
fn read<O: Operation>(random: &mut fastrand::Rng, body: &[u8]) {
    let status = [200, 200, 200, 400, 429, 500][random.usize(..6)];
    let response = Response::builder()
        .status(status)
        .body(body.to_vec())
        .expect("a response");
    let mut shown = String::new();
    match O::from_http(response) {
        Ok(response) => drop(response),
        Err(error) => show(&error, &mut shown),
    }
}

fn show(error: &Error, shown: &mut String) {
    write!(shown, "{error} {error:?} {:?} {:?}", error.kind(), error.retry_after()).expect("a text");
    assert!(shown.len() < 8192, "an error stays short: {} bytes", shown.len());
}
