//! Tokens: background renewal, retries and custom providers.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::error::Error as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use easemob::{
    Builder, CallOptions, Client, Credentials, Error, ErrorKind, File, RetryPolicy, Secret, Token, TokenFuture,
    TokenProvider,
};
use script::{Act, Script};
use support::{Seen, Server, json_response, unreachable_url};

const USERS: &str = "/acme/support/users";
const TOKEN: &str = "/acme/support/token";
const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;

/// A server that issues tokens `t1`, `t2`, … for an hour, unless told to fail.
struct Giver {
    server: Server,
    broken: Arc<AtomicBool>,
}

impl Giver {
    async fn start(accept: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        let broken = Arc::new(AtomicBool::new(false));
        let (given, fails) = (AtomicUsize::new(0), Arc::clone(&broken));
        let server = Server::with(move |seen: &Seen| {
            if seen.path() == TOKEN {
                if fails.load(Ordering::SeqCst) {
                    return json_response(503, "down");
                }
                let number = given.fetch_add(1, Ordering::SeqCst) + 1;
                return json_response(200, format!(r#"{{"access_token":"t{number}","expires_in":3600}}"#));
            }
            match seen.header("authorization").strip_prefix("Bearer ") {
                Some(token) if accept(token) => json_response(200, USER),
                _ => json_response(401, r#"{"error":"unauthorized"}"#),
            }
        })
        .await;
        Self { server, broken }
    }

    fn builder(&self) -> Builder {
        support::over!(Client::builder("acme", "support"))
            .base_url(self.server.url())
            .no_proxy()
            .retry(RetryPolicy::off())
            .credentials("id", "hunter2")
    }

    fn client(&self) -> Client {
        self.builder().build().expect("a client")
    }

    fn sharing(&self, store: &Store) -> Client {
        let (credentials, store) = (Credentials::new("id", "hunter2"), Arc::clone(store));
        let builder = self.builder().token_provider(Shared { credentials, store });
        builder.build().expect("a client")
    }

    /// Returns the number of token requests.
    fn requests(&self) -> usize {
        self.server.count(TOKEN)
    }

    /// Returns the token of the last call.
    fn carried(&self) -> String {
        let seen = self.server.seen();
        let last = seen.iter().rfind(|seen| seen.path() == USERS).expect("a call");
        last.header("authorization").replace("Bearer ", "")
    }

    /// Calls until a call carries this token, which is obtained in the background.
    async fn carries(&self, client: &Client, token: &str) -> Result<(), Error> {
        for _ in 0..1000 {
            call(client).await?;
            if self.carried() == token {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{token} is not carried")
    }
}

/// A token that several clients share, and when it expires.
type Store = Arc<Mutex<Option<(Secret, tokio::time::Instant)>>>;

struct Shared {
    credentials: Credentials,
    store: Store,
}

impl TokenProvider for Shared {
    fn token<'p>(&'p self, client: &'p Client, rejected: Option<&'p Secret>) -> TokenFuture<'p> {
        Box::pin(async move {
            let stored = self.store.lock().expect("a lock").clone();
            if let Some((token, end)) = stored.filter(|(token, _)| Some(token) != rejected) {
                let left = end.saturating_duration_since(tokio::time::Instant::now());
                if left > Duration::from_secs(600) {
                    return Ok(Token::new(token, Some(left)));
                }
            }
            let token = self.credentials.token(client, rejected).await?;
            let end = tokio::time::Instant::now() + token.lifetime.expect("a lifetime");
            *self.store.lock().expect("a lock") = Some((token.value.clone(), end));
            Ok(token)
        })
    }
}

async fn call(client: &Client) -> Result<(), Error> {
    client.users().create("alice").await.map(drop)
}

/// Advances the paused clock.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Waits for background work.
async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} does not happen");
}

/// Gives tasks time to do what they must not do.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn a_token_is_renewed_in_the_background() -> Result<(), Error> {
    let giver = Giver::start(|_| true).await;
    let client = giver.client();
    call(&client).await?;
    // The token is valid for an hour and renewed six minutes before its end.
    pass(Duration::from_secs(3230)).await;
    call(&client).await?;
    settle().await;
    assert_eq!((giver.requests(), giver.carried().as_str()), (1, "t1"));

    pass(Duration::from_secs(20)).await;
    // No call waits for the new token.
    for _ in 0..20 {
        call(&client).await?;
    }
    giver.carries(&client, "t2").await?;
    assert_eq!(giver.requests(), 2);
    Ok(())
}

