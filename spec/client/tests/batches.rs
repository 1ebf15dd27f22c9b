//! Messages: required fields, number of receivers, and batches.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::collections::BTreeSet;

use easemob::messages::SendToUsers;
use easemob::operation::Splittable;
use easemob::types::{
    AudioBody, CommandBody, CustomBody, FileBody, ImageBody, LocationBody, MessageContent, MessageId, PixelSize,
    TargetType, TextBody, VideoBody,
};
use easemob::{Batch, Batches, Client, Error, ErrorKind, Operation, Reason, Seconds};
use script::{Act, Received, Script};
use serde_json::{Value, json};

fn client(server: &Script) -> Client {
    support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
        .build()
        .expect("a client")
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

fn receivers(received: &Received) -> Vec<String> {
    let body: Value = serde_json::from_slice(&received.body).expect("JSON");
    let to = body.get("to").unwrap_or(&body["target"]);
    serde_json::from_value(to.clone()).expect("receivers")
}

/// A response with an ID for each receiver.
fn delivered(received: &Received) -> Act {
    let data: serde_json::Map<_, _> = receivers(received)
        .into_iter()
        .map(|receiver| {
            let id = format!("message to {receiver}");
            (receiver, id.into())
        })
        .collect();
    Act::ok(&json!({ "data": data }).to_string())
}

#[expect(deprecated, reason = "no other operation with batches has a maximum body size")]
fn legacy(client: &Client, to: Vec<String>, text: TextBody) -> Batches<easemob::messages::Send> {
    client.split(easemob::messages::Send::new(TargetType::Users, to, text))
}

/// The arguments of a constructor are the required fields of a message, so no incomplete message can be made.
#[test]
fn constructors_take_all_required_fields() {
    let file = || FileBody::new("https://example.com/f").filename("a.bin");
    let messages: [(MessageContent, &str, Value); 8] = [
        (TextBody::new("Hi").into(), "txt", json!({"msg": "Hi"})),
        (
            ImageBody::new(file()).size(PixelSize::new(3, 4)).into(),
            "img",
            json!({"filename": "a.bin", "url": "https://example.com/f", "size": {"width": 3, "height": 4}}),
        ),
        (
            AudioBody::new(file()).length(Seconds(5)).into(),
            "audio",
            json!({"filename": "a.bin", "url": "https://example.com/f", "length": 5}),
        ),
        (
            VideoBody::new("https://example.com/v")
                .length(Seconds(6))
                .file_length(7)
                .into(),
            "video",
            json!({"url": "https://example.com/v", "length": 6, "file_length": 7}),
        ),
        (
            file().into(),
            "file",
            json!({"filename": "a.bin", "url": "https://example.com/f"}),
        ),
        (
            LocationBody::new("31.2", "121.5", "here").into(),
            "loc",
            json!({"lat": "31.2", "lng": "121.5", "addr": "here"}),
        ),
        (CommandBody::new("refresh").into(), "cmd", json!({"action": "refresh"})),
        (CustomBody::new().into(), "custom", json!({})),
    ];
    for (content, kind, body) in messages {
        let sent = serde_json::to_value(&content).expect("JSON");
        assert_eq!(sent, json!({"type": kind, "body": body}));
    }
}

fn assert_counted<O: Operation>(operation: impl Fn(Vec<String>) -> O, most: usize) {
    assert!(operation(ids(1)).encode().is_ok() && operation(ids(most)).encode().is_ok());
    for count in [0, most + 1] {
        let error = operation(ids(count)).encode().expect_err("an error");
        let Some(Reason::Count(excess)) = error.reason() else {
            panic!("{error}")
        };
        assert_eq!(error.path(), "to");
        let signed = |count| i64::try_from(count).expect("a small number");
        let bounds = (excess.value, excess.min, excess.max);
        assert_eq!(bounds, (signed(count), Some(1), Some(signed(most))));
    }
}

#[test]
fn too_many_receivers_fail_before_sending() {
    use easemob::messages::{SendToGroups, SendToRooms, SendToUsers};

    assert_counted(|to| <SendToUsers>::new(to, TextBody::new("Hi")), 600);
    assert_counted(|to| <SendToGroups>::new(to, TextBody::new("Hi")), 3);
    assert_counted(|to| <SendToRooms>::new(to, TextBody::new("Hi")), 10);
}

#[tokio::test]
async fn each_receiver_has_a_result() -> Result<(), Error> {
    // The second batch is rejected, and the outcome of the third is unknown.
    let server = Script::run(|number, received| match number {
        1 => Act::error(403, r#"{"error":"message_send_error"}"#),
        2 => Act::Close,
        _ => delivered(received),
    })
    .await;
    let client = client(&server);
    // One receiver is in the list twice.
    let to = [ids(11), ids(1)].concat();
    let batches = client.messages().send_to_groups(to, TextBody::new("Hi")).split();
    assert_eq!(batches.left(), 11);
    let results: Vec<_> = batches.all().await.into_iter().flat_map(Batch::each).collect();
    let receivers_: Vec<_> = results.iter().map(|(receiver, _)| receiver.clone()).collect();
    assert_eq!(receivers_, ids(11));
    for (number, (receiver, result)) in results.iter().enumerate() {
        match number / 3 {
            0 | 3 => {
                let id = result.as_ref().expect("delivered").clone();
                assert_eq!(id, Some(format!("message to {receiver}").into()));
            }
            1 => assert_eq!(result.as_ref().expect_err("an error").kind(), ErrorKind::RateLimited),
            _ => assert_eq!(result.as_ref().expect_err("broken").kind(), ErrorKind::Interrupted),
        }
    }
    // Nothing was sent twice, and each batch has the maximum size.
    let sent: Vec<_> = server.requests().iter().map(receivers).collect();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 2]);
    assert_eq!(sent.concat(), ids(11));
    Ok(())
}

