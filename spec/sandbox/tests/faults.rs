//! What the client does when calls fail.
//!
//! The sandbox simulates the faults. The client's own tests contain only faults that it cannot simulate, e.g. half a status line;
//! they cannot use the sandbox, because the sandbox depends on the client.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant};

use easemob::types::TextBody;
use easemob::{Builder, CallOptions, Client, Error, ErrorCode, ErrorKind, File, RetryPolicy, blocking};
use easemob_sandbox::errors::Known;
use easemob_sandbox::{Fault, Sandbox};
use tokio::runtime::Runtime;

use support::checked::Checked;

const TOKEN: &str = "tokens.create_app_token";
const SEND: &str = "messages.send_to_users";

/// A client over one of the HTTP clients, or the synchronous one.
enum Caller {
    Async(Client, Runtime),
    Blocking(blocking::Client),
}

/// Makes a call, and waits for its result.
macro_rules! call {
    ($caller:expr, $client:ident => $request:expr) => {
        match $caller {
            Caller::Async($client, runtime) => runtime.block_on(async { $request.await }),
            Caller::Blocking($client) => $request.call(),
        }
    };
}

impl Caller {
    fn get(&self) -> Result<(), Error> {
        call!(self, client => client.users().get("alice")).map(drop)
    }

    fn delete(&self) -> Result<(), Error> {
        call!(self, client => client.users().delete("alice")).map(drop)
    }

    fn create(&self) -> Result<(), Error> {
        call!(self, client => client.users().create("alice")).map(drop)
    }

    fn send(&self) -> Result<(), Error> {
        call!(self, client => client.messages().send_to_users(["bob"], TextBody::new("hi"))).map(drop)
    }
}

/// A sandbox with a user, and the number of the last call before those of the test.
struct World {
    sandbox: Checked,
    before: u64,
}

impl World {
    fn new() -> Self {
        let sandbox = Checked::start();
        let runtime = runtime();
        let client = builder(&sandbox).build().expect("a client");
        runtime.block_on(async { client.users().create("alice").await.expect("a user") });
        let mut world = Self { sandbox, before: 0 };
        world.forget();
        world
    }

    /// Ignores the calls so far.
    fn forget(&mut self) {
        self.before = self.sandbox.calls().last().map_or(0, |call| call.number);
    }

    fn fail(&self, fault: Fault) {
        self.sandbox.fail(fault).expect("a valid fault");
    }

    /// Returns the number of calls of an operation.
    fn count(&self, operation: &str) -> usize {
        self.sandbox.calls_after(self.before).operation(operation).len()
    }