#[tokio::test]
async fn a_failed_renewal_is_retried_after_a_growing_pause() -> Result<(), Error> {
    let giver = Giver::start(|_| true).await;
    let client = giver.client();
    call(&client).await?;
    giver.broken.store(true, Ordering::SeqCst);
    pass(Duration::from_secs(3250)).await;
    for (failures, pause) in [(1, 2), (2, 4), (3, 8)] {
        for _ in 0..5 {
            call(&client).await?;
            assert_eq!(giver.carried(), "t1");
        }
        until("a try", || giver.requests() == 1 + failures).await;
        settle().await;
        pass(Duration::from_secs(pause - 1)).await;
        call(&client).await?;
        settle().await;
        assert_eq!(giver.requests(), 1 + failures, "{pause}");
        pass(Duration::from_secs(1)).await;
    }
    giver.broken.store(false, Ordering::SeqCst);
    call(&client).await?;
    giver.carries(&client, "t2").await?;
    assert_eq!(giver.requests(), 5);
    Ok(())
}

#[tokio::test]
async fn without_a_token_calls_fail_at_once_during_the_pause() -> Result<(), Error> {
    let giver = Giver::start(|_| true).await;
    let client = giver.client();
    giver.broken.store(true, Ordering::SeqCst);
    for received in [1, 1, 1] {
        let error = call(&client).await.expect_err("no token");
        assert_eq!(error.kind(), ErrorKind::Token, "{error}");
        assert_eq!(giver.requests(), received);
    }
    giver.broken.store(false, Ordering::SeqCst);
    pass(Duration::from_secs(2)).await;
    call(&client).await?;
    assert_eq!(giver.requests(), 2);
    Ok(())
}

#[tokio::test]
async fn rejected_tokens_lead_to_a_growing_pause() -> Result<(), Error> {
    let giver = Giver::start(|_| false).await;
    let client = giver.client();
    for (received, wait) in [(2, 2), (3, 4), (4, 8)] {
        for _ in 0..3 {
            assert!(call(&client).await.expect_err("an error").is_unauthorized());
            assert_eq!(giver.requests(), received);
        }
        pass(Duration::from_secs(wait)).await;
    }
    Ok(())
}

