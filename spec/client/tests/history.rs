//! The file that `messages.get_history_file` leads to: one message per line.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{BufReader, Write};

use easemob::JsonLines;
use easemob::runtime::{LineErrorKind, TimestampMillis};
use easemob::types::{ChatType, Direction, HistoryBody, HistoryRecord};

/// Good lines and bad ones: the fourth is cut short, the sixth is no message, the seventh is blank.
const HISTORY: &str = r#"{"msg_id":"1","timestamp":1718323260400,"direction":"outgoing","from":"alice","to":"bob","chat_type":"chat","payload":{"bodies":[{"type":"txt","msg":"Lunch at noon?"}],"ext":{"thread":"lunch"},"from":"alice","to":"bob"}}
{"msg_id":"2","timestamp":"1718323320189","chat_type":"chat","payload":{"bodies":[{"type":"img","filename":"cat.jpg","file_length":84213,"size":{"width":1280,"height":960},"secret":"example-share-secret"}],"from":"alice","to":"bob"}}
{"msg_id":"3","timestamp":1718323380551,"chat_type":"groupchat","payload":{"bodies":[{"type":"loc","lat":30.2741,"lng":120.1551,"addr":"杭州市西湖区"}],"from":"carol","to":"251740836921345"}}
{"msg_id":"4","timestamp":1718323620349,"chat_type":"chatroom","payload":{"bod
{"msg_id":"5","timestamp":1718323620349,"chat_type":"chatroom","payload":{"bodies":[{"type":"custom","customEvent":"gift","customExts":[{"name":"rose"}],"v2:customExts":{"name":"rose"}}]}}
["not", "a", "message"]

{"msg_id":"8","timestamp":1718323620350,"chat_type":"planet","payload":{"bodies":[{"type":"hologram","depth":3}],"to":"bob"},"new_field":true}"#;

#[test]
fn a_bad_line_is_reported_and_the_rest_is_kept() {
    let mut bad = Vec::new();
    let mut records = Vec::new();
    for line in JsonLines::<_, HistoryRecord>::new(HISTORY.as_bytes()) {
        match line {
            Ok(record) => records.push(record),
            Err(error) => {
                assert!(matches!(error.kind, LineErrorKind::Json(_)), "{error}");
                assert!(
                    error.to_string().starts_with(&format!("line {}: ", error.line)),
                    "{error}"
                );
                bad.push(error.line);
            }
        }
    }
    assert_eq!(bad, [4, 6]);
    let ids: Vec<_> = records.iter().map(|record| record.msg_id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "5", "8"]);
    let [text, image, place, event, unknown] = &records[..] else {
        panic!("five records")
    };
    assert_eq!(text.direction, Some(Direction::Outgoing));
    assert_eq!(text.payload.from.as_deref(), Some("alice"));
    assert!(matches!(&text.payload.bodies[..], [HistoryBody::Text(body)] if body.msg == "Lunch at noon?"));
    assert_eq!(image.timestamp, TimestampMillis(1_718_323_320_189));
    assert!(matches!(&image.payload.bodies[..], [HistoryBody::Image(body)] if body.file.file_length == Some(84_213)));
    // The key to a file is no more printed here than anywhere else.
    assert!(!format!("{image:?}").contains("example-share-secret"));
    assert!(
        matches!(&place.payload.bodies[..], [HistoryBody::Location(body)] if body.addr.as_deref() == Some("杭州市西湖区"))
    );
    assert!(
        matches!(&event.payload.bodies[..], [HistoryBody::Custom(body)] if body.custom_event.as_deref() == Some("gift"))
    );
    // What this version does not know is kept as it is.
    assert_eq!(unknown.chat_type, ChatType::Unknown("planet".to_owned()));
    assert!(
        matches!(&unknown.payload.bodies[..], [HistoryBody::Other(body)] if body["depth"] == 3 && body["type"] == "hologram")
    );
}

#[test]
fn a_file_is_read_line_by_line() {
    let path = std::env::temp_dir().join(format!("easemob-history-{}", std::process::id()));
    let mut file = std::fs::File::create(&path).expect("a file");
    file.write_all(HISTORY.as_bytes()).expect("written");
    let reader = BufReader::with_capacity(64, std::fs::File::open(&path).expect("the file"));
    let lines = JsonLines::<_, HistoryRecord>::new(reader).max_line(240);
    let outcomes: Vec<_> = lines
        .map(|line| match line {
            Ok(record) => record.msg_id,
            Err(error) => match error.kind {
                LineErrorKind::TooLong(limit) => format!("longer than {limit}"),
                _ => format!("line {}", error.line),
            },
        })
        .collect();
    std::fs::remove_file(&path).expect("removed");
    let expected = ["1", "2", "3", "line 4", "5", "line 6", "8"];
    assert_eq!(outcomes, expected);
}
