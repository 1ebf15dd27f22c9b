//! Webhooks: signatures, and events that differ from the documented ones.
#![cfg(feature = "webhooks")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test panics")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use easemob::types::{BeforeSendingResponse, BeforeSendingText, GroupOperation, HistoryBody, WebhookChatType};
use easemob::webhook::{self, Event, Verifier, VerifyError};
use serde_json::{Value, json};

/// The secret with which the examples are signed.
const SECRET: &str = "example-secret";

/// A signed body, and the time of signing.
fn signed() -> (Value, SystemTime) {
    let body = json!({
        "callId": "acme#support_1284460967218503681", "eventType": "chat", "timestamp": 1_718_409_640_102_u64,
        "chat_type": "recall", "from": "alice", "to": "bob", "msg_id": "1284460967218503681",
        "recall_id": "1284460940261542950", "payload": {"ext": {}, "ack_message_id": "1284460940261542950", "bodies": []},
        "appkey": "acme#support", "security": "713b1bfe7163e6c066795152e2d5de11",
    });
    (body, UNIX_EPOCH + Duration::from_millis(1_718_409_640_102))
}

fn verify(verifier: &Verifier, body: &Value, now: SystemTime) -> Result<(), VerifyError> {
    verifier.verify_at(body.to_string().as_bytes(), now)
}

fn with(key: &str, value: impl Into<Value>) -> Value {
    let (mut body, _) = signed();
    body[key] = value.into();
    body
}

#[test]
fn a_genuine_signature_is_accepted_in_any_case_and_form_of_the_time() {
    let (body, now) = signed();
    let verifier = Verifier::new(SECRET);
    let upper = body["security"].as_str().unwrap().to_uppercase();
    for body in [body, with("security", upper), with("timestamp", "1718409640102")] {
        assert_eq!(verify(&verifier, &body, now), Ok(()), "{body}");
    }
}

#[test]
fn a_forged_signature_is_rejected() {
    let (_, now) = signed();
    let verifier = Verifier::new(SECRET);
    for (key, value) in [
        ("callId", json!("acme#support_1284460967218503682")),
        ("timestamp", json!(1_718_409_640_103_u64)),
        ("security", json!("")),
        ("security", json!("0cc175b9c0f1b6a831c399e269772661")),
    ] {
        assert_eq!(
            verify(&verifier, &with(key, value), now),
            Err(VerifyError::Forged),
            "{key}"
        );
    }
    assert_eq!(
        verify(&Verifier::new("another-secret"), &signed().0, now),
        Err(VerifyError::Forged)
    );
}

#[test]
fn a_body_without_a_signed_value_is_unsigned() {
    let (_, now) = signed();
    for (key, value) in [
        ("security", Value::Null),
        ("callId", Value::Null),
        ("timestamp", Value::Null),
        ("callId", json!(["acme#support_1284460967218503681"])),
    ] {
        assert_eq!(
            verify(&Verifier::new(SECRET), &with(key, value), now),
            Err(VerifyError::Unsigned),
            "{key}"
        );
    }
    for body in ["", "[]", "null", "\"security\""] {
        assert_eq!(
            Verifier::new(SECRET).verify(body.as_bytes()),
            Err(VerifyError::Unsigned),
            "{body}"
        );
    }
}

#[test]
fn an_old_signature_expires_and_so_does_one_from_the_future() {
    let (body, time) = signed();
    let verifier = Verifier::new(SECRET);
    let minutes = |count: u64| Duration::from_secs(60 * count);
    assert_eq!(verify(&verifier, &body, time + minutes(5)), Ok(()));
    assert_eq!(verify(&verifier, &body, time + minutes(6)), Err(VerifyError::Expired));
    assert_eq!(verify(&verifier, &body, time - minutes(6)), Err(VerifyError::Expired));
    let patient = verifier.tolerance(Duration::MAX);
    assert_eq!(verify(&patient, &body, time + minutes(60 * 24 * 3)), Ok(()));
    assert_eq!(patient.verify(body.to_string().as_bytes()), Ok(()));
}

