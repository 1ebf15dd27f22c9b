//! Responses that deviate from the documentation, and free-form JSON.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use easemob::messages::SendToUsers;
use easemob::types::{
    ChatType, Group, GroupId, HistoryBody, HistoryRecord, ListedGroup, Member, MessageId, PixelSize, PushDisplayStyle,
    TextBody, User, UserId,
};
use easemob::{
    Error, ErrorCode, ErrorKind, Json, Operation, Response, Secret, TimestampMillis, group_members, groups, users,
};
use http::StatusCode;
use serde_json::json;

/// Decodes a response of an operation.
fn receive<O: Operation>(status: u16, body: &str) -> Result<Response<O::Output>, Error> {
    let mut response = http::Response::new(body.to_owned());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    O::from_http(response)
}

/// Returns the JSON path of the value that could not be decoded.
fn path_of_error<O: Operation>(body: &str) -> String {
    match receive::<O>(200, body) {
        Err(error) if error.kind() == ErrorKind::Decode => error.path().to_owned(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("decoded: {body}"),
    }
}

fn user(fields: &str) -> Result<User, Error> {
    let body = format!(r#"{{"entities":[{{"uuid":"u","username":"alice",{fields}}}],"count":1}}"#);
    receive::<users::List>(200, &body).map(|response| response.value[0].clone())
}

#[test]
fn integers_may_have_any_notation() {
    for (number, millis) in [
        ("1718323200288", 1_718_323_200_288),
        ("1718323200288.0", 1_718_323_200_288),
        ("1.718323200288E12", 1_718_323_200_288),
        ("1.7E12", 1_700_000_000_000),
        ("\"1718323200288\"", 1_718_323_200_288),
        ("\"1.718323200288e+12\"", 1_718_323_200_288),
        ("9007199254740993.0", 9_007_199_254_740_993),
        ("-0.0", 0),
    ] {
        let user = user(&format!(
            r#""created":{number},"notification_no_disturbing_end":{number}"#
        ));
        let user = user.unwrap_or_else(|error| panic!("{number}: {error}"));
        assert_eq!(user.created, Some(TimestampMillis(millis)), "{number}");
        assert_eq!(user.do_not_disturb_end, Some(millis), "{number}");
    }
    for number in ["0.5", "1.8e19", "\"\"", "\"x\"", "true", "[1]"] {
        for key in [
            "created",
            "notification_no_disturbing_end",
            "notification_display_style",
        ] {
            assert!(user(&format!(r#""{key}":{number}"#)).is_err(), "{key}: {number}");
        }
    }
    let shown = user(r#""notification_display_style":1.0"#).map(|user| user.push_display_style);
    assert_eq!(shown.ok(), Some(Some(PushDisplayStyle::Detail)));
    let size = serde_json::from_str::<PixelSize>(r#"{"width":"746","height":746.0}"#).ok();
    assert_eq!(size, Some(PixelSize::new(746, 746)));
}

#[test]
fn the_last_of_several_equal_keys_counts() {
    let body = r#"{"entities":[{"uuid":1,"username":"a","username":"b","uuid":"u"}],"count":9,"count":"x","count":1}"#;
    let response = receive::<users::List>(200, body).expect("users");
    assert_eq!(response.value[0].username.as_str(), "b");
    assert_eq!(response.envelope().expect("an envelope").count, Some(1));
    let twice = r#"{"entities":null,"entities":[{"uuid":"u","username":"a"}]}"#;
    assert_eq!(receive::<users::List>(200, twice).expect("users").value.len(), 1);
    let error = r#"{"error":"a","error":"illegal_argument","error_description":"x","error_description":"y"}"#;
    let Err(error) = receive::<users::List>(400, error) else {
        panic!("an error response")
    };
    assert_eq!(error.code().map(ErrorCode::as_str), Some("illegal_argument"));
    let group = r#"{"data":[{"id":"1","id":"2","affiliations":[{"owner":"a","owner":"b"}]}]}"#;
    let group = receive::<groups::Get>(200, group).expect("a group").value[0].clone();
    assert_eq!(group.id, "2");
    assert!(matches!(group.members.as_deref(), Some([Member::Owner(owner)]) if owner == "b"));
}

#[test]
fn a_known_kind_with_unexpected_content_is_an_error() {
    for body in [
        r#"{"type":"txt","msg":5}"#,
        r#"{"type":"txt"}"#,
        r#"{"type":"loc","lat":"north","lng":121.4,"addr":"x"}"#,
        r#"{"type":"video","length":10.5}"#,
        r#"{"type":"img","size":{"width":746.5,"height":1}}"#,
        r#"{"type":"img","filename":7}"#,
        r#"{"type":"cmd"}"#,
        "7",
        "null",
    ] {
        assert!(serde_json::from_str::<HistoryBody>(body).is_err(), "{body}");
    }
    for body in [r#"{"type":"hologram","msg":5}"#, r#"{"msg":5}"#, r#"{"type":7}"#, "{}"] {
        let other = serde_json::from_str::<HistoryBody>(body).expect("an unknown kind");
        assert!(
            matches!(&other, HistoryBody::Other(json) if json.as_str() == body),
            "{body}"
        );
        assert_eq!(serde_json::to_string(&other).expect("JSON"), body);
    }
}

#[test]
fn a_combined_message_keeps_its_file() {
    let body = r#"{"type":"txt","msg":"[Chat history]","subType":"sub_combine","title":"Group chat","summary":"alice: hi",
        "combineLevel":1,"filename":"1718323320189","file_length":913,"url":"https://example.com/f","secret":"k3y"}"#;
    let HistoryBody::Text(text) = serde_json::from_str(body).expect("a body") else {
        panic!("a text")
    };
    assert_eq!(
        (text.msg.as_str(), text.title.as_deref()),
        ("[Chat history]", Some("Group chat"))
    );
    assert_eq!((text.combine_level, text.file_length), (Some(1), Some(913)));
    assert_eq!(text.secret.as_ref().map(Secret::expose), Some("k3y"));
    assert!(!format!("{text:?}").contains("k3y"));
    // Without a type, it is kept as it is, but not printed.
    let other: HistoryBody = serde_json::from_str(r#"{"subType":"sub_combine","secret":"k3y"}"#).expect("a body");
    assert_eq!(format!("{other:?}"), "Other(Json(40 bytes))");
}

#[test]
fn coordinates_may_be_strings() {
    for (lat, expected) in [
        ("31.25", 31.25),
        ("\"31.25\"", 31.25),
        ("\" -7 \"", -7.0),
        ("3125e-2", 31.25),
    ] {
        let body = format!(r#"{{"type":"loc","lat":{lat},"lng":"1e2"}}"#);
        let HistoryBody::Location(location) = serde_json::from_str(&body).expect("a body") else {
            panic!("a location")
        };
        assert_eq!((location.lat, location.lng), (Some(expected), Some(100.0)), "{lat}");
    }
}

#[test]
fn keys_beside_that_of_the_variant_are_ignored() {
    let members = |list: &str| receive::<group_members::List>(200, &format!(r#"{{"data":{list}}}"#));
    let response = members(r#"[{"owner":"a"},{"member":"b","join_time":1},{"x":[{}],"member":"c"},{"guest":"d"}]"#);
    let members_found = response.expect("members").value;
    let values: Vec<_> = members_found
        .iter()
        .map(|member| member.value().map(ToString::to_string))
        .collect();
    assert_eq!(
        values,
        [Some("a"), Some("b"), Some("c"), None].map(|value| value.map(str::to_owned))
    );
    assert!(matches!(&members_found[3], Member::Other(json) if *json == json!({"guest": "d"})));
    for (list, path) in [
        (r#"[{"owner":"a"},{}]"#, "data[1]"),
        (r#"[{"member":{},"join_time":1}]"#, "data[0].member"),
        (r#"["a"]"#, "data[0]"),
        ("[null]", "data[0]"),
    ] {
        assert_eq!(
            path_of_error::<group_members::List>(&format!(r#"{{"data":{list}}}"#)),
            path,
            "{list}"
        );
    }
    let group = r#"{"data":[{"id":"1","affiliations":[{"owner":"a","since":2}]}]}"#;
    let group: Group = receive::<groups::Get>(200, group).expect("a group").value[0].clone();
    assert_eq!(group.members.map(|members| members.len()), Some(1));
}

#[test]
fn aliases_are_read_in_order() {
    let modified = |fields: &str| {
        let group = serde_json::from_str::<ListedGroup>(&format!(r#"{{"groupid":"1",{fields}}}"#));
        group.map(|group| group.modified.map(|time| time.0))
    };
    for (fields, expected) in [
        (r#""last_modified":1,"lastModified":2"#, Some(1)),
        (r#""lastModified":2,"last_modified":1"#, Some(1)),
        (r#""lastModified":"2","last_modified":null"#, Some(2)),
        (r#""lastModified":2.0"#, Some(2)),
        (r#""x":1"#, None),
    ] {
        assert_eq!(modified(fields).ok(), Some(expected), "{fields}");
    }
    for (group, path) in [
        (r#"{"groupid":"1","lastModified":true}"#, "data[0].lastModified"),
        (r#"{"groupid":true}"#, "data[0].groupid"),
        (r#"{"lastModified":1}"#, "data[0]"),
    ] {
        assert_eq!(
            path_of_error::<groups::List>(&format!(r#"{{"data":[{group}]}}"#)),
            path,
            "{group}"
        );
    }
}

#[test]
fn keys_that_contain_a_group_id_are_a_map() -> Result<(), Error> {
    let user = user(
        r#""notification_ignore_1":true,"notification_ignore_2":"false","notification_ignore_3":"true","notification_ignore_4":null,
        "notification_ignored":7,"notification_ignore_5":true,"notification_ignore_5":false,"notification_ign\u006fre_6":true"#,
    )?;
    let expected = [("1", true), ("2", false), ("3", true), ("5", false), ("6", true)];
    let expected = expected.map(|(group, muted)| (GroupId::from(group), muted));
    assert_eq!(user.muted_groups, BTreeMap::from(expected));
    assert_eq!(user.muted_groups.get("3"), Some(&true));
    let text = serde_json::to_string(&user).expect("JSON");
    assert_eq!(serde_json::from_str::<User>(&text).ok(), Some(user));
    assert!(text.contains(r#""notification_ignore_2":false"#), "{text}");
    let body = r#"{"entities":[{"uuid":"u","username":"alice","notification_ignore_1":[]}]}"#;
    assert_eq!(path_of_error::<users::Get>(body), "entities[0].notification_ignore_1");
    Ok(())
}

#[test]
fn free_form_numbers_are_kept() {
    let ext = r#"{"n":12345678901234567890123,"d":1.10,"e":1E400,"deep":[{"x":0.1000}]}"#;
    let line = format!(
        r#"{{"msg_id":"1","timestamp":1,"chat_type":"chat","payload":{{"bodies":[{{"type":"x","n":1.50}}],"ext":{ext}}}}}"#
    );
    let record = serde_json::from_str::<HistoryRecord>(&line).expect("a record");
    let kept = record.payload.ext.as_ref().expect("an extension");
    assert_eq!(kept.as_str(), ext);
    assert_eq!(
        kept.get("n").map(|n| n.to_string()).as_deref(),
        Some("12345678901234567890123")
    );
    assert_eq!(serde_json::to_string(&record).expect("JSON"), line);
    let read = serde_json::from_reader::<_, HistoryRecord>(line.as_bytes()).expect("a record");
    assert_eq!(read, record);
    for ext in ["[1]", "1", "\"{}\"", "true"] {
        let line = line.replace("\"ext\":{\"n\"", &format!("\"ext\":{ext},\"x\":{{\"n\""));
        assert!(serde_json::from_str::<HistoryRecord>(&line).is_err(), "{ext}");
    }
    // Nesting is limited, however deep a document is.
    for depth in [100, 1000, 100_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let line = line.replace("1.10", &deep);
        assert_eq!(serde_json::from_str::<HistoryRecord>(&line).is_ok(), depth == 100);
    }
}

#[test]
fn an_extension_may_be_given_in_several_ways() {
    let sent = |request: SendToUsers| {
        let target = easemob::target("https://api.example", "acme", "support").expect("a target");
        let request = request.to_http(&target).expect("a request");
        serde_json::from_slice::<serde_json::Value>(request.body()).expect("JSON")["ext"].clone()
    };
    let request = || SendToUsers::new(["bob"], TextBody::new("Hi"));
    assert_eq!(sent(request().ext(json!({"order": 7}))), json!({"order": 7}));
    assert_eq!(
        sent(request().ext([("order", json!(7)), ("kind", json!("vip"))])),
        json!({"order": 7, "kind": "vip"})
    );
    assert_eq!(sent(request().ext([("order", 7)])), json!({"order": 7}));
    let exact: Json = r#"{"n":1.5}"#.parse().expect("JSON");
    assert_eq!(sent(request().ext(exact)), json!({"n": 1.5}));
    for ext in [json!([1]), json!("text"), json!(null), json!(7)] {
        let error = request().ext(ext).encode().expect_err("not an object");
        assert!(error.to_string().contains("ext"), "{error}");
    }
}

#[test]
fn ids_convert_and_compare() {
    let (alice, group) = (UserId::from("alice"), GroupId::from("251740836921345"));
    let _ = group_members::Add::new(&group, &alice);
    let _ = group_members::AddMany::new(&group, [&alice, &alice]);
    let _ = group_members::AddMany::new(group.clone(), BTreeSet::from([alice.clone()]));
    let text = String::from("alice");
    assert!(alice == *"alice" && alice == "alice" && alice == text);
    assert!(*"alice" == alice && "alice" == alice && text == alice);
    assert_eq!("alice".parse::<UserId>().as_ref(), Ok(&alice));
    assert_eq!(BTreeMap::from([(alice.clone(), 1)]).get("alice"), Some(&1));
    assert_eq!(AsRef::<str>::as_ref(&alice), alice.to_string());
    for (wire, expected) in [
        ("251740836921345", Some("251740836921345")),
        ("12345678901234567890123", Some("12345678901234567890123")),
        ("2.51740836921345E14", Some("251740836921345")),
        ("\"251740836921345\"", Some("251740836921345")),
        ("1.5", None),
        ("true", None),
        ("null", None),
    ] {
        let id = serde_json::from_str::<GroupId>(wire).ok();
        assert_eq!(id.as_ref().map(GroupId::as_str), expected, "{wire}");
    }
}

#[test]
fn message_ids_may_be_numbers() {
    let body = r#"{"data":{"bob":1234567890123456789012,"carol":"7","dave":1.7E12}}"#;
    let ids = receive::<SendToUsers>(200, body)
        .expect("message IDs")
        .value
        .message_ids;
    let ids: Vec<_> = ids.values().map(MessageId::as_str).collect();
    assert_eq!(ids, ["1234567890123456789012", "7", "1700000000000"]);
    for (id, path) in [
        ("1.5", "data.bob"),
        ("true", "data.bob"),
        ("[\"1\"]", "data.bob"),
        ("{}", "data.bob"),
    ] {
        let body = format!(r#"{{"data":{{"alice":"1","bob":{id}}}}}"#);
        assert_eq!(path_of_error::<SendToUsers>(&body), path, "{id}");
    }
}

#[test]
fn unknown_values_are_opaque() {
    let kind = ChatType::from("planet");
    assert_eq!(
        (kind.as_str(), serde_json::to_string(&kind).ok()),
        ("planet", Some("\"planet\"".to_owned()))
    );
    assert!(matches!(&kind, ChatType::Unknown(text) if text.as_str() == "planet"));
    assert_eq!(format!("{kind} {kind:?}"), "planet Unknown(Unrecognized(\"planet\"))");
    let style = PushDisplayStyle::from(7);
    assert!(matches!(style, PushDisplayStyle::Unknown(number) if number.value() == 7));
    assert_eq!(serde_json::from_str::<PushDisplayStyle>("\"7.0\"").ok(), Some(style));
}
