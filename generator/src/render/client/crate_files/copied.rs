//! The files that are the same for every API.

/// Lists files of `templates/client` as pairs of path and content.
macro_rules! verbatim {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/client/", $path)))),+]
    };
}

/// Path and content of the runtime and of the support of the generated tests.
pub const VERBATIM: &[(&str, &str)] = verbatim![
    "src/runtime.rs",
    "src/runtime/alias.rs",
    "src/runtime/args.rs",
    "src/runtime/check.rs",
    "src/runtime/client.rs",
    "src/runtime/client/batches.rs",
    "src/runtime/client/blocking.rs",
    "src/runtime/client/builder.rs",
    "src/runtime/client/download.rs",
    "src/runtime/client/hosts.rs",
    "src/runtime/client/intake.rs",
    "src/runtime/client/limiter.rs",
    "src/runtime/client/options.rs",
    "src/runtime/client/pages.rs",
    "src/runtime/client/received.rs",
    "src/runtime/client/records.rs",
    "src/runtime/client/retry.rs",
    "src/runtime/client/send.rs",
    "src/runtime/client/timeout.rs",
    "src/runtime/client/token.rs",
    "src/runtime/client/token/backoff.rs",
    "src/runtime/client/token/cache.rs",
    "src/runtime/client/trace.rs",
    "src/runtime/client/transport.rs",
    "src/runtime/client/transport/over_hyper.rs",
    "src/runtime/client/transport/over_reqwest.rs",
    "src/runtime/client/upload.rs",
    "src/runtime/error.rs",
    "src/runtime/error/argument.rs",
    "src/runtime/error/client.rs",
    "src/runtime/error/config.rs",
    "src/runtime/error/kind.rs",
    "src/runtime/error/not_done.rs",
    "src/runtime/error/response.rs",
    "src/runtime/file.rs",
    "src/runtime/json.rs",
    "src/runtime/json_lines.rs",
    "src/runtime/macros.rs",
    "src/runtime/operation.rs",
    "src/runtime/paging.rs",
    "src/runtime/path.rs",
    "src/runtime/progress.rs",
    "src/runtime/request.rs",
    "src/runtime/secret.rs",
    "src/runtime/split.rs",
    "src/runtime/target.rs",
    "src/runtime/time.rs",
    "src/runtime/wire.rs",
    "tests/support/garbage.rs",
    "tests/support/mod.rs",
    "tests/support/peer.rs",
    "tests/support/script.rs",
];