#[test]
fn each_rule_has_its_own_secret() {
    let (body, now) = signed();
    let verifier = Verifier::new("another-secret").or(SECRET).or("a-third-one");
    assert_eq!(verify(&verifier, &body, now), Ok(()));
    assert!(!format!("{verifier:?}").contains(SECRET));
}

#[test]
fn a_repeated_delivery_has_the_same_id() {
    let (body, _) = signed();
    let id = webhook::id(body.to_string().as_bytes());
    assert_eq!(id.as_deref(), Some("acme#support_1284460967218503681"));
    assert_eq!(webhook::id(b"{\"eventType\": \"chat\"}"), None);
}

#[test]
fn an_unknown_event_is_kept() {
    let body = r#"{"eventType":"chat","chat_type":"edit","payload":{"edit_message_id":12345678901234567890}}"#;
    let Event::Other(event) = Event::parse(body.as_bytes()).unwrap() else {
        panic!("the event is unknown")
    };
    assert_eq!(event.as_str(), body);
}

#[test]
fn unknown_values_of_a_known_event_are_kept() {
    let body = json!({
        "callId": "acme#support_1", "eventType": "chat", "timestamp": "1718409640102", "chat_type": "muc", "msg_id": 1,
        "from": "alice", "to": "", "group_id": "251740836921345", "new_key": [1],
        "payload": {"muc_id": "251740836921345", "operation": "paint", "status": null},
    });
    let Event::GroupOperation(event) = Event::parse(body.to_string().as_bytes()).unwrap() else {
        panic!("the event is known")
    };
    assert_eq!(event.payload.operation.as_str(), "paint");
    assert!(!matches!(event.payload.operation, GroupOperation::Kick));
    assert_eq!(event.conversation.chat_type, WebhookChatType::GroupOperation);
    assert_eq!(event.conversation.msg_id, "1");
}

#[test]
fn a_message_of_an_unknown_type_is_kept() {
    let body = json!({
        "callId": "acme#support_1", "eventType": "chat", "timestamp": 1, "chat_type": "chat", "from": "a", "to": "b", "msg_id": "1",
        "payload": {"bodies": [{"type": "unknown", "x": 1}, {"type": "txt", "msg": "hi"}]},
    });
    let Event::Message(event) = Event::parse(body.to_string().as_bytes()).unwrap() else {
        panic!("the event is known")
    };
    let [HistoryBody::Other { .. }, HistoryBody::Text(text)] = event.payload.bodies.as_slice() else {
        panic!("{:?}", event.payload.bodies)
    };
    assert_eq!(text.msg, "hi");
}

#[test]
fn an_error_names_the_unexpected_value() {
    let body = br#"{"eventType":"moderation","timestamp":1,"moderationResult":[]}"#;
    let error = Event::parse(body).unwrap_err();
    assert_eq!(error.path(), Some("moderationResult"));
    let error = Event::parse(b"callId=1").unwrap_err();
    assert_eq!(error.path(), None);
    assert!(error.to_string().starts_with("unexpected webhook: "), "{error}");
}

#[test]
fn a_response_contains_only_what_is_set() {
    let text = |response: &BeforeSendingResponse| serde_json::to_string(response).unwrap();
    assert_eq!(text(&BeforeSendingResponse::new(true)), r#"{"valid":true}"#);
    let stopped = BeforeSendingResponse::new(false).code("advertising");
    assert_eq!(text(&stopped), r#"{"valid":false,"code":"advertising"}"#);
    let replaced = BeforeSendingResponse::new(true).payload(BeforeSendingText::new("(hidden)"));
    assert_eq!(text(&replaced), r#"{"valid":true,"payload":{"msg":"(hidden)"}}"#);
}
