//! A sandbox whose responses are all checked against the OpenAPI document.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{io, thread};

use easemob_sandbox::{Builder, RecordedBody, RecordedCall, Sandbox};

use super::contract;

/// The number of calls that a sandbox remembers.
const REMEMBERED: usize = 1000;

/// The number of bytes of each body that it remembers: more than the bodies in the tests have.
const BODY: usize = 16 * 1024 * 1024;

/// A sandbox that checks its responses when it is dropped, and whenever [`check`](Self::check) is called.
pub struct Checked {
    sandbox: Option<Sandbox>,
    /// The number of the last call that was checked.
    checked: AtomicU64,
}

impl Checked {
    /// Starts a sandbox with default settings.
    pub fn start() -> Self {
        Self::with(Sandbox::builder())
    }

    /// Starts a sandbox.
    pub fn with(builder: Builder) -> Self {
        Self {
            sandbox: Some(builder.recorded_body(BODY).start().expect("a sandbox")),
            checked: AtomicU64::new(0),
        }
    }

    /// Checks the responses since the last check.
    pub fn check(&self) {
        let checked = self.checked.load(Ordering::Relaxed);
        let calls = self.calls_after(checked);
        let is_gapless = calls.first().is_none_or(|first| first.number == checked + 1);
        assert!(
            is_gapless || calls.len() < REMEMBERED,
            "the sandbox has forgotten calls; check more often"
        );
        for call in &calls {
            check(call);
            self.checked.store(call.number, Ordering::Relaxed);
        }
    }

    /// Checks the responses, and stops the server.
    pub fn stop(mut self) -> io::Result<()> {
        self.check();
        self.sandbox.take().map_or(Ok(()), Sandbox::stop)
    }
}

impl Deref for Checked {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("a sandbox that runs")
    }
}

impl Drop for Checked {
    fn drop(&mut self) {
        if self.sandbox.is_some() && !thread::panicking() {
            self.check();
        }
    }
}

fn check(call: &RecordedCall) {
    let Some(status) = call.status else { return };
    let RecordedBody {
        media_type, text, cut, ..
    } = &call.response;
    assert!(!cut, "only the start of the response is remembered: {call:?}");
    match call.fault {
        None | Some("delay" | "truncate") => {}
        // The fault replaces the response by an error of the API.
        Some("status") if call.error.is_some() => {
            contract::check_simulated(status, media_type, text.as_bytes());
            return;
        }
        // The fault replaces the response by one that no API has.
        Some(_) => return,
    }
    // Skips the base path of two segments.
    let path = call.path.splitn(4, '/').nth(3).unwrap_or_default();
    // Not an operation, but a file to which a result links.
    if call.operation.is_none() && status < 400 {
        assert!(path.starts_with('_'), "{call:?}");
        return;
    }
    contract::check(&call.method, &format!("/{path}"), status, media_type, text.as_bytes());
}
