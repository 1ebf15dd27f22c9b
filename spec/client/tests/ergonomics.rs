//! Arguments in the forms in which a program has them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(
    clippy::disallowed_types,
    clippy::needless_borrows_for_generic_args,
    reason = "programs have arguments in these forms"
)]

#[cfg(feature = "client")]
mod support;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Duration;

use easemob::groups;
use easemob::types::{GroupId, NewUser, TextBody, UserId};
use easemob::users;
use easemob::{ErrorKind, Operation, Reason, Target};
use serde_json::{Value, json};

fn target() -> Target {
    easemob::target("https://example.com", "acme", "support").expect("a target")
}

fn uri(operation: &impl Operation) -> String {
    operation.to_http(&target()).expect("a request").uri().to_string()
}

fn body(operation: &impl Operation) -> Value {
    let request = operation.to_http(&target()).expect("a request");
    serde_json::from_slice(request.body()).expect("JSON")
}

fn reason(operation: &impl Operation) -> Reason {
    let error = operation.encode().expect_err("an invalid argument");
    error.reason().expect("a rule").clone()
}

/// A sign-up form of the program, with optional fields.
#[derive(Clone, Default)]
struct SignUp {
    nickname: Option<String>,
    password: Option<String>,
}

#[test]
fn a_setter_takes_a_value_or_an_option() {
    let create = || users::Create::new("alice");
    let full = json!({"username": "alice", "nickname": "Al"});
    let nickname = "Al".to_owned();
    for request in [
        create().nickname("Al"),
        create().nickname(nickname.clone()),
        create().nickname(&nickname),
        create().nickname(Some("Al")),
        create().nickname(Some(nickname.clone())),
        create().nickname(Some(&nickname)),
        create().nickname(Some(nickname.as_str())),
    ] {
        assert_eq!(body(&request), full);
    }
    let form = SignUp::default();
    let request = create().nickname(form.nickname.clone()).password(form.password);
    assert_eq!(body(&request), json!({"username": "alice"}));
    // The last call counts.
    let request = create().nickname("Al").nickname(None::<String>);
    assert_eq!(body(&request), json!({"username": "alice"}));
}

#[test]
fn a_setter_of_a_flag_or_an_enum_takes_an_option() {
    use easemob::messages::SendToUsers;
    use easemob::types::RouteType;

    let send = || SendToUsers::new("bob", TextBody::new("Hi"));
    for (request, sync) in [
        (send().sync_device(true), Some(true)),
        (send().sync_device(Some(false)), Some(false)),
        (send().sync_device(None::<bool>), None),
    ] {
        assert_eq!(request.sync_device, sync);
    }
    for request in [
        send().route_type(RouteType::Online),
        send().route_type(Some(RouteType::Online)),
        send().route_type("ROUTE_ONLINE"),
        send().route_type(Some("ROUTE_ONLINE")),
    ] {
        assert_eq!(request.route_type, Some(RouteType::Online));
    }
}

#[test]
fn an_integer_has_any_integer_type() {
    let list = users::List::new;
    let members = ["alice"; 7];
    for request in [
        list().limit(7),
        list().limit(7_i32),
        list().limit(7_u8),
        list().limit(7_u32),
        list().limit(7_u64),
        list().limit(members.len()),
        list().limit(Some(7)),
        list().limit(Some(7_u32)),
        list().limit(Some(members.len())),
    ] {
        assert_eq!(uri(&request), "https://example.com/acme/support/users?limit=7");
    }
    assert_eq!(list().limit(None::<u32>).limit, None);
}

#[test]
fn an_integer_out_of_range_is_reported() {
    let list = users::List::new;
    for (request, value) in [
        (list().limit(0), 0),
        (list().limit(-1), -1),
        (list().limit(u64::MAX), i64::MAX),
        (list().limit(i128::MIN), i64::MIN),
        (list().limit(usize::MAX), i64::MAX),
    ] {
        let Reason::Range(excess) = reason(&request) else {
            panic!("{request:?}")
        };
        assert_eq!(excess.value, value);
        assert_eq!(excess.min, Some(1));
    }
}