/// Callers that give up before the token arrives must not cancel the request for it.
#[tokio::test]
async fn a_slow_token_serves_later_callers() -> Result<(), Error> {
    const SLOW: Duration = Duration::from_millis(300);
    let server = Script::run(|_, received| {
        if received.head.contains(TOKEN) {
            Act::Delay(SLOW, Box::new(Act::ok(r#"{"access_token":"t1","expires_in":3600}"#)))
        } else {
            Act::ok(USER)
        }
    })
    .await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let client = client.credentials("id", "hunter2").build()?;
    let hurried = client.with(CallOptions::new().timeout(SLOW / 6));
    let mut outcome = call(&hurried).await;
    let error = outcome.as_ref().expect_err("too slow");
    // Nothing was sent without a token, whichever timeout expired.
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Token, 0));
    assert!(error.is_timeout(), "{error}");
    for _ in 0..100 {
        if outcome.is_ok() {
            break;
        }
        outcome = call(&hurried).await;
    }
    outcome?;
    let received = server.requests();
    let tokens = received.iter().filter(|received| received.head.contains(TOKEN));
    assert_eq!(tokens.count(), 1);
    Ok(())
}

/// The status and code of a failed token request are not those of the call.
#[tokio::test]
async fn a_failed_token_request_is_not_the_response_to_the_call() {
    const ERROR_BODY: &str = r#"{"error":"organization_application_not_found","error_description":"no such app"}"#;
    let server = Server::replay(404, ERROR_BODY).await;
    let builder = |url: String| {
        support::over!(Client::builder("acme", "support"))
            .base_url(url)
            .no_proxy()
            .credentials("id", "x")
    };
    let client = builder(server.url()).build().expect("a client");
    let error = client.users().get("alice").await.expect_err("no token");
    assert_eq!(
        (error.kind(), error.status(), error.attempts()),
        (ErrorKind::Token, None, 0)
    );
    assert!(
        error.is_unauthorized() && !error.is_not_found() && !error.is_retryable(),
        "{error}"
    );
    assert_eq!(error.operation(), Some("tokens.create_app_token"));
    let why = error.token_request().expect("an error of the token request");
    assert!(why.is_not_found() && why.code().is_some());
    // The client sends no token request for a while, and says for how long.
    let again = client.users().get("alice").await.expect_err("no token");
    assert!(
        again.retry_after().is_some_and(|wait| wait <= Duration::from_secs(2)),
        "{again}"
    );
    assert_eq!(server.count(TOKEN), 1);

    let error = builder(unreachable_url())
        .retry(RetryPolicy::off())
        .build()
        .expect("a client");
    let error = error.users().get("alice").await.expect_err("no server");
    assert!(
        error.is_connect() && error.is_retryable() && !error.is_unauthorized(),
        "{error}"
    );
    // The source chain leads to the I/O error.
    let mut cause = error.source();
    let mut last = String::new();
    while let Some(error) = cause {
        (last, cause) = (error.to_string(), error.source());
    }
    assert!(last.contains("refused"), "{last}");
}

#[tokio::test]
async fn missing_credentials_fail_before_sending() {
    let server = Server::replay(200, USER).await;
    let builder = || {
        support::over!(Client::builder("acme", "support"))
            .base_url(server.url())
            .no_proxy()
    };
    let error = builder().build().expect("a client").users().get("alice").await;
    let error = error.expect_err("no token").to_string();
    assert_eq!(
        error,
        "the client has no token; set a token or credentials on its builder"
    );
    let error = builder().credentials("", "x").build().expect_err("no ID").to_string();
    assert_eq!(
        error,
        "tokens.create_app_token: `client_id` has 0 characters; expected at least 1"
    );
    assert!(server.seen().is_empty());
}

/// A future that is kept but not polled, e.g. in another branch of `select!`.
#[tokio::test]
async fn a_waiting_call_that_is_not_polled_does_not_delay_others() -> Result<(), Error> {
    const SLOW: Duration = Duration::from_millis(200);
    let given = AtomicUsize::new(0);
    let server = Script::run(move |_, received| {
        if received.head.contains(TOKEN) {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            let response = format!(r#"{{"access_token":"t{number}","expires_in":3600}}"#);
            return Act::Delay(SLOW, Box::new(Act::ok(&response)));
        }
        if received.head.contains("Bearer t1") {
            return Act::error(401, "{}");
        }
        Act::ok(USER)
    })
    .await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let client = client.credentials("id", "hunter2").timeout(5 * SLOW).build()?;
    let first = call(&client);
    let mut forgotten = client.users().list().stream();
    let waits = tokio::time::timeout(SLOW / 4, forgotten.try_next());
    let (first, waits) = tokio::join!(first, waits);
    first?;
    assert!(waits.is_err());
    // Each call needs another token.
    for _ in 0..3 {
        call(&client).await?;
    }
    drop(forgotten);
    Ok(())
}

/// Makes a single-threaded runtime.
fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// Programs that make a runtime for each call, which drops unfinished tasks.
#[test]
fn renewals_dropped_with_their_runtime_are_not_repeated_by_every_call() -> Result<(), Error> {
    const SLOW: Duration = Duration::from_millis(500);
    let servers = tokio::runtime::Runtime::new().expect("a runtime");
    let given = AtomicUsize::new(0);
    let server = servers.block_on(Script::run(move |_, received| {
        if !received.head.contains(TOKEN) {
            return Act::ok(USER);
        }
        let token = Act::ok(r#"{"access_token":"t1","expires_in":3}"#);
        match given.fetch_add(1, Ordering::SeqCst) {
            0 => token,
            _ => Act::Delay(SLOW, Box::new(token)),
        }
    }));
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let client = client.credentials("id", "hunter2").build()?;
    runtime().block_on(call(&client))?;
    // Half of the lifetime has passed.
    std::thread::sleep(Duration::from_millis(1600));
    let start = std::time::Instant::now();
    for _ in 0..50 {
        runtime().block_on(call(&client))?;
    }
    let tokens = server
        .requests()
        .iter()
        .filter(|received| received.head.contains(TOKEN))
        .count();
    // On a slow machine, the token expires meanwhile.
    let most = 3 + start.elapsed().as_secs();
    assert!(tokens as u64 <= most, "{tokens} tokens were received for");
    Ok(())
}

/// A rejected upload that cannot be sent again leads to a new token for the next call, but not for every call.
#[tokio::test]
async fn rejected_uploads_do_not_each_request_a_token() -> Result<(), Error> {
    let giver = Giver::start(|_| false).await;
    let client = giver.client();
    let upload = async || {
        let file = File::reader("a.txt", std::io::Cursor::new("content"));
        client.messages().upload_file(file).await.expect_err("an error")
    };
    for received in [1, 2, 2, 2] {
        assert!(upload().await.is_unauthorized());
        assert_eq!(giver.requests(), received);
    }
    pass(Duration::from_secs(2)).await;
    upload().await;
    upload().await;
    assert_eq!(giver.requests(), 3);
    Ok(())
}

#[tokio::test]
async fn no_task_outlives_the_client() -> Result<(), Error> {
    let giver = Giver::start(|_| true).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let client = giver.client();
    call(&client).await?;
    pass(Duration::from_secs(3300)).await;
    call(&client).await?;
    drop(client);
    // Only the server's own task is left, and none of a connection.
    until("the end of all tasks", || tasks() == 1).await;
    Ok(())
}

#[tokio::test]
async fn two_clients_share_a_token() -> Result<(), Error> {
    let giver = Giver::start(|_| true).await;
    let store = Store::default();
    let (first, second) = (giver.sharing(&store), giver.sharing(&store));
    call(&first).await?;
    call(&second).await?;
    assert_eq!((giver.requests(), giver.carried().as_str()), (1, "t1"));

    // One client renews the token, the other finds it.
    pass(Duration::from_secs(3480)).await;
    giver.carries(&first, "t2").await?;
    giver.carries(&second, "t2").await?;
    assert_eq!(giver.requests(), 2);
    Ok(())
}

#[tokio::test]
async fn a_rejected_token_is_replaced_for_both() -> Result<(), Error> {
    let giver = Giver::start(|token| token != "stale").await;
    let end = tokio::time::Instant::now() + Duration::from_secs(3600);
    let store: Store = Arc::new(Mutex::new(Some(("stale".into(), end))));
    let (first, second) = (giver.sharing(&store), giver.sharing(&store));
    call(&first).await?;
    assert_eq!((giver.requests(), giver.carried().as_str()), (1, "t1"));
    call(&second).await?;
    assert_eq!((giver.requests(), giver.carried().as_str()), (1, "t1"));
    Ok(())
}

/// A provider that fails, hangs, panics or needs a token itself.
struct Odd(&'static str);

impl TokenProvider for Odd {
    fn token<'p>(&'p self, client: &'p Client, _: Option<&'p Secret>) -> TokenFuture<'p> {
        Box::pin(async move {
            match self.0 {
                "hangs" => std::future::pending().await,
                "panics" => panic!("a bug in the provider"),
                "recurs" => client.users().get("alice").await.map(|_| Token::new("t", None)),
                "is unsendable" => Ok(Token::new("a\nb", None)),
                _ => Err(Error::transport(ErrorKind::Interrupted, "no route to redis")),
            }
        })
    }
}

#[tokio::test]
async fn a_failing_provider_is_a_token_error() {
    let giver = Giver::start(|_| true).await;
    let client = |odd| giver.builder().token_provider(Odd(odd)).build().expect("a client");
    for (odd, expected) in [
        ("fails", "the connection to"),
        ("is unsendable", "token"),
        ("recurs", "401"),
    ] {
        let error = call(&client(odd)).await.expect_err(odd);
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Token, 0));
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.may_have_taken_effect());
    }
    let hangs = client("hangs").with(CallOptions::new().timeout(Duration::from_millis(100)));
    assert!(call(&hangs).await.expect_err("it hangs").is_timeout());
    // The panic reaches the caller.
    let panics = client("panics");
    assert!(tokio::spawn(async move { call(&panics).await }).await.is_err());
    assert_eq!(giver.server.count(USERS), 0);
}

