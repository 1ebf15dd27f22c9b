//! The files of `messages.get_history_file`, with one message per line.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[cfg(feature = "gzip")]
mod support;

use easemob::TimestampMillis;
use easemob::types::{ChatType, Direction, HistoryBody, HistoryRecord, UserId};

/// Valid and invalid lines: the fourth is truncated, the sixth is not a message, the seventh is blank.
const HISTORY: &str = r#"{"msg_id":"1","timestamp":1718323260400,"direction":"outgoing","from":"alice","to":"bob","chat_type":"chat","payload":{"bodies":[{"type":"txt","msg":"Lunch at noon?"}],"ext":{"thread":"lunch"},"from":"alice","to":"bob"}}
{"msg_id":"2","timestamp":"1718323320189","chat_type":"chat","payload":{"bodies":[{"type":"img","filename":"cat.jpg","file_length":84213,"size":{"width":1280,"height":960},"secret":"example-share-secret"}],"from":"alice","to":"bob"}}
{"msg_id":"3","timestamp":1718323380551,"chat_type":"groupchat","payload":{"bodies":[{"type":"loc","lat":30.2741,"lng":120.1551,"addr":"杭州市西湖区"}],"from":"carol","to":"251740836921345"}}
{"msg_id":"4","timestamp":1718323620349,"chat_type":"chatroom","payload":{"bod
{"msg_id":"5","timestamp":1718323620349,"chat_type":"chatroom","payload":{"bodies":[{"type":"custom","customEvent":"gift","customExts":[{"name":"rose"}],"v2:customExts":{"name":"rose"}}]}}
["not", "a", "message"]

{"msg_id":"8","timestamp":1718323620350,"chat_type":"planet","payload":{"bodies":[{"type":"hologram","depth":3}],"to":"bob"},"new_field":true}"#;

#[test]
fn records_are_parsed() {
    let mut bad = Vec::new();
    let mut records = Vec::new();
    for (line, text) in (1..).zip(HISTORY.lines()).filter(|(_, text)| !text.is_empty()) {
        match serde_json::from_str::<HistoryRecord>(text) {
            Ok(record) => records.push(record),
            Err(_) => bad.push(line),
        }
    }
    assert_eq!(bad, [4, 6]);
    let ids: Vec<_> = records.iter().map(|record| record.msg_id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "5", "8"]);
    let [text, image, place, event, unknown] = &records[..] else {
        panic!("five records")
    };
    assert_eq!(text.direction, Some(Direction::Outgoing));
    assert_eq!(text.payload.from.as_ref().map(UserId::as_str), Some("alice"));
    assert!(matches!(&text.payload.bodies[..], [HistoryBody::Text(body)] if body.msg == "Lunch at noon?"));
    assert_eq!(image.timestamp, TimestampMillis(1_718_323_320_189));
    assert!(matches!(&image.payload.bodies[..], [HistoryBody::Image(body)] if body.file.file_length == Some(84_213)));
    // The key of a file is a secret here, too.
    assert!(!format!("{image:?}").contains("example-share-secret"));
    assert!(
        matches!(&place.payload.bodies[..], [HistoryBody::Location(body)] if body.addr.as_deref() == Some("杭州市西湖区"))
    );
    assert!(
        matches!(&event.payload.bodies[..], [HistoryBody::Custom(body)] if body.custom_event.as_deref() == Some("gift"))
    );
    // Content of an unknown kind is kept.
    assert!(matches!(&unknown.chat_type, ChatType::Unknown(kind) if kind.as_str() == "planet"));
    assert_eq!(unknown.chat_type, ChatType::from("planet"));
    let [HistoryBody::Other(body)] = &unknown.payload.bodies[..] else {
        panic!("an unknown kind")
    };
    assert_eq!(body.as_str(), r#"{"type":"hologram","depth":3}"#);
}

#[cfg(feature = "gzip")]
mod fetched {
    use std::io::Write;

    use easemob::types::{HistoryBody, HistoryRecord};
    use easemob::{Client, Error, ErrorKind, Records};
    use futures_util::StreamExt;
    use http::Response;
    use serde_json::value::RawValue;

    use super::HISTORY;
    use super::support::{Server, json_response};

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).expect("compressed");
        gzip.finish().expect("compressed")
    }

    /// A file server: names and content.
    async fn files(files: &[(&'static str, Vec<u8>)]) -> Server {
        let files = files.to_vec();
        Server::with(move |seen| {
            let found = files.iter().find(|(name, _)| seen.path() == *name);
            found.map_or_else(
                || json_response(403, "<Error><Code>AccessDenied</Code></Error>"),
                |(_, bytes)| json_response(200, bytes.clone()),
            )
        })
        .await
    }

    /// Returns the records of the files with these URLs, and the server that returns the URLs.
    async fn records(links: &[String]) -> Result<(Records<HistoryRecord>, Server), Error> {
        records_as(links).await
    }

    async fn records_as<T>(links: &[String]) -> Result<(Records<T>, Server), Error> {
        let links: Vec<_> = links.iter().map(|link| serde_json::json!({ "url": link })).collect();
        let response = serde_json::json!({ "data": links }).to_string();
        let api = Server::with(move |_| Response::new(http_body_util::Full::new(response.clone().into()))).await;
        let client = crate::support::over!(Client::builder("acme", "support"))
            .base_url(api.url())
            .no_proxy();
        let client = client.token("fixed").build()?;
        let records = client
            .messages()
            .get_history_file("2024061400")
            .records()
            .await?
            .parsed_as();
        Ok((records, api))
    }

    /// Summarizes records: IDs, and the numbers of invalid lines.
    async fn shown(records: &mut Records<HistoryRecord>) -> Result<Vec<String>, Error> {
        let mut shown = Vec::new();
        while let Some(line) = records.try_next().await? {
            shown.push(match line {
                Ok(record) => record.msg_id.to_string(),
                Err(error) => {
                    if error.content().is_empty() {
                        error.to_string()
                    } else {
                        format!("bad {}", error.line)
                    }
                }
            });
        }
        Ok(shown)
    }

    /// An archive needs all lines, including those that this version does not know or cannot parse.
    #[tokio::test]
    async fn lines_can_be_kept_as_they_are() -> Result<(), Error> {
        let storage = files(&[("/plain", HISTORY.into())]).await;
        let link = [format!("{}/plain", storage.url())];
        let (mut records, _api) = records_as::<Box<RawValue>>(&link).await?;
        let mut lines = Vec::new();
        while let Some(line) = records.try_next().await? {
            lines.push(match line {
                Ok(record) => record.get().to_owned(),
                Err(error) => String::from_utf8_lossy(error.content()).into_owned(),
            });
        }
        let expected: Vec<_> = HISTORY.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, expected);
        let (mut records, _api) = records_as::<HistoryRecord>(&[format!("{}/gone", storage.url())]).await?;
        let error = records.try_next().await.expect_err("it is out of reach");
        assert!(
            error.to_string().contains("the server of the file responded with 403"),
            "{error}"
        );
        Ok(())
    }

    const SHOWN: [&str; 7] = ["1", "2", "3", "bad 4", "5", "bad 6", "8"];

    #[tokio::test]
    async fn damaged_records_are_reported_and_duplicate_keys_read() -> Result<(), Error> {
        let cases = [
            (r#"{"type":"txt","msg":5}"#, "payload.bodies[0].msg"),
            (r#"{"type":"txt"}"#, "payload.bodies[0]"),
            (
                r#"{"type":"loc","lat":"north","lng":121.4,"addr":"x"}"#,
                "payload.bodies[0].lat",
            ),
            (r#"{"type":"video","length":10.5}"#, "payload.bodies[0].length"),
            (
                r#"{"type":"img","size":{"width":746.5,"height":1}}"#,
                "payload.bodies[0].size.width",
            ),
            (r#"{"type":"img","filename":7}"#, "payload.bodies[0].filename"),
            (r#"{"type":"txt","msg":"a"},{"type":"cmd"}"#, "payload.bodies[1]"),
            ("7", "payload.bodies[0]"),
            (r#"{"type":"txt","msg":1,"msg":"a"}"#, "a"),
            (
                r#"{"type":"txt","type":"img","size":{"width":1,"width":2,"height":3}}"#,
                "2",
            ),
            (
                r#"{"type":"loc","lat":1,"lat":1.5},{"type":"txt","msg":"b","msg":"c"}"#,
                "c",
            ),
        ];
        let lines = cases.map(|(bodies, _)| {
            format!(r#"{{"msg_id":1,"msg_id":"2","timestamp":1,"chat_type":"chat","payload":{{"bodies":[{bodies}]}}}}"#)
        });
        let storage = files(&[("/plain", lines.join("\n").into())]).await;
        let (mut records, _api) = records(&[format!("{}/plain", storage.url())]).await?;
        for (bodies, expected) in cases {
            let found = match records.try_next().await?.expect("a line") {
                Err(error) => error.path().to_owned(),
                Ok(record) => match record.payload.bodies.last() {
                    Some(HistoryBody::Text(text)) => text.msg.clone(),
                    Some(HistoryBody::Image(image)) => image.size.as_ref().map_or(0, |size| size.width).to_string(),
                    _ => panic!("{record:?}"),
                },
            };
            assert_eq!(found, expected, "{bodies}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn every_file_of_the_hour_is_read() -> Result<(), Error> {
        let (first, rest) = HISTORY.as_bytes().split_at(700);
        let storage = files(&[
            ("/plain", HISTORY.into()),
            ("/one.gz", gzip(HISTORY.as_bytes())),
            // Two concatenated gzip files, split within a line, are one file.
            ("/two.gz", [gzip(first), gzip(rest)].concat()),
            ("/empty", Vec::new()),
            ("/byte", b"1".to_vec()),
        ])
        .await;
        let link = |name| format!("{}{name}?Signature=s3cret", storage.url());
        let names = ["/plain", "/one.gz", "/two.gz", "/empty", "/byte"];
        let (mut records, api) = records(&names.map(link)).await?;
        assert_eq!((storage.seen().len(), records.file()), (0, 0));
        let expected = [&SHOWN[..], &SHOWN, &SHOWN, &["bad 1"]].concat();
        assert_eq!(shown(&mut records).await?, expected);
        assert_eq!(records.file(), 5);
        assert!(!format!("{records:?}").contains("s3cret"));
        // Only the API gets the token.
        assert_eq!(api.seen()[0].header("authorization"), "Bearer fixed");
        let seen = storage.seen();
        assert_eq!(seen.len(), 5);
        for seen in &seen {
            assert!(seen.target.ends_with("?Signature=s3cret"));
            assert!(!format!("{:?}", seen.headers).contains("fixed"), "{seen:?}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn what_is_too_long_ends_there() -> Result<(), Error> {
        const LIMIT: usize = 4 << 20;
        // A thousand times as long as the compressed data.
        let bomb = gzip(&vec![b'\n'; 16 << 20]);
        assert!(bomb.len() < 1 << 16);
        let line = gzip(&[&vec![b'x'; 10 << 20][..], b"\n", HISTORY.as_bytes()].concat());
        let nothing = gzip(b"").repeat(LIMIT / 10);
        let storage = files(&[("/bomb", bomb), ("/line", line), ("/nothing", nothing)]).await;
        let link = |name: &str| format!("{}{name}", storage.url());
        let (records_, _api) = records(&[link("/bomb")]).await?;
        let error = shown(&mut records_.max_file(LIMIT)).await.expect_err("too long");
        assert_eq!(error.kind(), ErrorKind::TooLong, "{error}");
        // A gzip file of many empty members.
        let (records_, _api) = records(&[link("/nothing")]).await?;
        let error = shown(&mut records_.max_file(LIMIT)).await.expect_err("too long");
        assert_eq!(error.kind(), ErrorKind::TooLong, "{error}");
        let (records_, _api) = records(&[link("/line")]).await?;
        let shown = shown(&mut records_.max_file(16 << 20)).await?;
        assert_eq!(
            (shown[0].as_str(), shown.len()),
            ("line 1: longer than 4194304 bytes", 8)
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_file_that_fails_does_not_hide_the_others() -> Result<(), Error> {
        let whole = gzip(HISTORY.as_bytes());
        let cut = whole[..whole.len() - 20].to_vec();
        let storage = files(&[("/cut", cut), ("/good", whole)]).await;
        let link = |name: &str| format!("{}{name}?Signature=s3cret", storage.url());
        let links = [
            link("/gone"),
            link("/cut"),
            "ftp://s3cret".to_owned(),
            "s3cret".to_owned(),
            link("/good"),
        ];
        let (mut records_, _api) = records(&links).await?;
        for kind in [
            ErrorKind::Forbidden,
            ErrorKind::File,
            ErrorKind::Unsendable,
            ErrorKind::Unsendable,
        ] {
            let error = shown(&mut records_).await.expect_err("no file");
            assert_eq!(error.kind(), kind, "{error:?}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
        assert_eq!(shown(&mut records_).await?, SHOWN);
        let (records_, _api) = records(&links).await?;
        let outcomes: Vec<_> = records_.map(|record| record.is_ok()).collect().await;
        assert_eq!(outcomes.iter().filter(|is_ok| !**is_ok).count(), 4);
        assert!(outcomes.ends_with(&[true; SHOWN.len()]));
        Ok(())
    }
}