/// The API accepts names in any case, and returns them in lower case.
#[tokio::test]
async fn results_are_matched_regardless_of_case() -> Result<(), Error> {
    let response = r#"{"data":{"alice":"1","BOB":"2","Bob":"3","carol":"4","Carol":"5"}}"#;
    let server = Script::run(move |_, _| Act::ok(response)).await;
    let client = client(&server);
    let to = ["Alice", "Bob", "CAROL", "dave"];
    let batches = client.messages().send_to_users(to, TextBody::new("Hi")).split();
    let mut results = Vec::new();
    for (receiver, result) in batches.all().await.into_iter().flat_map(Batch::each) {
        results.push((receiver, result?));
    }
    let expected = [
        ("Alice", Some("1")),
        ("Bob", Some("3")),
        ("CAROL", Some("4")),
        ("dave", None),
    ];
    assert_eq!(
        results,
        expected.map(|(receiver, id)| (receiver.to_owned(), id.map(MessageId::from)))
    );
    Ok(())
}

#[tokio::test]
async fn batches_respect_the_limits_of_caller_and_server() -> Result<(), Error> {
    let server = Script::run(|_, received| delivered(received)).await;
    let client = client(&server);
    let long: Vec<_> = (0..1000).map(|number| format!("{number:064}")).collect();
    let text = || TextBody::new("Hi");
    let batches = legacy(&client, long.clone(), text()).all().await;
    assert!(batches.iter().all(|batch| batch.result.is_ok()));
    let received = server.requests();
    // 5 KB hold the IDs of some 70 receivers.
    assert!((14..30).contains(&received.len()) && received.iter().all(|received| received.body.len() <= 5 << 10));
    let reached: BTreeSet<_> = received.iter().flat_map(receivers).collect();
    assert_eq!((reached.len(), reached), (1000, long.into_iter().collect()));

    let mut batches = client.messages().send_to_users(ids(5), text()).split().at_most(2);
    let first = batches.next().await.expect("a batch");
    assert_eq!(
        (first.elements, first.result?.message_ids.len(), batches.left()),
        (ids(2), 2, 3)
    );
    // A caller may stop early.
    drop(batches);
    assert_eq!(server.count(), received.len() + 1);

    // A single batch that is too long is left to the server to reject; an empty list sends no request.
    let huge = legacy(&client, ids(2), TextBody::new("x".repeat(6000)));
    assert_eq!(huge.all().await.len(), 1);
    assert_eq!(
        client
            .messages()
            .send_to_users(ids(0), text())
            .split()
            .all()
            .await
            .len(),
        0
    );
    assert_eq!(server.count(), received.len() + 2);
    Ok(())
}