    /// Returns the number of messages that were sent.
    fn messages(&self) -> usize {
        let saved = self.sandbox.save().expect("the state");
        let state: serde_json::Value = serde_json::from_slice(&saved).expect("JSON");
        state["apps"][0]["state"]["messages"]["sent"]
            .as_array()
            .map_or(0, Vec::len)
    }
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

fn quick() -> RetryPolicy {
    RetryPolicy::new().base_delay(Duration::from_millis(1))
}

fn builder(sandbox: &Sandbox) -> Builder {
    let setup = &sandbox.apps()[0];
    Client::builder(&*setup.tenant[0], &*setup.tenant[1])
        .base_url(sandbox.url())
        .no_proxy()
        .credentials(&*setup.credentials[0], &*setup.credentials[1])
        .retry(quick())
        .read_timeout(Duration::from_millis(700))
}

/// Runs a test with each HTTP client and with the synchronous client, each with a sandbox of its own.
fn each(configure: impl Fn(Builder) -> Builder, test: impl Fn(&mut World, &Caller)) {
    for choose in [|builder| builder, Builder::hyper] {
        let mut world = World::new();
        let client = choose(configure(builder(&world.sandbox))).build().expect("a client");
        test(&mut world, &Caller::Async(client, runtime()));
    }
    let mut world = World::new();
    let client = configure(builder(&world.sandbox)).build_blocking().expect("a client");
    test(&mut world, &Caller::Blocking(client));
}

/// A fault, and the error of a call that meets it.
struct Case {
    fault: Fault,
    kind: ErrorKind,
    code: Option<ErrorCode>,
    text: &'static str,
    /// `true` if the client retries idempotent calls.
    is_temporary: bool,
    /// `true` if the call may have taken effect.
    is_unclear: bool,
}

fn cases() -> Vec<Case> {
    let case = |fault, kind, text| Case {
        fault,
        kind,
        code: None,
        text,
        is_temporary: true,
        is_unclear: true,
    };
    vec![
        Case {
            code: Some(ErrorCode::ReachLimit),
            is_unclear: false,
            ..case(Fault::status(429), ErrorKind::RateLimited, "429 Too Many Requests")
        },
        Case {
            code: Some(ErrorCode::InternalServerError),
            ..case(
                Fault::error(Known::InternalServerError500),
                ErrorKind::Server,
                "500 Internal Server Error",
            )
        },
        case(Fault::status(503), ErrorKind::Server, "503 Service Unavailable"),
        case(Fault::drop_connection(), ErrorKind::Interrupted, "the connection to"),
        case(Fault::truncate_body(), ErrorKind::Interrupted, "the connection to"),
        case(Fault::silence(), ErrorKind::Timeout, "no response arrived in time"),
        Case {
            is_temporary: false,
            ..case(Fault::garbage(), ErrorKind::Decode, "unexpected response (200 OK)")
        },
    ]
}

#[test]
fn idempotent_calls_are_retried() {
    each(
        |builder| builder,
        |world, caller| {
            for Case {
                fault,
                kind,
                is_temporary,
                ..
            } in cases()
            {
                world.forget();
                world.fail(fault.clone().operation("users.get").times(2));
                let result = caller.get();
                if is_temporary {
                    result.expect("a user");
                    assert_eq!(world.count("users.get"), 3, "{fault:?}");
                } else {
                    let error = result.expect_err("a fault");
                    assert_eq!((error.kind(), error.attempts()), (kind, 1), "{error}");
                    assert_eq!(world.count("users.get"), 1, "{fault:?}");
                    world.sandbox.clear_faults();
                }
            }
        },
    );
}

#[test]
fn a_message_is_never_sent_twice() {
    each(
        |builder| builder,
        |world, caller| {
            for Case {
                fault,
                kind,
                code,
                text,
                is_unclear,
                ..
            } in cases()
            {
                world.forget();
                let sent = world.messages();
                world.fail(fault.clone().operation(SEND));
                let error = caller.send().expect_err("a fault");
                let shown = error.to_string();
                assert_eq!(
                    (error.kind(), error.code(), error.attempts()),
                    (kind, code.as_ref(), 1),
                    "{error}"
                );
                assert!(
                    shown.starts_with("messages.send_to_users: ") && shown.contains(text),
                    "{shown}"
                );
                assert_eq!(error.may_have_taken_effect(), is_unclear, "{error}");
                assert_eq!(error.operation(), Some(SEND));
                assert_eq!(world.count(SEND), 1, "{fault:?}");
                // A truncated response belongs to a message that was sent.
                let is_sent = fault == Fault::truncate_body();
                assert_eq!(world.messages() - sent, usize::from(is_sent), "{fault:?}");
            }
        },
    );
}

#[test]
fn a_late_response_is_awaited() {
    each(
        |builder| builder,
        |world, caller| {
            world.fail(Fault::delay(Duration::from_millis(100)).operation(SEND));
            caller.send().expect("a response");
            assert_eq!((world.count(SEND), world.messages()), (1, 1));
        },
    );
}

/// The first attempt deleted the user, and its response was lost. The second one finds no user.
#[test]
fn a_retry_can_fail_because_the_first_attempt_took_effect() {
    each(
        |builder| builder,
        |world, caller| {
            world.fail(Fault::drop_connection().operation("users.delete").takes_effect());
            let error = caller.delete().expect_err("the user is gone");
            assert_eq!((error.attempts(), error.is_not_found()), (2, true), "{error}");
            assert!(error.may_have_taken_effect());
        },
    );
}

#[test]
fn an_effect_is_possible_if_any_attempt_is_unclear() {
    let busy = || Fault::status(429);
    let down = || Fault::status(503);
    let cases = [
        ([busy(), busy(), busy()], false),
        ([down(), busy(), busy()], true),
        ([busy(), Fault::drop_connection(), busy()], true),
        ([busy(), busy(), down()], true),
        ([Fault::drop_connection(), busy(), Fault::status(403)], true),
        ([busy(), busy(), Fault::status(404)], false),
    ];
    each(
        |builder| builder,
        |world, caller| {
            for (faults, expected) in cases.clone() {
                world.forget();
                for fault in faults.clone() {
                    world.fail(fault.operation("users.delete"));
                }
                let error = caller.delete().expect_err("an error");
                assert_eq!((error.attempts(), world.count("users.delete")), (3, 3), "{faults:?}");
                assert_eq!(error.may_have_taken_effect(), expected, "{faults:?}");
            }
        },
    );
}

#[test]
fn only_some_error_responses_leave_the_effect_unclear() {
    each(
        |builder| builder,
        |world, caller| {
            for (status, expected) in [
                (400, false),
                (403, false),
                (404, false),
                (408, true),
                (429, false),
                (500, true),
                (504, true),
            ] {
                world.fail(Fault::status(status).operation("users.create"));
                let error = caller.create().expect_err("an error");
                assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
                assert_eq!(error.may_have_taken_effect(), expected, "{error}");
            }
        },
    );
}

#[test]
fn attempts_are_counted() {
    each(
        |builder| builder,
        |world, caller| {
            world.fail(Fault::status(503).operation("users.get").fraction(1.0));
            let attempts = |options: CallOptions| {
                let error = call!(caller, client => client.with(options.clone()).users().get("alice"));
                error.expect_err("an error").attempts()
            };
            assert_eq!(attempts(CallOptions::new()), 3);
            assert_eq!(attempts(CallOptions::new().retry(quick().max_attempts(5))), 5);
            assert_eq!(attempts(CallOptions::new().retry(RetryPolicy::off())), 1);
            // Other settings are kept.
            assert_eq!(attempts(CallOptions::new().timeout(Duration::from_secs(20))), 3);
            assert_eq!(world.count("users.get"), 12);
        },
    );
}

#[test]
fn retries_do_not_multiply_the_load() {
    each(
        |builder| builder.retry_budget(10, 5),
        |world, caller| {
            world.fail(Fault::status(503).operation("users.get").fraction(1.0));
            for _ in 0..100 {
                assert_eq!(caller.get().expect_err("an error").kind(), ErrorKind::Server);
            }
            // The calls, the reserve, and a tenth of the calls.
            let count = world.count("users.get");
            assert!((110..=116).contains(&count), "{count}");
        },
    );
}

#[test]
fn the_timeout_applies_to_all_attempts_together() {
    let limit = Duration::from_millis(900);
    let configure = |builder: Builder| builder.retry(quick().max_attempts(1000)).timeout(limit);
    each(configure, |world, caller| {
        caller.get().expect("a user");
        let late = Fault::status(503).delayed_by(Duration::from_millis(350));
        world.fail(late.operation("users.get").fraction(1.0));
        let start = Instant::now();
        let error = caller.get().expect_err("late");
        assert!(start.elapsed() < limit * 5, "{:?}", start.elapsed());
        assert!((2..=3).contains(&error.attempts()), "{error}");
    });
}

#[test]
fn a_page_is_retried() {
    each(
        |builder| builder,
        |world, caller| {
            call!(caller, client => client.users().create("bob")).expect("a user");
            let drop_next = || world.fail(Fault::drop_connection().operation("users.list"));
            let mut names = Vec::new();
            match caller {
                Caller::Async(client, runtime) => runtime.block_on(async {
                    let mut users = client.users().list().limit(1).stream();
                    drop_next();
                    while let Some(user) = users.try_next().await.expect("a page") {
                        names.push(user.username.to_string());
                        drop_next();
                    }
                }),
                Caller::Blocking(client) => {
                    drop_next();
                    for user in client.users().list().limit(1).iter() {
                        names.push(user.expect("a page").username.to_string());
                        drop_next();
                    }
                }
            }
            assert_eq!(names, ["alice", "bob"]);
            assert_eq!(world.count("users.list"), 4);
        },
    );
}

#[test]
fn opening_a_download_is_retried() {
    each(
        |builder| builder,
        |world, caller| {
            let uploaded = call!(caller, client => client.messages().upload_file(File::bytes("a.txt", "content")));
            let file = uploaded.expect("a file").uuid;
            for fault in [Fault::drop_connection(), Fault::status(503)] {
                world.fail(fault.operation("messages.download_file"));
            }
            let content = match caller {
                Caller::Async(client, runtime) => runtime.block_on(async {
                    let download = client.messages().download_file(file).await.expect("a file");
                    download.bytes().await.expect("the content")
                }),
                Caller::Blocking(client) => {
                    let download = client.messages().download_file(file).call().expect("a file");
                    download.bytes().expect("the content")
                }
            };
            assert_eq!(content, "content");
            assert_eq!(world.count("messages.download_file"), 3);
        },
    );
}

#[test]
fn a_rejected_token_is_replaced_once() {
    each(
        |builder| builder,
        |world, caller| {
            caller.get().expect("a user");
            world.forget();
            // A rejected call has no effect, so that every operation is sent again.
            world.fail(Fault::status(401).operation(SEND));
            caller.send().expect("a response");
            assert_eq!((world.count(TOKEN), world.count(SEND), world.messages()), (1, 2, 1));
            caller.send().expect("a response");
            assert_eq!(world.count(TOKEN), 1);
        },
    );
}

#[test]
fn an_expired_token_is_replaced_for_all_calls_together() {
    let world = World::new();
    let client = builder(&world.sandbox).build().expect("a client");
    runtime().block_on(async {
        client.users().get("alice").await.expect("a user");
        world.sandbox.expire_tokens();
        let calls = (0..20).map(|_| client.users().get("alice").into_future());
        for result in futures_util::future::join_all(calls).await {
            result.expect("a user");
        }
    });
    assert_eq!(world.count(TOKEN), 2);
}

#[test]
fn a_token_may_be_rejected_repeatedly() {
    each(
        |builder| builder,
        |world, caller| {
            world.fail(
                Fault::error(Known::Unauthorized401)
                    .operation("users.create")
                    .fraction(1.0),
            );
            for attempts in [2, 1, 1] {
                let error = caller.create().expect_err("an error");
                assert_eq!(
                    (error.kind(), error.attempts()),
                    (ErrorKind::Unauthorized, attempts),
                    "{error}"
                );
                assert_eq!(error.code(), Some(&ErrorCode::Unauthorized));
                assert!(!error.may_have_taken_effect());
            }
            // Renewing did not help, so it is not tried again for a while.
            assert_eq!((world.count(TOKEN), world.count("users.create")), (2, 4));
        },
    );
}

#[test]
fn a_reader_is_not_sent_again_after_a_401() {
    let files: [(fn() -> File, usize); 2] = [(|| File::reader("a", &b"x"[..]), 1), (|| File::bytes("a", "x"), 2)];
    for (file, calls) in files {
        each(
            |builder| builder,
            |world, caller| {
                world.fail(Fault::status(401).operation("messages.upload_file"));
                let uploaded = call!(caller, client => client.messages().upload_file(file()));
                assert_eq!(uploaded.is_ok(), calls == 2);
                assert_eq!(world.count("messages.upload_file"), calls);
            },
        );
    }
}

/// Obtaining a token twice has no effect, so the request is retried like a GET.
#[test]
fn a_token_request_is_retried() {
    let failures = [
        Fault::status(503),
        Fault::status(500),
        Fault::status(429),
        Fault::drop_connection(),
    ];
    for fault in failures {
        each(
            |builder| builder,
            |world, caller| {
                world.fail(fault.clone().operation(TOKEN).times(2));
                caller.send().expect("a response");
                assert_eq!((world.count(TOKEN), world.count(SEND)), (3, 1), "{fault:?}");
            },
        );
    }
}

#[test]
fn wrong_credentials_are_not_retried() {
    each(
        |builder| builder.credentials("example-client-id", "wrong"),
        |world, caller| {
            let error = caller.get().expect_err("no token");
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Token, 0), "{error}");
            assert_eq!((world.count(TOKEN), world.count("users.get")), (1, 0));
        },
    );
}

/// The retries of a token request are bounded by the client's policy and budget, and followed by a pause.
#[test]
fn retries_of_a_token_request_are_bounded() {
    for (reserve, requests) in [(100, 3), (1, 2)] {
        each(
            |builder| builder.retry_budget(0, reserve),
            |world, caller| {
                world.fail(Fault::status(503).operation(TOKEN).fraction(1.0));
                for _ in 0..3 {
                    assert_eq!(caller.get().expect_err("no token").kind(), ErrorKind::Token);
                    assert_eq!(world.count(TOKEN), requests);
                }
            },
        );
    }
}

/// The error counts the attempts that were sent before the token was lost.
#[test]
fn a_call_that_fails_without_a_new_token_was_sent() {
    each(
        |builder| builder,
        |world, caller| {
            caller.get().expect("a user");
            world.forget();
            world.fail(Fault::status(401).operation(SEND));
            world.fail(Fault::error(Known::InvalidGrant400).operation(TOKEN));
            let error = caller.send().expect_err("no token");
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Token, 1));
            // The server rejected it, so nothing was executed.
            assert!(!error.may_have_taken_effect());
            assert_eq!((world.count(TOKEN), world.count(SEND)), (1, 1));
        },
    );
}
