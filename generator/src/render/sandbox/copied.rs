//! The files that are the same for every API, except for the parts about webhooks.

use crate::render::rust::crate_template::verbatim;

/// Path and content of the core of the server.
pub const VERBATIM: &[(&str, &str)] = verbatim!["sandbox":
    "src/page.html",
    "src/runtime.rs",
    "src/runtime/answer.rs",
    "src/runtime/body.rs",
    "src/runtime/call.rs",
    "src/runtime/changes.rs",
    "src/runtime/clock.rs",
    "src/runtime/control.md",
    "src/runtime/control.rs",
    "src/runtime/decode.rs",
    "src/runtime/deliveries.rs",
    "src/runtime/dispatch.rs",
    "src/runtime/exchange.rs",
    "src/runtime/failure.rs",
    "src/runtime/family.rs",
    "src/runtime/fault.rs",
    "src/runtime/guard.rs",
    "src/runtime/ids.rs",
    "src/runtime/journal.rs",
    "src/runtime/limiter.rs",
    "src/runtime/operation.rs",
    "src/runtime/outbox.rs",
    "src/runtime/overview.rs",
    "src/runtime/page.rs",
    "src/runtime/paging.rs",
    "src/runtime/recent.rs",
    "src/runtime/reply.rs",
    "src/runtime/route.rs",
    "src/runtime/secrets.rs",
    "src/runtime/server.rs",
    "src/runtime/service.rs",
    "src/runtime/settings.rs",
    "src/runtime/shape.rs",
    "src/runtime/shared.rs",
    "src/runtime/state.rs",
    "src/runtime/tokens.rs",
    "src/runtime/webhook.rs",
    "src/runtime/webhook_control.rs",
    "src/runtime/webhook_fault.rs",
    "src/runtime/write_timeout.rs",
    "src/sandbox.rs",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::rust::conditional::{Condition, condition};

    #[test]
    fn the_conditions_of_all_files_are_valid() {
        for (path, text) in VERBATIM {
            let mut is_open = false;
            for line in text.lines() {
                match condition(line) {
                    Some(Condition::If(parts)) => {
                        assert!(
                            !is_open && parts == [super::super::crate_files::WEBHOOKS],
                            "{path}: {line}"
                        );
                        is_open = true;
                    }
                    Some(Condition::End) => {
                        assert!(is_open, "{path}: `@end` without `@if`");
                        is_open = false;
                    }
                    None => {}
                }
            }
            assert!(!is_open, "{path}: `@if` without `@end`");
        }
    }
}
