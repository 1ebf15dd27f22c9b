//! Results: operations that were not done, structs with names, and typed IDs.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use easemob::types::{ChatRoomId, GroupId, MessageId, TextBody, ThreadId, UserId};
use easemob::{Client, Error, ErrorKind, RetryPolicy};
use script::{Act, Received, Script};

fn client(server: &Script) -> Client {
    let builder = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    builder
        .token("fixed")
        .retry(RetryPolicy::off())
        .build()
        .expect("a client")
}

async fn responding(body: &'static str) -> (Script, Client) {
    let server = Script::run(move |_, _| Act::ok(body)).await;
    let client = client(&server);
    (server, client)
}

/// Returns the outcome of an operation whose flag is a boolean.
async fn add(body: &'static str) -> Result<(), Error> {
    let (_server, client) = responding(body).await;
    client.group_members().add("1", "alice").await
}

/// Returns the outcome of an operation whose flag is a boolean or the string `success`.
async fn add_admin(body: &'static str) -> Result<(), Error> {
    let (_server, client) = responding(body).await;
    client.group_members().add_admin("1", "alice").await
}

/// Returns the outcome of an operation with a flag for each change.
async fn update(body: &'static str) -> Result<(), Error> {
    let (_server, client) = responding(body).await;
    client.groups().update("1").description("d").max_users(3).await
}

/// Returns the outcome of an operation whose whole response is a flag.
async fn delete_attributes(body: &'static str) -> Result<(), Error> {
    let (_server, client) = responding(body).await;
    client.metadata().delete("alice").await
}

fn not_done(outcome: Result<(), Error>) -> Error {
    match outcome {
        Err(error) if error.kind() == ErrorKind::NotDone => error,
        other => panic!("{other:?}"),
    }
}