#[test]
fn a_list_is_anything_to_iterate_over() {
    let names = vec!["a".to_owned(), "b".to_owned()];
    let ids: Vec<UserId> = names.iter().map(UserId::from).collect();
    let create = || groups::Create::new("alice", false);
    for request in [
        create().members(["a", "b"]),
        create().members(&["a", "b"]),
        create().members(&["a", "b"][..]),
        create().members(vec!["a", "b"]),
        create().members(&vec!["a", "b"]),
        create().members(names.clone()),
        create().members(&names),
        create().members(&names[..]),
        create().members(ids.clone()),
        create().members(&ids),
        create().members(ids.iter()),
        create().members(names.iter().map(String::as_str)),
        create().members("a,b".split(',')),
        create().members(names.iter().cloned().collect::<BTreeSet<_>>()),
        create().members(names.iter().cloned().collect::<VecDeque<_>>()),
        create().members(Some(["a", "b"])),
        create().members(Some(names.clone())),
        create().members(Some(&ids)),
    ] {
        assert_eq!(request.members.as_deref(), Some(&ids[..]));
    }
    let set: HashSet<&str> = ["a"].into();
    assert_eq!(create().members(set).members.map(|members| members.len()), Some(1));
    assert_eq!(create().members(None::<Vec<String>>).members, None);
}

#[test]
fn a_single_element_is_a_list() {
    let id = GroupId::from("1");
    let owned = "1".to_owned();
    for request in [
        groups::Get::new("1"),
        groups::Get::new(owned.as_str()),
        groups::Get::new(&owned),
        groups::Get::new(owned.clone()),
        groups::Get::new(&id),
        groups::Get::new(id.clone()),
        groups::Get::new(["1"]),
        groups::Get::new(Some("1")),
    ] {
        assert_eq!(uri(&request), "https://example.com/acme/support/chatgroups/1");
    }
    let one = users::CreateMany::new(NewUser::new("alice", "s3cret"));
    assert_eq!(body(&one), json!([{"username": "alice", "password": "s3cret"}]));
    let members = groups::Create::new("alice", false).members("bob").members;
    assert_eq!(members, Some(vec![UserId::from("bob")]));
}

#[test]
fn an_empty_list_is_reported_before_sending() {
    for request in [groups::Get::new(Vec::<GroupId>::new()), groups::Get::new([""; 0])] {
        assert!(matches!(reason(&request), Reason::Count(excess) if excess.value == 0));
    }
}

#[test]
fn a_map_is_any_list_of_pairs() {
    use easemob::metadata::Update;

    let owned: HashMap<String, String> = [("city".to_owned(), "Rome".to_owned())].into();
    for request in [
        Update::new("alice", [("city", "Rome")]),
        Update::new("alice", vec![("city".to_owned(), "Rome")]),
        Update::new("alice", owned.clone()),
        Update::new("alice", owned.iter()),
    ] {
        let request = request.to_http(&target()).expect("a request");
        assert_eq!(&request.body()[..], b"city=Rome");
    }
}

#[test]
fn an_optional_map_is_any_list_of_pairs_or_an_option() {
    use easemob::types::CustomBody;

    let owned: HashMap<String, String> = [("city".to_owned(), "Rome".to_owned())].into();
    for body in [
        CustomBody::new().custom_exts([("city", "Rome")]),
        CustomBody::new().custom_exts(vec![("city".to_owned(), "Rome")]),
        CustomBody::new().custom_exts(owned.iter()),
        CustomBody::new().custom_exts(&owned),
        CustomBody::new().custom_exts(Some([("city", "Rome")])),
        CustomBody::new().custom_exts(Some(owned.clone())),
        CustomBody::new().custom_exts(owned),
    ] {
        assert_eq!(body.custom_exts, Some([("city".to_owned(), "Rome".to_owned())].into()));
    }
    let none = CustomBody::new().custom_exts(None::<HashMap<String, String>>);
    assert_eq!(none.custom_exts, None);
}

#[test]
fn a_duration_is_finite_or_forever() {
    use easemob::group_members::Mute;
    use easemob::tokens::CreateAppToken;
    use easemob::{Seconds, Span};

    let sent = |request: Mute| body(&request)["mute_duration"].clone();
    assert_eq!(sent(Mute::new("1", "bob", Duration::from_secs(60))), json!(60_000));
    assert_eq!(
        sent(Mute::new("1", "bob", Span::For(Duration::from_millis(1)))),
        json!(1)
    );
    assert_eq!(sent(Mute::new("1", "bob", Duration::ZERO)), json!(0));
    assert_eq!(sent(Mute::new("1", "bob", Span::Forever)), json!(-1));
    assert_eq!(sent(Mute::new("1", "bob", Duration::MAX)), json!(i64::MAX));

    let token = || CreateAppToken::new("id", "secret");
    assert_eq!(token().ttl(Duration::from_secs(60)).ttl, Some(Seconds(60)));
    assert_eq!(token().ttl(Span::Forever).ttl, Some(Seconds(0)));
    assert_eq!(token().ttl(Some(Span::Forever)).ttl, Some(Seconds(0)));
    assert_eq!(token().ttl(None::<Duration>).ttl, None);
    // 0 seconds would last forever.
    assert_eq!(token().ttl(Duration::from_millis(500)).ttl, Some(Seconds(1)));
    assert_eq!(token().ttl(Some(Duration::ZERO)).ttl, Some(Seconds(1)));
}