/// Lists of objects can be split, too, and so can custom operations.
#[tokio::test]
async fn custom_operations_can_be_split() {
    fn left<O: Splittable>(batches: &Batches<O>) -> (usize, usize) {
        (batches.left(), O::MOST)
    }
    let server = Script::run(|_, _| Act::ok(r#"{"entities":[]}"#)).await;
    let client = client(&server);
    let users = (0..130).map(|number| easemob::types::NewUser::new(format!("user-{number}"), "s3cret"));
    let batches = client.users().create_many(users).split();
    assert_eq!(left(&batches), (130, 60));
    let sizes: Vec<_> = batches.all().await.iter().map(|batch| batch.elements.len()).collect();
    assert_eq!((sizes, server.count()), (vec![60, 60, 10], 3));
}

#[tokio::test]
async fn batches_can_outlive_the_client_they_are_from() {
    let server = Script::run(|_, _| Act::ok(r#"{"data":{}}"#)).await;
    let batches = {
        let client = client(&server);
        client.split(SendToUsers::new(ids(1000), TextBody::new("hi")))
    };
    let sent = tokio::spawn(batches.all()).await.expect("no panic");
    assert!(sent.iter().all(|batch| batch.result.is_ok()));
    let count: usize = sent.iter().map(|batch| batch.elements.len()).sum();
    assert_eq!((count, server.count()), (1000, sent.len()));
}

/// A message that is too long even for one receiver is not sent to each receiver separately.
#[tokio::test]
async fn a_message_that_is_too_long_is_not_split_further() {
    let server = Script::run(|_, _| Act::error(413, "{}")).await;
    let client = client(&server);
    let long = TextBody::new("x".repeat(6000));
    let batches = legacy(&client, ids(1000), long).all().await;
    assert_eq!((batches.len(), server.count()), (2, 2));
    assert!(batches.iter().all(|batch| batch.result.is_err()));
}

/// A name that is not a valid user ID.
fn invalid_id(number: usize) -> String {
    format!("{number:065}")
}

/// Each element that breaks a rule is returned with its error; the others are sent.
#[tokio::test]
async fn invalid_elements_do_not_stop_the_others() -> Result<(), Error> {
    let server = Script::run(|_, _| Act::ok(r#"{"data":[]}"#)).await;
    let client = client(&server);
    for invalid in [&[1][..], &[0, 1, 2, 4], &[0, 6], &[]] {
        let before = server.count();
        let names = (0..7).map(|number| {
            let is_valid = !invalid.contains(&number);
            if is_valid {
                format!("id-{number}")
            } else {
                invalid_id(number)
            }
        });
        let batches = client.group_members().disallow("1", names).split().at_most(3);
        let batches = batches.all().await;
        let sent: Vec<_> = batches.iter().filter(|batch| batch.result.is_ok()).collect();
        let elements: Vec<_> = sent.iter().flat_map(|batch| &batch.elements).collect();
        let valid: Vec<_> = (0..7).filter(|number| !invalid.contains(number)).collect();
        assert!(
            elements
                .iter()
                .map(|id| format!("{id}"))
                .eq(valid.iter().map(|number| format!("id-{number}")))
        );
        assert_eq!(server.count() - before, valid.len().div_ceil(3));
        let rejected: Vec<_> = batches.iter().flat_map(|batch| &batch.rejected).collect();
        let failed: Vec<_> = batches.iter().filter(|batch| batch.result.is_err()).collect();
        let unsent = rejected.iter().map(|(id, _)| id);
        let unsent: BTreeSet<_> = unsent.chain(failed.iter().flat_map(|batch| &batch.elements)).collect();
        let invalid: Vec<_> = invalid.iter().map(|number| invalid_id(*number)).collect();
        assert!(unsent.iter().map(|id| format!("{id}")).eq(invalid));
        for (_, error) in rejected {
            assert!(error.path().starts_with("username[0]"), "{error}");
        }
    }
    Ok(())
}

/// If no element of a batch is valid, the batch fails without being sent.
#[tokio::test]
async fn a_batch_without_a_valid_element_fails() {
    let server = Script::run(|_, _| Act::ok(r#"{"data":[]}"#)).await;
    let names = (0..4).map(invalid_id);
    let batches = client(&server).group_members().disallow("1", names).split().at_most(3);
    let errors: Vec<_> = batches
        .all()
        .await
        .into_iter()
        .filter_map(|batch| batch.result.err())
        .collect();
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::InvalidArgument));
    assert_eq!((errors.len(), server.count()), (2, 0));
}

#[tokio::test]
async fn a_dropped_call_leaves_the_batch_in_flight() {
    let server =
        Script::run(|_, received| Act::Delay(std::time::Duration::from_millis(150), Box::new(delivered(received))))
            .await;
    let client = client(&server);
    let mut batches = client.messages().send_to_groups(ids(4), TextBody::new("Hi")).split();
    let given_up = tokio::time::timeout(std::time::Duration::from_millis(20), batches.next()).await;
    assert!(given_up.is_err());
    let sizes: Vec<_> = batches.all().await.iter().map(|batch| batch.elements.len()).collect();
    assert_eq!((sizes, server.count()), (vec![3, 1], 2));
}