fn decode_path(outcome: Result<(), Error>) -> String {
    match outcome {
        Err(error) if error.kind() == ErrorKind::Decode => error.path().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_operation_that_was_not_done_is_an_error() {
    let body = r#"{"action":"post","data":{"result":false,"reason":"alice is banned","user":"alice"}}"#;
    let error = add(body).await.expect_err("not done");
    assert_eq!(error.kind(), ErrorKind::NotDone);
    assert_eq!(error.operation(), Some("group_members.add"));
    assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    assert_eq!((error.attempts(), error.may_have_taken_effect()), (1, false));
    assert!(!error.is_retryable() && error.code().is_none());
    assert_eq!(
        error.to_string(),
        "group_members.add: not done: data.result is not `true`: alice is banned"
    );
    let error = not_done(Err(error));
    assert_eq!(
        (error.path(), error.message(), error.may_have_taken_effect()),
        ("data.result", Some("alice is banned"), false)
    );
    let response = error.response().expect("a response");
    assert_eq!(&response.body()[..], body.as_bytes());
}

#[tokio::test]
async fn a_flag_is_true_or_an_error() {
    add(r#"{"data":{"result":true}}"#).await.expect("done");
    add(r#"{"data":{"result":true,"reason":"irrelevant"}}"#)
        .await
        .expect("done");
    assert_eq!(not_done(add(r#"{"data":{"result":false}}"#).await).message(), None);
    let without_text = add(r#"{"data":{"result":false,"reason":{"code":1}}}"#).await;
    assert_eq!(not_done(without_text).message(), None);
    for body in [
        r#"{"data":{"result":"success"}}"#,
        r#"{"data":{"result":"false"}}"#,
        r#"{"data":{"result":1}}"#,
        r#"{"data":{"result":null}}"#,
        r#"{"data":{"result":{}}}"#,
        r#"{"data":{}}"#,
    ] {
        assert_eq!(decode_path(add(body).await), "data.result", "{body}");
    }
    let error = add(r#"{"data":{}}"#).await.expect_err("an error");
    assert!(error.may_have_taken_effect(), "nothing is known about the outcome");
}

#[tokio::test]
async fn a_flag_can_be_a_word() {
    add_admin(r#"{"data":{"result":"success"}}"#).await.expect("done");
    add_admin(r#"{"data":{"result":true}}"#).await.expect("done");
    for body in [
        r#"{"data":{"result":false,"reason":"no"}}"#,
        r#"{"data":{"result":"failure","reason":"no"}}"#,
        r#"{"data":{"result":"","reason":"no"}}"#,
        r#"{"data":{"result":"Success","reason":"no"}}"#,
    ] {
        assert_eq!(not_done(add_admin(body).await).message(), Some("no"), "{body}");
    }
    for body in [
        r#"{"data":{"result":null}}"#,
        r#"{"data":{"result":0}}"#,
        r#"{"data":{}}"#,
    ] {
        assert_eq!(decode_path(add_admin(body).await), "data.result", "{body}");
    }
}

#[tokio::test]
async fn no_flag_of_several_may_be_false() {
    update(r#"{"data":{"description":true,"maxusers":true}}"#)
        .await
        .expect("done");
    update(r#"{"data":{}}"#).await.expect("done");
    let error = update(r#"{"data":{"description":true,"maxusers":false,"reason":"too many"}}"#)
        .await
        .expect_err("an error");
    assert!(error.may_have_taken_effect(), "the description was changed");
    let error = not_done(Err(error));
    assert_eq!(
        (error.path(), error.message(), error.may_have_taken_effect()),
        ("data.maxusers", Some("too many"), true)
    );
    let error = update(r#"{"data":{"maxusers":false}}"#).await.expect_err("an error");
    assert!(!error.may_have_taken_effect());
    assert_eq!(not_done(Err(error)).message(), None);
    // The documentation says of one field that its new text is returned instead of a flag.
    for body in [
        r#"{"data":{"maxusers":true,"custom":"x"}}"#,
        r#"{"data":{"maxusers":null}}"#,
        r#"{"data":{"custom":"false"}}"#,
    ] {
        update(body).await.unwrap_or_else(|error| panic!("{body}: {error}"));
    }
    for body in [r#"{"data":true}"#, r#"{"data":null}"#, r#"{"data":[]}"#, "{}"] {
        assert_eq!(decode_path(update(body).await), "data", "{body}");
    }
}

#[tokio::test]
async fn a_flag_without_an_object_has_no_reason() {
    delete_attributes(r#"{"data":true}"#).await.expect("done");
    let error = not_done(delete_attributes(r#"{"data":false,"reason":"unknown"}"#).await);
    assert_eq!((error.path(), error.message()), ("data", Some("unknown")));
    assert_eq!(decode_path(delete_attributes(r#"{"data":"true"}"#).await), "data");
}

/// A transport of the caller gets the same error.
#[test]
fn decoding_without_a_client_reports_it_too() {
    use easemob::Operation as _;
    let body = r#"{"data":{"result":false}}"#;
    let response = http::Response::new(bytes::Bytes::from_static(body.as_bytes()));
    let error = <easemob::group_members::Add>::from_http(response).expect_err("not done");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotDone, 0));
}

/// The ID of a new group is the argument of other operations, by value and by reference.
#[tokio::test]
async fn the_ids_of_results_are_arguments() -> Result<(), Error> {
    let server = Script::run(|_, received: &Received| {
        let request = received.head.lines().next().unwrap_or_default();
        let responses = [
            ("/chatgroups ", r#"{"data":{"groupid":"251740836921345"}}"#),
            ("/chatrooms ", r#"{"data":{"id":"7"}}"#),
            ("/thread ", r#"{"data":{"thread_id":"9"}}"#),
            ("/thread/9/users ", r#"{"data":{"status":"ok"}}"#),
            ("/messages/", r#"{"data":{"7":"1284460940261542944"}}"#),
            (
                "/support/users/alice ",
                r#"{"entities":[{"uuid":"u","username":"not a valid ID!"}]}"#,
            ),
        ];
        let known = responses.into_iter().find(|(path, _)| request.contains(path));
        Act::ok(known.map_or(r#"{"data":{"result":true}}"#, |(_, response)| response))
    })
    .await;
    let client = client(&server);
    let group_id: GroupId = client.groups().create("alice", false).await?.group_id;
    client.group_members().add(&group_id, "bob").await?;
    client
        .group_members()
        .add(client.groups().create("alice", false).await?.group_id, "bob")
        .await?;
    let chatroom_id: ChatRoomId = client.chatrooms().create("n", "d", "alice").await?.chatroom_id;
    client.chatroom_members().add(&chatroom_id, "bob").await?;
    let sent = client
        .messages()
        .send_to_rooms([&chatroom_id], TextBody::new("Hi"))
        .await?;
    let message_id: &MessageId = sent.message_ids.values().next().expect("a message");
    let thread_id: ThreadId = client
        .threads()
        .create(&group_id, "Lunch", message_id, "alice")
        .await?
        .thread_id;
    client.thread_members().add(&thread_id, ["bob"]).await?;
    // What the server returns is not checked, only what is sent.
    let user = client.users().get("alice").await?;
    let username: &UserId = &user.username;
    let _ = client.users().get(username);
    let _ = client.messages().send_to_users([username], TextBody::new("Hi"));
    let _ = client
        .messages()
        .send_to_groups([&group_id, &group_id], TextBody::new("Hi"));
    assert_eq!(username.as_str(), "not a valid ID!");
    let error = client.groups().list_of_user(username).await.expect_err("invalid");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    Ok(())
}

/// A flag that describes a state is a value.
#[tokio::test]
async fn a_state_is_a_field_of_the_result() -> Result<(), Error> {
    let (_server, client) = responding(r#"{"data":{"mute":false}}"#).await;
    assert!(!client.group_members().mute_all("1").await?.muted);
    assert!(!client.group_members().unmute_all("1").await?.muted);
    Ok(())
}