#[test]
fn a_server_is_read_from_a_configuration() {
    use easemob::DataCenter;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Config {
        server: DataCenter,
    }

    for server in DataCenter::ALL {
        let config = Config { server: *server };
        let text = serde_json::to_string(&config).expect("JSON");
        assert_eq!(text, format!(r#"{{"server":"{server}"}}"#));
        let config: Config = serde_json::from_str(&text).expect("a server");
        assert_eq!(
            (config.server, config.server.as_str()),
            (*server, server.to_string().as_str())
        );
    }
    for (text, server) in [
        ("us_east1", DataCenter::UsEast1),
        ("US_EAST1", DataCenter::UsEast1),
        ("China1", DataCenter::China1),
        ("germany2", DataCenter::Germany2),
    ] {
        assert_eq!(text.parse::<DataCenter>().expect("a server"), server);
    }
    for text in ["", "china", "china1 ", "https://a1.easemob.com"] {
        let error = text.parse::<DataCenter>().expect_err("an unknown name").to_string();
        let known = "expected one of: china1, china2, singapore1, singapore2, us_east1, frankfurt1, germany2";
        assert_eq!(error, format!("unknown server `{text}`; {known}"));
        let error = serde_json::from_value::<DataCenter>(json!(text)).expect_err("an unknown name");
        assert!(error.to_string().contains(known), "{error}");
    }
}

#[test]
fn an_unchecked_request_may_break_limits_but_not_the_path() {
    let many: Vec<_> = (0..61).map(|n| NewUser::new(format!("u{n}"), "p")).collect();
    let many = users::CreateMany::new(many);
    assert!(matches!(reason(&many), Reason::Count(_)));
    assert!(many.encode_unchecked().is_ok());
    let long = users::Create::new("alice bob").nickname("x".repeat(1000));
    assert!(long.encode().is_err() && long.encode_unchecked().is_ok());
    let list = users::List::new().limit(0);
    assert!(list.encode().is_err() && list.encode_unchecked().is_ok());
    for unsafe_path in [users::Get::new(""), users::Get::new("..")] {
        let sent = unsafe_path.encode_unchecked();
        assert!(sent.map_or(true, |request| !request.target().contains("/..")));
    }
    assert!(users::Get::new("").encode_unchecked().is_err());
    assert!(groups::Get::new("1,2").encode_unchecked().is_err());
}

#[cfg(feature = "client")]
mod over_the_wire {
    use super::support::Server;
    use easemob::types::TextBody;
    use easemob::{CallOptions, Client, Error, ErrorKind};

    /// The vendor has raised the limits of an app.
    #[tokio::test]
    async fn an_unchecked_call_is_sent() -> Result<(), Error> {
        let server = Server::replay(200, r#"{"data":{}}"#).await;
        let client = super::support::over!(Client::builder("acme", "support"));
        let client = client.base_url(server.url()).no_proxy();
        let client = client.token("t").build()?;
        let receivers: Vec<_> = (0..700).map(|n| format!("u{n}")).collect();
        let send = async |client: &Client| client.messages().send_to_users(&receivers, TextBody::new("Hi")).await;
        let error = send(&client).await.expect_err("too many receivers");
        assert_eq!((error.kind(), server.seen().len()), (ErrorKind::InvalidArgument, 0));

        let unchecked = client.with(CallOptions::new().unchecked());
        send(&unchecked).await?;
        assert_eq!(server.seen().len(), 1);
        // Other options keep it.
        let options = CallOptions::new().timeout(std::time::Duration::from_secs(5));
        send(&unchecked.with(options)).await?;
        unchecked.users().list().limit(5000).await?;
        assert_eq!(server.seen().len(), 3);

        // Some errors are those of a path or a header, not of a limit.
        let error = unchecked.users().get("").await.expect_err("no user");
        assert_eq!((error.kind(), server.seen().len()), (ErrorKind::InvalidArgument, 3));
        // A single element of a list.
        let error = client
            .groups()
            .get_one("1")
            .await
            .expect_err("no group in the response");
        assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Decode, 4));
        assert_eq!(error.operation(), Some("groups.get"));
        // The default does not change.
        assert!(send(&client).await.is_err());
        Ok(())
    }

    #[tokio::test]
    async fn a_message_is_made_from_an_upload() -> Result<(), Error> {
        use easemob::types::{AudioBody, FileBody, ImageBody, PixelSize, VideoBody};
        use easemob::{File, Seconds};
        use std::time::Duration;

        let body = r#"{"entities":[{"uuid":"f1","type":"chatfile","share-secret":"k"}]}"#;
        let server = Server::replay(200, body).await;
        let client = super::support::over!(Client::builder("acme", "support"));
        let client = client.base_url(server.url()).no_proxy();
        let client = client.token("t").build()?;
        let upload = client.messages().upload_file(File::bytes("cat.jpg", "…"));
        let uploaded = upload.restrict_access(true).await?;
        let url = format!("{}/acme/support/chatfiles/f1", server.url());
        assert_eq!(uploaded.url(&client)?, url);

        let file = FileBody::from_upload(&uploaded, &client, "cat.jpg")?;
        assert_eq!((file.filename.as_deref(), &*file.url), (Some("cat.jpg"), &*url));
        assert_eq!(file.secret.as_ref().map(easemob::Secret::expose), Some("k"));
        let image = ImageBody::from_upload(&uploaded, &client, "cat.jpg", PixelSize::new(3_u32, 2_u32))?;
        assert_eq!((&image.file, image.size), (&file, Some(PixelSize::new(3, 2))));
        let audio = AudioBody::from_upload(&uploaded, &client, "cat.jpg", Duration::from_secs(3))?;
        assert_eq!((&audio.file, audio.length), (&file, Some(Seconds(3))));
        let length = std::fs::metadata(file!()).map_or(7_u64, |file| file.len());
        let video = VideoBody::from_upload(&uploaded, &client, Duration::from_secs(3), length)?;
        let video = video.thumbnail(&uploaded, &client)?;
        assert_eq!((&video.url, video.thumb.as_ref()), (&url, Some(&url)));
        assert_eq!((&video.secret, &video.thumb_secret), (&file.secret, &file.secret));
        Ok(())
    }
}

#[test]
fn free_form_json_is_any_object() {
    use easemob::messages::SendToUsers;
    use std::collections::BTreeMap;

    let send = || SendToUsers::new("bob", TextBody::new("Hi"));
    let map: BTreeMap<String, Value> = [("order".to_owned(), json!(7))].into();
    let object: serde_json::Map<String, Value> = map.clone().into_iter().collect();
    for request in [
        send().ext(json!({"order": 7})),
        send().ext([("order", json!(7))]),
        send().ext([("order", 7)]),
        send().ext(object),
        send().ext(Some(json!({"order": 7}))),
    ] {
        assert_eq!(body(&request)["ext"], json!({"order": 7}));
    }
    let mixed = send().ext([("order", json!(7)), ("kind", json!("vip"))]);
    assert_eq!(body(&mixed)["ext"], json!({"order": 7, "kind": "vip"}));
    assert_eq!(send().ext(None::<Value>).ext, None);
    for invalid in [json!(7), json!("{}"), json!([]), json!(null)] {
        assert!(send().ext(invalid).encode().is_err());
    }
}

#[test]
fn a_single_group_is_requested_by_its_id() {
    use easemob::groups::GetOne;

    let group = |body: &str| <GetOne>::from_http(http::Response::new(body.to_owned()));
    assert_eq!(uri(&GetOne::new("1")), "https://example.com/acme/support/chatgroups/1");
    assert_eq!(
        uri(&GetOne::new(&GroupId::from("1"))),
        uri(&GetOne::new("1".to_owned()))
    );
    assert!(matches!(
        reason(&GetOne::new("")),
        Reason::Length(_) | Reason::EmptySegment | Reason::Pattern(_)
    ));
    let known = r#"{"data":[{"id":"1","name":"Lunch"}]}"#;
    match group(known) {
        Ok(response) => assert_eq!(response.value.id, "1"),
        Err(error) => panic!("{error}"),
    }
    for (body, path) in [(r#"{"data":[]}"#, "data[0]"), (r#"{"data":7}"#, "data"), ("{}", "data")] {
        match group(body) {
            Err(error) => assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, path), "{error}"),
            other => panic!("{other:?}"),
        }
    }
    let room = easemob::chatrooms::GetOne::new("2");
    assert_eq!(uri(&room), "https://example.com/acme/support/chatrooms/2");
}
