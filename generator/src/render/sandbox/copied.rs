//! The files that are the same for every API.

use crate::render::rust::crate_template::verbatim;

/// Path and content of the core of the server.
pub const VERBATIM: &[(&str, &str)] = verbatim!["sandbox":
    "src/page.html",
    "src/runtime.rs",
    "src/runtime/answer.rs",
    "src/runtime/body.rs",
    "src/runtime/call.rs",
    "src/runtime/clock.rs",
    "src/runtime/control.md",
    "src/runtime/control.rs",
    "src/runtime/decode.rs",
    "src/runtime/exchange.rs",
    "src/runtime/failure.rs",
    "src/runtime/family.rs",
    "src/runtime/fault.rs",
    "src/runtime/guard.rs",
    "src/runtime/ids.rs",
    "src/runtime/journal.rs",
    "src/runtime/limiter.rs",
    "src/runtime/operation.rs",
    "src/runtime/overview.rs",
    "src/runtime/page.rs",
    "src/runtime/paging.rs",
    "src/runtime/reply.rs",
    "src/runtime/route.rs",
    "src/runtime/secrets.rs",
    "src/runtime/server.rs",
    "src/runtime/service.rs",
    "src/runtime/shape.rs",
    "src/runtime/shared.rs",
    "src/runtime/state.rs",
    "src/runtime/tokens.rs",
    "src/runtime/write_timeout.rs",
    "src/sandbox.rs",
];