/// Some servers report the lifetime in milliseconds.
#[tokio::test]
async fn a_lifetime_can_be_in_milliseconds() -> Result<(), Error> {
    let given = AtomicUsize::new(0);
    let server = Server::with(move |seen: &Seen| match seen.path() {
        TOKEN => {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            json_response(200, format!(r#"{{"access_token":"t{number}","expires_in":3600000}}"#))
        }
        _ => json_response(200, USER),
    })
    .await;
    for (in_millis, expected) in [(false, 1), (true, 2)] {
        let requests = server.count(TOKEN);
        let mut credentials = Credentials::new("id", "hunter2");
        if in_millis {
            credentials = credentials.lifetime_in_millis();
        }
        let builder = support::over!(Client::builder("acme", "support"))
            .base_url(server.url())
            .no_proxy();
        let client = builder.token_provider(credentials).build()?;
        call(&client).await?;
        pass(Duration::from_secs(3601)).await;
        call(&client).await?;
        assert_eq!(server.count(TOKEN) - requests, expected);
    }
    Ok(())
}

/// A runtime that is no longer driven must not block calls on other runtimes for long.
#[test]
fn a_renewal_on_a_sleeping_runtime_is_started_over() -> Result<(), Error> {
    let servers = tokio::runtime::Runtime::new().expect("a runtime");
    let given = AtomicUsize::new(0);
    let server = servers.block_on(Script::run(move |_, received| {
        if !received.head.contains(TOKEN) {
            return Act::ok(USER);
        }
        let token = Act::ok(r#"{"access_token":"t1","expires_in":3600}"#);
        match given.fetch_add(1, Ordering::SeqCst) {
            0 => Act::Delay(Duration::from_millis(300), Box::new(token)),
            _ => token,
        }
    }));
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let client = client.credentials("id", "hunter2").build()?;
    let sleeping = runtime();
    sleeping.block_on(async {
        let given_up = tokio::time::timeout(Duration::from_millis(50), call(&client)).await;
        assert!(given_up.is_err());
    });
    let start = std::time::Instant::now();
    runtime().block_on(call(&client))?;
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    // A runtime that is dropped delays nothing.
    drop(sleeping);
    runtime().block_on(call(&client))?;
    Ok(())
}
