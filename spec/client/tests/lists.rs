//! Lists: elements and pages that cannot be read, ends, cursors that repeat, and resumption.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;

use std::sync::atomic::{AtomicUsize, Ordering};

use easemob::operation::Paged;
use easemob::types::User;
use easemob::{Client, Error, ErrorKind, Items, RetryPolicy, users};
use script::{Act, Received, Script};

fn client(server: &Script) -> Client {
    let builder = Client::builder("acme", "support");
    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    let builder = builder.hyper();
    builder
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
        .retry(RetryPolicy::off())
        .build()
        .expect("a client")
}

/// Returns the value of a query parameter.
fn query<'r>(received: &'r Received, name: &str) -> Option<&'r str> {
    let target = received.head.split(' ').nth(1)?;
    let (_, query) = target.split_once('?')?;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Returns a page of users as JSON.
fn page(names: &[&str], cursor: &str) -> Act {
    let users = names
        .iter()
        .map(|name| format!(r#"{{"uuid":"{name}","username":"{name}"}}"#));
    let users = users.collect::<Vec<_>>().join(",");
    Act::ok(&format!(r#"{{"entities":[{users}],"cursor":"{cursor}"}}"#))
}

/// Serves pages by their cursors; the first has the cursor `""`.
async fn pages(pages: &'static [(&'static str, &'static str)]) -> Script {
    Script::run(move |_, received| {
        let cursor = query(received, "cursor").unwrap_or_default();
        let found = pages.iter().find(|(at, _)| *at == cursor);
        found.map_or_else(|| Act::error(404, "{}"), |(_, body)| Act::ok(body))
    })
    .await
}

/// Reads all users. An error is summarized by its path, or by its kind.
async fn names<O: Paged<Item = User>>(mut users: Items<O>) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        match users.try_next().await {
            Ok(Some(user)) => names.push(user.username.to_string()),
            Ok(None) => return names,
            Err(error) if !error.path().is_empty() => names.push(format!("! {}", error.path())),
            Err(error) => names.push(format!("! {}", error.kind())),
        }
    }
}

/// Three pages, the first of which has an odd element in the middle.
fn with_odd(odd: &str) -> [(&'static str, String); 3] {
    let user = |name: &str| format!(r#"{{"uuid":"{name}","username":"{name}"}}"#);
    [
        (
            "",
            format!(r#"{{"entities":[{},{odd},{}],"cursor":"2"}}"#, user("a"), user("c")),
        ),
        ("2", format!(r#"{{"entities":[{}],"cursor":"3"}}"#, user("d"))),
        ("3", format!(r#"{{"entities":[{}]}}"#, user("e"))),
    ]
}

async fn serve(pages: [(&'static str, String); 3]) -> Script {
    Script::run(move |_, received| {
        let cursor = query(received, "cursor").unwrap_or_default();
        let found = pages.iter().find(|(at, _)| *at == cursor);
        found.map_or_else(|| Act::error(404, "{}"), |(_, body)| Act::ok(body))
    })
    .await
}

#[tokio::test]
async fn an_odd_element_does_not_end_a_list() {
    for (odd, path) in [
        (r#"{"username":"ghost"}"#, "entities[1]"),
        (r#"{"uuid":"b","username":[]}"#, "entities[1].username"),
        ("null", "entities[1]"),
        ("[1,2]", "entities[1]"),
    ] {
        let server = serve(with_odd(odd)).await;
        let users = client(&server).users().list().stream();
        assert_eq!(names(users).await, ["a", &format!("! {path}"), "c", "d", "e"], "{odd}");
    }
}

#[cfg(feature = "blocking")]
#[test]
fn an_odd_element_does_not_end_a_blocking_list() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(serve(with_odd(r#"{"username":"ghost"}"#)));
    let client = easemob::blocking::Client::new(client(&server)).expect("a client");
    let mut users = client.users().list().iter();
    let outcomes: Vec<_> = users.by_ref().map(|user| user.ok().map(|user| user.uuid)).collect();
    let expected = [Some("a"), None, Some("c"), Some("d"), Some("e")];
    assert_eq!(outcomes, expected.map(|uuid| uuid.map(str::to_owned)));
    assert_eq!(users.get_ref().page().cursor.as_deref(), Some("3"));
    assert!(users.get_ref().next_page().is_none());
}

#[tokio::test]
async fn a_page_without_a_readable_list_does_not_end_it() {
    for broken in [
        r#"{"entities":"none","cursor":"2"}"#,
        r#"{"entities":{"a":1},"cursor":"2"}"#,
        r#"{"entities":7,"cursor":"2"}"#,
    ] {
        let mut pages = with_odd("null");
        pages[0].1 = broken.to_owned();
        let server = serve(pages).await;
        let users = client(&server).users().list().stream();
        assert_eq!(names(users).await, ["! entities", "d", "e"], "{broken}");
    }
    // Without a cursor, such a page is the last.
    let server = pages(&[("", "[]")]).await;
    assert_eq!(names(client(&server).users().list().stream()).await.len(), 2);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_short_page_does_not_end_a_list() {
    let users = |count: usize, start: usize| {
        let users = (start..start + count).map(|id| format!(r#"{{"member":"user-{id}"}}"#));
        Act::ok(&format!(r#"{{"data":[{}]}}"#, users.collect::<Vec<_>>().join(",")))
    };
    // The size of each page: the server caps it, or filters a page.
    for sizes in [&[100, 100, 50][..], &[1000, 999, 1000, 1], &[1], &[]] {
        let server = Script::run(move |_, received| {
            assert_eq!(query(received, "pagesize"), Some("1000"));
            let number: usize = query(received, "pagenum")
                .and_then(|text| text.parse().ok())
                .expect("a page number");
            let start = sizes.iter().take(number - 1).sum();
            users(sizes.get(number - 1).copied().unwrap_or_default(), start)
        })
        .await;
        let client = client(&server);
        let mut members = client.group_members().list("1").stream();
        let mut count = 0;
        while members.try_next().await.expect("a member").is_some() {
            count += 1;
        }
        assert_eq!(count, sizes.iter().sum::<usize>());
        assert_eq!(server.count(), sizes.len() + 1);
    }
    // Lists with cursors do not depend on sizes at all.
    let server = Script::run(|_, received| match query(received, "cursor") {
        None => page(&["a", "b"], "1"),
        Some("1") => page(&["c"], "2"),
        Some("2") => page(&[], "3"),
        _ => page(&["d", "e"], ""),
    })
    .await;
    let users = client(&server).users().list().limit(2).stream();
    assert_eq!(names(users).await, ["a", "b", "c", "d", "e"]);
}

/// Serves two pages, the first of which is short. Each contains the total number of elements.
async fn numbered(list: &'static str, element: fn(usize) -> String) -> Script {
    Script::run(move |_, received| {
        assert_eq!(query(received, "pageSize"), Some("3"));
        let elements: Vec<_> = match query(received, "pageNum") {
            Some("1") => (0..2).map(element).collect(),
            Some("2") => (2..5).map(element).collect(),
            _ => Vec::new(),
        };
        Act::ok(&list.replace("[]", &format!("[{}]", elements.join(","))))
    })
    .await
}

#[tokio::test]
async fn a_required_page_size_is_sent_with_every_page() -> Result<(), Error> {
    let mute = |number| format!(r#"{{"username":"user-{number}","chat":60}}"#);
    let server = numbered(r#"{"data":{"data":[],"unixtime":1718160120}}"#, mute).await;
    let mut mutes = client(&server).mutes().list(3).stream();
    let mut found = Vec::new();
    while let Some(mute) = mutes.try_next().await? {
        found.push(mute.username);
    }
    assert_eq!(found, ["user-0", "user-1", "user-2", "user-3", "user-4"]);
    assert_eq!(server.count(), 3);

    let subscription = |number| format!(r#"{{"uid":"user-{number}","expiry":"1718672460"}}"#);
    let server = numbered(r#"{"result":{"totalnum":"5","sublist":[]}}"#, subscription).await;
    let mut subscriptions = client(&server).presence().list_subscriptions("alice", 3).stream();
    let mut found = Vec::new();
    while let Some(subscription) = subscriptions.try_next().await? {
        found.push(subscription.username);
    }
    assert_eq!(found, ["user-0", "user-1", "user-2", "user-3", "user-4"]);
    assert_eq!(server.count(), 3);
    // A list can begin at any page.
    let client = client(&server);
    let request = client.presence().list_subscriptions("alice", 3).page_number(2);
    let first = request.stream().try_next().await?.expect("a subscription");
    assert_eq!(first.username, "user-2");
    Ok(())
}

#[tokio::test]
async fn a_missing_or_null_list_is_empty() -> Result<(), Error> {
    for body in [
        r#"{"data":null}"#,
        "{}",
        r#"{"data":[]}"#,
        r#"{"duration":1,"count":0}"#,
    ] {
        let server = Script::run(move |_, _| Act::ok(body)).await;
        let client = client(&server);
        assert_eq!(client.group_members().list("1").await?, []);
        assert_eq!(client.chatrooms().list().await?, []);
        assert!(client.group_members().list("1").stream().try_next().await?.is_none());
        assert!(client.chatrooms().list().stream().try_next().await?.is_none());
        let mut members = client.group_members().list("1").stream();
        assert!(members.response().is_none() && members.try_next().await?.is_none());
        assert_eq!(members.response().expect("a page").status(), 200);
    }
    // Where the path is longer, and in the middle of a list.
    let server = Script::run(|_, received| {
        Act::ok(match query(received, "cursor") {
            None => r#"{"data":{"affiliations":["a"]},"properties":{"cursor":"1"}}"#,
            _ => r#"{"data":null,"properties":{"cursor":"2"}}"#,
        })
    })
    .await;
    let mut members = client(&server).thread_members().list("1").stream();
    assert_eq!(members.try_next().await?.expect("a member").as_str(), "a");
    assert!(members.try_next().await?.is_none());
    let server = pages(&[
        ("", r#"{"entities":null,"cursor":"1"}"#),
        ("1", r#"{"cursor":"2"}"#),
        ("2", r#"{"entities":[{"uuid":"a","username":"a"}]}"#),
    ])
    .await;
    assert_eq!(names(client(&server).users().list().stream()).await, ["a"]);
    // A value of another kind is still an error, and so is a missing list where the spec does not allow it.
    let server = Script::run(|_, _| Act::ok(r#"{"data":false}"#)).await;
    let client = client(&server);
    let error = client.group_members().list("1").await.expect_err("no list");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let server = Script::run(|_, _| Act::ok("{}")).await;
    let error = self::client(&server).groups().get(["1"]).await.expect_err("no list");
    assert_eq!(error.kind(), ErrorKind::Decode);
    Ok(())
}

#[cfg(feature = "blocking")]
#[test]
fn a_missing_list_is_empty_in_a_blocking_client() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Script::run(|_, _| Act::ok(r#"{"data":null}"#)));
    let client = easemob::blocking::Client::new(client(&server)).expect("a client");
    assert!(client.group_members().list("1").iter().next().is_none());
    assert!(client.chatrooms().list().call().expect("a page").is_empty());
}

/// Serves pages whose cursors follow this list, which then starts over.
async fn cursors(list: &'static [&'static str]) -> Script {
    let at = AtomicUsize::new(0);
    Script::run(move |_, _| {
        let number = at.fetch_add(1, Ordering::SeqCst);
        page(&[format!("u{number}").as_str()], list[number % list.len()])
    })
    .await
}

#[tokio::test]
async fn a_cursor_that_was_used_before_ends_a_list() {
    for (list, expected) in [
        (&["A", "B"][..], &["u0", "u1", "u2", "! decode"][..]),
        (&["A"], &["u0", "u1", "! decode"]),
        (&["A", "B", "C"], &["u0", "u1", "u2", "u3", "! decode"]),
        (&["0"], &["u0", "u1", "! decode"]),
        (&[""], &["u0"]),
    ] {
        let server = cursors(list).await;
        let client = client(&server);
        assert_eq!(names(client.users().list().stream()).await, expected, "{list:?}");
        let mut users = client.users().list().stream();
        while let Ok(Some(_)) = users.try_next().await {}
        assert!(users.next_page().is_none());
    }
    // The cursor that a list was resumed with is known, too.
    let server = cursors(&["B", "A"]).await;
    let users = client(&server).users().list().cursor("A").stream();
    assert_eq!(names(users).await, ["u0", "u1", "! decode"]);
}

#[tokio::test]
async fn a_server_that_ignores_the_page_number_does_not_cause_an_endless_list() {
    let server = Script::run(|_, _| Act::ok(r#"{"data":[{"member":"a"},{"member":"b"}],"duration":1}"#)).await;
    let mut members = client(&server).group_members().list("1").stream();
    let mut outcomes = Vec::new();
    loop {
        match members.try_next().await {
            Ok(Some(_)) => outcomes.push(true),
            Ok(None) => break,
            Err(error) => {
                assert!(error.to_string().contains("earlier"), "{error}");
                outcomes.push(false);
            }
        }
    }
    assert_eq!(outcomes, [true, true, true, true, false]);
}

/// Serves 5 pages of users. The request for the third page fails once.
async fn fails_once(failure: fn() -> Act) -> Script {
    let failures = AtomicUsize::new(0);
    Script::run(move |_, received| {
        let at: usize = query(received, "cursor").map_or(0, |text| text.parse().expect("a number"));
        if at == 2 && failures.fetch_add(1, Ordering::SeqCst) == 0 {
            return failure();
        }
        let next = if at == 4 { String::new() } else { (at + 1).to_string() };
        let [first, second] = ["a", "b"].map(|letter| format!("{letter}{at}"));
        page(&[&first, &second], &next)
    })
    .await
}

#[tokio::test]
async fn an_interrupted_list_can_be_resumed() {
    let expected: Vec<_> = (0..5).flat_map(|at| [format!("a{at}"), format!("b{at}")]).collect();
    for failure in [
        || Act::Close,
        || Act::error(500, "{}"),
        || Act::error(429, r#"{"error":"reach_limit"}"#),
    ] {
        let server = fails_once(failure).await;
        let client = client(&server);
        let mut users = client.users().list().limit(2).stream();
        let mut seen = Vec::new();
        while let Ok(Some(user)) = users.try_next().await {
            seen.push(user.username.to_string());
        }
        assert!(users.try_next().await.expect("the end").is_none());
        assert_eq!((users.page().cursor.as_deref(), users.returned()), (Some("1"), 2));
        // By the request, or by the public cursor.
        let rest = names(client.stream(users.next_page().expect("a page").clone())).await;
        let cursor = users.cursor().expect("a cursor");
        assert_eq!(
            rest,
            names(client.users().list().limit(2).cursor(cursor).stream()).await
        );
        seen.extend(rest);
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn a_list_can_be_resumed_at_any_element() {
    let server = fails_once(|| Act::Close).await;
    let client = client(&server);
    let expected: Vec<_> = (0..5).flat_map(|at| [format!("a{at}"), format!("b{at}")]).collect();
    for stop in 0..4 {
        let mut users = client.users().list().stream();
        let mut seen = Vec::new();
        for _ in 0..stop {
            seen.extend(
                users
                    .try_next()
                    .await
                    .expect("a user")
                    .map(|user| user.username.to_string()),
            );
        }
        let (page, returned): (users::List, usize) = (users.page().clone(), users.returned());
        drop(users);
        // The first attempt to read on fails at the third page.
        let mut rest = names(client.stream(page.clone())).await;
        if rest.len() < expected.len() - stop {
            rest = names(client.stream(page)).await;
        }
        seen.extend(rest.into_iter().skip(returned));
        assert_eq!(seen, expected, "stopped after {stop}");
    }
}

#[cfg(feature = "blocking")]
#[test]
fn a_blocking_list_can_be_resumed() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(fails_once(|| Act::Close));
    let client = easemob::blocking::Client::new(client(&server)).expect("a client");
    let mut users = client.users().list().iter();
    let seen = users.by_ref().flatten().count();
    let next = users.get_ref().next_page().expect("a page").clone();
    assert_eq!((seen, next.cursor.as_deref()), (4, users.get_ref().cursor()));
    let rest = client.iter(client.as_async().stream(next));
    assert_eq!(rest.flatten().count(), 6);
}

/// The request in flight is kept, so a timeout of one call does not lose its page.
#[tokio::test]
async fn dropping_a_pending_call_loses_no_element() {
    let server = Script::run(|number, received| match (number, query(received, "cursor")) {
        (0, _) => Act::Delay(std::time::Duration::from_millis(200), Box::new(page(&["a"], "1"))),
        _ => page(&["b"], ""),
    })
    .await;
    let mut users = client(&server).users().list().stream();
    let early = tokio::time::timeout(std::time::Duration::from_millis(20), users.try_next());
    assert!(early.await.is_err());
    assert_eq!(names(users).await, ["a", "b"]);
    assert_eq!(server.count(), 2);
}
