//! The web page in a browser, and the changes that it shows.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::path::Path;
use std::process::Command;

use easemob::types::{ChatType, TextBody};
use easemob_sandbox::RecordedChange;

use support::checked::Checked;

/// Tells the server that the page is open, as its script does.
async fn watch(sandbox: &Checked) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_sandbox/calls?limit=1&watch=1", sandbox.url());
    let response = http.get(url).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

/// Returns a change as a line: the cells before it and after it, and the marks of the message.
fn line(change: &RecordedChange) -> String {
    let cells = |cells: &Option<Vec<String>>| cells.as_ref().map_or_else(|| "-".to_owned(), |cells| cells.join("|"));
    let marks = change
        .marks
        .iter()
        .flat_map(|mark| [" [", mark[0].1, "]"])
        .collect::<String>();
    let (before, after) = (cells(&change.before), cells(&change.after));
    format!("{}: {before} > {after}{marks}", change.title[0].1)
}

/// Returns the changes of the calls of an operation.
fn changes(sandbox: &Checked, operation: &str) -> Vec<String> {
    let calls = sandbox.calls();
    let calls = calls.iter().filter(|call| call.operation == Some(operation));
    calls.flat_map(|call| call.changes.iter().map(line)).collect()
}

#[tokio::test]
async fn calls_record_their_changes_while_the_page_is_open() {
    let sandbox = Checked::start();
    let client = sandbox.client().unwrap();
    client.users().create("alice").await.unwrap();
    assert!(changes(&sandbox, "users.create").is_empty());

    watch(&sandbox).await;
    client.users().create("bob").await.unwrap();
    client.users().get("bob").await.unwrap();
    client
        .presence()
        .set("bob", "phone", "2", "In a meeting")
        .await
        .unwrap();
    let sent = client
        .messages()
        .send_to_users(["bob"], TextBody::new("Lunch?"))
        .from("alice");
    let id = sent.await.unwrap().message_ids["bob"].clone();
    client
        .messages()
        .edit(id.as_str(), TextBody::new("Dinner?"))
        .await
        .unwrap();
    client.reactions().add("bob", id.as_str(), "👍").await.unwrap();
    client
        .messages()
        .recall(id.as_str(), "bob", ChatType::Chat, true)
        .await
        .unwrap();
    client.users().delete("bob").await.unwrap();

    for (operation, expected) in [
        ("users.create", "Users: - > bob|||||0|0"),
        ("presence.set", "Users: bob|||||0|0 > bob||phone: 2|In a meeting||0|0"),
        ("messages.send_to_users", "One-to-one: - > alice, bob|alice: Lunch?"),
        (
            "messages.edit",
            "One-to-one: alice, bob|alice: Lunch? > alice, bob|alice: Dinner? [edited]",
        ),
        (
            "reactions.add",
            "One-to-one: alice, bob|alice: Dinner? > alice, bob|alice: Dinner?  👍 1 [edited]",
        ),
        (
            "messages.recall",
            "One-to-one: alice, bob|alice: Dinner?  👍 1 > alice, bob|alice:  [recalled]",
        ),
        ("users.delete", "Users: bob||phone: 2|In a meeting||0|0 > -"),
    ] {
        assert_eq!(changes(&sandbox, operation), [expected], "{operation}");
    }
    assert!(changes(&sandbox, "users.get").is_empty());
}

/// Returns a browser: the one in the variable `CHROMIUM`, or an installed one.
fn browser() -> Option<String> {
    let installed = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let found = installed.into_iter().find(|path| Path::new(path).exists());
    std::env::var("CHROMIUM").ok().or_else(|| found.map(str::to_owned))
}

#[tokio::test]
async fn a_browser_shows_messages_and_changes_as_text() {
    let Some(browser) = browser() else {
        eprintln!("skipped: no Chromium is installed, and CHROMIUM is not set");
        return;
    };
    let sandbox = Checked::start();
    watch(&sandbox).await;
    let client = sandbox.client().unwrap();
    client.users().create("bob").await.unwrap();
    client
        .presence()
        .set("bob", "phone", "2", "In a meeting")
        .await
        .unwrap();
    let messages = client.messages();
    let first = messages.send_to_users(["bob"], TextBody::new("<i>Lunch</i> at noon?"));
    let first = first.from("alice").await.unwrap().message_ids["bob"].clone();
    let second = messages
        .send_to_users(["bob"], TextBody::new("Oops"))
        .from("alice")
        .await
        .unwrap();
    client.reactions().add("bob", first.as_str(), "👍").await.unwrap();
    let recalled = messages.recall(second.message_ids["bob"].as_str(), "bob", ChatType::Chat, true);
    recalled.await.unwrap();

    let profile = std::env::temp_dir().join(format!("sandbox-browser-{}", std::process::id()));
    for (view, expected) in [
        ("chat", ["&lt;i&gt;Lunch&lt;/i&gt; at noon?  👍 1", "[recalled]"]),
        (
            "calls",
            [
                "messages.send_to_users",
                "~ One-to-one: alice, bob · alice: Oops → alice:  · [recalled]",
            ],
        ),
        ("data", ["phone: 2", "In a meeting"]),
    ] {
        let output = Command::new(&browser)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--dump-dom",
                "--lang=en",
                "--virtual-time-budget=5000",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("{}/#{view}", sandbox.url()))
            .output()
            .unwrap();
        let document = String::from_utf8_lossy(&output.stdout).into_owned();
        for text in expected {
            assert!(document.contains(text), "{view}: {text}: {document}");
        }
    }
    drop(std::fs::remove_dir_all(profile));
}
